"""The files of suggestions: those of an experiment (`assigner.boundary.outputs`), about what moves would do.

``suggestions.json`` is always written and comes first. Beside it: ``suggestions.csv`` (every single move with every
aim), ``.xlsx``, ``.html``, ``.svg`` (the map of what moving each township would do), ``.geojson`` and ``.gpkg``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.outputs import FORMATS, Kind, Written, chosen_formats, csv_of, essence_without, json_bytes, write_files
from assigner.outputs import try_outputs as _try

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["SUGGESTIONS", "chosen_formats", "try_outputs", "write_suggestions"]


def _csv(answer: Suggestions) -> str:
    from assigner.report.suggest_tables import single_moves

    return csv_of(single_moves(answer))


def _xlsx(answer: Suggestions) -> bytes:
    from assigner.report.suggest_workbook import workbook_bytes

    return workbook_bytes(answer)


def _html(answer: Suggestions) -> str:
    from assigner.report.suggest_page import suggestions_page

    return suggestions_page(answer)


def _svg(answer: Suggestions) -> str:
    from assigner.report.suggest_map import svg_text

    return svg_text(answer)


def _geojson(answer: Suggestions) -> str:
    from assigner.report.suggest_layers import geojson_text

    return geojson_text(answer)


def _gpkg(answer: Suggestions) -> bytes:
    from assigner.report.suggest_layers import gpkg_bytes

    return gpkg_bytes(answer)


_OF_THE_RUN = ("message", "name", "versions", "stopped_by")
"""Keys of the document that say nothing of what was found: words in the language of the run, and how it was run."""

SUGGESTIONS = Kind(
    "suggestions",
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
"""The files of suggestions."""


def try_outputs(folder: Path, formats: Iterable[str] = FORMATS) -> None:
    """Refuse a folder in which the files cannot be written, before anything is solved.

    Raises
    ------
    OSError
        The error names the file.
    """
    _try(folder, formats, SUGGESTIONS.stem)


def write_suggestions(answer: Suggestions, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write the files of suggestions into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    answer : Suggestions
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``suggestions.json`` is written in any case.

    Raises
    ------
    InputError
        A format is not known.
    """
    return write_files(answer, SUGGESTIONS, folder, formats)
