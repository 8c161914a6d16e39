from __future__ import annotations

import datetime
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sheets import MOST_BYTES, SheetError, cell_name, column_name, decode, read_sheets

ROWS = [["代碼", "校名"], ["063404", "東勢"]]


@pytest.fixture
def file(tmp_path):
    def write(content, name="表.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return write


def xlsx(*rows, hidden=()):
    book = openpyxl.Workbook()
    book.active.title = "學校"
    for row in rows:
        book.active.append(row)
    for name in hidden:
        sheet = book.create_sheet(name)
        sheet.append(["x"])
        sheet.sheet_state = "hidden"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def refused(path):
    with pytest.raises(SheetError) as caught:
        read_sheets(path)
    assert str(caught.value)
    return caught.value.problem


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp950", "cp950"), ("utf-16", "utf-16"), ("utf-16-le", None)],
)
def test_text_is_read_in_every_usual_encoding(file, encoding, found):
    path = file("代碼,校名\r\n063404,東勢\r\n", encoding=encoding)
    if found is None:  # without its mark, UTF-16 is bytes
        assert refused(path) == "binary"
        return
    book = read_sheets(path)
    assert (book.kind, book.encoding, book.sheets[0].name) == ("csv", found, "表.csv")
    assert [list(row) for row in book.sheets[0].rows] == ROWS


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end(file, mark, end):
    sheet = read_sheets(file(end.join(mark.join(row) for row in ROWS))).sheets[0]
    assert [list(row) for row in sheet.rows] == ROWS


def test_a_title_above_the_header_does_not_hide_the_separator(file):
    sheet = read_sheets(file("學校名錄, 109 學年度\n代碼\t校名\t地址\n063404\t東勢\t臺中市, 東勢區\n")).sheets[0]
    assert sheet.rows[2] == ("063404", "東勢", "臺中市, 東勢區")


def test_rows_know_their_lines_also_after_a_cell_of_several(file):
    sheet = read_sheets(file('代碼,校名\n063404,"東勢\n高工"\n\n063408,霧峰\n')).sheets[0]
    assert [(sheet.line(row), cells[0]) for row, cells in sheet.filled()] == [(1, "代碼"), (2, "063404"), (5, "063408")]


def test_a_workbook_keeps_zeros_of_texts_and_names_its_cells(file):
    data = xlsx(["代碼", "數", "日"], ["063404", 5, datetime.date(2020, 6, 3)], hidden=["藏"])
    book = read_sheets(file(data, "表.xlsx"))
    first, second = book.sheets
    assert (book.kind, first.name, first.hidden, second.hidden) == ("workbook", "學校", False, True)
    assert first.rows[1] == ("063404", 5, datetime.date(2020, 6, 3))
    assert isinstance(first.rows[1][1], int)
    assert (first.place(1, 0), first.line(1)) == ("學校!A2", 2)


def test_what_a_file_is_its_bytes_say(file):
    assert read_sheets(file("a,b\n1,2\n", "x.xlsx")).kind == "csv"
    assert read_sheets(file(xlsx(["a"]), "x.csv")).kind == "workbook"
    assert read_sheets(file('[{"a": 1}]', "x.csv")).kind == "json"


def test_json_as_open_data_sites_wrap_it(file):
    entries = [{"代碼": "063404", "校名": None}, {"代碼": 63408, "區": {"x": 1}}]
    for content in (entries, {"success": True, "result": {"records": entries}}):
        sheet = read_sheets(file(json.dumps(content), "x.json")).sheets[0]
        assert sheet.rows[0] == ("代碼", "校名", "區")
        assert sheet.rows[1:] == (("063404", None, None), (63408, None, '{"x": 1}'))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "empty"),
        (" \n,,\n", "empty"),
        ("[]", "empty"),
        ("{}", "json"),
        ("[1, 2]", "json"),
        ('{"a": [{}], "b": [{}]}', "json"),
        ('[{"a": ', "json"),
        ("[" * 100_000, "json"),
        (b"a,b\n\xff\xfe\xff,\x80", "encoding"),
        (b"\x00\x01\x02", "binary"),
        (b"PK\x03\x04 and no archive", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no workbook", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_what_cannot_be_read_is_told_apart(file, content, problem):
    assert refused(file(content)) == problem


def test_a_file_too_large_is_refused_unread(file, tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as target:
        target.truncate(MOST_BYTES + 1)
    assert refused(path) == "too_large"


def test_an_archive_that_unpacks_to_far_more_is_refused(file):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 310_000_000)
    assert len(data.getvalue()) < MOST_BYTES
    assert refused(file(data.getvalue(), "x.xlsx")) == "too_large"


@pytest.mark.parametrize(
    ("at", "name"),
    [((0, 0), "A1"), ((6, 1), "B7"), ((0, 25), "Z1"), ((9, 26), "AA10"), ((0, 701), "ZZ1"), ((0, 702), "AAA1")],
)
def test_names_of_cells(at, name):
    assert cell_name(*at) == name


@given(st.integers(0, 18_277))
def test_names_of_columns_are_those_of_workbooks(column):
    assert column_name(column) == openpyxl.utils.get_column_letter(column + 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        text, encoding = decode(data)
    except SheetError as error:
        assert error.problem in ("binary", "encoding")
        return
    assert "\r" not in text
    assert encoding in ("utf-8", "utf-16", "cp950")
