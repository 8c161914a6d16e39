"""The national report as tables of plain values, in the current language; see `assigner.report.tables`.

Every number is one of `assigner.batch.runs`, or a sum of them that is named so. Page and workbook show the same tables;
the page fewer rows of those that are long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assigner.batch.run_groups import LEAST_COMPARED
from assigner.messages import N_, _, _n, join_list, number
from assigner.report import national_statements as sentences
from assigner.report.national import lines_of
from assigner.report.national_statements import exact, tier_name
from assigner.report.tables import Column, Table, Value

if TYPE_CHECKING:
    from assigner.report.national import National

__all__ = [
    "by_variant",
    "changed_communities",
    "clauses",
    "communities",
    "counties",
    "differences",
    "ended",
    "failures",
    "firm_communities",
    "members",
    "moving_duties",
    "outliers",
    "relaxations",
    "schools",
    "splits",
]

_PER_CENT = "%"


def _share(value: float) -> Fraction | None:
    """A share as per cent."""
    return None if value != value else Fraction(value) * 100


def _status(row: Any) -> str:
    """How it ended, in words."""
    name = row.status if row.status and row.state != "failed" else row.state
    word = sentences.STATUS_WORDS.get(name, name)
    return _(word)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(", ") if part)


def ended(report: National) -> Table:
    """How the jobs ended: members of the run, and the communities they belong to."""
    columns = (
        Column("status", _("How it ended")),
        Column("members", _("Jobs"), "number"),
        Column("communities", _("Communities"), "number"),
    )
    jobs = report.runs.jobs
    name = jobs["status"].where(jobs["status"].ne("") & jobs["state"].ne("failed"), jobs["state"])
    of = jobs["community"].groupby(name).nunique()
    rows: list[tuple[Value, ...]] = [
        (_(sentences.STATUS_WORDS[status]), n, int(of[status])) for status, n in sentences.how_many(report).items()
    ]
    rows.append((_("together"), len(jobs), int(jobs["community"].nunique())))
    note = _("A job is one question about one community under one variant. Equal ones are solved once, and all count.")
    return Table("ended", _("How the jobs ended"), columns, tuple(rows), note)


def communities(report: National) -> Table:
    """Every community under its base variant, the heaviest load first."""
    unit = _travel_unit(report)
    columns = (
        Column("community", _("Community")),
        Column("counties", _("Counties"), "list"),
        Column("status", _("Status")),
        Column("n", _("Schools"), "number"),
        Column("convener", _("Convening school")),
        Column("relaxations", _("Relaxations")),
        Column("largest_load", _("Heaviest load"), "number", digits=2),
        Column("heaviest", _("Carried by"), "list"),
        Column("mean_load", _("Mean load"), "number", digits=2),
        Column("overload", _("Points above capacity"), "number", digits=1),
        Column("unwilling", _("Unwilling hosts"), "number", digits=0),
        Column("travel", _("Travel a year"), "number", unit, 0),
        Column("travel_per_school", _("Travel for each school"), "number", unit, 0),
        Column("missing_categories", _("Kinds of courses that are missing")),
    )
    made = report.communities.sort_values(["largest_load", "ordinal"], ascending=[False, True], na_position="first")
    rows = tuple(
        (
            report.community_names[row.community],
            _list(row.counties),
            _status(row),
            _whole(row.n),
            report.school(row.convener, row.community) if row.convener else "",
            join_list(_list(row.relaxations)),
            exact(row.largest_load),
            _first([report.school(code, row.community) for code in _list(row.heaviest)], _FEW),
            exact(row.mean_load),
            exact(row.overload),
            exact(row.unwilling),
            exact(row.travel),
            exact(row.travel_per_school),
            join_list(report.title(name).removeprefix(f"{name} ") for name in _list(row.missing_categories)),
        )
        for row in lines_of(made)
    )
    note = _("Under the variant that changes nothing. A load of 1 is the capacity of the school.")
    return Table("communities", _("By community"), columns, rows, note)


_FEW, _NAMED = 3, 8
"""So many are named in a cell: schools that share the first place, and of what else there are many."""


def _first(names: Sequence[str], most: int) -> tuple[str, ...]:
    """The first of some names, and how many more there are."""
    if len(names) <= most:
        return tuple(names)
    return (*names[:most], _n("{n} more", "{n} more", len(names) - most))


def _whole(value: float) -> int | None:
    return None if value != value else int(value)


def _travel_unit(report: National) -> str:
    """The unit of travel, where all have the same."""
    units = {unit for unit in report.communities["travel_unit"] if unit}
    return join_list(sentences.travel_unit_words(unit) for unit in sorted(units))


def counties(report: National) -> Table:
    """Every county; each community counts once."""
    unit = _travel_unit(report)
    columns = (
        Column("county", _("County")),
        Column("communities", _("Communities"), "number"),
        Column("proven", _("Proven best"), "number"),
        Column("relaxed", _("With a relaxation"), "number"),
        Column("infeasible", _("No lawful plan"), "number"),
        Column("failed", _("Failed"), "number"),
        Column("schools", _("Schools"), "number"),
        Column("largest_load", _("Heaviest load"), "number", digits=2),
        Column("mean_largest_load", _("Mean of the heaviest loads"), "number", digits=2),
        Column("overload", _("Points above capacity"), "number", digits=1),
        Column("unwilling", _("Unwilling hosts"), "number", digits=0),
        Column("travel", _("Travel a year"), "number", unit, 0),
        Column("travel_per_school", _("Travel for each school"), "number", unit, 0),
    )
    rows: list[tuple[Value, ...]] = [
        (
            row.county or _("not known"),
            row.communities,
            row.proven,
            row.relaxed,
            row.infeasible,
            row.failed,
            row.schools,
            exact(row.largest_load),
            exact(row.mean_largest_load),
            exact(row.overload),
            exact(row.unwilling),
            exact(row.travel),
            exact(row.travel_per_school),
        )
        for row in lines_of(report.runs.counties)
    ]
    note = _("A community counts in the county where most of its schools are, so that the columns add up.")
    return Table("counties", _("By county"), columns, tuple(rows), note)


def schools(report: National) -> Table:
    """Who carries what over the variants, the heaviest load first."""
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("county", _("County")),
        Column("township", _("Township")),
        Column("community", _("Community")),
        Column("base_load", _("Load as it is"), "number", digits=2),
        Column("least_load", _("Least load"), "number", digits=2),
        Column("mean_load", _("Mean load"), "number", digits=2),
        Column("most_load", _("Most load"), "number", digits=2),
        Column("duties", _("Duties, on the average"), "number", digits=1),
        Column("convener_share", _("Convenes"), "number", _PER_CENT, 0),
        Column("always", _("Hosts always")),
        Column("sometimes", _("Hosts sometimes")),
        Column("variants", _("Variants"), "number"),
    )
    rows = tuple(
        (
            row.code,
            row.school,
            row.county,
            row.township,
            report.community_names[row.community],
            exact(row.base_load),
            exact(row.least_load),
            exact(row.mean_load),
            exact(row.most_load),
            exact(row.duties),
            _share(row.convener_share),
            join_list(_list(row.always)),
            join_list(_list(row.sometimes)),
            row.variants,
        )
        for row in lines_of(report.runs.schools)
    )
    note = _("Over the variants with a plan in which the school takes part. A load of 1 is the capacity of the school.")
    return Table("schools", _("By school: who carries what"), columns, rows, note)


def by_variant(report: National) -> Table:
    """What each value of an axis does, beside the plans as they are; axes with many values are left out."""
    jobs = report.runs.plans
    base = jobs[jobs["variant"] == "base"].drop_duplicates("community").set_index("community")
    columns = (
        Column("axis", _("What varies")),
        Column("value", _("Value")),
        Column("jobs", _("Jobs"), "number"),
        Column("planned", _("With a plan"), "number"),
        Column("relaxed", _("With a relaxation"), "number"),
        Column("largest_load", _("Mean of the heaviest loads"), "number", digits=3),
        Column("load_change", _("Change of the heaviest load"), "number", digits=3),
        Column("travel_change", _("Change of travel"), "number", _PER_CENT, 2),
    )
    rows: list[tuple[Value, ...]] = []
    left_out = []
    for axis in (name for name in jobs.columns if name.startswith("variant.")):
        values = jobs[axis].dropna()
        if values.nunique() > _MOST_VALUES:
            left_out.append(_axis(axis))
            continue
        for value in dict.fromkeys(values):
            own = jobs[jobs[axis] == value]
            same = own["community"].map(base["largest_load"]), own["community"].map(base["travel"])
            load, travel = own["largest_load"] - same[0], own["travel"] / same[1].where(same[1] > 0) - 1
            rows.append(
                (
                    _axis(axis),
                    str(value),
                    len(own),
                    int(own["largest_load"].notna().sum()),
                    int(own["relaxations"].ne("").sum()),
                    exact(own["largest_load"].mean()),
                    exact(load.mean()),
                    _share(travel.mean()),
                )
            )
    note = _("On the average over communities, beside the plans of the same communities as they are.")
    if left_out:
        note += " " + _("Not shown, for their many values: {axes}.", axes=join_list(left_out))
    return Table("by_variant", _("What the variants do"), columns, tuple(rows), note)


_MOST_VALUES = 40


def _axis(column: str) -> str:
    """What varies, as the file of variants calls it; single variants have a name."""
    axis = column.removeprefix("variant.")
    return _("single variants") if axis == "variant" else axis


def clauses(report: National) -> Table:
    """Every clause that collides or is lifted, those that bind most first."""
    found = report.runs.clauses
    tried = bool((found["lifted"] > 0).any())
    columns = [
        Column("clause", _("Clause")),
        Column("collides", _("Collides in so many communities"), "number"),
        Column("relaxations", _("Calls for"), "list"),
    ]
    if tried:
        columns += [
            Column("lifted", _("Lifted in so many"), "number"),
            Column("binds", _("Binds in so many"), "number"),
            Column("gains", _("What is better without it"), "list"),
        ]
    gains = _gains(report)
    rows: list[tuple[Value, ...]] = []
    for row in lines_of(found):
        cells: tuple[Value, ...] = (
            report.title(row.clause),
            row.collides,
            tuple(report.title(name) for name in _list(row.relaxations)),
        )
        if tried:
            known = row.lifted > 0
            cells += (row.lifted if known else None, row.binds if known else None, gains.get(row.clause, ()))
        rows.append(cells)
    answered = int(found["communities"].max()) if len(found) else 0
    note = _("Of {n} communities with an answer.", n=number(answered))
    if tried:
        note += " " + _(
            "A clause binds where an answer without it is better. What is better is the first aim that is, in the "
            "order of the aims; by how much, added up over the communities where it is that one (of loads, the first "
            "of them that differs)."
        )
    else:
        note += " " + _("What a clause costs is known where the batch was asked to lift each in turn.")
    return Table("clauses", _("Clauses that bind, and what each costs"), tuple(columns), tuple(rows), note)


_RELAXED = {
    "in_force": N_("in force"),
    "would_help": N_("would help"),
    "tried": N_("tried; there is no plan even so"),
    "no_plan": N_("no lawful plan"),
}


def _gains(report: National) -> dict[str, tuple[str, ...]]:
    """Clause -> what is better without it: aim, by how much, in how many communities."""
    found: dict[str, tuple[str, ...]] = {}
    lifts = report.runs.lifts
    lifts = lifts[lifts["gain"].gt(0) | lifts["tier"].eq("plan")]
    for (clause, tier), own in lifts.groupby(["clause", "tier"], sort=False):
        where = _n("{n} community", "{n} communities", own["community"].nunique())
        parts = {"aim": tier_name(str(tier)), "communities": where}
        if tier == "plan":
            told = _("{aim}, in {communities}", **parts)
        else:
            told = _("{aim}: by {gain} in {communities}", gain=number(float(own["gain"].sum()), 2), **parts)
        found[str(clause)] = (*found.get(str(clause), ()), told)
    return found


def relaxations(report: National) -> Table:
    """Which relaxations are in force, or would help, and why: the same reason once, with its communities."""
    columns = (
        Column("relaxation", _("Relaxation")),
        Column("state", _("State")),
        Column("because", _("Because these cannot hold together"), "list"),
        Column("jobs", _("Jobs"), "number"),
        Column("communities", _("Communities"), "number"),
        Column("names", _("Which"), "list"),
    )
    found = report.runs.relaxations
    found = found[found["ordinal"].isin(report.runs.plans["ordinal"])]
    rows: list[tuple[Value, ...]] = []
    for (name, state, because), own in found.groupby(["relaxation", "state", "because"], sort=True):
        names = [report.community_names[community] for community in dict.fromkeys(own["community"])]
        why = tuple(report.title(clause) for clause in _list(str(because)))
        if not why:
            why = (_("stated by the input"),) if state == "in_force" else ("–",)
        rows.append(
            (
                report.title(str(name)),
                _(_RELAXED[str(state)]),
                why,
                own["ordinal"].nunique(),
                len(names),
                _first(names, _NAMED),
            )
        )
    note = _("Over all variants.")
    return Table("relaxations", _("Communities that need a relaxation, and why"), columns, tuple(rows), note)


def splits(report: National) -> Table:
    """Every split that was asked for, beside the one plan; those that shorten travel most come first."""
    unit = _travel_unit(report)
    columns = (
        Column("community", _("Community")),
        Column("variant", _("Variant")),
        Column("status", _("Status")),
        Column("helps", _("Shortens travel"), "flag"),
        Column("schools", _("Schools of the two plans")),
        Column("travel_together", _("Travel in one plan"), "number", unit, 0),
        Column("travel", _("Travel in two"), "number", unit, 0),
        Column("change", _("Change"), "number", _PER_CENT, 1),
        Column("largest_load_together", _("Heaviest load in one plan"), "number", digits=2),
        Column("largest_load", _("Heaviest load in two"), "number", digits=2),
        Column("balance", _("Difference of the two sizes"), "number", digits=0),
        Column("categories_together", _("Kinds of courses missing in one"), "number", digits=0),
        Column("categories", _("Missing in two, together"), "number", digits=0),
        Column("duties_together", _("Duties in one plan"), "number", digits=0),
        Column("duties", _("Duties in two"), "number", digits=0),
        Column("work_together", _("Work in one plan"), "number", _("points"), 1),
        Column("work", _("Work in two"), "number", _("points"), 1),
    )
    found = report.runs.splits
    change = found["travel"] / found["travel_together"].where(found["travel_together"] > 0) - 1
    found = found.assign(change=change).sort_values(["change", "ordinal"], na_position="last")
    small = found["refused_by"] == "too_few_schools"
    found = found[~small]
    rows = tuple(
        (
            report.community_names[row.community],
            report.variant(row.variant),
            _split_status(row),
            None if np.isnan(row.change) else bool(row.change < 0),
            "" if np.isnan(row.schools_1) else f"{int(row.schools_1)} + {int(row.schools_2)}",
            exact(row.travel_together),
            exact(row.travel),
            _share(row.change),
            exact(row.largest_load_together),
            exact(row.largest_load),
            exact(row.balance),
            exact(row.categories_missing_together),
            exact(row.categories_missing),
            exact(row.duties_together),
            exact(row.duties),
            exact(row.work_together),
            exact(row.work),
        )
        for row in lines_of(found)
    )
    note = _("Two plans host every item twice: the work in all grows, and each school has less of it or more.")
    if small.any():
        note += " " + _n(
            "{n} question about a community that is too small for a split is not listed.",
            "{n} questions about communities that are too small for a split are not listed.",
            int(small.sum()),
        )
    return Table("splits", _("Splits, beside one plan"), columns, rows, note)


def _split_status(row: Any) -> str:
    status = sentences.STATUS_WORDS.get(row.status, row.status)
    reasons = [sentences.REFUSED_WORDS.get(code, code) for code in _list(row.refused_by)]
    if not reasons:
        return _(status)
    return _("{status}: {reasons}", status=_(status), reasons=join_list(_(reason) for reason in reasons))


def outliers(report: National) -> Table:
    """Communities that stand apart from the others, each with the reason."""
    columns = (
        Column("community", _("Community")),
        Column("reason", _("Why it stands apart")),
        Column("z", _("Robust standard deviations off the median"), "number", digits=1),
    )
    rows = tuple(
        (
            report.community_names[row.community],
            sentences.outlier_reason(row.measure, row.value, row.median, row.compared),
            exact(row.z),
        )
        for row in lines_of(report.runs.outliers)
    )
    compared = int(report.communities["largest_load"].notna().sum())
    if compared < LEAST_COMPARED:
        note = _(
            "Only {n} communities have a plan: too few to say of any that it stands apart (at least {least}).",
            n=number(compared),
            least=LEAST_COMPARED,
        )
    else:
        note = _(
            "More than 3.5 robust standard deviations (from the median distance to the median) off the median. To be "
            "looked at; not necessarily wrong."
        )
    return Table("outliers", _("Communities that stand apart"), columns, rows, note)


def firm_communities(report: National) -> Table:
    """How firm the duties of each community are over the variants, the least firm first."""
    made = report.communities
    made = made[made["fixed_share"].notna()].sort_values(["fixed_share", "ordinal"])
    columns = (
        Column("community", _("Community")),
        Column("variants", _("Variants"), "number"),
        Column("planned", _("With a plan"), "number"),
        Column("fixed_share", _("Duties that never move"), "number", _PER_CENT, 0),
        Column("mean_share", _("A duty is where it was, on the average"), "number", _PER_CENT, 0),
        Column("relaxed", _("Variants with a relaxation"), "number"),
        Column("infeasible", _("Without a lawful plan"), "number"),
    )
    rows = tuple(
        (
            report.community_names[row.community],
            row.variants,
            row.planned,
            _share(row.fixed_share),
            _share(row.mean_share),
            row.relaxed,
            row.infeasible,
        )
        for row in lines_of(made)
    )
    note = _("Duties of the plan as it is, convening included; over the variants with a plan.")
    return Table("firm", _("How firm the plans are"), columns, rows, note)


def moving_duties(report: National) -> Table:
    """The duties of the base plans that stay in the fewest variants, and who else has them."""
    found = report.runs.robustness
    moving = found[found["in_base"] & (found["share"] < 1)].sort_values(["share", "community", "item"])
    others: dict[tuple[str, str], list[tuple[str, int]]] = {}
    away = found[~found["in_base"]].sort_values("hosted", ascending=False)
    for community, item, code, hosted in zip(
        away["community"], away["item"], away["code"], away["hosted"], strict=True
    ):
        others.setdefault((community, item), []).append((code, hosted))
    columns = (
        Column("community", _("Community")),
        Column("item", _("Duty")),
        Column("school", _("School")),
        Column("share", _("In so many of the variants"), "number", _PER_CENT, 0),
        Column("hosted", _("Variants"), "number"),
        Column("others", _("Else with"), "list"),
    )
    rows = tuple(
        (
            report.community_names[row.community],
            _("convening") if row.item == "convener" else report.title(row.item),
            report.school(row.code, row.community),
            _share(row.share),
            row.hosted,
            tuple(
                _n("{school}: {n} variant", "{school}: {n} variants", n, school=report.school(code, row.community))
                for code, n in others.get((row.community, row.item), ())[:_FEW]
            ),
        )
        for row in lines_of(moving)
    )
    return Table("moving", _("Duties that move most"), columns, rows)


def failures(report: National) -> Table:
    """Jobs without an answer: equal errors once, with how to mend them."""
    columns = (
        Column("error", _("Why")),
        Column("text", _("What the program says")),
        Column("mend", _("How to mend it")),
        Column("jobs", _("Jobs"), "number"),
        Column("labels", _("Which"), "list"),
    )
    found = report.runs.failures
    said = found["problems"].where(found["problems"] != "", found["text"])
    rows: list[tuple[Value, ...]] = []
    for (kind, words), own in found.assign(said=said).groupby(["error", "said"], sort=False):
        why = sentences.ERROR_WORDS.get(str(kind), sentences.ERROR_WORDS["program"])
        mend = sentences.MENDING.get(str(kind), sentences.MENDING["program"])
        # The sentence of a worker that was lost is kept in English.
        told = str(words)
        rows.append((_(why), _(told) if words else "", _(mend), len(own), _first(list(own["label"]), _NAMED)))
    rows.sort(key=lambda row: -row[3] if isinstance(row[3], int) else 0)
    return Table("failures", _("Jobs that failed"), columns, tuple(rows))


# --------------------------------------------------------------------------------------------------- two runs compared

_CHANGES = {
    "new": N_("only in this run"),
    "gone": N_("only in the other run"),
    "status": N_("ended otherwise"),
    "relaxations": N_("other relaxations"),
    "tier": N_("an aim has another value"),
    "duty": N_("a duty has moved"),
}


def _differing(report: National) -> pd.DataFrame:
    found = report.differences
    assert found is not None
    return found


def _name_of(report: National, community: str, name: str) -> str:
    return report.community_names.get(community) or name or community


def changed_communities(report: National) -> Table:
    """What differs from the other run, community by community."""
    found = _differing(report)
    columns = (
        Column("community", _("Community")),
        Column("variants", _("Variants that differ"), "number"),
        Column("only", _("Only in one of the runs"), "number"),
        Column("ended", _("Ended otherwise"), "number"),
        Column("relaxed", _("Other relaxations"), "number"),
        Column("aims", _("Aims with another value"), "list"),
        Column("duties", _("Duties that moved"), "number"),
    )
    rows = []
    for community, own in found.groupby("community", sort=False):
        count = own["change"].value_counts()
        aims = tuple(tier_name(tier) for tier in dict.fromkeys(own.loc[own["change"] == "tier", "what"]))
        rows.append(
            (
                _name_of(report, str(community), own["name"].iloc[0]),
                len(own[["variant", "kind"]].drop_duplicates()),
                int(count.get("new", 0) + count.get("gone", 0)),
                int(count.get("status", 0)),
                int(count.get("relaxations", 0)),
                aims,
                int(count.get("duty", 0)),
            )
        )
    note = _("Members are matched by community and variant; communities that are not listed are alike.")
    return Table("changed", _("Differences by community"), columns, tuple(rows), note)


def differences(report: National) -> Table:
    """Every difference, a row each."""
    columns = (
        Column("community", _("Community")),
        Column("variant", _("Variant")),
        Column("change", _("What differs")),
        Column("what", _("Aim or duty")),
        Column("before", _("In the other run")),
        Column("after", _("In this run")),
    )
    found = _differing(report)
    one_sided = found["change"].isin(("new", "gone"))  # what both runs have comes first
    rows = tuple(_difference_rows(report, pd.concat([found[~one_sided], found[one_sided]])))
    return Table("differences", _("Every difference"), columns, rows)


def _difference_rows(report: National, found: pd.DataFrame) -> Iterator[tuple[Value, ...]]:
    for row in lines_of(found):
        what, before, after = row.what, row.before, row.after
        if row.change == "tier":
            what = tier_name(what)
        elif row.change == "duty":
            what = _("convening") if what == "convener" else report.title(what)
            before, after = (
                join_list(report.school(code, row.community) for code in _list(codes)) for codes in (before, after)
            )
        elif row.change == "status":
            words = [sentences.STATUS_WORDS.get(word, word) for word in (before, after)]
            before, after = (_(word) for word in words)
        variant = report.variant(row.variant)
        if row.kind == "split":
            variant = _("{variant}, split", variant=variant)
        yield _name_of(report, row.community, row.name), variant, _(_CHANGES[row.change]), what, before, after


def members(report: National) -> Table:
    """Every member of the run with the main numbers of its answer."""
    unit = _travel_unit(report)
    columns = (
        Column("ordinal", _("No."), "number"),
        Column("community", _("Community")),
        Column("variant", _("Variant")),
        Column("kind", _("Question")),
        Column("status", _("Status")),
        Column("n", _("Schools"), "number"),
        Column("convener", _("Convening school"), "code"),
        Column("largest_load", _("Heaviest load"), "number", digits=2),
        Column("overload", _("Points above capacity"), "number", digits=1),
        Column("unwilling", _("Unwilling hosts"), "number", digits=0),
        Column("travel", _("Travel a year"), "number", unit, 0),
        Column("relaxations", _("Relaxations")),
        Column("seconds", _("Seconds"), "number", digits=3),
    )
    split, plan = _("two plans"), _("one plan")
    rows = tuple(
        (
            row.ordinal,
            report.community_names[row.community],
            report.variant(row.variant),
            split if row.kind == "split" else plan,
            _status(row),
            _whole(row.n),
            row.convener,
            exact(row.largest_load),
            exact(row.overload),
            exact(row.unwilling),
            exact(row.travel),
            row.relaxations,
            exact(row.seconds),
        )
        for row in lines_of(report.runs.jobs)
    )
    return Table("members", _("Every job"), columns, rows)
