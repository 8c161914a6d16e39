"""All parts whose inertia exceeds their prices by little: listed cell by cell of the plane.

About any point c the squared distances of a part add up to its inertia plus its mass times the squared distance of c to
its centroid. So in a small cell that holds the centroid the inertia net of prices is linear but for a small slack, and
most bodies are plainly in or plainly out: only the few on the border are tried both ways, all states of a cell at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.masses import Bodies, pack
from models.regions.prices import sites_around
from models.regions.sites import inner

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Masks = npt.NDArray[np.uint64]

__all__ = ["Columns", "Plane"]

_FIRST_CELLS = 20
_MOST_CELLS = 20_000
_BLOCK = 100_000
_CHUNK = 512
_LOOK = 3
_LOOK_STATES = 2
_MANY = 5_000
_SLACK = 1 / 4
_FINEST = 5e-4
_CELLS_PER_WORK = 1e7
_STATES_PER_WORK = 2e6


@dataclass(frozen=True)
class Columns:
    """Parts, by rising cost net of prices and margin.

    Attributes
    ----------
    masks : array of shape (columns, words)
        Bodies as bits.
    weights : array of shape (columns,)
    moments : array of shape (columns, 2)
    excess : array of shape (columns,)
        Inertia less prices less margin.
    """

    masks: Masks
    weights: Whole
    moments: Floats
    excess: Floats

    def __len__(self) -> int:
        return len(self.weights)


class Plane:
    """The plane over which parts lie, with prices.

    Parameters
    ----------
    bodies : Bodies
    prices : array of shape (bodies,)
    ceiling : float
        Inertia of a known partition: what counts as small.
    engine : Engine
    """

    def __init__(self, bodies: Bodies, prices: Floats, ceiling: float, engine: Engine) -> None:
        self.bodies = bodies
        self.prices = prices
        self.ceiling = ceiling
        self.engine = engine
        self.most = bodies.most * bodies.mass_of_weight
        self.hair = 1e-9 * ceiling
        self.flips = pack(np.eye(len(bodies), dtype=np.bool_))

    # --------------------------------------------------------------------------------------------------- the cells

    def _first(self) -> tuple[Floats, float]:
        at = self.bodies.moments / self.bodies.masses[:, None]
        low, high = at.min(axis=0), at.max(axis=0)
        side = max(float((high - low).max()), 1e-6) / _FIRST_CELLS * (1 + 1e-6)
        steps = [np.arange(max(1, int(np.ceil(span / side)))) for span in high - low]
        grid = np.array([(a, b) for a in steps[0] for b in steps[1]], dtype=np.float64)
        return low - 1e-7 * side + (grid + 0.5) * side, side / 2

    def _quarter(self, places: Floats, half: float) -> tuple[Floats, float]:
        moves = np.array([(a, b) for a in (-1, 1) for b in (-1, 1)]) * (half / 2)
        return (places[:, None, :] + moves[None, :, :]).reshape(-1, 2), half / 2

    def _slack(self, half: float) -> float:
        """Mass times the squared radius of a cell."""
        return self.most * 2 * half * half * (1 + 1e-6)

    def _values(self, places: Floats) -> tuple[Floats, Floats]:
        self.engine.charge(len(self.bodies) * len(places) / _CELLS_PER_WORK)
        return inner(sites_around(self.bodies, self.bodies.costs_around(places)), self.prices)

    def _cells(self, places: Floats, half: float) -> _Cells:
        """Cells with a linear cost each, and what no part with its centroid in the cell is below.

        The best set about a place leans to some side, while a part of the cell does not: to tilt the cost against that
        side makes the bound higher, and costs no part of the cell more than half a side times the tilt.
        """
        bodies = self.bodies
        values, shares = self._values(places)
        net = bodies.costs_around(places) - self.prices[:, None]
        slack = np.full(len(places), self._slack(half))
        lean = bodies.centroids(shares) - places
        span, square = np.abs(lean).sum(axis=1), (lean**2).sum(axis=1)
        lean *= np.clip(1.0 - half * span / np.maximum(square, 1e-300), 0.0, 1.0)[:, None]
        cross = bodies.moments[:, 0][:, None] * lean[:, 0] + bodies.moments[:, 1][:, None] * lean[:, 1]
        tilted = net + 2 * (cross - bodies.masses[:, None] * (lean * places).sum(axis=1))
        others, splits = inner(sites_around(bodies, tilted), np.zeros(len(bodies)))
        self.engine.charge(net.size / _CELLS_PER_WORK)
        wider = slack + self.most * 2 * half * np.abs(lean).sum(axis=1) * (1 + 1e-6)
        better = others - wider > values - slack
        return _Cells(
            places,
            np.where(better[:, None], lean, 0.0),
            np.where(better, tilted, net),
            np.where(better, splits, shares),
            np.where(better, wider, slack),
            np.where(better, others - wider, values - slack),
        )

    def margin(self) -> float:
        """What no part's inertia less its prices is below, even if bodies could be split."""
        fine = 1e-5 * self.ceiling
        places, half = self._first()
        while True:
            values, _ = self._values(places)
            slack = self._slack(half)
            if slack <= fine or len(places) > _MOST_CELLS or self.engine.exhausted():
                lowest = float(values.min()) - slack
                return min(lowest, 0.0) if self.bodies.hollow else lowest
            places, half = self._quarter(places[values - slack <= values.min()], half)

    # ------------------------------------------------------------------------------------------------- the columns

    def columns(self, margin: float, span: float, most_work: float = np.inf) -> Columns | None:
        """All parts whose inertia less prices is at most `span` above a margin.

        Parameters
        ----------
        margin, span : float
        most_work : float
            Give up when it would take more.

        Returns
        -------
        Columns or None
            None when a limit was reached.
        """
        limit = margin + span + self.hair
        fine = max(span * _SLACK, _FINEST * self.ceiling)
        most_work += self.engine.work
        places, half = self._first()
        while True:
            cells = self._cells(places, half)
            cells = cells.only(np.flatnonzero(cells.bounds <= limit))
            if self._slack(half) <= fine:
                break
            if self.engine.exhausted() or self.engine.work > most_work:
                return None
            places, half = self._quarter(cells.places, half)
        found = []
        for first in range(0, len(cells.places), _CHUNK):
            chunk = cells.only(np.arange(first, min(first + _CHUNK, len(cells.places))))
            for one in self._in_cells(chunk, half, limit):
                found.append(one)
                if self.engine.exhausted() or self.engine.work > most_work:
                    return None
            if self.engine.exhausted():
                return None
        return self._sorted(found, margin)

    def _sorted(self, found: list[tuple[Masks, Whole, Floats, Floats]], margin: float) -> Columns:
        bodies = self.bodies
        words = (len(bodies) + 63) // 64
        masks = np.concatenate([np.zeros((0, words), dtype=np.uint64), *(one[0] for one in found)])
        weights = np.concatenate([np.zeros(0, dtype=np.int64), *(one[1] for one in found)])
        moments = np.concatenate([np.zeros((0, 2)), *(one[2] for one in found)])
        values = np.concatenate([np.zeros(0), *(one[3] for one in found)])
        # A centroid on the border of two cells is met twice.
        _, once = np.unique(masks, axis=0, return_index=True)
        once = once[bodies.lawful(masks[once])]
        order = once[np.lexsort((*masks[once].T, values[once]))]
        masks, weights, moments, values = masks[order], weights[order], moments[order], values[order]
        if bodies.hollow:
            # Several parts may be without mass.
            empty = bodies.parts - 1
            masks = np.concatenate([np.zeros((empty, words), dtype=np.uint64), masks])
            weights = np.concatenate([np.zeros(empty, dtype=np.int64), weights])
            moments = np.concatenate([np.zeros((empty, 2)), moments])
            values = np.concatenate([np.zeros(empty), values])
            order = np.argsort(values, kind="stable")
            masks, weights, moments, values = masks[order], weights[order], moments[order], values[order]
        return Columns(masks, weights, moments, values - margin)

    def _in_cells(self, cells: _Cells, half: float, limit: float) -> Iterator[tuple[Masks, Whole, Floats, Floats]]:
        """Sets of bodies with their centroid in one of the cells and a cost within the limit.

        A set's cost about a place is what the place's best set costs, plus a price for every body that is out instead
        of in, or in instead of out. Bodies are tried by falling price, in all cells at once.
        """
        bodies = self.bodies
        places, every = cells.places, np.arange(len(cells.places))
        rates = self._rates(cells.net, cells.shares)
        arms = cells.net - rates * bodies.masses[:, None]
        inside = arms < 0
        edges = np.where(rates > 0, bodies.least, bodies.most) * bodies.mass_of_weight
        base = np.where(inside, arms, 0.0).sum(axis=0)
        room = limit + cells.slack - base - rates * edges + self.hair
        price = np.abs(arms)
        free = price <= room
        order = np.argsort(np.where(free, -price, np.inf), axis=0, kind="stable")[: int(free.sum(axis=0).max())]
        price = np.where(free, price, np.inf)[order, every]
        signs = np.where(inside, -1, 1)[order, every]
        steps = np.where(np.isfinite(price), signs * bodies.weights[order], 0)
        # How much weight the bodies not yet tried can add or take away.
        end = np.zeros((1, len(places)), dtype=np.int64)
        more = np.concatenate([np.cumsum(np.maximum(steps, 0)[::-1], axis=0)[::-1], end])
        less = np.concatenate([np.cumsum(np.minimum(steps, 0)[::-1], axis=0)[::-1], end])
        # Which bodies are still open at a level.
        bits = np.where(np.isfinite(price)[:, :, None], self.flips[order], np.uint64(0))
        ahead = np.zeros((len(order) + 1, *bits.shape[1:]), dtype=np.uint64)
        ahead[:-1] = np.bitwise_or.accumulate(bits[::-1], axis=0)[::-1]
        moved = signs[:, :, None] * (bodies.moments[order] - bodies.masses[order][:, :, None] * places)
        heavy = (inside * bodies.weights[:, None]).sum(axis=0)
        resting = (inside[:, :, None] * bodies.moments[:, None, :]).sum(axis=0)
        resting -= (inside * bodies.masses[:, None]).sum(axis=0)[:, None] * places
        start = _States(every, pack(inside.T), heavy, resting, np.zeros(len(places)))
        stack = [(0, start)]
        while stack:
            level, states = stack.pop()
            while level < len(order) and len(states) <= _BLOCK:
                tried = states.used + price[level, states.cell]
                states = states.with_flipped(
                    np.flatnonzero(tried <= room[states.cell]),
                    self.flips[order[level]],
                    steps[level],
                    moved[level],
                    tried,
                )
                level += 1
                states = states.only(
                    (states.weight + more[level, states.cell] >= bodies.least)
                    & (states.weight + less[level, states.cell] <= bodies.most)
                )
                self.engine.charge(len(states) / _STATES_PER_WORK)
                if level % _LOOK == 0 and len(states) > _MANY:
                    # What is cut off already never becomes whole.
                    undecided = ahead[level, states.cell]
                    states = states.only(bodies.lawful(states.masks & ~undecided, undecided))
                    self.engine.charge(_LOOK_STATES * len(states) / _STATES_PER_WORK)
            if level < len(order):
                if self.engine.exhausted():
                    return
                rows = np.arange(len(states))
                stack.append((level, states.only(rows >= len(states) // 2)))
                stack.append((level, states.only(rows < len(states) // 2)))
                continue
            states = states.only((states.weight >= bodies.least) & (states.weight <= bodies.most))
            mass = states.weight * bodies.mass_of_weight
            about = base[states.cell] + states.used + rates[states.cell] * mass
            about -= 2 * (cells.tilts[states.cell] * states.moment).sum(axis=1)
            values = about - (states.moment**2).sum(axis=1) / mass
            near = (np.abs(states.moment) <= (mass * half)[:, None] * (1 + 1e-6)).all(axis=1)
            keep = (values <= limit) & near
            states, mass = states.only(keep), mass[keep]
            moments = states.moment + mass[:, None] * places[states.cell]
            yield states.masks, states.weight, moments, values[keep]

    def _rates(self, net: Floats, shares: Floats) -> Floats:
        """Price of a unit of mass in each cell's problem: 0 between the bounds, the last ratio at one of them."""
        bodies = self.bodies
        last = np.where(shares > 0, net / bodies.masses[:, None], -np.inf).max(axis=0)
        weights = (shares * bodies.weights[:, None]).sum(axis=0)
        at_least, at_most = weights <= bodies.least * (1 + 1e-9), weights >= bodies.most * (1 - 1e-9)
        rates: Floats = np.clip(last, np.where(at_most, -np.inf, 0.0), np.where(at_least, np.inf, 0.0))
        return rates


@dataclass(frozen=True)
class _Cells:
    """Square cells of one size.

    Attributes
    ----------
    places, tilts : array of shape (cells, 2)
        Middles, and against which side the cost is tilted.
    net : array of shape (bodies, cells)
        Cost of each body, less its price.
    shares : array of shape (bodies, cells)
        The least set, with split bodies.
    slack : array of shape (cells,)
        How much the linear cost of a part in the cell may exceed its own.
    bounds : array of shape (cells,)
    """

    places: Floats
    tilts: Floats
    net: Floats
    shares: Floats
    slack: Floats
    bounds: Floats

    def only(self, keep: Whole) -> _Cells:
        """Those that are kept."""
        return _Cells(
            self.places[keep],
            self.tilts[keep],
            self.net[:, keep],
            self.shares[:, keep],
            self.slack[keep],
            self.bounds[keep],
        )


@dataclass(frozen=True)
class _States:
    """Sets of bodies under construction.

    Attributes
    ----------
    cell, weight, used : array of shape (states,)
        Where, how heavy, and how much dearer than the best set of the cell.
    masks : array of shape (states, words)
    moment : array of shape (states, 2)
        About the middle of the cell.
    """

    cell: Whole
    masks: Masks
    weight: Whole
    moment: Floats
    used: Floats

    def __len__(self) -> int:
        return len(self.cell)

    def only(self, keep: npt.NDArray[np.bool_]) -> _States:
        """Those that are kept."""
        if keep.all():
            return self
        return _States(self.cell[keep], self.masks[keep], self.weight[keep], self.moment[keep], self.used[keep])

    def with_flipped(self, taken: Whole, flips: Masks, steps: Whole, moved: Floats, used: Floats) -> _States:
        """All states, and those taken with one more body on the other side; the body depends on the cell."""
        cell = self.cell[taken]
        return _States(
            np.concatenate([self.cell, cell]),
            np.concatenate([self.masks, self.masks[taken] ^ flips[cell]]),
            np.concatenate([self.weight, self.weight[taken] + steps[cell]]),
            np.concatenate([self.moment, self.moment[taken] + moved[cell]]),
            np.concatenate([self.used, used[taken]]),
        )
