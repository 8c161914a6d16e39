"""The rules of one school year, as data: read, checked hard, and resolved for a choice of switches.

A rulebook file (``rulebooks/111.yaml``) holds items, clauses, obligations, measures and switches. Every entry has an
id, its place in the briefing and a short quotation, or is marked as an assumption. `Rulebook.resolve` applies a choice
of switches and gives `Rules`, which is all that the rest of the house sees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.documents import Document, DocumentError, Fault, content_hash, faults_of, read_yaml

__all__ = [
    "NOT_LIFTABLE",
    "Clause",
    "Item",
    "Measures",
    "NotLiftableError",
    "Obligation",
    "Prices",
    "Relaxation",
    "Rulebook",
    "Rules",
    "Switch",
    "Text",
    "Unit",
    "load_rulebook",
    "rulebook_names",
    "rulebook_schema",
]

SCHEMA_VERSION = 1

#: Switches whose meaning the code knows by name; a rulebook must declare them all with these options.
KNOWN_SWITCHES: Mapping[str, frozenset[str]] = {
    "partner_includes_convener": frozenset({"no", "yes"}),
    "participants_counted": frozenset({"participants", "partners"}),
    "exploration_basis": frozenset({"plan", "community", "both"}),
    "exploration_number": frozenset({"most", "fewest", "stated", "within_distance"}),
    "barred_schools": frozenset({"not_counted", "counted"}),
    "load_scale": frozenset({"band", "exact", "points"}),
}

#: Kinds of clauses that only say who is who, so that nothing is left to solve without them, and why.
#: Such a thing is changed by a switch, or by saying otherwise of a school.
NOT_LIFTABLE: Mapping[str, Literal["members", "convener"]] = {
    "convener": "convener",
    "membership": "members",
    "barred": "members",
    "outside_partner": "members",
}


class NotLiftableError(ValueError):
    """A clause that states structure was asked to be lifted.

    Parameters
    ----------
    clause : str
        Its id.
    reason : {"members", "convener"}
        It says who the members are, or that there is one convener.
    """

    def __init__(self, clause: str, reason: Literal["members", "convener"]) -> None:
        self.clause, self.reason = clause, reason
        super().__init__(f"{clause}: cannot be lifted ({reason})")


class _Entry(BaseModel):
    """Frozen, and refusing keys it does not know: a misspelt key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Entry):
    """A text in the languages of the house."""

    zh_TW: str = Field(alias="zh-TW", min_length=1)  # noqa: N815 (a locale)
    en: str = Field(min_length=1)

    def in_(self, language: str) -> str:
        """The text in ``"zh-TW"`` or ``"en"``."""
        return self.zh_TW if language == "zh-TW" else self.en


class _Sourced(_Entry):
    """An entry that is either quoted from the briefing or marked as ours."""

    title: Text
    place: str | None = None
    quote: str | None = None
    assumption: bool = False
    reason: Text | None = None

    @model_validator(mode="after")
    def _has_a_source(self) -> _Sourced:
        if self.assumption:
            if self.reason is None:
                raise PydanticCustomError("rulebook.assumption_without_reason", "an assumption needs a reason")
        elif not self.place or not self.quote:
            raise PydanticCustomError("rulebook.no_source", "needs place and quote, or assumption and reason")
        return self


