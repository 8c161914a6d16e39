"""Measure speed on this machine: `make bench`, or `python -m benchmarks.measure [speed|load|highs|help|export]`.

Everything is measured in one run on one machine; ratios are what can be compared between machines. Nothing here
asserts seconds: benchmarks/README.md keeps what was measured, also where it falls short.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from models.audit import audit
from models.community import Plan, Problem
from models.duties import Duties
from models.engine import Engine
from models.leximin import by_chunks, by_counts
from models.objectives import ROOMS
from models.objectives.load import level
from models.tiers import solve_tiers
from tests.communities import benchmark_problem

_SECTIONS = ["speed", "large", "load", "highs", "help", "export"]


@dataclass(frozen=True)
class Run:
    """One planning step: read values to audited answer."""

    seconds: float
    solver_seconds: float
    load_seconds: float
    proven: bool


def planning_step(problem: Problem) -> Run:
    """Solve all tiers and audit the answer."""
    engine = Engine()
    started = time.perf_counter()
    result = solve_tiers(Plan(problem, str(problem.wishes.convener)), engine)
    assert audit(problem, result.assignment).ok
    seconds = time.perf_counter() - started
    return Run(seconds, engine.solver_seconds, result.tier("load").seconds, result.proven)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def speed(seeds: int, sizes: Sequence[int]) -> None:
    """Wall time of the planning step, and its ratio to the solver's own time."""
    print(f"\nplanning step, {seeds} seeds each (seconds: median / p90 / max; ratio to solver: median / max)")
    for own in (False, True):
        for n in sizes:
            runs = [planning_step(benchmark_problem(seed, n, own)) for seed in range(seeds)]
            times = [run.seconds for run in runs]
            ratios = [run.seconds / run.solver_seconds for run in runs]
            kind = "own coordinates" if own else "by township"
            wall = f"{statistics.median(times):.3f} / {quantile(times, 0.9):.3f} / {max(times):.3f}"
            ratio = f"{statistics.median(ratios):.2f} / {max(ratios):.2f}"
            print(f"| {kind} | {n} | {wall} | {ratio} | {sum(run.proven for run in runs)} of {len(runs)} |", flush=True)


def load(seeds: int, n: int = 40) -> None:
    """The load tier: chunked weights against max-then-count, on the same prepared models."""
    chunks, counts = [], []
    for seed in range(seeds):
        problem = benchmark_problem(seed, n, False)
        plan = Plan(problem, str(problem.wishes.convener))
        duties, engine = Duties(plan), Engine()
        terms = ROOMS["overload"].minimise(plan, duties)
        start = engine.solve(duties.model, (terms.literals, terms.weights))  # as the tier before leaves it
        rungs = ROOMS["load"].minimise(plan, duties)
        vector = ROOMS["load"].value(plan, duties.assignment(start.true))
        began = time.perf_counter()
        result = by_chunks(engine, duties, rungs, (start, vector))
        chunks.append(time.perf_counter() - began)
        duties = Duties(plan)
        began = time.perf_counter()
        found = by_counts(engine, duties, start, lambda code, effort, plan=plan: load_level(plan, code, effort))
        counts.append(time.perf_counter() - began)
        assert found == rungs.vector(result.counts)
    print(f"\nload tier alone, n = {n}, {seeds} seeds (seconds, median)")
    print(f"| chunked weights | {statistics.median(chunks):.3f} |")
    print(f"| max-then-count | {statistics.median(counts):.3f} |")
    ratios = [b / a for a, b in zip(chunks, counts, strict=True)]
    print(f"| ratio | median {statistics.median(ratios):.1f}, least {min(ratios):.1f} |")


def load_level(plan: Plan, code: str, effort: Fraction) -> Fraction:
    """The level of a school that hosts so much."""
    return level(plan, code, plan.fixed_points(code) + effort)


def highs(seeds: int, sizes: Sequence[int]) -> None:
    """All tiers against the HiGHS oracle on the same communities."""
    from tests.oracles import mip

    print(f"\nall tiers, ours and HiGHS on the same communities, {seeds} seeds each (seconds, sum; ratio)")
    for own in (False, True):
        for n in sizes:
            ours = theirs = 0.0
            for seed in range(seeds):
                problem = benchmark_problem(seed, n, own)
                ours += planning_step(problem).seconds
                began = time.perf_counter()
                mip.solve_tiers(problem, problem.wishes.convener)
                theirs += time.perf_counter() - began
            kind = "own coordinates" if own else "by township"
            print(f"| {kind} | {n} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.2f} |", flush=True)


