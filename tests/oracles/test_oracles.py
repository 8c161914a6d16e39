"""The oracles agree with one another, and with the arithmetic that the programme's rules give."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

import pytest

from models.community import Assignment, Problem
from tests.communities import PLAN_SWITCHES, benchmark_problem, plain_problem, random_problem
from tests.models.handmade import runs
from tests.oracles import brute, judge, mip

#: (participants, benchmark schools) -> units, least possible largest number of them on a school
ARITHMETIC = {
    (1, 0): (13, 13), (2, 0): (13, 7), (3, 0): (13, 5), (4, 0): (13, 4), (5, 0): (13, 3),
    (6, 0): (15, 3), (7, 0): (15, 3), (8, 0): (15, 2), (10, 0): (15, 2), (11, 0): (17, 2), (15, 0): (17, 2),
    (16, 0): (19, 2), (18, 0): (19, 2), (19, 0): (19, 1), (25, 0): (19, 1),
    (3, 1): (17, 6), (4, 1): (17, 5), (5, 1): (17, 4), (6, 1): (19, 4), (10, 1): (19, 4), (15, 1): (21, 4),
    (18, 1): (23, 4), (25, 1): (23, 4),
    (3, 2): (21, 8), (4, 2): (21, 6), (5, 2): (21, 5), (7, 2): (23, 4), (10, 2): (23, 4), (15, 2): (25, 4),
    (25, 2): (27, 4),
}  # fmt: skip
LEAST_EXPLORATION = {3: 5, 4: 4, 5: 3, 6: 3, 7: 2, 12: 2, 13: 1, 20: 1}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", runs(4, 12))
def test_mip_and_brute_force_find_the_same_plan(n: int, seed: int) -> None:
    _agree(random_problem(seed, n, tier_order=seed % 4 == 3))


@pytest.mark.parametrize("seed", runs(2, 8))
def test_mip_and_brute_force_find_the_same_plan_of_five(seed: int) -> None:
    _agree(random_problem(100 + seed, 5))


@pytest.mark.parametrize(
    ("switch", "option"), [(switch, option) for switch, other in PLAN_SWITCHES.items() for option in other]
)
@pytest.mark.parametrize(("seed", "n"), [(2, 3), pytest.param(1, 4, marks=pytest.mark.campaign)])
def test_mip_and_brute_force_read_every_switch_alike(switch: str, option: str, seed: int, n: int) -> None:
    _agree(random_problem(seed, n, rules_changes={switch: option}))


def _agree(problem) -> None:
    expected = brute.best(problem)
    found = mip.solve_tiers(problem)
    if expected is None:
        assert found.status == "infeasible"
        return
    values, assignment = expected
    assert judge.lawful(problem, assignment)
    assert found.values == values == judge.values(problem, assignment)
    assert found.assignment == assignment


@pytest.mark.parametrize(("n", "benchmarks"), ARITHMETIC)
@pytest.mark.parametrize("scale", ["points", pytest.param("exact", marks=pytest.mark.campaign)])
def test_arithmetic_of_the_mip(n: int, benchmarks: int, scale: str) -> None:
    problem = plain_problem(n, benchmarks, scale=scale)
    load = mip.solve_tiers(problem, order=("unwilling", "exploration", "load")).values["load"]
    assert (sum(load), max(load)) == ARITHMETIC[n, benchmarks]


@pytest.mark.parametrize(("n", "benchmarks"), [key for key in ARITHMETIC if key[0] <= 5])
def test_arithmetic_of_the_brute_force(n: int, benchmarks: int) -> None:
    found = brute.best(plain_problem(n, benchmarks))
    assert found is not None
    load = found[0]["load"]
    assert (sum(load), max(load)) == ARITHMETIC[n, benchmarks]


def test_three_schools_with_two_benchmarks_and_the_convener_a_partner() -> None:
    problem = plain_problem(3, 2, rules_changes={"partner_includes_convener": "yes"})
    assert mip.solve_tiers(problem).values["load"][0] == 7


@pytest.mark.parametrize("n", LEAST_EXPLORATION)
def test_arithmetic_with_the_least_exploration(n: int) -> None:
    problem = plain_problem(n, exploration_number="fewest")
    load = mip.solve_tiers(problem, order=("unwilling", "exploration", "load")).values["load"]
    assert (sum(load), max(load)) == (13, LEAST_EXPLORATION[n])


@pytest.mark.parametrize(
    ("n", "benchmarks", "switches"),
    [
        (1, 0, {"partner_includes_convener": "no"}),
        (1, 0, {"both_tracks": "no"}),
        (1, 0, {"community_learning_partner": "needed"}),
        (1, 1, {"benchmark_serves": "no"}),
        (2, 0, {"partner_includes_convener": "no"}),
        (2, 2, {"benchmark_serves": "no"}),
    ],
)
def test_small_communities_need_the_relaxations(n: int, benchmarks: int, switches: dict[str, str]) -> None:
    assert mip.solve_tiers(plain_problem(n, benchmarks)).status == "optimal"
    problem = plain_problem(n, benchmarks, rules_changes=switches)
    assert mip.solve_tiers(problem).status == "infeasible"
    assert brute.best(problem) is None


@pytest.mark.parametrize("seed", runs(3, 6))
def test_no_single_change_betters_a_plan(seed: int) -> None:
    """At sizes beyond the brute force: every lawful neighbour of the MIP's plan comes after it."""
    problem = random_problem(seed, 9)
    found = mip.solve_tiers(problem)
    if found.assignment is None:
        return
    best = judge.rank(problem, found.assignment)
    rng = random.Random(seed)
    neighbours = _neighbours(found.assignment, problem.participants)
    for neighbour in rng.sample(neighbours, min(150, len(neighbours))):
        if judge.lawful(problem, neighbour):
            assert judge.rank(problem, neighbour) > best


