"""The values of a roster: schools of one school year, each with its place and what the lists say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from geodata.townships import Township, townships

if TYPE_CHECKING:
    import pandas as pd

    from assigner.roster.importing import ImportReport

__all__ = ["GRADES", "KINDS", "Kind", "Roster", "RosterSchool"]

Kind = Literal["senior_high", "junior_high", "university"]
KINDS: tuple[Kind, ...] = get_args(Kind)
GRADES = (7, 8, 9)


@dataclass(frozen=True)
class RosterSchool:
    """A school of a roster.

    Attributes
    ----------
    kind, code
        Together the key: a junior-high division has the code of its senior high. Of a university 4 characters.
    name
        As the list has it.
    public
        None: unknown.
    towncode
        None if no township was found.
    county
        Of its township; as stated where that is unknown.
    lon, lat
        Degrees, or both None.
    categories
        Ids of course categories by the rulebook's table, sorted; None: unknown.
    talent_class, special_education, continuing
        Flags that can be read: a talent class (藝才班), a special-education school, a school for continuing education
        (進修學校).
    pupils
        Of grades 7, 8, 9; None where unknown.
    graduates, students
        A year; None where unknown.
    sources
        Names of the files that speak of it.
    notes
        What is odd about it, ids such as ``outside``; `assigner.roster.words` has the words.
    """

    kind: Kind
    code: str
    name: str = ""
    public: bool | None = None
    towncode: str | None = None
    county: str = ""
    lon: float | None = None
    lat: float | None = None
    categories: tuple[str, ...] | None = None
    talent_class: bool = False
    special_education: bool = False
    continuing: bool = False
    pupils: tuple[int | None, int | None, int | None] = (None, None, None)
    graduates: int | None = None
    students: int | None = None
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def township(self) -> Township | None:
        """Its township."""
        return None if self.towncode is None else townships()[self.towncode]

    @property
    def at(self) -> tuple[float, float] | None:
        """Longitude and latitude."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True)
class Roster:
    """The schools of one school year.

    Attributes
    ----------
    year
        School year (ROC), such as 111.
    schools
        Sorted by kind and code, no key twice.
    report
        What was read, mended and found odd; None for a roster read from its own table.
    file
        Its own table, as it was named; empty for one that was just imported.
    """

    year: int
    schools: tuple[RosterSchool, ...]
    report: ImportReport | None = field(default=None, compare=False, repr=False)
    file: str = field(default="", compare=False, repr=False)

    @cached_property
    def by_key(self) -> dict[tuple[str, str], RosterSchool]:
        """Kind and code -> school."""
        return {(school.kind, school.code): school for school in self.schools}

    def of(self, kind: Kind) -> tuple[RosterSchool, ...]:
        """The schools of a kind."""
        return tuple(school for school in self.schools if school.kind == kind)

    def within(self, kind: Kind, towncodes: frozenset[str]) -> Iterator[RosterSchool]:
        """Yield the schools of a kind in some townships."""
        return (school for school in self.of(kind) if school.towncode in towncodes)

    def to_frame(self) -> pd.DataFrame:
        """One row for each school, with the columns of the tidy table under their English names."""
        import pandas as pd

        from assigner.messages import language_set
        from assigner.roster.tidy import COLUMNS, rows_of

        with language_set("en"):
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(self)]
        return pd.DataFrame(rows, columns=list(COLUMNS))
