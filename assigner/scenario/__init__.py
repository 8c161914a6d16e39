"""The scenario file: what a planner writes, read, checked and turned into the values of `models`.

The names below are loaded when they are first used. `assigner.scenario.example` makes synthetic ones.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.scenario.entries import SCHEMA_VERSION, scenario_schema
    from assigner.scenario.scenario import Scenario, parse_scenario, read_scenario, scenario_of
    from assigner.scenario.writing import write_yaml

__all__ = [
    "SCHEMA_VERSION",
    "Scenario",
    "parse_scenario",
    "read_scenario",
    "scenario_of",
    "scenario_schema",
    "write_yaml",
]

_HOME = {
    "SCHEMA_VERSION": "entries",
    "Scenario": "scenario",
    "parse_scenario": "scenario",
    "read_scenario": "scenario",
    "scenario_of": "scenario",
    "scenario_schema": "entries",
    "write_yaml": "writing",
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
