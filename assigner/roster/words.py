"""What an import says in words: notes, files that cannot be used, names of kinds and columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from assigner.errors import ABSENT, Place, Problem
from assigner.messages import M_, N_, Message, _, join_list, number, quote
from geodata.rosters import Note, RosterFileError, Spot
from geodata.sheets import SheetError
from geodata.townships import townships

__all__ = ["KIND_WORDS", "MENDED", "NOTE_TITLES", "TABLE_WORDS", "file_problem", "note_line", "where"]

KIND_WORDS: Mapping[str, str] = {
    "senior_high": N_("Senior highs"),
    "junior_high": N_("Junior highs"),
    "university": N_("Universities"),
}

TABLE_WORDS: Mapping[str, str] = {
    "list": N_("list of schools"),
    "junior_highs": N_("junior highs with pupils"),
    "points": N_("places with coordinates"),
    "programmes": N_("programmes"),
    "departments": N_("departments by group"),
}

MENDED = frozenset(("lost_zero", "variant", "encoding", "swapped", "repeated", "by_point"))
"""Notes that ask for nothing: it was put right."""

NOTE_TITLES: Mapping[str, str] = {
    "lost_zero": N_("Codes that had lost a leading zero; it was put back"),
    "variant": N_("County, township or address written with 台; read as 臺"),
    "encoding": N_("Files in another encoding than UTF-8; read all the same"),
    "swapped": N_("Longitude and latitude were exchanged; put right"),
    "repeated": N_("The same row twice; it counts once"),
    "by_point": N_("Township neither stated nor in the address; taken from the coordinates"),
    "conflict": N_("The same code twice with different content; the first counts"),
    "code": N_("No school code; the row was passed over"),
    "no_code": N_("Rows without a code; passed over"),
    "unplaced": N_("Township not found; the school cannot be used in a scenario yet"),
    "county": N_("There is no such county"),
    "outside": N_("The coordinates lie outside the township"),
    "address_differs": N_("The address lies in another township than stated; the address counts"),
    "county_differs": N_("The township lies in another county than stated; the township counts"),
    "coordinates": N_("Coordinates that are not in Taiwan; left out"),
    "number": N_("No whole number; left out"),
    "formula": N_("Formulas that failed; read as empty"),
    "column": N_("A second column with the same meaning; the first counts"),
    "year_cell": N_("No school year; the row counts for every year"),
    "not_counted": N_("Departments without numbers of classes or students; all count as running"),
    "hidden": N_("Hidden sheets; passed over"),
    "hidden_used": N_("A hidden sheet was read, since no visible one is a list"),
    "no_coordinates": N_("Schools without coordinates; the township's point stands for them"),
    "public_differs": N_("Public or private differs between the files; the list counts"),
    "not_listed": N_("Codes that no list of schools has; passed over"),
    "points_as_list": N_("No list of this kind of school; the file with coordinates serves as the list"),
    "year": N_("Files of another school year; used all the same"),
    "other_years": N_("Rows of other school years; passed over"),
    "elementary": N_("Elementary schools; passed over"),
    "sheet": N_("Sheets that are no list of schools; passed over"),
}
"""Problem of a note -> what it says; the order in which they are told."""

_SHEET_ERRORS: Mapping[str, tuple[str, str]] = {
    "too_large": (
        N_("The file is larger than any list of schools (more than {megabytes} MB)."),
        N_("Name the list itself."),
    ),
    "password": (
        N_("The workbook is protected by a password."),
        N_("Open it, remove the password, and save it again."),
    ),
    "damaged": (N_("The file is damaged and cannot be opened."), N_("Open it in Excel and save it again.")),
    "encoding": (
        N_("The text is in no encoding known here."),
        N_("Save it again as CSV UTF-8, or as a workbook."),
    ),
    "binary": (
        N_("This is neither a table of text nor a workbook."),
        N_("Name a CSV, JSON or workbook file."),
    ),
    "json": (
        N_("This JSON is no list of schools."),
        N_("Write a list of objects with the same keys, one for each school."),
    ),
    "empty": (N_("The file is empty."), N_("Name the file that holds the list.")),
}


def where(spot: Spot) -> str:
    """A place in a file, as it stands before a line: ``high.csv:12`` or ``high.xlsx [表!A12]``."""
    name = PurePath(spot.file).name
    return f"{name}:{spot.line}" if spot.line else f"{name} [{spot.cell}]" if spot.cell else name


def note_line(note: Note) -> str:
    """One note in one line, without its title."""
    name = str(note.details.get("name") or "")
    said = [where(note.spot), *([note.school] if note.school else []), *([name] if name else []), _detail(note)]
    return "  ".join(" ".join(part.split()) for part in said if part)


def _town(code: Any) -> str:
    return townships()[code].name if code in townships() else ""


def _detail(note: Note) -> str:
    """What is particular to one note."""
    details, value = note.details, "" if note.value is None else str(note.value)
    match note.problem:
        case "outside":
            stated, found = _town(details["stated"]), _town(details["found"])
            if found == stated or not found:
                return _("{km} km outside {stated}", km=number(details["km"], 1), stated=stated)
            return _("{km} km outside {stated}, in {found}", km=number(details["km"], 1), stated=stated, found=found)
        case "address_differs":
            stated, address, found = (_town(details[key]) for key in ("stated", "addressed", "found"))
            if found:
                return _(
                    "stated {stated}, address in {address}, coordinates in {found}",
                    stated=stated,
                    address=address,
                    found=found,
                )
            return _("stated {stated}, address in {address}", stated=stated, address=address)
        case "county_differs":
            return _("stated {stated}, township {found}", stated=value, found=_town(details["found"]))
        case "by_point":
            return " ".join(filter(None, (value, _town(details["found"]))))
        case "repeated" | "conflict":
            return _("{value}, first in {place}", value=value, place=where(details["first"]))
        case "public_differs":
            word = _("public") if details["public"] else _("private")
            return _("{name}: {word} by the list", name=value, word=word)
        case "points_as_list":
            return _(KIND_WORDS[value])
        case "year":
            return _("school year {year}", year=value)
        case "other_years":
            return _("{n} rows; school year {year} is used", n=details["rows"], year=details["year"])
        case "elementary":
            return _("rows: {n}", n=details["rows"])
        case "not_counted":
            return ""
        case "encoding":
            return {"cp950": "Big5", "utf-16": "UTF-16"}.get(value, value)
    return (
        value
        if note.problem in ("not_listed", "no_coordinates", "unplaced", "county", "hidden", "hidden_used")
        else quote(value or "?")
    )


def file_problem(file: str, error: RosterFileError | SheetError) -> Problem:
    """A file that cannot be used."""
    if isinstance(error, RosterFileError):
        spot = error.spot
        return Problem(
            file,
            Place("", spot.line, None, spot.cell),
            ABSENT,
            M_("The columns are those of no list known here: {columns}.", columns=_Listed(error.columns)),
            M_("a column with codes (代碼) and others such as 學校名稱, 縣市名稱, 地址, 經度, 緯度, 群別"),
            M_("Check that it is the right file and that its heads stand in one row."),
        )
    what, mend = _SHEET_ERRORS[error.problem]
    line, column = (error.details.get(key) for key in ("line", "column"))
    place = Place("", line if isinstance(line, int) else None, column if isinstance(column, int) else None)
    return Problem(file, place, ABSENT, Message(what, error.details), None, Message(mend))


class _Listed:
    """A list that is put together when it is printed, in the reader's language."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def __str__(self) -> str:
        return join_list(self.names) if self.names else _("none")
