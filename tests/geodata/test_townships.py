from __future__ import annotations

import pickle
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geography import embedded
from geodata.names import FORMER_COUNTIES, former_names, normalise
from geodata.townships import (
    AmbiguousTownship,
    UnknownTownship,
    find_township,
    load_polygons,
    measure_townships,
    place_address,
    townships,
)
from tests.shared_data import shared_rows

ALL = tuple(townships().values())
any_township = st.sampled_from(ALL)


@pytest.fixture(scope="module")
def polygons():
    return load_polygons()


def test_polygons_read_without_geopandas_are_the_same(polygons):
    shapes = embedded().shapes()
    assert list(shapes) == list(polygons.index)
    assert all(shapes[code].equals_exact(shape, 0) for code, shape in polygons.geometry.items())
    with pytest.raises(TypeError):
        shapes["65000010"] = None


# The table


def test_there_are_368_townships_in_22_counties_in_the_order_of_their_codes():
    assert len(ALL) == 368
    assert len({t.county for t in ALL}) == 22
    assert list(townships()) == sorted(t.towncode for t in ALL)
    assert all(len(code) == 8 and code.isdigit() for code in townships())
    assert len({t.name for t in ALL}) == 368


def test_names_are_written_with_the_official_character():
    assert not [t.name for t in ALL if "台" in t.name]
    assert {"臺北市", "臺中市", "臺南市", "臺東縣"} <= {t.county for t in ALL}
    assert {"霧臺鄉", "臺西鄉", "臺東市"} <= {t.town for t in ALL}


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        townships()["1"] = ALL[0]


def test_names_agree_with_the_ministrys_lists():
    ours = {(t.county, t.town) for t in ALL}
    for name in ("high_geo.csv", "junior_110.csv", "university_geo.csv"):
        assert {(row["county"], row["town"]) for row in shared_rows(name)} <= ours, name


# Finding by name


@given(any_township)
def test_a_township_is_found_by_its_code_and_its_full_name(township):
    assert find_township(township.towncode) is township
    assert find_township(township.name) is township
    assert find_township(township.town, township.county) is township


@given(any_township, st.sampled_from(["", " ", "\u3000", "\u200b"]), st.booleans(), st.booleans())
def test_blanks_variants_and_full_width_forms_do_not_matter(township, blank, variant, code):
    text = blank.join(township.towncode if code else township.name)
    if variant:
        text = text.replace("臺", "台")
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    assert find_township(f"{blank}{text}{blank}") is township


@given(any_township)
def test_a_shortened_name_finds_the_township_or_names_it_among_the_candidates(township):
    if len(township.town) > 2:
        assert find_township(township.town[:-1], township.county) is township
        assert find_township(township.county[:-1] + township.town[:-1]) in ALL
        try:
            assert find_township(township.town[:-1]) is township
        except AmbiguousTownship as error:
            assert township in error.candidates


@given(any_township)
def test_a_former_name_never_finds_another_township_of_the_county(township):
    for county in (township.county, *(old for old, new in FORMER_COUNTIES.items() if new == township.county)):
        for name in former_names(township.county, township.town):
            assert find_township(county + name) is township


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("臺北縣新店市", "新北市新店區"),
        ("新店市", "新北市新店區"),
        ("太平市", "臺中市太平區"),
        ("台中縣東勢鎮", "臺中市東勢區"),
        ("東勢鎮", "臺中市東勢區"),
        ("東勢鄉", "雲林縣東勢鄉"),
        ("大安鄉", "臺中市大安區"),
        ("桃園縣桃園市", "桃園市桃園區"),
        ("桃園縣平鎮市", "桃園市平鎮區"),
        ("臺南縣新市鄉", "臺南市新市區"),
        ("高雄縣三民鄉", "高雄市那瑪夏區"),
        ("三民鄉", "高雄市那瑪夏區"),
        ("三民區", "高雄市三民區"),
        ("臺南市西區", "臺南市中西區"),
        ("頭份鎮", "苗栗縣頭份市"),
        ("員林鎮", "彰化縣員林市"),
        ("台東市", "臺東縣臺東市"),
        ("屏東縣霧台鄉", "屏東縣霧臺鄉"),
        ("板橋", "新北市板橋區"),
        ("臺中東勢區", "臺中市東勢區"),
        ("嘉義西區", "嘉義市西區"),
        ("南投縣信義鄉", "南投縣信義鄉"),
        ("9007010", "連江縣南竿鄉"),  # a spreadsheet took the leading zero
    ],
)
def test_usual_spellings(text, name):
    assert find_township(text).name == name


