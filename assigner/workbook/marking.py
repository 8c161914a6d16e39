"""A copy of a workbook in which the cells that cannot be used are marked and commented.

The original is never touched, and macros are neither run nor kept.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import InputError, Problem
from assigner.messages import _, current_language
from assigner.workbook.layout import MARKED
from assigner.workbook.looking import UNREADABLE, opened
from assigner.workbook.seal import sealed, source_of_untouched
from geodata.sheets import SheetError, read_sheets

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["MarkedError", "form_of_copy", "mark", "marked_name"]

_FILL = "FFF4B6B0"
_MOST_COMMENTS = 2000
_MOST_CELLS_BYTES = 6_000_000
"""Of the sheets, unpacked: the library that keeps the looks of a workbook would take minutes for more."""

_LONGEST_NAME = 31
"""Of a sheet, in Excel."""

_ENDS = {"zh-TW": "待修正", "en": "marked"}
_COPY = re.compile(rf"(?P<stem>.+)\.(?:{'|'.join(_ENDS.values())})(?: ?\(\d+\))?\.xlsx", re.IGNORECASE)
_ILLEGAL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


class MarkedError(InputError):
    """The workbook cannot be used; a copy with the cells marked was written, or it is told why not.

    Attributes
    ----------
    copy
        The marked copy; None if there is none.
    """

    def __init__(self, problems: Iterable[Problem], copy: Path | None, reason: str = "") -> None:
        super().__init__(problems)
        self.copy, self.reason = copy, reason

    def __str__(self) -> str:
        text = super().__str__()
        if self.copy is not None:
            line = _("A copy with these cells marked and commented: {file}", file=self.copy)
        else:
            line = _("A copy with the cells marked could not be written: {reason}", reason=self.reason)
        return f"{text}\n{line}"


def mark(error: InputError, path: Path) -> InputError:
    """Write a marked copy beside a workbook that cannot be used.

    Parameters
    ----------
    error
        What is wrong with it.
    path
        The workbook.

    Returns
    -------
    InputError
        The same problems, with the name of the copy; `error` itself where no problem names a cell.
    """
    if not any(problem.place.cell for problem in error.problems):
        return error
    from assigner.files import FileSet

    try:
        content = _marked(path, error.problems)
        target = _target(path)
        with FileSet() as files:
            files.add(target, content)
            return MarkedError(error.problems, files.place(target).path)
    except OSError as failure:
        return MarkedError(error.problems, None, failure.strerror or str(failure))
    except (SheetError, *UNREADABLE):
        return MarkedError(error.problems, None, _("the workbook has parts that cannot be copied"))


def marked_name(path: Path) -> Path:
    """The name of the marked copy, in the current language."""
    return path.with_name(f"{path.stem}.{_ENDS[current_language()]}.xlsx")


def form_of_copy(path: Path) -> str | None:
    """The name, without its end, of the form that a marked copy is of, by the name of the copy; None for others."""
    found = _COPY.fullmatch(path.name)
    return None if found is None else found["stem"]


def _target(path: Path) -> Path:
    """Where to write: a copy that somebody may have worked in, and one of another form, stays as it is."""
    wanted = marked_name(path)
    target, n = wanted, 1
    while target.exists() and source_of_untouched(target) != path.name:
        n += 1
        target = wanted.with_name(f"{wanted.stem} ({n}){wanted.suffix}")
    return target


def _marked(path: Path, problems: Sequence[Problem]) -> bytes:
    from openpyxl.formatting.formatting import ConditionalFormattingList

    book, names = _copy(path)
    by_cell: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        sheet, _bang, cell = problem.place.cell.rpartition("!")
        if sheet in names and cell:
            by_cell.setdefault((names[sheet], cell), []).append(problem)
    for name in {sheet for sheet, _cell in by_cell}:  # colours of its own would hide the marks
        book[name].conditional_formatting = ConditionalFormattingList()
    for (sheet, cell), found in list(by_cell.items())[:_MOST_COMMENTS]:
        _mark_cell(book[sheet], cell, found)
    _list(book, problems, set(by_cell), names)
    return sealed(book, path.name)


def _copy(path: Path) -> tuple[Workbook, dict[str, str]]:
    """The workbook as openpyxl has it; of another kind (.ods, .xls), huge or half broken, its values in a new one.

    Returns
    -------
    tuple
        The workbook, and name of a sheet -> its name in the copy.
    """
    if _can_be_kept(path):
        try:
            book = opened(path, values=False)
        except UNREADABLE:
            pass
        else:
            if book.worksheets:
                return book, {name: name for name in book.sheetnames}
    return _values(path)


def _can_be_kept(path: Path) -> bool:
    """Whether it is an .xlsx whose sheets are not too large to be kept as they look."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [entry.file_size for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/")]
    except UNREADABLE:
        return False
    return 0 < sum(sheets) <= _MOST_CELLS_BYTES


