"""The convener to be chosen: by benchmark, willingness, travel of the others, code."""

from __future__ import annotations

from models.community import School
from models.convener import choose_convener
from tests.models.handmade import A, B, C, D, E, F, problem

#: To A 60, to B 50, to C 50, to D 70, to E 80, to F 90 from the five others.
BETWEEN = [[0 if i == j else cost for j, cost in enumerate((12, 10, 10, 14, 16, 18))] for i in range(6)]


def codes(*schools: School | str, **rest: object) -> list[str]:
    given = problem(schools or (A, B, C, D, E, F), between=BETWEEN, **rest)  # type: ignore[arg-type]
    return [choice.code for choice in choose_convener(given)]


def convening(code: str, said: str, **flags: bool) -> School:
    return School(code, willingness={"convener": said}, **flags)  # type: ignore[dict-item, arg-type]


def test_nearest_to_the_others_then_the_smallest_code() -> None:
    assert codes() == [B, C, A, D, E, F]


def test_travel_is_that_of_the_others_to_the_school() -> None:
    choices = choose_convener(problem(between=BETWEEN))
    assert [choice.travel for choice in choices] == [50, 50, 60, 70, 80, 90]


def test_direction_of_travel_counts() -> None:
    """F is far from everybody, but everybody is near to F."""
    between = [[0 if i == j else 1 if j == 5 else 100 for j in range(6)] for i in range(6)]
    assert choose_convener(problem(between=between))[0].code == F


def test_the_willing_before_the_near() -> None:
    assert codes(A, B, C, convening(D, "unwilling"), convening(E, "willing"), F) == [E, B, C, A, F, D]


def test_who_cannot_is_no_choice() -> None:
    assert codes(A, convening(B, "cannot"), C, D, E, F) == [C, A, D, E, F]


def test_benchmark_schools_are_the_only_choices() -> None:
    assert codes(benchmarks=[F, D]) == [D, F]
    unwilling = convening(D, "unwilling", benchmark=True)
    assert codes(A, B, C, unwilling, E, School(F, benchmark=True)) == [F, D]
    # Its right goes before its wish.
    assert codes(A, B, C, unwilling, E, F) == [D]


def test_a_lone_benchmark_school_that_cannot_is_named_so_that_the_clauses_say_what_collides() -> None:
    assert codes(A, B, C, convening(D, "cannot", benchmark=True), E, F) == [D]


def test_abstainers_and_barred_schools_do_not_convene() -> None:
    assert codes(A, School(B, participates=False), School(C, barred=True), D, E, F) == [A, D, E, F]
    counted = codes(A, B, School(C, barred=True), D, E, F, switches={"barred_schools": "counted"})
    assert counted == [B, A, D, E, F]


def test_travel_of_abstainers_does_not_count() -> None:
    between = [[0, 1, 5], [1, 0, 5], [9, 1, 0]]
    # Without C: A and B are 1 apart, so the code decides; with it B is nearer.
    assert choose_convener(problem([A, B, School(C, participates=False)], between=between))[0].code == A
    assert choose_convener(problem([A, B, C], between=between))[0].code == B


def test_the_stated_one_is_the_only_choice_whatever_it_said() -> None:
    assert codes(A, B, C, D, convening(E, "cannot"), F, convener=E) == [E]
    assert codes(benchmarks=[F], convener=A) == [A]


def test_nobody_at_all() -> None:
    assert codes(*(School(code, participates=False) for code in (A, B, C, D, E, F))) == []
    assert codes(*(convening(code, "cannot") for code in (A, B, C, D, E, F))) == []
