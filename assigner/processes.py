"""What the processes beside the page and those of a batch share: how they begin, end and behave."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait

__all__ = [
    "deaf_to_interrupts",
    "end_with_parent",
    "is_gone",
    "make_way",
    "settle_memory",
    "started_at",
    "usable_cores",
]


def end_with_parent() -> None:
    """Let this process end with the one that started it, even with one that was killed, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Start processes that no Ctrl-C reaches before they come to `end_with_parent` (on Windows it may).

    Nor do they take a file of the reader's own in the current folder, such as ``random.py``, for a module of Python.
    """
    with _safe_path():
        block = getattr(signal, "pthread_sigmask", None)
        if block is None:
            yield
            return
        before = block(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            block(signal.SIG_SETMASK, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("PYTHONSAFEPATH", None)
        else:
            os.environ["PYTHONSAFEPATH"] = before


def make_way(by: int) -> None:
    """Let others go before this process, where the system knows how (Windows does not)."""
    nice = getattr(os, "nice", None)
    if nice is not None:
        nice(by)


def settle_memory() -> None:
    """Let the collector of garbage pass over what is there now for good: going through it takes a tenth of a second."""
    gc.collect()
    gc.freeze()


def usable_cores() -> int:
    """So many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on Windows and macOS
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


#: A process is not another one when its clock of start is off by so little.
_CLOCK_SECONDS = 2.0


def started_at(pid: int) -> float | None:
    """When a process began, in seconds since 1970; None where that cannot be known."""
    try:
        import psutil
    except ModuleNotFoundError:
        return None
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def is_gone(pid: int, started: float | None) -> bool:
    """Whether a process has ended; no where that cannot be known: its leases will lapse."""
    if started is None:
        return False
    try:
        import psutil
    except ModuleNotFoundError:
        return False
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - started) > _CLOCK_SECONDS:
            return True  # another process has its number now
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
