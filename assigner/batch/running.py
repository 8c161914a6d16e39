"""The loop of a batch: jobs into the store, out to the workers, answers back into the store.

What is known is stored before anything is sent, and each answer as it comes: whoever is killed loses the jobs under way
and no more. Several runners may work on one store; each job is claimed by one of them.
"""

from __future__ import annotations

import os
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from assigner.batch.keys import program_fingerprint
from assigner.batch.store import LOST
from assigner.batch.values import Event, Member, Order, Outcome
from assigner.batch.watching import Finished, Summary, Tally, Watcher
from assigner.errors import InputError
from assigner.messages import _, _n
from models.stopping import Limits

if TYPE_CHECKING:
    from assigner.batch.asking import Asking, Chunk
    from assigner.batch.store import Claimed, Store
    from assigner.batch.values import Workers
    from models.stopping import Stop

__all__ = ["Runner"]

_LEASE_SECONDS = 60.0
_RENEW_SECONDS = 5.0
_WAIT_SECONDS = 0.5
"""How long the loop waits for workers before it looks for a stop."""

_MOST_INPUTS = 256
_MOST_ATTEMPTS: Mapping[str, int] = {"crash": 2, "memory": 1, "time": 1}
"""So often a job whose worker was lost is tried: what ate its memory or its time would do so again."""


