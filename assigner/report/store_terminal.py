"""What a store holds, on a terminal: its runs, the members that a word names, one job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType

from assigner.batch.store import STATES
from assigner.batch.watching import duration
from assigner.help_texts import program_name
from assigner.messages import N_, _, _n, join_list, number
from assigner.report.prose import Prose
from assigner.report.terminal import print_parts, section, show_result, table_of
from assigner.words import STATUS_WORDS, TIER_NAMES, travel_unit

if TYPE_CHECKING:
    from assigner.batch.store import Cleared
    from assigner.planner import Result

__all__ = ["cleared_line", "show_job", "show_members", "show_runs", "size_text", "variant_text"]

_STATES: Mapping[str, str] = {
    "queued": N_("waiting"),
    "running": N_("under way"),
    "done": N_("done"),
    "failed": N_("failed"),
    "stopped": N_("stopped early"),
}

_TONES = {"done": "green", "failed": "bold red", "stopped": "yellow"}

_ANSWERS: Mapping[str, str] = {
    "optimal": N_("proven best"),
    "feasible": N_("a plan that is not proven best"),
    "stopped": N_("no plan yet"),
    "infeasible": N_("no plan keeps all the rules"),
    "refused": N_("a split is not allowed"),
    "disagrees": N_("the audit disagrees"),
}

_QUESTIONS: Mapping[str, str] = {"plan": N_("one plan"), "split": N_("two plans (a split)")}

_FAULT = N_(
    "This is a fault of the program. Write the scenario with “{show}” and send it to the maintainers with this text."
)

_MENDS: Mapping[str, str] = {
    "crash": N_(
        "Ask again with --retry-failed. If it dies again, write its scenario with “{show}” "
        "and send it to the maintainers."
    ),
    "memory": N_("Grant more with --memory-limit and ask again with --retry-failed."),
    "time": N_(
        "Grant more with --kill-after, or set --time-limit to get a plan by then; then ask with --retry-failed."
    ),
    "program": _FAULT,
    "disagrees": _FAULT,
}

_MOST_LISTED = 100


def _state(entry: Mapping[str, Any]) -> str:
    word = _STATES[entry["state"]]
    return _(word)


def _asked(entry: Mapping[str, Any]) -> str:
    word = _QUESTIONS[entry["question"]["kind"]]
    return _(word)


def size_text(size: int) -> str:
    """How large a file is."""
    return f"{number(size / 1e6, 1)} MB" if size >= 100_000 else f"{number(size / 1e3, 1)} kB"


def variant_text(variant: Mapping[str, Any]) -> str:
    """What a variant is called."""
    return ", ".join(f"{axis}={value}" for axis, value in variant.items()) or _("nothing is changed")


def show_runs(document: Mapping[str, Any], console: Console) -> None:
    """Print the runs of a store."""
    print_parts(_runs(document), console)


def _runs(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    runs = document["runs"]
    count = _n("{n} run", "{n} runs", len(runs))
    yield Prose((f"{document['store']}  ", "bold"), (f"{count}, {size_text(document['bytes'])}", "dim"))
    if not runs:
        yield Prose(_("Nothing was asked yet. Fill it with “{command}”.", command=f"{program_name()} batch"))
        return
    used = [state for state in STATES if any(run["jobs"][state] for run in runs)]
    heads = (_("No."), _("Name"), _("Made"), _("Members"), *(_(_STATES[state]) for state in used), "")
    table = table_of(*heads, right=(0, 3, *range(4, 4 + len(used))))
    for run in runs:
        remarks = [] if run["complete"] else [_("not all members are known yet")]
        remarks += [] if run["same_program"] else [_("by another version of the program")]
        table.row(
            str(run["id"]),
            run["name"] or "–",
            _when(run["made_at"]),
            number(run["members"]),
            *(number(run["jobs"][state]) if run["jobs"][state] else "–" for state in used),
            join_list(remarks),
        )
    yield table
    yield Prose(_("Members that ask the same share a job; jobs are counted once."), style="dim")


def show_members(documents: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print members of which each can be shown by its key."""
    table = table_of(_("Job"), _("Label"), _("Asked for"), _("State"), _("Answer"), _("Time"), right=(5,))
    for entry in documents[:_MOST_LISTED]:
        reason = _in_short(entry["error"]) if entry["state"] == "failed" else _answer(entry)
        table.row(
            entry["job"][:12],
            entry["label"],
            _asked(entry),
            Prose(_state(entry), style=_TONES.get(entry["state"], "")),
            reason,
            "" if entry["seconds"] is None else duration(entry["seconds"]),
        )
    parts: list[RenderableType] = [table]
    if (more := len(documents) - _MOST_LISTED) > 0:
        text = _n("and {n} more (--json shows all)", "and {n} more (--json shows all)", more)
        parts.append(Prose(text, style="dim"))
    parts.append(Prose(_("All about one: its key or its label in place of the word."), style="dim"))
    print_parts(parts, console)


def show_job(
    document: Mapping[str, Any], names: Mapping[str, str], result: Result | None, store: str, console: Console
) -> None:
    """Print a job.

    Parameters
    ----------
    document : Mapping
        Of `assigner.batch.describing.job_document`.
    names : Mapping
        Code of a school -> its name.
    result : Result or None
        Its plan, where it can be made again.
    store : str
        The file, as the person named it.
    console : Console
    """
    print_parts(_job(document, names, result is None, store), console)
    if result is not None:
        console.print()
        show_result(result, console)


