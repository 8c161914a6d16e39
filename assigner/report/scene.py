"""What a map of an answer shows, as plain values: places, numbers, roles, nearest hosts, links.

Picture, page, layers and the table beside the map all read this one description, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from assigner.messages import N_, _, join_list, language_set
from assigner.report import statements
from assigner.report.cells import one_line
from assigner.words import item_label, school_name

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from assigner.planner import Result
    from geodata.geography import Geography
    from geodata.travel import Place

__all__ = [
    "ROLE_WORDS",
    "DemandSpot",
    "Line",
    "Link",
    "Scene",
    "SchoolSpot",
    "description",
    "geography_of",
    "polygons_of",
    "scene_of",
    "unit_name",
]

Role = Literal["convener", "benchmark", "participant", "outside", "abstains", "barred"]

ROLE_WORDS: Mapping[str, str] = {
    "convener": N_("convener"),
    "benchmark": N_("benchmark school"),
    "participant": N_("participant"),
    "outside": N_("partner from another community"),
    "abstains": N_("does not take part"),
    "barred": N_("barred from the funding"),
}
"""What a sign of the map stands for."""


@dataclass(frozen=True)
class SchoolSpot:
    """A school on the map.

    Parameters
    ----------
    number : int
        From 1, in the order of the codes: what stands in its marker.
    code, name : str
    role : {"convener", "benchmark", "participant", "outside", "abstains", "barred"}
        One of them: a benchmark school that convenes is the convener.
    benchmark : bool
    units : tuple of str
        What it hosts, in the rulebook's order.
    towncode : str
        Empty when it has no place.
    lonlat : (float, float) or None
    exact : bool
        Whether the point is its own, not that of its township.
    standing : str
        What it is in the plan, in words; empty for a partner like the others.
    """

    number: int
    code: str
    name: str
    role: Role
    benchmark: bool
    units: tuple[str, ...]
    towncode: str = ""
    lonlat: tuple[float, float] | None = None
    exact: bool = False
    standing: str = ""


@dataclass(frozen=True)
class DemandSpot:
    """A junior high, or a township that stands for its junior highs (fields as `SchoolSpot`)."""

    id: str
    code: str
    name: str
    towncode: str = ""
    lonlat: tuple[float, float] | None = None
    exact: bool = False


@dataclass(frozen=True)
class Line:
    """From a junior high to the nearest host of a unit.

    Parameters
    ----------
    demand, host : str
        Id and code.
    distance : float
        In the unit of the distances, one way.
    """

    demand: str
    host: str
    distance: float


@dataclass(frozen=True)
class Link:
    """A declared way between two townships of the territory that share no border."""

    a: str
    b: str
    kind: str
    km: float | None


@dataclass(frozen=True)
class Scene:
    """All that is on the map.

    Parameters
    ----------
    title : str
    territory : tuple of str
        TOWNCODEs.
    town_names : Mapping
        TOWNCODE -> county and town, of all townships named here.
    schools : tuple of SchoolSpot
        In the order of their numbers.
    demand : tuple of DemandSpot
    lines : Mapping
        Unit -> its lines, in the order of `demand`; units to whose nearest host junior highs travel.
    links : tuple of Link
    unit : {"km", "minutes"}
        Of the distances.
    town_points : Mapping
        TOWNCODE -> longitude and latitude of the point that stands for it.
    credit, credit_latin : str
        What must stand beside the map, in the current language and in English.
    sides : Mapping
        Of a divided community: TOWNCODE -> plans (0, 1) that it belongs to; empty of one plan.
    """

    title: str
    territory: tuple[str, ...]
    town_names: Mapping[str, tuple[str, str]]
    schools: tuple[SchoolSpot, ...]
    demand: tuple[DemandSpot, ...]
    lines: Mapping[str, tuple[Line, ...]]
    links: tuple[Link, ...]
    unit: str
    town_points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    credit: str = ""
    credit_latin: str = ""
    sides: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def school_by_code(self) -> Mapping[str, SchoolSpot]:
        """Code -> school."""
        return {spot.code: spot for spot in self.schools}

    @cached_property
    def default_units(self) -> tuple[str, ...]:
        """Units whose lines a still picture shows: the two tracks of exploration, else the first two there are."""
        tracks = tuple(unit for unit in self.lines if unit.startswith("4.4."))
        return (tracks or tuple(self.lines))[:2]

    def town(self, towncode: str) -> str:
        """Name of a township as it stands on the map: without its county unless two here are called alike."""
        county, town = self.town_names.get(towncode, ("", towncode))
        alike = sum(self.town_names[code][1] == town for code in self.territory if code in self.town_names)
        return county + town if alike > 1 else town


def geography_of(result: Result) -> Geography:
    """The townships an answer is about: the scenario's own, else those we ship."""
    from geodata.geography import embedded

    return embedded() if result.scenario is None else result.scenario.geography


def polygons_of(result: Result) -> Mapping[str, BaseGeometry]:
    """Polygons of the townships an answer is about, and of those around: in degrees, by TOWNCODE.

    Empty where only the names of the townships are known, as in a scenario read back from a plan.
    """
    geography = geography_of(result)
    return geography.shapes() if geography.has_polygons else {}


def _credit(result: Result) -> str:
    """What must stand beside the map: what its geography says of its source, else which map it is."""
    return one_line(statements.attribution_of(geography_of(result)) or statements.attribution(result))


def unit_name(result: Result, unit: str) -> str:
    """A unit in a few words: its id and what tells it from others of its group."""
    return item_label(result.plan.rules.rulebook, unit)


