"""Where the communities of a batch come from: scenario files, or a base map under some flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.batch.members import Found
from assigner.batch.spec_folder import readable, sha256_of, shown_path
from assigner.errors import InputError, Problem
from models.documents import content_hash

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from assigner.scenario import Scenario
    from geodata.base_map import BaseMap, Flip
    from models.rulebook import Rulebook

__all__ = ["Files", "OnMap", "Reader", "has_participant", "prepared_with"]


def _shown(problems: Sequence[Problem], folder: Path) -> tuple[Problem, ...]:
    return tuple(replace(problem, file=shown_path(problem.file, folder)) for problem in problems)


class Files:
    """Scenario files and workbooks, each a community.

    Parameters
    ----------
    paths : sequence of Path
    reader : Reader
    rulebook : Rulebook, optional
        In place of those that they name.
    """

    def __init__(self, paths: Sequence[Path], reader: Reader, rulebook: Rulebook | None = None) -> None:
        self.paths, self.reader, self.rulebook = tuple(paths), reader, rulebook

    @property
    def count(self) -> int:
        """So many files, without those known to be something else."""
        return sum(path not in self.reader.dismissed for path in self.paths)

    def communities(self) -> Iterator[object]:
        """Path and rulebook of each."""
        book = "" if self.rulebook is None else self.rulebook.hash
        return iter([(path, book) for path in self.paths])

    def found(self, key: Any) -> Found | None:
        """The scenario of a file; None where it is the file of something else."""
        return self.reader.found(key[0], self.rulebook)


class Reader:
    """Scenario files as they are read, and what turned out to be none.

    Parameters
    ----------
    folder : Path
        What files are named relative to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dismissed: dict[Path, Problem] = {}
        self._ids: dict[str, Path] = {}
        """Id of a scenario -> the file that has it; another file with it is told apart by its name."""

    def found(self, path: Path, book: Rulebook | None = None) -> Found | None:
        """The scenario of a file under a rulebook of its own choice, or another one."""
        source = shown_path(path, self.folder)
        if path in self.dismissed:
            return None
        from assigner.scenario import read_scenario

        scenario: Scenario | None = None
        try:
            scenario = read_scenario(path)
            made = scenario if book is None else _under(scenario, path, book)
        except InputError as error:
            if _is_something_else(error):
                self.dismissed[path] = _shown(error.problems, self.folder)[0]
                return None
            # It is the same community under a rulebook with which it cannot be.
            stem = readable(path.stem)
            identity, name = (stem, stem) if scenario is None else (scenario.id, scenario.name)
            return _failed(self._told_apart(identity, path, source), name, source, error, self.folder, path)
        return Found(self._told_apart(scenario.id, path, source), scenario.name, source, made.canonical())

    def _told_apart(self, identity: str, path: Path, source: str) -> str:
        first = self._ids.setdefault(identity, path)
        return identity if first == path else f"{identity} ({source})"


def _under(scenario: Scenario, path: Path, book: Rulebook) -> Scenario:
    """A scenario under another rulebook."""
    from assigner.scenario.scenario import built
    from assigner.scenario.source import Findings

    return built(scenario.entries, Findings(scenario.source), path.parent, book, None, scenario.geography)


def _is_something_else(error: InputError) -> bool:
    """Whether a file is known as what it is: a plan, a roster, a table."""
    from assigner.scenario.mistaken import mistaken

    kinds = ("plan", "plan_workbook", "plan_table", "roster", "table")
    return error.problems[0].what.msgid in {mistaken(kind, "").what.msgid for kind in kinds}


def _failed(community: str, name: str, source: str, error: InputError, folder: Path, path: Path | None) -> Found:
    problems = _shown(error.problems, folder)
    content = "" if path is None else sha256_of(path)
    cause = content_hash([source, content, [[p.what.msgid, repr(p.value), str(p.place)] for p in problems]])
    return Found(community, name, source, None, problems, cause)


class OnMap:
    """The communities of a base map, under some flips, that have a participating school.

    Parameters
    ----------
    base : Base
        With the rulebook it is to have (`prepared_with`).
    source : str
        Its file, as members name it.
    folder : Path
        What files are named relative to.
    flips : tuple of Flip
    only : frozenset of str, optional
        Communities; all if None.
    """

    def __init__(
        self,
        base: Base,
        source: str,
        folder: Path,
        flips: tuple[Flip, ...] = (),
        only: frozenset[str] | None = None,
    ) -> None:
        self.base, self.source, self.folder, self.flips, self.only = base, source, folder, flips, only
        self._map: BaseMap | None = None

    def _made(self) -> BaseMap:
        """The map after the flips; it is not kept, since thousands of variants have one each."""
        from geodata.base_map import apply_all

        return apply_all(self.base.map, self.flips)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Ids of the communities."""
        base_map = self._made()
        chosen = (c for c in base_map.names if self.only is None or c in self.only)
        return tuple(community for community in chosen if has_participant(self.base, base_map, community))

    @property
    def count(self) -> int:
        """So many communities."""
        return len(self.names)

    def communities(self) -> Iterator[object]:
        """Each by all of the map that it depends on: one that a flip does not touch is the same scenario."""
        from assigner.boundary.base import prepared

        book = prepared(self.base).book.hash
        self._map = base_map = self._made()
        try:
            for community in self.names:
                yield book, community, base_map.content(community)
        finally:
            self._map = None

    def found(self, key: Any) -> Found | None:
        """The scenario of a community."""
        from assigner.boundary.base import scenario_of_community

        community = key[1]
        base_map = self._made() if self._map is None else self._map
        name = base_map.names[community]
        try:
            scenario, _findings = scenario_of_community(self.base, base_map, community)
        except InputError as error:
            return _failed(community, name, self.source, error, self.folder, None)
        return None if scenario is None else Found(community, name, self.source, scenario.canonical())


def has_participant(base: Base, base_map: BaseMap, community: str) -> bool:
    """Whether a school takes part in a community."""
    from assigner.boundary.base import prepared

    ready = prepared(base)
    return any(ready.takes_part(code, community) for code in base_map.members(community))


def prepared_with(base: Base, book: Rulebook | None) -> Base:
    """The base under another rulebook."""
    if book is None:
        return base
    from assigner.boundary.base import prepared

    other = replace(base)
    prepared(other).__dict__["book"] = book  # in place of the one that its defaults name
    return other
