"""What is to be known of a change in one community: codes with their values, sentences are made elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assigner.boundary.pieces import cut_off
from assigner.boundary.sizes import least_participants, may_split, most_exploration_hosts
from assigner.boundary.values import Finding, Kept, Outline, State

if TYPE_CHECKING:
    from assigner.planner import Result
    from models.community import Problem
    from models.conflicts import Collision

__all__ = ["findings_of"]


def findings_of(
    community: str, before: State | None, after: State | None, kept: Kept | None, left_out: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Everything to be known of a community, the order of `assigner.boundary.values.FINDINGS`.

    Parameters
    ----------
    community : str
        Id.
    before, after : State or None
    kept : Kept or None
        Its violations are told as long as there is no new plan.
    left_out : sequence of str
        Codes of its schools that belong to no community any more.
    """
    found = [Finding("left_out", community, {"schools": tuple(left_out)})] if left_out else []
    if after is None:
        return tuple(found)
    found += [Finding(code, community, values) for code, values in _found(before, after, kept)]
    known = () if before is None else before.dropped
    return (*found, *(finding for finding in after.dropped if finding not in known))


_Found = Iterator[tuple[str, dict[str, object]]]


def _found(before: State | None, after: State, kept: Kept | None) -> _Found:
    if after.scenario is None:
        yield "no_school", {"members": after.outline.members}
    yield from _plan(after, kept)
    yield from _pieces(None if before is None else before.outline, after)
    yield from _relaxations(before, after)
    if after.scenario is not None:
        now = after.scenario.problem()
        was = None if before is None or before.scenario is None else before.scenario.problem()
        yield from _size(was, now)
        if was is not None:
            yield from _categories(was, now)
    yield from _convener(before, after, kept)
    if len(after.outline.counties) > 1 and (before is None or before.outline.counties != after.outline.counties):
        yield (
            "several_counties",
            {"before": () if before is None else before.outline.counties, "after": after.outline.counties},
        )
    if any(state is not None and _unproven(state.result) for state in (before, after)):
        yield "stopped", {"before": before is not None and _unproven(before.result), "after": _unproven(after.result)}


def _unproven(result: Result | None) -> bool:
    return result is not None and result.status in ("feasible", "stopped")


def _plan(after: State, kept: Kept | None) -> _Found:
    if after.result is not None and after.result.status == "infeasible":
        yield (
            "no_plan",
            {"clauses": _clauses(after.result.collision), "would_help": tuple(r.id for r in after.result.would_help)},
        )
    if after.result is None and kept is not None:
        for violation in kept.violations:
            yield (
                "clause_broken",
                {
                    "clause": violation.clause,
                    "items": violation.items,
                    "schools": violation.schools,
                    "violation": violation,
                },
            )


def _clauses(collision: Collision | None) -> tuple[str, ...]:
    return () if collision is None else collision.clauses


def _pieces(before: Outline | None, state: State) -> _Found:
    after = state.outline
    most = 1 if before is None else max(1, len(before.pieces))
    parts = after.pieces[1:] if before is None else cut_off(before, after, _schools(state))
    count = {"before": most, "after": len(after.pieces)}
    if len(after.pieces) > most:
        yield "more_pieces", {"parts": parts, **count}
    elif parts:
        yield "cut_off", {"parts": parts, **count}


def _schools(state: State) -> Counter[str]:
    """TOWNCODE -> members in it."""
    places = {} if state.scenario is None else state.scenario.places
    return Counter(places[code].towncode for code in state.outline.members if code in places)


def _relaxations(before: State | None, after: State) -> _Found:
    known = set(_in_force(before))
    for relaxation in _in_force(after):
        if relaxation not in known:
            yield "needs_relaxation", {"relaxation": relaxation}


def _in_force(state: State | None) -> tuple[str, ...]:
    if state is None or state.result is None or state.result.assignment is None:
        return ()
    return tuple(entry.relaxation.id for entry in state.result.relaxations)


def _size(was: Problem | None, now: Problem) -> _Found:
    if was is not None:
        if may_split(now) != may_split(was):
            yield (
                "split_allowed" if may_split(now) else "split_lost",
                {
                    "before": len(was.participants),
                    "after": len(now.participants),
                },
            )
        bands = most_exploration_hosts(was), most_exploration_hosts(now)
        if bands[0] != bands[1]:
            yield "band_changed", {"before": bands[0], "after": bands[1]}
    elif may_split(now):
        yield "split_allowed", {"before": 0, "after": len(now.participants)}
    n, least = len(now.participants), least_participants(now.rules, len(now.benchmarks))
    if least is None or n < least:
        yield "small", {"n": n, "least": least}


def _categories(was: Problem, now: Problem) -> _Found:
    """Course categories lost and gained, where the categories of all who could have them are known."""
    for code, fewer, more in (("category_lost", now, was), ("category_gained", was, now)):
        schools = fewer.community.school_by_code
        if any(schools[school].categories is None for school in fewer.participants):
            continue
        gone = _present(more) - _present(fewer)
        for category in now.rules.rulebook.categories.list_:
            if category.readable and category.id in gone:
                yield code, {"category": category.id}


def _present(problem: Problem) -> set[str]:
    schools = problem.community.school_by_code
    return {category for code in problem.participants for category in schools[code].categories or ()}


def _convener(before: State | None, after: State, kept: Kept | None) -> _Found:
    old = _convening(before)
    new = _convening(after)
    if not new and kept is not None and after.result is None:
        new = kept.plan.convener
    if old and new and old != new:
        yield "convener_changed", {"before": old, "after": new}


def _convening(state: State | None) -> str:
    if state is None or state.result is None or state.result.assignment is None:
        return ""
    return state.result.assignment.convener
