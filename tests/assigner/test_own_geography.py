"""A scenario on the planner's own map: solved, written, checked, and refused in words."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import assigner
from assigner.answer import json_text
from assigner.checking import check
from assigner.errors import InputError
from assigner.messages import language_set
from assigner.scenario import Scenario, parse_scenario, read_scenario, scenario_of, write_yaml
from geodata.geography import NoPolygons
from geodata.townships import load_polygons
from tests.assigner.test_scenario import same_problem

COLUMNS = {"key": "代碼", "county": "縣市", "town": "鄉鎮"}
ENTRY = {"file": "圖資/towns.gpkg", **COLUMNS, "name": "民國98年的行政區", "attribution": "假設的來源"}
EARLIER = ("東勢區", "新社區", "石岡區", "豐原區", "潭子區", "后里區", "和平區")


def scenario_data(**changes):
    return {
        "schema_version": 1,
        "id": "own",
        "synthetic": True,
        "geography": ENTRY,
        "convener": "SYN001",
        "townships": ["臺中縣東勢鎮", "臺中縣新社鎮", "臺中市北區", "臺中縣豐原鎮"],
        "schools": [
            {"code": "SYN001", "name": "範例01高中", "township": "臺中縣東勢鎮", "lon": 120.83, "lat": 24.25},
            {"code": "SYN002", "name": "範例02高工", "township": "新社鎮"},
            {"code": "SYN003", "name": "範例03高中", "township": "臺中市北區"},
            {"code": "SYN004", "name": "範例04高中", "lon": 120.72, "lat": 24.25},
        ],
        **changes,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with a map of an earlier year: 臺中縣 with its towns, other codes, other columns, metres."""
    folder = tmp_path_factory.mktemp("情境")
    own = load_polygons().reset_index()
    own = own[own["COUNTYNAME"].isin(["臺中市", "苗栗縣", "南投縣"])]
    country = own["TOWNNAME"].isin(EARLIER) & (own["COUNTYNAME"] == "臺中市")
    own.loc[country, "COUNTYNAME"] = "臺中縣"
    own.loc[country, "TOWNNAME"] = own.loc[country, "TOWNNAME"].str.replace("區", "鎮")
    own["TOWNCODE"] = "K" + own["TOWNCODE"]
    own = own.rename(columns={"TOWNCODE": "代碼", "COUNTYNAME": "縣市", "TOWNNAME": "鄉鎮"}).to_crs(3826)
    (folder / "圖資").mkdir()
    own.to_file(folder / "圖資" / "towns.gpkg")
    return folder


@pytest.fixture(scope="module")
def scenario(folder):
    return scenario_of(scenario_data(), "own.yaml", folder)


@pytest.fixture(scope="module")
def result(scenario):
    return assigner.solve(scenario)


def messages_of(data, folder, lang="en"):
    with pytest.raises(InputError) as caught, language_set(lang):
        scenario_of(data, "own.yaml", folder)
    with language_set(lang):
        return str(caught.value)


# --- end to end ----------------------------------------------------------------------------------------------


def test_names_places_and_territory_are_those_of_the_map(scenario):
    assert scenario.territory == ("K66000050", "K66000090", "K66000100", "K66000190")
    assert scenario.places["SYN002"].towncode == "K66000190"
    assert scenario.places["SYN004"].towncode == "K66000090"  # by its coordinates
    assert [point.name for point in scenario.community.demand_points] == [
        "臺中市北區",
        "臺中縣豐原鎮",
        "臺中縣東勢鎮",
        "臺中縣新社鎮",
    ]
    assert scenario.warnings == ()
    assert scenario.geography.name == "民國98年的行政區"
    assert set(scenario.geography.attribution.values()) == {"假設的來源"}


def test_distances_are_those_of_the_shipped_map(scenario):
    """The polygons are the same, so only names and codes may differ."""
    names = {"臺中縣東勢鎮": "臺中市東勢區", "新社鎮": "臺中市新社區", "臺中市北區": "臺中市北區"}
    data = scenario_data(townships=["臺中市東勢區", "臺中市新社區", "臺中市北區", "臺中市豐原區"])
    del data["geography"]
    for school in data["schools"]:
        if "township" in school:
            school["township"] = names[school["township"]]
    shipped = scenario_of(data).problem().distances
    own = scenario.problem().distances
    assert (own.between_schools == shipped.between_schools).all()
    assert (own.from_demand == shipped.from_demand).all()


