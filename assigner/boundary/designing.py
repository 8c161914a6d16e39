"""Communities designed anew for the townships of a base map: what is measured, what a community must be able to do.

The measure is one of planning, stated in docs/designing.md: everybody travels to the school that would convene. The
duty plans of the communities come later, and travel less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from assigner.boundary.base import Prepared, community_data, prepared, scenario_of_community
from assigner.boundary.naming import town_name
from assigner.boundary.sizes import least_participants
from assigner.boundary.values import Base
from assigner.documented import Documented
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, N_, Message, _
from geodata.base_map import NOWHERE, BaseMap
from models.community import Distances
from models.design import design

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx
    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.outputs import Written
    from assigner.report.page import Explorer
    from assigner.roster.schools import Roster
    from assigner.scenario.scenario import Scenario
    from models.design import Design
    from models.rulebook import Rules
    from models.stopping import Progress, Stop

__all__ = [
    "DesignedCommunity",
    "DesignedMap",
    "Question",
    "base_of_roster",
    "design_communities",
    "question_of",
    "sizes_for",
]


@dataclass(frozen=True, eq=False)
class Question:
    """What the mathematics is asked, from a base.

    Attributes
    ----------
    base : Base
    old : Base or None
        The map that change is counted against.
    graph : networkx.Graph
        TOWNCODEs with their number of participants (``schools``); borders and declared links are edges.
    cost : dict of TOWNCODE to TOWNCODE to Fraction
        Person-distance a year of a township's people to the centre.
    centres : dict of TOWNCODE to str
        The school that stands for the centre: of those in the township the one nearest to the others there.
    homes : dict of TOWNCODE to dict of str to int
        Participants of a township in each community of the old map; empty without one.
    participants : frozenset of str
        Codes of the schools that count.
    unit : str
        Of the distances: "km" or "minutes".
    rules : Rules
        Those that hold for all communities.
    """

    base: Base
    old: Base | None
    graph: nx.Graph[str]
    cost: Mapping[str, Mapping[str, Fraction]]
    centres: Mapping[str, str]
    homes: Mapping[str, Mapping[str, int]]
    participants: frozenset[str]
    unit: str
    rules: Rules
    _able: dict[frozenset[str], bool] = field(default_factory=dict, repr=False)

    def able(self, towns: frozenset[str]) -> bool:
        """Whether the schools of some townships could carry the duties of a community: a lawful plan exists."""
        if towns not in self._able:
            self._able[towns] = _has_plan(self.base, towns)
        return self._able[towns]


@dataclass(frozen=True)
class DesignedCommunity:
    """A community of the new map.

    Attributes
    ----------
    id, name : str
    townships, members : tuple of str
        TOWNCODEs and codes, sorted.
    participants : int
        Members that count.
    centre, convener : str
        TOWNCODE, and the school that stands for it.
    travel : float
        Person-distance a year to the centre.
    old : str
        The community of the old map to which its centre belonged; `NOWHERE` if none.
    changed : int
        Participants that belonged to another community.
    """

    id: str
    name: str
    townships: tuple[str, ...]
    members: tuple[str, ...]
    participants: int
    centre: str
    convener: str
    travel: float
    old: str
    changed: int


@dataclass(frozen=True, eq=False)
class DesignedMap(Documented):
    """The answer: a base with new communities, and how good they are.

    Attributes
    ----------
    question : Question
    asked : int
        Number of communities.
    least, most : int
    change_price : Fraction
    travel_tolerance : Fraction or None
        So much more than the least travel is allowed for less change; None: change has a price.
    found : Design
        What the mathematics gave; `models.design.Design`.
    base : Base or None
        The new base map, marked as invented; None without a design.
    communities : tuple of DesignedCommunity
    """

    question: Question
    asked: int
    least: int
    most: int
    change_price: Fraction
    travel_tolerance: Fraction | None
    found: Design
    base: Base | None
    communities: tuple[DesignedCommunity, ...]

    @property
    def status(self) -> str:
        """Of the design; see `models.design.Design`."""
        return self.found.status

    @cached_property
    def before(self) -> Base | None:
        """The townships and schools in the communities of the old map; None where there was none."""
        old, base = self.question.old, self.question.base
        if old is None or old is base:
            return old
        home = {town: old.map.home.get(town, NOWHERE) for town in base.map.home}
        member = {code: old.map.member.get(code, NOWHERE) for code in base.map.member}
        return replace(base, map=BaseMap(old.map.names, home, member, base.map.place))

    @cached_property
    def moved_schools(self) -> frozenset[str]:
        """Codes of the schools that count as changed: their centre was in another community than they were."""
        old, participants = self.question.old, self.question.participants
        if old is None:
            return frozenset()
        return frozenset(
            code
            for community in self.communities
            for code in community.members
            if code in participants and old.map.member.get(code, NOWHERE) not in (NOWHERE, community.old)
        )

    @cached_property
    def moved_townships(self) -> frozenset[str]:
        """TOWNCODEs that were at home in another community than their centre was."""
        old = self.question.old
        if old is None:
            return frozenset()
        return frozenset(
            town
            for community in self.communities
            for town in community.townships
            if old.map.home.get(town, NOWHERE) not in (NOWHERE, community.old)
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Tidy frames: ``communities``, ``townships`` and ``schools``, a row for each.

        Returns
        -------
        dict of str to pandas.DataFrame
            With the community of each township and school now and, where there was a map, before. Ids of communities
            are those of the base map; an empty one means no community.
        """
        import pandas as pd

        old = self.question.old
        communities = [
            (c.id, c.name, c.participants, len(c.townships), c.centre, c.convener, c.travel, c.old, c.changed)
            for c in self.communities
        ]
        townships = [
            (
                town,
                self.question.graph.nodes[town]["schools"],
                c.id,
                NOWHERE if old is None else old.map.home.get(town, NOWHERE),
            )
            for c in self.communities
            for town in c.townships
        ]
        schools = [
            (
                code,
                self.question.base.map.place[code],
                c.id,
                NOWHERE if old is None else old.map.member.get(code, NOWHERE),
                code in self.moved_schools,
            )
            for c in self.communities
            for code in c.members
        ]
        heads = ("community", "name", "schools", "townships", "centre", "school", "travel", "old", "changed")
        return {
            "communities": pd.DataFrame(communities, columns=list(heads)),
            "townships": pd.DataFrame(townships, columns=["township", "schools", "community", "before"]),
            "schools": pd.DataFrame(schools, columns=["school", "township", "community", "before", "changed"]),
        }

    def to_dict(self) -> dict[str, Any]:
        """The content of ``design.json``."""
        from assigner.boundary.design_answer import design_document

        return design_document(self)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the files of the answer into a folder (see `assigner.boundary.design_answer.write_design`)."""
        from assigner.boundary.design_answer import write_design

        return write_design(self, folder, formats)

    def plot(self, ax: Axes | None = None, lang: str | None = None) -> Axes:
        """Draw the map (see `assigner.report.design_map.plot`)."""
        from assigner.report.design_map import plot

        return plot(self, ax, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.design_page import explorer

        return explorer(self, lang)

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        codes = {"optimal": ExitCode.PROVEN, "infeasible": ExitCode.NO_LAWFUL_PLAN}
        return codes.get(self.found.status, ExitCode.STOPPED)


def base_of_roster(roster: Roster, counties: Sequence[str] = ()) -> Base:
    """A base without communities: the schools and junior highs of a roster, in some counties or all.

    Parameters
    ----------
    roster : Roster
    counties : sequence of str
        In any usual spelling; all counties of the roster if none is named.

    Raises
    ------
    assigner.errors.InputError
        A county is unknown or has no senior high, or the township of a school is not known.
    """
    from assigner.roster.members import junior_high_entry, school_entry
    from geodata.geography import embedded

    land = embedded()
    named = _counties(roster, counties)
    towns = {code for code, township in land.townships.items() if township.county in named}
    schools = [school for school in roster.of("senior_high") if school.county in named]
    problems = []
    for school in schools:
        if school.towncode is None:
            what = M_("It is not known in which township {name} lies.", name=school.name or school.code)
            mend = M_("Fill in county and township in the roster.")
            problems.append(Problem(roster.file, Place(), school.code, what, None, mend))
    if problems:
        raise InputError(problems)
    place = {school.code: str(school.towncode) for school in schools}
    juniors = sorted(roster.within("junior_high", frozenset(towns)), key=lambda school: school.code)
    base_map = BaseMap({}, dict.fromkeys(towns, NOWHERE), dict.fromkeys(place, NOWHERE), place)
    files = dict.fromkeys(name for school in (*schools, *juniors) for name in school.sources)
    return Base(
        id=f"design-{roster.year}",
        name="、".join(named) if counties else "",
        map=base_map,
        schools={school.code: school_entry(school) for school in sorted(schools, key=lambda school: school.code)},
        junior_highs={school.code: junior_high_entry(school) for school in juniors},
        junior_town={school.code: str(school.towncode) for school in juniors},
        geography=land,
        sources=tuple(files),
        file=roster.file,
    )


def _counties(roster: Roster, words: Sequence[str]) -> dict[str, None]:
    from geodata.names import FORMER_COUNTIES, normalise, short_county, strip_prefix
    from geodata.townships import townships

    here = {school.county for school in roster.of("senior_high") if school.towncode is not None}
    known = [county for county in dict.fromkeys(t.county for t in townships().values()) if county in here]
    if not words:
        return dict.fromkeys(known)
    found: dict[str, None] = {}
    problems = []
    for word in words:
        name = strip_prefix(normalise(word))
        name = FORMER_COUNTIES.get(name, name)
        meant = [county for county in known if name in (county, short_county(county))]
        if len(meant) == 1:
            found[meant[0]] = None
            continue
        what = M_("The roster has no senior high in a county of this name.")
        expected = M_("one of: {choices}", choices="、".join(known))
        mend = M_("Write another value after {option}.", option="--county")
        problems.append(Problem("", Place("--county"), word, what, expected, mend))
    if problems:
        raise InputError(problems)
    return found


def sizes_for(
    rules: Rules, participants: int, communities: int, least: int | None, most: int | None
) -> tuple[int, int]:
    """Give the limits of size that hold where none are stated.

    At least half of the average, and as many as keep every rule without relaxations; at most as many as hand in one
    plan [捌、一（二）], or one and a half times the average if that is more. Both numbers come from the rulebook.
    """
    average = Fraction(participants, max(1, communities))
    if least is None:
        least = max(least_participants(rules) or 1, int(average / 2))
        least = min(least, most) if most is not None else least
    if most is None:
        most = max(rules.split.most_in_one, int(average * Fraction(3, 2)), least)
    return least, most


# --------------------------------------------------------------------------------------------------------- the question


def question_of(base: Base, old: Base | None = None) -> Question:
    """Measure what a design is to be judged by.

    Parameters
    ----------
    base : Base
        Its townships and schools are designed; its own communities do not matter.
    old : Base, optional
        The map that change is counted against.

    Raises
    ------
    assigner.errors.InputError
        Nobody takes part, or a way to an island is missing.
    """
    ready = prepared(base)
    towns = sorted({*base.map.home, *base.map.place.values()})
    whole = _whole(base, ready, towns)
    problem = whole.problem()
    graph: nx.Graph[str] = _graph(base, towns)
    inside: dict[str, list[str]] = {}
    for code in problem.participants:
        inside.setdefault(base.map.place[code], []).append(code)
    for town in towns:
        graph.nodes[town]["schools"] = len(inside.get(town, ()))
    distances = problem.distances
    centres = {town: _middle(distances, codes) for town, codes in inside.items()}
    columns = {town: distances.column[code] for town, code in centres.items()}
    rows = _weights(problem.rules, problem.community.demand_points)
    per_school = _trips_a_school(problem.rules)
    cost: dict[str, dict[str, Fraction]] = {town: dict.fromkeys(columns, Fraction(0)) for town in towns}
    between, from_demand = distances.between_schools.tolist(), distances.from_demand.tolist()
    for code in problem.participants:
        own, row = cost[base.map.place[code]], between[distances.column[code]]
        for town, column in columns.items():
            own[town] += per_school * row[column]
    for point, row in zip(distances.demand_points, from_demand, strict=True):
        trips = rows.get(point, Fraction(0))
        if trips:
            own = cost[whole.places[point].towncode]
            for town, column in columns.items():
                own[town] += trips * row[column]
    steps = Distances.STEPS_PER_UNIT
    scaled = {town: {centre: number / steps for centre, number in own.items()} for town, own in cost.items()}
    counted = frozenset(problem.participants)
    return Question(base, old, graph, scaled, centres, _homes(old, inside), counted, distances.unit, problem.rules)


def _whole(base: Base, ready: Prepared, towns: Iterable[str]) -> Scenario:
    """All schools and junior highs as one community, to measure ways."""
    if not ready.schools:
        what = M_("The base map has no school.")
        raise InputError([Problem(base.file, Place("schools"), ABSENT, what, None, M_("Add the schools."))])
    return ready.scenario(
        {
            **base.defaults,
            "schema_version": 1,
            "id": "whole",
            "townships": tuple(towns),
            "schools": tuple(ready.schools.values()),
            "junior_highs": tuple(ready.junior_high(code, 1) for code in base.junior_town),
            "links": ready.links,
        }
    )


def _graph(base: Base, towns: Sequence[str]) -> nx.Graph[str]:
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(towns)
    graph.add_edges_from(base.graph.subgraph(towns).edges)
    return graph


def _middle(distances: Distances, codes: Sequence[str]) -> str:
    """Of some schools the one nearest to the others; the first code among equals."""
    columns = [distances.column[code] for code in codes]
    sums = distances.between_schools[columns][:, columns].sum(axis=0).tolist()
    return min(zip(sums, codes, strict=True))[1]


def _trips_a_school(rules: Rules) -> Fraction:
    """Trips a year of a school's people to a convener that hosts every mandatory unit."""
    times = sum((trips.times_a_year for trips in _trips(rules, "participants")), Fraction(0))
    return times * rules.measure("persons_a_school")


