"""What if, on a terminal: before and after, who gains and loses what; the whole table as a heat map with words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from assigner.messages import _
from assigner.report import statements
from assigner.report import whatif_statements as sentences
from assigner.report import whatif_tables as content
from assigner.report.cells import one_line
from assigner.report.prose import Prose
from assigner.report.tables import Table, shown
from assigner.report.terminal import TONES, print_parts, section, show_result, table_of
from assigner.report.whatif_heat import heat_of
from assigner.words import item_label, school_name

if TYPE_CHECKING:
    from assigner.explaining.ground import Ground
    from assigner.explaining.table import TableAnswer
    from assigner.explaining.whatif import WhatIfAnswer

__all__ = ["body_of", "heading", "lay_out", "show_table", "show_whatif", "table_line", "verdict_line"]

#: Background and letters of a cell, from no cost to the dearest; the words in the cell say the same.
_SHADES = ("", "black on grey93", "black on wheat1", "black on light_goldenrod2", "black on orange1", "white on red3")
_QUIET = {"present": "bold green", "free": "green", "excluded": "dim", "stopped": "yellow"}


def heading(ground: Ground) -> RenderableType:
    """Community, rulebook, and what is to be known of the plan."""
    first, *rest = statements.heading(ground.result)
    notes = (Prose(line, style="yellow") for line in sentences.base_notes(ground))
    return Group(Prose(first, style="bold"), *map(Prose, rest[:1]), *notes)


def body_of(table: Table) -> RenderableType:
    """The rows of a table."""
    titles = (_("{title} ({unit})", title=c.title, unit=c.unit) if c.unit else c.title for c in table.columns)
    made = table_of(*titles)
    for row in table.rows:
        made.row(*(shown(value, column, separator="\n") for value, column in zip(row, table.columns, strict=True)))
    return made


def lay_out(table: Table) -> RenderableType:
    """A table under its title."""
    return section(table.title, body_of(table))


# ------------------------------------------------------------------------------------------------------- one question


def show_whatif(answer: WhatIfAnswer, console: Console) -> None:
    """Print what changes would do."""
    if answer.status == "no_plan":
        show_result(answer.ground.result, console)
        return
    print_parts(_parts(answer), console)


def verdict_line(answer: WhatIfAnswer) -> Prose:
    """The answer in one sentence."""
    said = sentences.verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _parts(answer: WhatIfAnswer) -> Iterator[RenderableType]:
    yield heading(answer.ground)
    asked = sentences.asked(answer.ground.plan, answer.changes)
    yield section(_("What if"), *(Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in asked))
    yield verdict_line(answer)
    found = sentences.clashes(answer)
    if found:
        lines: list[RenderableType] = []
        for clash in found:
            lines.append(Padding(Prose(f"- {clash.title}"), (0, 0, 0, 2)))
            lines.append(Padding(Prose("\n".join([*clash.details, clash.source]), style="dim"), (0, 0, 0, 4)))
        yield section(_("These cannot hold together:"), *lines)
    if answer.found is None or answer.found.result_after is None:
        return
    if answer.found.plan_after.convener != answer.ground.plan.convener:
        yield Prose(sentences.convener_moves(answer.found))
    yield lay_out(content.aims(answer))
    changed = sentences.shares(answer)
    if changed:
        yield section(_("Who gains and loses what"), *(Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in changed))
    moves = content.moves(answer)
    yield lay_out(moves) if moves.rows else Prose(_("No duty moves."))


# ------------------------------------------------------------------------------------------------------- the table


def show_table(answer: TableAnswer, console: Console) -> None:
    """Print the whole table."""
    if answer.found is None:
        show_result(answer.ground.result, console)
        return
    print_parts(_table_parts(answer, console), console)


def table_line(answer: TableAnswer) -> Prose:
    """The whole table in one sentence."""
    said = sentences.table_verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _table_parts(answer: TableAnswer, console: Console) -> Iterator[RenderableType]:
    assert answer.found is not None
    yield heading(answer.ground)
    if answer.ground.changes:
        asked = sentences.asked(answer.ground.plan, answer.ground.changes)
        yield section(_("What if"), *(Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in asked))
    grids = list(_grids(answer, console.width))
    yield section(_("What it costs that a school hosts an item"), grids[0])
    yield from grids[1:]
    signs = table_of("", "")
    for sign, meaning in sentences.legend(answer):
        signs.row(sign, meaning)
    yield section(_("Legend"), signs, Prose(_("The darker a cell, the dearer; its words say the same."), style="dim"))
    if answer.full:
        yield lay_out(content.full_cells(answer))
    yield table_line(answer)


def _grids(answer: TableAnswer, width: int) -> Iterator[RenderableType]:
    """The table in blocks of as many schools as fit side by side."""
    found, plan = answer.found, answer.ground.plan
    assert found is not None
    problem, book, unit = plan.problem, plan.problem.rules.rulebook, plan.problem.distances.unit
    labels = {row.id: item_label(book, row.id) for row in found.rows}
    words = {key: sentences.cell_words(cell, unit) for key, cell in found.cells.items()}
    heat = heat_of(found)
    first = min(max(map(cell_len, labels.values())), width // 3)
    widest = max(8, *(cell_len(text) for text in words.values()))
    across = max(1, (width - first - 2) // (widest + 2))
    for codes in _blocks(found.schools, across):
        heads = (f"{code}\n{_short(one_line(school_name(problem, code)), widest)}" for code in codes)
        made = table_of(_("Work item"), *heads)
        made.columns[0].max_width = first
        for row in found.rows:
            cells: list[RenderableType] = []
            for code in codes:
                cell = found.cells[row.id, code]
                style = _QUIET.get(cell.status) or _SHADES[heat[row.id, code]]
                cells.append(Text(words[row.id, code], style=style, no_wrap=True))
            made.row(Prose(labels[row.id]), *cells)
        yield made


def _blocks(codes: Sequence[str], across: int) -> Iterator[Sequence[str]]:
    """Blocks of about the same size."""
    count = -(-len(codes) // across)
    size = -(-len(codes) // count)
    for start in range(0, len(codes), size):
        yield codes[start : start + size]


def _short(name: str, width: int) -> str:
    """A name that fits a column of so many cells."""
    if cell_len(name) <= width:
        return name
    kept = ""
    for character in name:
        if cell_len(kept + character) >= width:
            break
        kept += character
    return kept + "…"
