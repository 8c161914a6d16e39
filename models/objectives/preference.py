"""Suitability, willingness and rotation (tier ``preference``): among equals, the school that suits and wants to.

Over all pairs (unit, host): suited 0, neutral, unsuited; a further cost unless the school said it is willing; and one
if it hosted the same last year. Missing data is neutral and never an obstacle.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from models.community import SUITABILITY_ORDER, Assignment, Plan, Suitability
from models.objectives._terms import ObjectiveModel, Terms, collect
from models.rulebook import Unit

__all__ = ["cost", "minimise", "suitability", "value"]


def minimise(plan: Plan, duties: ObjectiveModel) -> Terms:
    """Costs of all hosts."""
    return collect(
        duties,
        (
            (duties.unit(unit.id, code), cost(plan, unit, code))
            for unit in plan.rules.units.values()
            for code in plan.candidates
        ),
    )


def value(plan: Plan, assignment: Assignment) -> Fraction:
    """Costs of all hosts of an assignment."""
    return Fraction(
        sum(
            cost(plan, unit, code)
            for unit in plan.rules.units.values()
            for code in assignment.unit_hosts(unit.items)
            if code in plan.candidates
        )
    )


def cost(plan: Plan, unit: Unit, code: str) -> Fraction | int:
    """What it costs in this tier that `code` hosts the unit."""
    measures = plan.rules.whole_measures
    total = _by_suitability(measures, suitability(plan, unit, code))
    if plan.willingness(unit.id, code) != "willing":
        total += measures["not_willing_cost"]
    school = plan.problem.community.school_by_code.get(code)
    if school is not None and not school.last_year.isdisjoint((*unit.items, unit.id)):
        total += measures["rotation_cost"]
    return total


def _by_suitability(measures: Mapping[str, Fraction | int], suits: Suitability) -> Fraction | int:
    if suits == "suited":
        return 0
    return measures["neutral_cost" if suits == "neutral" else "unsuitable_cost"]


def suitability(plan: Plan, unit: Unit, code: str) -> Suitability:
    """How well a school suits a unit: the worst over its items; stated by the school, else by its categories."""
    school = plan.problem.community.school_by_code.get(code)
    if school is None:
        return "neutral"
    worst: list[Suitability] = []
    for item in unit.items:
        stated = school.suitability.get(item, school.suitability.get(unit.id))
        if stated is None:
            suiting = plan.rules.suiting_categories.get(item)
            suits = suiting and school.categories and not suiting.isdisjoint(school.categories)
            stated = "suited" if suits else "neutral"
        worst.append(stated)
    return max(worst, key=SUITABILITY_ORDER.index)
