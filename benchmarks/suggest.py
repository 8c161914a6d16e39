"""Best changes around one community of real counties: `python -m benchmarks.suggest FOLDER [COUNTY ...]`.

FOLDER holds the ministry's lists (`benchmarks.counties.LISTS`), which are not part of the project. The communities are
invented: no list of the real ones is known. Each county is divided by `models.regions.partition` into communities of 8
to 16 schools, and the community with the most townships is asked for its best change of one and of two flips. With
``--nation`` all counties are one base, and the community with the most townships of all is asked.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assigner.boundary.solving import Plans
from assigner.boundary.suggesting import Suggestions, suggest
from assigner.boundary.values import Base
from assigner.messages import language_set
from assigner.roster import Roster, RosterSchool
from assigner.roster.members import junior_high_entry, school_entry
from benchmarks.counties import markdown, roster_of
from geodata import geography
from geodata.base_map import BaseMap
from models.regions import partition

__all__ = ["invented_base", "invented_nation", "rows_of"]

COUNTIES = ("臺中市", "桃園市", "彰化縣", "高雄市", "新北市", "臺南市")
LEAST, MOST, USUAL = 8, 16, 12
"""Schools of a community, and how many it has on the average."""


def invented_base(roster: Roster, county: str, *, work_limit: float = 30.0) -> Base:
    """A county in communities of 8 to 16 schools that nobody decided: connected, with the shortest borders found."""
    towns, seniors = _towns(county), _schools(roster, county, "senior_high")
    own = geography.embedded().graph((), links=True).subgraph(towns).copy()
    for town in own:
        own.nodes[town]["schools"] = sum(school.towncode == town for school in seniors)
    parts = max(2, round(len(seniors) / USUAL))
    found = partition(own, parts, "schools", LEAST, MOST, "cut_edges", work_limit=work_limit)
    if not found.labels:
        raise ValueError(f"{county}: no {parts} communities of {LEAST} to {MOST} schools")
    return _base(roster, county, {town: f"c{part + 1}" for town, part in found.labels.items()})


def _towns(county: str) -> list[str]:
    return [code for code, town in geography.embedded().townships.items() if town.county == county]


def _schools(roster: Roster, county: str, kind: str) -> list[RosterSchool]:
    towns = set(_towns(county))
    return [school for school in roster.schools if school.kind == kind and school.towncode in towns]


def _base(roster: Roster, county: str, home: dict[str, str]) -> Base:
    parts = len(set(home.values()))
    seniors, juniors = (_schools(roster, county, kind) for kind in ("senior_high", "junior_high"))
    place = {school.code: school.towncode for school in seniors}
    return Base(
        f"invented-{parts}",
        county,
        BaseMap(
            {f"c{k + 1}": f"{county}{k + 1}" for k in range(parts)},
            home,
            {code: home[town] for code, town in place.items()},
            place,
        ),
        {school.code: school_entry(school) for school in seniors},
        {school.code: junior_high_entry(school) for school in juniors},
        {school.code: school.towncode for school in juniors},
        geography.embedded(),
        invented=True,
    )


def invented_nation(roster: Roster, *, work_limit: float = 30.0) -> Base:
    """All counties in one base; one that has too few schools for two communities is one."""
    land = geography.embedded()
    names: dict[str, str] = {}
    home: dict[str, str] = {}
    parts: list[Base] = []
    for county in dict.fromkeys(town.county for town in land.townships.values()):
        try:
            own = invented_base(roster, county, work_limit=work_limit)
        except ValueError:
            own = _base(roster, county, dict.fromkeys(_towns(county), "c1"))
        ids = {community: f"n{len(names) + k + 1}" for k, community in enumerate(own.map.names)}
        names |= {ids[community]: name for community, name in own.map.names.items()}
        home |= {town: ids[community] for town, community in own.map.home.items()}
        parts.append(own)
    place = {code: town for own in parts for code, town in own.map.place.items()}
    return Base(
        "invented-nation",
        "全國",
        BaseMap(names, home, {code: home[town] for code, town in place.items()}, place),
        {code: entry for own in parts for code, entry in own.schools.items()},
        {code: entry for own in parts for code, entry in own.junior_highs.items()},
        {code: town for own in parts for code, town in own.junior_town.items()},
        land,
        invented=True,
    )


HEADS = (
    "county",
    "schools of the communities",
    "around",
    "flips",
    "maps",
    "communities bounded / begun / solved",
    "status",
    "seconds",
    "best",
    "hosts of exploration",
    "travel, person-km a year",
)


def rows_of(county: str, base: Base, *, schools: bool = False, most_flips: int = 2) -> Iterator[Sequence[str]]:
    """Ask around the community with the most townships; every question begins with nothing solved."""
    around = max(base.map.names, key=lambda community: len(base.map.territory(community)))
    sizes = ", ".join(str(len(base.map.members(community))) for community in base.map.names)
    for flips in range(1, most_flips + 1):
        answer = suggest(Plans(base), max_flips=flips, around=around, schools=schools, rank=flips == 1)
        yield _row(county, sizes, len(base.map.members(around)), flips, answer)


def _row(county: str, sizes: str, around: int, flips: int, answer: Suggestions) -> Sequence[str]:
    values = {entry.aim.key: entry for entry in answer.bound}
    hosts, travel = values["exploration"], values["travel"]
    return (
        county,
        sizes,
        str(around),
        f"{flips}" + (", all singles ranked" if answer.ranking else ""),
        f"{answer.maps:,}",
        f"{answer.bounded} / {answer.begun} / {answer.solved}",
        answer.status,
        f"{answer.seconds:.1f}",
        "none is better"
        if answer.best is None
        else f"{len(answer.best.flips)} flips, {len(answer.best.moved)} schools",
        f"{hosts.before} → {hosts.value}",
        f"{float(travel.before) / 10:,.0f} → {float(travel.value) / 10:,.0f}",
    )


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("counties", nargs="*", default=COUNTIES)
    parser.add_argument("--schools", action="store_true", help="schools may move alone")
    parser.add_argument("--flips", type=int, default=2)
    parser.add_argument("--nation", action="store_true", help="one base of all counties")
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    with language_set("en"):
        roster = roster_of(chosen.folder)
        rows: list[Sequence[str]] = []
        for county in ["Taiwan"] if chosen.nation else chosen.counties:
            base = invented_nation(roster) if chosen.nation else invented_base(roster, county)
            for row in rows_of(county, base, schools=chosen.schools, most_flips=chosen.flips):
                rows.append(row)
                print(" | ".join(row), flush=True)
        print()
        print(markdown(HEADS, rows))


if __name__ == "__main__":
    main()
