"""The files an answer leaves in a folder: which, in what order, and what becomes of those of an earlier answer.

``plan.json`` comes first and is never lost because another file could not be made. A file that a program holds open
keeps its place, and the new one gets a name beside it. Files of an earlier, other answer that this one does not write
are renamed (``plan-earlier.xlsx``), so that nobody takes them for the answer; nothing is deleted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem, problem_of
from assigner.files import FileSet, free_name, try_writing
from assigner.messages import M_, Message, join_list

if TYPE_CHECKING:
    from assigner.planner import Result

__all__ = ["FORMATS", "Written", "chosen_formats", "csv_text", "try_outputs", "write_answer"]


def csv_text(result: Result) -> str:
    """The text of ``plan.csv``: a row for every duty, which ``assigner check`` reads back.

    With a byte order mark, so that Excel shows Chinese, and CRLF. Excel drops the leading zero of a code; ``check``
    restores it.
    """
    from assigner.report.cells import csv_safe
    from assigner.report.tables import duty_rows

    table = duty_rows(result)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.title for column in table.columns])
    writer.writerows([csv_safe(str(value)) for value in row] for row in table.rows)
    return "\ufeff" + stream.getvalue()


def _json(result: Result) -> str:
    return result.to_json()


def _xlsx(result: Result) -> bytes:
    from assigner.report.workbook import workbook_bytes

    return workbook_bytes(result)


def _html(result: Result) -> str:
    from assigner.report.page import page_text

    return page_text(result)


def _svg(result: Result) -> str:
    from assigner.report.map import svg_text

    return svg_text(result)


def _geojson(result: Result) -> str:
    from assigner.report.layers import geojson_text

    return geojson_text(result)


def _gpkg(result: Result) -> bytes:
    from assigner.report.layers import gpkg_bytes

    return gpkg_bytes(result)


_MAKERS: Mapping[str, Callable[[Result], str | bytes]] = {
    "json": _json,
    "csv": csv_text,
    "xlsx": _xlsx,
    "html": _html,
    "svg": _svg,
    "geojson": _geojson,
    "gpkg": _gpkg,
}

FORMATS = tuple(_MAKERS)
"""In the order in which they are made; each is the ending of a file."""

_WITHOUT_PLAN = ("json", "html")
"""What is written where there is no plan: why there is none."""

#: What makes two answers the same, whatever the language and the seconds.
_SAME = ("status", "convener", "hosts", "separate", "ways", "tiers", "relaxations", "versions")

_OF_AN_ANSWER = re.compile(rf"plan(?: \(\d+\))?\.(?:{'|'.join(FORMATS)})")


@dataclass(frozen=True)
class Written:
    """What came of writing an answer.

    Parameters
    ----------
    paths : tuple of Path
        The files that were written.
    notes : tuple of Message
        What a reader should know: a file under another name, files of an earlier answer.
    failures : tuple of Problem
        Files that could not be made, with the reason.
    """

    paths: tuple[Path, ...]
    notes: tuple[Message, ...] = ()
    failures: tuple[Problem, ...] = ()

    def check(self) -> None:
        """Raise `InputError` if a file could not be made."""
        if self.failures:
            raise InputError(self.failures)


def chosen_formats(formats: str | Iterable[str] | None) -> tuple[str, ...]:
    """The formats that are named, in the order in which they are made.

    Parameters
    ----------
    formats : str, iterable of str or None
        Names, or one text with commas between them; None: all.

    Raises
    ------
    InputError
        One is not known, or none is named.
    """
    if formats is None:
        return FORMATS
    names = formats.replace("、", ",").split(",") if isinstance(formats, str) else list(formats)
    words = [name.strip().lower().lstrip(".") for name in names if name.strip()]
    expected = M_("one of: {choices}", choices=", ".join(FORMATS))
    mend = M_("Write formats with commas between them, such as --formats json,xlsx.")
    problems = [
        Problem("", Place("--formats"), word, M_("No file can be written in this format."), expected, mend)
        for word in dict.fromkeys(words)
        if word not in _MAKERS
    ]
    if not words:
        problems = [Problem("", Place("--formats"), ABSENT, M_("No format is named."), expected, mend)]
    if problems:
        raise InputError(problems)
    return tuple(name for name in FORMATS if name in words)


def try_outputs(folder: Path, formats: Iterable[str] = FORMATS) -> None:
    """Refuse a folder in which the files of an answer cannot be written, before anything is solved.

    Raises
    ------
    OSError
        The error names the file.
    """
    for name in formats:
        try_writing(folder / f"plan.{name}")


def write_answer(result: Result, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write the files of an answer into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    result : Result
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. Where there is no plan, only ``plan.json`` and ``plan.html`` are written, and
        a plan that the audit refuses leaves nothing but ``plan-rejected.json``.

    Raises
    ------
    InputError
        A format is not known.
    """
    from assigner.answer import document_name

    names = chosen_formats(formats)
    where = Path(folder)
    if result.status == "disagrees":
        wanted = {"json": where / document_name(result)}
    else:
        kept = names if result.assignment is not None else [name for name in names if name in _WITHOUT_PLAN]
        wanted = {name: where / f"plan.{name}" for name in kept}
    failures: list[Problem] = []
    notes: list[Message] = []
    paths: list[Path] = []
    before = _earlier(where)
    with FileSet() as files:
        drafted = [path for name, path in wanted.items() if _drafted(files, result, name, path, failures)]
        for path in drafted:
            try:
                saved = files.place(path)
            except OSError as error:
                failures.append(problem_of(error))
                continue
            paths.append(saved.path)
            if saved.path != saved.wanted:
                notes.append(
                    M_(
                        "{file} is open in another program, so it is as it was; the new one is {other}.",
                        file=saved.wanted.name,
                        other=saved.path.name,
                    )
                )
    notes += _left_over(where, paths, before, result)
    return Written(tuple(paths), tuple(notes), tuple(failures))


