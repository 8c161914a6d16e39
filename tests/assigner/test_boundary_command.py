"""``assigner boundary run``: the same effects as in Python, told in both languages, with exit codes and files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assigner import cli
from assigner.boundary.answer import boundary_schema, effects_document
from assigner.boundary.base import base_hash, example_base, read_base, write_base
from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.boundary.values import FINDINGS, Base, Effects, Finding
from assigner.errors import ExitCode, InputError
from assigner.messages import LANGUAGES, language_set
from assigner.outputs import csv_of
from assigner.report import boundary_statements as sentences
from assigner.report.boundary_tables import all_tables, comparison, measure_rows, nearest_summary
from assigner.report.boundary_terminal import show_effects
from assigner.report.terminal import console_for
from models.stopping import Stop
from tests.assigner.boundary_bases import tiny_base
from tests.assigner.test_boundary_effects import EAST, MIDDLE, WEST, random_experiment
from tests.assigner.test_boundary_effects import measure as measure_pair

VALIDATOR = jsonschema.Draft202012Validator(boundary_schema())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base map in a file."""
    path = tmp_path_factory.mktemp("base") / "tiny.yaml"
    write_base(tiny_base(), path)
    return path


@pytest.fixture(scope="module")
def base(file: Path) -> Base:
    return read_base(file)


@pytest.fixture(scope="module")
def plans(base: Base) -> Plans:
    return Plans(base)


