"""`assigner boundary suggest`: from a base or an experiment to suggestions, files, and an experiment to be run."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from assigner.boundary.base import read_base
from assigner.boundary.experiment_file import read_experiment
from assigner.boundary.files.writing import base_yaml
from assigner.boundary.solving import Plans
from assigner.boundary.suggest_answer import suggestions_schema
from assigner.boundary.suggesting import suggest
from assigner.cli import run as main
from assigner.errors import ExitCode
from tests.assigner.suggest_bases import small_base


@pytest.fixture(scope="module")
def base_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "base.yaml"
    path.write_text(base_yaml(small_base(13, townships=7, plain=True)), encoding="utf-8", newline="\n")
    return path


def run(*arguments: object, lang: str = "en") -> int:
    return main(["boundary", "suggest", *map(str, arguments), "--lang", lang])


def test_the_best_change_is_saved_and_is_the_one_found_in_python(
    base_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "best.yaml"
    assert (
        run(base_file, "--json", "--save", saved, "--out", tmp_path / "answer", "--formats", "csv", "--quiet")
        == ExitCode.PROVEN
    )
    document = json.loads(capfd.readouterr().out)
    jsonschema.validate(document, suggestions_schema())
    assert {path.name for path in (tmp_path / "answer").iterdir()} == {"suggestions.json", "suggestions.csv"}
    found = suggest(Plans(read_base(base_file)))
    assert found.best is not None
    assert document == json.loads((tmp_path / "answer" / "suggestions.json").read_text("utf-8"))
    assert [entry["decides"] for entry in document["ranking"]] == [entry.decides for entry in found.ranking]
    stated = read_experiment(saved)
    assert stated.flips == found.best.flips
    effects = stated.experiment().effects()
    for entry in effects.communities:
        assert entry.after is not None and entry.after.values == found.best.states[entry.id].values
    # The experiment is where the next question begins, with its locks.
    assert run(saved, "--json", "--quiet", "--no-ranking") == ExitCode.PROVEN
    again = json.loads(capfd.readouterr().out)
    assert [entry["before"] for entry in again["aims"]] == [entry["after"] for entry in document["aims"]] or again[
        "communities"
    ] != document["communities"]


def test_nothing_is_replaced_unless_that_is_wanted(
    base_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("mine", encoding="utf-8")
    assert run(base_file, "--save", mine) == ExitCode.BAD_INPUT
    assert mine.read_text("utf-8") == "mine"
    assert run(base_file, "--save", base_file, "--force") == ExitCode.BAD_INPUT
    assert read_base(base_file).map.names
    capfd.readouterr()


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_the_answer_is_told(base_file: Path, lang: str, capfd: pytest.CaptureFixture[str]) -> None:
    base = read_base(base_file)
    community = next(iter(base.map.names))
    asked = ("--around", base.map.names[community], "--target", f"travel:{community}", "--keep", "load")
    assert run(base_file, *asked, lang=lang) == ExitCode.PROVEN
    told = capfd.readouterr().out
    assert base.map.names[community] in told
    assert ("已證明" if lang == "zh-TW" else "Proven") in told
    assert run(base_file, *asked, "--quiet", "--no-ranking", lang=lang) == ExitCode.PROVEN
    assert len(capfd.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "place", "value"),
    [
        (("--max-flips", "0"), "--max-flips", "0"),
        (("--max-flips", "99"), "--max-flips", "99"),
        (("--top", "0"), "--top", "0"),
        (("--target", "speed"), "--target", "speed"),
        (("--target", "largest_load:c0"), "--target", "largest_load:c0"),
        (("--target", "travel:霧裡"), "--target", "霧裡"),
        (("--keep", "harmony"), "--keep", "harmony"),
        (("--around", "霧裡"), "--around", "霧裡"),
        (("--around", "none"), "--around", "none"),
        (("--formats", "csv"), "--formats", "csv"),
        (("--lock", "霧裡"), "--lock", "霧裡"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_option(
    base_file: Path, arguments: tuple[str, ...], place: str, value: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(base_file, *arguments) == ExitCode.BAD_INPUT
    told = capfd.readouterr().err
    assert place in told and value in told and "Traceback" not in told


def test_a_file_that_is_neither_base_nor_experiment_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("a.yaml", "{"), ("b.yaml", "base: missing.yaml\nschema_version: 1\n"), ("c.yaml", "1")):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8")
        assert run(file) == ExitCode.BAD_INPUT
        assert "Traceback" not in capfd.readouterr().err
    assert run(tmp_path / "missing.yaml") == ExitCode.BAD_INPUT
    capfd.readouterr()


def test_a_limit_ends_with_the_exit_code_that_says_so(base_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(base_file, "--work-limit", "0.001", "--json", "--quiet") == ExitCode.STOPPED
    document = json.loads(capfd.readouterr().out)
    jsonschema.validate(document, suggestions_schema())
    assert document["status"] == "stopped" and document["stopped_by"] == "work"
