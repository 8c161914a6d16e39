"""Prices of bodies for the inertia of parts: the dual of choosing parts, by cutting planes.

If every body has a price and no part costs less than its bodies' prices and a margin, then any partition costs at least
the sum of all prices and one margin a part. Cuts come from parts around sample places (bodies may be split); a linear
program finds the best prices under the cuts, within a box that moves along: prices swing less.

References
----------
O. du Merle et al., "An interior point algorithm for minimum sum-of-squares clustering", SIAM J. Sci. Comput. 1999;
D. Aloise, P. Hansen, L. Liberti, "An improved column generation algorithm for minimum sum-of-squares clustering",
Mathematical Programming 2012 (prices, parts around places); R. Marsten, W. Hogan, J. Blankenship, "The boxstep method
for large-scale optimization", Operations Research 1975.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.engine import Engine
from models.regions.masses import Bodies
from models.regions.sites import Sites, inner

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Program", "best_prices", "sites_around"]

_SIDE = 28
"""Sample places along the longer side."""
_KEPT = 100
_CUTS = 30
_ROUNDS = 150
_CLOSE = 1e-4
_PER_WORK = 1e7


def sites_around(bodies: Bodies, costs: Floats) -> Sites:
    """Places with what each body costs there."""
    factor = bodies.mass_of_weight
    least, most = bodies.least * factor * (1 - 1e-12), bodies.most * factor * (1 + 1e-12)
    return Sites(costs, np.zeros(costs.shape[1]), bodies.masses, least, most, bodies.parts)


def best_prices(bodies: Bodies, engine: Engine, first: Floats, ceiling: float) -> Floats:
    """Prices that make a high bound.

    Parameters
    ----------
    bodies : Bodies
    engine : Engine
    first : array of shape (bodies,)
        Prices to begin with: what the bodies cost in a good partition.
    ceiling : float
        Inertia of a known partition: which gains are worth a round.
    """
    program = Program(bodies, _CUTS)
    low, high = (edge(bodies.moments / bodies.masses[:, None], axis=0) for edge in (np.min, np.max))
    steps = [np.linspace(a, b, _SIDE) for a, b in zip(low, high, strict=True)]
    samples = np.array([(a, b) for a in steps[0] for b in steps[1]])
    best, kept, trial, predicted = -np.inf, first, first, np.inf
    width = float(np.abs(first).mean()) / 2 or ceiling / len(bodies) / 2
    for _ in range(_ROUNDS):
        if engine.exhausted():
            break
        values, shares = inner(sites_around(bodies, bodies.costs_around(samples)), trial)
        places, shares = samples, shares[:, np.argsort(values, kind="stable")[:_KEPT]]
        for _ in range(3):
            places = bodies.centroids(shares)
            values, shares = inner(sites_around(bodies, bodies.costs_around(places)), trial)
        engine.charge(len(bodies) * (len(samples) + 3 * _KEPT) / _PER_WORK)
        reached = float(trial.sum() + bodies.parts * values.min())
        if reached > best:
            if reached - best > 0.3 * (predicted - best):
                width *= 1.5
            best, kept = reached, trial
        else:
            width *= 0.7
        order = np.argsort(values, kind="stable")
        if not program.learn(shares[:, order], bodies):
            break
        engine.charge(len(bodies) * program.cuts / _PER_WORK)
        found = program.solve(kept, width)
        if found is None:
            break
        predicted, trial, _ = found
        if predicted - best < _CLOSE * ceiling:
            break
    return kept


class Program:
    """Highest sum of the prices and the margins of all parts, under the cuts so far."""

    def __init__(self, bodies: Bodies, most_cuts: int) -> None:
        from ortools.linear_solver import pywraplp

        self.optimal = pywraplp.Solver.OPTIMAL
        self.solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self.infinity = self.solver.infinity()
        self.prices = [self.solver.NumVar(-1.0, 1.0, "") for _ in range(len(bodies))]
        self.margin = self.solver.NumVar(-self.infinity, self.infinity, "")
        goal = self.solver.Objective()
        goal.SetMaximization()
        for price in self.prices:
            goal.SetCoefficient(price, 1.0)
        goal.SetCoefficient(self.margin, float(bodies.parts))
        self.known: set[bytes] = set()
        self.most_cuts = most_cuts

    @property
    def cuts(self) -> int:
        """How many there are."""
        return len(self.known)

    def learn(self, shares: Floats, bodies: Bodies) -> bool:
        """Add the first few parts that are not known; False if there are none."""
        added = 0
        moments = (shares[:, :, None] * bodies.moments[:, None, :]).sum(axis=0)
        masses = (shares * bodies.masses[:, None]).sum(axis=0)
        gains = (moments**2).sum(axis=1) / np.maximum(masses, 1e-300)
        costs = (shares * bodies.squares[:, None]).sum(axis=0) - gains
        for place in range(shares.shape[1]):
            key = shares[:, place].round(7).tobytes()
            if key in self.known:
                continue
            self.known.add(key)
            cut = self.solver.Constraint(-self.infinity, float(costs[place]))
            cut.SetCoefficient(self.margin, 1.0)
            for body in np.flatnonzero(shares[:, place]):
                cut.SetCoefficient(self.prices[body], float(shares[body, place]))
            added += 1
            if added >= self.most_cuts:
                break
        return bool(added)

    def solve(self, middle: Floats, width: float) -> tuple[float, Floats, float] | None:
        """The bound the cuts allow within the box, the prices and the margin; None when the program fails."""
        for price, at in zip(self.prices, middle, strict=True):
            price.SetBounds(float(at) - width, float(at) + width)
        if self.solver.Solve() != self.optimal:
            return None
        found = np.array([price.solution_value() for price in self.prices])
        return float(self.solver.Objective().Value()), found, float(self.margin.solution_value())
