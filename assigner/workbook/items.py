"""Columns and rows of work items: their ids and titles come from the rulebook."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

from assigner.errors import InputError
from assigner.messages import N_, _
from assigner.scenario.vocabulary import Vocabulary
from assigner.scenario.words import on_network
from assigner.words import item_label, text
from models.community import CONVENER_KEY
from models.documents import DocumentError
from models.rulebook import Rulebook, load_rulebook, parse_rulebook, rulebook_names

__all__ = [
    "book_named",
    "full_title",
    "head",
    "item_keys",
    "looks_like_item",
    "meant_by_date",
    "meant_item",
    "option_keys",
]

_CONVENING = N_("convening")
_ITEM_LIKE = re.compile(r"[0-9]{1,2}([._．][0-9a-z]{1,10}){0,2}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_DAY = datetime.date(1899, 12, 30)
"""Day 0 of a spreadsheet."""


def item_keys(book: Rulebook, stated: Iterable[str] = (), *, convener: bool = False) -> list[str]:
    """What has a column of its own: units, items outside a unit, and items inside one of which something is stated.

    Parameters
    ----------
    book : Rulebook
    stated : iterable of str
        Ids of which the scenario says something.
    convener : bool
        Whether convening comes first.
    """
    said = set(stated)
    keys = [CONVENER_KEY] if convener else []
    unit_of = {item: unit.id for unit in book.units for item in unit.items}
    for item in book.items:
        unit = unit_of.get(item.id)
        if unit is not None and unit not in keys:
            keys.append(unit)
        if unit is None or item.id in said:
            keys.append(item.id)
    return keys


def option_keys(book: Rulebook) -> list[str]:
    """Ids of the ways of promotion."""
    return [way.id for way in book.ways]


def head(book: Rulebook, key: str) -> str:
    """What stands at the head of the column of an item: its id and its short name."""
    if key == CONVENER_KEY:
        return _(_CONVENING)
    label = item_label(book, key)
    twins = [item.id for item in book.items if item.id != key and item.place and item.place == _place(book, key)]
    name = label.removeprefix(f"{key} ")
    if twins:  # two items of one place are told apart by what differs in their titles
        name = f"{name} {_own_words(full_title(book, key), [full_title(book, twin) for twin in twins])}"
    known = {item.id for item in book.items} | {unit.id for unit in book.units}
    return f"{key}\n{name.replace('（', chr(10) + '（')}" if key in known else label


def full_title(book: Rulebook, key: str) -> str:
    """The title of an item, unit or way, as the programme has it."""
    if key == CONVENER_KEY:
        return _(_CONVENING)
    titles = {way.id: way.title for way in book.ways}
    titles |= {unit.id: unit.title for unit in book.units}
    titles |= {item.id: item.title for item in book.items}
    return text(titles[key]) if key in titles else key


def _own_words(title: str, others: list[str]) -> str:
    """What of a title stands in none of the others that begin and end alike."""
    same_start = _same(title, others)
    same_end = _same(title[::-1], [other[::-1] for other in others])
    return title[same_start : len(title) - same_end].strip() or title


def _same(text_: str, others: list[str]) -> int:
    """How many characters all begin with alike."""
    return next((k for k, column in enumerate(zip(text_, *others, strict=False)) if len(set(column)) > 1), len(text_))


def _place(book: Rulebook, key: str) -> str:
    return next((item.place for item in book.items if item.id == key), "")


def meant_item(words: Vocabulary, cell: object, *, convener: bool = False) -> str | None:
    """The item or unit that a head or a cell names: by its id, its title, or both one after the other."""
    whole = re.sub(r"\s+", " ", str(cell)).strip()
    find = words.willingness_key if convener else words.item
    for spelling in (whole, whole.split(" ")[0], whole.split("、")[0]):
        found = find(spelling)
        if found is not None:
            return found
    if convener and whole.casefold() in ("convening", "convener", "召集", "擔任召集學校", "擔任召集"):
        return CONVENER_KEY
    return None


def looks_like_item(cell: object) -> bool:
    """Whether a head has the form of an id of an item, known or not."""
    return isinstance(cell, int | float) or bool(_ITEM_LIKE.fullmatch(str(cell).split()[0].casefold()))


def meant_by_date(words: Vocabulary, cell: object) -> str | None:
    """The item that a spreadsheet has turned into a date: 4.1 becomes 4月1日, 2026/4/1, 1-Apr or 46113.

    Parameters
    ----------
    words : Vocabulary
    cell : object
        A date, a text that looks like one, or the number of a day.
    """
    day: tuple[int, int] | None = None
    if isinstance(cell, datetime.date):
        day = cell.month, cell.day
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and 20000 < cell < 80000:
        date = _FIRST_DAY + datetime.timedelta(days=int(cell))
        day = date.month, date.day
    elif isinstance(cell, str):
        day = _written_day(cell.strip().casefold())
    if day is None:
        return None
    return words.item(f"{day[0]}.{day[1]}")


def _written_day(text_: str) -> tuple[int, int] | None:
    if found := re.fullmatch(r"(?:\d{2,4}[/年.-])?(\d{1,2})[/月-](\d{1,2})日?(?: 00:00:00)?", text_):
        return int(found[1]), int(found[2])
    if found := re.fullmatch(r"(\d{1,2})-([a-z]{3})[a-z]*", text_):
        day, month = int(found[1]), found[2]
    elif found := re.fullmatch(r"([a-z]{3})[a-z]*-(\d{1,2})", text_):
        day, month = int(found[2]), found[1]
    else:
        return None
    return (_MONTHS.index(month) + 1, day) if month in _MONTHS else None


def book_named(name: str, folder: Path | None) -> Rulebook:
    """The rulebook of this name, to understand the heads of columns; the shipped one where it cannot be read."""
    shipped = rulebook_names()
    if name in shipped:
        return load_rulebook(name)
    if name and folder is not None and not on_network(name):
        from assigner.scenario.reading import text_of

        try:
            return parse_rulebook(text_of(folder / name, name), name)
        except (InputError, DocumentError):
            pass  # the fault is told where the scenario is put together
    return load_rulebook(shipped[-1])
