"""The land of a base map as shapes of one picture: what a still map, a page and a live page draw on.

All is in the units of one view box, y downwards, and worked out once for a base: flips change colours only. Islands far
off are brought into boxes below the main land.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from assigner.report.cells import one_line
from assigner.report.community_colours import COLOURS, NO_COMMUNITY, PATTERNS, Style, adjoining, community_colours
from assigner.report.map_labels import Boxes, place_label, spread, text_width
from geodata.adjacency import LINK_KINDS
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = [
    "COLOURS",
    "NO_COMMUNITY",
    "PATTERNS",
    "Ground",
    "Inset",
    "Label",
    "Style",
    "WayBetween",
    "adjoining",
    "border_paths",
    "community_colours",
    "community_labels",
    "ground_of",
    "label_points",
    "school_id",
    "school_points",
    "township_id",
    "township_paths",
    "view_box",
]

_WIDTH, _HEIGHT = 800.0, 900.0
"""The most room of the main land, in units."""

_LEAST_KM = 12.0
"""The least that a map shows from side to side."""

_PAD = 14.0
"""Between the land and the frame."""

_FAR_KM = 40.0
"""Parts of a township farther from its largest part than this are not drawn (東沙, 釣魚臺)."""

_GAP_KM, _SEA_KM = 6.0, 50.0
"""Land nearer to one another than this is one group; of islands that are moved, those that share a box."""

_GROWTH = 1.15
"""An island stays where it is unless the picture would have to show so many times the length."""

_INSET = 190.0
"""The most that an inset measures."""

_FINE = 0.35
"""What of a border is smaller than this is straightened."""

_MANY_TOWNS = 120
"""From more townships on, their names are left out."""

_MANY_SCHOOLS = 150
"""From more schools on, their markers stand at their true places, even if they cover one another."""

_KM = 111.32
"""A degree of latitude."""


@dataclass(frozen=True)
class Inset:
    """A box with islands that lie elsewhere.

    Parameters
    ----------
    x, y, width, height : float
    townships : tuple of str
    beyond : tuple of str
        Names of the townships outside the box that declared links lead to from inside.
    """

    x: float
    y: float
    width: float
    height: float
    townships: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    @property
    def caption(self) -> tuple[float, float, float, float]:
        """Room for what stands at its foot: middle, half the width, half the height."""
        return self.x + self.width / 2, self.y + self.height - 11.0, self.width / 2, 8.0


@dataclass(frozen=True)
class Label:
    """A name on the map.

    Parameters
    ----------
    text : str
    x, y : float
        Its middle.
    size : float
        Of its letters.
    target : (float, float) or None
        Where a line has to lead, because it stands beside what it names.
    """

    text: str
    x: float
    y: float
    size: float
    target: tuple[float, float] | None = None


@dataclass(frozen=True)
class WayBetween:
    """A declared link: TOWNCODEs, kind, and the points it runs between.

    One that leads out of an inset is not drawn: the inset names where it leads.
    """

    a: str
    b: str
    kind: str
    start: tuple[float, float]
    end: tuple[float, float]
    drawn: bool = True


_MOST_MADE = 512
"""Of what `Ground.once` keeps."""

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Ground:
    """The land of a base.

    Parameters
    ----------
    view_box : (x, y, width, height)
    main : (x, y, width, height)
        The part of it that is no inset.
    townships : Mapping[str, str]
        TOWNCODE -> ``d`` of its path.
    shapes : Mapping[str, BaseGeometry]
        The same as geometries.
    borders : Mapping[tuple[str, str], str]
        Pair of TOWNCODEs, sorted -> ``d`` of the border they share; ``(TOWNCODE, "")``: where it borders on none.
    around : str
        ``d`` of the townships about that the map does not speak of.
    labels : Mapping[str, Label]
        TOWNCODE -> its name; empty where there are too many.
    anchors : Mapping[str, tuple[float, float]]
        TOWNCODE -> a point well inside it.
    names : Mapping[str, str]
        TOWNCODE -> its name as it stands on the map: with its county where two are called alike.
    schools : Mapping[str, tuple[float, float]]
        Code -> middle of its marker, apart from the others.
    radius : float
        Of a school's marker.
    links : tuple of WayBetween
    insets : tuple of Inset
    left_out : tuple of str
        TOWNCODEs of which a far part is not drawn.
    units_per_km : float
        Of the main land.
    """

    view_box: tuple[float, float, float, float]
    main: tuple[float, float, float, float]
    townships: Mapping[str, str]
    shapes: Mapping[str, BaseGeometry]
    borders: Mapping[tuple[str, str], str]
    around: str
    labels: Mapping[str, Label]
    anchors: Mapping[str, tuple[float, float]]
    names: Mapping[str, str]
    schools: Mapping[str, tuple[float, float]]
    radius: float
    links: tuple[WayBetween, ...]
    insets: tuple[Inset, ...]
    left_out: tuple[str, ...]
    units_per_km: float
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Something that map after map needs, such as the outline of the same townships, worked out once."""
        if key not in self._made:
            while len(self._made) >= _MOST_MADE:
                self._made.pop(next(iter(self._made)), None)
            self._made[key] = make()
        made: _T = self._made[key]
        return made

    def area(self, towns: Iterable[str]) -> BaseGeometry | None:
        """Townships together; None where none is drawn."""
        import shapely

        drawn = frozenset(self.shapes.keys() & set(towns))
        shapes = [self.shapes[town] for town in sorted(drawn)]
        return self.once(("area", drawn), lambda: shapely.union_all(shapes)) if drawn else None

    @cached_property
    def scale_bar(self) -> tuple[int, float]:
        """Km of the bar, a round number about a sixth of the map, and how long it is."""
        most = self.main[2] / 5 / self.units_per_km
        power = 10 ** math.floor(math.log10(max(most, 1.0)))
        km = max(step * power for step in (1, 2, 5) if step * power <= max(most, 1.0))
        return int(km), km * self.units_per_km


