"""Build the synthetic county: the base map that is shipped to try boundaries with, and experiments on it.

Usage::

    python scripts/build_synthetic_county.py

The 25 townships are real: the plain of 屏東 and the mountains behind it, with an island. The 60 schools, the junior
highs and the 5 communities are made up; they are drawn from one seed, so that every machine makes the same. The files
are written twice: into ``scenarios/base`` to be read and started from, and into the package for `example_base`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assigner.boundary.experiment_file import ExperimentFile, experiment_text  # noqa: E402
from assigner.boundary.files.reading import base_of  # noqa: E402
from assigner.boundary.files.writing import base_yaml  # noqa: E402
from assigner.boundary.values import Base  # noqa: E402
from assigner.messages import language_set  # noqa: E402
from assigner.scenario.example import made_junior_high, made_school  # noqa: E402
from geodata.base_map import Divide, Flip, Merge, MoveSchool, MoveTownship  # noqa: E402
from geodata.townships import find_township  # noqa: E402
from models.documents import Document  # noqa: E402

SEED = 111
NAME = "synthetic-county.yaml"
COUNTY = "屏東縣"
SCENARIOS, PACKAGE = ROOT / "scenarios" / "base", ROOT / "assigner" / "boundary" / "example"
SCHEMAS = "assigner/schemas"
JUNIOR_HIGHS_A_SCHOOL = 2


def _code(town: str) -> str:
    return find_township(town, COUNTY).towncode


COMMUNITIES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "north": ("範例北區社區", {"里港鄉": 3, "高樹鄉": 2, "九如鄉": 2, "鹽埔鄉": 2, "三地門鄉": 0, "霧臺鄉": 0}),
    "city": ("範例市區社區", {"屏東市": 10, "長治鄉": 2, "麟洛鄉": 2, "萬丹鄉": 4}),
    "east": ("範例東區社區", {"內埔鄉": 5, "竹田鄉": 2, "萬巒鄉": 3, "瑪家鄉": 0, "泰武鄉": 0}),
    "south": ("範例南區社區", {"潮州鎮": 5, "崁頂鄉": 2, "新埤鄉": 2, "來義鄉": 1}),
    "coast": ("範例海區社區", {"東港鎮": 5, "新園鄉": 2, "林邊鄉": 2, "南州鄉": 2, "佳冬鄉": 1, "琉球鄉": 1}),
}
"""Id -> name, and the townships at home there with the number of their schools."""

ELSEWHERE = ("屏東市", 2, "south")
"""Of these schools so many are members of another community, which so lies in two pieces."""

EXPERIMENTS: Mapping[str, tuple[str, tuple[Flip, ...]]] = {
    "experiment-township": ("竹田鄉改屬市區社區", (MoveTownship(_code("竹田鄉"), "city"),)),
    "experiment-schools": ("市區兩校改屬市區社區", (MoveSchool("SYN018", "city"), MoveSchool("SYN019", "city"))),
    "experiment-communities": (
        "萬丹鄉另成社區，北區併入市區",
        (Divide("city", "wandan", "範例萬丹社區", (_code("萬丹鄉"),)), Merge("north", "city")),
    ),
}
"""Name of the file -> name of the experiment, and its changes."""

BENCHMARKS = {"city": "屏東市", "coast": "東港鎮"}
"""The first school of the township is a benchmark school, and convenes."""

STATED = {"north": "里港鄉", "south": "潮州鎮"}
"""The first school of the township convenes; elsewhere the program chooses."""


def main() -> int:
    """Write the county."""
    for path, text in texts():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT).as_posix())
    return 0


def texts() -> Iterator[tuple[Path, str]]:
    """Yield each file with its content."""
    with language_set("zh-TW"):
        base = county()
        for folder, up in ((SCENARIOS, "../.."), (PACKAGE, "../..")):
            yield (
                folder / NAME,
                base_yaml(base, f"{up}/{SCHEMAS if folder is SCENARIOS else 'schemas'}/base_map.schema.json"),
            )
            for name, (title, flips) in EXPERIMENTS.items():
                experiment = ExperimentFile(base, NAME, name=title, flips=flips)
                schema = f"{up}/{SCHEMAS if folder is SCENARIOS else 'schemas'}/experiment.schema.json"
                yield folder / f"{name}.yaml", experiment_text(experiment, NAME, schema)


def county() -> Base:
    """Make the county up."""
    rng = random.Random(SEED)
    schools: list[dict[str, Any]] = []
    juniors: list[dict[str, Any]] = []
    first: dict[str, str] = {}
    elsewhere: list[str] = []
    count = sum(number for _name, towns in COMMUNITIES.values() for number in towns.values())
    for _name, towns in COMMUNITIES.values():
        for town, number in towns.items():
            township = find_township(town, COUNTY)
            for k in range(number):
                school = made_school(rng, len(schools), count, township)
                schools.append(school)
                first.setdefault(town, school["code"])
                if town == ELSEWHERE[0] and k >= number - ELSEWHERE[1]:
                    elsewhere.append(school["code"])
            for _k in range(max(1, JUNIOR_HIGHS_A_SCHOOL * number)):
                juniors.append(made_junior_high(rng, len(juniors), township))
    by_code = {school["code"]: school for school in schools}
    conveners = {community: first[town] for community, town in {**BENCHMARKS, **STATED}.items()}
    for community, code in conveners.items():
        by_code[code].pop("willingness", None)
        if community in BENCHMARKS:
            by_code[code]["benchmark"] = True
    data = {
        "schema_version": 1,
        "id": "synthetic-county",
        "name": "範例縣",
        "synthetic": True,
        "note": "鄉鎮市區為真實地名；學校、國中與社區均為虛構，供教學與測試。",
        "communities": [
            {
                "id": community,
                "name": name,
                "townships": [COUNTY + town for town in towns],
                **({"convener": conveners[community]} if community in conveners else {}),
                **({"schools": elsewhere} if community == ELSEWHERE[2] else {}),
                **_wishes(community, first),
            }
            for community, (name, towns) in COMMUNITIES.items()
        ],
        "schools": schools,
        "junior_highs": juniors,
        "links": [{"between": [COUNTY + "東港鎮", COUNTY + "琉球鄉"], "kind": "ferry", "note": "東港、琉球間之交通船"}],
    }
    return base_of(Document(NAME, data), NAME, None)


def _wishes(community: str, first: Mapping[str, str]) -> dict[str, Any]:
    """What a few communities ask for, so that changes can touch it."""
    if community == "north":
        return {"pins": {"4.2": [first["九如鄉"]]}}
    if community == "coast":
        return {"bans": {"4.5": [first["琉球鄉"]]}, "ways": {first["東港鎮"]: ["6.fair", "6.visits"]}}
    return {}


if __name__ == "__main__":
    sys.exit(main())
