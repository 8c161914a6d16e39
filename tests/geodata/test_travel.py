from __future__ import annotations

import random
import time

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.adjacency import DeclaredLink, adjacency_graph, build_graph
from geodata.sphere import EARTH_RADIUS_KM, great_circle_km
from geodata.tables import TravelTable
from geodata.townships import Township, UnknownTownship, find_township, townships
from geodata.travel import Place, Unreachable, travel_km
from tests.shared_data import shared_rows

CODES = tuple(townships())
MM = 1e-6


def at(name: str, lon: float | None = None, lat: float | None = None, place_id: str = "") -> Place:
    return Place(place_id or name, find_township(name).towncode, lon, lat)


def oracle_km(origin: Place, destination: Place, graph: nx.Graph) -> float:
    """Apply the rule as it is written, with networkx and floats."""

    def point(place: Place) -> tuple[float, float]:
        node = graph.nodes[place.towncode]
        return (node["lon"], node["lat"]) if place.lon is None else (place.lon, place.lat)

    def legs(place: Place) -> dict[str, float]:
        own = place.towncode
        near = [own, *(n for n in graph[own] if graph.edges[own, n]["kind"] == "border")]
        return {n: great_circle_km(*point(place), graph.nodes[n]["lon"], graph.nodes[n]["lat"]) for n in near}

    if destination.towncode in legs(origin):
        return great_circle_km(*point(origin), *point(destination))
    roads = nx.Graph()
    roads.add_weighted_edges_from(graph.edges(data="km"))
    for end, place in (("from", origin), ("to", destination)):
        roads.add_weighted_edges_from((end, node, km) for node, km in legs(place).items())
    return nx.dijkstra_path_length(roads, "from", "to")


@st.composite
def places(draw, prefix: str):
    """A place anywhere, some without coordinates, the others within about 20 km of their township's point."""
    township = townships()[draw(st.sampled_from(CODES))]
    name = f"{prefix}{draw(st.integers(0, 10**9))}"
    if draw(st.booleans()):
        return Place(name, township.towncode)
    shift = st.floats(-0.2, 0.2)
    return Place(name, township.towncode, township.lon + draw(shift), township.lat + draw(shift))


some_places = st.lists(places("p"), min_size=1, max_size=5, unique_by=lambda place: place.id)


# Great circles


@pytest.mark.parametrize(
    ("ends", "km"),
    [
        ((121.0, 24.0, 121.0, 24.0), 0.0),
        ((0.0, 0.0, 1.0, 0.0), 111.195),
        ((0.0, 0.0, 0.0, 90.0), 10007.557),
        ((0.0, 0.0, 180.0, 0.0), 20015.115),
    ],
)
def test_great_circles_of_known_length(ends, km):
    assert great_circle_km(*ends) == pytest.approx(km, abs=0.01)


@given(st.floats(118, 122), st.floats(21, 27), st.floats(118, 122), st.floats(21, 27))
def test_great_circles_agree_with_the_angle_between_two_vectors(lon1, lat1, lon2, lat2):
    def vector(lon: float, lat: float) -> np.ndarray:
        lon, lat = np.radians([lon, lat])
        return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])

    one, two = vector(lon1, lat1), vector(lon2, lat2)
    angle = np.arctan2(np.linalg.norm(np.cross(one, two)), one @ two)
    assert great_circle_km(lon1, lat1, lon2, lat2) == pytest.approx(EARTH_RADIUS_KM * angle, abs=MM)


@given(*[st.floats(-180, 180), st.floats(-90, 90)] * 2)
def test_a_great_circle_is_exactly_as_long_the_other_way(lon1, lat1, lon2, lat2):
    there = great_circle_km(lon1, lat1, lon2, lat2)
    assert there == great_circle_km(lon2, lat2, lon1, lat1)
    assert 0 <= there <= 20016


# The rule


def test_in_one_township_and_over_a_border_the_way_is_the_great_circle():
    graph = adjacency_graph()
    one = at("臺中市北區", 120.68, 24.16, "one")
    same = at("臺中市北區", 120.69, 24.17, "same")
    next_door = at("臺中市西區", 120.66, 24.14, "next door")
    table = travel_km([one], [same, next_door], graph)
    assert table.values[0, 0] == pytest.approx(great_circle_km(120.68, 24.16, 120.69, 24.17), abs=MM)
    assert table.values[0, 1] == pytest.approx(great_circle_km(120.68, 24.16, 120.66, 24.14), abs=MM)


def test_a_place_without_coordinates_stands_at_the_point_of_its_township():
    bare, other = at("臺中市北區", place_id="bare"), at("臺中市北區", place_id="other")
    point = townships()[bare.towncode]
    exact = at("臺中市北區", point.lon, point.lat, "exact")
    table = travel_km([bare], [other, exact, at("臺中市西區")], adjacency_graph())
    assert table.values[0, 0] == table.values[0, 1] == 0
    edge = adjacency_graph().edges[bare.towncode, at("臺中市西區").towncode]
    assert table.values[0, 2] == pytest.approx(edge["km"], abs=0.0006)


