"""The frames of a run that have a row for every fact: members, loads, duties, aims, relaxations, splits."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assigner.batch.run_facts import Columns, Known, lifted, variant_id

if TYPE_CHECKING:
    from assigner.batch.runs import Runs

__all__ = ["counties_of", "duties", "failures", "jobs", "loads", "relaxations", "splits", "texts", "tiers"]

_PLAN = ("n", "unwilling", "exploration", "overload", "largest_load", "travel", "suitability", "solver_seconds")
_PLAN_TEXTS = ("convener", "load_vector", "travel_unit", "missing_categories", "relaxations", "stopped_by")


def texts(values: Iterable[Any]) -> pd.Series[Any]:
    """A column of texts, kept as the objects they are: what repeats is not copied."""
    return pd.Series(list(values), dtype=object)


def frame_of(columns: Columns) -> pd.DataFrame:
    """Columns as a frame: numbers as such, all else as it is."""
    made: dict[str, Any] = {}
    for name, values in columns.lists.items():
        first = next((value for value in values if value is not None), None)
        if name == "member":
            made[name] = np.asarray(values, dtype=np.int64)
        elif isinstance(first, bool):
            made[name] = np.asarray(values, dtype=bool)
        elif isinstance(first, int | float):
            made[name] = np.asarray(values, dtype=float)
        else:
            made[name] = texts(values)
    return pd.DataFrame(made)


def _said(runs: Runs, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with ordinal, community and variant in place of the position of the member."""
    jobs, member = runs.jobs, rows["member"].to_numpy()
    head = {name: jobs[name].to_numpy()[member] for name in ("ordinal", "community", "variant")}
    made = pd.DataFrame(head).join(rows.drop(columns="member"))
    return made.iloc[np.argsort(member, kind="stable")].reset_index(drop=True)


def counties_of(runs: Runs, given: str) -> list[str]:
    """The counties of the schools of an input, that with most of them first."""
    count: dict[str, int] = {}
    for code in runs.inputs.members[given]:
        if county := runs.inputs.school(code, given).county:
            count[county] = count.get(county, 0) + 1
    return sorted(count, key=lambda county: (-count[county], county))


def jobs(runs: Runs) -> pd.DataFrame:
    """A row for every member of the run."""
    members = runs.members
    where = {name: counties_of(runs, name) for name in runs.inputs.members}
    made = pd.DataFrame(
        {
            "run": texts([runs.info.id] * len(members)),
            "ordinal": np.asarray([member.ordinal for member in members], dtype=np.int64),
            "community": texts(member.community for member in members),
            "name": texts(member.name for member in members),
            "kind": texts(member.kind for member in members),
            "county": texts(next(iter(where.get(member.input, ())), "") for member in members),
            "counties": texts(", ".join(where.get(member.input, ())) for member in members),
            "label": texts(member.label for member in members),
            "variant": texts(variant_id(member.variant) for member in members),
        }
    )
    for axis in dict.fromkeys(axis for member in members for axis in member.variant):
        made[f"variant.{axis}"] = texts(member.variant.get(axis) for member in members)
    made["lifts"] = texts(", ".join(lifted(member.delta)) for member in members)
    made["state"] = texts(member.state for member in members)
    made["status"] = texts(member.status for member in members)
    answers = runs.answers
    plans = frame_of(answers.plans).set_index("member").reindex(range(len(members)))
    splits: dict[int, Any] = dict(zip(*answers.splits.lists.values(), strict=True))
    for name in _PLAN_TEXTS:
        column = plans[name].astype(object)
        made[name] = column.where(column.notna(), "")
    for name in _PLAN:
        made[name] = plans[name].astype(float)
    for member, facts in splits.items():
        for name in ("n", "solver_seconds", "stopped_by"):
            made.at[member, name] = facts.get(name) or ("" if name == "stopped_by" else np.nan)
    made["seconds"] = np.asarray([member.seconds for member in members], dtype=float)
    made["attempts"] = np.asarray([member.attempts for member in members], dtype=np.int64)
    made["error"] = texts(member.error.get("text", "") if member.state == "failed" else "" for member in members)
    made["source"] = texts(member.source for member in members)
    made["input"] = texts(member.input for member in members)
    made["job"] = texts(member.job for member in members)
    return made


def _placed(runs: Runs, made: pd.DataFrame) -> pd.DataFrame:
    """A frame with codes, and name, county and township of each."""
    codes = made["code"].tolist()
    known = {code: runs.inputs.school(code) for code in dict.fromkeys(codes)}
    at: list[Known] = [known[code] for code in codes]
    if runs.inputs.otherwise:
        given = dict(zip(runs.jobs["ordinal"], runs.jobs["input"], strict=True))
        at = [runs.inputs.school(code, given[k]) for code, k in zip(codes, made["ordinal"].tolist(), strict=True)]
    position = made.columns.tolist().index("code")
    for k, (title, name) in enumerate((("school", "name"), ("county", "county"), ("township", "town")), 1):
        made.insert(position + k, title, texts(map(attrgetter(name), at)))
    return made


