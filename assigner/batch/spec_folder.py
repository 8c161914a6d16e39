"""Files and folders that a batch is given: which of them are scenarios, and which files a file names.

All is told from names, from the keys that stand at the margin and from the cells of forms, without understanding what
is in the files: a folder may hold thousands.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from assigner.errors import ABSENT, Place, Problem
from assigner.messages import M_, Message
from assigner.scenario.reading import WORKBOOK_SUFFIXES, is_workbook
from assigner.scenario.words import on_network

__all__ = ["ANSWERS", "kind_of_file", "readable", "scenario_files", "sha256_of", "shown_path", "with_named"]

_YAML = (".yaml", ".yml")
ANSWERS = ("plan.json", "split.json", "boundary.json", "suggestions.json", "design.json")
"""A folder with one of these holds an answer, and perhaps files that were made from it."""

_TOP_KEY = re.compile(r"^[\"']?([a-z_]+)[\"']?[ \t]*:", re.MULTILINE)
_NAMED = re.compile(r"[\"']?\b(?:rulebook|matrix|file|roster|base|scenarios|flips)\b[\"']?[ \t]*:[ \t]*(.*)")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,\[\]{}\"'#][^,\[\]{}\"'#]*")
_MEMBER = re.compile(r"^[ \t]*-[ \t]+(.+)$", re.MULTILINE)
_EXPERIMENT = frozenset({"flips", "undone", "locks", "base_hash"})
"""Keys by which an experiment, which names a base as well, is told from a variants file."""

_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}$")

_SHARED, _MOST_SHARED = "xl/sharedStrings.xml", 20_000_000
_TEXT = re.compile(r"<(?:\w+:)?t(?:\s[^>]*)?>([^<]+)<")

_PARTS_OF_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def readable(name: str) -> str:
    """A name as a text that any file can hold: bytes of it that are no letters, as old archives leave, as numbers."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def shown_path(path: str | PathLike[str], folder: Path) -> str:
    """A file relative to a folder, as stores and lists name it: they do not hold where somebody keeps files."""
    return readable(_shown_path(path, folder))


def _shown_path(path: str | PathLike[str], folder: Path) -> str:
    where = Path(path)
    if where.is_relative_to(folder):
        return where.relative_to(folder).as_posix()
    if not where.is_absolute() and not folder.is_absolute():
        return Path(os.path.relpath(where, folder)).as_posix()
    known, start = where.resolve(), folder.resolve()
    return known.relative_to(start).as_posix() if known.is_relative_to(start) else where.name


# ---------------------------------------------------------------------------------------------------- kinds of files


def scenario_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Scenario files of a folder and its sub-folders, sorted; and what was left out."""
    from assigner.workbook.marking import form_of_copy

    found: list[Path] = []
    notes: list[Problem] = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        if any(name in names for name in ANSWERS):
            folders.clear()
            if here != folder:
                notes.append(_note(here, M_("This folder holds an answer; what is in it was left out.")))
            continue
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = here / name
            if name.startswith((".", "~$")):
                continue
            if path.suffix.lower() in _YAML:
                kind = kind_of_file(path)
                if kind == "scenario":
                    found.append(path)
                else:
                    notes.append(_note(path, M_("This is no scenario; it was left out.")))
            elif path.suffix.lower() in WORKBOOK_SUFFIXES:
                if form_of_copy(path) is None:
                    found.append(path)
                else:
                    notes.append(_note(path, M_("This is a marked copy of a form; it was left out.")))
    return found, [replace(note, file=shown_path(note.file, folder)) for note in notes]


def _note(path: Path, what: Message) -> Problem:
    return Problem(path, Place(), ABSENT, what, None, M_("Nothing, unless it should have been run."))


def kind_of_file(path: Path) -> str:
    """What a file is: "scenario", "base", "variants", "experiment" or "rulebook", told from its name and its keys."""
    if path.suffix.lower() not in _YAML:
        return "scenario" if is_workbook(path) and _is_form(path) else "base"
    keys = _keys(path)
    if keys & {"variants", "scenarios"} or ("base" in keys and not keys & _EXPERIMENT):
        return "variants"
    if "base" in keys or "flips" in keys:
        return "experiment"
    if "communities" in keys:
        return "base"
    return "rulebook" if "clauses" in keys else "scenario"


def _keys(path: Path) -> set[str]:
    """Keys of a YAML that stand at the left margin."""
    return set(_TOP_KEY.findall(_text(path)))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


def _is_form(path: Path) -> bool:
    """Whether a workbook is a form, not a table."""
    from assigner.workbook.recognising import form_sheets
    from geodata.sheets import SheetError, read_sheets

    try:
        return form_sheets(sheet.name for sheet in read_sheets(path).sheets)
    except (OSError, SheetError):
        return True


# ------------------------------------------------------------------------------------------------ files that are named


def with_named(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and those that they name: rulebooks, matrices, maps, rosters, bases; once each."""
    seen: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        known = path.resolve()
        if known in seen or not path.is_file():
            continue
        seen.add(known)
        yield path
        if path.suffix.lower() in _YAML:
            waiting += _named_in(path)
        elif path.suffix.lower() in WORKBOOK_SUFFIXES:
            waiting += _named_in_form(path)
        elif path.suffix.lower() == ".shp":
            waiting += [path.with_suffix(suffix) for suffix in _PARTS_OF_SHAPEFILE]


def _named_in(path: Path) -> Iterator[Path]:
    """Files beside a YAML that a value in it may name; too many do no harm."""
    text = _text(path)
    named = [word for line in _NAMED.findall(text) for word in _words(line)]
    named += [word for line in _MEMBER.findall(text) for word in _words(line) if _FILE.search(word)]
    yield from _beside(path, named)


def _named_in_form(path: Path) -> Iterator[Path]:
    """Files beside a form that a cell of it names: rules, matrix, map."""
    cells = (cell.strip() for cell in _texts_in(path))
    yield from _beside(path, [cell for cell in cells if _FILE.search(cell) and not on_network(cell)])


def _texts_in(path: Path) -> list[str]:
    """Texts in the cells of a workbook: from the list of them that most have, which takes a tenth of the time."""
    from geodata.sheets import SheetError, read_sheets

    try:
        with ZipFile(path) as archive:
            if archive.getinfo(_SHARED).file_size <= _MOST_SHARED:
                return list(map(unescape, _TEXT.findall(archive.read(_SHARED).decode("utf-8"))))
    except (OSError, LookupError, ValueError, RuntimeError, BadZipFile, zlib.error):
        pass  # of another kind, or damaged
    try:
        return [c for sheet in read_sheets(path).sheets for row in sheet.rows for c in row if isinstance(c, str)]
    except (OSError, SheetError):
        return []


def _beside(path: Path, names: Sequence[str]) -> Iterator[Path]:
    """The files of these names, seen from the folder of another one; those of a folder."""
    for name in dict.fromkeys(names):
        file = path.parent / name
        try:
            if file.is_file():
                yield file
            elif file.is_dir():
                yield from scenario_files(file)[0]
        except (OSError, ValueError):
            continue


def _words(line: str) -> Iterator[str]:
    for word in _WORD.findall(line):
        name = word.strip().strip("\"'").strip()
        if name and not on_network(name):
            yield name


def sha256_of(path: Path) -> str:
    """SHA-256 of the content of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
