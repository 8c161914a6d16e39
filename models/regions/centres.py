"""Distance to centres that are to be found: every node is a site, and a part holds its centre."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from models.engine import Engine
from models.regions.around import exact_model, good_start, sites_of
from models.regions.objectives import Centres
from models.regions.problem import Problem

__all__ = ["CLOSE", "Sited", "solve_centres"]

CLOSE = 1e-9
"""Costs are floating-point numbers here: value and bound that differ by less, as a share, are equal."""

Sited = tuple[tuple[int, ...] | None, Fraction | None, bool, bool]
"""Labels, bound, proven optimal, proven infeasible."""


def solve_centres(problem: Problem, aim: Centres, engine: Engine, start: tuple[int, ...] | None) -> Sited:
    """Find parts and their centres."""
    parts = problem.parts

    def value(labels: Sequence[int]) -> Fraction:
        return aim.value(labels, parts)

    def around(labels: Sequence[int]) -> list[list[float]]:
        centres = aim.centres(labels, parts)
        return [[float(row[centre]) for centre in centres] for row in aim.costs]

    best = good_start(problem, engine, start, around, value)
    costs = np.array([[float(cost) for cost in row] for row in aim.costs])
    sites = sites_of(problem, costs, np.zeros(costs.shape[1]))
    ceiling = float("inf") if best is None else float(value(best))
    result = exact_model(problem, engine, sites, ceiling, value)
    if result.labels is not None and (best is None or value(result.labels) < value(best)):
        best = result.labels
    if best is None:
        return None, None if result.bound is None else Fraction(result.bound), False, result.infeasible
    reached = float(value(best))
    if result.infeasible:
        return best, value(best), True, False
    bound = float("-inf") if result.bound is None else result.bound
    if bound >= reached - CLOSE * abs(reached):
        return best, value(best), True, False
    return best, Fraction(bound) if np.isfinite(bound) else None, False, False
