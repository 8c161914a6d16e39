"""Keys: which jobs are the same, and which program answers them.

A job is what a canonical scenario asks, so two files, or a file and a variant, that ask the same share a job. What only
a reader sees (id, name, note, sources) is not in the key, and neither are limits of time and work: a proven answer does
not depend on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.documents import canonical_json, content_hash

if TYPE_CHECKING:
    from assigner.batch.values import Question

__all__ = ["SAID_ONLY", "Digests", "job_key", "program_fingerprint", "reading_fingerprint"]

SAID_ONLY = frozenset({"id", "name", "note", "sources"})
"""Keys of a scenario that no result depends on."""

_LISTED = ("schools", "junior_highs")
"""Sections whose entries are digested one by one: a variant changes a few of them."""

_HOUSE = Path(__file__).resolve().parents[2]
_ANSWERING = (
    "models",
    "geodata",
    "assigner/answer.py",
    "assigner/planner.py",
    "assigner/report/split_tables.py",
    "assigner/scenario",
    "assigner/splitting",
    "assigner/batch/facts.py",
    "assigner/batch/keys.py",
    "assigner/batch/varying.py",
    "assigner/batch/work.py",
)
"""What can change the answer to a canonical scenario, or the form in which it is kept."""

_READING = (
    "assigner/batch",
    "assigner/boundary/base.py",
    "assigner/boundary/experiment_file.py",
    "assigner/boundary/files",
    "assigner/boundary/naming.py",
    "assigner/boundary/values.py",
    "assigner/roster",
    "assigner/workbook",
)
"""What can change which jobs a file asks for, besides."""

_SOURCES = frozenset({".py", ".yaml", ".json", ".csv", ".topojson"})


@cache
def program_fingerprint() -> str:
    """Digest of all of the program that can change an answer: sources, data, OR-Tools and numpy; equal everywhere."""
    return _fingerprint(_ANSWERING)


@cache
def reading_fingerprint() -> str:
    """Digest of all of the program that can change which jobs a file asks for, or their answers."""
    return _fingerprint((*_ANSWERING, *_READING))


def _fingerprint(places: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for place in places for path in _files(_HOUSE / place)}):
        # Line ends are those of the machine that checked the sources out.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.relative_to(_HOUSE).as_posix().encode() + b"\0" + hashlib.sha256(content).digest())
    for library in ("ortools", "numpy"):
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    elif place.is_dir():
        yield from (path for path in place.rglob("*") if path.suffix in _SOURCES and path.is_file())


class Digests:
    """Digests of parts of canonical content: a variant shares all but a few with its base, whose digests are kept.

    A part is known by identity, so what was kept must not be changed.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, str]] = {}

    def _of(self, part: Any, keep: bool) -> str:
        known = self._kept.get(id(part))
        if known is not None:
            return known[1]
        digest = content_hash(part)
        if keep:
            self._kept[id(part)] = part, digest  # the part lives on, so its id stays its own
        return digest

    def content(self, canonical: Mapping[str, Any], *, keep: bool = False) -> str:
        """Digest of canonical content without what no result depends on.

        Parameters
        ----------
        canonical
            As `assigner.scenario.Scenario.canonical` gives it.
        keep
            Whether others will share its parts.
        """
        scenario = canonical["scenario"]
        lines = [f"rulebook {canonical['rulebook']['hash']}"]
        lines += [
            f"{key} {self._of(part, keep)}" for key, part in canonical.items() if key not in ("scenario", "rulebook")
        ]
        for key, part in scenario.items():
            if key in _LISTED:
                lines.append(f"scenario.{key} {' '.join(self._of(entry, keep) for entry in part)}")
            elif key not in SAID_ONLY:
                plain = not isinstance(part, dict | list) or not part
                lines.append(f"scenario.{key} {canonical_json(part) if plain else self._of(part, keep)}")
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def job_key(
    content: Mapping[str, Any] | str,
    question: Question,
    lift: Iterable[str] = (),
    *,
    digests: Digests | None = None,
    program: str | None = None,
) -> str:
    """Key of the job that asks a question of a scenario.

    Parameters
    ----------
    content
        The canonical scenario after its delta, or the digest that `Digests.content` made of it.
    question
        What is asked.
    lift
        Clauses that are not in force.
    digests
        Of parts that other jobs share.
    program
        Fingerprint; this program's if None.
    """
    digest = content if isinstance(content, str) else (digests or Digests()).content(content)
    asked = [
        digest,
        question.kind,
        f"price={question.price}",
        f"seed={question.seed}",
        *(f"without {clause}" for clause in sorted(set(lift))),
        program or program_fingerprint(),
    ]
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()
