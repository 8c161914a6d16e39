"""Lifted clauses: they need not be kept, and nothing else changes.

So no tier gets worse, and the plan is that of an enumeration without the clause.
"""

from __future__ import annotations

import random

import pytest

from models.audit import audit, equal_values
from models.community import Assignment, Plan, Problem
from models.duties import Duties
from models.rulebook import NOT_LIFTABLE, NotLiftableError, load_rulebook
from models.tiers import NoPlan, TiersResult, solve_tiers
from tests.communities import random_problem
from tests.models.handmade import A, B, C, D, accepts, changed, in_units, lawful_plan, problem, some
from tests.oracles import brute, judge

BOOK = load_rulebook("111")


def lifted(given: Problem, *clauses: str) -> Problem:
    return given.with_rules(given.rules.without(clauses))


def solved(given: Problem) -> TiersResult | None:
    try:
        return solve_tiers(Plan(given, str(given.wishes.convener)))
    except NoPlan as none:
        assert none.proven
        return None


def standing(given: Problem, assignment: Assignment) -> list[object]:
    """Values of an assignment in the order of the tiers, smaller being better."""
    plan = Plan(given, assignment.convener)
    values = audit(given, assignment).values
    many = given.rules.option("exploration_number") in ("most", "stated")
    if many:
        values["exploration"] = -values["exploration"]
    order = plan.wishes.tier_order or plan.rules.rulebook.tiers.order
    return [values[tier] for tier in order if tier != "tie_break"]


def liftable(given: Problem) -> list[str]:
    """Clauses to lift here. Ways that were stated belong to another clause in the oracle."""
    apart = {"planner.pins", "6.ways"} if given.wishes.ways else set()
    enabled = {clause.id for clause in given.rules.stated}
    return [clause for clause in BOOK.liftable if clause in enabled - apart]


def test_every_clause_is_liftable_or_says_why_not() -> None:
    kinds = {clause.id: clause.kind for clause in BOOK.clauses}
    assert {kinds[clause] for clause in BOOK.liftable}.isdisjoint(NOT_LIFTABLE)
    for clause in sorted(set(kinds) - set(BOOK.liftable)):
        with pytest.raises(NotLiftableError, match=clause) as refused:
            BOOK.resolve().without([clause])
        assert (refused.value.clause, refused.value.reason) == (clause, NOT_LIFTABLE[kinds[clause]])


def test_an_unknown_clause_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"9\.nothing"):
        BOOK.resolve().without(["3.bundle", "9.nothing"])


def test_equality_and_hash_see_what_is_lifted() -> None:
    rules = BOOK.resolve()
    one = rules.without(["3.bundle"])
    assert one != rules
    assert one.hash != rules.hash
    again = BOOK.resolve().without(["3.bundle"])
    assert (one, hash(one), one.hash) == (again, hash(again), again.hash)
    assert one.without(["4.hosts"]) == rules.without(["4.hosts", "3.bundle"])
    assert rules.without([]) == rules


def test_lifting_stays_under_other_switches_and_when_cut_down() -> None:
    rules = BOOK.resolve().without(["3.bundle", "2.same_host"])
    assert rules.with_options({"both_tracks": "yes"}).lifted == rules.lifted
    assert "2.same_host" not in rules.with_options({"six_year_same_host": "must"}).clause_by_id
    assert rules.restricted_to(frozenset({"3.1"})).lifted == rules.lifted


def test_the_audit_reports_a_lifted_clause_and_counts_no_violation() -> None:
    given = problem()
    apart = changed(lawful_plan(), {"3.1": (D,), "3.2": (C,)})
    assert [f.clause.id for f in audit(given, apart).findings if not f.ok] == ["3.bundle"]
    judgement = audit(lifted(given, "3.bundle"), apart)
    assert judgement.ok
    finding = next(f for f in judgement.findings if f.lifted)
    assert (finding.clause.id, finding.ok, finding.violations) == ("3.bundle", True, ())
    assert [violation.code for violation in finding.waived] == ["same_hosts.differ"]
    assert len(judgement.findings) == len(audit(given, apart).findings)


def test_too_few_hosts_of_those_asked_for_are_told_though_the_law_is_lifted() -> None:
    given = lifted(problem(host_numbers={"1.1": 2}), "1.hosts")
    none = changed(lawful_plan(), {"1.1": ()})
    assert [f.clause.id for f in audit(given, none).findings if not f.ok] == ["planner.host_number"]


@pytest.mark.parametrize("case", some([(0, 2), (0, 3), *((k, n) for k in range(1, 26) for n in (2, 4, 5))], 2))
def test_a_lifted_clause_makes_no_tier_worse_and_the_plan_is_the_oracles(case: tuple[int, int]) -> None:
    seed, n = case
    given = random_problem(7000 + seed, n)
    before = solved(given)
    clauses = liftable(given)
    for clause in random.Random(f"{seed} {n}").sample(clauses, 6):
        eased = lifted(given, clause)
        after, expected = solved(eased), brute.best(eased)
        if after is None or expected is None:
            assert (after, expected, before) == (None, None, None), clause
            continue
        values, assignment = expected
        assert after.proven
        assert audit(eased, after.assignment).ok
        assert judge.broken(eased, after.assignment) == set()
        plan = Plan(eased, after.assignment.convener)
        for name, value in values.items():
            assert equal_values(after.tier(name).value, in_units(plan, value) if name == "load" else value), clause
        assert after.assignment == assignment, clause
        if before is not None:
            assert standing(eased, after.assignment) <= standing(given, before.assignment), clause


@pytest.mark.parametrize("clause", [c for c in BOOK.liftable if c in {f.id for f in BOOK.resolve().stated}])
def test_audit_and_model_agree_without_a_clause(clause: str) -> None:
    given = lifted(problem(benchmarks=(A,), pins=frozenset({("2.1", C)}), bans=frozenset({("2.3", B)})), clause)
    duties = Duties(Plan(given, A))
    start, rng = lawful_plan(benchmarks=(A,)), random.Random(clause)
    for _ in range(6):
        item = rng.choice(tuple(given.rules.item_by_id))
        other = changed(start, {item: rng.sample(given.participants, rng.randint(0, 2))})
        assert accepts(duties, other) == audit(given, other).ok == (not judge.broken(given, other)), (item, other)
