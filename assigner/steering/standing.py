"""A plan that stands: what a ``plan.json`` or an answer says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.planner import Result
from models.community import Assignment, Plan
from models.conflicts import relaxed
from models.rulebook import Relaxation

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.community import Problem as Task

__all__ = ["Standing", "folder_of", "is_plan", "same_community", "standing"]


@dataclass(frozen=True)
class Standing:
    """A plan, whoever made it.

    Parameters
    ----------
    name : str
        The file, or what else to call it.
    scenario : Scenario
    assignment : Assignment
    relaxations : tuple of Relaxation
        In force.
    """

    name: str
    scenario: Scenario
    assignment: Assignment
    relaxations: tuple[Relaxation, ...] = ()

    @cached_property
    def problem(self) -> Task:
        """The problem, relaxations in force."""
        return relaxed(self.scenario.problem(), self.relaxations)

    @property
    def plan(self) -> Plan:
        """The problem and who convenes."""
        return Plan(self.problem, self.assignment.convener)


def is_plan(source: str | PathLike[str]) -> bool:
    """Whether a name is that of a plan, not of a scenario."""
    return Path(source).suffix.casefold() == ".json"


def standing(source: str | PathLike[str] | Result | Standing) -> Standing:
    """Read a plan.

    Parameters
    ----------
    source : str, Path, Result or Standing
        A ``plan.json`` or an answer.

    Raises
    ------
    InputError
        It holds no plan or no scenario.
    OSError
        The file cannot be read.
    """
    if isinstance(source, Standing):
        return source
    if isinstance(source, Result):
        return _of_result(source)
    from assigner.answer import read_plan
    from assigner.checking import assignment_of, stated_relaxations
    from assigner.scenario import Scenario

    file = fspath(source)
    document: dict[str, Any] = read_plan(file)
    content = (document.get("scenario") or {}).get("content")
    if not isinstance(content, dict):
        what = M_("The plan does not hold its scenario.")
        mend = M_("Take a plan.json that “assigner solve” wrote, or compare with “assigner schema plan”.")
        raise InputError([Problem(file, Place("scenario"), ABSENT, what, None, mend)])
    scenario = Scenario.from_canonical(content, file)
    return Standing(file, scenario, assignment_of(document), stated_relaxations(file, document, scenario.problem()))


def _of_result(result: Result) -> Standing:
    if result.assignment is None:
        what = M_("The answer holds no plan.")
        raise InputError([Problem("", Place(), result.status, what, None, M_("Solve a scenario that has one."))])
    if result.scenario is None:
        what, mend = M_("The answer does not hold its scenario."), M_("Use “assigner.solve”, not “solve_problem”.")
        raise InputError([Problem("", Place(), ABSENT, what, None, mend)])
    in_force = tuple(entry.relaxation for entry in result.relaxations)
    return Standing(result.scenario.id, result.scenario, result.assignment, in_force)


def folder_of(scenario: Scenario) -> Path | None:
    """The folder in which the names of files in a scenario start; None where it did not come from a file."""
    file = Path(scenario.source.file)
    return file.parent if file.is_file() and not is_plan(file) else None


def same_community(first: Scenario, second: Scenario, name: str) -> None:
    """Refuse different communities: fewer than half of the schools of the larger one are in both.

    Parameters
    ----------
    first, second : Scenario
    name : str
        The file to name.

    Raises
    ------
    InputError
    """
    schools = [set(scenario.community.school_by_code) for scenario in (first, second)]
    common = len(schools[0] & schools[1])
    if 2 * common >= max(map(len, schools)):
        return
    what = M_(
        "The plans are of different communities: {first} and {second} have {n} schools in common.",
        first=first.name or first.id,
        second=second.name or second.id,
        n=common,
    )
    raise InputError([Problem(name, Place("schools"), second.id, what, None, M_("Name two plans of one community."))])
