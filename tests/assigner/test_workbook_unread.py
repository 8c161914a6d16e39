"""Nothing that is filled in is lost without a word: sheets, columns and files of another kind."""

from __future__ import annotations

import json

import pytest
from openpyxl import Workbook

from assigner.cli import run
from assigner.commands._reading import read
from assigner.errors import ExitCode, InputError
from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve
from assigner.roster.importing import import_roster
from assigner.scenario import write_yaml
from assigner.scenario.mistaken import kind_of
from assigner.workbook.collecting import collect
from tests.assigner.workbook_forms import edited, small


@pytest.fixture
def path(tmp_path):
    return tmp_path / "form.xlsx"


def refused(path):
    """Read what cannot be used; give its problems and what is said of them in English."""
    with pytest.raises(InputError) as caught:
        read(path)
    with language_set("en"):
        return caught.value.problems, "\n".join(map(str, caught.value.problems))


# ------------------------------------------------------------------------------------------------------------ sheets


@pytest.mark.parametrize("name", ["意願調查表", "各校意願", "工作表1"])
def test_a_matrix_of_another_name_is_known_by_its_answers(path, name):
    with edited(path) as editor:
        editor.sheet("willingness").title = name
    scenario = read(path)
    assert scenario.hash == small().hash
    assert [warning.place.cell for warning in scenario.warnings] == [f"{name}!A1"]


@pytest.mark.parametrize(
    ("sheet", "word", "told"),
    [
        ("wishes", "指定", lambda s: s.entries.pins == {"4.1": ("SYN001",)}),
        ("suitability", "適合", lambda s: s.entries.schools[0].suitability == {"4.1": "suited"}),
        ("last_year", "是", lambda s: s.entries.schools[0].last_year == ("4.1",)),
    ],
)
def test_each_matrix_is_known_by_the_words_in_it(path, sheet, word, told):
    with edited(path) as editor:
        editor.put(sheet, "code", 4, "SYN001")
        editor.put(sheet, "4.1", 4, word)
        editor.sheet(sheet).title = "去年辦理情形" if sheet == "last_year" else "工作表9"
    assert told(read(path))


def test_ticks_are_never_guessed(path):
    with edited(path) as editor:
        editor.put("last_year", "code", 4, "SYN001")
        editor.put("last_year", "4.1", 4, "V")
        editor.sheet("last_year").title = "今年分工"
    problems, text = refused(path)
    assert [problem.place.cell for problem in problems] == ["今年分工!A1"]
    assert "Last year" in text


def test_an_empty_sheet_does_not_stand_in_the_way_of_the_filled_one(path):
    with edited(path) as editor:
        copy = editor.book.copy_worksheet(editor.sheet("willingness"))
        copy.title = "意願調查表"
        for row in editor.sheet("willingness").iter_rows(min_row=4, min_col=3):
            for cell in row:
                cell.value = None
    assert read(path).hash == small().hash


def test_a_name_that_contradicts_the_answers_is_refused_and_no_reason_is_blamed(path):
    with edited(path) as editor:
        for row in range(4, 8):
            editor.put("willingness", "4.1", row, "V")
            editor.put("willingness", "4.5", row, "V")
        editor.sheet("willingness").title = "各校意願"
    problems, text = refused(path)
    assert [problem.place.cell for problem in problems] == ["各校意願!A1"]
    assert "not read" in text and "Willingness" in text


def test_a_second_sheet_of_answers_is_refused(path):
    with edited(path) as editor:
        editor.book.copy_worksheet(editor.sheet("willingness")).title = "補交"
        editor.book.copy_worksheet(editor.sheet("schools")).title = "其他"
    problems, text = refused(path)
    assert [problem.place.cell for problem in problems] == ["補交!A1", "其他!A1"]
    assert "“意願”" in text and "“學校”" in text


def test_a_sheet_without_titles_that_bears_the_name_of_one_that_is_missing_is_refused(path):
    with edited(path) as editor:
        sheet = editor.sheet("willingness")
        sheet.delete_rows(3)
        sheet.title = "各校意願"
    problems, _text = refused(path)
    assert [problem.place.cell for problem in problems] == ["各校意願!A1"]


def test_reasons_without_answers_name_the_sheet_that_is_not_read(path):
    with edited(path) as editor:
        sheet = editor.sheet("willingness")
        sheet.delete_rows(3)
        sheet.title = "調查"
    _problems, text = refused(path)
    assert "“調查”" in text


def test_a_sheet_of_remarks_stays_a_note(path):
    with edited(path) as editor:
        editor.book.create_sheet("備忘").append(["會議", "五月三日"])
    assert [warning.value for warning in read(path).warnings] == ["備忘"]


