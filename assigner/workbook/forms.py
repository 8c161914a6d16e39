"""A form as it was filled in: sheets and columns found by their titles, every value with its cell.

Nothing is judged here but the shape: what the values say is for the scenario's own checks.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message, join_list
from assigner.scenario.mistaken import kind_of, mistaken
from assigner.scenario.vocabulary import Vocabulary
from assigner.workbook.cells import blank, understood
from assigner.workbook.items import book_named, looks_like_item, meant_by_date, meant_item
from assigner.workbook.layout import (
    FORM_VERSION,
    MARKED,
    SETTINGS,
    SHEET_BY_ID,
    SHEETS,
    Choice,
    Column,
    Layout,
    squeezed,
    titled,
)
from assigner.workbook.looking import Look, has_macros, look_into
from assigner.workbook.recognising import (
    best_table,
    column_fits,
    item_meant,
    matrix_by_answers,
    named_in,
    plan_sheets,
    share,
)
from geodata.sheets import Cell, FailedFormula, Sheet, SheetError, SheetFile, cell_name, column_name, read_sheets

__all__ = ["ITEM", "Form", "Row", "Value", "read_form"]

ITEM = "item:"
"""Before the key of an item in the values of a row of a matrix."""

_HEAD_ROWS = 25
_LEAST_LINES, _LEAST_TITLES, _LEAST_ITEMS = 3, 3, 2
"""From so many lines, titles or items on a sheet without a name of the form is taken for one of its sheets."""

_ANSWERS = 0.5
"""From so many answers in its cells on an unknown column is taken for one of an item."""

_MOST_NAMES = 4
_VERSION = ("表單版本", "form version", "schema_version")


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and where it stands.

    Attributes
    ----------
    data
        As the scenario file would have it.
    cell
        Such as ``學校!B7``.
    """

    data: Any
    cell: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a table or of a matrix.

    Attributes
    ----------
    cell
        Of its first column.
    values
        Id of a column (or `ITEM` and the key of an item) -> what stands there; empty cells are left out.
    cells
        Id of a column -> its cell, filled or not.
    """

    cell: str
    values: Mapping[str, Value]
    cells: Mapping[str, str]


@dataclass
class Form:
    """A workbook that was read.

    Attributes
    ----------
    file
        As the person named it.
    words
        The names of the rulebook that it names.
    settings
        Id of a setting -> what stands there, once or several times.
    setting_cells
        Id of a setting -> its cell, filled or not.
    rows
        Id of a sheet -> its entries.
    titles
        Cell -> the title of its column or line.
    sheets
        Id of a sheet -> its name in the file.
    choices
        Cell -> the words it may hold, where it has such.
    broken
        Whether a sheet or a column is missing, so that what the rest lacks is no news.
    bare
        Id of a sheet -> rows that only name what they are about.
    problems, warnings
        What is wrong with it; what is odd.
    unread
        The warnings about something filled in that is not read.
    strangers
        Name of a sheet that is not read though it is filled in -> ids of the sheets that it may be.
    contents
        Cell -> what stands there, as the workbook has it.
    name_cells
        Cell of a choice -> the cell of the name of what is chosen.
    """

    file: str
    words: Vocabulary
    settings: dict[str, list[Value]] = field(default_factory=dict)
    setting_cells: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    broken: bool = False
    bare: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    strangers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, Cell] = field(default_factory=dict)
    name_cells: dict[str, str] = field(default_factory=dict)

    def wrong(self, cell: str, what: Message, expected: Message | None, mend: Message, value: object = ABSENT) -> None:
        """Note something that makes the form unusable."""
        self.problems.append(Problem(self.file, self.place(cell), value, what, expected, mend))

    def odd(self, cell: str, what: Message, mend: Message, value: object = ABSENT) -> None:
        """Note something that is probably not meant."""
        self.warnings.append(Problem(self.file, self.place(cell), value, what, None, mend))

    def left_out(self, cell: str, what: Message, mend: Message, value: object) -> None:
        """Note something filled in that is not read."""
        self.odd(cell, what, mend, value)
        self.unread.append(self.warnings[-1])

    def may_be(self, sheet: str) -> bool:
        """Whether a sheet that is filled in but not read may be this one."""
        return any(sheet in possible for possible in self.strangers.values())

    def place(self, cell: str) -> Place:
        """The place of a cell, with the title of its column."""
        return Place(self.titles.get(cell, ""), cell=cell)

    def text(self, setting: str) -> str:
        """The first value of a setting as text; empty if there is none."""
        values = self.settings.get(setting, [])
        return str(values[0].data) if values else ""


@dataclass(frozen=True, slots=True)
class _Head:
    """The row of titles of a sheet."""

    row: int
    columns: Mapping[int, Column]
    items: Mapping[int, str]
    unknown: tuple[int, ...]


def read_form(path: Path, file: str, *, partial: bool = False, folder: Path | None = None) -> Form:
    """Read a form.

    Parameters
    ----------
    path, file
        The workbook, and how the person named it.
    partial
        Whether it may lack sheets: one of several forms that are put together.
    folder
        Where the names of files in it start; None: where it stands itself.

    Raises
    ------
    InputError
        It is no workbook that can be read at all.
    """
    try:
        content = read_sheets(path)
    except SheetError as error:
        kind = kind_of(path)
        raise InputError([mistaken(kind, file) if kind else _refused(file, error)]) from None
    except FileNotFoundError:
        what, mend = M_("There is no such file."), M_("Check the name and the folder.")
        raise InputError([Problem(file, Place(), ABSENT, what, None, mend)]) from None
    except IsADirectoryError:
        what, mend = M_("This is a folder, not a file."), M_("Name a scenario file inside the folder.")
        raise InputError([Problem(file, Place(), ABSENT, what, None, mend)]) from None
    except OSError:
        what = M_("The file cannot be opened.")
        mend = M_("Check that you may read it and that no other program has locked it.")
        raise InputError([Problem(file, Place(), ABSENT, what, None, mend)]) from None
    if content.kind != "workbook":
        kind = kind_of(path)
        raise InputError([mistaken(kind, file) if kind not in ("", "table") else _no_workbook(file, content)])
    named = {squeezed(sheet.name) for sheet in content.sheets}
    if not named & SHEET_BY_ID["community"].spellings():
        if plan_sheets(sheet.name for sheet in content.sheets):
            raise InputError([mistaken("plan_workbook", file)])
        from assigner.roster.tidy import is_roster

        if len(content.sheets) == 1 and is_roster(path):
            raise InputError([mistaken("roster", file)])
    return _Reader(path, file, content, path.parent if folder is None else folder, partial=partial).form


def _refused(file: str, error: SheetError) -> Problem:
    mend: Message
    start = M_("Start from a form that “assigner template” writes.")
    if error.problem == "too_large":
        what = M_(
            "The file is larger than {megabytes} MB, or unpacks to far too much: no form is so large.",
            megabytes=error.details.get("megabytes", ""),
        )
        mend = M_("Take pictures and foreign sheets out, or copy the form's sheets into a new one.")
    elif error.problem == "password":
        what = M_("The workbook is protected by a password.")
        mend = M_("Open it in Excel, choose File, Info, Protect Workbook, Encrypt with Password; empty it and save.")
    elif error.problem == "damaged":
        what = M_("The file is damaged, or not the kind of workbook that its name says.")
        mend = M_("Open it in Excel or LibreOffice and save it again as an Excel workbook (.xlsx).")
    elif error.problem == "empty":
        what, mend = M_("The workbook is empty."), start
    else:  # no workbook, nor any text
        what = M_("This is no workbook: its content is of another kind than its name says.")
        mend = M_("Check that it is the right file. {start}", start=start)
    return Problem(file, Place(), ABSENT, what, None, mend)


def _no_workbook(file: str, content: SheetFile) -> Problem:
    what = M_("This is a text table ({kind}), not a workbook, whatever its name says.", kind=content.kind.upper())
    expected = M_("a form with its sheets, saved as an Excel workbook (.xlsx), .ods or .xls")
    mend = M_("Copy its rows into a form that “assigner template” writes.")
    return Problem(file, Place(), ABSENT, what, expected, mend)


class _Names:
    """A list of names that is put together when it is printed."""

    def __init__(self, names: Iterable[object]) -> None:
        self.names = tuple(names)

    def __str__(self) -> str:
        return join_list(self.names)


class _Shown:
    """The title of a sheet or column in the language in which it is printed."""

    def __init__(self, entry: Layout | Column) -> None:
        self.entry = entry

    def __str__(self) -> str:
        return self.entry.shown


class _Reader:
    def __init__(self, path: Path, file: str, content: SheetFile, folder: Path, *, partial: bool) -> None:
        self.file, self.content = file, content
        self.looks = look_into(path)
        self.form = Form(file, Vocabulary(book_named("", None)))
        if has_macros(path):
            self.form.odd(
                "",
                M_("The workbook holds macros. They were not run, and a marked copy does not have them."),
                M_("Save it as .xlsx if they are not needed."),
            )
        found = self._found_sheets()
        for layout, sheet in found:
            if layout.kind == "settings":
                self._settings(layout, sheet)
        self.form.words = Vocabulary(book_named(self.form.text("rulebook").strip(), folder))
        for layout, sheet in found:
            if layout.kind in ("table", "matrix"):
                self._table(layout, sheet)
        for needed in ("community", "schools"):
            if needed not in self.form.sheets and not partial:
                self._missing_sheet(SHEET_BY_ID[needed])

    # -------------------------------------------------------------------------------------------- sheets

    def _found_sheets(self) -> list[tuple[Layout, Sheet]]:
        by_name = {spelling: layout for layout in (*SHEETS, MARKED) for spelling in layout.spellings()}
        found: dict[str, Sheet] = {}
        strangers: list[Sheet] = []
        for sheet in self.content.sheets:
            layout = by_name.get(squeezed(sheet.name))
            if layout is None:
                strangers.append(sheet)
            elif layout.kind != "text":
                self._take(layout, sheet, found)
        for sheet in strangers:
            if not any(True for _row in sheet.filled()):
                continue
            layout, possible = self._by_heads(sheet, found)
            if layout is None and possible:
                self._unread_sheet(sheet, possible, found)
                continue
            if layout is None:
                self._ignored(sheet, found)
                continue
            self.form.odd(
                f"{sheet.name}!A1",
                M_("The sheet has no name of the form; by its titles it is read as “{sheet}”.", sheet=_Shown(layout)),
                M_("Give the sheet this name."),
                sheet.name,
            )
            self._take(layout, sheet, found)
        self.form.sheets = {identity: sheet.name for identity, sheet in found.items()}
        for sheet in found.values():
            if sheet.hidden:
                self.form.odd(
                    f"{sheet.name}!A1",
                    M_("The sheet is hidden, but it is read like any other."),
                    M_("Show it and check what it says, or delete it."),
                    sheet.name,
                )
        return [(SHEET_BY_ID[identity], sheet) for identity, sheet in found.items()]

    def _take(self, layout: Layout, sheet: Sheet, found: dict[str, Sheet]) -> None:
        first = found.get(layout.id)
        if first is None or not self._says_anything(layout, first):
            found[layout.id] = sheet
        elif self._says_anything(layout, sheet):
            self.form.wrong(
                f"{sheet.name}!A1",
                M_(
                    "There are two sheets of the same kind: “{first}” and “{second}”.",
                    first=first.name,
                    second=sheet.name,
                ),
                M_("one sheet of each kind"),
                M_("Put their rows together in one of the two and delete the other."),
                sheet.name,
            )

    def _says_anything(self, layout: Layout, sheet: Sheet) -> bool:
        head = self._head(layout, sheet)
        if layout.kind == "matrix" and head is not None:  # codes and names alone say nothing
            return any(self._column_filled(sheet, head, position) for position in head.items)
        last = -1 if head is None else head.row
        return any(
            not blank(cell) and not _unsettled(cell) for index, row in sheet.filled() if index > last for cell in row
        )

    def _by_heads(self, sheet: Sheet, found: Mapping[str, Sheet]) -> tuple[Layout | None, list[Layout]]:
        """The sheet of the form whose titles these are, if it is plain; and all that it may be."""
        lines = sum(1 for _line in self._lines(sheet))
        if lines >= _LEAST_LINES and "community" not in found:
            return SHEET_BY_ID["community"], [SHEET_BY_ID["community"]]
        heads = [
            (layout, head)
            for layout in SHEETS
            if (head := self._head(layout, sheet)) is not None and layout.columns and layout.kind != "settings"
            if layout.columns[0] in head.columns.values()
        ]
        answers = {
            layout.id: [cell for position in head.items for cell in self._cells_of(sheet, head, position)]
            for layout, head in heads
            if layout.kind == "matrix" and len(head.items) >= _LEAST_ITEMS
        }
        if answers:
            plain, possible = matrix_by_answers(sheet.name, answers)
            filled = any(not blank(cell) for cells in answers.values() for cell in cells)
            if plain is None and not filled:
                return None, []
        else:
            scores: dict[str, int] = {}
            whole: dict[str, int] = {}
            for layout, head in heads:
                ids = {column.id for column in head.columns.values()}
                if layout.kind == "table" and len(ids) >= min(_LEAST_TITLES, len(layout.columns)):
                    scores[layout.id] = len(ids)
                    if {column.id for column in layout.columns if column.required} <= ids:
                        whole[layout.id] = len(ids)
            possible = best_table(whole or scores)
            if not any(self._says_anything(layout, sheet) for layout in possible):
                possible = []
            named = named_in(sheet.name, possible)
            plain = possible[0] if len(possible) == 1 else named[0] if len(named) == 1 else None
        if plain is not None and plain.id in found and self._says_anything(plain, found[plain.id]):
            return None, [plain]
        return plain, possible

    def _unread_sheet(self, sheet: Sheet, possible: list[Layout], found: Mapping[str, Sheet]) -> None:
        """A sheet full of answers that is not read: nothing may be lost without a word."""
        self.form.broken = True
        self.form.strangers[sheet.name] = tuple(layout.id for layout in possible)
        there = [found[layout.id].name for layout in possible if layout.id in found]
        what: Message
        if len(possible) == 1 and there:
            what = M_(
                "The sheet has the titles of “{first}”, which is there already: what stands in “{second}” is not read.",
                first=there[0],
                second=sheet.name,
            )
            mend = M_("Put their rows together in one of the two and delete the other.")
        else:
            what = M_("The sheet has titles of the form, but no name of it, so what stands in it is not read.")
            mend = M_("Give the sheet the name of what it is, or delete it if it is not needed.")
        names = _Names(_Shown(layout) for layout in possible)
        self.form.wrong(f"{sheet.name}!A1", what, M_("one of the names: {names}", names=names), mend, sheet.name)

    def _ignored(self, sheet: Sheet, found: Mapping[str, Sheet]) -> None:
        absent = [layout for layout in SHEETS if layout.kind != "text" and layout.id not in found]
        named = named_in(sheet.name, absent)
        if named and any(len([c for c in cells if not blank(c)]) > 1 for _index, cells in sheet.filled()):
            self._unread_sheet(sheet, named, found)
            return
        spellings = {spelling: layout for layout in absent for spelling in layout.spellings()}
        near = get_close_matches(squeezed(sheet.name), list(spellings), n=1, cutoff=0.5)
        mend = (
            M_("Did you mean “{word}”?", word=_Shown(spellings[near[0]]))
            if near
            else M_("Delete the sheet if it is not needed.")
        )
        what = M_("The form has no sheet of this name; it is not read.")
        self.form.left_out(f"{sheet.name}!A1", what, mend, sheet.name)

    def _missing_sheet(self, layout: Layout) -> None:
        if self.form.may_be(layout.id):
            return  # told at the sheet that it may be
        present = _Names(sheet.name for sheet in self.content.sheets)
        self.form.broken = True
        self.form.wrong(
            "",
            M_("The sheet “{sheet}” is missing; the sheets here are: {names}.", sheet=_Shown(layout), names=present),
            None,
            M_("Name the sheet again as the form does, or start from a form that “assigner template” writes."),
        )

    # ------------------------------------------------------------------------------------------ settings

    def _lines(self, sheet: Sheet) -> Iterator[tuple[int, int, Column]]:
        """(row, column of the title, setting) of every line that names a setting."""
        known = {spelling: column for column in SETTINGS for spelling in column.spellings()}
        for index, cells in sheet.filled():
            for position, cell in enumerate(cells[:3]):
                column = known.get(squeezed(cell)) if isinstance(cell, str) else None
                if column is not None:
                    yield index, position, column
                    break

    def _settings(self, layout: Layout, sheet: Sheet) -> None:
        form, errors = self.form, self._look(sheet).errors
        named: set[int] = set()
        for index, position, column in self._lines(sheet):
            named.add(index)
            cells = sheet.rows[index]
            at = position + 1
            cell = sheet.place(index, at)
            form.titles[cell] = str(cells[position]).strip().rstrip("＊*")
            raw: Cell = cells[at] if at < len(cells) else None
            if (index, at) in errors:
                raw = FailedFormula(errors[index, at])
            form.contents[cell] = raw
            value = understood(raw, column, self.file, cell, form.words, form.problems)
            form.setting_cells.setdefault(column.id, cell)
            if column.choice is not None:
                form.choices[cell] = column.choice
            if value is None or value == []:
                continue
            if column.id in form.settings and column.id not in ("sources", "townships"):
                first = form.settings[column.id][0]
                if first.data != value:
                    form.wrong(
                        cell,
                        M_("The line stands twice, with two values; the first is in {cell}.", cell=first.cell),
                        M_("each line once"),
                        M_("Keep one of the two."),
                        value,
                    )
                continue
            form.settings.setdefault(column.id, []).append(Value(value, cell))
        self._unknown_lines(sheet, named)
        for index, cells in sheet.filled():
            if cells and isinstance(cells[0], str) and squeezed(cells[0]) in {squeezed(v) for v in _VERSION}:
                self._version(sheet.place(index, 1), cells[1] if len(cells) > 1 else None)

    def _version(self, cell: str, version: Cell) -> None:
        if version is None or version == FORM_VERSION or str(version).strip() == str(FORM_VERSION):
            return
        self.form.wrong(
            cell,
            M_("This version of the form is not known."),
            M_("one of: {choices}", choices=FORM_VERSION),
            M_("Use a newer version of the program, or write the form anew with “assigner template”."),
            version if isinstance(version, str | int | float) else str(version),
        )

    def _unknown_lines(self, sheet: Sheet, named: set[int]) -> None:
        """Lines that look like settings whose name is not known."""
        if not named:
            self.form.broken = True
            self.form.wrong(
                f"{sheet.name}!A1",
                M_("No line of this sheet has a name that the form knows."),
                M_("lines such as: {names}", names=_Names((_Shown(SETTINGS[0]), _Shown(SETTINGS[1])))),
                M_("Start from a form that “assigner template” writes."),
            )
            return
        first = min(named)
        known = {spelling: column for column in SETTINGS for spelling in column.spellings()}
        for index, cells in sheet.filled():
            name = cells[0] if cells else None
            if index <= first or index in named or not isinstance(name, str) or len(cells) < 2 or blank(cells[1]):
                continue
            if squeezed(name) in {squeezed(v) for v in _VERSION}:
                continue
            near = get_close_matches(squeezed(name), list(known), n=1, cutoff=0.6)
            if near and known[near[0]].id not in self.form.settings:
                what = M_("The form has no line of this name; what stands in it would be lost.")
                mend = M_("Did you mean “{word}”? Write the name so, or delete the line.", word=_Shown(known[near[0]]))
                self.form.wrong(sheet.place(index, 0), what, None, mend, name)
                continue
            what, mend = (
                M_("The form has no line of this name; it is not read."),
                M_("Delete the line if it is not needed."),
            )
            self.form.left_out(sheet.place(index, 0), what, mend, name)

    # --------------------------------------------------------------------------------------------- tables

    def _look(self, sheet: Sheet) -> Look:
        return self.looks.get(sheet.name) or Look(frozenset(), (), {})

    def _item(self, layout: Layout, cell: Cell) -> str | None:
        if not isinstance(cell, str | int | float) or isinstance(cell, bool):
            return None
        if layout.id == "ways":
            whole = str(cell).strip()
            return self.form.words.way(whole) or self.form.words.way(whole.split("\n")[-1])
        return meant_item(self.form.words, cell, convener=layout.id == "willingness")

    def _head(self, layout: Layout, sheet: Sheet) -> _Head | None:
        """The row of titles: the one among the first that has most of them."""
        if layout.kind == "settings":
            rows = [index for index, _position, _column in self._lines(sheet)]
            return _Head(min(rows) - 1, {}, {}, ()) if rows else None
        known = {spelling: column for column in reversed(layout.columns) for spelling in column.spellings()}
        best: _Head | None = None
        for count, (index, cells) in enumerate(sheet.filled()):
            if count >= _HEAD_ROWS:
                break
            columns: dict[int, Column] = {}
            items: dict[int, str] = {}
            unknown: list[int] = []
            for position, cell in enumerate(cells):
                if blank(cell):
                    continue
                column = known.get(squeezed(cell)) if isinstance(cell, str) else None
                item = self._item(layout, cell) if layout.kind == "matrix" and column is None else None
                if column is not None:
                    columns[position] = column
                elif item is not None:
                    items[position] = item
                else:
                    unknown.append(position)
            if columns and len(columns) + len(items) > (len(best.columns) + len(best.items) if best else 0):
                best = _Head(index, columns, items, tuple(unknown))
        return best if best is not None and len(best.columns) + len(best.items) >= 2 else None

    def _table(self, layout: Layout, sheet: Sheet) -> None:
        form = self.form
        head = self._head(layout, sheet)
        if head is None:
            if any(len([c for c in cells if not blank(c)]) > 1 for _i, cells in sheet.filled()):
                wanted = [_Shown(column) for column in layout.columns if column.required]
                form.broken = True
                form.wrong(
                    f"{sheet.name}!A1",
                    M_("The row of titles of this sheet was not found."),
                    M_("a row with the titles: {names}", names=_Names(wanted)),
                    M_("Write the titles as the form has them, or start from a new form."),
                )
            return
        head = self._with_changed_titles(layout, sheet, head)
        columns, items = self._settled(layout, sheet, head)
        titles = {k: str(cell).split("\n")[0].strip().rstrip("＊*") for k, cell in enumerate(sheet.rows[head.row])}
        rows = self._filled_in(sheet, head, titles)
        keep: list[Row] = []
        for index in range(head.row + 1, len(rows)):
            row = self._row(layout, sheet, index, rows[index], columns, items, titles)
            if row is not None:
                keep.append(row)
        form.rows[layout.id] = keep
        self._missing_columns(layout, sheet, head, bool(keep))
        hidden = sorted(self._look(sheet).hidden)
        used = [n for n in hidden if any(row.cell == sheet.place(n, _column_of(row.cell)) for row in keep)]
        if used:
            form.odd(
                sheet.place(used[0], 0),
                M_("Hidden rows are read like any other: {rows}.", rows=_Names(str(n + 1) for n in used)),
                M_("Show them and check what they say, or delete them."),
            )
        unseen = sorted(
            k
            for k in self._look(sheet).hidden_columns
            if (k in items or (k in columns and not columns[k].ours)) and self._column_filled(sheet, head, k)
        )
        if unseen and keep:
            form.odd(
                sheet.place(head.row, unseen[0]),
                M_("Hidden columns are read like any other: {columns}.", columns=_Names(map(column_name, unseen))),
                M_("Show them and check what they say, or delete them."),
            )

    def _with_changed_titles(self, layout: Layout, sheet: Sheet, head: _Head) -> _Head:
        """The row of titles, with the items that a changed title still names."""
        if layout.kind != "matrix" or layout.id == "ways":
            return head
        items = dict(head.items)
        unknown = list(head.unknown)
        for position in head.unknown:
            cell = sheet.rows[head.row][position]
            if not isinstance(cell, str) or not self._column_filled(sheet, head, position):
                continue
            item = item_meant(self.form.words, cell, convener=layout.id == "willingness")
            if item is None or item in items.values() or self._answers_share(layout, sheet, head, position) == 0:
                continue
            items[position] = item
            unknown.remove(position)
            self.form.odd(
                sheet.place(head.row, position),
                M_("The title is not that of the form; it is read as the work item {item}.", item=item),
                M_("Write {item} before the title, or correct it.", item=item),
                cell.strip(),
            )
        return _Head(head.row, head.columns, items, tuple(unknown))

    def _answers_share(self, layout: Layout, sheet: Sheet, head: _Head, position: int) -> float:
        assert layout.cells is not None
        return share(layout.cells, self._cells_of(sheet, head, position))

    def _cells_of(self, sheet: Sheet, head: _Head, position: int) -> list[Cell]:
        return [cells[position] for cells in sheet.rows[head.row + 1 :] if position < len(cells)]

    def _settled(
        self, layout: Layout, sheet: Sheet, head: _Head
    ) -> tuple[dict[int, Column], dict[int, tuple[str, Column]]]:
        """Columns to be read; what is wrong with the titles is noted."""
        form = self.form
        columns: dict[int, Column] = {}
        items: dict[int, tuple[str, Column]] = {}
        seen: dict[str, int] = {}
        for position in sorted((*head.columns, *head.items)):
            column = head.columns.get(position)
            item = head.items.get(position, "")
            key = ITEM + item if column is None else column.id
            title = str(sheet.rows[head.row][position]).strip()
            if key in seen:
                if self._column_filled(sheet, head, position):
                    other = column_name(seen[key])
                    form.wrong(
                        sheet.place(head.row, position),
                        M_("Two columns have the same meaning; the other is column {letter}.", letter=other),
                        M_("one column of each kind"),
                        M_("Delete one of the two, or correct its title."),
                        title,
                    )
                continue
            seen[key] = position
            if column is not None:
                columns[position] = column
            elif layout.id in ("last_year", "ways"):
                items[position] = item, Column(key, titled(title, title), "flag", choice=layout.cells)
            else:
                items[position] = item, Column(key, titled(title, title), "word", choice=layout.cells)
        for position in head.unknown:
            self._unknown_column(layout, sheet, head, position)
        return columns, items

    def _column_filled(self, sheet: Sheet, head: _Head, position: int) -> bool:
        return any(not blank(cell) for cell in self._cells_of(sheet, head, position))

    def _unknown_column(self, layout: Layout, sheet: Sheet, head: _Head, position: int) -> None:
        form = self.form
        cell, here = sheet.rows[head.row][position], sheet.place(head.row, position)
        filled = self._column_filled(sheet, head, position)
        if layout.kind == "matrix" and layout.id != "ways":
            item = meant_by_date(form.words, cell)
            if isinstance(cell, datetime.date | datetime.time) or item is not None:
                mend = (
                    M_("If it was {item}: format the cell as text, then type {item} again.", item=item)
                    if item is not None
                    else M_("Format the cell as text, then type it again.")
                )
                what = M_("A spreadsheet has turned the id of a work item into a date.")
                form.wrong(here, what, M_("the id of a work item, such as 4.1"), mend, str(cell))
                return
            if looks_like_item(cell):
                known = tuple(form.words.items_of)
                near = get_close_matches(str(cell), known, n=1, cutoff=0.5)
                form.wrong(
                    here,
                    M_("The rulebook has no work item of this id."),
                    M_("one of: {choices}", choices=", ".join(known)),
                    M_("Did you mean “{word}”?", word=near[0])
                    if near
                    else M_("Correct the title, or delete the column."),
                    cell if isinstance(cell, str | int | float) else str(cell),
                )
                return
        if not filled:
            return
        absent = [c for c in layout.columns if c not in head.columns.values() and not c.ours]
        spellings = {spelling: column for column in absent for spelling in column.spellings()}
        near = get_close_matches(squeezed(cell), list(spellings), n=1, cutoff=0.6)
        if near and spellings[near[0]].required:
            return  # told as a missing column
        title = str(cell).strip()
        lost = M_("The form has no column of this title; what stands in it would be lost.")
        if near:
            word = _Shown(spellings[near[0]])
            mend = M_("Did you mean “{word}”? Write the title so, or delete the column.", word=word)
            form.wrong(here, lost, None, mend, title)
            return
        if layout.cells is not None and self._answers_share(layout, sheet, head, position) >= _ANSWERS:
            mend = M_("Write the id of the work item as its title, such as 4.1, or delete the column.")
            form.wrong(here, lost, M_("the id of a work item, such as 4.1"), mend, title)
            return
        within = position < max((*head.columns, *head.items), default=0)
        cells = self._cells_of(sheet, head, position)
        fitting = [column for column in absent if column_fits(column, cells, form.words)] if within else []
        if fitting and layout.kind == "table":
            names = _Names(map(_Shown, fitting[:_MOST_NAMES]))
            mend = M_("Write the title as the form has it, or delete the column.")
            form.wrong(here, lost, M_("one of the titles: {names}", names=names), mend, title)
            return
        mend = M_("Delete the column if it is not needed.")
        form.left_out(here, M_("The form has no column of this title; it is not read."), mend, title)

    def _missing_columns(self, layout: Layout, sheet: Sheet, head: _Head, any_rows: bool) -> None:
        for column in layout.columns:
            if not column.required or column in head.columns.values():
                continue
            if not any_rows and not self._says_anything(layout, sheet):
                continue
            heads = {squeezed(sheet.rows[head.row][k]): k for k in head.unknown}
            near = [
                k for spelling in column.spellings() for k in get_close_matches(spelling, list(heads), n=1, cutoff=0.5)
            ]
            at = heads[near[0]] if near else None
            title = "" if at is None else str(sheet.rows[head.row][at]).strip()
            self.form.broken = True
            self.form.wrong(
                sheet.place(head.row, 0 if at is None else at),
                M_("The column “{column}” is missing.", column=_Shown(column)),
                None,
                M_("Did you mean this by “{title}”? Write “{column}” there.", title=title, column=_Shown(column))
                if near
                else M_("Write “{column}” at the head of its column.", column=_Shown(column)),
            )

    def _filled_in(self, sheet: Sheet, head: _Head, titles: Mapping[int, str]) -> list[list[Cell]]:
        """Rows, with merged cells filled in (each part has the value) and failed formulas put where they stand."""
        look = self._look(sheet)
        rows = [list(cells) for cells in sheet.rows]
        for (row, column), error in look.errors.items():
            if row < len(rows):
                rows[row] += [None] * (column + 1 - len(rows[row]))
                rows[row][column] = FailedFormula(error)
        for top, left, bottom, right in sorted(look.merged):
            if top <= head.row or top >= len(rows) or left >= len(rows[top]) or blank(rows[top][left]):
                continue
            if bottom - top > 500 or right - left > 100:
                continue
            if left in head.columns and head.columns[left].kind in ("code", "school"):
                self._merged_codes(sheet, head, titles, rows, (top, left, bottom, right))
                continue
            value = rows[top][left]
            self.form.odd(
                sheet.place(top, left),
                M_("Merged cells: the value counts for each of them, down to {cell}.", cell=cell_name(bottom, right)),
                M_("Unmerge them and write the value into each cell."),
                str(value),
            )
            for row in range(top, min(bottom, len(rows) - 1) + 1):
                rows[row] += [None] * (right + 1 - len(rows[row]))
                for column in range(left, right + 1):
                    rows[row][column] = value
        return rows

    def _merged_codes(
        self,
        sheet: Sheet,
        head: _Head,
        titles: Mapping[int, str],
        rows: list[list[Cell]],
        merged: tuple[int, int, int, int],
    ) -> None:
        """One code for several rows: the others are without one."""
        top, left, bottom, right = merged
        read = {*head.items, *(k for k, column in head.columns.items() if not column.ours)} - {left}
        for row in range(top + 1, min(bottom, len(rows) - 1) + 1):
            if any(k < len(rows[row]) and not blank(rows[row][k]) for k in read):
                place = sheet.place(row, left)
                self.form.titles[place] = titles[left]
                self.form.wrong(
                    place,
                    M_(
                        "The cells {cells} are merged, so the code stands in the first row only; this row has none.",
                        cells=f"{cell_name(top, left)}:{cell_name(bottom, right)}",
                    ),
                    M_("a code in every row"),
                    M_("Select the merged cells, choose Home, Merge & Center, Unmerge Cells, then write each code."),
                    str(rows[top][left]).strip(),
                )

    def _row(
        self,
        layout: Layout,
        sheet: Sheet,
        index: int,
        cells: list[Cell],
        columns: Mapping[int, Column],
        items: Mapping[int, tuple[str, Column]],
        titles: Mapping[int, str],
    ) -> Row | None:
        form = self.form
        read = [*columns.items(), *((k, column) for k, (_key, column) in items.items())]
        key = layout.columns[0]
        key_at = next((k for k, column in columns.items() if column is key), None)
        filled = {k for k, column in read if not column.ours and k < len(cells) and not blank(cells[k])}
        # A list of all items, switches or aims names each of them; a row says something only beside its name.
        bare = filled == {key_at} and (layout.spare == 0 or layout.kind == "matrix")
        name = cells[key_at] if key_at is not None and key_at < len(cells) else None
        if not filled or (isinstance(name, str) and squeezed(name) in key.spellings()):
            return None  # empty, or the titles once more, as pasted from another form
        values: dict[str, Value] = {}
        places: dict[str, str] = {}
        for k, column in read:
            if column.ours:
                continue
            place = sheet.place(index, k)
            places[column.id] = place
            form.titles[place] = titles[k]
            if column.choice is not None:
                form.choices[place] = column.choice
            raw = cells[k] if k < len(cells) else None
            if not blank(raw):
                form.contents[place] = raw
            value = understood(raw, column, self.file, place, form.words, [] if bare else form.problems)
            if value is not None:
                values[column.id] = Value(value, place)
        row = Row(sheet.place(index, key_at if key_at is not None else min(filled)), values, places)
        if bare:
            form.bare.setdefault(layout.id, []).append(row)
            return None
        return row


def _unsettled(cell: Cell) -> bool:
    """Whether a cell holds a formula that was never worked out, such as those of the form for names."""
    return isinstance(cell, FailedFormula) and cell.startswith("=")


def _column_of(cell: str) -> int:
    letters = "".join(c for c in cell.rsplit("!", 1)[1] if c.isalpha())
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
