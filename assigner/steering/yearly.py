"""From the plan of a year to the scenario of the next: history and last year's hosts carried over, rotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from assigner.answer import versions_of
from assigner.documented import Documented
from assigner.errors import ExitCode, InputError, Place, Problem
from assigner.messages import M_, _
from assigner.planner import Relaxed, Result, judged
from assigner.scenario.canonical import file_of
from assigner.steering.changing import changed_scenario, distances_are_given
from assigner.steering.standing import Standing, folder_of, standing
from assigner.words import item_label, school_name
from models.community import Plan
from models.conflicts import collision
from models.convener import choose_convener
from models.engine import Engine
from models.repair import next_year as carried_over
from models.repair import rotate
from models.rulebook import load_rulebook, rulebook_names
from models.stopping import Limits, Progress, Stop
from models.tiers import NoPlan

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.repair import NextYear

__all__ = ["YearOn", "next_year"]

_LONGEST_ID = 60


@dataclass(frozen=True)
class YearOn(Documented):
    """The scenario a year later, and its plan under rotation where that was asked for.

    Parameters
    ----------
    before : Standing
    scenario : Scenario
        Of the next year; it poses the same rules.
    result : Result or None
        Its plan under rotation, as `assigner.solve` gives answers; None when it was not asked for.
    found : NextYear or None
        What rotation leaves; None also where there is no plan.
    """

    before: Standing
    scenario: Scenario
    result: Result | None = None
    found: NextYear | None = None

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return ExitCode.PROVEN if self.result is None else self.result.exit_code

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data: the history of each school, and what rotation leaves."""
        problem = self.scenario.problem()
        document: dict[str, Any] = {
            "schema_version": 1,
            "before": self.before.name,
            "scenario": {"id": self.scenario.id, "hash": self.scenario.hash},
            "schools": [
                {
                    "code": school.code,
                    "name": school_name(problem, school.code),
                    "history_points": str(school.history_points),
                    "last_year": sorted(school.last_year),
                }
                for school in problem.community.schools
            ],
        }
        if self.found is not None:
            fewest, book = self.found.fewest, problem.rules.rulebook
            document["repeats"] = {
                "number": str(fewest.value),
                "at_least": None if fewest.bound is None else str(fewest.bound),
                "status": fewest.status,
                "left": [
                    {
                        "unit": repeat.unit,
                        "title": item_label(book, repeat.unit),
                        "code": repeat.code,
                        "name": school_name(problem, repeat.code),
                        "nobody_else": repeat.nobody_else,
                    }
                    for repeat in self.found.repeats
                ],
            }
        if self.result is not None:
            document["plan"] = self.result.to_dict()
        document["versions"] = versions_of()
        return document


def next_year(
    plan: str | PathLike[str] | Result | Standing,
    scenario: str | PathLike[str] | Scenario | None = None,
    *,
    carried: Fraction | int | str = 1,
    rotation: bool = False,
    hard: bool = False,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> YearOn:
    """Make the scenario of the next year from the plan of this one.

    Parameters
    ----------
    plan : str, Path or Result
        A ``plan.json`` or an answer.
    scenario : str, Path or Scenario, optional
        The scenario of the plan: needed where it names a rulebook, a matrix or a map of its own.
    carried : Fraction
        Share of the load above the common one that is carried over; 0 forgets it.
    rotation : bool
        Solve it, so that no school hosts the same heavy item twice running unless nobody else can.
    hard : bool
        Rotation before all aims; otherwise after loads and travel.
    work_limit, time_limit, stop, progress
        As `assigner.solve`.

    Raises
    ------
    InputError
        The plan cannot be used.
    """
    before = _with_files(standing(plan), scenario)
    share = Fraction(carried)
    if share < 0:
        raise ValueError(f"a share below zero: {share}")
    task = carried_over(before.problem, before.assignment, carried=share)
    later = changed_scenario(before.scenario, task, entries=_named(before.scenario))
    if not rotation:
        return YearOn(before, later)
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), progress=progress)
    reasons = tuple(Relaxed(relaxation, None) for relaxation in before.relaxations)
    conveners = [task.wishes.convener] if task.wishes.convener else [c.code for c in choose_convener(task)]
    plans = [Plan(task, code) for code in conveners or [before.assignment.convener]]
    found = None
    for left in plans:
        try:
            found = rotate(left, engine, rule="hard" if hard else "soft")
            break
        except NoPlan as none:
            if not none.proven:
                stopped = Result("stopped", left, relaxations=reasons, stopped_by=engine.stopped_by, scenario=later)
                return YearOn(before, later, replace(stopped, asked=task))
    if found is None:
        # What is carried over can fill hard limits on loads.
        none_left = Result("infeasible", plans[0], relaxations=reasons, collision=collision(plans[0]), asked=task)
        return YearOn(before, later, replace(none_left, scenario=_relaxed(later, before)))
    result = judged(found.plan, found.result, reasons, (), engine)
    if found.fewest.status != "optimal" and result.status == "optimal":
        result = replace(result, status="feasible", stopped_by=engine.stopped_by)
    result = replace(result, among="fewest_repeats", scenario=_relaxed(later, before), asked=task)
    return YearOn(before, later, replace(result, solver_seconds=engine.solver_seconds), found)


def _with_files(before: Standing, given: str | PathLike[str] | Scenario | None) -> Standing:
    """The plan with a scenario that names the files it needs."""
    own = before.scenario
    if given is None:
        if own.entries.travel.matrix is None and (distances_are_given(own) or not _is_shipped(own)):
            if folder_of(own) is not None:
                return before
            what = M_("The plan comes from a scenario with a rulebook, a matrix or a map of its own.")
            mend = M_("Name that scenario as well: --scenario FILE")
            raise InputError([Problem(before.name, Place("scenario"), own.id, what, None, mend)])
        return before
    if isinstance(given, str | PathLike):
        from assigner.scenario import read_scenario

        given = read_scenario(given)
    if given.hash != own.hash:
        what = M_("This is not the scenario of the plan.")
        mend = M_("Name the scenario from which the plan was made, as it was then.")
        raise InputError([Problem(given.source.file, Place(), given.id, what, None, mend)])
    return replace(before, scenario=given)


def _is_shipped(scenario: Scenario) -> bool:
    name = scenario.entries.rulebook
    return name in rulebook_names() and load_rulebook(name).hash == scenario.rulebook.hash


def _relaxed(scenario: Scenario, before: Standing) -> Scenario:
    """The scenario with the relaxations stated that are in force."""
    ids = [relaxation.id for relaxation in before.relaxations]
    return changed_scenario(scenario, scenario.problem(), relaxations=ids) if ids else scenario


def _named(scenario: Scenario) -> Mapping[str, Any]:
    document = file_of(scenario)
    origin = _("History and last year's hosts are from the plan of {id}.", id=scenario.id)
    note = " ".join(filter(None, (document["note"], origin)))
    return {"id": f"{scenario.id[:_LONGEST_ID]}-next", "note": note}
