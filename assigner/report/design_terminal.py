"""Communities designed anew, on a terminal: the communities, what they travel and change, how good that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType

from assigner.boundary.naming import community_name, school_words, town_name
from assigner.messages import _, _n, join_list, number, percent
from assigner.report.prose import Prose
from assigner.report.statements import STOPPED_BY, Statement
from assigner.report.terminal import TONES, print_parts, section, table_of

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap
    from models.regions import Reason

__all__ = ["design_line", "design_sentence", "show_design"]

_MOST_NAMED = 12


def show_design(answer: DesignedMap, console: Console) -> None:
    """Print an answer."""
    print_parts(_parts(answer), console)


def design_line(answer: DesignedMap) -> Prose:
    """The answer in one sentence, as it is printed."""
    said = design_sentence(answer)
    return Prose(said.text, style=TONES[said.tone])


def design_sentence(answer: DesignedMap) -> Statement:
    """The answer in one sentence."""
    found = answer.found
    if found.status == "optimal":
        return Statement(_("Proven: no other communities within these limits are better."), "good")
    if found.status == "feasible":
        gap = percent(found.gap or 0.0, 2)
        if found.stopped_by is None:
            return Statement(_("Lawful, but not proven best: at most {gap} could be gained.", gap=gap), "warning")
        reason = _(STOPPED_BY[found.stopped_by])
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
    if found.stopped_by is None:
        return Statement(_("No such communities were found; there may be some."), "bad")
    reason = _(STOPPED_BY[found.stopped_by])
    return Statement(_("No such communities were found before it stopped ({reason}).", reason=reason), "bad")


def _parts(answer: DesignedMap) -> Iterator[RenderableType]:
    yield _heading(answer)
    if answer.base is None:
        if lines := list(_why_not(answer)):
            yield section(_("Why there are none"), *map(Prose, lines))
        yield design_line(answer)
        return
    yield _communities(answer)
    yield section(_("What was minimised"), *map(Prose, _sums(answer)))
    if answer.base.synthetic:
        made_up = _("Made up: no such communities and no such schools exist. The townships are real.")
    else:
        made_up = _("The schools are real. The communities are made up: nobody decided them.")
    yield Prose(made_up, style="yellow")
    yield design_line(answer)


def _heading(answer: DesignedMap) -> RenderableType:
    graph = answer.question.graph
    schools = sum(data["schools"] for data in graph.nodes.values())
    first = _(
        "{communities} communities of {least} to {most} schools",
        communities=answer.asked,
        least=answer.least,
        most=answer.most,
    )
    second = _("{townships} townships, {schools} schools that take part.", townships=len(graph), schools=schools)
    return Group(Prose(first, style="bold"), Prose(second))


def _communities(answer: DesignedMap) -> RenderableType:
    question = answer.question
    with_change = question.old is not None
    heads = [_("Community"), _("Schools"), _("Townships"), _("Centre"), _travel_head(answer)]
    if with_change:
        heads += [_("Old community of the centre"), _("Schools from others")]
    right = (1, 2, 4, 6) if with_change else (1, 2, 4)
    table = table_of(*heads, right=right)
    old_names = {} if question.old is None else question.old.map.names
    for community in answer.communities:
        row = [
            f"{community.id} {community.name}",
            str(community.participants),
            str(len(community.townships)),
            school_words(question.base, community.convener),
            number(community.travel),
        ]
        if with_change:
            row += [str(community_name(old_names, community.old)), str(community.changed)]
        table.row(*row)
    return table


def _travel_head(answer: DesignedMap) -> str:
    return _("Person-minutes a year") if answer.question.unit == "minutes" else _("Person-km a year")


def _sums(answer: DesignedMap) -> Iterator[str]:
    found = answer.found
    assert found.value is not None
    assert found.travel is not None
    travel = number(found.travel)
    if answer.question.unit == "minutes":
        yield _("Travel to the centres: {value} person-minutes a year.", value=travel)
    else:
        yield _("Travel to the centres: {value} person-km a year.", value=travel)
    if answer.question.old is not None:
        changed = found.changed
        price = float(answer.change_price)
        yield _n(
            "{n} school has its centre in another community than before, at {price} each.",
            "{n} schools have their centre in another community than before, at {price} each.",
            changed,
            price=number(price),
        )
    if found.bound is not None:
        yield _(
            "Together {value}; no communities cost less than {bound}. Gap {gap}.",
            value=number(found.value),
            bound=number(found.bound),
            gap=percent(found.gap or 0.0, 2),
        )
    if found.unable:
        yield _n(
            "{n} community that was met on the way had no lawful plan, and was left out.",
            "{n} communities that were met on the way had no lawful plan, and were left out.",
            found.unable,
        )
    yield _("{seconds} s.", seconds=number(found.seconds, 1))


def _why_not(answer: DesignedMap) -> Iterator[str]:
    reason = answer.found.reason
    if reason is None:
        return
    if sentence := _reason(answer, reason):
        yield sentence
    if answer.found.unable:
        yield _n(
            "{n} community of a lawful size that was tried has no lawful plan.",
            "{n} communities of a lawful size that were tried have no lawful plan.",
            answer.found.unable,
        )


def _reason(answer: DesignedMap, reason: Reason) -> str:
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
