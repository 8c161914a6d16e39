"""Layers for map programs: valid, the same in both files, the same each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import shapely

from assigner.messages import language_set
from assigner.planner import solve
from assigner.report.layers import LAYERS, geojson_text, gpkg_bytes, layers_of
from assigner.scenario import scenario_of
from assigner.scenario.example import collision, example
from tests.communities import plain_problem


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1), price=False)


@pytest.fixture
def read(tmp_path):
    """Read both files back as geopandas does: layer -> frame, for each."""
    import geopandas as gpd

    def back(result):
        (tmp_path / "plan.geojson").write_text(geojson_text(result), encoding="utf-8", newline="\n")
        (tmp_path / "plan.gpkg").write_bytes(gpkg_bytes(result))
        whole = gpd.read_file(tmp_path / "plan.geojson")
        one = {layer: whole[whole["layer"] == layer] for layer in LAYERS}
        two = {layer: gpd.read_file(tmp_path / "plan.gpkg", layer=layer) for layer in LAYERS}
        return one, two

    return back


def positions(value):
    if isinstance(value[0], int | float):
        yield value
    else:
        for part in value:
            yield from positions(part)


def test_both_files_hold_the_same(nine, read):
    one, two = read(nine)
    task = nine.problem
    expected = {
        "territory": len(nine.scenario.territory),
        "schools": len(task.community.schools),
        "junior_highs": len(task.community.demand_points),
        "nearest_hosts": 4 * len(task.community.demand_points),
        "links": 0,
    }
    assert {layer: len(frame) for layer, frame in one.items()} == expected
    assert {layer: len(frame) for layer, frame in two.items()} == expected
    for layer in LAYERS:
        assert two[layer].crs.to_epsg() == 4326
        for column in two[layer].columns:
            if column != "geometry" and expected[layer]:
                assert one[layer][column].tolist() == two[layer][column].tolist(), (layer, column)
        near = [a.equals_exact(b, 1e-6) for a, b in zip(one[layer].geometry, two[layer].geometry, strict=True)]
        assert all(near)


def test_the_layers_say_what_the_plan_says(nine, read):
    _one, two = read(nine)
    hosted = {row.code: row.items_ for row in two["schools"].rename(columns={"items": "items_"}).itertuples()}
    units = nine.assignment.units_of(nine.plan.rules)
    assert hosted == {code: " ".join(units.get(code, ())) for code in nine.problem.participants}
    assert two["schools"].set_index("code").loc[nine.plan.convener, "role"] == "convener"
    distances = nine.problem.distances
    for row in two["nearest_hosts"].itertuples():
        hosts = nine.assignment.hosts_of(row.item)
        steps = distances.from_demand[distances.row[f"J{row.jh_code}"]]
        assert row.host_code in hosts
        assert round(row.distance * 10) == min(steps[distances.column[code]] for code in hosts)
    point = two["junior_highs"].iloc[0]
    line = two["nearest_hosts"].query("jh_code == @point.code and item == '4.4.career'").iloc[0]
    assert (point["host_4_4_career"], point["dist_4_4_career"]) == (line.host_code, line.distance)
    assert shapely.Point(line.geometry.coords[0]).equals_exact(point.geometry, 1e-6)


def test_the_geojson_keeps_to_its_standard(nine):
    document = json.loads(geojson_text(nine))
    assert set(document) == {"type", "features"}
    for feature in document["features"]:
        assert set(feature) == {"type", "properties", "geometry"}
        assert feature["geometry"]["type"] == LAYERS[feature["properties"]["layer"]]
        for lon, lat in positions(feature["geometry"]["coordinates"]):
            assert 118 < lon < 123
            assert 21 < lat < 27
        if feature["geometry"]["type"] == "MultiPolygon":
            for outer, *inner in feature["geometry"]["coordinates"]:
                assert shapely.LinearRing(outer).is_ccw
                assert not any(shapely.LinearRing(ring).is_ccw for ring in inner)
            assert shapely.geometry.shape(feature["geometry"]).is_valid


def test_columns_are_short_and_ascii_and_codes_are_text(nine):
    for layer, frame in layers_of(nine).items():
        for column in frame.columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]{0,19}", column), (layer, column)
        for column in (c for c in frame.columns if c in ("code", "towncode", "jh_code", "host_code")):
            assert all(isinstance(value, str) for value in frame[column])


def test_leading_zeros_survive():
    schools = [{"code": f"00000{k}", "name": "甲\"<b>', 高中", "township": "臺中市東勢區"} for k in range(3)]
    data = {"schema_version": 1, "id": "z", "name": "z", "rulebook": "111", "convener": "choose", "schools": schools}
    result = solve(scenario_of(data), price=False)
    found = [
        f["properties"] for f in json.loads(geojson_text(result))["features"] if f["properties"]["layer"] == "schools"
    ]
    assert [row["code"] for row in found] == ["000000", "000001", "000002"]
    assert found[0]["name"] == "甲\"<b>', 高中"
    assert not any(row["exact"] for row in found)


def test_equal_answers_give_equal_bytes(nine):
    with language_set("zh-TW"):
        again = solve(example(9, 1), price=False)
        assert geojson_text(again) == geojson_text(nine)
        assert gpkg_bytes(again) == gpkg_bytes(nine)


def test_a_plan_that_does_not_exist_leaves_layers_without_hosts(read):
    one, two = read(solve(collision(), price=False))
    for layers in (one, two):
        assert len(layers["schools"]) == 4
        assert len(layers["nearest_hosts"]) == 0
    assert set(two["schools"]["items"].fillna("")) == {""}


def test_without_a_scenario_nothing_has_a_place(nine):
    from assigner.planner import solve_problem

    result = solve_problem(plain_problem(5), price=False)
    features = json.loads(geojson_text(result))["features"]
    assert all(feature["geometry"] is None for feature in features)
    assert gpkg_bytes(result)[:15] == b"SQLite format 3"
    assert len(layers_of(replace(nine, scenario=None))["territory"]) == 0


def test_island_links_are_a_layer(read):
    schools = [{"code": "900301", "name": "範例高中", "township": "連江縣南竿鄉"}]
    points = [{"code": "900001", "name": "東引國中", "township": "連江縣東引鄉", "pupils": {8: 9}}]
    data = {"schema_version": 1, "id": "i", "name": "i", "rulebook": "111", "convener": "choose"}
    _one, two = read(solve(scenario_of(data | {"schools": schools, "junior_highs": points}), price=False))
    assert two["links"]["kind"].tolist() == ["ferry"]
    assert two["links"].geometry.iloc[0].length > 0.3
