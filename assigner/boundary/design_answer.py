"""The files of a design: ``design.json``, the document for programs, and those for people.

The shape of the document is ``schemas/design.schema.json``. Equal inputs give equal bytes; messages are in the language
of the run. Beside it: ``design.csv`` (every township with its community), ``.xlsx``, ``.html``, ``.svg``, ``.geojson``
and ``.gpkg``. Where there is no design only the document and the page are written: they say why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.answer import versions_of
from assigner.outputs import Kind, Written, essence_without, makers_of, write_files

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedCommunity, DesignedMap

__all__ = [
    "DESIGN",
    "SCHEMA_VERSION",
    "design_document",
    "design_schema",
    "write_design",
]

SCHEMA_VERSION = 1
"""Of the document."""


def design_document(answer: DesignedMap) -> dict[str, Any]:
    """The content of ``design.json``; see the schema for what each key holds."""
    from assigner.boundary.base import base_hash
    from assigner.report.design_statements import reason_sentence, verdict

    question, found = answer.question, answer.found
    base, old, steps = question.base, question.old, found.steps
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": found.status,
        "exit_code": int(answer.exit_code),
        "message": verdict(answer).text,
        "base": {
            "id": base.id,
            "name": base.name,
            "hash": base_hash(base),
            "synthetic": base.synthetic,
            "townships": len(question.graph),
            "schools": sum(data["schools"] for data in question.graph.nodes.values()),
        },
        "asked": {
            "communities": answer.asked,
            "least": answer.least,
            "most": answer.most,
            "change_price": _number(answer.change_price),
            "travel_tolerance": None if answer.travel_tolerance is None else _number(answer.travel_tolerance),
        },
        "old": None if old is None else {"id": old.id, "hash": base_hash(old), "communities": list(old.map.names)},
        "unit": question.unit,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "travel": found.travel,
        "changed": found.changed if found.labels else None,
        "steps": None
        if steps is None
        else {
            "travel": steps.travel,
            "travel_bound": steps.travel_bound,
            "allowed": steps.allowed,
            "changed_bound": steps.changed_bound,
        },
        "unable": found.unable,
        "engine": found.engine,
        "reason": None
        if found.reason is None
        else {"code": found.reason.code, "message": reason_sentence(answer, found.reason)},
        "communities": [_community(community) for community in answer.communities],
        "versions": versions_of(schema=SCHEMA_VERSION),
    }
    if found.stopped_by is not None:
        document["stopped_by"] = found.stopped_by
    return document


def _community(community: DesignedCommunity) -> dict[str, Any]:
    return {
        "id": community.id,
        "name": community.name,
        "schools": community.participants,
        "centre": community.centre,
        "school": community.convener,
        "travel": community.travel,
        "old": community.old,
        "changed": community.changed,
        "townships": list(community.townships),
        "members": list(community.members),
    }


def _number(value: Any) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def design_schema() -> dict[str, Any]:
    """JSON Schema of ``design.json``."""
    file = resources.files("assigner") / "schemas" / "design.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


# ----------------------------------------------------------------------------------------------------------- the files


_OF_THE_RUN = ("message", "versions", "stopped_by")
"""Keys of the document that say nothing of what was found: words in the language of the run, and how it was run."""

DESIGN = Kind(
    "design",
    makers_of(
        csv="design_tables:townships",
        xlsx="design_workbook:workbook_bytes",
        html="design_page:page_text",
        svg="design_map:svg_text",
        geojson="design_layers:geojson_text",
        gpkg="design_layers:gpkg_bytes",
    ),
    essence_without(*_OF_THE_RUN),
    lambda answer: answer.base is not None,
)
"""The files of a design."""


def write_design(answer: DesignedMap, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write the files of a design into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    answer : DesignedMap
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``design.json`` is written in any case.

    Raises
    ------
    InputError
        A format is not known.
    """
    return write_files(answer, DESIGN, folder, formats)
