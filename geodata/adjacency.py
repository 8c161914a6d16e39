"""Which townships adjoin: shared borders, and declared links over the sea, as one graph.

A border counts when it is longer than `BORDER_TOLERANCE_KM`; shorter contacts are corners. What no border
joins (islands) is joined by declared links, each with its kind and a note that says what it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from geodata.embedded import read_embedded
from geodata.sphere import great_circle_km
from geodata.townships import Township, UnknownTownship

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

__all__ = [
    "BORDER_TOLERANCE_KM",
    "LINK_KINDS",
    "DeclaredLink",
    "Island",
    "adjacency_graph",
    "build_graph",
    "compute_borders",
    "declared_links",
    "embedded_borders",
    "islands",
    "refuse_doubles",
]

BORDER_TOLERANCE_KM = 0.05
"""Contacts up to this length are corners, not borders (see docs/adjacency.md)."""

LINK_KINDS = ("bridge", "ferry", "air")
"""Kinds of declared links."""

# Vertices of neighbours that differ by less than this are the same: about 0.1 m.
_SNAP_DEGREES = 1e-6


@dataclass(frozen=True, slots=True)
class DeclaredLink:
    """A way between two townships that share no border.

    Attributes
    ----------
    a, b
        TOWNCODE of the two ends; the order means nothing.
    kind
        One of `LINK_KINDS`.
    km
        Length of the way from the point of one township over the link to the point of the other; None stands
        for the great circle between the points.
    minutes
        Usual time of the crossing, if known. For the reader; no distance is made of it.
    note
        What the link rests on, in a few words.

    Raises
    ------
    ValueError
        An end is empty or both ends are the same, the kind is unknown, or km or minutes are not positive.
    """

    a: str
    b: str
    kind: str
    km: float | None = None
    minutes: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.a or not self.b or self.a == self.b:
            raise ValueError(f"a link joins two different townships, not {self.a!r} and {self.b!r}")
        if self.kind not in LINK_KINDS:
            raise ValueError(f"the kind of a link is one of {', '.join(LINK_KINDS)}, not {self.kind!r}")
        for name, value in (("km", self.km), ("minutes", self.minutes)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} of a link is a positive number, not {value!r}")

    @property
    def ends(self) -> tuple[str, str]:
        """The two codes, the smaller first."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)


@dataclass(frozen=True, slots=True)
class Island:
    """A part of a graph that nothing joins to the largest part.

    Attributes
    ----------
    towncodes
        Its townships, in order.
    names
        Their names, in the same order.
    """

    towncodes: tuple[str, ...]
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "、".join(self.names)


@cache
def declared_links() -> tuple[DeclaredLink, ...]:
    """Give the embedded links of the islands, by the codes of their ends."""
    return tuple(
        DeclaredLink(
            row["a"],
            row["b"],
            row["kind"],
            km=float(row["km"]),
            minutes=float(row["minutes"]) if row["minutes"] else None,
            note=f"{row['strength']}: {row['note']}",
        )
        for row in read_embedded("links.csv")
    )


def adjacency_graph(*, extra_links: Iterable[DeclaredLink] = (), links: bool = True) -> nx.Graph[str]:
    """Give the national graph of the embedded townships.

    Parameters
    ----------
    extra_links
        Links of the user; one between the ends of an embedded link replaces it.
    links
        Whether the embedded links are part of the graph.

    Returns
    -------
    networkx.Graph
        As `build_graph` makes it. The same object for the same arguments.

    Raises
    ------
    UnknownTownship
        A link ends at a code that is no township.
    ValueError
        Two extra links have the same ends.
    """
    from geodata.geography import embedded

    return embedded().graph(extra_links, links=links)


@cache
def embedded_borders() -> Mapping[tuple[str, str], float]:
    """Give the shared km of the embedded townships, by pair of codes."""
    return MappingProxyType({(row["a"], row["b"]): float(row["shared_km"]) for row in read_embedded("borders.csv")})


