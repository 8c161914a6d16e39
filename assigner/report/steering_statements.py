"""Why no plan keeps all that was asked, in sentences: every collision, and what each way out gives up and gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.help_texts import program_name
from assigner.messages import _, _n, join_list
from assigner.report import statements
from assigner.steering.conceding import concession_entry, concession_text
from assigner.words import (
    TIER_NAMES,
    amount,
    item_label,
    ratio_list,
    school_label,
    source,
    text,
    tier_value,
    violation_sentence,
)

if TYPE_CHECKING:
    from assigner.planner import Result
    from assigner.steering.comparing import PlanDiff
    from assigner.steering.fair import FairShares
    from assigner.steering.repairing import Repaired
    from assigner.steering.yearly import YearOn
    from models.community import Plan
    from models.community import Problem as Task
    from models.conflicts import Collision
    from models.difference import HandOver
    from models.explain import Explanation, WayOut
    from models.tiers import Tier
    from models.whatif import TierChange

__all__ = [
    "Lines",
    "Way",
    "Why",
    "Wish",
    "aim_lines",
    "continued",
    "diff_lines",
    "envies",
    "envy_note",
    "fair_verdict",
    "fairest",
    "forced",
    "free_plan",
    "moves",
    "of_explanation",
    "repair_head",
    "rotation",
    "tail_of",
    "tier_values",
    "why",
]


@dataclass(frozen=True)
class Lines:
    """Sentences under a heading."""

    head: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """A way out.

    Attributes
    ----------
    title
        Its number and what it costs.
    gives_up
        What is given up, each with its price.
    plan
        The plan that it gives: whether it is proven, who convenes, what it is worth.
    entries
        What the scenario would say.
    """

    title: str
    gives_up: tuple[str, ...]
    plan: str
    entries: str


@dataclass(frozen=True)
class Why:
    """Why no plan keeps all that was asked.

    Attributes
    ----------
    collisions_head, collisions
        Collisions beside those told already; each with its heading and its rules.
    head, ways, tail
        The ways out, and whether there are others.
    take
        The command that takes one; empty where there is nothing to take.
    """

    collisions_head: str
    collisions: tuple[tuple[str, tuple[statements.Clash, ...]], ...]
    head: str
    ways: tuple[Way, ...]
    tail: str
    take: str


def why(result: Result) -> Why | None:
    """What the explanation of an answer says; None where it has none."""
    explanation = result.explanation
    if explanation is None:
        return None
    told = [result.collision, *(entry.because for entry in result.relaxations)]
    known = {frozenset(one.parts) for one in told if one is not None}
    file = ""
    if result.scenario is not None and Path(result.scenario.source.file).suffix.casefold() != ".json":
        file = result.scenario.source.file
    taken = frozenset(entry.relaxation.id for entry in result.relaxations if entry.because is not None)
    standing = taken if result.assignment is not None else frozenset()
    return of_explanation(explanation, known=known, file=file, standing=standing)


def of_explanation(
    explanation: Explanation,
    *,
    known: set[frozenset[tuple[str, str]]] | None = None,
    file: str = "",
    standing: frozenset[str] = frozenset(),
) -> Why:
    """What an explanation says.

    Parameters
    ----------
    explanation : Explanation
    known : set, optional
        Parts of collisions that are told already.
    file : str
        Of the scenario, for the command that takes a way out.
    standing : frozenset of str
        Relaxations under which the plan that is shown was found.
    """
    found, collisions = explanation.ways_out, explanation.collisions
    shown: tuple[tuple[str, tuple[statements.Clash, ...]], ...] = ()
    if not {frozenset(one.parts) for one in collisions} <= (known or set()):
        shown = tuple(_collisions(explanation.plan, collisions))
    count = len(collisions)
    head = _n(
        "As the scenario asks, before any relaxation it does not state: {n} collision; something in it has to give:",
        "As the scenario asks, before any relaxation it does not state: {n} independent collisions; in each of them "
        "something has to give:",
        count,
    )
    ways = tuple(_way(explanation, number, way, standing) for number, way in enumerate(found.ways, 1))
    take = ""
    if ways and file:
        command = f"{program_name()} solve {file} --take 1 --out {_('plan')}"
        take = _("To take one, here the first: {command}", command=command)
    tail = tail_of(bool(ways), found.complete, found.cheapest_complete, found.stopped_by)
    ways_head = _("Ways out, the cheapest first, each solved and audited (prices: our assumption, in the rulebook):")
    if any(way.result is None for way in found.ways):
        ways_head = _("Ways out, the cheapest first (prices: our assumption, in the rulebook):")
    return Why(head if shown else "", shown, ways_head if ways else "", ways, tail, take)


def _collisions(plan: Plan, collisions: Sequence[Collision]) -> Iterator[tuple[str, tuple[statements.Clash, ...]]]:
    """Collisions of the same rules are told together."""
    from models.conflicts import Collision

    alike: dict[tuple[str, ...], list[Collision]] = {}
    for one in collisions:
        alike.setdefault(one.clauses, []).append(one)
    number = 1
    for group in alike.values():
        last = number + len(group) - 1
        numbers = str(number) if last == number else f"{number}–{last}"
        parts = tuple(dict.fromkeys(part for one in group for part in one.parts))
        yield _("Collision {number}", number=numbers), statements.collision(plan, Collision(parts))
        number = last + 1


def _way(explanation: Explanation, number: int, way: WayOut, standing: frozenset[str]) -> Way:
    asked = explanation.plan.problem
    title = _("{number}. Costs {price}.", number=number, price=amount(way.price))
    if standing and {gone.key for gone in way.gives_up} == standing == set(way.relaxations):
        title += _(" This is what the plan shown here does.")
    gives_up = tuple(
        _("{what} (costs {price})", what=concession_text(asked, gone), price=amount(gone.price))
        for gone in way.gives_up
    )
    if not gives_up:
        gives_up = (_("Nothing is given up; only another school convenes."),)
    entries = join_list(_entries(explanation, way))
    plan = _plan(way)
    return Way(title, gives_up, plan, _("In the scenario: {entries}.", entries=entries) if entries else "")


def _entries(explanation: Explanation, way: WayOut) -> Iterator[str]:
    asked = explanation.plan.problem
    for gone in way.gives_up:
        if gone.kind != "relaxation":
            yield concession_entry(asked, gone)
    if way.relaxations:
        yield _("write {entry}", entry=f"relaxations: [{', '.join(way.relaxations)}]")


def _plan(way: WayOut) -> str:
    problem = way.plan.problem
    convener = school_label(problem, way.plan.convener)
    if way.result is None:
        return _("With {school} as convener there is a plan; it was not solved: stopped early.", school=convener)
    values = _("; ").join(tier_values(way.tiers, problem.distances.unit))
    if way.result.proven:
        return _("The best plan then: {school} convenes; {values}.", school=convener, values=values)
    return _("A plan then (not proven best): {school} convenes; {values}.", school=convener, values=values)


def tier_values(tiers: Sequence[Tier], unit: str) -> Iterator[str]:
    """What a plan is worth: each aim and its value; of the loads the heaviest."""
    for tier in tiers:
        if tier.name == "tie_break":
            continue
        if tier.name == "load" and isinstance(tier.value, tuple):
            yield _("heaviest load {ratio}", ratio=ratio_list(map(Fraction, tier.value[:1])))
            continue
        if tier.name == "travel":
            yield _("travel {value}", value=tier_value(tier.name, tier.value, unit))
            continue
        yield f"{_(TIER_NAMES[tier.name])} {tier_value(tier.name, tier.value, unit)}"


def tail_of(any_: bool, complete: bool, cheapest_complete: bool, stopped_by: str | None) -> str:
    """Whether there are other ways out than those told."""
    reason = "" if stopped_by is None else _(statements.STOPPED_BY[stopped_by])
    if not any_:
        if stopped_by is not None:
            return _("Ways out were looked for and not found before it was stopped ({reason}).", reason=reason)
        return _("There is no way out: no wish, no answer and no relaxation of the rulebook opens a lawful plan.")
    if complete:
        return _("There is no other way out.")
    if stopped_by is not None:
        return _(
            "Stopped early ({reason}): there may be other ways out, and those not told are no cheaper.", reason=reason
        )
    if cheapest_complete:
        return _("There are others, and all of them cost more than the first.")
    return _("There are others, none cheaper than these.")


# -------------------------------------------------------------------------------------------------- from a plan before


def aim_lines(changes: Sequence[TierChange], unit: str) -> tuple[str, ...]:
    """Aim by aim, before and after."""
    from assigner.report.whatif_statements import VERDICTS, difference

    lines = []
    for change in changes:
        aim, verdict = _(TIER_NAMES[change.tier]), _(VERDICTS[change.verdict])
        if change.verdict == "same":
            value = change.after
            shown = tier_value(change.tier, value, unit)
            if change.tier == "load" and isinstance(value, tuple):
                shown = ratio_list(value[:1])
            lines.append(_("{aim}: {verdict} ({value})", aim=aim, verdict=verdict, value=shown))
        elif change.verdict == "differs":
            lines.append(_("{aim}: {verdict}", aim=aim, verdict=verdict))
        else:
            value = difference(change, unit)
            lines.append(_("{aim}: {verdict} ({value})", aim=aim, verdict=verdict, value=value))
    return tuple(lines)


def continued(result: Result) -> Lines | None:
    """What became of the plan that was given as a start, aim by aim; None where none was given."""
    found = result.continued
    if found is None:
        return None
    unit = result.problem.distances.unit
    if not found.lawful:
        broken = [finding for finding in found.start.findings if not finding.ok]
        lines = [_("It does not keep these rules any more, so nothing of it was held on to:")]
        lines += [violation_sentence(result.problem, one) for finding in broken for one in finding.violations]
        return Lines(_("From the plan given"), tuple(lines))
    if found.kept:
        return Lines(_("From the plan given"), (_("It cannot be bettered without making an aim worse: it is kept."),))
    return Lines(_("From the plan given, aim by aim"), aim_lines(found.tiers, unit))


# ---------------------------------------------------------------------------------------------------- duties that move


def _name(code: str, *tasks: Task) -> str:
    """Code and name of a school, of the first problem that knows it."""
    return next((label for task in tasks if (label := school_label(task, code)) != code), code)


def moves(task: Task, before: Task, found: Sequence[HandOver]) -> tuple[str, ...]:
    """Duties in other hands: from whom to whom."""
    book, lines = task.rules.rulebook, []
    for move in found:
        item = item_label(book, move.row)
        old = None if move.before is None else _name(move.before, task, before)
        new = None if move.after is None else _name(move.after, task, before)
        if old is None:
            lines.append(_("{item}: {new} hosts it as well", item=item, new=new))
        elif new is None:
            lines.append(_("{item}: {old} no longer hosts it", item=item, old=old))
        else:
            lines.append(_("{item}: from {old} to {new}", item=item, old=old, new=new))
    return tuple(lines)


def diff_lines(answer: PlanDiff) -> tuple[Lines, ...]:
    """What differs between two plans: who convenes, duties, ways, aims; sections without anything are left out."""
    found, task, before = answer.found, answer.second.problem, answer.first.problem
    parts = [Lines(_("To know before comparing"), tuple(map(str, answer.notes)))]
    if answer.same:
        parts.append(Lines(_("Duties"), (_("No duty is in other hands, and the same school convenes."),)))
    old, new = found.convener
    if old != new:
        line = _("{new} convenes instead of {old}.", new=_name(new, task, before), old=_name(old, before, task))
        parts.append(Lines(_("Convener"), (line,)))
    count = len(found.moves)
    head = _n("{n} duty in other hands", "{n} duties in other hands", count)
    parts.append(Lines(head, moves(task, before, found.moves)))
    parts.append(Lines(_("Ways of promotion"), tuple(_ways(answer))))
    parts.append(Lines(_("Aim by aim, from the first plan to the second"), aim_lines(found.tiers, task.distances.unit)))
    parts.append(Lines("", (_diff_verdict(answer),)))
    return tuple(part for part in parts if part.lines)


def _ways(answer: PlanDiff) -> Iterator[str]:
    task = answer.second.problem
    for code, old, new in answer.found.ways:
        names = (join_list(item_label(task.rules.rulebook, way) for way in ways) or "–" for ways in (old, new))
        before, after = names
        label = _name(code, task, answer.first.problem)
        yield _("{school}: {before} before, now {after}", school=label, before=before, after=after)


def _diff_verdict(answer: PlanDiff) -> str:
    first = answer.found.decides
    if first is None:
        return _("The two plans are worth the same in every aim.")
    aim = _(TIER_NAMES[first.tier])
    if first.verdict == "better":
        return _("The second plan is the better one: the first aim that differs is “{aim}”.", aim=aim)
    if first.verdict == "worse":
        return _("The first plan is the better one: the first aim that differs is “{aim}”.", aim=aim)
    return _("Which plan is better cannot be said: “{aim}” is measured otherwise in each.", aim=aim)


# ----------------------------------------------------------------------------------------------------------- a repair


def repair_head(answer: Repaired) -> Lines | None:
    """How many duties change hands, and which; what cannot hold any more; None where nothing was found."""
    found = answer.found
    if found is None or found.result is None or found.fewest is None:
        return None
    task, before = found.plan.problem, answer.before.problem
    number, bound = found.fewest.value, found.fewest.bound
    count = int(number) if isinstance(number, Fraction) else 0
    head = _n("{n} duty changes hands", "{n} duties change hands", count)
    proven = found.fewest.status == "optimal"
    if proven:
        told = _("No lawful plan changes fewer (proven).")
        if task.wishes.convener is None:  # others were not asked how few they would need
            told = _("No lawful plan with the same convener changes fewer (proven).")
        lines = [told if count else _("Nothing has to change.")]
    else:
        least = amount(bound) if isinstance(bound, Fraction) else "0"
        lines = [_("Stopped early: fewer may do, but not fewer than {least}.", least=least)]
    lines += _fallen_away(answer)
    old, new = found.convener
    if old != new:
        lines.append(_("{new} convenes instead of {old}.", new=_name(new, task), old=_name(old, before, task)))
    for told, move in zip(moves(task, before, [m.hand_over for m in found.moves]), found.moves, strict=True):
        if move.forced:
            lines.append(_("{move} (no lawful plan leaves it as it was)", move=told))
        elif move.forced is None:
            lines.append(_("{move} (whether it has to is not known: stopped early)", move=told))
        else:
            lines.append(_("{move} (it could stay, if others moved)", move=told))
    return Lines(head, tuple(lines))


def _fallen_away(answer: Repaired) -> Iterator[str]:
    assert answer.found is not None
    away, before = answer.found.fallen_away, answer.before.problem
    task = answer.found.plan.problem
    book = task.rules.rulebook

    def pair(entry: tuple[str, str]) -> dict[str, Any]:
        return {"item": item_label(book, entry[0]), "school": _name(entry[1], before, task)}

    if away.convener is not None:
        yield _("No longer holds: {school} as convener.", school=_name(away.convener, before, task))
    for pin in away.pins:
        yield _("No longer holds: the wish that {school} hosts {item}.", **pair(pin))
    for ban in away.bans:
        yield _("No longer needed: the wish that {school} does not host {item}.", **pair(ban))
    for code in away.ways:
        yield _("No longer holds: the ways of promotion of {school}.", school=_name(code, before, task))


def free_plan(answer: Repaired) -> Lines | None:
    """What the best plan of all would change, and what keeping so much costs; None where it was not asked for."""
    found = answer.found
    if found is None or found.free is None:
        return None
    task = found.plan.problem
    count = len(found.free_moves)
    lines = [
        _n(
            "The best plan whatever it changes would put {n} duty in other hands.",
            "The best plan whatever it changes would put {n} duties in other hands.",
            count,
        )
    ]
    if not found.free.proven:
        lines.append(_("It is not proven: stopped early."))
    changed = [change for change in found.tiers if change.verdict != "same"]
    if changed:
        lines.append(_("Compared with it, this plan is:"))
        lines += aim_lines(changed, task.distances.unit)
    elif found.free.proven:
        lines.append(_("It would be worth the same in every aim: keeping so much costs nothing."))
    return Lines(_("Beside it: the best plan, changes not counted"), tuple(lines))


# ---------------------------------------------------------------------------------------------------- the next year


def rotation(answer: YearOn) -> Lines | None:
    """Which schools host a heavy item twice running; None where rotation was not asked for."""
    found = answer.found
    if found is None:
        return None
    task = answer.scenario.problem()
    if not found.repeats:
        line = _("No school hosts a heavy item a second year running.")
        return Lines(_("Rotation"), (line,))
    lines = []
    for repeat in found.repeats:
        pair = {"school": school_label(task, repeat.code), "item": item_label(task.rules.rulebook, repeat.unit)}
        if repeat.nobody_else:
            lines.append(_("{school} hosts {item} again: nobody else lawfully can.", **pair))
        elif repeat.nobody_else is None:
            lines.append(
                _("{school} hosts {item} again; whether anybody else can is not known: stopped early.", **pair)
            )
        else:
            lines.append(
                _(
                    "{school} hosts {item} again: others could, but an aim before rotation would be worse, or as many "
                    "would host again elsewhere.",
                    **pair,
                )
            )
    return Lines(_("Rotation"), tuple(lines))


# ------------------------------------------------------------------------------------------------------------ fairness


def fairest(answer: FairShares) -> Lines:
    """The loads beside the fairest ones."""
    found = answer.found
    lines = [_("This plan: {loads}", loads=ratio_list(found.levels))]
    aims = _aims_before_loads(answer)
    least, loads = found.least_same_work, ratio_list(found.least_same_work.levels)
    if not least.proven:
        lines.append(
            _(
                "Of plans as good in the aims before the loads ({aims}), the fairest known: {loads} (not proven)",
                loads=loads,
                aims=aims,
            )
        )
    elif least.levels == found.levels:
        lines.append(
            _("No lawful plan as good in the aims before the loads ({aims}) has fairer loads (proven).", aims=aims)
        )
    else:
        lines.append(
            _(
                "With the aims before the loads ({aims}) as good as can be, the loads could be: {loads}",
                loads=loads,
                aims=aims,
            )
        )
    least, loads = found.least, ratio_list(found.least.levels)
    if not least.proven:
        lines.append(_("If nothing but the loads counted, the fairest known: {loads} (not proven)", loads=loads))
    elif least.levels == found.levels:
        lines.append(_("No lawful plan at all has fairer loads (proven)."))
    else:
        lines.append(_("If nothing but the loads counted, they could be: {loads}", loads=loads))
    return Lines(_("Loads by capacity, the heaviest first"), tuple(lines))


def _aims_before_loads(answer: FairShares) -> str:
    from models.tiers import full_order

    order = list(full_order(answer.standing.plan))
    return join_list(_(TIER_NAMES[name]) for name in order[: order.index("load")]) or "–"


def forced(answer: FairShares) -> Lines | None:
    """Which rules force a share on whom; None where none does."""
    task = answer.standing.problem
    clauses = {clause.id: clause for clause in task.rules.rulebook.clauses}
    lines = []
    for share in answer.found.shares:
        school, floor = school_label(task, share.code), share.carried_over + share.base
        if share.least_lawful is None:
            lines.append(_("{school}: what it must carry is not known, stopped early.", school=school))
        elif share.least_lawful > floor:
            least = amount(share.least_lawful)
            lines.append(
                _("Points that {school} carries in every lawful plan: at least {points}.", school=school, points=least)
            )
            for clause, points in share.forced_by.items():
                entry = clauses[clause]
                told = _(
                    "Without the rule “{clause}” it could be {points} less: {source}",
                    clause=text(entry.title),
                    points=amount(points),
                    source=source(entry),
                )
                lines.append("　" + told)
            if not share.forced_by:
                lines.append("　" + _("No single rule does it: without any one of them the others still do."))
    return Lines(_("Shares that rules force"), tuple(lines)) if lines else None


@dataclass(frozen=True)
class Wish:
    """A school that could lawfully have another's share and carry less: the two, what each would carry, and why not."""

    school: str
    other: str
    after: str
    after_other: str
    why_not: str


