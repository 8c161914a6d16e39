"""Communities designed anew, on a terminal: the communities, what they travel and change, how good that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType

from assigner.messages import _, number
from assigner.report import design_statements as sentences
from assigner.report import design_tables as content
from assigner.report.prose import Prose
from assigner.report.tables import shown
from assigner.report.terminal import TONES, print_parts, section, table_of

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap

__all__ = ["design_line", "show_design"]


def show_design(answer: DesignedMap, console: Console) -> None:
    """Print an answer."""
    print_parts(_parts(answer), console)


def design_line(answer: DesignedMap) -> Prose:
    """The answer in one sentence, as it is printed."""
    said = sentences.verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _parts(answer: DesignedMap) -> Iterator[RenderableType]:
    first, *rest = sentences.heading(answer)
    yield Group(Prose(first, style="bold"), *map(Prose, rest))
    if answer.base is None:
        if lines := list(sentences.why_not(answer)):
            yield section(_("Why there are none"), *map(Prose, lines))
        yield design_line(answer)
        return
    yield _communities(answer)
    seconds = _("{seconds} s.", seconds=number(answer.found.seconds, 1))
    yield section(_("What was minimised"), *map(Prose, sentences.sums(answer)), Prose(seconds))
    yield Prose(sentences.made_up(answer), style="yellow")
    yield design_line(answer)


def _communities(answer: DesignedMap) -> RenderableType:
    table = content.communities(answer)
    right = tuple(k for k, column in enumerate(table.columns) if column.kind == "number")
    made = table_of(*(column.title for column in table.columns), right=right)
    for row in table.rows:
        made.row(*(shown(value, column) for value, column in zip(row, table.columns, strict=True)))
    return made
