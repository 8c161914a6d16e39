"""Special-education, rare-programme and talent-class schools may cooperate across communities [捌、一（三）].

By default such a partner hosts nothing here; under the switch it may host the items it is named for.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import OutsidePartnerClause


def require(clause: OutsidePartnerClause, plan: Plan, duties: DutyModel) -> None:
    """``x = 0`` for items the partner is not named for; without the switch it has no decisions at all."""
    for code in plan.candidates[len(plan.participants) :]:
        for item in plan.rules.item_by_id:
            if item not in plan.outside_items[code]:
                duties.fix(clause.id, code, duties.host(item, code), False)


def violations(clause: OutsidePartnerClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Outside partners that host what they may not."""
    for item, hosts in assignment.hosts.items():
        if item not in plan.rules.item_by_id:
            continue  # reported by the clause on membership
        guilty = tuple(
            code
            for code in hosts
            if code in plan.outside_items and not (clause.hosts_allowed and item in plan.outside_items[code])
        )
        if guilty:
            yield Violation(clause.id, "outside_partner.hosts", items=(item,), schools=guilty)
