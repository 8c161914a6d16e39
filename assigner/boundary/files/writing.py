"""A base map as a YAML file that a person can read, compare and go on from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.boundary.base import OWN_KEYS
from assigner.messages import _
from assigner.scenario.entries import JuniorHigh, SchoolEntry
from assigner.scenario.writing import flow, key_text, scalar
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["base_yaml", "moved"]

_BLOCK = ("pins", "bans", "ways", "outside_partners", "universities")


def base_yaml(base: Base, schema: str | None = None) -> str:
    """Write a base, with comments in the current language; one township, one junior high and one wish a line.

    Parameters
    ----------
    base : Base
    schema : str, optional
        Where an editor finds the JSON Schema, relative to the file; None leaves the line out.

    Returns
    -------
    str
        YAML, which reads back to the same content. Schools of a roster stand in it too, so that it is whole in itself.
    """
    return "\n".join(_lines(base, schema)) + "\n"


def moved(base: Base, folder: Path) -> Base:
    """The base with the names of files in it (rulebook, matrix, map) as they are from another folder."""
    from assigner.workbook.converting import name_from

    if base.folder is None or Path(base.folder).resolve() == folder.resolve():
        return base
    old = Path(base.folder)
    defaults = dict(base.defaults)
    if "rulebook" in defaults:
        defaults["rulebook"] = name_from(str(defaults["rulebook"]), old, folder)
    if defaults.get("travel", {}).get("matrix"):
        defaults["travel"] = {**defaults["travel"], "matrix": name_from(defaults["travel"]["matrix"], old, folder)}
    entry = base.geography_entry
    if entry is not None:
        entry = {**entry, "file": name_from(entry["file"], old, folder)}
    return replace(base, defaults=defaults, geography_entry=entry, folder=str(folder))


def _lines(base: Base, schema: str | None) -> Iterator[str]:
    if schema is not None:
        yield f"# yaml-language-server: $schema={schema}"
    if base.synthetic:
        yield "# " + _("Made up: no such communities and no such schools exist. The townships are real.")
    elif base.invented:
        yield "# " + _("The schools are real. The communities are made up: nobody decided them.")
    yield "schema_version: 1"
    yield f"id: {scalar(base.id)}"
    for key in ("name", "synthetic", "invented", "note"):
        if value := getattr(base, key):
            yield f"{key}: {scalar(value)}"
    if base.sources:
        yield "sources:"
        yield from (f"  - {scalar(source)}" for source in base.sources)
    defaults = {key: value for key, value in base.defaults.items() if value not in ({}, [])}
    if defaults:
        yield ""
        yield "# " + _("What holds for every community.")
        yield "defaults:"
        yield from (f"  {key}: {flow(value)}" for key, value in defaults.items())
    yield ""
    yield "# " + _("Communities: townships with their schools, and the schools they have elsewhere.")
    yield "communities:"
    for community in base.map.names:
        yield from _community(base, community)
    yield from _nowhere(base)
    if base.schools:
        yield ""
        yield "# " + _("Schools. Whatever is not stated is at its default or unknown.")
        yield "schools:"
        for code, entry in base.schools.items():
            yield from _school(_named(base, {**entry, "code": code}, base.map.place[code]))
    if base.junior_highs:
        yield ""
        yield "# " + _("Junior highs, with pupils by grade.")
        yield "junior_highs:"
        for code, entry in base.junior_highs.items():
            own = _in_order(_named(base, {**entry, "code": code}, base.junior_town[code]), JuniorHigh)
            yield f"  - {flow(own)}"
    if base.universities:
        yield ""
        yield "universities:"
        yield from (f"  - {flow(dict(entry))}" for entry in base.universities)
    if base.links:
        yield ""
        yield "# " + _("Ways between townships that share no border.")
        yield "links:"
        for link in base.links:
            shown: dict[str, Any] = {"between": [_town(base, code) for code in link.ends], "kind": link.kind}
            shown |= {} if link.km is None else {"km": link.km}
            yield f"  - {flow(shown | ({'note': link.note} if link.note else {}))}"
    if base.geography_entry:
        yield ""
        yield "# " + _("Polygons of the townships, in place of those shipped.")
        yield f"geography: {flow(dict(base.geography_entry))}"


def _community(base: Base, community: str) -> Iterator[str]:
    name, base_map = base.map.names[community], base.map
    yield f"  - id: {scalar(community)}"
    if name != community:
        yield f"    name: {scalar(name)}"
    towns = [town for town, home in base_map.home.items() if home == community]
    if towns:
        yield "    townships:"
        yield from (f"      - {scalar(_town(base, town))}" for town in towns)
    if elsewhere := [code for code in base_map.members(community) if base_map.home[base_map.place[code]] != community]:
        yield "    schools:"
        yield from (f"      - {scalar(code)}" for code in elsewhere)
    own = base.own.get(community, {})
    for key in OWN_KEYS:
        if key not in own or own[key] in ({}, []):
            continue
        if key in _BLOCK:
            yield f"    {key}:"
            yield from (
                (f"      {key_text(str(name))}: {flow(value)}" for name, value in own[key].items())
                if isinstance(own[key], Mapping)
                else (f"      - {flow(value)}" for value in own[key])
            )
        else:
            yield f"    {key}: {flow(own[key])}"


def _nowhere(base: Base) -> Iterator[str]:
    """What belongs to no community though it is spoken of: townships, and schools of a home township."""
    base_map = base.map
    towns = [town for town, home in base_map.home.items() if home == NOWHERE]
    schools = [
        code
        for code, community in base_map.member.items()
        if community == NOWHERE and base_map.home[base_map.place[code]] != NOWHERE
    ]
    if not towns and not schools:
        return
    yield ""
    yield "# " + _("What belongs to no community.")
    yield "nowhere:"
    if towns:
        yield "  townships:"
        yield from (f"    - {scalar(_town(base, town))}" for town in towns)
    if schools:
        yield "  schools:"
        yield from (f"    - {scalar(code)}" for code in schools)


def _school(entry: Mapping[str, Any]) -> Iterator[str]:
    lead = "  - "
    for key, value in _in_order(entry, SchoolEntry).items():
        if key in ("willingness", "suitability"):
            if value:
                yield f"{lead}{key}:"
                yield from (f"      {key_text(str(name))}: {flow(_short(answer))}" for name, answer in value.items())
        elif value not in ({}, [], ""):
            yield f"{lead}{key}: {flow(value)}"
        lead = "    "


def _short(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return dict(answer) if answer.get("reason") else answer["answer"]
    return answer


def _in_order(entry: Mapping[str, Any], model: type[Any]) -> dict[str, Any]:
    """The keys of an entry: code, name and place first, then as the model has them."""
    order = dict.fromkeys(("code", "name", "township", "lon", "lat", *model.model_fields))
    return {key: entry[key] for key in order if key in entry and entry[key] not in ("", {}, [])}


def _named(base: Base, entry: Mapping[str, Any], towncode: str) -> dict[str, Any]:
    """An entry with its township in the usual spelling, where one is stated."""
    return {**entry, "township": _town(base, towncode)} if "township" in entry else dict(entry)


def _town(base: Base, towncode: str) -> str:
    """Name of a township; its code where the name would not lead back to it."""
    township = base.geography.townships[towncode]
    try:
        return township.name if base.geography.find(township.name) == township else towncode
    except LookupError:
        return towncode
