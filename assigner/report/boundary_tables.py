"""The effects of an experiment as tables of plain values, in the current language: the one place that computes them.

Terminal, page and workbook lay them out; what is said in sentences is in `assigner.report.boundary_statements`.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.boundary.criteria import Moved, moved_things
from assigner.boundary.measures import ALL, GROUPS, Measure, measures
from assigner.boundary.measures import Value as MeasureValue
from assigner.boundary.naming import school_words, town_name
from assigner.messages import N_, _, join_list
from assigner.report import boundary_statements as sentences
from assigner.report.tables import Column, Table, Value
from assigner.words import violation_sentence

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = [
    "GROUP_TITLES",
    "all_tables",
    "changes",
    "communities",
    "comparison",
    "duties",
    "findings",
    "kept_broken",
    "measure_rows",
    "moved",
    "nearest",
    "nearest_summary",
    "point_name",
]

GROUP_TITLES = {
    "size": N_("Size and shape"),
    "plan": N_("Plan"),
    "travel": N_("Travel a year by item"),
    "criteria": N_("Criteria of the programme"),
}


def all_tables(effects: Effects) -> tuple[Table, ...]:
    """Every table that has rows, in the order in which they are told."""
    tables = [changes(effects), moved(effects), communities(effects), findings(effects)]
    tables += [comparison(effects, entry.id) for entry in effects.communities]
    if len(effects.communities) > 1:
        tables.append(comparison(effects, ALL))
    tables += [duties(effects), nearest(effects), kept_broken(effects)]
    return tuple(table for table in tables if table.rows)


def changes(effects: Effects) -> Table:
    """The flips, in their order."""
    columns = (Column("number", _("No."), "number"), Column("change", _("Change")))
    lines = sentences.flip_lines(effects.base, effects.flips)
    return Table("changes", _("Changes"), columns, tuple(enumerate(lines, 1)))


def moved(effects: Effects) -> Table:
    """What belongs elsewhere than in the base: whether it adjoins its new community, and did its old one."""
    columns = (
        Column("what", _("Township or school")),
        Column("before", _("Belonged to")),
        Column("after", _("Belongs to")),
        Column("adjoined", _("Adjoined the old community")),
        Column("border_before", _("Border with it"), "number", _("km"), 1),
        Column("adjoins", _("Adjoins the new community")),
        Column("border_after", _("Border with it"), "number", _("km"), 1),
    )
    rows = []
    for thing in moved_things(effects.base, effects.map):
        what = town_name(effects.base, thing.id) if thing.kind == "township" else school_words(effects.base, thing.id)
        rows.append(
            (
                what,
                sentences.community_label(effects, thing.before),
                sentences.community_label(effects, thing.after),
                *_adjoining(thing, after=False),
                *_adjoining(thing, after=True),
            )
        )
    note = _("Borders with the other townships of the community, on the map before and after the change.")
    return Table("moved", _("What moves, and what it adjoins"), columns, tuple(rows), note)


def _adjoining(thing: Moved, *, after: bool) -> tuple[Value, Value]:
    community = thing.after if after else thing.before
    if not community:
        return "–", None
    border = thing.border_km_after if after else thing.border_km_before
    km = Fraction(str(border)) if border else None
    links = thing.links_after if after else thing.links_before
    if thing.inside_after if after else thing.inside_before:
        return _("its township is part of it"), None
    if thing.alone_after if after else thing.alone_before:
        return _("it is the whole community") if after else _("it was the whole community"), None
    words = [_("yes")] if border else []
    words += [_("by {link}", link=_(sentences.LINK_WORDS[link])) for link in links]
    return join_list(words) or _("no"), km


def communities(effects: Effects) -> Table:
    """One row for each touched community: size, parts, plan, convener, loads and travel before and after."""
    shown = ("schools", "pieces", "status", "convener", "largest_load", "travel")
    rows_of: dict[str, dict[str, Measure]] = {}
    for measure in measures(effects):
        if measure.code in shown and measure.community != ALL:
            rows_of.setdefault(measure.community, {})[measure.code] = measure
    titles: dict[str, str] = {}
    for own in rows_of.values():
        for code, measure in own.items():
            titles.setdefault(code, sentences.measure_title(measure, effects))
    columns = (
        Column("community", _("Community")),
        *(Column(code, titles[code]) for code in shown if code in titles),
    )
    rows = []
    for entry in effects.communities:
        own = rows_of.get(entry.id, {})
        cells = tuple(_before_after(own.get(code), effects) for code in shown if code in titles)
        rows.append((sentences.community_label(effects, entry.id), *cells))
    note = _("before → after; one figure where nothing changes")
    return Table("communities", _("Communities that are touched"), columns, tuple(rows), note)


def _before_after(measure: Measure | None, effects: Effects) -> str:
    if measure is None:
        return "–"
    before, after = (sentences.measure_text(measure, v, effects) for v in (measure.before, measure.after))
    return after if before == after else f"{before} → {after}"


def comparison(effects: Effects, community: str, *, only_changed: bool = False) -> Table:
    """Every measure of a community before and after, or of all touched ones together (`ALL`).

    Parameters
    ----------
    effects : Effects
    community : str
    only_changed : bool
        Leave out measures that are what they were.

    Returns
    -------
    Table
        While the new plan is not there, ``kept`` says what the old one is worth under the new members.
    """
    own = [measure for measure in measures(effects) if measure.community == community]
    with_kept = any(measure.kept is not None for measure in own)
    columns = (
        Column("group", _("Group")),
        Column("code", _("Code"), "code"),
        Column("measure", _("Measure")),
        Column("before", _("Before")),
        *((Column("kept", _("With the duties as they were")),) if with_kept else ()),
        Column("after", _("After")),
        Column("change", _("Change")),
    )
    group_of = {code: group for group, codes in GROUPS.items() for code in codes}
    rows = []
    for measure in own:
        if only_changed and not measure.changed:
            continue
        before, kept, after = (
            sentences.measure_text(measure, value, effects) for value in (measure.before, measure.kept, measure.after)
        )
        code = f"{measure.code}:{measure.part}" if measure.part else measure.code
        rows.append(
            (
                _(GROUP_TITLES[group_of[measure.code]]),
                code,
                # The unit stands once, with the sum.
                (sentences.measure_name if measure.part else sentences.measure_title)(measure, effects),
                before,
                *((kept,) if with_kept else ()),
                after,
                sentences.change_text(measure),
            )
        )
    name = _("All touched communities together") if community == ALL else sentences.community_label(effects, community)
    return Table(f"measures:{community}", name, columns, tuple(rows))


def measure_rows(effects: Effects) -> Table:
    """Every measure of every touched community as one table, for programs and pivot tables: plain numbers."""
    columns = (
        Column("community", _("Community"), "code"),
        Column("name", _("Name")),
        Column("code", _("Code"), "code"),
        Column("item", _("Item"), "code"),
        Column("measure", _("Measure")),
        Column("before", _("Before")),
        Column("kept", _("With the duties as they were")),
        Column("after", _("After")),
        Column("change", _("Change")),
    )
    rows = []
    for measure in measures(effects):
        together = measure.community == ALL
        name = _("All touched communities together") if together else measure.community
        shown = (_bare(measure, value, effects) for value in (measure.before, measure.kept, measure.after))
        rows.append(
            (
                measure.community,
                name if together else sentences.community_label(effects, measure.community),
                measure.code,
                measure.part,
                sentences.measure_title(measure, effects),
                *shown,
                _bare(measure, measure.change, effects),
            )
        )
    return Table("measures", _("Measures before and after"), columns, tuple(rows))


def _bare(measure: Measure, value: MeasureValue, effects: Effects) -> Value:
    """A number as a number, to three decimals; anything else as people read it."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return sentences.measure_text(measure, value, effects)
    return value if isinstance(value, int) else Fraction(round(value * 1000), 1000)


