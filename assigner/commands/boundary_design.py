"""Design communities anew, within limits of size, at the least travel and change.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, warn, wrong
from assigner.commands._running import interrupts, show_answer
from assigner.commands._writing import force_option, ready
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, _

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["design_command"]

_ENDS = (".yaml", ".yml")


def design_command() -> Callable[..., Any]:
    """Make the command ``boundary design``."""
    base_text = _("Base map whose townships and schools are divided anew.")
    roster_text = _("Roster of schools, in place of a base map.")
    county_text = _("A county of the roster; may be repeated. All if not given.")
    least_text = _("Fewest schools of a community; if not given half of the average, and at least 3.")
    most_text = _("Most schools of a community; if not given 20, or one and a half times the average.")
    old_text = _("Base map that change is counted against; if not given the one after --base.")
    price_text = _("What a school that changes its community costs, in person-km a year. 0 if not given.")
    out_text = _("Write the new base map here (.yaml), marked as invented.")
    work_text = _("Stop after so much work of the solver; the same on every machine.")

    def design(
        communities: Annotated[int, value("--communities", "K", _("How many communities."))],
        base: Annotated[Path | None, value("--base", "BASE", base_text)] = None,
        roster: Annotated[Path | None, value("--roster", "ROSTER", roster_text)] = None,
        county: Annotated[list[str] | None, value("--county", "NAME", county_text)] = None,
        least: Annotated[int | None, value("--least", "N", least_text)] = None,
        most: Annotated[int | None, value("--most", "N", most_text)] = None,
        old: Annotated[Path | None, value("--from", "BASE", old_text)] = None,
        change_price: Annotated[float, value("--change-price", "P", price_text)] = 0.0,
        out: Annotated[Path | None, value("--out", "FILE", out_text)] = None,
        force: Annotated[bool, force_option()] = False,
        work_limit: Annotated[float | None, value("--work-limit", "W", work_text, callback=above_zero)] = None,
        time_limit: Annotated[
            float | None, value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)
        ] = None,
        quiet: Annotated[
            bool, flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))
        ] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        _refuse(base, roster, county or (), change_price)
        if out is not None:
            ready(out, force, _ENDS, (base, roster, old))
        asked = {
            "least": least,
            "most": most,
            "change_price": Fraction(repr(change_price)),
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        return _design(base, roster, county or (), old, communities, asked, out, quiet)

    return design


def _refuse(base: Path | None, roster: Path | None, counties: Sequence[str], price: float) -> None:
    if (base is None) == (roster is None):
        what = M_("It is not known which schools are to be divided.") if base is None else M_("Both are given.")
        mend = M_("Write either {one} or {other}.", one="--base BASE", other="--roster ROSTER")
        raise InputError([Problem("", Place("--base"), ABSENT if base is None else base, what, None, mend)])
    if counties and roster is None:
        wrong("--county", counties[0], M_("Counties are chosen from a roster."), M_("also --roster ROSTER"))
    if not 0 <= price < float("inf"):
        wrong("--change-price", price, M_("This is no price."), M_("a number, zero or more"))


def _design(
    base_file: Path | None,
    roster_file: Path | None,
    counties: Sequence[str],
    old_file: Path | None,
    communities: int,
    asked: dict[str, Any],
    out: Path | None,
    quiet: bool,
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.boundary.base import read_base
        from assigner.boundary.designing import base_of_roster, design_communities
        from assigner.report.progress import ProgressLine

        if roster_file is not None:
            from assigner.roster import read_roster

            base = base_of_roster(read_roster(roster_file), counties)
        else:
            assert base_file is not None
            base = read_base(base_file)
        old = None
        if old_file is not None:
            # A YAML file has its schools, or names them; tables and maps need the roster.
            old = read_base(old_file, None if old_file.suffix.casefold() in _ENDS else roster_file)
        if not quiet:
            warn([*base.warnings, *(() if old is None else old.warnings)])
        line = None if quiet else ProgressLine()
        with line or nullcontext():
            answer = design_communities(base, communities, old=old, **asked, stop=stop, progress=line)
    from assigner.report.design_terminal import design_line, show_design

    show_answer(answer, show_design, design_line, quiet=quiet)
    if out is not None and answer.base is not None:
        _write(answer.base, out)
    return answer.exit_code


def _write(base: "Base", out: Path) -> None:
    from assigner.boundary.files.writing import base_yaml
    from assigner.files import write_whole

    write_whole(out, base_yaml(base))
    say(_("Written: {file}", file=out))
