"""The answer as layers for a map program: GeoJSON (one file, RFC 7946) and GeoPackage (one table a layer).

Longitude and latitude (WGS 84), short column names in ASCII and codes as text, the same in every language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assigner.messages import join_list
from assigner.report import tables
from assigner.report.map import known_of
from assigner.report.map_layout import Basis
from assigner.report.scene import Scene, unit_name

if TYPE_CHECKING:
    import geopandas as gpd

    from assigner.planner import Result

__all__ = ["LAYERS", "Layer", "Row", "content_of", "geojson_of", "geojson_text", "gpkg_bytes", "gpkg_of", "layers_of"]

LAYERS: Mapping[str, str] = {
    "territory": "MultiPolygon",
    "schools": "Point",
    "junior_highs": "Point",
    "nearest_hosts": "LineString",
    "links": "LineString",
}
"""Layer -> kind of its geometries; a layer without rows is there all the same."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "territory": ("towncode", "county", "town"),
    "schools": ("number", "code", "name", "role", "role_name", "benchmark", "items", "item_names", "towncode", "exact"),
    "junior_highs": ("code", "name", "towncode", "exact"),
    "nearest_hosts": ("item", "item_name", "jh_code", "jh_name", "host_code", "host_name", "distance", "unit"),
    "links": ("from_town", "to_town", "kind", "km"),
}

_DECIMALS = 6
"""Of degrees: a tenth of a metre (RFC 7946 advises no more)."""

_STAMP = "2022-08-01T00:00:00.000Z"
"""When a GeoPackage says it was written: always the same, so that equal answers give equal bytes."""


@dataclass(frozen=True)
class Row:
    """A row of a layer."""

    geometry: Any
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def layers_of(result: Result) -> dict[str, gpd.GeoDataFrame]:
    """The layers as tables of geopandas.

    Parameters
    ----------
    result : Result
        Any; what is not known of it (hosts, places) is missing in the layers.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        The keys of `LAYERS`, in degrees (EPSG:4326). A junior high has, for each item to whose nearest host junior
        highs travel, the columns ``host_...`` (code of the host) and ``dist_...``.
    """
    import geopandas as gpd
    import pandas as pd

    found = {}
    for name, layer in content_of(result).items():
        data = {
            column: pd.Series([row.values.get(column) for row in layer.rows], dtype=_dtype(column))
            for column in layer.columns
        }
        found[name] = gpd.GeoDataFrame(data, geometry=[row.geometry for row in layer.rows], crs="EPSG:4326")
    return found


def content_of(result: Result) -> dict[str, Layer]:
    """The content of every layer, worked out once for all files."""
    known = known_of(result)
    return {name: Layer(_columns(name, known.scene), tuple(rows)) for name, rows in _rows_of(result, known).items()}


def _columns(layer: str, scene: Scene) -> tuple[str, ...]:
    return (*_COLUMNS[layer], *(_host_columns(scene) if layer == "junior_highs" else ()))


def _dtype(column: str) -> str:
    if column in ("distance", "km") or column.startswith("dist_"):
        return "float64"
    if column in ("number", "plan", "schools", "pieces"):
        return "int64"
    flags = ("benchmark", "exact", "changed", "touched", "convened", "convenes")
    return "bool" if column in flags else "object"


