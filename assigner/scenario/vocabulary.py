"""The rulebook's names as a scenario file writes them: items, units, categories, switches, options, ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from assigner.errors import InputError
from assigner.faults import closest, problems_of
from assigner.messages import LANGUAGES, M_, Message, _, join_list, language_set
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.reading import text_of
from assigner.scenario.source import Findings
from assigner.scenario.words import normal
from assigner.words import item_label, text
from models.community import CONVENER_KEY
from models.documents import DocumentError, Path
from models.rulebook import Rulebook, Rules, Text, load_rulebook, parse_rulebook, rulebook_names

__all__ = [
    "Choices",
    "Vocabulary",
    "choice_of",
    "chosen_rules",
    "find_rulebook",
    "note_relaxations",
    "titled",
    "unknown",
]

_NUMBERS = "exploration_number"
"""The switch that says how the number of exploration hosts is decided."""


class Vocabulary:
    """Finds what a word of the file means in a rulebook; ids, Chinese and English titles are all understood.

    Parameters
    ----------
    book
        The rulebook.
    """

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.item_ids = tuple(item.id for item in book.items)
        self.items_of = {item: (item,) for item in self.item_ids} | {u.id: u.items for u in book.units}
        self._items = _index(named for named in (*_titles(book.items), *_titles(book.units)))
        for lang in LANGUAGES:  # as our own tables and sentences name them
            with language_set(lang):
                for identity in self.items_of:
                    self._items.setdefault(normal(item_label(book, identity)), identity)
        self._willing = {**self._items, **dict.fromkeys((CONVENER_KEY, "convening school", "召集學校"), CONVENER_KEY)}
        categories = book.categories
        self.category_ids = (*(c.id for c in categories.list_), categories.other_vocational.id)
        self._categories = _index(
            named for named in (*_titles(categories.list_), *_titles([categories.other_vocational]))
        )
        for category in categories.list_:
            self._categories.update({normal(group): category.id for group in category.department_groups})
        self._ways = _index(_titles(book.ways))
        self.categories = titled((*categories.list_, categories.other_vocational))
        self.ways = titled(book.ways)

    @classmethod
    def of(cls, book: Rulebook) -> Vocabulary:
        """The words of a rulebook, made once for all scenarios that use it."""
        found = _KNOWN.get(book.hash)
        if found is None:
            while len(_KNOWN) >= _MOST_KNOWN:
                del _KNOWN[next(iter(_KNOWN))]
            found = _KNOWN[book.hash] = cls(book)
        return found

    @cached_property
    def switches(self) -> Mapping[str, str]:
        """Words for switches -> id."""
        return _index(_titles(self.book.switches))

    @cached_property
    def options(self) -> Mapping[str, Mapping[str, str]]:
        """Switch -> words for its options -> id."""
        return {switch.id: _index(_titles(switch.options)) for switch in self.book.switches}

    @cached_property
    def clauses(self) -> Mapping[str, str]:
        """Words for clauses -> id."""
        return _index(_titles(self.book.clauses))

    def item(self, word: str) -> str | None:
        """Id of the item or unit meant."""
        return self._items.get(normal(word))

    def willingness_key(self, word: str) -> str | None:
        """Id of the item or unit meant, or the key for convening."""
        return self._willing.get(normal(word))

    def category(self, word: str) -> str | None:
        """Id of the category meant; a department group counts for its category."""
        return self._categories.get(normal(word))

    def way(self, word: str) -> str | None:
        """Id of the way meant."""
        return self._ways.get(normal(word))

    def found_item(self, findings: Findings, path: Path, word: str, *, convener: bool = False) -> str | None:
        """Find an item, or note that there is none."""
        found = self.willingness_key(word) if convener else self.item(word)
        if found is None:
            known = (*self.items_of, CONVENER_KEY) if convener else tuple(self.items_of)
            longer = [name for name in known if name.startswith(f"{word}.")]
            findings.wrong(
                path,
                M_("The rulebook has no work item of this id."),
                M_("one of: {choices}", choices=", ".join(known)),
                M_("Did you mean one of these: {names}?", names=", ".join(longer))
                if longer
                else M_("Write one of those listed, or delete the entry."),
                value=word,
            )
        return found


class Choices:
    """Ids that a file may hold, each with what it means, put together when it is printed in the reader's language.

    Parameters
    ----------
    meanings
        Id -> its title, or a marked sentence.
    """

    def __init__(self, meanings: Mapping[str, Text | str]) -> None:
        self.meanings = dict(meanings)

    def __str__(self) -> str:
        return join_list([self._shown(identity) for identity in self.meanings])

    def __repr__(self) -> str:
        return repr(tuple(self.meanings))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choices) and tuple(self.meanings) == tuple(other.meanings)

    def __hash__(self) -> int:
        return hash(tuple(self.meanings))

    def _shown(self, identity: str) -> str:
        meaning = self.meanings[identity]
        title = text(meaning) if isinstance(meaning, Text) else _(meaning)
        if normal(title) == normal(identity):
            return identity
        return _("{word} ({title})", word=identity, title=title)


def titled(entries: Iterable[Any]) -> dict[str, Text | str]:
    """Id -> title of entries of the rulebook."""
    return {entry.id: entry.title for entry in entries}


_KNOWN: dict[str, Vocabulary] = {}
_MOST_KNOWN = 16
"""Rulebooks with changed efforts come by the thousand; those used last are enough."""


def unknown(findings: Findings, path: Path, what: Message, word: str, known: Mapping[str, Text | str]) -> None:
    """Note a word that the rulebook does not know, with those it knows and the one most like it."""
    mend = closest(word, tuple(known)) or M_("Write one of those listed, or delete the entry.")
    findings.wrong(path, what, M_("one of: {choices}", choices=Choices(known)), mend, value=word)


def _titles(entries: Iterable[Any]) -> list[tuple[str, Text]]:
    return [(entry.id, entry.title) for entry in entries]


def _index(named: Iterable[tuple[str, Text]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for identity, title in named:
        for spelling in (identity, title.zh_TW, title.en):
            index.setdefault(normal(spelling), identity)
    return index


def find_rulebook(entries: ScenarioFile, folder: FilePath | None, findings: Findings) -> Rulebook | None:
    """Load the rulebook that a scenario names; note what is wrong with it."""
    name, path = entries.rulebook, ("rulebook",)
    if name in rulebook_names():
        return load_rulebook(name)
    what = M_("No rulebook of this name is shipped, and no file of this name stands beside the scenario.")
    file = None if folder is None else folder / name
    try:
        if file is None or not file.is_file():
            raise FileNotFoundError
    except (OSError, ValueError):
        shipped = rulebook_names()
        expected = M_("one of: {choices}; or the path of a rulebook file", choices=", ".join(shipped))
        mend = M_(
            "Write “rulebook: {name}”, or correct the path; it starts at the scenario's folder.",
            name=shipped[-1],
        )
        findings.wrong(path, what, expected, mend, value=name)
        return None
    try:
        text = text_of(file, name)
        return parse_rulebook(text, name)
    except InputError as error:
        findings.problems.extend(error.problems)
    except DocumentError as error:
        findings.problems.extend(problems_of(name, error.faults))
    return None


def chosen_rules(entries: ScenarioFile, book: Rulebook, findings: Findings) -> Rules:
    """Give the rules under the switches of the file; note what of switches and relaxations does not exist."""
    choice = choice_of(entries.switches, book, findings)
    _number_switch(entries, choice, findings)
    note_relaxations(entries.relaxations, book, findings)
    return book.resolve(choice)


def choice_of(stated: Mapping[str, str], book: Rulebook, findings: Findings) -> dict[str, str]:
    """Switch -> option, of what a file states under ``switches``; what does not exist is noted."""
    choice: dict[str, str] = {}
    words = Vocabulary.of(book)
    for word, option_word in stated.items():
        path = ("switches", word)
        switch_id = words.switches.get(normal(word))
        if switch_id is None:
            what = M_("The rulebook has no switch of this id.")
            unknown(findings, path, what, word, titled(book.switches))
            continue
        options = book.switch_by_id[switch_id].options
        option = words.options[switch_id].get(normal(option_word))
        if option is None:
            what = M_(
                "The switch “{switch}” has no such option.", switch=Choices(titled([book.switch_by_id[switch_id]]))
            )
            unknown(findings, path, what, option_word, titled(options))
        elif switch_id in choice:
            _said_twice(findings, path, switch_id)
        else:
            choice[switch_id] = option
    return choice


def note_relaxations(stated: str | tuple[str, ...], book: Rulebook, findings: Findings) -> None:
    """Note relaxations under ``relaxations`` that the rulebook does not have."""
    known = titled(book.relaxations)
    for position, name in enumerate(stated if isinstance(stated, tuple) else ()):
        if name not in known:
            what = M_("The rulebook has no relaxation of this id.")
            unknown(findings, ("relaxations", position), what, name, known)


def _said_twice(findings: Findings, path: Path, name: str) -> None:
    findings.wrong(
        path,
        M_("“{name}” is stated twice, in two spellings.", name=name),
        None,
        M_("Keep one of the two lines."),
        value=path[-1],
    )


def _number_switch(entries: ScenarioFile, choice: dict[str, str], findings: Findings) -> None:
    """Let numbers or a distance of exploration decide their switch, unless the file contradicts itself."""
    exploration = entries.exploration
    within = exploration.within_km is not None or exploration.within_minutes is not None
    minutes = entries.travel.unit == "minutes" and entries.travel.mode == "matrix"
    wanted = {"stated": bool(exploration.numbers), "within_distance": within}
    path = ("exploration",)
    if all(wanted.values()):
        findings.wrong(
            path,
            M_("Exploration has both numbers and a distance; only one can decide how many schools host it."),
            None,
            M_("Keep numbers, or keep the distance."),
        )
        return
    if within and (exploration.within_minutes is not None) != minutes:
        findings.wrong(
            path,
            M_("The distance of exploration is not in the unit in which travel is measured."),
            M_("within_minutes where the travel matrix is in minutes, otherwise within_km"),
            M_("State the distance in the unit of travel."),
        )
    for option, stated in wanted.items():
        if stated and choice.setdefault(_NUMBERS, option) != option:
            findings.wrong(
                ("switches", _NUMBERS),
                M_("The switch contradicts what the file says under “exploration”."),
                M_("{option}, or no entry at all", option=option),
                M_("Delete the switch, or delete what stands under “exploration”."),
                value=choice[_NUMBERS],
            )
        if not stated and choice.get(_NUMBERS) == option:
            findings.wrong(
                ("switches", _NUMBERS),
                M_("The switch needs an entry under “exploration” that is missing."),
                M_("numbers for “stated”, within_km or within_minutes for “within_distance”"),
                M_("Add the entry, or delete the switch."),
                value=option,
            )


def said(answers: Mapping[str, object], findings: Findings, path: Path, book: Vocabulary) -> dict[str, str]:
    """Key in the file -> id of the item, unit or convener meant; unknown and repeated ones are noted."""
    keys: dict[str, str] = {}
    for word in answers:
        key = book.found_item(findings, (*path, word), word, convener=path[-1] == "willingness")
        if key is not None and key in keys.values():
            _said_twice(findings, (*path, word), key)
        elif key is not None:
            keys[word] = key
    return keys
