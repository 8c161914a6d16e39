"""Synthetic communities on real townships: to try the program with, to start from, to measure with.

Everything is drawn as whole numbers from one generator, so that the same arguments give the same community on
every machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from assigner.scenario.scenario import Scenario, scenario_of
from geodata.adjacency import adjacency_graph
from geodata.locating import km_outside
from geodata.townships import Township, townships

__all__ = ["MOST_SCHOOLS", "collision", "example", "made_junior_high", "made_school"]

MOST_SCHOOLS = 200

_JUNIOR_HIGHS_A_SCHOOL = 3
_KINDS = (
    ("高中", ("general",)),
    ("高中", ("general",)),
    ("高工", ("industrial",)),
    ("商工", ("commercial", "industrial")),
    ("家商", ("commercial", "home_economics")),
    ("高中", ("general", "commercial", "other_vocational")),
)
_ITEMS = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.3", "4.1", "4.2", "4.3", "4.5")
_REASONS = ("教師員額不足", "校舍整建中", "承辦人員更替")

_T = TypeVar("_T")


def example(schools: int, seed: int) -> Scenario:
    """Make up a community.

    Parameters
    ----------
    schools
        How many schools it has, all of which take part; 1 to `MOST_SCHOOLS`.
    seed
        Another seed, another community.

    Returns
    -------
    Scenario
        Marked as synthetic.

    Raises
    ------
    ValueError
        The number of schools is out of range.
    """
    if not 1 <= schools <= MOST_SCHOOLS:
        raise ValueError(f"1 to {MOST_SCHOOLS} schools, not {schools}")
    rng = random.Random(seed * 1000 + schools)
    towns = _territory(rng, max(1, (schools + 1) // 2))
    members = [made_school(rng, k, schools, _pick(rng, towns) if k >= len(towns) else towns[k]) for k in range(schools)]
    convener = _pick(rng, members)
    benchmark = schools >= 5 and rng.randrange(3) == 0
    if benchmark:
        convener["benchmark"] = True
    for school in members:
        if school is convener:
            school.pop("willingness", None)
    chosen = "choose" if schools >= 3 and not benchmark and rng.randrange(4) == 0 else convener["code"]
    data = {
        "schema_version": 1,
        "id": f"synthetic-{schools}-{seed}",
        "name": f"範例社區（{schools}校）",
        "synthetic": True,
        "townships": [town.name for town in towns],
        "convener": chosen,
        "schools": members,
        "junior_highs": [made_junior_high(rng, k, _pick(rng, towns)) for k in range(_JUNIOR_HIGHS_A_SCHOOL * schools)],
    }
    return scenario_of(data, f"synthetic-{schools}-{seed}.yaml")


def collision() -> Scenario:
    """Make up a small community whose wishes leave nobody for one item (適性轉學, 4.5)."""
    cannot = {
        "SYN001": "召集業務已滿，無法另辦轉學輔導",
        "SYN002": "無專任輔導教師",
        "SYN003": "學生數不足，無轉學名額可供媒合",
    }
    kinds = [
        ("高工", "industrial", "臺中市東勢區"),
        ("高中", "general", "臺中市新社區"),
        ("高中", "general", "臺中市石岡區"),
        ("家商", "home_economics", "臺中市豐原區"),
    ]
    members: list[dict[str, Any]] = []
    for k, (kind, category, town) in enumerate(kinds, 1):
        school: dict[str, Any] = {
            "code": f"SYN{k:03}",
            "name": f"範例{k:02}{kind}",
            "township": town,
            "categories": [category],
        }
        if school["code"] in cannot:
            school["willingness"] = {"4.5": {"answer": "cannot", "reason": cannot[school["code"]]}}
        members.append(school)
    data = {
        "schema_version": 1,
        "id": "collision",
        "name": "範例社區（意願與規則相衝突）",
        "synthetic": True,
        "note": "三所學校表明無法辦理適性轉學，規劃者又排除了第四所：無合法分工可言，程式應說明原因。",
        "convener": "SYN001",
        "schools": members,
        "bans": {"4.5": ["SYN004"]},
    }
    return scenario_of(data, "collision.yaml")


def _pick(rng: random.Random, members: Sequence[_T]) -> _T:
    return members[rng.randrange(len(members))]


def _territory(rng: random.Random, count: int) -> list[Township]:
    """Townships that adjoin one another, grown from one drawn at random."""
    graph = adjacency_graph(links=False)
    known = townships()
    starts = [code for code in known if graph.degree[code] >= 3 and known[code].area_km2 < 150]
    chosen = [_pick(rng, starts)]
    while len(chosen) < count:
        around = sorted({other for code in chosen for other in graph[code]} - set(chosen))
        chosen.append(_pick(rng, around))
    return [known[code] for code in chosen]


def _point(rng: random.Random, town: Township) -> dict[str, float]:
    """Coordinates near the township's point, inside the township."""
    lon, lat = town.lon, town.lat
    for _ in range(8):
        east, north = rng.randrange(-200, 201), rng.randrange(-200, 201)
        lon, lat = round(town.lon + east / 10_000, 5), round(town.lat + north / 10_000, 5)
        if km_outside(town.towncode, lon, lat) == 0:
            return {"lon": lon, "lat": lat}
    return {"lon": town.lon, "lat": town.lat}


def made_school(rng: random.Random, k: int, schools: int, town: Township) -> dict[str, Any]:
    """Make up the entry of school number `k` of so many, in a township."""
    kind, categories = _pick(rng, _KINDS)
    school: dict[str, Any] = {
        "code": f"SYN{k + 1:03}",
        "name": f"範例{k + 1:02}{kind}",
        "township": town.name,
        **_point(rng, town),
        "public": rng.randrange(10) < 6,
        "categories": list(categories),
    }
    willingness: dict[str, Any] = {}
    for item in _ITEMS:
        drawn = rng.randrange(20)
        if drawn < 4:
            willingness[item] = "willing"
        elif drawn == 4 and schools >= 3:
            willingness[item] = "unwilling"
        elif drawn == 5 and schools >= 5:
            willingness[item] = {"answer": "cannot", "reason": _pick(rng, _REASONS)}
    if rng.randrange(3) == 0:
        willingness["convener"] = "willing"
    if willingness:
        school["willingness"] = willingness
    if rng.randrange(4) == 0:
        school["capacity_points"] = rng.randrange(3, 8)
    if rng.randrange(5) == 0:
        school["history_points"] = rng.randrange(1, 3)
    if rng.randrange(4) == 0:
        school["last_year"] = [_pick(rng, _ITEMS)]
    for flag, odds in (("resource_weak", 8), ("transfer_places", 3), ("industry_academia", 5)):
        if rng.randrange(odds) == 0:
            school[flag] = True
    return school


def made_junior_high(rng: random.Random, k: int, town: Township) -> dict[str, Any]:
    """Make up the entry of junior high number `k`, in a township."""
    return {
        "code": f"SYJ{k + 1:03}",
        "name": f"範例國中{k + 1:02}",
        "township": town.name,
        **_point(rng, town),
        "pupils": {str(grade): rng.randrange(40, 320) for grade in (7, 8, 9)},
    }