_grounds: WeakKeyDictionary[Base, Ground] = WeakKeyDictionary()


def ground_of(base: Base) -> Ground:
    """The land of a base, worked out once."""
    found = _grounds.get(base)
    if found is None:
        found = _grounds.setdefault(base, _Survey(base).ground())
    return found


def township_paths(base: Base) -> Mapping[str, str]:
    """TOWNCODE -> attribute ``d`` of its path."""
    return ground_of(base).townships


def border_paths(base: Base) -> Mapping[tuple[str, str], str]:
    """Pair of neighbours -> attribute ``d`` of the border they share (see `Ground`).

    A border is dark where the homes of the two differ: only a class changes with a flip.
    """
    return ground_of(base).borders


def school_points(base: Base) -> Mapping[str, tuple[float, float]]:
    """Code -> middle of its marker."""
    return ground_of(base).schools


def label_points(base: Base) -> Mapping[str, Label]:
    """TOWNCODE -> its name and where it stands; empty where the map has too many."""
    return ground_of(base).labels


def view_box(base: Base) -> str:
    """Attribute ``viewBox``."""
    return " ".join(_number(value) for value in ground_of(base).view_box)


def township_id(towncode: str) -> str:
    """Id of the path of a township: ``t-66000080``."""
    return f"t-{_plain(towncode)}"


def school_id(code: str) -> str:
    """Id of the marker of a school: ``s-063404``."""
    return f"s-{_plain(code)}"


def _plain(text: str) -> str:
    """Letters, digits and hyphens only, whatever the code of a user's file holds."""
    return re.sub(r"[^0-9A-Za-z]", lambda found: f"-{ord(found[0]):x}-", text)


def community_labels(base: Base, own: BaseMap) -> Mapping[str, Label]:
    """Community -> its name: in its largest part, clear of markers and of names of townships if possible."""
    ground = ground_of(base)
    lands = {
        community: [town for town, home in own.home.items() if home == community] or list(own.territory(community))
        for community in own.names
    }
    key = tuple((community, own.names[community], frozenset(towns)) for community, towns in lands.items())
    return ground.once(("labels", key), lambda: _community_labels(ground, own.names, lands))


