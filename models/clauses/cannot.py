"""A school that says it cannot host an item (with its reason) is not asked; nor to convene.

``x[i, s] = 0`` for every item of the unit; ours, not the programme's: willingness per school and item.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import CONVENER_KEY, Assignment, Plan
from models.rulebook import CannotClause


def require(clause: CannotClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 0``; impossible when the convener cannot convene."""
    if plan.willingness(CONVENER_KEY, plan.convener) == "cannot":
        duties.impossible(clause.id, CONVENER_KEY)
    for unit in plan.rules.units.values():
        for code in plan.candidates:
            if plan.willingness(unit.id, code) == "cannot":
                for item in unit.items:
                    duties.fix(clause.id, f"{unit.id}:{code}", duties.host(item, code), False)


def violations(clause: CannotClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Hosts (or a convener) that said they cannot."""
    if plan.willingness(CONVENER_KEY, plan.convener) == "cannot":
        yield Violation(clause.id, "cannot.convenes", schools=(plan.convener,))
    for unit in plan.rules.units.values():
        hosts = assignment.unit_hosts(unit.items)
        guilty = tuple(c for c in hosts if c in plan.candidates and plan.willingness(unit.id, c) == "cannot")
        if guilty:
            yield Violation(clause.id, "cannot.hosts", items=unit.items, schools=guilty)
