"""An "at least one" item has exactly one host unless the planner asks for more; an optional one none.

The text gives only lower limits, and with loads balanced every further host would only add work. Hosts that a clause
obliges by their role do not count: ``sum of x over the others <= max(0, wanted - obliged)``. To pin a school is to ask
for it: the limit is never below the number of pins. Tracks of exploration are exempt, since their number is a tier of
its own. The ways of promotion are limited likewise.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import HostNumberClause


def require(clause: HostNumberClause, plan: Plan, duties: DutyModel) -> None:
    """Bound the hosts chosen freely from above, and those asked for from below."""
    for item in limited_items(plan):
        role, asked, most = numbers(plan, item)
        forced = plan.forced_hosts.get(item, frozenset())
        free = [duties.host(item, code) for code in plan.candidates if code not in forced]
        duties.limit(clause.id, item, free, None, most)
        if asked is not None:
            literals = [duties.host(item, code) for code in plan.role_for_item(role, item)]
            duties.limit(clause.id, item, literals, asked, None)
    for ways in plan.rules.stated_of_kind("ways"):
        for code in plan.role(ways.role):
            literals = [duties.way(code, way) for way in plan.rules.ways_of.get(ways.items[0], ())]
            duties.limit(clause.id, code, literals, None, plan.ways_allowed(code, ways.at_least, ways.one_of))


def violations(clause: HostNumberClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Items with more hosts than needed or fewer than asked for; schools with more ways than needed."""
    for item in limited_items(plan):
        role, asked, most = numbers(plan, item)
        hosts = assignment.hosts_of(item)
        forced = plan.forced_hosts.get(item, frozenset())
        free = tuple(code for code in hosts if code in plan.candidates and code not in forced)
        if len(free) > most:
            details = {"count": len(free), "most": most}
            yield Violation(clause.id, "host_number.more", items=(item,), schools=free, details=details)
        counted = [code for code in hosts if code in plan.role_for_item(role, item)]
        law = plan.host_counts.get(item, ("", 0))[1] if _is_in_force(plan, item) else 0
        if asked is not None and law <= len(counted) < asked:
            details = {"count": len(counted), "asked": asked}
            yield Violation(clause.id, "host_number.fewer", items=(item,), schools=hosts, details=details)
    for ways in plan.rules.stated_of_kind("ways"):
        for code in plan.role(ways.role):
            chosen = assignment.ways.get(code, ())
            most = plan.ways_allowed(code, ways.at_least, ways.one_of)
            if len(chosen) > most:
                details = {"count": len(chosen), "most": most}
                yield Violation(clause.id, "host_number.ways", items=ways.items, schools=(code,), details=details)


def limited_by_law(plan: Plan) -> frozenset[str]:
    """Items that the law limits as tightly as one host would: ours to limit only where another number is asked for."""
    return frozenset(
        item
        for law in plan.rules.of_kind("host_count")
        if law.at_most is not None and law.at_most <= max(law.at_least, 1) and not law.together
        for item in law.items
    )


def asked_by_law(plan: Plan, item: str) -> tuple[str, int, int]:
    """Role among which the hosts of an item count; how many the law asks for; how many of them their role obliges."""
    role, law = plan.host_counts.get(item, ("participants", 0))
    forced = plan.forced_hosts.get(item, frozenset())
    return role, law, sum(code in forced for code in plan.role_for_item(role, item))


def limited_items(plan: Plan) -> list[str]:
    """Items whose number of hosts is ours to limit: neither tracks nor items that the law itself limits as tightly."""
    limited, wishes = limited_by_law(plan), plan.wishes.host_numbers
    return [
        item
        for item in plan.rules.item_by_id
        if item not in plan.rules.tracks and not (item in limited and wishes.get(item, 1) == 1)
    ]


def _is_in_force(plan: Plan, item: str) -> bool:
    """Whether the clause that says how many hosts the item needs is not lifted, and so reports too few itself."""
    return any(item in law.items and not law.together for law in plan.rules.of_kind("host_count"))


def numbers(plan: Plan, item: str) -> tuple[str, int | None, int]:
    """Role among which hosts count; number asked for above the law's (or None); most hosts chosen freely."""
    role, law, obliged = asked_by_law(plan, item)
    wish = plan.wishes.host_numbers.get(item)
    asked = wish if wish is not None and wish > law else None
    return role, asked, max(0, (law if wish is None else wish) - obliged, plan.free_pins(item))
