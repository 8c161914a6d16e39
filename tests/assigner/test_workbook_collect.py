"""Forms of several schools become one; what they contradict each other in is told with both files and cells."""

from __future__ import annotations

import os
import shutil
from functools import cache
from importlib import resources
from io import BytesIO

import pytest
from openpyxl import load_workbook

from assigner.cli import run
from assigner.commands._reading import read
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import read_scenario, scenario_of
from assigner.workbook.collecting import collect
from assigner.workbook.marking import MarkedError
from assigner.workbook.template import workbook_bytes, write_workbook
from tests.assigner.workbook_forms import TOWNS, Editor, small
from tests.shared_data import shared_data


def bare():
    """Make the small community before anyone was asked."""
    data = dict(small().document.data)
    data["schools"] = [{k: v for k, v in s.items() if k != "willingness"} for s in data["schools"]]
    return scenario_of(data, "small.yaml")


RARE = ("說明", "工作項目", "適合度", "宣導方式", "跨社區合作", "大專校院", "連結", "規則選項")


@cache
def bare_form():
    """Make the form without the sheets that no test here fills in: it is opened and saved again some 50 times."""
    with language_set("zh-TW"):
        book = load_workbook(BytesIO(workbook_bytes(bare())))
    for name in RARE:
        del book[name]
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Hand the form out to two schools."""
    folder = tmp_path / "各校 表單"
    folder.mkdir()
    base = tmp_path / "base.xlsx"
    base.write_bytes(bare_form())
    for name in ("甲.xlsx", "乙.xlsx"):
        shutil.copy(base, folder / name)
    return folder


def fill(path, *changes):
    book = load_workbook(path)
    editor = Editor(book, "zh-TW")
    cells = [editor.put(*change) for change in changes]
    book.save(path)
    return cells


def test_each_school_says_its_own(folder):
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "願意"), ("willingness", "4.5", 4, "無法"))
    fill(
        folder / "甲.xlsx",
        ("reasons", "code", 4, "SYN001"),
        ("reasons", "item", 4, "4.5"),
        ("reasons", "reason", 4, "沒有人力"),
    )
    fill(folder / "乙.xlsx", ("willingness", "4.1", 5, "不願意"), ("last_year", "4.2", 5, "是"))
    found = collect(folder)
    first, second, *_others = found.scenario.entries.schools
    assert {k: (a.answer, a.reason) for k, a in first.willingness.items()} == {
        "4.1": ("willing", ""),
        "4.5": ("cannot", "沒有人力"),
    }
    assert second.willingness["4.1"].answer == "unwilling"
    assert second.last_year == ("4.2",)
    assert [code for code, _name in found.silent] == ["SYN003", "SYN004"]
    assert not found.repeated
    assert [path.name for path in found.files] == ["乙.xlsx", "甲.xlsx"]


def test_forms_that_say_nothing_give_what_was_handed_out(folder):
    assert collect(folder).scenario.hash == bare().hash


def test_a_contradiction_is_never_settled_silently(folder):
    (cell,) = fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "願意"))
    fill(folder / "乙.xlsx", ("willingness", "4.1", 4, "無法"))
    with pytest.raises(InputError) as caught:
        collect(folder)
    (problem,) = caught.value.problems
    for lang in LANGUAGES:
        with language_set(lang):
            assert f"乙.xlsx {cell}" in str(problem)
            assert f"甲.xlsx {cell}" in str(problem)
            assert "--prefer newest" in str(problem)


def test_facts_of_a_school_can_contradict_each_other_too(folder):
    fill(folder / "甲.xlsx", ("schools", "township", 4, "臺中市后里區"))
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert "甲.xlsx 學校!C4" in str(caught.value)


def test_the_newest_decides_if_that_is_wanted(folder):
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "願意"))
    fill(folder / "乙.xlsx", ("willingness", "4.1", 4, "無法"))
    os.utime(folder / "甲.xlsx", ns=(2 * 10**18, 2 * 10**18))
    os.utime(folder / "乙.xlsx", ns=(10**18, 10**18))
    found = collect(folder, newest=True)
    assert found.scenario.entries.schools[0].willingness["4.1"].answer == "willing"
    assert len(found.settled) == 1


def test_against_the_form_handed_out_what_is_unchanged_says_nothing(folder, tmp_path):
    with language_set("zh-TW"):
        base = write_workbook(small(), tmp_path / "base.xlsx")
    for name in ("甲.xlsx", "乙.xlsx"):
        shutil.copy(base, folder / name)
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "無法"))
    with pytest.raises(InputError):
        collect(folder)
    found = collect(folder, base=base)
    assert found.scenario.entries.schools[0].willingness["4.1"].answer == "cannot"
    assert found.scenario.entries.schools[1].willingness["4.1"].answer == "willing"
    assert [code for code, _name in found.silent] == ["SYN002", "SYN003", "SYN004"]


def test_the_same_answers_twice_are_told(folder):
    for name in ("甲.xlsx", "乙.xlsx"):
        fill(folder / name, ("willingness", "4.1", 4, "願意"))
    assert collect(folder).repeated == {"SYN001": ("乙.xlsx", "甲.xlsx")}


def test_a_fault_in_one_form_names_this_form(folder):
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "願易"))
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert "甲.xlsx 意願!" in str(caught.value)
    (folder / "乙.xlsx").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert str(folder / "乙.xlsx") in str(caught.value)


def told(problems):
    with language_set("en"):
        return "\n".join(map(str, problems))


def marked(path):
    """Break a form, let its copy be marked, mend the form; give the copy."""
    before = path.read_bytes()
    fill(path, ("junior_highs", "pupils.7", 4, -1))
    with language_set("zh-TW"), pytest.raises(MarkedError) as caught:
        read(path)
    path.write_bytes(before)
    return caught.value.copy


def test_what_is_left_out_is_listed_and_lock_files_are_not(folder):
    copy = marked(folder / "甲.xlsx")
    copy.rename(folder / "甲.待修正 (2).xlsx")
    (folder / "~$甲.xlsx").write_bytes(b"lock")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "第二批").mkdir()
    found = collect(folder)
    assert [path.name for path in found.files] == ["乙.xlsx", "甲.xlsx"]
    text = told(found.notes)
    assert "甲.待修正 (2).xlsx" in text
    assert "notes.txt" in text and "第二批" in text
    assert "~$" not in text


@pytest.mark.parametrize("name", ["甲.待修正.xlsx", "甲.marked (2).xlsx"])
def test_a_marked_copy_that_was_corrected_is_never_left_out(folder, name):
    copy = marked(folder / "甲.xlsx").rename(folder / name)
    fill(copy, ("willingness", "4.1", 4, "無法"))
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert name in told(caught.value.problems) and "name the copy 甲.xlsx" in told(caught.value.problems)
    copy.replace(folder / "甲.xlsx")
    fill(folder / "甲.xlsx", ("junior_highs", "pupils.7", 4, 10))
    assert collect(folder).scenario.entries.schools[0].willingness["4.1"].answer == "cannot"


def test_a_marked_copy_without_its_form_is_refused(folder):
    marked(folder / "甲.xlsx")
    (folder / "甲.xlsx").unlink()
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert "name it 甲.xlsx" in told(caught.value.problems)


def test_a_form_that_was_mended_after_its_copy_was_changed_counts(folder):
    copy = marked(folder / "甲.xlsx")
    fill(copy, ("junior_highs", "pupils.7", 4, 10))
    os.utime(copy, ns=(10**18, 10**18))
    found = collect(folder)
    assert copy.name in told(found.notes)


def test_what_is_odd_in_a_form_is_told_with_its_file(folder):
    for name in ("甲.xlsx", "乙.xlsx"):
        book = load_workbook(folder / name)
        book["學校"].row_dimensions[5].hidden = True
        book.save(folder / name)
    notes = collect(folder).notes
    assert [(str(note.file), note.place.cell) for note in notes] == [
        (str(folder / name), "學校!A5") for name in ("乙.xlsx", "甲.xlsx")
    ]


def answer_on_a_second_sheet(book):
    book.copy_worksheet(book["意願"]).title = "我們的答案"
    return "我們的答案!A1"


def mistitle_the_column(book):
    cell = next(cell for cell in book["意願"][3] if str(cell.value).startswith("4.1"))
    cell.value = "試探活動"
    return f"意願!{cell.coordinate}"


def mistitle_the_line(book):
    cell = next(row[0] for row in book["社區"] if row[0].value == "社區名稱")
    cell.value = "我們社區"
    return f"社區!{cell.coordinate}"


@pytest.mark.parametrize("change", [answer_on_a_second_sheet, mistitle_the_column, mistitle_the_line])
def test_answers_that_would_not_be_read_are_refused(folder, change):
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "無法"))
    book = load_workbook(folder / "甲.xlsx")
    cell = change(book)
    book.save(folder / "甲.xlsx")
    with pytest.raises(InputError) as caught:
        collect(folder)
    assert [(str(p.file), p.place.cell) for p in caught.value.problems] == [(str(folder / "甲.xlsx"), cell)]


@pytest.fixture
def answered(folder, tmp_path):
    """Hand a form out that holds answers already."""
    with language_set("zh-TW"):
        base = write_workbook(small(pins={"4.2": ["SYN002"]}), tmp_path / "base.xlsx")
    for name in ("甲.xlsx", "乙.xlsx"):
        shutil.copy(base, folder / name)
    return base


def test_answers_that_were_emptied_are_listed(folder, answered):
    cells = fill(folder / "甲.xlsx", ("willingness", "4.1", 4, None), ("schools", "categories", 4, None))
    (wish,) = fill(folder / "乙.xlsx", ("wishes", "4.2", 5, None))  # nothing but the code is left of its row
    setting(folder / "乙.xlsx", ("convener", None))
    found = collect(folder, base=answered)
    assert found.scenario.entries.schools[0].willingness["4.1"].answer == "willing"
    first, second = found.notes
    assert (str(first.file), str(second.file)) == (str(folder / "乙.xlsx"), str(folder / "甲.xlsx"))
    assert "empty now" in told([first]) and wish in told([first]) and "召集學校" in told([first])
    assert all(cell in told([second]) for cell in cells) and wish not in told([second])


@pytest.mark.parametrize("with_base", [True, False])
def test_what_one_form_alone_says_for_all_is_told(folder, tmp_path, with_base):
    cells = fill(
        folder / "甲.xlsx",
        ("wishes", "code", 4, "SYN002"),
        ("wishes", "4.1", 4, "排除"),
        ("numbers", "number", 4, 2),
        ("aims", "tolerance", 4, "5%"),
    )
    book = load_workbook(folder / "甲.xlsx")
    cells.append(Editor(book, "zh-TW").setting("convener", "SYN004"))
    book.save(folder / "甲.xlsx")
    found = collect(folder, base=tmp_path / "base.xlsx" if with_base else None, newest=True)
    (note,) = [note for note in found.notes if "Only this form" in told([note])]
    assert str(note.file) == str(folder / "甲.xlsx")
    for cell in cells[1:4] + cells[4:] * with_base:
        assert cell in told([note])
    assert cells[0] not in told([note])


def test_what_all_forms_say_is_nobodys_own_word(folder, tmp_path):
    for name in ("甲.xlsx", "乙.xlsx"):
        fill(folder / name, ("wishes", "code", 4, "SYN002"), ("wishes", "4.1", 4, "排除"))
    assert collect(folder).notes == ()


def setting(path, *pairs):
    book = load_workbook(path)
    for identity, value in pairs:
        Editor(book, "zh-TW").setting(identity, value)
    book.save(path)


@pytest.mark.parametrize(
    "pairs",
    [
        [("travel.matrix", "m.csv"), ("travel.mode", "矩陣")],
        [("geography.file", "/etc/map.geojson"), ("geography.key", "CODE")],
        [("rulebook", "..\\own.yml")],
        [("rulebook", "\\\\host\\share\\own.yml")],
    ],
    ids=lambda pairs: pairs[0][0],
)
def test_a_form_cannot_name_files_that_the_one_handed_out_does_not(folder, tmp_path, pairs):
    setting(folder / "甲.xlsx", *pairs)
    for base in (None, tmp_path / "base.xlsx"):
        found = collect(folder, base=base)
        assert found.scenario.hash == bare().hash
        assert pairs[0][1] in "".join(str(note.value) for note in found.notes)


def test_files_of_the_form_handed_out_are_used_and_start_at_its_folder(folder, tmp_path):
    codes = ["SYN001", "SYN002", "SYN003", "SYN004", "SYJ001", "SYJ002"]
    lines = [",".join(["", *codes])] + [",".join([a, *(str(3 * (a != b)) for b in codes)]) for a in codes]
    (tmp_path / "m.csv").write_text("\n".join(lines), encoding="utf-8")
    setting(tmp_path / "base.xlsx", ("travel.matrix", "m.csv"), ("travel.mode", "矩陣"))
    for name in ("甲.xlsx", "乙.xlsx"):
        shutil.copy(tmp_path / "base.xlsx", folder / name)
    out = tmp_path / "elsewhere" / "all.yaml"
    arguments = ["collect", str(folder), "--base", str(tmp_path / "base.xlsx"), "--out", str(out), "--lang", "en"]
    assert run(arguments) == 0
    assert read_scenario(out).entries.travel.matrix == "../m.csv"


def test_townships_in_another_order_are_the_same_townships(folder):
    setting(folder / "甲.xlsx", ("townships", "、".join(TOWNS)))
    setting(folder / "乙.xlsx", ("townships", "、".join(reversed(TOWNS))))
    found = collect(folder)
    assert len(found.scenario.territory) == 4
    assert not found.scenario.warnings


def test_items_are_those_of_the_rulebook_of_all_and_not_of_the_first_form(folder, tmp_path):
    text = resources.files("models").joinpath("rulebooks/111.yaml").read_text(encoding="utf-8")
    own = text.replace("社區學校合作辦理適性學習社區地理範圍調整工作", "自訂的名稱", 1)
    (tmp_path / "own.yml").write_text(own, encoding="utf-8")
    setting(tmp_path / "base.xlsx", ("rulebook", "own.yml"))
    for name in ("甲.xlsx", "乙.xlsx"):
        shutil.copy(tmp_path / "base.xlsx", folder / name)
    fill(folder / "甲.xlsx", ("numbers", "item", 4, "自訂的名稱"), ("numbers", "number", 4, 2))
    setting(folder / "乙.xlsx", ("rulebook", None))
    found = collect(folder, base=tmp_path / "base.xlsx")
    assert found.scenario.entries.host_numbers == {"4.1": 2}


def test_an_empty_folder_and_none(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError):
            collect(path)


# ------------------------------------------------------------------------------------------------------ commands


def test_collect_writes_a_form_and_tells_who_is_missing(folder, tmp_path, capsys):
    fill(folder / "甲.xlsx", ("willingness", "4.1", 4, "願意"))
    out = tmp_path / "合併.xlsx"
    assert run(["collect", str(folder), "--out", str(out), "--lang", "zh-TW"]) == 0
    shown = capsys.readouterr()
    assert "SYN002" in shown.err
    assert read_scenario(out).entries.schools[0].willingness["4.1"].answer == "willing"
    assert run(["collect", str(folder), "--out", str(out), "--lang", "en"]) == 2
    assert "already" in capsys.readouterr().err
    fill(folder / "乙.xlsx", ("willingness", "4.1", 4, "無法"))
    assert run(["collect", str(folder), "--out", str(tmp_path / "two.yaml"), "--lang", "en"]) == 2
    assert not (tmp_path / "two.yaml").exists()
    arguments = ["collect", str(folder), "--out", str(tmp_path / "two.yaml"), "--prefer", "newest", "--lang", "en"]
    assert run(arguments) == 0
    assert "The newest form decided" in capsys.readouterr().err
    assert run([*arguments[:-3], "oldest", "--force", "--lang", "en"]) == 2


def test_template_and_validate_and_convert(tmp_path, capsys):
    form = tmp_path / "表單.xlsx"
    assert run(["template", "--schools", "3", "--out", str(form), "--lang", "zh-TW"]) == 0
    assert run(["validate", str(form), "--lang", "zh-TW"]) == 2
    assert "學校" in capsys.readouterr().err
    assert run(["template", "--out", str(form), "--lang", "en"]) == 2
    assert run(["template", "--out", str(tmp_path / "x.pdf"), "--lang", "en"]) == 2
    assert run(["template", "--schools", "0", "--out", str(tmp_path / "x.xlsx"), "--lang", "en"]) == 2
    assert run(["template", "--members", "063404", "--out", str(tmp_path / "x.xlsx"), "--lang", "en"]) == 2
    capsys.readouterr()

    write_workbook(small(), form)
    yaml = tmp_path / "small.yaml"
    assert run(["convert", str(form), "--out", str(yaml), "--lang", "zh-TW"]) == 0
    assert run(["validate", str(form), str(yaml), "--lang", "zh-TW"]) == 0
    assert run(["convert", str(yaml), "--out", str(tmp_path / "again.xlsx"), "--lang", "en"]) == 0
    assert read_scenario(tmp_path / "again.xlsx").hash == read_scenario(yaml).hash == small().hash
    assert run(["convert", str(yaml), "--out", str(tmp_path / "x.docx"), "--lang", "en"]) == 2
    assert run(["template", "--scenario", str(yaml), "--out", str(tmp_path / "t.xlsx"), "--lang", "en"]) == 0
    assert read_scenario(tmp_path / "t.xlsx").hash == small().hash


def test_validate_marks_a_copy_and_goes_on(tmp_path, capsys):
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    for path in (good, bad):
        with language_set("zh-TW"):
            write_workbook(small(), path)
    fill(bad, ("junior_highs", "pupils.7", 4, -1))
    assert run(["validate", str(bad), str(good), "--lang", "zh-TW"]) == 2
    shown = capsys.readouterr()
    assert "國中!F4" in shown.err
    assert "bad.待修正.xlsx" in shown.err
    assert "good.xlsx" in shown.out
    assert (tmp_path / "bad.待修正.xlsx").exists()


def test_solve_and_check_take_a_form(tmp_path, capsys):
    form = write_workbook(small(), tmp_path / "form.xlsx")
    out = tmp_path / "out"
    assert run(["solve", str(form), "--out", str(out), "--formats", "json", "--quiet", "--lang", "en"]) == 0
    assert run(["check", str(out / "plan.json"), "--scenario", str(form), "--quiet", "--lang", "en"]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_names_of_files_inside_start_at_the_new_folder(tmp_path):
    from assigner.workbook.converting import write_scenario

    codes = ["SYN001", "SYN002", "SYN003", "SYN004", "SYJ001", "SYJ002"]
    lines = [",".join(["", *codes])] + [",".join([a, *(str(3 * (a != b)) for b in codes)]) for a in codes]
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    (old / "m.csv").write_text("\n".join(lines), encoding="utf-8")
    data = {**small().document.data, "travel": {"mode": "matrix", "matrix": "m.csv"}}
    scenario = scenario_of(data, "s.yaml", old)
    for name in ("s.xlsx", "s.yaml"):
        write_scenario(scenario, new / name, old)
        assert read_scenario(new / name).hash == scenario.hash
        assert read_scenario(new / name).entries.travel.matrix == "../old/m.csv"


def test_template_for_the_schools_of_a_roster(tmp_path):
    lists = [str(shared_data(name)) for name in ("high-109.csv", "high_geo.csv", "junior_110.csv")]
    roster, form = tmp_path / "roster.csv", tmp_path / "東勢.xlsx"
    assert run(["import-roster", *lists, "--year", "109", "--out", str(roster), "--lang", "zh-TW"]) == 0
    members = ["--members", "臺中市東勢區,臺中市新社區", "--convener", "063404"]
    assert run(["template", "--roster", str(roster), *members, "--out", str(form), "--lang", "zh-TW"]) == 0
    scenario = read_scenario(form)
    assert [school.code for school in scenario.entries.schools] == ["061319", "063404", "064328"]
    assert scenario.entries.convener == "063404"
    assert scenario.entries.junior_highs
