"""A graph and what is wished of its parts, read once: checked, numbered, in whole numbers.

Nodes get numbers in an order that does not depend on the order in which the graph was built, so that the same graph
gives the same answer however its rows were shuffled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import TYPE_CHECKING, Any

from models.regions.errors import RegionsError

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Groups", "Instance", "Node", "exact", "read_bounds", "read_graph", "read_groups", "read_weights"]

Node = Any
"""A node of the caller's graph: anything hashable."""

MOST = 2**53
"""Sums of weights stay below it, so that no solver ever rounds them."""


@dataclass(frozen=True)
class Instance:
    """A numbered graph.

    Attributes
    ----------
    nodes : tuple
        The caller's nodes; everything else speaks of their numbers.
    index : dict
        Node -> number.
    neighbours : tuple of tuple of int
        Per node, ascending.
    edges : tuple of (int, int)
        Smaller number first, ascending.
    components : tuple of tuple of int
        The connected pieces of the graph, each ascending, in the order of their first nodes.
    """

    nodes: tuple[Node, ...]
    index: Mapping[Node, int]
    neighbours: tuple[tuple[int, ...], ...]
    edges: tuple[tuple[int, int], ...]
    components: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.nodes)


def exact(value: object) -> Fraction | None:
    """Give a number exactly; a float is the decimal that it prints as. None if it is no finite number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return Fraction(int(value))
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Real):
        number = float(value)
        return Fraction(repr(number)) if math.isfinite(number) else None
    try:
        return Fraction(str(value)) if type(value).__name__ == "Decimal" else None
    except ValueError:
        return None


def _in_order(nodes: Iterable[Node]) -> list[Node]:
    listed = list(nodes)
    try:
        return sorted(listed)
    except TypeError:
        return sorted(listed, key=lambda node: (type(node).__name__, repr(node)))


def read_graph(graph: nx.Graph[Any]) -> Instance:
    """Check and number a graph.

    Raises
    ------
    RegionsError
        Directed, with parallel edges, empty, or an edge from a node to itself.
    """
    import networkx as nx

    if graph.is_directed():
        raise RegionsError("graph.directed")
    if graph.is_multigraph():
        raise RegionsError("graph.multigraph")
    if not graph.number_of_nodes():
        raise RegionsError("graph.empty")
    for node in nx.nodes_with_selfloops(graph):
        raise RegionsError("graph.self_loop", node=node)
    nodes = tuple(_in_order(graph.nodes))
    index = {node: k for k, node in enumerate(nodes)}
    neighbours = tuple(tuple(sorted(index[other] for other in graph.adj[node])) for node in nodes)
    edges = tuple((a, b) for a, others in enumerate(neighbours) for b in others if a < b)
    pieces = sorted(tuple(sorted(index[node] for node in piece)) for piece in nx.connected_components(graph))
    return Instance(nodes, index, neighbours, edges, tuple(pieces))


def read_weights(graph: nx.Graph[Any], instance: Instance, attribute: str | None) -> list[Fraction]:
    """Read the weights of the nodes; without an attribute every node weighs 1."""
    if attribute is None:
        return [Fraction(1)] * len(instance)
    weights = read_numbers(graph, instance, attribute)
    for node, number in zip(instance.nodes, weights, strict=True):
        if number < 0:
            raise RegionsError("weight.negative", node=node, attribute=attribute, value=graph.nodes[node][attribute])
    return weights


def read_numbers(graph: nx.Graph[Any], instance: Instance, attribute: str) -> list[Fraction]:
    """Read an attribute that every node must have, exactly."""
    if not any(attribute in graph.nodes[node] for node in instance.nodes):
        raise RegionsError("weight.unknown", attribute=attribute)
    numbers = []
    for node in instance.nodes:
        data = graph.nodes[node]
        if attribute not in data:
            raise RegionsError("weight.missing", node=node, attribute=attribute)
        number = exact(data[attribute])
        if number is None:
            raise RegionsError("weight.number", node=node, attribute=attribute, value=data[attribute])
        numbers.append(number)
    return numbers


def read_bounds(
    weights: Sequence[Fraction], lower: object, upper: object, parts: int
) -> tuple[list[int], list[int], list[int], int]:
    """Bring weights and bounds to whole numbers.

    Returns
    -------
    weights, lower, upper : list of int
        Multiplied by the scale; bounds per part, rounded inwards and cut to 0..total.
    scale : int
    """
    low = _per_part("lower", lower, parts, Fraction(0))
    high = _per_part("upper", upper, parts, max(sum(weights, Fraction(0)), *low))
    for part, (least, most) in enumerate(zip(low, high, strict=True)):
        if least > most:
            raise RegionsError("bounds.order", lower=least, upper=most, part=part)
    scale = math.lcm(1, *(weight.denominator for weight in weights))
    if scale * sum(weights, Fraction(0)) >= MOST:
        raise RegionsError("weight.too_fine", digits=15)
    whole = [int(weight * scale) for weight in weights]
    total = sum(whole)
    lowest = [max(0, math.ceil(least * scale)) for least in low]
    highest = [min(total, math.floor(most * scale)) for most in high]
    return whole, lowest, highest, scale


def _per_part(name: str, given: object, parts: int, default: Fraction) -> list[Fraction]:
    if given is None:
        return [default] * parts
    if isinstance(given, Sequence) and not isinstance(given, str):
        if len(given) != parts:
            raise RegionsError("bounds.length", name=name, given=len(given), parts=parts)
        values = list(given)
    else:
        values = [given] * parts
    numbers = []
    for value in values:
        number = exact(value)
        if number is None:
            if isinstance(value, float) and math.isinf(value) and (value > 0) == (name == "upper"):
                number = default
            else:
                raise RegionsError("bounds.number", name=name, value=value)
        numbers.append(number)
    return numbers


@dataclass(frozen=True)
class Groups:
    """Who belongs together, who apart, and who is fixed, after drawing the conclusions that are at hand.

    Attributes
    ----------
    group : tuple of int
        Node -> its group: nodes that are always in the same part. Numbered by their first nodes.
    apart : frozenset of (int, int)
        Pairs of groups in different parts, smaller first.
    fixed : dict of int to int
        Group -> part.
    """

    group: tuple[int, ...]
    apart: frozenset[tuple[int, int]]
    fixed: Mapping[int, int]

    def members(self) -> list[list[int]]:
        """List the nodes of each group."""
        listed: list[list[int]] = [[] for _ in range(max(self.group) + 1)]
        for node, group in enumerate(self.group):
            listed[group].append(node)
        return listed


def read_groups(
    instance: Instance,
    parts: int,
    fixed: Mapping[Node, int] | None,
    together: Iterable[Iterable[Node]],
    apart: Iterable[Iterable[Node]],
) -> Groups:
    """Check the wishes about single nodes against each other.

    Raises
    ------
    RegionsError
        A node is not in the graph, a part does not exist, or two wishes contradict each other: the pair is named.
    """
    from networkx.utils import UnionFind

    joined = UnionFind(range(len(instance)))
    for given in together:
        known = [_number(instance, node, "together.node") for node in given]
        joined.union(*known)
    places: dict[int, tuple[int, int]] = {}
    for node, part in (fixed or {}).items():
        number = _number(instance, node, "fixed.node")
        if isinstance(part, bool) or not isinstance(part, Integral) or not 0 <= part < parts:
            raise RegionsError("fixed.part", node=node, part=part, last=parts - 1)
        other = places.setdefault(joined[number], (int(part), number))
        if other[0] != part:
            raise RegionsError("contradiction", first=instance.nodes[other[1]], second=node)
    pairs: set[tuple[int, int]] = set()
    for given in apart:
        known = [_number(instance, node, "apart.node") for node in given]
        for place, number in enumerate(known):
            if number in known[:place]:
                raise RegionsError("apart.same", node=instance.nodes[number])
        if len(known) > parts:
            raise RegionsError("apart.too_many", nodes=tuple(instance.nodes[k] for k in known), parts=parts)
        for place, second in enumerate(known):
            for first in known[:place]:
                a, b = joined[first], joined[second]
                one, two = places.get(a), places.get(b)
                if a == b or (one is not None and two is not None and one[0] == two[0]):
                    raise RegionsError("contradiction", first=instance.nodes[first], second=instance.nodes[second])
                pairs.add((a, b))
    numbers: dict[int, int] = {}
    group = tuple(numbers.setdefault(joined[node], len(numbers)) for node in range(len(instance)))
    return Groups(
        group,
        frozenset((min(group[a], group[b]), max(group[a], group[b])) for a, b in pairs),
        {group[a]: part for a, (part, _) in places.items()},
    )


def _number(instance: Instance, node: Node, code: str) -> int:
    try:
        return instance.index[node]
    except (KeyError, TypeError):
        raise RegionsError(code, node=node) from None


def separator(neighbours: Sequence[Sequence[int]], piece: Sequence[int], target: int) -> tuple[int, ...]:
    """The neighbours of a connected piece that a walk from the target meets first: a minimal vertex separator."""
    border = {other for k in piece for other in neighbours[k]} - set(piece)
    seen, walk, met = {target}, [target], set()
    for node in walk:
        for other in neighbours[node]:
            if other in border:
                met.add(other)
            elif other not in seen:
                seen.add(other)
                walk.append(other)
    return tuple(sorted(met))
