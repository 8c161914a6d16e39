"""Distances between places: along the graph of townships, or as the crow flies.

Between places in the same township, or in two that share a border, the distance is the great circle.
Otherwise it is the shortest way over the graph: from the place to the point of a township adjoining its own,
along the edges of the graph from point to point, and from the point of a township adjoining the other's to
that place. A declared link (ferry, bridge, air) is always taken from the township's own point. In one
formula, with N[a] the township a itself and those that share a border with it, p the points of townships and
SP the shortest path on the edges:

    distance(A in a, B in b) = min over u in N[a], v in N[b] of  gc(A, p_u) + SP(u, v) + gc(p_v, B)

(leaving by way of p_a pays only if the next edge is a link, since a border edge is as long as its great
circle).

Lengths are whole millimetres inside, so that a sum does not depend on its order: the table is exactly
symmetric, and equal on every machine.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from geodata.matrix import MatrixProblem, MatrixProblems, read_matrix
from geodata.sphere import great_circle_km
from geodata.tables import How, TravelTable, refuse_repeated
from geodata.townships import UnknownTownship

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "MatrixProblem",
    "MatrixProblems",
    "Place",
    "TravelTable",
    "Unreachable",
    "UnreachablePair",
    "great_circle_km",
    "read_matrix",
    "travel_km",
]

_MM_PER_KM = 1_000_000
# No way at all. Three of them still fit into 64 bits.
_FAR = np.iinfo(np.int64).max // 4

_Lengths = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that travels or is travelled to.

    Attributes
    ----------
    id
        Its id, such as a school code.
    towncode
        The township it lies in: a node of the graph. It is believed, whatever the coordinates say.
    lon, lat
        Degrees; None for both if unknown: the point of the township then stands for the place, so two such
        places in one township are 0 km apart (an assumption, and an underestimate).

    Raises
    ------
    ValueError
        The id or the township is empty, or the coordinates are not both known and on the globe.
    """

    id: str
    towncode: str
    lon: float | None = None
    lat: float | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.towncode:
            raise ValueError("a place has an id and a township")
        if (self.lon is None) != (self.lat is None):
            raise ValueError(f"{self.id}: longitude and latitude are known together or not at all")
        if self.lon is not None and self.lat is not None and not (abs(self.lon) <= 180 and abs(self.lat) <= 90):
            raise ValueError(f"{self.id}: {self.lon}, {self.lat} is no longitude and latitude")


@dataclass(frozen=True, slots=True)
class UnreachablePair:
    """Two places without a way between them, with the names of their townships."""

    origin: str
    origin_township: str
    destination: str
    destination_township: str


class Unreachable(ValueError):  # noqa: N818
    """Some places cannot be reached from others on the graph: a link is missing.

    Attributes
    ----------
    pairs
        All such pairs, in the order of the table.
    """

    def __init__(self, pairs: Iterable[UnreachablePair]) -> None:
        self.pairs = tuple(pairs)
        super().__init__(self.pairs)

    def __str__(self) -> str:
        towns = dict.fromkeys((pair.origin_township, pair.destination_township) for pair in self.pairs)
        return "no way between " + "; ".join(f"{a} and {b}" for a, b in towns)


def travel_km(
    origins: Sequence[Place],
    destinations: Sequence[Place],
    graph: nx.Graph[str],
    *,
    how: How = "graph",
) -> TravelTable:
    """Measure the way from every origin to every destination.

    Parameters
    ----------
    origins, destinations
        The places; no id twice in either. The same place may be in both.
    graph
        As `geodata.adjacency.adjacency_graph` makes it. Paths on a frozen graph are remembered while it
        lives.
    how
        "graph" for the rule at the top of this module, "great_circle" for the great circle between all
        places.

    Returns
    -------
    TravelTable
        In km, one way.

    Raises
    ------
    UnknownTownship
        The township of a place is no node of the graph.
    Unreachable
        No path joins the townships of some places; never with "great_circle".
    ValueError
        An id is repeated, or ``how`` is neither of the two.
    """
    if how not in ("graph", "great_circle"):
        raise ValueError(f"how is 'graph' or 'great_circle', not {how!r}")
    for role, places in (("origins", origins), ("destinations", destinations)):
        refuse_repeated(role, [place.id for place in places])
    network = _network(graph)
    here, there = network.locate(origins), network.locate(destinations)
    lengths = _great_circle_mm(here.lonlat[:, None], there.lonlat[None, :])
    if how == "graph" and lengths.size:
        near = network.adjoins[here.towns[:, None], there.towns[None, :]]
        lengths = np.where(near, lengths, network.along_edges(here, there, ~near))
        if (lengths >= _FAR).any():
            raise Unreachable(
                UnreachablePair(
                    origins[i].id,
                    network.names[here.towns[i]],
                    destinations[j].id,
                    network.names[there.towns[j]],
                )
                for i, j in np.argwhere(lengths >= _FAR)
            )
    return TravelTable(
        tuple(place.id for place in origins),
        tuple(place.id for place in destinations),
        lengths / _MM_PER_KM,
        unit="km",
        how=how,
    )


