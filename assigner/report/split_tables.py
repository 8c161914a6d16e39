"""The content of a split as tables of plain values, in the current language; see `assigner.report.tables`.

A pair of plans stands beside not splitting and beside other pairs by the same measures, aim by aim in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from assigner.messages import N_, _, join_list
from assigner.report import tables
from assigner.report.tables import Column, Table, Value, proof_of, shown
from assigner.splitting.territory import towns_of
from assigner.words import STATUS_WORDS, TIER_NAMES, amount, school_label, school_name, source, text, tier_value
from models.split.measures import convener_travel, key, split_order
from models.split.values import SPLIT_TIERS

if TYPE_CHECKING:
    from assigner.splitting.solving import Split
    from models.split.values import Proposal

__all__ = [
    "Comparison",
    "aims_of",
    "alternatives",
    "categories",
    "compared",
    "comparison",
    "division",
    "moved_schools",
    "plan_figures",
    "proof",
    "readings",
    "shown_value",
    "together_values",
    "town_names",
    "units_hosted",
]

#: Switches that have a say only when a community is divided.
_OF_A_SPLIT = ("exploration_basis", "benchmark_split", "split_threshold", "plan_size", "plan_connectedness")


def _proposal(answer: Split) -> Proposal:
    if answer.proposal is None:
        raise ValueError("the answer has no pair of plans")
    return answer.proposal


def aims_of(answer: Split) -> tuple[str, ...]:
    """The aims that people compare, in their order: all but the tie-break."""
    return tuple(name for name in split_order(answer.problem, answer.asked.wishes) if name != "tie_break")


def shown_value(answer: Split, name: str, value: Any) -> str:
    """The value of an aim in words; a dash where it means nothing."""
    return "–" if value is None else tier_value(name, value, answer.problem.distances.unit)


# -------------------------------------------------------------------------------------------------------- the division


def town_names(answer: Split, nodes: Iterable[object]) -> tuple[str, ...]:
    """Names of townships, each once, in the order of their codes."""
    known = answer.scenario.geography.townships
    return tuple(known[code].name if code in known else code for code in towns_of(answer.scenario, nodes))


def division(answer: Split) -> Table:
    """Every school that takes part: its township and its plan; what ``split.csv`` holds."""
    proposal = _proposal(answer)
    task, places = answer.problem, answer.scenario.places
    known = answer.scenario.geography.townships
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("township", _("Township")),
        Column("plan", _("Plan"), "number"),
        Column("role", _("Role"), "list"),
    )
    rows: list[tuple[Value, ...]] = []
    for plan, result in enumerate(answer.plans, 1):
        for code in proposal.plans[plan - 1].plan.participants:
            town = known.get(places[code].towncode)
            rows.append((code, school_name(task, code), town.name if town else "", plan, tables.roles(result, code)))
    return Table("division", _("Schools of the two plans"), columns, tuple(rows))


def plan_figures(answer: Split, proposal: Proposal | None = None) -> Table:
    """Both plans in a few figures, side by side."""
    chosen = proposal or _proposal(answer)
    task = answer.problem
    rows: list[tuple[Value, ...]] = []

    def row(title: str, *values: Value) -> None:
        rows.append((title, *(value if isinstance(value, tuple) else (shown(value),) for value in values)))

    plans = chosen.plans
    row(_("Convening school"), *(school_label(task, side.convener) for side in plans))
    row(_("Schools that take part"), *(len(side.plan.participants) for side in plans))
    if task.benchmarks:
        row(_("Benchmark schools"), *(_labels(answer, side.plan.problem.benchmarks) for side in plans))
    row(_("Townships"), *(town_names(answer, side.nodes) for side in plans))
    row(
        _("Junior highs served"),
        *(
            amount(sum((point.share for point in side.plan.problem.community.demand_points), Fraction(0)))
            for side in plans
        ),
    )
    row(_("Duties in the load (a bundle counts once)"), *(units_hosted(side.plan, side.assignment) for side in plans))
    for name in ("load", "travel"):
        row(_(TIER_NAMES[name]), *(shown_value(answer, name, side.audit.values[name]) for side in plans))
    steps = [convener_travel(task, side.plan.participants, side.convener) for side in plans]
    (name,) = SPLIT_TIERS[:1]
    row(_(TIER_NAMES[name]), *(shown_value(answer, name, value) for value in steps))
    row(
        _("Clauses kept"),
        *(
            _("{kept} of {all}", kept=sum(f.ok for f in side.audit.findings), all=len(side.audit.findings))
            for side in plans
        ),
    )
    columns = (
        Column("figure", _("Figure")),
        *(Column(f"plan{k}", _("Plan {number}", number=k), "list") for k in (1, 2)),
    )
    return Table("plans", _("The two plans"), columns, tuple(rows))


def _labels(answer: Split, codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(school_label(answer.problem, code) for code in codes) or ("–",)


def units_hosted(plan: Any, assignment: Any) -> int:
    """Duties in the load: pairs of a unit in the load and a school that hosts it."""
    units = plan.rules.units
    return sum(len(assignment.unit_hosts(units[unit].items)) for unit in plan.rules.load_units)


# ------------------------------------------------------------------------------------------------------ side by side


@dataclass(frozen=True)
class Comparison:
    """One column of a comparison: a pair of plans or one plan, and its value in every aim.

    Attributes
    ----------
    title
        In the language of the run.
    values
        Aim -> value; an aim that means nothing for it is missing.
    """

    title: str
    values: Mapping[str, Any]


def together_values(answer: Split) -> dict[str, Any]:
    """What not splitting is worth in every aim; without a plan nothing."""
    whole = answer.together
    if whole is None or whole.audit is None or whole.assignment is None:
        return {}
    values = {name: whole.audit.values[name] for name in aims_of(answer) if name not in SPLIT_TIERS}
    values["convener_travel"] = convener_travel(whole.problem, whole.problem.participants, whole.plan.convener)
    return values


def _side_values(answer: Split, proposal: Proposal, side: int) -> dict[str, Any]:
    from models.split.measures import categories_missing

    own = proposal.plans[side]
    values = {name: own.audit.values[name] for name in aims_of(answer) if name not in SPLIT_TIERS}
    values["convener_travel"] = convener_travel(answer.problem, own.plan.participants, own.convener)
    values["categories"] = Fraction(len(categories_missing(answer.problem, own.plan.participants)))
    return values


def compared(answer: Split) -> tuple[Comparison, ...]:
    """Not splitting, both plans together, each plan."""
    proposal = _proposal(answer)
    columns = [
        Comparison(_("Not splitting"), together_values(answer)),
        Comparison(_("Both plans"), proposal.values),
        *(Comparison(_("Plan {number}", number=k + 1), _side_values(answer, proposal, k)) for k in (0, 1)),
    ]
    return tuple(column for column in columns if column.values)


def comparison(answer: Split) -> Table:
    """Aim by aim: not splitting, both plans together, each plan; and what is proven of both together."""
    columns = compared(answer)
    tiers = {tier.name: tier for tier in answer.found.tiers}
    rows: list[tuple[Value, ...]] = []
    for name in aims_of(answer):
        values = [shown_value(answer, name, column.values.get(name)) for column in columns]
        tier = tiers.get(name)
        status = "" if tier is None else _(STATUS_WORDS[tier.status])
        rows.append((_(TIER_NAMES[name]), *values, status))
    heads = (
        Column("aim", _("Aim")),
        *(Column(f"column{k}", column.title) for k, column in enumerate(columns)),
        Column("status", _("Both plans: status")),
    )
    return Table("comparison", _("Side by side, aim by aim in their order"), heads, tuple(rows))


def alternatives(answer: Split) -> Table:
    """The proposal and every other pair that was asked for, each with all measures; the proposal first."""
    proposal = _proposal(answer)
    columns = (
        Column("name", _("Pair")),
        Column("sizes", _("Schools")),
        Column("conveners", _("Conveners"), "list"),
        Column("moved", _("Schools in another plan than proposed"), "number"),
        *(Column(name, _(TIER_NAMES[name])) for name in aims_of(answer)),
    )
    rows: list[tuple[Value, ...]] = []
    for title, other in named_alternatives(answer):
        rows.append(
            (
                title,
                " + ".join(map(str, other.sizes)),
                _labels(answer, (side.convener for side in other.plans)),
                len(moved_schools(answer, proposal, other)),
                *(shown_value(answer, name, other.values.get(name)) for name in aims_of(answer)),
            )
        )
    return Table("alternatives", _("Other pairs, every measure side by side"), columns, tuple(rows))


def named_alternatives(answer: Split) -> list[tuple[str, Proposal]]:
    """Every pair once, with the names by which it goes: the proposal, the next best, the clearly different."""
    own, others = _proposal(answer), answer.alternatives
    named: dict[Any, list[str]] = {own.division: [_("Proposal")]}
    pairs = {own.division: own}
    if others is not None:
        for pattern, group in ((N_("Next best {number}"), others.best), (N_("Different {number}"), others.different)):
            for number, pair in enumerate(group, 1):
                named.setdefault(pair.division, []).append(_(pattern, number=number))
                pairs.setdefault(pair.division, pair)
    return [(join_list(names), pairs[division]) for division, names in named.items()]


def moved_schools(answer: Split, one: Proposal, other: Proposal) -> tuple[str, ...]:
    """Schools that lie in another plan in one pair than in the other, counted the way round that makes them fewer."""
    first, second = set(one.plans[0].plan.participants), set(other.plans[0].plan.participants)
    members = set(answer.problem.participants)
    changed = first ^ second
    rest = members - changed
    return tuple(sorted(changed if len(changed) <= len(rest) else rest))


def better(answer: Split, name: str, one: Any, other: Any) -> int:
    """-1 where the first value of an aim is better, 1 where the second is, 0 where they are the same."""
    left, right = (key(answer.problem, name, value) for value in (one, other))
    return (left > right) - (left < right)


# --------------------------------------------------------------------------------------------- courses, readings, proof


def categories(answer: Split) -> Table:
    """The kinds of courses of the community and of each plan."""
    from models.audit import categories as judged

    task = answer.problem
    plans = [side.plan.problem for side in _proposal(answer).plans]
    states = []
    for problem in (task, *plans):
        missing, unknown = judged(problem)
        states.append(
            {
                entry.id: _("missing")
                if entry.id in missing
                else _("not known")
                if entry.id in unknown
                else _("present")
                for entry in task.rules.rulebook.categories.list_
            }
        )
    columns = (
        Column("category", _("Kind of courses")),
        Column("community", _("Community")),
        *(Column(f"plan{k}", _("Plan {number}", number=k)) for k in (1, 2)),
    )
    rows = tuple(
        (text(entry.title), *(state[entry.id] for state in states)) for entry in task.rules.rulebook.categories.list_
    )
    return Table("categories", _("Course categories"), columns, rows, source(task.rules.rulebook.categories))


def readings(answer: Split) -> Table:
    """How the text was read on all that concerns two plans: the switches, with the words that leave room."""
    rules = answer.problem.rules
    scopes = tuple(switch.id for switch in rules.rulebook.switches if switch.id.startswith("scope_"))
    columns = (
        Column("title", _("Question")),
        Column("reading", _("Reading")),
        Column("remark", _("Remark")),
        Column("source", _("Where it stands")),
    )
    rows = []
    for switch in rules.rulebook.switches:
        if switch.id in (*_OF_A_SPLIT, *scopes):
            option = rules.option(switch.id)
            reading = next(text(o.title) for o in switch.options if o.id == option)
            remark = _("default") if option == switch.default else _("changed")
            rows.append((text(switch.title), reading, remark, source(switch)))
    return Table("readings", _("How the text on two plans was read"), columns, tuple(rows))


def proof(answer: Split, *, seconds: bool = False) -> Table:
    """The aims of both plans together: value, proven bound, status."""
    title = _("Proof over both plans, aim by aim in their order")
    say = partial(shown_value, answer)
    return proof_of(answer.found.tiers, answer.problem.rules, say, title, seconds=seconds)