def _values(path: Path) -> tuple[Workbook, dict[str, str]]:
    import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    names: dict[str, str] = {}
    for sheet in read_sheets(path).sheets:
        # Other programs allow names that Excel does not; two that become the same are numbered by the library.
        name = re.sub(r"[\\*?:/\[\]]", "_", _legal(sheet.name)).strip("'") or "_"
        copy = book.create_sheet(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3])
        names[sheet.name] = copy.title
        widths: dict[int, int] = {}
        for row, cells in enumerate(sheet.rows, 1):
            for column, value in enumerate(cells, 1):
                if value is None:
                    continue
                cell = copy.cell(row, column)
                if isinstance(value, str):
                    cell.value = _legal(value)
                    cell.data_type = "s"  # never a formula, whatever it begins with
                    cell.number_format = "@"
                    if row > 2:
                        widths[column] = max(widths.get(column, 0), _width(value))
                elif isinstance(value, datetime.datetime) and value.tzinfo is not None:
                    cell.value = value.replace(tzinfo=None)
                else:
                    cell.value = value
        for column, width in widths.items():
            copy.column_dimensions[copy.cell(1, column).column_letter].width = min(60, max(9, width + 2))
    return book, names


def _width(text: str) -> int:
    return max((sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in text.split("\n")), default=0)


def _mark_cell(sheet: Any, name: str, problems: Sequence[Problem]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = sheet[name]
    if isinstance(cell, MergedCell):  # only the first cell of merged ones can be marked
        inside = next(r for r in sheet.merged_cells.ranges if name in r)
        cell = sheet.cell(inside.min_row, inside.min_col)
    cell.fill = PatternFill("solid", fgColor=_FILL)
    text = "\n\n".join(_sentences(problem) for problem in problems)
    if cell.comment is not None and cell.comment.text:
        text = f"{text}\n\n{cell.comment.text}"
    comment = Comment(_legal(text)[:3000], "assigner")
    comment.width, comment.height = 360, min(400, 60 + 18 * (_width(text) // 45 + text.count("\n") + 1))
    cell.comment = comment


def _sentences(problem: Problem) -> str:
    """What is wrong and how to mend it, without the place."""
    return "\n".join(line.strip() for line in str(problem).split("\n")[1:])


def _list(book: Workbook, problems: Sequence[Problem], marked: set[tuple[str, str]], names: Mapping[str, str]) -> None:
    """A sheet in front that lists everything, with links to the cells."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.hyperlink import Hyperlink

    for other in MARKED.title.values():  # of an earlier copy
        if other in book.sheetnames:
            del book[other]
    sheet: Any = book.create_sheet(MARKED.shown, 0)
    heads = (_("Cell"), _("What is there"), _("What is wrong"), _("To mend it"))
    for column, (head, width) in enumerate(zip(heads, (22, 24, 64, 64), strict=True), 1):
        cell = sheet.cell(1, column, head)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_FILL)
        sheet.column_dimensions[cell.column_letter].width = width
    for row, problem in enumerate(problems, 2):
        original, _bang, cell_name = problem.place.cell.rpartition("!")
        name = names.get(original, "")
        head, *lines = str(problem).split("\n")
        value = head.split(" = ", 1)[1] if " = " in head else ""
        mend = str(problem.mend)
        texts = (problem.place.cell or "–", value, "\n".join(line.strip() for line in lines[:-1]), mend)
        for column, text in enumerate(texts, 1):
            cell = sheet.cell(row, column)
            cell.value, cell.data_type, cell.number_format = _legal(text), "s", "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if (name, cell_name) in marked:
            link = sheet.cell(row, 1)
            quoted = name.replace("'", "''")
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{quoted}'!{cell_name}")
            link.value, link.data_type = _legal(problem.place.cell), "s"
            link.font = Font(color="FF0563C1", underline="single")
        sheet.row_dimensions[row].height = 16.5 * max(
            1, *(-(-_width(t) // w) for t, w in zip(texts, (20, 22, 60, 60), strict=True))
        )
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_page()
    sheet.sheet_properties.tabColor = "FFC00000"
    for other_sheet in book.worksheets:
        other_sheet.sheet_view.tabSelected = other_sheet is sheet
    book.active = 0


def _fit_to_page() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _legal(text: str) -> str:
    """Without the characters that no workbook can hold."""
    return str(text).translate(_ILLEGAL)[:32000]
