"""Base maps and flips: what each changes, what it refuses, and what always holds after any of them."""

from __future__ import annotations

import pickle

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.base_map import (
    NOWHERE,
    BaseMap,
    Divide,
    FlipError,
    Merge,
    MoveSchool,
    MoveTownship,
    NewCommunity,
    all_moved,
    apply_all,
)

# Five townships in a row, t1 - t2 - t3 - t4 - t5; t3 has a school that is a member of the community of t5.
ROW = nx.path_graph(["t1", "t2", "t3", "t4", "t5"])
HOME = {"t1": "a", "t2": "a", "t3": "a", "t4": "b", "t5": "b"}
PLACE = {"s1": "t1", "s2": "t2", "s3": "t3", "s4": "t3", "s5": "t5"}
MEMBER = {"s1": "a", "s2": "a", "s3": "a", "s4": "b", "s5": "b"}


def row_map():
    return BaseMap({"a": "A", "b": "B"}, HOME, MEMBER, PLACE)


def refused(flip, base):
    with pytest.raises(FlipError) as caught:
        flip.apply(base)
    return caught.value.code, caught.value.values


# ------------------------------------------------------------------------------------------------------ hand-checked


def test_territory_is_what_is_at_home_and_where_the_members_are():
    base = row_map()
    assert base.territory("a") == ("t1", "t2", "t3")
    assert base.territory("b") == ("t3", "t4", "t5")
    assert base.members("b") == ("s4", "s5")


def test_junior_highs_count_where_there_are_schools_else_at_home():
    # t3 has schools of both, t4 has none and is at home in b.
    served = {"t1": ("a",), "t2": ("a",), "t3": ("a", "b"), "t4": ("b",), "t5": ("b",)}
    assert row_map().served_by == served


def test_pieces_are_the_connected_parts_the_largest_first():
    base = MoveTownship("t4", "a").apply(row_map())
    assert base.pieces("a", ROW) == (("t1", "t2", "t3", "t4"),)
    assert base.pieces("b", ROW) == (("t3",), ("t5",))
    linked = ROW.copy()
    linked.add_edge("t3", "t5")
    assert base.pieces("b", linked) == (("t3", "t5"),)


def test_a_township_takes_along_only_the_schools_that_belong_where_it_was():
    after = MoveTownship("t3", "b").apply(row_map())
    assert after.home["t3"] == "b"
    assert (after.member["s3"], after.member["s4"]) == ("b", "b")
    again = MoveTownship("t3", "a").apply(after)
    # s4 was a member elsewhere before, now it goes along: this is why taking back is not moving back.
    assert again.member["s4"] == "a"


@pytest.mark.parametrize("given", ["\uf900", " \u8c48\u3000"])
def test_a_new_name_is_kept_as_files_give_it_back(given):
    # U+F900 looks like U+8C48 and becomes it wherever text is composed, so a file would give back another map.
    for flip in (NewCommunity("n", given, ("t3",)), Divide("b", "n", given, ("t4",))):
        assert flip.apply(row_map()).names["n"] == "\u8c48"


def test_a_school_leaves_its_township_behind():
    after = MoveSchool("s1", "b").apply(row_map())
    assert after.home == HOME and after.member["s1"] == "b"
    assert after.territory("b") == ("t1", "t3", "t4", "t5")
    assert after.served_by["t1"] == ("b",)


def test_nowhere_is_a_place_to_go():
    after = apply_all(row_map(), [MoveTownship("t1", NOWHERE), MoveSchool("s2", NOWHERE)])
    assert after.members("a") == ("s3",)
    assert after.territory("a") == ("t2", "t3")
    assert "t1" not in after.served_by


def test_merging_dissolves_the_first_into_the_second():
    after = Merge("a", "b").apply(row_map())
    assert list(after.names) == ["b"]
    assert set(after.home.values()) == set(after.member.values()) == {"b"}


def test_a_division_gives_part_of_one_community():
    after = Divide("a", "c", "C", ("t1",), ("s3",)).apply(row_map())
    assert after.names == {"a": "A", "b": "B", "c": "C"}
    assert after.members("c") == ("s1", "s3") and after.members("a") == ("s2",)
    assert after.territory("c") == ("t1", "t3")


