"""The files of a table of what-ifs: ``whatif.json``, ``.csv``, ``.xlsx`` (with the heat map), ``.html`` (offline)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.outputs import Kind, Written, csv_of, essence_without, write_files

if TYPE_CHECKING:
    from assigner.explaining.table import TableAnswer

__all__ = ["FORMATS", "WHATIF", "chosen", "try_in", "write_table"]


def _json(answer: Any) -> bytes:
    return bytes(answer.to_json().encode("utf-8", "backslashreplace"))


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
    {"json": _json, "csv": _csv, "xlsx": _xlsx, "html": _html},
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
    if formats is None:
        return FORMATS
    words = formats.replace("、", ",").split(",") if isinstance(formats, str) else list(formats)
    names = [word.strip().lower().lstrip(".") for word in words if word.strip()]
    expected = M_("one of: {choices}", choices=", ".join(FORMATS))
    mend = M_("Write formats with commas between them, such as --formats json,xlsx.")
    what = M_("No file can be written in this format.")
    problems = [
        Problem("", Place("--formats"), name, what, expected, mend)
        for name in dict.fromkeys(names)
        if name not in FORMATS
    ]
    if not names:
        problems = [Problem("", Place("--formats"), ABSENT, M_("No format is named."), expected, mend)]
    if problems:
        raise InputError(problems)
    return tuple(name for name in FORMATS if name in names)


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
