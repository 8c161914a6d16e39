"""How a workbook of ours is laid out: sheets that fit A4, rows as high as their text, strings that stay strings.

Excel and LibreOffice do not fit the height of a row to text that wraps in merged cells, nor reliably in others, so
every height is set from the width of the text; Chinese characters count twice.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from assigner.messages import _
from assigner.report.cells import plain
from assigner.report.prose import count_lines
from assigner.report.tables import Column, Table, Value, shown

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["LANDSCAPE_CHARS", "Book", "Page", "lines_of", "safe_scale"]

LANDSCAPE_CHARS = 142
"""Characters of the usual width that fit across an A4 page within our margins."""

_ACROSS, _DOWN = 523.0, 736.0
"""Points of an upright A4 page within our margins."""

_WIDE_DIGITS = 1.35
"""How much wider digits, and so columns, are where the usual font is missing."""

_SMALLEST = 0.7
"""What is a little longer than a page is printed on one, if it need not be made smaller than this."""

_FONT = "Microsoft JhengHei"
_POINTS = 10
_LINE, _PADDING = 15.0, 4.0
_HIGHEST = 409.0
_LONGEST = 32_000
"""Excel refuses rows that are higher and cells that are longer."""

_A4 = 9
_MARGIN, _TOP, _BOTTOM = 0.5, 0.75, 0.7

_HEAD_FILL, _SECTION_INK, _RULE = "#DCE6F1", "#1F3864", "#BFBFBF"

_KIND_STYLES: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "list": {"align": "left", "indent": 1},
    "code": {"num_format": "@"},
    "number": {"align": "right", "indent": 1},
    "ratio": {"align": "right", "indent": 1, "num_format": "@"},
    "flag": {"align": "center"},
    "mark": {"align": "center", "valign": "vcenter"},
}


class Book:
    """A workbook under way.

    Parameters
    ----------
    title, subject : str
        Properties of the document; the title also stands at the head of every printed page.
    year : int
        ROC school year: the workbook is dated to its first day, so that equal answers give equal files.
    in_order : bool
        Every sheet is filled row by row, one after the other, and not kept in memory; for very long ones.
    """

    def __init__(self, title: str, subject: str, year: int, *, in_order: bool = False) -> None:
        from xlsxwriter import Workbook

        self._stream = io.BytesIO()
        where = "constant_memory" if in_order else "in_memory"
        options = {where: True, "strings_to_formulas": False, "strings_to_urls": False}
        self.workbook = Workbook(self._stream, options)
        self.title, self.subject = plain(title), plain(subject)
        created = datetime.datetime(1911 + year, 8, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
        self.workbook.set_properties({"title": self.title, "subject": self.subject, "created": created})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """A format; the same properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": _FONT, "font_size": _POINTS, "valign": "top"}
            self._formats[key] = self.workbook.add_format({**base, **properties})
        return self._formats[key]

    def bytes(self) -> bytes:
        """Finish the workbook."""
        self.workbook.close()
        return self._stream.getvalue()