def test_a_plan_is_solved_and_checked_without_the_file(result, scenario, tmp_path):
    assert result.status == "optimal"
    assert result.audit.ok
    plan = tmp_path / "plan.json"
    plan.write_text(json_text(result.to_dict()), encoding="utf-8")
    alone = check(plan)
    assert alone.ok
    assert any("distances" in note.msgid for note in alone.unchecked)
    assert check(plan, scenario).ok
    document = json.loads(plan.read_text(encoding="utf-8"))
    held = document["scenario"]["content"]["geography"]
    assert held["hash"] == scenario.geography.hash
    assert [row["code"] for row in held["townships"]] == list(scenario.territory)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held["townships"][0].update(town="南區"),
        lambda held: held.update(hash="0" * 64),
        lambda held: held.update(name="另一張圖"),
        lambda held: held.update(remark="x"),
    ],
)
def test_a_changed_map_in_a_plan_is_seen(change, result, tmp_path):
    document = json.loads(json_text(result.to_dict()))
    change(document["scenario"]["content"]["geography"])
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    assert not check(tmp_path / "plan.json").ok


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["geography"].update(hash="short"),
        lambda content: content["geography"].update(hash=None),
        lambda content: content["geography"].pop("townships"),
        lambda content: content["geography"]["townships"][0].update(extra=1),
        lambda content: content["geography"]["townships"][0].update(lon="east"),
        lambda content: content["geography"].update(townships=[3]),
        lambda content: content["geography"].update(attribution=3),
        lambda content: content.update(geography=[]),
        lambda content: content.pop("distances"),
        lambda content: content["geography"]["townships"].clear(),
    ],
)
def test_a_damaged_map_in_a_plan_is_refused_in_words(change, scenario):
    content = json.loads(json.dumps(scenario.canonical()))
    change(content)
    with pytest.raises(InputError) as caught:
        Scenario.from_canonical(content, "plan.json")
    assert str(caught.value)


def test_content_reads_back_to_the_same(scenario):
    again = Scenario.from_canonical(json.loads(json.dumps(scenario.canonical())))
    assert same_problem(again.problem(), scenario.problem())
    assert again.canonical() == scenario.canonical()
    assert again.hash == scenario.hash
    assert (again.geography.has_polygons, again.warnings) == (False, ())
    with pytest.raises(NoPolygons):
        again.geography.polygons()


def test_the_file_is_written_back_with_its_map(scenario, folder):
    text = write_yaml(scenario)
    again = parse_scenario(text, "own.yaml", folder)
    assert again.canonical() == scenario.canonical()
    assert again.entries.geography == scenario.entries.geography
    held = Scenario.from_canonical(json.loads(json.dumps(scenario.canonical())))
    with language_set("en"):
        assert "name their file here" in write_yaml(held)


def test_the_shipped_map_leaves_no_trace():
    data = scenario_data(townships=[], schools=[{"code": "SYN001", "township": "臺中市北區"}])
    del data["geography"]
    shipped = scenario_of(data)
    assert shipped.geography.is_embedded
    assert not shipped.canonical().keys() & {"geography", "distances"}
    assert "geography" not in write_yaml(shipped)


def test_the_same_map_under_another_path_is_the_same_scenario(scenario, folder):
    (folder / "copy.gpkg").write_bytes((folder / "圖資" / "towns.gpkg").read_bytes())
    other = scenario_of(scenario_data(geography={**ENTRY, "file": "copy.gpkg"}), "own.yaml", folder)
    assert other.hash == scenario.hash


