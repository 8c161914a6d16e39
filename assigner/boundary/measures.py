"""Every measure of the touched communities, before and after: of each, and of all of them together.

Of a community whose new plan is not there yet, `Measure.kept` says what its old plan is worth under the new members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from assigner.boundary.criteria import circle, ways_to
from assigner.boundary.sizes import may_split, most_exploration_hosts
from models.objectives.travel import unit_value
from models.split.measures import merged

if TYPE_CHECKING:
    from assigner.boundary.values import Base, CommunityEffects, Effects, Kept, State
    from geodata.base_map import BaseMap
    from models.audit import Audit
    from models.community import Assignment, Plan, Problem

__all__ = ["ALL", "GROUPS", "TIERS", "Measure", "Value", "measures"]

Value = Fraction | int | str | bool | tuple[Any, ...] | None

ALL = "*"
"""In place of a community: all that are touched, together."""

TIERS = ("unwilling", "exploration", "overload", "load", "travel", "preference", "separate")
"""Aims whose values are told, in the order of the rulebook."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "size": ("schools", "townships", "pieces", "exploration_cap", "may_split"),
    "plan": ("status", "convener", "relaxations", "duties", "largest_load", *TIERS),
    "travel": ("travel_of",),
    "criteria": ("categories", "circle", "member_mean", "member_largest", "convener_mean", "convener_largest"),
}
"""The measures, in the order in which they are told."""


@dataclass(frozen=True)
class Measure:
    """One measure of a community.

    Parameters
    ----------
    community : str
        Id, or `ALL`.
    code : str
        One of `GROUPS`.
    part : str
        Of ``travel_of`` the unit; otherwise empty.
    before, after : Value
        None where it does not exist, or is not known yet.
    kept : Value
        Under the new members with the duties of the old plan; None where it says nothing.
    unit : str
        ``person_km``, ``person_minutes``, ``km``, ``minutes``, ``share``; empty for numbers and words.
    """

    community: str
    code: str
    part: str
    before: Value
    after: Value
    kept: Value = None
    unit: str = ""

    @property
    def change(self) -> Fraction | None:
        """After minus before; None unless both are numbers."""
        pair = (self.before, self.after)
        if any(isinstance(value, bool) or not isinstance(value, int | Fraction) for value in pair):
            return None
        return Fraction(self.after) - Fraction(self.before)  # type: ignore[arg-type]

    @property
    def changed(self) -> bool:
        """Whether it is another one."""
        return self.before != self.after


_known: WeakKeyDictionary[Effects, tuple[Measure, ...]] = WeakKeyDictionary()


def measures(effects: Effects) -> tuple[Measure, ...]:
    """All measures: community by community, those of all together last; worked out once."""
    if effects not in _known:
        _known[effects] = _measured(effects)
    return _known[effects]


def _measured(effects: Effects) -> tuple[Measure, ...]:
    found: list[Measure] = []
    sides = []
    for entry in effects.communities:
        before = _Side.of(effects.base, effects.base.map, entry.before)
        after = _Side.of(effects.base, effects.map, entry.after)
        kept = None if entry.kept is None or effects_known(entry) else _Side.kept(entry.kept)
        sides.append((before, after))
        found += _rows(entry.id, before, after, kept)
    if len(sides) > 1:
        found += _rows(ALL, _together([one for one, _ in sides]), _together([other for _, other in sides]), None)
    return tuple(found)


def effects_known(entry: CommunityEffects) -> bool:
    """Whether a community has its new plan, or needs none."""
    return entry.after is None or entry.after.scenario is None or entry.after.result is not None


@dataclass(frozen=True)
class _Side:
    """The measures of one community under one map."""

    values: Mapping[tuple[str, str], Value]
    weights: Mapping[str, Fraction]
    """Pupils, and of them those in the circle: to put means and shares of several communities together."""
    distance_unit: str = "km"

    @classmethod
    def of(cls, base: Base, base_map: BaseMap, state: State | None) -> _Side | None:
        if state is None:
            return None
        if state not in _sides:  # the same one is looked at under map after map
            _sides[state] = cls._of(base, base_map, state)
        return _sides[state]

    @classmethod
    def _of(cls, base: Base, base_map: BaseMap, state: State) -> _Side:
        outline, result = state.outline, state.result
        values: dict[tuple[str, str], Value] = {
            ("schools", ""): 0,
            ("townships", ""): len(outline.territory),
            ("pieces", ""): len(outline.pieces),
        }
        if state.scenario is None:
            return cls(values, {})
        problem = state.scenario.problem() if result is None else result.problem
        values[("schools", "")] = len(problem.participants)
        values[("exploration_cap", "")] = most_exploration_hosts(problem)
        values[("may_split", "")] = may_split(problem)
        if result is not None:
            values[("status", "")] = result.status
            values[("relaxations", "")] = tuple(entry.relaxation.id for entry in result.relaxations)
        if result is not None and result.assignment is not None and result.audit is not None:
            values |= _of_plan(result.plan, result.assignment, result.audit)
        values[("categories", "")] = _categories(problem)
        inside, pupils = circle(base, base_map, outline.id, problem)
        values[("circle", "")] = inside / pupils if pupils else None
        values |= _ways(problem, "member", problem.participants)
        return cls(values, {"pupils": pupils, "inside": inside}, problem.distances.unit)

    @classmethod
    def kept(cls, kept: Kept) -> _Side:
        return cls(_of_plan(kept.plan, kept.assignment, kept.audit), {}, kept.plan.problem.distances.unit)

    def get(self, code: str, part: str = "") -> Value:
        return self.values.get((code, part))


