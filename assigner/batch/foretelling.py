"""What a run would do, before it is begun: how many jobs, how many are answered, how long the rest may take."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.batch.store import STATES, Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assigner.batch.asking import Asking
    from assigner.batch.values import JobState

__all__ = ["Foretold", "foretell"]

TYPICAL_SECONDS = 0.08
"""A plan of eleven schools on the machine of benchmarks/README.md; taken where the store knows no better."""

_ENOUGH = 5
"""So many answers make a mean."""


@dataclass(frozen=True)
class Foretold:
    """What a run would do.

    Parameters
    ----------
    name : str
    members : int
    jobs : int
        Fewer than members where several ask the same.
    states : Mapping
        State in the store -> jobs; ``new`` are those that it does not have.
    unreadable : int
        Members that cannot be read; they fail at once.
    seconds : float
        An estimate for what is not answered.
    processes : int
        It is for so many.
    measured : bool
        Whether it rests on the answers of the store.
    """

    name: str
    members: int
    jobs: int
    states: Mapping[str, int]
    unreadable: int
    seconds: float
    processes: int
    measured: bool

    @property
    def answered(self) -> int:
        """Jobs that nothing is to be done for."""
        return sum(self.states.get(state, 0) for state in ("done", "failed", "stopped"))

    def to_json(self) -> str:
        """One line."""
        return json.dumps({"event": "foretold", **asdict(self)})


def foretell(asking: Asking, path: Path, processes: int, *, retry_failed: bool = False) -> Foretold:
    """Count what a run would do.

    Parameters
    ----------
    asking : Asking
    path : Path
        Of the store, which need not exist; it is only read.
    processes : int
    retry_failed : bool
        What failed is asked again, unless it cannot be read.
    """
    jobs: dict[str, bool] = {}
    members = 0
    for chunk, _inputs in asking.chunks():
        members += len(chunk)
        for member in chunk:
            jobs.setdefault(member.job, bool(member.problems))
    known: Mapping[str, JobState] = {}
    mean: float | None = None
    if path.exists():
        with Store.open(path, read_only=True) as store:
            known = store.states(jobs)
            mean = store.mean_seconds(_ENOUGH)
    counts = Counter(known.get(key, "new") for key in jobs if not jobs[key] or key in known)
    left = sum(counts.get(state, 0) for state in ("new", "queued", "running"))
    if retry_failed:
        left += sum(known.get(key) == "failed" and not unreadable for key, unreadable in jobs.items())
    return Foretold(
        asking.name,
        members,
        len(jobs),
        {state: counts[state] for state in ("new", *STATES) if counts[state]},
        sum(jobs.values()),
        left * (TYPICAL_SECONDS if mean is None else mean) / processes,
        processes,
        mean is not None,
    )
