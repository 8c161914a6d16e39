"""Where rules collide: an irreducible set of them is named, and the relaxations that help come in their order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from models.clauses import ROOMS
from models.community import OutsidePartner, Plan, Problem, School
from models.conflicts import collision, feasible, relaxations_needed, relaxed
from models.duties import Duties
from models.engine import Engine
from tests.communities import plain_problem, random_problem
from tests.models.handmade import ACADEMIC, CAREER, A, B, C, D, E, F, problem
from tests.oracles import mip

STRICT = {
    "partner_includes_convener": "no",
    "both_tracks": "no",
    "community_learning_partner": "needed",
    "benchmark_serves": "no",
}
EVERYONE = (A, B, C, D, E, F)


def holds(duties: Duties, keys: Iterable[tuple[str, str]]) -> bool:
    """Whether these parts of the clauses can be kept together, all others put aside."""
    model = duties.model.clone()
    model.add_bool_and([duties.guards[key] for key in keys])
    status = Engine().solve(model).status
    assert status in ("optimal", "infeasible")
    return status == "optimal"


def assert_irreducible(plan: Plan) -> None:
    found = collision(plan)
    assert found is not None
    duties = Duties(plan, guarded=True)
    assert found.parts
    assert not holds(duties, found.parts)
    for part in found.parts:
        assert holds(duties, [other for other in found.parts if other != part]), part
    assert list(found.clauses) == list(dict.fromkeys(clause for clause, _ in found.parts))


def without_plan(count: int, first: int) -> list[Plan]:
    """The first so many seeded communities whose rules collide."""
    plans: list[Plan] = []
    seed = first
    while len(plans) < count:
        given = random_problem(seed, 1 + seed % 9)
        plan = Plan(given, str(given.wishes.convener))
        if not feasible(plan):
            plans.append(plan)
        seed += 1
    return plans


def test_collisions_of_fifteen_communities_are_irreducible() -> None:
    for plan in without_plan(15, 6000):
        assert_irreducible(plan)


@pytest.mark.campaign
def test_collisions_of_three_hundred_communities_are_irreducible() -> None:
    for plan in without_plan(300, 6000):
        assert_irreducible(plan)


@pytest.mark.parametrize(("n", "benchmarks"), [(n, benchmarks) for n in (1, 2) for benchmarks in range(n + 1)])
def test_collisions_of_the_smallest_communities_are_irreducible(n: int, benchmarks: int) -> None:
    assert_irreducible(Plan(plain_problem(n, benchmarks, rules_changes=STRICT), "000001"))


@pytest.mark.parametrize("seed", range(30))
def test_feasible_says_what_the_second_solver_says(seed: int) -> None:
    given = random_problem(6500 + seed, 1 + seed % 9)
    plan = Plan(given, str(given.wishes.convener))
    exists = mip.solve_tiers(given, order=("unwilling",)).status == "optimal"
    assert feasible(plan) is exists
    assert (collision(plan) is None) is exists


def parts(given: Problem, convener: str = A) -> set[tuple[str, str]]:
    found = collision(Plan(given, convener))
    return set(found.parts) if found is not None else set()


def test_nothing_collides_in_an_ordinary_community() -> None:
    assert collision(Plan(problem(), A)) is None


def test_a_pin_on_a_school_that_cannot() -> None:
    given = problem([A, B, School(C, willingness={"2.1": "cannot"}), D, E, F], pins=frozenset({("2.1", C)}))
    assert parts(given) == {("planner.pins", f"2.1:{C}"), ("school.cannot", f"2.1:{C}")}


def test_an_item_from_which_everybody_is_excluded() -> None:
    given = problem(bans=frozenset(("2.1", code) for code in EVERYONE))
    assert parts(given) == {("2.hosts", "2.1"), *(("planner.bans", f"2.1:{code}") for code in EVERYONE)}


def test_two_pins_on_an_item_that_has_one_host() -> None:
    given = problem(pins=frozenset({("4.1", C), ("4.1", D)}))
    assert parts(given) == {("4.hosts", "4.1"), ("planner.pins", f"4.1:{C}"), ("planner.pins", f"4.1:{D}")}


def test_a_stranger_pinned() -> None:
    assert parts(problem(pins=frozenset({("4.1", "999999")}))) == {("planner.pins", "4.1:999999")}


def test_a_convener_that_is_not_the_stated_one() -> None:
    assert parts(problem(convener=A), B) == {("plan.convener", "convener.not_as_stated")}


def test_another_convener_than_the_benchmark_school() -> None:
    assert {clause for clause, _ in parts(problem(benchmarks=[A]), B)} == {"plan.benchmark_convenes"}


def test_a_hard_limit_below_what_a_benchmark_school_must_host() -> None:
    """Four items and the base of the convener are five points."""
    schools = [School(A, benchmark=True, capacity_points=4, load_limit_hard=True), B, C, D, E, F]  # type: ignore[arg-type]
    assert parts(problem(schools)) == {("school.load_limit", A), *(("1.benchmark", f"1.{k}") for k in (1, 2, 3, 4))}


def test_a_limit_already_passed_by_the_points_carried_over() -> None:
    schools = [A, B, School(C, history_points=6, load_limit_hard=True), D, E, F]  # type: ignore[arg-type]
    assert parts(problem(schools)) == {("school.load_limit", C)}


def test_a_partner_from_outside_pinned_to_an_item_that_it_is_not_named_for() -> None:
    outside = OutsidePartner("900001", "outside", frozenset({"2.1"}), "talent_class")
    given = problem(
        outside=[outside], switches={"outside_partner_hosts": "yes"}, pins=frozenset({("2.3", outside.code)})
    )
    assert {clause for clause, _ in parts(given)} == {"plan.outside", "planner.pins"}


@pytest.mark.parametrize("seed", range(10))
def test_guarded_model_without_assumptions_excludes_nothing(seed: int) -> None:
    """Every constraint hangs on a guard, and every guard belongs to a clause in force."""
    given = random_problem(6700 + seed, 2 + seed % 5)
    duties = Duties(Plan(given, str(given.wishes.convener)), guarded=True)
    assert holds(duties, [])
    assert {clause for clause, _ in duties.guards} <= {clause.id for clause in given.rules.clauses}
    everything = duties.model.clone()
    everything.add_bool_and([*duties.decisions.values(), *duties.way_decisions.values()])
    assert Engine().solve(everything).status == "optimal"


# -------------------------------------------------------------------------------------------------------- relaxations


@pytest.mark.parametrize(
    ("n", "benchmarks", "expected"),
    [
        (1, 0, ["R1", "R2", "R3"]),
        (1, 1, ["R1", "R2", "R3", "R4"]),
        (2, 0, ["R1"]),
        (2, 1, ["R1"]),
        (2, 2, ["R1", "R4"]),
        (3, 0, []),
        (3, 1, []),
        (3, 2, []),
        (3, 3, ["R4"]),
        (8, 8, ["R4"]),
    ],
)
def test_relaxations_of_small_communities(n: int, benchmarks: int, expected: list[str]) -> None:
    given = plain_problem(n, benchmarks, rules_changes=STRICT)
    needed = relaxations_needed(given, "000001")
    assert needed is not None
    assert [relaxation.id for relaxation in needed] == expected
    assert feasible(Plan(relaxed(given, needed), "000001"))
    for one in needed:
        assert not feasible(Plan(relaxed(given, [other for other in needed if other is not one]), "000001"))


def tight(code: str) -> School:
    return School(code, capacity_points=2, load_limit_hard=True)  # type: ignore[arg-type]


def test_hard_limits_too_tight_for_the_work() -> None:
    """Six schools with two points each for 13 units and a base."""
    needed = relaxations_needed(problem(map(tight, EVERYONE)), A)
    assert needed is not None
    assert [relaxation.id for relaxation in needed] == ["R5"]


def test_two_schools_with_hard_limits_need_both() -> None:
    needed = relaxations_needed(problem(map(tight, (A, B))), A)
    assert needed is not None
    assert [relaxation.id for relaxation in needed] == ["R1", "R5"]


def test_two_tracks_and_one_able_partner_need_one_school_for_both() -> None:
    """The convener as a partner comes first in the order, but cannot either."""
    said = {CAREER: "cannot", ACADEMIC: "cannot"}
    schools = [C if code == C else School(code, willingness=said) for code in EVERYONE]  # type: ignore[arg-type]
    needed = relaxations_needed(problem(schools), A)
    assert needed is not None
    assert [relaxation.id for relaxation in needed] == ["R2"]


def test_none_helps_where_the_planner_excludes_everybody() -> None:
    given = problem(bans=frozenset(("2.1", code) for code in EVERYONE))
    assert relaxations_needed(given, A) is None


def test_only_those_offered_are_taken() -> None:
    given = plain_problem(2, rules_changes=STRICT)
    by_id = {relaxation.id: relaxation for relaxation in given.rules.rulebook.relaxations}
    assert list(by_id) == ["R1", "R2", "R3", "R4", "R5"]
    assert relaxations_needed(given, "000001", [by_id["R3"], by_id["R4"]]) is None
    # One partner for both tracks does it as well.
    assert relaxations_needed(given, "000001", [by_id["R2"], by_id["R1"]]) == (by_id["R2"],)


def test_kinds_of_clauses_have_rooms_with_two_doors() -> None:
    for room in ROOMS.values():
        assert callable(room.require)
        assert callable(room.violations)
