"""Suggest how a base map could be better by a few moves.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, warn, wrong
from assigner.commands._running import interrupts, show_answer, tell
from assigner.commands._writing import force_option, ready
from assigner.errors import InputError, Place, Problem
from assigner.messages import M_, _

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.suggesting import Suggestions

__all__ = ["suggest_command"]

MOST_FLIPS, MOST_SHOWN = 5, 20
"""More moves reach more maps than can be listed; more suggestions nobody compares."""

_ENDS = (".yaml", ".yml")


def suggest_command() -> Callable[..., Any]:
    """Make the command ``boundary suggest``."""
    file_text = _("Base map, or an experiment: then its changes come first, and its locks hold.")
    roster_text = _("Roster of the schools, for a base map that is a table or a map file.")
    around_text = _("Only moves from this community or to it.")
    target_text = _("What counts first: {choices}; may be repeated.", choices=", ".join(_choices()))
    keep_text = _("What may not get worse: the same words; may be repeated.")
    lock_text = _("A township, school or community that stays as it is; may be repeated.")
    out_text = _("Write the answer into this folder: suggestions.json, tables, a page with the map of all moves.")
    formats_text = _(
        "Which files besides suggestions.json, with commas: {formats}. All if not given.",
        formats="csv,xlsx,html,svg,geojson,gpkg",
    )
    save_text = _("Write the best change as an experiment (.yaml).")

    def suggest(
        file: Annotated[Path, typer.Argument(metavar="BASE|EXPERIMENT", help=file_text)],
        max_flips: Annotated[int, value("--max-flips", "K", _("At most so many moves."))] = 1,
        around: Annotated[str | None, value("--around", "COMMUNITY", around_text)] = None,
        target: Annotated[list[str] | None, value("--target", "AIM", target_text)] = None,
        keep: Annotated[list[str] | None, value("--keep", "AIM", keep_text)] = None,
        schools: Annotated[bool, flag("--schools", text=_("Schools may move alone, too."))] = False,
        any_pieces: Annotated[
            bool, flag("--any-pieces", text=_("Communities may fall into more connected parts."))
        ] = False,
        lock: Annotated[list[str] | None, value("--lock", "NAME", lock_text)] = None,
        top: Annotated[int, value("--top", "N", _("Prove the N best changes, not only the best."))] = 1,
        no_ranking: Annotated[bool, flag("--no-ranking", text=_("Leave out what every single move would do."))] = False,
        roster: Annotated[Path | None, value("--roster", "ROSTER", roster_text)] = None,
        save: Annotated[Path | None, value("--save", "FILE", save_text)] = None,
        out: Annotated[Path | None, value("--out", "DIR", out_text)] = None,
        formats: Annotated[str | None, value("--formats", "LIST", formats_text)] = None,
        force: Annotated[bool, force_option()] = False,
        json: Annotated[
            bool, flag("--json", text=_("Print suggestions.json on the standard output, nothing else."))
        ] = False,
        work_limit: Annotated[
            float | None,
            value(
                "--work-limit",
                "W",
                _("Stop after so much work of the solver; the same on every machine."),
                callback=above_zero,
            ),
        ] = None,
        time_limit: Annotated[
            float | None, value("--time-limit", "S", _("Stop after so many seconds."), callback=above_zero)
        ] = None,
        quiet: Annotated[
            bool, flag("--quiet", "-q", text=_("No progress, and only one line about the answer."))
        ] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        for option, number, most in (("--max-flips", max_flips, MOST_FLIPS), ("--top", top, MOST_SHOWN)):
            if not 1 <= number <= most:
                expected = M_("a whole number from 1 to {most}", most=most)
                wrong(option, number, M_("So many are not looked for."), expected)
        if formats is not None and out is None:
            wrong("--formats", formats, M_("There is no folder to write into."), M_("also --out DIR"))
        if save is not None:
            ready(save, force, _ENDS, (file, roster), option="--save")
        asked = {
            "max_flips": max_flips,
            "schools": schools,
            "pieces": "any" if any_pieces else "no more",
            "top": top,
            "rank": not no_ranking,
            "work_limit": work_limit,
            "time_limit": time_limit,
        }
        words = {"around": around, "target": target or [], "keep": keep or [], "lock": lock or []}
        return _suggest(file, roster, words, asked, save, out, formats, json, quiet)

    return suggest


def _choices() -> tuple[str, ...]:
    from assigner.boundary.suggest_aims import CHOICES

    return (*CHOICES, "travel:COMMUNITY")


def _suggest(
    file: Path,
    roster: Path | None,
    words: dict[str, Any],
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
        from assigner.boundary.solving import Plans
        from assigner.boundary.suggest_outputs import SUGGESTIONS
        from assigner.boundary.suggesting import suggest
        from assigner.outputs import chosen_formats
        from assigner.report.progress import ProgressLine

        chosen = chosen_formats(formats)
        experiment = _locked(_read(file, roster, quiet), words["lock"])
        named: dict[str, Any] = {
            "around": None if words["around"] is None else _community(experiment, "--around", words["around"]),
            "target": [_aim(experiment, "--target", word) for word in words["target"]],
            "keep": [_aim(experiment, "--keep", word) for word in words["keep"]],
        }
        if out is not None:
            SUGGESTIONS.try_in(out, chosen)
        plans = Plans(experiment.base)
        line = None if quiet else ProgressLine()
        with line or nullcontext():
            answer = suggest(plans, experiment.map, **named, **asked, locks=experiment.locks, stop=stop, progress=line)
        written = None if out is None else answer.write(out, chosen)
        from assigner.report.suggest_terminal import show_suggestions, verdict_line

        try:
            show_answer(answer, show_suggestions, verdict_line, quiet=quiet, as_json=as_json)
        finally:
            if written is not None:
                tell(written, err=as_json)
        if save is not None:
            _save(answer, experiment, save, err=as_json)
    return answer.exit_code


def _read(file: Path, roster: Path | None, quiet: bool) -> "Experiment":
    """An experiment, or a base map as one without changes."""
    from assigner.boundary.base import read_base
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.experiment_file import read_experiment

    if roster is None and _is_experiment(file):
        stated = read_experiment(file)
        if not quiet:
            warn(stated.warnings)
        return stated.experiment()
    base = read_base(file, roster)
    if not quiet:
        warn(base.warnings)
    return Experiment(base)


def _is_experiment(file: Path) -> bool:
    """Whether a file names a base instead of being one; what cannot be read is left to the reader of base maps."""
    from assigner.scenario.reading import document_of, text_of

    if file.suffix.casefold() not in _ENDS:
        return False
    try:
        data = document_of(text_of(file, str(file)), str(file)).data
    except (InputError, OSError):
        return False
    return isinstance(data, dict) and "base" in data and "communities" not in data


def _community(experiment: "Experiment", option: str, word: str) -> str:
    from assigner.boundary.naming import NameProblem, find_community
    from geodata.base_map import NOWHERE

    try:
        found = find_community(experiment.map, word)
    except NameProblem as problem:
        raise InputError([problem.problem(place=Place(option))]) from None
    if found == NOWHERE:
        wrong(option, word, M_("No community has this id or name."), None)
    return found


def _aim(experiment: "Experiment", option: str, word: str) -> str:
    """An aim as it was written, its community by its id."""
    from assigner.boundary.suggest_aims import aims_of

    name, colon, community = word.replace("\uff1a", ":").partition(":")
    name = name.strip().casefold()
    try:
        aims_of(f"{name}:x" if colon else name, ())
    except ValueError:
        expected = M_("one of: {choices}", choices=", ".join(_choices()))
        wrong(option, word, M_("This is nothing that a suggestion can aim at."), expected)
    return f"{name}:{_community(experiment, option, community.strip())}" if colon else name


def _locked(experiment: "Experiment", words: Iterable[str]) -> "Experiment":
    """With more locks: townships, schools or communities, whatever a word names; all that name nothing are told."""
    from assigner.boundary.naming import NameProblem, find_community, find_thing

    problems: list[Problem] = []
    for word in words:
        try:
            find_thing(experiment.base, word)
        except NameProblem as problem:
            try:
                community = find_community(experiment.map, word)
            except NameProblem:
                community = ""
            if community:
                experiment = experiment.lock(communities=[community])
            else:
                problems.append(problem.problem(place=Place("--lock")))
        else:
            experiment = experiment.lock(word)
    if problems:
        raise InputError(problems)
    return experiment


def _save(answer: "Suggestions", experiment: "Experiment", file: Path, *, err: bool) -> None:
    """Write the best change as an experiment, after the changes that came before it."""
    from assigner.boundary.experiment_file import write_experiment

    if answer.best is None:
        say(_("No change is better, so no experiment was written."), err=True)
        return
    say(_("Written: {file}", file=write_experiment(experiment.flip(*answer.best.flips), file)), err=err)
