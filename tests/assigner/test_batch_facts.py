"""What a batch keeps of an answer gives the answer back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assigner.answer import plan_document
from assigner.batch.facts import facts_of, result_of, split_facts
from assigner.planner import solve
from assigner.scenario import read_scenario
from assigner.splitting.solving import solve_split

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
NAMES = sorted(file.stem for file in SCENARIOS.glob("*.yaml"))
SMALL = ("dongshi-109", "wufeng", "synthetic-1", "synthetic-3")


def kept(facts: dict[str, Any]) -> dict[str, Any]:
    """As they come back from a store."""
    back: dict[str, Any] = json.loads(json.dumps(facts, ensure_ascii=False))
    return back


@pytest.mark.parametrize(("name", "price"), [*((name, False) for name in NAMES), *((name, True) for name in SMALL)])
def test_an_answer_comes_back_from_its_facts(name: str, price: bool) -> None:
    scenario = read_scenario(SCENARIOS / f"{name}.yaml")
    result = solve(scenario, price=price)
    facts = kept(facts_of(result))
    back = result_of(facts, scenario)
    assert plan_document(back) | {"tiers": 0} == plan_document(result) | {"tiers": 0}
    timeless = [tuple(replace(tier, seconds=0.0) for tier in answer.tiers) for answer in (back, result)]
    assert timeless[0] == timeless[1] and back.price == result.price
    assert facts_of(back) | {"tiers": 0, "solver_seconds": 0} == facts_of(result) | {"tiers": 0, "solver_seconds": 0}


def test_the_facts_of_a_split_say_what_a_report_counts() -> None:
    scenario = read_scenario(SCENARIOS / "synthetic-25.yaml")
    answer = solve_split(scenario, moves=False)
    assert answer.proposal is not None and answer.together is not None
    facts = kept(split_facts(answer))
    assert facts["status"] == "optimal" and facts["n"] == 25
    assert [len(plan["schools"]) for plan in facts["plans"]] == list(answer.proposal.sizes)
    assert sum(plan["units"] for plan in facts["plans"]) > facts["together"]["units"]
    assert {code for plan in facts["plans"] for code in plan["loads"]} >= {
        code for plan in facts["plans"] for code in plan["schools"]
    }


def test_a_community_that_may_not_split_is_refused_with_the_reason() -> None:
    facts = split_facts(solve_split(read_scenario(SCENARIOS / "dongshi-109.yaml"), moves=False))
    assert facts["status"] == "refused" and facts["refused_by"] and not facts["plans"]
