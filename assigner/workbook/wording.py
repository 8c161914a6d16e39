"""What the checks of a scenario say to people who write a text file, said to people who fill in a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assigner.errors import ABSENT, Place, Problem
from assigner.faults import shown_path
from assigner.messages import M_, N_, Message, join_list
from assigner.workbook.forms import Form
from assigner.workbook.layout import SCHOOLS, Choice, Column
from models.documents import Document, Path

__all__ = ["Wording"]

_AS_TEXT = N_("Take the code from the ministry's list of schools; format the cell as text before you type it.")
_CELL = N_("Correct the cell, or empty it to use the default.")

_COORDINATES = {key: SCHOOLS.column(key) for key in ("lon", "lat")}

_INSTEAD: Mapping[str, str] = {
    "Take the code from the ministry's list of schools and put quotation marks around it: '063404'.": _AS_TEXT,
    "Put quotation marks around the code: '063404'.": _AS_TEXT,
    "Correct the value, or leave the key out to use the default.": _CELL,
    "true or false (是 or 否)": N_("yes or no (是 or 否)"),
    "Write a text; put quotation marks around it if in doubt.": N_("Write a text."),
    "The key “{key}” is missing.": N_("Nothing stands here, but it is needed."),
    "Add a line “{key}: ...” to this entry.": N_("Fill in the cell, or empty the whole row."),
    "Add a line such as “township: 臺中市東勢區”.": N_("Fill in the township, such as 臺中市東勢區."),
    "Write “lon: {lon}” and “lat: {lat}”.": N_("Write {lon} as longitude and {lat} as latitude."),
    "both lon and lat, or neither": N_("both longitude and latitude, or neither"),
    "lon between {west} and {east}, lat between {south} and {north}": N_(
        "longitude between {west} and {east}, latitude between {south} and {north}"
    ),
    "Name another school, or write “convener: choose”.": N_(
        "Name another school, or empty the cell: the program then chooses."
    ),
    "Delete the entry, or mark the school with “benchmark: true”.": N_(
        "Empty the row, or mark the school as a benchmark school on the sheet of schools."
    ),
    "Write “rulebook: {name}”, or correct the path; it starts at the scenario's folder.": N_(
        "Write {name}, or correct the name of the file; it stands beside the form."
    ),
    "Name each of them once, the most important first, or delete “order”.": N_(
        "Give each of them one rank, 1 for the most important, or leave all ranks empty."
    ),
    "Add the pupils by grade: “pupils”, with the keys 7, 8 and 9.": N_(
        "Fill in the pupils by grade, or the graduates."
    ),
    "Add the township to “townships”, or correct the school's.": N_(
        "Add the township to the territory of the community, or correct the school's."
    ),
    "a township that is listed under “townships”": N_("a township of the territory of the community"),
    "the code of a school under “schools”": N_("the code of a school of the sheet of schools"),
    "Delete the switch, or delete what stands under “exploration”.": N_(
        "Empty the choice, or the numbers and distances of exploration."
    ),
    "Add the entry, or delete the switch.": N_(
        "Fill in the numbers or the distance of exploration, or empty the choice."
    ),
    "The switch contradicts what the file says under “exploration”.": N_(
        "The choice contradicts the numbers or the distance of exploration."
    ),
    "The switch needs an entry under “exploration” that is missing.": N_(
        "The choice needs numbers or a distance of exploration, which are missing."
    ),
    "numbers for “stated”, within_km or within_minutes for “within_distance”": N_(
        "numbers of hosts for “stated”, a distance for “within_distance”"
    ),
    "Write a short id such as dongshi-109; the key “name” takes any text.": N_(
        "Write a short id such as dongshi-109; the name of the community takes any text."
    ),
    "Write one of those listed, or delete the entry.": N_("Write one of those listed, or empty the cell."),
    "the code of a benchmark school": N_("a school that is marked as a benchmark school"),
    "Keep one of the two lines.": N_("Keep one of the two."),
    "Delete the line.": N_("Empty the cell."),
    "Delete the entry.": N_("Empty the cell."),
}


class Wording:
    """Says the problems of a scenario in the words of the form that it was read from."""

    def __init__(self, form: Form, document: Document) -> None:
        self.form, self.document = form, document
        self.paths: dict[str, Path] = {shown_path(path): path for path in document.cells}
        entries = [entry for section in ("schools", "outside_partners") for entry in document.data.get(section, [])]
        self._schools = {str(entry.get("code")): str(entry.get("name", "")) for entry in entries}

    def of(self, problem: Problem) -> Problem:
        """Say a problem in the words of the form, at the cell it is about."""
        form, place, what = self.form, problem.place, problem.what
        cell = place.cell
        if what.msgid == "The key “{key}” is missing.":
            cell = self.document.cells.get((*self.paths.get(place.key, ()), str(what.args.get("key"))), cell)
        if what.msgid == "The rulebook has no switch of this id.":
            cell = form.name_cells.get(cell, cell)
        mend = _instead(problem.mend)
        if mend.msgid == "{hint} Otherwise delete the line.":
            mend = replace(mend, msgid=_CELL, args={})
        key = form.titles.get(cell, "") if cell else ""
        expected = None if problem.expected is None else _instead(problem.expected)
        if cell in form.choices and what.msgid == "The value is none of those possible here.":
            expected = M_("one of: {choices}", choices=_Words(form.choices[cell]))
        value = _as_written(problem.value, form.contents.get(cell))
        if value is not problem.value and str(problem.value) in self._schools:
            key = f"{key} ({f'{problem.value} {self._schools[str(problem.value)]}'.strip()})"
        place = Place(key, cell=cell)
        return replace(problem, place=place, value=value, what=_instead(what), expected=expected, mend=mend)


def _as_written(value: object, content: object) -> object:
    """What a person sees in the cell; a member of a list in it stays alone."""
    if value is ABSENT or content is None or str(value) in str(content):
        return value
    return content if isinstance(content, str | int | float) else str(content)


def _instead(message: Message) -> Message:
    args = dict(message.args)
    if args.get("key") in _COORDINATES:
        args["key"] = _Title(_COORDINATES[str(args["key"])])
    return replace(message, msgid=_INSTEAD.get(message.msgid, message.msgid), args=args)


class _Words:
    """The words a cell may hold, in the language in which they are printed."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice

    def __str__(self) -> str:
        return join_list(self.choice.shown_all())


class _Title:
    """The title of a column, in the language in which it is printed."""

    def __init__(self, column: Column) -> None:
        self.column = column

    def __str__(self) -> str:
        return self.column.shown
