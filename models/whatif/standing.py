"""A proven plan and its kept models: what a demand costs is asked of them instead of being solved anew.

For each part of the plan one model is kept. Its tiers are gathered in groups (numbers next to each other; a vector),
and each group has a literal that holds it at the value of the plan. A demand "x hosts i" then costs nothing in the
groups that can be held together with it, and its price is paid in the first group that cannot: only that one is solved
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from models.clauses.host_number import limited_items, numbers
from models.community import Assignment, Plan
from models.duties import Duties
from models.engine import Engine, Outcome
from models.leximin import MOST_WEIGHT, by_chunks
from models.objectives import ROOMS
from models.objectives._terms import Terms
from models.objectives.leximin import Rungs
from models.tiers import (
    MOST_EXACT,
    OnePlan,
    Run,
    Tier,
    TiersResult,
    TierValue,
    advance,
    composite,
    full_order,
    parts,
    settle_common,
)
from models.whatif.values import merged, tier_values

__all__ = ["Kept", "Standing", "Stopped", "asks_for_more"]


class Stopped(Exception):  # noqa: N818 (an outcome, not an error)
    """A limit or a stop came before the answer."""


def asks_for_more(plan: Plan, item: str, code: str) -> bool:
    """Whether a pin would also raise the number of hosts of the item: then it is more than a demand on one host."""
    if not plan.rules.of_kind("host_number") or (item, code) in plan.wishes.pins or item not in limited_items(plan):
        return False
    if code in plan.forced_hosts.get(item, frozenset()):
        return False
    return plan.free_pins(item) + 1 > numbers(plan, item)[2]


@dataclass(frozen=True)
class _Step:
    """A number to minimise (a tier, or a part of it), and what it is worth in the plan."""

    tier: str
    terms: Terms
    total: int


@dataclass(frozen=True)
class _Group:
    """Tiers that are asked for together: numbers in one objective, or one vector.

    Parameters
    ----------
    tiers : tuple of str
    steps : tuple of _Step
        Empty for a vector.
    rungs : Rungs or None
    counts : tuple of int
        Of the vector of the plan.
    holds : literal
        True: the group is worth what it is worth in the plan.
    """

    tiers: tuple[str, ...]
    steps: tuple[_Step, ...]
    rungs: Rungs | None
    counts: tuple[int, ...]
    holds: Any


class _Clone:
    """A copy of a kept model that may be changed for good; as `models.duties.Duties` for what is asked here."""

    def __init__(self, duties: Duties) -> None:
        self._duties = duties
        self.model = duties.model.clone()
        self._fixed: dict[int, bool] = {}
        self.unit, self.host, self.way, self.assignment = duties.unit, duties.host, duties.way, duties.assignment

    def value_if_fixed(self, literal: Any) -> bool | None:
        """See `Duties`."""
        known = self._fixed.get(literal.index)
        return self._duties.value_if_fixed(literal) if known is None else known

    def decide(self, literal: Any, value: bool) -> None:
        """See `Duties`."""
        index = literal.index
        if index < 0:
            index, value = -index - 1, not value
        self._fixed[index] = value
        domain = self.model.proto.variables[index].domain
        domain[0] = domain[1] = int(value)

    def row(self, literals: Sequence[Any], weights: Sequence[int], low: int, high: int, name: str) -> None:
        """See `Duties`."""
        _row(self.model, literals, weights, low, high, name)

    def begin_with(self, outcome: Outcome) -> None:
        """Let every solve start from a plan: what follows an optimum nearly always stays close to it."""
        hint = self.model.proto.solution_hint
        hint.vars.extend(range(len(outcome.solution)))
        hint.values.extend(outcome.solution)


def _row(
    model: Any,
    literals: Sequence[Any],
    weights: Sequence[int],
    low: int,
    high: int,
    name: str,
    holds: Any = None,
) -> None:
    constraint = model.proto.constraints.add()
    if holds is not None:
        constraint.enforcement_literal.append(holds.index)
    constraint.linear.vars.extend([literal.index for literal in literals])
    constraint.linear.coeffs.extend(weights)
    constraint.linear.domain.extend([low, high])
    constraint.name = name


class _Asked:
    """The aims of a part, stated once in its kept model, for a run on a copy of it."""

    def __init__(self, kept: Kept, clone: _Clone) -> None:
        self._kept = kept
        self.duties: Any = clone

    @property
    def counts_exploration_up(self) -> bool:
        """See `models.tiers.Aims`."""
        return self._kept.aims.counts_exploration_up

    def minimise(self, tier: str) -> Any:
        """See `models.tiers.Aims`."""
        made = self._kept.made.get(tier)
        return ROOMS[tier].minimise(self._kept.plan, self.duties) if made is None else made

    def value(self, tier: str, true: Callable[[Any], bool]) -> Any:
        """See `models.tiers.Aims`."""
        return self._kept.aims.value(tier, true)

    def tolerance(self, tier: str) -> Fraction:
        """See `models.tiers.Aims`."""
        return Fraction(0)


class Kept:
    """The kept model of one part of a plan.

    Parameters
    ----------
    plan : Plan
        The part.
    names : sequence of str
        Its tiers in order, with the tie-break or without.
    best : Assignment
        The optimal plan (it may speak of more than the part).
    engine : Engine
    """

    def __init__(self, plan: Plan, names: Sequence[str], best: Assignment, engine: Engine) -> None:
        self.plan, self.engine, self.best = plan, engine, best
        self.names = tuple(names)
        self.duties = Duties(plan)
        self.aims = OnePlan(plan, self.duties)
        self.made: dict[str, Any] = {}
        self.groups: list[_Group] = []
        self._state()

    # ------------------------------------------------------------------------------------------------- the groups

    def _state(self) -> None:
        pending: list[tuple[str, list[_Step]]] = []
        product = 1
        for name in self.names:
            if name == "tie_break":
                continue
            made = self.made[name] = self.aims.minimise(name)
            value = ROOMS[name].value(self.plan, self.best)
            if isinstance(made, Rungs):
                self._close(pending)
                pending, product = [], 1
                self._vector(name, made, made.counts_of(value))
                continue
            steps = self._steps(name, made, value)
            span = 1
            for step in steps:
                span *= step.terms.span + 1
            if pending and product * span > MOST_WEIGHT:
                self._close(pending)
                pending, product = [], 1
            pending.append((name, steps))
            product *= span
        self._close(pending)

    def _steps(self, name: str, made: Any, value: Any) -> list[_Step]:
        terms = made if isinstance(made, tuple) else (made,)
        values = value if isinstance(value, tuple) else (value,)
        if name == "exploration" and self.aims.counts_exploration_up:
            values = tuple(-v for v in values)  # minimised as its negative
        return [_Step(name, t, int(v * t.scale) - t.constant) for t, v in zip(terms, values, strict=True)]

    def _close(self, pending: list[tuple[str, list[_Step]]]) -> None:
        if not pending:
            return
        holds = self.duties.new(f"holds[{len(self.groups)}]")
        steps = tuple(step for _, own in pending for step in own)
        for step in steps:
            if step.terms.literals:
                terms = step.terms
                name = f"tier[{step.tier}]"
                _row(self.duties.model, terms.literals, terms.weights, terms.least, step.total, name, holds)
        self.groups.append(_Group(tuple(name for name, _ in pending), steps, None, (), holds))

    def _vector(self, name: str, rungs: Rungs, counts: Sequence[int]) -> None:
        holds = self.duties.new(f"holds[{len(self.groups)}]")
        for literals, sure, count in zip(rungs.literals, rungs.always, counts, strict=True):
            if literals:
                open_count = count - sure
                _row(self.duties.model, literals, [1] * len(literals), open_count, open_count, f"tier[{name}]", holds)
        self.groups.append(_Group((name,), (), rungs, tuple(counts), holds))

    # -------------------------------------------------------------------------------------------------- questions

    def literals(self, items: Iterable[str], code: str) -> list[Any]:
        """The decisions "`code` hosts the item", each once."""
        found = [self.duties.host(item, code) for item in items]
        return list({literal.index: literal for literal in found}.values())

    def is_true(self, items: Sequence[str], code: str) -> bool:
        """Whether the school hosts all the items in the plan."""
        return all(code in self.best.hosts_of(item) for item in items)

    def ask(
        self,
        assume: Sequence[Any],
        held: int,
        objective: tuple[Sequence[Any], Sequence[int]] | None = None,
        *,
        presolve: bool = True,
    ) -> Outcome:
        """Solve the kept model with some literals true and the first `held` groups held.

        Raises
        ------
        Stopped
            Before the optimum was proven.
        """
        if self.engine.exhausted():
            raise Stopped
        variables = self.duties.model.proto.variables
        literals = [*assume, *(g.holds if k < held else ~g.holds for k, g in enumerate(self.groups))]
        saved: list[tuple[int, list[int]]] = []
        for literal in literals:
            index, value = (literal.index, 1) if literal.index >= 0 else (-literal.index - 1, 0)
            domain = variables[index].domain
            saved.append((index, list(domain)))
            if value not in (saved[-1][1][0], saved[-1][1][-1]):
                # A clause, or another demand, says the contrary.
                self._restore(saved)
                return Outcome("infeasible", (), None, None, 0.0)
            domain[0] = domain[1] = value
        try:
            outcome = self.engine.solve(self.duties.model, objective, presolve=presolve)
        finally:
            self._restore(saved)
        if outcome.status not in ("optimal", "infeasible"):
            raise Stopped
        return outcome

    def _restore(self, saved: Sequence[tuple[int, list[int]]]) -> None:
        variables = self.duties.model.proto.variables
        for index, domain in reversed(saved):
            variables[index].domain[0], variables[index].domain[1] = domain

    def answer(self, assume: Sequence[Any]) -> Assignment | None:
        """The canonical best plan under a demand; None when no lawful plan fulfils it.

        From the last group up to the first that can be solved while those before it are held.
        """
        for held in range(len(self.groups) - 1, -1, -1):
            group = self.groups[held]
            objective = None if group.rungs is not None else composite([step.terms for step in group.steps])[0]
            outcome = self.ask(assume, held, objective)
            if outcome.solution:
                return self.run(assume, held, outcome, solved=group.rungs is None)
        confirmed = self.ask(assume, 0, presolve=False)
        return self.run(assume, 0, confirmed) if confirmed.solution else None

    def least(self, assume: Sequence[Any], group: int, start: Outcome) -> Outcome:
        """A plan that is best in the group under a demand, the groups before it being held.

        Parameters
        ----------
        start : Outcome
            A plan that fulfils the demand and holds the groups before.
        """
        asked = self.groups[group]
        if asked.rungs is None:
            objective, _ = composite([step.terms for step in asked.steps])
            return self.ask(assume, group, objective)
        clone = self.clone(assume, group)
        vector = self.aims.value(asked.tiers[0], start.true)
        result = by_chunks(self.engine, clone, asked.rungs, (start, vector), least=asked.counts)
        if result.proven < len(asked.rungs.levels):
            raise Stopped
        return result.outcome

    def clone(self, assume: Sequence[Any], held: int) -> _Clone:
        """A copy in which a demand and the first groups are held for good."""
        clone = _Clone(self.duties)
        for literal in assume:
            clone.decide(literal, True)
        for k, group in enumerate(self.groups):
            clone.decide(group.holds, k < held)
        return clone

    def run(
        self, assume: Sequence[Any], held: int, start: Outcome, *, solved: bool = False, tie_break: bool = True
    ) -> Assignment:
        """The best plan under a demand with which the first `held` groups can be held.

        Parameters
        ----------
        assume, held
        start : Outcome
            A plan that fulfils the demand and holds these groups.
        solved : bool
            It is the best in the next group, too (one of numbers).
        tie_break : bool

        Raises
        ------
        Stopped
            Before everything was proven.
        """
        clone = self.clone(assume, held)
        clone.begin_with(start)
        run = Run(_Asked(self, clone), self.engine, start)
        done = held + 1 if solved else held
        for group in self.groups[:done]:
            for name in group.tiers:
                run.tiers.append(Tier(name, Fraction(0), None, "optimal", 0.0))
        names = [name for group in self.groups[done:] for name in group.tiers]
        if tie_break and "tie_break" in self.names:
            names.append("tie_break")
        if solved:
            self._hold(run, self.groups[held], more=bool(names))
        advance(run, names)
        if any(tier.status != "optimal" for tier in run.tiers):
            raise Stopped
        assert run.best is not None
        return self.duties.assignment(run.best.true)

    def _hold(self, run: Run, group: _Group, *, more: bool) -> None:
        """Hold a group of numbers at what the plan of a run is worth, as `models.tiers` does after a solve."""
        assert run.best is not None
        for step in group.steps:
            terms = step.terms
            if terms.literals:
                total = terms.total(run.best.true)
                run.duties.row(terms.literals, terms.weights, terms.least, total, f"tier[{step.tier}]")
        if more and "travel" in group.tiers:
            settle_common(run, [step.terms for step in group.steps])

    def cover(self, wanted: Sequence[Sequence[Any]], held: int) -> Iterator[tuple[list[int], Outcome]]:
        """Plans that hold the first `held` groups and fulfil as many of the demands as possible, each its share.

        Parameters
        ----------
        wanted : sequence of demands
            Each is a list of literals; the first stands for it where it is one.

        Yields
        ------
        list of int, Outcome
            Positions of the demands that the plan is the first to fulfil. Those never named cannot be fulfilled.
        """
        left = {k for k, demand in enumerate(wanted) if len(demand) == 1}
        kept: list[Terms] = []
        last = self.groups[held - 1] if held else None
        if last is not None and last.rungs is None:
            # What is hard as a row that is kept is easy as an objective above the rest (see `models.tiers`).
            kept = [step.terms for step in last.steps]
        while left:
            order = sorted(left)
            share = Terms(tuple(wanted[k][0] for k in order), (-1,) * len(order))
            objective, span = composite([*kept, share])
            rows = held - 1 if kept else held
            if span >= MOST_EXACT:
                objective, rows = composite([share])[0], held
            outcome = self.ask((), rows, objective)
            assert outcome.solution, "the plan itself holds its groups"
            found = [k for k in order if outcome.true(wanted[k][0])]
            if not found:
                break
            left.difference_update(found)
            yield found, outcome
        for k, demand in enumerate(wanted):
            if len(demand) > 1:
                outcome = self.ask(demand, held)
                if outcome.solution:
                    yield [k], outcome


class Standing:
    """An optimal plan, proven, with the kept models of its parts.

    Parameters
    ----------
    plan : Plan
    result : TiersResult
        As `models.tiers.solve_tiers` gave it.
    engine : Engine, optional
        For what is asked; it may be replaced between two questions, since its limits are for all solves together.
    """

    def __init__(self, plan: Plan, result: TiersResult, engine: Engine | None = None) -> None:
        self.plan, self.result = plan, result
        self.engine = engine or Engine()
        self.names = full_order(plan)
        self.parts = parts(plan, self.names)
        self._kept: dict[int, Kept] = {}

    @cached_property
    def values(self) -> dict[str, TierValue]:
        """What the plan is worth."""
        if self.result.proven:
            return {tier.name: tier.value for tier in self.result.tiers if tier.name != "tie_break"}
        return tier_values(self.plan, self.result.assignment, [name for name in self.names if name != "tie_break"])

    @cached_property
    def is_tolerant(self) -> bool:
        """Whether a tolerance lets a tier exceed its optimum: its value is then that of the canonical plan only."""
        return any(self.plan.wishes.tolerances.values())

    @cached_property
    def is_strict(self) -> bool:
        """Whether each tier goes by the tiers before it alone, so that a demand that the plan fulfils changes nothing.

        Not with a tolerance, nor where exploration counts unwilling hosts that come later in the order.
        """
        names = list(self.names)
        guided = "unwilling" not in names[: names.index("exploration")]
        return not guided and not self.is_tolerant

    @property
    def is_plain(self) -> bool:
        """Whether the kept models answer: the plan is proven, and each tier goes by the tiers before it alone."""
        return self.result.proven and self.is_strict

    def part_of(self, item: str) -> int:
        """Number of the part in which an item is decided."""
        return next(k for k, (part, _) in enumerate(self.parts) if item in part.rules.item_by_id)

    def kept(self, part: int) -> Kept:
        """The kept model of a part, made when it is first asked."""
        if part not in self._kept:
            plan, names = self.parts[part]
            self._kept[part] = Kept(plan, names, self.result.assignment, self.engine)
        kept = self._kept[part]
        kept.engine = self.engine
        return kept

    def with_part(self, part: int, assignment: Assignment) -> Assignment:
        """The plan with another answer in one part."""
        pieces = [(own, assignment if k == part else self.result.assignment) for k, (own, _) in enumerate(self.parts)]
        return merged(self.plan, pieces)
