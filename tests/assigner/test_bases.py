"""From a base map to the scenarios of its communities: as a planner would write them, and only from what counts."""

from __future__ import annotations

import pickle
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigner.boundary.base import (
    base_hash,
    example_base,
    parse_base,
    read_base,
    rebased,
    scenario_of_community,
    write_base,
    write_example,
)
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import scenario_of
from geodata.base_map import (
    NOWHERE,
    BaseMap,
    Divide,
    FlipError,
    Merge,
    MoveSchool,
    MoveTownship,
    NewCommunity,
    apply_all,
)
from models.documents import content_hash
from tests.assigner.base_files import code, plain_base, small_base

example = cache(example_base)


def scenario(base, base_map, community):
    return scenario_of_community(base, base_map, community)[0]


def dropped(base, base_map, community):
    found = scenario_of_community(base, base_map, community)[1]
    assert all((finding.code, finding.community) == ("wish_dropped", community) for finding in found)
    return [{key: value for key, value in finding.values.items() if value != ""} for finding in found]


def with_wishes(**wishes):
    """The small base, in which communities ask for something: community -> keys."""
    data = plain_base()
    for community in data["communities"]:
        community |= wishes.get(community["id"], {})
    return data["communities"]


# ----------------------------------------------------------------------------------------- as a planner would write it


def test_the_scenario_is_the_one_that_a_planner_would_write():
    data = plain_base()
    base = small_base()
    by_code = {school["code"]: school for school in data["schools"]}
    juniors = {junior["township"][3:]: junior for junior in data["junior_highs"]}
    written = {
        "schema_version": 1,
        "id": "small-city",
        "name": "city社區",
        "synthetic": True,
        "townships": ["屏東市", "麟洛鄉"],
        "schools": [by_code[c] for c in ("TST004", "TST005", "TST006", "TST008")],
        # 屏東市 has a school of the north as well, so its junior high counts half in each.
        "junior_highs": [{**juniors["屏東市"], "share": "1/2"}, juniors["麟洛鄉"]],
    }
    assert scenario(base, base.map, "city").canonical() == scenario_of(written).canonical()
    north = {
        **written,
        "id": "small-north",
        "name": "north社區",
        "townships": ["里港鄉", "九如鄉", "屏東市"],
        "schools": [by_code[c] for c in ("TST001", "TST002", "TST003", "TST007")],
        "junior_highs": [juniors["里港鄉"], juniors["九如鄉"], {**juniors["屏東市"], "share": "50%"}],
    }
    assert scenario(base, base.map, "north").canonical() == scenario_of(north).canonical()


def test_defaults_hold_for_all_and_own_wishes_for_one():
    defaults = {"switches": {"partner_includes_convener": "yes"}, "host_numbers": {"2.1": 2, "2.2": 1}}
    communities = with_wishes(
        city={"convener": "TST004", "pins": {"4.2": ["TST005"]}, "bans": {"4.5": "TST006"}, "host_numbers": {"2.1": 1}}
    )
    base = small_base(defaults=defaults, communities=communities)
    city = scenario(base, base.map, "city").problem()
    assert city.wishes.convener == "TST004"
    assert city.wishes.pins == {("4.2", "TST005")} and city.wishes.bans == {("4.5", "TST006")}
    assert city.wishes.host_numbers == {"2.1": 1, "2.2": 1}
    assert city.rules.option("partner_includes_convener") == "yes"
    north = scenario(base, base.map, "north").problem()
    assert north.wishes.convener is None and not north.wishes.pins
    assert north.wishes.host_numbers == {"2.1": 2, "2.2": 1}
    assert north.rules.option("partner_includes_convener") == "yes"


def test_junior_highs_follow_the_schools_and_count_by_equal_shares():
    base = small_base()
    after = apply_all(base.map, [MoveSchool("TST006", "east")])
    shares = {}
    for community in after.names:
        for point in scenario(base, after, community).community.demand_points:
            shares.setdefault(point.id, {})[community] = point.share
    third = Fraction(1, 3)
    assert shares["JTJH003"] == {"north": third, "city": third, "east": third}
    assert all(sum(of.values()) == 1 for of in shares.values())
    assert len(shares) == 6


def test_where_all_schools_of_a_township_are_elsewhere_its_junior_highs_are_too():
    base = small_base()
    after = apply_all(base.map, [MoveSchool("TST008", "east")])  # the only one of 麟洛鄉, which stays at home in city
    assert code("麟洛鄉") in scenario(base, after, "city").territory
    assert [p.id for p in scenario(base, after, "city").community.demand_points] == ["JTJH003"]
    assert "JTJH004" in {p.id for p in scenario(base, after, "east").community.demand_points}


