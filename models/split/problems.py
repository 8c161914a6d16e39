"""From a community and a division to the two plans' own problems: each whole in itself.

For a fixed division and fixed conveners the two plans share nothing but the clauses of `models.split.joint_clauses`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np

from models.community import Community, Distances, Problem, Wishes
from models.rulebook import Rules
from models.split.values import SPLIT_TIERS, Division, SplitWishes, Territory

__all__ = [
    "demand_shares",
    "divide",
    "divided",
    "groups_of",
    "in_order",
    "placements",
    "side_problem",
    "stated_conveners",
]

_HALF = Fraction(1, 2)


def in_order(nodes: Iterable[Hashable]) -> list[Hashable]:
    """Nodes in the one order that all of the split uses: by their text."""
    return sorted(nodes, key=str)


def divided(problem: Problem, territory: Territory, side: Collection[Hashable]) -> Division:
    """The division with these nodes on one side, its first side that of the participant with the smallest code."""
    own = frozenset(side)
    rest = frozenset(territory.graph) - own
    smallest = min((code for code in problem.participants if code in territory.school_node), default=None)
    if smallest is not None and territory.school_node[smallest] not in own:
        own, rest = rest, own
    return Division(own, rest)


def groups_of(problem: Problem, territory: Territory, division: Division) -> tuple[frozenset[str], frozenset[str]]:
    """Participants of either plan."""
    first = frozenset(c for c in problem.participants if territory.school_node.get(c) in division.first)
    second = frozenset(c for c in problem.participants if territory.school_node.get(c) in division.second)
    return first, second


def demand_shares(territory: Territory, point: str, division: Division) -> tuple[Fraction, Fraction]:
    """How much of a demand point counts in each plan: all of it in one, or one half in each.

    A point that lies nowhere on the territory belongs to neither plan more than to the other.
    """
    nodes = territory.demand_nodes.get(point, ())
    inside = tuple(any(node in side for node in nodes) for side in division.sides)
    if inside[0] == inside[1]:
        return _HALF, _HALF
    return (Fraction(1), Fraction(0)) if inside[0] else (Fraction(0), Fraction(1))


def stated_conveners(problem: Problem, wishes: SplitWishes) -> tuple[str, ...]:
    """Schools that the scenario or the split's wishes name as conveners, sorted, each once."""
    scenario = () if problem.wishes.convener is None else (problem.wishes.convener,)
    return tuple(sorted({*wishes.conveners, *scenario}))


def side_problem(
    problem: Problem,
    territory: Territory,
    division: Division,
    side: int,
    *,
    convener: str | None = None,
    leave_out: Collection[str] = (),
) -> Problem:
    """The problem of one of the two plans, as if it were a community of its own.

    Its schools are those whose node is on the side, abstaining and barred ones too; its demand points those with a node
    there (`demand_shares`); partners from outside stay partners of both plans; wishes about schools of the other side
    are left out, all others hold for each plan.

    Parameters
    ----------
    problem : Problem
        Of the whole community.
    territory : Territory
    division : Division
    side : {0, 1}
    convener : str, optional
        The convener that the planner stated for this side.
    leave_out : collection of str
        Items that the other plan hosts for the whole community.

    Returns
    -------
    Problem
        Its `divided_from` is the number of participants of the whole community.
    """
    nodes = division.sides[side]
    whole = problem.community
    schools = tuple(school for school in whole.schools if territory.school_node.get(school.code) in nodes)
    points = []
    for point in whole.demand_points:
        share = demand_shares(territory, point.id, division)[side]
        if share:
            points.append(point if share == 1 else replace(point, share=point.share * share))
    name = f"{whole.id}/{side + 1}"
    community = Community(name, whole.name, schools, tuple(points), whole.outside_partners, whole.learning_area)
    known = {*community.school_by_code, *(partner.code for partner in whole.outside_partners)}
    elsewhere = whole.school_by_code.keys() - community.school_by_code.keys()
    rules = problem.rules
    if leave_out:
        rules = rules.restricted_to(frozenset(item for item in rules.item_by_id if item not in leave_out))
    return Problem(
        rules,
        community,
        _wishes(problem.wishes, rules, elsewhere, convener),
        _distances(problem.distances, known, {point.id for point in points}),
        divided_from=len(problem.participants),
    )


