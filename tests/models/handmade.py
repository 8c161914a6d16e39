"""Small communities made by hand, so that every expectation in these tests can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from models.community import (
    Assignment,
    Community,
    DemandPoint,
    Distances,
    OutsidePartner,
    Plan,
    Problem,
    School,
    Wishes,
)
from models.duties import Duties
from models.engine import Engine
from models.rulebook import Rulebook, load_rulebook

__all__ = [
    "ACADEMIC",
    "CAREER",
    "A",
    "B",
    "C",
    "D",
    "E",
    "F",
    "accepts",
    "asked_to",
    "changed",
    "community",
    "every_second",
    "in_units",
    "lawful_plan",
    "problem",
    "runs",
    "some",
]

A, B, C, D, E, F = (f"10000{k}" for k in range(1, 7))
CAREER, ACADEMIC = "4.4.career", "4.4.academic"
BUNDLE = ("3.1", "3.2", "3.3")
SHARED = ("5.1", "5.2", "5.3", "5.4", "5.5")


def runs(few: int, many: int) -> list[Any]:
    """Seeds of a fixed slice, and the full count for the campaign."""
    slice_ = [pytest.param(seed, id=f"slice-{seed}") for seed in range(few)]
    full = [pytest.param(seed, marks=pytest.mark.campaign, id=f"campaign-{seed}") for seed in range(many)]
    return [*slice_, *full]


def some(values: Sequence[Any], few: int) -> list[Any]:
    """The first few of them by default, the others in the campaign."""
    return [*values[:few], *(pytest.param(value, marks=pytest.mark.campaign) for value in values[few:])]


def every_second(values: Iterable[Any]) -> list[Any]:
    """Every second of them by default, the others in the campaign."""
    return [pytest.param(value, marks=pytest.mark.campaign if k % 2 else ()) for k, value in enumerate(values)]


def problem(
    schools: Iterable[School | str] = (A, B, C, D, E, F),
    *,
    benchmarks: Sequence[str] = (),
    book: Rulebook | None = None,
    switches: Mapping[str, str] | None = None,
    points: Sequence[DemandPoint] = (),
    between: Sequence[Sequence[int]] | None = None,
    from_demand: Sequence[Sequence[int]] | None = None,
    outside: Sequence[OutsidePartner] = (),
    **wishes: Any,
) -> Problem:
    """A community with distances zero unless given; codes alone are schools with nothing said about them.

    The columns of `between` and `from_demand` follow the sorted codes, outside partners included.
    """
    made = [School(s, benchmark=s in benchmarks) if isinstance(s, str) else s for s in schools]
    codes = tuple(sorted([*(s.code for s in made), *(p.code for p in outside)]))
    size = len(codes)
    table = np.array(between if between is not None else np.zeros((size, size)), dtype=np.int64)
    demand = np.array(
        from_demand if from_demand is not None else np.zeros((len(points), size)), dtype=np.int64
    ).reshape(len(points), size)
    ids = tuple(sorted(point.id for point in points))
    rules = (book or load_rulebook("111")).resolve(switches or {})
    return Problem(
        rules,
        Community("handmade", "", tuple(made), tuple(points), tuple(outside)),
        Wishes(**wishes),
        Distances(codes, ids, table, demand),
    )


def community(given: Problem, **changes: Any) -> Problem:
    """The same problem with one community field or more changed."""
    return Problem(given.rules, replace(given.community, **changes), given.wishes, given.distances)


def asked_to(given: Problem, **wishes: Any) -> Problem:
    """The same problem with other wishes."""
    return Problem(given.rules, given.community, replace(given.wishes, **wishes), given.distances)


def lawful_plan(convener: str = A, benchmarks: Sequence[str] = ()) -> Assignment:
    """A lawful plan of schools A to F that A (or B) convenes; C to F host whatever a partner must host.

    Hosted once where one host is enough; one host a track; the benchmark schools host their own beside.
    """
    hosts: dict[str, tuple[str, ...]] = {
        "1.1": (C,),
        "1.2": (D,),
        "1.3": (E,),
        "1.4": (F,),
        "2.1": (C,),
        "2.3": (D,),
        **dict.fromkeys(BUNDLE, (E,)),
        "4.1": (C,),
        "4.2": (D,),
        "4.3": (E,),
        CAREER: (C,),
        ACADEMIC: (D,),
        "4.5": (F,),
        **dict.fromkeys(SHARED, (A, B)),
    }
    for code in benchmarks:
        for item in ("1.1", "1.2", "1.3", "1.4", "6"):
            hosts[item] = (*hosts.get(item, ()), code)
    return Assignment(convener, hosts, dict.fromkeys(benchmarks, ("6.fair", "6.handbook", "6.media")))


def changed(plan: Assignment, hosts: Mapping[str, Sequence[str]] | None = None, **rest: Any) -> Assignment:
    """A plan with other hosts of some items; ``convener`` and ``ways`` replace the whole."""
    return Assignment(
        rest.get("convener", plan.convener),
        {**plan.hosts, **{item: tuple(codes) for item, codes in (hosts or {}).items()}},
        rest.get("ways", plan.ways),
    )


def accepts(duties: Duties, assignment: Assignment, *, assume: Iterable[Any] = ()) -> bool:
    """Whether a model takes an assignment: every decision fixed to it on a copy, literals `assume` true.

    Hosts, items and ways for which the model has no decision cannot be taken.
    """
    given = {(item, code) for item, codes in assignment.hosts.items() for code in codes}
    ways = {(code, way) for code, chosen in assignment.ways.items() for way in chosen}
    if not given <= duties.decisions.keys() or not ways <= duties.way_decisions.keys():
        return False
    fixed = [x if key in given else ~x for key, x in duties.decisions.items()]
    fixed += [x if key in ways else ~x for key, x in duties.way_decisions.items()]
    model = duties.model.clone()
    model.add_bool_and([*fixed, *assume])
    status = Engine().solve(model).status
    assert status in ("optimal", "infeasible")
    return status == "optimal"


def in_units(plan: Plan, vector: Sequence[Any]) -> tuple[Fraction, ...]:
    """Levels as the product has them, from those of the oracles: these name a band by its number."""
    band = plan.rules.measure("load_band") if plan.rules.option("load_scale") == "band" else 1
    return tuple(Fraction(level) * band for level in vector)