def _number(value: Any) -> Any:
    """Accept 5, 0.5, "1/10"; keep them exact. Booleans are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise PydanticCustomError("rulebook.number", "a number is expected")
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise PydanticCustomError("rulebook.number", "a number is expected") from None


Number = Annotated[Fraction, BeforeValidator(_number, json_schema_input_type=float | str)]

Role = Literal["participants", "partners", "others", "convener", "benchmark", "non_benchmark", "non_benchmark_partners"]
ItemId = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9a-z_]+)*$")]
ClauseId = Annotated[str, Field(pattern=r"^[0-9a-z_]+(\.[0-9a-z_]+)+$")]


class Trips(_Entry):
    """Who travels how often a year: every participant to every host, or junior highs to the nearest host."""

    who: Literal["participants", "junior_high_teachers", "junior_high_pupils"]
    times_a_year: Number = Field(ge=0)
    grades: tuple[Literal[7, 8, 9], ...] = ()


class Group(_Entry):
    """A heading under which the programme lists work items."""

    id: str
    title: Text
    place: str


class Item(_Entry):
    """A work item (工作項目) that schools host."""

    id: ItemId
    group: str
    title: Text
    place: str
    mandatory: bool
    load: Literal["main", "separate"]
    effort_points: Number | None = Field(default=None, ge=0)
    trips: Trips | None = None


class Unit(_Entry):
    """Items that count as one piece of work (the bundle)."""

    id: ItemId
    items: tuple[ItemId, ...] = Field(min_length=1)
    title: Text
    effort_points: Number = Field(ge=0)
    trips: Trips | None = None


class Way(_Entry):
    """One way of doing an item that leaves the school a choice."""

    id: ItemId
    item: ItemId
    title: Text


class _ClauseBase(_Sourced):
    id: ClauseId
    enabled: bool = True
    by_switch: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)


class ConvenerClause(_ClauseBase):
    """One convener, a participant."""

    kind: Literal["convener"]


class BenchmarkConvenesClause(_ClauseBase):
    """Where there are benchmark schools, one of them convenes."""

    kind: Literal["benchmark_convenes"]


class MembershipClause(_ClauseBase):
    """Hosts are participants of the plan (or partners from outside)."""

    kind: Literal["membership"]


class BarredClause(_ClauseBase):
    """Barred schools host nothing."""

    kind: Literal["barred"]


class OutsidePartnerClause(_ClauseBase):
    """Partners from other communities host nothing, or only the items they are named for."""

    kind: Literal["outside_partner"]
    hosts_allowed: bool


class RoleHostsClause(_ClauseBase):
    """Every school of a role hosts every one of the items."""

    kind: Literal["role_hosts"]
    items: tuple[ItemId, ...] = Field(min_length=1)
    role: Role


class HostCountClause(_ClauseBase):
    """The number of hosts, counted among the schools of a role, lies between two limits."""

    kind: Literal["host_count"]
    items: tuple[ItemId, ...] = Field(min_length=1)
    among: Role
    at_least: int = Field(ge=0)
    at_most: int | None = Field(default=None, ge=0)
    together: bool = False
    if_none: Role | None = None

    @model_validator(mode="after")
    def _limits_in_order(self) -> HostCountClause:
        if self.at_most is not None and self.at_most < self.at_least:
            raise PydanticCustomError("rulebook.count_order", "at_most is below at_least")
        return self


class WhoHostsClause(_ClauseBase):
    """Only schools of a role host the items."""

    kind: Literal["who_hosts"]
    items: tuple[ItemId, ...] = Field(min_length=1)
    role: Role


class SameHostsClause(_ClauseBase):
    """The items have the same hosts (a bundle)."""

    kind: Literal["same_hosts"]
    items: tuple[ItemId, ...] = Field(min_length=2)


class DifferentHostsClause(_ClauseBase):
    """No school hosts more than one of the items."""

    kind: Literal["different_hosts"]
    items: tuple[ItemId, ...] = Field(min_length=2)


class EqualNumbersClause(_ClauseBase):
    """The items have equally many hosts."""

    kind: Literal["equal_numbers"]
    items: tuple[ItemId, ...] = Field(min_length=2)


class Band(_Entry):
    """A band of plan sizes with its caps; `participants_to` None means without end."""

    participants_from: int = Field(ge=1)
    participants_to: int | None = Field(ge=1)
    most_hosts: int = Field(ge=1)
    most_per_track: int = Field(ge=1)


class TrackCapClause(_ClauseBase):
    """The number of hosts of the tracks is capped by the size of the plan."""

    kind: Literal["track_cap"]
    items: tuple[ItemId, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = Field(min_length=1)
    exact: bool = False

    def band_for(self, n: int) -> Band:
        """The band of a plan in which `n` schools count (0 counts as the first band)."""
        for band in self.bands:
            if band.participants_to is None or n <= band.participants_to:
                return band
        raise AssertionError("bands have no end")  # excluded when the rulebook is checked


class WaysClause(_ClauseBase):
    """Every school of a role chooses at least so many ways of doing an item, one of them from a short list."""

    kind: Literal["ways"]
    items: tuple[ItemId, ...] = Field(min_length=1, max_length=1)
    role: Role
    at_least: int = Field(ge=0)
    one_of: tuple[ItemId, ...] = ()


class CannotClause(_ClauseBase):
    """A school that says it cannot host an item does not."""

    kind: Literal["cannot"]


class LoadLimitClause(_ClauseBase):
    """A load limit that the scenario calls hard is kept."""

    kind: Literal["load_limit"]


class PinsClause(_ClauseBase):
    """Hosts that the planner fixed."""

    kind: Literal["pins"]


class BansClause(_ClauseBase):
    """Hosts that the planner excluded."""

    kind: Literal["bans"]


class HostNumberClause(_ClauseBase):
    """Items have no more hosts than needed, or exactly as many as the planner asks for."""

    kind: Literal["host_number"]


class ExplorationNumberClause(_ClauseBase):
    """The planner's own number of hosts of each track."""

    kind: Literal["exploration_number"]
    items: tuple[ItemId, ...] = Field(min_length=1)