# ----------------------------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize("title", ["4.1試探活動", "4.1：活動", "4.1."])
def test_a_changed_title_that_still_names_one_item_is_understood(path, title):
    with edited(path) as editor:
        editor.put("willingness", "4.1", 4, "無法")
        editor.cell("willingness", "4.1", 3).value = title
    scenario = read(path)
    assert scenario.entries.schools[0].willingness["4.1"].answer == "cannot"
    assert [warning.value for warning in scenario.warnings] == [title]


def test_words_that_only_one_title_has_name_its_item(path):
    with edited(path) as editor:
        cell = editor.cell("willingness", "1.2", 3)
        editor.put("willingness", "1.2", 4, "無法")
        cell.value = "典範學習"
    scenario = read(path)
    assert scenario.entries.schools[0].willingness["1.2"].answer == "cannot"
    assert [warning.place.cell for warning in scenario.warnings] == [f"意願!{cell.coordinate}"]


def test_answers_under_an_unknown_title_are_refused(path):
    with edited(path) as editor:
        cell = editor.cell("willingness", "4.1", 3)
        cell.value = "那個活動"
    problems, text = refused(path)
    assert [problem.place.cell for problem in problems] == [f"意願!{cell.coordinate}"]
    assert "would be lost" in text


def test_remarks_beside_the_answers_stay_a_note(path):
    with edited(path) as editor:
        sheet = editor.sheet("willingness")
        sheet.cell(3, sheet.max_column + 1).value = "備註"
        sheet.cell(4, sheet.max_column).value = "校務會議五月再議"
    assert [warning.value for warning in read(path).warnings] == ["備註"]


def test_a_column_whose_values_fit_one_that_is_missing_is_refused(path):
    with edited(path) as editor:
        cell = editor.cell("schools", "takes_part", 3)
        cell.value = "今年加入"
        editor.put("schools", "benchmark", 4, "是")
        editor.sheet("schools")[f"{cell.column_letter}4"].value = "否"
    problems, text = refused(path)
    assert [problem.place.cell for problem in problems] == [f"學校!{cell.coordinate}"]
    assert "Takes part" in text


def test_a_column_more_stays_a_note(path):
    with edited(path) as editor:
        sheet = editor.sheet("schools")
        sheet.cell(3, sheet.max_column + 1).value = "已回覆"
        sheet.cell(4, sheet.max_column).value = "是"
    assert [warning.value for warning in read(path).warnings] == ["已回覆"]


def test_a_line_of_the_community_almost_of_a_known_name_is_refused(path):
    with edited(path) as editor:
        cell = editor.setting("name", "東勢")
        line = editor.sheet("community")[f"A{cell.rpartition('B')[2]}"]
        line.value = "社區名"
    problems, _text = refused(path)
    assert [problem.place.cell for problem in problems] == [f"社區!{line.coordinate}"]


# ------------------------------------------------------------------------------------------------- what cells hold


def test_a_formula_that_was_never_worked_out_is_no_empty_cell(path):
    with edited(path) as editor:
        cells = [
            editor.put("schools", "name", 4, "=A4"),
            editor.put("schools", "capacity_points", 5, "=1/0"),
            editor.put("junior_highs", "pupils.7", 4, "=SUM(1,2)"),
            editor.setting("note", "=A1"),
        ]
    problems, text = refused(path)
    assert sorted(problem.place.cell for problem in problems) == sorted(cells)
    assert "save it again" in text and "=SUM(1,2)" in text


def test_names_that_the_form_looks_up_may_wait_for_excel(path):
    with edited(path) as editor:
        assert str(editor.sheet("willingness")["B9"].value).startswith("=")
    assert read(path).hash == small().hash


def test_what_is_shown_is_what_stands_in_the_cell(path):
    with edited(path) as editor:
        editor.put("willingness", "4.1", 4, "無法")
        editor.put("wishes", "code", 4, "SYN001")
        pinned = editor.put("wishes", "4.1", 4, "指定")
        editor.put("ways", "code", 4, "SYN002")
        way = editor.sheet("ways").cell(4, 3)
        way.value = "是"
    problems, text = refused(path)
    assert {problem.place.cell: problem.value for problem in problems} == {
        pinned: "指定",
        f"宣導方式!{way.coordinate}": "是",
    }
    assert "SYN001 範例1高中" in text and "SYN002 範例2高中" in text


def test_what_is_shown_of_collected_forms_is_what_stands_in_the_cell(path, tmp_path):
    (tmp_path / "forms").mkdir()
    with edited(tmp_path / "forms" / "a.xlsx") as editor:
        editor.put("willingness", "4.1", 4, "無法")
        editor.put("wishes", "code", 4, "SYN001")
        cell = editor.put("wishes", "4.1", 4, "指定")
    with pytest.raises(InputError) as caught:
        collect(tmp_path / "forms")
    assert [(problem.place.cell, problem.value) for problem in caught.value.problems] == [(f"a.xlsx {cell}", "指定")]


