"""The values of a boundary experiment: the base it starts from, a community under one map, and effects of a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from assigner.documented import Documented
from assigner.errors import ExitCode
from geodata.base_map import BaseMap, Flip

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.errors import Problem
    from assigner.outputs import Written
    from assigner.planner import Result
    from assigner.report.page import Explorer
    from assigner.scenario.scenario import Scenario
    from geodata.adjacency import DeclaredLink
    from geodata.geography import Geography
    from models.audit import Audit
    from models.clauses._door import Violation
    from models.community import Assignment, Plan
    from models.tiers import TierValue

__all__ = [
    "FINDINGS",
    "Base",
    "CommunityEffects",
    "DutyChange",
    "Effects",
    "Finding",
    "Kept",
    "Locks",
    "NearestChange",
    "Outline",
    "Severity",
    "State",
]

Severity = Literal["broken", "warning", "note"]

#: What is said of a change, and how grave it is. ``broken``: the rules of the programme are not kept; ``warning``: to
#: be looked at; ``note``: for information.
FINDINGS: Mapping[str, Severity] = {
    "no_school": "broken",  # a community without participants
    "no_plan": "broken",  # proven: no lawful plan, relaxations included
    "clause_broken": "broken",  # while there is no new plan: by the plan that was; values: clause, items, schools
    "left_out": "warning",  # schools that belong to no community any more; values: schools
    "more_pieces": "warning",  # more connected parts than before; values: parts (cut off, TOWNCODEs), before, after
    "cut_off": "note",  # parts that hung together with the rest before, though there are no more pieces; same values
    "needs_relaxation": "warning",  # a relaxation that was not needed before; values: relaxation
    "split_allowed": "note",  # crossed upwards: may hand in two plans now
    "split_lost": "note",  # crossed downwards
    "band_changed": "note",  # most hosts of exploration; values: before, after
    "small": "warning",  # fewer participants than it takes without relaxations; values: n, least
    "category_lost": "warning",  # a course category that the community had before; values: category
    "category_gained": "note",
    "wish_dropped": "warning",  # a pin, ban, convener ... of a school that left; values: key, item, school
    "convener_changed": "note",  # values: before, after
    "several_counties": "note",  # county purity, only information; values: counties before and after
    "stopped": "warning",  # the new plan is not proven
}


@dataclass(frozen=True, eq=False)
class Base:
    """A base map, and all that it takes to solve each of its communities.

    Parameters
    ----------
    id, name : str
    map : BaseMap
    schools : Mapping[str, Mapping]
        Code -> its entry as in a scenario file (`assigner.scenario.entries.SchoolEntry`); the schools of the map.
    junior_highs : Mapping[str, Mapping]
        Code -> entry as in a scenario file; each counts where its township is served (`BaseMap.served_by`).
    junior_town : Mapping[str, str]
        Code of a junior high -> TOWNCODE.
    geography : Geography
    links : tuple of DeclaredLink
        Declared by the base, besides those of the geography.
    defaults : Mapping[str, Any]
        Keys of a scenario file that hold for every community: rulebook, switches, relaxations, tiers, travel,
        exploration, host_numbers.
    own : Mapping[str, Mapping[str, Any]]
        Community -> keys of a scenario file that hold for it alone: convener, pins, bans, ways, outside_partners, and
        any of the defaults.
    universities : tuple of Mapping
        Entries as in a scenario file.
    synthetic, invented : bool
        Made up altogether; real schools in communities that nobody decided.
    note : str
    sources : tuple of str
    file : str
        Where it was read from, as it was named.
    geography_entry : Mapping or None
        The entry of the file that names the polygons; None for those that are shipped.
    folder : str or None
        Where the paths in it start; None if it may name no files.
    warnings : tuple of Problem
        What is probably not meant, in the order of the file.
    """

    id: str
    name: str
    map: BaseMap
    schools: Mapping[str, Mapping[str, Any]]
    junior_highs: Mapping[str, Mapping[str, Any]]
    junior_town: Mapping[str, str]
    geography: Geography
    links: tuple[DeclaredLink, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    universities: tuple[Mapping[str, Any], ...] = ()
    synthetic: bool = False
    invented: bool = False
    note: str = ""
    sources: tuple[str, ...] = ()
    file: str = ""
    geography_entry: Mapping[str, Any] | None = None
    folder: str | None = None
    warnings: tuple[Problem, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Send between processes what it was made of, without what was computed since."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @cached_property
    def graph(self) -> Any:
        """The adjacency graph of all townships, declared links included (networkx, frozen)."""
        import networkx as nx

        shipped = self.defaults.get("travel", {}).get("shipped_links", True)
        return nx.freeze(self.geography.graph(self.links, links=shipped))


@dataclass(frozen=True)
class Locks:
    """What no flip may change, neither a new one nor one that is undone.

    Parameters
    ----------
    townships, schools, communities : frozenset of str
        TOWNCODEs; codes; ids. Of a locked community neither members nor townships may change.
    """

    townships: frozenset[str] = frozenset()
    schools: frozenset[str] = frozenset()
    communities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outline:
    """A community under one map, before anything is solved.

    Parameters
    ----------
    id, name : str
    members : tuple of str
        Codes, sorted; whether they take part or not.
    territory : tuple of str
        TOWNCODEs, sorted.
    pieces : tuple of tuple of str
        Connected parts of the territory, the largest first.
    counties : tuple of str
        Of the territory, in the order of their codes.
    """

    id: str
    name: str
    members: tuple[str, ...]
    territory: tuple[str, ...]
    pieces: tuple[tuple[str, ...], ...]
    counties: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class State:
    """A community under one map, with its plan.

    Parameters
    ----------
    outline : Outline
    scenario : Scenario or None
        None: it has no school.
    result : Result or None
        Its plan, as `assigner.planner.solve` gives it; None without a scenario.
    dropped : tuple of Finding
        Wishes of the base that speak of schools that are no members here.
    """

    outline: Outline
    scenario: Scenario | None = None
    result: Result | None = None
    dropped: tuple[Finding, ...] = ()

    @property
    def values(self) -> Mapping[str, TierValue]:
        """Tier -> value of the plan; empty without one."""
        return {} if self.result is None or self.result.audit is None else self.result.audit.values


@dataclass(frozen=True, eq=False)
class Kept:
    """What the plan that was is worth once the members are others, before anything is solved anew.

    Schools that left take their duties with them, schools that came host nothing, a convener that left is replaced by
    the first of the ranking.

    Parameters
    ----------
    plan : Plan
    assignment : Assignment
    audit : Audit
        Its violations are the clauses that the change breaks unless duties are given out anew.
    """

    plan: Plan
    assignment: Assignment
    audit: Audit

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Clauses that are not kept."""
        return tuple(violation for finding in self.audit.findings for violation in finding.violations)


