"""Only schools of a role host the items: partner schools [柒、三; 柒、四], benchmark schools [item 6].

``x[i, s] = 0`` for every candidate s outside the role.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import WhoHostsClause


def require(clause: WhoHostsClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 0`` outside the role."""
    for item in clause.items:
        allowed = plan.role_for_item(clause.role, item)
        for code in plan.candidates:
            if code not in allowed:
                duties.fix(clause.id, item, duties.host(item, code), False)


def violations(clause: WhoHostsClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Participants (or hosting partners) outside the role that host an item; strangers have their own clause."""
    for item in clause.items:
        allowed = plan.role_for_item(clause.role, item)
        guilty = tuple(c for c in assignment.hosts_of(item) if c in plan.candidates and c not in allowed)
        if guilty:
            yield Violation(clause.id, "who_hosts.outside_role", items=(item,), schools=guilty)
