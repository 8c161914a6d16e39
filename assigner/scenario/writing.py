"""A scenario as a YAML file that a person can read and go on from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assigner.messages import _
from assigner.scenario.canonical import file_of
from assigner.scenario.entries import GeographyEntry, ScenarioFile, SchoolEntry
from assigner.scenario.scenario import Scenario

__all__ = ["flow", "key_text", "scalar", "write_yaml"]

_PLAIN = re.compile(r"[^\W\d_][\w（）〔〕.·/+-]*( [\w（）〔〕.·/+-]+)*")
_RESERVED = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def write_yaml(scenario: Scenario, schema: str | None = None) -> str:
    """Write a scenario, with comments in the current language; what is at its default is left out.

    Parameters
    ----------
    scenario
        The scenario.
    schema
        Where an editor finds the JSON Schema, relative to the file; None leaves the line out.

    Returns
    -------
    str
        YAML, which reads back to the same content.
    """
    return "\n".join(_lines(scenario, schema)) + "\n"


def _lines(scenario: Scenario, schema: str | None) -> Iterator[str]:
    data, entries = file_of(scenario), scenario.entries
    if schema is not None:
        yield f"# yaml-language-server: $schema={schema}"
    if entries.synthetic:
        yield "# " + _("Made up: no such community and no such schools exist. The townships are real.")
    yield f"schema_version: {data['schema_version']}"
    yield from _changed(data, ("id", "name", "kind", "synthetic", "note"))
    if data["sources"]:
        yield "sources:"
        yield from (f"  - {scalar(source)}" for source in data["sources"])
    yield ""
    yield f"rulebook: {scalar(entries.rulebook)}"
    if entries.switches:
        yield "# " + _("Readings chosen where the programme leaves room; all others are at their default.")
        yield "switches:"
        chosen = {name: data["switches"][name] for name in sorted(_stated_switches(scenario))}
        yield from (f"  {name}: {scalar(option)}" for name, option in chosen.items())
    yield from _changed(data, ("relaxations",))
    yield "# " + _("The code of the convening school, or “choose”: the program chooses one.")
    yield f"convener: {scalar(data['convener'])}"
    yield ""
    if entries.townships:
        yield "# " + _("Territory of the community.")
        yield f"townships: {flow([_named(scenario, code) for code in data['townships']])}"
        yield ""
    yield "# " + _("Schools of the community. Whatever is not stated is at its default or unknown.")
    yield "schools:"
    for school in data["schools"]:
        yield from _school(school, scenario)
    if data["outside_partners"]:
        yield ""
        yield "# " + _("Schools of other communities that take part in some items.")
        yield from _entries("outside_partners", data["outside_partners"], scenario)
    if data["junior_highs"]:
        yield ""
        yield "# " + _("Junior highs, with pupils by grade.")
        yield from _entries("junior_highs", data["junior_highs"], scenario)
    if data.get("shared_townships"):
        yield ""
        yield "# " + _("Township: part of its people that counts here; the rest counts for other communities.")
        shown = {_named(scenario, code): share for code, share in data["shared_townships"].items()}
        yield f"shared_townships: {flow(shown)}"
    if data["universities"]:
        yield ""
        yield from _entries("universities", data["universities"], scenario)
    if data["links"]:
        yield ""
        yield "# " + _("Ways between townships that share no border.")
        yield from _entries("links", data["links"], scenario)
    yield from _wishes(data)
    travel = {key: value for key, value in data["travel"].items() if value != _default_travel()[key]}
    if entries.travel.matrix is not None:
        travel["matrix"] = entries.travel.matrix
    if travel:
        yield ""
        yield f"travel: {flow(travel)}"
    if "part_of" in data:
        yield ""
        yield "# " + _("One of the two plans of a divided community: what it takes from the whole.")
        yield f"part_of: {flow({key: value for key, value in data['part_of'].items() if value})}"
    geography = _geography(scenario)
    if geography:
        yield ""
        if entries.geography is None:
            yield "# " + _("The plan does not hold the polygons: name their file here, and its columns.")
        else:
            yield "# " + _("Polygons of the townships, in place of those shipped.")
        yield f"geography: {flow(geography)}"


def _wishes(data: Mapping[str, Any]) -> Iterator[str]:
    comments = {
        "pins": _("Item: schools that host it in any case."),
        "bans": _("Item: schools that do not host it."),
        "host_numbers": _("Item: number of hosts wanted."),
        "ways": _("Benchmark school: ways of promotion it has decided on."),
    }
    for key, comment in comments.items():
        if data[key]:
            yield ""
            yield f"# {comment}"
            yield f"{key}:"
            yield from (f"  {key_text(name)}: {flow(value)}" for name, value in data[key].items())
    for key in ("exploration", "tiers"):
        filled = {name: value for name, value in data[key].items() if value}
        if filled:
            yield ""
            yield f"{key}:"
            yield from (f"  {name}: {flow(value)}" for name, value in filled.items())


def _default_travel() -> dict[str, Any]:
    return {"mode": "graph", "unit": "km", "shipped_links": True}


def _stated_switches(scenario: Scenario) -> list[str]:
    default = {switch.id: switch.default for switch in scenario.rulebook.switches}
    return [name for name, option in scenario.rules.choice if default[name] != option]


def _changed(data: Mapping[str, Any], keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        if data[key] != ScenarioFile.model_fields[key].default:
            yield f"{key}: {flow(data[key])}"


def _school(school: Mapping[str, Any], scenario: Scenario) -> Iterator[str]:
    """Write one school in several lines."""
    lead = "  - "
    for key, value in school.items():
        if key in ("suitability", "willingness"):
            if value:
                yield f"{lead}{key}:"
                for name, answer in value.items():
                    yield f"      {key_text(name)}: {_answer(answer)}"
        elif key == "township":
            yield f"{lead}township: {scalar(_named(scenario, value))}"
        elif key in ("code", "name") or not _is_default(key, value):
            yield f"{lead}{key}: {flow(value)}"
        else:
            continue
        lead = "    "


def _named(scenario: Scenario, code: str) -> str:
    """Give the name of a township, or its code where the name would not lead back to it."""
    township = scenario.geography.townships.get(code)
    if township is None:
        return code
    try:
        return township.name if scenario.geography.find(township.name) == township else code
    except LookupError:
        return code


def _geography(scenario: Scenario) -> dict[str, Any]:
    """Give the entry of the planner's own map, as far as it is known."""
    entry = scenario.entries.geography
    if entry is not None:
        defaults = {name: field.default for name, field in GeographyEntry.model_fields.items()}
        return {key: value for key, value in entry.model_dump().items() if value != defaults[key]}
    return {} if scenario.geography.is_embedded else {"file": scenario.geography.name}