def test_a_new_community_may_take_from_all():
    after = NewCommunity("c", townships=("t2", "t5"), schools=("s2", "s3")).apply(row_map())
    assert after.names["c"] == "c"
    assert after.members("c") == ("s2", "s3", "s5")
    assert after.members("b") == ("s4",)


@pytest.mark.parametrize(
    ("flip", "code", "values"),
    [
        (MoveTownship("t9", "a"), "unknown_township", {"township": "t9"}),
        (MoveTownship("t1", "z"), "unknown_community", {"community": "z"}),
        (MoveTownship("t1", "a"), "unchanged", {"township": "t1", "community": "a"}),
        (MoveSchool("s9", "a"), "unknown_school", {"school": "s9"}),
        (MoveSchool("s1", "z"), "unknown_community", {"community": "z"}),
        (MoveSchool("s1", "a"), "unchanged", {"school": "s1", "community": "a"}),
        (Merge("z", "a"), "unknown_community", {"community": "z"}),
        (Merge("a", "z"), "unknown_community", {"community": "z"}),
        (Merge("a", "a"), "itself", {"community": "a"}),
        (NewCommunity("a", townships=("t1",)), "known_community", {"community": "a"}),
        (NewCommunity(NOWHERE, townships=("t1",)), "known_community", {"community": ""}),
        (NewCommunity("c"), "empty", {"community": "c"}),
        (NewCommunity("c", schools=("s9",)), "unknown_school", {"school": "s9"}),
        (Divide("z", "c", townships=("t1",)), "unknown_community", {"community": "z"}),
        (Divide("a", "c", townships=("t4",)), "not_a_member", {"township": "t4", "community": "a"}),
        (Divide("a", "c", schools=("s4",)), "not_a_member", {"school": "s4", "community": "a"}),
        (Divide("a", "c", townships=("t9",)), "unknown_township", {"township": "t9"}),
        (Divide("a", "c", townships=("t1", "t2", "t3")), "everything", {"community": "a"}),
    ],
)
def test_flips_that_cannot_be_made_say_why(flip, code, values):
    assert refused(flip, row_map()) == (code, values)


def test_touched_names_those_with_other_members_territory_or_shares():
    base = row_map()
    assert base.touched(base) == ()
    assert base.touched(MoveTownship("t4", "a").apply(base)) == ("a", "b")  # territory alone: it has no school
    assert base.touched(MoveSchool("s1", NOWHERE).apply(base)) == ("a",)
    # s4 goes home: both have other members; and t3 is no longer shared.
    assert base.touched(MoveSchool("s4", "a").apply(base)) == ("a", "b")
    assert base.touched(NewCommunity("c", townships=("t1",)).apply(base)) == ("a", "c")


def test_a_community_is_touched_when_only_its_share_changes():
    # s3 of t3 goes from a to c: b keeps members and territory, but t3 is shared among b and c as before, then among
    # three once s1's township mate joins.
    base = BaseMap(
        {"a": "A", "b": "B", "c": "C"},
        {"t1": "a", "t2": "b", "t3": "c"},
        {"x": "a", "y": "b", "z": "c", "w": "c"},
        {"x": "t1", "y": "t1", "z": "t3", "w": "t3"},
    )
    assert base.served_by["t1"] == ("a", "b")
    moved = BaseMap(base.names, base.home, base.member, {**base.place, "w": "t1"})
    assert moved.served_by["t1"] == ("a", "b", "c")
    assert base.touched(moved) == ("a", "b", "c")


def test_a_map_must_fit_together():
    with pytest.raises(ValueError, match="no such community"):
        BaseMap({"a": "A"}, {"t1": "b"}, {}, {})
    with pytest.raises(ValueError, match="no such community"):
        BaseMap({"a": "A"}, {}, {"s": "b"}, {"s": "t"})
    with pytest.raises(ValueError, match="needs a community"):
        BaseMap({"a": "A"}, {}, {"s": "a"}, {})
    with pytest.raises(ValueError, match="needs an id"):
        BaseMap({NOWHERE: "A"}, {}, {}, {})


def test_maps_and_refusals_are_sent_between_processes():
    base = row_map()
    assert pickle.loads(pickle.dumps(base)) == base
    error = pickle.loads(pickle.dumps(FlipError("unchanged", township="t1", community="a")))
    assert (error.code, error.values) == ("unchanged", {"township": "t1", "community": "a"})


