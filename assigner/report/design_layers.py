"""A design as layers for a map program: townships, communities and schools.

Longitude and latitude (WGS 84), short column names in ASCII and codes as text, the same in every language; files as
those of an experiment (`assigner.report.boundary_layers`), from which the layers are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from assigner.boundary.values import Effects
from assigner.report.boundary_layers import content_of_effects
from assigner.report.layers import Layer, Row, geojson_of, gpkg_of

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap

__all__ = ["LAYERS", "content_of", "geojson_text", "gpkg_bytes"]

LAYERS: Mapping[str, str] = {
    "townships": "MultiPolygon",
    "communities": "MultiPolygon",
    "schools": "Point",
    "links": "LineString",
}
"""Layer -> kind of its geometries; a layer without rows is there all the same."""

_COMMUNITIES = ("community", "name", "schools", "pieces", "centre", "school", "km", "before")
_SCHOOLS = ("code", "name", "towncode", "comm_before", "comm_after", "name_after", "changed", "convenes", "exact")


def content_of(answer: DesignedMap) -> dict[str, Layer]:
    """The layers of a design.

    ``km`` is the travel of a community, in person-km (or minutes) a year; ``convenes`` marks the school that stands for
    its centre; ``changed`` what counts as changed.
    """
    base = answer.before or answer.question.base
    map_after = base.map if answer.base is None else answer.base.map
    found = content_of_effects(Effects(base, (), map_after, ()))
    towns = found["townships"]
    counted = [
        Row(row.geometry, {**row.values, "changed": row.values["towncode"] in answer.moved_townships})
        for row in towns.rows
    ]
    return {
        "townships": Layer(towns.columns, tuple(counted)),
        "communities": Layer(_COMMUNITIES, tuple(_communities(answer, found["communities_after"]))),
        "schools": Layer(_SCHOOLS, tuple(_schools(answer, found["schools"]))),
        "links": found["links"],
    }


def _communities(answer: DesignedMap, layer: Layer) -> Iterator[Row]:
    known = {community.id: community for community in answer.communities}
    for row in layer.rows:
        own = known[row.values["community"]]
        more = {"schools": own.participants, "centre": own.centre, "school": own.convener}
        yield Row(row.geometry, {**row.values, **more, "km": own.travel, "before": own.old})


def _schools(answer: DesignedMap, layer: Layer) -> Iterator[Row]:
    centres = {community.convener for community in answer.communities}
    for row in layer.rows:
        code = row.values["code"]
        yield Row(row.geometry, {**row.values, "changed": code in answer.moved_schools, "convenes": code in centres})


def geojson_text(answer: DesignedMap) -> str:
    """All layers as one FeatureCollection; the property ``layer`` says of each feature to which it belongs."""
    return geojson_of(content_of(answer))


def gpkg_bytes(answer: DesignedMap) -> bytes:
    """All layers as a GeoPackage, a table for each; equal answers give equal bytes."""
    return gpkg_of(content_of(answer), LAYERS)
