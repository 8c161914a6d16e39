"""Partitions of small graphs by trying every assignment: the definition, without any of the product's ideas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import networkx as nx


def pieces_of(graph: nx.Graph, labels: Mapping[Any, int]) -> int:
    """Connected pieces of all parts together."""
    return sum(
        nx.number_connected_components(graph.subgraph([node for node in graph if labels[node] == part]))
        for part in set(labels.values())
    )


def all_partitions(
    graph: nx.Graph,
    parts: int,
    weight: str | None,
    lower: Sequence[Fraction | int | float],
    upper: Sequence[Fraction | int | float],
    *,
    fixed: Mapping[Any, int] | None = None,
    together: Iterable[Iterable[Any]] = (),
    apart: Iterable[Iterable[Any]] = (),
    pieces: int | None = None,
) -> Iterator[dict[Any, int]]:
    """Every assignment of nodes to numbered parts that keeps all wishes; no part empty.

    `pieces`: most connected pieces in all; without it every part is connected.
    """
    nodes = list(graph)
    own = [Fraction(1) if weight is None else Fraction(graph.nodes[node][weight]) for node in nodes]
    own = [int(mass) if mass.denominator == 1 else mass for mass in own]
    groups, pairs = [list(g) for g in together], [list(g) for g in apart]
    for chosen in product(range(parts), repeat=len(nodes)):
        if len(set(chosen)) < parts:
            continue
        sums: list[Fraction | int] = [0] * parts
        for part, mass in zip(chosen, own, strict=True):
            sums[part] += mass
        if any(not low <= mass <= high for low, mass, high in zip(lower, sums, upper, strict=True)):
            continue
        labels = dict(zip(nodes, chosen, strict=True))
        if any(labels[node] != part for node, part in (fixed or {}).items()):
            continue
        if any(len({labels[node] for node in group}) > 1 for group in groups):
            continue
        if any(len({labels[node] for node in group}) < len(group) for group in pairs):
            continue
        if pieces_of(graph, labels) > (parts if pieces is None else pieces):
            continue
        yield labels


def cut_edges(graph: nx.Graph, labels: Mapping[Any, int], attribute: str | None = None) -> Any:
    """Sum over the edges between different parts."""
    return sum(
        1 if attribute is None else data[attribute] for a, b, data in graph.edges(data=True) if labels[a] != labels[b]
    )


def inertia(graph: nx.Graph, labels: Mapping[Any, int], weight: str | None) -> Fraction:
    """Sum over the parts of w_i w_j d_ij^2 over all pairs, divided by the part's weight."""
    total = Fraction(0)
    for part in set(labels.values()):
        own = [graph.nodes[node] for node in graph if labels[node] == part]
        mass = [Fraction(1) if weight is None else Fraction(data[weight]) for data in own]
        if not sum(mass):
            continue
        pairs = Fraction(0)
        for i, a in enumerate(own):
            for j, b in enumerate(own[:i]):
                square = (Fraction(a["x"]) - Fraction(b["x"])) ** 2 + (Fraction(a["y"]) - Fraction(b["y"])) ** 2
                pairs += mass[i] * mass[j] * square
        total += pairs / sum(mass)
    return total
