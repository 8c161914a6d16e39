"""In which township a point lies, from the embedded polygons, without any library for maps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["km_outside", "township_at"]

_KM_PER_DEGREE = 111.2

_Ring = npt.NDArray[np.float64]


class _Polygons:
    """The file as it is: arcs, and for each township the rings made of them; decoded where they are needed."""

    def __init__(self) -> None:
        file = resources.files("geodata").joinpath("data", "townships.topojson")
        data = json.loads(file.read_text(encoding="utf-8"))
        self.scale = np.array(data["transform"]["scale"])
        self.shift = np.array(data["transform"]["translate"])
        self.arcs = data["arcs"]
        shapes = data["objects"]["townships"]["geometries"]
        self.rings = {shape["properties"]["TOWNCODE"]: list(_rings(shape)) for shape in shapes}

    def of(self, towncode: str) -> tuple[_Ring, ...]:
        """Give the rings of a township in degrees."""
        return tuple(np.concatenate([self._arc(arc) for arc in ring]) for ring in self.rings[towncode])

    def _arc(self, number: int) -> _Ring:
        arc = np.cumsum(np.array(self.arcs[number if number >= 0 else ~number]), axis=0)
        degrees: _Ring = arc * self.scale + self.shift
        return degrees if number >= 0 else degrees[::-1]


@cache
def _polygons() -> _Polygons:
    return _Polygons()


def _rings(shape: Any) -> Iterator[list[int]]:
    parts = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    for part in parts:
        yield from part


@cache
def _outline(towncode: str) -> tuple[_Ring, ...]:
    return _polygons().of(towncode)


def km_outside(towncode: str, lon: float, lat: float) -> float:
    """Tell how far a point lies outside a township: 0 inside, else the way to its border in km."""
    inside, nearest = False, np.inf
    stretch = np.array([np.cos(np.radians(lat)), 1.0])
    for ring in _outline(towncode):
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


def township_at(lon: float, lat: float) -> tuple[str, float]:
    """Give the township that holds a point, else the nearest, and how far outside it the point lies in km."""
    best = ("", np.inf)
    for towncode in sorted(_polygons().rings):
        km = km_outside(towncode, lon, lat)
        if km < best[1]:
            best = (towncode, km)
        if km == 0:
            break
    return best
