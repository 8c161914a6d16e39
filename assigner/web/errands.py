"""Long jobs that people ask for beside the page: suggestions and splits, each in a process that is not waited for.

A process is begun when the first job comes, kept for the next one, and ends with the server. Each person has one job at
a time; more than there are processes wait their turn. A job can be stopped, and then gives the best that it found.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import multiprocessing
import os
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.processes import end_with_parent, make_way
from assigner.report.progress import ProgressLine
from assigner.web.parcels import base_parcel, packed, unpacked
from assigner.web.workers import call_in

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from assigner.boundary.solving import Plans
    from assigner.boundary.values import Base, Locks
    from assigner.web.live import Live
    from geodata.base_map import BaseMap, Flip
    from models.stopping import Progress, Stop

__all__ = ["Errand", "Errands", "Job"]

_MOST_KEPT = 20
"""So many answers are kept, those that were asked for last; one of the whole country has four megabytes."""

_MOST_PLANS = 256
"""So many plans a process remembers."""

_TICK_SECONDS = 1.0
"""How often pages hear how it goes."""

_TELL_SECONDS = 0.3
_GRACE_SECONDS = 30.0
"""A process that does not stop within so many is ended."""

_LESS_URGENT = 10
"""Plans that somebody waits for on the page go before."""

_Key = tuple[str, int, str]


class Job(Protocol):
    """What is to be done; its fields say what was asked."""

    @property
    def kind(self) -> str:
        """Of jobs of one kind an experiment keeps the last answer."""

    def run(self, plans: Plans, base_map: BaseMap, locks: Locks, stop: Stop, progress: Progress) -> Any:
        """Do it, in the process; what comes back is sent to the server."""


@dataclass(eq=False)
class Errand:
    """A job of somebody, and what became of it.

    Attributes
    ----------
    owner : str
    number : int
        Of the experiment.
    job : Job
    flips, locks : tuple of Flip, Locks
        Of the experiment when it was asked.
    work_limit : float or None
        Granted to each community.
    state : {"waiting", "running", "done", "failed"}
    stopping : bool
        Somebody asked for a stop.
    answer : Any
        What the job gave.
    problems : tuple of Problem
        Why it gave nothing.
    line : ProgressLine or None
        How it goes, once it runs.
    unwanted : bool
        The experiment is deleted.
    """

    owner: str
    number: int
    job: Job
    key: str = field(repr=False)
    base: Base = field(repr=False)
    map: BaseMap = field(repr=False)
    flips: tuple[Flip, ...]
    locks: Locks
    order: int
    work_limit: float | None = None
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    stopping: bool = False
    answer: Any = field(default=None, repr=False)
    problems: tuple[Problem, ...] = ()
    line: ProgressLine | None = None
    unwanted: bool = False
    _process: _Process | None = None

    @property
    def busy(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")


class Errands:
    """All jobs of a server. Used from the thread of the event loop alone.

    Parameters
    ----------
    failed : callable
        Hears of faults of the program, to print them.
    most : int, optional
        So many at a time.
    """

    def __init__(self, failed: Callable[[Exception], None], most: int | None = None) -> None:
        self._failed = failed
        self._most = most if most is not None else max(2, min(4, (os.cpu_count() or 1) // 2))
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._processes: list[_Process] = []
        self._idle: list[_Process] = []
        self._kept: OrderedDict[_Key, Errand] = OrderedDict()
        self._listeners: list[tuple[str, Callable[[], None]]] = []
        self._ticker: asyncio.Task[None] | None = None
        self._order = itertools.count()
        self._closed = False

    def join(self, owner: str, heard: Callable[[], None]) -> None:
        """Let a page of somebody hear when something is other than before."""
        self._listeners.append((owner, heard))

    def leave(self, heard: Callable[[], None]) -> None:
        """A page is gone."""
        self._listeners = [entry for entry in self._listeners if entry[1] != heard]

    def of(self, live: Live, kind: str) -> Errand | None:
        """The last job of a kind for an experiment."""
        return self._kept.get((live.owner, live.number, kind))

    def busy(self, owner: str) -> Errand | None:
        """What somebody waits for."""
        return next((errand for errand in self._kept.values() if errand.owner == owner and errand.busy), None)

    def begin(self, live: Live, job: Job) -> Errand | None:
        """Begin a job for an experiment as it is; None where its owner waits for another one."""
        if self._closed or self.busy(live.owner) is not None:
            return None
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._most, "errand")
        now = live.experiment
        made = Errand(
            live.owner,
            live.number,
            job,
            live.table.key,
            now.base,
            now.map,
            now.flips,
            now.locks,
            next(self._order),
            live.table.plans.work_limit,
        )
        key = live.owner, live.number, job.kind
        self._kept.pop(key, None)
        self._kept[key] = made
        for old in [k for k, errand in self._kept.items() if not errand.busy][: max(0, len(self._kept) - _MOST_KEPT)]:
            del self._kept[old]
        loop = asyncio.get_running_loop()
        future = self._threads.submit(self._carry_out, made, loop)
        future.add_done_callback(lambda done: call_in(loop, self._ended, made, done))
        if self._ticker is None or self._ticker.done():
            self._ticker = loop.create_task(self._tick())
        self._tell(live.owner)
        return made

    def stop(self, errand: Errand) -> None:
        """Ask for a stop."""
        if not errand.busy or errand.stopping:
            return
        errand.stopping = True
        if errand._process is not None:
            self._halt(errand, errand._process)
        self._tell(errand.owner)

    def _halt(self, errand: Errand, process: _Process) -> None:
        # In a thread: a base that is still being sent to the process goes first.
        asyncio.get_running_loop().run_in_executor(None, process.stop, errand)
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._end, errand, process)

    def _end(self, errand: Errand, process: _Process) -> None:
        if errand.busy:
            process.close()

    def forget(self, live: Live) -> None:
        """The experiment is deleted."""
        for key in [key for key in self._kept if key[:2] == (live.owner, live.number)]:
            errand = self._kept[key]
            errand.unwanted = True
            self.stop(errand)
            if not errand.busy:
                del self._kept[key]

    def close(self) -> None:
        """End everything."""
        self._closed = True
        if self._ticker is not None:
            self._ticker.cancel()
        with self._lock:
            for process in self._processes:
                process.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    # -------------------------------------------------------------------------------------------- in a thread each

    def _carry_out(self, errand: Errand, loop: asyncio.AbstractEventLoop) -> Any:
        process = self._taken()
        try:
            call_in(loop, self._begun, errand, process)
            answer = process.run(errand, lambda *said: call_in(loop, _note, errand, *said))
        except InputError:
            self._put_back(process)
            raise
        except BaseException:
            process.close()
            with self._lock:
                self._processes.remove(process)
            raise
        self._put_back(process)
        return answer

    def _taken(self) -> _Process:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            made = _Process()
            self._processes.append(made)
            if self._closed:
                made.close()
            return made

    def _put_back(self, process: _Process) -> None:
        with self._lock:
            self._idle.append(process)

    # ------------------------------------------------------------------------------------------ in the loop's thread

    def _begun(self, errand: Errand, process: _Process) -> None:
        errand.state, errand._process, errand.line = "running", process, ProgressLine(io.StringIO(), live=False)
        if errand.stopping:
            self._halt(errand, process)
        self._tell(errand.owner)

    def _ended(self, errand: Errand, done: Future[Any]) -> None:
        errand._process = None
        if self._closed or done.cancelled():
            return
        error = done.exception()
        if error is None:
            errand.state, errand.answer = "done", done.result()
        else:
            errand.state = "failed"
            own = error.problems if isinstance(error, InputError) else ()
            errand.problems = own or (_ended_by_us() if errand.stopping else _broken_off(),)
            if isinstance(error, Exception) and not isinstance(error, InputError | EOFError | ConnectionError):
                self._failed(error)
        if errand.unwanted:
            self._kept.pop((errand.owner, errand.number, errand.job.kind), None)
        self._tell(errand.owner)

    async def _tick(self) -> None:
        while any(errand.busy for errand in self._kept.values()):
            await asyncio.sleep(_TICK_SECONDS)
            for owner in {errand.owner for errand in self._kept.values() if errand.busy}:
                self._tell(owner)

    def _tell(self, owner: str) -> None:
        for other, heard in list(self._listeners):
            if other == owner:
                heard()


def _note(errand: Errand, tier: str, bound: float | None, best: float | None) -> None:
    """Keep how it goes."""
    if errand.line is not None:
        errand.line.tier(tier)
        if bound is not None:
            errand.line.bound(bound)
        errand.line.incumbent(best)


def _broken_off() -> Problem:
    what = M_("The search ended unexpectedly; perhaps the machine ran out of memory.")
    mend = M_("Ask again, for less: around one community, or for fewer moves.")
    return Problem("", Place(), ABSENT, what, None, mend)


def _ended_by_us() -> Problem:
    what = M_("The search did not stop in time, and was ended; nothing of it was kept.")
    mend = M_("Ask again, for less: around one community, or for fewer moves.")
    return Problem("", Place(), ABSENT, what, None, mend)


class _Process:
    """A process for jobs, begun with the first one."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._ours: Connection[Any, Any] | None = None
        self._sending = threading.Lock()
        self._key = ""
        self._closed = False

    def run(self, errand: Errand, heard: Callable[..., None]) -> Any:
        """Have a job done; what it gives, or what it raises. EOFError: the process is gone."""
        connection = self._connection()
        base = None if self._key == errand.key else base_parcel(errand.base)
        self._send(
            ("do", errand.order, errand.key, base, packed((errand.job, errand.map, errand.locks, errand.work_limit)))
        )
        self._key = errand.key
        if errand.stopping:  # `stop` may have found no process yet
            self.stop(errand)
        while True:
            what, *rest = connection.recv()
            if what == "at":
                heard(*rest)
                continue
            found = unpacked(rest[0])
            if what == "done":
                return found
            raise found

    def _connection(self) -> Connection[Any, Any]:
        if self._ours is None:
            context = multiprocessing.get_context("spawn")
            self._ours, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), name="errand", daemon=True)
            self._process.start()
            theirs.close()
        if self._closed:
            self.close()
            raise EOFError
        return self._ours

    def stop(self, errand: Errand) -> None:
        """Ask a job to stop, even before it was sent."""
        if self._ours is not None:
            with suppress(OSError):  # it is gone: whoever waits for it hears of that
                self._send(("stop", errand.order))

    def _send(self, message: tuple[Any, ...]) -> None:
        assert self._ours is not None
        with self._sending:
            self._ours.send(message)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        if self._process is not None and self._process.pid is not None:
            self._process.kill()


