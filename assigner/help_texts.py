"""How help is laid out: in the language of the run, wrapped by the width of characters, without drawing marks.

It needs neither rich nor anything else that is heavy, and any terminal can show it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import typer

from assigner.messages import N_, _

__all__ = ["HelpFormatter", "cells", "program_name", "wrapped"]

_HEADINGS = {"Arguments": N_("Arguments"), "Options": N_("Options"), "Commands": N_("Commands")}
_CLOSING = frozenset("，。、；：？！）」』")

#: What typer adds to a term and to its text: the type of the value, and its default.
_TYPE, _DEFAULT = re.compile(r" <[^>]*>$"), re.compile(r"\[default: ([^]]*)\]")

_Base: Any = typer.Context.formatter_class


class HelpFormatter(_Base):
    """Lays out help texts."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        # typer writes {FILE} for what is needed and SCENARIO... twice over; people know the plain form.
        plain = args.replace("{", "").replace("}", "").replace("......", "...")
        plain = plain.replace("[OPTIONS]", _("[options]")).replace("COMMAND [ARGS]...", _("command ..."))
        super().write_usage(prog, plain, prefix=_("Usage:") + " ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(" " * self.current_indent + _("{heading}:", heading=heading) + "\n")

    def section(self, name: str) -> AbstractContextManager[None]:
        """Begin a section; the headings that typer makes are translated."""
        made: AbstractContextManager[None] = super().section(_(_HEADINGS[name]) if name in _HEADINGS else name)
        return made

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        for line in wrapped(" ".join(text.split()), self.width - self.current_indent):
            self.write(" " * self.current_indent + line + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and what they mean, side by side."""
        rows = [(_TYPE.sub("", term), text) for term, text in rows]
        first = min(max((cells(term) for term, _text in rows), default=0), col_max) + col_spacing
        left = " " * self.current_indent
        for term, text in rows:
            told = _DEFAULT.sub(_default, text.replace("[required]", _("[required]")))
            lines = wrapped(told, max(20, self.width - self.current_indent - first)) or [""]
            if cells(term) > first - col_spacing:
                self.write(f"{left}{term}\n")
                term = ""
            for line in lines:
                self.write(f"{left}{term}{' ' * (first - cells(term))}{line}".rstrip() + "\n")
                term = ""


def _default(found: re.Match[str]) -> str:
    return _("[default: {value}]", value=found[1])


def program_name() -> str:
    """What the reader types to start the program, as it was started this time.

    Where the console does not find ``assigner`` (Windows, without administrator), Python starts it by its module.
    """
    if Path(sys.argv[0]).name != "__main__.py":
        return "assigner"
    return "py -m assigner" if sys.platform == "win32" else "python -m assigner"


def cells(text: str) -> int:
    """Width of a text on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken at blanks or between Chinese characters."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and cells(line) + cells(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> Iterable[str]:
    """Parts that stay together: words with the blanks after them, single Chinese characters with their marks."""
    piece = ""
    for character in text:
        wide = cells(character) == 2
        glued = character in _CLOSING or character == " "
        if piece and not glued and (wide or piece[-1] == " " or cells(piece[-1]) == 2):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
