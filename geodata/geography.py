"""A geography as one value: townships, their borders and links, names, and where points lie.

`embedded` gives the one that is shipped; `read_geography` makes one from a file of polygons, mends what can be
mended without changing what the file says, and reports by name what it mended and what it cannot use. Faults
and findings are codes with values; the sentences for them are not made here.
"""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from geodata.townships import Gazetteer, Township, code_text, load_polygons, measure_townships, townships

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import pandas as pd

    from geodata.adjacency import DeclaredLink
    from geodata.locating import Outlines

__all__ = [
    "Geography",
    "GeographyError",
    "GeographyFinding",
    "NoPolygons",
    "embedded",
    "geography_from_polygons",
    "read_geography",
]

MOST_OVERLAP = 0.01
"""Two townships that share more than this part of the smaller one are no rounding: which of them has it is not ours
to say."""

GAP_M = 50.0
"""Gaps between polygons up to this width, closed on all sides, are cracks between neighbours."""

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


class NoPolygons(LookupError):  # noqa: N818
    """The geography was read back from a plan, which holds no polygons."""


class _Map(Protocol):
    """Where a geography has its polygons from."""

    def borders(self) -> Mapping[tuple[str, str], float]: ...

    def outlines(self) -> Outlines: ...

    def polygons(self) -> gpd.GeoDataFrame: ...


class _EmbeddedMap:
    """The shipped files; none of them is read before it is needed."""

    def borders(self) -> Mapping[tuple[str, str], float]:
        from geodata.adjacency import embedded_borders

        return embedded_borders()

    def outlines(self) -> Outlines:
        from geodata.locating import embedded_outlines

        return embedded_outlines()

    def polygons(self) -> gpd.GeoDataFrame:
        return load_polygons()


