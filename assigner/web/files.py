"""Files that come in and go out on the page: the same that the command line reads and writes."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.boundary.base import community_data, parse_base, read_base
from assigner.boundary.experiment_file import experiment_text, parse_experiment
from assigner.boundary.files.writing import base_yaml
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, _
from assigner.scenario.reading import document_of, text_of

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.values import Base
    from assigner.web.live import Live, Workshop

__all__ = ["base_file", "effects_file", "experiment_file", "moved_base", "taken_in"]

_YAML = "application/yaml; charset=utf-8"
_TEXTS = (".yaml", ".yml")


def taken_in(workshop: Workshop, live: Live, name: str, content: bytes, most: int) -> int:
    """Take in a file that was sent: an experiment, or a base map to begin one on.

    Parameters
    ----------
    workshop : Workshop
    live : Live
        The experiment from whose page it was sent.
    name : str
        Name of the file.
    content : bytes
    most : int
        So many bytes are taken.

    Returns
    -------
    int
        Number of the new experiment.

    Raises
    ------
    InputError
        It cannot be read; with everything that is wrong in it.
    """
    shown = Path(name.replace("\\", "/")).name or _("file")
    if len(content) > most:
        what = M_("The file is too large: at most {most} bytes are read here.", most=f"{most:,}")
        raise InputError([Problem(shown, Place(), ABSENT, what, None, M_("Name it on the command line instead."))])
    with tempfile.TemporaryDirectory(prefix="assigner-") as folder:
        file = Path(folder) / f"file{Path(shown).suffix.lower()}"
        file.write_bytes(content)
        if file.suffix not in _TEXTS:
            return _begun_on(workshop, live, _read_as(file, shown), shown)
        text = text_of(file, shown)
    data = document_of(text, shown).data
    # What was sent may name no file of this machine: it has no folder.
    if isinstance(data, dict) and "base" in data and "communities" not in data:
        return _experiment(workshop, live, text, shown, str(data.get("base_hash") or ""))
    return _begun_on(workshop, live, parse_base(text, shown, None), shown)


def _read_as(file: Path, name: str) -> Base:
    """Read a base map; errors call the file by the name that its owner knows."""
    try:
        return read_base(file)
    except InputError as error:
        own = str(file)
        raise InputError(replace(p, file=name if str(p.file) == own else p.file) for p in error.problems) from None


def _begun_on(workshop: Workshop, live: Live, base: Base, file: str) -> int:
    table = workshop.add(replace(base, file=file, folder=None))
    number = workshop.begin(live.owner, table, base.name or base.id)
    workshop.notices[number] = base.warnings
    return number


def _experiment(workshop: Workshop, live: Live, text: str, file: str, key: str) -> int:
    """An experiment, on the base that it was made on if that is known here, else on the one on the page."""
    table = workshop.table(key) or live.table
    found = parse_experiment(text, file, None, table.base)
    number = workshop.begin(live.owner, table, found.name or Path(file).stem, found.experiment())
    workshop.notices[number] = found.warnings
    return number


def _base_name(live: Live) -> str:
    """What the file of the base is called, without its folder: a name of this machine is nobody's business."""
    return Path(live.table.base.file.replace("\\", "/")).name or "base.yaml"


def _stem(live: Live) -> str:
    """A name for a file: what no system takes in names is left out."""
    kept = "".join(c if c.isalnum() or c in " -_." else "-" for c in live.experiment.name).strip(" .")
    return kept or "experiment"


def experiment_file(live: Live) -> tuple[str, bytes, str]:
    """The experiment as the file that the command line reads: name, content, type."""
    return f"{_stem(live)}.yaml", experiment_text(live.experiment, _base_name(live)).encode(), _YAML


def base_file(live: Live) -> tuple[str, bytes, str]:
    """The map as it is now, as a base map (likewise)."""
    return f"{_stem(live)}-base.yaml", base_yaml(moved_base(live.experiment)).encode(), _YAML


def moved_base(experiment: Experiment) -> Base:
    """The base with the map of the experiment; wishes that speak of schools that left are left out."""
    base, own = experiment.base, {}
    for community in experiment.map.names:
        stated = base.own.get(community)
        if stated:
            data, _dropped = community_data(base, experiment.map, community)
            kept = {key: data[key] for key in stated if key in data and key != "universities"}
            own[community] = kept | {key: stated[key] for key in stated if key == "universities"}
    return replace(base, map=experiment.map, own=own)


def effects_file(live: Live) -> tuple[str, bytes, str]:
    """Everything about the experiment, packed: the effects in every format, the experiment and its base."""
    from assigner.boundary.outputs import write_effects

    effects = live.experiment.effects(live.table.plans)
    packed = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(prefix="assigner-") as folder,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        written = write_effects(effects, folder)
        for path in written.paths:
            made.write(path, path.name)
        made.writestr("base.yaml", live.table.text)
        made.writestr("experiment.yaml", experiment_text(live.experiment, "base.yaml"))
    return f"{_stem(live)}.zip", packed.getvalue(), "application/zip"
