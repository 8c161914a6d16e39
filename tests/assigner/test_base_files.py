"""Base maps from tables and maps, as people keep them; and experiments as files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import hypothesis
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assigner.boundary.base import base_hash, example_base, read_base, write_base
from assigner.boundary.experiment_file import (
    experiment_schema,
    experiment_text,
    parse_experiment,
    read_experiment,
    write_experiment,
)
from assigner.boundary.files.entries import base_map_schema
from assigner.boundary.values import Locks
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from geodata.base_map import NOWHERE, Divide, FlipError, Merge, MoveSchool, MoveTownship, NewCommunity, apply_all
from scripts.build_synthetic_county import texts
from tests.assigner.base_files import code, small_base
from tests.tools import convert

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "base").glob("*.yaml"))

example = cache(example_base)

ROSTER = """code,kind,name,public,county,township,towncode,lon,lat,pupils_7,year
TST001,senior_high,虛構一高中,public,屏東縣,里港鄉,,,,,111
TST002,senior_high,虛構二高中,public,屏東縣,九如鄉,,,,,111
TST003,senior_high,虛構三高中,public,屏東縣,屏東市,,,,,111
TST004,senior_high,虛構四高中,private,屏東縣,屏東市,,,,,111
TST005,senior_high,虛構五高中,private,屏東縣,潮州鎮,,,,,111
TJH001,junior_high,虛構一國中,public,屏東縣,里港鄉,,,,88,111
TJH002,junior_high,虛構二國中,public,屏東縣,屏東市,,,,99,111
TJH003,junior_high,虛構三國中,public,屏東縣,潮州鎮,,,,77,111
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8", newline="\n")
    return path


def table(folder, text, name="map.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def homes(base):
    return {town: home for town, home in base.map.home.items() if home}


# ------------------------------------------------------------------------------------------------------------- shipped


def test_the_shipped_files_are_those_of_the_script():
    for path, text in texts():
        assert path.read_text(encoding="utf-8") == text, path.name


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_files_fit_their_schemas(path):
    schema = experiment_schema() if path.stem.startswith("experiment") else base_map_schema()
    Draft202012Validator.check_schema(schema)
    # A JSON Schema knows keys as texts: 7 is one in YAML.
    data = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []


@pytest.mark.parametrize(("name", "schema"), [("base_map", base_map_schema), ("experiment", experiment_schema)])
def test_the_shipped_schemas_are_those_of_the_code(name, schema):
    shipped = (ROOT / "assigner" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert shipped == json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", ["experiment-township", "experiment-schools", "experiment-communities"])
def test_the_shipped_experiments_can_be_made(name):
    found = read_experiment(ROOT / "scenarios" / "base" / f"{name}.yaml")
    assert not found.warnings
    assert found.base.map.touched(apply_all(found.base.map, found.flips))


# -------------------------------------------------------------------------------------------------------------- tables


def test_a_table_of_townships_and_a_roster_are_a_base(tmp_path, roster):
    path = table(tmp_path, "鄉鎮市區,社區\n屏東縣里港鄉,北社區\n九如鄉,北社區\n屏東縣屏東市,city\n")
    base = read_base(path, roster)
    assert base.map.names == {"北社區": "北社區", "city": "city"}
    assert homes(base) == {code("里港鄉"): "北社區", code("九如鄉"): "北社區", code("屏東市"): "city"}
    assert base.map.members("北社區") == ("TST001", "TST002") and base.map.members("city") == ("TST003", "TST004")
    assert set(base.junior_highs) == {"TJH001", "TJH002"}  # 潮州鎮 is not spoken of
    assert base.id == "map"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "縣市,鄉鎮市區,社區代號,社區名稱\n[13]屏東縣,里港鄉,n,北\n台灣省屏東縣,屏東市,c,市\n".replace("台灣省", ""),
            "cp950",
        ),
        ("TOWNCODE;community;name\n10013090;n;\n10013010;c;\n", "utf-8-sig"),
        ("說明\t\t\n代碼\t社區\t備註\n10013090\tn\tx\n10013010\tc\t\n", "utf-16"),
        ("township,community,note\n里港,n,\n屏東縣 屏東市 ,c,\n", "utf-8"),
    ],
)
def test_tables_are_read_as_people_write_them(tmp_path, roster, text, encoding):
    base = read_base(table(tmp_path, text, encoding=encoding), roster)
    assert homes(base) == {code("里港鄉"): "n", code("屏東市"): "c"}


