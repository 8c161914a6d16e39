"""The words of a question, as changes of a problem: items, schools, switches and clauses by their ids or titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assigner.errors import InputError, Place, Problem
from assigner.faults import closest
from assigner.messages import M_, Message
from assigner.scenario.finding import SchoolFinder
from assigner.scenario.vocabulary import Choices, Vocabulary, titled
from assigner.scenario.words import normal
from assigner.words import school_label
from models.community import Plan
from models.whatif import Add, Change, ChangeError, Convener, Host, Lift, NotHost, Switch, Without, changed, rows_of

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.community import Distances

__all__ = ["Pairs", "Reader", "Words", "changes_of", "in_words", "rows_in_load"]

Words = str | Iterable[str]
"""One word, or several."""

Pairs = str | Iterable[str | tuple[str, str]] | Mapping[str, str]
"""``ITEM=CODE``, pairs, or item -> code."""

_OPTIONS: Mapping[type, str] = {
    Without: "--without",
    Add: "--add",
    Lift: "--lift",
    Convener: "--convener",
    Host: "--host",
    NotHost: "--not",
    Switch: "--switch",
}

#: Why a change cannot be made, where it is seen only when it is tried.
_REASONS: Mapping[str, Message] = {
    "takes_part_already": M_("The school takes part already."),
    "takes_no_part": M_("The school takes no part in the plan."),
    "barred": M_("The school is barred from the funding, so it cannot join or host."),
    "no_distances": M_("The distances of the scenario do not know this school."),
    "unknown_school": M_("A partner from outside is no member: it neither leaves nor convenes."),
    "not_in_force": M_("The rule that keeps such a wish is lifted or not in force, so it would not be kept."),
    "not_liftable": M_("This clause says who takes part or who convenes; without it there is no plan to speak of."),
}


def changes_of(
    plan: Plan,
    scenario: Scenario | None,
    *,
    host: Pairs = (),
    not_host: Pairs = (),
    without: Words = (),
    add: Words = (),
    convener: Words = (),
    switch: Pairs = (),
    lift: Words = (),
    spare: Words = (),
) -> tuple[Change, ...]:
    """Understand what is to be changed; in this order: schools, convener, switches, clauses, hosts.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario or None
        Needed for a school that joins.
    host, not_host : str, iterable, or Mapping
        ``ITEM=CODE``, pairs, or item -> code: the school hosts the item, or does not.
    without, add : str or iterable of str
        Schools that leave, or join (they stand in the scenario already, and take no part).
    convener : str or iterable of str
        Who convenes.
    switch : str, iterable, or Mapping
        ``NAME=OPTION``.
    lift : str or iterable of str
        Clauses that need not be kept.
    spare : str or iterable of str
        Schools that host nothing in the load.

    Raises
    ------
    InputError
        With everything that cannot be.
    """
    reader = Reader(plan)
    changes: list[Change] = []
    changes += [Without(code) for code in reader.named("--without", without)]
    joined = reader.named("--add", add)
    tables = reader.distances(scenario, joined)
    changes += [Add(code, distances=tables) for code in joined]
    changes += [Convener(code) for code in reader.named("--convener", convener)]
    for word, value in _pairs("--switch", switch, reader):
        changes += reader.switch(word, value)
    changes += [Lift(clause) for word in _words(lift) if (clause := reader.clause(word)) is not None]
    for option, made, pairs in (("--host", Host, host), ("--not", NotHost, not_host)):
        for word, value in _pairs(option, pairs, reader):
            item, code = reader.item(option, word), reader.host(option, value, frozenset(joined))
            if item is not None and code is not None:
                changes.append(made(item, code))
    for word in _words(spare):
        code = reader.host("--spare", word, frozenset(joined))
        if code is not None:
            changes += [NotHost(row, code) for row in rows_in_load(plan)]
    reader.stop_if_wrong()
    problem = plan.problem
    for change in changes:
        try:
            problem = changed(problem, [change])
        except ChangeError as error:
            reader.refused(error)
    reader.stop_if_wrong()
    return tuple(changes)


@contextmanager
def in_words(plan: Plan) -> Iterator[None]:
    """Turn a question that cannot be asked of a plan into an error for people.

    Raises
    ------
    InputError
    """
    try:
        yield
    except ChangeError as error:
        reader = Reader(plan)
        reader.refused(error)
        reader.stop_if_wrong()


def rows_in_load(plan: Plan) -> tuple[str, ...]:
    """Ids of the rows that count in the load."""
    loaded = {item for unit in plan.rules.load_units for item in plan.rules.units[unit].items}
    return tuple(row.id for row in rows_of(plan) if loaded.issuperset(row.items))


def _words(entry: Words) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(map(str, entry))


def _pairs(option: str, entry: Pairs, reader: Reader) -> list[tuple[str, str]]:
    if isinstance(entry, Mapping):
        return [(str(key), str(value)) for key, value in entry.items()]
    found: list[tuple[str, str]] = []
    for pair in (entry,) if isinstance(entry, str) else entry:
        if not isinstance(pair, str):
            found.append((str(pair[0]), str(pair[1])))
            continue
        parts = [part.strip() for part in re.split("[=\uff1d]", pair, maxsplit=1)]
        if len(parts) == 2 and all(parts):
            found.append((parts[0], parts[1]))
        else:
            reader.wrong(option, pair, M_("Two words with = between them are expected."), reader.form(option))
    return found


class Reader:
    """Finds what words mean in a plan, and gathers what is wrong with them.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.task = plan.problem
        self.words = Vocabulary.of(self.task.rules.rulebook)
        self.schools = SchoolFinder(self.task)
        self.problems: list[Problem] = []

    def wrong(
        self, option: str, value: object, what: Message, expected: Any = None, mend: Message | None = None
    ) -> None:
        """Note what cannot be."""
        mend = mend or M_("Correct what follows {option}.", option=option)
        self.problems.append(Problem("", Place(option), value, what, expected, mend))

    def stop_if_wrong(self) -> None:
        """Raise what was noted.

        Raises
        ------
        InputError
        """
        if self.problems:
            raise InputError(self.problems)

    @staticmethod
    def form(option: str) -> Message:
        """What is expected after an option."""
        return M_("NAME=OPTION") if option == "--switch" else M_("ITEM=CODE, such as 4.5=193302")

    def school(self, option: str, word: str) -> str | None:
        """Code of a school of the scenario, or of a partner from outside."""
        code = self.schools.code(word)
        partners = [partner.code for partner in self.task.community.outside_partners]
        if code is None and word.strip() in partners:
            return word.strip()
        if code is None:
            what = M_("No school of this scenario has this code or name.")
            expected = M_("the code or the whole name of a school of the scenario")
            self.wrong(option, word, what, expected, self.schools.near(word))
        return code

    def named(self, option: str, words: Words) -> list[str]:
        """Codes of the schools of the scenario that words name, each once."""
        found = [code for word in _words(words) if (code := self.school(option, word)) is not None]
        return list(dict.fromkeys(found))

    def participant(self, option: str, word: str) -> str | None:
        """Code of a school that takes part."""
        code = self.school(option, word)
        if code is None or code in self.plan.candidates:
            return code
        what = M_("The school takes no part in the plan.")
        self.wrong(option, school_label(self.task, code), what, M_("a school that takes part"))
        return None

    def participants(self, option: str, words: Words) -> tuple[str, ...]:
        """Codes of schools that take part."""
        found = [code for word in _words(words) if (code := self.participant(option, word)) is not None]
        return tuple(dict.fromkeys(found))

    def row(self, option: str, word: str) -> str | None:
        """Id of the row of the plan to which an item or a unit belongs."""
        rows = self.rows(option, word)
        if len(rows) > 1:
            # A bundle whose items may have different hosts is no row: each of its items is.
            what = M_("The items of this bundle may have different hosts, so each is a question of its own.")
            self.wrong(option, word, what, M_("one of: {choices}", choices=", ".join(rows)))
            return None
        return rows[0] if rows else None

    def rows(self, option: str, words: Words) -> tuple[str, ...]:
        """Ids of rows of the plan."""
        units, found = self.task.rules.units, list[str]()
        for item in filter(None, (self.item(option, word) for word in _words(words))):
            items = {item, *(units[item].items if item in units else ())}
            found += [row.id for row in rows_of(self.plan) if not items.isdisjoint((row.id, *row.items))]
        return tuple(dict.fromkeys(found))

    def host(self, option: str, word: str, joined: frozenset[str]) -> str | None:
        """Code of a school that an item may be given to, or taken from."""
        code = self.school(option, word)
        school = None if code is None else self.task.community.school_by_code.get(code)
        if school is None or code in joined:
            return code
        label = school_label(self.task, school.code)
        if school.barred:
            what = M_("The school is barred from the funding, so it can host nothing.")
            self.wrong(option, label, what, M_("a school that takes part"))
        elif not school.participates:
            what = M_("The school takes no part in the plan, so it can host nothing.")
            mend = M_("Let it join with --add {code}, or name another school.", code=school.code)
            self.wrong(option, label, what, M_("a school that takes part"), mend)
        else:
            return code
        return None

    def item(self, option: str, word: str) -> str | None:
        """Id of an item or a unit."""
        item = self.words.item(word)
        if item is None:
            known = ", ".join(self.words.items_of)
            what = M_("The rulebook has no work item of this id.")
            expected = M_("one of: {choices}", choices=known)
            self.wrong(option, word, what, expected, closest(word, self.words.items_of))
        return item

    def switch(self, word: str, value: str) -> list[Change]:
        """Another option of a switch."""
        book = self.words.book
        name = self.words.switches.get(normal(word))
        if name is None:
            known = titled(book.switches)
            what = M_("The rulebook has no switch of this id.")
            expected = M_("one of: {choices}", choices=Choices(known))
            self.wrong("--switch", word, what, expected, closest(word, known))
            return []
        option = self.words.options[name].get(normal(value))
        if option is None:
            known = titled(book.switch_by_id[name].options)
            what = M_("The switch “{switch}” has no such option.", switch=Choices(titled([book.switch_by_id[name]])))
            expected = M_("one of: {choices}", choices=Choices(known))
            self.wrong("--switch", value, what, expected, closest(value, known))
            return []
        return [Switch(name, option)]

    def clause(self, word: str) -> str | None:
        """Id of a clause."""
        clause = self.words.clauses.get(normal(word))
        if clause is None:
            known = [entry.id for entry in self.words.book.clauses]
            what = M_("The rulebook has no clause of this id.")
            expected = M_("one of: {choices}", choices=", ".join(known))
            self.wrong("--lift", word, what, expected, closest(word, known))
        return clause

    def distances(self, scenario: Scenario | None, joined: Sequence[str]) -> Distances | None:
        """Distances with schools that stand in the scenario and join."""
        schools = self.task.community.school_by_code
        fresh = {
            code for code in joined if code in schools and not (schools[code].participates or schools[code].barred)
        }
        if scenario is None or not fresh:
            return None
        content = scenario.canonical()
        if "distances" in content:  # a table of the planner's own has no others
            return None
        entries = content["scenario"]["schools"]
        entries = [{**entry, "takes_part": True} if entry["code"] in fresh else entry for entry in entries]
        content = {**content, "scenario": {**content["scenario"], "schools": entries}}
        return type(scenario).from_canonical(content, scenario.source.file).problem().distances

    def refused(self, error: ChangeError) -> None:
        """Note a change that cannot be made."""
        change = error.change
        option = _OPTIONS.get(type(change), "")
        code = getattr(change, "code", None)
        value = error.value if code is None else school_label(self.task, code)
        what = _REASONS.get(error.reason) or M_("This cannot be changed here: {reason}.", reason=error.reason)
        mend = None
        if error.reason == "no_distances":
            mend = M_("In a copy of the scenario let it take part and give its distances; then compare the two plans.")
        self.wrong(option, value, what, None, mend)
