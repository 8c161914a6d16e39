"""A base map as layers of a map program: polygons of townships or of communities, and points of schools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.boundary.files.rows import Given, Row, base_of_rows, columns_of, heads_needed
from assigner.boundary.values import Base
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, N_, Message
from assigner.scenario.places import Names
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    import geopandas as gpd

    from assigner.report.layers import Layer
    from geodata.geography import Geography
    from geodata.polygons import GeographyError

__all__ = ["SUFFIXES", "base_geojson", "base_gpkg", "is_layers", "read"]

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".topojson", ".fgb", ".kml")
"""Ends of the names of maps."""

_KINDS: Mapping[str, str] = {"townships": "MultiPolygon", "schools": "Point"}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "townships": ("towncode", "county", "township", "community", "community_name"),
    "schools": ("school_code", "name", "towncode", "community", "community_name"),
}
_DEGREES = 4326

_WRONG: Mapping[str, tuple[str, str]] = {
    "missing_file": (N_("There is no such file."), N_("Check the name and the folder.")),
    "no_geometry": (
        N_("The file holds tables, but no geometries."),
        N_("Save the table as CSV or as a workbook, or name the file that holds the map."),
    ),
    "encoding": (N_("The text is in no encoding known here."), N_("Save the map again with texts in UTF-8.")),
}
_NOT_A_MAP = (
    N_("The file is no map that can be read, or it is damaged."),
    N_("Name the map itself: of a Shapefile the .shp with its other parts beside it, or a .zip of them all."),
)


def is_layers(path: Path) -> bool:
    """Whether a file is to be read as a map: by its name, a JSON by its content."""
    if path.suffix.casefold() != ".json":
        return path.suffix.casefold() in SUFFIXES
    try:
        head = path.read_bytes()[:4096]
    except OSError:
        return False
    return b'"FeatureCollection"' in head or b'"Topology"' in head


def read(path: Path, file: str, roster: str | PathLike[str] | Base | None) -> Base:
    """Read a map (see `assigner.boundary.base.read_base`).

    Each feature has a community. What it is: a township by its code or name; a school by its code; else a polygon of a
    community, to which the townships belong whose point lies in it.
    """
    from geodata.polygons import GeographyError, layer_names, read_table

    rows: list[Row] = []
    problems: list[Problem] = []
    heads: list[str] = []
    try:
        for layer in layer_names(path):
            frame, _notes = read_table(path, layer, None)
            columns = columns_of([str(name) for name in frame.columns if name != frame.geometry.name])
            heads += [str(name) for name in frame.columns if name != frame.geometry.name]
            if heads_needed(columns):
                rows += _features(frame, layer, columns)
            elif "community" in columns:
                rows += _areas(frame, layer, columns, file, _geography(roster), problems)
    except GeographyError as error:
        raise InputError([_problem(file, error)]) from None
    if not rows and not problems:
        what = M_("No feature of this map says to which community it belongs.")
        known = M_("one of: {choices}", choices=Names(dict.fromkeys(heads), 20)) if heads else None
        mend = M_("Add a column community (社區), and one with the code or name of the township.")
        raise InputError([Problem(file, Place(), ABSENT, what, known, mend)])
    return base_of_rows(rows, file, path.parent, roster, problems)


def _problem(file: str, error: GeographyError) -> Problem:
    what, mend = _WRONG.get(error.findings[0].code, _NOT_A_MAP)
    return Problem(file, Place(), ABSENT, Message(what), None, Message(mend))


def _geography(roster: str | PathLike[str] | Base | None) -> Geography:
    from geodata.geography import embedded

    return roster.geography if isinstance(roster, Base) else embedded()


def _features(frame: gpd.GeoDataFrame, layer: str, columns: Mapping[str, int]) -> Iterator[Row]:
    table = frame.drop(columns=frame.geometry.name)
    for number, values in enumerate(table.itertuples(index=False), 1):
        place = Place(cell=f"{layer}!{number}")
        row = {key: Given(_plain(values[column]), place) for key, column in columns.items()}
        if any(given.text for given in row.values()):
            yield row


def _plain(value: Any) -> Any:
    """A value as a cell has it; what is missing is None."""
    if value is None or value != value:
        return None
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    return plain if isinstance(plain, str | int | float | bool) else str(plain)


def _areas(
    frame: gpd.GeoDataFrame,
    layer: str,
    columns: Mapping[str, int],
    file: str,
    geography: Geography,
    problems: list[Problem],
) -> Iterator[Row]:
    """A row for each township whose point lies in an area of a community."""
    import shapely

    if frame.crs is not None:
        frame = frame.to_crs(_DEGREES)
    table = frame.drop(columns=frame.geometry.name)
    known = list(geography.townships.values())
    points = shapely.points([(town.lon, town.lat) for town in known])
    tree = shapely.STRtree(points)
    owner: dict[str, tuple[str, int]] = {}
    for number, (shape, values) in enumerate(zip(frame.geometry, table.itertuples(index=False), strict=True), 1):
        place = Place(cell=f"{layer}!{number}")
        row = {key: Given(_plain(values[column]), place) for key, column in columns.items()}
        name = row["community"].text
        if shape is None or shape.is_empty or not name:
            continue
        inside = sorted(tree.query(shapely.make_valid(shape), predicate="covers").tolist())
        if not inside:
            what = M_("The point of no township lies in this area.")
            mend = M_("Draw it over the townships of the community, in degrees (WGS 84) or with its reference system.")
            problems.append(Problem(file, place, name, what, None, mend))
        for index in inside:
            town = known[index]
            first = owner.setdefault(town.towncode, (name, number))
            if first[0] != name:
                what = M_(
                    "{township} lies in two communities: {first} and {second}.",
                    township=town,
                    first=first[0],
                    second=name,
                )
                mend = M_("Draw the areas so that they do not overlap.")
                problems.append(Problem(file, place, name, what, M_("one community for each"), mend))
            elif first[1] == number:
                yield {**row, "towncode": Given(town.towncode, place)}


# ------------------------------------------------------------------------------------------------------------ writing


def base_geojson(base: Base) -> str:
    """Townships and schools as one FeatureCollection; the property ``layer`` says which is which."""
    from assigner.report.layers import geojson_of

    return geojson_of(_content(base))


def base_gpkg(base: Base) -> bytes:
    """Townships and schools as a GeoPackage, a table for each."""
    from assigner.report.layers import gpkg_of

    return gpkg_of(_content(base), _KINDS)


def _content(base: Base) -> dict[str, Layer]:
    from assigner.report.layers import Layer
    from assigner.report.layers import Row as LayerRow

    base_map, known, shapes = base.map, base.geography.townships, base.geography.shapes()

    def said(community: str) -> dict[str, str | None]:
        return {"community": community or None, "community_name": base_map.names.get(community)}

    towns = [
        LayerRow(
            _multi(shapes[town]),
            {"towncode": town, "county": known[town].county, "township": known[town].town, **said(community)},
        )
        for town, community in base_map.home.items()
    ]
    schools = [
        LayerRow(
            _point(base, code),
            {
                "school_code": code,
                "name": base.schools[code].get("name") or "",
                "towncode": base_map.place[code],
                **said(community),
            },
        )
        for code, community in base_map.member.items()
        if base_map.home.get(base_map.place[code], NOWHERE) != community
    ]
    return {
        "townships": Layer(_COLUMNS["townships"], tuple(towns)),
        "schools": Layer(_COLUMNS["schools"], tuple(schools)),
    }


def _multi(shape: Any) -> Any:
    from shapely.geometry import MultiPolygon

    return shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape])


def _point(base: Base, code: str) -> Any:
    from shapely.geometry import Point

    entry, town = base.schools[code], base.geography.townships[base.map.place[code]]
    lon, lat = entry.get("lon"), entry.get("lat")
    return Point(town.lon, town.lat) if lon is None or lat is None else Point(float(lon), float(lat))
