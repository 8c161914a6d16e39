"""What is told to a person whose input cannot be used, and how the program ends.

An error says where it is, what is there, what was expected and how to mend it. The sentences are deferred
(`assigner.messages.Message`), so that an error raised far down is printed in the reader's language. A module
that meets several problems collects them and raises one `InputError` with all.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from os import PathLike, fspath

from assigner.files import FolderError
from assigner.messages import M_, Message, _

__all__ = ["ABSENT", "ExitCode", "InputError", "Place", "Problem", "problem_of", "render"]

_LONGEST_VALUE = 60


class ExitCode(IntEnum):
    """How the program ended."""

    PROVEN = 0
    """The answer is proven optimal and audited."""
    BAD_INPUT = 2
    """The input cannot be used."""
    STOPPED = 3
    """Stopped early, with a plan."""
    NO_LAWFUL_PLAN = 4
    """No plan keeps all the rules."""
    DISAGREES = 5
    """The audit or a certificate disagrees with the answer."""


class _Absent(Enum):
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
"""Stands for the value of a problem that has none (a key that is missing, a file that cannot be read)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: as much of it as is known.

    Attributes
    ----------
    key
        Path of keys, such as ``schools[3].capacity``.
    line, column
        Counted from 1.
    cell
        Cell of a workbook, such as ``學校!B7``.
    """

    key: str = ""
    line: int | None = None
    column: int | None = None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    file
        The file, as the person named it; empty if it did not come from one.
    place
        Where in the file.
    value
        What is there; `ABSENT` if there is nothing to show.
    what
        What is wrong, a full sentence.
    expected
        What would be right, a phrase without a full stop; None if `what` says it all.
    mend
        What to do about it, a full sentence.
    """

    file: str | PathLike[str]
    place: Place
    value: object
    what: Message
    expected: Message | None
    mend: Message

    def __str__(self) -> str:
        """Give the three lines of the problem in the current language."""
        place = self.place
        numbers = [str(n) for n in (place.line, place.column) if n is not None]
        shown = "" if self.value is ABSENT else _shown(self.value)
        head = (
            ":".join(part for part in (fspath(self.file), *numbers) if part),
            f"[{place.cell}]" if place.cell else "",
            " = ".join(part for part in (place.key, shown) if part),
        )
        if self.expected is None:
            wrong = str(self.what)
        else:
            wrong = _("{what} Expected: {expected}.", what=self.what, expected=self.expected)
        mend = _("To mend it: {mend}", mend=self.mend)
        # What a file says must not move the cursor or break the three lines.
        return "\n  ".join(map(_printable, ("  ".join(filter(None, head)), wrong, mend)))


class InputError(Exception):
    """The input cannot be used.

    Parameters
    ----------
    problems
        What is wrong, in the order in which a reader of the file meets it.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return render(self.problems)


def render(problems: Iterable[Problem]) -> str:
    """Write problems as text in the current language, three lines each."""
    return "\n".join(map(str, problems))


def problem_of(error: OSError) -> Problem:
    """Say in words that a file cannot be read or written."""
    if isinstance(error, FolderError):
        what, mend = M_("The folder cannot be made here."), M_("Choose another folder or drive.")
    elif isinstance(error, FileNotFoundError):
        what, mend = M_("There is no such file."), M_("Check the name and the folder.")
    elif isinstance(error, IsADirectoryError):
        what, mend = M_("This is a folder, not a file."), M_("Name a file.")
    elif isinstance(error, NotADirectoryError | FileExistsError):
        what, mend = M_("This is a file, not a folder."), M_("Name a folder, or one that does not exist yet.")
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        what = M_("The file cannot be opened or written: no permission.")
        mend = M_("Check that you may use it and that no other program has locked it.")
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, mend = M_("The disk is full; nothing was written."), M_("Free some space, or choose another folder.")
    else:
        reason = error.strerror or type(error).__name__
        what, mend = M_("The file cannot be used: {reason}.", reason=reason), M_("Check the name and the folder.")
    file = error.filename2 or error.filename or _("standard output")
    return Problem(os.fsdecode(file) if isinstance(file, str | bytes) else "", Place(), ABSENT, what, None, mend)


def _shown(value: object) -> str:
    """Show a value as one short line, the way a file would spell it: quoted text, plain numbers, null."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):  # keys that are not text, a value that contains itself
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _printable(text: str) -> str:
    """Escape all that cannot be seen (control characters, changes of direction, odd spaces)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