def test_a_row_with_a_school_is_for_one_that_is_a_member_elsewhere(tmp_path, roster):
    text = "鄉鎮市區,社區,學校代碼\n里港鄉,north,\n屏東市,city,\n屏東市,north,TST004\n,無,TST001\n潮州鎮,無,\n"
    base = read_base(table(tmp_path, text), roster)
    assert base.map.members("north") == ("TST004",) and base.map.members("city") == ("TST003",)
    assert base.map.member["TST001"] == base.map.member["TST005"] == NOWHERE
    assert base.map.home[code("潮州鎮")] == NOWHERE
    assert base.map.served_by[code("屏東市")] == ("north", "city")


def test_a_list_of_schools_alone_puts_townships_where_most_of_their_schools_are(tmp_path):
    lines = ROSTER.splitlines()
    communities = ["社區", "n", "n", "c", "n", "c", "", "", ""]
    text = "".join(f"{line},{community}\n" for line, community in zip(lines, communities, strict=True))
    base = read_base(table(tmp_path, text, "roster.csv"))  # the schools stand in the table
    assert base.map.members("n") == ("TST001", "TST002", "TST004")
    # One school of 屏東市 in each: the first in order.
    assert homes(base) == {code("里港鄉"): "n", code("九如鄉"): "n", code("屏東市"): "c", code("潮州鎮"): "c"}
    assert set(base.junior_highs) == {"TJH001", "TJH002", "TJH003"}


def test_formulas_that_failed_and_codes_that_lost_their_zero(tmp_path):
    from dataclasses import replace

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "對照"
    for row in (["鄉鎮市區代碼", "社區"], [9007010, "m"], ["=1/0", "m"]):
        sheet.append(row)
    sheet["A3"].data_type = "e"
    sheet["A3"].value = "#DIV/0!"
    book.save(tmp_path / "map.xlsx")
    with pytest.raises(InputError) as caught:
        read_base(tmp_path / "map.xlsx", example())
    assert [(p.place.cell, p.value) for p in caught.value.problems] == [("對照!A3", "#DIV/0!")]
    sheet.delete_rows(3)
    book.save(tmp_path / "map.xlsx")
    # 9007010 is 09007010, a township of 連江縣.
    base = read_base(tmp_path / "map.xlsx", replace(example(), own={}))
    assert homes(base) == {"09007010": "m"}


@pytest.mark.parametrize("ending", ["ods", pytest.param("xls", marks=pytest.mark.campaign)])
def test_the_workbook_goes_through_libreoffice(tmp_path, ending):
    base = example()
    again = convert(write_base(base, tmp_path / "map.xlsx"), ending, tmp_path)
    assert read_base(again, base).map == base.map


def test_a_table_takes_all_but_the_map_from_a_base(tmp_path):
    base = example()
    lines = (write_base(base, tmp_path / "map.csv")).read_text(encoding="utf-8-sig").splitlines()
    head, *rows = lines
    # 九如鄉 goes to the city, whose name is written; 霧臺鄉 is left out; the south is gone.
    rows = [row for row in rows if ",霧臺鄉," not in row]
    rows = [row.replace("north,範例北區社區", "範例市區社區,") if ",九如鄉," in row else row for row in rows]
    rows = [row.replace("south,範例南區社區", "coast,範例海區社區") for row in rows]
    with language_set("en"):
        found = read_base(table(tmp_path, "\n".join([head, *rows]) + "\n", "new.csv"), base)
    expected = apply_all(
        base.map,
        [MoveTownship(code("九如鄉"), "city"), MoveTownship(code("霧臺鄉"), NOWHERE), Merge("south", "coast")],
    )
    assert found.map == expected
    assert found.junior_highs == base.junior_highs and found.defaults == base.defaults
    said = [str(warning) for warning in found.warnings]
    assert any("屏東縣霧臺鄉" in line for line in said)
    assert any("south" in line for line in said)
    assert any("SYN006" in line for line in said)  # 九如鄉's school is pinned to an item of the north


