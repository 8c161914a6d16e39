"""The best split by enumeration: every set of townships, every lawful pair of conveners, both plans by other oracles.

Written from ``docs/semantics.md`` (After a split) without a look at `models.split`; of the product only values are
used (`models.community`, `models.rulebook`, `models.split.values`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from models.community import Assignment, Community, Distances, Problem
from models.split.values import SplitWishes, Territory
from tests.oracles import brute, judge, mip

__all__ = ["Best", "best_split", "lawful_sides", "ranked_splits"]

_WILLINGNESS = ("willing", "if_needed", "unwilling", "cannot")
_MOST_BY_BRUTE_FORCE = 4

_Solved = tuple[dict[str, Any], Assignment] | None


@dataclass(frozen=True)
class Best:
    """A division with its best two plans.

    Parameters
    ----------
    first : frozenset
        Nodes of the side with the smallest code.
    values : dict
        Tier -> value, levels of loads as `tests.oracles.judge` has them.
    assignments : (Assignment, Assignment)
    key : tuple
        Smaller is better.
    """

    first: frozenset[Any]
    values: dict[str, Any]
    assignments: tuple[Assignment, Assignment]
    key: tuple[Any, ...]


def best_split(
    problem: Problem, territory: Territory, wishes: SplitWishes, order: Sequence[str]
) -> tuple[Best | None, int]:
    """The best split, or None, and the number of lawful divisions.

    `order` names all tiers that are compared, those of the split among them, the tie-break last.
    """
    found = ranked_splits(problem, territory, wishes, order)
    sides = sum(1 for _ in lawful_sides(problem, territory, wishes))
    return (found[0] if found else None), sides


def ranked_splits(problem: Problem, territory: Territory, wishes: SplitWishes, order: Sequence[str]) -> list[Best]:
    """The best two plans of every lawful division, the best division first."""
    cache: dict[Any, _Solved] = {}
    found = []
    for first in lawful_sides(problem, territory, wishes):
        best = _of_division(problem, territory, wishes, order, first, cache)
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda best: best.key)


# ------------------------------------------------------------------------------------------------------- the divisions


def lawful_sides(problem: Problem, territory: Territory, wishes: SplitWishes) -> Iterator[frozenset[Any]]:
    """First sides of all divisions that keep everything but the duties."""
    members = _members(problem)
    rule = problem.rules.split
    least = rule.least_schools_a_plan + (rule.size_counts == "others")
    nodes = sorted(territory.graph.nodes, key=str)
    of = territory.school_node
    smallest = of[min(members)]
    pieces = _pieces(territory, frozenset(nodes))
    for bits in itertools.product((False, True), repeat=len(nodes)):
        first = frozenset(node for node, bit in zip(nodes, bits, strict=True) if bit)
        second = frozenset(nodes) - first
        if smallest not in first:
            continue
        groups = [{c for c in members if of[c] in side} for side in (first, second)]
        if min(len(group) for group in groups) < least:
            continue
        mine = (_pieces(territory, first), _pieces(territory, second))
        if rule.connectedness == "one_piece_more" and sum(mine) > pieces + 1:
            continue
        if rule.connectedness == "every_plan" and mine != (1, 1):
            continue
        if _benchmarks_lie_well(problem, groups) and _wishes_kept(problem, wishes, groups):
            yield first


def _members(problem: Problem) -> set[str]:
    counted = problem.rules.option("barred_schools") == "counted"
    return {s.code for s in problem.community.schools if s.participates and (counted or not s.barred)}


def _pieces(territory: Territory, side: frozenset[Any]) -> int:
    left, count = set(side), 0
    while left:
        count += 1
        flood = [left.pop()]
        while flood:
            here = flood.pop()
            for other in territory.graph[here]:
                if other in left:
                    left.remove(other)
                    flood.append(other)
    return count


def _benchmarks_lie_well(problem: Problem, groups: Sequence[set[str]]) -> bool:
    benchmarks = {s.code for s in problem.community.schools if s.benchmark} & _members(problem)
    if len(benchmarks) < 2:
        return True
    sides = sum(bool(benchmarks & group) for group in groups)
    return sides == (1 if problem.rules.split.benchmark_schools == "both_in_one" else 2)


def _wishes_kept(problem: Problem, wishes: SplitWishes, groups: Sequence[set[str]]) -> bool:
    stated = {*wishes.conveners, *([problem.wishes.convener] if problem.wishes.convener else [])}
    benchmarks = {s.code for s in problem.community.schools if s.benchmark} & _members(problem)
    for group in groups:
        here = stated & group
        if len(here) > 1:
            return False
        if here and benchmarks & group and not here & benchmarks:
            return False
        if any(0 < len(set(together) & group) < len(set(together)) for together in wishes.together):
            return False
        if any(set(pair) <= group for pair in wishes.apart):
            return False
    return stated <= groups[0] | groups[1] and (
        wishes.kept is None or any(group == wishes.kept & _members(problem) for group in groups)
    )


# ------------------------------------------------------------------------------------------------------- the two plans


def _of_division(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    order: Sequence[str],
    first: frozenset[Any],
    cache: dict[Any, _Solved],
) -> Best | None:
    nodes = (first, frozenset(territory.graph.nodes) - first)
    once = [
        switch.id[len("scope_") :].replace("_", ".")
        for switch in problem.rules.rulebook.switches
        if switch.id.startswith("scope_") and problem.rules.option(switch.id) == "once"
    ]
    best: Best | None = None
    for hosting in itertools.product((0, 1), repeat=len(once)):
        out = [frozenset(i for i, side in zip(once, hosting, strict=True) if side != own) for own in (0, 1)]
        if not _pins_fit(problem, territory, nodes, out) or not _same_plan(
            problem, dict(zip(once, hosting, strict=True))
        ):
            continue
        for caps in _shared_caps(problem):
            sides = [_side(problem, territory, wishes, nodes, own, out[own], caps[own]) for own in (0, 1)]
            choices = [_conveners(side, wishes, order, cache) for side in sides]
            for pair in itertools.product(*choices):
                solved = [_solve(side, convener, order, cache) for side, convener in zip(sides, pair, strict=True)]
                if solved[0] is None or solved[1] is None:
                    continue
                found = _merge(problem, territory, wishes, order, nodes, [one for one in solved if one is not None])
                if best is None or found.key < best.key:
                    best = found
    return best


def _pins_fit(
    problem: Problem, territory: Territory, nodes: Sequence[frozenset[Any]], out: Sequence[frozenset[str]]
) -> bool:
    return not any(
        item in out[own] and territory.school_node.get(code) in nodes[own]
        for item, code in problem.wishes.pins
        for own in (0, 1)
    )


def _same_plan(problem: Problem, hosting: Mapping[str, int]) -> bool:
    return all(
        len({hosting[item] for item in clause.items if item in hosting}) < 2
        for clause in problem.rules.clauses
        if clause.kind == "same_hosts"
    )


def _shared_caps(problem: Problem) -> Iterator[tuple[Any, Any]]:
    """Caps of the tracks for either plan: None, or every way to share the community's out."""
    basis = problem.rules.option("exploration_basis")
    if basis == "plan":
        yield None, None
        return
    clause = next(clause for clause in problem.rules.clauses if clause.kind == "track_cap")
    n = len(_members(problem)) - (2 if problem.rules.option("participants_counted") == "partners" else 0)
    band = clause.bands[-1] if basis == "both" else clause.band_for(n)
    assert band.most_hosts == len(clause.items) * band.most_per_track
    if basis == "both" and 2 * clause.band_for(n).most_per_track <= band.most_per_track:
        yield None, None  # the caps of the plans are the narrower ones
        return
    least = 1 if problem.rules.option("exploration_presence") == "exactly_cap" else 0
    shares = range(least, band.most_per_track - least + 1)
    for own in itertools.product(shares, repeat=len(clause.items)):
        other = tuple(band.most_per_track - share for share in own)
        yield (
            dict(zip(clause.items, own, strict=True)),
            dict(zip(clause.items, other, strict=True)),
        )


