"""Lists of schools: columns, places, joins; and the ministry's own lists of 109 to 111, where they are at hand."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.rosters import RosterFileError, join_lists, place_school, read_tables
from geodata.rosters.cells import kind_of, public_by_name, read_count
from geodata.rosters.columns import SPELLINGS, columns_of
from geodata.sheets import SheetError
from geodata.townships import townships
from tests.shared_data import shared_data, shared_rows

HIGH = [["代碼", "學校名稱", "公私立", "縣市名稱", "地址"]]
ONE = ["063901", "市立虛構高中", "公立", "[06]臺中市", "[423]臺中市東勢區虛構路1號"]
DONGSHI = "66000100"


@pytest.fixture
def table(tmp_path):
    def write(rows, name="high.csv", encoding="utf-8"):
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


def joined(*paths, year=None):
    tables, notes = [], []
    for path in paths:
        found, told = read_tables(path, year)
        tables += found
        notes += told
    return join_lists(tables, year, notes)


def problems(result):
    return Counter(note.problem for note in result.notes)


# -------------------------------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("heads", "kind"),
    [
        (["代碼", "學校名稱", "公私立", "縣市名稱", "地址"], "list"),
        (["學校代碼", "校名", "縣市"], "list"),
        (["School Code", "Name", "County", "Address"], "list"),
        (["code", "lon", "lat"], "points"),
        (["代碼", "Ｘ座標", "Ｙ座標", "學校名稱"], "points"),
        (["學校代碼", "等級別", "日夜別", "班級數", "學生數"], "programmes"),
        (["學校代碼", "群別", "科別", "班級數"], "departments"),
        (["學校代碼", "類科群別"], "departments"),
        (["學校代碼", "學校名稱", "七年級男學生數", "七年級女學生數"], "junior_highs"),
        (["code", "g7", "g8", "g9"], "junior_highs"),
        (["學校代碼", "國一學生數", "國二", "國三"], "junior_highs"),
        (["代碼", "電話"], None),
        (["學校名稱", "地址"], None),
    ],
)
def test_what_a_table_is_its_columns_say(heads, kind):
    assert columns_of(heads).kind() == kind


def test_no_spelling_means_two_things():
    words = [word for names in SPELLINGS.values() for word in names]
    assert len(words) == len(set(words))
    for field, names in SPELLINGS.items():
        for name in names:
            assert [head.field for head in columns_of([name]).heads.values()] == [field], name


@pytest.mark.parametrize(
    ("heads", "field", "year", "columns"),
    [
        (["students_108", "students_110", "students_112"], "students", 110, (1,)),
        (["students_108", "students_110", "students_112"], "students", 111, (1,)),
        (["109學年度學生數", "110學年學生數"], "students", 109, (0,)),
        (["男學生數", "女學生數"], "students", None, (0, 1)),
        (["男學生數", "女學生數", "學生數"], "students", None, (2,)),
        (["七年級男", "七年級女", "七年級班級數"], "g7", None, (0, 1)),
        (["一年級男", "一年級女", "二年級男"], "students", None, (0, 1, 2)),
        (["上學年畢業生男", "上學年畢業生女"], "graduates", None, (0, 1)),
        (["上學年度男畢業生", "上學年度女畢業生數"], "graduates", None, (0, 1)),
        (["學生數（人）"], "students", None, (0,)),
        (["七年級(男)", "七年級（女）"], "g7", None, (0, 1)),
        (["七年級(男)", "七年級(女)", "七年級(合計)"], "g7", None, (2,)),
        (["學生數(男生)", "學生數[女生數]"], "students", None, (0, 1)),
        (["學生數(109)", "學生數(110)"], "students", 110, (1,)),
        (["學生數(109學年度)", "學生數(110學年度)", "學生數(111)"], "students", 112, (2,)),
        (["學生數（民國109年）", "學生數（2021）"], "students", 110, (1,)),
        (["學生數(109)", "學生數(110)"], "students", None, (1,)),
        (["學生數", "學生數(109)"], "students", 109, (1,)),
        (["學生數(109)", "學生數"], "students", 110, (1,)),
    ],
)
def test_columns_of_years_and_parts(heads, field, year, columns):
    assert columns_of(heads).of(field, year) == columns


def test_a_second_column_with_the_same_meaning_is_told_and_not_added(table):
    result = joined(table([[*HIGH[0], "學生數(日間部)", "學生數(進修部)"], [*ONE, "10", "20"]]))
    assert [m.students for m in result.members] == [10]
    assert [(n.value, n.spot.line) for n in result.notes if n.problem == "column"] == [("學生數(進修部)", 1)]


@pytest.mark.parametrize("written", ["110", "110學年度", " 民國110學年 ", "2021", "１１０"])
def test_a_school_year_in_any_usual_form_tells_rows_of_other_years_apart(table, written):
    rows = [["學校代碼", "等級別", "班級數", "學生數", "學年度"]]
    rows += [["063901", "普通科", "1", "10", "109學年度"], ["063901", "普通科", "2", "20", written]]
    result = joined(table([*HIGH, ONE]), table(rows, "prog.csv"), year=110)
    assert [m.students for m in result.members] == [20]
    assert problems(result)["other_years"] == 1


@pytest.mark.parametrize("written", ["本學年", "1101", "110-1"])
def test_a_cell_that_holds_no_school_year_is_told(table, written):
    result = joined(table([[*HIGH[0], "學年度"], [*ONE, written]]), year=110)
    assert [(n.value, n.spot.line) for n in result.notes if n.problem == "year_cell"] == [(written, 2)]


def test_departments_without_numbers_all_count_as_running_and_it_is_told(table):
    departments = [["學校代碼", "群別", "科別"], ["063901", "機械群", "機械科"]]
    result = joined(table([*HIGH, ONE]), table(departments, "dept.csv"))
    assert [[c.group for c in m.courses] for m in result.members] == [["機械群"]]
    assert problems(result)["not_counted"] == 1
    closed = [["學校代碼", "群別", "科別", "班級數"], ["063901", "機械群", "機械科", "0"]]
    result = joined(table([*HIGH, ONE]), table(closed, "dept.csv"))
    assert [m.courses for m in result.members] == [()]
    assert problems(result)["not_counted"] == 0


@pytest.fixture
def book(tmp_path):
    def write(**sheets):
        import openpyxl

        file = openpyxl.Workbook()
        file.remove(file.active)
        for name, rows in sheets.items():
            sheet = file.create_sheet(name.strip("_"))
            for row in rows:
                sheet.append(row)
            if name.startswith("_"):
                sheet.sheet_state = "hidden"
        if not any(sheet.sheet_state == "visible" for sheet in file):
            file.create_sheet("空")
        path = tmp_path / "book.xlsx"
        file.save(path)
        return path

    return write


def test_a_hidden_sheet_is_passed_over_and_told(book):
    other = ["063902", *ONE[1:]]
    result = joined(book(_去年=[*HIGH, other], 今年=[*HIGH, ONE]))
    assert [m.code for m in result.members] == ["063901"]
    assert [(n.value, n.spot.cell) for n in result.notes if n.problem == "hidden"] == [("去年", "去年!A1")]


def test_a_hidden_sheet_is_read_where_no_other_is_a_list_and_it_is_told(book):
    result = joined(book(_名錄=[*HIGH, ONE]))
    assert [m.code for m in result.members] == ["063901"]
    assert [n.value for n in result.notes if n.problem == "hidden_used"] == ["名錄"]


def test_a_failed_formula_is_told_and_read_as_nothing(tmp_path, book):
    import zipfile

    path = book(名錄=[[*HIGH[0], "學生數"], [*ONE, 77777], ["063902", *ONE[1:], 88888]])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(broken, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b't="n"><v>77777</v>', b't="e"><v>#REF!</v>')
            target.writestr(info.filename, data)
    result = joined(broken)
    assert [(m.code, m.students) for m in result.members] == [("063901", None), ("063902", 88888)]
    assert [(n.value, n.spot.cell) for n in result.notes if n.problem == "formula"] == [("#REF!", "名錄!F2")]


def test_the_header_may_stand_below_a_title(table):
    result = joined(table([["109 學年度高級中等學校名錄"], [], *HIGH, ONE]))
    assert [(m.code, m.towncode) for m in result.members] == [("063901", DONGSHI)]


# --------------------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("county", "town", "address", "at", "town_found", "by"),
    [
        ("[06]臺中市", "", "[423]臺中市東勢區虛構路1號", None, "臺中市東勢區", "address"),
        ("台中市", "", "東勢區虛構路1號", None, "臺中市東勢區", "address"),
        ("", "", "臺中縣東勢鎮虛構路1號", None, "臺中市東勢區", "address"),
        ("桃園市", "", "[324]桃園市平鎮區虛構路", None, "桃園市平鎮區", "address"),
        ("臺中市", "東勢", "", None, "臺中市東勢區", "stated"),
        ("[06]臺中市", "[423]東勢區", "虛構路1號", None, "臺中市東勢區", "stated"),
        ("新竹市", "", "虛構路1號", (120.9647, 24.8066), "新竹市北區", "point"),
        ("", "", "", (120.8279, 24.2586), "臺中市東勢區", "point"),
        ("東海省", "", "虛構路1號", None, None, ""),
        ("", "", "", (125.0, 24.0), None, ""),
        ("", "", "", None, None, ""),
    ],
)
def test_a_school_is_placed_by_its_address_else_as_stated_else_by_its_point(county, town, address, at, town_found, by):
    found = place_school(county, town, address, at)
    assert (found.towncode and townships()[found.towncode].name, found.by) == (town_found, by)


def test_disagreements_are_told_and_the_address_counts(table):
    head = [["代碼", "校名", "縣市", "鄉鎮市區", "地址", "經度", "緯度"]]
    far = ["063901", "甲", "臺中市", "東勢區", "臺中市東勢區1號", "120.6746", "24.1457"]
    other = ["063902", "乙", "臺中市", "新社區", "臺中市東勢區1號", "120.8279", "24.2586"]
    county = ["063903", "丙", "苗栗縣", "", "臺中市東勢區1號", "", ""]
    result = joined(table([*head, far, other, county]))
    assert {m.towncode for m in result.members} == {DONGSHI}
    told = {note.problem: note for note in result.notes}
    assert told["outside"].school == "063901" and 10 < told["outside"].details["km"] < 20
    assert told["address_differs"].school == "063902"
    assert told["address_differs"].details["found"] == DONGSHI
    assert (told["county_differs"].school, told["county_differs"].spot.line) == ("063903", 4)


@pytest.mark.parametrize(
    ("code", "level", "kind"),
    [
        ("063404", "", "senior_high"),
        ("064501", "", "junior_high"),
        ("064601", "", "elementary"),
        ("0001", "", "university"),
        ("010301", "國中", "junior_high"),
        ("010301", "高中職", "senior_high"),
        ("0001", "大專院校", "university"),
    ],
)
def test_kind_of_school(code, level, kind):
    assert kind_of(code, level) == kind


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("國立虛構高中", True),
        ("市立虛構高中", True),
        ("臺中市立虛構高中", True),
        ("縣立虛構國中", True),
        ("私立虛構高中", False),
        ("臺北市私立虛構高中", False),
        ("財團法人虛構高中", False),
        ("虛構學校財團法人臺南市虛構高中", False),
        ("虛構實驗學校", None),
    ],
)
def test_public_by_name(name, public):
    assert public_by_name(name) is public


@pytest.mark.parametrize(
    ("cell", "count"), [("1,234", 1234), (" 12 ", 12), (3.0, 3), ("１２", 12), ("-", None), ("", None), ("5.0", 5)]
)
def test_counts(cell, count):
    assert read_count(cell) == count


# ---------------------------------------------------------------------------------------------------------------- joins


def test_lists_are_joined_by_code(table):
    high = table([*HIGH, ONE])
    departments = table(
        [
            ["學校代碼", "等級別", "群別", "科別", "班級數", "學生數"],
            ["63901", "B 專業群科", "21 機械群", "301 機械科", "3", "90"],
            ["063901", "專業群科", "化工群", "化工科", "0", "0"],
            ["063901", "附設國中部", "", "國中部", "3", "60"],
            ["069999", "專業群科", "機械群", "機械科", "1", "30"],
        ],
        "departments.csv",
    )
    points = table([["code", "lon", "lat", "name"], ["063901", "120.8279", "24.2586", "x"]], "points.csv")
    result = joined(high, departments, points)
    (school,) = result.members
    assert [(c.programme, c.group, c.dept) for c in school.courses] == [("專業群科", "機械群", "機械科")]
    assert (school.students, school.at, school.by_department) == (90, (120.8279, 24.2586), True)
    assert school.sources == ("high.csv", "points.csv", "departments.csv")
    assert problems(result) == {"lost_zero": 1, "not_listed": 1}
    assert [n.spot.line for n in result.notes if n.problem == "not_listed"] == [5]


def test_a_junior_division_has_the_code_of_its_senior_high_and_stands_beside_it(table):
    juniors = table(
        [
            ["代碼", "校名", "縣市", "鄉鎮市區", "七年級", "八年級", "九年級"],
            ["063901", "附中", "臺中市", "東勢區", 1, 2, 3],
        ],
        "j.csv",
    )
    points = table([["code", "lon", "lat"], ["063901", "120.8279", "24.2586"]], "points.csv")
    result = joined(table([*HIGH, ONE]), juniors, points)
    assert [(m.kind, m.code, m.at) for m in result.members] == [
        ("senior_high", "063901", (120.8279, 24.2586)),
        ("junior_high", "063901", (120.8279, 24.2586)),
    ]
    assert result.members[1].pupils == (1, 2, 3)


def test_the_point_layer_is_the_list_where_there_is_none_and_adds_no_school_where_there_is_one(table):
    points = table(
        [
            ["code", "name", "county", "town", "lon", "lat"],
            *[[f"06390{k}", "x", "臺中市", "東勢區", 120.8279, 24.2586] for k in (1, 2)],
        ],
        "points.csv",
    )
    alone = joined(points)
    assert [m.code for m in alone.members] == ["063901", "063902"]
    assert problems(alone) == {"points_as_list": 1}
    both = joined(table([*HIGH, ONE]), points)
    assert [m.code for m in both.members] == ["063901"]
    assert problems(both) == {"not_listed": 1}


def test_rows_of_the_year_asked_for_are_taken_else_of_the_nearest(table):
    rows = [["學年度", *HIGH[0]], *[[year, ONE[0], f"校名{year}", *ONE[2:]] for year in (107, 109, 2021)]]
    assert [joined(table(rows), year=year).members[0].name for year in (107, 108, 109, 110, 115)] == [
        "校名107",
        "校名107",
        "校名109",
        "校名2021",
        "校名2021",
    ]


def test_lists_of_several_files_complete_one_another_unless_they_contradict(table):
    towns = table(
        [["code", "name", "county", "township", "public"], ["63901", "虛構", "台中市", "東勢區", ""]], "b.csv"
    )
    other = table([["code", "name", "county", "township"], ["063901", "虛構", "苗栗縣", ""]], "c.csv")
    first = table([["代碼", "學校名稱", "縣市"], ["063901", "市立虛構高中", "臺中市"]], "a.csv")
    (school,) = joined(first, towns).members
    assert (school.name, school.towncode, school.sources) == ("市立虛構高中", DONGSHI, ("a.csv", "b.csv"))
    assert problems(joined(first, towns)) == {"lost_zero": 1, "variant": 1}
    assert problems(joined(first, other)) == {"conflict": 1, "unplaced": 1}


def test_schools_of_all_levels_in_one_list(table):
    head = [["代碼", "學制", "校名", "縣市", "鄉鎮市區"]]
    rows = [["063901", "高中職", "甲", "臺中市", "東勢區"], ["064501", "國民中學", "乙", "臺中市", "東勢區"]]
    more = [["1", "大專院校", "丙", "臺中市", "東勢區"], ["064601", "國民小學", "丁", "臺中市", "東勢區"]]
    result = joined(table([*head, *rows, *more]))
    assert [(m.kind, m.code) for m in result.members] == [
        ("senior_high", "063901"),
        ("junior_high", "064501"),
        ("university", "0001"),
    ]
    assert problems(result) == {"lost_zero": 1, "elementary": 1}


def test_one_list_in_every_form_is_the_same(table, tmp_path):
    first = joined(table([*HIGH, ONE])).members
    for encoding in ("utf-8-sig", "cp950", "utf-16"):
        assert joined(table([*HIGH, ONE], encoding=encoding)).members == first
    path = tmp_path / "high.csv"
    path.write_text(json.dumps([dict(zip(HIGH[0], ONE, strict=True))], ensure_ascii=False), encoding="utf-8")
    assert joined(path).members == first


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(-(10**9), 10**12),
    st.floats(allow_nan=True),
    st.booleans(),
    st.sampled_from(
        [
            "063404",
            "63404",
            "臺中市",
            "東區",
            "[423]臺中市東勢區",
            "120.8",
            "24.2",
            "=1+1",
            "機械群",
            "九年級",
            "國中",
            "0001",
        ]
    ),
)
HEADS = st.lists(
    st.sampled_from([name for names in SPELLINGS.values() for name in names] + ["七年級", "g8", "students_109", ""]),
    max_size=9,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADS, st.lists(st.lists(CELLS, max_size=9), max_size=5), st.booleans())
def test_no_cell_breaks_the_import(tmp_path, heads, rows, as_json):
    path = tmp_path / "any"
    if as_json:
        entries = [dict(zip(["代碼", *heads], row, strict=False)) for row in rows]
        path.write_text(json.dumps(entries), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
            csv.writer(file).writerows([["代碼", *heads], *rows])
    try:
        tables, notes = read_tables(path, 109)
    except (SheetError, RosterFileError) as error:
        assert str(error)
        return
    result = join_lists(tables, 109, notes)
    assert len({(m.kind, m.code) for m in result.members}) == len(result.members)
    for member in result.members:
        assert member.towncode is None or member.towncode in townships()


# ------------------------------------------------------------------------------------------------------- the real lists

LISTS = (
    "high-109.csv",
    "high_geo.csv",
    "high_programmes_110.csv",
    "high_departments_111.csv",
    "junior_110.csv",
    "university_geo.csv",
)


@pytest.fixture(scope="module")
def real():
    return joined(*[shared_data(name) for name in LISTS], year=109)


def of(real, kind):
    return {m.code: m for m in real.members if m.kind == kind}


def test_every_school_of_the_country_is_placed(real):
    assert {kind: len(of(real, kind)) for kind in ("senior_high", "junior_high", "university")} == {
        "senior_high": 513,
        "junior_high": 965,
        "university": 140,
    }
    assert all(member.towncode for member in real.members)


def test_senior_highs_by_county_as_counted_elsewhere(real):
    counted = Counter(townships()[m.towncode].county for m in of(real, "senior_high").values())
    public = Counter(townships()[m.towncode].county for m in of(real, "senior_high").values() if m.public)
    expected = shared_rows("county_counts_109.csv")
    assert counted == {row["county"]: int(row["schools"]) for row in expected}
    assert {row["county"]: public[row["county"]] for row in expected} == {
        row["county"]: int(row["public"]) for row in expected
    }


def test_townships_agree_with_the_point_layer(real):
    for name, kind in (("high_geo.csv", "senior_high"), ("university_geo.csv", "university")):
        members = of(real, kind)
        for row in shared_rows(name):
            if row["code"] in members:
                assert townships()[members[row["code"]].towncode].name == row["county"] + row["town"]


def test_what_the_lists_contradict_is_told(real):
    told: dict[str, set[str]] = {}
    for note in real.notes:
        told.setdefault(note.problem, set()).add(note.school)
    assert len(told["no_coordinates"]) == 14
    assert told["address_differs"] == {"031320", "171306"}
    # 134533 lies in an exclave that the simplified map does not have.
    assert told["outside"] == {"551303", "114508", "134533"}
    assert len(told["public_differs"]) == 9
    geo = {row["code"] for row in shared_rows("high_geo.csv")}
    high = {row["代碼"] for row in shared_rows("high-109.csv")}
    departments = {row["code"] for row in shared_rows("high_departments_111.csv")}
    programmes = {row["code"] for row in shared_rows("high_programmes_110.csv")}
    assert told["not_listed"] == (geo | departments | programmes) - high
    assert not told.keys() & {"unplaced", "conflict", "code", "no_code", "number", "coordinates", "repeated"}


def test_pupils_and_students_are_those_of_the_lists(real):
    juniors = of(real, "junior_high")
    for row in shared_rows("junior_110.csv"):
        assert juniors[row["code"]].pupils == tuple(int(row[f"g{grade}"]) for grade in (7, 8, 9))
    sums: Counter[str] = Counter()
    for row in shared_rows("high_programmes_110.csv"):
        if row["level"] != "附設國中部":
            sums[row["code"]] += int(row["students"])
    seniors = of(real, "senior_high")
    assert all(seniors[code].students == total for code, total in sums.items() if code in seniors)


def test_flags_that_the_names_show(real):
    seniors = of(real, "senior_high")
    assert sum(m.continuing for m in seniors.values()) == 3
    assert not any(m.special_education for m in seniors.values())


def test_the_list_in_big5_and_utf16_and_as_a_workbook_gives_the_same(real, tmp_path):
    import openpyxl

    text = shared_data("high-109.csv").read_text(encoding="utf-8-sig")
    expected = joined(shared_data("high-109.csv")).members
    path = tmp_path / "high-109.csv"
    path.write_bytes(text.encode("utf-16"))
    assert joined(path).members == expected
    path.write_bytes(text.encode("cp950", "replace"))  # a few characters of addresses are not in Big5
    assert [(m.code, m.towncode) for m in joined(path).members] == [(m.code, m.towncode) for m in expected]
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        code = int(row[0]) if row[0].isdigit() else row[0]  # as Excel takes the column
        book.active.append([code, *row[1:]])
    book.save(tmp_path / "high-109.csv")
    again = joined(tmp_path / "high-109.csv")
    assert again.members == expected
    lost = sum(member.code.startswith("0") and member.code.isdigit() for member in expected)
    assert problems(again)["lost_zero"] == lost > 100
