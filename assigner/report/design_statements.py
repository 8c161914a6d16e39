"""What a design says in sentences, in the current language; rows are in `design_tables`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assigner.boundary.naming import town_name
from assigner.messages import _, _n, join_list, number, percent
from assigner.report.cells import one_line
from assigner.report.statements import STOPPED_BY, Statement

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap
    from models.regions import Reason

__all__ = ["heading", "made_up", "reason_sentence", "sums", "title", "verdict", "why_not"]

_MOST_NAMED = 12


def title(answer: DesignedMap) -> str:
    """Of page, picture and workbook."""
    base = answer.question.base
    return _("{name}: communities designed anew", name=one_line(base.name) or base.id)


def heading(answer: DesignedMap) -> tuple[str, ...]:
    """What was asked for."""
    graph = answer.question.graph
    schools = sum(data["schools"] for data in graph.nodes.values())
    lines = [
        _(
            "{communities} communities of {least} to {most} schools",
            communities=answer.asked,
            least=answer.least,
            most=answer.most,
        ),
        _("{townships} townships, {schools} schools that take part.", townships=len(graph), schools=schools),
    ]
    if answer.travel_tolerance is not None:
        tolerance = answer.travel_tolerance
        share = percent(float(tolerance), 0 if (tolerance * 100).denominator == 1 else 2)
        lines.append(
            _("First the least travel, then the fewest changed schools with at most {share} more travel.", share=share)
        )
    return tuple(lines)


def made_up(answer: DesignedMap) -> str:
    """That nobody decided this."""
    if answer.question.base.synthetic:
        return _("Made up: no such communities and no such schools exist. The townships are real.")
    return _("The schools are real. The communities are made up: nobody decided them.")


def verdict(answer: DesignedMap) -> Statement:
    """The answer in one sentence."""
    found = answer.found
    reason = None if found.stopped_by is None else _(STOPPED_BY[found.stopped_by])
    if found.steps is not None:
        return _verdict_of_steps(answer, reason)
    if found.status == "optimal":
        return Statement(_("Proven: no other communities within these limits are better."), "good")
    if found.status == "feasible":
        gap = percent(found.gap or 0.0, 2)
        if reason is None:
            return Statement(_("Lawful, but not proven best: at most {gap} could be gained.", gap=gap), "warning")
        return Statement(
            _(
                "Lawful, but not proven best: at most {gap} could be gained; stopped early ({reason}).",
                gap=gap,
                reason=reason,
            ),
            "warning",
        )
    if found.status == "infeasible":
        return Statement(_("There are no such communities: that is proven."), "bad")
    if reason is None:
        return Statement(_("No such communities were found; there may be some."), "bad")
    return Statement(_("No such communities were found before it stopped ({reason}).", reason=reason), "bad")


def _verdict_of_steps(answer: DesignedMap, reason: str | None) -> Statement:
    found = answer.found
    assert found.steps is not None
    if found.status == "optimal":
        return Statement(
            _("Proven: within these limits no communities change fewer schools with so little travel."), "good"
        )
    values = {
        "gap": percent(found.gap or 0.0, 2),
        "changed": found.changed,
        "bound": found.steps.changed_bound,
    }
    if reason is None:
        return Statement(
            _(
                "Lawful, but not proven best: at most {gap} of the least travel could be gained; "
                "{changed} schools change, at least {bound} have to.",
                **values,
            ),
            "warning",
        )
    return Statement(
        _(
            "Lawful, but not proven best: at most {gap} of the least travel could be gained; "
            "{changed} schools change, at least {bound} have to; stopped early ({reason}).",
            **values,
            reason=reason,
        ),
        "warning",
    )


def sums(answer: DesignedMap) -> Iterator[str]:
    """What was minimised, and how far it is proven."""
    found = answer.found
    assert found.value is not None
    assert found.travel is not None
    travel = number(found.travel)
    if answer.question.unit == "minutes":
        yield _("Travel to the centres: {value} person-minutes a year.", value=travel)
    else:
        yield _("Travel to the centres: {value} person-km a year.", value=travel)
    if found.steps is not None:
        yield from _sums_of_steps(answer)
    else:
        yield from _sums_together(answer)
    if found.unable:
        yield _n(
            "{n} community that was met on the way had no lawful plan, and was left out.",
            "{n} communities that were met on the way had no lawful plan, and were left out.",
            found.unable,
        )


def _sums_together(answer: DesignedMap) -> Iterator[str]:
    found = answer.found
    assert found.value is not None
    if answer.question.old is not None:
        yield _n(
            "{n} school has its centre in another community than before, at {price} each.",
            "{n} schools have their centre in another community than before, at {price} each.",
            found.changed,
            price=number(float(answer.change_price)),
        )
    if found.bound is not None:
        yield _(
            "Together {value}; no communities cost less than {bound}. Gap {gap}.",
            value=number(found.value),
            bound=number(found.bound),
            gap=percent(found.gap or 0.0, 2),
        )


def _sums_of_steps(answer: DesignedMap) -> Iterator[str]:
    found, steps = answer.found, answer.found.steps
    assert steps is not None
    yield _(
        "The least travel that was found: {value}; no communities travel less than {bound}. Gap {gap}. "
        "Allowed: {most}.",
        value=number(steps.travel),
        bound=number(steps.travel_bound),
        gap=percent(found.gap or 0.0, 2),
        most=number(steps.allowed),
    )
    yield _n(
        "{n} school has its centre in another community than before; with so much travel at least {bound} have to.",
        "{n} schools have their centre in another community than before; with so much travel at least {bound} have to.",
        found.changed,
        bound=steps.changed_bound,
    )


def why_not(answer: DesignedMap) -> Iterator[str]:
    """Why there are no such communities."""
    reason = answer.found.reason
    if reason is None:
        return
    if sentence := reason_sentence(answer, reason):
        yield sentence
    if answer.found.unable:
        yield _n(
            "{n} community of a lawful size that was tried has no lawful plan.",
            "{n} communities of a lawful size that were tried have no lawful plan.",
            answer.found.unable,
        )


def reason_sentence(answer: DesignedMap, reason: Reason) -> str:
    """What excludes every design."""
    values = reason.values
    if reason.code == "total_too_small":
        return _("{total} schools are too few: {needed} are needed.", total=values["total"], needed=values["needed"])
    if reason.code == "total_too_large":
        return _(
            "{total} schools are too many: there is room for {allowed}.",
            total=values["total"],
            allowed=values["allowed"],
        )
    if reason.code == "too_heavy":
        return _(
            "These townships have more than {most} schools each: {townships}.",
            most=answer.most,
            townships=_towns(answer, reason.nodes),
        )
    if reason.code == "centres":
        return _("Only {n} townships have a school that could be the centre.", n=values["centres"])
    if reason.code == "pieces":
        return _(
            "The townships are in {n} parts without a way between them, and not every part can be divided into "
            "communities of this size. Such parts hold {townships}. A declared link joins two.",
            n=values["pieces"],
            townships=_towns(answer, reason.nodes),
        )
    return _("No division into connected communities of this size gives each a lawful plan.")


def _towns(answer: DesignedMap, nodes: Iterable[object]) -> str:
    names = [town_name(answer.question.base, str(node)) for node in nodes]
    shown = join_list(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else _("{names} and {n} more", names=shown, n=len(names) - _MOST_NAMED)
