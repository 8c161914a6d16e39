"""A scenario goes into the form and comes back the same, in either language and through other programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from assigner.commands._reading import read
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import parse_scenario, read_scenario, scenario_of, write_yaml
from assigner.scenario.entries import ScenarioFile, SchoolEntry
from assigner.scenario.example import example
from assigner.workbook.forms import read_form
from assigner.workbook.layout import SETTINGS, SHEET_BY_ID, SHEETS, squeezed
from assigner.workbook.template import workbook_bytes, write_workbook
from tests.assigner.workbook_forms import edited, everything, form, small
from tests.tools import convert

SCENARIOS = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))


BOTH = [
    pytest.param(path, lang, marks=() if (k + j) % 2 == 0 else pytest.mark.campaign, id=f"{path.stem}-{lang}")
    for k, path in enumerate(SCENARIOS)
    for j, lang in enumerate(LANGUAGES)
]


@pytest.mark.parametrize(("path", "lang"), BOTH)
def test_yaml_to_workbook_to_yaml_is_the_same(path, lang, tmp_path):
    scenario = read_scenario(path)
    with language_set(lang):
        back = read_scenario(write_workbook(scenario, tmp_path / "form.xlsx"))
        again = parse_scenario(write_yaml(back))
    assert back.canonical() == scenario.canonical()
    assert again.hash == scenario.hash
    assert back.entries.sources == scenario.entries.sources
    assert back.entries.note == scenario.entries.note
    assert not back.warnings


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_yaml_can_say_the_form_can_say(lang, tmp_path):
    scenario = scenario_of(everything(), "everything.yaml")
    with language_set(lang):
        write_workbook(scenario, tmp_path / "form.xlsx")
    with language_set(next(other for other in LANGUAGES if other != lang)):
        back = read_scenario(tmp_path / "form.xlsx")
    assert back.canonical() == scenario.canonical()
    assert back.entries.junior_highs[0].graduates == 7
    assert back.document.cells["schools", 0, "code"].endswith("!A4")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "learning_area", "relaxations": "none"},
        {"relaxations": "auto", "convener": "choose"},
        {"exploration": {"within_km": "12.5"}},
        {"townships": []},
        {"junior_highs": [], "note": "'開頭是單引號"},
    ],
    ids=lambda change: "-".join(change),
)
def test_less_usual_settings_come_back(change, tmp_path):
    scenario = small(**change)
    assert read_scenario(write_workbook(scenario, tmp_path / "form.xlsx")).canonical() == scenario.canonical()


def test_a_benchmark_school_that_decided_on_no_way_comes_back(tmp_path):
    scenario = scenario_of({**everything(), "ways": {"SYN003": []}}, "everything.yaml")
    back = read_scenario(write_workbook(scenario, tmp_path / "form.xlsx"))
    assert back.canonical()["scenario"]["ways"] == {"SYN003": []}
    assert back.hash == scenario.hash


def test_a_travel_matrix_in_minutes_comes_back(tmp_path):
    codes = ["SYN001", "SYN002", "SYN003", "SYN004", "SYJ001", "SYJ002"]
    lines = [",".join(["", *codes])] + [",".join([a, *(str(3 * (a != b)) for b in codes)]) for a in codes]
    (tmp_path / "m.csv").write_text("\n".join(lines), encoding="utf-8")
    data = {"travel": {"mode": "matrix", "matrix": "m.csv", "unit": "minutes"}, "exploration": {"within_minutes": 3}}
    source = scenario_of({**small().document.data, **data}, "s.yaml", tmp_path)
    back = read_scenario(write_workbook(source, tmp_path / "form.xlsx"))
    assert back.hash == source.hash


def test_every_key_of_the_file_has_its_place_in_the_form():
    columns = {column.id.split(".")[0] for column in SETTINGS}
    sections = {layout.section for layout in SHEETS}
    elsewhere = {"schema_version", "pins", "bans", "host_numbers", "tiers"}
    assert set(ScenarioFile.model_fields) <= columns | sections | elsewhere
    school = {column.id for column in SHEET_BY_ID["schools"].columns}
    matrices = {layout.section for layout in SHEETS if layout.kind == "matrix"}
    assert set(SchoolEntry.model_fields) <= school | matrices


def test_no_two_sheets_or_columns_can_be_confused():
    names = [name for layout in SHEETS for name in layout.spellings()]
    assert len(names) == len(set(names))
    settings = [name for column in SETTINGS for name in column.spellings()]
    assert len(settings) == len(set(settings))
    for layout in SHEETS:
        titles = [squeezed(title) for column in layout.columns for title in column.title.values()]
        assert len(titles) == len(set(titles)), layout.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_never_become_formulas_and_codes_stay_text(lang, tmp_path):
    book = form(tmp_path / "form.xlsx", lang, scenario_of(everything(), "e.yaml"))
    sheet = book[SHEET_BY_ID["schools"].title[lang]]
    assert sheet["B4"].value == "=1+1"
    assert sheet["B4"].data_type == "s"
    assert (sheet["A4"].value, sheet["A4"].number_format) == ("063404", "@")
    formulas = [
        (other.title, cell.value)
        for other in book
        for row in other.iter_rows()
        for cell in row
        if cell.data_type == "f" and not str(cell.value).startswith("=IF($A")
    ]
    assert formulas == []


def test_the_form_guides_a_person(tmp_path):
    book = form(tmp_path / "form.xlsx")
    assert book.sheetnames[:4] == ["說明", "社區", "學校", "意願"]
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_area
        if sheet.title != "說明":
            assert sheet.print_title_rows == "$3:$3"
            assert sheet.freeze_panes
    willing = book["意願"]
    lists = [v.formula1 for v in willing.data_validations.dataValidation if v.type == "list"]
    assert '"願意,可協助,不願意,無法"' in lists
    assert sum(v.promptTitle == "4.5" for v in willing.data_validations.dataValidation) == 1
    assert book["學校"]["A3"].value == "學校代碼＊"
    assert book["學校"]["A3"].fill.fgColor.rgb != book["學校"]["B3"].fill.fgColor.rgb


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("schools", [1, 40])
def test_an_empty_form_filled_in_can_be_read(schools, lang, tmp_path):
    path = tmp_path / "空白 表單.xlsx"
    with language_set(lang):
        write_workbook(None, path, blank_schools=schools)
    book = load_workbook(path)
    sheet = book[SHEET_BY_ID["schools"].title[lang]]
    for k in range(schools):
        sheet.cell(4 + k, 1).value = f"SYN{k:03}"
        sheet.cell(4 + k, 3).value = "臺中市東勢區"
    book.save(path)
    scenario = read_scenario(path)
    assert len(scenario.entries.schools) == schools
    assert scenario.entries.convener == "choose"
    assert scenario.id == "community"


def test_a_form_is_found_by_its_content_whatever_its_order_and_language(tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path) as editor:
        sheet = editor.sheet("schools")
        sheet.insert_rows(1, 4)
        sheet.move_range("C7:C20", cols=30)  # the townships, far to the right
        sheet["A7"].value = " 學校 代碼："
        editor.sheet("junior_highs")["F3"].value = "Grade 7"
        editor.sheet("willingness").title = "Willingness"
        editor.sheet("community")["A4"].value = "Community ID"
        editor.book.move_sheet(sheet, 5)
        editor.book.create_sheet("會議紀錄")["A1"].value = "無關"
    scenario = read_scenario(path)
    assert scenario.hash == small().hash
    assert [w.place.cell for w in scenario.warnings] == ["會議紀錄!A1"]


def test_what_people_type_is_understood(tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path) as editor:
        editor.put("junior_highs", "pupils.7", 4, "１０人")
        editor.put("junior_highs", "graduates", 5, "1,200")
        editor.put("schools", "township", 4, " 台中市東勢區\n")
        editor.put("schools", "code", 5, "'SYN002")
        editor.put("schools", "benchmark", 5, "✓")
        editor.put("schools", "takes_part", 5, True)
        editor.put("willingness", "code", 4, "SYN001 範例1高中")
        editor.put("reasons", "item", 4, "4.5")
        editor.setting("convener", "範例2高中")
        editor.setting("townships", "臺中市東勢區，臺中市新社區、\n臺中市石岡區; 臺中市豐原區")
    scenario = read_scenario(path)
    assert scenario.entries.junior_highs[0].pupils[7] == 10
    assert scenario.entries.junior_highs[1].graduates == 1200
    assert scenario.entries.convener == "SYN002"
    assert scenario.entries.schools[1].benchmark
    assert len(scenario.territory) == 4
    assert not scenario.warnings


def test_a_code_that_lost_its_zero_is_the_same_school(tmp_path):
    path = tmp_path / "form.xlsx"
    scenario = scenario_of(everything(), "everything.yaml")
    with edited(path, scenario=scenario) as editor:
        for sheet in ("schools", "willingness", "wishes", "junior_highs"):
            editor.put(sheet, "code", 4, 63404)
    assert read_scenario(path).hash == scenario.hash


def test_the_front_door_knows_a_workbook_by_its_first_bytes(tmp_path):
    path = write_workbook(small(), tmp_path / "form.xlsx").rename(tmp_path / "form.dat")
    assert read_scenario(path).hash == small().hash


def test_writing_is_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "form.xlsx"
    path.write_bytes(b"before")

    def fail(*_arguments, **_more):
        raise RuntimeError("no")

    monkeypatch.setattr("assigner.workbook.template._Book._table", fail)
    with pytest.raises(RuntimeError):
        write_workbook(small(), path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_through_xls(tmp_path):
    scenario = scenario_of(everything(), "everything.yaml")
    file = convert(write_workbook(scenario, tmp_path / "form.xlsx"), "xls", tmp_path)
    assert read_scenario(file).canonical() == scenario.canonical()


@pytest.mark.campaign
@pytest.mark.parametrize("lang", LANGUAGES)
def test_through_ods_and_xls_and_back(lang, tmp_path):
    scenario = scenario_of(everything(), "everything.yaml")
    with language_set(lang):
        path = write_workbook(scenario, tmp_path / "form.xlsx")
    first = tmp_path / "1"
    second = tmp_path / "2"
    third = tmp_path / "3"
    for folder in (first, second, third):
        folder.mkdir()
    ods = convert(path, "ods", first)
    xls = convert(ods, "xls", second)
    xlsx = convert(xls, "xlsx", third)
    for file in (ods, xls, xlsx):
        assert read_scenario(file).canonical() == scenario.canonical(), file.suffix


@pytest.mark.campaign
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_through_ods_and_xls_and_back(path, tmp_path):
    scenario = read_scenario(path)
    file = write_workbook(scenario, tmp_path / "form.xlsx")
    for ending in ("ods", "xls", "xlsx"):
        folder = tmp_path / f"as-{ending}"
        folder.mkdir()
        file = convert(file, ending, folder)
        assert read(file).hash == scenario.hash


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(40))
def test_many_examples_come_back(seed, tmp_path):
    scenario = example(1 + seed, seed)
    with language_set(LANGUAGES[seed % 2]):
        assert read_scenario(write_workbook(scenario, tmp_path / "f.xlsx")).hash == scenario.hash


def test_reading_keeps_the_cell_of_every_value(tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path) as editor:
        cell = editor.name("willingness", "4.5", 5)
    document = read_scenario(path).document
    assert document.cell(("schools", 1, "willingness", "4.5", "answer")) == cell
    assert document.cell(("schools", 1, "township")) == "學校!C5"
    assert document.cell(("convener",)).startswith("社區!B")


def test_the_bytes_hold_a_workbook():
    assert workbook_bytes(None, blank_schools=2).startswith(b"PK")


def test_a_form_names_its_version_and_refuses_another(tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path) as editor:
        sheet = editor.sheet("community")
        row = next(r[0].row for r in sheet.iter_rows() if r[0].value == "表單版本")
        sheet.cell(row, 2).value = 99
    (problem,) = read_form(path, "form.xlsx").problems
    assert problem.place.cell == f"社區!B{row}"
