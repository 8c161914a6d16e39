"""The engine that solves every division on its own, and what is asked around its answer."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pytest

from models.audit import equal_values
from models.community import Community, Distances, Plan, Problem
from models.convener import choose_convener
from models.engine import Engine
from models.objectives import travel
from models.split import one_by_one
from models.split.alternatives import best_divisions, different_divisions
from models.split.evaluate import evaluate
from models.split.measures import key, split_order
from models.split.moves import border, moves
from models.split.problems import divided, groups_of
from models.split.proposals import judge
from models.split.solving import Forbidden, distance, solve_split
from models.split.values import Division, Proposal, SplitResult, SplitWishes, Territory
from models.stopping import Limits, Stop
from models.tiers import solve_tiers
from tests.models.handmade import asked_to, runs
from tests.models.splits import lowered, plain_split, random_split
from tests.oracles import split as oracle

ONE_BY_ONE: Any = "one_by_one"
RING = ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0))


def solved(problem: Problem, where: Territory, wishes: SplitWishes | None = None, **given: Any) -> SplitResult:
    return solve_split(problem, where, wishes, method=ONE_BY_ONE, **given)


def same_answer(one: SplitResult, other: SplitResult) -> None:
    assert one.status == other.status
    assert [(t.name, t.value, t.bound, t.status) for t in one.tiers] == [
        (t.name, t.value, t.bound, t.status) for t in other.tiers
    ]
    if one.proposal is None or other.proposal is None:
        assert one.proposal is other.proposal
        return
    assert one.proposal.division == other.proposal.division
    assert [p.assignment for p in one.proposal.plans] == [p.assignment for p in other.proposal.plans]
    assert dict(one.proposal.values) == dict(other.proposal.values)


def lively(seed: int) -> tuple[Problem, Territory]:
    """Ten plain schools at places of their own in six townships around a lake; four are enough for a plan."""
    problem, where = plain_split([2, 1, 2, 2, 1, 2], links=RING, seed=seed)
    return problem.with_rules(lowered(problem.rules.rulebook, 8, 4).resolve(dict(problem.rules.choice))), where


# -------------------------------------------------------------------------------------------------- the engine itself


@pytest.mark.parametrize("seed", [pytest.param(s, id=f"slice-{s}") for s in (2, 3, 5)] + runs(0, 60))
def test_both_roads_of_the_engine_lead_to_the_same_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sides apart, and both plans in one model with the tiers in step over all divisions."""
    problem, where, wishes = random_split(seed)
    names = split_order(problem, wishes)
    if one_by_one.tied(problem, names):
        return
    apart = solved(problem, where, wishes)
    monkeypatch.setattr(one_by_one, "tied", lambda problem, names: True)
    together = solved(problem, where, wishes)
    same_answer(apart, together)


@pytest.mark.parametrize("seed", runs(3, 60))
def test_free_conveners_are_never_worse_than_ranked_ones(seed: int) -> None:
    problem, where, wishes = random_split(300 + seed, schools=(5, 6))
    ranked = solved(problem, where, replace(wishes, convening="ranked"))
    free = solved(problem, where, replace(wishes, convening="free"))
    if ranked.proposal is None:
        return
    assert free.proposal is not None
    for name in split_order(problem, wishes):
        ours, theirs = (
            key(problem, name, result.proposal.values[name]) for result in (free, ranked) if result.proposal
        )
        assert ours <= theirs
        if ours < theirs:
            break


def test_a_ranked_convener_is_the_first_that_can_lead_a_lawful_plan() -> None:
    problem, where = lively(3)
    result = solved(problem, where)
    assert result.proposal is not None
    for side in result.proposal.plans:
        assert side.convener == choose_convener(replace_convener(side.plan.problem))[0].code


def replace_convener(problem: Problem) -> Problem:
    return replace(problem, wishes=replace(problem.wishes, convener=None))


def test_every_plan_is_the_best_plan_of_its_own_problem() -> None:
    problem, where = lively(1)
    result = solved(problem, where)
    assert result.proposal is not None
    for side in result.proposal.plans:
        assert solve_tiers(Plan(side.plan.problem, side.convener)).assignment == side.assignment


def test_answer_does_not_depend_on_the_order_of_anything() -> None:
    problem, where, wishes = random_split(2)
    first = solved(problem, where, wishes)
    assert first.proposal is not None
    rng = random.Random(1)
    same_answer(first, solved(*shuffled(rng, problem, where), wishes))
    same_answer(first, solved(problem, where, wishes))


