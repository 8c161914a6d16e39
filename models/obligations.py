"""What hosting brings: visits, reports, hours, quotas, notes for each school (rules.md, What hosting brings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.community import Assignment, Plan, School
from models.rulebook import Obligation

__all__ = ["Due", "obligations"]


@dataclass(frozen=True)
class Due:
    """One obligation of one school."""

    school: str
    obligation: Obligation


def obligations(plan: Plan, assignment: Assignment) -> Mapping[str, tuple[Due, ...]]:
    """School -> its obligations, in the rulebook's order; every participant is a key.

    An obligation falls to a role, to the hosts of items, or to schools with a flag; one that needs several schools of
    the role (one leader among several benchmark schools) is left out where there are fewer.
    """
    due: dict[str, list[Due]] = {code: [] for code in plan.participants}
    for obligation in plan.rules.obligations:
        for code in _who(plan, assignment, obligation):
            if code in due:
                due[code].append(Due(code, obligation))
    return {code: tuple(entries) for code, entries in due.items()}


def _who(plan: Plan, assignment: Assignment, obligation: Obligation) -> tuple[str, ...]:
    who = obligation.who
    if who.role is not None:
        schools = plan.role(who.role)
        return schools if len(schools) >= obligation.when_role_at_least else ()
    if who.hosts_of:
        return assignment.unit_hosts(who.hosts_of)
    by_code = plan.problem.community.school_by_code
    return tuple(code for code in plan.participants if _flag(by_code[code], str(who.flag)))


def _flag(school: School, flag: str) -> bool:
    if flag == "below_registration_without_places":
        return school.below_registration and not school.transfer_places
    return bool(getattr(school, flag))