def test_without_junior_highs_townships_stand_for_them_by_the_same_shares():
    base = small_base(junior_highs=None)
    after = apply_all(base.map, [MoveSchool("TST008", "east")])
    city = {p.id: p.share for p in scenario(base, after, "city").community.demand_points}
    assert city == {f"T{code('屏東市')}": Fraction(1, 2)}  # 麟洛鄉 is served by the east alone
    assert scenario(base, after, "city").canonical()["scenario"]["shared_townships"] == {
        code("屏東市"): "1/2",
        code("麟洛鄉"): "0",
    }


def test_where_junior_highs_are_known_but_none_is_here_no_township_stands_for_one():
    juniors = [junior for junior in plain_base()["junior_highs"] if "里港" in junior["township"]]
    base = small_base(junior_highs=juniors)
    assert scenario(base, base.map, "east").community.demand_points == ()
    assert len(scenario(base, base.map, "north").community.demand_points) == 1


def test_a_community_without_participants_has_no_scenario():
    base = small_base()
    after = apply_all(base.map, [MoveSchool(c, "city") for c in base.map.members("east")])
    assert scenario_of_community(base, after, "east") == (None, ())
    barred = [{**school, "public": True, "barred": "內埔" in school["township"]} for school in plain_base()["schools"]]
    base = small_base(schools=barred)
    after = apply_all(base.map, [MoveSchool("TST011", "city")])
    assert after.members("east") and scenario_of_community(base, after, "east") == (None, ())


# ---------------------------------------------------------------------------------------------------- wishes that leave


def test_wishes_about_schools_that_left_are_dropped_and_named():
    communities = with_wishes(
        city={
            "convener": "TST004",
            "pins": {"4.2": ["TST004", "TST005"], "2.1": ["TST004"]},
            "bans": {"4.5": ["TST004"]},
        }
    )
    base = small_base(communities=communities)
    after = MoveSchool("TST004", "east").apply(base.map)
    assert dropped(base, after, "city") == [
        {"key": "pins", "item": "4.2", "school": "TST004"},
        {"key": "pins", "item": "2.1", "school": "TST004"},
        {"key": "bans", "item": "4.5", "school": "TST004"},
        {"key": "convener", "school": "TST004"},
    ]
    wishes = scenario(base, after, "city").problem().wishes
    assert wishes.convener is None and wishes.pins == {("4.2", "TST005")} and not wishes.bans
    assert dropped(base, after, "east") == []
    assert dropped(base, base.map, "city") == []


def test_a_stated_convener_gives_way_to_a_benchmark_school_that_comes():
    schools = [{**school, "benchmark": school["code"] == "TST009"} for school in plain_base()["schools"]]
    base = small_base(schools=schools, communities=with_wishes(city={"convener": "TST004"}))
    after = MoveTownship(code("內埔鄉"), "city").apply(base.map)
    assert dropped(base, after, "city") == [{"key": "convener", "school": "TST004", "benchmark": "TST009"}]
    assert scenario(base, after, "city").problem().wishes.convener is None
    assert scenario(base, base.map, "city").problem().wishes.convener == "TST004"


def test_an_outside_partner_that_becomes_a_member_is_none_any_more():
    partner = {"code": "TST009", "items": ["3.3"], "because": "talent_class", "township": "屏東縣內埔鄉"}
    base = small_base(communities=with_wishes(city={"outside_partners": [partner], "pins": {"4.2": ["TST005"]}}))
    assert [p.code for p in scenario(base, base.map, "city").community.outside_partners] == ["TST009"]
    after = MoveTownship(code("內埔鄉"), "city").apply(base.map)
    assert dropped(base, after, "city") == [{"key": "outside_partners", "school": "TST009"}]
    assert not scenario(base, after, "city").community.outside_partners
    assert "TST009" in scenario(base, after, "city").community.school_by_code


def test_ways_of_a_benchmark_school_stay_with_its_community():
    schools = [{**school, "benchmark": school["code"] == "TST004"} for school in plain_base()["schools"]]
    base = small_base(schools=schools, communities=with_wishes(city={"ways": {"TST004": ["6.fair"]}}))
    assert scenario(base, base.map, "city").problem().wishes.ways == {"TST004": ("6.fair",)}
    after = MoveSchool("TST004", "east").apply(base.map)
    assert dropped(base, after, "city") == [{"key": "ways", "school": "TST004"}]


