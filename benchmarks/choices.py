"""Measure fronts, optimal plans and repairs: `python -m benchmarks.choices [front|optimal|repair] [--seeds N]`.

Seeded, synthetic communities (`tests.communities.benchmark_problem`). Nothing here asserts seconds:
benchmarks/README.md keeps what was measured.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

from models.choices import front, optimal_plans
from models.community import Plan, Problem
from models.engine import Engine
from models.repair import repair
from models.tiers import solve_tiers
from tests.communities import benchmark_problem

__all__ = ["plan_of"]

_SECTIONS = ["front", "optimal", "repair"]
_SIZES = (9, 20, 40)


def plan_of(problem: Problem) -> Plan:
    """The plan under the stated convener."""
    return Plan(problem, str(problem.wishes.convener))


def _kind(own: bool) -> str:
    return "own coordinates" if own else "by township"


def fronts(seeds: int, sizes: Sequence[int]) -> None:
    """Points, proof and time of the front of largest load and travel."""
    print(f"\nfront of largest load and travel, {seeds} seeds")
    print("(points: least / median / most; seconds of CPU: median / max)")
    print("| | n | points | all points proven | chosen plan on the front | solves, median | seconds | of one solve |")
    for own in (False, True):
        for n in sizes:
            points, proven, chosen, solves, seconds, ratios = [], 0, 0, [], [], []
            for seed in range(seeds):
                plan = plan_of(benchmark_problem(seed, n, own))
                started = time.process_time()
                solve_tiers(plan)
                once = time.process_time() - started
                engine, started = Engine(), time.process_time()
                found = front(plan, engine)
                seconds.append(time.process_time() - started)
                ratios.append(seconds[-1] / once)
                points.append(len(found.points))
                solves.append(engine.solves)
                proven += found.complete
                chosen += found.chosen_on_front
            spread = f"{min(points)} / {statistics.median(points):.0f} / {max(points)}"
            took = f"{statistics.median(seconds):.2f} / {max(seconds):.2f}"
            print(
                f"| {_kind(own)} | {n} | {spread} | {proven} of {seeds} | {chosen} of {seeds} "
                f"| {statistics.median(solves):.0f} | {took} | {statistics.median(ratios):.1f} x |",
                flush=True,
            )


def optimal(seeds: int, sizes: Sequence[int]) -> None:
    """How many plans are equally good, and how many duties they share."""
    print(f"\noptimal plans, {seeds} seeds (least / median / most; seconds of CPU: median / max)")
    print("| | n | plans | counted to the end | duties in every one | duties in some | seconds |")
    for own in (False, True):
        for n in sizes:
            runs, seconds = [], []
            for seed in range(seeds):
                plan = plan_of(benchmark_problem(seed, n, own))
                started = time.process_time()
                runs.append(optimal_plans(plan))
                seconds.append(time.process_time() - started)
            counts = [run.count for run in runs]
            always = statistics.median(len(run.always) for run in runs)
            some = statistics.median(len(run.sometimes) for run in runs)
            print(
                f"| {_kind(own)} | {n} | {min(counts):,} / {statistics.median(counts):,.0f} / {max(counts):,} "
                f"| {sum(run.complete for run in runs)} of {seeds} | {always:.0f} | {some:.0f} "
                f"| {statistics.median(seconds):.2f} / {max(seconds):.2f} |",
                flush=True,
            )


def repairs(seeds: int, sizes: Sequence[int]) -> None:
    """A school that hosts leaves: duties that change hands, with fewest changes and freely."""
    print(f"\na host leaves, {seeds} seeds (changes: median / most; seconds of CPU: median / max)")
    print("| | n | fewest changes | proven | changes of the best plan | seconds |")
    for own in (False, True):
        for n in sizes:
            fewest, free, proven, seconds = [], [], 0, []
            for seed in range(seeds):
                problem = benchmark_problem(seed, n, own)
                before = solve_tiers(plan_of(problem)).assignment
                units = before.units_of(problem.rules)
                busiest = max((c for c in units if c != before.convener), key=lambda c: (len(units[c]), c))
                started = time.process_time()
                mended = repair(problem, before, leave=[busiest])
                seconds.append(time.process_time() - started)
                fewest.append(len(mended.moves))
                free.append(len(mended.free_moves))
                proven += mended.fewest is not None and mended.fewest.status == "optimal"
            print(
                f"| {_kind(own)} | {n} | {statistics.median(fewest):.0f} / {max(fewest)} | {proven} of {seeds} "
                f"| {statistics.median(free):.0f} / {max(free)} "
                f"| {statistics.median(seconds):.2f} / {max(seconds):.2f} |",
                flush=True,
            )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *_SECTIONS], default=[])
    parser.add_argument("--seeds", type=int, default=10)
    arguments = parser.parse_args()
    for section in arguments.sections or _SECTIONS:
        {"front": fronts, "optimal": optimal, "repair": repairs}[section](arguments.seeds, _SIZES)


if __name__ == "__main__":
    main()
