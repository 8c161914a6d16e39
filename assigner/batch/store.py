"""The store of a batch: one SQLite file that says what was asked, how far it is, and what came of it.

Every step is one transaction, so a process that is killed loses the jobs it was at and nothing else. Jobs are known by
their key, so runs that ask the same share them. Several runners may use one store at once: a job that one of them works
at is leased to it, and comes free when the lease lapses or the process is gone.

No user name, host name or absolute path is kept: files are called by their names, and errors are stripped of folders.
See ``docs/store.md`` for the tables.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from assigner.batch.database import (
    DAMAGED,
    MIGRATIONS,
    NO_WAL,
    READ_ONLY,
    SCHEMA_VERSION,
    code_of,
    connect,
    examine,
    for_looking,
    in_words,
    wrong,
)
from assigner.batch.values import Member, Question
from assigner.errors import InputError, Place, Problem, problem_of
from assigner.files import try_writing
from assigner.messages import M_, N_, join_list
from assigner.processes import is_gone, started_at
from models.documents import canonical_json
from models.stopping import Limits

if TYPE_CHECKING:
    from assigner.batch.values import JobState, Outcome, Variant

__all__ = [
    "LOST",
    "STATES",
    "Claimed",
    "Cleared",
    "Counts",
    "Failure",
    "Job",
    "Run",
    "Slow",
    "Store",
]

LEASE_SECONDS = 60.0

STATES: tuple[JobState, ...] = ("queued", "running", "done", "failed", "stopped")

LOST: Mapping[str, str] = {
    "crash": N_("The process that worked at it died."),
    "memory": N_("It took more memory than a worker may have, and was ended."),
    "time": N_("It did not end within the time that a job may take, and was ended."),
}
"""Why a job was lost with its worker -> the sentence that is kept."""

#: So many rows are read at a time.
_CHUNK = 500

# ------------------------------------------------------------------------------------------------------------- values


class Counts(NamedTuple):
    """Jobs of a run by state; members that share a job count once."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    stopped: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)

    @property
    def ended(self) -> int:
        """Those that nobody works at any more."""
        return self.done + self.failed + self.stopped


@dataclass(frozen=True)
class Run:
    """What one ``assigner batch`` asked for.

    Parameters
    ----------
    id : int
    name : str
    digest : str
        Of all that was read: an equal one asks for the same members.
    made_at : float
        Seconds since 1970.
    program : str
        Fingerprint.
    spec : Mapping
        What was asked, as `Store.begin_run` got it.
    total : int
        Number of members.
    complete : bool
        Whether all its members are known.
    """

    id: int
    name: str
    digest: str
    made_at: float
    program: str
    spec: Mapping[str, Any]
    total: int
    complete: bool


@dataclass(frozen=True)
class Claimed:
    """A job that is leased to a runner; `attempts` counts this one."""

    key: str
    input: str
    delta: Mapping[str, Any]
    question: Question
    attempts: int


@dataclass(frozen=True)
class Job:
    """A job as it is kept. Times are seconds since 1970; `granted` is what the answer was given, None before."""

    key: str
    input: str
    delta: Mapping[str, Any]
    question: Question
    program: str
    state: JobState
    attempts: int
    queued_at: float
    began_at: float | None
    ended_at: float | None
    seconds: float | None
    granted: Limits | None
    status: str
    facts: Mapping[str, Any]
    error: Mapping[str, Any]


class Slow(NamedTuple):
    """A job that took long, under the first of its labels."""

    label: str
    job: str
    seconds: float


@dataclass(frozen=True)
class Failure:
    """A member whose job failed; `error` as in `assigner.batch.values.Outcome`."""

    ordinal: int
    label: str
    job: str
    source: str
    error: Mapping[str, Any]


class Cleared(NamedTuple):
    """What was dropped, or would be; the bytes are those of the file, or an estimate where nothing was done."""

    runs: int
    jobs: int
    inputs: int
    bytes: int


