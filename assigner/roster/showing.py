"""An import and a comparison on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assigner.messages import _, _n, number
from assigner.report.prose import Prose
from assigner.roster.comparing import CHANGE_WORDS, Comparison
from assigner.roster.schools import KINDS, Roster
from assigner.roster.words import KIND_WORDS, MENDED, NOTE_TITLES, TABLE_WORDS, note_line

if TYPE_CHECKING:
    from assigner.roster.importing import ImportReport
    from geodata.rosters import Note

__all__ = ["show_comparison", "show_import"]

_MOST_LINES = 6
"""So many notes of one sort are printed; ``--json`` gives all."""


def show_import(roster: Roster, console: Console) -> None:
    """Print what was read, mended and found odd."""
    report = roster.report
    if report is None:
        return
    _print(_import_parts(roster, report), console)


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Print the differences of two rosters."""
    _print(_comparison_parts(comparison), console)


def _print(parts: Iterator[RenderableType], console: Console) -> None:
    """Print parts; in a pipe without the blanks that fill up a table."""
    for part in parts:
        if console.is_terminal:
            console.print(part)
            continue
        with console.capture() as captured:
            console.print(part)
        console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


def _table(*heads: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for position, head in enumerate(heads):
        justify: Any = "right" if position in right else "left"
        table.add_column(head, justify=justify, overflow="fold", no_wrap=position in right)
    return table


def _import_parts(roster: Roster, report: ImportReport) -> Iterator[RenderableType]:
    yield Prose(_("Roster of school year {year}", year=roster.year), style="bold")
    yield Text()
    files = _table(_("File"), _("What it is"), _("Rows"), _("School year"), right=(2, 3))
    for file in report.files:
        name = PurePath(file.file).name
        name = name if file.sheet in ("", name) else f"{name} [{file.sheet}]"
        files.add_row(Text(name), _(TABLE_WORDS[file.kind]), number(file.rows), str(file.year or ""))
    yield files
    yield Text()
    yield _counts(report)
    for mended, title in ((True, _("Mended")), (False, _("To be looked at"))):
        groups = {problem: [n for n in report.notes if n.problem == problem] for problem in NOTE_TITLES}
        shown = {problem: notes for problem, notes in groups.items() if notes and (problem in MENDED) == mended}
        if shown:
            yield Text()
            yield Prose(title, style="bold")
            for problem, notes in shown.items():
                yield from _notes(problem, notes)


def _counts(report: ImportReport) -> Table:
    kinds = [kind for kind in KINDS if report.counts[kind]]
    table = _table(_("County"), *(_(KIND_WORDS[kind]) for kind in kinds), right=(1, 2, 3))
    counties = dict.fromkeys(county for kind in kinds for county in report.counts[kind])
    for county in sorted(counties, key=_order(report)):
        numbers = [report.counts[kind].get(county, 0) for kind in kinds]
        table.add_row(county or _("township unknown"), *(number(n) if n else "" for n in numbers))
    totals = [sum(report.counts[kind].values()) for kind in kinds]
    table.add_row(_("all"), *map(number, totals), style="bold")
    return table


def _order(report: ImportReport) -> Any:
    """The largest counties first, schools without a township last."""
    return lambda county: (county == "", -sum(report.counts[kind].get(county, 0) for kind in KINDS), county)


def _notes(problem: str, notes: list[Note]) -> Iterator[RenderableType]:
    title = _("{title}: {n}", title=_(NOTE_TITLES[problem]), n=number(len(notes)))
    yield Padding(Prose(title), (0, 0, 0, 2))
    for note in notes[:_MOST_LINES]:
        yield Padding(Prose(note_line(note), style="dim"), (0, 0, 0, 4))
    if (more := len(notes) - _MOST_LINES) > 0:
        text = _n("and {n} more; --json shows it", "and {n} more; --json shows all", more)
        yield Padding(Prose(text, style="dim"), (0, 0, 0, 4))


def _comparison_parts(comparison: Comparison) -> Iterator[RenderableType]:
    yield Prose(_("School year {old} → {new}", old=comparison.old, new=comparison.new), style="bold")
    if not comparison.changes:
        yield Prose(_("No school is new, closed, renamed, moved or in other hands."))
        return
    for kind in KINDS:
        changes = [change for change in comparison.changes if change.school.kind == kind]
        if not changes:
            continue
        yield Text()
        yield Prose(_(KIND_WORDS[kind]), style="bold")
        table = _table(_("Change"), _("Code"), _("Before"), _("After"), "km", right=(4,))
        for change in changes:
            before, after = change.values
            if change.what in ("moved", "public"):
                before = f"{change.school.name} {before}"
            km = "" if change.km is None else number(change.km, 1)
            table.add_row(_(CHANGE_WORDS[change.what]), change.school.code, Text(before), Text(after), km)
        yield table
