"""Every shipped scenario gives what stands beside it, and its best plan is the only one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assigner.answer import tier_number
from assigner.planner import solve
from scripts.update_expected import SCENARIOS, expected_file, summary

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.fixture(scope="module", params=NAMES)
def solved(request):
    return request.param, solve(SCENARIOS / f"{request.param}.yaml", price=False)


def test_there_are_scenarios_and_no_orphans():
    assert NAMES
    assert sorted(path.stem for path in Path(expected_file("x")).parent.glob("*.json")) == NAMES


def test_it_gives_what_is_expected(solved):
    name, result = solved
    assert summary(result) == json.loads(expected_file(name).read_text(encoding="utf-8"))


def test_no_second_plan_is_as_good(solved):
    name, result = solved
    if result.assignment is None:
        assert result.status == "infeasible" and result.collision is not None
        return
    assert result.status == "optimal"
    # The relaxations in force stay in force: the question is about plans under the same rules.
    second = solve(SCENARIOS / f"{name}.yaml", price=False, forbid=[result.assignment])
    if second.assignment is None:
        assert second.status == "infeasible"
        return
    assert second.assignment != result.assignment
    assert second.status == "optimal"
    if second.plan.rules != result.plan.rules or second.plan.convener != result.plan.convener:
        return  # no second plan under these rules
    first, other = values(result), values(second)
    assert first != other
    assert first < other


def values(result):
    """Tier values in their order, smaller is better."""
    return [ranked(result, tier) for tier in result.tiers]


def ranked(result, tier):
    value = tier_number(tier.name, tier.value)
    if tier.name == "tie_break":
        return Later(value)
    if tier.name == "exploration" and result.plan.rules.option("exploration_number") in ("most", "stated"):
        return -value
    return tuple(tier.value) if isinstance(tier.value, tuple) else tier.value


class Later(str):
    """A text of which the one later in the alphabet is the better."""

    __slots__ = ()

    def __lt__(self, other):
        return str.__gt__(self, other)
