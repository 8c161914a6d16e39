"""Every lawful division on its own: the engine the others are measured against.

For fixed conveners the two plans of a division are independent, and of two pairs of best plans the sums add up and the
vectors merge (merging two leximin optima is leximin-optimal): so both sides are solved apart by `models.tiers`, a few
tiers at a time, and only candidates that are as good as the best so far go on to the next tiers. Where something ties
the plans together (caps of exploration for the community, tolerances, exploration decided before unwilling hosts are
counted) both are put into one model instead (`models.split.pair`), tier by tier over all candidates.

Anytime: tiers that were asked of every candidate are proven also when a limit ends the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from models.community import Assignment, Plan, Problem
from models.convener import choose_convener
from models.engine import Engine
from models.objectives.travel import demand_weights, participants_costs
from models.split.joint_clauses import joint_caps
from models.split.measures import convener_travel, division_values, key, merged, plan_tiers, tie_break
from models.split.pair import Pair, Stopped, tie_literals
from models.split.problems import demand_shares, divide, groups_of, placements, stated_conveners
from models.split.proposals import propose
from models.split.values import SPLIT_TIERS, Division, Proposal, SplitWishes, Territory
from models.tiers import NoPlan, Tier, TiersResult, TierStatus, TierValue, solve_tiers

__all__ = ["Search", "search", "tied"]

#: Tiers after which the search looks who is still in the running.
_STEPS = ("exploration", "load", "travel")

#: Of candidates that a limit leaves undecided so many are compared.
_MOST_LOOKED_AT = 20


@dataclass(frozen=True)
class Search:
    """What a search over divisions gave.

    Parameters
    ----------
    proposals : tuple of Proposal
        The best one; none where there is none, or none was found.
    tiers : tuple of Tier
        Of the best: value, bound, status.
    complete : bool
        Whether nothing was left out: the proposal is proven best, or it is proven that there is none.
    """

    proposals: tuple[Proposal, ...]
    tiers: tuple[Tier, ...]
    complete: bool


def tied(problem: Problem, names: Sequence[str]) -> bool:
    """Whether the two plans of a division depend on one another beyond their sums."""
    if joint_caps(problem) or any(problem.wishes.tolerances.get(name) for name in names):
        return True
    return "unwilling" in names and names.index("exploration") < names.index("unwilling")


def search(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    divisions: Iterable[Division],
    engine: Engine,
    names: Sequence[str],
) -> Search:
    """The best pair of plans over some divisions.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    divisions : iterable of Division
        Lawful ones.
    engine : Engine
        Limits, stop, seed.
    names : sequence of str
        Tiers in order (`models.split.measures.split_order`).
    """
    run = _Run(problem, territory, wishes, engine, tuple(names))
    listener, engine.progress = engine.progress, None
    try:
        return _tied(run, divisions) if tied(problem, names) else _apart(run, divisions, listener)
    finally:
        engine.progress = listener


# ----------------------------------------------------------------------------------------------------- the candidates


@dataclass
class _Side:
    """One plan's problem, and what was solved of it."""

    problem: Problem
    engine: Engine
    solved: dict[tuple[str, tuple[str, ...]], TiersResult | None] = field(default_factory=dict)
    found: dict[str, Assignment] = field(default_factory=dict)  # by convener: the plan of the last solve, proven or not
    lead: str | None = None
    asked: bool = False

    def solve(self, convener: str, names: tuple[str, ...]) -> TiersResult | None:
        """The best plan by some tiers; None when there is no lawful one."""
        wanted = (convener, names)
        if wanted not in self.solved:
            if self.engine.exhausted():
                raise Stopped
            try:
                # The tie-break is asked for by its name; a single tier is as good an aim as any to find some plan.
                result = solve_tiers(
                    Plan(self.problem, convener),
                    self.engine,
                    order=[name for name in names if name != "tie_break"],
                    tie_break="tie_break" in names,
                )
            except NoPlan as none:
                if not none.proven:
                    raise Stopped from None
                self.solved[wanted] = None
            else:
                self.found[convener] = result.assignment
                if not result.proven:
                    raise Stopped
                self.solved[wanted] = result
        return self.solved[wanted]

    def ranked(self, names: tuple[str, ...]) -> str | None:
        """The first school in the ranking that can lead a lawful plan."""
        if not self.asked:
            ranking = choose_convener(self.problem)
            self.lead = next((choice.code for choice in ranking if self.solve(choice.code, names)), None)
            self.asked = True
        return self.lead

    def able(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """All schools that can lead a lawful plan."""
        ranking = choose_convener(self.problem)
        return tuple(sorted(choice.code for choice in ranking if self.solve(choice.code, names)))


@dataclass
class _Candidate:
    """A division with its conveners and who hosts what is hosted once."""

    division: Division
    sides: tuple[_Side, _Side]
    conveners: tuple[str, str]
    values: dict[str, TierValue]
    assignments: tuple[Assignment, Assignment] | None = None


@dataclass
class _Run:
    problem: Problem
    territory: Territory
    wishes: SplitWishes
    engine: Engine
    names: tuple[str, ...]
    sides: dict[Hashable, _Side] = field(default_factory=dict)

    def candidates(self, division: Division, first: tuple[str, ...]) -> Iterator[_Candidate]:
        """All candidates of a division that have two lawful plans."""
        own = division_values(self.problem, self.territory, self.wishes, division)
        groups = groups_of(self.problem, self.territory, division)
        for out in placements(self.problem, self.territory, division):
            sides = self.sides_of(division, out)
            if self.wishes.convening == "free":
                able = [side.able(first) for side in sides]
                pairs = [(one, other) for one in able[0] for other in able[1]]
            else:
                leads = [side.ranked(first) for side in sides]
                pairs = [(leads[0], leads[1])] if leads[0] is not None and leads[1] is not None else []
            for pair in pairs:
                travel = [convener_travel(self.problem, g, c) for g, c in zip(groups, pair, strict=True)]
                values: dict[str, TierValue] = {**own, "convener_travel": travel[0] + travel[1]}
                yield _Candidate(division, sides, pair, values)

    def sides_of(self, division: Division, out: tuple[frozenset[str], frozenset[str]]) -> tuple[_Side, _Side]:
        """Both sides; those with the same schools and demand points are one."""
        keys = [self._key(division, side, out[side]) for side in (0, 1)]
        if any(name not in self.sides for name in keys):
            stated = stated_conveners(self.problem, self.wishes)
            made = divide(self.problem, self.territory, division, stated, out)
            for name, side in zip(keys, made, strict=True):
                self.sides.setdefault(name, _Side(side, self.engine))
        return self.sides[keys[0]], self.sides[keys[1]]

    def _key(self, division: Division, side: int, out: frozenset[str]) -> Hashable:
        nodes = division.sides[side]
        schools = frozenset(
            s.code for s in self.problem.community.schools if self.territory.school_node.get(s.code) in nodes
        )
        points = self.problem.community.demand_points
        shares = tuple(demand_shares(self.territory, point.id, division)[side] for point in points)
        return schools, shares, out

    def proposal(self, candidate: _Candidate, *, proven: bool) -> Proposal:
        """The candidate, audited."""
        assert candidate.assignments is not None
        return propose(
            self.problem,
            self.territory,
            self.wishes,
            candidate.division,
            candidate.assignments,
            order=self.names,
            proven=proven,
        )


# ------------------------------------------------------------------------------------------ sides that are independent


def _apart(run: _Run, divisions: Iterable[Division], listener: Any) -> Search:
    """Step by step: a few tiers of every candidate that is still in the running."""
    waiting = list(divisions)
    alone = len(waiting) == 1 and run.wishes.convening == "ranked" and not run.problem.rules.once_in_community
    steps = [run.names] if alone else _steps(run.names)
    seconds: dict[str, float] = {}
    live: list[_Candidate] = []
    solved: tuple[str, ...] = ()
    for names in steps:
        started = time.perf_counter()
        fresh = names[len(solved)]
        if listener is not None:
            listener.tier(fresh)
        queue: Iterable[_Candidate] = live
        if not solved:
            first = _of_one_plan(names)
            queue = (candidate for division in waiting for candidate in run.candidates(division, first))
        reached: list[tuple[Any, _Candidate]] = []
        try:
            for candidate in _promising(queue, fresh):
                if fresh == "travel" and reached and _travel(reached[0][1]) < _least_travel(candidate):
                    continue
                if not _solve_step(run, candidate, names):
                    continue
                rank = tuple(key(run.problem, name, candidate.values[name]) for name in names)
                if not reached or rank < reached[0][0]:
                    reached = []
                if not reached or rank == reached[0][0]:
                    reached.append((rank, candidate))
                if listener is not None and fresh != "tie_break":
                    listener.incumbent(reached[0][1].values[fresh])
        except Stopped:
            seconds[fresh] = time.perf_counter() - started
            return _stopped(run, waiting, [c for _, c in reached], live, solved, seconds)
        seconds[fresh] = time.perf_counter() - started
        live = [candidate for _, candidate in reached]
        solved = names
        if not live:
            return Search((), (), complete=True)
    best = run.proposal(live[0], proven=True)
    return Search((best,), _tiers(run, best, solved, seconds, ()), complete=True)


def _promising(queue: Iterable[_Candidate], tier: str) -> Iterable[_Candidate]:
    """Candidates in an order in which good ones come early."""
    return sorted(queue, key=_least_travel) if tier == "travel" else queue


def _stopped(
    run: _Run,
    waiting: Sequence[Division],
    reached: Sequence[_Candidate],
    before: Sequence[_Candidate],
    solved: Sequence[str],
    seconds: dict[str, float],
) -> Search:
    """What is known when a limit ends the search: the best pair so far, and what was asked of every candidate."""
    if reached:
        best = run.proposal(reached[0], proven=False)
    elif before:
        best = _better(run, before[0], solved)
    else:
        some = _some_pair(run, waiting)
        if some is None:
            return Search((), (), complete=False)
        best = run.proposal(some, proven=False)
    return Search((best,), _tiers(run, best, solved, seconds, before), complete=False)


def _better(run: _Run, candidate: _Candidate, solved: Sequence[str]) -> Proposal:
    """The better of the plans of the last step and of the solves that were stopped, if these are as good in it."""
    best = run.proposal(candidate, proven=False)
    first, second = (side.found[lead] for side, lead in zip(candidate.sides, candidate.conveners, strict=True))
    other = run.proposal(replace(candidate, assignments=(first, second)), proven=False)
    if any(other.values[name] != best.values[name] for name in solved):
        return best
    return min(best, other, key=lambda p: tuple(key(run.problem, name, p.values[name]) for name in run.names))


def _some_pair(run: _Run, waiting: Sequence[Division]) -> _Candidate | None:
    """A lawful pair of plans, found beyond the limits: an answer is worth a moment."""
    for division in waiting[:3]:
        out = next(iter(placements(run.problem, run.territory, division)))
        sides = run.sides_of(division, out)
        leads: list[str] = []
        assignments: list[Assignment] = []
        for side in sides:
            for choice in choose_convener(side.problem):
                if choice.code not in side.found:
                    try:
                        result = solve_tiers(Plan(side.problem, choice.code), run.engine)
                    except NoPlan as none:
                        if not none.proven:
                            return None
                        continue
                    side.found[choice.code] = result.assignment
                leads.append(choice.code)
                assignments.append(side.found[choice.code])
                break
        if len(leads) == 2:
            found = _Candidate(division, sides, (leads[0], leads[1]), {})
            found.assignments = (assignments[0], assignments[1])
            return found
    return None


def _steps(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Growing beginnings of the tiers; the first reaches exploration, since the tiers of one plan must know of it."""
    least = names.index("exploration") + 1 if "exploration" in names else 1
    cuts = sorted({least, *(names.index(name) + 1 for name in _STEPS if name in names), len(names)})
    return [names[:cut] for cut in cuts if cut >= least]


def _of_one_plan(names: Sequence[str]) -> tuple[str, ...]:
    return (*plan_tiers(names), *(("tie_break",) if "tie_break" in names else ()))


def _solve_step(run: _Run, candidate: _Candidate, names: tuple[str, ...]) -> bool:
    """Values of a candidate up to a tier; False when a side has no lawful plan."""
    own = _of_one_plan(names)
    results = []
    for side, convener in zip(candidate.sides, candidate.conveners, strict=True):
        result = side.solve(convener, own)
        if result is None:
            return False
        results.append(result)
    candidate.assignments = (results[0].assignment, results[1].assignment)
    for name in plan_tiers(names):
        candidate.values[name] = merged(name, results[0].tier(name).value, results[1].tier(name).value)
    if "tie_break" in names:
        candidate.values["tie_break"] = tie_break(run.problem, run.territory, candidate.division, candidate.assignments)
    return True


def _tiers(
    run: _Run,
    best: Proposal,
    solved: Sequence[str],
    seconds: dict[str, float],
    open_: Sequence[_Candidate],
) -> tuple[Tier, ...]:
    """Tiers of the best proposal: proven where every candidate was asked; the next one with its bound, if any."""
    tiers = []
    for position, name in enumerate(run.names):
        value, spent = best.values[name], seconds.get(name, 0.0)
        if position < len(solved):
            tiers.append(Tier(name, value, value, "optimal", spent))
            continue
        bound: TierValue | None = None
        if position == len(solved):
            if name in ("unwilling", "overload", "preference", *SPLIT_TIERS):
                bound = Fraction(0)
            elif name == "travel" and open_:
                bound = min(_least_travel(candidate) for candidate in open_)
        status: TierStatus = "feasible" if position == len(solved) else "not_reached"
        tiers.append(Tier(name, value, bound, status, spent))
    return tuple(tiers)


def _travel(candidate: _Candidate) -> Fraction:
    travel = candidate.values["travel"]
    assert isinstance(travel, Fraction)
    return travel


def _least_travel(candidate: _Candidate) -> Fraction:
    """A lower bound of the travel of a candidate: everybody to the nearest school that could ever host."""
    return sum(
        (_least_travel_of(Plan(s.problem, c)) for s, c in zip(candidate.sides, candidate.conveners, strict=True)),
        Fraction(0),
    )


def _least_travel_of(plan: Plan) -> Fraction:
    total = Fraction(0)
    distances = plan.problem.distances
    columns = [distances.column[code] for code in plan.candidates if code in distances.column]
    for unit in plan.rules.units.values():
        if unit.trips is None or not unit.trips.times_a_year or not columns or not plan.has_some_host(unit.id):
            continue
        if unit.trips.who == "participants":
            total += min(participants_costs(plan, unit, [distances.schools[j] for j in columns]))
        elif len(distances.demand_points):
            weights, scale = demand_weights(plan, unit.trips)
            nearest = distances.from_demand[:, columns].min(axis=1)
            total += Fraction(int(np.dot(weights, nearest)), scale)
    return total


# ---------------------------------------------------------------------------------- both plans tied to one another


@dataclass
class _Joined:
    """A candidate with its model."""

    candidate: _Candidate
    pair: Pair


def _tied(run: _Run, divisions: Iterable[Division]) -> Search:
    """Tier by tier: the best value over all candidates is held in each that can reach it."""
    started = time.perf_counter()
    tiers: list[Tier] = []
    live: list[_Joined] = []
    try:
        first = _of_one_plan(_steps(run.names)[0])
        for division in divisions:
            for candidate in run.candidates(division, first):
                sides = (candidate.sides[0].problem, candidate.sides[1].problem)
                pair = Pair(run.problem, sides, candidate.conveners, run.engine)
                if pair.feasible():
                    live.append(_Joined(candidate, pair))
        if not live:
            return Search((), (), complete=True)
        for name in run.names:
            value, live = _tier(run, live, name)
            tiers.append(Tier(name, value, value, "optimal", time.perf_counter() - started))
            started = time.perf_counter()
    except Stopped:
        if not live:
            return Search((), (), complete=False)
        some = (_as_proposal(run, joined, proven=False) for joined in live[:_MOST_LOOKED_AT])
        best = min(some, key=lambda p: tuple(key(run.problem, name, p.values[name]) for name in run.names))
        known = {tier.name: tier for tier in tiers}
        for position, name in enumerate(run.names):
            if name not in known:
                status: TierStatus = "feasible" if position == len(known) else "not_reached"
                tiers.append(Tier(name, best.values[name], None, status, 0.0))
        valued = [Tier(t.name, best.values[t.name], t.bound, t.status, t.seconds) for t in tiers]
        return Search((best,), tuple(valued), complete=False)
    best = _as_proposal(run, live[0], proven=True)
    valued = [Tier(t.name, best.values[t.name], t.bound, t.status, t.seconds) for t in tiers]
    return Search((best,), tuple(valued), complete=True)


def _as_proposal(run: _Run, joined: _Joined, *, proven: bool) -> Proposal:
    joined.candidate.assignments = joined.pair.assignments()
    return run.proposal(joined.candidate, proven=proven)


def _tier(run: _Run, live: list[_Joined], name: str) -> tuple[TierValue, list[_Joined]]:
    """The best value of a tier, and the candidates that can reach it (or come within its tolerance)."""
    tolerance = run.problem.wishes.tolerances.get(name, Fraction(0))
    if name in SPLIT_TIERS:
        best = min(_number(joined, name) for joined in live)
        return best, [joined for joined in live if _number(joined, name) <= best * (1 + tolerance)]
    if name in ("load", "separate"):
        return _best_of(live, lambda joined: joined.pair.vector(name))
    if name == "tie_break":
        return _settled(run, live)
    parts: list[Fraction] = []
    guide: list[tuple[str, int, Fraction]] = []
    if name == "exploration" and "unwilling" not in run.names[: run.names.index(name)]:
        # "Without adding an unwilling host" holds whatever the order: count them first, but do not keep them.
        fewest, _ = _best_of(live, lambda joined: joined.pair.least("unwilling", 0))
        guide = [("unwilling", 0, fewest)]
    for part in range(len(live[0].pair.terms(name))):
        least, found = _least(live, name, part, guide, tolerance)
        most = least * (1 + tolerance)
        kept = [joined for value, joined in found if guide or (value is not None and value <= most)]
        for joined in kept:
            joined.pair.hold(name, part, most)
        live = kept
        parts.append(abs(least) if name == "exploration" else least)
    if guide:
        live = [joined for joined in live if joined.pair.feasible()]
    return (parts[0] if len(parts) == 1 else tuple(parts)), live


def _least(
    live: Sequence[_Joined], name: str, part: int, guide: Sequence[tuple[str, int, Fraction]], tolerance: Fraction
) -> tuple[Fraction, list[tuple[Fraction | None, _Joined]]]:
    """The least value of a tier over the candidates, and that of each; None where it is above what may be kept."""
    least: Fraction | None = None
    found: list[tuple[Fraction | None, _Joined]] = []
    for joined in live:
        if least is not None and not guide:
            # What is above the best so far is out anyway: "not below" is quicker to prove than a value.
            joined.pair.hold(name, part, least * (1 + tolerance))
        value = joined.pair.least(name, part, guide)
        if value is not None:
            least = value if least is None else min(least, value)
        found.append((value, joined))
    assert least is not None, "a tier turned infeasible after a proven one"
    return least, found


def _number(joined: _Joined, name: str) -> Fraction:
    value = joined.candidate.values[name]
    assert isinstance(value, Fraction)
    return value


def _best_of(live: Sequence[_Joined], ask: Callable[[_Joined], Any]) -> tuple[Any, list[_Joined]]:
    """The least answer, and who gives it."""
    found = [(ask(joined), joined) for joined in live]
    best = min(value for value, _ in found if value is not None)
    return best, [joined for value, joined in found if value == best]


def _settled(run: _Run, live: list[_Joined]) -> tuple[str, list[_Joined]]:
    """The candidate that wins the tie-break."""
    best: tuple[str, _Joined] | None = None
    for joined in live:
        sides = [half.plan.candidates for half in joined.pair.halves]
        order = tie_literals(
            run.problem,
            joined.pair,
            lambda code, own=sides: tuple(s for s in (0, 1) if code in own[s]),  # type: ignore[misc]
        )
        if not joined.pair.settle(order):
            continue
        word = tie_break(run.problem, run.territory, joined.candidate.division, joined.pair.assignments())
        if best is None or word > best[0]:
            best = (word, joined)
    assert best is not None, "a tier turned infeasible after a proven one"
    return best[0], [best[1]]
