"""How a solve is going, told on the standard error: a live line on a terminal, plain lines in a pipe.

Nothing is said about work that ends within a second.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self, TextIO

from assigner.messages import _, current_language, language_set, number, percent
from assigner.words import TIER_NAMES

__all__ = ["CountedLine", "LiveLine", "ProgressLine"]

#: Seconds before anything is said, and between two plain lines.
PATIENCE = 1.0
_TICK = 0.1


class LiveLine:
    """A line that says how something is going; a context manager that cleans up after itself.

    Parameters
    ----------
    stream : TextIO, optional
        The standard error by default.
    live : bool, optional
        Rewrite one line (a terminal) or write lines (a pipe); found out by default.
    patience : float, optional
        Seconds before anything is said, and between two plain lines; `PATIENCE` by default.
    """

    def __init__(
        self, stream: TextIO | None = None, *, live: bool | None = None, patience: float | None = None
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty() if live is None else live
        self._language = current_language()
        self._patience = PATIENCE if patience is None else patience
        self._started = self._said = time.monotonic()
        self._shown = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def sentence(self) -> str:
        """What is said now; nothing while it is empty."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        if self._ended.is_set():  # used before: a thread begins only once
            self._ended = threading.Event()
            self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._live and self._shown:
            self._write("\r" + " " * _cells(self._shown) + "\r")

    def _watch(self) -> None:
        # A thread begins without the choices of the one that made it.
        with language_set(self._language):
            while not self._ended.wait(_TICK):
                now = time.monotonic()
                if now - self._started < self._patience:
                    continue
                if self._live:
                    if text := self.sentence():
                        self._redraw(text)
                elif now - self._said >= self._patience and (text := self.sentence()):
                    self._say(text)
                    self._said = now

    def _say(self, text: str) -> None:
        """Write a line, unless only the seconds are new."""
        if text.split("  ", 1)[1:] != self._shown.split("  ", 1)[1:]:
            self._write(text + "\n")
            self._shown = text

    def _redraw(self, text: str) -> None:
        if text != self._shown:
            blanks = " " * max(0, _cells(self._shown) - _cells(text))
            self._write("\r" + text + blanks)
            self._shown = text

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody listens any more; that must not end the solve
            self._ended.set()


class ProgressLine(LiveLine):
    """A `models.stopping.Progress` for people (parameters as `LiveLine`).

    Notes
    -----
    The solver calls from a thread of its own, so state is only ever replaced, and one thread draws.
    """

    def __init__(self, stream: TextIO | None = None, *, live: bool | None = None) -> None:
        super().__init__(stream, live=live)
        self._tier: str | None = None
        self._bound: float | None = None
        self._best: float | None = None

    # ------------------------------------------------------------------------------------------- what the solver says

    def tier(self, name: str) -> None:
        """A tier begins."""
        self._tier, self._bound, self._best = name, None, None

    def bound(self, value: float) -> None:
        """The tier's lower bound rose."""
        self._bound = value

    def incumbent(self, value: object) -> None:
        """A better plan was found."""
        if isinstance(value, int | float):
            self._best = float(value)

    def sentence(self) -> str:
        """What is said now: tier, bound, gap and seconds, as far as they are known."""
        tier = self._tier
        if tier is None:
            return ""
        name = TIER_NAMES.get(tier, tier)
        pieces = [_("{seconds} s", seconds=int(time.monotonic() - self._started)), _(name)]
        best, bound = self._best, self._bound
        if best is not None:
            pieces.append(_("best {value}", value=number(best)))
        if bound is not None:
            pieces.append(_("bound {value}", value=number(bound)))
        if best and bound is not None:
            pieces.append(_("gap {share}", share=percent(abs(best - bound) / abs(best))))
        return "  ".join(pieces)


class CountedLine(ProgressLine):
    """A line that also says how many of something are done.

    Parameters
    ----------
    what : str
        What is counted, in the plural.
    stream, live
        As `LiveLine`.
    """

    def __init__(self, what: str, stream: TextIO | None = None, *, live: bool | None = None) -> None:
        super().__init__(stream, live=live)
        self._what = what
        self._done: tuple[int, int] | None = None

    def told(self, done: int, of: int) -> None:
        """So many are done, of so many."""
        self._done = done, of

    def sentence(self) -> str:
        """What is said now: seconds and the count, or the tier while nothing is counted."""
        if self._done is None:
            return super().sentence()
        done, of = self._done
        seconds = _("{seconds} s", seconds=int(time.monotonic() - self._started))
        return "  ".join([seconds, _("{done} of {all} {what}", done=done, all=of, what=self._what)])


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
