"""Any graph, any linear objective: a model without connectedness, and cuts where an answer is not connected.

Connectedness is asked for only where it was missed: when a solution has a stray piece, clauses are added that every
connected partition keeps and this one does not (minimal vertex separators; the border of a piece that is too light to
be a part; for "no more pieces than", roots). Each solve proves a bound, since the model is a relaxation.

References
----------
R. Carvajal et al., "Imposing connectivity constraints in forest planning models", Operations Research 2013;
O. Oehrlein, J.-H. Haunert, "A cutting-plane method for contiguity-constrained spatial aggregation", JOSIS 2017;
H. Validi, A. Buchanan, E. Lykhovyd, "Imposing contiguity constraints in political districting models", 2022.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from models.engine import Engine
from models.regions.instance import separator
from models.regions.problem import Problem, pieces_of

__all__ = ["Found", "LinearCosts", "Separators"]


@dataclass(frozen=True)
class LinearCosts:
    """A linear objective in whole numbers.

    Attributes
    ----------
    edges : sequence of ((int, int), int)
        Cost of an edge whose ends are in different parts; not negative.
    nodes : sequence of sequence of int, or None
        Node, part -> cost.
    """

    edges: Sequence[tuple[tuple[int, int], int]]
    nodes: Sequence[Sequence[int]] | None = None

    def value(self, labels: Sequence[int]) -> int:
        """Cost of labels."""
        cut = sum(cost for (a, b), cost in self.edges if labels[a] != labels[b])
        if self.nodes is None:
            return cut
        return cut + sum(row[label] for row, label in zip(self.nodes, labels, strict=True))


@dataclass(frozen=True)
class Found:
    """What an engine ended with.

    Attributes
    ----------
    labels : tuple of int or None
        The best partition found, or None.
    bound : int or None
        Proven lower bound in whole costs; None: nothing proven.
    infeasible : bool
        Proven that there is no partition.
    """

    labels: tuple[int, ...] | None
    bound: int | None
    infeasible: bool = False


class Separators:
    """A model of one problem that learns about connectedness.

    Parameters
    ----------
    problem : Problem
    costs : LinearCosts
    """

    def __init__(self, problem: Problem, costs: LinearCosts) -> None:
        self.problem = problem
        self.costs = costs
        self.model = cp_model.CpModel()
        self.rounds = 0
        self.clauses = 0
        self._roots: list[Any] = []
        self._members = problem.groups.members()
        self._place = self._make_places()
        self._bound_weights()
        if problem.symmetric:
            self._break_symmetry()
        self.literals, self.weights, self.constant = self._make_costs()
        self._seed_connectedness()

    # -------------------------------------------------------------------------------------------------- the model

    def _make_places(self) -> list[list[Any]]:
        """Group -> one literal a part."""
        problem, model = self.problem, self.model
        places: list[list[Any]] = []
        for group in range(len(self._members)):
            if problem.parts == 2:
                one = model.new_bool_var("")
                places.append([~one, one])
            else:
                literals = [model.new_bool_var("") for _ in range(problem.parts)]
                model.add_exactly_one(literals)
                places.append(literals)
            if group in problem.groups.fixed:
                model.add_bool_and([places[group][problem.groups.fixed[group]]])
        for a, b in sorted(problem.groups.apart):
            for part in range(problem.parts):
                model.add_at_most_one([places[a][part], places[b][part]])
        return places

    def at(self, node: int, part: int) -> Any:
        """Literal: the node is in the part."""
        return self._place[self.problem.groups.group[node]][part]

    def _bound_weights(self) -> None:
        problem = self.problem
        own = [sum(problem.weights[node] for node in members) for members in self._members]
        for part in range(problem.parts):
            total = sum(weight * places[part] for weight, places in zip(own, self._place, strict=True))
            self.model.add_linear_constraint(total, problem.lower[part], problem.upper[part])
            self.model.add_bool_or([places[part] for places in self._place])
            if problem.parts == 2:
                # What one side weighs says what the other does.
                low = max(problem.lower[0], sum(own) - problem.upper[1])
                high = min(problem.upper[0], sum(own) - problem.lower[1])
                if low > high:
                    self.model.add_bool_or([])
                break
        if problem.parts == 2:
            total = sum(weight * places[1] for weight, places in zip(own, self._place, strict=True))
            self.model.add_linear_constraint(total, problem.lower[1], problem.upper[1])
            self.model.add_bool_or([places[1] for places in self._place])

    def _break_symmetry(self) -> None:
        """Number the parts by the heaviest groups: the heaviest is in part 0, the next in 0 or 1, and so on."""
        weights, members = self.problem.weights, self._members
        heaviest = sorted(range(len(members)), key=lambda group: (-sum(weights[k] for k in members[group]), group))
        for rank, group in enumerate(heaviest[: self.problem.parts]):
            for part in range(rank + 1, self.problem.parts):
                self.model.add_bool_and([~self._place[group][part]])
            for part in range(1, min(rank + 1, self.problem.parts)):
                earlier = [self._place[other][part - 1] for other in heaviest[:rank]]
                self.model.add_bool_or([~self._place[group][part], *earlier])

    def _make_costs(self) -> tuple[list[Any], list[int], int]:
        model, group = self.model, self.problem.groups.group
        terms: dict[tuple[int, int], int] = {}
        for (a, b), cost in self.costs.edges:
            pair = min(group[a], group[b]), max(group[a], group[b])
            if pair[0] != pair[1]:
                terms[pair] = terms.get(pair, 0) + cost
        literals, weights = [], []
        for (a, b), cost in sorted(terms.items()):
            if not cost:
                continue
            cut = model.new_bool_var("")
            for part in range(self.problem.parts):
                one, two = self._place[a][part], self._place[b][part]
                model.add_bool_or([~one, two, cut])
                model.add_bool_or([one, ~two, cut])
            literals.append(cut)
            weights.append(cost)
        constant = 0
        if self.costs.nodes is not None:
            for own, members in zip(self._place, self._members, strict=True):
                sums = [sum(self.costs.nodes[node][part] for node in members) for part in range(self.problem.parts)]
                # With two parts there is one variable a group, and part 0 is its negation.
                least = sums[0] if self.problem.parts == 2 else min(sums)
                constant += least
                for part, total in enumerate(sums):
                    if total != least:
                        literals.append(own[part])
                        weights.append(total - least)
        return literals, weights, constant

    def _seed_connectedness(self) -> None:
        """What can be said of connectedness before any solution: no node stands alone in a part that is heavier."""
        problem = self.problem
        neighbours = problem.instance.neighbours
        if problem.pieces is not None:
            self._roots = [self.model.new_bool_var("") for _ in neighbours]
            self.model.add_linear_constraint(sum(self._roots), 0, problem.pieces)
            for node, others in enumerate(neighbours):
                for part in range(problem.parts):
                    self.model.add_bool_or(
                        [~self.at(node, part), self._roots[node], *(self.at(k, part) for k in others)]
                    )
            return
        for node in range(len(neighbours)):
            self._leave([node], node, range(problem.parts))

    # -------------------------------------------------------------------------------------------------------- cuts

    def _leave(self, piece: Sequence[int], node: int, parts: Iterable[int]) -> bool:
        """A part that is heavier than a piece and has a node of it goes beyond the piece's border."""
        problem = self.problem
        weight = sum(problem.weights[k] for k in piece)
        inside = set(piece)
        border = sorted({other for k in piece for other in problem.instance.neighbours[k]} - inside)
        done = False
        for part in parts:
            if weight < problem.lower[part]:
                self.model.add_bool_or([~self.at(node, part), *(self.at(k, part) for k in border)])
                self.clauses += 1
                done = True
        return done

    def learn(self, labels: Sequence[int]) -> bool:
        """Add what a partition that is not connected breaks; False if it is connected.

        A problem whose groups of nodes are together, or whose fixed nodes are in one part, is served as well: clauses
        speak of single nodes.
        """
        problem = self.problem
        pieces = [pieces_of(problem.instance, labels, part) for part in range(problem.parts)]
        parts = range(problem.parts)
        if problem.pieces is not None:
            if sum(map(len, pieces)) <= problem.pieces:
                return False
            for own in pieces:
                for piece in own:
                    inside = set(piece)
                    border = sorted({other for k in piece for other in problem.instance.neighbours[k]} - inside)
                    roots = [self._roots[k] for k in piece]
                    for node in self._speakers(piece):
                        for other in parts:
                            beyond = [self.at(k, other) for k in border]
                            self.model.add_bool_or([~self.at(node, other), *roots, *beyond])
                            self.clauses += 1
            return True
        strays = False
        for own in pieces:
            if len(own) < 2:
                continue
            strays = True
            main = max(own, key=lambda piece: (sum(problem.weights[k] for k in piece), len(piece)))
            for piece in own:
                if piece is main:
                    continue
                for node in self._speakers(piece):
                    if not self._leave(piece, node, parts) or node == self._speakers(piece)[0]:
                        self._separate(piece, node, main)
        return strays

    def _speakers(self, piece: Sequence[int]) -> list[int]:
        """Nodes of a piece for which clauses are made: the heaviest, and those of most neighbours."""
        weights, neighbours = self.problem.weights, self.problem.instance.neighbours
        return sorted(piece, key=lambda node: (-weights[node], -len(neighbours[node]), node))[:3]

    def _separate(self, piece: Sequence[int], node: int, main: Sequence[int]) -> None:
        """Two nodes in one part need one of a minimal separator; near the piece, and near the main part."""
        other = self._speakers(main)[0]
        neighbours = self.problem.instance.neighbours
        cuts = {separator(neighbours, piece, other), separator(neighbours, main, node)}
        for between_them in sorted(cuts, key=lambda cut: (len(cut), cut)):
            for part in range(self.problem.parts):
                between = [self.at(k, part) for k in between_them]
                self.model.add_bool_or([~self.at(node, part), ~self.at(other, part), *between])
                self.clauses += 1

    # --------------------------------------------------------------------------------------------------- the solve

    def at_most(self, value: int) -> bool:
        """Look only for partitions of at most this cost; False when that is plainly impossible."""
        least = sum(weight for weight in self.weights if weight < 0)
        ceiling = value - self.constant
        if ceiling < least:
            self.model.add_bool_or([])
            return False
        total = sum(weight * literal for literal, weight in zip(self.literals, self.weights, strict=True))
        if self.literals:
            self.model.add_linear_constraint(total, least, ceiling)
        return True

    def labels_of(self, true: Any) -> tuple[int, ...]:
        """Labels of a solution; `true` tells whether a literal is."""
        parts = range(self.problem.parts)
        placed = [next(part for part in parts if true(places[part])) for places in self._place]
        return tuple(placed[group] for group in self.problem.groups.group)

    def solve(self, engine: Engine, start: tuple[int, ...] | None) -> Found:
        """Solve and cut until the answer is connected, the start is proven best, or a limit is reached.

        Parameters
        ----------
        engine : Engine
            Its limits hold for all solves together.
        start : tuple of int, optional
            A lawful partition: only better ones are looked for.
        """
        bound: int | None = None
        best = start
        if start is not None and self.literals and not self.at_most(self.costs.value(start) - 1):
            return Found(start, self.costs.value(start))
        while True:
            if engine.exhausted():
                return Found(best, bound)
            outcome = engine.solve(self.model, (self.literals, self.weights))
            self.rounds += 1
            if outcome.status == "infeasible":
                if best is not None:
                    return Found(best, self.costs.value(best))
                # Told to people only when it holds without presolve too (or-tools#5274).
                again = engine.solve(self.model, (self.literals, self.weights), presolve=False)
                if again.status == "infeasible":
                    return Found(None, None, infeasible=True)
                if not again.solution:
                    return Found(None, bound)
                outcome = again
            if outcome.bound is not None:
                proven = outcome.bound + self.constant
                bound = proven if bound is None else max(bound, proven)
            if not outcome.solution:
                return Found(best, bound)
            labels = self.labels_of(outcome.true)
            if not self.learn(labels):
                if best is None or self.costs.value(labels) < self.costs.value(best):
                    best = labels
                if outcome.status == "optimal":
                    return Found(best, self.costs.value(best))
                return Found(best, bound)
