"""The frames of a run that gather: communities, counties, schools, robustness, outliers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assigner.batch.run_facts import BASE, CONVENER
from assigner.batch.run_frames import texts

if TYPE_CHECKING:
    import numpy.typing as npt

    from assigner.batch.runs import Runs

__all__ = ["LEAST_COMPARED", "MEASURES", "STANDS_OUT", "communities", "counties", "outliers", "robustness", "schools"]

LEAST_COMPARED = 8
"""Of fewer communities none is said to stand apart."""

STANDS_OUT = 3.5
"""From so many robust standard deviations off the median on (Iglewicz and Hoaglin, 1993)."""

MEASURES = ("largest_load", "overload", "unwilling", "travel_per_school", "travel_per_pupil", "convener_share")
"""What communities are compared in."""

_HAS_PLAN = ("optimal", "feasible")


def robustness(runs: Runs) -> pd.DataFrame:
    """A row for every duty that a school has under any variant.

    ``hosted`` of the ``variants`` of the community that have a plan, ``share`` of the two; ``in_base``: whether it is
    one of the base variant.
    """
    duties, bases = _lawful(runs, runs.duties), _base_ordinals(runs)
    pairs = duties.groupby(["community", "item", "code"], sort=False, observed=True)
    made = pairs.size().rename("hosted").reset_index()
    planned = duties[duties["item"] == CONVENER].groupby("community", sort=False).size()
    made["variants"] = made["community"].map(planned).astype(int) if len(made) else pd.Series(dtype=int)
    made["share"] = made["hosted"] / made["variants"]
    base = duties[duties["ordinal"].isin(bases.values())]
    keys = pd.MultiIndex.from_frame(base[["community", "item", "code"]])
    made["in_base"] = pd.MultiIndex.from_frame(made[["community", "item", "code"]]).isin(keys)
    return made[["community", "item", "code", "variants", "hosted", "share", "in_base"]]


def _lawful(runs: Runs, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of plans under the rules: those of members that lift a clause tell only what it costs."""
    return rows[rows["ordinal"].isin(runs.plans["ordinal"])] if runs.jobs["lifts"].any() else rows


def _base_ordinals(runs: Runs) -> dict[str, int]:
    """Community -> ordinal of its base variant; where there is none, of the first one."""
    jobs = runs.plans
    found: dict[str, int] = {}
    for base in (True, False):
        for community, variant, ordinal in zip(jobs["community"], jobs["variant"], jobs["ordinal"], strict=True):
            if (variant == BASE or not base) and community not in found:
                found[community] = ordinal
    return {community: found[community] for community in dict.fromkeys(jobs["community"])}


def communities(runs: Runs) -> pd.DataFrame:
    """A row for every community, in the order of the run.

    What its plan is like under the base variant (``variant`` names it); how its ``variants`` ended; ``fixed_share``,
    the share of the base's duties that are the same under all variants with a plan, and ``mean_share``, in how many of
    them a duty of the base is the same on the average (missing where fewer than two have a plan).
    """
    bases, jobs = _base_ordinals(runs), runs.plans
    chosen = jobs[jobs["ordinal"].isin(bases.values())].set_index("community")
    chosen = chosen.loc[list(bases)]
    columns = "ordinal name county counties variant state status n convener unwilling exploration overload largest_load"
    made = chosen[
        [*columns.split(), "travel", "travel_unit", "suitability", "relaxations", "missing_categories", "input"]
    ].copy()
    convening = zip(made["convener"], made["input"], strict=True)
    names = texts(runs.inputs.school(code, given).name for code, given in convening)
    made.insert(9, "convener_name", names.to_numpy())
    shown = runs.loads[runs.loads["ordinal"].isin(bases.values())]
    groups = shown.groupby("community", sort=False)
    made["mean_load"] = groups["ratio"].mean()
    top = shown[shown["ratio"] == shown["community"].map(made["largest_load"])]
    made["heaviest"] = top.groupby("community", sort=False)["code"].agg(", ".join)
    made["heaviest"] = made["heaviest"].astype(object).where(made["heaviest"].notna(), "")
    made["travel_per_school"] = made["travel"] / made["n"]
    made["pupils"] = made["input"].map(runs.inputs.pupils).astype(float)
    made["travel_per_pupil"] = (made["travel"] / made["pupils"]).where(made["pupils"] > 0)
    work = shown["effort"] + shown["separate"]
    own = work.where(shown["convener"], 0.0).groupby(shown["community"], sort=False).sum()
    made["convener_share"] = own / work.groupby(shown["community"], sort=False).sum()
    _count_variants(runs, made)
    return made.drop(columns="input").reset_index()


