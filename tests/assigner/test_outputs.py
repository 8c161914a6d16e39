"""The files of an answer: which, under which names, and what becomes of older ones; no failure takes the plan along."""

from __future__ import annotations

import csv
import errno
import gc
import io
import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assigner import ahead, cli, files, outputs
from assigner.checking import check
from assigner.errors import ExitCode, InputError
from assigner.messages import LANGUAGES, language_set, set_language
from assigner.outputs import FORMATS, PLAN, chosen_formats, write_answer
from assigner.planner import solve, solve_problem
from assigner.report.cells import csv_safe, plain
from assigner.scenario import scenario_of, write_yaml
from assigner.scenario.example import collision, example
from tests.communities import plain_problem

NAMES = [f"plan.{name}" for name in FORMATS]
SMALL = ("json", "csv")

EVIL = (
    '=HYPERLINK("http://example.invalid","x")',
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "a\nb",
    "\"q\" 'r'",
    "<script>alert(1)</script>",
    "\uff1d1+1",
    "x" * 40_000,
    "\U0001f600",
    "a\x00b\x0bc\ufffe",
    "\ud800",
    "a\u202eb",
    " =1",
    "'=1",
)


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


@pytest.fixture(scope="module")
def none():
    return solve(collision())


@pytest.fixture(autouse=True)
def language_of_the_tests():
    yield
    set_language("en")


@pytest.fixture
def light(monkeypatch):
    """Makers that cost nothing, where only the files matter."""
    for name in FORMATS:
        if name not in SMALL:
            monkeypatch.setitem(outputs._MAKERS, name, lambda result, name=name: f"{name} {result.status}")
    return outputs._MAKERS


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ------------------------------------------------------------------------------------------------------ which files


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_leaves_all_its_files(nine, tmp_path, language):
    with language_set(language):
        written = nine.write(tmp_path / "輸出 1")
    assert not written.failures and not written.notes, written
    assert [path.name for path in written.paths] == NAMES
    assert names(tmp_path / "輸出 1") == sorted(NAMES)
    starts = {"json": b"{", "csv": b"\xef\xbb\xbf", "xlsx": b"PK", "gpkg": b"SQLite format 3", "geojson": b"{"}
    for path in written.paths:
        data = path.read_bytes()
        assert len(data) > 500
        assert data.startswith(starts.get(path.suffix[1:], b"<"))


def test_equal_answers_give_equal_files(tmp_path):
    for folder in ("a", "b"):
        solve(example(5, 2)).write(tmp_path / folder)
    for name in NAMES:
        if name != "plan.json":  # it holds the seconds
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_only_the_formats_that_are_named(nine, tmp_path, light):
    written = write_answer(nine, tmp_path, "csv, JSON")
    assert [path.name for path in written.paths] == ["plan.json", "plan.csv"]
    assert names(tmp_path) == ["plan.csv", "plan.json"]


def test_the_document_is_always_kept(nine, tmp_path, light):
    written = write_answer(nine, tmp_path, "csv")
    assert [path.name for path in written.paths] == ["plan.json", "plan.csv"]


@pytest.mark.parametrize("formats", ["pdf", "json,docx", "", ",", []])
def test_unknown_formats_are_refused(formats):
    with pytest.raises(InputError) as caught:
        chosen_formats(formats)
    with language_set("en"):
        assert "geojson" in str(caught.value)


def test_without_a_plan_the_answer_is_a_document_and_a_page(none, tmp_path):
    written = none.write(tmp_path)
    assert not written.failures
    assert names(tmp_path) == ["plan.html", "plan.json"]
    assert json.loads((tmp_path / "plan.json").read_bytes())["status"] == "infeasible"


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_asked_for_without_a_plan_give_the_reasons_and_no_old_table_stays(nine, none, tmp_path, light, language):
    write_answer(nine, tmp_path, "csv,xlsx")
    with language_set(language):
        written = write_answer(none, tmp_path, "csv,xlsx")
        notes = [str(note) for note in written.notes]
    assert [path.name for path in written.paths] == ["plan.json", "plan.html"]
    assert names(tmp_path) == ["plan-earlier.csv", "plan-earlier.xlsx", "plan.html", "plan.json"]
    assert len(notes) == 2
    assert all(word in notes[0] for word in ("plan.csv", "plan.xlsx", "plan.json", "plan.html"))


