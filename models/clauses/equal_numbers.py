"""The items have equally many hosts (a reading of 柒、四（四）: 其中二所職涯試探，二所學術試探).

``sum of x[i, s] = sum of x[j, s]`` for every pair of items.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import EqualNumbersClause


def require(clause: EqualNumbersClause, plan: Plan, duties: DutyModel) -> None:
    """Equate each sum with the first."""
    first, *rest = clause.items
    left = [duties.host(first, code) for code in plan.candidates]
    for item in rest:
        duties.equal(clause.id, item, [duties.host(item, code) for code in plan.candidates], left)


def violations(clause: EqualNumbersClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Items with different numbers of hosts."""
    counts = {item: len(assignment.hosts_of(item)) for item in clause.items}
    if len(set(counts.values())) > 1:
        yield Violation(clause.id, "equal_numbers.differ", items=clause.items, details={"counts": counts})
