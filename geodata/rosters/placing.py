"""In which township a school lies: its address, what the list states and its coordinates, compared with one another."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.locating import km_outside, township_at
from geodata.names import FORMER_COUNTIES, normalise, short_county, strip_prefix
from geodata.townships import Township, TownshipNameError, find_township, place_address, townships

__all__ = ["FAR_KM", "Placement", "is_county", "place_school"]

FAR_KM = 0.2
"""A point farther outside its township is worth a look: simplified boundaries differ by less from the true ones."""

_NEAR_COAST_KM = 2.0


@dataclass(frozen=True, slots=True)
class Placement:
    """A township, and whether everything agrees on it.

    Attributes
    ----------
    towncode
        None if neither address nor list nor coordinates name one.
    by
        What named it: "address", "stated", "point"; empty if nothing did.
    stated
        TOWNCODE that the list states.
    addressed
        TOWNCODE that the address names.
    found
        TOWNCODE where the point lies, where that was looked up: it lies outside the township, or decided it.
    km_outside
        How far the point lies outside the township; 0 without a point.
    other_county
        County that the list states, where the township is of another.
    """

    towncode: str | None
    by: str = ""
    stated: str | None = None
    addressed: str | None = None
    found: str | None = None
    km_outside: float = 0.0
    other_county: str = ""


def is_county(text: str) -> bool:
    """Whether a text names a county of today or before, in full or cut short."""
    name = strip_prefix(normalise(text))
    return name in FORMER_COUNTIES or any(name in (t.county, short_county(t.county)) for t in townships().values())


def place_school(county: str, town: str, address: str, at: tuple[float, float] | None) -> Placement:
    """Place a school: by its address, else by the township stated, else by its coordinates.

    Parameters
    ----------
    county, town, address
        As the list has them; empty where it has nothing.
    at
        Longitude and latitude.
    """
    addressed = _by_address(address, county)
    stated = _stated(town, county)
    chosen, by = (addressed, "address") if addressed else (stated, "stated") if stated else (None, "")
    other = ""
    if chosen is not None and county and is_county(county) and not _within(chosen, county):
        other = strip_prefix(normalise(county))
    codes = (stated.towncode if stated else None, addressed.towncode if addressed else None)
    if chosen is None:
        if at is None:
            return Placement(None)
        found, km = township_at(*at)
        return Placement(found, "point", *codes, found, km) if km <= _NEAR_COAST_KM else Placement(None)
    if at is None:
        return Placement(chosen.towncode, by, *codes, other_county=other)
    km = km_outside(chosen.towncode, *at)
    differs = stated is not None and addressed is not None and stated != addressed
    found_code = township_at(*at)[0] if km > FAR_KM or differs else None
    return Placement(chosen.towncode, by, *codes, found_code, km, other)


def _by_address(address: str, county: str) -> Township | None:
    if not address:
        return None
    for within in dict.fromkeys((county or None, None)):
        try:
            return place_address(address, within)
        except TownshipNameError:
            continue
    return None


def _stated(town: str, county: str) -> Township | None:
    if not town:
        return None
    for within in dict.fromkeys((county or None, None)):
        try:
            return find_township(strip_prefix(normalise(town)), within)
        except TownshipNameError:
            continue
    return None


def _within(township: Township, county: str) -> bool:
    try:
        return find_township(township.town, county) == township
    except TownshipNameError:
        return False
