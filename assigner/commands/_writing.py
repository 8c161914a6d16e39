"""A file that a command is to write: its kind, and that it replaces nothing unless that is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assigner.commands._options import flag, wrong
from assigner.messages import M_, _

__all__ = ["force_option", "ready"]


def force_option() -> Any:
    """The option that lets a file be replaced."""
    return flag("--force", text=_("Replace a file that is there already."))


def ready(
    out: Path, force: bool, ends: Iterable[str], inputs: Iterable[Path | None] = (), option: str = "--out"
) -> None:
    """Refuse a name that is not to be written, before anything is read.

    Parameters
    ----------
    out
        What follows the option. A file that is there already may hold a person's work.
    force
        Whether it may be replaced.
    ends
        The ends of names that tell the kinds of file that can be written.
    inputs
        The files that are read: none of them is ever replaced.
    option
        That names the file.

    Raises
    ------
    InputError, OSError
        The name cannot be used; the error says why.
    """
    from assigner.files import try_writing

    known = tuple(ends)
    if out.suffix.casefold() not in known:
        what = M_("Files of this kind are not written here.")
        wrong(option, str(out), what, M_("one of: {choices}", choices=", ".join(known)))
    if out.exists() and not force:
        wrong(option, str(out), M_("The file is there already, and is left as it is."), M_("another name, or --force"))
    if out.exists() and any(file is not None and file.exists() and out.samefile(file) for file in inputs):
        what = M_("The file is one of those that are read here, and is left as it is.")
        wrong(option, str(out), what, M_("another name"))
    try_writing(out)
