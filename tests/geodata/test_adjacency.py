from __future__ import annotations

import json
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.adjacency import (
    BORDER_TOLERANCE_KM,
    LINK_KINDS,
    DeclaredLink,
    adjacency_graph,
    build_graph,
    compute_borders,
    declared_links,
    islands,
)
from geodata.embedded import read_embedded
from geodata.sphere import great_circle_km
from geodata.townships import Township, UnknownTownship, find_township, load_polygons, townships
from tests.shared_data import shared_data, shared_rows

ISLAND_TOWNSHIPS = (
    "琉球鄉 望安鄉 七美鄉 綠島鄉 蘭嶼鄉 南竿鄉 北竿鄉 莒光鄉 東引鄉 烏坵鄉 烈嶼鄉 馬公市 白沙鄉 西嶼鄉 金湖鎮"
)


def code(name: str) -> str:
    return find_township(name).towncode


def squares(*corners: tuple[float, float]) -> list[Township]:
    return [Township(str(i), "縣", f"{i}鄉", lon, lat, 1.0) for i, (lon, lat) in enumerate(corners)]


@pytest.fixture(scope="module")
def polygons():
    return load_polygons()


# Borders


def test_the_shipped_borders_are_those_of_the_polygons(polygons):
    shipped = {(row["a"], row["b"]): float(row["shared_km"]) for row in read_embedded("borders.csv")}
    computed = compute_borders(polygons, BORDER_TOLERANCE_KM)
    assert list(shipped) == list(computed)
    # Another release of PROJ may differ by a millimetre, and so by one in the last digit.
    assert shipped == pytest.approx(computed, abs=0.0011)


def test_the_tolerance_lies_in_a_gap_of_the_shared_lengths(polygons):
    touching = compute_borders(polygons, 0)
    assert len(touching) == 960
    assert not [km for km in touching.values() if 0.04 < km < 0.13]


def test_the_order_of_the_polygons_does_not_matter(polygons):
    some = polygons[polygons["COUNTYNAME"] == "臺中市"]
    assert compute_borders(some.iloc[::-1]) == compute_borders(some)


def test_borders_agree_with_the_second_opinion_but_for_the_pairs_explained():
    ours = {(row["a"], row["b"]): float(row["shared_km"]) for row in read_embedded("borders.csv")}
    theirs = {
        tuple(sorted((row["a_code"], row["b_code"]))): float(row["shared_km_approx"])
        for row in shared_rows("town_adjacency.csv")
    }
    assert len(theirs) == 972
    assert set(ours) <= set(theirs)
    only_theirs = {(townships()[a].town, townships()[b].town) for a, b in set(theirs) - set(ours)}
    # docs/adjacency.md explains each of them.
    assert only_theirs == {
        ("九如鄉", "旗山區"),
        ("里港鄉", "大樹區"),
        ("池上鄉", "卓溪鄉"),
        ("海端鄉", "富里鄉"),
        ("中區", "南區"),
        ("東區", "西區"),
        ("清水區", "大雅區"),
        ("沙鹿區", "神岡區"),
        ("龍潭區", "復興區"),
        ("清水區", "后里區"),
        ("關西鎮", "大溪區"),
        ("神岡區", "外埔區"),
        ("湖西鄉", "白沙鄉"),
        ("白沙鄉", "西嶼鄉"),
        ("長治鄉", "瑪家鄉"),
        ("鹽埔鄉", "瑪家鄉"),
    }
    long = [pair for pair, km in ours.items() if km > 1]
    assert all(ours[pair] == pytest.approx(theirs[pair], rel=0.31) for pair in long)


@given(st.integers(0, 3), st.floats(0.1, 0.9), st.floats(-0.3, 0.3))
def test_neighbours_need_not_share_the_vertices_of_their_border(how_many, where, slant):
    import geopandas as gpd
    from shapely import Polygon

    # One side of the slanted border is a single segment, the other is broken at points that rounding moves
    # off it.
    south, north = (120.5, 23.0), (120.5 + slant, 23.4)
    steps = [where * (i + 1) / (how_many + 1) for i in range(how_many)]
    broken = [(south[0] + step * slant, south[1] + step * 0.4) for step in steps]
    west = Polygon([(120, 23), south, north, (120, 23.4)])
    east = Polygon([(121, 23), (121, 23.4), north, *reversed(broken), south])
    frame = gpd.GeoDataFrame(geometry=[west, east], index=["a", "b"], crs=4326)
    expected = great_circle_km(*south, *north)
    assert compute_borders(frame)["a", "b"] == pytest.approx(expected, rel=0.006)


