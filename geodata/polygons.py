"""Polygons of townships from any file: read, brought into one form, mended where that changes nothing they say.

What is wrong is reported by the names of the townships, all of a kind at once, as codes with values. The steps, in
their order: the file (layer, encoding), the table (columns, codes, names), the reference system, then the polygons
themselves: valid ones, and neighbours that share their borders exactly.
"""

from __future__ import annotations

import codecs
import math
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.townships import code_text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["GAP_M", "MOST_OVERLAP", "GeographyError", "GeographyFinding", "layer_names", "read_table", "sound_polygons"]

MOST_OVERLAP = 0.01
"""Two townships that share more than this part of the smaller one, wider than a crack, overlap: which of them has it
is not ours to say."""

GAP_M = 50.0
"""Gaps up to this width, closed on all sides, and overlaps up to this width are cracks between neighbours."""

_AREAS_AGREE = 0.01
_ROUNDING_M2 = 1.0
_M_PER_DEGREE = 111_200.0
_NARROWER = 0.914
"""A degree of longitude beside one of latitude, in the middle of Taiwan."""
_WEST, _SOUTH, _EAST, _NORTH = 117.5, 20.5, 123.0, 27.0


@dataclass(frozen=True, slots=True)
class GeographyFinding:
    """Something wrong with a file of polygons, or something that was mended in it.

    Attributes
    ----------
    code
        Wrong (in a `GeographyError`):
        "missing_file"; "not_a_map" (no format that is known); "no_layer", "several_layers" (``layers``: those there
        are); "no_geometry" (a table without polygons); "no_column" (``role``: key, county or town; ``column``;
        ``columns``: those there are); "encoding" (``encoding``; it does not fit the file); "unknown_encoding";
        "no_rows"; "no_key", "no_name" (``rows``, counted from 1); "duplicate_key" (``keys``); "duplicate_name"
        (``keys``); "no_polygon"; "no_crs" (the file does not say what its coordinates are, and they are no degrees;
        ``x``, ``y``: one of them); "unknown_crs" (``crs``); "crs" (coordinates that cannot be turned into degrees);
        "not_in_taiwan" (``lon``, ``lat``: the first one's; ``swapped``: whether they are exchanged);
        "broken_polygon" (it encloses no area, or two ways of mending it disagree); "overlap" (``townships`` in pairs,
        ``km2``: by pair).

        Mended (in `Geography.findings`): "mended_polygon" (crossed itself), "merged" (several rows of one township),
        "mended_borders" (small overlaps and cracks between neighbours), "guessed_encoding" (``encoding``).
    townships
        Names of the townships concerned (their keys where they have none).
    values
        What else belongs to it.
    """

    code: str
    townships: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


