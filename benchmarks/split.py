"""Measure the split on this machine: `python -m benchmarks.split [proof|large|dense|ratio] [--seeds N]`.

Seeded, synthetic and lifelike: schools and junior highs of `tests.communities.benchmark_problem`, spread unevenly over
the townships of a planar graph. Nothing here asserts seconds: benchmarks/README.md keeps what was measured.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
import shapely

from models.community import Distances, Problem, Wishes
from models.engine import Engine
from models.split.solving import Method, solve_split
from models.split.values import SplitResult, Territory
from models.stopping import Limits
from tests.communities import benchmark_problem

__all__ = ["solve", "split_problem", "township_graph"]

_SIDE = 600  # tenths of a km


def township_graph(rng: random.Random, townships: int, dense: bool = False) -> nx.Graph[int]:
    """A planar graph of townships with their places.

    By default two townships adjoin when no third lies in the circle on the line between them, as sparse as real
    communities are; `dense`: all neighbours of the triangulation but the longest, which gives many more divisions.
    """
    spots: dict[tuple[int, int], None] = {}
    while len(spots) < townships:
        spot = rng.randrange(_SIDE), rng.randrange(_SIDE)
        if all(abs(spot[0] - x) + abs(spot[1] - y) > _SIDE // (2 * int(townships**0.5)) for x, y in spots):
            spots[spot] = None
    places = list(spots)
    number = {place: k for k, place in enumerate(places)}
    graph: nx.Graph[int] = nx.Graph()
    for k, (x, y) in enumerate(places):
        graph.add_node(k, x=x, y=y)
    for edge in shapely.delaunay_triangles(shapely.MultiPoint(places), only_edges=True).geoms:
        (a, b), (c, d) = edge.coords
        near = any((x - a) * (x - c) + (y - b) * (y - d) < 0 for x, y in places if (x, y) not in ((a, b), (c, d)))
        length = float(np.hypot(a - c, b - d))
        if not near or (dense and length < _SIDE / townships**0.5 * 1.6):
            graph.add_edge(number[int(a), int(b)], number[int(c), int(d)], length=length)
    return graph


def split_problem(
    seed: int, n: int, townships: int, own_coordinates: bool, scale: str = "band", dense: bool = False
) -> tuple[Problem, Territory]:
    """A large community and its territory.

    Parameters
    ----------
    seed : int
    n : int
        Participants, more than 20.
    townships : int
        Some of them may have no school.
    own_coordinates : bool
        True: every school and junior high at a place of its own in its township; False: at its township's point.
    scale : {"band", "exact", "points"}
        How loads are compared.
    dense : bool
        See `township_graph`.
    """
    rng = random.Random(f"split {seed} {n} {townships}")
    base = benchmark_problem(seed, n, own_coordinates)
    graph = township_graph(rng, townships, dense)
    weights = [rng.random() ** 2 + 0.1 for _ in range(townships)]
    codes = [school.code for school in base.community.schools]
    points = [point.id for point in base.community.demand_points]
    node = dict(zip(codes, rng.choices(range(townships), weights, k=n), strict=True))
    # Every township has a junior high; the others lie where the schools are.
    others = rng.choices(range(townships), weights, k=len(points) - townships)
    demand = dict(zip(points, [*range(townships), *others], strict=True))
    reach = _SIDE // (3 * int(townships**0.5))

    def place(k: int) -> tuple[int, int]:
        x, y = graph.nodes[k]["x"], graph.nodes[k]["y"]
        if not own_coordinates:
            return x, y
        return x + rng.randint(-reach, reach), y + rng.randint(-reach, reach)

    places = {key: place(k) for key, k in [*node.items(), *demand.items()]}

    def table(rows: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        start = np.array([places[key] for key in rows], dtype=float).reshape(-1, 1, 2)
        end = np.array([places[key] for key in codes], dtype=float).reshape(1, -1, 2)
        result: np.ndarray[tuple[int, int], np.dtype[np.int64]]
        result = np.rint(np.hypot(*(start - end).transpose(2, 0, 1))).astype(np.int64)
        return result

    distances = Distances(tuple(codes), tuple(points), table(codes), table(points))
    community = replace(base.community, id=f"split-{seed}-{n}-{townships}")
    rules = base.rules.with_options({"load_scale": scale})
    territory = Territory(graph, node, {key: (k,) for key, k in demand.items()})
    return Problem(rules, community, Wishes(), distances), territory


@dataclass(frozen=True)
class Case:
    """One split, solved."""

    divisions: int
    seconds: float
    cpu_seconds: float
    work: float
    solves: int
    result: SplitResult


def solve(problem: Problem, territory: Territory, method: Method = "auto", limit: float | None = None) -> Case:
    """Solve one split, timed."""
    engine = Engine(Limits(seconds=limit))
    wall, cpu = time.perf_counter(), time.process_time()
    result = solve_split(problem, territory, engine=engine, method=method)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    return Case(result.divisions or 0, seconds, cpu_seconds, engine.work, engine.solves, result)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median / p90 / max."""
    ordered = sorted(values)
    numbers = (statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))], ordered[-1])
    return " / ".join(f"{number:,.{digits}f}" for number in numbers)


