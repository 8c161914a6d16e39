"""One job in one process: whatever the scenario is, an outcome comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assigner.batch.keys import job_key, program_fingerprint
from assigner.batch.values import Order, Question
from assigner.batch.work import Inputs, UnknownInputError, carry_out, packed_input
from assigner.planner import solve
from assigner.scenario import read_scenario
from assigner.scenario.canonical import scenario_from
from models.stopping import Limits

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def order(name: str, delta: dict[str, Any] | None = None, *, limits: Limits | None = None, **question: Any) -> Order:
    scenario = read_scenario(SCENARIOS / f"{name}.yaml")
    content = scenario.canonical()
    asked = Question(**question)
    key = job_key(content, asked, program="test")
    return Order(
        key, scenario.hash, packed_input(content), delta or {}, asked, limits or Limits(), program_fingerprint()
    )


def test_a_job_gives_what_solving_the_scenario_gives() -> None:
    asked = order("synthetic-3")
    outcome = carry_out(asked, Inputs())
    direct = solve(SCENARIOS / "synthetic-3.yaml")
    assert direct.assignment is not None
    assert (outcome.state, outcome.status, outcome.key) == ("done", "optimal", asked.key)
    assert outcome.facts["hosts"] == {item: list(codes) for item, codes in direct.assignment.hosts.items()}
    assert 0 < outcome.solver_seconds <= outcome.seconds


def test_a_clause_that_is_lifted_is_not_in_force() -> None:
    kept = carry_out(order("synthetic-5"), Inputs()).facts
    lifted = carry_out(order("synthetic-5", {"lift": ["4.4.presence", "2.hosts"]}), Inputs()).facts
    assert kept["hosts"].get("2.1") and not lifted["hosts"].get("2.1")
    assert lifted["audit_ok"]


def test_no_lawful_plan_is_an_answer_and_names_the_clauses() -> None:
    outcome = carry_out(order("collision"), Inputs())
    assert (outcome.state, outcome.status) == ("done", "infeasible")
    assert outcome.facts["collision"] and "hosts" not in outcome.facts


def test_a_limit_that_is_too_small_leaves_a_stopped_job() -> None:
    outcome = carry_out(order("synthetic-25", limits=Limits(work=0.02)), Inputs())
    assert outcome.state == "stopped" and outcome.facts["stopped_by"] == "work"


def test_a_wish_that_cannot_be_read_fails_with_its_problem() -> None:
    outcome = carry_out(order("synthetic-3", {"pins": {"4.5": ["999999"]}}), Inputs())
    assert outcome.state == "failed" and outcome.error["kind"] == "input"
    assert outcome.error["problems"] and "999999" in outcome.error["problems"][0]["text"]


def test_a_fault_of_the_program_is_kept_without_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("assigner.planner.solve_problem", broken)
    outcome = carry_out(order("synthetic-3"), Inputs())
    assert outcome.state == "failed" and outcome.error["kind"] == "program"
    assert "no such luck" in outcome.error["text"] and "/" not in outcome.error["text"]


def test_a_scenario_is_sent_once_and_asked_for_where_it_is_not_known() -> None:
    known, asked = Inputs(most=1), order("synthetic-3")
    again = Order(asked.key, asked.input, None, {}, asked.question, asked.limits, asked.program)
    with pytest.raises(UnknownInputError):
        carry_out(again, known)
    first = carry_out(asked, known)
    assert carry_out(again, known).facts["hosts"] == first.facts["hosts"]
    carry_out(order("synthetic-1"), known)
    assert asked.input not in known


@pytest.mark.parametrize("name", sorted(file.stem for file in SCENARIOS.glob("*.yaml")))
def test_places_that_are_believed_are_those_that_are_looked_up(name: str) -> None:
    content = read_scenario(SCENARIOS / f"{name}.yaml").canonical()
    believed, looked_up = scenario_from(content, "", placed=True), scenario_from(content, "")
    assert believed.places == looked_up.places and believed.hash == looked_up.hash
    ours, theirs = believed.problem().distances, looked_up.problem().distances
    assert ours.schools == theirs.schools and ours.unit == theirs.unit
    assert (ours.between_schools == theirs.between_schools).all()
    assert (ours.from_demand == theirs.from_demand).all()
