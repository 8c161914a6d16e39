"""What a batch is to run: a folder of scenarios, a base map, or a variants file; read as late as can be.

What a SPEC is, its files and its digest are told without reading what is in them, so that a run that is known already
costs nothing. Members are made while others are solved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assigner.batch.grounds import Files, OnMap, Reader
from assigner.batch.keys import reading_fingerprint
from assigner.batch.members import AS_IT_IS, Chunk, Part, counted, expanded, total_of
from assigner.batch.spec_folder import (
    ANSWERS,
    kind_of_file,
    readable,
    scenario_files,
    sha256_of,
    shown_path,
    with_named,
)
from assigner.batch.values import Question
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.scenario.reading import document_of, text_of
from models.documents import content_hash

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["Spec", "read_spec"]

Kind = Literal["folder", "scenario", "base", "variants"]

PLANS = (Question(),)
"""A plan for each, and nothing else."""


class Spec:
    """What a batch is to run.

    Make one with `read_spec`.

    Parameters
    ----------
    path : Path
    kind : {"folder", "scenario", "base", "variants"}
    roster : Path or None
        Schools of a base map that does not hold them.
    scenarios : tuple of Path
        Of a folder or a single scenario.
    notes : tuple of Problem
        Files that are no scenario, and left out.
    """

    def __init__(
        self,
        path: Path,
        kind: Kind,
        roster: Path | None = None,
        scenarios: tuple[Path, ...] = (),
        notes: tuple[Problem, ...] = (),
    ) -> None:
        self.path, self.kind, self.roster, self.scenarios = path, kind, roster, scenarios
        self.folder = path if path.is_dir() else path.parent
        self._notes = notes
        self._reader = Reader(self.folder)

    @cached_property
    def name(self) -> str:
        """What the run is called unless somebody names it: as a variants file says, else as the file or folder."""
        if self.kind == "variants":
            file = str(self.path)
            try:
                data = document_of(text_of(self.path, file), file).data
            except InputError:
                data = None
            if isinstance(data, dict) and isinstance(data.get("name"), str) and data["name"].strip():
                return str(data["name"].strip())
        return readable(self.path.resolve().name if self.path.is_dir() else self.path.stem)

    @cached_property
    def files(self) -> dict[str, str]:
        """Every file that is read, relative to the folder of the SPEC -> SHA-256 of its content."""
        start = [*self.scenarios] if self.kind in ("folder", "scenario") else [self.path]
        if self.roster is not None:
            start.append(self.roster)
        found = {shown_path(path, self.folder): sha256_of(path) for path in with_named(start)}
        return dict(sorted(found.items()))

    @cached_property
    def digest(self) -> str:
        """Digest of all files and of the program that reads them: equal digests ask for the same members."""
        return content_hash([self.kind, readable(self.path.name), self.files, reading_fingerprint()])

    @cached_property
    def parts(self) -> list[Part]:
        """Communities and the variants of them.

        Raises
        ------
        assigner.errors.InputError
            The base map, the variants file or the single scenario cannot be used.
        """
        if self.kind == "variants":
            from assigner.batch.spec_file import read_variants

            return read_variants(self.path, self.roster, self._reader)
        if self.kind == "scenario":
            self._refuse_unusable()
        if self.kind == "base":
            return [(OnMap(self.base, self.path.name, self.folder), [AS_IT_IS])]
        return [(Files(self.scenarios, self._reader), [AS_IT_IS])]

    def _refuse_unusable(self) -> None:
        """Raise what is wrong with a single scenario: then there is nothing to run."""
        found = self._reader.found(self.path)
        problems = tuple(self._reader.dismissed.values()) if found is None else found.problems
        if problems:
            raise InputError(replace(problem, file=self.path) for problem in problems)

    @cached_property
    def base(self) -> Base:
        """The base map that the SPEC is."""
        from assigner.boundary.base import read_base

        return read_base(self.path, self.roster)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Files that were found and left out, and why; complete once all members were made."""
        return (*self._notes, *self._reader.dismissed.values())

    @property
    def total(self) -> int:
        """Number of members for one question; workbooks that turn out to be no scenarios are not counted then."""
        return total_of(self.parts)

    @property
    def axes(self) -> dict[str, list[Any]]:
        """What varies: axis -> its values, in order; empty without variants."""
        found: dict[str, dict[Any, None]] = {}
        if self.kind != "variants":
            return {}
        for _ground, changes in self.parts:
            for change in changes:
                for axis, value in change.variant.items():
                    found.setdefault(axis, {})[value] = None
        return {axis: list(values) for axis, values in found.items()}

    def members(self, questions: Sequence[Question] = PLANS, *, contents: bool = True) -> Iterator[Chunk]:
        """Make the members, in chunks, each with the scenarios that none before it needed.

        Parameters
        ----------
        questions
            Each is asked of each community under each variant.
        contents
            False: without the scenarios, to count.

        Raises
        ------
        assigner.errors.InputError
            As `parts`; a scenario that cannot be used is a member with problems instead.
        """
        return expanded(self.parts, questions, contents=contents)

    def counts(self, questions: Sequence[Question] = PLANS) -> dict[str, Any]:
        """How many members and jobs, by source and by axis; all scenarios are read for it."""
        return counted(member for chunk in self.members(questions, contents=False) for member in chunk.members)


