"""A scenario from one kind of file into another, with nothing lost."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from assigner.scenario.scenario import Scenario
from assigner.scenario.writing import write_yaml

__all__ = ["KINDS", "name_from", "write_scenario"]

KINDS = {".yaml": "yaml", ".yml": "yaml", ".xlsx": "workbook"}
"""End of a name -> what is written."""


def write_scenario(scenario: Scenario, path: Path, folder: Path | None) -> Path:
    """Write a scenario as YAML or as a form, as the name says; whole or not at all.

    Parameters
    ----------
    scenario
        What to write.
    path
        Its end is one of `KINDS`.
    folder
        Where the names of files in it (rulebook, matrix, map) start; they are made to start at the new file's.

    Raises
    ------
    InputError
        A form cannot hold it.
    OSError
        The file cannot be written.
    """
    kind = KINDS[path.suffix.casefold()]
    if folder is not None:
        scenario = _moved(scenario, folder, path.parent)
    if kind == "yaml":
        from assigner.files import write_whole

        write_whole(path, write_yaml(scenario))
        return path
    from assigner.workbook.template import write_workbook

    return write_workbook(scenario, path)


def _moved(scenario: Scenario, old: Path, new: Path) -> Scenario:
    """Let the names of files start at another folder."""
    if old.resolve() == new.resolve():
        return scenario
    entries: Any = scenario.entries
    changed: dict[str, Any] = {}
    if (moved := name_from(entries.rulebook, old, new)) != entries.rulebook:
        changed["rulebook"] = moved
    for section, key in (("travel", "matrix"), ("geography", "file")):
        entry: Any = getattr(entries, section, None)
        name = getattr(entry, key, None)
        if name and (moved := name_from(name, old, new)) != name:
            changed[section] = entry.model_copy(update={key: moved})
    return replace(scenario, entries=entries.model_copy(update=changed)) if changed else scenario


def name_from(name: str, old: Path, new: Path) -> str:
    """Give the name that a file has from another folder; a name that leads to no file stays as it is."""
    try:
        if Path(name).is_absolute() or not (old / name).is_file():
            return name
        return Path(os.path.relpath((old / name).resolve(), new.resolve())).as_posix()
    except (OSError, ValueError):  # another drive
        return str((old / name).resolve())