def _wishes(wishes: Wishes, rules: Rules, elsewhere: Collection[str], convener: str | None) -> Wishes:
    """Wishes without what concerns schools of the other plan or items left out."""
    cut = rules.only is not None

    def known(item: str) -> bool:
        return not cut or item in rules.item_by_id

    return replace(
        wishes,
        convener=convener,
        pins=frozenset((item, code) for item, code in wishes.pins if code not in elsewhere and known(item)),
        bans=frozenset((item, code) for item, code in wishes.bans if code not in elsewhere and known(item)),
        host_numbers={item: number for item, number in wishes.host_numbers.items() if known(item)},
        exploration_numbers={item: number for item, number in wishes.exploration_numbers.items() if known(item)},
        ways={code: ways for code, ways in wishes.ways.items() if code not in elsewhere},
        tier_order=tuple(tier for tier in wishes.tier_order if tier not in SPLIT_TIERS),
        tolerances={tier: share for tier, share in wishes.tolerances.items() if tier not in SPLIT_TIERS},
    )


def _distances(distances: Distances, schools: Collection[str], points: Collection[str]) -> Distances:
    columns = [j for j, code in enumerate(distances.schools) if code in schools]
    rows = [i for i, point in enumerate(distances.demand_points) if point in points]
    return Distances(
        tuple(distances.schools[j] for j in columns),
        tuple(distances.demand_points[i] for i in rows),
        distances.between_schools[np.ix_(columns, columns)],
        distances.from_demand[np.ix_(rows, columns)],
        distances.unit,
    )


def divide(
    problem: Problem,
    territory: Territory,
    division: Division,
    conveners: Iterable[str] = (),
    leave_out: tuple[Collection[str], Collection[str]] = ((), ()),
) -> tuple[Problem, Problem]:
    """Both plans' problems.

    Parameters
    ----------
    problem : Problem
    territory : Territory
    division : Division
    conveners : iterable of str
        Conveners that the planner stated (`stated_conveners`): each convenes the plan it lies in.
    leave_out : (collection of str, collection of str)
        Items left out of either plan (`placements`).
    """
    stated = tuple(conveners)

    def own(side: int) -> str | None:
        return next((c for c in stated if territory.school_node.get(c) in division.sides[side]), None)

    first, second = (
        side_problem(problem, territory, division, side, convener=own(side), leave_out=leave_out[side])
        for side in (0, 1)
    )
    return first, second


def placements(
    problem: Problem, territory: Territory, division: Division
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Ways to leave the items that are hosted once out of one plan or the other, the first plan hosting first.

    A plan with a school pinned to such an item hosts it; with pins in both nothing is left out, and the joint clause
    says what collides. Items that must have the same host stay in one plan.
    """
    once = problem.rules.once_in_community
    tied: list[set[str]] = []
    for item in once:
        partners = {item}
        for clause in problem.rules.of_kind("same_hosts"):
            if item in clause.items:
                partners.update(other for other in clause.items if other in once)
        for group in [g for g in tied if g & partners]:
            partners |= group
            tied.remove(group)
        tied.append(partners)
    tied.sort(key=lambda group: min(once.index(item) for item in group))
    choices: list[tuple[tuple[frozenset[str], frozenset[str]], ...]] = []
    nothing = frozenset[str]()
    for group in tied:
        items = frozenset(group)
        pinned = [_pinned(problem, territory, items, nodes) for nodes in division.sides]
        options = ((nothing, items), (items, nothing))
        if pinned[0] and pinned[1]:
            options = ((nothing, nothing),)  # type: ignore[assignment]
        elif pinned[0] or pinned[1]:
            options = (options[0 if pinned[0] else 1],)  # type: ignore[assignment]
        choices.append(options)
    for chosen in product(*choices):
        yield (
            frozenset().union(*(out for out, _ in chosen)),
            frozenset().union(*(out for _, out in chosen)),
        )


def _pinned(problem: Problem, territory: Territory, items: Collection[str], nodes: Collection[Hashable]) -> bool:
    return any(item in items and territory.school_node.get(code) in nodes for item, code in problem.wishes.pins)
