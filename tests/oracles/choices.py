"""Front, optimal plans and fewest changes of small communities, by enumeration: `tests.oracles.brute` kept in full.

Where `brute.best` keeps the best plan for each combination of loads, this keeps how many there are, what they share,
and the pairs of loads and travel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from models.community import Assignment, Problem
from tests.oracles import brute
from tests.oracles.judge import Hosts, convener_holds
from tests.oracles.reading import Reading, read

__all__ = ["Optima", "can_hold", "fewest_changes", "fewest_points", "fewest_repeats", "front", "optima"]

Held = tuple[str, str]
FirstCost = Callable[[Reading, tuple[str, ...], Hosts], int]


@dataclass(frozen=True)
class Optima:
    """All plans that are best but for the tie-break: how many, and what all and any of them hold."""

    count: int
    always: frozenset[Held]
    ever: frozenset[Held]


@dataclass(frozen=True)
class _Kept:
    """The best beginnings with the same loads."""

    costs: tuple[int, ...]
    count: int
    always: frozenset[Held]
    ever: frozenset[Held]
    chain: Any

    def joined(self, other: _Kept) -> _Kept:
        return _Kept(
            self.costs, self.count + other.count, self.always & other.always, self.ever | other.ever, self.chain
        )


def front(problem: Problem) -> list[tuple[Fraction, Fraction]] | None:
    """Pairs (largest level, travel) that no plan beats, the smallest level first; None without a lawful plan."""
    reading = _lawful(problem)
    if reading is None:
        return None
    order = [tier for tier in reading.order if tier != "tie_break"]
    head = order[: min(order.index("load"), order.index("travel"))]
    inside, outside = _table(reading, True), _table(reading, False)
    if not inside or not outside:
        return None
    scale, money = _scales(reading)
    names = [tier for tier in order if tier in ("unwilling", "exploration", "travel", "preference")]
    at = {name: k + ("exploration" in names[:k]) for k, name in enumerate(names)}

    def parts(points: tuple[int, ...], kept: _Kept) -> tuple[tuple[Any, ...], Fraction, Fraction]:
        key = dict(zip(reading.order, _key(reading, points, kept.costs, scale, True), strict=True))
        return tuple(key[tier] for tier in head), key["load"][0], Fraction(kept.costs[at["travel"]], money)

    apart = min(kept.costs for kept in outside.values())[at["travel"]]
    ends = [parts(points, kept) for points, kept in inside.items()]
    best = min(key for key, _, _ in ends)
    found = {(level, travel + Fraction(apart, money)) for key, level, travel in ends if key == best}
    return sorted(p for p in found if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in found))


def optima(problem: Problem) -> Optima | None:
    """All best plans; None without a lawful plan."""
    reading = _lawful(problem)
    if reading is None:
        return None
    scale, _ = _scales(reading)
    result = Optima(1, frozenset(), frozenset())
    for inside in (True, False):
        table = _table(reading, inside)
        if not table:
            return None
        keyed = [(_key(reading, points, kept.costs, scale, inside), kept) for points, kept in table.items()]
        least = min(key for key, _ in keyed)
        best: _Kept | None = None
        for key, kept in keyed:
            if key == least:
                best = kept if best is None else best.joined(kept)
        assert best is not None
        result = Optima(result.count * best.count, result.always | best.always, result.ever | best.ever)
    return result


def fewest_changes(problem: Problem, before: Assignment) -> tuple[int, dict[str, tuple[str, ...]]] | None:
    """Fewest duties that change hands, and the hosts of the best plan among those with so few."""
    return _first(problem, lambda reading, block, hosts: _changes(reading, block, before, hosts))


def fewest_repeats(problem: Problem, heavy: Collection[str]) -> tuple[int, dict[str, tuple[str, ...]]] | None:
    """Fewest hosts of some units that hosted one of their items last year, and the hosts of the best such plan."""

    def repeats(reading: Reading, block: tuple[str, ...], hosts: Hosts) -> int:
        units = [unit for unit in reading.rules.units.values() if unit.id in heavy and unit.items[0] in block]
        return sum(
            code in reading.school and bool(reading.school[code].last_year & {unit.id, *unit.items})
            for unit in units
            for code in set().union(*(hosts[item] for item in unit.items))
        )

    return _first(problem, repeats)


def can_hold(problem: Problem, item: str, wanted: Callable[[frozenset[str]], bool]) -> bool:
    """Whether a lawful plan gives an item such hosts as are wanted."""

    def misses(reading: Reading, block: tuple[str, ...], hosts: Hosts) -> int:
        del reading
        return int(item in block and not wanted(hosts[item]))

    found = _first(problem, misses)
    return found is not None and found[0] == 0


def fewest_points(problem: Problem) -> tuple[dict[str, Fraction], dict[str, Fraction]] | None:
    """Fewest points of each school in any lawful plan, and in any best plan; None without a lawful plan."""
    reading = _lawful(problem)
    if reading is None:
        return None
    scale, _ = _scales(reading)
    table = _table(reading, True)
    if not table or not _table(reading, False):
        return None
    keyed = [(_key(reading, points, kept.costs, scale, True), points) for points, kept in table.items()]
    best = min(key for key, _ in keyed)

    def least(found: list[tuple[int, ...]]) -> dict[str, Fraction]:
        columns = zip(reading.candidates, zip(*found, strict=True), strict=True)
        return {code: reading.fixed(code) + Fraction(min(column), scale) for code, column in columns}

    return least([points for _, points in keyed]), least([points for key, points in keyed if key == best])


def _first(problem: Problem, cost: FirstCost) -> tuple[int, dict[str, tuple[str, ...]]] | None:
    """The least sum of a cost that counts before all tiers, and the hosts of the best plan that has it."""
    reading = _lawful(problem)
    if reading is None:
        return None
    scale, money = _scales(reading)
    total, hosts = 0, {}
    for inside in (True, False):
        table = _table(reading, inside, cost)
        if not table:
            return None
        points, kept = min(
            table.items(),
            key=lambda end: (end[1].costs[0], brute._key(reading, end[0], end[1].costs[1:], scale, inside)),
        )
        del points
        total += kept.costs[0] // money
        chain = kept.chain
        while chain is not None:
            hosts.update({item: tuple(sorted(codes)) for item, codes in chain[0].items() if codes})
            chain = chain[1]
    return total, hosts


def _key(
    reading: Reading, points: tuple[int, ...], costs: tuple[int, ...], scale: int, inside: bool
) -> tuple[Any, ...]:
    """The tiers in their order, all plans being equal in the tie-break."""
    return brute._key(reading, points, (*costs, 0), scale, inside)


def _lawful(problem: Problem) -> Reading | None:
    """The problem as it is read, unless its convener or its ways already break a clause."""
    assert problem.wishes.convener is not None
    reading = read(problem, problem.wishes.convener)
    if not all(convener_holds(reading, clause) for clause in reading.rules.clauses):
        return None
    unknown = {item for item, _ in problem.wishes.pins} - set(reading.items)
    return None if unknown or brute.ways_in_order(reading) is None else reading


def _scales(reading: Reading) -> tuple[int, int]:
    scale = math.lcm(*(unit.effort_points.denominator for unit in reading.rules.units.values()))
    blocks = brute._blocks(reading)
    return scale, math.lcm(*(c.denominator for block in blocks for _, costs in _options(reading, block) for c in costs))


@lru_cache(maxsize=64)
def _options(reading: Reading, block: tuple[str, ...]) -> list[tuple[Hosts, tuple[Fraction | int, ...]]]:
    """All lawful hosts of a block, and what they cost."""
    return [(hosts, brute._costs(reading, block, hosts)) for hosts in brute.lawful_block(reading, block)]


def _table(reading: Reading, inside: bool, cost: FirstCost | None = None) -> dict[tuple[int, ...], _Kept]:
    """Loads -> the best plans with these loads; with a cost that counts first the tie-break counts last."""
    scale, money = _scales(reading)
    nothing = tuple(0 for _ in reading.candidates)
    table = {nothing: _Kept((), 1, frozenset(), frozenset(), None)}
    for block in brute._blocks(reading):
        if brute._in_load(reading, block) != inside:
            continue
        found = []
        for hosts, costs in _options(reading, block):
            assert reading.order[-1] == "tie_break"
            found.append((hosts, costs[:-1] if cost is None else (cost(reading, block, hosts), *costs)))
        alone: dict[tuple[int, ...], _Kept] = {}
        for choice in brute._choices(reading, block, found, scale, money):
            held = frozenset((item, code) for item, codes in choice.hosts.items() for code in codes)
            _keep(alone, choice.points, _Kept(choice.costs, 1, held, held, (choice.hosts, None)))
        longer: dict[tuple[int, ...], _Kept] = {}
        for points, kept in table.items():
            for more, one in alone.items():
                costs = tuple(map(int.__add__, kept.costs, one.costs)) if kept.costs else one.costs
                both = _Kept(
                    costs,
                    kept.count * one.count,
                    kept.always | one.always,
                    kept.ever | one.ever,
                    (one.chain[0], kept.chain),
                )
                _keep(longer, tuple(map(int.__add__, points, more)), both)
        table = longer
    if inside:
        table = {points: kept for points, kept in table.items() if brute._within_limits(reading, points, scale)}
    return table


def _keep(table: dict[tuple[int, ...], _Kept], points: tuple[int, ...], new: _Kept) -> None:
    old = table.get(points)
    if old is None or new.costs < old.costs:
        table[points] = new
    elif new.costs == old.costs:
        table[points] = old.joined(new)


def _changes(reading: Reading, block: tuple[str, ...], before: Assignment, hosts: Hosts) -> int:
    return sum(
        max(len(set(before.unit_hosts(duty)) - new), len(new - set(before.unit_hosts(duty))))
        for duty in _duties(reading)
        if duty[0] in block
        for new in [set().union(*(hosts[item] for item in duty))]
    )


def _duties(reading: Reading) -> Iterator[tuple[str, ...]]:
    """What is hosted as one: units whose items a clause keeps together, and items."""
    bundles = [set(clause.items) for clause in reading.rules.clauses if clause.kind == "same_hosts"]
    for unit in reading.rules.units.values():
        if any(set(unit.items) <= bundle for bundle in bundles):
            yield unit.items
        else:
            yield from ((item,) for item in unit.items)
