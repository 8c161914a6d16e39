"""The files of an experiment: those of a plan (`assigner.outputs`), about what changes.

``boundary.json`` is always written and comes first, as ``plan.json`` does for a plan. Beside it: ``boundary.csv``
(every measure before and after), ``.xlsx``, ``.html`` and ``.svg`` (both maps), ``.geojson`` and ``.gpkg`` (both maps
as layers).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.outputs import Kind, Written, essence_without, makers_of, write_files

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["BOUNDARY", "write_effects"]


@dataclass(frozen=True)
class _Answer:
    """Effects as the writer of files takes an answer."""

    effects: Effects

    @property
    def status(self) -> str:
        """``disagrees`` where the audit refuses a plan: then no file but the document is written."""
        states = [state for entry in self.effects.communities for state in (entry.before, entry.after)]
        results = [state.result for state in states if state is not None and state.result is not None]
        return "disagrees" if any(result.status == "disagrees" for result in results) else "told"

    def to_json(self) -> str:
        """The document."""
        return self.effects.to_json()


_OF_THE_RUN = ("message", "versions", "stopped_by")
"""Keys of the document that say nothing of what was found: words in the language of the run, and how it was run."""

BOUNDARY = Kind(
    "boundary",
    makers_of(
        csv="boundary_tables:measure_rows",
        xlsx="boundary_workbook:workbook_bytes",
        html="boundary_page:page_text",
        svg="boundary_map:svg_text",
        geojson="boundary_layers:geojson_text",
        gpkg="boundary_layers:gpkg_bytes",
        of=lambda answer: answer.effects,
    ),
    essence_without(*_OF_THE_RUN),
    lambda _answer: True,
)
"""The files of an experiment."""


def write_effects(effects: Effects, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write the files of an experiment into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    effects : Effects
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``boundary.json`` is written in any case. Where the audit refuses a plan
        there is nothing but ``boundary-rejected.json``.

    Raises
    ------
    InputError
        A format is not known.
    """
    return write_files(_Answer(effects), BOUNDARY, folder, formats)
