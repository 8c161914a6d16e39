"""The best change of at most so many flips: against brute force over all changes, every community solved in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest

from assigner.boundary.base import scenario_of_community
from assigner.boundary.sizes import least_participants
from assigner.boundary.solving import Plans
from assigner.boundary.suggesting import Suggestion, Suggestions, suggest
from assigner.boundary.values import Base
from assigner.planner import Result, solve
from geodata.base_map import NOWHERE, BaseMap, Flip, MoveSchool, MoveTownship, apply_all
from models.community import Plan
from models.tiers import full_order
from tests.assigner.suggest_bases import small_base

_VECTORS = ("load", "separate")


# ---------------------------------------------------------------------------------------------------- the brute force


@dataclass
class Brute:
    """Every map within reach, worth what all of its communities are, solved one by one; nothing is pruned."""

    base: Base
    solved: dict[Any, Result | None] = field(default_factory=dict)

    def result(self, base_map: BaseMap, community: str) -> Result | None:
        key = (community, base_map.members(community), base_map.territory(community), self._shares(base_map, community))
        if key not in self.solved:
            scenario, _dropped = scenario_of_community(self.base, base_map, community)
            self.solved[key] = None if scenario is None else solve(scenario, price=False)
        return self.solved[key]

    @staticmethod
    def _shares(base_map: BaseMap, community: str) -> tuple[tuple[str, ...], ...]:
        return tuple(base_map.served_by.get(town, ()) for town in base_map.territory(community))

    def steps(self, base_map: BaseMap, *, schools: bool, around: str | None) -> Iterator[Flip]:
        """Flips by their definition, whatever was moved before."""
        graph = self.base.graph
        for community in base_map.names:
            part = set(base_map.territory(community))
            near = part | {town for town in base_map.home if any(graph.has_edge(town, other) for other in part)}
            for town, own in base_map.home.items():
                if town in near and own != community and (around is None or around in (own, community)):
                    yield MoveTownship(town, community)
            for code, own in base_map.member.items() if schools else ():
                close = base_map.place[code] in near
                if close and own != community and (around is None or around in (own, community)):
                    yield MoveSchool(code, community)

    def reached(self, most: int, *, schools: bool, around: str | None) -> dict[Any, tuple[Flip, ...]]:
        """Map -> the fewest flips to it; nothing moves twice."""
        found: dict[Any, tuple[Flip, ...]] = {_identity(self.base.map): ()}
        level: list[tuple[Flip, ...]] = [()]
        for _ in range(most):
            level = [
                (*flips, flip)
                for flips in level
                for flip in self.steps(apply_all(self.base.map, flips), schools=schools, around=around)
                if not any(_what(flip) == _what(other) for other in flips)
            ]
            for flips in level:
                found.setdefault(_identity(apply_all(self.base.map, flips)), flips)
        return found

    def lawful(self, after: BaseMap) -> bool:
        before, graph = self.base.map, self.base.graph

        def pieces(base_map: BaseMap, community: str) -> int:
            return nx.number_connected_components(graph.subgraph(base_map.territory(community)))

        for community in before.names:
            same = (before.members(community), before.territory(community), self._shares(before, community))
            if same == (after.members(community), after.territory(community), self._shares(after, community)):
                continue
            if pieces(after, community) > max(1, pieces(before, community)):
                return False
            was, now = self.result(before, community), self.result(after, community)
            if now is None:
                if was is not None:
                    return False
                continue
            if now.status == "infeasible":
                return False
            needed = {entry.relaxation.id for entry in now.relaxations if entry.because is not None}
            if needed - {entry.relaxation.id for entry in (was.relaxations if was is not None else ())}:
                return False
            if not self._large_enough(was, now):
                return False
        return True

    @staticmethod
    def _large_enough(was: Result | None, now: Result) -> bool:
        def small(result: Result) -> bool:
            assert result.scenario is not None
            problem = result.scenario.problem()
            least = least_participants(problem.rules, len(problem.benchmarks))
            return least is None or len(problem.participants) < least

        if not small(now):
            return True
        if was is None:
            return False
        assert was.scenario is not None and now.scenario is not None
        fewer = len(now.scenario.problem().participants) < len(was.scenario.problem().participants)
        return small(was) and not fewer

    def value(self, after: BaseMap, order: tuple[str, ...], scope: tuple[str, ...]) -> tuple[Any, ...]:
        """What a map is worth, tier by tier, over some communities."""
        results = [self.result(after, community) for community in scope]
        plans = [result for result in results if result is not None and result.audit is not None]
        assert all(result.status == "optimal" for result in plans)
        worth: list[Any] = [Fraction(sum(result is not None and result.audit is None for result in results))]
        for tier in order:
            values = [(result, result.audit.values[tier]) for result in plans if result.audit is not None]
            if tier in _VECTORS:
                worth.append(sorted((level for _, own in values for level in own), reverse=True))
            elif tier == "exploration":
                far = [own[0] if isinstance(own, tuple) and len(own) == 2 else Fraction(0) for _, own in values]
                hosts = [own[-1] if isinstance(own, tuple) else own for _, own in values]
                more = [r.problem.rules.option("exploration_number") in ("most", "stated") for r, _ in values]
                signed = [-count if up else count for count, up in zip(hosts, more, strict=True)]
                worth.append((sum(far, Fraction(0)), sum(signed, Fraction(0))))
            else:
                worth.append(sum((own for _, own in values), Fraction(0)))
        return tuple(worth)


def _identity(base_map: BaseMap) -> Any:
    return tuple(base_map.home.items()), tuple(base_map.member.items())


def _what(flip: Flip) -> str:
    assert isinstance(flip, MoveTownship | MoveSchool)
    return flip.township if isinstance(flip, MoveTownship) else flip.school


def _moved(before: BaseMap, after: BaseMap) -> int:
    return sum(of not in (before.member[code], NOWHERE) for code, of in after.member.items())


def _order(base: Base, brute: Brute, around: str | None) -> tuple[str, ...]:
    for community in [around] if around else base.map.names:
        result = brute.result(base.map, community)
        if result is not None:
            return tuple(tier for tier in full_order(Plan(result.problem, "")) if tier != "tie_break")
    raise AssertionError("a base without schools")


def _named_first(order: tuple[str, ...], target: str | None) -> tuple[str, ...]:
    return order if target is None else (target, *(tier for tier in order if tier != target))


def check_against_brute_force(
    base: Base, flips: int, *, schools: bool = False, around: str | None = None, target: str | None = None
) -> Suggestions:
    """Hold a suggestion, its proof and every single flip against all changes there are."""
    answer = suggest(Plans(base), max_flips=flips, schools=schools, around=around, target=target)
    brute = Brute(base)
    reached = brute.reached(flips, schools=schools, around=around)
    assert answer.status == "optimal" and answer.ranked
    assert answer.maps == len(reached) - 1
    everywhere = tuple(base.map.names)
    order = _named_first(_order(base, brute, around if around and brute.result(base.map, around) else None), target)
    assert tuple(aim.name for aim in answer.aims) == ("without_plan", *order)
    keys = {}
    for identity, way in reached.items():
        after = apply_all(base.map, way)
        if not way or brute.lawful(after):
            keys[identity] = (*brute.value(after, order, everywhere), len(way), _moved(base.map, after))
    best = min(keys.values())
    today = keys[_identity(base.map)]
    if answer.best is None:
        assert best == today
    else:
        assert best < today
        assert keys[_identity(answer.map_after(answer.best))] == best
        assert len(answer.best.flips) == best[-2] and len(answer.best.moved) == best[-1]
    _check_values(answer, brute, order)
    _check_ranking(answer, brute, order, schools=schools, around=around)
    return answer


def _check_values(answer: Suggestions, brute: Brute, order: tuple[str, ...]) -> None:
    """What is said of today, of the best and of every single flip is what the plans are worth."""

    def shown(base_map: BaseMap) -> list[Any]:
        found = []
        for tier, value in zip(("without_plan", *order), brute.value(base_map, order, answer.scope), strict=True):
            if tier == "exploration":
                value = (value[0], abs(value[1])) if value[0] else abs(value[1])
            found.append(tuple(value) if tier in _VECTORS else value)
        return found

    assert [entry.before for entry in answer.bound] == shown(answer.map)
    assert list(answer.before.values()) == shown(answer.map)
    best: Suggestion | None = answer.best
    after = answer.map if best is None else answer.map_after(best)
    assert [entry.value for entry in answer.bound] == shown(after)
    assert [entry.bound for entry in answer.bound] == shown(after)
    for entry in answer.ranking:
        assert list(entry.values.values()) == shown(answer.map_after(entry))


def _check_ranking(
    answer: Suggestions, brute: Brute, order: tuple[str, ...], *, schools: bool, around: str | None
) -> None:
    """Every single flip is there, the lawful ones first and in their order."""
    assert {entry.flips for entry in answer.ranking} == {
        (flip,) for flip in brute.steps(answer.map, schools=schools, around=around)
    }
    lawful = [entry for entry in answer.ranking if entry.lawful]
    assert list(answer.ranking[: len(lawful)]) == lawful
    for entry in answer.ranking:
        assert entry.lawful == brute.lawful(answer.map_after(entry))
    values = [brute.value(answer.map_after(entry), order, answer.scope) for entry in lawful]
    assert values == sorted(values)


@pytest.mark.parametrize("seed", range(6))
def test_equals_brute_force_over_all_changes_of_one_or_two_flips(seed: int) -> None:
    small = seed % 2 == 1
    base = small_base(seed, townships=6 if small else 5, communities=3 if small else 2)
    check_against_brute_force(base, 2, schools=False)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(50))
def test_equals_brute_force_on_fifty_maps(seed: int) -> None:
    base = small_base(seed, townships=8)
    names = list(base.map.names)
    around = names[seed % 3] if seed % 2 else None
    target = (None, "load", "travel", "exploration", "preference", None)[seed % 6]
    check_against_brute_force(base, 2 if seed % 5 else 1, schools=seed % 3 == 0, around=around, target=target)
