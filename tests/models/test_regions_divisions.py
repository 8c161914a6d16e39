"""All divisions into two sides: each once, none missing, equal to trying every assignment."""

from __future__ import annotations

import pickle
import random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.regions import Divisions, RegionsError, count_divisions, divisions
from tests.oracles.regions import all_partitions, pieces_of


def grid(rows: int, columns: int | None = None) -> nx.Graph:
    return nx.grid_2d_graph(rows, columns or rows)


@st.composite
def small_graphs(draw: st.DrawFn) -> nx.Graph:
    """Up to nine nodes, any edges (in pieces, too), small weights, some of them 0."""
    count = draw(st.integers(2, 9))
    pairs = [(a, b) for b in range(count) for a in range(b)]
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), max_size=18)))
    for node in graph:
        graph.nodes[node]["w"] = draw(st.integers(0, 4))
    return graph


def brute(graph: nx.Graph, lower: object, upper: object, pieces: int, **wishes: object) -> set[frozenset]:
    """Side 1 of every division, as ordered pairs."""
    found = all_partitions(graph, 2, "w", lower, upper, pieces=pieces, **wishes)  # type: ignore[arg-type]
    return {frozenset(node for node in graph if labels[node]) for labels in found}


def unordered(graph: nx.Graph, sides: set[frozenset]) -> set[frozenset[frozenset]]:
    return {frozenset((side, frozenset(graph) - side)) for side in sides}


@given(small_graphs(), st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
def test_equal_to_trying_every_assignment(graph: nx.Graph, lower: int, width: int, more: int) -> None:
    pieces = nx.number_connected_components(graph) + more
    listed = list(divisions(graph, "w", lower, lower + width, pieces=pieces))
    want = unordered(graph, brute(graph, [lower] * 2, [lower + width] * 2, pieces))
    assert len(listed) == len(set(listed)) == len(want)
    assert unordered(graph, set(listed)) == want
    assert count_divisions(graph, "w", lower, lower + width, pieces=pieces) == len(want)


@given(small_graphs(), st.data())
def test_wishes_are_kept(graph: nx.Graph, data: st.DataObject) -> None:
    nodes = list(graph)
    pair = st.lists(st.sampled_from(nodes), min_size=2, max_size=2, unique=True)
    wishes = {
        "together": data.draw(st.lists(st.lists(st.sampled_from(nodes), max_size=3), max_size=2)),
        "apart": data.draw(st.lists(pair, max_size=2)),
        "fixed": data.draw(st.dictionaries(st.sampled_from(nodes), st.integers(0, 1), max_size=2)),
    }
    lower, upper = [data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))], [data.draw(st.integers(6, 20))] * 2
    pieces = nx.number_connected_components(graph) + 1
    want = brute(graph, lower, upper, pieces, **wishes)
    try:
        listed = divisions(graph, "w", lower, upper, pieces=pieces, **wishes)
    except RegionsError as error:
        assert error.code == "contradiction"
        assert want == set()
        return
    assert listed.total == len(listed) == len(set(listed))
    if wishes["fixed"] or lower[0] != lower[1]:
        assert set(listed) == want
    else:
        assert unordered(graph, set(listed)) == unordered(graph, want)


@given(small_graphs(), st.integers(0, 6))
def test_any_lists_each_way_of_the_weighing_nodes_once(graph: nx.Graph, lower: int) -> None:
    heavy = frozenset(node for node in graph if graph.nodes[node]["w"])
    pieces = nx.number_connected_components(graph) + 1
    want = {
        frozenset((side & heavy, heavy - side))
        for side in brute(graph, [max(lower, 1)] * 2, [100] * 2, pieces)
        if side & heavy and heavy - side
    }
    listed = list(divisions(graph, "w", lower, pieces=pieces, weightless="any"))
    assert len(listed) == len(want)
    assert {frozenset((side & heavy, heavy - side)) for side in listed} == want
    every = unordered(graph, brute(graph, [lower] * 2, [100] * 2, pieces))
    assert unordered(graph, set(listed)) <= every, "the place of weightless nodes is lawful"


