"""The planner's own number of hosts of each track of exploration (switch ``exploration_number = stated``)."""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import ExplorationNumberClause


def require(clause: ExplorationNumberClause, plan: Plan, duties: DutyModel) -> None:
    """``sum of x[t, s] = number stated``; a track without a number is free."""
    for item in clause.items:
        number = plan.wishes.exploration_numbers.get(item)
        if number is not None:
            literals = [duties.host(item, code) for code in plan.candidates]
            duties.limit(clause.id, item, literals, number, number)


def violations(clause: ExplorationNumberClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Tracks with another number of hosts."""
    for item in clause.items:
        number = plan.wishes.exploration_numbers.get(item)
        hosts = assignment.hosts_of(item)
        if number is not None and len(hosts) != number:
            details = {"count": len(hosts), "stated": number}
            yield Violation(clause.id, "exploration_number.differs", items=(item,), schools=hosts, details=details)
