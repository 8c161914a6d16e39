"""The national report of a batch.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import flag, help_option, lang_option, say, value
from assigner.commands._running import tell
from assigner.errors import ExitCode
from assigner.messages import _

__all__ = ["report_command"]


def report_command() -> Callable[..., Any]:
    """Make the command ``report``."""
    compare_text = _("Also what differs from this store, or this run of it; #RUN alone names a run of the same store.")
    formats_text = _("Which files, with commas: {formats}. html,xlsx if not given.", formats="html,xlsx,csv,parquet")

    def report(
        store: Annotated[Path, typer.Argument(metavar="STORE", help=_("The file that “assigner batch” has made."))],
        out: Annotated[Path, value("--out", "DIR", _("Write the report into this folder; made if it is missing."))],
        run: Annotated[
            str | None, value("--run", "NAME|ID", _("Of this run; of the latest if not given."), show_default=False)
        ] = None,
        compare: Annotated[str | None, value("--compare", "STORE[#RUN]", compare_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        quiet: Annotated[bool, flag("--quiet", "-q", text=_("Only say which files were written."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.batch.reporting import chosen, national_report, try_in, write_report

        names = chosen(formats)
        made = national_report(store, run, _other(store, compare))
        try_in(out, names)
        written = write_report(made, out, names)
        if not quiet:
            from assigner.report.national_statements import summary, verdict

            say(verdict(made).text)
            for line in summary(made):
                say(f"- {line}")
        tell(written, err=False)
        return ExitCode.PROVEN

    return report


def _other(store: Path, compare: str | None) -> tuple[Path, str | None] | None:
    """Store and run that a word names; a file may have the sign in its name."""
    if compare is None:
        return None
    if Path(compare).exists():
        return Path(compare), None
    name, sign, run = compare.rpartition("#")
    if not sign:
        return Path(compare), None
    return Path(name) if name else store, run
