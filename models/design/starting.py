"""First designs: communities grown around centres, then single nodes moved, worse ones too while it is warm.

Whatever is found is only a start; it need not be lawful. All choices come from a fixed seed and the effort is counted
in steps, so that the same input gives the same start.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from random import Random

from models.design.task import Task
from models.engine import Engine
from models.regions.search import stays_whole

__all__ = ["anneal", "grow", "shares"]

_STEPS_PER_WORK = 60_000


def shares(task: Task) -> list[int] | None:
    """Give the number of communities of each piece of the graph, by its schools; None if there is no lawful one."""
    ranges = []
    for piece in task.instance.components:
        own = task.size(piece)
        sites = sum(node in task.column for node in piece)
        most = min(sites, own // task.least if task.least else sites)
        least = max(1, -(-own // task.most) if task.most else 1)
        if least > most:
            return None
        ranges.append((own, least, most))
    given = [least for _, least, _ in ranges]
    if not sum(given) <= task.parts <= sum(most for _, _, most in ranges):
        return None
    while sum(given) < task.parts:
        # The piece with the most schools a community has the next one.
        open_ = [k for k, (_, _, most) in enumerate(ranges) if given[k] < most]
        given[max(open_, key=lambda k: (ranges[k][0] / given[k], -k))] += 1
    return given


def grow(task: Task, columns: Sequence[int]) -> list[int]:
    """Let communities grow around centres, the cheapest node first, while they have room; labels by community."""
    labels = [-1] * len(task.instance)
    sizes = [0] * len(columns)
    queue: list[tuple[int, int, int]] = []
    late: list[tuple[int, int, int]] = []

    def take(node: int, label: int) -> None:
        labels[node] = label
        sizes[label] += task.schools[node]
        for other in task.instance.neighbours[node]:
            if labels[other] < 0:
                heapq.heappush(queue, (int(task.costs[other, columns[label]]), other, label))

    for label, column in enumerate(columns):
        labels[task.sites[column]] = label
    for label, column in enumerate(columns):
        take(task.sites[column], label)
    while queue or late:
        full = not queue
        cost, node, label = heapq.heappop(late if full else queue)
        if labels[node] >= 0:
            continue
        if not full and sizes[label] + task.schools[node] > task.most:
            heapq.heappush(late, (cost, node, label))
        else:
            take(node, label)
    return labels


def anneal(task: Task, labels: Sequence[int], engine: Engine, rng: Random, steps: int) -> list[int]:
    """Move single nodes between adjoining communities; the least violation, then the least cost met."""
    return _Annealer(task, labels).run(engine, rng, steps)


class _Annealer:
    def __init__(self, task: Task, labels: Sequence[int]) -> None:
        self.task = task
        self.labels = list(labels)
        self.parts = max(labels) + 1
        self.masks = [sum(1 << other for other in others) for others in task.instance.neighbours]
        self.costs = task.costs.tolist()
        self.inside = [0] * self.parts
        self.sizes = [0] * self.parts
        for node, label in enumerate(labels):
            self.inside[label] |= 1 << node
            self.sizes[label] += task.schools[node]
        self.centres = [0] * self.parts
        for part in range(self.parts):
            self._recentre(part)

    def _recentre(self, part: int) -> None:
        best = self.task.centre(frozenset(node for node, label in enumerate(self.labels) if label == part))
        assert best is not None
        self.centres[part] = best[1]

    def _excess(self, size: int) -> int:
        return max(0, self.task.least - size, size - self.task.most)

    def run(self, engine: Engine, rng: Random, steps: int) -> list[int]:
        """One cooling."""
        task, labels, costs, sizes = self.task, self.labels, self.costs, self.sizes
        count = len(labels)
        value = sum(costs[node][self.centres[label]] for node, label in enumerate(labels))
        typical = max(1.0, value / max(1, count))
        hot, cold = 0.5 * typical, 0.01 * typical
        penalty = 2.0 * typical
        out = sum(self._excess(size) for size in sizes)
        best = list(labels)
        best_rank = out, value
        for step in range(steps):
            if not step & 1023:
                engine.charge(1024 / _STEPS_PER_WORK)
                if engine.exhausted():
                    break
                for part in range(self.parts):
                    self._recentre(part)
                value = sum(costs[node][self.centres[label]] for node, label in enumerate(labels))
                if out:
                    penalty *= 1.05
            node = rng.randrange(count)
            here = labels[node]
            others = sorted({labels[other] for other in task.instance.neighbours[node]} - {here})
            if not others or task.sites[self.centres[here]] == node:
                continue
            there = rng.choice(others)
            change = costs[node][self.centres[there]] - costs[node][self.centres[here]]
            own = task.schools[node]
            more = (
                self._excess(sizes[here] - own)
                + self._excess(sizes[there] + own)
                - self._excess(sizes[here])
                - self._excess(sizes[there])
            )
            rise = change + penalty * more
            heat = hot * (cold / hot) ** (step / steps)
            if rise > 0 and rng.random() >= math.exp(-rise / heat):
                continue
            if not stays_whole(self.masks, node, self.inside[here]):
                continue
            labels[node] = there
            sizes[here] -= own
            sizes[there] += own
            self.inside[here] ^= 1 << node
            self.inside[there] |= 1 << node
            out += more
            value += change
            if (out, value) < best_rank:
                best, best_rank = list(labels), (out, value)
        return best