class Runner:
    """One runner on a store.

    Parameters
    ----------
    store : Store
    workers : callable
        Begins the workers; called when there is something to do for them.
    watcher : Watcher
    limits : Limits
        Granted to each job.
    retry_failed : bool
        Ask again for what failed before.
    """

    def __init__(
        self,
        store: Store,
        workers: Callable[[], Workers],
        watcher: Watcher,
        *,
        limits: Limits | None = None,
        retry_failed: bool = False,
    ) -> None:
        self.store, self.watcher = store, watcher
        self.limits = Limits() if limits is None else limits
        self.retry_failed = retry_failed
        self.owner = uuid.uuid4().hex
        self.tally = Tally()
        self._begin_workers = workers
        self._begun: Workers | None = None
        self._under_way: dict[str, Claimed] = {}
        self._labels: dict[str, str] = {}
        self._inputs: OrderedDict[str, bytes] = OrderedDict()
        self._renewed = 0.0
        self._run = 0

    @property
    def workers(self) -> Workers:
        """Those that solve, begun when they are first needed."""
        if self._begun is None:
            self._begun = self._begin_workers()
        return self._begun

    def run(self, asking: Asking, stop: Stop) -> Summary:
        """Work until all is answered, or somebody asks for a stop.

        Parameters
        ----------
        asking : Asking
        stop : Stop
            Jobs under way are given back.

        Returns
        -------
        Summary

        Raises
        ------
        assigner.errors.InputError
            The store or the cluster cannot be used any more; what was stored stays.
        """
        store = self.store
        store.register(self.owner, os.getpid())
        try:
            chunks = self._begin(asking)
            self._work(chunks, stop)
        except BaseException:
            with suppress(InputError):  # the first trouble is the one to tell; the leases lapse with this process
                self._end()
            raise
        self._end()
        for text in _some(asking.notes):
            self.watcher.note(text)
        counts = store.counts(self._run)
        left = counts.queued + counts.running
        summary = Summary(self._run, asking.name, self.tally, counts._asdict(), bool(left))
        self.watcher.ended(summary)
        return summary

    def _end(self) -> None:
        if self._begun is not None:
            self._begun.close()
        self.store.release(self.owner)

    def _begin(self, asking: Asking) -> Iterator[Chunk]:
        store, tally = self.store, self.tally
        known = store.known_run(asking.digest)
        renamed = asking.is_named
        if known is None:
            tally.total = asking.total()
            program = program_fingerprint()
            self._run = store.begin_run(asking.name, asking.digest, program, asking.told(), tally.total, rename=renamed)
            store.forgive(self._run)
            self.watcher.begun(self._run, asking.name, tally)
            return asking.chunks()
        self._run = known
        store.begin_run(asking.name, asking.digest, program_fingerprint(), {}, 0, rename=renamed)
        store.requeue(known, failed=self.retry_failed, granted=self.limits)
        store.forgive(known)
        counts = store.counts(known)
        tally.total, tally.before = counts.total, counts.ended
        if counts.ended < counts.total:
            for member in store.members(known):
                self._labels.setdefault(member.job, member.label)
        self.watcher.begun(known, asking.name, tally)
        return iter(())

    # -------------------------------------------------------------------------------------------------------- the loop

    def _work(self, chunks: Iterator[Chunk], stop: Stop) -> None:
        more = self._expand(chunks)
        while not stop.is_set():
            # Workers are begun for what is to be done, and only then.
            if (self._begun is None or not (self._under_way or more)) and self._all_answered():
                if not more:
                    return
                more = self._expand(chunks)
                continue
            self._claim()
            if more and len(self._under_way) < self.workers.capacity:
                more = self._expand(chunks)
                continue
            if self._under_way:
                self._hear(self.workers.wait(0.0 if more else _WAIT_SECONDS))
            elif not more:  # other runners have what is left
                time.sleep(_WAIT_SECONDS)
            if more:
                more = self._expand(chunks)
            self._renew()

    def _expand(self, chunks: Iterator[Chunk]) -> bool:
        """Take in the next members; False where there are no more."""
        store, tally = self.store, self.tally
        chunk = next(chunks, None)
        if chunk is None:
            store.finish_run(self._run)
            # A run shares jobs with earlier ones: what they left undone is asked again.
            store.requeue(self._run, failed=self.retry_failed, granted=self.limits)
            counts = store.counts(self._run)
            tally.total, tally.before = counts.total, max(0, counts.ended - tally.ended)
            return False
        members, inputs = chunk
        store.add_members(self._run, members, inputs, program_fingerprint())
        for member in members:
            if self._labels.setdefault(member.job, member.label) is member.label and member.problems:
                self._tell_failed(member)
        return True

    def _tell_failed(self, member: Member) -> None:
        text = str(member.problems[0])
        self._finished(Outcome(member.job, "failed", error={"kind": "input", "text": text}))

    def _claim(self) -> None:
        room = self.workers.capacity - len(self._under_way)
        if room <= 0:
            return
        for job in self.store.claim(self.owner, room, self._run, _LEASE_SECONDS):
            self._under_way[job.key] = job
            self.workers.send(self._order(job))

    def _order(self, job: Claimed) -> Order:
        return Order(
            job.key, job.input, self._content(job.input), job.delta, job.question, self.limits, program_fingerprint()
        )

    def _content(self, key: str) -> bytes:
        found = self._inputs.get(key)
        if found is None:
            found = self._inputs[key] = self.store.input(key)
            while len(self._inputs) > _MOST_INPUTS:
                self._inputs.popitem(last=False)
        else:
            self._inputs.move_to_end(key)
        return found

    def _hear(self, events: Sequence[Event]) -> None:
        outcomes = [event.outcome for event in events if event.outcome is not None]
        if outcomes:
            self.store.record(outcomes, self.owner, self.limits)
        for event in events:
            if event.outcome is not None:
                self._under_way.pop(event.key, None)
                self._finished(event.outcome)
            elif event.kind == "lost":
                self._lost(event)
            else:
                self.watcher.note(_refused(event.reason))

    def _lost(self, event: Event) -> None:
        self._under_way.pop(event.key, None)
        reason, label = event.reason, self._labels.get(event.key, event.key)
        state = self.store.lost(event.key, reason, self.owner, most_attempts=_MOST_ATTEMPTS.get(reason, 1))
        if state == "queued":
            self.watcher.note(_("The process that was at “{label}” died; it is tried again.", label=label))
        elif state == "failed":
            why = LOST.get(reason, reason)
            self._finished(Outcome(event.key, "failed", error={"kind": reason, "text": _(why)}))

    def _finished(self, outcome: Outcome) -> None:
        one = Finished(
            self._labels.get(outcome.key, outcome.key),
            outcome.key,
            outcome.state,
            outcome.status,
            outcome.seconds,
            outcome.solver_seconds,
            outcome.error,
        )
        self.tally.add(one)
        self.watcher.finished(one)

    def _renew(self) -> None:
        now = time.monotonic()
        if now - self._renewed >= _RENEW_SECONDS:
            self.store.renew(self.owner)
            self._renewed = now

    def _all_answered(self) -> bool:
        counts = self.store.counts(self._run)
        return counts.ended == counts.total


_MOST_NOTES = 12


def _some(notes: Sequence[str]) -> list[str]:
    """The first of some notes, and how many more there are."""
    more = len(notes) - _MOST_NOTES
    return [*notes[:_MOST_NOTES], *([_n("{n} more", "{n} more", more)] if more > 0 else [])]


def _refused(reason: str) -> str:
    return _(
        "A worker of the cluster runs another version of the program, and gets nothing to do: {worker}", worker=reason
    )
