"""Experiments that are open in a browser: what happens to them, and who is told.

A step is made at once and kept; what can be said without solving follows, then each proven plan as it comes. All of it
is bound to the step it was asked for: what comes too late is dropped. Everything here runs in the thread of the event
loop, which waits for neither a preview (a thread), nor a plan (other processes), nor the disk (a thread).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.boundary.values import Base, Effects, State
from assigner.errors import ABSENT, InputError, Place, Problem, problem_of
from assigner.messages import M_
from assigner.web.errands import Errands
from assigner.web.store import KeptBase, Store
from assigner.web.workers import Wanted, Workers
from geodata.base_map import FlipError

if TYPE_CHECKING:
    from assigner.web.store import KeptExperiment
    from geodata.base_map import Flip

__all__ = ["Live", "Table", "View", "Workshop"]

_MOST_REMEMBERED = 256
"""So many plans of a base are remembered by the server."""

_GATHERED_SECONDS = 0.15
"""Plans that come so shortly after one another are told of together."""

_MOST_EXPECTED = 4
"""So many flips that somebody may be about to make are looked at."""


class View(Protocol):
    """A page that shows an experiment."""

    def changed(self) -> None:
        """The experiment is another one: map, list, buttons."""

    def told(self, *, final: bool) -> None:
        """There is more to say of its effects; `final`: all there is."""

    def saved(self) -> None:
        """It was kept, or could not be."""


@dataclass(eq=False)
class Table:
    """A base map that experiments are made on.

    Parameters
    ----------
    key : str
        Its hash.
    base : Base
    plans : Plans
    """

    key: str
    base: Base
    plans: Plans

    @classmethod
    def of(cls, base: Base, work_limit: float | None = None) -> Table:
        """A base that was read; `work_limit` is granted to each community."""
        from assigner.boundary.base import base_hash

        return cls(base_hash(base), base, Plans(base, work_limit=work_limit, most=_MOST_REMEMBERED))

    @cached_property
    def text(self) -> str:
        """The base as YAML."""
        from assigner.boundary.files.writing import base_yaml

        return base_yaml(self.base)


@dataclass(eq=False)
class Live:
    """An experiment that somebody looks at.

    Attributes
    ----------
    effects : Effects or None
        None until something is known.
    problems : tuple of Problem
        Why nothing can be said of this map.
    pending : tuple of str
        Ids of communities whose plans are being found.
    step : int
        Counts the changes; answers belong to one.
    unsaved : Problem or None
        Why the last change could not be kept.
    """

    workshop: Workshop
    number: int
    owner: str
    table: Table
    experiment: Experiment
    effects: Effects | None = None
    problems: tuple[Problem, ...] = ()
    pending: tuple[str, ...] = ()
    step: int = 0
    saved_step: int = 0
    unsaved: Problem | None = None
    views: list[View] = field(default_factory=list)
    _missing: set[Hashable] = field(default_factory=set)
    _given_up: set[Hashable] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    # ------------------------------------------------------------------------------------------------------ changes

    def make(self, change: Callable[[Experiment], Experiment]) -> tuple[Problem, ...]:
        """Change the experiment; what is wrong with it, if it cannot be changed so."""
        try:
            changed = change(self.experiment)
            changed.map  # noqa: B018  (raises for a flip that cannot be made)
        except InputError as error:
            return error.problems
        moved = changed.map is not self.experiment.map
        self.experiment = changed
        self.step += 1
        if moved:
            self.effects, self.problems = None, ()
            self._given_up.clear()
            self._ask()
        for view in list(self.views):
            view.changed()
        self._keep()
        self.refresh()
        return ()

    def _keep(self) -> None:
        step, now = self.step, self.experiment
        done = self.workshop.writer.submit(
            self.workshop.store.save, self.number, now.name, now.flips, now.undone, now.locks
        )
        loop = asyncio.get_running_loop()

        def tell() -> None:
            error = done.exception()
            if error is not None and not isinstance(error, OSError):
                raise error
            self.unsaved = None if error is None else problem_of(error)
            self.saved_step = step if error is None else self.saved_step
            for view in list(self.views):
                view.saved()

        done.add_done_callback(lambda _done: None if loop.is_closed() else loop.call_soon_threadsafe(tell))

    # ------------------------------------------------------------------------------------------------------ effects

    def refresh(self) -> None:
        """Find out what the experiment does now."""
        self._woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        """Say what is known, ask for what is not, and again for each plan that comes, until all is known."""
        from assigner.boundary.effects import preview

        overtaken = False
        while True:
            self._woken.clear()
            step, experiment = self.step, self.experiment
            try:
                effects = await asyncio.to_thread(preview, self.table.plans, experiment.map, experiment.flips)
            except InputError as error:
                if step == self.step:
                    self.effects, self.problems, self.pending = None, error.problems, ()
                    self.workshop.workers.forget(self)
                    self._tell(final=True)
            else:
                if step == self.step:
                    self._ask()
                    if not self.pending and not effects.complete and not overtaken:
                        overtaken = True  # the last plan came while this was being put together
                        continue
                    overtaken = False
                    self.effects = effects
                    self._tell(final=not self.pending)
            if step == self.step and not self.pending and not self._woken.is_set():
                return
            await self._woken.wait()

    def _ask(self) -> None:
        """Have plans found that are not known, those after the change first."""
        plans, key, own = self.table.plans, self.table.key, self.experiment.map
        touched = plans.base.map.touched(own)
        after = [Wanted(key, plans, own, c) for c in touched if c in own.names]
        before = [Wanted(key, plans, plans.base.map, c) for c in touched if c in plans.base.map.names]
        wanted = [one for one in (*after, *before) if one.identity not in self._given_up]
        missing = self.workshop.workers.want(self, wanted, self._arrived)
        self._missing = {one.identity for one in missing}
        self.pending = tuple(dict.fromkeys(one.community for one in missing))

    def _arrived(self, wanted: Wanted, found: State | Exception) -> None:
        self._missing.discard(wanted.identity)
        if isinstance(found, Exception):
            self._given_up.add(wanted.identity)  # asked for at once it would only fail again
            self.workshop.failed(found)
            problems = found.problems if isinstance(found, InputError) else (_broken_off(),)
            self.problems, self.pending = problems, ()
            self._tell(final=True)
        if self._missing:  # the others may come in a moment, and are told of together
            asyncio.get_running_loop().call_later(_GATHERED_SECONDS, self._woken.set)
        else:
            self._woken.set()

    def expect(self, view: View, flips: Iterable[Flip]) -> None:
        """Somebody may be about to make one of these flips: find their plans while nothing else is to be done."""
        own, plans, key = self.experiment.map, self.table.plans, self.table.key
        wanted = []
        for flip in itertools.islice(flips, _MOST_EXPECTED):
            with suppress(FlipError):
                after = flip.apply(own)
                wanted += [Wanted(key, plans, after, c) for c in own.touched(after) if c in after.names]
        self.workshop.workers.want(("expected", view), wanted, self.workshop.heard, rank=3)

    def look_again(self) -> None:
        """Something that the map shows is known now."""
        self._tell(final=False)

    def _tell(self, *, final: bool) -> None:
        for view in list(self.views):
            view.told(final=final)

    # -------------------------------------------------------------------------------------------------------- views

    def join(self, view: View) -> None:
        """A page shows the experiment."""
        self.views.append(view)
        if self._given_up:
            self._given_up.clear()
            self.problems = ()
            self.refresh()
        elif self.effects is None:
            self.refresh()

    def leave(self, view: View) -> None:
        """A page is gone; without any, nothing is solved for it any more."""
        if view in self.views:
            self.views.remove(view)
        self.workshop.workers.forget(("expected", view))
        if not self.views:
            self.close()
            self.workshop.lives.pop(self.number, None)

    def close(self) -> None:
        """Stop finding out what it does."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.workshop.workers.forget(self)


