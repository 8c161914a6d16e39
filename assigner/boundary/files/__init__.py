"""The files of base maps: YAML, tables and maps, read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["WRITTEN", "base_bytes", "is_read", "read", "write"]

WRITTEN = (".yaml", ".yml", ".csv", ".xlsx", ".geojson", ".gpkg")
"""Ends of the names of files that are written; the first two hold everything, the others the map alone."""


def is_read(path: Path) -> bool:
    """Whether a file may be a base map, by its name and first bytes."""
    from assigner.boundary.files import layers, tables
    from assigner.scenario.reading import is_workbook

    known = (".yaml", ".yml", ".json", *tables.SUFFIXES, *layers.SUFFIXES)
    return path.suffix.casefold() in known or is_workbook(path)


def read(path: Path, file: str, roster: str | PathLike[str] | Base | None) -> Base:
    """Read a base map by what its file is (see `assigner.boundary.base.read_base`)."""
    from assigner.boundary.files import layers, tables
    from assigner.boundary.files.reading import base_of
    from assigner.scenario.reading import document_of, is_workbook, text_of

    if path.is_file():
        if layers.is_layers(path):
            return layers.read(path, file, roster)
        if path.suffix.casefold() in (*tables.SUFFIXES, ".json") or is_workbook(path):
            return tables.read(path, file, roster)
    table = None if roster is None else _table(roster)
    return base_of(document_of(text_of(path, file), file), file, path.parent, table)


def _table(roster: str | PathLike[str] | Base) -> str | PathLike[str]:
    """The table of schools for a YAML, which has its own defaults and wishes."""
    from assigner.boundary.values import Base
    from assigner.errors import ABSENT, InputError, Place, Problem
    from assigner.messages import M_

    if not isinstance(roster, Base) and Path(roster).suffix.casefold() not in (".yaml", ".yml"):
        return roster
    what = M_("A base map in YAML holds its own schools, or names a table of them.")
    mend = M_("Leave the roster out, or name a table of schools.")
    file = roster.file if isinstance(roster, Base) else str(roster)
    raise InputError([Problem(file, Place(), ABSENT, what, None, mend)])


def base_bytes(base: Base, kind: str) -> str | bytes:
    """The content of a file of a base.

    Parameters
    ----------
    base : Base
    kind : str
        The end of its name: one of `WRITTEN`.
    """
    from assigner.boundary.files import layers, tables, writing

    makers: Mapping[str, Callable[[Base], Any]] = {
        ".yaml": writing.base_yaml,
        ".yml": writing.base_yaml,
        ".csv": tables.base_csv,
        ".xlsx": tables.base_xlsx,
        ".geojson": layers.base_geojson,
        ".gpkg": layers.base_gpkg,
    }
    made: str | bytes = makers[kind](base)
    return made


def write(base: Base, path: Path) -> Path:
    """Write a base map (see `assigner.boundary.base.write_base`)."""
    from assigner.boundary.base import rebased
    from assigner.boundary.files.writing import moved
    from assigner.errors import ABSENT, InputError, Place, Problem
    from assigner.files import write_whole
    from assigner.messages import M_

    kind = path.suffix.casefold()
    if kind not in WRITTEN:
        what = M_("It cannot be told from this name what to write.")
        known = M_("a name that ends in one of: {choices}", choices=", ".join(WRITTEN))
        raise InputError([Problem(path, Place(), ABSENT, what, known, M_("Give the file another end of its name."))])
    write_whole(path, base_bytes(moved(rebased(base, base.map), path.parent), kind))
    return path
