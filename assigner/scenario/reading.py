"""From the bytes of a scenario file to its entries, with everything that is wrong in their shape.

Entries that cannot be used are set aside, so that the rest can still be checked and a person sees all
problems of the file at once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.faults import closest, problem_of, problems_of
from assigner.messages import M_, Message
from assigner.scenario.entries import (
    Exploration,
    GeographyEntry,
    JuniorHigh,
    Link,
    OutsidePartnerEntry,
    PartOf,
    ScenarioFile,
    SchoolEntry,
    Tiers,
    Travel,
    University,
)
from assigner.scenario.migrations import MIGRATIONS, Migration, migrated, supported_versions
from assigner.scenario.source import Source, pruned
from models.documents import Document, DocumentError, Fault, Path, read_yaml

__all__ = ["Shaped", "document_of", "is_workbook", "refuse_version", "shape", "shaped_as", "text_of"]

_T = TypeVar("_T", bound=BaseModel)

MOST_BYTES = 8_000_000

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".ods", ".ots", ".xls", ".et")
"""Ends of the names of workbooks."""

_ENTRIES: Mapping[str, type[Any]] = {
    "schools": SchoolEntry,
    "junior_highs": JuniorHigh,
    "universities": University,
    "outside_partners": OutsidePartnerEntry,
    "links": Link,
    "exploration": Exploration,
    "tiers": Tiers,
    "travel": Travel,
    "geography": GeographyEntry,
    "part_of": PartOf,
}


def is_workbook(path: FilePath) -> bool:
    """Whether a file is to be read as a workbook: by its name, or by its first bytes whatever its name."""
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(8).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
    except (OSError, ValueError):
        return False


def text_of(path: FilePath, file: str) -> str:
    """Read a file as text.

    Raises
    ------
    InputError
        It cannot be read, is far too large, or is not UTF-8.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError
        if path.stat().st_size > MOST_BYTES:
            raise _refused(
                file,
                M_(
                    "The file is larger than {megabytes} MB, too large for a scenario.",
                    megabytes=MOST_BYTES // 10**6,
                ),
                None,
                M_("Give the scenario file itself, a text file that ends in .yaml."),
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refused(
            file,
            M_("There is no such file."),
            None,
            M_("Check the name and the folder; the files shipped with the program are in “scenarios”."),
        ) from None
    except IsADirectoryError:
        raise _refused(
            file, M_("This is a folder, not a file."), None, M_("Name a scenario file inside the folder.")
        ) from None
    except (OSError, ValueError):
        raise _refused(
            file,
            M_("The file cannot be opened."),
            None,
            M_("Check that you may read it and that no other program has locked it."),
        ) from None
    return _decoded(data, file)


def _decoded(data: bytes, file: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _wrong_encoding(file, 1, M_("UTF-16 (“Unicode” in Notepad)"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            data.decode("cp950")
        except UnicodeDecodeError:
            found = M_("unknown")
        else:
            found = M_("Big5 (cp950)")
        raise _wrong_encoding(file, line, found) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wrong_encoding(file: str, line: int, found: Message) -> InputError:
    return _refused(
        file,
        M_("The file is not in UTF-8; its encoding seems to be: {encoding}.", encoding=found),
        M_("the encoding UTF-8"),
        M_("Save the file again with the encoding UTF-8 (in Notepad: Save as, Encoding: UTF-8)."),
        line,
    )


def _refused(file: str, what: Message, expected: Message | None, mend: Message, line: int | None = None) -> InputError:
    return InputError([Problem(file, Place(line=line), ABSENT, what, expected, mend)])


def document_of(text: str, file: str) -> Document:
    """Read the YAML of a scenario.

    Raises
    ------
    InputError
        It is no YAML that can be used.
    """
    try:
        document = read_yaml(text, file)
        if re.search(r"\\[uU]", text):
            _refuse_surrogates(document.data, (), document)
    except DocumentError as error:
        raise InputError(problems_of(file, error.faults)) from None
    return document


def _refuse_surrogates(value: Any, path: Path, document: Document) -> None:
    texts: list[str] = []
    if isinstance(value, dict):
        texts = list(value)
        for key, child in value.items():
            _refuse_surrogates(child, (*path, key), document)
    elif isinstance(value, list):
        for position, child in enumerate(value):
            _refuse_surrogates(child, (*path, position), document)
    elif isinstance(value, str):
        texts = [value]
    if any("\ud800" <= character <= "\udfff" for text in texts for character in text):
        here = tuple(key for key in path if isinstance(key, int) or key.isprintable())
        line, column = document.place(path)
        raise DocumentError(document.name, [Fault("yaml.surrogate", here, line, column)])


@dataclass(frozen=True)
class Shaped(Generic[_T]):
    """The usable entries of a file, and what is wrong with the others.

    Attributes
    ----------
    entries
        None when nothing is left to check.
    source
        Where they stand.
    problems
        What is wrong with the shape.
    set_aside
        Sections (``schools`` ...) of which whole entries could not be used.
    """

    entries: _T | None
    source: Source
    problems: tuple[Problem, ...]
    set_aside: frozenset[str] = frozenset()


def shape(document: Document, file: str, migrations: Mapping[int, Migration] = MIGRATIONS) -> Shaped[ScenarioFile]:
    """Judge the shape of a document and turn it into entries."""
    source = Source(file, document)
    if isinstance(document.data, dict):
        wrong = _version_problem(source, migrations)
        if wrong is not None:
            return Shaped(None, source, (wrong,))
        data = migrated(document.data, migrations)
        if data is not document.data:
            document = replace(document, data=data)
    return shaped_as(ScenarioFile, _ENTRIES, document, file)


def shaped_as(model: type[_T], sections: Mapping[str, type[Any]], document: Document, file: str) -> Shaped[_T]:
    """Turn a document into entries of a model, without those that cannot be used.

    Parameters
    ----------
    model
        The file as a whole.
    sections
        Key of the file -> model of what stands there, to find the key that a misspelt one is most like.
    document, file
        As `shape`.
    """
    source = Source(file, document)
    problems: list[Problem] = []
    without: set[Path] = set()
    set_aside: set[str] = set()
    while True:
        data, original = pruned(document.data, without)
        try:
            entries = model.model_validate(data)
        except ValidationError as error:
            found = _faults(error, replace(document, data=data), Source(file, document, original))
        else:
            kept = Source(file, document, original)
            return Shaped(entries, kept, tuple(problems), frozenset(set_aside))
        for fault, aside in found:
            named = str(fault.details.get("key", ""))
            if fault.code != "schema.missing" or (*fault.path, named) not in without:
                problems.append(_problem(file, fault, model, sections))
            if not aside:
                return Shaped(None, source, tuple(problems))
            without.add(aside)
            if len(aside) == 2 and isinstance(aside[1], int):
                set_aside.add(str(aside[0]))


def refuse_version(document: Document, file: str, version: int, what: Message) -> None:
    """Refuse a document that is not of the one version of its format.

    Parameters
    ----------
    document, file
        As `shape`. One that is no mapping is left to whoever reads its shape.
    version
        The one that is known.
    what
        What to say of another one.

    Raises
    ------
    InputError
    """
    data = document.data
    if not isinstance(data, dict) or data.get("schema_version") == version:
        return
    place, value, expected = Place("", 1, 1), ABSENT, None
    if "schema_version" in data:
        place, value = Place("schema_version", *document.place(("schema_version",))), data["schema_version"]
        expected = M_("one of: {choices}", choices=str(version))
    else:
        what = M_("The key “{key}” is missing.", key="schema_version")
    mend = M_("Write “schema_version: {version}” as the first line.", version=version)
    raise InputError([Problem(file, place, value, what, expected, mend)])


def _version_problem(source: Source, migrations: Mapping[int, Migration]) -> Problem | None:
    """Say what is wrong with the version of the format, if anything."""
    data = source.document.data
    versions = supported_versions(migrations)
    here = source.place(("schema_version",))
    if "schema_version" not in data:
        return Problem(
            source.file,
            Place("", 1, 1),
            ABSENT,
            M_("The key “{key}” is missing.", key="schema_version"),
            None,
            M_("Write “schema_version: {version}” as the first line.", version=versions[-1]),
        )
    version = data["schema_version"]
    if isinstance(version, bool) or not isinstance(version, int):
        mend = M_("Write “schema_version: {version}” as the first line.", version=versions[-1])
    elif version > versions[-1]:
        mend = M_("Use a newer version of the program, which knows this format.")
    elif version not in versions:
        mend = M_("Write the file anew: “assigner example” shows the present format.")
    else:
        return None
    known = M_("one of: {choices}", choices=", ".join(map(str, versions)))
    what = M_("This version of the scenario format is not known.")
    return Problem(source.file, here, version, what, known, mend)


def _faults(error: ValidationError, document: Document, source: Source) -> list[tuple[Fault, Path]]:
    """Give each fault at its place in the file, with the path of what must be set aside because of it."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        path: Path = ()
        here = document.data
        for key in item["loc"]:
            inside = (isinstance(here, dict) and key in here) or (
                isinstance(here, list) and isinstance(key, int) and key < len(here)
            )
            if not inside:
                break
            here = here[key]
            path = (*path, key)
        details = {k: v for k, v in (item.get("ctx") or {}).items() if isinstance(v, str | int | float | bool)}
        code = item["type"] if "." in item["type"] else f"schema.{item['type']}"
        if item["type"] in ("missing", "extra_forbidden"):
            details["key"] = str(item["loc"][-1])
        known = source.path(path)
        line, column = source.document.place(known)
        cell = source.document.cell(known)
        found.append((Fault(code, known, line, column, here, details, cell), known))
    return found


def _problem(file: str, fault: Fault, model: type[BaseModel], sections: Mapping[str, type[Any]]) -> Problem:
    problem = problem_of(file, fault)
    if fault.code == "schema.extra_forbidden":
        here = model if len(fault.path) == 1 else sections.get(str(fault.path[0]))
        hint = closest(fault.path[-1], here.model_fields) if here is not None else None
        if hint is not None:
            mend = M_("{hint} Otherwise delete the line.", hint=hint)
            return replace(problem, mend=mend)
    return problem