def shuffled(rng: random.Random, problem: Problem, where: Territory) -> tuple[Problem, Territory]:
    def mixed(entries: Any) -> list[Any]:
        return rng.sample(list(entries), len(list(entries)))

    community, table = problem.community, problem.distances
    schools, points = mixed(range(len(table.schools))), mixed(range(len(table.demand_points)))
    other = Community(
        community.id,
        community.name,
        tuple(mixed(community.schools)),
        tuple(mixed(community.demand_points)),
        tuple(mixed(community.outside_partners)),
    )
    distances = Distances(
        tuple(table.schools[k] for k in schools),
        tuple(table.demand_points[k] for k in points),
        table.between_schools[np.ix_(schools, schools)],
        table.from_demand[np.ix_(points, schools)],
    )
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(mixed(where.graph.nodes))
    graph.add_edges_from((b, a) for a, b in mixed(where.graph.edges))
    places = dict(mixed(where.school_node.items()))
    demand = {point: tuple(mixed(nodes)) for point, nodes in mixed(where.demand_nodes.items())}
    return Problem(problem.rules, other, problem.wishes, distances), Territory(graph, places, demand)


@cache
def proven_ties(ties: str) -> tuple[Problem, Territory, SplitResult]:
    """A community whose plans are tied by nothing, by caps or by a tolerance, and its proven answer."""
    problem, where = lively(2)
    if ties == "caps":
        problem = problem.with_rules(problem.rules.with_options({"exploration_basis": "both"}))
    elif ties == "tolerance":
        problem = asked_to(problem, tolerances={"travel": Fraction(1, 10)})
    best = solved(problem, where)
    assert best.status == "optimal"
    return problem, where, best


TIES, WORKS = ("nothing", "caps", "tolerance"), (0.0005, 0.004, 0.01)


@pytest.mark.parametrize(
    ("work", "ties"),
    [
        pytest.param(work, ties, marks=() if WORKS.index(work) == TIES.index(ties) else pytest.mark.campaign)
        for work in WORKS
        for ties in TIES
    ],
)
def test_stopped_answers_are_lawful_and_their_bounds_hold(work: float, ties: str) -> None:
    problem, where, best = proven_ties(ties)
    result = solved(problem, where, engine=Engine(Limits(work=work)))
    assert result.status == "feasible" or (result.status == "optimal" and work == 0.01)
    assert result.proposal is not None
    assert judge(problem, where, SplitWishes(), result.proposal) == ()
    for tier, proven in zip(result.tiers, best.tiers, strict=True):
        if tier.status == "optimal":
            assert tier.bound == proven.bound
            continue
        # The next tier: its bound is below what was proven, its value not; of the others nothing is said.
        if tier.bound is not None:
            assert key(problem, tier.name, tier.bound) <= key(problem, tier.name, proven.value)
        assert tier.name == "travel" or key(problem, tier.name, tier.value) >= key(problem, tier.name, proven.value)
        break
    same_answer(result, solved(problem, where, engine=Engine(Limits(work=work))))


def test_stops_before_anything_was_found() -> None:
    problem, where = lively(2)
    stop = Stop(watched=True)
    stop.set()
    result = solved(problem, where, engine=Engine(stop=stop))
    assert result.status in ("stopped", "feasible")
    assert result.status == "feasible" or result.proposal is None


def test_a_tolerance_is_spent_where_it_helps_most() -> None:
    """Travel may exceed the best joint travel; what follows is at least as good, and the sum keeps the limit."""
    share = Fraction(1, 5)
    elsewhere = []
    for seed in (9, 23):
        problem, where, wishes = random_split(seed)
        strict = solved(problem, where, wishes)
        loose = solved(asked_to(problem, tolerances={"travel": share}), where, wishes)
        assert strict.proposal is not None
        assert loose.proposal is not None
        assert loose.status == "optimal"
        least, spent = strict.proposal.values["travel"], loose.proposal.values["travel"]
        assert isinstance(least, Fraction)
        assert isinstance(spent, Fraction)
        assert least <= spent <= least * (1 + share)
        assert next(t for t in loose.tiers if t.name == "travel").bound == least
        after = ("preference", "separate", "convener_travel", "categories", "balance")
        ours, theirs = ([p.values[n] for n in after] for p in (loose.proposal, strict.proposal))
        assert ours < theirs
        elsewhere.append(loose.proposal.division != strict.proposal.division)
        # A tolerance of nothing changes nothing.
        same_answer(strict, solved(asked_to(problem, tolerances={"travel": Fraction(0)}), where, wishes))
    assert elsewhere == [False, True]  # even another division is worth it


