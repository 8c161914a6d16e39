"""Variables + clauses = the CP-SAT model of one plan.

`Duties` holds every decision and hides how decisions are indexed. Clause rooms talk to it through the doors described
in `models.clauses._door.DutyModel`; objectives add their own variables on top. Built *guarded*, every constraint hangs
on a literal named by its clause and part, so that clauses can be switched off one by one (`models.conflicts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ortools.sat.python import cp_model

from models.clauses import require_all
from models.community import Assignment, Plan

__all__ = ["Duties", "Literal"]

Literal = Any  # a Boolean of CP-SAT or its negation: ortools types both loosely


class Duties:
    """The CP-SAT model of one plan.

    Parameters
    ----------
    plan : Plan
    guarded : bool
        Hang every constraint on a literal of its clause and part. Slower; used to explain collisions.
    model : cp_model.CpModel, optional
        Where to put it, beside what is there already; a new one by default.

    Attributes
    ----------
    model : cp_model.CpModel
    guards : dict
        (clause id, part) -> literal that puts the constraint in force; empty unless guarded.
    """

    def __init__(self, plan: Plan, *, guarded: bool = False, model: cp_model.CpModel | None = None) -> None:
        self.plan = plan
        self.model = cp_model.CpModel() if model is None else model
        self.guarded = guarded
        self.guards: dict[tuple[str, str], Literal] = {}
        self._fixed: dict[int, bool] = {}
        self._made: dict[str, Any] = {}
        self._pending: list[Callable[[], None]] = []
        self._hosts: dict[tuple[str, str], Literal] = {}
        self._units: dict[tuple[str, str], Literal] = {}
        self._ways: dict[tuple[str, str], Literal] = {}
        self._make_decisions()
        require_all(plan, self)
        # Limits are emitted after every fixing is known: what is decided need not be left to presolve.
        for emit in self._pending:
            emit()
        self._pending.clear()

    # ------------------------------------------------------------------------------------------------ decisions

    def _make_decisions(self) -> None:
        rules, new = self.plan.rules, self.model.new_bool_var
        leader: dict[str, str] = {}
        if not self.guarded:
            # Items of a bundle share their variables; guarded, the bundle is a constraint that can be lifted.
            for clause in rules.of_kind("same_hosts"):
                for item in clause.items:
                    leader[item] = leader.get(clause.items[0], clause.items[0])
        for item in rules.item_by_id:
            for code in self.plan.candidates:
                first = leader.get(item, item)
                if first != item:
                    if (first, code) not in self._hosts:
                        self._hosts[first, code] = new(f"x[{first},{code}]")
                    self._hosts[item, code] = self._hosts[first, code]
                elif (item, code) not in self._hosts:
                    self._hosts[item, code] = new(f"x[{item},{code}]")
        for unit in rules.units.values():
            for code in self.plan.candidates:
                literals = list({self._hosts[i, code].index: self._hosts[i, code] for i in unit.items}.values())
                if len(literals) == 1:
                    self._units[unit.id, code] = literals[0]
                else:
                    literal = new(f"unit[{unit.id},{code}]")
                    self._units[unit.id, code] = literal
                    self.model.add_max_equality(literal, literals)
        for item, ways in rules.ways_of.items():
            del item
            for code in self.plan.problem.benchmarks:
                for way in ways:
                    self._ways[code, way] = new(f"way[{way},{code}]")

    def host(self, item: str, code: str) -> Literal:
        """Decision "`code` hosts `item`"."""
        return self._hosts[item, code]

    def unit(self, unit: str, code: str) -> Literal:
        """Decision "`code` hosts at least one item of the unit"."""
        return self._units[unit, code]

    def way(self, code: str, way: str) -> Literal:
        """Decision "school `code` uses this way"."""
        return self._ways[code, way]

    @property
    def decisions(self) -> Mapping[tuple[str, str], Literal]:
        """All host decisions by (item, school)."""
        return self._hosts

    @property
    def way_decisions(self) -> Mapping[tuple[str, str], Literal]:
        """All decisions on ways by (school, way)."""
        return self._ways

    def value_if_fixed(self, literal: Literal) -> bool | None:
        """The value a clause gave to a decision, or None while it is open."""
        return self._fixed.get(literal.index)

    def open_or_true(self, unit: str) -> list[str]:
        """Candidates that may host a unit: all whose decision no clause has fixed to false."""
        return [c for c in self.plan.candidates if self.value_if_fixed(self._units[unit, c]) is not False]

    # ------------------------------------------------------------------------------------ the doors of the objectives

    def new(self, name: str) -> Literal:
        """A new auxiliary Boolean."""
        return self.model.new_bool_var(name)

    def clause(self, literals: Sequence[Literal]) -> None:
        """At least one of the literals is true."""
        self.model.add_bool_or(literals)

    def row(self, literals: Sequence[Literal], weights: Sequence[int], low: int, high: int, name: str) -> None:
        """``low <= weighted sum <= high``."""
        constraint = self.model.proto.constraints.add()
        constraint.linear.vars.extend([literal.index for literal in literals])
        constraint.linear.coeffs.extend(weights)
        constraint.linear.domain.extend([low, high])
        constraint.name = name

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """The value made for `key`, made at the first call only."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def decide(self, literal: Literal, value: bool) -> None:
        """Fix an open decision for good (what a tier has proven)."""
        self.fix("tier", "", literal, value)

    def assignment(self, value: Callable[[Literal], bool]) -> Assignment:
        """The assignment that a solution describes."""
        hosts: dict[str, list[str]] = {}
        for (item, code), literal in self._hosts.items():
            if value(literal):
                hosts.setdefault(item, []).append(code)
        ways: dict[str, list[str]] = {}
        for (code, way), literal in self._ways.items():
            if value(literal):
                ways.setdefault(code, []).append(way)
        return Assignment(
            self.plan.convener,
            {item: tuple(codes) for item, codes in hosts.items()},
            {code: tuple(chosen) for code, chosen in ways.items()},
        )

    # ------------------------------------------------------------------------------- the doors of the clause rooms

    def fix(self, clause: str, part: str, literal: Literal, value: bool) -> None:
        """The literal has this value."""
        if self.guarded:
            self.model.add_implication(self._guard(clause, part), literal if value else ~literal)
            return
        known = self._fixed.get(literal.index)
        if known is None:
            self._fixed[literal.index] = value
            literal.proto.domain[0 if value else 1] = int(value)
        elif known != value:
            self.impossible(clause, part)

    def limit(self, clause: str, part: str, literals: Sequence[Literal], least: int | None, most: int | None) -> None:
        """Between `least` and `most` of the literals are true."""
        self._pending.append(lambda: self._emit_limit(clause, part, list(literals), least, most))

    def _emit_limit(self, clause: str, part: str, literals: list[Literal], least: int | None, most: int | None) -> None:
        low, high = least or 0, len(literals) if most is None else most
        if not self.guarded:
            true = sum(self._fixed.get(x.index) is True for x in literals)
            literals = [x for x in literals if x.index not in self._fixed]
            low, high = low - true, high - true
        if low <= 0 and high >= len(literals):
            return
        if high < 0 or low > len(literals):
            self.impossible(clause, part)
        elif high == 0 and not self.guarded:
            for literal in literals:
                self.fix(clause, part, literal, False)
        elif low <= 0 and high == 1 and not self.guarded:  # at_most_one takes no enforcement literal
            self._name(self.model.add_at_most_one(literals), clause, part)
        elif low == 1 and high >= len(literals):
            self._name(self.model.add_bool_or(literals), clause, part)
        elif low == 1 and high == 1 and not self.guarded:
            self._name(self.model.add_exactly_one(literals), clause, part)
        else:
            total = cp_model.LinearExpr.sum(literals)
            self._name(self.model.add_linear_constraint(total, max(low, 0), min(high, len(literals))), clause, part)

    def equal(self, clause: str, part: str, left: Sequence[Literal], right: Sequence[Literal]) -> None:
        """Equally many literals are true on both sides."""
        if [x.index for x in left] == [x.index for x in right]:
            return
        difference = cp_model.LinearExpr.weighted_sum([*left, *right], [1] * len(left) + [-1] * len(right))
        self._name(self.model.add_linear_constraint(difference, 0, 0), clause, part)

    def weighted(self, clause: str, part: str, literals: Sequence[Literal], weights: Sequence[int], most: int) -> None:
        """The weights of the true literals sum to at most `most`."""
        total = cp_model.LinearExpr.weighted_sum(list(literals), list(weights))
        self._name(self.model.add_linear_constraint(total, 0, most), clause, part)

    def impossible(self, clause: str, part: str) -> None:
        """The clause cannot be kept, whatever is decided."""
        self._name(self.model.add_bool_or([]), clause, part)

    def _name(self, constraint: Any, clause: str, part: str) -> None:
        constraint.with_name(f"{clause}/{part}")
        if self.guarded:
            constraint.only_enforce_if(self._guard(clause, part))

    def _guard(self, clause: str, part: str) -> Literal:
        key = (clause, part)
        if key not in self.guards:
            self.guards[key] = self.model.new_bool_var(f"guard[{clause},{part}]")
        return self.guards[key]
