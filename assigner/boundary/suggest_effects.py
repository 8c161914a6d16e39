"""A suggestion as the effects of an experiment: what pages, tables and sentences about experiments are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.boundary.findings import findings_of
from assigner.boundary.nearest import duty_changes, nearest_changes
from assigner.boundary.values import CommunityEffects, Effects

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestion, Suggestions

__all__ = ["effects_of_suggestion", "standing_effects"]


def effects_of_suggestion(answer: Suggestions, entry: Suggestion) -> Effects:
    """What a change does to every community that it touches, from the map that the moves start from."""
    names = answer.map.names
    made = []
    for community in entry.communities:
        before, after = answer.states.get(community), entry.states.get(community)
        findings = findings_of(community, before, after, None) if entry.solved else ()
        made.append(CommunityEffects(community, names[community], before, after, None, findings))
    return Effects(
        answer.standing,
        entry.flips,
        answer.map_after(entry),
        tuple(made),
        duty_changes(made) if entry.solved else (),
        nearest_changes(made) if entry.solved else (),
        complete=entry.solved,
    )


def standing_effects(answer: Suggestions) -> Effects:
    """No change at all: every community that some change touches, as it is."""
    made = [
        CommunityEffects(community, answer.map.names[community], state, state)
        for community, state in answer.states.items()
    ]
    return Effects(answer.base, (), answer.map, tuple(made))
