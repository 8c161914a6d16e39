"""The most hosts of exploration on any map within reach, listed or not.

A cap goes by the number of schools. Every move takes schools from one community to another: into one no more of them
than the largest townships have that are near enough, out of one no more than its largest townships have; what one gains
another loses. Only communities that have a part in a township that moves are other than they were. Which moves those
are, whether they fit together and whether they are lawful is left out of account: that only makes it more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import TYPE_CHECKING

import networkx as nx

from assigner.boundary.suggest_bounds import ideal_problem, most_exploration_of
from geodata.base_map import NOWHERE
from models.community import Plan, School
from models.conflicts import relaxed

if TYPE_CHECKING:
    from assigner.boundary.values import Base, State
    from geodata.base_map import BaseMap
    from models.rulebook import Relaxation, Rules

__all__ = ["most_exploration"]


@dataclass(frozen=True)
class _Caps:
    """Most hosts of a community by how many of the schools that could take part belong to it.

    Parameters
    ----------
    schools : int
        That belong to it as it is.
    by_schools : sequence of int
        Most hosts with 0, 1, ... schools; never less with more.
    arriving, leaving : sequence of int
        Most schools that 0, 1, ... flips bring, or take away.
    """

    schools: int
    by_schools: Sequence[int]
    arriving: Sequence[int]
    leaving: Sequence[int]

    @property
    def now(self) -> int:
        """With as many schools as it has."""
        return self.by_schools[self.schools]

    def steps(self) -> Iterable[tuple[int, int, int, int]]:
        """Flips into it, flips out of it, schools it has more (or fewer), and the hosts that this may be worth more.

        Of changes that are worth the same only that which takes the fewest schools.
        """
        for flips, most in enumerate(self.arriving):
            for more in range(1, most + 1):
                at = self.schools + more
                if self.by_schools[at] > self.by_schools[at - 1] and (not flips or more > self.arriving[flips - 1]):
                    yield flips, 0, more, self.by_schools[at] - self.now
        for flips, most in enumerate(self.leaving):
            for fewer in range(1, most + 1):
                at = self.schools - fewer
                edge = fewer == most or self.by_schools[at - 1] < self.by_schools[at]
                if edge and (not flips or fewer > self.leaving[flips - 1]):
                    yield 0, flips, -fewer, self.by_schools[at] - self.now


def most_exploration(
    base: Base,
    start: BaseMap,
    before: Mapping[str, State],
    hosts: Mapping[str, int],
    flips: int,
    *,
    schools: bool,
    only: str = "",
) -> int | None:
    """Most hosts of all communities together on a map that at most so many flips make; None where nothing is known.

    Parameters
    ----------
    base : Base
    start : BaseMap
        That the flips start from.
    before : Mapping[str, State]
        All its communities with their plans, proven.
    hosts : Mapping[str, int]
        Community -> hosts of exploration as it is; negative where the fewer are the better.
    flips : int
    schools : bool
        Whether schools may move alone.
    only : str
        Those of this community alone.
    """
    reach = _Reach(base, start, flips, schools)
    known = {community: reach.caps(community, before[community]) for community in ([only] if only else before)}
    caps = [found for found in known.values() if found is not None]
    if len(caps) < len(known):
        return None
    if only:
        return caps[0].by_schools[-1]
    outside = reach.leaving(NOWHERE)
    caps.append(_Caps(sum(reach.members(NOWHERE).values()), [0] * (1 + outside[-1]), [0], outside))
    slack = sorted((own.now - hosts[community] for community, own in known.items() if own is not None), reverse=True)
    touched = flips * (1 + max((len(_parts(start, town)) for town in start.home), default=1))
    return sum(hosts.values()) + sum(slack[:touched]) + _most_gained(caps, flips)


def _most_gained(caps: Iterable[_Caps], flips: int) -> int:
    """Most hosts that so many flips may be worth, of all communities together."""
    best: dict[tuple[int, int, int], int] = {(0, 0, 0): 0}  # flips in, flips out, schools that came and have not left
    for own in caps:
        steps = list(own.steps())
        following = dict(best)
        for (into, out, balance), worth in best.items():
            for more_in, more_out, schools, hosts in steps:
                key = (into + more_in, out + more_out, balance + schools)
                if key[0] <= flips and key[1] <= flips and following.get(key, -1_000_000) < worth + hosts:
                    following[key] = worth + hosts
        best = following
    return max(worth for (_into, _out, balance), worth in best.items() if balance <= 0)


def _parts(start: BaseMap, town: str) -> set[str]:
    """Communities that a move of a township, or in it, may change, besides that to which it goes."""
    members = {start.member[code] for code in start.schools_in.get(town, ())}
    return {start.home[town], *start.served_by.get(town, ()), *members}


@dataclass(frozen=True)
class _Reach:
    """What so many flips may bring where."""

    base: Base
    start: BaseMap
    flips: int
    alone: bool

    def members(self, community: str) -> dict[str, int]:
        """TOWNCODE -> schools of a community there that could take part."""
        found: dict[str, int] = {}
        for code, own in self.start.member.items():
            if own == community and self._may_take_part(code):
                found[self.start.place[code]] = found.get(self.start.place[code], 0) + 1
        return found

    def _may_take_part(self, code: str) -> bool:
        return self.base.schools.get(code, {}).get("takes_part") is not False

    def caps(self, community: str, state: State) -> _Caps | None:
        """None where the rules of a community are not known."""
        if state.scenario is None:
            return None
        problem = state.scenario.problem()
        own, arriving = sum(self.members(community).values()), self.arriving(community)
        number = own + arriving[-1]
        if problem.rules.option("exploration_number") in ("most", "stated"):
            forced = () if state.result is None else tuple(r.relaxation for r in state.result.relaxations if r.because)
            stated = state.scenario.stated_relaxations
            rules = [relaxed(problem, (*stated, *some)).rules for some in _subsets(forced)]
            partners = 2 * len(problem.community.outside_partners)
            most = [0]
            for n in range(1, number + 1):
                most.append(max(most[-1], *(_cap(book, n) + partners for book in rules)))
        else:
            most = [0] * (number + 1)  # the fewer, the better: no community has fewer than none
        return _Caps(own, most, arriving, self.leaving(community))

    def arriving(self, community: str) -> list[int]:
        """Most schools that 0, 1, ... flips bring to a community."""
        territory = self.start.territory(community)
        # Each move takes it one step further at most: a township has to adjoin what the moves before it made.
        graph = self.base.graph
        layers = nx.bfs_layers(graph, [town for town in territory if town in graph])
        counts = [1] * self.flips if self.alone else []
        for town in {*territory, *chain.from_iterable(islice(layers, self.flips + 1))}:
            codes = self.start.schools_in.get(town, ())
            counts.append(sum(self.start.member[c] != community and self._may_take_part(c) for c in codes))
        return self._sums(counts)

    def leaving(self, community: str) -> list[int]:
        """Most schools that 0, 1, ... flips take away from a community: in one go no more than it has in a township."""
        return self._sums(self.members(community).values())

    def _sums(self, counts: Iterable[int]) -> list[int]:
        largest = [*sorted(counts, reverse=True), *[0] * self.flips][: self.flips]
        return [sum(largest[:k]) for k in range(self.flips + 1)]


def _cap(rules: Rules, n: int) -> int:
    """Most hosts of so many schools."""
    return most_exploration_of(Plan(ideal_problem(rules, [School(f"S{k:05}") for k in range(n)]), ""))


def _subsets(some: Sequence[Relaxation]) -> list[tuple[Relaxation, ...]]:
    return list(chain.from_iterable(combinations(some, n) for n in range(len(some) + 1)))
