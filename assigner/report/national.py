"""The national report as one value: a run, another one that it is compared with, and the land they speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assigner.batch.run_facts import BASE
from assigner.messages import _
from assigner.words import text
from geodata.geography import Geography, embedded

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from assigner.batch.runs import Runs
    from assigner.boundary.values import Base

__all__ = ["National", "lines_of"]


def lines_of(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows of a frame, their columns as attributes."""
    return frame.itertuples(index=False)


_FINE = {300: 0.008, 100: 0.004, 0: 0.001}
"""From so many townships on, what of an outline is smaller than so many degrees is straightened: maps are small."""


class _Outlines:
    """Shipped polygons, simpler, as the source of a geography (see `geodata.geography`)."""

    def __init__(self, degrees: float) -> None:
        self.degrees = degrees

    def shapes(self) -> Mapping[str, BaseGeometry]:
        """Townships by code, with the borders that they share."""
        import shapely

        found = embedded().shapes()
        simple = shapely.coverage_simplify(list(found.values()), self.degrees)
        return dict(zip(found, simple, strict=True))

    def borders(self) -> Mapping[tuple[str, str], float]:
        """Shared km by pair of codes."""
        return embedded().borders

    def outlines(self) -> Any:
        """To find places in: not of these."""
        raise NotImplementedError

    polygons = outlines


def _coarse(towns: Collection[str]) -> Geography:
    """The shipped townships for maps of so many of them."""
    land = embedded()
    degrees = next(degrees for least, degrees in _FINE.items() if len(towns) >= least)
    return Geography(
        land.townships.values(),
        name=land.name,
        source=_Outlines(degrees),
        vintage=land.vintage,
        attribution=land.attribution,
        stated_hash=land.hash,
    )


@dataclass(frozen=True, eq=False)
class National:
    """What a national report is made of.

    Parameters
    ----------
    runs : Runs
        The run that is told.
    other : Runs or None
        The one that it is compared with.
    other_name : str
        What that one is called.
    """

    runs: Runs
    other: Runs | None = None
    other_name: str = ""

    @cached_property
    def name(self) -> str:
        """What the run is called."""
        info = self.runs.info
        return info.name or _("run {number}", number=info.id)

    @cached_property
    def communities(self) -> pd.DataFrame:
        """The communities of the run."""
        return self.runs.communities

    @cached_property
    def community_names(self) -> dict[str, str]:
        """Community -> its name; its id where it has none or another has the same."""
        names = {member.community: member.name for member in reversed(self.runs.members)}
        count = Counter(names.values())
        return {
            community: name if name and count[name] == 1 else f"{name} {community}".strip()
            for community, name in names.items()
        }

    @cached_property
    def differences(self) -> pd.DataFrame | None:
        """What this run says otherwise than the other one."""
        return None if self.other is None else self.other.differences(self.runs)

    @cached_property
    def year(self) -> int:
        """School year of the rulebook; where no input could be read that of the one that is shipped."""
        for book in self.runs.rulebooks:
            return book.year
        from models.rulebook import load_rulebook

        return load_rulebook().year

    @cached_property
    def _titles(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for book in self.runs.rulebooks:
            for entry in (*book.clauses, *book.relaxations, *book.items, *book.units):
                found.setdefault(entry.id, text(entry.title))
            for category in book.categories.list_:
                found.setdefault(category.id, text(category.title))
        return found

    def title(self, identity: str) -> str:
        """Id and title of a clause, relaxation, item or unit of the rulebooks; the id alone where they know none."""
        title = self._titles.get(identity, "")
        return f"{identity} {title}" if title else identity

    @cached_property
    def _given(self) -> dict[str, str]:
        """Community -> hash of the input of its base variant."""
        jobs = self.runs.jobs
        rows = jobs[jobs["ordinal"].isin(self.communities["ordinal"])]
        return dict(zip(rows["community"], rows["input"], strict=True))

    def school(self, code: str, community: str = "") -> str:
        """Code and name of a school, as its community has it."""
        return f"{code} {self.runs.inputs.school(code, self._given.get(community, '')).name}".strip()

    def variant(self, name: str) -> str:
        """A variant as people read it."""
        return _("as it is") if name == BASE else name

    @cached_property
    def variants(self) -> int:
        """How many variants the plans have, the base included."""
        return int(self.runs.plans["variant"].nunique())

    @cached_property
    def base(self) -> Base | None:
        """The communities as a base map, to draw; None where the inputs name no townships of the shipped map.

        A township that lies in several communities is drawn as that of which it has most schools. Schools are left
        out: what is shown is a measure of the whole community.
        """
        import networkx as nx

        from assigner.boundary.values import Base
        from geodata.base_map import NOWHERE, BaseMap

        inputs, land = self.runs.inputs, embedded()
        claims: dict[str, Counter[str]] = {}
        for community, given in self._given.items():
            for code in inputs.members.get(given, ()):
                claims.setdefault(inputs.school(code, given).towncode, Counter())[community] += 1
            for town in inputs.territory.get(given, ()):
                claims.setdefault(town, Counter())[community] += 0
        known = land.townships
        home = {town: max(sorted(of), key=of.__getitem__) for town, of in claims.items() if town in known}
        if not home:
            return None
        if not nx.is_connected(land.graph().subgraph(home)):  # else far parts would lie in boxes, as islands do
            home = dict.fromkeys(known, NOWHERE) | home
        drawn = set(home.values())
        names = {community: self.community_names[community] for community in self._given if community in drawn}
        return Base("run", self.name, BaseMap(names, home, {}, {}), {}, {}, {}, _coarse(frozenset(home)))
