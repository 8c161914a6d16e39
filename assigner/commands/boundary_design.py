"""Design communities anew, within limits of size, at the least travel and change.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, tolerance, value, warn, wrong
from assigner.commands._running import interrupts, show_answer, tell
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
    tolerance_text = _(
        "In place of a price: the fewest such schools with so much more than the least travel, such as 5%."
    )
    save_text = _("Write the new base map here (.yaml), marked as invented.")
    out_text = _("Write the answer into this folder: design.json, tables, a page with the map.")
    formats_text = _(
        "Which files besides design.json, with commas: {formats}. All if not given.",
        formats="csv,xlsx,html,svg,geojson,gpkg",
    )
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
        travel_tolerance: Annotated[str | None, value("--travel-tolerance", "P%", tolerance_text)] = None,
        save: Annotated[Path | None, value("--save", "FILE", save_text)] = None,
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        force: Annotated[bool, force_option()] = False,
        json: Annotated[
            bool, flag("--json", text=_("Print design.json on the standard output, nothing else."))
        ] = False,
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
        if formats is not None and out is None:
            wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
        if save is not None:
            ready(save, force, _ENDS, (base, roster, old), "--save")
        asked = {
            "least": least,
            "most": most,
            "change_price": Fraction(repr(change_price)),
            "travel_tolerance": None if travel_tolerance is None else tolerance("--travel-tolerance", travel_tolerance),
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        return _design(base, roster, county or (), old, communities, asked, save, out, formats, json, quiet)

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
    save: Path | None,
    out: Path | None,
    formats: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from models.stopping import Stop

    stop = Stop(watched=True)
    with interrupts(stop):
        from assigner.boundary.base import read_base
        from assigner.boundary.design_answer import DESIGN
        from assigner.boundary.designing import base_of_roster, design_communities
        from assigner.outputs import chosen_formats
        from assigner.report.progress import ProgressLine

        chosen = chosen_formats(formats)
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
        if out is not None:
            DESIGN.try_in(out, chosen)
        line = None if quiet else ProgressLine()
        with line or nullcontext():
            answer = design_communities(base, communities, old=old, **asked, stop=stop, progress=line)
        written = None if out is None else answer.write(out, chosen)
        from assigner.report.design_terminal import design_line, show_design

        try:
            show_answer(answer, show_design, design_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
        if save is not None:
            _save(answer.base, save, err=as_json)
    return answer.exit_code


def _save(base: "Base | None", file: Path, *, err: bool) -> None:
    from assigner.boundary.files.writing import base_yaml
    from assigner.files import write_whole

    if base is None:
        say(_("There are no communities, so no base map was written."), err=True)
        return
    write_whole(file, base_yaml(base))
    say(_("Written: {file}", file=file), err=err)