def scene_of(result: Result) -> Scene:
    """Describe the map of an answer.

    Parameters
    ----------
    result : Result
        Any; without a plan nobody hosts and no line is drawn, without a scenario nothing has a place.
    """
    scenario = result.scenario
    places: Mapping[str, Place] = {} if scenario is None else scenario.places
    territory = () if scenario is None else scenario.territory
    known = geography_of(result)
    schools = _schools(result, places, known)
    demand = _demand(result, places, known)
    with language_set("en"):
        latin = _credit(result)
    towns = {*territory, *(s.towncode for s in schools), *(d.towncode for d in demand)} - {""}
    return Scene(
        title=one_line(result.problem.community.name or result.problem.community.id),
        territory=tuple(territory),
        town_names={code: _town(code, known) for code in sorted(towns)},
        schools=schools,
        demand=demand,
        lines=_lines(result),
        links=_links(result, towns),
        unit=result.problem.distances.unit,
        town_points={
            code: (known.townships[code].lon, known.townships[code].lat)
            for code in sorted(towns)
            if code in known.townships
        },
        credit=_credit(result),
        credit_latin=latin,
    )


def _town(code: str, geography: Geography) -> tuple[str, str]:
    known = geography.townships.get(code)
    return ("", code) if known is None else (one_line(known.county), one_line(known.town))


def _point(place: Place | None, geography: Geography) -> tuple[str, tuple[float, float] | None, bool]:
    """Township, point and whether the point is the place's own."""
    if place is None:
        return "", None, False
    if place.lon is not None and place.lat is not None:
        return place.towncode, (float(place.lon), float(place.lat)), True
    town = geography.townships.get(place.towncode)
    return place.towncode, None if town is None else (town.lon, town.lat), False


def _schools(result: Result, places: Mapping[str, Place], geography: Geography) -> tuple[SchoolSpot, ...]:
    from assigner.report.tables import roles

    plan, community = result.plan, result.problem.community
    hosted = {} if result.assignment is None else result.assignment.units_of(plan.rules)
    by_code = community.school_by_code
    codes = sorted({*by_code, *(partner.code for partner in community.outside_partners)})
    spots = []
    for number, code in enumerate(codes, 1):
        school = by_code.get(code)
        role: Role = "participant"
        if school is None:
            role = "outside"
        elif school.barred:
            role = "barred"
        elif not school.participates:
            role = "abstains"
        elif code == plan.convener:
            role = "convener"
        elif school.benchmark:
            role = "benchmark"
        towncode, lonlat, exact = _point(places.get(code), geography)
        benchmark = school is not None and school.benchmark
        name = one_line(school_name(result.problem, code)) or code
        standing = join_list(roles(result, code))
        units = hosted.get(code, ())
        spots.append(
            SchoolSpot(number, one_line(code), name, role, benchmark, units, towncode, lonlat, exact, standing)
        )
    return tuple(spots)


def _demand(result: Result, places: Mapping[str, Place], geography: Geography) -> tuple[DemandSpot, ...]:
    spots = []
    for point in result.problem.community.demand_points:
        towncode, lonlat, exact = _point(places.get(point.id), geography)
        code = point.id[1:] if point.id[:1] in ("J", "T") else point.id
        name = one_line(point.name)
        if point.id.startswith("T") and towncode:
            name = "".join(_town(towncode, geography))
        spots.append(DemandSpot(point.id, code, name or code, towncode, lonlat, exact))
    return tuple(spots)


def _lines(result: Result) -> Mapping[str, tuple[Line, ...]]:
    if result.assignment is None:
        return {}
    from assigner.report.tables import nearest_hosts

    lines: dict[str, list[Line]] = {}
    for found in nearest_hosts(result):
        lines.setdefault(found.unit, []).append(Line(found.point, found.host, float(found.distance)))
    return {unit: tuple(sorted(known, key=lambda line: line.demand)) for unit, known in lines.items()}


def _links(result: Result, towns: set[str]) -> tuple[Link, ...]:
    """Declared links with both ends among the townships on the map, the scenario's own before those we ship."""
    scenario = result.scenario
    if scenario is None:
        return ()
    shipped = (
        scenario.geography.links if scenario.entries.travel.shipped_links and scenario.geography.has_polygons else ()
    )
    links: dict[tuple[str, str], Link] = {}
    for link in (*scenario.links, *shipped):
        if set(link.ends) <= towns:
            links.setdefault(link.ends, Link(*link.ends, link.kind, link.km))
    return tuple(link for _ends, link in sorted(links.items()))


def description(result: Result, scene: Scene) -> str:
    """The map in words, for those who do not see it."""
    convener = next((s for s in scene.schools if s.role == "convener"), None)
    lines = [
        _(
            "Map of {community}: {towns} townships, {schools} schools, {demand} junior highs.",
            community=scene.title,
            towns=len(scene.territory),
            schools=len(scene.schools),
            demand=sum(spot.id.startswith("J") for spot in scene.demand),
        )
    ]
    if convener is not None:
        lines.append(_("The convener is {school}.", school=f"{convener.code} {convener.name}"))
    for unit, found in scene.lines.items():
        hosts = sorted({line.host for line in found})
        named = join_list(f"{scene.school_by_code[h].number} {scene.school_by_code[h].name}" for h in hosts)
        lines.append(_("Hosts of {unit}: {hosts}.", unit=unit_name(result, unit), hosts=named))
    return " ".join(lines)
