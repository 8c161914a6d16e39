"""The variants file: read, checked against rulebooks, schools and the base map, and turned into variants.

All that is wrong is said at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from math import prod
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from assigner.batch.drawing import Perturbation, Steps
from assigner.batch.grounds import Files, OnMap, Reader, prepared_with
from assigner.batch.members import AS_IT_IS, Change, Part
from assigner.batch.spec_entries import (
    DOTTED,
    SCHEMA_VERSION,
    ChangeEntry,
    ListedEntry,
    PerturbEntry,
    StepsEntry,
    VariantsEntry,
    VariantsFile,
)
from assigner.batch.spec_folder import scenario_files, shown_path
from assigner.errors import ABSENT, InputError
from assigner.faults import closest, problem_of
from assigner.messages import M_
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.reading import document_of, refuse_version, shaped_as, text_of
from assigner.scenario.source import Findings, Source, in_order
from assigner.scenario.words import CHOOSE
from models.documents import Fault
from models.documents import Path as Keys

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from assigner.scenario.vocabulary import Vocabulary
    from geodata.base_map import Flip
    from models.rulebook import Rulebook

__all__ = ["MOST_VARIANTS", "read_variants"]

MOST_VARIANTS = 1_000_000
"""More variants are a mistake in the file."""

_PLAIN_AXES = ("rulebook", "convener", "relaxations", "lift", "flips", "seed", "pins", "bans")
_EXAMPLES: Mapping[str, str] = {
    "switches": "switches.load_scale",
    "tolerances": "tolerances.travel",
    "pins": "pins.4.2",
    "bans": "bans.4.2",
    "effort": "effort.4.2",
    "perturb": "perturb.willingness",
}
_LONGEST_WORDS = 60


def read_variants(path: Path, roster: Path | None, reader: Reader) -> list[Part]:
    """Read a variants file, and the base map that it names.

    Parameters
    ----------
    path
        YAML.
    roster
        Schools of the base map, in place of what the file says.
    reader
        Of the scenarios that it names.

    Returns
    -------
    list of (Ground, list of Change)
        The communities under each map and rulebook, and their variants; as they are first.

    Raises
    ------
    assigner.errors.InputError
        With everything that is wrong.
    """
    file = fspath(path)
    document = document_of(text_of(path, file), file)
    refuse_version(document, file, SCHEMA_VERSION, M_("This version of the format of variants files is not known."))
    shaped = shaped_as(VariantsFile, {"variants": VariantsEntry}, document, file)
    if shaped.entries is None:
        raise InputError(in_order(list(shaped.problems)))
    findings = Findings(shaped.source, list(shaped.problems))
    return _File(shaped.entries, findings, path, roster, reader).parts()


@dataclass(frozen=True)
class _Piece:
    """What a value of an axis, or an entry of the list, changes: names resolved, some rulebook aside."""

    said: Mapping[str, str | int | float] = field(default_factory=dict)
    delta: Mapping[str, Any] = field(default_factory=dict)
    perturb: PerturbEntry | None = None
    seed: int | None = None
    rulebook: Rulebook | None = None
    flips: tuple[Flip, ...] = ()


class _File:
    """A variants file that is being read."""

    def __init__(
        self, entries: VariantsFile, findings: Findings, path: Path, roster: Path | None, reader: Reader
    ) -> None:
        self.entries, self.findings, self.path, self.reader = entries, findings, path, reader
        self.folder = path.parent
        self.roster = roster
        self.base: Base | None = None
        self.scenarios: list[Path] = []
        self.books: list[Rulebook] = []
        """Rulebooks of the communities as they are."""
        self.codes: set[str] | None = None
        """Schools of all communities; None where they need not be known."""
        self._words: dict[str, Vocabulary] = {}
        self._grid_books: list[Rulebook] = []
        """Rulebooks with which the grid combines all other axes."""

    # ------------------------------------------------------------------------------------------------------ what to run

    def parts(self) -> list[Part]:
        self._open()
        self.findings.stop_if_wrong()
        changes = self._changes()
        only = self._only(changes)
        self.findings.stop_if_wrong()
        grounds: dict[tuple[str, tuple[Flip, ...]], list[Change]] = {}
        for change in changes:
            book = "" if change.rulebook is None else change.rulebook.hash
            grounds.setdefault((book, change.flips), []).append(change)
        bases: dict[str, Base] = {}
        parts: list[Part] = []
        for (book, flips), of in grounds.items():
            rulebook = of[0].rulebook
            if self.base is None:
                parts.append((Files(self.scenarios, self.reader, rulebook), of))
                continue
            base = bases.setdefault(book, prepared_with(self.base, rulebook))
            source = shown_path(self.folder / (self.entries.base or ""), self.folder)
            parts.append((OnMap(base, source, self.folder, flips, only), of))
        return parts

    def _open(self) -> None:
        """The base map or the scenarios, their rulebooks and schools."""
        entries, findings = self.entries, self.findings
        if (entries.base is None) == (not entries.scenarios):
            findings.wrong(
                ("base",) if entries.base is not None else (),
                M_("It must say what to run: a base map or scenarios, one of the two."),
                M_("“base: FILE” or “scenarios: [FILE, ...]”"),
                M_("Write one of the two keys, with a path that starts at the folder of this file."),
            )
        elif entries.base is not None:
            self._open_base(entries.base)
        else:
            self._open_scenarios()

    def _open_base(self, name: str) -> None:
        from assigner.boundary.base import prepared, read_base

        base, roster = self._file(("base",), name), self.roster
        if roster is None and self.entries.roster is not None:
            roster = self._file(("roster",), self.entries.roster)
        if base is None or (roster is None and self.entries.roster is not None and self.roster is None):
            return
        try:
            self.base = read_base(base, roster)
        except InputError as error:
            self.findings.problems += error.problems
            return
        self.books = [prepared(self.base).book]
        partners = {str(p["code"]) for own in self.base.own.values() for p in own.get("outside_partners", ())}
        self.codes = set(self.base.map.member) | partners

    def _open_scenarios(self) -> None:
        from assigner.scenario import read_scenario

        for position, name in enumerate(self.entries.scenarios):
            where = self.folder / name
            try:
                known = where.is_dir()
            except (OSError, ValueError):
                known = False
            if known:
                self.scenarios += [path for path in scenario_files(where)[0] if path not in self.scenarios]
            elif (file := self._file(("scenarios", position), name)) is not None:
                self.scenarios.append(file)
        if not self.scenarios and not self.findings.problems:
            self.findings.wrong(
                ("scenarios",),
                M_("No scenario and no form is in this folder."),
                M_("a folder with scenario files (.yaml) or forms (Excel workbooks)"),
                M_("Name the folder in which the scenarios are."),
            )
        self.codes, names, kept = set(), {}, []
        for path in self.scenarios:
            try:
                scenario = read_scenario(path)
            except InputError:
                if not self.entries.communities:
                    kept.append(path)  # it becomes members with problems
                continue
            names[path] = {scenario.id, scenario.name}
            if not self.entries.communities or names[path] & set(self.entries.communities):
                kept.append(path)
                community = scenario.community
                self.codes |= {*community.school_by_code, *(partner.code for partner in community.outside_partners)}
                if scenario.rulebook.hash not in {book.hash for book in self.books}:
                    self.books.append(scenario.rulebook)
        everybody = {name for of in names.values() for name in of if name}
        for position, word in enumerate(self.entries.communities):
            if word not in everybody:
                self.findings.wrong(
                    ("communities", position),
                    M_("No community has this id or name."),
                    M_("the id or name of a scenario"),
                    closest(word, sorted(everybody)) or M_("Correct it, or delete it."),
                    value=word,
                )
        self.scenarios = kept

    def _file(self, path: Keys, name: str) -> Path | None:
        """A file that the variants file names."""
        try:
            if (self.folder / name).is_file():
                return self.folder / name
        except (OSError, ValueError):
            pass
        self.findings.wrong(
            path,
            M_("There is no such file."),
            M_("the path of a file; it starts at the folder of this file"),
            M_("Correct the path, or put the file there."),
            value=name,
        )
        return None

    def _only(self, changes: Iterable[Change]) -> frozenset[str] | None:
        """Ids of the communities of the base that are run; None for all."""
        from assigner.boundary.naming import NameProblem, find_community
        from geodata.base_map import NOWHERE, apply_all

        if not self.entries.communities or self.base is None:
            return None
        maps = [self.base.map, *(apply_all(self.base.map, flips) for flips in {c.flips for c in changes} if flips)]
        found: set[str] = set()
        for position, word in enumerate(self.entries.communities):
            made = next((word for base_map in maps if word in base_map.names), None)
            try:
                community = made or find_community(self.base.map, word)
                if community == NOWHERE:
                    raise NameProblem(
                        word, M_("A community is needed here."), None, M_("Write the id of the community.")
                    )
                found.add(community)
            except NameProblem as problem:
                self.findings.wrong(
                    ("communities", position), problem.what, problem.expected, problem.mend, value=problem.word
                )
        return frozenset(found)

    # ------------------------------------------------------------------------------------------------------- variants

    def _changes(self) -> list[Change]:
        """All variants, in the order of the file."""
        variants = self.entries.variants
        grid = variants.grid
        pieces = {"rulebook": self._axis("rulebook", grid["rulebook"])} if "rulebook" in grid else {}
        self._grid_books = [piece.rulebook for piece in pieces.get("rulebook", ()) if piece.rulebook is not None]
        axes = [pieces.get(axis) or self._axis(axis, values) for axis, values in grid.items()]
        listed = [self._listed(position, entry) for position, entry in enumerate(variants.list)]
        number = prod(map(len, axes)) * max(1, len(_seeds(variants))) if axes else 0
        number += sum(max(1, len(_seeds(entry) or _seeds(variants))) for entry in variants.list)
        if number > MOST_VARIANTS:
            self.findings.wrong(
                ("variants",),
                M_("These are {n} variants.", n=number),
                M_("{most} at most", most=MOST_VARIANTS),
                M_("Leave out values, or divide them among several files."),
            )
        self.findings.stop_if_wrong()
        changes = [AS_IT_IS] if self.entries.base_variant else []
        for combined in product(*axes) if axes else ():
            piece = _together(combined)
            if piece.said or not self.entries.base_variant:
                changes += _drawn(piece, _seeds(variants), ", ".join(f"{axis}={v}" for axis, v in piece.said.items()))
        for position, piece in enumerate(listed):
            entry = variants.list[position]
            changes += _drawn(piece, _seeds(entry) or _seeds(variants), entry.name)
        if not changes:
            self.findings.wrong(
                ("variants",),
                M_("There is nothing to run: no variant, and “base_variant: no”."),
                None,
                M_("State variants, or delete “base_variant”."),
            )
        return changes

    def _axis(self, axis: str, values: Sequence[Any]) -> list[_Piece]:
        """What the values of an axis change."""
        if not values:
            self.findings.wrong(
                ("variants", "grid", axis),
                M_("The axis has no value."),
                M_("a list of values, such as [5%, 10%]"),
                M_("Write values, or delete the line."),
            )
        return [self._grid_piece(axis, position, value) for position, value in enumerate(values)]

    def _grid_piece(self, axis: str, position: int, value: Any) -> _Piece:
        """What a value of an axis changes."""
        prefix: Keys = ("variants", "grid", axis, position)
        if value is None:
            return _Piece()
        key, dot, rest = axis.partition(".")
        if (dot and (key not in DOTTED or not rest)) or (not dot and key not in _PLAIN_AXES):
            if position == 0:
                self._no_such_axis(axis)
            return _Piece()
        where: Keys = (key, rest) if dot else (key,)
        fragment = {key: {rest: value}} if dot else {key: value}
        entry = self._entry(fragment, prefix, value)
        if entry is None:
            return _Piece()
        source = self._source({where: prefix, (): prefix}, fragment)
        piece = self._piece(entry, source, self._grid_books)
        said = _said(key, getattr(entry, key), rest)
        return replace(piece, said={} if said is None else {axis: said})

    def _no_such_axis(self, axis: str) -> None:
        key = axis.partition(".")[0]
        near = closest(key, (*_PLAIN_AXES, *DOTTED))
        if key in DOTTED:
            near = M_("Name what of it varies, as in: {example}.", example=_EXAMPLES[key])
        self.findings.wrong(
            ("variants", "grid", axis),
            M_("This is no axis: nothing of this name can be varied."),
            M_("one of: {choices}", choices=", ".join((*_PLAIN_AXES, *_EXAMPLES.values()))),
            near or M_("Write one of those listed, or delete the line."),
            value=axis,
        )

    def _entry(self, fragment: Mapping[str, Any], prefix: Keys, value: Any) -> ChangeEntry | None:
        """The entry that a value of an axis is, or None; what is wrong is noted at the value."""
        try:
            return ChangeEntry.model_validate(fragment)
        except ValidationError as error:
            for item in error.errors(include_url=False, include_input=False)[:1]:
                code = item["type"] if "." in item["type"] else f"schema.{item['type']}"
                details = {k: v for k, v in (item.get("ctx") or {}).items() if isinstance(v, str | int | float | bool)}
                if item["type"] in ("missing", "extra_forbidden"):
                    details["key"] = str(item["loc"][-1])
                known = self.findings.source.path(prefix)
                line, column = self.findings.source.document.place(known)
                shown = value if isinstance(value, str | int | float) else None
                fault = Fault(code, known, line, column, shown, details)
                problem = problem_of(self.findings.source.file, fault)
                self.findings.problems.append(problem if shown is not None else replace(problem, value=ABSENT))
        return None

    def _listed(self, position: int, entry: ListedEntry) -> _Piece:
        """What an entry of the list changes."""
        prefix: Keys = ("variants", "list", position)
        names = [other.name for other in self.entries.variants.list[:position]]
        if entry.name in names:
            self.findings.wrong(
                (*prefix, "name"),
                M_("Two variants have this name."),
                M_("each name once"),
                M_("Give one of the two another name, or delete it."),
                value=entry.name,
            )
        if (entry.repeat is not None or entry.seeds) and entry.perturb is None:
            self.findings.wrong(
                (*prefix, "repeat" if entry.repeat is not None else "seeds"),
                M_("Nothing of this variant is left to chance, so every draw would be the same."),
                None,
                M_("Add “perturb:” with what is drawn, or delete this line."),
            )
        piece = self._piece(entry, self._source({(): prefix}, None))
        return replace(piece, said={"variant": entry.name})

    def _source(self, paths: Mapping[Keys, Keys], fragment: Any) -> Findings:
        """Findings of a change, told at their lines in the file."""
        outer = self.findings.source
        source = Source(outer.file, outer.document, {inner: outer.path(path) for inner, path in paths.items()})
        return Findings(source, self.findings.problems, self.findings.warnings)

    # ----------------------------------------------------------------------------------------------------- one change

    def _piece(self, entry: ChangeEntry, findings: Findings, more: Sequence[Rulebook] = ()) -> _Piece:
        """What an entry changes; names that mean nothing, in these rulebooks as well, are noted."""
        from assigner.scenario.vocabulary import find_rulebook

        book = None
        if entry.rulebook is not None:
            stated = ScenarioFile.model_construct(rulebook=entry.rulebook)
            book = find_rulebook(stated, self.folder, findings)
            if book is None:
                return _Piece()
        flips = self._flips(entry, findings)
        books = [book] if book is not None else [*self.books, *more]
        delta = self._delta(entry, books[0], findings) if books else {}
        for other in books[1:]:
            self._delta(entry, other, findings)
        return _Piece({}, delta, entry.perturb, entry.seed, book, flips)

    def _delta(self, entry: ChangeEntry, book: Rulebook, findings: Findings) -> dict[str, Any]:
        from assigner.scenario.vocabulary import choice_of, note_relaxations, unknown

        words = self._vocabulary(book)
        delta: dict[str, Any] = {}
        if entry.switches:
            delta["switches"] = choice_of(entry.switches, book, findings)
        if entry.tolerances:
            delta["tolerances"] = _tolerances(entry, findings)
        for section in ("pins", "bans"):
            if stated := getattr(entry, section):
                delta[section] = self._pairs(section, stated, words, findings)
        if entry.convener is not None:
            if entry.convener != CHOOSE:
                self._school(("convener",), entry.convener, findings)
            delta["convener"] = entry.convener
        if entry.relaxations is not None:
            note_relaxations(entry.relaxations, book, findings)
            stated = entry.relaxations
            order = [relaxation.id for relaxation in book.relaxations]
            delta["relaxations"] = stated if isinstance(stated, str) else [name for name in order if name in stated]
        if entry.effort:
            unit_of = book.resolve().unit_of
            found = {word: words.found_item(findings, ("effort", word), word) for word in entry.effort}
            delta["effort"] = {
                unit_of.get(key, key): str(entry.effort[word]) for word, key in found.items() if key is not None
            }
        if entry.lift:
            known = {clause.id: clause.title for clause in book.clauses if clause.id in book.liftable}
            for position, clause in enumerate(entry.lift):
                if clause not in known:
                    what = M_("The rulebook has no clause of this id that can be left out.")
                    unknown(findings, ("lift", position), what, clause, known)
            delta["lift"] = sorted(set(entry.lift))
        return delta

    def _vocabulary(self, book: Rulebook) -> Vocabulary:
        from assigner.scenario.vocabulary import Vocabulary

        if book.hash not in self._words:
            self._words[book.hash] = Vocabulary(book)
        return self._words[book.hash]

    def _pairs(
        self, section: str, stated: Mapping[str, Sequence[str]], words: Vocabulary, findings: Findings
    ) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for word, codes in stated.items():
            key = words.found_item(findings, (section, word), word)
            for position, code in enumerate(codes):
                self._school((section, word, position), code, findings)
            for item in () if key is None else words.items_of[key]:
                found.setdefault(item, set()).update(codes)
        return {item: sorted(codes) for item, codes in sorted(found.items())}

    def _school(self, path: Keys, code: str, findings: Findings) -> None:
        if self.codes is not None and code not in self.codes:
            findings.wrong(
                path,
                M_("No community that is run has a school of this code."),
                M_("the code of a school"),
                closest(code, sorted(self.codes)) or M_("Correct the code, or leave it out."),
                value=code,
            )

    def _flips(self, entry: ChangeEntry, findings: Findings) -> tuple[Flip, ...]:
        from assigner.boundary.experiment_file import flips_of, read_experiment

        stated = entry.flips
        if stated is None:
            return ()
        if self.base is None:
            findings.wrong(
                ("flips",),
                M_("Only a base map has boundaries that can be changed."),
                None,
                M_("Write “base:” in place of “scenarios:”, or delete this change."),
            )
            return ()
        if stated.experiment is None:
            return flips_of(stated.changes, findings, self.base)
        try:
            known = (self.folder / stated.experiment).is_file()
        except (OSError, ValueError):
            known = False
        if not known:
            findings.wrong(
                ("flips",),
                M_("There is no such file."),
                M_("changes of the base map, or the file of an experiment"),
                M_("Correct the path, or put the file there."),
                value=stated.experiment,
            )
            return ()
        try:
            return read_experiment(self.folder / stated.experiment, self.base).flips
        except InputError as error:
            findings.problems += error.problems
            return ()


def _tolerances(entry: ChangeEntry, findings: Findings) -> dict[str, str]:
    from assigner.scenario.vocabulary import Choices
    from assigner.scenario.wishes import TOLERANT_TIERS
    from assigner.words import TIER_NAMES

    for tier, value in entry.tolerances.items():
        if tier not in TOLERANT_TIERS:
            findings.wrong(
                ("tolerances", tier),
                M_("This aim takes no tolerance."),
                M_("one of: {choices}", choices=Choices({tier: TIER_NAMES[tier] for tier in TOLERANT_TIERS})),
                M_("Delete the line."),
                value=_number(value),
            )
    return {tier: str(value) for tier, value in entry.tolerances.items()}


def _seeds(entry: Any) -> Sequence[int]:
    """Seeds of the draws that an entry asks for; none where it says nothing."""
    if entry.seeds:
        return tuple(dict.fromkeys(entry.seeds))
    return range(1, (entry.repeat or 0) + 1)


def _together(pieces: Iterable[_Piece]) -> _Piece:
    """Values of several axes as one change."""
    whole = _Piece()
    for piece in pieces:
        delta = dict(whole.delta)
        for key, value in piece.delta.items():
            both = isinstance(value, dict) and key in delta
            delta[key] = {**delta[key], **value} if both else value
        perturb = whole.perturb
        if piece.perturb is not None:
            stated = {} if perturb is None else {name: getattr(perturb, name) for name in perturb.model_fields_set}
            stated |= {name: getattr(piece.perturb, name) for name in piece.perturb.model_fields_set}
            perturb = PerturbEntry.model_construct(**stated)
        whole = _Piece(
            {**whole.said, **piece.said},
            delta,
            perturb,
            piece.seed if piece.seed is not None else whole.seed,
            piece.rulebook or whole.rulebook,
            piece.flips or whole.flips,
        )
    return whole


def _drawn(piece: _Piece, seeds: Sequence[int], label: str) -> Iterator[Change]:
    """The variants that a change is: one, or one for each seed where something is left to chance."""
    perturb = piece.perturb
    if perturb is None:
        yield Change(piece.said, label, piece.delta, None, piece.seed, piece.rulebook, piece.flips)
        return
    chosen = [perturb.seed] if perturb.seed is not None else seeds
    for seed in chosen or [1]:
        said = dict(piece.said)
        if chosen and "perturb.seed" not in said:
            said["perturb.seed"] = seed
        name = label if len(said) == len(piece.said) else f"{label} #{seed}"
        drawn = Perturbation(
            seed,
            perturb.willingness,
            _steps(perturb.effort),
            _steps(perturb.capacity),
            _steps(perturb.history),
            perturb.pupils,
        )
        yield Change(said, name, piece.delta, drawn, piece.seed, piece.rulebook, piece.flips)


def _steps(entry: StepsEntry | None) -> Steps | None:
    return None if entry is None else Steps(entry.up_to, entry.step)


# ------------------------------------------------------------------------------------------------------- how it is said


def _said(key: str, value: Any, rest: str) -> str | int | float | None:
    """A value of an axis as one word or number; None where it changes nothing."""
    if rest:
        value = getattr(value, rest) if isinstance(value, PerturbEntry) else next(iter(value.values()))
    if key == "flips":
        if value.experiment is not None:
            return Path(value.experiment).stem
        return _short("; ".join(_flip_words(change) for change in value.changes)) if value.changes else None
    if isinstance(value, StepsEntry):
        number = _number(value.up_to)
        return number if value.step == 1 else f"{number}/{_number(value.step)}"
    if isinstance(value, Fraction):
        return _number(value)
    if isinstance(value, Mapping):
        said = "; ".join(f"{item}: {'+'.join(codes)}" for item, codes in value.items())
        return _short(said) if said else None
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or None
    return value if isinstance(value, int | float) else str(value)


def _flip_words(change: Any) -> str:
    words = [
        f"{key} {_word(getattr(change, key))}" for key in type(change).model_fields if key in change.model_fields_set
    ]
    return ", ".join(words)


def _word(value: Any) -> str:
    return "+".join(value) if isinstance(value, tuple) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_WORDS else f"{text[: _LONGEST_WORDS - 1]}…"


def _number(value: Fraction) -> int | float | str:
    """A fraction as a number where that is exact enough to be read back, else as a text."""
    if value.denominator == 1:
        return value.numerator
    return float(value) if Fraction(repr(float(value))) == value else str(value)
