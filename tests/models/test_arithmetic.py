"""The arithmetic of school year 111 comes out of the rulebook and the model, not out of a table in the code."""

from __future__ import annotations

from fractions import Fraction

import pytest

from models.community import Plan
from models.conflicts import relaxations_needed
from models.rulebook import load_rulebook
from models.tiers import solve_tiers
from tests.communities import plain_problem, with_measures

#: Benchmark schools -> (first n, last n) -> units, least possible largest number of them on a school.
TABLE: dict[int, dict[tuple[int, int], tuple[int, int]]] = {
    0: {
        (1, 1): (13, 13),
        (2, 2): (13, 7),
        (3, 3): (13, 5),
        (4, 4): (13, 4),
        (5, 5): (13, 3),
        (6, 7): (15, 3),
        (8, 10): (15, 2),
        (11, 15): (17, 2),
        (16, 18): (19, 2),
        (19, 25): (19, 1),
    },
    1: {
        (3, 3): (17, 6),
        (4, 4): (17, 5),
        (5, 5): (17, 4),
        (6, 10): (19, 4),
        (11, 15): (21, 4),
        (16, 25): (23, 4),
    },
    2: {
        (3, 3): (21, 8),
        (4, 4): (21, 6),
        (5, 5): (21, 5),
        (6, 10): (23, 4),
        (11, 15): (25, 4),
        (16, 25): (27, 4),
    },
}
CELLS = [
    pytest.param(n, benchmarks, *expected, id=f"{benchmarks}-benchmarks-{n}-schools")
    for benchmarks, row in TABLE.items()
    for (first, last), expected in row.items()
    for n in range(first, last + 1)
]
#: Exploration at its least: 13 units at any n.
LEAST = {3: 5, 4: 4, 5: 3, 6: 3, **dict.fromkeys(range(7, 13), 2), **dict.fromkeys(range(13, 26), 1)}
SPLITS = {
    20: [],
    21: [(13, 8), (12, 9), (11, 10)],
    22: [(14, 8), (13, 9), (12, 10), (11, 11)],
    24: [(16, 8), (15, 9), (14, 10), (13, 11), (12, 12)],
}
ONLY_LOAD = ("unwilling", "exploration", "load")


def loads(problem, convener: str = "000001") -> tuple[Fraction, ...]:
    result = solve_tiers(Plan(problem, convener), order=ONLY_LOAD, tie_break=False)
    assert result.proven
    value = result.tier("load").value
    assert isinstance(value, tuple)
    return value


@pytest.mark.parametrize(("n", "benchmarks", "units", "largest"), CELLS)
def test_units_and_least_largest_load(n: int, benchmarks: int, units: int, largest: int) -> None:
    vector = loads(plain_problem(n, benchmarks))
    assert len(vector) == n
    assert (sum(vector), vector[0]) == (units, largest)


@pytest.mark.parametrize("benchmarks", [0, 1, 2])
def test_the_table_covers_every_size_from_three_to_twenty_five(benchmarks: int) -> None:
    covered = [n for first, last in TABLE[benchmarks] for n in range(first, last + 1)]
    assert [n for n in covered if n >= 3] == list(range(3, 26))


@pytest.mark.parametrize(
    ("n", "units", "largest", "relaxations"), [(1, 13, 13, ["R1", "R2", "R3"]), (2, 13, 7, ["R1"])]
)
def test_the_smallest_communities_need_the_relaxations_and_no_others(
    n: int, units: int, largest: int, relaxations: list[str]
) -> None:
    strict = plain_problem(
        n,
        rules_changes={
            "partner_includes_convener": "no",
            "both_tracks": "no",
            "community_learning_partner": "needed",
        },
    )
    needed = relaxations_needed(strict, "000001")
    assert needed is not None
    assert [relaxation.id for relaxation in needed] == relaxations
    changes = {name: option for relaxation in needed for name, option in relaxation.set_.items()}
    vector = loads(strict.with_rules(strict.rules.with_options(changes)))
    assert (sum(vector), vector[0]) == (units, largest)


@pytest.mark.parametrize("n", LEAST)
def test_exploration_at_its_least(n: int) -> None:
    vector = loads(plain_problem(n, exploration_number="fewest"))
    assert (sum(vector), vector[0]) == (13, LEAST[n])


def test_three_schools_two_of_them_benchmarks_would_carry_seven_if_the_convener_were_a_partner() -> None:
    vector = loads(plain_problem(3, 2, rules_changes={"partner_includes_convener": "yes"}))
    assert (sum(vector), vector[0]) == (21, 7)


@pytest.mark.parametrize("n", range(20, 26))
def test_from_twenty_schools_on_there_are_fewer_units_than_schools(n: int) -> None:
    assert loads(plain_problem(n)) == (1,) * 19 + (0,) * (n - 19)


def test_a_base_load_of_the_convener_breaks_one_each_at_nineteen_schools() -> None:
    problem = plain_problem(19)
    assert loads(problem) == (1,) * 19
    book = with_measures(problem.rules.rulebook, convener_base_points=1)
    burdened = problem.with_rules(book.resolve(dict(problem.rules.choice)))
    # 19 units and a base on 19 schools are 20 points: somebody has two; the convener need host nothing.
    assert loads(burdened) == (2, *(1,) * 18)


@pytest.mark.parametrize("scale", ["points", "exact"])
def test_ratios_are_points_where_every_capacity_is_one(scale: str) -> None:
    assert loads(plain_problem(7, scale=scale)) == (3, 2, 2, 2, 2, 2, 2)


@pytest.mark.parametrize("n", SPLITS)
def test_split_sizes(n: int) -> None:
    assert load_rulebook("111").resolve().split.sizes(n) == SPLITS[n]


@pytest.mark.parametrize(("n", "pairs"), [(8, 0), (16, 0), (28, 7), (30, 8)])
def test_number_of_split_sizes(n: int, pairs: int) -> None:
    assert len(load_rulebook("111").resolve().split.sizes(n)) == pairs


@pytest.mark.parametrize(("n", "pairs"), [(20, 0), (21, 2), (22, 3), (24, 4), (30, 7)])
def test_number_of_split_sizes_with_eight_partners_besides_the_convener(n: int, pairs: int) -> None:
    sizes = load_rulebook("111").resolve({"plan_size": "partners"}).split.sizes(n)
    assert len(sizes) == pairs
    assert all(small >= 9 and large + small == n for large, small in sizes)


def test_twenty_partners_without_the_convener_are_not_more_than_twenty() -> None:
    split = load_rulebook("111").resolve({"split_threshold": "partners"}).split
    assert split.sizes(21) == []
    assert len(split.sizes(22)) == 4


def _units(n: int) -> int:
    return int(sum(loads(plain_problem(n))))


def test_a_split_costs_work() -> None:
    sizes = load_rulebook("111").resolve().split.sizes
    assert _units(21) == 19
    assert {_units(large) + _units(small) for large, small in sizes(21)} == {32}
    for n in (22, 23, 24):
        assert {_units(large) + _units(small) for large, small in sizes(n)} == {32, 34}
