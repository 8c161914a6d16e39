"""Write what each shipped scenario must give: ``scenarios/expected/NAME.json``, and of large ones in two plans.

Usage::

    python -m scripts.update_expected             # all of them
    python -m scripts.update_expected wufeng      # some

Read the difference before you commit it: every line of it is a duty that moves to another school.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from assigner.answer import json_text, tier_number
from assigner.files import write_whole
from assigner.planner import Result, solve
from assigner.splitting.answer import number_of
from assigner.splitting.solving import Split, solve_split

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "scenarios"


def expected_file(name: str) -> Path:
    """The file that holds what a scenario must give."""
    return SCENARIOS / "expected" / f"{name}.json"


def summary(result: Result) -> dict[str, Any]:
    """What must not change unnoticed, free of titles and languages."""
    content: dict[str, Any] = {
        "status": result.status,
        "exit_code": int(result.exit_code),
        "relaxations": {
            entry.relaxation.id: [] if entry.because is None else list(entry.because.clauses)
            for entry in result.relaxations
        },
    }
    if result.assignment is None:
        found = result.collision
        content["collision"] = [] if found is None else [list(part) for part in found.parts]
        content["would_help"] = [relaxation.id for relaxation in result.would_help]
        return content
    items = result.plan.rules.item_by_id
    content["convener"] = result.assignment.convener
    content["hosts"] = {item: list(result.assignment.hosts_of(item)) for item in items}
    content["ways"] = {code: list(ways) for code, ways in sorted(result.assignment.ways.items())}
    content["tiers"] = {tier.name: tier_number(tier.name, tier.value) for tier in result.tiers}
    return content


SPLITS = ("synthetic-25", "synthetic-40")
"""Scenarios that are divided as well: ``scenarios/expected/split/NAME.json``."""


def expected_split(name: str) -> Path:
    """The file that holds what a scenario must give in two plans."""
    return SCENARIOS / "expected" / "split" / f"{name}.json"


def split_summary(answer: Split) -> dict[str, Any]:
    """What of a split must not change unnoticed, free of titles and languages."""
    content: dict[str, Any] = {"status": answer.status, "exit_code": int(answer.exit_code)}
    if answer.proposal is not None:
        content["plans"] = [
            {
                "convener": side.convener,
                "schools": list(side.plan.participants),
                "hosts": {item: list(side.assignment.hosts_of(item)) for item in side.plan.rules.item_by_id},
                "ways": {code: list(ways) for code, ways in sorted(side.assignment.ways.items())},
            }
            for side in answer.proposal.plans
        ]
        content["tiers"] = {tier.name: number_of(tier.name, tier.value) for tier in answer.found.tiers}
    return content


def main(names: list[str]) -> int:
    """Solve the scenarios named (all by default) and write their files."""
    for name in SPLITS:
        if not names or name in names:
            answer = solve_split(SCENARIOS / f"{name}.yaml", moves=False)
            write_whole(expected_split(name), json_text(split_summary(answer)))
            print(f"{name} in two plans: {answer.status}")
    for path in sorted(SCENARIOS.glob("*.yaml")):
        if not names or path.stem in names:
            result = solve(path, price=False)
            write_whole(expected_file(path.stem), json_text(summary(result)))
            print(f"{path.stem}: {result.status}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