def _community_labels(
    ground: Ground, names: Mapping[str, str], lands: Mapping[str, Iterable[str]]
) -> Mapping[str, Label]:
    hard, soft = Boxes(), Boxes()
    for x, y in ground.schools.values():
        hard.add(x, y, ground.radius, ground.radius)
    for label in ground.labels.values():
        hard.add(label.x, label.y, text_width(label.text, label.size) / 2, label.size * 0.6)
    for inset in ground.insets:
        hard.add(*inset.caption)
    size = 20.0 if len(names) <= _FEW_COMMUNITIES else 13.0
    found: dict[str, Label] = {}
    if len(lands) > _MANY_COMMUNITIES:
        return found
    for community, towns in lands.items():
        area = ground.area(towns)
        if area is not None:
            name = short_name(names[community])
            found[community] = _label(name, size, area, ground.view_box, hard, soft, bold=True)
    return found


_FEW_COMMUNITIES = 14
"""From more communities on, their names are small."""

_MANY_COMMUNITIES = 100
"""From more on, their names are left out."""


def _label(
    text: str,
    size: float,
    area: BaseGeometry,
    view: tuple[float, float, float, float],
    hard: Boxes,
    soft: Boxes,
    *,
    bold: bool = False,
) -> Label:
    """Find a place for the name of an area and take it."""
    import shapely

    largest = max(shapely.get_parts(area), key=lambda part: float(part.area))
    shapely.prepare(largest)

    def inside(x: Any, y: Any) -> npt.NDArray[np.bool_]:
        held: npt.NDArray[np.bool_] = shapely.contains_xy(largest, x, y)
        return held

    left, top, width, height = view
    middle = _inside(largest)
    half, high = text_width(text, size, bold=bold) / 2 + 1, size * 0.62
    frame = (left + 2, top + 2, left + width - 2, top + height - 2)
    x, y, within = place_label(middle, half, high, frame, inside, hard, soft)
    hard.add(x, y, half, high)
    return Label(text, round(x, 1), round(y, 1), size, None if within else _rounded(middle))


_LONGEST = 12


def short_name(name: str) -> str:
    """Name of a community as it stands on a map: on one line, and cut where it is long."""
    name = one_line(name)
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


# --------------------------------------------------------------------------------------------------------- the survey