# ---------------------------------------------------------------------------------------------------------------- maps


def box(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def features(folder, rows, name="map.geojson", **more):
    made = [{"type": "Feature", "properties": values, "geometry": shape} for values, shape in rows]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", **more, "features": made}), encoding="utf-8", newline="\n")
    return path


def test_areas_take_the_townships_whose_point_they_hold(tmp_path, roster):
    from geodata.townships import townships

    town = townships()[code("里港鄉")]
    other = townships()[code("屏東市")]
    rows = [
        ({"社區": "北社區"}, box(town.lon - 0.001, town.lat - 0.001, town.lon + 0.001, town.lat + 0.001)),
        ({"社區": "city"}, box(other.lon - 0.001, other.lat - 0.001, other.lon + 0.001, other.lat + 0.001)),
    ]
    base = read_base(features(tmp_path, rows), roster)
    assert homes(base) == {code("里港鄉"): "北社區", code("屏東市"): "city"}


def test_points_and_polygons_with_codes_are_townships_and_schools(tmp_path, roster):
    point = {"type": "Point", "coordinates": [120.5, 22.7]}
    rows = [
        ({"TOWNCODE": "10013090", "community": "north"}, box(120.4, 22.7, 120.5, 22.8)),
        ({"TOWNCODE": "10013010", "community": "city"}, point),
        ({"school": "TST004", "TOWNCODE": "10013010", "community": "north"}, point),
    ]
    base = read_base(features(tmp_path, rows, "map.json"), roster)
    assert homes(base) == {code("里港鄉"): "north", code("屏東市"): "city"}
    assert base.map.members("north") == ("TST001", "TST004")


def test_a_shapefile_in_big5_is_read(tmp_path, roster):
    import geopandas as gpd
    from shapely.geometry import Point

    frame = gpd.GeoDataFrame(
        {"TOWNNAME": ["里港鄉", "屏東市"], "COUNTYNAME": ["屏東縣", "屏東縣"], "社區": ["北社區", "市社區"]},
        geometry=[Point(120.5, 22.78), Point(120.49, 22.67)],
        crs="EPSG:4326",
    )
    folder = tmp_path / "shape"
    folder.mkdir()
    frame.to_file(folder / "map.shp", encoding="cp950")
    (folder / "map.cpg").unlink(missing_ok=True)
    base = read_base(folder / "map.shp", roster)
    assert homes(base) == {code("里港鄉"): "北社區", code("屏東市"): "市社區"}


def test_what_is_written_for_map_programs_names_no_one_else(tmp_path):
    text = write_base(example(), tmp_path / "map.geojson").read_text(encoding="utf-8")
    layers = [feature["properties"]["layer"] for feature in json.loads(text)["features"]]
    assert layers.count("townships") == 25 and layers.count("schools") == 2


@pytest.mark.parametrize("end", [".csv", ".xlsx"])
def test_names_never_become_formulas(tmp_path, end):
    from openpyxl import load_workbook

    schools = [{"code": "TST001", "name": "=1+1", "township": "屏東縣屏東市"}]
    communities = [
        {"id": "a", "name": "=HYPERLINK(1)", "townships": ["屏東縣屏東市"]},
        {"id": "b", "name": "@b", "schools": ["TST001"]},
    ]
    base = small_base(schools=schools, communities=communities, junior_highs=None)
    path = write_base(base, tmp_path / f"map{end}")
    if end == ".csv":
        assert ",'=HYPERLINK(1)," in path.read_text(encoding="utf-8") and ",'=1+1" in path.read_text(encoding="utf-8")
    else:
        cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]
        assert "=HYPERLINK(1)" in [cell.value for cell in cells] and not any(c.data_type == "f" for c in cells)
    assert read_base(path, base).map == base.map


# --------------------------------------------------------------------------------------------------------- experiments