def _short(unit: str) -> str:
    """A unit in a column's name: ``4.4.career`` becomes ``4_4_career``."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in unit)


def _host_columns(scene: Scene) -> list[str]:
    return [f"{part}_{_short(unit)}" for unit in scene.lines for part in ("host", "dist")]


def _rows_of(result: Result, known: Basis) -> dict[str, list[Row]]:
    """The rows of every layer, worked out once for both files."""
    if "rows" not in known.memo:
        known.memo["rows"] = _rows(result, known)
    rows: dict[str, list[Row]] = known.memo["rows"]
    return rows


def _rows(result: Result, known: Basis) -> dict[str, list[Row]]:
    scene = known.scene
    return {
        "territory": list(_territory(known)),
        "schools": list(_schools(result, scene)),
        "junior_highs": list(_junior_highs(scene)),
        "nearest_hosts": list(_lines(result, scene)),
        "links": list(_links(scene)),
    }


def _territory(known: Basis) -> Iterator[Row]:
    import shapely

    scene, polygons = known.scene, known.polygons
    for code in scene.territory:
        if code in polygons:
            parts = [part for part in shapely.get_parts(polygons[code]) if part.geom_type == "Polygon"]
            county, town = scene.town_names.get(code, ("", code))
            # RFC 7946: the outer ring runs against the clock.
            whole = shapely.orient_polygons(shapely.MultiPolygon(parts))
            yield Row(whole, {"towncode": code, "county": county, "town": town})


def _schools(result: Result, scene: Scene) -> Iterator[Row]:
    import shapely

    for spot in scene.schools:
        yield Row(
            None if spot.lonlat is None else shapely.Point(spot.lonlat),
            {
                "number": spot.number,
                "code": spot.code,
                "name": spot.name,
                "role": spot.role,
                "role_name": join_list(tables.roles(result, spot.code)),
                "benchmark": spot.benchmark,
                "items": " ".join(spot.units),
                "item_names": join_list(unit_name(result, unit) for unit in spot.units),
                "towncode": spot.towncode,
                "exact": spot.exact,
            },
        )


def _junior_highs(scene: Scene) -> Iterator[Row]:
    import shapely

    nearest = {unit: {line.demand: line for line in lines} for unit, lines in scene.lines.items()}
    for spot in scene.demand:
        values = {"code": spot.code, "name": spot.name, "towncode": spot.towncode, "exact": spot.exact}
        for unit, lines in nearest.items():
            line = lines.get(spot.id)
            if line is not None:
                values |= {f"host_{_short(unit)}": line.host, f"dist_{_short(unit)}": line.distance}
        yield Row(None if spot.lonlat is None else shapely.Point(spot.lonlat), values)


def _lines(result: Result, scene: Scene) -> Iterator[Row]:
    """A line even where the junior high is a division of its host: then both ends are one point."""
    import shapely

    demand = {spot.id: spot for spot in scene.demand}
    for unit, lines in scene.lines.items():
        for line in lines:
            start, end = demand[line.demand], scene.school_by_code[line.host]
            points = [spot.lonlat for spot in (start, end) if spot.lonlat is not None]
            yield Row(
                shapely.LineString(points) if len(points) == 2 else None,
                {
                    "item": unit,
                    "item_name": unit_name(result, unit),
                    "jh_code": start.code,
                    "jh_name": start.name,
                    "host_code": end.code,
                    "host_name": end.name,
                    "distance": line.distance,
                    "unit": scene.unit,
                },
            )


def _links(scene: Scene) -> Iterator[Row]:
    import shapely

    for link in scene.links:
        points = [scene.town_points[code] for code in (link.a, link.b) if code in scene.town_points]
        yield Row(
            shapely.LineString(points) if len(points) == 2 else None,
            {"from_town": link.a, "to_town": link.b, "kind": link.kind, "km": link.km},
        )


# ----------------------------------------------------------------------------------------------------------- the files


def geojson_text(result: Result) -> str:
    """All layers as one FeatureCollection; the property ``layer`` says of each feature to which it belongs."""
    return geojson_of(content_of(result))


def geojson_of(content: Mapping[str, Layer]) -> str:
    """Layers as one FeatureCollection."""
    features = []
    for layer, held in content.items():
        for row in held.rows:
            values = {"layer": layer} | {name: row.values.get(name) for name in held.columns}
            geometry = None if row.geometry is None else _rounded(row.geometry)
            features.append({"type": "Feature", "properties": values, "geometry": geometry})
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _rounded(geometry: Any) -> Mapping[str, Any]:
    """A geometry as GeoJSON has it, with no more decimals than mean something."""
    import numpy as np
    import shapely

    rounded = shapely.transform(geometry, lambda degrees: np.round(degrees, _DECIMALS))
    found: Mapping[str, Any] = rounded.__geo_interface__
    return found


def gpkg_bytes(result: Result) -> bytes:
    """All layers as a GeoPackage, a table for each; equal answers give equal bytes."""
    return gpkg_of(content_of(result))


def gpkg_of(content: Mapping[str, Layer], kinds: Mapping[str, str] = LAYERS) -> bytes:
    """Layers as a GeoPackage.

    Parameters
    ----------
    content : Mapping
    kinds : Mapping
        Layer -> kind of its geometries.
    """
    import tempfile
    from pathlib import Path

    import numpy as np
    import pyogrio
    import shapely

    with tempfile.TemporaryDirectory(prefix="assigner-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "plan.gpkg"
        # The disk need not have it: what is read from here is written again, and that safely.
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP, "OGR_SQLITE_SYNCHRONOUS": "OFF"})
        try:
            for layer, held in content.items():
                rows, columns = held.rows, held.columns
                pyogrio.raw.write(
                    path,
                    shapely.to_wkb(np.array([row.geometry for row in rows], dtype=object)),
                    [np.array([row.values.get(name) for row in rows], dtype=_dtype(name)) for name in columns],
                    columns,
                    layer=layer,
                    driver="GPKG",
                    crs="EPSG:4326",
                    geometry_type=kinds[layer],
                    append=path.exists(),
                    promote_to_multi=kinds[layer] == "MultiPolygon",
                )
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None, "OGR_SQLITE_SYNCHRONOUS": None})
        return path.read_bytes()
