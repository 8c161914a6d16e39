"""What differs between two plans: duties that moved, conveners, loads, tiers. No solver.

A *duty* is an item, or the items that a clause keeps in the same hands (a bundle): hosted by one school, or by several.
A duty with hosts before and after *changes hands* as often as the larger of two numbers, the hosts it loses and those
it gains: so a host replaced counts once, and one that is added or dropped counts once too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from typing import Any, Literal

from models.audit import Audit, audit, equal_values
from models.community import Assignment, Plan, Problem
from models.objectives import load
from models.rulebook import Rules

__all__ = [
    "Change",
    "Difference",
    "LoadChange",
    "TierChange",
    "audited",
    "changes",
    "compare_tiers",
    "difference",
    "duties_of",
    "is_better",
]

Verdict = Literal["same", "better", "worse"]


@dataclass(frozen=True)
class Change:
    """One duty in other hands.

    Parameters
    ----------
    items : tuple of str
    before, after : str or None
        School codes; None: nobody, the duty has a host more or one less.
    """

    items: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class TierChange:
    """A tier before and after.

    Parameters
    ----------
    name : str
    before, after : tier values
        As in `models.audit.Audit.values`.
    verdict : {"same", "better", "worse"}
        What the second is beside the first.
    """

    name: str
    before: Any
    after: Any
    verdict: Verdict


@dataclass(frozen=True)
class LoadChange:
    """The load of a school before and after, None where the plan does not have the school."""

    code: str
    points_before: Fraction | None
    points_after: Fraction | None
    ratio_before: Fraction | None
    ratio_after: Fraction | None


@dataclass(frozen=True)
class Difference:
    """What differs between two plans.

    Parameters
    ----------
    convener : (str, str)
        Before and after.
    changes : tuple of Change
        In the rulebook's order.
    ways : tuple of (str, tuple of str, tuple of str)
        School, its ways of promotion before and after, where they differ.
    loads : tuple of LoadChange
        All schools of either plan, by code.
    tiers : tuple of TierChange
        In the order asked for.
    """

    convener: tuple[str, str]
    changes: tuple[Change, ...]
    ways: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    loads: tuple[LoadChange, ...]
    tiers: tuple[TierChange, ...]

    @property
    def decides(self) -> TierChange | None:
        """The first tier that is not the same, which says which plan is the better one."""
        return next((tier for tier in self.tiers if tier.verdict != "same"), None)


def duties_of(rules: Rules) -> tuple[tuple[str, ...], ...]:
    """Every duty: items that a clause in force keeps in the same hands, and the others one by one."""
    first: dict[str, str] = {}
    for clause in rules.of_kind("same_hosts"):
        for item in clause.items:
            first[item] = first.get(clause.items[0], clause.items[0])
    together: dict[str, list[str]] = {}
    for item in rules.item_by_id:
        together.setdefault(first.get(item, item), []).append(item)
    return tuple(tuple(items) for items in together.values())


def changes(rules: Rules, before: Assignment, after: Assignment) -> tuple[Change, ...]:
    """The duties that change hands, in the rulebook's order; of several hosts the smallest codes are paired."""
    found = []
    for items in duties_of(rules):
        old, new = before.unit_hosts(items), after.unit_hosts(items)
        lost = [code for code in old if code not in new]
        gained = [code for code in new if code not in old]
        found += [Change(items, left, came) for left, came in zip_longest(lost, gained)]
    return tuple(found)


def is_better(rules: Rules, tier: str, value: Any, than: Any) -> bool:
    """Whether a value of a tier is better than another, under the same rules."""
    if tier == "tie_break" or (tier == "exploration" and rules.option("exploration_number") in ("most", "stated")):
        return bool(value > than)
    return bool(value < than)


def compare_tiers(
    rules: Rules, order: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[TierChange, ...]:
    """Values of two plans, tier by tier.

    Parameters
    ----------
    rules : Rules
        Those of the second plan.
    order : tuple of str
    before, after : Mapping[str, Any]
        Tier -> value.
    """
    compared = []
    for name in order:
        old, new = before[name], after[name]
        verdict: Verdict = "worse"
        if equal_values(old, new):
            verdict = "same"
        elif is_better(rules, name, new, old):
            verdict = "better"
        compared.append(TierChange(name, old, new, verdict))
    return tuple(compared)


def difference(
    problem: Problem,
    before: Assignment,
    after: Assignment,
    *,
    problem_before: Problem | None = None,
    order: tuple[str, ...] = (),
) -> Difference:
    """Compare two plans.

    Parameters
    ----------
    problem : Problem
        That of the second plan.
    before, after : Assignment
    problem_before : Problem, optional
        That of the first plan; the same by default. Under other schools or rules the values of a tier are told side by
        side, and which is better is said as the second problem has it.
    order : tuple of str
        Tiers compared; the rulebook's by default.

    Returns
    -------
    Difference
    """
    given = problem if problem_before is None else problem_before
    old, new = audit(given, before), audit(problem, after)
    names = order or (*problem.rules.rulebook.tiers.order,)
    codes = sorted({*before.ways, *after.ways})
    ways = [(code, before.ways.get(code, ()), after.ways.get(code, ())) for code in codes]
    return Difference(
        (before.convener, after.convener),
        changes(problem.rules, before, after),
        tuple(entry for entry in ways if entry[1] != entry[2]),
        _loads(Plan(given, before.convener), before, Plan(problem, after.convener), after),
        compare_tiers(problem.rules, names, old.values, new.values),
    )


def _loads(old: Plan, before: Assignment, new: Plan, after: Assignment) -> tuple[LoadChange, ...]:
    had, has = load.points(old, before), load.points(new, after)
    return tuple(
        LoadChange(
            code,
            had.get(code),
            has.get(code),
            had[code] / old.capacity(code) if code in had else None,
            has[code] / new.capacity(code) if code in has else None,
        )
        for code in sorted({*had, *has})
    )


def audited(problem: Problem, assignment: Assignment) -> Audit:
    """The audit of a plan that a solver found lawful."""
    judged = audit(problem, assignment)
    if not judged.ok:
        broken = ", ".join(finding.clause.id for finding in judged.findings if not finding.ok)
        raise AssertionError(f"a solved plan breaks {broken}")
    return judged
