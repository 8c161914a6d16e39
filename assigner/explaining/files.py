"""The files of a table of what-ifs: ``whatif.json``, ``.csv``, ``.xlsx`` (with the heat map), ``.html`` (offline)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.outputs import Kind, Written, chosen_formats, csv_of, essence_without, json_bytes, write_files

if TYPE_CHECKING:
    from assigner.explaining.table import TableAnswer

__all__ = ["FORMATS", "WHATIF", "chosen", "try_in", "write_table"]


def _csv(answer: Any) -> str:
    from assigner.report.whatif_tables import cells

    return csv_of(cells(answer))


def _xlsx(answer: Any) -> bytes:
    from assigner.report.whatif_workbook import workbook_bytes

    return workbook_bytes(answer)


def _html(answer: Any) -> str:
    from assigner.report.whatif_page import page_text

    return page_text(answer)


WHATIF = Kind(
    "whatif",
    {"json": json_bytes, "csv": _csv, "xlsx": _xlsx, "html": _html},
    essence_without("message", "name", "title", "source", "notes", "versions"),
    lambda answer: answer.found is not None,
)
"""The files of a table."""

FORMATS = tuple(WHATIF.makers)


def chosen(formats: str | Iterable[str] | None) -> tuple[str, ...]:
    """The formats that are named, in the order in which they are made; all if none is.

    Raises
    ------
    InputError
        One is not known, or none is named.
    """
    return chosen_formats(formats, FORMATS)


def try_in(folder: Path, formats: Iterable[str]) -> None:
    """Refuse a folder in which the files cannot be written, before anything is solved.

    Raises
    ------
    OSError
        The error names the file.
    """
    WHATIF.try_in(folder, formats)


def write_table(answer: TableAnswer, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write a table into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    answer : TableAnswer
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``whatif.json`` is written in any case.

    Raises
    ------
    InputError
        A format is not known.
    """
    return write_files(answer, WHATIF, folder, chosen(formats))
