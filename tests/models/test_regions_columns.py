"""Prices and listed parts behind the inertia of three and more parts: compared with all subsets of a small graph."""

from __future__ import annotations

import random
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from models.engine import Engine
from models.regions.columns import Plane
from models.regions.instance import read_bounds, read_graph, read_groups, read_weights
from models.regions.margins import sharpen
from models.regions.masses import Bodies, bodies_of, pack, unpack
from models.regions.objectives import read_inertia
from models.regions.prices import best_prices
from models.regions.problem import Problem
from models.stopping import Limits
from tests.models.handmade import some
from tests.models.regions_graphs import planar_graph, within
from tests.oracles.regions import all_partitions, inertia

SEEDS = some(range(60), 4)


def problem_of(
    graph: nx.Graph, parts: int, tolerance: float, together: list | None = None, apart: list | None = None
) -> Problem:
    instance = read_graph(graph)
    measured = read_weights(graph, instance, "w")
    lower, upper = within(graph, parts, tolerance)
    weights, low, high, _ = read_bounds(measured, lower, max(lower, upper), parts)
    aim = read_inertia(graph, instance, measured, ("x", "y"))
    groups = read_groups(instance, parts, {}, together or [], apart or [])
    return Problem(instance, parts, tuple(weights), tuple(low), tuple(high), groups, None, aim)


def in_units(bodies: Bodies, graph: nx.Graph, nodes: list[int]) -> float:
    return float(inertia(graph.subgraph(nodes), dict.fromkeys(nodes, 0), "w")) / bodies.unit


def parts_by_hand(problem: Problem, bodies: Bodies, graph: nx.Graph, prices: np.ndarray) -> dict[frozenset[int], float]:
    """Each connected set of nodes within the bounds of weight, and its inertia less prices; all nodes weigh."""
    found = {}
    for size in range(1, len(graph) + 1):
        for nodes in combinations(sorted(graph), size):
            weight = sum(graph.nodes[node]["w"] for node in nodes)
            if bodies.least <= weight <= bodies.most and nx.is_connected(graph.subgraph(nodes)):
                own = in_units(bodies, graph, list(nodes)) - sum(prices[bodies.body[node]] for node in nodes)
                found[frozenset(nodes)] = own
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_part_within_the_span_is_listed_and_no_other(seed: int) -> None:
    rng = random.Random(seed)
    graph = planar_graph(rng.randint(6, 10), 700 + seed, ("one", "skew", "even")[seed % 3])
    problem = problem_of(graph, 3, rng.choice((0.1, 0.4, 0.8)))
    bodies = bodies_of(problem, problem.objective)
    prices = np.array([rng.uniform(0, 0.2) for _ in range(len(bodies))])
    plane = Plane(bodies, prices, 1.0, Engine())
    margin = plane.margin()
    by_hand = parts_by_hand(problem, bodies, graph, prices)
    assert all(own >= margin - 1e-9 for own in by_hand.values())
    for span in (0.01, 0.1, 0.5):
        columns = plane.columns(margin, span)
        listed = {
            frozenset(np.flatnonzero(row).tolist()): own
            for row, own in zip(unpack(columns.masks, len(bodies)), columns.excess + margin, strict=True)
        }
        assert len(listed) == len(columns), "each once"
        assert listed.keys() == {nodes for nodes, own in by_hand.items() if own <= margin + span}
        assert all(own == pytest.approx(by_hand[nodes], abs=1e-9) for nodes, own in listed.items())
        assert list(columns.excess) == sorted(columns.excess)


