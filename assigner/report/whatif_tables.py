"""What if, as tables of plain values in the current language; see `assigner.report.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.messages import _, join_list
from assigner.report.tables import Column, Table, Value
from assigner.report.whatif_statements import (
    AIMS,
    SIGNS,
    VERDICTS,
    cell_words,
    clause_line,
    difference,
    value_of,
)
from assigner.words import TIER_NAMES, item_label, school_label, school_name, text, travel_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assigner.explaining.table import TableAnswer
    from assigner.explaining.whatif import WhatIfAnswer
    from models.rulebook import Rulebook
    from models.whatif import Row, TierChange

__all__ = ["aims", "aims_of", "bare_difference", "cells", "full_cells", "grid", "moves", "row_title", "unit_of"]


def aims(answer: WhatIfAnswer) -> Table:
    """Every aim before and after."""
    tiers = () if answer.found is None else answer.found.tiers
    return aims_of(tiers, answer.ground.plan.problem.distances.unit)


def aims_of(changes: Sequence[TierChange], unit: str) -> Table:
    """Every aim before and after, and how far it has moved."""
    columns = (
        Column("aim", _("Aim")),
        Column("before", _("Before")),
        Column("after", _("After")),
        Column("verdict", _("Verdict")),
        Column("change", _("Change")),
    )
    rows = tuple(
        (
            _(TIER_NAMES[change.tier]),
            value_of(change, unit, after=False),
            value_of(change, unit, after=True),
            _(VERDICTS[change.verdict]),
            "" if change.verdict == "same" else difference(change, unit),
        )
        for change in changes
    )
    return Table("aims", _("Aim by aim, in their order"), columns, rows)


def moves(answer: WhatIfAnswer) -> Table:
    """Every duty whose hosts change."""
    columns = (
        Column("row", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("before", _("Hosts before"), "list"),
        Column("after", _("Hosts after"), "list"),
    )
    if answer.found is None or answer.found.result_after is None:
        return Table("moves", _("Duties that move"), columns, ())
    problem = answer.found.plan_after.problem
    book = problem.rules.rulebook
    rows = tuple(
        (
            move.row,
            item_label(book, move.row).removeprefix(f"{move.row} "),
            tuple(school_label(problem, code) for code in move.before),
            tuple(school_label(problem, code) for code in move.after),
        )
        for move in answer.found.moves
    )
    return Table("moves", _("Duties that move"), columns, rows)


def row_title(book: Rulebook, row: Row) -> str:
    """Title of a row in the programme."""
    titles = {entry.id: entry.title for entry in book.items} | {unit.id: unit.title for unit in book.units}
    return text(titles[row.id])


def grid(answer: TableAnswer) -> Table:
    """The table itself: a row for each duty, a column for each school."""
    found = answer.found
    if found is None:
        return Table("grid", _("What it costs that a school hosts an item"), (), ())
    plan = answer.ground.plan
    problem, unit = plan.problem, plan.problem.distances.unit
    columns = (
        Column("row", _("Work item"), "code"),
        *(Column(code, school_label(problem, code)) for code in found.schools),
    )
    rows: list[tuple[Value, ...]] = []
    for row in found.rows:
        made: list[Value] = [item_label(problem.rules.rulebook, row.id)]
        made += [cell_words(found.cells[row.id, code], unit) for code in found.schools]
        rows.append(tuple(made))
    return Table("grid", _("What it costs that a school hosts an item"), columns, tuple(rows))


def cells(answer: TableAnswer) -> Table:
    """One row for each duty and school, with all that is known of the cell."""
    found, plan = answer.found, answer.ground.plan
    problem, book = plan.problem, plan.problem.rules.rulebook
    unit = problem.distances.unit
    columns = [
        Column("row", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("status", _("Sign")),
        Column("meaning", _("Meaning")),
        Column("aim", _("First aim that changes")),
        Column("before", _("Before")),
        Column("after", _("After")),
        Column("change", _("Change")),
        Column("clauses", _("Excluded by")),
    ]
    cells_ = () if found is None else tuple(found.cells.values())
    known_tiers = {change.tier for cell in cells_ for change in cell.tiers}
    names = [name for name in AIMS if name in known_tiers]
    columns += [Column(f"aim_{name}", _(AIMS[name]), unit=unit_of(name, unit)) for name in names]
    titles = {} if found is None else {row.id: row_title(book, row) for row in found.rows}
    rows: list[tuple[Value, ...]] = []
    for cell in cells_:
        sign, meaning = SIGNS[cell.status]
        first = cell.first
        made: list[Value] = [
            cell.row,
            titles[cell.row],
            cell.code,
            school_name(problem, cell.code),
            sign,
            _(meaning),
            "" if first is None else _(TIER_NAMES[first.tier]),
            "" if first is None else value_of(first, unit, after=False),
            "" if first is None else value_of(first, unit, after=True),
            "" if first is None else difference(first, unit),
            join_list(clause_line(book, clause) for clause in cell.clauses),
        ]
        known = {change.tier: change for change in cell.tiers}
        made += [bare_difference(known[name], unit) if name in known else "" for name in names]
        rows.append(tuple(made))
    return Table("cells", _("Every item and school"), tuple(columns), tuple(rows))


def unit_of(aim: str, unit: str) -> str:
    """What an aim is counted in, where that is not said by its name."""
    return travel_unit(unit) if aim == "travel" else ""


def bare_difference(change: TierChange, unit: str) -> str:
    """How far an aim has moved, without the unit."""
    return difference(change, unit).removesuffix(f" {travel_unit(unit)}")


def full_cells(answer: TableAnswer) -> Table:
    """All aims of the cells that cost something."""
    table = cells(answer)
    kept = [row for row in table.rows if row[4] == SIGNS["changes"][0]]
    whole = Table("full_cells", _("All aims of the cells that cost something"), table.columns, tuple(kept))
    return whole.without("title", "status", "meaning", "aim", "before", "after", "change", "clauses")