def _neighbours(plan: Assignment, schools: tuple[str, ...]) -> list[Assignment]:
    """Plans in which one host, or the host of the bundle, or of both items of 2, is another school."""
    bundles = [(item,) for item in plan.hosts] + [("3.1", "3.2", "3.3"), ("2.1", "2.3")]
    result = []
    for bundle in bundles:
        for old in plan.hosts_of(bundle[0]):
            for new in schools:
                if new not in plan.hosts_of(bundle[0]):
                    moved = {i: (*(c for c in plan.hosts_of(i) if c != old), new) for i in bundle}
                    result.append(Assignment(plan.convener, {**plan.hosts, **moved}, plan.ways))
    return result


@pytest.mark.parametrize("seed", range(6))
def test_tolerances_are_kept_and_used(seed: int) -> None:
    problem = random_problem(seed, 5, tolerances=True)
    found = mip.solve_tiers(problem)
    if found.assignment is None:
        return
    for tier, value in found.values.items():
        slack = problem.wishes.tolerances.get(tier, Fraction(0))
        if slack:
            assert found.optima[tier] <= value <= found.optima[tier] * (1 + slack)
        else:
            assert value == found.optima[tier]


@pytest.mark.parametrize("own_coordinates", [False, True])
def test_communities_for_measuring_have_plans(own_coordinates: bool) -> None:
    for n in (6, 12, 20):
        problem = benchmark_problem(0, n, own_coordinates)
        assert len(problem.participants) == n
        assert mip.solve_tiers(problem).status == "optimal"


def test_same_seed_same_community() -> None:
    one, other = random_problem(7, 12), random_problem(7, 12)
    assert one.community == other.community
    assert one.wishes == other.wishes
    assert one.rules == other.rules
    assert (one.distances.between_schools == other.distances.between_schools).all()


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"3.2": ("000002",)}, "3.bundle"),
        ({"3.1": ("000001",), "3.2": ("000001",), "3.3": ("000001",)}, "3.partner"),
        ({"4.1": ("000002", "000003")}, "4.hosts"),
        ({"4.4.career": ("000002",), "4.4.academic": ("000002",)}, "4.4.one_track"),
        ({"4.4.career": ()}, "4.4.presence"),
        ({"4.4.career": ("000002", "000003", "000004")}, "4.4.cap"),
        ({"5.3": ("000001",)}, "5.partner"),
        ({"5.3": ("000002",)}, "5.convener"),
        ({"2.2": ("000002",)}, "planner.host_number"),
        ({"6": ("000002",)}, "6.only_benchmark"),
        ({"2.1": ("999999",)}, "plan.members"),
    ],
)
def test_judge_names_the_clause(change: dict[str, tuple[str, ...]], clause: str) -> None:
    problem, plan = _plan_of_six()
    if clause == "3.bundle":
        change = {"3.2": tuple(c for c in problem.participants[1:] if c not in plan.hosts_of("3.1"))[:1]}
    assert judge.lawful(problem, plan)
    worse = Assignment(plan.convener, {**plan.hosts, **change}, plan.ways)
    assert clause in judge.broken(problem, worse)


@cache
def _plan_of_six() -> tuple[Problem, Assignment]:
    problem = plain_problem(6)
    plan = mip.solve_tiers(problem).assignment
    assert plan is not None
    return problem, plan
