"""A geography as one value: townships, their borders and links, names, and where points lie.

`embedded` gives the one that is shipped, `read_geography` makes one from a file of polygons (see `geodata.polygons`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from geodata.polygons import GeographyError, GeographyFinding, read_table, sound_polygons
from geodata.townships import Gazetteer, Township, load_polygons, measure_townships, townships

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from shapely.geometry.base import BaseGeometry

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


class NoPolygons(LookupError):  # noqa: N818
    """The geography was read back from a plan, which holds no polygons."""


class _Map(Protocol):
    """Where a geography has its polygons from."""

    def borders(self) -> Mapping[tuple[str, str], float]: ...

    def outlines(self) -> Outlines: ...

    def polygons(self) -> gpd.GeoDataFrame: ...

    def shapes(self) -> Mapping[str, BaseGeometry]: ...


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

    def shapes(self) -> Mapping[str, BaseGeometry]:
        from geodata.locating import embedded_shapes

        return embedded_shapes()


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

    def shapes(self) -> Mapping[str, BaseGeometry]:
        return MappingProxyType(dict(zip(map(str, self._frame.index), self._frame.geometry, strict=True)))


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

    def __reduce__(self) -> tuple[object, ...]:
        """Send between processes what it was made of; the shipped one is only named."""
        if self.is_embedded:
            return embedded, ()
        more = (self.name, self._source, self.vintage, self.attribution, self.findings, self._stated_hash)
        return _made_again, (tuple(self.townships.values()), *more)

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

    def shapes(self) -> Mapping[str, BaseGeometry]:
        """Give the polygons alone by code, in degrees and read-only; geopandas is not needed for the shipped ones."""
        return self._map.shapes()

    @property
    def _map(self) -> _Map:
        if self._source is None:
            raise NoPolygons(self.name)
        return self._source

    @cached_property
    def _outlines(self) -> Outlines:
        return self._map.outlines()


def _made_again(
    known: tuple[Township, ...],
    name: str,
    source: _Map | None,
    vintage: str,
    attribution: Mapping[str, str],
    findings: tuple[GeographyFinding, ...],
    stated_hash: str | None,
) -> Geography:
    return Geography(
        known,
        name=name,
        source=source,
        vintage=vintage,
        attribution=attribution,
        findings=findings,
        stated_hash=stated_hash,
    )


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
    frame, notes = read_table(Path(path), layer, encoding)
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
    table = sound_polygons(frame, {"key": key, "county": county, "town": town}, crs, findings)
    stated = {"zh": attribution, "en": attribution} if isinstance(attribution, str) else attribution
    return Geography(
        measure_townships(table, "COUNTYNAME", "TOWNNAME"),
        name=name,
        source=_Frame(table),
        vintage=vintage,
        attribution=stated if stated and any(stated.values()) else None,
        findings=findings,
    )
