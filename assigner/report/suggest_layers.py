"""Suggestions as layers for a map program: every township with its best move, and the moves that may be made as lines.

As the layers of an experiment (`assigner.report.boundary_layers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.report import suggest_statements as sentences
from assigner.report.boundary_layers import area_of, point_of
from assigner.report.cells import one_line
from assigner.report.layers import Layer, Row, geojson_of, gpkg_of
from assigner.report.suggest_grades import verdict_of
from geodata.base_map import NOWHERE, MoveSchool, MoveTownship

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestion, Suggestions

__all__ = ["LAYERS", "content_of_suggestions", "geojson_text", "gpkg_bytes"]

LAYERS: Mapping[str, str] = {"by_township": "MultiPolygon", "by_school": "Point", "best_change": "MultiPolygon"}
"""Layer -> kind of its geometries; a layer without rows is there all the same."""

_OWN = ("community", "name")
_BEST = ("number", "to", "to_name", "verdict", "decides", "schools", "km", "reasons")

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "by_township": ("towncode", "county", "town", *_OWN, *_BEST),
    "by_school": ("code", "school", "towncode", *_OWN, *_BEST, "exact"),
    "best_change": ("towncode", "county", "town", *_OWN, "to", "to_name"),
}


def content_of_suggestions(answer: Suggestions) -> dict[str, Layer]:
    """The layers of suggestions."""
    rows = {
        "by_township": _townships(answer),
        "by_school": _schools(answer),
        "best_change": _best_change(answer),
    }
    return {name: Layer(_COLUMNS[name], tuple(found)) for name, found in rows.items()}


def geojson_text(answer: Suggestions) -> str:
    """All layers as one FeatureCollection; the property ``layer`` says of each feature to which it belongs."""
    return geojson_of(content_of_suggestions(answer))


def gpkg_bytes(answer: Suggestions) -> bytes:
    """All layers as a GeoPackage, a table for each; equal answers give equal bytes."""
    return gpkg_of(content_of_suggestions(answer), LAYERS)


def _name(answer: Suggestions, community: str) -> str:
    return "" if community == NOWHERE else one_line(answer.map.names[community]) or community


def _own(answer: Suggestions, community: str) -> dict[str, Any]:
    return {"community": community, "name": _name(answer, community)}


def _town(answer: Suggestions, town: str) -> dict[str, Any]:
    known = answer.base.geography.townships[town]
    return {"towncode": town, "county": one_line(known.county), "town": one_line(known.town)}


def _best(answer: Suggestions, entry: Suggestion | None, numbers: Mapping[int, int]) -> dict[str, Any]:
    """What the best move of a township or school would do; its number is 0 where it has none that may be made."""
    if entry is None:
        nothing = {"number": 0, "verdict": "none", "schools": 0, "km": None}
        return dict.fromkeys(_BEST, "") | nothing
    (flip,) = entry.flips
    assert isinstance(flip, MoveTownship | MoveSchool)
    before, after = answer.before.get("travel"), entry.values.get("travel")
    return {
        "number": numbers[id(entry)] if entry.lawful else 0,
        "to": flip.to,
        "to_name": _name(answer, flip.to),
        "verdict": verdict_of(entry),
        "decides": entry.decides,
        "schools": len(entry.moved),
        # Of travel, in person-km (or whatever the unit is) a year: tenths as they are counted.
        "km": None if before is None or after is None else float(Fraction(after - before) / 10),
        "reasons": one_line("; ".join(sentences.remark(answer, entry))),
    }


def _numbers(answer: Suggestions) -> dict[int, int]:
    return {id(entry): number for number, entry in enumerate(answer.ranking, 1)}


def _townships(answer: Suggestions) -> Iterator[Row]:
    shapes, known = answer.base.geography.shapes(), answer.base.geography.townships
    numbers = _numbers(answer)
    for town, community in sorted(answer.map.home.items()):
        if town in known:
            best = next(iter(answer.by_township.get(town, ())), None)
            values = _town(answer, town) | _own(answer, community) | _best(answer, best, numbers)
            yield Row(area_of([shapes[town]] if town in shapes else []), values)


def _schools(answer: Suggestions) -> Iterator[Row]:
    """Every school with its best move alone, where such moves were asked for."""
    numbers = _numbers(answer)
    best: dict[str, Suggestion] = {}
    for entry in answer.ranking:
        (flip,) = entry.flips
        if isinstance(flip, MoveSchool):
            best.setdefault(flip.school, entry)
    for code, town in answer.map.place.items() if answer.schools else ():
        point, exact = point_of(answer.base, answer.base.schools.get(code, {}), town)
        values = {"code": code, "school": one_line(str(answer.base.schools.get(code, {}).get("name") or ""))}
        own = _own(answer, answer.map.member[code]) | _best(answer, best.get(code), numbers)
        yield Row(point, values | {"towncode": town, "exact": exact} | own)


def _best_change(answer: Suggestions) -> Iterator[Row]:
    """The townships that the best change moves."""
    shapes = answer.base.geography.shapes()
    for flip in answer.best.flips if answer.best else ():
        if isinstance(flip, MoveTownship) and flip.township in answer.base.geography.townships:
            to = {"to": flip.to, "to_name": _name(answer, flip.to)}
            values = _town(answer, flip.township) | _own(answer, answer.map.home[flip.township]) | to
            yield Row(area_of([shapes[flip.township]] if flip.township in shapes else []), values)
