"""One room per kind of rule, with two doors: `require` adds it to a model, `violations` judges without a solver.

A clause of the rulebook names its kind; `ROOMS` leads from there to the module. Adding a kind of rule means adding a
module here, an entry class in `models.rulebook`, and a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from models.clauses import (
    bans,
    barred,
    benchmark_convenes,
    cannot,
    convener,
    different_hosts,
    equal_numbers,
    exploration_number,
    host_count,
    host_number,
    load_limit,
    membership,
    outside_partner,
    pins,
    role_hosts,
    same_hosts,
    track_cap,
    ways,
    who_hosts,
)
from models.clauses._door import DutyModel, Violation
from models.community import Assignment, Plan

__all__ = ["ROOMS", "DutyModel", "Violation", "require_all", "violations"]

#: Kind of clause -> the module that knows it.
ROOMS: Mapping[str, ModuleType] = {
    "bans": bans,
    "barred": barred,
    "benchmark_convenes": benchmark_convenes,
    "cannot": cannot,
    "convener": convener,
    "different_hosts": different_hosts,
    "equal_numbers": equal_numbers,
    "exploration_number": exploration_number,
    "host_count": host_count,
    "host_number": host_number,
    "load_limit": load_limit,
    "membership": membership,
    "outside_partner": outside_partner,
    "pins": pins,
    "role_hosts": role_hosts,
    "same_hosts": same_hosts,
    "track_cap": track_cap,
    "ways": ways,
    "who_hosts": who_hosts,
}


def require_all(plan: Plan, duties: DutyModel) -> None:
    """Add every clause in force to the model."""
    for clause in plan.rules.clauses:
        ROOMS[clause.kind].require(clause, plan, duties)


def violations(plan: Plan, assignment: Assignment) -> Iterator[Violation]:
    """All violations of an assignment, in the order of the rulebook's clauses."""
    for clause in plan.rules.clauses:
        yield from ROOMS[clause.kind].violations(clause, plan, assignment)
