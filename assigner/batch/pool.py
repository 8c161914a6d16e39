"""Processes of this machine that carry out the jobs of a batch.

Each has a pipe of its own, so that one that dies breaks nothing but its own job. What waits in front of it goes to
another one untouched, and a new process takes its place.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
import time
from collections import deque
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from assigner.batch.serving import CARRY_OUT, Remembered, answer, service
from assigner.batch.values import Event, Order, Outcome
from assigner.batch.work import Inputs
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.processes import deaf_to_interrupts, end_with_parent, make_way, settle_memory

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess
    from types import TracebackType

    import psutil

__all__ = ["LocalWorkers", "fair_memory_mb"]

_LOOK_SECONDS = 0.2
"""How often memory and time of what runs are looked at."""

_LAST_WORDS_SECONDS = 5.0
"""So long a process that was ended may take to be gone."""

_LONGEST_AHEAD = 32_000
"""Bytes that any pipe takes at once: of a process that hangs, larger scenarios are not sent ahead."""

_MOST_FAILED_STARTS = 3
_MOST_KILLED_STARTS = 20
"""So many processes in a row may end by themselves, or be ended by others, before they are ready."""

_MOST_PROCESSES = 60 if os.name == "nt" else 1024
"""Windows waits for no more than 63 things at once."""

_LEAST_MEMORY_MB = 512
_SHARE = 0.75
"""Of the machine's memory, for all processes together."""

_LESS_URGENT = 5
"""Whoever sits at the machine, and the runner, go before."""


def fair_memory_mb(count: int) -> int:
    """The bound of each process where nobody says another one: its share of three quarters of the machine's memory."""
    import psutil

    return max(_LEAST_MEMORY_MB, int(psutil.virtual_memory().total * _SHARE / count / 1e6))


