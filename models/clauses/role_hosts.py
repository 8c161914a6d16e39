"""Every school of a role hosts every one of the items: benchmark schools [柒、一], the convener [柒、五].

``x[i, s] = 1`` for every item i of the clause and every school s of the role.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import RoleHostsClause


def require(clause: RoleHostsClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 1``."""
    for item in clause.items:
        for code in plan.role(clause.role):
            duties.fix(clause.id, item, duties.host(item, code), True)


def violations(clause: RoleHostsClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Schools of the role that do not host an item."""
    for item in clause.items:
        hosts = assignment.hosts_of(item)
        missing = tuple(code for code in plan.role(clause.role) if code not in hosts)
        if missing:
            yield Violation(clause.id, "role_hosts.missing", items=(item,), schools=missing)
