"""Leximin, proven level by level: two algorithms that must agree.

Given, for every attainable level v, the number N_v of schools at v or above as a sum of literals
(`models.objectives.leximin.Rungs`), the sorted vector of levels is lexicographically least exactly when
(N_v1, N_v2, ...) is, from the highest level down.

`by_chunks` is the one in use: several levels are minimised in one solve with power weights whose product stays below
2^40, and a level that already equals its lower bound is proven without a solve. `by_counts` is the textbook way (least
largest level, then fewest schools there, and so on downward); it is kept as a test and a yardstick.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from models.duties import Duties
from models.engine import Engine, Outcome
from models.objectives.leximin import Rungs

__all__ = ["VectorResult", "by_chunks", "by_counts"]

#: Product of the digit bases of one solve: a larger one brings outliers, and 2^53 would no longer be exact.
MOST_WEIGHT = 2**40


@dataclass(frozen=True)
class VectorResult:
    """What a leximin solve gave.

    Parameters
    ----------
    outcome : Outcome
        The best solution: optimal for the proven levels.
    counts : list of int
        ``N_v`` of that solution.
    proven : int
        How many of the levels, from the top, are proven.
    """

    outcome: Outcome
    counts: list[int]
    proven: int


def by_chunks(
    engine: Engine,
    duties: Duties,
    rungs: Rungs,
    start: tuple[Outcome, Sequence[Fraction]],
    *,
    chosen: Callable[[Outcome], None] = lambda outcome: None,
) -> VectorResult:
    """Minimise the vector from a first solution, fixing in the model what is proven.

    Parameters
    ----------
    engine, duties : Engine, Duties
    rungs : Rungs
    start : (Outcome, vector)
        A plan and its levels, largest first. It may be older than the ladders, so its literals are not asked.
    chosen : callable
        Told every better solution.
    """
    best, counts = start[0], rungs.counts_of(start[1])
    done = 0
    while done < len(rungs.levels):
        above = counts[done - 1] if done else 0
        if counts[done] == max(above, rungs.always[done]):
            _fix(duties, rungs, done, counts[done])
            done += 1
            continue
        size = _chunk(rungs, done)
        literals, weights = _weights(rungs, done, size)
        if engine.exhausted():
            return VectorResult(best, counts, done)
        outcome = engine.solve(duties.model, (literals, weights))
        if outcome.solution:
            found = rungs.counts(outcome.true)
            if found[done:] < counts[done:] or outcome.status == "optimal":
                best, counts = outcome, found
                chosen(best)
        if outcome.status != "optimal":
            assert outcome.status != "infeasible", "a tier turned infeasible after a proven one"
            return VectorResult(best, counts, done)
        for k in range(done, done + size):
            _fix(duties, rungs, k, counts[k])
        done += size
    return VectorResult(best, counts, done)


def by_counts(engine: Engine, duties: Duties, rungs: Rungs, start: tuple[Outcome, Sequence[Fraction]]) -> VectorResult:
    """Max-then-count: the least largest level, the fewest schools at it, then the next level, one solve a step."""
    best, counts = start[0], rungs.counts_of(start[1])
    done = 0
    while done < len(rungs.levels):
        # Least largest level among the schools not yet settled: an indicator a level, true when it is exceeded.
        above = counts[done - 1] if done else 0
        reached = []
        for k in range(done, len(rungs.levels)):
            indicator = duties.new(f"reached[{done},{k}]")
            room = len(rungs.literals[k])
            # N_k - above <= room * indicator
            duties.row(
                [*rungs.literals[k], indicator],
                [1] * room + [-(room + rungs.always[k])],
                -(room + rungs.always[k]),
                above - rungs.always[k],
                f"reached[{done},{k}]",
            )
            reached.append(indicator)
        outcome = engine.solve(duties.model, (reached, [1] * len(reached)))
        assert outcome.status == "optimal"
        counts = rungs.counts(outcome.true)
        best = outcome
        while done < len(rungs.levels) and counts[done] == above:
            _fix(duties, rungs, done, above)
            done += 1
        if done == len(rungs.levels):
            break
        outcome = engine.solve(duties.model, (rungs.literals[done], [1] * len(rungs.literals[done])))
        assert outcome.status == "optimal"
        best, counts = outcome, rungs.counts(outcome.true)
        _fix(duties, rungs, done, counts[done])
        done += 1
    return VectorResult(best, counts, done)


def _chunk(rungs: Rungs, done: int) -> int:
    """How many levels from `done` on fit into one solve."""
    product, size = 1, 0
    while done + size < len(rungs.levels):
        base = len(rungs.literals[done + size]) + 1
        if size and product * base > MOST_WEIGHT:
            break
        product *= base
        size += 1
    return size


def _weights(rungs: Rungs, done: int, size: int) -> tuple[list[object], list[int]]:
    """Power weights: the digit of a level is its count of literals, the highest level weighing most.

    A literal that stands for several neighbouring levels of its school gets the sum of their weights.
    """
    total: dict[int, int] = {}
    literal_at: dict[int, object] = {}
    weight = 1
    for k in reversed(range(done, done + size)):
        for literal in rungs.literals[k]:
            index = literal.index
            total[index] = total.get(index, 0) + weight
            literal_at[index] = literal
        weight *= len(rungs.literals[k]) + 1
    return list(literal_at.values()), list(total.values())


def _fix(duties: Duties, rungs: Rungs, k: int, count: int) -> None:
    """Hold N at the level."""
    literals = rungs.literals[k]
    open_count = count - rungs.always[k]
    if not literals:
        return
    if open_count == 0:
        for literal in literals:
            if duties.value_if_fixed(literal) is None:
                duties.decide(literal, False)
        return
    duties.row(literals, [1] * len(literals), open_count, open_count, f"level[{rungs.levels[k]}]")