Clause = Annotated[
    ConvenerClause
    | BenchmarkConvenesClause
    | MembershipClause
    | BarredClause
    | OutsidePartnerClause
    | RoleHostsClause
    | HostCountClause
    | WhoHostsClause
    | SameHostsClause
    | DifferentHostsClause
    | EqualNumbersClause
    | TrackCapClause
    | WaysClause
    | CannotClause
    | LoadLimitClause
    | PinsClause
    | BansClause
    | HostNumberClause
    | ExplorationNumberClause,
    Field(discriminator="kind"),
]


class SplitRule(_Sourced):
    """When one plan may become two, and how large each must be [捌、一（二）]."""

    id: ClauseId
    kind: Literal["plan_size"]
    above_schools: int = Field(ge=0)
    plans: int = Field(ge=2)
    least_schools_a_plan: int = Field(ge=1)
    threshold_counts: Literal["participants", "others"]
    size_counts: Literal["participants", "others"]
    connectedness: Literal["one_piece_more", "free", "every_plan"]
    benchmark_schools: Literal["one_each", "both_in_one"]
    by_switch: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)

    def allowed(self, participants: int) -> bool:
        """Whether a community of so many participants (conveners included) may hand in two plans."""
        return participants > self.most_in_one

    @property
    def most_in_one(self) -> int:
        """The most participants of a community that can only hand in one plan."""
        return self.above_schools + (1 if self.threshold_counts == "others" else 0)

    def sizes(self, participants: int) -> list[tuple[int, int]]:
        """The pairs of plan sizes that are allowed, larger first; empty when no split is allowed.

        Examples
        --------
        >>> load_rulebook("111").resolve().split.sizes(21)
        [(13, 8), (12, 9), (11, 10)]
        """
        if not self.allowed(participants):
            return []
        least = self.least_schools_a_plan + (1 if self.size_counts == "others" else 0)
        return [
            (participants - small, small)
            for small in range(least, participants // 2 + 1)
            if participants - small >= least
        ]


class Category(_Entry):
    """A course category and the ministry's department groups that show it."""

    id: str
    title: Text
    department_groups: tuple[str, ...] = ()
    readable: bool


class OtherCategory(_Entry):
    """The category of groups that belong to none of the listed ones."""

    id: str
    title: Text


class Suits(_Entry):
    """Categories that suit an item."""

    item: ItemId
    categories: tuple[str, ...]


class CategoryRule(_Sourced):
    """The course categories a community must build up over time [柒、三（二）]: findings, never infeasible."""

    id: ClauseId
    kind: Literal["course_categories"]
    list_: tuple[Category, ...] = Field(alias="list")
    other_vocational: OtherCategory
    suits: tuple[Suits, ...]


class Who(_Entry):
    """To whom an obligation falls: a role, the hosts of items, or the schools that carry a flag."""

    role: Role | None = None
    hosts_of: tuple[ItemId, ...] = ()
    flag: (
        Literal["industry_academia", "transfer_places", "below_registration_without_places", "resource_weak"] | None
    ) = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Who:
        if sum((self.role is not None, bool(self.hosts_of), self.flag is not None)) != 1:
            raise PydanticCustomError("rulebook.who", "exactly one of role, hosts_of, flag")
        return self


class Obligation(_Sourced):
    """What comes with hosting or convening: visits, reports, hours, quotas, notes."""

    id: ClauseId
    kind: Literal["visit", "report", "task", "hours", "budget", "quota", "note"]
    who: Who
    items: tuple[ItemId, ...] = ()
    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    per: Literal["week", "semester", "school_year"] | None = None
    when_role_at_least: int = Field(default=1, ge=1)
    remark: bool = False
    by_switch: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)


class Measure(_Entry):
    """A number that is ours, with the reason."""

    value: Number = Field(ge=0)
    assumption: Literal[True]
    reason: Text