class Page:
    """A sheet that is filled from the top.

    Parameters
    ----------
    book : Book
    name : str
        On the tab.
    widths : sequence of float
        Of the columns, in characters.
    landscape : bool
    scale : int, optional
        Per cent when printed, for sheets with page breaks of their own (Excel ignores these on a sheet that is fitted);
        without it the sheet is fitted to the width of the page.
    """

    def __init__(
        self, book: Book, name: str, widths: Sequence[float], *, landscape: bool = False, scale: int | None = None
    ) -> None:
        self.book, self.name, self.widths = book, name, tuple(widths)
        self.sheet: Worksheet = book.workbook.add_worksheet(name)
        self.row = 0
        self._points = 0.0
        self._breaks: list[int] = []
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_paper(_A4)
        self.sheet.set_margins(_MARGIN, _MARGIN, _TOP, _BOTTOM)
        if landscape:
            self.sheet.set_landscape()
        if scale is None:
            self.sheet.fit_to_pages(1, 0)
        else:
            self.sheet.set_print_scale(scale)
        self.sheet.center_horizontally()
        self.sheet.hide_gridlines(2)
        font = f'&"{_FONT},Regular"'
        title, subject = (_in_header(text[:100]) for text in (book.title, book.subject))
        self.sheet.set_header(f"&L{font}{title}&R{font}{subject}")
        # Blanks keep the figures of a page apart from digits that would be read as a size of letters.
        numbers = _("page {page} of {pages}", page="&P", pages="&N")
        self.sheet.set_footer(f"&L{font}{_in_header(name)}&C{font}{numbers}")

    @property
    def last(self) -> int:
        """Index of the last column."""
        return len(self.widths) - 1

    # ------------------------------------------------------------------------------------------------ free lines

    def line(self, text: str, *, first: int = 0, **style: Any) -> None:
        """A paragraph across all columns (from `first` on), as high as it needs."""
        size = style.get("font_size", _POINTS)
        width = sum(self.widths[first:]) * _POINTS / size
        form = self.book.format(text_wrap=True, **style)
        height = lines_of(text, width) * _LINE * size / _POINTS + _PADDING
        self._height(height)
        if first < self.last:
            self.sheet.merge_range(self.row, first, self.row, self.last, "", form)
        self.text(self.row, first, text, form)
        self.row += 1

    def heading(self, text: str) -> None:
        """The title of the sheet."""
        self.line(text, bold=True, font_size=14, font_color=_SECTION_INK)

    def section(self, text: str) -> None:
        """The title of a part, with room above."""
        if self.row:
            self.gap()
        self.line(text, bold=True, font_size=11, font_color=_SECTION_INK, bottom=1, bottom_color=_SECTION_INK)

    def gap(self, points: float = 8.0) -> None:
        """An empty row."""
        self._height(points)
        self.row += 1

    def cells(self, values: Sequence[Value], columns: Sequence[Column | None] = (), **style: Any) -> None:
        """One row of values, ruled below."""
        kinds = [*columns, *[None] * (len(values) - len(columns))]
        height = _PADDING + _LINE * max(
            lines_of(_written(value, column), width - (1.5 if column is not None and column.kind == "list" else 0))
            for value, column, width in zip(values, kinds, self.widths, strict=False)
        )
        self._height(height)
        for position, (value, column) in enumerate(zip(values, kinds, strict=True)):
            self.value(self.row, position, value, column, **style)
        self.row += 1

    def _height(self, points: float) -> None:
        height = min(points, _HIGHEST)
        self.sheet.set_row(self.row, height)
        self._points += height

    def fit_one_page(self) -> None:
        """Print a sheet that is hardly longer than a page on one."""
        if self._points <= _DOWN / _SMALLEST:
            self.sheet.fit_to_pages(1, 1)

    def page_break(self) -> None:
        """Let what follows begin on a new page (only on a sheet with a scale of its own)."""
        self._breaks.append(self.row)

    # ----------------------------------------------------------------------------------------------------- tables

    def head(self, titles: Sequence[str], kinds: Sequence[str] = ()) -> None:
        """A header row, each title aligned as what stands below it."""
        height = _PADDING + _LINE * max(
            lines_of(title, width * 0.94 - 2) for title, width in zip(titles, self.widths, strict=False)
        )
        self._height(height)
        for column, title in enumerate(titles):
            style = dict(_KIND_STYLES[kinds[column]]) if column < len(kinds) else {}
            style |= {"bold": True, "bg_color": _HEAD_FILL, "border": 1, "border_color": _RULE, "text_wrap": True}
            self.text(self.row, column, title, self.book.format(**style))
        self.row += 1

    def table(self, table: Table, *, frozen_columns: int = 0, emphasis: Sequence[bool] = ()) -> tuple[int, int]:
        """The one table of a sheet: header repeated on every page, frozen, with filters; returns its rows.

        Parameters
        ----------
        table : Table
        frozen_columns : int
            Columns that stay in sight.
        emphasis : sequence of bool
            Rows to be written in bold red.

        Returns
        -------
        first, last : int
            Rows of the sheet that hold the table's rows.
        """
        header = self.row
        self.head([_title(column) for column in table.columns])  # to the left: the buttons of filters are on the right
        for position, row in enumerate(table.rows):
            loud = position < len(emphasis) and emphasis[position]
            style = {"bold": True, "font_color": "#C00000"} if loud else {}
            self.cells(row, table.columns, **style)
        last = max(self.row - 1, header)
        self.sheet.freeze_panes(header + 1, frozen_columns)
        self.sheet.repeat_rows(header)
        if table.rows:
            self.sheet.autofilter(header, 0, last, self.last)
        return header + 1, last

    def value(self, row: int, position: int, value: Value, column: Column | None = None, **style: Any) -> None:
        """A value in its cell: numbers as numbers, all else as a string."""
        kind = "text" if column is None else column.kind
        properties = {**_KIND_STYLES[kind], "text_wrap": True, "bottom": 4, "bottom_color": _RULE, **style}
        if _is_number(value, kind):
            digits = None if column is None else column.digits
            properties.setdefault("num_format", _number_format(digits))
            self.sheet.write_number(row, position, float(value), self.book.format(**properties))  # type: ignore[arg-type]
        else:
            self.text(row, position, _written(value, column), self.book.format(**properties))

    def text(self, row: int, column: int, text: str, form: Format) -> None:
        """A string, never a formula and never longer than a cell holds."""
        whole = plain(text)
        if len(whole) > _LONGEST:
            whole = whole[: _LONGEST - 1] + "…"
        if whole:
            self.sheet.write_string(row, column, whole, form)
        else:
            self.sheet.write_blank(row, column, None, form)

    def finish(self) -> None:
        """Set what depends on how long the sheet has become."""
        self.sheet.print_area(0, 0, max(self.row - 1, 0), self.last)
        if self._breaks:
            self.sheet.set_h_pagebreaks(self._breaks)
        # Codes and items are texts that look like numbers, and meant so.
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:{_letters(self.last)}{max(self.row, 1)}"})


