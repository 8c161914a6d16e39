"""Where the experiments of the page are kept: one SQLite file, written after every step.

Each experiment belongs to the browser it was made in (or the person, where a token is asked for). A row holds the whole
experiment, so that a server that is killed loses nothing that was shown as saved.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from assigner.boundary.values import Locks
from geodata.base_map import Divide, Flip, Merge, MoveSchool, MoveTownship, NewCommunity

__all__ = ["LONGEST_NAME", "KeptBase", "KeptExperiment", "Store", "StoreError", "flips_from", "flips_text", "owner_of"]

LONGEST_NAME = 80
"""So many characters are taken of the name of an experiment, or of a community that is made on the page."""

_FLIPS: dict[str, type[Any]] = {kind.__name__: kind for kind in (MoveTownship, MoveSchool, Merge, NewCommunity, Divide)}

_SCHEMA = """
create table if not exists bases (
    key text primary key, name text not null, text text not null, file text not null, folder text not null
);
create table if not exists experiments (
    id integer primary key autoincrement, owner text not null, base text not null, name text not null,
    note text not null, flips text not null, undone text not null, locks text not null, changed real not null
);
create index if not exists experiments_of on experiments (owner, changed);
"""


class StoreError(OSError):
    """The store cannot be read or written; its message is the database's own."""


@dataclass(frozen=True)
class KeptBase:
    """A base map as it is kept: its text, and the folder that paths in it start from."""

    key: str
    name: str
    text: str
    file: str
    folder: str


@dataclass(frozen=True)
class KeptExperiment:
    """An experiment as it is kept.

    Parameters
    ----------
    id : int
    base : str
        Key of its base.
    name, note : str
    flips, undone : tuple of Flip
    locks : Locks
    changed : float
        Seconds since 1970.
    """

    id: int
    base: str
    name: str
    note: str
    flips: tuple[Flip, ...]
    undone: tuple[Flip, ...]
    locks: Locks
    changed: float


def owner_of(secret: str) -> str:
    """Who has a secret: what is kept does not give it away."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Store:
    """The file. Safe to use from several threads.

    Parameters
    ----------
    folder : Path
        Made if it is missing.

    Raises
    ------
    StoreError, OSError
        It cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "experiments.sqlite"
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(self.file, check_same_thread=False, timeout=5.0)
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise self._wrong(error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _wrong(self, error: sqlite3.Error) -> StoreError:
        made = StoreError(None, str(error), str(self.file))
        made.filename = str(self.file)
        return made

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[list[tuple[Any, ...]], int | None]:
        with self._lock:
            try:
                with self._connection, closing(self._connection.execute(sql, values)) as cursor:
                    return cursor.fetchall(), cursor.lastrowid
            except sqlite3.Error as error:
                raise self._wrong(error) from error

    # ----------------------------------------------------------------------------------------------------- base maps

    def keep_base(self, base: KeptBase) -> None:
        """Keep a base map; one with the same key takes its place."""
        values = (base.key, base.name, base.text, base.file, base.folder)
        self._run("insert or replace into bases (key, name, text, file, folder) values (?, ?, ?, ?, ?)", values)

    def base(self, key: str) -> KeptBase | None:
        """A base map that was kept."""
        rows, _id = self._run("select key, name, text, file, folder from bases where key = ?", (key,))
        return KeptBase(*rows[0]) if rows else None

    # --------------------------------------------------------------------------------------------------- experiments

    def new(
        self,
        owner: str,
        base: str,
        name: str,
        flips: tuple[Flip, ...] = (),
        undone: tuple[Flip, ...] = (),
        locks: Locks | None = None,
        note: str = "",
    ) -> int:
        """Keep a new experiment; its number."""
        content = (flips_text(flips), flips_text(undone), _locks_text(locks or Locks()))
        _rows, made = self._run(
            "insert into experiments (owner, base, name, note, flips, undone, locks, changed) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            (owner, base, name, note, *content, time.time()),
        )
        assert made is not None
        return made

    def save(self, number: int, name: str, flips: tuple[Flip, ...], undone: tuple[Flip, ...], locks: Locks) -> None:
        """Keep an experiment as it is now."""
        content = (name, flips_text(flips), flips_text(undone), _locks_text(locks), time.time(), number)
        self._run(
            "update experiments set name = ?, flips = ?, undone = ?, locks = ?, changed = ? where id = ?", content
        )

    def delete(self, owner: str, number: int) -> None:
        """Delete an experiment of somebody."""
        self._run("delete from experiments where id = ? and owner = ?", (number, owner))

    def experiment(self, owner: str, number: int) -> KeptExperiment | None:
        """An experiment of somebody; None where there is none, or it is another's."""
        rows, _id = self._run(_SELECT + "where id = ? and owner = ?", (number, owner))
        return _kept(rows[0]) if rows else None

    def experiments(self, owner: str) -> list[KeptExperiment]:
        """All experiments of somebody, the one changed last first."""
        rows, _id = self._run(_SELECT + "where owner = ? order by changed desc, id desc", (owner,))
        return [_kept(row) for row in rows]


_SELECT = "select id, base, name, note, flips, undone, locks, changed from experiments "


def _kept(row: tuple[Any, ...]) -> KeptExperiment:
    number, base, name, note, flips, undone, locks, changed = row
    return KeptExperiment(number, base, name, note, flips_from(flips), flips_from(undone), _locks_from(locks), changed)


def flips_text(flips: tuple[Flip, ...]) -> str:
    """Flips as JSON: their kind and what they say."""
    return json.dumps([{"flip": type(flip).__name__, **asdict(flip)} for flip in flips], ensure_ascii=False)


def flips_from(text: str) -> tuple[Flip, ...]:
    """Flips back from JSON."""
    made = []
    for entry in json.loads(text):
        kind = _FLIPS[entry["flip"]]
        values = {field.name: entry[field.name] for field in fields(kind)}
        made.append(kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}))
    return tuple(made)


def _locks_text(locks: Locks) -> str:
    return json.dumps({field.name: sorted(getattr(locks, field.name)) for field in fields(locks)}, ensure_ascii=False)


def _locks_from(text: str) -> Locks:
    return Locks(**{key: frozenset(value) for key, value in json.loads(text).items()})
