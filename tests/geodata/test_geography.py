"""A geography from any file of polygons; the shipped one is one of them."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.ops import split

import geodata
from geodata import adjacency_graph, find_township, great_circle_km, place_address
from geodata.adjacency import DeclaredLink, declared_links, islands
from geodata.geography import (
    Geography,
    GeographyError,
    NoPolygons,
    embedded,
    geography_from_polygons,
    read_geography,
)
from geodata.locating import km_outside, township_at
from geodata.townships import AmbiguousTownship, UnknownTownship, load_polygons, townships
from geodata.travel import Place, travel_km

ROOT = Path(geodata.__file__).resolve().parents[1]
SHAPEFILE = "ESRI Shapefile"
COUNTY = "範例縣"
EAST, NORTH = 121.0, 23.5


def square(column, row=0, size=0.1):
    west, south = EAST + size * column, NORTH + size * row
    return box(west, south, west + size, south + size)


def table(*shapes, crs=4326, **columns):
    """Give polygons with a code, a county and the names 甲鄉, 乙鄉, 丙鄉 ..."""
    names = [f"{letter}鄉" for letter in "甲乙丙丁戊己庚辛壬癸"[: len(shapes)]]
    codes = [f"900000{k}0" for k in range(1, len(shapes) + 1)]
    rows = {"TOWNCODE": codes, "COUNTYNAME": [COUNTY] * len(shapes), "TOWNNAME": names} | columns
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=crs)


def faults(frame, **options):
    with pytest.raises(GeographyError) as caught:
        geography_from_polygons(frame, **options)
    assert str(caught.value)
    return {finding.code: finding for finding in caught.value.findings}


def file_fault(path, **options):
    with pytest.raises(GeographyError) as caught:
        read_geography(path, **options)
    (finding,) = caught.value.findings
    return finding


@pytest.fixture(scope="module")
def polygons():
    return load_polygons()


@pytest.fixture(scope="module")
def projected(polygons, tmp_path_factory):
    """Give the shipped polygons as a user might have them: a GeoPackage in metres, with columns of other names."""
    path = tmp_path_factory.mktemp("own") / "towns.gpkg"
    own = polygons.reset_index().rename(columns={"TOWNCODE": "代碼", "COUNTYNAME": "縣市", "TOWNNAME": "鄉鎮"})
    own.sample(frac=1, random_state=1).to_crs(3826).to_file(path, layer="界線")
    return read_geography(path, key="代碼", county="縣市", town="鄉鎮", layer="界線")


# --- the shipped one -----------------------------------------------------------------------------------------


def test_the_public_functions_are_those_of_the_shipped_geography():
    ours = embedded()
    assert ours is embedded()
    assert dict(ours.townships) == dict(townships())
    assert ours.graph() is adjacency_graph() is ours.graph([], links=True)
    assert ours.graph(links=False) is adjacency_graph(links=False)
    assert ours.links == declared_links()
    assert ours.find("東勢鎮") is find_township("東勢鎮")
    assert ours.place_address("[404]臺中市北區三民路") is place_address("[404]臺中市北區三民路")
    assert ours.township_at(120.686368, 24.149752) == township_at(120.686368, 24.149752) == ("66000050", 0.0)
    assert ours.km_outside("66000100", 120.686368, 24.149752) == km_outside("66000100", 120.686368, 24.149752) > 5
    assert ours.attribution == geodata.ATTRIBUTION
    assert (ours.is_embedded, ours.has_polygons, ours.findings) == (True, True, ())
    assert list(ours.polygons().index) == list(townships())


def test_the_shipped_one_needs_no_library_for_maps():
    code = (
        "import sys; from geodata.geography import embedded; g = embedded(); g.graph(); g.township_at(120.7, 24.1)"
        "; g.hash"
        "\nprint([n for n in ('pandas', 'geopandas', 'shapely', 'pyproj', 'pyogrio') if n in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"


@given(st.floats(119.0, 122.2), st.floats(21.5, 26.5))
def test_the_nearest_township_is_found_without_looking_at_all(lon, lat):
    ways = {code: embedded().km_outside(code, lon, lat) for code in townships()}
    nearest = min(ways, key=lambda code: (ways[code], code))
    found, km = embedded().township_at(lon, lat)
    assert km == ways[nearest]
    assert found == nearest or ways[found] == 0  # a point on a border


# --- the same polygons from a file ---------------------------------------------------------------------------


def test_the_same_polygons_in_metres_give_the_same_geography(projected):
    ours = embedded()
    assert projected.findings == ()
    assert list(projected.townships) == list(ours.townships)
    for code, township in projected.townships.items():
        same = ours.townships[code]
        assert township.name == same.name
        assert float(great_circle_km(township.lon, township.lat, same.lon, same.lat)) < 0.005
        assert township.area_km2 == pytest.approx(same.area_km2, rel=1e-3)
    assert len(projected.borders) == 956
    assert list(projected.borders) == list(ours.borders)
    assert projected.borders == pytest.approx(dict(ours.borders), abs=0.002)
    assert projected.links == declared_links()
    assert set(projected.graph().edges) == set(ours.graph().edges)
    assert islands(projected.graph()) == ()


def test_travel_over_the_same_polygons_is_the_same(projected):
    codes = list(townships())[::9]
    places = [Place(code, code) for code in codes]
    ours, theirs = (travel_km(places, places, g.graph()).values for g in (embedded(), projected))
    assert theirs == pytest.approx(ours, rel=1e-3)


def test_points_lie_where_they_lie_on_the_shipped_map(projected):
    for code, township in list(townships().items())[::7]:
        assert projected.township_at(township.lon, township.lat) == (code, 0.0)
        assert projected.km_outside("66000100", township.lon, township.lat) == pytest.approx(
            km_outside("66000100", township.lon, township.lat), abs=0.005
        )


def test_names_and_addresses_are_found_on_a_map_of_ones_own(projected):
    assert projected.find("台中縣東勢鎮").towncode == "66000100"
    assert projected.place_address("[413]臺中市霧峰區四德路").name == "臺中市霧峰區"
    with pytest.raises(AmbiguousTownship):
        projected.find("北區")


@pytest.mark.parametrize("crs", [3824, 3826, 3828, 4326, 32651])
def test_reference_systems_do_not_matter(crs, polygons):
    some = polygons[polygons["COUNTYNAME"] == "嘉義市"].reset_index().to_crs(crs)
    own = geography_from_polygons(some)
    assert own.borders == pytest.approx({k: v for k, v in embedded().borders.items() if k in own.borders}, abs=0.05)
    for code, township in own.townships.items():
        same = townships()[code]
        assert float(great_circle_km(township.lon, township.lat, same.lon, same.lat)) < 0.02


@pytest.mark.parametrize("driver", ["GeoJSON", "GPKG", "FlatGeobuf", SHAPEFILE, "TopoJSON", "zip"])
def test_formats_do_not_matter(driver, polygons, tmp_path):
    some = polygons[polygons["COUNTYNAME"] == "澎湖縣"].reset_index()
    if driver == "TopoJSON":
        path = ROOT / "geodata" / "data" / "townships.topojson"
    elif driver == "zip":
        some.to_file(tmp_path / "towns.shp", driver=SHAPEFILE, encoding="utf-8")
        path = tmp_path / "towns.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("towns.*"):
                if part.suffix != ".zip":
                    archive.write(part, part.name)
    else:
        ending = {"GeoJSON": "geojson", "GPKG": "gpkg", "FlatGeobuf": "fgb", SHAPEFILE: "shp"}[driver]
        path = tmp_path / f"towns.{ending}"
        some.to_file(path, driver=driver)
    own = read_geography(path)
    assert own.name == path.name
    assert own.find("馬公").name == "澎湖縣馬公市"
    assert ("10016010", "10016020") in own.borders
    assert {link.ends for link in own.links} >= {("10016010", "10016050")}


@pytest.mark.parametrize("stated", [True, False], ids=["cpg", "no cpg"])
@pytest.mark.parametrize("encoding", [None, "cp950", "big5"])
def test_big5_in_a_shapefile_is_read_whether_it_is_stated_or_not(encoding, stated, polygons, tmp_path):
    path = tmp_path / "鄉鎮.shp"
    own = polygons[polygons["COUNTYNAME"] == "臺中市"].reset_index().rename(columns={"TOWNNAME": "鄉鎮名"})
    own.to_file(path, driver=SHAPEFILE, encoding="cp950")
    if not stated:
        path.with_suffix(".cpg").unlink()
    found = read_geography(path, town="鄉鎮名", encoding=encoding)
    assert found.find("東勢").name == "臺中市東勢區"
    guessed = [finding.values["encoding"] for finding in found.findings if finding.code == "guessed_encoding"]
    assert guessed == ([] if stated or encoding else ["cp950"])


def test_a_wrong_encoding_is_refused(polygons, tmp_path):
    path = tmp_path / "towns.shp"
    polygons.head(3).reset_index().to_file(path, driver=SHAPEFILE, encoding="cp950")
    assert file_fault(path, encoding="utf-8").code == "encoding"
    assert file_fault(path, encoding="big-five").code == "unknown_encoding"


# --- other maps ----------------------------------------------------------------------------------------------


def test_an_earlier_year_has_its_own_counties(polygons):
    own = polygons[polygons["COUNTYNAME"].isin(["臺中市", "苗栗縣"])].reset_index()
    country = own["TOWNNAME"].isin(["東勢區", "新社區", "豐原區"]) & (own["COUNTYNAME"] == "臺中市")
    own.loc[country, "COUNTYNAME"] = "臺中縣"
    own.loc[country, "TOWNNAME"] = own.loc[country, "TOWNNAME"].str.replace("區", "鎮")
    earlier = geography_from_polygons(own)
    assert earlier.find("臺中縣東勢鎮").towncode == "66000100"
    assert earlier.find("東勢鎮").county == "臺中縣"
    assert earlier.place_address("臺中縣新社鎮興社街").name == "臺中縣新社鎮"
    with pytest.raises(UnknownTownship):
        earlier.find("臺中市東勢鎮")
    assert earlier.graph().number_of_edges() == adjacency_graph().subgraph(earlier.townships).number_of_edges() > 60


def test_links_are_found_by_name_where_the_codes_are_others(polygons):
    own = polygons.reset_index().assign(TOWNCODE=lambda frame: "Z" + frame["TOWNCODE"])
    other = geography_from_polygons(own)
    assert {(link.a[1:], link.b[1:], link.km) for link in other.links} == {
        (link.a, link.b, link.km) for link in declared_links()
    }
    part = geography_from_polygons(own[own["COUNTYNAME"] == "澎湖縣"])
    assert 0 < len(part.links) < len(declared_links())
    assert {end for link in part.links for end in link.ends} <= set(part.townships)
    assert islands(part.graph()) == ()
    assert len(islands(part.graph(links=False))) > 1


def test_a_link_of_the_user_joins_a_map_of_ones_own():
    own = geography_from_polygons(table(square(0), square(3)))
    assert [island.names for island in islands(own.graph())] == [("範例縣乙鄉",)]
    joined = own.graph([DeclaredLink("90000010", "90000020", "ferry", km=40.0)])
    assert joined.edges["90000010", "90000020"]["km"] == 40.0


def test_merging_counties_keeps_the_borders_between_them(polygons):
    merged = polygons.dissolve(by="COUNTYNAME").reset_index()
    merged["TOWNNAME"], merged["TOWNCODE"] = "全境", merged["COUNTYNAME"]
    own = geography_from_polygons(merged)
    between = {
        tuple(sorted((townships()[a].county, townships()[b].county)))
        for a, b in embedded().borders
        if townships()[a].county != townships()[b].county
    }
    assert set(own.borders) == between
    assert own.find("臺中市全境").towncode == "臺中市"


def test_the_hash_is_that_of_the_content(projected, polygons):
    some = polygons[polygons["COUNTYNAME"] == "嘉義市"].reset_index()
    one = geography_from_polygons(some, name="a")
    assert geography_from_polygons(some.iloc[::-1], name="b").hash == one.hash
    assert geography_from_polygons(some.assign(TOWNNAME=["甲區", "乙區"])).hash != one.hash
    assert len(one.hash) == 64


def test_codes_read_as_numbers_are_codes():
    frame = table(square(0), square(1), TOWNCODE=[9007010, 10002010.0])
    own = geography_from_polygons(frame)
    assert list(own.townships) == ["09007010", "10002010"]
    assert own.find("9007010").town == "甲鄉"


def test_one_read_back_from_a_plan_knows_names_only():
    own = Geography(embedded().townships.values(), name="x", stated_hash="0" * 64)
    assert own.find("東勢鎮").towncode == "66000100"
    assert (own.hash, own.has_polygons, own.is_embedded) == ("0" * 64, False, False)
    for use in (own.graph, own.polygons, lambda: own.borders, lambda: own.township_at(121, 24)):
        with pytest.raises(NoPolygons):
            use()


# --- what is mended ------------------------------------------------------------------------------------------


def test_a_polygon_that_crosses_itself_at_a_point_is_mended_and_named():
    bow = Polygon([(121.0, 23.5), (121.1, 23.6), (121.1, 23.5), (121.0, 23.6)])
    own = geography_from_polygons(table(square(1), bow))
    (finding,) = own.findings
    assert (finding.code, finding.townships) == ("mended_polygon", ("範例縣乙鄉",))
    assert own.polygons().is_valid.all()
    assert own.townships["90000020"].area_km2 == pytest.approx(own.townships["90000010"].area_km2 / 2, rel=0.01)
    assert own.borders == pytest.approx({("90000010", "90000020"): 11.07}, abs=0.1)


def test_parts_that_overlap_are_one_area():
    twice = MultiPolygon([box(121, 23.5, 121.06, 23.6), box(121.04, 23.5, 121.1, 23.6)])
    own = geography_from_polygons(table(twice, square(1)))
    assert [finding.code for finding in own.findings] == ["mended_polygon"]
    assert own.townships["90000010"].area_km2 == pytest.approx(own.townships["90000020"].area_km2, rel=1e-3)


def test_rows_of_one_township_are_put_together():
    frame = table(square(0), square(1), square(2))
    frame.loc[1, ["TOWNCODE", "TOWNNAME"]] = frame.loc[0, ["TOWNCODE", "TOWNNAME"]]
    own = geography_from_polygons(frame)
    (finding,) = own.findings
    assert (finding.code, finding.townships, finding.values["rows"]) == ("merged", ("範例縣甲鄉",), 2)
    assert list(own.townships) == ["90000010", "90000030"]
    assert list(own.borders) == [("90000010", "90000030")]


def test_cracks_and_slivers_between_neighbours_are_closed_and_named():
    crack = box(121.1001, 23.5, 121.2, 23.6)  # 10 m from 甲鄉, closed in by the others
    north, south = box(120.9, 23.6, 121.3, 23.7), box(120.9, 23.4, 121.3, 23.5)
    sliver = box(121.1999, 23.5, 121.3, 23.6)  # 10 m inside 乙鄉
    own = geography_from_polygons(table(square(0), crack, north, south, sliver))
    assert ("90000010", "90000020") in own.borders
    assert ("90000020", "90000050") in own.borders
    (finding,) = own.findings
    assert finding.code == "mended_borders"
    assert finding.townships == ("範例縣甲鄉", "範例縣戊鄉")  # one grew, the other gave way
    flat = own.polygons().to_crs(3826)
    assert shapely.coverage_is_valid(np.asarray(flat.geometry), gap_width=50)


def test_polygons_simplified_one_by_one_keep_the_graph(polygons):
    own = polygons[polygons["COUNTYNAME"].isin(["臺中市", "彰化縣", "南投縣"])].reset_index().to_crs(3826)
    inside = {pair for pair in embedded().borders if set(pair) <= set(own["TOWNCODE"])}
    apart = own.set_geometry(own.geometry.simplify(50))
    geography = geography_from_polygons(apart)
    assert set(geography.borders) == inside
    assert [finding.code for finding in geography.findings] == ["mended_borders"]


def test_other_geometries_beside_a_polygon_are_left_out():
    both = shapely.GeometryCollection([square(0), Point(121.3, 23.5), LineString([(121, 23), (122, 23)])])
    own = geography_from_polygons(table(both, square(1)))
    assert own.findings == ()
    assert own.townships["90000010"].lon == pytest.approx(121.05, abs=1e-4)


# --- what is refused, by name --------------------------------------------------------------------------------


def test_faults_of_the_table_come_together():
    found = faults(
        table(
            *map(square, range(8)),
            TOWNCODE=["1", "1", "3", "4", None, "6", "7", "7"],
            TOWNNAME=["甲鄉", "乙鄉", "丙鄉", "丙鄉", "戊鄉", " ", "庚鄉", "庚鄉"],
        )
    )
    assert set(found) == {"duplicate_key", "duplicate_name", "no_key", "no_name"}
    assert (found["duplicate_key"].townships, found["duplicate_key"].values["keys"]) == (
        ("範例縣甲鄉", "範例縣乙鄉"),
        ("1",),
    )
    assert (found["duplicate_name"].townships, found["duplicate_name"].values["keys"]) == (("範例縣丙鄉",), ("3", "4"))
    assert (found["no_key"].townships, found["no_key"].values["rows"]) == (("範例縣戊鄉",), (5,))
    assert found["no_name"].values["rows"] == (6,)


@pytest.mark.parametrize("shape", [None, Polygon(), Point(121, 23.5), LineString([(121, 23), (122, 23)])])
def test_a_township_without_a_polygon_is_named(shape):
    assert faults(table(square(0), shape))["no_polygon"].townships == ("範例縣乙鄉",)


@pytest.mark.parametrize(
    "shape",
    [
        Polygon([(121.0, 23.5), (121.1, 23.5), (121.05, 23.5)]),
        Polygon(
            [(121 + x / 99, 23.5 + y / 99) for x, y in ((0, 0), (9, 0), (9, 6), (2, 6), (2, 2), (7, 2), (7, 9), (0, 9))]
        ),
    ],
    ids=["flat", "over itself"],
)
def test_a_polygon_whose_area_is_unclear_is_named(shape):
    assert faults(table(square(5), shape))["broken_polygon"].townships == ("範例縣乙鄉",)


def test_rows_of_one_township_that_enclose_nothing_together_are_named():
    flat = Polygon([(121.0, 23.5), (121.1, 23.5), (121.05, 23.5)])
    twice = {"TOWNCODE": ["90000010"] * 2, "TOWNNAME": ["甲鄉"] * 2}
    for crs in (4326, None):
        assert faults(table(flat, flat, crs=crs, **twice))["broken_polygon"].townships == ("範例縣甲鄉",)


def test_townships_that_overlap_are_named_in_pairs():
    found = faults(table(square(0), box(121.05, 23.5, 121.2, 23.6), square(2)))["overlap"]
    assert found.townships == ("範例縣甲鄉", "範例縣乙鄉")
    assert found.values["km2"] == (pytest.approx(56.5, abs=0.2),)


def test_an_overlap_as_narrow_as_a_crack_is_none_however_small_the_townships():
    narrow = box(121.0096, 23.5, 121.02, 23.51)  # 41 m of 甲鄉, 4 % of it
    own = geography_from_polygons(table(box(121, 23.5, 121.01, 23.51), narrow))
    assert [finding.code for finding in own.findings] == ["mended_borders"]
    assert own.borders == pytest.approx({("90000010", "90000020"): 1.107}, abs=0.05)
    wide = box(121.0093, 23.5, 121.02, 23.51)
    assert set(faults(table(box(121, 23.5, 121.01, 23.51), wide))) == {"overlap"}


def test_metres_without_a_reference_system_are_refused_unless_it_is_stated():
    frame = table(square(0), square(1)).to_crs(3826).set_crs(None, allow_override=True)
    assert set(faults(frame)) == {"no_crs"}
    assert faults(frame, crs="EPSG:999999")["unknown_crs"].values["crs"] == "EPSG:999999"
    own = geography_from_polygons(frame, crs="EPSG:3826")
    assert own.townships["90000010"].lon == pytest.approx(121.05, abs=1e-4)
    degrees = table(square(0), crs=None)
    assert geography_from_polygons(degrees).townships["90000010"].lat == pytest.approx(23.55, abs=1e-4)


@pytest.mark.parametrize("crs", [4326, 3824])
def test_townships_elsewhere_are_named(crs):
    away = faults(table(square(0), box(12, 50, 12.1, 50.1), crs=crs))["not_in_taiwan"]
    assert (away.townships, away.values["swapped"]) == (("範例縣乙鄉",), False)
    turned = shapely.transform(square(0), lambda points: points[:, ::-1])
    assert faults(table(turned, crs=crs))["not_in_taiwan"].values["swapped"] is True


def test_an_islet_far_away_is_no_fault():
    islet = box(114.36, 10.37, 114.37, 10.38)  # as 太平島 of 旗津區
    own = geography_from_polygons(table(MultiPolygon([square(0), islet]), square(1)))
    assert own.townships["90000010"].lon == pytest.approx(121.05, abs=1e-4)


def test_files_that_are_no_map_are_told_apart(polygons, tmp_path):
    assert file_fault(tmp_path / "none.gpkg").code == "missing_file"
    assert file_fault(tmp_path / ("x" * 5000)).code == "missing_file"
    (tmp_path / "text.shp").write_text("鄉鎮市區", encoding="utf-8")
    assert file_fault(tmp_path / "text.shp").code == "not_a_map"
    (tmp_path / "cut.gpkg").write_bytes(b"SQLite format 3\0" + b"\0" * 400)
    assert file_fault(tmp_path / "cut.gpkg").code == "not_a_map"
    (tmp_path / "empty.geojson").write_text("", encoding="utf-8")
    assert file_fault(tmp_path / "empty.geojson").code == "not_a_map"
    (tmp_path / "table.csv").write_text("TOWNCODE,COUNTYNAME,TOWNNAME\n1,a,b\n", encoding="utf-8")
    assert file_fault(tmp_path / "table.csv").code == "no_geometry"
    none = {"type": "FeatureCollection", "features": []}
    (tmp_path / "none.geojson").write_text(json.dumps(none), encoding="utf-8")
    with pytest.raises(GeographyError) as caught:
        read_geography(tmp_path / "none.geojson")
    assert {finding.code for finding in caught.value.findings} == {"no_column"}
    assert set(faults(table())) == {"no_rows"}


ENCODINGS = ["undefined", "a\0b", "hex", "rot13", "no-such", "punycode", "idna", "unicode_escape"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_whatever_stands_for_the_encoding_it_is_read_or_refused(encoding, polygons, tmp_path):
    path = tmp_path / "t.shp"
    polygons.head(2).reset_index().to_file(path, driver=SHAPEFILE, encoding="utf-8")
    try:
        read_geography(path, encoding=encoding)
    except GeographyError as error:
        assert {finding.code for finding in error.findings} <= {"encoding", "unknown_encoding", "no_column"}


@pytest.mark.parametrize(
    "crs", ["+proj=lonlat +a=1", "EPSG:5703", "EPSG:4978", "+proj=geocent", "a\0b", 'LOCAL_CS["x"]', "EPSG:999999"]
)
def test_whatever_stands_for_the_reference_system_it_is_used_or_refused(crs):
    try:
        geography_from_polygons(table(square(0), square(1)), crs=crs)
    except GeographyError as error:
        assert {finding.code for finding in error.findings} <= {"unknown_crs", "crs", "not_in_taiwan"}


@pytest.mark.filterwarnings("ignore:Field year created as String")
@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "fgb"])
def test_a_damaged_map_is_read_or_refused(ending, polygons, tmp_path):
    drivers = {"geojson": "GeoJSON", "gpkg": "GPKG", "shp": SHAPEFILE, "fgb": "FlatGeobuf"}
    some = polygons.head(1).reset_index().assign(year=pd.Timestamp(2022, 6, 3))
    some.geometry = some.geometry.simplify(0.1)
    some.to_file(tmp_path / f"t.{ending}", driver=drivers[ending])
    parts = {path: path.read_bytes() for path in tmp_path.glob("t.*") if path.suffix != ".cpg"}
    rng = random.Random(7)
    for _ in range(25):
        for path, whole in parts.items():
            data = bytearray(whole)
            for _ in range(rng.choice((0, 1, 8, 40))):
                data[rng.randrange(len(data))] = rng.randrange(256)
            path.write_bytes(data)
        try:
            read_geography(tmp_path / f"t.{ending}")
        except GeographyError as error:
            assert error.findings


@pytest.mark.parametrize("name", ["t.geojson", "t.vrt", "t.shp", "t.csv", "t.zip"])
@pytest.mark.parametrize("before", ["", "  ", '{"type": "FeatureCollection"}'])
def test_a_file_that_only_names_another_is_no_map(name, before, polygons, tmp_path):
    polygons.head(2).reset_index().to_file(tmp_path / "other.gpkg")
    assert read_geography(tmp_path / "other.gpkg").townships
    source = f"<SrcDataSource>{tmp_path / 'other.gpkg'}</SrcDataSource>"
    text = f'{before}<OGRVRTDataSource><OGRVRTLayer name="other">{source}</OGRVRTLayer></OGRVRTDataSource>'
    if name == "t.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("t.vrt", text)
    else:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert file_fault(tmp_path / name).code == "not_a_map"


def test_layers_and_columns_that_are_not_there_are_answered_with_those_that_are(polygons, tmp_path):
    path = tmp_path / "two.gpkg"
    some = polygons.head(2).reset_index()
    for layer in ("towns", "villages"):
        some.to_file(path, layer=layer)
    assert file_fault(path).values["layers"] == ("towns", "villages")
    missing = file_fault(path, layer="counties")
    assert (missing.code, missing.values["layers"]) == ("no_layer", ("towns", "villages"))
    column = file_fault(path, layer="towns", key="TOWNID")
    assert column.code == "no_column"
    assert column.values == {"role": "key", "column": "TOWNID", "columns": ("TOWNCODE", "COUNTYNAME", "TOWNNAME")}
    assert len(read_geography(path, layer="towns").townships) == 2


def test_a_shapefile_that_lost_its_parts_gives_no_traceback(polygons, tmp_path):
    for lost in (".shx", ".dbf", ".prj"):
        folder = tmp_path / lost[1:]
        folder.mkdir()
        polygons.head(2).reset_index().to_file(folder / "t.shp", driver=SHAPEFILE, encoding="utf-8")
        (folder / f"t{lost}").unlink()
        try:
            assert len(read_geography(folder / "t.shp").townships) == 2
        except GeographyError as error:
            assert {finding.code for finding in error.findings} <= {"not_a_map", "no_column"}


# --- any cut -------------------------------------------------------------------------------------------------


@given(st.floats(0.15, 0.85), st.floats(0.15, 0.85), st.sampled_from([4326, 3826]))
def test_a_township_cut_in_two_adjoins_itself_and_shares_its_neighbours(where, there, crs):
    middle = square(1)
    west, south, east, north = middle.bounds
    line = LineString([(west + where * 0.1, south - 1), (west + there * 0.1, north + 1)])
    foot, head = (line.intersection(LineString([(west, y), (east, y)])) for y in (south, north))
    left, right = sorted(split(middle, line).geoms, key=lambda part: part.centroid.x)
    below, above = square(1, -1), square(1, 1)
    whole = geography_from_polygons(table(square(0), middle, square(2), below, above).to_crs(crs))
    cut = geography_from_polygons(table(square(0), left, square(2), below, above, right).to_crs(crs))
    one, other = "90000020", "90000060"
    apart = {pair for pair in whole.borders if one not in pair}
    assert {pair for pair in cut.borders if one not in pair and other not in pair} == apart
    expected = {(one, other), ("90000010", one), ("90000030", other)}
    expected |= {tuple(sorted((part, side))) for part in (one, other) for side in ("90000040", "90000050")}
    assert set(cut.borders) - apart == expected
    assert cut.borders[one, other] == pytest.approx(great_circle_km(foot.x, foot.y, head.x, head.y), rel=0.01)
    for side in ("90000040", "90000050"):
        parts = sum(cut.borders[tuple(sorted((part, side)))] for part in (one, other))
        assert parts == pytest.approx(whole.borders[tuple(sorted((one, side)))], abs=0.01)
    for part in (left, right):
        point = part.representative_point()
        assert cut.township_at(point.x, point.y) == (one if part is left else other, 0.0)


POINTS = st.tuples(
    st.sampled_from([120.9, 121.0, 121.05, 121.1, 121.2, 300.0]), st.sampled_from([23.4, 23.5, 23.6, -95.0])
)
SHAPES = st.one_of(
    st.none(),
    st.sampled_from([Polygon(), Point(121, 23.5), MultiPolygon(), shapely.GeometryCollection([Point(0, 0)])]),
    st.integers(0, 3).map(square),
    st.lists(POINTS, min_size=3, max_size=7).map(Polygon),
    st.lists(st.lists(POINTS, min_size=3, max_size=5).map(Polygon), min_size=1, max_size=3).map(MultiPolygon),
)
CELLS = st.one_of(
    st.none(), st.text(max_size=3), st.integers(-5, 10**8), st.floats(), st.sampled_from(["甲鄉", "乙鄉", " "])
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, SHAPES), max_size=5)


@given(
    ROWS,
    st.booleans(),
    st.sampled_from([None, 4326, 3826, 3824]),
    st.sampled_from([None, "EPSG:3826", "x", "EPSG:4326"]),
)
@pytest.mark.filterwarnings("ignore")
def test_whatever_stands_in_a_table_it_is_read_or_refused(rows, named, crs, stated):
    if named:  # so that the polygons are looked at
        rows = [(str(k), COUNTY, f"{k}鄉", row[3]) for k, row in enumerate(rows)]
    values = [*zip(*rows, strict=True)] or [()] * 4
    columns = dict(zip(("TOWNCODE", "COUNTYNAME", "TOWNNAME", "geometry"), values, strict=True))
    frame = gpd.GeoDataFrame({name: list(values) for name, values in columns.items()}, geometry="geometry", crs=crs)
    try:
        own = geography_from_polygons(frame, crs=stated)
    except GeographyError as error:
        assert error.findings and str(error)
    else:
        assert own.graph().number_of_nodes() == len(own.townships) > 0
        assert own.polygons().is_valid.all()
        assert all(t.area_km2 >= 0 and own.find(t.towncode) is t for t in own.townships.values())
        assert len(own.hash) == 64


def test_the_folder_of_a_file_is_left_as_it_was(polygons, tmp_path):
    path = tmp_path / "t.shp"
    polygons.head(2).reset_index().to_file(path, driver=SHAPEFILE, encoding="utf-8")
    before = {part.name: part.read_bytes() for part in tmp_path.iterdir()}
    read_geography(path)
    shutil.copy(path, tmp_path / "copy.shp")
    (tmp_path / "copy.shp").unlink()
    assert {part.name: part.read_bytes() for part in tmp_path.iterdir()} == before
