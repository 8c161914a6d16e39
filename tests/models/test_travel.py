"""Travel: hand-made distances, and the hosts nearest to all by trying every set of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from models.audit import audit
from models.community import DemandPoint, OutsidePartner, Plan, Problem
from models.objectives import travel
from models.rulebook import Trips
from models.tiers import solve_tiers
from tests.communities import with_measures
from tests.models.handmade import ACADEMIC, CAREER, A, B, C, D, E, changed, lawful_plan, problem, runs

#: Rows travel to columns, A to F: asymmetric, so that the direction shows.
BETWEEN = [
    [0, 10, 20, 30, 40, 50],
    [11, 0, 5, 6, 7, 8],
    [21, 5, 0, 9, 9, 9],
    [31, 6, 9, 0, 2, 3],
    [41, 7, 9, 2, 0, 4],
    [51, 8, 9, 3, 4, 0],
]
POINTS = (
    DemandPoint("J1", pupils={7: 1000, 8: 10, 9: 20}, teachers=Fraction(1)),
    DemandPoint("J2", pupils={7: 1000, 8: 5}, teachers=Fraction(3, 2)),
)
FROM_DEMAND = [[100, 90, 80, 70, 60, 50], [1, 2, 3, 4, 5, 6]]


def given(**rest: object) -> Problem:
    return problem(points=POINTS, between=BETWEEN, from_demand=FROM_DEMAND, **rest)  # type: ignore[arg-type]


def to_host(plan: Plan, unit: str, host: str) -> Fraction:
    """Trips a year of all who take part in a unit to one host."""
    (cost,) = travel.participants_costs(plan, plan.rules.units[unit], [host])
    return Fraction(cost)


def test_participants_travel_from_their_school_to_the_host() -> None:
    plan = Plan(given(), A)
    # To A: 11 + 21 + 31 + 41 + 51 = 155 steps; 1.1 meets ten times a year, 1.2 twice.
    assert to_host(plan, "1.1", A) == 1550
    assert to_host(plan, "1.2", A) == 310
    # To B: 10 + 5 + 6 + 7 + 8 = 36; the bundle four times, once for its three items.
    assert to_host(plan, "3", B) == 144


def test_persons_a_school_multiply() -> None:
    book = with_measures(given().rules.rulebook, persons_a_school=Fraction(3, 2))
    plan = Plan(given(book=book), A)
    assert to_host(plan, "1.2", A) == 465


def test_abstainers_do_not_travel_and_outside_partners_do_for_their_items() -> None:
    outside = OutsidePartner("900001", "outside", frozenset({"4.1", "3.2"}), "talent_class")
    between = [[*row, 1] for row in BETWEEN] + [[7] * 6 + [0]]
    plan = Plan(problem(between=between, outside=[outside]), A)
    assert to_host(plan, "4.1", A) == 2 * (155 + 7)
    assert to_host(plan, "3", B) == 4 * (36 + 7)
    assert to_host(plan, "4.2", A) == 2 * 155


def test_people_of_a_junior_high() -> None:
    plan = Plan(given(), A)
    weights, scale = travel.demand_weights(plan, Trips(who="junior_high_teachers", times_a_year=Fraction(4)))
    assert [Fraction(int(w), scale) for w in weights] == [4, 6]
    pupils = Trips(who="junior_high_pupils", times_a_year=Fraction(1, 3), grades=(8, 9))
    weights, scale = travel.demand_weights(plan, pupils)
    assert [Fraction(int(w), scale) for w in weights] == [10, Fraction(5, 3)]


def test_value_of_a_plan_by_hand() -> None:
    plan = Plan(given(), A)
    hosts = changed(lawful_plan(), {CAREER: (C, E)})
    units = plan.rules.units
    # Teachers four times a year to the host of 2.1, C: 1 x 80 + 3/2 x 3 = 84.5 steps.
    assert travel.unit_value(plan, units["2.1"], hosts) == 338
    # Pupils of the second and third year to the nearer host: J1 30 x 60 at E, J2 5 x 3 at C.
    assert travel.unit_value(plan, units[CAREER], hosts) == 1815
    # To D: J1 30 x 70, J2 5 x 4.
    assert travel.unit_value(plan, units[ACADEMIC], hosts) == 2120
    # 2.3 at D: 70 + 6 = 76 steps, four times.
    assert travel.unit_value(plan, units["2.3"], hosts) == 304
    # To C: 20 + 5 + 9 + 9 + 9 = 52; to D: 30 + 6 + 9 + 2 + 3 = 50; to E: 40 + 7 + 9 + 2 + 4 = 62;
    # to F: 50 + 8 + 9 + 3 + 4 = 74.
    others = 10 * 52 + 2 * 50 + 4 * 62 + 2 * 74 + 4 * 62 + 2 * 52 + 2 * 50 + 2 * 62 + 2 * 74
    assert audit(given(), hosts).values["travel"] == 338 + 1815 + 2120 + 304 + others


def test_a_unit_without_hosts_costs_nothing() -> None:
    plan = Plan(given(), A)
    empty = changed(lawful_plan(), {CAREER: (), "2.1": ()})
    assert travel.unit_value(plan, plan.rules.units[CAREER], empty) == 0
    assert travel.unit_value(plan, plan.rules.units["2.1"], empty) == 0


def random_tables(seed: int, codes: Sequence[str], points: int) -> tuple[Problem, Sequence[DemandPoint]]:
    rng = random.Random(f"travel {seed}")
    size = len(codes)
    between = [[0 if i == j else rng.randint(1, 200) for j in range(size)] for i in range(size)]
    juniors = [
        DemandPoint(
            f"J{k:02d}", pupils={8: rng.randint(0, 90), 9: rng.randint(0, 90)}, teachers=Fraction(rng.randint(0, 3))
        )
        for k in range(points)
    ]
    near = [[rng.randint(1, 200) for _ in codes] for _ in juniors]
    return problem(codes, points=juniors, between=between, from_demand=near), juniors


def least_travel(given: Problem, juniors: Sequence[DemandPoint], each: int) -> int:
    """The least travel of all lawful plans with so many hosts a track, from the tables; the first school convenes."""
    between, near = given.distances.between_schools.tolist(), given.distances.from_demand.tolist()
    everyone = range(len(between))
    partners = everyone[1:]
    column = [sum(row[j] for row in between) for j in everyone]
    teachers = [sum(int(p.teachers) * row[j] for p, row in zip(juniors, near, strict=True)) for j in everyone]
    pupils = [sum(point.pupils.values()) for point in juniors]

    def median(hosts: Sequence[int]) -> int:
        return sum(w * min(row[j] for j in hosts) for w, row in zip(pupils, near, strict=True))

    tracks = min(
        median(career) + median(academic)
        for career in itertools.combinations(partners, each)
        for academic in itertools.combinations([j for j in partners if j not in career], each)
    )
    # 1.1 to 1.4: 10 + 2 + 4 + 2 meetings, any school; bundle 4 and 4.1, 4.2, 4.3, 4.5 twice each, partners; 2.1, 2.3.
    return 18 * min(column) + (4 + 8) * min(column[j] for j in partners) + (4 + 4) * min(teachers) + tracks


@pytest.mark.parametrize(("schools", "each"), [(4, 1), (6, 2), (8, 2), (11, 3)])
@pytest.mark.parametrize("seed", runs(4, 30))
def test_least_travel_is_that_of_the_best_of_all_host_sets(seed: int, schools: int, each: int) -> None:
    codes = [f"1000{k:02d}" for k in range(schools)]
    made, juniors = random_tables(seed, codes, 2 * schools)
    result = solve_tiers(Plan(made, codes[0]), order=("exploration", "travel"))
    assert result.tier("exploration").value == 2 * each
    assert result.tier("travel").status == "optimal"
    assert result.tier("travel").value == least_travel(made, juniors, each)


def test_nearest_hosts_of_a_track_by_hand() -> None:
    """Two places far apart, two junior highs at each: one host of each track goes to either place."""
    near = [
        [500, 1, 1, 900, 900, 900],
        [500, 2, 2, 900, 900, 900],
        [500, 900, 900, 1, 1, 900],
        [500, 900, 900, 2, 2, 900],
    ]
    points = [DemandPoint(f"J{k}", pupils={8: 100}) for k in range(4)]
    found = solve_tiers(Plan(problem(points=points, from_demand=near), A), order=("exploration", "travel"))
    hosts = found.assignment
    for track in (CAREER, ACADEMIC):
        assert len({B, C} & set(hosts.hosts_of(track))) == 1
        assert len({D, E} & set(hosts.hosts_of(track))) == 1
    # 600 steps a track for the pupils; the teachers, four times for both items, to one host: 3 + 1800.
    assert found.tier("travel").value == 2 * 600 + 2 * 4 * 1803


def test_a_track_may_stay_without_host_where_one_in_all_is_enough() -> None:
    """Nobody travels to a track without host, whatever number was asked for: tracks are exempt from it."""
    point = DemandPoint("J1", pupils={8: 10, 9: 10})
    for asked in ({}, {CAREER: 1}):
        made = problem(
            points=[point],
            from_demand=[[5, 6, 7, 8, 9, 10]],
            switches={"exploration_presence": "one_in_all", "exploration_number": "fewest"},
            bans=frozenset({(CAREER, B)}),
            host_numbers=asked,
        )
        found = solve_tiers(Plan(made, A), order=("exploration", "travel"))
        # 20 pupils to academic exploration at B, 6 steps; a teacher, four times a year for both items, to A, 5 steps.
        assert found.tier("travel").value == 20 * 6 + 2 * 4 * 5
        assert found.assignment.hosts_of(ACADEMIC) == (B,)
