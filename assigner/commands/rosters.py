"""The ministry's lists into a roster, two rosters compared, a scenario made from one.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import json as json_library
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.commands._communities import members_of, say_found
from assigner.commands._options import flag, help_option, lang_option, say, value, warn
from assigner.commands._writing import force_option, ready
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, _

if TYPE_CHECKING:
    from assigner.roster.schools import Roster

__all__ = ["import_roster_command", "scenario_command"]

_TABLES = (".csv", ".xlsx")


def import_roster_command() -> Callable[..., Any]:
    """Make the command ``import-roster``."""
    files_text = _(
        "Lists of the ministry: senior highs, junior highs, universities, programmes, departments, coordinates "
        "(CSV, JSON, workbooks)."
    )
    year_text = _("School year of the roster, such as 111.")
    out_text = _("Write the table here (.csv or .xlsx).")
    compare_text = _("Compare two rosters (or lists), the older one first: new, closed, renamed, moved.")
    json_text = _("Print the report as JSON on the standard output, and nothing else there.")

    def import_roster(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=files_text)],
        year: Annotated[int | None, value("--year", "Y", year_text)] = None,
        out: Annotated[Path | None, value("--out", "FILE", out_text)] = None,
        compare: Annotated[bool, flag("--compare", text=compare_text)] = False,
        force: Annotated[bool, force_option()] = False,
        json: Annotated[bool, flag("--json", text=json_text)] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if out is not None:
            ready(out, force, _TABLES[:1] if compare else _TABLES, files)
        if compare:
            return _compare(files, year, out, json)
        if year is None:
            what, mend = M_("The school year is missing."), M_("Write it after {option}, such as 111.", option="--year")
            raise InputError([Problem("", Place("--year"), ABSENT, what, None, mend)])
        from assigner.roster import import_roster, write_roster

        roster = import_roster(files, year)
        _show(roster, as_json=json)
        if out is not None:
            written = write_roster(roster, out)
            say(_("Written: {file}", file=written), err=json)
        elif not json:
            say(_("Nothing was written; “--out roster.csv” keeps the table."))
        return ExitCode.PROVEN

    return import_roster


def _show(roster: "Roster", *, as_json: bool) -> None:
    if as_json:
        assert roster.report is not None
        _print_json(roster.report.to_dict())
        return
    from assigner.report.terminal import console_for
    from assigner.roster.showing import show_import

    show_import(roster, console_for())


def _print_json(content: Any) -> None:
    sys.stdout.flush()
    text = json_library.dumps(content, ensure_ascii=False, indent=2, default=str)
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "replace"))
    sys.stdout.flush()


def _compare(files: list[Path], year: int | None, out: Path | None, as_json: bool) -> int:
    if len(files) != 2:
        what, mend = (
            M_("Two rosters are compared, not {n}.", n=len(files)),
            M_("Name the older one, then the newer one."),
        )
        raise InputError([Problem("", Place("--compare"), ABSENT, what, None, mend)])
    from assigner.files import write_whole
    from assigner.roster.comparing import compare_rosters, comparison_csv

    old, new = (_roster_of(file, year) for file in files)
    comparison = compare_rosters(old, new)
    if as_json:
        _print_json(
            {
                "old": comparison.old,
                "new": comparison.new,
                "changes": [
                    {
                        "kind": change.school.kind,
                        "what": change.what,
                        "code": change.school.code,
                        "name": change.school.name,
                        "before": change.values[0],
                        "after": change.values[1],
                        "km": change.km,
                    }
                    for change in comparison.changes
                ],
            }
        )
    else:
        from assigner.report.terminal import console_for
        from assigner.roster.showing import show_comparison

        show_comparison(comparison, console_for())
    if out is not None:
        write_whole(out, comparison_csv(comparison))
        say(_("Written: {file}", file=out), err=as_json)
    return ExitCode.PROVEN


def _roster_of(file: Path, year: int | None) -> "Roster":
    """A roster; a list of the ministry is made one first."""
    from assigner.roster import import_roster, read_roster
    from assigner.roster.tidy import is_roster

    if is_roster(file):
        return read_roster(file)
    of_year = year or _year_in_name(file)
    if of_year is None:
        what = M_("This is a list, and it is not known of which school year.")
        mend = M_("Make it a roster first: assigner import-roster FILE... --year Y --out roster.csv.")
        raise InputError([Problem(str(file), Place(), ABSENT, what, M_("a name such as high-109.csv"), mend)])
    return import_roster([file], of_year)


def _year_in_name(file: Path) -> int | None:
    """The school year that a file's name mentions, such as 109 in ``high-109.csv``."""
    import re

    from assigner.roster.importing import roc_year

    years = [year for digits in re.findall(r"(?<!\d)(\d{2,4})(?!\d)", file.stem) if (year := roc_year(int(digits)))]
    return years[0] if len(years) == 1 else None


def scenario_command() -> Callable[..., Any]:
    """Make the command ``scenario``."""
    roster_text = _("Roster, as “assigner import-roster” writes it.")
    members_text = _("Codes, townships or counties, separated by commas; or a file that lists them.")
    convener_text = _("Code of the convening school, or “choose”.")
    out_text = _("Write the scenario here (.yaml, or .xlsx for a workbook).")

    def scenario(
        roster: Annotated[Path, value("--roster", "FILE", roster_text)],
        members: Annotated[str, value("--members", "LIST|FILE", members_text)],
        convener: Annotated[str, value("--convener", "CODE", convener_text)] = "choose",
        out: Annotated[Path | None, value("--out", "FILE", out_text)] = None,
        id_: Annotated[str | None, value("--id", "ID", _("Short id of the scenario, used in file names."))] = None,
        name: Annotated[str | None, value("--name", "NAME", _("Name of the community."))] = None,
        universities: Annotated[bool, flag("--universities", text=_("Also list the universities there."))] = False,
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.workbook.converting import KINDS, write_scenario

        if out is not None:
            ready(out, force, KINDS, (roster,))
        from assigner.roster import read_roster, scenario_from_roster
        from assigner.roster.members import id_from

        table = read_roster(roster)
        made = scenario_from_roster(
            table,
            members_of(members),
            convener,
            id=id_ or (None if out is None else id_from(out.stem)),
            name=name,
            universities=universities,
        )
        warn(made.warnings)
        if out is None:
            from assigner.scenario import write_yaml

            sys.stdout.flush()
            sys.stdout.buffer.write(write_yaml(made).encode("utf-8"))
            sys.stdout.flush()
            return ExitCode.PROVEN
        write_scenario(made, out, None)
        say_found(made)
        say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return scenario
