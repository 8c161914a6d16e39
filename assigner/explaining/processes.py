"""The cells of a table in several processes: each has the plan from its scenario, and hears a stop."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assigner.processes import deaf_to_interrupts, end_with_parent, settle_memory
from models.community import Plan
from models.conflicts import relaxed
from models.engine import Engine
from models.stopping import Limits, Stop
from models.whatif import Cell, MatrixTask

if TYPE_CHECKING:
    from assigner.explaining.ground import Ground

__all__ = ["run_tasks"]

_LOOK_SECONDS = 0.2
"""How often a stop is passed on and progress is told."""

Cells = Mapping[tuple[str, str], Cell]


@dataclass(frozen=True)
class _Material:
    """What a process makes the plan from."""

    content: Mapping[str, Any]
    relaxations: tuple[str, ...]
    convener: str
    seed: int
    until: float | None
    """Moment (`time.time`) at which the limit on time is reached."""


def run_tasks(
    ground: Ground, tasks: Sequence[MatrixTask], jobs: int, told: Callable[[int, int], None] | None = None
) -> list[Cells]:
    """Solve tasks side by side; where no process can be begun, here.

    Parameters
    ----------
    ground : Ground
        Its plan comes from a scenario.
    tasks : sequence of MatrixTask
    jobs : int
    told : callable, optional
        Hears how many cells are done, and of how many.
    """
    context = multiprocessing.get_context("spawn")
    stopped, done = context.Event(), context.Value("q", 0)
    whole = sum(len(task.cells) for task in tasks)
    found: dict[int, Cells] = {}
    try:
        with ProcessPoolExecutor(
            min(jobs, len(tasks)), context, initializer=_begin, initargs=(_material(ground), stopped, done)
        ) as pool:
            with deaf_to_interrupts():
                waiting: dict[Future[Cells], int] = {pool.submit(_run, task): k for k, task in enumerate(tasks)}
            try:
                while waiting:
                    ready, _open = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
                    for future in ready:
                        found[waiting.pop(future)] = future.result()
                    if ground.engine.stop.is_set():
                        stopped.set()
                    if told is not None:
                        told(done.value, whole)
            except BaseException:
                stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except (BrokenProcessPool, OSError):
        # A machine that lets no process live still has this one.
        for k, task in enumerate(tasks):
            if k not in found:
                found[k] = task.run(ground.plan, ground.engine)
    return [found[k] for k in range(len(tasks))]


def _material(ground: Ground) -> _Material:
    result, engine = ground.result, ground.engine
    assert result.scenario is not None, "only a plan of a scenario can be made elsewhere"
    seconds = engine.limits.seconds
    until = None if seconds is None else time.time() + seconds - (time.monotonic() - engine.started)
    relaxations = tuple(entry.relaxation.id for entry in result.relaxations)
    return _Material(result.scenario.canonical(), relaxations, result.plan.convener, engine.seed, until)


# ---------------------------------------------------------------------------------------------- inside such a process


class _PassedOn(Stop):
    """A stop that another process asks for."""

    def __init__(self, event: Any) -> None:
        super().__init__(watched=True)
        self._passed_on = event

    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return bool(self._passed_on.is_set())


_here: dict[str, Any] = {}


def _begin(material: _Material, stopped: Any, done: Any) -> None:
    from assigner.scenario import Scenario

    end_with_parent()
    task = Scenario.from_canonical(material.content).problem()
    wanted = [entry for entry in task.rules.rulebook.relaxations if entry.id in material.relaxations]
    _here.update(plan=Plan(relaxed(task, wanted), material.convener), material=material, stopped=stopped, done=done)
    settle_memory()


def _run(task: MatrixTask) -> Cells:
    material, done = _here["material"], _here["done"]
    left = None if material.until is None else max(0.001, material.until - time.time())
    engine = Engine(Limits(seconds=left), _PassedOn(_here["stopped"]), material.seed)

    def told(_done: int, _of: int) -> None:
        with done.get_lock():
            done.value += 1

    return task.run(_here["plan"], engine, told)
