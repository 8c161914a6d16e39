"""Frames as files for spreadsheets and programs. Names of columns are those of the frame, in every language.

Codes stay texts everywhere. CSV and workbook hold nothing that a spreadsheet could take for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib.util import find_spec
from numbers import Real
from typing import TYPE_CHECKING, Any

from assigner.messages import M_
from geodata.sheets import column_name

if TYPE_CHECKING:
    import pandas as pd

    from assigner.messages import Message
    from assigner.report.tables import Table
    from assigner.report.workbook_layout import Book

__all__ = [
    "MOST_ROWS",
    "csv_of_frame",
    "frame_of",
    "json_of_frames",
    "parquet_of_frame",
    "parquet_refusal",
    "workbook_of_frames",
]

MOST_ROWS = 1_048_575
"""A sheet holds so many rows below its header."""

_NUMBERS = "biuf"
"""Kinds of columns of numpy that hold truth values and numbers."""

_LONGEST = 32_000
_WIDEST, _NARROWEST = 60, 8

_FIRST_ROWS = 200
"""The width of a column is taken from so many rows."""


def csv_of_frame(frame: pd.DataFrame) -> str:
    """A frame as CSV for Excel: byte order mark, CRLF, nothing that could be taken for a formula."""
    import pandas as pd

    from assigner.report.cells import csv_safe

    made = {}
    for name, column in frame.items():
        if column.dtype.kind in _NUMBERS:
            made[name] = _whole_numbers(column)
        else:
            known = {text: csv_safe(text) for text in {value for value in column if isinstance(value, str)}}
            values = [known[value] if isinstance(value, str) else value for value in column]
            made[name] = pd.Series(values, dtype=object)
    body = pd.DataFrame(made).to_csv(index=False, lineterminator="\r\n")
    return "\ufeff" + body


def _whole_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Counts that are kept as numbers with a point, because some are missing, without it."""
    values = column.dropna()
    whole = column.dtype.kind == "f" and (values % 1 == 0).all() and (values.abs() < 2**53).all()
    return column.astype("Int64") if whole else column


def parquet_refusal() -> Message | None:
    """Why no Parquet can be written; None if it can."""
    return M_("The library that writes Parquet (pyarrow) is not installed.") if find_spec("pyarrow") is None else None


def parquet_of_frame(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet; a column that mixes kinds of values is one of texts."""
    import pandas as pd

    made = {}
    for name, column in frame.items():
        if column.dtype.kind not in _NUMBERS:
            values = [None if _is_missing(value) else value for value in column]
            kinds = {type(value) for value in values if value is not None}
            if len(kinds) != 1 or kinds == {str}:
                column = pd.Series([None if v is None else _text(v) for v in values], dtype="string")
        made[name] = column
    stream = io.BytesIO()
    pd.DataFrame(made).to_parquet(stream, index=False, engine="pyarrow", compression="zstd")
    return stream.getvalue()


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # not a number


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def workbook_of_frames(
    frames: Mapping[str, pd.DataFrame], notes: Mapping[str, str], title: str, subject: str, year: int
) -> bytes:
    """A workbook with a sheet for each frame, and a first one that says what they are.

    Parameters
    ----------
    frames : Mapping
        Name -> frame, none with more than `MOST_ROWS` rows.
    notes : Mapping
        Name -> what it has a row for.
    title, subject, year
        As `assigner.report.workbook_layout.Book`.
    """
    from assigner.messages import _
    from assigner.report.workbook_layout import Book

    book = Book(title, subject, year, in_order=True)
    front = book.workbook.add_worksheet(_("Contents"))
    front.fit_to_pages(1, 0)
    for place, width in enumerate((20, 12, 80)):
        front.set_column(place, place, width)
    for place, head in enumerate((_("Sheet"), _("Rows"), _("A row for"))):
        front.write_string(0, place, head, book.format(bold=True))
    for row, (name, frame) in enumerate(frames.items(), 1):
        front.write_url(row, 0, f"internal:'{name}'!A1", book.format(font_color="#1F3864", underline=1), name)
        front.write_number(row, 1, len(frame), book.format(num_format="#,##0"))
        front.write_string(row, 2, notes.get(name, ""), book.format())
    for name, frame in frames.items():
        _fill(book, name, frame)
    return book.bytes()


def _fill(book: Book, name: str, frame: pd.DataFrame) -> None:
    from assigner.report.cells import plain

    sheet = book.workbook.add_worksheet(name)
    last = max(len(frame.columns) - 1, 0)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_name(last)}{len(frame) + 1}"})
    if len(frame):
        sheet.autofilter(0, 0, len(frame), last)
    head, cell = book.format(bold=True, bottom=1), book.format()
    for place, title in enumerate(frame.columns):
        longest = max(map(len, map(str, frame[title].head(_FIRST_ROWS))), default=0)
        sheet.set_column(place, place, min(max(_NARROWEST, len(str(title)) + 3, longest), _WIDEST))
        sheet.write_string(0, place, str(title), head)
    for row, values in enumerate(frame.itertuples(index=False, name=None), 1):
        for place, value in enumerate(values):
            if _is_missing(value):
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, place, value, cell)
            elif isinstance(value, Real):
                sheet.write_number(row, place, value, cell)
            else:
                sheet.write_string(row, place, plain(str(value))[:_LONGEST], cell)


def json_of_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Frames as JSON holds them: name -> a record for each row; what is missing is null."""
    return {
        name: [
            {str(key): None if _is_missing(value) else value for key, value in record.items()}
            for record in frame.to_dict("records")
        ]
        for name, frame in frames.items()
    }


def frame_of(table: Table) -> pd.DataFrame:
    """A table as a frame; columns are named by their keys, values stay exact."""
    import pandas as pd

    return pd.DataFrame(list(table.rows), columns=[column.key for column in table.columns])
