"""The 368 townships (鄉鎮市區): their codes, names, points and polygons, and how to find one.

The boundaries are of September 2021; see ``data/PROVENANCE.md``. A township is keyed by the 8-digit TOWNCODE
of the Ministry of the Interior.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import resources
from numbers import Real
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geodata.embedded import read_embedded
from geodata.names import FORMER_COUNTIES, base_name, former_names, normalise, short_county, strip_prefix

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "AmbiguousTownship",
    "Gazetteer",
    "Township",
    "TownshipNameError",
    "UnknownTownship",
    "code_text",
    "find_township",
    "load_polygons",
    "measure_townships",
    "place_address",
    "townships",
]

_MOST_SUGGESTIONS = 5
_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Township:
    """A township.

    Attributes
    ----------
    towncode
        8-digit TOWNCODE of the Ministry of the Interior.
    county, town
        Official names, with 臺.
    lon, lat
        Its point, degrees: the centroid of its largest part, or a point on that part's surface where the
        centroid lies outside. In mountain townships it is far from where people live.
    area_km2
        Area of the simplified polygon on the ellipsoid.
    """

    towncode: str
    county: str
    town: str
    lon: float
    lat: float
    area_km2: float

    @property
    def name(self) -> str:
        """County and town: 臺中市東勢區."""
        return self.county + self.town

    def __str__(self) -> str:
        return self.name


class TownshipNameError(LookupError):
    """A text does not name one township.

    Attributes
    ----------
    text
        The text as given.
    county
        The county as given beside it, or None.
    candidates
        Townships that may be meant, best first or by TOWNCODE; may be empty.
    """

    _what = "names no single township"

    def __init__(self, text: str, county: str | None = None, candidates: Iterable[Township] = ()) -> None:
        self.text = text
        self.county = county
        self.candidates = tuple(candidates)
        # All of it in args, so that the exception survives pickling.
        super().__init__(text, county, self.candidates)

    def __str__(self) -> str:
        where = f" (county {self.county!r})" if self.county is not None else ""
        names = ", ".join(f"{t.name} {t.towncode}" for t in self.candidates)
        return f"{self.text!r}{where} {self._what}" + (f": {names}" if names else "")


class UnknownTownship(TownshipNameError):  # noqa: N818
    """No township has this name; ``candidates`` holds the nearest ones."""

    _what = "is no township; nearest"

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.candidates else text.removesuffix("; nearest")


class AmbiguousTownship(TownshipNameError):  # noqa: N818
    """Several townships have this name; ``candidates`` holds all of them."""

    _what = "is the name of several townships"


@cache
def townships() -> Mapping[str, Township]:
    """Give the embedded townships.

    Returns
    -------
    Mapping of str to Township
        By TOWNCODE, in its order; read-only.
    """
    return MappingProxyType(
        {
            row["towncode"]: Township(
                row["towncode"],
                row["county"],
                row["town"],
                float(row["lon"]),
                float(row["lat"]),
                float(row["area_km2"]),
            )
            for row in read_embedded("townships.csv")
        }
    )


def find_township(text: str, county: str | None = None) -> Township:
    """Find one of the embedded townships (see `Gazetteer.find`)."""
    from geodata.geography import embedded

    return embedded().find(text, county)


def place_address(address: str, county: str | None = None) -> Township:
    """Find the embedded township of an address (see `Gazetteer.place_address`)."""
    from geodata.geography import embedded

    return embedded().place_address(address, county)


class Gazetteer:
    """Finds townships by their names, codes and addresses.

    Parameters
    ----------
    known
        The townships, by code.
    """

    def __init__(self, known: Mapping[str, Township]) -> None:
        self._known = known

    def find(self, text: str, county: str | None = None) -> Township:
        """Find a township by any usual spelling of its name, or by its code.

        Understood are: the code (a TOWNCODE also if a spreadsheet took its leading zero); 臺 and 台; full-width
        forms and blanks; with the county, with the county cut short (臺中東勢區), or without it; with the last
        character of the township left out (板橋); and the names before a promotion (臺北縣新店市, 太平市,
        頭份鎮). A present official name goes before a former or shortened one.

        Parameters
        ----------
        text
            Name or code.
        county
            The county, if it is known apart from the name; spelled as freely, and with a prefix such as ``[06]``.

        Returns
        -------
        Township

        Raises
        ------
        UnknownTownship
            Nothing has this name (in this county).
        AmbiguousTownship
            Several have, such as 北區 and 中正區 without a county.
        """
        wanted = normalise(text)
        within = None if county is None else self._counties(county)

        digits = wanted.isascii() and wanted.isdigit()
        township = self._by_code.get(wanted)
        if township is None and digits and len(wanted) == _CODE_LENGTH - 1:
            township = self._by_code.get(wanted.zfill(_CODE_LENGTH))
        if township is not None and (within is None or township.county in within):
            return township
        if digits:
            raise UnknownTownship(text, county)

        # 桃園市 and 新竹市 alone are counties, though 桃園市 was a township as well.
        if within is not None or not self._counties(wanted, exact=True):
            for index in self._spellings:
                found = [self._known[code] for code in index.get(wanted, ())]
                if within is not None:
                    found = [township for township in found if township.county in within]
                if len(found) == 1:
                    return found[0]
                if found:
                    raise AmbiguousTownship(text, county, found)
        raise UnknownTownship(text, county, self._nearest(wanted, within))

    def place_address(self, address: str, county: str | None = None) -> Township:
        """Find the township of a Taiwanese address.

        The beginning of the address is compared with the names, present and former, of the townships of its
        county, and the longest match counts: a pattern that looks for 鄉鎮市區 would cut 平鎮區 and 新市區 in the
        wrong place. Postal codes before the county and between county and township are passed over.

        Parameters
        ----------
        address
            Such as ``[413]臺中市霧峰區...``.
        county
            The county, for addresses that leave it out; may carry a prefix such as ``[06]``.

        Returns
        -------
        Township

        Raises
        ------
        UnknownTownship
            No township of the county stands at the beginning (some addresses in 新竹市 and 嘉義市 leave it out),
            or the address and ``county`` name different counties.
        AmbiguousTownship
            No county is known and several townships have the name.
        """
        rest = strip_prefix(normalise(address))
        within = None if county is None else self._counties(county)
        stated = max((name for name in self._county_names if rest.startswith(name)), key=len, default="")
        if stated:
            here = self._counties(stated)
            within = here if within is None else within & here
            rest = strip_prefix(rest.removeprefix(stated))

        longest, found = (0, False), dict[str, Township]()
        for township in self._known.values():
            if within is None or township.county in within:
                for name in (township.town, *former_names(township.county, township.town)):
                    # Of names of one length, a present name goes before a former one.
                    rank = (len(name), name == township.town)
                    if rank >= longest and rest.startswith(name):
                        if rank > longest:
                            longest, found = rank, {}
                        found[township.towncode] = township
        if not found:
            raise UnknownTownship(address, county, self._nearest(rest[:4], within))
        if len(found) > 1:
            raise AmbiguousTownship(address, county, found.values())
        return next(iter(found.values()))

    @cached_property
    def _by_code(self) -> Mapping[str, Township]:
        return {normalise(code): township for code, township in self._known.items()}

    @cached_property
    def _present(self) -> tuple[str, ...]:
        """Counties that have townships."""
        return tuple(dict.fromkeys(township.county for township in self._known.values()))

    @cached_property
    def _former(self) -> Mapping[str, str]:
        """Former county -> what became of it; none that is a county still, as on maps of earlier years."""
        return {old: new for old, new in FORMER_COUNTIES.items() if old not in self._present and new in self._present}

    @cached_property
    def _county_names(self) -> tuple[str, ...]:
        """Full names of the counties, former ones included."""
        return (*self._present, *self._former)

    def _counties(self, text: str, *, exact: bool = False) -> frozenset[str]:
        """Give the present counties that a text may mean, by full, former or (unless ``exact``) short name."""
        name = strip_prefix(normalise(text))
        meant = {self._former.get(county, county) for county in self._county_names if county == name}
        if not meant and not exact:
            meant = {county for county in self._present if short_county(county) == name}
        return frozenset(meant)

    @cached_property
    def _spellings(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        """Index the townships by spelling: first the official names, then former and shortened ones."""
        official: dict[str, dict[str, None]] = {}
        other: dict[str, dict[str, None]] = {}
        for code, township in self._known.items():
            county, town = township.county, township.town
            former = (old for old, new in self._former.items() if new == county)
            names = [town, *former_names(county, town)]
            base = base_name(town)
            if base is not None:
                names.append(base)
            for prefix in ("", county, short_county(county), *former):
                for name in names:
                    index = official if name == town and prefix in ("", county) else other
                    index.setdefault(prefix + name, {})[code] = None
        return _frozen(official), _frozen(other)

    def _nearest(self, wanted: str, within: frozenset[str] | None) -> tuple[Township, ...]:
        """Suggest townships whose names look like the wanted one, best first."""
        names: dict[str, list[Township]] = {}
        for township in self._known.values():
            if within is None or township.county in within:
                for name in (township.town, township.name):
                    names.setdefault(name, []).append(township)
        close = get_close_matches(wanted, names, n=_MOST_SUGGESTIONS, cutoff=0.5)
        found = {township.towncode: township for name in close for township in names[name]}
        return tuple(found.values())[:_MOST_SUGGESTIONS]


def load_polygons(path: str | PathLike[str] | None = None, key: str = "TOWNCODE") -> gpd.GeoDataFrame:
    """Load township polygons.

    Parameters
    ----------
    path
        A file that geopandas reads (Shapefile, GeoPackage, GeoJSON, TopoJSON, a zipped Shapefile); the
        embedded townships if None.
    key
        The column that identifies a township.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by the key as text, under the name ``TOWNCODE`` and in its order; geometries valid, in
        longitude and latitude (EPSG:4326). The embedded one has the columns COUNTYNAME, TOWNNAME and
        geometry; a file keeps its own.

    Raises
    ------
    ModuleNotFoundError
        geopandas is not installed (extra ``maps``).
    ValueError
        The file lacks the key column, repeats a key or leaves one empty, has a row without a polygon, or
        gives no reference system though its coordinates are not degrees.
    """
    import geopandas as gpd

    if path is None:
        with resources.as_file(resources.files("geodata").joinpath("data", "townships.topojson")) as embedded:
            frame = gpd.read_file(embedded)
    else:
        frame = gpd.read_file(path)
    if key not in frame.columns:
        columns = ", ".join(str(column) for column in frame.columns if column != frame.geometry.name)
        raise ValueError(f"no column {key!r}; the columns are: {columns}")

    if frame[key].isna().any():
        raise ValueError(f"the column {key!r} is empty in rows {_listed(frame.index[frame[key].isna()] + 1)}")
    keys = frame[key].map(code_text)
    if keys.duplicated().any():
        raise ValueError(f"the column {key!r} repeats {_listed(keys[keys.duplicated()].unique())}")
    frame = frame.drop(columns=key).set_index(keys.rename("TOWNCODE")).sort_index()

    unfit = frame.index[~frame.geom_type.isin(["Polygon", "MultiPolygon"]) | frame.is_empty]
    if len(unfit):
        raise ValueError(f"no polygon for {_listed(unfit)}")
    if frame.crs is None:
        west, south, east, north = frame.total_bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError("the file names no coordinate reference system, and its coordinates are not degrees")
        frame = frame.set_crs(4326)  # TWD97 degrees: within a metre of WGS 84
    elif frame.crs.to_epsg() != 4326:
        frame = frame.to_crs(4326)
    broken = ~frame.is_valid
    if broken.any():
        frame.loc[broken, frame.geometry.name] = frame.geometry[broken].make_valid()
    if path is None:
        frame = frame[["COUNTYNAME", "TOWNNAME", "geometry"]]
    return frame


def measure_townships(polygons: gpd.GeoDataFrame, county: str, town: str) -> tuple[Township, ...]:
    """Derive the point and area of every township from its polygon.

    Parameters
    ----------
    polygons
        As `load_polygons` gives them: in degrees, indexed by the code.
    county, town
        Names of the columns with the two names; 台 in them becomes 臺.

    Returns
    -------
    tuple of Township
        In the order of ``polygons``; coordinates rounded to 1e-5 degree (about a metre), areas to 0.001 km2.
    """
    import shapely
    from pyproj import Geod

    ellipsoid = Geod(ellps="GRS80")
    measured = []
    counties, towns = (polygons[column].map(normalise) for column in (county, town))
    for code, county_name, town_name, polygon in zip(polygons.index, counties, towns, polygons.geometry, strict=True):
        # Islets would draw the centroid of the whole out to sea.
        largest = max(shapely.get_parts(polygon), key=lambda part: part.area)
        point = shapely.centroid(largest)
        if not largest.contains(point):
            point = shapely.point_on_surface(largest)
        area_km2 = abs(ellipsoid.geometry_area_perimeter(polygon)[0]) / 1e6
        lon, lat = round(point.x, 5), round(point.y, 5)
        measured.append(Township(str(code), county_name, town_name, lon, lat, round(area_km2, 3)))
    return tuple(measured)


def _frozen(index: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    return {spelling: tuple(codes) for spelling, codes in index.items()}


def code_text(value: Any) -> str:
    """Write a key as text; a TOWNCODE that was read as a number gets its leading zero back."""
    if not isinstance(value, Real) or not float(value).is_integer():
        return str(value)
    text = f"{float(value):.0f}"
    return text.zfill(_CODE_LENGTH) if len(text) == _CODE_LENGTH - 1 else text


def _listed(values: Iterable[object]) -> str:
    """Write the first few values, and say that there are more."""
    texts = [str(value) for value in values]
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")
