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
from assigner.boundary.files import layers, tables
from assigner.boundary.files.reading import base_of
from assigner.boundary.files.writing import base_yaml
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, _
from assigner.scenario.reading import document_of, text_of
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from assigner.boundary.values import Base
    from assigner.web.live import Live, Workshop

__all__ = ["base_file", "effects_file", "experiment_file", "maps_file", "moved_base", "taken_in"]

_YAML = "application/yaml; charset=utf-8"
_TEXTS = (".yaml", ".yml")
_READ = tuple(dict.fromkeys((*_TEXTS, *tables.SUFFIXES, *layers.SUFFIXES)))
"""Ends of the names of files that are read."""


Sent = tuple[str, bytes]
"""Name and content of a file that somebody sent."""


def taken_in(workshop: Workshop, live: Live, file: Sent, roster: Sent | None, most: int) -> int:
    """Take in a file that was sent: an experiment, or a base map to begin one on.

    Parameters
    ----------
    workshop : Workshop
    live : Live
        The experiment from whose page it was sent.
    file : (str, bytes)
        Its name and content.
    roster : (str, bytes) or None
        The schools, for a base map that does not hold them: a table, or another base map. Without it those of the
        base map on the page are used where a table or a map file has none.
    most : int
        So many bytes are taken of each.

    Returns
    -------
    int
        Number of the new experiment.

    Raises
    ------
    InputError
        It cannot be read; with everything that is wrong in it.
    """
    with tempfile.TemporaryDirectory(prefix="assigner-") as folder:
        path, shown = _written(Path(folder) / "file", file, most)
        schools = None if roster is None else _written(Path(folder) / "roster", roster, most)
        names = {str(path): shown} | ({} if schools is None else {str(schools[0]): schools[1]})
        try:
            _known(path, shown)
            if path.suffix not in _TEXTS:
                base = _map_alone(path, schools, live.table.base, shown)
                warnings = tuple(replace(p, file=names.get(str(p.file), p.file)) for p in base.warnings)
                return _begun_on(workshop, live, replace(base, warnings=warnings), shown)
            text = text_of(path, shown)
            document = document_of(text, shown)
            data = document.data
            # What was sent may name no file of this machine: it has no folder.
            if isinstance(data, dict) and "base" in data and "communities" not in data:
                return _experiment(workshop, live, text, shown, str(data.get("base_hash") or ""))
            table = None if schools is None else _table(schools)
            return _begun_on(workshop, live, base_of(document, shown, None, table), shown)
        except InputError as error:
            # Files are called by the names that their owner knows.
            raise InputError(replace(p, file=names.get(str(p.file), p.file)) for p in error.problems) from None


def _written(path: Path, sent: Sent, most: int) -> tuple[Path, str]:
    """A file that was sent, put where it can be read, and what it is called."""
    name, content = sent
    shown = Path(name.replace("\\", "/")).name or _("file")
    if len(content) > most:
        what = M_("The file is too large: at most {most} bytes are read here.", most=f"{most:,}")
        raise InputError([Problem(shown, Place(), ABSENT, what, None, M_("Name it on the command line instead."))])
    path = path.with_suffix(Path(shown).suffix.lower())
    path.write_bytes(content)
    return path, shown


def _known(path: Path, shown: str) -> None:
    """Refuse what is neither an experiment nor a map, by its name; an archive by what is in it."""
    if path.suffix == ".zip" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            texts = [name for name in archive.namelist() if name.lower().endswith(_TEXTS)]
        if texts:
            what = M_("This is an archive of several files.")
            mend = M_("Unpack it and send the one that is to be read: {file}.", file=texts[0])
            raise InputError([Problem(shown, Place(), ABSENT, what, None, mend)])
    if path.suffix not in _READ:
        what = M_("Files of this kind cannot be read here.")
        expected = M_("one of: {choices}", choices=", ".join(_READ))
        mend = M_("Send an experiment or a base map.")
        raise InputError([Problem(shown, Place(), path.suffix or ABSENT, what, expected, mend)])


def _map_alone(path: Path, schools: tuple[Path, str] | None, own: Base, shown: str) -> Base:
    """A base map of a table or a map file, which mostly does not hold the schools."""
    from assigner.roster.tidy import is_roster

    if schools is not None:
        if schools[0].suffix in _TEXTS:
            return read_base(path, parse_base(text_of(*schools), schools[1], None))
        return read_base(path, schools[0])
    try:
        return read_base(path)
    except InputError as alone:
        if is_roster(path):  # it has schools of its own, which cannot be read
            raise
        base = read_base(path, own)
        if not any(base.map.member.values()):  # the map of another place
            raise alone from None
    return replace(base, warnings=(_with_schools_of(own, base, shown), *base.warnings))


def _with_schools_of(own: Base, made: Base, shown: str) -> Problem:
    there = sum(1 for community in made.map.member.values() if community != NOWHERE)
    what = M_(
        "The file holds the map alone. Schools, junior highs and wishes are those of the base map “{name}”: {n} of its "
        "{all} schools belong to a community of the file.",
        name=own.name or own.id,
        n=there,
        all=len(made.map.member),
    )
    mend = M_("If they should be others, read the file together with a roster.")
    return Problem(shown, Place(), ABSENT, what, None, mend)


def _table(schools: tuple[Path, str]) -> Path:
    """A table of schools for a YAML, which has its own map."""
    if schools[0].suffix in _TEXTS:
        what = M_("A base map in YAML holds its own schools, or names a table of them.")
        mend = M_("Leave the roster out, or name a table of schools.")
        raise InputError([Problem(schools[1], Place(), ABSENT, what, None, mend)])
    return schools[0]


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


def maps_file(live: Live) -> tuple[str, bytes, str]:
    """The map as it is now in every format, packed (likewise)."""
    from assigner.boundary.files import WRITTEN, base_bytes

    base, stem = moved_base(live.experiment), f"{_stem(live)}-base"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for end in WRITTEN:
            if end != ".yml":
                made.writestr(f"{stem}{end}", base_bytes(base, end))
    return f"{stem}.zip", packed.getvalue(), "application/zip"


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