def _number_format(digits: int | None) -> str:
    """As exact as it is, or with so many decimals."""
    if digits is None:
        return "General"
    return "#,##0." + "0" * digits if digits else "#,##0"


def safe_scale(widths: Sequence[float], *, landscape: bool = False) -> int:
    """Per cent at which columns fit across the page, even where the machine has only a font with wide digits.

    A column that does not fit would be printed on a page of its own.
    """
    room = _DOWN + 29 if landscape else _ACROSS
    points = sum(7 * chars + 5 for chars in widths) * 0.75 * _WIDE_DIGITS
    return max(50, min(100, int(100 * room / points)))


def _is_number(value: Value, kind: str) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool) and kind != "ratio"


def _written(value: Value, column: Column | None) -> str:
    """A value as a string: lists of whole labels line by line, lists of ids side by side."""
    if isinstance(value, tuple):
        long = any(" " in part for part in value)
        return shown(value, column, separator="\n" if long else None)
    if isinstance(value, bool):
        return shown(value) if value else ""
    return shown(value, column)


def _title(column: Column) -> str:
    return _("{title} ({unit})", title=column.title, unit=column.unit) if column.unit else column.title


def _in_header(text: str) -> str:
    return plain(text).replace("\n", " ").replace("&", "&&")


def _letters(column: int) -> str:
    from geodata.sheets import column_name

    return column_name(column)


@lru_cache(maxsize=10_000)
def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many characters."""
    if not text:
        return 1
    return count_lines(_as_wide(plain(text)), max(2, int(width - 0.8)))


def _as_wide(text: str) -> str:
    """The text with marks that Chinese fonts draw as wide as a character replaced by such characters."""
    if text.isascii():
        return text
    return "".join("一" if east_asian_width(character) == "A" else character for character in text)
