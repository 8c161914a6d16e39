"""Choices: what else could be decided, all of it proven and audited.

`front` trades the largest load against travel, `optimal_plans` lists the plans that are equally good and says which
duties they share, `different_plans` looks for plans that are nearly as good and clearly others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import Any

from models.audit import Audit
from models.community import Assignment, Plan
from models.difference import audited
from models.duties import Duties
from models.engine import Engine, Outcome
from models.objectives import ROOMS
from models.objectives import load as load_room
from models.objectives._terms import Terms, collect
from models.objectives.leximin import Rungs
from models.tiers import OnePlan, Room, Run, Stated, TiersResult, advance, full_order, parts, solve_tiers
from models.whatif.values import rows_of

__all__ = [
    "EXACT_UP_TO",
    "GRID",
    "DifferentPlan",
    "Front",
    "FrontPoint",
    "OptimalPlans",
    "different_plans",
    "front",
    "optimal_plans",
]

#: Up to so many participants every point of the front is found; beyond, a grid of levels is.
EXACT_UP_TO = 25

#: Levels of the largest load that are looked at beyond.
GRID = 12

#: Optimal plans are counted up to so many in each part that is decided apart.
MOST_COUNTED = 10_000

#: A duty in somebody's hands: (item, school code).
Held = tuple[str, str]


# ------------------------------------------------------------------------------------------------------------ front


@dataclass(frozen=True)
class FrontPoint:
    """One way to trade the largest load against travel, as a full plan.

    Parameters
    ----------
    largest_load : Fraction
        Level of the school with most to do (as the load tier has it).
    travel : Fraction
        In tenths of the distance unit.
    result : TiersResult
        The plan; its tiers in the order in which this point was decided.
    audit : Audit
    """

    largest_load: Fraction
    travel: Fraction
    result: TiersResult
    audit: Audit

    @property
    def proven(self) -> bool:
        """Whether the point lies on the front, and its plan is the one that is meant, by proof."""
        return self.result.proven

    def beats(self, other: FrontPoint) -> bool:
        """Whether it is at least as good in both aims, and better in one."""
        ours, theirs = (self.largest_load, self.travel), (other.largest_load, other.travel)
        return ours != theirs and ours[0] <= theirs[0] and ours[1] <= theirs[1]


@dataclass(frozen=True)
class Front:
    """Largest load against travel.

    Parameters
    ----------
    points : tuple of FrontPoint
        The smallest largest load first; no point is beaten by another.
    chosen : FrontPoint
        The plan by the order of the tiers.
    not_examined : tuple of Fraction
        Attainable levels of the largest load for which the least travel was not asked: further points may lie there.
    stopped : bool
        A limit or a stop ended the search before its end.
    """

    points: tuple[FrontPoint, ...]
    chosen: FrontPoint
    not_examined: tuple[Fraction, ...]
    stopped: bool

    @property
    def complete(self) -> bool:
        """Whether these are all points, by proof."""
        return not self.stopped and not self.not_examined and all(point.proven for point in self.points)

    @property
    def chosen_on_front(self) -> bool:
        """Whether the chosen plan is at a point of the front.

        Otherwise it travels more than it must at its largest load, for the sake of the other schools' loads.
        """
        mark = (self.chosen.largest_load, self.chosen.travel)
        return any((point.largest_load, point.travel) == mark for point in self.points)


@dataclass(frozen=True)
class _Reaching:
    """Number of schools whose load reaches a level."""

    level: Fraction

    def minimise(self, plan: Plan, duties: Any) -> Terms:
        if not plan.rules.load_units:
            return Terms((), ())
        rungs = load_room.minimise(plan, duties)
        at = max((k for k, level in enumerate(rungs.levels) if level >= self.level), default=None)
        if at is None:
            return Terms((), ())
        terms = collect(duties, [(literal, 1) for literal in rungs.literals[at]])
        return replace(terms, constant=terms.constant + rungs.always[at])

    def value(self, plan: Plan, assignment: Assignment) -> Fraction:
        if not plan.rules.load_units:
            return Fraction(0)
        return Fraction(sum(level >= self.level for level in load_room.value(plan, assignment)))


def front(
    plan: Plan,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    grid: int | None = None,
    result: TiersResult | None = None,
) -> Front:
    """The largest load against travel, every other aim kept in its place.

    Among the plans that are best in every tier before the first of `load` and `travel` (in the order asked for), a
    point is a pair (largest level, travel) such that no such plan is better in one and as good in the other. Its plan
    travels no more than the point says; then the loads are leximin-least; then the tiers after follow in their order.
    Tolerances hold for the tiers before only.

    Found from the least travel on: the least travel with every load below the last point's largest, and so on, down
    to the least largest load. Every solve gives a point and proves that none lies between it and the last.

    Parameters
    ----------
    plan : Plan
    engine : Engine, optional
        Limits for all points together. What was found is returned when they end.
    order : sequence of str
        As `models.tiers.solve_tiers`; it must name `load` and `travel`.
    grid : int, optional
        Look at so many levels of the largest load only, spread evenly; 0: at all. By default all up to `EXACT_UP_TO`
        participants, and `GRID` beyond. Every point found is a point of the front either way.
    result : TiersResult, optional
        The chosen plan as `models.tiers.solve_tiers` gave it in this order; solved first by default.

    Raises
    ------
    NoPlan
    """
    engine = engine or Engine()
    names = full_order(plan, order)
    if not {"load", "travel"} <= set(names):
        raise ValueError("the order must name load and travel")
    if grid is None:
        grid = 0 if len(plan.participants) <= EXACT_UP_TO else GRID
    cut = min(names.index("load"), names.index("travel"))
    head = names[:cut]
    rest = ("travel", "load", *(name for name in names[cut:] if name not in ("travel", "load")))
    exact = _without_tolerance(plan, rest)
    chosen = _point(plan, result or solve_tiers(plan, engine, order=names))
    # When nothing more may be spent, the chosen plan is what there is.
    start = chosen.result.assignment if engine.exhausted() else None
    points = [_point(plan, solve_tiers(exact, engine, order=(*head, *rest), start=start))]
    floor = chosen.largest_load if names[cut] == "load" else None
    if floor is None:
        best = solve_tiers(exact, engine, order=(*head, "load"), tie_break=False, start=start)
        floor = load_room.value(plan, best.assignment)[0]
    levels = [v for v in load_room.minimise(plan, Duties(plan)).levels if floor <= v < points[0].largest_load]
    skipped = [] if not grid else _between(levels, grid)
    stopped = False
    while points[-1].largest_load > floor:
        if engine.exhausted():
            stopped = True
            break
        below = [v for v in levels if v < points[-1].largest_load]
        here = next(v for v in below if v not in skipped or v == floor)
        above = min(v for v in (points[-1].largest_load, *levels) if v > here)
        room: Mapping[str, Room] = {"largest_load": _Reaching(above)}
        solved = solve_tiers(exact, engine, order=(*head, "largest_load", *rest), more=room)
        if solved.tier("largest_load").value != 0:
            stopped = True
            break
        kept = replace(solved, tiers=tuple(tier for tier in solved.tiers if tier.name != "largest_load"))
        points.append(_point(plan, kept))
        stopped = stopped or not points[-1].proven
    stopped = stopped or not chosen.proven or not points[0].proven
    best_ones = [p for p in points if not any(other.beats(p) for other in (*points, chosen))]
    missed = _missed(levels, points, skipped, stopped)
    return Front(tuple(sorted(best_ones, key=lambda p: p.largest_load)), chosen, missed, stopped)


def _without_tolerance(plan: Plan, tiers: Sequence[str]) -> Plan:
    wishes = plan.wishes
    kept = {name: value for name, value in wishes.tolerances.items() if name not in tiers}
    return replace(plan, problem=replace(plan.problem, wishes=replace(wishes, tolerances=kept)))


def _point(plan: Plan, result: TiersResult) -> FrontPoint:
    judged = audited(plan.problem, result.assignment)
    return FrontPoint(judged.values["load"][0], judged.values["travel"], result, judged)


def _between(levels: Sequence[Fraction], grid: int) -> list[Fraction]:
    """Levels that a grid of so many leaves out; the last always stays."""
    if len(levels) <= grid:
        return []
    last = len(levels) - 1
    kept = {last - round(k * last / grid) for k in range(grid)}
    return [v for k, v in enumerate(levels) if k not in kept]


def _missed(
    levels: Sequence[Fraction], points: Sequence[FrontPoint], skipped: Sequence[Fraction], stopped: bool
) -> tuple[Fraction, ...]:
    """Levels below the first point for which no solve proves that no further point lies there.

    A point found under a cap proves the levels from the cap down to its own; the cap is the largest level below the
    point before it that was not skipped.
    """
    missed = []
    for before, after in zip(points, [*points[1:], None], strict=True):
        if after is None:
            missed += [v for v in levels if v < before.largest_load] if stopped else []
            continue
        for v in levels:
            if not after.largest_load < v < before.largest_load:
                continue
            if v not in skipped:
                break
            missed.append(v)
    return tuple(sorted(missed))


# ---------------------------------------------------------------------------------------------------- optimal plans


@dataclass(frozen=True)
class OptimalPlans:
    """All plans that are best in every tier but the tie-break.

    Plans that differ only in ways of promotion count as one, with the ways of the chosen plan.

    Parameters
    ----------
    plans : tuple of Assignment
        The chosen plan first, then in the order of the tie-break.
    count : int
        How many there are; at least so many where `complete` is False.
    complete : bool
        All were counted, by proof.
    always : tuple of (item, code)
        Duties that are the same in every optimal plan: the backbone.
    sometimes : tuple of (item, code)
        Duties of some optimal plans and not of others.
    undecided : tuple of (item, code)
        Duties of the chosen plan for which a limit came before the answer.
    proven : bool
        The tiers were proven; otherwise nothing is said but the best plan so far.
    """

    plans: tuple[Assignment, ...]
    count: int
    complete: bool
    always: tuple[Held, ...]
    sometimes: tuple[Held, ...]
    undecided: tuple[Held, ...]
    proven: bool

    @property
    def chosen(self) -> Assignment:
        """The plan that the tie-break takes."""
        return self.plans[0]

    @property
    def free_items(self) -> tuple[str, ...]:
        """Items whose hosts are not the same in every optimal plan."""
        return tuple(dict.fromkeys(item for item, _ in self.sometimes))


@dataclass(frozen=True)
class _Part:
    """The optimal plans of a part of the plan."""

    chosen: Assignment
    count: int
    hosts: tuple[Mapping[str, tuple[str, ...]], ...]
    complete: bool
    always: frozenset[Held]
    sometimes: frozenset[Held]
    undecided: frozenset[Held]
    proven: bool


def optimal_plans(
    plan: Plan, engine: Engine | None = None, *, order: Sequence[str] = (), most: int = 100
) -> OptimalPlans:
    """Count and list the plans that are best in every tier but the tie-break, and say what they share.

    Parameters
    ----------
    plan : Plan
    engine : Engine, optional
    order : sequence of str
        As `models.tiers.solve_tiers`. With tolerances, plans that the later tiers may choose are meant.
    most : int
        List at most so many. Counting ends at `MOST_COUNTED` in each part of the plan that is decided apart.

    Raises
    ------
    NoPlan
    """
    if most < 1:
        raise ValueError("most must be at least 1")
    engine = engine or Engine()
    done = [_optimal_part(part, engine, names, most) for part, names in parts(plan, full_order(plan, order))]
    chosen = Assignment(
        plan.convener,
        {item: codes for part in done for item, codes in part.chosen.hosts.items()},
        {code: ways for part in done for code, ways in part.chosen.ways.items()},
    )
    combined = (
        Assignment(plan.convener, {item: codes for hosts in chain for item, codes in hosts.items()}, chosen.ways)
        for chain in product(*(part.hosts for part in done))
    )
    listed = list(islice(combined, most))
    if chosen not in listed:
        listed[-1] = chosen
    value = ROOMS["tie_break"].value
    others = sorted((p for p in listed if p != chosen), key=lambda p: value(plan, p), reverse=True)
    for assignment in (chosen, *others):
        audited(plan.problem, assignment)
    place = {item: k for k, item in enumerate(plan.rules.item_by_id)}

    def in_order(held: Iterator[frozenset[Held]]) -> tuple[Held, ...]:
        return tuple(sorted(frozenset().union(*held), key=lambda h: (place[h[0]], h[1])))

    return OptimalPlans(
        (chosen, *others),
        prod(part.count for part in done),
        all(part.complete for part in done),
        in_order(part.always for part in done),
        in_order(part.sometimes for part in done),
        in_order(part.undecided for part in done),
        all(part.proven for part in done),
    )


def _optimal_part(plan: Plan, engine: Engine, names: Sequence[str], most: int) -> _Part:
    duties = Duties(plan)
    run = Run(OnePlan(plan, duties), engine)
    advance(run, [name for name in names if name != "tie_break"])
    assert run.best is not None
    best = run.best
    if run.stopped or not all(tier.status == "optimal" for tier in run.tiers):
        chosen = duties.assignment(best.true)
        return _Part(chosen, 1, (chosen.hosts,), False, frozenset(), frozenset(), _held(chosen.hosts), False)
    model = duties.model.clone()
    open_ = {x.index: x for x in duties.decisions.values() if duties.value_if_fixed(x) is None}
    same, settled = _common(engine, model, list(open_.values()), best)
    if settled:
        for x in same:
            model.add_bool_and([x if best.true(x) else ~x])
    varied = open_.keys() - {x.index for x in same}
    free = [open_[k] for k in sorted(varied if settled else open_)]
    count, listed, complete = _listed(engine, model, duties, free, best, most)
    advance(run, ["tie_break"])
    proven = not run.stopped
    held = _held(duties.assignment(best.true).hosts)
    sometimes = frozenset(key for key, x in duties.decisions.items() if x.index in varied)
    sure = frozenset(key for key, x in duties.decisions.items() if x.index not in open_) & held
    always = held - sometimes if settled else sure
    chosen = duties.assignment(run.best.true)
    return _Part(chosen, count, tuple(listed), complete, always, sometimes, held - always - sometimes, proven)


def _held(hosts: Mapping[str, tuple[str, ...]]) -> frozenset[Held]:
    return frozenset((item, code) for item, codes in hosts.items() for code in codes)


def _common(engine: Engine, model: Any, same: list[Any], best: Outcome) -> tuple[list[Any], bool]:
    """Which of the decisions every solution has like the best one; and whether that is proven.

    Ask for the solution that differs most, and then for the one that differs most in what was the same so far: at
    most one solve a decision, and usually two or three.
    """
    while same:
        if engine.exhausted():
            return same, False
        outcome = engine.solve(model, (same, [1 if best.true(x) else -1 for x in same]))
        if outcome.solution:
            alike = [x for x in same if outcome.true(x) == best.true(x)]
            if len(alike) == len(same) and outcome.status == "optimal":
                return same, True
            same = alike
        if outcome.status != "optimal":
            return same, False
    return same, True


def _listed(
    engine: Engine, model: Any, duties: Duties, free: list[Any], first: Outcome, most: int
) -> tuple[int, list[Mapping[str, tuple[str, ...]]], bool]:
    """Count the solutions that differ in the free decisions, list some, and say whether they are all.

    With what is common fixed, CP-SAT tells each about once; forbidding one after the other is some sixty times slower.
    """
    own = tuple(first.true(x) for x in free)
    seen = {own}
    listed = [duties.assignment(first.true).hosts]
    heard = 0

    def told(true: Callable[[Any], bool]) -> bool:
        nonlocal heard
        heard += 1
        key = tuple(true(x) for x in free)
        if key not in seen:
            if len(seen) == MOST_COUNTED:
                return False
            seen.add(key)
            if len(listed) < most:
                listed.append(duties.assignment(true).hosts)
        return heard < 10 * MOST_COUNTED

    complete = not engine.exhausted() and engine.every_solution(model, told)
    return len(seen), listed, complete


# -------------------------------------------------------------------------------------------------- different plans


@dataclass(frozen=True)
class DifferentPlan:
    """A plan nearly as good as the chosen one, and another.

    Parameters
    ----------
    result : TiersResult
        Its tiers, best in their order among the plans that are as far away.
    audit : Audit
    distance : int
        Pairs (duty, school) that differ from the nearest of the plans before it; a duty that moves counts twice.
    farthest : bool
        No plan within the tolerances is farther from those before it, by proof.
    """

    result: TiersResult
    audit: Audit
    distance: int
    farthest: bool


def different_plans(
    plan: Plan,
    most: int,
    tolerances: Mapping[str, Fraction] | None = None,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    result: TiersResult | None = None,
) -> tuple[DifferentPlan, ...]:
    """Clearly different plans, each within a tolerance of the chosen plan in every tier.

    The first is the chosen plan. Each further one is as far as possible from the nearest of those before it, and best
    in the tiers in their order among the plans that far away.

    Parameters
    ----------
    plan : Plan
    most : int
        The chosen plan counts.
    tolerances : Mapping[str, Fraction], optional
        Tier -> share t by which it may be worse than in the chosen plan, 0 where nothing is said. A sum v may reach
        v (1 + t); exploration hosts that should be many may number v (1 - t); of a sorted vector (loads) each entry
        may be 1 + t times the entry of the chosen plan at the same place.
    engine : Engine, optional
    order : sequence of str
        As `models.tiers.solve_tiers`; tiers left out are not considered.
    result : TiersResult, optional
        The chosen plan as `models.tiers.solve_tiers` gave it in this order; solved first by default.

    Returns
    -------
    tuple of DifferentPlan
        Fewer than `most` when there are no more, or a limit came first.

    Raises
    ------
    NoPlan
    """
    engine = engine or Engine()
    names = full_order(plan, order)
    exact = _without_tolerance(plan, names)
    first = result or solve_tiers(plan, engine, order=names)
    judged = audited(plan.problem, first.assignment)
    found = [DifferentPlan(first, judged, 0, farthest=True)]
    while len(found) < most and not engine.exhausted():
        duties = Duties(exact)
        rooms: dict[str, Room] = {}
        for name in names:
            if name != "tie_break":
                made = ROOMS[name].minimise(exact, duties)
                rooms[name] = Stated(name, made)
                _within(exact, duties, name, made, judged.values[name], (tolerances or {}).get(name, Fraction(0)))
        rooms["distance"] = _Distance(tuple(other.result.assignment for other in found))
        order_now = ("distance", *names)
        start = found[-1].result.assignment
        solved = solve_tiers(exact, engine, order=order_now, duties=duties, more=rooms, start=start)
        away = solved.tier("distance")
        distance = -int(Fraction(away.value))  # type: ignore[arg-type]
        if not distance:
            break
        kept = replace(solved, tiers=tuple(tier for tier in solved.tiers if tier.name != "distance"))
        now = audited(plan.problem, kept.assignment)
        found.append(DifferentPlan(kept, now, distance, away.status == "optimal"))
    return tuple(found[:most])


def _within(plan: Plan, duties: Duties, name: str, made: Any, value: Any, tolerance: Fraction) -> None:
    """Hold a tier within a tolerance of a value."""
    if isinstance(made, Rungs):
        for place, entry in enumerate(value):
            most = entry * (1 + tolerance)
            at = max((k for k, level in enumerate(made.levels) if level > most), default=None)
            if at is not None and made.literals[at]:
                literals, room = made.literals[at], place - made.always[at]
                duties.row(literals, [1] * len(literals), 0, room, f"within[{name}]")
        return
    upward = name == "exploration" and plan.rules.option("exploration_number") in ("most", "stated")
    several = isinstance(made, tuple)
    values = value if isinstance(value, tuple) else (value,)
    for terms, entry in zip(made if several else (made,), values, strict=True):
        if terms.literals:
            limit = -entry * (1 - tolerance) if upward else entry * (1 + tolerance)
            most_total = (limit * terms.scale).__floor__() - terms.constant
            duties.row(terms.literals, terms.weights, terms.least, most_total, f"within[{name}]")


@dataclass(frozen=True)
class _Distance:
    """Minus the pairs (duty, school) in which a plan differs from the nearest of some others."""

    others: tuple[Assignment, ...]

    def minimise(self, plan: Plan, duties: Any) -> Terms:
        pairs = [(row.items, code) for row in rows_of(plan) for code in plan.candidates]
        digits = [duties.new(f"distance[{k}]") for k in range(len(pairs).bit_length())]
        weights = [1 << k for k in range(len(digits))]
        for other in self.others:
            # digits <= sum over pairs held there (1 - x) + sum over the others x
            literals, signs, held = [], [], 0
            for items, code in pairs:
                there = code in other.hosts_of(items[0])
                held += there
                literals.append(duties.host(items[0], code))
                signs.append(1 if there else -1)
            duties.row([*literals, *digits], [*signs, *weights], -len(pairs), held, "distance")
        return Terms(tuple(digits), tuple(-weight for weight in weights))

    def value(self, plan: Plan, assignment: Assignment) -> Fraction:
        pairs = [(row.items[0], code) for row in rows_of(plan) for code in plan.candidates]
        return -min(
            Fraction(sum((code in assignment.hosts_of(i)) != (code in other.hosts_of(i)) for i, code in pairs))
            for other in self.others
        )
