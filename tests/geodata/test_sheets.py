from __future__ import annotations

import datetime
import io
import json
import os
import random
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sheets import MOST_BYTES, FailedFormula, SheetError, cell_name, column_name, decode, read_sheets
from geodata.worksheets import worksheets
from tests.tools import convert

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


# ------------------------------------------------------------------------------------------- what lies in the parts


def with_part(data, name, change):
    """Change one part of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            target.writestr(info.filename, change(content.decode()) if info.filename == name else content)
    return out.getvalue()


def sheet_xml(rows, more=""):
    """A workbook whose first sheet has these rows, as XML."""
    return with_part(
        xlsx(["代碼", "校名"]),
        "xl/worksheets/sheet1.xml",
        lambda _old: (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{rows}</sheetData>{more}</worksheet>"
        ),
    )


def ods(rows):
    """A spreadsheet of OpenDocument with one sheet."""
    spaces = " ".join(
        f'xmlns:{name}="{address}"'
        for name, address in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    data = io.BytesIO()
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="學校">'
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return data.getvalue()


ODS_TEXT = '<table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell>'
ODS_ERROR = (
    '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error" {more}>'
    "<text:p>#N/A</text:p></table:table-cell>"
)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999"><c r="A99999999"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
        '<row r="1000000"><c r="A1000000"><v>1</v></c></row>',
    ],
)
def test_a_value_far_out_is_refused_before_memory_is_taken_for_all_cells_up_to_it(file, rows):
    assert refused(file(sheet_xml(rows), "x.xlsx")) == "too_large"


def test_a_row_repeated_a_million_times_in_an_ods_is_refused(file):
    row = f'<table:table-row table:number-rows-repeated="1048576">{ODS_TEXT * 20}</table:table-row>'
    assert refused(file(ods(row), "x.ods")) == "too_large"


def test_cells_formatted_far_out_cost_nothing(file):
    rows = '<row r="1"><c r="A1"><v>5</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read_sheets(file(sheet_xml(rows), "x.xlsx")).sheets[0].rows == ((5,),)
    empty = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    (sheet,) = read_sheets(file(ods(f"<table:table-row>{ODS_TEXT}</table:table-row>{empty}"), "x.ods")).sheets
    assert sheet.rows == (("甲",),)


def test_a_failed_formula_stands_in_its_cell_as_what_it_says(file):
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="B3" t="e"><v>#REF!</v></c></row>'
    )
    sheet = read_sheets(file(sheet_xml(rows), "x.xlsx")).sheets[0]
    assert sheet.rows[0] == (1, None, "#DIV/0!")
    assert sheet.rows[2][:2] == (None, "#REF!")
    assert isinstance(sheet.rows[0][2], FailedFormula)
    assert not isinstance(sheet.rows[0][0], FailedFormula)
    assert [row for row, _cells in sheet.filled()] == [0, 2]


def test_a_failed_formula_is_told_in_an_ods_too_also_where_it_is_repeated_and_never_a_remark(file):
    remark = "<table:table-cell><office:annotation><text:p>#N/A</text:p></office:annotation></table:table-cell>"
    error = ODS_ERROR.format(more='table:number-columns-repeated="2"')
    (sheet,) = read_sheets(file(ods(f"<table:table-row>{ODS_TEXT}{remark}{error}</table:table-row>"), "x.ods")).sheets
    assert sheet.rows == (("甲", None, "#N/A", "#N/A"),)


def test_hidden_rows_and_merged_cells_are_seen(file):
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>'
        '<row hidden="true"><c><v>3</v></c><c><v>4</v></c></row>'
    )
    found = worksheets(sheet_xml(rows, '<mergeCells><mergeCell ref="B1:C2"/></mergeCells>'))["學校"]
    assert (found.hidden, found.merged, found.rows, found.columns) == ({1, 2}, [(0, 1, 1, 2)], 3, 2)
    row = '<table:table-row table:visibility="filter" table:number-rows-repeated="2">{}</table:table-row>'
    span = ODS_TEXT.replace("cell ", 'cell table:number-columns-spanned="2" ')
    found = worksheets(ods(f"<table:table-row>{span}</table:table-row>{row.format(ODS_TEXT)}"))["學校"]
    assert (found.hidden, found.merged, found.rows) == ({1, 2}, [(0, 0, 0, 1)], 3)


def test_entities_hide_no_cell_and_a_bomb_of_them_is_refused(file):
    def part(declared, content):
        sheet = f"<!DOCTYPE worksheet [{declared}]><worksheet><sheetData>{content}</sheetData></worksheet>"
        return file(with_part(xlsx(["x"]), "xl/worksheets/sheet1.xml", lambda _old: sheet), "x.xlsx")

    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(part("", far)) == "too_large"
    bomb = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refused(part(bomb, '<row r="1"><c r="A1"><v>&i;</v></c></row>')) == "damaged"


@pytest.mark.parametrize("depth", [900, 1500, 9000])
def test_json_with_values_that_no_table_holds_is_refused(file, depth):
    for content in ('[{"代碼": ' + "1" * 5000 + "}]", '[{"代碼": ' + "[" * depth + "]" * depth + "}]"):
        try:
            read_sheets(file(content, "x.json"))
        except SheetError as error:  # shallow ones may be read
            assert error.problem == "json"


def test_a_number_of_thousands_of_digits_is_no_json_of_ours(file):
    assert refused(file('[{"代碼": ' + "1" * 5000 + "}]", "x.json")) == "json"


def test_a_panic_of_the_library_is_a_damaged_file(monkeypatch, file, capfd):
    class PanicException(BaseException):
        pass

    def broken(_stream):
        os.write(2, b"thread '<unnamed>' panicked")
        raise PanicException

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", broken, raising=True)
    assert refused(file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls")) == "damaged"
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """An .xls with failed formulas, a hidden row, a hidden column and merged cells."""
    folder = tmp_path_factory.mktemp("xls")
    book = openpyxl.Workbook()
    book.active.title = "學校"
    rows = (
        ["代碼", "數"],
        ["063404", "=1/0"],
        ["063408", 5],
        ["063409", "=NA()"],
        ["063410", "=1+1"],
        ["x", '="#N/A"'],
    )
    for row in rows:
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["D"].hidden = True
    book.active.merge_cells("A8:B9")
    book.create_sheet("其他")["C2"] = "=VLOOKUP(1,A1:B2,2,0)"
    book.save(folder / "x.xlsx")
    return convert(folder / "x.xlsx", "xls", folder)


def test_failed_formulas_hidden_rows_and_merged_cells_of_an_xls_are_seen(old):
    first, second = read_sheets(old).sheets
    assert first.rows[:6] == (
        ("代碼", "數"),
        ("063404", "#DIV/0!"),
        ("063408", 5),
        ("063409", "#N/A"),
        ("063410", 2),
        ("x", "#N/A"),
    )
    failed = [(row, column) for row, cells in enumerate(first.rows) for column, cell in enumerate(cells)]
    failed = [(row, column) for row, column in failed if isinstance(first.rows[row][column], FailedFormula)]
    assert failed == [(1, 1), (3, 1)]  # a text that reads like one is a text
    assert second.rows[1][2] == "#N/A"
    found = worksheets(old.read_bytes())["學校"]
    assert (found.hidden, found.merged, found.hidden_columns) == ({2}, [(7, 0, 8, 1)], {3})


def test_an_xls_that_states_an_extent_no_workbook_has_is_refused(old, file):
    data = bytearray(old.read_bytes())
    at = data.index(b"\x00\x02\x0e\x00")
    data[at + 8 : at + 12] = b"\xff\xff\xff\xf0"
    assert refused(file(bytes(data), "x.xls")) == "damaged"


def test_an_xls_damaged_anywhere_is_read_or_refused(old, tmp_path):
    damaged(old.read_bytes(), tmp_path, 60)


@pytest.mark.campaign
def test_many_damaged_xls_are_read_or_refused(old, tmp_path):
    damaged(old.read_bytes(), tmp_path, 3000)


def damaged(whole, folder, times):
    rng = random.Random(5)
    for _ in range(times):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 40)):
            data[rng.randrange(8, len(data))] = rng.randrange(256)
        path = folder / "damaged.xls"
        path.write_bytes(data)
        try:
            read_sheets(path)
        except SheetError as error:
            assert error.problem in ("damaged", "too_large", "empty", "password")


def test_a_duration_that_no_calendar_has_gives_no_traceback(file):
    book = openpyxl.Workbook()
    book.active["A1"] = -4_883_739_645
    book.active["A1"].number_format = "[h]:mm:ss"
    data = io.BytesIO()
    book.save(data)
    assert refused(file(data.getvalue(), "x.xlsx")) == "damaged"


def test_interrupting_is_no_panic(monkeypatch, file):
    def interrupted(_stream):
        raise KeyboardInterrupt

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_sheets(file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls"))
