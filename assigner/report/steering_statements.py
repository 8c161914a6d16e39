"""Why no plan keeps all that was asked, in sentences: every collision, and what each way out gives up and gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.help_texts import program_name
from assigner.messages import _, _n, join_list
from assigner.report import statements
from assigner.report.whatif_statements import VERDICTS, difference
from assigner.steering.conceding import concession_entry, concession_text
from assigner.words import TIER_NAMES, amount, ratio_list, school_label, tier_value, violation_sentence
from models.conflicts import Collision

if TYPE_CHECKING:
    from assigner.planner import Result
    from models.community import Plan
    from models.explain import Explanation, WayOut
    from models.tiers import Tier
    from models.whatif import TierChange

__all__ = ["Lines", "Way", "Why", "aim_lines", "continued", "of_explanation", "tier_values", "why"]


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
    source = "" if result.scenario is None else result.scenario.source.file
    taken = frozenset(entry.relaxation.id for entry in result.relaxations if entry.because is not None)
    standing = taken if result.assignment is not None else frozenset()
    return of_explanation(explanation, known=known, source=source, standing=standing)


def of_explanation(
    explanation: Explanation,
    *,
    known: set[frozenset[tuple[str, str]]] | None = None,
    source: str = "",
    standing: frozenset[str] = frozenset(),
) -> Why:
    """What an explanation says.

    Parameters
    ----------
    explanation : Explanation
    known : set, optional
        Parts of collisions that are told already.
    source : str
        File of the scenario, for the command that takes a way out.
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
        "As the scenario asks, before any relaxation it does not state: {n} independent collisions; in each of them something "
        "has to give:",
        count,
    )
    ways = tuple(_way(explanation, number, way, standing) for number, way in enumerate(found.ways, 1))
    take = ""
    if ways and source:
        command = f"{program_name()} solve {source} --take 1 --out {_('plan')}"
        take = _("To take one, here the first: {command}", command=command)
    ways_head = _("Ways out, the cheapest first, each solved and audited (prices: our assumption, in the rulebook):")
    return Why(head if shown else "", shown, ways_head if ways else "", ways, _tail(explanation), take)


def _collisions(plan: Plan, collisions: Sequence[Collision]) -> Iterator[tuple[str, tuple[statements.Clash, ...]]]:
    """Collisions of the same rules are told together."""
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
    values = join_list(tier_values(way.tiers, problem.distances.unit))
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


def _tail(explanation: Explanation) -> str:
    found = explanation.ways_out
    if not found.ways:
        if found.stopped_by is not None:
            reason = _(statements.STOPPED_BY[found.stopped_by])
            return _("Ways out were looked for and not found before it was stopped ({reason}).", reason=reason)
        return _("There is no way out: no wish, no answer and no relaxation of the rulebook opens a lawful plan.")
    if found.complete:
        return _("There is no other way out.")
    if found.stopped_by is not None:
        reason = _(statements.STOPPED_BY[found.stopped_by])
        return _(
            "Stopped early ({reason}): there may be other ways out, and those not told are no cheaper.", reason=reason
        )
    if found.cheapest_complete:
        return _("There are others, and all of them cost more than the first.")
    return _("There are others, none cheaper than these.")


# -------------------------------------------------------------------------------------------------- from a plan before


def aim_lines(changes: Sequence[TierChange], unit: str) -> tuple[str, ...]:
    """Aim by aim, before and after."""
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
