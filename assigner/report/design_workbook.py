"""``design.xlsx``: a design in one workbook; to read, filter, print and send on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assigner.messages import _
from assigner.report import design_map as maps
from assigner.report import design_statements as sentences
from assigner.report import design_tables as content
from assigner.report.boundary_workbook import contents, filtered, put_sources
from assigner.report.design_page import sources, versions
from assigner.report.workbook import TONES, put_map
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap

__all__ = ["workbook_bytes"]

_DPI = 120
"""Of the map as a picture."""


def workbook_bytes(answer: DesignedMap) -> bytes:
    """The workbook of a design, in the current language."""
    year = answer.question.rules.rulebook.year
    book = Book(sentences.title(answer), _("Rulebook of school year {year}", year=year), year)
    overview = Page(book, _("Overview"), (26, 30, 30, 30), landscape=True)
    pages: list[tuple[Page, str]] = []

    def sheet(name: str, about: str, widths: Sequence[float], fill: Callable[[Page], None]) -> None:
        page = Page(book, name, widths, landscape=True)
        fill(page)
        page.finish()
        pages.append((page, about))

    with_change = answer.question.old is not None
    more = (26, 12) if with_change else ()
    sheet(
        _("Communities"),
        _("size, centre and travel of each"),
        (34, 10, 12, 34, 16, *more),
        lambda page: filtered(page, content.communities(answer)),
    )
    sheet(_("Map"), _("the communities on a map"), (LANDSCAPE_CHARS / 4,) * 4, lambda page: _map(answer, page))
    sheet(
        _("Townships and their communities"),
        _("the community of every township"),
        (12, 22, 10, 12, 34, *more[:1]),
        lambda page: filtered(page, content.townships(answer)),
    )
    sheet(
        _("Schools and their communities"),
        _("the community of every school"),
        (10, 36, 22, 34, 10, *more),
        lambda page: filtered(page, content.schools(answer)),
    )
    sheet(_("Sources"), _("where the data come from"), (29,) * 4, lambda page: _sources(answer, page))
    _overview(answer, overview, pages)
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _overview(answer: DesignedMap, page: Page, others: Sequence[tuple[Page, str]]) -> None:
    page.heading(sentences.title(answer))
    for line in (*sentences.heading(answer), sentences.made_up(answer)):
        page.line(line)
    page.gap()
    said = sentences.verdict(answer)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    page.section(_("What was minimised"))
    for line in sentences.sums(answer):
        page.line(line, indent=1)
    contents(page, others)


def _map(answer: DesignedMap, page: Page) -> None:
    def words() -> str:
        return "\n".join(f"{panel.title}: {panel.description()}" for panel in maps.panels(answer))

    put_map(page, lambda: maps.png_bytes(answer, dpi=_DPI), words)
    page.sheet.fit_to_pages(1, 1)


def _sources(answer: DesignedMap, page: Page) -> None:
    put_sources(page, sources(answer), (maps.credit(answer), *maps.notes(answer)), versions(answer))
