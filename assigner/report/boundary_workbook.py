"""``boundary.xlsx``: what an experiment does, in one workbook; to read, filter, print and send on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from assigner.boundary.measures import ALL
from assigner.messages import _
from assigner.report import boundary_statements as sentences
from assigner.report import boundary_tables as content
from assigner.report.boundary_map import credit, description, notes, png_bytes, titles
from assigner.report.boundary_sources import school_year, sources, versions
from assigner.report.tables import Column, Table
from assigner.report.workbook import TONES, headed, put_map
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["contents", "filtered", "members", "put_sources", "turned", "workbook_bytes"]

_DPI = 120
"""Of the maps as a picture."""

_CHANGED: Mapping[str, Any] = {"bold": True, "bg_color": "#FFF2CC"}
"""Of a measure that is not what it was."""


def workbook_bytes(effects: Effects) -> bytes:
    """The workbook of an experiment, in the current language."""
    base = effects.base
    year = school_year(effects)
    title = _("{name}: boundaries changed", name=base.name or base.id)
    book = Book(title, _("Rulebook of school year {year}", year=year), year)
    overview = Page(book, _("Overview"), (26, 30, 30, 30), landscape=True)
    pages: list[tuple[Page, str]] = []

    def sheet(name: str, about: str, widths: Sequence[float], fill: Callable[[Page], None]) -> None:
        page = Page(book, name, widths, landscape=True)
        fill(page)
        page.finish()
        pages.append((page, about))

    sheet(_("Maps"), _("the communities before and after"), (LANDSCAPE_CHARS / 4,) * 4, lambda p: _maps(effects, p))
    if effects.findings:
        table = content.findings(effects).without("code")
        sheet(
            _("What is to be known"),
            _("what is to be known of the change"),
            (14, 24, 100),
            lambda p: filtered(p, table),
        )
    sheet(
        _("Before and after"),
        _("every measure of every community that is touched"),
        (22, 44, 34, 34, 16),
        lambda p: _comparisons(effects, p),
    )
    for name, about, table, widths in _lists(effects):
        if table.rows:
            sheet(name, about, widths, lambda page, table=table: filtered(page, table))  # type: ignore[misc]
    sheet(_("Sources"), _("where the data come from"), (LANDSCAPE_CHARS / 4,) * 4, lambda p: _sources(effects, p))
    _overview(effects, overview, pages)
    overview.fit_one_page()
    overview.finish()
    overview.sheet.activate()
    return book.bytes()


def _lists(effects: Effects) -> Iterator[tuple[str, str, Table, Sequence[float]]]:
    yield (
        _("Schools and their communities"),
        _("the community of every school, before and after"),
        members(effects),
        (10, 36, 22, 28, 28, 12),
    )
    yield (
        _("Duties that change"),
        _("duties that a school has before or after only"),
        content.duties(effects),
        (10, 32, 9, 42, 22, 22),
    )
    yield (
        _("Nearest hosts"),
        _("junior highs whose nearest host changes"),
        content.nearest(effects),
        (30, 22, 26, 28, 10, 28, 10),
    )
    yield (
        _("Duties kept"),
        _("what would be broken if the duties stayed as they were"),
        content.kept_broken(effects),
        (24, 20, 96),
    )


# ---------------------------------------------------------------------------------------------------------- the tables


def _compared(effects: Effects) -> Iterator[tuple[str, Table]]:
    """The comparison of each touched community, and of all together where there are several."""
    for entry in effects.communities:
        yield entry.id, content.comparison(effects, entry.id)
    if len(effects.communities) > 1:
        yield ALL, content.comparison(effects, ALL)


def members(effects: Effects) -> Table:
    """Every school of the base with its community before and after."""
    from assigner.boundary.naming import town_name

    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("township", _("Township")),
        Column("before", _("Before")),
        Column("after", _("After")),
        Column("changes", _("Changes"), "flag"),
    )
    base = effects.base
    rows = tuple(
        (
            code,
            str(base.schools.get(code, {}).get("name") or ""),
            town_name(base, town),
            sentences.community_label(effects, base.map.member[code]),
            sentences.community_label(effects, effects.map.member[code]),
            base.map.member[code] != effects.map.member[code],
        )
        for code, town in base.map.place.items()
    )
    return Table("members", _("Schools and their communities"), columns, rows)


# ---------------------------------------------------------------------------------------------------------- the sheets


def _overview(effects: Effects, page: Page, others: Sequence[tuple[Page, str]]) -> None:
    first, *rest = sentences.heading(effects)
    page.heading(first)
    for line in rest:
        page.line(line)
    page.gap()
    said = sentences.verdict(effects)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    if effects.flips:
        page.section(_("Changes"))
        for number, change in content.changes(effects).rows:
            page.line(f"{number}. {change}", indent=1)
    grave = [finding for finding in effects.findings if finding.severity != "note"]
    if grave:
        page.section(_("To be looked at"))
        for finding in grave:
            page.line(sentences.finding_text(finding, effects), indent=1)
    table = content.communities(effects)
    if table.rows:
        page.section(table.title)
        page.line(table.note, font_color="#595959")
        turned(page, table)
    contents(page, others)


def contents(page: Page, others: Sequence[tuple[Page, str]]) -> None:
    """The other sheets, each with a link and what it is about."""
    page.section(_("Sheets"))
    link = page.book.format(font_color="#0563C1", underline=1)
    for other, about in others:
        page.cells(("", about))
        target = other.name.replace("'", "''")
        page.sheet.write_url(page.row - 1, 0, f"internal:'{target}'!A1", link, string=other.name)


_ACROSS = 3
"""So many communities stand side by side."""


def turned(page: Page, table: Table) -> None:
    """Measures downwards, communities side by side, as many to a block as fit."""
    for start in range(0, len(table.rows), _ACROSS):
        block = table.rows[start : start + _ACROSS]
        if start:
            page.gap()
        page.head(["", *(str(row[0]) for row in block)])
        for position, column in enumerate(table.columns[1:], 1):
            page.cells((column.title, *(row[position] for row in block)))


def _maps(effects: Effects, page: Page) -> None:
    def words() -> str:
        return "\n".join(f"{title}: {description(effects, after=bool(side))}" for side, title in enumerate(titles()))

    put_map(page, lambda: png_bytes(effects, dpi=_DPI), words)
    page.sheet.fit_to_pages(1, 1)


def filtered(page: Page, table: Table) -> None:
    """A sheet that is one table, with filters."""
    headed(page, table)
    page.table(table, frozen_columns=1)


def _comparisons(effects: Effects, page: Page) -> None:
    """A block for each community, its measures in groups; those that change stand out."""
    page.heading(_("Before and after"))
    if not effects.communities:
        page.line(_("No community is touched."))
    for _community, table in _compared(effects):
        page.section(table.title)
        page.head([_("Group"), _("Measure"), _("Before"), _("After"), _("Change")])
        for group, records in groupby(table.records(), key=lambda record: record["group"]):
            for position, record in enumerate(records):
                changed = record["before"] != record["after"]
                values = (record["measure"], record["before"], record["after"], record["change"] if changed else "")
                style: Mapping[str, Any] = _CHANGED if changed else {}
                page.cells(("" if position else group, *values), **style)


def put_sources(page: Page, sources: Iterable[str], about_map: Iterable[str], version: str) -> None:
    """Where the data come from: the last sheet of every workbook about communities."""
    page.heading(_("Sources"))
    for line in sources:
        page.line(line)
    page.section(_("Map"))
    for line in about_map:
        page.line(line)
    page.section(_("Versions"))
    page.line(version)


def _sources(effects: Effects, page: Page) -> None:
    put_sources(page, sources(effects), (credit(effects), *notes(effects)), versions(effects))
