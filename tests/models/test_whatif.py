"""What if: every answer is what solving the changed problem from the beginning gives, tier by tier."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from models.audit import audit
from models.community import Distances, Plan, Problem, School
from models.engine import Engine
from models.stopping import Stop
from models.tiers import NoPlan, TiersResult, solve_tiers
from models.whatif import (
    Add,
    Capacity,
    Change,
    ChangeError,
    Convener,
    Effort,
    Host,
    Lift,
    Matrix,
    Measure,
    NotHost,
    Order,
    Row,
    Standing,
    Switch,
    TierChange,
    Trips,
    Unban,
    Unpin,
    Without,
    changed,
    exclusion,
    first_change,
    host_costs,
    matrix,
    matrix_tasks,
    priced_changes,
    put_together,
    rows_of,
    rule_prices,
    sensitivity,
    tried_changes,
    what_if,
)
from models.whatif.values import compared, tier_values
from tests.communities import random_problem
from tests.models.handmade import CAREER, A, B, C, D, E, F, asked_to, problem, runs, some


def plan_of(given: Problem) -> Plan:
    return Plan(given, str(given.wishes.convener))


def solved(plan: Plan, *, tie_break: bool = True) -> TiersResult | None:
    try:
        return solve_tiers(plan, tie_break=tie_break)
    except NoPlan as none:
        assert none.proven
        return None


def with_plan(seed: int, n: int) -> tuple[Plan, TiersResult]:
    """The first community from the seed on that has a lawful plan."""
    while True:
        plan = plan_of(random_problem(seed, n))
        result = solved(plan)
        if result is not None:
            return plan, result
        seed += 1000


def by_hand(plan: Plan, result: TiersResult, changes: Sequence[Change]) -> tuple[TierChange, ...] | None:
    """All tiers after some changes, solved from the beginning; None when there is no lawful plan."""
    after = Plan(changed(plan.problem, changes), plan.convener)
    found = solved(after, tie_break=bool(after.wishes.tolerances))
    if found is None:
        return None
    names = [tier.name for tier in result.tiers if tier.name != "tie_break"]
    old = tier_values(plan, result.assignment, names)
    return compared((plan, old), (after, tier_values(after, found.assignment, names)))


def assert_equal_to_brute(plan: Plan, result: TiersResult, rows: Sequence[Row], *told: Matrix) -> None:
    for row in rows:
        for code in plan.candidates:
            expected = by_hand(plan, result, [Host(item, code) for item in row.items])
            for cell in (answer.cells[row.id, code] for answer in told):
                if expected is None:
                    assert cell.status == "excluded", cell
                    continue
                assert cell.first == first_change(expected), cell
                assert (cell.first is None) == (cell.status in ("present", "free")), cell
                assert cell.tiers in ((), expected), cell


@pytest.mark.parametrize("case", some([(0, 3), (1, 3), (2, 4), *((k, 2 + k % 5) for k in range(3, 33))], 3))
def test_matrix_is_that_of_solving_cell_by_cell(case: tuple[int, int], request: pytest.FixtureRequest) -> None:
    seed, n = case
    plan, result = with_plan(8100 + seed, n)
    rows = rows_of(plan)
    if not request.node.get_closest_marker("campaign"):
        rows = tuple(random.Random(seed).sample(rows, 2))
    names = [row.id for row in rows]
    whole = matrix(plan, result, rows=names, all_tiers=True)
    assert all(cell.tiers for cell in whole.cells.values() if cell.status != "excluded")
    assert_equal_to_brute(plan, result, rows, matrix(plan, result, rows=names), whole)


@pytest.mark.parametrize("seed", runs(1, 15))
def test_with_a_tolerance_or_another_order_cells_are_still_exact(seed: int) -> None:
    plan, _ = with_plan(8200 + seed, 3)
    order = ("travel", "exploration", "load", "unwilling", "overload", "preference", "separate", "tie_break")
    for given in (
        asked_to(plan.problem, tolerances={"travel": Fraction(1, 10)}),
        asked_to(plan.problem, tier_order=order),
    ):
        other = plan_of(given)
        found = solve_tiers(other)
        row = random.Random(seed).choice(rows_of(other))
        assert_equal_to_brute(other, found, [row], matrix(other, found, rows=[row.id]))


def test_parts_of_the_matrix_travel_and_fit_together() -> None:
    plan, result = with_plan(8300, 4)
    whole = matrix(plan, result, schools=plan.candidates[:1])
    tasks = matrix_tasks(plan, result, schools=plan.candidates[:1], share_among=3)
    assert len(tasks) == 3
    parts = [pickle.loads(pickle.dumps(task)).run(plan) for task in tasks]
    assert put_together(plan, result, parts) == whole
    assert whole.proven


def test_a_stopped_matrix_says_what_it_left_open() -> None:
    plan, result = with_plan(8300, 4)
    heard: list[tuple[int, int]] = []
    stop = Stop()
    stop.set()
    found = matrix(plan, result, engine=Engine(stop=stop), told=lambda done, of: heard.append((done, of)))
    assert not found.proven
    kinds = {cell.status for cell in found.cells.values()}
    assert "stopped" in kinds
    assert kinds <= {"present", "excluded", "stopped"}
    assert heard
    assert heard[-1][1] == len(found.cells)


# ------------------------------------------------------------------------------------------------------- by hand


UNWILLING = problem(
    [A, School(B, willingness={"4.1": "unwilling"}), School(C, willingness={"4.1": "cannot"}), D, E, F],
    convener=A,
    bans=frozenset({("4.1", D)}),
)


def test_hosts_of_an_item_are_ranked_and_those_excluded_are_named_with_the_clause() -> None:
    plan = plan_of(UNWILLING)
    costs = host_costs(plan, "4.1")
    assert costs.proven
    assert costs.excluded == {A: ("4.partner",), C: ("school.cannot",), D: ("planner.bans",)}
    present, other, unwilling = costs.hosts
    assert [(host.code, host.hosts) for host in (present, other, unwilling)] == [(E, True), (F, False), (B, False)]
    assert first_change(present.must) is None
    assert first_change(other.must) is None
    worse = first_change(unwilling.must)
    assert worse is not None
    assert (worse.tier, worse.before, worse.after, worse.verdict, worse.amount) == ("unwilling", 0, 1, "worse", 1)
    assert first_change(present.must_not) is None


def test_the_only_possible_host_has_its_clauses_and_no_price_of_leaving() -> None:
    plan = plan_of(asked_to(UNWILLING, bans=frozenset((item, D) for item in ("4.1",)) | {("4.1", F), ("4.1", B)}))
    only = host_costs(plan, "4.1").hosts
    assert [(host.code, host.hosts, host.must_not) for host in only] == [(E, True, ())]
    assert "4.hosts" in only[0].why_must


def test_a_school_that_several_clauses_keep_out_together_has_them_all() -> None:
    plan = plan_of(problem(convener=A, pins=frozenset({("4.1", B)})))
    assert exclusion(plan, ["4.1"], C, thorough=False) == ()
    assert set(exclusion(plan, ["4.1"], C)) == {"4.hosts", "planner.pins"}
    assert exclusion(plan, ["4.1"], "999999") == ("plan.members",)


def test_what_if_tells_who_gains_and_loses_what() -> None:
    plan = plan_of(UNWILLING)
    answer = what_if(plan, [Host("4.1", B)])
    assert answer.proven
    assert "4.1" in answer.gains[B]
    assert "4.1" in answer.loses[E]
    assert [move.row for move in answer.moves if move.items == ("4.1",)] == ["4.1"]
    assert answer.tier("unwilling").verdict == "worse"
    assert answer.result_after is not None
    for move in answer.moves:
        assert move.after == answer.result_after.assignment.unit_hosts(move.items)
        assert move.before == answer.result.assignment.unit_hosts(move.items)
    for before, after in answer.load_points.values():
        assert before != after


def test_what_if_without_a_lawful_plan_names_the_clauses() -> None:
    answer = what_if(plan_of(UNWILLING), [Host("4.1", A)])
    assert answer.result_after is None
    assert answer.proven
    assert answer.why_none is not None
    assert set(answer.why_none.clauses) == {"4.partner", "planner.pins"}


def test_when_the_convener_leaves_another_is_chosen() -> None:
    answer = what_if(plan_of(problem(convener=A)), [Without(A)])
    assert answer.plan_after.convener == B
    assert answer.result_after is not None
    assert A not in answer.plan_after.participants
    assert answer.load_points[A][1] is None


def test_a_new_school_shares_the_work() -> None:
    given = problem([A, B, C], convener=A)
    table = np.zeros((4, 4), dtype=np.int64)
    distances = Distances((A, B, C, D), (), table, np.zeros((0, 4), dtype=np.int64))
    answer = what_if(plan_of(given), [Add(D, School(D), distances)])
    assert answer.gains[D]
    assert answer.tier("load").verdict == "better"
    back = what_if(answer.plan_after, [Without(D)], answer.result_after)
    assert back.result_after is not None
    assert back.result_after.assignment == answer.result.assignment


CHANGES: Sequence[Change] = (
    Host("4.1", C),
    NotHost("3", D),
    Capacity(C, Fraction(2)),
    Effort("3", Fraction(3)),
    Trips("2.1", Fraction(9)),
    Measure("load_band", Fraction(1, 4)),
    Switch("both_tracks", "yes"),
    Lift("3.bundle"),
    Lift("4.4.cap"),
    Without(F),
    Convener(B),
    Order(("travel", "load", "tie_break")),
)


@pytest.mark.parametrize("changes", [(c,) for c in CHANGES] + [(Host("5.1", C), NotHost("4.2", B)), CHANGES[:6]])
def test_plan_after_is_the_canonical_one_and_audited(changes: tuple[Change, ...]) -> None:
    rng = np.random.default_rng(5)
    table = rng.integers(0, 200, (6, 6))
    given = problem(convener=A, between=table.tolist())
    plan = plan_of(given)
    answer = what_if(plan, changes)
    after = changed(given, changes)
    expected = solve_tiers(Plan(after, str(after.wishes.convener)))
    assert answer.result_after is not None
    assert answer.result_after.assignment == expected.assignment
    assert {t.name: t.value for t in answer.result_after.tiers} == {t.name: t.value for t in expected.tiers}
    assert audit(after, answer.result_after.assignment).ok
    assert answer.proven


@pytest.mark.parametrize("seed", runs(2, 60))
def test_demands_on_hosts_give_the_canonical_plan(seed: int) -> None:
    plan, result = with_plan(8400 + seed, 3 + seed % 6)
    standing, rng = Standing(plan, result), random.Random(seed)
    for _ in range(4):
        row, code = rng.choice(rows_of(plan)), rng.choice(plan.candidates)
        present = row.hosts(result.assignment)
        change = NotHost(row.id, rng.choice(present)) if present and rng.random() < 0.5 else Host(row.id, code)
        expected = solved(Plan(changed(plan.problem, [change]), plan.convener))
        answer = what_if(plan, [change], standing=standing)
        if expected is None:
            assert answer.result_after is None
            assert answer.why_none is not None
        else:
            assert answer.result_after is not None
            assert answer.result_after.assignment == expected.assignment
            assert {t.name: t.value for t in answer.result_after.tiers} == {t.name: t.value for t in expected.tiers}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Host("9.9", A), "unknown_item"),
        (Host("4.1", "999999"), "unknown_school"),
        (Unpin("4.1", B), "not_pinned"),
        (Unban("4.1", B), "not_banned"),
        (Without("999999"), "unknown_school"),
        (Add(B), "takes_part_already"),
        (Add("999999"), "unknown_school"),
        (Add("999999", School("999999")), "no_distances"),
        (Switch("nothing", "yes"), "unknown_switch"),
        (Switch("both_tracks", "maybe"), "unknown_option"),
        (Capacity(B, Fraction(0)), "out_of_range"),
        (Effort("9.9", Fraction(1)), "unknown_unit"),
        (Effort("3", Fraction(-1)), "out_of_range"),
        (Trips("5.1", Fraction(1)), "no_trips"),
        (Measure("nothing", Fraction(1)), "unknown_measure"),
        (Measure("load_band", Fraction(0)), "out_of_range"),
        (Order(("speed",)), "unknown_tier"),
        (Lift("9.nothing"), "unknown_clause"),
        (Lift("plan.members"), "not_liftable"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change: Change, reason: str) -> None:
    with pytest.raises(ChangeError) as refused:
        changed(problem(convener=A), [change])
    assert (refused.value.change, refused.value.reason) == (change, reason)


def test_demands_are_refused_where_pins_are_lifted() -> None:
    given = changed(problem(convener=A), [Lift("planner.pins")])
    with pytest.raises(ChangeError) as refused:
        what_if(plan_of(given), [Host("4.1", B)])
    assert (refused.value.reason, refused.value.value) == ("not_in_force", "pins")
    with pytest.raises(ChangeError):
        matrix(plan_of(given), rows=["4.1"])


def test_other_numbers_give_other_hashes() -> None:
    given = problem(convener=A)
    assert given.rules.rulebook.hash  # cached before the change
    others = [changed(given, [c]).rules for c in (Effort("3", Fraction(3)), Lift("3.bundle"))]
    assert len({given.rules.hash, *(rules.hash for rules in others)}) == 3


# --------------------------------------------------------------------------------------- prices, and our numbers


def test_price_of_each_rule_is_what_solving_without_it_gains() -> None:
    given = problem(
        [A, B, C],
        convener=A,
        pins=frozenset({(CAREER, B)}),
        bans=frozenset({("4.1", C)}),
        between=[[0, 30, 10], [30, 0, 8], [10, 8, 0]],
    )
    plan = plan_of(given)
    result = solve_tiers(plan)
    told = rule_prices(plan, result)
    assert told.proven
    assert {price.change for price in told.prices} == set(priced_changes(plan))
    assert {Unpin(CAREER, B), Unban("4.1", C), Lift("3.bundle")} <= {price.change for price in told.prices}
    for price in told.prices:
        assert price.tiers == by_hand(plan, result, [price.change])
        assert price.first == first_change(price.tiers)
        if isinstance(price.change, Lift):
            assert price.status in ("gains", "nothing")
    gains = [price.first for price in told.prices if price.status == "gains" and price.first is not None]
    order = [tier.name for tier in result.tiers]
    assert gains
    assert gains == sorted(gains, key=lambda change: (order.index(change.tier), -abs(change.amount)))


def test_prices_of_switches_are_asked_for_and_those_of_the_split_cost_nothing() -> None:
    plan = plan_of(problem([A, B, C], convener=A))
    assert not any(isinstance(change, Switch) for change in priced_changes(plan))
    switches = {c for c in priced_changes(plan, switches=True) if isinstance(c, Switch)}
    assert Switch("plan_size", "partners") in switches
    assert all(plan.rules.option(switch.name) != switch.option for switch in switches)


def test_another_scale_of_loads_is_no_gain() -> None:
    answer = what_if(plan_of(problem([A, B, C], convener=A)), [Switch("load_scale", "points")])
    assert answer.tier("load").verdict == "differs"


def test_stability_counts_the_changes_under_which_a_duty_stays() -> None:
    plan = plan_of(UNWILLING)
    changes = (Effort("4.1", Fraction(2)), Measure("load_band", Fraction(1, 20)), Effort("4.1", Fraction(0)))
    told = sensitivity(plan, changes=changes)
    assert told.proven
    assert [answer.changes for answer in told.answers] == [(change,) for change in changes]
    for duty in told.duties:
        after = [answer.result_after for answer in told.answers]
        held = [
            duty.code in found.assignment.hosts_of("3.1" if duty.row == "3" else duty.row) for found in after if found
        ]
        assert (duty.stays, duty.tried, duty.stability) == (sum(held), 3, Fraction(sum(held), 3))
        assert len(duty.lost_under) == 3 - duty.stays
    assert set(told.stable) <= set(told.duties)


def test_our_numbers_move_one_by_one() -> None:
    plan = plan_of(problem(convener=A))
    tried = tried_changes(plan)
    assert {Effort("3", Fraction(2)), Effort("3", Fraction(0)), Measure("load_band", Fraction(1, 20))} <= set(tried)
    assert len(set(tried)) == len(tried)
    reversed_ = tried[-1]
    assert isinstance(reversed_, Order)
    assert reversed_.tiers[0] == "separate"
    assert reversed_.tiers[-1] == "tie_break"


def test_a_question_keeps_to_the_limits_it_is_given() -> None:
    plan, result = with_plan(8300, 4)
    standing, stop = Standing(plan, result), Stop()
    row = next(row for row in rows_of(plan) if row.hosts(result.assignment))
    change = NotHost(row.id, row.hosts(result.assignment)[0])
    stop.set()
    assert not what_if(plan, [change], standing=standing, engine=Engine(stop=stop)).proven
    again = what_if(plan, [change], standing=standing, engine=Engine())
    assert again.proven


def test_what_collides_is_not_looked_for_where_nobody_asks() -> None:
    given = problem(convener=A)
    changes = [NotHost("4.5", code) for code in Plan(given, A).candidates]
    assert what_if(Plan(given, A), changes).why_none is not None
    quick = what_if(Plan(given, A), changes, why=False)
    assert quick.proven and quick.result_after is None and quick.why_none is None
