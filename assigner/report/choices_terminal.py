"""Choices on a terminal: the front as a table, what each point changes; how many optimal plans, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from assigner.messages import _, _n
from assigner.report import choices_statements as sentences
from assigner.report import choices_tables as content
from assigner.report import statements
from assigner.report.prose import Prose
from assigner.report.tables import shown
from assigner.report.terminal import TONES, print_parts, section, show_result, table_of

if TYPE_CHECKING:
    from assigner.choosing.front import Front
    from assigner.choosing.optima import Optima
    from models.difference import HandOver

__all__ = ["optima_line", "show_front", "show_optima", "verdict_line"]

#: So many schools, or changes, are named; of more, how many there are.
_SCHOOLS, _CHANGES = 3, 8


def show_front(answer: Front, console: Console) -> None:
    """Print a front."""
    if answer.found is None:
        show_result(answer.ground.result, console)
    else:
        print_parts(_front(answer), console)


def show_optima(answer: Optima, console: Console) -> None:
    """Print the optimal plans."""
    if answer.status == "no_plan":
        show_result(answer.ground.result, console)
    else:
        print_parts(_optima(answer), console)


def verdict_line(answer: Front) -> Prose:
    """How complete the front is, in one sentence."""
    said = sentences.verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def optima_line(answer: Optima) -> Prose:
    """How many optimal plans there are, in one sentence."""
    said = sentences.optima_verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _heading(answer: Front | Optima) -> RenderableType:
    first, *rest = statements.heading(answer.ground.result)
    notes = (Prose(_("Note: {warning}", warning=note), style="yellow") for note in answer.ground.notes)
    return Group(Prose(first, style="bold"), *map(Prose, rest), *notes)


def _front(answer: Front) -> Iterator[RenderableType]:
    yield _heading(answer)
    yield Group(*map(Prose, sentences.about_front(answer)))
    table = content.front_points(answer)
    heads = {column.key: column.title + (f" ({column.unit})" if column.unit else "") for column in table.columns}
    made = table_of(
        heads["point"],
        heads["largest_load"],
        heads["travel"],
        heads["loads"],
        heads["most"],
        heads["remark"],
        right=(0, 1),
    )
    made.columns[2].justify = "right"
    made.expand = True
    for place, ratio in ((2, 2), (3, 3), (4, 4), (5, 2)):
        made.columns[place].ratio = ratio
    columns = {column.key: column for column in table.columns}
    for row in table.records():
        made.row(
            shown(row["point"]) or "–",
            shown(row["largest_load"], columns["largest_load"]),
            shown(row["travel"], columns["travel"]),
            row["loads"],
            _few(row["most"]),
            shown(row["remark"]),
        )
    yield section(table.title, made, Prose(sentences.about_chosen(answer)))
    for point in answer.points:
        if point.moves:
            title = _("Point {number}: against the chosen plan", number=point.number)
            yield section(title, *_changes(answer, point.moves))
    yield verdict_line(answer)


def _few(schools: Sequence[str]) -> str:
    if len(schools) <= _SCHOOLS:
        return "\n".join(schools) or "–"
    return _n("{n} school", "{n} schools", len(schools))


def _changes(answer: Front | Optima, moves: Sequence[HandOver]) -> Iterator[RenderableType]:
    lines = sentences.hand_over_lines(answer.ground.plan, moves)
    kept = lines if len(lines) <= _CHANGES + 1 else lines[:_CHANGES]
    for line in kept:
        yield Padding(Prose(line), (0, 0, 0, 2))
    if left := len(lines) - len(kept):
        yield Padding(Prose(_n("and {n} more", "and {n} more", left), style="dim"), (0, 0, 0, 2))


def _optima(answer: Optima) -> Iterator[RenderableType]:
    yield _heading(answer)
    found = answer.found
    if found is not None and found.proven:
        table = content.backbone(answer)
        made = table_of(_("Item"), _("Work item"), table.columns[2].title, table.columns[3].title)
        for column, ratio in zip(made.columns[1:], (4, 2, 3), strict=True):
            column.ratio = ratio
        made.expand = True
        for row in table.records():
            some = row["sometimes"] or row["undecided"]
            made.row(row["item"], row["title"], "\n".join(row["always"]) or "–", "\n".join(some) or "–")
        yield section(table.title, made)
        yield Group(*map(Prose, sentences.about_shared(answer)))
        for place, plan in enumerate(found.plans[1:], 2):
            title = _("Optimal plan {number}: against the chosen plan", number=place)
            yield section(title, *_changes(answer, answer.moves_to(plan)))
        if listed := sentences.about_listed(answer):
            yield Prose(listed, style="dim")
    if answer.different is not None:
        yield from _different(answer)
    yield optima_line(answer)


def _different(answer: Optima) -> Iterator[RenderableType]:
    table = content.different(answer)
    made = table_of(*(c.title + (f" ({c.unit})" if c.unit else "") for c in table.columns))
    for row in table.rows:
        made.row(*(shown(value, column) or "–" for value, column in zip(row, table.columns, strict=True)))
    yield section(table.title, made, Prose(sentences.about_different(answer)))
    for place, other in enumerate((answer.different or ())[1:], 1):
        title = _("Different plan {number}: against the chosen plan", number=place)
        yield section(title, *_changes(answer, answer.moves_to(other.result.assignment)))
