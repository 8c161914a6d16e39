"""Leximin: two algorithms agree, hand-made vectors come out, levels are read as the rulebook says."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import ModuleType

import pytest

from models import leximin
from models.community import Plan, Problem, School
from models.duties import Duties
from models.engine import Engine
from models.leximin import by_chunks, by_counts
from models.objectives import load, separate
from models.objectives.leximin import Rungs
from models.stopping import Stop
from models.tiers import solve_tiers
from tests.communities import plain_problem, random_problem, with_measures
from tests.models.handmade import A, B, C, D, E, F, problem, runs


def chunks(plan: Plan, aim: ModuleType = load, engine: Engine | None = None) -> tuple[Fraction, ...] | None:
    """The least vector of a plan by the algorithm in use, no tier before it; None without a lawful plan."""
    duties = Duties(plan)
    rungs = aim.minimise(plan, duties)
    start = Engine().solve(duties.model)
    if not start.solution:
        return None
    levels = aim.value(plan, duties.assignment(start.true))
    result = by_chunks(engine or Engine(), duties, rungs, (start, levels))
    assert result.proven == len(rungs.levels)
    found = rungs.vector(result.counts)
    # The counts are those of the plan that comes with them.
    assert found == aim.value(plan, duties.assignment(result.outcome.true))
    return found


def counts(plan: Plan) -> tuple[Fraction, ...] | None:
    """The same by max-then-count."""
    duties = Duties(plan)
    start = Engine().solve(duties.model)
    if not start.solution:
        return None

    def level(code: str, effort: Fraction) -> Fraction:
        return load.level(plan, code, plan.fixed_points(code) + effort)

    return by_counts(Engine(), duties, start, level)


@pytest.mark.parametrize("scale", ["band", "exact", "points"])
@pytest.mark.parametrize("seed", runs(7, 100))
def test_chunks_and_counts_find_the_same_vector(seed: int, scale: str) -> None:
    given = random_problem(4000 + seed, 2 + seed % 11, rules_changes={"load_scale": scale})
    plan = Plan(given, str(given.wishes.convener))
    assert chunks(plan) == counts(plan)


@pytest.mark.parametrize("seed", range(6))
def test_size_of_the_chunks_makes_no_difference(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = random_problem(4100 + seed, 9, features=False, rules_changes={"load_scale": "exact"})
    plan = Plan(given, str(given.wishes.convener))
    usual, one_by_one = Engine(), Engine()
    expected = chunks(plan, engine=usual)
    monkeypatch.setattr(leximin, "MOST_WEIGHT", 1)
    assert chunks(plan, engine=one_by_one) == expected
    assert one_by_one.solves > usual.solves


def test_algorithms_agree_where_loads_are_large_and_schools_many() -> None:
    plan = Plan(plain_problem(16, 2), "000001")
    # One host a track at least: 4 + 4 of the benchmark schools, 4 of partnership, 2, 1, 4, 2: 21 units.
    expected = (Fraction(4), Fraction(4), *(Fraction(1),) * 13, Fraction(0))
    assert chunks(plan) == counts(plan) == expected


def solve(given: Problem) -> tuple[Fraction, ...]:
    value = solve_tiers(Plan(given, A), tie_break=False).tier("load").value
    assert isinstance(value, tuple)
    return value


def tenths(*numbers: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(number, 10) for number in numbers)


def with_school(code: str, **fields: object) -> list[School | str]:
    return [School(code, **fields) if one == code else one for one in (A, B, C, D, E, F)]  # type: ignore[arg-type]


# Six schools of capacity 5: 15 units (two hosts a track) and the convener's base make 16 points.
HANDMADE: Mapping[str, tuple[Problem, tuple[Fraction, ...]]] = {
    # 16 points on six schools: four have 3, two have 2.
    "all alike": (problem(), tenths(6, 6, 6, 6, 4, 4)),
    # A school of capacity 1 would have ratio 1 with its first point, more than the 4/5 of a school with 4.
    "a small school": (problem(with_school(F, capacity_points=Fraction(1))), tenths(8, 6, 6, 6, 6, 0)),
    # A school that already carries 5 gets nothing, and what the others get is levelled all the same.
    "a loaded school": (problem(with_school(B, history_points=Fraction(5))), tenths(10, 8, 6, 6, 6, 6)),
    # Twice the capacity: with k points on it the others have 16 - k; 5 of 10 leave 11 = 3 + 2 + 2 + 2 + 2 (6 4 4 4 4
    # beside 5), while 6 of 10 leave 2 each (6 beside 4 4 4 4 4): one school at 6 either way, and then fewer above 4.
    "a large school": (problem(with_school(B, capacity_points=Fraction(10))), tenths(6, 4, 4, 4, 4, 4)),
    # The benchmark school has its own four and the base whatever is decided; 15 units are left for five schools.
    "a benchmark school": (problem(benchmarks=[A]), tenths(10, 6, 6, 6, 6, 6)),
    # A resource-weak school has capacity 4: 2 of 4 is 5/10, 3 of 4 is 75/100, in bands 8/10. Three schools of
    # capacity 5 with 3 points and two with 2 leave 16 - 13 = 3 for it; so four of them have 3, one 2 and it 2.
    "a weak school": (problem(with_school(F, resource_weak=True)), tenths(6, 6, 6, 6, 5, 4)),
}


@pytest.mark.parametrize("name", HANDMADE)
def test_hand_made_vectors(name: str) -> None:
    given, expected = HANDMADE[name]
    assert solve(given) == expected


def test_a_coarse_band_hides_small_differences() -> None:
    """In bands of a half a school with 1 or 2 of 5 points is at 1/2, with 3 to 5 at 1, with 6 at 3/2."""
    book = with_measures(problem().rules.rulebook, load_band=Fraction(1, 2))
    # 16 points: 5 + 2 + 2 + 2 + 2 + 2 are 15, so two schools are at 1. With 5 + 5 the others need 6: three with 2.
    half = Fraction(1, 2)
    assert solve(problem(book=book)) == (1, 1, half, half, half, 0)


def test_separate_items_are_levelled_among_themselves() -> None:
    assert chunks(Plan(problem(), A), separate) == (5, 1, 1, 1, 1, 1)
    value = solve_tiers(Plan(problem(), A), tie_break=False).tier("separate").value
    # The convener hosts all five items of community learning; a partner beside it each, five partners.
    assert value == (5, 1, 1, 1, 1, 1)


LEVELS = [
    ("band", "1/10", 12, 7, "3/5"),
    ("band", "1/10", 10, 6, "3/5"),
    ("band", "1/10", 10, "61/10", "7/10"),
    ("band", "1/10", 5, 0, "0"),
    ("band", "1/10", 1000, 1, "1/10"),
    ("band", "1/8", 12, 7, "5/8"),
    ("band", "1/4", 4, 7, "7/4"),
    ("band", "1/4", 3, 5, "7/4"),
    ("exact", "1/10", 12, 7, "7/12"),
    ("exact", "1/10", 4, 7, "7/4"),
    ("points", "1/10", 12, 7, "7"),
    ("points", "1/10", 12, "13/2", "7"),
    ("points", "1/10", 12, "1/3", "1"),
]


@pytest.mark.parametrize(("scale", "band", "capacity", "points", "expected"), LEVELS)
def test_level(scale: str, band: str, capacity: int, points: int | str, expected: str) -> None:
    book = with_measures(problem().rules.rulebook, load_band=Fraction(band))
    schools = with_school(B, capacity_points=Fraction(capacity))
    plan = Plan(problem(schools, book=book, switches={"load_scale": scale}), A)
    assert load.level(plan, B, Fraction(points)) == Fraction(expected)


def test_rungs_count_schools_at_or_above_each_level() -> None:
    half, one, two = Fraction(1, 2), Fraction(1), Fraction(2)
    rungs = Rungs.of([([half, one, two], ["b1", "b2"]), ([one, one, two], ["c1", "c2"]), ([two], [])])
    assert rungs.levels == (two, one, half)
    # At 2: the third always, the others by their last rung; at 1: the second and third always; at 1/2 all.
    assert rungs.always == (1, 2, 3)
    assert rungs.literals == (("b2", "c2"), ("b1",), ())
    assert rungs.counts({"b1", "c2"}.__contains__) == [2, 3, 3]
    assert rungs.vector([2, 3, 3]) == (two, two, one)
    assert rungs.vector([2]) == (two, two)
    assert rungs.counts_of((two, two, one)) == [2, 3, 3]


def test_stopped_before_it_begins_it_keeps_the_plan_it_was_given() -> None:
    plan = Plan(plain_problem(8), "000001")
    duties = Duties(plan)
    rungs = load.minimise(plan, duties)
    start = Engine().solve(duties.model)
    levels = load.value(plan, duties.assignment(start.true))
    stop = Stop()
    stop.set()
    result = by_chunks(Engine(stop=stop), duties, rungs, (start, levels))
    assert result.outcome is start
    assert result.proven < len(rungs.levels)
    assert rungs.vector(result.counts) == levels
