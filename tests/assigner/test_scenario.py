"""A scenario file becomes exactly the values it means, whatever its order and spelling."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from assigner.errors import InputError
from assigner.faults import SENTENCES
from assigner.messages import language_set
from assigner.scenario import Scenario, parse_scenario, read_scenario, scenario_of, scenario_schema, write_yaml
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.example import collision
from assigner.scenario.example import example as make_example
from assigner.scenario.migrations import migrated, supported_versions
from assigner.scenario.reading import document_of, shape
from assigner.scenario.words import school_code
from geodata import adjacency_graph, great_circle_km
from geodata.locating import km_outside, township_at
from models.rulebook import load_rulebook
from scripts import build_real_scenarios as build
from tests.shared_data import shared_data

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))

MINIMAL = {
    "schema_version": 1,
    "id": "small",
    "schools": [
        {"code": "063404", "name": "市立東勢高工", "township": "臺中市東勢區"},
        {"code": "193302", "name": "市立臺中一中", "township": "臺中市北區"},
        {"code": "064328", "name": "市立新社高中", "township": "臺中市新社區"},
    ],
}

FULL = {
    **MINIMAL,
    "id": "full",
    "name": "什麼都有",
    "kind": "學習區",
    "synthetic": "是",
    "note": "說明",
    "sources": ["甲", "乙"],
    "townships": ["台中縣東勢鎮", "臺中市新社區", "66000050"],
    "switches": {"both_tracks": True, "outside_partner_hosts": "可", "「合作學校」是否含召集學校": "含"},
    "relaxations": ["R2", "R1"],
    "convener": 63404,
    "schools": [
        {
            "code": "'063404",
            "name": "市立東勢高工",
            "township": "東勢區",
            "lon": 120.83408,
            "lat": "24.24175",
            "public": "公立",
            "categories": ["機械群", "技職（工業類）", "other_vocational"],
            "willingness": {
                "4.1": "願意",
                "3": {"answer": "無法", "reason": "教師員額不足"},
                "召集學校": "willing",
            },
            "suitability": {"3": "適合", "4.4.career": "不適合"},
            "capacity_points": "9/2",
            "load_limit": "硬性",
            "history_points": 0.5,
            "last_year": [4.1, "3", 6],
            "transfer_places": "有",
        },
        {"code": "193302", "township": "臺中市北區", "benchmark": True, "public": "私立"},
        {"code": 64328, "township": "新社", "takes_part": "不參與", "below_registration": True},
        {"code": "０６４３０８", "township": "臺中市后里區", "barred": "yes"},
    ],
    "outside_partners": [
        {"code": "011C71", "name": "特教學校", "township": "板橋", "items": ["4.2", "3"], "because": "特殊教育"}
    ],
    "junior_highs": [
        {"code": "063404", "township": "東勢區", "pupils": {7: 1, "八年級": 2, "國三": 3}},
        {"code": "064530", "lon": 120.839859, "lat": 24.205451, "graduates": 40},
    ],
    "universities": [{"name": "某大學"}],
    "pins": {"4.1": 63404, "4.2": ["011C71", "193302"]},
    "bans": {"3": "193302"},
    "host_numbers": {"2.2": 1, "1.1": 2},
    "exploration": {"within_km": "7.45"},
    "ways": {"193302": ["舉辦升學博覽會", "6.media"]},
    "tiers": {
        "order": ["travel", "不願意", "負荷", "overload", "preference", "separate"],
        "tolerances": {"travel": "5%"},
    },
    "links": [{"between": ["蘭嶼", "綠島"], "kind": "渡輪", "km": 75, "note": "假設"}],
}


def yaml_text(data):
    from io import StringIO

    text = StringIO()
    YAML(typ="safe", pure=True).dump(data, text)
    return text.getvalue()


def same_problem(one, two):
    """Compare two problems by their parts: arrays have no truth value."""
    a, b = one.distances, two.distances
    return (
        one.rules.choice == two.rules.choice
        and one.rules.rulebook.hash == two.rules.rulebook.hash
        and one.community == two.community
        and one.wishes == two.wishes
        and (a.schools, a.demand_points, a.unit) == (b.schools, b.demand_points, b.unit)
        and np.array_equal(a.between_schools, b.between_schools)
        and np.array_equal(a.from_demand, b.from_demand)
    )


def messages_of(data, **options):
    with pytest.raises(InputError) as caught, language_set("en"):
        scenario_of(data, "x.yaml", **options)
    with language_set("en"):
        return str(caught.value)


# --- conversions, checked by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("063404", "063404"),
        (63404, "063404"),
        ("63404", "063404"),
        ("'063404", "063404"),
        (" ０６３４０４ ", "063404"),
        ("07c301", "07C301"),
        ("351B09", "351B09"),
        (193302, "193302"),
    ],
)
def test_every_spelling_of_a_code(written, read):
    assert school_code(written) == read


@pytest.mark.parametrize("written", [6340, "6340", 1e6, 351e9, True, None, "市立高中", "0634041", "06-404", -63404])
def test_what_is_no_code(written):
    with pytest.raises(ValueError, match="code"):
        school_code(written)


def test_a_full_file_becomes_these_values():
    scenario = scenario_of(FULL)
    problem = scenario.problem()
    community, wishes = problem.community, problem.wishes
    assert scenario.synthetic
    assert scenario.territory == ("66000050", "66000100", "66000190")
    assert scenario.relaxations == ("R2", "R1")
    assert [r.id for r in scenario.stated_relaxations] == ["R1", "R2"]
    assert community.learning_area
    assert problem.rules.option("both_tracks") == "yes"
    assert problem.rules.option("outside_partner_hosts") == "yes"
    assert problem.rules.option("partner_includes_convener") == "yes"
    assert problem.rules.option("exploration_number") == "within_distance"

    assert list(community.school_by_code) == ["063404", "064308", "064328", "193302"]
    assert problem.participants == ("063404", "193302")
    school = community.school_by_code["063404"]
    assert school.public is True
    assert community.school_by_code["193302"].public is False
    assert school.categories == {"industrial", "other_vocational"}
    assert community.school_by_code["193302"].categories is None
    assert dict(school.willingness) == {"4.1": "willing", "3": "cannot", "convener": "willing"}
    assert dict(school.reasons) == {"3": "教師員額不足"}
    assert dict(school.suitability) == dict.fromkeys(("3.1", "3.2", "3.3"), "suited") | {"4.4.career": "unsuited"}
    assert school.capacity_points == Fraction(9, 2)
    assert school.history_points == Fraction(1, 2)
    assert school.load_limit_hard
    assert school.last_year == {"4.1", "3.1", "3.2", "3.3", "6"}
    assert school.transfer_places
    assert community.school_by_code["064328"].below_registration
    assert community.school_by_code["064308"].barred

    partner = community.outside_partners[0]
    assert (partner.code, partner.items, partner.because) == (
        "011C71",
        {"4.2", "3.1", "3.2", "3.3"},
        "special_education",
    )
    assert {point.id: dict(point.pupils) for point in community.demand_points} == {
        "J063404": {7: 1, 8: 2, 9: 3},
        "J064530": {7: 40, 8: 40, 9: 40},
    }
    assert wishes.convener == "063404"
    assert wishes.pins == {("4.1", "063404"), ("4.2", "011C71"), ("4.2", "193302")}
    assert wishes.bans == {("3.1", "193302"), ("3.2", "193302"), ("3.3", "193302")}
    assert dict(wishes.host_numbers) == {"1.1": 2, "2.2": 1}
    assert wishes.exploration_within == 74  # 74.5 tenths, to the even one, as distances are rounded
    assert dict(wishes.ways) == {"193302": ("6.fair", "6.media")}
    assert wishes.tier_order == (
        "exploration",
        "travel",
        "unwilling",
        "load",
        "overload",
        "preference",
        "separate",
        "tie_break",
    )
    assert dict(wishes.tolerances) == {"travel": Fraction(1, 20)}
    assert [(link.a, link.b, link.kind, link.km) for link in scenario.links] == [
        ("10014110", "10014160", "ferry", 75.0)
    ]


def test_distances_are_whole_hectometres_from_row_to_column():
    scenario = scenario_of(FULL)
    distances = scenario.problem().distances
    # Abstaining schools do not travel; barred ones and partners from outside may, under other switches.
    assert distances.schools == ("011C71", "063404", "064308", "193302")
    assert distances.demand_points == ("J063404", "J064530")
    assert distances.between_schools.dtype == distances.from_demand.dtype == np.int64
    assert (np.diag(distances.between_schools) == 0).all()
    # Both in 東勢區, one at the school's coordinates, one at the township's point: the great circle.
    town = adjacency_graph().nodes["66000100"]
    km = great_circle_km(town["lon"], town["lat"], 120.83408, 24.24175)
    assert distances.from_demand[0, 1] == round(float(km) * 10)


def test_without_junior_highs_the_townships_stand_for_them():
    problem = scenario_of(MINIMAL).problem()
    usual = load_rulebook("111").measures.pupils_of_a_township_without_data.value
    assert [point.id for point in problem.community.demand_points] == ["T66000050", "T66000100", "T66000190"]
    assert all(dict(point.pupils) == dict.fromkeys((7, 8, 9), usual) for point in problem.community.demand_points)
    listed = scenario_of({**MINIMAL, "townships": ["臺中市東勢區", "臺中市和平區"]})
    assert [point.id for point in listed.community.demand_points] == ["T66000100", "T66000290"]


def test_coordinates_alone_find_their_township():
    school = {"code": "193302", "lon": 120.686368, "lat": 24.149752}
    scenario = scenario_of({**MINIMAL, "schools": [school]})
    assert scenario.territory == ("66000050",)
    assert township_at(120.686368, 24.149752) == ("66000050", 0.0)
    assert "lie in no township" in messages_of({**MINIMAL, "schools": [{**school, "lon": 119.0, "lat": 22.0}]})


def test_coordinates_outside_the_stated_township_are_a_warning():
    school = {"code": "193302", "township": "臺中市東勢區", "lon": 120.686368, "lat": 24.149752}
    scenario = scenario_of({**MINIMAL, "schools": [school]}, "x.yaml")
    assert km_outside("66000100", 120.686368, 24.149752) > 5
    with language_set("en"):
        (warning,) = map(str, scenario.warnings)
    assert "outside 臺中市東勢區, in 臺中市北區" in warning


def test_blank_keys_count_as_absent():
    text = (
        "schema_version: 1\nid: x\nconvener:\nswitches:\nschools:\n  - code: 063404\n    township: 東勢區\n    lon:\n"
    )
    assert parse_scenario(text).problem().wishes.convener is None


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")], ids=["bom", "crlf"])
def test_marks_of_windows_change_nothing(change, tmp_path):
    text = (ROOT / "scenarios" / "synthetic-3.yaml").read_text(encoding="utf-8")
    file = tmp_path / "x.yaml"
    file.write_bytes(change(text).encode())
    assert read_scenario(file).hash == parse_scenario(text).hash


def test_numbers_of_exploration_set_their_switch():
    scenario = scenario_of({**MINIMAL, "exploration": {"numbers": {"4.4.career": 1, "4.4.academic": 0}}})
    assert scenario.rules.option("exploration_number") == "stated"
    assert dict(scenario.problem().wishes.exploration_numbers) == {"4.4.career": 1, "4.4.academic": 0}
    both = {"numbers": {"4.4.career": 1}, "within_km": 3}
    assert "only one can decide" in messages_of({**MINIMAL, "exploration": both})
    assert "contradicts" in messages_of(
        {**MINIMAL, "exploration": {"within_km": 3}, "switches": {"exploration_number": "stated"}}
    )
    assert "not in the unit" in messages_of({**MINIMAL, "exploration": {"within_minutes": 3}})


def first_school(**changes):
    return {**MINIMAL, "convener": "063404", "schools": [{**MINIMAL["schools"][0], **changes}, *MINIMAL["schools"][1:]]}


PARTNER = {"code": "011C71", "township": "板橋", "items": ["4.2"], "because": "特殊教育"}


@pytest.mark.parametrize(
    ("data", "fragment"),
    [
        (first_school(takes_part=False), "The convening school abstains."),
        (first_school(barred=True), "The convening school is barred"),
        (first_school(willingness={"convener": "cannot"}), "says that it cannot convene"),
        ({**MINIMAL, "convener": "011C71", "outside_partners": [PARTNER]}, "cannot convene here"),
        ({**MINIMAL, "pins": {"4.2": "011C71"}, "outside_partners": [PARTNER]}, "hosts nothing here"),
        (
            {
                **MINIMAL,
                "pins": {"4.1": "011C71"},
                "outside_partners": [PARTNER],
                "switches": {"outside_partner_hosts": True},
            },
            "does not take part in this item",
        ),
        ({**first_school(willingness={"3.2": "cannot"}), "pins": {"3.1": "063404"}}, "it says that it cannot."),
        ({**MINIMAL, "pins": {"3": "063404"}, "bans": {"3.1": ["063404"]}}, "both pinned to the item and banned"),
        ({**MINIMAL, "outside_partners": [{**PARTNER, "code": "063404"}]}, "appears a second time"),
        (first_school(willingness={"3": "willing", "資源共享（三項合辦）": "cannot"}), "stated twice"),
        ({**MINIMAL, "travel": {"mode": "matrix"}}, "none is named"),
        ({**MINIMAL, "travel": {"mode": "matrix", "matrix": "no.csv"}}, "cannot be opened"),
        ({**MINIMAL, "travel": {"matrix": "no.csv"}}, "not measured with it"),
        ({**MINIMAL, "travel": {"unit": "minutes"}}, "Minutes are known only from a travel matrix."),
        ({**MINIMAL, "switches": {"exploration_number": "within_distance"}}, "that is missing"),
        ({**MINIMAL, "schema_version": "1"}, "version of the scenario format"),
        ({"id": "x", "schools": []}, "“schema_version” is missing"),
    ],
)
def test_what_cannot_be_is_said(data, fragment):
    assert fragment in messages_of(data, folder=ROOT)


def test_all_problems_of_a_file_come_together_in_its_order():
    text = """schema_version: 1
