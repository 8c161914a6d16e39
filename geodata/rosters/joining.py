"""Lists of one year joined by code: which schools there are, where each lies, and which courses it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from geodata.rosters.cells import county_part, public_by_name
from geodata.rosters.columns import TableKind
from geodata.rosters.notes import Note, Spot
from geodata.rosters.placing import FAR_KM, Placement, is_county, place_school
from geodata.rosters.reading import Entry, Table

__all__ = ["Course", "FileSummary", "Joined", "Kind", "Member", "join_lists"]

Kind = Literal["senior_high", "junior_high", "university"]
KINDS: tuple[Kind, ...] = ("senior_high", "junior_high", "university")

_JUNIOR_DIVISION = "附設國中部"
_SPECIAL = ("特殊教育學校", "啟智學校", "啟聰學校", "啟明學校", "啟仁學校", "特教學校")
_CONTINUING = ("進修學校", "進修學院", "補校")


@dataclass(frozen=True, slots=True)
class Course:
    """What a school runs: programme (普通科, 專業群科 ...), group (機械群 ...), department, as lists name them."""

    programme: str
    group: str
    dept: str


@dataclass(frozen=True)
class Member:
    """A school of the joined lists.

    Attributes
    ----------
    kind, code, name
        The key is kind and code: a junior-high division has the code of its senior high.
    public
        None if no list and no name says.
    county
        As the lists state it; what counts is the township.
    towncode
        None if it could not be placed.
    at
        Longitude and latitude.
    courses
        Those with classes or students; None if no list of programmes or departments names the school.
    by_department
        Whether they come from departments, which name groups, and not from programmes alone.
    pupils
        Of grades 7, 8, 9.
    graduates, students
        A year; of a senior high without its junior division.
    special_education, continuing
        By its name and code.
    sources
        Files that say anything of it.
    noted
        What is odd about it: problems of `Note`.
    """

    kind: Kind
    code: str
    name: str
    public: bool | None
    county: str
    towncode: str | None
    at: tuple[float, float] | None
    courses: tuple[Course, ...] | None
    by_department: bool
    pupils: tuple[int | None, int | None, int | None]
    graduates: int | None
    students: int | None
    special_education: bool
    continuing: bool
    sources: tuple[str, ...]
    noted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileSummary:
    """A table as it was understood: its file and sheet, kind, number of usable rows, school year, encoding."""

    file: str
    sheet: str
    kind: TableKind
    rows: int
    year: int | None
    encoding: str


@dataclass(frozen=True)
class Joined:
    """All schools, by kind and code; what was read; what is to be told."""

    members: tuple[Member, ...]
    files: tuple[FileSummary, ...]
    notes: tuple[Note, ...]


@dataclass
class _Join:
    """The lists of one year while they are joined."""

    year: int | None
    notes: list[Note] = field(default_factory=list)
    files: list[FileSummary] = field(default_factory=list)
    also: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)

    def entries(self, tables: Iterable[Table]) -> dict[TableKind, list[Entry]]:
        """Usable rows by kind of table; of a table with several school years only those of one."""
        found: dict[TableKind, list[Entry]] = {}
        for table in tables:
            rows, year = self._of_one_year(table)
            elementary = [entry for entry in rows if entry.kind == "elementary"]
            if elementary:
                self.notes.append(Note("elementary", elementary[0].spot, details={"rows": len(elementary)}))
            rows = [entry for entry in rows if entry.kind != "elementary"]
            self.files.append(FileSummary(table.spot.file, table.sheet, table.kind, len(rows), year, table.encoding))
            found.setdefault(table.kind, []).extend(rows)
        return found

    def _of_one_year(self, table: Table) -> tuple[list[Entry], int | None]:
        years = sorted({entry.year for entry in table.entries if entry.year is not None})
        if not years:
            return list(table.entries), None
        year = years[-1] if self.year is None else min(years, key=lambda other: (abs(other - (self.year or 0)), other))
        if self.year is not None and year != self.year:
            self.notes.append(Note("year", table.spot, year))
        rows = [entry for entry in table.entries if entry.year in (year, None)]
        if len(rows) < len(table.entries):
            count = len(table.entries) - len(rows)
            self.notes.append(Note("other_years", table.spot, details={"rows": count, "year": year}))
        return rows, year

    def listed(self, found: Mapping[TableKind, list[Entry]]) -> dict[tuple[str, str], Entry]:
        """The schools there are: those of the lists, and of the point layer where no list has their kind."""
        rows = [*found.get("list", ()), *found.get("junior_highs", ())]
        kinds = {entry.kind for entry in rows}
        for kind in KINDS:
            instead = [entry for entry in found.get("points", ()) if entry.kind == kind]
            if kind not in kinds and instead:
                rows += instead
                self.notes.append(Note("points_as_list", Spot(instead[0].spot.file), kind))
        schools: dict[tuple[str, str], Entry] = {}
        for entry in rows:
            key = (entry.kind, entry.code)
            first = schools.setdefault(key, entry)
            if first is entry:
                continue
            if first.spot.file != entry.spot.file and _agree(first, entry):
                schools[key] = _completed(first, entry)
                self.also.setdefault(key, []).append(entry)
                continue
            problem = "repeated" if first.says == entry.says else "conflict"
            self.notes.append(Note(problem, entry.spot, entry.name, entry.code, {"first": first.spot}))
        return schools

    def placed(self, entry: Entry, point: Entry | None) -> tuple[Placement, tuple[float, float] | None, set[str]]:
        """Where a school lies; what is odd about it is noted."""
        at = entry.at or (point.at if point else None)
        town, county = entry.town, entry.county
        if not town and not entry.address and point is not None:
            town, county = point.town, county or point.county
        address = entry.address or (point.address if point and not entry.town else "")
        placement = place_school(county, town, address, at)
        odd: set[str] = set()

        def note(problem: str, value: object, **details: object) -> None:
            odd.add(problem)
            self.notes.append(Note(problem, entry.spot, value, entry.code, {"name": entry.name, **details}))

        if entry.county and not is_county(entry.county):
            note("county", entry.county)
        if placement.towncode is None:
            note("unplaced", " ".join(filter(None, (entry.county, entry.town, entry.address))) or None)
            return placement, at, odd
        if placement.by == "point":
            note("by_point", entry.address or None, found=placement.towncode)
        if placement.other_county:
            note("county_differs", entry.county, found=placement.towncode)
        if placement.stated and placement.addressed and placement.stated != placement.addressed:
            shown = {"stated": placement.stated, "addressed": placement.addressed, "found": placement.found}
            note("address_differs", entry.address, **shown)
        if placement.km_outside > FAR_KM and at is not None:
            shown_at = f"{at[0]}, {at[1]}"
            note("outside", shown_at, stated=placement.towncode, found=placement.found, km=placement.km_outside)
        return placement, at, odd


def join_lists(tables: Sequence[Table], year: int | None = None, notes: Iterable[Note] = ()) -> Joined:
    """Join lists by the code of the schools.

    Parameters
    ----------
    tables
        As `read_tables` gives them, in the order of their files: of two that contradict the first counts.
    year
        School year (ROC) wanted.
    notes
        What was told while they were read; put before what is told here.
    """
    join = _Join(year, list(notes))
    found = join.entries(tables)
    schools = join.listed(found)
    points: dict[tuple[str, str], Entry] = {}
    for entry in found.get("points", ()):
        points.setdefault((entry.kind, entry.code), entry)
    by_code = {code: entry for (kind, code), entry in points.items() if kind == "senior_high"}
    programmes = _by_code(found.get("programmes", ()))
    departments = _by_code(found.get("departments", ()))
    _note_strangers(join, schools, points, found)
    any_point = any(entry.at for entry in (*schools.values(), *points.values()))

    members = []
    for (kind, code), entry in sorted(schools.items(), key=lambda item: (KINDS.index(item[0][0]), item[0][1])):
        own = points.get((kind, code))
        # A junior division stands where its senior high stands.
        point = own or (by_code.get(code) if kind == "junior_high" and entry.at is None else None)
        placement, at, odd = join.placed(entry, point)
        if at is None and any_point:
            odd.add("no_coordinates")
            join.notes.append(Note("no_coordinates", entry.spot, entry.name, code))
        public = _public(join, entry, own, odd)
        senior = kind == "senior_high"
        mine = departments.get(code, []) if senior else []
        runs = programmes.get(code, []) if senior else []
        rows = [entry, *join.also.get((kind, code), ()), *filter(None, [point]), *mine, *runs]
        members.append(
            Member(
                kind,  # type: ignore[arg-type]
                code,
                entry.name or (own.name if own else ""),
                public,
                entry.county or (own.county if own else ""),
                placement.towncode,
                at,
                _courses(mine or runs),
                bool(mine),
                entry.pupils,
                entry.graduates,
                _students(entry, own, mine, runs),
                any(word in entry.name for word in _SPECIAL) or (len(code) == 6 and code[3] == "F"),
                any(word in entry.name for word in _CONTINUING) or (len(code) == 6 and senior and code[3] in "BC"),
                tuple(dict.fromkeys(Path(row.spot.file).name for row in rows)),
                tuple(sorted(odd)),
            )
        )
    return Joined(tuple(members), tuple(join.files), tuple(join.notes))


def _agree(first: Entry, second: Entry) -> bool:
    """Whether two files say the same of a school, as far as both say anything; how they write its name is their own."""
    if None not in (first.public, second.public) and first.public != second.public:
        return False
    pairs = [(getattr(first, name), getattr(second, name)) for name in ("county", "town")]
    return all(not a or not b or county_part(a) == county_part(b) for a, b in pairs)


def _completed(first: Entry, second: Entry) -> Entry:
    """The first, with what only the second says."""
    empty: tuple[object, ...] = (None, "", (None, None, None))
    missing = [name for name, value in vars(first).items() if value in empty]
    return replace(first, **{name: getattr(second, name) for name in missing})


def _by_code(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.code, []).append(entry)
    return found


def _note_strangers(
    join: _Join,
    schools: Mapping[tuple[str, str], Entry],
    points: Mapping[tuple[str, str], Entry],
    found: Mapping[TableKind, list[Entry]],
) -> None:
    """Note the codes that other files have and no list; once for each file and code."""
    kinds = {kind for kind, _code in schools}
    told = set()
    for entry in _strangers(schools, points, found):
        key = (entry.spot.file, entry.code)
        # A file about a kind of school that nobody listed is told once, not for each of its rows.
        if key not in told and (entry.kind in kinds or not kinds):
            told.add(key)
            join.notes.append(Note("not_listed", entry.spot, entry.name or None, entry.code))


def _strangers(
    schools: Mapping[tuple[str, str], Entry],
    points: Mapping[tuple[str, str], Entry],
    found: Mapping[TableKind, list[Entry]],
) -> Iterator[Entry]:
    yield from (entry for key, entry in points.items() if key not in schools)
    for kind in ("programmes", "departments"):
        for entry in found.get(kind, ()):
            if ("senior_high", entry.code) not in schools:
                yield entry


def _public(join: _Join, entry: Entry, own: Entry | None, odd: set[str]) -> bool | None:
    """Public or private: a list before the name, the name before the point layer, which knows no foundations."""
    named = public_by_name(entry.name)
    if own is entry:
        return named if named is not None else entry.public
    if entry.public is not None:
        if own is not None and own.public is not None and own.public != entry.public:
            odd.add("public_differs")
            details = {"public": entry.public, "file": Path(own.spot.file).name}
            join.notes.append(Note("public_differs", own.spot, entry.name, entry.code, details))
        return entry.public
    return named if named is not None else (own.public if own else None)


def _courses(rows: Sequence[Entry]) -> tuple[Course, ...] | None:
    """What runs: lists also name departments that have closed, without classes or students.

    Of a table that has no such numbers all rows run.
    """
    running = [
        entry
        for entry in rows
        if (entry.classes or entry.students or not entry.counted) and entry.level != _JUNIOR_DIVISION
    ]
    courses = dict.fromkeys(Course(entry.level, entry.group, entry.dept) for entry in running)
    return tuple(courses) if rows else None


def _students(entry: Entry, own: Entry | None, mine: Sequence[Entry], runs: Sequence[Entry]) -> int | None:
    """Students: of the programmes, else of the departments, else of the list itself, else of the point layer."""
    for rows in (runs, mine):
        numbers = [row.students for row in rows if row.level != _JUNIOR_DIVISION and row.students is not None]
        if numbers:
            return sum(numbers)
    for row in filter(None, (entry, own)):
        if row.senior_students is not None or row.students is not None:
            return row.senior_students if row.senior_students is not None else row.students
    return None
