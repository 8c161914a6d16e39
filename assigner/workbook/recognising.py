"""What a sheet or column probably is whose name the form does not have: told by its titles and what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from assigner.messages import LANGUAGES, _, language_set
from assigner.scenario.vocabulary import Vocabulary
from assigner.workbook.cells import blank, understood
from assigner.workbook.items import full_title, item_keys, meant_item
from assigner.workbook.layout import SHEETS, YES_NO, Choice, Column, Layout, squeezed
from geodata.sheets import Cell, FailedFormula

__all__ = [
    "PLAN_SHEETS",
    "best_table",
    "column_fits",
    "form_sheets",
    "item_meant",
    "matrix_by_answers",
    "named_in",
    "plan_sheets",
    "share",
]

_NUMBERS = ("count", "degrees", "points", "tolerance")
_SHORTEST_WORDS = 3
_ENOUGH = 0.5
_LEAST_SHEETS = 3

PLAN_SHEETS = ("Overview", "Duties matrix", "Loads", "Obligations", "Audit", "Readings", "Proof")
"""Names of sheets that only the workbook of a plan has (its own catalogue entries)."""


def named_in(name: str, layouts: Iterable[Layout]) -> list[Layout]:
    """The sheets of the form whose name stands inside a name: “各校意願” holds “意願”."""
    whole = squeezed(name)
    return [layout for layout in layouts if any(len(s) >= 2 and s in whole for s in layout.spellings())]


def share(choice: Choice, cells: Iterable[Cell]) -> float:
    """Which part of the filled cells holds one of the words; 0 if none is filled."""
    filled = [cell for cell in cells if not blank(cell) and not isinstance(cell, FailedFormula)]
    meant = [cell for cell in filled if choice.meant(str(cell).strip()) is not None]
    return len(meant) / len(filled) if filled else 0.0


def matrix_by_answers(name: str, answers: Mapping[str, Sequence[Cell]]) -> tuple[Layout | None, list[Layout]]:
    """The matrix that a sheet is, if its answers and its name leave no doubt, and all that it may be.

    Parameters
    ----------
    name
        Of the sheet.
    answers
        Id of a matrix whose titles the sheet has -> the cells under them.
    """
    possible = [layout for layout in SHEETS if layout.id in answers]
    fit = [layout for layout in possible if layout.cells and share(layout.cells, answers[layout.id]) >= _ENOUGH]
    named = named_in(name, possible)
    filled = any(not blank(cell) for cells in answers.values() for cell in cells)
    # Ticks may mean anything: only the name tells last year's from this year's.
    told = not named if len(fit) == 1 and (fit[0].cells is not YES_NO or fit[0].id == "ways") else False
    if len(fit) == 1 and (told or fit[0] in named):
        return fit[0], fit
    if not filled and len(named) == 1:
        return named[0], named
    return None, [layout for layout in possible if layout in fit or layout in named] or possible


def best_table(scores: Mapping[str, int]) -> list[Layout]:
    """The tables of which a sheet has most titles; several if it cannot be told which."""
    most = max(scores.values(), default=0)
    return [layout for layout in SHEETS if most and scores.get(layout.id) == most]


def item_meant(words: Vocabulary, cell: object, *, convener: bool) -> str | None:
    """The item that a changed title still names: by the id it begins with, or by words that only one title has."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell)))
    begins = re.match(r"\d{1,2}(?:\.\d{1,2})*", text)
    if begins and begins[0] != text:
        return meant_item(words, begins[0], convener=convener)
    plain = squeezed(text)
    if len(plain) < _SHORTEST_WORDS or begins:
        return None
    found: set[str] = set()
    for language in LANGUAGES:
        with language_set(language):
            found |= {
                key
                for key in item_keys(words.book, convener=convener)
                if plain in squeezed(full_title(words.book, key))
            }
    return found.pop() if len(found) == 1 else None


def column_fits(column: Column, cells: Sequence[Cell], words: Vocabulary) -> bool:
    """Whether all that stands in an unknown column would be right in this one; texts, right anywhere, count not."""
    filled = [cell for cell in cells if not blank(cell)]
    if column.choice is not None:
        return bool(filled) and share(column.choice, filled) == 1
    if column.kind not in _NUMBERS or not filled:
        return False
    values = [understood(cell, column, "", "", words, []) for cell in filled]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def form_sheets(names: Iterable[str]) -> bool:
    """Whether these are the sheets of a form: that of the community, that of the schools, and most of the others."""
    present = {squeezed(name) for name in names}
    layouts = [layout for layout in SHEETS if layout.kind != "text"]
    found = [layout.id for layout in layouts if layout.spellings() & present]
    return {"community", "schools"} <= set(found) and len(found) > _LEAST_SHEETS


def plan_sheets(names: Iterable[str]) -> bool:
    """Whether these are the sheets of a plan, not of a form."""
    present = set(names)
    for language in LANGUAGES:
        with language_set(language):
            if len({_(name) for name in PLAN_SHEETS} & present) > len(PLAN_SHEETS) // 2:
                return True
    return False
