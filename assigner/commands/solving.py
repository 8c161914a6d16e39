"""Solve a scenario, validate scenario files, audit a plan.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.ahead import Ahead
from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, warn, wrong
from assigner.commands._reading import read
from assigner.commands._running import interrupts, log_line, show_answer, tell
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, _, _n
from assigner.outputs import FORMATS, PLAN, chosen_formats, write_answer

if TYPE_CHECKING:
    from assigner import planner
    from assigner.scenario import Scenario
    from models.community import Assignment
    from models.duties import Duties
    from models.explain import WayOut
    from models.stopping import Stop

__all__ = ["check_command", "solve_command", "validate_command"]


def solve_command() -> Callable[..., Any]:
    """Make the command ``solve``."""
    out_text = _("Write the answer into this folder: plan.json, tables, a page, a map.")
    formats_text = _(
        "Which files besides plan.json, with commas: {formats}. All if not given.", formats=",".join(FORMATS)
    )
    json_text = _("Print plan.json on the standard output, and nothing else there.")
    work_text = _("Stop after so much work of the solver; the same on every machine.")
    time_text = _("Stop after so many seconds.")
    quiet_text = _("No progress, and only one line about the answer.")
    log_text = _("The solver's log on the standard error.")
    model_text = _("Write the model for CP-SAT (.pb, or .txt to read it).")
    from_text = _("Start from this plan.json: no aim gets worse than in it.")
    ways_text = _("Where not all rules can hold: so many of the cheapest ways out; 0: none.")
    take_text = _("Take the way out of this number, and solve what is left.")
    why_text = _("On the page also why each school hosts each duty, and what every other host would cost.")

    def solve(
        scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML or workbook)."))],
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        json: Annotated[bool, flag("--json", text=json_text)] = False,
        start: Annotated[Path | None, value("--from", "PLAN", from_text)] = None,
        ways_out: Annotated[int, value("--ways-out", "K", ways_text)] = WAYS_OUT,
        take: Annotated[int | None, value("--take", "N", take_text)] = None,
        why: Annotated[bool, flag("--why", text=why_text)] = False,
        work_limit: Annotated[float | None, value("--work-limit", "W", work_text, callback=above_zero)] = None,
        time_limit: Annotated[float | None, value("--time-limit", "S", time_text, callback=above_zero)] = None,
        quiet: Annotated[bool, flag("--quiet", "-q", text=quiet_text)] = False,
        log: Annotated[bool, flag("--log", text=log_text)] = False,
        export_model: Annotated[Path | None, value("--export-model", "FILE", model_text)] = None,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if not 0 <= ways_out <= MOST_WAYS_OUT:
            expected = M_("a whole number from 0 to {most}", most=MOST_WAYS_OUT)
            wrong("--ways-out", ways_out, M_("So many ways out are not shown."), expected)
        if take is not None and not 1 <= take <= MOST_WAYS_OUT:
            expected = M_("a whole number from 1 to {most}", most=MOST_WAYS_OUT)
            wrong("--take", take, M_("There is no way out of this number."), expected)
        if why:
            _refuse_why(out, formats, start)
        return _solve(
            scenario, out, formats, json, work_limit, time_limit, quiet, log, export_model, start, ways_out, take, why
        )

    return solve


WAYS_OUT, MOST_WAYS_OUT = 5, 100
"""Ways out that are looked for if nothing is said; more than the other nobody reads."""


def _solve(
    file: Path,
    out: Path | None,
    formats: str | None,
    as_json: bool,
    work_limit: float | None,
    time_limit: float | None,
    quiet: bool,
    log: bool,
    export_model: Path | None,
    start: Path | None = None,
    ways_out: int = 0,
    take: int | None = None,
    why: bool = False,
) -> int:
    from models.stopping import Stop

    chosen = _chosen(out, formats)
    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner import planner
        from assigner.report.progress import ProgressLine

        scenario = read(file)
        if not quiet:
            warn(scenario.warnings)
        _try_outputs(out, chosen, export_model)
        before = None if start is None else _start(start, scenario)
        line = None if quiet or log else ProgressLine()
        way = None
        with Ahead(chosen, scenario.geography) if out is not None else nullcontext() as ahead:
            with line or nullcontext():

                def solved(asked: "Scenario", ways: int) -> "planner.Result":
                    return planner.solve(
                        asked,
                        work_limit=work_limit,
                        time_limit=time_limit,
                        stop=stop,
                        progress=line,
                        log=log_line if log else None,
                        export=None if export_model is None else lambda duties: _export(duties, export_model),
                        ways_out=ways,
                        start=before,
                    )

                # One line says nothing of them.
                ways_out = 0 if quiet and out is None and not as_json else ways_out
                result = solved(scenario, ways_out if take is None else max(take, ways_out))
                if take is not None:
                    from assigner.steering.taking import scenario_of_way, way_of

                    way = way_of(result, take)
                    result = solved(scenario_of_way(result, way), ways_out)
            if why:
                result = _with_why(result, work_limit, time_limit, stop, quiet)
            written = None if out is None or ahead is None else write_answer(result, out, chosen, ready=ahead.wait)
        from assigner.report.terminal import show_result, verdict_line

        try:
            if way is not None and take is not None and not quiet:
                _tell_taken(scenario, way, take)
            show_answer(result, show_result, verdict_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
    return result.exit_code


def _refuse_why(out: Path | None, formats: str | None, start: Path | None) -> None:
    """Refuse to say why where nobody would see it, or of a plan that is not the best of all."""
    if out is None:
        what, mend = M_("There is no folder to write into."), M_("Add --out DIR; the why is on the page of the plan.")
    elif "html" not in chosen_formats(formats):
        what = M_("The page, which shows it, is not among the files.")
        mend = M_("Add html after --formats, or leave --formats out.")
    elif start is not None:
        what = M_("Why is said of the best plan of all; with --from, of plans no worse than the one you name.")
        mend = M_("Leave out --why or --from.")
    else:
        return
    raise InputError([Problem("", Place("--why"), ABSENT, what, None, mend)])


def _with_why(
    result: "planner.Result", work_limit: float | None, time_limit: float | None, stop: "Stop", quiet: bool
) -> "planner.Result":
    """The answer with what decides every duty, within limits of its own."""
    from assigner.report.progress import CountedLine

    limits: dict[str, Any] = {"stop": stop}
    if work_limit is not None or time_limit is not None:
        limits |= {"work_limit": work_limit, "time_limit": time_limit}
    line = None if quiet else CountedLine(_("questions"))
    with line or nullcontext():
        return result.with_why(told=None if line is None else line.told, **limits)


def _start(file: Path, scenario: "Scenario") -> "Assignment":
    from assigner.steering.standing import same_community, standing

    before = standing(file)
    same_community(scenario, before.scenario, str(file))
    return before.assignment


def _tell_taken(scenario: "Scenario", way: "WayOut", number: int) -> None:
    from assigner.steering.conceding import concession_text

    given_up = " ".join(concession_text(scenario.problem(), gone) for gone in way.gives_up)
    say(_("Way out {number} is taken: {what}", number=number, what=given_up or "–"), err=True)


def _chosen(out: Path | None, formats: str | None) -> tuple[str, ...]:
    """The files that are wanted; refused at once if one is not known or there is no folder for them."""
    if formats is not None and out is None:
        wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
    return chosen_formats(formats)


def _try_outputs(out: Path | None, formats: Sequence[str], export_model: Path | None) -> None:
    """Refuse what cannot be written before anything is solved."""
    from assigner.files import try_writing

    if out is not None:
        PLAN.try_in(out, formats)
    if export_model is not None:
        try_writing(export_model)


def _export(duties: "Duties", path: Path) -> None:
    """Write the model, whole or not at all; the end of the name says in which form."""
    from assigner.files import named

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    with named(path):
        try:
            if not duties.model.export_to_file(str(draft)):
                raise OSError(errno.EIO, _("the model was not written"))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def validate_command() -> Callable[..., Any]:
    """Make the command ``validate``."""

    def validate(
        scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help=_("One or more scenario files."))],
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        worst = ExitCode.PROVEN
        for file in scenarios:
            try:
                scenario = read(file)
            except InputError as error:
                say(error, err=True)
                worst = ExitCode.BAD_INPUT
                continue
            warn(scenario.warnings)
            count = len(scenario.problem().participants)
            say(
                _n(
                    "{file}: in order, {n} school takes part.",
                    "{file}: in order, {n} schools take part.",
                    count,
                    file=file,
                )
            )
        return worst

    return validate


def check_command() -> Callable[..., Any]:
    """Make the command ``check``."""
    plan_text = _("plan.json, or a table (CSV, .xlsx, .ods, .xls) with the columns item and school.")
    scenario_text = _("The scenario; needed for a table, compared with that of a plan.json.")

    def check(
        plan: Annotated[Path, typer.Argument(metavar="PLAN", help=plan_text)],
        scenario: Annotated[Path | None, value("--scenario", "FILE", scenario_text)] = None,
        quiet: Annotated[bool, flag("--quiet", "-q", text=_("Only what is broken or not true."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.checking import check
        from assigner.report.terminal import console_for, show_verdict

        verdict = check(plan, None if scenario is None else read(scenario))
        show_verdict(verdict, console_for(), only_broken=quiet)
        return verdict.exit_code

    return check
