"""The national report as files: the page, the workbook, and the frames as tables for programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assigner.batch.exporting import files_of, needs, write_frames
from assigner.batch.runs import Runs
from assigner.files import try_writing
from assigner.outputs import Kind, Written, chosen_formats, write_made
from assigner.report.national import National

__all__ = ["FORMATS", "chosen", "national_report", "try_in", "write_report"]

FORMATS = ("html", "xlsx", "csv", "parquet")
"""Page and workbook are files of their own; CSV and Parquet are folders with a file for each frame."""

_USUAL = ("html", "xlsx")


def _page(report: National) -> str:
    from assigner.report.national_page import page_text

    return page_text(report)


def _workbook(report: National) -> bytes:
    from assigner.report.national_workbook import workbook_bytes

    return workbook_bytes(report)


_REPORT = Kind("report", {"html": _page, "xlsx": _workbook}, lambda document: document, lambda _report: True)


def chosen(formats: str | None) -> tuple[str, ...]:
    """The formats that are named, with commas between; page and workbook if none is.

    Raises
    ------
    InputError
        One is not known, none is named, or its library is not here.
    """
    if formats is None:
        return _USUAL
    names = chosen_formats(formats, FORMATS)
    if "parquet" in names:
        needs("parquet")
    return names


def national_report(
    store: Path, run: str | int | None = None, other: tuple[Path, str | None] | None = None
) -> National:
    """The report of a run, beside another one if that is named.

    Parameters
    ----------
    store : Path
    run : str or int, optional
        Name or id; by default the latest.
    other : (Path, str or None), optional
        Store and run that it is compared with.

    Raises
    ------
    InputError
        A store cannot be read, or holds no such run.
    """
    runs = Runs(store, run)
    if other is None:
        return National(runs)
    before = Runs(*other)
    name = before.info.name or str(before.info.id)
    return National(runs, before, f"{other[0].name}#{name}" if other[0] != store else name)


def try_in(folder: Path, formats: Iterable[str]) -> None:
    """Refuse a folder in which the files cannot be written, before anything is read.

    Raises
    ------
    OSError
        The error names the file.
    """
    for name in formats:
        if name in _USUAL:
            try_writing(folder / f"report.{name}")
        else:
            try_writing(files_of(folder / name, name)[0])


def write_report(report: National, folder: Path, formats: Iterable[str]) -> Written:
    """Write a report into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    report : National
    folder : Path
        Made if it is missing.
    formats : iterable of str
        Of `FORMATS`.

    Raises
    ------
    OSError
        A file of the tables for programs cannot be written.
    """
    names = tuple(formats)
    written = write_made(report, _REPORT, folder, [name for name in names if name in _USUAL])
    paths = list(written.paths)
    for name in names:
        if name not in _USUAL:
            paths += write_frames(report.runs, folder / name, name)
    return Written(tuple(paths), written.notes, written.failures)
