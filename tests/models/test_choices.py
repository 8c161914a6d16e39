"""The front, the optimal plans and what they share are those of an enumeration; further plans keep their tolerances."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest

from models.audit import equal_values
from models.choices import DifferentPlan, Front, different_plans, front, optimal_plans
from models.community import Plan, Problem
from models.engine import Engine
from models.stopping import Limits
from models.tiers import NoPlan, solve_tiers
from tests.communities import benchmark_problem, random_problem
from tests.models.handmade import A, asked_to, in_units, problem, runs
from tests.oracles import choices, judge


def plan_of(given: Problem) -> Plan:
    return Plan(given, str(given.wishes.convener))


def small(seed: int) -> Problem:
    """Mostly communities with a plan, every third with all features; the last ones have six schools and none."""
    return random_problem(700 + seed, 6 if seed >= 80 else 2 + seed % 4, features=seed % 3 == 2 and seed < 80)


def in_order(given: Problem, first: str, second: str) -> Problem:
    order = [tier for tier in given.rules.rulebook.tiers.order if tier != second]
    return asked_to(given, tier_order=(*order[: order.index(first) + 1], second, *order[order.index(first) + 1 :]))


def assert_front(given: Problem) -> None:
    plan, expected = plan_of(given), choices.front(given)
    if expected is None:
        with pytest.raises(NoPlan):
            front(plan)
        return
    found = front(plan)
    assert found.complete
    assert [(p.largest_load, p.travel) for p in found.points] == [
        (*in_units(plan, [level]), travel) for level, travel in expected
    ]
    for point in (*found.points, found.chosen):
        assert judge.broken(given, point.result.assignment) == set()
    assert found.chosen.result.assignment == solve_tiers(plan).assignment


@pytest.mark.parametrize("seed", runs(5, 100))
def test_front_is_that_of_an_enumeration(seed: int) -> None:
    assert_front(small(seed))


@pytest.mark.parametrize("seed", runs(2, 40))
def test_front_keeps_the_aims_before_travel_where_travel_comes_before_the_loads(seed: int) -> None:
    """With nothing between the two, the chosen plan is the end of the front that travels least."""
    after = "overload" if seed % 2 else "exploration"
    given = in_order(small(seed), after, "travel")
    assert_front(given)
    with contextlib.suppress(NoPlan):
        found = front(plan_of(given))
        assert found.chosen_on_front or after == "exploration"
        assert found.chosen.travel == found.points[-1].travel


def spread() -> Problem:
    """Six schools on a line: hosting at one end is far for all, so that spreading duties costs travel."""
    places = (0, 1, 2, 3, 4, 50)
    return problem(between=[[abs(a - b) * 10 for a in places] for b in places], convener=A)


def test_a_plan_that_is_solved_already_is_not_solved_again() -> None:
    plan = plan_of(spread())
    solved = solve_tiers(plan)
    first, second = Engine(), Engine()
    assert points_of(front(plan, first)) == points_of(front(plan, second, result=solved))
    assert second.solves < first.solves
    assert different_plans(plan, 1, result=solved)[0].result is solved


def test_a_grid_says_which_levels_it_left_out() -> None:
    given = spread()
    whole = front(plan_of(given))
    few = front(plan_of(given), grid=1)
    assert len(whole.points) > 2
    assert whole.not_examined == ()
    assert not few.complete
    assert set(few.not_examined) >= {p.largest_load for p in whole.points[1:-1]}
    assert points_of(few) <= points_of(whole)


def points_of(found: Front) -> set[tuple[Fraction, Fraction]]:
    return {(point.largest_load, point.travel) for point in found.points}


def test_a_stopped_front_says_so_and_keeps_lawful_plans() -> None:
    plan = plan_of(benchmark_problem(1, 9, True))
    found = front(plan, Engine(Limits(work=1e-3)))
    assert found.stopped
    assert not found.complete
    assert all(point.audit.ok for point in found.points)


def assert_optima(given: Problem) -> None:
    plan, expected = plan_of(given), choices.optima(given)
    if expected is None:
        with pytest.raises(NoPlan):
            optimal_plans(plan)
        return
    found = optimal_plans(plan, most=50)
    assert found.proven
    assert found.undecided == ()
    assert found.complete == (found.count == expected.count)
    assert found.complete or found.count <= expected.count
    assert frozenset(found.always) == expected.always
    assert frozenset(found.sometimes) == expected.ever - expected.always
    assert len(set(map(repr, found.plans))) == len(found.plans) == min(found.count, 50)
    assert found.chosen == solve_tiers(plan).assignment
    best = judge.values(given, found.chosen)
    for other in found.plans[1:]:
        assert judge.broken(given, other) == set()
        values = judge.values(given, other)
        assert all(equal_values(values[tier], best[tier]) for tier in best if tier != "tie_break")


@pytest.mark.parametrize("seed", runs(5, 100))
def test_optimal_plans_and_their_backbone_are_those_of_an_enumeration(seed: int) -> None:
    assert_optima(small(seed))


def test_three_schools_alike_leave_only_the_free_partner_open() -> None:
    """Nothing tells B and C apart, so that any optimal plan has a twin with the two exchanged."""
    found = optimal_plans(plan_of(problem((A, "B", "C"), convener=A)))
    assert found.complete
    assert found.count % 2 == 0
    assert all((item, A) in found.always for item in ("5.1", "5.2", "5.3", "5.4", "5.5"))
    assert {("4.5", "B"), ("4.5", "C")} <= set(found.sometimes)


@pytest.mark.parametrize("seed", runs(3, 40))
def test_different_plans_keep_the_tolerances_and_the_distance_they_name(seed: int) -> None:
    given = random_problem(800 + seed, 3 + seed % 8, features=seed % 2 == 1)
    plan, share = plan_of(given), Fraction(1, 5)
    try:
        found = different_plans(plan, 3, {"travel": share, "load": share, "exploration": share})
    except NoPlan:
        return
    best = found[0].audit.values
    for k, other in enumerate(found):
        values = other.audit.values
        assert values["travel"] <= best["travel"] * (1 + share)
        assert all(ours <= first * (1 + share) for ours, first in zip(values["load"], best["load"], strict=True))
        assert all(values[tier] <= best[tier] for tier in ("unwilling", "overload", "preference"))
        assert all(ours <= first for ours, first in zip(values["separate"], best["separate"], strict=True))
        away = [apart(other, before) for before in found[:k]]
        assert other.distance == min(away, default=0)
        assert other.farthest
    distances = [other.distance for other in found[1:]]
    assert distances == sorted(distances, reverse=True)


def apart(one: DifferentPlan, other: DifferentPlan) -> int:
    first, second = (
        {
            (item, code)
            for item, codes in p.result.assignment.hosts.items()
            if item not in ("3.2", "3.3")
            for code in codes
        }
        for p in (one, other)
    )
    return len(first ^ second)


def test_among_optimal_plans_only_the_farthest_twin_is_taken() -> None:
    """Without tolerance further plans are optimal ones; with two, the second is the only other."""
    plan = plan_of(benchmark_problem(0, 9, True))
    assert optimal_plans(plan).count == 2
    found = different_plans(plan, 5)
    assert len(found) == 2
    assert {repr(p.result.assignment) for p in found} == {repr(p) for p in optimal_plans(plan).plans}
