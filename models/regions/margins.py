"""Better prices: parts that are whole and lawful instead of parts whose bodies may be split.

The prices of `models.regions.prices` pay for parts that do not exist: with split bodies, or in pieces. Here the cuts
are listed parts only, and what no cut says is found by listing again: all parts that cost less than the program thinks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.columns import Columns, Plane
from models.regions.masses import Bodies, unpack
from models.regions.prices import Program

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Priced", "sharpen"]

_FIRST_SPAN = 0.001
_GROWTH = 1.6
_ROUNDS = 60
_CLOSE = 2e-4
_WORK = 1.0
_MOST_WORK = 3.0
_CUTS = 200


class Priced:
    """Prices and their margin: no lawful part's inertia less its prices is below the margin.

    Attributes
    ----------
    plane : Plane
    margin : float
    bound : float
        Of any partition: all prices and one margin a part.
    """

    def __init__(self, plane: Plane, margin: float) -> None:
        self.plane = plane
        self.margin = margin
        self.bound = float(plane.prices.sum()) + plane.bodies.parts * margin


def sharpen(bodies: Bodies, engine: Engine, prices: Floats, ceiling: float) -> Priced:
    """Prices with a higher bound.

    Parameters
    ----------
    bodies : Bodies
    engine : Engine
    prices : array of shape (bodies,)
    ceiling : float
        Inertia of a known partition.
    """
    plane = Plane(bodies, prices, ceiling, engine)
    best = Priced(plane, plane.margin())
    if best.bound >= ceiling:
        return best
    first = _nearest(best, ceiling)
    if first is None:
        return best
    best, columns = first
    program = Program(bodies, _CUTS)
    program.learn(unpack(columns.masks, len(bodies)).T.astype(np.float64), bodies)
    width, predicted, most_work = float(np.abs(prices).mean()) / 8, np.inf, engine.work + _MOST_WORK
    for _ in range(_ROUNDS):
        found = program.solve(best.plane.prices, width)
        if found is None or engine.exhausted() or engine.work > most_work:
            break
        predicted, trial, margin = found
        if predicted - best.bound < _CLOSE * ceiling:
            break
        plane = Plane(bodies, trial, ceiling, engine)
        known = plane.columns(margin, 0.0, _WORK)
        if known is None:
            width /= 4
            continue
        lowest = float(known.excess.min(initial=0.0))
        priced = Priced(plane, margin + min(0.0, lowest))
        gain = priced.bound - best.bound
        if gain > 0:
            if gain > 0.3 * (predicted - best.bound):
                width *= 2
            best = priced
        else:
            width /= 2
        if len(known):
            program.learn(unpack(known.masks, len(bodies)).T.astype(np.float64), bodies)
    return best


def _nearest(priced: Priced, ceiling: float) -> tuple[Priced, Columns] | None:
    """The margin where parts begin, and the first of them."""
    span = _FIRST_SPAN * ceiling
    while True:
        columns = priced.plane.columns(priced.margin, span, _WORK)
        if columns is None:
            return None
        if len(columns) >= len(priced.plane.prices) or priced.bound + 2 * span > ceiling:
            lowest = float(columns.excess.min(initial=span))
            return Priced(priced.plane, priced.margin + lowest), columns
        span *= _GROWTH
