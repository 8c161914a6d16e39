"""Every benchmark school promotes its development in at least three of five ways, one of two among them [item 6].

``sum of w[s, v] >= at_least`` and ``sum over the short list >= 1`` for every school s of the role.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import WaysClause


def require(clause: WaysClause, plan: Plan, duties: DutyModel) -> None:
    """Bound both sums from below."""
    ways = plan.rules.ways_of.get(clause.items[0], ())
    for code in plan.role(clause.role):
        duties.limit(clause.id, code, [duties.way(code, way) for way in ways], clause.at_least, None)
        if clause.one_of:
            duties.limit(clause.id, code, [duties.way(code, way) for way in clause.one_of], 1, None)


def violations(clause: WaysClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Schools with too few ways, without one of the short list, or with ways that are not theirs."""
    known = plan.rules.ways_of.get(clause.items[0], ())
    role = plan.role(clause.role)
    for code in role:
        chosen = assignment.ways.get(code, ())
        details = {"count": len(chosen), "at_least": clause.at_least}
        if len(chosen) < clause.at_least:
            yield Violation(clause.id, "ways.too_few", items=clause.items, schools=(code,), details=details)
        elif clause.one_of and not any(way in clause.one_of for way in chosen):
            short_list = {"one_of": ", ".join(clause.one_of)}
            yield Violation(clause.id, "ways.none_of_list", items=clause.items, schools=(code,), details=short_list)
    for code, chosen in assignment.ways.items():
        if code not in role or any(way not in known for way in chosen):
            yield Violation(clause.id, "ways.unknown", items=clause.items, schools=(code,))
