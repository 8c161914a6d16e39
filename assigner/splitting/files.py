"""The files of a split: those of both plans together, and a folder for each plan with the files of a plan.

``split.json`` is always written and comes first, as ``plan.json`` does for one plan (`assigner.outputs`). ``plan-1``
and ``plan-2`` hold each plan's own scenario, with which ``assigner solve`` goes on, and everything that it writes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, Place, Problem, problem_of
from assigner.files import free_name
from assigner.messages import M_, Message
from assigner.outputs import FORMATS, Kind, Written, makers_of, write_answer, write_files

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["FOLDERS", "SPLIT", "try_outputs", "write_split"]

FOLDERS = ("plan-1", "plan-2")
"""One for each plan."""


def _essence(document: Mapping[str, Any]) -> list[Any]:
    """What makes a split the same as another, whatever the language and the seconds."""
    tiers = [[tier["name"], tier["value"], tier["status"]] for tier in document.get("tiers") or ()]
    plans = [
        [plan["convener"], plan["schools"], *(plan["document"].get(key) for key in ("hosts", "separate", "ways"))]
        for plan in document.get("plans") or ()
    ]
    others = [document.get(key) for key in ("status", "asked", "alternatives", "versions")]
    hashes = [(document.get(key) or {}).get("hash") for key in ("scenario", "rulebook")]
    return [tiers, plans, others, hashes]


SPLIT = Kind(
    "split",
    makers_of(
        csv="split_tables:division",
        xlsx="split_workbook:workbook_bytes",
        html="split_page:page_text",
        svg="split_map:svg_text",
        geojson="split_layers:geojson_text",
        gpkg="split_layers:gpkg_bytes",
    ),
    _essence,
    lambda answer: answer.proposal is not None,
)
"""The files of both plans together."""


def try_outputs(folder: Path, formats: Iterable[str] = FORMATS) -> None:
    """Refuse a folder in which the files cannot be written, before anything is solved.

    Raises
    ------
    OSError
        The error names the file.
    """
    SPLIT.try_in(folder, formats)
    for name in FOLDERS:
        if (folder / name).is_file():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder / name))


def write_split(answer: Split, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
    """Write the files of a split into a folder; what fails is named in the result, and the rest is written.

    Parameters
    ----------
    answer : Split
    folder : str or Path
        Made if it is missing.
    formats : str or iterable of str, optional
        Some of `FORMATS`; all by default. ``split.json`` is written in any case, and so are the scenario and the
        ``plan.json`` of each plan. Without a lawful pair of plans there are only ``split.json`` and ``split.html``,
        which say why.

    Raises
    ------
    InputError
        A format is not known.
    """
    where = Path(folder)
    written = [write_files(answer, SPLIT, where, formats)]
    if answer.proposal is None or answer.status == "disagrees":
        written.append(Written((), tuple(_set_aside(where))))
    else:
        for name, result in zip(FOLDERS, answer.plans, strict=True):
            written += [_scenario(answer, where / name, result.scenario), write_answer(result, where / name, formats)]
    return Written(
        tuple(path for part in written for path in part.paths),
        tuple(note for part in written for note in part.notes),
        tuple(failure for part in written for failure in part.failures),
    )


def _scenario(answer: Split, folder: Path, scenario: Any) -> Written:
    """The scenario of a plan; the files that it names are found from its own folder."""
    from assigner.workbook.converting import write_scenario

    path = folder / "scenario.yaml"
    named = Path(answer.scenario.source.file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Written((write_scenario(scenario, path, named.parent if named.exists() else None),))
    except OSError as error:
        return Written((), (), (problem_of(error),))
    except ValueError as error:
        what = M_("The file could not be made: {reason}.", reason=str(error))
        return Written(
            (), (), (Problem(path, Place(), ABSENT, what, None, M_("Report this; the other files are whole.")),)
        )


def _set_aside(where: Path) -> Iterable[Message]:
    """Rename folders of an earlier answer, so that nobody takes its plans for those of this one."""
    for name in FOLDERS:
        old = where / name
        if not (old / "plan.json").is_file():
            continue
        target = old.with_name(f"{name}-earlier")
        if target.exists():
            target = free_name(target, "{stem}-{n}{suffix}")
        try:
            old.rename(target)
        except OSError:
            yield M_("These files are of an earlier answer, not of this one: {files}.", files=name)
        else:
            yield M_("Files of an earlier answer were renamed: {files}.", files=target.name)
