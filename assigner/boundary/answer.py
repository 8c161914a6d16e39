"""``boundary.json``: the effects of an experiment as a document for programs.

Its shape is ``schemas/boundary.schema.json``. Equal inputs give equal bytes; messages are in the language of the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING, Any

from assigner.answer import versions_of
from assigner.boundary.criteria import Moved, moved_things
from assigner.boundary.measures import Measure, Value, measures
from geodata.base_map import Divide, Merge, MoveSchool, MoveTownship

if TYPE_CHECKING:
    from assigner.boundary.values import CommunityEffects, Effects, Finding, Kept, State
    from geodata.base_map import Flip

__all__ = ["SCHEMA_VERSION", "boundary_schema", "effects_document", "flip_entry", "plain_value"]

SCHEMA_VERSION = 1
"""Of the document."""


def effects_document(effects: Effects) -> dict[str, Any]:
    """The content of ``boundary.json``; see the schema for what each key holds."""
    from assigner.boundary.base import base_hash
    from assigner.report.boundary_statements import finding_text, flip_lines, verdict

    base = effects.base
    known: dict[str, list[Measure]] = {}
    for measure in measures(effects):
        known.setdefault(measure.community, []).append(measure)
    lines = flip_lines(base, effects.flips)
    return {
        "schema_version": SCHEMA_VERSION,
        "complete": effects.complete,
        "proven": effects.proven,
        "exit_code": int(effects.exit_code),
        "message": verdict(effects).text,
        "base": {
            "id": base.id,
            "name": base.name,
            "hash": base_hash(base),
            "synthetic": base.synthetic,
            "invented": base.invented,
            "communities": list(base.map.names),
        },
        "flips": [{**flip_entry(flip), "message": line} for flip, line in zip(effects.flips, lines, strict=True)],
        "moved": [_moved(thing) for thing in moved_things(base, effects.map)],
        "communities": [_community(entry, known.get(entry.id, [])) for entry in effects.communities],
        "together": [_measure(measure) for measure in known.get("*", [])],
        "duties": [
            {"item": change.item, "school": change.school, "before": change.before, "after": change.after}
            for change in effects.duties
        ],
        "nearest": [
            {
                "point": change.demand,
                "item": change.unit,
                "community": change.community,
                "before": _host(change.before),
                "after": _host(change.after),
            }
            for change in effects.nearest
        ],
        "findings": [{**_finding(finding), "message": finding_text(finding, effects)} for finding in effects.findings],
        "versions": versions_of(),
    }


def flip_entry(flip: Flip) -> dict[str, Any]:
    """A flip in the words of an experiment file, with codes and ids."""
    if isinstance(flip, MoveTownship):
        return {"move": flip.township, "to": flip.to}
    if isinstance(flip, MoveSchool):
        return {"move_school": flip.school, "to": flip.to}
    if isinstance(flip, Merge):
        return {"merge": flip.community, "into": flip.into}
    new = {"name": flip.name, "townships": list(flip.townships), "schools": list(flip.schools)}
    return {"divide": flip.community, "id": flip.id, **new} if isinstance(flip, Divide) else {"new": flip.id, **new}


def _moved(thing: Moved) -> dict[str, Any]:
    return {
        "kind": thing.kind,
        "id": thing.id,
        "township": thing.township,
        "before": thing.before,
        "after": thing.after,
        "adjoined": thing.adjoined,
        "adjoins": thing.adjoins,
        "border_km_before": thing.border_km_before,
        "border_km_after": thing.border_km_after,
        "links_before": list(thing.links_before),
        "links_after": list(thing.links_after),
    }


def _community(entry: CommunityEffects, own: list[Measure]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "before": _side(entry.before),
        "after": _side(entry.after),
        "kept": _kept(entry.kept),
        "measures": [_measure(measure) for measure in own],
    }


def _side(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    outline, result = state.outline, state.result
    side: dict[str, Any] = {
        "members": list(outline.members),
        "townships": list(outline.territory),
        "pieces": [list(piece) for piece in outline.pieces],
        "counties": list(outline.counties),
        "status": None if result is None else result.status,
        "scenario": None if state.scenario is None else state.scenario.hash,
    }
    if result is not None and result.stopped_by is not None:
        side["stopped_by"] = result.stopped_by
    if result is not None and result.assignment is not None:
        side["plan"] = {
            "convener": result.assignment.convener,
            "hosts": {item: list(codes) for item, codes in result.assignment.hosts.items()},
            "ways": {code: list(ways) for code, ways in sorted(result.assignment.ways.items())},
            "relaxations": [entry.relaxation.id for entry in result.relaxations],
        }
    elif result is not None and result.collision is not None:
        side["collision"] = [list(part) for part in result.collision.parts]
        if result.explanation is not None:
            from assigner.steering.conceding import gives_up_claims

            found = result.explanation.ways_out
            ways = [
                {"price": str(way.price), "gives_up": gives_up_claims(result.problem, way.gives_up)}
                for way in found.ways
            ]
            side["ways_out"] = {"complete": found.complete, "ways": ways}
    return side


def _kept(kept: Kept | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    from assigner.words import violation_sentence

    return {
        "convener": kept.plan.convener,
        "violations": [
            {
                "clause": violation.clause,
                "code": violation.code,
                "items": list(violation.items),
                "schools": list(violation.schools),
                "message": violation_sentence(kept.plan.problem, violation),
            }
            for violation in kept.violations
        ],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    entry: dict[str, Any] = {"measure": measure.code}
    if measure.part:
        entry["item"] = measure.part
    entry["before"] = plain_value(measure, measure.before)
    if measure.kept is not None:
        entry["kept"] = plain_value(measure, measure.kept)
    entry["after"] = plain_value(measure, measure.after)
    if measure.unit:
        entry["unit"] = measure.unit
    return entry


def plain_value(measure: Measure, value: Value) -> Any:
    """A value of a measure as JSON: loads as exact ratios in texts, everything else as it is."""
    if isinstance(value, tuple):
        return [_number(v) if measure.code == "exploration" else str(v) for v in value]
    if measure.code == "largest_load" and value is not None:
        return str(value)
    return _number(value) if isinstance(value, Fraction) else value


def _number(value: Fraction | int) -> int | float:
    return int(value) if Fraction(value).denominator == 1 else float(value)


def _host(found: tuple[str, float] | None) -> dict[str, Any] | None:
    return None if found is None else {"school": found[0], "distance": _number(Fraction(str(found[1])))}


def _finding(finding: Finding) -> dict[str, Any]:
    values = {key: _plain(value) for key, value in finding.values.items() if key != "violation"}
    return {"code": finding.code, "severity": finding.severity, "community": finding.community, "values": values}


def _plain(value: object) -> Any:
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def boundary_schema() -> dict[str, Any]:
    """JSON Schema of ``boundary.json``."""
    content = (resources.files("assigner") / "schemas" / "boundary.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(content)
    return schema
