"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["named", "try_writing", "write_whole"]


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
    path.parent.mkdir(parents=True, exist_ok=True)
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
    path.parent.mkdir(parents=True, exist_ok=True)
    with named(path):
        _write(path, content.encode("utf-8") if isinstance(content, str) else content)


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
