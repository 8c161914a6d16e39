"""The files of base maps: YAML, tables and maps, read and written."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["read"]


def read(path: Path, file: str, roster: str | PathLike[str] | None) -> Base:
    """Read a base map by what its file is (see `assigner.boundary.base.read_base`)."""
    from assigner.boundary.files.reading import base_of
    from assigner.scenario.reading import document_of, text_of

    return base_of(document_of(text_of(path, file), file), file, path.parent, roster)
