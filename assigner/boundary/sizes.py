"""What the size of a community decides: bands of exploration, two plans or one, the fewest schools that can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.community import Community, Distances, Plan, Problem, School, Wishes

if TYPE_CHECKING:
    from models.rulebook import Rules

__all__ = ["least_participants", "may_split", "most_exploration_hosts"]

_LARGEST_TRIED = 12
_least: dict[tuple[str, int], int | None] = {}


def least_participants(rules: Rules, benchmarks: int = 0) -> int | None:
    """The fewest schools with which a plan keeps every rule without relaxations, willing and unlimited as they may be.

    Parameters
    ----------
    rules : Rules
        Under the switches of the community.
    benchmarks : int
        How many of the schools are benchmark schools.

    Returns
    -------
    int or None
        Found by solving communities of ideal schools, the smallest first; None when even a dozen would not do.
    """
    key = (rules.hash, benchmarks)
    if key not in _least:
        sizes = range(max(1, benchmarks), max(_LARGEST_TRIED, benchmarks + 3) + 1)
        _least[key] = next((n for n in sizes if _works(rules, n, benchmarks)), None)
    return _least[key]


def _works(rules: Rules, n: int, benchmarks: int) -> bool:
    import numpy as np

    from models.conflicts import feasible

    codes = tuple(f"S{k:05}" for k in range(n))
    schools = tuple(School(code, benchmark=k < benchmarks) for k, code in enumerate(codes))
    nowhere = np.zeros((n, n), dtype=np.int64)
    distances = Distances(codes, (), nowhere, nowhere[:0])
    return feasible(Plan(Problem(rules, Community("ideal", "", schools), Wishes(), distances), codes[0]))


def most_exploration_hosts(problem: Problem) -> int:
    """The most hosts of exploration, both tracks together, that a plan of these participants may have."""
    plan = Plan(problem, next(iter(problem.participants), ""))
    return sum(clause.band_for(plan.counted).most_hosts for clause in problem.rules.of_kind("track_cap"))


def may_split(problem: Problem) -> bool:
    """Whether so many schools may hand in two plans."""
    if problem.community.learning_area:
        return False
    return bool(problem.rules.split.sizes(len(problem.participants)))
