"""The effects of an experiment on a terminal: what changed, each community before and after, what is to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from assigner.boundary.measures import ALL
from assigner.messages import _, _n
from assigner.report import boundary_statements as sentences
from assigner.report import boundary_tables as content
from assigner.report import statements
from assigner.report import steering_statements as steering
from assigner.report.prose import Prose
from assigner.report.tables import Table, shown
from assigner.report.terminal import TONES, print_parts, section, table_of, why_parts
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["show_effects", "verdict_line"]

_STYLES = {"broken": "bold red", "warning": "yellow", "note": ""}


def show_effects(effects: Effects, console: Console) -> None:
    """Print effects."""
    print_parts(_parts(effects), console)


def verdict_line(effects: Effects) -> Prose:
    """The effects in one sentence."""
    said = sentences.verdict(effects)
    return Prose(said.text, style=TONES[said.tone])


def _parts(effects: Effects) -> Iterator[RenderableType]:
    first, *rest = sentences.heading(effects)
    yield Group(Prose(first, style="bold"), *map(Prose, rest))
    if effects.flips:
        lines = [f"{number}. {change}" for number, change in content.changes(effects).rows]
        yield section(_("Changes"), *(Padding(Prose(line), (0, 0, 0, 2)) for line in lines))
    if not effects.communities:
        yield verdict_line(effects)
        return
    yield _lay_out(content.moved(effects), right=(4, 6))
    if effects.findings:
        yield _findings(effects)
    for entry in effects.communities:
        if entry.after is None:
            gone = Prose(_("It does not exist any more."))
            yield section(sentences.community_label(effects, entry.id), gone)
        else:
            yield _comparison(effects, entry.id)
    if len(effects.communities) > 1:
        yield _comparison(effects, ALL)
    yield from _duties(effects)
    if effects.nearest:
        note = _("Junior high by junior high in the files (--out).")
        yield Group(_lay_out(content.nearest_summary(effects), right=(2, 3, 4, 5, 6)), Prose(note, style="dim"))
    kept = content.kept_broken(effects)
    if kept.rows:
        yield _lay_out(kept)
    yield from _collisions(effects)
    yield verdict_line(effects)


def _lay_out(table: Table, right: tuple[int, ...] = ()) -> RenderableType:
    heads = [_("{measure} ({unit})", measure=c.title, unit=c.unit) if c.unit else c.title for c in table.columns]
    made = table_of(*heads, right=right)
    for row in table.rows:
        made.row(*(shown(value, column) for value, column in zip(row, table.columns, strict=True)))
    return section(table.title, made, *([Prose(table.note, style="dim")] if table.note else []))


def _findings(effects: Effects) -> RenderableType:
    made = table_of("", "")
    for finding in effects.findings:
        made.row(
            Prose(_(sentences.SEVERITY_WORDS[finding.severity]), style=_STYLES[finding.severity]),
            sentences.finding_text(finding, effects),
        )
    return section(_("What is to be known"), made)


def _comparison(effects: Effects, community: str) -> RenderableType:
    """Before and after; what is as it was is left out, but for what tells what community it is."""
    table = content.comparison(effects, community)
    always = ("schools", "status")
    columns = [k for k, column in enumerate(table.columns) if column.key not in ("group", "code")]
    right = tuple(place for place, k in enumerate(columns) if table.columns[k].key == "change")
    made = table_of(*(table.columns[k].title for k in columns), right=right)
    unchanged = 0
    for record, row in zip(table.records(), table.rows, strict=True):
        if record["before"] == record["after"] and record["code"] not in always:
            unchanged += 1
            continue
        made.row(*(shown(row[k]) for k in columns))
    note = _n("{n} measure is as it was.", "{n} measures are as they were.", unchanged)
    return section(table.title, made, *([Prose(note, style="dim")] if unchanged else []))


def _duties(effects: Effects) -> Iterator[RenderableType]:
    """Duties that change, school by school: what it no longer has, and what it has now."""
    if not effects.duties:
        return
    table = content.duties(effects)
    before, after = effects.base.map.member, effects.map.member
    made = table_of(_("School"), _("Community"), _("No longer"), _("Now"))
    for (code, name), entries in groupby(table.records(), lambda record: (record["school"], record["name"])):
        rows = list(entries)
        own = [sentences.community_label(effects, where.get(code, NOWHERE)) for where in (before, after)]
        made.row(
            f"{code} {name}".strip(),
            own[1] if own[0] == own[1] else f"{own[0]} → {own[1]}",
            "\n".join(record["duty"] for record in rows if record["before"] != "–") or "–",
            "\n".join(record["duty"] for record in rows if record["after"] != "–") or "–",
        )
    count = _n("{n} duty", "{n} duties", len(table.rows))
    yield section(_("{title}: {count}", title=table.title, count=count), made)


def _collisions(effects: Effects) -> Iterator[RenderableType]:
    """Of communities without a lawful plan: why, and what would help."""
    for entry in effects.communities:
        result = None if entry.after is None else entry.after.result
        if result is None or result.status != "infeasible":
            continue
        told = statements.no_plan(result)
        parts: list[RenderableType] = [Prose(line) for line in told.lines]
        if told.clash_head:
            parts.append(Prose(told.clash_head))
        for clash in told.clashes:
            parts.append(Padding(Prose(f"- {clash.title}"), (0, 0, 0, 2)))
            parts.append(Padding(Prose("\n".join([*clash.details, clash.source]), style="dim"), (0, 0, 0, 4)))
        parts += [Padding(Prose(line), (0, 0, 0, 2)) for line in (told.help_head, *told.helping) if line]
        if (ways := steering.why(result)) is not None:
            parts += why_parts(replace(ways, take=""))
        yield section(_("No lawful plan: {name}", name=sentences.community_label(effects, entry.id)), *parts)
