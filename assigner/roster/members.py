"""A scenario from a roster: the schools that are named by code, township or county, and what lies around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message, join_list
from assigner.roster.schools import GRADES, Roster, RosterSchool
from assigner.scenario.scenario import Scenario, scenario_of
from assigner.scenario.words import CHOOSE, normal
from geodata.codes import CodeError, read_code
from geodata.names import FORMER_COUNTIES, normalise, short_county, strip_prefix
from geodata.townships import AmbiguousTownship, Township, TownshipNameError, find_township, townships

__all__ = ["id_from", "junior_high_entry", "scenario_from_roster", "school_entry", "split_members"]

_BETWEEN = re.compile(r"[,，、;；\s]+")
_CHOOSE = (CHOOSE, "推選", "選擇", "由程式選擇")
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,79}")
_MOST_NAMED = 3


def split_members(text: str) -> tuple[str, ...]:
    """Words of a list, separated by commas, 、, semicolons, blanks or line ends; # begins a remark."""
    lines = (line.split("#", 1)[0] for line in text.splitlines())
    return tuple(dict.fromkeys(word for line in lines for word in _BETWEEN.split(line) if word))


def scenario_from_roster(
    roster: Roster,
    members: str | Iterable[str],
    convener: str = CHOOSE,
    *,
    id: str | None = None,
    name: str | None = None,
    universities: bool = False,
) -> Scenario:
    """Make the scenario of a community from a roster.

    Parameters
    ----------
    roster
        As `import_roster` and `read_roster` give it.
    members
        Codes of senior highs, townships in any usual spelling, counties; mixed as you like. A township or county
        stands for all its senior highs. As one text, they are separated by commas, 、 or blanks.
    convener
        Code or name of a member, or ``"choose"``.
    id, name
        Of the scenario; made from the members if not given.
    universities
        Also list the universities of the territory.

    Returns
    -------
    Scenario
        With all junior highs of the territory: of the townships named, else of those of the members.

    Raises
    ------
    assigner.errors.InputError
        A member or the convener cannot be found, or a school cannot be used; with everything that is wrong.
    """
    found = _Members(roster)
    for word in split_members(members) if isinstance(members, str) else members:
        found.add(word)
    chosen = found.convener(convener)
    if id is not None and not _ID.fullmatch(id):
        what, mend = M_("This cannot be the id of a scenario."), M_("Write another one after {option}.", option="--id")
        expected = M_("letters of the Latin alphabet, digits, -, _ and .")
        found.problems.append(Problem("", Place("--id"), id, what, expected, mend))
    if found.problems:
        raise InputError(found.problems)
    schools = sorted(found.schools.values(), key=lambda school: school.code)
    territory = frozenset(found.towns) | {school.towncode for school in schools if school.towncode}
    towns = [townships()[code].name for code in sorted(territory)]
    own_name = name or _name(found)
    own_id = id or f"community-{roster.year}-{schools[0].code}-{len(schools)}"
    juniors = list(roster.within("junior_high", territory))
    data: dict[str, Any] = {
        "schema_version": 1,
        "id": own_id,
        "name": own_name,
        "sources": _sources(roster, [*schools, *juniors]),
        "townships": towns,
        "convener": chosen,
        "schools": [school_entry(school) for school in schools],
        "junior_highs": [junior_high_entry(school) for school in juniors],
    }
    if universities:
        data["universities"] = [_located(school) for school in roster.within("university", territory)]
    # What cannot be used of it stands in the roster; there is no other file yet.
    return scenario_of(data, roster.file or own_id)


def id_from(text: str) -> str | None:
    """A text as the id of a scenario, if it can be one."""
    return text if _ID.fullmatch(text) else None


def school_entry(school: RosterSchool) -> dict[str, Any]:
    """Give the entry of a senior high: facts of the lists only; suitability follows from the categories."""
    entry = _located(school)
    if school.public is not None:
        entry["public"] = school.public
    if school.categories:
        entry["categories"] = list(school.categories)
    for flag in ("talent_class", "special_education"):
        if getattr(school, flag):
            entry[flag] = True
    return entry


def junior_high_entry(school: RosterSchool) -> dict[str, Any]:
    """Give the entry of a junior high, with its pupils by grade where the list has them."""
    entry = _located(school)
    pupils = {str(grade): count for grade, count in zip(GRADES, school.pupils, strict=True) if count is not None}
    if pupils:
        entry["pupils"] = pupils
    if len(pupils) < len(GRADES) and school.graduates is not None:
        entry["graduates"] = school.graduates
    return entry


def _located(school: RosterSchool) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": school.code, "name": school.name}
    if school.township is not None:
        entry["township"] = school.township.name
    if school.at is not None:
        entry["lon"], entry["lat"] = school.at
    return entry


def _sources(roster: Roster, schools: Sequence[RosterSchool]) -> list[str]:
    files = dict.fromkeys(name for school in schools for name in school.sources)
    return [f"學校名冊（{roster.year} 學年度）：{'、'.join(files)}"] if files else []


def _name(found: _Members) -> str:
    """A name from what was named: its counties, else its first townships."""
    names = list(dict.fromkeys(found.counties))
    if not names:
        codes = found.towns or {s.towncode: None for s in found.schools.values() if s.towncode}
        names = [townships()[code].name for code in codes]
    shown = "、".join(names[:_MOST_NAMED]) + ("等" if len(names) > _MOST_NAMED else "")
    return f"{shown}適性學習社區"


