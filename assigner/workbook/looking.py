"""What only a close look at a workbook tells: hidden rows, merged cells, formulas that went wrong, macros."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.worksheets import WorksheetError, unpacked_bytes, worksheets

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["UNREADABLE", "Look", "TooHeavy", "has_macros", "look_into", "opened"]

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

_MOST_UNPACKED = 12_000_000
"""A workbook whose parts are larger is not opened to be changed: the library would take minutes and gigabytes."""


class TooHeavy(ValueError):  # noqa: N818
    """A workbook is too large to be opened with the library that can change it, mostly by formatting far down."""


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
        (row, column) -> what a formula gives, such as ``#REF!``, or the formula itself where it was never worked out.
    hidden_columns
        Columns that are hidden.
    """

    hidden: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]
    errors: dict[tuple[int, int], str]
    hidden_columns: frozenset[int] = frozenset()


def look_into(path: Path) -> dict[str, Look]:
    """Look into every sheet of an .xlsx, .ods or .xls; nothing is known of one that is half broken."""
    try:
        found = worksheets(path.read_bytes())
    except (OSError, WorksheetError):
        return {}
    return {
        name: Look(frozenset(s.hidden), tuple(s.merged), s.errors, frozenset(s.hidden_columns))
        for name, s in found.items()
    }


def opened(path: Path, *, values: bool) -> Workbook:
    """Open an .xlsx with the library that can change it; `values` gives what formulas come to.

    Raises
    ------
    TooHeavy
        It would take minutes. It is a `ValueError`, one of those that are `UNREADABLE`.
    """
    from openpyxl import load_workbook

    data = path.read_bytes()
    if unpacked_bytes(data) > _MOST_UNPACKED:
        raise TooHeavy(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts it does not keep; it is a copy
        return load_workbook(io.BytesIO(data), data_only=values)


def has_macros(path: Path) -> bool:
    """Whether an .xlsm holds macros. They are never run."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("vbaProject.bin") for name in archive.namelist())
    except UNREADABLE:
        return False