def test_numbers_that_so_few_schools_cannot_reach_are_dropped():
    defaults = {
        "host_numbers": {"2.1": 3},
        "exploration": {"numbers": {"4.4.career": 3, "4.4.academic": 1}},
        "switches": {"exploration_number": "stated"},
    }
    base = small_base(defaults=defaults)
    assert scenario(base, base.map, "east").problem().wishes.exploration_numbers == {
        "4.4.career": 3,
        "4.4.academic": 1,
    }
    after = MoveSchool("TST011", "city").apply(base.map)
    assert dropped(base, after, "east") == [
        {"key": "host_numbers", "item": "2.1", "number": 3},
        {"key": "exploration", "item": "4.4.career", "number": 3},
    ]
    wishes = scenario(base, after, "east").problem().wishes
    assert not wishes.host_numbers and not wishes.exploration_numbers


def test_a_flip_that_leads_over_the_sea_needs_a_way():
    schools = [*plain_base()["schools"], {"code": "TST012", "name": "虛構12高中", "township": "屏東縣琉球鄉"}]
    nowhere = {"townships": ["屏東縣琉球鄉"]}
    base = small_base(schools=schools, nowhere=nowhere, defaults={"travel": {"shipped_links": False}})
    after = MoveTownship(code("琉球鄉"), "city").apply(base.map)
    with pytest.raises(InputError, match="No way leads"):
        scenario_of_community(base, after, "city")
    linked = small_base(
        schools=schools,
        nowhere=nowhere,
        defaults={"travel": {"shipped_links": False}},
        links=[{"between": ["屏東縣琉球鄉", "屏東縣東港鎮"]}],
    )
    assert scenario(linked, MoveTownship(code("琉球鄉"), "city").apply(linked.map), "city") is not None


def test_new_communities_have_the_defaults():
    base = small_base(defaults={"relaxations": "none"})
    after = NewCommunity("new", "新社區", (code("內埔鄉"), code("麟洛鄉"))).apply(base.map)
    made = scenario(base, after, "new")
    assert (made.id, made.name, made.relaxations) == ("small-new", "新社區", "none")
    assert sorted(made.community.school_by_code) == ["TST008", "TST009", "TST010"]


# -------------------------------------------------------------- what a community depends on: this lets others be kept

COUNTY = cache(lambda: sorted(example().map.home))
SOMEWHERE = st.sampled_from(["north", "city", "east", "south", "coast", "new", NOWHERE])
some_towns = st.lists(st.deferred(lambda: st.sampled_from(COUNTY())), max_size=3, unique=True).map(tuple)
some_codes = st.lists(st.integers(1, 60).map(lambda k: f"SYN{k:03}"), max_size=3, unique=True).map(tuple)
flips = st.one_of(
    st.builds(MoveTownship, st.deferred(lambda: st.sampled_from(COUNTY())), SOMEWHERE),
    st.builds(MoveSchool, st.integers(1, 60).map(lambda k: f"SYN{k:03}"), SOMEWHERE),
    st.builds(Merge, SOMEWHERE, SOMEWHERE),
    st.builds(NewCommunity, st.just("new"), st.just("新社區"), some_towns, some_codes),
    st.builds(Divide, SOMEWHERE, st.just("new"), st.just("新社區"), some_towns, some_codes),
)


def content(base, base_map, community):
    """Hash of the scenario of a community; None where there is none."""
    if community not in base_map.names:
        return None
    made = scenario(base, base_map, community)
    return "no school" if made is None else content_hash(made.canonical())


def after_flips(base_map, chosen):
    for flip in chosen:
        try:
            base_map = flip.apply(base_map)
        except FlipError:
            continue
    return base_map


@given(st.lists(flips, min_size=1, max_size=10))
def test_only_touched_communities_have_another_scenario(chosen):
    """Untouched communities have the same scenario in full, and those that are touched another one."""
    base = example()
    after = after_flips(base.map, chosen)
    touched = base.map.touched(after)
    for community in dict.fromkeys((*base.map.names, *after.names)):
        same = content(base, base.map, community) == content(base, after, community)
        assert same == (community not in touched), community


def test_the_order_of_communities_in_a_map_changes_no_scenario():
    base = example()
    turned = BaseMap(dict(reversed(base.map.names.items())), base.map.home, base.map.member, base.map.place)
    for community in base.map.names:
        assert content(base, turned, community) == content(base, base.map, community)


