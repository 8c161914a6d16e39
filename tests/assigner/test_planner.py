"""The road of one scenario: convener, relaxations, tiers, audit, price; and what is said when there is no plan."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from assigner import planner
from assigner.errors import ExitCode
from assigner.planner import solve, solve_problem
from assigner.scenario.example import collision, example
from models.audit import audit
from models.community import Assignment
from models.stopping import Stop
from models.tiers import solve_tiers
from tests.communities import benchmark_problem, plain_problem, random_problem


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


def test_a_proven_plan(nine):
    assert nine.status == "optimal"
    assert nine.exit_code == ExitCode.PROVEN
    assert nine.audit.ok
    assert nine.disagreements == ()
    assert [tier.name for tier in nine.tiers] == list(nine.plan.rules.rulebook.tiers.order)
    assert nine.audit.values["load"] == nine.tier("load").value
    assert set(nine.obligations) == set(nine.plan.participants)


def test_to_frame_has_a_row_for_every_duty(nine):
    frame = nine.to_frame()
    assert list(frame.columns) == ["item", "title", "code", "school"]
    assert len(frame) == sum(len(codes) for codes in nine.assignment.hosts.values())


@pytest.mark.parametrize("seed", range(8))
def test_random_communities_are_audited_and_agree(seed):
    result = solve_problem(random_problem(seed, 3 + seed), price=False)
    assert result.status in ("optimal", "infeasible")
    if result.status == "optimal":
        assert audit(result.problem, result.assignment).ok
    else:
        assert result.collision is not None


def test_the_price_of_the_order(nine):
    price = nine.price
    assert price.plan.travel == nine.tier("travel").value
    assert price.travel_first.travel <= price.plan.travel
    assert price.loads_first.load <= price.travel_first.load
    assert price.loads_first.load == price.plan.load
    assert price.travel_first.proven and price.loads_first.proven


def test_the_price_when_travel_goes_first():
    problem = benchmark_problem(3, 7, True)
    order = ("unwilling", "exploration", "travel", "overload", "load", "preference", "separate")
    result = solve_problem(replace(problem, wishes=replace(problem.wishes, tier_order=order)))
    assert result.price.plan.travel == result.price.travel_first.travel
    assert result.price.loads_first.load <= result.price.plan.load
    assert result.price.loads_first.travel >= result.price.plan.travel


def test_tolerances_do_not_enter_the_price():
    problem = benchmark_problem(4, 7, True)
    loose = replace(problem, wishes=replace(problem.wishes, tolerances={"travel": Fraction(1, 2)}))
    strict, result = solve_problem(problem), solve_problem(loose)
    assert result.status == "optimal"
    assert result.price.travel_first == strict.price.travel_first
    assert result.price.loads_first == strict.price.loads_first


# --------------------------------------------------------------------------------------------------------- conveners


def asked_to_choose(problem):
    return replace(problem, wishes=replace(problem.wishes, convener=None))


def test_a_convener_is_chosen_and_the_ranking_reported():
    result = solve_problem(asked_to_choose(plain_problem(6, seed=2)))
    assert result.assignment.convener == result.convener_ranking[0].code
    assert len(result.convener_ranking) == 6
    travels = [choice.travel for choice in result.convener_ranking]
    assert travels == sorted(travels)


def test_a_stated_convener_has_no_ranking():
    assert solve_problem(plain_problem(5)).convener_ranking == ()


def test_the_next_convener_when_the_first_cannot_lead_a_lawful_plan():
    """With three schools, one of which hosts nothing, only that one can convene."""
    problem = asked_to_choose(plain_problem(3, seed=1))
    idle = solve_problem(problem, price=False).convener_ranking[-1].code
    items = [item.id for item in problem.rules.rulebook.items if item.id[0] in "34"]
    schools = tuple(
        replace(school, willingness={**dict.fromkeys(items, "cannot"), "convener": "if_needed"})
        if school.code == idle
        else school
        for school in problem.community.schools
    )
    result = solve_problem(replace(problem, community=replace(problem.community, schools=schools)))
    assert result.status == "optimal"
    assert result.relaxations == ()
    assert result.assignment.convener == idle != result.convener_ranking[0].code


# -------------------------------------------------------------------------------------------------------- relaxations


@pytest.mark.parametrize(
    ("schools", "relaxations"), [(1, ["R1", "R2", "R3"]), (2, ["R1"]), (3, [])], ids=["one", "two", "three"]
)
def test_small_communities_name_their_relaxations(schools, relaxations):
    result = solve(example(schools, 1))
    assert result.status == "optimal"
    assert [entry.relaxation.id for entry in result.relaxations] == relaxations
    assert all(entry.because is not None and entry.because.parts for entry in result.relaxations)


def test_only_benchmark_schools_need_r4():
    problem = plain_problem(2, 2, rules_changes={"benchmark_serves": "no", "partner_includes_convener": "no"})
    result = solve_problem(problem)
    assert "R4" in [entry.relaxation.id for entry in result.relaxations]


def test_no_relaxation_unless_allowed():
    problem = plain_problem(2, rules_changes={"partner_includes_convener": "no"})
    result = solve_problem(problem, relaxations="none")
    assert result.status == "infeasible"
    assert result.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert [relaxation.id for relaxation in result.would_help] == ["R1"]
    assert result.collision is not None
    assert solve_problem(problem, relaxations=["R1"]).status == "optimal"
    assert solve_problem(problem, relaxations=["R3"]).would_help[0].id == "R1"


def test_relaxations_stated_hold_in_any_case():
    result = solve_problem(plain_problem(4), relaxations=["R2"])
    assert [(entry.relaxation.id, entry.because) for entry in result.relaxations] == [("R2", None)]
    assert result.plan.rules.option("both_tracks") == "yes"


def test_a_collision_that_nothing_mends():
    result = solve(collision())
    assert result.status == "infeasible"
    assert result.would_help == ()
    assert set(result.collision.clauses) >= {"school.cannot", "planner.bans"}
    assert [entry.relaxation.id for entry in result.relaxations] == ["R1", "R2", "R3", "R4", "R5"]


def test_nobody_takes_part():
    problem = plain_problem(3)
    schools = tuple(replace(school, participates=False) for school in problem.community.schools)
    nobody = asked_to_choose(replace(problem, community=replace(problem.community, schools=schools)))
    result = solve_problem(nobody)
    assert result.status == "infeasible"
    assert result.to_dict()["collision"]


# -------------------------------------------------------------------------------------------------- stopping, auditing


def test_a_limit_gives_a_lawful_plan_and_says_so():
    result = solve_problem(benchmark_problem(1, 25, True), work_limit=1e-4)
    assert result.status == "feasible"
    assert result.exit_code == ExitCode.STOPPED
    assert result.stopped_by == "work"
    assert result.audit.ok
    assert result.price is None
    assert any(tier.status != "optimal" for tier in result.tiers)


def test_a_work_limit_is_deterministic():
    one, other = (solve_problem(benchmark_problem(1, 25, True), work_limit=0.02) for _ in range(2))
    assert one.assignment == other.assignment


def test_a_time_limit_is_named():
    result = solve_problem(benchmark_problem(1, 25, True), time_limit=1e-6)
    assert (result.status, result.stopped_by) == ("feasible", "time")


def test_a_stop_before_the_first_plan():
    stop = Stop(watched=True)
    stop.set()
    result = solve_problem(benchmark_problem(1, 25, True), stop=stop)
    assert result.stopped_by == "person"
    assert result.exit_code == ExitCode.STOPPED
    assert result.status in ("stopped", "feasible")
    assert result.to_dict()["stopped_by"] == "person"


def test_a_forbidden_plan_is_not_given_again(nine):
    second = solve_problem(nine.problem, forbid=[nine.assignment])
    assert second.status == "optimal"
    assert second.assignment != nine.assignment
    assert second.price is None


def broken(solved):
    hosts = dict(solved.assignment.hosts)
    hosts["4.1"] = hosts["4.1"] + hosts["4.2"]
    return replace(solved, assignment=Assignment(solved.assignment.convener, hosts))


def other_bound(solved):
    tiers = tuple(replace(tier, bound=tier.bound - 10) if tier.name == "travel" else tier for tier in solved.tiers)
    return replace(solved, tiers=tiers)


@pytest.mark.parametrize("damage", [broken, other_bound])
def test_an_answer_the_audit_refuses_is_no_plan(monkeypatch, damage, tmp_path):
    monkeypatch.setattr(planner, "solve_tiers", lambda *args, **kwargs: damage(solve_tiers(*args, **kwargs)))
    result = solve_problem(benchmark_problem(2, 8, True))
    assert result.status == "disagrees"
    assert result.exit_code == ExitCode.DISAGREES
    assert result.price is None
    if damage is other_bound:
        assert result.disagreements == ("travel",)
    from assigner.answer import write_plan

    assert write_plan(result, tmp_path).name == "plan-rejected.json"


def priced(problem, **tolerances):
    import io

    from assigner.messages import language_set
    from assigner.report.terminal import console_for, show_result

    shares = {tier: Fraction(share) for tier, share in tolerances.items()}
    result = solve_problem(replace(problem, wishes=replace(problem.wishes, tolerances=shares)))
    file = io.StringIO()
    with language_set("en"):
        show_result(result, console_for(file))
    words = " ".join(file.getvalue().split())
    return result, words.partition("The price of the order")[2]


def test_a_tolerance_is_no_price_of_the_order(nine):
    strict, _words = priced(nine.problem)
    result, words = priced(nine.problem, travel="1/5")
    price = result.price
    assert price.plan.travel > price.least_travel == result.tier("travel").bound == strict.price.plan.travel
    assert price.travel_first == strict.price.travel_first
    assert "come from the tolerance" in words
    assert f"could fall from {float(price.plan.travel) / 10:,.1f}" not in words
    assert f"could fall from {float(price.least_travel) / 10:,.1f}" in words


@pytest.mark.parametrize("seed", range(4))
def test_a_price_never_promises_what_is_worse(seed):
    for tolerances in ({}, {"unwilling": "1"}, {"overload": "1"}):
        result, words = priced(random_problem(seed, 6), **tolerances)
        if result.price is None:
            continue
        price = result.price
        assert ("could fall from" in words) == (price.travel_first.travel < price.least_travel)
        if "the heaviest load could be" in words:
            assert price.loads_first.load[0] < price.plan.load[0]


def test_progress_and_log_and_export():
    told, lines, models = [], [], []

    class Listener:
        def tier(self, name):
            told.append(name)

        def bound(self, value):
            pass

        def incumbent(self, value):
            pass

    solve_problem(plain_problem(4, seed=1), progress=Listener(), log=lines.append, export=models.append)
    assert {"load", "travel", "price_of_order"} <= set(told)
    assert lines
    assert len(models) == 1