@dataclass(frozen=True)
class Finding:
    """Something to know of a change.

    Parameters
    ----------
    code : str
        One of `FINDINGS`.
    community : str
        Id.
    values : Mapping[str, Any]
        What its sentence speaks of: codes, TOWNCODEs, numbers.
    """

    code: str
    community: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return FINDINGS[self.code]


@dataclass(frozen=True)
class DutyChange:
    """A duty that a school has in one plan and not in the other.

    Parameters
    ----------
    item, school : str
        Id of the item (or of a way of promotion), or ``"convener"``; code.
    before, after : str
        Community in which the school has it; `geodata.base_map.NOWHERE` where it has not.
    """

    item: str
    school: str
    before: str
    after: str


@dataclass(frozen=True)
class NearestChange:
    """A junior high whose nearest host of a unit is another school, or as far away as it was not.

    Parameters
    ----------
    demand, unit : str
        Id of the demand point; item or track to whose nearest host people travel.
    community : str
        For which it counts (it may count for several).
    before, after : tuple of (str, float), or None
        Host and distance, one way, in the unit of the distances; None where it does not count for this community.
    """

    demand: str
    unit: str
    community: str
    before: tuple[str, float] | None
    after: tuple[str, float] | None


@dataclass(frozen=True, eq=False)
class CommunityEffects:
    """What a change does to one community.

    Parameters
    ----------
    id, name : str
    before, after : State or None
        None where it does not exist. While new plans are being proven, `after` has no result.
    kept : Kept or None
        None of a community that was not, or has no school now.
    findings : tuple of Finding
    """

    id: str
    name: str
    before: State | None
    after: State | None
    kept: Kept | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, eq=False)
class Effects(Documented):
    """What the flips of an experiment do, against its base.

    Parameters
    ----------
    base : Base
    flips : tuple of Flip
    map : BaseMap
        After the flips.
    communities : tuple of CommunityEffects
        Those that are touched, in the order of the base, new ones last; the others are as they were.
    duties : tuple of DutyChange
        Of all touched communities; empty while plans are being proven.
    nearest : tuple of NearestChange
        Likewise.
    complete : bool
        Whether every touched community has its new plan.
    """

    base: Base
    flips: tuple[Flip, ...]
    map: BaseMap
    communities: tuple[CommunityEffects, ...]
    duties: tuple[DutyChange, ...] = ()
    nearest: tuple[NearestChange, ...] = ()
    complete: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all communities, the gravest first."""
        order = ("broken", "warning", "note")
        found = [finding for community in self.communities for finding in community.findings]
        return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))

    @property
    def proven(self) -> bool:
        """Whether every plan, before and after, is proven: best, or not to exist."""
        results = [
            state.result
            for entry in self.communities
            for state in (entry.before, entry.after)
            if state is not None and state.scenario is not None
        ]
        return all(result is not None and result.status in ("optimal", "infeasible") for result in results)

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives these effects ends."""
        results = [s.result for c in self.communities for s in (c.before, c.after) if s is not None]
        if any(result is not None and result.status == "disagrees" for result in results):
            return ExitCode.DISAGREES
        if self.complete and any(finding.severity == "broken" for finding in self.findings):
            return ExitCode.NO_LAWFUL_PLAN
        return ExitCode.PROVEN if self.proven else ExitCode.STOPPED

    def frames(self) -> dict[str, pd.DataFrame]:
        """Tidy frames: communities, members, measures, duties, nearest, moved, findings.

        Returns
        -------
        dict of str to pandas.DataFrame
            ``measures`` has a row for every measure of every touched community (``*``: of all together) with before,
            kept, after and change; ``duties`` and ``nearest`` one for every duty or junior high that changes.
        """
        from assigner.boundary.frames import frames_of

        return frames_of(self)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``boundary.json``."""
        from assigner.boundary.answer import effects_document

        return effects_document(self)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write them into a folder (see `assigner.boundary.outputs.write_effects`)."""
        from assigner.boundary.outputs import write_effects

        return write_effects(self, folder, formats)

    def plot(self, ax: Axes | None = None, lang: str | None = None) -> Axes:
        """Draw the maps before and after (see `assigner.report.boundary_map.plot`)."""
        from assigner.report.boundary_map import plot

        return plot(self, ax, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page of the effects, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.boundary_page import explorer

        return explorer(self, lang)
