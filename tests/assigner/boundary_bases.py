"""Small made-up bases for the tests of boundary experiments: real townships, invented schools, seconds to solve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assigner.boundary.values import Base
from geodata.base_map import BaseMap
from geodata.geography import embedded

CATEGORIES = ("general", "industrial", "commercial", "home_economics")


def row_base(
    sizes: Mapping[str, Sequence[tuple[str, int]]],
    *,
    schools: Mapping[str, Mapping[str, Any]] | None = None,
    own: Mapping[str, Mapping[str, Any]] | None = None,
    junior_highs: bool = True,
) -> Base:
    """A base of communities, each a list of (township, number of schools).

    Parameters
    ----------
    sizes
        Community id -> townships, in any usual spelling, with the number of schools in each.
    schools
        Code -> more keys of a school. Codes are numbered through: S00001, S00002 ... in the order of `sizes`.
    own
        Community id -> keys of a scenario.
    junior_highs
        Whether every township has a junior high.
    """
    known = embedded()
    home: dict[str, str] = {}
    member: dict[str, str] = {}
    place: dict[str, str] = {}
    entries: dict[str, dict[str, Any]] = {}
    juniors: dict[str, dict[str, Any]] = {}
    junior_town: dict[str, str] = {}
    for community, towns in sizes.items():
        for name, count in towns:
            town = known.find(name).towncode
            home[town] = community
            for _k in range(count):
                number = len(member) + 1
                code = f"S{number:05}"
                member[code], place[code] = community, town
                entries[code] = {
                    "code": code,
                    "name": f"測試{number}號高中",
                    "township": town,
                    "categories": [CATEGORIES[number % len(CATEGORIES)]],
                    **(schools or {}).get(code, {}),
                }
            if junior_highs:
                code = f"{len(juniors) + 500001}"
                junior_town[code] = town
                juniors[code] = {
                    "code": code,
                    "name": f"測試{len(juniors) + 1}號國中",
                    "township": town,
                    "pupils": {"7": 100 + len(juniors), "8": 100, "9": 100},
                }
    names = {community: f"{community}社區" for community in sizes}
    return Base(
        "tiny",
        "測試縣",
        BaseMap(names, home, member, place),
        entries,
        juniors,
        junior_town,
        known,
        own=own or {},
        synthetic=True,
    )


def tiny_base(**more: Any) -> Base:
    """Three communities in a row: west (梧棲, 清水, 沙鹿), middle (大雅, 神岡, 潭子), east (豐原, 東勢, 和平)."""
    return row_base(
        {
            "west": (("臺中市梧棲區", 1), ("臺中市清水區", 2), ("臺中市沙鹿區", 2)),
            "middle": (("臺中市大雅區", 2), ("臺中市神岡區", 1), ("臺中市潭子區", 1)),
            "east": (("臺中市豐原區", 3), ("臺中市東勢區", 0), ("臺中市和平區", 1)),
        },
        **more,
    )


def on_map(base: Base, base_map: BaseMap) -> Base:
    """The same base with another map."""
    return replace(base, map=base_map)
