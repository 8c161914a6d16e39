"""Limits, stops and progress of a solve, free of any solver."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from numbers import Real
from typing import Literal, Protocol

__all__ = ["Limits", "Progress", "Stop", "StoppedBy"]

StoppedBy = Literal["work", "time", "person"]


@dataclass(frozen=True)
class Limits:
    """How much a solve may cost.

    Parameters
    ----------
    work : float or None
        Deterministic time of the solver, the same on every machine: with it the answer can be reproduced.
    seconds : float or None
        Wall-clock time; an answer stopped by it depends on the machine.
    """

    work: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("work limit", self.work), ("time limit", self.seconds)):
            if value is None:
                continue
            if not isinstance(value, Real) or isinstance(value, bool):
                raise TypeError(f"the {name} must be a number, not {value!r}")
            if not value > 0:
                raise ValueError(f"the {name} must be above zero, not {value!r}")


class Stop:
    """A request to stop, set from a signal handler or another thread.

    Parameters
    ----------
    watched : bool
        True when somebody may set it: solves then run in a thread of their own, so that the request is heard.
    """

    def __init__(self, *, watched: bool = False) -> None:
        self.watched = watched
        self._event = threading.Event()

    def set(self) -> None:
        """Ask for a stop."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()


class Progress(Protocol):
    """Hears how a solve is going."""

    def tier(self, name: str) -> None:
        """A tier begins."""

    def bound(self, value: float) -> None:
        """The tier's lower bound rose."""

    def incumbent(self, value: object) -> None:
        """A better plan was found; its value in the tier."""
