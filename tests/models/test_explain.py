"""Why there is no plan: collisions are irreducible and independent, ways out minimal and the cheapest there are."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest

from models.community import Plan, Problem, School
from models.concessions import Concession, for_sale
from models.conflicts import Collision
from models.engine import Engine
from models.explain import Explanation, WayOut, ways_out, why_no_plan
from models.rulebook import load_rulebook
from models.stopping import Limits, Stop
from tests.communities import plain_problem, random_problem
from tests.models.handmade import CAREER, A, B, C, D, E, F, problem, runs
from tests.oracles import judge
from tests.oracles.ways_out import WaysOut, give_up, has_plan, hold_together

ITEMS = tuple(item.id for item in load_rulebook("111").items)
EVERYONE = (A, B, C, D, E, F)


# ------------------------------------------------------------------------------------------------ seeded scenarios


def scenario(seed: int) -> Problem:
    """A small community with wishes and answers that collide, by the second solver."""
    attempt = 0
    while True:
        rng = random.Random(f"explain {seed} {attempt}")
        given = _troubled(rng, random_problem(rng.randrange(10**6), 1 + seed % 7))
        if not has_plan(given, str(given.wishes.convener)):
            return given
        attempt += 1


def _troubled(rng: random.Random, given: Problem) -> Problem:
    schools = list(given.community.schools)
    codes = [school.code for school in schools]
    pins, bans = set(given.wishes.pins), set(given.wishes.bans)
    for _ in range(rng.choice((0, 1, 2, 3))):
        pins.add((rng.choice(ITEMS), rng.choice(codes)))
    for _ in range(rng.choice((0, 0, 1, 2))):
        item = rng.choice(ITEMS)
        bans |= {(item, code) for code in codes if rng.random() < 0.9}
    for _ in range(rng.choice((0, 1, 2))):
        k = rng.randrange(len(schools))
        said = {**schools[k].willingness, rng.choice((*ITEMS, "3", "convener")): "cannot"}
        schools[k] = replace(schools[k], willingness=said)
    for _ in range(rng.choice((0, 0, 1, 2))):
        k = rng.randrange(len(schools))
        schools[k] = replace(schools[k], capacity_points=Fraction(rng.randint(1, 4)), load_limit_hard=True)
    numbers = dict(given.wishes.host_numbers)
    for _ in range(rng.choice((0, 0, 1, 2))):
        numbers[rng.choice([item for item in ITEMS if not item.startswith("4.4")])] = rng.randint(0, len(codes) + 1)
    wishes = replace(given.wishes, pins=frozenset(pins), bans=frozenset(bans), host_numbers=numbers)
    return replace(given, wishes=wishes, community=replace(given.community, schools=tuple(schools)))


@pytest.mark.parametrize("seed", runs(12, 300))
def test_collisions_and_ways_out_stand_before_independent_code(seed: int) -> None:
    given = scenario(seed)
    found = why_no_plan(given, most=4)
    assert found.collisions
    for collision in found.collisions:
        assert_irreducible(found.plan, collision)
    assert_independent(found)
    oracle = WaysOut(given)
    least = oracle.least_price()
    ways = found.ways_out.ways
    assert (ways[0].price if ways else None) == least
    assert [way.price for way in ways] == sorted(way.price for way in ways)
    for way in ways:
        assert_way_out(given, way, oracle)
    for one, other in itertools.permutations(ways, 2):
        assert not {gone.id for gone in one.gives_up} <= {gone.id for gone in other.gives_up}


def assert_irreducible(plan: Plan, collision: Collision) -> None:
    assert collision.parts
    assert not hold_together(plan.problem, plan.convener, collision.parts)
    for part in collision.parts:
        rest = [other for other in collision.parts if other != part]
        assert hold_together(plan.problem, plan.convener, rest), part


def assert_independent(found: Explanation) -> None:
    """What must be given up for one collision is no part of another; nothing is shared with one that has no such."""
    offered = for_sale(found.plan)
    for one, other in itertools.combinations(found.collisions, 2):
        sold = {part for part in one.parts if part in offered} or set(one.parts)
        assert sold.isdisjoint(other.parts)


def assert_way_out(given: Problem, way: WayOut, oracle: WaysOut) -> None:
    """Lawful by the judge, proven, worth what is said, and nothing in it could be kept."""
    assert way.result is not None and way.audit is not None
    assert way.result.proven and way.audit.ok and not way.disagreements
    left = give_up(given, way.gives_up)
    assert judge.lawful(left, way.result.assignment)
    assert way.price == sum(price(given, gone) for gone in way.gives_up)
    assert len({gone.id for gone in way.gives_up}) == len(way.gives_up)
    assert oracle.is_enough(way.gives_up)
    count = len(way.gives_up)
    for size in range(count) if count < 6 else (count - 1,):
        for part in itertools.combinations(way.gives_up, size):
            assert not oracle.is_enough(part), part
            if size == count - 1 and all(gone.kind != "host_number" for gone in part):
                convener = next((gone.school for gone in part if gone.kind == "convener"), str(given.wishes.convener))
                assert not has_plan(give_up(given, part), convener)


def price(given: Problem, gone: Concession) -> Fraction:
    book = given.rules.rulebook
    if gone.kind == "relaxation":
        return next(relaxation.price for relaxation in book.relaxations if relaxation.id == gone.key)
    value: Fraction = getattr(book.prices, gone.kind).value
    return value


# ------------------------------------------------------------------------------------------------------ by the pencil


def brief(found: Iterable[WayOut]) -> list[tuple[int, set[tuple[str, str, str]]]]:
    return [(int(way.price), {gone.id for gone in way.gives_up}) for way in found]


def test_two_pins_on_an_item_of_one_host_leave_a_choice() -> None:
    found = ways_out(problem(convener=A, pins=frozenset({("4.1", C), ("4.1", D)})))
    assert brief(found.ways) == [(1, {("pin", "4.1", C)}), (1, {("pin", "4.1", D)})]
    assert found.complete and found.cheapest_complete and found.stopped_by is None
    assert {way.assignment.hosts_of("4.1") for way in found.ways if way.assignment} == {(C,), (D,)}


def test_of_many_exclusions_one_is_enough() -> None:
    given = problem(convener=A, bans=frozenset(("2.1", code) for code in EVERYONE))
    found = ways_out(given, offered=(), with_plans=False)
    assert sorted(map(str, brief(found.ways))) == sorted(str((3, {("ban", "2.1", code)})) for code in EVERYONE)
    assert found.complete
    few = ways_out(given, offered=(), with_plans=False, most=2)
    assert len(few.ways) == 2 and not few.complete and not few.cheapest_complete


def test_all_cheapest_may_be_known_before_all() -> None:
    schools = [A, B, School(C, willingness={"2.1": "cannot"}), D, E, F]
    found = ways_out(problem(schools, convener=A, pins=frozenset({("2.1", C)})), most=1, with_plans=False)
    assert brief(found.ways) == [(1, {("pin", "2.1", C)})]
    assert found.cheapest_complete and not found.complete


def test_independent_collisions_are_all_told() -> None:
    schools = [A, B, School(C, willingness={"2.1": "cannot"}), D, E, F]
    given = problem(schools, convener=A, pins=frozenset({("2.1", C), ("4.1", D)}), bans=frozenset({("4.1", D)}))
    found = why_no_plan(given, most=1, with_plans=False)
    assert {frozenset(collision.parts) for collision in found.collisions} == {
        frozenset({("planner.pins", f"4.1:{D}"), ("planner.bans", f"4.1:{D}")}),
        frozenset({("planner.pins", f"2.1:{C}"), ("school.cannot", f"2.1:{C}")}),
    }
    assert brief(found.ways_out.ways)[0] == (2, {("pin", "2.1", C), ("pin", "4.1", D)})


def test_a_pin_that_is_freed_takes_its_room_along() -> None:
    schools = [A, B, School(C, willingness={"2.1": "cannot"}), D, E, F]
    found = ways_out(problem(schools, convener=A, pins=frozenset({("2.1", C), ("2.1", D)})), most=1)
    (way,) = found.ways
    assert brief([way]) == [(1, {("pin", "2.1", C)})]
    assert way.assignment is not None and way.assignment.hosts_of("2.1") == (D,)


def test_a_host_number_becomes_the_nearest_that_will_do() -> None:
    (way,) = ways_out(problem(convener=A, host_numbers={"2.1": 8}), offered=()).ways
    assert [(gone.kind, gone.key, gone.number, gone.instead_of) for gone in way.gives_up] == [
        ("host_number", "2.1", 6, 8)
    ]


def test_a_number_may_be_asked_for_where_none_was() -> None:
    """The two items must have the same hosts, and two are asked for of one of them only."""
    given = problem(convener=A, host_numbers={"2.1": 2}, switches={"six_year_same_host": "must"})
    ways = ways_out(given, offered=(), with_plans=False).ways
    assert {tuple((gone.key, gone.number) for gone in way.gives_up) for way in ways} == {
        (("2.1", 1),),
        (("2.3", 2),),
    }


def test_another_school_may_convene() -> None:
    schools = [School(A, willingness={"convener": "cannot"}), B, C, D, E, F]
    found = ways_out(problem(schools, convener=A), offered=(), with_plans=False)
    assert brief(found.ways) == [(2, {("convener", A, "")}), (10, {("cannot", "convener", A)})]
    assert [way.plan.convener for way in found.ways] == [B, A]


def test_without_a_stated_convener_others_cost_nothing() -> None:
    schools = [School(A, willingness={"5.1": "cannot", "convener": "willing"}), B, C, D, E, F]
    found = why_no_plan(problem(schools), most=1)
    assert found.plan.convener == A and found.collisions
    assert brief(found.ways_out.ways) == [(0, set())]
    assert found.ways_out.ways[0].plan.convener == B


@pytest.mark.parametrize(
    ("n", "benchmarks", "expected"), [(1, 1, ["R1", "R2", "R3", "R4"]), (2, 0, ["R1"]), (8, 8, ["R4"])]
)
def test_small_communities_need_relaxations(n: int, benchmarks: int, expected: list[str]) -> None:
    strict = dict.fromkeys(("partner_includes_convener", "both_tracks", "benchmark_serves"), "no")
    given = plain_problem(n, benchmarks, rules_changes={**strict, "community_learning_partner": "needed"})
    way = ways_out(given, most=1).ways[0]
    assert list(way.relaxations) == expected == [gone.key for gone in way.gives_up]


def test_only_relaxations_offered_are_taken() -> None:
    given = problem([A, B], convener=A)
    by_id = {relaxation.id: relaxation for relaxation in given.rules.rulebook.relaxations}
    assert ways_out(given, offered=[]).ways == ()
    assert ways_out(given, offered=[by_id["R2"]]).ways[0].relaxations == ("R2",)


def test_law_is_never_for_sale() -> None:
    barred = School(A, benchmark=True, barred=True)
    found = why_no_plan(problem([barred, B, C, D, E, F], convener=A, switches={"barred_schools": "counted"}))
    assert found.collisions
    assert found.ways_out.ways == () and found.ways_out.complete


def test_where_there_is_a_plan_nothing_is_given_up() -> None:
    found = why_no_plan(problem(convener=A))
    assert found.collisions == ()
    assert brief(found.ways_out.ways) == [(0, set())] and found.ways_out.complete


def test_prices_come_from_the_rulebook() -> None:
    book = load_rulebook("111")
    dear = book.prices.pin.model_copy(update={"value": Fraction(7, 2)})
    book = book.model_copy(update={"prices": book.prices.model_copy(update={"pin": dear})})
    given = problem(convener=A, pins=frozenset({(CAREER, C)}), bans=frozenset({(CAREER, C)}), book=book)
    assert [(way.price, way.gives_up[0].kind) for way in ways_out(given, offered=(), with_plans=False).ways] == [
        (Fraction(3), "ban"),
        (Fraction(7, 2), "pin"),
    ]


def test_limits_and_stops_are_heard() -> None:
    given = problem(convener=A, bans=frozenset(("2.1", code) for code in EVERYONE))
    stop = Stop()
    stop.set()
    found = ways_out(given, Engine(stop=stop))
    assert (found.ways, found.complete, found.stopped_by) == ((), False, "person")
    found = ways_out(given, Engine(limits=Limits(work=1e-6)))
    assert not found.complete and found.stopped_by == "work"
    assert all(way.result is None for way in found.ways)
