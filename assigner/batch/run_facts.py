"""What a run's inputs and answers say, read once into columns: the raw material of `assigner.batch.run_frames`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

__all__ = [
    "BASE",
    "CONVENER",
    "LIFT",
    "Answers",
    "Columns",
    "Inputs",
    "Known",
    "answers_of",
    "inputs_of",
    "lifted",
    "variant_id",
]

BASE = "base"
"""What the variant that changes nothing is called in frames."""

CONVENER = "convener"
"""The item of the duty to convene, as in ``plan.csv``."""


def variant_id(variant: Mapping[str, Any]) -> str:
    """What a variant is called in frames: ``axis=value``, with commas between; `BASE` where it changes nothing."""
    return ", ".join(f"{axis}={value}" for axis, value in variant.items()) or BASE


LIFT = "lift"
"""Key of a delta that names the clauses which a variant does without."""


def lifted(delta: Mapping[str, Any]) -> tuple[str, ...]:
    """The clauses that a variant does without."""
    found = delta.get(LIFT) or ()
    return (found,) if isinstance(found, str) else tuple(found)


# ---------------------------------------------------------------------------------------------------------- the inputs


@dataclass(frozen=True)
class Known:
    """What the inputs say of a school or of a partner from outside.

    Parameters
    ----------
    name, towncode, county, town : str
        Empty where not stated.
    benchmark : bool
    """

    name: str = ""
    towncode: str = ""
    county: str = ""
    town: str = ""
    benchmark: bool = False


@dataclass
class Inputs:
    """What the inputs of a run say.

    Parameters
    ----------
    schools : dict
        Code -> what is known; of the first input that has the school.
    otherwise : dict
        Hash of an input and code -> what that input says, where it is not the same: another school of the same code.
    members, territory : dict
        Hash of an input -> codes of its schools; its TOWNCODEs.
    pupils : dict
        Hash of an input -> pupils of its junior highs by their shares; without those that state none.
    more_hosts : dict
        Hash of an input -> whether more hosts of exploration are better.
    rulebooks : dict
        Hash -> the rulebook as the canonical content names it.
    sources : dict
        What inputs name as sources, in their order.
    attributions : dict
        Name of a map of one's own -> its attribution by language.
    synthetic : int
        How many inputs are made up.
    """

    schools: dict[str, Known] = field(default_factory=dict)
    otherwise: dict[tuple[str, str], Known] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    territory: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pupils: dict[str, float] = field(default_factory=dict)
    more_hosts: dict[str, bool] = field(default_factory=dict)
    rulebooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    attributions: dict[str, dict[str, str]] = field(default_factory=dict)
    synthetic: int = 0

    def school(self, code: str, given: str = "") -> Known:
        """What is known of a school, by an input if its hash is given; nothing of a stranger."""
        return self.otherwise.get((given, code)) or self.schools.get(code, _NOTHING)


_NOTHING = Known()


def inputs_of(contents: Iterable[tuple[str, Mapping[str, Any]]]) -> Inputs:
    """Read inputs: pairs of hash and canonical content."""
    from geodata.geography import embedded

    shipped = {code: (t.county, t.town) for code, t in embedded().townships.items()}
    found = Inputs()
    for name, content in contents:
        towns = shipped
        if own := content.get("geography"):
            towns = shipped | {t["code"]: (t["county"], t["town"]) for t in own["townships"]}
            found.attributions[own["name"]] = own["attribution"]
        _read_scenario(found, name, content["scenario"], towns)
        book = content["rulebook"]
        found.rulebooks.setdefault(book["hash"], book)
    return found


def _read_scenario(found: Inputs, name: str, stated: Mapping[str, Any], towns: Mapping[str, tuple[str, str]]) -> None:
    found.members[name] = tuple(school["code"] for school in stated["schools"])
    found.territory[name] = tuple(stated["townships"])
    for school in (*stated["schools"], *stated["outside_partners"]):
        code = school.get("township", "")
        county, town = towns.get(code, ("", ""))
        known = Known(school.get("name", ""), code, county, town, bool(school.get("benchmark")))
        if found.schools.setdefault(school["code"], known) != known:
            found.otherwise[name, school["code"]] = known
    if points := stated["junior_highs"]:
        found.pupils[name] = float(sum(sum(p["pupils"].values()) * Fraction(p.get("share", "1")) for p in points))
    found.more_hosts[name] = stated["switches"].get("exploration_number") in ("most", "stated")
    found.sources.update(dict.fromkeys(stated["sources"]))
    found.synthetic += bool(stated["synthetic"])


# --------------------------------------------------------------------------------------------------------- the answers


class Columns:
    """Rows under way, a list for each column.

    Parameters
    ----------
    *names : str
        Of the columns; the first is always ``member``, the position in the run.
    """

    def __init__(self, *names: str) -> None:
        self.lists: dict[str, list[Any]] = {name: [] for name in ("member", *names)}
        self._append = [column.append for column in self.lists.values()]

    def add(self, *values: Any) -> None:
        """Append a row."""
        for append, value in zip(self._append, values, strict=True):
            append(value)

    def extend(self, member: int, **columns: list[Any]) -> None:
        """Append many rows of one member at once, column by column."""
        count = 0
        for name, values in columns.items():
            self.lists[name] += values
            count = len(values)
        self.lists["member"] += [member] * count


@dataclass
class Answers:
    """The answers of a run in columns."""

    plans: Columns = field(
        default_factory=lambda: Columns(
            "status",
            "stopped_by",
            "n",
            "convener",
            "unwilling",
            "exploration",
            "overload",
            "largest_load",
            "load_vector",
            "travel",
            "travel_unit",
            "suitability",
            "missing_categories",
            "audit_ok",
            "solver_seconds",
            "relaxations",
            "load_total",
            "separate_total",
        )
    )
    loads: Columns = field(
        default_factory=lambda: Columns(
            "code",
            "points",
            "capacity",
            "ratio",
            "exact",
            "base",
            "history",
            "effort",
            "separate",
            "convener",
            "benchmark",
        )
    )
    duties: Columns = field(default_factory=lambda: Columns("item", "code"))
    tiers: Columns = field(
        default_factory=lambda: Columns("tier", "place", "value", "bound", "exact", "exact_bound", "status", "seconds")
    )
    relaxations: Columns = field(default_factory=lambda: Columns("relaxation", "state", "because"))
    collisions: Columns = field(default_factory=lambda: Columns("clause", "relaxation"))
    splits: Columns = field(default_factory=lambda: Columns("facts"))


def answers_of(members: Mapping[str, list[int]], stored: Iterable[tuple[str, Mapping[str, Any]]]) -> Answers:
    """Read answers into columns.

    Parameters
    ----------
    members : Mapping[str, list of int]
        Key of a job -> positions of the members that it answers.
    stored : iterable of (str, Mapping)
        Key of a job and its facts.
    """
    found = Answers()
    for key, facts in stored:
        if not facts:
            continue
        for member in members.get(key, ()):
            if facts["kind"] == "split":
                found.splits.add(member, facts)
            else:
                _read_plan(found, member, facts)
    return found


def _read_plan(found: Answers, member: int, facts: Mapping[str, Any]) -> None:
    tiers = {tier["name"]: tier for tier in facts["tiers"]}
    loads: Mapping[str, Mapping[str, Any]] = facts.get("loads") or {}
    travel = facts.get("travel") or {}
    ratios = sorted((load["ratio"] for load in loads.values()), key=_float, reverse=True)
    has_plan = facts.get("hosts") is not None
    relaxed = facts["relaxations"]
    found.plans.add(
        member,
        facts["status"],
        facts.get("stopped_by") or "",
        facts["n"],
        (facts.get("convener") or "") if has_plan else "",
        _number(tiers.get("unwilling")),
        _number(tiers.get("exploration")),
        _number(tiers.get("overload")),
        _float(ratios[0]) if ratios else None,
        ", ".join(ratios),
        travel.get("total"),
        travel.get("unit", ""),
        _number(tiers.get("preference")),
        ", ".join(facts.get("missing_categories") or ()),
        bool(facts.get("audit_ok")),
        facts.get("solver_seconds"),
        ", ".join(entry["id"] for entry in relaxed) if has_plan else "",
        sum(load["effort"] for load in loads.values()) if loads else None,
        sum(load["separate"] for load in loads.values()) if loads else None,
    )
    benchmarks, convener = set(facts.get("benchmark") or ()), facts.get("convener") if has_plan else None
    each = loads.values()
    found.loads.extend(
        member,
        code=list(loads),
        ratio=[_float(load["ratio"]) for load in each],
        exact=[load["ratio"] for load in each],
        **{name: [load[name] for load in each] for name in _OF_LOADS},
        convener=[code == convener for code in loads],
        benchmark=[code in benchmarks for code in loads],
    )
    if has_plan:
        hosts: Mapping[str, list[str]] = facts["hosts"]
        items = [item for item, codes in hosts.items() for _code in codes]
        held = [code for codes in hosts.values() for code in codes]
        found.duties.extend(member, item=[CONVENER, *items], code=[convener, *held])
    _read_proof(found, member, facts)
    for entry in relaxed:
        because = entry.get("because") or ()
        found.relaxations.add(member, entry["id"], "in_force" if has_plan else "tried", ", ".join(because))
        for clause in because:
            found.collisions.add(member, clause, entry["id"])
    for relaxation in facts.get("would_help") or ():
        found.relaxations.add(member, relaxation, "would_help", "")
    colliding = list(_collision_of(facts))
    for clause in colliding:
        found.collisions.add(member, clause, "")
    if facts["status"] == "infeasible":
        found.relaxations.add(member, "", "no_plan", ", ".join(colliding))


def _collision_of(facts: Mapping[str, Any]) -> Iterator[str]:
    """The clauses that collide where there is no plan, each once."""
    seen = set()
    for part in facts.get("collision") or ():
        clause = part if isinstance(part, str) else part[0]
        if clause not in seen:
            seen.add(clause)
            yield clause


_OF_LOADS = ("points", "capacity", "base", "history", "effort", "separate")


def _read_proof(found: Answers, member: int, facts: Mapping[str, Any]) -> None:
    exact, tiers = facts.get("exact") or {}, facts["tiers"]
    pairs = [exact.get(tier["name"]) or (tier["value"], tier.get("bound")) for tier in tiers]
    found.tiers.extend(
        member,
        tier=[tier["name"] for tier in tiers],
        place=list(range(len(tiers))),
        value=[_number(tier) for tier in tiers],
        bound=[_number(tier, "bound") for tier in tiers],
        exact=[_text(tier["name"], pair[0]) for tier, pair in zip(tiers, pairs, strict=True)],
        exact_bound=[_text(tier["name"], pair[1]) for tier, pair in zip(tiers, pairs, strict=True)],
        status=[tier["status"] for tier in tiers],
        seconds=[tier["seconds"] for tier in tiers],
    )


def _text(tier: str, value: Any) -> str | None:
    """An exact value as text; travel, which is kept in tenths, in its unit."""
    if isinstance(value, dict):
        value = value["text"]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None or not isinstance(value, str) or tier != "travel":
        return None if value is None else str(value)
    return _tenth(value)


def _number(tier: Mapping[str, Any] | None, key: str = "value") -> float | None:
    """The value of an aim as one number: of a vector its first, of exploration the hosts; None for the tie-break."""
    value = None if tier is None else tier.get(key)
    if tier is None or value is None or tier["name"] == "tie_break":
        return None
    if isinstance(value, list):
        value = value[-1 if tier["name"] == "exploration" else 0] if value else None
    return None if value is None else _float(value)


@lru_cache(maxsize=100_000)
def _tenth(value: str) -> str:
    return str(Fraction(value) / 10)


@lru_cache(maxsize=100_000)
def _float(value: str | float) -> float:
    """A number from JSON, or from the text of a ratio."""
    return float(Fraction(value))