id: x
convener: 193302
schools:
  - {code: 063404, township: 東勢區, benchmark: vielleicht}
  - {code: 193302, township: 北區, takes_part: false}
pins: {"9": 063404}
"""
    with pytest.raises(InputError) as caught:
        parse_scenario(text)
    assert [(p.place.line, p.place.key) for p in caught.value.problems] == [
        (3, "convener"),
        (5, "schools[1].benchmark"),
        (6, "schools[2].township"),
        (7, "pins.9"),
    ]


def test_problems_after_an_entry_that_was_set_aside_keep_their_place():
    text = """schema_version: 1
id: x
schools:
  - {township: 東勢區}
  - {code: 193302, township: 北區}
"""
    with pytest.raises(InputError) as caught:
        parse_scenario(text)
    assert [(p.place.line, p.place.column, p.place.key) for p in caught.value.problems] == [
        (4, 5, "schools[1]"),
        (5, 30, "schools[2].township"),
    ]


@pytest.mark.parametrize("name", ["", "no-such-file.yaml", "scenarios", "\0"])
def test_files_that_cannot_be_read(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(InputError):
        read_scenario(name)


# --- matrix --------------------------------------------------------------------------------------------------


def matrix_scenario(folder, unit="minutes"):
    (folder / "m.csv").write_text(
        "\ufefffrom,193302,063404,064328\n"
        "063404,35,0,12.34\n064328,30,12,\n193302,,36,31\n064529,40,3,11\nJ063404,38,0.26,12\n",
        encoding="utf-8",
    )
    junior_highs = [{"code": "064529", "pupils": {7: 5}}, {"code": "063404", "pupils": {7: 5}}]
    travel = {"mode": "矩陣", "matrix": "m.csv", "unit": unit}
    return {**MINIMAL, "junior_highs": junior_highs, "travel": travel}


def test_a_matrix_of_minutes(tmp_path):
    scenario = scenario_of(matrix_scenario(tmp_path), "x", tmp_path)
    distances = scenario.problem().distances
    assert distances.unit == "minutes"
    assert distances.schools == ("063404", "064328", "193302")
    assert distances.between_schools.tolist() == [[0, 123, 350], [120, 0, 300], [360, 310, 0]]
    assert distances.demand_points == ("J063404", "J064529")
    assert distances.from_demand.tolist() == [[3, 120, 380], [30, 110, 400]]


def test_a_scenario_with_a_matrix_stands_alone(tmp_path):
    scenario = scenario_of(matrix_scenario(tmp_path), "x", tmp_path)
    content = json.loads(json.dumps(scenario.canonical()))
    (tmp_path / "m.csv").unlink()
    again = Scenario.from_canonical(content)
    assert same_problem(again.problem(), scenario.problem())
    assert again.hash == scenario.hash
    assert "m.csv" not in json.dumps(content)


# --- canonical content ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_round_trip(path):
    scenario = read_scenario(path)
    assert scenario.warnings == ()
    content = json.loads(json.dumps(scenario.canonical()))
    again = Scenario.from_canonical(content)
    assert same_problem(again.problem(), scenario.problem())
    assert again.canonical() == scenario.canonical()
    assert parse_scenario(write_yaml(scenario)).hash == scenario.hash


def test_a_full_scenario_round_trips():
    scenario = scenario_of(FULL)
    again = Scenario.from_canonical(json.loads(json.dumps(scenario.canonical())))
    assert same_problem(again.problem(), scenario.problem())
    assert again.hash == scenario.hash
    written = parse_scenario(write_yaml(scenario))
    assert same_problem(written.problem(), scenario.problem())
    assert written.hash == scenario.hash


def shuffled(value, rng):
    """Shuffle every mapping and the lists whose order means nothing."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: value[key] if key in ("order", "sources") else shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        members = [shuffled(member, rng) for member in value]
        rng.shuffle(members)
        return members
    return value


