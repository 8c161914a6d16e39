"""Whether a plan is fair, in terms that a principal can check: the loads against the fairest, forced shares, envy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

from models.audit import audit
from models.community import Assignment, Plan
from models.duties import Duties
from models.engine import Engine
from models.objectives import load as load_room
from models.rulebook import NOT_LIFTABLE
from models.tiers import OnePlan, Run, advance, full_order, parts
from models.whatif.values import TierChange, compared, first_change

__all__ = ["Envy", "Fairness", "Least", "Share", "fairness"]


@dataclass(frozen=True)
class Least:
    """The fairest loads under a condition.

    Parameters
    ----------
    levels : tuple of Fraction
        Sorted, largest first; as the load tier has them.
    assignment : Assignment
        A lawful plan that has them (of the units in the load only); where a limit came first, the plan judged.
    proven : bool
    """

    levels: tuple[Fraction, ...]
    assignment: Assignment
    proven: bool


@dataclass(frozen=True)
class Share:
    """What a school carries, and what of it nobody could take from it.

    Parameters
    ----------
    code : str
    points, ratio : Fraction
        In the plan.
    carried_over, base : Fraction
        Points before any duty: history, and the base of the convener.
    least_lawful : Fraction or None
        Fewest points it has in any lawful plan; None: a limit came before the answer, as below.
    least_optimal : Fraction or None
        Fewest points it has in any plan that is best in all tiers but the tie-break.
    forced_by : Mapping[str, Fraction]
        Clause -> points by which `least_lawful` falls where the clause is lifted; clauses without effect are left out.
        Two clauses that force the same are then both left out: without one the other still does.
    """

    code: str
    points: Fraction
    ratio: Fraction
    carried_over: Fraction
    base: Fraction
    least_lawful: Fraction | None
    least_optimal: Fraction | None
    forced_by: Mapping[str, Fraction]


@dataclass(frozen=True)
class Envy:
    """A school that would rather have another's share, where the two may lawfully exchange all duties in the load.

    Parameters
    ----------
    code, other : str
    ratio, ratio_other : Fraction
        Load by capacity of the two, now.
    after, after_other : Fraction
        With the shares exchanged; `after` is below `ratio`.
    first : TierChange or None
        The first tier that the exchange changes: worse in an optimal plan, which is why it does not make it. None when
        it changes none but the tie-break.
    """

    code: str
    other: str
    ratio: Fraction
    ratio_other: Fraction
    after: Fraction
    after_other: Fraction
    first: TierChange | None


@dataclass(frozen=True)
class Fairness:
    """What can be said of a plan's fairness.

    Parameters
    ----------
    levels : tuple of Fraction
        Of the plan: sorted, largest first.
    least : Least
        Under the clauses alone: what could be reached if nothing else counted. Exploration may then be as small as the
        clauses allow.
    least_same_work : Least
        Where the tiers before the load are as good as can be too, in their order.
    shares : tuple of Share
        Of all load schools, by code.
    envies : tuple of Envy
        By code, then by the other's.
    all_asked : bool
        False: a stop came before all pairs were looked at.
    """

    levels: tuple[Fraction, ...]
    least: Least
    least_same_work: Least
    shares: tuple[Share, ...]
    envies: tuple[Envy, ...]
    all_asked: bool

    @property
    def free_of_envy(self) -> bool:
        """Whether nobody would lawfully rather have another's share."""
        return self.all_asked and not self.envies


def fairness(
    plan: Plan, assignment: Assignment, engine: Engine | None = None, *, order: Sequence[str] = ()
) -> Fairness:
    """Judge how the loads of a plan are shared.

    Parameters
    ----------
    plan : Plan
    assignment : Assignment
        A lawful plan, from here or elsewhere.
    engine : Engine, optional
        Limits for all questions together.
    order : sequence of str
        As `models.tiers.solve_tiers`.

    Returns
    -------
    Fairness

    Raises
    ------
    NoPlan
    """
    engine = engine or Engine()
    loaded, names = parts(plan, full_order(plan, order))[0]
    aims = [name for name in names if name != "tie_break"]
    seen: list[Assignment] = [assignment]
    head = aims[: aims.index("load")] if "load" in aims else aims
    alone = _least(loaded, assignment, engine, ["load"], seen)
    same = _least(loaded, assignment, engine, [*head, "load"], seen)

    points = load_room.points(plan, assignment)
    lawful = _fewest(loaded, Duties(loaded), engine, list(points), seen)
    best: dict[str, Fraction | None] = dict.fromkeys(points)
    if not engine.exhausted():
        duties = Duties(loaded)
        run = Run(OnePlan(loaded, duties), engine)
        advance(run, aims)
        assert run.best is not None
        if not run.stopped:
            best = _fewest(loaded, duties, engine, list(points), [duties.assignment(run.best.true)])
    forced = {code: least for code, least in lawful.items() if least and least > plan.fixed_points(code)}
    by_clause = _forced_by(loaded, forced, engine)
    shares = []
    for code, carried in points.items():
        school = plan.problem.community.school_by_code.get(code)
        history = school.history_points if school is not None else Fraction(0)
        base = plan.fixed_points(code) - history
        ratio = carried / plan.capacity(code)
        shares.append(Share(code, carried, ratio, history, base, lawful[code], best[code], by_clause.get(code, {})))
    levels = load_room.value(plan, assignment)
    return Fairness(levels, alone, same, tuple(shares), *_envies(plan, assignment, engine))