# ------------------------------------------------------------------------------------------------------------- content


def test_the_hash_does_not_depend_on_order_or_spelling():
    data = plain_base()
    first = base_hash(small_base())
    data["communities"].reverse()
    data["schools"].reverse()
    data["junior_highs"].reverse()
    data["communities"][0]["townships"] = ["萬巒", "內埔鄉"]
    data["schools"][0] = {**data["schools"][0], "categories": ["普通"], "township": "台灣省屏東縣萬巒鄉"[3:]}
    data["junior_highs"][0]["pupils"] = {"國一": 90, "8": 100, "九年級": "110"}
    data |= {"note": "另一個備註", "name": "另一個名稱", "id": "other"}
    assert base_hash(small_base(**data)) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["communities"][0].update(name="改名"),
        lambda data: data["communities"][0].update(convener="TST001"),
        lambda data: data["communities"][1].update(pins={"4.2": ["TST005"]}),
        lambda data: data["communities"][0].update(schools=[]),
        lambda data: data["communities"][0].update(townships=["屏東縣里港鄉"]),
        lambda data: data["schools"][0].update(benchmark=True),
        lambda data: data["schools"][0].update(lon=120.5, lat=22.79),
        lambda data: data["junior_highs"][0].update(pupils={"7": 91, "8": 100, "9": 110}),
        lambda data: data.update(links=[{"between": ["屏東縣里港鄉", "屏東縣潮州鎮"], "kind": "bridge", "km": 9}]),
        lambda data: data.update(defaults={"relaxations": "none"}),
        lambda data: data.update(defaults={"travel": {"mode": "great_circle"}}),
        lambda data: data.update(defaults={"exploration": {"within_km": 7}}),
        lambda data: data.update(nowhere={"schools": ["TST001"]}),
    ],
)
def test_the_hash_sees_whatever_results_depend_on(change):
    data = plain_base()
    change(data)
    assert base_hash(small_base(**data)) != base_hash(small_base())


def test_a_base_is_sent_between_processes():
    base = small_base()
    scenario(base, base.map, "city")
    again = pickle.loads(pickle.dumps(base))
    assert base_hash(again) == base_hash(base)
    assert "_prepared" not in pickle.loads(pickle.dumps(base)).__dict__


# ------------------------------------------------------------------------------------------------------- the county


def test_the_synthetic_county_is_what_tutorials_need():
    base = example()
    assert base.synthetic and not base.warnings
    assert len(base.map.home) == 25 and len(base.map.member) == 60
    assert [len(base.map.members(c)) for c in base.map.names] == [9, 16, 10, 12, 13]
    assert [len(base.map.pieces(c, base.graph)) for c in base.map.names] == [1, 1, 1, 2, 1]
    assert base.map.served_by[code("屏東市")] == ("city", "south")
    assert sum(bool(entry.get("benchmark")) for entry in base.schools.values()) == 2


def test_the_example_is_written_for_people_to_start_from(tmp_path):
    paths = write_example(tmp_path)
    assert {path.name for path in paths} == {
        "synthetic-county.yaml",
        "experiment-township.yaml",
        "experiment-schools.yaml",
        "experiment-communities.yaml",
    }
    assert base_hash(read_base(tmp_path / "synthetic-county.yaml")) == base_hash(example())
    assert all("$schema" not in path.read_text(encoding="utf-8") for path in paths)


# --------------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("end", [".yaml", ".csv", ".xlsx", ".geojson", ".gpkg"])
def test_what_is_written_reads_back_to_the_same(tmp_path, end, lang):
    base = example()
    changed = apply_all(
        base.map, [MoveTownship(code("霧臺鄉"), NOWHERE), MoveSchool("SYN020", NOWHERE), MoveSchool("SYN060", "east")]
    )
    base = rebased(base, changed)
    with language_set(lang):
        path = write_base(base, tmp_path / f"map{end}")
    again = read_base(path) if end == ".yaml" else read_base(path, example())
    assert again.map == base.map
    assert base_hash(again) == base_hash(base)
    # 東港's ban on a school that left is left out: of the base that gives the schools this is said.
    assert [w.what.msgid[:12] for w in again.warnings] == ([] if end == ".yaml" else ["{community}:"])


