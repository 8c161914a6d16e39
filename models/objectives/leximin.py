"""The shape of a leximin aim: who has at least which level, as literals."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

__all__ = ["Rungs"]


@dataclass(frozen=True)
class Rungs:
    """``N_v`` = number of schools at level v or above, linear in the ladders' literals, for every attainable v.

    Parameters
    ----------
    levels : tuple of Fraction
        Attainable levels, descending.
    always : tuple of int
        Schools that are at the level or above whatever is decided.
    literals : tuple of tuple
        For each level, one literal for each school that may reach it.
    schools : int
    """

    levels: tuple[Fraction, ...]
    always: tuple[int, ...]
    literals: tuple[tuple[Any, ...], ...]
    schools: int

    @classmethod
    def of(cls, ladders: Sequence[tuple[Sequence[Fraction], Sequence[Any]]]) -> Rungs:
        """From (levels by rung, ascending; literals of the rungs above the first) of each school."""
        scale = lcm(*{level.denominator for own, _ in ladders for level in own})
        whole = [[level.numerator * (scale // level.denominator) for level in own] for own, _ in ladders]
        steps = sorted({step for own in whole for step in own}, reverse=True)
        always, literals = [], []
        for step in steps:
            sure, open_ = 0, []
            for own, (_, rungs) in zip(whole, ladders, strict=True):
                if own[0] >= step:
                    sure += 1
                elif own[-1] >= step:
                    open_.append(rungs[bisect_left(own, step) - 1])
            always.append(sure)
            literals.append(tuple(open_))
        levels = tuple(Fraction(step, scale) for step in steps)
        return cls(levels, tuple(always), tuple(literals), len(ladders))

    def counts(self, true: Callable[[Any], bool]) -> list[int]:
        """``N_v`` for every level in a solution."""
        return [sure + sum(map(true, row)) for sure, row in zip(self.always, self.literals, strict=True)]

    def counts_of(self, vector: Sequence[Fraction]) -> list[int]:
        """``N_v`` for every level, from the levels of all schools, largest first."""
        counts, reached = [], 0
        for v in self.levels:
            while reached < len(vector) and vector[reached] >= v:
                reached += 1
            counts.append(reached)
        return counts

    def vector(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        """The levels of all schools, largest first, from the counts (or from the first few of them)."""
        result: list[Fraction] = []
        for v, count in zip(self.levels, counts, strict=False):
            result.extend([v] * (count - len(result)))
        return tuple(result)
