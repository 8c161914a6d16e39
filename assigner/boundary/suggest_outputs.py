"""The files of suggestions: those of an experiment (`assigner.boundary.outputs`), about what moves would do.

``suggestions.json`` is always written and comes first. Beside it: ``suggestions.csv`` (every single move with every
aim), ``.xlsx``, ``.html``, ``.svg`` (the map of what moving each township would do), ``.geojson`` and ``.gpkg``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.outputs import Kind, Written, essence_without, makers_of, write_files

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["SUGGESTIONS", "write_suggestions"]


_OF_THE_RUN = ("message", "name", "versions", "stopped_by")
"""Keys of the document that say nothing of what was found: words in the language of the run, and how it was run."""

SUGGESTIONS = Kind(
    "suggestions",
    makers_of(
        csv="suggest_tables:single_moves",
        xlsx="suggest_workbook:workbook_bytes",
        html="suggest_page:suggestions_page",
        svg="suggest_map:svg_text",
        geojson="suggest_layers:geojson_text",
        gpkg="suggest_layers:gpkg_bytes",
    ),
    essence_without(*_OF_THE_RUN),
    lambda _answer: True,
)
"""The files of suggestions."""


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
