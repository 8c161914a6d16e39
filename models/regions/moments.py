"""Moment of inertia: parts around cells of the plane, which are cut smaller until little is left between the bounds.

About any point m the squared distances of a part add up to its inertia plus its weight times the squared distance of m
to its centroid. So if the centroid lies in a cell around m, the inertia is at least the sum about m less the weight
times the squared radius of the cell: a linear cost and an offset. Cells that no good partition can use are dropped, the
others quartered; what is left goes to the exact model. No two parts share a cell: else one point less would do nearly
as well, and that is shown to cost more than the partition known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.around import exact_model, good_start, sites_of
from models.regions.centres import CLOSE, Sited
from models.regions.halves import Halves
from models.regions.objectives import Inertia
from models.regions.problem import Problem
from models.regions.separators import LinearCosts, Separators
from models.regions.sites import Sites, relax, relax_with_one

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["solve_moments"]

_FIRST_CELLS = 14
_MOST_CELLS = 240
_MOST_WHOLE = 1600
_DEEPEST = 22


def solve_moments(problem: Problem, aim: Inertia, engine: Engine, start: tuple[int, ...] | None) -> Sited:
    """Find the partition of least inertia, or a good one with a bound."""

    def value(labels: Sequence[int]) -> Fraction:
        return aim.value(labels, problem.parts)

    plane = _Cells(problem, aim)
    best = good_start(problem, engine, start, plane.around, value)
    if problem.parts == 2:
        return _two(problem, aim, engine, best, value)
    if best is None:
        found = exact_model(problem, engine, plane.sites(), None, float("inf"), value)
        if found.labels is None:
            return None, None, False, found.infeasible
        best = found.labels
    bound = 0.0
    while True:
        ceiling = float(value(best))
        if engine.exhausted():
            break
        bound = max(bound, plane.sharpen(ceiling))
        if bound >= ceiling - CLOSE * abs(ceiling):
            break
        merged = plane.merged_bound(ceiling)
        result = exact_model(problem, engine, plane.sites(), None, ceiling, value)
        if result.labels is not None and value(result.labels) < value(best):
            best = result.labels
            ceiling = float(value(best))
        proven = ceiling if result.infeasible else (result.bound if result.bound is not None else bound)
        bound = max(bound, min(proven, merged, ceiling))
        if bound >= ceiling - CLOSE * abs(ceiling) or not plane.divide(ceiling):
            break
    reached = float(value(best))
    if bound >= reached - CLOSE * abs(reached):
        return best, value(best), True, False
    return best, Fraction(bound), False, False


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


class _Cells:
    """Square cells that cover where centroids may lie."""

    def __init__(self, problem: Problem, aim: Inertia) -> None:
        self.problem = problem
        total = float(sum(aim.weights)) or 1.0
        # In the problem's whole weights, so that the bounds fit; values are brought back by the factor.
        self.factor = total / (sum(problem.weights) or 1)
        self.weights = np.array([float(weight) for weight in aim.weights])
        x, y = (np.array([float(one) for one in row]) for row in (aim.x, aim.y))
        self.x, self.y = x - (self.weights * x).sum() / total, y - (self.weights * y).sum() / total
        self.most = max(problem.upper) * self.factor
        side = max(float(np.ptp(self.x)), float(np.ptp(self.y)), 1e-12) / _FIRST_CELLS
        columns = np.arange(math.ceil(float(np.ptp(self.x)) / side) or 1)
        rows = np.arange(math.ceil(float(np.ptp(self.y)) / side) or 1)
        grid = np.array([(a, b) for a in columns for b in rows], dtype=np.float64)
        self.side = side
        self.places: Floats = grid * side + [float(self.x.min()) + side / 2, float(self.y.min()) + side / 2]
        self.depth = 0

    def sites(self) -> Sites:
        """Cells as sites."""
        return sites_of(self.problem, self._costs(), self._offsets())

    def _costs(self) -> Floats:
        squares = (self.x[:, None] - self.places[None, :, 0]) ** 2 + (self.y[:, None] - self.places[None, :, 1]) ** 2
        costs: Floats = self.weights[:, None] * squares
        return costs

    def _offsets(self) -> Floats:
        radius = self.side * self.side / 2
        # A little more than exact arithmetic would need.
        return np.full(len(self.places), -self.most * radius * (1 + 1e-9))

    def around(self, labels: Sequence[int]) -> list[list[float]]:
        """Cost of every node in every part, about the centroids that the parts have now."""
        table = np.zeros((len(labels), self.problem.parts))
        placed = np.array(labels)
        for part in range(self.problem.parts):
            inside = placed == part
            mass = self.weights[inside].sum()
            if mass:
                a = (self.weights[inside] * self.x[inside]).sum() / mass
                b = (self.weights[inside] * self.y[inside]).sum() / mass
                table[:, part] = self.weights * ((self.x - a) ** 2 + (self.y - b) ** 2)
        rows: list[list[float]] = table.tolist()
        return rows

    def sharpen(self, ceiling: float) -> float:
        """Drop and quarter cells until there would be too many; the bound proven so."""
        bound = 0.0
        while True:
            sites = self.sites()
            relaxed = relax(sites, ceiling, rounds=200)
            merged = self.merged_bound(ceiling)
            if merged < ceiling:
                # Nothing may be dropped yet: two centroids could share a cell.
                if 4 * len(self.places) > _MOST_WHOLE:
                    return max(bound, min(relaxed.bound, merged))
                self.quarter()
                continue
            bound = max(bound, min(relaxed.bound, ceiling))
            keep = relaxed.by_site <= ceiling * (1 + CLOSE)
            self.places = self.places[keep]
            if 4 * len(self.places) > _MOST_CELLS or self.depth >= _DEEPEST or not len(self.places):
                return bound if len(self.places) else ceiling
            self.quarter()

    def quarter(self) -> None:
        """Cut every cell in four."""
        step = self.side / 4
        moves = np.array([(a * step, b * step) for a in (-1, 1) for b in (-1, 1)])
        self.places = (self.places[:, None, :] + moves[None, :, :]).reshape(-1, 2)
        self.side /= 2
        self.depth += 1

    def divide(self, ceiling: float) -> bool:
        """Go one step finer after an exact solve; False when that is pointless."""
        if self.depth >= _DEEPEST or len(self.places) > _MOST_CELLS:
            return False
        self.quarter()
        relaxed = relax(self.sites(), ceiling, rounds=200)
        self.places = self.places[relaxed.by_site <= ceiling * (1 + CLOSE)]
        return bool(len(self.places))

    def merged_bound(self, ceiling: float) -> float:
        """Lower bound if two parts had their centroids in one cell: then parts - 1 points serve for all."""
        if self.problem.parts < 2:
            return ceiling
        sites = self.sites()
        single = Sites(sites.costs, sites.offsets, sites.weights, sites.lower, sites.upper, sites.opened - 1)
        double = Sites(sites.costs, sites.offsets * 2, sites.weights, 2 * sites.lower, 2 * sites.upper, 1)
        return relax_with_one(single, double, ceiling)
