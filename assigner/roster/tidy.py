"""The tidy table of a roster, one row a school: written for Excel, and read back after it was opened and saved there.

Heads and words are written in the language of the run and read in either.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeVar

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.faults import closest
from assigner.messages import LANGUAGES, M_, Message, current_language, pick
from assigner.roster.categories import RULEBOOK
from assigner.roster.schools import GRADES, KINDS, Roster, RosterSchool
from assigner.roster.words import file_problem
from assigner.scenario.words import normal
from geodata.codes import CodeError
from geodata.rosters.cells import EAST, NORTH, plain_text, point, read_count, read_degrees, read_school_code
from geodata.rosters.columns import head_word
from geodata.sheets import Cell, FailedFormula, Sheet, SheetError, SheetFile, read_sheets
from geodata.townships import TownshipNameError, find_township, townships
from models.rulebook import load_rulebook

__all__ = ["COLUMNS", "is_roster", "read_roster", "roster_csv", "roster_xlsx", "rows_of", "safe", "write_roster"]

_T = TypeVar("_T")

COLUMNS: Mapping[str, str] = {
    "code": "代碼",
    "kind": "學校類別",
    "name": "學校名稱",
    "public": "公私立",
    "county": "縣市",
    "township": "鄉鎮市區",
    "towncode": "鄉鎮市區代碼",
    "lon": "經度",
    "lat": "緯度",
    "categories": "課程類別",
    "talent_class": "藝才班",
    "special_education": "特殊教育學校",
    "continuing": "進修學校",
    "pupils_7": "七年級學生數",
    "pupils_8": "八年級學生數",
    "pupils_9": "九年級學生數",
    "graduates": "畢業生數",
    "students": "學生數",
    "year": "學年度",
    "sources": "資料來源",
    "note": "註記",
}
"""Column of the table -> its Chinese head; the English head is its id."""

_NEEDED = ("code", "kind", "name", "county", "township", "year")

# What a cell says -> its words: Chinese, English.
_KIND_CELLS = {
    "senior_high": {"zh-TW": "高級中等學校", "en": "senior_high"},
    "junior_high": {"zh-TW": "國民中學", "en": "junior_high"},
    "university": {"zh-TW": "大專校院", "en": "university"},
}
_PUBLIC_CELLS = {True: {"zh-TW": "公立", "en": "public"}, False: {"zh-TW": "私立", "en": "private"}}
_FLAG_CELLS = {True: {"zh-TW": "是", "en": "yes"}, False: {"zh-TW": "", "en": ""}}
_NOTE_CELLS = {
    "address_differs": {"zh-TW": "地址與所載鄉鎮市區不符", "en": "address differs"},
    "by_point": {"zh-TW": "鄉鎮市區依座標", "en": "township by coordinates"},
    "county": {"zh-TW": "無此縣市", "en": "no such county"},
    "county_differs": {"zh-TW": "縣市不符", "en": "county differs"},
    "no_coordinates": {"zh-TW": "無座標", "en": "no coordinates"},
    "outside": {"zh-TW": "座標在鄉鎮市區外", "en": "coordinates outside"},
    "public_differs": {"zh-TW": "公私立不一", "en": "public or private differs"},
    "unplaced": {"zh-TW": "鄉鎮市區不明", "en": "township unknown"},
}
_FILES = "|"
"""Stands between names of files: no such name has it."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""A text that begins so would become a formula in a spreadsheet: an apostrophe is put before it, and taken off."""


def heads() -> list[str]:
    """Heads of the table in the current language."""
    return [chinese if current_language() == "zh-TW" else name for name, chinese in COLUMNS.items()]


def rows_of(roster: Roster) -> Iterator[list[Cell]]:
    """Yield the cells of each school in the current language; codes are text, counts and degrees numbers."""
    categories = _category_cells()
    separator = "、" if current_language() == "zh-TW" else ";"
    for school in roster.schools:
        town = school.township
        yield [
            school.code,
            pick(_KIND_CELLS[school.kind]),
            school.name or None,
            None if school.public is None else pick(_PUBLIC_CELLS[school.public]),
            school.county or None,
            town.town if town else None,
            school.towncode,
            school.lon,
            school.lat,
            separator.join(pick(categories[category]) for category in school.categories or ()) or None,
            *(pick(_FLAG_CELLS[flag]) or None for flag in _flags(school)),
            *school.pupils,
            school.graduates,
            school.students,
            roster.year,
            _FILES.join(school.sources) or None,
            separator.join(pick(_NOTE_CELLS[note]) for note in school.notes) or None,
        ]


