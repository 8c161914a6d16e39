"""The programme's criteria for a boundary, as measures: adjoining, living circle, convenience, reasonable travel.

They are compared with what they were, never with an ideal: real communities are not compact, and many cross a county.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from geodata.base_map import NOWHERE, BaseMap, all_moved

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from models.community import Problem

__all__ = ["Moved", "Ways", "circle", "moved_things", "ways_to"]


@dataclass(frozen=True)
class Moved:
    """A township or a school that belongs elsewhere than before, and what it adjoins there and did here.

    Parameters
    ----------
    kind : {"township", "school"}
        Schools are told where they did not simply go with their township.
    id : str
        TOWNCODE; code.
    township : str
        TOWNCODE; of a school that of its township.
    before, after : str
        Community, or `geodata.base_map.NOWHERE`.
    border_km_before, border_km_after : float
        Border that its township shares with the rest of its old community before, and of its new one after the change.
    links_before, links_after : tuple of str
        Kinds of links (bridge, ferry, air) to them.
    inside_before, inside_after : bool
        Whether its township was part of the old community, or is of the new one, in any case: of a shared township.
    alone_before, alone_after : bool
        Whether the old community had, or the new one has, no other township.
    """

    kind: Literal["township", "school"]
    id: str
    township: str
    before: str
    after: str
    border_km_before: float
    border_km_after: float
    links_before: tuple[str, ...] = ()
    links_after: tuple[str, ...] = ()
    inside_before: bool = False
    inside_after: bool = False
    alone_before: bool = False
    alone_after: bool = False

    @property
    def adjoined(self) -> bool:
        """Whether it adjoined the rest of its old community, or was all of it."""
        return self.inside_before or self.alone_before or self.border_km_before > 0 or bool(self.links_before)

    @property
    def adjoins(self) -> bool:
        """Whether it adjoins the rest of its new community, or is all of it."""
        return self.inside_after or self.alone_after or self.border_km_after > 0 or bool(self.links_after)


def moved_things(base: Base, after: BaseMap) -> tuple[Moved, ...]:
    """Townships and schools that a change moves, townships first; both in the order of their codes."""
    before = base.map
    towns, schools = all_moved(before, after)
    found = [
        _moved(base, after, "township", town, town, before.home.get(town, NOWHERE), after.home.get(town, NOWHERE))
        for town in sorted(towns)
    ]
    for code in sorted(schools):
        town = after.place.get(code) or before.place[code]
        old, new = before.member.get(code, NOWHERE), after.member.get(code, NOWHERE)
        if town in towns and (old, new) == (before.home.get(town, NOWHERE), after.home.get(town, NOWHERE)):
            continue
        found.append(_moved(base, after, "school", code, town, old, new))
    return tuple(found)


def _moved(
    base: Base, after: BaseMap, kind: Literal["township", "school"], key: str, town: str, old: str, new: str
) -> Moved:
    border_before, links_before = _shared(base, town, base.map, old)
    border_after, links_after = _shared(base, town, after, new)
    others = {code for code in base.map.schools_in.get(town, ()) if code != key} if kind == "school" else set[str]()

    def inside(where: BaseMap, community: str) -> bool:
        if kind == "township" or community == NOWHERE:
            return False
        return where.home.get(town) == community or any(where.member.get(code) == community for code in others)

    return Moved(
        kind,
        key,
        town,
        old,
        new,
        border_before,
        border_after,
        links_before,
        links_after,
        inside(base.map, old),
        inside(after, new),
        old != NOWHERE and base.map.territory(old) == (town,),
        new != NOWHERE and after.territory(new) == (town,),
    )


def _shared(base: Base, town: str, where: BaseMap, community: str) -> tuple[float, tuple[str, ...]]:
    """Length of the border of a township with the rest of a community, and the kinds of links to it."""
    if community == NOWHERE or town not in base.graph:
        return 0.0, ()
    border, links = 0.0, set[str]()
    for other in where.territory(community):
        if other == town or not base.graph.has_edge(town, other):
            continue
        edge = base.graph.edges[town, other]
        border += float(edge["shared_km"])
        if edge["kind"] != "border":
            links.add(str(edge["kind"]))
    return round(border, 3), tuple(sorted(links))


# ------------------------------------------------------------------------------------------------ ways of junior highs


@dataclass(frozen=True)
class Ways:
    """How far junior highs are from a school of the community, in the unit of the distances, one way.

    Parameters
    ----------
    mean : Fraction or None
        Over pupils (over junior highs where none has any).
    largest : Fraction or None
        Of the junior high that is farthest; None without any.
    """

    mean: Fraction | None
    largest: Fraction | None


def ways_to(problem: Problem, codes: Iterable[str]) -> Ways:
    """The ways of all junior highs of a community to the nearest of some schools."""
    distances = problem.distances
    columns = [distances.column[code] for code in codes if code in distances.column]
    weights = _pupils(problem)
    if not columns or not weights:
        return Ways(None, None)
    nearest = distances.from_demand[:, columns].min(axis=1).tolist()
    total = sum(weights.values(), Fraction(0))
    row = distances.row
    steps = sum((weight * nearest[row[point]] for point, weight in weights.items()), Fraction(0))
    largest = max(nearest[row[point]] for point in weights)
    return Ways(steps / total / distances.STEPS_PER_UNIT, Fraction(largest, distances.STEPS_PER_UNIT))


def _pupils(problem: Problem) -> dict[str, Fraction]:
    """Pupils of each junior high that count here; each counts once where none has any."""
    points = problem.community.demand_points
    found = {point.id: sum(point.pupils.values()) * point.share for point in points}
    if not any(found.values()):
        return {point.id: point.share for point in points}
    return {point: Fraction(pupils) for point, pupils in found.items()}


def circle(base: Base, base_map: BaseMap, community: str, problem: Problem) -> tuple[Fraction, Fraction]:
    """The living circle: pupils of the community whose nearest senior high is a member of it, and all its pupils.

    Nearest of all schools of the base map, whichever community they belong to and whether they take part or not; on the
    graph of townships, or as the crow flies where the base travels so.
    """
    near = _nearest_schools(base)
    inside, total = Fraction(0), Fraction(0)
    for point, pupils in _pupils(problem).items():
        total += pupils
        if any(base_map.member.get(code) == community for code in near.get(point, ())):
            inside += pupils
    return inside, total


_nearest: WeakKeyDictionary[Base, Mapping[str, tuple[str, ...]]] = WeakKeyDictionary()


def _nearest_schools(base: Base) -> Mapping[str, tuple[str, ...]]:
    """Demand point -> the nearest of all schools of the base; several where they are equally far."""
    if base not in _nearest:
        _nearest[base] = _find_nearest(base)
    return _nearest[base]


def _find_nearest(base: Base) -> Mapping[str, tuple[str, ...]]:
    import networkx as nx
    import numpy as np

    from assigner.scenario.people import junior_high_id, township_id
    from geodata.travel import Place, travel_km

    def place(key: str, town: str, entry: Mapping[str, Any]) -> Place:
        lon, lat = entry.get("lon"), entry.get("lat")
        return Place(key, town) if lon is None or lat is None else Place(key, town, float(lon), float(lat))

    schools = [place(code, town, base.schools.get(code, {})) for code, town in base.map.place.items()]
    points = [
        place(junior_high_id(code), town, base.junior_highs.get(code, {})) for code, town in base.junior_town.items()
    ] or [Place(township_id(town), town) for town in base.map.home]
    crow = base.defaults.get("travel", {}).get("mode") == "great_circle"
    found: dict[str, tuple[str, ...]] = {}
    # What no way joins is measured apart: a school beyond the sea is nobody's nearest.
    parts = [set(base.graph)] if crow else nx.connected_components(base.graph)
    for part in parts:
        here = [school for school in schools if school.towncode in part]
        away = [point for point in points if point.towncode in part]
        if not here or not away:
            continue
        table = travel_km(away, here, base.graph, how="great_circle" if crow else "graph").values
        for point, row in zip(away, table, strict=True):
            found[point.id] = tuple(here[k].id for k in np.flatnonzero(row == row.min()))
    return found
