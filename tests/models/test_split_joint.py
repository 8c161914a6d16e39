"""The table of all divisions: no bound exceeds what a solver finds, and it finds what every division apart gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.split import split_problem
from models.community import Problem
from models.convener import choose_convener
from models.engine import Engine
from models.split import joint_table
from models.split.allowed import lawful_divisions
from models.split.joint_family import Family
from models.split.joint_loads import LoadBounds
from models.split.joint_table import search_table
from models.split.joint_travel import Prices, TravelBounds
from models.split.measures import split_order
from models.split.one_by_one import search
from models.split.problems import side_problem
from models.split.solving import Forbidden, solve_split
from models.split.values import SplitResult, SplitWishes, Territory
from models.stopping import Limits, Stop
from tests.models.handmade import some
from tests.models.splits import plain_split, random_split

#: Tiers that have a column of bounds.
BOUNDED = ("unwilling", "exploration", "overload", "load")


def columns(loads: LoadBounds, row: int) -> list[int]:
    """Bounds of a division, most important first."""
    return [int(number) for name in BOUNDED for number in loads.columns[name][row]]


def numbers(loads: LoadBounds, values: Mapping[str, Any]) -> list[int]:
    """What a pair of plans is worth, as the bounds say it."""
    result: list[int] = []
    for name in BOUNDED:
        own = loads.of_values(name, values[name])
        assert own is not None
        result += own
    return result


def solved(problem: Problem, territory: Territory, wishes: SplitWishes, family: Family, row: int) -> Any:
    """Values of the best pair of one division, up to travel; None when it has none."""
    names = split_order(problem, wishes)
    cut = names[: names.index("travel") + 1]
    found = search(problem, territory, wishes, [family.division(row)], Engine(), cut)
    return found.proposals[0].values if found.proposals else None


def same(one: SplitResult, other: SplitResult) -> None:
    """Two engines give the same answer, to the last digit and the last host."""
    assert one.status == other.status
    if one.proposal is None or other.proposal is None:
        assert one.proposal is other.proposal is None
        return
    assert dict(one.proposal.values) == dict(other.proposal.values)
    assert one.proposal.division == other.proposal.division
    assert [plan.assignment for plan in one.proposal.plans] == [plan.assignment for plan in other.proposal.plans]
    assert [(t.name, t.value, t.bound, t.status) for t in one.tiers] == [
        (t.name, t.value, t.bound, t.status) for t in other.tiers
    ]


# ----------------------------------------------------------------------------------------------- the list of divisions


@pytest.mark.parametrize("seed", range(12))
def test_the_family_is_the_lawful_divisions_each_once(seed: int) -> None:
    problem, territory, wishes = random_split(seed, nodes=(4, 7))
    family, complete = Family.listed(problem, territory, wishes)
    expected = lawful_divisions(problem, territory, wishes)
    assert complete is expected.complete is True
    assert {family.division(row) for row in range(len(family))} == set(expected)
    assert len(family) == len(expected)


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_the_family_ranks_conveners_as_one_plan_does(seed: int) -> None:
    problem, territory = split_problem(seed, 25, 12, own_coordinates=True)
    family, _ = Family.listed(problem, territory, SplitWishes())
    for row in range(0, len(family), 7):
        for side in (0, 1):
            own = side_problem(problem, territory, family.division(row), side)
            members = tuple(c for c, there in zip(family.codes, family.members(side)[row], strict=True) if there)
            assert members == own.participants
            assert family.codes[family.conveners[side][row]] == choose_convener(own)[0].code


def test_shares_of_a_junior_high_of_two_nodes_are_halves() -> None:
    problem, territory = plain_split([11, 10], seed=3)
    point = problem.community.demand_points[0].id
    territory = replace(territory, demand_nodes={**territory.demand_nodes, point: ("A", "B")})
    family, _ = Family.listed(problem, territory, SplitWishes())
    assert len(family) == 1
    assert family.shares(0, [point]).tolist() == family.shares(1, [point]).tolist() == [[1]]


# ----------------------------------------------------------------------------------------------------- bounds of loads


def test_loads_of_a_plain_community_come_out_by_arithmetic() -> None:
    # 13 schools share 17 units: four of them have two; 8 schools share 15: seven have two. Nobody has a base load.
    problem, territory = plain_split([13, 8])
    family, _ = Family.listed(problem, territory, SplitWishes())
    assert len(family) == 1
    loads = LoadBounds(family, split_order(problem, SplitWishes()))
    reached = {level: int(n) for level, n in zip(loads.levels[::-1], loads.columns["load"][0], strict=True) if n}
    assert reached == {Fraction(2): 11, Fraction(1): 10}
    assert loads.columns["exploration"].tolist() == [[-(6 + 4)]]
    assert loads.columns["unwilling"].tolist() == [[0]]
    assert loads.columns["overload"].tolist() == [[11]]  # each carries one point by itself


@pytest.mark.parametrize("scale", ["band", "exact", "points"])
def test_bounds_of_loads_are_what_the_solver_finds_in_lifelike_communities(scale: str) -> None:
    problem, territory = split_problem(5, 25, 12, own_coordinates=False, scale=scale)
    wishes = SplitWishes()
    family, _ = Family.listed(problem, territory, wishes)
    family = family.only(np.arange(0, len(family), 3))
    loads = LoadBounds(family, split_order(problem, wishes))
    found = [solved(problem, territory, wishes, family, row) for row in range(len(family))]
    exact = [columns(loads, row) == numbers(loads, values) for row, values in enumerate(found)]
    assert all(columns(loads, row) <= numbers(loads, values) for row, values in enumerate(found))
    assert sum(exact) >= len(exact) - 1


def check_bounds(seed: int) -> int:
    """No bound exceeds what is found; how many divisions were compared."""
    problem, territory, wishes = random_split(seed, schools=(6, 11), nodes=(3, 6))
    problem = replace(problem, wishes=replace(problem.wishes, tolerances={}))
    if problem.rules.option("exploration_number") == "within_distance":
        return 0
    family, _ = Family.listed(problem, territory, wishes)
    names = split_order(problem, wishes)
    if not len(family) or any(names.index(a) > names.index(b) for a, b in pairwise(BOUNDED)):
        return 0
    loads = LoadBounds(family, names)
    travel = TravelBounds(loads)
    compared = 0
    for row in range(len(family)):
        values = solved(problem, territory, wishes, family, row)
        if values is None:
            continue
        compared += 1
        bound, value = columns(loads, row), numbers(loads, values)
        assert bound <= value
        if bound == value and travel.possible:
            for other in range(0, len(family), 3):
                travel.apply(travel.prices(other), np.array([row]))
            travel.apply(travel.prices(row), np.array([row]))
            assert travel.best[row] <= float(values["travel"])
    return compared


@pytest.mark.parametrize("seed", some(range(30, 42), 6))
def test_no_bound_exceeds_what_is_found(seed: int) -> None:
    check_bounds(seed)


@pytest.mark.campaign
def test_no_bound_exceeds_what_is_found_in_many_communities() -> None:
    assert sum(check_bounds(seed) for seed in range(1000, 1200)) > 300


# ---------------------------------------------------------------------------------------------------- bounds of travel


@pytest.mark.parametrize("own_coordinates", [False, True])
def test_the_relaxation_of_travel_is_below_the_value_and_close_to_it(own_coordinates: bool) -> None:
    problem, territory = split_problem(3, 25, 12, own_coordinates)
    wishes = SplitWishes()
    family, _ = Family.listed(problem, territory, wishes)
    family = family.only(np.arange(0, len(family), 5))
    loads = LoadBounds(family, split_order(problem, wishes))
    travel = TravelBounds(loads)
    close = 0
    for row in range(len(family)):
        values = solved(problem, territory, wishes, family, row)
        travel.apply(travel.prices(row), np.arange(len(family)))
        if columns(loads, row) == numbers(loads, values):
            assert travel.best[row] <= float(values["travel"])
            close += travel.best[row] > 0.95 * float(values["travel"])
    assert close >= len(family) - 2


def _sides() -> tuple[TravelBounds, list[float]]:
    problem, territory = split_problem(5, 25, 12, own_coordinates=False)
    wishes = SplitWishes()
    family, _ = Family.listed(problem, territory, wishes)
    loads = LoadBounds(family, split_order(problem, wishes))
    values = [solved(problem, territory, wishes, family, row) for row in range(len(family))]
    bound_is_exact = [columns(loads, row) == numbers(loads, own) for row, own in enumerate(values)]
    worth = [float(own["travel"]) if exact else 1e18 for own, exact in zip(values, bound_is_exact, strict=True)]
    return TravelBounds(loads), worth


@pytest.fixture(scope="module")
def sides() -> tuple[TravelBounds, list[float]]:
    return _sides()


@given(seed=st.integers(0, 10**6), size=st.floats(0, 1e6), tilt=st.floats(-1e5, 1e5))
def test_no_prices_ever_give_a_bound_above_the_value(
    sides: tuple[TravelBounds, list[float]], seed: int, size: float, tilt: float
) -> None:
    travel, worth = sides
    rng = np.random.default_rng(seed)
    best = travel.prices(seed % len(worth))
    prices = Prices(
        best.demand + rng.normal(size=len(best.demand)) * size, best.school + rng.normal(size=len(best.school)) * tilt
    )
    travel.apply(prices, np.arange(len(worth)))
    assert (travel.best <= np.array(worth)).all()


# ---------------------------------------------------------------------------------------------- the same as one by one


@pytest.mark.parametrize("seed", some(range(60, 72), 6))
def test_the_table_finds_what_every_division_apart_gives(seed: int) -> None:
    problem, territory, wishes = random_split(seed)
    same(
        solve_split(problem, territory, wishes, method="one_by_one"),
        solve_split(problem, territory, wishes, method="table"),
    )


@pytest.mark.campaign
def test_the_table_finds_what_every_division_apart_gives_in_many_communities() -> None:
    for seed in range(2000, 2200):
        problem, territory, wishes = random_split(seed, schools=(5, 12), nodes=(3, 7))
        same(
            solve_split(problem, territory, wishes, method="one_by_one"),
            solve_split(problem, territory, wishes, method="table"),
        )


@pytest.mark.parametrize("scale", some(["band", "exact", "points"], 1))
def test_the_table_agrees_in_a_lifelike_community(scale: str) -> None:
    problem, territory = split_problem(11, 25, 12, own_coordinates=True, scale=scale)
    same(solve_split(problem, territory, method="one_by_one"), solve_split(problem, territory, method="table"))


def test_what_is_forbidden_is_kept_away_from() -> None:
    problem, territory = split_problem(11, 25, 12, own_coordinates=False)
    first = solve_split(problem, territory)
    assert first.proposal is not None
    group = frozenset(first.proposal.plans[0].plan.participants)
    forbid = (Forbidden(group, 4),)
    other = solve_split(problem, territory, forbid=forbid)
    assert other.status == "optimal"
    assert other.proposal is not None
    moved = len(group ^ frozenset(other.proposal.plans[0].plan.participants))
    assert min(moved, 25 - moved) >= 4
    same(other, solve_split(problem, territory, method="one_by_one", forbid=forbid))


def test_a_plan_whose_first_in_the_ranking_cannot_lead_is_led_by_the_next() -> None:
    # Everybody but two schools of the first plan says it cannot host any of 4.1; the ranking's first is one of the two.
    problem, territory = plain_split([10, 11])
    codes = [school.code for school in problem.community.schools]
    schools = tuple(
        replace(school, willingness={**school.willingness, "4.1": "cannot"}) if school.code in codes[1:10] else school
        for school in problem.community.schools
    )
    problem = replace(problem, community=replace(problem.community, schools=schools))
    apart = solve_split(problem, territory, method="one_by_one")
    assert apart.proposal is not None
    assert apart.proposal.plans[0].convener == codes[1]
    same(apart, solve_split(problem, territory, method="table"))


# --------------------------------------------------------------------------------------------------- stopped, repeated


@cache
def forty_schools() -> tuple[Problem, Territory, SplitResult]:
    """Many divisions, and the best of them."""
    problem, territory = split_problem(2, 40, 24, own_coordinates=False)
    best = solve_split(problem, territory)
    assert best.status == "optimal"
    return problem, territory, best


def test_a_stopped_table_gives_a_lawful_pair_and_bounds_that_hold() -> None:
    problem, territory, best = forty_schools()
    stopped = solve_split(problem, territory, engine=Engine(Limits(work=0.01)))
    assert stopped.status == "feasible"
    assert stopped.proposal is not None
    assert best.proposal is not None
    assert stopped.proposal.lawful
    for tier in stopped.tiers:
        optimum = best.proposal.values[tier.name]
        if tier.status == "optimal":
            assert tier.value == optimum
        elif tier.name == "travel" and tier.bound is not None:
            assert isinstance(tier.bound, Fraction)
            assert isinstance(optimum, Fraction)
            assert tier.bound <= optimum


@pytest.mark.parametrize("work", [0.22, pytest.param(0.26, marks=pytest.mark.campaign)])
def test_a_search_that_is_stopped_among_many_divisions_still_bounds_travel(
    work: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, territory, best = forty_schools()
    monkeypatch.setattr(joint_table, "_BATCH", 64)  # so few are too many to be looked at together
    assert best.proposal is not None
    optimum = best.proposal.values["travel"]
    stopped = solve_split(problem, territory, engine=Engine(Limits(work=work)))
    tiers = {tier.name: tier for tier in stopped.tiers}
    assert tiers["load"].status == "optimal"
    bound = tiers["travel"].bound
    assert isinstance(bound, Fraction)
    assert isinstance(optimum, Fraction)
    assert 0 < bound <= optimum


def test_a_stop_asked_for_before_the_start_is_obeyed() -> None:
    problem, territory = split_problem(2, 40, 24, own_coordinates=False)
    stop = Stop()
    stop.set()
    result = solve_split(problem, territory, engine=Engine(stop=stop))
    assert result.status in ("stopped", "feasible")


def test_the_table_gives_the_same_answer_twice() -> None:
    problem, territory = split_problem(7, 25, 12, own_coordinates=False, scale="points")
    family, _ = Family.listed(problem, territory, SplitWishes())
    names = split_order(problem, SplitWishes())
    first, second = (search_table(family, Engine(), names) for _ in range(2))
    assert first.proposals[0].values == second.proposals[0].values
    assert first.proposals[0].division == second.proposals[0].division


@pytest.mark.parametrize("seed", some([2, 4], 1))
def test_windows_find_a_lawful_pair_and_claim_no_more_than_they_know(seed: int) -> None:
    problem, territory = split_problem(seed, 25, 12, own_coordinates=seed == 4, scale="points")
    best = solve_split(problem, territory, method="table")
    found = solve_split(problem, territory, method="windows")
    assert found.status == "feasible"
    assert found.proposal is not None
    assert best.proposal is not None
    assert found.proposal.lawful
    assert not found.proposal.proven
    for tier in found.tiers:
        if tier.status == "optimal":
            assert tier.value == best.proposal.values[tier.name]
        if tier.name == "travel" and tier.bound is not None:
            assert 0 < tier.bound <= best.proposal.values["travel"]  # type: ignore[operator]
    travel = found.proposal.values["travel"], best.proposal.values["travel"]
    if found.proposal.values["load"] == best.proposal.values["load"]:
        assert travel[0] >= travel[1]  # type: ignore[operator]
