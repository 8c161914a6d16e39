"""The shape of a leximin aim: who has at least which level, as literals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
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
        levels = sorted({v for own, _ in ladders for v in own}, reverse=True)
        always, literals = [], []
        for v in levels:
            sure, open_ = 0, []
            for own, rungs in ladders:
                if own[0] >= v:
                    sure += 1
                elif own[-1] >= v:
                    k = next(k for k, level in enumerate(own) if level >= v)
                    open_.append(rungs[k - 1])
            always.append(sure)
            literals.append(tuple(open_))
        return cls(tuple(levels), tuple(always), tuple(literals), len(ladders))

    def counts(self, true: Callable[[Any], bool]) -> list[int]:
        """``N_v`` for every level in a solution."""
        return [sure + sum(map(true, row)) for sure, row in zip(self.always, self.literals, strict=True)]

    def counts_of(self, vector: Sequence[Fraction]) -> list[int]:
        """``N_v`` for every level, from the levels of all schools."""
        return [sum(level >= v for level in vector) for v in self.levels]

    def vector(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        """The levels of all schools, largest first, from the counts (or from the first few of them)."""
        result: list[Fraction] = []
        for v, count in zip(self.levels, counts, strict=False):
            result.extend([v] * (count - len(result)))
        return tuple(result)
