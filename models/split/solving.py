"""Solve a split: allowed or not, the best division with its two plans, and the proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.community import Problem
from models.engine import Engine
from models.split.allowed import lawful_divisions, may_split
from models.split.joint_family import Family
from models.split.joint_table import search_table
from models.split.joint_windows import search_windows
from models.split.measures import split_order
from models.split.one_by_one import search
from models.split.problems import groups_of
from models.split.proposals import judge, propose
from models.split.values import Division, Proposal, SplitResult, SplitStatus, SplitWishes, Territory
from models.tiers import Tier, agrees

__all__ = ["Forbidden", "Method", "allowed_by", "distance", "solve_split"]

Method = Literal["auto", "table", "windows", "one_by_one"]

#: So many divisions are listed to be solved one by one.
MOST_LISTED = 20_000

#: So many fit into one table; of more, windows are looked at.
MOST_IN_TABLE = 600_000


@dataclass(frozen=True)
class Forbidden:
    """A grouping that the answer must stay away from.

    Parameters
    ----------
    group : frozenset of str
        Participants of one of its plans (either).
    least_moved : int
        Fewest participants that must lie on another side than in it, the better of both ways round.
    """

    group: frozenset[str]
    least_moved: int = 1


def distance(one: frozenset[str], other: frozenset[str], participants: int) -> int:
    """Participants on another side, between two groupings given by one plan of each: the better of both ways round."""
    moved = len(one ^ other)
    return min(moved, participants - moved)


def allowed_by(problem: Problem, territory: Territory, division: Division, forbid: Sequence[Forbidden]) -> bool:
    """Whether a division keeps away from groupings that are forbidden."""
    if not forbid:
        return True
    group = groups_of(problem, territory, division)[0]
    n = len(problem.participants)
    return all(distance(group, frozenset(f.group), n) >= f.least_moved for f in forbid)


def solve_split(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None = None,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    method: Method = "auto",
    forbid: Sequence[Forbidden] = (),
) -> SplitResult:
    """The best split of a community, proven.

    Parameters
    ----------
    problem : Problem
        Of the whole community.
    territory : Territory
    wishes : SplitWishes, optional
    engine : Engine, optional
        Limits, stop, seed, progress; a fresh one by default.
    order : sequence of str
        Tiers in order, those of the split among them if wanted; empty: as the scenario or the rulebook says.
    method : {"auto", "table", "windows", "one_by_one"}
        "table": bounds of all listed divisions, few of which are solved; "windows": those near a good one, then those
        near the best of these, and so on; "one_by_one": every division apart. "auto": "table" while all can be listed.
    forbid : sequence of Forbidden
        Groupings that the answer must differ from.

    Returns
    -------
    SplitResult
        ``refused`` with the refusals when no split is allowed; ``infeasible`` when it is proven that there is none
        (`models.split.remedies` says why, and what would help).
    """
    started = time.perf_counter()
    wishes = wishes or SplitWishes()
    engine = engine or Engine()
    work = engine.solver_seconds
    refusals = may_split(problem, territory, wishes)
    if refusals:
        return SplitResult("refused", refusals=refusals, seconds=time.perf_counter() - started)
    result = _solve(problem, territory, wishes, engine, order, method, tuple(forbid))
    result = _checked(problem, territory, wishes, result, order)
    return replace(result, seconds=time.perf_counter() - started, solver_seconds=engine.solver_seconds - work)


def _solve(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    engine: Engine,
    order: Sequence[str],
    method: Method,
    forbid: tuple[Forbidden, ...],
) -> SplitResult:
    names = split_order(problem, wishes, order)
    if method != "one_by_one":
        return _solve_together(problem, territory, wishes, engine, names, forbid, method)
    listed = lawful_divisions(problem, territory, wishes, limit=MOST_LISTED)
    divisions = [d for d in listed if allowed_by(problem, territory, d, forbid)]
    count = len(listed) if listed.complete else None
    if listed.complete and not divisions:
        return SplitResult("infeasible", divisions=count, engine="one_by_one")
    found = search(problem, territory, wishes, divisions, engine, names)
    if found.proposals:
        proven = found.complete and listed.complete
        tiers = found.tiers if listed.complete else tuple(_open(tier) for tier in found.tiers)
        proposal = found.proposals[0]
        return SplitResult("optimal" if proven else "feasible", proposal, tiers, count, "one_by_one")
    if found.complete and listed.complete:
        return SplitResult("infeasible", divisions=count, engine="one_by_one")
    return SplitResult("stopped", divisions=count, engine="one_by_one")


def _solve_together(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    engine: Engine,
    names: tuple[str, ...],
    forbid: tuple[Forbidden, ...],
    method: Method,
) -> SplitResult:
    family, complete = Family.listed(problem, territory, wishes, limit=MOST_IN_TABLE)
    count = len(family) if complete else None
    away = [(forbidden.group, forbidden.least_moved) for forbidden in forbid]
    for group, least_moved in away:
        family = family.away_from(group, least_moved)
    used = "table" if complete and method != "windows" else "windows"
    if complete and not len(family):
        return SplitResult("infeasible", divisions=count, engine=used)
    found = search_table(family, engine, names) if used == "table" else search_windows(family, engine, names, away)
    if found.proposals:
        status: SplitStatus = "optimal" if found.complete else "feasible"
        return SplitResult(status, found.proposals[0], found.tiers, count, used)
    return SplitResult("infeasible" if found.complete else "stopped", divisions=count, engine=used)


def _open(tier: Tier) -> Tier:
    """A tier that was asked of a part of the divisions only: no bound, no proof."""
    return replace(tier, bound=None, status="feasible" if tier.status == "optimal" else tier.status)


def _checked(
    problem: Problem, territory: Territory, wishes: SplitWishes, result: SplitResult, order: Sequence[str]
) -> SplitResult:
    """Judge an answer by the solver-free doors; only what they agree with is called a split."""
    proposal = result.proposal
    if proposal is None:
        return result
    again = propose(
        problem,
        territory,
        wishes,
        proposal.division,
        [side.assignment for side in proposal.plans],
        order=order,
        proven=proposal.proven,
    )
    wrong = [tier.name for tier in result.tiers if not _agrees(problem, tier, again)]
    if judge(problem, territory, wishes, again) or wrong:
        return replace(result, status="disagrees", proposal=again, disagreements=tuple(wrong))
    return replace(result, proposal=again)


def _agrees(problem: Problem, tier: Tier, proposal: Proposal) -> bool:
    """Whether the doors find the value of a tier, and a proven one equal to what was proven."""
    return agrees(tier, proposal.values[tier.name], tolerated=bool(problem.wishes.tolerances.get(tier.name)))
