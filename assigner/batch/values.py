"""The values of a batch, shared by those who make jobs, keep them, solve them and report them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from assigner.errors import Problem
    from models.stopping import Limits

__all__ = [
    "BASE_VARIANT",
    "Event",
    "JobState",
    "Kind",
    "Member",
    "Order",
    "Outcome",
    "Question",
    "Variant",
    "Workers",
]

Kind = Literal["plan", "split"]
JobState = Literal["queued", "running", "done", "failed", "stopped"]
Variant = Mapping[str, str | int | float | bool]
"""What a variant is called by: axis -> value, such as ``{"tolerances.travel": 0.1, "seed": 3}``; empty for the base."""

BASE_VARIANT: Variant = {}


@dataclass(frozen=True)
class Question:
    """What is asked of a scenario.

    Parameters
    ----------
    kind : {"plan", "split"}
    price : bool
        Also what the order of the aims costs.
    seed : int
        Of the solver; it does not change a proven answer.
    """

    kind: Kind = "plan"
    price: bool = False
    seed: int = 111


@dataclass(frozen=True)
class Member:
    """One line of a run: a community under a variant, and the job that answers it. Several may share a job.

    Parameters
    ----------
    ordinal : int
        Place in the run.
    job : str
        Key of its job.
    input : str
        Hash of the canonical scenario; empty where none could be made.
    community : str
        Id of the community, equal under all variants.
    name : str
    label : str
        What it is called in a list: name of the file or community, and the variant.
    variant : Variant
    source : str
        File that it comes from.
    delta : Mapping
        What the variant changes, concrete (see `assigner.batch.varying`); empty for the base.
    question : Question
    problems : tuple of Problem
        Why there is no scenario: the job has failed before it began.
    """

    ordinal: int
    job: str
    input: str
    community: str
    name: str
    label: str
    variant: Variant
    source: str
    delta: Mapping[str, Any] = field(default_factory=dict)
    question: Question = Question()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Order:
    """A job as it is sent to a worker: plain data.

    Parameters
    ----------
    key : str
        Of the job.
    input : str
        Hash of the canonical scenario.
    content : bytes or None
        The canonical scenario, JSON packed with zlib; None where the worker is known to have it.
    delta : Mapping
    question : Question
    limits : Limits
    program : str
        Fingerprint of the program that asks; a worker of another one refuses.
    """

    key: str
    input: str
    content: bytes | None
    delta: Mapping[str, Any]
    question: Question
    limits: Limits
    program: str


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Parameters
    ----------
    key : str
    state : {"done", "failed", "stopped"}
    status : str
        Of the answer, such as ``"optimal"``; empty where it failed.
    facts : Mapping
        See `assigner.batch.facts`; empty where it failed.
    error : Mapping
        Where it failed: ``kind`` (``"input"``, ``"crash"``, ``"memory"``, ``"time"``, ``"program"``), ``text`` in
        English (a sentence and how to mend it, or a traceback of our own fault), ``problems`` (as
        `assigner.batch.facts.problem_entry`).
    seconds : float
        From when the worker had the order until it had the answer.
    solver_seconds : float
        Of that, the solver's own.
    """

    key: str
    state: Literal["done", "failed", "stopped"]
    status: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    solver_seconds: float = 0.0


@dataclass(frozen=True)
class Event:
    """What workers tell: an outcome, an order whose worker was lost, or a worker that cannot be used.

    Parameters
    ----------
    kind : {"done", "lost", "refused"}
        ``lost``: the worker died with it (crash, memory, time, by ``reason``); it may be tried again. ``refused``: a
        worker runs another version of the program and gets no orders.
    key : str
        Of the order; empty for ``refused``.
    outcome : Outcome or None
    reason : str
        ``"crash"``, ``"memory"``, ``"time"``; for ``refused`` the address of the worker and its version.
    """

    kind: Literal["done", "lost", "refused"]
    key: str = ""
    outcome: Outcome | None = None
    reason: str = ""


class Workers(Protocol):
    """Whoever solves: processes of this machine, or those of a cluster."""

    @property
    def capacity(self) -> int:
        """So many orders keep them busy, those that wait in front of a worker included."""

    def send(self, order: Order) -> None:
        """Give an order; never more than `capacity` at a time."""

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for the first."""

    def close(self) -> None:
        """End them; what they are at is lost."""
