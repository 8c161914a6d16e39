"""The file of a store as a database: how it is laid out, opened and looked through, and its errors in words.

See ``docs/store.md`` for the tables.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message

__all__ = [
    "APPLICATION_ID",
    "DAMAGED",
    "MIGRATIONS",
    "NO_WAL",
    "READ_ONLY",
    "SCHEMA_VERSION",
    "code_of",
    "connect",
    "examine",
    "for_looking",
    "in_words",
    "wrong",
]

APPLICATION_ID = 0x44555459
"""In the header of the file: the store is ours ("DUTY")."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"pragma application_id = {APPLICATION_ID}",
        "create table inputs (hash text primary key, content blob not null)",
        """create table jobs (
            key text primary key, input text not null, delta text not null, question text not null,
            program text not null, state text not null, owner text, lease real, attempts integer not null default 0,
            queued_at real not null, began_at real, ended_at real, seconds real, granted text,
            status text not null default '', facts blob, error text
        )""",
        "create index jobs_state on jobs (state)",  # of equal state in the order in which they were added
        """create table runs (
            id integer primary key autoincrement, name text not null, digest text not null, made_at real not null,
            program text not null, spec text not null, total integer not null, complete integer not null default 0
        )""",
        "create index runs_digest on runs (digest)",
        """create table members (
            run integer not null, ordinal integer not null, job text not null, community text not null,
            name text not null, label text not null, variant text not null, source text not null,
            primary key (run, ordinal)
        ) without rowid""",
        "create index members_job on members (job, run)",
        "create table runners (owner text primary key, pid integer not null, started real, seen real not null)",
    ),
)
"""What makes a store of version n one of version n + 1, statement by statement; version 0 is an empty file."""

_TABLES = ("inputs", "jobs", "runs", "members", "runners")

SCHEMA_VERSION = len(MIGRATIONS)

_HEADER = b"SQLite format 3\0"

#: A store up to this size is looked through when it is opened (a tenth of a second at most).
_CHECKED_BYTES = 32 * 2**20

#: So long the database itself waits for a lock; then it is tried again for as long as there is patience.
_LONGEST_WAIT_SECONDS = 5.0


# ------------------------------------------------------------------------------------------------------------ opening


def connect(path: Path, mode: str, patience: float, *, immutable: bool = False) -> sqlite3.Connection:
    """A connection without transactions of its own.

    Parameters
    ----------
    path : Path
    mode : {"ro", "rw", "rwc"}
    patience : float
    immutable : bool
        Look at the file alone, as if nobody could change it; makes no files beside it.
    """
    uri = _uri(path, mode, immutable)
    return sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=min(patience, _LONGEST_WAIT_SECONDS)
    )


def _uri(path: Path, mode: str, immutable: bool) -> str:
    whole = path.absolute().as_posix()
    # A drive of Windows needs a slash before it, a share has its two after an empty host.
    name = quote(os.fsencode(whole if whole.startswith("/") else f"/{whole}"))
    return f"file://{name}?mode={mode}" + ("&immutable=1" if immutable else "")


def for_looking(path: Path, patience: float) -> sqlite3.Connection:
    """A connection that writes nothing, also where no file can be made beside the store."""
    db = connect(path, "ro", patience)
    try:
        db.execute("pragma schema_version").fetchall()
    except sqlite3.OperationalError as error:
        db.close()
        if code_of(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR):
            raise
        if _waits(path):
            raise wrong(path, *_UNFINISHED) from error
        db = connect(path, "ro", patience, immutable=True)
    return db


def _waits(path: Path) -> bool:
    """Whether something that was written is still in the file beside the store."""
    beside = path.with_name(f"{path.name}-wal")
    return beside.exists() and beside.stat().st_size > 0


