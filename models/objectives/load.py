"""Fair loads (tier ``load``): the loads, sorted from the largest down, are lexicographically least (leximin).

Load = (base + history + effort) / capacity, an exact ratio, compared in bands of one tenth by default: full leximin on
exact ratios leaves travel no freedom (rules.md, Measures). Never squares: a variance does not end (or-tools#2331).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel
from models.objectives.ladder import ladders, load_schools
from models.objectives.leximin import Rungs

__all__ = ["effort_points", "level", "minimise", "points", "value"]


def minimise(plan: Plan, duties: ObjectiveModel) -> Rungs:
    """The level of each school, rung by rung, for `models.leximin`."""
    return Rungs.of(
        [
            (
                [level(plan, ladder.code, plan.fixed_points(ladder.code) + e) for e in ladder.effort_points],
                ladder.literals,
            )
            for ladder in ladders(plan, duties)
        ]
    )


def value(plan: Plan, assignment: Assignment) -> tuple[Fraction, ...]:
    """Levels of all load schools, largest first."""
    loads = points(plan, assignment)
    return tuple(sorted((level(plan, code, load) for code, load in loads.items()), reverse=True))


def level(plan: Plan, code: str, load_points: Fraction) -> Fraction:
    """The level that counts for a school with so many points (switch ``load_scale``).

    A band is named by its upper edge: a ratio of 7/12 in bands of a tenth is 3/5.
    """
    scale = plan.rules.option("load_scale")
    top, bottom = load_points.numerator, load_points.denominator
    if scale == "points":
        return Fraction(-(-top // bottom))
    capacity = plan.capacity(code)
    top, bottom = top * capacity.denominator, bottom * capacity.numerator
    if scale == "exact":
        return Fraction(top, bottom)
    band = plan.rules.measure("load_band")
    bands = -(-top * band.denominator // (bottom * band.numerator))
    return Fraction(bands * band.numerator, band.denominator)


def points(plan: Plan, assignment: Assignment) -> Mapping[str, Fraction]:
    """Load school -> points carried over + base + effort of the load units it hosts."""
    effort = effort_points(plan, assignment)
    return {code: plan.fixed_points(code) + effort.get(code, 0) for code in load_schools(plan)}


def effort_points(plan: Plan, assignment: Assignment, *, separate: bool = False) -> Mapping[str, Fraction]:
    """School -> points of the units it hosts, in the load or outside it; schools without are left out."""
    effort: dict[str, Fraction] = {}
    for unit in plan.rules.units.values():
        if (unit.id not in plan.rules.load_units) == separate:
            for code in assignment.unit_hosts(unit.items):
                effort[code] = effort.get(code, Fraction(0)) + unit.effort_points
    return effort