@given(small_graphs(), st.integers(50_000, 400_000), st.integers(0, 3))
def test_large_weights_are_weighed_exactly(graph: nx.Graph, heavy: int, odd: int) -> None:
    """Weights far above the number of bits used inside, bounds that only exact sums can keep."""
    for node in graph:
        graph.nodes[node]["w"] = graph.nodes[node]["w"] * heavy + node % 3
    total = sum(graph.nodes[node]["w"] for node in graph)
    lower = max(0, total // 2 - odd * heavy // 2)
    pieces = nx.number_connected_components(graph) + 1
    want = unordered(graph, brute(graph, [lower] * 2, [total] * 2, pieces))
    listed = divisions(graph, "w", lower, pieces=pieces)
    assert unordered(graph, set(listed)) == want
    assert listed.complete
    assert count_divisions(graph, "w", lower, pieces=pieces) == len(want)


@pytest.mark.parametrize(("size", "count"), [(2, 6), (3, 53), (4, 627), (5, 16213), (6, 1123743)])
def test_square_grids_into_two_connected_sets_as_published(size: int, count: int) -> None:
    """OEIS A068416."""
    assert count_divisions(grid(size)) == count


@pytest.mark.parametrize(("size", "count"), [(2, 2), (4, 70), (6, 80518), (8, 7157114189)])
def test_square_grids_into_equal_connected_halves_as_published(size: int, count: int) -> None:
    """Known counts of districting plans of grids with two districts of equal size."""
    half = size * size // 2
    assert count_divisions(grid(size), None, half, half) == count


def test_a_list_cut_short_says_so_and_how_many_there_are() -> None:
    cut = divisions(grid(6), None, 18, 18, limit=100)
    assert (len(cut), cut.complete, cut.total) == (100, False, 80518)
    whole = divisions(grid(4), None, 8, 8, limit=70)
    assert (len(whole), whole.complete, whole.total) == (70, True, 70)


def test_a_hundred_thousand_are_listed_each_connected_and_in_bounds() -> None:
    listed = divisions(grid(6), None, 17, 19)
    assert len(set(listed.masks)) == len(listed) == listed.total > 100_000
    graph = grid(6)
    for mask in random.Random(1).sample(listed.masks, 200):
        zero, one = listed.sides(mask)
        assert 17 <= len(one) <= 19
        assert nx.is_connected(graph.subgraph(zero))
        assert nx.is_connected(graph.subgraph(one))


def test_pieces_of_a_graph_in_pieces() -> None:
    """Two triangles: at most three pieces means one of them stays whole on its side."""
    graph = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))
    assert count_divisions(graph, pieces=1) == 0
    assert [set(side) for side in divisions(graph, pieces=2)] == [{3, 4, 5}]
    for side in divisions(graph):
        assert pieces_of(graph, {node: int(node in side) for node in graph}) <= 3
    assert count_divisions(graph) == count_divisions(graph, pieces=3) == 13


def test_the_order_of_rows_does_not_matter() -> None:
    graph = grid(4)
    nodes, edges = list(graph.nodes), list(graph.edges)
    random.Random(3).shuffle(nodes)
    random.Random(4).shuffle(edges)
    shuffled = nx.Graph()
    shuffled.add_nodes_from(nodes)
    shuffled.add_edges_from((b, a) for a, b in edges)
    assert divisions(graph, None, 7, 9) == divisions(shuffled, None, 7, 9)


def test_fractions_of_weights_are_exact() -> None:
    """0.1 + 0.2 is 0.3 here."""
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, {0: 0.1, 1: 0.2, 2: 0.3}, "w")
    assert [set(side) for side in divisions(graph, "w", 0.3, 0.3)] == [{2}]


def bad(**change: object) -> dict:
    return {"graph": grid(2), "weight": None, "lower": 1, "upper": 3} | change


