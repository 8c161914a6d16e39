"""The best change of a map by at most so many flips, with proof; and what every single flip would do.

`suggest` lists the maps that the flips reach (`suggest_flips`), finds the best of them (`suggest_search`) by the aims
asked for (`suggest_aims`), and solves what each single flip makes of the communities it touches.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from assigner.boundary.suggest_aims import MAP_AIMS, Aim, aims_of, shown_value
from assigner.boundary.suggest_flips import Change, Reach, changes, locked_by, moves_of
from assigner.boundary.values import Finding, Locks, State
from assigner.documented import Documented
from assigner.errors import ExitCode
from assigner.messages import N_
from geodata.base_map import BaseMap, Flip, MoveSchool, MoveTownship, apply_all
from models.stopping import Limits, Progress, Stop, StoppedBy

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.boundary.solving import Plans
    from assigner.boundary.suggest_search import Found, Search
    from assigner.boundary.values import Base, Effects
    from assigner.outputs import Written
    from assigner.report.page import Explorer
    from models.tiers import TierStatus

__all__ = ["MOST_MAPS", "AimValue", "Suggestion", "SuggestionStatus", "Suggestions", "suggest"]

SuggestionStatus = Literal["optimal", "feasible", "stopped"]

MOST_MAPS = 20_000
"""More maps are not listed: then nothing is said of those that are left out."""

_LISTING = 0.25
"""Share of the limits that listing maps of several flips may take."""

SEARCHING, RANKING = N_("the best change"), N_("what every single move would do")
"""What progress is told."""


@dataclass(frozen=True)
class AimValue:
    """One aim of the best change.

    Parameters
    ----------
    aim : Aim
    before, value : Any
        Of the map as it is, and after the change; over all communities that some change touches.
    bound : Any
        What no map within reach is better than; of levels (loads) the proven beginning. None: not known.
    status : {"optimal", "feasible", "not_reached"}
        Proven; not proven; an aim before it is not proven.
    """

    aim: Aim
    before: Any
    value: Any
    bound: Any
    status: TierStatus


@dataclass(frozen=True, eq=False)
class Suggestion:
    """A change, and what it is worth.

    Parameters
    ----------
    flips : tuple of Flip
    communities : tuple of str
        Those it touches.
    moved : tuple of str
        Codes of the schools that become members of another community.
    states : Mapping[str, State]
        Community -> how it is after the change; those that are solved.
    values : Mapping[str, Any]
        Key of an aim -> value over all communities that some change touches; empty until all of its own are solved.
    breaks : tuple of Finding
        Why it may not be made.
    locked : bool
        It would move what is locked: then nothing is solved.
    gives_up : tuple of str
        Keys of the aims that are to be kept and would be worse.
    compared : int or None
        -1 where it is better than the map as it is, 1 where it is worse, 0 where all aims are equal; None: not solved.
    decides : str
        Key of the first aim in which they differ.
    """

    flips: tuple[Flip, ...]
    communities: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    states: Mapping[str, State] = field(default_factory=dict, repr=False)
    values: Mapping[str, Any] = field(default_factory=dict)
    breaks: tuple[Finding, ...] = ()
    locked: bool = False
    gives_up: tuple[str, ...] = ()
    compared: int | None = None
    decides: str = ""

    @property
    def lawful(self) -> bool:
        """Whether nothing stands against it."""
        return not self.breaks and not self.locked and not self.gives_up

    @property
    def solved(self) -> bool:
        """Whether its values are known."""
        return bool(self.values)


@dataclass(frozen=True, eq=False)
class Suggestions(Documented):
    """The answer.

    Parameters
    ----------
    base : Base
    map : BaseMap
        That the flips start from.
    aims : tuple of Aim
        In their order.
    max_flips : int
    around : str or None
        Only flips that touch this community.
    schools : bool
        Whether schools may move alone.
    pieces : {"no more", "any"}
        Whether a community may fall into more connected parts.
    keep : tuple of str
        Aims that no suggestion may make worse.
    status : {"optimal", "feasible", "stopped"}
        Proven: `best` is the best of all maps within reach, or nothing is better than the map as it is. Not proven.
        Stopped before the plans of the map as it is were known.
    scope : tuple of str
        Communities that some change touches: values are theirs together.
    before : Mapping[str, Any]
        Key of an aim -> value of the map as it is.
    best : Suggestion or None
        None: nothing that was found is better than the map as it is.
    better : tuple of Suggestion
        The best ones in their order, as many as were asked for and are better than the map as it is; each proven.
    ranking : tuple of Suggestion
        Every single flip: those that may be made by their values, then those that may not.
    bound : tuple of AimValue
        Of the best change (of the map as it is, where there is none), aim by aim.
    maps : int
        Maps within reach.
    complete : bool
        Whether all of them were listed; else those of `listed_flips` flips were, and some of more.
    listed_flips : int
    evaluated : int
        Maps all of whose communities were solved.
    bounded, begun, solved : int
        Communities whose travel was bounded, that were solved as far as travel, that were solved altogether.
    ranked : bool
        Whether every single flip that may be made has its values.
    stopped_by : {"work", "time", "person"} or None
    seconds : float
    """

    base: Base = field(repr=False)
    map: BaseMap = field(repr=False)
    aims: tuple[Aim, ...]
    max_flips: int
    around: str | None
    schools: bool
    pieces: Literal["no more", "any"]
    keep: tuple[str, ...]
    status: SuggestionStatus
    scope: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    best: Suggestion | None = None
    better: tuple[Suggestion, ...] = ()
    ranking: tuple[Suggestion, ...] = field(default=(), repr=False)
    bound: tuple[AimValue, ...] = ()
    maps: int = 0
    complete: bool = True
    listed_flips: int = 0
    evaluated: int = 0
    bounded: int = 0
    begun: int = 0
    solved: int = 0
    ranked: bool = True
    stopped_by: StoppedBy | None = None
    seconds: float = 0.0
    states: Mapping[str, State] = field(default_factory=dict, repr=False)

    @property
    def proven(self) -> bool:
        """Whether nothing better is within reach."""
        return self.status == "optimal"

    @property
    def pruned(self) -> int:
        """Maps that were left out without solving all of their communities."""
        return self.maps - self.evaluated

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return ExitCode.PROVEN if self.proven and self.ranked else ExitCode.STOPPED

    @cached_property
    def by_township(self) -> Mapping[str, tuple[Suggestion, ...]]:
        """TOWNCODE -> what moving it would do, the best first: what a map of all border townships shows."""
        found: dict[str, list[Suggestion]] = {}
        for entry in self.ranking:
            (flip,) = entry.flips
            if isinstance(flip, MoveTownship):
                found.setdefault(flip.township, []).append(entry)
        return {town: tuple(entries) for town, entries in sorted(found.items())}

    @cached_property
    def standing(self) -> Base:
        """The base, its map that which the flips start from."""
        return self.base if self.map is self.base.map else replace(self.base, map=self.map)

    @cached_property
    def best_effects(self) -> Effects | None:
        """What the best change does to every community that it touches, as an experiment tells it."""
        from assigner.boundary.suggest_effects import effects_of_suggestion

        return None if self.best is None else effects_of_suggestion(self, self.best)

    def map_after(self, suggestion: Suggestion) -> BaseMap:
        """The map after a change."""
        return apply_all(self.map, suggestion.flips)

    def to_frame(self) -> pd.DataFrame:
        """One row for every single flip, with every aim (see `assigner.report.suggest_tables.single_moves`)."""
        import pandas as pd

        from assigner.report.suggest_tables import single_moves

        table = single_moves(self)
        return pd.DataFrame(list(table.rows), columns=[column.key for column in table.columns])

    def frames(self) -> dict[str, pd.DataFrame]:
        """Tidy frames: aims, moves, values, townships.

        Returns
        -------
        dict of str to pandas.DataFrame
            ``aims`` has a row for every aim of the best change, ``moves`` for every single flip, ``values`` for every
            aim of every single flip that is solved, ``townships`` for every township with its best flip.
        """
        from assigner.boundary.suggest_frames import frames_of

        return frames_of(self)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``suggestions.json``."""
        from assigner.boundary.suggest_answer import suggestions_document

        return suggestions_document(self)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the files of the suggestions into a folder (see `assigner.boundary.suggest_outputs`)."""
        from assigner.boundary.suggest_outputs import write_suggestions

        return write_suggestions(self, folder, formats)

    def plot(self, ax: Axes | None = None, lang: str | None = None) -> Axes:
        """Draw the map of what moving each township would do (see `assigner.report.suggest_map.plot`)."""
        from assigner.report.suggest_map import plot

        return plot(self, ax, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.suggest_page import explorer

        return explorer(self, lang)


def suggest(
    plans: Plans | Base,
    base_map: BaseMap | None = None,
    *,
    max_flips: int = 1,
    target: str | Sequence[str] | None = None,
    around: str | None = None,
    schools: bool = False,
    pieces: Literal["no more", "any"] = "no more",
    locks: Locks | None = None,
    keep: Sequence[str] = (),
    top: int = 1,
    rank: bool = True,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    most_maps: int = MOST_MAPS,
) -> Suggestions:
    """The best change of a map.

    Parameters
    ----------
    plans : Plans or Base
        Of a base; what they know is not solved again.
    base_map : BaseMap, optional
        That the flips start from; the map of the base if not given.
    max_flips : int
        At most so many.
    target : str or sequence of str, optional
        What comes first (see `assigner.boundary.suggest_aims.aims_of`), before the tiers in their order.
    around : str, optional
        Id of a community: only flips from it or to it.
    schools : bool
        Whether schools may move alone.
    pieces : {"no more", "any"}
        Whether a community may fall into more connected parts than before.
    locks : Locks, optional
        What no flip may move.
    keep : sequence of str
        Aims that no suggestion may make worse than they are.
    top : int
        Prove so many of the best, not only the best.
    rank : bool
        Whether to find what every single flip does.
    work_limit, time_limit, stop, progress
        As `assigner.planner.solve` takes them; for all of it.
    most_maps : int
        So many maps are listed at most.

    Raises
    ------
    ValueError
        A target or an aim to be kept that is none (its only argument), a community that the map does not have, or
        numbers below 1.
    """
    from assigner.boundary.solving import Plans
    from models.engine import Engine

    plans = plans if isinstance(plans, Plans) else Plans(plans)
    start = plans.base.map if base_map is None else base_map
    if max_flips < 1 or top < 1 or most_maps < 1:
        raise ValueError("at least one flip, one suggestion and one map")
    if around is not None and around not in start.names:
        raise ValueError(around)
    aims_of(target, ()), aims_of(keep, ())  # words that are no aims are told before anything is solved
    for word in (*([target] if isinstance(target, str) else target or ()), *keep):
        community = word.partition(":")[2]
        if community and community not in start.names:
            raise ValueError(word)
    locks = locks or Locks()
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), progress=None)
    ask = _Question(plans, start, max_flips, around, schools, locks, engine, progress)
    reach = Reach()
    listed = ask.listed(reach, most_maps)
    scope = ask.scope(listed, reach)
    answer = Suggestions(
        plans.base,
        start,
        (),
        max_flips,
        around,
        schools,
        pieces,
        tuple(keep),
        "stopped",
        scope,
        maps=len(listed),
        complete=reach.complete,
        listed_flips=reach.flips,
    )
    before = ask.before(scope)
    if before is None:
        return replace(answer, stopped_by=engine.stopped_by, seconds=ask.seconds, ranked=False)
    aims = aims_of(target, _order(before, around))
    kept = tuple(aim for aim in aims_of(keep, ()) if aim.name != "without_plan")
    return _searched(replace(answer, aims=aims, states=before), ask, listed, kept, top, rank)


def _order(before: Mapping[str, State], around: str | None) -> tuple[str, ...]:
    """The tiers in the order of the community in question, else of the first that has schools."""
    from models.community import Plan
    from models.tiers import full_order

    chosen = [around] if around is not None and before[around].scenario is not None else list(before)
    for community in chosen:
        scenario = before[community].scenario
        if scenario is not None:
            return full_order(Plan(scenario.problem(), ""))
    return ()


@dataclass
class _Question:
    """What is asked, and the limits for all of it."""

    plans: Plans
    start: BaseMap
    max_flips: int
    around: str | None
    schools: bool
    locks: Locks
    engine: Any
    progress: Progress | None
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def listed(self, reach: Reach, most_maps: int) -> list[Change]:
        """The maps within reach."""
        from assigner.boundary.suggest_search import WORK_OF_MAP

        found: list[Change] = []

        def go_on(flips: int) -> bool:
            if len(found) >= most_maps or self.engine.exhausted():
                return False
            # Listing must leave most of the limits for solving; single flips are always listed.
            limits = self.engine.limits
            late = limits.seconds is not None and self.seconds > limits.seconds * _LISTING
            dear = limits.work is not None and len(found) * WORK_OF_MAP > limits.work * _LISTING
            return flips == 1 or not (late or dear)

        found.extend(
            changes(
                self.start,
                self.plans.base.graph,
                self.max_flips,
                reach,
                schools=self.schools,
                around=self.around,
                locks=self.locks,
                go_on=go_on,
            )
        )
        return found

    def scope(self, listed: Iterable[Change], reach: Reach) -> tuple[str, ...]:
        """Communities that some change touches; all of them where not all changes were listed."""
        touched = {community for change in listed for community in change.touched}
        if self.around is not None:
            touched.add(self.around)
        return tuple(name for name in self.start.names if name in touched or not reach.complete)

    def before(self, scope: Sequence[str]) -> dict[str, State] | None:
        """The plans as they are; None where a limit came first."""
        from assigner.boundary.suggest_search import WORK_OF_PLAN

        found: dict[str, State] = {}
        for community in scope:
            if self.engine.exhausted():
                return None
            left = self.engine.limits.seconds
            state = self.plans.state(
                self.start,
                community,
                stop=self.engine.stop,
                seconds=None if left is None else max(0.01, left - self.seconds),
                progress=self.progress,
            )
            result = state.result
            if result is not None and result.status in ("feasible", "stopped") and result.stopped_by != "work":
                return None
            found[community] = state
            self.engine.charge(WORK_OF_PLAN * len(state.outline.members) ** 2)
        return found


def _searched(
    answer: Suggestions,
    ask: _Question,
    listed: Sequence[Change],
    keep: tuple[Aim, ...],
    top: int,
    rank: bool,
) -> Suggestions:
    from assigner.boundary.suggest_search import Halted, Search

    search = Search(ask.plans, ask.start, answer.aims, answer.states, ask.engine, keep, answer.pieces == "any")
    maps: list[Found] = []
    halted, ranked = False, not rank or not listed
    try:
        # Single flips first: what is solved for them serves the others, and the best of them is an answer to give.
        for size, group in groupby(enumerate(listed, 1), key=lambda entry: len(entry[1].flips)):
            for order, change in group:
                maps.append(search.add(change, order))
                if ask.engine.exhausted():
                    raise Halted
            if size == 1 and rank:
                ranked = _ranked(search, maps, ask.progress)
        if ask.progress is not None:
            ask.progress.tier(SEARCHING)
        search.run(top)
    except Halted:
        halted = True
    single = [found for found in maps if len(found.flips) == 1]
    whole = len(maps) == len(listed) and answer.complete
    proven = bool(search.found) or not halted  # what is left is no better than the best one found
    least = search.least if len(maps) == len(listed) else None
    best = search.found[0] if search.found else search.best
    if proven and search.key(search.best) < search.key(search.found[0] if search.found else search.today):
        raise AssertionError("a solved map is better than what was proven to be the best: a bound is wrong")
    status: SuggestionStatus = "optimal" if proven and whole and search.proven else "feasible"
    bound = _bounds(
        answer,
        search,
        best,
        _anywhere(answer, search, whole=whole),
        proven=proven and search.proven,
        whole=whole,
        least=least,
    )
    before = _shown(answer.aims, search.values(search.today))
    locked = [Suggestion((flip,), locked=True) for flip in _locked(ask)] if rank else []
    in_order = sorted(single, key=lambda found: (*_against(search, found), not found.solved, search.key(found)))
    better = search.found if search.found else [best] if best.flips else []
    return replace(
        answer,
        status=status,
        before=before,
        best=_suggestion(answer, search, best) if best.flips else None,
        better=tuple(_suggestion(answer, search, found) for found in better),
        ranking=(*(_suggestion(answer, search, found) for found in (in_order if rank else ())), *locked),
        bound=bound,
        evaluated=sum(found.solved for found in maps),
        bounded=search.bounded,
        begun=search.begun,
        solved=search.solved,
        ranked=ranked,
        stopped_by=ask.engine.stopped_by if halted or not ranked else None,
        seconds=ask.seconds,
    )


def _ranked(search: Search, single: Sequence[Found], progress: Progress | None) -> bool:
    """Solve what every single flip makes of its communities, those that may be made first; False when stopped."""
    from assigner.boundary.suggest_search import Halted

    if progress is not None:
        progress.tier(RANKING)
    try:
        for found in sorted(single, key=lambda found: (bool(found.breaks), search.key(found))):
            search.finish(found)
    except Halted:
        return all(found.solved for found in single if not found.breaks)
    return True


def _locked(ask: _Question) -> list[MoveTownship | MoveSchool]:
    moves = moves_of(ask.start, ask.plans.base.graph, schools=ask.schools, around=ask.around)
    return [flip for flip in moves if locked_by(flip, ask.start, ask.locks)]


def _shown(aims: Sequence[Aim], values: Sequence[Any]) -> dict[str, Any]:
    return {aim.key: shown_value(aim, value) for aim, value in zip(aims, values, strict=True)}


def _suggestion(answer: Suggestions, search: Search, found: Found) -> Suggestion:
    moved = sorted({code for own in found.communities for code in own.members} - _stayed(search, found))
    made = Suggestion(
        found.flips,
        tuple(own.id for own in found.communities),
        tuple(moved),
        found.states,
        breaks=found.breaks,
    )
    if not found.solved:
        return made
    before, after = search.values(search.today), search.values(found)
    pairs = zip(answer.aims, before, after, strict=True)
    decides = next(((aim.key, new < old) for aim, old, new in pairs if old != new), None)
    return replace(
        made,
        values=_shown(answer.aims, after),
        gives_up=tuple(aim.key for aim in search.gives_up(found)),
        compared=0 if decides is None else -1 if decides[1] else 1,
        decides="" if decides is None else decides[0],
    )


def _against(search: Search, found: Found) -> tuple[bool, bool]:
    """What stands against it: that it may not be made, that it gives up what is to be kept."""
    return bool(found.breaks), found.solved and bool(search.gives_up(found))


def _stayed(search: Search, found: Found) -> set[str]:
    return {code for own in found.communities for code in own.members if search.start.member[code] == own.id}


def _anywhere(answer: Suggestions, search: Search, *, whole: bool) -> dict[str, Any]:
    """Key of an aim -> what no map within reach is better than, whether it was listed or not."""
    from assigner.boundary.suggest_reach import most_exploration

    found: dict[str, Any] = {}
    for aim in answer.aims:
        if aim.name in ("without_plan", "unwilling", "overload", "largest_load", *MAP_AIMS):
            found[aim.key] = Fraction(0)
        elif aim.name == "exploration" and not whole and search.proven and {*search.before} == {*answer.map.names}:
            most = most_exploration(
                search.plans.base,
                answer.map,
                search.before,
                search.hosts,
                answer.max_flips,
                schools=answer.schools,
                only=aim.community,
            )
            if most is not None:
                found[aim.key] = (Fraction(0), Fraction(-most))
    return found


def _bounds(
    answer: Suggestions,
    search: Search,
    best: Found,
    anywhere: Mapping[str, Any],
    *,
    proven: bool,
    whole: bool,
    least: tuple[Any, ...] | None,
) -> tuple[AimValue, ...]:
    """Aim by aim what is proven of the best: all of it; else up to the first aim in which something may be better."""
    before, values = search.values(search.today), search.values(best)
    found = []
    reached = True
    for k, aim in enumerate(answer.aims):
        bound: Any = None
        status: TierStatus = "not_reached"
        if proven and whole:
            bound, status = values[k], "optimal"
        elif reached and whole and least is not None and search.proven:
            bound = least[k]
            reached = bound >= values[k]
            status = "optimal" if reached else "feasible"
            bound = values[k] if reached else bound
        elif reached:
            bound = anywhere.get(aim.key)
            reached = bound is not None and bound == values[k]
            status = "optimal" if reached else "feasible"
        shown = None if bound is None or (aim.name == "exploration" and bound[1] <= -(10**8)) else bound
        if status == "feasible" and isinstance(shown, tuple) and aim.name != "exploration":
            shown = _beginning(shown, values[k])
        if shown is not None:
            shown = shown_value(aim, shown)
        found.append(AimValue(aim, shown_value(aim, before[k]), shown_value(aim, values[k]), shown, status))
    return tuple(found)


def _beginning(bound: tuple[Any, ...], value: tuple[Any, ...]) -> tuple[Any, ...]:
    """The levels that are proven: as far as bound and value agree."""
    same = 0
    for one, other in zip(bound, value, strict=False):
        if one != other:
            break
        same += 1
    return value[:same]
