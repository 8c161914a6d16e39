"""The best map within reach, with proof: bounds first, plans only for communities that may still be part of the best.

Best first. Every map has a key, what it would be worth if each community that it touches were worth its bound; the map
with the least key is looked at, one of its communities is looked at more closely, and the map goes back in line. A map
whose communities all have their plans, and that is still the first in line, is the best there is: all others are worth
no less than their keys. A community under several maps is the same question (`BaseMap.content`) and is asked once.

How closely a community has been looked at (`_Community.level`): counted (its schools), travel bounded (its distances),
solved as far as travel, solved altogether.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.boundary.sizes import least_participants
from assigner.boundary.suggest_aims import MAP_AIMS, Aim, parts_of
from assigner.boundary.suggest_bounds import counted_bounds, ideal_problem, least_travel
from assigner.boundary.suggest_flips import Change
from assigner.boundary.values import Finding, State
from geodata.base_map import apply_all
from models.community import Plan, Problem, School
from models.conflicts import relaxed
from models.convener import choose_convener
from models.engine import Engine
from models.tiers import NoPlan, full_order, solve_tiers

if TYPE_CHECKING:
    from assigner.boundary.solving import Plans
    from geodata.base_map import BaseMap, Flip

__all__ = ["Found", "Halted", "Search"]

COUNTED, BOUNDED, BEGUN, SOLVED = range(4)
"""How closely a community has been looked at."""

#: Deterministic work of what is done outside the solver of this search, in its deterministic time (about a second each,
#: measured): a map; a bound of travel; a plan of a community, for its participants squared.
WORK_OF_MAP, WORK_OF_BOUND, WORK_OF_PLAN = 1e-3, 2e-2, 1e-3


NO_HOSTS = (Fraction(0), Fraction(0))
"""Exploration where there is no plan: all other aims are nothing there as they stand."""


class Halted(Exception):  # noqa: N818 (an outcome, not an error)
    """A limit came first."""


@dataclass(eq=False)
class _Community:
    """A community under some map: what is known of its plan so far.

    Attributes
    ----------
    id : str
    flips : tuple of Flip
        Of one map on which it is so.
    members : tuple of str
    participants : int or None
        None where that takes its scenario.
    level : int
    parts : dict
        Aim -> part; a bound until it is solved.
    breaks : tuple of Finding
        Why no map with it may be suggested.
    bounded : bool
        Whether bounds say anything: not where relaxations are in force.
    state : State or None
        With its plan, once it is solved.
    """

    id: str
    flips: tuple[Flip, ...]
    members: tuple[str, ...]
    participants: int | None = None
    level: int = COUNTED
    parts: dict[str, Any] = field(default_factory=dict)
    breaks: tuple[Finding, ...] = ()
    bounded: bool = False
    state: State | None = None
    problem: Problem | None = None


@dataclass(eq=False)
class Found:
    """A map in line.

    Attributes
    ----------
    flips : tuple of Flip
    communities : tuple of _Community
        Those it touches.
    measures : dict
        What the map alone decides.
    moved : int
        Schools that become members of another community.
    order : int
        Its place in the list of maps.
    """

    flips: tuple[Flip, ...]
    communities: tuple[_Community, ...]
    measures: dict[str, Fraction]
    moved: int = 0
    order: int = 0

    @property
    def breaks(self) -> tuple[Finding, ...]:
        """What stands against it, as far as is known."""
        return tuple(finding for community in self.communities for finding in community.breaks)

    @property
    def solved(self) -> bool:
        """Whether every community it touches has its plan, or none."""
        return all(community.level == SOLVED for community in self.communities)

    @property
    def states(self) -> dict[str, State]:
        """Community -> its state, of those that are solved."""
        return {c.id: c.state for c in self.communities if c.state is not None}


@dataclass
class Search:
    """The search around one map.

    Parameters
    ----------
    plans : Plans
    start : BaseMap
        The map as it is.
    aims : tuple of Aim
    before : Mapping[str, State]
        The plans as they are of all communities that some change touches.
    engine : Engine
        Limits and stop for all of it.
    keep : tuple of Aim
        Aims that no suggestion may make worse.
    any_pieces : bool
        Whether a community may fall into more pieces.

    Attributes
    ----------
    best : Found
        The best solved so far; the map as it is counts as one, without flips.
    found : list of Found
        Proven, and better than the map as it is; the best first.
    proven : bool
        False when a plan had to be taken that is not proven.
    bounded, begun, solved : int
        Communities whose travel was bounded; that were solved as far as travel; that were solved.
    """

    plans: Plans
    start: BaseMap
    aims: tuple[Aim, ...]
    before: Mapping[str, State]
    engine: Engine
    keep: tuple[Aim, ...] = ()
    any_pieces: bool = False
    proven: bool = True
    bounded: int = 0
    begun: int = 0
    solved: int = 0
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known: dict[tuple[str, object], _Community] = {}
        self._line: list[tuple[tuple[Any, ...], Found]] = []
        self._schools: dict[str, School] = {}
        self._sizes: dict[str, int] = {}
        self._today = {community: self._parts(state) for community, state in self.before.items()}
        self._names = [aim.name for aim in self.aims if not (aim.name == "exploration" and aim.community)]
        self._measured = {aim.name for aim in (*self.aims, *self.keep)}.intersection(MAP_AIMS)
        for state in self.before.values():
            if state.scenario is not None:
                self._schools.update(state.scenario.problem().community.school_by_code)
        for community in self.start.names if "size_spread" in self._measured else self.before:
            scenario, _dropped = self.plans.scenario(self.start, community)
            self._sizes[community] = 0 if scenario is None else len(scenario.problem().participants)
        self.today = self.best = Found((), (), self._measures((), ()))
        self._line.append((self.key(self.today), self.today))

    # ------------------------------------------------------------------------------------------------- what it is worth

    def values(self, found: Found, aims: Sequence[Aim] | None = None) -> tuple[Any, ...]:
        """What a map is worth, aim by aim, over all communities some change touches; a bound until solved."""
        parts: dict[str, Mapping[str, Any]] = {**self._today, **{own.id: own.parts for own in found.communities}}
        return tuple(
            found.measures[aim.name]
            if aim.name in MAP_AIMS
            else aim.joined({community: own.get(aim.name, aim.least) for community, own in parts.items()})
            for aim in (self.aims if aims is None else aims)
        )

    def key(self, found: Found) -> tuple[Any, ...]:
        """What is compared: its values, then the fewest flips, the fewest schools moved, the first in the list."""
        return (*self.values(found), len(found.flips), found.moved, found.order)

    @property
    def least(self) -> tuple[Any, ...] | None:
        """Values that no map in line is better than; None when none is in line."""
        return self._line[0][0][: len(self.aims)] if self._line else None

    @property
    def hosts(self) -> dict[str, int]:
        """Hosts of exploration of each community as it is; negative where the fewer are the better."""
        return {community: int(-parts["exploration"][1]) for community, parts in self._today.items()}

    def _measures(self, flips: Sequence[Flip], communities: Sequence[_Community]) -> dict[str, Fraction]:
        measures: dict[str, Fraction] = {}
        if "schools_changed" in self._measured:
            after, base = apply_all(self.start, flips), self.plans.base.map
            changed = sum(after.member.get(code) != community for code, community in base.member.items())
            measures["schools_changed"] = Fraction(changed)
        if "size_spread" in self._measured:
            sizes = {**self._sizes, **{own.id: self._size(own) for own in communities}}
            some = [n for n in sizes.values() if n]
            measures["size_spread"] = Fraction(max(some, default=0) - min(some, default=0))
        return measures

    def _parts(self, state: State) -> dict[str, Any]:
        """Parts of a community that is solved."""
        result = state.result
        if result is None:
            return {"without_plan": Fraction(0), "exploration": NO_HOSTS}
        if result.audit is None or result.status not in ("optimal", "feasible"):
            self.proven = self.proven and result.status == "infeasible"
            return {"without_plan": Fraction(1), "exploration": NO_HOSTS}
        self.proven = self.proven and result.status == "optimal"
        return {"without_plan": Fraction(0), **parts_of(result.problem, result.audit.values)}

    # ---------------------------------------------------------------------------------------------- taking maps in line

    def add(self, change: Change, order: int) -> Found:
        """Take a map in line: count its communities, and look at their territories."""
        self.engine.charge(WORK_OF_MAP)
        after: BaseMap | None = None
        communities = []
        for community, content in change.touched.items():
            known = self._known.get((community, content))
            if known is None:
                after = apply_all(self.start, change.flips) if after is None else after
                known = self._known[community, content] = self._counted(after, community, change.flips)
            communities.append(known)
        moved = sum(len({*own.members} - {*self.start.members(own.id)}) for own in communities)
        found = Found(change.flips, tuple(communities), self._measures(change.flips, communities), moved, order)
        if not found.breaks:
            heapq.heappush(self._line, (self.key(found), found))
        return found

    def _counted(self, after: BaseMap, community: str, flips: tuple[Flip, ...]) -> _Community:
        """A community, as far as its schools and its territory tell."""
        own = _Community(community, flips, after.members(community))
        breaks = [] if self.any_pieces else self._more_pieces(after, community)
        rules_of = self._rules_of(community)
        schools = [self._schools[code] for code in own.members if code in self._schools]
        if rules_of is not None and len(schools) == len(own.members):
            problem = ideal_problem(rules_of.rules, schools)
            own.participants = len(problem.participants)
            breaks += self._too_small(community, problem)
            own.bounded = True
            own.parts = {"without_plan": Fraction(0), **counted_bounds(problem, self._names)}
        own.breaks = tuple(breaks)
        return own

    def _rules_of(self, community: str) -> Problem | None:
        """The community as it is, where its rules are sure to hold after a change too: no relaxation was needed."""
        state = self.before[community]
        if state.scenario is None or state.result is None or any(r.because for r in state.result.relaxations):
            return None
        return relaxed(state.scenario.problem(), state.scenario.stated_relaxations)

    def _more_pieces(self, after: BaseMap, community: str) -> list[Finding]:
        from assigner.boundary.pieces import cut_off

        before, now = self.before[community].outline, self.plans.outline(after, community)
        most = max(1, len(before.pieces))
        if len(now.pieces) <= most:
            return []
        schools = Counter(after.place[code] for code in now.members)
        values = {"parts": cut_off(before, now, schools), "before": most, "after": len(now.pieces)}
        return [Finding("more_pieces", community, values)]

    def _too_small(self, community: str, problem: Problem) -> list[Finding]:
        """Fewer participants than it takes, unless there were too few before and there are no fewer now."""
        state, n = self.before[community], len(problem.participants)
        was = 0 if state.scenario is None else len(state.scenario.problem().participants)
        if not n:
            return [Finding("no_school", community)] if was else []
        least = least_participants(problem.rules, len(problem.benchmarks))
        if least is not None and n >= least:
            return []
        if was and n >= was and state.scenario is not None:
            before = state.scenario.problem()
            needed = least_participants(before.rules, len(before.benchmarks))
            if needed is None or was < needed:
                return []
        return [Finding("small", community, {"n": n, "least": least})]

    def _size(self, own: _Community) -> int:
        if own.participants is None:
            scenario, _dropped = self.plans.scenario(apply_all(self.start, own.flips), own.id)
            own.participants = 0 if scenario is None else len(scenario.problem().participants)
        return own.participants

    # -------------------------------------------------------------------------------------------------- looking closely

    def refine(self, own: _Community) -> None:
        """Look at a community more closely.

        Raises
        ------
        Halted
        """
        if self.engine.exhausted():
            raise Halted
        if own.level == BEGUN or not own.bounded:
            self._solve(own)
        elif own.level == COUNTED:
            self._bound(own)
        else:
            self._begin(own)

    def _problem(self, own: _Community) -> Problem | None:
        scenario, _dropped = self.plans.scenario(apply_all(self.start, own.flips), own.id)
        return None if scenario is None else relaxed(scenario.problem(), scenario.stated_relaxations)

    def _bound(self, own: _Community) -> None:
        self.engine.charge(WORK_OF_BOUND)
        problem = self._problem(own)
        own.level = BOUNDED
        choices = () if problem is None else choose_convener(problem)
        if problem is None or not choices:
            own.bounded = False
            return
        own.problem = problem
        own.parts["travel"] = least_travel(problem, choices[0].code)
        self.bounded += 1

    def _begin(self, own: _Community) -> None:
        """Solve the tiers up to travel, under the convener that ranks first."""
        assert own.problem is not None
        plan = Plan(own.problem, choose_convener(own.problem)[0].code)
        names = full_order(plan)
        names = names[: names.index("travel") + 1] if "travel" in names else names[:-1]
        try:
            result = solve_tiers(plan, self.engine, order=names, tie_break=False)
        except NoPlan as error:
            if not error.proven:
                raise Halted from None
            own.bounded = False  # another convener, or relaxations: only solving all of it tells
        else:
            if not result.proven:
                raise Halted
            own.parts.update(parts_of(own.problem, {tier.name: tier.bound for tier in result.tiers}))
        own.level, own.problem = BEGUN, None
        self.begun += 1

    def _solve(self, own: _Community) -> None:
        limits = self.engine.limits
        seconds = None
        if limits.seconds is not None:
            seconds = max(0.01, limits.seconds - (time.monotonic() - self.engine.started))
        after = apply_all(self.start, own.flips)
        state = self.plans.state(after, own.id, stop=self.engine.stop, seconds=seconds)
        result = state.result
        if result is not None and result.status in ("feasible", "stopped") and result.stopped_by != "work":
            raise Halted
        own.state, own.level, own.problem = state, SOLVED, None
        own.parts = self._parts(state)
        own.breaks = (*(f for f in own.breaks if f.code == "more_pieces"), *self._against(own, state))
        self.solved += 1
        self.engine.charge(WORK_OF_PLAN * len(own.members) ** 2)

    def _against(self, own: _Community, state: State) -> list[Finding]:
        """What stands against the plan of a community."""
        if state.scenario is None or state.result is None:
            return [Finding("no_school", own.id)] if self.before[own.id].scenario is not None else []
        own.participants = len(state.scenario.problem().participants)
        found = self._too_small(own.id, state.scenario.problem())
        result = state.result
        if result.status == "infeasible":
            clauses = () if result.collision is None else result.collision.clauses
            helping = tuple(relaxation.id for relaxation in result.would_help)
            return [*found, Finding("no_plan", own.id, {"clauses": clauses, "would_help": helping})]
        if result.status not in ("optimal", "feasible"):
            return [*found, Finding("stopped", own.id, {"before": False, "after": True})]
        before = self.before[own.id].result
        known = () if before is None else tuple(entry.relaxation.id for entry in before.relaxations)
        for entry in result.relaxations:
            if entry.because is not None and entry.relaxation.id not in known:
                found.append(Finding("needs_relaxation", own.id, {"relaxation": entry.relaxation.id}))
        return found

    def finish(self, found: Found) -> None:
        """Solve every community that a map touches, whatever stands against it.

        Raises
        ------
        Halted
        """
        for own in found.communities:
            if own.level != SOLVED:
                if self.engine.exhausted():
                    raise Halted
                self._solve(own)
        self._compare(found)

    def _compare(self, found: Found) -> None:
        if found.solved and not found.breaks and self.keeps(found) and self.key(found) < self.key(self.best):
            self.best = found

    def keeps(self, found: Found) -> bool:
        """Whether no aim that is to be kept is worse than it is today."""
        return not self.gives_up(found)

    def gives_up(self, found: Found) -> tuple[Aim, ...]:
        """The aims that are to be kept and are worse."""
        values = zip(self.keep, self.values(found, self.keep), self.values(self.today, self.keep), strict=True)
        return tuple(aim for aim, after, before in values if after > before)

    # ------------------------------------------------------------------------------------------------------- the search

    def run(self, top: int) -> None:
        """Find the best maps, until so many are proven or the map as it is is the best of the others.

        Raises
        ------
        Halted
            `least` bounds what is left.
        """
        while self._line and len(self.found) < top:
            if self.engine.exhausted():
                raise Halted
            key, found = self._line[0]
            if found is self.today:
                return
            current = self.key(found)
            if found.breaks or (found.solved and not self.keeps(found)):
                heapq.heappop(self._line)
            elif current > key:
                heapq.heapreplace(self._line, (current, found))
            elif found.solved:
                heapq.heappop(self._line)
                self.found.append(found)
                self._compare(found)
            else:
                self.refine(min(found.communities, key=lambda own: own.level))
                self._dive(found)

    def _dive(self, found: Found) -> None:
        """Solve a map that may be the best so far: an answer to give when a limit comes."""
        hopeful = all(own.level >= BEGUN for own in found.communities) and not found.breaks
        if hopeful and self.key(found) < self.key(self.best):
            for own in found.communities:
                if own.level != SOLVED and not found.breaks:
                    self.refine(own)
        self._compare(found)
