"""Divisions too many to be listed: the best of a window, and of the window around it, until nothing gets better.

A window holds all townships but those near the line between the plans where they are, and lists every lawful division
of the rest. Inside a window the best pair is proven (`models.split.joint_table`); over all divisions it is not, and
what is said of the tiers are bounds that hold whatever the division.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np

from models.engine import Engine
from models.split.joint_family import Family
from models.split.joint_loads import LoadBounds, Work
from models.split.joint_table import search_table
from models.split.joint_travel import TravelBounds
from models.split.measures import key
from models.split.one_by_one import Search
from models.split.values import Division, Proposal
from models.tiers import Tier, TierValue

__all__ = ["search_windows"]

#: Divisions of a window, and of the first look at all.
_WINDOW, _FIRST_LOOK = 60_000, 2_000

#: Townships up to so many steps from the line are free, if the window is not too large then.
_WIDEST = 6


def search_windows(
    family: Family, engine: Engine, names: Sequence[str], away: Sequence[tuple[frozenset[str], int]] = ()
) -> Search:
    """A good pair of plans, and bounds.

    Parameters
    ----------
    family : Family
        Some of the lawful divisions to begin with.
    engine : Engine
        Limits, stop, seed, progress.
    names : sequence of str
        Tiers in order.
    away : sequence of (group, least moved)
        Groupings to keep away from (`Family.away_from`).
    """
    step = max(1, len(family) // _FIRST_LOOK)
    found = search_table(family.only(np.arange(0, len(family), step)), engine, names)
    if not found.proposals:
        return replace(found, complete=False)
    best = found.proposals[0]
    problem = family.problem

    def rank(proposal: Proposal) -> tuple[Any, ...]:
        return tuple(key(problem, name, proposal.values[name]) for name in names)

    seen: set[Division] = set()
    while best.division not in seen and not engine.exhausted():
        seen.add(best.division)
        window = _window(family, best.division)
        for group, least_moved in away:
            window = window.away_from(group, least_moved)
        found = search_table(window, engine, names)
        if found.proposals and rank(found.proposals[0]) < rank(best):
            best = found.proposals[0]
    best = replace(best, proven=False)
    return Search((best,), tuple(_tiers(family, best, names)), complete=False)


def _window(family: Family, division: Division) -> Family:
    """All lawful divisions that differ only near the line, as wide as can be listed."""
    graph = family.territory.graph
    line = [
        node for node in graph if any((node in division.first) != (other in division.first) for other in graph[node])
    ]
    distance = nx.multi_source_dijkstra_path_length(graph, set(line), weight=None)
    chosen = family.only(np.zeros(0, dtype=np.intp))
    for steps in range(_WIDEST + 1):
        held = {node: int(node in division.second) for node in graph if distance.get(node, _WIDEST + 1) > steps}
        window, complete = Family.listed(
            family.problem, family.territory, family.given.wishes, limit=_WINDOW, held=held
        )
        if not len(chosen) or complete:
            chosen = window
        if not complete or not held:
            break
    return chosen


def _tiers(family: Family, best: Proposal, names: Sequence[str]) -> Iterator[Tier]:
    """Values, with bounds that hold for every division: as long as they are reached a tier is proven."""
    loads = LoadBounds(family.only(np.array([0])), names)
    most = _most_exploration(family)
    proven = True
    for name in names:
        value: Any = best.values[name]
        if not proven:
            yield Tier(name, value, None, "not_reached", 0.0)
            continue
        bound: TierValue | None = None
        if name in ("unwilling", "overload"):
            bound = Fraction(0)
        elif name == "exploration":
            bound = most
        elif name == "load" and most is not None and names.index("exploration") < names.index("load"):
            least, mine = loads.wherever_divided(int(most)).tolist(), loads.of_values(name, value)
            if mine is not None:
                same = next((k for k, (a, b) in enumerate(zip(least, mine, strict=True)) if a != b), len(mine))
                bound = tuple(value[: sum(mine[:same])])
        elif name == "travel" and most is not None:
            travel = TravelBounds(loads)
            bound = Fraction(int(travel.wherever_divided(int(most)))) if travel.possible else None
        proven = bound == value
        yield Tier(name, value, bound, "optimal" if proven else "feasible", 0.0)


def _most_exploration(family: Family) -> Fraction | None:
    """Most hosts of exploration that any two plans can have by their sizes."""
    if family.problem.rules.option("exploration_number") not in ("most", "stated"):
        return None
    work, least, n = Work(family), family.given.least, len(family.codes)
    sizes = np.arange(least, n - least + 1, dtype=np.int64)
    own = work.caps(sizes).sum(axis=1)
    return Fraction(int((own + own[::-1]).max(initial=0)))
