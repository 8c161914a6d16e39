"""Why there is no plan, and all the cheapest ways out.

A way out gives up wishes of the planner or answers of schools, or takes relaxations of the rulebook, so that a lawful
plan exists, and nothing in it could be kept. Ways are found in the order of their price: for each choice of convener
and relaxations one guarded model (`models.duties`) in which what is for sale may be broken at its price; the cheapest
is proven by the solver, its supersets are forbidden, and the next cheapest is asked for (as implicit hitting sets do,
Davies and Bacchus 2011, with the oracle inside the model). The models of all choices wait in one queue, so that the
ranking holds over all of them. Every way is then solved through all tiers and audited.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, combinations
from math import lcm
from typing import Any

from ortools.sat.python import cp_model

from models.audit import Audit, audit
from models.clauses.host_number import asked_by_law, limited_by_law
from models.community import Assignment, Plan, Problem
from models.concessions import Concession, Part, conceded, for_sale, relaxation_for_sale
from models.conflicts import Collision, collisions
from models.convener import choose_convener
from models.duties import Duties
from models.engine import Engine
from models.rulebook import Relaxation
from models.stopping import StoppedBy
from models.tiers import NoPlan, Tier, TiersResult, agrees, solve_tiers

__all__ = ["Explanation", "WayOut", "WaysOut", "conveners_to_try", "ways_out", "why_no_plan"]


@dataclass(frozen=True)
class WayOut:
    """What to give up for a lawful plan; without any one of it there is none.

    Parameters
    ----------
    gives_up : tuple of Concession
        Wishes and answers in the order of the rulebook's clauses, then the convener, then relaxations.
    price : Fraction
        Sum of the prices.
    plan : Plan
        The problem that is left (`models.concessions.conceded`), and who convenes.
    result : TiersResult or None
        The best plan then, tier by tier; None when a limit came first or plans were not asked for.
    audit : Audit or None
        Of that plan.
    """

    gives_up: tuple[Concession, ...]
    price: Fraction
    plan: Plan
    result: TiersResult | None = None
    audit: Audit | None = None

    @property
    def relaxations(self) -> tuple[str, ...]:
        """Ids of the relaxations among what is given up."""
        return tuple(gone.key for gone in self.gives_up if gone.kind == "relaxation")

    @property
    def assignment(self) -> Assignment | None:
        """Who hosts what then."""
        return None if self.result is None else self.result.assignment

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers of the plan then."""
        return () if self.result is None else self.result.tiers

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Tiers whose value the audit does not find; clauses that it finds broken. Empty unless something is wrong."""
        if self.result is None or self.audit is None:
            return ()
        tolerances, values = self.plan.wishes.tolerances, self.audit.values
        tiers = [t.name for t in self.tiers if not agrees(t, values[t.name], tolerated=bool(tolerances.get(t.name)))]
        return (*tiers, *(finding.clause.id for finding in self.audit.findings if not finding.ok))


@dataclass(frozen=True)
class WaysOut:
    """Ways out, the cheapest first.

    Parameters
    ----------
    ways : tuple of WayOut
        One that gives up nothing: there is a plan after all (another school convenes).
    complete : bool
        There is no other way out.
    cheapest_complete : bool
        There is no other one of the least price.
    stopped_by : {"work", "time", "person"} or None
        What ended the search or left plans unsolved.
    """

    ways: tuple[WayOut, ...]
    complete: bool
    cheapest_complete: bool
    stopped_by: StoppedBy | None = None


@dataclass(frozen=True)
class Explanation:
    """Why there is no plan, and how there could be one.

    Parameters
    ----------
    plan : Plan
        As it was asked for, with the convener first in the ranking.
    collisions : tuple of Collision
        Independent and irreducible; empty when a lawful plan exists.
    ways_out : WaysOut
    """

    plan: Plan
    collisions: tuple[Collision, ...]
    ways_out: WaysOut


def why_no_plan(
    problem: Problem,
    engine: Engine | None = None,
    *,
    most: int = 10,
    offered: Sequence[Relaxation] | None = None,
    with_plans: bool = True,
) -> Explanation:
    """Every independent collision of the first convener's plan, and the cheapest ways out.

    Parameters
    ----------
    problem : Problem
        As the planner wants it, relaxations in force included.
    engine : Engine, optional
        Limits and stop for all of it.
    most, offered, with_plans
        As `ways_out`.
    """
    engine = engine or Engine()
    plan = Plan(problem, conveners_to_try(problem)[0])
    found = collisions(plan, engine)
    return Explanation(plan, found, ways_out(problem, engine, most=most, offered=offered, with_plans=with_plans))


def conveners_to_try(problem: Problem) -> tuple[str, ...]:
    """Schools that could convene: the stated one, then the ranking, then those that say they cannot; never barred ones.

    Where there are benchmark schools only they could, but for the one stated.
    """
    stated = problem.wishes.convener
    free = replace(problem, wishes=replace(problem.wishes, convener=None))
    by_code = problem.community.school_by_code
    able = [code for code in problem.benchmarks or problem.participants if not by_code[code].barred]
    ranked = [choice.code for choice in choose_convener(free) if choice.code in able]
    first = [stated] if stated is not None else []
    return tuple(dict.fromkeys([*first, *ranked, *able])) or problem.participants[:1]


def ways_out(
    problem: Problem,
    engine: Engine | None = None,
    *,
    most: int = 10,
    offered: Sequence[Relaxation] | None = None,
    conveners: Sequence[str] | None = None,
    with_plans: bool = True,
) -> WaysOut:
    """The cheapest ways out, exactly: every minimal one costs at least as much as those before it.

    Minimal means that no part of it is a way out by itself. Of ways that give up the same, only the one of the first
    convener is told.

    Parameters
    ----------
    problem : Problem
        As the planner wants it.
    engine : Engine, optional
        Limits and stop for the search and the plans together.
    most : int
        Stop after so many.
    offered : sequence of Relaxation, optional
        All of the rulebook's by default; those already in force are passed over.
    conveners : sequence of str, optional
        Schools to be tried under every set of relaxations. By default the first of `conveners_to_try`, and the others
        without relaxations only. Another convener than the one stated has its price.
    with_plans : bool
        Solve and audit each way.
    """
    engine = engine or Engine()
    listener, engine.progress = engine.progress, None
    try:
        search = _Search(problem, engine, offered, conveners)
        ways: list[WayOut] = []
        while len(ways) < most and (way := search.next()) is not None:
            ways.append(_with_plan(way, engine) if with_plans else way)
        following = search.least()
    finally:
        engine.progress = listener
    complete = following is None and not search.stopped
    dearer = following is not None and bool(ways) and following > ways[0].price
    cheapest = complete or dearer or any(way.price > ways[0].price for way in ways)
    return WaysOut(tuple(ways), complete, cheapest, engine.stopped_by)


def _with_plan(way: WayOut, engine: Engine) -> WayOut:
    if engine.exhausted():
        return way
    try:
        result = solve_tiers(way.plan, engine)
    except NoPlan as error:
        if error.proven:
            raise AssertionError("a way out leads to no plan") from error
        return way
    return replace(way, result=result, audit=audit(way.plan.problem, result.assignment))


# ---------------------------------------------------------------------------------------------------------- the search


class _Search:
    """All choices of convener and relaxations in one queue, by the price of the next way out each could give."""

    def __init__(
        self,
        problem: Problem,
        engine: Engine,
        offered: Sequence[Relaxation] | None,
        conveners: Sequence[str] | None,
    ) -> None:
        self.engine = engine
        self.stopped = False
        self.found: list[frozenset[tuple[str, str, str]]] = []
        self._queue: list[tuple[Fraction, int, int, WayOut | None, _World]] = []
        rules = problem.rules
        useful = [
            relaxation_for_sale(relaxation)
            for relaxation in (rules.rulebook.relaxations if offered is None else offered)
            if any(rules.option(name) != option for name, option in relaxation.set_.items())
        ]
        subsets = list(chain.from_iterable(combinations(useful, size) for size in range(len(useful) + 1)))
        codes = tuple(conveners) if conveners is not None else conveners_to_try(problem)
        everywhere = codes if conveners is not None else codes[:1]
        rank = 0
        for subset in subsets:
            for code in everywhere if subset else codes:
                world = _World(problem, code, subset)
                heapq.heappush(self._queue, (world.price, 0, rank, None, world))
                rank += 1

    def next(self) -> WayOut | None:
        """The next way out; None when there is none or a limit came first."""
        if self._advance():
            price, _, rank, way, world = heapq.heappop(self._queue)
            assert way is not None
            self.found.append(frozenset(gone.id for gone in way.gives_up))
            heapq.heappush(self._queue, (price, 0, rank, None, world))
            return way
        return None

    def least(self) -> Fraction | None:
        """Price of the next way out; None when there is none or a limit came first."""
        return self._queue[0][0] if self._advance() else None

    def _advance(self) -> bool:
        """Ask until a way out that is no superset stands at the head of the queue."""
        while self._queue and not self.stopped:
            price, _, rank, way, world = self._queue[0]
            if way is not None and not self._is_superset(way):
                return True
            heapq.heappop(self._queue)
            if self.engine.exhausted():
                self.stopped = True
                heapq.heappush(self._queue, (price, 0, rank, None, world))
                return False
            answer = world.cheapest(self.engine, self.found)
            if answer == "stopped":
                self.stopped = True
                return False
            if isinstance(answer, WayOut):
                # The order among equal prices: fewest given up, then the order of conveners and relaxations.
                heapq.heappush(self._queue, (answer.price, len(answer.gives_up), rank, answer, world))
        return False

    def _is_superset(self, way: WayOut) -> bool:
        ids = {gone.id for gone in way.gives_up}
        return any(smaller <= ids for smaller in self.found)


class _World:
    """One choice of convener and relaxations: what else must be given up under it."""

    def __init__(self, problem: Problem, convener: str, relaxations: Sequence[Concession]) -> None:
        stated = problem.wishes.convener
        taken: list[Concession] = []
        if stated is not None and stated != convener:
            taken.append(Concession("convener", stated, convener, problem.rules.rulebook.prices.convener.value))
        self.taken = (*taken, *relaxations)
        self.price = sum((gone.price for gone in self.taken), Fraction(0))
        self.original = problem
        self.plan = Plan(conceded(problem, self.taken), convener)
        self._model: _Priced | None = None

    def cheapest(self, engine: Engine, found: Sequence[frozenset[tuple[str, str, str]]]) -> WayOut | str | None:
        """The cheapest way out under this choice that is no superset of those found; None, or ``"stopped"``."""
        own = {gone.id for gone in self.taken}
        if any(smaller <= own for smaller in found):
            return None
        if self._model is None:
            self._model = _Priced(self.plan)
        answer = self._model.cheapest(engine, [smaller - own for smaller in found])
        if answer is None or isinstance(answer, str):
            return answer
        gives_up = (*answer, *self.taken)
        price = sum((gone.price for gone in gives_up), Fraction(0))
        return WayOut(gives_up, price, Plan(conceded(self.original, gives_up), self.plan.convener))


class _Priced:
    """The model of a plan in which everything for sale may be given up, at its price.

    What follows from giving up is in the model as `models.concessions.conceded` has it, so that the plan that is left
    is lawful by itself: to free a pin takes away the room that the pin made for another host of its item, and a host
    number becomes the nearest number that allows a plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.duties = Duties(plan, guarded=True)
        self.guards = dict(self.duties.guards)
        self.sold: dict[Part, Concession] = {}
        limited = limited_by_law(plan)
        for part, concession in for_sale(plan).items():
            item = concession.key
            if concession.kind == "host_number" and not (item in limited and concession.instead_of == 1):
                # Pins of everybody leave nothing to limit; freed, they do.
                self.guards.setdefault(part, self.duties.new(f"guard[{part}]"))
            if part in self.guards:
                self.sold[part] = concession
        self.part_of = {concession.id: part for part, concession in self.sold.items()}
        for part, guard in self.guards.items():
            if part not in self.sold:
                guard.proto.domain[0] = 1
        self._numbers: dict[Part, tuple[Any, Any]] = {}
        self._most_distance = 0
        self._blocked = 0
        for part, concession in self.sold.items():
            if concession.kind == "host_number":
                self._state_host_number(part, concession, concession.key in limited)

    def cheapest(self, engine: Engine, forbidden: Sequence[frozenset[tuple[str, str, str]]]) -> Any:
        """What to give up at the least price; None when nothing helps, ``"stopped"`` at a limit."""
        duties = self.duties
        for smaller in forbidden[self._blocked :]:
            if all(id_ in self.part_of for id_ in smaller):
                duties.clause([self.guards[self.part_of[id_]] for id_ in smaller])
        self._blocked = len(forbidden)
        objective = self._objective()
        outcome = engine.solve(duties.model, objective)
        if outcome.status == "infeasible":
            # Told to people only when it holds without presolve too.
            outcome = engine.solve(duties.model, objective, presolve=False)
        if outcome.status == "infeasible":
            return None
        if outcome.status != "optimal":
            return "stopped"
        return tuple(
            replace(concession, number=outcome.solution[self._numbers[part][0].index])
            if part in self._numbers
            else concession
            for part, concession in self.sold.items()
            if not outcome.true(self.guards[part])
        )

    def _objective(self) -> tuple[list[Any], list[int]]:
        """Prices; at equal prices how much is given up; then how far host numbers are from those asked for."""
        scale = lcm(1, *(concession.price.denominator for concession in self.sold.values()))
        many, far = len(self.sold) + 1, self._most_distance + 1
        literals = [self.guards[part] for part in self.sold]
        weights = [-(int(concession.price * scale) * many + 1) * far for concession in self.sold.values()]
        distances = [distance for _, distance in self._numbers.values()]
        return [*literals, *distances], [*weights, *([1] * len(distances))]

    def _state_host_number(self, part: Part, concession: Concession, limited: bool) -> None:
        """The clause on host numbers for a number that is open, and for pins that may be freed."""
        plan, model, guard = self.plan, self.duties.model, self.guards[part]
        item, now = concession.key, concession.instead_of
        assert now is not None
        role, law, obliged = asked_by_law(plan, item)
        forced = plan.forced_hosts.get(item, frozenset())
        free = [self.duties.host(item, code) for code in plan.candidates if code not in forced]
        counted = [self.duties.host(item, code) for code in plan.role_for_item(role, item)]
        hosts, pinned = cp_model.LinearExpr.sum(free), cp_model.LinearExpr.sum(list(self._pins(item, forced)))

        number = model.new_int_var(0, max(len(plan.candidates), now), f"number[{item}]")
        distance = model.new_int_var(0, max(len(plan.candidates), now), f"distance[{item}]")
        by_pins, is_more = self.duties.new(f"by_pins[{item}]"), self.duties.new(f"is_more[{item}]")
        model.add(number == now).only_enforce_if(guard)
        model.add(distance >= number - now)
        model.add(distance >= now - number)
        conditions = []
        if limited:  # one host is what the law says, not we
            is_one = self.duties.new(f"is_one[{item}]")
            model.add(number == 1).only_enforce_if(is_one)
            model.add(number != 1).only_enforce_if(~is_one)
            conditions = [~is_one]
        model.add(hosts <= pinned).only_enforce_if([by_pins, *conditions])
        model.add(hosts <= number - obliged).only_enforce_if([~by_pins, *conditions])
        model.add(number <= law).only_enforce_if([~is_more, *conditions])
        model.add(cp_model.LinearExpr.sum(counted) >= number).only_enforce_if([is_more, *conditions])
        self._numbers[part] = number, distance
        self._most_distance += max(len(plan.candidates), now)

    def _pins(self, item: str, forced: frozenset[str]) -> Iterator[Any]:
        """Pins of an item that make room for their school: guards of those for sale."""
        for pinned, code in sorted(self.plan.wishes.pins):
            if pinned == item and code in self.plan.candidates and code not in forced:
                part = self.part_of.get(("pin", item, code))
                yield 1 if part is None else self.guards[part]
