"""Two connected parts of a planar graph at the least cost of cut edges: simple cycles of the dual graph.

In a planar graph the edges between two connected parts are a simple cycle of the dual graph, whose vertices are the
faces. With a spanning tree rooted at some node, give the dual arc that crosses a tree edge the weight of the subtree
below it, positive with the subtree on its left and negative otherwise, and every other arc 0: then the arcs of a cycle
add up to the weight of the side without the root. So the best partition is a shortest simple cycle whose sum lies in a
window.

For each start, walks (not only simple ones) back to the start are tabulated: for every face and every sum so far the
least cost of getting home into the window. That is a lower bound, nearly always close, and it steers a depth-first
search for simple cycles, in which sums are exact. Starts are faces along lines that cut the graph apart: a cycle that
avoids a face has all nodes of the face on one side, and once the sides left over are too light, no cycle remains.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.engine import Engine
from models.regions.problem import Problem, violations
from models.regions.separators import Found, LinearCosts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Table = npt.NDArray[np.float64]

__all__ = ["Cycles", "plane_of", "work_of"]

BUCKETS = 1024
"""Sums are tabulated in so many steps of the total weight, exactly if the total is not above it."""

_INFINITE = float("inf")

# Work per second of this engine, so that limits of work mean about the same here as for the solver.
_STEPS_PER_WORK = 700_000
_TABLES_PER_WORK = 150_000


@dataclass(frozen=True)
class Plane:
    """A planar graph and its faces.

    Attributes
    ----------
    faces : list of list of int
        Nodes along the border of each face.
    arcs : list of list of (int, int, int)
        Face -> (other face, number of the edge crossed, direction: 1 from the right of the edge to its left, else -1).
    """

    faces: list[list[int]]
    arcs: list[list[tuple[int, int, int]]]


def plane_of(problem: Problem) -> Plane | None:
    """Embed a graph in the plane; None when that is impossible or it is not connected."""
    import networkx as nx

    instance = problem.instance
    if len(instance.components) != 1 or len(instance) < 2:
        return None
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(instance)))
    graph.add_edges_from(instance.edges)
    checked: tuple[bool, Any] = nx.check_planarity(graph)
    planar, embedding = checked
    if not planar:
        return None
    face_of: dict[tuple[int, int], int] = {}
    faces: list[list[int]] = []
    for edge in instance.edges:
        for half in (edge, edge[::-1]):
            if half in face_of:
                continue
            marked: set[tuple[int, int]] = set()
            faces.append(list(embedding.traverse_face(*half, mark_half_edges=marked)))
            face_of.update(dict.fromkeys(marked, len(faces) - 1))
    arcs: list[list[tuple[int, int, int]]] = [[] for _ in faces]
    for number, (a, b) in enumerate(instance.edges):
        one, two = face_of[a, b], face_of[b, a]
        arcs[one].append((two, number, 1))
        arcs[two].append((one, number, -1))
    return Plane(faces, arcs)


class Cycles:
    """The search for one problem.

    Parameters
    ----------
    problem : Problem
        Two parts, connected.
    costs : LinearCosts
        Of edges only.
    plane : Plane
    """

    def __init__(self, problem: Problem, costs: LinearCosts, plane: Plane) -> None:
        self.problem = problem
        self.plane = plane
        instance = problem.instance
        self.total = sum(problem.weights)
        self.cost = [cost for _, cost in costs.edges]
        self._costs = costs
        shift, self.root = self._shifts()
        self.arcs = [
            [(other, edge, self.cost[edge], sign * shift[edge]) for other, edge, sign in row] for row in plane.arcs
        ]
        low, high, total = problem.lower, problem.upper, self.total
        windows = [
            (max(low[1], total - high[0]), min(high[1], total - low[0])),
            (max(low[0], total - high[1]), min(high[0], total - low[1])),
        ]
        self.windows = sorted({window for window in windows if window[0] <= window[1]})
        self.unit = max(1, -(-self.total // BUCKETS))
        self.offset = -(-self.total // self.unit)
        self.width = 3 * self.offset + 2
        self.removed = [False] * len(plane.faces)
        self.instance = instance
        self.steps = 0
        self.tables = 0
        self.counted = 0.0

    # ------------------------------------------------------------------------------------------------- the measure

    def _shifts(self) -> tuple[list[int], int]:
        """Weight of the dual arc over each edge, from the right of (a, b) to its left, where a comes to lie left."""
        instance, weights = self.problem.instance, self.problem.weights
        root = self._middle()
        parent = {root: -1}
        order = [root]
        for node in order:
            for other in instance.neighbours[node]:
                if other not in parent:
                    parent[other] = node
                    order.append(other)
        below = list(weights)
        for node in reversed(order[1:]):
            below[parent[node]] += below[node]
        shift = []
        for a, b in instance.edges:
            if parent[a] == b:
                shift.append(below[a])
            elif parent[b] == a:
                shift.append(-below[b])
            else:
                shift.append(0)
        return shift, root

    def _middle(self) -> int:
        """A node in the middle: small subtrees are crossed with small errors of rounding."""
        instance = self.problem.instance
        reach = self._distances([0])
        far = max(range(len(instance)), key=lambda node: (reach[node], -node))
        one = self._distances([far])
        end = max(range(len(instance)), key=lambda node: (one[node], -node))
        two = self._distances([end])
        return min(range(len(instance)), key=lambda node: (max(one[node], two[node]), node))

    def _distances(self, starts: Sequence[int]) -> list[int]:
        steps = [-1] * len(self.problem.instance)
        walk = list(starts)
        for node in walk:
            steps[node] = 0
        for node in walk:
            for other in self.problem.instance.neighbours[node]:
                if steps[other] < 0:
                    steps[other] = steps[node] + 1
                    walk.append(other)
        return steps

    # -------------------------------------------------------------------------------------------------- the starts

    def starts(self) -> list[int]:
        """Faces that every lawful cycle passes one of, in an order; each start may avoid the earlier ones."""
        instance, weights, faces = self.problem.instance, self.problem.weights, self.plane.faces
        lightest = min(min(window) for window in self.windows)
        lightest = min(lightest, self.total - max(max(window) for window in self.windows))
        chosen: list[int] = []
        used = [False] * len(faces)
        from networkx.utils import UnionFind

        merged = UnionFind(range(len(instance)))

        def take(face: int) -> None:
            if used[face]:
                return
            used[face] = True
            chosen.append(face)
            merged.union(*faces[face])

        take(max(range(len(faces)), key=lambda face: (len(faces[face]), -face)))
        while not all(used):
            hub = merged[faces[chosen[0]][0]]
            blob = {node for node in range(len(instance)) if merged[node] == hub}
            rest = self._components(blob)
            heaviest = max(rest, key=lambda piece: sum(weights[k] for k in piece), default=[])
            if not heaviest or sum(weights[k] for k in heaviest) < lightest:
                break
            line = self._line(blob, heaviest, used)
            for face in line:
                take(face)
        return chosen

    def _components(self, without: set[int]) -> list[list[int]]:
        seen = set(without)
        pieces = []
        for start in range(len(self.problem.instance)):
            if start in seen:
                continue
            seen.add(start)
            piece = [start]
            for node in piece:
                for other in self.problem.instance.neighbours[node]:
                    if other not in seen:
                        seen.add(other)
                        piece.append(other)
            pieces.append(piece)
        return pieces

    def _line(self, blob: set[int], piece: list[int], used: list[bool]) -> list[int]:
        """Unused faces across a piece from blob to blob that leave its heaviest remainder as light as can be."""
        weights, faces = self.problem.weights, self.plane.faces
        inside = set(piece)
        around = [face for face, nodes in enumerate(faces) if not used[face] and not inside.isdisjoint(nodes)]
        at: dict[int, list[int]] = {}
        for face in around:
            for node in set(faces[face]):
                at.setdefault(node, []).append(face)
        gates = sorted({node for face in around for node in faces[face] if node in blob})
        best: tuple[float, list[int]] = (_INFINITE, around[:1])
        for gate in gates[:: max(1, len(gates) // 12)]:
            # Faces by their number of steps from the gate; from blob nodes other than the gate nothing goes on.
            before: dict[int, int] = dict.fromkeys(at[gate], -1)
            walk = list(before)
            ends: list[int] = []
            for face in walk:
                for node in faces[face]:
                    if node in blob:
                        if node != gate:
                            ends.append(face)
                        continue
                    for following in at[node]:
                        if following not in before:
                            before[following] = face
                            walk.append(following)
            tried = list(dict.fromkeys(ends))
            for end in tried[:: max(1, len(tried) // 12)]:
                line = [end]
                while before[line[-1]] >= 0:
                    line.append(before[line[-1]])
                glued = set(blob).union(*(faces[face] for face in line))
                left = max((sum(weights[k] for k in rest) for rest in self._components(glued)), default=0)
                score = left + self.total * 0.01 * len(line)
                if score < best[0]:
                    best = score, line[::-1]
        return best[1]

    # -------------------------------------------------------------------------------------------------- the tables

    def table(self, start: int, cap: float) -> tuple[dict[int, Table], list[float]]:
        """Least cost of a walk home from a face with a sum so far: (face -> table by bucket, face -> distance).

        What cannot be part of a cycle of cost `cap` or less is left out.
        """
        import numpy as np

        home = self._home(start)
        ground = np.full(self.width, np.inf)
        for low, high in self.windows:
            ground[low // self.unit + self.offset : high // self.unit + self.offset + 1] = 0.0
        tables: dict[int, Table] = {start: ground}
        queue = deque([start])
        waiting = {start}
        removed = self.removed
        while queue:
            face = queue.popleft()
            waiting.discard(face)
            own = tables[face]
            for other, _, cost, back in self.arcs[face]:
                if other == start or removed[other] or 2 * home[other] > cap:
                    continue
                # The arc from the other face to this one carries the opposite of what the arc back does.
                moved = self._moved(own, -back, home[face]) if back else own
                self.tables += 1
                known = tables.get(other)
                arrived = moved + cost
                arrived[arrived + home[other] > cap] = np.inf
                if known is None:
                    if not np.isfinite(arrived).any():
                        continue
                    tables[other] = arrived
                elif (arrived < known).any():
                    np.minimum(known, arrived, out=known)
                else:
                    continue
                if other not in waiting:
                    waiting.add(other)
                    queue.append(other)
        return tables, home

    def _moved(self, own: Table, shift: int, fill: float) -> Table:
        """Table at sum + shift, seen from the sum; beyond its ends only the distance home is known."""
        import numpy as np

        whole, part = divmod(shift, self.unit)
        padded = np.full(self.width + 1, fill)
        if whole >= 0:
            padded[: max(0, self.width - whole)] = own[whole:]
        else:
            padded[-whole : self.width] = own[:whole]
            # One more, so that the next bucket is known for the last one.
            padded[self.width] = own[whole] if part and -whole <= self.width else fill
        moved = padded[: self.width]
        return np.minimum(moved, padded[1:]) if part else moved.copy()

    def _home(self, start: int) -> list[float]:
        """Least cost from every face to the start, whatever the sum."""
        from heapq import heappop, heappush

        home = [_INFINITE] * len(self.arcs)
        home[start] = 0.0
        heap = [(0.0, start)]
        while heap:
            reached, face = heappop(heap)
            if reached > home[face]:
                continue
            for other, _, cost, _ in self.arcs[face]:
                if not self.removed[other] and reached + cost < home[other]:
                    home[other] = reached + cost
                    heappush(heap, (home[other], other))
        return home

    # -------------------------------------------------------------------------------------------------- the search

    def least(self, start: int, tables: dict[int, Table], cap: float) -> float:
        """Lower bound of a cycle through the start; infinite when none has a cost up to `cap`."""
        best = _INFINITE
        for other, _, cost, shift in self.arcs[start]:
            if other == start:
                if self._in_window(shift):
                    best = min(best, cost)
            elif other in tables:
                best = min(best, cost + tables[other][shift // self.unit + self.offset])
        return best if best <= cap else _INFINITE

    def _in_window(self, total: int) -> bool:
        return any(low <= total <= high for low, high in self.windows)

    def search(
        self, start: int, tables: dict[int, Table], home: list[float], budget: float, exhausted: Callable[[], bool]
    ) -> Iterator[tuple[float, list[int]]]:
        """Find simple cycles through the start with a cost up to the budget: (cost, edges crossed)."""
        arcs, removed, unit, offset, width = self.arcs, self.removed, self.unit, self.offset, self.width
        on_path = bytearray(len(arcs))
        # One number at a time: most tables are asked little.
        reads = {face: table.item for face, table in tables.items()}

        def following(face: int, total: int, cost: float, last: int) -> list[tuple[float, int, int, int, float]]:
            options = []
            for other, edge, price, shift in arcs[face]:
                if edge == last or removed[other] or (on_path[other] and other != start):
                    continue
                after, spent = total + shift, cost + price
                if other == start:
                    if spent <= budget and self._in_window(after):
                        options.append((spent, other, edge, after, spent))
                    continue
                read = reads.get(other)
                if read is None:
                    continue
                bucket = after // unit + offset
                estimate = spent + (read(bucket) if 0 <= bucket < width else home[other])
                if estimate <= budget:
                    options.append((estimate, other, edge, after, spent))
            options.sort(reverse=True)
            return options

        stack = [following(start, 0, 0.0, -1)]
        path: list[tuple[int, int]] = [(start, -1)]
        ticks = 0
        while stack:
            options = stack[-1]
            if not options:
                stack.pop()
                face, _ = path.pop()
                on_path[face] = 0
                continue
            _, face, edge, total, cost = options.pop()
            ticks += 1
            if not ticks & 4095:
                self.steps += 4096
                if exhausted():
                    return
            if face == start:
                yield cost, [step for _, step in path[1:]] + [edge]
                continue
            on_path[face] = 1
            path.append((face, edge))
            stack.append(following(face, total, cost, edge))
        self.steps += ticks & 4095

    def labels(self, edges: Sequence[int]) -> tuple[int, ...]:
        """Sides of a cut: side 0 has the first node."""
        cut = {self.instance.edges[edge] for edge in edges}
        labels = [1] * len(self.instance)
        labels[0] = 0
        walk = [0]
        for node in walk:
            for other in self.instance.neighbours[node]:
                if labels[other] and (min(node, other), max(node, other)) not in cut:
                    labels[other] = 0
                    walk.append(other)
        return tuple(labels)

    def lawful(self, edges: Sequence[int]) -> tuple[int, ...] | None:
        """Labels of a cut, whichever side is part 0, if they keep every wish."""
        labels = self.labels(edges)
        for candidate in (labels, tuple(1 - label for label in labels)):
            if not violations(self.problem, candidate):
                return candidate
        return None

    def solve(self, engine: Engine, first: tuple[int, ...] | None) -> Found:
        """Find the best partition, or the best within the engine's limits, with a proven bound.

        Parameters
        ----------
        engine : Engine
            Its limits and stop are kept; work done here is added to its work.
        first : tuple of int, optional
            A lawful partition.
        """
        if not self.windows:
            return Found(None, None, infeasible=True)
        keeper = _Keeper(self, engine, first)
        pending: list[tuple[float, int, int]] = []
        chosen = self.starts()
        # First what each start may cost at least: most starts end here when a good partition is known.
        for rank, start in enumerate(chosen):
            if keeper.exhausted():
                return Found(keeper.best, 0)
            cap = keeper.ceiling()
            tables, home = self.table(start, cap)
            bound = self.least(start, tables, cap)
            if bound < _INFINITE:
                pending.append((bound, rank, start))
                if keeper.best is None:
                    keeper.dive(start, tables, home, bound)
            self.removed[start] = True
        return keeper.close(chosen, pending)


def work_of(cycles: Cycles) -> float:
    """Work done since it was last asked for, in units of about a second."""
    work = cycles.steps / _STEPS_PER_WORK + cycles.tables / _TABLES_PER_WORK
    fresh, cycles.counted = work - cycles.counted, work
    return fresh


class _Keeper:
    """Keeps the best partition, and closes the gap from below."""

    def __init__(self, cycles: Cycles, engine: Engine, first: tuple[int, ...] | None) -> None:
        self.cycles = cycles
        self.engine = engine
        self.best = first
        self.value: float = _INFINITE if first is None else cycles._costs.value(first)

    def exhausted(self) -> bool:
        """Whether a limit is reached; work done since the last call is added to the engine's."""
        self.engine.work += work_of(self.cycles)
        return self.engine.exhausted()

    def ceiling(self) -> float:
        """Cost of cycles that are still worth finding."""
        return min(self.value - 1, sum(self.cycles.cost))

    def take(self, cost: float, edges: list[int]) -> bool:
        """Keep a cycle that is better than the best, if it is lawful."""
        if cost >= self.value:
            return False
        labels = self.cycles.lawful(edges)
        if labels is None:
            return False
        self.best, self.value = labels, cost
        return True

    def dive(self, start: int, tables: dict[int, Any], home: list[float], bound: float) -> None:
        """Look for a first partition near the lower bound, with a limited effort."""
        budget = bound
        mark = self.cycles.steps
        for _ in range(40):
            spent = self.cycles.steps

            def enough(limit: int = spent + 60_000) -> bool:
                return self.cycles.steps > limit or self.exhausted()

            for cost, edges in self.cycles.search(start, tables, home, budget, enough):
                if self.take(cost, edges):
                    return
            if self.exhausted() or self.cycles.steps - mark > 1_000_000:
                return
            budget = budget + max(1, (budget // 16))

    def close(self, chosen: list[int], pending: list[tuple[float, int, int]]) -> Found:
        """Search start by start up to rising budgets until nothing better can exist."""
        cycles = self.cycles
        pending.sort()
        bound = pending[0][0] if pending else _INFINITE
        rise = 1.0 / 16
        kept: dict[int, Any] = {}
        while pending and pending[0][0] <= self.ceiling():
            if self.exhausted():
                return self._found(bound)
            lowest = pending[0][0]
            ceiling = self.ceiling()
            budget = min(ceiling, max(lowest, lowest + (ceiling - lowest) * rise // 1))
            rise = min(1.0, rise * 1.5)
            following: list[tuple[float, int, int]] = []
            for place, (least, rank, start) in enumerate(pending):
                if least > budget or least >= self.value:
                    following.append((least, rank, start))
                    continue
                for face in chosen:
                    cycles.removed[face] = False
                for face in chosen[:rank]:
                    cycles.removed[face] = True
                if start not in kept:
                    while len(kept) >= 24:
                        kept.pop(next(iter(kept)))
                    kept[start] = cycles.table(start, ceiling)
                tables, home = kept[start]
                top = min(budget, self.value - 1)
                for cost, edges in cycles.search(start, tables, home, top, self.exhausted):
                    if self.take(cost, edges) and cost <= bound:
                        return self._found(cost)
                if self.exhausted():
                    # Bounds of the starts not searched to the end stay what they were.
                    return self._found(min([bound, *(least for least, _, _ in pending[place:])]))
                following.append((top + 1, rank, start))
            pending = sorted(entry for entry in following if entry[0] <= self.ceiling())
            bound = max(bound, min(pending[0][0], self.value)) if pending else self.value
        if self.best is None:
            return Found(None, None, infeasible=True)
        return Found(self.best, round(self.value))

    def _found(self, bound: float) -> Found:
        known = min(bound, self.value)
        return Found(self.best, None if known == _INFINITE else round(known))
