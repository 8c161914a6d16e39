"""Write the form: an empty one, one for the schools of a roster, or one that holds a whole scenario."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import InputError, Place, Problem
from assigner.messages import M_, N_, _, current_language
from assigner.scenario.vocabulary import Vocabulary
from assigner.workbook.filling import Filling, filling_of, version_row
from assigner.workbook.items import full_title
from assigner.workbook.layout import COLUMN_END, COMMUNITY, COVER, ITEMS, SCHOOLS, SHEETS, WILLING, Column, Layout
from geodata.sheets import cell_name, column_name
from models.rulebook import Rulebook

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from assigner.scenario.scenario import Scenario

__all__ = ["workbook_bytes", "write_workbook"]

_A4 = 9
_MOST_LETTERS = 32_767
"""In a cell, as Excel counts them."""

_HEAD = 2
"""Row of the titles, counted from 0: under the name and the hint of the sheet."""

_INK, _DEEP, _PALE, _NEED, _OURS, _LINE = "#1F2933", "#1F5C7A", "#DCE9F0", "#FFF6D6", "#EFEFEF", "#B8C4CC"
_TABS = {"required": _DEEP, "usual": "#7FB3CC", "rare": "#C9CED2"}

_STEPS = (
    N_("1. Fill in the sheets with a dark tab: the community and its schools. Titles with ＊ are required."),
    N_("2. Ask the schools for their willingness, one row each. Where a school cannot, let it give its reason."),
    N_("3. The other sheets may stay empty: whatever is not said is at its default, or counts as unknown."),
    N_("4. Check the form: assigner validate FORM.xlsx. Every mistake is named with its cell and marked in a copy."),
    N_("5. Make the plan: assigner solve FORM.xlsx --out FOLDER."),
)
_RULES = (
    N_("Codes are text: format the cell as text before you paste codes, so that leading zeros stay."),
    N_("Rows and columns may be moved or left out; titles and the names of sheets must stay."),
    N_("Several schools can fill in copies of this form: assigner collect FOLDER puts them together."),
)


def write_workbook(scenario: Scenario | None, path: str | os.PathLike[str], *, blank_schools: int = 9) -> Path:
    """Write a form in the current language, whole or not at all.

    Parameters
    ----------
    scenario
        What it holds; None for an empty form.
    path
        The file to write.
    blank_schools
        Empty rows for schools, where there is no scenario.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        A text of the scenario is longer than a cell can hold.
    OSError
        The file cannot be written; the error names it.
    """
    from assigner.files import write_whole

    where = Path(path)
    write_whole(where, workbook_bytes(scenario, blank_schools=blank_schools))
    return where


def workbook_bytes(scenario: Scenario | None, *, blank_schools: int = 9) -> bytes:
    """The form as the bytes of an .xlsx (parameters and `InputError` as `write_workbook`)."""
    stream = io.BytesIO()
    filling = filling_of(scenario)
    if scenario is not None and (problems := list(_too_long(scenario, filling))):
        raise InputError(problems)
    _Book(filling, 0 if scenario is not None else max(1, blank_schools)).write(stream)
    return stream.getvalue()


def _too_long(scenario: Scenario, filling: Filling) -> Iterator[Problem]:
    """Texts that no cell can hold: the library would leave them out without a word."""
    named = [(column.id, value) for column, value in filling.settings]
    named += [
        (f"{sheet}[{row}].{key}", value)
        for sheet, rows in filling.rows.items()
        for row, entry in enumerate(rows)
        for key, value in entry.items()
    ]
    for key, value in named:
        letters = len(value.encode("utf-16-le")) // 2 if isinstance(value, str) else 0
        if letters > _MOST_LETTERS:
            what = M_("The text has {n} characters, more than a cell of a workbook can hold.", n=letters)
            expected = M_("at most {max_length} characters", max_length=_MOST_LETTERS)
            mend = M_("Shorten the text, or keep the scenario as YAML.")
            yield Problem(scenario.document.name, Place(key), value, what, expected, mend)


class _Book:
    """Writes one form."""

    def __init__(self, filling: Filling, blank: int) -> None:
        self.filling, self.blank = filling, blank
        self.book: Workbook
        self.formats: dict[str, Format] = {}
        self.school_rows = (0, 0)

    def write(self, stream: io.BytesIO) -> None:
        from xlsxwriter import Workbook

        options = {
            "in_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self.book = Workbook(stream, options)
        self.book.set_properties({"title": self._title(), "comments": _("Form for a learning community.")})
        self._make_formats()
        sheets = {layout.id: self.book.add_worksheet(layout.shown) for layout in SHEETS}
        count = len(self.filling.rows.get("schools", [])) + self.blank + 5
        self.school_rows = (_HEAD + 2, _HEAD + 1 + count)
        for layout in SHEETS:
            sheet = sheets[layout.id]
            sheet.set_landscape()
            sheet.set_paper(_A4)
            sheet.fit_to_pages(1, 0)
            sheet.set_margins(0.4, 0.4, 0.5, 0.6)
            sheet.set_footer("&L&A&C" + self._title().replace("&", "&&")[:80] + "&R&P / &N")
            sheet.hide_gridlines(1)
            if layout in (COVER, COMMUNITY):
                sheet.fit_to_pages(1, 1)
            elif layout is SCHOOLS:
                sheet.fit_to_pages(2, 0)
            if layout is COVER:
                self._cover(sheet)
            elif layout is ITEMS:
                self._items(sheet)
            elif layout is COMMUNITY:
                self._community(layout, sheet)
            else:
                self._table(layout, sheet)
            if layout.kind != "text":
                sheet.set_tab_color(_TABS[layout.tab])
        sheets[COVER.id].activate()
        self.book.close()

    def _title(self) -> str:
        name = next((value for column, value in self.filling.settings if column.id == "name" and value), None)
        return str(name) if name else _("Duties of a learning community: form")

    def _make_formats(self) -> None:
        font = {
            "font_name": "Microsoft JhengHei" if current_language() == "zh-TW" else "Calibri",
            "font_size": 11,
            "font_color": _INK,
            "valign": "vcenter",
        }
        box = {**font, "border": 1, "border_color": _LINE}
        kinds: dict[str, dict[str, Any]] = {
            "plain": {**font, "text_wrap": True},
            "title": {**font, "bold": True, "font_size": 16, "font_color": _DEEP},
            "hint": {**font, "italic": True, "text_wrap": True, "valign": "top"},
            "strong": {**font, "bold": True, "font_size": 12, "font_color": _DEEP},
            "head": {**box, "bold": True, "text_wrap": True, "align": "center", "bg_color": _PALE},
            "head_item": {
                **box,
                "bold": True,
                "font_size": 9,
                "text_wrap": True,
                "align": "center",
                "bg_color": _PALE,
            },
            "head_required": {
                **box,
                "bold": True,
                "text_wrap": True,
                "align": "center",
                "bg_color": _DEEP,
                "font_color": "#FFFFFF",
            },
            "head_ours": {**box, "italic": True, "text_wrap": True, "align": "center", "bg_color": _OURS},
            "text": {**box, "num_format": "@"},
            "text_required": {**box, "num_format": "@", "bg_color": _NEED},
            "long": {**box, "num_format": "@", "text_wrap": True},
            "long_required": {**box, "num_format": "@", "text_wrap": True, "bg_color": _NEED},
            "number": {**box, "num_format": "General"},
            "number_required": {**box, "num_format": "General", "bg_color": _NEED},
            "degrees": {**box, "num_format": "0.0#####"},
            "count": {**box, "num_format": "#,##0"},
            "percent": {**box, "num_format": "0.##%"},
            "word": {**box, "align": "center", "num_format": "@", "shrink": True},
            "word_required": {**box, "align": "center", "num_format": "@", "shrink": True, "bg_color": _NEED},
            "ours": {**box, "italic": True, "bg_color": _OURS, "text_wrap": True},
            "yes": {"bg_color": "#D8EFD9"},
            "careful": {"bg_color": "#FBE3C8"},
            "no": {"bg_color": "#F4C9C4", "bold": True},
        }
        self.formats = {name: self.book.add_format(properties) for name, properties in kinds.items()}

    # ---------------------------------------------------------------------------------------- text sheets

    def _cover(self, sheet: Worksheet) -> None:
        formats = self.formats
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 22)
        sheet.set_column(2, 2, 88)
        sheet.write_string(0, 1, self._title(), formats["title"])
        sheet.set_row(0, 30)
        label, version = version_row()
        sheet.write_string(1, 1, f"{label} {version}", formats["hint"])
        row = 3
        row = self._paragraphs(sheet, row, _("How to fill it in"), [_(step) for step in _STEPS])
        row = self._paragraphs(sheet, row, _("What to know"), [_(rule) for rule in _RULES])
        sheet.write_string(row, 1, _("Colours"), formats["strong"])
        legend = (
            ("head_required", _("Title") + COLUMN_END, _("Required: without it the plan cannot be made.")),
            ("head", _("Title"), _("Optional.")),
            ("head_ours", _("Title"), _("Only explains; not to be filled in, and not read.")),
        )
        for name, shown, about in legend:
            row += 1
            sheet.write_string(row, 1, shown, formats[name])
            sheet.write_string(row, 2, about, formats["plain"])
        row += 2
        sheet.write_string(row, 1, _("Sheets"), formats["strong"])
        for layout in SHEETS[1:]:
            row += 1
            need = {"required": _("required"), "usual": _("usually filled in"), "rare": _("only if needed")}
            hint = _(layout.hint) if layout.hint else _("The work items of the programme and their ids.")
            remark = "" if layout is ITEMS else f" [{need[layout.tab]}]"
            sheet.write_url(row, 1, f"internal:'{layout.shown}'!A1", None, layout.shown)
            sheet.write_string(row, 2, hint + remark, formats["plain"])
            self._fit(sheet, row, [(hint + remark, 88)])
        sheet.print_area(0, 0, row, 2)

    def _paragraphs(self, sheet: Worksheet, row: int, title: str, lines: Sequence[str]) -> int:
        sheet.write_string(row, 1, title, self.formats["strong"])
        for line in lines:
            row += 1
            sheet.merge_range(row, 1, row, 2, "", self.formats["plain"])
            sheet.write_string(row, 1, line, self.formats["plain"])
            self._fit(sheet, row, [(line, 108)])
        return row + 2

    def _fit(self, sheet: Worksheet, row: int, texts: Sequence[tuple[str, float]], least: float = 18) -> None:
        """Make a row as high as its wrapped texts need; programs do not agree on doing it themselves."""
        lines = max((_lines(text, width) for text, width in texts), default=1)
        sheet.set_row(row, max(least, 16.5 * lines + 2))

    def _items(self, sheet: Worksheet) -> None:
        formats, book = self.formats, self.filling.book
        heads = (_("Id"), _("Work item"), _("Place in the programme"), _("Mandatory"))
        widths = (14, 84, 28, 12)
        self._headline(ITEMS.shown, _("The work items of the programme and their ids."), sheet, len(heads), widths)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(_HEAD, column, head, formats["head_ours"])
        row = _HEAD
        for item in book.items:
            row += 1
            title = full_title(book, item.id)
            cells = (item.id, title, item.place, _("yes") if item.mandatory else _("no"))
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell, formats["ours"])
            self._fit(sheet, row, [(title, 84), (item.place, 28)])
        sheet.freeze_panes(_HEAD + 1, 1)
        sheet.repeat_rows(_HEAD)
        sheet.print_area(0, 0, row, len(heads) - 1)

    def _headline(self, title: str, hint: str, sheet: Worksheet, columns: int, widths: Sequence[float]) -> None:
        """The name of a sheet and what it is for, above its titles."""
        sheet.write_string(0, 0, title, self.formats["title"])
        sheet.set_row(0, 28)
        first = 2 if title == SCHOOLS.shown else 0  # its first two columns stand on every page
        last = max(first + 1, columns - 1)
        width = 0.0
        for last_wide, own in enumerate(widths):
            width += own
            if width >= 110:  # a hint across the whole of a wide sheet could not be read on a screen
                last = max(first + 1, last_wide)
                break
        sheet.merge_range(1, first, 1, last, "", self.formats["hint"])
        sheet.write_string(1, first, hint, self.formats["hint"])
        self._fit(sheet, 1, [(hint, max(20.0, width))])

    # ------------------------------------------------------------------------------------------ community

    def _community(self, layout: Layout, sheet: Worksheet) -> None:
        formats = self.formats
        widths = [column.width for column in layout.columns]
        self._headline(layout.shown, _(layout.hint), sheet, len(widths), widths)
        for k, column in enumerate(layout.columns):
            sheet.set_column(k, k, column.width)
            sheet.write_string(_HEAD, k, column.shown, formats["head"])
        row = _HEAD
        for setting, value in self.filling.settings:
            row += 1
            title = setting.shown + (COLUMN_END if setting.required else "")
            sheet.write_string(row, 0, title, formats["head_required" if setting.required else "head"])
            need = "_required" if setting.required else ""
            number = setting.kind in ("points", "count")
            shape = formats["number"] if number else formats["long" + need]
            self._cell(sheet, row, 1, value, shape)
            hint = self._about(setting)
            sheet.write_string(row, 2, hint, formats["ours"])
            self._fit(sheet, row, [(hint, 60), ("" if value is None else str(value), 50)])
            self._validate(sheet, row, row, 1, setting, layout)
        label, version = version_row()
        row += 1
        sheet.write_string(row, 0, label, formats["head_ours"])
        sheet.write_number(row, 1, version, formats["ours"])
        sheet.write_string(row, 2, _("Leave as it is."), formats["ours"])
        sheet.freeze_panes(_HEAD + 1, 1)
        sheet.repeat_rows(_HEAD)
        sheet.print_area(0, 0, row, 2)
        sheet.ignore_errors({"number_stored_as_text": f"B1:B{row + 1}"})

    def _about(self, setting: Column) -> str:
        hint = _(setting.hint) if setting.hint else ""
        if setting.kind == "word" and setting.choice is not None:
            choices = " / ".join(setting.choice.shown_all())
            hint = f"{hint} {choices}".strip()
        return hint

    # -------------------------------------------------------------------------------------------- tables

    def _table(self, layout: Layout, sheet: Worksheet) -> None:
        formats, filling = self.formats, self.filling
        heads = filling.heads(layout)
        rows = filling.rows.get(layout.id, [])
        widths = [column.width for column in layout.columns] + [self._item_width(layout)] * len(heads)
        self._headline(layout.shown, _(layout.hint), sheet, len(widths), widths)
        matrix = layout.kind == "matrix"
        spare = layout.spare + (self.blank if layout.id == "schools" or matrix else 0)
        last = _HEAD + max(1, len(rows) + spare)
        titles: list[tuple[str, float]] = []
        for k, column in enumerate(layout.columns):
            kind = "head_ours" if column.ours else "head_required" if column.required else "head"
            title = column.shown.replace("（", "\n（") + (COLUMN_END if column.required else "")
            sheet.set_column(k, k, column.width)
            sheet.write_string(_HEAD, k, title, formats[kind])
            titles.append((title, column.width - 1))
        for k, (_item, title) in enumerate(heads, len(layout.columns)):
            sheet.set_column(k, k, self._item_width(layout))
            sheet.write_string(_HEAD, k, title, formats["head_item"])
            titles.append((title, self._item_width(layout)))
        self._fit(sheet, _HEAD, titles, 32)
        keys = [column.id for column in layout.columns] + [item for item, _title in heads]
        for row in range(_HEAD + 1, last + 1):
            entry = rows[row - _HEAD - 1] if row - _HEAD - 1 < len(rows) else {}
            wrapped: list[tuple[str, float]] = []
            for k, key in enumerate(keys):
                own = layout.columns[k] if k < len(layout.columns) else None
                value = entry.get(key)
                if matrix and key == "name" and not entry:
                    self._name_of_school(sheet, row, k)
                    continue
                self._cell(sheet, row, k, value, self._format(own))
                if own is not None and (own.kind in ("long", "list") or own.ours) and value is not None:
                    wrapped.append((str(value), own.width))
            self._fit(sheet, row, wrapped, 18)
        for k, column in enumerate(layout.columns):
            self._validate(sheet, _HEAD + 1, last, k, column, layout)
        if heads:
            self._matrix_cells(layout, sheet, len(layout.columns), last, heads)
        if layout.id == "switches":
            self._options(layout, sheet)
        sheet.freeze_panes(_HEAD + 1, 2 if layout.columns[1].id in ("name", "title") else 1)
        sheet.repeat_rows(_HEAD)
        if len(keys) > 8:
            sheet.repeat_columns(0, 1)
        sheet.print_area(0, 0, last, len(keys) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{cell_name(last, len(keys) - 1)}"})

    def _item_width(self, layout: Layout) -> float:
        wide = current_language() != "zh-TW"
        return 16 if layout.id == "ways" else 9.5 if wide else 7.6

    def _format(self, column: Column | None) -> Format:
        if column is None:
            return self.formats["word"]
        if column.ours:
            return self.formats["ours"]
        kind = {
            "long": "long",
            "list": "long",
            "flag": "word",
            "word": "word",
            "degrees": "degrees",
            "count": "count",
            "points": "number",
            "tolerance": "percent",
        }.get(column.kind, "text")
        return self.formats.get(kind + "_required" if column.required else kind, self.formats[kind])

    def _cell(self, sheet: Worksheet, row: int, column: int, value: Any, shape: Format) -> None:
        """Write a value as what it is: text stays text, whatever it begins with."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, shape)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if float(f"{value:.16G}") == value:  # the library writes 16 digits
                sheet.write_number(row, column, value, shape)
            else:
                sheet.write_string(row, column, repr(value), shape)
        else:
            sheet.write_string(row, column, str(value), shape)

    def _name_of_school(self, sheet: Worksheet, row: int, column: int) -> None:
        """The name that belongs to the code typed beside it; only to see, never read."""
        first, last = self.school_rows
        where = SCHOOLS.shown.replace("'", "''")
        code = f"$A{row + 1}"
        formula = (
            f'=IF({code}="","",IFERROR(INDEX(\'{where}\'!$B${first}:$B${last},'
            f"MATCH({code},'{where}'!$A${first}:$A${last},0)),\"\"))"
        )
        sheet.write_formula(row, column, formula, self.formats["ours"], "")

    def _matrix_cells(
        self, layout: Layout, sheet: Worksheet, first: int, last: int, heads: Sequence[tuple[str, str]]
    ) -> None:
        choice = layout.cells
        assert choice is not None
        words = choice.shown_all() if layout.id != "last_year" else choice.shown_all()[:1]
        for k, (item, _title) in enumerate(heads, first):
            about = full_title(self.filling.book, item)
            name = item if len(item) <= 32 else item[:32]
            sheet.data_validation(
                _HEAD + 1,
                k,
                last,
                k,
                {
                    "validate": "list",
                    "source": words,
                    "input_title": name,
                    "input_message": about[:255],
                    "error_title": _("Not one of the words"),
                    "error_message": _("Choose one of: {choices}", choices=" / ".join(words))[:255],
                },
            )
        colours = {"willing": "yes", "unwilling": "careful", "cannot": "no", "unsuited": "careful", "suited": "yes"}
        colours |= {"true": "yes", "pins": "yes", "bans": "no"}
        for value, name in colours.items():
            if value in choice.words:
                rule = {"type": "cell", "criteria": "==", "value": f'"{choice.shown(value)}"'}
                sheet.conditional_format(
                    _HEAD + 1, first, last, first + len(heads) - 1, {**rule, "format": self.formats[name]}
                )

    def _options(self, layout: Layout, sheet: Worksheet) -> None:
        """A list of its own for every reading."""
        from assigner.words import text

        at = next(k for k, column in enumerate(layout.columns) if column.id == "option")
        for row, switch in enumerate(self.filling.book.switches, _HEAD + 1):
            titles = [text(option.title) for option in switch.options]
            if len(",".join(titles)) > 255 or any("," in title for title in titles):
                titles = [option.id for option in switch.options]
            sheet.data_validation(row, at, row, at, {"validate": "list", "source": titles})

    def _validate(self, sheet: Worksheet, first: int, last: int, at: int, column: Column, layout: Layout) -> None:
        """What may be typed into a column, and what a person is told who selects a cell of it."""
        if column.ours or (layout.id == "switches" and column.id == "option"):
            return
        rule: dict[str, Any] = {"validate": "any"}
        letter = column_name(at)
        if column.kind == "flag" or column.kind == "word":
            assert column.choice is not None
            rule = {"validate": "list", "source": column.choice.shown_all()}
        elif column.kind == "count":
            rule = {"validate": "integer", "criteria": ">=", "value": 0}
        elif column.kind == "degrees":
            low, high = (117, 124) if column.id == "lon" else (20, 27)
            rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
        elif column.kind == "code":
            count = f"COUNTIF(${letter}${first + 1}:${letter}${last + 1},{letter}{first + 1})=1"
            rule = {"validate": "custom", "value": f"=AND(LEN({letter}{first + 1})=6,{count})", "error_type": "warning"}
            rule["error_message"] = _("A code has 6 characters and stands once in this column. Keep it nevertheless?")
        elif column.kind == "school":
            top, bottom = self.school_rows
            where = SCHOOLS.shown.replace("'", "''")
            rule = {"validate": "list", "source": f"='{where}'!$A${top}:$A${bottom}", "error_type": "warning"}
            rule["error_message"] = _("This code is not on the sheet of schools. Keep it nevertheless?")
        elif column.kind == "items" and layout.id == "reasons":
            keys = [title.replace("\n（", "（").replace("\n", " ") for _item, title in self.filling.heads(WILLING)]
            if len(",".join(keys)) > 255 or any("," in key for key in keys):
                keys = list(self.filling.items["willingness"])
            rule = {"validate": "list", "source": keys, "error_type": "warning"}
        if column.hint or (column.id == "categories"):
            rule["input_title"] = column.shown[:32]
            rule["input_message"] = self._hint(column)[:255]
        if rule == {"validate": "any"}:
            return
        sheet.data_validation(first, at, last, at, rule)

    def _hint(self, column: Column) -> str:
        if column.id == "categories":
            names = " / ".join(_category_titles(self.filling.book))
            return _("Categories or department groups, separated by 、 or commas.") + " " + names
        return _(column.hint)


def _category_titles(book: Rulebook) -> Iterator[str]:
    from assigner.words import text

    words = Vocabulary(book)
    titles = {c.id: text(c.title) for c in book.categories.list_}
    titles[book.categories.other_vocational.id] = text(book.categories.other_vocational.title)
    yield from (titles[identity] for identity in words.category_ids)


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column; a Chinese character is as wide as two letters."""
    total = 0
    for line in text.split("\n"):
        wide = sum(2.1 if ord(c) > 0x2E80 else 1.05 for c in line)
        total += max(1, -(-int(wide + 0.5) // max(1, int(width))))
    return total
