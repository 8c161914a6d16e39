"""Suitability, willingness and rotation (tier ``preference``): among equals, the school that suits and wants to.

Over all pairs (unit, host): suited 0, neutral, unsuited; a further cost unless the school said it is willing; and one
if it hosted the same last year. Missing data is neutral and never an obstacle.
"""

from __future__ import annotations

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
    return sum(
        (
            cost(plan, unit, code)
            for unit in plan.rules.units.values()
            for code in assignment.unit_hosts(unit.items)
            if code in plan.candidates
        ),
        Fraction(0),
    )


def cost(plan: Plan, unit: Unit, code: str) -> Fraction:
    """What it costs in this tier that `code` hosts the unit."""
    measure = plan.rules.measure
    by_suitability = {
        "suited": Fraction(0),
        "neutral": measure("neutral_cost"),
        "unsuited": measure("unsuitable_cost"),
    }
    total = by_suitability[suitability(plan, unit, code)]
    if plan.willingness(unit.id, code) != "willing":
        total += measure("not_willing_cost")
    school = plan.problem.community.school_by_code.get(code)
    if school is not None and any(item in school.last_year for item in (*unit.items, unit.id)):
        total += measure("rotation_cost")
    return total


def suitability(plan: Plan, unit: Unit, code: str) -> Suitability:
    """How well a school suits a unit: the worst over its items; stated by the school, else by its categories."""
    school = plan.problem.community.school_by_code.get(code)
    if school is None:
        return "neutral"
    worst: list[Suitability] = []
    for item in unit.items:
        stated = school.suitability.get(item, school.suitability.get(unit.id))
        if stated is None:
            suits = any(
                rule.item == item and any(c in rule.categories for c in school.categories or ())
                for rule in plan.rules.rulebook.categories.suits
            )
            stated = "suited" if suits else "neutral"
        worst.append(stated)
    return max(worst, key=SUITABILITY_ORDER.index)
