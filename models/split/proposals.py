"""A proposal from a division and two assignments, valued and judged without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from models.audit import audit
from models.clauses._door import Violation
from models.community import Assignment, Plan, Problem, Wishes
from models.split.allowed import Conditions, pieces_of, refused
from models.split.joint_clauses import joint_violations, left_out
from models.split.measures import convener_travel, division_values, merged, ordered, plan_tiers, split_order, tie_break
from models.split.problems import divide, groups_of, stated_conveners
from models.split.values import Division, PlanOfSide, Proposal, Refusal, SplitWishes, Territory
from models.tiers import TierValue

__all__ = ["judge", "propose"]


def propose(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    division: Division,
    assignments: Sequence[Assignment],
    *,
    order: Sequence[str] = (),
    proven: bool = False,
) -> Proposal:
    """The proposal that two assignments make, with its audits and values by the solver-free doors.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    division : Division
    assignments : (Assignment, Assignment)
        In the order of the division's sides; their conveners are those of the plans.
    order : sequence of str
        Tiers, as `models.split.measures.split_order` takes them; values of tiers that it leaves out follow.
    proven : bool
        Whether they are proven best for this division.
    """
    asked = split_order(problem, wishes, order)
    others = [name for name in split_order(replace(problem, wishes=Wishes()), wishes) if name not in asked]
    names = (*asked[:-1], *others, "tie_break")
    out = left_out(problem, assignments)
    sides = divide(problem, territory, division, stated_conveners(problem, wishes), out)
    plans = [
        PlanOfSide(Plan(side, assignment.convener), assignment, audit(side, assignment), nodes)
        for side, assignment, nodes in zip(sides, assignments, division.sides, strict=True)
    ]
    values: dict[str, TierValue] = dict(division_values(problem, territory, wishes, division))
    groups = groups_of(problem, territory, division)
    travel = [convener_travel(problem, group, a.convener) for group, a in zip(groups, assignments, strict=True)]
    values["convener_travel"] = travel[0] + travel[1]
    for name in plan_tiers(names):
        values[name] = merged(name, plans[0].audit.values[name], plans[1].audit.values[name])
    values["tie_break"] = tie_break(problem, territory, division, assignments)
    parts = pieces_of(territory, division)
    joint = (*_convening(problem, wishes, plans), *joint_violations(problem, assignments))
    pieces = len(parts[0]) + len(parts[1])
    return Proposal(division, (plans[0], plans[1]), ordered(values, names), proven, pieces, joint)


def _convening(problem: Problem, wishes: SplitWishes, plans: Sequence[PlanOfSide]) -> list[Violation]:
    """Conveners that were stated and convene neither plan."""
    leading = {side.convener for side in plans}
    clause = next((clause.id for clause in problem.rules.of_kind("convener")), problem.rules.split.id)
    idle = [code for code in stated_conveners(problem, wishes) if code not in leading]
    return [Violation(clause, "split.convener_not_as_stated", schools=(code,)) for code in idle]


def judge(
    problem: Problem, territory: Territory, wishes: SplitWishes, proposal: Proposal
) -> tuple[Refusal | Violation, ...]:
    """Everything that speaks against a proposal; empty when both plans and the division are lawful.

    The division's sizes, pieces, ties and wishes; every clause of both plans, each alone; what they keep together.
    """
    found: list[Any] = list(refused(Conditions(problem, territory, wishes), proposal.division))
    for side in proposal.plans:
        found += [violation for finding in side.audit.findings for violation in finding.violations]
    found += proposal.joint
    return tuple(found)
