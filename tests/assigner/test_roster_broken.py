"""Every broken list gets the message that stands in tests/broken_rosters, in both languages, and never a traceback.

After a deliberate change of wording: ``python -m tests.assigner.test_roster_broken`` writes the messages anew; read
every one of them before you keep it. The lists are invented.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import tempfile
from pathlib import Path

import pytest

from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.roster import import_roster, read_roster, roster_csv
from assigner.roster.words import NOTE_TITLES, note_line
from geodata.rosters.notes import Note

EXPECTED = Path(__file__).resolve().parents[1] / "broken_rosters"

HEAD = "代碼,學校名稱,公私立,縣市名稱,地址"
GOOD = "063901,市立虛構高中,公立,[06]臺中市,[423]臺中市東勢區虛構路1號"
DATE = datetime.date(2020, 6, 3)


def lines(*rows):
    return "\n".join(rows) + "\n"


def workbook(*rows, sheets=()):
    """Make a workbook of rows; `sheets` are further ones: name -> rows."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "學校"
    for row in rows:
        book.active.append(row)
    for name, more in sheets:
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def row(text):
    return text.split(",")


TIDY = "code,kind,name,public,county,township,towncode,lon,lat,year"

# Name -> file name, content. Those of the first table cannot be used at all, those of the second are used with notes,
# those of the third are tidy tables that cannot be read back.
REFUSED = {
    "wrong_header": ("high.csv", lines("編號,單位,聯絡人", "1,虛構高中,王小明")),
    "wrong_header_workbook": (
        "high.xlsx",
        workbook(["填表說明"], ["編號", "單位", "聯絡人"], [1, "虛構高中", "王小明"]),
    ),
    "codes_as_dates": (
        "high.xlsx",
        workbook(row(HEAD), [DATE, *row(GOOD)[1:]], [None, "市立無碼高中", "公立", "臺中市", ""]),
    ),
    "empty": ("high.csv", ""),
    "blank_sheet": ("high.xlsx", workbook()),
    "header_only": ("high.csv", lines(HEAD)),
    "json_not_a_list": ("high.json", json.dumps({"a": 1, "b": {"c": [1, 2]}})),
    "json_cut_short": ("high.json", '[{"代碼": "063901",\n "學校名稱": '),
    "csv_of_bytes": ("high.csv", b"\x00\x01\x02binary\x00"),
    "unknown_encoding": ("high.csv", "代碼,學校名稱\n063901,".encode() + b"\xff\xfe\xff\x80"),
    "damaged_workbook": ("high.xlsx", workbook(row(HEAD), row(GOOD))[:900]),
    "programmes_only": ("programmes.csv", lines("學校代碼,等級別,班級數,學生數", "063901,普通科,12,400")),
}
USED = {
    "lost_zeros": ("high.csv", lines(HEAD, GOOD[1:], GOOD.replace("063901", "3902"))),
    "duplicates": ("high.csv", lines(HEAD, GOOD, GOOD, GOOD.replace("虛構高中", "另一高中"))),
    "big5": ("high.csv", lines(HEAD, GOOD).encode("cp950")),
    "utf16": ("high.csv", lines(HEAD, GOOD).encode("utf-16")),
    "csv_renamed_xlsx": ("high.xlsx", lines(HEAD, GOOD.replace("臺", "台"))),
    "unknown_county": ("high.csv", lines(HEAD, GOOD, "063902,市立外地高中,公立,東海省,虛構路2號")),
    "address_without_county": (
        "high.csv",
        lines(HEAD, GOOD.replace("臺中市東勢區", "東勢區"), "180901,市立竹塹高中,公立,新竹市,虛構路3號"),
    ),
    "coordinates": (
        "high.csv",
        lines(
            "代碼,校名,縣市,鄉鎮市區,經度,緯度",
            "063901,虛構一,臺中市,東勢區,24.2586,120.8279",
            "063902,虛構二,臺中市,東勢區,217000,2683000",
            "063903,虛構三,臺中市,東勢區,120.6746,24.1457",
            "063904,虛構四,臺中市,東勢區,東經,北緯",
            "063905,虛構五,,,120.8279,24.2586",
        ),
    ),
    "text_in_numbers": (
        "junior.csv",
        lines("代碼,校名,縣市,鄉鎮市區,七年級,八年級,九年級", "063501,虛構國中,臺中市,東勢區,約一百,90,-5"),
    ),
    "notes_and_totals": ("high.csv", lines("109 學年度學校名錄,,,,", HEAD, GOOD, "總計,1,,,", ",,,,資料來源：虛構")),
    "other_sheets": (
        "high.xlsx",
        workbook(row(HEAD), row(GOOD), sheets=[("說明", [["本表為虛構"], ["欄位", "意義"]])]),
    ),
    "several_years": (
        "high.csv",
        lines(
            f"學年度,{HEAD}",
            f"108,{GOOD}",
            f"109,{GOOD}",
            f"110,{GOOD}",
            "109,063601,市立虛構國小,公立,臺中市,臺中市東勢區",
        ),
    ),
}
TIDY_REFUSED = {
    "tidy_wrong_cells": (
        "roster.csv",
        lines(
            TIDY,
            "063901,senior_hihg,甲高中,public,臺中市,東勢區,,120.8,24.2,109",
            "06390x1,senior_high,乙高中,公營,臺中市,東勢區,,120.8,,109",
            "063902,senior_high,丙高中,public,臺中市,東勢曲,,x,24.2,109",
            "063903,senior_high,丁高中,public,臺中市,東勢區,66000010,,,110",
        ),
    ),
    "tidy_twice": (
        "roster.xlsx",
        workbook(
            row(TIDY), *[["063901", "高級中等學校", "甲高中", "公立", "臺中市", "東勢區", None, None, None, 109]] * 2
        ),
    ),
    "tidy_no_roster": ("roster.csv", lines(HEAD, GOOD)),
}


