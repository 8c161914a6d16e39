"""``plan.xlsx``: an answer as a workbook to read, filter, print on A4 and send on.

The content comes from `assigner.report.tables` and `assigner.report.statements`; this module decides which sheet shows
what, how wide and in which order. Equal answers in one language give equal bytes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from assigner.messages import _, join_list
from assigner.report import statements, tables
from assigner.report import steering_statements as steering
from assigner.report.tables import Column, Table
from assigner.report.workbook_layout import LANDSCAPE_CHARS, Book, Page, lines_of, safe_scale

if TYPE_CHECKING:
    from assigner.planner import Result

__all__ = [
    "TONES",
    "headed",
    "items_sheet",
    "loads_sheet",
    "matrix_sheet",
    "matrix_widths",
    "obligations_sheet",
    "put_map",
    "workbook_bytes",
]

TONES: Mapping[str, Mapping[str, Any]] = {
    "good": {"bg_color": "#E2F0D9", "font_color": "#1E4D12"},
    "warning": {"bg_color": "#FFF2CC", "font_color": "#5F4700"},
    "bad": {"bg_color": "#F8D7D7", "font_color": "#7A0C0C"},
}

_MOST_ACROSS = 26
"""Schools side by side on one printed page of the matrix."""

_FEW = 12
"""So many schools have room for their names written across."""

_DPI = 120
"""Of the map as a picture: 150 an inch once it is printed across an A4 page."""


def workbook_bytes(result: Result) -> bytes:
    """The workbook of an answer with a plan, in the current language."""
    problem = result.problem
    rulebook = problem.rules.rulebook
    community = problem.community.name or problem.community.id
    subject = _("Rulebook of school year {year}", year=rulebook.year)
    book = Book(community, subject, rulebook.year)
    school_widths = (11, 49, 24)
    makers: list[tuple[str, Callable[[Result, Page], None], Sequence[float], bool, int | None]] = [
        (_("Overview"), _overview, (26, 70), False, None),
        (_("Map"), _map, (LANDSCAPE_CHARS / 4,) * 4, True, None),
        (_("Schools"), _schools, (6, 10, 29, 18, 20, 33, 34), True, None),
        (_("Work items"), items_sheet, (13.5, 46, 36), False, None),
        (_("Duties matrix"), matrix_sheet, matrix_widths(result), True, None),
        (_("By school"), _by_school, (10, 26, 14, 11, 46, 34, 12), True, None),
        (_("School sheets"), _school_sheets, school_widths, False, safe_scale(school_widths)),
        (_("Loads"), loads_sheet, (10, 26, 16, 8, 24, 8, 8, 9, 10, 10, 24, 8), True, None),
        (_("Obligations"), obligations_sheet, (10, 24, 9, 10, 44, 20, 8, 38), True, None),
        (_("Travel"), _travel, (22, 11, 30, 40, 13, 18), True, None),
        (_("Junior highs"), _junior_highs, _junior_high_widths(result), True, None),
        (_("Audit"), _audit, (26, 42, 10, 30, 44), True, None),
        (_("Readings"), _readings, (30, 42, 30, 22, 44), True, None),
        (_("Proof"), _proof, (26, 40, 30, 14), True, None),
    ]
    pages = []
    for name, fill, widths, landscape, scale in makers:
        page = Page(book, name, widths, landscape=landscape, scale=scale)
        pages.append(page)
        if fill is _overview:
            continue
        fill(result, page)
        page.finish()
    _overview(result, pages[0])
    _contents(pages[0], pages[1:])
    _endnotes(result, pages[0])
    pages[0].fit_one_page()
    pages[0].finish()
    pages[0].sheet.activate()
    return book.bytes()


def headed(page: Page, table: Table) -> None:
    """Title and note above a table."""
    page.heading(table.title)
    if table.note:
        page.line(table.note, font_color="#595959")


# ------------------------------------------------------------------------------------------------------ first sheets


def _overview(result: Result, page: Page) -> None:
    first, *rest = statements.heading(result)
    page.heading(first)
    for line in rest:
        page.line(line)
    page.gap()
    said = statements.verdict(result)
    page.line(said.text, bold=True, font_size=11, border=1, **TONES[said.tone])
    if result.status == "feasible":
        for line in statements.stopped(result):
            page.line(line)
    chosen = statements.convener(result)
    page.gap()
    page.line(chosen.line, bold=True, font_size=11)
    if chosen.how:
        page.line(chosen.how)
    for entry in chosen.first:
        page.line(f"{entry.school}　{entry.standing}　{entry.distance}", indent=1)
    if chosen.remark:
        page.line(chosen.remark)
    figures = tables.key_figures(result)
    page.section(figures.title)
    for row in figures.rows:
        page.cells(row, figures.columns, align="left", indent=0)
    if against := statements.unwilling(result):
        page.section(_("Hosts that are unwilling"))
        for line in against:
            page.line(line)
    relaxed = statements.relaxations(result)
    if relaxed:
        page.section(_("Rules that were relaxed"))
        for rule in relaxed:
            # The last of the reasons leads to the rules that collide, which have room on the sheet of the proof.
            why = rule.reasons[:-1] if rule.clashes else rule.reasons
            page.line("　".join([f"{rule.id}  {rule.title}", *why]))
        if any(rule.clashes for rule in relaxed):
            where = _("Which rules cannot all hold otherwise is said on the sheet “{sheet}”.", sheet=_("Proof"))
            page.line(where, font_color="#595959")
    if notes := statements.categories(result):
        page.section(_("Course categories"))
        for note in notes:
            page.line(note)
    if lines := statements.price(result):
        page.section(_("The price of the order"))
        for line in lines:
            page.line(line)


def _relaxed(page: Page, relaxed: Sequence[statements.Relaxing]) -> None:
    for entry in relaxed:
        page.line(f"{entry.id}  {entry.title}", bold=True)
        for reason in entry.reasons:
            page.line(reason, indent=1)
        for clash in entry.clashes:
            page.line("\n".join([f"- {clash.title}", *clash.details, clash.source]), indent=2)


def _contents(page: Page, others: Sequence[Page]) -> None:
    page.section(_("Sheets"))
    words = {
        _("Map"): _("where the schools lie and what each hosts"),
        _("Schools"): _("the schools with their numbers on the map"),
        _("Work items"): _("which schools host each item"),
        _("Duties matrix"): _("items by schools, on one table"),
        _("By school"): _("one row for every school and item; to be filtered"),
        _("School sheets"): _("one page for every school, to hand out"),
        _("Loads"): _("points and capacity of every school"),
        _("Obligations"): _("visits, reports, hours and quotas of every school"),
        _("Travel"): _("travel of every item"),
        _("Junior highs"): _("the nearest hosts of every junior high"),
        _("Audit"): _("every clause, kept or broken"),
        _("Readings"): _("how the text was read where it leaves room"),
        _("Proof"): _("every aim, its value and its proven bound"),
    }
    link = page.book.format(font_color="#0563C1", underline=1)
    for other in others:
        page.cells(("", words.get(other.name, "")))
        target = other.name.replace("'", "''")
        page.sheet.write_url(page.row - 1, 0, f"internal:'{target}'!A1", link, string=other.name)


def _endnotes(result: Result, page: Page) -> None:
    page.section(_("Sources"))
    for line in statements.sources(result):
        page.line(line)
    page.line(_("Made by: {versions}", versions=statements.versions(result)), font_color="#595959")


def _map(result: Result, page: Page) -> None:
    def draw() -> bytes:
        from assigner.report.map import png_bytes

        return png_bytes(result, dpi=_DPI)

    put_map(page, draw, lambda: _alt_text(result))
    page.line(_("The numbers on the map are those of the sheet “{sheet}”.", sheet=_("Schools")))
    page.line(statements.attribution(result), font_color="#595959")
    page.sheet.fit_to_pages(1, 1)


def _schools(result: Result, page: Page) -> None:
    from assigner.report.scene import scene_of

    numbers = {spot.code: spot.number for spot in scene_of(result).schools}
    table = tables.schools(result)
    page.heading(_("Schools, with their numbers on the map"))
    rows = tuple((numbers.get(str(row[0])), *row) for row in table.rows)
    page.table(Table(table.id, table.title, (Column("number", _("No."), "number"), *table.columns), rows))


def _alt_text(result: Result) -> str:
    community = result.problem.community
    return _(
        "Map of {community}: territory, schools by number, the convener marked; the sheet of schools says the same.",
        community=community.name or community.id,
    )


def put_map(page: Page, draw: Callable[[], bytes], alt: Callable[[], str]) -> None:
    """Put a map under its heading, or say why it is missing: the tables are worth more than the picture."""
    page.heading(_("Map"))
    try:
        picture = draw()
    except Exception as error:  # noqa: BLE001 - whatever it was, the sheet says so
        page.line(_("The map could not be drawn: {reason}.", reason=f"{type(error).__name__} {error}"), bold=True)
    else:
        _put_picture(page, picture, alt())


def _put_picture(page: Page, picture: bytes, alt: str) -> None:
    """Put a picture across the page, and rows of the usual height beneath it."""
    width, height, dpi = _png_size(picture)
    wanted = sum(7 * chars + 5 for chars in page.widths) - 4
    scale = wanted / (width * 96 / dpi)
    page.sheet.insert_image(
        page.row,
        0,
        "map.png",
        {
            "image_data": io.BytesIO(picture),
            "x_scale": scale,
            "y_scale": scale,
            "description": alt,
            "object_position": 2,
        },
    )
    rows = ceil(height * 96 / dpi * scale / 20) + 1
    for _row in range(rows):
        page.sheet.set_row_pixels(page.row, 20)
        page.row += 1


def _png_size(picture: bytes) -> tuple[int, int, float]:
    """Pixels across and down, and pixels an inch, as the file says."""
    width, height = struct.unpack(">II", picture[16:24])
    position, dpi = 8, 96.0
    while position + 8 <= len(picture):
        (size,) = struct.unpack(">I", picture[position : position + 4])
        kind = picture[position + 4 : position + 8]
        if kind == b"pHYs":
            across, _down, unit = struct.unpack(">IIB", picture[position + 8 : position + 17])
            dpi = across * 0.0254 if unit == 1 else dpi
        if kind == b"IDAT":
            break
        position += size + 12
    return width, height, dpi


# ------------------------------------------------------------------------------------------------------- the duties


def items_sheet(result: Result, page: Page) -> None:
    """Which schools host each item: with the convener and the ways all that `check` needs of a plan."""
    table = tables.duties(result)
    page.heading(table.title)
    page.head([table.columns[k].title for k in (1, 2, 4)])
    header = page.row - 1
    group = ""
    # With the convener and the ways of promotion the sheet says all that “check” needs of a plan.
    rows: dict[str, dict[str, list[str]]] = {}
    for row in tables.duty_rows(result).records():
        rows.setdefault(row["item"], {}).setdefault(row["title"], []).append(f"{row['code']} {row['school']}".strip())
    hosted = {record["item"] for record in table.records()}
    beside = [(item, *told) for item, titles in rows.items() for told in titles.items() if item not in hosted]
    for _item, title, schools in beside[:1]:
        page.cells((title, "", "\n".join(schools)), (table.columns[1],))
    for record in table.records():
        if record["group"] != group:
            group = record["group"]
            title = group
            if record["separate"]:
                title = _("{title} (own plan and budget, not in the load)", title=group)
            page.line(title, bold=True, bg_color="#F2F2F2")
        page.cells((record["item"], record["title"], "\n".join(record["hosts"]) or "–"), (table.columns[1],))
    if beside[1:]:
        page.line(_("Ways of promotion"), bold=True, bg_color="#F2F2F2")
    for _item, title, schools in beside[1:]:
        page.cells((title, "", "\n".join(schools)), (table.columns[1],))
    page.sheet.freeze_panes(header + 1, 0)
    page.sheet.repeat_rows(header)


def matrix_widths(result: Result) -> list[float]:
    """Widths of the columns of the matrix of duties."""
    count = len(tables.duty_matrix(result).columns) - 3
    if count <= _FEW:
        title = 44.0
        return [13.5, title, 6, *[max(6.0, min(12.0, (LANDSCAPE_CHARS - title - 18) / count - 0.8))] * count]
    return [13.5, 23, 8, *[3.6] * count]


def matrix_sheet(result: Result, page: Page) -> None:
    """Items by schools."""
    table = tables.duty_matrix(result)
    marks = table.columns[3:]
    upright = len(marks) > _FEW
    page.heading(table.title)
    page.line(table.note, font_color="#595959")
    header = page.row
    page.head([column.title for column in table.columns[:3]])
    names = [column.title.partition(" ") for column in marks]
    form = page.book.format(
        bold=True,
        bg_color="#DCE6F1",
        border=1,
        border_color="#BFBFBF",
        text_wrap=not upright,
        align="center",
        valign="bottom" if upright else "top",
        **({"rotation": 90} if upright else {}),
    )
    if upright:
        height = max(lines_of("", 1), max(_cells(f"{code} {name}") for code, _sign, name in names)) * 5.6 + 10
        page.sheet.set_row(header, min(height, 250))
    else:
        most = max(lines_of(f"{code}\n{name}", page.widths[3]) for code, _sign, name in names)
        page.sheet.set_row(header, min(most * 15 + 4, 250))
    for position, (code, _sign, name) in enumerate(names, 3):
        page.text(header, position, f"{code} {name}" if upright else f"{code}\n{name}", form)
    previous = None
    for record, row in zip(table.records(), table.rows, strict=True):
        item = record["item"]
        title = record["title"]
        if upright and item:
            title = tables.short_name(result, item).partition(" ")[2]
        group = str(item).split(".")[0]
        style: dict[str, Any] = {"valign": "vcenter"}
        if group != previous:
            style.update(top=1, top_color="#7F7F7F")
        previous = group
        height = 4 + 15 * max(1, lines_of(title, page.widths[1]), lines_of(str(item or ""), page.widths[0]))
        page.sheet.set_row(page.row, height)
        page.value(page.row, 0, item, table.columns[0], **style)
        page.value(page.row, 1, title, table.columns[1], **style)
        page.value(page.row, 2, record["number"], table.columns[2], **style)
        for position, (value, column) in enumerate(zip(row[3:], marks, strict=True), 3):
            fill = {"bg_color": "#D6E4BC" if item else "#FFE699"} if value else {}
            page.value(page.row, position, value, column, left=4, left_color="#BFBFBF", **style, **fill)
        page.row += 1
    page.sheet.autofilter(header, 0, page.row - 1, page.last)
    page.sheet.freeze_panes(header + 1, 3)
    page.sheet.repeat_rows(header)
    page.sheet.repeat_columns(0, 2)
    _matrix_pages(page, header, len(marks))


def _cells(name: str) -> int:
    from rich.cells import cell_len

    return cell_len(name)


def _matrix_pages(page: Page, header: int, count: int) -> None:
    """As many schools on each printed page as can be read, evenly."""
    pages = ceil(count / _MOST_ACROSS)
    if pages == 1:
        page.sheet.fit_to_pages(1, 1)
        return
    across = ceil(count / pages)
    page.sheet.set_print_scale(safe_scale(page.widths[: 3 + across], landscape=True))
    page.sheet.set_v_pagebreaks([3 + across * k for k in range(1, pages)])


def _by_school(result: Result, page: Page) -> None:
    table = tables.school_duties(result)
    headed(page, table)
    page.table(table, frozen_columns=2)


def _school_sheets(result: Result, page: Page) -> None:
    sheets = tables.school_sheets(result)
    page.heading(_("One page for every school"))
    page.head([_("Code"), _("School"), _("Hosts of")])
    first = page.row
    for sheet in sheets:
        items = join_list(record["item"] for record in sheet.duties.records())
        page.cells(("", join_list([sheet.name, *sheet.roles]), items or "–"))
    link = page.book.format(font_color="#0563C1", underline=1, bottom=4, bottom_color="#BFBFBF")
    for position, sheet in enumerate(sheets):
        page.page_break()
        target = page.name.replace("'", "''")
        page.sheet.write_url(first + position, 0, f"internal:'{target}'!A{page.row + 1}", link, string=sheet.code)
        _school_block(page, sheet)


def _school_block(page: Page, sheet: tables.SchoolSheet) -> None:
    page.heading(f"{sheet.code} {sheet.name}".strip())
    about = join_list(filter(None, [sheet.township, *sheet.roles]))
    if about:
        page.line(about)
    page.line(sheet.summary, bold=True)
    page.section(sheet.duties.title)
    if sheet.duties.rows:
        page.head([_("Item"), _("Work item"), _("Together with")])
    for record in sheet.duties.records():
        title = record["title"]
        if record["separate"]:
            title = _("{title} (own plan and budget, not in the load)", title=title)
        page.cells((record["item"], title, record["with"]), (Column("item", "", "code"),))
    if not sheet.duties.rows:
        page.line(_("hosts no item"))
    if sheet.ways:
        page.line(_("Ways of promotion: {ways}", ways=join_list(sheet.ways)))
    if sheet.load.rows:
        page.section(sheet.load.title)
        page.line(join_list(f"{part} {tables.shown(points)}" for part, points in sheet.load.rows))
    page.section(_("What is due"))
    if sheet.obligations.rows:
        page.head([_("Kind"), _("What is due"), _("Where it stands")])
    for record in sheet.obligations.records():
        what = " ".join(filter(None, [", ".join(record["items"]), record["title"]]))
        if record["amount"]:
            what = _("{what}: {much}", what=what, much=record["amount"])
        if record["remark"]:
            what = _("{what} (a remark)", what=what)
        page.cells((record["kind"], what, record["source"]))
    if not sheet.obligations.rows:
        page.line("–")


# --------------------------------------------------------------------------------------------------- the other sheets


def loads_sheet(result: Result, page: Page) -> None:
    """Points and capacity of every school."""
    table = tables.loads(result)
    headed(page, table)
    kept = table.without("above")
    first, last = page.table(kept, frozen_columns=2, emphasis=[record["above"] for record in table.records()])
    if not kept.rows:
        return
    column = next(k for k, entry in enumerate(kept.columns) if entry.key == "decimal")
    heaviest = max(1.0, *(float(record["ratio"]) for record in table.records()))
    page.sheet.conditional_format(
        first,
        column,
        last,
        column,
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_color": "#9DC3E6",
            "min_type": "num",
            "min_value": 0,
            "max_type": "num",
            "max_value": heaviest,
        },
    )
    if any(record["above"] for record in table.records()):
        page.line(_("Red and bold: above capacity."), font_color="#C00000")


def obligations_sheet(result: Result, page: Page) -> None:
    """What every school owes."""
    table = tables.obligations(result)
    headed(page, table)
    page.table(table, frozen_columns=2)


def _travel(result: Result, page: Page) -> None:
    table = tables.travel(result)
    headed(page, table)
    page.table(table)


def _junior_high_widths(result: Result) -> list[float]:
    count = (len(tables.junior_highs(result).columns) - 4) // 2
    return [9, 26, 18, 10, *[24, 14] * count]


def _junior_highs(result: Result, page: Page) -> None:
    table = tables.junior_highs(result)
    headed(page, table)
    page.table(table, frozen_columns=2)


def _audit(result: Result, page: Page) -> None:
    table = tables.audit_table(result)
    page.heading(table.title)
    page.table(table.without("ok"), frozen_columns=1, emphasis=[not record["ok"] for record in table.records()])


def _readings(result: Result, page: Page) -> None:
    table = tables.switches(result)
    page.heading(table.title)
    shown = table.without("changed", "line")
    page.table(shown, frozen_columns=1, emphasis=[record["changed"] for record in table.records()])


def _proof(result: Result, page: Page) -> None:
    table = tables.proof(result)
    page.heading(table.title)
    page.line(statements.verdict(result).text)
    if table.note:
        page.line(table.note, font_color="#595959")
    page.table(table)
    ranking = tables.convener_ranking(result)
    if ranking.rows:
        page.section(ranking.title)
        kept = ranking.without("benchmark")
        # The few aims never reach a second page; the schools do, and take their own header along.
        page.sheet.repeat_rows(page.row)
        page.head([column.title for column in kept.columns], [column.kind for column in kept.columns])
        for row in kept.rows:
            page.cells(row, kept.columns)
    if relaxed := statements.relaxations(result):
        page.section(_("Rules that were relaxed"))
        _relaxed(page, relaxed)
    if told := steering.why(result):
        _ways_out(page, told)


def _ways_out(page: Page, told: steering.Why) -> None:
    if told.collisions:
        page.section(told.collisions_head)
        for head, clashes in told.collisions:
            page.line(head, bold=True)
            for clash in clashes:
                page.line("\n".join([f"- {clash.title}", *clash.details, clash.source]), indent=2)
    page.section(_("Ways out"))
    if told.head:
        page.line(told.head)
    for way in told.ways:
        page.line(way.title, bold=True)
        for line in way.gives_up:
            page.line(f"- {line}", indent=1)
        for line in filter(None, (way.plan, way.entries)):
            page.line(line, indent=1, font_color="#595959")
    for line in filter(None, (told.tail, told.take)):
        page.line(line)
