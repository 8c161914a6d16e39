"""Rosters: categories, the tidy table and its way through a spreadsheet, comparing, scenarios, the two commands."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import assigner
from assigner import cli
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set, set_language
from assigner.roster import (
    Roster,
    RosterSchool,
    compare_rosters,
    import_roster,
    read_roster,
    roster_csv,
    scenario_from_roster,
    write_roster,
)
from assigner.roster.categories import TALENT_DEPARTMENTS, categories_of
from assigner.roster.comparing import comparison_csv
from assigner.roster.members import split_members
from assigner.roster.schools import KINDS
from assigner.roster.showing import show_import
from assigner.roster.tidy import COLUMNS
from assigner.scenario import parse_scenario, read_scenario, write_yaml
from benchmarks.counties import COUNTIES, LISTS, SMALL, roster_of, solve_county
from geodata.townships import find_township, townships
from models.rulebook import load_rulebook
from scripts import build_real_scenarios as build
from tests.shared_data import shared_data, shared_rows
from tests.tools import convert

DONGSHI, XINSHE, NORTH = (find_township(f"臺中市{town}").towncode for town in ("東勢區", "新社區", "北區"))


@pytest.fixture(autouse=True)
def language_of_the_tests():
    set_language("en")
    yield
    set_language("en")


def school(code, town=DONGSHI, kind="senior_high", **more):
    name = more.pop("name", f"虛構{code}")
    return RosterSchool(kind, code, name, towncode=town, county=townships()[town].county if town else "", **more)


@pytest.fixture
def roster():
    """Made up, on real townships."""
    return Roster(
        111,
        (
            school(
                "063901", public=True, lon=120.8279, lat=24.2586, categories=("general", "industrial"), students=900
            ),
            school("063902", XINSHE, public=False, talent_class=True),
            school("063903", NORTH, special_education=True, notes=("no_coordinates",), sources=("a.csv", "b 、;.xlsx")),
            school("063904", None, name="=SUM(A1)", notes=("unplaced",)),
            school("063501", kind="junior_high", pupils=(10, 20, None), graduates=15),
            school("064501", XINSHE, kind="junior_high", pupils=(1, 2, 3)),
            school("0001", NORTH, kind="university", name="國立虛構大學"),
        ),
    )


def lists(folder, *more):
    """A list of two schools and what is added to it, as files."""
    head = "代碼,學校名稱,公私立,縣市名稱,地址\n"
    path = folder / "high.csv"
    path.write_text(
        head + "063901,市立虛構高工,公立,臺中市,臺中市東勢區1號\n063902,私立虛構高中,私立,臺中市,臺中市新社區1號\n",
        encoding="utf-8",
    )
    files = [path]
    for k, text in enumerate(more):
        files.append(folder / f"more{k}.csv")
        files[-1].write_text(text, encoding="utf-8")
    return files


# ----------------------------------------------------------------------------------------------------------- categories

DEPARTMENTS = "學校代碼,等級別,群別,科別,班級數,學生數\n"


@pytest.mark.parametrize(
    ("rows", "categories", "talent"),
    [
        ("063901,專業群科,機械群,機械科,3,90\n", ("industrial",), False),
        (
            "063901,專業群科,商業與管理群,商經科,3,90\n063901,普通科,學術群,普通科,6,200\n",
            ("commercial", "general"),
            False,
        ),
        ("063901,專業群科,農業群,園藝科,3,90\n", ("other_vocational",), False),
        ("063901,普通科,學術群,美術班,3,80\n", ("general",), True),
        ("063901,專業群科,藝術群,美術科,3,80\n", ("other_vocational",), False),
        ("063901,普通科,學術群,體育班,0,0\n063901,專業群科,家政群,家政科,1,0\n", ("home_economics",), False),
        ("063901,附設國中部,,國中部,3,80\n", None, False),
        ("063902,專業群科,機械群,機械科,3,90\n", None, False),
        ("063901,專業群科,機械,機械科,3,90\n063901,綜合高中,綜合,其他,3,90\n", ("industrial",), False),
    ],
)
def test_categories_come_from_running_departments_by_the_rulebooks_table(tmp_path, rows, categories, talent):
    found = import_roster(lists(tmp_path, DEPARTMENTS + rows), 111).by_key["senior_high", "063901"]
    assert (found.categories, found.talent_class) == (categories, talent)


@pytest.mark.parametrize(
    ("rows", "categories"),
    [
        ("063901,普通科,12,400\n063901,附設國中部,6,200\n", ("general",)),
        ("063901,普通科,12,400\n063901,專業群科,6,200\n", None),
        ("063901,專業群科,6,200\n", None),
    ],
)
def test_programmes_alone_say_only_that_a_school_is_general(tmp_path, rows, categories):
    found = import_roster(lists(tmp_path, "學校代碼,等級別,班級數,學生數\n" + rows), 111)
    assert found.by_key["senior_high", "063901"].categories == categories


def test_every_group_of_the_rulebook_is_read(tmp_path):
    table = load_rulebook("111").categories
    for category in table.list_:
        for group in category.department_groups:
            rows = f"{DEPARTMENTS}063901,專業群科,{group},某科,1,30\n"
            assert import_roster(lists(tmp_path, rows), 111).schools[0].categories == (category.id,)


def test_there_is_one_table_of_talent_classes():
    root = Path(assigner.__file__).parent.parent
    word = "戲劇" + "班"
    found = [
        path.name
        for top in ("assigner", "geodata", "scripts")
        for path in (root / top).rglob("*.py")
        if word in path.read_text("utf-8")
    ]
    assert found == ["categories.py"]
    assert len(TALENT_DEPARTMENTS) == 4 and categories_of


# ------------------------------------------------------------------------------------------------------- the tidy table


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_is_read_back_as_it_was(roster, tmp_path, lang, ending):
    with language_set(lang):
        path = write_roster(roster, tmp_path / f"名冊.{ending}")
    for reading in LANGUAGES:
        with language_set(reading):
            assert read_roster(path) == roster


def test_excel_sees_chinese_and_no_formula(roster, tmp_path):
    text = roster_csv(roster)
    assert text.startswith("\ufeffcode,kind,name,")
    assert "\r\n" in text and "'=SUM(A1)" in text
    path = write_roster(roster, tmp_path / "r.xlsx")
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert "=SUM(A1)" in {cell.value for cell in cells}


def test_codes_come_back_after_excel_took_them_for_numbers(roster, tmp_path):
    rows = list(csv.reader(io.StringIO(roster_csv(roster).removeprefix("\ufeff"))))
    spoilt = [
        [cell.lstrip("0") if cell.isdigit() else cell.upper() if cell == "yes" else cell for cell in row]
        for row in rows
    ]
    assert spoilt != rows
    text = io.StringIO()
    csv.writer(text).writerows(spoilt)
    for encoding in ("utf-8", "cp950"):
        path = tmp_path / "r.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        assert read_roster(path) == roster


def test_libreoffice_opens_and_saves_it_without_loss(roster, tmp_path):
    path = write_roster(roster, tmp_path / "r.xlsx")
    assert read_roster(convert(path, "ods", tmp_path)) == roster


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ("1e999", "24.2", "not in Taiwan"),
        ("24.2", "120.8", "exchanged"),
        ("220000", "2670000", "not in Taiwan"),
    ],
)
def test_coordinates_that_are_none_of_taiwan_are_refused_in_the_cell_of_the_roster(roster, tmp_path, lon, lat, said):
    rows = list(csv.reader(io.StringIO(roster_csv(roster).removeprefix("\ufeff"))))
    at = [list(COLUMNS).index(name) for name in ("lon", "lat")]
    rows[2][at[0]], rows[2][at[1]] = lon, lat
    path = tmp_path / "r.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(InputError) as caught:
        read_roster(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.place.line) == (str(path), 3)
    with language_set("en"):
        assert said in str(problem)


def test_what_is_odd_about_a_school_is_reported_of_the_roster(roster, tmp_path):
    far = replace(roster.schools[0], lon=121.5, lat=25.0)
    path = write_roster(replace(roster, schools=(far, *roster.schools[1:])), tmp_path / "名冊.csv")
    scenario = scenario_from_roster(read_roster(path), far.code)
    assert {warning.file for warning in scenario.warnings} == {str(path)}


def test_a_failed_formula_in_a_roster_is_refused_in_its_cell(roster, tmp_path):
    path = write_roster(roster, tmp_path / "r.xlsx")
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(broken, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                data = re.sub(rb'<c r="C2"[^>]*>.*?</c>', b'<c r="C2" t="e"><f>A9</f><v>#REF!</v></c>', data, count=1)
            target.writestr(info.filename, data)
    with pytest.raises(InputError) as caught:
        read_roster(broken)
    (problem,) = caught.value.problems
    assert (problem.value, problem.place.cell.rpartition("!")[2]) == ("#REF!", "C2")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).map(
    lambda text: " ".join(text.split())
)
COUNTS = st.none() | st.integers(0, 9_999_999)


@given(
    st.lists(
        st.builds(
            RosterSchool,
            st.sampled_from(KINDS),
            st.from_regex(r"[0-9A-Z]{6}", fullmatch=True),
            st.sampled_from(["", "=1+1", "'x", "''=", "-", "@a"]) | NAMES,
            st.none() | st.booleans(),
            st.none(),
            st.just(""),
            st.just(120.123456),
            st.floats(21, 26).map(lambda degrees: round(degrees, 6)),
            st.none() | st.sampled_from([("general",), ("commercial", "industrial", "other_vocational")]),
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.tuples(COUNTS, COUNTS, COUNTS),
            COUNTS,
            COUNTS,
            st.sampled_from([(), ("a.csv", "b, c.xlsx")]),
            st.sampled_from([(), ("by_point", "outside")]),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda s: s.code,
    ),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["csv", "xlsx"]),
)
def test_any_roster_is_read_back_as_it_was(tmp_path_factory, schools, lang, ending):
    import unicodedata

    clean = [
        replace(s, name=unicodedata.normalize("NFC", s.name), code=s.code[:4] if s.kind == "university" else s.code)
        for s in schools
    ]
    clean = [s for s in clean if s.name.casefold() not in ("null", "nan", "none")]
    once = {(s.kind, s.code): s for s in clean}
    if not once:
        return
    roster = Roster(111, tuple(sorted(once.values(), key=lambda s: (KINDS.index(s.kind), s.code))))
    with language_set(lang):
        assert read_roster(write_roster(roster, tmp_path_factory.mktemp("r") / f"r.{ending}")) == roster


CELL = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.sampled_from(["063901", "senior_high", "臺中市", "東區", "111"]),
)


@given(st.lists(st.lists(CELL, min_size=21, max_size=21), max_size=3))
def test_no_cell_of_a_table_gives_a_traceback(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("r") / "r.json"
    heads = roster_csv(Roster(111, ())).removeprefix("\ufeff").strip().split(",")
    path.write_text(json.dumps([dict(zip(heads, row, strict=True)) for row in rows]), encoding="utf-8")
    try:
        read_roster(path)
    except InputError as error:
        assert str(error)


NAMED = [
    "臺中市",
    "[06]台中市",
    "東勢區",
    "[423]臺中市東勢區1號",
    "東海省",
    "國立甲、乙；丙|丁",
    "特殊教育學校",
    "公立",
]
RUNS = ["機械群", "普通科", "美術班", "附設國中部", "12", "111", "110"]
ODD = ["063901", "63901", "0001", "120.8279", "24.2586", "=1+1", "'x", "{name}", "{0}"]
WORDS = st.sampled_from([*NAMED, *RUNS, *ODD])
ANY = st.one_of(WORDS, WORDS, WORDS, st.none(), st.text(max_size=8), st.integers(-5, 10**7), st.floats(), st.booleans())
FIELDS = [
    "學校名稱",
    "公私立",
    "縣市",
    "鄉鎮市區",
    "地址",
    "經度",
    "緯度",
    "等級別",
    "群別",
    "科別",
    "班級數",
    "學生數",
    "七年級",
    "學年度",
]


CODES = st.sampled_from(["063901", "63902", "064501", "070F01", "063B01", "0001", "7"]) | ANY
USUAL = [
    ["學校名稱", "縣市", "地址", "經度", "緯度", "公私立"],
    ["學校名稱", "縣市", "鄉鎮市區", "七年級", "學年度"],
    ["等級別", "群別", "科別", "班級數", "學生數"],
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(USUAL) | st.lists(st.sampled_from(FIELDS), max_size=7, unique=True),
            st.lists(st.tuples(CODES, *[ANY] * 7), min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_the_cells_say_the_import_is_told_and_its_table_reads_back(tmp_path_factory, tables):
    folder = tmp_path_factory.mktemp("r")
    files = []
    for k, (heads, rows) in enumerate(tables):
        files.append(folder / f"{k}.json")
        entries = [dict(zip(["代碼", *heads], row, strict=False)) for row in rows]
        files[-1].write_text(json.dumps(entries), encoding="utf-8")
    try:
        roster = import_roster(files, 111)
    except InputError as error:
        assert str(error)
        return
    show_import(roster, Console(file=io.StringIO(), width=100))
    assert json.dumps(roster.report.to_dict(), default=str)
    assert read_roster(write_roster(roster, folder / "r.csv")) == roster
    assert read_roster(write_roster(roster, folder / "r.xlsx")) == roster
    assert not compare_rosters(roster, roster).changes


def test_every_column_is_documented():
    page = (Path(assigner.__file__).parent.parent / "docs" / "rosters.md").read_text(encoding="utf-8")
    for name in COLUMNS:
        assert f"`{name}`" in page


def test_a_frame_for_pandas(roster):
    frame = roster.to_frame()
    assert list(frame.columns[:3]) == ["code", "kind", "name"]
    assert frame["code"].tolist() == [s.code for s in roster.schools]


# ------------------------------------------------------------------------------------------------------------ comparing


def test_two_years_are_compared_by_code():
    old = Roster(
        109,
        (
            school("063901", name="舊名", lon=120.8279, lat=24.2586),
            school("063902", public=True, lon=120.8, lat=24.2),
            school("063903"),
            school("063904", name="台中", lon=120.8, lat=24.2),
            school("063501", kind="junior_high"),
        ),
    )
    new = Roster(
        111,
        (
            school("063901", XINSHE, name="新名", lon=120.8279, lat=24.2486),
            school("063902", public=False, lon=120.804, lat=24.2),
            school("063904", name="臺中", lon=120.806, lat=24.2),
            school("063905"),
            school("0001", kind="university"),
        ),
    )
    found = compare_rosters(old, new)
    assert (found.old, found.new) == (109, 111)
    assert [(change.what, change.school.code) for change in found.changes] == [
        ("new", "063905"),
        ("closed", "063903"),
        ("renamed", "063901"),
        ("moved", "063901"),
        ("moved", "063904"),
        ("public", "063902"),
    ]
    moved = found.of("moved")
    assert moved[0].values == ("臺中市東勢區", "臺中市新社區") and moved[0].km == pytest.approx(1.11, abs=0.01)
    assert moved[1].km == pytest.approx(0.61, abs=0.01)
    rows = list(csv.reader(io.StringIO(comparison_csv(found).removeprefix("\ufeff"))))
    assert rows[3][2:6] == ["063901", "新名", "舊名", "新名"]
    assert not compare_rosters(old, old).changes


def test_a_change_undone_is_the_change_turned_round(roster):
    other = replace(roster, schools=roster.schools[1:])
    assert [c.what for c in compare_rosters(roster, other).changes] == ["closed"]
    assert [c.what for c in compare_rosters(other, roster).changes] == ["new"]


# ------------------------------------------------------------------------------------------------------------ scenarios


@pytest.mark.parametrize("text", ["063901,東勢區", "063901、東勢區", " 063901  東勢區\n", "063901 # 甲\n東勢區;063901"])
def test_members_are_separated_in_any_way(text):
    assert split_members(text) == ("063901", "東勢區")


@pytest.mark.parametrize(
    ("members", "codes", "towns", "juniors"),
    [
        ("63901", ["063901"], ["東勢區"], ["063501"]),
        ("東勢", ["063901"], ["東勢區"], ["063501"]),
        ("台中縣新社鄉、063901", ["063901", "063902"], ["東勢區", "新社區"], ["063501", "064501"]),
        ("北區 新社區", ["063902", "063903"], ["北區", "新社區"], ["064501"]),
    ],
)
def test_members_by_code_and_township(roster, members, codes, towns, juniors):
    scenario = scenario_from_roster(roster, members, id="x")
    assert [s.code for s in scenario.entries.schools] == codes
    assert {townships()[code].town for code in scenario.territory} == set(towns)
    assert [s.code for s in scenario.entries.junior_highs] == juniors


def test_a_county_stands_for_all_its_townships(roster):
    scenario = scenario_from_roster(roster, "台中")
    assert [s.code for s in scenario.entries.schools] == ["063901", "063902", "063903"]
    assert len(scenario.territory) == 29
    assert scenario.name == "臺中市適性學習社區"


def test_what_the_lists_say_is_in_the_scenario_and_nothing_else(roster):
    scenario = scenario_from_roster(roster, "東勢區、新社區、063903", "063902", universities=True, name="某社區")
    first, second, third = scenario.entries.schools
    assert (first.public, first.categories, first.lon, first.suitability) == (
        True,
        ("general", "industrial"),
        120.8279,
        {},
    )
    assert (second.public, second.talent_class, second.categories, second.lon) == (False, True, None, None)
    assert (third.public, third.special_education) == (None, True)
    assert (
        scenario.entries.junior_highs[0].pupils == {7: 10, 8: 20} and scenario.entries.junior_highs[0].graduates == 15
    )
    assert [u.code for u in scenario.entries.universities] == ["0001"]
    assert scenario.problem().wishes.convener == "063902"
    assert parse_scenario(write_yaml(scenario)).canonical() == scenario.canonical()


def complaint(roster, members, convener="choose", **more):
    with pytest.raises(InputError) as caught:
        scenario_from_roster(roster, members, convener, **more)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("members", "convener", "parts"),
    [
        ("063991", "choose", ["063991", "no senior high of this code", "063901 虛構063901"]),
        ("東勢曲", "choose", ["東勢曲", "no school code, township or county", "臺中市東勢區"]),
        ("東區", "choose", ["Several townships", "臺中市東區", "Write the county"]),
        ("063501", "choose", ["虛構063501 is no senior high"]),
        ("063904", "choose", ["not known in which township =SUM(A1) lies"]),
        ("烏坵鄉", "choose", ["no school in 金門縣烏坵鄉"]),
        ("花蓮縣", "choose", ["no school in 花蓮縣"]),
        ("", "choose", ["No senior high lies"]),
        ("東勢區", "063902", ["063902 虛構063902 is no member", "choose"]),
        ("東勢區", "甲", ["no member of the community"]),
        ("東勢區、063991、新社曲", "069999", ["063991", "新社曲"]),
    ],
)
def test_every_mistake_is_named(roster, members, convener, parts):
    text = complaint(roster, members, convener)
    for part in parts:
        assert part in text


def test_all_mistakes_are_told_at_once(roster):
    assert complaint(roster, "063991 東勢曲 東區", id="壞 id").count("To mend it:") == 4


def test_a_convener_may_be_named(roster):
    assert scenario_from_roster(roster, "東勢區", "虛構063901").problem().wishes.convener == "063901"


@given(st.text(max_size=20), st.text(max_size=8))
def test_no_member_gives_a_traceback(members, convener):
    roster = Roster(111, (school("063901"), school("063902", XINSHE)))
    try:
        scenario_from_roster(roster, f"東勢區,{members}", convener)
    except InputError as error:
        assert str(error)


# ------------------------------------------------------------------------------------------------------------- commands


def said(capsys, *arguments):
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_lists_to_a_scenario(tmp_path, capsys, lang):
    files = lists(tmp_path, DEPARTMENTS + "063901,專業群科,機械群,機械科,3,90\n")
    table, out = tmp_path / "名冊 一.csv", tmp_path / "my.yaml"
    code, text, err = said(capsys, "--lang", lang, "import-roster", *files, "--year", 111, "--out", table)
    assert (code, err) == (0, "")
    assert "high.csv" in text and str(table) in text
    code, text, err = said(
        capsys, "--lang", lang, "scenario", "--roster", table, "--members", "東勢區、新社區", "--out", out
    )
    assert code == 0 and str(out) in text
    scenario = read_scenario(out)
    assert (scenario.id, len(scenario.entries.schools)) == ("my", 2)
    before = out.read_bytes()
    code, _text, err = said(capsys, "--lang", lang, "scenario", "--roster", table, "--members", "東勢區", "--out", out)
    assert code == 2 and "--out" in err
    assert out.read_bytes() == before


def test_members_from_a_file_and_the_scenario_on_the_standard_output(roster, tmp_path, capsys):
    table = write_roster(roster, tmp_path / "r.xlsx")
    members = tmp_path / "成員.txt"
    members.write_bytes("063901 # 甲\r\n新社區\r\n".encode("cp950"))
    code, text, err = said(capsys, "scenario", "--roster", table, "--members", members, "--id", "two", "--name", "兩校")
    assert (code, err) == (0, "")
    scenario = parse_scenario(text)
    assert (scenario.id, scenario.name, len(scenario.entries.schools)) == ("two", "兩校", 2)


def test_the_report_for_a_program(tmp_path, capsys):
    code, text, _err = said(capsys, "import-roster", *lists(tmp_path), "--year", 2022, "--json")
    report = json.loads(text)
    assert (code, report["year"]) == (0, 111)
    assert report["counts"]["senior_high"] == {"臺中市": 2}


def test_comparing_on_the_command_line(tmp_path, capsys, roster):
    old = write_roster(roster, tmp_path / "old.csv")
    new = write_roster(replace(roster, year=112, schools=roster.schools[1:]), tmp_path / "new.csv")
    out = tmp_path / "changes.csv"
    code, text, _err = said(capsys, "import-roster", "--compare", old, new, "--out", out)
    assert code == 0 and "Closed" in text and "063901" in text
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    code, text, _err = said(capsys, "import-roster", "--compare", old, new, "--json")
    assert [change["what"] for change in json.loads(text)["changes"]] == ["closed"]


def test_a_roster_is_no_list(roster, tmp_path, capsys):
    for name, lang in (("r.csv", "en"), ("r.xlsx", "zh-TW")):
        with language_set(lang):
            write_roster(roster, tmp_path / name)
        code, _text, err = said(capsys, "import-roster", tmp_path / name, "--year", 111)
        assert code == 2 and "roster already" in err


def test_lists_are_compared_when_their_names_tell_the_year(tmp_path, capsys):
    (path,) = lists(tmp_path)
    old, new = tmp_path / "high-109.csv", tmp_path / "high-2021.csv"
    old.write_bytes(path.read_bytes())
    new.write_text(path.read_text(encoding="utf-8").replace("私立虛構", "私立新名"), encoding="utf-8")
    code, text, _err = said(capsys, "import-roster", "--compare", old, new)
    assert code == 0 and "109 → 110" in text and "Renamed" in text and "私立新名高中" in text


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["import-roster", "high.csv"], "--year"),
        (["import-roster", "high.csv", "--year", "3000"], "no such school year"),
        (["import-roster", "missing.csv", "--year", "111"], "no such file"),
        (["import-roster", ".", "--year", "111"], "folder"),
        (["import-roster", "high.csv", "--year", "111", "--out", "high.csv"], "left as it is"),
        (["import-roster", "--compare", "high.csv"], "Two rosters"),
        (["import-roster", "--compare", "high.csv", "high.csv"], "not known of which school year"),
        (["scenario", "--roster", "high.csv", "--members", "東勢區"], "This is no roster"),
        (["scenario", "--roster", "high.csv"], "--members"),
    ],
)
def test_a_wrong_command_line_is_told(tmp_path, capsys, monkeypatch, arguments, part):
    lists(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / "high.csv").read_bytes()
    code, _text, err = said(capsys, *arguments)
    assert code == 2 and part in err and "Traceback" not in err
    assert (tmp_path / "high.csv").read_bytes() == before


# -------------------------------------------------------------------------------------------------------- real counties


@pytest.fixture(scope="module")
def real():
    return roster_of(shared_data(LISTS[0]).parent)


def test_the_shipped_groupings_are_made_by_the_importer(real):
    folder = shared_data("real_cases.json").parent
    for name, text in build.real_texts(folder):
        assert text == (build.SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")


def test_categories_of_the_country(real):
    table = load_rulebook("111").categories
    by_group = {group: category.id for category in table.list_ for group in category.department_groups}
    expected: dict[str, set[str]] = {}
    for row in shared_rows("high_departments_111.csv"):
        if row["group"].endswith("群") and (int(row["classes"]) or int(row["students"])):
            expected.setdefault(row["code"], set()).add(by_group.get(row["group"], "other_vocational"))
    named = {row["code"] for row in shared_rows("high_departments_111.csv")}
    for senior in real.of("senior_high"):
        if senior.code in named:
            assert set(senior.categories or ()) == expected.get(senior.code, set())


def test_the_country_goes_through_the_table(real, tmp_path):
    for lang, ending in (("en", "csv"), ("zh-TW", "xlsx")):
        with language_set(lang):
            assert read_roster(write_roster(real, tmp_path / f"r.{ending}")) == real


def test_counties_have_as_many_members_as_counted_elsewhere(real):
    for row in shared_rows("county_counts_109.csv"):
        assert len(scenario_from_roster(real, row["county"]).entries.schools) == int(row["schools"])


@pytest.mark.parametrize("name", SMALL)
def test_a_real_county_is_solved_and_audited(real, name):
    county_is_solved(real, name)


@pytest.mark.campaign
@pytest.mark.parametrize("name", COUNTIES)
def test_every_real_county_is_solved_and_audited(real, name):
    county_is_solved(real, name)


def county_is_solved(real, name):
    county = solve_county(real, name)
    result = county.result
    expected = {row["county"]: int(row["schools"]) for row in shared_rows("county_counts_109.csv")}
    assert len(result.plan.participants) == expected[name]
    assert result.status == "optimal"
    assert all(tier.status == "optimal" for tier in result.tiers)
    assert result.audit.ok