def _broken_off() -> Problem:
    what = M_("Finding a plan ended unexpectedly; perhaps the machine ran out of memory.")
    mend = M_("Take the last change back, or close other programs and reload.")
    return Problem("", Place(), ABSENT, what, None, mend)


class Workshop:
    """All that the pages of a server share.

    Parameters
    ----------
    base : Base
        The one that new experiments begin with.
    store : Store
    workers : Workers
    failed : callable
        Hears of faults of the program, to print them.
    work_limit : float, optional
        Work granted to each community, whatever its base.
    """

    def __init__(
        self,
        base: Base,
        store: Store,
        workers: Workers,
        failed: Callable[[Exception], None],
        work_limit: float | None = None,
    ) -> None:
        self.store, self.workers, self.failed, self.work_limit = store, workers, failed, work_limit
        self.writer = ThreadPoolExecutor(1, "store")
        self.lives: dict[int, Live] = {}
        self.tables: dict[str, Table] = {}
        self.notices: dict[int, tuple[Problem, ...]] = {}
        self.errands = Errands(failed)
        self.main = self.add(base)

    def add(self, base: Base) -> Table:
        """Take a base in, and keep it with the experiments."""
        table = Table.of(base, self.work_limit)
        known = self.tables.get(table.key)
        if known is not None:
            return known
        self.store.keep_base(KeptBase(table.key, base.name or base.id, table.text, base.file, base.folder or ""))
        self.tables[table.key] = table
        return table

    def table(self, key: str) -> Table | None:
        """A base that experiments are kept on; read again where this server has not seen it.

        Raises
        ------
        InputError
            It cannot be read any more.
        """
        if key not in self.tables:
            kept = self.store.base(key)
            if kept is None:
                return None
            from assigner.boundary.base import parse_base

            base = parse_base(kept.text, kept.file or "base.yaml", Path(kept.folder) if kept.folder else None)
            self.tables[key] = Table(key, base, Plans(base, work_limit=self.work_limit, most=_MOST_REMEMBERED))
        return self.tables[key]

    def prepare(self) -> None:
        """Find the plans of the base, in the order of its communities, when nothing else is to be done."""
        plans = self.main.plans
        wanted = [Wanted(self.main.key, plans, plans.base.map, community) for community in plans.base.map.names]
        self.workers.want("base", wanted, self._prepared, rank=5)

    def _prepared(self, wanted: Wanted, found: State | Exception) -> None:
        """A plan of the base is there: who convenes is marked on the maps that have the community as it was."""
        self.heard(wanted, found)
        for live in self.lives.values():
            if live.table.key == wanted.key and not live.pending:
                live.look_again()

    def heard(self, wanted: Wanted, found: State | Exception) -> None:
        """A plan is there that nobody waits for: whoever looks at the community asks again and hears of it."""
        if isinstance(found, Exception) and not isinstance(found, InputError):
            self.failed(found)

    def begin(self, owner: str, table: Table, name: str, made: Experiment | None = None) -> int:
        """A new experiment of somebody; its number."""
        if made is None:
            return self.store.new(owner, table.key, name)
        return self.store.new(owner, table.key, name, made.flips, made.undone, made.locks, made.note)

    def kept(self, owner: str) -> list[KeptExperiment]:
        """The experiments of somebody, the one changed last first."""
        return self.store.experiments(owner)

    def live(self, owner: str, number: int) -> Live | None:
        """An experiment of somebody, as it is now; None where there is none.

        Raises
        ------
        InputError
            Its base cannot be read any more.
        """
        live = self.lives.get(number)
        if live is not None:
            return live if live.owner == owner else None
        kept = self.store.experiment(owner, number)
        table = None if kept is None else self.table(kept.base)
        if kept is None or table is None:
            return None
        experiment = Experiment(table.base, kept.flips, kept.undone, kept.locks, kept.name, kept.note)
        live = self.lives[number] = Live(self, number, owner, table, experiment)
        return live

    def close(self) -> None:
        """End: what was to be written is written, processes end."""
        for live in list(self.lives.values()):
            live.close()
        self.workers.close()
        self.errands.close()
        self.writer.shutdown(wait=True)
        self.store.close()