def help_time(repeats: int = 11) -> None:
    """`assigner --help` against an interpreter that imports typer and rich."""

    def median(arguments: list[str]) -> float:
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    base = median(["-c", "import typer, rich"])
    ours = median(["-m", "assigner", "--help"])
    print(
        f"\nassigner --help: {ours:.3f} s; an interpreter importing typer and rich: {base:.3f} s; {ours / base:.2f} x"
    )


def command_time(arguments: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one `assigner` command in a process of its own."""
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "assigner", *arguments], check=True, capture_output=True)
    wall, after = time.perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


def export(seeds: int, n: int = 40) -> None:
    """The files of an answer: what they add to a solve in a process of its own, and each format in a warm one."""
    import tempfile
    from pathlib import Path

    from assigner.outputs import FORMATS, write_answer
    from assigner.planner import solve
    from assigner.scenario.example import example

    scenario_file = Path(__file__).resolve().parents[1] / "scenarios" / "synthetic-40.yaml"
    alone: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    for _run in range(max(5, seeds)):  # by turns, so that both meet the same machine
        with tempfile.TemporaryDirectory() as folder:
            alone.append(command_time(["solve", str(scenario_file), "-q"]))
            whole.append(command_time(["solve", str(scenario_file), "-q", "--out", folder]))
    print(f"\nall files of {scenario_file.name}, a process each, {len(whole)} runs (seconds, median / max)")
    for kind, column in (("wall", 0), ("CPU", 1)):
        base, total = ([run[column] for run in runs] for runs in (alone, whole))
        added = [b - a for a, b in zip(base, total, strict=True)]
        print(
            f"| {kind} | solve {statistics.median(base):.2f} / {max(base):.2f} "
            f"| with all files {statistics.median(total):.2f} / {max(total):.2f} "
            f"| added {statistics.median(added):.2f} / {max(added):.2f} "
            f"| ratio {statistics.median(b / a for a, b in zip(base, added, strict=True)):.2f} |",
            flush=True,
        )

    with tempfile.TemporaryDirectory() as folder:
        write_answer(solve(example(9, 1)), folder)
    solves, wholes = [], []
    parts: dict[str, list[float]] = {name: [] for name in FORMATS}
    for seed in range(1, seeds + 1):
        scenario = example(n, seed)
        began = time.perf_counter()
        result = solve(scenario)
        solves.append(time.perf_counter() - began)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            assert not write_answer(result, folder).failures
            wholes.append(time.perf_counter() - began)
        for name in FORMATS:
            # A fresh result, so that nothing drawn for another format is at hand.
            again = replace(result, seed=result.seed)
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                write_answer(again, folder, name)
                parts[name].append(time.perf_counter() - began)
    print(f"\nfiles of an answer in a warm process, n = {n}, {seeds} seeds (seconds, median / max; ratio to the solve)")
    print("(every format includes plan.json, which is always written)")
    print(f"| solve | {statistics.median(solves):.2f} / {max(solves):.2f} | 1 |")
    for name, times in {"all files": wholes, **parts}.items():
        ratio = statistics.median(a / b for a, b in zip(times, solves, strict=True))
        print(f"| {name} | {statistics.median(times):.2f} / {max(times):.2f} | {ratio:.2f} |", flush=True)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_SECTIONS, []], default=[])
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    what = given.what or _SECTIONS
    planning_step(benchmark_problem(0, 9, True))  # imports and caches
    if "speed" in what:
        speed(given.seeds, (9, 15, 20, 25, 40))
    if "large" in what:
        speed(min(given.seeds, 5), (68,))
    if "load" in what:
        load(given.seeds)
    if "highs" in what:
        highs(min(given.seeds, 8), (9, 25, 40))
    if "help" in what:
        help_time()
    if "export" in what:
        export(min(given.seeds, 8))


if __name__ == "__main__":
    main()
