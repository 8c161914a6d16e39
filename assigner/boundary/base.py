"""From a base map to the scenario of each of its communities, under the map of the base or any other.

What a community is to solve depends on the base and on `BaseMap.content` of the community alone, so communities that a
change does not touch keep their scenario, and what was solved for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from assigner.boundary.values import Base, Finding
from assigner.scenario.canonical import file_of
from assigner.scenario.entries import JuniorHigh, Link, ScenarioFile, SchoolEntry, University
from assigner.scenario.people import junior_high_id, township_id
from assigner.scenario.scenario import Scenario, built
from assigner.scenario.source import Findings, Source
from assigner.scenario.words import CHOOSE, Convener, is_id, normal, school_code
from models.documents import Document, content_hash

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from assigner.scenario.vocabulary import Vocabulary
    from geodata.base_map import BaseMap
    from geodata.travel import Place
    from models.community import Distances
    from models.rulebook import Rulebook

__all__ = [
    "DEFAULT_KEYS",
    "MERGED",
    "OWN_KEYS",
    "Prepared",
    "base_hash",
    "community_data",
    "example_base",
    "parse_base",
    "prepared",
    "read_base",
    "rebased",
    "scenario_of_community",
    "stated",
    "write_base",
    "write_example",
]

DEFAULT_KEYS = ("rulebook", "switches", "relaxations", "tiers", "travel", "exploration", "host_numbers")
"""Keys of a scenario file that a base states for all communities."""

OWN_KEYS = (
    "kind",
    "switches",
    "relaxations",
    "convener",
    "outside_partners",
    "universities",
    "pins",
    "bans",
    "host_numbers",
    "exploration",
    "ways",
    "tiers",
)
"""Keys of a scenario file that a base states for one community."""

MERGED = ("switches", "host_numbers")
"""Keys of which a community keeps the default entries that it does not state itself."""

_LONGEST_ID = 80
_SAID_ONLY = ("id", "name", "note", "sources", "townships", "travel")
"""Keys that no result depends on, or that stand elsewhere in the hash."""


def read_base(path: str | PathLike[str], roster: str | PathLike[str] | Base | None = None) -> Base:
    """Read a base map from any of its formats.

    Parameters
    ----------
    path
        YAML; a table (CSV or workbook) or a map (GeoJSON, GeoPackage, Shapefile) that says the community of each
        township.
    roster
        The schools, where the file does not hold them: a tidy table as `assigner.roster.write_roster` makes it, in
        place of the one that a YAML names. For tables and maps also a base or its YAML, of which then all but the map
        is taken: schools, junior highs, defaults and wishes.

    Raises
    ------
    assigner.errors.InputError
        The file cannot be used; with everything that is wrong in it.
    """
    from assigner.boundary.files import read

    return read(Path(path), fspath(path), roster)


def parse_base(text: str, file: str = "base.yaml", folder: str | PathLike[str] | None = None) -> Base:
    """Read a base map from the text of a YAML file (errors as `read_base`).

    Parameters
    ----------
    text
        YAML.
    file
        What errors call it.
    folder
        Where the paths in it start; None if it may name no files.
    """
    from assigner.boundary.files.reading import parse

    return parse(text, file, None if folder is None else Path(folder))


def example_base() -> Base:
    """Read the synthetic county that is shipped: 25 real townships, 60 made-up schools, 5 communities."""
    name = "synthetic-county.yaml"
    return parse_base((_example() / name).read_text(encoding="utf-8"), name)


def scenario_of_community(base: Base, base_map: BaseMap, community: str) -> tuple[Scenario | None, tuple[Finding, ...]]:
    """Give the scenario of a community under a map, as a planner would write it.

    Parameters
    ----------
    base
        What it takes to solve any community.
    base_map
        The map of the base, or one that flips made of it.
    community
        Id of a community of the map.

    Returns
    -------
    scenario : Scenario or None
        None: no school takes part in it.
    findings : tuple of Finding
        ``wish_dropped``: wishes of the base that speak of schools that are no members here (``key``, ``item``,
        ``school``), a convener that is no benchmark school where one has come (``benchmark``), numbers of hosts above
        the number of schools (``number``).

    Raises
    ------
    assigner.errors.InputError
        Something cannot be measured: no way leads to an island.
    """
    ready = prepared(base)
    if not any(ready.takes_part(code, community) for code in base_map.members(community)):
        return None, ()
    data, dropped = community_data(base, base_map, community)
    made = ready.scenario(data)
    return made, tuple(Finding("wish_dropped", community, values) for values in dropped)


def rebased(base: Base, base_map: BaseMap) -> Base:
    """The base with another map: that of an experiment, to start from it the next time.

    Wishes about schools that are no members there are left out, as `scenario_of_community` leaves them out.
    """
    own = {}
    for community in base_map.names:
        before = base.own.get(community, {})
        kept = _Wishes(prepared(base), base_map, community).kept()[0] if before else {}
        after = {key: kept[key] for key in before if key in kept}
        after |= {key: {k: v for k, v in after[key].items() if k in before[key]} for key in MERGED if key in after}
        if after.get("convener") == CHOOSE:
            del after["convener"]
        if filled := {key: value for key, value in after.items() if value not in ({}, [])}:
            own[community] = filled
    return replace(base, map=base_map, own=own)


def write_base(base: Base, path: str | PathLike[str]) -> Path:
    """Write a base map, whole or not at all, as what the end of the name says.

    Parameters
    ----------
    base
        What to write.
    path
        ``.yaml`` holds everything. ``.csv``, ``.xlsx``, ``.geojson`` and ``.gpkg`` hold the map alone: read them back
        with the base as `roster`.

    Raises
    ------
    assigner.errors.InputError
        The name ends in nothing that is written.
    OSError
        The file cannot be written.
    """
    from assigner.boundary.files import write

    return write(base, Path(path))


def write_example(folder: str | PathLike[str]) -> tuple[Path, ...]:
    """Write the synthetic county and experiments on it into a folder, to start from.

    Raises
    ------
    OSError
        A file cannot be written.
    """
    from assigner.files import FileSet

    with FileSet() as files:
        names = sorted(entry.name for entry in _example().iterdir() if entry.name.endswith(".yaml"))
        for name in names:
            text = (_example() / name).read_text(encoding="utf-8")
            files.add(Path(folder) / name, text.split("\n", 1)[1] if text.startswith("# yaml-language") else text)
        return tuple(files.place(Path(folder) / name).path for name in names)


def _example() -> Traversable:
    from importlib import resources

    return resources.files("assigner.boundary") / "example"


def base_hash(base: Base) -> str:
    """SHA-256 of all that results depend on; the same for every order, spelling and format of the file."""
    return prepared(base).hash


def stated(base: Base, community: str) -> dict[str, Any]:
    """What the base states for a community: its own keys, and the defaults for the rest."""
    own = base.own.get(community, {})
    merged = {key: {**base.defaults.get(key, {}), **own.get(key, {})} for key in MERGED}
    return {**base.defaults, **own, **{key: value for key, value in merged.items() if value}}


def community_data(base: Base, base_map: BaseMap, community: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give the scenario file of a community as plain data, and the wishes that it leaves out.

    Entries of schools and junior highs are ready-made (`assigner.scenario.entries`).
    """
    ready = prepared(base)
    members, territory = base_map.members(community), base_map.territory(community)
    wishes, dropped = _Wishes(ready, base_map, community).kept()
    data: dict[str, Any] = {
        **wishes,
        "schema_version": 1,
        "id": _scenario_id(base.id, community),
        "name": base_map.names[community],
        "synthetic": base.synthetic,
        "note": base.note,
        "sources": base.sources,
        "townships": territory,
        "schools": tuple(ready.schools[code] for code in members),
        "links": ready.links,
    }
    data.setdefault("convener", CHOOSE)
    if base.geography_entry is not None:
        data["geography"] = base.geography_entry
    served = {
        town: len(base_map.served_by[town]) for town in territory if community in base_map.served_by.get(town, ())
    }
    juniors = [ready.junior_high(code, k) for town, k in served.items() for code in ready.juniors_in.get(town, ())]
    if juniors:
        data["junior_highs"] = tuple(sorted(juniors, key=lambda entry: entry.code))
    else:  # townships stand for them; where the base knows junior highs, but none here, nobody does
        shares = {town: Fraction(1, served[town]) if town in served else Fraction(0) for town in territory}
        if base.junior_highs:
            shares = dict.fromkeys(territory, Fraction(0))
        if rest := {town: str(share) for town, share in shares.items() if share != 1}:
            data["shared_townships"] = rest
    inside = set(territory)
    universities = [*wishes.get("universities", ()), *(u for town, u in ready.universities if town in inside)]
    if universities:
        data["universities"] = tuple(universities)
    return data, dropped