# ---------------------------------------------------------------------------------------------- inside such a process


class _Telling:
    """A `models.stopping.Progress` that is sent to the server now and then."""

    def __init__(self, send: Callable[..., None]) -> None:
        self._send, self._ended = send, threading.Event()
        self._now: tuple[str, float | None, float | None] = ("", None, None)
        threading.Thread(target=self._watch, daemon=True).start()

    def tier(self, name: str) -> None:
        """A tier begins."""
        self._now = name, None, None

    def bound(self, value: float) -> None:
        """The tier's lower bound rose."""
        self._now = self._now[0], float(value), self._now[2]

    def incumbent(self, value: object) -> None:
        """A better plan was found."""
        if isinstance(value, int | float):
            self._now = *self._now[:2], float(value)

    def end(self) -> None:
        """Nothing more is to be told."""
        self._ended.set()

    def _watch(self) -> None:
        said = self._now
        while not self._ended.wait(_TELL_SECONDS):
            if self._now != said:
                said = self._now
                self._send("at", *said)


def _serve(connection: Connection[Any, Any]) -> None:
    """Do jobs one after the other; a thread of its own listens for stops."""
    import queue

    end_with_parent()
    make_way(_LESS_URGENT)
    jobs: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
    stop_of: dict[int, Stop] = {}
    sending = threading.Lock()

    def send(*message: Any) -> None:
        with sending:
            connection.send(message)

    def listen() -> None:
        from models.stopping import Stop

        while True:
            try:
                what, order, *rest = connection.recv()
            except (EOFError, OSError):
                os._exit(1)
            stop = stop_of.setdefault(order, Stop(watched=True))
            if what == "stop":
                stop.set()
            else:
                jobs.put((stop, *rest))

    threading.Thread(target=listen, daemon=True).start()
    known: dict[str, Plans] = {}
    while True:
        stop, key, base, job = jobs.get()
        telling = _Telling(send)
        try:
            answer: tuple[Any, ...] = ("done", packed(_done(known, key, base, job, stop, telling)))
        except InputError as error:
            answer = ("wrong", packed(error))
        except Exception:  # noqa: BLE001  (a fault of the program is printed by the server, and the process goes on)
            answer = ("wrong", packed(RuntimeError(traceback.format_exc())))
        telling.end()
        send(*answer)


def _done(known: dict[str, Plans], key: str, base: bytes | None, parcel: bytes, stop: Stop, progress: Progress) -> Any:
    from assigner.boundary.solving import Plans

    if base is not None:
        known.clear()  # one base is large enough
        known[key] = Plans(unpacked(base), most=_MOST_PLANS)
    job, base_map, locks, known[key].work_limit = unpacked(parcel)
    return job.run(known[key], base_map, locks, stop, progress)