def run(capsys: Any, *arguments: object) -> tuple[int, str, str]:
    code = cli.run(["--lang", "en", "boundary", "run", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


class _Stream(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8")


def printed(effects: Effects, language: str, width: int | None = None) -> str:
    with language_set(language):
        stream = _Stream()
        console = console_for(stream)
        if width is not None:
            console.width = width
        show_effects(effects, console)
        return stream.text()


# -------------------------------------------------------------------------------------- the same as in Python, and back


@pytest.mark.parametrize("seed", [2, 5, 9])
def test_a_saved_experiment_gives_the_same_effects_on_the_command_line(
    capsys: Any, tmp_path: Path, base: Base, plans: Plans, seed: int
) -> None:
    experiment = random_experiment(base, seed)
    path = experiment.save(tmp_path / "experiment.yaml")
    effects = experiment.effects(plans)
    with language_set("en"):
        expected = effects_document(effects)
    code, out, _err = run(capsys, path, "--json", "--quiet")
    assert json.loads(out) == json.loads(json.dumps(expected))
    assert code == effects.exit_code
    read = Experiment.read(path)
    assert (read.flips, read.undone, read.locks) == (experiment.flips, experiment.undone, experiment.locks)


def test_names_notes_and_locks_are_saved(tmp_path: Path, base: Base) -> None:
    experiment = Experiment(base, name="甲案", note="試").move("神岡區", WEST).undo().lock("大雅區", communities=[EAST])
    read = Experiment.read(experiment.save(tmp_path / "a.yaml"))
    assert (read.name, read.note, read.undone, read.locks) == ("甲案", "試", experiment.undone, experiment.locks)


def test_an_experiment_takes_the_file_of_a_base(file: Path) -> None:
    assert Experiment(file).base.map == read_base(file).map
    assert Experiment(str(file)).move("神岡區", WEST).touched == (WEST, MIDDLE)


def test_a_base_without_a_file_cannot_be_named(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Experiment(tiny_base()).save(tmp_path / "a.yaml")
    assert not (tmp_path / "a.yaml").exists()


# ----------------------------------------------------------------------------------------------------------- exit codes


def write(folder: Path, base: Path, flips: str) -> Path:
    path = folder / "experiment.yaml"
    path.write_text(
        f"schema_version: 1\nbase: {json.dumps(str(base))}\nflips:\n{flips}\n", encoding="utf-8", newline="\n"
    )
    return path


def test_all_proven_is_0_and_says_so(capsys: Any, tmp_path: Path, file: Path) -> None:
    code, out, err = run(capsys, write(tmp_path, file, "  - {move: 神岡區, to: west}"))
    assert code == ExitCode.PROVEN
    assert "1. 臺中市神岡區 goes to west社區" in out
    assert "at most 4 hosts of exploration, before 2." in out
    assert "proven best and audited" in out.splitlines()[-1]
    assert "Traceback" not in err


def test_quiet_is_one_line(capsys: Any, tmp_path: Path, file: Path) -> None:
    code, out, _err = run(capsys, write(tmp_path, file, "  - {move: 神岡區, to: west}"), "-q")
    assert code == ExitCode.PROVEN
    assert len(out.splitlines()) == 1


def test_no_lawful_plan_is_4_with_the_rules_that_collide(capsys: Any, tmp_path: Path) -> None:
    write_base(tiny_base(own={MIDDLE: {"relaxations": "none"}}), tmp_path / "b.yaml")
    code, out, _err = run(capsys, write(tmp_path, tmp_path / "b.yaml", "  - {move: 大雅區, to: west}"))
    assert code == ExitCode.NO_LAWFUL_PLAN
    assert "Proven: no lawful plan in middle社區." in out
    assert "cannot all hold together" in out
    assert "R1" in out


def test_a_community_without_schools_is_4(capsys: Any, tmp_path: Path, file: Path) -> None:
    flips = "  - {move: 大雅區, to: west}\n  - {move: 神岡區, to: west}\n  - {move: 潭子區, to: none}"
    code, out, _err = run(capsys, write(tmp_path, file, flips))
    assert code == ExitCode.NO_LAWFUL_PLAN
    assert "middle社區: no school that takes part is left." in out


@pytest.mark.parametrize(
    ("flips", "place"),
    [
        ("  - {move: 神岡縣, to: west}", ":4:"),
        ("  - {move: 神岡區, to: west}\n  - {move: 神岡區, to: west}", ":5:"),
        ("  - {move: 神岡區, to: nord}", ":4:"),
    ],
)
def test_what_cannot_be_is_2_with_its_line(capsys: Any, tmp_path: Path, file: Path, flips: str, place: str) -> None:
    code, out, err = run(capsys, write(tmp_path, file, flips))
    assert code == ExitCode.BAD_INPUT
    assert out == ""
    assert f"experiment.yaml{place}" in err
    assert "To mend it" in err


def test_files_without_a_folder_and_an_unknown_command_are_2(capsys: Any, tmp_path: Path, file: Path) -> None:
    path = write(tmp_path, file, "  - {move: 神岡區, to: west}")
    assert run(capsys, path, "--formats", "csv")[0] == ExitCode.BAD_INPUT
    assert run(capsys, path, "--out", tmp_path / "o", "--formats", "doc")[0] == ExitCode.BAD_INPUT
    assert run(capsys, path, "--time-limit", "0")[0] == ExitCode.BAD_INPUT
    assert cli.run(["--lang", "en", "boundary", "rum"]) == ExitCode.BAD_INPUT
    assert "run" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_no_change_is_told(capsys: Any, tmp_path: Path, file: Path) -> None:
    path = tmp_path / "none.yaml"
    path.write_text(f"schema_version: 1\nbase: {json.dumps(str(file))}\n", encoding="utf-8", newline="\n")
    code, out, _err = run(capsys, path)
    assert code == ExitCode.PROVEN
    assert "No change was made." in out


def test_files_are_written_and_named(capsys: Any, tmp_path: Path, file: Path) -> None:
    path = write(tmp_path, file, "  - {move: 神岡區, to: west}")
    code, out, _err = run(capsys, path, "--out", tmp_path / "out", "--formats", "csv")
    assert code == ExitCode.PROVEN
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["boundary.csv", "boundary.json"]
    assert "boundary.json" in out
    VALIDATOR.validate(json.loads((tmp_path / "out" / "boundary.json").read_text(encoding="utf-8")))


def test_the_shipped_county_can_be_run(capsys: Any, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "scenarios" / "base" / "synthetic-county.yaml"
    assert base_hash(read_base(shipped)) == base_hash(example_base())
    code, out, _err = run(capsys, write(tmp_path, shipped, "  - {move: 竹田鄉, to: south}"), "--quiet")
    assert code == ExitCode.PROVEN
    assert "proven best" in out


def test_an_example_is_written_and_replaces_nothing(capsys: Any, tmp_path: Path) -> None:
    folder = tmp_path / "try"
    assert cli.run(["--lang", "en", "boundary", "example", str(folder)]) == ExitCode.PROVEN
    out = capsys.readouterr().out
    assert base_hash(read_base(folder / "synthetic-county.yaml")) == base_hash(example_base())
    assert "boundary run" in out
    first = next(path for path in sorted(folder.iterdir()) if path.name.startswith("experiment"))
    assert Experiment.read(first).touched
    first.write_text("mine", encoding="utf-8")
    assert cli.run(["--lang", "en", "boundary", "example", str(folder)]) == ExitCode.BAD_INPUT
    assert first.read_text(encoding="utf-8") == "mine"
    assert cli.run(["--lang", "en", "boundary", "example", str(folder), "--force"]) == ExitCode.PROVEN
    assert Experiment.read(first).touched


# --------------------------------------------------------------------------------------------------------- what is said


@pytest.fixture(scope="module")
def told(base: Base, plans: Plans) -> list[Effects]:
    """Effects of every kind: complete, a preview, stopped, without a plan, merged, divided, schools alone."""
    stop = Stop()
    stop.set()
    free = Experiment(base)
    fresh = Plans(base)
    for community in base.map.names:
        fresh.state(base.map, community)
    bound = tiny_base(own={MIDDLE: {"relaxations": "none", "convener": "S00008", "pins": {"4.1": ["S00008"]}}})
    return [
        free.effects(plans),
        free.move("神岡區", WEST).effects(plans),
        free.move("神岡區", EAST).preview(fresh),
        free.move("大雅區", WEST).move("神岡區", WEST).move("潭子區", EAST).effects(plans),
        free.move("潭子區", WEST).effects(Plans(base), stop=stop),
        free.move("東勢區", MIDDLE).move("梧棲區", EAST).effects(plans),
        free.merge(MIDDLE, WEST).effects(plans),
        free.divide(WEST, "part", "新", ["清水區"]).move("S00009", EAST).effects(plans),
        free.new("n", townships=["大雅區"], schools=["S00008"]).effects(plans),
        Experiment(bound).move("神岡區", WEST).move("大雅區", WEST).effects(),
        *(random_experiment(base, seed).effects(plans) for seed in range(20, 26)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_has_the_shape(told: list[Effects], language: str) -> None:
    VALIDATOR.check_schema(boundary_schema())
    with language_set(language):
        for effects in told:
            VALIDATOR.validate(json.loads(effects.to_json()))


@pytest.mark.parametrize("language", ["zh-TW", pytest.param("en", marks=pytest.mark.campaign)])
def test_everything_can_be_printed_with_its_findings(told: list[Effects], language: str) -> None:
    for effects in told:
        text = "".join(printed(effects, language).split())
        with language_set(language):
            for finding in effects.findings:
                assert "".join(sentences.finding_text(finding, effects).split()) in text
            assert "".join(sentences.verdict(effects).text.split()) in text
        assert "{" not in text


def test_all_kinds_of_findings_are_told_here_or_below(told: list[Effects]) -> None:
    found = {finding.code for effects in told for finding in effects.findings}
    elsewhere = {"split_allowed", "split_lost", "cut_off", "several_counties", "category_gained"}
    assert found | elsewhere >= FINDINGS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_finding_has_a_sentence(told: list[Effects], language: str) -> None:
    effects = told[1]
    samples: dict[str, dict[str, Any]] = {
        "split_allowed": {"before": 20, "after": 21},
        "split_lost": {"before": 21, "after": 20},
        "cut_off": {"parts": ((effects.map.territory(WEST)[0],),), "before": 2, "after": 2},
        "several_counties": {"before": ("臺中市",), "after": ("臺中市", "苗栗縣")},
        "category_gained": {"category": "general"},
        "small": {"n": 2, "least": None},
        "wish_dropped": {"key": "convener", "item": "", "school": "S00001", "benchmark": "S00002"},
    }
    dropped = [
        {"key": key, "item": "4.1", "school": "S00001", "number": len(key)}
        for key in ("pins", "bans", "ways", "outside_partners", "host_numbers", "exploration", "convener")
    ]
    with language_set(language):
        said = [sentences.said(Finding(code, WEST, values), effects) for code, values in samples.items()]
        said += [sentences.said(Finding("wish_dropped", WEST, values), effects) for values in dropped]
    assert len(set(said)) == len(said)
    assert all("{" not in sentence for sentence in said)


def test_a_hostile_name_stays_text(tmp_path: Path) -> None:
    name = "=cmd|' /C calc'!A0 <script>{n}</script>\x1b[31m"
    base = tiny_base(schools={"S00008": {"name": name}})
    effects = Experiment(base).move("神岡區", WEST).effects()
    text = printed(effects, "en", width=500)
    assert "\x1b" not in text
    assert "<script>{n}</script>" in text


# -------------------------------------------------------------------------------------------------------------- tables


def test_the_tables_hold_what_the_effects_hold(told: list[Effects]) -> None:
    for effects in told:
        by_id = {table.id: table for table in all_tables(effects)}
        if effects.duties:
            assert len(by_id["duties"].rows) == len(effects.duties)
        if effects.findings:
            assert len(by_id["findings"].rows) == len(effects.findings)
        counted = sum(sum(row[k] for k in (5, 6)) for row in nearest_summary(effects).rows)  # type: ignore[misc]
        assert counted == sum((n.before is None) or (n.after is None) for n in effects.nearest)
        rows = list(measure_rows(effects).records())
        assert len({(row["community"], row["code"], row["item"]) for row in rows}) == len(rows)


def test_only_what_changed_can_be_shown(told: list[Effects]) -> None:
    effects = told[1]
    every, changed = comparison(effects, MIDDLE), comparison(effects, MIDDLE, only_changed=True)
    assert 0 < len(changed.rows) < len(every.rows)
    assert all(record["before"] != record["after"] or record["change"] for record in changed.records())


def test_rows_for_programs_hold_plain_numbers(told: list[Effects]) -> None:
    table = measure_rows(told[1])
    cells = {(row[0], row[2], row[3]): row for row in csv.reader(io.StringIO(csv_of(table).removeprefix("\ufeff")))}
    assert cells[WEST, "schools", ""][5:] == ["5", "", "6", "1"]
    assert cells[MIDDLE, "schools", ""][5:] == ["4", "", "3", "-1"]
    before, after = measure_pair(told[1], MIDDLE, "travel")
    assert float(cells[MIDDLE, "travel", ""][8]) == pytest.approx(float(after - before))
    assert cells[MIDDLE, "largest_load", ""][8] == "0.2"


def test_the_commands_import_nothing_heavy() -> None:
    heavy = "('ortools', 'pandas', 'networkx', 'pydantic')"
    code = f"import sys; import assigner.commands; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == "[]"
