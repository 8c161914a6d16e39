"""What commands that solve share: a stop from the keyboard, the solver's log, the answer, the files written."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assigner.commands._options import say
from assigner.messages import _

if TYPE_CHECKING:
    from rich.console import Console

    from assigner.outputs import Written
    from models.stopping import Stop

__all__ = ["interrupts", "log_line", "print_json", "show_answer", "tell"]


def tell(written: Written, *, err: bool) -> None:
    """Say which files were written; then raise for those that were not."""
    for path in written.paths:
        say(_("Written: {file}", file=path), err=err)
    for note in written.notes:
        say(_("Note: {warning}", warning=note), err=True)
    written.check()


@contextmanager
def interrupts(stop: Stop) -> Iterator[None]:
    """Ctrl-C asks for a stop; a second one aborts."""

    def handler(signum: int, frame: object) -> None:
        if stop.is_set():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            raise KeyboardInterrupt
        stop.set()
        os.write(2, ("\n" + _("Stopping; once more to abort.") + "\n").encode(sys.stderr.encoding, "replace"))

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def print_json(text: str) -> None:
    """Print a document for programs: UTF-8 whatever the console speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def show_answer(
    answer: Any,
    whole: Callable[[Any, Console], object],
    line: Callable[[Any], Any],
    *,
    quiet: bool,
    as_json: bool = False,
) -> None:
    """Print an answer: its document, the line that says how it ended, or all of it."""
    if as_json:
        print_json(answer.to_json())
        return
    from assigner.report.terminal import console_for

    console = console_for()
    if quiet:
        console.print(line(answer))
    else:
        whole(answer, console)


def log_line(line: str) -> None:
    """Print a line of the solver's log."""
    say(line, err=True)