class Measures(_Entry):
    """The assumed numbers of the objectives; all editable."""

    capacity_points: Measure
    resource_weak_capacity_points: Measure
    convener_base_points: Measure
    load_band: Measure
    persons_a_school: Measure
    teachers_a_junior_high: Measure
    pupils_of_a_township_without_data: Measure
    unsuitable_cost: Measure
    neutral_cost: Measure
    not_willing_cost: Measure
    rotation_cost: Measure

    @model_validator(mode="after")
    def _positive(self) -> Measures:
        for name in ("capacity_points", "resource_weak_capacity_points", "load_band"):
            if getattr(self, name).value <= 0:
                raise PydanticCustomError("rulebook.positive", "must be above zero", {"key": name})
        return self


class Prices(_Entry):
    """What giving something up costs where the rules and wishes collide: the dearer, the later it is proposed."""

    pin: Measure
    host_number: Measure
    exploration_number: Measure
    convener: Measure
    ban: Measure
    cannot: Measure
    load_limit: Measure

    @model_validator(mode="after")
    def _positive(self) -> Prices:
        for name in type(self).model_fields:
            if getattr(self, name).value <= 0:
                raise PydanticCustomError("rulebook.positive", "must be above zero", {"key": name})
        return self


TierName = Literal["unwilling", "exploration", "overload", "load", "travel", "preference", "separate", "tie_break"]


class Tiers(_Entry):
    """The order of aims."""

    order: tuple[TierName, ...]
    assumption: Literal[True]
    reason: Text


class Option(_Entry):
    """One reading of a switch."""

    id: str
    title: Text


class Switch(_Sourced):
    """A place where the text leaves room: the default reading and the others."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    default: str
    options: tuple[Option, ...]
    counts_in_load: tuple[ItemId, ...] = ()

    @model_validator(mode="after")
    def _has_alternatives(self) -> Switch:
        ids = [option.id for option in self.options]
        if len(set(ids)) < 2:
            raise PydanticCustomError("rulebook.switch_without_alternatives", "a switch needs two options")
        if self.default not in ids:
            raise PydanticCustomError(
                "rulebook.switch_default", "the default is no option", {"choices": ", ".join(ids)}
            )
        return self


class Relaxation(_Entry):
    """Switches to offer, in order, where the rules collide in a small community; and their price, as in `Prices`."""

    id: str
    price: Number = Field(gt=0)
    set_: dict[str, str] = Field(alias="set", min_length=1)
    title: Text


class Rulebook(_Entry):
    """All rules of one school year.

    Use `load_rulebook` to read one; building it directly checks the entries but not what they say of one another.
    """

    schema_version: Literal[1]
    year: int = Field(ge=90, le=300)
    title: Text
    source: Text
    groups: tuple[Group, ...]
    items: tuple[Item, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = ()
    ways: tuple[Way, ...] = ()
    clauses: tuple[Clause, ...] = Field(min_length=1)
    split: SplitRule
    categories: CategoryRule
    obligations: tuple[Obligation, ...] = ()
    measures: Measures
    prices: Prices
    tiers: Tiers
    switches: tuple[Switch, ...]
    relaxations: tuple[Relaxation, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical content: equal rules have equal hashes whatever the file looks like."""
        return content_hash(self.model_dump(mode="json", by_alias=True))

    @cached_property
    def switch_by_id(self) -> Mapping[str, Switch]:
        """Switches by id."""
        return {switch.id: switch for switch in self.switches}

    @cached_property
    def liftable(self) -> tuple[str, ...]:
        """Ids of the clauses that `Rules.without` can lift: all but those that say who is who (`NOT_LIFTABLE`)."""
        return tuple(clause.id for clause in self.clauses if clause.kind not in NOT_LIFTABLE)

    def resolve(self, choice: Mapping[str, str] | None = None) -> Rules:
        """The rules under a choice of switches; switches not named keep their default.

        Parameters
        ----------
        choice : Mapping[str, str], optional
            Switch id -> option id.

        Raises
        ------
        KeyError
            Unknown switch.
        ValueError
            Unknown option.
        """
        full = {switch.id: switch.default for switch in self.switches}
        for name, option in (choice or {}).items():
            if name not in full:
                raise KeyError(name)
            if option not in {o.id for o in self.switch_by_id[name].options}:
                raise ValueError(f"{name}: {option}")
            full[name] = option
        return Rules(self, tuple(sorted(full.items())))


