"""A plan taken from several: a scenario that pins it, solved and audited like any other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from assigner.planner import Result, solve
from assigner.steering.changing import changed_scenario
from models.community import Assignment

__all__ = ["taken"]


def taken(result: Result, assignment: Assignment, name: str) -> Result:
    """The answer whose plan is an assignment, under the relaxations in force.

    Parameters
    ----------
    result : Result
        An answer to the same scenario.
    assignment : Assignment
        A lawful plan.
    name : str
        Of the community, as the files are to say it.
    """
    items = tuple(result.plan.rules.item_by_id)
    held = frozenset((item, code) for item in items for code in assignment.hosts_of(item))
    made = _solved(result, assignment, name, held, ())
    if not _same(items, made, assignment):
        # Where more hosts would do no harm, those that the plan does not have are kept out.
        others = [(item, code) for item in items for code in result.plan.candidates if (item, code) not in held]
        made = _solved(result, assignment, name, held, others)
    if not _same(items, made, assignment):
        raise AssertionError("pins do not give the plan back")
    return made


def _same(items: Iterable[str], made: Result, assignment: Assignment) -> bool:
    own = made.assignment
    return own is not None and all(own.hosts_of(item) == assignment.hosts_of(item) for item in items)


def _solved(
    result: Result,
    assignment: Assignment,
    name: str,
    pins: frozenset[tuple[str, str]],
    bans: Iterable[tuple[str, str]],
) -> Result:
    scenario = result.scenario
    if scenario is None:
        raise ValueError("the answer has no scenario")
    task = scenario.problem()
    ways = {code: tuple(chosen) for code, chosen in assignment.ways.items() if chosen}
    wishes = replace(
        task.wishes, convener=assignment.convener, pins=pins, bans=task.wishes.bans | frozenset(bans), ways=ways
    )
    stated = [entry.relaxation.id for entry in result.relaxations]
    pinned = changed_scenario(
        scenario, replace(task, wishes=wishes), relaxations=stated or None, entries={"name": name}
    )
    return solve(pinned, price=False)
