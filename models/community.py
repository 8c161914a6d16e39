"""The values the mathematics works on: schools, junior highs, wishes, distances, plans, assignments.

All are frozen and validated when built; units are in the names. Nothing here knows a file, a map or a solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.rulebook import Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Assignment",
    "Community",
    "DemandPoint",
    "Distances",
    "OutsidePartner",
    "Plan",
    "Problem",
    "School",
    "Wishes",
]

Willingness = Literal["willing", "if_needed", "unwilling", "cannot"]
Suitability = Literal["suited", "neutral", "unsuited"]

#: From best to worst: a unit of several items takes the worst of them.
WILLINGNESS_ORDER: tuple[Willingness, ...] = ("willing", "if_needed", "unwilling", "cannot")
SUITABILITY_ORDER: tuple[Suitability, ...] = ("suited", "neutral", "unsuited")

#: Key under which a school states whether it would convene.
CONVENER_KEY = "convener"


def _frozen(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(mapping))


@dataclass(frozen=True)
class School:
    """A senior high or special-education school.

    Parameters
    ----------
    code : str
        The ministry's 6-character code: the key, since names drift.
    name : str
    participates : bool
        Takes part by choice; an abstaining school is no participant [參].
    benchmark : bool
        精進標竿學校, appointed for 夥伴優質.
    barred : bool
        Public school already subsidised under 學習區完全免試入學 [捌、一（七）].
    public : bool or None
    special_education, rare_programme, talent_class, resource_weak, transfer_places, industry_academia : bool
        Flags of the programme.
    below_registration : bool
        Registration rate below the standard [捌、二（二）2].
    categories : frozenset of str or None
        Course categories by id; None when unknown.
    suitability : Mapping[str, Suitability]
        Item -> how well it suits; items not named follow the categories.
    willingness : Mapping[str, Willingness]
        Item (or unit, or ``"convener"``) -> willingness; nothing said is ``"if_needed"``.
    reasons : Mapping[str, str]
        Item -> the school's words.
    capacity_points : Fraction or None
        None: the rulebook's.
    load_limit_hard : bool
        The capacity is a hard limit instead of a soft one.
    history_points : Fraction
        Load carried over.
    last_year : frozenset of str
        Items hosted last year.
    """

    code: str
    name: str = ""
    participates: bool = True
    benchmark: bool = False
    barred: bool = False
    public: bool | None = None
    special_education: bool = False
    rare_programme: bool = False
    talent_class: bool = False
    resource_weak: bool = False
    transfer_places: bool = False
    below_registration: bool = False
    industry_academia: bool = False
    categories: frozenset[str] | None = None
    suitability: Mapping[str, Suitability] = field(default_factory=dict)
    willingness: Mapping[str, Willingness] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    capacity_points: Fraction | None = None
    load_limit_hard: bool = False
    history_points: Fraction = Fraction(0)
    last_year: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a school needs a code")
        if self.capacity_points is not None and self.capacity_points <= 0:
            raise ValueError(f"{self.code}: capacity_points must be above zero")
        if self.history_points < 0:
            raise ValueError(f"{self.code}: history_points must not be negative")
        for name in ("suitability", "willingness", "reasons"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))


@dataclass(frozen=True)
class DemandPoint:
    """A junior high (or, without data on them, a township) whose teachers and pupils travel.

    Parameters
    ----------
    id : str
    name : str
    pupils : Mapping[int, int]
        Grade (7, 8, 9) -> pupils.
    teachers : Fraction
        Teachers sent to each occasion.
    share : Fraction
        Part of its people that count here: one half in each plan when it serves both plans of a split community.
    """

    id: str
    name: str = ""
    pupils: Mapping[int, int] = field(default_factory=dict)
    teachers: Fraction = Fraction(1)
    share: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if any(count < 0 for count in self.pupils.values()) or self.teachers < 0:
            raise ValueError(f"{self.id}: negative number of people")
        if not 0 < self.share <= 1:
            raise ValueError(f"{self.id}: share must be above zero and at most one")
        object.__setattr__(self, "pupils", _frozen(self.pupils))


@dataclass(frozen=True)
class OutsidePartner:
    """A school of another community that takes part in some items here [捌、一（三）], without counting in n."""

    code: str
    name: str
    items: frozenset[str]
    because: Literal["special_education", "rare_programme", "talent_class"]


@dataclass(frozen=True)
class Community:
    """A learning community: its schools, the junior highs it serves, partners from outside.

    Schools, demand points and partners are kept sorted by code, so that nothing depends on the order of a file.
    """

    id: str
    name: str
    schools: tuple[School, ...]
    demand_points: tuple[DemandPoint, ...] = ()
    outside_partners: tuple[OutsidePartner, ...] = ()
    learning_area: bool = False

    def __post_init__(self) -> None:
        for name, key in (("schools", "code"), ("demand_points", "id"), ("outside_partners", "code")):
            entries = sorted(getattr(self, name), key=attrgetter(key))
            keys = [getattr(entry, key) for entry in entries]
            if len(set(keys)) != len(keys):
                raise ValueError(f"duplicate among {name}")
            object.__setattr__(self, name, tuple(entries))
        inside = {school.code for school in self.schools}
        if any(partner.code in inside for partner in self.outside_partners):
            raise ValueError("an outside partner is a school of the community")

    @cached_property
    def school_by_code(self) -> Mapping[str, School]:
        """Schools by code, in code order."""
        return {school.code: school for school in self.schools}


@dataclass(frozen=True)
class Wishes:
    """What the planner asks for beside the rules.

    Parameters
    ----------
    convener : str or None
        School code; None asks for one to be chosen.
    pins, bans : frozenset of (item, code)
        Hosts fixed and excluded.
    host_numbers : Mapping[str, int]
        Item -> number of hosts wanted (beside the benchmark schools); optional items are hosted only if named.
    exploration_numbers : Mapping[str, int]
        Track -> number of hosts, used when the switch ``exploration_number`` is ``stated``.
    exploration_within : int or None
        Distance in the units of `Distances`, used when the switch is ``within_distance``.
    ways : Mapping[str, tuple of str]
        School -> ways of promotion it has decided on.
    tier_order : tuple of str
        Empty: the rulebook's.
    tolerances : Mapping[str, Fraction]
        Tier -> share by which its optimum may be exceeded for the sake of the tiers after it.
    """

    convener: str | None = None
    pins: frozenset[tuple[str, str]] = frozenset()
    bans: frozenset[tuple[str, str]] = frozenset()
    host_numbers: Mapping[str, int] = field(default_factory=dict)
    exploration_numbers: Mapping[str, int] = field(default_factory=dict)
    exploration_within: int | None = None
    ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tier_order: tuple[str, ...] = ()
    tolerances: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("host_numbers", "exploration_numbers", "ways", "tolerances"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))


@dataclass(frozen=True)
class Distances:
    """Distances as integers: hundreds of metres (unit ``km``) or tenths of a minute (unit ``minutes``).

    Integers make every travel value exact, so that the model, the audit and a second solver agree to the digit.

    Parameters
    ----------
    schools : tuple of str
        Codes, the columns of both tables and the rows of the first.
    demand_points : tuple of str
        Ids, the rows of the second.
    between_schools : int array of shape (schools, schools)
        From the traveller's school (row) to the host (column), one way.
    from_demand : int array of shape (demand points, schools)
    unit : {"km", "minutes"}
    """

    schools: tuple[str, ...]
    demand_points: tuple[str, ...]
    between_schools: NDArray[np.int64]
    from_demand: NDArray[np.int64]
    unit: Literal["km", "minutes"] = "km"

    #: integer steps per unit
    STEPS_PER_UNIT = 10

    def __post_init__(self) -> None:
        shapes = (self.between_schools.shape, self.from_demand.shape)
        expected = ((len(self.schools), len(self.schools)), (len(self.demand_points), len(self.schools)))
        if shapes != expected:
            raise ValueError(f"distance tables have shapes {shapes}, expected {expected}")
        if (self.between_schools < 0).any() or (self.from_demand < 0).any():
            raise ValueError("negative distance")

    @cached_property
    def column(self) -> Mapping[str, int]:
        """School code -> column."""
        return {code: j for j, code in enumerate(self.schools)}

    @cached_property
    def row(self) -> Mapping[str, int]:
        """Demand point id -> row."""
        return {point: i for i, point in enumerate(self.demand_points)}


@dataclass(frozen=True)
class Problem:
    """All that decides the answer: rules, community, wishes, distances.

    Parameters
    ----------
    rules : Rules
    community : Community
    wishes : Wishes
    distances : Distances
    divided_from : int or None
        Participants of the whole community, where this is one of the two plans of a split: the size bands of
        exploration go by it under the switch ``exploration_basis = community``.
    """

    rules: Rules
    community: Community
    wishes: Wishes
    distances: Distances
    divided_from: int | None = None

    def with_rules(self, rules: Rules) -> Problem:
        """The same under other switches."""
        return replace(self, rules=rules)

    @property
    def shares_caps(self) -> bool:
        """Whether the caps of exploration belong to this plan and the other plan of its community together."""
        return self.divided_from is not None and self.rules.option("exploration_basis") == "community"

    def restricted_to(self, units: Iterable[str]) -> Problem:
        """The same as if only some units existed: rules and wishes about the others are left out."""
        items = frozenset(item for unit in units for item in self.rules.units[unit].items)
        ways = {way.id for way in self.rules.rulebook.ways if way.item in items}
        wishes = replace(
            self.wishes,
            ways={code: tuple(w for w in chosen if w in ways) for code, chosen in self.wishes.ways.items()},
            pins=frozenset(pin for pin in self.wishes.pins if pin[0] in items),
            bans=frozenset(ban for ban in self.wishes.bans if ban[0] in items),
            host_numbers={item: number for item, number in self.wishes.host_numbers.items() if item in items},
        )
        return replace(self, rules=self.rules.restricted_to(items), wishes=wishes)

    @cached_property
    def participants(self) -> tuple[str, ...]:
        """Codes of the schools of the plan, convener included: those that take part and are not barred.

        A barred school counts only under the switch ``barred_schools = counted``, and hosts nothing either way.
        """
        barred_count = self.rules.option("barred_schools") == "counted"
        return tuple(s.code for s in self.community.schools if s.participates and (barred_count or not s.barred))

    @cached_property
    def benchmarks(self) -> tuple[str, ...]:
        """Codes of the benchmark schools among the participants."""
        return tuple(c for c in self.participants if self.community.school_by_code[c].benchmark)


@dataclass(frozen=True)
class Plan:
    """A problem with its convener: who has which role. All clauses and objectives are stated on it.

    Parameters
    ----------
    problem : Problem
    convener : str
        Any code; the clauses judge whether it may convene.
    """

    problem: Problem
    convener: str

    @property
    def rules(self) -> Rules:
        """The rules under the choice of switches."""
        return self.problem.rules

    @property
    def wishes(self) -> Wishes:
        """What the planner asks for."""
        return self.problem.wishes

    @property
    def participants(self) -> tuple[str, ...]:
        """See `Problem.participants`."""
        return self.problem.participants

    @cached_property
    def counted(self) -> int:
        """N for the size bands of exploration (switches ``participants_counted``, ``exploration_basis``)."""
        partners_only = self.rules.option("participants_counted") == "partners"
        if self.problem.shares_caps:
            assert self.problem.divided_from is not None
            return self.problem.divided_from - (self.rules.split.plans if partners_only else 0)
        return len(self.role("others") if partners_only else self.participants)

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Codes for which the model has decisions: participants, then outside partners where they may host."""
        allowed = any(clause.hosts_allowed for clause in self.rules.of_kind("outside_partner"))
        outside = (p.code for p in self.problem.community.outside_partners) if allowed else ()
        return (*self.participants, *outside)

    @cached_property
    def _roles(self) -> Mapping[str, tuple[str, ...]]:
        members = self.participants
        benchmark = set(self.problem.benchmarks)
        others = tuple(c for c in members if c != self.convener)
        includes = self.rules.option("partner_includes_convener") == "yes"
        partners = members if includes else others
        return {
            "participants": members,
            "others": others,
            "partners": partners,
            "convener": tuple(c for c in members if c == self.convener),
            "benchmark": self.problem.benchmarks,
            "non_benchmark": tuple(c for c in members if c not in benchmark),
            "non_benchmark_partners": tuple(c for c in partners if c not in benchmark),
        }

    def role(self, name: str) -> tuple[str, ...]:
        """Codes of the schools in a role, sorted.

        Roles: participants, partners (switch: with the convener), others (never the convener), convener, benchmark,
        non_benchmark, non_benchmark_partners.
        """
        return self._roles[name]

    def role_for_item(self, name: str, item: str) -> tuple[str, ...]:
        """A role as it counts for the hosts of an item: with the outside partners that may host the item."""
        members = self._roles[name]
        if name in ("convener", "benchmark"):
            return members
        return (*members, *(c for c in self.candidates[len(self.participants) :] if item in self.outside_items[c]))

    @cached_property
    def outside_items(self) -> Mapping[str, frozenset[str]]:
        """Outside partner -> items it takes part in."""
        return {p.code: p.items for p in self.problem.community.outside_partners}

    def participants_of_item(self, item: str) -> tuple[str, ...]:
        """Schools that take part in an item: all participants, and the outside partners named for it."""
        return (*self.participants, *(c for c, items in self.outside_items.items() if item in items))

    @cached_property
    def forced_hosts(self) -> Mapping[str, frozenset[str]]:
        """Item -> schools that a clause (in force or lifted) obliges to host it by their role."""
        forced: dict[str, set[str]] = {}
        for clause in self.rules.stated_of_kind("role_hosts"):
            for item in clause.items:
                forced.setdefault(item, set()).update(self.role(clause.role))
        return {item: frozenset(codes) for item, codes in forced.items()}

    @cached_property
    def host_counts(self) -> Mapping[str, tuple[str, int]]:
        """Item -> (role among which its hosts are counted, at least how many), from its host_count clause.

        Where the role is empty and the clause names another for that case, that one. A lifted clause counts as well.
        """
        counts: dict[str, tuple[str, int]] = {}
        for clause in self.rules.stated_of_kind("host_count"):
            if not clause.together:
                for item in clause.items:
                    counts[item] = (self.counted_role(clause, item), clause.at_least)
        return counts

    def counted_role(self, clause: Any, item: str) -> str:
        """The role among which a host_count clause counts the hosts of an item."""
        role: str = clause.among
        if clause.if_none is not None and not self.role_for_item(role, item):
            role = clause.if_none
        return role

    def has_one_host(self, unit: str) -> bool:
        """Whether the clauses in force leave a unit exactly one host in every lawful plan."""
        items = self.rules.units[unit].items
        return self.has_one_free_host(unit) and not any(self.forced_hosts.get(item) for item in items)

    def has_one_free_host(self, unit: str) -> bool:
        """Whether a unit has, beside the hosts forced by their role, exactly one in every lawful plan."""
        items = self.rules.units[unit].items
        if not self.has_same_hosts(unit) or self._is_loosened(unit):
            return False
        item = items[0]
        role, least = self.host_counts.get(item, ("participants", 0))
        forced = self.forced_hosts.get(item, frozenset())
        if least != 1 or any(code in forced for code in self.role_for_item(role, item)):
            return False
        for law in self.rules.of_kind("host_count"):
            if item in law.items and not law.together and law.at_most == 1 and law.among == "participants":
                return not forced
        if item in self.rules.tracks:
            caps = self.rules.of_kind("track_cap")
            return any(item in c.items and c.band_for(self.counted).most_per_track == 1 for c in caps)
        wanted = max(self.wishes.host_numbers.get(item, 1), self.free_pins(item))
        return bool(self.rules.of_kind("host_number")) and wanted == 1

    def has_some_host(self, unit: str) -> bool:
        """Whether the clauses in force give a unit at least one host in every lawful plan."""
        return not self._is_loosened(unit) and any(
            self.forced_hosts.get(item)
            or self.host_counts.get(item, ("", 0))[1] >= 1
            or (
                item not in self.rules.tracks
                and self.wishes.host_numbers.get(item, 0) >= 1
                and self.rules.of_kind("host_number")
            )
            for item in self.rules.units[unit].items
        )

    def has_same_hosts(self, unit: str) -> bool:
        """Whether the clauses in force give all items of a unit the same hosts."""
        items = self.rules.units[unit].items
        return len(items) == 1 or any(set(items) <= set(clause.items) for clause in self.rules.of_kind("same_hosts"))

    def _is_loosened(self, unit: str) -> bool:
        """Whether a lifted clause obliged hosts of the unit by their role or number."""
        items = self.rules.units[unit].items
        return bool(self.rules.lifted) and any(
            clause.id in self.rules.lifted and not set(items).isdisjoint(clause.items)
            for kind in ("role_hosts", "host_count")
            for clause in self.rules.stated_of_kind(kind)
        )

    def free_pins(self, item: str) -> int:
        """Number of candidates pinned to an item that are not obliged to host it anyway."""
        forced = self.forced_hosts.get(item, frozenset())
        return sum(
            pinned == item and code in self.candidates and code not in forced for pinned, code in self.wishes.pins
        )

    def ways_allowed(self, code: str, at_least: int, one_of: tuple[str, ...]) -> int:
        """Most ways a school uses: as many as the clause needs beside those it has decided on."""
        stated = self.wishes.ways.get(code, ())
        missing = 0 if not one_of or any(way in one_of for way in stated) else 1
        return max(at_least, len(stated) + missing)

    def willingness(self, unit: str, code: str) -> Willingness:
        """How willing a school is to host a unit: the worst of what it said of the unit and its items."""
        return self._willingness.get((unit, code), "if_needed")

    @cached_property
    def _willingness(self) -> Mapping[tuple[str, str], Willingness]:
        result: dict[tuple[str, str], Willingness] = {}
        unit_of = self.rules.unit_of
        for school in self.problem.community.schools:
            for key, value in school.willingness.items():
                unit = unit_of.get(key, key)
                if (unit, school.code) in result:
                    value = max(value, result[unit, school.code], key=WILLINGNESS_ORDER.index)
                result[unit, school.code] = value
        return result

    def capacity(self, code: str) -> Fraction:
        """Points the school is taken to carry; outside partners have the rulebook's."""
        school = self.problem.community.school_by_code.get(code)
        if school is not None and school.capacity_points is not None:
            return school.capacity_points
        weak = school is not None and school.resource_weak
        return self.rules.measure("resource_weak_capacity_points" if weak else "capacity_points")

    def fixed_points(self, code: str) -> Fraction:
        """Load before any item: what is carried over, and the convener's base."""
        school = self.problem.community.school_by_code.get(code)
        points = school.history_points if school is not None else Fraction(0)
        if code == self.convener:
            points += self.rules.measure("convener_base_points")
        return points


