"""The one door: communities designed anew, with a proven bound.

`design` reads and checks, bounds from below with prices, starts around the centres that the prices favour, improves a
few communities at a time with the exact engine, and at last asks the exact engine for the whole where that is small
enough. What comes out is judged by the definition before anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Real
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from models.design.bounds import Knapsacks, Priced, open_pairs, reachable, relax
from models.design.changing import LeastChange, Point, point_of
from models.design.exact import solve_exactly
from models.design.neighbourhoods import Search
from models.design.reaching import Reaching
from models.design.starting import anneal, grow, shares
from models.design.task import Able, Costs, Old, Task, read_task
from models.engine import Engine
from models.regions.errors import RegionsError
from models.regions.instance import Node, exact
from models.regions.problem import Reason
from models.stopping import Limits, Stop

if TYPE_CHECKING:
    import networkx as nx

    from models.stopping import Progress, StoppedBy

__all__ = ["Design", "Steps", "design"]

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

_STARTS = 4
_STEPS = 300
"""Steps of a start for each node."""
_FEW = 4
"""Up to so many communities one start is enough: a neighbourhood holds them all."""
_MOST_PAIRS = 6000
"""Open pairs of node and centre up to which the whole is given to the exact engine."""
_PROOF_WORK = 120.0
"""Work granted to that proof where no limit is set."""
_SHARPENED = 12
"""So often prices on reaching the centre are sought from where they are."""
_SHARE_OF_BOUNDS = 0.25
"""Of the limits, what bounds may take before better designs are looked for."""


@dataclass(frozen=True)
class Steps:
    """What is proven of a design that changes least: first the least travel, then the fewest changed schools.

    Attributes
    ----------
    travel : int or float
        The least travel that was found.
    travel_bound : int or float
        No design travels less.
    allowed : int or float
        So much a design may travel: the least that was found and the tolerance on it.
    changed_bound : int
        No design that travels at most so much changes fewer schools.
    """

    travel: float
    travel_bound: float
    allowed: float
    changed_bound: int


@dataclass(frozen=True)
class Design:
    """What `design` found.

    Attributes
    ----------
    status : {"optimal", "feasible", "infeasible", "unknown"}
        ``optimal``: proven; ``feasible``: lawful, with a gap; ``infeasible``: proven that there is none; ``unknown``:
        none was found.
    labels : dict of node to int
        Community of each node, 0 to parts - 1, numbered by their first nodes. Empty without a design.
    centres : tuple of nodes
        The best centre of each community.
    sizes : tuple of int
        Schools of each.
    value, bound : int, float or None
        Cost, computed from the labels by the definition; a proven lower bound of the cost of any design.
    travel : int, float or None
        The part of the value that is travel.
    changed : int
        Schools whose centre belonged to another community in the old map.
    old : tuple
        The old community of each centre; None where it had none, or no old map was given.
    unable : int
        Communities that were met and excluded since they cannot carry their duties.
    engine : str
        ``prices`` (they prove the start), ``neighbourhoods``, ``exact`` (the whole was solved) or ``none`` (decided
        before any search).
    seconds, work : float
        Work is deterministic, in the units of `work_limit` (about a second each).
    stopped_by : {"work", "time", "person"} or None
        What ended the search, where it was not finished.
    reason : Reason or None
        Why there is no design.
    steps : Steps or None
        With a tolerance on travel: what is proven of each step. `value` and `bound` are then those of travel, and
        ``optimal`` says that both steps are proven.
    """

    status: Status
    labels: dict[Node, int]
    centres: tuple[Node, ...]
    sizes: tuple[int, ...]
    value: float | None
    bound: float | None
    travel: float | None
    changed: int
    old: tuple[object, ...]
    unable: int
    engine: str
    seconds: float
    work: float
    stopped_by: StoppedBy | None = None
    reason: Reason | None = None
    steps: Steps | None = None

    @property
    def gap(self) -> float | None:
        """Distance of value and bound as a share of the value; 0 when optimal, None when either is missing.

        With a tolerance on travel that of the least travel that was found.
        """
        value = self.value if self.steps is None else self.steps.travel
        if value is None or self.bound is None:
            return None
        return 0.0 if value == self.bound else (value - self.bound) / max(abs(value), 1e-12)

    def parts(self) -> list[list[Node]]:
        """List the nodes of each community."""
        listed: list[list[Node]] = [[] for _ in self.sizes]
        for node, part in self.labels.items():
            listed[part].append(node)
        return listed


def design(
    graph: nx.Graph[Any],
    parts: int,
    *,
    schools: str = "schools",
    least: int,
    most: int,
    cost: Costs,
    old: Old | None = None,
    change_price: object = 0,
    able: Able | None = None,
    travel_tolerance: object = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    seed: int = 111,
) -> Design:
    """Divide a graph into connected communities around centres at the least travel and change.

    Parameters
    ----------
    graph : networkx.Graph
        Declared links are edges. Every node goes to a community, also one without schools.
    parts : int
        How many communities.
    schools : str
        Node attribute: number of schools, whole.
    least, most : int
        Schools of a community.
    cost : mapping of node to centre to number
        What the people of each node travel a year when this is their centre. The centres named for the first node are
        the candidates, and every node has a cost for each. A community has its centre among its nodes: the cheapest.
    old : mapping of node to a community, or to a mapping of communities to schools, optional
        A given map. A school counts as changed when its community is not the old community of its centre (of most of
        the schools of that node). Nodes that are left out, or None, had none and never count.
    change_price : number
        Cost of each changed school.
    able : callable, optional
        Told the nodes of a community; whether it can carry its duties. Such a set is excluded, nothing else. It must
        always answer the same.
    travel_tolerance : number, optional
        In place of a price: first the least travel, then the fewest changed schools with travel at most this share
        above the least that was found (0.05: five per cent). Centres are then chosen so, too.
    work_limit, time_limit : float, optional
        Deterministic work, about a second each; seconds. With a work limit the answer is the same on every machine.
    stop : Stop, optional
    progress : Progress, optional
        Hears better designs and bounds.
    seed : int

    Returns
    -------
    Design

    Raises
    ------
    RegionsError
        See `models.regions.errors`; the message names the nodes.
    """
    began = time.monotonic()
    for name, limit in (("work_limit", work_limit), ("time_limit", time_limit)):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, Real) or not limit > 0):
            raise RegionsError("limit.number", name=name, value=limit)
    tolerance = _tolerance(travel_tolerance, change_price)
    task = read_task(graph, parts, schools, least, most, cost, old, change_price, able)
    reason = _impossible(task)
    if reason is not None:
        return _nothing("infeasible", task, None, began, reason)
    limits, stop = Limits(work_limit, time_limit), stop or Stop()
    if tolerance is None:
        return _Designer(task, Engine(limits, stop, seed, started=began), progress).run(began)
    return _with_tolerance(task, tolerance, limits, stop, progress, seed, began)


def _tolerance(given: object, price: object) -> Fraction | None:
    if given is None:
        return None
    tolerance = exact(given)
    if tolerance is None or tolerance < 0:
        raise RegionsError("tolerance.number", value=given)
    if exact(price) != 0:
        raise RegionsError("tolerance.price")
    return tolerance


def _with_tolerance(
    task: Task,
    tolerance: Fraction,
    limits: Limits,
    stop: Stop,
    progress: Progress | None,
    seed: int,
    began: float,
) -> Design:
    """The least travel, in half of what the limits leave; then the fewest changed schools within the tolerance."""
    half = Limits(*(None if limit is None else limit / 2 for limit in (limits.work, limits.seconds)))
    engine = Engine(half, stop, seed, started=began)
    designer = _Designer(task, engine, progress)
    first = designer.run(began)
    if designer.best is None or designer.value is None or designer.bound is None:
        return first
    engine = replace(engine, limits=limits)
    if progress is not None:
        progress.tier("change")

    def told(changed: int, bound: int) -> None:
        if progress is not None:
            progress.bound(float(bound))
            progress.incumbent(changed)

    allowed = int(designer.value * (1 + tolerance))
    search = LeastChange(task, engine, designer.best, allowed, told)
    search.run(_MOST_PAIRS, lambda: _proof_engine(engine))
    bound = min(designer.bound, designer.value)
    steps = Steps(
        _plain(designer.value, task.scale),
        _plain(bound, task.scale),
        _plain(allowed, task.scale),
        min(search.bound, search.best.changed),
    )
    proven = first.status == "optimal" and search.proven
    return _answer(task, engine, began, search.best, bound, search.how, proven=proven, steps=steps)


def _spent(engine: Engine) -> float:
    """How much of the limits is used up, as a share."""
    limits = engine.limits
    work = 0.0 if limits.work is None else engine.work / limits.work
    seconds = 0.0 if limits.seconds is None else (time.monotonic() - engine.started) / limits.seconds
    return max(work, seconds)


def _proof_engine(engine: Engine) -> Engine:
    """An engine for a proof of the whole, with what the limits leave; where none is set, so much that it ends."""
    limits = engine.limits
    if limits.work is None and limits.seconds is None:
        limits = Limits(_PROOF_WORK)
    elif limits.work is not None:
        limits = Limits(max(1e-6, limits.work - engine.work), limits.seconds)
    return Engine(limits, engine.stop, engine.seed, started=engine.started)


class _Designer:
    def __init__(self, task: Task, engine: Engine, progress: Progress | None) -> None:
        self.task, self.engine, self.progress = task, engine, progress
        self.nodes = list(range(len(task.instance)))
        self.best: list[frozenset[int]] | None = None
        self.value: int | None = None
        self.bound: int | None = None
        self.how = "neighbourhoods"

    # ------------------------------------------------------------------------------------------------- what is known

    def _rose(self, bound: int) -> None:
        if self.bound is None or bound > self.bound:
            self.bound = bound
            if self.progress is not None:
                self.progress.bound(float(bound / self.task.scale))

    def _found(self, value: int) -> None:
        if self.value is None or value < self.value:
            self.value = value
            if self.progress is not None:
                self.progress.incumbent(float(value / self.task.scale))

    def _take(self, communities: Sequence[frozenset[int]]) -> None:
        own = self.task.value(communities)
        if self.best is None or own <= self.task.value(self.best):
            self.best = list(communities)
        self._found(own)

    @property
    def _proven(self) -> bool:
        return self.value is not None and self.bound is not None and self.bound >= self.value

    # ---------------------------------------------------------------------------------------------------- the phases

    def run(self, began: float) -> Design:
        """All phases, as far as limits allow."""
        task, engine = self.task, self.engine
        columns = list(range(len(task.sites)))
        sacks = Knapsacks.of(task, self.nodes, columns, task.parts, reachable(task, self.nodes, columns))
        priced = relax(sacks, engine, rounds=200)
        if priced is None:
            return _nothing("infeasible", task, engine, began, Reason("searched", (), {}))
        self._rose(_unscaled(priced.bound, sacks.shift))
        start = self._start(priced, range(_STARTS))
        if start is not None:
            self._take(start)
            priced = self._sharpen(sacks, priced)
            if self._proven:
                self.how = "prices"
            else:
                self._improve(priced, start)
        if not self._proven and not engine.exhausted():
            whole = self._whole(priced)
            if whole:
                return _nothing("infeasible", task, engine, began, Reason("searched", (), {}))
        if self.best is None:
            return _nothing("unknown", task, engine, began, None, self.bound)
        point = point_of(task, self.best)
        value = task.value(point.communities)
        bound = None if self.bound is None else min(self.bound, value)
        return _answer(task, engine, began, point, bound, self.how, proven=bound == value)

    def _start(self, priced: Priced, turns: Iterable[int]) -> list[frozenset[int]] | None:
        """A lawful design that grows around the centres which the prices favour; the first that can be had."""
        task, engine = self.task, self.engine
        for turn in turns:
            if turn and engine.exhausted():
                break
            rng = Random(f"{engine.seed} {turn}")
            labels = grow(task, _centres(task, priced, rng if turn else None))
            labels = anneal(task, labels, engine, rng, _STEPS * len(labels))
            communities = sorted(task.communities(labels), key=min)
            if not task.violations(communities):
                return communities
            mended = Search(task, engine, priced, lambda _: None).mend(communities)
            if mended is not None and not task.violations(mended):
                return mended
        return None

    def _improve(self, priced: Priced, start: list[frozenset[int]]) -> None:
        """Neighbourhoods from several starts, then wider ones from the best of all that was met."""
        task, engine = self.task, self.engine
        goal = self.bound or 0
        search = Search(task, engine, priced, self._found)
        self._take(search.run(start, goal, 3))
        if task.parts > _FEW:
            for turn in range(1, _STARTS):
                if engine.exhausted() or self._proven:
                    break
                other = self._start(priced, [turn])
                if other is not None:
                    self._take(search.run(other, goal, 3))
        assert self.best is not None
        self._take(search.run(self.best, goal))

    def _sharpen(self, sacks: Knapsacks, priced: Priced) -> Priced:
        """Raise the bound with prices on reaching the centre."""
        assert self.value is not None
        engine, ceiling = self.engine, self.value << sacks.shift
        reaching = Reaching(self.task.instance.neighbours, self.task.schools, self.task.least)
        # What the exact engine can be given as it is needs no more.
        turns = 1 if len(self.nodes) * len(self.task.sites) <= _MOST_PAIRS else _SHARPENED
        for turn in range(turns):
            if turn and _spent(engine) > _SHARE_OF_BOUNDS:
                break
            again = relax(
                sacks,
                engine,
                ceiling=ceiling,
                first=priced.prices,
                rounds=400,
                enough=((self.value - 1) << sacks.shift) + 1,
                reaching=reaching,
            )
            if again is None or again.bound <= priced.bound:
                break
            gained = again.bound - priced.bound
            priced = again
            self._rose(_unscaled(again.bound, sacks.shift))
            # From new steps the bound goes on rising, the most where islands are far from a community of their own.
            if self._proven or gained * 50 < ceiling - again.bound or engine.exhausted():
                break
        return priced

    def _whole(self, priced: Priced) -> bool:
        """Solve the whole exactly, if it is small enough; whether that proved that there is no design at all."""
        task, engine = self.task, self.engine
        ceiling = None if self.value is None else self.value - 1
        shift = priced.sacks.shift
        if ceiling is not None:
            marks = open_pairs(priced, (ceiling << shift) + (1 << shift) - 1)
            if int(marks.sum()) > _MOST_PAIRS:
                return False
        elif len(self.nodes) * len(task.sites) > _MOST_PAIRS:
            return False  # too large to prove that there is none
        own = _proof_engine(engine)
        found = solve_exactly(task, own, self.nodes, task.parts, ceiling=ceiling, known=priced, rounds=60)
        engine.work += own.work
        if found.communities is not None:
            self._take(sorted(found.communities, key=min))
        if found.done:
            self.how = "exact"
            if self.value is None:
                return True
            self._rose(self.value)
        elif found.bound is not None:
            self._rose(min(found.bound, self.value) if self.value is not None else found.bound)
        return False


def _answer(
    task: Task,
    engine: Engine,
    began: float,
    point: Point,
    bound: int | None,
    how: str,
    *,
    proven: bool,
    steps: Steps | None = None,
) -> Design:
    """What is handed out, once the definition has judged it."""
    broken = task.violations(point.communities)
    if broken:
        raise AssertionError(f"a design broke {broken}")
    nodes = task.instance.nodes
    part = {node: k for k, members in enumerate(point.communities) for node in members}
    return Design(
        "optimal" if proven else "feasible",
        {nodes[node]: part[node] for node in sorted(part)},
        tuple(nodes[task.sites[column]] for column in point.columns),
        tuple(map(task.size, point.communities)),
        _plain(point.travel + task.price * point.changed, task.scale),
        None if bound is None else _plain(bound, task.scale),
        _plain(point.travel, task.scale),
        point.changed,
        tuple(task.old_of[column] for column in point.columns),
        len(task.unable),
        how,
        time.monotonic() - began,
        engine.work,
        engine.stopped_by if not proven and engine.exhausted() else None,
        steps=steps,
    )


def _centres(task: Task, priced: Priced, rng: Random | None) -> list[int]:
    """Columns to start around: those that the prices favour, each piece of the graph having its share."""
    given = shares(task)
    assert given is not None
    favoured = [int(column) for column in priced.opened]
    if rng is not None:
        # Another start: some of them are left out, and found anew.
        favoured = [column for column in favoured if rng.random() < 0.8]
    chosen: list[int] = []
    for piece, count in zip(task.instance.components, given, strict=True):
        inside = set(piece)
        own = [column for column in favoured if task.sites[column] in inside][:count]
        others = [k for k, node in enumerate(task.sites) if node in inside and k not in own]
        rows = task.costs[list(piece)]
        while len(own) < count:
            now = rows[:, own].min(axis=1) if own else rows.max(axis=1)
            gains = [int((now - rows[:, column]).clip(min=0).sum()) for column in others]
            own.append(others.pop(max(range(len(others)), key=lambda k: (gains[k], -k))))
        chosen += own
    return chosen


def _impossible(task: Task) -> Reason | None:
    """Name what excludes every design, where it can be seen without a search."""
    total, nodes = sum(task.schools), task.instance.nodes
    if total < task.parts * task.least:
        return Reason("total_too_small", (), {"total": total, "needed": task.parts * task.least})
    if total > task.parts * task.most:
        return Reason("total_too_large", (), {"total": total, "allowed": task.parts * task.most})
    heavy = tuple(node for node, own in zip(nodes, task.schools, strict=True) if own > task.most)
    if heavy:
        return Reason("too_heavy", heavy, {"weight": max(task.schools), "allowed": task.most})
    if len(task.sites) < task.parts:
        return Reason("centres", (), {"centres": len(task.sites), "parts": task.parts})
    if shares(task) is None:
        firsts = tuple(nodes[piece[0]] for piece in task.instance.components)
        return Reason("pieces", firsts, {"pieces": len(firsts), "parts": task.parts})
    return None


def _nothing(
    status: Status, task: Task, engine: Engine | None, began: float, reason: Reason | None, bound: int | None = None
) -> Design:
    return Design(
        status,
        {},
        (),
        (),
        None,
        None if bound is None else _plain(bound, task.scale),
        None,
        0,
        (),
        len(task.unable),
        "none" if engine is None else "exact" if status == "infeasible" else "neighbourhoods",
        time.monotonic() - began,
        0.0 if engine is None else engine.work,
        engine.stopped_by if engine is not None and status == "unknown" and engine.exhausted() else None,
        reason,
    )


def _unscaled(bound: int, shift: int) -> int:
    """A bound of scaled costs, in whole costs: rounded up, since every design costs a whole number."""
    return -(-bound >> shift)


def _plain(number: int, scale: Fraction) -> float:
    exact = number / scale
    return int(exact) if exact.denominator == 1 else float(exact)
