"""Nine real counties, each as one community from the lists alone: `python -m benchmarks.counties FOLDER`.

FOLDER holds the ministry's lists (names in `LISTS`), which are not part of the project. The table replaces the one in
docs/real-communities.md; every figure of it is computed here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assigner.messages import join_list, language_set, number
from assigner.planner import Result, solve
from assigner.roster import Roster, import_roster, scenario_from_roster
from assigner.scenario import Scenario
from assigner.words import ratio_list, text
from models.community import Distances

LISTS = (
    "high-109.csv",
    "high_geo.csv",
    "high_programmes_110.csv",
    "high_departments_111.csv",
    "junior_110.csv",
    "university_geo.csv",
)
YEAR = 109
COUNTIES = ("臺中市", "桃園市", "彰化縣", "雲林縣", "苗栗縣", "花蓮縣", "澎湖縣", "金門縣", "連江縣")
SMALL = ("連江縣", "澎湖縣", "花蓮縣")
"""Quick enough for the default tests."""

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "real-communities.md"
BEGIN, END = "<!-- counties: begin (benchmarks/counties.py) -->", "<!-- counties: end -->"


@dataclass(frozen=True)
class County:
    """One county, solved."""

    name: str
    scenario: Scenario
    result: Result
    scenario_seconds: float
    solve_seconds: float


def roster_of(folder: Path) -> Roster:
    """Import all lists."""
    return import_roster([folder / name for name in LISTS], YEAR)


def solve_county(roster: Roster, name: str, *, time_limit: float | None = None) -> County:
    """Make one county a community, and solve it; the program chooses the convener."""
    start = time.perf_counter()
    scenario = scenario_from_roster(roster, name)
    made = time.perf_counter()
    result = solve(scenario, price=False, time_limit=time_limit)
    return County(name, scenario, result, made - start, time.perf_counter() - made)


def rows_of(county: County) -> Sequence[str]:
    """Cells of the table."""
    result, scenario = county.result, county.scenario
    cells = [
        county.name,
        str(len(result.plan.participants)),
        str(len(scenario.entries.junior_highs)),
        _status(result),
        f"{county.scenario_seconds:.2f}",
        f"{county.solve_seconds:.2f}",
    ]
    if result.assignment is None or result.audit is None:
        return [*cells, "–", "–", "–", "–", "–"]
    titles = {c.id: text(c.title) for c in result.plan.rules.rulebook.categories.list_}
    return [
        *cells,
        _convener(result),
        ratio_list(result.tier("load").value),
        number(float(result.tier("travel").value) / Distances.STEPS_PER_UNIT),
        join_list(titles[c] for c in result.audit.missing_categories) or "none",
        join_list(relaxed.relaxation.id for relaxed in result.relaxations) or "none",
    ]


def _status(result: Result) -> str:
    open_ = [tier.name for tier in result.tiers if tier.status != "optimal"]
    return "proven, audited" if result.status == "optimal" and not open_ else f"{result.status} ({', '.join(open_)})"


def _convener(result: Result) -> str:
    code = result.plan.convener
    return next((s.name for s in result.problem.community.schools if s.code == code), code)


HEADS = (
    "county",
    "n",
    "junior highs",
    "status",
    "scenario, s",
    "solve, s",
    "convener chosen",
    "loads, heaviest first",
    "travel, person-km a year",
    "missing (readable) categories",
    "relaxations",
)


def table(counties: Iterable[County]) -> str:
    """The table in Markdown."""
    return markdown(HEADS, map(rows_of, counties))


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def write_document(part: str, begin: str = BEGIN, end: str = END) -> None:
    """Put the part between its marks; the rest of the page stays."""
    whole = DOCUMENT.read_text(encoding="utf-8")
    if begin not in whole:
        whole = f"{whole.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = whole.split(begin)
    after = rest.split(end)[1]
    DOCUMENT.write_text(f"{before}{begin}\n{part}\n{end}{after}", encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=COUNTIES, help="some counties; prints the table, writes nothing")
    parser.add_argument("--time-limit", type=float, help="seconds for each county")
    arguments = parser.parse_args()
    with language_set("en"):
        start = time.perf_counter()
        roster = roster_of(arguments.folder)
        seconds = time.perf_counter() - start
        counties = []
        for name in arguments.only:
            counties.append(solve_county(roster, name, time_limit=arguments.time_limit))
            print(" | ".join(rows_of(counties[-1])), flush=True)
        placed = sum(school.towncode is not None for school in roster.schools)
        part = (
            "## Nine counties, each as one community\n\n"
            "From the lists alone (senior highs of 109, departments of 111, junior highs of 110): nothing is known of\n"
            "willingness, history or benchmark schools, and the program chooses the convener. No county is one\n"
            "community in truth; this tries the program on real places. Import of all six lists:\n"
            f"{seconds:.1f} s, {placed} of {len(roster.schools)} schools placed. Regenerate:\n"
            "`python -m benchmarks.counties FOLDER`.\n\n" + table(counties)
        )
    if tuple(arguments.only) == COUNTIES:
        write_document(part)
    else:
        print(part)


if __name__ == "__main__":
    main()
