"""Unwilling hosts: the number of pairs (unit, host) whose willingness is "unwilling" (tier ``unwilling``).

Complaint behind it: work falls on the few that are willing; nobody is asked against its word while another can.
"""

from __future__ import annotations

from fractions import Fraction

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel, Terms, collect


def minimise(plan: Plan, duties: ObjectiveModel) -> Terms:
    """One for every unwilling school that hosts a unit."""
    return collect(
        duties,
        (
            (duties.unit(unit, code), 1)
            for unit in plan.rules.units
            for code in plan.candidates
            if plan.willingness(unit, code) == "unwilling"
        ),
    )


def pairs(plan: Plan, assignment: Assignment) -> tuple[tuple[str, str], ...]:
    """Unit and school of every host that is unwilling, in the rulebook's order, then by code."""
    return tuple(
        (unit.id, code)
        for unit in plan.rules.units.values()
        for code in assignment.unit_hosts(unit.items)
        if plan.willingness(unit.id, code) == "unwilling"
    )


def value(plan: Plan, assignment: Assignment) -> Fraction:
    """Number of unwilling hosts."""
    return Fraction(len(pairs(plan, assignment)))
