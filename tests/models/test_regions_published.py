"""Published instances reach their published optimum, proven."""

from __future__ import annotations

import networkx as nx
import pytest

from models.regions import partition
from tests.models.american_counties import STATES, State
from tests.models.p_median import OPTIMA, p_median
from tests.models.regions_graphs import within
from tests.oracles.regions import pieces_of
from tests.shared_data import shared_data


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_counties_of_a_state_reach_the_published_optimum(state: State) -> None:
    graph = state.graph()
    assert nx.check_planarity(graph)[0]
    assert (*within(graph, state.parts, 0.005), graph.number_of_edges()) == (state.lower, state.upper, state.borders)
    found = partition(graph, state.parts, "w", state.lower, state.upper)
    assert (found.status, found.value, found.bound) == ("optimal", state.cut, state.cut)
    assert pieces_of(graph, found.labels) == state.parts
    sums = [sum(graph.nodes[node]["w"] for node in graph if found.labels[node] == k) for k in range(state.parts)]
    assert all(state.lower <= weight <= state.upper for weight in sums)
    assert sum(found.labels[a] != found.labels[b] for a, b in graph.edges) == state.cut


@pytest.mark.parametrize("number", [pytest.param(k, marks=pytest.mark.campaign) for k in OPTIMA])
def test_p_median_instances_of_or_library_reach_their_optimum(number: int) -> None:
    """Nodes go to the nearest centre along shortest paths, so the best parts can be taken connected."""
    graph, parts = p_median(shared_data(f"published/pmed{number}.txt"))
    found = partition(graph, parts, objective="distance", distances="length")
    assert (found.status, found.value, found.bound) == ("optimal", OPTIMA[number], OPTIMA[number])
