"""What the engines work on: a numbered graph, whole weights, wishes, an objective; and the judge of what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.regions.instance import Groups, Instance
from models.regions.objectives import Objective

__all__ = ["Problem", "Reason", "canonical", "pieces_of", "violations"]


@dataclass(frozen=True)
class Reason:
    """Why there is no partition, where it can be seen at once.

    Attributes
    ----------
    code : str
        ``too_heavy`` (a node, or nodes that belong together, weigh more than any part they may be in),
        ``total_too_large``, ``total_too_small``, ``pieces`` (the graph is in more pieces than can be parts),
        ``piece_weight`` (no number of parts fits the weight of a piece), ``apart`` (nodes that are to be together lie
        in different pieces) or ``searched`` (shown by the search).
    nodes : tuple
        The nodes concerned, as the caller named them.
    values : dict
    """

    code: str
    nodes: tuple[object, ...]
    values: dict[str, object]


@dataclass(frozen=True)
class Problem:
    """A partition to be found.

    Attributes
    ----------
    instance : Instance
    parts : int
    weights : tuple of int
    lower, upper : tuple of int
        Per part, same scale as the weights.
    groups : Groups
    pieces : int or None
        Most connected pieces of all parts together; None: every part connected.
    objective : Objective
    """

    instance: Instance
    parts: int
    weights: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    groups: Groups
    pieces: int | None
    objective: Objective

    @property
    def symmetric(self) -> bool:
        """Whether nothing tells the parts apart."""
        return (
            not self.groups.fixed
            and len(set(self.lower)) == 1
            and len(set(self.upper)) == 1
            and self.objective.interchangeable
        )

    @property
    def has_wishes(self) -> bool:
        """Whether single nodes are fixed, together or apart."""
        groups = self.groups
        return bool(groups.fixed or groups.apart) or len(set(groups.group)) < len(self.instance)


def pieces_of(instance: Instance, labels: Sequence[int], part: int) -> list[list[int]]:
    """List the connected pieces of a part, each ascending, in the order of their first nodes."""
    seen = [label != part for label in labels]
    pieces = []
    for start in range(len(labels)):
        if seen[start]:
            continue
        seen[start] = True
        piece = [start]
        for node in piece:
            for other in instance.neighbours[node]:
                if not seen[other]:
                    seen[other] = True
                    piece.append(other)
        pieces.append(sorted(piece))
    return pieces


def violations(problem: Problem, labels: Sequence[int]) -> list[str]:
    """Judge labels by the definition: what they break, in codes; an empty list is a lawful partition."""
    found = []
    sums = [0] * problem.parts
    for node, label in enumerate(labels):
        sums[label] += problem.weights[node]
    if len(set(labels)) < problem.parts:
        found.append("empty")
    if any(not low <= own <= high for low, own, high in zip(problem.lower, sums, problem.upper, strict=True)):
        found.append("weight")
    pieces = [len(pieces_of(problem.instance, labels, part)) for part in range(problem.parts)]
    if max(pieces) > 1 if problem.pieces is None else sum(pieces) > problem.pieces:
        found.append("pieces")
    place = {group: labels[node] for node, group in enumerate(problem.groups.group)}
    if any(place[group] != labels[node] for node, group in enumerate(problem.groups.group)):
        found.append("together")
    if any(place[a] == place[b] for a, b in problem.groups.apart):
        found.append("apart")
    if any(place[group] != part for group, part in problem.groups.fixed.items()):
        found.append("fixed")
    return found


def canonical(problem: Problem, labels: Sequence[int]) -> tuple[int, ...]:
    """Number interchangeable parts in the order of their first nodes."""
    if not problem.symmetric:
        return tuple(labels)
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(label, len(numbers)) for label in labels)