@pytest.mark.parametrize(
    ("call", "code", "named"),
    [
        (bad(graph=nx.DiGraph([(1, 2)])), "graph.directed", {}),
        (bad(graph=nx.MultiGraph([(1, 2), (1, 2)])), "graph.multigraph", {}),
        (bad(graph=nx.Graph()), "graph.empty", {}),
        (bad(graph=nx.Graph([(1, 2), (2, 2)])), "graph.self_loop", {"node": 2}),
        (bad(weight="schools"), "weight.unknown", {"attribute": "schools"}),
        (bad(lower=3, upper=2), "bounds.order", {"part": 0}),
        (bad(lower=[1, 2, 3]), "bounds.length", {"given": 3}),
        (bad(lower=float("nan")), "bounds.number", {"name": "lower"}),
        (bad(fixed={(9, 9): 0}), "fixed.node", {"node": (9, 9)}),
        (bad(fixed={(0, 0): 2}), "fixed.part", {"node": (0, 0), "part": 2}),
        (bad(together=[[(0, 0), "x"]]), "together.node", {"node": "x"}),
        (bad(apart=[[(0, 0), (0, 0)]]), "apart.same", {"node": (0, 0)}),
        (bad(apart=[[(0, 0), (0, 1), (1, 0)]]), "apart.too_many", {"parts": 2}),
        (
            bad(together=[[(0, 0), (0, 1)]], apart=[[(0, 1), (0, 0)]]),
            "contradiction",
            {"first": (0, 1), "second": (0, 0)},
        ),
        (
            bad(fixed={(0, 0): 0, (0, 1): 1}, together=[[(0, 0), (0, 1)]]),
            "contradiction",
            {"first": (0, 0), "second": (0, 1)},
        ),
        (
            bad(fixed={(0, 0): 0, (1, 1): 0}, apart=[[(0, 0), (0, 1)], [(0, 1), (1, 0)], [(1, 0), (1, 1)]]),
            "contradiction",
            {"first": (0, 0), "second": (1, 1)},
        ),
        (bad(pieces="2"), "pieces.number", {"pieces": "2"}),
        (bad(limit=0), "limit.number", {"value": 0}),
        (bad(weightless="none"), "option", {"name": "weightless"}),
    ],
)
def test_errors_name_what_is_wrong(call: dict, code: str, named: dict) -> None:
    with pytest.raises(RegionsError) as caught:
        divisions(**call)
    assert caught.value.code == code
    assert named.items() <= caught.value.values.items()
    assert code in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, str(again)) == (code, str(caught.value))
    assert again.values.keys() == caught.value.values.keys()


@pytest.mark.parametrize("value", [None, "7", float("nan"), float("inf"), True])
def test_a_weight_that_is_no_number_names_its_node(value: object) -> None:
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, 1, "w")
    graph.nodes[1]["w"] = value
    with pytest.raises(RegionsError) as caught:
        divisions(graph, "w")
    assert (caught.value.code, caught.value.values["node"]) == ("weight.number", 1)


def test_missing_and_negative_weights_name_their_node() -> None:
    graph = nx.path_graph(3)
    graph.nodes[0]["w"] = graph.nodes[1]["w"] = 1
    with pytest.raises(RegionsError) as missing:
        divisions(graph, "w")
    assert (missing.value.code, missing.value.values["node"]) == ("weight.missing", 2)
    graph.nodes[2]["w"] = -1
    with pytest.raises(RegionsError) as negative:
        divisions(graph, "w")
    assert (negative.value.code, negative.value.values["node"]) == ("weight.negative", 2)


def test_one_node_cannot_be_divided() -> None:
    graph = nx.Graph()
    graph.add_node("a")
    assert divisions(graph) == Divisions(("a",), (), True, 0)


def test_a_graph_too_wide_is_refused_before_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.regions.diagram.MOST_STATES", 1000)
    with pytest.raises(RegionsError) as caught:
        count_divisions(grid(8))
    assert (caught.value.code, caught.value.values["nodes"]) == ("divisions.too_large", 64)
