"""Shipped communities of more than twenty schools, in two plans, give what stands beside them."""

from __future__ import annotations

import json

import pytest

from assigner.planner import solve
from assigner.splitting.solving import solve_split
from scripts.update_expected import SCENARIOS, SPLITS, expected_split, split_summary
from tests.models.handmade import some


def test_there_are_no_orphans():
    assert sorted(path.stem for path in expected_split("x").parent.glob("*.json")) == sorted(SPLITS)


@pytest.mark.parametrize("name", some(sorted(SPLITS), 1))
def test_it_gives_what_is_expected(name):
    answer = solve_split(SCENARIOS / f"{name}.yaml", moves=False)
    assert split_summary(answer) == json.loads(expected_split(name).read_text(encoding="utf-8"))
    assert answer.scenario.synthetic and answer.status == "optimal" and answer.proposal.lawful
    for result in answer.plans:  # each plan alone is solved to the same plan
        assert solve(result.scenario, price=False).assignment == result.assignment