def line_of(*lons: float, links=(), gaps=()) -> nx.Graph:
    """A row of townships 0, 1, 2 ... on one parallel, each adjoining the next but where there is a gap."""
    nodes = [Township(str(i), "縣", f"{i}鄉", lon, 23.0, 1.0) for i, lon in enumerate(lons)]
    borders = {(str(i), str(i + 1)): 1.0 for i in range(len(lons) - 1) if i not in gaps}
    return build_graph(nodes, borders, links)


def test_beyond_the_neighbours_the_way_goes_by_the_points_of_the_townships_between():
    graph = line_of(120.0, 120.1, 120.2, 120.3)
    start, end = Place("start", "0", 120.01, 23.05), Place("end", "3", 120.32, 22.99)
    by_hand = (
        great_circle_km(120.01, 23.05, 120.1, 23.0)
        + graph.edges["1", "2"]["km"]
        + great_circle_km(120.2, 23.0, 120.32, 22.99)
    )
    assert travel_km([start], [end], graph).values[0, 0] == pytest.approx(by_hand, abs=2 * MM)


def test_two_townships_apart_the_way_goes_by_the_one_point_between():
    graph = line_of(120.0, 120.1, 120.2)
    start, end = Place("start", "0", 120.01, 23.05), Place("end", "2", 120.19, 22.9)
    by_hand = great_circle_km(120.01, 23.05, 120.1, 23.0) + great_circle_km(120.1, 23.0, 120.19, 22.9)
    assert travel_km([start], [end], graph).values[0, 0] == pytest.approx(by_hand, abs=2 * MM)


def test_a_link_is_taken_from_the_townships_own_point_even_between_its_two_ends():
    graph = line_of(120.0, 120.1, 120.5, 120.6, links=[DeclaredLink("1", "2", "ferry", km=70.0)], gaps=[1])
    port, island = Place("port", "1", 120.12, 23.0), Place("island", "2", 120.45, 23.0)
    inland, beyond = Place("inland", "0", 119.9, 23.0), Place("beyond", "3", 120.7, 23.0)
    table = travel_km([port, inland], [island, beyond], graph)
    to_port = great_circle_km(120.12, 23.0, 120.1, 23.0)
    from_point = great_circle_km(120.5, 23.0, 120.45, 23.0)
    assert table.between("port", "island") == pytest.approx(to_port + 70 + from_point, abs=2 * MM)
    # From the neighbouring townships straight to the points at the two ends of the link.
    first = great_circle_km(119.9, 23.0, 120.1, 23.0)
    last = great_circle_km(120.5, 23.0, 120.7, 23.0)
    assert table.between("inland", "beyond") == pytest.approx(first + 70 + last, abs=2 * MM)


def test_琉球_is_reached_by_its_ferry():
    liuqiu, donggang = at("屏東縣琉球鄉", 120.37, 22.34), at("屏東縣東港鎮", 120.45, 22.46)
    km = travel_km([liuqiu], [donggang], adjacency_graph()).values[0, 0]
    ferry = adjacency_graph().edges[donggang.towncode, liuqiu.towncode]["km"]
    ends = [townships()[place.towncode] for place in (liuqiu, donggang)]
    legs = [great_circle_km(p.lon, p.lat, t.lon, t.lat) for p, t in zip((liuqiu, donggang), ends, strict=True)]
    assert km == pytest.approx(ferry + sum(legs), abs=3 * MM)


@given(some_places, some_places)
def test_the_table_is_the_rule_as_written(origins, destinations):
    graph = adjacency_graph()
    table = travel_km(origins, destinations, graph)
    expected = [[oracle_km(a, b, graph) for b in destinations] for a in origins]
    np.testing.assert_allclose(table.values, expected, atol=1e-4, rtol=0)


@given(some_places, some_places)
def test_the_way_back_is_exactly_as_long(origins, destinations):
    there = travel_km(origins, destinations, adjacency_graph())
    back = travel_km(destinations, origins, adjacency_graph())
    assert (there.values == back.values.T).all()


@given(some_places)
def test_a_place_is_nowhere_but_at_itself_and_no_way_is_shorter_than_the_great_circle(them):
    graph = adjacency_graph()
    ways, crows = travel_km(them, them, graph), travel_km(them, them, graph, how="great_circle")
    assert (np.diag(ways.values) == 0).all()
    # The km of an edge are rounded to a metre.
    assert (ways.values >= crows.values - 0.01).all()
    assert (ways.how, crows.how, ways.unit) == ("graph", "great_circle", "km")


@given(*[st.sampled_from(CODES)] * 3)
def test_between_the_points_of_townships_a_detour_is_never_shorter(a, b, c):
    them = [Place(f"{i}", name) for i, name in enumerate((a, b, c))]
    km = travel_km(them, them, adjacency_graph()).values
    assert km[0, 2] <= km[0, 1] + km[1, 2] + 0.01


