"""The tiers of one plan, solved one after the other, each with its value, bound and proof.

One model is kept: what a tier has proven is appended as a row, and the objective is swapped. Tiers that are one number
and stand next to each other are minimised in one solve with weights above each other's range, so long as the weights
stay exact; their values are exact and proven each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from models.community import Assignment, Plan
from models.duties import Duties
from models.engine import Engine, Outcome
from models.leximin import MOST_WEIGHT, VectorResult, by_chunks
from models.objectives import ROOMS
from models.objectives._terms import Terms
from models.objectives.leximin import Rungs

__all__ = ["LOAD_TIERS", "NoPlan", "Tier", "TierStatus", "TiersResult", "full_order", "solve_tiers"]

TierStatus = Literal["optimal", "feasible", "not_reached"]
TierValue = Fraction | tuple[Fraction, ...] | str

#: Tiers that exploration must precede: they would close it down.
LOAD_TIERS = ("overload", "load", "travel")
_VECTORS = ("load", "separate")

#: Deterministic time granted for a first plan even when no limit is left.
FIRST_PLAN_WORK = 5.0


class NoPlan(Exception):
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


def full_order(plan: Plan, order: Sequence[str] = ()) -> tuple[str, ...]:
    """The order asked for (else the rulebook's), with exploration before the loads and the tie-break last."""
    wanted = [t for t in (order or plan.wishes.tier_order or plan.rules.rulebook.tiers.order) if t != "tie_break"]
    if "exploration" not in wanted:
        first = min((wanted.index(t) for t in LOAD_TIERS if t in wanted), default=len(wanted))
        wanted.insert(first, "exploration")
    return (*wanted, "tie_break")


@dataclass
class _Run:
    """The state of one run through the tiers."""

    plan: Plan
    duties: Duties
    engine: Engine
    best: Outcome | None = None
    tiers: list[Tier] = field(default_factory=list)
    stopped: bool = False
    last: float = field(default_factory=time.perf_counter)

    def lap(self) -> float:
        now = time.perf_counter()
        seconds, self.last = now - self.last, now
        return seconds

    def keep(self, outcome: Outcome) -> None:
        """Take a better plan."""
        self.best = outcome

    def value(self, tier: str) -> Any:
        """What the best plan so far is worth, by the solver-free door."""
        assert self.best is not None
        return ROOMS[tier].value(self.plan, self.duties.assignment(self.best.true))


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

    def total(self, run: _Run) -> int:
        """Weighted sum of the best plan so far, which may be older than this aim's literals."""
        value = run.value(self.tier)
        if isinstance(value, tuple):
            value = value[self.part]
        if self.terms.weights and self.tier == "exploration" and self.terms.weights[0] < 0:
            value = -value
        return int(value * self.terms.scale) - self.terms.constant


def solve_tiers(
    plan: Plan,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    duties: Duties | None = None,
    tie_break: bool = True,
    export: Callable[[Duties], None] | None = None,
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
        Given the model after its first objective is in place.

    Raises
    ------
    NoPlan
        Proven infeasible, or stopped before a plan was found.
    """
    engine = engine or Engine()
    run = _Run(plan, duties or Duties(plan), engine)
    names = list(full_order(plan, order))
    if not tie_break:
        names.remove("tie_break")
    while names:
        group = _group(names)
        if run.stopped:
            _not_reached(run, group)
        elif group[0] in _VECTORS:
            _vector(run, group[0], export)
        elif group[0] == "tie_break":
            _tie_break(run)
        else:
            _numbers(run, group, export)
        export = None
        del names[: len(group)]
    assert run.best is not None
    assignment = run.duties.assignment(run.best.true)
    return TiersResult(assignment, tuple(_valued(run, assignment)), engine.solver_seconds, engine.solves)


def _group(names: list[str]) -> list[str]:
    """The next tiers that are numbers, or the next one that is not."""
    if names[0] in _VECTORS or names[0] == "tie_break":
        return names[:1]
    size = next((k for k, n in enumerate(names) if n in _VECTORS or n == "tie_break"), len(names))
    return names[:size]


def _stages(run: _Run, names: list[str]) -> list[_Stage]:
    stages: list[_Stage] = []
    seen = {tier.name for tier in run.tiers}
    for name in names:
        if name == "exploration" and "unwilling" not in seen and "unwilling" not in names[: names.index(name)]:
            # "Without adding an unwilling host" holds whatever the order: count them first, but do not keep them.
            terms = ROOMS["unwilling"].minimise(run.plan, run.duties)
            stages.append(_Stage("unwilling", terms, Fraction(0), fix=False))
        made = ROOMS[name].minimise(run.plan, run.duties)
        tolerance = run.plan.wishes.tolerances.get(name, Fraction(0))
        parts = made if isinstance(made, tuple) else (made,)
        stages += [_Stage(name, terms, tolerance, part) for part, terms in enumerate(parts)]
    return stages


def _numbers(run: _Run, names: list[str], export: Callable[[Duties], None] | None) -> None:
    """Solve consecutive tiers that are numbers, fusing as many as the weights allow."""
    for name in names:
        if run.engine.progress is not None:
            run.engine.progress.tier(name)
    stages = _stages(run, names)
    results: dict[str, list[tuple[Fraction, Fraction | None, bool]]] = {name: [] for name in names}
    seconds = dict.fromkeys(names, 0.0)
    while stages:
        size, product = 0, 1
        for stage in stages:
            if size and product * (stage.terms.span + 1) > MOST_WEIGHT:
                break
            product *= stage.terms.span + 1
            size += 1
            if stage.tolerance or not stage.fix and size > 1:
                break
        fused, stages = stages[:size], stages[size:]
        outcome = None if run.stopped else _solve_fused(run, fused, export)
        export = None
        _settle(run, fused, outcome, results)
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


def _joined(values: list[Fraction]) -> TierValue:
    return values[0] if len(values) == 1 else tuple(values)


def _solve_fused(run: _Run, fused: list[_Stage], export: Callable[[Duties], None] | None) -> Outcome | None:
    literals: dict[int, Any] = {}
    weights: dict[int, int] = {}
    factor = 1
    for stage in reversed(fused):
        for literal, weight in zip(stage.terms.literals, stage.terms.weights, strict=True):
            weights[literal.index] = weights.get(literal.index, 0) + factor * weight
            literals[literal.index] = literal
        factor *= stage.terms.span + 1
    objective = (list(literals.values()), list(weights.values()))
    if export is not None:
        run.duties.model.clear_objective()
        export(run.duties)
    first = run.best is None
    if not first and run.engine.exhausted():
        run.stopped = True
        return None
    if not first and not objective[0]:
        return Outcome("optimal", run.best.solution if run.best else [], 0, 0, 0.0)
    outcome = run.engine.solve(run.duties.model, objective, beyond_limits=FIRST_PLAN_WORK if first else 0.0)
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


def _lexicographic(run: _Run, fused: list[_Stage], outcome: Outcome) -> bool:
    """Whether a solution that is not proven is better than the one we have."""
    assert run.best is not None
    return [stage.terms.total(outcome.true) for stage in fused] < [stage.total(run) for stage in fused]


def _settle(
    run: _Run,
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
                duties_row(run.duties, terms, _allowed(terms, total, stage.tolerance), exact=not stage.tolerance)
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


def duties_row(duties: Duties, terms: Terms, most: int, *, exact: bool) -> None:
    """Hold a proven aim at its value (or up to its tolerance) in the model."""
    duties.row(terms.literals, terms.weights, most if exact else terms.least, most, "tier")


def _ensure_first(run: _Run, export: Callable[[Duties], None] | None) -> None:
    if run.best is None:
        outcome = _solve_fused(run, [], export)
        assert outcome is not None
        run.stopped = False


def _vector(run: _Run, name: str, export: Callable[[Duties], None] | None) -> None:
    if run.engine.progress is not None:
        run.engine.progress.tier(name)
    rungs: Rungs = ROOMS[name].minimise(run.plan, run.duties)
    _ensure_first(run, export)
    assert run.best is not None
    result: VectorResult = by_chunks(
        run.engine, run.duties, rungs, (run.best, run.value(name)), chosen=run.keep
    )
    run.keep(result.outcome)
    proven = result.proven == len(rungs.levels)
    run.stopped = run.stopped or not proven
    status: TierStatus = "optimal" if proven else "feasible"
    bound = rungs.vector(result.counts[: result.proven])
    run.tiers.append(Tier(name, rungs.vector(result.counts), bound, status, run.lap()))


def _tie_break(run: _Run) -> None:
    """Make the answer unique: literals in order of importance, in chunks of powers of two (or ranks)."""
    _ensure_first(run, None)
    assert run.best is not None
    groups = ROOMS["tie_break"].minimise(run.plan, run.duties)
    status: TierStatus = "optimal"
    if run.engine.progress is not None:
        run.engine.progress.tier("tie_break")
    for literals, weights in _tie_chunks(groups, run.best):
        if run.engine.exhausted():
            status, run.stopped = "feasible", True
            break
        outcome = run.engine.solve(run.duties.model, (literals, weights))
        if outcome.solution and (
            outcome.status == "optimal" or _sum(literals, weights, outcome) <= _sum(literals, weights, run.best)
        ):
            run.keep(outcome)
        if outcome.status != "optimal":
            status, run.stopped = "feasible", True
            break
        for literal in literals:
            if run.duties.value_if_fixed(literal) is None:
                run.duties.decide(literal, run.best.true(literal))
    run.tiers.append(Tier("tie_break", "", "" if status == "optimal" else None, status, run.lap()))


def _sum(literals: Sequence[Any], weights: Sequence[int], outcome: Outcome) -> int:
    return sum(w for x, w in zip(literals, weights, strict=True) if outcome.true(x))


def _tie_chunks(groups: list[list[Any]], best: Outcome) -> list[tuple[list[Any], list[int]]]:
    """Chunks of at most 2^40: in a group with one host the rank is the digit, else every literal is a binary one.

    How many schools of a group host is settled by earlier tiers or not; the rank digit is right only when it is exactly
    one in every remaining plan, so groups are taken as binary unless the model says so.
    """
    del best
    chunks: list[tuple[list[Any], list[int]]] = []
    literals: list[Any] = []
    for literal in (x for group in groups for x in group):
        literals.append(literal)
        if len(literals) == 40:
            chunks.append((literals, [-(1 << k) for k in reversed(range(len(literals)))]))
            literals = []
    if literals:
        chunks.append((literals, [-(1 << k) for k in reversed(range(len(literals)))]))
    return chunks


def _not_reached(run: _Run, names: list[str]) -> None:
    for name in names:
        run.tiers.append(Tier(name, Fraction(0), None, "not_reached", 0.0))


def _valued(run: _Run, assignment: Assignment) -> list[Tier]:
    """Tiers with the values of the final plan, recomputed by the solver-free doors."""
    tiers = []
    for tier in run.tiers:
        value = ROOMS[tier.name].value(run.plan, assignment)
        if isinstance(value, tuple) and tier.name == "exploration":
            value = _joined(list(value))
        bound: Any = tier.bound
        if tier.name == "tie_break":
            bound = value if tier.status == "optimal" else None
        tiers.append(Tier(tier.name, value, bound, tier.status, tier.seconds))
    return tiers
