"""The file of an experiment: the base it starts from and one change a line, so that it is short and compares well.

Townships and schools are written as a person names them and read in any usual spelling. A change that cannot be made is
told with its line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from assigner.boundary.base import base_hash, read_base
from assigner.boundary.naming import (
    NameProblem,
    find_community,
    find_school,
    find_township,
    flip_sentence,
    town_name,
)
from assigner.boundary.values import Base, Locks
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.faults import SENTENCES
from assigner.messages import M_, _
from assigner.scenario.entries import _Entry
from assigner.scenario.reading import document_of, refuse_version, shaped_as, text_of
from assigner.scenario.source import Findings, in_order
from assigner.scenario.words import FileName, Text
from assigner.scenario.writing import flow, scalar
from geodata.base_map import (
    NOWHERE,
    BaseMap,
    Divide,
    Flip,
    FlipError,
    Merge,
    MoveSchool,
    MoveTownship,
    NewCommunity,
)

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from models.documents import Document
    from models.documents import Path as Keys

__all__ = [
    "SCHEMA_VERSION",
    "ExperimentEntries",
    "ExperimentFile",
    "FlipEntry",
    "LockEntry",
    "experiment_schema",
    "experiment_text",
    "flips_of",
    "parse_experiment",
    "read_experiment",
    "write_experiment",
]

SCHEMA_VERSION = 1
"""The version of the file format that this program writes."""

_NONE = "none"
"""What is written for no community."""

_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "move": (("to",), ()),
    "move_school": (("to",), ()),
    "merge": (("into",), ()),
    "divide": (("id",), ("name", "townships", "schools")),
    "new": ((), ("name", "townships", "schools")),
}
"""Kind of a change -> the keys that it needs, and those that it may have."""


class FlipEntry(_Entry):
    """A change: one of move, move_school, merge, divide and new, with the keys that go with it."""

    move: Text | None = Field(None, description="A township, with the schools that belong where it was at home.")
    move_school: Text | None = Field(None, description="A school (code or whole name); its township stays.")
    to: Text | None = Field(None, description="The community it goes to (id or name), or none (無).")
    merge: Text | None = Field(None, description="A community that is dissolved.")
    into: Text | None = Field(None, description="The community it becomes part of.")
    divide: Text | None = Field(None, description="A community, part of which becomes one of its own.")
    new: Text | None = Field(None, description="Id of a new community, of townships and schools from anywhere.")
    id: Text | None = Field(None, description="Id of the new community that a division makes.")
    name: Text = Field("", description="Name of the new community.")
    townships: tuple[Text, ...] = Field((), description="Townships of the new community.")
    schools: tuple[Text, ...] = Field((), description="Schools of the new community, besides those of its townships.")

    @model_validator(mode="after")
    def _one_change(self) -> FlipEntry:
        stated = [key for key in FlipEntry.model_fields if key in self.model_fields_set]
        verbs = [key for key in stated if key in _KEYS]
        if len(verbs) != 1:
            raise PydanticCustomError("experiment.verb", "one change", {"choices": ", ".join(_KEYS)})
        needed, may = _KEYS[verbs[0]]
        for key in stated:
            if key not in (verbs[0], *needed, *may):
                choices = ", ".join((*needed, *may))
                raise PydanticCustomError(
                    "experiment.extra", "extra", {"key": key, "verb": verbs[0], "choices": choices}
                )
        for key in needed:
            if key not in stated:
                raise PydanticCustomError("experiment.missing", "missing", {"key": key, "verb": verbs[0]})
        return self

    @property
    def verb(self) -> str:
        """Which change it is."""
        return next(key for key in _KEYS if key in self.model_fields_set)


class LockEntry(_Entry):
    """What no further change may touch."""

    townships: tuple[Text, ...] = ()
    schools: tuple[Text, ...] = ()
    communities: tuple[Text, ...] = ()


class ExperimentEntries(_Entry):
    """An experiment: changes of a base map, one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Boundary experiment")

    schema_version: Literal[1] = Field(description="Version of the format.")
    base: FileName = Field(description="File of the base map, relative to this one.")
    base_hash: Text = Field("", description="Content of the base map when this was written; written by the program.")
    name: Text = ""
    note: Text = ""
    flips: tuple[FlipEntry, ...] = Field((), description="The changes, in the order in which they are made.")
    undone: tuple[FlipEntry, ...] = Field((), description="Changes taken back: what “redo” makes again, first to last.")
    locks: LockEntry = Field(default_factory=lambda: LockEntry.model_validate({}))


