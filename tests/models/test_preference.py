"""Suitability, willingness and rotation, by hand: neutral 1, unsuited 2, not willing 1, the same as last year 1."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from models.community import OutsidePartner, Plan, School
from models.objectives import preference
from models.tiers import solve_tiers
from tests.communities import with_measures
from tests.models.handmade import ACADEMIC, BUNDLE, CAREER, A, B, C, D, E, F, lawful_plan, problem


def plan_with(**fields: Any) -> Plan:
    """Schools A to F; `fields` are those of B."""
    return Plan(problem([A, School(B, **fields), C, D, E, F]), A)


def cost(unit: str, **fields: Any) -> Fraction:
    plan = plan_with(**fields)
    return preference.cost(plan, plan.rules.units[unit], B)


@pytest.mark.parametrize(
    ("unit", "fields", "expected"),
    [
        # nothing known: neutral, and not said to be willing
        ("2.1", {}, 2),
        ("2.1", {"willingness": {"2.1": "willing"}}, 1),
        ("2.1", {"willingness": {"2.1": "unwilling"}}, 2),
        ("2.1", {"willingness": {"2.1": "willing"}, "suitability": {"2.1": "suited"}}, 0),
        ("2.1", {"suitability": {"2.1": "unsuited"}}, 3),
        ("2.1", {"last_year": frozenset({"2.1"})}, 3),
        ("2.1", {"last_year": frozenset({"2.3"})}, 2),
        # what a school says of the bundle or of one item of it counts once, the worst of it
        ("3", {"willingness": {"3": "willing"}}, 1),
        ("3", {"willingness": dict.fromkeys(BUNDLE, "willing")}, 1),
        ("3", {"willingness": {"3": "willing", "3.2": "if_needed"}}, 2),
        ("3", {"willingness": {"3": "willing"}, "suitability": {"3.1": "suited", "3.2": "unsuited"}}, 2),
        ("3", {"willingness": {"3": "willing"}, "suitability": {"3.1": "suited"}}, 1),
        ("3", {"willingness": {"3": "willing"}, "suitability": dict.fromkeys(BUNDLE, "suited")}, 0),
        ("3", {"last_year": frozenset({"3.3"})}, 3),
        ("3", {"last_year": frozenset(BUNDLE)}, 3),
        # categories suit tracks only, and a word of the school's own goes before them
        (ACADEMIC, {"categories": frozenset({"general"})}, 1),
        (CAREER, {"categories": frozenset({"general"})}, 2),
        (CAREER, {"categories": frozenset({"general", "home_economics"})}, 1),
        (CAREER, {"categories": frozenset({"other_vocational"})}, 1),
        ("2.1", {"categories": frozenset({"general", "industrial"})}, 2),
        (ACADEMIC, {"categories": frozenset({"general"}), "suitability": {ACADEMIC: "unsuited"}}, 3),
        (ACADEMIC, {"categories": frozenset()}, 2),
        (ACADEMIC, {"categories": None}, 2),
    ],
)
def test_cost_of_a_host(unit: str, fields: dict[str, Any], expected: int) -> None:
    assert cost(unit, **fields) == expected


def test_outside_partner_is_neutral_and_has_said_nothing() -> None:
    outside = OutsidePartner("900001", "outside", frozenset({"2.1"}), "special_education")
    plan = Plan(problem(outside=[outside], switches={"outside_partner_hosts": "yes"}), A)
    assert preference.cost(plan, plan.rules.units["2.1"], outside.code) == 2


def test_measures_are_those_of_the_rulebook() -> None:
    measures = {
        "neutral_cost": Fraction(1, 2),
        "unsuitable_cost": Fraction(7),
        "not_willing_cost": Fraction(3),
        "rotation_cost": Fraction(0),
    }
    book = with_measures(problem().rules.rulebook, **measures)
    schools = [A, School(B, suitability={"2.1": "unsuited"}, last_year=frozenset({"2.1", "2.3"})), C, D, E, F]
    plan = Plan(problem(schools, book=book), A)
    assert preference.cost(plan, plan.rules.units["2.1"], B) == 10
    assert preference.cost(plan, plan.rules.units["2.3"], B) == Fraction(7, 2)


def test_value_of_a_plan() -> None:
    # 15 hosts in the load units (one a track: 13 units), ten of community learning: 23 pairs at 2 each; D is suited to
    # academic exploration by its category (1 less), C willing for 2.1 (1 less), E had the bundle last year (1 more).
    schools = [
        A,
        B,
        School(C, willingness={"2.1": "willing"}),
        School(D, categories=frozenset({"general"})),
        School(E, last_year=frozenset({"3.1"})),
        F,
    ]
    assert preference.value(Plan(problem(schools), A), lawful_plan()) == 23 * 2 - 1 - 1 + 1


def test_among_equals_the_school_that_suits_and_wants_to() -> None:
    schools = [
        A,
        B,
        School(C, categories=frozenset({"general"})),
        School(D, categories=frozenset({"industrial"})),
        School(E, categories=frozenset({"general"})),
        School(F, categories=frozenset({"commercial"}), willingness={"4.2": "willing"}),
    ]
    hosts = solve_tiers(Plan(problem(schools), A)).assignment
    assert hosts.hosts_of(ACADEMIC) == (C, E)
    assert hosts.hosts_of(CAREER) == (D, F)
    assert hosts.hosts_of("4.2") == (F,)


def test_rotation_passes_an_item_on() -> None:
    """All had 4.5 last year but E."""
    schools = [School(code, last_year=frozenset({"4.5"})) if code != E else code for code in (A, B, C, D, E, F)]
    assert solve_tiers(Plan(problem(schools), A)).assignment.hosts_of("4.5") == (E,)