def _is_default(key: str, value: object) -> bool:
    default = SchoolEntry.model_fields[key].default
    return value == default or (value == [] and default == ()) or (key == "history_points" and value == "0")


def _answer(answer: Any) -> str:
    if isinstance(answer, dict):
        return flow(answer) if answer["reason"] else scalar(answer["answer"])
    return scalar(answer)


def _entries(section: str, entries: Sequence[Mapping[str, Any]], scenario: Scenario) -> Iterator[str]:
    """Write a section with one entry a line."""
    yield f"{section}:"
    for entry in entries:
        shown = {key: value for key, value in entry.items() if value != ""}
        if "township" in shown:
            shown["township"] = _named(scenario, shown["township"])
        if "between" in shown:
            shown["between"] = [_named(scenario, code) for code in shown["between"]]
        yield f"  - {flow(shown)}"


def flow(value: Any) -> str:
    """Write a value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def key_text(key: str) -> str:
    """Write a key, quoted where YAML would take it for something else."""
    return key if key.isidentifier() or key in ("7", "8", "9") else json.dumps(key, ensure_ascii=False)


def scalar(value: object) -> str:
    """Write a text, number or truth value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.isprintable() and text.casefold() not in _RESERVED:
        return text
    if re.fullmatch(r"[1-9][0-9]*", text) and len(text) < 3:  # points
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """Quote a text; escape what YAML does not take as it is, in the forms that YAML knows."""
    escaped = []
    for character in json.dumps(text, ensure_ascii=False):
        if character.isprintable():
            escaped.append(character)
        else:
            number = ord(character)
            escaped.append(f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")
    return "".join(escaped)
