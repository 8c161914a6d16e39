"""What the plan of a community is worth at best, without a solver.

Two bounds, the second after the distances are known. Counting: so much work for so many schools, any of which could
take any of it (water-filling), and the most hosts of exploration by the size. Travel: every unit at the schools that
are best for it alone; for a track of exploration the best of all sets of as many hosts as it may have (a p-median,
enumerated). A bound of a tier takes for granted that the tiers before it, in the order of the community, are at theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from models.community import Community, Distances, Plan, Problem, School, Wishes
from models.objectives.load import level
from models.objectives.travel import demand_weights, participants_costs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.rulebook import Rules

__all__ = ["counted_bounds", "ideal_problem", "least_travel", "most_exploration_of"]

#: Sets of hosts that are enumerated; above, everybody goes to the nearest school.
_MOST_SETS = 20_000


def ideal_problem(rules: Rules, schools: Sequence[School]) -> Problem:
    """A community of these schools, wherever they are, whatever anybody asks for."""
    codes = tuple(school.code for school in schools)
    nowhere = np.zeros((len(codes), len(codes)), dtype=np.int64)
    return Problem(
        rules, Community("counted", "", tuple(schools)), Wishes(), Distances(codes, (), nowhere, nowhere[:0])
    )


def counted_bounds(problem: Problem, order: Sequence[str]) -> dict[str, Any]:
    """Bounds of exploration, overload and load, as parts of aims (`assigner.boundary.suggest_aims`).

    Parameters
    ----------
    problem : Problem
        Only its rules and its schools are looked at.
    order : sequence of str
        The tiers of the community in their order.
    """
    rules, plan = problem.rules, Plan(problem, "")
    counts = rules.option("exploration_number") in ("most", "stated")
    most = most_exploration_of(plan)
    found: dict[str, Any] = {}
    if counts:
        found["exploration"] = (Fraction(0), Fraction(-most))
    if any(clause.hosts_allowed for clause in rules.of_kind("outside_partner")) or not plan.participants:
        return found
    # As many hosts of exploration as there can be are work too, where their number comes first.
    first = counts and all(
        tier not in order or order.index("exploration") < order.index(tier) for tier in ("overload", "load")
    )
    work = rules.measure("convener_base_points")
    efforts = []
    for unit in rules.units.values():
        if unit.id in rules.load_units and unit.effort_points > 0:
            tracks = any(item in rules.tracks for item in unit.items)
            least = _least_hosts(plan, unit.id)
            efforts.append(unit.effort_points)
            if not tracks or not first:
                work += least * unit.effort_points
    tracks_effort = [rules.units[rules.unit_of[track]].effort_points for track in rules.tracks]
    if first and tracks_effort and all(rules.unit_of[track] in rules.load_units for track in rules.tracks):
        work += most * min(tracks_effort)
    fixed = sum((plan.fixed_points(code) for code in plan.participants), Fraction(0))
    room = sum((plan.capacity(code) for code in plan.participants), Fraction(0))
    above = sum((max(Fraction(0), plan.fixed_points(c) - plan.capacity(c)) for c in plan.participants), Fraction(0))
    found["overload"] = max(above, work + fixed - room, Fraction(0))
    found["load"] = _filled(plan, work, efforts)
    found["largest_load"] = max(found["load"], default=Fraction(0))
    return found


def most_exploration_of(plan: Plan) -> int:
    """Most hosts of both tracks by the size of the plan."""
    most = 2 * len(plan.participants) + 2 * len(plan.problem.community.outside_partners)
    for clause in plan.rules.of_kind("track_cap"):
        bands = [clause.band_for(max(1, n)) for n in (plan.counted, plan.counted - 1)]
        most = min(most, max(min(band.most_hosts, band.most_per_track * len(clause.items)) for band in bands))
    return most


def _least_hosts(plan: Plan, unit: str) -> int:
    """Fewest hosts of a unit in any lawful plan."""
    least = 0
    for item in plan.rules.units[unit].items:
        forced = plan.forced_hosts.get(item, frozenset())
        role, count = plan.host_counts.get(item, ("participants", 0))
        among = sum(code in forced for code in plan.role_for_item(role, item))
        least = max(least, len(forced) + max(0, count - among))
    return least


def _filled(plan: Plan, work: Fraction, efforts: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Least levels, largest first, when work may be put anywhere; their beginning where schools differ."""
    if not efforts:
        return ()
    base = plan.rules.measure("convener_base_points")
    parts = [*efforts, *([base] if base else [])]
    scale = lcm(*(effort.denominator for effort in parts))
    step = Fraction(gcd(*(int(effort * scale) for effort in parts)), scale)
    steps = int(work / step)  # rounded down: still a bound
    ladders = {}
    for code in plan.participants:
        start = plan.fixed_points(code)
        ladders[code] = tuple(level(plan, code, start + k * step) for k in range(steps + 1))
    if len(set(ladders.values())) == 1:
        return _filled_alike(next(iter(ladders.values())), steps, len(ladders))
    return _first_filled(list(ladders.values()), steps)


