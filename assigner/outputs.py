"""The files an answer leaves in a folder: which, in what order, and what becomes of those of an earlier answer.

``plan.json`` is always written, has its place before another file is begun, and is never lost because one could not be
made. A file that a program holds open keeps its place, and the new one gets a name beside it. Files of an earlier,
other answer that this one does not write are renamed (``plan-earlier.xlsx``), so that nobody takes them for the answer;
nothing is deleted.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.ahead import without_collector
from assigner.errors import ABSENT, InputError, Place, Problem, problem_of
from assigner.files import FileSet, free_name, try_writing
from assigner.messages import M_, Message, join_list

if TYPE_CHECKING:
    from assigner.planner import Result
    from assigner.report.tables import Table, Value

__all__ = [
    "FORMATS",
    "PLAN",
    "Kind",
    "Written",
    "chosen_formats",
    "csv_of",
    "essence_without",
    "json_bytes",
    "makers_of",
    "write_answer",
    "write_files",
    "write_made",
]


def csv_of(table: Table) -> str:
    """A table as CSV for Excel: byte order mark, CRLF, nothing that could be taken for a formula.

    Excel drops the leading zero of a code; what reads such a file back restores it.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.title for column in table.columns])
    writer.writerows([_csv_cell(value) for value in row] for row in table.rows)
    return "\ufeff" + stream.getvalue()


def _csv_cell(value: Value) -> str:
    """A value as a cell; a number stays one, its sign is no formula."""
    from assigner.report.cells import csv_safe
    from assigner.report.tables import shown

    text = shown(value, separator="、")
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return text.replace(",", "")
    return csv_safe(text)


def essence_without(*keys: str) -> Callable[[Any], Any]:
    """What makes an answer the same as another: its document without some keys, however deep they stand."""

    def essence(document: Any) -> Any:
        if isinstance(document, Mapping):
            return {key: essence(value) for key, value in document.items() if key not in keys}
        return [essence(value) for value in document] if isinstance(document, list) else document

    return essence


def json_bytes(result: Any) -> bytes:
    """The document of an answer, as `to_json` gives it."""
    # Half a character, which UTF-8 cannot hold, becomes the escape that JSON has for it.
    return result.to_json().encode("utf-8", "backslashreplace")


def makers_of(
    csv: str,
    xlsx: str,
    html: str,
    svg: str,
    geojson: str,
    gpkg: str,
    *,
    of: Callable[[Any], Any] = lambda answer: answer,
) -> Mapping[str, Callable[[Any], str | bytes]]:
    """What makes the files of a kind of answer, imported when one is asked for.

    Parameters
    ----------
    csv : str
        Module of `assigner.report` and function in it that gives the table, such as ``split_tables:division``.
    xlsx, html, svg, geojson, gpkg : str
        Likewise, of what gives the content of the file.
    of : callable
        What of the answer these functions take.
    """

    def maker(place: str) -> Callable[[Any], Any]:
        module, _colon, function = place.partition(":")
        return lambda answer: getattr(import_module(f"assigner.report.{module}"), function)(of(answer))

    table = maker(csv)
    return {
        "json": json_bytes,
        "csv": lambda answer: csv_of(table(answer)),
        "xlsx": maker(xlsx),
        "html": maker(html),
        "svg": maker(svg),
        "geojson": maker(geojson),
        "gpkg": maker(gpkg),
    }


_MAKERS = makers_of(
    csv="tables:duty_rows",
    xlsx="workbook:workbook_bytes",
    html="page:page_text",
    svg="map:svg_text",
    geojson="layers:geojson_text",
    gpkg="layers:gpkg_bytes",
)

FORMATS = tuple(_MAKERS)
"""In the order in which they are made; each is the ending of a file."""

_ALWAYS = "json"
"""Written whatever is asked for: it holds the scenario and the proofs, and says of which answer the other files are."""

_WITHOUT_PLAN = ("json", "html")
"""What is written where there is no plan: why there is none."""

#: What makes two answers the same, whatever the language and the seconds.
_SAME = ("status", "convener", "hosts", "separate", "ways", "tiers", "relaxations", "versions")


def _essence(document: Mapping[str, Any]) -> list[Any]:
    """What makes a plan the same as another, whatever the language and the seconds."""
    parts = {key: document.get(key) for key in _SAME}
    tiers, relaxed = parts["tiers"] or [], parts["relaxations"] or []
    parts["tiers"] = [[tier.get("name"), tier.get("value"), tier.get("status")] for tier in tiers]
    parts["relaxations"] = [entry.get("id") for entry in relaxed]
    hashes = [(document.get(key) or {}).get("hash") for key in ("scenario", "rulebook")]
    return [parts, hashes]


