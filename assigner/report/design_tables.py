"""A design as tables of plain values, in the current language; see `assigner.report.tables`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.boundary.naming import community_name, school_words, town_name
from assigner.messages import _, join_list
from assigner.report.boundary_statements import short_town
from assigner.report.tables import Column, Table, Value
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap

__all__ = ["communities", "members", "schools", "townships"]


def communities(answer: DesignedMap) -> Table:
    """One row for each community: size, centre, travel; where there was a map, what changes."""
    question = answer.question
    with_change = question.old is not None
    columns = [
        Column("community", _("Community")),
        Column("schools", _("Schools"), "number"),
        Column("townships", _("Townships"), "number"),
        Column("centre", _("Centre")),
        Column("travel", travel_title(answer), "number", "", 0),
    ]
    if with_change:
        columns += [
            Column("old", _("Old community of the centre")),
            Column("changed", _("Schools from others"), "number"),
        ]
    old_names = {} if question.old is None else question.old.map.names
    rows: list[tuple[Value, ...]] = []
    for community in answer.communities:
        row: list[Value] = [
            f"{community.id} {community.name}",
            community.participants,
            len(community.townships),
            school_words(question.base, community.convener),
            Fraction(str(community.travel)),
        ]
        if with_change:
            row += [str(community_name(old_names, community.old)), community.changed]
        rows.append(tuple(row))
    note = _("The centre is the school that everybody is counted to travel to; the plan chooses its convener itself.")
    return Table("communities", _("The communities"), tuple(columns), tuple(rows), note)


def travel_title(answer: DesignedMap) -> str:
    """What travel is counted in."""
    return _("Person-minutes a year") if answer.question.unit == "minutes" else _("Person-km a year")


def members(answer: DesignedMap) -> Table:
    """One row for each community: its townships and its schools by name. The map, told."""
    base = answer.question.base
    columns = (
        Column("community", _("Community")),
        Column("townships", _("Townships")),
        Column("schools", _("School")),
    )
    rows = tuple(
        (
            f"{community.id} {community.name}",
            join_list(short_town(base, town) for town in community.townships),
            join_list(school_words(base, code) for code in community.members),
        )
        for community in answer.communities
    )
    return Table("members", _("The map as a table"), columns, rows)


def townships(answer: DesignedMap) -> Table:
    """One row for each township, with its community now and, where there was a map, before."""
    question = answer.question
    old = question.old
    columns = [
        Column("code", _("Code"), "code"),
        Column("township", _("Township")),
        Column("schools", _("Schools"), "number"),
        Column("id", _("Community"), "code"),
        Column("community", _("Name")),
    ]
    if old is not None:
        columns.append(Column("before", _("Before")))
    rows: list[tuple[Value, ...]] = []
    for community in answer.communities:
        for town in community.townships:
            row: list[Value] = [
                town,
                town_name(question.base, town),
                int(question.graph.nodes[town]["schools"]),
                community.id,
                community.name,
            ]
            if old is not None:
                row.append(str(community_name(old.map.names, old.map.home.get(town, NOWHERE))))
            rows.append(tuple(row))
    return Table("townships", _("Townships and their communities"), tuple(columns), tuple(sorted(rows, key=_code)))


def schools(answer: DesignedMap) -> Table:
    """One row for each school."""
    question = answer.question
    base, old = question.base, question.old
    columns = [
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("township", _("Township")),
        Column("community", _("Community")),
        Column("centre", _("Centre"), "flag"),
    ]
    if old is not None:
        columns += [Column("before", _("Before")), Column("changes", _("Changes"), "flag")]
    moved = answer.moved_schools
    rows: list[tuple[Value, ...]] = []
    for community in answer.communities:
        for code in community.members:
            row: list[Value] = [
                code,
                str(base.schools.get(code, {}).get("name") or ""),
                town_name(base, base.map.place[code]),
                f"{community.id} {community.name}",
                code == community.convener,
            ]
            if old is not None:
                before = old.map.member.get(code, NOWHERE)
                row += [str(community_name(old.map.names, before)), code in moved]
            rows.append(tuple(row))
    return Table("schools", _("Schools and their communities"), tuple(columns), tuple(sorted(rows, key=_code)))


def _code(row: tuple[Value, ...]) -> str:
    return str(row[0])
