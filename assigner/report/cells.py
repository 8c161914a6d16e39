"""Texts of people made fit to be shown: nothing that a file format forbids, nothing that a terminal or sheet runs.

Terminal, workbook, page, map and table of duties all use these, so that a name is the same everywhere.
"""

from __future__ import annotations

import unicodedata

__all__ = ["FORMULA_SIGNS", "csv_safe", "one_line", "plain"]

FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\t\r"
"""A cell that begins with one of these may be taken for a formula, also in their full width."""

_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Leave out what no file can hold or what would show a text as another: controls, halves of characters, directions.

    Line ends stay, as LF; other controls become blanks.
    """
    if text.isprintable():
        return text
    return "".join(map(_plain, text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str) -> str:
    """A plain text without line ends and blanks that are not needed."""
    return " ".join(plain(text).split())


def _plain(character: str) -> str:
    if character == "\n":
        return character
    if character in _DIRECTIONS:
        return ""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cs" or ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character


def csv_safe(text: str) -> str:
    """A text that a spreadsheet shows as it is: an apostrophe before what could be a formula.

    A text that already begins with apostrophes before such a sign gets one more, so that one can always be taken away.
    """
    whole = plain(text)
    bare = whole.lstrip("'").lstrip(" ")
    risky = bare.startswith(tuple(FORMULA_SIGNS)) or text.startswith(("\t", "\r"))
    return f"'{whole}" if risky else whole
