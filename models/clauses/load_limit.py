"""A load limit that the scenario calls hard: points before any item + effort of the items hosted <= capacity."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import LoadLimitClause


def require(clause: LoadLimitClause, plan: Plan, duties: DutyModel) -> None:
    """Bound the effort of schools with a hard limit, in whole multiples of the finest fraction that occurs."""
    units = [unit for unit in plan.rules.units.values() if unit.id in plan.rules.load_units]
    for code in _limited(plan):
        room = plan.capacity(code) - plan.fixed_points(code)
        scale = lcm(room.denominator, *(unit.effort_points.denominator for unit in units))
        literals = [duties.unit(unit.id, code) for unit in units]
        weights = [int(unit.effort_points * scale) for unit in units]
        if room < 0:
            duties.impossible(clause.id, code)
        else:
            duties.weighted(clause.id, code, literals, weights, int(room * scale))


def violations(clause: LoadLimitClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Schools above their hard limit."""
    hosted = assignment.units_of(plan.rules)
    for code in _limited(plan):
        effort = sum(
            (plan.rules.units[u].effort_points for u in hosted.get(code, ()) if u in plan.rules.load_units),
            Fraction(0),
        )
        points = plan.fixed_points(code) + effort
        if points > plan.capacity(code):
            details = {"points": points, "capacity": plan.capacity(code)}
            yield Violation(clause.id, "load_limit.above", schools=(code,), details=details)


def _limited(plan: Plan) -> list[str]:
    schools = plan.problem.community.school_by_code
    return [code for code in plan.participants if schools[code].load_limit_hard]