def _count_variants(runs: Runs, made: pd.DataFrame) -> None:
    """How the variants of each community ended, and how firm its duties are."""
    jobs = runs.plans
    of = jobs["community"]

    def count(which: pd.Series[bool] | npt.NDArray[np.bool_]) -> pd.Series[int]:
        return pd.Series(which, index=jobs.index).groupby(of, sort=False).sum().astype(int)

    made["variants"] = count(np.ones(len(jobs), dtype=bool))
    made["proven"] = count(jobs["status"].eq("optimal"))
    made["planned"] = count(jobs["convener"].ne("") & jobs["largest_load"].notna())
    made["relaxed"] = count(jobs["relaxations"].ne(""))
    made["infeasible"] = count(jobs["status"].eq("infeasible"))
    made["stopped"] = count(jobs["state"].eq("stopped"))
    made["failed"] = count(jobs["state"].eq("failed"))
    made["missing"] = count(jobs["state"].isin(("queued", "running")))
    firm = runs.robustness[runs.robustness["in_base"] & (runs.robustness["variants"] > 1)]
    shares = firm.groupby("community", sort=False)["share"]
    made["fixed_share"] = shares.agg(lambda share: float(share.eq(1).mean())).astype(float)
    made["mean_share"] = shares.mean()


def counties(runs: Runs) -> pd.DataFrame:
    """A row for every county; a community counts where most of its schools are, so that columns add up."""
    made = runs.communities
    groups = made.groupby("county", sort=True)
    found = pd.DataFrame(
        {
            "communities": groups.size(),
            "planned": made["largest_load"].notna().groupby(made["county"]).sum(),
            "proven": made["status"].eq("optimal").groupby(made["county"]).sum(),
            "relaxed": made["relaxations"].ne("").groupby(made["county"]).sum(),
            "infeasible": made["status"].eq("infeasible").groupby(made["county"]).sum(),
            "stopped": made["state"].eq("stopped").groupby(made["county"]).sum(),
            "failed": made["state"].eq("failed").groupby(made["county"]).sum(),
            "schools": groups["n"].sum(),
            "largest_load": groups["largest_load"].max(),
            "mean_largest_load": groups["largest_load"].mean(),
            "overload": groups["overload"].sum(),
            "unwilling": groups["unwilling"].sum(),
            "travel": groups["travel"].sum(min_count=1),
            "fixed_share": groups["fixed_share"].mean(),
        }
    )
    units = groups["travel_unit"].agg(lambda unit: ", ".join(sorted({u for u in unit if u})))
    found["travel_unit"] = units.astype(object)
    found.loc[units.str.contains(", ") if len(units) else [], "travel"] = np.nan
    # Of a community without a plan no travel is known: its schools do not share in that of the others.
    travelling = made["n"].where(made["travel"].notna()).groupby(made["county"]).sum()
    found["travel_per_school"] = found["travel"] / travelling.where(travelling > 0)
    for name in ("communities", "planned", "proven", "relaxed", "infeasible", "stopped", "failed", "schools"):
        found[name] = found[name].astype(int)
    return found.rename_axis("county").reset_index()


