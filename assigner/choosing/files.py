"""The files of a front: ``front.json``, the table, the page, the picture; and those of a point that is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.outputs import Kind, Written, csv_of, write_answer, write_made

if TYPE_CHECKING:
    from assigner.choosing.front import Front
    from assigner.planner import Result

__all__ = ["FRONT", "point_folder", "write_front", "write_point"]


def _csv(answer: Front) -> str:
    from assigner.report.choices_tables import front_points

    return csv_of(front_points(answer))


def _page(answer: Front) -> str:
    from assigner.report.choices_page import page_text

    return page_text(answer)


def _svg(answer: Front) -> str:
    from assigner.report.choices_plot import svg_text

    return svg_text(answer)


def _json(answer: Any) -> str:
    text: str = answer.to_json()
    return text


FRONT = Kind(
    "front",
    {"json": _json, "csv": _csv, "html": _page, "svg": _svg},
    lambda document: document,
    lambda answer: answer.found is not None,
)
"""The files of a front."""


def write_front(answer: Front, folder: str | Path) -> Written:
    """Write the files of a front; without a plan the document alone, which says why there is none."""
    return write_made(answer, FRONT, Path(folder), FRONT.makers if FRONT.found(answer) else ("json",))


def point_folder(folder: Path, number: int) -> Path:
    """Where the files of a point lie."""
    return folder / f"point-{number}"


def write_point(result: Result, folder: Path) -> Written:
    """Write the plan of a point, with everything that `assigner solve` writes, and its scenario to go on with."""
    from assigner.workbook.converting import write_scenario

    written = write_answer(result, folder)
    scenario = result.scenario
    assert scenario is not None
    named = Path(scenario.source.file)
    path = write_scenario(scenario, folder / "scenario.yaml", named.parent if named.exists() else None)
    return Written((path, *written.paths), written.notes, written.failures)
