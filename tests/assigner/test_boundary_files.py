"""The files of an experiment: all of them, safe, whole, the same each time."""

from __future__ import annotations

import csv
import io
import itertools
import json
import shutil

import pytest

from assigner.boundary.outputs import BOUNDARY, write_effects
from assigner.errors import InputError
from assigner.messages import language_set
from assigner.outputs import FORMATS
from assigner.report import boundary_layers as layers
from assigner.report import boundary_tables as content
from assigner.report import boundary_workbook
from assigner.report.boundary_statements import finding_text
from assigner.report.boundary_workbook import members, workbook_bytes
from tests.assigner.boundary_answers import HOSTILE, effects_of, hostile_base
from tests.tools import convert, tool


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All files of the experiment that changes most."""
    where = tmp_path_factory.mktemp("boundary")
    with language_set("zh-TW"):
        write_effects(effects_of("changed"), where).check()
    return where


def town(name: str) -> str:
    return hostile_base().geography.find(name, "臺中市").towncode


# ------------------------------------------------------------------------------------------------------------- a folder


def test_every_format_is_written_and_the_document_first(folder):
    assert {path.name for path in folder.iterdir()} == {f"boundary.{name}" for name in FORMATS}
    document = json.loads((folder / "boundary.json").read_text(encoding="utf-8"))
    with language_set("zh-TW"):
        assert document == json.loads(effects_of("changed").to_json())


def test_equal_effects_give_equal_files(folder, tmp_path):
    with language_set("zh-TW"):
        written = write_effects(effects_of("changed"), tmp_path)
    assert written.paths[0].name == "boundary.json"
    for path in written.paths:
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_only_the_formats_that_are_named_and_no_unknown_one(tmp_path):
    written = write_effects(effects_of("merged"), tmp_path / "新資料夾", "svg, csv")
    assert [path.name for path in written.paths] == ["boundary.json", "boundary.csv", "boundary.svg"]
    with pytest.raises(InputError) as refused:
        write_effects(effects_of("merged"), tmp_path / "other", "svg,docx")
    assert [problem.value for problem in refused.value.problems] == ["docx"]
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("name", "language"), [("preview", "zh-TW"), ("same", "en")])
def test_effects_of_every_kind_make_every_file(name, language, tmp_path):
    with language_set(language):
        written = write_effects(effects_of(name), tmp_path)
    assert written.failures == () and len(written.paths) == len(FORMATS)


def test_files_of_another_experiment_are_put_aside_and_those_of_the_same_stay(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with language_set("en"):  # the same experiment in another language is the same
        same = write_effects(effects_of("changed"), tmp_path, "json")
    assert same.notes == () and (tmp_path / "boundary.html").exists()
    other = write_effects(effects_of("merged"), tmp_path, "json,svg")
    assert len(other.notes) == 1
    names = {path.name for path in tmp_path.iterdir()}
    assert {"boundary.json", "boundary.svg", "boundary-earlier.html", "boundary-earlier.xlsx"} <= names
    assert "boundary.html" not in names


def test_a_file_that_cannot_be_made_does_not_take_the_others_with_it(tmp_path, monkeypatch):
    def broken(effects):
        raise RuntimeError("no")

    monkeypatch.setattr(boundary_workbook, "workbook_bytes", broken)
    written = write_effects(effects_of("merged"), tmp_path, "xlsx,svg")
    assert [path.name for path in written.paths] == ["boundary.json", "boundary.svg"]
    (failure,) = written.failures
    assert "RuntimeError no" in str(failure.what)
    with pytest.raises(InputError):
        written.check()


def test_the_map_is_missing_from_the_workbook_rather_than_the_workbook(monkeypatch):
    def broken(effects, dpi):
        raise RuntimeError("no picture")

    monkeypatch.setattr(boundary_workbook, "png_bytes", broken)
    sheets = _sheets(workbook_bytes(effects_of("merged")))
    assert any("no picture" in str(cell) for rows in sheets.values() for row in rows for cell in row if cell)


def test_a_plan_that_the_audit_refuses_leaves_nothing_but_the_document(tmp_path):
    from dataclasses import replace

    effects = effects_of("merged")
    entry = effects.communities[0]
    refused = replace(entry, after=replace(entry.after, result=replace(entry.after.result, status="disagrees")))
    written = write_effects(replace(effects, communities=(refused, *effects.communities[1:])), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["boundary-rejected.json"]
    assert written.failures == ()


def test_a_folder_that_is_a_file_is_refused_before_anything_is_solved(tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(OSError):
        BOUNDARY.try_in(tmp_path / "taken", FORMATS)
    BOUNDARY.try_in(tmp_path, FORMATS)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


# --------------------------------------------------------------------------------------------------------------- tables


def test_the_csv_opens_in_excel_and_holds_every_measure(folder):
    data = (folder / "boundary.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    with language_set("zh-TW"):
        table = content.measure_rows(effects_of("changed"))
    assert rows[0] == [column.title for column in table.columns]
    assert len(rows) - 1 == len(table.rows) > 60
    assert {len(row) for row in rows} == {len(table.columns)}
    assert {row[0] for row in rows[1:]} == {"west", "middle", "east", "new", "*"}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "\t"))]


def _sheets(data: bytes) -> dict[str, list[tuple]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_workbook_holds_what_the_tables_hold(language):
    effects = effects_of("changed")
    with language_set(language):
        sheets = _sheets(workbook_bytes(effects))
        written = {str(cell) for rows in sheets.values() for row in rows for cell in row if cell is not None}
        for table in (content.duties(effects), content.kept_broken(effects), members(effects)):
            assert table.rows
            for row in table.rows:
                assert {str(cell) for cell in row if isinstance(cell, str) and cell} <= written, table.id
        for entry in effects.communities:
            for record in content.comparison(effects, entry.id).records():
                assert {record["measure"], record["before"], record["after"]} <= written | {""}
        for finding in effects.findings:
            said = finding_text(finding, effects)
            assert any(said.partition("：" if language == "zh-TW" else ": ")[2] in cell for cell in written), said
    for hostile in HOSTILE.values():
        assert any(hostile in cell for cell in written), hostile
    assert "=<i>新</i>" in written
    assert len(set(map(str.casefold, sheets))) == len(sheets) >= 6
    overview = next(iter(sheets.values()))
    links = {row[0] for row in overview if row[0] in sheets}
    assert links == set(list(sheets)[1:])


def test_members_says_who_belongs_where():
    with language_set("en"):
        rows = {record["code"]: record for record in members(effects_of("changed")).records()}
    base, after = hostile_base().map, effects_of("changed").map
    assert rows.keys() == base.member.keys()
    changed = {code for code, record in rows.items() if record["changes"]}
    assert changed == {code for code in base.member if base.member[code] != after.member[code]}
    assert rows["S00006"]["before"] == "middle社區" and rows["S00006"]["after"] == "east社區"


def test_a_spreadsheet_program_opens_the_workbook(folder, tmp_path):
    import subprocess

    pdf = convert(folder / "boundary.xlsx", "pdf", tmp_path)
    printed = subprocess.run([tool("pdftotext"), "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()
    flat = "".join(printed.split())
    with language_set("zh-TW"):
        for finding in effects_of("changed").findings:
            assert "".join(finding_text(finding, effects_of("changed")).partition("：")[2].split())[:8] in flat
    assert "=<i>新</i>" in flat
    assert not [sign for sign in ("#REF", "#NAME", "#VALUE", "Err:") if sign in printed]


# --------------------------------------------------------------------------------------------------------------- layers


@pytest.fixture(scope="module")
def frames(folder):
    """The layers of the GeoPackage."""
    import geopandas as gpd
    import pyogrio

    file = folder / "boundary.gpkg"
    names = [name for name, _kind in pyogrio.list_layers(file)]
    assert names == list(layers.LAYERS)
    return {name: gpd.read_file(file, layer=name) for name in names}


def test_townships_and_schools_have_their_community_before_and_after(frames):
    base, after = hostile_base().map, effects_of("changed").map
    towns = frames["townships"].set_index("TOWNCODE" if "TOWNCODE" in frames["townships"] else "towncode")
    assert towns["comm_before"].to_dict() == dict(base.home)
    assert towns["comm_after"].to_dict() == dict(after.home)
    assert set(towns.index[towns["changed"]]) == {town("豐原區"), town("沙鹿區")}
    schools = frames["schools"].set_index("code")
    assert schools["comm_before"].to_dict() == dict(base.member)
    assert schools["comm_after"].to_dict() == dict(after.member)
    assert schools["name"].to_dict() | HOSTILE == schools["name"].to_dict()
    states = [entry.after for entry in effects_of("changed").communities if entry.after is not None]
    conveners = {state.result.assignment.convener for state in states if state.result and state.result.assignment}
    assert set(schools.index[schools["convenes"]]) == conveners


def test_areas_are_those_of_the_townships(frames):
    shapes = hostile_base().geography.shapes()
    for when, own in (("before", hostile_base().map), ("after", effects_of("changed").map)):
        areas = frames[f"communities_{when}"].set_index("community")
        assert set(areas.index) == set(own.names)
        for community in own.names:
            expected = sum(shapes[t].area for t, home in own.home.items() if home == community)
            assert areas.geometry[community].area == pytest.approx(expected, rel=1e-9)
            assert areas["schools"][community] == len(own.members(community))
    assert frames["townships"].crs.to_epsg() == 4326


def test_what_is_cut_off_is_an_area(frames):
    cut = frames["cut_off"]
    found = {tuple(row.towncodes.split(",")) for row in cut.itertuples() if row.community == "west"}
    assert found == {(town("豐原區"),)}
    area = hostile_base().geography.shapes()[town("豐原區")].area
    assert cut[cut["community"] == "west"].geometry.iloc[0].area == pytest.approx(area, rel=1e-9)


def test_lines_lead_from_junior_highs_to_their_hosts(frames):
    effects = effects_of("changed")
    lines = frames["nearest_hosts"]
    wanted = {
        (change.unit, change.demand[1:], when, found[0])
        for change in effects.nearest
        for when, found in (("before", change.before), ("after", change.after))
        if found is not None
    }
    assert wanted and {(r.item, r.demand, r.when, r.host_code) for r in lines.itertuples()} == wanted
    known = effects.base.geography.townships
    for row in lines.itertuples():
        start = known[effects.base.junior_town[row.demand]]
        end = known[effects.base.map.place[row.host_code]]
        ends = [value for point in row.geometry.coords for value in point]
        assert ends == pytest.approx([start.lon, start.lat, end.lon, end.lat], abs=1e-6)


def test_the_geojson_has_the_same_rows(folder, frames):
    document = json.loads((folder / "boundary.geojson").read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    for name, frame in frames.items():
        own = [feature for feature in document["features"] if feature["properties"]["layer"] == name]
        assert len(own) == len(frame), name
        assert all(set(feature["properties"]) == {"layer", *layers._COLUMNS[name]} for feature in own)
    for feature in document["features"]:
        if feature["geometry"] and feature["geometry"]["type"] == "MultiPolygon":
            for polygon in feature["geometry"]["coordinates"]:
                ring = polygon[0]
                turns = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in itertools.pairwise(ring))
                assert turns < 0  # RFC 7946: the outer ring runs against the clock


def test_layers_are_there_even_without_rows():
    made = layers.content_of_effects(effects_of("same"))
    assert list(made) == list(layers.LAYERS)
    assert made["cut_off"].rows == () and made["nearest_hosts"].rows == ()
    assert len(made["townships"].rows) == len(hostile_base().map.home)


def test_the_kind_names_all_formats():
    assert tuple(BOUNDARY.makers) == FORMATS
