"""Which wishes about a split leave no lawful division, and the cheapest of them to drop.

Wishes are few and each question is a listing of divisions, so the sets to drop are found as implicit hitting sets: the
cheapest set that takes a wish out of every known collision is tried; if there is still no division, what is left holds
another collision, which is shrunk and remembered (Davies and Bacchus 2011).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Literal

from ortools.sat.python import cp_model

from models.community import Problem
from models.engine import Engine
from models.split.allowed import lawful_divisions, may_split
from models.split.values import SplitWishes, Territory
from models.stopping import StoppedBy

__all__ = ["SplitWish", "WishesToDrop", "wishes_to_drop", "without_wishes"]


@dataclass(frozen=True)
class SplitWish:
    """One wish about a split, at its price in the rulebook: that of a pin, or of another convener.

    Parameters
    ----------
    kind : {"together", "apart", "kept", "convener", "scenario_convener"}
    schools : tuple of str
    price : Fraction
    """

    kind: Literal["together", "apart", "kept", "convener", "scenario_convener"]
    schools: tuple[str, ...]
    price: Fraction


@dataclass(frozen=True)
class WishesToDrop:
    """Why wishes leave no division, and what to drop.

    Parameters
    ----------
    collisions : tuple of tuple of SplitWish
        Wishes that leave no division together, though any of them could be dropped for one; no wish stands in two. An
        empty one: without any wish there is no division either (`models.split.remedies.reasons` says why).
    ways : tuple of tuple of SplitWish
        Sets to drop, the cheapest first; with less than the whole set dropped there is no division. Duties may still
        collide on every division (`models.split.explain`).
    complete : bool
        There is no other set.
    stopped_by : {"work", "time", "person"} or None
    """

    collisions: tuple[tuple[SplitWish, ...], ...]
    ways: tuple[tuple[SplitWish, ...], ...]
    complete: bool
    stopped_by: StoppedBy | None = None


def without_wishes(
    problem: Problem, wishes: SplitWishes, dropped: Collection[SplitWish]
) -> tuple[Problem, SplitWishes]:
    """The problem and the wishes that are left when some wishes are dropped."""
    gone = {(wish.kind, wish.schools) for wish in dropped}
    if any(kind == "scenario_convener" for kind, _ in gone):
        problem = replace(problem, wishes=replace(problem.wishes, convener=None))
    kept = wishes.kept
    left = replace(
        wishes,
        together=tuple(group for group in wishes.together if ("together", tuple(group)) not in gone),
        apart=tuple(pair for pair in wishes.apart if ("apart", tuple(pair)) not in gone),
        conveners=tuple(code for code in wishes.conveners if ("convener", (code,)) not in gone),
        kept=None if kept is not None and ("kept", tuple(sorted(kept))) in gone else kept,
    )
    return problem, left


def wishes_to_drop(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    engine: Engine | None = None,
    *,
    most: int = 10,
) -> WishesToDrop:
    """All independent collisions of wishes about a split, and the cheapest sets of them to drop.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    engine : Engine, optional
        Limits and stop.
    most : int
        Stop after so many sets.
    """
    engine = engine or Engine()
    every = tuple(dict.fromkeys(_each(problem, wishes)))

    def holds(kept: Collection[SplitWish]) -> bool:
        left = without_wishes(problem, wishes, [wish for wish in every if wish not in kept])
        if may_split(left[0], territory, left[1]):
            return False
        listed = lawful_divisions(left[0], territory, left[1], limit=1)
        return bool(len(listed)) or not listed.complete

    def core(kept: Sequence[SplitWish]) -> tuple[SplitWish, ...]:
        for wish in tuple(kept):
            rest = [other for other in kept if other != wish]
            if not holds(rest):
                kept = rest
        return tuple(kept)

    if not holds(()):
        return WishesToDrop(((),), (), complete=True)
    collisions: list[tuple[SplitWish, ...]] = []
    left: list[SplitWish] = list(every)
    while not holds(left):
        collisions.append(core(left))
        left = [wish for wish in left if wish not in collisions[-1]]
    hitting = _Hitting(every, collisions)
    ways: list[tuple[SplitWish, ...]] = []
    while not engine.exhausted():
        dropped = hitting.cheapest(engine)
        if dropped == "stopped":
            break
        if dropped is None:
            return WishesToDrop(tuple(collisions), tuple(ways), complete=True)
        if len(ways) == most:
            return WishesToDrop(tuple(collisions), tuple(ways), complete=False)
        kept = [wish for wish in every if wish not in dropped]
        if holds(kept):
            ways.append(tuple(dropped))
            hitting.forbid(dropped)
        else:
            hitting.hit(core(kept))
    return WishesToDrop(tuple(collisions), tuple(ways), complete=False, stopped_by=engine.stopped_by)


def _each(problem: Problem, wishes: SplitWishes) -> Iterator[SplitWish]:
    prices = problem.rules.rulebook.prices
    for group in wishes.together:
        yield SplitWish("together", tuple(group), prices.pin.value)
    for pair in wishes.apart:
        yield SplitWish("apart", tuple(pair), prices.pin.value)
    if wishes.kept is not None:
        yield SplitWish("kept", tuple(sorted(wishes.kept)), prices.pin.value)
    for code in wishes.conveners:
        yield SplitWish("convener", (code,), prices.convener.value)
    if problem.wishes.convener is not None:
        yield SplitWish("scenario_convener", (problem.wishes.convener,), prices.convener.value)


class _Hitting:
    """The cheapest set with a member of every collision, none of those forbidden in it."""

    def __init__(self, every: Sequence[SplitWish], collisions: Sequence[Sequence[SplitWish]]) -> None:
        self._model = cp_model.CpModel()
        self._drop = {wish: self._model.new_bool_var(str(wish)) for wish in every}
        scale = lcm(1, *(wish.price.denominator for wish in every))
        # At equal prices the fewest.
        self._weights = [int(wish.price * scale) * (len(every) + 1) + 1 for wish in every]
        for collision in collisions:
            self.hit(collision)

    def hit(self, collision: Sequence[SplitWish]) -> None:
        self._model.add_bool_or([self._drop[wish] for wish in collision])

    def forbid(self, dropped: Sequence[SplitWish]) -> None:
        self._model.add_bool_or([~self._drop[wish] for wish in dropped])

    def cheapest(self, engine: Engine) -> list[SplitWish] | Literal["stopped"] | None:
        objective = list(self._drop.values()), self._weights
        outcome = engine.solve(self._model, objective)
        if outcome.status == "infeasible":
            outcome = engine.solve(self._model, objective, presolve=False)
        if outcome.status == "infeasible":
            return None
        if outcome.status != "optimal":
            return "stopped"
        return [wish for wish, literal in self._drop.items() if outcome.true(literal)]
