"""Files written whole or not at all, one or several at a time."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileSet", "FolderError", "Saved", "free_name", "named", "try_writing", "write_whole"]

#: A virus scanner or an indexer holds a file for a moment: so often a place is tried, with so long a pause between.
_TRIES, _PAUSE_SECONDS = 4, 0.1


class FolderError(OSError):
    """A folder cannot be made: its drive or its place does not exist."""


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # such as a drive that is not there: no file is looked for, none is missing
        raise FolderError(error.errno, error.strerror, str(folder)) from error


def try_writing(path: Path) -> None:
    """Find out whether a file could be written, before the work that it is to hold; its folder is made.

    Parameters
    ----------
    path : Path
        It is neither made nor changed.

    Raises
    ------
    OSError
        It could not; the error names the file (or the folder that cannot be made).
    """
    _make_folder(path.parent)
    with named(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            os.write(handle, b"{}\n")
        finally:
            os.close(handle)
            Path(name).unlink(missing_ok=True)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let an error of the file system name this file, whatever the draft is called that stands in for it."""
    try:
        yield
    except OSError as error:
        number = errno.EIO if error.errno is None else error.errno
        raise OSError(number, error.strerror or str(error), str(path)) from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8 with LF line ends: all of it, or nothing and the old file stays.

    Parameters
    ----------
    path : Path
        Its folder is made if it is missing.
    content : str or bytes

    Raises
    ------
    OSError
        The folder or the file cannot be written, or the disk is full; the error names the file.
    """
    _make_folder(path.parent)
    with named(path):
        draft = _draft(path, content)
        try:
            _replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@dataclass(frozen=True)
class Saved:
    """A file that was written.

    Parameters
    ----------
    wanted : Path
        The name it was to have.
    path : Path
        The name it has: another one when the wanted file could not be replaced.
    read_only : bool
        Whether that was because it is read-only; else a program holds it open.
    """

    wanted: Path
    path: Path
    read_only: bool = False


class FileSet:
    """Files that belong together: all are drafted beside their places first, then each takes its place.

    Use it in a ``with`` block; drafts that have not taken their place when it ends are deleted, and the old files stay.
    """

    def __init__(self) -> None:
        self._drafts: dict[Path, Path] = {}

    def __enter__(self) -> FileSet:
        return self

    def __exit__(self, *_exception: object) -> None:
        for draft in self._drafts.values():
            draft.unlink(missing_ok=True)

    def add(self, path: Path, content: str | bytes) -> None:
        """Draft a file; its folder is made if it is missing.

        Raises
        ------
        OSError
            It cannot be written, or the disk is full; the error names the file, and no draft of it is left.
        """
        _make_folder(path.parent)
        with named(path):
            self._drafts[path] = _draft(path, content)

    def place(self, path: Path) -> Saved:
        """Let a draft take its place, or a name beside it when the file is read-only or held open by a program.

        Raises
        ------
        OSError
            Neither was possible; the error names the file.
        """
        with named(path):
            draft = self._drafts[path]
            read_only = False
            try:
                _replace(draft, path)
                target = path
            except PermissionError:  # Windows refuses to replace such files
                read_only = _is_read_only(path)
                target = free_name(path)
                draft.replace(target)
            del self._drafts[path]
        return Saved(path, target, read_only)


def _replace(draft: Path, path: Path) -> None:
    """Let a draft take a place, and wait a moment for one that another program holds."""
    for left in reversed(range(_TRIES)):
        try:
            draft.replace(path)
            return
        except PermissionError:
            if not left or _is_read_only(path) or not path.is_file():
                raise
            time.sleep(_PAUSE_SECONDS)


def _is_read_only(path: Path) -> bool:
    try:
        return not path.stat().st_mode & stat.S_IWUSR
    except OSError:
        return False


def free_name(path: Path, pattern: str = "{stem} ({n}){suffix}", start: int = 2) -> Path:
    """A name beside a file that no other file has: ``plan (2).xlsx``, ``plan (3).xlsx``, ..."""
    n = start
    while True:
        candidate = path.with_name(pattern.format(stem=path.stem, n=n, suffix=path.suffix))
        if not candidate.exists():
            return candidate
        n += 1


def _draft(path: Path, content: str | bytes) -> Path:
    """Write a hidden file beside the one it is to replace, down to the disk."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
