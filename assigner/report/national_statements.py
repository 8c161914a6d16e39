"""What the national report says in sentences, in the current language."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.messages import N_, _, _n, join_list, number
from assigner.report.national import lines_of
from assigner.report.statements import Statement, Tone
from assigner.words import TIER_NAMES

if TYPE_CHECKING:
    from assigner.report.national import National

__all__ = [
    "ERROR_WORDS",
    "MEASURE_WORDS",
    "MENDING",
    "REFUSED_WORDS",
    "STATUS_WORDS",
    "exact",
    "heading",
    "how_many",
    "load_text",
    "measure_value",
    "outlier_reason",
    "sources",
    "summary",
    "tier_name",
    "title",
    "travel_unit_words",
    "verdict",
    "versions",
]

STATUS_WORDS: Mapping[str, str] = {
    "optimal": N_("proven best"),
    "feasible": N_("stopped, with a plan that is not proven"),
    "stopped": N_("stopped before a plan was found"),
    "infeasible": N_("no lawful plan"),
    "disagrees": N_("failed: the audit disagrees"),
    "refused": N_("no split allowed"),
    "failed": N_("failed"),
    "queued": N_("not solved yet"),
    "running": N_("being solved"),
}
"""How a job ended, or how far it is."""

ERROR_WORDS: Mapping[str, str] = {
    "input": N_("the input cannot be used"),
    "crash": N_("the process that worked at it died"),
    "memory": N_("it took too much memory"),
    "time": N_("it took too long"),
    "program": N_("a fault of the program"),
    "disagrees": N_("the audit disagrees with the solver"),
}

MENDING: Mapping[str, str] = {
    "input": N_("Mend the input as the error says, then run the batch again."),
    "crash": N_("Run the batch again with --retry-failed; if it dies again, report it with this input."),
    "memory": N_("Grant more with --memory-limit, and run the batch again with --retry-failed."),
    "time": N_("Grant more with --kill-after or --time-limit, and run the batch again with --retry-failed."),
    "program": N_("Report this with its input; “assigner store show” names it."),
    "disagrees": N_("Report this with its input; the plan is not to be used."),
}

REFUSED_WORDS: Mapping[str, str] = {
    "learning_area": N_("it is a learning area"),
    "plans_number": N_("the rulebook speaks of another number of plans"),
    "too_few_schools": N_("too few schools"),
    "too_few_for_two": N_("too few schools for two plans"),
    "node_too_heavy": N_("one township has too many of the schools"),
    "sizes_unreachable": N_("no set of whole townships has the right size"),
    "too_many_pieces": N_("the community lies in too many pieces"),
    "pieces_and_sizes": N_("every division is too small or cuts something off"),
    "duties_everywhere": N_("in every division the duties of a plan cannot be given out"),
}
"""Why a split is refused, in few words; docs/split.md has all codes."""

MEASURE_WORDS: Mapping[str, str] = {
    "largest_load": N_("heaviest load"),
    "overload": N_("points above capacity"),
    "unwilling": N_("unwilling hosts"),
    "travel_per_school": N_("travel a year for each school"),
    "travel_per_pupil": N_("travel a year for each junior high pupil"),
    "convener_share": N_("share of all work that the convener carries"),
}


def title(report: National) -> str:
    """Of the report."""
    return _("National report: {run}", run=report.name)


def heading(report: National) -> tuple[str, ...]:
    """What run it is."""
    info, runs = report.runs.info, report.runs
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.made_at))
    lines = [
        _(
            "{communities} in {counties}; {variants}; asked for on {when}.",
            communities=_n("{n} community", "{n} communities", len(report.communities)),
            counties=_n("{n} county", "{n} counties", len([c for c in runs.counties["county"] if c])),
            variants=_n("{n} variant", "{n} variants", report.variants),
            when=when,
        )
    ]
    if report.other is not None:
        lines.append(_("Compared with {other}.", other=report.other_name))
    made_up = runs.inputs.synthetic
    if made_up:
        lines.append(
            _n(
                "{n} of {all} inputs is made up: no such schools exist.",
                "{n} of {all} inputs are made up: no such schools exist.",
                made_up,
                all=len(runs.inputs.members),
            )
        )
    return tuple(lines)


def how_many(report: National) -> dict[str, int]:
    """Status (of an answer, else the state of the job) -> number of members."""
    jobs = report.runs.jobs
    ended = jobs["status"].where(jobs["status"].ne("") & jobs["state"].ne("failed"), jobs["state"])
    counted = ended.value_counts()
    return {name: int(counted[name]) for name in STATUS_WORDS if name in counted.index}


def verdict(report: National) -> Statement:
    """How the run stands, in a sentence or two."""
    made, counted, info = report.communities, how_many(report), report.runs.info
    members = len(report.runs.members)
    if not members:
        return Statement(_("The run has no members: there is nothing to report."), "warning")
    proven, failed = int(made["status"].eq("optimal").sum()), counted.get("failed", 0)
    told = [
        _n("The plan of the community is proven best.", "The plans of all {n} communities are proven best.", proven)
        if proven == len(made)
        else _("{proven} of {all} communities have a plan that is proven best.", proven=proven, all=number(len(made)))
    ]
    if failed:
        told.append(_n("{n} job failed.", "{n} jobs failed.", failed))
    all_ = max(info.total, members)
    missing = counted.get("queued", 0) + counted.get("running", 0) + all_ - members
    if missing:
        told.append(
            _n(
                "{n} of {all} answers is still missing; the numbers are those of the others.",
                "{n} of {all} answers are still missing; the numbers are those of the others.",
                missing,
                all=number(all_),
            )
        )
    elif not info.complete:
        told.append(_("Not all members of the run are known yet."))
    grave = made["state"].eq("failed") | made["status"].isin(("infeasible", "disagrees"))
    tone: Tone = "bad" if grave.any() else "good" if proven == len(made) and len(told) == 1 else "warning"
    return Statement(" ".join(told), tone)


def summary(report: National) -> Iterator[str]:
    """The main findings, a sentence each."""
    made, counted, jobs = report.communities, how_many(report), report.runs.jobs
    if not len(jobs):
        return
    parts = [_("{status}: {n}", status=_(STATUS_WORDS[name]), n=number(n)) for name, n in counted.items()]
    told = {"all": number(len(jobs)), "parts": join_list(parts)}
    solved = jobs["job"].nunique()
    if solved < len(jobs):
        yield _("Of {all} questions, solved as {jobs} jobs since some are equal: {parts}.", jobs=number(solved), **told)
    else:
        yield _("Of {all} jobs: {parts}.", **told)
    kinds = Counter(report.runs.failures["error"]).most_common()
    if kinds:
        words = [(ERROR_WORDS.get(kind, ERROR_WORDS["program"]), n) for kind, n in kinds]
        why = [f"{_(word)} ({number(n)})" for word, n in words]
        yield _("Failed because: {reasons}.", reasons=join_list(why))
    for status, line in (
        ("infeasible", N_("No lawful plan: {communities}.")),
        ("feasible", N_("A plan, but not proven: {communities}.")),
    ):
        if found := _named(report, made.loc[made["status"] == status, "community"]):
            yield _(line, communities=found)
    relaxed = made[made["relaxations"] != ""]
    if len(relaxed):
        yield _n(
            "{n} community needs a rule to be relaxed: {communities}.",
            "{n} communities need a rule to be relaxed: {communities}.",
            len(relaxed),
            communities=_named(report, relaxed["community"]),
        )
    elif made["largest_load"].notna().any():
        yield _("No community needs a rule to be relaxed.")
    yield from _heaviest(report)
    yield from _firm(report)
    yield from _binding(report)
    yield from _split(report)


_NAMED = 12
"""So many communities are named in a sentence."""


def _named(report: National, communities: Iterable[str]) -> str:
    names = [report.community_names[community] for community in communities]
    if len(names) > _NAMED:
        rest = _n("{n} more", "{n} more", len(names) - _NAMED)
        names = [*names[:_NAMED], rest]
    return join_list(names)


def _heaviest(report: National) -> Iterator[str]:
    made = report.communities
    top = made[made["largest_load"].notna()].nlargest(3, "largest_load")
    if not len(top):
        return
    told = [
        _(
            "{community} {load} ({schools})",
            community=report.community_names[row.community],
            load=load_text(row.largest_load),
            schools=join_list(report.school(code, row.community) for code in row.heaviest.split(", ")[:2]),
        )
        for row in lines_of(top)
    ]
    yield _("The heaviest loads, as multiples of the capacity: {loads}.", loads=join_list(told))


def _firm(report: National) -> Iterator[str]:
    made = report.communities[report.communities["fixed_share"].notna()]
    firm = made["fixed_share"]
    if len(firm):
        yield _(
            "On the average over communities, {share}% of the duties are the same under all variants; least in {name}.",
            share=number(100 * float(firm.mean())),
            name=report.community_names[made["community"].iloc[int(firm.argmin())]],
        )


def _binding(report: National) -> Iterator[str]:
    binding = report.runs.clauses
    binding = binding[binding["binds"] > 0]
    if len(binding):
        first = binding.iloc[0]
        yield _(
            "The clause that binds most: {clause}, in {n} of {all} communities.",
            clause=report.title(first["clause"]),
            n=number(int(first["binds"])),
            all=number(int(first["lifted"])),
        )


def _split(report: National) -> Iterator[str]:
    splits = report.runs.splits
    helped = splits[splits["travel"] < splits["travel_together"]]
    if len(splits):
        yield _n(
            "A split was asked for {n} time; {helped} would shorten travel.",
            "A split was asked for {n} times; {helped} would shorten travel.",
            len(splits),
            helped=number(len(helped)),
        )


def load_text(value: float) -> str:
    """A load as a share of the capacity, with two decimals."""
    return number(value, 2)


def tier_name(tier: str) -> str:
    """An aim in words; that there is a plan at all is one, too."""
    if tier == "plan":
        return _("a plan at all")
    return _(TIER_NAMES[tier]) if tier in TIER_NAMES else tier


def travel_unit_words(unit: str) -> str:
    """The unit of travel."""
    return _("person-minutes") if unit == "minutes" else _("person-km")


def measure_value(measure: str, value: float) -> str:
    """A measure as people read it."""
    if measure == "convener_share":
        return f"{number(100 * value)}%"
    if measure == "unwilling":
        return number(value)
    return number(value, 2 if measure in ("largest_load", "travel_per_pupil") else 1)


def outlier_reason(measure: str, value: float, median: float, compared: int) -> str:
    """Why a community stands apart."""
    parts = {
        "measure": _(MEASURE_WORDS[measure]),
        "value": measure_value(measure, value),
        "median": measure_value(measure, median),
        "n": number(compared),
    }
    if median and value / median >= _TIMES:
        return _(
            "{measure}: {value}, {times} times the median of {n} communities ({median}).",
            times=number(value / median, 1),
            **parts,
        )
    if value < median:
        return _("{measure}: {value}, far below the median of {n} communities ({median}).", **parts)
    return _("{measure}: {value}, far above the median of {n} communities ({median}).", **parts)


_TIMES = 1.5


def sources(report: National) -> tuple[str, ...]:
    """What the inputs name as sources, the townships, and the store itself."""
    from assigner.report import national_map

    runs = report.runs
    files = list(dict.fromkeys(member.source for member in runs.members if member.source))
    lines = [_("Store: {file}, run {number}.", file=runs.path.name, number=runs.info.id)]
    if files:
        shown = join_list([*files[:_NAMED], *(["…"] if len(files) > _NAMED else [])])
        lines.append(_("Inputs: {files}.", files=shown))
    lines += runs.inputs.sources
    lines += [f"{name}: {join_list(text.values())}" for name, text in runs.inputs.attributions.items()]
    return (*lines, *((national_map.credit(report),) if report.base is not None else ()))


def versions(report: National) -> str:
    """Program, rulebooks and the run, so that the numbers can be found again."""
    import assigner

    parts = [_("program {version}", version=assigner.__version__)]
    parts += [_("rulebook {year} ({hash})", year=b.year, hash=b.hash[:12]) for b in report.runs.rulebooks]
    parts.append(_("solved by the program {fingerprint}", fingerprint=report.runs.info.program[:12]))
    return join_list(parts)


def exact(value: float | None) -> Fraction | None:
    """A number of a frame as a value of tables; None where it is missing."""
    return None if value is None or value != value else Fraction(value)


def meanings() -> Iterator[tuple[str, str]]:
    """What the numbers of the tables mean."""
    yield _("Load"), _("Points of a school (as convener, of last years, of its duties) for each point of its capacity.")
    yield _("Heaviest load"), _("The largest load of a school of the community; 1 is the capacity.")
    yield _("Points above capacity"), _("Of all schools whose load is above 1, added up.")
    yield _("Unwilling hosts"), _("Duties given to schools that said they are unwilling.")
    yield (
        _("Travel a year"),
        _("Of all people and trips that the rulebook counts; for each school: divided by the schools that take part."),
    )
    yield (
        _("By county"),
        _("A community counts in the county where most of its schools are; travel in different units is not added up."),
    )
    yield (
        _("As it is"),
        _("The variant that changes nothing; where a run has none, the first variant of the community."),
    )
    yield (
        _("Variants"),
        _("Those with a plan count. Jobs that lift a clause count only where it is told what the clause costs."),
    )
    yield (
        _("Duties that never move"),
        _("Of the duties of the plan as it is, convening included: the share that the same school has in all of them."),
    )
    yield (
        _("A duty is where it was, on the average"),
        _("Of the same duties: the share of the variants in which the same school has it, on the average."),
    )
    yield (
        _("Collides"),
        _("It is one of a smallest set of clauses that cannot hold together; a relaxation is in force, or none helps."),
    )
    yield (
        _("Binds"),
        _("Without the clause the first aim that differs is better, in the order of the aims."),
    )
    yield (
        _("Stands apart"),
        _(
            "At least 3.5 robust standard deviations off the median of the communities: of the median distance to the "
            "median, times 1.4826; of the mean distance, times 1.2533, where more than half are equal."
        ),
    )
    yield _("Work in points"), _("Effort of all duties, those with a plan and budget of their own included.")