def write(folder, file, content):
    path = Path(folder) / file
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def refusal(read, file):
    with pytest.raises(InputError) as caught:
        read(file)
    assert caught.value.__cause__ is None
    return caught.value


def said(name, lang):
    """What a person reads about a list; the current folder holds it."""
    with language_set(lang):
        if name in REFUSED:
            return f"{refusal(lambda file: import_roster([file], 109), REFUSED[name][0])}\n"
        if name in TIDY_REFUSED:
            return f"{refusal(read_roster, TIDY_REFUSED[name][0])}\n"
        report = import_roster([USED[name][0]], 109).report
        return "".join(
            f"{NOTE_TITLES[note.problem] if lang == 'en' else _title(note)}\n    {note_line(note)}\n"
            for note in report.notes
        )


def _title(note):
    from assigner.messages import _

    return _(NOTE_TITLES[note.problem])


ALL = {**REFUSED, **USED, **TIDY_REFUSED}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_it_is_told_what_is_wrong(name, lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, *ALL[name])
    assert said(name, lang) == (EXPECTED / f"{name}.{lang}.txt").read_text(encoding="utf-8")


def test_there_are_many_and_none_is_forgotten():
    assert len(ALL) >= 20
    assert {path.name for path in EXPECTED.glob("*.txt")} == {
        f"{name}.{lang}.txt" for name in ALL for lang in LANGUAGES
    }


@pytest.mark.parametrize("name", [*REFUSED, *TIDY_REFUSED])
def test_every_refusal_names_the_file_and_how_to_mend_it(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, *ALL[name]).name
    read = read_roster if name in TIDY_REFUSED else lambda path: import_roster([path], 109)
    for problem in refusal(read, file).problems:
        assert problem.file == file
        assert str(problem.mend).strip()


@pytest.mark.parametrize("name", USED)
def test_what_can_be_used_is_used(name, tmp_path):
    roster = import_roster([write(tmp_path, *USED[name])], 109)
    assert roster.schools
    assert roster_csv(roster)


def test_the_cells_that_are_wrong_are_named(tmp_path):
    (first, second) = refusal(
        lambda file: import_roster([file], 109), write(tmp_path, *REFUSED["codes_as_dates"])
    ).problems
    assert (first.place.cell, second.place.cell) == ("學校!A2", "學校!A3")
    places = [p.place for p in refusal(read_roster, write(tmp_path, *TIDY_REFUSED["tidy_wrong_cells"])).problems]
    assert [(place.line, place.key) for place in places] == [
        (2, "kind"),
        (3, "code"),
        (3, "public"),
        (4, "township"),
        (4, "lon"),
        (5, "towncode"),
        (5, "year"),
    ]


def test_every_sort_of_note_has_its_words():
    import re

    import geodata.rosters as package

    told = set()
    for path in Path(package.__file__).parent.glob("*.py"):
        code = path.read_text(encoding="utf-8")
        told |= set(re.findall(r'(?:Note|note|odd\.add)\(\s*"([a-z_]+)"', code))
    assert len(told) > 15
    assert told <= set(NOTE_TITLES)
    assert set(re.findall(r'"([a-z_]+)"', Note.__doc__)) == set(NOTE_TITLES)


def write_all():
    """Write every message anew."""
    for path in EXPECTED.glob("*.txt"):
        path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, (file, content) in ALL.items():
            write(folder, file, content)
            for lang in LANGUAGES:
                (EXPECTED / f"{name}.{lang}.txt").write_text(said(name, lang), encoding="utf-8", newline="\n")
        os.chdir(EXPECTED)


if __name__ == "__main__":
    write_all()