def _side(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    nodes: Sequence[frozenset[Any]],
    own: int,
    out: frozenset[str],
    caps: Mapping[str, int] | None,
) -> Problem:
    """One plan as a problem of its own."""
    here = {c for c, node in territory.school_node.items() if node in nodes[own]}
    points = []
    for point in problem.community.demand_points:
        lies = [any(node in side for node in territory.demand_nodes.get(point.id, ())) for side in nodes]
        if lies[0] == lies[1]:
            points.append(replace(point, share=point.share / 2))
        elif lies[own]:
            points.append(point)
    schools = tuple(s for s in problem.community.schools if s.code in here)
    outside = problem.community.outside_partners
    table = problem.distances
    codes = [c for c in table.schools if c in here or c in {p.code for p in outside}]
    columns = [table.schools.index(c) for c in codes]
    ids = [i for i in table.demand_points if i in {p.id for p in points}]
    rows = [table.demand_points.index(i) for i in ids]
    stated = {*wishes.conveners, problem.wishes.convener} & here
    asked = problem.wishes
    gone = {s.code for s in problem.community.schools} - here
    return Problem(
        _rules(problem, out, caps),
        Community("side", "", schools, tuple(points), outside),
        replace(
            asked,
            convener=min(stated, default=None),
            pins=frozenset(p for p in asked.pins if p[1] not in gone and p[0] not in out),
            bans=frozenset(b for b in asked.bans if b[1] not in gone and b[0] not in out),
            host_numbers={i: k for i, k in asked.host_numbers.items() if i not in out},
            ways={c: w for c, w in asked.ways.items() if c not in gone},
        ),
        Distances(
            tuple(codes),
            tuple(ids),
            table.between_schools[np.ix_(columns, columns)],
            table.from_demand[np.ix_(rows, columns)],
        ),
    )


