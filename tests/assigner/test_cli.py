"""The command line: every way it ends, in both languages, on poor terminals, under Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from assigner import cli
from assigner.answer import plan_schema
from assigner.messages import set_language
from assigner.scenario import write_yaml
from assigner.scenario.example import collision, example

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("geopandas", "networkx", "numpy", "ortools", "pandas", "pydantic", "pydantic_core", "ruamel", "shapely")


@pytest.fixture(autouse=True)
def language_of_the_tests():
    yield
    set_language("en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenarios")
    for name, scenario in (("nine", example(9, 1)), ("one", example(1, 1)), ("clash", collision())):
        (path / f"{name}.yaml").write_text(write_yaml(scenario), encoding="utf-8")
    (path / "large.yaml").write_text(write_yaml(example(120, 1)), encoding="utf-8")
    (path / "broken.yaml").write_text("schema_version: 1\nid: x\nschools: 3\n", encoding="utf-8")
    return path


def run(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "assigner", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "LANG": "en_US.UTF-8", "PYTHONIOENCODING": "utf-8", **more},
        capture_output=True,
        timeout=120,
    )


def said(capsys, *arguments):
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# ------------------------------------------------------------------------------------------------------------ languages


@pytest.mark.parametrize("arguments", [("--lang", "en"), ("--lang=EN",)])
def test_without_a_command_it_says_what_to_do_next(capsys, arguments):
    code, out, _ = said(capsys, *arguments)
    assert code == 0
    assert "assigner example" in out and "What to do next" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--lang", "zh-TW"], "接下來"),
        (["--help", "--lang", "zh-TW"], "用法"),
        (["--lang", "zh-TW", "solve", "--help"], "情境檔"),
        (["solve", "--lang=en", "--help"], "Scenario file"),
        (["rulebook", "--lang", "zh_tw", "show", "--help"], "規則書"),
        (["rulebook", "--lang", "zh-TW"], "指令"),
    ],
)
def test_help_is_in_the_language_wherever_it_is_named(capsys, arguments, word):
    code, out, _ = said(capsys, *arguments)
    assert code == 0
    assert word in out


def test_the_language_comes_from_the_locale():
    done = run(LANG="zh_TW.UTF-8", LANGUAGE="", LC_ALL="zh_TW.UTF-8")
    assert "接下來" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["solve", "x.yaml", "--lang"]])
def test_an_unknown_language(capsys, arguments):
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "zh-TW, en" in err


# ------------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solv"], "no such command"),
        (["rulebook", "shw"], "no such command"),
        (["solve"], "SCENARIO"),
        (["solve", "a.yaml", "b.yaml"], "more words"),
        (["solve", "a.yaml", "--nope"], "--nope"),
        (["solve", "a.yaml", "--time-limit"], "needs a value"),
        (["solve", "a.yaml", "--time-limit", "soon"], "a number"),
        (["solve", "a.yaml", "--time-limit", "0"], "above zero"),
        (["solve", "a.yaml", "--work-limit", "nan"], "above zero"),
        (["solve", "nowhere.yaml"], "nowhere.yaml"),
        (["solve", "."], "folder"),
        (["check", "nowhere.json"], "nowhere.json"),
        (["check", "."], "folder"),
        (["validate", "nowhere.yaml"], "nowhere.yaml"),
        (["example", "--schools", "0"], "1 to"),
        (["schema", "x"], "scenario, plan"),
        (["rulebook", "show", "x"], "no entry"),
        (["rulebook", "diff", "111", "nowhere"], "nowhere"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_mistakes_are_named_and_end_with_two(capsys, arguments, words, language):
    code, out, err = (
        said(capsys, *arguments, "--lang", language)
        if arguments[-1] != "--time-limit"
        else said(capsys, "--lang", language, *arguments)
    )
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    if language == "en":
        assert words in err


def test_faults_of_a_scenario_and_of_a_rulebook(capsys, folder, tmp_path):
    code, _, err = said(capsys, "solve", folder / "broken.yaml", "--lang", "en")
    assert code == 2
    assert re.search(r"broken\.yaml:3:\d+", err)
    book = tmp_path / "book.yaml"
    book.write_text("year: [", encoding="utf-8")
    code, _, err = said(capsys, "rulebook", "show", "--rulebook", book, "--lang", "en")
    assert code == 2
    assert "book.yaml:1" in err


def test_a_folder_that_cannot_be_written(capsys, folder, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    code, _, err = said(capsys, "solve", folder / "one.yaml", "--out", blocked, "--lang", "en")
    assert code == 2
    assert "This is a file, not a folder" in err


def test_a_full_disk(capsys, folder, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = said(capsys, "solve", folder / "one.yaml", "--out", tmp_path / "out", "--lang", "en")
    assert code == 2
    assert "The disk is full" in err
    assert list((tmp_path / "out").iterdir()) == []


def test_validate_names_every_file(capsys, folder):
    code, out, err = said(capsys, "validate", folder / "nine.yaml", folder / "broken.yaml", "--lang", "en")
    assert code == 2
    assert "nine.yaml: in order, 9 schools take part." in out
    assert "broken.yaml:3" in err


# ---------------------------------------------------------------------------------------------------------------- solve


def test_solve_prints_and_writes(capsys, folder, tmp_path):
    code, out, _ = said(capsys, "solve", folder / "nine.yaml", "--out", tmp_path / "a", "--lang", "en")
    assert code == 0
    assert "Who hosts what" in out and "Proven:" in out
    assert "\x1b" not in out
    assert str(tmp_path / "a" / "plan.json") in out
    jsonschema.validate(json.loads((tmp_path / "a" / "plan.json").read_text(encoding="utf-8")), plan_schema())
    code, out, _ = said(capsys, "check", tmp_path / "a" / "plan.json", "--lang", "en")
    assert code == 0
    assert "Every clause is kept" in out


def test_json_is_alone_on_the_standard_output(folder, tmp_path):
    done = run("solve", folder / "one.yaml", "--json", "--lang", "zh-TW", "--out", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "plan.json").read_bytes()
    assert json.loads(done.stdout.decode("utf-8"))["status"] == "optimal"


def test_quiet_says_one_thing(capsys, folder):
    code, out, err = said(capsys, "solve", folder / "one.yaml", "--quiet", "--lang", "zh-TW")
    assert (code, err) == (0, "")
    assert out.count("。") <= 2 and out.startswith("已證明")


def test_log_goes_to_the_standard_error(folder):
    done = run("solve", folder / "one.yaml", "--log", "--json")
    assert json.loads(done.stdout)
    assert b"CpSolverResponse" in done.stderr


@pytest.mark.parametrize("name", ["model.txt", "model.pb"])
def test_the_model_is_exported(capsys, folder, tmp_path, name):
    code, _, _ = said(capsys, "solve", folder / "one.yaml", "-q", "--export-model", tmp_path / "m" / name)
    assert code == 0
    assert [path.name for path in (tmp_path / "m").iterdir()] == [name]
    assert (tmp_path / "m" / name).stat().st_size > 100


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_no_lawful_plan_ends_with_four(capsys, folder, tmp_path, language):
    code, out, _ = said(capsys, "solve", folder / "clash.yaml", "--out", tmp_path, "--lang", language)
    assert code == 4
    assert "無專任輔導教師" in out
    document = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, plan_schema())
    assert document["status"] == "infeasible"
    code, _, err = said(capsys, "check", tmp_path / "plan.json", "--lang", "en")
    assert code == 2 and "nothing to audit" in err


def test_a_tiny_time_limit_ends_with_three(capsys, folder, tmp_path):
    code, out, _ = said(
        capsys, "solve", folder / "nine.yaml", "--time-limit", "0.000001", "--out", tmp_path, "--lang", "en"
    )
    assert code == 3
    assert "the time limit was reached" in out
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["stopped_by"] == "time"


def test_an_audit_that_disagrees_ends_with_five(capsys, folder, tmp_path, monkeypatch):
    from assigner import planner

    monkeypatch.setattr(planner, "_agrees", lambda *args: False)
    code, out, _ = said(capsys, "solve", folder / "one.yaml", "--out", tmp_path, "--lang", "en")
    assert code == 5
    assert "Do not use this plan" in out
    assert [path.name for path in tmp_path.iterdir()] == ["plan-rejected.json"]
    document = json.loads((tmp_path / "plan-rejected.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, plan_schema())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_gives_the_best_plan_so_far(folder, tmp_path):
    arguments = ["solve", str(folder / "large.yaml"), "--out", str(tmp_path), "--lang", "en"]
    process = subprocess.Popen(
        [sys.executable, "-m", "assigner", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        # A line that knows a best plan, or a later aim than the first, says that there is a plan.
        while line := process.stderr.readline():
            if b"best" in line or b"unwilling hosts" not in line:
                break
        assert line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 3, err.decode()
    assert b"once more to abort" in err
    assert "you stopped it" in out.decode("utf-8")
    document = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, plan_schema())
    assert document["stopped_by"] == "person"
    assert document["audit"]["ok"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_twice_aborts(folder):
    code = (
        "import os, signal, sys, time\n"
        "from assigner import cli, planner\n"
        "def never(*args, stop, **more):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    assert stop.is_set()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(60)\n"
        "planner.solve = never\n"
        "sys.exit(cli.run(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "solve", str(folder / "one.yaml"), "--lang", "en"],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == cli.ABORTED
    assert b"Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------------------------- the rest

POOR = [["solve", "one"], ["--help"], [], ["solve", "clash"], ["rulebook", "show"]]


TERMINALS = [("zh-TW", "cp950"), ("en", "ascii"), ("zh-TW", "ascii"), ("en", "cp950")]


@pytest.mark.parametrize(
    ("arguments", "language", "encoding"),
    [
        pytest.param(arguments, *terminal, marks=() if j == k % 2 else pytest.mark.campaign)
        for k, arguments in enumerate(POOR)
        for j, terminal in enumerate(TERMINALS)
    ],
)
def test_poor_terminals(folder, encoding, language, arguments):
    words = [str(folder / f"{word}.yaml") if word in ("one", "clash") else word for word in arguments]
    done = run(*words, "--lang", language, PYTHONIOENCODING=encoding)
    assert done.returncode == (4 if "clash" in arguments else 0), done.stderr
    assert b"Traceback" not in done.stderr
    text = done.stdout.decode(encoding)
    if (language, encoding) == ("zh-TW", "cp950"):
        assert re.search("[一-龥]{4}", text)


def test_a_closed_pipe_is_no_fault(folder):
    done = subprocess.run(
        f"{sys.executable} -m assigner rulebook show | head -n 1", shell=True, cwd=ROOT, capture_output=True
    )
    assert done.stderr == b""


def test_example_writes_once(capsys, tmp_path):
    path = tmp_path / "my.yaml"
    assert said(capsys, "example", "--schools", 4, "--out", path, "--lang", "en")[0] == 0
    before = path.read_bytes()
    code, _, err = said(capsys, "example", "--schools", 5, "--out", path, "--lang", "en")
    assert code == 2 and "there already" in err
    assert path.read_bytes() == before
    assert said(capsys, "validate", path)[0] == 0


def test_example_prints_utf8():
    done = run("example", "--schools", "3", PYTHONIOENCODING="ascii")
    assert "範例" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("arguments", [["schema", "scenario"], ["schema", "plan"], ["rulebook", "schema"]])
def test_schemas_are_json(capsys, arguments):
    code, out, _ = said(capsys, *arguments)
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_rulebook_show_and_diff(capsys):
    assert "4.4.cap" in said(capsys, "rulebook", "show", "--lang", "en")[1]
    assert "most_per_track" in said(capsys, "rulebook", "show", "4.4.cap", "--lang", "en")[1]
    copy = ROOT / "models" / "rulebooks" / "111.yaml"
    code, out, _ = said(capsys, "rulebook", "diff", "111", copy, "--lang", "en")
    assert code == 0 and "say the same" in out


def test_version(capsys):
    code, out, _ = said(capsys, "--version")
    assert code == 0 and re.fullmatch(r"assigner \S+\n", out)


@pytest.mark.parametrize("arguments", [["--help"], [], ["--version"], ["solve", "--help"], ["solv"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys, typer, rich\n"
        "bare = typer.Typer(add_completion=False)\n"
        "bare.callback(invoke_without_command=True)(lambda: None)\n"
        "bare([], standalone_mode=False)\n"
        "there = set(sys.modules)\n"  # newer releases of typer bring pydantic
        "from assigner import cli\n"
        "cli.run(sys.argv[1:])\n"
        f"print('heavy:', *(name for name in {HEAVY} if name in sys.modules and name not in there))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode("utf-8").rstrip().splitlines()[-1].strip() == "heavy:"


def test_help_takes_at_most_twice_the_work_of_importing_its_libraries():
    resource = pytest.importorskip("resource")  # work, not seconds: other programs may be running

    def work(code):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # In turns, as the machine may be slower at one time than at another; the least of each is nearest to the truth.
    works = [(work("from assigner import cli; cli.run(['--help'])"), work("import typer, rich")) for _ in range(8)]
    shown, bare = (min(side) for side in zip(*works, strict=True))
    assert shown <= 2 * bare


# --------------------------------------------------------------------------------------------- what cannot be written


@pytest.mark.parametrize("option", ["--out", "--export-model"])
def test_an_output_that_cannot_be_written_is_refused_before_solving(capsys, folder, tmp_path, monkeypatch, option):
    from assigner import files, planner

    def refused(prefix, dir):
        raise PermissionError(errno.EACCES, "Permission denied", f"{dir}/{prefix}draft")

    monkeypatch.setattr(files.tempfile, "mkstemp", refused)
    monkeypatch.setattr(planner, "solve", lambda *args, **more: pytest.fail("it was solved"))
    code, out, err = said(capsys, "solve", folder / "one.yaml", option, tmp_path / "p", "--lang", "en")
    assert (code, out) == (2, "")
    name = tmp_path / "p" / "plan.json" if option == "--out" else tmp_path / "p"
    assert str(name) in err.splitlines() and "no permission" in err


def test_a_disk_that_fills_up_does_not_lose_the_plan(capsys, folder, tmp_path, monkeypatch):
    from assigner import files

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    code, out, err = said(capsys, "solve", folder / "one.yaml", "--out", tmp_path, "--lang", "en")
    assert code == 2
    assert "Who hosts what" in out and "Proven" in out
    assert f"{tmp_path / 'plan.json'}\n  The disk is full" in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_plan(capsys, folder, tmp_path):
    (tmp_path / "plan.json").mkdir()
    code, out, err = said(capsys, "solve", folder / "one.yaml", "--out", tmp_path, "--lang", "en")
    assert (code, out) == (2, "")
    assert "plan.json" in err and "folder, not a file" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("more", [["--json"], pytest.param([], marks=pytest.mark.campaign)])
def test_a_full_standard_output(folder, more):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "assigner", "solve", str(folder / "one.yaml"), "-q", *more, "--lang", "en"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"standard output\n  The disk is full")
    assert b"Exception" not in done.stderr


# ----------------------------------------------------------------------------------------------------- files in the way


def in_the_way(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x = 1\n", encoding="utf-8")


def validated_there(folder, scenario, start, paths, language="en"):
    return subprocess.run(
        [sys.executable, *start, "validate", str(scenario), "--lang", language],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
    )


IN_THE_WAY = ["models.py", "geodata.py", "models/__init__.py"]


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_a_file_of_ones_own_in_the_current_folder_is_not_in_the_way(folder, tmp_path, name):
    in_the_way(tmp_path, name)
    done = validated_there(tmp_path, folder / "one.yaml", ["-m", "assigner"], [str(ROOT)])
    assert done.returncode == 0, done.stderr.decode("utf-8")


@pytest.mark.parametrize(("language", "word"), [("en", "hides a part of the program"), ("zh-TW", "遮蔽")])
@pytest.mark.parametrize("name", IN_THE_WAY)
def test_a_file_that_hides_a_part_of_the_program_is_named(folder, tmp_path, name, language, word):
    in_the_way(tmp_path, name)
    start = ["-P", "-c", "from assigner.cli import main; main()"]
    done = validated_there(tmp_path, folder / "one.yaml", start, [".", str(ROOT)], language)
    err = done.stderr.decode("utf-8")
    assert done.returncode == 2, err
    assert str((tmp_path / name).resolve()) in err and word in err and "Traceback" not in err


def test_the_library_names_a_file_in_the_way_too(tmp_path):
    (tmp_path / "models.py").write_text("x = 1\n")
    done = subprocess.run(
        [sys.executable, "-c", "import assigner; assigner.solve"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert done.returncode == 1
    assert str((tmp_path / "models.py").resolve()) in done.stderr.decode().split("ImportError: ")[1]
