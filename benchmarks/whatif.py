"""What if: how much cheaper an answer is than solving again, `python -m benchmarks.whatif [matrix|single|many]`.

Ratios of processor time within one run (the solver has one worker), so that other work on the machine does not count.
Every answer is compared with solving the changed problem from the beginning.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ParamSpec, TypeVar

from models.community import Plan
from models.tiers import NoPlan, TiersResult, solve_tiers
from models.whatif import (
    Capacity,
    Change,
    Effort,
    Host,
    Lift,
    NotHost,
    Standing,
    Without,
    changed,
    first_change,
    matrix,
    rows_of,
    rule_prices,
    sensitivity,
    what_if,
)
from models.whatif.values import compared, tier_values
from tests.communities import benchmark_problem

P = ParamSpec("P")
T = TypeVar("T")


def timed(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> tuple[float, T]:
    """Processor seconds, and the answer."""
    started = time.process_time()
    found = work(*given, **named)
    return time.process_time() - started, found


def lifelike(seed: int, n: int) -> Plan:
    """A community; those with an even seed have their schools at places of their own."""
    problem = benchmark_problem(seed, n, seed % 2 == 0)
    return Plan(problem, str(problem.wishes.convener))


def again(plan: Plan, changes: Sequence[Change], *, tie_break: bool) -> TiersResult | None:
    """The changed problem solved from the beginning; None when it has no lawful plan."""
    try:
        return solve_tiers(Plan(changed(plan.problem, changes), plan.convener), tie_break=tie_break)
    except NoPlan:
        return None


def matrices(seeds: int, sizes: Sequence[int], sample: int = 40) -> None:
    """The whole matrix against one solve a cell: of the plan itself, and of the cells (a sample of them)."""
    print("\nmatrix: processor time / (cells x one solve); / (cells x mean solve of a sampled cell, values only)")
    print("| n | cells | to one solve: median / max | to solving the cells: median / max | equal |")
    for n in sizes:
        plain: list[float] = []
        brute: list[float] = []
        equal = compared_cells = cells = 0
        for seed in range(seeds):
            plan = lifelike(seed, n)
            one, result = timed(solve_tiers, plan)
            seconds, told = timed(matrix, plan, result)
            assert told.proven
            rng = random.Random(seed)
            times = []
            names = [tier.name for tier in result.tiers if tier.name != "tie_break"]
            before = (plan, tier_values(plan, result.assignment, names))
            items = {row.id: row.items for row in told.rows}
            for row, code in rng.sample(sorted(told.cells), sample):
                cell = told.cells[row, code]
                demand = [Host(item, code) for item in items[row]]
                took, found = timed(again, plan, demand, tie_break=False)
                times.append(took)
                compared_cells += 1
                if found is None:
                    equal += cell.status == "excluded"
                else:
                    after = (plan, tier_values(plan, found.assignment, names))
                    equal += cell.status != "excluded" and cell.first == first_change(compared(before, after))
            cells = len(told.cells)
            plain.append(seconds / cells / one)
            brute.append(seconds / cells / statistics.mean(times))
        print(
            f"| {n} | {cells} | {statistics.median(plain):.2f} / {max(plain):.2f} "
            f"| {statistics.median(brute):.2f} / {max(brute):.2f} | {equal} of {compared_cells} |",
            flush=True,
        )


def singles(seeds: int, n: int, questions: int = 6) -> None:
    """One question about a plan whose models are kept, and the first one, against solving the changed problem."""
    print(f"\nsingle what-if, n = {n}: processor time / solving the changed problem (median / 90 % / max, questions)")
    ratios: dict[str, list[float]] = {}
    for seed in range(seeds):
        plan = lifelike(seed, n)
        result = solve_tiers(plan)
        standing = Standing(plan, result)
        for part in range(len(standing.parts)):
            standing.kept(part)
        rng = random.Random(seed)
        others = [code for code in plan.participants if code != plan.convener]
        hosted = [(row.id, code) for row in rows_of(plan) for code in row.hosts(result.assignment)]
        for _ in range(questions):
            row, code = rng.choice(rows_of(plan)).id, rng.choice(others)
            asked: dict[str, Change] = {
                "host": Host(row, code),
                "not host": NotHost(*rng.choice(hosted)),
                "first question: host": Host(row, code),
                "effort": Effort(row, Fraction(2)),
                "capacity": Capacity(code, Fraction(3)),
                "without": Without(code),
                "lift": Lift(rng.choice([c.id for c in plan.rules.clauses if c.id in plan.rules.rulebook.liftable])),
            }
            for kind, change in asked.items():
                kept = None if kind.startswith("first") else standing
                full, found = timed(again, plan, [change], tie_break=True)
                if found is None:
                    continue
                took, answer = timed(what_if, plan, [change], result, standing=kept)
                assert answer.result_after is not None
                assert answer.result_after.assignment == found.assignment
                ratios.setdefault(kind, []).append(took / full)
    for kind, values in ratios.items():
        ordered = sorted(values)
        print(
            f"| {kind} | {statistics.median(values):.2f} | {ordered[int(0.9 * len(ordered))]:.2f} "
            f"| {ordered[-1]:.2f} | {len(values)} |"
        )


def many(seeds: int, n: int) -> None:
    """All prices and the stability of all duties: solves they are worth."""
    print(f"\nprices of all clauses, stability of all duties, n = {n}: solves of the plan that they cost, answers")
    for seed in range(seeds):
        plan = lifelike(seed, n)
        one, result = timed(solve_tiers, plan)
        prices, told = timed(rule_prices, plan, result)
        stable, marks = timed(sensitivity, plan, result)
        print(
            f"| {seed} | prices {prices / one:.0f} solves for {len(told.prices)} "
            f"| stability {stable / one:.0f} solves for {len(marks.answers)} |",
            flush=True,
        )


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="?", choices=["matrix", "single", "many", "all"], default="all")
    parser.add_argument("--seeds", type=int, default=6)
    given = parser.parse_args()
    if given.section in ("matrix", "all"):
        matrices(given.seeds, (9, 20))
    if given.section in ("single", "all"):
        singles(given.seeds, 25)
    if given.section in ("many", "all"):
        many(min(given.seeds, 2), 20)


if __name__ == "__main__":
    main()
