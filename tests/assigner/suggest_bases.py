"""Small seeded bases on real townships, with made-up schools of every kind: small enough to try every change."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from assigner.boundary.values import Base
from geodata import geography
from geodata.base_map import NOWHERE, BaseMap

__all__ = ["small_base"]

_ITEMS = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.3", "3", "4.1", "4.2", "4.3", "4.5", "4.4.career", "4.4.academic")
_SWITCHES = (
    {"exploration_number": "fewest"},
    {"both_tracks": "yes"},
    {"load_scale": "exact"},
    {"load_scale": "points"},
    {"participants_counted": "partners"},
    {"partner_includes_convener": "yes"},
    {"exploration_presence": "one_in_all"},
    {"exploration_presence": "exactly_cap"},
    {"development_convener": "yes"},
    {"promotion_load": "in_load"},
    {"community_learning_load": "in_load"},
    {"outside_partner_hosts": "yes"},
)


def small_base(
    seed: int, *, townships: int = 8, communities: int = 3, schools_each: int = 4, plain: bool = False
) -> Base:
    """A base of so many townships that hang together, in communities of three to six schools, more or less.

    Parameters
    ----------
    seed : int
    townships, communities : int
    schools_each : int
        Schools for each community, on the average.
    plain : bool
        Only schools that are all alike, and no wishes.
    """
    rng = random.Random(f"small base {seed}")
    land = geography.embedded()
    graph = land.graph((), links=True)
    mainland = sorted(town for town in graph if graph.degree(town) >= 3)
    start = rng.choice(mainland)
    chosen = [start]
    while len(chosen) < townships:
        border = sorted({other for town in chosen for other in graph[town]} - set(chosen))
        chosen.append(rng.choice(border))
    names = {f"c{k}": f"範例{k}區社區" for k in range(communities)}
    home = _grown(rng, graph, chosen, list(names))
    schools: dict[str, dict[str, Any]] = {}
    place: dict[str, str] = {}
    member: dict[str, str] = {}
    counts = [1] * townships
    for _ in range(communities * schools_each - townships // 2):
        counts[rng.randrange(townships)] += 1
    for town, count in zip(rng.sample(chosen, townships), counts, strict=False):
        for _ in range(count if rng.random() < 0.9 else 0):
            code = f"SYN{len(schools) + 1:03}"
            schools[code] = {
                "code": code,
                "name": f"範例{len(schools) + 1:02}高中",
                "township": land.townships[town].name,
            }
            if not plain:
                schools[code].update(_said(rng))
            place[code], member[code] = town, home[town]
            if not plain and rng.random() < 0.08:
                member[code] = rng.choice([*names, NOWHERE])
    juniors, where = {}, {}
    for town in chosen:
        for _ in range(rng.choice((0, 1, 1, 2))):
            code = f"SYJ{len(juniors) + 1:03}"
            pupils = {str(grade): rng.randrange(20, 300) for grade in (7, 8, 9)}
            juniors[code] = {"code": code, "name": code, "township": land.townships[town].name, "pupils": pupils}
            where[code] = town
    defaults: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {}
    if not plain:
        if rng.random() < 0.5:
            defaults["switches"] = dict(rng.choice(_SWITCHES))
        if rng.random() < 0.25:
            order = ["unwilling", "overload", "load", "travel", "preference", "separate"]
            rng.shuffle(order)
            defaults["tiers"] = {"order": order}
        if rng.random() < 0.2:
            defaults["tiers"] = {"tolerances": {"travel": "5%"}}
        hosting = {code: member[code] for code, said in schools.items() if said.get("takes_part", True)}
        hosting = {code: of for code, of in hosting.items() if not {"barred", "willingness"} & schools[code].keys()}
        own = {community: _wishes(rng, hosting, community) for community in names}
        for wishes in own.values():
            for partner in wishes.get("outside_partners", ()):
                partner["township"] = land.townships[place[partner["code"]]].name
    return Base(
        f"small-{seed}",
        f"範例{seed}縣",
        BaseMap(names, home, member, place),
        schools,
        juniors,
        where,
        land,
        defaults=defaults,
        own=own,
        synthetic=True,
    )


def _grown(rng: random.Random, graph: Any, towns: list[str], names: list[str]) -> dict[str, str]:
    """Communities that grow from a township each; one township may belong to none."""
    home = dict(zip(rng.sample(towns, len(names)), names, strict=True))
    while len(home) < len(towns):
        open_ = [(a, b) for a in sorted(home) for b in sorted(graph[a]) if b in towns and b not in home]
        inside, outside = rng.choice(open_)
        home[outside] = home[inside]
    if rng.random() < 0.2:
        home[rng.choice(towns)] = NOWHERE
    return home


def _said(rng: random.Random) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if rng.random() < 0.3:
        said["capacity_points"] = rng.choice((3, 4, 8))
    if rng.random() < 0.15:
        said["history_points"] = rng.choice((1, 2))
    if rng.random() < 0.1:
        said["benchmark"] = True
    if rng.random() < 0.06:
        said["takes_part"] = False
    if rng.random() < 0.04:
        said["barred"] = True
    if rng.random() < 0.3:
        words = ("willing", "unwilling", "unwilling", "cannot")
        said["willingness"] = {item: rng.choice(words) for item in rng.sample(_ITEMS, rng.randint(1, 3))}
    if rng.random() < 0.2:
        said["categories"] = [rng.choice(("general", "industrial", "commercial"))]
    return said


def _wishes(rng: random.Random, member: Mapping[str, str], community: str) -> dict[str, Any]:
    members = [code for code, of in member.items() if of == community]
    wishes: dict[str, Any] = {}
    if not members:
        return wishes
    if rng.random() < 0.15:
        wishes["pins"] = {rng.choice(("1.1", "2.1", "4.1")): [rng.choice(members)]}
    if rng.random() < 0.15:
        wishes["bans"] = {rng.choice(("1.2", "2.3", "4.2")): [rng.choice(members)]}
    if rng.random() < 0.15:
        wishes["host_numbers"] = {rng.choice(("2.1", "1.3", "2.2")): 2}
    others = [code for code, of in member.items() if of not in (community, NOWHERE)]
    if others and rng.random() < 0.15:
        partner = rng.choice(others)
        wishes["outside_partners"] = [{"code": partner, "name": partner, "items": ["1.1"], "because": "rare_programme"}]
    return wishes
