"""Every clause of the rulebook can be broken alone, and then the audit names it and nothing else.

`CASES` must have an entry for every clause of school year 111: a new clause without one fails here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from models.audit import audit
from models.clauses import ROOMS
from models.community import Assignment, OutsidePartner, Plan, Problem, School
from models.duties import Duties
from models.rulebook import load_rulebook
from tests.models.handmade import (
    ACADEMIC,
    BUNDLE,
    CAREER,
    SHARED,
    A,
    B,
    C,
    D,
    E,
    F,
    accepts,
    changed,
    lawful_plan,
    problem,
)
from tests.oracles import judge

CLAUSES = [clause.id for clause in load_rulebook("111").clauses]
G, STRANGER = "100007", "999999"
OUTSIDE = OutsidePartner("900001", "outside", frozenset({"2.1"}), "rare_programme")


@dataclass(frozen=True)
class Case:
    """A community, a lawful plan of it, a plan that breaks one clause, and how the audit puts it.

    `asked` is the community of the broken plan where it is another one (a wish that nobody can grant).
    """

    code: str
    given: Problem
    lawful: Assignment
    broken: Assignment
    asked: Problem | None = None


def case(
    code: str,
    hosts: Mapping[str, Sequence[str]] | None = None,
    *,
    start: Mapping[str, Sequence[str]] | None = None,
    benchmarks: Sequence[str] = (),
    given: Problem | None = None,
    wishes: Mapping[str, Any] | None = None,
    switches: Mapping[str, str] | None = None,
    asked: Problem | None = None,
    **rest: Any,
) -> Case:
    """Schools A to F that A convenes; `start` makes the lawful plan, `hosts` breaks it."""
    if given is None:
        given = problem(benchmarks=benchmarks, switches=switches, **(wishes or {}))
    lawful = changed(lawful_plan(A, benchmarks), start)
    return Case(code, given, lawful, changed(lawful, hosts, **rest), asked)


def said(code: str, **fields: Any) -> Problem:
    """Schools A to F, one of which is as `fields` say."""
    return problem([School(code, **fields) if one == code else one for one in (A, B, C, D, E, F)])


def beside(extra: School) -> Problem:
    """Schools A to F and one more."""
    return problem([A, B, C, D, E, F, extra])


NO_CONVENER_OF_OURS = dict.fromkeys(SHARED, (B,))
CASES: Mapping[str, list[Case]] = {
    "plan.convener": [
        case("convener.not_as_stated", wishes={"convener": A}, convener=B),
        case("convener.no_participant", NO_CONVENER_OF_OURS, given=beside(School(G, participates=False)), convener=G),
        case("convener.no_participant", NO_CONVENER_OF_OURS, convener=STRANGER),
    ],
    "plan.benchmark_convenes": [case("benchmark_convenes.other", benchmarks=[A], convener=B)],
    "plan.members": [
        case("membership.stranger", {"2.1": (C, STRANGER)}),
        case("membership.stranger", {"2.1": (C, G)}, given=beside(School(G, participates=False))),
        case("membership.unknown_item", {"9.9": (C,)}),
    ],
    "plan.barred": [
        case("barred.hosts", {"2.1": (C, G)}, given=beside(School(G, barred=True))),
        case("barred.convenes", NO_CONVENER_OF_OURS, given=beside(School(G, barred=True)), convener=G),
    ],
    "plan.outside": [
        case("outside_partner.hosts", {"2.1": (C, OUTSIDE.code)}, given=problem(outside=[OUTSIDE])),
    ],
    "1.benchmark": [case("role_hosts.missing", {"1.3": (E,)}, benchmarks=[A])],
    "1.hosts": [
        case("host_count.too_few", {"1.1": ()}),
        case("host_count.too_few", {"1.4": (A,)}, benchmarks=[A]),
        case("host_count.too_few", {"1.2": (A,)}, start={"1.2": (B,)}, switches={"partnership_hosts": "partners"}),
    ],
    "2.hosts": [case("host_count.too_few", {"2.1": ()}), case("host_count.too_few", {"2.3": ()})],
    "2.same_host": [
        case("same_hosts.differ", {"2.3": (D,)}, start={"2.3": (C,)}, switches={"six_year_same_host": "must"})
    ],
    "3.hosts": [
        case("host_count.too_few", dict.fromkeys(BUNDLE, ())),
        case("host_count.too_many", dict.fromkeys(BUNDLE, (E, F))),
    ],
    "3.partner": [case("who_hosts.outside_role", dict.fromkeys(BUNDLE, (A,)))],
    "3.bundle": [case("same_hosts.differ", {"3.2": (F,)})],
    "4.hosts": [
        case("host_count.too_few", {"4.1": ()}),
        case("host_count.too_many", {"4.2": (D, E)}),
        case("host_count.too_few", {"4.5": ()}, switches={"development_number": "at_least_one"}),
    ],
    "4.partner": [case("who_hosts.outside_role", {item: (A,)}) for item in ("4.1", "4.2", "4.3", "4.5")],
    "4.4.cap": [
        case("track_cap.track", {CAREER: (C, E, F)}),
        case(
            "track_cap.below",
            {ACADEMIC: (D,)},
            start={CAREER: (C, E), ACADEMIC: (D, F)},
            switches={"exploration_presence": "exactly_cap"},
        ),
        # Five partners: the convener does not count, and the band is that of two hosts in all.
        case("track_cap.track", {CAREER: (C, E)}, switches={"participants_counted": "partners"}),
    ],
    "4.4.presence": [
        case("host_count.too_few", {CAREER: ()}),
        case("host_count.too_few", {ACADEMIC: ()}),
        case("host_count.too_few", {CAREER: (), ACADEMIC: ()}, switches={"exploration_presence": "one_in_all"}),
    ],
    "4.4.equal": [
        case("equal_numbers.differ", {CAREER: (C, E)}, switches={"exploration_presence": "equal_numbers"}),
    ],
    "4.4.partner": [case("who_hosts.outside_role", {CAREER: (A,)}), case("who_hosts.outside_role", {ACADEMIC: (D, A)})],
    "4.4.one_track": [case("different_hosts.both", {CAREER: (D,)})],
    "5.convener": [
        case("role_hosts.missing", {"5.3": (B,)}),
        case(
            "role_hosts.missing",
            {"5.2": (A, B, C, D, E)},
            start=dict.fromkeys(SHARED, (A, B, C, D, E, F)),
            switches={"community_learning_hosts": "all_schools"},
        ),
    ],
    "5.partner": [case("host_count.too_few", {"5.5": (A,)})],
    "6.benchmark": [case("role_hosts.missing", {"6": ()}, benchmarks=[A])],
    # The planner asks for two hosts of item 6, and there is one benchmark school: only another could be the second.
    "6.only_benchmark": [
        case(
            "who_hosts.outside_role",
            {"6": (A, B)},
            benchmarks=[A],
            asked=problem(benchmarks=[A], host_numbers={"6": 2}),
        )
    ],
    "6.ways": [
        case("ways.too_few", benchmarks=[A], ways={A: ("6.fair", "6.media")}),
        case("ways.none_of_list", benchmarks=[A], ways={A: ("6.handbook", "6.media", "6.other")}),
        case("ways.unknown", ways={B: ("6.fair",)}),
    ],
    "school.cannot": [
        case("cannot.hosts", {"2.1": (F,)}, given=said(F, willingness={"2.1": "cannot"})),
        # What a school says of the bundle, or of one item of it, holds for the whole bundle.
        case("cannot.hosts", dict.fromkeys(BUNDLE, (F,)), given=said(F, willingness={"3": "cannot"})),
        case("cannot.hosts", dict.fromkeys(BUNDLE, (F,)), given=said(F, willingness={"3.2": "cannot"})),
        case("cannot.convenes", given=said(B, willingness={"convener": "cannot"}), convener=B),
    ],
    "school.load_limit": [
        # F hosts 1.4 and 4.5: two points; a third is above its limit.
        case("load_limit.above", {"2.1": (F,)}, given=said(F, capacity_points=2, load_limit_hard=True)),
        # The limit is that of the rulebook, 5; with 3 points carried over 2 are left.
        case("load_limit.above", {"2.1": (F,)}, given=said(F, history_points=3, load_limit_hard=True)),
        # A resource-weak school has 4; the bundle is one point, not three.
        case(
            "load_limit.above",
            {"2.1": (F,), "2.3": (F,)},
            start={**dict.fromkeys(BUNDLE, (F,))},
            given=said(F, resource_weak=True, load_limit_hard=True),
        ),
        # The base of the convener counts: one point of its own, and two of six-year continuity.
        case(
            "load_limit.above",
            {"2.1": (A,), "2.3": (A,)},
            start={"2.3": (A,)},
            given=said(A, capacity_points=2, load_limit_hard=True),
        ),
    ],
    "planner.pins": [
        case("pins.not_kept", {"2.1": (F,)}, wishes={"pins": frozenset({("2.1", C)})}),
        case(
            "pins.way_not_kept",
            benchmarks=[A],
            wishes={"ways": {A: ("6.media",)}},
            ways={A: ("6.fair", "6.handbook", "6.other")},
        ),
    ],
    "planner.bans": [case("bans.not_kept", {"2.1": (F,)}, wishes={"bans": frozenset({("2.1", F)})})],
    "planner.host_number": [
        case("host_number.more", {"2.2": (B,)}),
        case("host_number.more", {"1.1": (C, D)}),
        case("host_number.more", {"5.1": (A, B, C)}),
        case("host_number.more", {"1.1": (A, C, D)}, benchmarks=[A]),
        case("host_number.more", {"4.1": (B, C)}, switches={"development_number": "at_least_one"}),
        case("host_number.fewer", {"2.4": (B,)}, start={"2.4": (B, C)}, wishes={"host_numbers": {"2.4": 2}}),
        case("host_number.fewer", {"1.1": (C,)}, start={"1.1": (C, D)}, wishes={"host_numbers": {"1.1": 2}}),
        case("host_number.ways", benchmarks=[A], ways={A: ("6.fair", "6.handbook", "6.media", "6.other")}),
    ],
    "planner.exploration_number": [
        case(
            "exploration_number.differs",
            {CAREER: (C,)},
            start={CAREER: (C, E)},
            switches={"exploration_number": "stated"},
            wishes={"exploration_numbers": {CAREER: 2, ACADEMIC: 1}},
        )
    ],
}
ALL = [pytest.param(clause, one, id=f"{clause}-{k}") for clause, cases in CASES.items() for k, one in enumerate(cases)]


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_has_a_plan_that_breaks_it_alone(clause: str) -> None:
    assert CASES[clause]


def test_no_case_is_about_a_clause_that_is_gone() -> None:
    assert CASES.keys() == set(CLAUSES)


@pytest.mark.parametrize(("clause", "one"), ALL)
def test_plan_breaks_this_clause_and_no_other(clause: str, one: Case) -> None:
    before = audit(one.given, one.lawful)
    assert before.ok, [finding for finding in before.findings if not finding.ok]
    asked = one.asked or one.given
    findings = [finding for finding in audit(asked, one.broken).findings if not finding.ok]
    assert [finding.clause.id for finding in findings] == [clause]
    assert {violation.code for violation in findings[0].violations} == {one.code}
    assert {violation.clause for violation in findings[0].violations} == {clause}


@pytest.mark.parametrize(("clause", "one"), ALL)
def test_model_takes_the_lawful_plan_and_refuses_the_broken_one(clause: str, one: Case) -> None:
    assert accepts(Duties(Plan(one.given, one.lawful.convener)), one.lawful)
    asked = one.asked or one.given
    duties = Duties(Plan(asked, one.broken.convener))
    assert not accepts(duties, one.broken)
    guarded = Duties(Plan(asked, one.broken.convener), guarded=True)
    assert not accepts(guarded, one.broken, assume=guarded.guards.values())


@pytest.mark.parametrize(("clause", "one"), ALL)
def test_clause_switched_off_lets_the_plan_through(clause: str, one: Case) -> None:
    """The guards of that clause alone stand between the model and the broken plan."""
    duties = Duties(Plan(one.asked or one.given, one.broken.convener), guarded=True)
    others = [guard for (owner, _), guard in duties.guards.items() if owner != clause]
    codes = {code for codes in one.broken.hosts.values() for code in codes}
    decided = one.broken.hosts.keys() <= duties.plan.rules.item_by_id.keys()
    decided &= codes <= set(duties.plan.candidates)
    decided &= one.broken.ways.keys() <= set(duties.plan.problem.benchmarks)
    # Strangers, unknown items and others' ways have no decision: no clause is needed to keep them out.
    assert accepts(duties, one.broken, assume=others) is decided


@pytest.mark.parametrize(("clause", "one"), ALL)
def test_judge_apart_from_the_product_says_the_same(clause: str, one: Case) -> None:
    assert judge.lawful(one.given, one.lawful)
    if one.code != "membership.unknown_item":  # the judge looks at the rulebook's items only
        # Ways that the planner stated belong to the clause on ways there; and it names every clause that is concerned.
        expected = "6.ways" if one.code == "pins.way_not_kept" else clause
        assert expected in judge.broken(one.asked or one.given, one.broken)


def test_outside_partner_that_may_host_hosts_what_it_is_named_for() -> None:
    given = problem(outside=[OUTSIDE], switches={"outside_partner_hosts": "yes"})
    named = changed(lawful_plan(), {"2.1": (OUTSIDE.code,)})
    other = changed(lawful_plan(), {CAREER: (C, OUTSIDE.code)})
    assert audit(given, named).ok
    assert "plan.outside" in [f.clause.id for f in audit(given, other).findings if not f.ok]
    duties = Duties(Plan(given, A))
    assert accepts(duties, named)
    assert not accepts(duties, other)


def test_kinds_of_rules_are_those_that_the_clauses_use() -> None:
    assert {clause.kind for clause in load_rulebook("111").clauses} == set(ROOMS)


@pytest.mark.parametrize(
    ("switch", "option", "clause", "broken"),
    [
        ("both_tracks", "yes", "4.4.one_track", {CAREER: (D,)}),
        ("community_learning_partner", "not_needed", "5.partner", {"5.5": (A,)}),
        ("development_convener", "yes", "4.partner", {"4.1": (A,)}),
        ("partner_includes_convener", "yes", "3.partner", dict.fromkeys(BUNDLE, (A,))),
        ("partner_includes_convener", "yes", "4.4.partner", {CAREER: (A,)}),
        ("exploration_presence", "one_in_all", "4.4.presence", {CAREER: ()}),
    ],
)
def test_switch_allows_what_the_default_reading_forbids(
    switch: str, option: str, clause: str, broken: Mapping[str, Sequence[str]]
) -> None:
    plan = changed(lawful_plan(), broken)
    assert [f.clause.id for f in audit(problem(), plan).findings if not f.ok] == [clause]
    # Where the convener alone takes part in 5.5, B's other items of community learning would be more than needed.
    if switch == "community_learning_partner":
        plan = changed(plan, dict.fromkeys(SHARED, (A,)))
    assert audit(problem(switches={switch: option}), plan).ok


@pytest.mark.parametrize("option", ["yes", "when_no_other"])
def test_benchmark_school_may_serve_for_the_at_least_one_of_partnership(option: str) -> None:
    """Where all schools are benchmark schools; "yes" allows it among others too."""
    everyone = [A, B, C, D, E, F]
    plan = changed(lawful_plan(A, everyone), dict.fromkeys(("1.1", "1.2", "1.3", "1.4", "6"), everyone))
    given = problem(benchmarks=everyone)
    assert [f.clause.id for f in audit(given, plan).findings if not f.ok] == ["1.hosts"]
    assert audit(given.with_rules(given.rules.with_options({"benchmark_serves": option})), plan).ok
    # With one benchmark school among six, only "yes" lets it stand alone.
    alone = changed(lawful_plan(A, [A]), dict.fromkeys(("1.1", "1.2", "1.3", "1.4"), (A,)))
    judged = audit(problem(benchmarks=[A], switches={"benchmark_serves": option}), alone)
    assert judged.ok is (option == "yes")


def test_soft_limits_under_the_switch() -> None:
    hard = said(F, capacity_points=2, load_limit_hard=True)
    plan = changed(lawful_plan(), {"2.1": (F,)})
    assert not audit(hard, plan).ok
    assert audit(hard.with_rules(hard.rules.with_options({"load_limits": "soft"})), plan).ok


def test_counted_barred_school_is_a_participant_that_hosts_nothing() -> None:
    given = problem([A, B, C, D, E, School(F, barred=True)], switches={"barred_schools": "counted"})
    plan = changed(lawful_plan(), {"1.4": (B,), "4.5": (B,)})
    assert given.participants == (A, B, C, D, E, F)
    # Six schools count, so two hosts a track are allowed; without the switch five do, and one is.
    both = changed(plan, {CAREER: (C, E)})
    assert audit(given, both).ok
    uncounted = given.with_rules(given.rules.with_options({"barred_schools": "not_counted"}))
    assert uncounted.participants == (A, B, C, D, E)
    assert [f.clause.id for f in audit(uncounted, both).findings if not f.ok] == ["4.4.cap"]
    assert [f.clause.id for f in audit(given, changed(plan, {"1.4": (F,)})).findings if not f.ok] == ["plan.barred"]