@dataclass(frozen=True, eq=False)
class ExperimentFile:
    """An experiment as it was read.

    Attributes
    ----------
    base
        The base map that it starts from.
    base_file
        Its file, as the experiment names it.
    base_hash
        Content of the base when the experiment was written; empty if it does not say.
    name, note
        For the reader.
    flips
        The changes, each of which can be made after those before it.
    undone
        Changes taken back, in the order in which redoing makes them again.
    locks
        What no further change may touch.
    file
        As it was named.
    warnings
        What is probably not meant; among it, that the base has changed.
    """

    base: Base
    base_file: str
    base_hash: str = ""
    name: str = ""
    note: str = ""
    flips: tuple[Flip, ...] = ()
    undone: tuple[Flip, ...] = ()
    locks: Locks = field(default_factory=Locks)
    file: str = ""
    warnings: tuple[Problem, ...] = ()

    def experiment(self) -> Experiment:
        """The experiment as a value."""
        from assigner.boundary.experiment import Experiment

        return Experiment(self.base, self.flips, self.undone, self.locks, self.name, self.note)


def experiment_schema() -> dict[str, Any]:
    """JSON Schema of the file of an experiment, for editors."""
    schema = ExperimentEntries.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


# ------------------------------------------------------------------------------------------------------------ reading


def read_experiment(path: str | PathLike[str], base: Base | None = None) -> ExperimentFile:
    """Read the file of an experiment, and its base.

    Parameters
    ----------
    path
        YAML.
    base
        In place of the base that the file names.

    Raises
    ------
    assigner.errors.InputError
        The file or its base cannot be used, or a change cannot be made; with everything that is wrong.
    """
    file = fspath(path)
    return parse_experiment(text_of(Path(path), file), file, Path(path).parent, base)


def parse_experiment(
    text: str, file: str = "experiment.yaml", folder: str | PathLike[str] | None = None, base: Base | None = None
) -> ExperimentFile:
    """Read an experiment from the text of its file (errors as `read_experiment`).

    Parameters
    ----------
    text
        YAML.
    file
        What errors call it.
    folder
        Where the name of the base starts; None if it may name no file.
    base
        In place of the base that the file names.
    """
    document = document_of(text, file)
    _refuse_other(document, file)
    shaped = shaped_as(ExperimentEntries, {"flips": FlipEntry, "undone": FlipEntry, "locks": LockEntry}, document, file)
    if shaped.entries is None:
        raise InputError(in_order(list(shaped.problems)))
    findings = Findings(shaped.source, _without_echoes(shaped.problems))
    used = base if base is not None else _base(shaped.entries, findings, None if folder is None else Path(folder))
    if used is None:
        findings.stop_if_wrong()
        raise AssertionError("no base, and no reason")
    return _Reader(shaped.entries, findings, used, file).experiment()


def flips_of(stated: Iterable[FlipEntry], findings: Findings, base: Base) -> tuple[Flip, ...]:
    """Changes of a base map as a file states them under ``flips``, made one after the other.

    Parameters
    ----------
    stated
        The entries.
    findings
        Where to note what cannot be made; the changes stand under ``flips`` there.
    base
        What they start from.
    """
    entries = ExperimentEntries.model_construct(schema_version=1, base=base.file)
    return _Reader(entries, findings, base, base.file).flips("flips", stated, base.map)[0]


def _refuse_other(document: Document, file: str) -> None:
    """Refuse what is no experiment of this version."""
    data = document.data
    if isinstance(data, dict) and "base" not in data and "communities" in data:
        what = M_("This is a base map, not an experiment on one.")
        mend = M_("Name the file of an experiment; it names this one after “base”.")
        raise InputError([Problem(file, Place("", 1, 1), ABSENT, what, None, mend)])
    refuse_version(document, file, SCHEMA_VERSION, M_("This version of the format of experiments is not known."))


def _without_echoes(problems: Iterable[Problem]) -> list[Problem]:
    """Without “not clear what this change is” where a key of the same change is misspelt."""
    found = list(problems)
    misspelt = {
        problem.place.line for problem in found if problem.what.msgid == SENTENCES["schema.extra_forbidden"].what
    }
    unclear = SENTENCES["experiment.verb"].what
    return [problem for problem in found if problem.what.msgid != unclear or problem.place.line not in misspelt]


def _base(entries: ExperimentEntries, findings: Findings, folder: Path | None) -> Base | None:
    name = entries.base
    try:
        if folder is None or not (folder / name).is_file():
            raise FileNotFoundError
    except (OSError, ValueError):
        findings.wrong(
            ("base",),
            M_("The base map cannot be opened."),
            M_("the file of a base map; its path starts at the folder of this file"),
            M_("Correct the path, or put the file there."),
            value=name,
        )
        return None
    try:
        return read_base(folder / name)
    except InputError as error:
        findings.problems += error.problems
        return None


