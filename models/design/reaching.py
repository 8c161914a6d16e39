"""Prices on reaching the centre: what connectedness adds to the bound.

Where the knapsack of a centre takes a piece that does not hang together with it, a node of the piece would have to
reach the centre through a minimal separator: it joins the centre only if a node of the separator does. Each such
inequality gets a price of its own, which the node pays and the separator is paid (relax and cut).

And where so few schools hang together with a centre that they are no community, it is the centre that has to reach
out: some nodes about it that have fewer schools than a community are left by every community that has them, so one of
their neighbours belongs to it. This tells what an island costs that is too small for a community of its own.

References
----------
A. Lucena, "Non delayed relax-and-cut algorithms", Annals of Operations Research 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.regions.instance import separator

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.design.bounds import Knapsacks

    Table = npt.NDArray[np.int64]
    Marks = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

__all__ = ["Reaching"]

_MOST = 6000
"""So many inequalities at most."""


class Reaching:
    """Inequalities "a node joins a centre only if a node of a separator does", and their prices.

    Parameters
    ----------
    neighbours : sequence of sequence of int
        Of each node, by its place in the knapsacks.
    schools : sequence of int
    least : int
        Schools of a community.
    """

    def __init__(self, neighbours: Sequence[Sequence[int]], schools: Sequence[int], least: int) -> None:
        self.neighbours, self.schools, self.least = neighbours, schools, least
        self.known: set[tuple[int, int, tuple[int, ...]]] = set()
        self.prices: Floats = np.zeros(0)
        self.drift: Floats = np.zeros(0)
        self.kept = True
        """Whether what was looked at last breaks none of them, and no price asks to fall."""
        self._rows: list[int] = []
        self._sites: list[int] = []
        self._signs: list[int] = []
        self._numbers: list[int] = []

    def priced(self, sacks: Knapsacks) -> Knapsacks:
        """The knapsacks with the prices among their costs."""
        if not len(self.prices):
            return sacks
        whole = np.rint(self.prices).astype(np.int64)
        added = np.zeros_like(sacks.added)
        np.add.at(added, (self._rows, self._sites), np.array(self._signs) * whole[self._numbers])
        far = sacks.costs >= np.int64(2**58)
        return replace(sacks, costs=np.where(far, sacks.costs, sacks.costs + added), added=sacks.added + added)

    def look(self, own: Table, chosen: Table, taken: Marks, kept: float) -> float:
        """See what the chosen centres take, learn what they break; the squared length of the direction to go."""
        for column, site in enumerate(chosen.tolist()):
            self._learn(int(own[site]), site, frozenset(np.flatnonzero(taken[:, column]).tolist()))
        fresh = len(self.known) - len(self.prices)
        if fresh:
            self.prices = np.concatenate([self.prices, np.zeros(fresh)])
            self.drift = np.concatenate([self.drift, np.zeros(fresh)])
        self.kept = True
        if not len(self.prices):
            return 0.0
        where = np.full(int(chosen.max()) + 1, -1)
        where[chosen] = np.arange(len(chosen))
        sites = np.array(self._sites)
        place = np.where(sites < len(where), where[np.minimum(sites, len(where) - 1)], -1)
        there = np.where(place >= 0, taken[self._rows, np.maximum(place, 0)], False)
        broken = np.bincount(self._numbers, there * np.array(self._signs), minlength=len(self.prices))
        broken = np.where((self.prices <= 0) & (broken < 0), 0.0, broken)
        self.kept = not broken.any()
        self.drift = broken + kept * self.drift
        return float(self.drift @ self.drift)

    def move(self, step: float) -> None:
        """Go in the direction."""
        if len(self.prices):
            self.prices = np.maximum(0.0, self.prices + step * self.drift)

    def _learn(self, centre: int, site: int, members: frozenset[int]) -> None:
        seen = self._piece(centre, members)
        if len(seen) < len(members):
            beyond = self._beyond(seen, members)
            if beyond is not None:
                self._add(centre, site, beyond)
        for start in sorted(members):
            if start in seen:
                continue
            piece = self._piece(start, members)
            seen |= piece
            between = separator(self.neighbours, sorted(piece), centre)
            self._add(max(piece, key=lambda k: (self.schools[k], k)), site, between)

    def _add(self, node: int, site: int, between: tuple[int, ...]) -> None:
        key = node, site, between
        if key in self.known or len(self.known) >= _MOST:
            return
        number = len(self.known)
        self.known.add(key)
        self._rows += [node, *between]
        self._sites += [site] * (1 + len(between))
        self._signs += [1, *[-1] * len(between)]
        self._numbers += [number] * (1 + len(between))

    def _beyond(self, piece: set[int], members: frozenset[int]) -> tuple[int, ...] | None:
        """Of the nodes about a centre that are too few for a community those beside them; None: they are enough.

        Nodes that were not taken are counted among them as long as all together stay too few, and no stray piece is
        beside them: the farther out the way is barred, the more it says.
        """
        room = self.least - 1 - sum(self.schools[node] for node in piece)
        if room < 0:
            return None
        inside, strays = set(piece), members - piece
        walk = sorted(inside)
        for node in walk:
            for other in self.neighbours[node]:
                if other in inside or self.schools[other] > room:
                    continue
                if strays.isdisjoint(self.neighbours[other]):
                    inside.add(other)
                    walk.append(other)
                    room -= self.schools[other]
        return tuple(sorted({other for node in inside for other in self.neighbours[node]} - inside))

    def _piece(self, start: int, members: frozenset[int]) -> set[int]:
        seen, walk = {start}, [start]
        for node in walk:
            for other in self.neighbours[node]:
                if other in members and other not in seen:
                    seen.add(other)
                    walk.append(other)
        return seen
