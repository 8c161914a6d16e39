"""A scenario: what a planner wrote, checked against the rulebook and the map, and the problem it poses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from assigner.errors import InputError
from assigner.errors import Problem as Finding
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.reading import document_of, is_workbook, shape, text_of
from assigner.scenario.source import Findings, Source, in_order
from models.community import Community, Problem
from models.documents import Document, content_hash
from models.rulebook import Relaxation, Rulebook, Rules

if TYPE_CHECKING:
    from assigner.scenario.vocabulary import Vocabulary
    from geodata.adjacency import DeclaredLink
    from geodata.geography import Geography
    from geodata.travel import Place
    from models.community import Distances

__all__ = ["Scenario", "built", "parse_scenario", "read_scenario", "scenario_of"]


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario that can be used, and where each of its values stands.

    Make one with `read_scenario`, `parse_scenario`, `scenario_of` or `Scenario.from_canonical`.

    Attributes
    ----------
    entries
        What the file says, spelling aside.
    rulebook
        The rulebook it names.
    territory
        TOWNCODEs of its territory, sorted: as listed, else those of its participants.
    places
        Id of a school, junior high (``J`` and its code) or township (``T`` and its TOWNCODE) -> its place,
        where it has one.
    links
        Links that the scenario declares.
    geography
        The townships: the shipped ones, or those of the map the scenario names. One read back from a plan knows the
        townships that are used, without polygons.
    warnings
        What is probably not meant, in the order of the file.
    source
        The document, with the line of every value.
    """

    entries: ScenarioFile
    rulebook: Rulebook
    territory: tuple[str, ...]
    places: Mapping[str, Place]
    links: tuple[DeclaredLink, ...]
    geography: Geography
    warnings: tuple[Finding, ...]
    source: Source
    _problem: Problem = field(repr=False)

    @property
    def id(self) -> str:
        """Short id, used in file names."""
        return self.entries.id

    @property
    def name(self) -> str:
        """Name of the community."""
        return self.entries.name

    @property
    def synthetic(self) -> bool:
        """Whether the community is made up."""
        return self.entries.synthetic

    @property
    def document(self) -> Document:
        """The document as it was read."""
        return self.source.document

    @property
    def rules(self) -> Rules:
        """The rules under the switches of the file, before any relaxation."""
        return self._problem.rules

    @property
    def community(self) -> Community:
        """The community as the mathematics sees it."""
        return self._problem.community

    @property
    def relaxations(self) -> str | tuple[str, ...]:
        """``"auto"``, ``"none"``, or the ids of those that hold in any case."""
        return self.entries.relaxations

    @property
    def stated_relaxations(self) -> tuple[Relaxation, ...]:
        """The relaxations that hold in any case, in their documented order."""
        stated = self.entries.relaxations if isinstance(self.entries.relaxations, tuple) else ()
        return tuple(relaxation for relaxation in self.rulebook.relaxations if relaxation.id in stated)

    def problem(self) -> Problem:
        """The problem it poses, before any relaxation."""
        return self._problem

    def canonical(self) -> dict[str, Any]:
        """Content as plain data, the same for every order and spelling of the file; see `from_canonical`."""
        from assigner.scenario.canonical import canonical_of

        return canonical_of(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical content."""
        return content_hash(self.canonical())

    @classmethod
    def from_canonical(cls, data: Mapping[str, Any], file: str = "") -> Scenario:
        """Read canonical content back; the problem is equal to that of the scenario it came from.

        Parameters
        ----------
        data
            As `canonical` gives it.
        file
            The file it stands in, for errors.

        Raises
        ------
        assigner.errors.InputError
            It is no canonical content that can be used.
        """
        from assigner.scenario.canonical import scenario_from

        return scenario_from(data, file)


def read_scenario(path: str | PathLike[str]) -> Scenario:
    """Read a scenario file: YAML, or the form as a workbook (.xlsx, .xlsm, .ods, .xls).

    Raises
    ------
    assigner.errors.InputError
        The file cannot be used; with everything that is wrong in it.
    """
    file = fspath(path)
    where = FilePath(path)
    if is_workbook(where):
        from assigner.workbook.reading import read_workbook

        return read_workbook(where, file)
    from assigner.scenario.mistaken import refuse_mistaken

    refuse_mistaken(where, file)
    return _assembled(document_of(text_of(where, file), file), file, where.parent)


def parse_scenario(text: str, file: str = "scenario.yaml", folder: str | PathLike[str] | None = None) -> Scenario:
    """Read a scenario from the text of a file (errors as `read_scenario`).

    Parameters
    ----------
    text
        YAML.
    file
        What errors call it.
    folder
        Where the paths in it start; None if it may name no files.
    """
    return _assembled(document_of(text, file), file, None if folder is None else FilePath(folder))


def scenario_of(data: Mapping[str, Any], file: str = "", folder: str | PathLike[str] | None = None) -> Scenario:
    """Make a scenario from plain data, shaped as a file (parameters and errors as `parse_scenario`)."""
    return _assembled(Document(file, dict(data)), file, None if folder is None else FilePath(folder))


def _assembled(
    document: Document,
    file: str,
    folder: FilePath | None,
    rulebook: Rulebook | None = None,
    distances: Distances | None = None,
    geography: Geography | None = None,
    located: Mapping[str, Place] | None = None,
) -> Scenario:
    """Check everything and build the scenario; what is given besides the document replaces what it names."""
    shaped = shape(document, file)
    if shaped.entries is None:
        raise InputError(in_order(list(shaped.problems)))
    findings = Findings(shaped.source, list(shaped.problems))
    complete = "schools" not in shaped.set_aside and "outside_partners" not in shaped.set_aside
    return built(shaped.entries, findings, folder, rulebook, distances, geography, located=located, complete=complete)


def built(
    entries: ScenarioFile,
    findings: Findings,
    folder: FilePath | None,
    rulebook: Rulebook | None = None,
    distances: Distances | None = None,
    geography: Geography | None = None,
    *,
    words: Vocabulary | None = None,
    located: Mapping[str, Place] | None = None,
    complete: bool = True,
) -> Scenario:
    """Build a scenario from its entries.

    Parameters
    ----------
    entries
        What the file says.
    findings
        What is wrong so far, and where each entry stands.
    folder
        Where the paths in it start; None if it may name no files.
    rulebook, distances, geography
        In place of what it names.
    words
        Of the rulebook, if they are known.
    located
        Id -> place of schools, partners and junior highs, if they have been located and checked.
    complete
        Whether all schools of the file could be read.

    Raises
    ------
    assigner.errors.InputError
        With everything that is wrong.
    """
    from assigner.scenario.distances import distances_of
    from assigner.scenario.geography import geography_of, note_islands
    from assigner.scenario.part import part_of_whole
    from assigner.scenario.people import community_of
    from assigner.scenario.places import links_of, note_outsiders, territory_of
    from assigner.scenario.vocabulary import Vocabulary, chosen_rules, find_rulebook
    from assigner.scenario.wishes import wishes_of

    if geography is None:
        geography = geography_of(entries, folder, findings)
    listed: tuple[str, ...] = ()
    links: tuple[DeclaredLink, ...] = ()
    places: dict[str, Place] = {}
    if geography is not None:
        listed = territory_of(entries, geography, findings)
        links = links_of(entries, geography, findings)
        places = _located(entries, geography, findings) if located is None else dict(located)
        note_outsiders(entries, geography, places, listed, findings)
        note_islands(entries, geography, links, findings)
    book = find_rulebook(entries, folder, findings) if rulebook is None else rulebook
    if book is None:
        findings.stop_if_wrong()
        raise AssertionError("no rulebook, and no reason")

    rules = chosen_rules(entries, book, findings)
    words = words or Vocabulary.of(book)
    territory = listed or _towncodes_of_participants(entries, places)
    if not entries.junior_highs:
        places.update(_township_places(territory))
    community = community_of(entries, words, rules, territory, geography, findings, complete=complete)
    wishes = wishes_of(entries, words, rules, community, findings, complete=complete)
    if distances is None and geography is not None:
        moving = [school.code for school in community.schools if school.participates]
        rows = sorted([*moving, *(partner.code for partner in community.outside_partners)])
        points = [point.id for point in community.demand_points]
        distances = distances_of(entries, rows, points, places, geography, links, folder, findings)
    findings.stop_if_wrong()
    if distances is None or geography is None:
        raise AssertionError("no distances, and no reason")
    problem = part_of_whole(entries, words, Problem(rules, community, wishes, distances), geography, findings)
    findings.stop_if_wrong()
    warnings = tuple(in_order(findings.warnings))
    return Scenario(entries, book, territory, places, links, geography, warnings, findings.source, problem)


def _located(entries: ScenarioFile, geography: Geography, findings: Findings) -> dict[str, Place]:
    """Places of schools, partners and junior highs."""
    from assigner.scenario.people import junior_high_id
    from assigner.scenario.places import locate

    needed = entries.travel.mode != "matrix"
    places: dict[str, Place | None] = {}
    for i, school in enumerate(entries.schools):
        place = locate(school.code, school, geography, findings, ("schools", i), needed=needed and school.takes_part)
        places.setdefault(school.code, place)
    for i, partner in enumerate(entries.outside_partners):
        place = locate(partner.code, partner, geography, findings, ("outside_partners", i), needed=needed)
        places.setdefault(partner.code, place)
    for i, junior_high in enumerate(entries.junior_highs):
        identity = junior_high_id(junior_high.code)
        places.setdefault(
            identity, locate(identity, junior_high, geography, findings, ("junior_highs", i), needed=needed)
        )
    return {identity: place for identity, place in places.items() if place is not None}


def _towncodes_of_participants(entries: ScenarioFile, places: Mapping[str, Place]) -> tuple[str, ...]:
    members = [school.code for school in entries.schools if school.takes_part]
    return tuple(sorted({places[code].towncode for code in members if code in places}))


def _township_places(territory: tuple[str, ...]) -> dict[str, Place]:
    from assigner.scenario.people import township_id
    from geodata.travel import Place

    return {township_id(code): Place(township_id(code), code) for code in territory}
