"""Hosts that the planner excluded: ``x[i, s] = 0``."""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import BansClause


def require(clause: BansClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 0``."""
    for item, code in sorted(plan.wishes.bans):
        if code in plan.candidates and item in plan.rules.item_by_id:
            duties.fix(clause.id, f"{item}:{code}", duties.host(item, code), False)


def violations(clause: BansClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Excluded schools that host."""
    for item, code in sorted(plan.wishes.bans):
        if code in assignment.hosts_of(item):
            yield Violation(clause.id, "bans.not_kept", items=(item,), schools=(code,))