@dataclass
class _Reader:
    """An experiment that is being read, over its base."""

    entries: ExperimentEntries
    findings: Findings
    base: Base
    file: str
    missing: set[str] = field(default_factory=set)
    """Communities that a change was to make that cannot be made."""

    def experiment(self) -> ExperimentFile:
        entries = self.entries
        flips, after = self.flips("flips", entries.flips, self.base.map)
        undone, _last = self.flips("undone", entries.undone, after)
        locks = Locks(
            frozenset(self.all(("locks", "townships"), entries.locks.townships, self.township)),
            frozenset(self.all(("locks", "schools"), entries.locks.schools, self.school)),
            frozenset(
                self.all(
                    ("locks", "communities"),
                    entries.locks.communities,
                    lambda path, word: self.community(path, word, after),
                )
            ),
        )
        self.findings.stop_if_wrong()
        if entries.base_hash and entries.base_hash != base_hash(self.base):
            self.findings.odd(
                ("base_hash",),
                M_("The base map has changed since this experiment was written; the present one is used."),
                None,
                M_("Look at the effects anew, and save the experiment again."),
            )
        return ExperimentFile(
            self.base,
            entries.base,
            entries.base_hash,
            entries.name,
            entries.note,
            flips,
            undone,
            locks,
            self.file,
            tuple(in_order([*self.base.warnings, *self.findings.warnings])),
        )

    def flips(self, section: str, stated: Iterable[FlipEntry], base_map: BaseMap) -> tuple[tuple[Flip, ...], BaseMap]:
        """The changes that can be made one after the other, and the map after them."""
        made: list[Flip] = []
        for position, entry in enumerate(stated):
            path: Keys = (section, position)
            before = len(self.findings.problems)
            flip = self.flip(path, entry, base_map)
            if len(self.findings.problems) > before or flip is None:
                self.missing |= {name for name in (entry.new, entry.id) if name}
                continue
            try:
                base_map = flip.apply(base_map)
            except FlipError as error:
                what, mend = flip_sentence(error, self.base, base_map.names)
                self.findings.wrong(path, what, None, mend)
                self.missing |= {name for name in (entry.new, entry.id) if name} - set(base_map.names)
            else:
                made.append(flip)
        return tuple(made), base_map

    def flip(self, path: Keys, entry: FlipEntry, base_map: BaseMap) -> Flip | None:
        """A change in ids; None if a name in it means nothing, which is noted."""
        match entry.verb:
            case "move":
                township, to = self.township((*path, "move"), entry.move), self.to(path, entry, base_map)
                return None if township is None or to is None else MoveTownship(township, to)
            case "move_school":
                school, to = self.school((*path, "move_school"), entry.move_school), self.to(path, entry, base_map)
                return None if school is None or to is None else MoveSchool(school, to)
            case "merge":
                community = self.existing((*path, "merge"), entry.merge, base_map)
                into = self.existing((*path, "into"), entry.into, base_map)
                return None if community is None or into is None else Merge(community, into)
        towns = tuple(self.all((*path, "townships"), entry.townships, self.township))
        schools = tuple(self.all((*path, "schools"), entry.schools, self.school))
        if entry.verb == "new":
            return NewCommunity(self.new_id((*path, "new"), entry.new), entry.name, towns, schools)
        community = self.existing((*path, "divide"), entry.divide, base_map)
        new = self.new_id((*path, "id"), entry.id)
        return None if community is None else Divide(community, new, entry.name, towns, schools)

    def to(self, path: Keys, entry: FlipEntry, base_map: BaseMap) -> str | None:
        return self.community((*path, "to"), entry.to, base_map)

    # ------------------------------------------------------------------------------------------------------------ names

    def all(self, path: Keys, words: Iterable[str], find: Any) -> Iterator[str]:
        for position, word in enumerate(words):
            found = find((*path, position), word)
            if found is not None:
                yield found

    def township(self, path: Keys, word: str | None) -> str | None:
        return self._named(path, find_township, self.base, word)

    def school(self, path: Keys, word: str | None) -> str | None:
        return self._named(path, find_school, self.base, word)

    def community(self, path: Keys, word: str | None, base_map: BaseMap) -> str | None:
        if word in self.missing:
            return None  # that it could not be made has been said
        return self._named(path, find_community, base_map, word)

    def existing(self, path: Keys, word: str | None, base_map: BaseMap) -> str | None:
        found = self.community(path, word, base_map)
        if found == NOWHERE:
            self.findings.wrong(
                path,
                M_("A community is needed here."),
                M_("the id or name of a community"),
                M_("Write the id of the community."),
                value=word,
            )
            return None
        return found

    def new_id(self, path: Keys, word: str | None) -> str:
        from assigner.boundary.files.entries import is_community_id

        if word is None or not is_community_id(word):
            self.findings.wrong(
                path,
                M_("This cannot be the id of a community."),
                M_("letters, digits, “-”, “_” and “.”, at most 80 in all"),
                M_("Write a short id without blanks; the key “name” takes any text."),
                value=word if word is not None else ABSENT,
            )
        return word or ""

    def _named(self, path: Keys, find: Any, where: Any, word: str | None) -> str | None:
        try:
            found: str = find(where, word or "")
        except NameProblem as problem:
            self.findings.wrong(path, problem.what, problem.expected, problem.mend, value=problem.word)
            return None
        return found


