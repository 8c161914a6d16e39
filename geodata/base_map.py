"""A base map: which community each township and each school belongs to; and changes on it, one flip at a time.

A community is its schools. A township is the usual way to say which: it is at home in one community at most, and brings
the schools that belong there; a school can be a member elsewhere (東勢's community has three of the four schools of
臺中市北區). So the territory of a community is the townships at home in it and those of its members, and a township can
lie in several communities.

Ids only: what a school is, and what it does, is known upstairs. A map is a value, and a flip makes another one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = [
    "NOWHERE",
    "BaseMap",
    "Divide",
    "Flip",
    "FlipError",
    "Merge",
    "MoveSchool",
    "MoveTownship",
    "NewCommunity",
    "all_moved",
    "apply_all",
]

NOWHERE = ""
"""In place of the id of a community: belongs to none."""


class FlipError(ValueError):
    """A flip that cannot be made.

    Parameters
    ----------
    code : str
        ``unknown_township``, ``unknown_school``, ``unknown_community``, ``known_community`` (the id is taken),
        ``unchanged`` (it belongs there already), ``itself`` (merged into itself), ``empty`` (no member), ``everything``
        (nothing would be left), ``not_a_member`` (of the community that is divided).
    values : str
        What the sentence about it speaks of: ``township``, ``school``, ``community``.
    """

    def __init__(self, code: str, **values: str) -> None:
        self.code, self.values = code, values
        super().__init__(f"{code}: {', '.join(f'{k}={v}' for k, v in values.items())}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the named values when it is sent between processes."""
        return _flip_error, (self.code, self.values)


def _flip_error(code: str, values: dict[str, str]) -> FlipError:
    return FlipError(code, **values)


