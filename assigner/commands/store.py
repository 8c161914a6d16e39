"""The store of a batch: what is in it, one job of it, its answers as files, what can go.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assigner.commands._options import flag, help_option, help_text, lang_option, say, value, wrong
from assigner.commands._writing import force_option, ready
from assigner.errors import ExitCode
from assigner.messages import M_, _, _n

if TYPE_CHECKING:
    from assigner.batch.store import Run, Store

__all__ = ["store_commands"]

_FORMATS = ("csv", "parquet", "xlsx", "json")


def store_commands(group: typer.Typer) -> None:
    """Make the commands of the group ``store``."""

    def callback(ctx: typer.Context, help_: Annotated[bool, help_option()] = False) -> None:
        if ctx.invoked_subcommand is None:
            say(help_text(ctx))

    for name, command, text in (
        ("ls", _ls_command(), _("List the runs of a store, and how far each is.")),
        ("show", _show_command(), _("All about a job: what was asked, its plan, or why it failed.")),
        ("export", _export_command(), _("Write a run as tables: CSV, Parquet, workbook or JSON.")),
        ("gc", _gc_command(), _("Drop runs and what only they had, and make the file smaller.")),
    ):
        group.command(name, add_help_option=False, help=text)(command)
    group.callback()(callback)


def _store_argument() -> Any:
    return typer.Argument(metavar="STORE", help=_("The file that “assigner batch” has made."))


def _run_option() -> Any:
    return value("--run", "NAME|ID", _("Of this run; of the latest if not given."), show_default=False)


def _json_option() -> Any:
    return flag("--json", text=_("Print it as JSON on the standard output, nothing else."))


def _ls_command() -> Callable[..., Any]:
    def ls(
        store: Annotated[Path, _store_argument()],
        json: Annotated[bool, _json_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.batch.describing import runs_document
        from assigner.batch.store import Store

        with Store.open(store, read_only=True) as opened:
            document = runs_document(opened)
        if json:
            _print_document(document)
        else:
            from assigner.report.store_terminal import show_runs
            from assigner.report.terminal import console_for

            show_runs(document, console_for())
        return ExitCode.PROVEN

    return ls


def _show_command() -> Callable[..., Any]:
    job_text = _("A label, community, key or file; “failed”, “stopped”, “queued” ... list all of that state.")
    scenario_text = _("Write the scenario of the job, under its variant, as a file for “assigner solve”.")

    def show(
        store: Annotated[Path, _store_argument()],
        job: Annotated[str, typer.Argument(metavar="JOB", help=job_text)],
        run: Annotated[str | None, _run_option()] = None,
        scenario: Annotated[Path | None, value("--scenario", "FILE", scenario_text)] = None,
        force: Annotated[bool, force_option()] = False,
        json: Annotated[bool, _json_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.batch.describing import job_document, named_members
        from assigner.batch.store import STATES, Store

        if scenario is not None:
            ready(scenario, force, (".yaml", ".yml"), [store], "--scenario")
        with Store.open(store, read_only=True) as opened:
            found = named_members(opened, job, run)
            documents = [job_document(opened, *entry) for entry in found]
            if scenario is not None:
                _write_scenario(opened, found, job, scenario, err=json)
            elif json:
                _print_document({"jobs": documents})
            elif len(documents) == 1 and job not in STATES:
                _show_one(opened, documents[0], found[0][1], store)
            else:
                from assigner.report.store_terminal import show_members
                from assigner.report.terminal import console_for

                show_members(documents, console_for())
        return ExitCode.PROVEN

    return show


def _show_one(store: "Store", document: dict[str, Any], member: Any, path: Path) -> None:
    from assigner.batch.describing import answer_of, content_of
    from assigner.report.store_terminal import show_job
    from assigner.report.terminal import console_for

    content = content_of(store, member)
    schools = content.get("scenario", {}).get("schools", [])
    names = {school["code"]: school.get("name", "") for school in schools}
    # Facts of another version may mean something else to this one: they are shown as they are.
    known = document["facts"] and document["same_program"]
    result = answer_of(content, document["delta"], document["facts"]) if known else None
    show_job(document, names, result, str(path), console_for())


def _write_scenario(store: "Store", found: list[Any], word: str, file: Path, *, err: bool) -> None:
    from assigner.batch.describing import content_of, scenario_of
    from assigner.files import write_whole
    from assigner.scenario import write_yaml

    if len(found) != 1:
        wrong("JOB", word, M_("Several jobs are called so."), M_("the key of one job"))
    content = content_of(store, found[0][1])
    if not content:
        wrong("JOB", word, M_("The file of this job could not be read, so there is no scenario."), None)
    write_whole(file, write_yaml(scenario_of(content, found[0][1].delta)))
    say(_("Written: {file}", file=file), err=err)


def _export_command() -> Callable[..., Any]:
    out_text = _("Folder for csv and parquet, which have a file for each table; else the file.")
    format_text = _("One of {formats}; by the end of the name if not given, else csv.", formats=", ".join(_FORMATS))
    plans_text = _("Also the plan of every member, as “assigner solve” writes it.")

    def export(
        store: Annotated[Path, _store_argument()],
        out: Annotated[Path, value("--out", "FILE|DIR", out_text)],
        run: Annotated[str | None, _run_option()] = None,
        format_: Annotated[str, value("--format", "FORMAT", format_text, show_default=False)] = "",
        plans: Annotated[bool, flag("--plans", text=plans_text)] = False,
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        chosen = format_.strip().casefold() or out.suffix.casefold().removeprefix(".")
        if format_ and chosen not in _FORMATS:
            what = M_("Files of this kind are not written here.")
            wrong("--format", format_, what, M_("one of: {choices}", choices=", ".join(_FORMATS)))
        chosen = chosen if chosen in _FORMATS else "csv"
        return _export(store, out, run, chosen, plans, force)

    return export


def _export(path: Path, out: Path, run: str | None, format_: str, plans: bool, force: bool) -> int:
    from assigner.batch.exporting import files_of, needs, needs_same_program, write_frames
    from assigner.batch.runs import Runs

    needs(format_)
    if files_of(out, format_) == [out]:
        if plans:
            wrong("--plans", "", M_("The plans need a folder."), M_("csv or parquet, and a folder after --out"))
        ready(out, force, (f".{format_}",), [path])
    else:
        _ready_folder(out, force, files_of(out, format_))
    runs = Runs(path, run)
    if plans:
        needs_same_program(path, runs.info)
    written = write_frames(runs, out, format_)
    for file in written:
        say(_("Written: {file}", file=file))
    if plans:
        _write_plans(path, runs.info, out)
    return ExitCode.PROVEN


def _ready_folder(out: Path, force: bool, files: list[Path]) -> None:
    from assigner.files import try_writing

    if any(file.exists() for file in files) and not force:
        what = M_("There are files in this folder already; they are left as they are.")
        wrong("--out", str(out), what, M_("another folder, or --force"))
    try_writing(files[0])


def _write_plans(path: Path, run: "Run", out: Path) -> None:
    from assigner.batch.exporting import PLANS, write_plans
    from assigner.batch.store import Store

    with Store.open(path, read_only=True) as store:
        written, without = write_plans(store, run, out / PLANS)
    say(_n("Written: {n} plan into {folder}", "Written: {n} plans into {folder}", written, folder=out / PLANS))
    if without:
        say(_n("{n} member has no plan to write.", "{n} members have no plan to write.", without))


def _gc_command() -> Callable[..., Any]:
    run_text = _("Drop this run; may be given several times.")
    other_text = _("Drop the runs of other versions of the program.")

    def gc(
        store: Annotated[Path, _store_argument()],
        run: Annotated[list[str] | None, value("--run", "NAME|ID", run_text)] = None,
        older_than: Annotated[float | None, value("--older-than", "DAYS", _("Drop runs made before that."))] = None,
        keep: Annotated[int | None, value("--keep", "N", _("Drop all runs but the latest so many."))] = None,
        other_programs: Annotated[bool, flag("--other-programs", text=other_text)] = False,
        dry_run: Annotated[bool, flag("--dry-run", text=_("Only say what would be dropped."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        for option, given in (("--older-than", older_than), ("--keep", keep)):
            if given is not None and not 0 <= given < float("inf"):
                wrong(option, given, M_("This cannot be a number of days or runs."), M_("a number from 0 on"))
        from assigner.batch.keys import program_fingerprint
        from assigner.batch.store import Store
        from assigner.report.store_terminal import cleared_line

        with Store.open(store, read_only=dry_run) as opened:
            cleared = opened.gc(
                drop=[opened.run_of(name).id for name in run or ()],
                older_than_days=older_than,
                keep=keep,
                other_programs_than=program_fingerprint() if other_programs else None,
                dry_run=dry_run,
            )
        say(cleared_line(cleared, dry_run=dry_run))
        return ExitCode.PROVEN

    return gc


def _print_document(document: dict[str, Any]) -> None:
    from assigner.answer import json_text
    from assigner.commands._running import print_json

    print_json(json_text(document))
