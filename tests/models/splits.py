"""Small communities to be split, with the law's numbers lowered so that every division can be looked at."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import networkx as nx

from models.community import DemandPoint, Problem, Wishes
from models.rulebook import Rulebook
from models.split.values import SplitWishes, Territory
from tests.communities import plain_problem, random_problem

__all__ = ["SPLIT_SWITCHES", "lowered", "plain_split", "random_split", "with_rules"]

#: Switches that speak of a split, with their other readings.
SPLIT_SWITCHES: Mapping[str, tuple[str, ...]] = {
    "split_threshold": ("partners",),
    "plan_size": ("partners",),
    "plan_connectedness": ("free", "every_plan"),
    "benchmark_split": ("both_in_one",),
    "exploration_basis": ("community", "both"),
    "scope_2_1": ("once",),
    "scope_2_3": ("once",),
    "scope_3_2": ("once",),
    "scope_4_5": ("once",),
}

#: What plans of two or three schools need.
RELAXED = {
    "partner_includes_convener": "yes",
    "both_tracks": "yes",
    "community_learning_partner": "not_needed",
    "benchmark_serves": "when_no_other",
}


def lowered(book: Rulebook, above: int, least: int) -> Rulebook:
    """The rulebook with other numbers of the split."""
    changed = book.split.model_copy(update={"above_schools": above, "least_schools_a_plan": least})
    return book.model_copy(update={"split": changed})


def with_rules(problem: Problem, book: Rulebook, **choice: str) -> Problem:
    """The same problem under another rulebook and other switches."""
    return problem.with_rules(book.resolve({**dict(problem.rules.choice), **choice}))


def plain_split(
    sizes: Sequence[int],
    *,
    benchmarks: Mapping[int, int] | None = None,
    links: Iterable[tuple[int, int]] | None = None,
    switches: Mapping[str, str] | None = None,
    seed: int | None = None,
    **wishes: Any,
) -> tuple[Problem, Territory]:
    """A plain community (`tests.communities.plain_problem`) in townships of so many schools each.

    Townships are "A", "B", ... beside one another (or joined by `links`, by position); the law's own numbers hold.
    Codes run through the townships. `benchmarks`: township -> how many of its first schools are benchmark schools.
    """
    problem = plain_problem(sum(sizes), seed=seed, rules_changes=switches or {})
    names = [chr(ord("A") + k) for k in range(len(sizes))]
    codes = iter(school.code for school in problem.community.schools)
    place: dict[str, str] = {}
    marked: set[str] = set()
    for k, size in enumerate(sizes):
        here = [next(codes) for _ in range(size)]
        place.update(dict.fromkeys(here, names[k]))
        marked.update(here[: (benchmarks or {}).get(k, 0)])
    schools = tuple(replace(school, benchmark=school.code in marked) for school in problem.community.schools)
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(names)
    joined = [(k, k + 1) for k in range(len(sizes) - 1)] if links is None else links
    graph.add_edges_from((names[a], names[b]) for a, b in joined)
    where = random.Random(f"demand {seed}")
    demand = {point.id: (where.choice(names),) for point in problem.community.demand_points}
    community = replace(problem.community, schools=schools)
    asked = Wishes(**wishes)
    return Problem(problem.rules, community, asked, problem.distances), Territory(graph, place, demand)


def random_split(
    seed: int,
    *,
    schools: tuple[int, int] = (5, 8),
    nodes: tuple[int, int] = (3, 6),
    features: bool = True,
    rules_changes: Mapping[str, str] | None = None,
) -> tuple[Problem, Territory, SplitWishes]:
    """A random small community on a random map, with wishes about its split now and then.

    The law's numbers are lowered to more than four schools and two or three a plan.
    """
    rng = random.Random(f"split {seed}")
    n = rng.randint(*schools)
    drawn = random_problem(seed, n, features=features, demand_points=rng.randint(2, 8), rules_changes=RELAXED)
    choice = {name: rng.choice(other) for name, other in SPLIT_SWITCHES.items() if features and rng.random() < 0.12}
    book = lowered(drawn.rules.rulebook, 4, rng.choice((2, 2, 3)))
    problem = with_rules(drawn, book, **{**choice, **(rules_changes or {})})
    keep = rng.random() < 0.25
    problem = replace(problem, wishes=replace(problem.wishes, convener=problem.wishes.convener if keep else None))
    names = [f"T{k}" for k in range(rng.randint(*nodes))]
    graph = _map(rng, names)
    codes = [school.code for school in problem.community.schools]
    place = {code: rng.choice(names) for code in codes}
    demand = {point.id: _somewhere(rng, names) for point in problem.community.demand_points}
    return problem, Territory(graph, place, demand), _wishes(rng, problem, codes)


def _map(rng: random.Random, names: Sequence[str]) -> nx.Graph[Any]:
    """A tree with some more links; now and then in two parts."""
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(names)
    for k in range(1, len(names)):
        if rng.random() < 0.92:
            graph.add_edge(names[k], names[rng.randrange(k)])
    for one in names:
        other = rng.choice(names)
        if one != other and rng.random() < 0.4:
            graph.add_edge(one, other)
    return graph


def _somewhere(rng: random.Random, names: Sequence[str]) -> tuple[str, ...]:
    """Mostly one node; of a divisible township several; rarely none."""
    if rng.random() < 0.05:
        return ()
    return tuple(rng.sample(list(names), 2 if rng.random() < 0.2 else 1))


def _wishes(rng: random.Random, problem: Problem, codes: Sequence[str]) -> SplitWishes:
    members = list(problem.participants)
    pairs = [tuple(sorted(rng.sample(members, 2))) for _ in range(2)]
    return SplitWishes(
        together=(pairs[0],) if rng.random() < 0.15 else (),
        apart=((pairs[1][0], pairs[1][1]),) if rng.random() < 0.15 else (),
        conveners=(rng.choice(members),) if rng.random() < 0.1 else (),
        convening="free" if rng.random() < 0.3 else "ranked",
        old={code: rng.randint(0, 1) for code in codes} if rng.random() < 0.4 else None,
    )


def junior_high(name: str, pupils: int = 0, teachers: int = 1) -> DemandPoint:
    """A junior high with so many pupils in every grade."""
    return DemandPoint(name, "", dict.fromkeys((7, 8, 9), pupils), Fraction(teachers))