def proof(seeds: int, sizes: Sequence[tuple[int, int]], limit: float | None, *, dense: bool) -> None:
    """Time to the proof, for each size, kind of distances and scale of loads."""
    print("\n| | n / townships | loads | divisions | seconds | CPU seconds | solves | proven |")
    print("|---|---|---|---|---|---|---|---|")
    for n, townships in sizes:
        for own in (False, True):
            for scale in ("band", "exact", "points"):
                cases = [solve(*split_problem(k, n, townships, own, scale, dense), limit=limit) for k in range(seeds)]
                kind = "own coordinates" if own else "by township"
                proven = sum(case.result.status == "optimal" for case in cases)
                columns = [
                    kind,
                    f"{n} / {townships}",
                    scale,
                    spread([case.divisions for case in cases], 0),
                    spread([case.seconds for case in cases]),
                    spread([case.cpu_seconds for case in cases]),
                    spread([case.solves for case in cases], 0),
                    f"{proven} of {len(cases)}",
                ]
                print(f"| {' | '.join(columns)} |", flush=True)


def ratio(seeds: int, n: int, townships: int) -> None:
    """The table against every division apart, on the same communities in one run."""
    print(f"\n{n} schools on {townships} townships: CPU seconds of the table and of every division apart")
    ratios = []
    for seed in range(seeds):
        problem, territory = split_problem(seed, n, townships, own_coordinates=False)
        table, apart = (solve(problem, territory, method) for method in ("table", "one_by_one"))
        same = table.result.proposal is not None and apart.result.proposal is not None
        assert same
        assert table.result.proposal.values == apart.result.proposal.values  # type: ignore[union-attr]
        ratios.append(apart.cpu_seconds / table.cpu_seconds)
        times = f"{table.cpu_seconds:.2f} | {apart.cpu_seconds:.2f} | {ratios[-1]:.1f}"
        print(f"| {seed} | {table.divisions} | {times} |", flush=True)
    print(f"median ratio {statistics.median(ratios):.1f}")


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", default=["proof"], help="proof, large, dense, ratio")
    parser.add_argument("--seeds", type=int, default=12)
    chosen = parser.parse_args()
    if "proof" in chosen.sections:
        proof(chosen.seeds, ((25, 12), (40, 24)), None, dense=False)
    if "large" in chosen.sections:
        proof(chosen.seeds, ((60, 30),), 60.0, dense=False)
    if "dense" in chosen.sections:
        proof(chosen.seeds, ((25, 12), (40, 24)), None, dense=True)
    if "ratio" in chosen.sections:
        ratio(chosen.seeds, 25, 12)


if __name__ == "__main__":
    main()