class _Survey:
    """Brings the townships of a base into one view."""

    def __init__(self, base: Base) -> None:
        self.base = base
        known = base.geography.townships
        self.towns = sorted(town for town in {*base.map.home, *base.map.place.values()} if town in known)
        self.left_out: list[str] = []
        middles = [known[town].lat for town in self.towns]
        self.narrow = math.cos(math.radians(float(np.mean(middles)) if middles else 23.7))

    def flat(self, lon: float, lat: float) -> tuple[float, float]:
        """Km east and north of nowhere in particular."""
        return lon * self.narrow * _KM, lat * _KM

    def ground(self) -> Ground:
        import shapely

        shapes = self._shapes()
        main, far = self._main(shapes, self._groups(shapes, _GAP_KM))
        away = self._groups({town: shapes[town] for group in far for town in group}, _SEA_KM)
        boxes = {town: shapes[town] for group in main for town in group}
        west, south, east, north = _bounds(boxes.values(), _LEAST_KM)
        scale = min(_WIDTH / (east - west), _HEIGHT / (north - south))
        wide, high = (east - west) * scale + 2 * _PAD, (north - south) * scale + 2 * _PAD
        moves = dict.fromkeys(boxes, _Move(scale, _PAD - west * scale, _PAD + north * scale))
        insets, bottom = self._insets(shapes, away, moves, scale, wide, high)
        order = list(moves)
        drawn = [moves[town].shape(shapes[town]) for town in order]
        around = self._around(moves[next(iter(boxes))], (0.0, 0.0, wide, high)) if boxes else {}
        everything = shapely.coverage_simplify([*drawn, *around.values()], _FINE)
        drawn = [_sound(shape, whole) for shape, whole in zip(everything[: len(drawn)], drawn, strict=True)]
        own = dict(zip(order, drawn, strict=True))
        frame = shapely.box(0, 0, wide, high)
        beyond = [shapely.intersection(shape, frame) for shape in everything[len(drawn) :]]
        radius, letters = self._sizes(own)
        anchors = {town: _inside(shape) for town, shape in own.items()}
        schools = self._schools(moves, anchors, radius, (wide, bottom))
        names = self._names()
        links = self._links(anchors, insets)
        labels = self._labels(own, names, schools, insets, radius, letters, (wide, bottom))
        return Ground(
            view_box=(0.0, 0.0, round(wide, 1), round(bottom, 1)),
            main=(0.0, 0.0, round(wide, 1), round(high, 1)),
            townships={town: _path(shape) for town, shape in own.items()},
            shapes=own,
            borders=_borders(own),
            around="".join(_path(shape) for shape in beyond),
            labels=labels,
            anchors={town: (round(x, 1), round(y, 1)) for town, (x, y) in anchors.items()},
            names=names,
            schools=schools,
            radius=radius,
            links=links,
            insets=tuple(replace(inset, beyond=self._beyond(inset, links, names)) for inset in insets),
            left_out=tuple(self.left_out),
            units_per_km=scale,
        )

    # ------------------------------------------------------------------------------------------------------ the land

    def _shapes(self) -> dict[str, BaseGeometry]:
        """Polygons in km, near parts only."""
        import shapely

        polygons = self.base.geography.shapes()
        shapes: dict[str, BaseGeometry] = {}
        for town in self.towns:
            whole = shapely.transform(polygons[town], lambda p: p * (self.narrow * _KM, _KM))
            parts = shapely.get_parts(whole)
            if len(parts) > 1:
                largest = max(parts, key=lambda part: float(part.area))
                near = [part for part in parts if shapely.distance(part, largest) <= _FAR_KM]
                if len(near) < len(parts):
                    self.left_out.append(town)
                    whole = shapely.MultiPolygon(near)
            shapes[town] = whole
        return shapes

    def _groups(self, shapes: Mapping[str, BaseGeometry], gap_km: float) -> list[list[str]]:
        """Townships that lie together, the largest group first."""
        import networkx as nx
        import shapely

        order = list(shapes)
        if not order:
            return []
        tree = shapely.STRtree(list(shapes.values()))
        a, b = tree.query(list(shapes.values()), predicate="dwithin", distance=gap_km)
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(order)
        graph.add_edges_from((order[i], order[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j)
        return sorted((sorted(group) for group in nx.connected_components(graph)), key=lambda g: (-len(g), g))

    def _main(
        self, shapes: Mapping[str, BaseGeometry], groups: Sequence[list[str]]
    ) -> tuple[list[list[str]], list[list[str]]]:
        """The groups that stay where they are, and those that are brought nearer."""
        import shapely

        if not groups:
            return [], []
        main, far = [groups[0]], []
        first = shapely.union_all([shapes[town] for town in groups[0]])
        length = _length(_bounds((shapes[town] for town in groups[0]), _LEAST_KM))
        rest = [(shapely.union_all([shapes[town] for town in group]), group) for group in groups[1:]]
        for _shape, group in sorted(rest, key=lambda found: float(shapely.distance(found[0], first))):
            towns = [town for kept in (*main, group) for town in kept]
            if _length(_bounds((shapes[town] for town in towns), _LEAST_KM)) <= _GROWTH * length:
                main.append(group)
            else:
                far.append(group)
        return main, far

    def _insets(
        self,
        shapes: Mapping[str, BaseGeometry],
        far: Sequence[Sequence[str]],
        moves: dict[str, _Move],
        scale: float,
        width: float,
        top: float,
    ) -> tuple[tuple[Inset, ...], float]:
        """Boxes in rows below the main land; where the picture ends."""
        insets: list[Inset] = []
        x, y, row, gap, pad = _PAD, top, 0.0, 10.0, 16.0
        for group in far:
            west, south, east, north = _bounds((shapes[town] for town in group), 4.0)
            own = min(scale, (_INSET - 2 * pad) / max(east - west, north - south))
            wide, high = max((east - west) * own + 2 * pad, 120.0), max((north - south) * own + 2 * pad + 14.0, 90.0)
            if x + wide > width - _PAD and x > _PAD:
                x, y, row = _PAD, y + row + gap, 0.0
            left = x + (wide - (east - west) * own) / 2
            above = y + (high - 14.0 - (north - south) * own) / 2
            for town in group:
                moves[town] = _Move(own, left - west * own, above + north * own)
            insets.append(Inset(round(x, 1), round(y, 1), round(wide, 1), round(high, 1), tuple(group)))
            x, row = x + wide + gap, max(row, high)
        return tuple(insets), y + row + (_PAD if insets else 0.0)

    def _around(self, move: _Move, frame: tuple[float, float, float, float]) -> dict[str, BaseGeometry]:
        """Townships of the geography that the map does not speak of, as far as they are in view."""
        import shapely

        polygons = self.base.geography.shapes()
        others = [town for town in polygons if town not in set(self.towns)]
        shapes = np.array([polygons[town] for town in others], dtype=object)
        (west, north), (east, south) = (move.back(*frame[:2]), move.back(*frame[2:]))
        view = shapely.box(west / self.narrow / _KM, south / _KM, east / self.narrow / _KM, north / _KM)
        near: Sequence[bool] = shapely.intersects(shapes, view).tolist() if len(others) else []
        return {
            town: move.shape(shapely.transform(polygons[town], lambda p: p * (self.narrow * _KM, _KM)))
            for town, seen in zip(others, near, strict=True)
            if seen
        }

    # ---------------------------------------------------------------------------------------------- what stands on it

    def _sizes(self, own: Mapping[str, BaseGeometry]) -> tuple[float, float]:
        """Radius of a marker and size of the letters: smaller on a map with many."""
        count = max(len(self.base.map.place), len(own))
        return (
            (6.5, 15.0)
            if count <= 70
            else (6.0, 13.0)
            if count <= 100
            else (5.0, 11.0)
            if count <= _MANY_SCHOOLS
            else (2.4, 9.0)
        )

    def _schools(
        self,
        moves: Mapping[str, _Move],
        anchors: Mapping[str, tuple[float, float]],
        radius: float,
        size: tuple[float, float],
    ) -> dict[str, tuple[float, float]]:
        codes, points = [], []
        for code, town in self.base.map.place.items():
            if town not in moves:
                continue
            entry = self.base.schools.get(code, {})
            lon, lat = entry.get("lon"), entry.get("lat")
            if lon is None or lat is None:
                point = anchors[town]
            else:
                point = moves[town].point(*self.flat(float(lon), float(lat)))
                # A point far from its township would lie on another island's inset, or outside the picture.
                if not (0 <= point[0] <= size[0] and 0 <= point[1] <= size[1]):
                    point = anchors[town]
            codes.append(code)
            points.append(point)
        if not codes:
            return {}
        frame = (2.0, 2.0, size[0] - 2.0, size[1] - 2.0)
        many = len(codes) > _MANY_SCHOOLS
        placed = np.array(points) if many else spread(np.array(points), [radius] * len(codes), frame)
        return {code: (round(x, 1), round(y, 1)) for code, (x, y) in zip(codes, placed.tolist(), strict=True)}

    def _names(self) -> dict[str, str]:
        known = self.base.geography.townships
        towns = [known[town].town for town in self.towns]
        return {
            town: one_line(known[town].name if towns.count(known[town].town) > 1 else known[town].town)
            for town in self.towns
        }

    def _labels(
        self,
        own: Mapping[str, BaseGeometry],
        names: Mapping[str, str],
        schools: Mapping[str, tuple[float, float]],
        insets: Iterable[Inset],
        radius: float,
        letters: float,
        size: tuple[float, float],
    ) -> dict[str, Label]:
        if len(own) > _MANY_TOWNS:
            return {}
        hard, soft = Boxes(), Boxes()
        for x, y in schools.values():
            hard.add(x, y, radius, radius)
        for inset in insets:
            hard.add(*inset.caption)
        view = (0.0, 0.0, *size)
        return {town: _label(names[town], letters, shape, view, hard, soft) for town, shape in own.items()}

    def _links(self, anchors: Mapping[str, tuple[float, float]], insets: Sequence[Inset]) -> tuple[WayBetween, ...]:
        boxes = {town: k for k, inset in enumerate(insets) for town in inset.townships}
        found = []
        for a, b, kind in self.base.graph.subgraph(self.towns).edges(data="kind"):
            if kind in LINK_KINDS:
                start, end = sorted((a, b))
                drawn = boxes.get(a) == boxes.get(b)
                found.append(WayBetween(start, end, kind, _rounded(anchors[start]), _rounded(anchors[end]), drawn))
        return tuple(sorted(found, key=lambda link: (link.a, link.b)))

    def _beyond(self, inset: Inset, links: Iterable[WayBetween], names: Mapping[str, str]) -> tuple[str, ...]:
        """Where the links lead that leave an inset."""
        own = set(inset.townships)
        ends = {end for link in links if not link.drawn for end in (link.a, link.b) if {link.a, link.b} & own}
        return tuple(names[town] for town in sorted(ends - own))


@dataclass(frozen=True)
class _Move:
    """From km to units of the view: north is up, y runs down."""

    scale: float
    x: float
    y: float

    def point(self, east: float, north: float) -> tuple[float, float]:
        return east * self.scale + self.x, self.y - north * self.scale

    def back(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x) / self.scale, (self.y - y) / self.scale

    def shape(self, shape: BaseGeometry) -> BaseGeometry:
        import shapely

        moved: BaseGeometry = shapely.transform(shape, lambda p: p * (self.scale, -self.scale) + (self.x, self.y))
        return moved


def _rounded(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 1), round(point[1], 1)


def _sound(simple: BaseGeometry, whole: BaseGeometry) -> BaseGeometry:
    """The simple shape, unless nothing is left of it."""
    return whole if simple is None or simple.is_empty else simple


def _bounds(shapes: Iterable[BaseGeometry], least: float) -> tuple[float, float, float, float]:
    """West, south, east, north; at least so long both ways."""
    import shapely

    found = list(shapes)
    west, south, east, north = (float(v) for v in shapely.total_bounds(found)) if found else (0.0, 0.0, 0.0, 0.0)
    across, along = max(least - (east - west), 0) / 2, max(least - (north - south), 0) / 2
    return west - across, south - along, east + across, north + along


def _length(bounds: tuple[float, float, float, float]) -> float:
    """How much of the picture's room it takes: the larger of both ways."""
    west, south, east, north = bounds
    return max((east - west) / _WIDTH, (north - south) / _HEIGHT)


def _inside(shape: BaseGeometry) -> tuple[float, float]:
    """A point well inside the largest part: its centre of gravity where that will do."""
    import shapely

    largest = max(shapely.get_parts(shape), key=lambda part: float(part.area))
    middle = shapely.centroid(largest)
    if not largest.contains(middle):
        middle = shapely.point_on_surface(largest)
    return float(middle.x), float(middle.y)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _line(points: Sequence[Sequence[float]], *, closed: bool) -> str:
    """``M`` and what follows it, in tenths; points that fall together are written once."""
    tenths = np.round(np.asarray(points, dtype=float)[:, :2] * 10).astype(int)
    kept = [tenths[0], *(b for a, b in pairwise(tenths) if (a != b).any())]
    text = "L".join(f"{_number(x / 10)} {_number(y / 10)}" for x, y in (point.tolist() for point in kept))
    return f"M{text}Z" if closed else f"M{text}"


def _path(shape: BaseGeometry) -> str:
    """Attribute ``d`` of a polygon or several."""
    import shapely

    return "".join(
        _line(ring.coords[:-1], closed=True)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    )


def _borders(shapes: Mapping[str, BaseGeometry]) -> dict[tuple[str, str], str]:
    """Pair of townships -> the border they share, found by the stretches that two outlines have in common."""
    import shapely

    owners: dict[tuple[tuple[float, float], tuple[float, float]], list[str]] = {}
    for town, shape in shapes.items():
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                points = [(x, y) for x, y, *_z in np.round(np.asarray(ring.coords), 4).tolist()]
                for a, b in pairwise(points):
                    if a != b:
                        owners.setdefault((a, b) if a < b else (b, a), []).append(town)
    lines: dict[tuple[str, str], list[Any]] = {}
    for stretch, towns in owners.items():
        if len(towns) == 1:
            lines.setdefault((towns[0], ""), []).append(stretch)
        elif towns[0] != towns[1]:
            lines.setdefault((min(towns[:2]), max(towns[:2])), []).append(stretch)
    found = {}
    for pair, stretches in sorted(lines.items()):
        merged = shapely.line_merge(shapely.MultiLineString(stretches))
        found[pair] = "".join(_line(line.coords, closed=False) for line in shapely.get_parts(merged))
    return found


def home_of(own: BaseMap, town: str) -> str:
    """The community a township is at home in; `NOWHERE` where the map has only schools of it."""
    return own.home.get(town, NOWHERE)
