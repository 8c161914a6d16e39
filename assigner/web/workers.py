"""Processes that solve communities beside the server: it never waits for a solver.

Everybody who waits says which communities are wanted now, and how urgently; what nobody wants any longer is not begun.
Where something urgent waits for a process, what nobody wants any longer there is stopped, and so is what can wait: that
is begun again later. A process ends by itself when the server is gone.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assigner.processes import end_with_parent, settle_memory
from assigner.web.parcels import base_parcel, packed, parts_of, unpacked

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext
    from multiprocessing.synchronize import Event

    from assigner.boundary.solving import Plans
    from assigner.boundary.values import State
    from geodata.base_map import BaseMap

__all__ = ["Wanted", "Workers", "call_in", "processes_of_machine"]

_MOST_BASES = 4
"""So many bases a process remembers."""

_UNWANTED = 9
"""How urgent it is what nobody waits for; whoever waits gives a lower number."""

_MOST_TRIES = 2
"""A community whose process died is tried so often."""


def processes_of_machine() -> int:
    """How many communities are solved side by side: one on each core, as a change mostly touches two or three."""
    return max(1, min(4, os.cpu_count() or 1))


@dataclass(frozen=True)
class Wanted:
    """A community under a map whose plan is wanted.

    Parameters
    ----------
    key : str
        Of the base, as the server knows it.
    plans : Plans
        Of the base; they remember the answer.
    map : BaseMap
    community : str
    """

    key: str
    plans: Plans
    map: BaseMap
    community: str

    @property
    def identity(self) -> Hashable:
        """Equal where the plan is."""
        return self.key, self.community, self.map.content(self.community)


@dataclass(eq=False)
class _Job:
    wanted: Wanted
    order: int
    owners: dict[Hashable, int] = field(default_factory=dict)
    slot: int | None = None
    tries: int = 0
    stopping: bool = False

    @property
    def urgency(self) -> int:
        return min(self.owners.values(), default=_UNWANTED)

    @property
    def rank(self) -> tuple[int, int]:
        return self.urgency, self.order


class Workers:
    """The processes, and what is to be solved in them. Used from the thread of the event loop alone.

    Parameters
    ----------
    count : int
        How many processes.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._jobs: dict[Hashable, _Job] = {}
        self._order = itertools.count()
        self._parcels: dict[str, bytes] = {}
        self._listeners: dict[Hashable, Callable[[Wanted, State | Exception], None]] = {}
        self._first: tuple[str, bytes] | None = None
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        context: SpawnContext = multiprocessing.get_context("spawn")
        self._stops: list[Event] = [context.Event() for _ in range(self.count)]
        self._free = set(range(self.count))
        self._pool = ProcessPoolExecutor(self.count, context, initializer=_begin, initargs=(self._stops,))

    def warm(self, key: str, plans: Plans) -> list[Future[None]]:
        """Start the processes: each imports the solver and reads a base before anything is asked of it."""
        self._parcels[key] = base_parcel(plans.base)
        self._first = key, self._parcels[key]
        return [self._pool.submit(_warm, *self._first) for _ in range(self.count)]

    def close(self) -> None:
        """End the processes; what is being solved is stopped."""
        self._closed = True
        for stop in self._stops:
            stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def want(
        self,
        owner: Hashable,
        wanted: Iterable[Wanted],
        told: Callable[[Wanted, State | Exception], None],
        *,
        rank: int = 0,
    ) -> tuple[Wanted, ...]:
        """Say what somebody waits for now, in place of what it waited for before.

        Parameters
        ----------
        owner : hashable
        wanted : iterable of Wanted
        told : callable
            Called with each plan when it is there, or with what went wrong.
        rank : int
            Lower ones come first, and are not kept waiting by others.

        Returns
        -------
        tuple of Wanted
            Those that are not known already: they will be told of.
        """
        missing = [one for one in wanted if one.plans.known(one.map, one.community) is None]
        keys = {one.identity for one in missing}
        for identity, job in list(self._jobs.items()):
            if identity not in keys and job.owners.pop(owner, None) is not None and not job.owners and job.slot is None:
                del self._jobs[identity]
        for one in missing:
            job = self._jobs.setdefault(one.identity, _Job(one, next(self._order)))
            job.owners[owner] = rank
        self._listeners[owner] = told
        if not missing:
            del self._listeners[owner]
        self._advance()
        return tuple(missing)

    def forget(self, owner: Hashable) -> None:
        """Nobody is there any longer."""
        self.want(owner, (), lambda *_: None)

    def _advance(self) -> None:
        """Begin what is most urgent on processes that are free; stop what is less urgent where something waits."""
        if self._closed:
            return
        waiting = sorted((job for job in self._jobs.values() if job.slot is None), key=lambda job: job.rank)
        for job in waiting:
            if not self._free:
                break
            self._submit(job, None)
        urgent = [job.urgency for job in waiting if job.slot is None]
        running = sorted((job for job in self._jobs.values() if job.slot is not None), key=lambda job: job.rank)
        for urgency in urgent[: sum(not job.stopping for job in running)]:
            # The least urgent one makes room, unless it is as urgent; one that is stopped already does so, too.
            last = running.pop() if running else None
            if last is not None and last.urgency > urgency and not last.stopping:
                last.stopping = True
                assert last.slot is not None
                self._stops[last.slot].set()

    def _submit(self, job: _Job, parcel: bytes | None) -> None:
        if job.slot is None:
            job.slot = self._free.pop()
            self._stops[job.slot].clear()
        one = job.wanted
        arguments = (job.slot, one.key, parcel, one.map, one.community, one.plans.work_limit, one.plans.time_limit)
        try:
            future = self._pool.submit(_solve, *arguments)
        except BrokenProcessPool as error:
            asyncio.get_running_loop().call_soon(self._broken, job, error)
            return
        loop = asyncio.get_running_loop()
        pool = self._pool
        future.add_done_callback(lambda done: call_in(loop, self._done, job, pool, done))

    def _done(self, job: _Job, pool: ProcessPoolExecutor, future: Future[bytes | None]) -> None:
        if self._closed or pool is not self._pool or future.cancelled():
            return
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            self._broken(job, error)
            return
        if error is None and future.result() is None:  # a process that does not know the base
            one = job.wanted
            if one.key not in self._parcels:
                self._parcels[one.key] = base_parcel(one.plans.base)
            self._submit(job, self._parcels[one.key])
            return
        from assigner.boundary.solving import is_final
        from assigner.boundary.values import State

        found: State | Exception
        if error is not None:
            found = error if isinstance(error, Exception) else RuntimeError(str(error))
        else:
            found = self._received(job.wanted, future.result())
        if job.stopping and job.owners and not (isinstance(found, State) and is_final(found.result)):
            self._again(job)
        else:
            self._finish(job, found)

    def _again(self, job: _Job) -> None:
        """It made room for something that was more urgent, and is wanted still."""
        assert job.slot is not None
        self._free.add(job.slot)
        job.slot, job.stopping = None, False
        self._advance()

    def _received(self, one: Wanted, parcel: bytes | None) -> State:
        """The plan, with the scenario that this process has made of the same base."""
        from assigner.boundary.values import State

        assert parcel is not None
        scenario, dropped = one.plans.scenario(one.map, one.community)
        result = None if scenario is None else unpacked(parcel, parts_of(scenario))
        state = State(one.plans.outline(one.map, one.community), scenario, result, dropped)
        one.plans.put(one.map, one.community, state)
        return state

    def _broken(self, job: _Job, error: Exception) -> None:
        """A process died, and the others with it: begin anew, and give up on a community that does it again."""
        if job.slot is None:  # it was told of already, with another job
            return
        self._pool.shutdown(wait=False, cancel_futures=True)
        job.slot = None  # of one that was being stopped nothing is wanted
        running = [one for one in self._jobs.values() if one.slot is not None or one is job]
        self._begin()
        if self._first is not None:
            for _ in range(self.count):
                self._pool.submit(_warm, *self._first)
        for one in running:
            one.slot, one.stopping = None, False
            one.tries += 1
            if not one.owners:
                self._jobs.pop(one.wanted.identity, None)
        for one in running:
            if one.tries >= _MOST_TRIES:
                self._finish(one, error)
        self._advance()

    def _finish(self, job: _Job, found: State | Exception) -> None:
        if job.slot is not None:
            self._free.add(job.slot)
            job.slot = None
        identity = job.wanted.identity
        if self._jobs.get(identity) is job:
            del self._jobs[identity]
        for owner in list(job.owners):
            told = self._listeners.get(owner)
            if told is not None:
                told(job.wanted, found)
        self._advance()


