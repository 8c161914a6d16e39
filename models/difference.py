"""What differs between two plans: duties that moved, conveners, loads, tiers. No solver.

A *duty* is a unit whose items have the same hosts, or one item (`models.whatif.values.rows_of`). It *changes hands* as
often as the larger of two numbers, the hosts it loses and those it gains: so a host replaced counts once, and one that
is added or dropped counts once too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from models.audit import Audit, audit
from models.community import Assignment, Plan, Problem
from models.objectives import load
from models.whatif.values import Row, TierChange, compared, first_change, rows_of

__all__ = ["Difference", "HandOver", "LoadChange", "audited", "changes", "difference", "hand_overs"]


@dataclass(frozen=True)
class HandOver:
    """One duty in other hands.

    Parameters
    ----------
    row : str
        Unit or item.
    items : tuple of str
    before, after : str or None
        School codes; None: nobody, the duty has one host more or one less.
    """

    row: str
    items: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LoadChange:
    """The load of a school before and after; None where the plan does not have the school.

    Parameters
    ----------
    code : str
    points_before, points_after : Fraction or None
        Points carried over, base and effort.
    ratio_before, ratio_after : Fraction or None
        Points by capacity, exact.
    """

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
    moves : tuple of HandOver
        In the rulebook's order.
    ways : tuple of (str, tuple of str, tuple of str)
        School, its ways of promotion before and after, where they differ.
    loads : tuple of LoadChange
        All schools of either plan, by code.
    tiers : tuple of TierChange
        In the order of the second plan; the tie-break is left out.
    """

    convener: tuple[str, str]
    moves: tuple[HandOver, ...]
    ways: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    loads: tuple[LoadChange, ...]
    tiers: tuple[TierChange, ...]

    @property
    def decides(self) -> TierChange | None:
        """The first tier that is not the same, which says which plan is the better one."""
        return first_change(self.tiers)


def changes(row: Row, before: Assignment, after: Assignment) -> int:
    """How often a duty changes hands."""
    old, new = set(row.hosts(before)), set(row.hosts(after))
    return max(len(old - new), len(new - old))


def hand_overs(rows: Sequence[Row], before: Assignment, after: Assignment) -> tuple[HandOver, ...]:
    """The duties that change hands; of several hosts the smallest codes are paired."""
    found: list[HandOver] = []
    for row in rows:
        old, new = row.hosts(before), row.hosts(after)
        lost = [code for code in old if code not in new]
        gained = [code for code in new if code not in old]
        found += [HandOver(row.id, row.items, left, came) for left, came in zip_longest(lost, gained)]
    return tuple(found)


def difference(
    problem: Problem, before: Assignment, after: Assignment, *, problem_before: Problem | None = None
) -> Difference:
    """Compare two plans.

    Parameters
    ----------
    problem : Problem
        That of the second plan.
    before, after : Assignment
    problem_before : Problem, optional
        That of the first plan; the same by default. Under another rulebook only what both know is compared.

    Returns
    -------
    Difference
    """
    given = problem if problem_before is None else problem_before
    old, new = Plan(given, before.convener), Plan(problem, after.convener)
    codes = sorted({*before.ways, *after.ways})
    ways = [(code, before.ways.get(code, ()), after.ways.get(code, ())) for code in codes]
    had, has = load.points(old, before), load.points(new, after)
    loads = [
        LoadChange(
            code,
            had.get(code),
            has.get(code),
            had[code] / old.capacity(code) if code in had else None,
            has[code] / new.capacity(code) if code in has else None,
        )
        for code in sorted({*had, *has})
    ]
    return Difference(
        (before.convener, after.convener),
        hand_overs(rows_of(new, old), before, after),
        tuple(entry for entry in ways if entry[1] != entry[2]),
        tuple(loads),
        compared((old, audit(given, before).values), (new, audit(problem, after).values)),
    )


def audited(problem: Problem, assignment: Assignment) -> Audit:
    """The audit of a plan that a solver found lawful."""
    judged = audit(problem, assignment)
    if not judged.ok:
        broken = ", ".join(finding.clause.id for finding in judged.findings if not finding.ok)
        raise AssertionError(f"a solved plan breaks {broken}")
    return judged
