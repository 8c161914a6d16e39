"""The user's own travel matrix, read from a table of any kind."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np

from geodata.codes import CodeError, read_code
from geodata.sheets import Cell, SheetError, read_sheets
from geodata.tables import TravelTable, Unit, refuse_repeated

__all__ = ["MatrixProblem", "MatrixProblems", "read_matrix"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class MatrixProblem:
    """One thing wrong with a matrix.

    Attributes
    ----------
    row, column
        Where in the file, counted from 1 (the header is row 1, the ids of the origins are column 1); None if
        it is nowhere in particular.
    value
        What is there: the text of the cell, or the id that is missing.
    problem
        One of "encoding", "binary", "damaged", "password", "too_large", "json" (the file cannot be read as a table, see
        `geodata.sheets.SheetError`), "empty" (no table at all), "missing_origin", "missing_destination" (a
        wanted id has no row, no column), "unknown_origin", "unknown_destination" (an id that nobody asked
        for), "lost_zeros" (an id that lacks leading zeros of a wanted one: more than the one of a school code, which
        is put back), "repeated_origin",
        "repeated_destination", "hole" (no value), "not_a_number", "negative", "outside" (a value beyond the
        header).
    """

    row: int | None
    column: int | None
    value: str
    problem: str

    def __str__(self) -> str:
        place = [f"{name} {at}" for name, at in (("row", self.row), ("column", self.column)) if at is not None]
        return f"{self.problem}: {self.value!r}" + (f" ({', '.join(place)})" if place else "")


class MatrixProblems(ValueError):  # noqa: N818
    """A matrix cannot be used.

    Attributes
    ----------
    problems
        All that is wrong, in the order of the file; what is missing comes last.
    """

    def __init__(self, problems: Iterable[MatrixProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def read_matrix(
    path: str | PathLike[str],
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    unit: Unit,
    allow_extra: bool = False,
) -> TravelTable:
    """Read a matrix of distances or times.

    The file is a CSV (UTF-8, UTF-16 or Big5) or a workbook, of which the first sheet counts that is neither empty nor
    hidden. Its first row holds the ids of the
    destinations, its first column those of the origins (the corner cell is not read); rows and columns may
    stand in any order. The way back may differ from the way there. A place's way to itself may be left blank:
    it is 0.

    Parameters
    ----------
    path
        The file.
    origins, destinations
        The ids wanted, in the order of the table.
    unit
        What the numbers are: "km" or "minutes". The file cannot say, so the caller must.
    allow_extra
        Whether the file may hold ids that are not wanted; they are passed over, values and all.

    Returns
    -------
    TravelTable
        With ``how`` "matrix".

    Raises
    ------
    MatrixProblems
        With everything that is wrong with the file.
    ValueError
        An id is repeated among those wanted, or the unit is neither of the two.
    OSError
        The file cannot be read.
    """
    if unit not in ("km", "minutes"):
        raise ValueError(f"the unit is 'km' or 'minutes', not {unit!r}")
    refuse_repeated("origins", origins)
    refuse_repeated("destinations", destinations)

    rows = _rows(path)

    problems: list[MatrixProblem] = []
    width = len(rows[0])
    # Rows and columns that are blank from end to end are nothing.
    across = [(1, j + 1, rows[0][j]) for j in range(1, width) if any(row[j].strip() for row in rows if j < len(row))]
    down = [(i, 1, row[0]) for i, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    column_of = _index(across, destinations, "destination", allow_extra, problems)
    row_of = _index(down, origins, "origin", allow_extra, problems)

    values = np.zeros((len(origins), len(destinations)))
    for o, origin in enumerate(origins):
        for d, destination in enumerate(destinations):
            if origin in row_of and destination in column_of:
                i, j = row_of[origin], column_of[destination]
                row = rows[i - 1]
                cell = _clean(row[j - 1]) if j <= len(row) else ""
                if cell == "" and origin == destination:
                    continue
                value, problem = _number(cell)
                values[o, d] = value
                if problem:
                    problems.append(MatrixProblem(i, j, cell, problem))
    problems.extend(
        MatrixProblem(i, j, cell, "outside")
        for i, row in enumerate(rows[1:], 2)
        for j, cell in enumerate(row[width:], width + 1)
        if cell.strip()
    )
    if problems:
        raise MatrixProblems(sorted(problems, key=_position))
    return TravelTable(tuple(origins), tuple(destinations), values, unit, how="matrix")


def _rows(path: str | PathLike[str]) -> list[list[str]]:
    """Read the table as texts; all its rows, from the first."""
    try:
        sheets = [sheet for sheet in read_sheets(path).sheets if not sheet.hidden]
    except SheetError as error:
        raise MatrixProblems([MatrixProblem(None, None, "", error.problem)]) from None
    for sheet in sheets:
        if any(True for _row in sheet.filled()):
            return [[_text(cell) for cell in row] for row in sheet.rows]
    raise MatrixProblems([MatrixProblem(None, None, "", "empty")])


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _index(
    heads: Iterable[tuple[int, int, str]],
    wanted: Sequence[str],
    role: str,
    allow_extra: bool,
    problems: list[MatrixProblem],
) -> dict[str, int]:
    """Give the row (or column) of every wanted id, and note what is wrong with the heads."""
    ids = set(wanted)
    bare = {name.lstrip("0"): name for name in wanted}
    found: dict[str, int] = {}
    explained = set()
    for row, column, cell in heads:
        # An apostrophe is how spreadsheets are told to keep a text as it is.
        name = _clean(cell).lstrip("'")
        if name not in ids:
            name = _restored(name, ids)
        if name in found:
            problems.append(MatrixProblem(row, column, cell, f"repeated_{role}"))
        elif name in ids:
            found[name] = row if role == "origin" else column
        elif name and bare.get(name) not in (None, *found):
            explained.add(bare[name])
            problems.append(MatrixProblem(row, column, cell, "lost_zeros"))
        elif not (allow_extra and name):
            problems.append(MatrixProblem(row, column, cell, f"unknown_{role}"))
    problems.extend(
        MatrixProblem(None, None, name, f"missing_{role}")
        for name in wanted
        if name not in found and name not in explained
    )
    return found


def _restored(name: str, ids: set[str]) -> str:
    """A school code whose leading zero a spreadsheet dropped, where it is one that is wanted; else as it stands."""
    try:
        code = read_code(name)
    except CodeError:
        return name
    return code if code in ids else name


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _number(cell: str) -> tuple[float, str | None]:
    """Read a cell: its value, and what is wrong with it."""
    if not cell:
        return 0.0, "hole"
    value = float(cell) if cell.isascii() and _NUMBER.fullmatch(cell) else math.inf
    if not math.isfinite(value):
        return 0.0, "not_a_number"
    if value < 0:
        return 0.0, "negative"
    return value, None


def _position(problem: MatrixProblem) -> tuple[bool, int, int]:
    return problem.row is None, problem.row or 0, problem.column or 0
