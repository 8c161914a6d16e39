"""Single cells of a school list: codes, counts, coordinates, words; what cannot be read is told by its reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from geodata.codes import CodeError, read_code
from geodata.names import normalise, strip_prefix
from geodata.sheets import Cell

__all__ = [
    "EAST",
    "NORTH",
    "SchoolKind",
    "kind_of",
    "plain_text",
    "point",
    "public_by_name",
    "read_count",
    "read_degrees",
    "read_public",
    "read_school_code",
    "without_number",
]

SchoolKind = Literal["senior_high", "junior_high", "university", "elementary"]

_UNIVERSITY = re.compile(r"[0-9A-Z]{4}")
_COUNT = re.compile(r"[0-9]{1,7}")
_NOTHING = {"", "-", "--", "—", "–", "…", "...", "n/a", "na", "無", "null", "none", "nan"}
_NUMBER_BEFORE = re.compile(r"^(?:[0-9A-Z]{1,3}[ _.、]+|\[[0-9A-Z]{1,3}\])")
EAST, NORTH = (117.5, 123.0), (20.5, 27.0)
"""Longitudes and latitudes of Taiwan with all its islands."""


def plain_text(cell: Cell) -> str:
    """A cell as one line of text; empty if there is nothing."""
    if cell is None or isinstance(cell, bool):
        return ""
    text = " ".join(unicodedata.normalize("NFC", str(cell)[:500]).split())
    return "" if text.casefold() in ("null", "nan", "none") else text


def without_number(text: str) -> str:
    """A word without the number that some lists put before it: ``B 專業群科``, ``21 機械群``."""
    return _NUMBER_BEFORE.sub("", unicodedata.normalize("NFKC", text)).strip()


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A code and whether a lost zero was restored."""

    code: str
    mended: bool


def read_school_code(cell: Cell, *, university: bool) -> ReadCode:
    """Read the code of a school: 6 characters, of a university 4.

    Raises
    ------
    CodeError
        It is none.
    """
    if not university:
        code = read_code(cell)
        return ReadCode(code, code.startswith("0") and len(_bare(cell)) < len(code))
    if isinstance(cell, bool) or (isinstance(cell, float) and not cell.is_integer()):
        raise CodeError(cell, "number")
    bare = _bare(cell)
    code = bare.zfill(4) if bare.isascii() and bare.isdigit() and bare.strip("0") else bare
    if not _UNIVERSITY.fullmatch(code):
        raise CodeError(cell, "form")
    return ReadCode(code, len(bare) < len(code))


def _bare(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip().strip("'\u2018\u2019").strip().upper()


def looks_like_university(cell: Cell) -> bool:
    """Whether a cell can be the code of a university and of no other school."""
    return 1 <= len(_bare(cell)) <= 4


def kind_of(code: str, level: str) -> SchoolKind:
    """Kind of a school by what the list calls it, else by its code: the fourth character of six tells it."""
    if len(code) == 4:
        return "university"
    if "國小" in level or "國民小學" in level:
        return "elementary"
    if "高中" in level or "高職" in level or "高級中等" in level:
        return "senior_high"
    if "國中" in level or "國民中學" in level:
        return "junior_high"
    return {"5": "junior_high", "6": "elementary"}.get(code[3], "senior_high")  # type: ignore[return-value]


def read_public(text: str) -> bool | None:
    """Whether a school is public, from a word of a list; None if the word does not say."""
    word = normalise(text).casefold()
    if word in ("true", "yes", "是", "public") or word.startswith(("公", "國立", "市立", "縣立", "直轄市立")):
        return True
    if word in ("false", "no", "否", "private") or word.startswith(("私", "財團法人")):
        return False
    return None


def public_by_name(name: str) -> bool | None:
    """Whether a school is public, from its name; None if the name does not say."""
    if re.match(r"(?:..[縣市])?私立|.*財團法人", name):
        return False
    if re.match(r"國立|(?:..)?[市縣]立", name):
        return True
    return None


def read_count(cell: Cell) -> int | None:
    """Read a number of people or classes; None if nothing is there.

    Raises
    ------
    ValueError
        It is no such number.
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if cell is None or isinstance(cell, bool):
        return None
    text = unicodedata.normalize("NFKC", str(cell)).strip().replace(",", "")
    if text.casefold() in _NOTHING:
        return None
    text = re.sub(r"\.0+$", "", text)
    if not _COUNT.fullmatch(text):
        raise ValueError(cell)
    return int(text)


def read_degrees(cell: Cell) -> float | None:
    """Read a coordinate; None if nothing is there.

    Raises
    ------
    ValueError
        It is no number.
    """
    if cell is None or isinstance(cell, bool):
        return None
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if text.casefold() in _NOTHING:
        return None
    number = float(text)
    return number or None


def point(lon: float | None, lat: float | None) -> tuple[tuple[float, float] | None, str]:
    """Give the point that two cells mean, and what is to be said of it: "", "swapped" or "coordinates"."""
    if lon is None and lat is None:
        return None, ""
    if lon is None or lat is None:
        return None, "coordinates"
    if EAST[0] <= lon <= EAST[1] and NORTH[0] <= lat <= NORTH[1]:
        return (lon, lat), ""
    if EAST[0] <= lat <= EAST[1] and NORTH[0] <= lon <= NORTH[1]:
        return (lat, lon), "swapped"
    return None, "coordinates"


def county_part(text: str) -> str:
    """A county as it stands in a list, without the number before it."""
    return strip_prefix(normalise(text))