def build_graph(
    nodes: Iterable[Township], borders: Mapping[tuple[str, str], float], links: Iterable[DeclaredLink] = ()
) -> nx.Graph[str]:
    """Build an adjacency graph from townships, borders and links.

    Parameters
    ----------
    nodes
        The townships.
    borders
        Shared km by pair of codes, as `compute_borders` gives them.
    links
        Declared links. One between townships that share a border changes nothing but the note of that edge:
        who adjoins already is not joined twice.

    Returns
    -------
    networkx.Graph
        Frozen; nodes and edges in the order of their codes. Nodes are codes, with ``name`` (county and town),
        ``county``, ``lon`` and ``lat`` (degrees). Edges have ``km`` (great circle between the two points, or
        the length of the link), ``shared_km`` (0 for a link), ``kind`` ("border" or one of `LINK_KINDS`),
        ``minutes`` (or None) and ``note``.

    Raises
    ------
    UnknownTownship
        A border or a link ends at a code that is not among the townships.
    ValueError
        Two links have the same ends.
    """
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for township in sorted(nodes, key=lambda township: township.towncode):
        graph.add_node(
            township.towncode, name=township.name, county=township.county, lon=township.lon, lat=township.lat
        )
    linked = tuple(links)
    refuse_doubles(linked)
    by_ends = {link.ends: link for link in linked}
    shared = {(min(pair), max(pair)): km for pair, km in borders.items()}
    for a, b in sorted({*by_ends, *shared}):
        for code in (a, b):
            if code not in graph:
                raise UnknownTownship(code)
        link = by_ends.get((a, b))
        note = link.note if link else ""
        if link is None or (a, b) in shared:
            kind, minutes, km = "border", None, _km(graph, a, b)
        else:
            kind, minutes, km = link.kind, link.minutes, _km(graph, a, b) if link.km is None else link.km
        graph.add_edge(a, b, km=km, shared_km=shared.get((a, b), 0.0), kind=kind, minutes=minutes, note=note)
    nx.freeze(graph)
    return graph


def islands(graph: nx.Graph[str]) -> tuple[Island, ...]:
    """Give the connected parts of a graph without the largest (of equals, the one with the smallest code).

    Parameters
    ----------
    graph
        As `adjacency_graph` makes it; the attribute ``name`` of the nodes is used.

    Returns
    -------
    tuple of Island
        The largest first, then by code; empty if the graph is connected.
    """
    import networkx as nx

    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    return tuple(
        Island(tuple(part), tuple(str(graph.nodes[code].get("name", code)) for code in part)) for part in parts[1:]
    )


def compute_borders(
    polygons: gpd.GeoDataFrame, tolerance_km: float = BORDER_TOLERANCE_KM
) -> dict[tuple[str, str], float]:
    """Measure the borders that polygons share (rook adjacency).

    Neighbours need not have the same vertices along their border: lines are brought to a common grid of 0.1
    m. Wider gaps and overlaps are not mended.

    Parameters
    ----------
    polygons
        As `load_polygons` gives them.
    tolerance_km
        A shared border must be longer than this.

    Returns
    -------
    dict of tuple of two str to float
        Shared km on the ellipsoid, rounded to a metre, by pair of keys; the smaller key first, in order.

    Raises
    ------
    ValueError
        The tolerance is negative, or the polygons name no reference system.
    """
    import numpy as np
    import shapely
    from pyproj import Geod

    if not tolerance_km >= 0:
        raise ValueError(f"the tolerance is a length, not {tolerance_km!r}")
    if polygons.crs is None:
        raise ValueError("the polygons name no coordinate reference system")
    polygons = polygons.to_crs(4326).sort_index()
    keys = [str(key) for key in polygons.index]
    shapes = np.asarray(polygons.geometry)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=_SNAP_DEGREES)
    left, right = left[left < right], right[left < right]
    rings = shapely.boundary(shapes)
    common = shapely.intersection(rings[left], rings[right], grid_size=_SNAP_DEGREES)
    parts, pair = shapely.get_parts(common, return_index=True)
    lines, part = shapely.get_parts(parts, return_index=True)
    along = shapely.get_dimensions(lines) == 1
    points, line = shapely.get_coordinates(lines[along], return_index=True)
    # All pieces of all borders at once: a full boundary file has a million.
    one = np.flatnonzero(line[1:] == line[:-1])
    metres = Geod(ellps="GRS80").inv(*points[one].T, *points[one + 1].T)[2]
    shared = np.bincount(pair[part[along]][line[one]], metres, minlength=len(left)) / 1000
    borders = {
        (keys[i], keys[j]): round(km, 3)
        for i, j, km in zip(left.tolist(), right.tolist(), shared.tolist(), strict=True)
        if km > tolerance_km
    }
    return dict(sorted(borders.items()))


def refuse_doubles(links: Iterable[DeclaredLink]) -> None:
    """Refuse two links with the same ends: which of them holds is the user's to say."""
    seen = set()
    for link in links:
        if link.ends in seen:
            raise ValueError(f"two links between {link.ends[0]} and {link.ends[1]}")
        seen.add(link.ends)


def _km(graph: nx.Graph[str], a: str, b: str) -> float:
    """Great circle between the points of two nodes, to the metre."""
    one, two = graph.nodes[a], graph.nodes[b]
    return round(float(great_circle_km(one["lon"], one["lat"], two["lon"], two["lat"])), 3)
