"""In which township a point lies, without any library for maps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

__all__ = ["Outlines", "Ring", "embedded_outlines", "embedded_shapes", "km_outside", "outlines_of", "township_at"]

_KM_PER_DEGREE = 111.2

Ring = npt.NDArray[np.float64]
"""A closed ring: longitude and latitude of its vertices, degrees."""


class Outlines:
    """The outlines of townships, each decoded when it is needed.

    Parameters
    ----------
    codes
        Codes of the townships.
    rings
        Gives the rings of a township, holes among them.
    """

    def __init__(self, codes: Iterable[str], rings: Callable[[str], tuple[Ring, ...]]) -> None:
        self._codes = tuple(sorted(codes))
        self._decode = rings
        self._known: dict[str, tuple[Ring, ...]] = {}

    def rings(self, code: str) -> tuple[Ring, ...]:
        """Give the rings of a township in degrees."""
        if code not in self._known:
            self._known[code] = self._decode(code)
        return self._known[code]

    def km_outside(self, code: str, lon: float, lat: float) -> float:
        """Tell how far a point lies outside a township: 0 inside, else the way to its border in km."""
        inside, nearest = False, np.inf
        stretch = np.array([np.cos(np.radians(lat)), 1.0])
        for ring in self.rings(code):
            points = (ring - (lon, lat)) * stretch
            a, b = points[:-1], points[1:]
            # A ray to the east crosses the edges that pass the point's latitude on its right.
            passing = (a[:, 1] > 0) != (b[:, 1] > 0)
            first, second = a[passing], b[passing]
            east = first[:, 0] - first[:, 1] * (second[:, 0] - first[:, 0]) / (second[:, 1] - first[:, 1])
            inside ^= bool(np.count_nonzero(east > 0) % 2)
            edge = b - a
            length = np.maximum((edge**2).sum(axis=1), 1e-18)
            along = np.clip(-(a * edge).sum(axis=1) / length, 0, 1)
            nearest = min(nearest, float(np.sqrt(((a + along[:, None] * edge) ** 2).sum(axis=1)).min()))
        return 0.0 if inside else nearest * _KM_PER_DEGREE

    def township_at(self, lon: float, lat: float) -> tuple[str, float]:
        """Give the township that holds a point, else the nearest, and how far outside it the point lies in km."""
        # No township is nearer than the box around it, so most need not be looked at.
        west, south, east, north = self._boxes.T
        stretch = float(np.cos(np.radians(lat)))
        away = np.hypot(
            np.maximum(np.maximum(west - lon, lon - east), 0) * stretch,
            np.maximum(np.maximum(south - lat, lat - north), 0),
        )
        best = ("", np.inf)
        for i in np.argsort(away, kind="stable").tolist():
            if away[i] * _KM_PER_DEGREE > best[1] + 1e-6:
                break
            km = self.km_outside(self._codes[i], lon, lat)
            if (km, self._codes[i]) < (best[1], best[0]):
                best = (self._codes[i], km)
            if km == 0:
                break
        return best

    @cached_property
    def _boxes(self) -> npt.NDArray[np.float64]:
        """West, south, east and north of each township."""
        rows = []
        for code in self._codes:
            points = np.concatenate(self.rings(code))
            rows.append((*points.min(axis=0), *points.max(axis=0)))
        return np.array(rows, dtype=float).reshape(-1, 4)


def outlines_of(polygons: gpd.GeoDataFrame) -> Outlines:
    """Give the outlines of polygons in degrees, indexed by their codes."""
    import shapely

    shapes = dict(zip(map(str, polygons.index), polygons.geometry, strict=True))

    def rings(code: str) -> tuple[Ring, ...]:
        parts = shapely.get_parts(shapes[code])
        return tuple(shapely.get_coordinates(ring) for ring in shapely.get_rings(parts))

    return Outlines(shapes, rings)


class _TopoJson:
    """The embedded file as it is: arcs, and for each township the rings made of them."""

    def __init__(self) -> None:
        file = resources.files("geodata").joinpath("data", "townships.topojson")
        data = json.loads(file.read_text(encoding="utf-8"))
        self.arcs = _decoded(data["arcs"], data["transform"]["scale"], data["transform"]["translate"])
        shapes = data["objects"]["townships"]["geometries"]
        self.parts = {shape["properties"]["TOWNCODE"]: _parts(shape) for shape in shapes}

    def of(self, towncode: str) -> tuple[Ring, ...]:
        return tuple(self._ring(ring) for part in self.parts[towncode] for ring in part)

    def shape(self, towncode: str) -> BaseGeometry:
        import shapely

        parts = [
            shapely.Polygon(outer, holes)
            for outer, *holes in ([self._ring(ring) for ring in part] for part in self.parts[towncode])
        ]
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)

    def _ring(self, arcs: list[int]) -> Ring:
        # An arc begins where the one before it ends.
        first, *others = [self._arc(arc) for arc in arcs]
        return np.concatenate([first, *(arc[1:] for arc in others)])

    def _arc(self, number: int) -> Ring:
        return self.arcs[number] if number >= 0 else self.arcs[~number][::-1]


def _decoded(arcs: Sequence[Sequence[Sequence[int]]], scale: Sequence[float], shift: Sequence[float]) -> list[Ring]:
    """Arcs, each a first point and steps from point to point, in degrees: all at once, since numpy is slow on few."""
    steps = np.fromiter(chain.from_iterable(chain.from_iterable(arcs)), dtype=np.int64).reshape(-1, 2)
    ends = np.cumsum([len(arc) for arc in arcs])
    points = np.cumsum(steps, axis=0)
    before = np.concatenate([np.zeros((1, 2), dtype=np.int64), points[ends[:-1] - 1]])
    points -= np.repeat(before, np.diff(ends, prepend=0), axis=0)
    return np.split(points * np.array(scale) + np.array(shift), ends[:-1])


def _parts(shape: Any) -> list[list[list[int]]]:
    parts: list[list[list[int]]] = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return parts


@cache
def _embedded() -> _TopoJson:
    return _TopoJson()


@cache
def embedded_outlines() -> Outlines:
    """Give the outlines of the embedded townships."""
    file = _embedded()
    return Outlines(file.parts, file.of)


@cache
def embedded_shapes() -> Mapping[str, BaseGeometry]:
    """Give the polygons of the embedded townships in degrees, by code, without a library for files of maps."""
    file = _embedded()
    return MappingProxyType({code: file.shape(code) for code in sorted(file.parts)})


def km_outside(towncode: str, lon: float, lat: float) -> float:
    """Tell how far a point lies outside an embedded township (see `Outlines.km_outside`)."""
    from geodata.geography import embedded

    return embedded().km_outside(towncode, lon, lat)


def township_at(lon: float, lat: float) -> tuple[str, float]:
    """Give the embedded township that holds a point (see `Outlines.township_at`)."""
    from geodata.geography import embedded

    return embedded().township_at(lon, lat)
