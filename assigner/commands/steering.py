"""Steer a plan: two plans side by side, a repair in mid-year, the next year, fairness.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.ahead import Ahead
from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, warn, wrong
from assigner.commands._reading import read
from assigner.commands._running import interrupts, show_answer, tell
from assigner.commands._writing import force_option, ready
from assigner.messages import M_, _
from assigner.outputs import FORMATS, PLAN, chosen_formats

__all__ = ["diff_command", "fairness_command", "next_year_command", "repair_command"]


def _json() -> Any:
    return flag("--json", text=_("Print the answer as JSON on the standard output, nothing else."))


def _quiet() -> Any:
    return flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))


def _work() -> Any:
    text = _("Stop after so much work of the solver; the same on every machine.")
    return value("--work-limit", "W", text, callback=above_zero)


def _time() -> Any:
    return value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)


def diff_command() -> Callable[..., Any]:
    """Make the command ``diff``."""

    def diff(
        first: Annotated[Path, typer.Argument(metavar="PLAN", help=_("The plan before: plan.json."))],
        second: Annotated[Path, typer.Argument(metavar="PLAN", help=_("The plan after: plan.json."))],
        json: Annotated[bool, _json()] = False,
        quiet: Annotated[bool, _quiet()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.report.steering_terminal import diff_line, show_diff
        from assigner.steering.comparing import diff

        answer = diff(first, second)
        show_answer(answer, show_diff, diff_line, quiet=quiet, as_json=json)
        return answer.exit_code

    return diff


def repair_command() -> Callable[..., Any]:
    """Make the command ``repair``."""
    source_text = _("The plan.json to mend; or the scenario as it is now, with the plan after --plan.")
    plan_text = _("The plan.json to mend, where a scenario is given first.")
    without_text = _("A school (code or name) that leaves; may be repeated.")
    barred_text = _("A school that is barred from the funding; may be repeated.")
    add_text = _("A school of the scenario that joins, or a YAML file with a new one; may be repeated.")
    out_text = _("Write the mended plan into this folder, as “solve” does.")
    formats_text = _(
        "Which files besides plan.json, with commas: {formats}. All if not given.", formats=",".join(FORMATS)
    )
    no_free_text = _("Leave out the best plan, changes not counted.")

    def repair(
        source: Annotated[Path, typer.Argument(metavar="PLAN|SCENARIO", help=source_text)],
        plan: Annotated[Path | None, value("--plan", "PLAN", plan_text)] = None,
        without: Annotated[list[str] | None, value("--without", "CODE", without_text)] = None,
        barred: Annotated[list[str] | None, value("--barred", "CODE", barred_text)] = None,
        add: Annotated[list[str] | None, value("--add", "CODE|FILE", add_text)] = None,
        no_free: Annotated[bool, flag("--no-free", text=no_free_text)] = False,
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if formats is not None and out is None:
            wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
        asked = {
            "without": without or (),
            "barred": barred or (),
            "add": add or (),
            "free": not no_free,
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        return _repair(source, plan, asked, out, formats, json, quiet)

    return repair


def _repair(
    source: Path,
    plan: Path | None,
    asked: dict[str, Any],
    out: Path | None,
    formats: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from models.stopping import Stop

    chosen = chosen_formats(formats)
    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.report.progress import ProgressLine
        from assigner.report.steering_terminal import repair_line, show_repair
        from assigner.steering.repairing import repair
        from assigner.steering.standing import is_plan, standing

        scenario = None
        if plan is not None:
            scenario = standing(source).scenario if is_plan(source) else read(source)
        elif not is_plan(source):
            what = M_("A scenario has no plan to mend.")
            wrong("PLAN|SCENARIO", str(source), what, M_("also --plan PLAN, the plan.json that is to be mended"))
        before = standing(plan or source)
        if scenario is not None and not quiet:
            warn(scenario.warnings)
        if out is not None:
            PLAN.try_in(out, chosen)
        line = None if quiet else ProgressLine()
        geography = (scenario or before.scenario).geography
        with Ahead(chosen, geography) if out is not None else nullcontext() as ahead:
            with line or nullcontext():
                answer = repair(before, scenario, **asked, stop=stop, progress=line)
            if ahead is not None:
                ahead.wait()
            written = None if out is None else answer.write(out, chosen)
        try:
            show_answer(answer, show_repair, repair_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
    return answer.exit_code


def next_year_command() -> Callable[..., Any]:
    """Make the command ``next-year``."""
    out_text = _("Write the scenario of the next year here (.yaml or .xlsx).")
    scenario_text = _("The scenario of the plan, where it names a rulebook, a matrix or a map of its own.")
    carried_text = _("Share of the load above the common one that is carried over: 1, 1/2, 0 …")
    rotate_text = _("Solve it: no school hosts the same heavy item twice running unless nobody else can.")
    hard_text = _("With --rotate: rotation before all aims, not after loads and travel.")
    plan_out_text = _("With --rotate: write its plan into this folder, as “solve” does.")

    def next_year(
        plan: Annotated[Path, typer.Argument(metavar="PLAN", help=_("The plan of this year: plan.json."))],
        out: Annotated[Path | None, value("--out", "FILE", out_text)] = None,
        scenario: Annotated[Path | None, value("--scenario", "FILE", scenario_text)] = None,
        carried: Annotated[str, value("--carried", "SHARE", carried_text)] = "1",
        rotate: Annotated[bool, flag("--rotate", text=rotate_text)] = False,
        hard: Annotated[bool, flag("--hard", text=hard_text)] = False,
        plan_out: Annotated[Path | None, value("--plan-out", "DIR", plan_out_text)] = None,
        force: Annotated[bool, force_option()] = False,
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        for option, given in (("--hard", hard), ("--plan-out", plan_out is not None)):
            if given and not rotate:
                wrong(option, plan_out or "", M_("Without rotation there is no plan."), M_("also --rotate"))
        asked = {"carried": _share(carried), "rotation": rotate, "hard": hard}
        limits = {"work_limit": work_limit, "time_limit": time_limit}
        return _next_year(plan, scenario, asked | limits, out, plan_out, force, json, quiet)

    return next_year


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        wrong("--carried", text, M_("This is no share."), M_("a number from 0 to 1, such as 1/2"))
    return share


def _next_year(
    plan: Path,
    scenario: Path | None,
    asked: dict[str, Any],
    out: Path | None,
    plan_out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from assigner.workbook.converting import KINDS, write_scenario
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.report.progress import ProgressLine
        from assigner.report.steering_terminal import show_year, year_line
        from assigner.steering.standing import folder_of
        from assigner.steering.yearly import next_year

        if out is not None:
            ready(out, force, KINDS, (plan, scenario))
        if plan_out is not None:
            PLAN.try_in(plan_out)
        line = None if quiet else ProgressLine()
        with line or nullcontext():
            given = None if scenario is None else read(scenario)
            answer = next_year(plan, given, **asked, stop=stop, progress=line)
        if out is not None:
            write_scenario(answer.scenario, out, folder_of(answer.before.scenario))
        written = None if plan_out is None or answer.result is None else answer.result.write(plan_out)
        try:
            show_answer(answer, show_year, year_line, quiet=quiet, as_json=as_json)
        finally:
            if out is not None:
                say(_("Written: {file}", file=out), err=as_json)
            if written is not None:
                tell(written, err=as_json)
    return answer.exit_code


def fairness_command() -> Callable[..., Any]:
    """Make the command ``fairness``."""

    def fairness(
        source: Annotated[
            Path, typer.Argument(metavar="PLAN|SCENARIO", help=_("A plan.json; of a scenario the plan is made first."))
        ],
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from models.stopping import Stop

        stop = Stop(watched=True)
        with interrupts(stop):
            from assigner.planner import solve
            from assigner.report.progress import ProgressLine
            from assigner.report.steering_terminal import fair_line, show_fairness
            from assigner.report.terminal import show_result, verdict_line
            from assigner.steering.fair import fairness
            from assigner.steering.standing import is_plan, standing

            limits: dict[str, Any] = {"work_limit": work_limit, "time_limit": time_limit, "stop": stop}
            line = None if quiet else ProgressLine()
            if is_plan(source):
                plan = standing(source)
            else:
                scenario = read(source)
                if not quiet:
                    warn(scenario.warnings)
                with line or nullcontext():
                    result = solve(scenario, price=False, progress=line, **limits)
                if result.assignment is None:
                    show_answer(result, show_result, verdict_line, quiet=quiet, as_json=json)
                    return result.exit_code
                plan = replace(standing(result), name=str(source))
            with line or nullcontext():
                answer = fairness(plan, progress=line, **limits)
            show_answer(answer, show_fairness, fair_line, quiet=quiet, as_json=json)
        return answer.exit_code

    return fairness