@pytest.mark.parametrize(
    ("text", "county", "name"),
    [
        ("北區", "[19]臺中市", "臺中市北區"),
        ("北區", "台南", "臺南市北區"),
        ("東區", "嘉義", "嘉義市東區"),
        ("東勢", "雲林縣", "雲林縣東勢鄉"),
        ("中正區", " 基隆市 ", "基隆市中正區"),
        ("新店市", "臺北縣", "新北市新店區"),
        ("桃園市", "桃園縣", "桃園市桃園區"),
        ("臺中市北區", "臺中市", "臺中市北區"),
    ],
)
def test_a_county_given_apart_decides(text, county, name):
    assert find_township(text, county).name == name


@pytest.mark.parametrize(("text", "how_many"), [("北區", 3), ("東區", 4), ("中正區", 2), ("東勢", 2), ("信義", 3)])
def test_a_name_of_several_townships_is_refused_with_all_of_them(text, how_many):
    with pytest.raises(AmbiguousTownship) as caught:
        find_township(text)
    assert caught.value.text == text
    assert len(caught.value.candidates) == how_many
    assert all(t.name in str(caught.value) for t in caught.value.candidates)


@pytest.mark.parametrize("text", ["", "桃園市", "新竹市", "臺中市", "甲乙丙區", "12345678", "區", "臺北市東勢區"])
def test_what_names_no_township_is_refused(text):
    with pytest.raises(UnknownTownship) as caught:
        find_township(text)
    assert caught.value.text == text


def test_an_unknown_name_comes_with_the_nearest_townships():
    with pytest.raises(UnknownTownship) as caught:
        find_township("霧鋒區", "臺中市")
    assert caught.value.candidates[0].name == "臺中市霧峰區"
    assert caught.value.county == "臺中市"


def test_a_name_in_the_wrong_or_an_unknown_county_is_refused():
    for county in ("新北市", "Atlantis"):
        with pytest.raises(UnknownTownship):
            find_township("東勢區", county)


@pytest.mark.parametrize("kind", [UnknownTownship, AmbiguousTownship])
def test_the_refusals_survive_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("東區", "臺中", ALL[:2])))
    assert (error.text, error.county, error.candidates) == ("東區", "臺中", ALL[:2])


@given(st.text(max_size=12), st.one_of(st.none(), st.text(max_size=6)))
def test_any_text_gives_a_township_or_a_refusal(text, county):
    for find in (find_township, place_address):
        try:
            assert find(text, county) in ALL
        except (UnknownTownship, AmbiguousTownship) as error:
            assert error.text == text


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    if not unicodedata.is_normalized("NFKC", once):  # a mark met another when what stood between them went
        once = normalise(once)
    assert normalise(once) == once


# Placing an address


@given(
    any_township,
    st.sampled_from(["", "[404]", "40447", "[06]", "（404）"]),
    st.sampled_from(["", "號", "鎮前區1號"]),
)
def test_an_address_is_placed_whatever_stands_before_and_after_the_township(township, before, after):
    assert place_address(before + township.name + after) is township
    assert place_address(before + township.county + before + township.town + after) is township
    assert place_address(before + township.town + after, "[06]" + township.county) is township


@pytest.mark.parametrize(
    ("address", "county", "name"),
    [
        ("[324]桃園市平鎮區中豐路1號", None, "桃園市平鎮區"),
        ("[806]高雄市前鎮區鎮中路1號", "[12]高雄市", "高雄市前鎮區"),
        ("[744]臺南市新市區中興街1號", None, "臺南市新市區"),
        ("平鎮市延平路", "桃園縣", "桃園市平鎮區"),
        ("臺中縣大里市東榮路", "[06]臺中市", "臺中市大里區"),
        ("台東市中華路", None, "臺東縣臺東市"),
        ("臺南市中西區民權路", None, "臺南市中西區"),
    ],
)
def test_addresses_that_break_patterns_are_placed(address, county, name):
    assert place_address(address, county).name == name