def duties(effects: Effects) -> Table:
    """Duties that a school has in one plan and not in the other."""
    columns = (
        Column("school", _("Code"), "code"),
        Column("name", _("School")),
        Column("item", _("Item"), "code"),
        Column("duty", _("Duty")),
        Column("before", _("Before")),
        Column("after", _("After")),
    )
    rows = tuple(
        (
            change.school,
            _school_name(effects, change.school),
            change.item,
            sentences.duty_label(effects, change.item),
            sentences.community_label(effects, change.before) if change.before else "–",
            sentences.community_label(effects, change.after) if change.after else "–",
        )
        for change in effects.duties
    )
    note = _("The community for which the school has the duty; a dash where it has not.")
    return Table("duties", _("Duties that change"), columns, rows, note)


def _school_name(effects: Effects, code: str) -> str:
    return school_words(effects.base, code).removeprefix(code).strip()


def nearest(effects: Effects) -> Table:
    """Junior highs whose nearest host of an item is another one, or nearer or farther than it was."""
    unit = _distance_unit(effects)
    columns = (
        Column("point", _("Junior high")),
        Column("community", _("Community")),
        Column("item", _("Work item")),
        Column("before", _("Nearest host before")),
        Column("distance_before", _("Distance before"), "number", unit, 1),
        Column("after", _("Nearest host after")),
        Column("distance_after", _("Distance after"), "number", unit, 1),
    )
    rows = []
    for change in effects.nearest:
        before, after = change.before, change.after
        rows.append(
            (
                point_name(effects, change.demand),
                sentences.community_label(effects, change.community),
                sentences.duty_label(effects, change.unit),
                school_words(effects.base, before[0]) if before else "–",
                Fraction(str(before[1])) if before else None,
                school_words(effects.base, after[0]) if after else "–",
                Fraction(str(after[1])) if after else None,
            )
        )
    note = _("A dash where the junior high does not count for this community.")
    return Table("nearest", _("Junior highs whose nearest host changes"), columns, tuple(rows), note)


