"""Synthetic graphs for tests and benchmarks of regions: planar as maps are, seeded."""

from __future__ import annotations

import math
import random

import networkx as nx


def planar_graph(count: int, seed: int, weights: str = "small", thin: float = 0.15) -> nx.Graph:
    """A triangulation of random points without its long edges, some others left out; connected.

    Nodes have x, y and w, edges length (two decimals) and cost (a small whole number). Weights: `small` 0-6, `one`,
    `even` 2,000-9,000 as census tracts, `skew` from 3,000 to 160,000 as counties.
    """
    from shapely import MultiPoint, delaunay_triangles

    rng = random.Random(seed)
    points = [(round(rng.random(), 6), round(rng.random(), 6)) for _ in range(count)]
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    index = {point: node for node, point in enumerate(points)}
    for triangle in delaunay_triangles(MultiPoint(points)).geoms:
        corners = [index[corner] for corner in triangle.exterior.coords[:3]]
        graph.add_edges_from(zip(corners, corners[1:] + corners[:1], strict=True))
    if count < 3:
        graph.add_edges_from((node, node + 1) for node in range(count - 1))

    def span(edge: tuple[int, int]) -> float:
        return math.dist(points[edge[0]], points[edge[1]])

    for edge in sorted(graph.edges, key=lambda edge: (-span(edge), edge)):
        if span(edge) > 2.2 / math.sqrt(count) or rng.random() < thin * 0.3:
            graph.remove_edge(*edge)
            if not nx.is_connected(graph):
                graph.add_edge(*edge)
    draw = {
        "small": lambda: rng.randint(0, 6),
        "one": lambda: 1,
        "even": lambda: rng.randint(2000, 9000),
        "skew": lambda: int(10 ** rng.uniform(3.5, 5.2)),
    }[weights]
    for node, (x, y) in enumerate(points):
        graph.nodes[node].update(x=x, y=y, w=draw())
    for a, b in graph.edges:
        graph.edges[a, b].update(length=round(rng.uniform(1, 30), 2), cost=rng.randint(0, 5))
    return graph


def within(graph: nx.Graph, parts: int, tolerance: float, weight: str = "w") -> tuple[int, int]:
    """Bounds around an equal share of the weight."""
    share = sum(data[weight] for _, data in graph.nodes(data=True)) / parts
    return math.ceil(share * (1 - tolerance)), math.floor(share * (1 + tolerance))


def grid(rows: int, columns: int | None = None) -> nx.Graph:
    """A grid; nodes are (row, column)."""
    graph = nx.grid_2d_graph(rows, columns or rows)
    for row, column in graph:
        graph.nodes[row, column].update(x=column, y=row, w=1)
    nx.set_edge_attributes(graph, 1, "length")
    return graph
