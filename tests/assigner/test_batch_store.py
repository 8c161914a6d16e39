"""The store of a batch: nothing is lost or done twice, and whatever is wrong with the file has words."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from assigner.batch import database
from assigner.batch import store as module
from assigner.batch.database import APPLICATION_ID, SCHEMA_VERSION
from assigner.batch.store import Counts, Store
from assigner.batch.values import Member, Outcome, Question
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, language_set
from models.stopping import Limits


def member(n: int, **more: Any) -> Member:
    values: dict[str, Any] = {
        "job": f"job{n:03}",
        "input": "in0",
        "community": f"c{n}",
        "name": f"社區{n}",
        "label": f"c{n} seed=1",
        "variant": {"seed": 1, "tolerances.travel": 0.1, "split": True},
        "source": "c.yaml",
        "delta": {"switches": {"a": "b"}},
        "question": Question(seed=3, price=True),
    }
    return Member(ordinal=n, **(values | more))


INPUTS = {"in0": zlib.compress(b"{}")}


def fill(store: Store, jobs: int = 4, digest: str = "d", name: str = "first", program: str = "p") -> int:
    run = store.begin_run(name, digest, program, {"spec": "folder"}, jobs)
    store.add_members(run, [member(n) for n in range(jobs)], INPUTS, program)
    store.finish_run(run)
    return run


def done(key: str, **more: Any) -> Outcome:
    return replace(Outcome(key, "done", "optimal", {"kind": "plan", "n": 9}, {}, 0.5, 0.4), **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, create=True) as made:
        yield made


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with language_set("en"):
        yield


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        Store.open(path, patience_seconds=0.1, **how).close()
    assert [problem.file for problem in caught.value.problems] == [path]
    return str(caught.value)


# ------------------------------------------------------------------------------------------------------- what it holds


def test_a_run_comes_back_as_it_was_added(store: Store) -> None:
    members = [member(0), member(1, variant={}, delta={}, question=Question("split"))]
    assert store.known_run("d") is None
    run = store.begin_run("一", "d", "p", {"spec": "資料夾"}, 0)
    store.add_members(run, members, INPUTS, "p")
    assert store.known_run("d") is None
    store.finish_run(run)
    assert store.known_run("d") == run
    assert list(store.members(run)) == members
    kept = store.run_of()
    assert (kept.name, kept.total, kept.complete, kept.spec) == ("一", 2, True, {"spec": "資料夾"})
    assert store.input("in0") == INPUTS["in0"]
    assert store.counts(run) == Counts(queued=2)


def test_a_run_that_was_cut_off_goes_on_under_its_number(store: Store) -> None:
    run = store.begin_run("a", "d", "p", {}, 2)
    store.add_members(run, [member(0)], INPUTS, "p")
    assert store.begin_run("", "d", "p", {}, 2) == run
    store.add_members(run, [member(0), member(1)], INPUTS, "p")
    store.finish_run(run)
    assert [entry.ordinal for entry in store.members(run)] == [0, 1]
    assert store.run_of("a").id == run


def test_runs_share_jobs_and_a_job_that_is_done_stays_done(store: Store) -> None:
    first = fill(store)
    claimed = store.claim("me", 9, first)
    store.record([done(job.key) for job in claimed], "me")
    second = store.begin_run("second", "e", "p", {}, 5)
    store.add_members(second, [member(n) for n in range(2, 6)], INPUTS, "p")
    assert store.counts(second) == Counts(done=2, queued=2)
    assert [job.key for job in store.claim("me", 9, second)] == ["job004", "job005"]


def test_a_run_is_found_by_name_and_number_and_a_refusal_names_them(store: Store) -> None:
    with pytest.raises(InputError, match="no run in this store"):
        store.run_of()
    first = fill(store)
    second = fill(store, digest="e", name="first")
    third = store.begin_run("unfinished", "f", "p", {}, 3)
    assert [store.run_of(which).id for which in (None, "first", first, str(third))] == [second, second, first, third]
    with pytest.raises(InputError, match=r"one of: 1 first, 2 first, 3 unfinished"):
        store.run_of("nowhere")


def test_an_input_that_could_not_be_read_is_a_job_that_failed(store: Store) -> None:
    problem = Problem("/".join(("", "home", "ann", "c.yaml")), Place("schools"), ABSENT, M_("No."), None, M_("Do."))
    run = store.begin_run("", "d", "p", {}, 1)
    store.add_members(run, [member(0, input="", problems=(problem,))], {}, "p")
    [failure] = store.failures(run)
    assert failure.error["kind"] == "input"
    assert failure.error["problems"][0]["file"] == "c.yaml"
    assert "ann" not in str(failure)
    assert store.requeue(run, failed=True) == 0


def test_an_error_is_kept_without_folders(store: Store) -> None:
    run = fill(store, 1)
    store.claim("me", 1, run)
    windows = "\\".join(("D:", "ann", "x.py"))
    trace = f'File "{Path(module.__file__)}", line 3\nat {windows}, 公立/私立, 3/4, docs/a.md'
    store.record([Outcome("job000", "failed", error={"kind": "program", "text": trace})], "me")
    job = store.job("job000")
    assert job is not None
    assert job.error["text"] == 'File "store.py", line 3\nat x.py, 公立/私立, 3/4, docs/a.md'


@pytest.mark.parametrize(
    "folder", ["/srv/Ann Lee/", "D:\\data\\Ann Lee\\My files\\", "\\\\host\\share\\", "file:///srv/Ann Lee/x/"]
)
def test_folders_with_blanks_and_shares_are_not_kept(store: Store, folder: str) -> None:
    fill(store, 1)
    text = f"rulebook = {folder}rules.yaml: There is no such file, see https://example.org/a b/c."
    store.record([Outcome("job000", "failed", error={"kind": "input", "text": text})], "me")
    job = store.job("job000")
    assert job is not None and job.error["text"] == text.replace(folder, "")


def test_what_took_longest_comes_first(store: Store) -> None:
    run = fill(store)
    store.claim("me", 3, run)
    store.record([done(f"job{n:03}", seconds=float(n)) for n in range(3)], "me")
    assert [(slow.job, slow.seconds) for slow in store.slowest(run, 2)] == [("job002", 2.0), ("job001", 1.0)]


def test_a_word_names_members_of_the_latest_run_that_has_any(store: Store) -> None:
    first = fill(store, 12)
    second = store.begin_run("second", "e", "q", {}, 2)
    store.add_members(second, [member(3, job="newjob3"), member(4, job="newjob4", label="其他")], {}, "q")
    found = {
        word: [(run.id, entry.ordinal) for run, entry in store.found(word)]
        for word in ("job003", "c3 seed=1", "c3", "社區4", "newjob", "c.yaml", "c", "seed=1", "c11", "nothing")
    }
    assert found == {
        "job003": [(first, 3)],
        "c3 seed=1": [(second, 3)],
        "c3": [(second, 3)],
        "社區4": [(second, 4)],
        "newjob": [(second, 3), (second, 4)],
        "c.yaml": [(second, 3), (second, 4)],
        "c": [(second, 3), (second, 4)],
        "seed=1": [(second, 3)],
        "c11": [(first, 11)],
        "nothing": [],
    }
    assert [entry.ordinal for _run, entry in store.found("c3", first)] == [3]


# ------------------------------------------------------------------------------------------------------------- leases


def test_a_job_is_nobody_elses_until_its_lease_lapses(store: Store) -> None:
    run = fill(store)
    mine = store.claim("me", 3, run, lease_seconds=60)
    assert [job.attempts for job in mine] == [1, 1, 1]
    assert mine[0].delta == {"switches": {"a": "b"}}
    assert mine[0].question == Question(seed=3, price=True)
    assert [job.key for job in store.claim("you", 9, run)] == ["job003"]
    assert store.claim("you", 9, run) == []
    store.claim("me", 0, run, lease_seconds=-1)
    assert store.renew("me") == 3
    again = store.claim("you", 9, run)
    assert [(job.key, job.attempts) for job in again] == [(job.key, 1) for job in mine]
    assert store.renew("me") == 0


def test_the_jobs_of_a_process_that_is_gone_come_free_at_once(store: Store) -> None:
    pytest.importorskip("psutil")
    run = fill(store)
    gone = subprocess.Popen([shutil.which("sleep") or "sleep", "60"])
    store.register("gone", gone.pid)
    store.register("me", os.getpid())
    store.claim("gone", 3, run)
    assert len(store.claim("me", 1, run)) == 1
    assert store.claim("me", 9, run) == []
    gone.kill()
    gone.wait()
    assert [job.key for job in store.claim("me", 9, run)] == ["job000", "job001", "job002"]


def test_another_process_under_the_number_of_a_runner_is_not_the_runner(store: Store) -> None:
    pytest.importorskip("psutil")
    run = fill(store, 1)
    store.register("before", os.getpid())
    store._db.execute("update runners set started = started - 100")
    store.claim("before", 1, run)
    assert len(store.claim("me", 1, run)) == 1


def test_jobs_given_back_count_as_never_tried(store: Store) -> None:
    run = fill(store)
    store.register("me", os.getpid())
    store.claim("me", 3, run)
    assert store.release("me", ["job000"]) == 1
    assert store.release("me") == 2
    assert store.counts(run) == Counts(queued=4)
    assert [job.attempts for job in store.claim("me", 9, run)] == [1, 1, 1, 1]


def test_a_plan_that_the_audit_refused_is_not_taken_for_one_that_stands(store: Store) -> None:
    run = fill(store, 1)
    store.claim("me", 1, run)
    store.record([Outcome("job000", "failed", "disagrees", {"n": 1}, {"kind": "disagrees"})], "me")
    store.requeue(run, failed=True)
    store.claim("me", 1, run)
    store.release("me")
    assert store.counts(run) == Counts(failed=1)


def test_who_begins_anew_forgets_deaths_that_runners_before_saw(store: Store) -> None:
    pytest.importorskip("psutil")
    run = fill(store, 2)
    gone = subprocess.Popen([shutil.which("sleep") or "sleep", "60"])
    store.register("gone", gone.pid)
    keys = [job.key for job in store.claim("gone", 2, run)]
    assert [store.lost(key, "crash", "gone") for key in keys] == ["queued", "queued"]
    (again,) = store.claim("gone", 1, run)
    assert again.attempts == 2
    gone.kill()
    gone.wait()
    store.forgive(run)
    taken = store.claim("me", 2, run)
    assert [job.attempts for job in taken] == [1, 1]
    assert [store.lost(job.key, "crash", "me") for job in taken] == ["queued", "queued"]


def test_a_job_whose_worker_died_twice_has_failed(store: Store) -> None:
    run = fill(store, 1)
    store.claim("me", 1, run)
    assert store.lost("job000", "crash", "you") is None
    assert store.lost("job000", "crash", "me") == "queued"
    store.claim("me", 1, run)
    assert store.lost("job000", "memory", "me") == "failed"
    assert [failure.error["kind"] for failure in store.failures(run)] == ["memory"]
    assert store.requeue(run) == 0
    assert store.requeue(run, failed=True) == 1
    assert [job.attempts for job in store.claim("me", 1, run)] == [1]


@pytest.mark.parametrize(
    ("by", "before", "now", "again"),
    [
        ("work", Limits(work=1), Limits(work=1), False),
        ("work", Limits(work=1), Limits(work=2), True),
        ("work", Limits(work=1), Limits(), True),
        ("work", Limits(work=1, seconds=1), Limits(work=1), False),
        ("time", Limits(seconds=2), Limits(seconds=1), False),
        ("time", Limits(seconds=2), Limits(seconds=3, work=1), True),
        ("person", Limits(), Limits(), True),
    ],
)
def test_a_stopped_job_is_asked_again_when_it_is_granted_more(
    store: Store, by: str, before: Limits, now: Limits, again: bool
) -> None:
    run = fill(store, 1)
    store.claim("me", 1, run)
    store.record([Outcome("job000", "stopped", "feasible", {"stopped_by": by})], "me", before)
    assert store.requeue(run, granted=now) == again
    assert len(store.claim("me", 1, run)) == again
    store.release("me")
    assert store.counts(run) == Counts(stopped=1)  # its plan still stands


def test_two_owners_that_record_the_same_leave_one_result(store: Store, path: Path) -> None:
    run = fill(store, 2)
    store.claim("me", 2, run, lease_seconds=-1)
    with Store.open(path) as other:
        assert len(other.claim("you", 2, run)) == 2
        assert store.record([Outcome("job000", "failed", error={"kind": "crash"})], "me") == 0
        assert store.record([done("job000")], "me") == 1
        assert other.record([done("job000", facts={"n": 0}), done("job001")], "you") == 1
        assert store.record([Outcome("job001", "stopped", "feasible")], "me") == 0
    job = store.job("job000")
    assert job is not None
    assert (job.facts["n"], job.state, job.granted) == (9, "done", Limits())
    assert store.counts(run) == Counts(done=2)


def _take(path: Path, owner: str, run: int, taken: list[str]) -> None:
    with Store.open(path) as own:
        while jobs := own.claim(owner, 3, run):
            taken += [job.key for job in jobs]
            own.record([done(job.key) for job in jobs], owner)


def _take_in_process(path: Path, run: int, pipe: Any) -> None:
    taken: list[str] = []
    _take(path, "process", run, taken)
    pipe.send(taken)


def test_runners_at_once_share_the_jobs_and_take_none_twice(store: Store, path: Path) -> None:
    run = fill(store, 300)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_take_in_process, args=(path, run, theirs))
    process.start()
    taken: list[list[str]] = [[], []]
    threads = [threading.Thread(target=_take, args=(path, f"t{k}", run, taken[k])) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ours.poll(60)
    taken.append(ours.recv())
    process.join()
    assert sorted(chain.from_iterable(taken)) == [f"job{n:03}" for n in range(300)]
    assert store.counts(run) == Counts(done=300)


def test_a_store_is_made_once_by_runners_that_begin_together(path: Path) -> None:
    runs: list[int] = []

    def begin() -> None:
        with Store.open(path, create=True) as own:
            runs.append(fill(own))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [1, 1, 1, 1]


# ----------------------------------------------------------------------------------------------------------- versions


def test_a_store_of_an_older_version_is_brought_up_to_date(path: Path, monkeypatch: Any) -> None:
    with Store.open(path, create=True) as old:
        run = fill(old)
    step = ("alter table jobs add column weight real not null default 2", "create table notes (run integer)")
    monkeypatch.setattr(module, "MIGRATIONS", (*module.MIGRATIONS, step))
    monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with Store.open(path, read_only=True) as new:
        assert new.counts(run) == Counts(queued=4)
        assert new._rows("select weight from jobs limit 1") == [(2.0,)]
    monkeypatch.undo()
    assert "newer version" in refusal(path)
    assert "newer version" in refusal(path, read_only=True)


def test_a_migration_that_fails_leaves_the_store_as_it_was(path: Path, monkeypatch: Any) -> None:
    with Store.open(path, create=True) as old:
        fill(old)
    step = ("create table notes (run integer)", "this is no statement")
    monkeypatch.setattr(module, "MIGRATIONS", (*module.MIGRATIONS, step))
    monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    refusal(path)
    monkeypatch.undo()
    with Store.open(path) as again:
        assert again._rows("select count(*) from sqlite_master where name = 'notes'") == [(0,)]


def test_the_file_says_whose_it_is(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as plain:
        values = [plain.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version")]
        assert values == [APPLICATION_ID, SCHEMA_VERSION]
        assert plain.execute("pragma journal_mode").fetchone()[0] == "wal"


# ------------------------------------------------------------------------------------------------- files that are wrong


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        ("學校代碼\n".encode() * 200, "not a store"),
        (b"SQLite format 3\0", "damaged"),
        (b"SQLite format 3\0" + bytes(4000), "another program"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    assert said in refusal(path)
    assert said in refusal(path, read_only=True)
    if content:
        assert said in refusal(path, create=True)
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table jobs (a)")
    content = path.read_bytes()
    assert "another program" in refusal(path, create=True)
    assert path.read_bytes() == content


@pytest.mark.parametrize("harm", ["cut", "page", "table"])
def test_a_damaged_store_is_refused_and_left_alone(path: Path, harm: str) -> None:
    with Store.open(path, create=True) as made:
        run = fill(made, 200)
        made.record([done(job.key) for job in made.claim("me", 200, run)], "me")
    content = path.read_bytes()
    if harm == "cut":
        path.write_bytes(content[: len(content) // 2 + 100])
    elif harm == "page":
        path.write_bytes(content[: 9 * 4096] + b"\xa5" * 4096 + content[10 * 4096 :])
    else:
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("drop table runs")
            plain.execute("pragma wal_checkpoint(truncate)")
    content = path.read_bytes()
    for how in ({}, {"read_only": True}, {"create": True}):
        said = refusal(path, **how)
        assert "damaged" in said
        assert "another store" in said
    assert path.read_bytes() == content


def test_damage_that_shows_later_is_told_in_words(store: Store) -> None:
    run = fill(store, 1)
    store.claim("me", 1, run)
    store.record([done("job000")], "me")
    store._db.execute("update jobs set facts = x'00ff'")
    with pytest.raises(InputError, match="damaged"):
        store.job("job000")
    with pytest.raises(InputError, match="damaged"):
        store.input("never there")


def test_places_that_cannot_hold_a_store_are_refused(tmp_path: Path) -> None:
    assert "folder, not a file" in refusal(tmp_path, create=True)
    assert "no such file" in refusal(tmp_path / "no" / "runs.sqlite")
    (tmp_path / "file").write_text("")
    refusal(tmp_path / "file" / "runs.sqlite", create=True)
    with Store.open(tmp_path / "a ?#%學" / "runs.sqlite", create=True):
        assert (tmp_path / "a ?#%學" / "runs.sqlite").is_file()


def test_a_file_system_without_shared_memory_is_refused(path: Path, monkeypatch: Any) -> None:
    plain = database._uri
    monkeypatch.setattr(database, "_uri", lambda *given: plain(*given) + "&nolock=1")
    assert "network share" in refusal(path, create=True)
    assert list(path.parent.iterdir()) == []


def test_a_store_that_another_process_holds_is_told_after_a_while(path: Path) -> None:
    with Store.open(path, create=True, patience_seconds=0.1) as made, closing(sqlite3.connect(path)) as other:
        run = fill(made)
        other.execute("begin immediate")
        with pytest.raises(InputError, match="held the store for too long"):
            made.claim("me", 1, run)
        assert made.counts(run) == Counts(queued=4)  # looking goes on
        assert "held the store" in refusal(path)
        other.rollback()
        assert len(made.claim("me", 1, run)) == 1


# ------------------------------------------------------------------------------------------------- where it is written


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a disk can be mounted by root on Linux only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_only_what_was_not_recorded(small_disk: Path) -> None:
    path = small_disk / "runs.sqlite"
    with Store.open(path, create=True) as store:
        run = fill(store, 200)
        recorded: list[str] = []
        with pytest.raises(InputError, match="disk is full"):
            for job in store.claim("me", 200, run):
                store.record([done(job.key, facts={"noise": os.urandom(9000).hex()})], "me")
                recorded.append(job.key)
        assert store.counts(run).done == len(recorded) > 9
    shutil.copytree(small_disk, small_disk.parent / "copy")
    with Store.open(small_disk.parent / "copy" / "runs.sqlite") as store:
        assert store.counts(run) == Counts(done=len(recorded), running=200 - len(recorded))
        assert len(store.claim("you", 200, run)) == 0
        store.release("me")
        assert len(store.claim("you", 200, run)) == 200 - len(recorded)


def test_a_store_that_cannot_be_begun_on_a_full_disk_leaves_nothing(small_disk: Path) -> None:
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="space"):
        while True:
            filler.write(bytes(4096))
    assert "disk is full" in refusal(small_disk / "runs.sqlite", create=True).casefold()
    assert [entry.name for entry in small_disk.iterdir()] == ["filler"]


def test_a_store_on_a_read_only_disk_can_be_read_and_says_so(small_disk: Path) -> None:
    path = small_disk / "runs.sqlite"
    with Store.open(path, create=True) as store:
        run = fill(store)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "not written" in refusal(path)
    assert "not written" in refusal(path, create=True)
    with Store.open(path, read_only=True) as store:
        assert store.counts(run) == Counts(queued=4)
        with pytest.raises(InputError, match="not written"):
            store.claim("me", 1, run)
    assert "permission" in refusal(small_disk / "other.sqlite", create=True)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    copy = small_disk / "copy"
    copy.mkdir()
    with Store.open(path) as store:
        store.register("me", os.getpid())
        for name in ("runs.sqlite", "runs.sqlite-wal"):
            shutil.copy(small_disk / name, copy)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "not closed" in refusal(copy / "runs.sqlite", read_only=True)


def test_looking_changes_nothing_and_leaves_nothing_beside_it(path: Path) -> None:
    with Store.open(path, create=True) as made:
        run = fill(made)
    content = path.read_bytes()
    with Store.open(path, read_only=True) as store:
        assert store.counts(run) == Counts(queued=4)
        with pytest.raises(InputError, match="not written"):
            store.finish_run(run)
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


# ----------------------------------------------------------------------------------------------------------- clearing


def test_clearing_drops_runs_and_what_only_they_had(store: Store, path: Path) -> None:
    first = fill(store, 3)
    second = store.begin_run("second", "e", "q", {}, 1)
    store.add_members(second, [member(2), member(7, input="in7")], {"in7": os.urandom(99_999)}, "q")
    store.finish_run(second)
    assert store.gc(drop=[second], dry_run=True)[:3] == (1, 1, 1)
    assert len(store.runs()) == 2
    cleared = store.gc(other_programs_than="p")
    assert cleared[:3] == (1, 1, 1)
    assert cleared.bytes >= 99_000
    assert [run.id for run in store.runs()] == [first]
    assert store.counts(first) == Counts(queued=3)
    assert store.gc(keep=1)[:3] == (0, 0, 0)
    assert store.gc(older_than_days=1)[:3] == (0, 0, 0)
    time.sleep(0.01)
    assert store.gc(older_than_days=0)[:3] == (1, 3, 1)


def test_a_store_at_which_a_batch_works_is_not_cleared(store: Store) -> None:
    run = fill(store)
    store.register("me", os.getpid())
    with pytest.raises(InputError, match="at work"):
        store.gc(drop=[run])
    store.release("me")
    assert store.gc(drop=[run]).runs == 1
