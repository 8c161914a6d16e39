"""Hosts that the planner fixed: ``x[i, s] = 1``; and the ways of promotion a school has decided on."""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import PinsClause


def require(clause: PinsClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 1``; a pin on a school without decisions cannot be kept."""
    for item, code in sorted(plan.wishes.pins):
        if code in plan.candidates and item in plan.rules.item_by_id:
            duties.fix(clause.id, f"{item}:{code}", duties.host(item, code), True)
        else:
            duties.impossible(clause.id, f"{item}:{code}")
    for code, ways in sorted(plan.wishes.ways.items()):
        for way in ways:
            if code in plan.problem.benchmarks:
                duties.fix(clause.id, f"{way}:{code}", duties.way(code, way), True)


def violations(clause: PinsClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Pins and decided ways that are not kept."""
    for item, code in sorted(plan.wishes.pins):
        if code not in assignment.hosts_of(item):
            yield Violation(clause.id, "pins.not_kept", items=(item,), schools=(code,))
    for code, ways in sorted(plan.wishes.ways.items()):
        missing = [way for way in ways if way not in assignment.ways.get(code, ())]
        if missing and code in plan.problem.benchmarks:
            yield Violation(clause.id, "pins.way_not_kept", schools=(code,), details={"ways": ", ".join(missing)})
