"""Why there is no plan: our collisions and cheapest corrections beside CPMpy's `mus` and `mcs_opt` on the same groups.

CPMpy is no dependency. Give it an environment of its own that sees the project's packages:

    python -m venv ../cpmpy && ../cpmpy/bin/pip install --no-deps cpmpy
    PYTHONPATH=.:.venv/lib/python3.11/site-packages ../cpmpy/bin/python -m benchmarks.explain

CPMpy gets the groups as expressions that are ready; its time is that of `mus` and `mcs_opt` alone. Ours is from the
plan to the answer, building the model included (and once from the model that is ready).
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from models.community import Plan, Problem
from models.concessions import for_sale
from models.conflicts import collision, collisions, feasible
from models.duties import Duties
from models.engine import Engine
from models.explain import ways_out
from models.priced import PricedModel
from tests.communities import benchmark_problem

SIZES = (6, 9, 15, 25)


def colliding(seed: int, n: int) -> Plan:
    """A lifelike community whose planner and schools ask for what cannot be."""
    attempt = 0
    while True:
        rng = random.Random(f"colliding {seed} {n} {attempt}")
        plan = _troubled(rng, benchmark_problem(rng.randrange(10**6), n, own_coordinates=False))
        if not feasible(plan):
            return plan
        attempt += 1


def _troubled(rng: random.Random, given: Problem) -> Plan:
    codes = list(given.participants)
    items = [item.id for item in given.rules.rulebook.items if item.id not in ("2.2", "2.4", "6")]
    schools = []
    for school in given.community.schools:
        said = {**school.willingness, **{item: "cannot" for item in items if rng.random() < 0.12}}
        hard = rng.random() < 0.1
        points = Fraction(rng.randint(1, 4)) if hard else school.capacity_points
        changed = replace(school, willingness=said, load_limit_hard=hard, capacity_points=points)
        schools.append(replace(changed, history_points=Fraction(0)))
    pins = frozenset((rng.choice(items), rng.choice(codes)) for _ in range(rng.randint(1, 5)))
    item = rng.choice(items)
    bans = frozenset((item, code) for code in codes if rng.random() < 0.95)
    wishes = replace(
        given.wishes, pins=pins, bans=bans, host_numbers={rng.choice(items[:6]): rng.randint(0, n_of(given))}
    )
    community = replace(given.community, schools=tuple(schools))
    return Plan(replace(given, wishes=wishes, community=community), str(given.wishes.convener))


def n_of(given: Problem) -> int:
    """Participants."""
    return len(given.participants)


def groups_for_cpmpy(duties: Duties) -> tuple[dict[tuple[str, str], list[Any]], list[Any]]:
    """Constraints of the guarded model by their group, and those without a group, as CPMpy's expressions."""
    import cpmpy as cp

    proto = duties.model.proto
    columns = [cp.boolvar(name=f"v{k}") for k in range(len(proto.variables))]

    def literal(index: int) -> Any:
        return columns[index] if index >= 0 else ~columns[-index - 1]

    by_guard = {guard.index: key for key, guard in duties.guards.items()}
    soft: dict[tuple[str, str], list[Any]] = {key: [] for key in duties.guards}
    hard: list[Any] = []
    for constraint in proto.constraints:
        made: list[Any]
        if constraint.has_bool_or():
            made = [cp.any([literal(i) for i in constraint.bool_or.literals])]
        elif constraint.has_bool_and():
            made = [literal(i) for i in constraint.bool_and.literals]
        elif constraint.has_lin_max():
            parts = [columns[next(iter(e.vars))] for e in constraint.lin_max.exprs]
            made = [columns[next(iter(constraint.lin_max.target.vars))] == cp.any(parts)]
        else:
            linear = constraint.linear
            total = cp.sum([c * columns[v] for v, c in zip(linear.vars, linear.coeffs, strict=True)])
            low, high = list(linear.domain)
            made = [total == low] if low == high else [total >= low, total <= high]
        guard = next(iter(constraint.enforcement_literal), None)
        (hard if guard is None else soft[by_guard[guard]]).extend(made)
    return soft, hard


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and answer."""
    started = time.perf_counter()
    answer = run()
    return time.perf_counter() - started, answer


def side_by_side(seeds: int) -> None:
    """Ratios of CPMpy's time to ours, each scenario in turn."""
    import cpmpy as cp
    from cpmpy.tools.explain import mcs_opt, mus

    print(
        "| n | groups | mus: ours ms / CPMpy ms | ratio | model ready | mcs: ours ms / CPMpy ms | ratio | same price |"
    )
    print("|---|---|---|---|---|---|---|---|")
    every: dict[str, list[float]] = {"mus": [], "ready": [], "mcs": []}
    for n in SIZES:
        rows: dict[str, list[float]] = {key: [] for key in ("groups", "mus", "ready", "mus+", "mcs", "mcs+")}
        ratios: dict[str, list[float]] = {key: [] for key in every}
        same = 0
        for seed in range(seeds):
            plan = colliding(seed, n)
            duties = Duties(plan, guarded=True)
            soft, hard = groups_for_cpmpy(duties)
            groups = [cp.all(made) if len(made) > 1 else made[0] for made in soft.values()]
            prices = for_sale(plan)
            sold = [(group, prices[key].price) for key, group in zip(soft, groups, strict=True) if key in prices]
            kept = [group for key, group in zip(soft, groups, strict=True) if key not in prices]

            ours, _ = timed(lambda plan=plan: collision(plan))
            build, _ = timed(lambda plan=plan: Duties(plan, guarded=True))
            theirs, _ = timed(lambda groups=groups, hard=hard: mus(groups, hard))
            ours_mcs, gone = timed(lambda plan=plan: PricedModel([plan]).cheapest(Engine(), []))
            weights = [int(price) for _, price in sold]
            theirs_mcs, removed = timed(
                lambda sold=sold, hard=[*hard, *kept], weights=weights: _corrected(mcs_opt, sold, hard, weights)
            )
            if gone is not None and removed is not None:
                by_name = {str(group): price for group, price in sold}
                same += sum(g.price for g in gone) == sum(by_name[str(group)] for group in removed)
                ratios["mcs"].append(theirs_mcs / ours_mcs)
                rows["mcs"].append(ours_mcs)
                rows["mcs+"].append(theirs_mcs)
            ratios["mus"].append(theirs / ours)
            ratios["ready"].append(theirs / max(ours - build, 1e-4))
            for key, value in (("groups", len(groups)), ("mus", ours), ("mus+", theirs)):
                rows[key].append(value)
        m = {key: statistics.median(values) if values else float("nan") for key, values in {**rows}.items()}
        r = {key: statistics.median(values) if values else float("nan") for key, values in ratios.items()}
        for key, values in ratios.items():
            every[key] += values
        print(
            f"| {n} | {m['groups']:.0f} | {1000 * m['mus']:.1f} / {1000 * m['mus+']:.1f} | {r['mus']:.1f} "
            f"| {r['ready']:.1f} | {1000 * m['mcs']:.1f} / {1000 * m['mcs+']:.1f} | {r['mcs']:.1f} "
            f"| {same} of {len(rows['mcs'])} |",
            flush=True,
        )
    print("median ratio:", ", ".join(f"{key} {statistics.median(values):.1f}" for key, values in every.items()))
    print("least ratio:", ", ".join(f"{key} {min(values):.1f}" for key, values in every.items()))


