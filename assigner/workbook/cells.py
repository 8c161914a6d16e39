"""What is typed into a cell, understood as the scenario file has it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from assigner.errors import Place, Problem
from assigner.messages import M_, Message
from assigner.scenario.vocabulary import Vocabulary
from assigner.workbook.items import meant_by_date
from assigner.workbook.layout import Choice, Column
from geodata.sheets import Cell, FailedFormula

__all__ = ["SEPARATORS", "blank", "split", "understood"]

SEPARATORS = re.compile(r"[、,，;；\n]+")
"""What stands between the members of a list."""

_ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
_DASHES = frozenset("-－–—―")
_NOTHING = _DASHES | frozenset(".。．・·/／\\＼|｜_＿ ")
"""What alone between separators says nothing."""

_UNITS = re.compile(r"(點|分|人|名|校|所|公里|km|points?|°)$")

_EXPECTED: Mapping[str, Message] = {
    "code": M_("6 digits or capital letters, such as 063404"),
    "school": M_("6 digits or capital letters, such as 063404"),
    "count": M_("a whole number, 0 or more"),
    "degrees": M_("a number such as 120.7"),
    "items": M_("the id of a work item, such as 4.1"),
    "points": M_("a number such as 5, 0.5, 1/2 or 10%"),
    "tolerance": M_("a number such as 5, 0.5, 1/2 or 10%"),
}


def blank(value: Cell) -> bool:
    """Whether a cell says nothing: empty, or blanks only."""
    return value is None or (isinstance(value, str) and not _clean(value))


def split(value: object) -> list[str]:
    """The members of a list in a cell."""
    return [part for part in (_clean(part) for part in SEPARATORS.split(str(value))) if not set(part) <= _NOTHING]


def understood(value: Cell, column: Column, file: str, cell: str, words: Vocabulary, found: list[Problem]) -> Any:
    """The value of a cell as the scenario file would have it.

    Parameters
    ----------
    value
        What the cell holds.
    column
        What it should hold.
    file, cell
        Where it is.
    words
        The rulebook's names.
    found
        Where to note what cannot be what was typed (dates, failed formulas).

    Returns
    -------
    object
        None when the cell is empty or was noted. What is no such value is given as it stands: the scenario's own
        checks say what is wrong with it.
    """
    if blank(value):
        return None
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        if column.kind in ("text", "long"):
            return value.isoformat() if not isinstance(value, datetime.timedelta) else str(value)
        found.append(_date(value, column, file, cell, words))
        return None
    if isinstance(value, FailedFormula) and value.startswith("="):
        what = M_("The formula in this cell was never worked out, so the file holds no value for it.")
        mend = M_("Open the file in Excel and save it again, or type the value itself over the formula.")
        found.append(Problem(file, Place("", cell=cell), str(value), what, None, mend))
        return None
    if isinstance(value, str) and (isinstance(value, FailedFormula) or _ERROR.fullmatch(value.strip())):
        what = M_("A formula in this cell does not work.")
        mend = M_("Correct the formula, or type the value itself over it.")
        found.append(Problem(file, Place("", cell=cell), value.strip(), what, None, mend))
        return None
    if isinstance(value, str):
        value = _clean(value)
    if column.kind in ("flag", "word"):
        return _word(value, column.choice, flag=column.kind == "flag")
    if column.kind in ("list", "items"):
        return split(f"{value:g}" if isinstance(value, float) else value) or None
    if column.kind in ("text", "long"):
        return value if isinstance(value, str) else _plain(value)
    if column.kind in ("count", "degrees", "points", "tolerance") and isinstance(value, str):
        return _number(value)
    return value


def _clean(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u3000", " ").replace("\ufeff", "").replace("\u200b", "").strip()


def _plain(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _word(value: Any, choice: Choice | None, *, flag: bool) -> Any:
    if isinstance(value, str) and set(value) <= _DASHES:
        return None
    assert choice is not None
    meant = choice.meant(str(value).lower() if isinstance(value, bool) else value)
    if meant is None:
        return value if isinstance(value, str) else _plain(value)
    return meant == "true" if flag else meant


def _number(text: str) -> Any:
    """A number as people type it: full-width digits, thousands, a unit behind; anything else as it stands."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").lstrip("'\u2018\u2019")
    plain = _UNITS.sub("", plain)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain, re.ASCII):
        plain = plain.replace(",", "")
    if re.fullmatch(r"[-+]?\d{1,15}", plain, re.ASCII):
        return int(plain)
    if re.fullmatch(r"[-+]?\d+(\.\d+)?(/\d+|%|e[-+]?\d{1,2})?", plain, re.ASCII):
        return plain
    return text


def _date(
    value: datetime.date | datetime.time | datetime.timedelta, column: Column, file: str, cell: str, words: Vocabulary
) -> Problem:
    what: Message = M_("A spreadsheet has turned what was typed here into a date.")
    item = meant_by_date(words, value) if column.kind == "items" else None
    if item is not None:
        mend = M_("If it was {item}: format the cell as text, then type {item} again.", item=item)
    elif column.kind in ("points", "tolerance"):
        mend = M_("Format the cell as text, then type it again; a fraction such as 7/3 needs this.")
    else:
        mend = M_("Format the cell as text, then type it again.")
    shown = value.isoformat() if not isinstance(value, datetime.timedelta) else str(value)
    return Problem(file, Place("", cell=cell), shown, what, _EXPECTED.get(column.kind), mend)
