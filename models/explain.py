"""Why there is no plan, and all the cheapest ways out.

A way out gives up wishes of the planner or answers of schools, or takes relaxations of the rulebook, so that a lawful
plan exists, and nothing in it could be kept. They are found in the order of their price (`models.priced`), and each is
solved through all tiers and audited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from models.audit import Audit, audit
from models.community import Assignment, Plan, Problem
from models.concessions import Concession, conceded
from models.conflicts import Collision, collisions
from models.convener import choose_convener
from models.engine import Engine
from models.priced import Choice, Search, sets_of_relaxations
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
        What ended the search, or left plans unsolved or unproven.
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
    return tuple(dict.fromkeys([*first, *ranked, *able])) or problem.participants[:1] or ("",)


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
        search = Search(_choices(problem, offered, conveners), engine)
        ways: list[WayOut] = []
        while len(ways) < most and (answer := search.next()) is not None:
            gives_up, choice = answer
            price = sum((gone.price for gone in gives_up), Fraction(0))
            way = WayOut(gives_up, price, Plan(conceded(problem, gives_up), choice.plans[0].convener))
            ways.append(_with_plan(way, engine) if with_plans else way)
        following = search.least()
    finally:
        engine.progress = listener
    complete = following is None and not search.stopped
    dearer = following is not None and bool(ways) and following > ways[0].price
    cheapest = complete or dearer or any(way.price > ways[0].price for way in ways)
    stopped = search.stopped or (with_plans and not all(way.result and way.result.proven for way in ways))
    return WaysOut(tuple(ways), complete, cheapest, engine.stopped_by if stopped else None)


def _choices(
    problem: Problem, offered: Sequence[Relaxation] | None, conveners: Sequence[str] | None
) -> Iterator[Choice]:
    stated, price = problem.wishes.convener, problem.rules.rulebook.prices.convener.value
    codes = conveners_to_try(problem) if conveners is None else tuple(conveners)
    for relaxations in sets_of_relaxations(problem.rules, offered):
        for code in codes[:1] if relaxations and conveners is None else codes:
            other = stated is not None and code != stated
            taken = (Concession("convener", str(stated), code, price), *relaxations) if other else relaxations
            yield Choice([Plan(conceded(problem, taken), code)], taken)


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
