"""How many schools of a role host an item: at least one, exactly one, at least so many in all.

``at_least <= sum of x[i, s] over s in the role <= at_most`` for each item, or for all items together.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import HostCountClause


def require(clause: HostCountClause, plan: Plan, duties: DutyModel) -> None:
    """Bound the sums."""
    for items in _parts(clause):
        literals = [duties.host(i, c) for i in items for c in plan.role_for_item(plan.counted_role(clause, i), i)]
        duties.limit(clause.id, "+".join(items), literals, clause.at_least, clause.at_most)


def violations(clause: HostCountClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Items with too few or too many hosts."""
    for items in _parts(clause):
        hosts = [
            code
            for item in items
            for code in assignment.hosts_of(item)
            if code in plan.role_for_item(plan.counted_role(clause, item), item)
        ]
        details = {"count": len(hosts), "at_least": clause.at_least, "at_most": clause.at_most}
        if len(hosts) < clause.at_least:
            yield Violation(clause.id, "host_count.too_few", items=items, schools=tuple(hosts), details=details)
        elif clause.at_most is not None and len(hosts) > clause.at_most:
            yield Violation(clause.id, "host_count.too_many", items=items, schools=tuple(hosts), details=details)


def _parts(clause: HostCountClause) -> list[tuple[str, ...]]:
    return [clause.items] if clause.together else [(item,) for item in clause.items]