@given(some_places, some_places, st.randoms(use_true_random=False))
def test_a_table_is_the_same_whatever_the_order_and_the_company_of_the_places(origins, destinations, rng):
    graph = adjacency_graph()
    table = travel_km(origins, destinations, graph)
    shuffled = rng.sample(origins, len(origins)), rng.sample(destinations, len(destinations))
    other = travel_km(*shuffled, nx.Graph(graph))  # nothing remembered
    assert all(other.between(a, b) == table.between(a, b) for a in table.origins for b in table.destinations)


def test_no_places_make_an_empty_table():
    assert travel_km([], [at("臺北市大安區")], adjacency_graph()).values.shape == (0, 1)
    assert travel_km([at("臺北市大安區")], [], adjacency_graph()).values.shape == (1, 0)
    assert travel_km([], [], adjacency_graph()).values.shape == (0, 0)


def test_real_schools_are_no_nearer_than_the_crow_flies_and_rarely_half_as_far_again():
    schools = [
        Place(
            row["code"],
            find_township(row["town"], row["county"]).towncode,
            float(row["lon"]),
            float(row["lat"]),
        )
        for row in shared_rows("high_geo.csv")
        if row["lon"]
    ]
    graph = adjacency_graph()
    ways, crows = (
        travel_km(schools, schools, graph).values,
        travel_km(schools, schools, graph, how="great_circle").values,
    )
    assert (ways == ways.T).all()
    assert (ways >= crows - 0.01).all()
    assert np.mean(ways > 1.5 * crows) < 0.02


# Refusals


def test_unreachable_pairs_are_all_named():
    graph = adjacency_graph(links=False)
    penghu, taipei = at("澎湖縣馬公市", place_id="a"), at("臺北市大安區", place_id="b")
    with pytest.raises(Unreachable) as caught:
        travel_km([penghu, taipei], [penghu, taipei], graph)
    pairs = [(pair.origin, pair.origin_township, pair.destination) for pair in caught.value.pairs]
    assert pairs == [("a", "澎湖縣馬公市", "b"), ("b", "臺北市大安區", "a")]
    assert "澎湖縣馬公市 and 臺北市大安區" in str(caught.value)
    assert travel_km([penghu], [taipei], graph, how="great_circle").values[0, 0] > 200


def test_an_unknown_township_is_refused():
    with pytest.raises(UnknownTownship) as caught:
        travel_km([Place("a", "99999999")], [at("臺北市大安區")], adjacency_graph())
    assert caught.value.text == "99999999"


def test_repeated_ids_and_unknown_measures_are_refused():
    place = at("臺北市大安區", place_id="010301")
    with pytest.raises(ValueError, match="repeated among the origins: 010301"):
        travel_km([place, place], [place], adjacency_graph())
    with pytest.raises(ValueError, match="how is"):
        travel_km([place], [place], adjacency_graph(), how="matrix")


@pytest.mark.parametrize(
    "bad",
    [
        ("", "1", None, None),
        ("a", "", None, None),
        ("a", "1", 121.0, None),
        ("a", "1", None, 24.0),
        ("a", "1", 24.0, 121.0),
        ("a", "1", float("nan"), 24.0),
    ],
)
def test_a_place_that_cannot_be_is_refused(bad):
    with pytest.raises(ValueError):
        Place(*bad)


@pytest.mark.parametrize("values", [[[1.0]], [[1.0, np.inf]], [[1.0, np.nan]], [[1.0, -1.0]]])
def test_a_table_holds_only_finite_lengths_in_the_shape_of_its_ids(values):
    with pytest.raises(ValueError):
        TravelTable(("a",), ("b", "c"), np.array(values), "km", "matrix")


def test_a_table_cannot_be_changed_from_outside():
    values = np.ones((1, 1))
    table = TravelTable(("a",), ("b",), values, "km", "matrix")
    values[0, 0] = 5
    assert table.between("a", "b") == 1
    with pytest.raises(ValueError):
        table.values[0, 0] = 5


# Speed


def test_a_community_of_25_schools_and_75_junior_highs_is_measured_at_once():
    rng = random.Random(7)
    graph = adjacency_graph()
    centre = find_township("臺中市北區").towncode
    near = [name for name, _ in nx.bfs_edges(graph, centre, depth_limit=4)][:20]
    them = [
        Place(str(i), name, townships()[name].lon + rng.uniform(-0.05, 0.05), townships()[name].lat)
        for i, name in enumerate(rng.choices(near, k=100))
    ]
    best = min(_seconds(them, nx.freeze(nx.Graph(graph))) for _ in range(3))
    # Measured at 0.02 s with nothing remembered; the limit leaves room for a busy machine.
    assert best < 0.25


def _seconds(them: list[Place], graph: nx.Graph) -> float:
    start = time.perf_counter()
    travel_km(them[:25], them[25:], graph)
    return time.perf_counter() - start
