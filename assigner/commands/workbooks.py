"""The form as a workbook: write one, put several together, turn YAML into it and back.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.commands._communities import members_of, say_found
from assigner.commands._options import help_option, lang_option, say, value, warn, wrong
from assigner.commands._reading import read
from assigner.commands._writing import force_option, ready
from assigner.errors import ExitCode
from assigner.messages import M_, _, _n, join_list

if TYPE_CHECKING:
    from assigner.scenario import Scenario

__all__ = ["collect_command", "convert_command", "template_command"]

_MOST_SCHOOLS = 200


def template_command() -> Callable[..., Any]:
    """Make the command ``template``."""
    out_text = _("Write the form here (.xlsx).")
    roster_text = _("A roster (of “assigner import-roster”), for the form of the schools in it.")
    members_text = _("With a roster: codes, townships or counties, with commas; or a file that lists them.")
    convener_text = _("With a roster: the convening school.")
    scenario_text = _("A scenario, whose content the form is to hold.")
    schools_text = _("Rows for so many schools in an empty form.")

    def template(
        out: Annotated[Path, value("--out", "FILE", out_text)],
        roster: Annotated[Path | None, value("--roster", "FILE", roster_text)] = None,
        members: Annotated[str | None, value("--members", "LIST|FILE", members_text)] = None,
        convener: Annotated[str | None, value("--convener", "CODE", convener_text)] = None,
        scenario: Annotated[Path | None, value("--scenario", "FILE", scenario_text)] = None,
        schools: Annotated[int, value("--schools", "N", schools_text)] = 9,
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        ready(out, force, (".xlsx",), (roster, scenario))
        if not 1 <= schools <= _MOST_SCHOOLS:
            expected = M_("a whole number from 1 to {most}", most=_MOST_SCHOOLS)
            wrong("--schools", schools, M_("A form does not have so many schools."), expected)
        content = _content(roster, members, convener, scenario)
        from assigner.workbook.template import write_workbook

        write_workbook(content, out, blank_schools=schools)
        if content is not None and roster is not None:
            warn(content.warnings)
            say_found(content)
        say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return template


def _content(roster: Path | None, members: str | None, convener: str | None, file: Path | None) -> "Scenario | None":
    if roster is None:
        for option, given in (("--members", members), ("--convener", convener)):
            if given is not None:
                wrong(option, given, M_("This needs a roster."), M_("also --roster FILE"))
        return None if file is None else read(file)
    if file is not None:
        wrong("--scenario", str(file), M_("A form holds a scenario or the schools of a roster, not both."), None)
    if members is None:
        wrong("--members", "", M_("Which schools of the roster?"), M_("codes, townships or counties"))
    from assigner.roster.members import scenario_from_roster
    from assigner.roster.tidy import read_roster
    from assigner.scenario.words import CHOOSE

    return scenario_from_roster(read_roster(roster), members_of(members), CHOOSE if convener is None else convener)


def convert_command() -> Callable[..., Any]:
    """Make the command ``convert``."""

    def convert(
        file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A scenario: YAML or workbook."))],
        out: Annotated[Path, value("--out", "FILE", _("Write it here (.yaml or .xlsx)."))],
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.workbook.converting import KINDS, write_scenario

        ready(out, force, KINDS, (file,))
        scenario = read(file)
        warn(scenario.warnings)
        write_scenario(scenario, out, file.parent)
        say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return convert


def collect_command() -> Callable[..., Any]:
    """Make the command ``collect``."""
    out_text = _("Write what they say together here (.xlsx or .yaml).")
    base_text = _("The form as it was handed out: cells that are still as they were say nothing.")
    prefer_text = _("“newest”: where two forms contradict each other, believe the one saved last.")

    def collect(
        folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder with the forms of the schools."))],
        out: Annotated[Path, value("--out", "FILE", out_text)],
        base: Annotated[Path | None, value("--base", "FILE", base_text)] = None,
        prefer: Annotated[str | None, value("--prefer", "newest", prefer_text)] = None,
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.workbook.collecting import collect
        from assigner.workbook.converting import KINDS, write_scenario

        if prefer not in (None, "newest"):
            wrong("--prefer", prefer, M_("There is no such preference."), M_("one of: {choices}", choices="newest"))
        ready(out, force, KINDS, (base,))
        found = collect(folder, base=base, newest=prefer == "newest", without=out)
        count = len(found.files)
        say(_n("{n} form read.", "{n} forms read.", count))
        warn((*found.notes, *found.scenario.warnings))
        for problem in found.settled:
            say(_("The newest form decided: {problem}", problem=problem), err=True)
        if found.silent:
            names = join_list(f"{code} {name}".strip() for code, name in found.silent)
            say(_("No form says whether these schools are willing: {schools}", schools=names), err=True)
        for code, files in found.repeated.items():
            say(_("Several forms say the same of {school}: {files}", school=code, files=join_list(files)), err=True)
        write_scenario(found.scenario, out, found.folder)
        say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return collect
