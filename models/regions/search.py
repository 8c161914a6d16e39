"""A good partition to start from: random spanning trees, then single nodes moved, worse ones too while it is warm.

Whatever is found is only a start: it bounds what exact engines look for, and is what a stopped run has to show. All
choices come from a fixed seed, and the effort is counted in steps, so that the same input gives the same start.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from models.engine import Engine
from models.regions.problem import Problem, violations
from models.regions.separators import LinearCosts

__all__ = ["improve", "stays_whole"]

_STEPS_PER_WORK = 60_000


def improve(
    problem: Problem, costs: LinearCosts, engine: Engine, start: tuple[int, ...] | None, steps: int | None = None
) -> tuple[int, ...] | None:
    """Look for a good lawful partition.

    Parameters
    ----------
    problem : Problem
    costs : LinearCosts
    engine : Engine
        Its limits are kept; the effort is added to its work.
    start : tuple of int, optional
        A lawful partition that the answer is at least as good as.
    steps : int, optional
        Moves tried, in all.

    Returns
    -------
    tuple of int or None
        Labels; None where none was found. With wishes about single nodes, or a graph in pieces, `start` comes back.
    """
    if problem.has_wishes or problem.pieces is not None or len(problem.instance.components) > 1:
        return start
    annealer = _Annealer(problem, costs, engine)
    steps = 1500 * len(problem.instance) if steps is None else steps
    best, value = start, math.inf if start is None else costs.value(start)
    runs = 3
    for run in range(runs):
        found = annealer.run(random.Random(f"regions {run}"), steps // runs, start if run == 0 else None)
        if found is not None and costs.value(found) < value and not violations(problem, found):
            best, value = found, costs.value(found)
        if engine.exhausted():
            break
    return best


def stays_whole(masks: Sequence[int], node: int, part: int) -> bool:
    """Whether a connected part stays connected without one of its nodes.

    Parameters
    ----------
    masks : sequence of int
        Node -> its neighbours, as bits.
    node : int
    part : int
        Nodes of the part, as bits.
    """
    part ^= 1 << node
    goal = masks[node] & part
    if not goal & (goal - 1):
        return True
    reached = new = goal & -goal
    while new:
        grown = 0
        while new:
            bit = new & -new
            grown |= masks[bit.bit_length() - 1]
            new ^= bit
        new = grown & part & ~reached
        reached |= new
        if not goal & ~reached:
            return True
    return False


class _Annealer:
    def __init__(self, problem: Problem, costs: LinearCosts, engine: Engine) -> None:
        self.problem = problem
        self.engine = engine
        self.beside = problem.instance.neighbours
        self.price: list[dict[int, int]] = [{} for _ in self.beside]
        for (a, b), cost in costs.edges:
            self.price[a][b] = self.price[b][a] = cost
        self.rows = costs.nodes
        self.masks = [sum(1 << other for other in others) for others in self.beside]

    def run(self, rng: random.Random, steps: int, start: Sequence[int] | None) -> tuple[int, ...] | None:
        """One cooling, from a given or a grown partition; the best lawful labels met."""
        problem, weights, beside = self.problem, self.problem.weights, self.beside
        labels = list(start) if start is not None else self._grow(rng)
        count, parts = len(labels), problem.parts
        mass, size = [0] * parts, [0] * parts
        inside = [0] * parts
        for node, label in enumerate(labels):
            mass[label] += weights[node]
            size[label] += 1
            inside[label] |= 1 << node
        scale = self._scale()
        # A node's weight out of bounds costs about as much as a few edges.
        penalty = 4.0 * scale / max(1.0, sum(weights) / count)
        low, high = problem.lower, problem.upper

        def excess(part: int, own: int) -> float:
            return max(0, low[part] - own, own - high[part])

        out = sum(excess(part, mass[part]) for part in range(parts))
        value = 0
        best: tuple[int, ...] | None = tuple(labels) if not out else None
        best_value = 0
        hot, cold = 1.2 * scale, 0.12 * scale
        for step in range(steps):
            if not step & 1023:
                self.engine.work += 1024 / _STEPS_PER_WORK
                if self.engine.exhausted():
                    break
            heat = hot * (cold / hot) ** (step / steps)
            node = rng.randrange(count)
            here = labels[node]
            others = {labels[other] for other in beside[node]} - {here}
            if not others or size[here] == 1:
                continue
            there = rng.choice(sorted(others)) if len(others) > 1 else next(iter(others))
            change = 0
            for other, cost in self.price[node].items():
                label = labels[other]
                change += cost if label == here else -cost if label == there else 0
            if self.rows is not None:
                change += self.rows[node][there] - self.rows[node][here]
            own = weights[node]
            more = (
                excess(here, mass[here] - own)
                + excess(there, mass[there] + own)
                - excess(here, mass[here])
                - excess(there, mass[there])
            )
            rise = change + penalty * more
            if rise > 0 and rng.random() >= math.exp(-rise / heat):
                continue
            if not stays_whole(self.masks, node, inside[here]):
                continue
            labels[node] = there
            mass[here] -= own
            mass[there] += own
            size[here] -= 1
            size[there] += 1
            inside[here] ^= 1 << node
            inside[there] |= 1 << node
            out += more
            value += change
            if out <= 0 and (best is None or value < best_value):
                best, best_value = tuple(labels), value
        return best

    def _scale(self) -> float:
        prices = [cost for row in self.price for cost in row.values() if cost]
        if self.rows is not None:
            prices += [max(row) - min(row) for row in self.rows]
        return max(1.0, sum(prices) / len(prices)) if prices else 1.0

    def _grow(self, rng: random.Random) -> list[int]:
        """Cut parts off random spanning trees, each as near to its bounds as the tree allows."""
        problem, weights = self.problem, self.problem.weights
        labels = [problem.parts - 1] * len(weights)
        free = set(range(len(weights)))
        for part in range(problem.parts - 1):
            left = problem.parts - part - 1
            room = [sum(problem.lower[part + 1 :]), sum(problem.upper[part + 1 :])]
            total = sum(weights[node] for node in free)
            best: tuple[float, list[int]] | None = None
            for _ in range(8):
                order, parent = self._tree(rng, free)
                below, size = {node: weights[node] for node in order}, dict.fromkeys(order, 1)
                for node in reversed(order[1:]):
                    below[parent[node]] += below[node]
                    size[parent[node]] += size[node]
                for node in order[1:]:
                    if len(order) - size[node] < left:
                        continue
                    own = below[node]
                    miss = max(0, problem.lower[part] - own, own - problem.upper[part])
                    miss += max(0, room[0] - (total - own), total - own - room[1])
                    if best is None or miss < best[0]:
                        best = miss, self._subtree(order, parent, node)
                if best is not None and not best[0]:
                    break
            if best is None:
                best = 0.0, [min(free)]
            for node in best[1]:
                labels[node] = part
                free.discard(node)
        return labels

    def _tree(self, rng: random.Random, free: set[int]) -> tuple[list[int], dict[int, int]]:
        root = rng.choice(sorted(free))
        parent = {root: -1}
        order = [root]
        edge = [(rng.random(), root, other) for other in self.beside[root] if other in free]
        from heapq import heapify, heappop, heappush

        heapify(edge)
        while edge:
            _, node, other = heappop(edge)
            if other in parent:
                continue
            parent[other] = node
            order.append(other)
            for following in self.beside[other]:
                if following in free and following not in parent:
                    heappush(edge, (rng.random(), other, following))
        return order, parent

    def _subtree(self, order: Sequence[int], parent: dict[int, int], top: int) -> list[int]:
        members = {top}
        for node in order:
            if parent[node] in members:
                members.add(node)
        return sorted(members)
