"""Order-encoded loads: for each school a ladder of literals "its effort is at least a_k".

For school s let 0 = a_0 < a_1 < ... be the sums its units' efforts can take. ``u[s, k] = (effort of s >= a_k)`` with
``u[s, k+1] <= u[s, k]``, the *equality* ``sum of e_i x_is = sum of (a_k - a_(k-1)) u[s, k]``, and
``x_is <= u[s, k]`` for the largest k with ``a_k <= e_i``. Any function of a load that grows with it is then linear in
u; both the overload and the leximin tiers are built on this (docs/decisions/0003-leximin.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from models.community import Plan
from models.objectives._terms import ObjectiveModel

__all__ = ["Ladder", "ladders", "load_schools"]


@dataclass(frozen=True)
class Ladder:
    """The loads a school can have.

    Parameters
    ----------
    code : str
    effort_points : tuple of Fraction
        Attainable efforts, ascending; the first is what clauses force on the school.
    literals : tuple
        ``literals[k - 1]`` is true when the effort is at least ``effort_points[k]``.
    """

    code: str
    effort_points: tuple[Fraction, ...]
    literals: tuple[Any, ...]


def load_schools(plan: Plan) -> tuple[str, ...]:
    """Schools whose loads are compared: the participants, and outside partners that may host."""
    return plan.candidates


def ladders(plan: Plan, duties: ObjectiveModel, *, separate: bool = False) -> tuple[Ladder, ...]:
    """Ladders of all load schools, for the units in the load or for the separate ones; built once per model."""

    def build() -> tuple[Ladder, ...]:
        chosen = [u for u in plan.rules.units.values() if (u.id not in plan.rules.load_units) == separate]
        efforts = [(u.id, u.effort_points) for u in chosen if u.effort_points > 0]
        return tuple(_ladder(code, efforts, duties, "s" if separate else "u") for code in load_schools(plan))

    made: tuple[Ladder, ...] = duties.once(f"ladders:{separate}", build)
    return made


def _ladder(code: str, efforts: Sequence[tuple[str, Fraction]], duties: ObjectiveModel, name: str) -> Ladder:
    scale = lcm(*(effort.denominator for _, effort in efforts))
    forced, decisions, steps = 0, [], []
    for unit, effort in efforts:
        literal = duties.unit(unit, code)
        fixed = duties.value_if_fixed(literal)
        step = effort.numerator * (scale // effort.denominator)
        if fixed is None:
            decisions.append(literal)
            steps.append(step)
        elif fixed:
            forced += step
    reachable = 1  # bit k set: effort k can be reached
    for step in steps:
        reachable |= reachable << step
    sums = [k for k in range(reachable.bit_length()) if reachable >> k & 1]
    literals = [duties.new(f"{name}[{code},{k}]") for k in sums[1:]]
    for lower, higher in pairwise(literals):
        duties.clause([lower, ~higher])
    if literals:
        rises = [a - b for b, a in pairwise(sums)]
        duties.row([*decisions, *literals], [*steps, *(-rise for rise in rises)], 0, 0, f"{name}[{code}]")
        at = {k: position for position, k in enumerate(sums)}
        for decision, step in zip(decisions, steps, strict=True):
            duties.clause([~decision, literals[at[step] - 1]])
        for size in sorted(set(steps)):
            if all(step % size == 0 for step in steps):
                continue
            # Of pieces of work of this size or more a school has no more than fit into its effort. The equality says so
            # for whole numbers only: without these rows, that a load of 3 holds one piece of 2 is proven case by case.
            pieces = [step // size for step in steps]
            fits = [a // size - b // size for b, a in pairwise(sums)]
            row = [*pieces, *(-more for more in fits)]
            duties.row([*decisions, *literals], row, -sum(fits), 0, f"{name}[{code}]/{size}")
    return Ladder(code, tuple(Fraction(forced + k, scale) for k in sums), tuple(literals))
