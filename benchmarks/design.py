"""Communities designed anew, on real schools: `python -m benchmarks.design [county|nation|whole|peers]`.

The ministry's lists are not part of the project: `--data` names their folder. Townships and their borders are those
that are shipped, and the measure is that of docs/designing.md. Nothing here asserts seconds; designs are judged here by
a value that is computed a second time.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

from assigner.boundary.designing import DesignedMap, Question, base_of_roster, design_communities, question_of
from assigner.boundary.values import Base
from assigner.messages import language_set
from benchmarks.counties import roster_of
from geodata.base_map import BaseMap
from geodata.geography import embedded
from models.design import Design, design

SECTIONS = ("county", "nation", "whole", "peers")
COUNTIES = (("臺中市", 4), ("臺北市", 5), ("新北市", 5), ("高雄市", 5), ("桃園市", 3), ("臺南市", 4), ("彰化縣", 3))
COMMUNITIES, LEAST, MOST = 43, 6, 20
LEAST_OF_ALL = 5
"""Fewest schools of a community where islands are among them: what the command takes by itself."""


def mainland(base: Base) -> Base:
    """The townships that hang together without links: the main island."""
    inside = max(nx.connected_components(embedded().graph(links=False)), key=len)
    known = base.map
    place = {code: town for code, town in known.place.items() if town in inside}
    return replace(
        base,
        map=BaseMap({}, {t: c for t, c in known.home.items() if t in inside}, dict.fromkeys(place, ""), place),
        schools={code: entry for code, entry in base.schools.items() if code in place},
        junior_highs={code: entry for code, entry in base.junior_highs.items() if base.junior_town[code] in inside},
        junior_town={code: town for code, town in base.junior_town.items() if town in inside},
    )


def value_of(question: Question, labels: Mapping[str, int]) -> float:
    """Travel of any division, each part to its best centre; infinity where a part has none."""
    return sum(_value_of_part(question.cost, frozenset(part)) for part in _parts(labels))


def _value_of_part(cost: Mapping[str, Mapping[str, Any]], towns: frozenset[str]) -> float:
    centres = [town for town in sorted(towns) if town in cost[town]]
    if not centres:
        return float("inf")
    return min(float(sum(cost[town][centre] for town in towns)) for centre in centres)


def _parts(labels: Mapping[str, int]) -> Iterable[list[str]]:
    listed: dict[int, list[str]] = {}
    for town, label in labels.items():
        listed.setdefault(label, []).append(town)
    return listed.values()


def sizes_of(question: Question, labels: Mapping[str, int]) -> list[int]:
    """Schools of each part, ascending."""
    return sorted(sum(question.graph.nodes[town]["schools"] for town in part) for part in _parts(labels))


def check(question: Question, found: Design, parts: int, least: int, most: int) -> None:
    """A lawful design whose value is what it says, not below its bound."""
    assert len(found.parts()) == parts
    assert all(nx.is_connected(question.graph.subgraph(part)) for part in found.parts())
    sizes = sizes_of(question, found.labels)
    assert least <= sizes[0]
    assert sizes[-1] <= most
    assert found.value is not None
    assert found.bound is not None
    assert abs(value_of(question, found.labels) - found.value) <= 1e-6 * found.value
    assert found.bound <= found.value


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def head(*cells: str) -> None:
    """Print the head of a table."""
    print()
    row(*cells)
    print("|" + "---|" * len(cells))


def _of(answer: DesignedMap) -> tuple[object, ...]:
    found = answer.found
    if found.value is None or found.gap is None:
        return "–", found.bound, "–", found.status, found.engine, f"{found.seconds:.1f}"
    check(answer.question, found, answer.asked, answer.least, answer.most)
    shown = f"{found.value:,.0f}", f"{found.bound:,.0f}", f"{found.gap:.2%}"
    return *shown, found.status, found.engine, f"{found.seconds:.1f}"


ANSWER = ("value, person-km a year", "bound", "gap", "status", "engine", "s")


def counties(folder: Path, limit: float | None) -> None:
    """Big counties."""
    roster = roster_of(folder)
    head("county", "townships", "schools", "communities", "schools of each", *ANSWER)
    for name, communities in COUNTIES:
        base = base_of_roster(roster, [name])
        answer = design_communities(base, communities, time_limit=limit)
        sizes = " ".join(map(str, sorted(answer.found.sizes)))
        row(name, len(base.map.home), len(base.map.member), communities, sizes, *_of(answer))


def nation(folder: Path, limit: float | None, *, islands: bool = False) -> None:
    """The main island, or all townships with their declared links, in 43 communities; what was known when."""
    base = base_of_roster(roster_of(folder))
    if not islands:
        base = mainland(base)
    least = LEAST_OF_ALL if islands else LEAST
    began = time.perf_counter()

    class Told:
        best = bound = float("nan")

        def tier(self, name: str) -> None: ...

        def bound_(self) -> None:
            row(f"{time.perf_counter() - began:.1f}", f"{self.best:,.0f}", f"{self.bound:,.0f}")

        def incumbent(self, value: object) -> None:
            self.best = float(value)  # type: ignore[arg-type]

    told = Told()

    class Progress:
        said = 0.0

        def tier(self, name: str) -> None: ...

        def bound(self, value: float) -> None:
            told.bound = value
            told.bound_()

        def incumbent(self, value: object) -> None:
            told.incumbent(value)
            if time.perf_counter() - self.said > 5:
                self.said = time.perf_counter()
                told.bound_()

    head("s", "best", "bound")
    answer = design_communities(base, COMMUNITIES, least=least, most=MOST, time_limit=limit, progress=Progress())
    head("instance", "townships", "schools", "communities", "schools of each", "communities without a plan", *ANSWER)
    sizes = f"{min(answer.found.sizes)}–{max(answer.found.sizes)}"
    row(
        "all townships" if islands else "main island",
        len(base.map.home),
        len(base.map.member),
        COMMUNITIES,
        sizes,
        answer.found.unable,
        *_of(answer),
    )


# ----------------------------------------------------------------------------------------------------------- others


def peers(folder: Path, limit: float) -> None:
    """GerryChain's trees and spopt's regions, judged by the same value, beside ours in the same seconds."""
    missing = [name for name in ("gerrychain", "spopt") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"not installed here: {', '.join(missing)}")
        return
    import warnings

    warnings.filterwarnings("ignore")
    question = question_of(mainland(base_of_roster(roster_of(folder))))
    asked: dict[str, Any] = {"cost": question.cost, "time_limit": limit}
    ours = design(question.graph, COMMUNITIES, least=LEAST, most=MOST, **asked)
    check(question, ours, COMMUNITIES, LEAST, MOST)
    assert ours.value is not None
    best = ours.value
    head("method", "value, person-km a year", "above ours", "schools of each", "limits kept", "tried", "s")
    sizes = f"{min(ours.sizes)}–{max(ours.sizes)}"
    row(
        f"ours (bound {ours.bound:,.0f}, gap {ours.gap:.2%})",
        f"{best:,.0f}",
        "–",
        sizes,
        "yes",
        "–",
        f"{ours.seconds:.0f}",
    )
    for name, method in (("GerryChain: best of recursive trees", _trees), ("GerryChain: ReCom, short bursts", _recom)):
        began = time.perf_counter()
        labels, tried = method(question, limit)
        _row_of(question, name, labels, tried, time.perf_counter() - began, best)
    found = []
    for name, run in _regions(question):
        began = time.perf_counter()
        try:
            labels = run()
        except Exception as error:  # noqa: BLE001  a library of others may fail in any way; the table says so
            row(f"spopt: {name}", f"failed: {type(error).__name__}", "", "", "", "", "")
            continue
        seconds = time.perf_counter() - began
        _row_of(question, f"spopt: {name}", labels, 1, seconds, best)
        if len(set(labels.values())) == COMMUNITIES and value_of(question, labels) < float("inf"):
            found.append((value_of(question, labels), name, labels))
    if found:
        value, name, labels = min(found, key=lambda entry: entry[:2])
        own = sizes_of(question, labels)
        loose = design(question.graph, COMMUNITIES, least=own[0], most=own[-1], **asked)
        check(question, loose, COMMUNITIES, own[0], own[-1])
        row(
            f"ours within the sizes of {name} (bound {loose.bound:,.0f}, gap {loose.gap:.2%})",
            f"{loose.value:,.0f}",
            f"{loose.value / value - 1:+.1%} beside {name}",
            f"{min(loose.sizes)}–{max(loose.sizes)}",
            "–",
            "–",
            f"{loose.seconds:.0f}",
        )
        assert loose.value <= value


def _row_of(
    question: Question, name: str, labels: Mapping[str, int] | None, tried: int, seconds: float, best: float
) -> None:
    if labels is None:
        row(name, "none found", "", "", "", tried, f"{seconds:.0f}")
        return
    value, sizes = value_of(question, labels), sizes_of(question, labels)
    whole = all(nx.is_connected(question.graph.subgraph(part)) for part in _parts(labels))
    kept = whole and len(sizes) == COMMUNITIES and sizes[0] >= LEAST and sizes[-1] <= MOST
    shown = f"{value:,.0f}" if value < float("inf") else "a part without a school"
    above = f"{value / best - 1:+.1%}" if value < float("inf") else "–"
    row(
        name,
        shown,
        above,
        f"{len(sizes)} parts, {sizes[0]}–{sizes[-1]}",
        "yes" if kept else "no",
        tried,
        f"{seconds:.0f}",
    )
    assert not kept or value >= best


def _numbered(question: Question) -> tuple[nx.Graph[int], list[str]]:
    towns = sorted(question.graph)
    index = {town: k for k, town in enumerate(towns)}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from((index[town], {"schools": question.graph.nodes[town]["schools"]}) for town in towns)
    graph.add_edges_from((index[a], index[b]) for a, b in question.graph.edges)
    return graph, towns


def _lawful_tree(question: Question, graph: Any, towns: list[str], rng: random.Random) -> dict[int, int] | None:
    """One try of a recursive tree partition; None if it met no lawful division."""
    from gerrychain.partition.initial_partition_generators import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    total = sum(data["schools"] for data in question.graph.nodes.values())
    share = total / COMMUNITIES
    # Their window is symmetric about the share: the widest within the limits.
    window = min(share - LEAST, MOST - share) / share
    method = partial(bipartition_tree, max_attempts=50)
    try:
        found = recursive_tree_part(
            graph, range(COMMUNITIES), share, "schools", window, bipartition_tree_fn=method, rng=rng
        )
    except (RuntimeError, ValueError):
        return None
    labels = {towns[node]: part for node, part in found.items()}
    sizes = sizes_of(question, labels)
    lawful = len(sizes) == COMMUNITIES and sizes[0] >= LEAST and sizes[-1] <= MOST
    return dict(found) if lawful else None


def _trees(question: Question, limit: float) -> tuple[dict[str, int] | None, int]:
    from gerrychain import Graph

    numbered, towns = _numbered(question)
    graph, rng = Graph.from_networkx(numbered), random.Random(1)
    best, tried = None, 0
    began = time.perf_counter()
    while time.perf_counter() - began < limit:
        tried += 1
        found = _lawful_tree(question, graph, towns, rng)
        if found is not None:
            labels = {towns[node]: part for node, part in found.items()}
            if best is None or value_of(question, labels) < value_of(question, best):
                best = labels
    return best, tried


def _recom(question: Question, limit: float) -> tuple[dict[str, int] | None, int]:
    """Their own optimiser: short bursts of ReCom, each from the best so far, by the same value."""
    from gerrychain import Graph, Partition
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom
    from gerrychain.tree import bipartition_tree
    from gerrychain.updaters import Tally

    numbered, towns = _numbered(question)
    graph, rng = Graph.from_networkx(numbered), random.Random(1)
    began = time.perf_counter()
    start = None
    while start is None and time.perf_counter() - began < limit:
        start = _lawful_tree(question, graph, towns, rng)
    if start is None:
        return None, 0
    known: dict[frozenset[int], float] = {}

    def part_value(nodes: frozenset[int]) -> float:
        if nodes not in known:
            known[nodes] = _value_of_part(question.cost, frozenset(towns[node] for node in nodes))
        return known[nodes]

    def value(state: Any) -> float:
        return sum(part_value(frozenset(nodes)) for nodes in state.parts.values())

    def lawful(state: Any) -> bool:
        return all(LEAST <= size <= MOST for size in state["schools"].values())

    middle = (LEAST + MOST) / 2
    proposal = partial(
        recom,
        pop_col="schools",
        pop_target=middle,
        epsilon=(MOST - LEAST) / 2 / middle,
        bipartition_tree_fn=partial(bipartition_tree, max_attempts=100, allow_pair_reselection=True),
    )
    first = Partition(graph, start, {"schools": Tally("schools", alias="schools")})
    optimizer = SingleMetricOptimizer(proposal, [lawful], first, value, maximize=False, rng=rng)
    steps = 0
    for _state in optimizer.short_bursts(10, 10**6):
        steps += 1
        if time.perf_counter() - began > limit:
            break
    best = optimizer.best_part
    return {towns[node]: part for node, part in dict(best.assignment).items()}, steps


def _regions(question: Question) -> list[tuple[str, Callable[[], dict[str, int]]]]:
    """The methods of spopt that make a given number of connected regions; places in km, as they have no travel."""
    import geopandas as gpd
    import libpysal
    import numpy as np
    from shapely import Point
    from spopt.region import AZP, RegionKMeansHeuristic, Skater, WardSpatial

    towns = sorted(question.graph)
    land = embedded().townships
    x = np.array([land[town].lon * 101.5 for town in towns])
    y = np.array([land[town].lat * 110.8 for town in towns])
    schools = [question.graph.nodes[town]["schools"] for town in towns]
    points = [Point(a, b) for a, b in zip(x, y, strict=True)]
    frame = gpd.GeoDataFrame({"x": x, "y": y, "schools": schools}, geometry=points, crs=None)
    index = {town: k for k, town in enumerate(towns)}
    near = {index[town]: sorted(index[other] for other in question.graph.adj[town]) for town in towns}
    neighbours = libpysal.weights.W(near, silence_warnings=True)

    def labels(model: Any) -> dict[str, int]:
        model.solve()
        return {town: int(label) for town, label in zip(towns, model.labels_, strict=True)}

    def means() -> dict[str, int]:
        np.random.seed(1)
        return labels(RegionKMeansHeuristic(np.column_stack([x, y]), COMMUNITIES, neighbours))

    return [
        ("Ward", lambda: labels(WardSpatial(frame, neighbours, ["x", "y"], n_clusters=COMMUNITIES))),
        ("SKATER", lambda: labels(Skater(frame, neighbours, ["x", "y"], n_clusters=COMMUNITIES, floor=2))),
        ("AZP", lambda: labels(AZP(frame, neighbours, ["x", "y"], n_clusters=COMMUNITIES, random_state=1))),
        ("region k-means", means),
    ]


def main() -> None:
    """Run what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=SECTIONS)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--limit", type=float, help="seconds for each design; peers have the same")
    given = parser.parse_args()
    with language_set("en"):
        for section in given.sections:
            if section == "county":
                counties(given.data, given.limit)
            elif section == "nation":
                nation(given.data, given.limit)
            elif section == "whole":
                nation(given.data, given.limit, islands=True)
            else:
                peers(given.data, given.limit or 120)


if __name__ == "__main__":
    main()
