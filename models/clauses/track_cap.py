"""Most hosts of exploration by the size of the plan [柒、四（四）].

``sum over s of x[t, s] <= most_per_track`` for every track t and ``sum over t and s <= most_hosts``, both from the band
of n; under the switch ``exactly_cap`` each track has exactly the most per track. A plan that shares the caps with the
other plan of a split community keeps them as most; what both have together is judged in `models.split.joint_clauses`.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import TrackCapClause


def require(clause: TrackCapClause, plan: Plan, duties: DutyModel) -> None:
    """Bound each track and all together."""
    band = clause.band_for(plan.counted)
    tracks = [[duties.host(item, code) for code in plan.candidates] for item in clause.items]
    for item, literals in zip(clause.items, tracks, strict=True):
        least = band.most_per_track if exact(clause, plan) else None
        duties.limit(clause.id, item, literals, least, band.most_per_track)
    if band.most_hosts < band.most_per_track * len(clause.items):
        duties.limit(clause.id, "total", [x for literals in tracks for x in literals], None, band.most_hosts)


def violations(clause: TrackCapClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """Tracks, or all tracks together, above the cap (or off it, where it is exact)."""
    band = clause.band_for(plan.counted)
    total = 0
    for item in clause.items:
        hosts = assignment.hosts_of(item)
        total += len(hosts)
        details = {"count": len(hosts), "most": band.most_per_track, "n": plan.counted}
        if len(hosts) > band.most_per_track:
            yield Violation(clause.id, "track_cap.track", items=(item,), schools=hosts, details=details)
        elif exact(clause, plan) and len(hosts) < band.most_per_track:
            yield Violation(clause.id, "track_cap.below", items=(item,), schools=hosts, details=details)
    if band.most_hosts < total <= band.most_per_track * len(clause.items):
        details = {"count": total, "most": band.most_hosts, "n": plan.counted}
        yield Violation(clause.id, "track_cap.total", items=clause.items, details=details)


def exact(clause: TrackCapClause, plan: Plan) -> bool:
    """Whether this plan alone must reach the cap."""
    return clause.exact and not plan.problem.shares_caps
