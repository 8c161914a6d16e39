"""The ministry's school codes, in any form that a list, a file or a spreadsheet gives them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["CODE_LENGTH", "CodeError", "read_code"]

CODE_LENGTH = 6
"""Characters of a code."""

_CODE = re.compile(r"[0-9A-Z]{6}")
_QUOTES = "'\u2018\u2019"


class CodeError(ValueError):
    """A value is no school code.

    Attributes
    ----------
    value
        What is there.
    reason
        "number" (a number with decimals or a truth value: what it was cannot be told) or "form".
    """

    def __init__(self, value: object, reason: str) -> None:
        self.value, self.reason = value, reason
        super().__init__(value, reason)

    def __str__(self) -> str:
        return f"no school code: {self.value!r} ({self.reason})"


def read_code(value: object) -> str:
    """Read a school code (代碼).

    ``063404``, ``'063404'``, ``63404`` (its leading zero lost in a spreadsheet), ``63404.0`` (read as a number) and
    full-width digits are the same code. One lost zero is restored, two are not: 5 digits can be nothing else, 4 could.

    Parameters
    ----------
    value : object
        What a cell or a key holds.

    Returns
    -------
    str
        6 digits or capital letters.

    Raises
    ------
    CodeError
        It is no code.
    """
    if isinstance(value, float) and value.is_integer() and 0 < value < 10**CODE_LENGTH:
        value = int(value)
    if isinstance(value, bool | float):
        raise CodeError(value, "number")
    if not isinstance(value, int | str):
        raise CodeError(value, "form")
    text = unicodedata.normalize("NFKC", str(value)).strip().lstrip(_QUOTES).rstrip(_QUOTES).strip().upper()
    if text.isascii() and text.isdigit() and len(text) == CODE_LENGTH - 1:
        text = "0" + text
    if not _CODE.fullmatch(text):
        raise CodeError(value, "form")
    return text
