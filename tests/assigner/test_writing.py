"""What commands write: only kinds that they can, never over a file unless that is wanted, never over what they read."""

from __future__ import annotations

import pytest

from assigner.cli import run
from assigner.messages import language_set
from assigner.roster.schools import Roster, RosterSchool
from assigner.roster.tidy import write_roster
from assigner.scenario import read_scenario, write_yaml
from assigner.workbook.template import write_workbook
from tests.assigner.workbook_forms import small


def district(name):
    from geodata.townships import townships

    return next(code for code, town in townships().items() if (town.county, town.town) == ("臺中市", name))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Make a folder with a roster, a list of the ministry, a scenario and a folder of forms."""
    school = RosterSchool("senior_high", "SYN001", "範例高中", True, district("東勢區"), "臺中市")
    write_roster(Roster(111, (school,)), tmp_path / "roster.csv")
    (tmp_path / "list.csv").write_text(
        "代碼,學校名稱,公私立,縣市名稱,地址\n063901,市立虛構高工,公立,臺中市,臺中市東勢區1號\n",
        encoding="utf-8",
    )
    (tmp_path / "s.yaml").write_text(write_yaml(small()), encoding="utf-8")
    (tmp_path / "forms").mkdir()
    with language_set("en"):
        write_workbook(small(), tmp_path / "forms" / "a.xlsx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = {
    "scenario": (["scenario", "--roster", "roster.csv", "--members", "臺中市東勢區"], ".yaml .yml .xlsx"),
    "import-roster": (["import-roster", "list.csv", "--year", "111"], ".csv .xlsx"),
    "compare": (["import-roster", "--compare", "roster.csv", "roster.csv"], ".csv"),
    "example": (["example", "--schools", "3"], ".yaml .yml .xlsx"),
    "template": (["template", "--schools", "3"], ".xlsx"),
    "convert": (["convert", "s.yaml"], ".yaml .yml .xlsx"),
    "collect": (["collect", "forms"], ".yaml .yml .xlsx"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_only_kinds_that_are_known_are_written(name, place, capsys):
    command, ends = COMMANDS[name]
    for end in (".xls", ".ods", ".xlsm", ".txt", "", ".csv", ".xlsx"):
        if end and end in ends.split():
            continue
        assert run([*command, "--out", f"out{end}", "--lang", "en"]) == 2
        assert ends.replace(" ", ", ") in capsys.readouterr().err
        assert not (place / f"out{end}").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_is_there_is_replaced_only_with_force(name, place, capsys):
    command, ends = COMMANDS[name]
    out = place / f"out{ends.split()[0]}"
    out.write_bytes(b"mine")
    assert run([*command, "--out", str(out), "--lang", "en"]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    assert run([*command, "--out", str(out), "--force", "--lang", "en"]) == 0
    assert out.read_bytes() != b"mine"


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "s.yaml", "--out", "s.yaml"],
        ["import-roster", "list.csv", "--year", "111", "--out", "list.csv"],
        ["import-roster", "--compare", "roster.csv", "list.csv", "--out", "roster.csv"],
        ["template", "--scenario", "forms/a.xlsx", "--out", "forms/a.xlsx"],
        ["collect", "forms", "--base", "forms/a.xlsx", "--out", "forms/a.xlsx"],
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_what_is_read_is_never_replaced(arguments, place, capsys):
    out = place / arguments[-1]
    before = out.read_bytes()
    assert run([*arguments, "--force", "--lang", "en"]) == 2
    assert "read here" in capsys.readouterr().err
    assert out.read_bytes() == before


@pytest.mark.parametrize("command", ["scenario", "example"])
def test_a_name_in_capitals_is_the_same_kind_and_a_workbook_holds_the_same(command, place):
    more = ["--id", "one"] if command == "scenario" else []
    for out in ("一.YAML", "二.XLSX"):
        assert run([*COMMANDS[command][0], *more, "--out", out]) == 0
    assert (place / "二.XLSX").read_bytes().startswith(b"PK")
    assert read_scenario(place / "一.YAML").hash == read_scenario(place / "二.XLSX").hash
