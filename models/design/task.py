"""What is to be designed: a numbered graph, costs of nodes at centres, limits of size; and the judge of answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from models.regions.errors import RegionsError
from models.regions.instance import Instance, Node, exact, read_graph, read_numbers
from models.regions.objectives import to_integers

if TYPE_CHECKING:
    import networkx as nx
    import numpy.typing as npt

    Table = npt.NDArray[np.int64]

__all__ = ["Able", "Costs", "Old", "Task", "border_of", "read_task"]

Able = Callable[[frozenset[Node]], bool]
"""Whether a community of these nodes can carry its duties."""

Costs = Mapping[Node, Mapping[Node, object]]
"""Node -> candidate centre -> what the people of the node travel a year when their centre is there."""

Old = Mapping[Node, object]
"""Node -> its community in a given map, or a mapping of community to the number of its schools in it."""

_MOST = 2**46


@dataclass(frozen=True, eq=False)
class Task:
    """Communities to be designed; nodes and centres by number.

    Attributes
    ----------
    instance : Instance
    parts : int
    schools : tuple of int
        Node -> number of schools.
    least, most : int
        Schools of a community.
    sites : tuple of int
        Column of the tables -> node of the candidate centre, ascending.
    travel : int array of shape (nodes, sites)
        In units of 1 / `scale`.
    changed : int array of shape (nodes, sites)
        Schools of the node that would leave their old community.
    price : int
        Of one of them, in units of 1 / `scale`.
    scale : Fraction
    old_of : tuple
        Column -> old community of the candidate centre; None: it had none.
    able : callable or None
    """

    instance: Instance
    parts: int
    schools: tuple[int, ...]
    least: int
    most: int
    sites: tuple[int, ...]
    travel: Table
    changed: Table
    price: int
    scale: Fraction
    old_of: tuple[object, ...]
    able: Able | None = None
    _known: dict[frozenset[int], bool] = field(default_factory=dict, repr=False)
    _best: dict[frozenset[int], tuple[int, int] | None] = field(default_factory=dict, repr=False)

    @cached_property
    def costs(self) -> Table:
        """Travel and the price of change together."""
        costs: Table = self.travel + self.price * self.changed
        costs.flags.writeable = False
        return costs

    @cached_property
    def column(self) -> Mapping[int, int]:
        """Node of a candidate centre -> its column."""
        return {node: k for k, node in enumerate(self.sites)}

    def centre(self, members: frozenset[int]) -> tuple[int, int] | None:
        """Give the cost of a community and the column of its best centre; None if no candidate is among its nodes."""
        if members not in self._best:
            columns = [self.column[node] for node in sorted(members) if node in self.column]
            if columns:
                sums = self.costs[np.ix_(sorted(members), columns)].sum(axis=0)
                place = int(sums.argmin())
                self._best[members] = int(sums[place]), columns[place]
            else:
                self._best[members] = None
        return self._best[members]

    def is_able(self, members: frozenset[int]) -> bool:
        """Whether a community can carry its duties; the caller is asked once for each set of nodes."""
        if self.able is None:
            return True
        if members not in self._known:
            self._known[members] = bool(self.able(frozenset(self.instance.nodes[node] for node in members)))
        return self._known[members]

    @property
    def unable(self) -> list[frozenset[int]]:
        """Sets of nodes that were found unable, in the order in which they were asked for."""
        return [members for members, able in self._known.items() if not able]

    def size(self, members: Iterable[int]) -> int:
        """Schools of some nodes."""
        return sum(self.schools[node] for node in members)

    def excess(self, members: Iterable[int]) -> int:
        """By how many schools a community is out of its limits."""
        own = self.size(members)
        return max(0, self.least - own, own - self.most)

    def communities(self, labels: Sequence[int]) -> list[frozenset[int]]:
        """Nodes of each part."""
        listed: list[list[int]] = [[] for _ in range(max(labels) + 1)]
        for node, label in enumerate(labels):
            listed[label].append(node)
        return [frozenset(members) for members in listed]

    def value(self, communities: Iterable[frozenset[int]]) -> int:
        """Cost by the definition: each community travels to its best centre."""
        total = 0
        for members in communities:
            best = self.centre(members)
            if best is None:
                raise AssertionError("a community without a candidate centre")
            total += best[0]
        return total

    def value_at(self, communities: Iterable[frozenset[int]], columns: Iterable[int]) -> int:
        """Cost of communities with these centres."""
        return sum(
            int(self.costs[sorted(members), column].sum()) for members, column in zip(communities, columns, strict=True)
        )

    def connected(self, members: frozenset[int]) -> bool:
        """Whether some nodes hang together."""
        walk = [min(members)]
        seen = {walk[0]}
        for node in walk:
            for other in self.instance.neighbours[node]:
                if other in members and other not in seen:
                    seen.add(other)
                    walk.append(other)
        return len(seen) == len(members)

    def violations(self, communities: Sequence[frozenset[int]]) -> list[str]:
        """Judge communities by the definition: what they break, in codes; an empty list is a lawful design."""
        found = []
        if len(communities) != self.parts or not all(communities):
            found.append("parts")
        if sorted(node for members in communities for node in members) != list(range(len(self.instance))):
            found.append("nodes")
        if any(self.excess(members) for members in communities):
            found.append("size")
        if any(members and not self.connected(members) for members in communities):
            found.append("pieces")
        if any(self.centre(members) is None for members in communities):
            found.append("centre")
        if not found and not all(self.is_able(members) for members in communities):
            found.append("unable")
        return found


def border_of(neighbours: Sequence[Sequence[int]], members: Iterable[int]) -> list[int]:
    """Nodes beside a set of nodes, ascending."""
    inside = set(members)
    return sorted({other for node in inside for other in neighbours[node]} - inside)


def read_task(
    graph: nx.Graph[Any],
    parts: int,
    schools: str,
    least: int,
    most: int,
    cost: Costs,
    old: Old | None,
    change_price: object,
    able: Able | None,
) -> Task:
    """Read and check what is asked.

    Raises
    ------
    RegionsError
        It cannot be worked with; the message names the nodes.
    """
    if isinstance(parts, bool) or not isinstance(parts, Integral) or parts < 1:
        raise RegionsError("parts.number", parts=parts)
    instance = read_graph(graph)
    if parts > len(instance):
        raise RegionsError("parts.more_than_nodes", parts=parts, nodes=len(instance))
    for name, bound in (("least", least), ("most", most)):
        if isinstance(bound, bool) or not isinstance(bound, Integral) or bound < 0:
            raise RegionsError("bounds.number", name=name, value=bound)
    if least > most:
        raise RegionsError("bounds.order", lower=least, upper=most, part=0)
    counts = []
    for node, number in zip(instance.nodes, read_numbers(graph, instance, schools), strict=True):
        if number < 0:
            raise RegionsError("weight.negative", node=node, attribute=schools, value=graph.nodes[node][schools])
        if number.denominator != 1:
            raise RegionsError("weight.whole", node=node, attribute=schools, value=graph.nodes[node][schools])
        counts.append(int(number))
    price = exact(change_price)
    if price is None or price < 0:
        raise RegionsError("price.number", value=change_price)
    sites, rows = _read_costs(instance, cost)
    scaled = to_integers([*(number for row in rows for number in row), *[price] * sum(counts)], _MOST)
    width = len(sites)
    travel = np.array(scaled.costs[: len(rows) * width], dtype=np.int64).reshape(len(rows), width)
    changed, old_of = _changed(instance, counts, sites, old)
    return Task(
        instance,
        int(parts),
        tuple(counts),
        int(least),
        int(most),
        tuple(sites),
        travel,
        changed,
        round(price * scaled.scale),
        scaled.scale,
        old_of,
        able,
    )


def _read_costs(instance: Instance, cost: Costs) -> tuple[list[int], list[list[Fraction]]]:
    """Candidate centres and the cost of each node at each of them."""
    first = cost.get(instance.nodes[0], {})
    sites = []
    for centre in first:
        if centre not in instance.index:
            raise RegionsError("centres.node", node=centre)
        sites.append(instance.index[centre])
    sites.sort()
    if not sites:
        raise RegionsError("centres.none")
    rows = []
    for node in instance.nodes:
        given = cost.get(node, {})
        row = []
        for site in sites:
            centre = instance.nodes[site]
            if centre not in given:
                raise RegionsError("distance.missing", first=node, second=centre)
            number = exact(given[centre])
            if number is None or number < 0:
                raise RegionsError("centres.cost", node=node, centre=centre, value=given[centre])
            row.append(number)
        rows.append(row)
    return sites, rows


def _changed(
    instance: Instance, counts: Sequence[int], sites: Sequence[int], old: Old | None
) -> tuple[Table, tuple[object, ...]]:
    """Schools of each node that are in another old community than each candidate centre; and that of the centre."""
    table = np.zeros((len(instance), len(sites)), dtype=np.int64)
    if old is None:
        return table, (None,) * len(sites)
    for node in old:
        if node not in instance.index:
            raise RegionsError("old.node", node=node)
    homes: list[dict[object, int]] = []
    for node, count in zip(instance.nodes, counts, strict=True):
        given = old.get(node)
        if isinstance(given, Mapping):
            own = {}
            for community, number in given.items():
                if isinstance(number, bool) or not isinstance(number, Integral) or number < 0:
                    raise RegionsError("old.number", node=node, value=number)
                own[community] = int(number)
            if sum(own.values()) > count:
                raise RegionsError("old.number", node=node, value=sum(own.values()))
            homes.append(own)
        else:
            homes.append({} if given is None else {given: count})
    # The community of a centre is that of most of its schools; of the first one named among equals.
    old_of = tuple(max(homes[site], key=homes[site].__getitem__, default=None) for site in sites)
    for column, here in enumerate(old_of):
        for node, own in enumerate(homes):
            table[node, column] = sum(number for community, number in own.items() if community != here)
    return table, old_of
