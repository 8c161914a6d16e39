"""Earlier answers that a split goes by: a plan that is kept, a division that the new one should be close to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message
from assigner.scenario.words import normal
from geodata.codes import CodeError, read_code

if TYPE_CHECKING:
    from geodata.sheets import Cell, Sheet
    from models.community import Problem as Task

__all__ = ["PlanKept", "kept_plan", "old_division"]

#: Spellings of the columns of a division, compared in lower case without blanks.
_CODE_HEADS = ("code", "schoolcode", "school", "代碼", "學校代碼", "學校")
_PLAN_HEADS = ("plan", "side", "計畫", "計畫別", "計畫書", "組別")

_KEEP = M_("Give the plan.json of the plan, or split.json#1 or split.json#2 for one of the two of a split.")


@dataclass(frozen=True)
class PlanKept:
    """A plan that is to be one of the two: its file, schools and convener (empty when it names none)."""

    file: str
    schools: frozenset[str]
    convener: str


def kept_plan(name: str | Path) -> PlanKept:
    """Read the schools and the convener of a plan.

    Parameters
    ----------
    name : str or Path
        A ``plan.json``; or a ``split.json`` with ``#1`` or ``#2`` behind its name.

    Raises
    ------
    InputError
        It is no plan, or does not say which schools take part.
    OSError
        The file cannot be read.
    """
    text = str(name)
    file, mark, number = text.rpartition("#")
    if not (mark and number in ("1", "2") and not Path(text).exists()):
        file, number = text, ""
    document = _json(file)
    if "plans" in document and "hosts" not in document:
        plans = document["plans"]
        if not number:
            what = M_("This is a split with two plans; it is not said which of them is kept.")
            raise InputError([Problem(file, Place(), ABSENT, what, M_("{file}#1 or {file}#2", file=file), _KEEP)])
        try:
            plan = plans[int(number) - 1]
            return PlanKept(file, frozenset(map(str, plan["schools"])), str(plan["convener"]))
        except (IndexError, KeyError, TypeError):
            raise InputError([_no_plan(file)]) from None
    if number:
        what = M_("The file is no split, so it has no plan of this number.")
        raise InputError([Problem(text, Place(), f"#{number}", what, None, M_("Leave out what follows the file."))])
    schools = _participants(document)
    if not schools:
        raise InputError([_no_plan(file)])
    convener = document.get("convener")
    return PlanKept(file, schools, convener if isinstance(convener, str) else "")


def _no_plan(file: str) -> Problem:
    return Problem(file, Place(), ABSENT, M_("The file does not say which schools its plan has."), None, _KEEP)


def _json(file: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(file).read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError([Problem(file, Place(), ABSENT, M_("The file is not UTF-8 text."), None, _KEEP)]) from None
    except json.JSONDecodeError as error:
        place = Place(line=error.lineno, column=error.colno)
        raise InputError([Problem(file, place, ABSENT, M_("The file is not JSON."), None, _KEEP)]) from None
    except RecursionError:
        raise InputError([_no_plan(file)]) from None
    if not isinstance(document, dict):
        raise InputError([_no_plan(file)])
    return document


def _participants(document: Mapping[str, Any]) -> frozenset[str]:
    """The schools of a plan: as its scenario says, else those whose load it lists."""
    try:
        schools = document["scenario"]["content"]["scenario"]["schools"]
        return frozenset(s["code"] for s in schools if s.get("takes_part", True) and not s.get("barred", False))
    except (KeyError, TypeError, AttributeError):
        loads = document.get("loads")
        return frozenset(map(str, loads)) if isinstance(loads, dict) else frozenset()


# ------------------------------------------------------------------------------------------------- an earlier division


def old_division(name: str | Path, task: Task) -> dict[str, int]:
    """School -> side of an earlier division; schools that the scenario does not have are kept by their code.

    Parameters
    ----------
    name : str or Path
        A ``split.json``, or a table (CSV, .xlsx, .ods, .xls) with the columns code and plan (代碼、計畫).
    task : Problem
        Its schools may go by their names.

    Raises
    ------
    InputError
        It says no division; with every cell that cannot be understood.
    OSError
        The file cannot be read.
    """
    if Path(name).suffix.casefold() == ".json":
        document = _json(str(name))
        plans = document.get("plans")
        if isinstance(plans, list) and len(plans) == 2 and all(isinstance(p, dict) and "schools" in p for p in plans):
            return {str(code): side for side, plan in enumerate(plans) for code in plan["schools"]}
        raise InputError([Problem(name, Place(), ABSENT, M_("The file holds no division into two plans."), None, _OLD)])
    return _of_table(name, task)


_OLD = M_("Give a split.json, or a table with the columns code and plan.")


def _of_table(name: str | Path, task: Task) -> dict[str, int]:
    sheet, head, code_column, plan_column = _table(name)
    spellings = _spellings(task)
    problems: list[Problem] = []
    sides: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row, cells in sheet.filled():
        if row <= head:
            continue
        word, plan = _text(_at(cells, code_column)), normal(_text(_at(cells, plan_column)))
        if not word or not plan:
            if word:
                problems.append(_wrong(name, sheet, row, plan_column, ABSENT, M_("It is not said to which plan.")))
            continue
        code = _code(word, spellings)
        if code is None:
            problems.append(_wrong(name, sheet, row, code_column, word, M_("This is no school code.")))
        elif sides.get(code, plan) != plan:
            what = M_("The school stands in both plans.")
            problems.append(_wrong(name, sheet, row, code_column, word, what))
        else:
            sides[code] = plan
            rows.setdefault(plan, row)
    if len(rows) != 2 and not problems:
        what = M_("The column names {n} plans: {plans}.", n=len(rows), plans=", ".join(rows) or "–")
        problems.append(_wrong(name, sheet, head, plan_column, ABSENT, what))
    if problems:
        raise InputError(problems)
    first = min(rows, key=lambda plan: rows[plan])
    return {code: int(plan != first) for code, plan in sides.items()}


def _code(word: str, spellings: Mapping[str, str]) -> str | None:
    text = normal(word.lstrip("'"))
    for spelling in (text, text.partition(" ")[0]):
        if spelling in spellings:
            return spellings[spelling]
    try:
        return read_code(text.partition(" ")[0])
    except CodeError:
        return None


def _spellings(task: Task) -> dict[str, str]:
    named = [(normal(school.name), school.code) for school in task.community.schools if school.name]
    names = [name for name, _code in named]
    found = {name: code for name, code in named if names.count(name) == 1}
    return found | {normal(school.code): school.code for school in task.community.schools}


def _table(name: str | Path) -> tuple[Sheet, int, int, int]:
    """The sheet with the division, the row of its heads, the columns of codes and of plans."""
    from geodata.sheets import SheetError, read_sheets

    try:
        file = read_sheets(name)
    except SheetError:
        what = M_("The file cannot be read as a table.")
        mend = M_("Save it again as a workbook (.xlsx) or as CSV in UTF-8.")
        raise InputError([Problem(name, Place(), ABSENT, what, None, mend)]) from None
    for sheet in sorted(file.sheets, key=lambda sheet: sheet.hidden):
        for row, cells in sheet.filled():
            head = [normal(_text(cell)).replace(" ", "") for cell in cells]
            columns = [_found(head, names) for names in (_CODE_HEADS, _PLAN_HEADS)]
            if columns[0] is not None and columns[1] is not None:
                return sheet, row, columns[0], columns[1]
    what = M_("No line names the columns.")
    expected = M_("the columns “code” and “plan” (or 代碼 and 計畫)")
    raise InputError([Problem(name, Place(), ABSENT, what, expected, _OLD)])


def _found(head: Sequence[str], names: Sequence[str]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _at(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def _text(cell: Cell) -> str:
    """A cell as a text: a number that a spreadsheet made of a code without its decimals."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def _wrong(name: str | Path, sheet: Sheet, row: int, column: int, value: object, what: Message) -> Problem:
    place = Place(line=sheet.line(row)) if sheet.lines else Place(cell=sheet.place(row, column))
    expected = M_("the code of a school, and the same two words for the two plans")
    return Problem(name, place, value, what, expected, M_("Correct the cell."))
