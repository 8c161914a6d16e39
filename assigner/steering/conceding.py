"""What a way out gives up, in words: the thing itself, and the entry of the scenario that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from assigner.messages import _, _n, quote
from assigner.words import amount, item_label, school_label, text
from models.community import CONVENER_KEY

if TYPE_CHECKING:
    from models.community import Problem
    from models.concessions import Concession
    from models.explain import Explanation, WayOut

__all__ = ["concession_entry", "concession_text", "explanation_claims", "gives_up_claims"]


def concession_text(problem: Problem, gone: Concession) -> str:
    """What is given up, as a sentence.

    Parameters
    ----------
    problem : Problem
        As it was asked.
    gone : Concession
    """
    book = problem.rules.rulebook
    item = item_label(book, gone.key)
    school = school_label(problem, gone.school)
    match gone.kind:
        case "pin":
            return _("{school} need not host {item}, as the planner fixed it.", school=school, item=item)
        case "ban":
            return _("{school} may host {item}, which the planner excluded.", school=school, item=item)
        case "cannot":
            return _asked_again(problem, gone)
        case "host_number":
            return _n(
                "{item} has {n} host instead of {before}.",
                "{item} has {n} hosts instead of {before}.",
                gone.number or 0,
                item=item,
                before="–" if gone.instead_of is None else gone.instead_of,
            )
        case "exploration_number":
            stated = problem.wishes.exploration_numbers.get(gone.key)
            return _("{item} need not have {stated} hosts, as the scenario states.", item=item, stated=stated)
        case "convener":
            before = school_label(problem, gone.key)
            return _("{school} convenes instead of {before}, whom the scenario names.", school=school, before=before)
        case "load_limit":
            entry = problem.community.school_by_code[gone.school].capacity_points
            if entry is None:
                return _("{school} may carry more than its hard limit.", school=school)
            return _(
                "{school} may carry more than its hard limit of {points} points.", school=school, points=amount(entry)
            )
        case _:
            title = next((text(r.title) for r in book.relaxations if r.id == gone.key), "")
            return _("A rule is relaxed: {id} {title}.", id=gone.key, title=title)


def _asked_again(problem: Problem, gone: Concession) -> str:
    school = school_label(problem, gone.school)
    if gone.key == CONVENER_KEY:
        told = _("{school} is asked again to convene, though it said that it cannot.", school=school)
    else:
        item = item_label(problem.rules.rulebook, gone.key)
        told = _("{school} is asked again to host {item}, though it said that it cannot.", school=school, item=item)
    units, said = problem.rules.units, problem.community.school_by_code[gone.school].reasons
    keys = (gone.key, *(units[gone.key].items if gone.key in units else ()))
    reason = next((said[key] for key in keys if said.get(key)), "")
    return told + (_(" It says: {reason}", reason=quote(reason)) if reason else "")


def concession_entry(problem: Problem, gone: Concession) -> str:
    """What to write into the scenario, or to take out of it."""
    match gone.kind:
        case "pin" | "ban":
            key = "pins" if gone.kind == "pin" else "bans"
            return _("under “{key}” leave out {entry}", key=key, entry=f'"{gone.key}": {gone.school}')
        case "cannot":
            entry = f'willingness: {{"{gone.key}": unwilling}}'
            if gone.key == CONVENER_KEY:
                entry = "willingness: {convener: unwilling}"
            return _("at school {code} write {entry}", code=gone.school, entry=entry)
        case "host_number":
            return _("write {entry}", entry=f'host_numbers: {{"{gone.key}": {gone.number}}}')
        case "exploration_number":
            return _("under “{key}” leave out {entry}", key="exploration: numbers", entry=f'"{gone.key}"')
        case "convener":
            return _("write {entry}", entry=f"convener: {gone.school}")
        case "load_limit":
            return _("at school {code} write {entry}", code=gone.school, entry="load_limit: soft")
        case _:
            return _("write {entry}", entry=f"relaxations: [{gone.key}]")


def explanation_claims(explanation: Explanation, collision: Any, tier: Any) -> dict[str, Any]:
    """An explanation as it stands in ``plan.json``.

    Parameters
    ----------
    explanation : Explanation
    collision, tier : callable
        How `assigner.answer` writes a collision of a problem, and a tier of a plan.
    """
    problem, found = explanation.plan.problem, explanation.ways_out
    return {
        "collisions": [collision(problem, one) for one in explanation.collisions],
        "ways_out": {
            "complete": found.complete,
            "cheapest_complete": found.cheapest_complete,
            "stopped_by": found.stopped_by,
            "ways": [_way(problem, way, tier) for way in found.ways],
        },
    }


def _way(problem: Problem, way: WayOut, tier: Any) -> dict[str, Any]:
    return {
        "price": str(way.price),
        "gives_up": gives_up_claims(problem, way.gives_up),
        "convener": way.plan.convener,
        "proven": None if way.result is None else way.result.proven,
        "audited": None if way.audit is None else way.audit.ok and not way.disagreements,
        "tiers": [tier(way.plan, entry) for entry in way.tiers],
    }


def gives_up_claims(problem: Problem, gives_up: Iterable[Concession]) -> list[dict[str, Any]]:
    """What a way out gives up, as it stands in documents."""
    return [
        {
            "kind": gone.kind,
            "key": gone.key,
            "school": gone.school,
            "number": gone.number,
            "price": str(gone.price),
            "title": concession_text(problem, gone),
            "entry": concession_entry(problem, gone),
        }
        for gone in gives_up
    ]
