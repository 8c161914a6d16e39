"""The one door: divide a graph into connected parts within bounds of weight, at the least cost, with proof.

`partition` reads and checks, says at once why nothing can be found where that can be seen, chooses the engine by shape
and size, and judges what comes back by the definition before anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

from models.engine import Engine
from models.regions.engines import Answer, solve
from models.regions.errors import RegionsError
from models.regions.instance import Groups, Instance, Node, read_bounds, read_graph, read_groups, read_weights
from models.regions.objectives import (
    Centres,
    EdgeCosts,
    Objective,
    read_centres,
    read_edge_costs,
    read_inertia,
    read_node_costs,
)
from models.regions.problem import Problem, Reason, canonical, pieces_of, violations
from models.stopping import Limits, Stop

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["OBJECTIVES", "Partition", "partition"]

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

OBJECTIVES = ("cut_edges", "boundary", "inertia", "distance", "cost")


@dataclass(frozen=True)
class Partition:
    """What `partition` found.

    Attributes
    ----------
    status : {"optimal", "feasible", "infeasible", "unknown"}
        ``optimal``: proven; ``feasible``: lawful, stopped before the proof; ``infeasible``: proven that there is none;
        ``unknown``: stopped before any was found.
    labels : dict of node to int
        Part of each node, 0 to parts - 1, in the order of the sorted nodes. Parts that nothing tells apart are numbered
        in the order of their first nodes. Empty without a partition.
    value : int, float or None
        Cost, computed from the labels by the definition of the objective.
    bound : int, float or None
        Proven lower bound of the cost of any partition; equal to the value when that is optimal.
    seconds : float
    work : float
        Deterministic work done, in the units of `work_limit` (about a second each).
    engine : str
        ``enumeration``, ``cycles``, ``peeling``, ``separators``, ``centres``, ``moments`` or ``none`` (decided before
        any search).
    weights : tuple of int or float
        Weight of each part.
    pieces : tuple of int
        Number of connected pieces of each part.
    centres : tuple of nodes
        For the objective ``distance``: the centre of each part.
    reason : Reason or None
        Why there is no partition.
    """

    status: Status
    labels: dict[Node, int]
    value: float | None
    bound: float | None
    seconds: float
    work: float
    engine: str
    weights: tuple[float, ...] = ()
    pieces: tuple[int, ...] = ()
    centres: tuple[Node, ...] = ()
    reason: Reason | None = None

    @property
    def gap(self) -> float | None:
        """Distance of value and bound as a share of the value; 0 when optimal, None when either is missing."""
        if self.value is None or self.bound is None:
            return None
        return 0.0 if self.value == self.bound else (self.value - self.bound) / max(abs(self.value), 1e-12)

    def parts(self) -> list[list[Node]]:
        """List the nodes of each part."""
        listed: list[list[Node]] = [[] for _ in self.weights]
        for node, part in self.labels.items():
            listed[part].append(node)
        return listed


def partition(
    graph: nx.Graph[Any],
    parts: int,
    weight: str | None = None,
    lower: object = None,
    upper: object = None,
    objective: str = "cut_edges",
    *,
    edges: str | None = None,
    costs: Mapping[Node, Sequence[object]] | None = None,
    centres: Sequence[Node] | None = None,
    distances: Mapping[Node, Mapping[Node, object]] | str | None = None,
    power: int = 1,
    coordinates: tuple[str, str] = ("x", "y"),
    fixed: Mapping[Node, int] | None = None,
    together: Iterable[Iterable[Node]] = (),
    apart: Iterable[Iterable[Node]] = (),
    pieces: int | Literal["connected", "no_more"] = "connected",
    links: Iterable[tuple[Node, Node]] = (),
    start: Mapping[Node, int] | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
) -> Partition:
    """Divide a graph into connected parts within bounds of weight at the least cost.

    Parameters
    ----------
    graph : networkx.Graph
    parts : int
        None of them is empty.
    weight : str, optional
        Node attribute; without it every node weighs 1. Numbers are taken exactly: a float is the decimal it prints as.
    lower, upper : number, or one for each part, optional
        Bounds of the weight of a part.
    objective : {"cut_edges", "boundary", "inertia", "distance", "cost"}
        ``cut_edges``: edges between parts, each 1 or its attribute `edges`; ``boundary``: the same with the attribute
        ``length`` (or `edges`); ``inertia``: weight x squared distance to the centroid of the part; ``distance``:
        weight x distance ** `power` to the centre of the part, one of its nodes; ``cost``: `costs` of nodes in parts,
        and of the edges cut if `edges` is given.
    edges : str, optional
        Edge attribute.
    costs : mapping of node to a cost for each part, optional
    centres : sequence of nodes, optional
        The centre of each part; without it the best node of each part is found.
    distances : mapping of node to node to distance, or str, optional
        A table, or an edge attribute (shortest paths along the graph); without it straight lines from coordinates.
    power : int
    coordinates : (str, str)
        Node attributes.
    fixed : mapping of node to part, optional
    together, apart : iterable of groups of nodes
        Nodes in one part; nodes in different parts, pair by pair.
    pieces : {"connected", "no_more"} or int
        ``connected``: every part is. ``no_more``: the parts together have at most parts - 1 connected pieces more than
        the graph has. A number: at most so many.
    links : iterable of pairs of nodes
        Declared links: they join like edges, and cost nothing when cut.
    start : mapping of node to part, optional
        A lawful partition to be at least as good as.
    work_limit, time_limit : float, optional
        Deterministic work, about a second each; seconds. With a work limit the answer is the same on every machine.
    stop : Stop, optional

    Returns
    -------
    Partition

    Raises
    ------
    RegionsError
        See `models.regions.errors`; the message names the nodes.
    """
    began = time.monotonic()
    if isinstance(parts, bool) or not isinstance(parts, Integral) or parts < 1:
        raise RegionsError("parts.number", parts=parts)
    if objective not in OBJECTIVES:
        raise RegionsError("objective.unknown", objective=objective, known=", ".join(OBJECTIVES))
    for name, limit in (("work_limit", work_limit), ("time_limit", time_limit)):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, Real) or not limit > 0):
            raise RegionsError("limit.number", name=name, value=limit)
    plain = read_graph(graph)
    instance = _linked(graph, plain, links)
    if parts > len(instance):
        raise RegionsError("parts.more_than_nodes", parts=parts, nodes=len(instance))
    measured = read_weights(graph, instance, weight)
    whole, low, high, scale = read_bounds(measured, lower, upper, int(parts))
    aim = _objective(
        graph, plain, instance, measured, int(parts), objective, edges, costs, centres, distances, power, coordinates
    )
    wishes = dict(fixed or {})
    if isinstance(aim, Centres) and aim.given is not None:
        for part, centre in enumerate(aim.given):
            node = instance.nodes[centre]
            if wishes.setdefault(node, part) != part:
                raise RegionsError("contradiction", first=node, second=node)
    groups = read_groups(instance, int(parts), wishes, together, apart)
    problem = Problem(
        instance,
        int(parts),
        tuple(whole),
        tuple(low),
        tuple(high),
        groups,
        _most_pieces(instance, int(parts), pieces),
        aim,
    )
    first = _start(problem, start)
    reason = _impossible(problem, scale)
    if reason is not None:
        return Partition("infeasible", {}, None, None, time.monotonic() - began, 0.0, "none", reason=reason)
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), started=began)
    answer = solve(problem, engine, first)
    return _result(problem, answer, scale, engine, began)


def _objective(
    graph: nx.Graph[Any],
    plain: Instance,
    instance: Instance,
    measured: Sequence[Fraction],
    parts: int,
    objective: str,
    edges: str | None,
    costs: Mapping[Node, Sequence[object]] | None,
    centres: Sequence[Node] | None,
    distances: Mapping[Node, Mapping[Node, object]] | str | None,
    power: int,
    coordinates: tuple[str, str],
) -> Objective:
    if objective == "inertia":
        return read_inertia(graph, instance, measured, coordinates)
    if objective == "distance":
        if isinstance(power, bool) or not isinstance(power, Integral) or power < 1:
            raise RegionsError("limit.number", name="power", value=power)
        return read_centres(
            graph,
            plain,
            measured,
            parts,
            centres=centres,
            distances=distances,
            power=int(power),
            coordinates=coordinates,
        )
    if objective == "cost":
        if costs is None and edges is None:
            raise RegionsError("costs.missing", node=instance.nodes[0], part=0)
        own = read_edge_costs(graph, plain, edges) if edges is not None else EdgeCosts((), ())
        if costs is None:
            return own
        return read_node_costs(instance, parts, costs, own)
    return read_edge_costs(graph, plain, "length" if objective == "boundary" and edges is None else edges)


def _linked(graph: nx.Graph[Any], plain: Instance, links: Iterable[tuple[Node, Node]]) -> Instance:
    pairs = list(links)
    if not pairs:
        return plain
    for pair in pairs:
        for node in pair:
            if node not in plain.index:
                raise RegionsError("links.node", node=node)
        if pair[0] == pair[1]:
            raise RegionsError("graph.self_loop", node=pair[0])
    import networkx as nx

    joined: nx.Graph[Any] = nx.Graph()
    joined.add_nodes_from(graph.nodes)
    joined.add_edges_from(graph.edges)
    joined.add_edges_from(pairs)
    return read_graph(joined)


def _most_pieces(instance: Instance, parts: int, pieces: object) -> int | None:
    if pieces == "connected":
        return None
    if pieces == "no_more":
        most = len(instance.components) + parts - 1
    elif isinstance(pieces, bool) or not isinstance(pieces, Integral):
        raise RegionsError("pieces.number", pieces=pieces)
    else:
        most = int(pieces)
    return None if most == parts else most


def _start(problem: Problem, start: Mapping[Node, int] | None) -> tuple[int, ...] | None:
    """Read a known partition; one that is not lawful is no help and is left out."""
    if start is None:
        return None
    labels: list[int] = []
    for node in problem.instance.nodes:
        part = start.get(node)
        if isinstance(part, bool) or not isinstance(part, Integral) or not 0 <= part < problem.parts:
            raise RegionsError("start.node", node=node)
        labels.append(int(part))
    return None if violations(problem, labels) else tuple(labels)


def _impossible(problem: Problem, scale: int) -> Reason | None:
    """Name what excludes every partition, where it can be seen without a search."""
    instance, weights, groups = problem.instance, problem.weights, problem.groups
    nodes, total = instance.nodes, sum(weights)
    shown = _shown(total, scale)
    if any(low > high for low, high in zip(problem.lower, problem.upper, strict=True)):
        part = next(k for k in range(problem.parts) if problem.lower[k] > problem.upper[k])
        low = _shown(problem.lower[part], scale)
        code = "total_too_small" if problem.lower[part] > total else "no_weight_between"
        return Reason(code, (), {"total": shown, "needed": low, "part": part})
    if total < sum(problem.lower):
        return Reason("total_too_small", (), {"total": shown, "needed": _shown(sum(problem.lower), scale)})
    if total > sum(problem.upper):
        return Reason("total_too_large", (), {"total": shown, "allowed": _shown(sum(problem.upper), scale)})
    for group, members in enumerate(groups.members()):
        own = sum(weights[node] for node in members)
        most = problem.upper[groups.fixed[group]] if group in groups.fixed else max(problem.upper)
        if own > most:
            named = tuple(nodes[node] for node in members if weights[node])
            return Reason("too_heavy", named, {"weight": _shown(own, scale), "allowed": _shown(most, scale)})
    if problem.pieces is not None:
        if problem.pieces < max(problem.parts, len(instance.components)):
            firsts = tuple(nodes[piece[0]] for piece in instance.components)
            return Reason("pieces", firsts, {"pieces": len(instance.components), "allowed": problem.pieces})
        return None
    return _pieces_impossible(problem, groups, scale)


def _pieces_impossible(problem: Problem, groups: Groups, scale: int) -> Reason | None:
    """With connected parts, every piece of the graph is a number of whole parts."""
    instance, weights = problem.instance, problem.weights
    nodes, count = instance.nodes, len(instance.components)
    if count > problem.parts:
        firsts = tuple(nodes[piece[0]] for piece in instance.components)
        return Reason("pieces", firsts, {"pieces": count, "parts": problem.parts})
    if count == 1:
        return None
    piece_of = {node: number for number, piece in enumerate(instance.components) for node in piece}
    for members in groups.members():
        for node in members:
            if piece_of[node] != piece_of[members[0]]:
                return Reason("apart", (nodes[members[0]], nodes[node]), {})
    lows, highs = sorted(problem.lower), sorted(problem.upper, reverse=True)
    for piece in instance.components:
        own = sum(weights[node] for node in piece)
        most = min(problem.parts - count + 1, len(piece))
        if not any(sum(lows[:k]) <= own <= sum(highs[:k]) for k in range(1, most + 1)):
            named = tuple(nodes[node] for node in piece)
            return Reason("piece_weight", named, {"weight": _shown(own, scale)})
    return None


def _shown(weight: int, scale: int) -> float:
    return weight if scale == 1 else float(Fraction(weight, scale))


def _number(value: Fraction) -> float:
    return int(value) if value.denominator == 1 else float(value)


def _result(problem: Problem, answer: Answer, scale: int, engine: Engine, began: float) -> Partition:
    nodes = problem.instance.nodes
    if answer.labels is None:
        status: Status = "infeasible" if answer.infeasible else "unknown"
        bound = None if answer.bound is None or answer.infeasible else float(answer.bound)
        reason = Reason("searched", (), {}) if answer.infeasible else None
        seconds = time.monotonic() - began
        return Partition(status, {}, None, bound, seconds, engine.work, answer.engine, reason=reason)
    broken = violations(problem, answer.labels)
    if broken:
        raise AssertionError(f"the engine {answer.engine} broke {broken}")
    labels = canonical(problem, answer.labels)
    exact_value = problem.objective.value(labels, problem.parts)
    value = _number(exact_value)
    if answer.optimal:
        lowest: float | None = value
    elif answer.bound is None:
        lowest = None
    else:
        lowest = min(value, _number(answer.bound))
    sums = [0] * problem.parts
    for node, label in enumerate(labels):
        sums[label] += problem.weights[node]
    return Partition(
        "optimal" if answer.optimal else "feasible",
        {node: labels[k] for k, node in enumerate(nodes)},
        value,
        lowest,
        time.monotonic() - began,
        engine.work,
        answer.engine,
        tuple(_shown(own, scale) for own in sums),
        tuple(len(pieces_of(problem.instance, labels, part)) for part in range(problem.parts)),
        _centres(problem, labels),
    )


def _centres(problem: Problem, labels: Sequence[int]) -> tuple[Node, ...]:
    if not isinstance(problem.objective, Centres):
        return ()
    return tuple(problem.instance.nodes[node] for node in problem.objective.centres(labels, problem.parts))