def nearest_summary(effects: Effects) -> Table:
    """For each community and item, how many junior highs go elsewhere, nearer or farther than before."""
    columns = (
        Column("community", _("Community")),
        Column("item", _("Work item")),
        Column("other", _("Other host"), "number"),
        Column("nearer", _("Nearer"), "number"),
        Column("farther", _("Farther"), "number"),
        Column("come", _("Come"), "number"),
        Column("gone", _("Gone"), "number"),
    )
    counts: dict[tuple[str, str], Counter[str]] = {}
    for change in effects.nearest:
        own = counts.setdefault((change.community, change.unit), Counter())
        if change.before is None or change.after is None:
            own["come" if change.before is None else "gone"] += 1
            continue
        own["other"] += change.before[0] != change.after[0]
        own["nearer"] += change.after[1] < change.before[1]
        own["farther"] += change.after[1] > change.before[1]
    rows: list[tuple[Value, ...]] = [
        (
            sentences.community_label(effects, community),
            sentences.duty_label(effects, unit),
            *(own[column.key] for column in columns[2:]),
        )
        for (community, unit), own in counts.items()
    ]
    return Table("nearest_summary", _("Junior highs whose nearest host changes"), columns, tuple(rows))


def point_name(effects: Effects, point: str) -> str:
    """Name of a junior high, or of the township that stands for its pupils."""
    from assigner.scenario.people import junior_high_id, township_id

    base = effects.base
    code = point[1:]
    if junior_high_id(code) == point:
        return f"{code} {base.junior_highs.get(code, {}).get('name') or ''}".strip()
    return town_name(base, code) if township_id(code) == point else point


def _distance_unit(effects: Effects) -> str:
    units = {
        state.scenario.problem().distances.unit
        for entry in effects.communities
        for state in (entry.before, entry.after)
        if state is not None and state.scenario is not None
    }
    return _("min") if units == {"minutes"} else _("km")


def findings(effects: Effects) -> Table:
    """What is to be known of the change, the gravest first."""
    columns = (
        Column("severity", _("How grave")),
        Column("community", _("Community")),
        Column("finding", _("Finding")),
        Column("code", _("Code"), "code"),
    )
    rows = tuple(
        (
            _(sentences.SEVERITY_WORDS[finding.severity]),
            sentences.community_label(effects, finding.community),
            sentences.said(finding, effects),
            finding.code,
        )
        for finding in effects.findings
    )
    return Table("findings", _("What is to be known"), columns, rows)


def kept_broken(effects: Effects) -> Table:
    """Clauses that would be broken if duties stayed as they were: why duties are given out anew."""
    columns = (
        Column("community", _("Community")),
        Column("clause", _("Clause"), "code"),
        Column("finding", _("What would be broken")),
    )
    rows = tuple(
        (
            sentences.community_label(effects, entry.id),
            violation.clause,
            violation_sentence(entry.kept.plan.problem, violation),
        )
        for entry in effects.communities
        if entry.kept is not None
        for violation in entry.kept.violations
    )
    return Table("kept", _("What would be broken if the duties stayed as they were"), columns, rows)