# -------------------------------------------------------------------------------------------------------------- store


class Store:
    """The file, open; made by `Store.open`. Safe to use from several threads.

    Every error of the database leaves it as an `InputError` that names the file and how to mend it.

    Parameters
    ----------
    path : Path
    connection : sqlite3.Connection
    read_only : bool
    patience_seconds : float
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool, patience_seconds: float) -> None:
        self.path = path
        self.read_only = read_only
        self._db = connection
        self._patience = patience_seconds
        self._lock = threading.RLock()
        self._lease_seconds = LEASE_SECONDS

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        create: bool = False,
        read_only: bool = False,
        patience_seconds: float = 30.0,
    ) -> Store:
        """Open a store.

        Parameters
        ----------
        path : path
        create : bool
            Make it, and its folder, if it is missing or empty.
        read_only : bool
            Only to look into it: nothing is changed, and it works where nothing can be written.
        patience_seconds : float
            So long others may hold it before that is an error.

        Raises
        ------
        InputError
            It is not a store, is damaged, is of a newer program, or cannot be read or written here.
        """
        path = Path(path)
        try:
            size = path.stat().st_size if path.exists() else None
            if path.is_dir():
                raise wrong(path, M_("This is a folder, not a file."), M_("Name a file."))
            if size is None and (read_only or not create):
                raise wrong(path, M_("There is no such file."), M_("Check the name and the folder."))
            if not size:
                if read_only or not create:
                    raise wrong(path, M_("The file is empty: there is no store in it."), M_("Name another file."))
                try_writing(path)
            elif examine(path, patience_seconds) == SCHEMA_VERSION and read_only:
                return cls._for_reading(path, patience_seconds)
            store = cls._for_writing(path, patience_seconds, made=not size)
        except OSError as error:
            raise InputError([replace(problem_of(error), file=path)]) from error
        if not read_only:
            return store
        store.close()  # it was of an older version, which has been mended
        return cls._for_reading(path, patience_seconds)

    @classmethod
    def _for_reading(cls, path: Path, patience: float) -> Store:
        # A connection that may write takes its own side files away at the end.
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        with in_words(path):
            db = connect(path, "rw", patience) if writable else for_looking(path, patience)
            db.execute("pragma query_only = on")
        return cls(path, db, True, patience)

    @classmethod
    def _for_writing(cls, path: Path, patience: float, *, made: bool) -> Store:
        with in_words(path):
            store = cls(path, connect(path, "rwc" if made else "rw", patience), False, patience)
            try:
                store._migrate()
                if store._patiently("pragma journal_mode = wal")[0][0] != "wal":
                    store.close()
                    if made:
                        path.unlink()  # nobody else can use it either
                    raise wrong(path, *NO_WAL)
                store._db.execute("pragma synchronous = normal")
                store._patiently("begin immediate")  # tells now, and not after an hour, that nothing can be written
                store._db.execute("rollback")
            except BaseException:
                store.close()
                if made and path.exists() and not path.stat().st_size:
                    path.unlink()
                raise
        return store

    def _migrate(self) -> None:
        while True:
            if self._db.execute("pragma user_version").fetchone()[0] >= SCHEMA_VERSION:
                return
            with self._writing() as db:
                version = db.execute("pragma user_version").fetchone()[0]  # another may have been faster
                if version < SCHEMA_VERSION:
                    for statement in MIGRATIONS[version]:
                        db.execute(statement)
                    db.execute(f"pragma user_version = {version + 1}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Bytes of the file, with what waits beside it."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    # -------------------------------------------------------------------------------------------------- transactions

    def _patiently(self, sql: str) -> list[tuple[Any, ...]]:
        """Run what may find the file locked, again and again for as long as there is patience."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._db.execute(sql).fetchall()
            except sqlite3.OperationalError as error:
                if code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock, in_words(self.path):
            if self.read_only:
                raise wrong(self.path, *READ_ONLY)
            self._patiently("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:  # some errors have undone it already
                    self._db.execute("rollback")
                raise

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._lock, in_words(self.path):
            return self._db.execute(sql, values).fetchall()

    # ---------------------------------------------------------------------------------------------------------- runs

    def begin_run(
        self, name: str, digest: str, program: str, spec: Mapping[str, Any], total: int, *, rename: bool = True
    ) -> int:
        """Begin a run, or go on with one of equal digest.

        Parameters
        ----------
        name : str
            A run that has another is renamed, unless this one is empty or `rename` is false.
        digest : str
        program : str
            Fingerprint.
        spec : Mapping
            What was asked, as JSON holds it: file names without folders.
        total : int
            Number of members, as far as it is known.
        rename : bool

        Returns
        -------
        int
            Its number.
        """
        with self._writing() as db:
            row = db.execute("select id from runs where digest = ? order by id desc", (digest,)).fetchone()
            if row is not None:
                if rename and name:
                    db.execute("update runs set name = ? where id = ?", (name, row[0]))
                return int(row[0])
            made = db.execute(
                "insert into runs (name, digest, made_at, program, spec, total) values (?, ?, ?, ?, ?, ?)",
                (name, digest, time.time(), program, canonical_json(spec), total),
            )
            assert made.lastrowid is not None
            return made.lastrowid

    def add_members(self, run: int, members: Iterable[Member], inputs: Mapping[str, bytes], program: str) -> None:
        """Add members of a run with the jobs and inputs that are missing, in one transaction; twice does no harm.

        Parameters
        ----------
        run : int
        members : iterable of Member
            One that has problems makes a job that has failed.
        inputs : Mapping
            Hash -> packed canonical scenario, for the inputs of these members that the store may not have.
        program : str
            Fingerprint.
        """
        now = time.time()
        members = list(members)
        jobs = {
            member.job: (
                member.job,
                member.input,
                canonical_json(member.delta),
                canonical_json(asdict(member.question)),
                program,
                "failed" if member.problems else "queued",
                now,
                now if member.problems else None,
                _json_or_none(_unreadable(member)),
            )
            for member in members
        }
        rows = [
            (
                run,
                member.ordinal,
                member.job,
                member.community,
                member.name,
                member.label,
                canonical_json(member.variant),
                member.source,
            )
            for member in members
        ]
        with self._writing() as db:
            db.executemany("insert or ignore into inputs (hash, content) values (?, ?)", inputs.items())
            db.executemany(
                "insert or ignore into jobs (key, input, delta, question, program, state, queued_at, ended_at, error) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                jobs.values(),
            )
            db.executemany("insert or replace into members values (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def finish_run(self, run: int) -> None:
        """All members of a run are known now."""
        with self._writing() as db:
            total = "(select count(*) from members where run = id)"
            db.execute(f"update runs set complete = 1, total = {total} where id = ?", (run,))

    def known_run(self, digest: str) -> int | None:
        """The complete run that asked for the same; None if there is none."""
        rows = self._rows("select id from runs where digest = ? and complete = 1 order by id desc limit 1", digest)
        return rows[0][0] if rows else None

    def runs(self) -> list[Run]:
        """All runs, the first that was made first."""
        sql = "select id, name, digest, made_at, program, spec, total, complete from runs order by id"
        return [
            Run(key, name, digest, made_at, program, self._json(spec), total, bool(complete))
            for key, name, digest, made_at, program, spec, total, complete in self._rows(sql)
        ]

    def run_of(self, name_or_id: str | int | None = None) -> Run:
        """A run by number or name (the latest of that name); by default the latest whose members are all known.

        Raises
        ------
        InputError
            There is none; it names those there are.
        """
        runs = self.runs()
        if not runs:
            mend = M_("Fill it with “assigner batch”.")
            raise wrong(self.path, M_("There is no run in this store."), mend)
        if name_or_id is None:
            return next((run for run in reversed(runs) if run.complete), runs[-1])
        wanted = str(name_or_id)
        for run in reversed(runs):
            if str(run.id) == wanted:
                return run
        for run in reversed(runs):
            if run.name == wanted:
                return run
        shown = [f"{run.id} {run.name}".strip() for run in runs[-_MOST_NAMED:]]
        known = M_("one of: {choices}", choices=join_list(shown))
        what, mend = M_("The store has no run of this name or number."), M_("“assigner store ls” lists them all.")
        raise InputError([Problem(self.path, Place(), wanted, what, known, mend)])

    def members(self, run: int, state: str | None = None) -> Iterator[Member]:
        """Members of a run in order, all or those whose job is in a state; why one failed is in its job."""
        where = "m.run = ? and m.ordinal > ? and (? is null or j.state = ?)"
        sql = f"{_MEMBER} {_OF_JOB} where {where} order by m.ordinal limit ?"
        last = -1
        while rows := self._rows(sql, run, last, state, state, _CHUNK):
            yield from map(self._as_member, rows)
            last = rows[-1][0]

    # -------------------------------------------------------------------------------------------------------- runners

    def register(self, owner: str, pid: int) -> None:
        """A runner begins.

        Parameters
        ----------
        owner : str
            A word of its own that says nothing about who or where it is.
        pid : int
            Its process: when that is gone, its jobs come free at once.
        """
        with self._writing() as db:
            values = (owner, pid, started_at(pid), time.time())
            db.execute("insert or replace into runners (owner, pid, started, seen) values (?, ?, ?, ?)", values)

    def renew(self, owner: str) -> int:
        """Extend the leases of a runner; how many jobs are still its own."""
        now = time.time()
        with self._writing() as db:
            db.execute("update runners set seen = ? where owner = ?", (now, owner))
            until = now + self._lease_seconds
            return db.execute(
                "update jobs set lease = ? where state = 'running' and owner = ?", (until, owner)
            ).rowcount

    def claim(self, owner: str, most: int, run: int, lease_seconds: float = LEASE_SECONDS) -> list[Claimed]:
        """Lease jobs of a run to a runner: those whose runner is gone first, then those that wait.

        Parameters
        ----------
        owner : str
        most : int
        run : int
        lease_seconds : float
            Also what `renew` extends them by.

        Returns
        -------
        list of Claimed
            Fewer than `most` where there are no more; none of them is another runner's.
        """
        self._lease_seconds = lease_seconds
        gone = self._gone(owner)
        claimed: list[tuple[Any, ...]] = []
        with self._writing() as db:
            now = time.time()
            db.executemany("update jobs set lease = 0 where state = 'running' and owner = ?", gone)
            db.executemany("delete from runners where owner = ?", gone)
            # An attempt that nobody saw end is not counted twice.
            for free, attempt in (
                ("state = 'running' and owner <> :owner and lease < :now", 0),
                ("state = 'queued'", 1),
            ):
                left = most - len(claimed)
                if left > 0:
                    claimed += db.execute(
                        "update jobs set state = 'running', owner = :owner, lease = :until, began_at = :now, "
                        f"attempts = attempts + {attempt} where rowid in "
                        f"(select rowid from jobs indexed by jobs_state where {free} and exists "
                        "(select 1 from members m where m.job = jobs.key and m.run = :run) order by rowid limit :left) "
                        "returning rowid, key, input, delta, question, attempts",
                        {"run": run, "left": left, "owner": owner, "now": now, "until": now + lease_seconds},
                    ).fetchall()
        return [
            Claimed(key, input_, self._json(delta), Question(**self._json(question)), attempts)
            for _rowid, key, input_, delta, question, attempts in sorted(claimed)
        ]

    def _gone(self, owner: str = "") -> list[tuple[str]]:
        """Runners other than this one whose process is not there any more."""
        rows = self._rows("select owner, pid, started from runners where owner <> ?", owner)
        return [(other,) for other, pid, started in rows if is_gone(pid, started)]

    def release(self, owner: str, keys: Collection[str] | None = None) -> int:
        """Give jobs back that were not carried out; they count as never tried.

        Parameters
        ----------
        owner : str
        keys : collection of str, optional
            All that the runner has by default; it has ended then.

        Returns
        -------
        int
            How many.
        """
        # One that was stopped before is so again: its plan still stands. One that failed with a plan has failed.
        back = (
            "update jobs set state = case when facts is null then 'queued' when error is null then 'stopped' "
            "else 'failed' end, owner = null, lease = null, attempts = max(attempts - 1, 0) "
            "where state = 'running' and owner = ?"
        )
        with self._writing() as db:
            if keys is None:
                db.execute("delete from runners where owner = ?", (owner,))
                return db.execute(back, (owner,)).rowcount
            return db.executemany(f"{back} and key = ?", [(owner, key) for key in keys]).rowcount

    # ------------------------------------------------------------------------------------------------------- outcomes

    def record(self, outcomes: Iterable[Outcome], owner: str, granted: Limits = Limits()) -> int:  # noqa: B008
        """Keep what became of jobs, in one transaction.

        A job that somebody else has ended or is at keeps what it has, unless it is done now and was not before.

        Parameters
        ----------
        outcomes : iterable of Outcome
        owner : str
        granted : Limits
            What the jobs were given.

        Returns
        -------
        int
            How many were kept.
        """
        now, limits = time.time(), canonical_json(asdict(granted))
        rows = [
            (
                outcome.state,
                outcome.status,
                zlib.compress(canonical_json(outcome.facts).encode("utf-8"), 6) if outcome.facts else None,
                _json_or_none(_without_folders(outcome.error)),
                outcome.seconds,
                limits,
                now,
                outcome.key,
                owner,
                outcome.state,
            )
            for outcome in outcomes
        ]
        with self._writing() as db:
            return db.executemany(
                "update jobs set state = ?, status = ?, facts = ?, error = ?, seconds = ?, granted = ?, ended_at = ?, "
                "owner = null, lease = null where key = ? and "
                "(state = 'queued' or state = 'running' and owner = ? or state <> 'done' and ? = 'done')",
                rows,
            ).rowcount

    def lost(self, key: str, reason: str, owner: str, most_attempts: int = 2) -> JobState | None:
        """A worker died with a job: let it be tried again, or let it fail.

        Parameters
        ----------
        key : str
        reason : str
            ``"crash"``, ``"memory"`` or ``"time"``.
        owner : str
        most_attempts : int
            So often it is tried in all.

        Returns
        -------
        {"queued", "failed"} or None
            What it is now; None where it is not the runner's any more.
        """
        error = {"kind": reason, "text": LOST.get(reason, reason), "problems": []}
        with self._writing() as db:
            row = db.execute(
                "select attempts from jobs where key = ? and state = 'running' and owner = ?", (key, owner)
            ).fetchone()
            if row is None:
                return None
            if row[0] < most_attempts:
                db.execute("update jobs set state = 'queued', owner = null, lease = null where key = ?", (key,))
                return "queued"
            now = time.time()
            db.execute(
                "update jobs set state = 'failed', owner = null, lease = null, status = '', facts = null, error = ?, "
                "ended_at = ?, seconds = ? - began_at where key = ?",
                (canonical_json(error), now, now, key),
            )
            return "failed"

    def requeue(self, run: int, *, failed: bool = False, granted: Limits = Limits()) -> int:  # noqa: B008
        """Ask again for jobs of a run that ended without an answer.

        Parameters
        ----------
        run : int
        failed : bool
            Those that failed, unless they have no scenario.
        granted : Limits
            Those that were stopped by a person, or by a limit that is wider now.

        Returns
        -------
        int
            How many wait again.
        """
        of_run = "key in (select job from members where run = ?)"
        with self._writing() as db:
            keys = [
                row[0]
                for row in db.execute(
                    f"select key from jobs where state = 'failed' and input <> '' and ? and {of_run}", (failed, run)
                )
            ]
            for key, facts, before in db.execute(
                f"select key, facts, granted from jobs where state = 'stopped' and {of_run}", (run,)
            ):
                by = self._facts(facts).get("stopped_by")
                if _is_more(granted, None if before is None else Limits(**self._json(before)), by):
                    keys.append(key)
            db.executemany(
                "update jobs set state = 'queued', attempts = 0, queued_at = ? where key = ?",
                [(time.time(), key) for key in keys],
            )
        return len(keys)

    def forgive(self, run: int) -> None:
        """Forget the deaths of workers that runners before this one saw: their cause may be gone."""
        gone = self._gone()
        of_run = "key in (select job from members where run = ?)"
        with self._writing() as db:
            db.execute(f"update jobs set attempts = 0 where state = 'queued' and attempts > 0 and {of_run}", (run,))
            # Whoever takes over from a runner that is gone goes on with its attempt: it is the first again.
            left = f"state = 'running' and attempts > 1 and owner = ? and {of_run}"
            db.executemany(f"update jobs set attempts = 1 where {left}", [(*owner, run) for owner in gone])

    # -------------------------------------------------------------------------------------------------- looking at it

    def counts(self, run: int) -> Counts:
        """Jobs of a run by state."""
        sql = "select state, count(*) from jobs where key in (select job from members where run = ?) group by state"
        return Counts(**dict(self._rows(sql, run)))

    def states(self, keys: Iterable[str]) -> dict[str, JobState]:
        """How far jobs are; those that the store does not have are left out."""
        wanted = list(keys)
        found: dict[str, JobState] = {}
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            marks = ", ".join("?" * len(part))
            found.update(self._rows(f"select key, state from jobs where key in ({marks})", *part))
        return found

    def mean_seconds(self, least: int) -> float | None:
        """How long a job took, in the mean of all that are done; None where they are fewer than `least`."""
        number, mean = self._rows("select count(*), avg(seconds) from jobs where state = 'done'")[0]
        return float(mean) if number >= least and mean is not None else None

    def slowest(self, run: int, k: int) -> list[Slow]:
        """The jobs of a run that took longest, the longest first."""
        sql = (
            "select min(m.label), j.key, j.seconds from members m join jobs j on j.key = m.job "
            "where m.run = ? and j.seconds is not null group by j.key order by j.seconds desc, j.key limit ?"
        )
        return [Slow(*row) for row in self._rows(sql, run, k)]

    def failures(self, run: int) -> list[Failure]:
        """Members of a run whose job failed, in order."""
        sql = (
            "select m.ordinal, m.label, m.job, m.source, j.error from members m join jobs j on j.key = m.job "
            "where m.run = ? and j.state = 'failed' order by m.ordinal"
        )
        return [
            Failure(ordinal, label, job, source, self._json(error or "{}"))
            for ordinal, label, job, source, error in self._rows(sql, run)
        ]

    def input(self, key: str) -> bytes:
        """A canonical scenario, packed as it was added.

        Raises
        ------
        InputError
            The store has lost it.
        """
        rows = self._rows("select content from inputs where hash = ?", key)
        if not rows:
            raise wrong(self.path, *DAMAGED)
        return bytes(rows[0][0])

    def content(self, key: str) -> dict[str, Any]:
        """A canonical scenario, unpacked.

        Raises
        ------
        InputError
            The store has lost or damaged it.
        """
        return self._facts(self.input(key))

    def job(self, key: str) -> Job | None:
        """A job; None if there is none of this key."""
        sql = (
            "select key, input, delta, question, program, state, attempts, queued_at, began_at, ended_at, seconds, "
            "granted, status, facts, error from jobs where key = ?"
        )
        for row in self._rows(sql, key):
            return Job(
                key=row[0],
                input=row[1],
                delta=self._json(row[2]),
                question=Question(**self._json(row[3])),
                program=row[4],
                state=row[5],
                attempts=row[6],
                queued_at=row[7],
                began_at=row[8],
                ended_at=row[9],
                seconds=row[10],
                granted=None if row[11] is None else Limits(**self._json(row[11])),
                status=row[12],
                facts=self._facts(row[13]),
                error=self._json(row[14] or "{}"),
            )
        return None

    def found(self, wanted: str, run: int | None = None) -> list[tuple[Run, Member]]:
        """Members that a word names: their job's key or its beginning, label or a part of it, community, name or file.

        Parameters
        ----------
        wanted : str
        run : int, optional
            Of this run; of the latest that has any by default.

        Returns
        -------
        list of (Run, Member)
            One for each job; a better match goes before all others, a part of the label is the last resort.
        """
        runs = {entry.id: entry for entry in self.runs() if run is None or entry.id == run}
        for condition in (
            "m.job = word or m.label = word",
            "word in (m.community, m.name, m.source) or substr(m.source, 1, length(word) + 1) = word || '.'",
            "length(word) >= 6 and substr(m.job, 1, length(word)) = word",
            "instr(m.label, word)",
        ):
            sql = f"select m.run, m.ordinal, m.job from members m, (select ? as word) where {condition}"
            rows = [row for row in self._rows(f"{sql} order by m.run desc, m.ordinal", wanted) if row[0] in runs]
            hits: dict[str, int] = {}
            for number, ordinal, job in rows:
                if number == rows[0][0]:
                    hits.setdefault(job, ordinal)
            if hits:
                return [(runs[rows[0][0]], self._member(rows[0][0], ordinal)) for ordinal in hits.values()]
        return []

    def _member(self, run: int, ordinal: int) -> Member:
        return self._as_member(self._rows(f"{_MEMBER} {_OF_JOB} where m.run = ? and m.ordinal = ?", run, ordinal)[0])

    def _as_member(self, row: tuple[Any, ...]) -> Member:
        ordinal, job, input_, community, name, label, variant, source, delta, question = row
        about: Variant = self._json(variant)
        asked = Question(**self._json(question))
        return Member(ordinal, job, input_, community, name, label, about, source, self._json(delta), asked)

    # -------------------------------------------------------------------------------------------------------- clearing

    def gc(
        self,
        *,
        drop: Collection[int] = (),
        older_than_days: float | None = None,
        keep: int | None = None,
        other_programs_than: str | None = None,
        dry_run: bool = False,
    ) -> Cleared:
        """Drop runs, then jobs and inputs that no run refers to, and give the space back.

        Parameters
        ----------
        drop : collection of int
            These runs.
        older_than_days : float, optional
            Runs made before.
        keep : int, optional
            All runs but the latest so many.
        other_programs_than : str, optional
            Runs of other programs than that of this fingerprint.
        dry_run : bool
            Only say what would be dropped.

        Returns
        -------
        Cleared

        Raises
        ------
        InputError
            A runner is at work on the store.
        """
        runs = self.runs()
        latest = [run.id for run in runs][-keep:] if keep else []
        before = None if older_than_days is None else time.time() - older_than_days * 86_400
        gone = [
            run.id
            for run in runs
            if run.id in drop
            or (before is not None and run.made_at < before)
            or (keep is not None and run.id not in latest)
            or (other_programs_than is not None and run.program != other_programs_than)
        ]
        size = self.size
        if dry_run:
            marks = ", ".join("?" * len(gone))
            staying = f"select job from members where run not in ({marks})"
            jobs = self._rows(f"select count(*), {_JOB_BYTES} from jobs where key not in ({staying})", *gone)[0]
            used = f"select input from jobs where key in ({staying})"
            inputs = self._rows(
                f"select count(*), coalesce(sum(length(content)), 0) from inputs where hash not in ({used})", *gone
            )[0]
            return Cleared(len(gone), jobs[0], inputs[0], jobs[1] + inputs[1])
        with self._writing() as db:
            self._refuse_at_work()  # none begins from here on
            db.executemany("delete from members where run = ?", [(run,) for run in gone])
            db.executemany("delete from runs where id = ?", [(run,) for run in gone])
            # Members whose run was dropped while its files were being read.
            db.execute("delete from members where run not in (select id from runs)")
            jobs = db.execute("delete from jobs where key not in (select job from members)").rowcount
            inputs = db.execute("delete from inputs where hash not in (select input from jobs)").rowcount
            db.execute("delete from runners")
        with self._lock, in_words(self.path):
            self._patiently("vacuum")
            self._patiently("pragma wal_checkpoint(truncate)")
        return Cleared(len(gone), jobs, inputs, max(0, size - self.size))

    def _refuse_at_work(self) -> None:
        gone = self._gone()
        recent = time.time() - LEASE_SECONDS
        if any(owner not in gone for owner in self._rows("select owner from runners where seen > ?", recent)):
            mend = M_("Wait for its end, or end it with Ctrl-C.")
            raise wrong(self.path, M_("A batch is at work on this store."), mend)

    # ----------------------------------------------------------------------------------------------------------- data

    def _json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise wrong(self.path, *DAMAGED) from error

    def _facts(self, packed: bytes | None) -> dict[str, Any]:
        if packed is None:
            return {}
        try:
            made: dict[str, Any] = json.loads(zlib.decompress(packed))
        except (ValueError, zlib.error) as error:
            raise wrong(self.path, *DAMAGED) from error
        return made


_MEMBER = "select m.ordinal, m.job, j.input, m.community, m.name, m.label, m.variant, m.source, j.delta, j.question"
_OF_JOB = "from members m join jobs j on j.key = m.job"

#: Runs named where one is not found.
_MOST_NAMED = 12

_JOB_BYTES = (
    "coalesce(sum(length(key) + length(delta) + length(question) + coalesce(length(facts), 0) "
    "+ coalesce(length(error), 0) + 200), 0)"
)


# -------------------------------------------------------------------------------------------------------------- parts


def _json_or_none(value: Mapping[str, Any]) -> str | None:
    return canonical_json(value) if value else None


def _unreadable(member: Member) -> dict[str, Any]:
    """The error of a job whose scenario could not be read."""
    if not member.problems:
        return {}
    from assigner.batch.facts import problem_entry

    named = [replace(problem, file=member.source if problem.file else "") for problem in member.problems]
    text = "\n".join(map(str, named))
    return {"kind": "input", "text": text, "problems": [problem_entry(problem) for problem in named]}


_FOLDERS = re.compile(
    r"(?<![\w.~/\\:])(?:file:[\\/]{2})?(?:[A-Za-z]:)?[\\/]{1,2}"
    r"(?:(?:[^\s\"'<>|:*?\\/]+|[^\s\"'<>|:*?\\/.,;，；。、][^\n\r\t\"'<>|:*?\\/.,;，；。、]*)[\\/])+"
)
"""An absolute path up to the name of the file; folders may have blanks in their names."""


def _without_folders(value: Any) -> Any:
    """An error without absolute paths: only the names of files stay."""
    if isinstance(value, str):
        return _FOLDERS.sub("", value)
    if isinstance(value, Mapping):
        return {
            key: PurePath(entry).name if key == "file" and isinstance(entry, str) else _without_folders(entry)
            for key, entry in value.items()
        }
    return [_without_folders(entry) for entry in value] if isinstance(value, list | tuple) else value


def _is_more(granted: Limits, before: Limits | None, stopped_by: object) -> bool:
    """Whether a job that was stopped is worth asking again."""
    if before is None or stopped_by not in ("work", "time"):
        return True
    new, old = (granted.work, before.work) if stopped_by == "work" else (granted.seconds, before.seconds)
    return old is not None and (new is None or new > old)
