"""A lower bound of every design, and who can go where in one that is better than what is known.

With prices on the nodes the communities come apart: each candidate centre takes the nodes that are worth their price,
as far as the limits of size allow, and the best few centres are opened. That is a lower bound for any prices
(Lagrangian relaxation of the capacitated p-median problem). The choice of each centre is a knapsack in schools, solved
exactly by dynamic programming for all centres at once, in whole numbers: the bound needs no tolerance.

Connectedness is not forgotten altogether: a node goes only to centres that a connected community small enough can join
it with, and prices on "a node reaches its centre through a separator" are learned (`models.design.reaching`).

References
----------
A. Ceselli, G. Righini, "A branch-and-price algorithm for the capacitated p-median problem", Networks 2005;
H. Validi, A. Buchanan, E. Lykhovyd, "Imposing contiguity constraints in political districting models", 2022 (fixing).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.design.reaching import Reaching
    from models.design.task import Task
    from models.engine import Engine

    Table = npt.NDArray[np.int64]
    Marks = npt.NDArray[np.bool_]

__all__ = ["FAR", "Knapsacks", "Priced", "open_pairs", "reachable", "relax"]

FAR = np.int64(2**58)
"""In place of a cost that is not allowed; four of them still fit into 64 bits."""

_KEPT = 0.7
"""Share of the last direction that is kept."""

_RUN_AWAY = 2.0**56
"""Prices whose sum is larger could make a community that costs much look like one that cannot be."""

_WORK_ROW, _WORK_CELL = 1.2e-5, 8e-9
"""Deterministic work of a node in all knapsacks: at all, and for each centre and size."""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """What each candidate centre chooses from.

    Attributes
    ----------
    costs : int array of shape (nodes, sites)
        `FAR` where the node cannot go.
    added : int array of shape (nodes, sites)
        What of it are prices on reaching the centre.
    schools : int array of shape (nodes,)
    own : int array of shape (sites,)
        The node of each centre: its community has it.
    least, most : int
    opened : int
        How many centres are opened.
    shift : int
        The costs are true costs times 2 ** shift, so that prices can be whole numbers.
    """

    costs: Table
    added: Table
    schools: Table
    own: Table
    least: int
    most: int
    opened: int
    shift: int

    @staticmethod
    def of(
        task: Task,
        nodes: Sequence[int],
        columns: Sequence[int],
        parts: int,
        allowed: Marks,
        added: Table | None = None,
        shift: int | None = None,
    ) -> Knapsacks:
        """Those of some nodes of a task in so many communities; `added` (scaled) is put on the costs."""
        costs = task.costs[np.ix_(nodes, columns)]
        if shift is None:
            # Sums of costs stay far below FAR.
            shift = max(0, 50 - int(costs.max(axis=1).sum()).bit_length())
        costs = costs << shift
        if added is None:
            added = np.zeros_like(costs)
        place = {node: k for k, node in enumerate(nodes)}
        return Knapsacks(
            np.where(allowed, costs + added, FAR),
            added,
            np.array([task.schools[node] for node in nodes], dtype=np.int64),
            np.array([place[task.sites[column]] for column in columns], dtype=np.int64),
            task.least,
            task.most,
            parts,
            shift,
        )

    @property
    def work(self) -> float:
        """Deterministic work of one evaluation."""
        heavy = int((self.schools > 0).sum())
        return heavy * (_WORK_ROW + _WORK_CELL * (self.most + 1) * int(self.costs.shape[1]))


@dataclass(frozen=True, eq=False)
class Priced:
    """What the best prices say.

    Attributes
    ----------
    bound : int
        Lower bound of any design, in the scaled costs.
    prices : int array of shape (nodes,)
    opened : int array
        The centres that the prices favour.
    sacks : Knapsacks
        With the prices on reaching the centre among the costs.
    """

    bound: int
    prices: Table
    opened: Table
    sacks: Knapsacks


class _Filled:
    """The knapsacks of all centres under some prices."""

    def __init__(self, sacks: Knapsacks, prices: Table, *, keep: bool) -> None:
        self.sacks = sacks
        net = sacks.costs - prices[:, None]
        sites = np.arange(net.shape[1])
        self.base = net[sacks.own, sites].copy()
        # The own node is there at once; it is not chosen a second time.
        net[sacks.own, sites] = FAR
        self.net = net
        self.light = np.flatnonzero(sacks.schools == 0)
        self.heavy = np.flatnonzero((sacks.schools > 0) & (sacks.schools <= sacks.most))
        self.base += np.minimum(net[self.light], 0).sum(axis=0)
        room = sacks.most + 1
        table = np.full((room, len(sites)), FAR, dtype=np.int64)
        begin = sacks.schools[sacks.own]
        fits = begin < room
        table[begin[fits], sites[fits]] = 0
        self.taken = np.zeros((len(self.heavy), room, len(sites)), dtype=np.bool_)
        self.before: list[Table] = []
        for place, node in enumerate(self.heavy):
            if keep:
                self.before.append(table)
                table = table.copy()
            own = int(sacks.schools[node])
            other = table[: room - own] + net[node]
            better = other < table[own:]
            self.taken[place, own:] = better
            np.copyto(table[own:], other, where=better)
        self.full = table
        self.fill = sacks.least + table[sacks.least :].argmin(axis=0) if sacks.least < room else np.zeros_like(sites)
        self.values = np.minimum(table[self.fill, sites] + self.base, FAR)

    def taken_by(self, chosen: Table) -> Marks:
        """Node, chosen centre -> whether the centre takes the node."""
        sacks = self.sacks
        taken = np.zeros((len(sacks.schools), len(chosen)), dtype=np.bool_)
        taken[sacks.own[chosen], np.arange(len(chosen))] = True
        taken[self.light] |= self.net[np.ix_(self.light, chosen)] < 0
        at = self.fill[chosen].copy()
        for place in range(len(self.heavy) - 1, -1, -1):
            took = self.taken[place, at, chosen]
            taken[self.heavy[place]] |= took
            at -= took * sacks.schools[self.heavy[place]]
        return taken


def relax(
    sacks: Knapsacks,
    engine: Engine,
    *,
    ceiling: int | None = None,
    first: Table | None = None,
    rounds: int = 300,
    enough: int | None = None,
    reaching: Reaching | None = None,
) -> Priced | None:
    """Raise prices where a node is wanted by nobody, lower them where it is wanted by several.

    Parameters
    ----------
    sacks : Knapsacks
    engine : Engine
        The work is counted; its limits and a stop are kept after the first round.
    ceiling : int, optional
        Scaled cost of a known design: how far prices move.
    first : int array of shape (nodes,), optional
        Prices to begin with.
    rounds : int
    enough : int, optional
        A bound that is high enough to stop.
    reaching : Reaching, optional
        Also learns prices on reaching the centre.

    Returns
    -------
    Priced or None
        None: fewer centres than communities can have a community of a lawful size, so there is no design.
    """
    sites = sacks.costs.shape[1]
    if sites < sacks.opened:
        return None
    if first is None:
        usual = np.where(sacks.costs < FAR, sacks.costs, 0)
        prices = np.partition(usual, min(1, sites - 1), axis=1)[:, min(1, sites - 1)].astype(np.float64)
    else:
        prices = first.astype(np.float64)
    best: Priced | None = None
    share, stalled = 1.0, 0
    drift = np.zeros(len(prices))
    for turn in range(rounds):
        if turn and engine.exhausted():
            break
        priced = sacks if reaching is None else reaching.priced(sacks)
        if turn and float(np.abs(prices).sum()) + float(np.abs(priced.added).sum(axis=0).max()) > _RUN_AWAY:
            break
        whole = np.rint(prices).astype(np.int64)
        filled = _Filled(priced, whole, keep=False)
        engine.charge(sacks.work * (1 if reaching is None else 2))
        chosen = np.argsort(filled.values, kind="stable")[: sacks.opened]
        if filled.values[chosen[-1]] >= FAR // 2:
            return None
        bound = int(whole.sum()) + int(filled.values[chosen].sum())
        if best is None or bound > best.bound:
            best, stalled = Priced(bound, whole, chosen, priced), 0
            if enough is not None and bound >= enough:
                break
        else:
            stalled += 1
            if stalled >= 10:
                share, stalled = share * 0.7, 0
                if share < 1e-3:
                    break
        taken = filled.taken_by(chosen)
        wanted = 1.0 - taken.sum(axis=1)
        # Most of the last direction is kept: prices swing less.
        drift = wanted + _KEPT * drift
        square = float(drift @ drift)
        settled = not wanted.any()
        if reaching is not None:
            square += reaching.look(sacks.own, chosen, taken, _KEPT)
            settled = settled and reaching.kept
        if settled or square < 1e-9:
            # Where every node is wanted once, no prices give a higher bound: what is left of the last directions
            # would only carry them far away.
            break
        goal = ceiling if ceiling is not None else best.bound + abs(best.bound) // 20 + 1
        step = share * max(float(goal - bound), 1e-6 * abs(bound)) / square
        prices = prices + step * drift
        if reaching is not None:
            reaching.move(step)
    return best


def open_pairs(priced: Priced, ceiling: int) -> Marks:
    """Which node can go to which centre in a design that costs at most so much (scaled).

    Each pair is forced into the knapsack of its centre; if even then the bound stays below, the pair is open. The
    pair of a centre and its own node says whether the centre can be opened.
    """
    sacks = priced.sacks
    filled = _Filled(sacks, priced.prices, keep=True)
    values, sites = filled.values, np.arange(sacks.costs.shape[1])
    ranked = np.argsort(values, kind="stable")
    others = int(values[ranked[: sacks.opened - 1]].sum())
    base = int(priced.prices.sum()) + others
    by_site = base + values
    by_site[ranked[: sacks.opened]] = priced.bound
    # What a centre costs more than the one it would drive out.
    extra = by_site - values
    least = np.full(sacks.costs.shape, FAR, dtype=np.int64)
    least[sacks.own, sites] = by_site
    least[filled.light] = np.minimum(by_site + np.maximum(0, np.minimum(filled.net[filled.light], FAR)), FAR)
    least[sacks.own, sites] = by_site
    room = sacks.most + 1
    behind = np.zeros((room, len(sites)), dtype=np.int64)
    behind[:] = FAR
    behind[0] = 0
    # `behind[w]`: least cost of nodes still to come that bring w schools.
    for place in range(len(filled.heavy) - 1, -1, -1):
        node = filled.heavy[place]
        own = int(sacks.schools[node])
        before = filled.before[place]
        # Least over the ways to fill up: before[a] + behind[b] with a + own + b between the limits.
        tail = np.full((room, len(sites)), FAR, dtype=np.int64)
        for a in range(room - own):
            low, high = max(0, sacks.least - own - a), room - own - a
            if low < high:
                tail[a] = behind[low:high].min(axis=0)
        joined = np.minimum(before + tail, FAR).min(axis=0)
        with_it = np.minimum(joined + filled.base + np.minimum(filled.net[node], FAR), FAR)
        row = np.where(with_it >= FAR // 2, FAR, with_it + extra)
        mine = sacks.own == node
        row[mine] = by_site[mine]
        least[node] = row
        other = behind[: room - own] + filled.net[node]
        behind = behind.copy()
        np.minimum(behind[own:], other, out=behind[own:])
        np.minimum(behind, FAR, out=behind)
    heavy_out = np.flatnonzero(sacks.schools > sacks.most)
    least[heavy_out] = FAR
    marks: Marks = (least <= ceiling) & (sacks.costs < FAR)
    marks &= marks[sacks.own, sites][None, :]
    return marks


def reachable(task: Task, nodes: Sequence[int], columns: Sequence[int]) -> Marks:
    """Which node a connected community of at most `most` schools can join with which centre, within the nodes."""
    place = {node: k for k, node in enumerate(nodes)}
    beside = [[place[other] for other in task.instance.neighbours[node] if other in place] for node in nodes]
    weights = [task.schools[node] for node in nodes]
    marks = np.zeros((len(nodes), len(columns)), dtype=np.bool_)
    for k, column in enumerate(columns):
        start = place[task.sites[column]]
        least = {start: weights[start]}
        queue = [(weights[start], start)]
        while queue:
            own, node = heapq.heappop(queue)
            if own > least[node] or own > task.most:
                continue
            marks[node, k] = True
            for other in beside[node]:
                more = own + weights[other]
                if more <= task.most and more < least.get(other, task.most + 1):
                    least[other] = more
                    heapq.heappush(queue, (more, other))
    return marks