def _scenario_id(base: str, community: str) -> str:
    """Id of the scenario of a community, for names of files; one that is no plain word is told apart by a digest."""
    found = f"{base}-{community}"
    if len(found) <= _LONGEST_ID and is_id(found):
        return found
    return f"{base[: _LONGEST_ID - 9]}-{content_hash(community)[:8]}"


@dataclass
class _Wishes:
    """What a community asks for, without what speaks of schools that are no members."""

    prepared: Prepared
    base_map: BaseMap
    community: str
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def kept(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        base = self.prepared.base
        data = stated(base, self.community)
        members = self.base_map.members(self.community)
        inside = set(members)
        if "outside_partners" in data:
            data["outside_partners"] = [p for p in data["outside_partners"] if self._outside(p, inside)]
        known = inside | {_code(partner["code"]) for partner in data.get("outside_partners", ())}
        for key in ("pins", "bans"):
            if key in data:
                data[key] = self._pairs(key, data[key], known)
        if "ways" in data:
            data["ways"] = {code: ways for code, ways in data["ways"].items() if self._way(code, inside)}
        self._convener(data, members, known)
        n = sum(self.prepared.takes_part(code, self.community) for code in members)
        self._numbers(data, n)
        return data, self.dropped

    def _drop(self, key: str, item: str = "", school: str = "", **more: Any) -> None:
        self.dropped.append({"key": key, "item": item, "school": school, **more})

    def _outside(self, partner: Mapping[str, Any], inside: set[str]) -> bool:
        """Whether a partner still is one: it may have become a member."""
        code = _code(partner["code"])
        if code in inside:
            self._drop("outside_partners", school=code)
        return code not in inside

    def _pairs(self, key: str, wishes: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for item, codes in wishes.items():
            read = [_code(code) for code in (codes if isinstance(codes, list | tuple) else [codes])]
            for code in read:
                if code not in known:
                    self._drop(key, str(item), code)
            if here := [code for code in read if code in known]:
                kept[item] = here
        return kept

    def _way(self, code: str, inside: set[str]) -> bool:
        if _code(code) not in inside:
            self._drop("ways", school=_code(code))
        return _code(code) in inside

    def _convener(self, data: dict[str, Any], members: Iterable[str], known: set[str]) -> None:
        convener = _CONVENER.validate_python(data.get("convener", CHOOSE))
        if convener == CHOOSE:
            return
        if convener not in known:
            self._drop("convener", school=convener)
            data["convener"] = CHOOSE
            return
        base = self.prepared.base.map
        before = base.members(self.community) if self.community in base.names else ()
        schools = self.prepared.schools
        come = [code for code in members if schools[code].benchmark and self.prepared.takes_part(code, self.community)]
        if come and convener not in come and not set(come) & set(before):
            self._drop("convener", school=convener, benchmark=come[0])
            data["convener"] = CHOOSE

    def _numbers(self, data: dict[str, Any], n: int) -> None:
        """Leave out numbers of hosts that so few schools cannot reach."""
        for item, number in data.get("host_numbers", {}).items():
            if int(number) > n:
                self._drop("host_numbers", str(item), number=int(number))
        if "host_numbers" in data:
            data["host_numbers"] = {k: v for k, v in data["host_numbers"].items() if int(v) <= n}
        numbers = data.get("exploration", {}).get("numbers", {})
        if over := {item: number for item, number in numbers.items() if int(number) > n}:
            for item, number in over.items():
                self._drop("exploration", str(item), number=int(number))
            data["exploration"] = {key: value for key, value in data["exploration"].items() if key != "numbers"}
            data["switches"] = {k: v for k, v in data.get("switches", {}).items() if not self._is_number_switch(k)}

    def _is_number_switch(self, word: str) -> bool:
        switch = self.prepared.book.switch_by_id["exploration_number"]
        return normal(word) in {normal(name) for name in (switch.id, switch.title.zh_TW, switch.title.en)}


def _code(word: object) -> str:
    return school_code(word)


_CONVENER: TypeAdapter[str] = TypeAdapter(Convener)


class Prepared:
    """What all communities of a base have in common, read once."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.schools = {code: SchoolEntry.model_validate(dict(entry)) for code, entry in base.schools.items()}
        self._juniors = {code: JuniorHigh.model_validate(dict(entry)) for code, entry in base.junior_highs.items()}
        self._shared: dict[tuple[str, int], JuniorHigh] = {}
        self._counted: dict[str, bool] = {}
        self.juniors_in: dict[str, list[str]] = {}
        for code, town in base.junior_town.items():
            self.juniors_in.setdefault(town, []).append(code)
        self.links = tuple(
            Link.model_validate({"between": link.ends, "kind": link.kind, "km": link.km, "note": link.note})
            for link in base.links
        )
        self.folder = None if base.folder is None else Path(base.folder)

    @cached_property
    def book(self) -> Rulebook:
        """The rulebook of all communities."""
        from assigner.scenario.vocabulary import find_rulebook

        entries = self.entries({"schema_version": 1, "id": self.base.id, "schools": (), **self.base.defaults})
        findings = self._findings({})
        found = find_rulebook(entries, self.folder, findings)
        findings.stop_if_wrong()
        assert found is not None
        return found

    @cached_property
    def words(self) -> Vocabulary:
        """Its names."""
        from assigner.scenario.vocabulary import Vocabulary

        return Vocabulary(self.book)

    @cached_property
    def universities(self) -> list[tuple[str, University]]:
        """Township and entry of each university whose township can be told."""
        from assigner.scenario.places import locate

        found = []
        for position, stated_entry in enumerate(self.base.universities):
            entry = University.model_validate(dict(stated_entry))
            name = entry.code or entry.name
            place = locate(
                name, entry, self.base.geography, self._findings({}), ("universities", position), needed=False
            )
            if place is not None:
                found.append((place.towncode, entry))
        return found

    def takes_part(self, code: str, community: str) -> bool:
        """Whether a school is a participant where it is a member."""
        entry = self.schools[code]
        return entry.takes_part and (not entry.barred or self._barred_count(community))

    def _barred_count(self, community: str) -> bool:
        """Whether barred schools take part in a community."""
        from assigner.scenario.vocabulary import chosen_rules

        if community not in self._counted:
            switches = stated(self.base, community).get("switches", {})
            entries = self.entries({"schema_version": 1, "id": "x", "schools": (), "switches": switches})
            rules = chosen_rules(entries, self.book, self._findings({}))
            self._counted[community] = rules.option("barred_schools") == "counted"
        return self._counted[community]

    def junior_high(self, code: str, communities: int) -> JuniorHigh:
        """Entry of a junior high that counts for so many communities by equal shares."""
        if communities == 1:
            return self._juniors[code]
        if (code, communities) not in self._shared:
            share = self._juniors[code].share / communities
            self._shared[code, communities] = self._juniors[code].model_copy(update={"share": share})
        return self._shared[code, communities]

    def entries(self, data: Mapping[str, Any]) -> ScenarioFile:
        """The entries of plain data."""
        return ScenarioFile.model_validate(dict(data))

    def _findings(self, data: Mapping[str, Any]) -> Findings:
        return Findings(Source(self.base.file, Document(self.base.file, data)))

    def scenario(
        self, data: Mapping[str, Any], findings: Findings | None = None, *, locate_all: bool = False
    ) -> Scenario:
        """Build a scenario of plain data; where its schools are is known, unless all are to be located and checked."""
        entries = self.entries(data)
        found = self._findings(data) if findings is None else findings
        distances, places = self._distances(entries), None if locate_all else self._places(entries, found)
        return built(
            entries, found, self.folder, self.book, distances, self.base.geography, words=self.words, located=places
        )

    def _places(self, entries: ScenarioFile, findings: Findings) -> dict[str, Place]:
        from assigner.scenario.places import locate
        from geodata.travel import Place

        base, places = self.base, {}
        for code, town, entry in (
            *((school.code, base.map.place[school.code], school) for school in entries.schools),
            *((junior_high_id(e.code), base.junior_town[e.code], e) for e in entries.junior_highs),
        ):
            places[code] = Place(code, town, entry.lon, entry.lat)
        needed = entries.travel.mode != "matrix"
        for i, partner in enumerate(entries.outside_partners):
            path = ("outside_partners", i)
            place = locate(partner.code, partner, base.geography, findings, path, needed=needed)
            if place is not None:
                places[partner.code] = place
        return places

    # ---------------------------------------------------------------------------------------------------------- matrix

    def _distances(self, entries: ScenarioFile) -> Distances | None:
        """Distances from the matrix of the base; None where they are measured on the map."""
        if entries.travel.mode != "matrix":
            return None
        from models.community import Distances

        table = self._table
        schools = sorted(
            [entry.code for entry in entries.schools if entry.takes_part] + [e.code for e in entries.outside_partners]
        )
        points = sorted(junior_high_id(entry.code) for entry in entries.junior_highs)
        if not points:
            points = [township_id(town) for town in entries.townships if entries.shared_townships.get(town) != 0]
        columns = [table.column[code] for code in schools]
        rows = [table.row[point] for point in points]
        return Distances(
            tuple(schools),
            tuple(points),
            table.between_schools[columns][:, columns],
            table.from_demand[rows][:, columns],
            table.unit,
        )

    @cached_property
    def _table(self) -> Distances:
        """The matrix of the base: all schools and junior highs."""
        from assigner.scenario.distances import distances_of

        base = self.base
        entries = self.entries({"schema_version": 1, "id": "x", "schools": (), **base.defaults})
        partners = {_code(p["code"]) for own in base.own.values() for p in own.get("outside_partners", ())}
        schools = sorted(partners | {code for code, entry in self.schools.items() if entry.takes_part})
        points = sorted(map(junior_high_id, self._juniors) if self._juniors else map(township_id, base.map.home))
        findings = self._findings(base.defaults)
        table = distances_of(entries, schools, points, {}, base.geography, base.links, self.folder, findings)
        findings.stop_if_wrong()
        assert table is not None
        return table

    # ------------------------------------------------------------------------------------------------------------ hash

    def whole(self, findings: Findings | None = None) -> Scenario:
        """All schools and junior highs as one community: to check them, and to give them in one spelling."""
        base = self.base
        travel = {"travel": {"mode": "great_circle"}}  # islands without a way are no matter here
        data = {
            **base.defaults,
            "schema_version": 1,
            "id": "whole",
            "synthetic": base.synthetic,
            "townships": tuple(base.map.home),
            "schools": tuple(self.schools.values()),
            "junior_highs": tuple(self._juniors.values()),
            "universities": base.universities,
            "links": self.links,
            **({} if base.defaults.get("travel", {}).get("mode") == "matrix" else travel),
        }
        return self.scenario(data, findings, locate_all=True)

    @cached_property
    def hash(self) -> str:
        """See `base_hash`."""
        base = self.base
        whole = self.whole()
        file = file_of(whole)
        content: dict[str, Any] = {
            "whole": {key: value for key, value in file.items() if key not in _SAID_ONLY},
            "travel": self.entries(
                {"schema_version": 1, "id": "x", "schools": (), **base.defaults}
            ).travel.model_dump(),
            "rulebook": self.book.hash,
            "map": {name: dict(getattr(base.map, name)) for name in ("names", "home", "member", "place")},
            "own": {community: self._own(community) for community in base.map.names},
        }
        if not base.geography.is_embedded:
            content["geography"] = base.geography.hash
        if whole.entries.travel.mode == "matrix":
            table = whole.problem().distances
            content["distances"] = [table.unit, table.between_schools.tolist(), table.from_demand.tolist()]
        return content_hash(content)

    def _own(self, community: str) -> Any:
        """What a community asks for, in one spelling."""
        made, _dropped = scenario_of_community(self.base, self.base.map, community)
        if made is None:
            return self.base.own.get(community, {})
        file = file_of(made)
        return {key: file[key] for key in OWN_KEYS if key != "universities"}


def prepared(base: Base) -> Prepared:
    """What all communities of a base have in common: read once, and kept while the base lives."""
    found: Prepared | None = base.__dict__.get("_prepared")
    if found is None:
        found = base.__dict__["_prepared"] = Prepared(base)
    return found
