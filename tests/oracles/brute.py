"""All lawful plans of a small community, and the best of them: no solver, no algebra.

Items that no clause ties together are independent but for the loads. So every block of items that belong
together is enumerated on its own (all sets of hosts, judged one by one by `tests.oracles.judge`), and the
blocks are then put together one after another. Of two beginnings with the same loads the worse one can be
dropped: all other tiers are sums. Items inside and outside the load have loads of their own, so they are put
together apart.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.community import Assignment, Problem
from tests.oracles.judge import Hosts, Value, convener_holds, holds, unit_values, values, ways_of_school_hold
from tests.oracles.reading import Reading, read

__all__ = ["best", "lawful_block", "ways_in_order"]

_TYING = ("same_hosts", "different_hosts", "equal_numbers", "track_cap")


@dataclass(frozen=True, slots=True)
class _Choice:
    """Hosts of one block: what they add to the loads (by school) and to the tiers that are sums."""

    hosts: Hosts
    points: tuple[int, ...]
    costs: tuple[int, ...]


def best(problem: Problem, convener: str | None = None) -> tuple[dict[str, Value], Assignment] | None:
    """The best lawful plan of a community of up to about six schools, by enumeration.

    Parameters
    ----------
    problem : Problem
    convener : str, optional
        The one the planner stated if not given.

    Returns
    -------
    (values, assignment) or None
        None when there is no lawful plan. Of equal plans that of the tie-break.
    """
    convener = convener or problem.wishes.convener
    if convener is None:
        raise ValueError("a convener is needed")
    if any(problem.wishes.tolerances.values()):
        raise NotImplementedError("tolerances")
    reading = read(problem, convener)
    if not all(convener_holds(reading, clause) for clause in reading.rules.clauses):
        return None
    unknown = {i for i, _ in problem.wishes.pins} - set(reading.items)
    ways = ways_in_order(reading)
    if ways is None or unknown:
        return None
    hosts: dict[str, frozenset[str]] = {}
    for inside in (True, False):
        blocks = [block for block in _blocks(reading) if _in_load(reading, block) == inside]
        part = _put_together(reading, blocks, inside)
        if part is None:
            return None
        hosts.update(part)
    assignment = Assignment(convener, {item: tuple(codes) for item, codes in hosts.items()}, ways)
    return values(problem, assignment), assignment


def ways_in_order(reading: Reading) -> dict[str, tuple[str, ...]] | None:
    """The lawful ways of promotion that come first in the order of the tie-break; None if there are none."""
    ids = [way.id for way in reading.rules.rulebook.ways]
    schools = {code for clause in reading.rules.stated_of_kind("ways") for code in reading.role(clause.role)}
    result: dict[str, tuple[str, ...]] = {}
    for code in sorted(schools):
        for bits in itertools.product((True, False), repeat=len(ids)):
            chosen = frozenset(itertools.compress(ids, bits))
            if all(ways_of_school_hold(reading, clause, code, chosen) for clause in reading.rules.clauses):
                result[code] = tuple(sorted(chosen))
                break
        else:
            return None
    return result


def lawful_block(reading: Reading, block: tuple[str, ...]) -> Iterator[Hosts]:
    """All sets of hosts of some items that keep every clause as far as it speaks of these items alone."""
    clauses = reading.rules.clauses
    alone: list[list[frozenset[str]]] = []
    for item in block:
        able = [
            code
            for code in reading.candidates
            if all(
                holds(reading, clause, {item: frozenset((code,))}, (item,))
                for clause in clauses
                if clause.kind in ("outside_partner", "barred", "who_hosts", "cannot", "bans")
            )
        ]
        sets = (frozenset(s) for size in range(len(able) + 1) for s in itertools.combinations(able, size))
        alone.append([s for s in sets if all(holds(reading, c, {item: s}, (item,)) for c in clauses)])
    for combination in itertools.product(*alone):
        hosts = dict(zip(block, combination, strict=True))
        if all(holds(reading, clause, hosts, block) for clause in clauses):
            yield hosts


def _blocks(reading: Reading) -> list[tuple[str, ...]]:
    """Items that a unit or a clause ties together, in the rulebook's order."""
    block_of = {item: {item} for item in reading.items}
    ties = [unit.items for unit in reading.rules.units.values()]
    ties += [
        clause.items
        for clause in reading.rules.clauses
        if clause.kind in _TYING or (clause.kind == "host_count" and clause.together)
    ]
    for tie in ties:
        together = set().union(*(block_of[item] for item in tie))
        for item in together:
            block_of[item] = together
    blocks = {tuple(sorted(block, key=reading.items.index)) for block in block_of.values()}
    return sorted(blocks, key=lambda block: reading.items.index(block[0]))


def _units_of(reading: Reading, block: tuple[str, ...]) -> list[str]:
    return [unit.id for unit in reading.rules.units.values() if unit.items[0] in block]


def _in_load(reading: Reading, block: tuple[str, ...]) -> bool:
    inside = {unit in reading.rules.load_units for unit in _units_of(reading, block)}
    if len(inside) > 1:
        raise NotImplementedError("items inside and outside the load tied to one another")
    return inside.pop()


