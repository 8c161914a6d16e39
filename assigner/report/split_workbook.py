"""``split.xlsx``: both plans in one workbook, beside not splitting and other pairs; to read, filter, print and send on.

Sheets of a single plan are those of ``plan.xlsx`` (`assigner.report.workbook`), once for each plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING

from assigner.messages import _
from assigner.report import split_statements as sentences
from assigner.report import split_tables as content
from assigner.report import statements, tables
from assigner.report.tables import Column, Table
from assigner.report.workbook import (
    TONES,
    headed,
    items_sheet,
    loads_sheet,
    matrix_sheet,
    matrix_widths,
    obligations_sheet,
    put_map,
)
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page

if TYPE_CHECKING:
    from assigner.planner import Result
    from assigner.splitting.solving import Split

__all__ = ["workbook_bytes"]

_DPI = 120
"""Of the map as a picture."""

_ACROSS = 4
"""So many pairs of plans stand side by side on a printed page."""

_LOADS = (10, 26, 16, 8, 24, 8, 8, 9, 10, 10, 24, 8)
_OBLIGATIONS = (10, 24, 9, 10, 44, 20, 8, 38)
"""Widths of sheets of one plan, as in its own workbook."""


def workbook_bytes(answer: Split) -> bytes:
    """The workbook of an answer with two plans, in the current language."""
    rulebook = answer.problem.rules.rulebook
    community = answer.problem.community.name or answer.problem.community.id
    title = _("{community}: two plans", community=community)
    book = Book(title, _("Rulebook of school year {year}", year=rulebook.year), rulebook.year)
    overview = Page(book, _("Overview"), (30, 34, 34))
    pages: list[tuple[Page, str]] = []

    def sheet(
        name: str, about: str, widths: Sequence[float], fill: Callable[[Page], None], *, landscape: bool = False
    ) -> None:
        page = Page(book, name, widths, landscape=landscape)
        fill(page)
        page.finish()
        pages.append((page, about))

    sheet(
        _("Map"),
        _("both plans in their colours"),
        (LANDSCAPE_CHARS / 4,) * 4,
        lambda p: _map(answer, p),
        landscape=True,
    )
    sheet(
        _("Side by side"),
        _("not splitting and the two plans, aim by aim"),
        (26, 27, 27, 25, 25, 12),
        lambda page: _plain(page, content.comparison(answer)),
        landscape=True,
    )
    sheet(
        _("Schools"),
        _("which school is in which plan; to be filtered"),
        (10, 34, 20, 8, 26),
        lambda page: _table(page, content.division(answer)),
    )
    if answer.moves is not None:
        about = _("what moving each township at the border would do")
        sheet(_("Why this line"), about, (28, 10, 60), lambda page: _border(answer, page))
    if answer.alternatives is not None:
        across = min(_ACROSS, max(2, len(content.named_alternatives(answer))))
        sheet(
            _("Other pairs"),
            _("the next best and clearly different pairs"),
            (26, *[(LANDSCAPE_CHARS - 26) / across - 1] * across),
            lambda page: _others(answer, page, across),
            landscape=True,
        )
    for number, result in enumerate(answer.plans, 1):
        _plan_sheets(sheet, result, number)
    sheet(_("Courses"), _("kinds of courses in each plan"), (40, 16, 16, 16), lambda page: _courses(answer, page))
    sheet(
        _("Readings"),
        _("how the text on two plans was read"),
        (40, 40, 14, 44),
        lambda page: _plain(page, content.readings(answer)),
        landscape=True,
    )
    sheet(
        _("Proof"),
        _("every aim, its value and its proven bound"),
        (34, 44, 34, 14),
        lambda page: _proof(answer, page),
        landscape=True,
    )
    _overview(answer, overview)
    _contents(overview, pages)
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _plan_sheets(sheet: Callable[..., None], result: Result, number: int) -> None:
    """The sheets of one plan."""

    def named(what: str) -> str:
        return _("Plan {number} {sheet}", number=number, sheet=what)

    about = _("which schools host each item in plan {number}", number=number)
    sheet(named(_("items")), about, (13.5, 46, 36), lambda page: items_sheet(result, page))
    sheet(
        named(_("matrix")),
        _("items by schools of plan {number}", number=number),
        matrix_widths(result),
        lambda page: matrix_sheet(result, page),
        landscape=True,
    )
    sheet(
        named(_("loads")),
        _("points and capacity of every school of plan {number}", number=number),
        _LOADS,
        lambda page: loads_sheet(result, page),
        landscape=True,
    )
    sheet(
        named(_("obligations")),
        _("visits, reports, hours and quotas in plan {number}", number=number),
        _OBLIGATIONS,
        lambda page: obligations_sheet(result, page),
        landscape=True,
    )


# ---------------------------------------------------------------------------------------------------------- the sheets


def _overview(answer: Split, page: Page) -> None:
    first, *rest = sentences.heading(answer)
    page.heading(first)
    for line in rest:
        page.line(line)
    page.gap()
    said = sentences.verdict(answer)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    for line in sentences.stopped(answer):
        page.line(line)
    figures = content.plan_figures(answer)
    page.section(figures.title)
    page.head([column.title for column in figures.columns])
    for row in figures.rows:
        page.cells(row, figures.columns, align="left", indent=0)
    page.gap()
    for line in sentences.how_conveners(answer):
        page.line(line)
    page.section(_("What a split costs, and what it gives"))
    for line in sentences.work(answer):
        page.line(line)
    for line in sentences.courses(answer):
        page.line(line)


def _contents(page: Page, others: Sequence[tuple[Page, str]]) -> None:
    page.section(_("Sheets"))
    link = page.book.format(font_color="#0563C1", underline=1)
    for other, about in others:
        page.cells(("", about))
        target = other.name.replace("'", "''")
        page.sheet.write_url(page.row - 1, 0, f"internal:'{target}'!A1", link, string=other.name)


def _map(answer: Split, page: Page) -> None:
    from assigner.report.split_map import description, png_bytes, scene_of_pair

    put_map(page, lambda: png_bytes(answer, dpi=_DPI), lambda: description(answer, scene_of_pair(answer)))
    page.sheet.fit_to_pages(1, 1)


def _table(page: Page, table: Table) -> None:
    headed(page, table)
    page.table(table, frozen_columns=2)


def _plain(page: Page, table: Table) -> None:
    """A table of words, without filters."""
    page.heading(table.title)
    page.head([column.title for column in table.columns])
    page.sheet.repeat_rows(page.row - 1)
    for row in table.rows:
        page.cells(row, table.columns)
    if table.note:
        page.line(table.note, font_color="#595959")


def _border(answer: Split, page: Page) -> None:
    page.heading(_("Why this line"))
    page.line(_("For each township at the border: what the best pair of plans would be if it went to the other plan."))
    page.head([_("Township at the border"), _("To plan"), _("What moving it would do")])
    page.sheet.repeat_rows(page.row - 1)
    columns = (Column("name", ""), Column("to", "", "number"), Column("told", ""))
    for entry in sentences.border(answer):
        page.cells((entry.name, entry.to, entry.told), columns)


def _others(answer: Split, page: Page, across: int) -> None:
    """The measures downwards, the pairs side by side; as many to a block as fit on a page."""
    table = content.alternatives(answer)
    page.heading(table.title)
    if len(table.rows) < 2:
        page.line(sentences.no_others(answer))
        return
    own, others = table.rows[0], table.rows[1:]
    for block in range(ceil(len(others) / (across - 1))):
        group = (own, *others[block * (across - 1) : (block + 1) * (across - 1)])
        if block:
            page.gap()
        page.head([_("Measure"), *(str(row[0]) for row in group)])
        for position, column in enumerate(table.columns[1:], 1):
            page.cells((column.title, *(tables.shown(row[position], column, separator="\n") for row in group)))
    page.section(_("What the other pairs trade"))
    for entry in sentences.trades(answer):
        page.line(entry.name, bold=True)
        page.line(entry.changed, indent=1)
        page.line(entry.told, indent=1)
    for line in sentences.warnings_of(answer):
        page.line(line)


def _courses(answer: Split, page: Page) -> None:
    _plain(page, content.categories(answer))
    for line in sentences.courses(answer):
        page.line(line)


def _proof(answer: Split, page: Page) -> None:
    _plain(page, content.proof(answer))
    if how := sentences.how_found(answer):
        page.line(how)
    page.section(_("Sources"))
    from assigner.report.split_map import whole_of

    whole = whole_of(answer)
    for line in statements.sources(whole):
        page.line(line)
    page.line(_("Made by: {versions}", versions=statements.versions(whole)), font_color="#595959")
