"""An experiment as layers for a map program: townships and schools with their community before and after.

Longitude and latitude (WGS 84), short column names in ASCII and codes as text, the same in every language; files as
those of a plan (`assigner.report.layers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assigner.boundary.naming import town_name
from assigner.report import boundary_statements as sentences
from assigner.report.boundary_map import marks_of
from assigner.report.boundary_tables import point_name
from assigner.report.cells import one_line
from assigner.report.community_map import home_of
from assigner.report.layers import Layer, Row, geojson_of, gpkg_of
from geodata.adjacency import LINK_KINDS
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from assigner.boundary.values import Base, Effects
    from geodata.base_map import BaseMap

__all__ = ["LAYERS", "area_of", "content_of_effects", "geojson_text", "gpkg_bytes", "point_of"]

LAYERS: Mapping[str, str] = {
    "townships": "MultiPolygon",
    "communities_before": "MultiPolygon",
    "communities_after": "MultiPolygon",
    "cut_off": "MultiPolygon",
    "schools": "Point",
    "nearest_hosts": "LineString",
    "links": "LineString",
}
"""Layer -> kind of its geometries; a layer without rows is there all the same."""

_PAIR = ("comm_before", "name_before", "comm_after", "name_after", "changed")

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "townships": ("towncode", "county", "town", *_PAIR),
    "communities_before": ("community", "name", "schools", "pieces", "touched"),
    "communities_after": ("community", "name", "schools", "pieces", "touched"),
    "cut_off": ("community", "name", "towncodes", "towns"),
    "schools": ("code", "name", "towncode", *_PAIR, "convened", "convenes", "benchmark", "exact"),
    "nearest_hosts": ("item", "item_name", "demand", "demand_name", "when", "host_code", "host_name", "distance"),
    "links": ("from_town", "to_town", "kind", "km"),
}


def content_of_effects(effects: Effects) -> dict[str, Layer]:
    """The layers of an experiment."""
    rows = {
        "townships": _townships(effects),
        "communities_before": _communities(effects, effects.base.map),
        "communities_after": _communities(effects, effects.map),
        "cut_off": _cut_off(effects),
        "schools": _schools(effects),
        "nearest_hosts": _nearest(effects),
        "links": _links(effects),
    }
    return {name: Layer(_COLUMNS[name], tuple(found)) for name, found in rows.items()}


def geojson_text(effects: Effects) -> str:
    """All layers as one FeatureCollection; the property ``layer`` says of each feature to which it belongs."""
    return geojson_of(content_of_effects(effects))


def gpkg_bytes(effects: Effects) -> bytes:
    """All layers as a GeoPackage, a table for each; equal effects give equal bytes."""
    return gpkg_of(content_of_effects(effects), LAYERS)


# ---------------------------------------------------------------------------------------------------------- the layers


def _towns(effects: Effects) -> list[str]:
    base_map = effects.base.map
    known = effects.base.geography.townships
    return sorted(town for town in {*base_map.home, *base_map.place.values()} if town in known)


def _name(own: BaseMap, community: str) -> str:
    return "" if community == NOWHERE else one_line(own.names[community]) or community


def _pair(effects: Effects, before: str, after: str) -> dict[str, Any]:
    return {
        "comm_before": before,
        "name_before": _name(effects.base.map, before),
        "comm_after": after,
        "name_after": _name(effects.map, after),
        "changed": before != after,
    }


def _townships(effects: Effects) -> Iterator[Row]:
    known, shapes = effects.base.geography.townships, effects.base.geography.shapes()
    for town in _towns(effects):
        values = {"towncode": town, "county": one_line(known[town].county), "town": one_line(known[town].town)}
        pair = _pair(effects, home_of(effects.base.map, town), home_of(effects.map, town))
        yield Row(area_of([shapes[town]] if town in shapes else []), values | pair)


def area_of(shapes: list[BaseGeometry]) -> BaseGeometry | None:
    """Polygons as one; RFC 7946: the outer ring runs against the clock."""
    import shapely

    if not shapes:
        return None
    parts = [part for part in shapely.get_parts(shapely.union_all(shapes)) if part.geom_type == "Polygon"]
    area: BaseGeometry = shapely.orient_polygons(shapely.MultiPolygon(parts))
    return area


def _communities(effects: Effects, own: BaseMap) -> Iterator[Row]:
    """The townships at home in each community as one area; a member elsewhere does not make its township part of it."""
    shapes = effects.base.geography.shapes()
    touched = {entry.id for entry in effects.communities}
    for community in own.names:
        towns = [town for town, home in own.home.items() if home == community and town in shapes]
        values = {
            "community": community,
            "name": _name(own, community),
            "schools": len(own.members(community)),
            "pieces": len(own.pieces(community, effects.base.graph)),
            "touched": community in touched,
        }
        yield Row(area_of([shapes[town] for town in towns]), values)


def _cut_off(effects: Effects) -> Iterator[Row]:
    shapes = effects.base.geography.shapes()
    for finding in effects.findings:
        if finding.code in ("more_pieces", "cut_off"):
            for part in finding.values["parts"]:
                values = {
                    "community": finding.community,
                    "name": _name(effects.map, finding.community),
                    "towncodes": ",".join(part),
                    "towns": ",".join(one_line(town_name(effects.base, town)) for town in part),
                }
                yield Row(area_of([shapes[town] for town in part if town in shapes]), values)


def point_of(base: Base, entry: Mapping[str, Any], town: str) -> tuple[Any, bool]:
    """The point of a school or junior high, and whether it is its own, not that of its township."""
    import shapely

    lon, lat = entry.get("lon"), entry.get("lat")
    if lon is not None and lat is not None:
        return shapely.Point(float(lon), float(lat)), True
    known = base.geography.townships.get(town)
    return None if known is None else shapely.Point(known.lon, known.lat), False


def _schools(effects: Effects) -> Iterator[Row]:
    before, after = (marks_of(effects, after=side) for side in (False, True))
    base = effects.base
    for code, town in base.map.place.items():
        entry = base.schools.get(code, {})
        point, exact = point_of(base, entry, town)
        values = {
            "code": code,
            "name": one_line(str(entry.get("name") or "")),
            "towncode": town,
            **_pair(effects, base.map.member[code], effects.map.member[code]),
            "convened": code in before.conveners,
            "convenes": code in after.conveners,
            "benchmark": bool(entry.get("benchmark")),
            "exact": exact,
        }
        yield Row(point, values)


def _nearest(effects: Effects) -> Iterator[Row]:
    """From each junior high whose nearest host changes to the host before, and to the host after."""
    import shapely

    from assigner.scenario.people import junior_high_id

    base = effects.base
    for change in effects.nearest:
        code = change.demand[1:]
        is_school = junior_high_id(code) == change.demand
        entry = base.junior_highs.get(code, {}) if is_school else {}
        start, _exact = point_of(base, entry, base.junior_town.get(code, "") if is_school else code)
        for when, found in (("before", change.before), ("after", change.after)):
            if found is None:
                continue
            host, distance = found
            end, _exact = point_of(base, base.schools.get(host, {}), base.map.place.get(host, ""))
            values = {
                "item": change.unit,
                "item_name": sentences.duty_label(effects, change.unit),
                "demand": code,
                "demand_name": one_line(point_name(effects, change.demand)),
                "when": when,
                "host_code": host,
                "host_name": one_line(str(base.schools.get(host, {}).get("name") or "")),
                "distance": distance,
            }
            # A line even where the junior high is a division of its host: then both ends are one point.
            placed = start is not None and end is not None
            yield Row(shapely.LineString([start, end]) if placed else None, values)


def _links(effects: Effects) -> Iterator[Row]:
    import shapely

    known = effects.base.geography.townships
    for a, b, data in sorted(
        effects.base.graph.subgraph(_towns(effects)).edges(data=True), key=lambda e: sorted(e[:2])
    ):
        if data["kind"] in LINK_KINDS:
            start, end = sorted((a, b))
            line = shapely.LineString([(known[town].lon, known[town].lat) for town in (start, end)])
            yield Row(line, {"from_town": start, "to_town": end, "kind": data["kind"], "km": data["km"]})
