"""A division without a lawful pair of plans: what collides in either, and what is given up once for both."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from models.community import Problem
from models.concessions import Concession
from models.split.allowed import lawful_divisions
from models.split.evaluate import evaluate
from models.split.explain import PairExplanation, why_no_pair
from models.split.measures import split_order
from models.split.values import Division, Proposal, SplitWishes, Territory
from tests.models.handmade import runs
from tests.models.splits import plain_split, random_split
from tests.oracles.split import _of_division
from tests.oracles.ways_out import give_up


def code(k: int) -> str:
    return f"{k:06d}"


def only_division(problem: Problem, territory: Territory) -> Division:
    (division,) = lawful_divisions(problem, territory, SplitWishes())
    return division


def told(found: PairExplanation) -> list[tuple[int, set[tuple[str, str]]]]:
    return [(int(way.price), {(gone.kind, gone.key) for gone in way.gives_up}) for way in found.ways]


def test_what_collides_in_one_plan_is_mended_there() -> None:
    problem, territory = plain_split([10, 11])
    first = [code(k) for k in range(1, 11)]
    problem = replace(problem, wishes=replace(problem.wishes, bans=frozenset(("2.1", c) for c in first)))
    found = why_no_pair(problem, territory, SplitWishes(), only_division(problem, territory), most=1)
    assert [len(own) for own in found.collisions] == [1, 0]
    assert told(found) == [(3, {("ban", "2.1")})]
    assert not found.complete and not found.cheapest_complete
    for way in found.ways:
        assert isinstance(way.proposal, Proposal)
        assert all(plan.audit.ok for plan in way.proposal.plans)


def test_a_number_that_no_plan_can_have_becomes_one_that_both_can() -> None:
    problem, territory = plain_split([10, 11], host_numbers={"2.1": 12})
    division = only_division(problem, territory)
    found = why_no_pair(problem, territory, SplitWishes(), division, offered=(), with_plans=False)
    assert [len(own) for own in found.collisions] == [1, 1]
    (way,) = found.ways
    assert [(gone.kind, gone.number) for gone in way.gives_up] == [("host_number", 10)]


def test_a_relaxation_is_paid_for_once() -> None:
    """Only the convener of either plan could host the information platform, and no other school convenes."""
    problem, territory = plain_split([10, 11])
    schools = tuple(
        school
        if school.code in (code(1), code(11))
        else replace(school, willingness={**school.willingness, "4.2": "cannot", "convener": "cannot"})
        for school in problem.community.schools
    )
    problem = replace(problem, community=replace(problem.community, schools=schools))
    division = only_division(problem, territory)
    found = why_no_pair(problem, territory, SplitWishes(), division, most=1, with_plans=False)
    assert told(found) == [(20, {("cannot", "4.2")})]
    problem = replace(problem, rules=dear(problem))
    found = why_no_pair(problem, territory, SplitWishes(), division, most=1, with_plans=False)
    assert told(found) == [(40, {("relaxation", "R1")})]
    assert found.ways[0].problem.rules.option("partner_includes_convener") == "yes"


def dear(problem: Problem) -> object:
    """Rules under which what schools answered is dearer than any reading."""
    book = problem.rules.rulebook
    cannot = book.prices.cannot.model_copy(update={"value": 100})
    book = book.model_copy(update={"prices": book.prices.model_copy(update={"cannot": cannot})})
    return book.resolve(dict(problem.rules.choice))


@pytest.mark.parametrize("seed", runs(1, 60))
def test_ways_out_of_a_pair_are_minimal(seed: int) -> None:
    """By the oracle of the split: with all of it a pair of plans, with less of it none."""
    problem, territory, wishes, division = colliding(seed)
    found = why_no_pair(problem, territory, wishes, division, most=3)
    assert [way.price for way in found.ways] == sorted(way.price for way in found.ways)
    for way in found.ways:
        assert way.proposal is not None and all(plan.audit.ok for plan in way.proposal.plans)
        assert has_pair(problem, territory, wishes, division, way.gives_up)
        for size in range(len(way.gives_up)):
            for part in itertools.combinations(way.gives_up, size):
                assert not has_pair(problem, territory, wishes, division, part)


def colliding(seed: int) -> tuple[Problem, Territory, SplitWishes, Division]:
    attempt = 0
    while True:
        rng = random.Random(f"split explain {seed} {attempt}")
        attempt += 1
        problem, territory, wishes = random_split(rng.randrange(10**6), schools=(5, 7))
        if problem.rules.option("exploration_number") == "within_distance" or problem.wishes.tolerances:
            continue
        codes = list(problem.participants)
        item = rng.choice(("2.1", "2.3", "4.1", "4.3", "4.5"))
        bans = {*problem.wishes.bans, *((item, c) for c in codes if rng.random() < 0.8)}
        pins = {*problem.wishes.pins, ("4.2", rng.choice(codes)), ("4.2", rng.choice(codes))}
        problem = replace(problem, wishes=replace(problem.wishes, bans=frozenset(bans), pins=frozenset(pins)))
        for division in itertools.islice(lawful_divisions(problem, territory, wishes), 3):
            refusals = evaluate(problem, territory, wishes, division)
            if isinstance(refusals, tuple) and not has_pair(problem, territory, wishes, division, ()):
                return problem, territory, wishes, division


def has_pair(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    division: Division,
    gone: tuple[Concession, ...],
) -> bool:
    left = give_up(problem, gone)
    return _of_division(left, territory, wishes, split_order(left, wishes, ()), division.first, {}) is not None