@dataclass(frozen=True, slots=True)
class _Located:
    """Places as arrays: number of the township, and longitude and latitude, of each."""

    towns: npt.NDArray[np.int64]
    lonlat: npt.NDArray[np.float64]


class _Network:
    """A graph, numbered: nodes by position, lengths in whole millimetres."""

    def __init__(self, graph: nx.Graph[str]) -> None:
        self.codes = list(graph)
        self.number = {code: i for i, code in enumerate(self.codes)}
        self.names = [str(graph.nodes[code].get("name", code)) for code in self.codes]
        self.lonlat = np.array(
            [(graph.nodes[code]["lon"], graph.nodes[code]["lat"]) for code in self.codes], dtype=float
        ).reshape(-1, 2)
        self.adjoins = np.eye(len(self.codes), dtype=bool)
        self._edges: list[list[tuple[int, int]]] = [[] for _ in self.codes]
        for a, b, data in graph.edges(data=True):
            i, j = self.number[a], self.number[b]
            mm = round(data["km"] * _MM_PER_KM)
            self._edges[i].append((j, mm))
            self._edges[j].append((i, mm))
            if data["kind"] == "border":
                self.adjoins[i, j] = self.adjoins[j, i] = True
        self._paths: dict[int, _Lengths] = {}

    def locate(self, places: Sequence[Place]) -> _Located:
        for place in places:
            if place.towncode not in self.number:
                raise UnknownTownship(place.towncode)
        towns = np.array([self.number[place.towncode] for place in places], dtype=np.int64)
        lonlat = self.lonlat[towns]
        for i, place in enumerate(places):
            if place.lon is not None and place.lat is not None:
                lonlat[i] = place.lon, place.lat
        return _Located(towns, lonlat)

    def along_edges(self, here: _Located, there: _Located, needed: npt.NDArray[np.bool_]) -> _Lengths:
        """Apply the formula to all pairs of the rows and columns in which one is needed."""
        lengths = np.full(needed.shape, _FAR, dtype=np.int64)
        rows, columns = np.flatnonzero(needed.any(axis=1)), np.flatnonzero(needed.any(axis=0))
        if not rows.size:
            return lengths
        first = np.flatnonzero(self.adjoins[here.towns[rows]].any(axis=0))  # all u
        last = np.flatnonzero(self.adjoins[there.towns[columns]].any(axis=0))  # all v
        paths = np.array([self._paths_from(int(u))[last] for u in first])
        start = self._legs(here, rows, first)
        end = self._legs(there, columns, last)
        to_last = np.array([_shortest(leg, paths) for leg in start])
        lengths[np.ix_(rows, columns)] = np.array([_shortest(leg, to_last.T) for leg in end]).T
        return lengths

    def _legs(self, places: _Located, which: npt.NDArray[np.int64], nodes: npt.NDArray[np.int64]) -> _Lengths:
        """From each place to the points of its own and the adjoining townships; far to all others."""
        legs = _great_circle_mm(places.lonlat[which][:, None], self.lonlat[nodes][None, :])
        return np.where(self.adjoins[np.ix_(places.towns[which], nodes)], legs, _FAR)

    def _paths_from(self, source: int) -> _Lengths:
        """Shortest paths over the edges from one node to all (Dijkstra), remembered."""
        if source not in self._paths:
            best = [int(_FAR)] * len(self.codes)
            best[source] = 0
            queue = [(0, source)]
            while queue:
                length, node = heapq.heappop(queue)
                if length == best[node]:
                    for other, mm in self._edges[node]:
                        if length + mm < best[other]:
                            best[other] = length + mm
                            heapq.heappush(queue, (length + mm, other))
            self._paths[source] = np.array(best, dtype=np.int64)
        return self._paths[source]


def _shortest(leg: _Lengths, onward: _Lengths) -> _Lengths:
    """Minimum of leg[u] + onward[u, :] over the few u that the leg reaches."""
    reached = np.flatnonzero(leg < _FAR)
    shortest: _Lengths = (leg[reached, None] + onward[reached]).min(axis=0)
    return np.minimum(shortest, _FAR)


def _great_circle_mm(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> _Lengths:
    """Great circles between arrays of (lon, lat), in whole millimetres."""
    km = great_circle_km(one[..., 0], one[..., 1], two[..., 0], two[..., 1])
    lengths: _Lengths = np.rint(np.asarray(km) * _MM_PER_KM).astype(np.int64)
    return lengths


_networks: WeakKeyDictionary[Any, _Network] = WeakKeyDictionary()


def _network(graph: nx.Graph[str]) -> _Network:
    """Number a graph; a frozen one, which cannot change, only once."""
    import networkx as nx

    if not nx.is_frozen(graph):
        return _Network(graph)
    if graph not in _networks:
        _networks[graph] = _Network(graph)
    return _networks[graph]