def test_a_corner_is_no_border_and_a_border_must_be_longer_than_the_tolerance():
    import geopandas as gpd
    from shapely import box

    frame = gpd.GeoDataFrame(
        geometry=[box(120, 23, 121, 24), box(121, 24, 122, 25), box(121, 23.999, 122, 24)],
        index=["a", "b", "c"],
        crs=4326,
    )
    assert ("a", "b") not in compute_borders(frame, 0)
    assert compute_borders(frame, 0)["a", "c"] == pytest.approx(0.111, abs=0.001)
    assert ("a", "c") not in compute_borders(frame, 0.12)


def test_borders_of_a_projected_file_are_the_same(polygons):
    some = polygons[polygons["COUNTYNAME"] == "嘉義市"]
    assert compute_borders(some.to_crs(3826)) == pytest.approx(compute_borders(some), abs=0.002)


def test_polygons_without_a_reference_system_and_negative_tolerances_are_refused(polygons):
    import geopandas as gpd
    from shapely import box

    with pytest.raises(ValueError, match="reference system"):
        compute_borders(gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]))
    for tolerance in (-1, float("nan")):
        with pytest.raises(ValueError, match="tolerance"):
            compute_borders(polygons, tolerance)


# The graph


def test_the_graph_holds_every_township_in_order_with_its_attributes():
    graph = adjacency_graph()
    assert list(graph) == list(townships())
    for name, data in graph.nodes(data=True):
        township = townships()[name]
        assert data == {
            "name": township.name,
            "county": township.county,
            "lon": township.lon,
            "lat": township.lat,
        }


def test_the_graph_holds_956_borders_and_19_links_in_order():
    graph = adjacency_graph()
    assert list(graph.edges) == sorted(graph.edges)
    kinds = [kind for _, _, kind in graph.edges(data="kind")]
    assert kinds.count("border") == 956
    assert len(kinds) == 956 + 19
    assert set(kinds) == {"border", *LINK_KINDS}


def test_edges_carry_the_km_of_the_shipped_table():
    graph = adjacency_graph()
    for row in read_embedded("borders.csv"):
        edge = graph.edges[row["a"], row["b"]]
        assert edge["km"] == float(row["km"])
        assert edge["shared_km"] == float(row["shared_km"]) > BORDER_TOLERANCE_KM
        assert (edge["kind"], edge["minutes"], edge["note"]) == ("border", None, "")
    for link in declared_links():
        edge = graph.edges[link.ends]
        assert (edge["km"], edge["minutes"]) == (link.km, link.minutes)
        assert edge["shared_km"] == 0
        assert edge["note"]


def test_the_graph_is_frozen_and_made_once():
    assert adjacency_graph() is adjacency_graph()
    with pytest.raises(nx.NetworkXError):
        adjacency_graph().add_edge("1", "2")


@pytest.mark.parametrize(
    ("case", "pieces"),
    [
        ("dongshi", ["潭子區", "東勢區 新社區 后里區 卓蘭鎮", "北區"]),
        ("wufeng", ["霧峰區 太平區 烏日區 東區 南區 西區 西屯區"]),
        ("taipei4", ["永和區", "新店區 深坑區 坪林區 石碇區 烏來區"]),
    ],
)
def test_the_territories_of_real_communities_fall_into_the_pieces_the_rules_count(case, pieces):
    cases = json.loads(shared_data("real_cases.json").read_text(encoding="utf-8"))["cases"]
    (found,) = [found for found in cases if found["id"].startswith(case)]
    stated = [find_township(name, "台北縣") for name in found.get("townships_stated", ())]
    schools = [find_township(school["town"], school["county"]) for school in found["schools"] if "town" in school]
    territory = adjacency_graph().subgraph([township.towncode for township in stated or schools])
    parts = nx.connected_components(territory)
    assert {frozenset(townships()[name].town for name in part) for part in parts} == {
        frozenset(piece.split()) for piece in pieces
    }


# Islands and links


def test_with_the_declared_links_nothing_is_an_island():
    assert islands(adjacency_graph()) == ()