def test_an_address_without_its_township_or_in_another_county_is_refused():
    for address, county in (
        ("新竹市學府路36號", None),
        ("臺中市北區三民路", "臺南市"),
        ("學府路36號", "新竹市"),
    ):
        with pytest.raises(UnknownTownship):
            place_address(address, county)
    with pytest.raises(AmbiguousTownship):
        place_address("中正區中正路1號")


def test_all_513_senior_highs_are_placed_and_the_counts_by_county_agree():
    schools = shared_rows("high-109.csv")
    placed = [place_address(school["地址"], school["縣市名稱"]) for school in schools]
    counts = {row["county"]: int(row["schools"]) for row in shared_rows("county_counts_109.csv")}
    assert len(placed) == 513
    assert Counter(township.county for township in placed) == counts
    assert len(set(placed)) == 203
    assert max(Counter(placed).values()) == 12


def test_addresses_are_placed_where_the_ministry_places_them():
    compared, differing = 0, []
    for name in ("high_geo.csv", "junior_110.csv", "university_geo.csv"):
        for row in shared_rows(name):
            if row["address"]:
                compared += 1
                if place_address(row["address"], row["county"]).name != row["county"] + row["town"]:
                    differing.append(row["code"])
    # Two addresses contradict the township beside them; both points lie where the address says.
    assert compared > 1500
    assert len(differing) == 2


# Polygons


def test_the_embedded_polygons_are_those_of_the_table(polygons):
    assert list(polygons.index) == list(townships())
    assert polygons.index.name == "TOWNCODE"
    assert polygons.crs.to_epsg() == 4326
    assert polygons.is_valid.all()
    assert [*polygons.columns] == ["COUNTYNAME", "TOWNNAME", "geometry"]
    assert measure_townships(polygons, "COUNTYNAME", "TOWNNAME") == pytest.approx(ALL)


def test_every_point_lies_in_its_own_polygon(polygons):
    import shapely

    points = shapely.points([(t.lon, t.lat) for t in ALL])
    assert shapely.contains(polygons.geometry.array, points).all()


def test_areas_add_up_to_taiwan():
    assert sum(t.area_km2 for t in ALL) == pytest.approx(36_200, rel=0.03)


def test_a_users_file_is_read_by_its_own_key_whatever_its_reference_system(polygons, tmp_path):
    path = tmp_path / "mine.gpkg"
    some = polygons.loc[["66000100", "09007010"]].to_crs(3826).reset_index(names="code")
    some.assign(code=some["code"].astype(int)).to_file(path)
    mine = load_polygons(path, key="code")
    assert [*mine.index] == ["09007010", "66000100"]
    assert mine.crs.to_epsg() == 4326
    apart = mine.symmetric_difference(polygons.loc[mine.index]).to_crs(3826).area
    assert (apart < 1).all()  # square metres


def test_broken_polygons_are_made_valid(tmp_path):
    import geopandas as gpd
    from shapely import Polygon

    path = tmp_path / "bow.geojson"
    bow = Polygon([(120, 23), (121, 24), (121, 23), (120, 24)])
    gpd.GeoDataFrame({"TOWNCODE": ["1"]}, geometry=[bow], crs=4326).to_file(path)
    assert load_polygons(path).is_valid.all()


@pytest.mark.parametrize(
    ("codes", "message"), [(["1", "1"], "repeats 1"), (["1", None], "empty in rows 2"), (None, "no column")]
)
def test_a_file_without_proper_keys_is_refused(codes, message, tmp_path):
    import geopandas as gpd
    from shapely import box

    path = tmp_path / "bad.geojson"
    frame = gpd.GeoDataFrame(geometry=[box(120, 23, 121, 24), box(121, 23, 122, 24)], crs=4326)
    (frame if codes is None else frame.assign(TOWNCODE=codes)).to_file(path)
    with pytest.raises(ValueError, match=message):
        load_polygons(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_with_a_point_or_with_metres_of_nobody_knows_what_is_refused(tmp_path):
    import geopandas as gpd
    from shapely import Point, box

    for name, shape, message in (
        ("point", Point(120, 23), "no polygon"),
        ("metres", box(2e5, 2e6, 3e5, 3e6), "degrees"),
    ):
        path = tmp_path / f"{name}.shp"
        gpd.GeoDataFrame({"TOWNCODE": ["1"]}, geometry=[shape]).to_file(path)
        with pytest.raises(ValueError, match=message):
            load_polygons(path)