def _flags(school: RosterSchool) -> tuple[bool, bool, bool]:
    return school.talent_class, school.special_education, school.continuing


@cache
def _category_cells() -> dict[str, dict[str, str]]:
    """Category -> its words: the Chinese title of the rulebook; in English its id."""
    table = load_rulebook(RULEBOOK).categories
    other = table.other_vocational
    titles = {**{category.id: category.title for category in table.list_}, other.id: other.title}
    return {name: {"zh-TW": title.in_("zh-TW"), "en": name} for name, title in titles.items()}


def roster_csv(roster: Roster) -> str:
    """The table as CSV with a byte order mark, so that Excel shows Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads())
    writer.writerows([safe(cell) for cell in row] for row in rows_of(roster))
    return "\ufeff" + text.getvalue()


def safe(cell: Cell) -> Cell:
    """A cell of a CSV that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def roster_xlsx(roster: Roster) -> bytes:
    """The table as a workbook; codes are text and keep their zeros."""
    import xlsxwriter

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet("學校名冊" if current_language() == "zh-TW" else "roster")
        head = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True, "valign": "top"})
        plain, text = book.add_format({}), book.add_format({"num_format": "@"})
        for column, (name, shown) in enumerate(zip(COLUMNS, heads(), strict=True)):
            sheet.write_string(0, column, shown, head)
            sheet.set_column(column, column, _WIDTHS.get(name, 9), text if name in ("code", "towncode") else plain)
        row = 0
        for row, cells in enumerate(rows_of(roster), 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row, column, f"'{cell}" if cell.startswith("'") else cell)
                elif isinstance(cell, int | float):
                    sheet.write_number(row, column, cell)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, row, len(COLUMNS) - 1)
        sheet.print_area(0, 0, row, list(COLUMNS).index("year"))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return data.getvalue()


_WIDTHS = {"name": 30, "kind": 13, "towncode": 12, "categories": 32, "sources": 24, "note": 22}


def write_roster(roster: Roster, path: str | PathLike[str]) -> Path:
    """Write the table, as a workbook where the name ends in .xlsx, else as CSV: all of it or nothing."""
    from assigner.files import write_whole

    file = Path(path)
    write_whole(file, roster_xlsx(roster) if file.suffix.casefold() == ".xlsx" else roster_csv(roster))
    return file


# ------------------------------------------------------------------------------------------------------------ reading


def is_roster(path: str | PathLike[str]) -> bool:
    """Whether a file is a tidy table of ours (and not a list of the ministry); what cannot be read is none."""
    try:
        return any(_header(sheet) is not None for sheet in read_sheets(path).sheets)
    except SheetError:
        return False


def read_roster(path: str | PathLike[str]) -> Roster:
    """Read the table of a roster back.

    Codes that lost a zero in a spreadsheet are restored; heads and words may be in either language.

    Raises
    ------
    assigner.errors.InputError
        It is no such table, or a cell of it cannot be used; with everything that is wrong.
    OSError
        The file cannot be opened.
    """
    file = fspath(path)
    try:
        book = read_sheets(path)
    except SheetError as error:
        raise InputError([file_problem(file, error)]) from None
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden):
        header = _header(sheet)
        if header is not None:
            return _Table(file, book, sheet, *header).roster()
    raise InputError([_no_roster(file, book)])


def _no_roster(file: str, book: SheetFile) -> Problem:
    return Problem(
        file,
        Place(),
        ABSENT,
        M_("This is no roster: the columns {columns} are needed.", columns=", ".join(_NEEDED)),
        M_("a table written by “assigner import-roster”"),
        M_("Make one from the ministry's lists: assigner import-roster FILE... --year Y --out roster.csv."),
    )


_HEAD_OF = {head_word(word): name for name, chinese in COLUMNS.items() for word in (name, chinese)}


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    for index, cells in sheet.filled():
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            name = _HEAD_OF.get(head_word(cell))
            if name is not None:
                columns.setdefault(name, column)
        return (index, columns) if all(name in columns for name in _NEEDED) else None
    return None


def _meant(cells: Mapping[_T, Mapping[str, str]]) -> dict[str, _T]:
    return {normal(words[lang]): value for value, words in cells.items() for lang in LANGUAGES if words[lang]}


_KIND_WORDS, _NOTE_WORDS = _meant(_KIND_CELLS), _meant(_NOTE_CELLS)
_PUBLIC_WORDS = {**_meant(_PUBLIC_CELLS), "true": True, "false": False}
_FLAG_WORDS = {"yes": True, "是": True, "true": True, "no": False, "否": False, "false": False}