class GeographyError(ValueError):
    """A file of polygons cannot be used.

    Attributes
    ----------
    findings
        All that is wrong with it, as far as it could be read.
    """

    def __init__(self, findings: Iterable[GeographyFinding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "; ".join(
            " ".join(filter(None, (f.code, ", ".join(f.townships[:5]), str(dict(f.values)) if f.values else "")))
            for f in self.findings
        )


def sound_polygons(
    frame: gpd.GeoDataFrame, columns: Mapping[str, str], crs: str | None, findings: list[GeographyFinding]
) -> gpd.GeoDataFrame:
    """Bring polygons into one form.

    Parameters
    ----------
    frame
        As geopandas reads them.
    columns
        Columns of the "key", "county" and "town" of a township.
    crs
        Reference system, in place of that of the frame.
    findings
        Where to note what was mended.

    Returns
    -------
    geopandas.GeoDataFrame
        Degrees (EPSG:4326), indexed by TOWNCODE and in its order; COUNTYNAME, TOWNNAME and geometry.

    Raises
    ------
    GeographyError
        Some of it cannot be used.
    """
    _refuse(_no_columns(frame, columns))
    table = _located(_by_key(frame, columns["key"], columns["county"], columns["town"], findings), crs)
    # What is straight in the file stays straight while its polygons are mended and matched.
    return _matched(_mended(table, findings), findings).to_crs(4326)


def _refuse(findings: Iterable[GeographyFinding]) -> None:
    wrong = tuple(findings)
    if wrong:
        raise GeographyError(wrong)


# ------------------------------------------------------------------------------------------------------------ the file


def read_table(path: Path, layer: str | None, encoding: str | None) -> tuple[gpd.GeoDataFrame, list[GeographyFinding]]:
    """Read the file as it is.

    Parameters
    ----------
    path
        The file.
    layer, encoding
        As the user states them.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and list of GeographyFinding
        The table, and what was guessed.

    Raises
    ------
    GeographyError
        It cannot be read.
    """
    layers = _layers(path)
    if encoding is not None:
        try:
            "台".encode(encoding, "replace").decode(encoding, "replace")
        except (LookupError, ValueError):
            raise GeographyError([GeographyFinding("unknown_encoding", (), {"encoding": encoding})]) from None
    not_a_map = GeographyError([GeographyFinding("not_a_map")])
    chosen = _chosen_layer(layers, layer)
    notes: list[GeographyFinding] = []
    try:
        try:
            frame = _read_layer(path, chosen, encoding)
        except UnicodeError:
            # What the file states is wrong, or what the user stated.
            if encoding is not None:
                raise GeographyError([GeographyFinding("encoding", (), {"encoding": encoding})]) from None
            frame = _read_layer(path, chosen, "ISO-8859-1")
        if encoding is None:
            guess = _guess(frame)
            if guess is not None:
                frame = _read_layer(path, chosen, guess)
                notes.append(GeographyFinding("guessed_encoding", (), {"encoding": guess}))
    except GeographyError:
        raise
    except _UNREADABLE:
        raise not_a_map from None
    return frame, notes


def layer_names(path: Path) -> tuple[str, ...]:
    """Give the layers of a file that hold geometries, of any kind (raises as `read_table`)."""
    found = tuple(name for name, kind in _layers(path) if kind)
    if not found:
        raise GeographyError([GeographyFinding("no_geometry")])
    return found


def _layers(path: Path) -> list[tuple[str, str]]:
    """Name and kind of all layers; the kind of a table without geometries is empty."""
    import pyogrio

    try:
        if not path.exists():
            raise FileNotFoundError
    except (OSError, ValueError):  # a name too long, a null character
        raise GeographyError([GeographyFinding("missing_file")]) from None
    if not _may_be_read(path):
        raise GeographyError([GeographyFinding("not_a_map")])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [(str(each), str(kind or "")) for each, kind in pyogrio.list_layers(path).tolist()]
    except _UNREADABLE:
        raise GeographyError([GeographyFinding("not_a_map")]) from None


_UNREADABLE = (RuntimeError, ValueError, LookupError, OverflowError, OSError, TypeError)
"""What the libraries raise on a damaged file: GDAL RuntimeErrors, texts and dates ValueErrors."""

_SIGNATURES = (
    b"\x00\x00\x27\x0a",  # Shapefile
    b"SQLite format 3\x00",  # GeoPackage
    b"fgb",  # FlatGeobuf
    b"PK\x03\x04",  # several parts of one in a .zip
)
_TABLES = (".csv", ".dbf")
"""Tables without polygons; they are opened to be told so."""
_LOOKED_AT = 4096


def _may_be_read(path: Path) -> bool:
    """Whether a file is of a kind that is read: by its content, whatever its name.

    GDAL knows kinds that do nothing but name other files and addresses, which it would then open.
    """
    if path.is_dir():
        return path.suffix.casefold() == ".gdb" or any(part.suffix.casefold() == ".shp" for part in path.iterdir())
    try:
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT)
        if _points_elsewhere(head):
            return False
        if head.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(path) as archive:
                part = archive.open  # in bytes
                return not any(_points_elsewhere(part(info).read(_LOOKED_AT)) for info in archive.infolist())
    except (*_UNREADABLE, zipfile.BadZipFile, zlib.error, EOFError):
        return False
    if head.startswith(_SIGNATURES) or path.suffix.casefold() in _TABLES:
        return True
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return text.startswith(b"{") or (text.startswith(b"<") and b"<kml" in text.lower())


def _points_elsewhere(head: bytes) -> bool:
    """Whether it is a virtual layer (OGR VRT), in any encoding."""
    return b"<ogrvrt" in head.replace(b"\x00", b"").lower()


def _chosen_layer(layers: list[tuple[str, str]], layer: str | None) -> str:
    names = [name for name, _ in layers]
    if layer is not None:
        if layer not in names:
            raise GeographyError([GeographyFinding("no_layer", (), {"layer": layer, "layers": tuple(names)})])
        return layer
    # "Unknown" holds geometries of several kinds; an empty kind is a table without any.
    drawn = [name for name, kind in layers if "Polygon" in kind or kind in ("Unknown", "GeometryCollection")]
    if len(drawn) > 1:
        raise GeographyError([GeographyFinding("several_layers", (), {"layers": tuple(drawn)})])
    if not drawn:
        raise GeographyError([GeographyFinding("no_geometry", (), {"layers": tuple(names)})])
    return drawn[0]


def _read_layer(path: Path, layer: str, encoding: str | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pyogrio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of it is found below, by name
        # A geometry that is none (a ring of two points) becomes None.
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, force_2d=True, on_invalid="ignore")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeographyError([GeographyFinding("no_geometry", (), {"layers": (layer,)})])
    return frame


def _guess(frame: gpd.GeoDataFrame) -> str | None:
    """Tell in which encoding texts were written that were read byte by byte, as ISO-8859-1; None if they were not."""
    texts = [str(column) for column in frame.columns]
    for column in frame.columns:
        if column != frame.geometry.name and frame[column].dtype.kind not in "iufbM":
            texts += [value for value in frame[column] if isinstance(value, str)]
    odd = [text for text in texts if not text.isascii()]
    try:
        data = "\n".join(odd).encode("latin-1")
    except UnicodeEncodeError:
        return None
    if not any(character >= "\u0080" for text in odd for character in text):
        return None
    for encoding in ("utf-8", "cp950"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any("\u4e00" <= character <= "\u9fff" for character in text):
            return encoding
    return None


# ---------------------------------------------------------------------------------------------------------- the table


def _no_columns(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> Iterator[GeographyFinding]:
    there = tuple(str(column) for column in frame.columns if column != frame.geometry.name)
    for role, column in columns.items():
        if column not in there:
            yield GeographyFinding("no_column", (), {"role": role, "column": column, "columns": there})


def _by_key(
    frame: gpd.GeoDataFrame, key: str, county: str, town: str, findings: list[GeographyFinding]
) -> gpd.GeoDataFrame:
    """Bring the table into one form: a row for each township, by its code, with polygons only."""
    import geopandas as gpd

    if frame.empty:
        raise GeographyError([GeographyFinding("no_rows")])
    keys, counties, towns = (_texts(frame[column]) for column in (key, county, town))
    names = [a + b or k for a, b, k in zip(counties, towns, keys, strict=True)]
    wrong = []
    without = [i for i, text in enumerate(keys) if not text]
    if without:
        wrong.append(_rows("no_key", without, names))
    unnamed = [i for i, (a, b) in enumerate(zip(counties, towns, strict=True)) if not (a and b) and keys[i]]
    if unnamed:
        wrong.append(_rows("no_name", unnamed, [f"{k} {a}{b}" for k, a, b in zip(keys, counties, towns, strict=True)]))
    shapes = [_polygons_in(shape) for shape in frame.geometry]
    flat = [name for name, shape in zip(names, shapes, strict=True) if shape is None]
    if flat:
        wrong.append(GeographyFinding("no_polygon", tuple(dict.fromkeys(flat))))
    wrong += _repeated(keys, counties, towns)
    _refuse(wrong)
    table = gpd.GeoDataFrame(
        {"COUNTYNAME": counties, "TOWNNAME": towns}, geometry=shapes, index=keys, crs=frame.crs
    ).rename_axis("TOWNCODE")
    return _merged(table, findings)


def _texts(column: pd.Series[Any]) -> list[str]:
    """Give codes or names as text, in the normal form; empty where there is none."""
    import pandas as pd

    from geodata.names import normalise

    return ["" if pd.isna(value) else normalise(code_text(value)) for value in column]


def _rows(code: str, positions: list[int], names: list[str]) -> GeographyFinding:
    shown = tuple(dict.fromkeys(name for name in (names[i].strip() for i in positions) if name))
    return GeographyFinding(code, shown, {"rows": tuple(i + 1 for i in positions)})


def _polygons_in(shape: Any) -> Any:
    """Give the polygons of a geometry as one, or None if it has none."""
    import shapely

    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    if not parts:
        return None
    return shapely.MultiPolygon([polygon for part in parts for polygon in shapely.get_parts(part)])


def _repeated(keys: list[str], counties: list[str], towns: list[str]) -> Iterator[GeographyFinding]:
    """Find keys of several townships, and townships with several keys."""
    named: dict[str, dict[str, None]] = {}
    keyed: dict[str, dict[str, None]] = {}
    for key, a, b in zip(keys, counties, towns, strict=True):
        if key and a and b:
            named.setdefault(key, {})[a + b] = None
            keyed.setdefault(a + b, {})[key] = None
    many = {key: names for key, names in named.items() if len(names) > 1}
    if many:
        names = tuple(dict.fromkeys(name for group in many.values() for name in group))
        yield GeographyFinding("duplicate_key", names, {"keys": tuple(many)})
    twice = {name: codes for name, codes in keyed.items() if len(codes) > 1}
    if twice:
        yield GeographyFinding(
            "duplicate_name", tuple(twice), {"keys": tuple(code for codes in twice.values() for code in codes)}
        )


def _merged(table: gpd.GeoDataFrame, findings: list[GeographyFinding]) -> gpd.GeoDataFrame:
    """Make one township of the rows that have one key and one name."""
    import shapely

    repeated = table.index.duplicated(keep=False)
    if repeated.any():
        rows = table[repeated]
        names = tuple(dict.fromkeys(rows["COUNTYNAME"] + rows["TOWNNAME"]))
        findings.append(GeographyFinding("merged", names, {"rows": len(rows)}))
        whole = {
            code: _polygons_in(shapely.union_all(shapely.make_valid(group.to_numpy())))
            for code, group in rows.geometry.groupby(level=0)
        }
        table = table[~table.index.duplicated()].copy()
        if nothing := [code for code, shape in whole.items() if shape is None]:
            raise GeographyError([GeographyFinding("broken_polygon", tuple(_names(table.loc[nothing])))])
        for code, shape in whole.items():
            table.loc[code, "geometry"] = shape
    return table.sort_index()


# -------------------------------------------------------------------------------------------------------- the polygons


def _located(table: gpd.GeoDataFrame, crs: str | None) -> gpd.GeoDataFrame:
    """Settle the reference system; refuse one that leads nowhere, or elsewhere."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError, ProjError

    west, south, east, north = table.total_bounds.tolist()
    degrees = -180 <= min(west, south) <= max(east, north) <= 180
    if crs is not None:
        try:
            table = table.set_crs(CRS.from_user_input(crs), allow_override=True)
        except (CRSError, ProjError, ValueError):
            raise GeographyError([GeographyFinding("unknown_crs", (), {"crs": crs})]) from None
    elif not degrees and (table.crs is None or table.crs.is_geographic):
        # GeoJSON counts as degrees where it says nothing, whatever it holds.
        raise GeographyError([GeographyFinding("no_crs", (), {"x": round(west), "y": round(south)})])
    elif table.crs is None:
        table = table.set_crs(4326)  # TWD97 degrees: within a metre of WGS 84
    unusable = GeographyError([GeographyFinding("crs", (), {"crs": str(table.crs.name)})])
    try:
        # Longitude and latitude exchanged are seen in degrees as they stand only.
        converted = table.to_crs(4326)
        in_degrees = table if table.crs.is_geographic else converted
    except (ProjError, CRSError, ValueError):
        raise unusable from None
    if not all(map(math.isfinite, in_degrees.total_bounds.tolist())):
        raise unusable
    _refuse(_misplaced(in_degrees))
    if not all(map(math.isfinite, converted.total_bounds.tolist())):
        raise unusable
    return table


def _misplaced(table: gpd.GeoDataFrame) -> Iterator[GeographyFinding]:
    """Find townships whose largest part is not in or around Taiwan: islets of theirs may be far away."""
    import shapely

    names, swapped, first = [], [], None
    for name, shape in zip(_names(table), table.geometry, strict=True):
        point = shapely.centroid(shapely.envelope(max(shapely.get_parts(shape), key=lambda part: part.area)))
        lon, lat = float(point.x), float(point.y)
        if not (_WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH):
            names.append(name)
            swapped.append(_WEST <= lat <= _EAST and _SOUTH <= lon <= _NORTH)
            first = first or (round(lon, 4), round(lat, 4))
    if first is not None:
        yield GeographyFinding(
            "not_in_taiwan", tuple(names), {"lon": first[0], "lat": first[1], "swapped": all(swapped)}
        )


def _mended(table: gpd.GeoDataFrame, findings: list[GeographyFinding]) -> gpd.GeoDataFrame:
    """Make polygons valid, where the two usual ways of doing so enclose the same area."""
    import shapely

    broken = ~table.is_valid.to_numpy()
    if not broken.any():
        return table
    names = _names(table)
    mended, wrong, shapes = [], [], list(table.geometry)
    for i in broken.nonzero()[0].tolist():
        parts = list(map(_valid, shapely.get_parts(shapes[i])))
        whole = None if None in parts else _polygons_in(shapely.union_all(parts))
        if whole is None:
            wrong.append(names[i])
        else:
            shapes[i] = whole
            mended.append(names[i])
    if wrong:
        raise GeographyError([GeographyFinding("broken_polygon", tuple(wrong))])
    findings.append(GeographyFinding("mended_polygon", tuple(mended)))
    return table.set_geometry(shapes, crs=table.crs)


def _valid(polygon: Any) -> Any:
    """Mend one polygon, or give None: where it encloses nothing, or the usual ways of mending disagree."""
    import shapely

    if shapely.is_valid(polygon):
        return polygon
    one = _polygons_in(shapely.make_valid(polygon))
    other = _polygons_in(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    areas = [0.0 if shape is None else shape.area for shape in (one, other)]
    return other if min(areas) > (1 - _AREAS_AGREE) * max(areas) > 0 else None


def _matched(table: gpd.GeoDataFrame, findings: list[GeographyFinding]) -> gpd.GeoDataFrame:
    """Let neighbours share their borders exactly: refuse real overlaps, close cracks and slivers."""
    import numpy as np
    import shapely

    # Metres, near enough, by a change of scale alone: what is straight in the file stays straight.
    unit = table.crs.axis_info[0].unit_conversion_factor if table.crs.is_projected else 1.0
    scale = np.array([unit, unit] if table.crs.is_projected else [_M_PER_DEGREE * _NARROWER, _M_PER_DEGREE])
    flat = shapely.transform(np.asarray(table.geometry), lambda points: points * scale)
    if shapely.coverage_is_valid(flat, gap_width=GAP_M):
        return table
    names = _names(table)
    left, right = shapely.STRtree(flat).query(flat, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.intersection(flat[left], flat[right])
    areas = shapely.area(shared)
    smaller = np.minimum(shapely.area(flat[left]), shapely.area(flat[right]))
    large = (areas > MOST_OVERLAP * smaller).nonzero()[0].tolist()
    wrong = [k for k in large if not shapely.is_empty(shapely.buffer(shared[k], -GAP_M / 2))]
    if wrong:
        pairs = tuple(name for k in wrong for name in (names[left[k]], names[right[k]]))
        km2 = tuple(round(float(areas[k]) / 1e6, 3) for k in wrong)
        raise GeographyError([GeographyFinding("overlap", pairs, {"km2": km2})])
    odd = ~shapely.is_empty(shapely.coverage_invalid_edges(flat, gap_width=GAP_M))
    clean = shapely.coverage_clean(flat, gap_width=GAP_M)  # type: ignore[attr-defined]
    # Rounding between two reference systems is not worth a word.
    moved = shapely.area(shapely.symmetric_difference(clean, flat)) > _ROUNDING_M2
    named = tuple(name for name, one, other in zip(names, odd, moved, strict=True) if one and other)
    if named:
        findings.append(GeographyFinding("mended_borders", named))
    clean = shapely.transform(np.asarray(list(map(_polygons_in, clean))), lambda points: points / scale)
    return table.set_geometry(clean, crs=table.crs)


def _names(table: gpd.GeoDataFrame) -> list[str]:
    return list(table["COUNTYNAME"] + table["TOWNNAME"])
