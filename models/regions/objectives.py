"""What a partition costs: edges cut, inertia, distance to centres, or the caller's own linear cost.

Every objective states its value for given labels (the definition, used to judge whatever an engine found) and, where
it is linear, its costs in whole numbers for the engines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from models.regions.errors import RegionsError
from models.regions.instance import Instance, Node, exact, read_numbers

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Centres",
    "EdgeCosts",
    "Inertia",
    "NodeCosts",
    "Objective",
    "Scaled",
    "read_centres",
    "read_edge_costs",
    "read_inertia",
    "read_node_costs",
    "to_integers",
]

_MOST = 2**50


@dataclass(frozen=True)
class Scaled:
    """Costs in whole numbers.

    Attributes
    ----------
    costs : tuple of int
        The true costs times `scale`, rounded to the nearest.
    scale : Fraction
    exact : bool
        Nothing was rounded.
    """

    costs: tuple[int, ...]
    scale: Fraction
    exact: bool


def to_integers(costs: Sequence[Fraction], most: int = _MOST) -> Scaled:
    """Bring costs to whole numbers whose absolute sum stays below `most`; exactly, where that is possible."""
    scale = Fraction(math.lcm(1, *(cost.denominator for cost in costs)))
    total = sum((abs(cost) for cost in costs), Fraction(0))
    fits = total * scale < most
    if not fits:
        scale = Fraction(10) ** math.floor(math.log10(most / total))
    return Scaled(tuple(round(cost * scale) for cost in costs), scale, fits)


class Objective:
    """What a partition costs; lower is better."""

    interchangeable = True
    """Parts may be renumbered without a change of value."""

    def value(self, labels: Sequence[int], parts: int) -> Fraction:
        """Cost of a partition; labels by node number."""
        raise NotImplementedError


@dataclass(frozen=True)
class EdgeCosts(Objective):
    """Sum of the costs of the edges between different parts.

    Attributes
    ----------
    edges : tuple of (int, int)
    costs : tuple of Fraction
        Not negative.
    """

    edges: tuple[tuple[int, int], ...]
    costs: tuple[Fraction, ...]

    def value(self, labels: Sequence[int], parts: int) -> Fraction:
        """Cost of a partition; labels by node number."""
        cut = (cost for (a, b), cost in zip(self.edges, self.costs, strict=True) if labels[a] != labels[b])
        return sum(cut, Fraction(0))


@dataclass(frozen=True)
class NodeCosts(Objective):
    """Sum over the nodes of their costs in their parts, and of the edges that are cut.

    Attributes
    ----------
    table : tuple of tuple of Fraction
        Node, part -> cost.
    edges : EdgeCosts
    """

    table: tuple[tuple[Fraction, ...], ...]
    edges: EdgeCosts

    interchangeable = False

    def value(self, labels: Sequence[int], parts: int) -> Fraction:
        """Cost of a partition; labels by node number."""
        placed = (row[label] for row, label in zip(self.table, labels, strict=True))
        return sum(placed, Fraction(0)) + self.edges.value(labels, parts)


@dataclass(frozen=True)
class Inertia(Objective):
    """Sum of weight x squared distance of the nodes to the centroid of their part.

    The same as the sum over all pairs of a part of w_i w_j d_ij^2, divided by the weight of the part; a part without
    weight has none.

    Attributes
    ----------
    weights, x, y : tuple of Fraction
    """

    weights: tuple[Fraction, ...]
    x: tuple[Fraction, ...]
    y: tuple[Fraction, ...]

    def value(self, labels: Sequence[int], parts: int) -> Fraction:
        """Cost of a partition; labels by node number."""
        mass, moment_x, moment_y = ([Fraction(0)] * parts for _ in range(3))
        square = Fraction(0)
        for label, weight, x, y in zip(labels, self.weights, self.x, self.y, strict=True):
            mass[label] += weight
            moment_x[label] += weight * x
            moment_y[label] += weight * y
            square += weight * (x * x + y * y)
        for own, a, b in zip(mass, moment_x, moment_y, strict=True):
            if own:
                square -= (a * a + b * b) / own
        return square


@dataclass(frozen=True)
class Centres(Objective):
    """Sum of weight x distance of the nodes to the centre of their part, a node of the part.

    Attributes
    ----------
    costs : tuple of tuple of Fraction
        Node, centre -> weight x distance.
    given : tuple of int or None
        The centre of each part; None: each part takes its best node.
    """

    costs: tuple[tuple[Fraction, ...], ...]
    given: tuple[int, ...] | None

    @property
    def interchangeable(self) -> bool:  # type: ignore[override]
        """Parts may be renumbered without a change of value."""
        return self.given is None

    def centres(self, labels: Sequence[int], parts: int) -> tuple[int, ...]:
        """Give the centre of each part: the given one, or the best (the first among equals)."""
        if self.given is not None:
            return self.given
        chosen = []
        for part in range(parts):
            members = [node for node, label in enumerate(labels) if label == part]
            chosen.append(min(members, key=lambda centre: (sum(self.costs[node][centre] for node in members), centre)))
        return tuple(chosen)

    def value(self, labels: Sequence[int], parts: int) -> Fraction:
        """Cost of a partition; labels by node number."""
        centres = self.centres(labels, parts)
        return sum((self.costs[node][centres[label]] for node, label in enumerate(labels)), Fraction(0))


def read_edge_costs(graph: nx.Graph[Any], instance: Instance, attribute: str | None) -> EdgeCosts:
    """Read the costs of the edges; without an attribute every edge costs 1.

    Raises
    ------
    RegionsError
        No edge has the attribute, one lacks it, or it is negative or no number.
    """
    if attribute is None:
        return EdgeCosts(instance.edges, (Fraction(1),) * len(instance.edges))
    ends = [(instance.nodes[a], instance.nodes[b]) for a, b in instance.edges]
    if ends and not any(attribute in graph.edges[pair] for pair in ends):
        raise RegionsError("edge.unknown", attribute=attribute)
    costs = []
    for first, second in ends:
        data = graph.edges[first, second]
        if attribute not in data:
            raise RegionsError("edge.missing", first=first, second=second, attribute=attribute)
        number = exact(data[attribute])
        named = {"first": first, "second": second, "attribute": attribute, "value": data[attribute]}
        if number is None:
            raise RegionsError("edge.number", **named)
        if number < 0:
            raise RegionsError("edge.negative", **named)
        costs.append(number)
    return EdgeCosts(instance.edges, tuple(costs))


def read_node_costs(
    instance: Instance, parts: int, costs: Mapping[Node, Sequence[object]], edges: EdgeCosts
) -> NodeCosts:
    """Read the caller's table: node -> cost in each part."""
    table = []
    for node in instance.nodes:
        given = costs.get(node, ())
        row = []
        for part in range(parts):
            if isinstance(given, str) or part >= len(given):
                raise RegionsError("costs.missing", node=node, part=part)
            number = exact(given[part])
            if number is None:
                raise RegionsError("costs.number", node=node, part=part, value=given[part])
            row.append(number)
        table.append(tuple(row))
    return NodeCosts(tuple(table), edges)


