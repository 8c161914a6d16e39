"""Choices as documents for programs; their shapes are ``schemas/front.schema.json`` and ``schemas/optima.schema.json``.

Equal inputs give equal bytes. Numbers are exact where JSON can hold them: ratios are texts such as ``"7/4"``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from assigner.answer import plan_document, tier_number, versions_of

if TYPE_CHECKING:
    from assigner.choosing.front import Front, Point
    from assigner.choosing.optima import Optima
    from assigner.explaining.ground import Ground
    from models.community import Assignment, Plan
    from models.difference import HandOver

__all__ = ["SCHEMA_VERSION", "front_document", "front_schema", "optima_document", "optima_schema"]

SCHEMA_VERSION = 1


def front_document(answer: Front) -> dict[str, Any]:
    """The content of ``front.json``; see the schema for what each key holds."""
    document = _beginning(answer.status, answer.stopped_by)
    if answer.found is None:
        return document | _no_plan(answer.ground)
    chosen = answer.chosen
    assert chosen is not None
    document |= {
        "complete": answer.found.complete,
        "not_examined": [str(level) for level in answer.found.not_examined],
        "unit": f"person_{answer.ground.plan.problem.distances.unit}",
        "chosen": chosen.number,
        "points": [_point(answer.ground.plan, point) for point in answer.points],
    }
    if chosen.number is None:
        document["chosen_plan"] = _point(answer.ground.plan, chosen)
    return document | _end(answer.ground)


def optima_document(answer: Optima) -> dict[str, Any]:
    """The answer about optimal plans; see the schema for what each key holds."""
    document = _beginning(answer.status, answer.stopped_by)
    if answer.status == "no_plan":
        return document | _no_plan(answer.ground)
    plan, found = answer.ground.plan, answer.found
    if found is not None and found.proven:
        document |= {
            "count": found.count,
            "complete": found.complete,
            "always": [list(held) for held in found.always],
            "sometimes": [list(held) for held in found.sometimes],
            "undecided": [list(held) for held in found.undecided],
            "free_items": list(found.free_items),
            "plans": [_plan(plan, entry, answer.moves_to(entry)) for entry in found.plans],
        }
    if answer.different is not None:
        document["tolerance"] = str(answer.tolerance)
        document["different"] = [
            {
                "distance": entry.distance,
                "farthest": entry.farthest,
                "values": _values(entry.audit.values),
                **_plan(plan, entry.result.assignment, answer.moves_to(entry.result.assignment)),
            }
            for entry in answer.different
        ]
    return document | _end(answer.ground)


def _beginning(status: str, stopped_by: str | None) -> dict[str, Any]:
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "status": status}
    if stopped_by is not None:
        document["stopped_by"] = stopped_by
    return document


def _no_plan(ground: Ground) -> dict[str, Any]:
    """What is said where there is no plan: as ``plan.json`` says it."""
    return {"plan": plan_document(ground.result)}


def _end(ground: Ground) -> dict[str, Any]:
    result = ground.result
    book, scenario = ground.plan.rules.rulebook, result.scenario
    return {
        "convener": ground.plan.convener,
        "relaxations": [entry.relaxation.id for entry in result.relaxations],
        "rulebook": {"year": book.year, "hash": book.hash},
        "scenario": None if scenario is None else {"id": scenario.id, "hash": scenario.hash},
        "versions": versions_of(),
        "seed": result.seed,
    }


def _point(plan: Plan, point: Point) -> dict[str, Any]:
    from models.objectives.load import level, points

    found = points(plan, point.assignment)
    most = point.found.largest_load
    return {
        "number": point.number,
        "largest_load": str(most),
        "travel": tier_number("travel", point.found.travel),
        "most": [code for code in sorted(found) if most and level(plan, code, found[code]) == most],
        "chosen": point.chosen,
        "proven": point.found.proven,
        "values": _values(point.found.audit.values),
        **_plan(plan, point.assignment, point.moves),
    }


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tier_number(name, value) for name, value in values.items() if name != "tie_break"}


def _plan(plan: Plan, assignment: Assignment, moves: Iterable[HandOver]) -> dict[str, Any]:
    hosts = {item: list(codes) for item in plan.rules.item_by_id if (codes := assignment.hosts_of(item))}
    return {
        "hosts": hosts,
        "moves": [{"row": m.row, "items": list(m.items), "before": m.before, "after": m.after} for m in moves],
    }


def front_schema() -> dict[str, Any]:
    """JSON Schema of ``front.json``."""
    return _schema("front")


def optima_schema() -> dict[str, Any]:
    """JSON Schema of the answer about optimal plans."""
    return _schema("optima")


def _schema(name: str) -> dict[str, Any]:
    content = (resources.files("assigner") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(content)
    return schema
