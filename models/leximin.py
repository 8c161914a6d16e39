"""Leximin, proven level by level: two algorithms that must agree.

Given, for every attainable level v, the number N_v of schools at v or above as a sum of literals
(`models.objectives.leximin.Rungs`), the sorted vector of levels is lexicographically least exactly when
(N_v1, N_v2, ...) is, from the highest level down.

`by_chunks` is the one in use: several levels are minimised in one solve with power weights whose product stays below
2^40, and a level that already equals its lower bound is proven without a solve. `by_counts` is the textbook way (least
largest level, then fewest schools there, and so on downward), stated on the decisions themselves with big-M
indicators; it shares nothing with the first but the model, and is kept as its test and yardstick.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

from models.duties import Duties
from models.engine import Engine, Outcome
from models.objectives.leximin import Rungs

__all__ = ["SolverModel", "VectorResult", "by_chunks", "by_counts"]

#: Product of the digit bases of one solve: a larger one brings outliers, and 2^53 would no longer be exact.
MOST_WEIGHT = 2**40


class SolverModel(Protocol):
    """The doors of a model (`models.duties.Duties`) through which tiers hold what they have proven."""

    @property
    def model(self) -> Any:
        """The CP-SAT model."""

    def value_if_fixed(self, literal: Any) -> bool | None:
        """Value a clause or a tier gave to a decision."""

    def decide(self, literal: Any, value: bool) -> None:
        """Fix an open decision for good."""

    def row(self, literals: Sequence[Any], weights: Sequence[int], low: int, high: int, name: str) -> None:
        """``low <= weighted sum <= high``."""


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
    duties: SolverModel,
    rungs: Rungs,
    start: tuple[Outcome, Sequence[Fraction]],
    *,
    least: Sequence[int] = (),
    chosen: Callable[[Outcome], None] = lambda outcome: None,
) -> VectorResult:
    """Minimise the vector from a first solution, fixing in the model what is proven.

    Parameters
    ----------
    engine, duties : Engine, SolverModel
    rungs : Rungs
    start : (Outcome, vector)
        A plan and its levels, largest first. It may be older than the ladders, so its literals are not asked.
    least : sequence of int
        Counts of a vector below which none can be: as long as the counts are the same from the top, they are proven.
    chosen : callable
        Told every better solution.
    """
    best, counts = start[0], rungs.counts_of(start[1])
    done = 0
    while done < len(rungs.levels):
        above = counts[done - 1] if done else 0
        if counts[done] == max(above, rungs.always[done]) or counts[: done + 1] == list(least[: done + 1]):
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


def by_counts(
    engine: Engine, duties: Duties, start: Outcome, level: Callable[[str, Fraction], Fraction]
) -> tuple[Fraction, ...]:
    """Max-then-count, on the decisions themselves: no ladders, big-M indicators, two solves a level.

    The least largest level; the fewest schools at it; the least largest level of the others; and so on downward.

    Parameters
    ----------
    engine, duties : Engine, Duties
    start : Outcome
        A solution of the model.
    level : callable
        School and effort of its load units -> the level that is compared.

    Returns
    -------
    tuple of Fraction
        The levels of all load schools, largest first.
    """
    plan = duties.plan
    units = [u for u in plan.rules.units.values() if u.id in plan.rules.load_units and u.effort_points > 0]
    scale = lcm(*(u.effort_points.denominator for u in units))
    steps = [int(u.effort_points * scale) for u in units]
    rows = {code: [duties.unit(u.id, code) for u in units] for code in plan.candidates}
    most = sum(steps)
    own = {code: [level(code, Fraction(effort, scale)) for effort in range(most + 1)] for code in rows}
    reached: dict[tuple[str, Fraction], Any] = {}

    def at_least(code: str, v: Fraction) -> Any:
        """Literal that must be true when the school is at level v or above: sum e x - (threshold - 1) <= M literal."""
        if (code, v) not in reached:
            literal = reached[code, v] = duties.new(f"at[{code},{v}]")
            threshold = next((effort for effort, got in enumerate(own[code]) if got >= v), most + 1)
            if threshold <= most:
                big = most - threshold + 1
                duties.row([*rows[code], literal], [*steps, -big], -big, threshold - 1, "at")
        return reached[code, v]

    def levels_of(outcome: Outcome) -> tuple[Fraction, ...]:
        efforts = {c: sum(e for x, e in zip(row, steps, strict=True) if outcome.true(x)) for c, row in rows.items()}
        return tuple(sorted((own[code][effort] for code, effort in efforts.items()), reverse=True))

    levels = sorted({v for got in own.values() for v in got}, reverse=True)
    vector, settled, last = levels_of(start), 0, None
    while settled < len(vector):
        # N_v <= settled for every v above the largest level of the others.
        candidates = [v for v in levels if v <= vector[settled]]
        exceeded = []
        for v in candidates:
            indicator = duties.new(f"exceeded[{settled},{v}]")
            literals = [at_least(code, v) for code in rows]
            room = len(literals)
            duties.row([*literals, indicator], [1] * room + [-room], -room, settled, "largest")
            exceeded.append(indicator)
        outcome = engine.solve(duties.model, (exceeded, [1] * len(exceeded)))
        assert outcome.status == "optimal"
        top = levels_of(outcome)[settled]
        for v in levels:
            if v > top and (last is None or v < last):
                duties.row([at_least(code, v) for code in rows], [1] * len(rows), 0, settled, "largest")
        literals = [at_least(code, top) for code in rows]
        outcome = engine.solve(duties.model, (literals, [1] * len(literals)))
        assert outcome.status == "optimal"
        vector = levels_of(outcome)
        settled, last = sum(v >= top for v in vector), top
        duties.row(literals, [1] * len(literals), 0, settled, "count")
    return vector


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


def _fix(duties: SolverModel, rungs: Rungs, k: int, count: int) -> None:
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
