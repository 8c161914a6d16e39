"""All divisions of a graph into two sides: listed, counted, or both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

from models.regions.diagram import Diagram, TwoSides, build_diagram, in_units
from models.regions.errors import RegionsError
from models.regions.instance import Groups, Instance, Node, read_bounds, read_graph, read_groups, read_weights
from models.regions.ordering import frontier_order

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Divisions", "count_divisions", "divisions"]


@dataclass(frozen=True)
class Divisions:
    """Divisions of a graph into two sides.

    Attributes
    ----------
    nodes : tuple
        The nodes of the graph in a fixed order; bit k of a mask speaks of the k-th.
    masks : tuple of int
        One per division: the nodes on side 1.
    complete : bool
        False when a limit cut the list.
    total : int or None
        How many divisions there are in all, also when the list was cut; None where that is not known.
    """

    nodes: tuple[Node, ...]
    masks: tuple[int, ...]
    complete: bool
    total: int | None

    def __len__(self) -> int:
        return len(self.masks)

    def __iter__(self) -> Iterator[frozenset[Node]]:
        """Give the nodes on side 1 of each division."""
        for mask in self.masks:
            yield self.side(mask)

    def side(self, mask: int) -> frozenset[Node]:
        """Give the nodes on side 1."""
        return frozenset(node for k, node in enumerate(self.nodes) if mask >> k & 1)

    def sides(self, mask: int) -> tuple[frozenset[Node], frozenset[Node]]:
        """Give the nodes of both sides."""
        one = self.side(mask)
        return frozenset(node for node in self.nodes if node not in one), one


def divisions(
    graph: nx.Graph[Any],
    weight: str | None = None,
    lower: object = None,
    upper: object = None,
    *,
    together: Iterable[Iterable[Node]] = (),
    apart: Iterable[Iterable[Node]] = (),
    fixed: Mapping[Node, int] | None = None,
    pieces: int | None = None,
    limit: int | None = None,
    weightless: Literal["each", "any"] = "each",
) -> Divisions:
    """List all divisions of a graph's nodes into two sides, neither empty.

    Parameters
    ----------
    graph : networkx.Graph
    weight : str, optional
        Node attribute; without it every node weighs 1. Fractions are brought to whole numbers exactly.
    lower, upper : number, or one for each side, optional
        Bounds of the weight of a side.
    together, apart : iterable of groups of nodes
        Nodes that are to be on the same side; pairs that are not.
    fixed : mapping of node to 0 or 1, optional
        Side of a node.
    pieces : int, optional
        Most connected pieces of both sides together: 2 for two connected sides of a connected graph. Without it one
        more than the graph has: "the division cuts nothing needlessly".
    limit : int, optional
        Stop after so many.
    weightless : {"each", "any"}
        Nodes of weight 0: `each` counts every place of theirs as a division of its own; `any` lists each way in which
        the nodes with weight can lie once (both sides then have some), with one lawful place of the others.

    Returns
    -------
    Divisions
        Each division once. Where nothing tells the sides apart (nothing fixed, equal bounds), side 0 is the one with
        the first node (in `nodes`) that weighs something.

    Raises
    ------
    RegionsError
        See `models.regions.errors`.
    """
    problem = _read(graph, weight, lower, upper, together, apart, fixed, pieces, weightless)
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 1):
        raise RegionsError("limit.number", name="limit", value=limit)
    found = problem.masks(distinct=weightless == "any")
    masks = list(found if limit is None else islice(found, limit))
    complete = limit is None or next(found, None) is None
    total = len(masks) if complete else None if weightless == "any" else problem.count()
    return Divisions(problem.instance.nodes, tuple(masks), complete, total)


def count_divisions(
    graph: nx.Graph[Any],
    weight: str | None = None,
    lower: object = None,
    upper: object = None,
    *,
    together: Iterable[Iterable[Node]] = (),
    apart: Iterable[Iterable[Node]] = (),
    fixed: Mapping[Node, int] | None = None,
    pieces: int | None = None,
) -> int:
    """Count the divisions that `divisions` would list (nodes of weight 0: each place counts).

    Counting does not list them, unless the weights are large (above 4,096 in sum).
    """
    problem = _read(graph, weight, lower, upper, together, apart, fixed, pieces, "each")
    total = problem.count()
    return sum(1 for _ in problem.masks(distinct=False)) if total is None else total


@dataclass(frozen=True)
class _Problem:
    instance: Instance
    diagram: Diagram
    weights: list[int]
    least: int
    most: int
    scaled: bool

    def masks(self, *, distinct: bool) -> Iterator[int]:
        whole = (1 << len(self.instance)) - 1
        for mask in self.diagram.distinct_masks() if distinct else self.diagram.masks():
            if mask in (0, whole):
                continue
            if self.scaled:
                weight = sum(own for k, own in enumerate(self.weights) if mask >> k & 1)
                if not self.least <= weight <= self.most:
                    continue
            yield mask

    def count(self) -> int | None:
        total = None if self.scaled else self.diagram.count()
        return None if total is None else total - self.diagram.holds(0) - self.diagram.holds(1)


def _read(
    graph: nx.Graph[Any],
    weight: str | None,
    lower: object,
    upper: object,
    together: Iterable[Iterable[Node]],
    apart: Iterable[Iterable[Node]],
    fixed: Mapping[Node, int] | None,
    pieces: int | None,
    weightless: str,
) -> _Problem:
    if weightless not in ("each", "any"):
        raise RegionsError("option", name="weightless", value=weightless, known="each, any")
    instance = read_graph(graph)
    weights, low, high, _ = read_bounds(read_weights(graph, instance, weight), lower, upper, 2)
    groups = read_groups(instance, 2, fixed, together, apart)
    classes, known = classes_of(instance, groups)
    if pieces is None:
        pieces = len(instance.components) + 1
    elif isinstance(pieces, bool) or not isinstance(pieces, Integral):
        raise RegionsError("pieces.number", pieces=pieces)
    total = sum(weights)
    least, most = max(low[1], total - high[0]), min(high[1], total - low[0])
    if weightless == "any":
        lightest = min((own for own in weights if own), default=1)
        least, most = max(least, lightest), min(most, total - lightest)
    if not groups.fixed and (low[0], high[0]) == (low[1], high[1]):
        first = next((k for k, own in enumerate(weights) if own), 0)
        group, parity = classes[first]
        known[group] = parity
    units, fewest, greatest, scaled = in_units(weights, least, most)
    order = frontier_order(instance.neighbours)
    sides = TwoSides(instance.neighbours, order, units, fewest, greatest, int(pieces), classes, known)
    return _Problem(instance, build_diagram(sides), weights, least, most, scaled)


def classes_of(instance: Instance, groups: Groups) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """Bring together, apart and fixed into classes of nodes whose sides follow from each other.

    Raises
    ------
    RegionsError
        They contradict each other, for two sides (three groups apart from one another).
    """
    members = groups.members()
    beside: dict[int, list[int]] = {}
    for a, b in sorted(groups.apart):
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    place: dict[int, tuple[int, int]] = {}
    known: dict[int, int] = {}
    for group in range(len(members)):
        if group in place:
            continue
        place[group] = (group, 0)
        reached = [group]
        for here in reached:
            for other in beside.get(here, ()):
                parity = place[here][1] ^ 1
                if other not in place:
                    place[other] = (group, parity)
                    reached.append(other)
                elif place[other][1] != parity:
                    first, second = (instance.nodes[members[k][0]] for k in (here, other))
                    raise RegionsError("contradiction", first=first, second=second)
        for here in reached:
            if here in groups.fixed:
                side = groups.fixed[here] ^ place[here][1]
                if known.setdefault(group, side) != side:
                    other = next(k for k in reached if k in groups.fixed)
                    first, second = (instance.nodes[members[k][0]] for k in (other, here))
                    raise RegionsError("contradiction", first=first, second=second)
    return [place[groups.group[node]] for node in range(len(instance))], known
