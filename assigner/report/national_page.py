"""The page of the national report: what came of a run, in sentences, tables and maps.

One file that opens offline, prints on A4 and needs no script. What it says comes from `national_statements` and
`national_tables`, its maps from `national_map`; the templates are laid out as those of one plan
(`assigner.report.page`) and escape everything. Long tables are folded and cut; the workbook has them whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assigner.messages import _, _n, current_language, number
from assigner.report import national_map as maps
from assigner.report import national_statements as sentences
from assigner.report import national_tables as content
from assigner.report.boundary_page import folded, markup
from assigner.report.community_svg import swatch_element
from assigner.report.page import rendered, words_of_pages

if TYPE_CHECKING:
    from assigner.report.national import National
    from assigner.report.tables import Table

__all__ = ["page_text"]

_MOST_ROWS = 200
"""So many rows of a table are on the page, however many variants there are."""


def page_text(report: National) -> str:
    """The page in the current language; the same run gives the same page."""
    return rendered("national.html.j2", _content(report))


def _content(report: National) -> dict[str, Any]:
    made = {
        "failures": content.failures(report),
        "counties": content.counties(report),
        "communities": content.communities(report),
        "clauses": content.clauses(report),
        "relaxations": content.relaxations(report),
        "by_variant": content.by_variant(report),
        "splits": content.splits(report),
        "firm": content.firm_communities(report),
        "moving": content.moving_duties(report),
        "schools": content.schools(report),
        "outliers": content.outliers(report),
    }
    return {
        "lang": current_language(),
        "title": sentences.title(report),
        "lead": sentences.heading(report),
        "verdict": sentences.verdict(report),
        "words": words_of_pages(),
        "titles": _titles(made),
        "summary": tuple(sentences.summary(report)),
        "ended": content.ended(report),
        **{name: _cut(table) for name, table in made.items()},
        "compared": _compared(report),
        "maps": [
            {
                "title": panel.title,
                "svg": markup(panel.tree(report.base)) if report.base is not None else "",
                "signs": [
                    {"sign": markup(swatch_element(style, f"{panel.key}-key{k}-")), "words": words}
                    for k, (style, words, _plain) in enumerate(panel.keys)
                ],
            }
            for panel in maps.panels(report)
        ],
        "notes": tuple(line for line in (*maps.notes(report), maps.credit(report)) if line),
        "sources": sentences.sources(report),
        "versions": sentences.versions(report),
        "hashes": [(_("Rulebook"), book.hash) for book in report.runs.rulebooks],
    }


def _titles(made: dict[str, Table]) -> dict[str, str]:
    return {
        **{name: made[name].title for name in ("failures", "counties", "communities", "splits", "firm", "schools")},
        "summary": _("In short"),
        "differences": _("What differs from the other run"),
        "alike": _("Nothing differs."),
        "each": _("Every difference"),
        "maps": _("Maps"),
        "hint": _("The tables of communities say the same as the maps."),
        "rules": _("Rules"),
        "no_clause": _("No clause collides, and none was lifted."),
        "no_relaxation": _("No community needs a relaxation."),
        "outliers": made["outliers"].title,
        "no_outlier": _("No community stands apart."),
        "nothing": _("There is no answer yet."),
    }


def _cut(table: Table) -> dict[str, Any]:
    """A table as far as a page shows it."""
    part: dict[str, Any] = folded(replace(table, rows=table.rows[:_MOST_ROWS]))
    rest = len(table.rows) - _MOST_ROWS
    left_out = ""
    if rest > 0:
        left_out = _n(
            "{n} more row is in the workbook and the tables for programs.",
            "{n} more rows are in the workbook and the tables for programs.",
            rest,
        )
        part["summary"] = _("The first {n} of {all} rows", n=_MOST_ROWS, all=number(len(table.rows)))
    return {**part, "left_out": left_out}


def _compared(report: National) -> dict[str, Any] | None:
    if report.differences is None:
        return None
    communities = content.changed_communities(report)
    text = _n(
        "{n} of {all} communities is not the same in both runs.",
        "{n} of {all} communities are not the same in both runs.",
        len(communities.rows),
        all=number(len({*report.communities["community"], *report.differences["community"]})),
    )
    return {"text": text, "communities": _cut(communities), "each": _cut(content.differences(report))}