def _put_together(reading: Reading, blocks: list[tuple[str, ...]], inside: bool) -> Hosts | None:
    """The best choice for every block; None when there is none that is lawful."""
    scale = math.lcm(*(unit.effort_points.denominator for unit in reading.rules.units.values()))
    options = [[(hosts, _costs(reading, b, hosts)) for hosts in lawful_block(reading, b)] for b in blocks]
    money = math.lcm(*(cost.denominator for found in options for _, costs in found for cost in costs))
    nothing = tuple(0 for _ in reading.candidates)
    # loads -> (sums of the tiers, choices so far)
    beginnings: dict[tuple[int, ...], tuple[tuple[int, ...], Any]] = {nothing: ((), None)}
    first = True
    for block, found in zip(blocks, options, strict=True):
        choices = list(_best_a_load(_choices(reading, block, found, scale, money)))
        longer: dict[tuple[int, ...], tuple[tuple[int, ...], Any]] = {}
        for points, (costs, before) in beginnings.items():
            for choice in choices:
                key = tuple(map(int.__add__, points, choice.points))
                total = choice.costs if first else tuple(map(int.__add__, costs, choice.costs))
                if key not in longer or total < longer[key][0]:
                    longer[key] = (total, (choice.hosts, before))
        beginnings, first = longer, False
    ends = [
        (_key(reading, points, costs, scale, inside), before)
        for points, (costs, before) in beginnings.items()
        if not inside or _within_limits(reading, points, scale)
    ]
    if not ends:
        return None
    _, chain = min(ends, key=lambda end: end[0])
    hosts: dict[str, frozenset[str]] = {}
    while chain is not None:
        hosts.update(chain[0])
        chain = chain[1]
    return hosts


def _choices(
    reading: Reading,
    block: tuple[str, ...],
    found: Iterable[tuple[Hosts, tuple[Fraction | int, ...]]],
    scale: int,
    money: int,
) -> Iterator[_Choice]:
    for hosts, costs in found:
        points = dict.fromkeys(reading.candidates, 0)
        for unit in _units_of(reading, block):
            for code in frozenset().union(*(hosts[item] for item in reading.rules.units[unit].items)):
                points[code] += int(reading.effort(unit) * scale)
        yield _Choice(hosts, tuple(points.values()), tuple(int(cost * money) for cost in costs))


def _best_a_load(choices: Iterable[_Choice]) -> Iterable[_Choice]:
    kept: dict[tuple[int, ...], _Choice] = {}
    for choice in choices:
        if choice.points not in kept or choice.costs < kept[choice.points].costs:
            kept[choice.points] = choice
    return kept.values()


def _costs(reading: Reading, block: tuple[str, ...], hosts: Hosts) -> tuple[Fraction | int, ...]:
    """What a block adds to the tiers that are sums, in the order of the aims; smaller is better."""
    totals = [unit_values(reading, unit, hosts) for unit in _units_of(reading, block)]
    tracks = [item for item in block if item in reading.rules.tracks]
    number = sum(len(hosts[track]) for track in tracks)
    exploration: dict[str, tuple[int, int]] = {
        "most": (0, -number),
        "fewest": (0, number),
        "stated": (0, 0),
        "within_distance": (sum(reading.uncovered(hosts[track]) for track in tracks), number),
    }
    # the larger the 0/1 vector, the better: its bits as one number
    length = len(reading.items) * len(reading.candidates)
    bits = sum(
        1 << (length - 1 - reading.items.index(item) * len(reading.candidates) - reading.candidates.index(code))
        for item in block
        for code in hosts[item]
    )
    by_tier: dict[str, tuple[Fraction | int, ...]] = {
        "unwilling": (sum(unwilling for unwilling, _, _ in totals),),
        "exploration": exploration[reading.rules.option("exploration_number")],
        "travel": (sum((travel for _, travel, _ in totals), Fraction(0)),),
        "preference": (sum((preference for _, _, preference in totals), Fraction(0)),),
        "tie_break": (-bits,),
    }
    return tuple(cost for tier in reading.order if tier in by_tier for cost in by_tier[tier])


def _key(
    reading: Reading, points: tuple[int, ...], costs: tuple[int, ...], scale: int, inside: bool
) -> tuple[Any, ...]:
    """The tiers in their order, those of the loads among the sums."""
    left = iter(costs)
    efforts = {c: Fraction(p, scale) for c, p in zip(reading.candidates, points, strict=True)}
    key: list[Any] = []
    for tier in reading.order:
        if tier == "overload":
            over = (reading.fixed(c) + efforts[c] - reading.capacity(c) for c in efforts)
            key.append(sum(max(Fraction(0), o) for o in over) if inside else 0)
        elif tier == "load":
            key.append(sorted((reading.level(c, efforts[c]) for c in efforts), reverse=True) if inside else 0)
        elif tier == "separate":
            key.append(0 if inside else sorted(efforts.values(), reverse=True))
        elif tier == "exploration":
            key.append((next(left), next(left)))
        else:
            key.append(next(left))
    return tuple(key)


def _within_limits(reading: Reading, points: tuple[int, ...], scale: int) -> bool:
    if not reading.rules.of_kind("load_limit"):
        return True
    return all(
        reading.fixed(code) + Fraction(p, scale) <= reading.capacity(code)
        for code, p in zip(reading.candidates, points, strict=True)
        if code in reading.school and reading.school[code].load_limit_hard
    )