def examine(path: Path, patience: float) -> int:
    """See that a file is a store that can be used, without a change to it; its version."""
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(_HEADER):
        mend = M_("Name a store that “assigner batch” has made, or one that does not exist yet.")
        raise wrong(path, M_("The file is not a store of a batch."), mend)
    if len(head) < 100:
        raise wrong(path, *DAMAGED)
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        mend = M_("Name a store that “assigner batch” has made, or one that does not exist yet.")
        raise wrong(path, M_("The file is the database of another program."), mend)
    small = path.stat().st_size <= _CHECKED_BYTES
    with in_words(path):
        if path.with_name(f"{path.name}-journal").exists():  # it is being made, or whoever made it was killed
            db = connect(path, "rw", patience)
            db.execute("select count(*) from sqlite_master").fetchone()
            db.close()
            if not path.stat().st_size:
                return 0
        version, sound = None, False
        if not _waits(path):
            with suppress(sqlite3.DatabaseError):  # somebody may have begun to write: then it is looked at once more
                version, sound = _look(connect(path, "ro", patience, immutable=True), small)
        if version is None or not sound:
            version, sound = _look(for_looking(path, patience), small)
    if version > SCHEMA_VERSION:
        what = M_("The store was made by a newer version of the program.")
        raise wrong(path, what, M_("Use that version, or name another store."))
    if not sound:
        raise wrong(path, *DAMAGED)
    return version


def _look(db: sqlite3.Connection, whole: bool) -> tuple[int, bool]:
    """Version of a store, and whether nothing is wrong in it as far as it was looked through."""
    try:
        version = db.execute("pragma user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            return version, True
        for table in _TABLES:
            db.execute(f"select 1 from {table} limit 1").fetchone()
        return version, not whole or db.execute("pragma quick_check(1)").fetchone()[0] == "ok"
    finally:
        db.close()


# ------------------------------------------------------------------------------------------------------------- errors

_Words = tuple[Message, Message]

DAMAGED: _Words = (
    M_("The store is damaged."),
    M_(
        "Take a copy from before, or name another store: all that was in this one can be solved again. "
        "The file was left as it is; “sqlite3 FILE .recover” may get something out of it."
    ),
)
READ_ONLY: _Words = (
    M_("The store can be read here, but not written."),
    M_("Copy it to a folder that can be written, or make file and folder writable."),
)
NO_WAL: _Words = (
    M_("A store cannot be kept here: the file system does not let several processes share a file safely."),
    M_("Choose a folder on a disk of this machine, not on a network share."),
)
_FULL: _Words = (
    M_("The disk is full; what was recorded before is safe."),
    M_("Free some space, then start the same command again: it goes on from there."),
)
_LOCKED: _Words = (
    M_("Another process has held the store for too long."),
    M_("End what has it open, such as a program that looks into databases, then try again."),
)
_UNFINISHED: _Words = (
    M_("The store was not closed, and it lies where nothing can be written."),
    M_("Copy it, with the files beside it whose names begin alike, to a folder that can be written."),
)


def wrong(path: Path, what: Message, mend: Message) -> InputError:
    """What is wrong with the file as a whole, and how to mend it."""
    return InputError([Problem(path, Place(), ABSENT, what, None, mend)])


def code_of(error: sqlite3.Error) -> int:
    """What kind of error it is, without the details."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Let an error of the database say what it is and how to mend it."""
    try:
        yield
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
            raise  # a fault of ours
        raise wrong(path, *_words(path, error)) from error


def _words(path: Path, error: sqlite3.Error) -> _Words:
    code = code_of(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return _LOCKED
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path.parent)):
        return _FULL
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT) or (
        isinstance(error, sqlite3.OperationalError) and code in (0, sqlite3.SQLITE_ERROR)
    ):
        return DAMAGED  # the last: a table or a column is not there, a text is none
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return READ_ONLY if path.exists() and os.access(path, os.R_OK) else _NOT_HERE
    return M_("The file cannot be used: {reason}.", reason=str(error)), M_("Check the name and the folder.")


_NOT_HERE: _Words = (
    M_("The file cannot be opened or written: no permission."),
    M_("Check that you may use it and that no other program has locked it."),
)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 2**17
    except OSError:
        return False