def _rules(problem: Problem, out: frozenset[str], caps: Mapping[str, int] | None) -> Any:
    """The rules as a rulebook that never had the items left out, and has these caps besides its own."""
    book = problem.rules.rulebook
    choice = dict(problem.rules.choice)
    clauses = []
    for clause in book.clauses:
        items = tuple(item for item in getattr(clause, "items", ()) if item not in out)
        if hasattr(clause, "items"):
            if not items or (len(items) == 1 and clause.kind in ("same_hosts", "different_hosts", "equal_numbers")):
                continue
            clause = clause.model_copy(update={"items": items})
        if clause.kind != "track_cap" or caps is None:
            clauses.append(clause)
            continue
        # One clause a track: of the community only its share, else the plan's own cap and its share.
        alone = problem.rules.option("exploration_basis") == "both"
        for item, share in caps.items():
            least = [min(share, band.most_per_track) if alone else share for band in clause.bands]
            bands = tuple(
                band.model_copy(update={"most_hosts": cap, "most_per_track": cap})
                for band, cap in zip(clause.bands, least, strict=True)
            )
            clauses.append(clause.model_copy(update={"id": f"cap.{item}", "items": (item,), "bands": bands}))
    units = []
    for unit in book.units:
        items = tuple(item for item in unit.items if item not in out)
        if items:
            units.append(unit.model_copy(update={"items": items}))
    kept = tuple(item for item in book.items if item.id not in out)
    changed = book.model_copy(update={"items": kept, "units": tuple(units), "clauses": tuple(clauses)})
    return changed.resolve(choice)


def _conveners(side: Problem, wishes: SplitWishes, order: Sequence[str], cache: dict[Any, _Solved]) -> list[str]:
    if side.wishes.convener is not None:
        return [side.wishes.convener]
    members = _members(side)
    benchmarks = {s.code for s in side.community.schools if s.benchmark} & members
    school = {s.code: s for s in side.community.schools}
    column = side.distances.schools.index

    def place(code: str) -> tuple[Any, ...]:
        travel = sum(int(side.distances.between_schools[column(c), column(code)]) for c in members)
        said = school[code].willingness.get("convener", "if_needed")
        return code not in benchmarks, _WILLINGNESS.index(said), travel, code

    able = [
        code
        for code in sorted(benchmarks or members, key=place)
        if not school[code].barred and school[code].willingness.get("convener") != "cannot"
    ]
    if wishes.convening == "free":
        return able
    return next(([code] for code in able if _solve(side, code, order, cache) is not None), [])