def test_a_plan_that_the_audit_refuses_is_never_called_one(nine, tmp_path, light):
    written = replace(nine, status="disagrees", disagreements=("travel",)).write(tmp_path)
    assert [path.name for path in written.paths] == names(tmp_path) == ["plan-rejected.json"]


# ------------------------------------------------------------------------------------------------------ plan.csv


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", ["nine", "benchmark"])
def test_check_takes_table_and_workbook_back(nine, tmp_path, monkeypatch, language, scenario):
    if scenario == "benchmark":
        source = next(s for seed in range(20) if (s := example(9, seed)).problem().benchmarks)
        result = solve(source)
        assert result.assignment.ways
    else:
        source, result = nine.scenario, nine
    monkeypatch.setattr("assigner.report.map.png_bytes", lambda result: _raise())
    with language_set(language):
        write_answer(result, tmp_path, ("csv", "xlsx"))
        verdicts = [check(tmp_path / name, source) for name in ("plan.csv", "plan.xlsx")]
    for verdict in verdicts:
        assert verdict.ok and not verdict.notes
        assert verdict.assignment == result.assignment
        assert verdict.audit.values == result.audit.values


def _raise():
    raise ZeroDivisionError("no picture needed")


def test_a_convener_that_was_chosen_is_in_the_table(tmp_path):
    source = next(s for seed in range(40) if (s := example(6, seed)).problem().wishes.convener is None)
    result = solve(source)
    write_answer(result, tmp_path, SMALL)
    verdict = check(tmp_path / "plan.csv", source)
    assert verdict.ok and not verdict.notes and verdict.plan.convener == result.plan.convener


def test_codes_survive_a_spreadsheet_that_drops_their_zero(tmp_path):
    codes = ("050314", "061301", "063404", "064308", "064328", "070301")
    schools = [{"code": code, "name": f"範例{k}校", "township": "臺中市東勢區"} for k, code in enumerate(codes)]
    data = {"schema_version": 1, "id": "zeros", "synthetic": True, "convener": "063404", "schools": schools}
    source = scenario_of(data, "zeros.yaml")
    result = solve(source)
    rows = list(csv.reader(io.StringIO(PLAN.makers["csv"](result)[1:], newline="")))
    assert {row[2] for row in rows[1:]} == set(codes)
    # What Excel writes when it has opened and saved the table: numbers without zeros.
    shorn = [rows[0]] + [[str(int(cell)) if cell.isdigit() else cell for cell in row] for row in rows[1:]]
    path = tmp_path / "plan.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(shorn)
    verdict = check(path, source)
    assert verdict.ok and verdict.assignment == result.assignment


def test_the_table_is_one_that_excel_reads(nine):
    text = PLAN.makers["csv"](nine)
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n") == len(text.splitlines())
    rows = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert {len(row) for row in rows} == {4}


def test_names_cannot_become_formulas_in_the_table():
    problem = plain_problem(len(EVIL))
    schools = tuple(replace(s, name=name) for s, name in zip(problem.community.schools, EVIL, strict=True))
    problem = replace(problem, community=replace(problem.community, schools=schools))
    result = solve_problem(problem, price=False)
    text = PLAN.makers["csv"](result)
    text.encode("utf-8")
    cells = [cell for row in csv.reader(io.StringIO(text[1:], newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))]
    hosts = {code for codes in result.assignment.hosts.values() for code in codes}
    shown = [school.name for school in schools if school.code in hosts]
    assert len(shown) > len(EVIL) / 2
    assert {csv_safe(name) for name in shown} <= set(cells)


