"""The content of a scenario as plain data: complete, sorted, one spelling; and back.

It has the form of a scenario file, with every default filled in, and beside it what the file only names: the
rulebook (its hash, and its content unless it is shipped), the townships in use, where the map is the planner's
own, and the distances, where they came from a matrix or such a map. So a plan that holds it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_
from assigner.scenario.entries import SCHEMA_VERSION
from assigner.scenario.part import part_as_stated, stated_share
from assigner.scenario.people import GRADES, junior_high_id
from assigner.scenario.scenario import Scenario, _assembled
from assigner.scenario.words import CHOOSE
from geodata.geography import Geography
from geodata.townships import Township
from models.community import Distances
from models.documents import Document
from models.rulebook import Rulebook, load_rulebook, rulebook_names

if TYPE_CHECKING:
    from geodata.travel import Place as GeoPlace
    from models.community import DemandPoint, OutsidePartner, School

__all__ = ["canonical_of", "file_of", "scenario_from"]

_FLAGS = (
    "benchmark",
    "barred",
    "rare_programme",
    "special_education",
    "talent_class",
    "resource_weak",
    "transfer_places",
    "below_registration",
    "industry_academia",
)

_TOWNSHIP = ("code", "county", "town", "lon", "lat", "area_km2")


def canonical_of(scenario: Scenario) -> dict[str, Any]:
    """Give the canonical content (see `Scenario.canonical`)."""
    content: dict[str, Any] = {"scenario": file_of(scenario), "rulebook": _rulebook(scenario.rulebook)}
    own = not scenario.geography.is_embedded
    if own:
        content["geography"] = _geography(scenario)
    if own or scenario.entries.travel.mode == "matrix":
        content["distances"] = _tables(scenario.problem().distances)
    return content


def file_of(scenario: Scenario) -> dict[str, Any]:
    """Give the part that has the form of a scenario file, complete and sorted."""
    problem, entries = scenario.problem(), scenario.entries
    community, wishes = problem.community, problem.wishes
    travel = entries.travel
    return {
        "schema_version": SCHEMA_VERSION,
        "id": entries.id,
        "name": entries.name,
        "synthetic": entries.synthetic,
        "kind": entries.kind,
        "note": entries.note,
        "sources": list(entries.sources),
        "townships": list(scenario.territory),
        "switches": dict(problem.rules.choice),
        "relaxations": [relaxation.id for relaxation in scenario.stated_relaxations]
        if isinstance(entries.relaxations, tuple)
        else entries.relaxations,
        "convener": wishes.convener or CHOOSE,
        "schools": [_school(school, scenario.places.get(school.code)) for school in community.schools],
        "outside_partners": [
            _partner(partner, scenario.places.get(partner.code)) for partner in community.outside_partners
        ],
        "junior_highs": [
            _junior_high(point, stated_share(scenario, point), scenario.places.get(point.id))
            for point in community.demand_points
        ]
        if entries.junior_highs
        else [],
        **({} if not entries.shared_townships else {"shared_townships": _shares(scenario)}),
        "universities": sorted(
            (_without_none(university.model_dump()) for university in entries.universities),
            key=lambda university: sorted(university.items(), key=str),
        ),
        "pins": _by_item(wishes.pins),
        "bans": _by_item(wishes.bans),
        "host_numbers": dict(sorted(wishes.host_numbers.items())),
        "exploration": _without_none(
            {
                "numbers": dict(sorted(wishes.exploration_numbers.items())),
                "within_km": _exact(entries.exploration.within_km),
                "within_minutes": _exact(entries.exploration.within_minutes),
            }
        ),
        "ways": {code: list(ways) for code, ways in sorted(wishes.ways.items())},
        "tiers": {
            "order": [tier for tier in wishes.tier_order if tier not in ("exploration", "tie_break")],
            "tolerances": {tier: str(value) for tier, value in sorted(wishes.tolerances.items())},
        },
        "links": [
            _without_none({"between": [link.a, link.b], "kind": link.kind, "km": link.km, "note": link.note})
            for link in scenario.links
        ],
        "travel": {
            "mode": travel.mode,
            "unit": problem.distances.unit,
            "shipped_links": travel.shipped_links,
        },
        **({} if entries.part_of is None else {"part_of": part_as_stated(scenario)}),
    }


def _school(school: School, place: GeoPlace | None) -> dict[str, Any]:
    return _without_none(
        {
            "code": school.code,
            "name": school.name,
            **_place(place),
            "public": school.public,
            "takes_part": school.participates,
            "categories": None if school.categories is None else sorted(school.categories),
            **{flag: getattr(school, flag) for flag in _FLAGS},
            "suitability": dict(sorted(school.suitability.items())),
            "willingness": {
                key: {"answer": answer, "reason": school.reasons.get(key, "")}
                for key, answer in sorted(school.willingness.items())
            },
            "capacity_points": _exact(school.capacity_points),
            "load_limit": "hard" if school.load_limit_hard else "soft",
            "history_points": str(school.history_points),
            "last_year": sorted(school.last_year),
        }
    )


def _partner(partner: OutsidePartner, place: GeoPlace | None) -> dict[str, Any]:
    return {
        "code": partner.code,
        "name": partner.name,
        **_place(place),
        "items": sorted(partner.items),
        "because": partner.because,
    }


def _junior_high(point: DemandPoint, share: Fraction, place: GeoPlace | None) -> dict[str, Any]:
    return {
        "code": point.id.removeprefix(junior_high_id("")),
        "name": point.name,
        **_place(place),
        "pupils": {str(grade): point.pupils[grade] for grade in GRADES if grade in point.pupils},
        **({} if share == 1 else {"share": str(share)}),
    }


def _shares(scenario: Scenario) -> dict[str, str]:
    """TOWNCODE -> share, where it is not all."""
    find = scenario.geography.find
    stated = {find(name).towncode: share for name, share in scenario.entries.shared_townships.items()}
    return {code: str(share) for code, share in sorted(stated.items()) if share != 1}


def _place(place: GeoPlace | None) -> dict[str, Any]:
    if place is None:
        return {}
    return _without_none({"township": place.towncode, "lon": place.lon, "lat": place.lat})


def _by_item(pairs: frozenset[tuple[str, str]]) -> dict[str, list[str]]:
    items: dict[str, list[str]] = {}
    for item, code in sorted(pairs):
        items.setdefault(item, []).append(code)
    return items


def _exact(number: Fraction | None) -> str | None:
    return None if number is None else str(number)


def _without_none(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}


def _rulebook(book: Rulebook) -> dict[str, Any]:
    for name in rulebook_names():
        if load_rulebook(name).hash == book.hash:
            return {"year": book.year, "hash": book.hash, "name": name}
    return {"year": book.year, "hash": book.hash, "content": book.model_dump(mode="json", by_alias=True)}


def _geography(scenario: Scenario) -> dict[str, Any]:
    """Give the planner's own map: what it is, and the townships that the scenario speaks of."""
    geography = scenario.geography
    used = {*scenario.territory, *(place.towncode for place in scenario.places.values())}
    used |= {end for link in scenario.links for end in link.ends}
    return {
        "name": geography.name,
        "hash": geography.hash,
        "attribution": dict(sorted(geography.attribution.items())),
        "townships": [
            dict(zip(_TOWNSHIP, (t.towncode, t.county, t.town, t.lon, t.lat, t.area_km2), strict=True))
            for t in (geography.townships[code] for code in sorted(used))
        ],
    }


