"""What the courses of a school mean for the programme: course categories by the rulebook's table, talent classes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from geodata.rosters import Member
from geodata.rosters.joining import Course
from models.rulebook import load_rulebook

__all__ = ["TALENT_DEPARTMENTS", "categories_of", "talent_class"]

TALENT_DEPARTMENTS = frozenset(("美術班", "舞蹈班", "戲劇班", "體育班"))
"""Departments that are talent classes: 捌一(三) 「特殊才能班(美術、舞蹈、戲劇、體育等)」; 等 is left at that.

The rulebook has no table of departments for the clause; this is the one place where they are named.
"""

_GENERAL_PROGRAMME = "普通科"
_GENERAL_GROUP = "學術群"
RULEBOOK = "111"
"""The rulebook whose table of categories is used where none is named."""


@cache
def _by_group(rulebook: str) -> tuple[dict[str, str], str]:
    table = load_rulebook(rulebook).categories
    by_group = {group: category.id for category in table.list_ for group in category.department_groups}
    return by_group, table.other_vocational.id


def categories_of(member: Member, rulebook: str = RULEBOOK) -> tuple[str, ...] | None:
    """Course categories that a school's running courses show, sorted; None if the lists do not say.

    Departments name their group, and the rulebook's table says which category a group is. Programmes alone say it
    only of a school that runs nothing but 普通科: which groups a vocational programme has they do not tell.
    """
    if member.courses is None:
        return None
    found = set(_of_groups(member.courses, rulebook))
    general = {course.programme for course in member.courses} == {_GENERAL_PROGRAMME}
    if not found and not member.by_department and general:
        found = {_by_group(rulebook)[0][_GENERAL_GROUP]}
    return tuple(sorted(found)) or None


def _of_groups(courses: Iterable[Course], rulebook: str) -> Iterable[str]:
    by_group, other = _by_group(rulebook)
    for course in courses:
        group = course.group if course.group.endswith("群") else f"{course.group}群"
        if course.group.endswith("群") or group in by_group:
            yield by_group.get(group, other)


def talent_class(member: Member) -> bool:
    """Whether a school runs a talent class."""
    return any(course.dept in TALENT_DEPARTMENTS for course in member.courses or ())