@cache
def _category_words() -> dict[str, str]:
    return _meant(_category_cells())


@dataclass
class _Table:
    """A tidy table that is being read."""

    file: str
    book: SheetFile
    sheet: Sheet
    header: int
    columns: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)
    years: dict[int, int] = field(default_factory=dict)

    def roster(self) -> Roster:
        schools: dict[tuple[str, str], tuple[RosterSchool, int]] = {}
        for row, cells in self.sheet.filled():
            if row <= self.header:
                continue
            school = self._school(row, cells)
            if school is None:
                continue
            key = school.kind, school.code
            if key in schools:
                first = self._name(schools[key][1], "code")
                what = M_("The school stands in the table twice; first in {place}.", place=first)
                self._wrong(row, "code", school.code, what, None, M_("Delete one of the two rows."))
            schools.setdefault(key, (school, row))
        if len(self.years) > 1:
            row = list(self.years.values())[1]
            what, mend = M_("The rows are of several school years."), M_("Make one table for each year.")
            self._wrong(row, "year", list(self.years)[1], what, M_("one school year"), mend)
        if not schools and not self.problems:
            mend = M_("Make it again from the ministry's lists.")
            self.problems.append(Problem(self.file, Place(), ABSENT, M_("The roster holds no school."), None, mend))
        if self.problems:
            raise InputError(self.problems)
        found = sorted((school for school, _row in schools.values()), key=lambda s: (KINDS.index(s.kind), s.code))
        return Roster(next(iter(self.years)), tuple(found), file=self.file)

    def _cell(self, cells: Sequence[Cell], name: str) -> Cell:
        column = self.columns.get(name, -1)
        return cells[column] if 0 <= column < len(cells) else None

    def _text(self, cells: Sequence[Cell], name: str) -> str:
        text = plain_text(self._cell(cells, name))
        return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text

    def _name(self, row: int, name: str) -> str:
        if self.book.kind == "workbook":
            return self.sheet.place(row, self.columns.get(name, 0))
        return str(self.sheet.line(row))

    def _head(self, name: str) -> str:
        """Head of a column as the file has it."""
        return plain_text(self._cell(self.sheet.rows[self.header], name)) or name

    def _wrong(self, row: int, name: str, value: Any, what: Message, expected: Message | None, mend: Message) -> None:
        workbook = self.book.kind == "workbook"
        cell = self.sheet.place(row, self.columns.get(name, 0)) if workbook else ""
        place = Place(self._head(name), None if workbook else self.sheet.line(row), None, cell)
        shown = value if isinstance(value, str | int | float) else ABSENT if value is None else str(value)
        self.problems.append(Problem(self.file, place, shown, what, expected, mend))

    def _word(self, row: int, cells: Sequence[Cell], name: str, words: Mapping[str, _T]) -> _T | None:
        cell = self._cell(cells, name)
        text = str(cell) if isinstance(cell, bool) else self._text(cells, name)
        if not text:
            return None
        found = words.get(normal(text))
        if found is None:
            choices = ", ".join(words)
            mend = closest(text, words) or M_("Write one of those listed.")
            self._wrong(
                row, name, text, M_("This word is not known here."), M_("one of: {choices}", choices=choices), mend
            )
        return found

    def _number(self, row: int, cells: Sequence[Cell], name: str, read: Callable[[Cell], _T | None]) -> _T | None:
        cell = self._cell(cells, name)
        try:
            return read(cell)
        except (ValueError, OverflowError):
            self._wrong(row, name, cell, M_("This is no number."), M_("a number"), M_("Correct the cell, or empty it."))
            return None

    def _school(self, row: int, cells: Sequence[Cell]) -> RosterSchool | None:
        before = len(self.problems)
        for name in self.columns:
            if isinstance(self._cell(cells, name), FailedFormula):
                what = M_("A formula in this cell does not work.")
                mend = M_("Correct the formula, or type the value itself over it.")
                self._wrong(row, name, str(self._cell(cells, name)), what, None, mend)
        if len(self.problems) > before:
            return None
        kind = self._word(row, cells, "kind", _KIND_WORDS)
        if kind is None and len(self.problems) == before:
            self._wrong(row, "kind", None, M_("The kind of school is missing."), None, M_("Fill in the cell."))
        code = self._code(row, cells, kind == "university")
        towncode, county = self._township(row, cells)
        lon = self._number(row, cells, "lon", read_degrees)
        lat = self._number(row, cells, "lat", read_degrees)
        if (lon is None) != (lat is None) and len(self.problems) == before:
            missing = "lat" if lat is None else "lon"
            what = M_("Only one of the two coordinates is given; “{key}” is missing.", key=missing)
            self._wrong(row, missing, None, what, None, M_("Fill in both cells, or neither."))
        else:
            self._in_taiwan(row, lon, lat)
        year = self._number(row, cells, "year", read_count)
        if year is not None:
            self.years.setdefault(year, row)
        elif len(self.problems) == before:
            self._wrong(row, "year", None, M_("The school year is missing."), None, M_("Fill in the cell."))
        talent, special, continuing = (
            bool(self._word(row, cells, name, _FLAG_WORDS))
            for name in ("talent_class", "special_education", "continuing")
        )
        school = RosterSchool(
            kind or "senior_high",  # type: ignore[arg-type]
            code or "",
            self._text(cells, "name"),
            self._word(row, cells, "public", _PUBLIC_WORDS),
            towncode,
            county,
            lon,
            lat,
            tuple(sorted(self._several(row, cells, "categories", _category_words()))) or None,
            talent,
            special,
            continuing,
            tuple(self._number(row, cells, f"pupils_{grade}", read_count) for grade in GRADES),  # type: ignore[arg-type]
            self._number(row, cells, "graduates", read_count),
            self._number(row, cells, "students", read_count),
            tuple(name.strip() for name in self._text(cells, "sources").split(_FILES) if name.strip()),
            tuple(self._several(row, cells, "note", _NOTE_WORDS, strict=False)),
        )
        return school if len(self.problems) == before else None

    def _in_taiwan(self, row: int, lon: float | None, lat: float | None) -> None:
        """Note coordinates that are none of Taiwan."""
        _at, problem = point(lon, lat)
        if not problem or lon is None or lat is None:
            return
        swapped = problem == "swapped"
        self._wrong(
            row,
            "lon",
            f"lon {lon}, lat {lat}",
            M_("Longitude and latitude are exchanged.") if swapped else M_("The coordinates are not in Taiwan."),
            M_(
                "lon between {west} and {east}, lat between {south} and {north}",
                west=EAST[0],
                east=EAST[1],
                south=NORTH[0],
                north=NORTH[1],
            ),
            M_("Exchange the two cells.")
            if swapped
            else M_("Correct the coordinates: decimal degrees (WGS 84), not metres."),
        )

    def _code(self, row: int, cells: Sequence[Cell], university: bool) -> str | None:
        cell = self._cell(cells, "code")
        try:
            return read_school_code(cell, university=university).code
        except CodeError:
            expected = M_("4 characters") if university else M_("6 digits or capital letters, such as 063404")
            mend = M_("Format the column as text and write the code in full.")
            self._wrong(row, "code", cell, M_("This is no school code."), expected, mend)
            return None

    def _township(self, row: int, cells: Sequence[Cell]) -> tuple[str | None, str]:
        """TOWNCODE and county, by the names; the code beside them must agree with them."""
        county, town, code = (self._text(cells, name) for name in ("county", "township", "towncode"))
        if not town and not code:
            return None, county
        found = []
        for name, text, within in (("township", town, county or None), ("towncode", code, None)):
            if text:
                try:
                    found.append(find_township(text, within))
                except TownshipNameError as error:
                    names = ", ".join(t.name for t in error.candidates)
                    mend = M_("Did you mean one of these: {names}?", names=names) if names else M_("Correct the cell.")
                    self._wrong(row, name, text, M_("No township has this name."), None, mend)
                    return None, county
        if len(set(found)) > 1:
            what = M_("Name and code are of two townships: {first} and {second}.", first=found[0], second=found[1])
            self._wrong(row, "towncode", code, what, None, M_("Correct one of the two, or empty the cell of the code."))
            return None, county
        return found[0].towncode, townships()[found[0].towncode].county

    def _several(
        self, row: int, cells: Sequence[Cell], name: str, words: Mapping[str, str], *, strict: bool = True
    ) -> Iterator[str]:
        for word in _split(self._text(cells, name)):
            found = words.get(normal(word))
            if found is not None:
                yield found
            elif strict:
                choices = ", ".join(dict.fromkeys(words.values()))
                mend = closest(word, words) or M_("Write one of those listed.")
                expected = M_("one of: {choices}", choices=choices)
                self._wrong(row, name, word, M_("This word is not known here."), expected, mend)


def _split(text: str) -> Iterator[str]:
    for word in text.replace("；", ";").replace("、", ";").split(";"):
        if word.strip():
            yield word.strip()