def test_without_links_the_islands_are_found_by_name_largest_first():
    found = islands(adjacency_graph(links=False))
    assert len(found) == 15
    assert [len(island.towncodes) for island in found] == [4, 2, *[1] * 13]
    assert found[0].names == ("金門縣金城鎮", "金門縣金沙鎮", "金門縣金湖鎮", "金門縣金寧鄉")
    assert str(found[1]) == "澎湖縣馬公市、澎湖縣湖西鄉"
    assert 368 - sum(len(island.towncodes) for island in found) == 349


def test_every_island_township_has_a_link_with_a_note_that_says_what_it_rests_on():
    linked = {end for link in declared_links() for end in link.ends}
    for name in ISLAND_TOWNSHIPS.split():
        assert code(name) in linked, name
    for row in read_embedded("links.csv"):
        assert row["kind"] in LINK_KINDS
        assert row["strength"] in {"attested", "weak", "inferred"}
        assert row["note"]
        assert townships()[row["a"]].name == row["a_name"]
        assert townships()[row["b"]].name == row["b_name"]
        assert row["a"] < row["b"]


def test_a_link_is_as_long_as_its_way_over_the_harbours():
    for row in read_embedded("links.csv"):
        a, b = townships()[row["a"]], townships()[row["b"]]
        via = [tuple(map(float, point.split())) for point in row["via"].split(";") if point]
        way = [(a.lon, a.lat), *via, (b.lon, b.lat)]
        km = sum(great_circle_km(*one, *two) for one, two in pairwise(way))
        assert float(row["km"]) == pytest.approx(km, abs=0.001)


def test_no_shipped_link_doubles_a_border():
    assert not {link.ends for link in declared_links()} & set(adjacency_graph(links=False).edges)


def test_a_users_link_joins_replaces_and_falls_back_to_the_great_circle():
    matsu, keelung = code("連江縣南竿鄉"), code("基隆市中正區")
    joined = adjacency_graph(extra_links=[DeclaredLink(keelung, matsu, "ferry", minutes=480, note="ours")])
    edge = joined.edges[matsu, keelung]
    assert edge["km"] == pytest.approx(great_circle_km(119.9344, 26.15545, *_lonlat(keelung)), abs=0.001)
    assert (edge["kind"], edge["minutes"], edge["note"]) == ("ferry", 480, "ours")
    ends = (code("屏東縣東港鎮"), code("屏東縣琉球鄉"))
    assert adjacency_graph(extra_links=[DeclaredLink(*ends, "ferry", km=99.0)]).edges[ends]["km"] == 99.0


def _lonlat(towncode: str) -> tuple[float, float]:
    return townships()[towncode].lon, townships()[towncode].lat


def test_a_link_between_adjoining_townships_only_leaves_its_note():
    nodes = squares((120.0, 23.0), (120.1, 23.0))
    graph = build_graph(nodes, {("1", "0"): 2.0}, [DeclaredLink("0", "1", "bridge", km=50.0, note="new")])
    edge = graph.edges["0", "1"]
    assert (edge["kind"], edge["shared_km"], edge["note"]) == ("border", 2.0, "new")
    assert edge["km"] == pytest.approx(10.24, abs=0.01)


def test_a_link_to_nowhere_and_two_links_with_the_same_ends_are_refused():
    with pytest.raises(UnknownTownship) as caught:
        adjacency_graph(extra_links=[DeclaredLink("99999999", code("臺北市大安區"), "ferry")])
    assert caught.value.text == "99999999"
    one, other = DeclaredLink("0", "1", "ferry"), DeclaredLink("1", "0", "air")
    with pytest.raises(ValueError, match="two links between 0 and 1"):
        build_graph(squares((120, 23), (121, 23)), {}, [one, other])
    with pytest.raises(ValueError, match="two links"):
        adjacency_graph(extra_links=[one, other])


@pytest.mark.parametrize(
    "bad",
    [
        {"b": "1"},
        {"a": ""},
        {"kind": "border"},
        {"km": 0.0},
        {"km": -1.0},
        {"km": float("nan")},
        {"km": float("inf")},
        {"minutes": 0.0},
    ],
)
def test_a_link_that_cannot_be_is_refused(bad):
    with pytest.raises(ValueError):
        DeclaredLink(**{"a": "1", "b": "2", "kind": "ferry", **bad})


def test_of_equal_parts_the_one_with_the_smallest_code_is_the_mainland():
    graph = build_graph(squares((120, 23), (121, 23)), {})
    assert [island.towncodes for island in islands(graph)] == [("1",)]
    assert islands(build_graph([], {})) == ()
