"""What the effects of an experiment say in sentences, in the current language; rows are in `boundary_tables`.

Terminal, page, workbook and JSON lay these sentences out and make none of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.boundary.naming import school_words, town_name
from assigner.boundary.nearest import CONVENER
from assigner.messages import N_, _, _n, current_language, join_list, number, percent, quote
from assigner.report.statements import Statement
from assigner.words import TIER_NAMES, amount, item_label, ratio_list, text, travel_unit, violation_sentence
from geodata.base_map import NOWHERE, Divide, FlipError, Merge, MoveSchool, MoveTownship, NewCommunity

if TYPE_CHECKING:
    from assigner.boundary.measures import Measure, Value
    from assigner.boundary.values import Base, Effects, Finding
    from geodata.base_map import BaseMap, Flip
    from models.rulebook import Rulebook

__all__ = [
    "LINK_WORDS",
    "SEVERITY_WORDS",
    "STATUS_OF_PLAN",
    "change_text",
    "community_label",
    "duty_label",
    "finding_text",
    "flip_line",
    "flip_lines",
    "heading",
    "measure_name",
    "measure_text",
    "measure_title",
    "part_names",
    "said",
    "short_town",
    "verdict",
]

SEVERITY_WORDS: Mapping[str, str] = {
    "broken": N_("not lawful"),
    "warning": N_("to be looked at"),
    "note": N_("for information"),
}

STATUS_OF_PLAN: Mapping[str, str] = {
    "optimal": N_("proven best"),
    "feasible": N_("not proven"),
    "stopped": N_("no plan found yet"),
    "infeasible": N_("no lawful plan"),
    "disagrees": N_("refused by the audit"),
}

LINK_WORDS: Mapping[str, str] = {"bridge": N_("bridge"), "ferry": N_("ferry"), "air": N_("flight")}

_MEASURES: Mapping[str, str] = {
    "schools": N_("Schools that take part"),
    "townships": N_("Townships"),
    "pieces": N_("Connected parts"),
    "exploration_cap": N_("Most hosts of exploration"),
    "may_split": N_("May hand in two plans"),
    "status": N_("Plan"),
    "convener": N_("Convening school"),
    "relaxations": N_("Rules relaxed"),
    "duties": N_("Duties (an item hosted by a school)"),
    "largest_load": N_("Heaviest load"),
    "categories": N_("Kinds of courses"),
    "circle": N_("Living circle: pupils of junior highs whose nearest senior high is a member"),
    "member_mean": N_("Way of a junior high to the nearest member, mean over pupils"),
    "member_largest": N_("Way of a junior high to the nearest member, the longest"),
    "convener_mean": N_("Way of a junior high to the convener, mean over pupils"),
    "convener_largest": N_("Way of a junior high to the convener, the longest"),
}


# ----------------------------------------------------------------------------------------------------------- how called


def community_label(effects: Effects, community: str) -> str:
    """Name of a community, before or after the change."""
    if community == NOWHERE:
        return _("no community")
    return effects.map.names.get(community) or effects.base.map.names.get(community) or community


def duty_label(effects: Effects, item: str) -> str:
    """An item, a way of promotion, or convening."""
    if item == CONVENER:
        return _("convening school")
    book = _any_book(effects)
    return item if book is None else item_label(book, item)


def short_town(base: Base, towncode: str) -> str:
    """A township without its county where the base lies in one county."""
    known = base.geography.townships
    counties = {known[town].county for town in base.map.home if town in known}
    return known[towncode].town if len(counties) == 1 and towncode in known else town_name(base, towncode)


def part_names(base: Base, parts: Iterable[Iterable[str]]) -> str:
    """Parts of a territory, each as its townships."""
    joint = "；" if current_language() == "zh-TW" else "; "
    return joint.join(join_list(short_town(base, town) for town in part) for part in parts)


def _books(effects: Effects, community: str = "") -> Iterable[Rulebook]:
    for entry in effects.communities:
        for state in (entry.after, entry.before):
            if state is not None and state.scenario is not None and community in ("", entry.id):
                yield state.scenario.rulebook


def _any_book(effects: Effects, community: str = "") -> Rulebook | None:
    return next(iter(_books(effects, community)), None) or next(iter(_books(effects)), None)


# --------------------------------------------------------------------------------------------------------------- flips


def flip_line(base: Base, flip: Flip, names: Mapping[str, str]) -> str:
    """A flip in a few words; `names` are those of the communities when it is made."""

    def named(community: str) -> str:
        return _("no community") if community == NOWHERE else names.get(community) or community

    if isinstance(flip, MoveTownship | MoveSchool):
        what = town_name(base, flip.township) if isinstance(flip, MoveTownship) else school_words(base, flip.school)
        if flip.to == NOWHERE:
            return _("{what} leaves its community and joins none", what=what)
        return _("{what} goes to {community}", what=what, community=named(flip.to))
    if isinstance(flip, Merge):
        return _("{one} is dissolved into {other}", one=named(flip.community), other=named(flip.into))
    things = [town_name(base, town) for town in flip.townships] + [school_words(base, c) for c in flip.schools]
    new = quote(flip.name or flip.id)
    if isinstance(flip, Divide):
        return _(
            "{community} is divided; the new community {new} gets {things}",
            community=named(flip.community),
            new=new,
            things=join_list(things),
        )
    return _("a new community {new} of {things}", new=new, things=join_list(things))


def flip_lines(base: Base, flips: Iterable[Flip]) -> tuple[str, ...]:
    """All flips in a few words each; names are those at the moment when each is made."""
    base_map: BaseMap = base.map
    lines = []
    for flip in flips:
        before = base_map
        try:
            base_map = flip.apply(base_map)
        except FlipError:  # told elsewhere: such an experiment has no effects
            base_map = before
        own = {flip.id: flip.name or flip.id} if isinstance(flip, NewCommunity | Divide) else {}
        lines.append(flip_line(base, flip, {**own, **before.names}))
    return tuple(lines)


# ------------------------------------------------------------------------------------------------------------- heading


def heading(effects: Effects) -> tuple[str, ...]:
    """The base and what it is, then how many communities are touched."""
    base = effects.base
    lines = [_("Base map: {name}", name=base.name or base.id)]
    if base.synthetic:
        lines.append(_("A made-up county, for trying the program out."))
    if base.invented:
        lines.append(_("Real schools in communities that nobody decided: drawn up by the program."))
    if base.note:
        lines.append(base.note)
    if not effects.flips and not effects.communities:
        lines.append(_("No change was made."))
        return tuple(lines)
    flips = _n("{n} change", "{n} changes", len(effects.flips))
    touched = _n("{n} community is touched", "{n} communities are touched", len(effects.communities))
    rest = len(effects.map.names.keys() | effects.base.map.names.keys()) - len(effects.communities)
    lines.append(_("{flips}; {touched}, {rest} stay as they are.", flips=flips, touched=touched, rest=rest))
    return tuple(lines)


def verdict(effects: Effects) -> Statement:
    """The effects in one sentence."""
    if not effects.communities:
        return Statement(_("All communities are as in the base map."), "good")
    grave = [finding for finding in effects.findings if finding.severity == "broken"]
    names = join_list(dict.fromkeys(community_label(effects, finding.community) for finding in grave))
    if not effects.complete:
        if grave:
            return Statement(
                _(
                    "New plans are still to be found. With the duties as they were, rules are broken in: {names}.",
                    names=names,
                ),
                "warning",
            )
        return Statement(
            _("New plans are still to be found. With the duties as they were no rule is broken."), "warning"
        )
    if any(
        state is not None and state.result is not None and state.result.status == "disagrees"
        for state in _states(effects)
    ):
        return Statement(
            _("The audit refuses a plan, which is a fault of the program. Do not use these effects."), "bad"
        )
    if grave:
        return Statement(_("Proven: no lawful plan in {names}.", names=names), "bad")
    if any(finding.code == "stopped" for finding in effects.findings):
        return Statement(
            _("Every community has a lawful plan, but not every plan is proven best: stopped early."), "warning"
        )
    return Statement(_("After the change every community has a plan, proven best and audited."), "good")


def _states(effects: Effects) -> Iterable[Any]:
    for entry in effects.communities:
        yield from (entry.before, entry.after)


# ------------------------------------------------------------------------------------------------------------ findings


def finding_text(finding: Finding, effects: Effects) -> str:
    """What a finding says, the name of its community first."""
    return _(
        "{community}: {finding}", community=community_label(effects, finding.community), finding=said(finding, effects)
    )


def said(finding: Finding, effects: Effects) -> str:
    """What a finding says, without the name of its community."""
    return _SAID[finding.code](finding, effects)


def _parts(finding: Finding, effects: Effects) -> dict[str, Any]:
    values = finding.values
    return {
        "parts": part_names(effects.base, values["parts"]),
        "before": values["before"],
        "after": values["after"],
    }


def _no_plan(finding: Finding, effects: Effects) -> str:
    book = _any_book(effects, finding.community)
    assert book is not None
    clauses = {clause.id: clause for clause in book.clauses}
    rules = join_list(f"{identity} {text(clauses[identity].title)}" for identity in finding.values["clauses"])
    helping = [r for r in book.relaxations if r.id in finding.values["would_help"]]
    if helping:
        told = _(
            "no lawful plan. These rules collide: {rules}. There is one if this is relaxed: {relaxations}.",
            rules=rules,
            relaxations=join_list(f"{r.id} {text(r.title)}" for r in helping),
        )
    else:
        told = _("no lawful plan, not even with every relaxation. These rules collide: {rules}.", rules=rules)
    return told + _cheapest(finding, effects)


def _cheapest(finding: Finding, effects: Effects) -> str:
    """The cheapest way out of a community without a lawful plan; empty when it was not looked for, or there is none."""
    entry = next((entry for entry in effects.communities if entry.id == finding.community), None)
    result = None if entry is None or entry.after is None else entry.after.result
    if result is None or result.explanation is None or not result.explanation.ways_out.ways:
        return ""
    from assigner.steering.conceding import concession_text

    way = result.explanation.ways_out.ways[0]
    what = " ".join(concession_text(result.problem, gone) for gone in way.gives_up)
    return _(" The cheapest way out (costs {price}, our assumption): {what}", price=str(way.price), what=what)


def _clause_broken(finding: Finding, effects: Effects) -> str:
    entry = next(entry for entry in effects.communities if entry.id == finding.community)
    assert entry.kept is not None
    sentence = violation_sentence(entry.kept.plan.problem, finding.values["violation"])
    return _("with the duties as they were: {violation}", violation=sentence)


def _relaxation(finding: Finding, effects: Effects) -> str:
    book = _any_book(effects, finding.community)
    assert book is not None
    relaxation = next(r for r in book.relaxations if r.id == finding.values["relaxation"])
    return _(
        "a lawful plan now needs a rule relaxed: {relaxation}.", relaxation=f"{relaxation.id} {text(relaxation.title)}"
    )


def _small(finding: Finding, _effects: Effects) -> str:
    n, least = finding.values["n"], finding.values["least"]
    if least is None:
        return _("{n} schools take part; at no size are all rules kept without relaxations.", n=n)
    return _("{n} schools take part; without relaxations it takes at least {least}.", n=n, least=least)


def _category(finding: Finding, effects: Effects) -> str:
    book = _any_book(effects, finding.community)
    assert book is not None
    return next(text(entry.title) for entry in book.categories.list_ if entry.id == finding.values["category"])


def _dropped(finding: Finding, effects: Effects) -> str:
    values = finding.values
    school = school_words(effects.base, values["school"]) if values.get("school") else ""
    item = duty_label(effects, str(values["item"])) if values.get("item") else ""
    key = values["key"]
    if key == "convener" and values.get("benchmark"):
        return _(
            "{school} is no longer asked to convene: the benchmark school {benchmark} has come.",
            school=school,
            benchmark=school_words(effects.base, values["benchmark"]),
        )
    if key in _ABOUT_NUMBERS:
        return _(_DROPPED[key], item=item, number=values.get("number", ""))
    return _(_DROPPED[key], school=school, item=item)


_ABOUT_NUMBERS = frozenset(("host_numbers", "exploration"))

_DROPPED: Mapping[str, str] = {
    "convener": N_("the wish that {school} convenes is left out: it is no member now."),
    "pins": N_("the wish that {school} hosts {item} is left out: it is no member now."),
    "bans": N_("the wish that {school} does not host {item} is left out: it is no member now."),
    "ways": N_("the ways of promotion stated for {school} are left out: it is no member now."),
    "outside_partners": N_("{school} is no partner from outside any more: it is a member now."),
    "host_numbers": N_("the wish for {number} hosts of {item} is left out: so many schools are not there now."),
    "exploration": N_("the wish for {number} hosts of {item} is left out: so many schools are not there now."),
}


def _stopped(finding: Finding, _effects: Effects) -> str:
    if finding.values["after"]:
        return _("stopped early: the new plan is not proven best, or none was found yet.")
    return _("stopped early: the plan before the change is not proven best, or none was found yet.")


_SAID: Mapping[str, Callable[[Finding, Effects], str]] = {
    "no_school": lambda f, e: _("no school that takes part is left."),
    "no_plan": _no_plan,
    "clause_broken": _clause_broken,
    "left_out": lambda f, e: _n(
        "{n} school belongs to no community any more: {schools}.",
        "{n} schools belong to no community any more: {schools}.",
        len(f.values["schools"]),
        schools=join_list(school_words(e.base, code) for code in f.values["schools"]),
    ),
    "more_pieces": lambda f, e: _(
        "{after} parts that do not hang together, before {before}. Apart from the rest: {parts}.", **_parts(f, e)
    ),
    "cut_off": lambda f, e: _(
        "this part does not hang together with the rest any more: {parts}. There are no more parts than before "
        "({before}, now {after}).",
        **_parts(f, e),
    ),
    "needs_relaxation": _relaxation,
    "split_allowed": lambda f, e: _(
        "{after} schools take part (before {before}), so it may hand in two plans now.", **f.values
    ),
    "split_lost": lambda f, e: _(
        "{after} schools take part (before {before}), so it may not hand in two plans any more.", **f.values
    ),
    "band_changed": lambda f, e: _("at most {after} hosts of exploration, before {before}.", **f.values),
    "small": _small,
    "category_lost": lambda f, e: _("no school with this kind of course any more: {kind}.", kind=_category(f, e)),
    "category_gained": lambda f, e: _("now has schools with this kind of course: {kind}.", kind=_category(f, e)),
    "wish_dropped": _dropped,
    "convener_changed": lambda f, e: _(
        "{after} convenes, before {before}.",
        before=school_words(e.base, f.values["before"]),
        after=school_words(e.base, f.values["after"]),
    ),
    "several_counties": lambda f, e: _(
        "its townships lie in {after} (before: {before}).",
        before=join_list(f.values["before"]) or "–",
        after=join_list(f.values["after"]),
    ),
    "stopped": _stopped,
}


# ------------------------------------------------------------------------------------------------------------ measures


def measure_name(measure: Measure, effects: Effects) -> str:
    """What a measure is called."""
    if measure.code == "travel_of":
        return _("Travel, {item}", item=duty_label(effects, measure.part))
    if measure.code in _MEASURES:
        return _(_MEASURES[measure.code])
    name = _(TIER_NAMES[measure.code])
    return name[:1].upper() + name[1:]


def measure_title(measure: Measure, effects: Effects) -> str:
    """What a measure is called, with its unit."""
    unit = _unit_words(measure.unit)
    name = measure_name(measure, effects)
    return _("{measure} ({unit})", measure=name, unit=unit) if unit else name


def _unit_words(unit: str) -> str:
    words = {
        "person_km": travel_unit("km"),
        "person_minutes": travel_unit("minutes"),
        "km": _("km"),
        "minutes": _("min"),
    }
    return words.get(unit, "")


def measure_text(measure: Measure, value: Value, effects: Effects) -> str:
    """A value of a measure, without its unit; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if measure.code == "status":
        return _(STATUS_OF_PLAN[str(value)])
    if measure.code == "convener":
        return school_words(effects.base, str(value)) or "–"
    if measure.code == "relaxations":
        return join_list(value) if isinstance(value, tuple) and value else _("none")
    if measure.code == "categories":
        return _category_titles(effects, value)
    if measure.unit == "share":
        assert isinstance(value, int | Fraction)
        return percent(float(value))
    if isinstance(value, tuple):
        if measure.code == "exploration":
            return _(
                "{uncovered} pairs of junior high and track out of reach, {hosts} hosts",
                uncovered=amount(value[0]),
                hosts=amount(value[1]),
            )
        return ratio_list(value)
    if isinstance(value, int | Fraction):
        if measure.unit:
            return number(float(value), 1)
        return str(value) if measure.code == "largest_load" else amount(value)
    return value


def change_text(measure: Measure) -> str:
    """The change of a measure with its sign; empty where there is none, or it is no number."""
    change = measure.change
    if not change:
        return ""
    if measure.unit == "share":
        shown = _("{n} points", n=number(abs(float(change)) * 100, 1))
    elif measure.unit:
        shown = number(abs(float(change)), 1)
    else:
        shown = str(abs(change)) if measure.code == "largest_load" else amount(abs(change))
    return ("+" if change > 0 else "-") + shown  # a sign that every console has


def _category_titles(effects: Effects, value: Value) -> str:
    book = _any_book(effects)
    if not isinstance(value, tuple) or not value or book is None:
        return _("none")
    return join_list(text(entry.title) for entry in book.categories.list_ if entry.id in value)