def loads(runs: Runs) -> pd.DataFrame:
    """The load of every school under every variant."""
    return _placed(runs, _said(runs, frame_of(runs.answers.loads)))


def duties(runs: Runs) -> pd.DataFrame:
    """Every duty under every variant."""
    return _said(runs, frame_of(runs.answers.duties))


def tiers(runs: Runs) -> pd.DataFrame:
    """Every aim of every answer."""
    return _said(runs, frame_of(runs.answers.tiers))


def relaxations(runs: Runs) -> pd.DataFrame:
    """Every relaxation in force or that would help."""
    return _said(runs, frame_of(runs.answers.relaxations))


def failures(runs: Runs) -> pd.DataFrame:
    """Every member whose job failed, and why."""
    rows = [
        (
            member.ordinal,
            member.community,
            member.name,
            member.label,
            variant_id(member.variant),
            member.source,
            member.error.get("kind", ""),
            member.error.get("text", ""),
            "\n".join(problem.get("text", "") for problem in member.error.get("problems") or ()),
            member.attempts,
        )
        for member in runs.members
        if member.state == "failed"
    ]
    head = ["ordinal", "community", "name", "label", "variant", "source"]
    return pd.DataFrame(rows, columns=[*head, "error", "text", "problems", "attempts"])


# -------------------------------------------------------------------------------------------------------------- splits

_SPLITS = (
    "status",
    "refused_by",
    "remedies",
    "n",
    "schools_1",
    "schools_2",
    "convener_1",
    "convener_2",
    "pieces",
    "balance",
    "travel",
    "travel_together",
    "largest_load",
    "largest_load_together",
    "duties",
    "duties_together",
    "work",
    "work_together",
    "categories_missing",
    "categories_missing_together",
)


def splits(runs: Runs) -> pd.DataFrame:
    """Every split that was asked for; what the one plan has stands beside it, as far as it is known.

    ``duties`` counts hosted units, ``work`` adds up the effort of all of them in points, ``categories_missing`` counts
    the kinds of courses that a plan lacks, over both plans.
    """
    jobs, answers = runs.jobs, runs.answers.splits.lists
    pairs = list(zip(jobs["community"], jobs["variant"], strict=True))
    wanted = {pairs[member] for member in answers["member"]}
    plans = frame_of(runs.answers.plans).set_index("member")
    of_pair = {pairs[k]: plans.loc[k] for k in plans.index if pairs[k] in wanted and plans.at[k, "convener"]}
    found = Columns(*_SPLITS)
    for member, facts in zip(*answers.values(), strict=True):
        found.add(member, *_split_row(facts, of_pair.get(pairs[member])))
    made = frame_of(found)
    for name in _SPLITS[3:6]:
        made[name] = made[name].astype(float)
    for name in _SPLITS[8:]:
        made[name] = made[name].astype(float)
    return _said(runs, made)


def _split_row(facts: dict[str, Any], one: pd.Series[Any] | None) -> tuple[Any, ...]:
    from fractions import Fraction

    sides = facts.get("plans") or []
    tiers = {tier["name"]: tier["value"] for tier in facts.get("tiers") or ()}
    together = facts.get("together") or {}
    whole = {tier["name"]: tier["value"] for tier in together.get("tiers") or ()}
    loads = [load for side in sides for load in side["loads"].values()]
    two = len(sides) == 2
    heaviest = whole.get("load")
    return (
        facts["status"],
        ", ".join(facts.get("refused_by") or ()),
        ", ".join(facts.get("remedies") or ()),
        facts.get("n"),
        *((len(side["schools"]) for side in sides) if two else (None, None)),
        *((side["convener"] for side in sides) if two else ("", "")),
        facts.get("pieces"),
        tiers.get("balance"),
        tiers.get("travel"),
        whole.get("travel") if whole else None if one is None else one["travel"],
        max((float(Fraction(load["ratio"])) for load in loads), default=None),
        float(Fraction(heaviest[0])) if heaviest else None if one is None else one["largest_load"],
        sum(side["units"] for side in sides) if two else None,
        together.get("units") or None,
        sum(load["effort"] + load["separate"] for load in loads) if two else None,
        None if one is None else one["load_total"] + one["separate_total"],
        sum(len(side["missing_categories"]) for side in sides) if two else None,
        None if one is None else len([c for c in one["missing_categories"].split(", ") if c]),
    )
