"""Moment of inertia of two parts, exactly: boxes in which the centroid of part 0 may lie.

With coordinates from the common centroid, the centroid of part 1 lies opposite that of part 0, at the inverse ratio of
the weights. So a box for one is a box for the other, and about the middles of both boxes the cost is linear and at most
the weights times the squared radii too high. A box is dropped when its linear bound, or its best partition, is too
dear; else it is quartered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from models.engine import Engine
from models.regions.objectives import Inertia
from models.regions.problem import Problem, violations
from models.regions.separators import LinearCosts, Separators
from models.regions.sites import Sites, inner

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Halves"]

_SCALE = 2**44
_MOST_BOXES = 100_000
_SOLVE_FROM = 0.004
"""A box is solved exactly once its radii cost no more than this share of the best value."""


class Halves:
    """The search for one problem of two parts.

    Parameters
    ----------
    problem : Problem
    aim : Inertia
    engine : Engine
    value : callable
        Inertia of labels.
    """

    def __init__(
        self, problem: Problem, aim: Inertia, engine: Engine, value: Callable[[Sequence[int]], Fraction]
    ) -> None:
        self.problem = problem
        self.engine = engine
        self.value = value
        total = float(sum(aim.weights)) or 1.0
        self.factor = factor = total / (sum(problem.weights) or 1)
        self.weights = np.array([float(weight) for weight in aim.weights])
        x, y = (np.array([float(one) for one in row]) for row in (aim.x, aim.y))
        self.x, self.y = x - (self.weights * x).sum() / total, y - (self.weights * y).sum() / total
        whole = sum(problem.weights)
        low = max(problem.lower[0], whole - problem.upper[1], 1 if whole > 1 else 0)
        high = min(problem.upper[0], whole - problem.lower[1], whole - 1 if whole > 1 else whole)
        self.low, self.high, self.total = low * factor, high * factor, total
        self.strays: list[tuple[int, ...]] = []
        self.best: tuple[int, ...] | None = None
        self.reached = float("inf")
        self.half: Floats = np.zeros(3)

    def take(self, labels: tuple[int, ...] | None) -> None:
        """Keep labels that are better than the best."""
        if labels is None or violations(self.problem, labels):
            return
        value = float(self.value(labels))
        if value < self.reached:
            self.best, self.reached = labels, value

    def solve(self) -> float:
        """Search until nothing better can exist or a limit is reached; the bound proven."""
        reach = max(float(np.abs(self.x).max()), float(np.abs(self.y).max()), 1e-9) * (1 + 1e-9)
        spread = (self.high - self.low) / 2 * (1 + 1e-9)
        self.half = np.array([reach / 2, reach / 2, spread])
        # Which part is called 0 is settled in the model, by the heaviest node: its centroid may lie anywhere.
        weight = (self.high + self.low) / 2
        boxes = np.array([[a * reach / 2, b * reach / 2, weight] for a in (1, -1) for b in (1, -1)])
        bounds = self._linear(boxes)
        while True:
            keep = bounds < self.reached * (1 - 1e-10)
            boxes, bounds = boxes[keep], bounds[keep]
            if not len(boxes):
                return self.reached
            if self.engine.exhausted() or len(boxes) > _MOST_BOXES:
                return float(bounds.min())
            if float(self._slack(boxes).max()) <= _SOLVE_FROM * self.reached:
                order = np.argsort(bounds, kind="stable")
                boxes, bounds = boxes[order], bounds[order]
                for place in range(len(boxes)):
                    if self.engine.exhausted():
                        return float(bounds.min())
                    if bounds[place] < self.reached * (1 - 1e-10):
                        bounds[place] = max(float(bounds[place]), self._exact(boxes[place]))
                keep = bounds < self.reached * (1 - 1e-10)
                boxes, bounds = boxes[keep], bounds[keep]
                if self.half[0] < 1e-7 * reach and len(boxes):
                    return float(bounds.min())
            boxes, bounds = self._split(boxes, bounds)

    # --------------------------------------------------------------------------------------------------- the boxes

    def _split(self, boxes: Floats, bounds: Floats) -> tuple[Floats, Floats]:
        """Quarter the boxes in the plane, or halve them in weight, whichever takes more of the slack."""
        if not len(boxes):
            return boxes, bounds
        ranges = self._ratios(boxes)
        by_weight = float((np.abs(boxes[:, :2]).max(axis=1) * (ranges[1] - ranges[0]) / 2).max())
        if by_weight > float(ranges[1].max()) * self.half[0]:
            self.half = self.half * [1, 1, 0.5]
            moves = np.array([(0, 0, a) for a in (-1, 1)]) * self.half
        else:
            self.half = self.half * [0.5, 0.5, 1]
            moves = np.array([(a, b, 0) for a in (-1, 1) for b in (-1, 1)]) * self.half
        finer = (boxes[:, None, :] + moves[None, :, :]).reshape(-1, 3)
        return finer, np.maximum(np.repeat(bounds, len(moves)), self._linear(finer))

    def _window(self, boxes: Floats) -> tuple[Floats, Floats]:
        """Weight of part 0 in each box."""
        least = np.maximum(self.low, boxes[:, 2] - self.half[2])
        return least, np.minimum(self.high, boxes[:, 2] + self.half[2])

    def _ratios(self, boxes: Floats) -> tuple[Floats, Floats]:
        """Least and greatest ratio of the weights of part 0 and part 1."""
        least, most = self._window(boxes)
        return least / np.maximum(self.total - least, 1e-12), most / np.maximum(self.total - most, 1e-12)

    def _opposite(self, boxes: Floats) -> tuple[Floats, Floats]:
        """Middle and half sides of the boxes of part 1's centroid."""
        least, most = self._ratios(boxes)
        middle = -((least + most) / 2)[:, None] * boxes[:, :2]
        return middle, (most * self.half[0])[:, None] + np.abs(boxes[:, :2]) * ((most - least) / 2)[:, None]

    def _slack(self, boxes: Floats) -> Floats:
        """How much lower than the linear cost the inertia may be."""
        least, most = self._window(boxes)
        _, sides = self._opposite(boxes)
        slack: Floats = most * 2 * self.half[0] ** 2 + (self.total - least) * (sides * sides).sum(axis=1)
        return slack * (1 + 1e-9)

    def _costs(self, boxes: Floats) -> tuple[Floats, Floats]:
        tables = []
        for places in (boxes[:, :2], self._opposite(boxes)[0]):
            squares = (self.x[:, None] - places[None, :, 0]) ** 2 + (self.y[:, None] - places[None, :, 1]) ** 2
            tables.append(self.weights[:, None] * squares)
        return tables[0], tables[1]

    def _linear(self, boxes: Floats) -> Floats:
        """Lower bounds with nodes that may be split."""
        first, second = self._costs(boxes)
        offsets = second.sum(axis=0) - self._slack(boxes)
        least, most = self._window(boxes)
        values, _ = inner(Sites(first - second, offsets, self.weights, least, most, 1), np.zeros(len(self.weights)))
        return values

    def _exact(self, box: Floats) -> float:
        """Lower bound of the partitions whose centroid lies in a box, by the solver; better ones are kept."""
        boxes = box[None, :]
        first, second = self._costs(boxes)
        slack = float(self._slack(boxes)[0])
        top = float(max(first.max(), second.max())) or 1.0
        scale = _SCALE / (top * len(self.weights))
        rows = [[int(a * scale), int(b * scale)] for a, b in zip(first[:, 0], second[:, 0], strict=True)]
        model = Separators(self.problem, LinearCosts([], rows))
        for labels in self.strays:
            model.learn(labels)
        self._inside(model, box)
        if np.isfinite(self.reached):
            model.at_most(int((self.reached + slack) * scale) + 1)
        while True:
            outcome = self.engine.solve(model.model, (model.literals, model.weights))
            if outcome.status == "infeasible":
                again = self.engine.solve(model.model, (model.literals, model.weights), presolve=False)
                if again.status == "infeasible":
                    return self.reached
                outcome = again
            if not outcome.solution or outcome.bound is None:
                return float("-inf")
            labels = model.labels_of(outcome.true)
            self.take(labels)
            if not model.learn(labels) or outcome.status != "optimal" or self.engine.exhausted():
                return (outcome.bound + model.constant) / scale - slack
            self.strays.append(labels)

    def _inside(self, model: Separators, box: Floats) -> None:
        """The centroid and the weight of part 0 lie in the box: linear in who belongs to it."""
        half = float(self.half[0])
        rows = [
            self.weights * (sign * (coordinates - middle) + half)
            for coordinates, middle in ((self.x, float(box[0])), (self.y, float(box[1])))
            for sign in (1.0, -1.0)
        ]
        for arms in rows:
            scale = _SCALE / (float(np.abs(arms).max()) * len(arms) or 1.0)
            # Rounded up, so that no partition inside is lost.
            terms = [int(np.ceil(arm * scale)) for arm in arms]
            row = sum(term * model.at(node, 0) for node, term in enumerate(terms))
            model.model.add_linear_constraint(row, 0, sum(term for term in terms if term > 0) + 1)
        least, most = (float(bound[0]) / self.factor for bound in self._window(box[None, :]))
        mass = sum(weight * model.at(node, 0) for node, weight in enumerate(self.problem.weights))
        model.model.add_linear_constraint(mass, math.floor(least - 1e-6), math.ceil(most + 1e-6))
