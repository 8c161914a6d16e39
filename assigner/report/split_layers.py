"""Both plans as layers for a map program: those of one plan (`assigner.report.layers`), each row with its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.report.layers import Layer, Row, content_of, geojson_of, gpkg_of

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["content_of_split", "geojson_text", "gpkg_bytes"]


def content_of_split(answer: Split) -> dict[str, Layer]:
    """The layers of both plans together.

    Every row has a column ``plan``. Schools are numbered as on the map of the whole community. A junior high that both
    plans serve, and a township that is divided, have a row for each plan.
    """
    numbers = {code: number for number, code in enumerate(sorted(answer.problem.community.school_by_code), 1)}
    layers: dict[str, list[tuple[Row, ...]]] = {}
    columns: dict[str, dict[str, None]] = {}
    for plan, result in enumerate(answer.plans, 1):
        for name, layer in content_of(result).items():
            columns.setdefault(name, {"plan": None}).update(dict.fromkeys(layer.columns))
            rows = []
            for row in layer.rows:
                values = dict(row.values) | {"plan": plan}
                if name == "schools" and values["code"] in numbers:
                    values["number"] = numbers[values["code"]]
                rows.append(Row(row.geometry, values))
            layers.setdefault(name, []).append(tuple(rows))
    return {
        name: Layer(tuple(columns[name]), tuple(r for rows in parts for r in rows)) for name, parts in layers.items()
    }


def geojson_text(answer: Split) -> str:
    """All layers as one FeatureCollection."""
    return geojson_of(content_of_split(answer))


def gpkg_bytes(answer: Split) -> bytes:
    """All layers as a GeoPackage, a table for each."""
    return gpkg_of(content_of_split(answer))
