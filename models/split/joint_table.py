"""The best pair of plans over all lawful divisions, most of which never see a solver.

All divisions stand in one table. Columns are bounds of the tiers, most important first (`models.split.joint_loads`,
`models.split.joint_travel`), computed for all rows at once. A division whose bounds are worse, in the order of the
tiers, than the best pair known cannot be better; the others are solved, the most promising first, until nothing is
left. So the best pair is proven over all divisions, conveners and duties together. What ties with it goes on to the
tiers after those with bounds (`models.split.one_by_one`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from models.engine import Engine
from models.split.joint_family import Family
from models.split.joint_loads import LoadBounds
from models.split.joint_travel import Prices, TravelBounds
from models.split.measures import key
from models.split.one_by_one import Search, search
from models.split.values import Proposal, SplitWishes
from models.tiers import Tier, TierStatus, TierValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["search_table"]

#: Rows worked on at a time: more do not fit into the caches.
_BATCH = 8192

#: Rows that are asked for prices before the first is solved.
_SCOUTS = 3

#: Walks from the best pair known to the best around it, before all rows are looked at.
_WALKS, _ASKED = 4, 40

#: Work outside the solver, in its deterministic time (about a second each, measured): for a division and its tiers
#: but travel; for a division, a demand point and a school when prices are applied; for the last two to find prices.
_WORK_OF_ROW, _WORK_OF_BOUND, _WORK_OF_PRICES = 5e-5, 5e-9, 5e-6

#: So many divisions without a bound that says anything are left to the search tier by tier.
_TOO_MANY = 40


@dataclass
class _State:
    """The search as it stands."""

    family: Family
    engine: Engine
    names: tuple[str, ...]
    bounded: tuple[str, ...]
    cut: tuple[str, ...]
    rows: Ints
    keys: Ints
    best: Proposal | None = None
    best_key: tuple[int, ...] = ()
    ties: list[int] | None = None
    travel_bound: float | None = None
    travels: list[tuple[Ints, TravelBounds]] | None = None
    prices: list[Prices] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    stopped: bool = False
    solved: int = 0

    @property
    def wishes(self) -> SplitWishes:
        return self.family.given.wishes


def search_table(family: Family, engine: Engine, names: Sequence[str]) -> Search:
    """The best pair of plans over the divisions of a family.

    Parameters
    ----------
    family : Family
    engine : Engine
        Limits, stop, seed, progress.
    names : sequence of str
        Tiers in order (`models.split.measures.split_order`).
    """
    listener, engine.progress = engine.progress, None
    try:
        return _search(family, engine, tuple(names), listener)
    finally:
        engine.progress = listener


def _search(family: Family, engine: Engine, names: tuple[str, ...], listener: Any) -> Search:
    started = time.perf_counter()
    if "exploration" not in _bounded(family, names) or not len(family):
        engine.progress = listener
        every = [family.division(row) for row in range(len(family))]
        return search(family.problem, family.territory, family.given.wishes, every, engine, names)
    state = _table(family, engine, names)
    if listener is not None:
        listener.tier(names[0])
    hopeful = _settle_bounded(state, listener)
    seconds = time.perf_counter() - started
    if state.best is None and not hopeful:
        return Search((), (), complete=not state.stopped)
    ties = state.ties or []
    rest = list(dict.fromkeys([*ties, *hopeful]))
    if not state.stopped:
        found = search(family.problem, family.territory, state.wishes, list(map(family.division, rest)), engine, names)
        if found.complete or not state.best:
            return _with_seconds(found, seconds)
        if found.proposals and _full_key(state, found.proposals[0]) <= _full_key(state, state.best):
            state.best = found.proposals[0]
    if state.best is None:
        found = search(family.problem, family.territory, state.wishes, [family.division(rest[0])], engine, names)
        if not found.proposals:
            return Search((), (), complete=False)
        state.best = found.proposals[0]
    best = replace(state.best, proven=False)
    return Search((best,), _open_tiers(state, best, hopeful, seconds), complete=False)


def _with_seconds(found: Search, seconds: float) -> Search:
    """The time spent on the table counts for the first tier."""
    if not found.tiers:
        return found
    first, *others = found.tiers
    return replace(found, tiers=(replace(first, seconds=first.seconds + seconds), *others))


def _full_key(state: _State, proposal: Proposal) -> tuple[Any, ...]:
    return tuple(key(state.family.problem, name, proposal.values[name]) for name in state.names)


# ---------------------------------------------------------------------------------------------------------- the table


def _table(family: Family, engine: Engine, names: tuple[str, ...]) -> _State:
    """Bounds of all rows; rows that are worse than others whatever happens are kept only while they may be needed."""
    bounded = _bounded(family, names)
    last = max([names.index("exploration"), *(names.index(name) for name in bounded)]) + 1
    parts: list[Ints] = []
    for at in range(0, len(family), _BATCH):
        if engine.stop.is_set() or (parts and engine.exhausted()):
            break
        part = family.only(np.arange(at, min(len(family), at + _BATCH)))
        parts.append(_keys(part, bounded))
        engine.charge(len(part) * _WORK_OF_ROW)
    keys = np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.int64)
    rows = np.arange(len(keys), dtype=np.int64)
    return _State(family, engine, names, bounded, names[:last], rows, keys, stopped=len(keys) < len(family))


def _bounded(family: Family, names: tuple[str, ...]) -> tuple[str, ...]:
    """The first tiers, as far as each has a bound and none a tolerance."""
    rules = family.problem.rules
    tolerances = family.problem.wishes.tolerances
    known = {"unwilling", "exploration", "overload", "load", "travel", "categories", "balance", "closeness"}
    known.add("convener_travel")
    if rules.option("exploration_number") == "within_distance":
        known.discard("exploration")
    result = []
    for name in names:
        if name not in known or tolerances.get(name):
            break
        result.append(name)
        if name == "travel":
            break
    return tuple(result)


def _keys(family: Family, bounded: tuple[str, ...]) -> Ints:
    """Bounds of all tiers but travel, column by column."""
    loads = LoadBounds(family, bounded)
    blocks = []
    for name in bounded:
        if name == "travel":
            continue
        blocks.append(loads.columns[name] if name in loads.columns else _of_divisions(loads, name)[:, None])
    if not blocks:
        return np.zeros((len(family), 0), dtype=np.int64)
    return np.concatenate(blocks, axis=1).astype(np.int64)


def _of_divisions(loads: LoadBounds, name: str) -> Ints:
    """Tiers that the division alone decides, with its conveners: exact, or a bound where these are open."""
    family = loads.family
    first = family.members(0)
    if name == "balance":
        size = first.sum(axis=1).astype(np.int64)
        difference: Ints = np.abs(len(family.codes) - 2 * size)
        return difference
    if name == "closeness":
        old = family.given.wishes.old or {}
        here = np.array([code in old for code in family.codes], dtype=bool)
        there = np.array([old.get(code) == 1 for code in family.codes], dtype=bool)
        moved = ((~first != there) & here).sum(axis=1).astype(np.int64)
        fewer: Ints = np.minimum(moved, int(here.sum()) - moved)
        return fewer
    if name == "categories":
        return _categories(family)
    assert name == "convener_travel"
    total = np.zeros(len(family), dtype=np.int64)
    for side in (0, 1):
        travel, convener = family.travel_of_members(side), loads.conveners[side]
        most = int(travel.max(initial=0)) + 1
        least = np.where(family.members(side), travel, most).min(axis=1)
        total += np.where(convener >= 0, travel[np.arange(len(family)), np.maximum(convener, 0)], least)
    return total


def _categories(family: Family) -> Ints:
    problem = family.problem
    schools = [problem.community.school_by_code[code] for code in family.codes]
    known = np.array([school.categories is not None for school in schools], dtype=bool)
    total = np.zeros(len(family), dtype=np.int64)
    for side in (0, 1):
        members = family.members(side)
        readable = ~(members & ~known).any(axis=1)
        for category in problem.rules.rulebook.categories.list_:
            have = np.array([category.id in (school.categories or ()) for school in schools], dtype=bool)
            if category.readable and have.any():
                total += readable & ~(members & have).any(axis=1)
    return total


# ------------------------------------------------------------------------------------------------------ who is solved


def _settle_bounded(state: _State, listener: Any) -> list[int]:
    """Solve what may be best in the tiers with bounds; give the rows that are still open at the end."""
    without = len(state.keys[0]) if len(state.keys) else 0
    open_ = list(np.lexsort(state.keys.T[::-1])) if without else list(range(len(state.rows)))
    if not open_ or state.stopped:
        return [int(row) for row in open_]
    travels = "travel" in state.bounded
    # One of the most promising first: what is known of it prunes most of the others.
    least = state.keys[open_[0]]
    front = [row for row in open_ if (state.keys[row] == least).all()]
    first = _promising(state, np.array(front, dtype=np.int64)) if travels else front[0]
    if not _solve_row(state, first, listener):
        return [int(row) for row in open_]
    open_ = [row for row in open_ if row != first]
    misses = 0
    while open_ and not state.stopped:
        table = np.array(open_)
        compared = _compare(state.keys[table], state.best_key[:without]) if state.best_key else -np.ones(len(table))
        better, equal = table[compared < 0], table[compared == 0]
        open_ = [*better, *equal]
        if len(better):
            if misses >= _TOO_MANY:
                return [int(row) for row in open_]
            row = better[np.lexsort(state.keys[better].T[::-1])[0]]
            if not _solve_row(state, row, listener):
                break
            misses += 1
            open_ = [other for other in open_ if other != row]
        elif not travels:
            break
        else:
            return _settle_travel(state, equal, listener)
    return [int(row) for row in open_]


def _compare(keys: Ints, best: Sequence[int]) -> NDArray[np.int8]:
    """Lexicographic comparison of rows with one: -1, 0 or 1."""
    result = np.zeros(len(keys), dtype=np.int8)
    for column, value in enumerate(best):
        undecided = result == 0
        result[undecided & (keys[:, column] < value)] = -1
        result[undecided & (keys[:, column] > value)] = 1
    return result


def _travel(state: _State, rows: Ints) -> list[tuple[Ints, TravelBounds]] | None:
    """Bounds of travel for some rows, in batches; None where there are none."""
    groups = []
    for at in range(0, len(rows), _BATCH):
        if state.engine.exhausted() and state.best is not None:
            state.stopped = True
            return None
        part = rows[at : at + _BATCH]
        travel = TravelBounds(LoadBounds(state.family.only(part), state.bounded))
        if not travel.possible:
            return None
        groups.append((part, travel))
    return groups


def _prices(state: _State, travel: TravelBounds, row: int) -> Prices:
    """The best prices for a row, kept for the others."""
    prices = travel.prices(row)
    state.prices.append(prices)
    state.engine.charge(travel.cells * _WORK_OF_PRICES)
    return prices


def _apply(state: _State, travel: TravelBounds, prices: Prices, rows: NDArray[np.intp]) -> None:
    travel.apply(prices, rows)
    state.engine.charge(len(rows) * travel.cells * _WORK_OF_BOUND)


def _promising(state: _State, front: Ints) -> int:
    """A row that may well be the best: a few ask for their best prices, and the least bound wins."""
    if len(front) == 1:
        return int(front[0])
    if len(front) > 2 * _BATCH:
        front = front[:: -(-len(front) // (_BATCH // 2))]
    state.travels = _travel(state, front)
    if not state.travels:
        return int(front[0])
    g = len(state.travels) // 2
    row = len(state.travels[g][0]) // 2
    for _ in range(_SCOUTS):
        prices = _prices(state, state.travels[g][1], row)
        for part, travel in state.travels:
            _apply(state, travel, prices, np.arange(len(part)))
        least = [float(travel.best.min()) for _, travel in state.travels]
        g = int(np.argmin(least))
        row = int(np.argmin(state.travels[g][1].best))
    return int(state.travels[g][0][row])


def _settle_travel(state: _State, rows: Ints, listener: Any) -> list[int]:
    """Of rows that are equal so far, those whose travel may be as short as the best.

    Many rows are first sampled: what is found there, and around it, makes the target that prunes the others, and the
    prices asked for on the way bound them.
    """
    if len(rows) <= 2 * _BATCH:
        return _settle_few(state, rows, listener)
    _settle_few(state, rows[:: -(-len(rows) // (_BATCH // 2))], listener)
    state.travels = None
    for _ in range(_WALKS):
        if state.stopped:
            break
        assert state.ties is not None
        before = state.ties[0]
        away = (state.family.second[rows] != state.family.second[before]).sum(axis=1)
        near = rows[np.argpartition(away, _BATCH // 2)[: _BATCH // 2]]
        _settle_few(state, near, listener, most=_ASKED)
        if state.ties[0] == before:
            break
    if state.stopped:
        state.travel_bound = None
        return [int(row) for row in rows]
    survivors: list[Ints] = []
    for at in range(0, len(rows), _BATCH):
        groups = _travel(state, rows[at : at + _BATCH])
        if groups is None:
            state.travel_bound = None
            return [int(row) for row in rows]
        part, travel = groups[0]
        open_ = np.arange(len(part))
        for prices in reversed(state.prices):
            _apply(state, travel, prices, open_)
            open_ = open_[travel.best[open_] <= _target(state)]
            if not len(open_):
                break
        survivors.append(part[open_])
    # Late prices pruned most: they are asked again for what is left.
    return _settle_few(state, np.concatenate(survivors), listener)


def _settle_few(state: _State, rows: Ints, listener: Any, *, most: int | None = None) -> list[int]:
    """Of rows that are equal so far, those whose travel may be as short as the best; `most`: stop after so many asked.

    The row with the least bound is asked first: for its best prices, which raise the bounds of the others too; and
    where its own bound stays below the best pair known, it is solved.
    """
    known = set() if state.travels is None else {int(row) for part, _ in state.travels for row in part}
    groups = state.travels if known and known.issuperset(rows.tolist()) else _travel(state, rows)
    if groups is None:
        return [int(row) for row in rows]
    wanted = set(rows.tolist()) - state.done
    open_ = [np.flatnonzero([int(row) in wanted for row in part]) for part, _ in groups]
    asked: set[tuple[int, int]] = set()
    while not state.stopped:
        target = _target(state)
        open_ = [own[travel.best[own] <= target] for own, (_, travel) in zip(open_, groups, strict=True)]
        at = [(float(groups[g][1].best[own].min()), g) for g, own in enumerate(open_) if len(own)]
        if not at:
            return []
        if state.engine.exhausted():
            state.stopped = True
            break
        if len(asked) == most:
            break
        _, g = min(at)
        part, travel = groups[g]
        row = int(open_[g][np.argmin(travel.best[open_[g]])])
        if (g, row) not in asked:
            asked.add((g, row))
            prices = _prices(state, travel, row)
            for own, (_, other) in zip(open_, groups, strict=True):
                if len(own):
                    _apply(state, other, prices, own)
            if travel.best[row] > target:
                continue
        if not _solve_row(state, int(part[row]), listener):
            break
        open_[g] = open_[g][open_[g] != row]
    left = [
        (float(travel.best[k]), int(part[k]))
        for own, (part, travel) in zip(open_, groups, strict=True)
        for k in own
        if travel.best[k] <= _target(state)
    ]
    state.travel_bound = min((bound for bound, _ in left), default=_target(state))
    return [row for _, row in left]


def _target(state: _State) -> float:
    """Travel of the best pair."""
    assert state.best is not None
    value = state.best.values["travel"]
    assert isinstance(value, Fraction)
    return float(value)


def _solve_row(state: _State, row: int, listener: Any) -> bool:
    """Solve one division as far as the tiers with bounds go; False when a limit ended it."""
    family = state.family
    if state.engine.exhausted() and state.best is not None:
        state.stopped = True
        return False
    division = family.division(int(row))
    found = search(family.problem, family.territory, state.wishes, [division], state.engine, state.cut)
    state.solved += 1
    state.done.add(int(row))
    if not found.complete:
        state.stopped = True
        if state.best is None and found.proposals:
            state.best, state.ties = found.proposals[0], [int(row)]
        return False
    if not found.proposals:
        return True
    proposal = found.proposals[0]
    mine = tuple(key(family.problem, name, proposal.values[name]) for name in state.cut)
    known = None
    if state.best is not None:
        known = tuple(key(family.problem, name, state.best.values[name]) for name in state.cut)
    if known is None or mine < known:
        state.best, state.ties = proposal, [int(row)]
        state.best_key = _key_of(state, proposal)
        if listener is not None and "travel" in proposal.values:
            listener.incumbent(proposal.values[state.bounded[-1] if state.bounded else state.names[0]])
    elif mine == known:
        assert state.ties is not None
        state.ties.append(int(row))
    return True


def _key_of(state: _State, proposal: Proposal) -> tuple[int, ...]:
    """What is compared with the rows: all tiers with bounds but travel."""
    loads = LoadBounds(state.family.only(np.array([0])), state.bounded)
    numbers: list[int] = []
    for name in state.bounded:
        if name == "travel":
            continue
        value: Any = proposal.values[name]
        own = loads.of_values(name, value) if name in ("unwilling", "exploration", "overload", "load") else [int(value)]
        assert own is not None, f"a value of {name} that no bound can reach"
        numbers += own
    return tuple(numbers)


def _open_tiers(state: _State, best: Proposal, hopeful: Sequence[int], seconds: float) -> tuple[Tier, ...]:
    """Tiers of the best pair found, as far as they are proven: up to the first where something may be better."""
    loads = LoadBounds(state.family.only(np.array([0])), state.bounded)
    least: Ints | None = None
    if len(hopeful) and len(state.keys) == len(state.family):
        rows = np.array(hopeful)
        least = state.keys[rows[np.lexsort(state.keys[rows].T[::-1])[0]]] if state.keys.shape[1] else None
    tiers: list[Tier] = []
    proven, at = len(state.keys) == len(state.family), 0
    for name in state.names:
        value = best.values[name]
        status: TierStatus = "not_reached"
        bound: TierValue | None = None
        if proven and name in state.bounded and name != "travel":
            own = _key_part(loads, name, value)
            mine = own if least is None else [int(x) for x in least[at : at + len(own)]]
            at += len(own)
            proven = not hopeful or mine >= own
            status = "optimal" if proven else "feasible"
            bound = value if proven else _as_value(loads, name, value, mine, own)
        elif proven:
            proven = False
            status = "feasible"
            if name == "travel":
                assert isinstance(value, Fraction)
                known = state.travel_bound
                if known is None:
                    known = _anywhere(state, best, loads) if hopeful else float(value)
                bound = None if known is None else min(value, Fraction(max(0, int(known))))
        tiers.append(Tier(name, value, bound, status, seconds if name == state.names[0] else 0.0))
    return tuple(tiers)


def _anywhere(state: _State, best: Proposal, loads: LoadBounds) -> float | None:
    """A bound of travel for divisions that nobody came to look at: wherever the line is drawn."""
    hosts, names = best.values["exploration"], state.names
    travel = TravelBounds(loads)
    if not travel.possible or not isinstance(hosts, Fraction) or names.index("exploration") > names.index("travel"):
        return None
    return travel.wherever_divided(int(hosts))


def _key_part(loads: LoadBounds, name: str, value: Any) -> list[int]:
    own = loads.of_values(name, value) if name in ("unwilling", "exploration", "overload", "load") else [int(value)]
    assert own is not None
    return own


def _as_value(loads: LoadBounds, name: str, value: Any, bound: list[int], own: list[int]) -> TierValue | None:
    """A bound in the terms of the tier; of a vector its proven beginning."""
    if name == "overload":
        return Fraction(bound[0], loads.over_scale)
    if name == "exploration":
        return Fraction(abs(bound[0]))
    if name != "load":
        return Fraction(bound[0])
    same = next((k for k, (a, b) in enumerate(zip(bound, own, strict=True)) if a != b), len(own))
    return tuple(value[: sum(own[:same])])
