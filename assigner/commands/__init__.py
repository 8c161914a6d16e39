"""The commands: their arguments, their help in the language of the run, and the one function each of them calls.

They are made by `application` when the language is known. Whatever is heavy is imported by the command that runs.
The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Annotated, Any

import typer

from assigner.commands._options import Group, Refused, help_option, lang_option, say
from assigner.commands.batch import batch_command
from assigner.commands.boundary import boundary_commands
from assigner.commands.choices import front_command, optima_command
from assigner.commands.explaining import explain_command, prices_command, sensitivity_command, whatif_command
from assigner.commands.report import report_command
from assigner.commands.rosters import import_roster_command, scenario_command
from assigner.commands.rulebooks import rulebook_commands
from assigner.commands.serving import serve_command
from assigner.commands.solving import check_command, solve_command, validate_command
from assigner.commands.splits import split_command
from assigner.commands.starting import example_command, schema_command
from assigner.commands.steering import diff_command, fairness_command, next_year_command, repair_command
from assigner.commands.store import store_commands
from assigner.commands.workbooks import collect_command, convert_command, template_command
from assigner.help_texts import program_name
from assigner.messages import _

__all__ = ["Refused", "application"]


def application(words: Container[str] | None = None) -> typer.Typer:
    """The commands, with their help in the current language.

    Parameters
    ----------
    words : container of str, optional
        Of the command line. A command that none of them names is left without its options, a group without its
        commands, so that ``--help`` need not make what it does not show; None makes all.
    """
    common: dict[str, Any] = {"add_help_option": False, "rich_markup_mode": None}
    app = typer.Typer(
        cls=Group,
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
        cls=Group, no_args_is_help=False, invoke_without_command=True, help=_("The rules of a school year."), **common
    )
    for name, maker, text in (
        ("solve", solve_command, _("Solve a scenario: a plan, its proof, its audit.")),
        ("split", split_command, _("Propose two plans for a community of more than twenty schools.")),
        (
            "batch",
            batch_command,
            _("Run every community, or thousands of variants; whatever happens, nothing is lost."),
        ),
        ("front", front_command, _("How the largest load and travel trade: every point a whole plan.")),
        ("optima", optima_command, _("All plans that are equally good, and clearly different ones.")),
        ("explain", explain_command, _("Why this plan: what decides each duty, and what another host would cost.")),
        ("whatif", whatif_command, _("What if: the best plan under changes, before and after; the whole table.")),
        ("prices", prices_command, _("The price of each rule: what the plan would gain without it.")),
        ("sensitivity", sensitivity_command, _("How firm each duty is when our numbers move.")),
        ("diff", diff_command, _("What differs between two plans: duties, loads, aims, in words.")),
        ("repair", repair_command, _("Mend a plan when a school leaves, is barred or joins: fewest changes first.")),
        ("next-year", next_year_command, _("The scenario of the next year from the plan of this one; rotation.")),
        (
            "fairness",
            fairness_command,
            _("Whether the loads are fair: the fairest, what rules force, who would swap."),
        ),
        ("report", report_command, _("The national report of a batch: page, workbook, tables.")),
        ("validate", validate_command, _("Check scenario files without solving them.")),
        ("check", check_command, _("Audit a plan from anyone, clause by clause.")),
        ("import-roster", import_roster_command, _("Read the ministry's school lists into one table.")),
        ("scenario", scenario_command, _("Make a scenario from a roster.")),
        (
            "serve",
            serve_command,
            _("Move townships and schools between communities on a page, and see what it does."),
        ),
        ("template", template_command, _("Write a form as a workbook, to be filled in.")),
        ("collect", collect_command, _("Put the forms of several schools together.")),
        ("convert", convert_command, _("Turn a YAML scenario into a workbook, or back.")),
        ("example", example_command, _("Write a made-up scenario to start from.")),
        ("schema", schema_command, _("Print the JSON Schema of a file that is read or written.")),
    ):
        command = maker() if words is None or name in words else _not_made
        app.command(name, add_help_option=False, help=text)(command)
    if words is None or "rulebook" in words:
        rulebook_commands(book)
    app.add_typer(book, name="rulebook")
    boundary = typer.Typer(
        cls=Group,
        no_args_is_help=False,
        invoke_without_command=True,
        help=_("Move townships and schools between communities, and see what it does."),
        **common,
    )
    if words is None or "boundary" in words:
        boundary_commands(boundary)
    app.add_typer(boundary, name="boundary")
    kept = typer.Typer(
        cls=Group,
        no_args_is_help=False,
        invoke_without_command=True,
        help=_("What a batch has kept: its runs, its jobs, its answers as tables."),
        **common,
    )
    if words is None or "store" in words:
        store_commands(kept)
    app.add_typer(kept, name="store")
    app.callback()(_main_callback())
    return app


def _not_made() -> None:
    """Stand for a command that the command line does not name."""


def _main_callback() -> Callable[..., Any]:
    def callback(
        ctx: typer.Context,
        version: Annotated[bool, typer.Option("--version", metavar="", help=_("Print the version and exit."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> None:
        if version:
            import assigner

            say(f"assigner {assigner.__version__}")
        elif ctx.invoked_subcommand is None:
            say(_welcome())
        if version:
            raise typer.Exit

    return callback


def _welcome() -> str:
    program = program_name()
    form, plan, lists, towns, attempt = _("form.xlsx"), _("plan"), _("LISTS"), _("TOWNSHIPS"), _("try")
    steps = (
        (f"{program} template --out {form}", _("make a form; fill it in with Excel: schools, willingness, wishes")),
        (f"{program} validate {form}", _("check it; every mistake is named with its cell, and marked in a copy")),
        (
            f"{program} solve {form} --out {plan}",
            _("assign the items; the folder then holds a page, a workbook, a map and the plan as data"),
        ),
        (
            f"{program} check {plan}/plan.csv --scenario {form}",
            _("judge a division of work from anyone, clause by clause"),
        ),
    )
    beginning = (
        (
            f"{program} import-roster {lists} --year 111 --out roster.csv",
            _("put the ministry's lists into one table"),
        ),
        (
            f"{program} template --roster roster.csv --members {towns} --out {form}",
            _("make a form that holds the schools and junior highs of these townships already"),
        ),
    )
    return "\n".join(
        (
            _("Assigns the work items of a learning community's plan to its schools: proven, audited plans."),
            "",
            _("What to do next:"),
            *_steps(steps),
            "",
            _("With the ministry's lists of schools at hand, begin with these instead:"),
            *_steps(beginning),
            "",
            _("To try it without data: {command}", command=f"{program} example --schools 9 --out {attempt}.yaml"),
            _("More: {command}.", command=f"{program} --help"),
            _("Language: --lang zh-TW or --lang en."),
        )
    )


def _steps(steps: Iterable[tuple[str, str]]) -> Iterator[str]:
    for command, meaning in steps:
        yield f"  {command}"
        yield f"      {meaning}"
