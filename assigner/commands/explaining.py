"""Why this plan, what if, the price of each rule, what hangs on our numbers.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, value, warn, wrong
from assigner.commands._reading import read
from assigner.commands._running import interrupts, log_line, show_answer, tell
from assigner.errors import ExitCode
from assigner.messages import M_, _

__all__ = ["explain_command", "prices_command", "sensitivity_command", "whatif_command"]


def _source() -> Any:
    return typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML or workbook), or a plan.json."))


def _work() -> Any:
    text = _("Stop after so much work of the solver; the same on every machine.")
    return value("--work-limit", "W", text, callback=above_zero)


def _time() -> Any:
    return value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)


def _json() -> Any:
    return flag("--json", text=_("Print the answer as JSON on the standard output, nothing else."))


def _quiet() -> Any:
    return flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))


def _log() -> Any:
    return flag("--log", text=_("The solver's log on the standard error."))


def _opened(file: Path) -> Any:
    """A scenario; a plan.json stays a file. Of a workbook that cannot be used a marked copy is left beside it."""
    return file if file.suffix.lower() == ".json" else read(file)


def explain_command() -> Callable[..., Any]:
    """Make the command ``explain``."""
    school_text = _("Why this school (code or name) carries what it carries, and who could have taken it.")
    item_text = _("Who could host this item (id or title), and at what cost; who cannot, and by which rule.")

    def explain(
        scenario: Annotated[Path, _source()],
        school: Annotated[str | None, value("--school", "CODE", school_text)] = None,
        item: Annotated[str | None, value("--item", "ID", item_text)] = None,
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if school is not None and item is not None:
            wrong("--item", item, M_("A school and an item are two questions."), M_("--school or --item, not both"))

        def ask(more: Any) -> Any:
            from assigner.explaining.why import explain

            return explain(_opened(scenario), school=school, item=item, **more)

        def show() -> tuple[Any, Any]:
            from assigner.report.explain_terminal import explain_line, show_explanation

            return show_explanation, explain_line

        return _answered(ask, show, _("duties"), work_limit, time_limit, quiet, log, json)

    return explain


def prices_command() -> Callable[..., Any]:
    """Make the command ``prices``."""

    def prices(
        scenario: Annotated[Path, _source()],
        switches: Annotated[bool, flag("--switches", text=_("Also every other reading of the text."))] = False,
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        def ask(more: Any) -> Any:
            from assigner.explaining.rules import prices

            return prices(_opened(scenario), switches=switches, **more)

        def show() -> tuple[Any, Any]:
            from assigner.report.explain_terminal import prices_line, show_prices

            return show_prices, prices_line

        return _answered(ask, show, _("rules"), work_limit, time_limit, quiet, log, json)

    return prices


def sensitivity_command() -> Callable[..., Any]:
    """Make the command ``sensitivity``."""

    def sensitivity(
        scenario: Annotated[Path, _source()],
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        def ask(more: Any) -> Any:
            from assigner.explaining.rules import sensitivity

            return sensitivity(_opened(scenario), **more)

        def show() -> tuple[Any, Any]:
            from assigner.report.explain_terminal import sensitivity_line, show_sensitivity

            return show_sensitivity, sensitivity_line

        return _answered(ask, show, _("changes"), work_limit, time_limit, quiet, log, json)

    return sensitivity


def whatif_command() -> Callable[..., Any]:
    """Make the command ``whatif``."""
    host_text = _("The school hosts the item (ids or titles, codes or names); may be repeated, as the rest.")
    not_text = _("The school does not host the item.")
    spare_text = _("The school hosts nothing that counts in the load.")
    switch_text = _("Another reading of the text.")
    add_text = _("A school of the scenario that takes no part joins.")
    lift_text = _("A rule need not be kept (id or title of a clause).")
    table_text = _("The whole table instead: what it costs that each school hosts each item.")
    full_text = _("With --table: all aims of every cell, not only the first that changes.")
    jobs_text = _("With --table: so many processes; as many as there are cores if not given.")
    out_text = _("With --table: write it into this folder: whatif.json, a table, a workbook, a page.")
    formats_text = _(
        "Which files besides whatif.json, with commas: {formats}. All if not given.", formats="csv,xlsx,html"
    )

    def whatif(
        scenario: Annotated[Path, _source()],
        host: Annotated[list[str] | None, value("--host", "ITEM=CODE", host_text)] = None,
        not_: Annotated[list[str] | None, value("--not", "ITEM=CODE", not_text)] = None,
        spare: Annotated[list[str] | None, value("--spare", "CODE", spare_text)] = None,
        without: Annotated[list[str] | None, value("--without", "CODE", _("The school takes no part."))] = None,
        add: Annotated[list[str] | None, value("--add", "CODE", add_text)] = None,
        convener: Annotated[str | None, value("--convener", "CODE", _("The school convenes."))] = None,
        switch: Annotated[list[str] | None, value("--switch", "NAME=VALUE", switch_text)] = None,
        lift: Annotated[list[str] | None, value("--lift", "CLAUSE", lift_text)] = None,
        table: Annotated[bool, flag("--table", text=table_text)] = False,
        full: Annotated[bool, flag("--full", text=full_text)] = False,
        jobs: Annotated[int, value("--jobs", "N", jobs_text, show_default=False)] = 0,
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        json: Annotated[bool, _json()] = False,
        work_limit: Annotated[float | None, _work()] = None,
        time_limit: Annotated[float | None, _time()] = None,
        quiet: Annotated[bool, _quiet()] = False,
        log: Annotated[bool, _log()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        changes: dict[str, Any] = {
            "host": host or (),
            "not_host": not_ or (),
            "without": without or (),
            "add": add or (),
            "convener": convener or (),
            "switch": switch or (),
            "lift": lift or (),
            "spare": spare or (),
        }
        _check_table(table, full, jobs, out, formats)
        if table:
            how = {"full": full, "jobs": jobs, "out": out, "formats": formats}
            return _table(scenario, changes, how, work_limit, time_limit, quiet, log, json)
        if not any(changes.values()):
            what = M_("Nothing is to be changed.")
            expected = M_("--host, --not, --spare, --without, --add, --convener, --switch, --lift, or --table")
            wrong("whatif", str(scenario), what, expected)

        def ask(more: Any) -> Any:
            from assigner.explaining.whatif import whatif

            more.pop("told")
            return whatif(_opened(scenario), **changes, **more)

        def show() -> tuple[Any, Any]:
            from assigner.report.whatif_terminal import show_whatif, verdict_line

            return show_whatif, verdict_line

        return _answered(ask, show, "", work_limit, time_limit, quiet, log, json)

    return whatif


def _check_table(table: bool, full: bool, jobs: int, out: Path | None, formats: str | None) -> None:
    """Refuse options that say nothing here."""
    for option, given in (("--full", full), ("--jobs", jobs), ("--out", out), ("--formats", formats)):
        if given and not table:
            wrong(option, str(given), M_("This belongs to the whole table."), M_("also --table"))
    if jobs < 0:
        wrong("--jobs", jobs, M_("So many processes cannot be."), M_("a whole number above zero"))
    if formats is not None and out is None:
        wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))


def _table(
    scenario: Path,
    changes: dict[str, Any],
    how: dict[str, Any],
    work_limit: float | None,
    time_limit: float | None,
    quiet: bool,
    log: bool,
    as_json: bool,
) -> int:
    from assigner.explaining.files import chosen, try_in
    from assigner.processes import usable_cores

    out, names = how["out"], chosen(how["formats"])
    if out is not None:
        try_in(out, names)

    def ask(more: Any) -> Any:
        from assigner.explaining.table import whatif_table

        return whatif_table(_opened(scenario), full=how["full"], jobs=how["jobs"] or usable_cores(), **changes, **more)

    def show() -> tuple[Any, Any]:
        from assigner.report.whatif_terminal import show_table, table_line

        return show_table, table_line

    return _answered(ask, show, _("cells"), work_limit, time_limit, quiet, log, as_json, out, names)


def _answered(
    ask: Callable[[dict[str, Any]], Any],
    show: Callable[[], tuple[Any, Any]],
    counted: str,
    work_limit: float | None,
    time_limit: float | None,
    quiet: bool,
    log: bool,
    as_json: bool,
    out: Path | None = None,
    formats: Sequence[str] = (),
) -> ExitCode:
    """Ask, and print the answer; with a folder also write it."""
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.report.progress import CountedLine

        line = None if quiet or log else CountedLine(counted)
        with line or nullcontext():
            answer = ask(
                {
                    "work_limit": work_limit,
                    "time_limit": time_limit,
                    "stop": stop,
                    "progress": line,
                    "told": None if line is None else line.told,
                    "log": log_line if log else None,
                }
            )
        scenario = answer.ground.result.scenario
        if not quiet and scenario is not None:
            warn(scenario.warnings)
        written = None if out is None else answer.write(out, formats)
        whole, verdict = show()
        try:
            show_answer(answer, whole, verdict, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
    code: ExitCode = answer.exit_code
    return code
