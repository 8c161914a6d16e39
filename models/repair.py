"""From an existing plan: as a start, with as few changes as can be, and into the next year.

All of it is solved through all tiers and audited. How two plans differ is said by `models.difference`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from models.audit import Audit, audit
from models.community import Assignment, Community, Plan, Problem, School
from models.conflicts import Collision, collision
from models.convener import choose_convener
from models.difference import HandOver, audited, changes, hand_overs
from models.duties import Duties
from models.engine import Engine
from models.objectives import ROOMS
from models.objectives import load as load_room
from models.objectives._terms import Terms, collect
from models.objectives.leximin import Rungs
from models.rulebook import Rules
from models.tiers import NoPlan, Room, Stated, Tier, TiersResult, full_order, solve_tiers
from models.whatif.values import Row, TierChange, compared, rows_of

__all__ = [
    "Continued",
    "FallenAway",
    "Move",
    "NextYear",
    "Repair",
    "Repeat",
    "continue_from",
    "heavy_units",
    "next_year",
    "repair",
    "rotate",
]

Hosting = tuple[str, str]


# ------------------------------------------------------------------------------------------------------------ start


@dataclass(frozen=True)
class Continued:
    """What became of a plan that was given as a start.

    Parameters
    ----------
    start : Audit
        The start as it is judged now.
    result : TiersResult
        No tier is worse than in the start, where the start is lawful. The start itself, where it cannot be bettered:
        then without the tie-break, which might have taken another.
    audit : Audit
        Of the result.
    kept : bool
        The result is the start.
    tiers : tuple of TierChange
        From the start to the result.
    """

    start: Audit
    result: TiersResult
    audit: Audit
    kept: bool
    tiers: tuple[TierChange, ...]

    @property
    def lawful(self) -> bool:
        """Whether the start still keeps every clause. If not it binds nothing: the result is the best plan."""
        return self.start.ok


def continue_from(
    plan: Plan, start: Assignment, engine: Engine | None = None, *, order: Sequence[str] = (), each_tier: bool = True
) -> Continued:
    """Better a plan without making any tier worse.

    Parameters
    ----------
    plan : Plan
    start : Assignment
        Judged under the plan's convener.
    engine : Engine, optional
        However soon it stops, the result is no worse than the start.
    order : sequence of str
        As `models.tiers.solve_tiers`.
    each_tier : bool
        False: a later tier may get worse where an earlier one gets better, as the order of the tiers has it; the
        result is then the best plan of all. True: no tier may; a sorted vector is worse when it is lexicographically
        larger.

    Raises
    ------
    NoPlan
    """
    engine = engine or Engine()
    names = full_order(plan, order)
    start = replace(start, convener=plan.convener)
    now = audit(plan.problem, start)
    lawful = now.ok
    duties: Duties | None = None
    rooms: dict[str, Room] = {}
    if lawful and each_tier:
        duties = Duties(plan)
        for name in names:
            if name != "tie_break":
                made = ROOMS[name].minimise(plan, duties)
                rooms[name] = Stated(name, made)
                _hold(plan, duties, name, made, now.values[name])
    result = solve_tiers(plan, engine, order=names, duties=duties, more=rooms, start=start if lawful else None)
    judged = audited(plan.problem, result.assignment)
    kept = lawful and all(judged.values[name] == now.values[name] for name in names if name != "tie_break")
    if kept and result.assignment != start:
        others = tuple(tier for tier in result.tiers if tier.name != "tie_break")
        result, judged = replace(result, assignment=start, tiers=others), now
    return Continued(now, result, judged, kept, compared((plan, now.values), (plan, judged.values)))


def _hold(plan: Plan, duties: Duties, name: str, made: Any, value: Any) -> None:
    """Hold a tier at a value or better."""
    if isinstance(made, Rungs):
        _lexicographically_at_most(duties, made, made.counts_of(value))
        return
    upward = name == "exploration" and plan.rules.option("exploration_number") in ("most", "stated")
    aims = made if isinstance(made, tuple) else (made,)
    values = value if isinstance(value, tuple) else (value,)
    totals = [int((-v if upward else v) * aim.scale) - aim.constant for aim, v in zip(aims, values, strict=True)]
    # Of two aims in one tier the second binds only where the first is equal.
    factor = 1
    literals: dict[int, Any] = {}
    weights: dict[int, int] = {}
    most = least = 0
    for aim, total in zip(reversed(aims), reversed(totals), strict=True):
        for literal, weight in zip(aim.literals, aim.weights, strict=True):
            literals[literal.index] = literal
            weights[literal.index] = weights.get(literal.index, 0) + factor * weight
        most, least = most + factor * total, least + factor * aim.least
        factor *= aim.span + 1
    if literals:
        duties.row(list(literals.values()), list(weights.values()), least, most, f"start[{name}]")


def _lexicographically_at_most(duties: Duties, rungs: Rungs, counts: Sequence[int]) -> None:
    """The counts, from the highest level down, are lexicographically at most these.

    `smaller` is true only if some count above was smaller; then nothing below binds.
    """
    smaller: list[Any] = []
    for literals, sure, count in zip(rungs.literals, rungs.always, counts, strict=True):
        room = count - sure
        big = len(literals) + 1 + max(0, -room)
        slack = [-big] * len(smaller)
        duties.row([*literals, *smaller], [1] * len(literals) + slack, -big, room, "start")
        if room <= 0 or not literals:
            if room > 0:
                return  # smaller whatever is decided
            continue
        after = duties.new("smaller")
        ones = [1] * len(literals)
        duties.row([*literals, after, *smaller], [*ones, big, *slack], -big, room - 1 + big, "start")
        smaller = [after]


# ----------------------------------------------------------------------------------------------------------- repair


@dataclass(frozen=True)
class FallenAway:
    """Wishes that cannot hold any more, because their school is gone or barred.

    Parameters
    ----------
    convener : str or None
        The convener that was stated.
    pins, bans : tuple of (item, code)
    ways : tuple of str
        Schools whose ways of promotion were stated.
    """

    convener: str | None = None
    pins: tuple[Hosting, ...] = ()
    bans: tuple[Hosting, ...] = ()
    ways: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """A duty that changes hands in a repair.

    Parameters
    ----------
    hand_over : HandOver
    forced : bool or None
        No lawful plan leaves the duty with its host (or, where a host is added, with its hosts alone). None: a limit
        came before the answer.
    """

    hand_over: HandOver
    forced: bool | None


@dataclass(frozen=True)
class Repair:
    """A plan mended with as few changes as can be, and beside it the best plan.

    Parameters
    ----------
    before : Assignment
    plan : Plan
        The situation now; of several possible conveners the one that was tried last.
    fallen_away : FallenAway
        Every other wish is kept: no pin moves that is not named here.
    result : TiersResult or None
        None: no lawful plan.
    fewest : Tier or None
        Number of duties that change hands: value, bound, and whether it is proven least.
    moves : tuple of Move
        In the rulebook's order.
    free : TiersResult or None
        The best plan under the same convener, whatever it moves.
    free_moves : tuple of HandOver
    tiers : tuple of TierChange
        From the best plan to the mended one: what keeping so much costs.
    collision : Collision or None
        Where there is no lawful plan: what collides.
    """

    before: Assignment
    plan: Plan
    fallen_away: FallenAway
    result: TiersResult | None
    fewest: Tier | None = None
    moves: tuple[Move, ...] = ()
    free: TiersResult | None = None
    free_moves: tuple[HandOver, ...] = ()
    tiers: tuple[TierChange, ...] = ()
    collision: Collision | None = None

    @property
    def convener(self) -> tuple[str, str]:
        """Convener before and now."""
        return self.before.convener, self.plan.convener


@dataclass(frozen=True)
class _Changes:
    """Number of duties that change hands, against a plan (`models.difference.changes`, summed over the duties)."""

    before: Assignment

    def minimise(self, plan: Plan, duties: Any) -> Terms:
        pairs: list[tuple[Any, int]] = []
        constant = 0
        for row in rows_of(plan):
            old = row.hosts(self.before)
            hosts = {code: duties.host(row.items[0], code) for code in plan.candidates}
            # Lost: the old hosts without those that stay. More gained than lost: more hosts than before.
            constant += len(old)
            pairs += [(hosts[code], -1) for code in old if code in hosts]
            possible = [x for x in hosts.values() if duties.value_if_fixed(x) is not False]
            if len(possible) > len(old) and not (old and _has_one_host(plan, row)):
                extra = [duties.new(f"more[{row.id}]") for _ in range(len(possible) - len(old))]
                signs = [1] * len(possible) + [-1] * len(extra)
                duties.row([*possible, *extra], signs, -len(extra), len(old), f"more[{row.id}]")
                pairs += [(x, 1) for x in extra]
        terms = collect(duties, pairs)
        return replace(terms, constant=terms.constant + constant)

    def value(self, plan: Plan, assignment: Assignment) -> Fraction:
        return Fraction(sum(changes(row, self.before, assignment) for row in rows_of(plan)))


def _has_one_host(plan: Plan, row: Row) -> bool:
    """Whether a duty has exactly one host in every lawful plan."""
    return row.id in plan.rules.units and plan.has_one_host(row.id)


def repair(
    problem: Problem,
    before: Assignment,
    engine: Engine | None = None,
    *,
    leave: Collection[str] = (),
    barred: Collection[str] = (),
    join: Collection[str] = (),
    order: Sequence[str] = (),
    free: bool = True,
) -> Repair:
    """Mend a plan after schools left, were barred or joined, or whatever else is new in the problem.

    Duties that change hands are as few as can be, by proof; among the plans with so few the tiers follow in their
    order. The convener is decided before, as everywhere: the stated one if it may still convene, else the one of the
    plan, else the first in the ranking (`models.convener`) that can lead a lawful plan.

    Parameters
    ----------
    problem : Problem
    before : Assignment
    engine : Engine, optional
    leave, barred, join : collection of str
        Codes of schools of the community.
    order : sequence of str
        As `models.tiers.solve_tiers`.
    free : bool
        Solve for the best plan too.

    Returns
    -------
    Repair

    Raises
    ------
    NoPlan
        Stopped before a plan was found.
    ValueError
        A code that the community does not have.
    """
    engine = engine or Engine()
    now, fallen = _situation(problem, leave, barred, join)
    plans = [Plan(now, code) for code in _conveners(now, before.convener)]
    for plan in plans:
        names = full_order(plan, order)
        try:
            result = solve_tiers(plan, engine, order=("changes", *names), more={"changes": _Changes(before)})
        except NoPlan as none:
            if not none.proven:
                raise
            continue
        fewest = result.tier("changes")
        kept = replace(result, tiers=tuple(tier for tier in result.tiers if tier.name != "changes"))
        judged = audited(now, kept.assignment)
        rows = rows_of(plan)
        best = solve_tiers(plan, engine, order=names, start=kept.assignment) if free else None
        moved = hand_overs(rows, before, kept.assignment)
        known = [kept.assignment, *([best.assignment] if best else [])]
        return Repair(
            before,
            plan,
            fallen,
            kept,
            fewest,
            _judged(plan, before, moved, known, engine),
            best,
            hand_overs(rows, before, best.assignment) if best else (),
            compared((plan, audited(now, best.assignment).values), (plan, judged.values)) if best else (),
        )
    return Repair(before, plans[0], fallen, None, collision=collision(plans[0]))


def _situation(
    problem: Problem, leave: Collection[str], barred: Collection[str], join: Collection[str]
) -> tuple[Problem, FallenAway]:
    """The problem after the schools changed, without the wishes that fall away."""
    known = problem.community.school_by_code
    for code in (*leave, *barred, *join):
        if code not in known:
            raise ValueError(f"{code}: no such school")

    def now(school: School) -> School:
        return replace(
            school,
            participates=(school.participates or school.code in join) and school.code not in leave,
            barred=(school.barred and school.code not in join) or school.code in barred,
        )

    community: Community = replace(problem.community, schools=tuple(map(now, problem.community.schools)))
    wishes = problem.wishes
    present = Plan(replace(problem, community=community), "").candidates
    gone = {s.code for s in community.schools if s.barred or s.code not in present}
    was_there = {s.code for s in problem.community.schools if s.participates and not s.barred} & gone
    convener = wishes.convener if wishes.convener in gone else None
    fallen = FallenAway(
        convener,
        tuple(sorted(pin for pin in wishes.pins if pin[1] in gone)),
        tuple(sorted(ban for ban in wishes.bans if ban[1] in was_there)),
        tuple(sorted(code for code in wishes.ways if code in was_there)),
    )
    left = replace(
        wishes,
        convener=None if convener is not None else wishes.convener,
        pins=wishes.pins - frozenset(fallen.pins),
        bans=wishes.bans - frozenset(fallen.bans),
        ways={code: ways for code, ways in wishes.ways.items() if code not in fallen.ways},
    )
    return replace(problem, community=community, wishes=left), fallen


def _conveners(problem: Problem, before: str) -> list[str]:
    """Conveners to try, in order; never none, so that there is something to say what collides."""
    ranking = [choice.code for choice in choose_convener(problem)]
    if problem.wishes.convener is None and before in ranking:
        ranking = [before, *(code for code in ranking if code != before)]
    return ranking or [before]


def _judged(
    plan: Plan, before: Assignment, moves: Iterable[HandOver], known: Sequence[Assignment], engine: Engine
) -> tuple[Move, ...]:
    """Which moves no lawful plan can do without."""
    duties = Duties(plan)
    judged = []
    for move in moves:
        row = Row(move.row, move.items)
        old = row.hosts(before)
        if move.before is not None:
            ask = [duties.host(row.items[0], move.before)] if move.before in plan.candidates else None
            shown = any(move.before in row.hosts(plan_) for plan_ in known)
        else:
            ask = [~duties.host(row.items[0], code) for code in plan.candidates if code not in old]
            shown = any(set(row.hosts(plan_)) <= set(old) for plan_ in known)
        forced = True if ask is None else False if shown else _impossible(duties, ask, engine)
        judged.append(Move(move, forced))
    return tuple(judged)


def _impossible(duties: Duties, ask: Sequence[Any], engine: Engine) -> bool | None:
    """Whether no lawful plan has all of these literals true; None when a limit came first."""
    if any(x.index >= 0 and duties.value_if_fixed(x) is False for x in ask):
        return True
    if engine.exhausted():
        return None
    model = duties.model.clone()
    model.add_bool_and(list(ask))
    outcome = engine.solve(model)
    if outcome.status == "infeasible":
        outcome = engine.solve(model, presolve=False)
    return None if outcome.status == "unknown" else outcome.status == "infeasible"


# -------------------------------------------------------------------------------------------------------- next year


@dataclass(frozen=True)
class Repeat:
    """A school that hosts a heavy unit a second year running.

    Parameters
    ----------
    unit, code : str
    nobody_else : bool or None
        In every lawful plan it does. None: a limit came before the answer.
    """

    unit: str
    code: str
    nobody_else: bool | None


@dataclass(frozen=True)
class NextYear:
    """A plan under rotation.

    Parameters
    ----------
    plan : Plan
    result : TiersResult
    audit : Audit
    fewest : Tier
        Number of repeats: value, bound, and whether it is proven least at its place in the order.
    repeats : tuple of Repeat
        Those that are left.
    """

    plan: Plan
    result: TiersResult
    audit: Audit
    fewest: Tier
    repeats: tuple[Repeat, ...]


@dataclass(frozen=True)
class _Repeats:
    """Number of pairs (heavy unit, host) that were the same last year."""

    heavy: frozenset[str]

    def pairs(self, plan: Plan) -> list[tuple[str, str]]:
        schools = plan.problem.community.school_by_code
        return [
            (unit.id, code)
            for unit in plan.rules.units.values()
            if unit.id in self.heavy
            for code in plan.candidates
            if code in schools and not schools[code].last_year.isdisjoint((*unit.items, unit.id))
        ]

    def minimise(self, plan: Plan, duties: Any) -> Terms:
        return collect(duties, ((duties.unit(unit, code), 1) for unit, code in self.pairs(plan)))

    def repeated(self, plan: Plan, assignment: Assignment) -> list[tuple[str, str]]:
        units = plan.rules.units
        return [(unit, code) for unit, code in self.pairs(plan) if code in assignment.unit_hosts(units[unit].items)]

    def value(self, plan: Plan, assignment: Assignment) -> Fraction:
        return Fraction(len(self.repeated(plan, assignment)))


def heavy_units(rules: Rules) -> frozenset[str]:
    """Units of the load that count the most points: all of them where every one counts the same."""
    efforts: Mapping[str, Fraction] = {u.id: u.effort_points for u in rules.units.values() if u.id in rules.load_units}
    most = max(efforts.values(), default=Fraction(0))
    return frozenset(unit for unit, effort in efforts.items() if effort == most)


def next_year(problem: Problem, hosted: Assignment, *, carried: Fraction = Fraction(1)) -> Problem:
    """The problem a year later: what the plan hosted becomes history.

    Each participant carries over its points (history, base and effort of the year past) above the share of its
    capacity that all bear alike, times `carried`: a history common to all would change no comparison of loads, and
    only use up capacities. `last_year` becomes what it hosted. Schools that took no part keep their history and hosted
    nothing.

    Parameters
    ----------
    problem : Problem
        Of the year past.
    hosted : Assignment
        What was hosted.
    carried : Fraction
        Share that is carried over; 0 forgets.
    """
    plan = Plan(problem, hosted.convener)
    points = load_room.points(plan, hosted)
    common = min((points[code] / plan.capacity(code) for code in plan.participants), default=Fraction(0))

    def older(school: School) -> School:
        items = frozenset(item for item, codes in hosted.hosts.items() if school.code in codes)
        history = school.history_points
        if school.code in plan.participants:
            history = carried * (points[school.code] - common * plan.capacity(school.code))
        return replace(school, history_points=history, last_year=items)

    schools = tuple(map(older, problem.community.schools))
    return replace(problem, community=replace(problem.community, schools=schools))


def rotate(
    plan: Plan,
    engine: Engine | None = None,
    *,
    rule: Literal["soft", "hard"] = "soft",
    heavy: Collection[str] | None = None,
    order: Sequence[str] = (),
) -> NextYear:
    """Solve a plan under rotation: no school hosts the same heavy unit twice running unless nobody else can.

    The number of repeats is least, by proof. The preference tier's `rotation_cost` stays as it is and counts the
    units that are not heavy too; for the heavy ones it then is the same in all plans that are left, under either rule.

    Parameters
    ----------
    plan : Plan
        Of a problem whose schools know what they hosted last year (`next_year`).
    engine : Engine, optional
    rule : {"soft", "hard"}
        soft: repeats are counted just before the preference tier, after loads and travel. hard: before all tiers, so
        that a school repeats only where the clauses leave no other way.
    heavy : collection of str, optional
        Units; `heavy_units` by default.
    order : sequence of str
        As `models.tiers.solve_tiers`.

    Raises
    ------
    NoPlan
    """
    engine = engine or Engine()
    room = _Repeats(frozenset(heavy_units(plan.rules) if heavy is None else heavy))
    names = list(full_order(plan, order))
    place = 0 if rule == "hard" else names.index("preference" if "preference" in names else "tie_break")
    names.insert(place, "repeats")
    result = solve_tiers(plan, engine, order=names, more={"repeats": room})
    duties = Duties(plan)
    repeats = []
    for unit, code in room.repeated(plan, result.assignment):
        literal = duties.unit(unit, code)
        sure = duties.value_if_fixed(literal)
        repeats.append(Repeat(unit, code, True if sure else _impossible(duties, [~literal], engine)))
    kept = replace(result, tiers=tuple(tier for tier in result.tiers if tier.name != "repeats"))
    judged = audited(plan.problem, kept.assignment)
    return NextYear(plan, kept, judged, result.tier("repeats"), tuple(repeats))
