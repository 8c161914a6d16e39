"""Measure the batch: `python -m benchmarks.batch [nation|again|variants|cluster|scale ...] [--data FOLDER]`.

`nation` runs the invented communities of all counties (benchmarks/suggest.py) from warm workers to stored answers, on
one process and on two, by turns, beside solving the same problems directly. `again` asks for the same once more, as a
program of its own. `variants` runs thousands of variants of communities of about eleven schools and reports them.
`cluster` gives 500 of them to a Dask cluster of two workers. `scale` grows jobs and schools.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from assigner.batch.asking import Asking, Questions
from assigner.batch.expanding import read_spec
from assigner.batch.pool import LocalWorkers
from assigner.batch.running import Runner
from assigner.batch.store import Store
from assigner.batch.values import Order, Question, Workers
from assigner.batch.watching import Finished, Summary, Tally
from assigner.batch.work import Inputs, carry_out, packed_input
from assigner.boundary.base import scenario_of_community, write_base
from assigner.boundary.values import Base
from assigner.planner import solve
from assigner.scenario import Scenario, write_yaml
from benchmarks.counties import roster_of
from benchmarks.suggest import invented_nation
from models.stopping import Limits, Stop

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SECTIONS = ("nation", "again", "variants", "cluster", "scale")


class Silent:
    """A watcher that says nothing, and looks at the memory now and then."""

    def __init__(self) -> None:
        self.memory_mb: list[tuple[int, float, float]] = []
        self._seen = 0

    def begun(self, run: int, name: str, tally: Tally) -> None:
        """See `assigner.batch.watching.Watcher`."""

    def finished(self, one: Finished) -> None:
        """See `assigner.batch.watching.Watcher`."""
        self._seen += 1
        if self._seen % 500 == 0:
            own = psutil.Process()
            children = sum(child.memory_info().rss for child in own.children())
            self.memory_mb.append((self._seen, own.memory_info().rss / 1e6, children / 1e6))

    def note(self, text: str) -> None:
        """See `assigner.batch.watching.Watcher`."""
        print(text, flush=True)

    def ended(self, summary: Summary) -> None:
        """See `assigner.batch.watching.Watcher`."""


def answers(store: Path) -> dict[str, Any]:
    """What was found, without how long it took: key -> facts."""
    import sqlite3

    found = {}
    with sqlite3.connect(store) as connection:
        for key, state, facts in connection.execute("select key, state, facts from jobs"):
            content = json.loads(zlib.decompress(facts)) if facts else {}
            content.pop("solver_seconds", None)
            for tier in content.get("tiers", ()):
                tier.pop("seconds", None)
            found[key] = state, content
    return found


def run(spec: Path, store: Path, workers: Workers, watcher: Silent | None = None) -> tuple[Summary, float, float]:
    """One run, the workers begun already: how it ended, seconds until the file was read, and from then on."""
    began = time.perf_counter()
    asking = Asking(read_spec(spec), Questions())
    assert asking.spec.parts
    read = time.perf_counter()
    with Store.open(store, create=True) as opened:
        summary = Runner(opened, lambda: workers, watcher or Silent()).run(asking, Stop())
    return summary, read - began, time.perf_counter() - read


@contextmanager
def warm(processes: int) -> Iterator[LocalWorkers]:
    """Workers that have imported all they need."""
    with LocalWorkers(processes) as workers:
        workers.warm()
        yield workers


def nation(spec: Path, base: Base, folder: Path, rounds: int) -> None:
    """From warm workers to stored answers."""
    scenarios = [scenario_of_community(base, base.map, community)[0] for community in base.map.names]
    problems = [scenario for scenario in scenarios if scenario is not None]
    for scenario in problems[:3]:
        solve(scenario, price=False)
    seconds: dict[str, list[float]] = {"1": [], "2": [], "direct": [], "read": [], "runner": []}
    for turn in range(rounds):
        for processes in (1, 2):
            store = folder / f"nation-{processes}-{turn}.sqlite"
            with warm(processes) as workers:
                before = time.process_time()
                summary, reading, solving = run(spec, store, workers)
            seconds["runner"].append(max(0.0, time.process_time() - before - reading))
            seconds["read"].append(reading)
            seconds[str(processes)].append(solving)
            assert summary.states["done"] == len(problems), summary.states
        began = time.perf_counter()
        for scenario in problems:
            solve(scenario, price=False)
        seconds["direct"].append(time.perf_counter() - began)
    one, two, direct, read = (statistics.median(seconds[name]) for name in ("1", "2", "direct", "read"))
    jobs = len(problems)
    ups = [first / second for first, second in zip(seconds["1"], seconds["2"], strict=True)]
    size = f"{jobs} communities, {len(base.schools)} schools, {len(base.junior_highs)} junior highs"
    print(f"\nnation: {size}; seconds, median of {rounds}")
    print(f"reading the base {read:.2f}; then two processes {two:.2f}, one {one:.2f}; solving directly {direct:.2f}")
    print(f"speed-up by turns: {statistics.median(ups):.2f} ({min(ups):.2f} to {max(ups):.2f})")
    shares = beside(problems, rounds)
    spread = f"{min(shares):.1f} to {max(shares):.1f}"
    print(f"beside solving, in the worker: {statistics.median(shares):.1f} ms a job ({spread})")
    told = [cpu / jobs * 1000 for cpu in seconds["runner"]]
    print(f"the runner's own time, making the jobs included: {statistics.median(told):.1f} ms a job")
    print(f"store {store.stat().st_size / 1024:.0f} KB; {json.dumps(seconds)}")


def beside(scenarios: Sequence[Scenario], rounds: int) -> list[float]:
    """What a job costs beside solving, in ms of CPU: each solved alone and as a job, one after the other."""
    orders = [
        Order(one.hash, one.hash, packed_input(one.canonical()), {}, Question(), Limits(), "") for one in scenarios
    ]
    found = []
    for _ in range(rounds):
        alone, whole = 0.0, 0.0
        for scenario, order in zip(scenarios, orders, strict=True):
            began = time.process_time()
            solve(scenario, price=False)
            middle = time.process_time()
            carry_out(order, Inputs())
            alone, whole = alone + middle - began, whole + time.process_time() - middle
        found.append((whole - alone) / len(orders) * 1000)
    return found


def again(spec: Path, folder: Path, rounds: int) -> None:
    """The same once more, as a program of its own."""
    store = folder / "again.sqlite"
    command = [sys.executable, "-m", "assigner", "batch", str(spec), "--store", str(store), "--quiet"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    first, times = time.perf_counter() - began, []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    median = statistics.median(times)
    print(
        f"\nas programs: first {first:.2f} s; the same again {median:.2f} s (median of {rounds}, most {max(times):.2f})"
    )


ANSWERS = {"perturb.willingness": [0.1]}
SIZES = {"perturb.effort": [1]}
"""What is drawn anew: a tenth of the answers of the schools, or a point more or less for each piece of work."""


def variants_file(
    spec: Path, base: Base, folder: Path, count: int, drawn: Mapping[str, Sequence[float]] = ANSWERS
) -> Path:
    """About so many variants of the communities of ten to twelve schools."""
    sizes = {community: len(base.map.members(community)) for community in base.map.names}
    chosen = [community for community, size in sizes.items() if 10 <= size <= 12]
    draws = max(1, round(count / len(chosen)) - 1)
    path = folder / f"variants-{count}-{'-'.join(drawn)}.yaml"
    content = {
        "schema_version": 1,
        "base": os.path.relpath(spec, folder),
        "communities": chosen,
        "variants": {"grid": drawn, "repeat": draws},
    }
    path.write_text(json.dumps(content, indent=0), encoding="utf-8")
    return path


def variants(spec: Path, base: Base, folder: Path, count: int, drawn: Mapping[str, Sequence[float]] = ANSWERS) -> None:
    """Thousands of variants, and their report."""
    path = variants_file(spec, base, folder, count, drawn)
    store = path.with_suffix(".sqlite")
    watcher = Silent()
    with warm(2) as workers:
        began = time.perf_counter()
        summary, _reading, _solving = run(path, store, workers, watcher)
        seconds = time.perf_counter() - began
    jobs = summary.tally.ended
    print(
        f"\nvariants: {jobs} jobs in {seconds:.0f} s on 2 processes ({seconds / jobs * 1000:.1f} ms a job by the wall)"
    )
    print(f"states {dict(summary.states)}; store {store.stat().st_size / 1e6:.1f} MB")
    for seen, own, children in watcher.memory_mb[:: max(1, len(watcher.memory_mb) // 8)]:
        print(f"after {seen}: runner {own:.0f} MB, workers {children:.0f} MB")
    began = time.perf_counter()
    command = [sys.executable, "-m", "assigner", "report", str(store), "--out", str(folder / "report")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"report: {time.perf_counter() - began:.1f} s")


def cluster(spec: Path, base: Base, folder: Path, count: int) -> None:
    """The same through a Dask cluster and through processes of this machine."""
    from distributed import LocalCluster

    from assigner.batch.cluster import DaskWorkers

    path = variants_file(spec, base, folder, count)
    local, far = folder / "local.sqlite", folder / "cluster.sqlite"
    with warm(2) as workers:
        began = time.perf_counter()
        run(path, local, workers)
        here = time.perf_counter() - began
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as dask:
        began = time.perf_counter()
        run(path, far, DaskWorkers(dask.scheduler_address))
        there = time.perf_counter() - began
    same = answers(local) == answers(far)
    print(f"\ncluster: {count} jobs in {there:.1f} s, on processes of this machine {here:.1f} s; equal answers: {same}")
    assert same


def countries(spec: Path, number: int, folder: Path) -> Path:
    """So many made-up countries: this one with pupils, capacities and answers of their own."""
    path = folder / f"countries-{number}.yaml"
    drawn = {"perturb.pupils": [0.2], "perturb.capacity": [1], "perturb.willingness": [0.1]}
    content = {
        "schema_version": 1,
        "base": os.path.relpath(spec, folder),
        "base_variant": False,
        "variants": {"grid": drawn, "repeat": number},
    }
    path.write_text(json.dumps(content, indent=0), encoding="utf-8")
    return path


def files(base: Base, number: int, folder: Path) -> Path:
    """A folder with so many scenario files, all different."""
    place = folder / f"files-{number}"
    place.mkdir()
    names = [community for community in base.map.names if base.map.members(community)]
    for k in range(number):
        scenario = scenario_of_community(base, base.map, names[k % len(names)])[0]
        assert scenario is not None
        content = scenario.canonical()
        for entry in content["scenario"]["junior_highs"]:
            entry["pupils"] = {grade: pupils + k for grade, pupils in entry.get("pupils", {}).items()}
        (place / f"{k}.yaml").write_text(write_yaml(Scenario.from_canonical(content)), encoding="utf-8")
    return place


def scale(spec: Path, base: Base, folder: Path, jobs: Sequence[int], schools: Sequence[int]) -> None:
    """Cost of a job and growth of the store."""
    print("\n| variants of communities of 10 to 12 schools: jobs | ms a job | runner MB | store KB a job |")
    print("|---|---|---|---|")
    for count in jobs:
        row(variants_file(spec, base, folder, count), folder / f"scale-{count}.sqlite")
    print("\n| made-up countries: schools | jobs | ms a job | runner MB | store KB a job |\n|---|---|---|---|---|")
    for count in schools:
        number = max(1, round(count / len(base.schools)))
        row(countries(spec, number, folder), folder / f"schools-{count}.sqlite", f"{number * len(base.schools):,} | ")
    print("\n| scenario files: jobs | ms a job | runner MB | store KB a job |\n|---|---|---|---|")
    for count in (46, 460):
        row(files(base, count, folder), folder / f"files-{count}.sqlite")


def row(path: Path, store: Path, name: str = "") -> None:
    """One line."""
    with warm(2) as workers:
        began = time.perf_counter()
        summary, _reading, _solving = run(path, store, workers)
        seconds = time.perf_counter() - began
    jobs, size = max(1, summary.tally.ended), store.stat().st_size / 1024
    memory = psutil.Process().memory_info().rss / 1e6
    print(f"| {name}{jobs:,} | {seconds / jobs * 1000:.1f} | {memory:.0f} | {size / jobs:.1f} |", flush=True)


def main() -> None:
    """Run what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=list(SECTIONS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, nargs="*", default=[45, 450, 2000, 10_000])
    parser.add_argument("--schools", type=int, nargs="*", default=[500, 5000, 50_000])
    given = parser.parse_args()
    base = invented_nation(roster_of(given.data))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = folder / "nation.yaml"
        write_base(base, spec)
        if "nation" in given.sections:
            nation(spec, base, folder, given.rounds)
        if "again" in given.sections:
            again(spec, folder, given.rounds)
        if "variants" in given.sections:
            variants(spec, base, folder, given.variants)
            variants(spec, base, folder, given.variants // 10, SIZES)
        if "cluster" in given.sections:
            cluster(spec, base, folder, 500)
        if "scale" in given.sections:
            scale(spec, base, folder, given.jobs, given.schools)


if __name__ == "__main__":
    main()