def _corrected(mcs_opt: Any, sold: list[Any], hard: list[Any], weights: list[int]) -> Any:
    try:
        return mcs_opt([group for group, _ in sold], hard, weights)
    except AssertionError:  # no correction: what is not for sale collides by itself
        return None


def everything(seeds: int) -> None:
    """All collisions and the ten cheapest ways out, without and with their plans."""
    print("\n| n | all collisions ms | ways out ms | with plans ms | ways | complete |")
    print("|---|---|---|---|---|---|")
    for n in SIZES:
        rows: list[tuple[float, float, float, int, bool]] = []
        for seed in range(seeds):
            plan = colliding(seed, n)
            first, _ = timed(lambda plan=plan: collisions(plan))
            second, _ = timed(lambda plan=plan: ways_out(plan.problem, with_plans=False))
            third, found = timed(lambda plan=plan: ways_out(plan.problem))
            rows.append((first, second, third, len(found.ways), found.complete))
        m = [statistics.median(row[k] for row in rows) for k in range(4)]
        complete = sum(row[4] for row in rows)
        times = " | ".join(f"{1000 * m[k]:.0f}" for k in range(3))
        print(f"| {n} | {times} | {m[3]:.0f} | {complete} of {len(rows)} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--ours", action="store_true", help="leave CPMpy out")
    arguments = parser.parse_args()
    if not arguments.ours:
        side_by_side(arguments.seeds)
    everything(-(-arguments.seeds // 3))


if __name__ == "__main__":
    main()
