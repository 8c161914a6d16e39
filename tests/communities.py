"""Seeded communities for tests and measurements: random ones with every feature mixed, plain ones for
arithmetic, and plain but lifelike ones for measuring speed. Same arguments, same community.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from models.community import Community, DemandPoint, Distances, OutsidePartner, Problem, School, Wishes
from models.rulebook import Rulebook, load_rulebook

__all__ = ["PLAN_SWITCHES", "benchmark_problem", "plain_problem", "random_problem", "with_measures"]

#: Switches that change what one plan may look like or is worth, with their other readings.
PLAN_SWITCHES: Mapping[str, tuple[str, ...]] = {
    "partner_includes_convener": ("yes",),
    "participants_counted": ("partners",),
    "exploration_basis": ("community", "both"),
    "exploration_presence": ("one_in_all", "equal_numbers", "exactly_cap"),
    "exploration_number": ("fewest", "stated", "within_distance"),
    "both_tracks": ("yes",),
    "benchmark_serves": ("when_no_other", "yes"),
    "partnership_hosts": ("partners",),
    "six_year_same_host": ("must",),
    "development_convener": ("yes",),
    "development_number": ("at_least_one",),
    "community_learning_hosts": ("all_schools",),
    "community_learning_partner": ("not_needed",),
    "community_learning_load": ("in_load",),
    "promotion_load": ("in_load",),
    "outside_partner_hosts": ("yes",),
    "barred_schools": ("counted",),
    "load_scale": ("exact", "points"),
    "load_limits": ("soft",),
}

_RELAXED = {
    "partner_includes_convener": "yes",
    "both_tracks": "yes",
    "community_learning_partner": "not_needed",
    "benchmark_serves": "when_no_other",
}
_CATEGORIES = ("general", "industrial", "commercial", "home_economics", "other_vocational", "gifted")
_OPTIONAL = ("2.2", "2.4")
_TRACKS = ("4.4.career", "4.4.academic")


def random_problem(
    seed: int,
    n: int,
    *,
    features: bool = True,
    demand_points: int | None = None,
    own_coordinates: bool | None = None,
    rules_changes: Mapping[str, str] | None = None,
    tier_order: bool = False,
    tolerances: bool = False,
) -> Problem:
    """A random community with all features mixed; usually, but not always, it has a lawful plan.

    Parameters
    ----------
    seed : int
    n : int
        Participants, roughly: abstaining and barred schools come beside them or out of them.
    features : bool
        False leaves out everything but capacities, histories, willingness, travel and one convener.
    demand_points : int, optional
        Junior highs; about 3 n if not given.
    own_coordinates : bool, optional
        Every school at its own place, or schools in townships with many equal distances; drawn if not given.
    rules_changes : Mapping[str, str], optional
        Switch -> option, above those drawn.
    tier_order, tolerances : bool
        Draw another order of the aims; draw tolerances.

    Returns
    -------
    Problem
        Its convener is always stated.
    """
    rng = random.Random(f"random {seed} {n}")
    codes = _codes(rng, n + (rng.choice((0, 0, 1, 2)) if features else 0))
    benchmarks = rng.choices((0, 1, 2, 3), (60, 22, 12, 6))[0] if features else 0
    flags = {code: set() for code in codes}
    for code in rng.sample(codes, min(benchmarks, max(0, n - 1))):
        flags[code].add("benchmark")
    for code in rng.sample(codes, len(codes) - n):
        flags[code].add("abstains" if rng.random() < 0.6 else "barred")
    schools = tuple(_school(rng, code, flags[code], n, features) for code in codes)

    outside: tuple[OutsidePartner, ...] = ()
    items = [item.id for item in load_rulebook("111").items]
    if features and rng.random() < 0.3:
        outside = tuple(
            OutsidePartner(
                f"{rng.choice((0, 9))}9999{k}",
                f"outside {k}",
                frozenset(rng.sample(items, rng.randint(1, 6))),
                rng.choice(("special_education", "rare_programme", "talent_class")),
            )
            for k in range(rng.randint(1, 2))
        )
    points = _demand(rng, 3 * n if demand_points is None else demand_points, fractional=features)
    community = Community(f"random-{seed}-{n}", "", schools, points, outside)

    if own_coordinates is None:
        own_coordinates = rng.random() < 0.5
    all_codes = [*codes, *(partner.code for partner in outside)]
    places = _places(rng, all_codes, points, own_coordinates, max(1, n // 2))
    distances = _distances(all_codes, points, places)

    choice = _choice(rng, n, outside) if features else dict(_RELAXED) if n < 3 else {}
    choice.update(rules_changes or {})
    rules = _rulebook(rng, features).resolve(choice)
    draft = Problem(rules, community, Wishes(), distances)
    wishes = _wishes(rng, draft, features, tier_order, tolerances)
    return Problem(rules, community, wishes, distances)


def _codes(rng: random.Random, count: int) -> list[str]:
    codes = sorted({f"{rng.randrange(10, 640):03d}{rng.randrange(100, 999)}" for _ in range(4 * count + 8)})
    return sorted(rng.sample(codes, count))


def _school(rng: random.Random, code: str, flags: set[str], n: int, features: bool) -> School:
    capacity = None if rng.random() < 0.2 else Fraction(rng.randint(4, 10))
    history = Fraction(rng.choice((0, 0, 1, 2, 3)))
    if not features:
        said = {item: rng.choice(("willing", "unwilling")) for item in rng.sample(_ITEMS, rng.randint(0, 4))}
        return School(code, capacity_points=capacity, history_points=history, willingness=said)
    if rng.random() < 0.25:
        history = Fraction(rng.randint(0, 6), 2)
    said = {
        key: rng.choices(("willing", "if_needed", "unwilling", "cannot"), (50, 10, 32, 8 if n > 3 else 1))[0]
        for key in rng.sample((*_ITEMS, "3"), rng.randint(0, 7))
    }
    if rng.random() < 0.15:
        said["convener"] = rng.choice(("willing", "if_needed", "unwilling", "cannot"))
    suitability = {
        item: rng.choice(("suited", "neutral", "unsuited"))
        for item in (rng.sample(_ITEMS, rng.randint(1, 4)) if rng.random() < 0.3 else ())
    }
    categories = None
    if rng.random() < 0.7:
        categories = frozenset(rng.sample(_CATEGORIES, rng.randint(0, 3)))
    return School(
        code,
        name=f"school {code}",
        participates="abstains" not in flags,
        benchmark="benchmark" in flags,
        barred="barred" in flags,
        public=rng.choice((True, False, None)),
        special_education=rng.random() < 0.08,
        rare_programme=rng.random() < 0.1,
        talent_class=rng.random() < 0.1,
        resource_weak=rng.random() < 0.2,
        transfer_places=rng.random() < 0.2,
        below_registration=rng.random() < 0.2,
        industry_academia=rng.random() < 0.2,
        categories=categories,
        suitability=suitability,
        willingness=said,
        reasons={key: "已有專案" for key, value in said.items() if value == "cannot"},
        capacity_points=capacity,
        load_limit_hard=n > 3 and rng.random() < 0.1,
        history_points=history,
        last_year=frozenset(rng.sample(_ITEMS, rng.randint(1, 3)) if rng.random() < 0.4 else ()),
    )


_ITEMS = tuple(item.id for item in load_rulebook("111").items)


def _demand(rng: random.Random, count: int, fractional: bool) -> tuple[DemandPoint, ...]:
    return tuple(
        DemandPoint(
            f"J{k:03d}",
            f"junior high {k}",
            {grade: rng.randint(10, 300) for grade in (7, 8, 9) if rng.random() < 0.95},
            Fraction(rng.randint(0, 6), 2) if fractional and rng.random() < 0.2 else Fraction(rng.randint(1, 3)),
        )
        for k in range(count)
    )


def _places(
    rng: random.Random, codes: Sequence[str], points: Sequence[DemandPoint], own: bool, townships: int
) -> dict[str, tuple[int, int]]:
    def spot() -> tuple[int, int]:
        return rng.randrange(300), rng.randrange(300)

    if own:
        return {key: spot() for key in (*codes, *(point.id for point in points))}
    towns = [spot() for _ in range(townships)]
    return {key: rng.choice(towns) for key in (*codes, *(point.id for point in points))}


def _distances(codes: Sequence[str], points: Sequence[DemandPoint], places: Mapping[str, tuple[int, int]]) -> Distances:
    codes = tuple(sorted(codes))
    ids = tuple(point.id for point in points)

    def table(rows: Sequence[str]) -> np.ndarray:
        start = np.array([places[key] for key in rows], dtype=float).reshape(-1, 1, 2)
        end = np.array([places[key] for key in codes], dtype=float).reshape(1, -1, 2)
        return np.rint(np.hypot(*(start - end).transpose(2, 0, 1))).astype(np.int64)

    return Distances(codes, ids, table(codes), table(ids))


def _choice(rng: random.Random, n: int, outside: tuple[OutsidePartner, ...]) -> dict[str, str]:
    choice = {switch: rng.choice(other) for switch, other in PLAN_SWITCHES.items() if rng.random() < 0.12}
    if outside and rng.random() < 0.5:
        choice["outside_partner_hosts"] = "yes"
    if rng.random() < 0.4:
        choice["load_scale"] = rng.choice(("exact", "points"))
    if n <= 2 or (n <= 4 and rng.random() < 0.6):
        choice.update(_RELAXED)
        choice.pop("exploration_presence", None)
    return choice


def _rulebook(rng: random.Random, features: bool) -> Rulebook:
    """The shipped rulebook, now and then with other measures, efforts or trips."""
    book = load_rulebook("111")
    if not features or rng.random() < 0.7:
        return book
    book = with_measures(
        book,
        convener_base_points=rng.choice((Fraction(0), Fraction(1, 2), Fraction(1), Fraction(2))),
        load_band=rng.choice((Fraction(1, 10), Fraction(1, 8), Fraction(1, 4))),
        persons_a_school=rng.choice((Fraction(1), Fraction(2), Fraction(3, 2))),
        rotation_cost=rng.choice((Fraction(0), Fraction(1), Fraction(3, 2))),
    )
    items = []
    for item in book.items:
        changes: dict[str, Any] = {}
        if item.effort_points is not None and rng.random() < 0.2:
            changes["effort_points"] = rng.choice((Fraction(1, 2), Fraction(2), Fraction(3)))
        if item.trips is not None and rng.random() < 0.2:
            times = rng.choice((Fraction(0), Fraction(1, 2), Fraction(3)))
            changes["trips"] = item.trips.model_copy(update={"times_a_year": times})
        items.append(item.model_copy(update=changes) if changes else item)
    return book.model_copy(update={"items": tuple(items)})


def with_measures(book: Rulebook, **values: Fraction | int) -> Rulebook:
    """A copy of a rulebook with other measures."""
    measures = {
        name: getattr(book.measures, name).model_copy(update={"value": Fraction(value)})
        for name, value in values.items()
    }
    return book.model_copy(update={"measures": book.measures.model_copy(update=measures)})


def _wishes(rng: random.Random, draft: Problem, features: bool, tier_order: bool, tolerances: bool) -> Wishes:
    members = draft.participants or tuple(school.code for school in draft.community.schools)
    hosts = [code for code in members if not draft.community.school_by_code[code].barred] or list(members)
    able = [code for code in draft.benchmarks if code in hosts] or hosts
    if rng.random() < 0.8:
        said = {code: draft.community.school_by_code[code].willingness.get("convener") for code in able}
        able = [code for code in able if said[code] != "cannot"] or able
    convener = rng.choice(able)
    if not features:
        return Wishes(convener=convener)
    n = len(members)
    host_numbers: dict[str, int] = {item: min(n, rng.randint(1, 2)) for item in _OPTIONAL if rng.random() < 0.4}
    if n > 3 and rng.random() < 0.3:
        for item in rng.sample(("1.1", "1.2", "1.3", "1.4", "2.1", "2.3", "5.1", "5.4"), rng.randint(1, 2)):
            host_numbers[item] = rng.randint(1, 2)
    if draft.rules.option("six_year_same_host") == "must":
        host_numbers.pop("2.3", None)
        if "2.1" in host_numbers:
            host_numbers["2.3"] = host_numbers["2.1"]
    if draft.rules.option("development_number") == "at_least_one" and rng.random() < 0.5:
        host_numbers["4.2"] = min(2, max(1, n - 1))
    single = [item for item in _ITEMS if item not in ("5.1", "5.2", "5.3", "5.4", "5.5", "6", *_OPTIONAL)]
    optional = [item for item in _OPTIONAL if item in host_numbers]
    pins: set[tuple[str, str]] = set()
    if rng.random() < 0.35:
        chosen = rng.sample([*single, *optional], rng.randint(1, 2))
        willing = [code for code in hosts if code != convener] or hosts
        pins = {(item, rng.choice(willing)) for item in chosen}
    bans: set[tuple[str, str]] = set()
    if rng.random() < (0.4 if len(hosts) > 1 else 0.1):
        pairs = [(rng.choice(single), rng.choice(hosts)) for _ in range(rng.randint(1, max(1, n // 2)))]
        bans = {pair for pair in pairs if pair not in pins or rng.random() < 0.05}
    cap = 1 if n <= 5 else 2 if n <= 10 else 3 if n <= 15 else 4
    numbers = {track: rng.randint(1, cap) for track in _TRACKS}
    if draft.rules.option("exploration_presence") in ("equal_numbers", "exactly_cap"):
        numbers = dict.fromkeys(_TRACKS, cap)
    stated = draft.rules.option("exploration_number") == "stated"
    ways: dict[str, tuple[str, ...]] = {}
    all_ways = [way.id for way in draft.rules.rulebook.ways]
    for code in draft.benchmarks:
        if rng.random() < 0.4:
            ways[code] = tuple(rng.sample(all_ways, rng.randint(1, 4)))
    order: tuple[str, ...] = ()
    if tier_order:
        order = (*rng.sample(draft.rules.rulebook.tiers.order[:-1], 7), "tie_break")
    slack: dict[str, Fraction] = {}
    if tolerances:
        for tier in rng.sample(("unwilling", "overload", "travel", "preference"), rng.randint(1, 2)):
            slack[tier] = Fraction(rng.choice((1, 5, 10, 50)), 100)
    return Wishes(
        convener=convener,
        pins=frozenset(pins),
        bans=frozenset(bans),
        host_numbers=host_numbers,
        exploration_numbers=numbers if stated or rng.random() < 0.1 else {},
        exploration_within=rng.randint(40, 200),
        ways=ways,
        tier_order=order,
        tolerances=slack,
    )


def plain_problem(
    n: int,
    benchmarks: int = 0,
    *,
    seed: int | None = None,
    scale: str = "points",
    exploration_number: str = "most",
    rules_changes: Mapping[str, str] | None = None,
) -> Problem:
    """A community in which everybody is willing, suited and unlimited, and nobody carries anything yet.

    The convener has no base load, and every capacity is 1, so that ratios are points. The relaxations that so
    small a community needs are switched on: R1 at n <= 2 and for all of n = 1, R4 where only benchmark
    schools are left.

    Parameters
    ----------
    n : int
        Participants; the first of them convenes.
    benchmarks : int
        How many of them (the first) are benchmark schools.
    seed : int, optional
        Places, and junior highs three a school, drawn from it; without, everybody is in one place.
    scale : {"points", "exact", "band"}
    exploration_number : str
        Option of the switch.
    rules_changes : Mapping[str, str], optional
        Switch -> option, above these.
    """
    codes = [f"{k:06d}" for k in range(1, n + 1)]
    schools = tuple(
        School(
            code,
            benchmark=k < benchmarks,
            willingness=dict.fromkeys((*_ITEMS, "convener"), "willing"),
            suitability=dict.fromkeys(_ITEMS, "suited"),
            capacity_points=Fraction(1),
        )
        for k, code in enumerate(codes)
    )
    points: tuple[DemandPoint, ...] = ()
    places = dict.fromkeys(codes, (0, 0))
    if seed is not None:
        rng = random.Random(f"plain {seed} {n}")
        points = _demand(rng, 3 * n, fractional=False)
        places = _places(rng, codes, points, True, 0)
    choice = {"load_scale": scale, "exploration_number": exploration_number}
    if n <= 2:
        choice["partner_includes_convener"] = "yes"
    if n == 1:
        choice.update(both_tracks="yes", community_learning_partner="not_needed")
    if n <= benchmarks:
        choice["benchmark_serves"] = "when_no_other"
    choice.update(rules_changes or {})
    rules = with_measures(load_rulebook("111"), convener_base_points=0).resolve(choice)
    community = Community(f"plain-{n}-{benchmarks}", "", schools, points)
    return Problem(rules, community, Wishes(convener=codes[0]), _distances(codes, points, places))


def benchmark_problem(seed: int, n: int, own_coordinates: bool) -> Problem:
    """A community for measuring speed: lifelike, always with a lawful plan, its convener given.

    Exploration at its cap, junior highs = 3 n, capacities 4 to 10, history 0 to 3, some schools willing and a
    few unwilling; one community in four has a benchmark school, which convenes.

    Parameters
    ----------
    seed : int
    n : int
        Participants, at least 3.
    own_coordinates : bool
        True: every school and junior high at its own place; False: n / 2 townships, distances between these.
    """
    rng = random.Random(f"benchmark {seed} {n} {own_coordinates}")
    codes = _codes(rng, n)
    convener = rng.choice(codes)
    with_benchmark = rng.random() < 0.25
    schools = tuple(
        School(
            code,
            benchmark=with_benchmark and code == convener,
            categories=frozenset(rng.sample(_CATEGORIES[:5], rng.randint(1, 2))) if rng.random() < 0.8 else None,
            willingness={
                item: "unwilling" if rng.random() < 0.15 else "willing" for item in _ITEMS if rng.random() < 0.3
            },
            capacity_points=Fraction(rng.randint(4, 10)),
            history_points=Fraction(rng.randint(0, 3)),
            last_year=frozenset(rng.sample(_ITEMS, rng.randint(0, 2))),
        )
        for code in codes
    )
    points = _demand(rng, 3 * n, fractional=False)
    places = _places(rng, codes, points, own_coordinates, max(1, n // 2))
    community = Community(f"benchmark-{seed}-{n}", "", schools, points)
    rules = load_rulebook("111").resolve()
    return Problem(rules, community, Wishes(convener=convener), _distances(codes, points, places))
