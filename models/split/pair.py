"""Both plans of one division in one model, tier by tier: for what ties them together beyond their sums.

Caps of exploration that belong to both plans, and tolerances, which either plan may spend, make the two plans of a
division depend on one another, and on the other divisions. So the search asks a tier of every candidate, holds the best
value in all that can reach it, and goes on to the next. Plain and slow: one number a solve, nothing fused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from ortools.sat.python import cp_model

from models.community import Assignment, Plan, Problem
from models.duties import Duties
from models.engine import Engine, Outcome
from models.leximin import by_chunks
from models.objectives import ROOMS
from models.objectives._terms import Terms
from models.objectives.leximin import Rungs
from models.split.joint_clauses import joint_caps
from models.split.measures import tie_items
from models.tiers import FIRST_PLAN_WORK

__all__ = ["Pair", "Stopped", "merged_rungs", "summed"]

#: Decisions of the tie-break in one solve.
_CHUNK = 40


class Stopped(Exception):  # noqa: N818 (an outcome, not an error)
    """A limit was reached, or a stop asked for, before the proof."""


class Pair:
    """The model of two plans.

    Parameters
    ----------
    problem : Problem
        Of the whole community.
    sides : (Problem, Problem)
        Of the two plans.
    conveners : (str, str)
    engine : Engine
    """

    def __init__(self, problem: Problem, sides: Sequence[Problem], conveners: Sequence[str], engine: Engine) -> None:
        self.problem = problem
        self.engine = engine
        self.model = cp_model.CpModel()
        self.halves = [
            Duties(Plan(side, convener), model=self.model) for side, convener in zip(sides, conveners, strict=True)
        ]
        self.best: Outcome | None = None
        self._terms: dict[str, tuple[Terms, ...]] = {}
        for cap in joint_caps(problem):
            every: list[Any] = []
            for item in cap.clause.items:
                literals = [half.host(item, code) for half in self.halves for code in half.plan.candidates]
                least = cap.most_per_track if cap.exact else 0
                self.row(literals, [1] * len(literals), least, cap.most_per_track, cap.clause.id)
                every += literals
            self.row(every, [1] * len(every), 0, cap.most_hosts, cap.clause.id)

    # ------------------------------------------------------------- the doors of a model that `models.leximin` uses

    def row(self, literals: Sequence[Any], weights: Sequence[int], low: int, high: int, name: str) -> None:
        """``low <= weighted sum <= high``."""
        self.halves[0].row(literals, weights, low, high, name)

    def value_if_fixed(self, literal: Any) -> bool | None:
        """The value that a clause or a proof gave to a decision."""
        known = [half.value_if_fixed(literal) for half in self.halves]
        return known[0] if known[0] is not None else known[1]

    def decide(self, literal: Any, value: bool) -> None:
        """Fix an open decision for good."""
        self.halves[0].decide(literal, value)

    # ------------------------------------------------------------------------------------------------------- solving

    def feasible(self) -> bool:
        """Whether there are two lawful plans; an INFEASIBLE is confirmed without presolve."""
        outcome = self._ask(self.model, None, first=True)
        if outcome is not None:
            self.best = outcome
        return outcome is not None

    def least(self, name: str, part: int, within: Sequence[tuple[str, int, Fraction]] = ()) -> Fraction | None:
        """Least value of a tier that is a number (what is maximised as its negative).

        Parameters
        ----------
        name : str
        part : int
            Which of the numbers of the tier.
        within : sequence of (tier, part, value)
            Values to keep in this question only.
        """
        terms = self.terms(name)[part]
        model = self.model
        if within:
            model = model.clone()
            for other, position, value in within:
                guide = self.terms(other)[position]
                _limit(model, guide, value)
        outcome = self._ask(model, (list(terms.literals), list(terms.weights)))
        if outcome is None:
            return None
        if not within:
            self.best = outcome
        return terms.value(terms.total(outcome.true))

    def hold(self, name: str, part: int, value: Fraction) -> None:
        """Keep a tier at most at this value."""
        _limit(self.model, self.terms(name)[part], value)

    def terms(self, name: str) -> tuple[Terms, ...]:
        """The numbers of a tier over both plans."""
        if name not in self._terms:
            made = [ROOMS[name].minimise(half.plan, half) for half in self.halves]
            parts = [part if isinstance(part, tuple) else (part,) for part in made]
            self._terms[name] = tuple(summed(own) for own in zip(*parts, strict=True))
        return self._terms[name]

    def vector(self, name: str) -> tuple[Fraction, ...] | None:
        """The lexicographically least vector of a tier, held in the model; None when nothing is lawful any more."""
        rungs = merged_rungs([ROOMS[name].minimise(half.plan, half) for half in self.halves])
        start = self._ask(self.model, None)
        if start is None:
            return None
        values = [ROOMS[name].value(half.plan, half.assignment(start.true)) for half in self.halves]
        vector = tuple(sorted((*values[0], *values[1]), reverse=True))
        result = by_chunks(self.engine, self, rungs, (start, vector))
        if result.proven < len(rungs.levels):
            raise Stopped
        self.best = result.outcome
        return rungs.vector(result.counts)

    def settle(self, literals: Sequence[Any]) -> bool:
        """Make the 0/1 vector lexicographically largest; False when nothing is lawful any more."""
        literals = [literal for literal in literals if self.value_if_fixed(literal) is None]
        for at in range(0, len(literals), _CHUNK):
            chunk = literals[at : at + _CHUNK]
            outcome = self._ask(self.model, (chunk, [-(1 << (len(chunk) - 1 - k)) for k in range(len(chunk))]))
            if outcome is None:
                return False
            self.best = outcome
            for literal in chunk:
                self.decide(literal, outcome.true(literal))
        if self.best is None or not literals:
            return self.feasible()
        return True

    def assignments(self) -> tuple[Assignment, Assignment]:
        """The two plans of the last solution."""
        assert self.best is not None
        first, second = (half.assignment(self.best.true) for half in self.halves)
        return first, second

    def _ask(
        self, model: cp_model.CpModel, objective: tuple[list[Any], list[int]] | None, *, first: bool = False
    ) -> Outcome | None:
        beyond = FIRST_PLAN_WORK if first else 0.0
        if not first and self.engine.exhausted():
            raise Stopped
        outcome = self.engine.solve(model, objective, beyond_limits=beyond)
        if outcome.status == "infeasible":
            outcome = self.engine.solve(model, objective, presolve=False, beyond_limits=beyond)
            if outcome.status == "infeasible":
                return None
        if outcome.status != "optimal":
            raise Stopped
        return outcome


def _limit(model: cp_model.CpModel, terms: Terms, value: Fraction) -> None:
    """Keep an aim at most at a value; nothing to do for one that cannot rise above it."""
    most = int((value * terms.scale).__floor__()) - terms.constant
    if most >= terms.least + terms.span:
        return
    constraint = model.proto.constraints.add()
    constraint.linear.vars.extend([literal.index for literal in terms.literals])
    constraint.linear.coeffs.extend(terms.weights)
    constraint.linear.domain.extend([min(terms.least, most), most])


def summed(parts: Sequence[Terms]) -> Terms:
    """The sum of aims over different decisions."""
    scale = lcm(*(part.scale for part in parts))
    literals: list[Any] = []
    weights: list[int] = []
    for part in parts:
        literals += part.literals
        weights += [weight * (scale // part.scale) for weight in part.weights]
    constant = sum(part.constant * (scale // part.scale) for part in parts)
    return Terms(tuple(literals), tuple(weights), constant, scale)


def merged_rungs(parts: Sequence[Rungs]) -> Rungs:
    """The vector of all schools of several plans."""
    levels = sorted({level for part in parts for level in part.levels}, reverse=True)
    ascending = [part.levels[::-1] for part in parts]
    always: list[int] = []
    literals: list[tuple[Any, ...]] = []
    for level in levels:
        sure, open_ = 0, list[Any]()
        for part, own in zip(parts, ascending, strict=True):
            # Who is at this level or above is at the next level of its own plan that is not below it.
            at = bisect_left(own, level)
            if at < len(own):
                position = len(own) - 1 - at
                sure += part.always[position]
                open_ += part.literals[position]
        always.append(sure)
        literals.append(tuple(open_))
    return Rungs(tuple(levels), tuple(always), tuple(literals), sum(part.schools for part in parts))


def tie_literals(problem: Problem, pair: Pair, sides_of: Callable[[str], tuple[int, ...]]) -> list[Any]:
    """Decisions of the tie-break in their order: units, then schools of both plans by code; then the ways."""
    literals: list[Any] = []
    codes = sorted({code for half in pair.halves for code in half.plan.candidates})
    for items in tie_items(problem):
        for code in codes:
            for side in sides_of(code):
                half = pair.halves[side]
                if len(items) > 1:
                    literals.append(half.unit(problem.rules.unit_of[items[0]], code))
                elif items[0] in half.plan.rules.item_by_id:
                    literals.append(half.host(items[0], code))
    for clause in problem.rules.stated_of_kind("ways"):
        for code in Plan(problem, "").role(clause.role):
            half = pair.halves[sides_of(code)[0]]
            literals += [half.way(code, way) for way in half.plan.rules.ways_of.get(clause.items[0], ())]
    return literals
