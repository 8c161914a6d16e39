"""Tables from whatever file people keep them in: workbooks (.xlsx, .xlsm, .ods, .xls), CSV and JSON.

What a file is, its first bytes say, not its name: a CSV that was renamed .xlsx is read as a CSV. Cells are given as the
file has them; what they mean is for the reader to say. Every cell keeps its place, so that a fault can name it.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from geodata.biff import ImplausibleError
from geodata.worksheets import Worksheet, WorksheetError, unpacked_bytes, worksheets

__all__ = [
    "MOST_BYTES",
    "Cell",
    "FailedFormula",
    "Kind",
    "Sheet",
    "SheetError",
    "SheetFile",
    "cell_name",
    "column_name",
    "decode",
    "read_sheets",
]

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None
"""What a cell can hold; an empty one holds None."""


class FailedFormula(str):
    """What stands in a cell whose formula failed, such as ``#REF!``: a text, so that it is never taken for nothing."""

    __slots__ = ()


Kind = Literal["workbook", "csv", "json"]

MOST_BYTES = 20_000_000
"""A larger file is refused: no list of schools is so large, and a planner's machine would stand still."""

_MOST_UNPACKED = 300_000_000
_MOST_CELLS = 5_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = ",\t;"
_HEADER_WITHIN = 20


class SheetError(ValueError):
    """A file cannot be read as a table.

    Attributes
    ----------
    problem
        One of "too_large", "password" (encrypted), "damaged" (a workbook that cannot be opened), "encoding" (text in
        none of the known encodings), "binary" (no text at all), "json" (no JSON, or not a list of objects), "empty"
        (no cell is filled).
    details
        Named values for a sentence: ``megabytes``; ``line`` and ``column`` of a fault in JSON.
    """

    def __init__(self, problem: str, **details: object) -> None:
        self.problem, self.details = problem, details
        super().__init__(problem, details)

    def __str__(self) -> str:
        return f"{self.problem} {self.details}" if self.details else self.problem


@dataclass(frozen=True)
class Sheet:
    """One table.

    Attributes
    ----------
    name
        Of the sheet; of a text file the file's name.
    rows
        Cells, row by row, from the first row and column of the sheet; rows may differ in length.
    lines
        Of a text file: the line on which each row begins. Empty for a workbook, whose row ``i`` has number ``i + 1``.
    hidden
        Whether the sheet is hidden in the workbook.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...] = ()
    hidden: bool = False

    def line(self, row: int) -> int:
        """Number of a row as a person counts it, from 1 (`row` counts from 0)."""
        return self.lines[row] if self.lines else row + 1

    def place(self, row: int, column: int) -> str:
        """Name of a cell of a workbook, such as ``學校!B7`` (both counted from 0)."""
        return f"{self.name}!{cell_name(row, column)}"

    def filled(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield the rows that hold anything, with their index."""
        for index, cells in enumerate(self.rows):
            if any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells):
                yield index, cells


@dataclass(frozen=True)
class SheetFile:
    """A file that was read.

    Attributes
    ----------
    path
        As it was given.
    kind
        What the content is, whatever the name says.
    sheets
        In the order of the file.
    encoding
        Of a text file: "utf-8", "utf-16" or "cp950".
    """

    path: Path
    kind: Kind
    sheets: tuple[Sheet, ...]
    encoding: str = ""


