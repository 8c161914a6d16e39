"""Runners-up: the best divisions, and the best of those that are clearly different."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from models.community import Problem
from models.engine import Engine
from models.split.problems import groups_of
from models.split.solving import Forbidden, Method, solve_split
from models.split.values import Proposal, SplitResult, SplitWishes, Territory

__all__ = ["LEAST_SHARE", "best_divisions", "different_divisions"]

#: A division is clearly different when so many of the participants lie on another side.
LEAST_SHARE = Fraction(1, 5)


def best_divisions(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None,
    k: int,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    method: Method = "auto",
    first: SplitResult | None = None,
) -> tuple[SplitResult, ...]:
    """The `k` best groupings of the schools, best first.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    k : int
        The best one counts.
    engine : Engine, optional
        Limits for all of them together.
    order, method
        As `models.split.solving.solve_split`.
    first : SplitResult, optional
        The best one, where it is known already.

    Returns
    -------
    tuple of SplitResult
        Each is the best among the divisions whose grouping differs from all those before it, by all tiers in their
        order; its status says whether that is proven. Fewer than `k` when there are no more, or when a limit came
        first (the last one is then not ``optimal``).
    """
    return _one_after_another(problem, territory, wishes, k, engine, order, method, first, 1)


def different_divisions(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None,
    k: int,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    method: Method = "auto",
    first: SplitResult | None = None,
    least_moved: int | None = None,
) -> tuple[SplitResult, ...]:
    """Up to `k` clearly different divisions, each the best among those far from the best one and from one another.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    k : int
        The best one does not count.
    engine : Engine, optional
        Limits for all of them together.
    order, method, first
        As `best_divisions`.
    least_moved : int, optional
        Fewest participants on another side, the better of both ways round; a fifth of them, rounded up, by default.

    Returns
    -------
    tuple of SplitResult
        Without the best one. Fewer than `k` when there are no more that far away.
    """
    if least_moved is None:
        least_moved = max(2, -(-len(problem.participants) * LEAST_SHARE.numerator // LEAST_SHARE.denominator))
    found = _one_after_another(problem, territory, wishes, k + 1, engine, order, method, first, least_moved)
    return found[1:]


def _one_after_another(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None,
    k: int,
    engine: Engine | None,
    order: Sequence[str],
    method: Method,
    first: SplitResult | None,
    least_moved: int,
) -> tuple[SplitResult, ...]:
    engine = engine or Engine()
    results: list[SplitResult] = [] if first is None or first.proposal is None else [first]
    while len(results) < k:
        if results and (engine.exhausted() or (results[-1].status != "optimal" and len(results) > 1)):
            break
        forbid = [
            Forbidden(_group(problem, territory, result.proposal), least_moved)
            for result in results
            if result.proposal is not None
        ]
        result = solve_split(problem, territory, wishes, engine, order=order, method=method, forbid=forbid)
        if result.proposal is None or result.status == "disagrees":
            if not results:
                results.append(result)
            break
        results.append(result)
    return tuple(results[:k])


def _group(problem: Problem, territory: Territory, proposal: Proposal) -> frozenset[str]:
    return groups_of(problem, territory, proposal.division)[0]
