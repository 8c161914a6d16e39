"""Suggestions on a terminal: the best change, what is proven of it, and what every single move would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from assigner.messages import _
from assigner.report import suggest_statements as sentences
from assigner.report import suggest_tables as content
from assigner.report.prose import Prose
from assigner.report.tables import Table, shown
from assigner.report.terminal import TONES, print_parts, section, table_of

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["show_suggestions", "verdict_line"]


def show_suggestions(answer: Suggestions, console: Console) -> None:
    """Print suggestions."""
    print_parts(_parts(answer), console)


def verdict_line(answer: Suggestions) -> Prose:
    """The answer in one sentence."""
    said = sentences.verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _parts(answer: Suggestions) -> Iterator[RenderableType]:
    first, *rest = sentences.heading(answer)
    yield Group(Prose(first, style="bold"), *map(Prose, rest))
    yield section(_("What was asked"), *(Padding(Prose(line), (0, 0, 0, 2)) for line in sentences.asked(answer)))
    if answer.better:
        yield _lay_out(content.better(answer), right=(0,))
    if answer.bound:
        yield _lay_out(content.aims(answer))
    if answer.ranking:
        yield _lay_out(content.ranking(answer), right=(0, 2))
    yield Group(*(Prose(line, style="dim") for line in sentences.how_found(answer)))
    yield verdict_line(answer)


def _lay_out(table: Table, right: tuple[int, ...] = ()) -> RenderableType:
    made = table_of(*(column.title for column in table.columns), right=right)
    for row in table.rows:
        made.row(*(shown(value, column, separator="\n") for value, column in zip(row, table.columns, strict=True)))
    return section(table.title, made)
