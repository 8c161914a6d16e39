"""In which order to go through the nodes of a graph, so that few of them are open at any time."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["frontier_order"]

_MOST_STARTS = 40


def frontier_order(neighbours: Sequence[Sequence[int]]) -> list[int]:
    """Order nodes so that the frontier stays narrow.

    The frontier after a step holds the nodes seen that have a neighbour not yet seen. From each of several first
    nodes the order is built greedily (the next node is the one that leaves the narrowest frontier); the order with the
    least sum of 3 ** width is taken, as the number of states grows about so.

    Parameters
    ----------
    neighbours : sequence of sequence of int
        Neighbours of each node.

    Returns
    -------
    list of int
        Every node once; the components of the graph one after the other.
    """
    count = len(neighbours)
    step = max(1, count // _MOST_STARTS)
    # From the rim inwards costs less than from the middle: begin with nodes of few neighbours.
    starts = sorted(range(count), key=lambda node: (len(neighbours[node]), node))[::step]
    best: list[int] = []
    least = float("inf")
    for start in starts:
        order, price = _greedy(neighbours, start, least)
        if price < least:
            best, least = order, price
    return best


def _greedy(neighbours: Sequence[Sequence[int]], start: int, limit: float) -> tuple[list[int], float]:
    count = len(neighbours)
    unseen = [len(others) for others in neighbours]
    seen = [False] * count
    age = [0] * count
    frontier: set[int] = set()
    order: list[int] = []
    price = 0.0
    following = start
    while True:
        order.append(following)
        seen[following] = True
        if unseen[following]:
            frontier.add(following)
            age[following] = len(order)
        for other in neighbours[following]:
            unseen[other] -= 1
            if seen[other] and not unseen[other]:
                frontier.discard(other)
        price += 3.0 ** len(frontier)
        if len(order) == count or price >= limit:
            return order, price
        candidates = {other for node in frontier for other in neighbours[node] if not seen[other]}
        if not candidates:
            candidates = {min((node for node in range(count) if not seen[node]), key=lambda k: (unseen[k], k))}

        def key(node: int) -> tuple[int, int, int]:
            closes = sum(1 for other in neighbours[node] if seen[other] and unseen[other] == 1)
            oldest = min((age[other] for other in neighbours[node] if seen[other]), default=0)
            return (1 if unseen[node] else 0) - closes, oldest, node

        following = min(candidates, key=key)
