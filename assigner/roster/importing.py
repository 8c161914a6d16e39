"""From the ministry's lists to a roster, with a report of what was mended and what could not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from assigner.errors import ABSENT, InputError, Problem
from assigner.errors import Place as FilePlace
from assigner.messages import M_
from assigner.roster.categories import categories_of, talent_class
from assigner.roster.schools import KINDS, Roster, RosterSchool
from assigner.roster.tidy import is_roster
from assigner.roster.words import MENDED, file_problem, note_line
from geodata.rosters import FileSummary, Joined, Member, Note, RosterFileError, Table, join_lists, read_tables
from geodata.rosters.cells import county_part
from geodata.sheets import SheetError, read_sheets
from geodata.townships import townships

__all__ = ["LEAST_YEAR", "MOST_YEAR", "ImportReport", "import_roster", "roc_year"]

LEAST_YEAR, MOST_YEAR = 90, 200


@dataclass(frozen=True)
class ImportReport:
    """What was read and what is to be told of it.

    Attributes
    ----------
    year
        School year asked for.
    files
        Each table that was understood.
    notes
        What was mended, what is odd, what could not be used; in the order of the files.
    counts
        Kind -> county -> schools; schools without a township count under "".
    """

    year: int
    files: tuple[FileSummary, ...]
    notes: tuple[Note, ...]
    counts: dict[str, dict[str, int]]

    @property
    def mended(self) -> tuple[Note, ...]:
        """What was mended."""
        return tuple(note for note in self.notes if note.problem in MENDED)

    @property
    def odd(self) -> tuple[Note, ...]:
        """What should be looked at."""
        return tuple(note for note in self.notes if note.problem not in MENDED)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a program that reads it; the sentences are in the current language."""
        return {
            "year": self.year,
            "files": [asdict(file) for file in self.files],
            "counts": self.counts,
            "notes": [
                {
                    "problem": note.problem,
                    "mended": note.problem in MENDED,
                    "file": note.spot.file,
                    "line": note.spot.line,
                    "cell": note.spot.cell,
                    "school": note.school,
                    "value": note.value,
                    "text": note_line(note),
                }
                for note in self.notes
            ],
        }


def roc_year(year: int) -> int | None:
    """A school year by the ROC calendar; a year of the common era is understood. None if it can be neither."""
    roc = year - 1911 if year > 1911 else year
    return roc if LEAST_YEAR <= roc <= MOST_YEAR else None


def import_roster(files: str | PathLike[str] | Sequence[str | PathLike[str]], year: int) -> Roster:
    """Read the ministry's lists and join them by code.

    Parameters
    ----------
    files
        Any mix of lists of senior highs, junior highs and universities, of programmes, departments and coordinates,
        as CSV, JSON or workbooks; what a file is, its columns say.
    year
        School year (ROC, such as 111). Lists of another year are used, and the report says so.

    Returns
    -------
    Roster
        With its ``report``.

    Raises
    ------
    assigner.errors.InputError
        A file cannot be read as a table or is no list of schools, or no school is left; with everything that is wrong.
    OSError
        A file cannot be opened.
    """
    paths = [files] if isinstance(files, str | PathLike) else list(files)
    school_year = roc_year(year)
    problems: list[Problem] = []
    if school_year is None:
        what, expected = M_("There is no such school year here."), M_("a school year such as 111")
        problems.append(Problem("", FilePlace("year"), year, what, expected, M_("Write the year of the lists.")))
    tables: list[Table] = []
    notes: list[Note] = []
    for path in paths:
        try:
            if (ours := _form_or_plan(fspath(path))) is not None:
                problems.append(ours)
                continue
            found, told = read_tables(path, school_year)
        except (RosterFileError, SheetError) as error:
            problems.append(file_problem(fspath(path), error))
            continue
        if any(table.kind == "junior_highs" for table in found) and is_roster(path):
            problems.append(_roster_already(fspath(path)))
            continue
        tables += found
        notes += told
    if problems:
        raise InputError(problems)
    joined = join_lists(tables, school_year, notes)
    if not joined.members:
        raise InputError(_nothing([fspath(path) for path in paths], joined))
    assert school_year is not None
    schools = tuple(map(_school, joined.members))
    return Roster(school_year, schools, ImportReport(school_year, joined.files, joined.notes, counts_of(schools)))


def counts_of(schools: Iterable[RosterSchool]) -> dict[str, dict[str, int]]:
    """Schools by kind and county."""
    counted = Counter((s.kind, s.county if s.towncode else "") for s in schools)
    counties = [*dict.fromkeys(township.county for township in townships().values()), ""]
    return {kind: {county: n for county in counties if (n := counted[kind, county])} for kind in KINDS}


def _school(member: Member) -> RosterSchool:
    township = None if member.towncode is None else townships()[member.towncode]
    lon, lat = member.at or (None, None)
    return RosterSchool(
        member.kind,
        member.code,
        member.name,
        member.public,
        member.towncode,
        township.county if township else county_part(member.county),
        lon,
        lat,
        categories_of(member),
        talent_class(member),
        member.special_education,
        member.continuing,
        member.pupils,
        member.graduates,
        member.students,
        member.sources,
        member.noted,
    )


def _form_or_plan(file: str) -> Problem | None:
    """A form or a plan of ours, whose sheets of schools look like lists."""
    from assigner.scenario.reading import is_workbook
    from assigner.workbook.recognising import form_sheets, plan_sheets

    if not is_workbook(Path(file)):
        return None
    names = [sheet.name for sheet in read_sheets(file).sheets]
    if form_sheets(names):
        what = M_("This is a form of this program, and no list of the ministry.")
        mend = M_("Leave it out: name only the lists. The form is for “assigner validate” and “assigner solve”.")
    elif plan_sheets(names):
        what = M_("This is a plan of this program, and no list of the ministry.")
        mend = M_("Leave it out: name only the lists. The plan is for “assigner check”.")
    else:
        return None
    return Problem(file, FilePlace(), ABSENT, what, None, mend)


def _roster_already(file: str) -> Problem:
    """A tidy table has pupils by grade, as a list of junior highs has; it is none."""
    what = M_("This is a roster already, and no list of the ministry.")
    mend = M_("Use it after --roster, or compare it with another: assigner import-roster --compare OLD NEW.")
    return Problem(file, FilePlace(), ABSENT, what, None, mend)


def _nothing(files: list[str], joined: Joined) -> list[Problem]:
    """Why no school is left: the rows that could not be used, else that no file is a list."""
    unusable = [note for note in joined.notes if note.problem in ("code", "no_code")]
    if unusable:
        return [
            Problem(
                note.spot.file,
                FilePlace("", note.spot.line, None, note.spot.cell),
                ABSENT if note.value is None else note.value,
                M_("This row has no school code that can be used, and no other row of the files has one."),
                M_("a code of 6 digits or capital letters, such as 063404"),
                M_("Format the column of the codes as text, and write the codes in full."),
            )
            for note in unusable[:10]
        ]
    if any(file.kind in ("programmes", "departments") and file.rows for file in joined.files):
        what = M_("These files hold programmes or departments only; where a school is they do not say.")
    else:
        what = M_("There is no school in these files.")
    mend = M_("Add the list of the schools: code, name, county and address.")
    return [Problem(", ".join(files), FilePlace(), ABSENT, what, None, mend)]