class LocalWorkers:
    """Processes of this machine (`assigner.batch.values.Workers`), begun as orders come; used from one thread.

    Memory is bounded by looking at the resident size every 0.2 s, which works alike on every system. A limit on
    addresses (RLIMIT_AS) was tried: Windows and macOS keep none, and addresses are not memory (a process that has
    imported the solver uses 170 MB and has 480 MB of them; libraries reserve more than they use). The price: a job that
    takes memory fast can be some hundred megabytes above its bound before it is ended.

    Parameters
    ----------
    count : int
        How many processes; on Windows 60 at most.
    memory_mb : int, optional
        Resident size in 10^6 bytes above which a process is ended; by default `fair_memory_mb`.
    kill_after_seconds : float, optional
        A process that is at one job for longer is ended.
    jobs_ahead : int
        So many orders wait in front of each process, so that it has something to do while the runner is busy.
    function : str
        Name of what carries orders out (`assigner.batch.serving.service`).
    """

    def __init__(
        self,
        count: int,
        *,
        memory_mb: int | None = None,
        kill_after_seconds: float | None = None,
        jobs_ahead: int = 1,
        function: str = CARRY_OUT,
    ) -> None:
        self.count = min(count, _MOST_PROCESSES)
        self.memory_mb = fair_memory_mb(self.count) if memory_mb is None else memory_mb
        self.kill_after_seconds = kill_after_seconds
        self._room = 1 + jobs_ahead
        self._function = function
        self._processes: list[_Process] = []
        self._waiting: deque[Order] = deque()
        self._events: list[Event] = []
        self._failed_starts = 0
        self._looked = 0.0

    def __enter__(self) -> LocalWorkers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def capacity(self) -> int:
        """So many orders keep them busy, those that wait in front of a process included."""
        return self.count * self._room

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that there are now, in the order in which they began."""
        return tuple(process.pid for process in self._processes)

    def warm(self) -> None:
        """Begin all processes, and wait until each has imported what it needs."""
        while len(self._processes) < self.count:
            self._begin()
        while not all(process.ready for process in self._processes):
            self._listen(None)
            while len(self._processes) < self.count:
                self._begin()

    def send(self, order: Order) -> None:
        """Give an order; never more than `capacity` at a time.

        Raises
        ------
        InputError
            No process can be begun.
        """
        self._waiting.append(order)
        self._hand_out()

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for the first.

        Raises
        ------
        InputError
            No process can be begun.
        """
        until = time.monotonic() + seconds
        while not self._events:
            self._hand_out()
            left = until - time.monotonic()
            if left <= 0 and seconds > 0:
                break
            self._listen(max(0.0, left))
            if seconds <= 0:
                break
        self._hand_out()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """End them at once; what they are at is lost."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.bury()
        self._processes.clear()
        self._waiting.clear()
        self._events.clear()

    def _hand_out(self) -> None:
        """Send what waits to whoever has room: first to who has nothing, then to who has the scenario."""
        while self._waiting:
            order = self._waiting[0]
            free = [process for process in self._processes if process.has_room(order, self._room)]
            if all(process.orders for process in free) and len(self._processes) < self.count:
                self._begin()
                continue
            if not free:
                return
            process = min(free, key=lambda one: (len(one.orders), order.input not in one.known))
            if process.give(order):
                self._waiting.popleft()
            else:
                self._gone(process)

    def _listen(self, seconds: float | None) -> None:
        """Take what the processes say; look after them where it is time to do so."""
        busy = any(process.orders for process in self._processes)
        if busy:
            due = max(0.0, self._looked + _LOOK_SECONDS - time.monotonic())
            seconds = due if seconds is None else min(seconds, due)
        ready = wait([process.connection for process in self._processes], seconds)
        for process in [process for process in self._processes if process.connection in ready]:
            if not self._hear(process):
                self._gone(process)
        if busy and time.monotonic() >= self._looked + _LOOK_SECONDS:
            self._look()

    def _hear(self, process: _Process) -> bool:
        """Take all that a process has said; False where it is gone."""
        try:
            while process.connection.poll():
                self._take(process, *process.connection.recv())
        except (EOFError, OSError):
            return False
        return True

    def _take(self, process: _Process, what: str, outcome: Outcome | None = None) -> None:
        process.began = time.monotonic()
        if what == "ready":
            process.ready = True
            self._failed_starts = 0
            return
        order = process.orders.popleft()
        if outcome is None:  # it does not know the scenario
            process.known.forget(order.input)
            self._waiting.appendleft(order)
        else:
            self._events.append(Event("done", order.key, outcome))

    def _look(self) -> None:
        """End the processes whose job takes too long or too much."""
        now = self._looked = time.monotonic()
        for process in [process for process in self._processes if process.ready and process.orders]:
            if self.kill_after_seconds is not None and now - process.began > self.kill_after_seconds:
                self._end(process, "time")
            elif process.resident_mb() > self.memory_mb:
                self._end(process, "memory")

    def _end(self, process: _Process, reason: str) -> None:
        blamed = process.orders[0].key
        process.kill()
        self._gone(process, reason, blamed)

    def _gone(self, process: _Process, reason: str = "crash", blamed: str | None = None) -> None:
        """A process is gone: its job is lost, unless it was done just before; what waited behind is not."""
        self._processes.remove(process)
        # What it said last counts: the job it was at may be done, and the next one is to blame for nothing.
        while process.says(_LAST_WORDS_SECONDS) and self._hear(process):
            pass
        if process.ready and process.orders and blamed in (None, process.orders[0].key):
            self._events.append(Event("lost", process.orders.popleft().key, reason=reason))
        self._waiting.extendleft(reversed(process.orders))
        process.bury()
        if not process.ready:
            self._failed_starts += 1
            if self._failed_starts >= (_MOST_KILLED_STARTS if process.was_killed else _MOST_FAILED_STARTS):
                raise InputError([_cannot_begin()])
        elif self._waiting:
            self._begin()

    def _begin(self) -> None:
        try:
            self._processes.append(_Process(self._function))
        except OSError as error:
            raise InputError([_cannot_begin()]) from error


def _cannot_begin() -> Problem:
    what = M_("The processes that solve cannot be started, or end at once.")
    mend = M_(
        "Free some memory, or ask for fewer processes (--jobs). In a script of your own, begin the batch below: "
        'if __name__ == "__main__".'
    )
    return Problem("", Place(), ABSENT, what, None, mend)


class _Process:
    """A process, and what this side knows of it.

    Attributes
    ----------
    orders : deque of Order
        What it has not answered yet; it is at the first of them.
    known : Remembered
        The scenarios that it remembers.
    ready : bool
        It has imported what it needs.
    began : float
        When it began with its first order.
    """

    _numbers = itertools.count(1)

    def __init__(self, function: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        name = f"batch-{next(self._numbers)}"
        self._process: SpawnProcess = context.Process(target=_serve, args=(theirs, function), name=name, daemon=True)
        try:
            with deaf_to_interrupts():
                self._process.start()
        except OSError:
            self.connection.close()
            raise
        finally:
            theirs.close()
        assert self._process.pid is not None
        self.pid: int = self._process.pid
        self.orders: deque[Order] = deque()
        self.known = Remembered()
        self.ready = False
        self.began = 0.0
        self._seen: psutil.Process | None = None

    def has_room(self, order: Order, room: int) -> bool:
        """Whether it may be given an order now."""
        if len(self.orders) >= room:
            return False
        ahead = bool(self.orders) or not self.ready
        return not ahead or order.input in self.known or len(order.content or b"") <= _LONGEST_AHEAD

    def give(self, order: Order) -> bool:
        """Send an order, without its scenario where it is known; False where the process is gone."""
        try:
            self.connection.send(self.known.lightened(order))
        except OSError:
            return False
        if not self.orders:
            self.began = time.monotonic()
        self.orders.append(order)
        self.known.sent(order)
        return True

    def resident_mb(self) -> float:
        """Its resident size; zero where it is gone."""
        import psutil

        try:
            if self._seen is None:
                self._seen = psutil.Process(self.pid)
            return float(self._seen.memory_info().rss / 1e6)
        except psutil.Error:
            return 0.0

    def says(self, seconds: float) -> bool:
        """Whether something is to be heard; waits so long."""
        try:
            return self.connection.poll(seconds)
        except OSError:  # so Windows says that the other end is gone
            return False

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    @property
    def was_killed(self) -> bool:
        """Whether somebody else ended it (Windows does not tell); asked when it is buried."""
        return (self._process.exitcode or 0) < 0

    def bury(self) -> None:
        """Wait until it is gone, and leave nothing of it."""
        self._process.join(_LAST_WORDS_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_LAST_WORDS_SECONDS)
        self.connection.close()


# ---------------------------------------------------------------------------------------------- inside such a process


def _serve(connection: Connection[Any, Any], function: str) -> None:
    """Carry orders out one after the other; a thread of its own takes them, so that whoever sends never waits."""
    import queue

    end_with_parent()
    make_way(_LESS_URGENT)
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()

    def listen() -> None:
        try:
            while True:
                orders.put(connection.recv())
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    does = service(function)
    does.warm()
    settle_memory()
    known = Inputs()
    try:
        connection.send(("ready",))
        while True:
            connection.send(("answer", answer(does.carry_out, orders.get(), known)))
    except OSError:  # the runner is gone
        os._exit(1)
