"""How a batch is going: a line on a terminal, plain lines in a pipe, events for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, Protocol, TextIO

from assigner.messages import _, number
from assigner.report.cells import plain
from assigner.report.progress import LiveLine

__all__ = ["Finished", "JsonLines", "PeopleWatch", "Summary", "Tally", "Watcher"]

_PLAIN_SECONDS = 5.0
"""Between two plain lines."""

_LIVE_SECONDS = 0.2
_MOST_SLOW = 5
_WINDOW_SECONDS = 30.0
"""The rate is that of so many seconds past."""


@dataclass(frozen=True)
class Finished:
    """A job that has ended.

    Parameters
    ----------
    label : str
    key : str
    state : {"done", "failed", "stopped"}
    status : str
    seconds, solver_seconds : float
    error : Mapping
        Of a failed one: ``kind`` and ``text``.
    """

    label: str
    key: str
    state: str
    status: str
    seconds: float
    solver_seconds: float = 0.0
    error: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Tally:
    """How far a run is.

    Parameters
    ----------
    total : int
        Jobs of the run, as far as they are known.
    before : int
        Of them, those that were answered before it began.
    done, failed, stopped : int
        Answered since.
    """

    total: int = 0
    before: int = 0
    done: int = 0
    failed: int = 0
    stopped: int = 0
    solver_seconds: float = 0.0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _marks: list[tuple[float, int]] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """Answered since it began, one way or another."""
        return self.done + self.failed + self.stopped

    @property
    def left(self) -> int:
        """Not yet answered."""
        return max(0, self.total - self.before - self.ended)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def add(self, finished: Finished) -> None:
        """Count one."""
        setattr(self, finished.state, getattr(self, finished.state) + 1)
        self.solver_seconds += finished.solver_seconds
        self.slowest = nlargest(_MOST_SLOW, [*self.slowest, (finished.seconds, finished.label)])
        now = self.seconds
        self._marks.append((now, self.ended))
        while len(self._marks) > 2 and self._marks[0][0] < now - _WINDOW_SECONDS:
            self._marks.pop(0)

    def rate(self) -> float | None:
        """Jobs a second, of late; None where too little is known."""
        if len(self._marks) < 2:
            return None
        (since, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - since) if now > since else None

    def remaining_seconds(self) -> float | None:
        """An estimate; None where too little is known."""
        rate = self.rate()
        return self.left / rate if rate else None

    def entry(self) -> dict[str, Any]:
        """The numbers for programs."""
        rate, remaining = self.rate(), self.remaining_seconds()
        return {
            "total": self.total,
            "before": self.before,
            "done": self.done,
            "failed": self.failed,
            "stopped": self.stopped,
            "left": self.left,
            "seconds": round(self.seconds, 3),
            "jobs_per_second": None if rate is None else round(rate, 3),
            "remaining_seconds": None if remaining is None else round(remaining, 1),
        }


@dataclass(frozen=True)
class Summary:
    """How a run ended.

    Parameters
    ----------
    run : int
    name : str
    tally : Tally
    states : Mapping
        State -> number of jobs of the run, whoever solved them.
    interrupted : bool
        Stopped by a person before all was done.
    """

    run: int
    name: str
    tally: Tally
    states: Mapping[str, int]
    interrupted: bool = False


class Watcher(Protocol):
    """Hears how a run goes; all calls come from one thread."""

    def begun(self, run: int, name: str, tally: Tally) -> None:
        """The run is known, and how much of it is done already."""

    def finished(self, one: Finished) -> None:
        """A job has ended; the tally counts it already."""

    def note(self, text: str) -> None:
        """Something to know: a worker was lost, or is refused."""

    def ended(self, summary: Summary) -> None:
        """The run is over."""


class PeopleWatch(LiveLine):
    """For people, on the standard error: one line that is rewritten, or plain lines in a pipe.

    Parameters
    ----------
    stream : TextIO, optional
    live : bool, optional
        Found out by default.
    quiet : bool
        Only failures and notes.
    """

    def __init__(self, stream: TextIO | None = None, *, live: bool | None = None, quiet: bool = False) -> None:
        own = sys.stderr if stream is None else stream
        is_live = own.isatty() if live is None else live
        super().__init__(own, live=is_live, patience=_LIVE_SECONDS if is_live else _PLAIN_SECONDS)
        self._quiet = quiet
        self._tally: Tally | None = None

    def begun(self, run: int, name: str, tally: Tally) -> None:
        """See `Watcher`."""
        self._tally = tally
        if not self._quiet:
            self.line(_("Run {number}: {name}", number=run, name=name))

    def finished(self, one: Finished) -> None:
        """See `Watcher`."""
        if one.state == "failed":
            lines = [line.strip() for line in str(one.error.get("text", "")).splitlines()]
            # Of what is wrong with a file the first line says where, the second what.
            reason = "  ".join(lines[: 2 if one.error.get("kind") == "input" else 1])
            self.line(_("Failed: {label}: {reason}", label=one.label, reason=reason))

    def note(self, text: str) -> None:
        """See `Watcher`."""
        self.line(_("Note: {warning}", warning=text))

    def ended(self, summary: Summary) -> None:
        """See `Watcher`."""

    def line(self, text: str) -> None:
        """Write a line of its own above the one that is rewritten."""
        if self._live and self._shown:
            self._redraw("")
        self._write(("\r" if self._live else "") + plain(text) + "\n")

    def sentence(self) -> str:
        """What is said now."""
        tally = self._tally
        if tally is None or self._quiet:
            return ""
        ended = tally.before + tally.ended
        pieces = [
            _("{seconds} s", seconds=int(tally.seconds)),
            _("{done} of {total} jobs", done=number(ended), total=number(max(tally.total, ended))),
        ]
        rate, remaining = tally.rate(), tally.remaining_seconds()
        if rate is not None:
            pieces.append(_("{rate} a second", rate=number(rate, 1)))
        if remaining is not None and tally.left:
            pieces.append(_("about {time} left", time=duration(remaining)))
        if tally.failed:
            pieces.append(_("{n} failed", n=number(tally.failed)))
        if tally.stopped:
            pieces.append(_("{n} stopped early", n=number(tally.stopped)))
        if tally.slowest and tally.slowest[0][0] >= _WORTH_TELLING_SECONDS:
            seconds, label = tally.slowest[0]
            pieces.append(_("slowest: {label}, {time}", label=plain(label), time=duration(seconds)))
        return "  ".join(pieces)


_WORTH_TELLING_SECONDS = 1.0


def duration(seconds: float) -> str:
    """A time that a person waits, rounded as they would say it."""
    if seconds < 10:
        return _("{seconds} s", seconds=number(seconds, 1))
    if seconds < 120:
        return _("{seconds} s", seconds=round(seconds))
    if seconds < 2 * 3600:
        return _("{minutes} min", minutes=round(seconds / 60))
    return _("{hours} h", hours=number(seconds / 3600, 1))


class JsonLines:
    """For programs: one JSON object a line, on the standard output.

    Parameters
    ----------
    stream : TextIO, optional

    Notes
    -----
    ``event`` is ``begun``, ``job``, ``note`` or ``ended``; numbers as in `Tally.entry`.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._tally = Tally()

    def _tell(self, event: str, **values: Any) -> None:
        # Only ASCII: whatever the console speaks, a program reads it.
        self._stream.write(json.dumps({"event": event, **values}) + "\n")
        self._stream.flush()

    def begun(self, run: int, name: str, tally: Tally) -> None:
        """See `Watcher`."""
        self._tally = tally
        self._tell("begun", run=run, name=name, **tally.entry())

    def finished(self, one: Finished) -> None:
        """See `Watcher`."""
        error = {key: one.error[key] for key in ("kind", "text") if key in one.error}
        self._tell(
            "job",
            key=one.key,
            label=one.label,
            state=one.state,
            status=one.status,
            job_seconds=round(one.seconds, 4),
            error=error or None,
            **self._tally.entry(),
        )

    def note(self, text: str) -> None:
        """See `Watcher`."""
        self._tell("note", text=text)

    def ended(self, summary: Summary) -> None:
        """See `Watcher`."""
        self._tell(
            "ended",
            run=summary.run,
            name=summary.name,
            interrupted=summary.interrupted,
            states=dict(summary.states),
            slowest=[{"label": label, "seconds": round(seconds, 4)} for seconds, label in summary.tally.slowest],
            **summary.tally.entry(),
        )
