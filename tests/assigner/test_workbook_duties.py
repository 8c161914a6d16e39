"""A table of duties may be a CSV in any encoding or a workbook; an item that became a date gets a hint."""

from __future__ import annotations

import datetime
import zipfile

import openpyxl
import pytest
from openpyxl import Workbook

from assigner.checking import _code_of, check
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve
from tests.assigner.workbook_forms import small
from tests.tools import convert


@pytest.fixture(scope="module")
def duties():
    """Solve the small community: rows of a lawful table."""
    result = solve(small())
    rows = [("項目", "學校")]
    rows += [(item, code) for item, codes in result.assignment.hosts.items() for code in codes]
    return [*rows, ("convener", result.assignment.convener)]


def book(path, rows, lead=0):
    workbook = Workbook()
    sheet = workbook.active
    workbook.create_sheet("其他", 0)["A1"] = "無關"
    for number, row in enumerate(rows, 1 + lead):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_any_encoding(duties, encoding, delimiter, tmp_path):
    path = tmp_path / "duties.csv"
    path.write_text("\r\n".join(delimiter.join(row) for row in duties), encoding=encoding)
    verdict = check(path, small())
    assert verdict.audit.ok
    assert not verdict.notes


def test_workbooks(duties, tmp_path):
    path = book(tmp_path / "duties.xlsx", duties, lead=3)
    assert check(path, small()).audit.ok
    assert check(convert(path, "ods", tmp_path), small()).audit.ok


def test_numbers_that_are_items_are_understood(duties, tmp_path):
    rows = [(float(item) if item.count(".") == 1 and item[0].isdigit() else item, code) for item, code in duties]
    assert check(book(tmp_path / "duties.xlsx", rows), small()).audit.ok


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (datetime.datetime(2026, 4, 1), "4.1"),
        (46113, "4.1"),
        ("4月1日", "4.1"),
        ("1-Apr", "4.1"),
        ("2026/4/5", "4.5"),
        (4.15, "number that is no item"),
    ],
)
def test_an_item_that_became_something_else_gets_a_hint(duties, value, hint, tmp_path):
    path = book(tmp_path / "duties.xlsx", [*duties, (value, "SYN001")])
    with pytest.raises(InputError) as caught:
        check(path, small())
    (problem,) = caught.value.problems
    assert problem.place.cell == f"Sheet!A{len(duties) + 1}"
    with language_set("en"):
        assert hint in str(problem)
        assert "date" in str(problem) or "number" in str(problem)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_table_is_refused(lang, tmp_path):
    contents = {"a.csv": b"", "b.xlsx": b"PK\x03\x04 no", "c.csv": b"\xff\xff\x00", "d.csv": b"a,b\n1,2\n"}
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        with language_set(lang), pytest.raises(InputError) as caught:
            check(path, small())
        with language_set(lang):
            assert str(path) in str(caught.value)


def test_a_second_convening_school_is_refused(duties, tmp_path):
    first = next(code for item, code in duties if item == "convener")
    assert check(book(tmp_path / "same.xlsx", [*duties, ("convener", first)]), small()).assignment.convener == first
    other = next(code for code in ("SYN001", "SYN002") if code != first)
    with pytest.raises(InputError) as caught:
        check(book(tmp_path / "duties.xlsx", [*duties, ("convener", other)]), small())
    (problem,) = caught.value.problems
    assert problem.place.cell == f"Sheet!B{len(duties) + 1}"
    with language_set("en"):
        assert f"the first is {first}" in str(problem)


def test_codes_lose_one_zero_at_most():
    schools = {"063404": "063404", "000012": "000012"}
    assert _code_of("63404", schools) == "063404"
    assert _code_of("12", schools) is None
    assert _code_of("000012", schools) == "000012"


def test_a_hidden_sheet_is_judged_only_where_no_other_has_duties_and_it_is_told(duties, tmp_path):
    path = book(tmp_path / "duties.xlsx", duties)
    workbook = openpyxl.load_workbook(path)
    draft = workbook.create_sheet("草稿", 0)
    draft.append(["item", "school"])
    draft.append(["4.1", "SYN999"])
    draft.sheet_state = "hidden"
    workbook.save(path)
    verdict = check(path, small())
    assert verdict.audit.ok
    assert not verdict.notes
    workbook["Sheet"].sheet_state = "hidden"
    workbook.remove(draft)
    workbook.save(path)
    (note,) = check(path, small()).notes
    with language_set("en"):
        assert str(note) == "The table was read from a hidden sheet: Sheet."


def test_a_failed_formula_is_named_with_its_cell(duties, tmp_path):
    path = book(tmp_path / "duties.xlsx", [*duties, ("4.1", "=1/0")])
    with zipfile.ZipFile(path) as source:
        parts = {info.filename: source.read(info) for info in source.infolist()}
    name = next(name for name, data in parts.items() if b"<f>1/0</f>" in data)
    parts[name] = (
        parts[name]
        .replace(b"<f>1/0</f><v />", b"<f>1/0</f><v>#DIV/0!</v>")
        .replace(b"<f>1/0</f><v/>", b"<f>1/0</f><v>#DIV/0!</v>")
    )
    cell = f'r="B{len(duties) + 1}"'.encode()
    parts[name] = parts[name].replace(cell, cell + b' t="e"')
    with zipfile.ZipFile(path, "w") as target:
        for part, data in parts.items():
            target.writestr(part, data)
    with pytest.raises(InputError) as caught:
        check(path, small())
    (problem,) = caught.value.problems
    assert (problem.place.cell, problem.value) == (f"Sheet!B{len(duties) + 1}", "#DIV/0!")