def test_a_matrix_beside_a_map_of_ones_own(scenario, folder):
    codes = [f"SYN00{k}" for k in (1, 2, 3, 4)]
    rows = [*codes, *scenario.territory]
    lines = [",".join(["", *codes]), *(",".join([row, *("0" if row == c else "7" for c in codes)]) for row in rows)]
    (folder / "m.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = scenario_of(scenario_data(travel={"mode": "matrix", "matrix": "m.csv"}), "own.yaml", folder)
    assert own.problem().distances.between_schools.max() == 70
    assert Scenario.from_canonical(json.loads(json.dumps(own.canonical()))).hash == own.hash


def test_a_matrix_needs_no_place_on_the_map(folder):
    (folder / "bare.csv").write_text(",SYN001,SYN002\nSYN001,0,3\nSYN002,3,0\n", encoding="utf-8")
    schools = [{"code": code} for code in ("SYN001", "SYN002")]
    data = scenario_data(townships=[], schools=schools, travel={"mode": "matrix", "matrix": "bare.csv"})
    own = scenario_of(data, "own.yaml", folder)
    assert own.territory == ()
    assert Scenario.from_canonical(json.loads(json.dumps(own.canonical()))).hash == own.hash


def test_links_are_declared_by_the_names_of_the_map(folder):
    link = {"between": ["臺中縣東勢鎮", "臺中市北區"], "kind": "air", "km": 1}
    own = scenario_of(scenario_data(links=[link]), "own.yaml", folder)
    assert [(each.a, each.b) for each in own.links] == [("K66000050", "K66000100")]
    distances = own.problem().distances
    assert distances.between_schools[distances.column["SYN001"], distances.column["SYN003"]] < 30
    assert Scenario.from_canonical(json.loads(json.dumps(own.canonical()))).hash == own.hash


# --- a county merged into one --------------------------------------------------------------------------------


def test_a_merged_county_works_end_to_end(tmp_path):
    own = load_polygons().reset_index()
    merged = own["COUNTYNAME"] == "苗栗縣"
    own.loc[merged, "TOWNCODE"], own.loc[merged, "TOWNNAME"] = "10005999", "苗栗大區"
    own.to_file(tmp_path / "towns.geojson")
    (tmp_path / "own.yaml").write_text(
        "schema_version: 1\nid: merged\nsynthetic: true\ngeography: {file: towns.geojson}\nconvener: SYN001\nschools:\n"
        "  - {code: SYN001, township: 苗栗大區}\n"
        "  - {code: SYN002, township: 臺中市大甲區}\n"
        "  - {code: SYN003, township: 苗栗縣苗栗大區, lon: 120.82, lat: 24.56}\n",
        encoding="utf-8",
    )
    scenario = read_scenario(tmp_path / "own.yaml")
    with language_set("en"):
        assert ["put together as one township: 苗栗縣苗栗大區" in str(note) for note in scenario.warnings] == [True]
    assert len(scenario.geography.townships) == 368 - 18 + 1
    assert tuple(sorted(("66000110", "10005999"))) in scenario.geography.borders
    result = assigner.solve(scenario)
    assert result.exit_code == 0
    (tmp_path / "plan.json").write_text(json_text(result.to_dict()), encoding="utf-8")
    (tmp_path / "towns.geojson").unlink()
    assert check(tmp_path / "plan.json").ok


# --- in words ------------------------------------------------------------------------------------------------


def squares(count, step=0.1):
    import geopandas as gpd
    from shapely import box

    names = [f"{chr(0x7532 + k)}鄉" for k in range(count)]
    return gpd.GeoDataFrame(
        {"TOWNCODE": [f"{k:08}" for k in range(count)], "COUNTYNAME": "範例縣", "TOWNNAME": names},
        geometry=[
            box(121 + step * (k % 10), 23.5 + step * (k // 10), 121.1 + step * (k % 10), 23.6 + step * (k // 10))
            for k in range(count)
        ],
        crs=4326,
    )


def on_map(frame, folder, **changes):
    frame.to_file(folder / "map.geojson")
    data = {
        "schema_version": 1,
        "id": "x",
        "geography": {"file": "map.geojson"},
        "schools": [{"code": "SYN001", "township": frame["TOWNNAME"].iloc[0]}],
        **changes,
    }
    return scenario_of(data, "x.yaml", folder)


def warnings_of(scenario, lang="en"):
    with language_set(lang):
        return [str(warning) for warning in scenario.warnings]


def test_islands_of_the_map_are_named_until_a_link_joins_them(tmp_path):
    frame = squares(13, step=0.15)  # none adjoins another
    (warning,) = warnings_of(on_map(frame, tmp_path))
    names = list(frame["TOWNNAME"])
    assert warning.count("範例縣") == 10 + 1  # ten are named, the first again in the advice; the others are counted
    assert "and 2 more" in warning
    assert f"[範例縣{names[1]}, ...]" in warning
    two = squares(2, step=0.15)
    assert "範例縣" in warnings_of(on_map(two, tmp_path), "zh-TW")[0]
    link = {"between": [*two["TOWNNAME"]], "kind": "bridge"}
    assert warnings_of(on_map(two, tmp_path, links=[link])) == []
    assert warnings_of(on_map(two, tmp_path, travel={"mode": "great_circle"})) == []


def test_what_was_mended_is_named(tmp_path):
    from shapely import Polygon

    frame = squares(3)
    shapes = list(frame.geometry)
    shapes[1] = Polygon([(121.1, 23.5), (121.2, 23.6), (121.2, 23.5), (121.1, 23.6)])
    (warning,) = warnings_of(on_map(frame.set_geometry(shapes), tmp_path))
    assert "map.geojson" in warning
    assert f"範例縣{frame['TOWNNAME'][1]}" in warning


def test_two_places_without_a_way_between_them_are_refused_by_name(tmp_path):
    frame = squares(2, step=0.15)
    schools = [{"code": f"SYN00{k}", "township": name} for k, name in enumerate(frame["TOWNNAME"], 1)]
    with pytest.raises(InputError) as caught:
        on_map(frame, tmp_path, schools=schools)
    with language_set("en"):
        assert all(f"範例縣{name}" in str(caught.value) for name in frame["TOWNNAME"])


def test_coordinates_are_compared_with_the_map(tmp_path):
    frame = squares(2)
    school = {"code": "SYN001", "township": frame["TOWNNAME"][0], "lon": 121.15, "lat": 23.55}
    (warning,) = warnings_of(on_map(frame, tmp_path, schools=[school]))
    assert f"outside 範例縣{frame['TOWNNAME'][0]}, in 範例縣{frame['TOWNNAME'][1]}" in warning
    with pytest.raises(InputError) as caught:
        on_map(frame, tmp_path, schools=[{"code": "SYN001", "lon": 120.5, "lat": 23.0}])
    with language_set("en"):
        assert "lie in no township; the nearest is 範例縣" in str(caught.value)


def test_a_map_that_cannot_be_used_hides_no_other_problem(folder):
    data = scenario_data(geography={**ENTRY, "file": "no.gpkg"}, pins={"9": "SYN001"})
    data["schools"][1]["benchmark"] = "vielleicht"
    text = messages_of(data, folder)
    assert "There is no such map." in text
    assert "no work item of this id" in text
    assert "benchmark" in text
    assert "township" not in text.replace("townships", "")


def test_a_text_that_may_name_no_files_has_no_map():
    text = messages_of(scenario_data(), None)
    assert "There is no such map." in text


@pytest.mark.parametrize("file", ["\0", "x" * 5000, ".", "/vsicurl/x.gpkg", "圖資", ""])
def test_whatever_stands_for_the_file_the_answer_is_in_words(file, folder):
    assert "geography" in messages_of(scenario_data(geography={"file": file}), folder)


def test_a_shapefile_in_big5_is_read_from_a_scenario(tmp_path):
    own = load_polygons().reset_index()
    own[own["COUNTYNAME"] == "嘉義市"].to_crs(3826).to_file(tmp_path / "嘉義.shp", encoding="cp950")
    (tmp_path / "嘉義.cpg").unlink()
    data = {
        "schema_version": 1,
        "id": "x",
        "geography": {"file": "嘉義.shp"},
        "schools": [{"code": "SYN001", "township": "嘉義市東區"}],
    }
    (warning,) = warnings_of(scenario_of(data, "x.yaml", tmp_path))
    assert "were read as cp950" in warning
    data["geography"]["encoding"] = "cp950"
    assert scenario_of(data, "x.yaml", tmp_path).warnings == ()


def test_the_order_of_rows_and_the_format_mean_nothing(scenario, folder):
    import geopandas as gpd

    own = gpd.read_file(folder / "圖資" / "towns.gpkg").sample(frac=1, random_state=3)
    own.to_file(folder / "towns.fgb", driver="FlatGeobuf")
    other = scenario_of(scenario_data(geography={**ENTRY, "file": "towns.fgb"}), "own.yaml", folder)
    assert other.hash == scenario.hash
    assert math.isclose(sum(other.geography.borders.values()), sum(scenario.geography.borders.values()))


def test_a_plan_without_a_township_of_a_school_is_refused_in_words(scenario):
    content = json.loads(json.dumps(scenario.canonical()))
    school = content["scenario"]["schools"][0]
    school.pop("township")
    school.update(lon=120.8, lat=24.2)
    with pytest.raises(InputError) as caught:
        Scenario.from_canonical(content, "plan.json")
    with language_set("en"):
        assert "The township of this school is not said" in str(caught.value)


@pytest.mark.parametrize("name", ["\\\\host\\share\\x", "//host/share/x", "\\/host/x", " //host/x"])
@pytest.mark.parametrize(
    "named",
    [
        lambda name: {"geography": {**ENTRY, "file": name}},
        lambda name: {"travel": {"mode": "matrix", "matrix": name}},
        lambda name: {"rulebook": name},
    ],
)
def test_no_file_on_another_computer_is_asked_for(named, name, monkeypatch, tmp_path):
    asked = []
    for what in ("stat", "open", "is_file", "exists"):
        real = getattr(Path, what)

        def watched(self, *args, _real=real, **options):
            asked.append(str(self))
            return _real(self, *args, **options)

        monkeypatch.setattr(Path, what, watched)
    text = messages_of(scenario_data(**named(name)), tmp_path)
    assert "another computer" in text
    assert not any("host" in path for path in asked)
