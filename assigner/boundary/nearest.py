"""Duties that change hands, and junior highs whose nearest host is another one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assigner.boundary.values import CommunityEffects, DutyChange, NearestChange, State
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from models.community import Assignment

__all__ = ["CONVENER", "duties_of", "duty_changes", "nearest_changes", "nearest_of"]

CONVENER = "convener"
"""In place of an item: convening."""


def duties_of(assignment: Assignment) -> Iterable[tuple[str, str]]:
    """Every duty of a plan: (item, or way of promotion, or `CONVENER`; school)."""
    if assignment.convener:
        yield CONVENER, assignment.convener
    for item, codes in assignment.hosts.items():
        for code in codes:
            yield item, code
    for code, ways in assignment.ways.items():
        for way in ways:
            yield way, code


def duty_changes(communities: Iterable[CommunityEffects]) -> tuple[DutyChange, ...]:
    """Duties that a school has in one plan and not in the other, of all these communities together.

    In the order of the schools' codes, then that of the rulebook.
    """
    before: dict[tuple[str, str], str] = {}
    after: dict[tuple[str, str], str] = {}
    order: dict[str, int] = {CONVENER: 0}
    for community in communities:
        for found, state in ((before, community.before), (after, community.after)):
            result = None if state is None else state.result
            if result is None or result.assignment is None:
                continue
            book = result.problem.rules.rulebook
            for name in (*(item.id for item in book.items), *(way.id for way in book.ways)):
                order.setdefault(name, len(order))
            for item, code in duties_of(result.assignment):
                found[code, item] = community.id
    keys = sorted(before.keys() | after.keys(), key=lambda key: (key[0], order.get(key[1], len(order)), key[1]))
    return tuple(
        DutyChange(item, code, before.get((code, item), NOWHERE), after.get((code, item), NOWHERE))
        for code, item in keys
        if before.get((code, item)) != after.get((code, item))
    )


def nearest_of(state: State | None) -> dict[tuple[str, str], tuple[str, float]]:
    """(Unit, demand point) -> nearest host and its distance, under the plan of a community."""
    from assigner.report.tables import nearest_hosts

    if state is None or state.result is None or state.result.assignment is None:
        return {}
    return {(n.unit, n.point): (n.host, float(n.distance)) for n in nearest_hosts(state.result)}


def nearest_changes(communities: Iterable[CommunityEffects]) -> tuple[NearestChange, ...]:
    """Junior highs whose nearest host of a unit is another one, or farther or nearer than it was."""
    found: list[NearestChange] = []
    for community in communities:
        before, after = nearest_of(community.before), nearest_of(community.after)
        found += [
            NearestChange(point, unit, community.id, before.get((unit, point)), after.get((unit, point)))
            for unit, point in dict.fromkeys((*before, *after))
            if before.get((unit, point)) != after.get((unit, point))
        ]
    return tuple(found)