def _least(plan: Plan, assignment: Assignment, engine: Engine, order: Sequence[str], seen: list[Assignment]) -> Least:
    if engine.exhausted():
        return Least(load_room.value(plan, assignment), assignment, proven=False)
    duties = Duties(plan)
    run = Run(OnePlan(plan, duties), engine)
    advance(run, order)
    assert run.best is not None
    found = duties.assignment(run.best.true)
    seen.append(found)
    return Least(load_room.value(plan, found), found, not run.stopped)


def _fewest(
    plan: Plan, duties: Duties, engine: Engine, codes: Sequence[str], seen: Sequence[Assignment]
) -> dict[str, Fraction | None]:
    """Fewest points of each school among the solutions of a model; one solve a school at most.

    Free where a plan already seen leaves the school with what clauses fix, or with nothing.
    """
    units = [unit for unit in plan.rules.units.values() if unit.id in plan.rules.load_units]
    scale = lcm(*(unit.effort_points.denominator for unit in units))
    known = [load_room.points(plan, assignment) for assignment in seen]
    fewest: dict[str, Fraction | None] = {}
    for code in codes:
        literals = [(duties.unit(u.id, code), int(u.effort_points * scale)) for u in units if u.effort_points]
        sure = sum(weight for x, weight in literals if duties.value_if_fixed(x))
        floor = plan.fixed_points(code) + Fraction(sure, scale)
        if any(points[code] == floor for points in known):
            fewest[code] = floor
            continue
        open_ = [(x, weight) for x, weight in literals if duties.value_if_fixed(x) is None]
        if engine.exhausted():
            fewest[code] = None
            continue
        outcome = engine.solve(duties.model, ([x for x, _ in open_], [weight for _, weight in open_]))
        if outcome.solution:
            known.append(load_room.points(plan, duties.assignment(outcome.true)))
        done = outcome.status == "optimal" and outcome.objective is not None
        fewest[code] = floor + Fraction(outcome.objective or 0, scale) if done else None
    return fewest


def _forced_by(plan: Plan, forced: Mapping[str, Fraction], engine: Engine) -> dict[str, dict[str, Fraction]]:
    """For schools with a forced share: how far it falls where one clause is lifted."""
    by_clause: dict[str, dict[str, Fraction]] = {code: {} for code in forced}
    if not forced:
        return by_clause
    for clause in plan.rules.clauses:
        if clause.kind in NOT_LIFTABLE:
            continue
        lifted = replace(plan, problem=plan.problem.with_rules(plan.rules.without([clause.id])))
        for code, least in _fewest(lifted, Duties(lifted), engine, list(forced), []).items():
            if least is not None and least < forced[code]:
                by_clause[code][clause.id] = forced[code] - least
    return by_clause


def _envies(plan: Plan, assignment: Assignment, engine: Engine) -> tuple[tuple[Envy, ...], bool]:
    points = load_room.points(plan, assignment)
    effort = {code: carried - plan.fixed_points(code) for code, carried in points.items()}

    def ratio(code: str, share: str) -> Fraction:
        return (plan.fixed_points(code) + effort[share]) / plan.capacity(code)

    now = audit(plan.problem, assignment)
    items = [item for unit in plan.rules.load_units for item in plan.rules.units[unit].items]
    found: list[Envy] = []
    for code in points:
        for other in points:
            if engine.stop.is_set():
                return tuple(found), False
            if ratio(code, other) >= ratio(code, code):
                continue
            swapped = _exchanged(assignment, items, code, other)
            judged = audit(plan.problem, swapped)
            if not judged.ok:
                continue
            first = first_change(compared((plan, now.values), (plan, judged.values)))
            found.append(
                Envy(
                    code,
                    other,
                    ratio(code, code),
                    ratio(other, other),
                    ratio(code, other),
                    ratio(other, code),
                    first,
                )
            )
    return tuple(found), True


def _exchanged(assignment: Assignment, items: Sequence[str], code: str, other: str) -> Assignment:
    """Two schools with one another's duties among some items."""
    swap: Callable[[str], str] = {code: other, other: code}.get  # type: ignore[assignment]
    hosts: dict[str, Any] = dict(assignment.hosts)
    for item in items:
        hosts[item] = tuple(swap(c) or c for c in assignment.hosts_of(item))
    return replace(assignment, hosts=hosts)
