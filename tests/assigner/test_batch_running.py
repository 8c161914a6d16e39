"""A batch that is disturbed ends as one that is not: killed, full, shared, with jobs that misbehave."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from assigner.batch.asking import Asking, Questions
from assigner.batch.expanding import read_spec
from assigner.batch.foretelling import TYPICAL_SECONDS, foretell
from assigner.batch.pool import LocalWorkers
from assigner.batch.running import Runner
from assigner.batch.store import Store
from assigner.batch.values import Event, Order, Outcome
from assigner.batch.watching import Finished, Summary, Tally
from assigner.batch.work import Inputs, carry_out
from assigner.cli import run as command
from assigner.errors import InputError
from assigner.messages import language_set
from assigner.report.batch_terminal import summary_line
from models.stopping import Limits, Stop

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
COUNTY = SCENARIOS / "base" / "synthetic-county.yaml"


class Here:
    """Workers in this very process, one order at a time."""

    def __init__(self, capacity: int = 2) -> None:
        self.capacity = capacity
        self.sent: list[Order] = []
        self.solved: list[str] = []
        self.closed = False
        self._known = Inputs()

    def send(self, order: Order) -> None:
        self.sent.append(order)

    def wait(self, seconds: float) -> list[Event]:
        if not self.sent:
            return []
        order = self.sent.pop(0)
        self.solved.append(order.key)
        return [self.event(order)]

    def event(self, order: Order) -> Event:
        return Event("done", order.key, carry_out(order, self._known))

    def close(self) -> None:
        self.closed = True


class Heard:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.ends: list[Finished] = []
        self.notes: list[str] = []
        self.tally = Tally()

    def begun(self, run: int, name: str, tally: Tally) -> None:
        self.tally = tally

    def finished(self, one: Finished) -> None:
        self.ends.append(one)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def ended(self, summary: Summary) -> None:
        self.summary = summary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few small scenarios."""
    made = tmp_path / "communities"
    made.mkdir()
    for name in ("synthetic-1", "synthetic-2", "synthetic-3", "collision"):
        shutil.copy(SCENARIOS / f"{name}.yaml", made)
    return made


def go(store: Path, spec: Path, workers: Any, *, stop: Stop | None = None, **how: Any) -> tuple[Summary, Heard]:
    heard = Heard()
    questions = how.pop("questions", Questions())
    with Store.open(store, create=True) as opened:
        summary = Runner(opened, lambda: workers, heard, **how).run(Asking(read_spec(spec), questions), stop or Stop())
    return summary, heard