@pytest.mark.parametrize("seed", range(5))
def test_order_means_nothing(seed):
    rng = random.Random(seed)
    assert scenario_of(shuffled(FULL, rng)).hash == scenario_of(FULL).hash
    data = document_of((ROOT / "scenarios" / "synthetic-10.yaml").read_text(encoding="utf-8"), "x").data
    assert scenario_of(shuffled(data, rng)).hash == scenario_of(data).hash


def test_spelling_means_nothing_and_content_does():
    data = copy.deepcopy(MINIMAL)
    data["schools"][0] |= {"code": 63404, "township": "台中縣東勢鎮", "takes_part": "是", "lon": None}
    assert scenario_of(data).hash == scenario_of(MINIMAL).hash
    data["schools"][0]["history_points"] = 1
    assert scenario_of(data).hash != scenario_of(MINIMAL).hash


def test_a_rulebook_of_ones_own_travels_with_the_content(tmp_path):
    text = (ROOT / "models" / "rulebooks" / "111.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(
        text.replace("capacity_points: {value: 5", "capacity_points: {value: 6"), "utf-8"
    )
    scenario = scenario_of({**MINIMAL, "rulebook": "own.yaml"}, "x", tmp_path)
    assert scenario.rules.measure("capacity_points") == 6
    again = Scenario.from_canonical(json.loads(json.dumps(scenario.canonical())))
    assert same_problem(again.problem(), scenario.problem())
    assert again.hash == scenario.hash


