"""What commands that solve share: a stop from the keyboard, the solver's log, the files that were written."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assigner.commands._options import say
from assigner.messages import _

if TYPE_CHECKING:
    from assigner.outputs import Written
    from models.stopping import Stop

__all__ = ["interrupts", "log_line", "print_json", "tell"]


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


def log_line(line: str) -> None:
    """Print a line of the solver's log."""
    say(line, err=True)