# -------------------------------------------------------------------------------------------------- whatever happens

TOWNS = [f"t{k}" for k in range(6)]
CODES = [f"s{k}" for k in range(8)]
IDS = ["a", "b", "c", "d", "e"]
SOMEWHERE = st.sampled_from([*IDS, NOWHERE])

maps = st.builds(
    lambda names, homes, members, places: BaseMap(
        {c: c.upper() for c in names},
        dict(zip(TOWNS, (h if h in names else NOWHERE for h in homes), strict=True)),
        dict(zip(CODES, (m if m in names else NOWHERE for m in members), strict=True)),
        dict(zip(CODES, places, strict=True)),
    ),
    st.lists(st.sampled_from(IDS), min_size=1, unique=True),
    st.lists(SOMEWHERE, min_size=len(TOWNS), max_size=len(TOWNS)),
    st.lists(SOMEWHERE, min_size=len(CODES), max_size=len(CODES)),
    st.lists(st.sampled_from(TOWNS), min_size=len(CODES), max_size=len(CODES)),
)
some_towns = st.lists(st.sampled_from(TOWNS), max_size=3, unique=True).map(tuple)
some_codes = st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple)
flips = st.one_of(
    st.builds(MoveTownship, st.sampled_from(TOWNS), SOMEWHERE),
    st.builds(MoveSchool, st.sampled_from(CODES), SOMEWHERE),
    st.builds(Merge, st.sampled_from(IDS), st.sampled_from(IDS)),
    st.builds(NewCommunity, st.sampled_from(IDS), st.just(""), some_towns, some_codes),
    st.builds(Divide, st.sampled_from(IDS), st.sampled_from(IDS), st.just(""), some_towns, some_codes),
)


def made(base, chosen):
    """Make those of the flips that can be made; give every map on the way."""
    seen = [base]
    for flip in chosen:
        try:
            seen.append(flip.apply(seen[-1]))
        except FlipError:
            continue
    return seen


@given(maps, st.lists(flips, max_size=8))
def test_no_school_is_lost_and_none_is_in_two_communities(base, chosen):
    for after in made(base, chosen):
        assert after.place == base.place
        assert after.home.keys() == base.home.keys()
        counted = [code for community in after.names for code in after.members(community)]
        assert len(counted) == len(set(counted))
        nowhere = {code for code, community in after.member.items() if community == NOWHERE}
        assert set(counted) | nowhere == set(CODES)
        for community in after.names:
            towns = {town for town, home in after.home.items() if home == community}
            assert set(after.territory(community)) == towns | {after.place[c] for c in after.members(community)}


@given(maps, st.lists(flips, max_size=8))
def test_every_township_counts_once_in_all(base, chosen):
    for after in made(base, chosen):
        for town in TOWNS:
            there = {after.member[c] for c in after.schools_in.get(town, ())} - {NOWHERE}
            expected = there or {after.home[town]} - {NOWHERE}
            assert set(after.served_by.get(town, ())) == expected


@given(maps, st.lists(flips, max_size=6))
def test_a_flip_changes_no_map_but_makes_another(base, chosen):
    before = pickle.dumps(base)
    for first, second in zip(seen := made(base, chosen), seen[1:], strict=False):
        assert first != second
    assert pickle.dumps(BaseMap(base.names, base.home, base.member, base.place)) == before


@given(maps, st.lists(flips, max_size=6))
def test_what_moved_is_what_belongs_elsewhere(base, chosen):
    after = made(base, chosen)[-1]
    towns, schools = all_moved(base, after)
    assert towns == {t for t in TOWNS if base.home[t] != after.home[t]}
    assert schools == {c for c in CODES if base.member[c] != after.member[c]}
    if not base.touched(after):
        assert not schools


@given(maps, st.lists(flips, max_size=6))
def test_pieces_part_the_territory(base, chosen):
    graph = nx.cycle_graph(TOWNS)
    after = made(base, chosen)[-1]
    for community in after.names:
        pieces = after.pieces(community, graph)
        assert sorted(t for piece in pieces for t in piece) == list(after.territory(community))
        assert [len(p) for p in pieces] == sorted((len(p) for p in pieces), reverse=True)
        assert all(nx.is_connected(graph.subgraph(piece)) for piece in pieces)
