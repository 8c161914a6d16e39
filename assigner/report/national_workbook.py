"""``report.xlsx``: the national report in one workbook; to read, filter, print and send on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.messages import _, number
from assigner.report import national_map as maps
from assigner.report import national_statements as sentences
from assigner.report import national_tables as content
from assigner.report.boundary_workbook import contents, filtered, put_sources
from assigner.report.tables import Table, shown
from assigner.report.workbook import TONES, headed, put_map
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page

if TYPE_CHECKING:
    from assigner.report.national import National

__all__ = ["workbook_bytes"]

_DPI = 110
"""Of the maps as a picture."""

_LAID_OUT = 1500
"""Longer tables are written without heights of rows that fit their text."""

_MOST_ROWS = 100_000
"""A spreadsheet with more is of no use; the tables for programs have all."""


def workbook_bytes(report: National) -> bytes:
    """The workbook of a national report, in the current language."""
    book = Book(sentences.title(report), _("Rulebook of school year {year}", year=report.year), report.year)
    overview = Page(book, _("Overview"), (34, 34, 34, 30), landscape=True)
    pages: list[tuple[Page, str]] = []

    def sheet(name: str, about: str, widths: Sequence[float], fill: Callable[[Page], None]) -> None:
        page = Page(book, name, widths, landscape=True)
        fill(page)
        page.finish()
        pages.append((page, about))

    if report.base is not None and maps.panels(report):
        sheet(_("Maps"), _("the communities in the shade of a measure"), (LANDSCAPE_CHARS / 4,) * 4, _maps(report))
    for name, about, table, widths in _lists(report):
        if table.rows:
            sheet(name, about, widths, lambda page, table=table: _listed(page, table))  # type: ignore[misc]
    sheet(_("What numbers mean"), _("what is counted, and how"), (34, 100), lambda page: _notes(page))
    sheet(_("Sources"), _("where the data come from"), (LANDSCAPE_CHARS / 4,) * 4, lambda p: _sources(report, p))
    _overview(report, overview, pages)
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _lists(report: National) -> Iterator[tuple[str, str, Table, Sequence[float]]]:
    if report.other is not None:
        yield (
            _("Differences"),
            _("what differs from the other run, by community"),
            content.changed_communities(report),
            (26, 12, 12, 12, 12, 40, 12),
        )
        yield (
            _("Every difference"),
            _("every difference from the other run"),
            content.differences(report),
            (24, 26, 22, 34, 34, 34),
        )
    yield _("Failed"), _("jobs that failed, and how to mend them"), content.failures(report), (22, 60, 40, 8, 40)
    yield (
        _("Counties"),
        _("by county"),
        content.counties(report),
        (12, 11, 10, 11, 10, 10, 10, 11, 13, 12, 11, 16, 16),
    )
    yield (
        _("Communities"),
        _("by community, under the variant that changes nothing"),
        content.communities(report),
        (22, 14, 14, 9, 26, 12, 10, 30, 10, 11, 11, 15, 15, 26),
    )
    yield (
        _("Schools"),
        _("who carries what across the variants"),
        content.schools(report),
        (10, 28, 10, 12, 18, 9, 9, 9, 9, 11, 11, 30, 30, 10),
    )
    yield _("Clauses"), _("clauses that bind, and what each costs"), content.clauses(report), (54, 14, 34, 10, 10, 46)
    yield (
        _("Relaxations"),
        _("communities that need a relaxation, and why"),
        content.relaxations(report),
        (40, 12, 54, 8, 12, 40),
    )
    yield _("Variants"), _("what the variants do"), content.by_variant(report), (30, 20, 10, 10, 12, 16, 16, 14)
    yield _("Splits"), _("splits, beside one plan"), content.splits(report), (22, 20, 16, *(12,) * 14)
    yield (
        _("Firmness"),
        _("how firm the plans are over the variants"),
        content.firm_communities(report),
        (26, 12, 12, 16, 18, 16, 16),
    )
    yield _("Moving duties"), _("duties that move most"), content.moving_duties(report), (22, 48, 30, 12, 10, 46)
    yield _("Outliers"), _("communities that stand apart"), content.outliers(report), (26, 90, 20)
    yield (
        _("Jobs"),
        _("every job with the numbers of its answer"),
        content.members(report),
        (8, 24, 30, 10, 16, 9, 12, 10, 11, 11, 15, 16, 10),
    )


def _listed(page: Page, table: Table) -> None:
    """A sheet that is one table, with filters; a long one in plain rows."""
    if len(table.rows) <= _LAID_OUT:
        filtered(page, table)
        return
    rows = table.rows[:_MOST_ROWS]
    if len(rows) < len(table.rows):
        more = _(
            "The first {n} of {all} rows; the tables for programs have all.",
            n=number(len(rows)),
            all=number(len(table.rows)),
        )
        table = replace(table, rows=rows, note=f"{table.note} {more}".strip())
    headed(page, table)
    header = page.row
    page.table(replace(table, rows=()), frozen_columns=1)
    sheet, book = page.sheet, page.book
    forms = [
        book.format(num_format="General" if c.digits is None else "#,##0" + ("." + "0" * c.digits if c.digits else ""))
        if c.kind == "number"
        else book.format(num_format="@")
        for c in table.columns
    ]
    for row, values in enumerate(rows, page.row):
        for position, value in enumerate(values):
            if isinstance(value, int | Fraction) and not isinstance(value, bool):
                sheet.write_number(row, position, float(value), forms[position])
            elif value is not None and value != "":
                page.text(row, position, shown(value, table.columns[position]), forms[position])
    page.row += len(rows)
    sheet.autofilter(header, 0, page.row - 1, page.last)


def _overview(report: National, page: Page, others: Sequence[tuple[Page, str]]) -> None:
    page.heading(sentences.title(report))
    for line in sentences.heading(report):
        page.line(line)
    page.gap()
    said = sentences.verdict(report)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    lines = tuple(sentences.summary(report))
    if lines:
        page.section(_("In short"))
        for line in lines:
            page.line(line, indent=1)
    table = content.ended(report)
    page.section(table.title)
    page.head([column.title for column in table.columns], [column.kind for column in table.columns])
    for row in table.rows:
        page.cells(row, table.columns)
    page.line(table.note, font_color="#595959")
    contents(page, others)


def _maps(report: National) -> Callable[[Page], None]:
    def words() -> str:
        return "\n".join(f"{panel.title}: {panel.description()}" for panel in maps.panels(report))

    def fill(page: Page) -> None:
        put_map(page, lambda: maps.png_bytes(report, dpi=_DPI), words)
        page.sheet.fit_to_pages(1, 1)

    return fill


def _notes(page: Page) -> None:
    page.heading(_("What numbers mean"))
    page.head([_("Number"), _("Meaning")])
    for name, meaning in sentences.meanings():
        page.cells((name, meaning))


def _sources(report: National, page: Page) -> None:
    about = [line for line in (maps.credit(report), *maps.notes(report)) if line]
    put_sources(page, sentences.sources(report), about, sentences.versions(report))