def test_a_base_on_the_map_of_an_experiment_is_one_to_start_from(tmp_path):
    base = small_base(
        communities=with_wishes(
            city={"convener": "TST004", "pins": {"4.2": ["TST004", "TST005"]}, "host_numbers": {"2.1": 4}},
            east={"convener": "TST009"},
        )
    )
    after = apply_all(base.map, [MoveSchool("TST004", "east"), Merge("north", "city")])
    new = rebased(base, after)
    assert new.own == {
        "city": {"pins": {"4.2": ["TST005"]}, "host_numbers": {"2.1": 4}},
        "east": {"convener": "TST009"},
    }
    for community in after.names:
        assert content(new, after, community) == content(base, after, community)
        assert not scenario_of_community(new, after, community)[1]
    assert base_hash(read_base(write_base(new, tmp_path / "new.yaml"))) == base_hash(new)


def test_a_yaml_holds_all_that_was_stated(tmp_path):
    communities = with_wishes(
        city={
            "convener": "TST004",
            "kind": "learning_area",
            "pins": {"4.2": ["TST005"]},
            "bans": {"4.5": ["TST006"]},
            "ways": {"TST004": ["6.fair", "6.visits"]},
            "outside_partners": [
                {"code": "TST009", "items": ["3.3"], "because": "talent_class", "township": "屏東縣內埔鄉"}
            ],
            "universities": [{"name": "=虛構大學", "township": "屏東縣屏東市"}],
            "tiers": {"tolerances": {"travel": "5%"}},
            "exploration": {"within_km": "7/2"},
            "relaxations": ["R1"],
        }
    )
    schools = plain_base()["schools"]
    schools[3] |= {"benchmark": True, "willingness": {"4.2": {"answer": "cannot", "reason": "人手: 不足 # 一"}}}
    schools[4] |= {"name": "虛構'五\"高中", "history_points": "3/2", "load_limit": "hard", "capacity_points": 4}
    base = small_base(
        communities=communities,
        schools=schools,
        note="第一行，第二行: 三",
        sources=["某處"],
        universities=[{"code": "0001", "name": "虛構學院", "township": "屏東縣麟洛鄉"}],
        links=[{"between": ["屏東縣里港鄉", "屏東縣潮州鎮"], "kind": "bridge", "km": 9.5, "note": "便橋"}],
        defaults={"switches": {"both_tracks": "yes"}, "host_numbers": {"2.2": 1}, "travel": {"shipped_links": False}},
    )
    again = read_base(write_base(base, tmp_path / "all.yaml"))
    assert base_hash(again) == base_hash(base)
    for name in ("id", "name", "note", "sources", "synthetic", "invented", "own", "defaults", "links", "map"):
        assert getattr(again, name) == getattr(base, name), name
    assert parse_base((tmp_path / "all.yaml").read_text(encoding="utf-8")).map == base.map


def test_names_of_files_start_at_the_new_folder(tmp_path):
    from importlib import resources

    text = (resources.files("models") / "rulebooks" / "111.yaml").read_text("utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "own.yaml").write_text(text, encoding="utf-8", newline="\n")
    base = small_base(tmp_path / "a", defaults={"rulebook": "./own.yaml"})
    path = write_base(base, tmp_path / "b" / "base.yaml")
    assert "../a/own.yaml" in path.read_text(encoding="utf-8")
    assert base_hash(read_base(path)) == base_hash(base)


def test_a_name_that_says_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="what to write"):
        write_base(example(), tmp_path / "base.pdf")
    assert not list(tmp_path.iterdir())


def test_distances_of_a_matrix_are_those_of_the_matrix(tmp_path):
    base = small_base()
    codes = sorted(base.schools)
    ids = [*codes, *sorted(base.junior_highs)]
    lines = ["," + ",".join(codes)]
    lines += [
        ",".join([origin, *(str(3 + (i * 7 + j) % 5) for j in range(len(codes)))]) for i, origin in enumerate(ids)
    ]
    (tmp_path / "matrix.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    travel = {"mode": "matrix", "matrix": "matrix.csv", "unit": "minutes"}
    measured = small_base(tmp_path, defaults={"travel": travel})
    after = MoveSchool("TST006", "east").apply(measured.map)
    found = scenario(measured, after, "east").problem().distances
    assert found.unit == "minutes"
    assert found.schools == ("TST006", "TST009", "TST010", "TST011")
    assert found.demand_points == ("JTJH003", "JTJH005", "JTJH006")
    row, column = ids.index("TST009"), codes.index("TST006")
    assert found.between_schools[1, 0] == 10 * (3 + (row * 7 + column) % 5)
    row = ids.index("TJH005")
    assert found.from_demand[1, 0] == 10 * (3 + (row * 7 + column) % 5)
    assert base_hash(measured) != base_hash(base)
