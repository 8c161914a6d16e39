"""The distance tables of a scenario: over the map, or from the user's own matrix."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Literal

import numpy as np

from assigner.errors import ABSENT, Place, Problem
from assigner.messages import M_, N_, Message
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.source import Findings
from models.community import Distances

if TYPE_CHECKING:
    from geodata.adjacency import DeclaredLink
    from geodata.geography import Geography
    from geodata.matrix import MatrixProblem
    from geodata.tables import TravelTable
    from geodata.travel import Place as GeoPlace
    from geodata.travel import Unreachable, UnreachablePair
    from models.documents import Path

__all__ = ["distances_of", "matrix_id"]

_MOST_PAIRS = 5
_MOST = 100_000


def distances_of(
    entries: ScenarioFile,
    schools: Sequence[str],
    points: Sequence[str],
    places: Mapping[str, GeoPlace],
    geography: Geography,
    links: Sequence[DeclaredLink],
    folder: FilePath | None,
    findings: Findings,
) -> Distances | None:
    """Measure all that may be travelled; note what is wrong, and give None then.

    Parameters
    ----------
    entries
        The scenario; says how to measure.
    schools, points
        Ids of the schools that may travel or host, and of the demand points, sorted.
    places
        Id -> place; not needed for a matrix.
    geography
        Its graph.
    links
        Links that the scenario declares.
    folder
        Where the path of a matrix starts.
    findings
        Where to note what is wrong.
    """
    travel = entries.travel
    if travel.mode == "matrix":
        return _from_matrix(entries, schools, points, folder, findings)
    if travel.matrix is not None:
        findings.wrong(
            ("travel", "matrix"),
            M_("A matrix is named, but travel is not measured with it."),
            None,
            M_("Write “mode: matrix” beside it, or delete the line."),
            value=travel.matrix,
        )
    if travel.unit != "km":
        findings.wrong(
            ("travel", "unit"),
            M_("Minutes are known only from a travel matrix."),
            M_("km"),
            M_("Write “mode: matrix” and name the matrix, or delete the line."),
            value=travel.unit,
        )
    if any(identity not in places for identity in (*schools, *points)):
        return None  # noted where they were located
    from geodata.travel import Unreachable, travel_km

    graph = geography.graph(links, links=travel.shipped_links)
    rows = [places[identity] for identity in (*schools, *points)]
    how: Literal["graph", "great_circle"] = "great_circle" if travel.mode == "great_circle" else "graph"
    try:
        table = travel_km(rows, rows[: len(schools)], graph, how=how)
    except Unreachable as error:
        _note_islands(error, _where(entries), findings)
        return None
    return _in_steps(table, schools, points)


def _where(entries: ScenarioFile) -> dict[str, Path]:
    """Id of a place -> its entry in the file."""
    where: dict[str, Path] = {}
    for section, letter in (("schools", ""), ("outside_partners", ""), ("junior_highs", "J")):
        for position, entry in enumerate(getattr(entries, section)):
            where.setdefault(letter + entry.code, (section, position))
    return where


def _note_islands(error: Unreachable, where: Mapping[str, Path], findings: Findings) -> None:
    towns: dict[tuple[str, ...], UnreachablePair] = {}
    for pair in error.pairs:
        towns.setdefault(tuple(sorted((pair.origin_township, pair.destination_township))), pair)
    for (a, b), pair in sorted(towns.items())[:_MOST_PAIRS]:
        findings.wrong(
            where.get(pair.origin, ("townships",)),
            M_("No way leads from {a} to {b}: neither townships that adjoin nor a declared link.", a=a, b=b),
            M_("a link (bridge, ferry or flight) wherever townships do not adjoin"),
            M_(
                "Declare one under “links”: “- {{between: [{a}, {b}], kind: ferry, km: ...}}”, "
                "or measure travel by great_circle.",
                a=a,
                b=b,
            ),
            value=f"{pair.origin} – {pair.destination}",
        )


def matrix_id(identity: str, schools: Sequence[str]) -> str:
    """Id of a place in the user's matrix: as the list of the ministry has it where that is unambiguous.

    Junior highs and townships go by their plain code; a junior high that is a division of a school of the
    scenario keeps its ``J``.
    """
    plain = identity[1:]
    return identity if identity in schools or plain in schools else plain


def _from_matrix(
    entries: ScenarioFile,
    schools: Sequence[str],
    points: Sequence[str],
    folder: FilePath | None,
    findings: Findings,
) -> Distances | None:
    from geodata.matrix import MatrixProblems, read_matrix

    name = entries.travel.matrix
    if name is None:
        if findings.source.document.at(("travel", "matrix")) is not None:
            return None  # a name that cannot be used has been noted
        findings.wrong(
            ("travel",),
            M_("Travel is to be measured with a matrix, but none is named."),
            M_("the name of a CSV file"),
            M_("Add “matrix: file.csv” under “travel”."),
        )
        return None
    rows = [*schools, *(matrix_id(point, schools) for point in points)]
    unit: Literal["km", "minutes"] = "minutes" if entries.travel.unit == "minutes" else "km"
    try:
        if folder is None:
            raise FileNotFoundError
        table = read_matrix(folder / name, rows, list(schools), unit=unit, allow_extra=True)
    except MatrixProblems as error:
        findings.problems.extend(_matrix_problem(name, problem) for problem in error.problems)
        return None
    except (OSError, ValueError, csv.Error):
        findings.wrong(
            ("travel", "matrix"),
            M_("The travel matrix cannot be opened."),
            M_("a CSV file or a workbook; its path starts at the scenario's folder"),
            M_("Correct the path, or put the file there."),
            value=name,
        )
        return None
    if table.values.size and table.values.max() > _MOST:
        findings.wrong(
            ("travel", "matrix"),
            M_("The matrix holds a distance or time that no journey has."),
            M_("{most} or less", most=_MOST),
            M_("Check the unit, and the places of the decimal points."),
            value=float(table.values.max()),
        )
        return None
    return _in_steps(table, schools, points)


_MATRIX: Mapping[str, tuple[str, str]] = {
    "encoding": (
        N_("The text is in no encoding known here."),
        N_("Save it again as CSV UTF-8, or as a workbook."),
    ),
    "binary": (N_("This is neither a table of text nor a workbook."), N_("Name a CSV file or a workbook.")),
    "damaged": (N_("The file is damaged and cannot be opened."), N_("Open it in Excel and save it again.")),
    "password": (
        N_("The workbook is protected by a password."),
        N_("Open it, remove the password, and save it again."),
    ),
    "too_large": (N_("The file is larger than any matrix of schools."), N_("Leave in it the schools that are needed.")),
    "empty": (
        N_("The matrix is empty."),
        N_("Fill it: destinations in the first row, origins in the first column."),
    ),
    "missing_origin": (N_("The matrix has no row for this id."), N_("Add a row that begins with it.")),
    "missing_destination": (N_("The matrix has no column for this id."), N_("Add a column headed by it.")),
    "unknown_origin": (
        N_("The row belongs to no school of the scenario."),
        N_("Delete it, or correct its id."),
    ),
    "unknown_destination": (
        N_("The column belongs to no school of the scenario."),
        N_("Delete it, or correct its id."),
    ),
    "lost_zeros": (
        N_("The id has lost its leading zeros."),
        N_("Format the cell as text and write the id in full."),
    ),
    "repeated_origin": (N_("The row appears twice."), N_("Delete one of the two.")),
    "repeated_destination": (N_("The column appears twice."), N_("Delete one of the two.")),
    "hole": (N_("The cell is empty."), N_("Write the distance or time.")),
    "not_a_number": (
        N_("The cell holds no number."),
        N_("Write a number with a decimal point, without a unit."),
    ),
    "negative": (N_("The number is negative."), N_("Write 0 or more.")),
    "outside": (
        N_("The value stands beyond the last column that has a head."),
        N_("Delete it, or add the head."),
    ),
}
_OTHER = (N_("The matrix cannot be used here."), N_("Compare it with the description of the format."))


def _matrix_problem(file: str, problem: MatrixProblem) -> Problem:
    what, mend = _MATRIX.get(problem.problem, _OTHER)
    place = Place(line=problem.row, column=problem.column)
    value: object = problem.value if problem.value else ABSENT
    return Problem(
        file,
        place,
        value,
        Message(what),
        M_("a full table, line by line: from (rows) – to (columns)"),
        Message(mend),
    )


def _in_steps(table: TravelTable, schools: Sequence[str], points: Sequence[str]) -> Distances:
    steps = np.rint(table.values * Distances.STEPS_PER_UNIT).astype(np.int64)
    count = len(schools)
    return Distances(tuple(schools), tuple(points), steps[:count], steps[count:], table.unit)