# ------------------------------------------------------------------------------------------------------------ writing


def experiment_text(
    experiment: Experiment | ExperimentFile, base_file: str | None = None, schema: str | None = None
) -> str:
    """Write an experiment as YAML.

    Parameters
    ----------
    experiment
        With flips that can be made.
    base_file
        What it calls the file of its base; None for the name that this has.
    schema
        Where an editor finds the JSON Schema, relative to the file; None leaves the line out.
    """
    return "\n".join(_lines(experiment, base_file, schema)) + "\n"


def write_experiment(
    experiment: Experiment | ExperimentFile,
    path: str | PathLike[str],
    base_file: str | PathLike[str] | None = None,
) -> Path:
    """Write the file of an experiment, whole or not at all.

    Parameters
    ----------
    experiment
        With flips that can be made.
    path
        Where to.
    base_file
        The file of its base; None for the one that the base was read from. It is named relative to `path`.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    from assigner.files import write_whole

    where = Path(path)
    write_whole(where, experiment_text(experiment, _relative(Path(base_file or experiment.base.file), where.parent)))
    return where


def _relative(file: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return str(file.resolve())


def _lines(experiment: Experiment | ExperimentFile, base_file: str | None, schema: str | None) -> Iterator[str]:
    base = experiment.base
    if schema is not None:
        yield f"# yaml-language-server: $schema={schema}"
    yield f"schema_version: {SCHEMA_VERSION}"
    yield f"base: {scalar(base_file or base.file)}"
    yield f"base_hash: {scalar(base_hash(base))}"
    for key in ("name", "note"):
        if value := getattr(experiment, key):
            yield f"{key}: {scalar(value)}"
    yield "# " + _("Changes, in the order in which they are made.")
    if experiment.flips:
        yield "flips:"
        yield from (f"  - {flow(_plain(flip, base))}" for flip in experiment.flips)
    else:
        yield "flips: []"
    if experiment.undone:
        yield "# " + _("Changes taken back, which can be made again.")
        yield "undone:"
        yield from (f"  - {flow(_plain(flip, base))}" for flip in experiment.undone)
    locks = experiment.locks
    named = {
        "townships": [_town(base, town) for town in sorted(locks.townships)],
        "schools": sorted(locks.schools),
        "communities": sorted(locks.communities),
    }
    if any(named.values()):
        yield "# " + _("What no further change may touch.")
        yield "locks:"
        yield from (f"  {key}: {flow(members)}" for key, members in named.items() if members)


def _plain(flip: Flip, base: Base) -> dict[str, Any]:
    """A change as a person writes it."""
    match flip:
        case MoveTownship(township, to):
            return {"move": _town(base, township), "to": to or _NONE}
        case MoveSchool(school, to):
            return {"move_school": school, "to": to or _NONE}
        case Merge(community, into):
            return {"merge": community, "into": into}
        case Divide(community, identity, name, townships, schools):
            entry: dict[str, Any] = {"divide": community, "id": identity}
        case NewCommunity(identity, name, townships, schools):
            entry = {"new": identity}
    more = {
        "name": "" if name == identity else name,
        "townships": [_town(base, town) for town in townships],
        "schools": list(schools),
    }
    return entry | {key: value for key, value in more.items() if value}


def _town(base: Base, towncode: str) -> str:
    """Name of a township; its code where the name would not lead back to it."""
    name = town_name(base, towncode)
    try:
        return name if find_township(base, name) == towncode else towncode
    except NameProblem:
        return towncode