def test_order_of_the_aims_is_the_planners() -> None:
    problem, where = lively(4)
    usual = solved(problem, where)
    balanced = solved(problem, where, order=("balance",))
    assert usual.proposal is not None
    assert balanced.proposal is not None
    assert balanced.tiers[0].name == "balance"
    assert balanced.proposal.values["balance"] == 0
    named = asked_to(problem, tier_order=("balance", *(t for t in problem.rules.rulebook.tiers.order)))
    same_answer(balanced, solved(named, where))


def test_exploration_before_unwilling_hosts_are_counted_adds_none_of_them() -> None:
    problem, where, wishes = random_split(2)
    usual = solved(problem, where, wishes)
    order = ("exploration", "overload", "load", "travel", "unwilling", "preference", "separate")
    changed = solved(problem, where, wishes, order=order)
    assert usual.proposal is not None
    assert changed.proposal is not None
    assert changed.status == "optimal"
    assert changed.proposal.values["exploration"] == usual.proposal.values["exploration"]


def test_closeness_keeps_the_old_line_where_nothing_else_decides() -> None:
    """Six townships with nothing to tell their divisions apart but their size: the old one of the best sizes stays."""
    problem, where = plain_split([4, 3, 4, 4, 3, 4], links=RING)
    place = where.school_node
    old = {code: int(place[code] in ("D", "E", "F")) for code in problem.participants}
    kept = solved(problem, where, SplitWishes(old={code: 1 - side for code, side in old.items()}), order=("unwilling",))
    assert kept.proposal is not None
    assert kept.proposal.values["closeness"] == 0
    assert kept.proposal.division == Division(frozenset("ABC"), frozenset("DEF"))


def test_evaluate_is_the_search_over_one_division() -> None:
    problem, where = lively(6)
    result = solved(problem, where)
    assert result.proposal is not None
    again = evaluate(problem, where, SplitWishes(), result.proposal.division)
    assert isinstance(again, Proposal)
    assert again.proven
    assert dict(again.values) == dict(result.proposal.values)
    assert [p.assignment for p in again.plans] == [p.assignment for p in result.proposal.plans]


def test_least_travel_is_a_lower_bound() -> None:
    problem, where = lively(7)
    result = solved(problem, where)
    assert result.proposal is not None
    for side in result.proposal.plans:
        least = one_by_one._least_travel_of(side.plan)
        assert 0 <= least <= travel.value(side.plan, side.assignment)


# -------------------------------------------------------------------------------------------------------- alternatives


@pytest.mark.parametrize("seed", runs(2, 30))
def test_best_divisions_are_those_of_enumeration_in_order(seed: int) -> None:
    problem, where, _ = random_split(1000 + seed, features=False, nodes=(4, 6))
    wishes = SplitWishes()
    expected: dict[frozenset[str], oracle.Best] = {}
    for best in oracle.ranked_splits(problem, where, wishes, split_order(problem, wishes)):
        group = groups_of(problem, where, divided(problem, where, best.first))[0]
        expected.setdefault(group, best)
    found = best_divisions(problem, where, wishes, 4, method=ONE_BY_ONE)
    if not expected:
        assert [result.status for result in found] in (["infeasible"], ["refused"])
        return
    assert [result.status for result in found] == ["optimal"] * min(4, len(expected))
    for result, best in zip(found, expected.values(), strict=False):
        assert result.proposal is not None
        assert result.proposal.division.first == best.first
        assert tuple(p.assignment for p in result.proposal.plans) == best.assignments
        assert equal_values(result.proposal.values["travel"], best.values["travel"])
    different = different_divisions(problem, where, wishes, 3, method=ONE_BY_ONE, least_moved=2)
    far: list[frozenset[str]] = [next(iter(expected))]
    n = len(problem.participants)
    for group in expected:
        if all(distance(group, other, n) >= 2 for other in far):
            far.append(group)
    groups = [groups_of(problem, where, r.proposal.division)[0] for r in different if r.proposal is not None]
    assert groups == far[1:4]


def test_clearly_different_divisions_are_a_fifth_apart() -> None:
    problem, where = lively(8)
    first = solved(problem, where)
    found = different_divisions(problem, where, None, 3, method=ONE_BY_ONE, first=first)
    assert found
    proposals = [r.proposal for r in (first, *found) if r.proposal is not None]
    groups = [groups_of(problem, where, proposal.division)[0] for proposal in proposals]
    for k, group in enumerate(groups):
        assert all(distance(group, other, 10) >= 2 for other in groups[:k])


