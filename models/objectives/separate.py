"""Items outside the load, balanced among themselves (tier ``separate``): 社區共好 has its own plan and budget."""

from __future__ import annotations

from fractions import Fraction

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel
from models.objectives.ladder import ladders, load_schools
from models.objectives.leximin import Rungs
from models.objectives.load import effort_points


def minimise(plan: Plan, duties: ObjectiveModel) -> Rungs:
    """Points of separate units, school by school, for `models.leximin`."""
    made = ladders(plan, duties, separate=True)
    return Rungs.of([(list(ladder.effort_points), ladder.literals) for ladder in made])


def value(plan: Plan, assignment: Assignment) -> tuple[Fraction, ...]:
    """Points of separate units of all load schools, largest first."""
    effort = effort_points(plan, assignment, separate=True)
    return tuple(sorted((effort.get(code, Fraction(0)) for code in load_schools(plan)), reverse=True))
