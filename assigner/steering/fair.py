"""Whether the loads of a plan are fair, as a principal can check it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from assigner.answer import tier_changes, versions_of
from assigner.documented import Documented
from assigner.errors import ExitCode, InputError, Place, Problem
from assigner.messages import M_
from assigner.planner import Result, solve
from assigner.steering.standing import Standing, is_plan, standing
from assigner.words import school_name, text
from models.audit import audit
from models.engine import Engine
from models.fairness import fairness as judge
from models.stopping import Limits, Progress, Stop

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.fairness import Envy, Fairness, Least, Share

__all__ = ["FairShares", "fairness"]


@dataclass(frozen=True)
class FairShares(Documented):
    """What can be said of how a plan shares the load.

    Parameters
    ----------
    standing : Standing
    found : Fairness
    """

    standing: Standing
    found: Fairness

    @property
    def proven(self) -> bool:
        """Whether every question was answered."""
        found = self.found
        known = all(s.least_lawful is not None and s.least_optimal is not None for s in found.shares)
        return found.least.proven and found.least_same_work.proven and found.all_asked and known

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return ExitCode.PROVEN if self.proven else ExitCode.STOPPED

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data; ratios and points are exact texts."""
        found, problem = self.found, self.standing.problem
        clauses = {clause.id: clause for clause in problem.rules.rulebook.clauses}

        def share(entry: Share) -> dict[str, Any]:
            return {
                "code": entry.code,
                "name": school_name(problem, entry.code),
                "points": str(entry.points),
                "ratio": str(entry.ratio),
                "carried_over": str(entry.carried_over),
                "base": str(entry.base),
                "least_lawful": _exact(entry.least_lawful),
                "least_optimal": _exact(entry.least_optimal),
                "forced_by": [
                    {
                        "clause": clause,
                        "title": text(clauses[clause].title),
                        "place": clauses[clause].place,
                        "quote": clauses[clause].quote,
                        "points": str(points),
                    }
                    for clause, points in entry.forced_by.items()
                ],
            }

        def envy(entry: Envy) -> dict[str, Any]:
            return {
                "code": entry.code,
                "other": entry.other,
                "ratio": str(entry.ratio),
                "ratio_other": str(entry.ratio_other),
                "after": str(entry.after),
                "after_other": str(entry.after_other),
                "first": None if entry.first is None else tier_changes([entry.first])[0],
            }

        return {
            "schema_version": 1,
            "plan": self.standing.name,
            "scenario": self.standing.scenario.hash,
            "levels": _texts(found.levels),
            "least": _least(found.least),
            "least_same_work": _least(found.least_same_work),
            "shares": [share(entry) for entry in found.shares],
            "envies": [envy(entry) for entry in found.envies],
            "all_asked": found.all_asked,
            "free_of_envy": found.free_of_envy,
            "proven": self.proven,
            "versions": versions_of(),
        }


def fairness(
    source: str | PathLike[str] | Scenario | Result | Standing,
    *,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> FairShares:
    """Judge how the loads of a plan are shared.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A ``plan.json`` or an answer; of a scenario the plan is made first.
    work_limit, time_limit, stop, progress
        As `assigner.solve`; for all questions together.

    Raises
    ------
    InputError
        It cannot be used, its plan is not lawful, or it has none.
    """
    stop = stop or Stop()
    if isinstance(source, Standing | Result) or (isinstance(source, str | PathLike) and is_plan(source)):
        plan = standing(source)
    else:
        result = solve(
            source,  # type: ignore[arg-type]
            work_limit=work_limit,
            time_limit=time_limit,
            stop=stop,
            progress=progress,
            price=False,
        )
        plan = replace(standing(result), name=str(getattr(source, "id", source)))
    judged = audit(plan.problem, plan.assignment)
    if not judged.ok:
        broken = ", ".join(text(finding.clause.title) for finding in judged.findings if not finding.ok)
        what = M_("The plan does not keep these rules: {rules}.", rules=broken)
        raise InputError(
            [Problem(plan.name, Place(), plan.assignment.convener, what, None, M_("See “assigner check”."))]
        )
    engine = Engine(Limits(work_limit, time_limit), stop, progress=progress)
    return FairShares(plan, judge(plan.plan, plan.assignment, engine))


def _least(least: Least) -> dict[str, Any]:
    return {"levels": _texts(least.levels), "proven": least.proven}


def _texts(levels: Sequence[Fraction]) -> list[str]:
    return list(map(str, levels))


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
