"""The tiers of one plan, solved one after the other, each with its value, bound and proof.

One model is kept: what a tier has proven is appended as a row, and the objective is swapped. Tiers that are one number
and stand next to each other are minimised in one solve with weights above each other's range, so long as the weights
stay exact; their values are exact and proven each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, Protocol

from models.audit import equal_values
from models.community import Assignment, Plan
from models.duties import Duties
from models.engine import Engine, Outcome
from models.leximin import MOST_WEIGHT, SolverModel, VectorResult, by_chunks
from models.objectives import ROOMS
from models.objectives._terms import Terms
from models.objectives.leximin import Rungs
from models.objectives.tie_break import TieGroup

__all__ = [
    "LOAD_TIERS",
    "Aims",
    "NoPlan",
    "OnePlan",
    "Room",
    "Run",
    "Stated",
    "Tier",
    "TierStatus",
    "TiersResult",
    "advance",
    "agrees",
    "composite",
    "full_order",
    "parts",
    "settle_common",
    "solve_tiers",
]

TierStatus = Literal["optimal", "feasible", "not_reached"]
TierValue = Fraction | tuple[Fraction, ...] | str

#: Tiers that exploration must precede: they would close it down.
LOAD_TIERS = ("overload", "load", "travel")
_VECTORS = ("load", "separate")

#: Objectives stay below what a double holds exactly.
MOST_EXACT = 2**52

#: Deterministic time granted for a first plan even when no limit is left.
FIRST_PLAN_WORK = 5.0


class NoPlan(Exception):  # noqa: N818 (an outcome, not an error)
    """No lawful plan exists, or none was found before a stop.

    Parameters
    ----------
    proven : bool
        True: infeasible, proven. False: stopped first.
    """

    def __init__(self, *, proven: bool) -> None:
        self.proven = proven
        super().__init__("no lawful plan" if proven else "stopped before a plan was found")


@dataclass(frozen=True)
class Tier:
    """One tier's result.

    Parameters
    ----------
    name : str
    value : Fraction, tuple of Fraction, or str
        Of the plan returned. Travel is in tenths of the distance unit; ``exploration`` is a tuple when coverage counts
        before the number of hosts; vectors are sorted, largest first.
    bound : same or None
        Proven best value (of a vector: its proven beginning). For ``exploration`` under "as many as" an upper bound.
    status : {"optimal", "feasible", "not_reached"}
    seconds : float
        Wall time spent on the tier; tiers proven in the solve of an earlier one have 0.
    """

    name: str
    value: TierValue
    bound: TierValue | None
    status: TierStatus
    seconds: float


@dataclass(frozen=True)
class TiersResult:
    """Assignment and tiers, in the order solved."""

    assignment: Assignment
    tiers: tuple[Tier, ...]
    solver_seconds: float
    solves: int

    @property
    def proven(self) -> bool:
        """Whether every tier is proven."""
        return all(tier.status == "optimal" for tier in self.tiers)

    def tier(self, name: str) -> Tier:
        """The tier of that name."""
        return next(tier for tier in self.tiers if tier.name == name)


def agrees(tier: Tier, value: Any, *, tolerated: bool) -> bool:
    """Whether a value found without a solver is the tier's, and of a proven tier the one that was proven.

    Parameters
    ----------
    tier : Tier
    value : TierValue
        By the solver-free door.
    tolerated : bool
        A tolerance lets the value exceed what was proven.
    """
    if not equal_values(tier.value, value):
        return False
    proven = tier.status == "optimal" and tier.bound is not None
    return not proven or tolerated or equal_values(tier.bound, value)


def full_order(plan: Plan, order: Sequence[str] = ()) -> tuple[str, ...]:
    """The order asked for (else the rulebook's), with exploration before the loads and the tie-break last."""
    wanted = [t for t in (order or plan.wishes.tier_order or plan.rules.rulebook.tiers.order) if t != "tie_break"]
    if "exploration" not in wanted:
        first = min((wanted.index(t) for t in LOAD_TIERS if t in wanted), default=len(wanted))
        wanted.insert(first, "exploration")
    return (*wanted, "tie_break")


class Aims(Protocol):
    """What is solved tier by tier: the model, and what each tier is in it. One plan, or the two plans of a split."""

    @property
    def duties(self) -> SolverModel:
        """The model that the tiers are stated in."""

    @property
    def counts_exploration_up(self) -> bool:
        """Whether more exploration hosts are better: they are minimised as their negative."""

    def minimise(self, tier: str) -> Any:
        """State a tier in the model: Terms (or a tuple of them), Rungs, or the groups of the tie-break."""

    def value(self, tier: str, true: Callable[[Any], bool]) -> Any:
        """What a solution is worth, by the solver-free doors."""

    def tolerance(self, tier: str) -> Fraction:
        """Share by which later tiers may exceed the tier's optimum."""


class Room(Protocol):
    """An aim with its two doors, like the rooms of `models.objectives`."""

    def minimise(self, plan: Plan, duties: Any) -> Any:
        """State the aim in the model."""

    def value(self, plan: Plan, assignment: Assignment) -> Any:
        """What an assignment is worth, without a solver."""


@dataclass(frozen=True)
class Stated:
    """An aim of the rulebook that is in a model already, because something was said of it before its turn.

    Parameters
    ----------
    name : str
    made : Terms, tuple of Terms, or Rungs
    """

    name: str
    made: Any

    def minimise(self, plan: Plan, duties: Any) -> Any:
        """What is in the model."""
        del plan, duties
        return self.made

    def value(self, plan: Plan, assignment: Assignment) -> Any:
        """What an assignment is worth."""
        return ROOMS[self.name].value(plan, assignment)


@dataclass(frozen=True)
class OnePlan:
    """The aims of one plan.

    Parameters
    ----------
    plan : Plan
    duties : Duties
    more : Mapping[str, Room]
        Aims beside those of the rulebook, or in their place, by the name that they have in the order.
    """

    plan: Plan
    duties: Duties
    more: Mapping[str, Room] = field(default_factory=dict)

    def _room(self, tier: str) -> Any:
        return self.more.get(tier) or ROOMS[tier]

    @property
    def counts_exploration_up(self) -> bool:
        """See `Aims`."""
        return self.plan.rules.option("exploration_number") in ("most", "stated")

    def minimise(self, tier: str) -> Any:
        """See `Aims`."""
        return self._room(tier).minimise(self.plan, self.duties)

    def value(self, tier: str, true: Callable[[Any], bool]) -> Any:
        """See `Aims`."""
        return self._room(tier).value(self.plan, self.duties.assignment(true))

    def tolerance(self, tier: str) -> Fraction:
        """See `Aims`."""
        return self.plan.wishes.tolerances.get(tier, Fraction(0))


@dataclass
class Run:
    """The state of one run through the tiers.

    Attributes
    ----------
    best : Outcome or None
        The best solution so far.
    tiers : list of Tier
        The tiers done.
    stopped : bool
        A limit or a stop ended a tier before its proof.
    """

    aims: Aims
    engine: Engine
    best: Outcome | None = None
    tiers: list[Tier] = field(default_factory=list)
    stopped: bool = False
    last: float = field(default_factory=time.perf_counter)

    @property
    def duties(self) -> SolverModel:
        """The model."""
        return self.aims.duties

    def lap(self) -> float:
        """Seconds since the last call."""
        now = time.perf_counter()
        seconds, self.last = now - self.last, now
        return seconds

    def keep(self, outcome: Outcome) -> None:
        """Take a better plan."""
        self.best = outcome

    def value(self, tier: str) -> Any:
        """What the best plan so far is worth, by the solver-free door."""
        assert self.best is not None
        return self.aims.value(tier, self.best.true)


@dataclass(frozen=True)
class _Stage:
    """One number to minimise: a tier, or one of the two aims of exploration (`part`).

    `fix` is False for an aim that only guides the one after it.
    """

    tier: str
    terms: Terms
    tolerance: Fraction
    part: int = 0
    fix: bool = True

    def total(self, run: Run) -> int:
        """Weighted sum of the best plan so far, which may be older than this aim's literals."""
        value = run.value(self.tier)
        if isinstance(value, tuple):
            value = value[self.part]
        if self.tier == "exploration" and run.aims.counts_exploration_up:
            value = -value  # minimised as its negative
        return int(value * self.terms.scale) - self.terms.constant


def solve_tiers(
    plan: Plan,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    duties: Duties | None = None,
    tie_break: bool = True,
    export: Callable[[Duties], None] | None = None,
    more: Mapping[str, Room] | None = None,
    start: Assignment | None = None,
) -> TiersResult:
    """Solve the tiers of a plan.

    Parameters
    ----------
    plan : Plan
    engine : Engine, optional
        Limits, stop, seed; a fresh one by default.
    order : sequence of str
        Tiers in order; empty: as the plan wishes or the rulebook says. Tiers left out are not considered.
    duties : Duties, optional
        The model to use (it is changed); built from the plan by default.
    tie_break : bool
        False leaves the tie-break out (for questions about values alone).
    export : callable, optional
        Given the model of the whole plan, before anything is solved.
    more : Mapping[str, Room], optional
        Further aims by the name that they have in `order`. What one says of a plan must be the sum of what it says of
        the parts of the plan that are solved apart (`parts`).
    start : Assignment, optional
        A plan to begin with: the answer is never worse than it, in the order of the tiers, however soon it is stopped.
        It is passed over when it is not lawful here.

    Raises
    ------
    NoPlan
        Proven infeasible, or stopped before a plan was found.
    """
    engine = engine or Engine()
    names = full_order(plan, order)
    if not tie_break:
        names = tuple(name for name in names if name != "tie_break")
    if export is not None:
        export(Duties(plan))
    if duties is not None:
        assignment, tiers = _solve_block(OnePlan(plan, duties, more or {}), engine, names, start)
        return _result(plan, assignment, tiers, engine, more or {})
    hosts: dict[str, tuple[str, ...]] = {}
    ways: dict[str, tuple[str, ...]] = {}
    done: list[list[Tier]] = []
    for part, part_names in parts(plan, names):
        assignment, tiers = _solve_block(OnePlan(part, Duties(part), more or {}), engine, part_names, start)
        hosts.update(assignment.hosts)
        ways.update(assignment.ways)
        done.append(tiers)
    assignment = Assignment(plan.convener, hosts, ways)
    joined = [_joined_tier([tier for tiers in done for tier in tiers if tier.name == name]) for name in names]
    return _result(plan, assignment, joined, engine, more or {})


def _result(
    plan: Plan, assignment: Assignment, tiers: Sequence[Tier], engine: Engine, more: Mapping[str, Room]
) -> TiersResult:
    valued = tuple(_valued(plan, assignment, tiers, more))
    return TiersResult(assignment, valued, engine.solver_seconds, engine.solves)


def parts(plan: Plan, names: Sequence[str]) -> list[tuple[Plan, tuple[str, ...]]]:
    """Parts of the plan that share no clause, each with the tiers that concern it.

    Units in the load and the separate ones (社區共好, item 6 ...) meet in no clause, and in no tier but sums of both:
    the best plan is then the best of each, tier by tier. A tolerance on such a sum could be spent on either side, and
    then they stay together.
    """
    load_units = [unit for unit in plan.rules.units if unit in plan.rules.load_units]
    others = [unit for unit in plan.rules.units if unit not in plan.rules.load_units]
    together = any(plan.wishes.tolerances.get(name) for name in ("unwilling", "travel", "preference"))
    mixed = any(
        any(item in clause.items for unit in load_units for item in plan.rules.units[unit].items)
        and any(item in clause.items for unit in others for item in plan.rules.units[unit].items)
        for clause in plan.rules.clauses
        if clause.kind in ("same_hosts", "different_hosts", "equal_numbers", "track_cap")
        or (clause.kind == "host_count" and clause.together)
    )
    tracks_apart = not all(plan.rules.unit_of[track] in load_units for track in plan.rules.tracks)
    if together or mixed or tracks_apart or not load_units or not others:
        return [(plan, tuple(names))]
    first = Plan(plan.problem.restricted_to(load_units), plan.convener)
    second = Plan(plan.problem.restricted_to(others), plan.convener)
    return [
        (first, tuple(name for name in names if name != "separate")),
        (second, tuple(name for name in names if name not in ("exploration", "overload", "load"))),
    ]


def _joined_tier(tiers: list[Tier]) -> Tier:
    """One tier of the whole plan from its parts: bounds of sums add up."""
    if len(tiers) == 1:
        return tiers[0]
    bounds, values = [tier.bound for tier in tiers], [tier.value for tier in tiers]
    bound: Any = None
    if all(isinstance(b, Fraction) for b in bounds):
        bound = sum((b for b in bounds if isinstance(b, Fraction)), Fraction(0))
    value: Any = sum((v for v in values if isinstance(v, Fraction)), Fraction(0))
    ranks: tuple[TierStatus, ...] = ("optimal", "feasible", "not_reached")
    status = max((tier.status for tier in tiers), key=ranks.index)
    return Tier(tiers[0].name, value, bound, status, sum(tier.seconds for tier in tiers))


def _solve_block(
    aims: OnePlan, engine: Engine, order: Sequence[str], start: Assignment | None
) -> tuple[Assignment, list[Tier]]:
    run = Run(aims, engine, None if start is None else _taken(aims.duties, start, engine))
    advance(run, order)
    assert run.best is not None
    return aims.duties.assignment(run.best.true), run.tiers


def _taken(duties: Duties, start: Assignment, engine: Engine) -> Outcome | None:
    """The solution of a model that an assignment describes; None when it breaks a clause."""
    items = duties.plan.rules.item_by_id
    hosts = {(item, code) for item, codes in start.hosts.items() if item in items for code in codes}
    known = {way for ways in duties.plan.rules.ways_of.values() for way in ways}
    ways = {(code, way) for code, chosen in start.ways.items() for way in chosen if way in known}
    if not hosts <= duties.decisions.keys() or not ways <= duties.way_decisions.keys():
        return None
    model = duties.model.clone()
    chosen = [x if key in hosts else ~x for key, x in duties.decisions.items()]
    chosen += [x if key in ways else ~x for key, x in duties.way_decisions.items()]
    model.add_bool_and(chosen)
    outcome = engine.solve(model, beyond_limits=FIRST_PLAN_WORK)
    return outcome if outcome.solution else None


def advance(run: Run, order: Sequence[str], *, until: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
    """Solve the tiers in order, as far as the limits allow.

    Parameters
    ----------
    run : Run
        The tiers done are added to it.
    order : sequence of str
    until : callable
        Asked after every step; True ends the run.

    Returns
    -------
    tuple of str
        The tiers left when `until` ended it.
    """
    names = list(order)
    while names:
        group = _group(names)
        if run.stopped and run.best is not None:
            _not_reached(run, group)
        elif group[0] in _VECTORS:
            _vector(run, group[0])
        elif group[0] == "tie_break":
            _tie_break(run)
        else:
            _numbers(run, group, more=len(names) > len(group))
        del names[: len(group)]
        if names and until():
            break
    if run.best is None:
        _ensure_first(run)
    return tuple(names)


def _group(names: list[str]) -> list[str]:
    """The next tiers that are numbers, or the next one that is not."""
    if names[0] in _VECTORS or names[0] == "tie_break":
        return names[:1]
    size = next((k for k, n in enumerate(names) if n in _VECTORS or n == "tie_break"), len(names))
    return names[:size]


def _stages(run: Run, names: list[str]) -> list[_Stage]:
    stages: list[_Stage] = []
    seen = {tier.name for tier in run.tiers}
    for name in names:
        if name == "exploration" and "unwilling" not in seen and "unwilling" not in names[: names.index(name)]:
            # "Without adding an unwilling host" holds whatever the order: count them first, but do not keep them.
            terms = run.aims.minimise("unwilling")
            stages.append(_Stage("unwilling", terms, Fraction(0), fix=False))
        made = run.aims.minimise(name)
        tolerance = run.aims.tolerance(name)
        parts = made if isinstance(made, tuple) else (made,)
        stages += [_Stage(name, terms, tolerance, part) for part, terms in enumerate(parts)]
    return stages


def _numbers(run: Run, names: list[str], *, more: bool) -> None:
    """Solve consecutive tiers that are numbers, fusing as many as the weights allow; `more`: others follow."""
    stages = _stages(run, names)
    results: dict[str, list[tuple[Fraction, Fraction | None, bool]]] = {name: [] for name in names}
    seconds = dict.fromkeys(names, 0.0)
    while stages:
        size = _fusible(stages)
        fused, stages = stages[:size], stages[size:]
        if run.engine.progress is not None:
            run.engine.progress.tier(next(stage.tier for stage in fused if stage.fix))
        outcome = None if run.stopped else _solve_fused(run, fused)
        _settle(run, fused, outcome, results)
        if any(stage.tier == "travel" for stage in fused) and (stages or more):
            settle_common(run, [] if any(stage.tolerance for stage in fused) else [stage.terms for stage in fused])
        seconds[next((s.tier for s in fused if s.fix), names[0])] += run.lap()
    for name in names:
        values = results[name]
        if any(not proven and bound is None for _, bound, proven in values) and run.stopped:
            status: TierStatus = "not_reached"
        else:
            status = "optimal" if all(proven for _, _, proven in values) else "feasible"
        bounds = [bound for _, bound, _ in values]
        bound: TierValue | None = None
        if all(b is not None for b in bounds):
            bound = _joined([b for b in bounds if b is not None])
        run.tiers.append(Tier(name, _joined([v for v, _, _ in values]), bound, status, seconds[name]))


def _fusible(stages: Sequence[_Stage]) -> int:
    """How many of the next aims go into one solve.

    An aim that only guides (not to be kept) goes with the aims of exploration behind it, and with nothing else.
    """
    if not stages[0].fix:
        return next((k for k, stage in enumerate(stages) if stage.fix and stage.tier != "exploration"), len(stages))
    size, product = 0, 1
    for stage in stages:
        if size and (not stage.fix or product * (stage.terms.span + 1) > MOST_WEIGHT):
            break
        product *= stage.terms.span + 1
        size += 1
        if stage.tolerance:
            break
    return size


def _joined(values: list[Fraction]) -> TierValue:
    return values[0] if len(values) == 1 else tuple(values)


def composite(aims: Sequence[Terms]) -> tuple[tuple[list[Any], list[int]], int]:
    """One objective that puts the first aim above the range of the second, and so on; and its own range + 1."""
    literals: dict[int, Any] = {}
    weights: dict[int, int] = {}
    factor = 1
    for terms in reversed(aims):
        for literal, weight in zip(terms.literals, terms.weights, strict=True):
            weights[literal.index] = weights.get(literal.index, 0) + factor * weight
            literals[literal.index] = literal
        factor *= terms.span + 1
    return (list(literals.values()), list(weights.values())), factor


def _solve_fused(run: Run, fused: list[_Stage]) -> Outcome | None:
    objective, span = composite([stage.terms for stage in fused])
    first = run.best is None
    if not first and run.engine.exhausted():
        run.stopped = True
        return None
    if not first and not objective[0]:
        return Outcome("optimal", run.best.solution if run.best else [], 0, 0, 0.0)
    # For display: the first aim's share of the sum, what the others add being small change.
    told = fused[0] if fused and fused[0].fix else None
    factor = span // (told.terms.span + 1) if told is not None else 1
    outcome = run.engine.solve(
        run.duties.model,
        objective,
        beyond_limits=FIRST_PLAN_WORK if first else 0.0,
        in_words=None if told is None else lambda total: _about(told, factor, total),
    )
    if first and outcome.status == "unknown":
        raise NoPlan(proven=False)
    if outcome.status == "infeasible":
        if not first:
            raise AssertionError("a tier turned infeasible after a proven one")
        # An INFEASIBLE is told to people only when it holds without presolve too (or-tools#5274).
        again = run.engine.solve(run.duties.model, objective, presolve=False, beyond_limits=FIRST_PLAN_WORK)
        if again.status == "infeasible":
            raise NoPlan(proven=True)
        if not again.solution:
            raise NoPlan(proven=False)
        outcome = again
    if outcome.status != "optimal":
        run.stopped = True
    if outcome.solution:
        better = run.best is None or outcome.status == "optimal" or _lexicographic(run, fused, outcome)
        if better:
            run.keep(outcome)
    return outcome


def _about(told: _Stage, factor: int, total: float) -> float:
    value = float(told.terms.value(round(total / factor)))
    return abs(value) if told.tier == "exploration" else value


def _lexicographic(run: Run, fused: list[_Stage], outcome: Outcome) -> bool:
    """Whether a solution that is not proven is better than the one we have."""
    assert run.best is not None
    return [stage.terms.total(outcome.true) for stage in fused] < [stage.total(run) for stage in fused]


def _settle(
    run: Run,
    fused: list[_Stage],
    outcome: Outcome | None,
    results: dict[str, list[tuple[Fraction, Fraction | None, bool]]],
) -> None:
    """Record value and bound of each fused stage, and hold the proven ones in the model."""
    assert run.best is not None
    optimal = outcome is not None and outcome.status == "optimal"
    for position, stage in enumerate(fused):
        terms = stage.terms
        total = terms.total(run.best.true) if optimal else stage.total(run)
        bound: Fraction | None = None
        if optimal:
            bound = terms.value(total)
            if stage.fix and terms.literals:
                # "At most" says the same as "equal to" here, and leaves the solver a wider road.
                most = _allowed(terms, total, stage.tolerance)
                run.duties.row(terms.literals, terms.weights, terms.least, most, f"tier[{stage.tier}]")
        elif position == 0 and outcome is not None and outcome.bound is not None:
            rest = 1
            for later in fused[1:]:
                rest *= later.terms.span + 1
            # composite >= bound, and what the later stages add lies between their least and least + span
            least_rest = 0
            factor = 1
            for later in reversed(fused[1:]):
                least_rest += factor * (later.terms.least + later.terms.span)
                factor *= later.terms.span + 1
            bound = terms.value(max(terms.least, -(-(outcome.bound - least_rest) // rest)))
        if stage.fix:
            results[stage.tier].append((_signed(stage, terms.value(total)), _signed(stage, bound), optimal))


def _signed(stage: _Stage, value: Any) -> Any:
    """Exploration under "as many as" is minimised as its negative."""
    return None if value is None else abs(value) if stage.tier == "exploration" else value


def _allowed(terms: Terms, total: int, tolerance: Fraction) -> int:
    """Largest weighted sum that the tolerance lets later tiers use."""
    value = terms.value(total)
    return int((value * (1 + tolerance) * terms.scale).__floor__()) - terms.constant


def _ensure_first(run: Run) -> None:
    if run.best is None:
        outcome = _solve_fused(run, [])
        assert outcome is not None
        run.stopped = False


def _vector(run: Run, name: str) -> None:
    if run.engine.progress is not None:
        run.engine.progress.tier(name)
    rungs: Rungs = run.aims.minimise(name)
    _ensure_first(run)
    assert run.best is not None
    result: VectorResult = by_chunks(run.engine, run.duties, rungs, (run.best, run.value(name)), chosen=run.keep)
    run.keep(result.outcome)
    proven = result.proven == len(rungs.levels)
    run.stopped = run.stopped or not proven
    status: TierStatus = "optimal" if proven else "feasible"
    bound = rungs.vector(result.counts[: result.proven])
    run.tiers.append(Tier(name, rungs.vector(result.counts), bound, status, run.lap()))


def _tie_break(run: Run) -> None:
    """Make the answer unique: settle the groups of decisions in the order of their importance."""
    if run.engine.progress is not None:
        run.engine.progress.tier("tie_break")
    _ensure_first(run)
    groups: list[TieGroup] = run.aims.minimise("tie_break")
    open_groups = [replace(g, literals=tuple(_still_open(run, g))) for g in groups]
    status: TierStatus = "optimal"
    for literals, weights in _tie_chunks([group for group in open_groups if group.literals]):
        if not _solve_chunk(run, literals, weights):
            status, run.stopped = "feasible", True
            break
    run.tiers.append(Tier("tie_break", "", None, status, run.lap()))


def _still_open(run: Run, group: TieGroup) -> Iterator[Any]:
    return (literal for literal in group.literals if run.duties.value_if_fixed(literal) is None)


def settle_common(run: Run, kept: Sequence[Terms]) -> None:
    """After travel is proven: fix what all remaining plans have in common in the items with several hosts.

    These carry the large part of the model (who is nearest to whom); once settled, what follows is easy. Ask for the
    remaining plan that differs most from the best one; then, among the decisions that were the same, again; until no
    difference is left. Usually few decisions stay open, or none.

    What was just proven is easy as an objective and hard as a row that is kept, so it is asked for again, above the
    difference (two to four times faster, and never an outlier): `kept`, empty where a tolerance leaves it open.
    """
    assert run.best is not None
    if run.stopped:
        return
    groups: list[TieGroup] = run.aims.minimise("tie_break")
    same = [literal for group in groups if not group.exactly_one for literal in group.literals]
    while same and not run.engine.exhausted():
        difference = Terms(tuple(same), tuple(1 if run.best.true(literal) else -1 for literal in same))
        objective, span = composite([*kept, difference])
        if span >= MOST_EXACT:
            objective, _ = composite([difference])
        outcome = run.engine.solve(run.duties.model, objective)
        if outcome.status != "optimal":
            return
        alike = [literal for literal in same if outcome.true(literal) == run.best.true(literal)]
        if len(alike) == len(same):
            for literal in same:
                if run.duties.value_if_fixed(literal) is None:
                    run.duties.decide(literal, run.best.true(literal))
            return
        same = alike


def _solve_chunk(run: Run, literals: list[Any], weights: list[int]) -> bool:
    """Minimise one chunk and settle its decisions; False when stopped before the proof."""
    assert run.best is not None
    if run.engine.exhausted():
        return False
    outcome = run.engine.solve(run.duties.model, (literals, weights))
    if outcome.solution and (
        outcome.status == "optimal" or _sum(literals, weights, outcome) < _sum(literals, weights, run.best)
    ):
        run.keep(outcome)
    if outcome.status != "optimal":
        return False
    for literal in literals:
        if run.duties.value_if_fixed(literal) is None:
            run.duties.decide(literal, run.best.true(literal))
    return True


def _sum(literals: Sequence[Any], weights: Sequence[int], outcome: Outcome) -> int:
    return sum(w for x, w in zip(literals, weights, strict=True) if outcome.true(x))


def _tie_chunks(groups: list[TieGroup]) -> Iterator[tuple[list[Any], list[int]]]:
    """Digits from the most important down, as many in one chunk as the weights allow.

    A group with exactly one host is one digit, the rank of the host; in other groups every decision is a digit.
    """
    digits: list[tuple[Sequence[Any], list[int], int]] = []
    for group in groups:
        if group.exactly_one:
            weights, span = group.digits()
            digits.append((group.literals, weights, span))
        else:
            digits += [((literal,), [-1], 2) for literal in group.literals]
    while digits:
        size, product = 0, 1
        while size < len(digits) and (not size or product * digits[size][2] <= MOST_WEIGHT):
            product *= digits[size][2]
            size += 1
        literals: list[Any] = []
        chunk: list[int] = []
        factor = 1
        for own, weights, span in reversed(digits[:size]):
            literals += own
            chunk += [factor * weight for weight in weights]
            factor *= span
        yield literals, chunk
        del digits[:size]


def _not_reached(run: Run, names: list[str]) -> None:
    for name in names:
        run.tiers.append(Tier(name, Fraction(0), None, "not_reached", 0.0))


def _valued(plan: Plan, assignment: Assignment, solved: Sequence[Tier], more: Mapping[str, Room]) -> list[Tier]:
    """Tiers with the values of the final plan, by the solver-free doors where the solver does not know them.

    A proven tier without tolerance has the value that was proven: later tiers cannot change it.
    """
    tiers = []
    for tier in solved:
        known = tier.status == "optimal" and tier.name != "tie_break" and not plan.wishes.tolerances.get(tier.name)
        value = tier.value if known else (more.get(tier.name) or ROOMS[tier.name]).value(plan, assignment)
        if isinstance(value, tuple) and tier.name == "exploration":
            value = _joined(list(value)) if len(value) == 1 else value
        bound = tier.bound
        if tier.name == "tie_break":
            bound = value if tier.status == "optimal" else None
        tiers.append(Tier(tier.name, value, bound, tier.status, tier.seconds))
    return tiers