class _Frame:
    """Polygons in degrees, with the columns COUNTYNAME and TOWNNAME, by their codes."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self._frame = frame

    def borders(self) -> Mapping[tuple[str, str], float]:
        from geodata.adjacency import compute_borders

        return MappingProxyType(compute_borders(self._frame))

    def outlines(self) -> Outlines:
        from geodata.locating import outlines_of

        return outlines_of(self._frame)

    def polygons(self) -> gpd.GeoDataFrame:
        return self._frame.copy()


class Geography:
    """Townships and how they lie to one another.

    Make one with `embedded`, `read_geography` or `geography_from_polygons`.

    Parameters
    ----------
    known
        The townships.
    name
        What a reader calls it.
    source
        Its polygons; None for a geography of which only the townships are known.
    vintage
        Of when the boundaries are.
    attribution
        What must stand beside every map drawn from it, by language ("zh", "en").
    findings
        What was mended.
    stated_hash
        Its hash, where the polygons are not there to compute it.

    Attributes
    ----------
    name, vintage, attribution, findings
        As given.
    townships
        By code, in its order; read-only.
    """

    def __init__(
        self,
        known: Iterable[Township],
        *,
        name: str,
        source: _Map | None = None,
        vintage: str = "",
        attribution: Mapping[str, str] | None = None,
        findings: Iterable[GeographyFinding] = (),
        stated_hash: str | None = None,
    ) -> None:
        ordered = sorted(known, key=lambda township: township.towncode)
        self.townships: Mapping[str, Township] = MappingProxyType({t.towncode: t for t in ordered})
        self.name, self.vintage, self.findings = name, vintage, tuple(findings)
        self.attribution: Mapping[str, str] = dict(attribution or {})
        self._source, self._stated_hash = source, stated_hash
        self._names = Gazetteer(self.townships)
        self._graphs: dict[tuple[tuple[DeclaredLink, ...], bool], nx.Graph[str]] = {}

    def __repr__(self) -> str:
        return f"<Geography {self.name!r}, {len(self.townships)} townships>"

    @property
    def is_embedded(self) -> bool:
        """Whether it is the one that is shipped."""
        return isinstance(self._source, _EmbeddedMap)

    @property
    def has_polygons(self) -> bool:
        """Whether its polygons are known."""
        return self._source is not None

    @cached_property
    def borders(self) -> Mapping[tuple[str, str], float]:
        """Shared km by pair of codes that adjoin (see `geodata.adjacency.compute_borders`).

        Raises
        ------
        NoPolygons
            It was read back from a plan; so for all that needs polygons.
        """
        return self._map.borders()

    @cached_property
    def links(self) -> tuple[DeclaredLink, ...]:
        """The shipped links whose ends exist here, by code or else by name, and share no border."""
        from geodata.adjacency import DeclaredLink, declared_links

        if self.is_embedded:
            return declared_links()
        named = {township.name: code for code, township in self.townships.items()}

        def here(code: str) -> str | None:
            return code if code in self.townships else named.get(townships()[code].name)

        found: dict[tuple[str, str], DeclaredLink] = {}
        for link in declared_links():
            a, b = here(link.a), here(link.b)
            if a is not None and b is not None and a != b and tuple(sorted((a, b))) not in self.borders:
                made = DeclaredLink(a, b, link.kind, km=link.km, minutes=link.minutes, note=link.note)
                found.setdefault(made.ends, made)
        return tuple(found.values())

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what results depend on: the townships and their borders."""
        if self._stated_hash is not None:
            return self._stated_hash
        known = [[t.towncode, t.county, t.town, t.lon, t.lat] for t in self.townships.values()]
        shared = [[a, b, km] for (a, b), km in sorted(self.borders.items())]
        text = json.dumps([known, shared], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def find(self, text: str, county: str | None = None) -> Township:
        """Find a township by name or code (see `geodata.townships.Gazetteer.find`)."""
        return self._names.find(text, county)

    def place_address(self, address: str, county: str | None = None) -> Township:
        """Find the township of an address (see `geodata.townships.Gazetteer.place_address`)."""
        return self._names.place_address(address, county)

    def graph(self, extra_links: Iterable[DeclaredLink] = (), *, links: bool = True) -> nx.Graph[str]:
        """Give the adjacency graph.

        Parameters
        ----------
        extra_links
            Links of the user; one between the ends of a shipped link replaces it.
        links
            Whether the shipped links are part of the graph.

        Returns
        -------
        networkx.Graph
            As `geodata.adjacency.build_graph` makes it. The same object for the same arguments.

        Raises
        ------
        UnknownTownship
            A link ends at a code that is no township.
        ValueError
            Two extra links have the same ends.
        """
        from geodata.adjacency import build_graph, refuse_doubles

        extra = tuple(extra_links)
        if (extra, links) not in self._graphs:
            refuse_doubles(extra)
            chosen = {link.ends: link for link in (*(self.links if links else ()), *extra)}
            self._graphs[extra, links] = build_graph(self.townships.values(), self.borders, chosen.values())
        return self._graphs[extra, links]

    def township_at(self, lon: float, lat: float) -> tuple[str, float]:
        """Give the township that holds a point, else the nearest, and how far outside it the point lies in km."""
        return self._outlines.township_at(lon, lat)

    def km_outside(self, towncode: str, lon: float, lat: float) -> float:
        """Tell how far a point lies outside a township: 0 inside, else the way to its border in km."""
        return self._outlines.km_outside(towncode, lon, lat)

    def polygons(self) -> gpd.GeoDataFrame:
        """Give the polygons: degrees (EPSG:4326), indexed by TOWNCODE, with COUNTYNAME, TOWNNAME and geometry."""
        return self._map.polygons()

    @property
    def _map(self) -> _Map:
        if self._source is None:
            raise NoPolygons(self.name)
        return self._source

    @cached_property
    def _outlines(self) -> Outlines:
        return self._map.outlines()


@cache
def embedded() -> Geography:
    """Give the geography that is shipped: the 368 townships of September 2021."""
    from geodata import ATTRIBUTION

    return Geography(
        townships().values(), name="embedded", source=_EmbeddedMap(), vintage="2021-09", attribution=ATTRIBUTION
    )


def read_geography(
    path: str | PathLike[str],
    *,
    key: str = "TOWNCODE",
    county: str = "COUNTYNAME",
    town: str = "TOWNNAME",
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    name: str | None = None,
    vintage: str = "",
    attribution: str | Mapping[str, str] | None = None,
) -> Geography:
    """Read the townships of any file that geopandas reads.

    Parameters
    ----------
    path
        Shapefile (also zipped), GeoPackage, GeoJSON, TopoJSON ...
    key, county, town
        Columns with the code and the names of each township.
    layer
        The layer, where the file has several with polygons.
    encoding
        Of the texts, such as ``cp950`` (Big5); None for what the file states, else UTF-8 or Big5 as it fits.
    crs
        Reference system, such as ``EPSG:3826``, in place of what the file says; for one that names none.
    name
        What a reader calls it; None for the name of the file.
    vintage, attribution
        See `Geography`.

    Returns
    -------
    Geography
        Its ``findings`` tell what was mended.

    Raises
    ------
    GeographyError
        With everything that is wrong with the file.
    """
    frame, notes = _read_table(Path(path), {"key": key, "county": county, "town": town}, layer, encoding)
    return geography_from_polygons(
        frame,
        key=key,
        county=county,
        town=town,
        crs=crs,
        name=Path(fspath(path)).name if name is None else name,
        vintage=vintage,
        attribution=attribution,
        notes=notes,
    )


def geography_from_polygons(
    frame: gpd.GeoDataFrame,
    *,
    key: str = "TOWNCODE",
    county: str = "COUNTYNAME",
    town: str = "TOWNNAME",
    crs: str | None = None,
    name: str = "",
    vintage: str = "",
    attribution: str | Mapping[str, str] | None = None,
    notes: Iterable[GeographyFinding] = (),
) -> Geography:
    """Make a geography of polygons in memory (parameters and errors as `read_geography`)."""
    findings = list(notes)
    _refuse(_no_columns(frame, {"key": key, "county": county, "town": town}))
    table = _by_key(frame, key, county, town, findings)
    table = _located(table, crs)
    # What is straight in the file stays straight while its polygons are mended and matched.
    table = _matched(_mended(table, findings), findings).to_crs(4326)
    stated = {"zh": attribution, "en": attribution} if isinstance(attribution, str) else attribution
    return Geography(
        measure_townships(table, "COUNTYNAME", "TOWNNAME"),
        name=name,
        source=_Frame(table),
        vintage=vintage,
        attribution=stated if stated and any(stated.values()) else None,
        findings=findings,
    )


def _refuse(findings: Iterable[GeographyFinding]) -> None:
    wrong = tuple(findings)
    if wrong:
        raise GeographyError(wrong)


# ------------------------------------------------------------------------------------------------------------ the file


def _read_table(
    path: Path, columns: Mapping[str, str], layer: str | None, encoding: str | None
) -> tuple[gpd.GeoDataFrame, list[GeographyFinding]]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if not path.exists():
            raise FileNotFoundError
    except (OSError, ValueError):  # a name too long, a null character
        raise GeographyError([GeographyFinding("missing_file")]) from None
    if encoding is not None:
        try:
            "".encode(encoding)
        except LookupError:
            raise GeographyError([GeographyFinding("unknown_encoding", (), {"encoding": encoding})]) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [(str(each), str(kind or "")) for each, kind in pyogrio.list_layers(path).tolist()]
    except (DataSourceError, DataLayerError):
        raise GeographyError([GeographyFinding("not_a_map")]) from None
    chosen = _chosen_layer(layers, layer)
    try:
        frame = _read_layer(path, chosen, encoding)
    except UnicodeDecodeError:
        # What the file states is wrong, or what the user stated.
        if encoding is not None:
            raise GeographyError([GeographyFinding("encoding", (), {"encoding": encoding})]) from None
        frame = _read_layer(path, chosen, "ISO-8859-1")
    except (DataSourceError, DataLayerError):
        raise GeographyError([GeographyFinding("not_a_map")]) from None
    notes: list[GeographyFinding] = []
    if encoding is None:
        guess = _guess(frame, columns)
        if guess is not None:
            frame = _read_layer(path, chosen, guess)
            notes.append(GeographyFinding("guessed_encoding", (), {"encoding": guess}))
    return frame, notes


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


def _guess(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> str | None:
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
            code: shapely.union_all(shapely.make_valid(group.to_numpy()))
            for code, group in rows.geometry.groupby(level=0)
        }
        table = table[~table.index.duplicated()].copy()
        for code, shape in whole.items():
            table.loc[code, "geometry"] = _polygons_in(shape)
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
        except CRSError:
            raise GeographyError([GeographyFinding("unknown_crs", (), {"crs": crs})]) from None
    elif not degrees and (table.crs is None or table.crs.is_geographic):
        # GeoJSON counts as degrees where it says nothing, whatever it holds.
        raise GeographyError([GeographyFinding("no_crs", (), {"x": round(west), "y": round(south)})])
    elif table.crs is None:
        table = table.set_crs(4326)  # TWD97 degrees: within a metre of WGS 84
    unusable = GeographyError([GeographyFinding("crs", (), {"crs": str(table.crs.name)})])
    try:
        # Longitude and latitude exchanged are seen in degrees as they stand only.
        in_degrees = table if table.crs.is_geographic else table.to_crs(4326)
    except (ProjError, CRSError):
        raise unusable from None
    if not all(map(math.isfinite, in_degrees.total_bounds.tolist())):
        raise unusable
    _refuse(_misplaced(in_degrees))
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
    areas = shapely.area(shapely.intersection(flat[left], flat[right]))
    smaller = np.minimum(shapely.area(flat[left]), shapely.area(flat[right]))
    wrong = (areas > MOST_OVERLAP * smaller).nonzero()[0].tolist()
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
