"""What a scenario says, as the rows of the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from assigner.messages import _, current_language, join_list
from assigner.scenario.scenario import Scenario
from assigner.scenario.vocabulary import Vocabulary
from assigner.scenario.words import CHOOSE
from assigner.words import TIER_NAMES, source, text
from assigner.workbook.cells import split
from assigner.workbook.items import full_title, head, item_keys, option_keys
from assigner.workbook.layout import FORM_VERSION, SETTINGS, SHEET_BY_ID, Choice, Column, Layout
from models.rulebook import Rulebook, load_rulebook, rulebook_names

__all__ = ["Filling", "filling_of"]

Rows = list[dict[str, Any]]


class Filling:
    """The rows of every sheet of a form.

    Attributes
    ----------
    book
        The rulebook whose items have columns.
    settings
        (setting, value), in the order of the form; a setting may stand several times.
    rows
        Id of a sheet -> column (or item) -> what to write, for each row.
    items
        Id of a matrix -> its items, in the order of their columns.
    schools
        (code, name) of the schools listed.
    """

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.settings: list[tuple[Column, Any]] = []
        self.rows: dict[str, Rows] = {}
        self.items: dict[str, list[str]] = {}
        self.schools: list[tuple[str, str]] = []

    def heads(self, layout: Layout) -> list[tuple[str, str]]:
        """(item, what stands at the head of its column) of a matrix."""
        return [(item, head(self.book, item)) for item in self.items.get(layout.id, ())]


def filling_of(scenario: Scenario | None) -> Filling:
    """The rows of the form of a scenario; without one, those of an empty form."""
    book = load_rulebook(rulebook_names()[-1]) if scenario is None else scenario.rulebook
    filling = Filling(book)
    filling.settings = list(_settings(scenario))
    for identity, convener in (("willingness", True), ("suitability", False), ("last_year", False), ("wishes", False)):
        filling.items[identity] = item_keys(book, convener=convener)
    filling.items["ways"] = option_keys(book)
    if scenario is not None:
        _fill(filling, scenario)
    _numbers(filling, scenario)
    _switches(filling, scenario)
    _aims(filling, scenario)
    return filling


def shown_value(column: Column, value: Any) -> Any:
    """What to write into a cell for a value of the scenario file."""
    if value is None or value == () or value == "":
        return None
    if column.kind == "flag":
        assert column.choice is not None
        return column.choice.shown("true" if value else "false")
    if column.kind == "word":
        assert column.choice is not None
        return column.choice.shown(str(value))
    if isinstance(value, Fraction):
        return _number(value)
    if isinstance(value, tuple | list):
        return join_list(value)
    return value


def _number(value: Fraction) -> Any:
    if value.denominator == 1:
        return int(value)
    return float(value) if Fraction(repr(float(value))) == value else str(value)


def _settings(scenario: Scenario | None) -> Iterable[tuple[Column, Any]]:
    if scenario is None:
        defaults = {"id": "community", "rulebook": rulebook_names()[-1]}
        for column in SETTINGS:
            if column.path[0] not in ("part_of", "shared_townships"):
                yield column, defaults.get(column.id)
        return
    for column in SETTINGS:
        if column.path[0] == "part_of" and scenario.entries.part_of is None:
            continue  # rare, and written by the program
        if column.id == "shared_townships" and not scenario.entries.shared_townships:
            continue  # likewise
        value: Any = scenario.entries
        for key in column.path:
            value = getattr(value, key, None)
        if column.id == "convener":
            value = None if value == CHOOSE else value
        elif column.id == "shared_townships":
            value = [f"{name} {share}" for name, share in value.items()]
        elif column.id == "relaxations":
            value = join_list(value) if isinstance(value, tuple) else _relaxations(value)
        elif (
            (_default(column) is not None and value == _default(column))
            or (column.id == "synthetic" and not value)
            or (column.id == "travel.shipped_links" and value)
        ):
            value = None
        if column.id == "sources":
            for member in value or (None,):
                yield column, member
        else:
            yield column, shown_value(column, value) if column.id != "relaxations" else value


def _relaxations(word: str) -> str | None:
    if word == "auto":
        return None
    return "不放寬" if current_language() == "zh-TW" else word


def _default(column: Column) -> Any:
    defaults = {"kind": "community", "travel.mode": "graph", "travel.unit": "km"}
    defaults |= {"geography.key": "TOWNCODE", "geography.county": "COUNTYNAME", "geography.town": "TOWNNAME"}
    return defaults.get(column.id)


def _fill(filling: Filling, scenario: Scenario) -> None:
    entries, words = scenario.entries, Vocabulary(scenario.rulebook)
    schools = entries.schools
    filling.schools = [(school.code, school.name) for school in schools]
    filling.rows["schools"] = [_entry("schools", school, words) for school in schools]
    for section in ("junior_highs", "universities", "outside_partners"):
        filling.rows[section] = [_entry(section, entry, words) for entry in getattr(entries, section)]
    filling.rows["links"] = [
        {"between.0": link.between[0], "between.1": link.between[1]}
        | {c.id: shown_value(c, getattr(link, c.id)) for c in SHEET_BY_ID["links"].columns[2:]}
        for link in entries.links
    ]

    said = {s.code: {words.willingness_key(w): a for w, a in s.willingness.items()} for s in schools}
    suits = {s.code: {words.item(w): v for w, v in s.suitability.items()} for s in schools}
    hosted = {s.code: {words.item(w): "true" for w in s.last_year} for s in schools}
    wishes: dict[str, dict[str | None, str]] = {}
    for section in ("pins", "bans"):
        for word, codes in getattr(entries, section).items():
            for code in codes:
                wishes.setdefault(code, {})[words.item(word)] = section
    answers = {code: {k: a.answer for k, a in own.items()} for code, own in said.items()}
    for identity, table in (
        ("willingness", answers),
        ("suitability", suits),
        ("last_year", hosted),
        ("wishes", wishes),
    ):
        stated = {str(key) for own in table.values() for key in own}
        filling.items[identity] = item_keys(filling.book, stated, convener=identity == "willingness")
        partners = [(p.code, p.name) for p in entries.outside_partners if identity == "wishes" and p.code in wishes]
        layout = SHEET_BY_ID[identity]
        filling.rows[identity] = [
            _matrix_row(code, name, table.get(code, {}), layout.cells) for code, name in [*filling.schools, *partners]
        ]
    filling.rows["reasons"] = [
        {"code": code, "item": _item(filling.book, str(key)), "reason": answer.reason}
        for code, own in said.items()
        for key, answer in own.items()
        if answer.reason
    ]
    _ways(filling, scenario)


def _ways(filling: Filling, scenario: Scenario) -> None:
    chosen = scenario.problem().wishes.ways
    rows: Rows = []
    for school in scenario.entries.schools:
        if school.benchmark or school.code in chosen:
            own = dict.fromkeys(chosen.get(school.code, ()), "true")
            if school.code in chosen and not own:  # decided, but for none yet
                own = dict.fromkeys(filling.items["ways"], "false")
            rows.append(_matrix_row(school.code, school.name, own, SHEET_BY_ID["ways"].cells))
    filling.rows["ways"] = rows


def _matrix_row(code: str, name: str, own: Mapping[Any, str], choice: Choice | None) -> dict[str, Any]:
    assert choice is not None
    return {"code": code, "name": name, **{str(key): choice.shown(value) for key, value in own.items()}}


def _entry(section: str, entry: Any, words: Vocabulary) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in SHEET_BY_ID[section].columns:
        value = entry
        for key in column.path:
            value = value.get(int(key)) if isinstance(value, dict) else getattr(value, key, None)
        if column.id == "categories":
            value = _categories(value, words)
        elif column.id == "items":
            value = [words.item(word) or word for word in value]
        elif (
            (column.kind == "flag" and column.id not in ("public", "takes_part") and not value)
            or (column.id == "load_limit" and value == "soft")
            or (column.id == "history_points" and value == 0)
            or (column.id == "share" and value == 1)
        ):
            value = None
        row[column.id] = shown_value(column, value)
    return row


def _categories(names: Sequence[str] | None, words: Vocabulary) -> str | None:
    if names is None:
        return None
    if not names:
        return "無" if current_language() == "zh-TW" else "none"
    book = words.book.categories
    titles = {category.id: text(category.title) for category in book.list_}
    titles[book.other_vocational.id] = text(book.other_vocational.title)
    shown = []
    for name in names:
        identity = words.category(name) or name
        title = titles.get(identity, identity)
        known = split(title) == [title] and words.category(title) == identity
        shown.append(title if known else identity)
    return join_list(dict.fromkeys(shown))


def _item(book: Rulebook, key: str) -> str:
    return head(book, key).replace("\n（", "（").replace("\n", " ")


def _numbers(filling: Filling, scenario: Scenario | None) -> None:
    wanted: dict[str, int] = {}
    if scenario is not None:
        words = Vocabulary(scenario.rulebook)
        stated = {**scenario.entries.host_numbers, **scenario.entries.exploration.numbers}
        wanted = {words.item(word) or word: number for word, number in stated.items()}
    filling.rows["numbers"] = [
        {"item": key, "title": full_title(filling.book, key), "number": wanted.get(key)}
        for key in item_keys(filling.book, wanted)
    ]


def _switches(filling: Filling, scenario: Scenario | None) -> None:
    chosen = {} if scenario is None else dict(scenario.rules.choice)
    rows: Rows = []
    for switch in filling.book.switches:
        titles = {option.id: text(option.title) for option in switch.options}
        option = chosen.get(switch.id, switch.default)
        rows.append(
            {
                "switch": switch.id,
                "title": text(switch.title),
                "option": None if option == switch.default else titles[option],
                "default": titles[switch.default],
                "source": source(switch),
            }
        )
    filling.rows["switches"] = rows


def _aims(filling: Filling, scenario: Scenario | None) -> None:
    order = () if scenario is None else scenario.entries.tiers.order
    tolerances = {} if scenario is None else scenario.entries.tiers.tolerances
    aims = [tier for tier in filling.book.tiers.order if tier not in ("exploration", "tie_break")]
    column = SHEET_BY_ID["aims"].column("aim")
    filling.rows["aims"] = [
        {
            "aim": shown_value(column, aim),
            "title": _(TIER_NAMES[aim]),
            "rank": order.index(aim) + 1 if aim in order else None,
            "tolerance": _number(tolerances[aim]) if aim in tolerances else None,
        }
        for aim in aims
    ]


def version_row() -> tuple[str, int]:
    """The line that states the version of the form."""
    return ("表單版本" if current_language() == "zh-TW" else "Form version"), FORM_VERSION
