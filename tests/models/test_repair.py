"""A plan mended, continued, rotated, compared: fewest changes, no tier worse, nothing moved unnamed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from ortools.sat.python import cp_model

from models.audit import audit
from models.community import Assignment, Plan, Problem, School
from models.difference import difference
from models.duties import Duties
from models.engine import Engine
from models.fairness import fairness
from models.objectives.leximin import Rungs
from models.repair import (
    Continued,
    Repair,
    _lexicographically_at_most,
    continue_from,
    heavy_units,
    next_year,
    repair,
    rotate,
)
from models.stopping import Limits
from models.tiers import NoPlan, TiersResult, full_order, solve_tiers
from tests.communities import random_problem
from tests.models.handmade import A, B, C, D, E, F, asked_to, changed, community, lawful_plan, problem, runs
from tests.oracles import choices, judge


def plan_of(given: Problem) -> Plan:
    return Plan(given, str(given.wishes.convener))


def solved(given: Problem) -> TiersResult | None:
    try:
        return solve_tiers(plan_of(given))
    except NoPlan:
        return None


def small(seed: int) -> Problem:
    """Every third with all features; the last ones of a campaign have six schools and none."""
    return random_problem(900 + seed, 6 if seed >= 90 else 3 + seed % 3, features=seed % 3 == 2 and seed < 90)


# ---------------------------------------------------------------------------------------------------------- repair


def after_a_change(seed: int) -> tuple[Problem, Repair] | None:
    """A school leaves, is barred or joins; None where there was no plan before."""
    given = small(seed)
    rng = random.Random(seed)
    members = list(given.participants)
    if seed % 3 == 0 and len(members) > 2:
        late = rng.choice([code for code in members if code != given.wishes.convener])
        before = solved(community(given, schools=tuple(absent(s, late) for s in given.community.schools)))
        return None if before is None else (given, repair(given, before.assignment, join=[late]))
    before = solved(given)
    if before is None:
        return None
    code = rng.choice(members)
    gone = {"leave": [code]} if seed % 3 == 1 else {"barred": [code]}
    return given, repair(given, before.assignment, **gone)


def absent(school: School, code: str) -> School:
    return replace(school, participates=school.participates and school.code != code)


@pytest.mark.parametrize("seed", runs(6, 100))
def test_changes_are_as_few_as_an_enumeration_finds_and_then_the_tiers_follow(seed: int) -> None:
    case = after_a_change(seed)
    if case is None:
        return
    given, mended = case
    now = asked_to(mended.plan.problem, convener=mended.plan.convener)
    expected = choices.fewest_changes(now, mended.before)
    if mended.result is None:
        assert expected is None
        assert mended.collision is not None
        return
    assert expected is not None
    assert mended.fewest is not None
    assert mended.fewest.status == "optimal"
    assert mended.fewest.value == mended.fewest.bound == expected[0] == len(mended.moves)
    assert dict(mended.result.assignment.hosts) == expected[1]
    assert judge.broken(now, mended.result.assignment) == set()
    for item, code in given.wishes.pins - set(mended.fallen_away.pins):
        assert code in mended.result.assignment.hosts_of(item)
    assert mended.free is not None
    assert mended.free.assignment == solve_tiers(mended.plan).assignment
    assert len(mended.free_moves) >= len(mended.moves)
    for move in mended.moves:
        assert move.forced == cannot_stay(now, mended.before, move.hand_over.items[0], move.hand_over.before)


def cannot_stay(now: Problem, before: Assignment, item: str, host: str | None) -> bool:
    """Whether in every lawful plan the host goes, or (where one is added) another than the hosts before comes."""
    old = set(before.hosts_of(item))
    return not choices.can_hold(now, item, lambda hosts: hosts <= old if host is None else host in hosts)


def test_a_pin_on_the_school_that_leaves_is_named_and_the_others_stay() -> None:
    given = problem(convener=A, pins=frozenset({("4.1", C), ("4.2", D)}), bans=frozenset({("4.3", C)}))
    before = solve_tiers(plan_of(given)).assignment
    mended = repair(given, before, leave=[C])
    assert mended.fallen_away.pins == (("4.1", C),)
    assert mended.fallen_away.bans == (("4.3", C),)
    assert mended.result is not None
    assert mended.result.assignment.hosts_of("4.2") == (D,)
    hosted = before.units_of(given.rules)[C]
    forced = [move.hand_over for move in mended.moves if move.forced]
    assert {move.row for move in forced} >= set(hosted) - {"4.4.career", "4.4.academic"}
    assert all(move.before == C for move in forced)


def test_where_the_convener_leaves_the_next_in_the_ranking_convenes() -> None:
    given = problem(convener=A)
    mended = repair(given, solve_tiers(plan_of(given)).assignment, leave=[A])
    assert mended.convener == (A, B)
    assert mended.fallen_away.convener == A
    assert {"5.1", "5.2", "5.3", "5.4", "5.5"} <= {move.hand_over.row for move in mended.moves if move.forced}


def test_without_a_lawful_plan_what_collides_is_said() -> None:
    given = problem((A, B, C), convener=A, bans=frozenset({("4.1", B)}))
    mended = repair(given, solve_tiers(plan_of(given)).assignment, leave=[C])
    assert mended.result is None
    assert mended.collision is not None
    assert "4.partner" in mended.collision.clauses


def test_a_school_that_joins_moves_nothing_unless_it_must() -> None:
    given = problem(convener=A, switches={"exploration_presence": "one_in_all"})
    late = community(given, schools=tuple(absent(s, F) for s in given.community.schools))
    before = solve_tiers(plan_of(late)).assignment
    mended = repair(late, before, join=[F])
    assert mended.moves == ()
    assert mended.result is not None
    assert mended.result.assignment.hosts == before.hosts
    assert mended.free_moves


# ----------------------------------------------------------------------------------------------------------- start


def no_tier_is_worse(found: Continued) -> bool:
    return all(tier.verdict != "worse" for tier in found.tiers)


@pytest.mark.parametrize("seed", runs(4, 100))
def test_no_tier_gets_worse_than_in_the_plan_started_from(seed: int) -> None:
    given = random_problem(950 + seed, 3 + seed % 8, features=seed % 2 == 1)
    plan = plan_of(given)
    try:
        start = solve_tiers(plan, order=("travel",) if seed % 4 < 2 else ("preference",)).assignment
    except NoPlan:
        return
    best = solve_tiers(plan)
    found = continue_from(plan, start)
    assert found.lawful
    assert no_tier_is_worse(found)
    assert judge.broken(given, found.result.assignment) == set()
    assert as_good(given, continue_from(plan, start, each_tier=False).result.assignment, best.assignment)
    if all(tier.verdict != "worse" for tier in difference(given, start, best.assignment).tiers):
        assert as_good(given, found.result.assignment, best.assignment)
    stopped = continue_from(plan, start, Engine(Limits(work=1e-6)))
    assert no_tier_is_worse(stopped)


@pytest.mark.parametrize("seed", runs(1, 20))
def test_of_the_plans_in_which_no_tier_is_worse_the_best_is_found(seed: int) -> None:
    """Against all lawful plans of a few units, told one by one and judged."""
    drawn = random_problem(4000 + seed, 4, features=False)
    given = drawn.restricted_to(["1.1", "3", "4.1", "4.4.career", "4.4.academic"])
    plan, every = plan_of(given), list[Assignment]()
    duties = Duties(plan)

    def told(true: Callable[[Any], bool]) -> bool:
        every.append(duties.assignment(true))
        return True

    assert Engine().every_solution(duties.model, told)
    order = [tier for tier in full_order(plan) if tier != "tie_break"]

    def worth(assignment: Assignment) -> tuple[Any, ...]:
        values = audit(given, assignment).values
        return tuple(-values[tier] if tier == "exploration" else values[tier] for tier in order)

    worths = [worth(assignment) for assignment in every]
    for k in random.Random(seed).sample(range(len(every)), 3):
        best = min(other for other in worths if all(a <= b for a, b in zip(other, worths[k], strict=True)))
        assert worth(continue_from(plan, every[k]).result.assignment) == best


class Bare:
    """A model with nothing in it, and the doors that rows need."""

    def __init__(self) -> None:
        self.model = cp_model.CpModel()

    def new(self, name: str) -> Any:
        return self.model.new_bool_var(name)

    def row(self, literals: Sequence[Any], weights: Sequence[int], low: int, high: int, name: str) -> None:
        del name
        total = cp_model.LinearExpr.weighted_sum(list(literals), list(weights))
        self.model.add_linear_constraint(total, low, high)


@pytest.mark.parametrize("always", [(0, 1, 1), (0, 0, 0), (1, 1, 2)])
def test_a_vector_is_held_exactly_where_it_is_not_lexicographically_larger(always: tuple[int, ...]) -> None:
    """Of three levels with one, two and two open schools, against every triple of counts."""
    for counts in itertools.product(range(4), repeat=3):
        bare = Bare()
        open_ = [[bare.new("at") for _ in range(size)] for size in (1, 2, 2)]
        rungs = Rungs((Fraction(3), Fraction(2), Fraction(1)), always, tuple(map(tuple, open_)), 9)
        _lexicographically_at_most(bare, rungs, counts)  # type: ignore[arg-type]
        found: set[tuple[bool, ...]] = set()

        def told(true: Callable[[Any], bool], literals: Any = open_, found: Any = found) -> bool:
            found.add(tuple(true(x) for row in literals for x in row))
            return True

        assert Engine().every_solution(bare.model, told)
        assert found == {
            bits
            for bits in itertools.product((False, True), repeat=5)
            if (always[0] + bits[0], always[1] + sum(bits[1:3]), always[2] + sum(bits[3:])) <= counts
        }


def as_good(given: Problem, one: Assignment, other: Assignment) -> bool:
    return all(tier.verdict == "same" for tier in difference(given, one, other).tiers)


def test_a_start_that_cannot_be_bettered_is_returned_even_if_the_tie_break_would_take_another() -> None:
    plan = plan_of(problem(convener=A))
    best = solve_tiers(plan).assignment
    twin = Assignment(A, {item: tuple({B: F, F: B}.get(c, c) for c in codes) for item, codes in best.hosts.items()})
    assert twin != best
    for start in (best, twin):
        found = continue_from(plan, start)
        assert found.kept
        assert found.result.assignment == start


def test_an_unlawful_start_binds_nothing() -> None:
    plan = plan_of(problem(convener=A))
    found = continue_from(plan, changed(lawful_plan(), {"4.1": (C, D)}))
    assert not found.lawful
    assert found.result.assignment == solve_tiers(plan).assignment


# -------------------------------------------------------------------------------------------------------- rotation


def test_what_was_hosted_becomes_history_above_what_all_bear_alike() -> None:
    """Points: A 1 (base), B 2 (history), C and D 4, E 3, F 2; capacity 5. A bears least, 1/5: so 1 point falls away."""
    given = problem((A, School(B, history_points=Fraction(2)), C, D, E, F), convener=A)
    later = next_year(given, lawful_plan())
    history = {school.code: school.history_points for school in later.community.schools}
    assert history == {A: 0, B: 1, C: 3, D: 3, E: 2, F: 1}
    half = next_year(given, lawful_plan(), carried=Fraction(1, 2))
    assert [school.history_points for school in half.community.schools][2] == Fraction(3, 2)
    assert later.community.school_by_code[E].last_year == {"1.3", "3.1", "3.2", "3.3", "4.3"}


@pytest.mark.parametrize("seed", runs(3, 40))
def test_repeats_are_as_few_as_an_enumeration_finds(seed: int) -> None:
    given = small(seed)
    before = solved(given)
    if before is None:
        return
    later = next_year(given, before.assignment)
    heavy = heavy_units(given.rules)
    found = rotate(plan_of(later), rule="hard")
    expected = choices.fewest_repeats(later, heavy)
    assert expected is not None
    assert found.fewest.value == found.fewest.bound == expected[0] == len(found.repeats)
    assert dict(found.result.assignment.hosts) == expected[1]
    soft = rotate(plan_of(later), rule="soft")
    assert soft.fewest.value >= found.fewest.value
    free = solve_tiers(plan_of(later))
    assert [soft.result.tier(t).value for t in ("load", "travel")] == [free.tier(t).value for t in ("load", "travel")]


def test_a_school_repeats_only_where_nobody_else_can() -> None:
    """Only B can host 4.1 besides C, who hosted it; and C alone can host 4.2."""
    bans = {("4.1", code) for code in (D, E, F)} | {("4.2", code) for code in (B, D, E, F)}
    given = problem((A, B, School(C, last_year=frozenset({"4.1", "4.2"})), D, E, F), convener=A, bans=frozenset(bans))
    found = rotate(plan_of(given), rule="hard")
    assert found.result.assignment.hosts_of("4.1") == (B,)
    assert [(r.unit, r.code, r.nobody_else) for r in found.repeats] == [("4.2", C, True)]


# ------------------------------------------------------------------------------------------------------ difference


def test_a_difference_names_duties_loads_and_the_tier_that_decides() -> None:
    given = problem(convener=A)
    before = lawful_plan()
    after = changed(before, {"4.5": (B,), "5.1": (A, C), "3.1": (F,), "3.2": (F,), "3.3": (F,)})
    found = difference(given, before, after)
    assert [(m.row, m.before, m.after) for m in found.moves] == [("3", E, F), ("4.5", F, B), ("5.1", B, C)]
    loads = {load.code: (load.points_before, load.points_after) for load in found.loads}
    assert loads[B] == (0, 1)
    assert loads[F] == (2, 2)
    assert found.decides is not None
    assert (found.decides.tier, found.decides.verdict) == ("load", "better")


# -------------------------------------------------------------------------------------------------------- fairness


@pytest.mark.parametrize("seed", runs(3, 100))
def test_forced_shares_and_fairest_loads_are_those_of_an_enumeration(seed: int) -> None:
    given = small(seed)
    best, expected = solved(given), choices.fewest_points(given)
    if best is None or expected is None:
        assert best is None
        return
    found = fairness(plan_of(given), best.assignment)
    assert {share.code: share.least_lawful for share in found.shares} == expected[0]
    assert {share.code: share.least_optimal for share in found.shares} == expected[1]
    assert found.least.proven
    assert found.least.levels <= found.least_same_work.levels == found.levels
    alone = solve_tiers(plan_of(asked_to(given, tier_order=("load", "exploration", "tie_break"))))
    assert found.least.levels == alone.tier("load").value
    for envy in found.envies:
        assert envy.after < envy.ratio
        assert envy.first is None or envy.first.verdict == "worse"


def test_a_benchmark_school_is_told_which_clause_forces_its_share() -> None:
    given = problem(convener=A, benchmarks=(A,))
    plan = plan_of(given)
    found = fairness(plan, solve_tiers(plan).assignment)
    share = next(share for share in found.shares if share.code == A)
    assert (share.base, share.carried_over, share.least_lawful) == (1, 0, 5)
    assert share.forced_by == {"1.benchmark": 4}
    assert all(other.least_lawful == 0 for other in found.shares if other.code != A)


def test_who_would_lawfully_exchange_is_named_with_the_tier_that_forbids_it() -> None:
    """B does nothing though all are alike: C to F would take its share, and the loads would be the same."""
    given = problem(convener=A)
    plan, shared = plan_of(given), lawful_plan()
    assert audit(given, shared).ok
    found = fairness(plan, shared)
    assert {(envy.code, envy.other) for envy in found.envies} >= {(C, B), (D, B), (E, B), (F, B)}
    first = next(envy for envy in found.envies if (envy.code, envy.other) == (C, B))
    assert (first.ratio, first.after, first.after_other) == (Fraction(4, 5), 0, Fraction(4, 5))
    assert first.first is None
