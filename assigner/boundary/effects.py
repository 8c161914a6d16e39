"""What flips do to every community they touch, against the base: at once without solving, or with proven new plans."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assigner.boundary.findings import findings_of
from assigner.boundary.nearest import duty_changes, nearest_changes
from assigner.boundary.values import CommunityEffects, Effects, State
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.solving import Plans
    from geodata.base_map import BaseMap, Flip
    from models.stopping import Progress, Stop

__all__ = ["effects", "effects_of", "preview"]


def preview(plans: Plans, after: BaseMap, flips: Iterable[Flip] = ()) -> Effects:
    """What can be said at once: members, pieces, what the plans that were are worth now. Nothing is solved.

    Parameters
    ----------
    plans : Plans
        What it knows is used: without the plans of the base there is nothing to be kept.
    after : BaseMap
        The map of the base after the flips.
    flips : iterable of Flip
        Those that lead to it, to be told with the effects.

    Returns
    -------
    Effects
        ``complete`` when all new plans are known already.
    """
    base_map = plans.base.map
    touched = base_map.touched(after)
    made = []
    for community in touched:
        before = _at_hand(plans, base_map, community) if community in base_map.names else None
        now = _at_hand(plans, after, community) if community in after.names else None
        made.append(_community(plans, after, community, before, now))
    complete = all(_has_plan(state) for entry in made for state in (entry.before, entry.after))
    return _effects(plans, after, tuple(flips), made, complete=complete)


def effects(
    plans: Plans,
    experiment: Experiment,
    *,
    stop: Stop | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Effects:
    """What an experiment does, each community it touches with its proven new plan.

    Parameters
    ----------
    plans : Plans
        Of the base of the experiment; what they know is not solved again.
    experiment : Experiment
    stop : Stop, optional
        To stop solving; the best plans so far are the answer.
    time_limit : float, optional
        Seconds for all of it.
    progress : Progress, optional
        Told about tiers and bounds.
    """
    return effects_of(plans, experiment.map, experiment.flips, stop=stop, time_limit=time_limit, progress=progress)


def effects_of(
    plans: Plans,
    after: BaseMap,
    flips: Iterable[Flip] = (),
    *,
    stop: Stop | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Effects:
    """As `effects`, of a map that flips lead to (parameters as `preview` and `effects`)."""
    base_map = plans.base.map
    touched = base_map.touched(after)
    ends = None if time_limit is None else time.monotonic() + time_limit
    jobs = [(base_map, community) for community in touched if community in base_map.names]
    jobs += [(after, community) for community in touched if community in after.names]
    found: dict[tuple[bool, str], State] = {}
    for position, (own, community) in enumerate(jobs):
        # What is left of the time is shared evenly among those that are still to be solved.
        left = None if ends is None else max(0.001, (ends - time.monotonic()) / (len(jobs) - position))
        found[own is after, community] = plans.state(own, community, stop=stop, seconds=left, progress=progress)
    made = [
        _community(plans, after, community, found.get((False, community)), found.get((True, community)))
        for community in touched
    ]
    return _effects(plans, after, tuple(flips), made, complete=True)


def _at_hand(plans: Plans, base_map: BaseMap, community: str) -> State:
    known = plans.known(base_map, community)
    if known is not None:
        return known
    scenario, dropped = plans.scenario(base_map, community)
    return State(plans.outline(base_map, community), scenario, None, dropped)


def _has_plan(state: State | None) -> bool:
    return state is None or state.scenario is None or state.result is not None


def _community(
    plans: Plans, after_map: BaseMap, community: str, before: State | None, after: State | None
) -> CommunityEffects:
    kept = None if after is None else plans.kept(before, after.scenario)
    name = (after or before or _nobody()).outline.name
    members = () if before is None else before.outline.members
    left_out = [code for code in members if after_map.member[code] == NOWHERE]
    found = findings_of(community, before, after, kept, left_out)
    return CommunityEffects(community, name, before, after, kept, found)


def _nobody() -> State:
    raise AssertionError("a community is in one of the two maps")


def _effects(
    plans: Plans, after: BaseMap, flips: tuple[Flip, ...], made: Sequence[CommunityEffects], *, complete: bool
) -> Effects:
    return Effects(
        plans.base,
        flips,
        after,
        tuple(made),
        duty_changes(made) if complete else (),
        nearest_changes(made) if complete else (),
        complete,
    )
