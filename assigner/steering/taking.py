"""To take a way out: the scenario that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.steering.changing import changed_scenario
from models.convener import choose_convener

if TYPE_CHECKING:
    from assigner.planner import Result
    from assigner.scenario import Scenario
    from models.explain import WayOut

__all__ = ["scenario_of_way", "way_of"]


def way_of(result: Result, number: int) -> WayOut:
    """A way out by its number, the cheapest being 1.

    Raises
    ------
    InputError
        There are not so many.
    """
    explanation = result.explanation
    mend = M_("Leave --take out; see which ways out there are with “--ways-out K”.")
    if explanation is None:
        what = M_("A plan keeps all that was asked; there is nothing to take a way out of.")
        if result.status == "stopped":
            what = M_("It was stopped before a plan was found, so no ways out were looked for.")
        elif result.status == "infeasible" or any(entry.because for entry in result.relaxations):
            what = M_("It was stopped before ways out were looked for.")
        raise InputError([Problem("", Place("--take"), number, what, None, mend)])
    ways = explanation.ways_out.ways
    if not 1 <= number <= len(ways):
        what = M_("There is no way out of this number; found: {n}.", n=len(ways))
        raise InputError([Problem("", Place("--take"), number, what, None, mend)])
    return ways[number - 1]


def scenario_of_way(result: Result, way: WayOut) -> Scenario:
    """The scenario of an answer with what a way gives up taken out of it.

    Raises
    ------
    InputError
        The answer does not hold its scenario.
    """
    scenario = result.scenario
    if scenario is None:
        what, mend = M_("The answer does not hold its scenario."), M_("Use “assigner.solve”, not “solve_problem”.")
        raise InputError([Problem("", Place(), ABSENT, what, None, mend)])
    problem = way.plan.problem
    wishes = problem.wishes
    if wishes.convener is None and [choice.code for choice in choose_convener(problem)][:1] != [way.plan.convener]:
        wishes = replace(wishes, convener=way.plan.convener)
    relaxations = None
    if way.relaxations:
        stated = {*way.relaxations, *(relaxation.id for relaxation in scenario.stated_relaxations)}
        relaxations = [r.id for r in scenario.rulebook.relaxations if r.id in stated]
    return changed_scenario(scenario, replace(problem, wishes=wishes), relaxations=relaxations)
