"""Hosts are participants of this plan, or partners from outside [捌、一（二）].

The model has decisions for candidates only, so there is nothing to require of it. Barred schools and outside
partners have clauses of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import MembershipClause


def require(clause: MembershipClause, plan: Plan, duties: DutyModel) -> None:
    """Nothing: other schools have no decisions in the model."""


def violations(clause: MembershipClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Hosts that are no participants, and items the rulebook does not know."""
    known = set(plan.participants) | set(plan.outside_items)
    known |= {school.code for school in plan.problem.community.schools if school.barred}
    for item, hosts in assignment.hosts.items():
        if item not in plan.rules.item_by_id:
            yield Violation(clause.id, "membership.unknown_item", items=(item,), schools=hosts)
            continue
        strangers = tuple(code for code in hosts if code not in known)
        if strangers:
            yield Violation(clause.id, "membership.stranger", items=(item,), schools=strangers)
