"""The commands: their arguments, their help in the language of the run, and the one function each of them calls.

They are made by `application` when the language is known. Whatever is heavy is imported by the command that runs.
The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assigner.errors import ExitCode, InputError, Place, Problem
from assigner.help_texts import HelpFormatter
from assigner.messages import LANGUAGES, M_, Message, _, _n

if TYPE_CHECKING:
    from assigner.planner import Result
    from models.duties import Duties
    from models.rulebook import Rulebook
    from models.stopping import Stop

__all__ = ["Refused", "application"]


class _Group(TyperGroup):
    """A group of commands that names those it has when asked for another."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; one that does not exist is named with those that do."""
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            mend = M_("See “{command}”.", command=f"{ctx.command_path} --help")
            expected = M_("one of: {choices}", choices=", ".join(known))
            raise InputError([Problem("", Place(), args[0], M_("There is no such command."), expected, mend)])
        return super().resolve_command(ctx, args)


class Refused(typer.BadParameter):
    """A value that one of our own checks refuses; its sentence is in the language of the run."""


def _show_help(ctx: typer.Context, value: bool) -> None:
    if value:
        _say(_help(ctx))
        raise typer.Exit


def _help(ctx: typer.Context) -> str:
    ctx.formatter_class = HelpFormatter
    return ctx.get_help()


def _above_zero(value: float | None) -> float | None:
    if value is not None and not 0 < value < float("inf"):
        raise Refused(_("a number above zero is expected."))
    return value


# --------------------------------------------------------------------------------------------------------- the commands


def application() -> typer.Typer:
    """The commands, with their help in the current language."""
    common: dict[str, Any] = {"add_help_option": False, "rich_markup_mode": None}
    app = typer.Typer(
        cls=_Group,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=_("Who hosts which work item in a learning community: proven, audited duty plans."),
        epilog=_(
            "Exit codes: 0 proven, 2 input cannot be used, 3 stopped early, 4 no lawful plan, 5 the audit disagrees."
        ),
        **common,
    )
    book = typer.Typer(
        cls=_Group, no_args_is_help=False, invoke_without_command=True, help=_("The rules of a school year."), **common
    )
    for name, command, text in (
        ("solve", _solve_command(), _("Solve a scenario: a plan, its proof, its audit.")),
        ("validate", _validate_command(), _("Check scenario files without solving them.")),
        ("check", _check_command(), _("Audit a plan from anyone, clause by clause.")),
        ("example", _example_command(), _("Write a made-up scenario to start from.")),
        ("schema", _schema_command(), _("Print the JSON Schema of scenario files or of plan.json.")),
    ):
        app.command(name, add_help_option=False, help=text)(command)
    _rulebook_commands(book)
    app.add_typer(book, name="rulebook")
    app.callback()(_main_callback())
    return app


