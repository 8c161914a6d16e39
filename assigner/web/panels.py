"""Pieces of the page that are text and tables: what they say comes from `assigner.report`, as everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.boundary.measures import ALL, GROUPS
from assigner.errors import render
from assigner.messages import LANGUAGES, _, _n
from assigner.report import boundary_statements as sentences
from assigner.report import boundary_tables as tables
from assigner.report.tables import Table
from assigner.web.markup import rendered
from assigner.web.store import LONGEST_NAME

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.values import Effects
    from assigner.web.live import Live

__all__ = [
    "duties_panel",
    "effects_panel",
    "flips_panel",
    "header_panel",
    "measures_panel",
    "nearest_panel",
    "other_languages",
]

LANGUAGE_NAMES = {"zh-TW": "中文", "en": "English"}
"""Each in itself."""


def other_languages(language: str) -> list[tuple[str, str]]:
    """The languages that a page can be read in besides this one: code and name."""
    return [(other, LANGUAGE_NAMES[other]) for other in LANGUAGES if other != language]


def header_panel(live: Live, language: str) -> str:
    """Title, experiments, files, language."""
    base = live.table.base
    notes = []
    if base.synthetic:
        notes.append(_("A made-up county, for trying the program out."))
    if base.invented:
        notes.append(_("Real schools in communities that nobody decided: drawn up by the program."))
    if base.note:
        notes.append(base.note)
    return rendered(
        "header.html.j2",
        title=base.name or base.id,
        name=live.experiment.name,
        number=live.number,
        notes=notes,
        experiments=live.workshop.kept(live.owner),
        others=other_languages(language),
        longest=LONGEST_NAME,
        words={
            "experiment": _("Experiment: {name}", name=live.experiment.name),
            "experiments": _("My experiments"),
            "new": _("New experiment"),
            "new_name": _("Name of the new experiment"),
            "make": _("Begin"),
            "go_on": _("Go on with a copy"),
            "rename": _("Rename"),
            "name": _("Name"),
            "delete": _("Delete this experiment"),
            "for_good": _("It cannot be brought back. Save it as a file first if it may be needed."),
            "do_delete": _("Delete it for good"),
            "compare": _("Compare with"),
            "files": _("Files"),
            "save_experiment": _("Save the experiment (YAML)"),
            "save_base": _("Save the map as a base map (YAML)"),
            "save_maps": _("Save the map in every format (ZIP)"),
            "save_effects": _("Save the effects in every format (ZIP)"),
            "load": _("Read an experiment or a base map"),
            "file": _("File"),
            "roster": _("Roster of the schools, if it is a table or a map file without them"),
            "roster_note": _("Without a roster the schools of the base map on this page are used."),
            "read": _("Read"),
            "print": _("Print"),
            "languages": _("Language"),
        },
    )


def flips_panel(experiment: Experiment) -> str:
    """The changes in their order."""
    lines = sentences.flip_lines(experiment.base, experiment.flips)
    title = _n("{n} change", "{n} changes", len(lines)) if lines else _("No change was made.")
    return rendered("flips.html.j2", title=title, lines=lines)


def effects_panel(live: Live) -> str:
    """Verdict, findings, and what is other than before in each community."""
    effects = live.effects
    if effects is None:
        return rendered("problems.html.j2", title=_("Nothing can be said of this map"), text=render(live.problems))
    found = [(finding.severity, _(sentences.SEVERITY_WORDS[finding.severity]), sentences.finding_text(finding, effects))
             for finding in effects.findings]  # fmt: skip
    communities = [
        (
            entry.id if entry.after is not None and entry.after.result is not None else "",
            _main_measures(tables.comparison(effects, entry.id, only_changed=True)),
        )
        for entry in effects.communities
    ]
    if len(communities) > 1:
        communities.append(("", _main_measures(tables.comparison(effects, ALL, only_changed=True))))
    verdict = sentences.verdict(effects)
    return rendered(
        "effects.html.j2",
        verdict=verdict,
        sign={"good": "✓", "warning": "!", "bad": "✗"}[verdict.tone],
        problems=render(live.problems),
        findings=found,
        communities=communities,
        number=live.number,
        words={
            "findings": _("What is to be known"),
            "same": _("Nothing measured here is other than before."),
            "plan": _("The new plan of this community"),
        },
    )


def _main_measures(table: Table) -> Table:
    """The measures that are looked at first: size and plan; the others stand under "All measures"."""
    kept = frozenset(code for group in ("size", "plan") for code in GROUPS[group])
    position = next(k for k, column in enumerate(table.columns) if column.key == "code")
    rows = tuple(row for row in table.rows if row[position] in kept)
    return Table(table.id, table.title, table.columns, rows, table.note).without("group", "code")


def measures_panel(effects: Effects) -> str:
    """Every measure of every touched community."""
    shown = [entry.id for entry in effects.communities] + ([ALL] if len(effects.communities) > 1 else [])
    found = [tables.comparison(effects, community).without("code") for community in shown]
    return rendered("measures.html.j2", tables=found) if found else ""


def duties_panel(effects: Effects) -> str:
    """Duties that change; empty where none does, or plans are still to be found."""
    table = tables.duties(effects)
    return rendered("table.html.j2", table=table.without("item")) if table.rows else ""


def nearest_panel(effects: Effects) -> str:
    """Junior highs whose nearest host is another one (likewise)."""
    table = tables.nearest(effects)
    return rendered("table.html.j2", table=table) if table.rows else ""
