"""Travel a year (tier ``travel``): person-distance, one way, in tenths of a km or of a minute; a p-median at its heart.

Participants travel to every host of an item, which is linear in the decisions. Junior highs' teachers and pupils travel
to the nearest host: in *radius form*, for a demand point with hosts sorted by distance d_1 < d_2 < ..., the cost is
``w (d_1 + sum over r of (d_(r+1) - d_r) z_r)`` where z_r is true when no host lies within d_r. Demand points that see
the same schools within a radius share the literal, and each ball is stated by the one inside it and the ring between
(``z_r or not z_(r-1) or a host in the ring``): as strong as naming all its schools, and far sparser.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel, Terms, collect, plain
from models.rulebook import Trips, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["demand_weights", "minimise", "participants_costs", "unit_value", "value"]


def minimise(plan: Plan, duties: ObjectiveModel) -> Terms:
    """Cost of all trips, in tenths of the distance unit."""
    pairs: list[tuple[Any, Fraction | int]] = []
    constant = Fraction(0)
    for unit in plan.rules.units.values():
        if unit.trips is None or not unit.trips.times_a_year:
            continue
        hosts = duties.open_or_true(unit.id)
        if unit.trips.who == "participants":
            costs = participants_costs(plan, unit, hosts)
            pairs += [(duties.unit(unit.id, code), cost) for code, cost in zip(hosts, costs, strict=True)]
        elif hosts:
            more, fixed = _nearest(plan, duties, unit, unit.trips, hosts)
            pairs += more
            constant += fixed
    terms = collect(duties, pairs)
    scale = terms.scale * constant.denominator
    return Terms(
        terms.literals,
        tuple(w * constant.denominator for w in terms.weights),
        terms.constant * constant.denominator + int(constant * scale),
        scale,
    )


def value(plan: Plan, assignment: Assignment) -> Fraction:
    """Cost of all trips of an assignment, in tenths of the distance unit."""
    return sum((unit_value(plan, unit, assignment) for unit in plan.rules.units.values()), Fraction(0))


def unit_value(plan: Plan, unit: Unit, assignment: Assignment) -> Fraction:
    """Cost of the trips of one unit, in tenths of the distance unit."""
    hosts = [code for code in assignment.unit_hosts(unit.items) if code in plan.problem.distances.column]
    if unit.trips is None or not hosts:
        return Fraction(0)
    if unit.trips.who == "participants":
        return Fraction(sum(participants_costs(plan, unit, hosts)))
    distances = plan.problem.distances
    nearest = distances.from_demand[:, [distances.column[code] for code in hosts]].min(axis=1)
    weights, scale = demand_weights(plan, unit.trips)
    return Fraction(int(weights @ nearest), scale)


def participants_costs(plan: Plan, unit: Unit, hosts: Sequence[str]) -> list[Fraction | int]:
    """Trips a year of everybody who takes part in the unit, to each of the hosts."""
    assert unit.trips is not None
    distances = plan.problem.distances
    travellers = {code for item in unit.items for code in plan.participants_of_item(item)}
    rows = [distances.column[code] for code in travellers]
    sums = distances.between_schools[rows].sum(axis=0).tolist()
    times = plain(unit.trips.times_a_year * plan.rules.measure("persons_a_school"))
    return [times * sums[distances.column[code]] for code in hosts]


def _costs_of_one_host(plan: Plan, trips: Trips, hosts: Sequence[str]) -> list[Fraction | int]:
    """Trips a year of all demand points to a host that is the only one."""
    weights, scale = demand_weights(plan, trips)
    distances = plan.problem.distances
    totals = (weights @ distances.from_demand[:, [distances.column[code] for code in hosts]]).tolist()
    return [plain(Fraction(total, scale)) for total in totals]


def demand_weights(plan: Plan, trips: Trips) -> tuple[NDArray[np.int64], int]:
    """Person-trips a year of each demand point, in the order of the distance table's rows.

    Returns
    -------
    int array of shape (demand points,), int
        Weights times a common denominator, and that denominator (1 for whole numbers of people and trips).
    """
    points = {point.id: point for point in plan.problem.community.demand_points}
    ordered = [points[point_id] for point_id in plan.problem.distances.demand_points]
    if trips.who == "junior_high_teachers":
        people: list[Fraction | int] = [point.teachers for point in ordered]
    else:
        grades = trips.grades or (7, 8, 9)
        people = [sum(point.pupils.get(grade, 0) for grade in grades) for point in ordered]
    times = plain(trips.times_a_year)
    weights = [times * plain(count) * plain(point.share) for count, point in zip(people, ordered, strict=True)]
    scale = lcm(*(weight.denominator for weight in weights))
    return np.array([int(weight * scale) for weight in weights], dtype=np.int64), scale


def _nearest(
    plan: Plan, duties: ObjectiveModel, unit: Unit, trips: Trips, hosts: list[str]
) -> tuple[list[tuple[Any, Fraction | int]], Fraction]:
    """Costs of going to the nearest host: (literal, cost) pairs and a constant."""
    distances = plan.problem.distances
    literals = [duties.unit(unit.id, code) for code in hosts]
    if plan.has_one_host(unit.id):
        return list(zip(literals, _costs_of_one_host(plan, trips, hosts), strict=True)), Fraction(0)
    weights, scale = demand_weights(plan, trips)
    table = distances.from_demand[:, [distances.column[code] for code in hosts]]
    constant = 0
    sure = {k for k, x in enumerate(literals) if duties.value_if_fixed(x)}
    beyond: dict[int, Any] = {}  # ball of hosts, as bits -> literal "no host in it"
    costs: dict[int, int] = {}
    for row, order, weight in zip(
        table.tolist(), np.argsort(table, axis=1, kind="stable").tolist(), weights.tolist(), strict=True
    ):
        if not weight:
            continue
        constant += weight * row[order[0]]
        inner: Any = None
        ball, ring = 0, list[int]()
        for k, after in pairwise(order):
            ring.append(k)
            ball |= 1 << k
            if k in sure:
                break
            rise = row[after] - row[k]
            if rise:
                known = beyond.get(ball)
                if known is None:
                    known = beyond[ball] = duties.new(f"beyond[{unit.id},{len(beyond)}]")
                    costs[ball] = 0
                    # No host in the ball if none in the ball inside it and none in the ring between: a short clause.
                    nearer: list[Any] = [] if inner is None else [~inner]
                    duties.clause([known, *nearer, *(literals[q] for q in ring)])
                costs[ball] += weight * rise
                inner, ring = known, []
    pairs = [(beyond[ball], plain(Fraction(cost, scale))) for ball, cost in costs.items()]
    if not sure and not plan.has_some_host(unit.id):
        # Without any host nobody travels: what the radius form then charges is given back.
        none = duties.new(f"none[{unit.id}]")
        for literal in literals:
            duties.clause([~none, ~literal])
        farthest = table.max(axis=1)
        pairs.append((none, plain(Fraction(-int(weights @ farthest), scale))))
    return pairs, Fraction(constant, scale)
