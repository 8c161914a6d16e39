"""What both plans of a split community keep together, judged without a solver.

- `exploration_basis`: ``community``: the size bands go by the participants of the whole community, for each plan and
  for both together (exactly the cap, where the cap is exact); ``both``: each plan keeps the caps of its own size, and
  both together those of the top band.
- ``scope_<item> = once``: exactly one plan hosts the item. Items that must have the same host stay in one plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.clauses._door import Violation
from models.community import Assignment, Problem
from models.rulebook import TrackCapClause

__all__ = ["JointCap", "joint_caps", "joint_violations", "left_out"]


@dataclass(frozen=True)
class JointCap:
    """Most hosts of the tracks in both plans together.

    Parameters
    ----------
    clause : TrackCapClause
    most_per_track, most_hosts : int
    exact : bool
        Each track has exactly the most per track.
    counted : int
        Schools that count for the band.
    """

    clause: TrackCapClause
    most_per_track: int
    most_hosts: int
    exact: bool
    counted: int


def joint_caps(problem: Problem) -> tuple[JointCap, ...]:
    """Caps that both plans of this community share; none where every plan has its own."""
    basis = problem.rules.option("exploration_basis")
    if basis == "plan":
        return ()
    counted = len(problem.participants)
    if problem.rules.option("participants_counted") == "partners":
        counted -= problem.rules.split.plans  # each has its own convener
    caps = []
    for clause in problem.rules.of_kind("track_cap"):
        band = clause.bands[-1] if basis == "both" else clause.band_for(counted)
        exact = clause.exact and basis == "community"
        caps.append(JointCap(clause, band.most_per_track, band.most_hosts, exact, counted))
    return tuple(caps)


def left_out(problem: Problem, assignments: Sequence[Assignment]) -> tuple[frozenset[str], frozenset[str]]:
    """Items hosted once that each plan leaves to the other; an item that nobody hosts stays with the first plan."""
    first, second = assignments
    out: tuple[set[str], set[str]] = (set(), set())
    for item in problem.rules.once_in_community:
        if first.hosts_of(item) and second.hosts_of(item):
            continue
        out[0 if second.hosts_of(item) else 1].add(item)
    return frozenset(out[0]), frozenset(out[1])


def joint_violations(problem: Problem, assignments: Sequence[Assignment]) -> Iterator[Violation]:
    """How two assignments break what they keep together."""
    for cap in joint_caps(problem):
        total = 0
        for item in cap.clause.items:
            hosts = tuple(code for assignment in assignments for code in assignment.hosts_of(item))
            total += len(hosts)
            details = {"count": len(hosts), "most": cap.most_per_track, "n": cap.counted}
            if len(hosts) > cap.most_per_track:
                yield Violation(cap.clause.id, "split.track", (item,), hosts, details)
            elif cap.exact and len(hosts) < cap.most_per_track:
                yield Violation(cap.clause.id, "split.track_below", (item,), hosts, details)
        if total > cap.most_hosts:
            details = {"count": total, "most": cap.most_hosts, "n": cap.counted}
            yield Violation(cap.clause.id, "split.tracks_total", cap.clause.items, details=details)
    once = problem.rules.once_in_community
    for item in once:
        hosts = tuple(code for assignment in assignments for code in assignment.hosts_of(item))
        if all(assignment.hosts_of(item) for assignment in assignments):
            yield Violation("scope_" + item.replace(".", "_"), "split.hosted_twice", (item,), hosts)
    for clause in problem.rules.of_kind("same_hosts"):
        tied = [item for item in clause.items if item in once]
        sides = {side for side in (0, 1) for item in tied if assignments[side].hosts_of(item)}
        if len(sides) > 1 and not any(all(a.hosts_of(item) for a in assignments) for item in tied):
            hosts = tuple(code for item in tied for a in assignments for code in a.hosts_of(item))
            yield Violation(clause.id, "split.same_hosts_apart", tuple(tied), hosts)
