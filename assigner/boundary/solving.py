"""The plans of communities under any map, each solved once: kept by the content that they depend on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from assigner.boundary.values import Base, Finding, Outline, State
from models.stopping import Progress, Stop

if TYPE_CHECKING:
    from assigner.boundary.values import Kept
    from assigner.planner import Result
    from assigner.scenario.scenario import Scenario
    from geodata.base_map import BaseMap

__all__ = ["Plans", "is_final", "outline_of"]

_T = TypeVar("_T")


class _Recent(Generic[_T]):
    """The values used last, at most so many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[Hashable, _T] = OrderedDict()

    def get(self, key: Hashable) -> _T | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Hashable, value: _T) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self.most:
            self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)


def outline_of(base: Base, base_map: BaseMap, community: str) -> Outline:
    """A community under one map, before anything is solved."""
    territory = base_map.territory(community)
    known = base.geography.townships
    counties = dict.fromkeys(known[town].county for town in territory if town in known)
    pieces = base_map.pieces(community, base.graph)
    return Outline(
        community, base_map.names[community], base_map.members(community), territory, pieces, tuple(counties)
    )


def is_final(result: Result | None) -> bool:
    """Whether solving again would give nothing better: it is proven, or stopped by its work limit."""
    return result is None or result.status not in ("feasible", "stopped") or result.stopped_by == "work"


class Plans:
    """The plans of the communities of a base, under its map and under any other.

    A plan depends on the members of a community, its territory and the shares of its junior highs
    (`geodata.base_map.BaseMap.content`), so two maps in which these are equal share it. Safe to use from several
    threads; a plan that one of them is solving the others wait for.

    Parameters
    ----------
    base : Base
    work_limit : float, optional
        Deterministic work granted to each community.
    time_limit : float, optional
        Seconds granted to each community.
    most : int
        So many communities are remembered, those that were used last.
    ways_out : int
        Of a community without a lawful plan: find so many of the cheapest ways out.

    Attributes
    ----------
    solved : int
        How many communities were solved so far.
    """

    def __init__(
        self,
        base: Base,
        *,
        work_limit: float | None = None,
        time_limit: float | None = None,
        most: int = 512,
        ways_out: int = 0,
    ) -> None:
        self.base, self.work_limit, self.time_limit, self.ways_out = base, work_limit, time_limit, ways_out
        self.solved = 0
        self._lock = threading.Lock()
        self._outlines: _Recent[Outline] = _Recent(most)
        self._scenarios: _Recent[tuple[Scenario | None, tuple[Finding, ...]]] = _Recent(max(2, most // 4))
        self._states: _Recent[State] = _Recent(most)
        self._kept: _Recent[tuple[State | None, Scenario | None, Kept | None]] = _Recent(max(2, most // 4))
        self._busy: dict[Hashable, threading.Event] = {}

    def kept(self, before: State | None, scenario: Scenario | None) -> Kept | None:
        """`assigner.boundary.kept.kept_plan`, worked out once for two values that it remembers."""
        from assigner.boundary.kept import kept_plan

        key = id(before), id(scenario)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            # It holds the values, so that an id cannot come to mean another one.
            found = before, scenario, kept_plan(before, scenario)
            with self._lock:
                self._kept.put(key, found)
        return found[2]

    def outline(self, base_map: BaseMap, community: str) -> Outline:
        """A community under one map, before anything is solved."""
        key = _key(base_map, community)
        with self._lock:
            found = self._outlines.get(key)
        if found is None:
            found = outline_of(self.base, base_map, community)
            with self._lock:
                self._outlines.put(key, found)
        return found

    def scenario(self, base_map: BaseMap, community: str) -> tuple[Scenario | None, tuple[Finding, ...]]:
        """Its scenario (None without a school that takes part), and the wishes of the base that were dropped."""
        key = _key(base_map, community)
        with self._lock:
            state = self._states.get(key)
            found = (state.scenario, state.dropped) if state is not None else self._scenarios.get(key)
        if found is None:
            from assigner.boundary.base import scenario_of_community

            found = scenario_of_community(self.base, base_map, community)
            with self._lock:
                self._scenarios.put(key, found)
        return found

    def known(self, base_map: BaseMap, community: str) -> State | None:
        """Its plan, if it was found before; nothing is solved. A community without a school needs no solving."""
        with self._lock:
            found = self._states.get(_key(base_map, community))
        if found is None and not base_map.members(community):
            return State(self.outline(base_map, community))
        return found

    def state(
        self,
        base_map: BaseMap,
        community: str,
        *,
        stop: Stop | None = None,
        seconds: float | None = None,
        progress: Progress | None = None,
    ) -> State:
        """Its plan: remembered, else solved now.

        Parameters
        ----------
        base_map : BaseMap
        community : str
            One that the map has.
        stop : Stop, optional
            To stop solving; what was found until then is given, and not remembered.
        seconds : float, optional
            Stop after so many, in place of the limit that holds for every community.
        progress : Progress, optional
            Told about tiers and bounds.
        """
        key = _key(base_map, community)
        while True:
            with self._lock:
                found = self._states.get(key)
                if found is not None:
                    return found
                other = self._busy.get(key)
                if other is None:
                    mine = self._busy[key] = threading.Event()
                    break
            # Another thread is at it. What it finds is remembered unless it is stopped: then it is our turn.
            while not other.wait(0.05):
                if stop is not None and stop.is_set():
                    return State(self.outline(base_map, community), *self._without_plan(base_map, community, stop))
        try:
            state = self._solved(base_map, community, stop, seconds, progress)
            self.put(base_map, community, state)
        finally:
            with self._lock:
                del self._busy[key]
            mine.set()
        return state

    def put(self, base_map: BaseMap, community: str, state: State) -> None:
        """Remember a plan that was found elsewhere, such as in another process; one that is not final is left out."""
        if is_final(state.result):
            with self._lock:
                self._states.put(_key(base_map, community), state)

    def _solved(
        self,
        base_map: BaseMap,
        community: str,
        stop: Stop | None,
        seconds: float | None,
        progress: Progress | None,
    ) -> State:
        from assigner.planner import solve

        outline = self.outline(base_map, community)
        scenario, dropped = self.scenario(base_map, community)
        if scenario is None:
            return State(outline, None, None, dropped)
        with self._lock:
            self.solved += 1
        result = solve(
            scenario,
            work_limit=self.work_limit,
            time_limit=self.time_limit if seconds is None else seconds,
            stop=stop,
            progress=progress,
            price=False,
            ways_out=self.ways_out,
        )
        return State(outline, scenario, result, dropped)

    def _without_plan(
        self, base_map: BaseMap, community: str, stop: Stop
    ) -> tuple[Scenario | None, Result | None, tuple[Finding, ...]]:
        scenario, dropped = self.scenario(base_map, community)
        if scenario is None:
            return None, None, dropped
        from assigner.planner import Result
        from models.community import Plan

        return (
            scenario,
            Result("stopped", Plan(scenario.problem(), ""), stopped_by="person", scenario=scenario),
            dropped,
        )


def _key(base_map: BaseMap, community: str) -> Hashable:
    content = base_map.content(community)
    if content is None:
        raise KeyError(community)
    return community, content
