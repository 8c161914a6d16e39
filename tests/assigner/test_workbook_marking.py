"""Marked copies: what somebody may have worked in stays, and any workbook gets one."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from openpyxl import load_workbook

from assigner.errors import InputError, Place, Problem
from assigner.messages import LANGUAGES, M_, language_set
from assigner.scenario import read_scenario, scenario_of
from assigner.workbook import marking
from assigner.workbook.marking import MarkedError, mark
from assigner.workbook.seal import source_of_untouched
from tests.assigner.workbook_forms import TOWNS, edited, small

FAULT = [Problem("f", Place(cell="國中!F4"), -1, M_("The number is negative."), None, M_("Correct the cell."))]


@pytest.fixture
def path(tmp_path):
    """Write a form in which a number is negative."""
    with edited(tmp_path / "form.xlsx") as editor:
        editor.put("junior_highs", "pupils.7", 4, -1)
    return tmp_path / "form.xlsx"


def copy_of(path, lang="zh-TW"):
    with language_set(lang):
        error = mark(InputError(FAULT), path)
    assert isinstance(error, MarkedError)
    assert error.copy is not None, str(error)
    return error.copy


def test_a_copy_that_was_worked_in_is_never_replaced(path):
    copy = copy_of(path)
    book = load_workbook(copy)
    book["國中"]["F4"].value = 10
    book.save(copy)
    corrected = copy.read_bytes()
    second = copy_of(path)
    assert (copy.name, second.name) == ("form.待修正.xlsx", "form.待修正 (2).xlsx")
    assert copy.read_bytes() == corrected
    assert copy_of(path) == second


def test_a_copy_that_nobody_touched_is_replaced(path):
    copy = copy_of(path)
    assert source_of_untouched(copy) == "form.xlsx"
    assert copy_of(path) == copy
    assert sorted(p.name for p in path.parent.iterdir()) == ["form.xlsx", "form.待修正.xlsx"]


def test_forms_of_one_name_but_two_kinds_do_not_replace_each_others_copies(path):
    other = shutil.copy(path, path.with_suffix(".xlsm"))
    assert copy_of(path).name == "form.待修正.xlsx"
    assert copy_of(other).name == "form.待修正 (2).xlsx"
    assert copy_of(path).name == "form.待修正.xlsx"


def test_any_other_file_of_that_name_stays(path):
    taken = path.with_name("form.marked.xlsx")
    taken.write_bytes(b"mine")
    assert copy_of(path, "en").name == "form.marked (2).xlsx"
    assert taken.read_bytes() == b"mine"


@pytest.mark.parametrize("change", ["cell", "member", "truncated"])
def test_every_change_of_a_copy_is_seen(path, change):
    copy = copy_of(path)
    if change == "cell":
        book = load_workbook(copy)
        book.worksheets[1]["A1"].value = "x"
        book.save(copy)
    elif change == "member":
        with zipfile.ZipFile(copy, "a") as archive:
            archive.writestr("xl/more.xml", b"<x/>")
    else:
        copy.write_bytes(copy.read_bytes()[:-100])
    assert source_of_untouched(copy) is None


def test_the_copy_of_a_copy_names_the_copy(path):
    first = copy_of(path)
    second = copy_of(first)
    assert source_of_untouched(second) == first.name
    assert source_of_untouched(path) is None


def ods_with_sheet(path, name):
    """Write an OpenDocument workbook with one sheet of this name, which Excel would not allow."""
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{name}"><table:table-row><table:table-cell office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


@pytest.mark.parametrize("name", ["a/b", "a:b*[c]?", "'quoted'", "很長的名稱" * 8])
def test_a_sheet_whose_name_excel_does_not_allow_is_marked(tmp_path, name):
    path = ods_with_sheet(tmp_path / "form.ods", name)
    problem = Problem("f", Place(cell=f"{name}!A1"), "x", M_("A text."), None, M_("Correct the cell."))
    with language_set("en"):
        error = mark(InputError([problem]), path)
    assert isinstance(error, MarkedError)
    assert error.copy is not None, str(error)
    listing, sheet = load_workbook(error.copy).worksheets
    assert sheet["A1"].fill.fgColor.rgb == "FFF4B6B0"
    assert not set(sheet.title) & set("/\\?*[]:") and len(sheet.title) <= 31
    assert listing["A2"].value == f"{name}!A1"
    assert listing["A2"].hyperlink.location.endswith("!A1")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_why_there_is_no_copy_is_told_in_words(path, monkeypatch, lang):
    def fail(*_arguments):
        raise ValueError("Invalid character / found in sheet title")

    monkeypatch.setattr(marking, "_copy", fail)
    with language_set(lang):
        text = str(mark(InputError(FAULT), path))
    assert "ValueError" not in text
    assert {"en": "cannot be copied", "zh-TW": "："}[lang] in text.splitlines()[-1]


def test_a_huge_workbook_is_marked_by_its_values_alone(path, monkeypatch):
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name == "xl/worksheets/sheet3.xml":  # empty rows that are formatted, far down
                rows = b"".join(b'<row r="%d" ht="20" customHeight="1"/>' % n for n in range(1000, 180_000))
                content = content.replace(b"</sheetData>", rows + b"</sheetData>")
            archive.writestr(name, content)
    asked = []
    monkeypatch.setattr(marking, "opened", lambda path, **_more: asked.append(path))
    copy = copy_of(path)
    assert not asked  # the library that keeps the looks would take minutes
    book = load_workbook(copy)
    assert book["國中"]["F4"].fill.fgColor.rgb == "FFF4B6B0"
    assert book["學校"]["A4"].value == "SYN001"
    assert copy.stat().st_size < 200_000


def test_many_mistakes_are_put_into_words_without_going_through_the_form_each_time(path, monkeypatch):
    from assigner.workbook import wording

    calls = []
    real = wording.shown_path

    def counted(path):
        calls.append(path)
        return real(path)

    monkeypatch.setattr(wording, "shown_path", counted)
    schools = [{"code": f"SYN{k:03}", "township": TOWNS[0]} for k in range(1, 61)]
    with edited(path, scenario=scenario_of({**small().document.data, "schools": schools}, "many.yaml")) as editor:
        for row in range(4, 64):
            editor.put("schools", "lon", row, "x")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert [problem.place.cell for problem in caught.value.problems] == [f"學校!D{row}" for row in range(4, 64)]
    assert len(calls) == len(set(calls)) > 60