@dataclass(frozen=True)
class Rules:
    """A rulebook under one choice of switches: the only form in which the models see the programme.

    Parameters
    ----------
    rulebook : Rulebook
    choice : tuple of (str, str)
        Switch id and option id, all switches, sorted.
    only : frozenset of str, optional
        Items the rules are cut down to; None: all. See `restricted_to`.
    lifted : frozenset of str
        Ids of clauses that need not be kept. See `without`.
    """

    rulebook: Rulebook
    choice: tuple[tuple[str, str], ...]
    only: frozenset[str] | None = None
    lifted: frozenset[str] = frozenset()

    @cached_property
    def _options(self) -> Mapping[str, str]:
        return dict(self.choice)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the rulebook's content, the choice, and what is cut or lifted: equal rules have equal hashes."""
        only = None if self.only is None else sorted(self.only)
        return content_hash([self.rulebook.hash, self.choice, only, sorted(self.lifted)])

    def __hash__(self) -> int:
        return hash(self.hash)

    def option(self, switch: str) -> str:
        """The option chosen for a switch."""
        return self._options[switch]

    @cached_property
    def stated(self) -> tuple[Any, ...]:
        """Clauses in force and lifted ones, with the fields that the switches change already changed."""
        resolved = [self._resolved(clause) for clause in self.rulebook.clauses]
        return tuple(self._cut(clause) for clause in resolved if clause.enabled and self._cut(clause) is not None)

    @cached_property
    def clauses(self) -> tuple[Any, ...]:
        """Clauses in force: those stated and not lifted."""
        return tuple(clause for clause in self.stated if clause.id not in self.lifted)

    def _cut(self, clause: Any) -> Any:
        """The clause for the items the rules are cut down to; None when it is about none of them."""
        if self.only is None or not hasattr(clause, "items"):
            return clause
        kept = tuple(item for item in clause.items if item in self.only)
        if len(kept) == len(clause.items):
            return clause
        return clause.model_copy(update={"items": kept}) if kept else None

    def restricted_to(self, items: frozenset[str]) -> Rules:
        """The same rules as if only some items existed: what is left when the others are decided apart."""
        return replace(self, only=items)

    def without(self, clauses: Iterable[str]) -> Rules:
        """The same rules with some clauses lifted, beside those that already are.

        A lifted clause need not be kept, and that is all that changes: what other clauses and aims take from it
        (who is obliged by a role, how many hosts are needed, which items are tracks) stays as it was. So every plan
        that was lawful stays so, and no tier gets worse.

        Parameters
        ----------
        clauses : iterable of str
            Clause ids of the rulebook; one that the switches disable is lifted for when they enable it.

        Raises
        ------
        NotLiftableError
            The clause only says who is who.
        ValueError
            No clause has the id.
        """
        kinds = {clause.id: clause.kind for clause in self.rulebook.clauses}
        lifted = set(self.lifted)
        for identity in clauses:
            if identity not in kinds:
                raise ValueError(f"{identity}: no such clause")
            if kinds[identity] in NOT_LIFTABLE:
                raise NotLiftableError(identity, NOT_LIFTABLE[kinds[identity]])
            lifted.add(identity)
        return replace(self, lifted=frozenset(lifted))

    @cached_property
    def clause_by_id(self) -> Mapping[str, Any]:
        """Clauses in force by id."""
        return {clause.id: clause for clause in self.clauses}

    def of_kind(self, kind: str) -> tuple[Any, ...]:
        """Clauses in force of one kind."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Any, ...]]:
        return _by_kind(self.clauses)

    def stated_of_kind(self, kind: str) -> tuple[Any, ...]:
        """Clauses of one kind, in force or lifted: for what others take from them."""
        return self._stated_by_kind.get(kind, ())

    @cached_property
    def _stated_by_kind(self) -> Mapping[str, tuple[Any, ...]]:
        return _by_kind(self.stated) if self.lifted else self._by_kind

    @cached_property
    def split(self) -> SplitRule:
        """The split rule under this choice."""
        resolved: SplitRule = self._resolved(self.rulebook.split)
        return resolved

    @cached_property
    def obligations(self) -> tuple[Obligation, ...]:
        """Obligations under this choice."""
        return tuple(self._resolved(obligation) for obligation in self.rulebook.obligations)

    def _resolved(self, entry: Any) -> Any:
        changes: dict[str, Any] = {}
        for switch, by_option in entry.by_switch.items():
            changes.update(by_option.get(self.option(switch), {}))
        if not changes:
            return entry
        return type(entry).model_validate({**entry.model_dump(by_alias=True), **changes})

    @cached_property
    def item_by_id(self) -> Mapping[str, Item]:
        """Items by id, in the rulebook's order."""
        return {item.id: item for item in self.rulebook.items if self.only is None or item.id in self.only}

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Every unit by id: the declared ones and one for each item outside them, in the rulebook's order."""
        in_unit = {item: unit for unit in self.rulebook.units for item in unit.items}
        units: dict[str, Unit] = {}
        for item in self.item_by_id.values():
            if item.id in in_unit:
                unit = in_unit[item.id]
                kept = tuple(i for i in unit.items if i in self.item_by_id)
                whole = len(kept) == len(unit.items)
                units.setdefault(unit.id, unit if whole else unit.model_copy(update={"items": kept}))
            else:
                units[item.id] = Unit(
                    id=item.id,
                    items=(item.id,),
                    title=item.title,
                    effort_points=item.effort_points or Fraction(0),
                    trips=item.trips,
                )
        return units

    @cached_property
    def unit_of(self) -> Mapping[str, str]:
        """Item id -> id of the unit it belongs to."""
        return {item: unit.id for unit in self.units.values() for item in unit.items}

    @cached_property
    def load_units(self) -> frozenset[str]:
        """Units that count in the load, the switches considered; the others are balanced in a tier of their own."""
        moved = {
            item
            for switch in self.rulebook.switches
            if self.option(switch.id) == "in_load"
            for item in switch.counts_in_load
        }
        return frozenset(
            unit.id
            for unit in self.units.values()
            if any(self.item_by_id[item].load == "main" or item in moved for item in unit.items)
        )

    @cached_property
    def ways_of(self) -> Mapping[str, tuple[str, ...]]:
        """Item id -> ids of the ways it can be done, in the rulebook's order."""
        ways: dict[str, list[str]] = {}
        for way in self.rulebook.ways:
            if way.item in self.item_by_id:
                ways.setdefault(way.item, []).append(way.id)
        return {item: tuple(ids) for item, ids in ways.items()}

    @cached_property
    def tracks(self) -> tuple[str, ...]:
        """Items whose hosts are capped by the size of the plan (the tracks of exploration)."""
        return tuple(item for clause in self.stated_of_kind("track_cap") for item in clause.items)

    @cached_property
    def once_in_community(self) -> tuple[str, ...]:
        """Items that a split community hosts once and not in each plan (switches ``scope_<item>``), in order."""
        chosen = {switch for switch, option in self.choice if switch.startswith("scope_") and option == "once"}
        return tuple(item for item in self.item_by_id if "scope_" + item.replace(".", "_") in chosen)

    def measure(self, name: str) -> Fraction:
        """An assumed number by name."""
        value: Fraction = getattr(self.rulebook.measures, name).value
        return value

    @cached_property
    def whole_measures(self) -> Mapping[str, Fraction | int]:
        """Assumed numbers by name, as int where they are whole: much faster to add up than fractions."""
        values = {name: self.measure(name) for name in type(self.rulebook.measures).model_fields}
        return {name: v.numerator if v.denominator == 1 else v for name, v in values.items()}

    @cached_property
    def suiting_categories(self) -> Mapping[str, frozenset[str]]:
        """Item -> course categories that suit it."""
        suiting: dict[str, set[str]] = {}
        for rule in self.rulebook.categories.suits:
            suiting.setdefault(rule.item, set()).update(rule.categories)
        return {item: frozenset(categories) for item, categories in suiting.items()}

    def with_options(self, changes: Mapping[str, str]) -> Rules:
        """The same rulebook with some switches set otherwise."""
        return replace(self, choice=self.rulebook.resolve({**self._options, **changes}).choice)


