"""How a batch ended, and what one would do, for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assigner.batch.watching import duration
from assigner.help_texts import program_name
from assigner.messages import N_, _, _n, join_list, number
from assigner.report.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from assigner.batch.foretelling import Foretold
    from assigner.batch.watching import Summary

__all__ = ["show_foretold", "show_summary", "summary_line"]


_WORDS = {
    "done": N_("{n} done"),
    "failed": N_("{n} failed"),
    "stopped": N_("{n} stopped early"),
    "running": N_("{n} under way"),
    "queued": N_("{n} waiting"),
    "new": N_("{n} new"),
}


def summary_line(summary: Summary) -> str:
    """How it ended, in one line."""
    tally = summary.tally
    counts = join_list(_counted(summary.states))
    head = _("Run {number} “{name}”: {counts}.", number=summary.run, name=plain(summary.name), counts=counts)
    if not tally.ended:
        return head + " " + _("Nothing was left to solve.")
    answered = tally.done + tally.stopped  # what failed is among the counts
    solved = _n("{n} job was solved now", "{n} jobs were solved now", answered)
    return head + " " + _("{solved}, in {time}.", solved=solved, time=duration(tally.seconds))


def show_summary(summary: Summary, store: Path, console: Console) -> None:
    """How it ended, and what to do next."""
    tally = summary.tally
    console.print(summary_line(summary), markup=False, highlight=False)
    if tally.slowest:
        slow = [f"{plain(label)} ({duration(seconds)})" for seconds, label in tally.slowest]
        console.print(_("Slowest: {jobs}.", jobs=join_list(slow)), markup=False, highlight=False)
    for text in _advice(summary, store):
        console.print(text, markup=False, highlight=False)


def _advice(summary: Summary, store: Path) -> list[str]:
    states, name = summary.states, program_name()
    advice = []
    if summary.interrupted:
        left = states.get("queued", 0) + states.get("running", 0)
        text = _n("{n} job is left; the same command goes on.", "{n} jobs are left; the same command goes on.", left)
        advice.append(text)
    if failed := states.get("failed", 0):
        text = _n(
            "{n} job failed: “{show}” says why, and --retry-failed asks again.",
            "{n} jobs failed: “{show}” says why, and --retry-failed asks again.",
            failed,
            show=f"{name} store show {store} failed",
        )
        advice.append(text)
    if states.get("stopped", 0):
        advice.append(_("What was stopped early is asked again when the same command grants more time or work."))
    if states.get("done", 0):
        advice.append(_("Report: “{command}”", command=f"{name} report {store} --out report"))
    return advice


def _counted(states: Mapping[str, int]) -> list[str]:
    """The states that occur, in words."""
    shown = [_(word, n=number(states[state])) for state, word in _WORDS.items() if states.get(state)]
    return shown or [_("no jobs")]


def show_foretold(told: Foretold, console: Console) -> None:
    """What a run would do."""

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False)

    line(
        _(
            "“{name}”: {members} communities and variants ask for {jobs} jobs: {counts}.",
            name=plain(told.name),
            members=number(told.members),
            jobs=number(told.jobs),
            counts=join_list(_counted(told.states)),
        )
    )
    if told.unreadable:
        n = told.unreadable
        line(_n("{n} file cannot be read, and fails at once.", "{n} files cannot be read, and fail at once.", n))
    processes = _n("{n} process", "{n} processes", told.processes)
    if not told.seconds:
        line(_("Nothing is left to solve."))
    elif told.measured:
        line(
            _(
                "About {time} on {processes}, as the answers in the store took.",
                time=duration(told.seconds),
                processes=processes,
            )
        )
    else:
        text = _(
            "About {time} on {processes}, if the communities are of usual size.",
            time=duration(told.seconds),
            processes=processes,
        )
        line(text)
