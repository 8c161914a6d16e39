"""A public school already subsidised under 學習區完全免試入學 hosts nothing and does not convene [捌、一（七）]."""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import BarredClause


def require(clause: BarredClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 0`` for barred schools; impossible when one convenes."""
    barred = _barred(plan)
    if plan.convener in barred:
        duties.impossible(clause.id, plan.convener)
    for code in plan.candidates:
        if code in barred:
            for item in plan.rules.item_by_id:
                duties.fix(clause.id, code, duties.host(item, code), False)


def violations(clause: BarredClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Barred schools that host or convene."""
    barred = _barred(plan)
    if plan.convener in barred:
        yield Violation(clause.id, "barred.convenes", schools=(plan.convener,))
    for item, hosts in assignment.hosts.items():
        guilty = tuple(code for code in hosts if code in barred)
        if guilty:
            yield Violation(clause.id, "barred.hosts", items=(item,), schools=guilty)


def _barred(plan: Plan) -> frozenset[str]:
    return frozenset(school.code for school in plan.problem.community.schools if school.barred)
