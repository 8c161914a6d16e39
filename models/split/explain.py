"""Why a division has no lawful pair of plans, and the cheapest ways out: `models.explain` for two plans at once.

A wish or a reading that is given up is given up for both plans and paid for once; what the plans keep together (caps of
the community, items hosted once) is in the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import inf
from typing import Any

from models.community import Plan, Problem
from models.concessions import Concession, conceded
from models.conflicts import Collision, collisions
from models.engine import Engine
from models.explain import conveners_to_try
from models.priced import Choice, PricedModel, Search, sets_of_relaxations
from models.rulebook import Relaxation
from models.split.evaluate import evaluate
from models.split.joint_clauses import joint_caps
from models.split.problems import divide, placements, stated_conveners
from models.split.values import Division, Proposal, SplitWishes, Territory
from models.stopping import StoppedBy

__all__ = ["PairExplanation", "PairWayOut", "why_no_pair"]

#: So many pairs of conveners are all tried.
MOST_PAIRS = 64


@dataclass(frozen=True)
class PairWayOut:
    """What to give up for a lawful pair of plans; without any one of it there is none.

    Parameters
    ----------
    gives_up : tuple of Concession
    price : Fraction
    problem : Problem
        Of the whole community, as it is left.
    proposal : Proposal or None
        The best two plans then, solved and audited; None when a limit came first or plans were not asked for.
    """

    gives_up: tuple[Concession, ...]
    price: Fraction
    problem: Problem
    proposal: Proposal | None = None


@dataclass(frozen=True)
class PairExplanation:
    """Why a division has no lawful pair of plans, and how it could have one.

    Parameters
    ----------
    plans : (Plan, Plan)
        As asked for, each with the convener first in its ranking.
    collisions : (tuple of Collision, tuple of Collision)
        Independent and irreducible, in either plan. Both empty where the plans collide only with one another.
    ways : tuple of PairWayOut
        The cheapest first.
    complete, cheapest_complete, stopped_by
        As in `models.explain.WaysOut`. Neither is claimed where not all pairs of conveners were tried.
    """

    plans: tuple[Plan, Plan]
    collisions: tuple[tuple[Collision, ...], tuple[Collision, ...]]
    ways: tuple[PairWayOut, ...]
    complete: bool
    cheapest_complete: bool
    stopped_by: StoppedBy | None = None


def why_no_pair(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    division: Division,
    engine: Engine | None = None,
    *,
    most: int = 10,
    offered: Sequence[Relaxation] | None = None,
    order: Sequence[str] = (),
    with_plans: bool = True,
) -> PairExplanation:
    """Every independent collision of either plan, and the cheapest ways out for both.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    division : Division
        One that is lawful by itself (`models.split.allowed.division_refusals`): only the duties collide.
    engine : Engine, optional
        Limits and stop for all of it.
    most : int
        Stop after so many ways.
    offered : sequence of Relaxation, optional
        All of the rulebook's by default.
    order : sequence of str
        Tiers, as `models.split.evaluate.evaluate` takes them.
    with_plans : bool
        Solve and audit each way.
    """
    engine = engine or Engine()
    listener, engine.progress = engine.progress, None
    out = next(iter(placements(problem, territory, division)))
    sides = divide(problem, territory, division, stated_conveners(problem, wishes), out)
    first, second = (Plan(side, conveners_to_try(side)[0]) for side in sides)
    found = collisions(first, engine), collisions(second, engine)
    ways: list[PairWayOut] = []
    refused = unsolved = False  # refused: something was not tried, or led to no plan
    try:
        search = Search(_choices(problem, territory, wishes, division, offered), engine)
        while len(ways) < most and (answer := search.next()) is not None:
            gives_up, _ = answer
            left = conceded(problem, gives_up)
            proposal = None
            if with_plans and not engine.exhausted():
                best = evaluate(left, territory, wishes, division, engine, order=order)
                if isinstance(best, Proposal):
                    proposal = best
                elif all(refusal.code != "stopped" for refusal in best):
                    refused = True  # the ranking of conveners leads elsewhere: no way out as it stands
                    continue
            unsolved = unsolved or (with_plans and proposal is None)
            ways.append(PairWayOut(gives_up, sum((gone.price for gone in gives_up), Fraction(0)), left, proposal))
        following = search.least()
    finally:
        engine.progress = listener
    # Where a pin says which plan hosts an item that is hosted once, freeing it would open the other plan: not tried.
    refused = refused or any(item in problem.rules.once_in_community for item, _ in problem.wishes.pins)
    refused = refused or not _all_pairs_tried(sides)
    complete = following is None and not search.stopped and not refused
    dearer = following is not None and bool(ways) and following > ways[0].price
    cheapest = complete or (not refused and (dearer or any(way.price > ways[0].price for way in ways)))
    stopped = engine.stopped_by if search.stopped or unsolved else None
    return PairExplanation((first, second), found, tuple(ways), complete, cheapest, stopped)


def _choices(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    division: Division,
    offered: Sequence[Relaxation] | None,
) -> Iterator[Choice]:
    """Where items hosted once are hosted, who convenes, which relaxations are taken.

    The first conveners under every set of relaxations; without relaxations all pairs of conveners, or, of many, those
    with one of the two under whom least must be given up in their own plan.
    """
    stated = stated_conveners(problem, wishes)
    for relaxations in sets_of_relaxations(problem.rules, offered):
        left = conceded(problem, relaxations)
        for out in placements(left, territory, division):
            sides = divide(left, territory, division, stated, out)
            able = [[s.wishes.convener] if s.wishes.convener else list(conveners_to_try(s)) for s in sides]
            if relaxations:
                pairs = [(able[0][0], able[1][0])]
            elif len(able[0]) * len(able[1]) <= MOST_PAIRS:
                pairs = list(product(able[0], able[1]))
            else:
                one, other = (_by_price(side, codes) for side, codes in zip(sides, able, strict=True))
                pairs = [(one[0], code) for code in other] + [(code, other[0]) for code in one[1:]]
            for pair in pairs:
                plans = [Plan(side, code) for side, code in zip(sides, pair, strict=True)]
                yield _PairChoice(plans, relaxations, left)


def _by_price(side: Problem, codes: Sequence[str]) -> list[str]:
    """Conveners of one plan, those first under whom least must be given up; else in their order."""

    def price(code: str) -> Fraction | float:
        given_up = Choice([Plan(side, code)], ()).cheapest(Engine(), [])
        return sum((gone.price for gone in given_up), Fraction(0)) if isinstance(given_up, tuple) else inf

    return sorted(codes, key=price)


def _all_pairs_tried(sides: Sequence[Problem]) -> bool:
    stated = [1 if side.wishes.convener else len(conveners_to_try(side)) for side in sides]
    return stated[0] * stated[1] <= MOST_PAIRS


class _PairChoice(Choice):
    """A choice for two plans, with what they keep together."""

    def __init__(self, plans: Sequence[Plan], taken: tuple[Concession, ...], whole: Problem) -> None:
        super().__init__(plans, taken)
        self._whole = whole

    def model(self) -> PricedModel:
        """The model of both plans and the caps of the community."""
        model = super().model()
        for cap in joint_caps(self._whole):
            every: list[Any] = []
            for item in cap.clause.items:
                literals = [duties.host(item, c) for duties in model.duties for c in duties.plan.candidates]
                least = cap.most_per_track if cap.exact else 0
                model.duties[0].row(literals, [1] * len(literals), least, cap.most_per_track, cap.clause.id)
                every += literals
            model.duties[0].row(every, [1] * len(every), 0, cap.most_hosts, cap.clause.id)
        return model
