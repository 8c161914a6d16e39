"""Where everything goes on a map: what part of the country, markers apart, names of townships beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from assigner.report.map_labels import Boxes, place_label, spread, text_width
from assigner.report.map_style import radius_of
from assigner.report.scene import Scene

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["KM_PER_DEGREE", "SCALE_BOX", "Basis", "Layout", "Panel", "laid_out", "stretch"]

Extent: TypeAlias = tuple[float, float, float, float]
Floats: TypeAlias = npt.NDArray[np.float64]

KM_PER_DEGREE = 111.32

_LEAST_KM = 8.0
"""The least that a map shows from side to side."""

_CROP_FEW, _CROP_MANY = 4.0, 1.6
"""A territory is cut where no school is, if that makes the picture so much larger, for few schools and for many."""

_MANY = 12
"""From more schools on, junior highs far from all of them are left out as well."""

_NEAR = 0.2
"""How far beyond the schools, as a share of what they span, junior highs are in any case."""

SCALE_BOX = (96.0, 34.0)
"""Room for the scale bar."""


@dataclass(frozen=True)
class Layout:
    """Where everything goes on a panel of a certain size; positions in points from its lower left corner."""

    extent: Extent
    cropped: bool
    schools: Floats
    spots: Floats
    names: Mapping[str, tuple[float, float, bool, float]]
    anchors: Mapping[str, tuple[float, float]]
    corner: tuple[float, float]


class Panel:
    """Degrees <-> points on a panel."""

    def __init__(self, extent: Extent, width: float, height: float) -> None:
        self.extent, self.width, self.height = extent, width, height

    def points(self, lonlat: Any) -> Floats:
        """Points from the lower left corner of the panel."""
        west, south, east, north = self.extent
        found: Floats = (np.asarray(lonlat, dtype=float).reshape(-1, 2) - (west, south)) / (
            east - west,
            north - south,
        )
        return found * (self.width, self.height)

    def degrees(self, points: Any) -> Floats:
        """Longitude and latitude."""
        west, south, east, north = self.extent
        found: Floats = np.asarray(points, dtype=float).reshape(-1, 2) / (self.width, self.height)
        return found * (east - west, north - south) + (west, south)


def stretch(lat: float) -> float:
    """How much shorter a degree of longitude is than one of latitude."""
    return float(np.cos(np.radians(lat)))


def _extent(scene: Scene, land: Mapping[str, BaseGeometry], width: float, height: float) -> tuple[Extent, bool]:
    """West, south, east, north that fill the panel, and whether a part of the community is left out.

    Shown is the whole territory, unless that would crowd the schools: then the schools and what lies about them.
    """
    schools = [s.lonlat for s in scene.schools if s.lonlat is not None]
    spots = schools + [s.lonlat for s in scene.demand if s.lonlat is not None]
    whole = _bounds(land) if land else None
    if not spots:
        return _filled(whole or (119.9, 21.8, 122.1, 25.4), width, height, 0.03), False
    points = np.array(spots)
    corners = [] if whole is None else [np.reshape(whole, (2, 2))]
    all_of_it = _filled(_around(np.vstack([points, *corners])), width, height, 0.04)
    views = [_filled(_around(points), width, height, 0.08)]
    if len(schools) > _MANY:
        west, south, east, north = _around(np.array(schools))
        reach = _NEAR * max(east - west, north - south)
        near = (points >= (west - reach, south - reach)) & (points <= (east + reach, north + reach))
        views.append(_filled(_around(points[near.all(axis=1)]), width, height, 0.04))
    most = _CROP_MANY if len(schools) > _MANY else _CROP_FEW
    for view in views:
        if all_of_it[2] - all_of_it[0] > most * (view[2] - view[0]):
            return view, True
    return all_of_it, False


def _bounds(land: Mapping[str, BaseGeometry]) -> Extent:
    import shapely

    west, south, east, north = (float(v) for v in shapely.total_bounds(list(land.values())))
    return (west, south, east, north)


def _around(points: Any) -> Extent:
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return (west, south, east, north)


def _filled(bounds: Extent, width: float, height: float, margin: float) -> Extent:
    """Bounds widened to the shape of the panel, so that a km is as long in both directions."""
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    wide = max((east - west) * stretch(y), _LEAST_KM / KM_PER_DEGREE) * (1 + 2 * margin)
    high = max(north - south, _LEAST_KM / KM_PER_DEGREE * height / width) * (1 + 2 * margin)
    scale = max(wide / width, high / height)
    wide, high = scale * width / stretch(y), scale * height
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _free_corner(points: Floats, width: float, height: float) -> tuple[float, float]:
    """Lower left end of the room for the scale bar, in the corner where the fewest spots are."""
    wide, high = SCALE_BOX
    corners = [(0.0, 0.0), (width - wide, 0.0), (0.0, height - high), (width - wide, height - high)]

    def covered(corner: tuple[float, float]) -> int:
        x, y = corner
        inside = (points > (x - 12, y - 12)) & (points < (x + wide + 12, y + high + 12))
        return int(inside.all(axis=1).sum())

    return min(corners, key=covered)


def laid_out(basis: Basis, width: float, height: float) -> Layout:
    """Place all on a panel."""
    import shapely

    scene = basis.scene
    land = {code: basis.polygons[code] for code in scene.territory if code in basis.polygons}
    extent, cropped = _extent(scene, land, width, height)
    panel = Panel(extent, width, height)
    placed = [spot for spot in scene.schools if spot.lonlat is not None]
    spots = panel.points([spot.lonlat for spot in placed]) if placed else np.zeros((0, 2))
    frame = (2.0, 2.0, width - 2.0, height - 2.0)
    demand = [spot.lonlat for spot in scene.demand if spot.lonlat is not None]
    triangles = panel.points(demand) if demand else np.zeros((0, 2))
    corner = _free_corner(np.vstack([spots, triangles]), width, height)
    scale = (corner[0] + SCALE_BOX[0] / 2, corner[1] + SCALE_BOX[1] / 2, SCALE_BOX[0] / 2, SCALE_BOX[1] / 2)
    schools = spread(spots, [radius_of(spot.role) for spot in placed], frame, [scale]) if placed else spots
    hard, soft = Boxes(), Boxes()
    hard.add(*scale)
    for spot, (x, y) in zip(placed, schools, strict=True):
        hard.add(x, y, radius_of(spot.role), radius_of(spot.role))
    for x, y in spots:
        soft.add(x, y, 2, 2)
    for x, y in triangles:
        soft.add(x, y, 3.5, 3.5)
    view = shapely.box(*extent)
    names: dict[str, tuple[float, float, bool, float]] = {}
    anchors: dict[str, tuple[float, float]] = {}
    for code, shape in land.items():
        seen = shape.intersection(view)
        if seen.is_empty:
            continue
        largest = max(shapely.get_parts(seen), key=lambda part: part.area)
        middle = shapely.centroid(largest)
        if not largest.contains(middle):
            middle = largest.representative_point()
        ((ax, ay),) = panel.points([(middle.x, middle.y)])
        size = 9.0
        half = text_width(scene.town(code), size) / 2

        def inside(x: Floats, y: Floats, largest: Any = largest) -> npt.NDArray[np.bool_]:
            degrees = panel.degrees(np.stack([x, y], axis=1))
            found: npt.NDArray[np.bool_] = shapely.contains_xy(largest, degrees[:, 0], degrees[:, 1])
            return found

        x, y, within = place_label((ax, ay), half + 1, size * 0.62, frame, inside, hard, soft)
        hard.add(x, y, half + 1, size * 0.62)
        names[code] = (x, y, within, size)
        anchors[code] = (float(ax), float(ay))
    return Layout(extent, cropped, schools, spots, names, anchors, corner)


class Basis:
    """What is known of an answer before it is drawn, at whatever size.

    Attributes
    ----------
    scene : Scene
    polygons : Mapping
        As `assigner.report.scene.polygons_of` gives them.
    memo : dict
        What others have made of it and may want again.
    """

    def __init__(self, scene: Scene, polygons: Mapping[str, BaseGeometry]) -> None:
        self.scene, self.polygons = scene, polygons
        self.memo: dict[str, Any] = {}
        self._layouts: dict[tuple[float, float], Layout] = {}

    def layout(self, width: float, height: float) -> Layout:
        """The layout for a panel of a size in points, worked out once."""
        key = (round(width, 2), round(height, 2))
        if key not in self._layouts:
            self._layouts[key] = laid_out(self, width, height)
        return self._layouts[key]
