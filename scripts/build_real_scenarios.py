"""Build the shipped scenarios: two real groupings of schools, and synthetic communities.

Usage::

    python scripts/build_real_scenarios.py FOLDER

FOLDER holds ``real_cases.json``, ``high-109.csv``, ``high_geo.csv``, ``high_departments_111.csv`` and
``junior_110.csv``: public facts of the Ministry of Education and of school pages, which are not part of the
project. They are read by the importer that `assigner import-roster` uses. Nothing in the synthetic communities
comes from FOLDER.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assigner.messages import language_set  # noqa: E402
from assigner.roster import Roster, import_roster  # noqa: E402
from assigner.roster.members import junior_high_entry, school_entry  # noqa: E402
from assigner.scenario import Scenario, scenario_of, write_yaml  # noqa: E402
from assigner.scenario.example import collision, example  # noqa: E402
from geodata.townships import find_township, townships  # noqa: E402

SCENARIOS = ROOT / "scenarios"
SCHEMA = "../assigner/schemas/scenario.schema.json"
SIZES = (1, 2, 3, 5, 10, 15, 20, 25, 40)
SEED = 111
YEAR = 109
LISTS = ("high-109.csv", "high_geo.csv", "high_departments_111.csv", "junior_110.csv")
FILES = ("real_cases.json", *LISTS)

SHIPPED = {
    "dongshi-109": ("dongshi_109", "東勢區適性學習社區（109 學年度之學校組成）"),
    "wufeng": ("wufeng", "霧峰區適性學習社區（早年之學校組成）"),
}
"""Id of a shipped scenario -> id of the case, and its name."""


def main(arguments: list[str]) -> int:
    """Write all shipped scenarios."""
    if len(arguments) != 1 or not all((Path(arguments[0]) / name).is_file() for name in FILES):
        print(__doc__)
        return 2
    SCENARIOS.mkdir(exist_ok=True)
    for name, text in (*real_texts(Path(arguments[0])), *synthetic_texts()):
        (SCENARIOS / f"{name}.yaml").write_text(text, encoding="utf-8")
        print(f"scenarios/{name}.yaml")
    return 0


def real_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of the real groupings."""
    roster = real_roster(folder)
    for name, (case, title) in SHIPPED.items():
        yield name, yaml_of(real_scenario(folder, case, name, title, roster))


def synthetic_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of the synthetic communities."""
    for size in SIZES:
        yield f"synthetic-{size}", yaml_of(example(size, SEED))
    yield "collision", yaml_of(collision())


def yaml_of(scenario: Scenario) -> str:
    """Write a scenario as it is shipped: comments in Chinese, an editor's schema beside it."""
    with language_set("zh-TW"):
        return write_yaml(scenario, SCHEMA)


def real_roster(folder: Path) -> Roster:
    """Import the lists that the real groupings are built from."""
    return import_roster([folder / name for name in LISTS], YEAR)


def real_scenario(folder: Path, case_id: str, name: str, title: str, roster: Roster | None = None) -> Scenario:
    """Build the scenario of a real grouping of schools.

    Parameters
    ----------
    folder
        Where the data files are.
    case_id
        Id of the case in ``real_cases.json``.
    name, title
        Id and name of the scenario.
    roster
        As `real_roster` gives it, if it is there already.
    """
    cases = json.loads((folder / "real_cases.json").read_text(encoding="utf-8"))["cases"]
    case = next(case for case in cases if case["id"] == case_id)
    roster = roster or real_roster(folder)
    # The grouping is older than the list: its own names stand.
    members = [
        replace(roster.by_key["senior_high", entry["code"]], name=entry["name_list"]) for entry in case["schools"]
    ]
    convener = next(
        entry["code"] for entry in case["schools"] if case["convener"] in entry["name_list"] + entry["code"]
    )
    stated = case.get("townships_stated")
    codes = {find_township(f"新北市{town}區").towncode for town in stated} if stated else {s.towncode for s in members}
    territory = frozenset(code for code in codes if code is not None)
    data = {
        "schema_version": 1,
        "id": name,
        "name": title,
        "note": "真實之學校組成（學校網頁所載），依 111 學年度規則求解；意願、負荷等未見資料者一律不填。",
        "sources": [
            f"學校組成及召集學校：{case['source']}",
            "學校座標：教育部各級學校分布位置",
            "課程類別：教育部高級中等學校科別資料（111 學年度），依規則檔之類群對照",
            "國民中學及各年級學生數：教育部國民中學校別資料（110 學年度）",
        ],
        "townships": [townships()[code].name for code in territory],
        "convener": convener,
        "schools": [school_entry(school) for school in members],
        "junior_highs": [junior_high_entry(school) for school in roster.within("junior_high", territory)],
    }
    return scenario_of(data, f"{name}.yaml")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
