"""``suggestions.json``: suggestions as a document for programs.

Its shape is ``schemas/suggestions.schema.json``. Equal inputs give equal bytes; messages are in the language of the
run.
"""

from __future__ import annotations

import json
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING, Any

from assigner.answer import versions_of
from assigner.boundary.answer import flip_entry

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestion, Suggestions

__all__ = ["SCHEMA_VERSION", "suggestions_document", "suggestions_schema"]

SCHEMA_VERSION = 1
"""Of the document."""


def suggestions_document(answer: Suggestions) -> dict[str, Any]:
    """The content of ``suggestions.json``; see the schema for what each key holds."""
    from assigner.boundary.base import base_hash
    from assigner.report.suggest_statements import aim_name, verdict

    base = answer.base
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": answer.status,
        "exit_code": int(answer.exit_code),
        "message": verdict(answer).text,
        "base": {
            "id": base.id,
            "name": base.name,
            "hash": base_hash(base),
            "synthetic": base.synthetic,
            "invented": base.invented,
        },
        "asked": {
            "max_flips": answer.max_flips,
            "around": answer.around,
            "schools": answer.schools,
            "pieces": answer.pieces,
            "keep": list(answer.keep),
            "aims": [{"aim": aim.key, "name": aim_name(answer, aim)} for aim in answer.aims],
        },
        "communities": list(answer.scope),
        "aims": [
            {
                "aim": entry.aim.key,
                "before": _value(entry.before),
                "after": _value(entry.value),
                "bound": _value(entry.bound),
                "status": entry.status,
            }
            for entry in answer.bound
        ],
        "best": None if answer.best is None else _entry(answer, answer.best),
        "better": [_entry(answer, entry) for entry in answer.better],
        "ranking": [_entry(answer, entry) for entry in answer.ranking],
        "maps": {
            "within_reach": answer.maps,
            "complete": answer.complete,
            "listed_flips": answer.listed_flips,
            "solved": answer.evaluated,
        },
        "ranked": answer.ranked,
        "versions": versions_of(),
    }
    if answer.stopped_by is not None:
        document["stopped_by"] = answer.stopped_by
    return document


def _entry(answer: Suggestions, entry: Suggestion) -> dict[str, Any]:
    from assigner.report.suggest_statements import broken, flip_text

    return {
        "flips": [{**flip_entry(flip), "message": flip_text(answer, flip)} for flip in entry.flips],
        "communities": list(entry.communities),
        "schools": list(entry.moved),
        "lawful": entry.lawful,
        "locked": entry.locked,
        "compared": entry.compared,
        "decides": entry.decides,
        "gives_up": list(entry.gives_up),
        "breaks": [
            {"code": finding.code, "community": finding.community, "message": message}
            for finding, message in zip(entry.breaks, broken(answer, entry), strict=True)
        ],
        "values": {aim: _value(value) for aim, value in entry.values.items()},
    }


def _value(value: Any) -> Any:
    """An exact value as JSON has it: a whole number, else a text such as "7/4"; lists of levels."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else str(exact)


def suggestions_schema() -> dict[str, Any]:
    """JSON Schema of ``suggestions.json``."""
    file = resources.files("assigner") / "schemas" / "suggestions.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
