"""Choosing the convener when asked to, before the tiers [捌、一（二）; rules.md, Plans, conveners, members].

By benchmark (as of right), then willingness, then the travel of the others to it, then code.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.community import CONVENER_KEY, WILLINGNESS_ORDER, Plan, Problem, Willingness

__all__ = ["ConvenerChoice", "choose_convener"]


@dataclass(frozen=True)
class ConvenerChoice:
    """One school that could convene, and what the choice went by.

    Parameters
    ----------
    code : str
    benchmark : bool
    willingness : Willingness
    travel : int
        Sum of the other participants' distances to it, in tenths of the distance unit.
    """

    code: str
    benchmark: bool
    willingness: Willingness
    travel: int


def choose_convener(problem: Problem) -> tuple[ConvenerChoice, ...]:
    """Schools that could convene, best first; empty when nobody can.

    A convener that the planner stated is the only choice, whatever it said. Where there are benchmark schools only they
    are choices; barred schools and schools that say they cannot convene are none, unless nobody else is left of the
    benchmark schools (the clauses then say what collides).
    """
    stated = problem.wishes.convener
    codes = [stated] if stated is not None else list(problem.benchmarks or problem.participants)
    choices = []
    for code in codes:
        plan = Plan(problem, code)
        school = problem.community.school_by_code.get(code)
        willingness = plan.willingness(CONVENER_KEY, code)
        lawful = school is not None and not school.barred and willingness != "cannot"
        if stated is None and not lawful and len(codes) > 1:
            continue
        column = problem.distances.column.get(code)
        rows = [problem.distances.column[c] for c in problem.participants if c != code]
        travel = 0 if column is None else int(problem.distances.between_schools[rows, column].sum())
        choices.append(ConvenerChoice(code, school is not None and school.benchmark, willingness, travel))
    choices.sort(key=lambda c: (not c.benchmark, WILLINGNESS_ORDER.index(c.willingness), c.travel, c.code))
    return tuple(choices)
