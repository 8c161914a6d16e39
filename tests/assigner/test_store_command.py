"""``assigner store``: what a store holds, told to people and to programs, and as files."""

from __future__ import annotations

import csv
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from assigner import cli
from assigner.batch.describing import scenario_of
from assigner.batch.exporting import write_frames
from assigner.batch.facts import facts_of
from assigner.batch.keys import job_key, program_fingerprint
from assigner.batch.runs import FRAMES, Runs
from assigner.batch.store import Store
from assigner.batch.values import Member, Outcome, Question
from assigner.errors import ABSENT, ExitCode, Place, Problem
from assigner.messages import LANGUAGES, M_
from assigner.planner import solve
from assigner.scenario import Scenario, read_scenario
from assigner.scenario.example import example
from models.documents import canonical_json, content_hash

DELTA = {"tolerances": {"travel": "1/10"}}
LOST = {"kind": "memory", "text": "It took more memory than a worker may have, and was ended.", "problems": []}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return example(4, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> Path:
    """A store with a plan, a job that failed, a file that could not be read, and one that waits."""
    path = tmp_path_factory.mktemp("store") / "runs.sqlite"
    canonical, program = scenario.canonical(), program_fingerprint()
    given = content_hash(canonical)
    problem = Problem("bad.yaml", Place("schools", 3), ABSENT, M_("No."), None, M_("Do."))
    community = {"community": "east", "name": "東區", "source": "east.yaml"}
    members = [
        Member(0, job_key(canonical, Question()), given, label="east", variant={}, **community),
        Member(1, "b" * 64, given, label="east, travel=0.1", variant={"travel": 0.1}, delta=DELTA, **community),
        Member(2, "c" * 64, "", "bad", "bad", "bad", {}, "bad.yaml", problems=(problem,)),
        Member(3, "d" * 64, given, label="east, seed=2", variant={"seed": 2}, **community),
    ]
    with Store.open(path, create=True) as store:
        for name, chosen, version in (("old", members[:1], "another"), ("draft", members, program)):
            run = store.begin_run(name, name, version, {}, len(chosen))
            store.add_members(run, chosen, {given: zlib.compress(canonical_json(canonical).encode())}, program)
            store.finish_run(run)
        store.claim("me", 2, 2)
        facts = facts_of(solve(scenario))
        done = Outcome(members[0].job, "done", "optimal", facts, seconds=0.25)
        store.record([done, Outcome("b" * 64, "failed", error=LOST, seconds=2.0)], "me")
        store.release("me")
    return path


def said(capsys: Any, *arguments: object, lang: str = "en") -> tuple[int, str, str]:
    code = cli.run(["--lang", lang, "store", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_runs_are_listed(capsys: Any, made: Path, lang: str) -> None:
    code, out, _err = said(capsys, "ls", made, lang=lang)
    assert code == ExitCode.PROVEN
    assert [line.split()[:2] for line in out.splitlines() if line.split()[1:2] in (["old"], ["draft"])] == [
        ["1", "old"],
        ["2", "draft"],
    ]
    if lang == "en":
        assert " ".join(out.split()).count("by another version of the program") == 1


def test_the_runs_are_listed_for_programs(capsys: Any, made: Path) -> None:
    _code, out, _err = said(capsys, "ls", made, "--json")
    old, draft = json.loads(out)["runs"]
    assert (old["same_program"], old["jobs"]["done"], old["members"]) == (False, 1, 1)
    assert draft["jobs"] == {"queued": 1, "running": 0, "done": 1, "failed": 2, "stopped": 0}


def test_a_plan_is_shown_as_solve_shows_it(capsys: Any, made: Path) -> None:
    code, out, _err = said(capsys, "show", made, "east")
    assert code == ExitCode.PROVEN
    assert "東區" in out
    assert "Who hosts what" in out
    assert "Proven: no lawful plan is better" in out


def test_a_failure_is_shown_with_how_to_mend_it(capsys: Any, made: Path) -> None:
    _code, out, _err = said(capsys, "show", made, "bbbbbb")
    assert "took more memory" in out
    assert "--memory-limit" in out
    _code, out, _err = said(capsys, "show", made, "bad.yaml")
    assert "To mend it: Do." in out


def test_all_that_failed_is_listed(capsys: Any, made: Path) -> None:
    _code, out, _err = said(capsys, "show", made, "failed")
    assert "bbbbbbbbbbbb" in out
    assert "cccccccccccc" in out
    assert "dddddddddddd" not in out
    _code, out, _err = said(capsys, "show", made, "failed", "--json")
    assert [job["state"] for job in json.loads(out)["jobs"]] == ["failed", "failed"]


def test_an_unknown_word_names_those_that_are_known(capsys: Any, made: Path) -> None:
    code, _out, err = said(capsys, "show", made, "eest")
    assert code == ExitCode.BAD_INPUT
    assert "a word such as east" in err


def test_facts_of_another_version_are_shown_as_they_are(capsys: Any, made: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("assigner.batch.describing.program_fingerprint", lambda: "newer")
    _code, out, _err = said(capsys, "show", made, "east")
    assert "another version than this one" in out
    assert "Who hosts what" not in out
    assert "4.4.career" in out


def test_the_scenario_of_a_job_is_written_under_its_variant(
    capsys: Any, made: Path, tmp_path: Path, scenario: Scenario
) -> None:
    file = tmp_path / "s.yaml"
    code, out, _err = said(capsys, "show", made, "bbbbbb", "--scenario", file)
    assert (code, str(file) in out) == (ExitCode.PROVEN, True)
    assert read_scenario(file).canonical() == scenario_of(scenario.canonical(), DELTA).canonical()
    assert said(capsys, "show", made, "bbbbbb", "--scenario", file)[0] == ExitCode.BAD_INPUT
    assert said(capsys, "show", made, "failed", "--scenario", file, "--force")[0] == ExitCode.BAD_INPUT


def test_a_run_is_exported_as_tables_and_plans(capsys: Any, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    code, _text, err = said(capsys, "export", made, "--out", out, "--plans")
    assert (code, err) == (ExitCode.PROVEN, "")
    assert {path.name for path in out.iterdir()} == {f"{name}.csv" for name in FRAMES} | {"plans"}
    with (out / "jobs.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == ["done", "failed", "failed", "queued"]
    [plan] = (out / "plans").iterdir()
    assert json.loads(plan.read_text(encoding="utf-8"))["status"] == "optimal"
    code, _text, err = said(capsys, "export", made, "--out", out)
    assert code == ExitCode.BAD_INPUT
    assert "--force" in err


@pytest.fixture(scope="module")
def runs(made: Path) -> Runs:
    return Runs(made)


def test_a_run_is_exported_as_a_workbook(runs: Runs, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    [out] = write_frames(runs, tmp_path / "tables.xlsx", "xlsx")
    book = CalamineWorkbook.from_path(out)
    assert book.sheet_names[1:] == list(FRAMES)
    assert [row[-1] for row in book.get_sheet_by_name("jobs").to_python()] == ["job", *runs.jobs["job"]]


def test_a_run_is_exported_as_json(runs: Runs, tmp_path: Path) -> None:
    [out] = write_frames(runs, tmp_path / "tables.json", "json")
    jobs = json.loads(out.read_text(encoding="utf-8"))["frames"]["jobs"]
    assert [job["label"] for job in jobs] == ["east", "east, travel=0.1", "bad", "east, seed=2"]
    assert [job["seconds"] for job in jobs] == [0.25, 2.0, None, None]


def test_a_run_is_exported_as_parquet(runs: Runs, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    files = write_frames(runs, tmp_path, "parquet")
    assert [path.stem for path in files] == list(FRAMES)
    assert pd.read_parquet(files[0])["job"].tolist() == runs.jobs["job"].tolist()


def test_an_export_that_cannot_be_is_refused_before_anything_is_read(
    capsys: Any, made: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("assigner.report.frames.find_spec", lambda name: None)
    for given, word in (
        (("--format", "parquet"), "pyarrow"),
        (("--format", "docx"), "csv, parquet"),
        (("--format", "json", "--plans"), "folder"),
        (("--format", "xlsx"), ".xlsx"),
    ):
        code, _out, err = said(capsys, "export", made, "--out", tmp_path / "x", *given)
        assert (code, word in err) == (ExitCode.BAD_INPUT, True), err
    assert list(tmp_path.iterdir()) == []


def test_plans_of_another_version_are_not_written(capsys: Any, made: Path, tmp_path: Path) -> None:
    code, _out, err = said(capsys, "export", made, "--out", tmp_path / "x", "--run", "old", "--plans")
    assert code == ExitCode.BAD_INPUT
    assert "another version" in err
    assert not (tmp_path / "x").exists() or not list((tmp_path / "x").iterdir())


def test_clearing_says_what_goes(capsys: Any, made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "runs.sqlite"
    copy.write_bytes(made.read_bytes())
    _code, out, _err = said(capsys, "gc", copy, "--run", "draft", "--dry-run")
    assert "Would be dropped: 1 run, 3 jobs, 0 inputs" in out
    _code, out, _err = said(capsys, "gc", copy, "--other-programs")
    assert "Dropped: 1 run, 0 jobs, 0 inputs" in out
    assert said(capsys, "gc", copy, "--keep", "-1")[0] == ExitCode.BAD_INPUT
    assert said(capsys, "gc", copy, "--run", "nowhere")[0] == ExitCode.BAD_INPUT
    _code, out, _err = said(capsys, "ls", copy)
    assert "old" not in out


@pytest.mark.parametrize("command", [("ls",), ("show", "east"), ("export", "--out", "x"), ("gc",)])
def test_a_store_that_is_not_there_is_told(capsys: Any, tmp_path: Path, command: tuple[str, ...]) -> None:
    code, _out, err = said(capsys, command[0], tmp_path / "no.sqlite", *command[1:])
    assert code == ExitCode.BAD_INPUT
    assert "no such file" in err
    assert list(tmp_path.iterdir()) == []