def roughly(graph: nx.Graph, labels: dict[int, int], parts: int) -> float:
    """Inertia by distances to centroids, in floating point: tens of thousands of partitions are looked at."""
    total = 0.0
    for part in range(parts):
        own = [(d["w"], complex(d["x"], d["y"])) for node, d in graph.nodes(data=True) if labels[node] == part]
        mass = sum(weight for weight, _ in own)
        if mass:
            centre = sum(weight * at for weight, at in own) / mass
            total += sum(weight * abs(at - centre) ** 2 for weight, at in own)
    return total


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_of_the_prices_is_below_every_partition(seed: int) -> None:
    parts = 3 + seed % 2
    graph = planar_graph(8 - seed % 2, 800 + seed, ("one", "skew", "small")[seed % 3])
    problem = problem_of(graph, parts, (0.3, 0.9)[seed // 2 % 2])
    lower, upper = list(problem.lower), list(problem.upper)
    every = list(all_partitions(graph, parts, "w", lower, upper))
    if not every:
        return
    best = min(roughly(graph, labels, parts) for labels in every)
    bodies = bodies_of(problem, problem.objective)
    ceiling = float(bodies.squares.sum())
    prices = best_prices(bodies, Engine(), bodies.squares / parts, ceiling)
    split = float(prices.sum()) + parts * Plane(bodies, prices, ceiling, Engine()).margin()
    whole = sharpen(bodies, Engine(), prices, best / bodies.unit).bound
    assert split * bodies.unit <= best * (1 + 1e-9) + 1e-12
    assert split - 1e-9 <= whole
    assert whole * bodies.unit <= best * (1 + 1e-9) + 1e-12


def test_bodies_are_what_stays_together_and_nodes_without_mass_only_join() -> None:
    """A path a(2) - b(0) - c(3) - d(1), c and d together: two bodies, neighbours over b."""
    graph = nx.path_graph(4)
    for node, (x, weight) in enumerate(((0, 2), (1, 0), (4, 3), (8, 1))):
        graph.nodes[node].update(x=x, y=0, w=weight)
    problem = problem_of(graph, 2, 0.9, together=[[2, 3]])
    bodies = bodies_of(problem, problem.objective)
    assert list(bodies.weights) == [2, 4]
    assert list(bodies.body) == [0, -1, 1, 1]
    # c and d at 4 and 8 with masses 3 and 1: centroid 5, inertia 3 + 9 = 12.
    own = bodies.squares[1] - (bodies.moments[1] ** 2).sum() / bodies.masses[1]
    assert own * bodies.unit == pytest.approx(12)
    assert list(bodies.lawful(pack(np.array([[True, True], [True, False]])))) == [True, True]
    cut = graph.copy()
    cut.remove_edge(1, 2)
    apart = bodies_of(problem_of(cut, 2, 0.9), read_inertia(cut, read_graph(cut), [2, 0, 3, 1], ("x", "y")))
    assert list(apart.lawful(pack(np.array([[True, True, False], [False, True, True]])))) == [False, True]


@pytest.mark.parametrize("count", [5, 64, 65, 130])
def test_bits_come_back_as_they_were(count: int) -> None:
    flags = np.random.default_rng(count).random((7, count)) < 0.5
    assert (unpack(pack(flags), count) == flags).all()


def test_more_than_sixty_four_bodies_are_seen_as_connected_or_not() -> None:
    graph = nx.path_graph(70)
    for node in graph:
        graph.nodes[node].update(x=node, y=0, w=1)
    bodies = bodies_of(problem := problem_of(graph, 3, 0.9), problem.objective)
    flags = np.zeros((3, 70), dtype=bool)
    flags[0, 60:68] = True
    flags[1, [62, 63, 65, 66]] = True
    flags[2, 64:] = True
    assert list(bodies.lawful(pack(flags))) == [True, False, True]
    open_flags = np.zeros((3, 70), dtype=bool)
    open_flags[1, 64] = True
    assert bodies.lawful(pack(flags), pack(open_flags)).all()


def test_a_limit_ends_the_listing() -> None:
    graph = planar_graph(40, 1, "even")
    problem = problem_of(graph, 3, 0.05)
    bodies = bodies_of(problem, problem.objective)
    plane = Plane(bodies, bodies.squares / 3, 1.0, Engine(Limits(work=1e-9)))
    plane.engine.charge(1)
    assert plane.columns(0.0, 1.0) is None
    assert Plane(bodies, bodies.squares / 3, 1.0, Engine()).columns(0.0, 1.0, most_work=1e-9) is None
