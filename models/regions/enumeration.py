"""Small graphs: list every lawful partition and take the best, for any objective.

Two sides come from the decision diagram of `divisions`; more parts are peeled off one by one, each the part of the
first node that is not placed yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from models.regions.diagram import TwoSides, build_diagram, in_units
from models.regions.divide import classes_of
from models.regions.objectives import Centres, EdgeCosts, Inertia, NodeCosts, Objective
from models.regions.ordering import frontier_order
from models.regions.problem import Problem, violations

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["MOST_LISTED", "best_of_all"]

MOST_LISTED = 200_000
_BATCH = 20_000


def two_sides(problem: Problem) -> TwoSides:
    """Two parts as the diagram knows them."""
    classes, known = classes_of(problem.instance, problem.groups)
    total = sum(problem.weights)
    least = max(problem.lower[1], total - problem.upper[0], 0)
    most = min(problem.upper[1], total - problem.lower[0])
    if problem.symmetric:
        group, parity = classes[0]
        known[group] = parity
    units, least, most, _ = in_units(problem.weights, least, most)
    return TwoSides(
        problem.instance.neighbours,
        frontier_order(problem.instance.neighbours),
        units,
        least,
        most,
        2 if problem.pieces is None else problem.pieces,
        classes,
        known,
    )


def best_of_all(problem: Problem, most: int = MOST_LISTED) -> tuple[tuple[int, ...], Fraction] | bool | None:
    """Find the best partition by looking at all.

    Returns
    -------
    (labels, value), None if there is no partition, or False if there are more than `most` to look at.
    """
    count = len(problem.instance)
    if problem.parts == 2:
        listed: Iterator[tuple[int, ...]] = (
            tuple(mask >> node & 1 for node in range(count)) for mask in build_diagram(two_sides(problem)).masks()
        )
        # Units may be rounded, and one side empty: the judge decides.
        listed = (labels for labels in listed if not violations(problem, labels))
    elif problem.pieces is not None:
        return False
    else:
        listed = _peel(problem, most * 20)
    best: tuple[tuple[int, ...], Fraction] | None = None
    looked = 0
    try:
        while batch := list(islice(listed, _BATCH)):
            looked += len(batch)
            if looked > most:
                return False
            best = _better(problem, batch, best)
    except _TooManyError:
        return False
    return best


def _better(
    problem: Problem, batch: list[tuple[int, ...]], best: tuple[tuple[int, ...], Fraction] | None
) -> tuple[tuple[int, ...], Fraction] | None:
    """Rank a batch in floating point, then the front-runners exactly; ties go to the smallest labels."""
    import numpy as np

    labels = np.array(batch, dtype=np.int8)
    values = _values(problem.objective, labels, problem.parts)
    least = float(values.min())
    for row in np.flatnonzero(values <= least + 1e-9 * max(1.0, abs(least))):
        candidate = batch[int(row)]
        value = problem.objective.value(candidate, problem.parts)
        if best is None or (value, candidate) < (best[1], best[0]):
            best = candidate, value
    return best


def _values(objective: Objective, labels: Any, parts: int) -> Floats:
    import numpy as np

    values: Floats = np.zeros(len(labels))
    if isinstance(objective, EdgeCosts | NodeCosts):
        edges = objective if isinstance(objective, EdgeCosts) else objective.edges
        for (a, b), cost in zip(edges.edges, edges.costs, strict=True):
            values += float(cost) * (labels[:, a] != labels[:, b])
        if isinstance(objective, NodeCosts):
            for node, row in enumerate(objective.table):
                values += np.array([float(cost) for cost in row])[labels[:, node]]
        return values
    if isinstance(objective, Inertia):
        weight, x, y = (np.array(list(map(float, row))) for row in (objective.weights, objective.x, objective.y))
        if weight.sum():
            # From the common centroid, or squares of large coordinates would swallow the differences.
            x, y = x - (weight * x).sum() / weight.sum(), y - (weight * y).sum() / weight.sum()
        values += float((weight * (x * x + y * y)).sum())
        for part in range(parts):
            member = (labels == part).astype(np.float64)
            mass = member @ weight
            moment = (member @ (weight * x)) ** 2 + (member @ (weight * y)) ** 2
            values -= np.divide(moment, mass, out=np.zeros(len(labels)), where=mass > 0)
        return values
    assert isinstance(objective, Centres)
    costs = np.array([[float(cost) for cost in row] for row in objective.costs])
    for part in range(parts):
        member = (labels == part).astype(np.float64)
        if objective.given is not None:
            values += member @ costs[:, objective.given[part]]
        else:
            values += np.where(member > 0, member @ costs, np.inf).min(axis=1)
    return values


class _TooManyError(Exception):
    """More partial partitions than are worth looking at."""


def _peel(problem: Problem, most: int) -> Iterator[tuple[int, ...]]:
    """List partitions into connected parts (or few pieces, judged at the end) by peeling off parts.

    Parts that nothing tells apart are numbered in the order of their first nodes, so each partition comes once; else
    every numbering that is lawful comes.
    """
    count = len(problem.instance)
    whole = (1 << count) - 1
    beside = [sum(1 << other for other in others) for others in problem.instance.neighbours]
    heaviest = max(problem.upper)
    lightest = min(problem.lower)
    symmetric = problem.symmetric
    work = [0]

    def orders(masks: list[int]) -> Iterator[tuple[int, ...]]:
        labels = [0] * count
        if symmetric:
            for part, mask in enumerate(masks):
                for node in range(count):
                    if mask >> node & 1:
                        labels[node] = part
            yield tuple(labels)
            return
        from itertools import permutations

        for chosen in permutations(range(problem.parts)):
            for part, mask in zip(chosen, masks, strict=True):
                for node in range(count):
                    if mask >> node & 1:
                        labels[node] = part
            yield tuple(labels)

    def descend(free: int, masks: list[int]) -> Iterator[tuple[int, ...]]:
        left = problem.parts - len(masks)
        if left == 1:
            yield from orders([*masks, free])
            return
        first = free & -free
        for part in _connected(free, first, beside, problem, heaviest, work, most):
            rest = free & ~part
            if rest and (weight_of(part) >= lightest):
                yield from descend(rest, [*masks, part])

    def weight_of(mask: int) -> int:
        return sum(own for node, own in enumerate(problem.weights) if mask >> node & 1)

    for labels in descend(whole, []):
        if not violations(problem, labels):
            yield labels


def _connected(
    free: int, first: int, beside: Sequence[int], problem: Problem, heaviest: int, work: list[int], most: int
) -> Iterator[int]:
    """List the connected sets of free nodes that hold the first one and are not too heavy, each once."""
    weights = problem.weights
    stack = [(first, 0, weights[first.bit_length() - 1])]
    while stack:
        current, banned, weight = stack.pop()
        work[0] += 1
        if work[0] > most:
            raise _TooManyError
        if weight > heaviest:
            continue
        yield current
        reach, mask = 0, current
        while mask:
            low = mask & -mask
            reach |= beside[low.bit_length() - 1]
            mask ^= low
        candidates = reach & free & ~current & ~banned
        while candidates:
            low = candidates & -candidates
            candidates ^= low
            stack.append((current | low, banned, weight + weights[low.bit_length() - 1]))
            banned |= low
