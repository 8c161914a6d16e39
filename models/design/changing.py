"""The least change: the fewest schools that change their community while travel stays within an allowance.

A price on every changed school turns both into one cost, for which bounds and neighbourhoods are known. What no design
undercuts at a price p says of the change: with travel of at most A, at least (bound - A) / p schools change. Prices are
tried where the line through the best design within the allowance and the best beyond it points (Lagrangian dual of the
allowance). What lies between, off the convex hull, only the exact engine finds: it is asked at last, for the pairs of
node and centre that no price rules out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.design.bounds import Knapsacks, Priced, open_pairs, reachable, relax
from models.design.exact import Budget, solve_marked
from models.design.neighbourhoods import Search
from models.design.task import Task
from models.engine import Engine

__all__ = ["LeastChange", "Point", "point_of"]

_PRICES = 10
"""So many prices are tried at most."""
_TOTAL = 2**52
"""What the price of all schools together stays below: sums of costs are exact."""


@dataclass(frozen=True)
class Point:
    """Communities with their centres: what they travel, how many schools they change."""

    communities: tuple[frozenset[int], ...]
    columns: tuple[int, ...]
    travel: int
    changed: int


class LeastChange:
    """Looks for the fewest changed schools.

    Parameters
    ----------
    task : Task
        Without a price on change.
    engine : Engine
    first : sequence of frozenset of int
        Communities within the allowance.
    allowed : int
        The most that a design may travel, in units of 1 / `task.scale`.
    told : callable
        Hears what is known: the fewest changed schools that were found, and the bound.

    Attributes
    ----------
    best : Point
    bound : int
        No design within the allowance changes fewer schools.
    how : str
        What ended it, as `models.design.designing.Design.engine` says.
    """

    def __init__(
        self,
        task: Task,
        engine: Engine,
        first: Sequence[frozenset[int]],
        allowed: int,
        told: Callable[[int, int], None],
    ) -> None:
        self.task, self.engine, self.allowed, self.told = task, engine, allowed, told
        self.best = point_of(task, first)
        self.bound = 0
        self.how = "neighbourhoods"
        self._priced: list[tuple[Priced, int]] = []
        told(self.best.changed, self.bound)

    @property
    def proven(self) -> bool:
        """Whether no fewer schools can change."""
        return self.bound >= self.best.changed

    def run(self, most_pairs: int, engine_for_proof: Callable[[], Engine]) -> None:
        """Try prices, then the exact engine where so few pairs are left open."""
        self._try_prices()
        if self.proven:
            self.how = "prices"
        elif not self.engine.exhausted():
            self._prove(most_pairs, engine_for_proof)

    def _try_prices(self) -> None:
        if self.proven:
            return
        most = max(1, _TOTAL // max(1, sum(self.task.schools)))
        # At a price that spends what is left of the allowance on all changes, nothing better is beyond it.
        spare = self.allowed - self.best.travel
        self._at(min(most, max(1, spare // max(1, self.best.changed))), None)
        tried: set[int] = set()
        beyond: Point | None = None
        price = min(self.allowed + 1, most)
        while len(tried) < _PRICES and price not in tried and not self.proven:
            if tried and self.engine.exhausted():
                return
            tried.add(price)
            found = self._at(price, beyond)
            if found is None:
                return
            if found.travel > self.allowed and (beyond is None or found.travel < beyond.travel):
                beyond = found
            if beyond is None or beyond.changed >= self.best.changed:
                return
            slope = (beyond.travel - self.best.travel) / (self.best.changed - beyond.changed)
            price = min(most, max(1, round(slope)))

    def _at(self, price: int, beyond: Point | None) -> Point | None:
        """The best design at a price, and what its bound says; None: no design has communities of a lawful size."""
        task = replace(self.task, price=price, _best={})
        nodes, columns = list(range(len(task.instance))), list(range(len(task.sites)))
        sacks = Knapsacks.of(task, nodes, columns, task.parts, reachable(task, nodes, columns))
        starts = [self.best] if beyond is None else [self.best, beyond]
        start = min(starts, key=lambda point: (point.travel + price * point.changed, point.changed))
        known = start.travel + price * start.changed
        # A bound is worth most where it lifts the number of changed schools by one.
        priced = relax(sacks, self.engine, ceiling=known << sacks.shift, rounds=200)
        if priced is None:
            return None
        least = -(-priced.bound >> sacks.shift)
        self._priced.append((priced, price))
        self._rose(-(-(least - self.allowed) // price))
        if self.proven:
            return start
        made = Search(task, self.engine, priced, lambda _: None).run(list(start.communities), least, 3)
        found = point_of(task, made)
        self._take(found)
        return found

    def _prove(self, most_pairs: int, engine_for_proof: Callable[[], Engine]) -> None:
        """Ask the exact engine for fewer changed schools within the allowance."""
        task, goal = self.task, self.best.changed - 1
        marks = None
        for priced, price in self._priced:
            shift = priced.sacks.shift
            open_ = open_pairs(priced, ((self.allowed + price * goal) << shift) + (1 << shift) - 1)
            marks = open_ if marks is None else marks & open_
        if marks is None or int(marks.sum()) > most_pairs:
            return
        counted = replace(task, travel=np.zeros_like(task.travel), price=1, _best={})
        engine = engine_for_proof()
        nodes, columns = list(range(len(task.instance))), list(range(len(task.sites)))
        budget = Budget(task.travel, self.allowed)
        found = solve_marked(counted, engine, nodes, columns, task.parts, marks, goal, self.bound, budget)
        self.engine.work += engine.work
        if found.communities is not None and found.columns is not None:
            self._take(_at_columns(task, found.communities, found.columns))
        if found.done:
            self.how = "exact"
            self._rose(self.best.changed)
        elif found.bound is not None:
            self._rose(found.bound)

    def _take(self, point: Point) -> None:
        if point.travel <= self.allowed and (point.changed, point.travel) < (self.best.changed, self.best.travel):
            self.best = point
            self.told(point.changed, min(self.bound, point.changed))

    def _rose(self, bound: int) -> None:
        if bound > self.bound:
            self.bound = bound
            self.told(self.best.changed, min(bound, self.best.changed))


def point_of(task: Task, communities: Sequence[frozenset[int]]) -> Point:
    """Communities with the centres that cost them least."""
    ordered = sorted(communities, key=min)
    return _at_columns(task, ordered, [best[1] for best in map(task.centre, ordered) if best is not None])


def _at_columns(task: Task, communities: Sequence[frozenset[int]], columns: Sequence[int]) -> Point:
    pairs = sorted(zip(communities, columns, strict=True), key=lambda pair: min(pair[0]))
    where = [(sorted(members), column) for members, column in pairs]
    return Point(
        tuple(members for members, _ in pairs),
        tuple(column for _, column in pairs),
        sum(int(task.travel[members, column].sum()) for members, column in where),
        sum(int(task.changed[members, column].sum()) for members, column in where),
    )
