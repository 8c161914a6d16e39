"""Boundaries: what an experiment on a base map does to the communities it touches.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import (
    above_zero,
    flag,
    help_option,
    help_text,
    lang_option,
    say,
    value,
    warn,
    wrong,
)
from assigner.commands._running import interrupts, show_answer, tell
from assigner.commands._writing import force_option
from assigner.errors import ExitCode
from assigner.help_texts import program_name
from assigner.messages import M_, _

__all__ = ["boundary_commands", "example_command", "run_command"]

#: Ways out that are told of a community without a lawful plan.
_WAYS_OUT = 3


def boundary_commands(group: typer.Typer) -> None:
    """Make the commands of the group ``boundary``."""
    from assigner.commands.boundary_design import design_command
    from assigner.commands.boundary_suggest import suggest_command

    def callback(ctx: typer.Context, help_: Annotated[bool, help_option()] = False) -> None:
        if ctx.invoked_subcommand is None:
            say(help_text(ctx))

    for name, command, text in (
        ("example", example_command(), _("Write a made-up county with experiments, to start from.")),
        ("run", run_command(), _("What an experiment does to every community it touches.")),
        ("suggest", suggest_command(), _("Find the best change of a few moves, and rank every single move.")),
        ("design", design_command(), _("Draw up communities anew for a county or the nation.")),
    ):
        group.command(name, add_help_option=False, help=text)(command)
    group.callback()(callback)


def example_command() -> Callable[..., Any]:
    """Make the command ``boundary example``."""

    def example(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("Folder; made if it is missing."))],
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.boundary.base import write_example

        if folder.is_dir() and any(folder.iterdir()) and not force:
            what = M_("There are files in this folder already; they are left as they are.")
            wrong("DIR", str(folder), what, M_("another folder, or --force"))
        written = write_example(folder)
        for path in written:
            say(_("Written: {file}", file=path))
        first = next(path for path in written if path.name.startswith("experiment"))
        say(_("Next: {command}", command=f"{program_name()} boundary run {first}"))
        return ExitCode.PROVEN

    return example


def run_command() -> Callable[..., Any]:
    """Make the command ``boundary run``."""
    out_text = _("Write the answer into this folder: boundary.json, tables, a page with two maps.")
    formats_text = _(
        "Which files besides boundary.json, with commas: {formats}. All if not given.",
        formats="csv,xlsx,html,svg,geojson,gpkg",
    )
    work_text = _("Grant each community so much work of the solver; the same on every machine.")

    def run(
        experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help=_("Experiment file (YAML)."))],
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        json: Annotated[
            bool, flag("--json", text=_("Print boundary.json on the standard output, nothing else."))
        ] = False,
        work_limit: Annotated[float | None, value("--work-limit", "W", work_text, callback=above_zero)] = None,
        time_limit: Annotated[
            float | None, value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)
        ] = None,
        quiet: Annotated[
            bool, flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))
        ] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if formats is not None and out is None:
            wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
        return _run(experiment, out, formats, json, work_limit, time_limit, quiet)

    return run


def _run(
    file: Path,
    out: Path | None,
    formats: str | None,
    as_json: bool,
    work_limit: float | None,
    time_limit: float | None,
    quiet: bool,
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.boundary.experiment_file import read_experiment
        from assigner.boundary.outputs import BOUNDARY
        from assigner.boundary.solving import Plans
        from assigner.outputs import chosen_formats
        from assigner.report.progress import ProgressLine

        chosen = chosen_formats(formats)
        stated = read_experiment(file)
        if not quiet:
            warn(stated.warnings)
        if out is not None:
            BOUNDARY.try_in(out, chosen)
        line = None if quiet else ProgressLine()
        plans = Plans(stated.base, work_limit=work_limit, ways_out=_WAYS_OUT)
        with line or nullcontext():
            found = stated.experiment().effects(plans, stop=stop, time_limit=time_limit, progress=line)
        written = None if out is None else found.write(out, chosen)
        from assigner.report.boundary_terminal import show_effects, verdict_line

        try:
            show_answer(found, show_effects, verdict_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
    return found.exit_code
