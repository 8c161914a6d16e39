"""Propose two plans for a large community.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, warn, wrong
from assigner.commands._reading import read
from assigner.commands._running import interrupts, log_line, show_answer, tell
from assigner.messages import M_, _

__all__ = ["split_command"]


def split_command() -> Callable[..., Any]:
    """Make the command ``split``."""
    out_text = _("Write the answer into this folder: split.json, tables, a page with maps, each plan in a folder.")
    formats_text = _(
        "Which files besides split.json, with commas: {formats}. All if not given.",
        formats="csv,xlsx,html,svg,geojson,gpkg",
    )
    together_text = _("Schools (codes or names) that share a plan, with commas; once for each group.")
    apart_text = _("Two schools that do not share a plan, with a comma; once for each pair.")
    convener_text = _("A school that convenes one of the plans; at most twice.")
    free_text = _("Let the aims choose the conveners that are not named, not the ranking.")
    keep_text = _("One plan has the schools and the convener of this plan.json (or split.json#1, split.json#2).")
    old_text = _("An earlier division to stay close to: split.json, or a table with the columns code and plan.")
    unit_text = _("What goes to one plan whole: township (default) or school.")
    divisible_text = _("A township whose schools may go to different plans; may be repeated.")
    top_text = _("Also the K best divisions, and K that are clearly different.")
    ways_text = _("Where duties or wishes collide: so many of the cheapest ways out; 0: none.")
    no_moves_text = _("Leave out what moving each township at the border would cost.")

    def split(
        scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML or workbook)."))],
        unit: Annotated[str, value("--unit", "township|school", unit_text)] = "township",
        divisible: Annotated[list[str] | None, value("--divisible", "TOWNSHIP", divisible_text)] = None,
        top: Annotated[int, value("--top", "K", top_text)] = 0,
        together: Annotated[list[str] | None, value("--together", "CODES", together_text)] = None,
        apart: Annotated[list[str] | None, value("--apart", "CODES", apart_text)] = None,
        convener: Annotated[list[str] | None, value("--convener", "CODE", convener_text)] = None,
        free_conveners: Annotated[bool, flag("--free-conveners", text=free_text)] = False,
        keep_plan: Annotated[Path | None, value("--keep-plan", "FILE", keep_text)] = None,
        old: Annotated[Path | None, value("--old", "FILE", old_text)] = None,
        no_moves: Annotated[bool, flag("--no-moves", text=no_moves_text)] = False,
        ways_out: Annotated[int, value("--ways-out", "K", ways_text)] = WAYS_OUT,
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        json: Annotated[bool, flag("--json", text=_("Print split.json on the standard output, nothing else."))] = False,
        work_limit: Annotated[
            float | None,
            value(
                "--work-limit",
                "W",
                _("Stop after so much work of the solver; the same on every machine."),
                callback=above_zero,
            ),
        ] = None,
        time_limit: Annotated[
            float | None, value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)
        ] = None,
        quiet: Annotated[
            bool, flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))
        ] = False,
        log: Annotated[bool, flag("--log", text=_("The solver's log on the standard error."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if not 0 <= top <= MOST_ALTERNATIVES:
            expected = M_("a whole number from 0 to {most}", most=MOST_ALTERNATIVES)
            wrong("--top", top, M_("So many alternatives are not shown."), expected)
        if not 0 <= ways_out <= MOST_WAYS_OUT:
            expected = M_("a whole number from 0 to {most}", most=MOST_WAYS_OUT)
            wrong("--ways-out", ways_out, M_("So many ways out are not shown."), expected)
        if formats is not None and out is None:
            wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
        asked = {
            "unit": unit,
            "divisible": divisible or (),
            "together": together or (),
            "apart": apart or (),
            "conveners": convener or (),
            "free_conveners": free_conveners,
            "keep_plan": keep_plan,
            "old": old,
            "top": top,
            "moves": not no_moves,
            "ways_out": ways_out,
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        return _split(scenario, asked, out, formats, json, quiet, log)

    return split


WAYS_OUT, MOST_WAYS_OUT = 3, 20
"""Ways out that are looked for if nothing is said: each is two plans; more than the other nobody reads."""

MOST_ALTERNATIVES = 20
"""More of them nobody compares."""


def _split(
    file: Path,
    asked: dict[str, Any],
    out: Path | None,
    formats: str | None,
    as_json: bool,
    quiet: bool,
    log: bool,
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.ahead import Ahead
        from assigner.outputs import chosen_formats
        from assigner.report.progress import ProgressLine
        from assigner.splitting import files
        from assigner.splitting.solving import solve_split

        chosen = chosen_formats(formats)
        scenario = read(file)
        if not quiet:
            warn(scenario.warnings)
        if out is not None:
            files.try_outputs(out, chosen)
        line = None if quiet or log else ProgressLine()
        with Ahead(chosen, scenario.geography) if out is not None else nullcontext() as ahead:
            with line or nullcontext():
                answer = solve_split(scenario, **asked, stop=stop, progress=line, log=log_line if log else None)
            if not quiet:
                for note in answer.notes:
                    say(_("Note: {warning}", warning=note), err=True)
            if ahead is not None:
                ahead.wait()
            written = None if out is None else answer.write(out, chosen)
        from assigner.report.split_terminal import show_split, verdict_line

        try:
            show_answer(answer, show_split, verdict_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
    return answer.exit_code
