"""Duty plans for a learning community of senior high schools: proven, audited, explained.

The names below are loaded when they are first used, so that ``import assigner`` costs next to nothing.

Examples
--------
>>> import assigner
>>> result = assigner.solve("scenarios/dongshi-109.yaml")  # doctest: +SKIP
>>> result.status, result.assignment.hosts_of("4.5")  # doctest: +SKIP
('optimal', ('194303',))
>>> result.to_frame()  # doctest: +SKIP
>>> assigner.check("plan.json").ok  # doctest: +SKIP
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.answer import plan_schema, read_plan, write_plan
    from assigner.batch.runs import Runs
    from assigner.boundary.base import example_base, read_base
    from assigner.boundary.designing import DesignedMap, design_communities
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.solving import Plans
    from assigner.boundary.suggesting import Suggestions, suggest
    from assigner.checking import Verdict, check
    from assigner.choosing.front import Front, front
    from assigner.choosing.optima import Optima, optima
    from assigner.errors import ExitCode, InputError
    from assigner.explaining.rules import prices, sensitivity
    from assigner.explaining.table import whatif_table
    from assigner.explaining.whatif import whatif
    from assigner.explaining.why import explain
    from assigner.planner import Result, solve, solve_problem
    from assigner.roster.comparing import Comparison, compare_rosters
    from assigner.roster.importing import import_roster
    from assigner.roster.members import scenario_from_roster
    from assigner.roster.schools import Roster
    from assigner.roster.tidy import read_roster
    from assigner.scenario.example import example
    from assigner.scenario.scenario import Scenario, read_scenario
    from assigner.splitting.solving import Split, solve_split
    from assigner.steering.comparing import PlanDiff, diff
    from assigner.steering.fair import FairShares, fairness
    from assigner.steering.repairing import Repaired, repair
    from assigner.steering.yearly import YearOn, next_year

# Public name -> the module that defines it. Type checkers need the same names under TYPE_CHECKING.
_HOME: dict[str, str] = {
    "Comparison": "assigner.roster.comparing",
    "DesignedMap": "assigner.boundary.designing",
    "ExitCode": "assigner.errors",
    "Experiment": "assigner.boundary.experiment",
    "FairShares": "assigner.steering.fair",
    "Front": "assigner.choosing.front",
    "InputError": "assigner.errors",
    "Optima": "assigner.choosing.optima",
    "PlanDiff": "assigner.steering.comparing",
    "Plans": "assigner.boundary.solving",
    "Repaired": "assigner.steering.repairing",
    "Result": "assigner.planner",
    "Roster": "assigner.roster.schools",
    "Runs": "assigner.batch.runs",
    "Scenario": "assigner.scenario.scenario",
    "Split": "assigner.splitting.solving",
    "Suggestions": "assigner.boundary.suggesting",
    "Verdict": "assigner.checking",
    "YearOn": "assigner.steering.yearly",
    "check": "assigner.checking",
    "compare_rosters": "assigner.roster.comparing",
    "design_communities": "assigner.boundary.designing",
    "diff": "assigner.steering.comparing",
    "example": "assigner.scenario.example",
    "example_base": "assigner.boundary.base",
    "explain": "assigner.explaining.why",
    "fairness": "assigner.steering.fair",
    "front": "assigner.choosing.front",
    "import_roster": "assigner.roster.importing",
    "next_year": "assigner.steering.yearly",
    "optima": "assigner.choosing.optima",
    "plan_schema": "assigner.answer",
    "prices": "assigner.explaining.rules",
    "read_base": "assigner.boundary.base",
    "read_plan": "assigner.answer",
    "read_roster": "assigner.roster.tidy",
    "read_scenario": "assigner.scenario.scenario",
    "repair": "assigner.steering.repairing",
    "scenario_from_roster": "assigner.roster.members",
    "sensitivity": "assigner.explaining.rules",
    "solve": "assigner.planner",
    "solve_problem": "assigner.planner",
    "solve_split": "assigner.splitting.solving",
    "suggest": "assigner.boundary.suggesting",
    "whatif": "assigner.explaining.whatif",
    "whatif_table": "assigner.explaining.table",
    "write_plan": "assigner.answer",
}

__all__ = [
    "Comparison",
    "DesignedMap",
    "ExitCode",
    "Experiment",
    "FairShares",
    "Front",
    "InputError",
    "Optima",
    "PlanDiff",
    "Plans",
    "Repaired",
    "Result",
    "Roster",
    "Runs",
    "Scenario",
    "Split",
    "Suggestions",
    "Verdict",
    "YearOn",
    "__version__",
    "check",
    "compare_rosters",
    "design_communities",
    "diff",
    "example",
    "example_base",
    "explain",
    "fairness",
    "front",
    "import_roster",
    "next_year",
    "optima",
    "plan_schema",
    "prices",
    "read_base",
    "read_plan",
    "read_roster",
    "read_scenario",
    "repair",
    "scenario_from_roster",
    "sensitivity",
    "solve",
    "solve_problem",
    "solve_split",
    "suggest",
    "whatif",
    "whatif_table",
    "write_plan",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name == "__version__":
        value = _version()
    elif name in _HOME:
        value = getattr(_loaded(_HOME[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _loaded(module: str) -> Any:
    """Import a module; a file of the reader's own that stands in its way is named."""
    try:
        return import_module(module)
    except ImportError as error:
        from assigner.shadows import shadow

        hidden = shadow(error)
        if hidden is None:
            raise
        raise ImportError(str(hidden)) from error


def __dir__() -> list[str]:
    """List the lazy names beside the loaded ones."""
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("community-duty-assigner")
    except PackageNotFoundError:  # a folder on the path, not an installation
        return "0+unknown"