class _Names:
    """Schools or townships, listed when they are printed."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def __str__(self) -> str:
        return join_list(self.names)


@dataclass
class _Members:
    """The members while they are looked up."""

    roster: Roster
    schools: dict[str, RosterSchool] = field(default_factory=dict)
    towns: dict[str, None] = field(default_factory=dict)
    counties: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def _wrong(self, key: str, value: object, what: Message, expected: Message | None, mend: Message) -> None:
        self.problems.append(Problem("", Place(key), value, what, expected, mend))

    def add(self, word: str) -> None:
        """Add what a word names; note what it does not."""
        text = str(word).strip()
        if self._add_code(text) or self._add_county(text):
            return
        try:
            town = find_township(text)
        except AmbiguousTownship as error:
            here = [t for t in error.candidates if any(s.towncode == t.towncode for s in self.roster.schools)]
            if len(here) == 1:  # the roster knows only one of them
                self._add_town(here[0])
                return
            names = _Names(t.name for t in here or error.candidates)
            what, mend = M_("Several townships have this name."), M_("Write the county before the name.")
            self._wrong("--members", text, what, M_("one of: {choices}", choices=names), mend)
        except TownshipNameError as error:
            self._unknown(text, error.candidates)
        else:
            self._add_town(town)

    def _add_code(self, text: str) -> bool:
        try:
            code = read_code(text)
        except CodeError:
            return False
        school = self.roster.by_key.get(("senior_high", code))
        if school is not None:
            self._take(school)
            return True
        other = next((s for s in self.roster.schools if s.code == code), None)
        if other is not None:
            what = M_("{name} is no senior high; only senior highs are members of a community.", name=other.name)
            self._wrong("--members", text, what, None, M_("Leave it out: its township brings it in."))
            return True
        if not code.isdigit() and code.isalpha():
            return False  # a word of six letters, and no code
        near = get_close_matches(code, [s.code for s in self.roster.of("senior_high")], n=_MOST_NAMED, cutoff=0.6)
        names = _Names(f"{c} {self.roster.by_key['senior_high', c].name}" for c in near)
        mend = M_("Did you mean one of these: {names}?", names=names) if near else M_("Look the code up in the roster.")
        self._wrong("--members", text, M_("The roster has no senior high of this code."), None, mend)
        return True

    def _add_county(self, text: str) -> bool:
        name = strip_prefix(normalise(text))
        name = FORMER_COUNTIES.get(name, name)
        known = dict.fromkeys(t.county for t in townships().values())
        meant = [county for county in known if name in (county, short_county(county))]
        if len(meant) != 1:
            return False
        codes = {t.towncode for t in townships().values() if t.county == meant[0]}
        schools = list(self.roster.within("senior_high", frozenset(codes)))
        if not schools:
            self._nothing(text, meant[0])
            return True
        self.counties.append(meant[0])
        for school in schools:
            self._take(school)
        self.towns.update(dict.fromkeys(sorted(codes)))
        return True

    def _add_town(self, town: Township) -> None:
        inside = frozenset((town.towncode,))
        if not any(s.towncode == town.towncode for s in self.roster.schools):
            self._nothing(town.name, town.name)
            return
        self.towns[town.towncode] = None
        for school in self.roster.within("senior_high", inside):
            self._take(school)

    def _nothing(self, word: str, name: str) -> None:
        what = M_("The roster has no school in {name}.", name=name)
        self._wrong("--members", word, what, None, M_("Leave it out, or import the lists that have its schools."))

    def _unknown(self, text: str, candidates: Sequence[Township]) -> None:
        names = [s.name for s in self.roster.of("senior_high")]
        near = get_close_matches(text, names, n=_MOST_NAMED, cutoff=0.5)
        by_name = {s.name: f"{s.code} {s.name}" for s in self.roster.of("senior_high")}
        shown = [*(t.name for t in candidates), *(by_name[n] for n in near)]
        mend = (
            M_("Did you mean one of these: {names}?", names=_Names(shown)) if shown else M_("Write codes or townships.")
        )
        what = M_("This names no school code, township or county.")
        self._wrong(
            "--members", text, what, M_("codes such as 063404, townships such as 臺中市東勢區, or a county"), mend
        )

    def _take(self, school: RosterSchool) -> None:
        if school.towncode is None and school.at is None and school.code not in self.schools:
            what = M_("It is not known in which township {name} lies.", name=school.name or school.code)
            mend = M_("Fill in county and township in the roster.")
            self._wrong("--members", school.code, what, None, mend)
        self.schools[school.code] = school

    def convener(self, word: str) -> str:
        """Code of the convener, or `CHOOSE`; note one that is no member."""
        if not self.schools and not self.problems:
            what = M_("No senior high lies in what is named.")
            mend = M_("Name more townships, or codes.")
            self._wrong("--members", ABSENT, what, M_("at least one senior high"), mend)
        text = str(word).strip()
        if normal(text) in _CHOOSE:
            return CHOOSE
        try:
            code = read_code(text)
        except CodeError:
            code = next((s.code for s in self.schools.values() if normalise(s.name) == normalise(text)), "")
        if code in self.schools:
            return code
        school = self.roster.by_key.get(("senior_high", code))
        if self.problems and code:
            return code  # the list itself is wrong: who is a member is not known yet
        what = (
            M_("{name} is no member of the community.", name=f"{school.code} {school.name}")
            if school
            else M_("The convener is no member of the community.")
        )
        near = get_close_matches(code or text, [*self.schools, *(s.name for s in self.schools.values())], n=_MOST_NAMED)
        labels = {k: f"{s.code} {s.name}" for s in self.schools.values() for k in (s.code, s.name)}
        shown = dict.fromkeys(labels[k] for k in near)
        mend = (
            M_("Did you mean one of these: {names}?", names=_Names(shown))
            if shown
            else M_("Add the school to the members, or write “choose”.")
        )
        self._wrong("--convener", text, what, M_("the code of a member, or “choose”"), mend)
        return CHOOSE
