"""Measure the split on this machine: `python -m benchmarks.split [proof|large|ratio] [--seeds N]`.

Seeded, synthetic and lifelike: schools and junior highs of `tests.communities.benchmark_problem`, spread unevenly over
the townships of a planar graph. Nothing here asserts seconds: benchmarks/README.md keeps what was measured.
"""

from __future__ import annotations

import random
from dataclasses import replace

import networkx as nx
import numpy as np
import shapely

from models.community import Distances, Problem, Wishes
from models.split.values import Territory
from tests.communities import benchmark_problem

__all__ = ["split_problem", "township_graph"]

_SIDE = 600  # tenths of a km


def township_graph(rng: random.Random, townships: int, dense: bool = False) -> nx.Graph[int]:
    """A planar graph of townships with their places.

    By default two townships adjoin when no third lies in the circle on the line between them, as sparse as real
    communities are; `dense`: all neighbours of the triangulation but the longest, which gives many more divisions.
    """
    spots: dict[tuple[int, int], None] = {}
    while len(spots) < townships:
        spot = rng.randrange(_SIDE), rng.randrange(_SIDE)
        if all(abs(spot[0] - x) + abs(spot[1] - y) > _SIDE // (2 * int(townships**0.5)) for x, y in spots):
            spots[spot] = None
    places = list(spots)
    number = {place: k for k, place in enumerate(places)}
    graph: nx.Graph[int] = nx.Graph()
    for k, (x, y) in enumerate(places):
        graph.add_node(k, x=x, y=y)
    for edge in shapely.delaunay_triangles(shapely.MultiPoint(places), only_edges=True).geoms:
        (a, b), (c, d) = edge.coords
        near = any((x - a) * (x - c) + (y - b) * (y - d) < 0 for x, y in places if (x, y) not in ((a, b), (c, d)))
        length = float(np.hypot(a - c, b - d))
        if not near or (dense and length < _SIDE / townships**0.5 * 1.6):
            graph.add_edge(number[int(a), int(b)], number[int(c), int(d)], length=length)
    return graph


def split_problem(
    seed: int, n: int, townships: int, own_coordinates: bool, scale: str = "band", dense: bool = False
) -> tuple[Problem, Territory]:
    """A large community and its territory.

    Parameters
    ----------
    seed : int
    n : int
        Participants, more than 20.
    townships : int
        Some of them may have no school.
    own_coordinates : bool
        True: every school and junior high at a place of its own in its township; False: at its township's point.
    scale : {"band", "exact", "points"}
        How loads are compared.
    dense : bool
        See `township_graph`.
    """
    rng = random.Random(f"split {seed} {n} {townships}")
    base = benchmark_problem(seed, n, own_coordinates)
    graph = township_graph(rng, townships, dense)
    weights = [rng.random() ** 2 + 0.1 for _ in range(townships)]
    codes = [school.code for school in base.community.schools]
    points = [point.id for point in base.community.demand_points]
    node = dict(zip(codes, rng.choices(range(townships), weights, k=n), strict=True))
    # Every township has a junior high; the others lie where the schools are.
    others = rng.choices(range(townships), weights, k=len(points) - townships)
    demand = dict(zip(points, [*range(townships), *others], strict=True))
    reach = _SIDE // (3 * int(townships**0.5))

    def place(k: int) -> tuple[int, int]:
        x, y = graph.nodes[k]["x"], graph.nodes[k]["y"]
        if not own_coordinates:
            return x, y
        return x + rng.randint(-reach, reach), y + rng.randint(-reach, reach)

    places = {key: place(k) for key, k in [*node.items(), *demand.items()]}

    def table(rows: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        start = np.array([places[key] for key in rows], dtype=float).reshape(-1, 1, 2)
        end = np.array([places[key] for key in codes], dtype=float).reshape(1, -1, 2)
        result: np.ndarray[tuple[int, int], np.dtype[np.int64]]
        result = np.rint(np.hypot(*(start - end).transpose(2, 0, 1))).astype(np.int64)
        return result

    distances = Distances(tuple(codes), tuple(points), table(codes), table(points))
    community = replace(base.community, id=f"split-{seed}-{n}-{townships}")
    rules = base.rules.with_options({"load_scale": scale})
    territory = Territory(graph, node, {key: (k,) for key, k in demand.items()})
    return Problem(rules, community, Wishes(), distances), territory
