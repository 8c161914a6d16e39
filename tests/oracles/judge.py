"""Judges an assignment without a solver: which clauses it breaks, and what it is worth in every tier.

Straight from ``docs/semantics.md``: one sentence there, one branch here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from models.community import CONVENER_KEY, Assignment, Problem
from tests.oracles.reading import Reading, read

__all__ = ["Hosts", "Value", "broken", "holds", "lawful", "rank", "tie_break", "unit_values", "values"]

#: Item -> its hosts.
Hosts = Mapping[str, frozenset[str]]
#: The value of a tier: a number, or numbers compared one after another.
Value = int | Fraction | tuple[int, int] | tuple[Fraction, ...]

_NOBODY: frozenset[str] = frozenset()


def lawful(problem: Problem, assignment: Assignment) -> bool:
    """Whether an assignment keeps every clause."""
    return not broken(problem, assignment)


def broken(problem: Problem, assignment: Assignment) -> set[str]:
    """Ids of the clauses that an assignment breaks; empty when it is lawful."""
    reading = read(problem, assignment.convener)
    hosts = {item: frozenset(codes) for item, codes in assignment.hosts.items()}
    ways = {code: frozenset(chosen) for code, chosen in assignment.ways.items()}
    result = {c.id for c in reading.rules.clauses if not holds(reading, c, hosts, reading.items)}
    return (
        result
        | {c.id for c in reading.rules.clauses if not convener_holds(reading, c)}
        | {c.id for c in reading.rules.clauses if not loads_hold(reading, c, hosts)}
        | {c.id for c in reading.rules.clauses if not ways_hold(reading, c, ways)}
    )


def convener_holds(reading: Reading, clause: Any) -> bool:
    """Whether the convener keeps a clause."""
    convener = reading.convener
    if clause.kind == "convener":
        return convener in reading.members and reading.wishes.convener in (None, convener)
    if clause.kind == "benchmark_convenes":
        return not reading.benchmarks or convener in reading.benchmarks
    if clause.kind == "barred":
        return convener not in reading.school or not reading.school[convener].barred
    if clause.kind == "cannot":
        return reading.willingness(CONVENER_KEY, convener) != "cannot"
    return True


def holds(reading: Reading, clause: Any, hosts: Hosts, scope: Collection[str]) -> bool:
    """Whether the hosts of some items keep a clause as far as it speaks of these items.

    A clause that ties items to one another is judged only when all of them are in the scope.

    Parameters
    ----------
    reading : Reading
    clause : Clause
    hosts : Hosts
    scope : collection of str
        Items to look at.
    """
    of = {item: hosts.get(item, _NOBODY) for item in reading.items}
    listed = tuple(getattr(clause, "items", reading.items))
    items = [item for item in listed if item in scope]
    whole = len(items) == len(listed)
    match clause.kind:
        case "membership":
            return all(code in reading.members or code in reading.outside for i in items for code in of[i])
        case "outside_partner":
            return all(
                clause.hosts_allowed and item in reading.outside[code]
                for item in items
                for code in of[item] & reading.outside.keys()
            )
        case "barred":
            return not any(code in reading.school and reading.school[code].barred for i in items for code in of[i])
        case "role_hosts":
            return all(reading.role(clause.role) <= of[item] for item in items)
        case "who_hosts":
            return all(of[item] <= reading.role(clause.role, item) for item in items)
        case "host_count":
            numbers = [len(of[item] & reading.counting_role(clause, item)) for item in items]
            if clause.together:
                numbers = [sum(numbers)] if whole else []
            most = clause.at_most
            return all(clause.at_least <= k and (most is None or k <= most) for k in numbers)
        case "same_hosts":
            return not whole or len({of[item] for item in items}) == 1
        case "different_hosts":
            return not whole or len(set().union(*(of[i] for i in items))) == sum(len(of[i]) for i in items)
        case "equal_numbers":
            return not whole or len({len(of[item]) for item in items}) == 1
        case "track_cap":
            band = clause.band_for(reading.n)
            numbers = [len(of[item]) for item in items]
            if clause.exact and any(k != band.most_per_track for k in numbers):
                return False
            return all(k <= band.most_per_track for k in numbers) and sum(numbers) <= band.most_hosts
        case "cannot":
            unit = reading.rules.unit_of
            return all(reading.willingness(unit[i], code) != "cannot" for i in items for code in of[i])
        case "pins":
            return all(code in of.get(item, _NOBODY) for item, code in reading.wishes.pins if item in scope)
        case "bans":
            return not any(code in of.get(item, _NOBODY) for item, code in reading.wishes.bans if item in scope)
        case "host_number":
            return all(_number_asked(reading, item, of[item]) for item in items if item not in reading.rules.tracks)
        case "exploration_number":
            asked = reading.wishes.exploration_numbers
            return all(len(of[item]) == asked[item] for item in items if item in asked)
    return True


def _number_asked(reading: Reading, item: str, hosts: frozenset[str]) -> bool:
    most, least, among = reading.host_number(item)
    return len(hosts - reading.forced[item]) <= most and len(hosts & among) >= least


def loads_hold(reading: Reading, clause: Any, hosts: Hosts) -> bool:
    """Whether the loads keep a clause."""
    if clause.kind != "load_limit":
        return True
    efforts = _points(reading, hosts, inside=True)
    return all(
        reading.fixed(code) + efforts[code] <= reading.capacity(code)
        for code in reading.candidates
        if code in reading.school and reading.school[code].load_limit_hard
    )


def ways_hold(reading: Reading, clause: Any, ways: Mapping[str, frozenset[str]]) -> bool:
    """Whether the ways of promotion keep a clause; those the planner stated belong to the clause on ways."""
    schools = {code for rule in reading.rules.stated_of_kind("ways") for code in reading.role(rule.role)}
    if clause.kind == "ways" and any(chosen and code not in schools for code, chosen in ways.items()):
        return False
    return all(ways_of_school_hold(reading, clause, code, ways.get(code, _NOBODY)) for code in schools)


def ways_of_school_hold(reading: Reading, clause: Any, code: str, chosen: frozenset[str]) -> bool:
    """Whether the ways that one school chose keep a clause."""
    stated = frozenset(reading.wishes.ways.get(code, ()))
    for rule in reading.rules.stated_of_kind("ways"):
        if code not in reading.role(rule.role):
            continue
        if clause.id == rule.id:
            known = {way for item in rule.items for way in reading.rules.ways_of.get(item, ())}
            if len(chosen) < rule.at_least or not stated <= chosen <= known:
                return False
            if rule.one_of and not chosen.intersection(rule.one_of):
                return False
        if clause.kind == "host_number":
            most = max(rule.at_least, len(stated) + (0 if stated.intersection(rule.one_of) else 1))
            if len(chosen) > most:
                return False
    return True


# ----------------------------------------------------------------------------------------------------- values
def values(problem: Problem, assignment: Assignment) -> dict[str, Value]:
    """What an assignment is worth in every tier but the tie-break (see `tie_break`).

    Returns
    -------
    dict
        ``unwilling`` int; ``exploration`` int, or (uncovered, hosts) where a distance is asked for;
        ``overload`` Fraction, points; ``load`` the levels from the largest down (bands: their number; points:
        whole points); ``travel`` int or Fraction, steps of distance; ``preference`` Fraction; ``separate``
        points from the largest down.
    """
    reading = read(problem, assignment.convener)
    hosts = {item: frozenset(codes) for item, codes in assignment.hosts.items()}
    totals = [unit_values(reading, unit, hosts) for unit in reading.rules.units]
    efforts = _points(reading, hosts, inside=True)
    separate = _points(reading, hosts, inside=False)
    number = sum(len(hosts.get(track, _NOBODY)) for track in reading.rules.tracks)
    uncovered = sum(reading.uncovered(hosts.get(track, _NOBODY)) for track in reading.rules.tracks)
    within = reading.rules.option("exploration_number") == "within_distance"
    return {
        "unwilling": sum(unwilling for unwilling, _, _ in totals),
        "exploration": (uncovered, number) if within else number,
        "overload": sum(
            (max(Fraction(0), reading.fixed(c) + efforts[c] - reading.capacity(c)) for c in reading.candidates),
            Fraction(0),
        ),
        "load": tuple(sorted((reading.level(c, efforts[c]) for c in reading.candidates), reverse=True)),
        "travel": _whole(sum((travel for _, travel, _ in totals), Fraction(0))),
        "preference": sum((preference for _, _, preference in totals), Fraction(0)),
        "separate": tuple(sorted(separate.values(), reverse=True)),
    }


def unit_values(reading: Reading, unit: str, hosts: Hosts) -> tuple[int, Fraction, Fraction]:
    """What the hosts of one unit add to the tiers that are sums: unwilling, travel, preference."""
    own = _unit_hosts(reading, unit, hosts)
    if not own:
        return 0, Fraction(0), Fraction(0)
    travel = sum((reading.host_travel(unit, host) for host in own), Fraction(0))
    for row, persons in reading.demand(unit):
        travel += persons * min(reading.distance(row, host) for host in own)
    return (
        sum(1 for host in own if reading.willingness(unit, host) == "unwilling"),
        travel,
        sum((reading.preference(unit, host) for host in own), Fraction(0)),
    )


def tie_break(problem: Problem, assignment: Assignment) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two 0/1 vectors of the tie-break, hosts and ways: of equal plans that with the larger is meant."""
    reading = read(problem, assignment.convener)
    hosts = tuple(int(code in assignment.hosts_of(item)) for item in reading.items for code in reading.candidates)
    ways = tuple(
        int(way.id in assignment.ways.get(code, ()))
        for code in sorted(reading.members)
        for way in reading.rules.rulebook.ways
    )
    return hosts, ways


