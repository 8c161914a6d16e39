"""A scenario file that is being read: where each value stands, and what was found wrong so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.faults import shown_path
from assigner.messages import Message
from models.documents import Document, Path

__all__ = ["Findings", "Source", "in_order", "pruned"]


@dataclass(frozen=True)
class Source:
    """A document, perhaps without the entries that could not be used, and the way back to the file.

    Attributes
    ----------
    file
        The file as the person named it.
    document
        What was read.
    original
        Path among the usable entries -> path in the document, where entries were left out.
    """

    file: str
    document: Document
    original: Mapping[Path, Path] = field(default_factory=dict)

    def path(self, path: Path) -> Path:
        """Give the path in the file of a path among the usable entries."""
        at = path
        rest: Path = ()
        while at and at not in self.original:
            at, rest = at[:-1], (at[-1], *rest)
        return (*self.original.get(at, at), *rest)

    def raw(self, path: Path, instead: object) -> object:
        """Give the value as the file has it, or `instead` where it is no single value."""
        value = self.document.at(self.path(path))
        return value if isinstance(value, str | int | float) else instead

    def place(self, path: Path) -> Place:
        """Line, column and path of a usable entry, or of what encloses it."""
        known = self.path(path)
        return Place(shown_path(known), *self.document.place(known), self.document.cell(known))


def pruned(data: Any, without: set[Path], old: Path = (), new: Path = ()) -> tuple[Any, dict[Path, Path]]:
    """Copy `data` without some of its entries; also give new path -> old path for the members of lists.

    Where nothing is left out the data are given as they are, and no path is another one.
    """
    if not without:
        return data, {}
    if isinstance(data, dict):
        result: dict[str, Any] = {}
        paths: dict[Path, Path] = {}
        for key, value in data.items():
            if (*old, key) not in without:
                result[key], more = pruned(value, without, (*old, key), (*new, key))
                paths.update(more)
        return result, paths
    if isinstance(data, list):
        members: list[Any] = []
        paths = {}
        for position, value in enumerate(data):
            if (*old, position) not in without:
                here = (*new, len(members))
                paths[here] = (*old, position)
                member, more = pruned(value, without, (*old, position), here)
                members.append(member)
                paths.update(more)
        return members, paths
    return data, {}


@dataclass
class Findings:
    """Collects what is wrong (problems) and what is odd (warnings) in one file."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(
        self, path: Path, what: Message, expected: Message | None, mend: Message, *, value: object = ABSENT
    ) -> None:
        """Note something that makes the file unusable."""
        self.problems.append(Problem(self.source.file, self.source.place(path), value, what, expected, mend))

    def odd(
        self, path: Path, what: Message, expected: Message | None, mend: Message, *, value: object = ABSENT
    ) -> None:
        """Note something that is probably not meant."""
        self.warnings.append(Problem(self.source.file, self.source.place(path), value, what, expected, mend))

    def stop_if_wrong(self) -> None:
        """Raise what was found, in the order of the file, if anything is wrong."""
        if self.problems:
            raise InputError(in_order(self.problems))


def in_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems as a reader meets them; those without a line come last, equal ones once."""
    unique = {(str(p.file), p.place, p.what.msgid, repr(p.value)): p for p in problems}
    return sorted(unique.values(), key=lambda p: (p.place.line is None, p.place.line or 0, p.place.column or 0))
