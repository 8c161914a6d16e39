"""Which flips a suggestion may use, and the maps that at most so many of them reach.

A township moves to a community that it adjoins, by a border or a declared link, or of which it is part already through
a school of its own; a school moves to a community of which its township is part, or which its township adjoins. Whether
it adjoins is asked of the map as the flips before it left it, so that one township can follow another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import networkx as nx

from assigner.boundary.values import Locks
from geodata.base_map import NOWHERE, BaseMap, Flip, MoveSchool, MoveTownship

__all__ = ["Change", "Reach", "changes", "locked_by", "moves_of"]


@dataclass(frozen=True, eq=False)
class Change:
    """A map that a few flips make.

    Parameters
    ----------
    flips : tuple of Flip
        The fewest that make it; of as few, those that come first.
    touched : Mapping[str, Hashable]
        Community -> its content (`BaseMap.content`), of those whose content is another than before.
    """

    flips: tuple[Flip, ...]
    touched: dict[str, object]


@dataclass
class Reach:
    """How far the enumeration came.

    Attributes
    ----------
    flips : int
        All maps that so many flips reach were listed.
    complete : bool
        Whether that is as many as were asked for.
    """

    flips: int = 0
    complete: bool = True


def moves_of(
    base_map: BaseMap, graph: nx.Graph[str], *, schools: bool = False, around: str | None = None
) -> Iterator[MoveTownship | MoveSchool]:
    """All single flips of a map, townships by their codes first, then schools.

    Parameters
    ----------
    base_map : BaseMap
    graph : networkx.Graph
        TOWNCODEs; borders and declared links are edges.
    schools : bool
        Whether schools may move alone.
    around : str, optional
        Only flips from this community, or to it.
    """
    order = {community: k for k, community in enumerate(base_map.names)}
    parts: dict[str, set[str]] = {}  # township -> communities that it is part of
    for community in base_map.names:
        for town in base_map.territory(community):
            parts.setdefault(town, set()).add(community)

    def near(town: str) -> list[str]:
        found = set(parts.get(town, ()))
        for other in graph.adj.get(town, ()):
            found |= parts.get(other, set())
        return sorted(found, key=order.__getitem__)

    for town, own in base_map.home.items():
        for to in near(town):
            if to != own and around in (None, own, to):
                yield MoveTownship(town, to)
    if not schools:
        return
    for code, own in base_map.member.items():
        for to in near(base_map.place[code]):
            if to != own and around in (None, own, to):
                yield MoveSchool(code, to)


def locked_by(flip: Flip, base_map: BaseMap, locks: Locks) -> bool:
    """Whether a move changes what is locked: the township, a school that comes with it, or one of the communities."""
    if isinstance(flip, MoveTownship):
        own = base_map.home[flip.township]
        codes = [code for code in base_map.schools_in.get(flip.township, ()) if base_map.member[code] == own]
        if flip.township in locks.townships or not locks.schools.isdisjoint(codes):
            return True
    elif isinstance(flip, MoveSchool):
        own = base_map.member[flip.school]
        if flip.school in locks.schools:
            return True
    else:
        raise TypeError(f"not a move: {flip!r}")
    return own in locks.communities or flip.to in locks.communities


def changes(
    base_map: BaseMap,
    graph: nx.Graph[str],
    most: int,
    reach: Reach,
    *,
    schools: bool = False,
    around: str | None = None,
    locks: Locks | None = None,
    go_on: Callable[[int], bool] = lambda flips: True,
) -> Iterator[Change]:
    """Every map that at most so many flips reach, once; those with the fewest flips first.

    A township moves once at most, and a school moves alone once at most.

    Parameters
    ----------
    base_map, graph, schools, around
        As `moves_of`.
    most : int
        Flips.
    reach : Reach
        Told how far the enumeration came.
    locks : Locks, optional
        Moves of what is locked are left out.
    go_on : callable
        Asked before every map, with its number of flips; False ends the enumeration.
    """
    locks = locks or Locks()
    seen: set[frozenset[tuple[str, str]]] = {frozenset()}
    level: list[tuple[Flip, ...]] = [()]
    for size in range(1, most + 1):
        following: list[tuple[Flip, ...]] = []
        for flips in level:
            before = _applied(base_map, flips)
            for flip in moves_of(before, graph, schools=schools, around=around):
                if locked_by(flip, before, locks) or _moved_before(flip, flips):
                    continue
                if not go_on(size):
                    reach.complete = False
                    return
                after = flip.apply(before)
                key = _difference(base_map, after, (*flips, flip))
                if key in seen:
                    continue
                seen.add(key)
                following.append((*flips, flip))
                yield Change((*flips, flip), _touched(base_map, after, (*flips, flip)))
        reach.flips = size
        level = following


def _applied(base_map: BaseMap, flips: tuple[Flip, ...]) -> BaseMap:
    for flip in flips:
        base_map = flip.apply(base_map)
    return base_map


def _moved_before(flip: Flip, flips: tuple[Flip, ...]) -> bool:
    if isinstance(flip, MoveTownship):
        return any(isinstance(other, MoveTownship) and other.township == flip.township for other in flips)
    return any(
        isinstance(other, MoveSchool) and isinstance(flip, MoveSchool) and other.school == flip.school
        for other in flips
    )


def _towns(base_map: BaseMap, flips: tuple[Flip, ...]) -> set[str]:
    towns = {flip.township for flip in flips if isinstance(flip, MoveTownship)}
    return towns | {base_map.place[flip.school] for flip in flips if isinstance(flip, MoveSchool)}


def _difference(before: BaseMap, after: BaseMap, flips: tuple[Flip, ...]) -> frozenset[tuple[str, str]]:
    """What does not belong where it did; townships and schools have codes of different lengths."""
    towns = _towns(before, flips)
    codes = {code for town in towns for code in before.schools_in.get(town, ())}
    moved = {(town, after.home[town]) for town in towns if before.home.get(town) != after.home.get(town)}
    moved |= {(code, after.member[code]) for code in codes if before.member[code] != after.member[code]}
    return frozenset(moved)


def _touched(before: BaseMap, after: BaseMap, flips: tuple[Flip, ...]) -> dict[str, object]:
    """`BaseMap.touched`, asked only of communities that may be: those that have a part in a township of a flip."""
    asked: set[str] = set()
    for town in _towns(before, flips):
        for base_map in (before, after):
            asked.update(base_map.served_by.get(town, ()))
            asked.add(base_map.home.get(town, NOWHERE))
            asked.update(base_map.member[code] for code in base_map.schools_in.get(town, ()))
    return {
        community: content
        for community in before.names
        if community in asked and (content := after.content(community)) != before.content(community)
    }