def _filled_alike(ladder: Sequence[Fraction], steps: int, schools: int) -> tuple[Fraction, ...]:
    """Leximin of so many steps over schools that are all alike: level by level from the top, as few schools as can."""
    levels = sorted(set(ladder))
    room = {v: max(k for k, own in enumerate(ladder) if own <= v) for v in levels}
    found: list[Fraction] = []
    while schools and steps > room[levels[0]] * schools:
        at = next(k for k, v in enumerate(levels) if room[v] * schools >= steps)
        high, low = room[levels[at]], room[levels[at - 1]]
        raised = -(-(steps - low * schools) // (high - low))
        found += [levels[at]] * raised
        steps, schools = max(0, steps - raised * high), schools - raised
    return (*found, *([levels[0]] * schools))


def _first_filled(ladders: Sequence[Sequence[Fraction]], steps: int) -> tuple[Fraction, ...]:
    """The highest level that work must reach, as often as it must; besides what is above it before any work."""
    levels = sorted({v for ladder in ladders for v in ladder})

    def room(ladder: Sequence[Fraction], v: Fraction) -> int:
        return max((k for k, own in enumerate(ladder) if own <= v), default=0)

    top = next(v for v in levels if sum(room(ladder, v) for ladder in ladders) >= steps)
    above = [ladder[0] for ladder in ladders if ladder[0] > top]
    at = levels.index(top)
    sure = sum(ladder[0] == top for ladder in ladders)
    rest = steps - sum(room(ladder, top) for ladder in ladders if ladder[0] == top)
    if at:
        below = levels[at - 1]
        others = [ladder for ladder in ladders if ladder[0] < top]
        rest -= sum(room(ladder, below) for ladder in others)
        for gain in sorted((room(ladder, top) - room(ladder, below) for ladder in others), reverse=True):
            if rest <= 0:
                break
            rest, sure = rest - gain, sure + 1
    return (*sorted(above, reverse=True), *([top] * sure))


def least_travel(problem: Problem, convener: str) -> Fraction:
    """A bound of the travel tier: every unit where it is best for it alone."""
    plan = Plan(problem, convener)
    distances = problem.distances
    hosts = [code for code in plan.candidates if code in distances.column]
    if not hosts:
        return Fraction(0)
    columns = [distances.column[code] for code in hosts]
    total = Fraction(0)
    for unit in plan.rules.units.values():
        if unit.trips is None or not unit.trips.times_a_year or not plan.has_some_host(unit.id):
            continue
        least = max(1, _least_hosts(plan, unit.id))
        if unit.trips.who == "participants":
            costs = sorted(participants_costs(plan, unit, hosts))
            total += sum(costs[:least], Fraction(0))
            continue
        weights, scale = demand_weights(plan, unit.trips)
        table = weights[:, None] * distances.from_demand[:, columns]
        if plan.has_one_host(unit.id):
            number = 1
        elif all(item in plan.rules.tracks for item in unit.items):
            number = _most_of_track(plan)
        else:
            number = len(hosts)
        total += Fraction(_median(table, number), scale)
    return total


def _most_of_track(plan: Plan) -> int:
    most = len(plan.candidates)
    for clause in plan.rules.of_kind("track_cap"):
        most = min(most, clause.band_for(plan.counted).most_per_track)
    return most


def _median(costs: NDArray[np.int64], number: int) -> int:
    """Least sum over the rows of the least of `number` columns."""
    rows, columns = costs.shape
    if not rows:
        return 0
    if number >= columns or comb(columns, number) > _MOST_SETS:
        return int(costs.min(axis=1).sum())
    sets = _sets(columns, number)
    nearest = costs[:, sets[:, 0]].copy()
    for k in range(1, number):
        np.minimum(nearest, costs[:, sets[:, k]], out=nearest)
    return int(nearest.sum(axis=0).min())


@cache
def _sets(columns: int, number: int) -> NDArray[np.intp]:
    return np.array(list(combinations(range(columns), number)), dtype=np.intp)
