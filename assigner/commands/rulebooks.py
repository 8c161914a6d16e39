"""The rules of a school year: show them, compare them.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assigner.commands._options import help_option, help_text, lang_option, say, value
from assigner.errors import ExitCode, InputError, Place, Problem
from assigner.messages import M_, _

if TYPE_CHECKING:
    from models.rulebook import Rulebook

__all__ = ["rulebook_commands"]


def rulebook_commands(book: typer.Typer) -> None:
    """Add the commands on rulebooks to their group."""

    def callback(ctx: typer.Context, help_: Annotated[bool, help_option()] = False) -> None:
        if ctx.invoked_subcommand is None:
            say(help_text(ctx))

    def show(
        entry: Annotated[str, typer.Argument(metavar="ID", help=_("Only the entry of this id, in full."))] = "",
        rulebook: Annotated[
            str, value("--rulebook", "NAME|FILE", _("A shipped rulebook, or a file."), show_default=False)
        ] = "111",
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
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

    def schema(lang: Annotated[str, lang_option()] = "", help_: Annotated[bool, help_option()] = False) -> int:
        from assigner.answer import json_text
        from models.rulebook import rulebook_schema

        sys.stdout.write(json_text(rulebook_schema()))
        return ExitCode.PROVEN

    def diff(
        old: Annotated[str, typer.Argument(metavar="A", help=_("A shipped rulebook, or a file."))],
        new: Annotated[str, typer.Argument(metavar="B", help=_("A shipped rulebook, or a file."))],
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
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
