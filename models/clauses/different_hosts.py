"""No school hosts more than one of the items [柒、四（四）: one track a school].

``sum over items of x[i, s] <= 1`` for every school s.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import DifferentHostsClause


def require(clause: DifferentHostsClause, plan: Plan, duties: DutyModel) -> None:
    """At most one of the items a school."""
    for code in plan.candidates:
        duties.limit(clause.id, code, [duties.host(item, code) for item in clause.items], None, 1)


def violations(clause: DifferentHostsClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Schools that host several of the items."""
    count: dict[str, int] = {}
    for item in clause.items:
        for code in assignment.hosts_of(item):
            count[code] = count.get(code, 0) + 1
    guilty = tuple(sorted(code for code, times in count.items() if times > 1))
    if guilty:
        yield Violation(clause.id, "different_hosts.both", items=clause.items, schools=guilty)
