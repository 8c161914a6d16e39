"""One convening school, a participant, the one the planner stated [捌、一（二）].

``convener in P``; nothing to decide once the convener is given, so the model is either free or impossible.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan
from models.rulebook import ConvenerClause


def require(clause: ConvenerClause, plan: Plan, duties: DutyModel) -> None:
    """Make the model impossible when the convener may not convene."""
    for violation in _judge(clause, plan):
        duties.impossible(clause.id, violation.code)


def violations(clause: ConvenerClause, plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """A convener that is no participant, or not the one stated."""
    del assignment  # the plan carries its convener
    yield from _judge(clause, plan)


def _judge(clause: ConvenerClause, plan: Plan) -> Iterator[Violation]:
    if plan.convener not in plan.participants and not _is_barred(plan):
        yield Violation(clause.id, "convener.no_participant", schools=(plan.convener,))
    stated = plan.wishes.convener
    if stated is not None and stated != plan.convener:
        yield Violation(clause.id, "convener.not_as_stated", schools=(plan.convener, stated))


def _is_barred(plan: Plan) -> bool:
    """A barred convener is reported by the clause on barred schools alone."""
    school = plan.problem.community.school_by_code.get(plan.convener)
    return school is not None and school.barred
