"""A small base map for tests: six townships in a row of 屏東, three communities. All of it is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assigner.boundary.files.reading import base_of
from assigner.boundary.values import Base
from geodata.townships import find_township
from models.documents import Document

__all__ = ["code", "plain_base", "small_base"]

TOWNS = {"里港鄉": "north", "九如鄉": "north", "屏東市": "city", "麟洛鄉": "city", "內埔鄉": "east", "萬巒鄉": "east"}
SCHOOLS = ("里港鄉", "里港鄉", "九如鄉", "屏東市", "屏東市", "屏東市", "屏東市", "麟洛鄉", "內埔鄉", "內埔鄉", "萬巒鄉")


def code(town: str) -> str:
    """TOWNCODE of a township of 屏東."""
    return find_township(town, "屏東縣").towncode


def plain_base(**more: Any) -> dict[str, Any]:
    """The content of the file: T01 ... T11 in the order of `SCHOOLS`; T07 of 屏東市 is a member of the north."""
    schools = [
        {"code": f"TST0{k:02}", "name": f"虛構{k:02}高中", "township": f"屏東縣{town}", "categories": ["general"]}
        for k, town in enumerate(SCHOOLS, 1)
    ]
    juniors = [
        {
            "code": f"TJH0{k:02}",
            "name": f"虛構國中{k:02}",
            "township": f"屏東縣{town}",
            "pupils": {7: 90, 8: 100, 9: 110},
        }
        for k, town in enumerate(TOWNS, 1)
    ]
    data: dict[str, Any] = {
        "schema_version": 1,
        "id": "small",
        "name": "虛構縣",
        "synthetic": True,
        "communities": [
            {
                "id": community,
                "name": f"{community}社區",
                "townships": [f"屏東縣{town}" for town, home in TOWNS.items() if home == community],
                **({"schools": ["TST007"]} if community == "north" else {}),
            }
            for community in ("north", "city", "east")
        ],
        "schools": schools,
        "junior_highs": juniors,
    }
    return {**data, **more}


def small_base(folder: Path | None = None, **more: Any) -> Base:
    """The base itself, with other top-level keys."""
    data = {key: value for key, value in plain_base(**more).items() if value is not None}
    return base_of(Document("small.yaml", data), "small.yaml", folder)
