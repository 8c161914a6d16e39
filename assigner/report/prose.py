"""Text that wraps as Chinese does: between any two characters, but never before a closing mark.

rich wraps at blanks only, so a Chinese sentence would leave half a line empty or begin a line with a comma.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from assigner.report.cells import plain

__all__ = ["Prose", "count_lines"]

#: Marks that no line begins with, and marks that no line ends with.
_CLOSING = frozenset("，。、；：？！）」』】〕》〉’”…％%,.;:?!)]}／")
_OPENING = frozenset("（「『【〔《〈‘“([{")


class Prose:
    """A paragraph.

    Parameters
    ----------
    parts : str or (str, style)
        Pieces of the text, some in a style of their own; what could steer the terminal is left out.
    style : str
        Of the whole.
    """

    def __init__(self, *parts: str | tuple[str, str], style: str = "") -> None:
        clean = (plain(part) if isinstance(part, str) else (plain(part[0]), part[1]) for part in parts)
        self.text = Text.assemble(*clean, style=style, end="")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(options.max_width)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        text = self.text.plain
        longest = max((_width(text[a:b].rstrip()) for a, b in _atoms(text)), default=0)
        whole = max((_width(line) for line in text.split("\n")), default=0)
        return Measurement(longest, whole).with_maximum(options.max_width)

    def lines(self, width: int) -> list[Text]:
        """The lines of the paragraph at a width in cells."""
        lines = list(self.text.divide(_breaks(self.text.plain, width)))
        for line in lines:
            line.rstrip()
            line.end = "\n"
            line.no_wrap = True
        return lines


def count_lines(text: str, width: int) -> int:
    """How many lines a paragraph takes at a width in cells."""
    return len(_breaks(text, width)) + 1


def _breaks(text: str, width: int) -> list[int]:
    """Where lines begin, the first left out."""
    if "\n" not in text and _width(text) <= width:
        return []
    breaks: list[int] = []
    used = 0
    for start, end in _atoms(text):
        if start and text[start - 1] == "\n":
            breaks.append(start)
            used = 0
        atom = text[start:end]
        seen = _width(atom.rstrip())
        if used and used + seen > width:
            breaks.append(start)
            used = 0
        if used + seen <= width:
            used += _width(atom)
            continue
        for position in range(start, end):  # an atom longer than the line is cut
            size = _size(text[position])
            if used + size > width and not text[position].isspace():
                breaks.append(position)
                used = 0
            used += size
    return breaks


@lru_cache(maxsize=20_000)
def _size(character: str) -> int:
    """Cells that a character takes."""
    return cell_len(character)


def _width(text: str) -> int:
    """Cells that a text takes."""
    return sum(map(_size, text))


def _atoms(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of characters that stay together, blanks at their ends included."""
    start = 0
    for position in range(1, len(text)):
        if _may_break(text[position - 1], text[position]):
            yield start, position
            start = position
    if text:
        yield start, len(text)


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if before == "\n":
        return True
    if after.isspace():
        return False
    if before.isspace():
        return True
    if after in _CLOSING or before in _OPENING:
        return False
    return _size(before) == 2 or _size(after) == 2