def rank(problem: Problem, assignment: Assignment, order: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """A key by which the better of two lawful assignments comes first."""
    worth = values(problem, assignment)
    key: list[Any] = []
    for tier in order or read(problem, assignment.convener).order:
        if tier == "tie_break":
            key.append(tuple(tuple(-bit for bit in vector) for vector in tie_break(problem, assignment)))
        elif tier == "exploration":
            asked = problem.rules.option("exploration_number")
            value = worth[tier]
            key.append({"most": lambda v: -v, "stated": lambda v: 0}.get(asked, lambda v: v)(value))
        else:
            key.append(worth[tier])
    return tuple(key)


def _unit_hosts(reading: Reading, unit: str, hosts: Hosts) -> frozenset[str]:
    return frozenset().union(*(hosts.get(item, _NOBODY) for item in reading.rules.units[unit].items))


def _points(reading: Reading, hosts: Hosts, inside: bool) -> dict[str, Fraction]:
    """School -> points of the units inside (or outside) the load."""
    points = {code: Fraction(0) for code in reading.candidates}
    for unit in reading.rules.units:
        if (unit in reading.rules.load_units) == inside:
            for code in _unit_hosts(reading, unit, hosts) & points.keys():
                points[code] += reading.effort(unit)
    return points


def _whole(number: Fraction) -> int | Fraction:
    return number.numerator if number.denominator == 1 else number
