"""Where the schools of a scenario are: township, coordinates, territory, declared links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from assigner.messages import M_, _n, join_list
from assigner.scenario.entries import Located, ScenarioFile
from assigner.scenario.source import Findings
from geodata.townships import AmbiguousTownship, Township, UnknownTownship
from models.documents import Path

if TYPE_CHECKING:
    from geodata.adjacency import DeclaredLink
    from geodata.geography import Geography
    from geodata.travel import Place

__all__ = ["Names", "links_of", "locate", "note_outsiders", "territory_of", "township_of"]

_EAST = (117.5, 123.0)
_NORTH = (20.5, 27.0)
_FAR_KM = 0.5
"""Simplified boundaries differ by less than this from the true ones."""
_NEAR_COAST_KM = 2.0


class Names:
    """A list of names that is put together when it is printed, in the reader's language.

    Parameters
    ----------
    names
        All of them.
    most
        How many are shown; the others are counted.
    """

    def __init__(self, names: Iterable[str], most: int | None = None) -> None:
        self.names = tuple(names)
        self.most = len(self.names) if most is None or len(self.names) == most + 1 else most

    def __str__(self) -> str:
        shown, more = join_list(self.names[: self.most]), len(self.names) - self.most
        return _n("{names} and {n} more", "{names} and {n} more", more, names=shown) if more > 0 else shown

    def __repr__(self) -> str:
        return repr(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)


def township_of(text: str, geography: Geography, findings: Findings, path: Path) -> Township | None:
    """Find a township by its name; note a name that none or several have."""
    try:
        return geography.find(text)
    except AmbiguousTownship as error:
        findings.wrong(
            path,
            M_("Several townships have this name."),
            M_("one of: {choices}", choices=Names(t.name for t in error.candidates)),
            M_("Write the county before the name."),
            value=text,
        )
    except UnknownTownship as error:
        nearest = Names(t.name for t in error.candidates)
        findings.wrong(
            path,
            M_("No township has this name.")
            if geography.is_embedded
            else M_("No township of the map {map} has this name.", map=geography.name),
            M_("a township of Taiwan such as 臺中市東勢區")
            if geography.is_embedded
            else M_("a township such as {name}", name=next(map(str, geography.townships.values()), "–")),
            M_("Did you mean one of these: {names}?", names=nearest)
            if nearest.names
            else M_("Write county and township, as in an address."),
            value=text,
        )
    return None


def territory_of(entries: ScenarioFile, geography: Geography, findings: Findings) -> tuple[str, ...]:
    """TOWNCODEs of the territory as listed; empty when none is listed."""
    found: dict[str, int] = {}
    for position, name in enumerate(entries.townships):
        township = township_of(name, geography, findings, ("townships", position))
        if township is not None and found.setdefault(township.towncode, position) != position:
            findings.odd(
                ("townships", position),
                M_("The township is listed twice; it counts once."),
                None,
                M_("Delete one of the two."),
                value=name,
            )
    return tuple(sorted(found))


def note_outsiders(
    entries: ScenarioFile,
    geography: Geography,
    places: Mapping[str, Place],
    territory: Sequence[str],
    findings: Findings,
) -> None:
    """Note schools whose township is not among those that the scenario lists."""
    for position, school in enumerate(entries.schools):
        place = places.get(school.code)
        if territory and place is not None and place.towncode not in territory:
            findings.odd(
                ("schools", position) if school.township is None else ("schools", position, "township"),
                M_(
                    "The school lies in {name}, which is not among the townships of the community.",
                    name=geography.townships[place.towncode].name,
                ),
                M_("a township that is listed under “townships”"),
                M_("Add the township to “townships”, or correct the school's."),
                value=school.township or school.code,
            )


def links_of(entries: ScenarioFile, geography: Geography, findings: Findings) -> tuple[DeclaredLink, ...]:
    """Declared links of the file, sorted by their ends."""
    from geodata.adjacency import DeclaredLink

    links: dict[tuple[str, str], DeclaredLink] = {}
    for position, entry in enumerate(entries.links):
        path: Path = ("links", position)
        ends = [township_of(name, geography, findings, (*path, "between", k)) for k, name in enumerate(entry.between)]
        if ends[0] is None or ends[1] is None:
            continue
        a, b = sorted((ends[0].towncode, ends[1].towncode))
        if a == b:
            findings.wrong(
                path,
                M_("The link joins a township to itself."),
                M_("two townships"),
                M_("Name the other end."),
            )
        elif (a, b) in links:
            findings.wrong(
                path,
                M_("There are two links between the same townships."),
                M_("one link"),
                M_("Keep the one that is used."),
            )
        else:
            km = None if entry.km is None else float(entry.km)
            links[a, b] = DeclaredLink(a, b, entry.kind, km=km, note=entry.note)
    return tuple(link for _, link in sorted(links.items()))


def locate(
    identity: str, entry: Located, geography: Geography, findings: Findings, path: Path, *, needed: bool
) -> Place | None:
    """Give the place of a school from its township, its coordinates or both.

    Parameters
    ----------
    identity
        Id of the place.
    entry
        The entry that says where it is.
    geography
        The townships.
    findings, path
        Where to note what is wrong, and of what.
    needed
        Whether it must have a place: it travels or is travelled to.

    Returns
    -------
    Place or None
        None if it has none, or if what is stated cannot be used.
    """
    from geodata.travel import Place

    township = None if entry.township is None else township_of(entry.township, geography, findings, (*path, "township"))
    point = _point(entry, findings, path)
    if entry.township is not None and township is None:
        return None
    if township is None and point is None:
        if needed and entry.lon is None and entry.lat is None:
            findings.wrong(
                path,
                M_("It is not said where this school is."),
                M_("a township, or longitude and latitude, or both"),
                M_("Add a line such as “township: 臺中市東勢區”."),
                value=identity,
            )
        return None
    if township is not None and point is not None:
        if geography.has_polygons:
            _compare(township, point, geography, findings, path)
        return Place(identity, township.towncode, *point)
    if township is not None:
        return Place(identity, township.towncode)
    assert point is not None
    if not geography.has_polygons:
        findings.wrong(
            path,
            M_("The township of this school is not said, and there is no map here that could tell it."),
            M_("a township such as {name}", name=next(map(str, geography.townships.values()), "–")),
            M_("Write the township; a plan holds only the names of those it uses."),
            value=identity,
        )
        return None
    towncode, km = geography.township_at(*point)
    if km > _NEAR_COAST_KM:
        findings.wrong(
            (*path, "lon"),
            M_("The coordinates lie in no township; the nearest is {name}.", name=geography.townships[towncode].name),
            M_("a point on land"),
            M_("Correct the coordinates, or add the township."),
            value=f"{point[0]}, {point[1]}",
        )
        return None
    return Place(identity, towncode, *point)


def _point(entry: Located, findings: Findings, path: Path) -> tuple[float, float] | None:
    """Longitude and latitude, if both are stated and can be in Taiwan."""
    lon, lat = entry.lon, entry.lat
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        findings.wrong(
            (*path, "lat" if lon is None else "lon"),
            M_("Only one of the two coordinates is given; “{key}” is missing.", key=missing),
            M_("both lon and lat, or neither"),
            M_("Add “{key}”, or delete the other and state the township.", key=missing),
            value=lat if lon is None else lon,
        )
        return None
    if _EAST[0] <= lon <= _EAST[1] and _NORTH[0] <= lat <= _NORTH[1]:
        return lon, lat
    swapped = _EAST[0] <= lat <= _EAST[1] and _NORTH[0] <= lon <= _NORTH[1]
    findings.wrong(
        (*path, "lon"),
        M_("Longitude and latitude are exchanged.") if swapped else M_("The coordinates are not in Taiwan."),
        M_(
            "lon between {west} and {east}, lat between {south} and {north}",
            west=_EAST[0],
            east=_EAST[1],
            south=_NORTH[0],
            north=_NORTH[1],
        ),
        M_("Write “lon: {lon}” and “lat: {lat}”.", lon=lat, lat=lon)
        if swapped
        else M_("Correct the coordinates: decimal degrees (WGS 84), not metres."),
        value=f"lon {lon}, lat {lat}",
    )
    return None


def _compare(
    township: Township, point: tuple[float, float], geography: Geography, findings: Findings, path: Path
) -> None:
    km = geography.km_outside(township.towncode, *point)
    if km > _FAR_KM:
        there, _ = geography.township_at(*point)
        findings.odd(
            (*path, "lon"),
            M_(
                "The coordinates lie {km} km outside {stated}, in {found}; both are used as they stand.",
                km=f"{km:.1f}",
                stated=township.name,
                found=geography.townships[there].name,
            ),
            None,
            M_("Check which of the two is right."),
            value=f"{point[0]}, {point[1]}",
        )
