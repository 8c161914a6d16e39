"""What hosting brings, school by school, by hand."""

from __future__ import annotations

from collections.abc import Sequence

from models.community import Assignment, OutsidePartner, Plan, Problem, School
from models.obligations import Due, obligations
from tests.models.handmade import A, B, C, D, E, F, changed, lawful_plan, problem

CONVENER = [
    "visit.convener",
    "network.convener",
    "planbook.convener",
    "midterm.convener",
    "final.convener",
    "hours.convener",
]
BENCHMARK = [
    "assistant.benchmark",
    "quota.1.1.communities",
    "quota.1.1.meetings",
    "quota.1.1.plans",
    "quota.1.1.demonstrations",
    "quota.1.2.rounds",
    "quota.1.2.club",
    "quota.1.2.university",
    "quota.1.2.junior_highs",
    "quota.1.3.course",
    "quota.1.3.textbook",
    "quota.1.4.subjects",
    "quota.1.4.plans",
    "notify.6",
    "evidence.benchmark",
]


def ids(given: Problem, plan: Assignment) -> dict[str, list[str]]:
    due = obligations(Plan(given, plan.convener), plan)
    assert all(entry.school == code for code, entries in due.items() for entry in entries)
    return {code: [entry.obligation.id for entry in entries] for code, entries in due.items()}


def flagged(code: str, *flags: str) -> Sequence[School | str]:
    return [School(code, **dict.fromkeys(flags, True)) if one == code else one for one in (A, B, C, D, E, F)]  # type: ignore[arg-type]


def test_obligations_of_a_plan_without_benchmark_school() -> None:
    # C hosts 4.1, F 4.5, E the bundle.
    assert ids(problem(), lawful_plan()) == {
        A: CONVENER,
        B: ["hours.partner"],
        C: ["hours.partner", "review.4.1"],
        D: ["hours.partner"],
        E: ["visit.courses", "hours.partner"],
        F: ["visit.transfer", "budget.transfer", "hours.partner"],
    }


def test_numbers_are_those_of_the_briefing() -> None:
    due = obligations(Plan(problem(), A), lawful_plan())
    by_id = {entry.obligation.id: entry.obligation for entries in due.values() for entry in entries}
    assert (by_id["visit.convener"].at_least, by_id["visit.convener"].per) == (1, "semester")
    assert (by_id["visit.transfer"].at_least, by_id["visit.transfer"].per) == (1, "school_year")
    assert (by_id["hours.convener"].at_most, by_id["hours.convener"].per) == (4, "week")
    assert (by_id["hours.partner"].at_most, by_id["hours.partner"].per) == (2, "week")


def test_benchmark_schools_have_their_quotas_and_one_leader_only_among_several() -> None:
    one = ids(problem(benchmarks=[A]), lawful_plan(A, [A]))
    assert set(one[A]) == {*CONVENER, *BENCHMARK}
    assert not set(BENCHMARK) & {*one[B], *one[C]}
    two = ids(problem(benchmarks=[A, B]), lawful_plan(A, [A, B]))
    assert set(two[A]) == {*CONVENER, *BENCHMARK, "leader.1.3"}
    assert set(two[B]) == {"hours.partner", *BENCHMARK, "leader.1.3"}


def test_they_come_in_the_order_of_the_rulebook() -> None:
    given = problem(benchmarks=[A, B])
    order = [obligation.id for obligation in given.rules.obligations]
    for entries in ids(given, lawful_plan(A, [A, B])).values():
        assert entries == sorted(entries, key=order.index)


def test_flags() -> None:
    notes = {
        ("industry_academia",): ["industry.4.4"],
        ("transfer_places",): ["transfer_places.offered"],
        ("below_registration",): ["transfer_places.missing"],
        ("below_registration", "transfer_places"): ["transfer_places.offered"],
        ("resource_weak",): ["weak.help"],
        ("special_education",): [],
    }
    for flags, expected in notes.items():
        assert ids(problem(flagged(B, *flags)), lawful_plan())[B] == ["hours.partner", *expected]


def test_every_school_has_the_visit_on_courses_under_the_switch() -> None:
    given = problem(switches={"course_visits": "every_school"})
    assert all("visit.courses" in entries for entries in ids(given, lawful_plan()).values())


def test_round_on_clubs_is_a_remark_unless_the_switch_makes_it_a_quota() -> None:
    for option, remark in (("remark", True), ("required", False)):
        given = problem(benchmarks=[A], switches={"club_round": option})
        due = obligations(Plan(given, A), lawful_plan(A, [A]))[A]
        assert [entry.obligation.remark for entry in due if entry.obligation.id == "quota.1.2.club"] == [remark]


def test_abstainers_and_outside_partners_owe_nothing() -> None:
    outside = OutsidePartner("900001", "outside", frozenset({"4.1"}), "rare_programme")
    given = problem([A, B, C, D, E, F, School("100007", participates=False)], outside=[outside])
    assert list(ids(given, changed(lawful_plan(), {"4.1": (outside.code,)}))) == [A, B, C, D, E, F]


def test_a_host_of_one_item_of_the_bundle_owes_what_that_item_brings() -> None:
    """Somebody's own plan need not be lawful: the visit belongs to 3.3."""
    split = ids(problem(), changed(lawful_plan(), {"3.3": (D,)}))
    assert "visit.courses" in split[D]
    assert "visit.courses" not in split[E]


def test_due_is_a_value() -> None:
    obligation = problem().rules.obligations[0]
    assert Due(A, obligation) == Due(A, obligation)
    assert Due(A, obligation) != Due(B, obligation)
