"""Build the shipped scenarios: two real groupings of schools, and synthetic communities.

Usage::

    python scripts/build_real_scenarios.py FOLDER

FOLDER holds ``real_cases.json``, ``high_geo.csv``, ``high_departments_111.csv`` and ``junior_110.csv``:
public facts of the Ministry of Education and of school pages, which are not part of the project. Course
categories come from the departments by the table in the rulebook. Nothing in the synthetic communities comes
from FOLDER.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assigner.messages import language_set  # noqa: E402
from assigner.scenario import Scenario, scenario_of, write_yaml  # noqa: E402
from assigner.scenario.example import collision, example  # noqa: E402
from geodata import find_township  # noqa: E402
from models.rulebook import CategoryRule, load_rulebook  # noqa: E402

SCENARIOS = ROOT / "scenarios"
SCHEMA = "../assigner/schemas/scenario.schema.json"
SIZES = (1, 2, 3, 5, 10, 15, 20, 25, 40)
SEED = 111
FILES = ("real_cases.json", "high_geo.csv", "high_departments_111.csv", "junior_110.csv")

SHIPPED = {
    "dongshi-109": ("dongshi_109", "東勢區適性學習社區（109 學年度之學校組成）"),
    "wufeng": ("wufeng", "霧峰區適性學習社區（早年之學校組成）"),
}
"""Id of a shipped scenario -> id of the case, and its name."""

TALENT_DEPARTMENTS = ("美術班", "舞蹈班", "戲劇班", "體育班")
"""Classes that the programme calls talent classes (藝才班)."""


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
    for name, (case, title) in SHIPPED.items():
        yield name, yaml_of(real_scenario(folder, case, name, title))


def synthetic_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of the synthetic communities."""
    for size in SIZES:
        yield f"synthetic-{size}", yaml_of(example(size, SEED))
    yield "collision", yaml_of(collision())


def yaml_of(scenario: Scenario) -> str:
    """Write a scenario as it is shipped: comments in Chinese, an editor's schema beside it."""
    with language_set("zh-TW"):
        return write_yaml(scenario, SCHEMA)


def real_scenario(folder: Path, case_id: str, name: str, title: str) -> Scenario:
    """Build the scenario of a real grouping of schools.

    Parameters
    ----------
    folder
        Where the data files are.
    case_id
        Id of the case in ``real_cases.json``.
    name, title
        Id and name of the scenario.
    """
    cases = json.loads((folder / "real_cases.json").read_text(encoding="utf-8"))["cases"]
    case = next(case for case in cases if case["id"] == case_id)
    places = {row["code"]: row for row in rows(folder, "high_geo.csv")}
    departments: dict[str, list[dict[str, str]]] = {}
    for row in rows(folder, "high_departments_111.csv"):
        if int(row["classes"]) or int(row["students"]):  # the list also names departments that have closed
            departments.setdefault(row["code"], []).append(row)

    schools = [school(entry, places.get(entry["code"]), departments) for entry in case["schools"]]
    named = case.get("townships_stated")
    towns = [find_township(f"新北市{town}區").name for town in named] if named else []
    towns = towns or sorted({entry["township"] for entry in schools})
    convener = next(
        entry["code"] for entry in case["schools"] if case["convener"] in entry["name_list"] + entry["code"]
    )
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
        "townships": towns,
        "convener": convener,
        "schools": schools,
        "junior_highs": list(junior_highs(folder, towns)),
    }
    return scenario_of(data, f"{name}.yaml")


def school(
    entry: dict[str, Any], place: dict[str, str] | None, departments: dict[str, list[dict[str, str]]]
) -> dict[str, Any]:
    """Give the entry of one school: facts only."""
    code, name = entry["code"], entry["name_list"]
    mine = departments.get(code, [])
    result: dict[str, Any] = {"code": code, "name": name}
    if place is not None:
        result["township"] = find_township(place["town"], place["county"]).name
        result["lon"], result["lat"] = float(place["lon"]), float(place["lat"])
    else:
        # 開明 (011419): no coordinates; its township is known from its address.
        result["township"] = find_township(entry.get("town", "新店區"), entry.get("county", "新北市")).name
    # The point layer calls some schools of foundations public; the ministry's list does not.
    result["public"] = not name.startswith(("私立", "財團法人"))
    categories = sorted(categories_of(mine))
    if categories:
        result["categories"] = categories
    if any(row["dept"] in TALENT_DEPARTMENTS for row in mine):
        result["talent_class"] = True
    return result


def categories_of(departments: list[dict[str, str]]) -> set[str]:
    """Course categories that departments show, by the table in the rulebook."""
    table: CategoryRule = load_rulebook("111").categories
    by_group = {group: category.id for category in table.list_ for group in category.department_groups}
    groups = {row["group"] for row in departments if row["group"].endswith("群")}
    return {by_group.get(group, table.other_vocational.id) for group in groups}


def junior_highs(folder: Path, towns: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the junior highs in some townships."""
    for row in rows(folder, "junior_110.csv"):
        town = find_township(row["town"], row["county"]).name
        if town in towns:
            entry: dict[str, Any] = {"code": row["code"], "name": row["name"], "township": town}
            if row["lon"]:
                entry["lon"], entry["lat"] = float(row["lon"]), float(row["lat"])
            entry["pupils"] = {str(grade): int(row[f"g{grade}"]) for grade in (7, 8, 9)}
            yield entry


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a data file."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
