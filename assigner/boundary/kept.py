"""What the plan that was is worth once its members are others, before anything is solved anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.boundary.values import Kept, State
from models.audit import audit
from models.community import Assignment, Plan, Problem
from models.convener import choose_convener

if TYPE_CHECKING:
    from assigner.scenario.scenario import Scenario

__all__ = ["kept_plan"]


def kept_plan(before: State | None, scenario: Scenario | None) -> Kept | None:
    """The plan of a community before, under what the community is now.

    Parameters
    ----------
    before : State or None
    scenario : Scenario or None
        The community now.

    Returns
    -------
    Kept or None
        None where there was no plan before, or is no community now.
    """
    if before is None or before.result is None or before.result.assignment is None or scenario is None:
        return None
    old, result = before.result.assignment, before.result
    problem = _as_relaxed(scenario.problem(), result.problem, before)
    members = set(problem.participants)
    here = members | {partner.code for partner in problem.community.outside_partners}
    convener = _convener(problem, old.convener, members)
    hosts = {item: tuple(code for code in codes if code in here) for item, codes in old.hosts.items()}
    ways = {code: chosen for code, chosen in old.ways.items() if code in members}
    assignment = Assignment(convener, hosts, ways)
    return Kept(Plan(problem, convener), assignment, audit(problem, assignment))


def _as_relaxed(problem: Problem, relaxed: Problem, before: State) -> Problem:
    """The problem with the relaxations that were in force, as far as the community's own switches let them."""
    assert before.result is not None
    changes = {name: option for entry in before.result.relaxations for name, option in entry.relaxation.set_.items()}
    return problem.with_rules(problem.rules.with_options(changes)) if changes else problem


def _convener(problem: Problem, old: str, members: set[str]) -> str:
    """The one that was, the one that is stated, else the first of the ranking; empty when nobody can convene."""
    stated = problem.wishes.convener
    if stated is not None:
        return stated
    if old in members:
        return old
    return next((choice.code for choice in choose_convener(problem)), "")
