"""A bundle: the items have the same hosts [柒、三: 由召集學校協調一所合作學校，統籌辦理以下三項].

``x[i, s] = x[j, s]`` for every school s and every pair of items.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import SameHostsClause


def require(clause: SameHostsClause, plan: Plan, duties: DutyModel) -> None:
    """Tie every item to the first, school by school."""
    first, *rest = clause.items
    for item in rest:
        for code in plan.candidates:
            duties.equal(clause.id, item, [duties.host(item, code)], [duties.host(first, code)])


def violations(clause: SameHostsClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Items whose hosts differ."""
    if len({assignment.hosts_of(item) for item in clause.items}) > 1:
        schools = assignment.unit_hosts(clause.items)
        yield Violation(clause.id, "same_hosts.differ", items=clause.items, schools=schools)
