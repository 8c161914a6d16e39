"""What is solved beside the page, and in which order: with a pool that answers when it is told to."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.planner import Result
from assigner.web.live import Live, Table
from assigner.web.parcels import packed, parts_of, unpacked
from assigner.web.workers import Wanted, Workers
from geodata.base_map import Merge, MoveTownship
from models.community import Plan
from tests.assigner.base_files import code, small_base


@pytest.fixture(scope="module")
def base():
    return small_base()


@pytest.fixture(scope="module")
def solved(base):
    """Plans of the base that know all of them."""
    plans = Plans(base)
    for community in base.map.names:
        plans.state(base.map, community)
    return plans


class Pool:
    """Takes what is to be solved; `answer` gives the plan, `stopped` none."""

    def __init__(self, solved):
        self.solved, self.asked, self.open = solved, [], []

    def submit(self, _solve, _slot, _key, _parcel, base_map, community, *_limits):
        self.asked.append(community)
        self.open.append((Future(), base_map, community))
        return self.open[-1][0]

    async def answer(self, *, stopped=False):
        future, base_map, community = self.open.pop(0)
        state = self.solved.state(base_map, community)
        result = state.result
        if stopped:
            result = Result("stopped", Plan(state.scenario.problem(), ""), stopped_by="person", scenario=state.scenario)
        future.set_result(packed(result, parts_of(state.scenario)))
        await asyncio.sleep(0.01)


def played(solved, scene):
    """Play a scene with one process that is not there."""

    async def play():
        workers = Workers(1)
        workers._pool.shutdown()
        workers._pool = pool = Pool(solved)
        plans, told = Plans(solved.base), []

        def want(owner, rank, *communities):
            wanted = [Wanted("k", plans, solved.base.map, community) for community in communities]
            return workers.want(owner, wanted, lambda one, found: told.append((one.community, found.result)), rank=rank)

        await scene(workers, pool, want, told)

    asyncio.run(play())


def test_what_can_wait_makes_room_for_what_is_urgent_and_is_found_later(solved):
    async def scene(workers, pool, want, told):
        want("later", 3, "north")
        want("now", 0, "east")
        assert pool.asked == ["north"] and workers._stops[0].is_set()
        await pool.answer(stopped=True)
        assert pool.asked == ["north", "east"] and not told and not workers._stops[0].is_set()
        await pool.answer()
        assert [community for community, _result in told] == ["east"] and pool.asked[-1] == "north"
        await pool.answer()
        assert [(community, result.status) for community, result in told] == [("east", "optimal"), ("north", "optimal")]

    played(solved, scene)


def test_what_is_as_urgent_waits_and_what_was_stopped_too_late_counts(solved):
    async def scene(workers, pool, want, told):
        want("one", 0, "north")
        want("other", 0, "east")
        assert not workers._stops[0].is_set()
        await pool.answer()
        want("late", 3, "city")
        want("now", 0, "north")  # known by now
        assert want("now", 0, "north") == ()
        await pool.answer()
        want("now", 0, "city", "east")
        assert pool.asked == ["north", "east", "city"]
        assert not workers._stops[0].is_set()  # it is urgent itself by now
        await pool.answer()
        assert [community for community, _result in told] == ["north", "east", "city", "city"]

    played(solved, scene)


def test_what_nobody_wants_any_more_is_not_begun_and_makes_room(solved):
    async def scene(workers, pool, want, told):
        want("page", 0, "north", "city")
        workers.forget("page")
        want("page", 0, "east")
        assert workers._stops[0].is_set()
        await pool.answer(stopped=True)
        await pool.answer()
        assert pool.asked == ["north", "east"] and [community for community, _result in told] == ["east"]

    played(solved, scene)


def test_an_answer_comes_back_with_the_scenario_of_whoever_unpacks_it(base, solved):
    other = Plans(base)
    for community in base.map.names:
        state = solved.state(base.map, community)
        scenario, _dropped = other.scenario(base.map, community)
        again = unpacked(packed(state.result, parts_of(state.scenario)), parts_of(scenario))
        assert again.scenario is scenario and again.problem.community is scenario.problem().community
        assert (again.assignment, again.tiers, again.status) == (
            state.result.assignment,
            state.result.tiers,
            state.result.status,
        )


def test_what_may_be_done_next_is_solved_after_all_else_and_what_cannot_be_done_is_left_out(base):
    asked = []
    workers = SimpleNamespace(want=lambda owner, wanted, _told, rank: asked.append((owner, wanted, rank)))
    live = Live(SimpleNamespace(workers=workers, heard=None), 1, "me", Table.of(base), Experiment(base))
    town = code("麟洛鄉")
    home = base.map.home[town]
    elsewhere = [community for community in base.map.names if community != home]
    live.expect("view", [MoveTownship(town, other) for other in (home, *elsewhere)] + [Merge(home, home)])
    [(owner, wanted, rank)] = asked
    assert owner == ("expected", "view") and rank > 0
    assert [one.community for one in wanted] == [
        c for other in elsewhere for c in sorted((home, other), key=[*base.map.names].index)
    ]
    assert all(one.map.home[town] != home for one in wanted)


def test_a_plan_that_cannot_be_found_is_not_asked_for_again_until_somebody_comes(base):
    asked, faults = [], []

    def want(owner, wanted, told, **_rank):
        asked.append([one.community for one in wanted])
        for one in wanted:
            asyncio.get_running_loop().call_soon(told, one, MemoryError())
        return tuple(wanted)

    class View:
        changed = saved = lambda self: None
        finals = 0

        def told(self, *, final):
            self.finals += final

    async def play():
        workers = SimpleNamespace(want=want, forget=lambda _owner: None)
        workshop = SimpleNamespace(workers=workers, failed=faults.append, lives={})
        town = code("麟洛鄉")
        to = next(community for community in base.map.names if community != base.map.home[town])
        live = Live(workshop, 1, "me", Table.of(base), Experiment(base, (MoveTownship(town, to),)))
        views = View(), View()
        for view in views:
            before = len(faults)
            live.join(view)
            async with asyncio.timeout(30):
                await live._task
            assert len(faults) == before + 4 and live.problems and not live.pending and live.effects is not None
        assert all(view.finals for view in views)
        assert [len(wanted) for wanted in asked if wanted] == [4, 4]

    asyncio.run(play())