@pytest.mark.parametrize("name", EVIL)
def test_an_apostrophe_can_always_be_taken_away(name):
    safe = csv_safe(name)
    if safe != plain(name):
        assert safe == "'" + plain(name)
    assert plain(safe) == safe


# --------------------------------------------------------------------------------------------- what cannot be written


def test_one_format_that_fails_leaves_the_others(nine, tmp_path, light, monkeypatch):
    def broken(result):
        raise ZeroDivisionError("a fault")

    monkeypatch.setitem(outputs._MAKERS, "svg", broken)
    written = nine.write(tmp_path)
    assert names(tmp_path) == sorted(set(NAMES) - {"plan.svg"})
    with language_set("en"):
        assert "plan.svg" in str(written.failures[0]) and "ZeroDivisionError a fault" in str(written.failures[0])
    with pytest.raises(InputError):
        written.check()


def locked(monkeypatch, *held):
    """Let the file system refuse what Windows refuses of a file that is open: to take its place, and to move it."""
    replace_, rename = Path.replace, Path.rename

    def refusing(self, target):
        if Path(target).name in held or self.name in held:
            raise PermissionError(errno.EACCES, "Permission denied", str(self), None, str(target))
        return replace_(self, target)

    def refusing_too(self, target):
        if self.name in held:
            raise PermissionError(errno.EACCES, "Permission denied", str(self), None, str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    monkeypatch.setattr(Path, "rename", refusing_too)
    monkeypatch.setattr(files, "_PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_open_keeps_its_place(nine, tmp_path, light, monkeypatch, language):
    nine.write(tmp_path)
    (tmp_path / "plan.xlsx").write_text("open in Excel")
    locked(monkeypatch, "plan.xlsx")
    with language_set(language):
        written = nine.write(tmp_path)
        note = str(written.notes[0])
    assert (tmp_path / "plan.xlsx").read_text() == "open in Excel"
    assert (tmp_path / "plan (2).xlsx").read_text() == "xlsx optimal"
    assert "plan.xlsx" in note and "plan (2).xlsx" in note
    assert not written.failures and len(written.paths) == len(NAMES)


def test_a_file_that_is_read_only_is_not_called_open(nine, tmp_path, light, monkeypatch):
    nine.write(tmp_path)
    (tmp_path / "plan.xlsx").chmod(0o444)
    locked(monkeypatch, "plan.xlsx")
    with language_set("en"):
        (note,) = map(str, nine.write(tmp_path).notes)
    assert "read-only" in note and "open in" not in note and "plan (2).xlsx" in note


def test_a_file_of_another_answer_that_is_open_is_named(nine, none, tmp_path, light, monkeypatch):
    nine.write(tmp_path)
    locked(monkeypatch, "plan.xlsx")
    with language_set("en"):
        notes = "\n".join(map(str, none.write(tmp_path).notes))
    assert "of an earlier answer, not of this one: plan.xlsx" in notes
    assert (tmp_path / "plan.xlsx").read_text() == "xlsx optimal"


class _Killed(BaseException):
    """Ctrl-C, or the end of the process."""


def test_whoever_stops_the_export_keeps_the_plan_and_no_old_file_passes_for_it(nine, tmp_path, light, monkeypatch):
    other = solve(example(5, 1))
    other.write(tmp_path)

    def stopped(result):
        assert json.loads((tmp_path / "plan.json").read_bytes())["scenario"]["hash"] == nine.scenario.hash
        raise _Killed

    monkeypatch.setitem(outputs._MAKERS, "xlsx", stopped)
    with pytest.raises(_Killed):
        nine.write(tmp_path)
    assert names(tmp_path) == sorted(["plan.json", *(f"plan-earlier.{name}" for name in FORMATS if name != "json")])
    assert json.loads((tmp_path / "plan.json").read_bytes())["status"] == "optimal"


def test_half_a_character_in_a_name_loses_no_other_file(nine, tmp_path, light, monkeypatch):
    monkeypatch.setitem(outputs._MAKERS, "html", lambda result: "a\ud800b")
    written = nine.write(tmp_path)
    assert [Path(problem.file).name for problem in written.failures] == ["plan.html"]
    assert names(tmp_path) == sorted(set(NAMES) - {"plan.html"})


def test_the_document_holds_even_half_a_character(tmp_path, light):
    problem = plain_problem(3)
    schools = (replace(problem.community.schools[0], name="a\ud800b"), *problem.community.schools[1:])
    result = solve_problem(replace(problem, community=replace(problem.community, schools=schools)), price=False)
    assert not write_answer(result, tmp_path, "json").failures
    assert json.loads((tmp_path / "plan.json").read_bytes()) == json.loads(result.to_json())


def test_a_full_disk_names_every_file_and_leaves_the_old_ones(nine, tmp_path, light, monkeypatch):
    nine.write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    written = solve(example(5, 1)).write(tmp_path)
    assert not written.paths and len(written.failures) == len(NAMES)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_disk_that_fills_up_midway_keeps_the_plan(nine, tmp_path, light, monkeypatch):
    calls = []
    original = files.os.fsync

    def filling(handle):
        calls.append(handle)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(handle)

    monkeypatch.setattr(files.os, "fsync", filling)
    written = nine.write(tmp_path)
    assert names(tmp_path) == ["plan.csv", "plan.json"]
    assert [Path(problem.file).name for problem in written.failures] == NAMES[2:]


# ------------------------------------------------------------------------------------------------- an earlier answer


def test_the_same_answer_again_renames_nothing(nine, tmp_path, light):
    nine.write(tmp_path)
    with language_set("zh-TW"):
        written = write_answer(solve(example(9, 1)), tmp_path, SMALL)
    assert not written.notes
    assert names(tmp_path) == sorted(NAMES)


def test_the_same_answer_in_other_formats_renames_nothing_however_often(nine, tmp_path, light):
    for formats in ("csv,xlsx", "html", "svg", "json"):
        assert not write_answer(nine, tmp_path, formats).notes
    assert names(tmp_path) == ["plan.csv", "plan.html", "plan.json", "plan.svg", "plan.xlsx"]


def test_a_file_that_stayed_of_another_answer_is_renamed_as_soon_as_it_can_be(nine, tmp_path, light, monkeypatch):
    other = solve(example(5, 1))
    write_answer(nine, tmp_path, "csv")
    with monkeypatch.context() as patch:
        locked(patch, "plan.csv")
        write_answer(other, tmp_path, "csv")
    assert names(tmp_path) == ["plan (2).csv", "plan.csv", "plan.json"]
    old, new = (tmp_path / "plan.csv").read_bytes(), (tmp_path / "plan (2).csv").read_bytes()
    written = write_answer(other, tmp_path, "json")
    assert names(tmp_path) == ["plan (2).csv", "plan-earlier.csv", "plan.json"]
    assert len(written.notes) == 1
    assert (tmp_path / "plan-earlier.csv").read_bytes() == old
    assert (tmp_path / "plan (2).csv").read_bytes() == new
    assert not write_answer(other, tmp_path, "json").notes


def test_a_document_that_stayed_of_another_answer_does_not_decide(nine, tmp_path, light, monkeypatch):
    other = solve(example(5, 1))
    write_answer(nine, tmp_path, "csv")
    with monkeypatch.context() as patch:
        locked(patch, "plan.json")
        write_answer(other, tmp_path, "csv")
    assert names(tmp_path) == ["plan (2).json", "plan.csv", "plan.json"]
    write_answer(nine, tmp_path, "json")
    assert names(tmp_path) == ["plan-(2)-earlier.json", "plan-earlier.csv", "plan.json"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_of_another_answer_are_renamed_and_named(nine, none, tmp_path, light, language):
    nine.write(tmp_path)
    with language_set(language):
        written = none.write(tmp_path)
        (note,) = map(str, written.notes)
    stale = [f"plan-earlier.{name}" for name in ("csv", "xlsx", "svg", "geojson", "gpkg")]
    assert names(tmp_path) == sorted(["plan.json", "plan.html", *stale])
    assert all(name in note for name in stale)
    assert (tmp_path / "plan-earlier.xlsx").read_text() == "xlsx optimal"


def test_what_was_renamed_before_is_never_lost(nine, none, tmp_path, light):
    for _round in range(3):
        nine.write(tmp_path)
        none.write(tmp_path)
    assert {"plan-earlier.csv", "plan-earlier-2.csv", "plan-earlier-3.csv"} <= set(names(tmp_path))


def test_an_old_file_that_cannot_be_renamed_is_named(nine, none, tmp_path, light, monkeypatch):
    nine.write(tmp_path)

    def refused(self, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "rename", refused)
    with language_set("en"):
        (note,) = map(str, none.write(tmp_path).notes)
    assert "of an earlier answer, not of this one" in note and "plan.xlsx" in note
    assert "plan.xlsx" in names(tmp_path)


def test_other_files_of_the_folder_are_left_alone(nine, none, tmp_path, light):
    mine = ("notes.xlsx", "plan.docx", "plan-rejected.json", "planung.csv", "plan (draft).xlsx")
    for name in mine:
        (tmp_path / name).write_text("mine")
    (tmp_path / "plan.json").write_text("[1]")
    nine.write(tmp_path)
    none.write(tmp_path)
    for name in mine:
        assert (tmp_path / name).read_text() == "mine"


# ---------------------------------------------------------------------------------------------------- command line


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "five.yaml"
    path.write_text(write_yaml(example(5, 1)), encoding="utf-8")
    return path


def said(capsys, *arguments):
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(("language", "word"), [("en", "Written: "), ("zh-TW", "已寫入：")])
def test_solve_says_what_it_wrote(capsys, scenario, tmp_path, light, language, word):
    code, out, err = said(capsys, "solve", scenario, "-q", "--out", tmp_path, "--lang", language)
    assert (code, err) == (ExitCode.PROVEN, "")
    assert out.splitlines()[-len(NAMES) :] == [f"{word}{tmp_path / name}" for name in NAMES]


def test_solve_writes_the_formats_that_are_named(capsys, scenario, tmp_path):
    assert said(capsys, "solve", scenario, "-q", "--out", tmp_path, "--formats", "csv")[0] == 0
    assert names(tmp_path) == ["plan.csv", "plan.json"]


@pytest.mark.parametrize("more", [["--formats", "pdf"], ["--formats", "json"]])
def test_formats_that_lead_nowhere_are_refused_before_solving(capsys, scenario, tmp_path, monkeypatch, more):
    from assigner import planner

    monkeypatch.setattr(planner, "solve", lambda *args, **kwargs: pytest.fail("it was solved"))
    out = ["--out", tmp_path / "o"] if "pdf" in more else []
    code, _out, err = said(capsys, "solve", scenario, *out, *more, "--lang", "en")
    assert code == ExitCode.BAD_INPUT and "--formats" in err
    assert not (tmp_path / "o").exists()


def test_a_failed_file_ends_with_two_and_the_plan_is_shown_and_kept(capsys, scenario, tmp_path, light, monkeypatch):
    def broken(result):
        raise RuntimeError("no fonts")

    monkeypatch.setitem(outputs._MAKERS, "gpkg", broken)
    code, out, err = said(capsys, "solve", scenario, "--out", tmp_path, "--lang", "en")
    assert code == ExitCode.BAD_INPUT
    assert "Who hosts what" in out and "Written: " in out
    assert f"{tmp_path / 'plan.gpkg'}" in err and "RuntimeError no fonts" in err and "Traceback" not in err
    assert names(tmp_path) == sorted(set(NAMES) - {"plan.gpkg"})


def test_notes_of_files_reach_the_person(capsys, scenario, tmp_path, light, monkeypatch):
    said(capsys, "solve", scenario, "-q", "--out", tmp_path)
    locked(monkeypatch, "plan.csv")
    code, out, err = said(capsys, "solve", scenario, "-q", "--json", "--out", tmp_path, "--lang", "en")
    assert code == 0
    assert json.loads(out)["status"] == "optimal"
    assert "plan.csv is open in another program" in err and "plan (2).csv" in err and "Written: " in err


def test_nothing_heavy_is_imported_for_the_formats_that_are_not_wanted(scenario, tmp_path):
    import subprocess

    code = (
        "import sys\nfrom assigner import cli\n"
        "cli.run(sys.argv[1:])\n"
        "names = ('geopandas', 'jinja2', 'matplotlib', 'openpyxl', 'xlsxwriter')\n"
        "print('heavy:', *(name for name in names if name in sys.modules))"
    )
    arguments = ["solve", str(scenario), "-q", "--out", str(tmp_path), "--formats", "json,csv"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=root, capture_output=True, check=True)
    assert done.stdout.decode("utf-8", "replace").splitlines()[-1].strip() == "heavy:"


def test_only_what_the_wanted_files_need_is_made_ready_beside_the_solver():
    code = (
        "import sys\nfrom assigner.ahead import Ahead\nfrom geodata.geography import embedded\n"
        "with Ahead(sys.argv[1:], embedded()) as ahead:\n    ahead.wait()\n"
        "names = ('geopandas', 'jinja2', 'matplotlib', 'pyproj', 'shapely', 'xlsxwriter')\n"
        "print(*(n for n in names if n in sys.modules))"
    )

    def loaded(*formats):
        done = subprocess.run([sys.executable, "-c", code, *formats], capture_output=True, encoding="utf-8", check=True)
        assert done.stderr == ""
        return done.stdout.split()

    assert loaded("json", "csv") == []
    assert loaded("geojson") == ["shapely"]
    assert {"jinja2", "matplotlib", "shapely"} <= set(loaded("html"))
    assert {"matplotlib", "shapely", "xlsxwriter"} <= set(loaded("xlsx"))


def test_layers_of_a_shipped_map_need_no_geopandas(scenario, tmp_path):
    code = (
        "import sys\nfrom assigner import cli\ncli.run(sys.argv[1:])\n"
        "print('heavy:', *(name for name in ('geopandas', 'pyproj', 'matplotlib.figure') if name in sys.modules))"
    )
    arguments = ["solve", str(scenario), "-q", "--out", str(tmp_path), "--formats", "geojson"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True)
    assert done.stdout.decode("utf-8", "replace").splitlines()[-1].strip() == "heavy:"
    assert (tmp_path / "plan.geojson").exists()


def test_the_plan_has_its_place_before_anything_is_waited_for(nine, tmp_path, light):
    seen = []
    write_answer(nine, tmp_path, ready=lambda: seen.append(sorted(path.name for path in tmp_path.iterdir())))
    assert seen == [["plan.json"]]


def test_what_is_made_ready_ends_with_what_it_runs_beside(monkeypatch):
    begun, done = threading.Event(), []

    def steps(_formats, _geography):
        # The first step is at work when the person stops the solver, and for as long as nobody asks it to end.
        yield lambda: (begun.set(), beside._stop.wait(30), done.append("first"))
        yield lambda: done.append("second")

    monkeypatch.setattr(ahead, "_steps", steps)
    beside = ahead.Ahead(["svg"])
    with pytest.raises(KeyboardInterrupt), beside:
        assert begun.wait(30)
        raise KeyboardInterrupt
    assert done == ["first"]
    assert gc.isenabled()
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_what_cannot_be_made_ready_is_told_by_the_file_that_needs_it(capsys, scenario, tmp_path, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("no drawing today")

    monkeypatch.setattr("assigner.report.map.warm_up", broken)
    code, _out, err = said(capsys, "solve", scenario, "-q", "--out", tmp_path / "a", "--formats", "svg", "--lang", "en")
    assert (code, err) == (0, "")
    monkeypatch.setattr("assigner.report.map.svg_tree", broken)
    code, _out, err = said(capsys, "solve", scenario, "-q", "--out", tmp_path / "b", "--formats", "svg", "--lang", "en")
    assert code == 2
    assert "no drawing today" in err