def _weights(rules: Rules, points: Iterable[Any]) -> dict[str, Fraction]:
    """Demand point -> trips a year of its teachers and pupils to one host of every mandatory unit."""
    teachers = sum((trips.times_a_year for trips in _trips(rules, "junior_high_teachers")), Fraction(0))
    found = {}
    for point in points:
        total = teachers * point.teachers
        for trips in _trips(rules, "junior_high_pupils"):
            total += trips.times_a_year * sum(point.pupils.get(grade, 0) for grade in trips.grades or (7, 8, 9))
        found[point.id] = Fraction(total) * point.share
    return found


def _trips(rules: Rules, who: str) -> list[Any]:
    """Trips of the units that every plan has and that count for the main load."""
    return [
        unit.trips
        for unit in rules.units.values()
        if unit.trips is not None
        and unit.trips.who == who
        and all(rules.item_by_id[item].mandatory and rules.item_by_id[item].load == "main" for item in unit.items)
    ]


def _homes(old: Base | None, inside: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    if old is None:
        return {}
    homes: dict[str, dict[str, int]] = {}
    for town, codes in inside.items():
        own: dict[str, int] = {}
        for code in codes:
            community = old.map.member.get(code, NOWHERE)
            if community != NOWHERE:
                own[community] = own.get(community, 0) + 1
        if own:
            homes[town] = dict(sorted(own.items()))
    return homes


def _has_plan(base: Base, towns: frozenset[str]) -> bool:
    from models.community import Plan
    from models.conflicts import feasible, relaxed
    from models.convener import choose_convener

    scenario, _dropped = scenario_of_community(base, _map_of(base, {_ONE: towns}, {_ONE: _ONE}), _ONE)
    if scenario is None:
        return False
    problem = relaxed(scenario.problem(), scenario.stated_relaxations)
    return any(feasible(Plan(problem, choice.code)) for choice in choose_convener(problem))


_ONE = "one"
_ABOUT_SCHOOLS = ("convener", "outside_partners", "pins", "bans", "ways", "host_numbers", "exploration")


def _map_of(base: Base, communities: Mapping[str, Iterable[str]], names: Mapping[str, str]) -> BaseMap:
    """The map with these townships, and all schools in them, in these communities."""
    of = {town: community for community, towns in communities.items() for town in towns}
    home = {town: of.get(town, NOWHERE) for town in (*base.map.home, *base.map.place.values())}
    return BaseMap(names, home, {code: of.get(town, NOWHERE) for code, town in base.map.place.items()}, base.map.place)


# ----------------------------------------------------------------------------------------------------------- the answer


def design_communities(
    base: Base,
    communities: int,
    *,
    least: int | None = None,
    most: int | None = None,
    old: Base | None = None,
    change_price: Fraction | int = 0,
    travel_tolerance: Fraction | float | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> DesignedMap:
    """Design communities anew: connected, within limits of size, each with a lawful plan, at the least travel.

    Parameters
    ----------
    base : Base
        Its townships and schools are divided.
    communities : int
    least, most : int, optional
        Participants of a community; see `sizes_for`.
    old : Base, optional
        The map that change is counted against; the base itself if it has communities.
    change_price : Fraction or int
        What a school that changes its community is worth, in person-km a year.
    travel_tolerance : Fraction or float, optional
        In place of a price: first the least travel, then the fewest schools that change their community with at most
        this share more travel (0.05: five per cent).
    work_limit, time_limit, stop, progress
        As `models.design.design` has them.

    Raises
    ------
    assigner.errors.InputError
        The base cannot be measured, or the numbers cannot be.
    """
    if old is None and base.map.names:
        old = base
    question = question_of(base, old)
    total = sum(data["schools"] for data in question.graph.nodes.values())
    low, high = sizes_for(question.rules, total, communities, least, most)
    _refuse(question, communities, low, high)
    tolerance = None if travel_tolerance is None else Fraction(str(travel_tolerance))
    _refuse_tolerance(question, tolerance, change_price)
    if progress is not None:
        progress.tier("travel")
    found = design(
        question.graph,
        communities,
        least=low,
        most=high,
        cost=question.cost,
        old=question.homes or None,
        change_price=change_price,
        able=question.able,
        travel_tolerance=tolerance,
        work_limit=work_limit,
        time_limit=time_limit,
        stop=stop,
        progress=None if progress is None else _Told(progress),
    )
    made = _Made(question, found)
    return DesignedMap(
        question,
        communities,
        low,
        high,
        Fraction(change_price),
        tolerance,
        found,
        None if not found.labels else made.base(),
        () if not found.labels else made.communities,
    )


CHANGING = N_("changed schools")
"""What progress is told."""


class _Told:
    """Tells progress in words what the second step is."""

    def __init__(self, progress: Progress) -> None:
        self.bound, self.incumbent = progress.bound, progress.incumbent
        self._progress = progress

    def tier(self, name: str) -> None:
        self._progress.tier(CHANGING if name == "change" else name)


def _refuse(question: Question, communities: int, least: int, most: int) -> None:
    """Refuse numbers that nothing can be designed with, before anything is searched."""
    towns = len(question.graph)
    problems = []
    if not 1 <= communities <= towns:
        what = M_("So many communities cannot be made of {townships} townships.", townships=towns)
        expected = M_("a whole number from 1 to {most}", most=towns)
        problems.append(_option("--communities", communities, what, expected))
    if least < 1:
        what = M_("A community has at least one school.")
        problems.append(_option("--least", least, what, M_("a whole number from 1 to {most}", most=most)))
    elif least > most:
        what = M_("The smallest size is above the largest ({most}).", most=most)
        problems.append(_option("--least", least, what, M_("a whole number from 1 to {most}", most=most)))
    if problems:
        raise InputError(problems)


def _refuse_tolerance(question: Question, tolerance: Fraction | None, price: Fraction | int) -> None:
    """Refuse a tolerance that says nothing, or that a price contradicts."""
    if tolerance is None:
        return
    option = "--travel-tolerance"
    share = f"{float(tolerance):.6%}"
    if tolerance < 0:
        problem = _option(option, share, M_("A tolerance is not below zero."), M_("a share such as 0.05 or 5%"))
    elif price:
        what = M_("A change has either a price or a tolerance on travel.")
        problem = _option(option, share, what, M_("only one of {one} and {other}", one=option, other="--change-price"))
    elif question.old is None:
        what = M_("There is no old map that change could be counted against.")
        problem = _option(option, share, what, M_("also {option}", option="--from BASE"))
    else:
        return
    raise InputError([problem])


def _option(option: str, value: object, what: Message, expected: Message) -> Problem:
    return Problem("", Place(option), value, what, expected, M_("Write another value after {option}.", option=option))


class _Made:
    """The communities of a design, named."""

    def __init__(self, question: Question, found: Design) -> None:
        self.question, self.found = question, found

    @cached_property
    def _parts(self) -> list[tuple[str, ...]]:
        return [tuple(sorted(towns)) for towns in self.found.parts()]

    @cached_property
    def _ids(self) -> list[str]:
        """An old community keeps its id where its centre is; of several the one with most of its schools has it."""
        claims: dict[str, list[tuple[int, int]]] = {}
        for part, community in enumerate(self.found.old):
            if isinstance(community, str):
                own = sum(self.question.homes.get(town, {}).get(community, 0) for town in self._parts[part])
                claims.setdefault(community, []).append((-own, part))
        kept = {min(parts)[1]: community for community, parts in claims.items()}
        width = len(str(len(self._parts)))
        fresh = (word for number in count(1) if (word := f"n{number:0{width}}") not in claims)
        return [kept.get(part) or next(fresh) for part in range(len(self._parts))]

    @cached_property
    def _names(self) -> list[str]:
        """The old name where the id is kept, else one after the township of the centre."""
        question = self.question
        known = {} if question.old is None else question.old.map.names
        made = [f"{town_name(question.base, centre)}適性學習社區" for centre in self.found.centres]
        return [known.get(own, name) for own, name in zip(self._ids, made, strict=True)]

    @cached_property
    def communities(self) -> tuple[DesignedCommunity, ...]:
        """The communities, in the order of the design."""
        question, found = self.question, self.found
        base = question.base
        rows = []
        for part, towns in enumerate(self._parts):
            centre = found.centres[part]
            inside = set(towns)
            old = found.old[part]
            changed = sum(
                number for town in towns for home, number in question.homes.get(town, {}).items() if home != old
            )
            rows.append(
                DesignedCommunity(
                    self._ids[part],
                    self._names[part],
                    towns,
                    tuple(code for code, town in base.map.place.items() if town in inside),
                    found.sizes[part],
                    centre,
                    question.centres[centre],
                    float(sum((question.cost[town][centre] for town in towns), Fraction(0))),
                    old if isinstance(old, str) else NOWHERE,
                    changed,
                )
            )
        return tuple(rows)

    def base(self) -> Base:
        """The base with the new communities; what the old ones asked for stays with those that keep their id."""
        question = self.question
        of = {community.id: community.townships for community in self.communities}
        names = {community.id: community.name for community in self.communities}
        note = _("Communities designed by the program; nobody decided them.")
        before = question.base.note
        made = replace(
            question.base,
            map=_map_of(question.base, of, names),
            own={},
            invented=True,
            note=before if note in before else f"{before} {note}".strip(),
        )
        return replace(made, own=self._asked(made))

    def _asked(self, made: Base) -> dict[str, dict[str, Any]]:
        """What the communities that keep their id asked for, without what speaks of schools that are no members now."""
        old = self.question.old
        own = {} if old is None else {c: asked for c, asked in old.own.items() if c in made.map.names}
        with_all = replace(made, own=own)
        kept: dict[str, dict[str, Any]] = {}
        for community, asked in own.items():
            data, _dropped = community_data(with_all, made.map, community)
            about = {key: data.get(key) if key in _ABOUT_SCHOOLS else value for key, value in asked.items()}
            kept[community] = {key: value for key, value in about.items() if value}
        return kept
