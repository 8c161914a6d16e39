"""Tiers, assignment and convener are those of two other ways to solve the same problem.

`tests.oracles.mip` is a mixed integer program in HiGHS and `tests.oracles.brute` an enumeration; both were written from
docs/semantics.md without a look at the product's clauses and objectives.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from models.audit import audit, equal_values
from models.community import Assignment, Plan, Problem
from models.convener import choose_convener
from models.rulebook import Rulebook
from models.tiers import NoPlan, TiersResult, solve_tiers
from tests.communities import PLAN_SWITCHES, random_problem
from tests.models.handmade import asked_to, in_units, runs
from tests.oracles import brute, judge, mip


def solved(problem: Problem) -> TiersResult | None:
    """Our answer, its convener chosen by us; None when there is provably no lawful plan."""
    convener = choose_convener(problem)[0].code
    try:
        result = solve_tiers(Plan(problem, convener))
    except NoPlan as none:
        assert none.proven
        return None
    assert result.proven
    return result


def assert_values(problem: Problem, result: TiersResult, expected: Mapping[str, Any]) -> None:
    plan = Plan(problem, result.assignment.convener)
    for name, value in expected.items():
        ours = result.tier(name).value
        assert equal_values(ours, in_units(plan, value) if name == "load" else value), name


def assert_lawful(problem: Problem, assignment: Assignment) -> None:
    judgement = audit(problem, assignment)
    assert judgement.ok, [finding for finding in judgement.findings if not finding.ok]
    assert judge.broken(problem, assignment) == set()


def assert_agree_with_mip(problem: Problem) -> None:
    ours, theirs = solved(problem), mip.solve_tiers(problem)
    if ours is None:
        assert theirs.status == "infeasible"
        return
    assert theirs.status == "optimal"
    assert_lawful(problem, ours.assignment)
    assert_values(problem, ours, theirs.values)
    assert ours.assignment == theirs.assignment


def with_other_efforts(problem: Problem, seed: int) -> Problem:
    """The same with work of many sizes, so that loads are packed and not only counted."""
    rng, book = random.Random(seed), problem.rules.rulebook

    def under(entry: Any) -> Any:
        sizes = (Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3))
        return entry if not entry.effort_points else entry.model_copy(update={"effort_points": rng.choice(sizes)})

    fields = {name: getattr(book, name) for name in Rulebook.model_fields}
    changed = {"items": tuple(map(under, book.items)), "units": tuple(map(under, book.units))}
    # Made anew: a copy would keep what the old one has worked out.
    return problem.with_rules(Rulebook.model_construct(**{**fields, **changed}).resolve(dict(problem.rules.choice)))


@pytest.mark.parametrize("seed", runs(6, 100))
def test_work_of_different_size_is_spread_as_a_second_solver_spreads_it(seed: int) -> None:
    assert_agree_with_mip(with_other_efforts(random_problem(seed, 3 + seed % 7), seed))


@pytest.mark.parametrize("seed", runs(16, 200))
def test_second_solver_finds_the_same_plan(seed: int) -> None:
    assert_agree_with_mip(random_problem(seed, 1 + seed % 14))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", runs(2, 40))
def test_brute_force_finds_the_same_plan(seed: int, n: int) -> None:
    problem = random_problem(500 + seed, n)
    ours, best = solved(problem), brute.best(problem)
    if ours is None or best is None:
        assert (ours, best) == (None, None)
        return
    values, assignment = best
    assert_values(problem, ours, values)
    assert ours.assignment == assignment


@pytest.mark.parametrize(
    ("switch", "option"), [(switch, option) for switch, other in PLAN_SWITCHES.items() for option in other]
)
@pytest.mark.parametrize(("seed", "n"), [(4, 6), pytest.param(3, 7, marks=pytest.mark.campaign)])
def test_second_solver_reads_every_switch_alike(switch: str, option: str, seed: int, n: int) -> None:
    assert_agree_with_mip(random_problem(seed, n, rules_changes={switch: option}))


@pytest.mark.parametrize("seed", runs(8, 200))
def test_without_features_second_solver_finds_the_same_plan(seed: int) -> None:
    """Plain communities nearly always have a plan, so that this compares plans and not refusals."""
    problem = random_problem(seed, 3 + seed % 12, features=False)
    assert solved(problem) is not None
    assert_agree_with_mip(problem)


@pytest.mark.parametrize("seed", runs(8, 100))
def test_other_orders_of_the_aims(seed: int) -> None:
    """The oracle counts unwilling hosts only where the order does; so here they come first, and the rest anyhow."""
    drawn = random_problem(1000 + seed, 2 + seed % 9, tier_order=True)
    order = ("unwilling", *(tier for tier in drawn.wishes.tier_order if tier != "unwilling"))
    problem = asked_to(drawn, tier_order=order)
    ours = solved(problem)
    assert ours is None or tuple(tier.name for tier in ours.tiers) == order
    assert_agree_with_mip(problem)


@pytest.mark.parametrize("seed", runs(8, 100))
def test_exploration_adds_no_unwilling_host_whatever_the_order(seed: int) -> None:
    """Its number is that among the plans with the fewest unwilling hosts, even where these are counted later."""
    problem = random_problem(1000 + seed, 2 + seed % 9, tier_order=True)
    ours = solved(problem)
    if ours is None:
        return
    order = problem.wishes.tier_order
    before = order[: order.index("exploration")]
    if "unwilling" not in before:
        before = (*before, "unwilling")
    theirs = mip.solve_tiers(problem, order=(*before, "exploration"))
    assert equal_values(ours.tier("exploration").value, theirs.values["exploration"])


@pytest.mark.parametrize("seed", runs(8, 100))
def test_tolerances(seed: int) -> None:
    problem = random_problem(2000 + seed, 2 + seed % 8, tolerances=True)
    assert_agree_with_mip(problem)


def test_seeds_meet_both_answers() -> None:
    """The slice is worth its name: most of its communities have a plan, some have none."""
    plans = [solved(random_problem(seed, 1 + seed % 14)) for seed in range(16)]
    assert 2 <= plans.count(None) <= 6
