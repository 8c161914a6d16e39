"""Eight real counties, each as one community, divided into two plans: `python -m benchmarks.county_splits FOLDER`.

FOLDER holds the ministry's lists (`benchmarks.counties.LISTS`), which are not part of the project. The table replaces
the one in docs/real-communities.md; every figure of it is computed here. `--maps DIR` also leaves a map of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from assigner.messages import join_list, language_set, number, percent
from assigner.roster import Roster, scenario_from_roster
from assigner.splitting.solving import Split, solve_split
from assigner.words import TIER_NAMES, gap, ratio_list, school_name
from benchmarks.counties import markdown, roster_of, write_document

COUNTIES = ("臺北市", "新北市", "高雄市", "臺中市", "臺南市", "桃園市", "彰化縣", "雲林縣")
SMALL = ("彰化縣", "雲林縣")
"""Quick enough for the default tests."""

BEGIN, END = "<!-- splits: begin (benchmarks/county_splits.py) -->", "<!-- splits: end -->"


@dataclass(frozen=True)
class Divided:
    """One county, divided."""

    name: str
    answer: Split
    seconds: float


def divide_county(roster: Roster, name: str, *, time_limit: float | None = None, moves: bool = False) -> Divided:
    """Make one county a community, and propose two plans; the program chooses the conveners."""
    scenario = scenario_from_roster(roster, name)
    start = time.perf_counter()
    answer = solve_split(scenario, time_limit=time_limit, moves=moves)
    return Divided(name, answer, time.perf_counter() - start)


HEADS = (
    "county",
    "n",
    "townships",
    "lawful divisions",
    "plans",
    "status",
    "engine",
    "seconds",
    "loads, heaviest first",
    "travel, person-km a year",
    "not splitting",
    "conveners",
)


def rows_of(county: Divided) -> Sequence[str]:
    """Cells of the table."""
    answer = county.answer
    cells = [
        county.name,
        str(len(answer.problem.participants)),
        str(len(answer.territory.graph)),
        "more than are listed" if answer.found.divisions is None else f"{answer.found.divisions:,}",
    ]
    if answer.proposal is None:
        why = join_list(refusal.code for refusal in answer.found.refusals) or "–"
        return [
            *cells,
            "–",
            f"{answer.status} ({why})",
            answer.found.engine or "–",
            f"{county.seconds:.1f}",
            *["–"] * 4,
        ]
    values = answer.proposal.values
    whole = answer.together.audit.values if answer.together is not None and answer.together.audit is not None else {}
    return [
        *cells,
        " + ".join(map(str, answer.proposal.sizes)),
        _status(answer),
        answer.found.engine,
        f"{county.seconds:.1f}",
        ratio_list(values["load"]),
        _travel(values["travel"]),
        _travel(whole["travel"]) if whole else "–",
        join_list(school_name(answer.problem, side.convener) for side in answer.proposal.plans),
    ]


def _travel(value: object) -> str:
    assert isinstance(value, Fraction | int)
    return number(float(value) / 10)


def _status(answer: Split) -> str:
    if answer.status == "optimal":
        return "proven, audited"
    first = next((tier for tier in answer.found.tiers if tier.status != "optimal"), None)
    if first is None:
        return answer.status
    share = gap(first)
    bound = "no bound" if share is None else f"gap {percent(float(share))}"
    return f"audited; open from {TIER_NAMES[first.name]}, {bound}"


def table(counties: Iterable[Divided]) -> str:
    """The table in Markdown."""
    return markdown(HEADS, map(rows_of, counties))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=COUNTIES, help="some counties; prints the table, writes nothing")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each county")
    parser.add_argument("--maps", type=Path, help="folder for a map of each")
    arguments = parser.parse_args()
    with language_set("en"):
        roster = roster_of(arguments.folder)
        counties = []
        for name in arguments.only:
            counties.append(divide_county(roster, name, time_limit=arguments.time_limit))
            print(" | ".join(rows_of(counties[-1])), flush=True)
            if arguments.maps is not None and counties[-1].answer.proposal is not None:
                from assigner.report.split_map import png_bytes

                arguments.maps.mkdir(parents=True, exist_ok=True)
                with language_set("zh-TW"):
                    (arguments.maps / f"{name}.png").write_bytes(png_bytes(counties[-1].answer))
        part = (
            "## Eight counties, each as one community, in two plans\n\n"
            "As above, from the lists alone: no county is one community in truth, and nothing is known of\n"
            "willingness, history or benchmark schools. Townships go to one plan whole; at most "
            f"{arguments.time_limit:g} seconds\neach. Regenerate: `python -m benchmarks.county_splits FOLDER`.\n\n"
            + table(counties)
        )
    if tuple(arguments.only) == COUNTIES:
        write_document(part, BEGIN, END)
    else:
        print(part)


if __name__ == "__main__":
    main()
