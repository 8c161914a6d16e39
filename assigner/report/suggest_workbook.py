"""``suggestions.xlsx``: the best change and what every move would do, in one workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assigner.boundary.suggest_effects import standing_effects
from assigner.messages import _
from assigner.report import boundary_tables
from assigner.report import suggest_map as moves
from assigner.report import suggest_statements as sentences
from assigner.report import suggest_tables as content
from assigner.report.boundary_sources import school_year, sources, versions
from assigner.report.boundary_workbook import contents, filtered, put_sources, turned
from assigner.report.tables import Table
from assigner.report.workbook import TONES, put_map
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["workbook_bytes"]

_DPI = 120
"""Of the map as a picture."""


def workbook_bytes(answer: Suggestions) -> bytes:
    """The workbook of suggestions, in the current language."""
    base = answer.base
    year = school_year(standing_effects(answer))
    title = _("{name}: the best change of boundaries", name=base.name or base.id)
    book = Book(title, _("Rulebook of school year {year}", year=year), year)
    overview = Page(book, _("Overview"), (30, 34, 34, 34, 14), landscape=True)
    pages: list[tuple[Page, str]] = []

    def sheet(name: str, about: str, widths: Sequence[float], fill: Callable[[Page], None]) -> None:
        page = Page(book, name, widths, landscape=True)
        fill(page)
        page.finish()
        pages.append((page, about))

    def listed(name: str, about: str, widths: Sequence[float], table: Table) -> None:
        if table.rows:
            sheet(name, about, widths, lambda page: filtered(page, table))

    sheet(_("Map"), _("what moving each township would do"), (LANDSCAPE_CHARS / 4,) * 4, lambda p: _map(answer, p))
    listed(
        _("Best moves"),
        _("every township with its best move"),
        (7, 14, 18, 18, 12, 46, 26, 60),
        content.by_township(answer),
    )
    listed(_("All moves"), _("every single move"), (7, 40, 10, 14, 60, 28), content.ranking(answer))
    listed(
        _("Moves and aims"),
        _("every aim that a single move changes"),
        (7, 40, 34, 44, 44),
        content.moved_aims(answer),
    )
    sheet(_("Sources"), _("where the data come from"), (LANDSCAPE_CHARS / 4,) * 4, lambda p: _sources(answer, p))
    _overview(answer, overview, pages)
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _overview(answer: Suggestions, page: Page, others: Sequence[tuple[Page, str]]) -> None:
    first, *rest = sentences.heading(answer)
    page.heading(first)
    for line in rest:
        page.line(line)
    page.gap()
    said = sentences.verdict(answer)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    page.section(_("What was asked"))
    for line in sentences.asked(answer):
        page.line(line, indent=1)
    if answer.best is not None:
        page.section(_("The best change"))
        for number, flip in enumerate(answer.best.flips, 1):
            page.line(f"{number}. {sentences.flip_text(answer, flip)}", indent=1)
    if answer.bound:
        _table(page, content.aims(answer))
    for line in sentences.how_found(answer):
        page.line(line, font_color="#595959")
    if len(answer.better) > 1:
        _table(page, content.better(answer))
    if answer.best_effects is not None:
        table = boundary_tables.communities(answer.best_effects)
        page.section(table.title)
        page.line(table.note, font_color="#595959")
        turned(page, table)
    contents(page, others)


def _table(page: Page, table: Table) -> None:
    page.section(table.title)
    page.head([column.title for column in table.columns])
    for row in table.rows:
        page.cells(row, table.columns)


def _map(answer: Suggestions, page: Page) -> None:
    put_map(page, lambda: moves.png_bytes(answer, dpi=_DPI), lambda: moves.description(answer))
    page.sheet.fit_to_pages(1, 1)


def _sources(answer: Suggestions, page: Page) -> None:
    standing = standing_effects(answer)
    put_sources(page, sources(standing), (moves.credit(answer), *moves.notes(answer)), versions(standing))
