"""What else could be decided: the front of largest load and travel, all optimal plans, clearly different ones.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, value, warn, wrong
from assigner.commands._options import tolerance as share_of
from assigner.commands._running import interrupts, log_line, show_answer, tell
from assigner.messages import M_, _

__all__ = ["front_command", "optima_command"]

MOST_LEVELS, MOST_LISTED, MOST_DIFFERENT = 1000, 10_000, 20
"""More of them nobody compares."""


def front_command() -> Callable[..., Any]:
    """Make the command ``front``."""
    out_text = _("Write front.json, front.csv, front.html and front.svg into this folder; made if it is missing.")
    points_text = _("Look at so many levels of the largest load; 0: all. By default all up to 25 schools, 12 beyond.")
    take_text = _("Write the plan of point K into DIR/point-K, with its scenario; needs --out.")

    def front(
        scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file, or a plan.json."))],
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        points: Annotated[int | None, value("--points", "N", points_text)] = None,
        take: Annotated[int | None, value("--take", "K", take_text)] = None,
        json: Annotated[bool, flag("--json", text=_("Print front.json on the standard output, nothing else."))] = False,
        work_limit: Annotated[float | None, _work_limit()] = None,
        time_limit: Annotated[float | None, _time_limit()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        _within("--points", points, 0, MOST_LEVELS)
        if take is not None and out is None:
            wrong("--take", take, M_("There is no folder to write into."), M_("also --out DIR"))
        asked = {"points": points, "work_limit": work_limit, "time_limit": time_limit}
        return _front(scenario, asked, out, take, json, quiet, log)

    return front


def optima_command() -> Callable[..., Any]:
    """Make the command ``optima``."""
    limit_text = _("List at most so many optimal plans; 10 if not given.")
    different_text = _("Also K plans that are clearly different from the chosen one and from each other.")
    tolerance_text = _("By how much these may be worse in any aim, such as 5% or 1/20; 5% if not given.")

    def optima(
        scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file, or a plan.json."))],
        limit: Annotated[int, value("--limit", "N", limit_text, show_default=False)] = 10,
        different: Annotated[int, value("--different", "K", different_text, show_default=False)] = 0,
        tolerance: Annotated[str, value("--tolerance", "SHARE", tolerance_text, show_default=False)] = "5%",
        json: Annotated[bool, flag("--json", text=_("Print the answer as JSON, and nothing else."))] = False,
        work_limit: Annotated[float | None, _work_limit()] = None,
        time_limit: Annotated[float | None, _time_limit()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        _within("--limit", limit, 1, MOST_LISTED)
        _within("--different", different, 0, MOST_DIFFERENT)
        asked = {
            "limit": limit,
            "different": different,
            "tolerance": share_of("--tolerance", tolerance),
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        return _optima(scenario, asked, json, quiet, log)

    return optima


def _work_limit() -> Any:
    text = _("Stop after so much work of the solver; the same on every machine.")
    return value("--work-limit", "W", text, callback=above_zero)


def _time_limit() -> Any:
    return value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)


def _quiet() -> Any:
    return flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))


def _log() -> Any:
    return flag("--log", text=_("The solver's log on the standard error."))


def _within(option: str, number: int | None, least: int, most: int) -> None:
    """Refuse a number outside its bounds."""
    if number is not None and not least <= number <= most:
        expected = M_("a whole number from {least} to {most}", least=least, most=most)
        wrong(option, number, M_("This number cannot be used here."), expected)


def _front(
    file: Path, asked: dict[str, Any], out: Path | None, take: int | None, as_json: bool, quiet: bool, log: bool
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.choosing import files
        from assigner.choosing.front import front
        from assigner.report.progress import ProgressLine

        source = _source(file, quiet)
        if out is not None:
            files.FRONT.try_in(out, files.FRONT.makers)
        line = None if quiet or log else ProgressLine()
        with line or nullcontext():
            answer = front(source, **asked, stop=stop, progress=line, log=log_line if log else None)
        if take is not None and answer.found is not None:
            _within("--take", take, 1, len(answer.points))
        written = [] if out is None else [answer.write(out)]
        if take is not None and out is not None and answer.found is not None:
            written.append(files.write_point(answer.take(take), files.point_folder(out, take)))
        from assigner.report.choices_terminal import show_front, verdict_line

        try:
            show_answer(answer, show_front, verdict_line, quiet=quiet, as_json=as_json)
        finally:
            for part in written:
                tell(part, err=as_json)
    return answer.exit_code


def _optima(file: Path, asked: dict[str, Any], as_json: bool, quiet: bool, log: bool) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.choosing.optima import optima
        from assigner.report.progress import ProgressLine

        source = _source(file, quiet)
        line = None if quiet or log else ProgressLine()
        with line or nullcontext():
            answer = optima(source, **asked, stop=stop, progress=line, log=log_line if log else None)
        from assigner.report.choices_terminal import optima_line, show_optima

        show_answer(answer, show_optima, optima_line, quiet=quiet, as_json=as_json)
    return answer.exit_code


def _source(file: Path, quiet: bool) -> Any:
    """The scenario of a file, with its warnings told; a plan.json is read by who answers."""
    from assigner.commands._reading import read

    if file.suffix.lower() == ".json":
        return file
    scenario = read(file)
    if not quiet:
        warn(scenario.warnings)
    return scenario