def read_spec(path: str | PathLike[str], roster: str | PathLike[str] | None = None) -> Spec:
    """See what a SPEC is; what is in its files is read when it is needed.

    Parameters
    ----------
    path
        A folder of scenario files and workbooks, sub-folders included; a scenario; a base map in any format; a
        variants file.
    roster
        Schools of a base map that does not hold them.

    Raises
    ------
    assigner.errors.InputError
        It is nothing that a batch can run.
    """
    where = Path(path)
    table = None if roster is None else Path(roster)
    if where.is_dir():
        scenarios, notes = scenario_files(where)
        if not scenarios:
            raise InputError([_nothing_in(where, path), *notes])
        return Spec(where, "folder", None, tuple(scenarios), tuple(notes))
    if not where.is_file():
        what, mend = M_("There is no such file or folder."), M_("Check the name and the folder.")
        raise InputError([Problem(path, Place(), ABSENT, what, None, mend)])
    kind = kind_of_file(where)
    if kind == "experiment":
        what = M_("This is an experiment on a base map, not a base map.")
        mend = M_("Write a variants file that names it after “flips:”; see the documentation of variants.")
        raise InputError([Problem(path, Place("", 1, 1), ABSENT, what, None, mend)])
    if kind == "base":
        _refuse_others(where, str(path))
    if kind == "scenario" and table is None:
        return Spec(where, "scenario", None, (where,))
    return Spec(where, "variants" if kind == "variants" else "base", table)


def _refuse_others(path: Path, file: str) -> None:
    """Refuse a file that can be no base map: a plan, a web page, or nothing that is read."""
    from assigner.boundary.files import is_read
    from assigner.scenario.mistaken import kind_of, mistaken

    if not is_read(path):
        what = M_("This is nothing that a batch can run.")
        expected = M_("a folder of scenarios, a scenario, a form, a base map or a variants file")
        raise InputError([Problem(file, Place(), ABSENT, what, expected, M_("Name one of these."))])
    kind = kind_of(path)
    if kind in ("plan", "plan_table", "web"):
        raise InputError([mistaken(kind, file)])


def _nothing_in(folder: Path, name: Any) -> Problem:
    if any((folder / answer).is_file() for answer in ANSWERS):
        what = M_("This folder holds an answer, not scenarios.")
    else:
        what = M_("No scenario and no form is in this folder.")
    expected = M_("a folder with scenario files (.yaml) or forms (Excel workbooks)")
    return Problem(name, Place(), ABSENT, what, expected, M_("Name the folder in which the scenarios are."))