def test_forbidden_groupings_are_kept_away_from_both_ways_round() -> None:
    problem, where = lively(9)
    first = solved(problem, where)
    assert first.proposal is not None
    one, other = groups_of(problem, where, first.proposal.division)
    for group in (one, other):
        second = solved(problem, where, forbid=(Forbidden(group),))
        assert second.proposal is not None
        assert groups_of(problem, where, second.proposal.division)[0] not in (one, other)


# --------------------------------------------------------------------------------------------------------------- moves


def test_every_move_across_the_line_is_solved_or_refused() -> None:
    problem, where = lively(10)
    result = solved(problem, where)
    assert result.proposal is not None
    found = moves(problem, where, None, result.proposal)
    assert [(move.node, move.to) for move in found] == list(border(where, result.proposal.division))
    # On a ring of six the line is crossed at two places: four nodes adjoin it.
    assert len(found) == 4
    for move in found:
        side = result.proposal.division.sides[move.to] | {move.node}
        if move.proposal is None:
            assert move.refusals
            continue
        assert move.proposal.division == divided(problem, where, side)
        assert move.proposal.lawful
        ranks = [
            tuple(key(problem, name, p.values[name]) for name in split_order(problem, SplitWishes()))
            for p in (result.proposal, move.proposal)
        ]
        assert ranks[0] < ranks[1]


def test_moves_that_are_not_lawful_say_why() -> None:
    """8 | 5 + 8: A's move leaves nobody, B may go, C is a benchmark school's township beside no other side."""
    problem, where = plain_split([8, 4, 2, 8], benchmarks={1: 1, 3: 1})
    division = divided(problem, where, {"A", "B"})
    proposal = evaluate(problem, where, SplitWishes(), division)
    assert isinstance(proposal, Proposal)
    found = {move.node: move for move in moves(problem, where, SplitWishes(), proposal)}
    assert set(found) == {"B", "C"}
    assert [refusal.code for refusal in found["B"].refusals] == ["benchmarks_together"]
    assert found["B"].refusals[0].schools == ("000009", "000015")
    assert found["C"].proposal is not None
    assert found["C"].proposal.sizes == (14, 8)


def test_a_move_that_cuts_something_off_names_it() -> None:
    problem, where = plain_split([6, 5, 5, 6], links=[(0, 1), (1, 2), (2, 3)])
    proposal = evaluate(problem, where, SplitWishes(), divided(problem, where, {"A", "B"}))
    assert isinstance(proposal, Proposal)
    found = {move.node: move for move in moves(problem, where, SplitWishes(), proposal)}
    assert {refusal.code for refusal in found["B"].refusals} == {"size"}
    assert found["B"].refusals[0].details["sizes"] == (6, 16)
    wide, ring = plain_split([6, 5, 5, 6], links=[(0, 1), (1, 2), (1, 3)])
    star = evaluate(wide, ring, SplitWishes(), divided(wide, ring, {"A", "B", "D"}))
    assert isinstance(star, tuple)
    assert star[0].code == "size"
    assert star[0].details["least"] == 8


def test_an_island_may_cross_though_it_adjoins_nothing() -> None:
    problem, where = plain_split([8, 5, 5, 4], links=[(0, 1), (1, 2)])
    division = divided(problem, where, {"A"})
    assert border(where, division) == (("A", 1), ("B", 0), ("D", 0))


def test_moves_are_cut_short_by_a_limit_and_say_so() -> None:
    problem, where = lively(11)
    result = solved(problem, where)
    assert result.proposal is not None
    engine = Engine(Limits(work=1e-6))
    engine.work = 1.0
    assert all(m.refusals[0].code == "stopped" for m in moves(problem, where, None, result.proposal, engine))


def test_divisible_townships_are_schools_of_their_own() -> None:
    """A township of 5 beside one of 1, 3 a plan: whole it is too heavy; as single schools it is divided."""
    problem, where = plain_split([5, 1])
    problem = problem.with_rules(lowered(problem.rules.rulebook, 4, 3).resolve(dict(problem.rules.choice)))
    assert solved(problem, where).status == "infeasible"
    graph: nx.Graph[Any] = nx.complete_graph([f"A:{code}" for code, node in where.school_node.items() if node == "A"])
    graph.add_edges_from([(node, "B") for node in list(graph)])
    place = {code: node if node != "A" else f"A:{code}" for code, node in where.school_node.items()}
    result = solved(problem, Territory(graph, place))
    # B with two of the five.
    assert (result.status, result.divisions) == ("optimal", 10)
    assert result.proposal is not None
    assert result.proposal.sizes == (3, 3)
    assert result.proposal.pieces == 2
