"""Wishes about a split that leave no division: what to drop, against the enumeration of all sets."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection

import pytest

from models.community import Problem
from models.split.values import SplitWishes, Territory
from models.split.wishes import SplitWish, WishesToDrop, wishes_to_drop, without_wishes
from tests.models.handmade import runs
from tests.models.splits import plain_split, random_split
from tests.oracles.split import lawful_sides


def code(k: int) -> str:
    return f"{k:06d}"


def has_division(problem: Problem, territory: Territory, wishes: SplitWishes, dropped: Collection[SplitWish]) -> bool:
    left, asked = without_wishes(problem, wishes, dropped)
    return next(iter(lawful_sides(left, territory, asked)), None) is not None


def many_wishes(seed: int) -> tuple[Problem, Territory, SplitWishes]:
    """A small community with a few wishes about its split."""
    rng = random.Random(f"split wishes {seed}")
    problem, territory, _ = random_split(rng.randrange(10**6), features=False)
    codes = list(problem.participants)
    wishes = SplitWishes(
        together=tuple(tuple(sorted(rng.sample(codes, 2))) for _ in range(rng.randint(1, 3))),
        apart=tuple((a, b) for a, b in (sorted(rng.sample(codes, 2)) for _ in range(rng.randint(1, 3)))),
        conveners=tuple(rng.sample(codes, rng.randint(0, 2))),
        kept=frozenset(rng.sample(codes, rng.randint(2, len(codes) - 2))) if rng.random() < 0.3 else None,
    )
    return problem, territory, wishes


@pytest.mark.parametrize("seed", runs(12, 300))
def test_sets_to_drop_are_those_of_enumeration(seed: int) -> None:
    problem, territory, wishes = many_wishes(seed)
    found = wishes_to_drop(problem, territory, wishes, most=1000)
    every = wishes_of(problem, wishes)
    minimal: list[frozenset[SplitWish]] = []
    for size in range(len(every) + 1):
        for dropped in map(frozenset, itertools.combinations(every, size)):
            if not any(smaller <= dropped for smaller in minimal) and has_division(problem, territory, wishes, dropped):
                minimal.append(dropped)
    assert {frozenset(way) for way in found.ways} == set(minimal)
    assert found.complete
    prices = [sum(wish.price for wish in way) for way in found.ways]
    assert prices == sorted(prices)
    assert_irreducible(problem, territory, wishes, found)


def wishes_of(problem: Problem, wishes: SplitWishes) -> list[SplitWish]:
    prices = problem.rules.rulebook.prices
    every = [SplitWish("together", group, prices.pin.value) for group in wishes.together]
    every += [SplitWish("apart", pair, prices.pin.value) for pair in wishes.apart]
    every += [SplitWish("convener", (c,), prices.convener.value) for c in wishes.conveners]
    if wishes.kept is not None:
        every.append(SplitWish("kept", tuple(sorted(wishes.kept)), prices.pin.value))
    if problem.wishes.convener is not None:
        every.append(SplitWish("scenario_convener", (problem.wishes.convener,), prices.convener.value))
    return list(dict.fromkeys(every))


def assert_irreducible(problem: Problem, territory: Territory, wishes: SplitWishes, found: WishesToDrop) -> None:
    every = set(wishes_of(problem, wishes))
    for collision in found.collisions:
        assert not has_division(problem, territory, wishes, every - set(collision))
        for wish in collision:
            assert has_division(problem, territory, wishes, (every - set(collision)) | {wish})
    for one, other in itertools.combinations(found.collisions, 2):
        assert set(one).isdisjoint(other)


def test_a_township_in_the_middle_cannot_be_apart_from_both_its_neighbours() -> None:
    problem, territory = plain_split([8, 5, 8])
    a, b, c = code(1), code(9), code(14)
    found = wishes_to_drop(problem, territory, SplitWishes(apart=((a, b), (b, c), (a, c))))
    assert [{wish.schools for wish in collision} for collision in found.collisions] == [{(a, b), (b, c)}]
    assert sorted(tuple(wish.schools for wish in way) for way in found.ways) == [((a, b),), ((b, c),)]


def test_without_a_division_no_wish_is_to_blame() -> None:
    problem, territory = plain_split([10, 4])
    found = wishes_to_drop(problem, territory, SplitWishes(together=((code(1), code(2)),)))
    assert (found.collisions, found.ways, found.complete) == (((),), (), True)
