"""Points with mass, as the engine of inertia sees a problem: what has to stay together is one body.

A part's inertia only needs its mass, its first moments and the sum of its squares, and these add up over bodies. Nodes
without mass cost nothing anywhere: they are left out and serve connectedness only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.regions.objectives import Inertia
from models.regions.problem import Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Masks = npt.NDArray[np.uint64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["Bodies", "bodies_of", "pack", "unpack"]

_BATCH = 4096


@dataclass(frozen=True)
class Bodies:
    """Bodies in the plane, from their common centroid, in units of which the numbers are near 1.

    Attributes
    ----------
    weights : array of shape (bodies,)
        In the problem's whole numbers.
    masses : array of shape (bodies,)
    moments : array of shape (bodies, 2)
    squares : array of shape (bodies,)
    least, most : int
        Bounds of the weight of a part, the widest of all parts.
    parts : int
    hollow : bool
        A part may be without mass.
    unit : float
        Inertia of one unit in the units of the caller.
    body : array of shape (nodes,)
        Node -> body, -1 for a node without mass.
    apart : tuple of (int, int)
        Bodies that no part holds both of.
    whole : bool
        Parts are connected.
    beside : array of shape (bodies, words)
        The neighbours of each body as bits; nodes without mass join what they touch.
    """

    weights: Whole
    masses: Floats
    moments: Floats
    squares: Floats
    least: int
    most: int
    parts: int
    hollow: bool
    unit: float
    body: Whole
    apart: tuple[tuple[int, int], ...]
    whole: bool
    beside: Masks

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def mass_of_weight(self) -> float:
        """Mass of one unit of weight."""
        return float(self.masses.sum()) / int(self.weights.sum())

    def costs_around(self, places: Floats) -> Floats:
        """Inertia of every body about every place."""
        squares = (places * places).sum(axis=1)
        cross = self.moments[:, 0][:, None] * places[:, 0] + self.moments[:, 1][:, None] * places[:, 1]
        costs: Floats = self.squares[:, None] - 2 * cross + self.masses[:, None] * squares
        return costs

    def centroids(self, shares: Floats) -> Floats:
        """Centroids of parts, from the share of each body (rows) in each part (columns)."""
        moments = (shares[:, :, None] * self.moments[:, None, :]).sum(axis=0)
        middle: Floats = moments / np.maximum((shares * self.masses[:, None]).sum(axis=0), 1e-300)[:, None]
        return middle

    def lawful(self, masks: Masks, open_masks: Masks | None = None) -> Flags:
        """Whether sets of bodies can be a part, their weight aside: connected, and nobody together who is apart.

        Parameters
        ----------
        masks : array of shape (sets, words)
        open_masks : array of shape (sets, words), optional
            Bodies that may still join the set.
        """
        verdicts = []
        for first in range(0, len(masks), _BATCH):
            rows = slice(first, first + _BATCH)
            verdicts.append(self._lawful(masks[rows], None if open_masks is None else open_masks[rows]))
        return np.concatenate(verdicts) if verdicts else np.zeros(0, dtype=np.bool_)

    def _lawful(self, masks: Masks, open_masks: Masks | None) -> Flags:
        verdict: Flags = np.ones(len(masks), dtype=np.bool_)
        for one, two in self.apart:
            verdict &= (self._bit(masks, one) & self._bit(masks, two)) == 0
        if not self.whole:
            return verdict
        passable = masks if open_masks is None else masks | open_masks
        reached = _first_bits(masks)
        while True:
            before = reached.copy()
            for body in range(len(self)):
                here = np.uint64(0) - self._bit(reached, body)
                reached |= self.beside[body] & passable & here[:, None]
            if (reached == before).all():
                return verdict & ~(masks & ~reached).any(axis=1)

    def _bit(self, masks: Masks, body: int) -> Masks:
        bits: Masks = (masks[:, body // 64] >> np.uint64(body % 64)) & np.uint64(1)
        return bits


def _first_bits(masks: Masks) -> Masks:
    """The first bit of each row alone."""
    alone = masks & (np.uint64(0) - masks)
    for word in range(1, masks.shape[1]):
        alone[:, word] = np.where(masks[:, :word].any(axis=1), np.uint64(0), alone[:, word])
    return alone


def pack(chosen: Flags) -> Masks:
    """Rows of flags as bits, 64 to a word."""
    rows, count = chosen.shape
    words = (count + 63) // 64
    masks = np.zeros((rows, words), dtype=np.uint64)
    for place in range(count):
        masks[:, place // 64] |= chosen[:, place].astype(np.uint64) << np.uint64(place % 64)
    return masks


def unpack(masks: Masks, count: int) -> Flags:
    """Bits as rows of flags."""
    places = np.arange(count)
    bits = (masks[:, places // 64] >> (places % 64).astype(np.uint64)) & np.uint64(1)
    return bits.astype(np.bool_)


def bodies_of(problem: Problem, aim: Inertia) -> Bodies:
    """Bodies of a problem whose nodes weigh something in sum."""
    members = [nodes for nodes in problem.groups.members() if sum(problem.weights[node] for node in nodes)]
    body = np.full(len(problem.instance), -1, dtype=np.int64)
    for place, nodes in enumerate(members):
        body[[node for node in nodes if problem.weights[node]]] = place
    own = np.array([float(weight) for weight in aim.weights])
    # The middle is taken off while the numbers are exact: coordinates far from the origin keep their digits.
    total = sum(aim.weights)
    middle = [sum(w * a for w, a in zip(aim.weights, row, strict=True)) / total for row in (aim.x, aim.y)]
    at = np.array([[float(a - middle[0]), float(b - middle[1])] for a, b in zip(aim.x, aim.y, strict=True)])
    heavy = own > 0
    reach = float(np.abs(at[heavy]).max()) or 1.0
    mean = float(own.sum()) / len(members)
    own, at = own / mean, at / reach
    masses, moments, squares = np.zeros(len(members)), np.zeros((len(members), 2)), np.zeros(len(members))
    for place, nodes in enumerate(members):
        masses[place] = own[nodes].sum()
        moments[place] = (own[nodes, None] * at[nodes]).sum(axis=0)
        squares[place] = (own[nodes] * (at[nodes] ** 2).sum(axis=1)).sum()
    least, most = _window(problem)
    hollow = bool((body < 0).any()) and least <= 0
    weights = [sum(problem.weights[node] for node in nodes) for nodes in members]
    place_of = {problem.groups.group[nodes[0]]: place for place, nodes in enumerate(members)}
    pairs = {(place_of[a], place_of[b]) for a, b in problem.groups.apart if a in place_of and b in place_of}
    placed = [(place_of[group], part) for group, part in sorted(problem.groups.fixed.items()) if group in place_of]
    pairs |= {(a, b) for a, one in placed for b, two in placed if a < b and one != two}
    return Bodies(
        weights=np.array(weights, dtype=np.int64),
        masses=masses,
        moments=moments,
        squares=squares,
        least=max(least, min(weights)),
        most=most,
        parts=problem.parts,
        hollow=hollow,
        unit=mean * reach * reach,
        body=body,
        apart=tuple(sorted(pairs)),
        whole=problem.pieces is None,
        beside=_neighbours(problem, body, len(members)),
    )


def _window(problem: Problem) -> tuple[int, int]:
    """Least and most weight of a part, as its own bounds and those of the others leave it."""
    total, lowest, highest = sum(problem.weights), sum(problem.lower), sum(problem.upper)
    pairs = list(zip(problem.lower, problem.upper, strict=True))
    least = min(max(low, total - (highest - high)) for low, high in pairs)
    return least, max(min(high, total - (lowest - low)) for low, high in pairs)


def _neighbours(problem: Problem, body: Whole, count: int) -> Masks:
    """Who may be joined to whom: bodies with neighbouring nodes, or on one stretch of nodes without mass."""
    beside = np.zeros((count, count), dtype=np.bool_)
    for one, two in problem.instance.edges:
        if body[one] >= 0 and body[two] >= 0:
            beside[body[one], body[two]] = beside[body[two], body[one]] = True
    seen: set[int] = set()
    for start in np.flatnonzero(body < 0):
        if start in seen:
            continue
        stretch, shore = [int(start)], set()
        seen.add(int(start))
        for node in stretch:
            for other in problem.instance.neighbours[node]:
                if body[other] >= 0:
                    shore.add(int(body[other]))
                elif other not in seen:
                    seen.add(other)
                    stretch.append(other)
        touched = sorted(shore)
        beside[np.ix_(touched, touched)] = True
    return pack(beside)
