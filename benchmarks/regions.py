"""Measure `models.regions`: `python -m benchmarks.regions [divisions|published|planar|large|counties|peers]`.

`peers` needs gerrychain and spopt beside the project (they are no dependencies): what they find, in how much time, and
what `partition` proves on the same graph. `large` and `counties` take numbers of schools from a folder of lists.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import networkx as nx

from geodata.adjacency import adjacency_graph
from models.regions import Partition, count_divisions, divisions, partition
from tests.models.american_counties import STATES
from tests.models.p_median import OPTIMA, p_median
from tests.models.regions_graphs import grid, planar_graph, within

GRIDS = ((4, 4, 2), (6, 6, 2), (8, 8, 2), (10, 10, 2), (6, 6, 3), (6, 6, 4), (8, 8, 4), (9, 9, 3))
RANDOM = ((16, 2, "skew"), (33, 3, "skew"), (44, 2, "skew"), (55, 3, "skew"), (70, 2, "even"), (70, 4, "even"))
TREES = (
    (36, 2, "one", 0.01),
    (44, 2, "even", 0.01),
    (55, 3, "even", 0.01),
    (70, 4, "even", 0.02),
    (300, 2, "even", 0.005),
)
AIMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cut_edges", {}),
    ("boundary", {"edges": "shared_km"}),
    ("inertia", {}),
    ("distance", {}),
)
SECTIONS = ["divisions", "published", "planar", "large", "counties", "peers"]
BIG = ("臺北市", "新北市", "高雄市", "臺中市", "臺南市", "桃園市", "彰化縣", "雲林縣")


def row(name: str, found: Partition) -> None:
    """One line of a table."""
    gap = "" if not found.gap else f" (gap {found.gap:.2%})"
    value = "none" if found.value is None else f"{found.value:,.6g}"
    bound = "none" if found.bound is None else f"{found.bound:,.6g}"
    print(f"| {name} | {found.engine} | {value} | {bound}{gap} | {found.status} | {found.seconds:.2f} |", flush=True)


def head(title: str) -> None:
    print(f"\n{title}\n\n| instance | engine | value | bound | status | s |\n|---|---|---|---|---|---|")


def listing() -> None:
    """Time of listing and counting."""
    print("\n| graph | divisions | count, s | list, s |\n|---|---|---|---|")
    cases: list[tuple[str, nx.Graph, str | None, Any, int | None]] = [
        ("6x6 grid, halves", grid(6), None, (18, 18), None),
        ("6x6 grid, 10 to 26", grid(6), None, (10, 26), None),
        ("8x8 grid, halves (the first 100,000)", grid(8), None, (32, 32), 100_000),
    ]
    for seed in range(3):
        graph = planar_graph(24, seed)
        total = sum(data["w"] for _, data in graph.nodes(data=True))
        least = total // 2 - 3
        cases.append((f"24 nodes, {total} schools, at least {least}", graph, "w", (least, None), None))
    for name, graph, weight, (lower, upper), limit in cases:
        began = time.perf_counter()
        count = count_divisions(graph, weight, lower, upper)
        counted = time.perf_counter()
        divisions(graph, weight, lower, upper, limit=limit)
        listed = time.perf_counter()
        print(f"| {name} | {count:,} | {counted - began:.2f} | {listed - counted:.2f} |")


def published(folder: Path, limit: float) -> None:
    """Instances with a known optimum; those of OR-Library where the folder has them."""
    head("published")
    for rows, columns, parts in GRIDS:
        share = rows * columns // parts
        row(f"{rows}x{columns} grid, {parts} equal parts", partition(grid(rows, columns), parts, None, share, share))
    row("7x7 grid, 24 and 25", partition(grid(7), 2, None, 24, 25))
    for state in STATES:
        graph = state.graph()
        name = f"{state.name}, {len(graph)} counties, {state.parts} parts, 0.5 % ({state.cut})"
        row(name, partition(graph, state.parts, "w", state.lower, state.upper))
    row("Karate club (not planar), 17 and 17", partition(nx.karate_club_graph(), 2, None, 17, 17))
    for number, optimum in OPTIMA.items():
        file = folder / "published" / f"pmed{number}.txt"
        if not file.exists():
            print(f"no {file.name} in the folder of --data")
            continue
        graph, parts = p_median(file)
        name = f"{file.stem}, {len(graph)} nodes, {parts} centres ({optimum})"
        row(name, partition(graph, parts, objective="distance", distances="length", time_limit=limit))


def planar(seeds: int, limit: float) -> None:
    """Random planar graphs of 16 to 70 nodes."""
    print("\n| nodes, parts | objective | proven | s: median / max | greatest gap |\n|---|---|---|---|---|")
    for count, parts, weights in RANDOM:
        for objective in ("cut_edges", "boundary", "distance", "inertia"):
            runs = []
            for seed in range(seeds):
                graph = planar_graph(count, seed, weights)
                bounds = within(graph, parts, 0.005 if count > 20 and weights == "even" else 0.03)
                runs.append(partition(graph, parts, "w", *bounds, objective, time_limit=limit))
            proven = sum(run.status in ("optimal", "infeasible") for run in runs)
            seconds = [run.seconds for run in runs]
            gap = max((run.gap or 0.0 for run in runs), default=0.0)
            print(
                f"| {count}, {parts} | {objective} | {proven} of {seeds} | "
                f"{statistics.median(seconds):.2f} / {max(seconds):.2f} | {gap:.2%} |",
                flush=True,
            )


def schools(folder: Path) -> Counter[str]:
    """Number of senior highs by name of township."""
    with (folder / "high_geo.csv").open(encoding="utf-8-sig", newline="") as file:
        return Counter(line["county"] + line["town"] for line in csv.DictReader(file))


def townships(folder: Path) -> nx.Graph:
    """The national graph with number of schools, coordinates in km and shared borders."""
    graph, numbers = adjacency_graph().copy(), schools(folder)
    for node, data in graph.nodes(data=True):
        x, y = data["lon"] * 111.32 * math.cos(math.radians(23.7)), data["lat"] * 110.57
        graph.nodes[node].update(schools=numbers[data["name"]], x=round(x, 3), y=round(y, 3))
    return graph


def large(folder: Path, limit: float) -> None:
    """Two parts of about 300 nodes."""
    head(f"two parts of about 300 nodes, at most {limit:g} s")
    for seed in range(3):
        graph = planar_graph(300, seed, "even")
        row(f"random planar {seed}, 0.5 %", partition(graph, 2, "w", *within(graph, 2, 0.005), time_limit=limit))
        row(
            f"random planar {seed}, boundary",
            partition(graph, 2, "w", *within(graph, 2, 0.005), "boundary", time_limit=limit),
        )
    graph = townships(folder)
    graph.remove_edges_from([edge for edge in graph.edges if not graph.edges[edge]["shared_km"]])
    main = graph.subgraph(max(nx.connected_components(graph), key=len)).copy()
    number = main.number_of_nodes()
    half = number // 2
    sizes = partition(main, 2, None, half, number - half, time_limit=limit)
    row(f"{number} townships of the main island, sizes", sizes)
    bounds = within(main, 2, 0.005, "schools")
    row("the same, schools 0.5 %", partition(main, 2, "schools", *bounds, time_limit=limit))
    boundary = partition(main, 2, "schools", *bounds, "boundary", edges="shared_km", time_limit=limit)
    row("the same, km of border", boundary)
    row("the same, inertia", partition(main, 2, "schools", *bounds, "inertia", time_limit=limit))


def counties(folder: Path, limit: float) -> None:
    """Townships of big counties in two parts by number of schools, within 10 % of a half."""
    head("counties, two parts of schools within 10 % of a half")
    graph = townships(folder)
    for name in BIG:
        county = graph.subgraph([node for node, data in graph.nodes(data=True) if data["county"] == name]).copy()
        bounds = within(county, 2, 0.1, "schools")
        total = sum(data["schools"] for _, data in county.nodes(data=True))
        for objective, options in AIMS:
            found = partition(county, 2, "schools", *bounds, objective, time_limit=limit, pieces="no_more", **options)
            row(f"{name}, {len(county)} townships, {total} schools: {objective}", found)
        listed = divisions(county, "schools", *bounds, weightless="any", limit=200_000)
        more = "" if listed.complete else " and more"
        print(f"| {name}: ways for the townships with schools to lie | | {len(listed):,}{more} | | | |")


def peers(limit: float) -> None:
    """GerryChain's recursive tree partition and spopt's regionalisation on the same graphs."""
    missing = [name for name in ("gerrychain", "spopt") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"not installed here: {', '.join(missing)}")
        return
    print("\n| graph | GerryChain: best cut of n trees | s | ours | bound | status | s |")
    print("|---|---|---|---|---|---|---|")
    for count, parts, weights, tolerance in TREES:
        graph = grid(6) if count == 36 else planar_graph(count, 1, weights)
        graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
        bounds = within(graph, parts, tolerance)
        best, tries, seconds = _trees(graph, parts, tolerance, limit)
        ours = partition(graph, parts, "w", *bounds, time_limit=max(limit, 60))
        name = "6x6 grid" if count == 36 else f"random planar {count}"
        theirs = f"{best} of {tries} | {seconds:.1f}"
        mine = f"{ours.value} | {ours.bound} | {ours.status} | {ours.seconds:.2f}"
        print(f"| {name}, {parts} parts, {tolerance:.1%} | {theirs} | {mine} |", flush=True)
        assert ours.value is not None
        assert best is None or ours.value <= best
    _regionalisation(limit)


def _trees(graph: nx.Graph, parts: int, tolerance: float, limit: float) -> tuple[int | None, int, float]:
    import warnings
    from functools import partial

    from gerrychain import Graph
    from gerrychain.tree import bipartition_tree, recursive_tree_part

    warnings.filterwarnings("ignore")
    # Some random trees allow no balanced cut: then another tree, as its own loop would try.
    method = partial(bipartition_tree, max_attempts=50)

    random.seed(1)
    theirs = Graph.from_networkx(graph)
    share = sum(data["w"] for _, data in graph.nodes(data=True)) / parts
    low, high = within(graph, parts, tolerance)
    best, tries, began = None, 0, time.perf_counter()
    while time.perf_counter() - began < limit:
        tries += 1
        try:
            labels = recursive_tree_part(theirs, range(parts), share, "w", tolerance, node_repeats=0, method=method)
        except (RuntimeError, ValueError):
            continue
        sums = Counter()
        for node, part in labels.items():
            sums[part] += graph.nodes[node]["w"]
        if any(not low <= own <= high for own in sums.values()):
            continue
        cut = sum(labels[a] != labels[b] for a, b in graph.edges)
        best = cut if best is None else min(best, cut)
    return best, tries, time.perf_counter() - began


def _regionalisation(limit: float) -> None:
    import warnings

    import geopandas as gpd
    import libpysal
    import numpy as np
    from shapely import Point
    from spopt.region import AZP, RegionKMeansHeuristic, Skater, WardSpatial

    warnings.filterwarnings("ignore")
    print("\n| graph | spopt | inertia | s | ours within the weights it kept | bound | status | s |")
    print("|---|---|---|---|---|---|---|---|")
    for count, parts in ((40, 2), (70, 2), (40, 3)):
        graph = planar_graph(count, 2, "one")
        nodes = sorted(graph)
        neighbours = libpysal.weights.W({node: sorted(graph.adj[node]) for node in nodes}, silence_warnings=True)
        frame = gpd.GeoDataFrame(
            {name: [graph.nodes[node][name] for node in nodes] for name in ("x", "y")},
            geometry=[Point(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes],
        )

        def ward(frame: Any = frame, neighbours: Any = neighbours, parts: int = parts) -> Iterable[int]:
            return _solved(WardSpatial(frame, neighbours, ["x", "y"], n_clusters=parts))

        def skater(frame: Any = frame, neighbours: Any = neighbours, parts: int = parts) -> Iterable[int]:
            return _solved(Skater(frame, neighbours, ["x", "y"], n_clusters=parts, floor=len(frame) // parts // 2))

        def azp(frame: Any = frame, neighbours: Any = neighbours, parts: int = parts) -> Iterable[int]:
            return _solved(AZP(frame, neighbours, ["x", "y"], n_clusters=parts, random_state=1))

        def means(frame: Any = frame, neighbours: Any = neighbours, parts: int = parts) -> Iterable[int]:
            np.random.seed(1)
            return _solved(RegionKMeansHeuristic(frame[["x", "y"]].to_numpy(), parts, neighbours))

        methods: list[tuple[str, Callable[[], Iterable[int]]]] = [
            ("Ward", ward),
            ("SKATER", skater),
            ("AZP", azp),
            ("region k-means", means),
        ]
        for name, method in methods:
            began = time.perf_counter()
            try:
                found = [int(label) for label in method()]
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                print(f"| random planar {count}, {parts} parts | {name} | failed: {type(error).__name__} | | | | | |")
                continue
            seconds = time.perf_counter() - began
            numbers = {label: part for part, label in enumerate(sorted(set(found)))}
            labels = {node: numbers[label] for node, label in zip(nodes, found, strict=True)}
            sizes = Counter(labels.values())
            theirs = _inertia(graph, labels)
            ours = partition(
                graph,
                parts,
                None,
                min(sizes.values()),
                max(sizes.values()),
                "inertia",
                start=labels if len(sizes) == parts else None,
                time_limit=max(limit, 60),
            )
            kept = f"{name} ({min(sizes.values())} to {max(sizes.values())} nodes) | {theirs:.4f} | {seconds:.2f}"
            mine = f"{ours.value:.4f} | {ours.bound:.4f} | {ours.status} | {ours.seconds:.2f}"
            print(f"| random planar {count}, {parts} parts | {kept} | {mine} |", flush=True)
            assert ours.value <= theirs * (1 + 1e-9)


def _solved(model: Any) -> Iterable[int]:
    model.solve()
    return list(model.labels_)


def _inertia(graph: nx.Graph, labels: dict[int, int]) -> float:
    total = 0.0
    for part in set(labels.values()):
        own = [graph.nodes[node] for node in graph if labels[node] == part]
        x, y = (sum(data[name] for data in own) / len(own) for name in ("x", "y"))
        total += sum((data["x"] - x) ** 2 + (data["y"] - y) ** 2 for data in own)
    return total


def main() -> None:
    """Run what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=SECTIONS)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--limit", type=float, default=60)
    given = parser.parse_args()
    for section in given.sections:
        if section == "divisions":
            listing()
        elif section == "published":
            published(given.data, given.limit)
        elif section == "planar":
            planar(given.seeds, given.limit)
        elif section == "large":
            large(given.data, given.limit)
        elif section == "counties":
            counties(given.data, given.limit)
        else:
            peers(min(given.limit, 20))


if __name__ == "__main__":
    main()
