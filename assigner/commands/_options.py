"""What the commands share: options and their words, lines printed, a value refused.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from assigner.errors import InputError, Place, Problem
from assigner.help_texts import HelpFormatter
from assigner.messages import LANGUAGES, M_, Message, _

__all__ = [
    "Group",
    "Refused",
    "above_zero",
    "flag",
    "help_option",
    "help_text",
    "lang_option",
    "say",
    "tolerance",
    "value",
    "warn",
    "wrong",
]


class Group(TyperGroup):
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
        say(help_text(ctx))
        raise typer.Exit


def help_text(ctx: typer.Context) -> str:
    """The help of a command, laid out for the terminal."""
    ctx.formatter_class = HelpFormatter
    return ctx.get_help()


def above_zero(value: float | None) -> float | None:
    """Let a limit through that is above zero."""
    if value is not None and not 0 < value < float("inf"):
        raise Refused(_("a number above zero is expected."))
    return value


def say(text: object, *, err: bool = False) -> None:
    """Print a line; unlike typer's own it keeps to the stream's encoding, and nothing in it steers the terminal."""
    from assigner.report.cells import plain

    stream = sys.stderr if err else sys.stdout
    stream.write(f"{plain(str(text))}\n")
    stream.flush()


def help_option() -> Any:
    """The option that shows the help of a command."""
    text = _("Show this text and exit.")
    return typer.Option("--help", "-h", metavar="", is_eager=True, callback=_show_help, help=text)


def flag(*names: str, text: str) -> Any:
    """An option without a value."""
    return typer.Option(*names, metavar="", help=text)


def value(name: str, metavar: str, text: str, **more: Any) -> Any:
    """An option with a value."""
    return typer.Option(name, metavar=metavar, help=text, **more)


def lang_option() -> Any:
    """The option for the language; `assigner.cli` has taken it out before a command sees it."""
    return typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language; by default that of the system."))


def warn(warnings: Sequence[Problem]) -> None:
    """Print what is probably not meant."""
    for warning in warnings:
        say(_("Note: {warning}", warning=warning), err=True)


def wrong(option: str, value: object, what: Message, expected: Message | None) -> NoReturn:
    """Refuse the value of an option."""
    mend = M_("Write another value after {option}.", option=option)
    raise InputError([Problem("", Place(option), value, what, expected, mend)])


def tolerance(option: str, word: str) -> Fraction:
    """A tolerance as people write it: ``5%``, ``0.05``, ``1/20``."""
    text = word.strip().replace("\uff05", "%")
    try:
        share = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        wrong(option, word, M_("This is no share."), M_("a share such as 0.05 or 5%"))
    if share >= 1 and not text.endswith("%"):  # who writes 5 means 5%, not five hundred
        wrong(option, word, M_("This is no share."), M_("a share such as 0.05 or 5%"))
    if not 0 <= share <= 10:
        wrong(option, word, M_("This is no tolerance."), M_("from {least} to {most}", least="0%", most="1000%"))
    return share