def _drafted(files: FileSet, result: Result, name: str, path: Path, failures: list[Problem]) -> bool:
    """Make a file and draft it; a format that fails, for whatever reason, must not take the others with it."""
    try:
        content = _MAKERS[name](result)
    except Exception as error:  # noqa: BLE001 - a fault of ours or of a library; the plan is worth more than the picture
        reason = " ".join(filter(None, (type(error).__name__, str(error))))
        what = M_("The file could not be made: {reason}.", reason=reason)
        mend = M_("Leave it out with --formats, and report this; the other files are whole.")
        failures.append(Problem(path, Place(), ABSENT, what, None, mend))
        return False
    try:
        files.add(path, content)
    except OSError as error:
        failures.append(problem_of(error))
        return False
    return True


# --------------------------------------------------------------------------------------------- of an earlier answer


def _earlier(folder: Path) -> dict[str, Any] | None:
    """What the ``plan.json`` that is there says; None when there is none that can be read."""
    try:
        content = json.loads((folder / "plan.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _same_answer(before: Mapping[str, Any] | None, result: Result) -> bool:
    if before is None:
        return False
    now = json.loads(result.to_json())

    def essence(document: Mapping[str, Any]) -> list[Any]:
        parts = {key: document.get(key) for key in _SAME}
        tiers, relaxed = parts["tiers"] or [], parts["relaxations"] or []
        parts["tiers"] = [[tier.get("name"), tier.get("value"), tier.get("status")] for tier in tiers]
        parts["relaxations"] = [entry.get("id") for entry in relaxed]
        hashes = [(document.get(key) or {}).get("hash") for key in ("scenario", "rulebook")]
        return [parts, hashes]

    try:
        return essence(before) == essence(now)
    except (AttributeError, TypeError):  # somebody else's plan.json
        return False


def _left_over(folder: Path, paths: Iterable[Path], before: Mapping[str, Any] | None, result: Result) -> list[Message]:
    """Rename files of an earlier answer that this one did not write; name what stays."""
    new = {path.name for path in paths}
    try:
        there = sorted(path for path in folder.iterdir() if _OF_AN_ANSWER.fullmatch(path.name) and path.name not in new)
    except OSError:
        return []
    # Nothing takes the place of the old files when nothing but a refused plan, or nothing at all, was written.
    if not there or not any(_OF_AN_ANSWER.fullmatch(name) for name in new) or _same_answer(before, result):
        return []
    moved, stay = [], []
    for path in there:
        target = path.with_name(f"{path.stem.replace(' ', '-')}-earlier{path.suffix}")
        if target.exists():
            target = free_name(target, "{stem}-{n}{suffix}")
        try:
            path.rename(target)
            moved.append(target.name)
        except OSError:
            stay.append(path.name)
    notes = []
    if moved:
        notes.append(M_("Files of an earlier answer were renamed: {files}.", files=_Names(moved)))
    if stay:
        notes.append(M_("These files are of an earlier answer, not of this one: {files}.", files=_Names(stay)))
    return notes


class _Names:
    """File names as a list in the language in which it is printed."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def __str__(self) -> str:
        return join_list(self.names)