@dataclass(frozen=True)
class BaseMap:
    """Townships and schools -> communities.

    Parameters
    ----------
    names : Mapping[str, str]
        Community id -> name, in their order. One without members may exist.
    home : Mapping[str, str]
        TOWNCODE -> community id, or `NOWHERE`; every township the map speaks of.
    member : Mapping[str, str]
        School code -> community id, or `NOWHERE`; every school the map speaks of.
    place : Mapping[str, str]
        School code -> TOWNCODE of its township; the same schools.

    Raises
    ------
    ValueError
        A township or school belongs to a community that the map does not name, or a school has no township.
    """

    names: Mapping[str, str]
    home: Mapping[str, str]
    member: Mapping[str, str]
    place: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("names", "home", "member", "place"):
            own = getattr(self, name)
            order = own if name == "names" else sorted(own)
            object.__setattr__(self, name, MappingProxyType({key: own[key] for key in order}))
        if NOWHERE in self.names:
            raise ValueError("a community needs an id")
        for of in (*self.home.values(), *self.member.values()):
            if of not in self.names and of != NOWHERE:
                raise ValueError(f"no such community: {of}")
        if self.member.keys() != self.place.keys():
            raise ValueError("each school needs a community and a township")

    def __reduce__(self) -> tuple[object, ...]:
        """Send plain dicts between processes."""
        return BaseMap, (dict(self.names), dict(self.home), dict(self.member), dict(self.place))

    @cached_property
    def schools_in(self) -> Mapping[str, tuple[str, ...]]:
        """TOWNCODE -> codes of the schools in it, sorted; townships without one are left out."""
        found: dict[str, list[str]] = {}
        for code, town in self.place.items():
            found.setdefault(town, []).append(code)
        return MappingProxyType({town: tuple(codes) for town, codes in sorted(found.items())})

    @cached_property
    def _members(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {community: [] for community in self.names}
        for code, community in self.member.items():
            if community != NOWHERE:
                found[community].append(code)
        return {community: tuple(codes) for community, codes in found.items()}

    @cached_property
    def _territories(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {community: set() for community in self.names}
        for town, community in self.home.items():
            if community != NOWHERE:
                found[community].add(town)
        for code, community in self.member.items():
            if community != NOWHERE:
                found[community].add(self.place[code])
        return {community: tuple(sorted(towns)) for community, towns in found.items()}

    def members(self, community: str) -> tuple[str, ...]:
        """Codes of the schools of a community, sorted."""
        return self._members[community]

    def territory(self, community: str) -> tuple[str, ...]:
        """TOWNCODEs of a community, sorted: townships at home in it and those of its members."""
        return self._territories[community]

    @cached_property
    def served_by(self) -> Mapping[str, tuple[str, ...]]:
        """TOWNCODE -> communities for which its junior highs count, in the order of the map.

        Those that have schools there; where none has, the one it is at home in. They count by equal shares (rules.md:
        nationally never twice).
        """
        order = {community: k for k, community in enumerate(self.names)}
        found: dict[str, set[str]] = {}
        for code, community in self.member.items():
            if community != NOWHERE:
                found.setdefault(self.place[code], set()).add(community)
        for town, community in self.home.items():
            if community != NOWHERE and town not in found:
                found[town] = {community}
        return MappingProxyType({town: tuple(sorted(of, key=order.__getitem__)) for town, of in sorted(found.items())})

    def pieces(self, community: str, graph: nx.Graph[str]) -> tuple[tuple[str, ...], ...]:
        """Connected parts of the territory of a community, the largest first.

        Parameters
        ----------
        community : str
        graph : networkx.Graph
            TOWNCODEs; borders and declared links are edges.

        Returns
        -------
        tuple of tuple of str
            TOWNCODEs, sorted within each piece.
        """
        found = nx.connected_components(graph.subgraph(self.territory(community)))
        return tuple(sorted((tuple(sorted(piece)) for piece in found), key=lambda piece: (-len(piece), piece)))

    def touched(self, other: BaseMap) -> tuple[str, ...]:
        """Communities that are not the same in both maps: members, territory, or whom its junior highs are shared with.

        In the order of this map, then those that only the other one has.
        """
        order = dict.fromkeys((*self.names, *other.names))
        return tuple(community for community in order if self.content(community) != other.content(community))

    def content(self, community: str) -> object:
        """All of the map that a community depends on, to compare and to keep things by; None: it does not exist."""
        if community not in self.names:
            return None
        served = [(town, self.served_by.get(town, ())) for town in self.territory(community)]
        shares = tuple((town, len(of) if community in of else 0) for town, of in served)
        return self.names[community], self.members(community), shares

    def moved(
        self, towns: Mapping[str, str] = MappingProxyType({}), schools: Mapping[str, str] = MappingProxyType({})
    ) -> BaseMap:
        """The map with these townships and schools elsewhere; nothing else moves with them."""
        return replace(self, home={**self.home, **towns}, member={**self.member, **schools})

    # ----------------------------------------------------------------------------------------------- what must be there

    def need_community(self, community: str) -> None:
        """Raise `FlipError` unless it exists."""
        if community not in self.names:
            raise FlipError("unknown_community", community=community)

    def need_township(self, towncode: str) -> None:
        """Raise `FlipError` unless the map speaks of it."""
        if towncode not in self.home:
            raise FlipError("unknown_township", township=towncode)

    def need_school(self, code: str) -> None:
        """Raise `FlipError` unless the map speaks of it."""
        if code not in self.member:
            raise FlipError("unknown_school", school=code)


@dataclass(frozen=True)
class MoveTownship:
    """A township goes to another community, with the schools that belong where it was at home.

    Parameters
    ----------
    township : str
        TOWNCODE.
    to : str
        Community, or `NOWHERE`.
    """

    township: str
    to: str

    def apply(self, base: BaseMap) -> BaseMap:
        """The map after it.

        Raises
        ------
        FlipError
        """
        base.need_township(self.township)
        if self.to != NOWHERE:
            base.need_community(self.to)
        own = base.home[self.township]
        if own == self.to:
            raise FlipError("unchanged", township=self.township, community=self.to)
        codes = base.schools_in.get(self.township, ())
        return base.moved({self.township: self.to}, {code: self.to for code in codes if base.member[code] == own})


@dataclass(frozen=True)
class MoveSchool:
    """A school becomes a member of another community; its township stays.

    Parameters
    ----------
    school : str
        Code.
    to : str
        Community, or `NOWHERE`.
    """

    school: str
    to: str

    def apply(self, base: BaseMap) -> BaseMap:
        """The map after it (raises as `MoveTownship.apply`)."""
        base.need_school(self.school)
        if self.to != NOWHERE:
            base.need_community(self.to)
        if base.member[self.school] == self.to:
            raise FlipError("unchanged", school=self.school, community=self.to)
        return base.moved(schools={self.school: self.to})


@dataclass(frozen=True)
class Merge:
    """A community is dissolved into another one, with all its townships and schools."""

    community: str
    into: str

    def apply(self, base: BaseMap) -> BaseMap:
        """The map after it (raises as `MoveTownship.apply`)."""
        base.need_community(self.community)
        base.need_community(self.into)
        if self.community == self.into:
            raise FlipError("itself", community=self.community)

        def after(own: Mapping[str, str]) -> dict[str, str]:
            return {key: self.into if of == self.community else of for key, of in own.items()}

        names = {community: name for community, name in base.names.items() if community != self.community}
        return BaseMap(names, after(base.home), after(base.member), base.place)


def _as_written(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


@dataclass(frozen=True)
class NewCommunity:
    """Townships, with the schools that belong where they were at home, and single schools form a new community.

    Parameters
    ----------
    id, name : str
        Of the new community; the name is kept as files give it back (composed, nothing blank around it).
    townships, schools : tuple of str
        TOWNCODEs and codes, from any community.
    """

    id: str
    name: str = ""
    townships: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _as_written(self.name))

    def apply(self, base: BaseMap) -> BaseMap:
        """The map after it (raises as `MoveTownship.apply`)."""
        if self.id in base.names or self.id == NOWHERE:
            raise FlipError("known_community", community=self.id)
        if not self.townships and not self.schools:
            raise FlipError("empty", community=self.id)
        after = replace(base, names={**base.names, self.id: self.name or self.id})
        for township in self.townships:
            after = MoveTownship(township, self.id).apply(after)
        for school in self.schools:
            base.need_school(school)
            if after.member[school] != self.id:  # it may have come with its township
                after = MoveSchool(school, self.id).apply(after)
        return after


@dataclass(frozen=True)
class Divide:
    """Part of a community becomes a community of its own.

    Parameters
    ----------
    community : str
        The one that is divided; it keeps its id with what is left.
    id, name : str
        Of the new community; the name is kept as files give it back (composed, nothing blank around it).
    townships, schools : tuple of str
        What goes there: TOWNCODEs and codes of the community's own.
    """

    community: str
    id: str
    name: str = ""
    townships: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _as_written(self.name))

    def apply(self, base: BaseMap) -> BaseMap:
        """The map after it (raises as `MoveTownship.apply`)."""
        base.need_community(self.community)
        for township in self.townships:
            base.need_township(township)
            if base.home[township] != self.community:
                raise FlipError("not_a_member", township=township, community=self.community)
        for school in self.schools:
            base.need_school(school)
            if base.member[school] != self.community:
                raise FlipError("not_a_member", school=school, community=self.community)
        after = NewCommunity(self.id, self.name, self.townships, self.schools).apply(base)
        if not after.territory(self.community):
            raise FlipError("everything", community=self.community)
        return after


Flip = MoveTownship | MoveSchool | Merge | NewCommunity | Divide
"""One change of a base map."""


def all_moved(before: BaseMap, after: BaseMap) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Townships and schools that do not belong where they did."""
    towns = {town for town in before.home.keys() | after.home.keys() if before.home.get(town) != after.home.get(town)}
    schools = {c for c in before.member.keys() | after.member.keys() if before.member.get(c) != after.member.get(c)}
    return towns, schools


def apply_all(base: BaseMap, flips: Iterable[Flip]) -> BaseMap:
    """The map after all flips, in their order."""
    for flip in flips:
        base = flip.apply(base)
    return base