def _say(text: object, *, err: bool = False) -> None:
    """Print a line; unlike typer's own it keeps to the encoding of the stream."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def _help_option() -> Any:
    text = _("Show this text and exit.")
    return typer.Option("--help", "-h", metavar="", is_eager=True, callback=_show_help, help=text)


def _flag(*names: str, text: str) -> Any:
    return typer.Option(*names, metavar="", help=text)


def _value(name: str, metavar: str, text: str, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=text, **more)


def _lang_option() -> Any:
    return typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language; by default that of the system."))


def _main_callback() -> Callable[..., Any]:
    def callback(
        ctx: typer.Context,
        version: Annotated[bool, typer.Option("--version", metavar="", help=_("Print the version and exit."))] = False,
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> None:
        if version:
            import assigner

            _say(f"assigner {assigner.__version__}")
        elif ctx.invoked_subcommand is None:
            _say(_welcome())
        if version:
            raise typer.Exit

    return callback


def _welcome() -> str:
    return "\n".join(
        (
            _("Assigns the work items of a learning community's plan to its schools: proven, audited plans."),
            "",
            _("What to do next:"),
            "  assigner example --schools 9 --seed 1 --out my.yaml",
            "      " + _("write a made-up scenario, to be edited by hand"),
            "  assigner validate my.yaml",
            "      " + _("check it; every mistake is named with its line"),
            "  assigner solve my.yaml --out plan",
            "      " + _("solve it; the plan is printed and kept as plan/plan.json"),
            "  assigner check plan/plan.json",
            "      " + _("audit a plan from anyone, clause by clause"),
            "",
            _("More: assigner --help, assigner solve --help, assigner rulebook show."),
            _("Language: --lang zh-TW or --lang en."),
        )
    )


def _solve_command() -> Callable[..., Any]:
    out_text = _("Write plan.json into this folder.")
    json_text = _("Print plan.json on the standard output, and nothing else there.")
    work_text = _("Stop after so much work of the solver; the same on every machine.")
    time_text = _("Stop after so many seconds.")
    quiet_text = _("No progress, and only one line about the answer.")
    log_text = _("The solver's log on the standard error.")
    model_text = _("Write the model for CP-SAT (.pb, or .txt to read it).")

    def solve(
        scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML)."))],
        out: Annotated[Path | None, _value("--out", "DIR", out_text)] = None,
        json: Annotated[bool, _flag("--json", text=json_text)] = False,
        work_limit: Annotated[float | None, _value("--work-limit", "W", work_text, callback=_above_zero)] = None,
        time_limit: Annotated[float | None, _value("--time-limit", "S", time_text, callback=_above_zero)] = None,
        quiet: Annotated[bool, _flag("--quiet", "-q", text=quiet_text)] = False,
        log: Annotated[bool, _flag("--log", text=log_text)] = False,
        export_model: Annotated[Path | None, _value("--export-model", "FILE", model_text)] = None,
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        return _solve(scenario, out, json, work_limit, time_limit, quiet, log, export_model)

    return solve


def _solve(
    file: Path,
    out: Path | None,
    as_json: bool,
    work_limit: float | None,
    time_limit: float | None,
    quiet: bool,
    log: bool,
    export_model: Path | None,
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with _interrupts(stop):
        from assigner import planner
        from assigner.report.progress import ProgressLine
        from assigner.scenario import read_scenario

        scenario = read_scenario(file)
        if not quiet:
            _warn(scenario.warnings)
        _try_outputs(out, export_model)
        line = None if quiet or log else ProgressLine()
        with line or nullcontext():
            result = planner.solve(
                scenario,
                work_limit=work_limit,
                time_limit=time_limit,
                stop=stop,
                progress=line,
                log=_log if log else None,
                export=None if export_model is None else lambda duties: _export(duties, export_model),
            )
        written, failure = _written(result, out)
        try:
            _show(result, as_json, quiet)
        finally:
            if failure is not None:
                raise failure
        if written is not None:
            _say(_("Written: {file}", file=written), err=as_json)
    return result.exit_code


def _try_outputs(out: Path | None, export_model: Path | None) -> None:
    """Refuse what cannot be written before anything is solved."""
    from assigner.files import try_writing

    if out is not None:
        try_writing(out / "plan.json")
    if export_model is not None:
        try_writing(export_model)


def _written(result: "Result", out: Path | None) -> tuple[Path | None, OSError | None]:
    """Write the answer if it is wanted; what kept it from being written is told after the answer has been shown."""
    if out is None:
        return None, None
    from assigner.answer import write_plan

    try:
        return write_plan(result, out), None
    except OSError as error:
        return None, error


def _show(result: "Result", as_json: bool, quiet: bool) -> None:
    if as_json:
        sys.stdout.flush()
        sys.stdout.buffer.write(result.to_json().encode("utf-8"))
        sys.stdout.flush()
        return
    from assigner.report.terminal import console_for, show_result, verdict_line

    console = console_for()
    if quiet:
        console.print(verdict_line(result))
    else:
        show_result(result, console)


@contextmanager
def _interrupts(stop: "Stop") -> Iterator[None]:
    """Ctrl-C asks for a stop; a second one aborts."""

    def handler(signum: int, frame: object) -> None:
        if stop.is_set():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            raise KeyboardInterrupt
        stop.set()
        os.write(2, ("\n" + _("Stopping; once more to abort.") + "\n").encode(sys.stderr.encoding, "replace"))

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _warn(warnings: Sequence[Problem]) -> None:
    for warning in warnings:
        _say(_("Note: {warning}", warning=warning), err=True)


def _log(line: str) -> None:
    _say(line, err=True)


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


def _validate_command() -> Callable[..., Any]:
    def validate(
        scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help=_("One or more scenario files."))],
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.scenario import read_scenario

        worst = ExitCode.PROVEN
        for file in scenarios:
            try:
                scenario = read_scenario(file)
            except InputError as error:
                _say(error, err=True)
                worst = ExitCode.BAD_INPUT
                continue
            _warn(scenario.warnings)
            count = len(scenario.problem().participants)
            _say(
                _n(
                    "{file}: in order, {n} school takes part.",
                    "{file}: in order, {n} schools take part.",
                    count,
                    file=file,
                )
            )
        return worst

    return validate


def _check_command() -> Callable[..., Any]:
    plan_text = _("plan.json, or a CSV with the columns item and school.")
    scenario_text = _("The scenario; needed for a CSV, compared with that of a plan.json.")

    def check(
        plan: Annotated[Path, typer.Argument(metavar="PLAN", help=plan_text)],
        scenario: Annotated[Path | None, _value("--scenario", "FILE", scenario_text)] = None,
        quiet: Annotated[bool, _flag("--quiet", "-q", text=_("Only what is broken or not true."))] = False,
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.checking import check
        from assigner.report.terminal import console_for, show_verdict

        verdict = check(plan, scenario)
        show_verdict(verdict, console_for(), only_broken=quiet)
        return verdict.exit_code

    return check


def _example_command() -> Callable[..., Any]:
    def example(
        schools: Annotated[int, _value("--schools", "N", _("Number of schools."))] = 9,
        seed: Annotated[int, _value("--seed", "K", _("Another number, another community."))] = 1,
        out: Annotated[Path | None, _value("--out", "FILE", _("Write it here instead of printing it."))] = None,
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.scenario import write_yaml
        from assigner.scenario.example import MOST_SCHOOLS, example

        try:
            text = write_yaml(example(schools, seed))
        except ValueError:
            expected = M_("a whole number from 1 to {most}", most=MOST_SCHOOLS)
            _wrong("--schools", schools, M_("So many schools cannot be made up."), expected)
        if out is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8"))
            sys.stdout.flush()
            return ExitCode.PROVEN
        if out.exists():
            _wrong("--out", str(out), M_("The file is there already, and is left as it is."), None)
        from assigner.files import write_whole

        write_whole(out, text)
        _say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return example


def _wrong(option: str, value: object, what: Message, expected: Message | None) -> NoReturn:
    mend = M_("Write another value after {option}.", option=option)
    raise InputError([Problem("", Place(option), value, what, expected, mend)])


def _schema_command() -> Callable[..., Any]:
    def schema(
        which: Annotated[str, typer.Argument(metavar="scenario|plan", help=_("Of which file."))],
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.answer import json_text, plan_schema
        from assigner.scenario import scenario_schema

        makers: dict[str, Callable[[], dict[str, Any]]] = {"scenario": scenario_schema, "plan": plan_schema}
        if which not in makers:
            expected = M_("one of: {choices}", choices=", ".join(makers))
            _wrong("schema", which, M_("There is no such schema."), expected)
        sys.stdout.write(json_text(makers[which]()))
        return ExitCode.PROVEN

    return schema


def _rulebook_commands(book: typer.Typer) -> None:
    def callback(ctx: typer.Context, help_: Annotated[bool, _help_option()] = False) -> None:
        if ctx.invoked_subcommand is None:
            _say(_help(ctx))

    def show(
        entry: Annotated[str, typer.Argument(metavar="ID", help=_("Only the entry of this id, in full."))] = "",
        rulebook: Annotated[
            str, _value("--rulebook", "NAME|FILE", _("A shipped rulebook, or a file."), show_default=False)
        ] = "111",
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.report.rules import show_entry, show_rulebook
        from assigner.report.terminal import console_for

        loaded = _load(rulebook)
        if not entry:
            show_rulebook(loaded, console_for())
        elif not show_entry(loaded, entry, console_for()):
            mend = M_("“assigner rulebook show” lists them all.")
            raise InputError([Problem("", Place(), entry, M_("The rulebook has no entry of this id."), None, mend)])
        return ExitCode.PROVEN

    def schema(lang: Annotated[str, _lang_option()] = "", help_: Annotated[bool, _help_option()] = False) -> int:
        from assigner.answer import json_text
        from models.rulebook import rulebook_schema

        sys.stdout.write(json_text(rulebook_schema()))
        return ExitCode.PROVEN

    def diff(
        old: Annotated[str, typer.Argument(metavar="A", help=_("A shipped rulebook, or a file."))],
        new: Annotated[str, typer.Argument(metavar="B", help=_("A shipped rulebook, or a file."))],
        lang: Annotated[str, _lang_option()] = "",
        help_: Annotated[bool, _help_option()] = False,
    ) -> int:
        from assigner.report.rules import show_differences
        from assigner.report.terminal import console_for

        show_differences(_load(old), _load(new), console_for())
        return ExitCode.PROVEN

    book.callback()(callback)
    for name, command, text in (
        ("show", show, _("Print items, clauses with their words, switches and measures.")),
        ("schema", schema, _("Print the JSON Schema of a rulebook file.")),
        ("diff", diff, _("Print which entries differ between two rulebooks.")),
    ):
        book.command(name, add_help_option=False, help=text)(command)


def _load(source: str) -> "Rulebook":
    from models.rulebook import load_rulebook

    return load_rulebook(source)
