"""From the document of a base map to the base: everything is checked, and all that is wrong is said at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.boundary.base import DEFAULT_KEYS, MERGED, OWN_KEYS, prepared, rebased
from assigner.boundary.files.entries import SCHEMA_VERSION, SECTIONS, BaseFile, CommunityEntry, plain
from assigner.boundary.values import Base
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.faults import closest
from assigner.messages import M_
from assigner.scenario.entries import JuniorHigh, Located, ScenarioFile, SchoolEntry
from assigner.scenario.geography import geography_of
from assigner.scenario.places import Names, links_of, locate, township_of
from assigner.scenario.reading import document_of, refuse_version, shaped_as
from assigner.scenario.source import Findings, Source, in_order
from assigner.scenario.words import CHOOSE
from geodata.base_map import NOWHERE, BaseMap
from models.documents import Document
from models.documents import Path as Keys

if TYPE_CHECKING:
    from assigner.roster.schools import Roster
    from geodata.geography import Geography

__all__ = ["base_of", "parse"]


def parse(text: str, file: str, folder: Path | None) -> Base:
    """Read a base map from the text of a YAML file (see `assigner.boundary.base.parse_base`)."""
    return base_of(document_of(text, file), file, folder)


def base_of(
    document: Document,
    file: str,
    folder: Path | None,
    roster: str | PathLike[str] | None = None,
    *,
    like: Base | None = None,
    derive: bool = False,
) -> Base:
    """Check a document shaped as the YAML of a base map, and make the base.

    Parameters
    ----------
    document
        With the line or cell of each value.
    file
        What errors call it.
    folder
        Where the paths in it start; None if it may name no files.
    roster
        Table of the schools, in place of the one that the document names.
    like
        A base of which all but the map is taken.
    derive
        Whether a township that is not listed is at home where most of its schools are members.

    Raises
    ------
    assigner.errors.InputError
        With everything that is wrong.
    """
    _refuse_other_kind(document, file)
    refuse_version(document, file, SCHEMA_VERSION, M_("This version of the format of base maps is not known."))
    shaped = shaped_as(BaseFile, SECTIONS, document, file)
    if shaped.entries is None:
        raise InputError(in_order(list(shaped.problems)))
    findings = Findings(shaped.source, list(shaped.problems))
    return _Reader(shaped.entries, findings, folder, roster, shaped.set_aside, like, derive).base()


def _refuse_other_kind(document: Document, file: str) -> None:
    """Refuse the file of an experiment or a scenario, which would only be told that its keys are not known."""
    keys = set(document.data) if isinstance(document.data, dict) else set()
    if "communities" in keys or not keys & {"flips", "base", "convener", "townships"}:
        return
    if keys & {"flips", "base"}:
        what = M_("This is an experiment on a base map, not a base map.")
        mend = M_("Name the file that stands in it after “base”.")
    else:
        what = M_("This is a scenario of one community, not a base map.")
        mend = M_("Name the file of a base map; it lists “communities”.")
    raise InputError([Problem(file, Place("", 1, 1), ABSENT, what, None, mend)])


@dataclass
class _Reader:
    """A base map that is being read."""

    entries: BaseFile
    findings: Findings
    folder: Path | None
    roster: str | PathLike[str] | None
    set_aside: frozenset[str]
    like: Base | None = None
    derive: bool = False
    schools: dict[str, dict[str, Any]] = field(default_factory=dict)
    juniors: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: dict[tuple[str, str], Keys] = field(default_factory=dict)
    """Section and code -> where the entry stands."""
    seen: dict[str, Keys] = field(default_factory=dict)
    """Township or school -> where it is said to which community it belongs."""

    def base(self) -> Base:
        entries, findings = self.entries, self.findings
        like = self.like
        geography = geography_of(self._like_scenario(), self.folder, findings) if like is None else like.geography
        if geography is None:
            findings.stop_if_wrong()
            raise AssertionError("no geography, and no reason")
        names = self._names()
        home = self._homes(geography)
        self._schools(home, geography)
        place, junior_town = self._places(geography)
        member = self._members(home, place)
        if self.derive:
            home |= _derived(place, member, home)
        if like is not None:
            self._unlisted(like, home)
        home |= {town: NOWHERE for town in place.values() if town not in home}
        if like is not None:
            found = BaseMap(names, home, member, place)
            self._check_like(like, found)
            base = replace(rebased(like, found), file=findings.source.file)
            findings.stop_if_wrong()
            return replace(base, warnings=tuple(in_order(findings.warnings)))
        links = links_of(self._like_scenario(), geography, findings)
        base = Base(
            entries.id,
            entries.name,
            BaseMap(names, home, member, place),
            {code: self.schools[code] for code in sorted(place)},
            {code: self.juniors[code] for code in sorted(junior_town)},
            dict(sorted(junior_town.items())),
            geography,
            links,
            {key: value for key, value in plain(entries.defaults).items() if key in DEFAULT_KEYS},
            {c.id: own for c in entries.communities if (own := _own(c))},
            tuple(map(plain, entries.universities)),
            entries.synthetic,
            entries.invented,
            entries.note,
            entries.sources,
            findings.source.file,
            None if entries.geography is None else plain(entries.geography),
            None if self.folder is None else str(self.folder),
        )
        self._check(base)
        findings.stop_if_wrong()
        return replace(base, warnings=tuple(in_order(findings.warnings)))

    def _like_scenario(self) -> ScenarioFile:
        """The keys that a scenario file has as well."""
        entries = self.entries
        return ScenarioFile.model_construct(
            schema_version=1,
            id=entries.id,
            schools=(),
            links=entries.links,
            geography=entries.geography,
            travel=entries.defaults.travel,
            rulebook=entries.defaults.rulebook,
        )

    # ----------------------------------------------------------------------------------------------------- communities

    def _names(self) -> dict[str, str]:
        if not self.entries.communities and "communities" not in self.set_aside:
            self.findings.wrong(
                ("communities",),
                M_("The base map has no community."),
                M_("at least one community"),
                M_("List the communities, each with its townships."),
            )
        names: dict[str, str] = {}
        for k, community in enumerate(self.entries.communities):
            if community.id in names:
                self.findings.wrong(
                    ("communities", k, "id"),
                    M_("Two communities have this id."),
                    M_("each id once"),
                    M_("Give one of the two another id."),
                    value=community.id,
                )
            names.setdefault(community.id, community.name or community.id)
        return names

    def _belongings(self, key: str) -> Iterator[tuple[str, Keys, str]]:
        """Community, path and word of all townships or schools that are listed."""
        for k, community in enumerate(self.entries.communities):
            for i, word in enumerate(getattr(community, key)):
                yield community.id, ("communities", k, key, i), word
        for i, word in enumerate(getattr(self.entries.nowhere, key)):
            yield NOWHERE, ("nowhere", key, i), word

    def _homes(self, geography: Geography) -> dict[str, str]:
        home: dict[str, str] = {}
        for community, path, word in self._belongings("townships"):
            township = township_of(word, geography, self.findings, path)
            if township is None:
                continue
            if township.towncode in home:
                self._twice(path, township.towncode, word, home[township.towncode] == community)
            self.seen.setdefault(township.towncode, path)
            home.setdefault(township.towncode, community)
        return home

    def _twice(self, path: Keys, key: str, word: str, same: bool) -> None:
        """Note a township or school that is listed a second time."""
        place = self.findings.source.place(self.seen[key])
        first = place.cell or M_("line {line}", line=place.line or "?")
        if same:
            self.findings.odd(
                path,
                M_("It is listed twice, first in {place}; it counts once.", place=first),
                None,
                M_("Delete one of the two."),
                value=word,
            )
        else:
            self.findings.wrong(
                path,
                M_("It is listed in a second community; the first is in {place}.", place=first),
                M_("one community for each"),
                M_("Keep one of the two. A school may be a member elsewhere than its township: list it by its code."),
                value=word,
            )

    def _members(self, home: Mapping[str, str], place: Mapping[str, str]) -> dict[str, str]:
        named: dict[str, str] = {}
        for community, path, code in self._belongings("schools"):
            if code in named:
                self._twice(path, code, code, named[code] == community)
            elif code not in self.schools:
                self._unknown(path, code)
            self.seen.setdefault(code, path)
            named.setdefault(code, community)
        return {code: named.get(code, home.get(town, NOWHERE)) for code, town in place.items()}

    def _unknown(self, path: Keys, code: str) -> None:
        if "schools" in self.set_aside:
            return
        self.findings.wrong(
            path,
            M_("No school of this base map has this code."),
            M_("the code of a school of the roster, or of one under “schools”"),
            closest(code, self.schools) or M_("Correct the code, or add the school."),
            value=code,
        )

    # --------------------------------------------------------------------------------------------------------- schools

    def _schools(self, home: Mapping[str, str], geography: Geography) -> None:
        """Gather the entries: of the roster what lies in the townships or is named, and all that stand here."""
        if self.like is not None:
            for section, entries, found in (
                ("schools", self.like.schools, self.schools),
                ("junior_highs", self.like.junior_highs, self.juniors),
            ):
                found |= {code: dict(entry) for code, entry in entries.items()}
                self.paths |= {(section, code): ("roster",) for code in entries}
            return
        listed = {entry.code for entry in self.entries.schools}
        wanted = {code for _community, _path, code in self._belongings("schools")} | listed
        roster = self._roster()
        if roster is not None:
            from assigner.roster.members import junior_high_entry, school_entry

            towns = set(home)
            towns |= {s.towncode for s in roster.of("senior_high") if s.code in wanted and s.towncode}
            for school in roster.of("senior_high"):
                if school.code in wanted or school.towncode in towns:
                    self.schools[school.code] = school_entry(school)
                    self.paths["schools", school.code] = ("roster",)
            for school in roster.within("junior_high", frozenset(towns)):
                self.juniors[school.code] = junior_high_entry(school)
                self.paths["junior_highs", school.code] = ("roster",)
        for section, found in (("schools", self.schools), ("junior_highs", self.juniors)):
            here: dict[str, Keys] = {}
            for i, entry in enumerate(getattr(self.entries, section)):
                path: Keys = (section, i)
                if entry.code in here:
                    self._repeated(path, here[entry.code], entry.code)
                    continue
                here[entry.code] = path
                found[entry.code] = {**found.get(entry.code, {}), **plain(entry)}
                self.paths[section, entry.code] = path

    def _unlisted(self, like: Base, home: dict[str, str]) -> None:
        """Let townships of the base that are in no row belong to none, and say so."""
        left = [town for town in like.map.home if town not in home]
        home |= dict.fromkeys(left, NOWHERE)
        if named := [town for town in left if like.map.home[town] != NOWHERE]:
            names = Names((like.geography.townships[town].name for town in named), 10)
            self.findings.odd(
                (),
                M_(
                    "These townships of the base map are not listed, so they belong to no community: {names}.",
                    names=names,
                ),
                None,
                M_("Add a row for each of them."),
            )

    def _check_like(self, like: Base, base_map: BaseMap) -> None:
        """Note wishes of the base that its new map leaves without their school."""
        from assigner.boundary.base import community_data

        for community, own in like.own.items():
            if community not in base_map.names:
                self.findings.odd(
                    (),
                    M_("The community {community} is gone, and with it what it asked for.", community=community),
                    None,
                    M_("If it only has another id now, write the old one."),
                )
                continue
            dropped = community_data(like, base_map, community)[1] if own else []
            if schools := sorted({d["school"] for d in dropped if d["school"]}):
                self.findings.odd(
                    (),
                    M_(
                        "{community}: wishes about schools that are no members now are left out ({schools}).",
                        community=base_map.names[community],
                        schools=Names(schools, 10),
                    ),
                    None,
                    M_("Check what the community asks for."),
                )

    def _repeated(self, path: Keys, first: Keys, code: str) -> None:
        place = self.findings.source.place((*first, "code"))
        self.findings.wrong(
            (*path, "code"),
            M_(
                "The school code appears a second time; it stands in line {line} as well.",
                line=place.cell or place.line or "?",
            ),
            M_("each code once"),
            M_("Delete one of the two entries, or correct its code."),
            value=self.findings.source.raw((*path, "code"), code),
        )

    def _roster(self) -> Roster | None:
        from assigner.roster.tidy import read_roster

        name = self.entries.roster
        try:
            if self.roster is not None:
                return read_roster(self.roster)
            if name is None:
                return None
            if self.folder is None:
                raise FileNotFoundError
            found = read_roster(self.folder / name)
        except InputError as error:
            self.findings.problems += error.problems
        except (OSError, ValueError):
            self.findings.wrong(
                ("roster",),
                M_("The roster cannot be opened."),
                M_("a table written by “assigner import-roster”; its path starts at the folder of this file"),
                M_("Correct the path, or put the file there."),
                value=fspath(self.roster) if self.roster is not None else name,
            )
        else:
            return found
        self.set_aside |= {"schools"}
        return None

    def _places(self, geography: Geography) -> tuple[dict[str, str], dict[str, str]]:
        """TOWNCODE of each school and junior high that has one; what is wrong is noted where all is checked."""
        ignored = Findings(self.findings.source)
        found: list[dict[str, str]] = []
        for section, model, entries in (
            ("schools", SchoolEntry, self.schools),
            ("junior_highs", JuniorHigh, self.juniors),
        ):
            towns: dict[str, str] = {}
            for code, entry in entries.items():
                located: Located = model.model_validate(entry)
                place = locate(code, located, geography, ignored, self.paths[section, code], needed=True)
                if place is not None:
                    towns[code] = place.towncode
                else:
                    self._placeless(code, located, geography, self.paths[section, code])
            found.append(towns)
        return found[0], found[1]

    def _placeless(self, code: str, entry: Located, geography: Geography, path: Keys) -> None:
        """Say why a school has no place."""
        locate(code, entry, geography, self.findings, path, needed=True)

    # ---------------------------------------------------------------------------------------------------------- checks

    def _check(self, base: Base) -> None:
        """Check all entries, and then what each community asks for, with the rules and the map."""
        if "schools" in self.set_aside:
            return  # what is asked of them is not known yet
        ready = prepared(base)
        whole = self._findings_at(
            {
                **self._positions("schools", base.schools),
                **self._positions("junior_highs", base.junior_highs),
                **{(key,): ("defaults", key) for key in DEFAULT_KEYS},
            }
        )
        try:
            ready.whole(whole)
        except InputError as error:
            self.findings.problems += error.problems
            return  # the communities would say the same again
        self.findings.warnings += whole.warnings
        for k, community in enumerate(self.entries.communities):
            self._own_schools(base, k, community)
            self._community(base, k, community)

    def _findings_at(self, original: Mapping[Keys, Keys]) -> Findings:
        source = self.findings.source
        return Findings(Source(source.file, source.document, {a: source.path(b) for a, b in original.items()}))

    def _positions(self, section: str, codes: Iterable[str]) -> dict[Keys, Keys]:
        return {(section, i): self.paths[section, code] for i, code in enumerate(codes)}

    def _own_schools(self, base: Base, k: int, community: CommunityEntry) -> None:
        """Note wishes that speak of schools that are no members."""
        members = set(base.map.members(community.id))
        partners = {partner.code for partner in community.outside_partners}
        here: Keys = ("communities", k)
        if community.convener != CHOOSE:
            self._need_member((*here, "convener"), community.convener, members, community)
        for key in ("pins", "bans"):
            for item, codes in getattr(community, key).items():
                for i, code in enumerate(codes):
                    self._need_member((*here, key, item, i), code, members | partners, community)
        for code in community.ways:
            self._need_member((*here, "ways", code), code, members, community)
        if not members:
            self.findings.odd(
                here,
                M_("The community has no school."),
                None,
                M_("List the townships whose schools belong to it, or delete it."),
                value=community.id,
            )

    def _need_member(self, path: Keys, code: str, members: set[str], community: CommunityEntry) -> None:
        from geodata.codes import CodeError, read_code

        try:
            meant = read_code(code)
        except CodeError:
            meant = code
        if meant not in members:
            self.findings.wrong(
                path,
                M_("This school is no member of the community “{name}”.", name=community.name or community.id),
                M_("the code of a member"),
                closest(meant, sorted(members)) or M_("Correct the code, or make the school a member."),
                value=code,
            )

    def _community(self, base: Base, k: int, community: CommunityEntry) -> None:
        from assigner.boundary.base import community_data

        if not any(prepared(base).takes_part(code, community.id) for code in base.map.members(community.id)):
            return
        data, _dropped = community_data(base, base.map, community.id)
        here: Keys = ("communities", k)
        stated_here = community.model_fields_set
        original: dict[Keys, Keys] = {("townships",): (*here, "townships")}
        for key in (*DEFAULT_KEYS, *OWN_KEYS):
            original[key,] = (*here, key) if key in stated_here else ("defaults", key)
        for key in MERGED:
            for word in getattr(self.entries.defaults, key):
                original[key, word] = ("defaults", key, word)
            for word in getattr(community, key):
                original[key, word] = (*here, key, word)
        original |= self._positions("schools", (entry.code for entry in data["schools"]))
        original |= self._positions("junior_highs", (entry.code for entry in data.get("junior_highs", ())))
        findings = self._findings_at(original)
        try:
            made = prepared(base).scenario(data, findings)
        except InputError as error:
            self.findings.problems += error.problems
        else:
            self.findings.warnings += made.warnings
        self._too_many(base, k, community)

    def _too_many(self, base: Base, k: int, community: CommunityEntry) -> None:
        """Note numbers of hosts of its own that the community cannot reach."""
        n = sum(prepared(base).takes_part(code, community.id) for code in base.map.members(community.id))
        numbers: Sequence[tuple[Keys, int]] = (
            *(((("host_numbers", item)), number) for item, number in community.host_numbers.items()),
            *((("exploration", "numbers", item), number) for item, number in community.exploration.numbers.items()),
        )
        for path, number in numbers:
            if number > n:
                self.findings.wrong(
                    ("communities", k, *path),
                    M_("More hosts are asked for than schools take part."),
                    M_("{n} or less", n=n),
                    M_("Correct the number."),
                    value=number,
                )


def _derived(place: Mapping[str, str], member: Mapping[str, str], home: Mapping[str, str]) -> dict[str, str]:
    """Township -> the community in which most of its schools are; of equal ones the first in order."""
    counted: dict[str, Counter[str]] = {}
    for code, town in place.items():
        if member[code] != NOWHERE and town not in home:
            counted.setdefault(town, Counter())[member[code]] += 1
    return {town: min(of, key=lambda c: (-of[c], c)) for town, of in counted.items()}


def _own(community: CommunityEntry) -> dict[str, Any]:
    """What a community states for itself."""
    return {key: value for key, value in plain(community).items() if key in OWN_KEYS}
