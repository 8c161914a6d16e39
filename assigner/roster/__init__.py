"""Rosters: the ministry's lists of one school year in one tidy table, compared with another year, made into scenarios.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.roster.comparing import Change, Comparison, compare_rosters
    from assigner.roster.importing import ImportReport, import_roster
    from assigner.roster.members import scenario_from_roster
    from assigner.roster.schools import Roster, RosterSchool
    from assigner.roster.tidy import read_roster, roster_csv, roster_xlsx, write_roster

__all__ = [
    "Change",
    "Comparison",
    "ImportReport",
    "Roster",
    "RosterSchool",
    "compare_rosters",
    "import_roster",
    "read_roster",
    "roster_csv",
    "roster_xlsx",
    "scenario_from_roster",
    "write_roster",
]

_HOME = {
    "Change": "comparing",
    "Comparison": "comparing",
    "ImportReport": "importing",
    "Roster": "schools",
    "RosterSchool": "schools",
    "compare_rosters": "comparing",
    "import_roster": "importing",
    "read_roster": "tidy",
    "roster_csv": "tidy",
    "roster_xlsx": "tidy",
    "scenario_from_roster": "members",
    "write_roster": "tidy",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the lazy names beside the loaded ones."""
    return sorted({*globals(), *__all__})
