"""The audit: every clause and every aim of an assignment, without a solver.

It is the specification. No ortools is imported here, directly or through others; a contract holds that.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.clauses import ROOMS as CLAUSE_ROOMS
from models.clauses._door import Violation
from models.community import Assignment, Plan, Problem
from models.objectives import ROOMS as OBJECTIVE_ROOMS

__all__ = ["Audit", "Finding", "audit"]


@dataclass(frozen=True)
class Finding:
    """One clause: kept, or how it is broken; or lifted, and how it is then not kept.

    Parameters
    ----------
    clause : Clause
    violations : tuple of Violation
        Empty for a lifted clause.
    lifted : bool
        The clause need not be kept (`models.rulebook.Rules.without`).
    waived : tuple of Violation
        Ways in which a lifted clause is not kept. They are no violations.
    """

    clause: Any
    violations: tuple[Violation, ...]
    lifted: bool = False
    waived: tuple[Violation, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the clause is kept, or lifted."""
        return not self.violations


@dataclass(frozen=True)
class Audit:
    """All findings, and what the assignment is worth in each tier.

    Parameters
    ----------
    findings : tuple of Finding
        In the order of the rulebook.
    values : dict
        Tier -> value, as `models.tiers.Tier.value`.
    missing_categories, unknown_categories : tuple of str
        Course categories the community lacks, and those that cannot be read from lists: notes, never violations.
    """

    findings: tuple[Finding, ...]
    values: dict[str, Any]
    missing_categories: tuple[str, ...]
    unknown_categories: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every clause in force is kept."""
        return all(finding.ok for finding in self.findings)


def audit(problem: Problem, assignment: Assignment) -> Audit:
    """Judge an assignment.

    Parameters
    ----------
    problem : Problem
    assignment : Assignment
        From a solver or from anyone; its convener decides the roles.
    """
    plan = Plan(problem, assignment.convener)
    findings = []
    for clause in plan.rules.stated:
        found = tuple(CLAUSE_ROOMS[clause.kind].violations(clause, plan, assignment))
        lifted = clause.id in plan.rules.lifted
        findings.append(Finding(clause, (), lifted=True, waived=found) if lifted else Finding(clause, found))
    values: dict[str, Any] = {}
    for name, room in OBJECTIVE_ROOMS.items():
        value = room.value(plan, assignment)
        if name == "exploration" and len(value) == 1:
            value = value[0]
        values[name] = value
    missing, unknown = categories(problem)
    return Audit(tuple(findings), values, missing, unknown)


def categories(problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Course categories that no participant has, and those that cannot be known from the lists [柒、三（二）].

    A category is missing only when every participant's categories are known and none has it.
    """
    schools = [problem.community.school_by_code[code] for code in problem.participants]
    present = {category for school in schools for category in school.categories or ()}
    all_known = all(school.categories is not None for school in schools)
    missing: list[str] = []
    unknown: list[str] = []
    for category in problem.rules.rulebook.categories.list_:
        if category.id in present:
            continue
        (missing if category.readable and all_known else unknown).append(category.id)
    return tuple(missing), tuple(unknown)


def equal_values(left: Any, right: Any) -> bool:
    """Whether two tier values are the same number(s)."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return tuple(left) == tuple(right)
    if isinstance(left, str) or isinstance(right, str):
        return bool(left == right)
    return Fraction(left) == Fraction(right)
