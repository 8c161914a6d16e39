"""Run every community: of a folder, a base map, or a file of variants.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, wrong
from assigner.commands._running import interrupts, print_json
from assigner.errors import ExitCode
from assigner.messages import M_, _

if TYPE_CHECKING:
    from assigner.batch.asking import Asking
    from assigner.batch.values import Workers
    from assigner.batch.watching import Summary

__all__ = ["batch_command"]

_MOST_JOBS = 256
"""More processes than this are a slip of the finger."""


def batch_command() -> Callable[..., Any]:
    """Make the command ``batch``."""
    spec_text = _("Folder of scenario files, base map, or file of variants.")
    store_text = _("The store: one file that keeps what is asked and what is answered; made if it is missing.")
    roster_text = _("The schools, where the base map is a table or a map file.")
    jobs_text = _("So many processes of this machine; one for each core if not given.")
    cluster_text = _("Address of a Dask scheduler, such as tcp://10.0.0.5:8786, in place of this machine.")
    name_text = _("What to call the run; by default as the file.")
    dry_text = _("Only say how many jobs there are, how many are done, and how long it may take.")
    retry_text = _("Ask again for what failed before.")
    splits_text = _("Also two plans for each community that is large enough.")
    price_text = _("Also what the order of the aims costs.")
    rules_text = _("Also what each clause costs: every community once more without each of them.")
    memory_text = _("A process that takes more memory is ended; its job has failed.")
    kill_text = _("A process that is at one job for longer is ended; its job has failed.")
    lines_text = _("Events as JSON on the standard output, one a line, nothing else.")

    def batch(
        spec: Annotated[Path, typer.Argument(metavar="SPEC", help=spec_text)],
        store: Annotated[Path, value("--store", "FILE", store_text)],
        roster: Annotated[Path | None, value("--roster", "FILE", roster_text)] = None,
        jobs: Annotated[int | None, value("--jobs", "N", jobs_text)] = None,
        cluster: Annotated[str, value("--cluster", "ADDRESS", cluster_text)] = "",
        name: Annotated[str, value("--name", "NAME", name_text)] = "",
        dry_run: Annotated[bool, flag("--dry-run", text=dry_text)] = False,
        retry_failed: Annotated[bool, flag("--retry-failed", text=retry_text)] = False,
        splits: Annotated[bool, flag("--splits", text=splits_text)] = False,
        price: Annotated[bool, flag("--price", text=price_text)] = False,
        rules: Annotated[bool, flag("--prices-of-rules", text=rules_text)] = False,
        time_limit: Annotated[
            float | None,
            value("--time-limit", "S", _("Stop each job after so many seconds."), callback=above_zero),
        ] = None,
        work_limit: Annotated[
            float | None,
            value(
                "--work-limit",
                "W",
                _("Stop each job after so much work of the solver; the same on every machine."),
                callback=above_zero,
            ),
        ] = None,
        memory_limit: Annotated[int | None, value("--memory-limit", "MB", memory_text)] = None,
        kill_after: Annotated[float | None, value("--kill-after", "S", kill_text, callback=above_zero)] = None,
        json_lines: Annotated[bool, flag("--json-lines", text=lines_text)] = False,
        quiet: Annotated[
            bool, flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))
        ] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
            wrong(
                "--jobs",
                jobs,
                M_("So many processes cannot be."),
                M_("a whole number from 1 to {most}", most=_MOST_JOBS),
            )
        if memory_limit is not None and memory_limit < 1:
            wrong("--memory-limit", memory_limit, M_("This is no bound."), M_("megabytes, a whole number above zero"))
        if cluster:
            for option, given in (("--jobs", jobs), ("--memory-limit", memory_limit)):
                if given is not None:
                    expected = M_("the same said to the workers of the cluster; see docs/cluster.md")
                    wrong(option, given, M_("This holds for processes of this machine, not for a cluster."), expected)

        def workers() -> "Workers":
            if cluster:
                from assigner.batch.cluster import DaskWorkers

                return DaskWorkers(cluster, kill_after_seconds=kill_after)
            from assigner.batch.pool import LocalWorkers

            return LocalWorkers(jobs or usable_cores(), memory_mb=memory_limit, kill_after_seconds=kill_after)

        from assigner.batch.asking import Asking, Questions
        from assigner.batch.expanding import read_spec
        from assigner.processes import usable_cores
        from models.stopping import Limits

        asking = Asking(read_spec(spec, roster), Questions(price, splits, rules), name)
        if dry_run:
            return _foretell(asking, store, retry_failed, as_json=json_lines, processes=jobs or usable_cores())
        return _batch(asking, store, workers, Limits(work_limit, time_limit), retry_failed, json_lines, quiet)

    return batch


def _batch(
    asking: "Asking",
    path: Path,
    workers: "Callable[[], Workers]",
    limits: Any,
    retry_failed: bool,
    json_lines: bool,
    quiet: bool,
) -> int:
    from assigner.batch.running import Runner
    from assigner.batch.store import Store
    from assigner.batch.watching import JsonLines, PeopleWatch
    from models.stopping import Stop

    stop = Stop(watched=True)
    with Store.open(path, create=True) as store, interrupts(stop):
        if json_lines:
            summary = Runner(store, workers, JsonLines(), limits=limits, retry_failed=retry_failed).run(asking, stop)
        else:
            with PeopleWatch(quiet=quiet) as watch:
                summary = Runner(store, workers, watch, limits=limits, retry_failed=retry_failed).run(asking, stop)
            _tell(summary, path, quiet=quiet)
    return _exit_code(summary)


def _tell(summary: "Summary", path: Path, *, quiet: bool) -> None:
    from assigner.report.batch_terminal import show_summary, summary_line
    from assigner.report.terminal import console_for

    if quiet:
        say(summary_line(summary))
    else:
        show_summary(summary, path, console_for())


def _foretell(asking: "Asking", path: Path, retry_failed: bool, *, as_json: bool, processes: int) -> ExitCode:
    """Say what a run would do; nothing is written, and no store is made."""
    from assigner.batch.foretelling import foretell

    told = foretell(asking, path, processes, retry_failed=retry_failed)
    if as_json:
        print_json(told.to_json() + "\n")
    else:
        from assigner.report.batch_terminal import show_foretold
        from assigner.report.terminal import console_for

        show_foretold(told, console_for())
    return ExitCode.PROVEN


def _exit_code(summary: "Summary") -> ExitCode:
    if summary.states.get("failed"):
        return ExitCode.BAD_INPUT
    return ExitCode.STOPPED if summary.interrupted or summary.states.get("stopped") else ExitCode.PROVEN