def test_one_member_of_a_list_is_shown_alone(path):
    with edited(path) as editor:
        editor.put("schools", "categories", 4, "普通、航太")
    problems, _text = refused(path)
    assert [problem.value for problem in problems] == ["航太"]


def test_a_reading_that_does_not_exist_is_told_at_its_name(path):
    with edited(path) as editor:
        cell = editor.put("switches", "switch", 4, "no such thing")
        editor.put("switches", "option", 4, "是")
    problems, _text = refused(path)
    assert [(problem.place.cell, problem.value) for problem in problems] == [(cell, "no such thing")]


# -------------------------------------------------------------------------------------------- files of another kind


@pytest.fixture(scope="module")
def answer():
    return solve(small(), price=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_is_called_a_plan_and_no_copy_is_left(answer, tmp_path, lang):
    with language_set(lang):
        answer.write(tmp_path, "xlsx,csv")
    for name in ("plan.xlsx", "plan.json", "plan.csv"):
        _problems, text = refused(tmp_path / name)
        assert "plan" in text and "assigner check" in text and "YAML" not in text
    assert sorted(file.name for file in tmp_path.iterdir()) == ["plan.csv", "plan.json", "plan.xlsx"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "代碼,學校名稱\n063404,甲\n".encode("cp950"), "import-roster"),
        ("a.txt", "代碼,學校名稱\n063404,甲\n".encode(), "import-roster"),
        (
            "a.csv",
            "代碼,學校類別,學校名稱,縣市,鄉鎮市區,學年度\n1,高級中等學校,甲,臺中市,東勢區,111\n".encode(),
            "--roster",
        ),
        ("a.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web page"),
        ("a.xlsx", b"\xef\xbb\xbf<!DOCTYPE html><table></table>", "web page"),
        ("a.csv", b"<table><tr><td>1</td></tr></table>", "web page"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    _problems, text = refused(path)
    assert words in text
    assert "YAML" not in text and "text table" not in text.replace("text table (CSV), not a form", "")


def test_a_scenario_named_as_a_workbook_is_called_yaml(tmp_path):
    (tmp_path / "a.xlsx").write_text(write_yaml(small()), encoding="utf-8")
    _problems, text = refused(tmp_path / "a.xlsx")
    assert "YAML" in text and ".yaml" in text


def test_scenarios_as_text_are_not_mistaken(tmp_path):
    for name, text in (
        ("a.yaml", write_yaml(small())),
        ("b.yaml", json.dumps({"schema_version": 1, "scenario": 1})),
        ("c.yaml", "- a, b\n- c, d\n"),
        ("d.yaml", "schools: [a, b]\nname: x, y\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert kind_of(tmp_path / name) in ("", "yaml")


def test_a_form_among_the_lists_is_refused(path, tmp_path):
    with edited(path):
        pass
    (tmp_path / "high.csv").write_text("代碼,學校名稱,地址\n063404,甲,臺中市東勢區\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_roster([tmp_path / "high.csv", path], 111)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    with language_set("en"):
        assert "a form of this program" in str(problem)


# ------------------------------------------------------------------------------------------- a form from a roster

ROSTER = (
    "代碼,學校類別,學校名稱,縣市,鄉鎮市區,學年度\n"
    "SYN001,高級中等學校,甲,臺中市,東勢區,111\n"
    "SYN002,高級中等學校,乙,臺中市,新社區,111\n"
    "SYN003,國民中學,丙,臺中市,石岡區,111\n"
)


def test_the_form_of_a_roster_takes_the_members_of_a_file_and_says_what_it_found(tmp_path, capsys):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "members.txt").write_text("東勢區\n新社區\n石岡區\n", encoding="utf-8")
    said = []
    for command, name in (("template", "form.xlsx"), ("scenario", "s.yaml")):
        options = ["--roster", tmp_path / "roster.csv", "--members", tmp_path / "members.txt", "--out", tmp_path / name]
        assert run([command, *map(str, options), "--lang", "en"]) == ExitCode.PROVEN
        said.append(capsys.readouterr().out.splitlines()[:2])
    assert said[0] == said[1]
    assert "2 senior highs, 1 junior highs" in said[0][0] and "石岡區" in said[0][1]
    form, text = read(tmp_path / "form.xlsx").entries, read(tmp_path / "s.yaml").entries
    assert form.schools == text.schools
    assert [school.code for school in form.junior_highs] == ["SYN003"]


def test_workbooks_that_are_no_plan_are_not_called_one(tmp_path):
    book = Workbook()
    book.active.append(["x", "y"])
    book.save(tmp_path / "x.xlsx")
    _problems, text = refused(tmp_path / "x.xlsx")
    assert "a plan" not in text and "missing" in text