def _solve(side: Problem, convener: str, order: Sequence[str], cache: dict[Any, _Solved]) -> _Solved:
    people = tuple((point.id, point.share) for point in side.community.demand_points)
    items = tuple(item.id for item in side.rules.rulebook.items)
    caps = tuple((c.id, c.bands) for c in side.rules.clauses if c.kind == "track_cap")
    known = (tuple(s.code for s in side.community.schools), people, items, caps, convener)
    if known not in cache:
        cache[known] = _by_oracle(side, convener, order)
    return cache[known]


def _by_oracle(side: Problem, convener: str, order: Sequence[str]) -> _Solved:
    own = tuple(tier for tier in order if tier in judge.values(side, Assignment(convener, {})) or tier == "tie_break")
    asked = Problem(side.rules, side.community, replace(side.wishes, tier_order=own), side.distances)
    if len(_members(side)) <= _MOST_BY_BRUTE_FORCE:
        return brute.best(asked, convener)
    result = mip.solve_tiers(asked, convener)
    if result.status == "infeasible" or result.assignment is None:
        return None
    return dict(result.values), result.assignment


# -------------------------------------------------------------------------------------------------------- their worth


def _merge(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    order: Sequence[str],
    nodes: Sequence[frozenset[Any]],
    solved: Sequence[tuple[dict[str, Any], Assignment]],
) -> Best:
    members = _members(problem)
    groups = [{c for c in members if territory.school_node[c] in side} for side in nodes]
    plans = [assignment for _, assignment in solved]
    table, column = problem.distances.between_schools, problem.distances.schools.index
    values: dict[str, Any] = {
        "convener_travel": sum(
            int(table[column(c), column(plan.convener)])
            for group, plan in zip(groups, plans, strict=True)
            for c in group
        ),
        "categories": sum(_missing(problem, members, group) for group in groups),
        "balance": abs(len(groups[0]) - len(groups[1])),
    }
    if wishes.old is not None:
        both_ways = [
            sum(wishes.old[c] != (own if c in groups[0] else 1 - own) for c in members if c in wishes.old)
            for own in (0, 1)
        ]
        values["closeness"] = min(both_ways)
    for tier in solved[0][0]:
        one, other = (worth[tier] for worth, _ in solved)
        if tier in ("load", "separate"):
            values[tier] = tuple(sorted((*one, *other), reverse=True))
        elif isinstance(one, tuple):
            values[tier] = tuple(Fraction(a) + b for a, b in zip(one, other, strict=True))
        else:
            values[tier] = one + other
    key: list[Any] = []
    for tier in order:
        if tier == "tie_break":
            key.append(_tie_break(problem, territory, nodes, groups, plans))
        elif tier == "exploration":
            asked = problem.rules.option("exploration_number")
            key.append(-values[tier] if asked in ("most", "stated") else values[tier])
        else:
            key.append(values[tier])
    return Best(nodes[0], values, (plans[0], plans[1]), tuple(key))


def _missing(problem: Problem, members: set[str], group: set[str]) -> int:
    school = {s.code: s for s in problem.community.schools}
    if any(school[c].categories is None for c in group):
        return 0
    count = 0
    for category in problem.rules.rulebook.categories.list_:
        somewhere = any(category.id in (school[c].categories or ()) for c in members)
        here = any(category.id in (school[c].categories or ()) for c in group)
        count += category.readable and somewhere and not here
    return count


def _tie_break(
    problem: Problem,
    territory: Territory,
    nodes: Sequence[frozenset[Any]],
    groups: Sequence[set[str]],
    plans: Sequence[Assignment],
) -> tuple[Any, ...]:
    may = any(c.hosts_allowed for c in problem.rules.clauses if c.kind == "outside_partner")
    outside = [p.code for p in problem.community.outside_partners] if may else []
    places = sorted([(c, own) for own in (0, 1) for c in [*groups[own], *outside]])
    hosts = [-(c in plans[own].hosts_of(item.id)) for item in problem.rules.rulebook.items for c, own in places]
    ways = [-(way.id in plans[own].ways.get(c, ())) for c, own in places for way in problem.rules.rulebook.ways]
    convening = [-(c == plans[own].convener) for c, own in places]
    lies = [-(node in nodes[0]) for node in sorted(territory.graph.nodes, key=str)]
    return hosts, ways, convening, lies
