"""The exact model of parts around sites, for the sites and pairs that a relaxation left open.

Connectedness is learned as in `models.regions.separators`: clauses where a solution has a stray piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from models.engine import Engine
from models.regions.instance import separator
from models.regions.problem import Problem, pieces_of, violations
from models.regions.search import improve
from models.regions.separators import LinearCosts, Separators
from models.regions.sites import Sites, relax

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["AroundResult", "exact_model", "good_start", "sites_of"]

_MOST = 2**44


@dataclass(frozen=True)
class AroundResult:
    """What the exact model gave.

    Attributes
    ----------
    labels : tuple of int or None
        The best partition met.
    bound : float or None
        Proven lower bound of the sum of costs and offsets.
    infeasible : bool
        Nothing below the ceiling exists (with an infinite ceiling: nothing at all).
    """

    labels: tuple[int, ...] | None
    bound: float | None
    infeasible: bool


def sites_of(problem: Problem, costs: Floats, offsets: Floats) -> Sites:
    """Sites of a problem; bounds that differ between parts are taken at their widest."""
    weights = np.array(problem.weights, dtype=np.float64)
    return Sites(costs, offsets, weights, float(min(problem.lower)), float(max(problem.upper)), problem.parts)


def good_start(
    problem: Problem,
    engine: Engine,
    start: tuple[int, ...] | None,
    costs_around: Callable[[Sequence[int]], list[list[float]]],
    value: Callable[[Sequence[int]], Fraction],
) -> tuple[int, ...] | None:
    """A partition of compact parts, improved by turns: best places for the parts, best parts for the places."""
    edges = LinearCosts([(edge, 1) for edge in problem.instance.edges])
    best = improve(problem, edges, engine, start)
    if best is None:
        return start
    best_value = value(best)
    if start is not None and value(start) < best_value:
        best, best_value = start, value(start)
    for _ in range(12):
        table = costs_around(best)
        most = max((max(row) for row in table), default=0.0)
        scale = 2**30 / most if most else 1.0
        rows = [[round(cost * scale) for cost in row] for row in table]
        found = improve(problem, LinearCosts(edges.edges[:0], rows), engine, best)
        if found is None or engine.exhausted():
            break
        found_value = value(found)
        if found_value >= best_value:
            break
        best, best_value = found, found_value
    return best


def exact_model(
    problem: Problem,
    engine: Engine,
    sites: Sites,
    ceiling: float,
    value: Callable[[Sequence[int]], Fraction],
) -> AroundResult:
    """Find the best choice of sites and parts with a cost below the ceiling; a site is a node, which its part holds.

    Parameters
    ----------
    problem : Problem
    engine : Engine
    sites : Sites
    ceiling : float
        What is to be beaten; infinity if nothing is known.
    value : callable
        True cost of labels.
    """
    relaxed = relax(sites, ceiling)
    margin = 0.0 if not np.isfinite(ceiling) else 1e-9 * abs(ceiling)
    open_sites = [int(site) for site in np.flatnonzero(relaxed.by_site <= ceiling + margin)]
    if len(open_sites) < problem.parts:
        return AroundResult(None, None, True)
    model = _Model(problem, sites, open_sites, relaxed.by_pair <= ceiling + margin, ceiling)
    best: tuple[int, ...] | None = None
    best_value: Fraction | None = None
    bound: float = relaxed.bound
    while not engine.exhausted():
        outcome = engine.solve(model.model, (model.literals, model.weights))
        if outcome.status == "infeasible":
            again = engine.solve(model.model, (model.literals, model.weights), presolve=False)
            if again.status == "infeasible":
                return AroundResult(best, bound, True)
            if not again.solution:
                break
            outcome = again
        if outcome.bound is not None:
            bound = max(bound, outcome.bound / model.scale + model.constant)
        if not outcome.solution:
            break
        labels = model.labels_of(outcome.true)
        if not violations(problem, labels) and (best_value is None or value(labels) < best_value):
            best, best_value = labels, value(labels)
        if not model.learn(labels, outcome.true) or outcome.status != "optimal":
            break
    return AroundResult(best, bound, False)


class _Model:
    """Variables: which sites are opened, who goes where; labels besides, where parts are told apart."""

    def __init__(
        self,
        problem: Problem,
        sites: Sites,
        open_sites: Sequence[int],
        allowed: Any,
        ceiling: float,
    ) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.sites = list(open_sites)
        self.plain = problem.symmetric and not problem.has_wishes and problem.pieces is None
        self.base = None if self.plain else Separators(problem, LinearCosts([]))
        self.model: Any = cp_model.CpModel() if self.base is None else self.base.model
        count = len(problem.instance)
        self.opened = {site: self.model.new_bool_var("") for site in self.sites}
        self.joins: list[dict[int, Any]] = [{} for _ in range(count)]
        for node in range(count):
            for site in self.sites:
                if site == node:
                    self.joins[node][site] = self.opened[site]
                elif allowed[node, site]:
                    self.joins[node][site] = self.model.new_bool_var("")
                    self.model.add_implication(self.joins[node][site], self.opened[site])
            self.model.add_exactly_one(self.joins[node].values())
        self.model.add_linear_constraint(sum(self.opened.values()), problem.parts, problem.parts)
        self._bound_weights()
        if self.base is not None:
            self._link_labels()
        self._make_costs(sites, ceiling)
        if self.base is None:
            for node in range(count):
                self._leave([node], node)

    def _bound_weights(self) -> None:
        lower, upper, weights = min(self.problem.lower), max(self.problem.upper), self.problem.weights
        for site in self.sites:
            total = sum(weights[node] * joins[site] for node, joins in enumerate(self.joins) if site in joins)
            self.model.add_linear_constraint(total - lower * self.opened[site], 0, sum(weights))
            self.model.add_linear_constraint(upper * self.opened[site] - total, 0, sum(weights) + upper)

    def _link_labels(self) -> None:
        """Each part lies around one opened site: then to join the site is to be in the part."""
        assert self.base is not None
        parts = range(self.problem.parts)
        of_part = {(site, part): self.model.new_bool_var("") for site in self.sites for part in parts}
        for part in parts:
            self.model.add_exactly_one(of_part[site, part] for site in self.sites)
        for site in self.sites:
            self.model.add_linear_constraint(sum(of_part[site, part] for part in parts) - self.opened[site], 0, 0)
            for part in parts:
                for node, joins in enumerate(self.joins):
                    here, label = of_part[site, part], self.base.at(node, part)
                    if site in joins:
                        self.model.add_bool_or([~here, ~joins[site], label])
                        self.model.add_bool_or([~here, joins[site], ~label])
                    else:
                        self.model.add_bool_or([~here, ~label])

    def _make_costs(self, sites: Sites, ceiling: float) -> None:
        nearest = [min(float(sites.costs[node, site]) for site in joins) for node, joins in enumerate(self.joins)]
        least = min(float(sites.offsets[site]) for site in self.sites)
        self.constant = sum(nearest) + self.problem.parts * least
        most = max(
            (float(sites.costs[node, site]) - nearest[node] for node, joins in enumerate(self.joins) for site in joins),
            default=0.0,
        )
        most = max(most, max(float(sites.offsets[site]) for site in self.sites) - least)
        self.scale = _MOST / max(1e-300, most * len(self.joins)) if most else 1.0
        literals, weights = [], []
        for node, joins in enumerate(self.joins):
            for site, literal in joins.items():
                # Rounded down: what is proven of whole costs holds for the true ones.
                cost = int((float(sites.costs[node, site]) - nearest[node]) * self.scale)
                if cost:
                    literals.append(literal)
                    weights.append(cost)
        for site in self.sites:
            cost = int((float(sites.offsets[site]) - least) * self.scale)
            if cost:
                literals.append(self.opened[site])
                weights.append(cost)
        self.literals, self.weights = literals, weights
        if np.isfinite(ceiling) and literals:
            room = int((ceiling - self.constant) * self.scale)
            total = sum(weight * literal for literal, weight in zip(literals, weights, strict=True))
            self.model.add_linear_constraint(total, 0, max(0, room))

    def labels_of(self, true: Any) -> tuple[int, ...]:
        """Labels of a solution."""
        if self.base is not None:
            return self.base.labels_of(true)
        used = [site for site in self.sites if true(self.opened[site])]
        number = {site: k for k, site in enumerate(used)}
        return tuple(next(number[site] for site, literal in joins.items() if true(literal)) for joins in self.joins)

    def learn(self, labels: Sequence[int], true: Any) -> bool:
        """Add clauses against stray pieces; False if there are none."""
        if self.base is not None:
            return self.base.learn(labels)
        strays = False
        used = [site for site in self.sites if true(self.opened[site])]
        weights = self.problem.weights
        for part, site in enumerate(used):
            pieces = pieces_of(self.problem.instance, labels, part)
            if len(pieces) < 2:
                continue
            strays = True
            main, target = next(piece for piece in pieces if site in piece), site
            for piece in pieces:
                if piece is main:
                    continue
                for node in sorted(piece, key=lambda k: (-weights[k], k))[:3]:
                    self._leave(piece, node)
                    for near, far in ((piece, target), (main, node)):
                        self._separate(node, target, separator(self.problem.instance.neighbours, near, far))
        return strays

    def _separate(self, one: int, two: int, between: Sequence[int]) -> None:
        for site in self.sites:
            if site in self.joins[one] and site in self.joins[two]:
                way = [self.joins[k][site] for k in between if site in self.joins[k]]
                self.model.add_bool_or([~self.joins[one][site], ~self.joins[two][site], *way])

    def _leave(self, piece: Sequence[int], node: int) -> None:
        weights, neighbours = self.problem.weights, self.problem.instance.neighbours
        if sum(weights[k] for k in piece) >= min(self.problem.lower):
            return
        inside = set(piece)
        border = sorted({other for k in piece for other in neighbours[k]} - inside)
        for site, literal in self.joins[node].items():
            self.model.add_bool_or([~literal, *(self.joins[k][site] for k in border if site in self.joins[k])])