def read_sheets(path: str | PathLike[str]) -> SheetFile:
    """Read all tables of a file.

    Parameters
    ----------
    path
        A workbook as Excel or LibreOffice write it, a CSV (comma, tab or semicolon; UTF-8 with or without byte order
        mark, UTF-16, Big5) or a JSON list of objects with the same keys.

    Raises
    ------
    SheetError
        It holds no table that can be read.
    OSError
        The file cannot be opened.
    """
    where = Path(path)
    if where.stat().st_size > MOST_BYTES:
        raise SheetError("too_large", megabytes=MOST_BYTES // 10**6)
    data = where.read_bytes()
    if data.startswith((_ZIP, _OLE)):
        return SheetFile(where, "workbook", tuple(_workbook(data)))
    text, encoding = decode(data)
    if text.lstrip()[:1] in ("[", "{"):
        return SheetFile(where, "json", (_json(text, where.name),), encoding)
    sheet = _csv(text, where.name)
    if not any(True for _row in sheet.filled()):
        raise SheetError("empty")
    return SheetFile(where, "csv", (sheet,), encoding)


def decode(data: bytes) -> tuple[str, str]:
    """Decode text in any encoding that Windows and the ministries use.

    Returns
    -------
    text, encoding : str
        Line ends are LF; the encoding is "utf-8", "utf-16" or "cp950" (Big5).

    Raises
    ------
    SheetError
        It is no text ("binary"), or in none of these encodings ("encoding").
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in data:
        raise SheetError("binary")
    else:
        candidates = ["utf-8-sig", "cp950"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding.removesuffix("-sig")
    raise SheetError("encoding")


def _workbook(data: bytes) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    closely = _gone_through(data)
    if data.startswith(_OLE) and b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
        raise SheetError("password")
    try:
        with _panics_refused(quiet=data.startswith(_OLE)):
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            names = [(entry.name, entry.visible != SheetVisibleEnum.Visible) for entry in book.sheets_metadata]
            found = []
            cells = 0
            for name, hidden in names:
                sheet = book.get_sheet_by_name(name)
                cells += sheet.total_height * sheet.total_width
                if cells > _MOST_CELLS:
                    raise SheetError("too_large", megabytes=MOST_BYTES // 10**6)
                rows = [tuple(map(_cell, row)) for row in sheet.to_python(skip_empty_area=False)]
                if name in closely:
                    _put_errors(rows, closely[name].errors)
                found.append(Sheet(name, tuple(rows), hidden=hidden))
    except PasswordError:
        raise SheetError("password") from None
    except (CalamineError, OverflowError):  # a date or duration that no calendar has
        raise SheetError("damaged") from None
    if not any(True for sheet in found for _row in sheet.filled()):
        raise SheetError("empty")
    yield from found


def _gone_through(data: bytes) -> dict[str, Worksheet]:
    """Look at the sheets before they are read; refuse what no machine could hold."""
    try:
        if data.startswith(_ZIP) and unpacked_bytes(data) > _MOST_UNPACKED:
            raise SheetError("too_large", megabytes=MOST_BYTES // 10**6)
        found = worksheets(data)
    except WorksheetError as error:
        if data.startswith(_OLE) and not isinstance(error, ImplausibleError):
            # Of Excel 95 or before, protected, or damaged: the library tells
            return {}
        raise SheetError("damaged") from None
    if sum(sheet.rows * sheet.columns for sheet in found.values()) > _MOST_CELLS:
        raise SheetError("too_large", megabytes=MOST_BYTES // 10**6)
    return found


def _put_errors(rows: list[tuple[Cell, ...]], errors: Mapping[tuple[int, int], str]) -> None:
    """Put failed formulas where they stand; the library gives nothing there."""
    for (row, column), error in errors.items():
        rows += [()] * (row + 1 - len(rows))
        cells = [*rows[row], *[None] * (column + 1 - len(rows[row]))]
        cells[column] = FailedFormula(error)
        rows[row] = tuple(cells)


@contextmanager
def _panics_refused(*, quiet: bool) -> Iterator[None]:
    """Refuse a workbook on which the library breaks down, which it tells by an exception outside the usual tree.

    It also writes its own account to the standard error stream, past Python; `quiet` keeps that away.
    """
    kept = None
    try:
        if quiet:
            try:
                kept = os.dup(2)
                with Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), 2)
            except OSError:  # a program without a window has no such stream
                pass
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SheetError("damaged") from None
    finally:
        if kept is not None:
            os.dup2(kept, 2)
            os.close(kept)


def _cell(value: Any) -> Cell:
    """A cell as the library gives it; whole numbers, which a workbook keeps as decimals, become whole again."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    result: Cell = value
    return result


def _csv(text: str, name: str) -> Sheet:
    # The header has the most of them; a title may stand above it.
    top = text.lstrip().split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]
    delimiter = max(_DELIMITERS, key=lambda mark: max(line.count(mark) for line in top))
    rows: list[tuple[Cell, ...]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            rows.append(tuple(cell or None for cell in cells))
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error:
        raise SheetError("damaged") from None
    return Sheet(name, tuple(rows), tuple(lines))


def _json(text: str, name: str) -> Sheet:
    try:
        return _json_table(json.loads(text), name)
    except json.JSONDecodeError as error:
        raise SheetError("json", line=error.lineno, column=error.colno) from None
    except SheetError:
        raise
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in lists
        raise SheetError("json") from None


def _json_table(content: Any, name: str) -> Sheet:
    if isinstance(content, dict):  # open-data sites wrap the list: {"success": true, "result": {"records": [...]}}
        content = _records(content)
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise SheetError("json")
    heads = list(dict.fromkeys(key for entry in content for key in entry))
    if not any(head.strip() for head in heads):
        raise SheetError("empty")
    rows = [tuple(heads), *(tuple(_plain(entry.get(key)) for key in heads) for entry in content)]
    return Sheet(name, tuple(rows), tuple(range(len(rows))))


def _records(content: Any) -> Any:
    """The one list of objects inside an object, however deep; None when there is none or several."""
    lists = [value for value in content.values() if isinstance(value, list)]
    if len(lists) == 1:
        return lists[0]
    inner = [value for value in content.values() if isinstance(value, dict)]
    return _records(inner[0]) if not lists and len(inner) == 1 else None


def _plain(value: Any) -> Cell:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    result: Cell = None if value == "" else value
    return result


def column_name(column: int) -> str:
    """Letters of a column counted from 0: A, B, ..., Z, AA."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def cell_name(row: int, column: int) -> str:
    """Name of a cell counted from 0 both ways: (6, 1) is B7."""
    return f"{column_name(column)}{row + 1}"