@dataclass(frozen=True)
class Kind:
    """The set of files that one kind of answer leaves.

    Parameters
    ----------
    stem : str
        What their names begin with.
    makers : Mapping
        Format -> what makes its content, in order; the document (``json``) is always written.
    essence : callable
        What of a document makes two answers the same.
    found : callable
        Whether there is anything but the reason why there is nothing.
    """

    stem: str
    makers: Mapping[str, Callable[[Any], str | bytes]]
    essence: Callable[[Mapping[str, Any]], Any]
    found: Callable[[Any], bool]

    def is_ours(self, name: str) -> bool:
        """Whether a file of this name is one of the set, under its own name or one beside it."""
        return re.fullmatch(rf"{self.stem}(?: \(\d+\))?\.(?:{'|'.join(self.makers)})", name) is not None

    def is_document(self, name: str) -> bool:
        """Whether a file of this name is the document of the set."""
        return self.is_ours(name) and name.endswith(f".{_ALWAYS}")

    def try_in(self, folder: Path, formats: Iterable[str] = FORMATS) -> None:
        """Refuse a folder in which the files cannot be written, before anything is solved.

        Raises
        ------
        OSError
            The error names the file.
        """
        for name in dict.fromkeys((_ALWAYS, *formats)):
            try_writing(folder / f"{self.stem}.{name}")


PLAN = Kind("plan", _MAKERS, _essence, lambda result: result.assignment is not None)
"""The files of a plan."""


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


def chosen_formats(formats: str | Iterable[str] | None, known: Sequence[str] = FORMATS) -> tuple[str, ...]:
    """The formats that are named, in the order in which they are made.

    Parameters
    ----------
    formats : str, iterable of str or None
        Names, or one text with commas between them; None: all.
    known : sequence of str
        Those there are, in the order in which they are made.

    Raises
    ------
    InputError
        One is not known, or none is named.
    """
    if formats is None:
        return tuple(known)
    names = formats.replace("、", ",").split(",") if isinstance(formats, str) else list(formats)
    words = [name.strip().lower().lstrip(".") for name in names if name.strip()]
    expected = M_("one of: {choices}", choices=", ".join(known))
    example = ",".join(name for name in known if name == "xlsx" or name == known[0])
    mend = M_("Write formats with commas between them, such as --formats {example}.", example=example)
    problems = [
        Problem("", Place("--formats"), word, M_("No file can be written in this format."), expected, mend)
        for word in dict.fromkeys(words)
        if word not in known
    ]
    if not words:
        problems = [Problem("", Place("--formats"), ABSENT, M_("No format is named."), expected, mend)]
    if problems:
        raise InputError(problems)
    return tuple(name for name in known if name in words)


def write_answer(
    result: Result,
    folder: str | Path,
    formats: str | Iterable[str] | None = None,
    *,
    ready: Callable[[], object] | None = None,
) -> Written:
    """Write the files of an answer into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    result : Result
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``plan.json`` is written in any case. Where there is no plan, only
        ``plan.json`` and ``plan.html`` are written, and a plan that the audit refuses leaves nothing but
        ``plan-rejected.json``.
    ready : callable, optional
        Called once ``plan.json`` has its place: waits for what the other files need.

    Raises
    ------
    InputError
        A format is not known.
    """
    return write_files(result, PLAN, folder, formats, ready=ready)


def write_files(
    answer: Any,
    kind: Kind,
    folder: str | Path,
    formats: str | Iterable[str] | None = None,
    *,
    ready: Callable[[], object] | None = None,
) -> Written:
    """Write the files of an answer of any kind (parameters and errors as `write_answer`).

    Parameters
    ----------
    answer
        What the makers of the kind take; it has a `status`.
    kind : Kind
    """
    names = chosen_formats(formats)
    where = Path(folder)
    writing = _Writing(answer, kind)
    kept: Sequence[str] = names
    if answer.status == "disagrees":
        # What the audit refuses is never called by the name of an answer.
        first, kept = where / f"{kind.stem}-rejected.{_ALWAYS}", ()
    else:
        first = where / f"{kind.stem}.{_ALWAYS}"
        if not kind.found(answer):
            # Who asked for tables alone is still told why there are none.
            kept = [name for name in names if name in _WITHOUT_PLAN] or _WITHOUT_PLAN
            writing.leave_out(names, kept)
    others = {name: where / f"{kind.stem}.{name}" for name in kept if name != _ALWAYS}
    with without_collector(), FileSet() as files:
        before = _Before(where, kind, False, 0)
        try:
            content = writing.make(_ALWAYS, first)
            if content is not None:
                before = _before(where, kind, content)
                if writing.draft(files, first, content) and writing.place(files, first) and before.same:
                    # The date of plan.json is that since when its answer stands; see `_left_over`.
                    with suppress(OSError):
                        os.utime(first, ns=(before.since_ns, before.since_ns))
            if ready is not None:
                ready()
            drafted = []
            for name, path in others.items():
                content = writing.make(name, path)
                if content is not None and writing.draft(files, path, content):
                    drafted.append(path)
            for path in drafted:
                writing.place(files, path)
        finally:  # also of who stops it here: the plan is there, and what lies beside it may be of another
            writing.notes += _left_over(before, writing.paths)
    return Written(tuple(writing.paths), tuple(writing.notes), tuple(writing.failures))


