"""Choices as tables of plain values: the points of the front, the backbone, different plans, what is in other hands."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.messages import _
from assigner.report.tables import Column, Table, Value
from assigner.words import item_label, ratio_list, school_label, text, travel_unit

if TYPE_CHECKING:
    from assigner.choosing.front import Front, Point
    from assigner.choosing.optima import Optima
    from models.choices import DifferentPlan
    from models.community import Plan
    from models.difference import HandOver

__all__ = ["backbone", "different", "front_points", "heaviest", "moves"]


def front_points(answer: Front) -> Table:
    """The points of the front, the smallest largest load first; a chosen plan that is none has a row of its own."""
    plan = answer.ground.plan
    columns = (
        Column("point", _("Point"), "number"),
        Column("largest_load", _("Largest load"), "ratio"),
        Column("travel", _("Travel"), "number", travel_unit(plan.problem.distances.unit), 1),
        Column("loads", _("Loads, the heaviest first")),
        Column("most", _("Who carries most"), "list"),
        Column("changes", _("Changes against the chosen plan"), "number"),
        Column("remark", _("Remark"), "list"),
    )
    chosen = answer.chosen
    shown = list(answer.points)
    if chosen is not None and chosen.number is None:
        shown.append(chosen)
    rows = tuple(_point(plan, point) for point in sorted(shown, key=lambda p: (p.found.largest_load, p.found.travel)))
    return Table("front", _("Largest load against travel"), columns, rows)


def _point(plan: Plan, point: Point) -> tuple[Value, ...]:
    remarks = [_("the chosen plan")] if point.chosen else []
    remarks += [_("not on the front")] if point.number is None else []
    remarks += [] if point.found.proven else [_("not proven")]
    return (
        point.number,
        point.found.largest_load,
        point.found.travel / 10,
        ratio_list(point.loads),
        heaviest(plan, point),
        len(point.moves),
        tuple(remarks),
    )


def heaviest(plan: Plan, point: Point) -> tuple[str, ...]:
    """The schools whose load is the largest."""
    from models.objectives.load import level, points

    found = points(plan, point.assignment)
    most = point.found.largest_load
    return tuple(
        school_label(plan.problem, code) for code in sorted(found) if most and level(plan, code, found[code]) == most
    )


def moves(plan: Plan, found: Iterable[HandOver]) -> Table:
    """What is in other hands."""
    columns = (
        Column("item", _("Work item")),
        Column("before", _("In the chosen plan")),
        Column("after", _("Here")),
    )
    task, book = plan.problem, plan.rules.rulebook
    rows = tuple(
        (
            item_label(book, move.row),
            _("nobody") if move.before is None else school_label(task, move.before),
            _("nobody") if move.after is None else school_label(task, move.after),
        )
        for move in found
    )
    return Table("moves", _("What is in other hands"), columns, rows)


def backbone(answer: Optima) -> Table:
    """One row for every item: its hosts in every optimal plan, and those in some."""
    columns = (
        Column("item", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("always", _("Hosts in every optimal plan"), "list"),
        Column("sometimes", _("Hosts in some of them"), "list"),
        Column("undecided", _("Not known"), "list"),
    )
    found, task = answer.found, answer.ground.plan.problem
    rows: list[tuple[Value, ...]] = []
    for item in answer.ground.plan.rules.item_by_id.values():
        if found is None:
            break
        kinds = [
            tuple(school_label(task, code) for own, code in held if own == item.id)
            for held in (found.always, found.sometimes, found.undecided)
        ]
        if any(kinds):
            rows.append((item.id, text(item.title), *kinds))
    return Table("backbone", _("What all optimal plans share, and what is free"), columns, tuple(rows))


def different(answer: Optima) -> Table:
    """The chosen plan and those that are clearly different."""
    plan = answer.ground.plan
    columns = (
        Column("plan", _("Plan")),
        Column("distance", _("Differences from the nearest plan before"), "number"),
        Column("travel", _("Travel"), "number", travel_unit(plan.problem.distances.unit), 1),
        Column("loads", _("Loads, the heaviest first")),
        Column("remark", _("Remark")),
    )
    rows = tuple(_different(number, entry) for number, entry in enumerate(answer.different or ()))
    return Table("different", _("Clearly different plans"), columns, rows)


def _different(number: int, entry: DifferentPlan) -> tuple[Value, ...]:
    values = entry.audit.values
    travel: Fraction = values["travel"]
    remark = "" if not number else _("none is farther, by proof") if entry.farthest else _("not proven")
    name = _("the chosen plan") if not number else str(number)
    return name, entry.distance if number else None, travel / 10, ratio_list(values["load"]), remark
