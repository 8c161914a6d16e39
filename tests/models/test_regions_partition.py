"""`partition`: equal to trying every assignment, published values, wishes kept, refusals that name the nodes."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import networkx as nx
import pytest

from models.regions import Partition, RegionsError, partition
from models.regions import engines as engine_choice
from models.stopping import Stop
from tests.models.handmade import some
from tests.models.regions_graphs import grid, planar_graph, within
from tests.oracles.regions import all_partitions, cut_edges, inertia, pieces_of

#: A few seeds by default, the others in the campaign.
SEEDS = some(range(60), 6)

OBJECTIVES = ("cut_edges", "boundary", "inertia", "distance", "cost")


def costs_of(graph: nx.Graph, parts: int) -> dict:
    return {node: [(node * 7 + part * part * 3) % 11 - 2 for part in range(parts)] for node in graph}


def options(graph: nx.Graph, parts: int, objective: str) -> dict:
    if objective == "cost":
        return {"costs": costs_of(graph, parts), "edges": "cost"}
    return {}


def value_of(graph: nx.Graph, labels: dict, parts: int, objective: str, weight: str | None = "w") -> Fraction | float:
    """The definition, written a second time."""
    if objective == "cut_edges":
        return cut_edges(graph, labels)
    if objective == "boundary":
        return sum(
            (Fraction(str(d["length"])) for a, b, d in graph.edges(data=True) if labels[a] != labels[b]), Fraction(0)
        )
    if objective == "inertia":
        decimal = nx.Graph()
        for node, data in graph.nodes(data=True):
            decimal.add_node(node, w=data["w"], x=Fraction(str(data["x"])), y=Fraction(str(data["y"])))
        return inertia(decimal, labels, weight)
    if objective == "distance":
        total = 0.0
        for part in range(parts):
            own = [graph.nodes[node] for node in graph if labels[node] == part]
            total += min(sum(one["w"] * math.hypot(one["x"] - c["x"], one["y"] - c["y"]) for one in own) for c in own)
        return total
    table = costs_of(graph, parts)
    return sum(table[node][part] for node, part in labels.items()) + cut_edges(graph, labels, "cost")


def check(graph: nx.Graph, found: Partition, parts: int, lower: float, upper: float) -> None:
    """A lawful partition into connected parts."""
    assert set(found.labels) == set(graph)
    assert set(found.labels.values()) == set(range(parts))
    for part in range(parts):
        members = [node for node, label in found.labels.items() if label == part]
        assert nx.is_connected(graph.subgraph(members))
        assert lower <= sum(graph.nodes[node]["w"] for node in members) <= upper


def against_brute_force(seed: int, objective: str, *, deep: bool = False) -> None:
    rng = random.Random(seed)
    parts = rng.choice((2, 2, 3, 4))
    graph = planar_graph(
        rng.randint(parts + 1, {2: 12, 3: 9, 4: 7}[parts] + (rng.randint(0, 2) if deep else 0)),
        seed,
        rng.choice(("small", "skew")),
    )
    tolerance = rng.choice((0.05, 0.2, 0.5, 0.9))
    lower, upper = within(graph, parts, tolerance)
    upper = max(lower, upper)
    every = list(all_partitions(graph, parts, "w", [lower] * parts, [upper] * parts))
    found = partition(graph, parts, "w", lower, upper, objective, **options(graph, parts, objective))
    if not every:
        assert found.status == "infeasible", (seed, objective)
        assert found.labels == {}
        assert found.reason is not None
        return
    best = min(value_of(graph, labels, parts, objective) for labels in every)
    assert found.status == "optimal", (seed, objective)
    assert found.bound == found.value
    check(graph, found, parts, lower, upper)
    assert found.value == pytest.approx(float(best), rel=1e-9), (seed, objective)
    assert float(value_of(graph, found.labels, parts, objective)) == pytest.approx(found.value, rel=1e-12)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(4))
def test_equal_to_trying_every_assignment(seed: int, objective: str) -> None:
    against_brute_force(seed, objective)


@pytest.mark.campaign
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_equal_to_trying_every_assignment_of_500_graphs(objective: str) -> None:
    for seed in range(500):
        against_brute_force(1000 + seed, objective, deep=True)


# Every engine on the same graphs: what enumeration finds, each must find.


def force(monkeypatch: pytest.MonkeyPatch, *, plane: bool) -> None:
    monkeypatch.setattr(engine_choice, "_small", lambda problem: None)
    if not plane:
        monkeypatch.setattr(engine_choice, "plane_of", lambda problem: None)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("count", "parts"), [(9, 2), (12, 2), (9, 3), (11, 3), (9, 4)])
def test_engines_agree(count: int, parts: int, objective: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = planar_graph(count, count + parts, "even")
    lower, upper = within(graph, parts, 0.25)
    wishes = options(graph, parts, objective)
    monkeypatch.setattr(engine_choice, "plane_of", lambda problem: None)
    listed = partition(graph, parts, "w", lower, upper, objective, **wishes)
    assert listed.engine == "enumeration"
    monkeypatch.undo()
    force(monkeypatch, plane=False)
    other = partition(graph, parts, "w", lower, upper, objective, time_limit=60, **wishes)
    assert other.engine in ("separators", "centres", "moments")
    assert (other.status, other.value) == (listed.status, pytest.approx(listed.value))
    assert other.bound <= listed.value * (1 + 1e-9)
    assert other.value >= listed.value * (1 - 1e-9)
    if objective in ("cut_edges", "boundary"):
        monkeypatch.undo()
        dual = partition(graph, parts, "w", lower, upper, objective)
        assert dual.engine == ("cycles" if parts == 2 else "peeling")
        assert (dual.status, dual.value) == (listed.status, listed.value)


@pytest.mark.parametrize(
    "seed", [6, 18, 27, *(pytest.param(k, marks=pytest.mark.campaign) for k in (30, 36, 39, 51, 57))]
)
def test_inertia_of_two_parts_by_boxes_equals_enumeration(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = planar_graph(10 + seed % 4, 900 + seed, ("even", "skew", "small")[seed // 3 % 3])
    lower, upper = within(graph, 2, (0.1, 0.3)[seed % 2])
    listed = partition(graph, 2, "w", lower, max(lower, upper), "inertia")
    assert listed.engine == "enumeration"
    force(monkeypatch, plane=True)
    found = partition(graph, 2, "w", lower, max(lower, upper), "inertia")
    assert found.status == listed.status
    assert found.value == pytest.approx(listed.value, rel=1e-9)


def inertia_of_more_parts_against_brute_force(seed: int) -> None:
    """Nodes without weight, points in line and on one another, wishes, pieces, bounds that differ between parts."""
    rng = random.Random(seed)
    parts = rng.choice((3, 3, 4))
    graph = planar_graph(rng.randint(parts + 1, {3: 8, 4: 7}[parts]), 5000 + seed, rng.choice(("small", "skew", "one")))
    nodes = sorted(graph)
    if rng.random() < 0.2:
        nx.set_node_attributes(graph, 0.5, "x")
    if rng.random() < 0.1:
        for node in nodes[:3]:
            graph.nodes[node].update(x=0.25, y=0.25)
    lower, upper = within(graph, parts, rng.choice((0.05, 0.2, 0.5, 0.9, 3)))
    lower = max(0, lower)
    lowest, highest = [lower] * parts, [max(lower, upper)] * parts
    if rng.random() < 0.3:
        lowest = [max(0, lower - rng.randint(0, 3)) for _ in range(parts)]
    wishes: dict = {}
    if rng.random() < 0.4:
        wishes["fixed"] = {rng.choice(nodes): rng.randrange(parts)} if rng.random() < 0.6 else {}
        wishes["together"] = [rng.sample(nodes, 2)] if rng.random() < 0.6 else []
        wishes["apart"] = [rng.sample(nodes, 2)] if rng.random() < 0.6 else []
    pieces = parts + 1 if rng.random() < 0.3 else None
    every = list(all_partitions(graph, parts, "w", lowest, highest, pieces=pieces, **wishes))
    try:
        found = partition(graph, parts, "w", lowest, highest, "inertia", pieces=pieces or "connected", **wishes)
    except RegionsError as error:
        assert error.code == "contradiction"
        assert not every
        return
    if not every:
        assert found.status == "infeasible", seed
        return
    best = min(value_of(graph, labels, parts, "inertia") for labels in every)
    assert (found.engine, found.status) == ("moments", "optimal"), seed
    assert {**found.labels} in every or found.labels in every
    assert found.value == found.bound == pytest.approx(float(best), rel=1e-9, abs=1e-12), seed


@pytest.mark.parametrize("seed", range(8))
def test_inertia_of_more_parts_by_prices_equals_trying_every_assignment(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_choice, "_small", lambda problem: None)
    inertia_of_more_parts_against_brute_force(seed)


@pytest.mark.campaign
def test_inertia_of_more_parts_by_prices_equals_trying_every_assignment_of_200_graphs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_choice, "_small", lambda problem: None)
    for seed in range(100, 300):
        inertia_of_more_parts_against_brute_force(seed)


@pytest.mark.parametrize(("count", "parts", "seed", "weights"), [(33, 3, 1, "skew"), (40, 4, 2, "even")])
def test_inertia_of_more_parts_is_proven_and_stopped_runs_have_a_bound_below_it(
    count: int, parts: int, seed: int, weights: str
) -> None:
    graph = planar_graph(count, seed, weights)
    lower, upper = within(graph, parts, 0.03)
    found = partition(graph, parts, "w", lower, upper, "inertia")
    assert (found.status, found.engine) == ("optimal", "moments")
    check(graph, found, parts, lower, upper)
    assert float(value_of(graph, found.labels, parts, "inertia")) == pytest.approx(found.value, rel=1e-12)
    bounds = []
    for work in (0.2 * found.work, 0.8 * found.work):
        first, second = (partition(graph, parts, "w", lower, upper, "inertia", work_limit=work) for _ in range(2))
        assert (first.labels, first.value, first.bound) == (second.labels, second.value, second.bound)
        assert first.bound <= found.value <= first.value
        bounds.append(first.bound)
    assert bounds[0] <= bounds[1]


def test_inertia_of_three_parts_of_a_line_by_hand_and_where_the_graph_forbids_it() -> None:
    """Pairs at 0, 1 | 10, 11 | 20, 21 cost 0.5 each; a path that runs 0, 10, 20, 21, 11, 1 must cut elsewhere."""
    graph = nx.path_graph(30)
    for node in graph:
        graph.nodes[node].update(x=10 * (node // 10) + node % 10 / 10, y=0, w=1)
    found = partition(graph, 3, "w", 10, 10, "inertia")
    # Ten points a tenth apart about their middle: 0.01 x (10 x 99 / 12) = 0.825 a part.
    assert (found.status, found.engine, found.value) == ("optimal", "moments", pytest.approx(3 * 0.825))
    crossed = nx.path_graph(16)
    for node in crossed:
        crossed.nodes[node].update(x=10 * (node % 2), y=node, w=1)
    forced = partition(crossed, 4, "w", 4, 4, "inertia")
    assert forced.parts() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]
    # Each part: 4 x 25 across, 5 along.
    assert (forced.status, forced.value) == ("optimal", pytest.approx(4 * 105))


@pytest.mark.parametrize("seed", SEEDS)
def test_cycles_and_peeling_equal_separators_on_larger_maps(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = 2 + seed % 2
    graph = planar_graph(16 + seed % 8, 100 + seed, ("small", "even", "skew")[seed % 3])
    lower, upper = within(graph, parts, 0.06)
    objective = ("cut_edges", "boundary")[seed // 2 % 2]
    dual = partition(graph, parts, "w", lower, upper, objective)
    assert dual.engine in ("cycles", "peeling")
    force(monkeypatch, plane=False)
    other = partition(graph, parts, "w", lower, upper, objective)
    assert other.engine == "separators"
    assert (dual.status, dual.value) == (other.status, other.value)
    if dual.labels:
        check(graph, dual, parts, lower, upper)


# ------------------------------------------------------------------------------------------------- published values


@pytest.mark.parametrize(
    ("rows", "columns", "parts", "cut"),
    [
        # A grid of even side is halved by a straight line, quartered by a cross: n and 2n edges.
        (4, 4, 2, 4),
        (6, 6, 2, 6),
        (8, 8, 2, 8),
        (10, 10, 2, 10),
        (4, 4, 4, 8),
        (6, 6, 4, 12),
        (8, 8, 4, 16),
        # Three strips cost 2n; two of a T-shaped cut cost less where it fits.
        (6, 6, 3, 10),
        # The shorter side of a rectangle.
        (3, 8, 2, 3),
        (4, 10, 2, 4),
    ],
)
def test_grids_are_divided_as_known(rows: int, columns: int, parts: int, cut: int) -> None:
    share = rows * columns // parts
    found = partition(grid(rows, columns), parts, None, share, share)
    assert (found.status, found.value, found.bound) == ("optimal", cut, cut)


def test_odd_grid_of_seven_is_halved_with_one_more_edge_than_its_side() -> None:
    """49 cells into 24 and 25: a line with one step."""
    found = partition(grid(7), 2, None, 24, 25)
    assert (found.status, found.value) == ("optimal", 8)


def test_zachary_karate_club_is_not_planar_and_its_connected_bisection_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """17 and 17: the minimum bisection of the karate club cuts 10 edges."""
    graph = nx.karate_club_graph()
    nx.set_node_attributes(graph, 1, "w")
    found = partition(graph, 2, "w", 17, 17)
    assert not nx.check_planarity(graph)[0]
    assert (found.status, found.engine) == ("optimal", "separators")
    check(graph, found, 2, 17, 17)
    assert found.value == 10


# ------------------------------------------------------------------------------------------------------ objectives


def test_inertia_of_a_line_by_hand() -> None:
    """Points at 0, 1, 10, 12: halves {0, 1} and {10, 12} have 0.5 and 2."""
    graph = nx.path_graph(4)
    for node, x in enumerate((0, 1, 10, 12)):
        graph.nodes[node].update(x=x, y=0)
    found = partition(graph, 2, objective="inertia")
    assert (found.value, found.parts()) == (2.5, [[0, 1], [2, 3]])


def test_centres_of_a_line_by_hand_chosen_and_given() -> None:
    graph = nx.path_graph(5)
    nx.set_edge_attributes(graph, {(0, 1): 1, (1, 2): 1, (2, 3): 9, (3, 4): 2}, "km")
    chosen = partition(graph, 2, objective="distance", distances="km")
    assert (chosen.value, chosen.centres, chosen.parts()) == (4, (1, 3), [[0, 1, 2], [3, 4]])
    given = partition(graph, 2, objective="distance", distances="km", centres=[2, 0])
    assert (given.value, given.centres) == (12 + 0, (2, 0)) or given.value == 1 + 9 + 11
    assert given.labels[2] == 0
    assert given.labels[0] == 1


def test_squared_distances_to_centres_are_those_of_hess(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = planar_graph(9, 5, "even")
    lower, upper = within(graph, 3, 0.2)
    every = list(all_partitions(graph, 3, "w", [lower] * 3, [upper] * 3))

    def square(i: int, j: int) -> float:
        one, two = graph.nodes[i], graph.nodes[j]
        return (one["x"] - two["x"]) ** 2 + (one["y"] - two["y"]) ** 2

    def hess(labels: dict) -> float:
        parts = [[node for node in graph if labels[node] == part] for part in range(3)]
        return sum(min(sum(graph.nodes[i]["w"] * square(i, j) for i in own) for j in own) for own in parts)

    force(monkeypatch, plane=True)
    found = partition(graph, 3, "w", lower, upper, "distance", power=2)
    assert (found.engine, found.status) == ("centres", "optimal")
    assert found.value == pytest.approx(min(map(hess, every)), rel=1e-9)


def test_a_table_of_distances_is_used_and_need_only_hold_the_given_centres() -> None:
    graph = nx.cycle_graph(4)
    table = {0: {0: 0, 2: 5}, 1: {0: 1, 2: 7}, 2: {0: 5, 2: 0}, 3: {0: 9, 2: 2}}
    found = partition(graph, 2, objective="distance", distances=table, centres=[0, 2])
    assert (found.value, found.labels) == (3, {0: 0, 1: 0, 2: 1, 3: 1})
    del table[3][2]
    with pytest.raises(RegionsError) as caught:
        partition(graph, 2, objective="distance", distances=table, centres=[0, 2])
    assert (caught.value.code, caught.value.values["first"], caught.value.values["second"]) == (
        "distance.missing",
        3,
        2,
    )


def test_cost_of_edges_by_attribute() -> None:
    graph = grid(4)
    for a, b in graph.edges:
        graph.edges[a, b]["ridge"] = 1 if a[1] == b[1] else 5
    found = partition(graph, 2, None, 8, 8, edges="ridge")
    assert found.value == 4
    assert {node[0] < 2 for node, part in found.labels.items() if part == found.labels[0, 0]} == {True}


# ---------------------------------------------------------------------------------------------------------- wishes


@pytest.mark.parametrize("seed", SEEDS)
def test_wishes_are_kept_and_cost_no_more_than_they_must(seed: int) -> None:
    rng = random.Random(seed)
    parts = rng.choice((2, 3))
    graph = planar_graph(9, 300 + seed, "small")
    nodes = sorted(graph)
    wishes: dict = {"fixed": {}, "together": [], "apart": []}
    if rng.random() < 0.7:
        wishes["fixed"] = {rng.choice(nodes): rng.randrange(parts)}
    if rng.random() < 0.7:
        wishes["together"] = [rng.sample(nodes, 2)]
    if rng.random() < 0.7:
        wishes["apart"] = [rng.sample(nodes, 2)]
    pieces = rng.choice((None, parts + 1))
    lower, upper = [1] * parts, [100] * parts
    if rng.random() < 0.5:
        lower = [2 + part * 2 for part in range(parts)]
    every = list(all_partitions(graph, parts, "w", lower, upper, pieces=pieces, **wishes))
    try:
        found = partition(graph, parts, "w", lower, upper, pieces=pieces or "connected", **wishes)
    except RegionsError as error:
        assert error.code == "contradiction"
        assert not every
        return
    if not every:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.value == min(cut_edges(graph, labels) for labels in every)
    assert {**found.labels} in every


def test_a_graph_in_pieces_is_refused_by_default_and_named() -> None:
    graph = nx.disjoint_union_all([nx.path_graph(3)] * 3)
    found = partition(graph, 2, None, 4, 5)
    assert (found.status, found.reason.code, found.reason.nodes) == ("infeasible", "pieces", (0, 3, 6))
    assert found.engine == "none"


def test_no_more_pieces_than_before() -> None:
    """Three paths of three: two parts of four and five have four pieces, one more than the graph."""
    graph = nx.disjoint_union_all([nx.path_graph(3)] * 3)
    found = partition(graph, 2, None, 4, 5, pieces="no_more")
    assert (found.status, found.value, sum(found.pieces)) == ("optimal", 1, 4)
    three = partition(graph, 3, None, 2, 4, pieces="no_more")
    assert (three.status, three.value) == ("optimal", 0)


def test_a_piece_that_fits_no_number_of_parts_is_named() -> None:
    graph = nx.disjoint_union(nx.path_graph(4), nx.path_graph(2))
    found = partition(graph, 2, None, 3, 4)
    assert (found.reason.code, found.reason.nodes, found.reason.values["weight"]) == ("piece_weight", (4, 5), 2)


def test_declared_links_join_and_cost_nothing() -> None:
    graph = nx.disjoint_union_all([nx.path_graph(3)] * 2)
    assert partition(graph, 2, None, 2, 4).value == 0
    linked = partition(graph, 3, None, 2, 2, links=[(2, 3)])
    assert (linked.status, linked.value) == ("optimal", 2)
    assert linked.parts() == [[0, 1], [2, 3], [4, 5]]
    assert partition(graph, 3, None, 2, 2).status == "infeasible"
    with pytest.raises(RegionsError, match=r"^links\.node:"):
        partition(graph, 3, links=[(2, "island")])


def test_bounds_of_single_parts_are_kept() -> None:
    found = partition(grid(3), 3, None, [2, 3, 4], [2, 3, 4])
    assert found.weights == (2, 3, 4)
    assert found.status == "optimal"


@pytest.mark.parametrize(
    ("bounds", "code"),
    [((1, 3), "total_too_large"), ((9, 20), "total_too_small"), ((5, 7), "too_heavy"), ((20, 30), "total_too_small")],
)
def test_what_cannot_be_is_said_before_a_search(bounds: tuple, code: str) -> None:
    graph = nx.path_graph(5)
    nx.set_node_attributes(graph, {0: 1, 1: 1, 2: 8, 3: 1, 4: 2}, "w")
    found = partition(graph, 2, "w", *bounds)
    assert (found.status, found.reason.code, found.engine) == ("infeasible", code, "none")
    if code == "too_heavy":
        assert found.reason.nodes == (2,)


def test_nodes_too_heavy_together_are_named() -> None:
    found = partition(nx.path_graph(6), 2, None, 2, 4, together=[[0, 1, 2], [2, 3, 4]])
    assert (found.reason.code, found.reason.nodes) == ("too_heavy", (0, 1, 2, 3, 4))


def test_together_across_pieces_is_named() -> None:
    graph = nx.disjoint_union(nx.path_graph(3), nx.path_graph(3))
    found = partition(graph, 2, together=[[0, 5]])
    assert (found.reason.code, found.reason.nodes) == ("apart", (0, 5))


def test_one_part_and_as_many_parts_as_nodes() -> None:
    assert partition(grid(2), 1).labels == dict.fromkeys(grid(2), 0)
    found = partition(grid(2), 4)
    assert (found.status, found.value, sorted(found.labels.values())) == ("optimal", 4, [0, 1, 2, 3])


def test_fractions_are_exact() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, {0: 0.1, 1: 0.2, 2: 0.15, 3: 0.15}, "w")
    found = partition(graph, 2, "w", 0.3, 0.3)
    assert (found.status, found.weights) == ("optimal", (0.3, 0.3))


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"parts": 0}, "parts.number", {"parts": 0}),
        ({"parts": True}, "parts.number", {"parts": True}),
        ({"parts": 9}, "parts.more_than_nodes", {"parts": 9, "nodes": 4}),
        ({"objective": "beauty"}, "objective.unknown", {"objective": "beauty"}),
        ({"objective": "boundary"}, "edge.unknown", {"attribute": "length"}),
        ({"objective": "inertia"}, "weight.unknown", {"attribute": "x"}),
        ({"objective": "cost"}, "costs.missing", {"node": 0}),
        ({"objective": "cost", "costs": {0: [1, 2], 1: [1]}}, "costs.missing", {"node": 1, "part": 1}),
        ({"objective": "cost", "costs": {node: [1, "2"] for node in range(4)}}, "costs.number", {"node": 0, "part": 1}),
        ({"objective": "distance", "centres": [1]}, "centres.length", {"given": 1}),
        ({"objective": "distance", "centres": [1, 1]}, "centres.twice", {"node": 1}),
        ({"objective": "distance", "centres": [1, "z"]}, "centres.node", {"node": "z"}),
        ({"objective": "distance", "centres": [1, 2], "fixed": {1: 1}}, "contradiction", {"first": 1}),
        ({"edges": "km"}, "edge.unknown", {"attribute": "km"}),
        ({"weight": "schools"}, "weight.unknown", {"attribute": "schools"}),
        ({"lower": 3, "upper": 1}, "bounds.order", {"part": 0}),
        ({"fixed": {7: 0}}, "fixed.node", {"node": 7}),
        ({"pieces": "many"}, "pieces.number", {"pieces": "many"}),
        ({"work_limit": 0}, "limit.number", {"name": "work_limit"}),
        ({"time_limit": "3"}, "limit.number", {"name": "time_limit"}),
        ({"start": {0: 0}}, "start.node", {"node": 1}),
    ],
)
def test_errors_name_what_is_wrong(change: dict, code: str, named: dict) -> None:
    call = {"graph": nx.cycle_graph(4), "parts": 2} | change
    if call.get("objective") == "distance" and "distances" not in call:
        nx.set_node_attributes(call["graph"], 0, "x")
        nx.set_node_attributes(call["graph"], 0, "y")
    with pytest.raises(RegionsError) as caught:
        partition(**call)
    assert caught.value.code == code
    assert named.items() <= caught.value.values.items()


def test_an_edge_without_its_cost_and_a_negative_one_are_named() -> None:
    graph = nx.path_graph(3)
    graph.edges[0, 1]["km"] = 2
    with pytest.raises(RegionsError) as missing:
        partition(graph, 2, edges="km")
    assert (missing.value.code, missing.value.values["first"], missing.value.values["second"]) == ("edge.missing", 1, 2)
    graph.edges[1, 2]["km"] = -1
    with pytest.raises(RegionsError) as negative:
        partition(graph, 2, edges="km")
    assert negative.value.code == "edge.negative"


# ----------------------------------------------------------------------------------------------- limits, same answers


def test_a_work_limit_gives_the_same_answer_again_with_a_valid_bound() -> None:
    graph = planar_graph(120, 7, "even")
    lower, upper = within(graph, 4, 0.01)
    first, second = (partition(graph, 4, "w", lower, upper, "boundary", work_limit=0.8) for _ in range(2))
    assert first.status == "feasible"
    assert first.bound < first.value
    assert (first.labels, first.value, first.bound, first.work) == (
        second.labels,
        second.value,
        second.bound,
        second.work,
    )
    check(graph, first, 4, lower, upper)


def test_a_start_is_never_made_worse() -> None:
    graph = planar_graph(60, 9, "even")
    lower, upper = within(graph, 3, 0.02)
    best = partition(graph, 3, "w", lower, upper)
    assert best.status == "optimal"
    again = partition(graph, 3, "w", lower, upper, start=best.labels, work_limit=1e-6)
    assert again.value == best.value


def test_a_stop_is_heard() -> None:
    stop = Stop(watched=True)
    stop.set()
    graph = planar_graph(60, 3, "even")
    found = partition(graph, 3, "w", *within(graph, 3, 0.01), "distance", stop=stop)
    assert found.status in ("feasible", "unknown")


def test_rows_in_another_order_and_other_hash_seeds_give_the_same_labels() -> None:
    code = (
        "import random, sys, networkx as nx\n"
        "from models.regions import partition\n"
        "from tests.models.regions_graphs import planar_graph, within\n"
        "plain = nx.relabel_nodes(planar_graph(24, 4, 'even'), lambda node: f'n{node:02}')\n"
        "rng = random.Random(int(sys.argv[1]))\n"
        "nodes, edges = list(plain.nodes(data=True)), list(plain.edges(data=True))\n"
        "rng.shuffle(nodes); rng.shuffle(edges)\n"
        "graph = nx.Graph(); graph.add_nodes_from(nodes); graph.add_edges_from(edges)\n"
        "for parts, objective in ((2, 'cut_edges'), (3, 'cut_edges'), (2, 'distance'), (3, 'inertia')):\n"
        "    found = partition(graph, parts, 'w', *within(graph, parts, 0.05), objective)\n"
        "    print(found.status, found.value, list(found.labels.items()))\n"
    )
    seen = set()
    for seed in ("0", "1"):
        environment = dict(os.environ, PYTHONHASHSEED=seed)
        ran = subprocess.run(
            [sys.executable, "-c", code, seed], capture_output=True, text=True, check=True, env=environment
        )
        assert ran.stdout.count("optimal") == 4
        seen.add(ran.stdout)
    assert len(seen) == 1


def test_three_hundred_nodes_in_two_parts_are_proven() -> None:
    graph = planar_graph(300, 1, "even")
    lower, upper = within(graph, 2, 0.005)
    found = partition(graph, 2, "w", lower, upper)
    assert (found.status, found.engine) == ("optimal", "cycles")
    check(graph, found, 2, lower, upper)
    assert cut_edges(graph, found.labels) == found.value


def test_pieces_of_labels_are_told() -> None:
    graph = grid(3)
    found = partition(graph, 2, None, 4, 5, pieces=3)
    assert sum(found.pieces) == pieces_of(graph, found.labels) <= 3
    assert all(a <= b for a, b in pairwise(sorted(found.pieces)))


@pytest.mark.parametrize("seed", [0, pytest.param(5, marks=pytest.mark.campaign)])
def test_four_parts_within_narrow_bounds_are_found_however_early_the_proof_is_stopped(seed: int) -> None:
    """Single nodes moved find nothing lawful here; halves of halves do."""
    graph = planar_graph(70, seed, "even")
    lower, upper = within(graph, 4, 0.005)
    found = partition(graph, 4, "w", lower, upper, "boundary", work_limit=2)
    assert (found.status, found.engine) == ("feasible", "peeling")
    assert found.bound is not None and found.value is not None and 0 <= found.bound < found.value
    check(graph, found, 4, lower, upper)