def envies(answer: FairShares) -> tuple[Wish, ...]:
    """Who would lawfully rather have another's share, and why the plan does not do it."""
    task = answer.standing.problem
    unit, found = task.distances.unit, []
    for envy in answer.found.envies:
        why = _("nothing: no aim changes") if envy.first is None else aim_lines([envy.first], unit)[0]
        sides = (
            _("{school} ({ratio})", school=school_label(task, code), ratio=str(ratio))
            for code, ratio in ((envy.code, envy.ratio), (envy.other, envy.ratio_other))
        )
        school, other = sides
        found.append(Wish(school, other, str(envy.after), str(envy.after_other), why))
    return tuple(found)


def envy_note(answer: FairShares) -> str:
    """What is to be said where nobody would rather have another's share, or not all was looked at."""
    if not answer.found.all_asked:
        return _("Stopped early: not all pairs of schools were looked at.")
    if not answer.found.envies:
        return _("No school could lawfully have another's share and carry less.")
    return ""


def fair_verdict(answer: FairShares) -> statements.Statement:
    """Whether the plan is fair, in one sentence."""
    found = answer.found
    if not answer.proven:
        return statements.Statement(_("Stopped early: not every question is answered."), "warning")
    if found.least.levels == found.levels:
        return statements.Statement(_("Proven: no lawful plan shares the load more fairly."), "good")
    if found.least_same_work.levels == found.levels:
        said = _("Proven: no lawful plan that is as good in the aims before the loads shares them more fairly.")
        return statements.Statement(said, "good")
    if found.levels < found.least_same_work.levels:
        # It gives way in an aim before the loads.
        said = _("Proven: no plan that is best in the aims before the loads shares the load as fairly as this one.")
        return statements.Statement(said, "good")
    return statements.Statement(
        _("Proven: a lawful plan that is as good in the aims before the loads could share them more fairly."), "warning"
    )
