"""One file into tables of entries: what kind of list each sheet is, and what each of its rows says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from os import PathLike, fspath

from geodata.codes import CodeError
from geodata.names import normalise
from geodata.rosters.cells import (
    SchoolKind,
    kind_of,
    looks_like_university,
    plain_text,
    point,
    read_count,
    read_degrees,
    read_public,
    read_school_code,
    without_number,
)
from geodata.rosters.columns import Columns, TableKind, columns_of, read_year, recognised, shown_heads
from geodata.rosters.notes import Note, RosterFileError, Spot
from geodata.sheets import Cell, FailedFormula, Sheet, SheetFile, read_sheets

__all__ = ["GRADES", "Entry", "Table", "read_tables"]

GRADES = (7, 8, 9)

_AREA = re.compile(r"(?:[\[(（]?\d*[\])）]?)(?:..[縣市])?(?:..?.?[鄉鎮市區])?")
"""County and township at the beginning of an address; a street may be called 台中路 as it likes."""

_UNIVERSITY = ("大專", "大學")

_HEADER_WITHIN = 30
"""A header stands among so many filled rows from the top."""


@dataclass(frozen=True)
class Entry:
    """What one row says of a school."""

    kind: SchoolKind
    code: str
    spot: Spot
    name: str = ""
    public: bool | None = None
    county: str = ""
    town: str = ""
    address: str = ""
    at: tuple[float, float] | None = None
    level: str = ""
    group: str = ""
    dept: str = ""
    classes: int | None = None
    students: int | None = None
    senior_students: int | None = None
    pupils: tuple[int | None, int | None, int | None] = (None, None, None)
    graduates: int | None = None
    year: int | None = None
    counted: bool = True
    """Whether its table has numbers of classes or students at all."""

    @property
    def says(self) -> tuple[object, ...]:
        """All but its place, to tell a repetition from a contradiction."""
        return tuple(value for name, value in vars(self).items() if name != "spot")


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes
    ----------
    kind
        What it is.
    spot
        Its header.
    entries
        The rows that can be used.
    encoding
        Of a text file.
    sheet
        Name of the sheet.
    """

    kind: TableKind
    spot: Spot
    entries: tuple[Entry, ...]
    encoding: str
    sheet: str