def test_a_changed_rulebook_is_a_warning():
    content = scenario_of(MINIMAL).canonical()
    content["rulebook"] = {**content["rulebook"], "hash": "0" * 64}
    assert len(Scenario.from_canonical(content).warnings) == 1


@pytest.mark.parametrize("content", [{}, {"scenario": 3, "rulebook": {}}, {"scenario": {}, "rulebook": {"name": "9"}}])
def test_what_is_no_canonical_content(content):
    with pytest.raises(InputError):
        Scenario.from_canonical(content)


# --- format: schema, versions, sentences ---------------------------------------------------------------------


def test_the_shipped_schema_is_the_one_of_the_code():
    shipped = (ROOT / "assigner" / "schemas" / "scenario.schema.json").read_text(encoding="utf-8")
    assert shipped == json.dumps(scenario_schema(), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_editors_accept_the_shipped_files(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../assigner/schemas/scenario.schema.json\n")
    validator = jsonschema.Draft202012Validator(scenario_schema())
    data = json.loads(json.dumps(document_of(text, path.name).data))
    assert [error.message for error in validator.iter_errors(data)] == []


def test_the_schema_accepts_the_full_file_and_refuses_a_misspelt_key():
    validator = jsonschema.Draft202012Validator(scenario_schema())
    data = json.loads(json.dumps(FULL))
    data["schools"][0]["lat"] = 24.24175
    data["schools"][3]["code"] = "064308"
    data["junior_highs"][0]["pupils"] = {"7": 1}
    assert [error.message for error in validator.iter_errors(data)] == []
    assert list(validator.iter_errors({**data, "convenor": "063404"}))


def test_older_versions_are_brought_up_to_date():
    def from_0(data):
        return {**{k: v for k, v in data.items() if k != "members"}, "schools": data["members"]}

    old = {"schema_version": 0, "id": "old", "members": MINIMAL["schools"]}
    before = copy.deepcopy(old)
    assert supported_versions({0: from_0}) == range(2)
    assert migrated(old, {0: from_0}) == {**MINIMAL, "id": "old"}
    assert old == before
    document = document_of(yaml_text({**old, "members": [*old["members"], {"code": 1}]}), "old.yaml")
    shaped = shape(document, "old.yaml", {0: from_0})
    assert shaped.entries is not None
    assert [school.code for school in shaped.entries.schools] == ["063404", "193302", "064328"]
    assert len(shaped.problems) == 1
    assert "not known" in messages_of(old)


def test_every_code_of_the_floors_below_has_a_sentence():
    import re

    folders = (ROOT / "models", *(ROOT / "assigner" / name for name in ("scenario", "boundary", "batch")))
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    code = re.compile(r'"((?:yaml|rulebook|scenario|base|experiment|batch)\.[a-z_]+)"')
    used = {match for path in sources for match in code.findall(path.read_text(encoding="utf-8"))}
    used -= {"scenario.yaml", "scenario.rulebook", "base.yaml", "experiment.yaml"}
    known = {name for name in SENTENCES if not name.startswith("schema.")} - {"yaml.tab"}
    assert used == known


def test_a_switch_may_be_written_as_its_title_or_as_true():
    data = {**MINIMAL, "switches": {"both_tracks": "True"}}
    assert "no such option" in messages_of(data)
    assert scenario_of({**MINIMAL, "switches": {"both_tracks": True}}).rules.option("both_tracks") == "yes"


# --- examples and real cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize("schools", [1, 2, 7, 33])
def test_examples_are_the_same_every_time_and_differ_by_seed(schools):
    one, two = make_example(schools, 7), make_example(schools, 7)
    assert one.hash == two.hash
    assert write_yaml(one) == write_yaml(two)
    assert one.hash != make_example(schools, 8).hash
    assert one.synthetic
    assert one.warnings == ()
    assert len(one.problem().participants) == schools
    assert all(school.code.startswith("SYN") and school.name.startswith("範例") for school in one.community.schools)
    assert len([school for school in one.community.schools if school.benchmark]) <= 1


@pytest.mark.parametrize("schools", [0, -1, 1000])
def test_examples_have_a_size(schools):
    with pytest.raises(ValueError, match="schools"):
        make_example(schools, 1)


def test_an_example_does_not_depend_on_the_process():
    code = "from assigner.scenario.example import example; print(example(12, 5).hash)"
    found = {
        subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, env={"PYTHONHASHSEED": seed})
        for seed in ("0", "1")
    }
    assert found == {make_example(12, 5).hash + "\n"}


def test_the_synthetic_files_are_what_the_script_writes():
    for name, text in build.synthetic_texts():
        assert (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8") == text


def test_the_real_files_are_what_the_script_writes():
    folder = shared_data("real_cases.json").parent
    for name, text in build.real_texts(folder):
        assert (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8") == text


def test_every_shipped_file_comes_from_the_script():
    names = {*build.SHIPPED, *(f"synthetic-{size}" for size in build.SIZES), "collision"}
    assert {path.stem for path in SHIPPED} == names


def test_dongshi_is_the_real_grouping():
    scenario = read_scenario(ROOT / "scenarios" / "dongshi-109.yaml")
    problem = scenario.problem()
    assert len(problem.participants) == 9
    assert problem.wishes.convener == "063404"
    assert not scenario.synthetic
    assert scenario.entries.sources
    # By code only one school is vocational; by programme the picture is richer.
    categories = {code: set(school.categories) for code, school in problem.community.school_by_code.items()}
    assert categories["063404"] == {"industrial", "other_vocational"}
    assert categories["193302"] == {"general"}
    # 東勢高工 and 玉山高中 stand in the same township, 1.4 km apart.
    distances = problem.distances
    assert distances.between_schools[distances.column["063404"], distances.column["061319"]] == 14
    assert "J050314" in distances.row


def test_feicui_can_be_built_with_a_school_without_coordinates():
    folder = shared_data("real_cases.json").parent
    scenario = build.real_scenario(folder, "taipei4_feicui", "feicui", "翡翠學園")
    assert scenario.warnings == ()
    assert len(scenario.problem().participants) == 12
    assert len(scenario.territory) == 6
    place = scenario.places["011419"]
    assert (place.towncode, place.lon) == ("65000060", None)
    assert scenario.problem().wishes.convener == "013335"


def test_the_collision_leaves_nobody_for_one_item():
    problem = collision().problem()
    cannot = {code for code, school in problem.community.school_by_code.items() if "4.5" in school.willingness}
    banned = {code for item, code in problem.wishes.bans if item == "4.5"}
    assert cannot | banned == set(problem.participants)


# --- anything may stand in a file ----------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**7), 10**7),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=8),
    st.sampled_from(
        ["063404", "193302", "4.1", "3", "臺中市東勢區", "北區", "無法", "matrix", "choose", "1/0", "1e99"]
    ),
)
KEYS = st.sampled_from(sorted({*ScenarioFile.model_fields, "code", "township", "lon", "lat", "4.1", "answer", "7"}))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
REPLACED = st.dictionaries(st.sampled_from(sorted(ScenarioFile.model_fields)), VALUES, max_size=4)
SCHOOL_KEYS = sorted(set(FULL["schools"][0]) | {"barred", "takes_part", "benchmark"})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(REPLACED, st.dictionaries(st.sampled_from(SCHOOL_KEYS), VALUES, max_size=3))
@example({"junior_highs": [{"code": "063404"}, {"code": "063404"}]}, {})
@example({}, {"lon": 1e400, "lat": -1e400})
@example({"travel": {"mode": "matrix", "matrix": "\0"}}, {})
@example({"rulebook": "\0"}, {})
@example({"rulebook": "x" * 5000}, {})
def test_nothing_but_an_input_error(replaced, in_school):
    data = copy.deepcopy(FULL)
    data.update(replaced)
    if isinstance(data.get("schools"), list) and data["schools"] and isinstance(data["schools"][0], dict):
        data["schools"][0] = {**data["schools"][0], **in_school}
    try:
        scenario = scenario_of(data, "x.yaml", ROOT)
    except InputError as error:
        for lang in ("zh-TW", "en"):
            with language_set(lang):
                assert str(error)
    else:
        again = Scenario.from_canonical(json.loads(json.dumps(scenario.canonical())))
        assert again.hash == scenario.hash


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_text_gives_nothing_but_an_input_error(data):
    text = (ROOT / "scenarios" / "synthetic-2.yaml").read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 30)))
    damage = data.draw(
        st.text(max_size=4) | st.sampled_from(["*a", "&a ", "\t", "{", "]", ": ", "\0", "\\ud800", "<<: "])
    )
    try:
        parse_scenario(text[:at] + damage + text[until:], "x.yaml", ROOT)
    except InputError as error:
        with language_set("en"):
            assert str(error)


