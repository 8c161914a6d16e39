"""The exact model of some communities on some nodes, for the pairs of node and centre that prices leave open.

Connectedness is learned: where a solution has a stray piece, clauses say that its nodes reach their centre through a
minimal separator. A community that cannot carry its duties is excluded as a set of nodes, and the search goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.design.bounds import FAR, Knapsacks, Priced, open_pairs, reachable, relax
from models.design.task import Task, border_of
from models.engine import Engine
from models.regions.instance import separator

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Budget", "Designed", "lower_bound", "solve_exactly", "solve_marked"]

_HARD = 2**52
_WORK_LITERAL = 2e-5
"""Deterministic work of building the model, for each pair."""


@dataclass(frozen=True)
class Designed:
    """What the exact engine gave.

    Attributes
    ----------
    communities : tuple of frozenset of int, or None
        The best ones below the ceiling, by node number.
    bound : int or None
        Proven lower bound of what is below the ceiling; None: nothing proven.
    done : bool
        Proven: the communities are best, or, without any, nothing lies below the ceiling.
    """

    communities: tuple[frozenset[int], ...] | None
    bound: int | None
    done: bool
    columns: tuple[int, ...] | None = None
    """The centres that were opened, in the order of the communities; only under a budget."""


@dataclass(frozen=True)
class Budget:
    """What a design may cost besides, by another table, at the centres that it opens.

    Attributes
    ----------
    table : int array of shape (nodes, sites)
    most : int
    """

    table: npt.NDArray[np.int64]
    most: int


def solve_exactly(
    task: Task,
    engine: Engine,
    nodes: Sequence[int],
    parts: int,
    *,
    ceiling: int | None = None,
    known: Priced | None = None,
    rounds: int = 120,
) -> Designed:
    """Find the best lawful communities on some nodes.

    Parameters
    ----------
    task : Task
    engine : Engine
    nodes : sequence of int
        Ascending; they are divided, nothing else.
    parts : int
    ceiling : int, optional
        Only designs that cost at most so much are looked for.
    known : Priced, optional
        What a relaxation of the whole found: prices of all nodes in their order, all columns.
    rounds : int
        Of raising and lowering prices.
    """
    columns = _columns(task, nodes)
    sacks = _sacks(task, nodes, columns, parts, known)
    if sacks is None:
        return Designed(None, None, True)
    scaled = None if ceiling is None else (ceiling << sacks.shift) + (1 << sacks.shift) - 1
    priced = relax(
        sacks,
        engine,
        ceiling=scaled,
        first=None if known is None else known.prices[list(nodes)],
        rounds=rounds,
        enough=None if scaled is None else scaled + 1,
    )
    if priced is None:
        return Designed(None, None, True)
    bound = -(-priced.bound >> sacks.shift)
    if ceiling is not None and bound > ceiling:
        return Designed(None, bound, True)
    marks = open_pairs(priced, int(FAR // 2) if scaled is None else scaled)
    engine.charge(3 * sacks.work)
    return solve_marked(task, engine, nodes, columns, parts, marks, ceiling, bound)


def solve_marked(
    task: Task,
    engine: Engine,
    nodes: Sequence[int],
    columns: Sequence[int],
    parts: int,
    marks: Any,
    ceiling: int | None,
    bound: int,
    budget: Budget | None = None,
) -> Designed:
    """Find the best lawful communities among the pairs of node and centre that are marked.

    Parameters
    ----------
    bound : int
        What is known already.
    budget : Budget, optional
        Then what communities cost is counted at the centres that are opened, not at their best.
    """
    if int(marks.any(axis=0).sum()) < parts or not marks.any(axis=1).all():
        return Designed(None, None, True)
    model = _Model(task, nodes, columns, parts, marks, ceiling, budget)
    engine.charge(_WORK_LITERAL * int(marks.sum()))
    for unable in task.unable:
        model.exclude(unable)
    return model.solve(engine, bound)


def lower_bound(
    task: Task, engine: Engine, nodes: Sequence[int], parts: int, known: Priced | None, enough: int
) -> int | None:
    """A quick lower bound of communities on some nodes, no better than `enough`; None if none has a lawful size."""
    columns = _columns(task, nodes)
    sacks = _sacks(task, nodes, columns, parts, known)
    if sacks is None:
        return None
    first = None if known is None else known.prices[list(nodes)]
    priced = relax(sacks, engine, first=first, rounds=12, enough=enough << sacks.shift)
    return None if priced is None else -(-priced.bound >> sacks.shift)


def _columns(task: Task, nodes: Sequence[int]) -> list[int]:
    members = frozenset(nodes)
    return [column for column, node in enumerate(task.sites) if node in members]


def _sacks(
    task: Task, nodes: Sequence[int], columns: Sequence[int], parts: int, known: Priced | None
) -> Knapsacks | None:
    """The knapsacks of some nodes, with what is known of reaching centres; None if there are too few centres."""
    if len(columns) < parts:
        return None
    allowed = reachable(task, nodes, columns)
    if known is None:
        return Knapsacks.of(task, nodes, columns, parts, allowed)
    added = known.sacks.added[np.ix_(nodes, columns)]
    return Knapsacks.of(task, nodes, columns, parts, allowed, added, known.sacks.shift)


class _Model:
    """Variables: which centres are opened, who goes where."""

    def __init__(
        self,
        task: Task,
        nodes: Sequence[int],
        columns: Sequence[int],
        parts: int,
        marks: Any,
        ceiling: int | None,
        budget: Budget | None,
    ) -> None:
        from ortools.sat.python import cp_model

        self.task, self.nodes, self.parts, self.budget = task, list(nodes), parts, budget
        self.inside = frozenset(nodes)
        self.model: Any = cp_model.CpModel()
        self.open_columns = [column for k, column in enumerate(columns) if marks[:, k].any()]
        place = {column: k for k, column in enumerate(columns)}
        self.opened = {column: self.model.new_bool_var("") for column in self.open_columns}
        self.joins: dict[int, dict[int, Any]] = {}
        for row, node in enumerate(self.nodes):
            own: dict[int, Any] = {}
            for column in self.open_columns:
                if task.sites[column] == node:
                    own[column] = self.opened[column]
                elif marks[row, place[column]]:
                    own[column] = self.model.new_bool_var("")
                    self.model.add_implication(own[column], self.opened[column])
            self.joins[node] = own
            self.model.add_exactly_one(own.values())
        self.model.add_linear_constraint(sum(self.opened.values()), parts, parts)
        self._bound_sizes()
        self._make_costs(ceiling)
        self._keep_budget()
        self.neighbours = {
            node: [other for other in task.instance.neighbours[node] if other in self.inside] for node in self.nodes
        }
        self.rows = [self.neighbours.get(node, []) for node in range(len(task.instance))]
        for node, own in self.joins.items():
            for column, literal in own.items():
                if task.sites[column] != node:
                    self._need(literal, column, self.neighbours[node])

    def _bound_sizes(self) -> None:
        task = self.task
        total = sum(task.schools[node] for node in self.nodes)
        for column in self.open_columns:
            size = sum(task.schools[node] * own[column] for node, own in self.joins.items() if column in own)
            self.model.add_linear_constraint(size - task.least * self.opened[column], 0, total)
            self.model.add_linear_constraint(task.most * self.opened[column] - size, 0, total + task.most)

    def _make_costs(self, ceiling: int | None) -> None:
        literals, weights = [], []
        self.constant = 0
        for node, own in self.joins.items():
            least = min(int(self.task.costs[node, column]) for column in own)
            self.constant += least
            for column, literal in own.items():
                more = int(self.task.costs[node, column]) - least
                if more:
                    literals.append(literal)
                    weights.append(more)
        self.literals, self.weights = literals, weights
        if ceiling is not None:
            if ceiling < self.constant:
                self.model.add_bool_or([])
            elif literals:
                total = sum(weight * literal for literal, weight in zip(literals, weights, strict=True))
                self.model.add_linear_constraint(total, 0, min(ceiling - self.constant, _HARD))

    def _keep_budget(self) -> None:
        if self.budget is None:
            return
        table, most = self.budget.table, self.budget.most
        total: Any = 0
        for node, own in self.joins.items():
            least = min(int(table[node, column]) for column in own)
            most -= least
            total += sum((int(table[node, column]) - least) * literal for column, literal in own.items())
        if most < 0:
            self.model.add_bool_or([])
        else:
            self.model.add_linear_constraint(total, 0, most)

    def _need(self, literal: Any, column: int, ways: Iterable[int]) -> None:
        """Who joins a centre needs one of these nodes in the same community."""
        if self.task.sites[column] in ways:
            return
        others = [self.joins[node][column] for node in ways if column in self.joins[node]]
        self.model.add_bool_or([~literal, *others])

    def exclude(self, members: frozenset[int]) -> None:
        """No community has exactly these nodes: one of them is missing, or a neighbour is there."""
        if not members <= self.inside:
            return
        border = [node for node in border_of(self.task.instance.neighbours, members) if node in self.inside]
        for column in self.open_columns:
            if self.task.sites[column] not in members or any(column not in self.joins[node] for node in members):
                continue
            more = [self.joins[node][column] for node in border if column in self.joins[node]]
            self.model.add_bool_or([*(~self.joins[node][column] for node in sorted(members)), *more])

    def communities_of(self, true: Any) -> dict[int, frozenset[int]]:
        """Opened column -> nodes."""
        found: dict[int, list[int]] = {column: [] for column in self.open_columns if true(self.opened[column])}
        for node, own in self.joins.items():
            found[next(column for column, literal in own.items() if true(literal))].append(node)
        return {column: frozenset(members) for column, members in found.items()}

    def learn(self, found: dict[int, frozenset[int]]) -> bool:
        """Add clauses against stray pieces; False if there are none."""
        strays = False
        for column, members in found.items():
            for piece in self._pieces(members):
                if self.task.sites[column] in piece:
                    continue
                strays = True
                self._join(piece)
        return strays

    def _pieces(self, members: frozenset[int]) -> list[list[int]]:
        seen: set[int] = set()
        pieces = []
        for start in sorted(members):
            if start in seen:
                continue
            seen.add(start)
            piece = [start]
            for node in piece:
                for other in self.neighbours[node]:
                    if other in members and other not in seen:
                        seen.add(other)
                        piece.append(other)
            pieces.append(sorted(piece))
        return pieces

    def _join(self, piece: Sequence[int]) -> None:
        """Nodes of a piece reach any centre outside through its border; the centre's side of it comes first."""
        inside = set(piece)
        speakers = sorted(piece, key=lambda node: (-self.task.schools[node], -len(self.neighbours[node]), node))[:3]
        cuts: dict[int, tuple[int, ...]] = {}
        for node in speakers:
            for column, literal in self.joins[node].items():
                centre = self.task.sites[column]
                if centre in inside:
                    continue
                if centre not in cuts:
                    cuts[centre] = self._cut(piece, centre)
                self._need(literal, column, cuts[centre])

    def _cut(self, piece: Sequence[int], centre: int) -> tuple[int, ...]:
        border = {other for node in piece for other in self.neighbours[node]}
        if centre in border:
            return (centre,)
        return separator(self.rows, piece, centre)

    def solve(self, engine: Engine, bound: int) -> Designed:
        """Solve, learn and exclude until the answer is lawful, or a limit is reached."""
        task = self.task
        best: tuple[frozenset[int], ...] | None = None
        columns: tuple[int, ...] | None = None
        value = 0
        while not engine.exhausted():
            outcome = engine.solve(self.model, (self.literals, self.weights))
            if outcome.status == "infeasible":
                # Told only when it holds without presolve too (or-tools#5274).
                outcome = engine.solve(self.model, (self.literals, self.weights), presolve=False)
                if outcome.status == "infeasible":
                    return Designed(best, value if best else None, True, columns)
            if outcome.bound is not None:
                bound = max(bound, outcome.bound + self.constant)
            if not outcome.solution:
                break
            found = self.communities_of(outcome.true)
            lawful = not self.learn(found)
            if lawful:
                for members in found.values():
                    if not task.is_able(members):
                        lawful = False
                        self.exclude(members)
            if lawful:
                communities = tuple(found.values())
                own = task.value(communities) if self.budget is None else task.value_at(communities, tuple(found))
                if best is None or own < value:
                    best, value = communities, own
                    columns = None if self.budget is None else tuple(found)
            if best is not None and bound >= value:
                return Designed(best, bound, True, columns)
            if lawful:
                break
        return Designed(best, bound, False, columns)
