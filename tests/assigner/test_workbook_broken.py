"""Broken workbooks, made by code: each has its message at its cell, and a copy in which the cell is marked."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assigner.commands._reading import read
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import read_scenario
from assigner.workbook.forms import read_form
from assigner.workbook.layout import MARKED
from assigner.workbook.marking import MarkedError, mark
from tests.assigner.workbook_forms import Editor, edited, small
from tests.tools import convert

# ------------------------------------------------------------------------------------------------ forms with a fault
# Each fault edits a form and gives the cell that is to be named.


def put(sheet, column, row, value):
    return lambda editor: editor.put(sheet, column, row, value)


def setting(identity, value):
    return lambda editor: editor.setting(identity, value)


def header(sheet, column, value):
    def edit(editor):
        cell = editor.cell(sheet, column, 3)
        cell.value = value
        return f"{editor.sheet(sheet).title}!{cell.coordinate}"

    return edit


def failed_formula(editor):
    cell = editor.cell("schools", "lon", 4)
    cell.value, cell.data_type = "#REF!", "e"
    return f"{editor.sheet('schools').title}!{cell.coordinate}"


def second_sheet(editor):
    copy = editor.book.copy_worksheet(editor.sheet("schools"))
    copy.title = "學校名單"
    return f"{copy.title}!A1"


def swapped(editor):
    lon, lat = editor.cell("schools", "lon", 4), editor.cell("schools", "lat", 4)
    lon.value, lat.value = 24.25, 120.83
    return f"{editor.sheet('schools').title}!{lon.coordinate}"


def nowhere(editor):
    editor.put("schools", "township", 4, None)
    return editor.name("schools", "code", 4)


def merged_codes(editor):
    editor.sheet("schools").merge_cells("A4:A5")
    return editor.name("schools", "code", 5)


def near_column(editor):
    editor.put("schools", "capacity_points", 4, 3)
    title = editor.cell("schools", "capacity_points", 3)
    title.value = {"zh-TW": "負荷容量點數", "en": "Capacty points"}[editor.lang]
    return f"{editor.sheet('schools').title}!{title.coordinate}"


def stranger_pinned(editor):
    editor.put("wishes", "4.1", 4, {"zh-TW": "指定", "en": "host"}[editor.lang])
    return editor.put("wishes", "code", 4, "193302")


def reason_without_answer(editor):
    editor.put("reasons", "code", 8, "SYN001")
    editor.put("reasons", "reason", 8, "沒有人力")
    return editor.put("reasons", "item", 8, "2.1")


def duplicate_column(editor):
    sheet = editor.sheet("willingness")
    last = sheet.max_column + 1
    sheet.cell(3, last).value = "4.1"
    sheet.cell(4, last).value = {"zh-TW": "無法", "en": "cannot"}[editor.lang]
    return f"{sheet.title}!{sheet.cell(3, last).coordinate}"


def equal_ranks(editor):
    editor.put("aims", "rank", 4, 1)
    return editor.put("aims", "rank", 5, 1)


def two_rows(editor):
    editor.put("willingness", "4.1", 5, {"zh-TW": "無法", "en": "cannot"}[editor.lang])
    return editor.put("willingness", "code", 5, "SYN001")


FAULTS = {
    "wrong_header": (header("schools", "code", "學校代號"), ("學校代碼", "School code")),
    "code_header_empty": (header("schools", "code", None), ("缺少", "is missing")),
    "text_in_number": (put("junior_highs", "pupils.7", 4, "約一百"), ("0 以上的整數", "a whole number")),
    "decimals_for_pupils": (put("junior_highs", "pupils.7", 4, 10.5), ("0 以上的整數", "a whole number")),
    "negative_pupils": (put("junior_highs", "pupils.8", 4, -3), ("負的", "negative")),
    "date_for_code": (put("schools", "code", 4, datetime.date(2026, 4, 1)), ("日期", "date")),
    "date_for_points": (put("schools", "capacity_points", 4, datetime.date(2026, 7, 3)), ("7/3", "7/3")),
    "date_for_reason_item": (put("reasons", "item", 4, datetime.date(2026, 4, 5)), ("4.5", "4.5")),
    "date_for_item_column": (header("willingness", "4.1", datetime.datetime(2026, 4, 1)), ("4.1", "4.1")),
    "date_as_text": (header("willingness", "4.1", "4月1日"), ("4.1", "4.1")),
    "day_number_as_item": (header("willingness", "4.1", 46113), ("4.1", "4.1")),
    "lost_zeros": (put("schools", "code", 5, 6340), ("學校代碼", "school code")),
    "code_with_decimals": (put("schools", "code", 5, 63404.5), ("代碼", "code")),
    "duplicate_school": (put("schools", "code", 5, "SYN001"), ("重複", "second time")),
    "code_missing": (put("schools", "code", 5, None), ("必填", "needed")),
    "two_sheets": (second_sheet, ("同一種工作表", "same kind")),
    "formula_error": (failed_formula, ("公式", "formula")),
    "unknown_item_column": (header("willingness", "4.1", "4.9"), ("沒有這個工作項目", "no work item")),
    "item_column_twice": (duplicate_column, ("兩欄", "Two columns")),
    "willingness_misspelt": (put("willingness", "4.1", 4, "願易"), ("願意", "willing")),
    "willingness_row_twice": (two_rows, ("兩列", "two rows")),
    "pin_on_unknown_school": (stranger_pinned, ("沒有這個代碼", "No school")),
    "pin_word": (put("wishes", "4.1", 4, "要"), ("指定", "host")),
    "convener_unknown": (setting("convener", "193302"), ("沒有這個代碼", "No school")),
    "convener_date": (setting("convener", datetime.date(2026, 1, 1)), ("日期", "date")),
    "id_missing": (setting("id", None), ("必填", "needed")),
    "id_with_blanks": (setting("id", "東勢 109"), ("檔名", "file names")),
    "coordinates_swapped": (swapped, ("經度", "ongitude")),
    "unknown_township": (put("schools", "township", 4, "火星區"), ("鄉鎮市區", "township")),
    "no_place": (nowhere, ("在哪裡", "where this school is")),
    "merged_codes": (merged_codes, ("合併", "merged")),
    "near_column": (near_column, ("負荷容量", "Capacity")),
    "yes_or_no": (put("schools", "benchmark", 4, "也許"), ("是", "yes")),
    "last_year_word": (put("last_year", "4.1", 4, "大概"), ("是或否", "Yes or no")),
    "capacity_zero": (put("schools", "capacity_points", 4, 0), ("大於 0", "above zero")),
    "rank_twice": (equal_ranks, ("順位", "rank")),
    "reason_without_answer": (reason_without_answer, ("理由", "reason")),
    "unknown_category": (put("schools", "categories", 4, "普通、航太"), ("課程類別", "course category")),
    "unknown_relaxation": (setting("relaxations", "R1、R9"), ("放寬", "relaxation")),
    "unknown_rulebook": (setting("rulebook", "999"), ("規則", "rulebook")),
    "host_number_word": (put("numbers", "number", 4, "兩所"), ("整數", "whole number")),
    "suitability_word": (put("suitability", "4.1", 4, "很好"), ("適合", "suited")),
    "tolerance_word": (put("aims", "tolerance", 4, "一點點"), ("數字", "number")),
}


def broken(path, fault, lang):
    """Write a broken form; give the cell that is to be named."""
    with edited(path, lang) as editor:
        return fault(editor)


def turns(names):
    """Each name with one language of the form, by turns; every second pair is left to the full counts."""
    for k, name in enumerate(names):
        lang, marks = LANGUAGES[k % len(LANGUAGES)], pytest.mark.campaign if k // 2 % 2 else ()
        yield pytest.param(name, lang, marks=marks, id=f"{name}-{lang}")


def in_copies(names):
    """Each name with both languages; only the full counts take them all."""
    for k, name in enumerate(names):
        for j, lang in enumerate(LANGUAGES):
            marks = () if k % 9 == 4 and (k // 9 + j) % len(LANGUAGES) == 0 else (pytest.mark.campaign,)
            yield pytest.param(name, lang, marks=marks, id=f"{name}-{lang}")


@pytest.mark.parametrize(("name", "lang"), list(turns(FAULTS)))
def test_every_fault_is_told_at_its_cell(name, lang, tmp_path):
    fault, words = FAULTS[name]
    path = tmp_path / "form.xlsx"
    cell = broken(path, fault, lang)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert_told(caught.value, cell, words)


def assert_told(error, cell, words):
    assert [problem.place.cell for problem in error.problems] == [cell], str(error)
    for reader, word in zip(LANGUAGES, words, strict=True):
        with language_set(reader):
            text = str(error)
            assert f"[{cell}]" in text
            assert word in text
            assert "Traceback" not in text


@pytest.mark.parametrize(("name", "lang"), list(in_copies(FAULTS)))
def test_every_fault_is_marked_in_a_copy(name, lang, tmp_path):
    fault, words = FAULTS[name]
    path = tmp_path / "form.xlsx"
    cell = broken(path, fault, lang)
    before = path.read_bytes()
    with language_set(lang):
        with pytest.raises(InputError) as caught:
            read(path)
        assert_marked(caught.value, cell, lang)
    assert_told(caught.value, cell, words)
    assert path.read_bytes() == before


def assert_marked(error, cell, lang):
    assert isinstance(error, MarkedError)
    assert error.copy.name == {"zh-TW": "form.待修正.xlsx", "en": "form.marked.xlsx"}[lang]
    assert str(error.copy) in str(error)
    book = load_workbook(error.copy)
    sheet, _bang, name = cell.rpartition("!")
    inside = [found for found in book[sheet].merged_cells.ranges if name in found]
    marked = book[sheet].cell(inside[0].min_row, inside[0].min_col) if inside else book[sheet][name]
    assert marked.fill.fgColor.rgb == "FFF4B6B0"
    with language_set(lang):
        assert str(error.problems[0].mend) in marked.comment.text
    assert not book[sheet].conditional_formatting
    listing = book.worksheets[0]
    assert listing.title == MARKED.title[lang]
    assert [row[0].value for row in listing.iter_rows(min_row=2)] == [p.place.cell or "–" for p in error.problems]
    assert name in listing["A2"].hyperlink.location


def test_there_are_at_least_thirty():
    assert len(FAULTS) + len(NO_WORKBOOKS) >= 30


# -------------------------------------------------------------------------------------------- no workbook to speak of


def form_bytes(folder):
    path = folder / "good.xlsx"
    with edited(path):
        pass
    data = path.read_bytes()
    path.unlink()
    return data


def csv_renamed(folder):
    return "學校代碼,學校名稱\n063404,甲\n".encode("cp950")


def picture(folder):
    return b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20


def truncated(folder):
    return form_bytes(folder)[:5000]


def bomb(folder):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 310_000_000)
    return stream.getvalue()


def huge(folder):
    return form_bytes(folder) + b"\0" * 50_000_000


def empty_file(folder):
    return b""


def empty_book(folder):
    from openpyxl import Workbook

    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


def other_zip(folder):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "a")
    return stream.getvalue()


def password(folder):
    msoffcrypto = pytest.importorskip("msoffcrypto.format.ooxml")
    plain, locked = io.BytesIO(form_bytes(folder)), io.BytesIO()
    msoffcrypto.OOXMLFile(plain).encrypt("secret", locked)
    return locked.getvalue()


NO_WORKBOOKS = {
    "csv_renamed": (csv_renamed, ("不是活頁簿", "not a workbook")),
    "picture": (picture, ("不是活頁簿", "no workbook")),
    "truncated": (truncated, ("毀損", "damaged")),
    "zip_bomb": (bomb, ("過大", "far too much")),
    "fifty_megabytes": (huge, ("20 MB", "20 MB")),
    "empty_file": (empty_file, ("空", "empty")),
    "empty_workbook": (empty_book, ("空", "empty")),
    "another_zip": (other_zip, ("毀損", "damaged")),
    "password": (password, ("密碼", "password")),
}


@pytest.mark.parametrize("name", NO_WORKBOOKS)
def test_what_is_no_workbook_is_refused_in_words(name, tmp_path):
    make, words = NO_WORKBOOKS[name]
    path = tmp_path / "form.xlsx"
    path.write_bytes(make(tmp_path))
    for lang, word in zip(LANGUAGES, words, strict=True):
        with language_set(lang):
            with pytest.raises(InputError) as caught:
                read(path)
            assert word in str(caught.value)
            assert str(path) in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["form.xlsx"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_that_is_missing_is_named(lang, tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path, lang) as editor:
        del editor.book[editor.sheet("schools").title]
    with language_set(lang), pytest.raises(InputError) as caught:
        read(path)
    (problem,) = caught.value.problems
    with language_set(lang):
        assert {"zh-TW": "學校", "en": "Schools"}[lang] in str(problem)


def test_a_folder_and_a_file_that_is_not_there(tmp_path):
    (tmp_path / "x.xlsx").mkdir()
    for path in (tmp_path / "x.xlsx", tmp_path / "none.xlsx"):
        with pytest.raises(InputError):
            read(path)


# ------------------------------------------------------------------------------------------------- odd, but usable


def merged_towns(editor):
    editor.sheet("schools").merge_cells("C4:C5")
    return "C4"


def hidden_row(editor):
    editor.sheet("schools").row_dimensions[5].hidden = True
    return "A5"


def hidden_sheet(editor):
    editor.sheet("schools").sheet_state = "hidden"
    return "A1"


def renamed_sheet(editor):
    editor.sheet("schools").title = "工作表1"
    return "A1"


def hidden_column(editor):
    column = editor.column("willingness", "4.1")
    editor.sheet("willingness").column_dimensions[column].hidden = True
    return f"{column}3"


ODD = {
    "merged_towns": (merged_towns, ("合併儲存格", "Merged cells")),
    "hidden_row": (hidden_row, ("隱藏", "Hidden rows")),
    "hidden_sheet": (hidden_sheet, ("隱藏", "hidden")),
    "renamed_sheet": (renamed_sheet, ("讀作", "read as")),
    "hidden_column": (hidden_column, ("隱藏", "Hidden columns")),
}


@pytest.mark.parametrize(("name", "lang"), list(turns(ODD)))
def test_what_is_odd_is_read_with_a_note(name, lang, tmp_path):
    make, words = ODD[name]
    path = tmp_path / "form.xlsx"
    with edited(path, lang) as editor:
        cell = make(editor)
    with language_set(lang):
        warnings = read(path).warnings
        text = "\n".join(map(str, warnings))
    assert words[LANGUAGES.index(lang)] in text
    assert any(w.place.cell.endswith(f"!{cell}") for w in warnings if cell) or not cell
    assert [p.name for p in tmp_path.iterdir()] == ["form.xlsx"]


def test_macros_are_not_run_and_not_kept(tmp_path):
    path = tmp_path / "form.xlsm"
    with edited(path.with_suffix(".xlsx")) as editor:
        editor.put("junior_highs", "pupils.7", 4, -1)
    data = io.BytesIO(path.with_suffix(".xlsx").read_bytes())
    path.with_suffix(".xlsx").unlink()
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    path.write_bytes(data.getvalue())
    with pytest.raises(MarkedError) as caught:
        read(path)
    with zipfile.ZipFile(caught.value.copy) as archive:
        assert not any("vba" in name for name in archive.namelist())
    form = read_form(path, "form.xlsm")
    with language_set("en"):
        assert "macros" in str(form.warnings[0])


# --------------------------------------------------------------------------------------------------- the marked copy


def test_a_marked_copy_that_is_open_in_excel_gets_another_name(tmp_path, monkeypatch):
    path = tmp_path / "form.xlsx"
    broken(path, FAULTS["negative_pupils"][0], "en")
    real = Path.replace

    def locked(self, target):
        if Path(target).name == "form.marked.xlsx":
            raise PermissionError(13, "Permission denied", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with language_set("en"), pytest.raises(MarkedError) as caught:
        read(path)
    assert caught.value.copy.exists()
    assert caught.value.copy.name != "form.marked.xlsx"


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, monkeypatch):
    path = tmp_path / "form.xlsx"
    broken(path, FAULTS["negative_pupils"][0], "en")

    def refused(*_arguments, **_more):
        raise PermissionError(13, "Permission denied", "x")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    with language_set("en"), pytest.raises(MarkedError) as caught:
        read(path)
    assert caught.value.copy is None
    with language_set("en"):
        assert "could not be written" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["form.xlsx"]


def test_the_copy_keeps_texts_that_look_like_formulas(tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path) as editor:
        editor.put("junior_highs", "pupils.7", 4, -1)
        cell = editor.cell("schools", "name", 4)
        cell.value = "=1+1"
        cell.data_type = "s"
    with pytest.raises(MarkedError) as caught:
        read(path)
    assert load_workbook(caught.value.copy)["學校"]["B4"].data_type == "s"


def test_a_copy_of_a_copy_has_one_list(tmp_path):
    path = tmp_path / "form.xlsx"
    broken(path, FAULTS["negative_pupils"][0], "zh-TW")
    with language_set("zh-TW"):
        with pytest.raises(MarkedError) as first:
            read(path)
        with pytest.raises(MarkedError) as second:
            read(first.value.copy)
        titles = load_workbook(second.value.copy).sheetnames
    assert titles.count("待修正") == 1


def test_problems_without_a_cell_need_no_copy(tmp_path):
    error = InputError([])
    assert mark(error, tmp_path / "x.xlsx") is error


@pytest.mark.parametrize("ending", ["ods", pytest.param("xls", marks=pytest.mark.campaign)])
def test_other_kinds_of_workbooks_get_a_marked_xlsx(ending, tmp_path):
    path = tmp_path / "form.xlsx"
    with edited(path, "zh-TW") as editor:
        cell = editor.put("junior_highs", "pupils.7", 4, -1)
        editor.put("schools", "name", 4, "+範例")
    other = convert(path, ending, tmp_path)
    path.unlink()
    with language_set("zh-TW"), pytest.raises(MarkedError) as caught:
        read(other)
    assert_marked(caught.value, cell, "zh-TW")
    book = load_workbook(caught.value.copy)
    assert book["學校"]["B4"].value == "+範例"
    assert book["學校"]["A4"].value == "SYN001"


# --------------------------------------------------------------------------------------------------------- any cells

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(2100, 1, 1)),
    st.times(),
    st.timedeltas(datetime.timedelta(0), datetime.timedelta(9)),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from(["願意", "無法", "是", "否", "4.1", "SYN001", "063404", "=1+1", "#REF!", "７", "1/2", "1e9", "-"]),
)
PLACES = st.tuples(st.integers(0, 13), st.integers(1, 9), st.integers(1, 12))


def try_cells(folder, changes):
    """Read a form in which some cells hold anything: a scenario or a list of problems, never another error."""
    path = folder / "form.xlsx"
    if not (folder / "base.xlsx").exists():
        with edited(folder / "base.xlsx"):
            pass
    book = load_workbook(folder / "base.xlsx")
    for (sheet, row, column), value in changes:
        target = book.worksheets[1 + sheet].cell(row, column)
        if type(target).__name__ == "Cell":
            target.value = value
    book.save(path)
    try:
        read_scenario(path)
    except InputError as error:
        assert error.problems
        for lang in LANGUAGES:
            with language_set(lang):
                assert "Traceback" not in str(error)
        assert isinstance(mark(error, path), InputError)


RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=RELAXED)
@given(changes=st.lists(st.tuples(PLACES, CELLS), min_size=1, max_size=12))
def test_any_cells_give_problems_and_never_a_traceback(tmp_path, changes):
    try_cells(tmp_path, changes)


@pytest.mark.campaign
@settings(max_examples=600, deadline=None, suppress_health_check=RELAXED)
@given(changes=st.lists(st.tuples(PLACES, CELLS), min_size=1, max_size=25))
def test_any_cells_give_problems_and_never_a_traceback_many(tmp_path, changes):
    try_cells(tmp_path, changes)


def try_bytes(folder, position, piece):
    path = folder / "form.xlsx"
    if not (folder / "base.bin").exists():
        (folder / "base.bin").write_bytes(form_bytes(folder))
    data = bytearray((folder / "base.bin").read_bytes())
    at = position % len(data)
    data[at : at + len(piece)] = piece
    path.write_bytes(bytes(data))
    try:
        read_scenario(path)
    except InputError as error:
        assert error.problems


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=RELAXED)
@given(position=st.integers(0, 10**6), piece=st.binary(min_size=1, max_size=40))
def test_damaged_bytes_never_give_a_traceback(tmp_path, position, piece):
    try_bytes(tmp_path, position, piece)


@pytest.mark.campaign
@settings(max_examples=600, deadline=None, suppress_health_check=RELAXED)
@given(position=st.integers(0, 10**6), piece=st.binary(min_size=1, max_size=200))
def test_damaged_bytes_never_give_a_traceback_many(tmp_path, position, piece):
    try_bytes(tmp_path, position, piece)


def test_the_small_community_is_in_order(tmp_path):
    with edited(tmp_path / "form.xlsx") as editor:
        assert isinstance(editor, Editor)
    assert read(tmp_path / "form.xlsx").hash == small().hash