@dataclass
class _Reader:
    """Reads the rows of one sheet."""

    file: str
    book: SheetFile
    sheet: Sheet
    columns: Columns
    year: int | None
    notes: list[Note] = field(default_factory=list)

    def spot(self, row: int, column: int | None = None) -> Spot:
        if self.book.kind == "workbook":
            return Spot(self.file, cell=self.sheet.place(row, column or 0))
        return Spot(self.file, line=self.sheet.line(row))

    def cell(self, cells: tuple[Cell, ...], name: str) -> Cell:
        for column in self.columns.of(name, self.year):
            return cells[column] if column < len(cells) else None
        return None

    def column(self, name: str) -> int:
        return next(iter(self.columns.of(name, self.year)), 0)

    def text(self, cells: tuple[Cell, ...], name: str) -> str:
        return plain_text(self.cell(cells, name))

    def count(self, row: int, cells: tuple[Cell, ...], name: str, code: str) -> int | None:
        total: int | None = None
        for column in self.columns.of(name, self.year):
            cell = cells[column] if column < len(cells) else None
            try:
                value = read_count(cell)
            except ValueError:
                self.notes.append(Note("number", self.spot(row, column), _plain(cell), code))
                continue
            if value is not None:
                total = value if total is None else total + value
        return total

    def place(self, row: int, cells: tuple[Cell, ...], code: str) -> tuple[float, float] | None:
        values: list[float | None] = []
        for name in ("lon", "lat"):
            try:
                values.append(read_degrees(self.cell(cells, name)))
            except (ValueError, OverflowError):
                cell = _plain(self.cell(cells, name))
                self.notes.append(Note("coordinates", self.spot(row, self.column(name)), cell, code))
                return None
        found, problem = point(values[0], values[1])
        if problem:
            shown = ", ".join("" if value is None else f"{value:.12g}" for value in values)
            self.notes.append(Note(problem, self.spot(row, self.column("lon")), shown, code))
        return found

    def entries(self, rows: list[tuple[int, tuple[Cell, ...]]], kind: TableKind) -> Iterator[Entry]:
        # Tables of pupils, programmes and departments are of schools below.
        mostly = kind in ("list", "points") and self._universities(rows)
        counted = bool(self.columns.fields & {"classes", "students", "senior_students"})
        for row, found in rows:
            cells = self._without_failed(row, found)
            cell = self.cell(cells, "code")
            spot = self.spot(row, self.column("code"))
            if cell is None or not str(cell).strip():
                shown = next((str(value)[:40] for value in cells if value is not None and str(value).strip()), None)
                self.notes.append(Note("no_code", spot, shown))
                continue
            level = self.text(cells, "level")
            university = mostly or (kind in ("list", "points") and without_number(level).startswith(_UNIVERSITY))
            try:
                code = read_school_code(cell, university=university)
            except CodeError as error:
                self.notes.append(Note("code", spot, _plain(cell), details={"reason": error.reason}))
                continue
            if code.mended:
                self.notes.append(Note("lost_zero", spot, _plain(cell), code.code))
            yield self._entry(row, cells, code.code, kind, counted)

    def _universities(self, rows: list[tuple[int, tuple[Cell, ...]]]) -> bool:
        """Whether the codes are those of universities: most of them are short."""
        codes = [cell for _row, cells in rows if (cell := self.cell(cells, "code")) is not None and str(cell).strip()]
        short = sum(looks_like_university(cell) for cell in codes)
        return 2 * short > len(codes)

    def _without_failed(self, row: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """Note the failed formulas of a row, and read them as nothing; a code stays, to be refused."""
        if not any(isinstance(cell, FailedFormula) for cell in cells):
            return cells
        kept = list(cells)
        for column, head in self.columns.heads.items():
            if column < len(cells) and head.field != "code" and isinstance(cells[column], FailedFormula):
                self.notes.append(Note("formula", self.spot(row, column), _plain(cells[column])))
                kept[column] = None
        return tuple(kept)

    def _entry(self, row: int, cells: tuple[Cell, ...], code: str, kind: TableKind, counted: bool) -> Entry:
        level = without_number(self.text(cells, "level"))
        county, town, address = (self.text(cells, name) for name in ("county", "town", "address"))
        for name, text in (("county", county), ("town", town), ("address", _AREA.match(address)[0])):  # type: ignore[index]
            if "台" in text:
                self.notes.append(Note("variant", self.spot(row, self.column(name)), text, code))
                break
        school = "junior_high" if kind == "junior_highs" else "senior_high"
        if kind in ("list", "points") or "國小" in level or "國民小學" in level:
            school = kind_of(code, level)
        return Entry(
            school,  # type: ignore[arg-type]
            code,
            self.spot(row, self.column("code")),
            name=self.text(cells, "name"),
            public=read_public(self.text(cells, "public")),
            county=county,
            town=town,
            address=address,
            at=self.place(row, cells, code),
            level=level,
            group=normalise(without_number(self.text(cells, "group"))),
            dept=without_number(self.text(cells, "dept")),
            classes=self.count(row, cells, "classes", code),
            students=self.count(row, cells, "students", code),
            senior_students=self.count(row, cells, "senior_students", code),
            pupils=tuple(self.count(row, cells, f"g{grade}", code) for grade in GRADES),  # type: ignore[arg-type]
            graduates=self.count(row, cells, "graduates", code),
            year=self._school_year(row, cells, code),
            counted=counted,
        )

    def _school_year(self, row: int, cells: tuple[Cell, ...], code: str) -> int | None:
        cell = self.cell(cells, "year")
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        text = plain_text(cell)
        year = read_year(text)
        if year is None and text:
            self.notes.append(Note("year_cell", self.spot(row, self.column("year")), _plain(cell), code))
        return year


def _heads(cells: tuple[Cell, ...]) -> int:
    """How many cells hold different texts, as heads do."""
    return len({cell.strip() for cell in cells if isinstance(cell, str)})


def _plain(cell: Cell) -> object:
    return cell if isinstance(cell, str | int | float | bool) or cell is None else str(cell)


def read_tables(path: str | PathLike[str], year: int | None = None) -> tuple[tuple[Table, ...], tuple[Note, ...]]:
    """Read all lists of a file.

    Parameters
    ----------
    path
        Any file that `geodata.sheets.read_sheets` reads.
    year
        School year (ROC) wanted, where a list has columns for several.

    Returns
    -------
    tables, notes
        Tables with at least a header; what was mended or is odd in their cells.

    Raises
    ------
    RosterFileError
        No sheet of it is a list of schools.
    geodata.sheets.SheetError, OSError
        It cannot be read.
    """
    book = read_sheets(path)
    file = fspath(path)
    tables: list[Table] = []
    notes: list[Note] = []
    passed_over: list[tuple[Spot, tuple[str, ...]]] = []
    if book.kind != "workbook" and book.encoding != "utf-8":
        notes.append(Note("encoding", Spot(file), book.encoding))
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden):  # a hidden one counts where no other is a list
        rows = list(sheet.filled())
        if not rows:
            continue
        header = next(recognised(rows[:_HEADER_WITHIN]), None)
        if sheet.hidden and (header is not None or tables):
            place = Spot(file, cell=sheet.place(rows[0][0] if header is None else header[0], 0))
            notes.append(Note("hidden" if tables else "hidden_used", place, sheet.name))
            if tables:
                continue
        if header is None:
            # What knows most of our words looks most like the header.
            index, cells = max(rows[:_HEADER_WITHIN], key=lambda row: (len(columns_of(row[1]).fields), _heads(row[1])))
            line = sheet.line(index) if book.kind != "workbook" else None
            cell = sheet.place(index, 0) if book.kind == "workbook" else ""
            passed_over.append((Spot(file, line, cell), shown_heads(cells)))
            continue
        index, columns = header
        kind = columns.kind()
        assert kind is not None
        reader = _Reader(file, book, sheet, columns, year)
        notes.extend(
            Note("column", reader.spot(index, column), _plain(sheet.rows[index][column])) for column in columns.repeated
        )
        below = [(row, cells) for row, cells in rows if row > index]
        tables.append(Table(kind, reader.spot(index), tuple(reader.entries(below, kind)), book.encoding, sheet.name))
        if kind == "departments" and any(not entry.counted for entry in tables[-1].entries):
            notes.append(Note("not_counted", reader.spot(index)))
        notes.extend(reader.notes)
    if not tables:
        raise RosterFileError(*passed_over[0])
    notes.extend(Note("sheet", spot, ", ".join(heads[:6])) for spot, heads in passed_over)
    return tuple(tables), tuple(notes)
