"""Rules, items, schools and findings in words: one place for how the house speaks of them.

Titles and quotations come from the rulebook, everything else from the catalogues. Nothing here solves or draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.messages import N_, _, _n, current_language, join_list, number, quote

if TYPE_CHECKING:
    from models.clauses import Violation
    from models.community import Problem
    from models.rulebook import Obligation, Rulebook, Rules, Text
    from models.tiers import Tier

__all__ = [
    "CONVENER_WORDS",
    "OBLIGATION_KINDS",
    "STATUS_WORDS",
    "TIER_NAMES",
    "amount",
    "category_notes",
    "item_label",
    "part_label",
    "quantity",
    "ratio_list",
    "school_label",
    "school_list",
    "source",
    "text",
    "tier_value",
    "travel_unit",
    "violation_sentence",
]

TIER_NAMES: Mapping[str, str] = {
    "unwilling": N_("unwilling hosts"),
    "exploration": N_("hosts of exploration"),
    "overload": N_("points above capacity"),
    "load": N_("loads, the heaviest first"),
    "travel": N_("travel a year"),
    "preference": N_("suitability, willingness, rotation"),
    "separate": N_("items outside the load"),
    "convener_travel": N_("way of the members to their convener"),
    "categories": N_("kinds of courses that a plan lacks"),
    "balance": N_("difference of the two sizes"),
    "closeness": N_("schools that change plans"),
    "tie_break": N_("tie-break by school code"),
    "price_of_order": N_("price of the order"),
    "largest_load": N_("schools with the largest load"),
    "distance": N_("likeness to the plans before"),
    "ways_out": N_("ways out"),
    "changes": N_("duties that change hands"),
    "repeats": N_("heavy items hosted twice running"),
}

STATUS_WORDS: Mapping[str, str] = {
    "optimal": N_("proven best"),
    "feasible": N_("not proven"),
    "not_reached": N_("not reached"),
}

OBLIGATION_KINDS: Mapping[str, str] = {
    "visit": N_("Visits"),
    "report": N_("Reports"),
    "task": N_("Tasks"),
    "hours": N_("Hours"),
    "budget": N_("Budget"),
    "quota": N_("Quotas"),
    "note": N_("Notes"),
}

CONVENER_WORDS: Mapping[str, str] = {
    "willing": N_("willing"),
    "if_needed": N_("if needed"),
    "unwilling": N_("unwilling"),
    "cannot": N_("cannot"),
}

_PER: Mapping[str | None, tuple[str, str]] = {
    "week": (N_("at least {n} a week"), N_("at most {n} a week")),
    "semester": (N_("at least {n} a semester"), N_("at most {n} a semester")),
    "school_year": (N_("at least {n} a school year"), N_("at most {n} a school year")),
    None: (N_("at least {n}"), N_("at most {n}")),
}

# What a clause room reports -> the sentence. {schools}, {first} and {rest} are schools, {items} items.
_VIOLATIONS: Mapping[str, str] = {
    "bans.not_kept": N_("{items}: given to {schools}, which the scenario excludes."),
    "barred.convenes": N_("The convener is barred from the funding: {schools}."),
    "barred.hosts": N_("{items}: given to a school that is barred from the funding: {schools}."),
    "benchmark_convenes.other": N_("{first} convenes although there is a benchmark school: {rest}."),
    "cannot.convenes": N_("{schools} convenes, but said that it cannot."),
    "cannot.hosts": N_("{items}: given to {schools}, but it said that it cannot."),
    "convener.no_participant": N_("{schools} convenes, but does not take part in the plan."),
    "convener.not_as_stated": N_("{first} convenes, but the scenario states {rest}."),
    "different_hosts.both": N_("More than one of {items} given to the same school: {schools}."),
    "equal_numbers.differ": N_("The numbers of hosts differ: {counts}."),
    "exploration_number.differs": N_("{items}: {count} hosts, but the scenario states {stated}."),
    "host_count.too_few": N_("{items}: {count} hosts of the kind that counts, at least {at_least} needed."),
    "host_count.too_many": N_("{items}: {count} hosts ({schools}), at most {at_most} allowed."),
    "host_number.fewer": N_("{items}: {count} hosts, but the scenario asks for {asked}."),
    "host_number.more": N_("{items}: {count} hosts beside the obliged ones ({schools}), at most {most} needed."),
    "host_number.ways": N_("{items}: {schools} uses {count} ways, at most {most} needed."),
    "load_limit.above": N_("{schools} carries {points} points, its hard limit is {capacity}."),
    "membership.stranger": N_("{items}: given to {schools}, not a participant of the plan."),
    "membership.unknown_item": N_("The rulebook knows no item {items} (given to {schools})."),
    "outside_partner.hosts": N_("{items}: given to a partner from another community: {schools}."),
    "pins.not_kept": N_("{items}: not given to {schools}, as the scenario asks."),
    "pins.way_not_kept": N_("{schools} leaves out ways that the scenario states: {ways}."),
    "role_hosts.missing": N_("{items}: obliged to host it, but missing: {schools}."),
    "same_hosts.differ": N_("{items}: not all hosted by the same school ({schools})."),
    "track_cap.below": N_("{items}: {count} hosts, exactly {most} needed with {n} schools."),
    "track_cap.total": N_("{items}: {count} hosts together, at most {most} allowed with {n} schools."),
    "track_cap.track": N_("{items}: {count} hosts, at most {most} allowed with {n} schools."),
    "ways.none_of_list": N_("{schools} uses none of these ways: {one_of}."),
    "ways.too_few": N_("{items}: {schools} uses {count} ways, at least {at_least} needed."),
    "split.convener_not_as_stated": N_("{schools} is to convene a plan, and does not."),
    "split.hosted_twice": N_("{items}: hosted in both plans ({schools}), yet it is to be hosted once."),
    "split.same_hosts_apart": N_("{items}: hosted in different plans ({schools}), yet one school is to host them."),
    "split.track": N_("{items}: {count} hosts in both plans together, at most {most} allowed with {n} schools."),
    "split.track_below": N_("{items}: {count} hosts in both plans together, exactly {most} needed with {n} schools."),
    "split.tracks_total": N_("{items}: {count} hosts in both plans together, at most {most} allowed with {n} schools."),
    "ways.unknown": N_("{items}: {schools} names ways that do not exist or are not its own."),
    "who_hosts.outside_role": N_("{items}: given to {schools}, whose role may not host it."),
}


def text(entry: Text) -> str:
    """A text of the rulebook in the current language."""
    return entry.in_(current_language())


def source(entry: Any) -> str:
    """Where an entry of the rulebook stands, with its words; or that it is ours, with the reason."""
    if entry.assumption:
        return _("our assumption: {reason}", reason=text(entry.reason))
    return f"{entry.place} {quote(entry.quote)}"


def school_label(problem: Problem, code: str) -> str:
    """Code and name of a school (or of a partner from outside)."""
    name = school_name(problem, code)
    return f"{code} {name}" if name else code


def school_name(problem: Problem, code: str) -> str:
    """Name of a school (or of a partner from outside); empty when unknown."""
    school = problem.community.school_by_code.get(code)
    if school is not None:
        return school.name
    return next((p.name for p in problem.community.outside_partners if p.code == code), "")


def school_list(problem: Problem, codes: Iterable[str]) -> str:
    """Schools as a list in a sentence; a dash when there is none."""
    return join_list(school_label(problem, code) for code in codes) or "–"


#: Tracks of exploration, which share a place in the programme -> what tells them apart.
_TRACKS: Mapping[str, str] = {"4.4.career": N_("career exploration"), "4.4.academic": N_("academic exploration")}


def item_label(book: Rulebook, item: str) -> str:
    """An item (or unit, or way) as it is named in a sentence: its id and its short name in the programme."""
    for entry in book.items:
        if entry.id == item:
            if item in _TRACKS:
                return f"{item.rpartition('.')[0]} {_(_TRACKS[item])}"
            group = next(g for g in book.groups if g.id == entry.group)
            if current_language() != "zh-TW":
                return f"{item} {text(group.title)}"
            if entry.place.startswith(group.place):
                return f"{item} {text(group.title)}{entry.place.removeprefix(group.place)}"
            return f"{item} {text(entry.title)}"
    for unit in book.units:
        if unit.id == item:
            return f"{item} {text(unit.title)}"
    return next((text(way.title) for way in book.ways if way.id == item), item)


def part_label(problem: Problem, part: str) -> str:
    """What a constraint is about: an item, several, a school, or both; empty when it is about the plan as a whole."""
    book = problem.rules.rulebook
    known = {i.id for i in book.items} | {u.id for u in book.units} | {w.id for w in book.ways}
    named = []
    for piece in part.replace("+", ":").split(":"):
        if piece in known:
            named.append(item_label(book, piece))
        elif school_name(problem, piece) or piece in problem.community.school_by_code:
            named.append(school_label(problem, piece))
        elif piece == "convener":
            named.append(_("convening"))
    return join_list(named)


def violation_sentence(problem: Problem, violation: Violation) -> str:
    """What a violation says, in the current language."""
    book = problem.rules.rulebook
    values: dict[str, object] = {
        "schools": school_list(problem, violation.schools),
        "first": school_list(problem, violation.schools[:1]),
        "rest": school_list(problem, violation.schools[1:]),
        "items": join_list(item_label(book, item) for item in violation.items),
    }
    for key, value in violation.details.items():
        if isinstance(value, Fraction):
            values[key] = amount(value)
        elif key in ("ways", "one_of"):
            values[key] = join_list(item_label(book, way) for way in str(value).split(", "))
        elif isinstance(value, Mapping):
            values[key] = join_list(f"{item_label(book, item)}: {count}" for item, count in value.items())
        else:
            values[key] = value
    return _(_VIOLATIONS[violation.code], **values)


def amount(value: Fraction | int) -> str:
    """An exact number as people write it: 3, 2.5, or 7/3 where decimals do not end."""
    value = Fraction(value)
    if value.denominator == 1:
        return number(int(value))
    digits = next((d for d in (1, 2, 3) if (value * 10**d).denominator == 1), None)
    return str(value) if digits is None else number(float(value), digits)


def ratio_list(ratios: Iterable[Fraction]) -> str:
    """Ratios in the order given, equal neighbours counted: ``7/4, 1 ×3, 4/5 ×2``."""
    counted = Counter(ratios)
    return ", ".join(f"{r}" if k == 1 else f"{r} ×{k}" for r, k in counted.items()) or "–"


def travel_unit(rules_unit: str) -> str:
    """The unit of travel in words, from the unit of the distances."""
    return _("person-minutes a year") if rules_unit == "minutes" else _("person-km a year")


def tier_value(tier: str, value: Any, unit: str) -> str:
    """The value (or bound) of a tier in words.

    Parameters
    ----------
    tier : str
    value : Fraction, tuple of Fraction, str or None
        As `models.tiers.Tier.value`.
    unit : {"km", "minutes"}
    """
    if value is None:
        return "–"
    if tier == "tie_break":
        return _("unique")
    if tier == "travel":
        return f"{number(float(value) / 10, 1)} {travel_unit(unit)}"
    if tier == "convener_travel":
        return f"{number(float(value) / 10, 1)} {_('min') if unit == 'minutes' else 'km'}"
    if tier == "exploration" and isinstance(value, tuple):
        return _(
            "{uncovered} pairs of junior high and track out of reach, {hosts} hosts",
            uncovered=amount(value[0]),
            hosts=amount(value[1]),
        )
    if isinstance(value, tuple):
        return ratio_list(value)
    return amount(value)


def gap(tier: Tier) -> Fraction | None:
    """How far the value of a tier can be from the best, as a share of the value; None when it cannot be said."""
    value, bound = tier.value, tier.bound
    if not isinstance(value, Fraction) or not isinstance(bound, Fraction):
        return None
    return abs(value - bound) / value if value else Fraction(0)


def quantity(obligation: Obligation) -> str:
    """How much of an obligation is due: "at least 1 a semester"; empty when the text gives no number."""
    least, most = _PER[obligation.per]
    pieces = []
    if obligation.at_least is not None:
        pieces.append(_(least, n=_counted(obligation.kind, obligation.at_least)))
    if obligation.at_most is not None:
        pieces.append(_(most, n=_counted(obligation.kind, obligation.at_most)))
    return join_list(pieces)


def _counted(kind: str, count: int) -> str:
    """A number with the word for what is counted, where the kind of obligation has one."""
    if kind == "visit":
        return _n("{n} visit", "{n} visits", count)
    if kind == "report":
        return _n("{n} report", "{n} reports", count)
    if kind == "hours":
        return _n("{n} period", "{n} periods", count)
    return number(count)


def category_notes(rules: Rules, missing: Iterable[str], unknown: Iterable[str]) -> list[str]:
    """What is to be said of the course categories: notes, never violations."""
    rule = rules.rulebook.categories
    titles = {category.id: text(category.title) for category in rule.list_}
    notes = []
    if lacking := [titles[c] for c in missing]:
        notes.append(
            _n(
                "The community has no school with this kind of course yet: {kinds} ({source}).",
                "The community has no school with these kinds of courses yet: {kinds} ({source}).",
                len(lacking),
                kinds=join_list(lacking),
                source=source(rule),
            )
        )
    if open_ := [titles[c] for c in unknown]:
        notes.append(
            _(
                "Not known from what the scenario says, so not judged: {kinds} ({source}).",
                kinds=join_list(open_),
                source=source(rule),
            )
        )
    return notes
