"""What the data say, before any clause: who has which role, what each school carries, what each host costs.

Written from ``docs/semantics.md`` and the rulebook, without a look at the product's clauses and objectives;
of the product only the values (`models.community`) and the rules as data (`models.rulebook`) are used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from models.community import Problem, School

__all__ = ["TIERS", "Reading", "read"]

#: The aims in their default order.
TIERS = ("unwilling", "exploration", "overload", "load", "travel", "preference", "separate", "tie_break")

_WILLINGNESS = {"willing": 0, "if_needed": 1, "unwilling": 2, "cannot": 3}
_SUITABILITY = {"suited": 0, "neutral": 1, "unsuited": 2}
_NEVER_OUTSIDE = {"convener", "benchmark"}


class Reading:
    """A problem under one convener.

    Parameters
    ----------
    problem : Problem
    convener : str
        Any code; whether it may convene is for the clauses to say.
    """

    def __init__(self, problem: Problem, convener: str) -> None:
        self.problem = problem
        self.rules = problem.rules
        self.wishes = problem.wishes
        self.convener = convener
        self.school: dict[str, School] = {s.code: s for s in problem.community.schools}
        counted = self.rules.option("barred_schools") == "counted"
        taking_part = [s for s in self.school.values() if s.participates and (counted or not s.barred)]
        self.members = frozenset(s.code for s in taking_part)
        self.benchmarks = frozenset(s.code for s in taking_part if s.benchmark)
        self.outside = {p.code: p.items for p in problem.community.outside_partners}
        self.outside_may_host = any(
            clause.hosts_allowed for clause in self.rules.clauses if clause.kind == "outside_partner"
        )
        hosts_from_outside = self.outside if self.outside_may_host else {}
        #: everybody who may come into question as a host, and whose load counts; in the order of codes
        self.candidates = tuple(sorted({*self.members, *hosts_from_outside}))
        self.items = tuple(item.id for item in self.rules.rulebook.items)

    # ------------------------------------------------------------------------------------------------- roles
    def role(self, name: str, item: str | None = None) -> frozenset[str]:
        """Schools of a role; with an item also the partners from outside that may host that item."""
        members, others = self.members, self.members - {self.convener}
        partners = members if self.rules.option("partner_includes_convener") == "yes" else others
        schools = {
            "participants": members,
            "others": others,
            "partners": partners,
            "convener": members & {self.convener},
            "benchmark": self.benchmarks,
            "non_benchmark": members - self.benchmarks,
            "non_benchmark_partners": partners - self.benchmarks,
        }[name]
        if item is None or name in _NEVER_OUTSIDE or not self.outside_may_host:
            return schools
        return schools | {code for code, items in self.outside.items() if item in items}

    def counting_role(self, clause: Any, item: str) -> frozenset[str]:
        """Schools among which a host_count clause counts the hosts of an item."""
        among = self.role(clause.among, item)
        return among if among or clause.if_none is None else self.role(clause.if_none, item)

    @cached_property
    def forced(self) -> dict[str, frozenset[str]]:
        """Item -> schools that must host it by their role (partners from outside are never obliged)."""
        forced: dict[str, frozenset[str]] = {item: frozenset() for item in self.items}
        for clause in self.rules.stated:  # a lifted clause need not be kept, but still says who is obliged
            if clause.kind == "role_hosts":
                for item in clause.items:
                    forced[item] |= self.role(clause.role)
        return forced

    @cached_property
    def n(self) -> int:
        """Schools that count for the size bands of exploration."""
        partners_only = self.rules.option("participants_counted") == "partners"
        return len(self.role("others") if partners_only else self.members)

    def host_number(self, item: str) -> tuple[int, int, frozenset[str]]:
        """Limits that the planner's number puts on an item.

        Returns
        -------
        most_unforced : int
            Most hosts beside the forced ones.
        least : int
            Fewest hosts among the third value; 0 when nothing is asked.
        among : frozenset of str
        """
        among, at_least = self.role("participants", item), 0
        for clause in self.rules.stated:
            if clause.kind == "host_count" and item in clause.items:
                among, at_least = self.counting_role(clause, item), clause.at_least
        wanted = self.wishes.host_numbers.get(item, at_least)
        # To pin a school is to ask for it.
        everybody = self.role("participants", item)
        pinned = {code for what, code in self.wishes.pins if what == item} & everybody
        most = max(0, wanted - len(self.forced[item] & among), len(pinned - self.forced[item]))
        return most, wanted if wanted > at_least else 0, among

    # --------------------------------------------------------------------------------------- what schools say
    def willingness(self, unit: str, code: str) -> str:
        """The worst that a school said of the unit or one of its items; nothing said is ``if_needed``."""
        school = self.school.get(code)
        if school is None:
            return "if_needed"
        keys = {unit, *self.rules.units[unit].items} if unit in self.rules.units else {unit}
        said = [school.willingness[key] for key in keys if key in school.willingness]
        return max(said, key=_WILLINGNESS.__getitem__, default="if_needed")

    def preference(self, unit: str, code: str) -> Fraction:
        """Cost of one host in the tier of suitability and rotation."""
        rules, school, items = self.rules, self.school.get(code), self.rules.units[unit].items
        worst = max((self._suitability(school, item) for item in items), key=_SUITABILITY.__getitem__)
        cost = {"suited": Fraction(0), "neutral": rules.measure("neutral_cost")}.get(
            worst, rules.measure("unsuitable_cost")
        )
        if self.willingness(unit, code) != "willing":
            cost += rules.measure("not_willing_cost")
        if school is not None and any(item in school.last_year for item in items):
            cost += rules.measure("rotation_cost")
        return cost

    def _suitability(self, school: School | None, item: str) -> str:
        if school is None:
            return "neutral"
        if item in school.suitability:
            return school.suitability[item]
        suits = {c for s in self.rules.rulebook.categories.suits if s.item == item for c in s.categories}
        return "suited" if suits & (school.categories or frozenset()) else "neutral"

    # ------------------------------------------------------------------------------------------------- loads
    def capacity(self, code: str) -> Fraction:
        """Points a school is taken to carry."""
        school = self.school.get(code)
        if school is not None and school.capacity_points is not None:
            return school.capacity_points
        weak = school is not None and school.resource_weak
        return self.rules.measure("resource_weak_capacity_points" if weak else "capacity_points")

    def fixed(self, code: str) -> Fraction:
        """Points before any item: history, and the base of the convener."""
        school = self.school.get(code)
        history = school.history_points if school is not None else Fraction(0)
        return history + (self.rules.measure("convener_base_points") if code == self.convener else 0)

    def level(self, code: str, effort: Fraction) -> Fraction:
        """Level of a school that carries so much effort in load units."""
        points = self.fixed(code) + effort
        scale = self.rules.option("load_scale")
        if scale == "points":
            return Fraction(math.ceil(points))
        ratio = points / self.capacity(code)
        return ratio if scale == "exact" else Fraction(math.ceil(ratio / self.rules.measure("load_band")))

    def effort(self, unit: str) -> Fraction:
        """Points of hosting a unit."""
        return self.rules.units[unit].effort_points

    # ------------------------------------------------------------------------------------------------- travel
    def host_travel(self, unit: str, host: str) -> Fraction:
        """Person-distance a year of all participants of the unit to one host; 0 for other trips."""
        trips = self.rules.units[unit].trips
        if trips is None or trips.who != "participants":
            return Fraction(0)
        table, column = self.problem.distances.between_schools, self.problem.distances.column
        way = sum(int(table[column[p], column[host]]) for p in self.travellers(unit))
        return trips.times_a_year * self.rules.measure("persons_a_school") * way

    def travellers(self, unit: str) -> frozenset[str]:
        """Schools that take part in one of the unit's items."""
        items = self.rules.units[unit].items
        return self.members | {code for code, named in self.outside.items() if named.intersection(items)}

    def demand(self, unit: str) -> list[tuple[int, Fraction]]:
        """Rows of the demand points that travel to the nearest host, with persons a year; else empty."""
        trips = self.rules.units[unit].trips
        if trips is None or trips.who == "participants":
            return []
        row = self.problem.distances.row
        result = []
        for point in self.problem.community.demand_points:
            if trips.who == "junior_high_teachers":
                persons = point.teachers
            else:
                persons = Fraction(sum(point.pupils.get(grade, 0) for grade in trips.grades))
            # a point that two plans of a split community share counts half in each
            if persons * trips.times_a_year > 0:
                result.append((row[point.id], persons * trips.times_a_year * point.share))
        return result

    def distance(self, row: int, host: str) -> int:
        """Distance from a demand point (row) to a host."""
        return int(self.problem.distances.from_demand[row, self.problem.distances.column[host]])

    def uncovered(self, hosts: Iterable[str]) -> int:
        """Demand points without a host within the planner's distance."""
        within, distances = self.wishes.exploration_within, self.problem.distances
        rows = [distances.row[point.id] for point in self.problem.community.demand_points]
        hosts = tuple(hosts)
        return sum(1 for row in rows if within is None or all(self.distance(row, h) > within for h in hosts))

    # ------------------------------------------------------------------------------------------------- order
    @cached_property
    def order(self) -> tuple[str, ...]:
        """Aims in the order that holds: the planner's, else the rulebook's."""
        return tuple(self.wishes.tier_order or self.rules.rulebook.tiers.order)


@lru_cache(maxsize=16)
def _cached(key: int, convener: str, holder: _Holder) -> Reading:
    return Reading(holder.problem, convener)


class _Holder:
    """Compares by identity, so that a problem with tables can be a key."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.problem is self.problem

    def __hash__(self) -> int:
        return id(self.problem)


def read(problem: Problem, convener: str) -> Reading:
    """The reading of a problem under a convener; the last few are kept."""
    return _cached(id(problem), convener, _Holder(problem))