def write_made(answer: Any, kind: Kind, folder: Path, formats: Iterable[str]) -> Written:
    """Write the files of an answer that has no document; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    answer
        What the makers of the kind take.
    kind : Kind
    folder : Path
        Made if it is missing.
    formats : iterable of str
        Of the kind.
    """
    writing = _Writing(answer, kind)
    with without_collector(), FileSet() as files:
        for name in formats:
            path = folder / f"{kind.stem}.{name}"
            content = writing.make(name, path)
            if content is not None and writing.draft(files, path, content):
                writing.place(files, path)
    return Written(tuple(writing.paths), tuple(writing.notes), tuple(writing.failures))


@dataclass
class _Writing:
    """What has come so far of writing an answer (fields as `Written`)."""

    answer: Any
    kind: Kind
    paths: list[Path] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)

    def leave_out(self, names: Sequence[str], kept: Sequence[str]) -> None:
        """Note that files that were asked for by name are not written without a plan."""
        stem = self.kind.stem
        left_out = [f"{stem}.{name}" for name in names if name not in _WITHOUT_PLAN]
        if tuple(names) == FORMATS or not left_out:
            return
        written = [f"{stem}.{name}" for name in FORMATS if name == _ALWAYS or name in kept]
        self.notes.append(
            M_(
                "There is no plan, so these files are not written: {left_out}. Why there is none is in {files}.",
                left_out=_Names(left_out),
                files=_Names(written),
            )
        )

    def make(self, name: str, path: Path) -> bytes | None:
        """Make a file; a format that fails, for whatever reason, must not take the others with it."""
        try:
            content = self.kind.makers[name](self.answer)
            return content.encode("utf-8") if isinstance(content, str) else content
        except Exception as error:  # noqa: BLE001 - a fault of ours or of a library; the plan is worth more than it
            reason = " ".join(filter(None, (type(error).__name__, str(error))))
            what = M_("The file could not be made: {reason}.", reason=reason)
            mend = M_("Leave it out with --formats, and report this; the other files are whole.")
            self.failures.append(Problem(path, Place(), ABSENT, what, None, mend))
            return None

    def draft(self, files: FileSet, path: Path, content: bytes) -> bool:
        """Put a file on the disk beside its place."""
        try:
            files.add(path, content)
        except OSError as error:
            self.failures.append(problem_of(error))
            return False
        return True

    def place(self, files: FileSet, path: Path) -> bool:
        """Let a draft take its place; true if it has the name that it was to have."""
        try:
            saved = files.place(path)
        except OSError as error:
            self.failures.append(problem_of(error))
            return False
        self.paths.append(saved.path)
        if saved.path == saved.wanted:
            return True
        parts = {"file": saved.wanted.name, "other": saved.path.name}
        self.notes.append(
            M_("{file} is read-only, so it is as it was; the new one is {other}.", **parts)
            if saved.read_only
            else M_("{file} is open in another program, so it is as it was; the new one is {other}.", **parts)
        )
        return False


# --------------------------------------------------------------------------------------------- of an earlier answer


@dataclass(frozen=True)
class _Before:
    """What was in the folder.

    Parameters
    ----------
    folder : Path
    kind : Kind
    same : bool
        Whether every document (``plan.json``) there is of the answer that is now written.
    since_ns : int
        When that of the usual name was written.
    """

    folder: Path
    kind: Kind
    same: bool
    since_ns: int


def _before(folder: Path, kind: Kind, content: bytes) -> _Before:
    """Compare what is there with an answer, given as its document."""
    now = json.loads(content)
    try:
        documents = [path for path in folder.iterdir() if kind.is_document(path.name)]
        since_ns = (folder / f"{kind.stem}.{_ALWAYS}").stat().st_mtime_ns
        return _Before(folder, kind, all(_same_answer(kind, _read(path), now) for path in documents), since_ns)
    except OSError:  # no such folder, or no document in it
        return _Before(folder, kind, False, 0)


def _read(document: Path) -> dict[str, Any] | None:
    """What a ``plan.json`` says; None when it cannot be read."""
    try:
        content = json.loads(document.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _same_answer(kind: Kind, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    if before is None:
        return False
    try:
        return bool(kind.essence(before) == kind.essence(now))
    except (AttributeError, TypeError):  # somebody else's plan.json
        return False


def _left_over(before: _Before, paths: Iterable[Path]) -> list[Message]:
    """Rename files of an earlier answer that this one did not write; name what stays.

    Beside a ``plan.json`` of the same answer a file is of this answer if it is not older, since that was there first.
    An older one could not be written or renamed at the time, open in a program.
    """
    new = {path.name for path in paths}
    # Nothing takes the place of the old files when nothing but a refused plan, or nothing at all, was written.
    if not any(before.kind.is_ours(name) for name in new):
        return []
    try:
        there = sorted(
            path
            for path in before.folder.iterdir()
            if before.kind.is_ours(path.name)
            and path.name not in new
            and not (before.same and path.stat().st_mtime_ns >= before.since_ns)
        )
    except OSError:
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
