"""What the parts of a workbook say beside its values: how far they reach, failed formulas, hidden rows, merged cells.

The library that reads values gives a failed formula as nothing, and takes memory for all cells up to the last one that
holds a value, however far out that stands. So the parts are gone through before it, piece by piece; formatted cells
without a value cost nothing here.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

__all__ = ["Worksheet", "WorksheetError", "unpacked_bytes", "worksheets"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PIECE = 1 << 16
_REFERENCE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,10})")
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError, LookupError, struct.error)
_NOT_SHOWN = ("collapse", "filter")
_MOST_REPEATED = 5_000_000
_MOST_COLUMNS = 16_384


class WorksheetError(ValueError):
    """The parts of a workbook cannot be gone through: it is damaged."""


@dataclass
class Worksheet:
    """What was seen in one sheet; rows and columns are counted from 0.

    Attributes
    ----------
    rows, columns
        How many there are up to the last that holds a value.
    hidden
        Rows that are hidden or filtered out.
    merged
        (first row, first column, last row, last column).
    errors
        (row, column) -> what a formula gives, such as ``#REF!``; the formula itself, such as ``=A1``, where it was
        never worked out.
    hidden_columns
        Columns that are hidden.
    """

    rows: int = 0
    columns: int = 0
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)

    def reach(self, row: int, column: int) -> None:
        """Note that a cell holds a value."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def worksheets(data: bytes) -> dict[str, Worksheet]:
    """Go through the sheets of an .xlsx, .xlsm, .xlsb, .ods or .xls.

    Returns
    -------
    dict
        By the name of the sheet; a part that no sheet names, and every part of an .xlsb, by its path.

    Raises
    ------
    WorksheetError
        It is damaged.
    """
    if data.startswith(_OLE):
        return _old_workbook(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part_of = archive.open  # in bytes
            infos = [info for info in archive.infolist() if not info.is_dir()]
            content = [info for info in infos if info.filename.casefold() == "content.xml"]
            workbook = [info for info in infos if info.filename.casefold().startswith("xl/workbook.")]
            if content and not workbook:
                manifest = [info for info in infos if info.filename == "META-INF/manifest.xml"]
                if any(b"encryption-data" in archive.read(info) for info in manifest):
                    return {}  # protected by a password: whoever reads it is told so
                return _open_document(part_of(content[-1]))
            names = _names_of_parts(archive, infos)
            found: dict[str, Worksheet] = {}
            for info in infos:
                with part_of(info) as part:
                    sheet = _binary(part) if info.filename.casefold().endswith(".bin") else _spreadsheet(part)
                if sheet is not None:
                    path = info.filename.casefold()
                    found[names.get(path, path)] = sheet
            return found
    except (*_BROKEN, expat.ExpatError) as error:
        raise WorksheetError(str(error)) from None


def _old_workbook(data: bytes) -> dict[str, Worksheet]:
    from geodata.biff import biff_worksheets

    return biff_worksheets(data)


def unpacked_bytes(data: bytes) -> int:
    """Bytes of all parts of a workbook, unpacked, as it states them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(info.file_size for info in archive.infolist())
    except _BROKEN as error:
        raise WorksheetError(str(error)) from None


class _NotThis(Exception):  # noqa: N818
    """Ends the reading of a part that is no sheet."""


def _parse(part: IO[bytes], parser: expat.XMLParserType) -> None:
    parser.buffer_text = True
    while piece := part.read(_PIECE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


# ------------------------------------------------------------------------------------------------------- .xlsx, .xlsm


def _names_of_parts(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, str]:
    """Path of a part, in lower case -> name of its sheet."""
    by_path = {info.filename.casefold(): info for info in infos}
    targets: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    for path, element, keys, found in (
        ("xl/_rels/workbook.xml.rels", "Relationship", ("Id", "Target"), targets.__setitem__),
        ("xl/workbook.xml", "sheet", (":id", "name"), lambda a, b: names.append((a, b))),
    ):
        if path not in by_path:
            return {}

        def start(
            name: str, attributes: dict[str, str], element: str = element, keys: Any = keys, add: Any = found
        ) -> None:
            if name.rpartition(":")[2] == element:
                first = next((value for key, value in attributes.items() if key.endswith(keys[0])), "")
                add(first, attributes.get(keys[1], ""))

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        part_of = archive.open  # in bytes
        with part_of(by_path[path]) as part:
            _parse(part, parser)
    paths = {identity: target.replace("\\", "/").lstrip("/") for identity, target in targets.items()}
    return {
        (path if path.startswith("xl/") else f"xl/{path}").casefold(): name
        for identity, name in names
        if (path := paths.get(identity, ""))
    }


def _spreadsheet(part: IO[bytes]) -> Worksheet | None:
    """A part of an .xlsx; None if it is no sheet."""
    reader = _Spreadsheet()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        _parse(part, parser)
    except _NotThis:
        return None
    except (expat.ExpatError, ValueError):
        if not reader.begun:
            return None  # a picture, or whatever else is in there
        raise
    return reader.sheet


class _Spreadsheet:
    def __init__(self) -> None:
        self.sheet = Worksheet()
        self.begun = False
        self.row, self.column = -1, -1
        self.reference: str | None = None
        self.failed = False
        self.text_typed = False
        self.said: list[str] | None = None
        self.formula: list[str] | None = None
        self.result: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if not self.begun:
            if name != "worksheet":
                raise _NotThis
            self.begun = True
        elif name == "c":
            reference = attributes.get("r")
            if reference is None:
                self._settle()
                self.column += 1
            self.reference = reference
            self.failed = attributes.get("t") == "e"
            self.text_typed = attributes.get("t") == "str"
            self.formula = self.result = None
        elif name in ("v", "is"):
            self._settle()
            self.sheet.reach(self.row, self.column)
            self.said = [] if self.failed else None
            if self.formula is not None:
                self.result = self.said = []
        elif name == "f":
            self.formula = self.said = []
        elif name == "row":
            self._settle()
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.sheet.hidden.add(self.row)
        elif name == "mergeCell":
            first, _colon, last = attributes.get("ref", "").partition(":")
            if last:
                self.sheet.merged.append((*_position(first), *_position(last)))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            left, right = int(attributes.get("min", "1")), int(attributes.get("max", "0"))
            self.sheet.hidden_columns.update(range(max(left, 1) - 1, min(right, _MOST_COLUMNS)))

    def _settle(self) -> None:
        """Read the name of the last cell, which is needed of few."""
        if self.reference is not None:
            self.row, self.column = _position(self.reference)
            self.reference = None

    def text(self, text: str) -> None:
        if self.said is not None:
            self.said.append(text)

    def end(self, name: str) -> None:
        if self.said is not None:
            if self.failed and self.said is not self.formula:
                self.sheet.errors[self.row, self.column] = "".join(self.said).strip() or "#ERROR!"
            self.said = None
        elif self.formula is not None and (name == "c" or name.endswith(":c")):
            # Whoever wrote the file left the value for Excel to work out; a text of no characters is a value.
            if not self.failed and not self.text_typed and not "".join(self.result or ()).strip():
                self._settle()
                self.sheet.reach(self.row, self.column)
                self.sheet.errors[self.row, self.column] = "=" + "".join(self.formula).strip()
            self.formula = self.result = None


def _position(reference: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(reference)
    column = 0
    for letter in found[1].upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


# --------------------------------------------------------------------------------------------------------------- .ods


def _open_document(part: IO[bytes]) -> dict[str, Worksheet]:
    reader = _OpenDocument()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    with part:
        _parse(part, parser)
    return reader.sheets


def _repeated(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(name, "1")))


class _OpenDocument:
    def __init__(self) -> None:
        self.sheets: dict[str, Worksheet] = {}
        self.sheet = Worksheet()
        self.row, self.column, self.across = 0, 0, 0
        self.formula = ""
        self.rows, self.cells = 1, 1
        self.holds = False
        self.notes = 0
        self.failed: list[tuple[int, int, list[str]]] = []
        self.said: list[str] | None = None
        self.not_shown: list[tuple[int, int]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            self.cells = _repeated(attributes, "table:number-columns-repeated")
            self.holds = attributes.get("office:value-type", "") != ""
            if attributes.get("calcext:value-type") == "error":
                self.said = []
            self.formula = attributes.get("table:formula", "")
            down, across = (_repeated(attributes, f"table:number-{what}-spanned") for what in ("rows", "columns"))
            if down > 1 or across > 1:
                self.sheet.merged.append((self.row, self.column, self.row + down - 1, self.column + across - 1))
        elif name == "text:p":
            self.holds = self.holds or not self.notes
        elif name == "office:annotation":
            self.notes += 1
        elif name == "table:table-row":
            self.rows, self.column = _repeated(attributes, "table:number-rows-repeated"), 0
            if attributes.get("table:visibility") in _NOT_SHOWN:
                self.not_shown.append((self.row, self.row + self.rows))
        elif name == "table:table-column":
            count = _repeated(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in _NOT_SHOWN:
                self.sheet.hidden_columns.update(range(self.across, min(self.across + count, _MOST_COLUMNS)))
            self.across += count
        elif name == "table:table":
            self.sheet = self.sheets.setdefault(attributes.get("table:name", ""), Worksheet())
            self.row, self.across, self.not_shown = 0, 0, []

    def text(self, text: str) -> None:
        if self.said is not None and not self.notes:
            self.said.append(text)

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            if self.formula and not self.holds:  # neither value nor text: it was never worked out
                self.said = ["=" + self.formula.partition("=")[2]]
                self.holds = True
            if self.holds:
                self.sheet.reach(self.row + self.rows - 1, self.column + self.cells - 1)
            if self.said is not None:
                error = "".join(self.said).strip() or "#ERROR!"
                if self.rows * self.cells <= _MOST_REPEATED:  # farther than that no caller reads
                    for row in range(self.row, self.row + self.rows):
                        for column in range(self.column, self.column + self.cells):
                            self.sheet.errors[row, column] = error
                self.said = None
            self.column += self.cells
            self.holds = False
        elif name == "office:annotation":
            self.notes -= 1
        elif name == "table:table-row":
            self.row += self.rows
        elif name == "table:table":
            for first, last in self.not_shown:
                self.sheet.hidden.update(range(first, min(last, self.sheet.rows)))


# -------------------------------------------------------------------------------------------------------------- .xlsb


def _binary(part: IO[bytes]) -> Worksheet | None:
    """A part of an .xlsb: only how far its values reach; None if it holds none."""
    sheet, row = Worksheet(), 0
    for kind, content in _records(part.read()):
        if kind == 0 and len(content) >= 4:
            row = int.from_bytes(content[:4], "little")
        elif 2 <= kind <= 11 and len(content) >= 4:
            sheet.reach(row, int.from_bytes(content[:4], "little"))
    return sheet if sheet.rows else None


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, size = data[at], 0
        at += 1
        if kind & 0x80 and at < len(data):
            kind = (kind & 0x7F) | data[at] << 7
            at += 1
        for shift in range(0, 28, 7):
            if at >= len(data):
                return
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, data[at : at + 16]
        at += size
