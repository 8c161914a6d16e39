"""`design`: equal to trying every division, lawful and bounded on larger maps, repeatable, clear in its refusals."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.design import Design, Steps, design
from models.regions import RegionsError
from models.stopping import Stop
from tests.models.regions_graphs import grid, planar_graph
from tests.oracles.regions import all_partitions

#: Some seeds by default, the others in the campaign.
SEEDS = [*range(40), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(40, 400))]

Able = Callable[[frozenset[object]], bool]


def never_a_multiple_of_three(members: frozenset[object]) -> bool:
    """A rule that no linear model knows: a community whose nodes add up to a multiple of three is unable."""
    return sum(int(node) for node in members) % 3 != 0  # type: ignore[call-overload]


def an_instance(seed: int, count: int) -> tuple[nx.Graph, dict, dict, int]:
    """A synthetic map: townships with 0 to 5 schools, people who travel, an old map of two or three communities."""
    rng = random.Random(seed)
    graph = planar_graph(count, seed)
    for node in graph:
        graph.nodes[node]["schools"] = rng.choice((0, 1, 1, 2, 3, 5))
    graph.nodes[0]["schools"] = graph.nodes[1]["schools"] = graph.nodes[2]["schools"] = 2
    people = {node: rng.randint(0, 40) for node in graph}
    centres = [node for node in graph if graph.nodes[node]["schools"]]

    def km(a: int, b: int) -> float:
        one, two = graph.nodes[a], graph.nodes[b]
        return round(100 * math.hypot(one["x"] - two["x"], one["y"] - two["y"]), rng.choice((0, 1)))

    cost = {node: {centre: people[node] * km(node, centre) for centre in centres} for node in graph}
    old = {node: rng.choice("甲乙丙") for node in graph if rng.random() < 0.9}
    return graph, cost, old, rng.choice((0, 3, 50, 1000))


def value_of(graph: nx.Graph, labels: dict, cost: dict, old: dict, price: int, parts: int) -> Fraction:
    """The definition, written a second time: travel, and the price of each school away from its old community."""
    total = Fraction(0)
    for part in range(parts):
        members = [node for node in graph if labels[node] == part]
        choices = []
        for centre in members:
            if centre not in cost[members[0]]:
                continue
            travel = sum(Fraction(repr(cost[node][centre])) for node in members)
            away = sum(
                graph.nodes[node]["schools"]
                for node in members
                if node in old and old[node] != old.get(centre, "nowhere")
            )
            choices.append(travel + price * away)
        total += min(choices)
    return total


def by_brute_force(
    graph: nx.Graph, parts: int, least: int, most: int, cost: dict, old: dict, price: int, able: Able | None
) -> Fraction | None:
    best = None
    for labels in all_partitions(graph, parts, "schools", [least] * parts, [most] * parts, fixed={0: 0}):
        groups = [frozenset(node for node in graph if labels[node] == part) for part in range(parts)]
        if any(not any(node in cost[0] for node in group) for group in groups):
            continue
        if able is not None and not all(map(able, groups)):
            continue
        value = value_of(graph, labels, cost, old, price, parts)
        best = value if best is None else min(best, value)
    return best


def check(graph: nx.Graph, found: Design, parts: int, least: int, most: int, able: Able | None = None) -> None:
    """A lawful design."""
    assert set(found.labels) == set(graph)
    assert len(found.centres) == len(found.sizes) == parts
    for part, members in enumerate(found.parts()):
        assert nx.is_connected(graph.subgraph(members))
        assert found.sizes[part] == sum(graph.nodes[node]["schools"] for node in members)
        assert least <= found.sizes[part] <= most
        assert found.labels[found.centres[part]] == part
        assert able is None or able(frozenset(members))
    assert found.value is not None
    assert found.bound is not None
    assert found.bound <= found.value


def a_question(seed: int) -> tuple[nx.Graph, int, dict, dict, int, int, int, Able | None]:
    rng = random.Random(seed)
    parts = rng.choice((2, 2, 3))
    graph, cost, old, price = an_instance(seed, rng.randint(6, 11 if parts == 2 else 8))
    total = sum(data["schools"] for _, data in graph.nodes(data=True))
    least = max(1, math.floor(total / parts * rng.choice((0.2, 0.6, 0.9))))
    most = math.ceil(total / parts * rng.choice((1.1, 1.3, 1.8)))
    return graph, parts, cost, old, price, least, most, rng.choice((None, None, never_a_multiple_of_three))


@pytest.mark.parametrize("seed", SEEDS)
def test_equals_trying_every_division(seed: int) -> None:
    graph, parts, cost, old, price, least, most, able = a_question(seed)
    best = by_brute_force(graph, parts, least, most, cost, old, price, able)
    found = design(graph, parts, least=least, most=most, cost=cost, old=old, change_price=price, able=able)
    if best is None:
        assert (found.status, found.labels, found.value) == ("infeasible", {}, None)
        return
    assert found.status == "optimal"
    check(graph, found, parts, least, most, able)
    assert value_of(graph, found.labels, cost, old, price, parts) == best
    assert found.value == pytest.approx(float(best), rel=1e-12)
    assert found.value == pytest.approx(found.travel + price * found.changed, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_equals_trying_every_division_of_a_map_in_two_pieces(seed: int) -> None:
    """An island is designed apart, with as many communities as are best."""
    one, cost, _, _ = an_instance(seed, 5)
    two, other, _, _ = an_instance(seed + 1, 4)
    graph = nx.disjoint_union(one, two)
    far = {
        node: {centre: (cost if node < 5 else other).get(node % 5, {}).get(centre % 5, 5000) for centre in graph}
        for node in graph
    }
    centres = [node for node in graph if graph.nodes[node]["schools"]]
    table = {node: {centre: far[node][centre] for centre in centres} for node in graph}
    best = by_brute_force(graph, 3, 1, 20, table, {}, 0, None)
    found = design(graph, 3, least=1, most=20, cost=table)
    assert best is not None
    assert (found.status, found.value) == ("optimal", pytest.approx(float(best)))
    check(graph, found, 3, 1, 20)


#: In 25 and 122 prices that nothing pushes any more used to run away, and a design that is there was denied.
ODD = (*range(12), 25, 122)


@pytest.mark.parametrize(
    "seed", [*ODD, *(pytest.param(k, marks=pytest.mark.campaign) for k in range(12, 150) if k not in ODD)]
)
def test_equals_trying_every_division_of_odd_maps(seed: int) -> None:
    """Centres without schools, a centre that costs something to its own, pieces, one community, no least size."""
    rng = random.Random(seed)
    count = rng.randint(3, 7)
    graph, _, old, price = an_instance(seed, count)
    centres = [node for node in graph if rng.random() < 0.7] or [0]
    cost = {a: {b: rng.randint(0, 30) if a != b else rng.choice((0, 0, 5)) for b in centres} for a in graph}
    if seed % 3 == 0:
        graph.remove_edges_from([edge for edge in graph.edges if rng.random() < 0.4])
    parts, least, most = rng.randint(1, min(4, count)), rng.choice((0, 0, 1, 3)), rng.choice((4, 6, 9, 30))
    able = rng.choice((None, never_a_multiple_of_three))
    best = by_brute_force(graph, parts, least, most, cost, old, price, able)
    found = design(graph, parts, least=least, most=most, cost=cost, old=old, change_price=price, able=able)
    assert (found.status, found.value) == (("infeasible", None) if best is None else ("optimal", best))


def test_seeds_cover_every_kind() -> None:
    """Among the seeds are maps without a design, with an excluded community, and where the old map decides."""
    kinds = set()
    for seed in range(14):
        graph, parts, cost, old, price, least, most, able = a_question(seed)
        given = {"least": least, "most": most, "cost": cost}
        found = design(graph, parts, **given, old=old, change_price=price, able=able)
        kinds.add(found.status)
        if found.unable:
            kinds.add("unable")
        if price and design(graph, parts, **given, able=able).labels != found.labels:
            kinds.add("change")
    assert kinds == {"optimal", "infeasible", "unable", "change"}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(16, 40), parts=st.integers(2, 7), loose=st.floats(1.15, 2))
def test_larger_designs_are_lawful_and_bounded(seed: int, count: int, parts: int, loose: float) -> None:
    graph, cost, old, price = an_instance(seed, count)
    total = sum(data["schools"] for _, data in graph.nodes(data=True))
    least, most = max(1, math.floor(total / parts / loose)), math.ceil(total / parts * loose)
    found = design(
        graph,
        parts,
        least=least,
        most=most,
        cost=cost,
        old=old,
        change_price=price,
        able=never_a_multiple_of_three,
        work_limit=1.0,
    )
    if found.status in ("optimal", "feasible"):
        check(graph, found, parts, least, most, never_a_multiple_of_three)
        assert found.value == pytest.approx(float(value_of(graph, found.labels, cost, old, price, parts)), rel=1e-9)
    else:
        assert found.labels == {}
        assert found.value is None


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(60))
def test_a_bound_never_exceeds_what_another_search_finds(seed: int) -> None:
    """Random growth, by another hand: no lawful design it meets is below the bound."""
    graph, cost, _, _ = an_instance(seed, 30)
    total = sum(data["schools"] for _, data in graph.nodes(data=True))
    least, most = math.floor(total / 5 * 0.6), math.ceil(total / 5 * 1.4)
    found = design(graph, 5, least=least, most=most, cost=cost, work_limit=0.2)
    rng = random.Random(seed)
    for _ in range(300):
        labels = {node: part for part, node in enumerate(rng.sample(sorted(graph), 5))}
        while len(labels) < len(graph):
            node = rng.choice([n for n in graph if n not in labels and any(o in labels for o in graph.adj[n])])
            labels[node] = labels[rng.choice([o for o in graph.adj[node] if o in labels])]
        sizes = [sum(graph.nodes[n]["schools"] for n in graph if labels[n] == part) for part in range(5)]
        centred = all(any(labels[n] == part for n in cost[0]) for part in range(5))
        if centred and all(least <= size <= most for size in sizes):
            assert found.bound is None or value_of(graph, labels, cost, {}, 0, 5) >= Fraction(found.bound) * (
                1 - Fraction(1, 10**12)
            )


def a_grid() -> tuple[nx.Graph, dict]:
    """Synthetic: 6 x 5 townships with a school each, one person in each who travels along streets."""
    graph = nx.relabel_nodes(grid(6, 5), lambda node: f"{node[0]}-{node[1]}")
    nx.set_node_attributes(graph, 1, "schools")
    place = {node: tuple(map(int, node.split("-"))) for node in graph}
    cost = {a: {b: abs(place[a][0] - place[b][0]) + abs(place[a][1] - place[b][1]) for b in graph} for a in graph}
    return graph, cost


def test_a_hand_checked_strip() -> None:
    """Six townships in a row, three communities of two: each travels one step; in two of three: two steps each."""
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    three = design(graph, 3, least=2, most=2, cost=cost)
    assert (three.value, three.bound, three.sizes, three.status) == (3, 3, (2, 2, 2), "optimal")
    assert three.parts() == [[0, 1], [2, 3], [4, 5]]
    two = design(graph, 2, least=1, most=5, cost=cost)
    assert (two.value, two.parts(), two.centres) == (4, [[0, 1, 2], [3, 4, 5]], (1, 4))


def test_a_price_on_change_keeps_the_old_map() -> None:
    """The old map cuts the strip after two: moving the third would spare one step and cost one change."""
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    old = dict.fromkeys((0, 1), "east") | dict.fromkeys((2, 3, 4, 5), "west")
    kept = design(graph, 2, least=1, most=5, cost=cost, old=old, change_price=2)
    assert (kept.parts(), kept.value, kept.travel, kept.changed) == ([[0, 1], [2, 3, 4, 5]], 5, 5, 0)
    assert kept.old == ("east", "west")
    moved = design(graph, 2, least=1, most=5, cost=cost, old=old, change_price=0.5)
    assert (moved.parts(), moved.value, moved.travel, moved.changed) == ([[0, 1, 2], [3, 4, 5]], 4.5, 4, 1)


def every_choice(graph: nx.Graph, parts: int, least: int, most: int, cost: dict, old: dict, able: Able | None) -> list:
    """Travel and changed schools of every lawful division with every choice of centres."""
    found: list[tuple[Fraction, int]] = []
    for labels in all_partitions(graph, parts, "schools", [least] * parts, [most] * parts, fixed={0: 0}):
        groups = [[node for node in graph if labels[node] == part] for part in range(parts)]
        if able is not None and not all(able(frozenset(group)) for group in groups):
            continue
        choices = [
            [
                (
                    sum(Fraction(repr(cost[node][centre])) for node in group),
                    sum(
                        graph.nodes[node]["schools"]
                        for node in group
                        if node in old and old[node] != old.get(centre, "nowhere")
                    ),
                )
                for centre in group
                if centre in cost[0]
            ]
            for group in groups
        ]
        found += [(sum(t for t, _ in one), sum(c for _, c in one)) for one in product(*choices)]
    return found


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(k, marks=pytest.mark.campaign) for k in range(10, 200))])
def test_the_least_change_within_a_tolerance_equals_trying_every_division_and_centre(seed: int) -> None:
    rng = random.Random(seed)
    parts = rng.choice((2, 2, 3))
    graph, cost, old, _ = an_instance(seed, rng.randint(6, 10 if parts == 2 else 8))
    total = sum(data["schools"] for _, data in graph.nodes(data=True))
    least = max(1, math.floor(total / parts * rng.choice((0.2, 0.6))))
    most = math.ceil(total / parts * rng.choice((1.3, 1.8)))
    able = rng.choice((None, None, never_a_multiple_of_three))
    tolerance = rng.choice((0, Fraction(1, 20), Fraction(1, 3), 0.5))
    every = every_choice(graph, parts, least, most, cost, old, able)
    found = design(graph, parts, least=least, most=most, cost=cost, old=old, able=able, travel_tolerance=tolerance)
    if not every:
        assert (found.status, found.steps) == ("infeasible", None)
        return
    check(graph, found, parts, least, most, able)
    assert found.steps is not None
    shortest = min(travel for travel, _ in every)
    allowed = shortest * (1 + Fraction(tolerance))
    assert found.status == "optimal"
    assert found.changed == found.steps.changed_bound == min(changed for travel, changed in every if travel <= allowed)
    assert found.steps.travel == pytest.approx(float(shortest), rel=1e-12)
    assert found.travel == found.value <= float(allowed) * (1 + 1e-12)


def test_a_tolerance_buys_less_change_and_no_more_than_it_allows() -> None:
    """The strip of above: six in a row, cut after two in the old map. One of four steps more keeps it."""
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    old = dict.fromkeys((0, 1), "east") | dict.fromkeys((2, 3, 4, 5), "west")
    strict, loose = (
        design(graph, 2, least=1, most=5, cost=cost, old=old, travel_tolerance=tolerance) for tolerance in (0.2, 0.25)
    )
    assert (strict.parts(), strict.travel, strict.changed) == ([[0, 1, 2], [3, 4, 5]], 4, 1)
    assert (loose.parts(), loose.travel, loose.changed) == ([[0, 1], [2, 3, 4, 5]], 5, 0)
    assert loose.steps == Steps(travel=4, travel_bound=4, allowed=5, changed_bound=0)
    assert (loose.gap, loose.status) == (0, "optimal")


def test_a_township_whose_schools_were_in_two_communities_counts_each() -> None:
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, {0: 2, 1: 3, 2: 2}, "schools")
    cost = {a: {0: abs(a), 2: abs(a - 2)} for a in graph}
    old = {0: "east", 1: {"east": 1, "west": 2}, 2: "west"}
    found = design(graph, 2, least=2, most=5, cost=cost, old=old, change_price=10)
    assert (found.parts(), found.changed, found.value) == ([[0], [1, 2]], 1, 11)


def test_the_same_work_gives_the_same_design_whatever_the_order_of_rows() -> None:
    graph, cost = a_grid()
    shuffled: nx.Graph = nx.Graph()
    rng = random.Random(5)
    nodes, edges = sorted(graph), sorted(graph.edges)
    rng.shuffle(nodes)
    rng.shuffle(edges)
    shuffled.add_nodes_from((node, {"schools": 1}) for node in nodes)
    shuffled.add_edges_from((b, a) for a, b in edges)
    turned = {node: dict(reversed(list(cost[node].items()))) for node in nodes}
    one = design(graph, 5, least=5, most=7, cost=cost, work_limit=1.5)
    two = design(shuffled, 5, least=5, most=7, cost=turned, work_limit=1.5)
    assert (one.labels, one.value, one.bound, one.work) == (two.labels, two.value, two.bound, two.work)


def test_numbers_that_are_not_whole_are_exact() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: round(0.1 * abs(a - b), 1) for b in graph} for a in graph}
    assert design(graph, 2, least=2, most=2, cost=cost).value == 0.2


def test_a_stop_ends_it_with_what_there_is() -> None:
    graph, cost = a_grid()
    stop = Stop()
    stop.set()
    found = design(graph, 5, least=5, most=7, cost=cost, stop=stop)
    assert found.status in ("feasible", "unknown")
    assert found.stopped_by == "person"
    if found.status == "feasible":
        check(graph, found, 5, 5, 7)


def test_progress_hears_better_values_and_bounds() -> None:
    class Told:
        def __init__(self) -> None:
            self.bounds: list[float] = []
            self.values: list[object] = []

        def tier(self, name: str) -> None: ...

        def bound(self, value: float) -> None:
            self.bounds.append(value)

        def incumbent(self, value: object) -> None:
            self.values.append(value)

    graph, cost = a_grid()
    told = Told()
    found = design(graph, 4, least=7, most=8, cost=cost, progress=told, work_limit=4.0)
    assert told.bounds == sorted(told.bounds)
    assert told.values == sorted(told.values, reverse=True)
    assert told.values[-1] == found.value
    assert told.bounds[-1] >= found.bound


@pytest.mark.parametrize(
    ("parts", "least", "most", "code"),
    [(2, 4, 5, "total_too_small"), (2, 1, 2, "total_too_large"), (3, 1, 1, "total_too_large")],
)
def test_limits_that_cannot_be_kept_are_said_at_once(parts: int, least: int, most: int, code: str) -> None:
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    found = design(graph, parts, least=least, most=most, cost=cost)
    assert found.reason is not None
    assert (found.status, found.reason.code, found.engine) == ("infeasible", code, "none")


def test_a_township_with_too_many_schools_is_named() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, {0: 1, 1: 9, 2: 1, 3: 1}, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    reason = design(graph, 2, least=1, most=8, cost=cost).reason
    assert reason is not None
    assert (reason.code, reason.nodes) == ("too_heavy", (1,))


def test_an_island_too_small_for_a_community_is_named() -> None:
    graph = nx.disjoint_union(nx.path_graph(5), nx.path_graph(1))
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    reason = design(graph, 2, least=2, most=5, cost=cost).reason
    assert reason is not None
    assert (reason.code, reason.nodes) == ("pieces", (0, 5))
    linked = nx.Graph(graph)
    linked.add_edge(4, 5)
    assert design(linked, 2, least=2, most=5, cost=cost).status == "optimal"


def test_every_community_unable_is_proven_infeasible() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, 1, "schools")
    cost = {a: {b: abs(a - b) for b in graph} for a in graph}
    asked: list[frozenset[object]] = []

    def able(members: frozenset[object]) -> bool:
        asked.append(members)
        return False

    found = design(graph, 2, least=1, most=3, cost=cost, able=able)
    assert found.status == "infeasible"
    assert found.unable == len(asked) == len(set(asked)) > 0


def given_wrongly(**changes: object) -> None:
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, 1, "schools")
    graph.nodes[1].update(changes.pop("node", {}))
    cost = {a: {0: a, 2: 2 - a} for a in graph}
    asked = {"parts": 2, "least": 1, "most": 2, "cost": cost, **changes}
    design(graph, asked.pop("parts"), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("parts.number", {"parts": 0}),
        ("parts.more_than_nodes", {"parts": 9}),
        ("bounds.number", {"least": 1.5}),
        ("bounds.order", {"least": 3}),
        ("weight.whole", {"node": {"schools": 0.5}}),
        ("weight.negative", {"node": {"schools": -1}}),
        ("weight.number", {"node": {"schools": "many"}}),
        ("distance.missing", {"cost": {0: {0: 1}, 1: {}, 2: {0: 1}}}),
        ("centres.none", {"cost": {}}),
        ("centres.node", {"cost": {0: {7: 1}, 1: {7: 1}, 2: {7: 1}}}),
        ("centres.cost", {"cost": {0: {0: -1}, 1: {0: 1}, 2: {0: 1}}}),
        ("price.number", {"change_price": float("nan")}),
        ("tolerance.number", {"travel_tolerance": -0.1}),
        ("tolerance.price", {"travel_tolerance": 0.1, "change_price": 5}),
        ("old.node", {"old": {9: "east"}}),
        ("old.number", {"old": {1: {"east": 5}}}),
        ("limit.number", {"work_limit": 0}),
    ],
)
def test_what_cannot_be_read_is_refused_by_code(code: str, changes: dict[str, object]) -> None:
    with pytest.raises(RegionsError) as caught:
        given_wrongly(**changes)
    assert caught.value.code == code
