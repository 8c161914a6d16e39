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

from assigner.outputs import FORMATS, Kind, Written, chosen_formats, csv_of, essence_without, json_bytes, write_files
from assigner.outputs import try_outputs as _try

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["BOUNDARY", "chosen_formats", "try_outputs", "write_effects"]


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


def _csv(answer: _Answer) -> str:
    from assigner.report.boundary_tables import measure_rows

    return csv_of(measure_rows(answer.effects))


def _xlsx(answer: _Answer) -> bytes:
    from assigner.report.boundary_workbook import workbook_bytes

    return workbook_bytes(answer.effects)


def _html(answer: _Answer) -> str:
    from assigner.report.boundary_page import page_text

    return page_text(answer.effects)


def _svg(answer: _Answer) -> str:
    from assigner.report.boundary_map import svg_text

    return svg_text(answer.effects)


def _geojson(answer: _Answer) -> str:
    from assigner.report.boundary_layers import geojson_text

    return geojson_text(answer.effects)


def _gpkg(answer: _Answer) -> bytes:
    from assigner.report.boundary_layers import gpkg_bytes

    return gpkg_bytes(answer.effects)


_OF_THE_RUN = ("message", "versions", "stopped_by")
"""Keys of the document that say nothing of what was found: words in the language of the run, and how it was run."""

BOUNDARY = Kind(
    "boundary",
    {
        "json": json_bytes,
        "csv": _csv,
        "xlsx": _xlsx,
        "html": _html,
        "svg": _svg,
        "geojson": _geojson,
        "gpkg": _gpkg,
    },
    essence_without(*_OF_THE_RUN),
    lambda _answer: True,
)
"""The files of an experiment."""


def try_outputs(folder: Path, formats: Iterable[str] = FORMATS) -> None:
    """Refuse a folder in which the files cannot be written, before anything is solved.

    Raises
    ------
    OSError
        The error names the file.
    """
    _try(folder, formats, BOUNDARY.stem)


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