def call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: Any) -> None:
    """Call a function in the thread of the loop, unless the server has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, *arguments)


# ---------------------------------------------------------------------------------------------- inside such a process

_stops: list[Event] = []
_known: dict[str, Plans] = {}


def _begin(stops: list[Event]) -> None:
    _stops[:] = stops
    end_with_parent()


def _warm(key: str, parcel: bytes) -> None:
    """Import what solving needs, and get the base ready."""
    import ortools.sat.python.cp_model  # noqa: F401

    import assigner.planner  # noqa: F401

    plans = _plans(key, parcel)
    if plans is not None:
        for community in itertools.islice(plans.base.map.names, 1):
            plans.scenario(plans.base.map, community)
    settle_memory()


def _plans(key: str, parcel: bytes | None) -> Plans | None:
    if key not in _known and parcel is not None:
        from assigner.boundary.solving import Plans

        while len(_known) >= _MOST_BASES:
            del _known[next(iter(_known))]
        # The server remembers; here is nothing to be kept but what all communities of a base share.
        _known[key] = Plans(unpacked(parcel), most=2)
    return _known.get(key)


def _solve(
    slot: int,
    key: str,
    parcel: bytes | None,
    base_map: BaseMap,
    community: str,
    work_limit: float | None,
    time_limit: float | None,
) -> bytes | None:
    """Solve a community; None where the base is not known here and was not sent."""
    from models.stopping import Stop

    plans = _plans(key, parcel)
    if plans is None:
        return None
    plans.work_limit, plans.time_limit = work_limit, time_limit
    stop, ended = Stop(watched=True), threading.Event()
    asked = _stops[slot]

    def watch() -> None:
        while not ended.is_set():
            if asked.wait(0.1):
                stop.set()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        state = plans.state(base_map, community, stop=stop)
    finally:
        ended.set()
    return packed(state.result, None if state.scenario is None else parts_of(state.scenario))