@given(VALUES)
def test_any_document_at_all(value):
    with pytest.raises(InputError):
        parse_scenario(json.dumps(value), "x.yaml")


@given(st.text(max_size=12), st.text(max_size=12), st.text(min_size=1, max_size=12))
@example("null", "true", "1")
@example("- a", "a: b # c", "'")
@example("\x00\x85\u2028", "\ufeff", "\U0001f600")
def test_any_text_is_written_so_that_it_reads_back(name, note, reason):
    school = {**MINIMAL["schools"][0], "name": name, "willingness": {"4.1": {"answer": "無法", "reason": reason}}}
    scenario = scenario_of({**MINIMAL, "name": name, "note": note, "sources": [note], "schools": [school]})
    assert parse_scenario(write_yaml(scenario)).canonical() == scenario.canonical()


# --- speed ---------------------------------------------------------------------------------------------------


def test_heavy_libraries_stay_out():
    code = (
        "import sys\nfrom assigner.scenario import read_scenario\n"
        "read_scenario('scenarios/synthetic-40.yaml')\n"
        "print([n for n in ('ortools', 'pandas', 'geopandas', 'shapely', 'rich', 'typer') if n in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"


def test_importing_the_package_is_light():
    code = "import sys, assigner.scenario; print([n for n in ('numpy', 'pydantic', 'networkx') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"


# --- odd places, absurd numbers ------------------------------------------------------------------------------


def test_a_school_outside_the_townships_is_noted_with_its_line():
    text = yaml_text({**MINIMAL, "townships": ["臺中市東勢區", "臺中市新社區"]})
    scenario = parse_scenario(text, "x.yaml")
    (warning,) = scenario.warnings
    line = next(k for k, line in enumerate(text.splitlines(), 1) if "北區" in line)
    with language_set("en"):
        assert "臺中市北區, which is not among the townships" in str(warning)
    assert warning.place.line in (line, line - 1, line + 1)
    assert scenario_of(MINIMAL).warnings == ()


@pytest.mark.parametrize("key", ["history_points", "capacity_points"])
def test_absurd_points_are_refused(key):
    schools = [{**MINIMAL["schools"][0], key: 101}, *MINIMAL["schools"][1:]]
    text = messages_of({**MINIMAL, "schools": schools})
    assert f"schools[1].{key}" in text and "at most 100" in text
    schools[0][key] = 100
    scenario_of({**MINIMAL, "schools": schools})


def test_a_limit_that_is_no_number_is_refused_in_words():
    import assigner

    scenario = scenario_of(MINIMAL)
    with pytest.raises(TypeError, match="the time limit must be a number, not '3'"):
        assigner.solve(scenario, time_limit="3")
    with pytest.raises(ValueError, match="the work limit must be above zero"):
        assigner.solve(scenario, work_limit=0)
