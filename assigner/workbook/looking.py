"""What only a close look at an .xlsx tells: hidden rows, merged cells, formulas that went wrong, macros."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["UNREADABLE", "Look", "has_macros", "look_into", "opened"]

UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,  # of XML
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the library raises on a file that is not quite a workbook."""

_MOST_BYTES = 4_000_000
"""A larger one is read without this: the library would take minutes."""


@dataclass(frozen=True)
class Look:
    """What was seen in one sheet; rows and columns are counted from 0.

    Attributes
    ----------
    hidden
        Rows that are hidden or filtered out.
    merged
        (first row, first column, last row, last column).
    errors
        (row, column) -> what a formula gives, such as ``#REF!``.
    """

    hidden: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]
    errors: dict[tuple[int, int], str]


def look_into(path: Path) -> dict[str, Look]:
    """Look into every sheet of an .xlsx; nothing is known of other kinds, of huge ones, or of those half broken."""
    try:
        if path.stat().st_size > _MOST_BYTES or not zipfile.is_zipfile(path):
            return {}
        book = opened(path, values=True)
        return {sheet.title: _look(sheet) for sheet in book.worksheets}
    except UNREADABLE:
        return {}


def opened(path: Path, *, values: bool) -> Workbook:
    """Open an .xlsx with the library that can change it; `values` gives what formulas come to."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts it does not keep; it is a copy
        return load_workbook(io.BytesIO(path.read_bytes()), data_only=values)


def has_macros(path: Path) -> bool:
    """Whether an .xlsm holds macros. They are never run."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("vbaProject.bin") for name in archive.namelist())
    except UNREADABLE:
        return False


def _look(sheet: Any) -> Look:
    hidden = frozenset(number - 1 for number, row in sheet.row_dimensions.items() if row.hidden)
    merged = tuple((r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in sheet.merged_cells.ranges)
    errors = {
        (cell.row - 1, cell.column - 1): str(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "e"
    }
    return Look(hidden, merged, errors)
