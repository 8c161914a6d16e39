"""A linear aim over decisions, exact: the common shape of all tiers that are one number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

__all__ = ["ObjectiveModel", "Terms", "collect", "plain"]


class ObjectiveModel(Protocol):
    """The doors of `models.duties.Duties` that objectives use."""

    def unit(self, unit: str, code: str) -> Any:
        """Decision "`code` hosts the unit"."""

    def value_if_fixed(self, literal: Any) -> bool | None:
        """Value a clause gave to a decision."""

    def open_or_true(self, unit: str) -> list[str]:
        """Candidates that may host the unit."""

    def new(self, name: str) -> Any:
        """A new auxiliary Boolean."""

    def clause(self, literals: Sequence[Any]) -> None:
        """At least one of the literals is true."""

    def row(self, literals: Sequence[Any], weights: Sequence[int], low: int, high: int, name: str) -> None:
        """``low <= weighted sum <= high``."""

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """The value made for `key`, made at the first call only."""


@dataclass(frozen=True)
class Terms:
    """``value = (sum of weights over true literals + constant) / scale``, to be minimised.

    Parameters
    ----------
    literals : tuple
        Distinct open decisions.
    weights : tuple of int
    constant : int
    scale : int
    """

    literals: tuple[Any, ...]
    weights: tuple[int, ...]
    constant: int = 0
    scale: int = 1

    @property
    def least(self) -> int:
        """Smallest conceivable weighted sum, clauses not considered."""
        return sum(w for w in self.weights if w < 0)

    @property
    def span(self) -> int:
        """Largest minus smallest conceivable weighted sum."""
        return sum(abs(w) for w in self.weights)

    def total(self, true: Callable[[Any], bool]) -> int:
        """Weighted sum (without constant) in a solution."""
        return sum(w for x, w in zip(self.literals, self.weights, strict=True) if true(x))

    def value(self, total: int) -> Fraction:
        """The aim's value for a weighted sum."""
        return Fraction(total + self.constant, self.scale)


def plain(number: Fraction | int) -> Fraction | int:
    """The number as an int where it is whole: fractions are slow, and nearly all costs are whole."""
    return number if isinstance(number, int) or number.denominator != 1 else number.numerator


def collect(duties: ObjectiveModel, pairs: Iterable[tuple[Any, Fraction | int]]) -> Terms:
    """Sum up (literal, cost) pairs: equal literals joined, decided ones moved to the constant, fractions scaled."""
    costs: dict[int, Fraction | int] = {}
    literals: dict[int, Any] = {}
    constant: Fraction | int = 0
    for literal, cost in pairs:
        if not cost:
            continue
        fixed = duties.value_if_fixed(literal)
        if fixed is None:
            index = literal.index
            if index in costs:
                costs[index] += plain(cost)
            else:
                costs[index] = plain(cost)
                literals[index] = literal
        elif fixed:
            constant += cost
    fractions = [cost.denominator for cost in (constant, *costs.values()) if not isinstance(cost, int)]
    scale = lcm(*fractions)
    kept = [index for index, cost in costs.items() if cost]
    return Terms(
        tuple(literals[i] for i in kept),
        tuple(int(costs[i] * scale) for i in kept),
        int(constant * scale),
        scale,
    )
