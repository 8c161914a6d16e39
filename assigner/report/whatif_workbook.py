"""``whatif.xlsx``: the whole table as a heat map with words in every cell, and every cell as a row to filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.messages import _
from assigner.report import statements
from assigner.report import whatif_statements as sentences
from assigner.report import whatif_tables as content
from assigner.report.boundary_workbook import contents, filtered
from assigner.report.whatif_heat import COLOURS, heat_of
from assigner.report.workbook import TONES
from assigner.report.workbook_layout import Book, Page, lines_of
from assigner.words import item_label, school_label

if TYPE_CHECKING:
    from assigner.explaining.table import TableAnswer

__all__ = ["workbook_bytes"]

_QUIET: dict[str, dict[str, Any]] = {
    "present": {"bold": True, "border": 2},
    "free": {},
    "excluded": {"bg_color": "#EEEEEE", "font_color": "#595959"},
    "stopped": {"italic": True, "font_color": "#7A3B00"},
}

_LABEL, _NARROW, _WIDE_CELL = 26, 9, 12
"""Widths of the columns of the map, in characters."""

_WIDTHS = {"row": 12, "title": 44, "code": 10, "school": 24, "status": 6, "meaning": 34, "aim": 22, "clauses": 60}


def workbook_bytes(answer: TableAnswer) -> bytes:
    """The workbook of a table, in the current language."""
    result = answer.ground.result
    rulebook = answer.ground.plan.rules.rulebook
    community = result.problem.community.name or result.problem.community.id
    title = _("{community}: what if?", community=community)
    book = Book(title, _("Rulebook of school year {year}", year=rulebook.year), rulebook.year)
    overview = Page(book, _("Overview"), (26, 80))
    heat = _map(book, answer)
    table = content.cells(answer)
    cells = Page(book, _("All cells"), [_WIDTHS.get(column.key, 16) for column in table.columns], landscape=True)
    filtered(cells, table)
    cells.finish()
    _overview(answer, overview, [(heat, _("a row for each item, a column for each school")), (cells, _("to filter"))])
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _overview(answer: TableAnswer, page: Page, others: list[tuple[Page, str]]) -> None:
    result = answer.ground.result
    first, *rest = statements.heading(result)
    page.heading(first)
    for line in (*rest, *sentences.base_notes(answer.ground)):
        page.line(line)
    page.gap()
    said = sentences.table_verdict(answer)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    if answer.ground.changes:
        page.section(_("What if"))
        for line in sentences.asked(answer.ground.plan, answer.ground.changes):
            page.line(line, indent=1)
    page.section(_("Legend"))
    for sign, meaning in sentences.legend(answer):
        page.cells((sign, meaning))
    page.line(_("The darker a cell, the dearer; its words say the same."), font_color="#595959")
    contents(page, others)
    page.section(_("Sources"))
    for line in (*statements.sources(result), statements.versions(result)):
        page.line(line)


def _map(book: Book, answer: TableAnswer) -> Page:
    found, plan = answer.found, answer.ground.plan
    assert found is not None
    problem, unit = plan.problem, plan.problem.distances.unit
    words = {key: sentences.cell_words(cell, unit) for key, cell in found.cells.items()}
    longest = max((len(text) for text in words.values()), default=0)
    width = _WIDE_CELL if longest > _NARROW - 2 else _NARROW
    page = Page(book, _("Heat map"), (_LABEL, *[width] * len(found.schools)), landscape=True)
    page.heading(_("What it costs that a school hosts an item"))
    header = page.row
    page.head([_("Work item"), *(school_label(problem, code) for code in found.schools)])
    heat = heat_of(found)
    for row in found.rows:
        label = item_label(problem.rules.rulebook, row.id)
        page.sheet.set_row(page.row, 4 + 15.0 * lines_of(label, _LABEL))
        page.text(page.row, 0, label, book.format(bold=True, text_wrap=True, valign="vcenter"))
        for column, code in enumerate(found.schools, 1):
            cell = found.cells[row.id, code]
            back, ink = COLOURS[heat[row.id, code]]
            style: dict[str, Any] = {"bg_color": back, "font_color": ink} | _QUIET.get(cell.status, {})
            form = book.format(
                align="center", valign="vcenter", shrink=True, **{"border": 1, "border_color": "#FFFFFF"} | style
            )
            page.text(page.row, column, words[row.id, code], form)
        page.row += 1
    page.sheet.freeze_panes(header + 1, 1)
    page.sheet.repeat_rows(header)
    page.finish()
    return page
