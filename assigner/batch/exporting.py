"""A run of a store as files: its frames, and a ``plan.json`` for every member."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.batch.runs import FRAMES
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.files import FileSet, write_whole
from assigner.messages import M_, _
from assigner.outputs import json_bytes

if TYPE_CHECKING:
    from assigner.batch.runs import Runs
    from assigner.batch.store import Run, Store

__all__ = ["FORMATS", "PLANS", "files_of", "needs", "needs_same_program", "write_frames", "write_plans"]

FORMATS = ("csv", "parquet", "xlsx", "json")
"""Of frames; CSV and Parquet are a folder with a file for each, workbook and JSON one file."""

PLANS = "plans"
"""The folder with the plans, in that of the frames."""


def needs(format_: str) -> None:
    """Refuse a format whose library is not here.

    Raises
    ------
    InputError
    """
    from assigner.report.frames import parquet_refusal

    if format_ == "parquet" and (what := parquet_refusal()) is not None:
        mend = M_("Choose csv, or install it: pip install pyarrow.")
        raise InputError([Problem("", Place("--format"), format_, what, None, mend)])


def needs_same_program(path: Path, run: Run) -> None:
    """Refuse to write the plans of a run of another version, which this one may read wrongly.

    Raises
    ------
    InputError
    """
    from assigner.batch.keys import program_fingerprint

    if run.program != program_fingerprint():
        what = M_("The run was answered by another version of the program, whose plans cannot be written by this one.")
        mend = M_("Ask for the same again with “assigner batch”, or use that version.")
        raise InputError([Problem(path, Place(), run.name or str(run.id), what, None, mend)])


def files_of(out: Path, format_: str) -> list[Path]:
    """The files that the frames are written to."""
    return [out / f"{name}.{format_}" for name in FRAMES] if format_ in ("csv", "parquet") else [out]


def write_frames(runs: Runs, out: Path, format_: str) -> list[Path]:
    """Write the frames of a run, all files or none.

    Parameters
    ----------
    runs : Runs
    out : Path
        A folder for ``csv`` and ``parquet``, a file for ``xlsx`` and ``json``.
    format_ : str
        One of `FORMATS`.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        A frame has more rows than a sheet.
    OSError
        A file cannot be written.
    """
    with FileSet() as files:
        for path, content in _contents(runs, out, format_):
            files.add(path, content)
        return [files.place(path).path for path in files_of(out, format_)]


def _contents(runs: Runs, out: Path, format_: str) -> Iterator[tuple[Path, str | bytes]]:
    from assigner.report import frames as made

    if format_ in ("csv", "parquet"):
        one: Callable[[Any], str | bytes] = made.csv_of_frame if format_ == "csv" else made.parquet_of_frame
        for name in FRAMES:
            yield out / f"{name}.{format_}", one(runs.frame(name))
        return
    frames = {name: runs.frame(name) for name in FRAMES}
    if format_ == "json":
        from assigner.answer import json_text

        info = runs.info
        head = {"run": {"id": info.id, "name": info.name, "made_at": _moment(info).isoformat(timespec="seconds")}}
        yield out, json_text({**head, "frames": made.json_of_frames(frames)})
        return
    for name, frame in frames.items():
        if len(frame) > made.MOST_ROWS:
            what = M_("“{name}” has {n} rows, more than a sheet holds.", name=name, n=f"{len(frame):,}")
            mend = M_("Choose csv or parquet.")
            raise InputError([Problem(out, Place(), ABSENT, what, None, mend)])
    notes = {name: _(note) for name, note in FRAMES.items()}
    title = runs.info.name or runs.path.name
    yield out, made.workbook_of_frames(frames, notes, title, runs.path.name, _moment(runs.info).year - 1911)


def _moment(run: Run) -> datetime:
    return datetime.fromtimestamp(run.made_at, UTC)


def write_plans(store: Store, run: Run, folder: Path) -> tuple[int, int]:
    """Write ``plan.json`` for every member of a run that has an answer.

    Parameters
    ----------
    store : Store
    run : Run
    folder : Path

    Returns
    -------
    int, int
        How many were written; how many members have no answer, or one that is no plan.
    """
    from assigner.batch.describing import answers

    width = len(str(max(run.total - 1, 0)))
    written = without = 0
    for member, result in answers(store, run):
        if result is None:
            without += 1
            continue
        name = f"{member.ordinal:0{width}}-{_file_name(member.label)}.plan.json"
        write_whole(folder / name, json_bytes(result))
        written += 1
    return written, without


def _file_name(label: str) -> str:
    """A label as a part of a file name, on every system."""
    return re.sub(r"[^\w.=+-]+", "_", label).strip("_.")[:80]
