"""Workers of a Dask cluster that carry out the jobs of a batch: a thin adapter over `dask.distributed.Client`.

Orders are sent as data. Each goes to a worker that is named, so that it is known what a worker that dies was at: that
job is lost, and what waited behind it goes to another one. Workers of another version of the program get none.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import os
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assigner.batch.serving import CARRY_OUT, Remembered, answer, fault, service
from assigner.batch.values import Event, Order, Outcome
from assigner.batch.work import Inputs
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message, join_list

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

__all__ = ["DaskWorkers"]

_LOOK_SECONDS = 1.0
"""How often it is asked which workers there are."""

_CONNECT_SECONDS = 5.0
_FIRST_WORKER_SECONDS = 15.0
_RECONNECT_SECONDS = 10.0
"""So long a connection may be lost; Dask tries to get it back."""

_ANSWER_SECONDS = 30.0
"""So long the scheduler may take to say something."""

_JOIN_SECONDS = 120.0
"""So long workers may take to import the program."""

_NO_WORKERS_SECONDS = 60.0
"""So long is waited for workers when all have gone: those that died are begun anew by Dask."""

_NOISY = ("distributed.client", "distributed.core", "distributed.comm")
"""Loggers of Dask that tell of lost connections, which is said here in words."""

_SHOWN = 8
"""Digits of a fingerprint that are shown."""

_SHOWN_WORKERS = 3


class DaskWorkers:
    """Workers of a Dask cluster (`assigner.batch.values.Workers`); used from one thread.

    Their memory is bounded by Dask itself (``--memory-limit`` of its workers): one that is ended for it is lost like
    one that crashed.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``; ``tls://`` where Dask is configured for it.
    program : str, optional
        Fingerprint that workers must have; by default that of this process.
    kill_after_seconds : float, optional
        A worker that is at one job for longer is ended; Dask begins it anew.
    jobs_ahead : int
        So many orders wait at each thread of a worker.
    function : str
        As for `assigner.batch.pool.LocalWorkers`.

    Raises
    ------
    InputError
        Dask is not installed, no scheduler answers, or it has no worker that can be used.
    """

    def __init__(
        self,
        address: str,
        *,
        program: str | None = None,
        kill_after_seconds: float | None = None,
        jobs_ahead: int = 1,
        function: str = CARRY_OUT,
    ) -> None:
        self.address = address
        self.program = service(function).program() if program is None else program
        self.kill_after_seconds = kill_after_seconds
        self._room = 1 + jobs_ahead
        self._function = function
        self._name = f"assigner-{uuid.uuid4().hex}"
        self._numbers = itertools.count(1)
        self._members: dict[str, _Member] = {}
        self._meeting: set[str] = set()
        self._refused: dict[str, str] = {}
        self._under_way: dict[int, _Sent] = {}
        self._waiting: deque[Order] = deque()
        self._events: list[Event] = []
        self._answers: queue.SimpleQueue[tuple[int | str, Any]] = queue.SimpleQueue()
        self._looked = -math.inf
        self._threads: dict[str, int] = {}
        self._alone_since: float | None = None
        self._client = _client(address)
        try:
            self._look()
            until = time.monotonic() + _FIRST_WORKER_SECONDS
            while not self._members:
                if not self._meeting and (self._refused or time.monotonic() > until):
                    raise InputError([self._no_workers()])
                self._hear(0.1)
                self._look()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> DaskWorkers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def capacity(self) -> int:
        """So many orders keep them busy, as they are now."""
        return max(1, sum(member.threads for member in self._members.values()) * self._room)

    def send(self, order: Order) -> None:
        """Give an order; never more than `capacity` at a time (where workers have gone since, they wait here)."""
        self._waiting.append(order)
        self._hand_out()

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for the first.

        Raises
        ------
        InputError
            The scheduler is gone, or all workers.
        """
        until = time.monotonic() + seconds
        while True:
            due = self._looked + _LOOK_SECONDS - time.monotonic()
            if due <= 0:
                self._look()
                due = _LOOK_SECONDS
            self._hand_out()
            left = until - time.monotonic()
            self._hear(0.0 if self._events else max(0.0, min(left, due)))
            if self._events or left <= 0:
                break
        self._hand_out()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Leave the cluster; what its workers are at they end, and nobody hears of it."""
        if self._under_way and self._client.status == "running":
            with suppress(OSError):
                self._said(self._give_up, _CONNECT_SECONDS, [sent.future for sent in self._under_way.values()])
        self._under_way.clear()
        self._members.clear()
        self._waiting.clear()
        self._events.clear()
        with _quiet():
            self._client.close(timeout=2)

    # ---------------------------------------------------------------------------------------------- orders and answers

    def _hand_out(self) -> None:
        """Send what waits to whoever has room: first to who has least to do, then to who has the scenario."""
        while self._waiting:
            order = self._waiting[0]
            free = [member for member in self._members.values() if len(member.sent) < member.threads * self._room]
            if not free:
                return
            member = min(free, key=lambda one: (len(one.sent) // one.threads, order.input not in one.known))
            number = next(self._numbers)
            # Threads of a worker remember each on its own: what is known there is known of a single one only.
            sent_as = member.known.lightened(order) if member.threads == 1 else order
            self._waiting.popleft()
            # The name is a pair with an equal first part: the scheduler keeps something of each name for good.
            future = self._client.submit(
                _carry_out,
                self._function,
                sent_as,
                key=(self._name, number),
                workers=[member.address],
                allow_other_workers=False,
            )
            self._under_way[number] = member.sent[number] = _Sent(number, order, member, future)
            self._in_client(self._ask(number, future))
            member.known.sent(order)
            member.note_begun()

    async def _ask(self, number: int, future: Any) -> None:
        """Wait for an answer, in the thread of the client."""
        try:
            found = await future
        except Exception as error:  # noqa: BLE001  (whatever it is, the runner hears of it)
            found = error
        self._answers.put((number, found))

    async def _give_up(self, futures: list[Any]) -> None:
        """Nobody waits for these any longer; in the thread of the client."""
        with suppress(OSError):
            await self._client.cancel(futures)

    def _in_client(self, coroutine: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._client.loop.asyncio_loop)

    def _hear(self, seconds: float) -> None:
        """Take the answers that are there; waits so long for the first."""
        try:
            self._take(*self._answers.get(timeout=seconds) if seconds > 0 else self._answers.get_nowait())
            while True:
                self._take(*self._answers.get_nowait())
        except queue.Empty:
            pass

    def _take(self, asked: int | str, found: Outcome | str | Exception | None) -> None:
        if isinstance(asked, str):
            self._met(asked, found)
        else:
            self._answered(asked, found)

    def _answered(self, number: int, found: Outcome | str | Exception | None) -> None:
        sent = self._under_way.pop(number, None)
        if sent is None:  # it was given up
            return
        del sent.member.sent[number]
        sent.member.note_begun()
        order, member = sent.order, sent.member
        if isinstance(found, Outcome):
            self._events.append(Event("done", order.key, found))
        elif found is None:  # it does not know the scenario
            member.known.forget(order.input)
            self._waiting.appendleft(order)
        elif isinstance(found, str):  # begun anew at the same address, with another program
            self._waiting.appendleft(order)
            self._refuse(member.address, found)
        elif _is_killed(found):
            self._events.append(Event("lost", order.key, reason="crash"))
        elif self._client.status != "running" or _is_cancelled(found):
            self._waiting.appendleft(order)
            self._looked = -math.inf
        else:
            self._events.append(Event("done", order.key, fault(order, found)))

    # ------------------------------------------------------------------------------------------------------- workers

    def _look(self) -> None:
        """See which workers have come and gone, and end those whose job takes too long."""
        until = time.monotonic() + _RECONNECT_SECONDS
        while self._client.status == "connecting" and time.monotonic() < until:
            time.sleep(0.05)
        try:
            threads = self._said(self._client.nthreads, _ANSWER_SECONDS)
        except OSError as error:
            raise InputError([self._gone()]) from error
        for address in [address for address in self._members if address not in threads]:
            self._lose(address)
        self._refused = {address: said for address, said in self._refused.items() if address in threads}
        for address, member in self._members.items():
            member.threads = max(1, threads[address])
        self._threads = threads
        for address in threads.keys() - self._members.keys() - self._refused.keys() - self._meeting:
            self._meeting.add(address)
            self._in_client(self._meet(address))
        if self.kill_after_seconds is not None:
            begun_before = time.monotonic() - self.kill_after_seconds
            for sent in [sent for sent in self._under_way.values() if sent.began is not None]:
                if sent.began is not None and sent.began < begun_before and sent.member.address in self._members:
                    self._end(sent)
        self._looked = time.monotonic()
        if self._members:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = self._looked
        elif self._looked - self._alone_since > _NO_WORKERS_SECONDS:
            raise InputError([self._no_workers()])

    def _said(self, ask: Any, seconds: float, *arguments: Any, **named: Any) -> Any:
        """What the cluster says to a question of the client; OSError, TimeoutError: nothing."""
        if self._client.status != "running":
            raise ConnectionError

        async def asked() -> Any:
            return await ask(*arguments, **named)

        return self._client.sync(asked, callback_timeout=seconds)

    async def _meet(self, address: str) -> None:
        """Ask a worker that is new for its version; in the thread of the client."""
        try:
            asked = self._client.run(_join, self.program, self._function, workers=[address], on_error="return")
            said = (await asyncio.wait_for(asked, _JOIN_SECONDS)).get(address)
        except Exception as error:  # noqa: BLE001  (whatever it is, the runner hears of it)
            said = error
        self._answers.put((address, said))

    def _met(self, address: str, said: object) -> None:
        """A worker that is new has said its version, or what went wrong."""
        self._meeting.discard(address)
        if said == self.program:
            self._members[address] = _Member(address, max(1, self._threads.get(address, 1)))
        elif isinstance(said, str):
            self._refuse(address, said)
        elif isinstance(said, Exception) and not isinstance(said, OSError):  # else it is gone, or asked again
            self._refuse(address, f"{type(said).__name__}: {said}")

    def _refuse(self, address: str, version: str) -> None:
        self._refused[address] = version
        if address in self._members:
            self._give_back(self._members.pop(address).sent)
        self._events.append(
            Event("refused", reason=f"{address} ({version[:_SHOWN] if ' ' not in version else version})")
        )

    def _end(self, sent: _Sent) -> None:
        """End a worker for what it is at."""
        del sent.member.sent[self._forget(sent)]
        self._events.append(Event("lost", sent.order.key, reason="time"))
        self._give_back(self._members.pop(sent.member.address).sent)
        with suppress(OSError):  # it ends before it can say so
            self._said(self._client.run, _CONNECT_SECONDS, _exit, workers=[sent.member.address], on_error="ignore")

    def _lose(self, address: str) -> None:
        """A worker is gone: what it was at is lost, what waited behind is not."""
        member = self._members.pop(address)
        for sent in [sent for sent in member.sent.values() if sent.began is not None]:
            del member.sent[self._forget(sent)]
            self._events.append(Event("lost", sent.order.key, reason="crash"))
        self._give_back(member.sent)

    def _give_back(self, sent: dict[int, _Sent]) -> None:
        for one in reversed(list(sent.values())):
            self._forget(one)
            self._waiting.appendleft(one.order)

    def _forget(self, sent: _Sent) -> int:
        """Nobody waits for it any longer; its number."""
        self._in_client(self._give_up([sent.future]))
        del self._under_way[sent.number]
        return sent.number

    # ---------------------------------------------------------------------------------------------------------- words

    def _gone(self) -> Problem:
        what = M_("The scheduler of the cluster does not answer any more.")
        mend = M_("Start it again, with its workers, and then the same command: what is stored is kept.")
        return _problem(self.address, what, mend)

    def _no_workers(self) -> Problem:
        if not self._refused:
            what = M_("The cluster has no workers.")
            mend = M_("Start some: dask worker {address}", address=self.address)
            return _problem(self.address, what, mend)
        shown = [f"{address} ({said[:_SHOWN] if ' ' not in said else said})" for address, said in self._refused.items()]
        if len(shown) > _SHOWN_WORKERS:
            shown[_SHOWN_WORKERS:] = ["…"]
        what = M_(
            "No worker of the cluster has this version of the program ({version}): {workers}.",
            version=self.program[:_SHOWN],
            workers=_Listed(shown),
        )
        return _problem(self.address, what, M_("Install this version on their machines, and start them again."))


@dataclass(frozen=True)
class _Listed:
    items: list[str]

    def __str__(self) -> str:
        return join_list(self.items)


@dataclass(eq=False)
class _Member:
    """A worker that may be used.

    Attributes
    ----------
    address : str
    threads : int
        So many orders it carries out at a time.
    sent : dict
        Its orders that are not answered, by number; it is at the first ones.
    known : Remembered
    """

    address: str
    threads: int
    sent: dict[int, _Sent] = field(default_factory=dict)
    known: Remembered = field(default_factory=Remembered)

    def note_begun(self) -> None:
        """Note when it began with what it is at."""
        for sent in itertools.islice(self.sent.values(), self.threads):
            if sent.began is None:
                sent.began = time.monotonic()


@dataclass(eq=False)
class _Sent:
    number: int
    order: Order
    member: _Member
    future: Any
    began: float | None = None


def _client(address: str) -> Any:
    """A client of the scheduler."""
    try:
        from distributed import Client, Security
        from distributed.comm.core import connect
    except ImportError as error:
        what = M_("A cluster needs the package distributed (Dask), which is not installed.")
        raise InputError([_problem("", what, M_('Install it: pip install "distributed>=2025"'))]) from error

    async def reach() -> None:
        secrets = Security().get_connection_args("client")
        (await connect(address, timeout=_CONNECT_SECONDS, **secrets)).abort()

    try:
        with _quiet():
            asyncio.run(reach())  # a client that reaches nobody could not be closed
            return Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        what = M_("No scheduler of Dask answers at this address.")
        mend = M_("Start one (dask scheduler), and give the address that it shows, such as tcp://10.0.0.5:8786.")
        if address.startswith("tls:"):
            mend = M_("Check the address, and Dask's settings for TLS on this machine (docs/cluster.md).")
        raise InputError([_problem(address, what, mend)]) from error


@contextmanager
def _quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _NOISY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _problem(address: str, what: Message, mend: Message) -> Problem:
    return Problem("", Place("--cluster"), address or ABSENT, what, None, mend)


def _is_killed(error: object) -> bool:
    from distributed import KilledWorker

    return isinstance(error, KilledWorker)


def _is_cancelled(error: object) -> bool:
    from distributed import CancelledError

    return isinstance(error, CancelledError)


# ---------------------------------------------------------------------------------------------------- inside a worker


_here = threading.local()
"""What each thread of this worker remembers."""


def _join(program: str, function: str) -> str:
    """The fingerprint of the program here; where it is the one that is wanted, all is imported."""
    does = service(function)
    if does.program() == program:
        does.warm()
    return does.program()


def _carry_out(function: str, order: Order) -> Outcome | str | None:
    """Carry an order out; None where the scenario must be sent again, the fingerprint where it is another program."""
    does = service(function)
    if does.program() != order.program:
        return does.program()
    if not hasattr(_here, "known"):
        _here.known = Inputs()
    return answer(does.carry_out, order, _here.known)


def _exit() -> None:
    os._exit(1)
