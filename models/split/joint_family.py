"""All lawful divisions of a community at once, as arrays: who lies where, who convenes.

What is asked of every division is asked of all of them in one sweep of numpy; only few of them ever see a solver.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from models.community import CONVENER_KEY, WILLINGNESS_ORDER, Plan, Problem
from models.split.allowed import Conditions, list_masks
from models.split.problems import divided, in_order
from models.split.values import Division, SplitWishes, Territory

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Family"]


@dataclass(frozen=True)
class Family:
    """Divisions of one community.

    Parameters
    ----------
    given : Conditions
        Problem, territory and wishes.
    nodes : tuple of Hashable
        Columns of `second`.
    second : bool array of shape (divisions, nodes)
        Nodes on the second side.
    """

    given: Conditions
    nodes: tuple[Hashable, ...]
    second: NDArray[np.bool_]

    @classmethod
    def listed(
        cls,
        problem: Problem,
        territory: Territory,
        wishes: SplitWishes,
        limit: int | None = None,
        held: Mapping[Hashable, int] | None = None,
    ) -> tuple[Family, bool]:
        """All lawful divisions, and whether the list is complete.

        Of divisions that differ only in nodes that change nothing the first in the order of the tie-break. `held`: only
        those with these nodes on these sides.
        """
        given = Conditions(problem, territory, wishes)
        found = list_masks(given, given.ties, limit=limit, held=held)
        order = tuple(in_order(territory.graph))
        number = {node: k for k, node in enumerate(found.nodes)}
        width = -(-len(order) // 8)
        packed = np.frombuffer(b"".join(m.to_bytes(width, "little") for m in found.masks), dtype=np.uint8)
        bits = np.unpackbits(packed.reshape(len(found.masks), width), axis=1, bitorder="little").astype(bool)
        if not len(found.masks):
            return cls(given, order, np.zeros((0, len(order)), dtype=bool)), found.complete
        second = bits[:, [number[node] for node in order]]
        if given.idle:
            second = _first_of_equals(second, [k for k, node in enumerate(order) if node in given.idle])
        return cls(given, order, second), found.complete

    @property
    def problem(self) -> Problem:
        """The community's problem."""
        return self.given.problem

    @property
    def territory(self) -> Territory:
        """Its territory."""
        return self.given.territory

    def __len__(self) -> int:
        return len(self.second)

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Family:
        """Some of the divisions."""
        return replace(self, second=self.second[rows])

    def away_from(self, group: frozenset[str], least_moved: int) -> Family:
        """Those that differ from a grouping in so many participants, the better of both ways round."""
        inside = np.array([code in group for code in self.codes], dtype=bool)
        moved = (self.members(0) != inside).sum(axis=1)
        return self.only(np.minimum(moved, len(self.codes) - moved) >= least_moved)

    def division(self, row: int) -> Division:
        """One of them as a value."""
        first = frozenset(node for node, there in zip(self.nodes, self.second[row], strict=True) if not there)
        return divided(self.problem, self.territory, first)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Participants, the columns of `members`."""
        return self.problem.participants

    def members(self, side: int) -> NDArray[np.bool_]:
        """Participants of one side: bool array of shape (divisions, participants)."""
        at = {node: k for k, node in enumerate(self.nodes)}
        there = self.second[:, [at[self.territory.school_node[code]] for code in self.codes]]
        return there if side else ~there

    def shares(self, side: int, points: Sequence[str]) -> NDArray[np.int8]:
        """How much of demand points counts on one side, in halves: array of shape (divisions, points)."""
        at = {node: k for k, node in enumerate(self.nodes)}
        result = np.empty((len(self), len(points)), dtype=np.int8)
        known: dict[tuple[Hashable, ...], NDArray[np.int8]] = {}
        for column, point in enumerate(points):
            nodes = self.territory.demand_nodes.get(point, ())
            if nodes not in known:
                there = self.second[:, [at[node] for node in nodes]]
                one, other = (~there).any(axis=1), there.any(axis=1)
                own, rest = (other, one) if side else (one, other)
                known[nodes] = np.where(own == rest, 1, np.where(own, 2, 0)).astype(np.int8)
            result[:, column] = known[nodes]
        return result

    @cached_property
    def between(self) -> NDArray[np.int64]:
        """Distances between participants, from the row to the column; 0 where nothing is known."""
        columns = [self.problem.distances.column.get(code, -1) for code in self.codes]
        known = np.array([column >= 0 for column in columns], dtype=bool)
        table = self.problem.distances.between_schools
        if not known.any():
            return np.zeros((len(columns), len(columns)), dtype=np.int64)
        places = [max(column, 0) for column in columns]
        between: NDArray[np.int64] = np.where(np.outer(known, known), table[np.ix_(places, places)], 0)
        np.fill_diagonal(between, 0)
        return between

    def travel_of_members(self, side: int) -> NDArray[np.int64]:
        """Sum of the distances of the members of a plan to each participant."""
        # Sums stay far below 2^53, and floating point is multiplied many times faster.
        result: NDArray[np.int64] = (self.members(side).astype(np.float64) @ self.between.astype(np.float64)).astype(
            np.int64
        )
        return result

    @cached_property
    def conveners(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For either side the column of the school that ranks first to convene; -1 where it is to be chosen freely.

        The ranking is that of `models.convener.choose_convener`. Whether the school can lead a lawful plan is another
        question.
        """
        return self._ranked(0), self._ranked(1)

    def _ranked(self, side: int) -> NDArray[np.intp]:
        count = len(self.codes)
        members = self.members(side)
        stated = set(self.given.conveners)
        free = self.given.wishes.convening == "free"
        if free and not stated:
            return np.full(len(self), -1, dtype=np.intp)
        schools = [self.problem.community.school_by_code[code] for code in self.codes]
        plan = Plan(self.problem, "")
        said = [plan.willingness(CONVENER_KEY, code) for code in self.codes]
        able = np.array([not s.barred and w != "cannot" for s, w in zip(schools, said, strict=True)], dtype=bool)
        benchmark = np.array([school.benchmark for school in schools], dtype=bool)
        wanted = np.array([code in stated for code in self.codes], dtype=bool)
        travel = self.travel_of_members(side)
        choices = members & np.where((members & benchmark).any(axis=1)[:, None], benchmark, True)
        choices = np.where(choices.sum(axis=1)[:, None] > 1, choices & able, choices)
        here = members & wanted
        choices = np.where(here.any(axis=1)[:, None], here, choices)
        level = np.array([WILLINGNESS_ORDER.index(w) for w in said], dtype=np.int64)
        most = int(travel.max(initial=0)) + 1
        rank = (level * most + travel) * count + np.arange(count)
        rank = np.where(choices, rank, np.iinfo(np.int64).max)
        best = np.argmin(rank, axis=1)
        unknown = ~choices.any(axis=1) | (free & ~here.any(axis=1))
        return np.where(unknown, -1, best)


def _first_of_equals(second: NDArray[np.bool_], idle: Sequence[int]) -> NDArray[np.bool_]:
    """Of rows that differ only in idle columns the lexicographically least."""
    pattern = second.copy()
    pattern[:, idle] = False
    keys = np.packbits(np.concatenate([pattern, second], axis=1), axis=1)
    order = np.lexsort(keys.T[::-1])
    sorted_patterns = pattern[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (sorted_patterns[1:] != sorted_patterns[:-1]).any(axis=1)
    return second[np.sort(order[fresh])]