@dataclass(frozen=True)
class Assignment:
    """Who does what: the answer of a solver, or what somebody wrote down.

    Parameters
    ----------
    convener : str
    hosts : Mapping[str, tuple of str]
        Item id -> codes of its hosts, sorted; items without hosts are left out. Codes may be unknown: the audit says.
    ways : Mapping[str, tuple of str]
        School -> ways of promotion chosen.
    """

    convener: str
    hosts: Mapping[str, tuple[str, ...]]
    ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hosts", _frozen({i: tuple(sorted(set(c))) for i, c in self.hosts.items() if c}))
        object.__setattr__(self, "ways", _frozen({s: tuple(sorted(set(w))) for s, w in self.ways.items() if w}))

    def hosts_of(self, item: str) -> tuple[str, ...]:
        """Hosts of an item, sorted; empty when nobody hosts it."""
        return self.hosts.get(item, ())

    def unit_hosts(self, items: Iterable[str]) -> tuple[str, ...]:
        """Schools that host at least one of the items, sorted."""
        return tuple(sorted({code for item in items for code in self.hosts_of(item)}))

    def units_of(self, rules: Rules) -> Mapping[str, tuple[str, ...]]:
        """School -> units it hosts, in the rulebook's order."""
        result: dict[str, list[str]] = {}
        for unit in rules.units.values():
            for code in self.unit_hosts(unit.items):
                result.setdefault(code, []).append(unit.id)
        return {code: tuple(units) for code, units in result.items()}
