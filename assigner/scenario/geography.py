"""The map a scenario stands on: the shipped one, or the polygons it names, with sentences for what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT
from assigner.faults import closest
from assigner.messages import M_, N_, Message
from assigner.scenario.entries import GeographyEntry, ScenarioFile
from assigner.scenario.places import Names
from assigner.scenario.source import Findings

if TYPE_CHECKING:
    from geodata.adjacency import DeclaredLink
    from geodata.geography import Geography, GeographyFinding
    from models.documents import Path

__all__ = ["geography_of", "note_islands"]

_MOST_NAMES = 10

_FILE: Path = ("geography", "file")


def geography_of(entries: ScenarioFile, folder: FilePath | None, findings: Findings) -> Geography | None:
    """Give the geography of a scenario; note what is wrong with the file it names, and give None then."""
    entry = entries.geography
    if entry is None:
        from geodata.geography import embedded

        # An entry that could not be used has been noted; the shipped map in its place would only mislead.
        stated = findings.source.document.data
        return None if isinstance(stated, dict) and stated.get("geography") is not None else embedded()
    from geodata.geography import GeographyError, GeographyFinding, read_geography

    try:
        if folder is None:
            raise GeographyError([GeographyFinding("missing_file")])
        geography = read_geography(
            folder / entry.file,
            key=entry.key,
            county=entry.county,
            town=entry.town,
            layer=entry.layer or None,
            encoding=entry.encoding or None,
            crs=entry.crs or None,
            name=entry.name or None,
            attribution=entry.attribution,
        )
    except GeographyError as error:
        for finding in error.findings:
            path, value, what, expected, mend = _fault(finding, entry)
            findings.wrong(path, what, expected, mend, value=value)
        return None
    for finding in geography.findings:
        mended, advice = _MENDED[finding.code]
        values = _values(finding)
        findings.odd(_FILE, Message(mended, values), None, Message(advice, values), value=entry.file)
    return geography


def note_islands(
    entries: ScenarioFile, geography: Geography, links: Sequence[DeclaredLink], findings: Findings
) -> None:
    """Note townships of the planner's own map that no way joins to the rest of it."""
    if geography.is_embedded or not geography.has_polygons or entries.travel.mode != "graph":
        return
    from geodata.adjacency import islands

    apart = [
        name for island in islands(geography.graph(links, links=entries.travel.shipped_links)) for name in island.names
    ]
    if apart:
        findings.odd(
            _FILE,
            M_("Nothing joins these townships of the map to the others: {names}.", names=Names(apart, _MOST_NAMES)),
            None,
            M_(
                "If somebody travels there, declare a link under “links”: “- {{between: [{name}, ...], kind: ferry}}”.",
                name=apart[0],
            ),
            value=entries.geography.file if entries.geography else geography.name,
        )


