"""What choices say in sentences: what was looked for, how complete it is, which plan is the chosen one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assigner.messages import _, _n, join_list, number, percent
from assigner.report import choices_tables as content
from assigner.report import statements
from assigner.report.statements import Statement
from assigner.words import TIER_NAMES, item_label, travel_unit
from models.tiers import full_order

if TYPE_CHECKING:
    from assigner.choosing.front import Front
    from assigner.choosing.optima import Optima
    from models.community import Plan
    from models.difference import HandOver

__all__ = [
    "about_chosen",
    "about_different",
    "about_front",
    "about_listed",
    "about_shared",
    "hand_over_lines",
    "optima_verdict",
    "verdict",
]


def verdict(answer: Front) -> Statement:
    """How complete the front is, in one sentence."""
    if answer.found is None:
        return statements.verdict(answer.ground.result)
    count = len(answer.points)
    if answer.status == "complete":
        return Statement(
            _n(
                "Proven: the front has this {n} point and no other.",
                "Proven: the front has these {n} points and no others.",
                count,
            ),
            "good",
        )
    if answer.status == "grid":
        return Statement(
            _n(
                "{n} point, proven to lie on the front. A grid was looked at: {left} levels of the largest load "
                "were not, and further points may lie there.",
                "{n} points, each proven to lie on the front. A grid was looked at: {left} levels of the largest load "
                "were not, and further points may lie there.",
                count,
                left=len(answer.found.not_examined),
            ),
            "good",
        )
    return Statement(
        _n(
            "Stopped early ({reason}): {n} point so far; there may be others, and this one is not proven.",
            "Stopped early ({reason}): {n} points so far; there may be others, and not all are proven.",
            count,
            reason=_reason(answer.stopped_by),
        ),
        "warning",
    )


def _reason(stopped_by: str | None) -> str:
    return _(statements.STOPPED_BY[stopped_by]) if stopped_by else _("not proven")


def about_front(answer: Front) -> tuple[str, ...]:
    """What a point is, and which aims are kept."""
    plan = answer.ground.plan
    names = full_order(plan)
    first = min(names.index("load"), names.index("travel"))
    lines = [
        _(
            "Each point is a whole plan, lawful and audited: the least travel with no school above its largest load, "
            "and then the loads spread as evenly as that allows."
        )
    ]
    if first:
        lines.append(
            _("As good as can be in all of them: {aims}.", aims=join_list(_(TIER_NAMES[n]) for n in names[:first]))
        )
    return tuple(lines)


def about_chosen(answer: Front) -> str:
    """Where the plan by the order of the aims lies; empty without one."""
    chosen, found = answer.chosen, answer.found
    if chosen is None or found is None:
        return ""
    if chosen.number is not None:
        return _("The chosen plan, by the order of the aims, is point {number}.", number=chosen.number)
    near = [point for point in answer.points if point.found.largest_load <= chosen.found.largest_load]
    if not near:
        return _("The chosen plan, by the order of the aims, is not on the front.")
    unit = travel_unit(answer.ground.plan.problem.distances.unit)
    more = chosen.found.travel - near[-1].found.travel
    return _(
        "The chosen plan, by the order of the aims, is not on the front: so that the schools below the heaviest "
        "carry less, it travels {more} {unit} more than point {number}.",
        more=number(float(more) / 10, 1),
        unit=unit,
        number=near[-1].number,
    )


def hand_over_lines(plan: Plan, found: Iterable[HandOver]) -> list[str]:
    """What is in other hands, a line each."""
    return [
        _("{item}: {before} → {after}", item=item, before=before, after=after)
        for item, before, after in content.moves(plan, found).rows
    ]


# ---------------------------------------------------------------------------------------------------- optimal plans


def optima_verdict(answer: Optima) -> Statement:
    """How many optimal plans there are, in one sentence."""
    found = answer.found
    if found is None or not found.proven:
        if answer.status == "no_plan":
            return statements.verdict(answer.ground.result)
        return Statement(
            _(
                "Stopped early ({reason}), before it was clear how many plans are best.",
                reason=_reason(answer.stopped_by),
            ),
            "warning",
        )
    if found.complete and found.count == 1:
        return Statement(
            _("Proven: the best plan is the only one. Every other lawful plan is worse in some aim."), "good"
        )
    if found.complete:
        return Statement(
            _(
                "Proven: exactly {count} plans are best in every aim. Only the school codes decide between them.",
                count=number(found.count),
            ),
            "good",
        )
    told = _(
        "At least {count} plans are best in every aim, not all counted. Only the school codes decide between them.",
        count=number(found.count),
    )
    return Statement(told, "warning" if answer.status == "stopped" else "good")


def about_shared(answer: Optima) -> tuple[str, ...]:
    """How much all optimal plans share."""
    found = answer.found
    if found is None or not found.proven:
        return ()
    book = answer.ground.plan.rules.rulebook
    lines = [
        _n(
            "{n} duty is the same in every optimal plan.",
            "{n} duties are the same in every optimal plan.",
            len(found.always),
        )
    ]
    if found.free_items:
        names = join_list(item_label(book, item) for item in found.free_items)
        lines.append(_("Free, without making any aim worse: {items}.", items=names))
    if found.undecided:
        lines.append(
            _n(
                "Of {n} duty a limit came before the answer.",
                "Of {n} duties a limit came before the answer.",
                len(found.undecided),
            )
        )
    lines.append(_("Plans that differ only in ways of promotion count as one."))
    return tuple(lines)


def about_listed(answer: Optima) -> str:
    """How many optimal plans are listed; empty when all are."""
    found = answer.found
    if found is None or (found.complete and found.count == len(found.plans)):
        return ""
    return _("Listed here: {listed}; --limit lists more.", listed=number(len(found.plans)))


def about_different(answer: Optima) -> str:
    """What the different plans are, and whether there are as many as asked for."""
    told = _(
        "Each is at most {share} worse than the chosen plan in any aim, and as far as possible from those before it; "
        "a duty that moves counts twice.",
        share=percent(float(answer.tolerance), 0 if (answer.tolerance * 100).denominator == 1 else 1),
    )
    short = answer.wanted + 1 - len(answer.different or ())
    if short <= 0:
        return told
    if answer.status == "stopped":
        return told + _(" Stopped before all were found.")
    return told + _(" There are no more.")