def rows(store: Path, sql: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute(sql, values).fetchall()


def results(store: Path) -> dict[str, tuple[str, str, Any]]:
    """Everything that was found, without how long it took."""
    found = {}
    for key, state, status, facts in rows(store, "select key, state, status, facts from jobs"):
        content = json.loads(zlib.decompress(facts)) if facts else {}
        content.pop("solver_seconds", None)
        for tier in content.get("tiers", ()):
            tier.pop("seconds", None)
        found[key] = state, status, content
    return found


# --------------------------------------------------------------------------------------------------------- one runner


def test_a_run_solves_each_job_once_and_the_second_run_none(folder: Path, tmp_path: Path) -> None:
    store, first = tmp_path / "runs.sqlite", Here()
    summary, heard = go(store, folder, first)
    assert summary.states["done"] == 4 and len(first.solved) == len(set(first.solved)) == 4
    assert [one.state for one in heard.ends] == ["done"] * 4 and heard.tally.left == 0 and first.closed
    before = results(store)

    def none() -> Here:
        raise AssertionError("nothing is left to solve")

    with Store.open(store) as opened:
        again = Runner(opened, none, Heard()).run(Asking(read_spec(folder), Questions()), Stop())
    assert again.run == summary.run and again.tally.before == 4 and results(store) == before


def test_a_file_that_is_left_out_is_told_and_a_name_once_given_stays(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SCENARIOS / "synthetic-1.yaml", tmp_path / "in")
    shutil.copy(ROOT / "models" / "rulebooks" / "111.yaml", tmp_path / "in" / "draft.yaml")
    store, spec = tmp_path / "runs.sqlite", read_spec(tmp_path / "in")
    for name, called in (("trial", "trial"), ("", "trial"), ("other", "other")):
        heard = Heard()
        with Store.open(store, create=True) as opened:
            Runner(opened, Here, heard).run(Asking(spec, Questions(), name), Stop())  # type: ignore[arg-type]
            assert [run.name for run in opened.runs()] == [called]
        assert len(heard.notes) == 1 and heard.notes[0].startswith("draft.yaml: ")


def test_what_was_solved_for_one_run_is_not_solved_for_another(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    go(store, folder, Here())
    text = (folder / "synthetic-3.yaml").read_text(encoding="utf-8")
    (folder / "synthetic-3.yaml").write_text("# another comment\n" + text, encoding="utf-8")
    shutil.copy(SCENARIOS / "synthetic-5.yaml", folder)
    workers = Here()
    summary, _heard = go(store, folder, workers)
    assert summary.tally.total == 5 and len(workers.solved) == 1


def test_names_of_files_that_are_no_text_are_kept_as_one(folder: Path, tmp_path: Path) -> None:
    inner = folder / os.fsdecode(b"\xb0\xaa")  # as an archive from another system leaves them
    try:
        inner.mkdir()
        (folder / "synthetic-1.yaml").rename(inner / os.fsdecode(b"\xb8\xea.yaml"))
    except OSError:
        pytest.skip("this file system holds no such names")
    (inner / os.fsdecode(b"\xab.yaml")).write_text("schema_version: 1\nid: [", encoding="utf-8")
    summary, _heard = go(tmp_path / "runs.sqlite", folder, Here())
    assert (summary.states["done"], summary.states["failed"]) == (4, 1)
    again, _heard = go(tmp_path / "runs.sqlite", inner, Here())
    assert (again.states["done"], again.states["failed"]) == (1, 1)


def test_a_file_that_cannot_be_read_fails_alone(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.yaml").write_text("schema_version: 1\nid: broken\nschools: 7\n", encoding="utf-8")
    summary, heard = go(tmp_path / "runs.sqlite", folder, Here())
    assert summary.states["failed"] == 1 and summary.states["done"] == 4
    (failed,) = [one for one in heard.ends if one.state == "failed"]
    assert "broken.yaml" in failed.error["text"] and "schools" in failed.error["text"]


def test_what_failed_is_foretold_where_it_is_asked_again_and_is_not_called_solved(folder: Path, tmp_path: Path) -> None:
    class Failing(Here):
        def event(self, order: Order) -> Event:
            return Event("done", order.key, Outcome(order.key, "failed", error={"kind": "crash", "text": "x"}))

    (folder / "broken.yaml").write_text("schema_version: 1\nid: [", encoding="utf-8")
    store, asking = tmp_path / "runs.sqlite", Asking(read_spec(folder), Questions())
    summary, _heard = go(store, folder, Failing())
    assert summary.states["failed"] == 5
    with language_set("en"):
        assert "0 jobs were solved now" in summary_line(summary)
    assert foretell(asking, store, 1).seconds == 0
    again = foretell(asking, store, 1, retry_failed=True)
    assert again.seconds == pytest.approx(4 * TYPICAL_SECONDS)


def test_a_stop_gives_back_what_is_under_way_and_the_next_run_goes_on(folder: Path, tmp_path: Path) -> None:
    store, stop = tmp_path / "runs.sqlite", Stop(watched=True)

    class Stopping(Here):
        def event(self, order: Order) -> Event:
            stop.set()
            return super().event(order)

    summary, _heard = go(store, folder, Stopping(), stop=stop)
    assert summary.interrupted and summary.states["done"] == 1 and summary.states["running"] == 0
    rest = Here()
    summary, _heard = go(store, folder, rest)
    assert not summary.interrupted and summary.states["done"] == 4 and len(rest.solved) == 3


def test_more_is_granted_to_what_was_stopped_early(tmp_path: Path) -> None:
    store, spec = tmp_path / "runs.sqlite", SCENARIOS / "synthetic-25.yaml"
    summary, _heard = go(store, spec, Here(), limits=Limits(work=0.02))
    assert summary.states["stopped"] == 1
    same = Here()
    go(store, spec, same, limits=Limits(work=0.02))
    assert not same.solved
    summary, _heard = go(store, spec, Here(), limits=Limits(work=50.0))
    assert summary.states["done"] == 1


def test_splits_and_prices_of_rules_are_jobs_of_their_own(tmp_path: Path, folder: Path) -> None:
    store, workers = tmp_path / "runs.sqlite", Here()
    small = tmp_path / "one"
    small.mkdir()
    shutil.copy(folder / "synthetic-2.yaml", small)
    go(store, small, workers, questions=Questions(splits=True, rules=True))
    kinds = [
        (json.loads(question)["kind"], json.loads(delta))
        for question, delta in rows(store, "select question, delta from jobs")
    ]
    lifted = [delta["lift"] for _kind, delta in kinds if delta]
    assert ("split", {}) in kinds and ("plan", {}) in kinds and ["3.bundle"] in lifted
    assert len(kinds) == len(lifted) + 2
    assert {state for (state,) in rows(store, "select distinct state from jobs")} == {"done"}


def test_a_job_whose_worker_dies_is_tried_again_and_then_fails(folder: Path, tmp_path: Path) -> None:
    class Dying(Here):
        def event(self, order: Order) -> Event:
            if "1 校" in label(order) or "1校" in label(order):
                return Event("lost", order.key, reason="crash")
            return super().event(order)

    def label(order: Order) -> str:
        content = json.loads(zlib.decompress(order.content or b""))
        return str(content["scenario"]["name"])

    workers = Dying()
    store = tmp_path / "runs.sqlite"
    summary, heard = go(store, folder, workers)
    assert summary.states["failed"] == 1 and summary.states["done"] == 3
    assert len(workers.solved) == 5 and len(heard.notes) == 1
    healthy = Here()
    go(store, folder, healthy)
    assert not healthy.solved
    summary, _heard = go(store, folder, healthy, retry_failed=True)
    assert summary.states["done"] == 4 and len(healthy.solved) == 1


# ------------------------------------------------------------------------------------------- processes that misbehave


def troubled(order: Order, known: Inputs) -> Outcome:
    """Carries out jobs; three communities misbehave."""
    content = known.take(order).content
    size = len(content["scenario"]["schools"])
    if size == 1:
        os._exit(7)
    if size == 2:
        held = []
        while True:
            held.append(bytearray(20_000_000))
    if size == 3:
        while True:
            time.sleep(0.05)
    return carry_out(order, known)


def test_jobs_that_crash_eat_memory_or_never_end_take_nothing_with_them(folder: Path, tmp_path: Path) -> None:
    shutil.copy(SCENARIOS / "synthetic-5.yaml", folder)
    quiet = tmp_path / "undisturbed.sqlite"
    go(quiet, folder, Here())
    store = tmp_path / "runs.sqlite"
    workers = LocalWorkers(2, memory_mb=900, kill_after_seconds=8.0, function=f"{__name__}:troubled")
    summary, heard = go(store, folder, workers)
    assert summary.states["failed"] == 3
    assert {one.error["kind"] for one in heard.ends if one.state == "failed"} == {"crash", "memory", "time"}
    done = {key: found for key, found in results(store).items() if found[0] == "done"}
    assert len(done) == 2 and done.items() <= results(quiet).items()
    go(store, folder, Here(), retry_failed=True)
    assert results(store) == results(quiet)


# ------------------------------------------------------------------------------------------------------ killed programs


def start(spec: Path, store: Path, *more: str) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "assigner", "batch", str(spec), "--store", str(store), "--lang", "en", *more]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def workers_of(runner: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return [child for child in psutil.Process(runner.pid).children() if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return []


def answered(store: Path) -> int:
    if not store.exists():
        return 0
    try:
        return int(rows(store, "select count(*) from jobs where state = 'done'")[0][0])
    except sqlite3.Error:
        return 0


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough jobs that a kill meets one."""
    folder = tmp_path_factory.mktemp("many")
    spec = folder / "many.yaml"
    base = Path(os.path.relpath(COUNTY, folder)).as_posix()
    seeds = ", ".join(map(str, range(1, 4)))
    text = f"schema_version: 1\nbase: {base}\nvariants:\n  grid:\n    seed: [{seeds}]\n"
    spec.write_text(text, encoding="utf-8")
    return spec


@pytest.fixture(scope="module")
def undisturbed(many: Path) -> dict[str, tuple[str, str, Any]]:
    """What a run finds that nobody disturbs."""
    store = many.parent / "undisturbed.sqlite"
    go(store, many, Here())
    return results(store)


@pytest.mark.parametrize(
    ("kills", "seed"),
    [(2, 1), pytest.param(10, 2, marks=pytest.mark.campaign), pytest.param(10, 3, marks=pytest.mark.campaign)],
)
def test_a_batch_that_is_killed_again_and_again_ends_as_one_that_is_not(
    many: Path, undisturbed: dict[str, Any], tmp_path: Path, kills: int, seed: int
) -> None:
    rng = random.Random(seed)
    store, total = tmp_path / "runs.sqlite", len(undisturbed)
    done, killed = 0, 0
    for kill in range(kills):
        runner = start(many, store, "--jobs", "2")
        # A random moment, once it has got somewhere: begun, in the middle of a job, in the middle of writing.
        wanted = done + rng.randrange(max(1, (total - done) // (kills - kill + 1)) + 1)
        until = time.monotonic() + 120
        while runner.poll() is None and answered(store) < wanted and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(rng.random() * 0.3)
        victims = workers_of(runner)
        if kill % 2 and victims:
            os.kill(rng.choice(victims).pid, signal.SIGKILL)
            time.sleep(rng.random() * 0.5)
        killed += runner.poll() is None
        runner.kill()
        runner.wait()
        assert runner.stderr is not None
        runner.stderr.close()
        done = answered(store)
    assert killed
    last = start(many, store, "--jobs", "2")
    _out, error = last.communicate(timeout=300)
    assert last.returncode == 0, error.decode()
    assert results(store) == undisturbed
    assert rows(store, "pragma integrity_check") == [("ok",)]


@pytest.mark.campaign
def test_a_batch_on_a_cluster_whose_workers_are_killed_ends_as_one_that_is_not(
    many: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra batch is not installed")
    from assigner.batch.cluster import DaskWorkers

    rng = random.Random(7)
    killed = 0
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:

        class Killing(Heard):
            """Kills a worker after every fourth job, three times in all."""

            def finished(self, one: Finished) -> None:
                nonlocal killed
                super().finished(one)
                if len(self.ends) % 4 == 0 and killed < 3:
                    with distributed.Client(cluster, set_as_default=False) as somebody:
                        pids = list(somebody.run(os.getpid).values())
                    os.kill(rng.choice(pids), signal.SIGKILL)
                    killed += 1

        with Store.open(tmp_path / "runs.sqlite", create=True) as opened:
            runner = Runner(opened, lambda: DaskWorkers(cluster.scheduler_address), Killing())
            summary = runner.run(Asking(read_spec(many), Questions()), Stop())
    assert killed == 3 and summary.states["done"] == len(undisturbed)
    assert results(tmp_path / "runs.sqlite") == undisturbed


def test_two_runners_share_the_jobs_of_one_store(many: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    runners = [start(many, store, "--jobs", "1") for _ in range(2)]
    for runner in runners:
        _out, error = runner.communicate(timeout=300)
        assert runner.returncode == 0, error.decode()
    assert results(store) == undisturbed
    # Nobody solved what another one had.
    assert rows(store, "select distinct attempts from jobs") == [(1,)]
    assert len(rows(store, "select id from runs")) == 1


def test_an_interrupt_ends_with_a_summary_and_loses_nothing(many: Path, tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    runner = start(many, store, "--jobs", "1")
    until = time.monotonic() + 120
    while answered(store) < 1 and runner.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    runner.send_signal(signal.SIGINT)
    _out, error = runner.communicate(timeout=60)
    assert runner.returncode == 3, error.decode()
    states = dict(rows(store, "select state, count(*) from jobs group by state"))
    assert states.get("running", 0) == 0 and states["done"] >= 1 and states["queued"] >= 1


# ------------------------------------------------------------------------------------------------ the words it says


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, for whoever may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=False)


def test_a_full_disk_stops_the_run_in_words_and_it_goes_on_with_more_room(
    many: Path, undisturbed: dict[str, Any], small_disk: Path
) -> None:
    store = small_disk / "runs.sqlite"
    with pytest.raises(InputError) as refused:
        go(store, many, Here())
    assert str(store) in str(refused.value)
    before = {key: found for key, found in results(store).items() if found[0] == "done"}
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    go(store, many, Here())
    assert before.items() <= undisturbed.items() and results(store) == undisturbed


def test_the_command_says_how_it_ended_and_what_is_next(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "runs.sqlite"
    assert command(["batch", str(folder), "--store", str(store), "--dry-run", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "4 jobs: 4 new" in told and not store.exists()
    with Store.open(store, create=True) as opened:
        Runner(opened, Here, Heard()).run(Asking(read_spec(folder), Questions()), Stop())  # type: ignore[arg-type]
    assert command(["batch", str(folder), "--store", str(store), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "4 done" in told and "Nothing was left to solve." in told
    assert command(["batch", str(folder), "--store", str(store), "--json-lines"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["begun", "ended"] and events[-1]["states"]["done"] == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jobs", "0"], "--jobs = 0"),
        (["--memory-limit", "0"], "--memory-limit = 0"),
        (["--time-limit", "0"], "--time-limit"),
        (["--cluster", "tcp://127.0.0.1:1", "--jobs", "2"], "not for a cluster"),
    ],
)
def test_a_wrong_value_is_refused_with_how_to_mend_it(
    folder: Path, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "runs.sqlite"
    assert command(["batch", str(folder), "--store", str(store), "--lang", "en", *arguments]) == 2
    assert said in capsys.readouterr().err and not store.exists()
