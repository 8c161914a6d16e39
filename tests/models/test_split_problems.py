"""The two plans of a division as problems of their own, and what they keep together."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from models.audit import audit
from models.community import Assignment, DemandPoint, Distances, OutsidePartner, Plan, Problem, Wishes
from models.rulebook import load_rulebook
from models.split.joint_clauses import joint_caps, joint_violations, left_out
from models.split.measures import categories_missing, convener_travel, division_values, split_order, tie_break
from models.split.problems import demand_shares, divide, divided, placements, side_problem
from models.split.proposals import judge, propose
from models.split.solving import solve_split
from models.split.values import Division, SplitWishes, Territory
from models.tiers import solve_tiers
from tests.models.handmade import ACADEMIC, CAREER, A, B, C, D, E, F, asked_to, community, problem
from tests.models.splits import junior_high, lowered, plain_split, with_rules


def territory(places: dict[str, str], demand: dict[str, tuple[str, ...]] | None = None) -> Territory:
    graph: nx.Graph[str] = nx.path_graph(sorted({*places.values(), "west", "east"}))
    return Territory(graph, places, demand or {})


HALVES = {A: "east", B: "west", C: "east", D: "west", E: "east", F: "west"}


def test_first_side_has_the_smallest_code_whatever_side_is_named() -> None:
    given, where = problem(), territory(HALVES)
    one, other = divided(given, where, {"east"}), divided(given, where, {"west"})
    assert one == other == Division(frozenset({"east"}), frozenset({"west"}))


def test_a_side_has_its_schools_points_distances_and_wishes_and_nothing_else() -> None:
    points = [junior_high("J1"), junior_high("J2")]
    given = problem(
        points=points,
        between=np.arange(49).reshape(7, 7),
        from_demand=np.arange(14).reshape(2, 7),
        outside=[OutsidePartner("900000", "", frozenset({"4.1"}), "talent_class")],
        pins=frozenset({("4.1", A), ("4.2", B)}),
        bans=frozenset({("4.3", D), ("4.3", E)}),
        ways={A: ("6.fair",), B: ("6.fair",)},
        host_numbers={"1.1": 2},
    )
    where = territory(HALVES, {"J1": ("east",), "J2": ("west",)})
    first, second = divide(given, where, divided(given, where, {"east"}))
    assert first.participants == (A, C, E)
    assert second.participants == (B, D, F)
    assert [point.id for point in first.community.demand_points] == ["J1"]
    assert first.distances.schools == (A, C, E, "900000")
    # Columns 0, 2, 4, 6 of the table, row 0 of the demand.
    assert first.distances.between_schools.tolist() == [
        [0, 2, 4, 6],
        [14, 16, 18, 20],
        [28, 30, 32, 34],
        [42, 44, 46, 48],
    ]
    assert first.distances.from_demand.tolist() == [[0, 2, 4, 6]]
    assert second.distances.from_demand.tolist() == [[8, 10, 12, 13]]
    assert first.wishes.pins == {("4.1", A)}
    assert second.wishes.bans == {("4.3", D)}
    assert first.wishes.ways == {A: ("6.fair",)}
    assert first.wishes.host_numbers == second.wishes.host_numbers == {"1.1": 2}
    assert first.community.outside_partners == second.community.outside_partners == given.community.outside_partners


def test_abstaining_schools_go_with_their_township_and_stay_out() -> None:
    given = problem()
    given = community(given, schools=tuple(replace(s, participates=s.code != C) for s in given.community.schools))
    first, _ = divide(given, territory(HALVES), divided(given, territory(HALVES), {"east"}))
    assert C in first.community.school_by_code
    assert first.participants == (A, E)


def test_what_counts_in_both_plans_counts_half_in_each_to_the_person() -> None:
    """3 teachers and 101 pupils a grade of a junior high in a township that was divided: nothing is rounded."""
    given = problem(
        points=[DemandPoint("J1", "", {7: 101, 8: 101, 9: 101}, Fraction(3))],
        from_demand=[[7] * 6],
        between=np.zeros((6, 6)),
    )
    where = territory(HALVES, {"J1": ("east", "west")})
    division = divided(given, where, {"east"})
    assert demand_shares(where, "J1", division) == (Fraction(1, 2), Fraction(1, 2))
    sides = divide(given, where, division)
    travel = []
    for side in (given, *sides):
        # One host of 2.1 and one of each track, by hand: teachers and pupils (second and third year) go 7 each.
        code = side.participants[0]
        assignment = Assignment(code, {"2.1": (code,), CAREER: (code,), ACADEMIC: (code,)})
        value = audit(side, assignment).values["travel"]
        assert isinstance(value, Fraction)
        travel.append(value)
    assert travel[1] == travel[2] == travel[0] / 2
    assert travel[1].denominator in (1, 2)
    assert travel[1] + travel[2] == travel[0]


def test_half_a_point_is_half_uncovered() -> None:
    given = problem(
        points=[junior_high("J1"), junior_high("J2")],
        from_demand=[[9] * 6, [9] * 6],
        switches={"exploration_number": "within_distance"},
        exploration_within=5,
    )
    where = territory(HALVES, {"J1": ("east", "west"), "J2": ("east",)})
    first, second = divide(given, where, divided(given, where, {"east"}))
    # Two tracks, nobody within 5: 2 (1 + 1/2) on the first side, 2 (1/2) on the second.
    assert audit(first, Assignment(A, {})).values["exploration"] == (3, 0)
    assert audit(second, Assignment(B, {})).values["exploration"] == (1, 0)
    result = solve_tiers(Plan(side_with_relaxed(first), A), order=("unwilling", "exploration"), tie_break=False)
    assert result.tier("exploration").value[0] == 3  # type: ignore[index]


def side_with_relaxed(side: Problem) -> Problem:
    return side.with_rules(side.rules.with_options({"partner_includes_convener": "yes", "both_tracks": "yes"}))


def test_a_point_outside_the_territory_counts_half_in_each() -> None:
    where = territory(HALVES)
    assert demand_shares(where, "J9", Division(frozenset({"east"}), frozenset({"west"}))) == (Fraction(1, 2),) * 2


def test_a_stated_convener_is_stated_for_its_own_side_only() -> None:
    given = problem(convener=B)
    where = territory(HALVES)
    first, second = divide(given, where, divided(given, where, {"east"}), (B,))
    assert (first.wishes.convener, second.wishes.convener) == (None, B)


# ----------------------------------------------------------------------------------------------- hosted once, and caps


def once(*items: str, **switches: str) -> dict[str, str]:
    return {"scope_" + item.replace(".", "_"): "once" for item in items} | switches


def test_a_plan_without_an_item_has_no_clause_and_no_wish_about_it() -> None:
    given = problem(switches=once("2.1", "3.2"), host_numbers={"2.1": 2, "1.1": 1})
    where = territory(HALVES)
    side = side_problem(given, where, divided(given, where, {"east"}), 0, leave_out={"2.1", "3.2"})
    assert "2.1" not in side.rules.item_by_id
    assert side.rules.units["3"].items == ("3.1", "3.3")
    assert side.rules.units["3"].effort_points == given.rules.units["3"].effort_points
    assert side.wishes.host_numbers == {"1.1": 1}
    assert all({"2.1", "3.2"}.isdisjoint(getattr(clause, "items", ())) for clause in side.rules.clauses)


def test_items_hosted_once_are_tried_in_either_plan_and_stay_with_their_pins() -> None:
    given = problem(switches=once("2.1", "4.5"))
    where = territory(HALVES)
    division = divided(given, where, {"east"})
    assert len(list(placements(given, where, division))) == 4
    pinned = asked_to(given, pins=frozenset({("4.5", B)}))
    assert {out for out, _ in placements(pinned, where, division)} == {frozenset({"4.5"}), frozenset({"2.1", "4.5"})}


def test_items_with_one_host_are_hosted_in_one_plan() -> None:
    given = problem(switches=once("2.1", "2.3", six_year_same_host="must"))
    where = territory(HALVES)
    found = list(placements(given, where, divided(given, where, {"east"})))
    assert found == [(frozenset(), frozenset({"2.1", "2.3"})), (frozenset({"2.1", "2.3"}), frozenset())]


def test_an_item_hosted_once_and_twice() -> None:
    given = problem(switches=once("4.5"))
    apart = (Assignment(A, {"4.5": (C,)}), Assignment(B, {}))
    twice = (Assignment(A, {"4.5": (C,)}), Assignment(B, {"4.5": (D,)}))
    assert list(joint_violations(given, apart)) == []
    assert left_out(given, apart) == (frozenset(), frozenset({"4.5"}))
    (violation,) = joint_violations(given, twice)
    assert (violation.clause, violation.code, violation.schools) == ("scope_4_5", "split.hosted_twice", (C, D))


def test_caps_of_the_community_are_those_of_all_its_schools() -> None:
    """22 schools: 4 a track and 8 in all; with plans of 11, each alone would have 3 and 6."""
    given, where = plain_split([11, 11], switches={"exploration_basis": "community"})
    (cap,) = joint_caps(given)
    assert (cap.most_per_track, cap.most_hosts, cap.counted) == (4, 8, 22)
    sides = divide(given, where, divided(given, where, {"A"}))
    assert [Plan(side, side.participants[0]).counted for side in sides] == [22, 22]
    partners = given.with_rules(given.rules.with_options({"participants_counted": "partners"}))
    assert [cap.counted for cap in joint_caps(partners)] == [20]


def test_both_plans_share_the_caps_of_the_community() -> None:
    given, where = plain_split([11, 11], switches={"exploration_basis": "community"})
    alone, _ = plain_split([11, 11])
    both, _ = plain_split([11, 11], switches={"exploration_basis": "both"})
    number = {}
    for name, one in (("community", given), ("plan", alone), ("both", both)):
        result = solve_split(one, where, order=("unwilling", "exploration"))
        assert result.status == "optimal"
        assert result.proposal is not None
        number[name] = result.proposal.values["exploration"]
    # Plans of 11: 3 + 3 each; of the community: 4 + 4 in all; both: 6 + 6 hosts, but at most 4 + 4 in all.
    assert number == {"community": 8, "plan": 12, "both": 8}


def test_more_hosts_of_a_track_than_the_community_may_have() -> None:
    given, where = plain_split([11, 11], switches={"exploration_basis": "community"})
    division = divided(given, where, {"A"})
    first, second = (side.participants for side in divide(given, where, division))
    plans = [Assignment(group[0], {CAREER: group[1:4], ACADEMIC: group[4:6]}) for group in (first, second)]
    violations = list(joint_violations(given, plans))
    assert [(v.code, v.items, v.details["count"], v.details["most"]) for v in violations] == [
        ("split.track", (CAREER,), 6, 4),
        ("split.tracks_total", (CAREER, ACADEMIC), 10, 8),
    ]
    assert not propose(given, where, SplitWishes(), division, plans).lawful


# ------------------------------------------------------------------------------------------------------------ measures


def test_measures_of_a_division_by_hand() -> None:
    categories = {A: {"general"}, B: {"general"}, C: {"industrial"}, D: {"general", "gifted"}, E: set(), F: set()}
    given = problem(between=[[abs(i - j) * 10 for j in range(6)] for i in range(6)])
    given = community(
        given, schools=tuple(replace(s, categories=frozenset(categories[s.code])) for s in given.community.schools)
    )
    where = territory({A: "east", B: "west", C: "east", D: "west", E: "east", F: "east"})
    division = divided(given, where, {"east"})
    wishes = SplitWishes(old={A: 1, B: 0, C: 1, D: 0, E: 0, F: 0})
    # B and D lack industrial; that nobody can read "gifted" is no lack. E and F lie elsewhere than A and C: 2 moved.
    assert division_values(given, where, wishes, division) == {"categories": 1, "balance": 2, "closeness": 2}
    assert categories_missing(given, {B, D}) == ("industrial",)
    assert convener_travel(given, {A, C, E, F}, C) == 20 + 20 + 30
    unknown = community(
        given, schools=tuple(replace(s, categories=None) if s.code == D else s for s in given.community.schools)
    )
    assert categories_missing(unknown, {B, D}) == ()


def test_tiers_of_a_split_follow_those_of_one_plan_unless_named() -> None:
    given = problem()
    names = split_order(given, SplitWishes())
    assert names[-4:] == ("convener_travel", "categories", "balance", "tie_break")
    assert split_order(given, SplitWishes(old={}))[-2] == "closeness"
    assert split_order(given, SplitWishes(), ("balance",))[:2] == ("balance", "unwilling")
    assert split_order(given, SplitWishes(), ("unwilling", "categories", "travel")) == (
        "unwilling",
        "categories",
        "exploration",
        "travel",
        "convener_travel",
        "balance",
        "tie_break",
    )


def test_tie_break_of_both_plans_by_hand() -> None:
    given = problem((A, B, C, D), benchmarks=())
    where = territory({A: "east", B: "west", C: "east", D: "west"})
    division = divided(given, where, {"east"})
    word = tie_break(given, where, division, (Assignment(A, {"1.1": (C,)}), Assignment(D, {"1.1": (B,), "1.2": (D,)})))
    blocks = word.split("-")
    # Hosts of 1.1 are B and C of A, B, C, D: 0110; of 1.2 D: 0001; conveners A and D: 1001; nodes east, west: 10.
    assert (blocks[0], blocks[1], blocks[-2], blocks[-1]) == ("6", "1", "9", "8")


def test_judge_finds_what_is_wrong_with_a_proposal() -> None:
    given, where = plain_split([11, 11])
    result = solve_split(given, where)
    assert result.status == "optimal"
    assert result.proposal is not None
    assert judge(given, where, SplitWishes(), result.proposal) == ()
    plans = [side.assignment for side in result.proposal.plans]
    swapped = propose(given, where, SplitWishes(), result.proposal.division, plans[::-1])
    assert not swapped.lawful
    assert judge(given, where, SplitWishes(), swapped)
    small = given.with_rules(lowered(load_rulebook("111"), 20, 12).resolve(dict(given.rules.choice)))
    assert {found.code for found in judge(small, where, SplitWishes(), result.proposal)} == {"size"}
    stated = SplitWishes(conveners=(next(c for c in given.participants if c not in {p.convener for p in plans}),))
    again = propose(given, where, stated, result.proposal.division, plans)
    assert "split.convener_not_as_stated" in {found.code for found in judge(given, where, stated, again)}


def test_wishes_of_the_split_are_no_tiers_of_a_side() -> None:
    given, where = plain_split([11, 11], tier_order=("unwilling", "balance", "travel"))
    side = side_problem(given, where, divided(given, where, {"A"}), 0)
    assert side.wishes.tier_order == ("unwilling", "travel")


@pytest.mark.parametrize("share", [0, -1, 2])
def test_a_share_is_part_of_one(share: int) -> None:
    with pytest.raises(ValueError, match="share"):
        DemandPoint("J1", share=Fraction(share))


def test_units_of_two_plans_by_the_programmes_arithmetic() -> None:
    """21 schools: 19 units become 32; 22: 32, or 34 as 11 + 11."""
    for sizes, units in (([13, 8], 32), ([11, 11], 34), ([14, 8], 32), ([11, 10], 32)):
        given, where = plain_split(sizes)
        result = solve_split(given, where, order=("unwilling", "exploration", "overload", "load"))
        assert result.proposal is not None
        assert result.proposal.sizes == tuple(sizes)
        hosted = [side.assignment.units_of(side.plan.rules) for side in result.proposal.plans]
        load = given.rules.load_units
        assert sum(unit in load for plan in hosted for own in plan.values() for unit in own) == units


def test_distances_need_no_demand_at_all() -> None:
    given = problem((A, B))
    where = territory({A: "east", B: "west"})
    side = side_problem(given, where, divided(given, where, {"east"}), 0)
    assert isinstance(side.distances, Distances)
    assert side.distances.from_demand.shape == (0, 1)
    assert side.wishes == Wishes()


def test_rules_of_a_side_keep_what_is_left_out_under_other_switches() -> None:
    given = problem(switches=once("2.1"))
    where = territory(HALVES)
    side = side_problem(given, where, divided(given, where, {"east"}), 0, leave_out={"2.1"})
    assert "2.1" not in side.rules.with_options({"both_tracks": "yes"}).item_by_id
    assert with_rules(given, load_rulebook("111")).rules.once_in_community == ("2.1",)
