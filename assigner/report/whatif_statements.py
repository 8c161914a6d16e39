"""Changes and their effects in sentences: what is asked, how an aim changes, what a cell of the table says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.answer import REJECTED
from assigner.messages import N_, _, join_list, number
from assigner.report import statements
from assigner.report.statements import Clash, Statement
from assigner.words import (
    TIER_NAMES,
    amount,
    item_label,
    school_label,
    source,
    text,
    tier_value,
    travel_unit,
)
from models import whatif as models

if TYPE_CHECKING:
    from assigner.explaining.ground import Ground
    from assigner.explaining.table import TableAnswer
    from assigner.explaining.whatif import WhatIfAnswer
    from models.community import Plan, Problem
    from models.rulebook import Rulebook
    from models.whatif import Cell, Change, TierChange, WhatIf

__all__ = [
    "AIMS",
    "MEASURES",
    "SIGNS",
    "aim_sentence",
    "asked",
    "base_notes",
    "cell_sentence",
    "cell_words",
    "change_sentence",
    "clashes",
    "clause_line",
    "difference",
    "legend",
    "shares",
    "table_verdict",
    "verdict",
]

#: Aims in a word, for cells.
AIMS: Mapping[str, str] = {
    "unwilling": N_("unwilling"),
    "exploration": N_("exploration"),
    "overload": N_("overload"),
    "load": N_("load"),
    "travel": N_("travel"),
    "preference": N_("suitability"),
    "separate": N_("other items"),
}

#: Status of a cell -> its sign, and what it means.
SIGNS: Mapping[str, tuple[str, str]] = {
    "present": ("●", N_("hosts it in the plan")),
    "free": ("=", N_("as good: another plan of the same worth in every aim has it so")),
    "changes": ("+", N_("the first aim that gets worse, and by how much")),
    "excluded": ("×", N_("no lawful plan has it so")),
    "stopped": ("?", N_("not known: stopped before")),
}

#: Numbers of ours that a change may name.
MEASURES: Mapping[str, str] = {
    "capacity_points": N_("capacity of a school"),
    "resource_weak_capacity_points": N_("capacity of a resource-weak school"),
    "convener_base_points": N_("base load of the convener"),
    "load_band": N_("band in which loads are compared"),
}


# ------------------------------------------------------------------------------------------------------- the changes


def change_sentence(problem: Problem, change: Change) -> str:
    """What is asked, in words."""
    book = problem.rules.rulebook
    match change:
        case models.Host(item, code):
            return _("{school} hosts {item}", school=school_label(problem, code), item=item_label(book, item))
        case models.NotHost(item, code):
            return _("{school} does not host {item}", school=school_label(problem, code), item=item_label(book, item))
        case models.Unpin(item, code):
            return _("without the wish that {school} hosts {item}", **_pair(problem, item, code))
        case models.Unban(item, code):
            return _("without the wish that {school} does not host {item}", **_pair(problem, item, code))
        case models.Without(code):
            return _("{school} takes no part", school=school_label(problem, code))
        case models.Add(code):
            return _("{school} takes part", school=school_label(problem, code))
        case models.Convener(None):
            return _("the convener is chosen anew")
        case models.Convener(code):
            return _("{school} convenes", school=school_label(problem, str(code)))
        case models.Switch(name, option):
            switch = book.switch_by_id[name]
            title = next(text(entry.title) for entry in switch.options if entry.id == option)
            return _("{switch}: {option}", switch=text(switch.title), option=title)
        case models.Capacity(code, points):
            label = school_label(problem, code)
            return _("{school} can carry {points} points", school=label, points=amount(points))
        case models.Effort(unit, points):
            old = problem.rules.units[unit].effort_points
            label = item_label(book, unit)
            return _("{item}: {points} points in place of {old}", item=label, points=amount(points), old=amount(old))
        case models.Trips(unit, times):
            trips = problem.rules.units[unit].trips
            old = trips.times_a_year if trips is not None else Fraction(0)
            label = item_label(book, unit)
            return _("{item}: {times} trips a year in place of {old}", item=label, times=amount(times), old=amount(old))
        case models.Measure(name, value):
            old = problem.rules.measure(name)
            label = _(MEASURES[name]) if name in MEASURES else name
            return _("{measure}: {value} in place of {old}", measure=label, value=amount(value), old=amount(old))
        case models.Order(tiers):
            names = join_list(_(AIMS[tier]) for tier in tiers if tier in AIMS)
            return _("aims in this order: {aims}", aims=names)
        case models.Lift(clause):
            return _("without the rule {clause}", clause=clause_title(book, clause))
    raise AssertionError(change)


def asked(plan: Plan, changes: Sequence[Change]) -> tuple[str, ...]:
    """All that is asked, a sentence each; a school that is to host nothing is said in one."""
    from assigner.explaining.asking import rows_in_load

    rows = rows_in_load(plan)
    banned: dict[str, set[str]] = {}
    for change in changes:
        if isinstance(change, models.NotHost):
            banned.setdefault(change.code, set()).add(change.item)
    spared = {code for code, items in banned.items() if items.issuperset(rows)}
    lines: list[str] = []
    for change in changes:
        if isinstance(change, models.NotHost) and change.code in spared and change.item in rows:
            label = school_label(plan.problem, change.code)
            lines.append(_("{school} hosts nothing that counts in the load", school=label))
        else:
            lines.append(change_sentence(plan.problem, change))
    return tuple(dict.fromkeys(lines))


def _pair(problem: Problem, item: str, code: str) -> dict[str, str]:
    return {"school": school_label(problem, code), "item": item_label(problem.rules.rulebook, item)}


def clause_title(book: Rulebook, clause: str) -> str:
    """A clause by its title, its id in brackets."""
    entry = next((entry for entry in book.clauses if entry.id == clause), None)
    return clause if entry is None else _("{title} ({id})", title=text(entry.title), id=clause)


def clause_line(book: Rulebook, clause: str) -> str:
    """A clause with its place and its words."""
    entry = next(entry for entry in book.clauses if entry.id == clause)
    return _("{clause}: {source}", clause=clause_title(book, clause), source=source(entry))


def rule_name(problem: Problem, change: Change) -> str:
    """What is given up: the clause, the wish; of another reading the switch and its option."""
    if isinstance(change, models.Lift):
        return clause_title(problem.rules.rulebook, change.clause)
    if isinstance(change, models.Unpin):
        return change_sentence(problem, models.Host(change.item, change.code))
    if isinstance(change, models.Unban):
        return change_sentence(problem, models.NotHost(change.item, change.code))
    return change_sentence(problem, change)


def changed_rule(problem: Problem, change: Change) -> str:
    """Where the rule that a change gives up stands, with its words; empty for wishes of the planner."""
    book = problem.rules.rulebook
    if isinstance(change, models.Lift):
        return source(next(entry for entry in book.clauses if entry.id == change.clause))
    if isinstance(change, models.Switch):
        return source(book.switch_by_id[change.name])
    return ""


# ----------------------------------------------------------------------------------------------------------- the aims


def difference(change: TierChange, unit: str, *, short: bool = False) -> str:
    """How far an aim has moved: ``+58.4 person-km a year``, or ``no. 8: 1/5 → 2/5`` of loads.

    Parameters
    ----------
    change : TierChange
    unit : {"km", "minutes"}
    short : bool
        As it stands in a cell: whole person-km, the change of the load alone.
    """
    if change.verdict == "same":
        return "±0"
    if change.verdict == "differs":
        return _("measured otherwise")
    if change.tier == "travel":
        kilometres = float(change.amount) / 10
        digits = 0 if short and abs(kilometres) >= 10 else 1
        figure = _sign(change.amount) + number(abs(kilometres), digits)
        return figure if short else f"{figure} {travel_unit(unit)}"
    if isinstance(change.before, tuple) and isinstance(change.after, tuple) and change.tier != "exploration":
        if short:
            return _sign(change.amount) + str(abs(change.amount))
        size = max(len(change.before), len(change.after))
        pairs = zip(_padded(change.before, size), _padded(change.after, size), strict=True)
        place, (old, new) = next((k, pair) for k, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        return _("no. {place} from the top: {old} → {new}", place=place, old=str(old), new=str(new))
    return _sign(change.amount) + amount(abs(change.amount))


def _padded(levels: Sequence[Fraction], size: int) -> list[Fraction]:
    return [*levels, *[Fraction(0)] * (size - len(levels))]


def _sign(value: Fraction) -> str:
    return "+" if value > 0 else "−"


def aim_sentence(change: TierChange, unit: str) -> str:
    """An aim and how far it has moved."""
    name = AIMS[change.tier] if change.tier in ("load", "travel") else TIER_NAMES[change.tier]
    return _("{aim} {change}", aim=_(name), change=difference(change, unit))


def value_of(change: TierChange, unit: str, *, after: bool) -> str:
    """The value of an aim before or after."""
    return tier_value(change.tier, change.after if after else change.before, unit)


VERDICTS: Mapping[str, str] = {
    "better": N_("better"),
    "worse": N_("worse"),
    "same": N_("the same"),
    "differs": N_("measured otherwise"),
}


# ------------------------------------------------------------------------------------------------------- one question


def base_notes(ground: Ground) -> tuple[str, ...]:
    """What is to be known of the plan that questions are about."""
    lines = [str(note) for note in ground.notes]
    if ground.result.relaxations:
        names = join_list(
            f"{entry.relaxation.id} {text(entry.relaxation.title)}" for entry in ground.result.relaxations
        )
        lines.append(_("These rules are relaxed, before and after: {names}.", names=names))
    if ground.has_plan and not ground.proven:
        lines.append(_("The plan itself is not proven, so differences are those of the plans found."))
    return tuple(lines)


def verdict(answer: WhatIfAnswer) -> Statement:
    """The answer in one sentence."""
    if answer.status == "no_plan":
        return statements.verdict(answer.ground.result)
    if answer.status == "stopped" or answer.found is None:
        return Statement(_("Stopped before an answer was found."), "warning")
    if answer.status == "disagrees":
        return Statement(_(REJECTED), "bad")
    if answer.status == "infeasible":
        return Statement(_("No: no plan keeps all the rules then (proven)."), "bad")
    first = models.first_change(answer.found.tiers)
    unit = answer.ground.plan.problem.distances.unit
    proven = _("Both plans are proven and audited.") if answer.status == "proven" else _("Not proven: stopped early.")
    tone: Any = "good" if answer.status == "proven" else "warning"
    if first is None and not answer.found.moves:
        return Statement(_("Nothing changes: the plan is the same. {proven}", proven=proven), tone)
    if first is None:
        return Statement(_("It is possible, and as good in every aim. {proven}", proven=proven), tone)
    told = aim_sentence(first, unit)
    if first.verdict == "worse":
        return Statement(
            _("It is possible; the first aim to get worse: {aim}. {proven}", aim=told, proven=proven), tone
        )
    if first.verdict == "better":
        return Statement(
            _("It is possible; the first aim to get better: {aim}. {proven}", aim=told, proven=proven), tone
        )
    return Statement(_("It is possible; an aim is measured otherwise: {aim}. {proven}", aim=told, proven=proven), tone)


def clashes(answer: WhatIfAnswer) -> tuple[Clash, ...]:
    """Where no lawful plan is left: what collides, in words."""
    if answer.found is None or answer.found.why_none is None:
        return ()
    return statements.collision(answer.found.plan_after, answer.found.why_none)


def shares(answer: WhatIfAnswer) -> tuple[str, ...]:
    """Who gains and who loses what, a sentence for each school."""
    found = answer.found
    if found is None:
        return ()
    book, lines = answer.ground.plan.rules.rulebook, []
    problem = found.plan_after.problem
    for code in sorted({*found.gains, *found.loses, *found.load_points}):
        pieces = []
        if rows := found.gains.get(code):
            pieces.append(_("gains {items}", items=join_list(item_label(book, row) for row in rows)))
        if rows := found.loses.get(code):
            pieces.append(_("loses {items}", items=join_list(item_label(book, row) for row in rows)))
        if code in found.load_points:
            old, new = (_("none") if value is None else amount(value) for value in found.load_points[code])
            pieces.append(_("points {old} → {new}", old=old, new=new))
        lines.append(_("{school}: {changes}", school=school_label(problem, code), changes=join_list(pieces)))
    return tuple(lines)


def convener_moves(found: WhatIf) -> str:
    """That another school convenes."""
    old, new = found.plan.convener, found.plan_after.convener
    return _(
        "{new} convenes in place of {old}.",
        new=school_label(found.plan_after.problem, new),
        old=school_label(found.plan.problem, old),
    )


# ----------------------------------------------------------------------------------------------------------- the table


def cell_words(cell: Cell, unit: str) -> str:
    """What stands in a cell: a sign, or the aim in a word and by how much; never a colour alone."""
    if cell.status == "changes" and cell.first is not None:
        return f"{_(AIMS[cell.first.tier])} {difference(cell.first, unit, short=True)}"
    return SIGNS[cell.status][0]


def cell_sentence(plan: Plan, cell: Cell) -> str:
    """What a cell says, in a sentence."""
    problem = plan.problem
    pair = {"school": school_label(problem, cell.code), "item": item_label(problem.rules.rulebook, cell.row)}
    if cell.status == "present":
        return _("{school} hosts {item} in the plan.", **pair)
    if cell.status == "free":
        return _("{school} could host {item}: another plan is as good in every aim.", **pair)
    if cell.status == "changes" and cell.first is not None:
        told = aim_sentence(cell.first, problem.distances.unit)
        if cell.first.verdict == "better":
            return _("{school} could host {item} besides; the first aim that changes: {aim}.", aim=told, **pair)
        return _("{school} could host {item}; the first aim to get worse: {aim}.", aim=told, **pair)
    if cell.status == "excluded":
        if not cell.clauses:
            return _("{school} cannot host {item}: rules that hold together exclude it.", **pair)
        rules = join_list(clause_line(problem.rules.rulebook, clause) for clause in cell.clauses)
        return _("{school} cannot host {item}: {rules}", rules=rules, **pair)
    return _("{school}, {item}: not known, stopped before.", **pair)


def legend(answer: TableAnswer) -> tuple[tuple[str, str], ...]:
    """Signs of the cells that occur, with their meaning; aims that occur, with what they count."""
    if answer.found is None:
        return ()
    cells = list(answer.found.cells.values())
    seen = {cell.status for cell in cells}
    entries = [
        (sign, _(meaning)) for status, (sign, meaning) in SIGNS.items() if status in seen and status != "changes"
    ]
    aims = {cell.first.tier for cell in cells if cell.first is not None}
    unit = answer.ground.plan.problem.distances.unit
    for aim in AIMS:
        if aim in aims:
            told = _(TIER_NAMES[aim])
            if aim == "travel":
                told = f"{told} ({travel_unit(unit)})"
            elif aim in ("load", "separate"):
                told = _("{aim}: the first that changes", aim=told)
            entries.append((f"{_(AIMS[aim])} +…", told))
    return tuple(entries)


def table_verdict(answer: TableAnswer) -> Statement:
    """The whole table in one sentence."""
    if answer.found is None:
        return statements.verdict(answer.ground.result)
    cells = answer.found.cells.values()
    values = {status: number(sum(cell.status == status for cell in cells)) for status in SIGNS}
    said = _(
        "{all} pairs of item and school: {present} in the plan, {free} as good, {changes} at a price, {excluded} "
        "excluded.",
        all=number(len(answer.found.cells)),
        **{name: value for name, value in values.items() if name != "stopped"},
    )
    if answer.found.proven:
        return Statement(_("{said} Every cell is exact and proven.", said=said), "good")
    return Statement(
        _("{said} Stopped early: {stopped} are not known.", said=said, stopped=values["stopped"]), "warning"
    )
