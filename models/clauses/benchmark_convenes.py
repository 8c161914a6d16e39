"""Where there are benchmark schools, one of them convenes, as of right [捌、一（二）].

``B empty or C in B``.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import BenchmarkConvenesClause


def require(clause: BenchmarkConvenesClause, plan: Plan, duties: DutyModel) -> None:
    """Make the model impossible when another school convenes."""
    if _broken(plan):
        duties.impossible(clause.id, plan.convener)


def violations(clause: BenchmarkConvenesClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """A convener that is no benchmark school although there is one."""
    del assignment
    if _broken(plan):
        yield Violation(clause.id, "benchmark_convenes.other", schools=(plan.convener, *plan.problem.benchmarks))


def _broken(plan: Plan) -> bool:
    # A convener outside the plan is the business of the clause on conveners.
    inside = plan.convener in plan.participants
    return inside and bool(plan.problem.benchmarks) and plan.convener not in plan.problem.benchmarks