def _tables(distances: Distances) -> dict[str, Any]:
    return {
        "unit": distances.unit,
        "schools": list(distances.schools),
        "demand_points": list(distances.demand_points),
        "between_schools": distances.between_schools.tolist(),
        "from_demand": distances.from_demand.tolist(),
    }


def scenario_from(data: Mapping[str, Any], file: str, *, placed: bool = False) -> Scenario:
    """Read canonical content back (see `Scenario.from_canonical`).

    Parameters
    ----------
    data, file
        As `Scenario.from_canonical`.
    placed
        Believe where everything is: it was located and compared with the map when the content was made.
    """
    try:
        content, stated = dict(data["scenario"]), data["rulebook"]
        book = _book(stated)
        distances = _distances(data["distances"]) if "distances" in data else None
        geography = _geography_from(data["geography"]) if "geography" in data else None
        located = _places_from(content) if placed else None
        if geography is not None and distances is None:
            raise ValueError("a map of one's own comes with its distances")
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError, OverflowError):
        what = M_("This is not the content of a scenario as the program writes it into a plan.")
        mend = M_("Use a plan.json as the program wrote it, or solve the scenario file again.")
        raise InputError([Problem(file, Place("scenario"), ABSENT, what, None, mend)]) from None
    scenario = _assembled(Document(file, content), file, None, book, distances, geography, located)
    if book.hash == stated.get("hash"):
        return scenario
    changed = Problem(
        file,
        Place("scenario.rulebook"),
        stated.get("name", ABSENT),
        M_("The shipped rulebook has changed since this was written; the present one is used."),
        None,
        M_("Solve the scenario again."),
    )
    object.__setattr__(scenario, "warnings", (*scenario.warnings, changed))
    return scenario


def _places_from(content: Mapping[str, Any]) -> dict[str, GeoPlace]:
    """Id -> place of schools, partners and junior highs, of those that have one."""
    from geodata.travel import Place as GeoPlace

    entries = [(entry["code"], entry) for key in ("schools", "outside_partners") for entry in content[key]]
    entries += [(junior_high_id(entry["code"]), entry) for entry in content["junior_highs"]]
    return {
        code: GeoPlace(code, entry["township"], entry.get("lon"), entry.get("lat"))
        for code, entry in entries
        if "township" in entry
    }


def _geography_from(stated: Mapping[str, Any]) -> Geography:
    if not re.fullmatch("[0-9a-f]{64}", stated["hash"]):
        raise ValueError(stated["hash"])
    if any(row.keys() != set(_TOWNSHIP) for row in stated["townships"]):
        raise ValueError("a township has keys that say nothing")
    known = [
        Township(
            str(row["code"]),
            str(row["county"]),
            str(row["town"]),
            float(row["lon"]),
            float(row["lat"]),
            float(row["area_km2"]),
        )
        for row in stated["townships"]
    ]
    attribution = {str(language): str(text) for language, text in stated["attribution"].items()}
    return Geography(known, name=str(stated["name"]), attribution=attribution, stated_hash=stated["hash"])


def _book(stated: Mapping[str, Any]) -> Rulebook:
    if "content" in stated:
        return Rulebook.model_validate(stated["content"])
    if stated["name"] not in rulebook_names():
        raise ValueError(stated["name"])
    return load_rulebook(stated["name"])


def _distances(tables: Mapping[str, Any]) -> Distances:
    schools, points = tuple(map(str, tables["schools"])), tuple(map(str, tables["demand_points"]))
    between = np.array(tables["between_schools"], dtype=np.int64).reshape(len(schools), len(schools))
    demand = np.array(tables["from_demand"], dtype=np.int64).reshape(len(points), len(schools))
    if tables["unit"] not in ("km", "minutes"):
        raise ValueError(tables["unit"])
    return Distances(schools, points, between, demand, tables["unit"])
