"""The page of an experiment: both maps side by side, what is to be known, every measure before and after.

One file that opens offline, prints on A4 and needs no script. What it says comes from `boundary_statements` and
`boundary_tables`, its maps from `boundary_map`; the templates are laid out as those of one plan
(`assigner.report.page`) and escape everything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.boundary.measures import ALL
from assigner.messages import _, _n, current_language, join_list, language_set
from assigner.report import boundary_map as maps
from assigner.report import boundary_statements as sentences
from assigner.report import boundary_tables as content
from assigner.report import tables
from assigner.report.boundary_sources import results_of, rulebooks_of, sources, versions
from assigner.report.cells import one_line
from assigner.report.community_svg import sign_element, swatch_element
from assigner.report.page import Explorer, rendered, words_of_pages

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["explorer", "findings_on_page", "folded", "markup", "page_text", "switches_on_page"]

_OPEN_UP_TO = 40
"""So many rows of a long table are shown unfolded; more are folded on the screen and unfolded in print."""


def page_text(effects: Effects) -> str:
    """The page of an experiment in the current language; equal effects give equal bytes."""
    return rendered("boundary.html.j2", _content(effects))


def explorer(effects: Effects, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    with language_set(lang or current_language()):
        return Explorer(page_text(effects), one_line(effects.base.name) or effects.base.id)


def _content(effects: Effects) -> dict[str, Any]:
    from assigner.boundary.base import base_hash

    base = effects.base
    return {
        "lang": current_language(),
        "title": _("{name}: boundaries changed", name=base.name or base.id),
        "complete": effects.complete,
        "lead": sentences.heading(effects),
        "verdict": sentences.verdict(effects),
        "words": words_of_pages(),
        "titles": _titles(),
        "flips": [str(line) for _number, line in content.changes(effects).rows],
        "moved": content.moved(effects),
        "maps": _maps(effects),
        "wide": maps.is_wide(effects),
        "keys": _keys(effects),
        "notes": (*maps.notes(effects), maps.credit(effects)),
        "findings": findings_on_page(effects),
        "communities": content.communities(effects),
        "compared": _compared(effects),
        "duties": folded(content.duties(effects)),
        "nearest": folded(content.nearest(effects)),
        "kept": folded(content.kept_broken(effects)),
        "switches": switches_on_page(effects),
        "sources": sources(effects),
        "versions": versions(effects),
        "hashes": [
            *((_("Rulebook"), book.hash) for book in rulebooks_of(effects)),
            (_("Base map"), base_hash(base)),
        ],
    }


def _titles() -> dict[str, str]:
    return {
        "changes": _("Changes"),
        "maps": _("Maps"),
        "hint": _("What belongs to whom is also in the tables below."),
        "findings": _("What is to be known"),
        "nothing": _("Nothing of note."),
        "communities": _("Communities that are touched"),
        "each": _("Every measure before and after"),
        "each_hint": _("Measures that change are in bold, with a mark."),
        "measure": _("Measure"),
        "before": _("Before"),
        "after": _("After"),
        "change": _("Change"),
        "changed": _("changed"),
        "duties": _("Duties that change"),
        "no_duties": _("No duty changes hands."),
        "nearest": _("Junior highs whose nearest host changes"),
        "no_nearest": _("No nearest host changes."),
        "kept": _("If the duties stayed as they were"),
        "pending": _("New plans are still to be found."),
    }


def markup(root: ET.Element) -> Any:
    """A drawing as part of a page."""
    from markupsafe import Markup

    return Markup(ET.tostring(root, encoding="unicode"))


def _maps(effects: Effects) -> list[dict[str, Any]]:
    return [
        {"title": title, "svg": markup(maps.map_tree(effects, after=after, prefix=prefix))}
        for title, after, prefix in zip(maps.titles(), (False, True), ("before-", "after-"), strict=True)
    ]


def _keys(effects: Effects) -> list[dict[str, Any]]:
    """The signs of the maps with their words, the communities first."""
    found = [
        {"sign": markup(swatch_element(style, f"key{k}-")), "words": words}
        for k, (_community, style, words) in enumerate(maps.community_keys(effects))
    ]
    found += [
        {"sign": markup(sign_element(sign)), "words": _(maps.SIGN_WORDS[sign])} for sign in maps.signs_of(effects)
    ]
    return found


_MARKS = {"broken": "✗", "warning": "!", "note": "i"}


def findings_on_page(effects: Effects) -> list[dict[str, Any]]:
    """What is to be known, by how grave it is."""
    return [
        {
            "severity": severity,
            "title": _(sentences.SEVERITY_WORDS[severity]),
            "mark": _MARKS[severity],
            "lines": [sentences.finding_text(finding, effects) for finding in found],
        }
        for severity, found in groupby(effects.findings, key=lambda finding: finding.severity)
    ]


def _compared(effects: Effects) -> list[dict[str, Any]]:
    """The measures of each touched community, in groups; those of all together first, where there are several."""
    ids = [entry.id for entry in effects.communities]
    if len(ids) > 1:
        ids.insert(0, ALL)
    found = []
    for k, community in enumerate(ids):
        table = content.comparison(effects, community)
        records = list(table.records())
        changed = sum(record["before"] != record["after"] for record in records)
        kept = [column.title for column in table.columns if column.key == "kept"]
        found.append(
            {
                "id": f"c{k}",
                "title": table.title,
                "told": _n("{n} measure changes", "{n} measures change", changed),
                "kept": kept[0] if kept else "",
                "groups": [
                    {
                        "title": group,
                        "rows": [record | {"changed": record["before"] != record["after"]} for record in rows],
                    }
                    for group, rows in groupby(records, key=lambda record: record["group"])
                ],
                "open": k < _UNFOLDED or len(ids) <= _UNFOLDED + 1,
            }
        )
    return found


_UNFOLDED = 2
"""So many communities are shown unfolded."""


def folded(table: tables.Table) -> dict[str, Any]:
    """A table that is folded where it is long."""
    return {
        "table": table,
        "rows": len(table.rows),
        "open": len(table.rows) <= _OPEN_UP_TO,
        "summary": _n("{n} row", "{n} rows", len(table.rows)),
    }


def switches_on_page(effects: Effects) -> list[dict[str, Any]]:
    """How the text was read: once for all communities that read it alike."""
    found: dict[tuple[Any, ...], tuple[tables.Table, list[str]]] = {}
    for community, result in results_of(effects):
        table = tables.switches(result).without("changed", "line", "id")
        found.setdefault(table.rows, (table, []))[1].append(sentences.community_label(effects, community))
    alike = len(found) == 1
    return [
        {"table": table, "title": table.title if alike else f"{join_list(names)}: {table.title}"}
        for table, names in found.values()
    ]
