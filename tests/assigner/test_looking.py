"""A close look at a workbook: what it tells costs no memory, and what is too heavy is not opened to be changed."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from assigner.workbook.looking import UNREADABLE, TooHeavy, look_into, opened


@pytest.fixture
def book(tmp_path):
    file = openpyxl.Workbook()
    file.active.title = "學校"
    for row in (["代碼"], ["063404"], ["063408"]):
        file.active.append(row)
    file.active.row_dimensions[2].hidden = True
    file.active.merge_cells("B1:C2")
    path = tmp_path / "form.xlsx"
    file.save(path)
    return path


def test_hidden_rows_and_merged_cells_are_seen_also_in_a_file_formatted_far_down(book):
    look = look_into(book)["學校"]
    assert (look.hidden, look.merged, look.errors) == ({1}, ((0, 1, 1, 2),), {})
    heavy = formatted_down(book)
    assert look_into(heavy)["學校"].merged == look.merged
    assert look_into(heavy)["學校"].hidden == look.hidden


def test_a_file_formatted_far_down_is_not_opened_to_be_changed(book):
    assert opened(book, values=False).sheetnames == ["學校"]
    assert issubclass(TooHeavy, UNREADABLE)
    with pytest.raises(TooHeavy):
        opened(formatted_down(book), values=False)


def test_nothing_is_known_of_what_is_no_workbook(tmp_path):
    for content in (b"", b"PK\x03\x04", b"a,b\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        (tmp_path / "x.xlsx").write_bytes(content)
        assert look_into(tmp_path / "x.xlsx") == {}
    assert look_into(tmp_path / "none.xlsx") == {}


def formatted_down(path):
    rows = "".join(f'<row r="{r}"><c r="A{r}" s="0"/><c r="B{r}" s="0"/></row>' for r in range(4, 300_000))
    data = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            target.writestr(info.filename, content)
    heavy = path.with_name("heavy.xlsx")
    heavy.write_bytes(data.getvalue())
    return heavy