_sides: WeakKeyDictionary[State, _Side] = WeakKeyDictionary()


def _of_plan(plan: Plan, assignment: Assignment, audit: Audit) -> dict[tuple[str, str], Value]:
    loads = audit.values["load"]
    values: dict[tuple[str, str], Value] = {
        ("convener", ""): assignment.convener,
        ("duties", ""): sum(len(codes) for codes in assignment.hosts.values()),
        ("largest_load", ""): loads[0] if loads else None,
    }
    for tier in TIERS:
        value = audit.values[tier]
        values[(tier, "")] = value / 10 if tier == "travel" else value
    for unit in plan.rules.units.values():
        if unit.trips is not None and (assignment.unit_hosts(unit.items) or plan.has_some_host(unit.id)):
            values[("travel_of", unit.id)] = unit_value(plan, unit, assignment) / 10
    return values | _ways(plan.problem, "convener", (assignment.convener,))


def _ways(problem: Problem, to: str, codes: Sequence[str]) -> dict[tuple[str, str], Value]:
    found = ways_to(problem, codes)
    return {(f"{to}_mean", ""): found.mean, (f"{to}_largest", ""): found.largest}


def _categories(problem: Problem) -> tuple[str, ...]:
    schools = problem.community.school_by_code
    present = {category for code in problem.participants for category in schools[code].categories or ()}
    return tuple(category.id for category in problem.rules.rulebook.categories.list_ if category.id in present)


# ------------------------------------------------------------------------------------------------------------ as rows


def _rows(community: str, before: _Side | None, after: _Side | None, kept: _Side | None) -> Iterable[Measure]:
    sides = (before, after, kept)
    unit = next((side.distance_unit for side in (after, before) if side is not None), "km")
    for codes in GROUPS.values():
        for code in codes:
            parts = dict.fromkeys(p for side in sides if side is not None for c, p in side.values if c == code)
            for part in parts:
                was, now, still = (None if side is None else side.get(code, part) for side in sides)
                yield Measure(community, code, part, was, now, still, _unit_of(code, unit))


def _unit_of(code: str, unit: str) -> str:
    if code in ("travel", "travel_of"):
        return f"person_{unit}"
    if code == "circle":
        return "share"
    return unit if code.endswith(("_mean", "_largest")) else ""


def _together(sides: Sequence[_Side | None]) -> _Side:
    """The measures of several communities together; a plan that is missing leaves out what is said of plans."""
    known = [side for side in sides if side is not None]
    values: dict[tuple[str, str], Value] = {}
    planned = [side for side in known if side.values[("schools", "")]]
    complete = all(side.get("duties") is not None for side in planned)
    for code in ("schools", "pieces", "exploration_cap"):
        values[(code, "")] = _sum(side.get(code) for side in known)
    if complete and planned:
        values[("duties", "")] = _sum(side.get("duties") for side in planned)
        values[("largest_load", "")] = _most(side.get("largest_load") for side in planned)
        for tier in TIERS:
            values[(tier, "")] = _merge(tier, [side.get(tier) for side in planned])
        for part in dict.fromkeys(p for side in planned for c, p in side.values if c == "travel_of"):
            values[("travel_of", part)] = _sum(side.get("travel_of", part) for side in planned)
        _mean(values, planned, "convener")
    pupils = sum((side.weights["pupils"] for side in planned), Fraction(0))
    if pupils:
        values[("circle", "")] = sum((side.weights["inside"] for side in planned), Fraction(0)) / pupils
    _mean(values, planned, "member")
    unit = next((side.distance_unit for side in planned), "km")
    return _Side(values, {}, unit)


def _sum(values: Iterable[Value]) -> Value:
    numbers = [Fraction(value) for value in values if isinstance(value, int | Fraction)]
    total = sum(numbers, Fraction(0))
    return int(total) if total.denominator == 1 else total


def _most(values: Iterable[Value]) -> Value:
    return max((Fraction(value) for value in values if isinstance(value, int | Fraction)), default=None)


def _merge(tier: str, values: Sequence[Any]) -> Value:
    """A tier over the schools of several communities (`models.split.measures.merged`)."""
    whole = values[0]
    for value in values[1:]:
        if isinstance(whole, tuple) != isinstance(value, tuple):  # told in different ways in different communities
            return None
        whole = merged(tier, whole, value)
    found: Value = whole
    return found


def _mean(values: dict[tuple[str, str], Value], sides: Sequence[_Side], to: str) -> None:
    """Mean over the pupils of all communities, and the largest."""
    weighted = [(side.get(f"{to}_mean"), side.weights["pupils"]) for side in sides]
    known = [(Fraction(mean), pupils) for mean, pupils in weighted if isinstance(mean, int | Fraction)]
    total = sum((pupils for _, pupils in known), Fraction(0))
    if total:
        values[(f"{to}_mean", "")] = sum((mean * pupils for mean, pupils in known), Fraction(0)) / total
        values[(f"{to}_largest", "")] = _most(side.get(f"{to}_largest") for side in sides)
