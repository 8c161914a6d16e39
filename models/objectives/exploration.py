"""How many schools host exploration, decided before loads are balanced (tier ``exploration``; 柒、四（四）).

Otherwise the load tier would always close exploration down to one host a track, since every host adds load. By default
as many as the caps and the willing allow; the switch ``exploration_number`` knows other ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from models.community import Assignment, Plan
from models.objectives._terms import ObjectiveModel, Terms, collect, plain


def minimise(plan: Plan, duties: ObjectiveModel) -> tuple[Terms, ...]:
    """Aims one after the other: uncovered junior highs (``within_distance`` only), then the number of hosts."""
    tracks = plan.rules.tracks
    pairs = [(duties.unit(plan.rules.unit_of[t], code), 1) for t in tracks for code in plan.candidates]
    mode = plan.rules.option("exploration_number")
    if mode in ("most", "stated"):
        return (collect(duties, ((literal, -1) for literal, _ in pairs)),)
    hosts = collect(duties, pairs)
    if mode == "fewest":
        return (hosts,)
    return (_uncovered(plan, duties, tracks), hosts)


def value(plan: Plan, assignment: Assignment) -> tuple[Fraction, ...]:
    """Number of (track, host) pairs; under ``within_distance`` preceded by the number of uncovered pairs."""
    tracks = plan.rules.tracks
    hosts = Fraction(sum(len(assignment.hosts_of(track)) for track in tracks))
    if plan.rules.option("exploration_number") != "within_distance":
        return (hosts,)
    uncovered = sum(
        share
        for track in tracks
        for near, share in _near(plan)
        if not any(code in near for code in assignment.hosts_of(track))
    )
    return (Fraction(uncovered), hosts)


def _near(plan: Plan) -> list[tuple[frozenset[str], Fraction | int]]:
    """For each demand point, the candidates within the stated distance (all when none is stated), and its share."""
    distances, within = plan.problem.distances, plan.wishes.exploration_within
    column = distances.column
    shares = {point.id: plain(point.share) for point in plan.problem.community.demand_points}
    return [
        (frozenset(c for c in plan.candidates if within is None or row[column[c]] <= within), shares[point])
        for point, row in zip(distances.demand_points, distances.from_demand, strict=True)
    ]


def _uncovered(plan: Plan, duties: ObjectiveModel, tracks: Sequence[str]) -> Terms:
    pairs = []
    for track in tracks:
        unit = plan.rules.unit_of[track]
        hosts = duties.open_or_true(unit)
        count: dict[tuple[str, ...], Fraction | int] = {}
        for near, share in _near(plan):
            reachable = tuple(code for code in hosts if code in near)
            count[reachable] = count.get(reachable, 0) + share
        for position, (reachable, times) in enumerate(count.items()):
            missed = duties.new(f"uncovered[{track},{position}]")
            duties.clause([missed, *(duties.unit(unit, code) for code in reachable)])
            pairs.append((missed, times))
    return collect(duties, pairs)
