"""A base map in a table: which township belongs to which community, in CSV or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.boundary.files.rows import Given, Row, base_of_rows, columns_of, heads_needed
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, current_language
from geodata.base_map import NOWHERE
from geodata.sheets import Cell, Sheet, SheetError, SheetFile, read_sheets

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["SUFFIXES", "base_csv", "base_xlsx", "read"]

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods", ".xls")
"""Ends of the names of tables."""

_HEADER_WITHIN = 20

_HEADS = (
    ("county", "縣市"),
    ("township", "鄉鎮市區"),
    ("towncode", "鄉鎮市區代碼"),
    ("community", "社區"),
    ("community_name", "社區名稱"),
    ("school_code", "學校代碼"),
    ("school_name", "學校名稱"),
)
"""Columns of the table that is written, in English and Chinese."""

_WIDTHS = (11, 14, 15, 18, 24, 13, 30)


def read(path: Path, file: str, roster: str | PathLike[str] | Base | None) -> Base:
    """Read a table (see `assigner.boundary.base.read_base`).

    Without a roster, one that stands in the same file is used.
    """
    from assigner.roster.tidy import is_roster
    from assigner.roster.words import file_problem

    try:
        book = read_sheets(path)
    except SheetError as error:
        raise InputError([file_problem(file, error)]) from None
    rows = [row for sheet in book.sheets if not sheet.hidden for row in _rows(book, sheet)]
    if not rows:
        raise InputError([_no_table(file)])
    if roster is None and is_roster(path):
        roster = path
    return base_of_rows(rows, file, path.parent, roster)


def _no_table(file: str) -> Problem:
    return Problem(
        file,
        Place(),
        ABSENT,
        M_("This table says of no township to which community it belongs."),
        M_("a row of heads with 鄉鎮市區 (township) or 代碼 (code), and 社區 (community)"),
        M_("Put these heads above the columns, and fill in a row for each township."),
    )


def _rows(book: SheetFile, sheet: Sheet) -> Iterator[Row]:
    """The rows below the heads; none if the sheet has no such heads."""
    columns: dict[str, int] = {}
    for number, (index, cells) in enumerate(sheet.filled()):
        if not columns:
            found = columns_of(cells)
            if heads_needed(found):
                columns = found
            elif number >= _HEADER_WITHIN:
                return
            continue
        given = {key: _given(book, sheet, index, column, cells) for key, column in columns.items()}
        if any(cell.text for cell in given.values()):
            yield given


def _given(book: SheetFile, sheet: Sheet, row: int, column: int, cells: Sequence[Cell]) -> Given:
    value = cells[column] if column < len(cells) else None
    if isinstance(value, str) and value[:1] == "'" and value[1:2] in tuple("=+-@'"):
        value = value[1:]  # what our own CSV puts before a text that would become a formula
    workbook = book.kind == "workbook"
    return Given(value, Place(cell=sheet.place(row, column)) if workbook else Place(line=sheet.line(row)))


# ------------------------------------------------------------------------------------------------------------ writing


def _heads() -> list[str]:
    return [chinese if current_language() == "zh-TW" else english for english, chinese in _HEADS]


def _written(base: Base) -> Iterator[list[Cell]]:
    """A row for each township, then one for each school that is a member elsewhere than its township."""
    base_map, known = base.map, base.geography.townships
    order = {community: k for k, community in enumerate(base_map.names)}
    none = "無" if current_language() == "zh-TW" else "none"

    def cells(town: str, community: str, school: str = "") -> list[Cell]:
        name = base_map.names.get(community, "")
        place = known[town]
        return [
            place.county,
            place.town,
            place.towncode,
            community or none,
            name if name != community else None,
            school or None,
            str(base.schools[school].get("name") or "") or None if school else None,
        ]

    for town, community in sorted(base_map.home.items(), key=lambda each: (order.get(each[1], len(order)), each[0])):
        yield cells(town, community)
    for code, community in sorted(base_map.member.items(), key=lambda each: (order.get(each[1], len(order)), each[0])):
        town = base_map.place[code]
        if base_map.home.get(town, NOWHERE) != community:
            yield cells(town, community, code)


def base_csv(base: Base) -> str:
    """The map as CSV with a byte order mark, so that Excel shows Chinese."""
    from assigner.roster.tidy import safe

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_heads())
    writer.writerows([safe(cell) for cell in row] for row in _written(base))
    return "\ufeff" + text.getvalue()


def base_xlsx(base: Base) -> bytes:
    """The map as a workbook; the cells of the communities offer those there are."""
    import xlsxwriter

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    chinese = current_language() == "zh-TW"
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet("社區對照" if chinese else "communities")
        head = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True, "valign": "top"})
        open_cell = book.add_format({"bg_color": "#FFF8E1", "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        for column, (shown, width) in enumerate(zip(_heads(), _WIDTHS, strict=True)):
            sheet.write_string(0, column, shown, head)
            sheet.set_column(column, column, width, text)
        row = 0
        for row, cells in enumerate(_written(base), 1):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write_string(row, column, str(cell), open_cell if column == 3 else text)
        sheet.set_row(0, 24)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, row, len(_HEADS) - 1)
        choices = [*base.map.names, "無" if chinese else "none"]
        if sum(map(len, choices)) + len(choices) <= 255:  # as much as Excel takes
            sheet.data_validation(
                1, 3, row, 3, {"validate": "list", "source": choices, "error_type": "warning", "ignore_blank": True}
            )
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return data.getvalue()