def _by_kind(clauses: Iterable[Any]) -> Mapping[str, tuple[Any, ...]]:
    kinds: dict[str, list[Any]] = {}
    for clause in clauses:
        kinds.setdefault(clause.kind, []).append(clause)
    return {kind: tuple(of_kind) for kind, of_kind in kinds.items()}


def rulebook_names() -> list[str]:
    """Names of the rulebooks that are shipped, e.g. ``["111"]``."""
    folder = resources.files("models") / "rulebooks"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_rulebook(source: str | Path = "111") -> Rulebook:
    """Read and check a rulebook.

    Parameters
    ----------
    source : str or Path
        Name of a shipped rulebook (``"111"``) or path of a YAML file.

    Raises
    ------
    FileNotFoundError
        Neither a shipped name nor a file.
    models.documents.DocumentError
        The file cannot be used; every fault with its line.
    """
    if isinstance(source, str) and source in rulebook_names():
        return _shipped(source)
    path = Path(source)
    return parse_rulebook(path.read_text(encoding="utf-8-sig"), path.name)


@lru_cache(maxsize=8)
def _shipped(name: str) -> Rulebook:
    text = (resources.files("models") / "rulebooks" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_rulebook(text, f"{name}.yaml")


def parse_rulebook(text: str, name: str) -> Rulebook:
    """Rulebook from YAML text; `name` is used in faults. Raises as `load_rulebook`."""
    document = read_yaml(text, name)
    try:
        rulebook = Rulebook.model_validate(document.data)
    except ValidationError as error:
        raise DocumentError(name, faults_of(error, document)) from None
    faults = list(_faults(rulebook, document))
    if faults:
        raise DocumentError(name, faults)
    return rulebook


def rulebook_schema() -> dict[str, Any]:
    """JSON Schema of a rulebook file."""
    schema = Rulebook.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _faults(book: Rulebook, document: Document) -> Iterator[Fault]:
    """What entries say of one another: unknown ids, bands with holes, caps below the tracks ..."""
    yield from _duplicates(book, document)
    items = {item.id for item in book.items}
    groups = {group.id for group in book.groups}
    ways = {way.id for way in book.ways}
    for i, item in enumerate(book.items):
        if item.group not in groups:
            yield document.fault("rulebook.unknown_group", ("items", i, "group"), choices=_list(groups))
    yield from _unit_faults(book, document, items)
    for i, way in enumerate(book.ways):
        if way.item not in items:
            yield document.fault("rulebook.unknown_item", ("ways", i, "item"), choices=_list(items))
    for i, clause in enumerate(book.clauses):
        for j, item_id in enumerate(getattr(clause, "items", ())):
            if item_id not in items:
                yield document.fault("rulebook.unknown_item", ("clauses", i, "items", j), choices=_list(items))
        for j, way_id in enumerate(getattr(clause, "one_of", ())):
            if way_id not in ways:
                yield document.fault("rulebook.unknown_way", ("clauses", i, "one_of", j), choices=_list(ways))
        if isinstance(clause, TrackCapClause):
            yield from _band_faults(clause, document, ("clauses", i))
        if isinstance(clause, WaysClause):
            mine = [way.id for way in book.ways if way.item in clause.items]
            if clause.at_least > len(mine):
                yield document.fault("rulebook.too_few_ways", ("clauses", i, "at_least"), most=len(mine))
        yield from _switch_faults(clause, book, document, ("clauses", i))
    yield from _switch_faults(book.split, book, document, ("split",))
    for i, obligation in enumerate(book.obligations):
        for j, item_id in enumerate(obligation.who.hosts_of):
            if item_id not in items:
                at = ("obligations", i, "who", "hosts_of", j)
                yield document.fault("rulebook.unknown_item", at, choices=_list(items))
        for j, item_id in enumerate(obligation.items):
            if item_id not in items:
                yield document.fault("rulebook.unknown_item", ("obligations", i, "items", j), choices=_list(items))
        yield from _switch_faults(obligation, book, document, ("obligations", i))
    categories = {category.id for category in book.categories.list_} | {book.categories.other_vocational.id}
    for i, suits in enumerate(book.categories.suits):
        if suits.item not in items:
            yield document.fault("rulebook.unknown_item", ("categories", "suits", i, "item"), choices=_list(items))
        for j, category in enumerate(suits.categories):
            if category not in categories:
                where = ("categories", "suits", i, "categories", j)
                yield document.fault("rulebook.unknown_category", where, choices=_list(categories))
    for name, options in KNOWN_SWITCHES.items():
        switch = book.switch_by_id.get(name)
        if switch is None:
            yield document.fault("rulebook.switch_missing", ("switches",), value=name, key=name)
        elif {option.id for option in switch.options} != options:
            position = [s.id for s in book.switches].index(name)
            yield document.fault(
                "rulebook.switch_options", ("switches", position, "options"), name, choices=_list(options)
            )
    for i, switch in enumerate(book.switches):
        for j, item_id in enumerate(switch.counts_in_load):
            if item_id not in items:
                here = ("switches", i, "counts_in_load", j)
                yield document.fault("rulebook.unknown_item", here, choices=_list(items))
    for i, relaxation in enumerate(book.relaxations):
        for name, option in relaxation.set_.items():
            yield from _option_faults(name, [option], book, document, ("relaxations", i, "set", name))
    expected = {"unwilling", "exploration", "overload", "load", "travel", "preference", "separate", "tie_break"}
    if set(book.tiers.order) != expected or len(book.tiers.order) != len(expected):
        yield document.fault("rulebook.tier_order", ("tiers", "order"), choices=_list(expected))


def _list(values: Any) -> str:
    return ", ".join(sorted(values))


def _duplicates(book: Rulebook, document: Document) -> Iterator[Fault]:
    for section in ("groups", "items", "units", "ways", "clauses", "obligations", "switches", "relaxations"):
        seen: set[str] = set()
        for i, entry in enumerate(getattr(book, section)):
            if entry.id in seen:
                yield document.fault("rulebook.duplicate_id", (section, i, "id"))
            seen.add(entry.id)


def _unit_faults(book: Rulebook, document: Document, items: set[str]) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for i, unit in enumerate(book.units):
        for j, item_id in enumerate(unit.items):
            path = ("units", i, "items", j)
            if item_id not in items:
                yield document.fault("rulebook.unknown_item", path, choices=_list(items))
            elif item_id in owner:
                yield document.fault("rulebook.item_in_two_units", path, other=owner[item_id])
            owner[item_id] = unit.id
    for i, item in enumerate(book.items):
        if item.id in owner and (item.effort_points is not None or item.trips is not None):
            yield document.fault("rulebook.effort_twice", ("items", i), value=item.id, other=owner[item.id])
        if item.id not in owner and item.effort_points is None:
            yield document.fault("rulebook.effort_missing", ("items", i), value=item.id)


def _band_faults(clause: TrackCapClause, document: Document, at: tuple[str | int, ...]) -> Iterator[Fault]:
    expected = 1
    for k, band in enumerate(clause.bands):
        path = (*at, "bands", k)
        if expected is math.inf:
            yield document.fault("rulebook.band_after_end", (*path, "participants_from"))
            return
        if band.participants_from > expected:
            yield document.fault("rulebook.band_hole", (*path, "participants_from"), expected=expected)
        elif band.participants_from < expected:
            yield document.fault("rulebook.band_overlap", (*path, "participants_from"), expected=expected)
        if band.participants_to is not None and band.participants_to < band.participants_from:
            yield document.fault("rulebook.band_order", (*path, "participants_to"))
        if band.most_hosts < len(clause.items):
            yield document.fault("rulebook.cap_below_tracks", (*path, "most_hosts"), tracks=len(clause.items))
        if band.most_per_track * len(clause.items) < band.most_hosts:
            yield document.fault("rulebook.cap_unreachable", (*path, "most_per_track"), most=band.most_hosts)
        expected = math.inf if band.participants_to is None else band.participants_to + 1  # type: ignore[assignment]
    if expected is not math.inf:
        yield document.fault("rulebook.band_open", (*at, "bands"), value=expected, expected=expected)


def _switch_faults(entry: Any, book: Rulebook, document: Document, at: tuple[str | int, ...]) -> Iterator[Fault]:
    for name, by_option in entry.by_switch.items():
        path = (*at, "by_switch", name)
        yield from _option_faults(name, list(by_option), book, document, path)
        for option, changes in by_option.items():
            try:
                type(entry).model_validate({**entry.model_dump(by_alias=True), **changes})
            except ValidationError as error:
                what = error.errors(include_url=False)[0]
                key = str(what["loc"][-1]) if what["loc"] else ""
                yield document.fault("rulebook.switch_change", (*path, option), key=key, problem=what["msg"])


def _option_faults(
    name: str, options: list[str], book: Rulebook, document: Document, at: tuple[str | int, ...]
) -> Iterator[Fault]:
    switch = book.switch_by_id.get(name)
    if switch is None:
        yield document.fault("rulebook.unknown_switch", at, value=name, choices=_list(book.switch_by_id))
        return
    known = {option.id for option in switch.options}
    for option in options:
        if option not in known:
            yield document.fault("rulebook.unknown_option", at, value=option, choices=_list(known))
