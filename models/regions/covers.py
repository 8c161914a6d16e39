"""Partitions put together from listed parts: all but one are listed, the last is what they leave.

The excesses of a partition's parts over their prices add up to its excess over the bound. So all parts but the one of
the greatest excess have at most half of it: what is listed up to `span` makes every partition up to twice that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.columns import Columns
from models.regions.masses import Bodies

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Masks = npt.NDArray[np.uint64]

__all__ = ["Covers"]

_ROWS_PER_WORK = 3e7
_PAIRS_PER_WORK = 3e7
_TABLE = 200_000


class Covers:
    """The search for partitions of least inertia among listed parts.

    Parameters
    ----------
    bodies : Bodies
    columns : Columns
    bound : float
        Of any partition; a partition's excess is counted from it.
    engine : Engine
    offer : callable
        Receives the masks of a partition with an inertia below the ceiling, most promising first; answers the ceiling
        from now on. It may refuse what is not lawful.
    """

    def __init__(
        self,
        bodies: Bodies,
        columns: Columns,
        bound: float,
        engine: Engine,
        offer: Callable[[Masks, float], float],
    ) -> None:
        self.bodies = bodies
        self.columns = columns
        self.bound = bound
        self.engine = engine
        self.offer = offer
        self.ceiling = float("inf")
        self.mass = bodies.mass_of_weight
        self.total = int(bodies.weights.sum())
        self.squares = float(bodies.squares.sum())
        self.moments = bodies.moments.sum(axis=0)
        whole = np.zeros(columns.masks.shape[1], dtype=np.uint64)
        for place in range(len(bodies)):
            whole[place // 64] |= np.uint64(1) << np.uint64(place % 64)
        self.all: Masks = whole
        mass = np.maximum(columns.weights * self.mass, 1e-300)
        self.gains: Floats = np.where(columns.weights > 0, (columns.moments**2).sum(axis=1) / mass, 0.0)

    def search(self, ceiling: float) -> bool:
        """Offer every partition below the ceiling that the columns make; False when a limit was reached."""
        self.ceiling = ceiling
        whole = self._next(np.arange(len(self.columns)), [], self.bodies.parts)
        return whole and not self.engine.exhausted()

    def _next(self, candidates: Whole, chosen: list[int], left: int) -> bool:
        """Choose one more column, of no less excess than those before; the last two at once."""
        if left == 2:
            self._close(chosen, candidates[:, None])
            return True
        if left == 3:
            return self._pairs(candidates, chosen)
        columns = self.columns
        spent = float(columns.excess[chosen].sum())
        held = int(columns.weights[chosen].sum())
        low, high = (left - 1) * self.least, (left - 1) * self.bodies.most
        for place, column in enumerate(candidates):
            if float(columns.excess[column]) * left > self._budget() - spent:
                break
            if not low <= self.total - held - int(columns.weights[column]) <= high:
                continue
            further = candidates[place + 1 :]
            apart = ((columns.masks[further] & columns.masks[column]) == 0).all(axis=1)
            self.engine.charge(len(further) / _ROWS_PER_WORK)
            if self.engine.exhausted() or not self._next(further[apart], [*chosen, int(column)], left - 1):
                return False
        return True

    def _pairs(self, candidates: Whole, chosen: list[int]) -> bool:
        """All two columns that, with those chosen, leave a part."""
        columns = self.columns
        spent = float(columns.excess[chosen].sum())
        rest = self.total - int(columns.weights[chosen].sum())
        rows = max(1, _TABLE // max(1, len(candidates)))
        for first in range(0, len(candidates), rows):
            room = self._budget() - spent
            if self.engine.exhausted():
                return False
            one = candidates[first : first + rows]
            excess = columns.excess[one]
            one, excess = one[3 * excess <= room], excess[3 * excess <= room]
            if not len(one):
                break
            # The second has no less excess, and the last no less than the second.
            two = candidates[first + 1 :]
            two = two[2 * columns.excess[two] <= room - float(excess[0])]
            left = rest - columns.weights[one][:, None] - columns.weights[two]
            fits = (left >= self.least) & (left <= self.bodies.most)
            fits &= excess[:, None] + 2 * columns.excess[two] <= room
            fits &= one[:, None] < two
            for word in range(columns.masks.shape[1]):
                fits &= (columns.masks[one, word][:, None] & columns.masks[two, word]) == 0
            self.engine.charge(len(one) * len(two) / _PAIRS_PER_WORK)
            a, b = np.nonzero(fits)
            self._close(chosen, np.stack([one[a], two[b]], axis=1))
        return True

    @property
    def least(self) -> int:
        """Least weight of a part."""
        return 0 if self.bodies.hollow else self.bodies.least

    def _budget(self) -> float:
        """How much the excesses of a partition below the ceiling may add up to."""
        return (self.ceiling - self.bound) * (1 + 1e-9) + 1e-9 * abs(self.ceiling)

    def _close(self, chosen: list[int], more: Whole) -> None:
        """Offer what columns chosen and more (a row each) make together with what they leave, if that is a part."""
        columns = self.columns
        weights = self.total - int(columns.weights[chosen].sum()) - columns.weights[more].sum(axis=1)
        within = (weights >= self.least) & (weights <= self.bodies.most)
        more, weights = more[within], weights[within]
        moments = self.moments - columns.moments[chosen].sum(axis=0) - columns.moments[more].sum(axis=1)
        last = np.where(weights > 0, (moments**2).sum(axis=1) / np.maximum(weights * self.mass, 1e-300), 0.0)
        values = self.squares - float(self.gains[chosen].sum()) - self.gains[more].sum(axis=1) - last
        near = values <= self.ceiling * (1 + 1e-9)
        more, values = more[near], values[near]
        used = np.bitwise_or.reduce(columns.masks[more], axis=1) | np.bitwise_or.reduce(columns.masks[chosen], axis=0)
        rest = self.all & ~used
        lawful = self.bodies.lawful(rest)
        more, values, rest = more[lawful], values[lawful], rest[lawful]
        for place in np.argsort(values, kind="stable"):
            if values[place] > self.ceiling * (1 + 1e-9):
                break
            masks = np.concatenate([columns.masks[chosen], columns.masks[more[place]], rest[place][None, :]])
            self.ceiling = self.offer(masks, float(values[place]))