def schools(runs: Runs) -> pd.DataFrame:
    """A row for every school that takes part under any variant, the heaviest load first.

    A code that several communities have at once, such as those of made-up scenarios, is a school in each of them.

    Loads over the variants with a plan in which it takes part; ``duties`` on the average; ``always`` names the items
    that it hosts in all of them, ``sometimes`` those in some; ``convener_share``: in which share it convenes.
    """
    bases = set(_base_ordinals(runs).values())
    loads = _lawful(runs, runs.loads)
    kept = _lawful(runs, runs.duties)
    kept = kept[kept["item"] != CONVENER]
    loads, kept = (rows.assign(key=key) for rows, key in zip((loads, kept), _keys(bases, loads, kept), strict=True))
    groups = loads.groupby("key", sort=False)
    made = groups[["code", "school", "county", "township", "community"]].first()
    made["benchmark"] = groups["benchmark"].max().astype(bool) if len(made) else pd.Series(dtype=bool)
    made["communities"] = groups["community"].nunique()
    made["variants"] = groups.size()
    base = loads[loads["ordinal"].isin(bases)].drop_duplicates("key").set_index("key")
    made["base_load"] = base["ratio"]
    for name, how in (("least_load", "min"), ("mean_load", "mean"), ("most_load", "max")):
        made[name] = groups["ratio"].agg(how)
    made["mean_points"] = groups["points"].mean()
    made["capacity"] = groups["capacity"].mean()
    made["above"] = (loads["ratio"] > 1).groupby(loads["key"], sort=False).sum()
    made["convener_share"] = groups["convener"].mean()
    held = kept.groupby(["key", "item"], sort=False).size().to_frame("hosted").reset_index()
    total = made["variants"]
    held["all"] = held["hosted"] == held["key"].map(total)
    made["duties"] = (held.groupby("key", sort=False)["hosted"].sum() / total).fillna(0.0)
    for name, which in (("always", held["all"]), ("sometimes", ~held["all"])):
        named: dict[str, list[str]] = {}
        for key, item in zip(held.loc[which, "key"], held.loc[which, "item"], strict=True):
            named.setdefault(key, []).append(item)
        made[name] = texts(", ".join(sorted(named.get(key, ()))) for key in made.index).to_numpy()
    order = ["most_load", "code", "community"]
    return made.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _keys(bases: set[int], loads: pd.DataFrame, *rows: pd.DataFrame) -> Iterator[pd.Series[Any]]:
    """What tells schools apart: the code, and the community where several have the code at the same time."""
    at_once = loads[loads["ordinal"].isin(bases)].groupby("code")["community"].nunique()
    shared = set(at_once.index[at_once > 1])
    for part in (loads, *rows):
        if not shared:
            yield part["code"]
            continue
        yield part["code"].where(~part["code"].isin(shared), part["community"] + "\n" + part["code"])


# ------------------------------------------------------------------------------------------------------------ outliers


def robust_z(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How many robust standard deviations each value is off the median.

    By the median of the distances to it; by their mean where more than half of the values are equal.
    """
    off = values - np.median(values)
    scale = 1.4826 * float(np.median(np.abs(off))) or 1.2533 * float(np.mean(np.abs(off)))
    return off / scale if scale else np.zeros_like(off)


def outliers(runs: Runs) -> pd.DataFrame:
    """A row for every community and measure that stands apart, the farthest first; none where too few are compared.

    ``value``, ``median`` of the ``compared`` communities, ``z``: robust standard deviations off it.
    """
    made, rows = runs.communities, list[tuple[Any, ...]]()
    for measure in MEASURES:
        known = made[made[measure].notna()]
        if measure.startswith("travel") and len(known):  # km and minutes are not compared
            usual = known["travel_unit"].mode().iloc[0]
            known = known[known["travel_unit"] == usual]
        if len(known) < LEAST_COMPARED:
            continue
        values = known[measure].to_numpy(dtype=float)
        middle = float(np.median(values))
        for community, name, value, z in zip(known["community"], known["name"], values, robust_z(values), strict=True):
            if abs(z) >= STANDS_OUT:
                rows.append((community, name, measure, float(value), middle, float(z), len(known)))
    rows.sort(key=lambda row: -abs(row[5]))
    return pd.DataFrame(rows, columns=["community", "name", "measure", "value", "median", "z", "compared"])