_WRONG: Mapping[str, tuple[str, str | None, str]] = {
    "missing_file": (
        N_("There is no such map."),
        N_("a file of polygons; its path starts at the scenario's folder"),
        N_("Correct the path, or put the file there."),
    ),
    "not_a_map": (
        N_("The file is no map that can be read, or it is damaged."),
        N_("a Shapefile, GeoPackage, GeoJSON or TopoJSON file"),
        N_("Name the map itself: of a Shapefile the .shp with its other parts beside it, or a .zip of them all."),
    ),
    "no_layer": (
        N_("The map {file} has no layer of this name."),
        N_("one of: {choices}"),
        N_("Correct the name of the layer."),
    ),
    "several_layers": (
        N_("The map has several layers with polygons."),
        N_("one of: {choices}"),
        N_("Add “layer: ...” under “geography”."),
    ),
    "no_geometry": (
        N_("The file holds tables, but no polygons."),
        N_("a Shapefile, GeoPackage, GeoJSON or TopoJSON file"),
        N_("Name the file that holds the boundaries."),
    ),
    "encoding": (
        N_("The texts of the map {file} are not in this encoding."),
        N_("a name such as cp950 (Big5) or utf-8"),
        N_("Leave “encoding” out, or correct it."),
    ),
    "unknown_encoding": (
        N_("No encoding has this name."),
        N_("a name such as cp950 (Big5) or utf-8"),
        N_("Leave “encoding” out, or correct it."),
    ),
    "no_rows": (N_("The map holds no townships."), None, N_("Check the layer, and how the file was saved.")),
    "no_key": (
        N_("Townships of the map have no code in the column “{column}”: {names} (rows of the table: {rows})."),
        None,
        N_("Fill in the codes, or name another column after “key”."),
    ),
    "no_name": (
        N_("Townships of the map lack their name or that of their county: {names} (rows of the table: {rows})."),
        None,
        N_("Fill in the names, or name other columns after “county” and “town”."),
    ),
    "duplicate_key": (
        N_("One code of the map stands for several townships: {names} (codes: {keys})."),
        N_("each code once"),
        N_("Correct the codes, or name another column after “key”."),
    ),
    "duplicate_name": (
        N_("Townships of the map have the same name but different codes: {names} (codes: {keys})."),
        N_("one code for each township"),
        N_("Correct the map, or name other columns after “key”, “county” and “town”."),
    ),
    "no_polygon": (
        N_("Townships of the map have no polygon: {names}."),
        N_("a polygon for each township"),
        N_("Draw the polygons, or delete the rows, and save the map again."),
    ),
    "no_crs": (
        N_("The map does not say what its coordinates are, and they are no degrees: {x}, {y}."),
        N_("a reference system, in the file (.prj) or under “geography”"),
        N_(
            "Add “crs: EPSG:3826” under “geography” if they are metres of TWD97 (TM2), “crs: EPSG:3828” if of TWD67, "
            "or save the map again with its reference system."
        ),
    ),
    "unknown_crs": (
        N_("The reference system stated for the map {file} is not known."),
        N_("such as EPSG:3826 (TWD97, metres) or EPSG:3824 (TWD97, degrees)"),
        N_("Correct “crs”."),
    ),
    "crs": (
        N_("The coordinates of the map cannot be turned into degrees; its reference system is: {crs}."),
        N_("such as EPSG:3826 (TWD97, metres) or EPSG:3824 (TWD97, degrees)"),
        N_("Save the map again in one of these."),
    ),
    "not_in_taiwan": (
        N_("Townships of the map do not lie in Taiwan: {names}; the first lies at longitude {lon}, latitude {lat}."),
        None,
        N_("Check the reference system of the file; save the map again with the right one."),
    ),
    "swapped": (
        N_("Longitude and latitude are exchanged in the map: {names}."),
        None,
        N_("Save the map again with the longitude first."),
    ),
    "broken_polygon": (
        N_("Polygons of the map enclose nothing, or cross themselves so that it is unclear what: {names}."),
        N_("a polygon for each township"),
        N_("Repair them (in QGIS: “Fix geometries”), look at the result, and save the map again."),
    ),
    "overlap": (
        N_("Townships of the map overlap: {pairs}."),
        N_("land that belongs to one township only"),
        N_("Correct the border between them, and save the map again."),
    ),
}
_COLUMNS: Mapping[str, str] = {
    "key": N_("The map {file} has no column “{column}”, which should hold the codes of the townships."),
    "county": N_("The map {file} has no column “{column}”, which should hold the names of the counties."),
    "town": N_("The map {file} has no column “{column}”, which should hold the names of the townships."),
}
_MENDED: Mapping[str, tuple[str, str]] = {
    "mended_polygon": (
        N_("Polygons of the map that crossed themselves were mended: {names}."),
        N_("Look at them on the map of the plan, or repair the file (in QGIS: “Fix geometries”)."),
    ),
    "merged": (
        N_("Several rows of the map were put together as one township: {names}."),
        N_("There is nothing to do if each is one township; otherwise correct the codes."),
    ),
    "mended_borders": (
        N_("Small gaps and overlaps between townships of the map were closed: {names}."),
        N_("There is nothing to do if the map was simplified; otherwise use a more exact one."),
    ),
    "guessed_encoding": (
        N_("The map does not state the encoding of its texts; they were read as {encoding}."),
        N_("Write “encoding: {encoding}” under “geography” if the names are right."),
    ),
}

# Faults that belong to a key of the entry other than its file; the value is then what stands there.
_AT = {"no_layer": "layer", "encoding": "encoding", "unknown_encoding": "encoding", "unknown_crs": "crs"}


def _fault(finding: GeographyFinding, entry: GeographyEntry) -> tuple[Path, object, Message, Message | None, Message]:
    """Put one fault into words: where, value, what, expected, how to mend it."""
    values = {**_values(finding), "file": entry.file}
    if finding.code == "no_column":
        role = str(finding.values["role"])
        columns = finding.values["columns"]
        hint = closest(finding.values["column"], columns)
        mend = M_("Write the name of the right column after “{key}”, under “geography”.", key=role)
        return (
            ("geography", role),
            finding.values["column"],
            Message(_COLUMNS[role], values),
            M_("one of: {choices}", choices=Names(columns)) if columns else None,
            mend if hint is None else M_("{hint} {mend}", hint=hint, mend=mend),
        )
    code = "swapped" if finding.values.get("swapped") else finding.code
    what, expected, mend_text = _WRONG[code]
    values["column"] = entry.key
    key = _AT.get(code, "file")
    return (
        ("geography", key),
        getattr(entry, key) or ABSENT,
        Message(what, values),
        None if expected is None else Message(expected, values),
        Message(mend_text, values),
    )


def _values(finding: GeographyFinding) -> dict[str, object]:
    """What the sentence about a finding may speak of."""
    values: dict[str, Any] = {**finding.values, "names": Names(finding.townships or ("–",), _MOST_NAMES)}
    for name in ("rows", "keys"):
        if isinstance(values.get(name), tuple):
            values[name] = Names(map(str, values[name]), _MOST_NAMES)
    if "layers" in values:
        values["choices"] = Names(values["layers"])
    if finding.code == "overlap":
        couples = zip(finding.townships[::2], finding.townships[1::2], values["km2"], strict=True)
        values["pairs"] = Names((f"{a}–{b} ({km2} km²)" for a, b, km2 in couples), _MOST_NAMES)
    return values
