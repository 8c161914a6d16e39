"""Three and more connected parts of a planar graph at the least cost of cut edges: part after part is peeled off.

Draw the parts as nodes and join those that adjoin, with what is cut between them as the cost of the edge: a connected
graph. Some of its nodes can be taken away without disconnecting the rest, and the cheapest of these costs at most two
thirds of the whole cut with three parts and half of it with more. (With no cut node all can be taken, and their costs
add up to twice the cut. Else a leaf block holds at most half of the cut; if it is one edge, that is the cost of its
end; if it has more nodes, two at least are no cut nodes, and their costs add up to twice the block's at most.) So: list
all parts of that cost that leave the rest connected, which are few and are simple cycles of the dual graph, and divide
each rest into one part less with what remains of the budget. Budgets rise until a partition is found: it is the best.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.engine import Engine
from models.regions.cycles import Cycles, plane_of, work_of
from models.regions.instance import Groups, Instance
from models.regions.problem import Problem, violations
from models.regions.separators import Found, LinearCosts

__all__ = ["Peeling"]

_RISE = 24
"""Budgets rise by the part of the bound, and by 1 at least."""

_TRIES, _ENOUGH = 6, 3
"""Ways to halve a graph that are tried for a first partition; so many that came out lawful are enough."""

_NOISE = 1_000
"""Whole costs are multiplied by about so much before they are blurred, so that small ones can be told apart."""


class StoppedError(Exception):
    """A limit was reached inside a search."""


class Peeling:
    """The search for one problem: three or more interchangeable parts, no wishes, a planar connected graph.

    Parameters
    ----------
    problem : Problem
    costs : LinearCosts
        Of edges only.
    engine : Engine
    """

    def __init__(self, problem: Problem, costs: LinearCosts, engine: Engine) -> None:
        self.problem = problem
        self.costs = dict(costs.edges)
        self.linear = costs
        self.engine = engine
        self.lower, self.upper = problem.lower[0], problem.upper[0]
        # (nodes, parts) -> budget up to which nothing was found
        self._hopeless: dict[tuple[frozenset[int], int], int] = {}
        # (nodes, parts) -> the best partition
        self._solved: dict[tuple[frozenset[int], int], tuple[int, tuple[frozenset[int], ...]]] = {}
        self._pieces: dict[tuple[frozenset[int], int], tuple[int, list[tuple[int, frozenset[int]]]]] = {}

    def solve(self, start: tuple[int, ...] | None) -> Found:
        """Find the best partition; `start` is a lawful one, if known."""
        whole = frozenset(range(len(self.problem.instance)))
        ceiling = sum(self.costs.values()) if start is None else self.linear.value(start) - 1
        budget = 0
        best = start
        try:
            budget = self._least(whole)
            while budget <= ceiling:
                found = self._best(whole, self.problem.parts, min(budget, ceiling))
                if found is not None:
                    value, parts = found
                    best = self._labels(parts)
                    return Found(best, value)
                budget = min(budget, ceiling) + 1
                if budget <= ceiling:
                    budget = min(ceiling, budget + budget // _RISE)
        except StoppedError:
            return Found(best, self._proven(whole))
        if best is None:
            return Found(None, None, infeasible=True)
        return Found(best, self.linear.value(best))

    def first(self) -> tuple[int, ...] | None:
        """A good lawful partition by halving: cut in two as cheaply as the bounds of all parts allow, then each half.

        Where a half cannot be divided, and for the next try, costs are blurred so that the halves are others. Two parts
        that adjoin are then cut anew as long as that helps. None if nothing was found.
        """
        whole = frozenset(range(len(self.problem.instance)))
        best: tuple[int, ...] | None = None
        lawful = 0
        for attempt in range(_TRIES):
            if self.engine.exhausted() or lawful == _ENOUGH:
                break
            parts = self._halved(whole, self.problem.parts, random.Random(f"halves {attempt}") if attempt else None)
            if parts is not None:
                lawful += 1
                found = self.recut(self._labels(parts))
                if best is None or self.linear.value(found) < self.linear.value(best):
                    best = found
        return best

    def recut(self, labels: tuple[int, ...]) -> tuple[int, ...]:
        """Cut each two adjoining parts anew at the least cost, until no pair can be cut better."""
        parts = [frozenset(node for node, label in enumerate(labels) if label == k) for k in range(self.problem.parts)]
        tried: set[tuple[frozenset[int], frozenset[int]]] = set()
        while True:
            label_of = {node: k for k, part in enumerate(parts) for node in part}
            pairs = sorted(
                {tuple(sorted((label_of[a], label_of[b]))) for a, b in self.costs if label_of[a] != label_of[b]}
            )
            open_pairs = [(i, j) for i, j in pairs if (parts[i], parts[j]) not in tried]
            if not open_pairs or self.engine.exhausted():
                return self._labels(parts)
            i, j = open_pairs[0]
            nodes = parts[i] | parts[j]
            cycles = self._cycles(nodes, 2)
            if cycles is not None:
                order = sorted(nodes)
                found = cycles.solve(self.engine, tuple(int(node in parts[j]) for node in order)).labels
                assert found is not None
                parts[i] = frozenset(node for node, label in zip(order, found, strict=True) if not label)
                parts[j] = nodes - parts[i]
            tried.add((parts[i], parts[j]))

    def _halved(
        self, nodes: frozenset[int], parts: int, rng: random.Random | None
    ) -> tuple[frozenset[int], ...] | None:
        if parts == 1:
            weight = sum(self.problem.weights[node] for node in nodes)
            return (nodes,) if self.lower <= weight <= self.upper else None
        costs = {e: round(c * _NOISE * rng.uniform(1, 3)) if rng else c for e, c in self.costs.items()}
        one = parts // 2
        cycles = self._cycles(nodes, parts, one, costs)
        if cycles is None:
            return None
        found = cycles.solve(self.engine, None).labels
        if found is None:
            return None
        order = sorted(nodes)
        sides = [frozenset(node for node, label in zip(order, found, strict=True) if label == k) for k in (0, 1)]
        halves = []
        for side, own in zip(sides, (one, parts - one), strict=True):
            half = self._halved(side, own, rng)
            if half is None:
                return None
            halves.append(half)
        return halves[0] + halves[1]

    def _labels(self, parts: Sequence[frozenset[int]]) -> tuple[int, ...]:
        labels = [0] * len(self.problem.instance)
        for part, nodes in enumerate(parts):
            for node in nodes:
                labels[node] = part
        assert not violations(self.problem, labels)
        return tuple(labels)

    def _proven(self, whole: frozenset[int]) -> int:
        return self._hopeless.get((whole, self.problem.parts), -1) + 1

    def _least(self, whole: frozenset[int]) -> int:
        """A budget below which nothing can be: what the cheapest part costs says so."""
        cycles = self._cycles(whole, self.problem.parts)
        if cycles is None:
            return 0
        cap = float(sum(self.costs.values()))
        least = cap
        for face in cycles.starts():
            self._tick(cycles)
            tables, _ = cycles.table(face, min(cap, least))
            least = min(least, cycles.least(face, tables, least))
            cycles.removed[face] = True
        cheapest = int(least)
        # least <= share * cut
        budget = -(-cheapest * 3 // 2) if self.problem.parts == 3 else 2 * cheapest
        self._hopeless[whole, self.problem.parts] = budget - 1
        return budget

    def _share(self, parts: int, budget: int) -> int:
        """Most that the cheapest part to be peeled off costs."""
        return budget if parts == 2 else 2 * budget // 3 if parts == 3 else budget // 2

    def _tick(self, cycles: Cycles) -> None:
        self.engine.work += work_of(cycles)
        if self.engine.exhausted():
            raise StoppedError

    def _best(self, nodes: frozenset[int], parts: int, budget: int) -> tuple[int, tuple[frozenset[int], ...]] | None:
        """Best partition of connected nodes with a cost up to the budget; None if there is none."""
        if parts == 1:
            weight = sum(self.problem.weights[node] for node in nodes)
            return (0, (nodes,)) if self.lower <= weight <= self.upper else None
        key = nodes, parts
        known = self._solved.get(key)
        if known is not None:
            return known if known[0] <= budget else None
        if budget < 0 or budget <= self._hopeless.get(key, -1):
            return None
        best: tuple[int, tuple[frozenset[int], ...]] | None = None
        left = budget
        for cost, part in self._parts(nodes, parts, self._share(parts, budget)):
            if cost > self._share(parts, left):
                break
            rest = self._best(nodes - part, parts - 1, left - cost)
            if rest is not None:
                best = cost + rest[0], (part, *rest[1])
                left = best[0] - 1
        if best is None:
            self._hopeless[key] = budget
        else:
            self._solved[key] = best
        return best

    def _parts(self, nodes: frozenset[int], parts: int, most: int) -> list[tuple[int, frozenset[int]]]:
        """List the parts that can be peeled off at a cost up to `most`, the cheapest first."""
        key = nodes, parts
        known = self._pieces.get(key)
        if known is not None and known[0] >= most:
            return known[1]
        found: dict[frozenset[int], int] = {}
        cycles = self._cycles(nodes, parts)
        if cycles is not None and cycles.windows:
            order = sorted(nodes)
            for face in cycles.starts():
                tables, home = cycles.table(face, most)
                self._tick(cycles)
                for cost, edges in cycles.search(face, tables, home, most, self.engine.exhausted):
                    labels = cycles.labels(edges)
                    for side in (0, 1):
                        part = frozenset(node for node, label in zip(order, labels, strict=True) if label == side)
                        weight = sum(self.problem.weights[node] for node in part)
                        if self.lower <= weight <= self.upper:
                            found[part] = int(cost)
                self._tick(cycles)
                cycles.removed[face] = True
        listed = sorted(((cost, part) for part, cost in found.items()), key=lambda entry: (entry[0], sorted(entry[1])))
        self._pieces[key] = most, listed
        return listed

    def _cycles(
        self, nodes: frozenset[int], parts: int, first: int = 1, prices: Mapping[tuple[int, int], int] | None = None
    ) -> Cycles | None:
        """The dual of what is left, with windows for the first parts (one to be peeled off) and for the rest."""
        inner = self._instance(nodes)
        index = {node: k for k, node in enumerate(sorted(nodes))}
        costs = [
            ((index[a], index[b]), cost) for (a, b), cost in (prices or self.costs).items() if a in index and b in index
        ]
        problem = replace(
            self.problem,
            instance=inner,
            parts=2,
            weights=tuple(self.problem.weights[node] for node in sorted(nodes)),
            lower=(first * self.lower, (parts - first) * self.lower),
            upper=(first * self.upper, (parts - first) * self.upper),
            groups=Groups(tuple(range(len(nodes))), frozenset(), {}),
        )
        plane = plane_of(problem)
        return None if plane is None else Cycles(problem, LinearCosts(sorted(costs)), plane)

    def _instance(self, nodes: frozenset[int]) -> Instance:
        order = sorted(nodes)
        index = {node: k for k, node in enumerate(order)}
        neighbours = tuple(
            tuple(index[other] for other in self.problem.instance.neighbours[node] if other in index) for node in order
        )
        edges = tuple((a, b) for a, others in enumerate(neighbours) for b in others if a < b)
        whole = tuple(range(len(order)))
        # What is left of a connected graph is connected: parts are peeled off so.
        return Instance(whole, {node: node for node in whole}, neighbours, edges, (whole,))
