"""What a column of a school list holds, by the names that lists give it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from geodata.names import normalise
from geodata.sheets import Cell

__all__ = ["SPELLINGS", "Columns", "TableKind", "columns_of", "head_word", "recognised"]

TableKind = Literal["list", "junior_highs", "points", "programmes", "departments"]
"""What a table is: a list of schools; of junior highs with pupils; coordinates; programmes; departments by group."""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("代碼", "學校代碼", "學校代號", "學校編號", "校代碼", "code", "school code", "school id", "schoolno"),
    "name": ("學校名稱", "校名", "名稱", "學校", "name", "school name", "school"),
    "public": ("公私立", "公私立別", "公/私立", "公私別", "設立別", "public", "management", "public or private"),
    "county": ("縣市名稱", "縣市", "縣市別", "所在縣市", "直轄市縣市", "county", "county name", "city"),
    "town": ("鄉鎮市區", "鄉鎮市區名稱", "鄉鎮市區別", "鄉鎮", "行政區", "township", "town", "town name", "district"),
    "address": ("地址", "學校地址", "校址", "所在地", "address", "school address", "addr"),
    "lon": ("經度", "東經", "x", "x座標", "座標x", "wgs84x", "lon", "lng", "long", "longitude", "x coordinate"),
    "lat": ("緯度", "北緯", "y", "y座標", "座標y", "wgs84y", "lat", "latitude", "y coordinate"),
    "level": (
        "等級別",
        "等級",
        "學制",
        "學制別",
        "部別",
        "學校級別",
        "學校類別",
        "學程別",
        "level",
        "programme",
        "program",
    ),
    "group": ("類科群別", "群別", "類群", "群科", "群科別", "群", "群別名稱", "group", "department group"),
    "dept": ("科別", "科別名稱", "科名", "科系", "dept", "department", "department name"),
    "classes": ("班級數", "班數", "classes", "number of classes"),
    "students": ("學生數", "學生人數", "學生總數", "在學學生數", "學生數總計", "students", "number of students"),
    "senior_students": ("高中部學生數", "senior students"),
    "graduates": (
        "畢業生數",
        "畢業生人數",
        "上學年畢業生數",
        "上學年度畢業生數",
        "上學年畢業生",
        "graduates",
        "graduates prev",
        "graduates last year",
    ),
    "year": ("學年度", "學年", "school year", "year"),
}
"""Field -> names of its column, in both languages; blanks, underscores, case and brackets do not matter."""

_GRADE_FIELDS = ("g7", "g8", "g9")
_YEARLY = ("students", "senior_students", "graduates", "classes")
_GRADES = {"7": 7, "8": 8, "9": 9, "七": 7, "八": 8, "九": 9}
_LOWER = {"一": 7, "二": 8, "三": 9}
_GRADE = re.compile(r"(?:國中)?(?:第)?([789七八九])年級(.*)|國([一二三])(.*)|(?:grade|g|pupils)([789])(.*)")
_PARTS = re.compile(r"(?:[一二三123]年級|學生數|學生|人數|學生人數)*(男|女)(?:學?生)?(?:人?數)?")
_GRADUATES_PART = re.compile(r"(?:上學年度?)?(?:畢業生?)?(男|女)?(?:畢業生)(?:人?數)?(男|女)?")
_YEAR_LAST = re.compile(r"(.*?)(\d{2,3})(?:學年度?|年度?)?")
_YEAR_FIRST = re.compile(r"(\d{2,3})(?:學年度?|年度?)(.+)")
_BRACKETS = re.compile(r"\(([^)]*)\)|\[([^\]]*)\]")
_ONE_SEX = re.compile(r"(男|女)(?:學?生)?(?:人?數)?")
_YEAR = re.compile(r"(?:民國|roc)?(\d{2,4})(?:學年度?|年度?)?")
_FIRST_YEAR, _LAST_YEAR = 50, 200
_MOST_HEADS = 60


def read_year(text: str) -> int | None:
    """Read a school year (ROC) as lists write it: ``110``, ``110學年度``, ``2021``; None if it is none."""
    found = _YEAR.fullmatch(re.sub(r"[\s_.:-]", "", normalise(text)).casefold())
    if found is None:
        return None
    year = int(found[1]) - 1911 if int(found[1]) > 1911 else int(found[1])
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class _Head:
    """What one column holds: a field, of which school year (if it says), and whether only one sex."""

    field: str
    year: int | None = None
    part: str = ""


@dataclass(frozen=True)
class Columns:
    """The columns of a table.

    Attributes
    ----------
    heads
        Column -> what it holds; columns that are not known are absent.
    repeated
        Columns that say the same as one before them; they are not read.
    """

    heads: Mapping[int, _Head]
    repeated: tuple[int, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """All that the table holds."""
        return frozenset(head.field for head in self.heads.values())

    def of(self, field: str, year: int | None = None) -> tuple[int, ...]:
        """Columns to be added up for a field: of the year asked for, else of none, else of the nearest or the last.

        A total counts before its parts.
        """
        found = {column: head for column, head in self.heads.items() if head.field == field}
        years = {head.year for head in found.values() if head.year is not None}
        if years:
            wanted: int | None = (
                max(years) if year is None else min(years, key=lambda other: (abs(other - year), other))
            )
            if wanted != year and any(head.year is None for head in found.values()):
                wanted = None
            found = {column: head for column, head in found.items() if head.year == wanted}
        whole = [column for column, head in found.items() if not head.part]
        return tuple(whole[:1]) if whole else tuple(found)

    def kind(self) -> TableKind | None:
        """What the table is; None if it is no list of schools."""
        fields = self.fields
        if "code" not in fields:
            return None
        if fields & {"group", "dept"}:
            return "departments"
        if fields & {"g7", "g8", "g9"}:
            return "junior_highs"
        if "level" in fields and fields & {"classes", "students"} and not fields & {"lon", "address", "town"}:
            return "programmes"
        if {"lon", "lat"} <= fields:
            return "points"
        if fields & {"address", "town"} or {"name", "county"} <= fields:
            return "list"
        return None


def head_word(cell: Cell) -> str:
    """Bring a head into the form in which it is looked up."""
    if not isinstance(cell, str):
        return ""
    word = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", normalise(cell[:200]))
    return re.sub(r"[\s_.:*-]", "", word).casefold()


_FIELD_OF = {head_word(name): field for field, names in SPELLINGS.items() for name in names}


def _meaning(word: str) -> _Head | None:
    if word in _FIELD_OF:
        return _Head(_FIELD_OF[word])
    if (grade := _GRADE.fullmatch(word)) and "班" not in word and "畢業" not in word:
        digit, lower, latin = grade[1], grade[3], grade[5]
        rest = grade[2] or grade[4] or grade[6] or ""
        number = _LOWER[lower] if lower else _GRADES[digit or latin]
        return _Head(f"g{number}", part="男" if "男" in rest else "女" if "女" in rest else "")
    if "畢業" in word and (part := _GRADUATES_PART.fullmatch(word)):
        return _Head("graduates", part=part[1] or part[2] or "")
    if part := _PARTS.fullmatch(word):
        return _Head("students", part=word)
    for pattern, name, year in ((_YEAR_FIRST, 2, 1), (_YEAR_LAST, 1, 2)):
        found = pattern.fullmatch(word)
        if found and _FIELD_OF.get(found[name]) in _YEARLY:
            return _Head(_FIELD_OF[found[name]], year=int(found[year]))
    return None


def columns_of(cells: Sequence[Cell]) -> Columns:
    """Read a row as a header."""
    heads: dict[int, _Head] = {}
    seen: set[_Head] = set()
    repeated: list[int] = []
    for column, cell in enumerate(cells):
        head = _meaning(head_word(cell))
        if head is None or not isinstance(cell, str):
            continue
        head = _narrowed(head, cell)
        if head in seen:  # of two columns that say the same the first counts
            repeated.append(column)
        else:
            heads[column] = head
            seen.add(head)
    return Columns(heads, tuple(repeated))


def _narrowed(head: _Head, cell: str) -> _Head:
    """A head with what stands in its brackets, where that is a sex or a school year; all else there is a remark."""
    if head.field not in _YEARLY and head.field not in _GRADE_FIELDS:
        return head
    for round_, square in _BRACKETS.findall(normalise(cell[:200])):
        inside = re.sub(r"\s", "", round_ or square)
        if part := _ONE_SEX.fullmatch(inside):
            head = replace(head, part=head.part or part[1])
        elif (year := read_year(inside)) is not None:
            head = replace(head, year=head.year or year)
    return head


def recognised(rows: Iterable[tuple[int, tuple[Cell, ...]]]) -> Iterator[tuple[int, Columns]]:
    """Yield the rows that are headers of a list, with their index."""
    for index, cells in rows:
        columns = columns_of(cells)
        if columns.kind() is not None:
            yield index, columns


def shown_heads(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Heads of a table that is not known, as they are."""
    return tuple(str(cell).strip()[:40] for cell in cells if cell is not None and str(cell).strip())[:_MOST_HEADS]
