"""Points above capacity, summed over schools (tier ``overload``): limits are soft unless the scenario says hard."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel, Terms
from models.objectives.ladder import ladders
from models.objectives.load import points


def minimise(plan: Plan, duties: ObjectiveModel) -> Terms:
    """What each rung of a ladder adds beyond the capacity."""
    literals, costs, constant = [], [], Fraction(0)
    for ladder in ladders(plan, duties):
        room = plan.capacity(ladder.code) - plan.fixed_points(ladder.code)
        if room >= ladder.effort_points[-1]:
            continue
        over = [max(Fraction(0), effort - room) for effort in ladder.effort_points]
        constant += over[0]
        for literal, above, below in zip(ladder.literals, over[1:], over, strict=False):
            if above > below:
                literals.append(literal)
                costs.append(above - below)
    scale = lcm(constant.denominator, *(cost.denominator for cost in costs))
    return Terms(tuple(literals), tuple(int(cost * scale) for cost in costs), int(constant * scale), scale)


def value(plan: Plan, assignment: Assignment) -> Fraction:
    """Points above capacity over all load schools."""
    loads = points(plan, assignment)
    return sum((max(Fraction(0), load - plan.capacity(code)) for code, load in loads.items()), Fraction(0))
