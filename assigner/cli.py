"""The command line from its first word to its exit code: language, command, and every error in words.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once. The language is found before the
help texts are built, wherever ``--lang`` stands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import typer

from assigner.commands import Refused, application
from assigner.errors import ExitCode, InputError, Place, Problem, problem_of
from assigner.help_texts import program_name
from assigner.messages import LANGUAGES, M_, _, set_language

if TYPE_CHECKING:
    from models.documents import DocumentError

__all__ = ["main", "run"]

ABORTED = 130
"""How a program ends that was told twice to stop: by custom 128 and the number of the signal."""

_UsageError: type[Any] = typer.BadParameter.__mro__[1]


def main() -> None:
    """Run the program with the arguments of the command line."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the program.

    Parameters
    ----------
    arguments : sequence of str
        Without the name of the program.

    Returns
    -------
    int
        One of `assigner.errors.ExitCode`, or `ABORTED`.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return int(_dispatch(list(arguments)))
    except InputError as error:
        return _refuse(str(error))
    except _UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else program_name()
        mend = M_("See “{command}”.", command=f"{command} --help")
        return _refuse(_usage_sentence(error) + "\n  " + _("To mend it: {mend}", mend=mend))
    except BrokenPipeError:  # the reader has seen enough
        _give_up_stdout()
        return ExitCode.PROVEN
    except OSError as error:
        if not error.filename:  # what could not be printed is not to be tried again at the end
            _give_up_stdout()
        return _refuse(str(problem_of(error)))
    except ImportError as error:
        from assigner.shadows import shadow

        hidden = shadow(error)
        if hidden is None:
            raise
        return _refuse(str(hidden))
    except (KeyboardInterrupt, typer.Abort):
        print(_("Stopped."), file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ABORTED)  # a solver under way in its thread would hold the interpreter
    except ValueError as error:
        # Faults of documents; their class is known only once the floors below are loaded, so it is asked for late.
        if not hasattr(error, "faults"):
            raise
        return _refuse(_document_faults(error))  # type: ignore[arg-type]


def _dispatch(arguments: list[str]) -> int:
    rest = _choose_language(arguments)
    return application(rest)(args=rest, prog_name=program_name(), standalone_mode=False) or 0


def _give_up_stdout() -> None:
    with suppress(OSError, ValueError):  # a stream without a number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)
    return ExitCode.BAD_INPUT


def _document_faults(error: DocumentError) -> str:
    from assigner.errors import render
    from assigner.faults import problems_of

    return render(problems_of(error.name, error.faults))


def _choose_language(arguments: list[str]) -> list[str]:
    """Take ``--lang`` out of the arguments, wherever it stands, and set the language."""
    rest: list[str] = []
    wanted: str | None = None
    given = False
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            rest += arguments[position:]
            break
        if argument == "--lang":
            given, wanted = True, arguments[position + 1] if position + 1 < len(arguments) else ""
            position += 1
        elif argument.startswith("--lang="):
            given, wanted = True, argument.removeprefix("--lang=")
        else:
            rest.append(argument)
        position += 1
    try:
        set_language(wanted if given else None)
    except ValueError:
        set_language(None)
        what, known = M_("This language is not spoken here."), M_("one of: {choices}", choices=", ".join(LANGUAGES))
        mend = M_("Write --lang zh-TW or --lang en.")
        raise InputError([Problem("", Place("--lang"), wanted, what, known, mend)]) from None
    return rest


def _usage_sentence(error: Any) -> str:
    """What is wrong with the command line."""
    kind, ctx = type(error).__name__, error.ctx
    if kind == "NoSuchOption":
        return _("There is no option {name}.", name=error.option_name)
    if kind == "BadOptionUsage":
        return _("The option {name} needs a value.", name=error.option_name)
    parameter = getattr(error, "param", None)
    if parameter is not None:
        name = max(parameter.opts, key=len) if parameter.opts[0].startswith("-") else parameter.metavar
        if kind == "MissingParameter":
            return _("Something is missing: {name}.", name=name)
        if isinstance(error, Refused):
            reason = error.message
        elif any(word in error.message for word in ("number", "integer")):
            reason = _("a number is expected.")
        else:  # the only other values that typer judges are names of files
            reason = _("it cannot be opened: no permission.")
        return _("{name} cannot be used: {reason}", name=name, reason=reason)
    if ctx is not None and error.message.startswith("Got unexpected extra"):
        return _("There are more words than “{command}” takes.", command=ctx.command_path)
    return _("The command line cannot be understood: {reason}", reason=error.format_message())


if __name__ == "__main__":
    main()
