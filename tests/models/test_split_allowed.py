"""When a split is allowed, which divisions are lawful, and what is in the way where none is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from models.community import Problem
from models.split.allowed import division_refusals, lawful_divisions, may_split
from models.split.evaluate import evaluate
from models.split.problems import divided, groups_of
from models.split.remedies import divisible_candidates, reasons, remedies
from models.split.solving import solve_split
from models.split.values import Refusal, SplitWishes, Territory
from tests.models.handmade import asked_to, community, runs
from tests.models.splits import plain_split, random_split
from tests.oracles import split as oracle


def codes(refusals: Sequence[Refusal]) -> list[str]:
    return [refusal.code for refusal in refusals]


def school(k: int) -> str:
    return f"{k:06d}"


def said(problem: Problem, code: str, **changes: Any) -> Problem:
    """The problem with one school changed."""
    schools = tuple(replace(s, **changes) if s.code == code else s for s in problem.community.schools)
    return community(problem, schools=schools)


def remedy_keys(problem: Problem, where: Territory, wishes: SplitWishes | None = None) -> list[tuple[Any, ...]]:
    """Remedies in short; each of them lawful."""
    found = []
    for remedy in remedies(problem, where, wishes, order=("unwilling",)):
        assert remedy.proposal.lawful
        details = remedy.details
        found.append((remedy.code, *(v for k, v in details.items() if k not in ("instead_of",))))
    return found


# ------------------------------------------------------------------------------------------------------------- the law


def test_twenty_schools_are_refused_with_the_clause_and_nothing_is_offered() -> None:
    problem, where = plain_split([10, 10])
    (refusal,) = may_split(problem, where)
    assert (refusal.code, refusal.clause) == ("too_few_schools", "plan.split")
    assert dict(refusal.details) == {"count": 20, "above": 20, "counts": "participants", "n": 20}
    result = solve_split(problem, where)
    assert (result.status, result.refusals) == ("refused", (refusal,))
    assert remedies(problem, where) == ()


def test_without_the_convener_twenty_one_schools_are_twenty() -> None:
    problem, where = plain_split([10, 11], switches={"split_threshold": "partners"})
    (refusal,) = may_split(problem, where)
    assert (refusal.code, refusal.details["count"], refusal.details["n"]) == ("too_few_schools", 20, 21)
    assert remedy_keys(problem, where) == [("switch", "split_threshold", "participants")]


def test_abstaining_and_barred_schools_do_not_count() -> None:
    problem, where = plain_split([10, 11])
    assert may_split(problem, where) == ()
    assert codes(may_split(said(problem, school(1), participates=False), where)) == ["too_few_schools"]
    assert codes(may_split(said(problem, school(1), barred=True), where)) == ["too_few_schools"]


def test_a_learning_area_has_one_plan() -> None:
    problem, where = plain_split([10, 11])
    problem = community(problem, learning_area=True)
    assert codes(may_split(problem, where)) == ["learning_area"]
    assert remedies(problem, where) == ()


@pytest.mark.parametrize(
    ("n", "counts", "pairs"),
    [
        (21, "participants", 3),
        (22, "participants", 4),
        (24, "participants", 5),
        (28, "participants", 7),
        (30, "participants", 8),
        (21, "partners", 2),
        (22, "partners", 3),
        (24, "partners", 4),
        (30, "partners", 7),
    ],
)
def test_sizes_of_two_plans(n: int, counts: str, pairs: int) -> None:
    """On a line of townships with one school each every lawful size occurs, from either end."""
    problem, where = plain_split([1] * n, switches={"plan_size": counts})
    listed = lawful_divisions(problem, where)
    sizes = {tuple(sorted(map(len, groups_of(problem, where, division)))) for division in listed}
    assert sizes == {tuple(sorted(pair)) for pair in problem.rules.split.sizes(n)}
    assert len(sizes) == pairs
    assert len(listed) == 2 * pairs - (n % 2 == 0)


# ------------------------------------------------------------------------------------------------ no lawful division


def test_a_township_that_is_too_heavy_is_named() -> None:
    problem, where = plain_split([14, 4, 3])
    result = solve_split(problem, where)
    assert (result.status, result.divisions) == ("infeasible", 0)
    (refusal,) = reasons(problem, where)
    assert (refusal.code, refusal.clause, refusal.nodes) == ("node_too_heavy", "plan.split", ("A",))
    assert dict(refusal.details) == {"count": 14, "rest": 7, "least": 8, "n": 21}
    assert refusal.schools == tuple(school(k) for k in range(1, 15))
    assert divisible_candidates(problem, where) == ("A", "B", "C")
    assert remedies(problem, where) == ()


def test_sizes_that_no_set_of_townships_makes() -> None:
    """7 + 7 + 7: a plan has 7 or 14 schools."""
    problem, where = plain_split([7, 7, 7])
    (refusal,) = reasons(problem, where)
    assert (refusal.code, refusal.nodes) == ("sizes_unreachable", ("A", "B", "C"))
    assert (refusal.details["nearest"], refusal.details["rest"]) == (7, 14)


def test_sizes_that_only_loose_pieces_make() -> None:
    """5 - 11 - 5 on a line: 10 + 11 is possible, but the ten lie at both ends."""
    problem, where = plain_split([5, 11, 5])
    assert lawful_divisions(problem, where).items == ()
    (refusal,) = reasons(problem, where)
    assert (refusal.code, refusal.clause) == ("pieces_and_sizes", "plan_connectedness")
    assert (refusal.details["pieces"], refusal.details["most"]) == (1, 2)
    assert remedy_keys(problem, where) == [("switch", "plan_connectedness", "free")]


def test_islands_may_go_to_either_plan_but_no_new_piece_may_arise() -> None:
    """A mainland 8 - 5 - 5 and an island of 4: the island makes no piece of its own."""
    problem, where = plain_split([8, 5, 5, 4], links=[(0, 1), (1, 2)])
    first = {frozenset(division.first) for division in lawful_divisions(problem, where)}
    assert first == {frozenset("A"), frozenset("AD"), frozenset("AB")}
    refusals = division_refusals(problem, where, SplitWishes(), divided(problem, where, {"A", "C"}))
    assert codes(refusals) == ["pieces"]
    # A | C and B | D: four pieces, where three are allowed; C is cut off from A.
    assert (refusals[0].details["pieces"], refusals[0].details["most"], refusals[0].nodes) == (4, 3, ("C",))


def test_a_community_in_three_pieces_has_no_two_connected_plans() -> None:
    problem, where = plain_split([9, 8, 5], links=[], switches={"plan_connectedness": "every_plan"})
    (refusal,) = reasons(problem, where)
    assert (refusal.code, refusal.clause) == ("too_many_pieces", "plan_connectedness")
    assert refusal.details["parts"] == (("A",), ("B",), ("C",))
    assert remedy_keys(problem, where) == [
        ("switch", "plan_connectedness", "one_piece_more"),
        ("switch", "plan_connectedness", "free"),
    ]


def test_a_community_in_three_pieces_is_divided_by_default() -> None:
    problem, where = plain_split([9, 8, 5], links=[])
    result = solve_split(problem, where)
    assert result.status == "optimal"
    assert result.proposal is not None
    assert result.proposal.pieces == 3


def test_two_parts_of_a_territory_are_not_both_cut() -> None:
    """Two islands of two townships each: one may be cut, not both; the smaller half of each is named."""
    problem, where = plain_split([6, 4, 7, 5], links=[(0, 1), (2, 3)])
    (refusal,) = division_refusals(problem, where, SplitWishes(), divided(problem, where, {"A", "D"}))
    assert (refusal.code, refusal.nodes) == ("pieces", ("B", "D"))


# ---------------------------------------------------------------------------------------- benchmark schools, conveners


def test_one_benchmark_school_in_each_plan_convenes_it() -> None:
    problem, where = plain_split([10, 11], benchmarks={0: 1, 1: 1})
    result = solve_split(problem, where)
    assert result.status == "optimal"
    assert result.proposal is not None
    assert [side.convener for side in result.proposal.plans] == [school(1), school(11)]


def test_two_benchmark_schools_in_one_township_cannot_have_a_plan_each() -> None:
    problem, where = plain_split([10, 11], benchmarks={0: 2})
    (refusal,) = may_split(problem, where)
    assert (refusal.code, refusal.clause) == ("benchmarks_together_same_node", "benchmark_split")
    assert (refusal.schools, refusal.nodes) == ((school(1), school(2)), ("A",))
    assert remedy_keys(problem, where) == [("switch", "benchmark_split", "both_in_one")]


def test_both_in_one_plan_and_the_other_elects() -> None:
    problem, where = plain_split([8, 5, 8], benchmarks={0: 1, 2: 1})
    assert {division.first for division in lawful_divisions(problem, where)} == {frozenset("A"), frozenset("AB")}
    problem, where = plain_split([8, 5, 8], benchmarks={0: 1, 2: 1}, switches={"benchmark_split": "both_in_one"})
    (refusal,) = reasons(problem, where)
    assert refusal.code == "ties_without_division"
    assert [tie[1] for tie in refusal.details["ties"]] == ["benchmarks_apart"]


def test_of_three_benchmark_schools_two_convene_and_one_hosts_its_four() -> None:
    problem, where = plain_split([7, 7, 8], benchmarks={0: 1, 1: 1, 2: 1})
    result = solve_split(problem, where)
    assert result.proposal is not None
    assert result.proposal.lawful
    for side in result.proposal.plans:
        assert side.convener in side.plan.problem.benchmarks
        for code in side.plan.problem.benchmarks:
            assert all(code in side.assignment.hosts_of(item) for item in ("1.1", "1.2", "1.3", "1.4"))


def test_three_benchmark_schools_do_not_all_lie_in_one_plan() -> None:
    problem, where = plain_split([8, 5, 8], benchmarks={0: 3})
    assert codes(may_split(problem, where)) == ["benchmarks_together_same_node"]
    problem, where = plain_split([4, 4, 13], benchmarks={0: 2, 1: 1})
    (refusal,) = division_refusals(problem, where, SplitWishes(), divided(problem, where, {"C"}))
    assert (refusal.code, refusal.clause) == ("benchmarks_together", "benchmark_split")


def test_a_single_benchmark_school_convenes_its_plan_and_the_other_elects() -> None:
    problem, where = plain_split([10, 11], benchmarks={1: 1})
    result = solve_split(problem, where)
    assert result.proposal is not None
    assert result.proposal.plans[1].convener == school(11)
    assert result.proposal.plans[0].convener == school(1)


def test_stated_conveners_lie_apart_and_convene() -> None:
    problem, where = plain_split([8, 5, 8])
    wishes = SplitWishes(conveners=(school(3), school(10)))
    result = solve_split(problem, where, wishes)
    assert result.proposal is not None
    assert result.proposal.division.first == frozenset("A")
    assert [side.convener for side in result.proposal.plans] == [school(3), school(10)]
    scenario = asked_to(problem, convener=school(9))
    found = solve_split(scenario, where)
    assert found.proposal is not None
    assert school(9) in {side.convener for side in found.proposal.plans}


def test_three_conveners_are_refused_and_one_less_is_offered() -> None:
    problem, where = plain_split([8, 5, 8], convener=school(20))
    wishes = SplitWishes(conveners=(school(1), school(10)))
    (refusal,) = may_split(problem, where, wishes)
    assert (refusal.code, refusal.clause) == ("three_conveners", "plan.split")
    assert (refusal.schools, dict(refusal.details)) == ((school(1), school(10), school(20)), {"count": 3, "most": 2})
    assert solve_split(problem, where, wishes).status == "refused"
    assert remedy_keys(problem, where, wishes) == [
        ("wish", "convener", (school(1),)),
        ("wish", "convener", (school(10),)),
        ("wish", "scenario_convener", (school(20),)),
    ]


def test_two_conveners_in_one_township() -> None:
    problem, where = plain_split([8, 5, 8])
    (refusal,) = may_split(problem, where, SplitWishes(conveners=(school(1), school(2))))
    assert (refusal.code, refusal.nodes) == ("conveners_together_same_node", ("A",))


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({"participates": False}, "convener_no_participant", "plan.convener"),
        ({"barred": True}, "convener_barred", "plan.barred"),
        ({"willingness": {"convener": "cannot"}}, "convener_cannot", "school.cannot"),
    ],
)
def test_a_convener_that_may_not(changes: Mapping[str, Any], code: str, clause: str) -> None:
    problem, where = plain_split([9, 5, 8])
    problem = said(problem, school(1), **changes)
    (refusal,) = may_split(problem, where, SplitWishes(conveners=(school(1),)))
    assert (refusal.code, refusal.clause, refusal.schools) == (code, clause, (school(1),))


def test_no_convener_displaces_a_benchmark_school() -> None:
    problem, where = plain_split([8, 5, 8], benchmarks={0: 1})
    both = may_split(problem, where, SplitWishes(conveners=(school(10), school(20))))
    assert codes(both) == ["conveners_no_benchmark"]
    wishes = SplitWishes(conveners=(school(10),))
    assert {d.first for d in lawful_divisions(problem, where, wishes)} == {frozenset("A")}
    (refusal,) = division_refusals(problem, where, wishes, divided(problem, where, {"A", "B"}))
    assert (refusal.code, refusal.clause) == ("convener_beside_benchmark", "plan.benchmark_convenes")


# -------------------------------------------------------------------------------------------------------------- wishes


def test_together_and_apart() -> None:
    problem, where = plain_split([8, 5, 8])
    together = SplitWishes(together=((school(1), school(9)),))
    assert {d.first for d in lawful_divisions(problem, where, together)} == {frozenset("AB")}
    apart = SplitWishes(apart=((school(1), school(9)),))
    assert {d.first for d in lawful_divisions(problem, where, apart)} == {frozenset("A")}


def test_wishes_that_contradict_each_other_are_named() -> None:
    problem, where = plain_split([8, 5, 8])
    wishes = SplitWishes(together=((school(1), school(9)),), apart=((school(2), school(10)),))
    (refusal,) = may_split(problem, where, wishes)
    assert refusal.code == "contradiction"
    assert set(refusal.details["ties"]) == {"together", "apart"}
    assert refusal.schools == (school(1), school(2), school(9), school(10))
    assert remedy_keys(problem, where, wishes) == [
        ("wish", "together", (school(1), school(9))),
        ("wish", "apart", (school(2), school(10))),
    ]


def test_three_schools_cannot_all_lie_apart() -> None:
    problem, where = plain_split([8, 5, 8])
    a, b, c = school(1), school(9), school(14)
    (refusal,) = may_split(problem, where, SplitWishes(apart=((a, b), (b, c), (a, c))))
    assert (refusal.code, refusal.schools) == ("contradiction", (a, b, c))


def test_a_wish_that_no_division_keeps_is_blamed_alone() -> None:
    """The ends of the line together: the middle would be cut off. The other wish has no part in it."""
    problem, where = plain_split([8, 5, 8])
    guilty, innocent = (school(1), school(14)), (school(1), school(2))
    wishes = SplitWishes(together=(innocent, guilty))
    assert solve_split(problem, where, wishes).status == "infeasible"
    (refusal,) = reasons(problem, where, wishes)
    assert refusal.code == "ties_without_division"
    assert [tie[3] for tie in refusal.details["ties"]] == [guilty]
    assert remedy_keys(problem, where, wishes) == [("wish", "together", guilty)]


def test_a_plan_that_is_kept() -> None:
    problem, where = plain_split([8, 5, 8])
    kept = frozenset(school(k) for k in range(14, 22))
    result = solve_split(problem, where, SplitWishes(kept=kept))
    assert result.proposal is not None
    assert result.proposal.division.second == frozenset("C")
    assert codes(may_split(problem, where, SplitWishes(kept=kept - {school(14)}))) == ["kept_size", "kept_node_cut"]
    assert codes(may_split(problem, where, SplitWishes(kept=frozenset({"999999"})))) == ["school_unknown"]
    ends = frozenset(school(k) for k in (*range(1, 9), *range(14, 22)))
    assert codes(may_split(problem, where, SplitWishes(kept=ends))) == ["kept_size"]


def test_apart_in_one_township() -> None:
    problem, where = plain_split([8, 5, 8])
    (refusal,) = may_split(problem, where, SplitWishes(apart=((school(1), school(2)),)))
    assert (refusal.code, refusal.nodes) == ("apart_same_node", ("A",))


# -------------------------------------------------------------------------------------------------------------- duties


def test_duties_that_collide_on_every_division_are_named_with_the_relaxation_that_helps() -> None:
    """Nobody in township B can host the information platform: only the convener there would be left."""
    problem, where = plain_split([10, 11])
    for k in range(12, 22):
        problem = said(problem, school(k), willingness={"4.2": "cannot", "convener": "cannot"})
    result = solve_split(problem, where)
    assert (result.status, result.divisions) == ("infeasible", 1)
    found = reasons(problem, where)
    assert codes(found) == ["duties_everywhere", "duties"]
    assert found[1].details["side"] == 1
    assert set(found[1].details["clauses"]) >= {"4.hosts", "school.cannot"}
    assert remedy_keys(problem, where)[0] == ("relaxation", ("R1",))
    division = lawful_divisions(problem, where).items[0]
    refusals = evaluate(problem, where, SplitWishes(), division)
    assert isinstance(refusals, tuple)
    assert codes(refusals) == ["duties"]


# ---------------------------------------------------------------------------------------------------------- enumeration


@pytest.mark.parametrize("seed", runs(30, 1500))
def test_lawful_divisions_are_those_of_enumeration(seed: int) -> None:
    """Up to nodes that carry nothing; and each division that is not listed is refused with a reason."""
    problem, where, wishes = random_split(seed, schools=(5, 10), nodes=(3, 8))
    if may_split(problem, where, wishes):
        return
    carrying = {node for nodes in where.demand_nodes.values() for node in nodes}
    carrying |= {where.school_node[code] for code in problem.participants}
    expected = {frozenset(first & carrying) for first in oracle.lawful_sides(problem, where, wishes)}
    listed = lawful_divisions(problem, where, wishes)
    assert listed.complete
    assert {frozenset(division.first & carrying) for division in listed} == expected
    assert len(listed) == len(expected)
    for division in listed:
        assert division_refusals(problem, where, wishes, division) == ()
    for node in where.graph:
        division = divided(problem, where, {node})
        refused = bool(division_refusals(problem, where, wishes, division))
        lawful = division.first in set(oracle.lawful_sides(problem, where, wishes))
        assert refused != lawful


@pytest.mark.parametrize("seed", runs(30, 1000))
def test_reasons_are_given_exactly_where_there_is_no_division(seed: int) -> None:
    problem, where, wishes = random_split(seed, schools=(5, 10), nodes=(2, 5))
    above = len(problem.participants) - (problem.rules.option("split_threshold") == "partners") > 4
    division = above and any(True for _ in oracle.lawful_sides(problem, where, wishes))
    found = [code for code in codes(reasons(problem, where, wishes)) if not code.startswith(("duties", "no_convener"))]
    asked = {code for code in found if code.startswith("convener_")}
    assert bool(found) != division or asked  # a convener that cannot convene is refused before any division


def test_a_limit_on_the_list_is_told() -> None:
    problem, where = plain_split([1] * 24)
    listed = lawful_divisions(problem, where, limit=3)
    assert (len(listed), listed.complete) == (3, False)