TOWNS = ["里港鄉", "九如鄉", "屏東市", "麟洛鄉", "內埔鄉", "萬巒鄉"]
town_codes = st.sampled_from(TOWNS).map(code)
school_codes = st.integers(1, 11).map(lambda k: f"TST0{k:02}")
somewhere = st.sampled_from(["north", "city", "east", "new", "新社區2", NOWHERE])
ids = st.sampled_from(["new", "新社區2"])
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12).map(str.strip)
several_towns = st.lists(town_codes, max_size=2, unique=True).map(tuple)
several_schools = st.lists(school_codes, max_size=2, unique=True).map(tuple)
flips = st.one_of(
    st.builds(MoveTownship, town_codes, somewhere),
    st.builds(MoveSchool, school_codes, somewhere),
    st.builds(Merge, somewhere, somewhere),
    st.builds(NewCommunity, ids, names, several_towns, several_schools),
    st.builds(Divide, somewhere, ids, names, several_towns, several_schools),
)
small = cache(small_base)


def possible(chosen, base_map):
    kept = []
    for flip in chosen:
        try:
            base_map = flip.apply(base_map)
        except FlipError:
            continue
        kept.append(flip)
    return tuple(kept), base_map


@hypothesis.example([NewCommunity("new", "\uf900", (), ("TST001",))], [], (), (), "", "")
@given(st.lists(flips, max_size=6), st.lists(flips, max_size=3), several_towns, several_schools, names, names)
def test_an_experiment_reads_back_to_the_same(chosen, taken_back, towns, schools, name, note):
    import unicodedata

    from assigner.boundary.experiment import Experiment

    base = small()
    made, after = possible(chosen, base.map)
    undone, last = possible(taken_back, after)
    locks = Locks(frozenset(towns), frozenset(schools), frozenset(list(after.names)[:1]))
    name, note = unicodedata.normalize("NFC", name), unicodedata.normalize("NFC", note)
    experiment = Experiment(base, made, undone, locks, name, note)
    for lang in LANGUAGES:
        with language_set(lang):
            again = parse_experiment(experiment_text(experiment), base=base)
        assert (again.name, again.note) == (name, note)
        assert (again.locks, again.base_hash, again.warnings) == (locks, base_hash(base), ())
        assert apply_all(base.map, again.flips) == after
        assert apply_all(after, again.undone) == last
        # An empty name of a new community stands for its id, which is then not written.
        assert len(again.flips) == len(made) and len(again.undone) == len(undone)
        assert experiment_text(again) == experiment_text(experiment)


def test_an_experiment_names_its_base_from_its_own_folder(tmp_path):
    from assigner.boundary.experiment import Experiment

    path = write_base(small(), tmp_path / "maps" / "base.yaml")
    experiment = Experiment(path).move("麟洛", "north").move("TST009", "無")
    file = write_experiment(experiment, tmp_path / "mine" / "a.yaml")
    text = file.read_text(encoding="utf-8")
    assert "base: ../maps/base.yaml" in text.replace('"', "")
    assert "  - {move: 屏東縣麟洛鄉, to: north}\n  - {move_school: TST009, to: none}\n" in text
    again = read_experiment(file)
    assert again.flips == experiment.flips and again.experiment().map == experiment.map


def test_a_base_that_changed_since_is_told(tmp_path):
    from assigner.boundary.experiment import Experiment

    path = write_base(small(), tmp_path / "base.yaml")
    file = write_experiment(Experiment(path).move("麟洛", "north"), tmp_path / "a.yaml")
    write_base(small_base(defaults={"relaxations": "none"}), path)
    warnings = read_experiment(file).warnings
    assert [(w.place.key, w.place.line) for w in warnings] == [("base_hash", 3)]
    write_base(small_base(note="另一個備註"), path)
    assert not read_experiment(file).warnings


def test_one_change_is_one_line(tmp_path):
    from assigner.boundary.experiment import Experiment

    experiment = Experiment(small()).move("麟洛", "north").divide("east", "new", "新社區", ["內埔鄉"])
    more = experiment.merge("new", "city")
    first, second = experiment_text(experiment).splitlines(), experiment_text(more).splitlines()
    assert [line for line in second if line not in first] == ["  - {merge: new, into: city}"]
    assert len(second) == len(first) + 1


@pytest.mark.parametrize("word", ["none", "無", "無社區", "NONE"])
def test_words_for_no_community(word):
    text = f"schema_version: 1\nbase: x.yaml\nflips:\n  - {{move: 麟洛, to: {word}}}\n"
    assert parse_experiment(text, base=small()).flips == (MoveTownship(code("麟洛鄉"), NOWHERE),)
