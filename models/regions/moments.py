"""Moment of inertia of three and more parts: prices, all parts that exceed them by little, partitions made of these.

Prices of the nodes give a bound (`models.regions.prices`). Every part whose inertia exceeds its prices by at most a
span is listed (`models.regions.columns`), and every partition of which all parts but one are listed is looked at
(`models.regions.covers`): what is better than the bound and two spans is among them. The span grows until the best
partition known lies within: then it is proven, and until then there is a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.around import good_start
from models.regions.centres import CLOSE, Sited
from models.regions.covers import Covers
from models.regions.halves import Halves
from models.regions.instance import Groups
from models.regions.margins import sharpen
from models.regions.masses import bodies_of, unpack
from models.regions.objectives import Inertia
from models.regions.prices import best_prices
from models.regions.problem import Problem, canonical, violations
from models.regions.separators import LinearCosts, Separators
from models.stopping import Limits

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Masks = npt.NDArray[np.uint64]

__all__ = ["solve_moments"]

_FIRST_SPAN = 0.002
_GROWTH = 1.5
_ABOVE = 1.001
_FIRST_WORK = 0.5
"""Work spent on finding any partition where the search for a good one found none."""


def solve_moments(problem: Problem, aim: Inertia, engine: Engine, start: tuple[int, ...] | None) -> Sited:
    """Find the partition of least inertia, or a good one with a bound."""

    def value(labels: Sequence[int]) -> Fraction:
        return aim.value(labels, problem.parts)

    def around(labels: Sequence[int]) -> list[list[float]]:
        return _costs_around(problem, aim, labels)

    best = good_start(problem, engine, start, around, value)
    if problem.parts == 2:
        return _two(problem, aim, engine, best, value)
    if best is not None and not value(best):
        return best, Fraction(0), True, False
    if not aim.value((0,) * len(problem.instance), problem.parts):
        found = Separators(problem, LinearCosts([])).solve(engine, None)
        return found.labels, Fraction(0), found.labels is not None, found.infeasible
    return _Spans(problem, aim, engine, best).solve()


def _two(
    problem: Problem,
    aim: Inertia,
    engine: Engine,
    best: tuple[int, ...] | None,
    value: Callable[[Sequence[int]], Fraction],
) -> Sited:
    if best is None:
        found = Separators(problem, LinearCosts([])).solve(engine, None)
        if found.labels is None:
            return None, None, False, found.infeasible
        best = found.labels
    halves = Halves(problem, aim, engine, value)
    halves.take(best)
    bound = halves.solve()
    assert halves.best is not None
    if bound >= halves.reached * (1 - CLOSE):
        return halves.best, value(halves.best), True, False
    return halves.best, Fraction(bound), False, False


def _costs_around(problem: Problem, aim: Inertia, labels: Sequence[int]) -> list[list[float]]:
    """Cost of every node in every part, about the centroids that the parts have now."""
    weights, x, y = (np.array([float(one) for one in row]) for row in (aim.weights, aim.x, aim.y))
    table = np.zeros((len(labels), problem.parts))
    placed = np.array(labels)
    for part in range(problem.parts):
        inside = placed == part
        mass = weights[inside].sum()
        if mass:
            a, b = ((weights[inside] * row[inside]).sum() / mass for row in (x, y))
            table[:, part] = weights * ((x - a) ** 2 + (y - b) ** 2)
    rows: list[list[float]] = table.tolist()
    return rows


class _Spans:
    """The search with growing spans."""

    def __init__(self, problem: Problem, aim: Inertia, engine: Engine, best: tuple[int, ...] | None) -> None:
        self.problem = problem
        self.aim = aim
        self.engine = engine
        self.bodies = bodies_of(problem, aim)
        self.best = None if best is None else canonical(problem, best)
        self.value = None if best is None else aim.value(best, problem.parts)
        self.refused: set[bytes] = set()

    @property
    def ceiling(self) -> float:
        """Inertia of the best partition, or more than any partition has; in units of the bodies."""
        if self.value is not None:
            return float(self.value) / self.bodies.unit
        return float(self.bodies.squares.sum()) * _ABOVE

    def solve(self) -> Sited:
        """Search until the best is proven or a limit is reached."""
        if self.best is None and self._find(_FIRST_WORK):
            return None, None, False, True
        if self.best is not None and not self.value:
            return self.best, Fraction(0), True, False
        ceiling = self.ceiling
        prices = best_prices(self.bodies, self.engine, self._first_prices(), ceiling)
        priced = sharpen(self.bodies, self.engine, prices, ceiling)
        bound, span, stage = max(0.0, priced.bound), 0.0, 0
        while bound < self.ceiling * (1 - CLOSE) and not self.engine.exhausted():
            span = max(_FIRST_SPAN * self.ceiling, _GROWTH * span)
            span = min(span, max(self.ceiling - priced.bound, 0.0) / 2 * (1 + CLOSE))
            columns = priced.plane.columns(priced.margin, span)
            if columns is None:
                break
            if not Covers(self.bodies, columns, priced.bound, self.engine, self._offer).search(self.ceiling):
                break
            bound = max(bound, min(priced.bound + 2 * span, self.ceiling))
            stage += 1
            if self.best is None and self._find(_FIRST_WORK * 2**stage):
                return None, None, False, True
        if bound >= self.ceiling * (1 - CLOSE):
            return self.best, self.value, self.best is not None, self.best is None
        return self.best, Fraction(bound * self.bodies.unit), False, False

    def _find(self, work: float) -> bool:
        """Look for any lawful partition; True when it is proven that there is none."""
        limits = self.engine.limits
        if limits.work is not None:
            work = min(work, max(1e-3, (limits.work - self.engine.work) / 2))
        own = Engine(Limits(work, limits.seconds), self.engine.stop, self.engine.seed, started=self.engine.started)
        found = Separators(self.problem, LinearCosts([])).solve(own, None)
        self.engine.charge(own.work)
        if found.labels is not None and not violations(self.problem, found.labels):
            self.best = canonical(self.problem, found.labels)
            self.value = self.aim.value(self.best, self.problem.parts)
        return found.infeasible

    def _first_prices(self) -> Floats:
        """What each body costs in the best partition."""
        bodies = self.bodies
        if self.best is None:
            return bodies.squares / bodies.parts
        labels = np.zeros(len(bodies), dtype=np.int64)
        labels[bodies.body[bodies.body >= 0]] = np.array(self.best)[bodies.body >= 0]
        shares = (labels[:, None] == np.arange(bodies.parts)).astype(np.float64)
        costs = bodies.costs_around(bodies.centroids(shares))
        prices: Floats = costs[np.arange(len(bodies)), labels]
        return prices

    # ------------------------------------------------------------------------------------------------ what is found

    def _offer(self, masks: Masks, _: float) -> float:
        """Take a partition of the bodies if it is lawful and better, or as good and first by its labels."""
        key = b"".join(sorted(row.tobytes() for row in masks))
        if key not in self.refused:
            self.refused.add(key)
            for labels in self._labelled(unpack(masks, len(self.bodies))):
                value = self.aim.value(labels, self.problem.parts)
                named = canonical(self.problem, labels)
                if self.value is None or self.best is None or (value, named) < (self.value, self.best):
                    self.best, self.value = named, value
                break
        return self.ceiling

    def _labelled(self, chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
        """Lawful labels that make these parts."""
        problem, body = self.problem, self.bodies.body
        part_of_body = chosen.argmax(axis=0)
        for numbers in self._numberings(chosen):
            fixed = dict(problem.groups.fixed)
            labels = [0] * len(body)
            for node, place in enumerate(body):
                if place >= 0:
                    labels[node] = fixed[problem.groups.group[node]] = numbers[part_of_body[place]]
            if (body < 0).any():
                groups = Groups(problem.groups.group, problem.groups.apart, fixed)
                placed = Separators(replace(problem, groups=groups), LinearCosts([])).solve(self.engine, None)
                if placed.labels is None:
                    continue
                labels = list(placed.labels)
            if not violations(problem, labels):
                yield tuple(labels)

    def _numberings(self, chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
        """Which set becomes which part: any way that is allowed, one where nothing tells the parts apart."""
        problem = self.problem
        if problem.symmetric:
            yield tuple(range(problem.parts))
            return
        weights = chosen.astype(np.int64) @ self.bodies.weights
        fixed = {self.bodies.body[node]: problem.groups.fixed[group] for node, group in self._fixed_nodes()}
        allowed = [
            [
                part
                for part in range(problem.parts)
                if problem.lower[part] <= weight <= problem.upper[part]
                and all(to == part for place, to in fixed.items() if row[place])
            ]
            for row, weight in zip(chosen, weights, strict=True)
        ]

        def further(taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
            if len(taken) == problem.parts:
                yield taken
                return
            for part in allowed[len(taken)]:
                if part not in taken:
                    yield from further((*taken, part))

        yield from further(())

    def _fixed_nodes(self) -> list[tuple[int, int]]:
        groups = self.problem.groups
        return [
            (node, group)
            for node, group in enumerate(groups.group)
            if group in groups.fixed and self.bodies.body[node] >= 0
        ]
