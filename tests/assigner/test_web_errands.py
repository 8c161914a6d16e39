"""Long jobs beside the page: one at a time for each person, stopped, broken off, and never waited for."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from assigner.boundary.base import example_base
from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.web.errands import Errands
from assigner.web.live import Table


@dataclass(frozen=True)
class Job:
    """What the tests have done in the other process."""

    does: str
    kind: str = "test"

    def run(self, plans, base_map, locks, stop, progress):
        if self.does == "wait":
            progress.tier("load")
            while not stop.is_set():
                time.sleep(0.02)
            return os.getpid(), "stopped"
        if self.does == "die":
            os._exit(9)
        if self.does == "refuse":
            raise InputError([Problem("", Place(), ABSENT, M_("No."), None, M_("Ask otherwise."))])
        if self.does == "fail":
            raise ZeroDivisionError
        return os.getpid(), len(base_map.names), plans.base.id, plans.work_limit


def test_jobs_are_done_stopped_and_broken_off_and_the_next_one_works():
    base, faults = example_base(), []
    plans = Plans(base, work_limit=7.5)
    errands = Errands(faults.append, most=1)

    def desk(owner):
        return SimpleNamespace(owner=owner, number=1, table=Table("k", base, plans), experiment=Experiment(base))

    async def until(true, seconds=60):
        ends = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < ends
            await asyncio.sleep(0.02)

    async def done(live, does):
        errand = errands.begin(live, Job(does))
        await until(lambda: not errand.busy)
        return errand

    async def run():
        mine, theirs = desk("mine"), desk("theirs")
        first = await done(mine, "count")
        assert first.answer[1:] == (len(base.map.names), base.id, 7.5)
        waits = errands.begin(mine, Job("wait"))
        assert errands.begin(mine, Job("count")) is None
        await until(lambda: waits.line is not None and waits.line.sentence().count("  ") == 1)
        other = errands.begin(theirs, Job("wait"))
        await asyncio.sleep(0.1)
        assert (waits.state, other.state) == ("running", "waiting")
        errands.stop(other)  # before its turn
        errands.stop(waits)
        await until(lambda: not other.busy)
        # The same process does all of it.
        assert waits.answer == other.answer == (first.answer[0], "stopped")
        refused = await done(mine, "refuse")
        assert str(refused.problems[0].what) and not faults
        died = await done(mine, "die")
        assert died.state == "failed" and died.problems and not faults
        failed = await done(mine, "fail")
        assert failed.state == "failed" and "ZeroDivisionError" in str(faults)
        after = await done(mine, "count")
        assert after.state == "done" and after.answer[0] != first.answer[0]
        # What is deleted is stopped, and forgotten.
        gone = errands.begin(mine, Job("wait"))
        await until(lambda: gone.state == "running")
        errands.forget(mine)
        await until(lambda: not gone.busy)
        assert errands.of(mine, "test") is None

    try:
        asyncio.run(run())
    finally:
        errands.close()


def test_nothing_is_begun_once_the_server_ends():
    errands = Errands(pytest.fail)
    errands.close()
    live = SimpleNamespace(owner="mine", number=1, table=None, experiment=None)
    assert errands.begin(live, Job("count")) is None
