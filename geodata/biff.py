"""What the records of an .xls say beside its values: failed formulas, hidden rows, merged cells."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from geodata.worksheets import Worksheet, WorksheetError

__all__ = ["BiffError", "biff_worksheets"]

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # and above: ends of chains, sectors that are free
_BEGINNING, _ENDING, _PASSWORD, _SHEET = 0x809, 0x0A, 0x2F, 0x85
_FORMULA, _ERROR, _ROW, _MERGED, _COLUMNS = 0x06, 0x205, 0x208, 0xE5, 0x7D
_EXTENT, _TEXTS = 0x200, 0xFC
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
_VALUES = (0x203, 0x204, 0x27E, 0xFD, 0xD6)
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class BiffError(WorksheetError):
    """It is no .xls, or it is damaged."""


class ImplausibleError(BiffError):
    """It states sizes that no workbook has; the library that reads values would take memory for them, and die."""


def biff_worksheets(data: bytes) -> dict[str, Worksheet]:
    """Go through the sheets of an .xls of Excel 97 or later; by name. One protected by a password gives none.

    Raises
    ------
    ImplausibleError
        It is damaged so that it must not be read.
    BiffError
        It is none, or damaged.
    """
    try:
        stream = _stream(data)
        offsets: dict[str, int] = {}
        for kind, content in _records(stream, 0):
            if kind == _PASSWORD:
                return {}
            if kind == _TEXTS and max(struct.unpack_from("<II", content)) > len(stream):
                raise ImplausibleError("texts")
            if kind == _SHEET and len(content) > 8:
                width = 2 if content[7] & 1 else 1
                name = content[8 : 8 + width * content[6]].decode("utf-16-le" if width == 2 else "latin-1")
                offsets[name] = struct.unpack_from("<I", content)[0]
        found: dict[str, Worksheet] = {}
        for name, offset in offsets.items():
            found[name] = Worksheet()
            _look(stream, offset, found[name])
        return found
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BiffError(str(error)) from None


def _stream(data: bytes) -> bytes:
    """The records, from the compound file that holds them."""
    if not data.startswith(_SIGNATURE):
        raise BiffError("no compound file")
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise BiffError("no compound file")
    size = 1 << shift
    directory, _reserved, cutoff, mini_table, _count, more, _more_count = struct.unpack_from("<IIIIIII", data, 48)

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    tables = list(struct.unpack_from("<109I", data, 76))
    seen: set[int] = set()
    while more < _END and more not in seen:
        seen.add(more)
        *next_tables, more = struct.unpack(f"<{size // 4}I", sector(more))
        tables += next_tables
    table: list[int] = []
    for number in tables:
        if number < _END:
            part = sector(number)
            table += struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4])

    def whole(first: int) -> bytes:
        return b"".join(map(sector, _chain(first, table)))

    entries = whole(directory)
    streams: dict[str, tuple[int, int]] = {}
    root = _END
    for at in range(0, len(entries) - 127, 128):
        length, kind = struct.unpack_from("<HB", entries, at + 64)
        start, bytes_ = struct.unpack_from("<II", entries, at + 116)
        if kind == 5:
            root = start
        elif kind == 2:
            name = entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            streams[name.casefold()] = start, bytes_
    if "workbook" not in streams:
        raise BiffError("no workbook of Excel 97 or later")
    start, bytes_ = streams["workbook"]
    if bytes_ >= cutoff:
        return whole(start)[:bytes_]
    small, listed = whole(root), whole(mini_table)
    links = list(struct.unpack(f"<{len(listed) // 4}I", listed[: len(listed) // 4 * 4]))
    return b"".join(small[number * 64 : number * 64 + 64] for number in _chain(start, links))[:bytes_]


def _chain(first: int, table: list[int]) -> Iterator[int]:
    left = len(table)
    while first < _END and left:
        yield first
        first, left = table[first], left - 1


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one part, from its beginning to its end; those of charts inside it are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _BEGINNING:
            depth += 1
        elif kind == _ENDING:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _look(stream: bytes, offset: int, sheet: Worksheet) -> None:
    """Put into `sheet` what its records say, up to one that is damaged."""
    for kind, content in _records(stream, offset):
        if kind == _EXTENT:
            first_row, rows, first_column, columns = struct.unpack_from("<IIHH", content)
            if not (first_row <= rows <= _MOST_ROWS and first_column <= columns <= _MOST_COLUMNS):
                raise ImplausibleError("extent")
            continue
        try:
            _take(kind, content, sheet)
        except (struct.error, IndexError):
            return


def _take(kind: int, content: bytes, sheet: Worksheet) -> None:
    """Put into `sheet` what one record says."""
    if kind in (_FORMULA, _ERROR, *_VALUES):
        row, column = struct.unpack_from("<HH", content)
        sheet.reach(row, column)
        if kind == _FORMULA and content[6] == 2 and content[12:14] == b"\xff\xff":
            sheet.errors[row, column] = _ERRORS.get(content[8], "#ERROR!")
        elif kind == _ERROR and content[7]:
            sheet.errors[row, column] = _ERRORS.get(content[6], "#ERROR!")
    elif kind == _ROW and content[12] & 0x20:
        sheet.hidden.add(struct.unpack_from("<H", content)[0])
    elif kind == _MERGED:
        (count,) = struct.unpack_from("<H", content)
        for at in range(2, 2 + 8 * count, 8):
            top, bottom, left, right = struct.unpack_from("<HHHH", content, at)
            sheet.merged.append((top, left, bottom, right))
    elif kind == _COLUMNS and content[8] & 1:
        first, last = struct.unpack_from("<HH", content)
        sheet.hidden_columns.update(range(first, min(last, 255) + 1))