def read_inertia(
    graph: nx.Graph[Any], instance: Instance, weights: Sequence[Fraction], coordinates: tuple[str, str]
) -> Inertia:
    """Read the coordinates of the nodes."""
    x, y = (tuple(read_numbers(graph, instance, name)) for name in coordinates)
    return Inertia(tuple(weights), x, y)


def read_centres(
    graph: nx.Graph[Any],
    instance: Instance,
    weights: Sequence[Fraction],
    parts: int,
    *,
    centres: Sequence[Node] | None,
    distances: Mapping[Node, Mapping[Node, object]] | str | None,
    power: int,
    coordinates: tuple[str, str],
) -> Centres:
    """Read distances from a table, along the graph (an edge attribute), or from coordinates.

    Raises
    ------
    RegionsError
        A centre is unknown or named twice, a distance is missing or no number.
    """
    given: tuple[int, ...] | None = None
    if centres is not None:
        if len(centres) != parts:
            raise RegionsError("centres.length", given=len(centres), parts=parts)
        for place, node in enumerate(centres):
            if node not in instance.index:
                raise RegionsError("centres.node", node=node)
            if node in centres[:place]:
                raise RegionsError("centres.twice", node=node)
        given = tuple(instance.index[node] for node in centres)
    table = _distances(graph, instance, distances, coordinates, needed=given)
    costs = tuple(
        tuple(weight * distance**power for distance in row) for weight, row in zip(weights, table, strict=True)
    )
    return Centres(costs, given)


def _distances(
    graph: nx.Graph[Any],
    instance: Instance,
    distances: Mapping[Node, Mapping[Node, object]] | str | None,
    coordinates: tuple[str, str],
    needed: tuple[int, ...] | None,
) -> list[list[Fraction]]:
    import networkx as nx

    nodes = instance.nodes
    targets = set(range(len(nodes)) if needed is None else needed)
    if distances is None:
        x, y = (read_numbers(graph, instance, name) for name in coordinates)
        return [
            [Fraction(math.hypot(float(a - c), float(b - d))) for c, d in zip(x, y, strict=True)]
            for a, b in zip(x, y, strict=True)
        ]
    if isinstance(distances, str):
        costs = read_edge_costs(graph, instance, distances).costs
        plain: nx.Graph[Any] = nx.Graph()
        plain.add_nodes_from(range(len(nodes)))
        plain.add_edges_from((a, b, {"cost": cost}) for (a, b), cost in zip(instance.edges, costs, strict=True))
        rows = dict(nx.all_pairs_dijkstra_path_length(plain, weight="cost"))
        # What cannot be reached is never in the same connected part: any number does, if it is large.
        far = sum(costs, Fraction(0)) + 1
        return [[Fraction(rows[a].get(b, far)) for b in range(len(nodes))] for a in range(len(nodes))]
    table = []
    for first in nodes:
        given = distances.get(first, {})
        row = []
        for k, second in enumerate(nodes):
            number = exact(given.get(second, 0 if first == second or k not in targets else None))
            if number is None:
                raise RegionsError("distance.missing", first=first, second=second)
            row.append(number)
        table.append(row)
    return table