def _job(document: Mapping[str, Any], names: Mapping[str, str], whole: bool, store: str) -> Iterator[RenderableType]:
    yield Prose(document["label"], style="bold")
    yield _about(document)
    if document["state"] == "failed":
        yield section(_("Why it failed"), *map(Prose, _error_lines(document["error"])))
        kind = document["error"].get("kind", "")
        if kind in _MENDS:
            command = f"{program_name()} store show {store} {document['job'][:12]} --scenario FILE.yaml"
            mend = _(_MENDS[kind], show=command) if "{show}" in _MENDS[kind] else _(_MENDS[kind])
            yield Prose(_("To mend it: {mend}", mend=mend))
    facts = document["facts"]
    if whole and facts:
        yield from _facts(facts, names)


def _about(document: Mapping[str, Any]) -> RenderableType:
    community = f"{document['community']} {document['name']}".strip()
    question = _asked(document)
    if document["question"]["price"]:
        question = join_list([question, _("the price of the order")])
    run = f"{document['run']['id']} {document['run']['name']}".strip()
    state = Prose(_state(document), style=_TONES.get(document["state"], ""))
    rows: list[tuple[str, str | RenderableType]] = [
        (_("Community"), community),
        (_("Variant"), variant_text(document["variant"])),
        (_("Asked for"), question),
        (_("File"), document["source"] or "–"),
        (_("Run"), run),
        (_("State"), state),
    ]
    if document["facts"]:
        rows.append((_("Answer"), _answer(document)))
    if document["seconds"] is not None:
        tried = _n("tried {n} time", "tried {n} times", document["attempts"])
        when = _when(document["ended_at"])
        rows.append((_("Time"), join_list([duration(document["seconds"]), tried, when])))
    if document["granted"] and (limits := _limits(document["granted"])):
        rows.append((_("Granted"), limits))
    if not document["same_program"]:
        rows.append((_("Program"), _("another version than this one")))
    rows.append((_("Job"), document["job"]))
    table = table_of("", "")
    for title, value in rows:
        table.row(Prose(title, style="dim"), value)
    return table


def _limits(granted: Mapping[str, float | None]) -> str:
    parts = []
    if granted["work"] is not None:
        parts.append(_("work {amount}", amount=number(granted["work"], 1)))
    if granted["seconds"] is not None:
        parts.append(duration(granted["seconds"]))
    return join_list(parts)


def _answer(document: Mapping[str, Any]) -> str:
    status = document["status"]
    return _(_ANSWERS[status]) if status in _ANSWERS else status


def _error_lines(error: Mapping[str, Any]) -> list[str]:
    """Why a job failed: the problems of its input, each with how to mend it, or the text of the error."""
    problems = [problem["text"] for problem in error.get("problems", ())]
    said = str(error.get("text", ""))
    lines = [line for text in problems for line in text.splitlines()] or _(said).splitlines()
    return [line.rstrip() for line in lines] or ["–"]


def _in_short(error: Mapping[str, Any]) -> str:
    """Why a job failed: its first problem without how to mend it, or the first line of the text."""
    return " ".join(line.strip() for line in _error_lines(error)[: 2 if error.get("problems") else 1])


def _facts(facts: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[RenderableType]:
    """Facts as they are kept: of a split, or of another version of the program."""

    def label(code: str) -> str:
        return f"{code} {names.get(code, '')}".strip()

    if tiers := [
        tier for tier in facts.get("tiers", ()) if tier.get("value") is not None and tier["name"] != "tie_break"
    ]:
        table = table_of(_("Aim"), _("Value"), _("Proof"))
        for tier in tiers:
            value = tier["value"]
            shown = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            if unit := tier.get("unit", ""):
                shown = f"{shown} {travel_unit(unit.removeprefix('person_'))}"
            aim = TIER_NAMES.get(tier["name"], tier["name"])
            proof = STATUS_WORDS.get(tier.get("status", ""), tier.get("status", ""))
            table.row(_(aim), shown, _(proof))
        yield section(_("Aims"), table)
    plans = facts.get("plans") or ([facts] if facts.get("hosts") else [])
    for place, plan in enumerate(plans, 1):
        title = _("Plan {number}", number=place) if len(plans) > 1 else _("Plan")
        convener = _("Convener: {school}", school=label(plan["convener"]))
        schools = plan.get("schools") or facts.get("participants", [])
        members = _("Schools ({n}): {schools}", n=len(schools), schools=join_list([label(code) for code in schools]))
        hosts = table_of(_("Item"), _("Hosts"))
        for item, codes in plan["hosts"].items():
            hosts.row(item, join_list([label(code) for code in codes]) or "–")
        loads = table_of(_("School"), _("Load"), right=(1,))
        for code, load in plan["loads"].items():
            loads.row(label(code), str(load["ratio"]))
        yield section(title, Prose(convener), Prose(members), Group("", hosts, "", loads))
    for title, key in ((_("Refused"), "refused_by"), (_("It would help"), "would_help")):
        if ids := facts.get(key):
            yield Prose(f"{title}: {join_list(ids)}")


def cleared_line(cleared: Cleared, *, dry_run: bool) -> str:
    """What was dropped, or would be."""
    what = join_list(
        [
            _n("{n} run", "{n} runs", cleared.runs),
            _n("{n} job", "{n} jobs", cleared.jobs),
            _n("{n} input", "{n} inputs", cleared.inputs),
        ]
    )
    if dry_run:
        return _("Would be dropped: {what}, about {size}.", what=what, size=size_text(cleared.bytes))
    return _("Dropped: {what}. The file is smaller by {size}.", what=what, size=size_text(cleared.bytes))


def _when(moment: str | None) -> str:
    """A moment in the time of this place."""
    return "–" if moment is None else datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
