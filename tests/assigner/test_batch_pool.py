"""Processes that carry out the jobs of a batch: each may die, and costs its own job at most."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from assigner.batch.pool import LocalWorkers, fair_memory_mb
from assigner.batch.work import Inputs, packed_input
from assigner.errors import InputError
from tests.assigner.batch_jobs import order

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = "tests.assigner.batch_jobs:carry_out"
PATIENCE = 30.0
PACKED = packed_input({})


@pytest.fixture(scope="module")
def workers():
    """Two processes for all tests; one that is ended is replaced."""
    with LocalWorkers(2, memory_mb=300, kill_after_seconds=1.5, function=FUNCTION) as made:
        made.warm()
        yield made


def events(workers, n):
    """The next events, by order."""
    found, until = {}, time.monotonic() + PATIENCE
    while len(found) < n:
        assert time.monotonic() < until, found
        for event in workers.wait(1.0):
            assert event.key not in found
            found[event.key] = event
    return found


def gone(pids):
    """Whether these processes end within two seconds."""
    until = time.monotonic() + 2.0
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_file_in_the_current_folder_is_no_module_of_python(tmp_path, monkeypatch):
    (tmp_path / "re.py").write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with LocalWorkers(1, function=FUNCTION) as made:
        made.warm()
    assert "PYTHONSAFEPATH" not in os.environ


def test_two_hundred_orders_are_answered_once_each(workers):
    todo = [order(f"o{n}", input=f"i{n % 7}") for n in range(200)]
    random.Random(1).shuffle(todo)
    found, under_way = {}, 0
    for one in todo:
        while under_way == workers.capacity:
            new = workers.wait(PATIENCE)
            found.update({event.key: event for event in new})
            under_way -= len(new)
        workers.send(one)
        under_way += 1
    found |= events(workers, under_way)
    assert found.keys() == {one.key for one in todo}
    assert {event.kind for event in found.values()} == {"done"}
    assert {event.outcome.facts["pid"] for event in found.values()} == set(workers.pids)


def test_a_fault_in_a_job_is_its_outcome_and_the_process_goes_on(workers):
    before = workers.pids
    workers.send(order("bad", "raise"))
    outcome = events(workers, 1)["bad"].outcome
    assert (outcome.state, outcome.error["kind"], outcome.error["text"]) == (
        "failed",
        "program",
        "RuntimeError: a fault",
    )
    assert workers.pids == before


@pytest.mark.parametrize(("does", "reason"), [("exit", "crash"), ("eat", "memory"), ("spin", "time")])
def test_a_job_that_ends_its_process_is_lost_alone(workers, does, reason):
    before = set(workers.pids)
    workers.send(order("bad", does))
    workers.send(order("other", "sleep", seconds=0.2))
    workers.send(order("behind one"))
    workers.send(order("behind the other"))
    found = events(workers, 4)
    assert (found["bad"].kind, found["bad"].reason) == ("lost", reason)
    assert {found[key].kind for key in ("other", "behind one", "behind the other")} == {"done"}
    assert len(workers.pids) == 2 and len(before & set(workers.pids)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_from_outside_loses_its_job_and_not_the_next(workers):
    workers.warm()
    for key in "abcd":
        workers.send(order(key, "sleep", seconds=0.3))
    os.kill(workers.pids[0], signal.SIGKILL)
    found = events(workers, 4)
    assert sorted(event.kind for event in found.values()) == ["done", "done", "done", "lost"]
    assert found["a"].kind == "lost" or found["b"].kind == "lost"


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl-C alone")
def test_interrupts_are_left_to_the_runner(workers):
    before = workers.pids
    for pid in before:
        os.kill(pid, signal.SIGINT)
    for key in "abcd":
        workers.send(order(key))
    assert {event.kind for event in events(workers, 4).values()} == {"done"} and workers.pids == before


def test_a_scenario_is_sent_once_and_again_where_it_is_forgotten():
    most = Inputs().most
    with LocalWorkers(1, jobs_ahead=0, function=FUNCTION) as one:

        def sent(name):
            one.send(order(name, "read", input=name, content=PACKED))
            outcome = events(one, 1)[name].outcome
            assert outcome.facts["content"] == {}
            return outcome.facts["sent"]

        assert [sent("first"), sent("first")] == [True, False]
        assert all(sent(f"i{n}") for n in range(most - 1))
        assert not sent("first")  # used last, so it is kept
        assert sent("one more")
        assert not sent("first") and sent("i0")
        # What this side believes wrongly is mended without a word.
        one._processes[0].known.sent(order("x", input="never sent"))
        assert sent("never sent")


def test_what_cannot_begin_is_said_in_words(capfd):
    with pytest.raises(InputError, match="cannot be started"), LocalWorkers(1, function="tests.nowhere:f") as none:
        none.warm()
    assert "tests.nowhere" in capfd.readouterr().err


def test_closing_ends_everything_at_once():
    workers = LocalWorkers(1, function=FUNCTION)
    workers.send(order("long", "sleep", seconds=60))
    pids = workers.pids
    assert len(pids) == 1
    workers.close()
    assert gone(pids)


def test_processes_begin_as_orders_come():
    with LocalWorkers(3, function=FUNCTION) as workers:
        assert workers.pids == () and workers.capacity == 6 and workers.wait(0) == []
        workers.send(order("only"))
        assert len(workers.pids) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_processes_end_with_a_runner_that_is_killed():
    code = (
        "from assigner.batch.pool import LocalWorkers\n"
        "from tests.assigner.batch_jobs import order\n"
        f"workers = LocalWorkers(1, function={FUNCTION!r})\n"
        "workers.warm()\n"
        "workers.send(order('busy', 'spin'))\n"
        "print(*workers.pids, flush=True)\n"
        "workers.wait(60)\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in runner.stdout.readline().split()]
    assert pids and all(psutil.pid_exists(pid) for pid in pids)
    runner.kill()
    assert gone(pids)
    runner.wait()
    runner.stdout.close()


def test_the_fair_share_of_memory_has_a_floor():
    assert fair_memory_mb(10_000) == 512 < fair_memory_mb(1)
