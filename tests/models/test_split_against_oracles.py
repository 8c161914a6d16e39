"""The best split is that of full enumeration over all sets of townships, both plans solved by the oracles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from models.audit import equal_values
from models.community import Problem
from models.split.measures import split_order
from models.split.proposals import judge
from models.split.solving import solve_split
from models.split.values import SplitResult, SplitWishes, Territory
from tests.models.handmade import in_units, runs
from tests.models.splits import SPLIT_SWITCHES, random_split
from tests.oracles import judge as oracle_judge
from tests.oracles import split as oracle

#: Seeds of every run: optimal, refused and infeasible; ranked and free conveners; items hosted once; an old division.
SLICE = (2, 4, 5, 9, 12, 22, 34)


def assert_same_values(result: SplitResult, expected: Mapping[str, Any]) -> None:
    assert result.proposal is not None
    plan = result.proposal.plans[0].plan
    for tier in result.tiers:
        if tier.name == "tie_break":
            continue
        theirs = expected[tier.name]
        assert equal_values(tier.value, in_units(plan, theirs) if tier.name == "load" else theirs), tier.name
        assert equal_values(tier.bound, tier.value), tier.name


def assert_as_enumerated(problem: Problem, territory: Territory, wishes: SplitWishes) -> SplitResult:
    names = split_order(problem, wishes)
    ours = solve_split(problem, territory, wishes, method="one_by_one")
    if ours.status == "refused":
        best, count = oracle.best_split(problem, territory, wishes, names)
        above = len(problem.participants) - (problem.rules.option("split_threshold") == "partners")
        assert above <= problem.rules.split.above_schools or best is None
        return ours
    best, count = oracle.best_split(problem, territory, wishes, names)
    # Nodes that carry nothing multiply the divisions of the oracle, never ours.
    assert (ours.divisions or 0) <= count
    if best is None:
        assert ours.status == "infeasible"
        return ours
    assert ours.status == "optimal"
    assert ours.proposal is not None
    assert_same_values(ours, best.values)
    assert ours.proposal.division.first == best.first
    assert tuple(side.assignment for side in ours.proposal.plans) == best.assignments
    assert not judge(problem, territory, wishes, ours.proposal)
    for side in ours.proposal.plans:
        assert side.audit.ok
        # The judge of one plan does not know what two plans share.
        alone = not problem.rules.once_in_community and problem.rules.option("exploration_basis") != "community"
        assert not alone or oracle_judge.broken(side.plan.problem, side.assignment) == set()
    return ours


@pytest.mark.parametrize("seed", [*(pytest.param(seed, id=f"slice-{seed}") for seed in SLICE), *runs(0, 60)])
def test_best_split_is_that_of_full_enumeration(seed: int) -> None:
    assert_as_enumerated(*random_split(seed))


@pytest.mark.parametrize("seed", runs(2, 30))
def test_plain_communities_too(seed: int) -> None:
    """Plain communities nearly always have a plan, so that this compares splits and not refusals."""
    problem, territory, _ = random_split(1000 + seed, features=False)
    assert_as_enumerated(problem, territory, SplitWishes())


@pytest.mark.parametrize(
    ("switch", "option"),
    [
        # The community's caps take the oracle long; `test_shared_caps_bind` is the slice of them. What is
        # hosted once is read alike for several items: the slice has one.
        pytest.param(
            switch,
            option,
            marks=[pytest.mark.campaign] if option == "community" or (option, switch) > ("once", "scope_2_1") else [],
        )
        for switch, other in SPLIT_SWITCHES.items()
        for option in other
    ],
)
def test_every_switch_of_the_split_is_read_as_the_oracle_reads_it(switch: str, option: str) -> None:
    problem, territory, _ = random_split(2003, features=False, schools=(6, 6), rules_changes={switch: option})
    assert_as_enumerated(problem, territory, SplitWishes())


def narrow_bands(problem: Problem, top: int) -> Problem:
    """Bands of two hosts of each track from three schools on, and `top` from six on."""
    book = problem.rules.rulebook
    clauses = []
    for clause in book.clauses:
        if clause.kind == "track_cap":
            bands = ((1, 2, 1), (3, 5, 2), (6, None, top))
            clause = clause.model_copy(
                update={
                    "bands": tuple(
                        clause.bands[0].model_copy(
                            update={
                                "participants_from": first,
                                "participants_to": last,
                                "most_hosts": 2 * most,
                                "most_per_track": most,
                            }
                        )
                        for first, last, most in bands
                    )
                }
            )
        clauses.append(clause)
    return problem.with_rules(book.model_copy(update={"clauses": tuple(clauses)}).resolve(dict(problem.rules.choice)))


SHARED_CAPS: tuple[dict[str, str], ...] = (
    {"exploration_basis": "community"},
    {"exploration_basis": "both"},
    {"exploration_basis": "community", "participants_counted": "partners"},
    {"exploration_basis": "community", "exploration_number": "fewest", "exploration_presence": "exactly_cap"},
)


@pytest.mark.parametrize("seed", runs(0, 12))
@pytest.mark.parametrize("switches", SHARED_CAPS, ids=lambda switches: "-".join(switches.values()))
def test_caps_that_both_plans_share_bind_as_the_oracle_has_it(switches: dict[str, str], seed: int) -> None:
    """Plans of three schools could have two hosts of each track; together they may have three."""
    problem, territory, _ = random_split(
        4000 + seed, features=False, schools=(6, 6), nodes=(3, 4), rules_changes=switches
    )
    assert_as_enumerated(narrow_bands(problem, 3), territory, SplitWishes())


def test_shared_caps_bind() -> None:
    """In one of these communities, looked at by the oracle in every run."""
    problem, territory, _ = random_split(
        4002, features=False, schools=(5, 5), nodes=(3, 3), rules_changes={"exploration_basis": "both"}
    )
    narrow = narrow_bands(problem, 2)
    free = solve_split(narrow.with_rules(narrow.rules.with_options({"exploration_basis": "plan"})), territory)
    bound = assert_as_enumerated(narrow, territory, SplitWishes())
    assert free.proposal is not None
    assert bound.proposal is not None
    # Two schools have one host of each track, three have two; together they may have two of each.
    assert (free.proposal.values["exploration"], bound.proposal.values["exploration"]) == (6, 4)
