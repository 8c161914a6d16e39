"""The two doors of every clause say the same: the audit rejects exactly what the model cannot take.

Assignments are random: lawful plans drawn from the model, the same with a few hosts or ways changed, and plans that
respect nothing. A third judge (`tests.oracles.judge`), written apart, has to be of the same mind.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from models.audit import audit
from models.community import Assignment, Plan, Problem
from models.duties import Duties
from models.engine import Engine
from tests.communities import random_problem
from tests.models.handmade import accepts
from tests.oracles import judge

#: Assignments judged for each community.
EACH = 20
#: Communities in the slice (300 assignments) and in the campaign (2,000).
SLICE, CAMPAIGN = 15, 100


def drawn_plan(duties: Duties, rng: random.Random) -> Assignment | None:
    """A lawful plan that is best by random costs; None when there is no lawful plan."""
    literals = [*duties.decisions.values(), *duties.way_decisions.values()]
    distinct = list({literal.index: literal for literal in literals}.values())
    outcome = Engine().solve(duties.model, (distinct, [rng.randint(-2, 5) for _ in distinct]))
    return duties.assignment(outcome.true) if outcome.solution else None


def everybody(problem: Problem) -> list[str]:
    """All codes that anybody could write into a plan: abstainers, barred schools, outsiders and strangers too."""
    community = problem.community
    return [*community.school_by_code, *(p.code for p in community.outside_partners), "999999"]


def mutated(problem: Problem, plan: Assignment, rng: random.Random, changes: int) -> Assignment:
    """The plan with so many random changes: a host moved, added, dropped or exchanged, a way or the convener."""
    hosts = {item: set(codes) for item, codes in plan.hosts.items()}
    ways = {code: set(chosen) for code, chosen in plan.ways.items()}
    convener = plan.convener
    items = list(problem.rules.item_by_id)
    members = list(problem.participants) or everybody(problem)
    for _ in range(changes):
        item = rng.choice(items)
        mine = hosts.setdefault(item, set())
        kind = rng.choices(
            ("move", "add", "drop", "swap", "bundle", "way", "odd", "convener"), (6, 2, 2, 3, 3, 3, 2, 1)
        )[0]
        if kind == "move" and mine:
            mine.discard(rng.choice(sorted(mine)))
            mine.add(rng.choice(members))
        elif kind == "add":
            mine.add(rng.choice(members))
        elif kind == "drop" and mine:
            mine.discard(rng.choice(sorted(mine)))
        elif kind == "swap":
            other = rng.choice(items)
            hosts[item], hosts[other] = set(hosts.get(other, ())), mine
        elif kind == "bundle":
            host = rng.choice(members)
            hosts.update({one: {host} for one in ("3.1", "3.2", "3.3")})
        elif kind == "way" and problem.benchmarks:
            code = rng.choice([*problem.benchmarks, rng.choice(members)])
            way = rng.choice([*(way.id for way in problem.rules.rulebook.ways), "6.unknown"])
            ways.setdefault(code, set()).symmetric_difference_update({way})
        elif kind == "odd":
            hosts.setdefault(rng.choice((item, "9.9")), set()).add(rng.choice(everybody(problem)))
        elif kind == "convener":
            convener = rng.choice(everybody(problem))
    return Assignment(
        convener,
        {item: tuple(codes) for item, codes in hosts.items()},
        {code: tuple(chosen) for code, chosen in ways.items()},
    )


def anything(problem: Problem, rng: random.Random) -> Assignment:
    """Hosts drawn without respect for anything."""
    codes = everybody(problem)
    hosts = {item: tuple(rng.sample(codes, rng.randint(0, min(2, len(codes))))) for item in problem.rules.item_by_id}
    return Assignment(rng.choice(codes), hosts)


def assignments(problem: Problem, rng: random.Random) -> Iterator[Assignment]:
    duties = Duties(Plan(problem, str(problem.wishes.convener)))
    for k in range(EACH):
        plan = drawn_plan(duties, rng)
        if plan is None or k % 10 == 9:
            plan = anything(problem, rng)
        yield mutated(problem, plan, rng, k % 4)


def verdicts(problem: Problem, rng: random.Random) -> Iterator[tuple[Assignment, bool]]:
    """Assignments with the verdict that the audit, the two models and the judge have in common."""
    models: dict[str, tuple[Duties, Duties]] = {}
    for assignment in assignments(problem, rng):
        if assignment.convener not in models:
            plan = Plan(problem, assignment.convener)
            models[assignment.convener] = Duties(plan), Duties(plan, guarded=True)
        plain, guarded = models[assignment.convener]
        judgement = audit(problem, assignment)
        broken = [finding.clause.id for finding in judgement.findings if not finding.ok]
        taken = {
            "audit": judgement.ok,
            "model": accepts(plain, assignment),
            "guarded model": accepts(guarded, assignment, assume=guarded.guards.values()),
            # the judge looks at the rulebook's items only
            "judge": judge.lawful(problem, assignment) and assignment.hosts.keys() <= problem.rules.item_by_id.keys(),
        }
        assert len(set(taken.values())) == 1, (taken, broken, judge.broken(problem, assignment), assignment)
        yield assignment, judgement.ok


def count(seeds: range) -> tuple[int, int]:
    accepted = rejected = 0
    for seed in seeds:
        rng = random.Random(f"audit {seed}")
        for _, ok in verdicts(random_problem(3000 + seed, 1 + seed % 14), rng):
            accepted += ok
            rejected += not ok
    return accepted, rejected


def test_audit_model_and_judge_agree_on_three_hundred_assignments() -> None:
    accepted, rejected = count(range(SLICE))
    assert accepted + rejected == 300
    assert accepted >= 60
    assert rejected >= 60


@pytest.mark.campaign
def test_audit_model_and_judge_agree_on_two_thousand_assignments() -> None:
    accepted, rejected = count(range(CAMPAIGN))
    assert accepted + rejected == 2000
    assert accepted >= 500
    assert rejected >= 500


def test_every_clause_of_the_programme_is_broken_somewhere() -> None:
    """The broken assignments are not all broken in the same few ways."""
    seen: set[str] = set()
    for seed in range(28):
        problem = random_problem(3000 + seed, 1 + seed % 14)
        rng = random.Random(f"audit {seed}")
        for assignment in assignments(problem, rng):
            seen |= {finding.clause.id for finding in audit(problem, assignment).findings if not finding.ok}
    assert seen == {clause.id for clause in problem.rules.rulebook.clauses}
