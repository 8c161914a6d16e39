"""Changes to a problem, as values: what a planner may ask "what if" about.

Each is applied to a problem and gives another; nothing is solved here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from models.community import Distances, Problem, School, Wishes
from models.rulebook import Rulebook

__all__ = [
    "Add",
    "Capacity",
    "Change",
    "ChangeError",
    "Convener",
    "Effort",
    "Host",
    "Lift",
    "Measure",
    "NotHost",
    "Order",
    "Switch",
    "Trips",
    "Unban",
    "Unpin",
    "Without",
    "changed",
    "demands_bind",
    "is_about",
]

Reason = Literal[
    "unknown_item",
    "unknown_unit",
    "unknown_school",
    "takes_part_already",
    "takes_no_part",
    "barred",
    "no_distances",
    "unknown_switch",
    "unknown_option",
    "unknown_measure",
    "unknown_tier",
    "no_trips",
    "out_of_range",
    "not_pinned",
    "not_banned",
    "unknown_clause",
    "not_liftable",
    "not_in_force",
]


class ChangeError(ValueError):
    """A change that cannot be made here.

    Parameters
    ----------
    change : Change
    reason : str
        Id that the message catalogue knows.
    value : str
        What was not found, or is out of range.
    """

    def __init__(self, change: Change, reason: Reason, value: str) -> None:
        self.change, self.reason, self.value = change, reason, value
        super().__init__(f"{type(change).__name__}: {reason}: {value}")


@dataclass(frozen=True)
class Host:
    """The school hosts the item (or every item of the unit)."""

    item: str
    code: str


@dataclass(frozen=True)
class NotHost:
    """The school does not host the item (or no item of the unit)."""

    item: str
    code: str


@dataclass(frozen=True)
class Unpin:
    """A pin is taken back."""

    item: str
    code: str


@dataclass(frozen=True)
class Unban:
    """A ban is taken back."""

    item: str
    code: str


@dataclass(frozen=True)
class Without:
    """The school takes no part any more; what was wished about it falls away."""

    code: str


@dataclass(frozen=True)
class Add:
    """A school takes part: one of the community that abstained, or a new one.

    Parameters
    ----------
    code : str
    school, distances : School and Distances, optional
        A new school, and the tables with it.
    """

    code: str
    school: School | None = None
    distances: Distances | None = None


@dataclass(frozen=True)
class Convener:
    """The school convenes; None: whoever comes first in the ranking."""

    code: str | None


@dataclass(frozen=True)
class Switch:
    """A switch has another option."""

    name: str
    option: str


@dataclass(frozen=True)
class Capacity:
    """The school carries so many points."""

    code: str
    points: Fraction


@dataclass(frozen=True)
class Effort:
    """The unit (or item) counts so many points."""

    unit: str
    points: Fraction


@dataclass(frozen=True)
class Trips:
    """The unit has so many trips a year."""

    unit: str
    times_a_year: Fraction


@dataclass(frozen=True)
class Measure:
    """An assumed number of the rulebook has another value, e.g. ``load_band``."""

    name: str
    value: Fraction


@dataclass(frozen=True)
class Order:
    """The tiers come in this order."""

    tiers: tuple[str, ...]


@dataclass(frozen=True)
class Lift:
    """A clause need not be kept."""

    clause: str


Change = (
    Host
    | NotHost
    | Unpin
    | Unban
    | Without
    | Add
    | Convener
    | Switch
    | Capacity
    | Effort
    | Trips
    | Measure
    | Order
    | Lift
)


def changed(problem: Problem, changes: Iterable[Change]) -> Problem:
    """The problem after some changes, one after the other.

    Raises
    ------
    ChangeError
        A change names something that is not there, or is out of range.
    """
    for change in changes:
        problem = _APPLY[type(change)](problem, change)
    return problem


def is_about(change: Change, problem: Problem) -> tuple[frozenset[str] | None, bool]:
    """Items whose plan a change can move (None: all), and whether it moves the tiers of the load only."""
    match change:
        case Host() | NotHost() | Unpin() | Unban():
            return frozenset(_items(problem, change)), False
        case Effort() | Trips():
            return frozenset(problem.rules.units[_unit(problem, change)].items), False
        case Capacity():
            return None, True
        case Measure(name="load_band" | "capacity_points" | "resource_weak_capacity_points" | "convener_base_points"):
            return None, True
        case Lift(clause=identity):
            clause = next(c for c in problem.rules.rulebook.clauses if c.id == identity)
            if clause.kind == "load_limit":
                return None, True
            return frozenset(clause.items) if hasattr(clause, "items") else None, False
    return None, False


def _items(problem: Problem, change: Host | NotHost | Unpin | Unban) -> tuple[str, ...]:
    rules = problem.rules
    if change.item in rules.item_by_id:
        return (change.item,)
    if change.item in rules.units:
        return rules.units[change.item].items
    raise ChangeError(change, "unknown_item", change.item)


def _unit(problem: Problem, change: Effort | Trips) -> str:
    unit = problem.rules.unit_of.get(change.unit, change.unit)
    if unit not in problem.rules.units:
        raise ChangeError(change, "unknown_unit", change.unit)
    return unit


def _known(problem: Problem, change: Any) -> None:
    outside = {partner.code for partner in problem.community.outside_partners}
    if change.code not in problem.community.school_by_code and change.code not in outside:
        raise ChangeError(change, "unknown_school", change.code)


def _wishing(problem: Problem, **wishes: Any) -> Problem:
    return replace(problem, wishes=replace(problem.wishes, **wishes))


def demands_bind(problem: Problem, change: Host | NotHost) -> None:
    """Refuse a demand on a host where the clause that would keep it (pins, bans) is lifted or missing.

    Raises
    ------
    ChangeError
    """
    kind = "pins" if isinstance(change, Host) else "bans"
    if not problem.rules.of_kind(kind):
        raise ChangeError(change, "not_in_force", kind)


def _host(problem: Problem, change: Host) -> Problem:
    _known(problem, change)
    demands_bind(problem, change)
    pairs = {(item, change.code) for item in _items(problem, change)}
    return _wishing(problem, pins=problem.wishes.pins | pairs)


def _not_host(problem: Problem, change: NotHost) -> Problem:
    _known(problem, change)
    demands_bind(problem, change)
    pairs = {(item, change.code) for item in _items(problem, change)}
    return _wishing(problem, bans=problem.wishes.bans | pairs)


def _unpin(problem: Problem, change: Unpin) -> Problem:
    pairs = {(item, change.code) for item in _items(problem, change)}
    if not pairs & problem.wishes.pins:
        raise ChangeError(change, "not_pinned", f"{change.item} {change.code}")
    return _wishing(problem, pins=problem.wishes.pins - pairs)


def _unban(problem: Problem, change: Unban) -> Problem:
    pairs = {(item, change.code) for item in _items(problem, change)}
    if not pairs & problem.wishes.bans:
        raise ChangeError(change, "not_banned", f"{change.item} {change.code}")
    return _wishing(problem, bans=problem.wishes.bans - pairs)


def _with_school(problem: Problem, school: School) -> Problem:
    others = tuple(other for other in problem.community.schools if other.code != school.code)
    return replace(problem, community=replace(problem.community, schools=(*others, school)))


def _without(problem: Problem, change: Without) -> Problem:
    school = problem.community.school_by_code.get(change.code)
    if school is None:
        raise ChangeError(change, "unknown_school", change.code)
    if not school.participates:
        raise ChangeError(change, "takes_no_part", change.code)
    wishes: Wishes = problem.wishes
    left = replace(
        wishes,
        convener=None if wishes.convener == change.code else wishes.convener,
        pins=frozenset(pin for pin in wishes.pins if pin[1] != change.code),
        bans=frozenset(ban for ban in wishes.bans if ban[1] != change.code),
        ways={code: chosen for code, chosen in wishes.ways.items() if code != change.code},
    )
    return _with_school(replace(problem, wishes=left), replace(school, participates=False))


def _add(problem: Problem, change: Add) -> Problem:
    there = problem.community.school_by_code.get(change.code)
    school = change.school or there
    if school is None or school.code != change.code:
        raise ChangeError(change, "unknown_school", change.code)
    if there is not None and there.participates:
        raise ChangeError(change, "barred" if there.barred else "takes_part_already", change.code)
    if school.barred:
        raise ChangeError(change, "barred", change.code)
    distances = change.distances or problem.distances
    if change.code not in distances.column:
        raise ChangeError(change, "no_distances", change.code)
    return _with_school(replace(problem, distances=distances), replace(school, participates=True))


def _convener(problem: Problem, change: Convener) -> Problem:
    if change.code is not None and change.code not in problem.community.school_by_code:
        raise ChangeError(change, "unknown_school", change.code)
    return _wishing(problem, convener=change.code)


def _switch(problem: Problem, change: Switch) -> Problem:
    switch = problem.rules.rulebook.switch_by_id.get(change.name)
    if switch is None:
        raise ChangeError(change, "unknown_switch", change.name)
    if change.option not in {option.id for option in switch.options}:
        raise ChangeError(change, "unknown_option", change.option)
    return problem.with_rules(problem.rules.with_options({change.name: change.option}))


def _capacity(problem: Problem, change: Capacity) -> Problem:
    school = problem.community.school_by_code.get(change.code)
    if school is None:
        raise ChangeError(change, "unknown_school", change.code)
    if change.points <= 0:
        raise ChangeError(change, "out_of_range", str(change.points))
    return _with_school(problem, replace(school, capacity_points=change.points))


def _book(problem: Problem, **fields: Any) -> Problem:
    """The problem under the rulebook with other fields (a copy would keep what was cached of the old ones)."""
    book = problem.rules.rulebook
    content = {name: getattr(book, name) for name in type(book).model_fields}
    other = Rulebook.model_construct(**{**content, **fields})
    return problem.with_rules(replace(problem.rules, rulebook=other))


def _of_unit(problem: Problem, unit: str, **fields: Any) -> Problem:
    """The problem with other numbers of a unit: of the declared one, or of the item that is a unit of its own."""
    book = problem.rules.rulebook
    key = "units" if any(entry.id == unit for entry in book.units) else "items"
    entries = tuple(e.model_copy(update=fields) if e.id == unit else e for e in getattr(book, key))
    return _book(problem, **{key: entries})


def _effort(problem: Problem, change: Effort) -> Problem:
    unit = _unit(problem, change)
    if change.points < 0:
        raise ChangeError(change, "out_of_range", str(change.points))
    return _of_unit(problem, unit, effort_points=change.points)


def _trips(problem: Problem, change: Trips) -> Problem:
    unit = _unit(problem, change)
    trips = problem.rules.units[unit].trips
    if trips is None:
        raise ChangeError(change, "no_trips", unit)
    if change.times_a_year < 0:
        raise ChangeError(change, "out_of_range", str(change.times_a_year))
    return _of_unit(problem, unit, trips=trips.model_copy(update={"times_a_year": change.times_a_year}))


def _measure(problem: Problem, change: Measure) -> Problem:
    measures = problem.rules.rulebook.measures
    if change.name not in type(measures).model_fields:
        raise ChangeError(change, "unknown_measure", change.name)
    positive = change.name in ("capacity_points", "resource_weak_capacity_points", "load_band")
    if change.value < 0 or (positive and not change.value):
        raise ChangeError(change, "out_of_range", str(change.value))
    entry = getattr(measures, change.name).model_copy(update={"value": change.value})
    return _book(problem, measures=measures.model_copy(update={change.name: entry}))


def _order(problem: Problem, change: Order) -> Problem:
    known = set(problem.rules.rulebook.tiers.order)
    for tier in change.tiers:
        if tier not in known:
            raise ChangeError(change, "unknown_tier", tier)
    return _wishing(problem, tier_order=change.tiers)


def _lift(problem: Problem, change: Lift) -> Problem:
    if change.clause not in {clause.id for clause in problem.rules.rulebook.clauses}:
        raise ChangeError(change, "unknown_clause", change.clause)
    if change.clause not in problem.rules.rulebook.liftable:
        raise ChangeError(change, "not_liftable", change.clause)
    return problem.with_rules(problem.rules.without([change.clause]))


_APPLY: Mapping[type, Callable[[Problem, Any], Problem]] = {
    Host: _host,
    NotHost: _not_host,
    Unpin: _unpin,
    Unban: _unban,
    Without: _without,
    Add: _add,
    Convener: _convener,
    Switch: _switch,
    Capacity: _capacity,
    Effort: _effort,
    Trips: _trips,
    Measure: _measure,
    Order: _order,
    Lift: _lift,
}
