"""Solving a changed problem, with what the change leaves alone taken over from the plan before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.clauses import ROOMS as CLAUSE_ROOMS
from models.community import Assignment, Plan, Problem
from models.conflicts import Collision, collision
from models.convener import choose_convener
from models.engine import Engine
from models.objectives.load import points
from models.tiers import NoPlan, TiersResult, full_order, parts, solve_tiers
from models.whatif.changes import Change, Host, NotHost, changed, is_about
from models.whatif.standing import Standing, Stopped, asks_for_more
from models.whatif.values import TierChange, compared, merged, proven_result, rows_of

__all__ = ["Move", "WhatIf", "exclusion", "solve_changed", "what_if"]

#: Kinds of clauses that alone forbid a school to host an item.
_FORBIDDING = ("membership", "barred", "outside_partner", "who_hosts", "cannot", "bans")


@dataclass(frozen=True)
class Move:
    """A duty whose hosts change.

    Parameters
    ----------
    row : str
        Unit or item.
    items : tuple of str
    before, after : tuple of str
        Codes of its hosts.
    """

    row: str
    items: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class WhatIf:
    """A plan before and after some changes; both are the canonical optimal plans, so the difference is well defined.

    Parameters
    ----------
    changes : tuple of Change
    plan, result : Plan and TiersResult
        Before.
    plan_after, result_after : Plan and TiersResult, or None
        After; None when there is no lawful plan, or none was found before a stop.
    tiers : tuple of TierChange
    moves : tuple of Move
        Duties whose hosts change, in the rulebook's order.
    gains, loses : Mapping of str to tuple of str
        School -> rows it hosts only after, or only before.
    load_points : Mapping of str to (Fraction or None, Fraction or None)
        School whose points change -> points before and after; None where it takes no part.
    proven : bool
        Both plans are proven in every tier; or that there is no plan after is.
    why_none : Collision or None
        Where there is no lawful plan: clauses that collide.
    """

    changes: tuple[Change, ...]
    plan: Plan
    result: TiersResult
    plan_after: Plan
    result_after: TiersResult | None
    tiers: tuple[TierChange, ...]
    moves: tuple[Move, ...]
    gains: Mapping[str, tuple[str, ...]]
    loses: Mapping[str, tuple[str, ...]]
    load_points: Mapping[str, tuple[Fraction | None, Fraction | None]]
    proven: bool
    why_none: Collision | None = None

    def tier(self, name: str) -> TierChange:
        """The tier of that name."""
        return next(tier for tier in self.tiers if tier.tier == name)


def what_if(
    plan: Plan,
    changes: Sequence[Change],
    result: TiersResult | None = None,
    *,
    standing: Standing | None = None,
    engine: Engine | None = None,
    why: bool = True,
) -> WhatIf:
    """What changes would do to the best plan, solved again through all tiers.

    Parameters
    ----------
    plan : Plan
    changes : sequence of Change
        Applied one after the other.
    result : TiersResult, optional
        The plan as `models.tiers.solve_tiers` gave it; solved first by default.
    standing : Standing, optional
        Kept models from earlier questions about the same plan.
    engine : Engine, optional
    why : bool
        Where there is no lawful plan, look for clauses that collide; it can take long, and no limit ends it.

    Raises
    ------
    models.whatif.changes.ChangeError
        A change cannot be made here.
    NoPlan
        There is no plan to begin with.
    """
    engine = engine or (standing.engine if standing is not None else Engine())
    if standing is None:
        standing = Standing(plan, result if result is not None else solve_tiers(plan, engine), engine)
    standing.engine = engine
    changes = tuple(changes)
    problem = changed(plan.problem, changes)
    answer = _demanded(standing, problem, changes)
    if answer is not None:
        return _told(standing, changes, Plan(problem, plan.convener), answer)
    try:
        after, found = solve_changed(standing, problem, changes, engine)
    except NoPlan as none:
        after = Plan(problem, _conveners(standing, problem)[0])
        return _told(standing, changes, after, None, none=none, why=why)
    return _told(standing, changes, after, found)


def _demanded(standing: Standing, problem: Problem, changes: Sequence[Change]) -> TiersResult | None:
    """The plan under demands on hosts, from the kept models; None when another way has to be taken."""
    plan = standing.plan
    if not standing.is_plain or not all(isinstance(change, Host | NotHost) for change in changes):
        return None
    by_part: dict[int, list[Any]] = {}
    pins = problem.wishes.pins - plan.wishes.pins
    bans = problem.wishes.bans - plan.wishes.bans
    if any(code not in plan.candidates for _, code in pins | bans):
        return None
    if any(asks_for_more(plan, item, code) for item, code in pins):
        return None
    hosted = standing.result.assignment.hosts_of
    open_parts = {standing.part_of(item) for item, code in pins if code not in hosted(item)}
    open_parts |= {standing.part_of(item) for item, code in bans if code in hosted(item)}
    for number in open_parts:
        kept = standing.kept(number)
        own = kept.plan.rules.item_by_id
        demands = [kept.duties.host(item, code) for item, code in sorted(pins) if item in own]
        demands += [~kept.duties.host(item, code) for item, code in sorted(bans) if item in own]
        by_part[number] = demands
    pieces: list[tuple[Plan, Assignment]] = []
    try:
        for number, (part, _) in enumerate(standing.parts):
            assignment = standing.result.assignment
            if number in by_part:
                kept = standing.kept(number)
                demands = by_part[number]
                answer = kept.answer(demands)
                if answer is None:
                    return None
                assignment = answer
            pieces.append((part, assignment))
    except Stopped:
        return None
    return proven_result(plan, merged(plan, pieces), standing.names, solves=standing.engine.solves)


def _conveners(standing: Standing, problem: Problem) -> list[str]:
    """Schools that may convene after a change, in the order in which they are tried."""
    stated = problem.wishes.convener
    if stated is not None:
        return [stated]
    ranked = [choice.code for choice in choose_convener(problem)]
    present = standing.plan.convener
    if not ranked or ranked == [choice.code for choice in choose_convener(standing.plan.problem)]:
        ranked = [present, *(code for code in ranked if code != present)]
    return ranked


def solve_changed(
    standing: Standing,
    problem: Problem,
    changes: Sequence[Change],
    engine: Engine,
    *,
    tie_break: bool = True,
) -> tuple[Plan, TiersResult]:
    """The best plan of a changed problem; parts that the changes leave alone are taken over.

    The convener is the stated one, or the first in the ranking that can lead a lawful plan.

    Raises
    ------
    NoPlan
    """
    for position, code in enumerate(codes := _conveners(standing, problem)):
        try:
            return _solved(standing, Plan(problem, code), changes, engine, tie_break)
        except NoPlan as none:
            if not none.proven or position == len(codes) - 1:
                raise
    raise AssertionError("a convener is always tried")


def _solved(
    standing: Standing, plan: Plan, changes: Sequence[Change], engine: Engine, tie_break: bool
) -> tuple[Plan, TiersResult]:
    names = [name for name in full_order(plan) if tie_break or name != "tie_break"]
    pieces = parts(plan, names)
    alone = _left_alone(standing, plan, changes, [part for part, _ in pieces])
    if not alone:
        return plan, solve_tiers(plan, engine, tie_break=tie_break)
    found: list[tuple[Plan, Assignment]] = []
    whole = True
    for number, (part, own) in enumerate(pieces):
        if number in alone:
            found.append((part, standing.result.assignment))
            continue
        order = [name for name in own if name != "tie_break"]
        result = solve_tiers(part, engine, order=order, tie_break=tie_break)
        whole = whole and result.proven
        found.append((part, result.assignment))
    if not whole:
        return plan, solve_tiers(plan, engine, tie_break=tie_break)
    return plan, proven_result(plan, merged(plan, found), names, solves=engine.solves)


def _left_alone(standing: Standing, plan: Plan, changes: Sequence[Change], pieces: Sequence[Plan]) -> set[int]:
    """Numbers of the parts that no change can move."""
    before = standing.parts
    same_parts = [tuple(part.rules.units) for part, _ in before] == [tuple(part.rules.units) for part in pieces]
    if not standing.result.proven or not same_parts or len(pieces) < 2 or plan.convener != standing.plan.convener:
        return set()
    alone = set(range(len(pieces)))
    for change in changes:
        items, load_only = is_about(change, standing.plan.problem)
        for number, part in enumerate(pieces):
            in_load = any(unit in part.rules.load_units for unit in part.rules.units)
            mine = items is None or not items.isdisjoint(part.rules.item_by_id)
            if mine and (in_load or not load_only):
                alone.discard(number)
    return alone


def _told(
    standing: Standing,
    changes: tuple[Change, ...],
    after: Plan,
    found: TiersResult | None,
    *,
    none: NoPlan | None = None,
    why: bool = True,
) -> WhatIf:
    plan, result = standing.plan, standing.result
    if found is None:
        proven = none is not None and none.proven
        clash = collision(after) if proven and why else None
        return WhatIf(changes, plan, result, after, None, (), (), {}, {}, {}, proven, clash)
    moves, gains, loses = [], dict[str, list[str]](), dict[str, list[str]]()
    for row in rows_of(plan, after):
        old, new = row.hosts(result.assignment), row.hosts(found.assignment)
        if old != new:
            moves.append(Move(row.id, row.items, old, new))
        for code in sorted(set(new) - set(old)):
            gains.setdefault(code, []).append(row.id)
        for code in sorted(set(old) - set(new)):
            loses.setdefault(code, []).append(row.id)
    left, right = points(plan, result.assignment), points(after, found.assignment)
    both = {code: (left.get(code), right.get(code)) for code in sorted({*left, *right})}
    values = {tier.name: tier.value for tier in found.tiers}
    return WhatIf(
        changes,
        plan,
        result,
        after,
        found,
        compared((plan, standing.values), (after, values)),
        tuple(moves),
        {code: tuple(rows) for code, rows in gains.items()},
        {code: tuple(rows) for code, rows in loses.items()},
        {code: pair for code, pair in both.items() if pair[0] != pair[1]},
        result.proven and found.proven,
    )


def exclusion(plan: Plan, items: Sequence[str], code: str, *, thorough: bool = True) -> tuple[str, ...]:
    """Clauses that keep a school from hosting items: one that forbids it alone, else those that collide with it.

    Parameters
    ----------
    plan : Plan
    items : sequence of str
    code : str
    thorough : bool
        False looks for a clause that forbids it alone, without a solver.

    Returns
    -------
    tuple of str
        Clause ids; empty when nothing keeps it (or nothing was found that does so alone).
    """
    asked = Assignment(plan.convener, dict.fromkeys(items, (code,)))
    for clause in plan.rules.clauses:
        if clause.kind in _FORBIDDING:
            found = CLAUSE_ROOMS[clause.kind].violations(clause, plan, asked)
            if any(code in violation.schools for violation in found):
                return (clause.id,)
    if not thorough:
        return ()
    if code not in plan.candidates:
        return tuple(clause.id for clause in plan.rules.of_kind("membership"))
    problem = changed(plan.problem, [Host(item, code) for item in items])
    found_together = collision(Plan(problem, plan.convener))
    if found_together is None:
        return ()
    demand = {f"{item}:{code}" for item in items}
    pins = {clause.id for clause in plan.rules.of_kind("pins")}
    others = [c for c, part in found_together.parts if not (c in pins and part in demand)]
    return tuple(dict.fromkeys(others)) or tuple(sorted(pins))
