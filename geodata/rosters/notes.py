"""What is told about a list besides its content: where, what, which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Note", "RosterFileError", "Spot"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a file.

    Attributes
    ----------
    file
        As the caller named it.
    line
        Of a text file, counted from 1; None for a workbook or where it is the whole file.
    cell
        Of a workbook, such as ``學校!B7``.
    """

    file: str
    line: int | None = None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing mended, odd or unusable in a list.

    Attributes
    ----------
    problem
        Mended: "lost_zero", "variant" (台 for 臺), "encoding", "swapped" (longitude and latitude), "repeated" (the
        same row twice), "by_point" (the coordinates alone say which township).
        Odd: "address_differs" (from the stated township), "county_differs" (the address names another county),
        "outside" (coordinates outside the township), "no_coordinates", "public_differs", "not_listed"
        (a code that no list has), "year" (the file is of another school year), "other_years" (rows passed over),
        "sheet" (a sheet passed over), "elementary" (rows of elementary schools, passed over), "coordinates" (no
        place in Taiwan), "number" (no count), "points_as_list" (no list of this kind; the point layer serves),
        "formula" (a formula that failed; read as nothing), "column" (a second column that says the same; not read),
        "year_cell" (no school year), "not_counted" (departments without numbers: all of them count as running),
        "hidden" (a hidden sheet, passed over), "hidden_used" (a hidden sheet, read as no visible one is a list).
        Unusable: "code" (no school code), "no_code" (none there), "conflict" (two different rows of one code: the
        second is passed over), "unplaced" (no township found), "county" (no such county).
    spot
        Where.
    value
        What is there; None if there is nothing to show.
    school
        Code of the school; empty if it is about none.
    details
        Named values for a sentence.
    """

    problem: str
    spot: Spot
    value: object = None
    school: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)


class RosterFileError(ValueError):
    """A file was read as a table, but is no list of schools.

    Attributes
    ----------
    columns
        Heads of what looks most like its header.
    spot
        Where that header is.
    """

    def __init__(self, spot: Spot, columns: tuple[str, ...]) -> None:
        self.spot, self.columns = spot, columns
        super().__init__(spot, columns)

    def __str__(self) -> str:
        return f"no list of schools: {', '.join(self.columns)}"
