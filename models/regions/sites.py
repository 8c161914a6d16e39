"""Parts around sites: which sites, and who goes to which, at the least sum of costs.

A site is a place a part may lie around: a node as its centre, or a small cell in which its centroid may fall. With
prices on the nodes the parts come apart: each site takes the nodes that are worth their price, as far as the bounds of
weight allow, and the best few sites are opened. That is a lower bound for any prices (Lagrangian relaxation); good
prices leave few sites and few pairs of node and site open, and for these an exact model is small.

References
----------
S. Hess et al., "Nonpartisan political redistricting by computer", Operations Research 1965 (the model);
H. Validi, A. Buchanan, E. Lykhovyd, "Imposing contiguity constraints in political districting models", 2022 (fixing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Relaxation", "Sites", "inner", "relax"]


@dataclass(frozen=True)
class Sites:
    """Sites that parts may lie around.

    Attributes
    ----------
    costs : array of shape (nodes, sites)
    offsets : array of shape (sites,)
        Added for every site that is opened.
    weights : array of shape (nodes,)
    lower, upper : float, or array of shape (sites,)
        Bounds of the weight of a part.
    opened : int
        How many sites are opened.
    """

    costs: Floats
    offsets: Floats
    weights: Floats
    lower: float | Floats
    upper: float | Floats
    opened: int


@dataclass(frozen=True)
class Relaxation:
    """Lower bounds from the best prices found.

    Attributes
    ----------
    bound : float
        Of any choice.
    by_site : array of shape (sites,)
        Of any choice that opens the site.
    by_pair : array of shape (nodes, sites)
        Of any choice that sends the node to the site.
    opened : list of int
        The sites that the prices favour.
    """

    bound: float
    by_site: Floats
    by_pair: Floats
    opened: list[int]


def relax(sites: Sites, ceiling: float, rounds: int = 300, first: Floats | None = None) -> Relaxation:
    """Raise prices where a node is wanted by nobody, lower them where it is wanted by several.

    Parameters
    ----------
    sites : Sites
    ceiling : float
        Cost of a known solution, or infinity: how far prices move.
    rounds : int
    first : array of shape (nodes,), optional
        Prices to begin with: what the nodes cost in a good solution.
    """
    opened = min(sites.opened, sites.costs.shape[1])
    prices = np.median(sites.costs, axis=1) / 2 if first is None else first
    best, best_prices = -np.inf, prices
    share, stalled = 1.0, 0
    drift = np.zeros(len(prices))
    for _ in range(rounds):
        values, taken = inner(sites, prices)
        chosen = np.argsort(values, kind="stable")[:opened]
        bound = float(prices.sum() + values[chosen].sum())
        if not np.isfinite(best) or bound > best + 1e-7 * abs(best):
            best, best_prices, stalled = bound, prices, 0
        else:
            stalled += 1
            if stalled >= 12:
                share, stalled, prices = share / 2, 0, best_prices
                if share < 1e-3:
                    break
                continue
        # Half of the last direction is kept: prices swing less.
        slope = 1.0 - taken[:, chosen].sum(axis=1) + 0.5 * drift
        drift = slope
        square = float((slope * slope).sum())
        if square < 1e-12:
            break
        goal = ceiling if np.isfinite(ceiling) else best + 0.05 * abs(best) + 1e-9
        prices = prices + share * max(goal - bound, 1e-6 * abs(bound)) / square * slope
    return _bounds(sites, best_prices, opened)


def inner(sites: Sites, prices: Floats) -> tuple[Floats, Floats]:
    """For each site: the least cost net of prices of a part in bounds (nodes may be split), and who is taken."""
    net = sites.costs - prices[:, None]
    weights = sites.weights[:, None]
    heavy = sites.weights > 0
    ratio = np.where(heavy[:, None], net / np.where(weights > 0, weights, 1.0), np.where(net < 0, -np.inf, np.inf))
    order = np.argsort(ratio, axis=0, kind="stable")
    sorted_weights = sites.weights[order]
    sorted_net = np.take_along_axis(net, order, axis=0)
    before = np.cumsum(sorted_weights, axis=0) - sorted_weights
    limit = np.where(sorted_net < 0, sites.upper, sites.lower)
    room = np.clip(limit - before, 0.0, sorted_weights)
    part = np.divide(room, sorted_weights, out=(sorted_net < 0).astype(np.float64), where=sorted_weights > 0)
    values = (part * sorted_net).sum(axis=0) + sites.offsets
    taken = np.empty_like(part)
    np.put_along_axis(taken, order, part, axis=0)
    return values, taken


def _bounds(sites: Sites, prices: Floats, opened: int) -> Relaxation:
    values, taken = inner(sites, prices)
    ranked = np.argsort(values, kind="stable")
    chosen = ranked[:opened]
    base = float(prices.sum())
    bound = base + float(values[chosen].sum())
    others = float(values[ranked[: opened - 1]].sum())
    by_site = base + others + values
    by_site[chosen] = bound
    net = sites.costs - prices[:, None]
    # A node not taken costs at least its net price more, less what the weight it brings could have cost.
    weights = sites.weights[:, None]
    edge = _marginal(sites, net, taken)
    extra = np.maximum(0.0, net - edge[None, :] * weights)
    by_pair = by_site[None, :] + np.where(taken < 1.0, extra * (1.0 - taken), 0.0)
    return Relaxation(bound, by_site, by_pair, [int(place) for place in chosen])


def _marginal(sites: Sites, net: Floats, taken: Floats) -> Floats:
    """Price of a unit of weight in each site's problem: 0 between the bounds, the last ratio at one of them."""
    weights = sites.weights[:, None]
    mass = (taken * weights).sum(axis=0)
    ratio = np.where(weights > 0, net / np.where(weights > 0, weights, 1.0), np.nan)
    last = np.where((taken > 0) & (weights > 0), ratio, -np.inf).max(axis=0)
    tight = 1e-9 * np.maximum(1.0, sites.upper)
    at_lower = mass <= sites.lower + tight
    at_upper = mass >= sites.upper - tight
    marginal: Any = np.where(at_upper & (last < 0), last, np.where(at_lower & (last > 0), last, 0.0))
    return np.asarray(marginal, dtype=np.float64)
