"""What a variant changes of a scenario: canonical content under a delta.

A delta is plain data with concrete values, so that a job can be carried out anywhere without the file that asked for
it. What a delta changes to what it is already, is no change: the content is then that of the base, to the letter.

Keys of a delta, all optional:

- ``switches``: switch -> option; ``relaxations``: ``"auto"``, ``"none"`` or ids; ``convener``: code or ``"choose"``;
- ``tolerances``: tier -> share, such as ``"1/10"``; ``"0"`` takes it away;
- ``pins``, ``bans``: item -> codes, besides those of the scenario;
- ``effort``: unit -> points;
- ``schools``: code -> ``willingness`` (item or unit -> answer, None for nothing said), ``capacity_points`` and
  ``history_points`` (points; None for what the rulebook says);
- ``junior_highs``: code -> grade -> pupils;
- ``lift``: ids of clauses that are not in force. The content does not say so: whoever solves takes them from the rules
  (`models.rulebook.Rules.without`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from models.documents import canonical_json
from models.rulebook import Rulebook, load_rulebook

if TYPE_CHECKING:
    from assigner.scenario import Scenario

__all__ = ["book_with_effort", "varied_scenario", "vary"]

_MOST_BOOKS = 1024

Delta = Mapping[str, Any]


def vary(canonical: Mapping[str, Any], delta: Delta) -> dict[str, Any]:
    """Canonical content under a delta.

    Parameters
    ----------
    canonical
        As `assigner.scenario.Scenario.canonical` gives it; left as it is, and what does not change is shared with it.
    delta
        See above.
    """
    before = canonical["scenario"]
    after = dict(before)
    for key, value in delta.items():
        if change := _CHANGES.get(key):
            change(after, value)
    changed = dict(canonical)
    if any(after[key] is not before[key] for key in after):
        changed["scenario"] = after
    if effort := delta.get("effort"):
        changed["rulebook"] = _rulebook(canonical["rulebook"], effort)
    return changed


def varied_scenario(scenario: Scenario, canonical: Mapping[str, Any], delta: Delta) -> Scenario:
    """The scenario of content under a delta: equal to `Scenario.from_canonical` of `vary`, but cheaper.

    No delta moves anybody, so places and distances of the scenario without it are those with it.

    Parameters
    ----------
    scenario
        Made of `canonical`.
    canonical, delta
        As `vary`.

    Raises
    ------
    assigner.errors.InputError
        The changes do not go together with the scenario: a pin on a school that abstains.
    """
    from assigner.errors import InputError
    from assigner.scenario.people import township_id
    from assigner.scenario.reading import shape
    from assigner.scenario.scenario import built
    from assigner.scenario.source import Findings, in_order
    from models.documents import Document

    if not delta.keys() - {"lift"}:
        return scenario
    book = scenario.rulebook
    if effort := delta.get("effort"):
        book = book_with_effort(book, effort)
    content = vary(canonical, {key: value for key, value in delta.items() if key != "effort"})
    townships = {township_id(town) for town in scenario.territory}
    file = scenario.source.file
    shaped = shape(Document(file, content["scenario"]), file)
    if shaped.entries is None:
        raise InputError(in_order(list(shaped.problems)))
    findings = Findings(shaped.source, list(shaped.problems))
    return built(
        shaped.entries,
        findings,
        None,
        book,
        scenario.problem().distances,
        scenario.geography,
        located={code: place for code, place in scenario.places.items() if code not in townships},
    )


# ------------------------------------------------------------------------------------------------------ the scenario


def _put(after: dict[str, Any], key: str, value: Any) -> None:
    """Replace a section, unless it is as it was."""
    if after[key] != value:
        after[key] = value


def _switches(after: dict[str, Any], stated: Mapping[str, str]) -> None:
    _put(after, "switches", {**after["switches"], **stated})


def _tolerances(after: dict[str, Any], stated: Mapping[str, str]) -> None:
    tiers = after["tiers"]
    both = {**tiers["tolerances"], **stated}
    kept = {tier: str(Fraction(value)) for tier, value in sorted(both.items()) if Fraction(value)}
    _put(after, "tiers", {**tiers, "tolerances": kept})


def _relaxations(after: dict[str, Any], stated: str | list[str]) -> None:
    _put(after, "relaxations", stated if isinstance(stated, str) else list(stated))


def _convener(after: dict[str, Any], stated: str) -> None:
    _put(after, "convener", stated)


def _pairs(section: str) -> Callable[[dict[str, Any], Mapping[str, list[str]]], None]:
    def add(after: dict[str, Any], stated: Mapping[str, list[str]]) -> None:
        before = after[section]
        both = {item: {*before.get(item, ()), *stated.get(item, ())} for item in sorted({*before, *stated})}
        _put(after, section, {item: sorted(codes) for item, codes in both.items() if codes})

    return add


def _schools(after: dict[str, Any], stated: Mapping[str, Mapping[str, Any]]) -> None:
    _put(after, "schools", [_school(entry, stated.get(entry["code"], {})) for entry in after["schools"]])


def _school(entry: dict[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    if not stated:
        return entry
    changed = dict(entry)
    if "willingness" in stated:
        answers = dict(entry["willingness"])
        for key, answer in stated["willingness"].items():
            if answer is None:
                answers.pop(key, None)
            elif answers.get(key, {}).get("answer") != answer:
                answers[key] = {"answer": answer, "reason": ""}
        changed["willingness"] = answers
    for key in ("capacity_points", "history_points"):
        if key in stated and stated[key] is None:
            changed.pop(key, None)
        elif key in stated:
            changed[key] = str(Fraction(stated[key]))
    return entry if changed == entry else changed


def _junior_highs(after: dict[str, Any], stated: Mapping[str, Mapping[str, int]]) -> None:
    def under(entry: dict[str, Any]) -> dict[str, Any]:
        pupils = {**entry["pupils"], **stated.get(entry["code"], {})}
        return entry if pupils == entry["pupils"] else {**entry, "pupils": pupils}

    _put(after, "junior_highs", [under(entry) for entry in after["junior_highs"]])


_CHANGES: Mapping[str, Callable[[dict[str, Any], Any], None]] = {
    "switches": _switches,
    "relaxations": _relaxations,
    "convener": _convener,
    "tolerances": _tolerances,
    "pins": _pairs("pins"),
    "bans": _pairs("bans"),
    "schools": _schools,
    "junior_highs": _junior_highs,
}


# ------------------------------------------------------------------------------------------------------ the rulebook


def book_with_effort(book: Rulebook, effort: Mapping[str, str]) -> Rulebook:
    """The rulebook with other effort of some units.

    Parameters
    ----------
    book : Rulebook
    effort : Mapping[str, str]
        Unit -> points. An item that is no part of a declared unit is a unit of its own.
    """
    points = {unit: Fraction(value) for unit, value in effort.items()}

    def under(entry: Any) -> Any:
        new = points.get(entry.id, entry.effort_points)
        return entry if new == entry.effort_points else entry.model_copy(update={"effort_points": new})

    inside = {item for unit in book.units for item in unit.items}
    units = tuple(under(unit) for unit in book.units)
    items = tuple(item if item.id in inside else under(item) for item in book.items)
    fields = {name: getattr(book, name) for name in Rulebook.model_fields}
    return Rulebook.model_construct(**{**fields, "units": units, "items": items})


def _rulebook(stated: dict[str, Any], effort: Mapping[str, str]) -> dict[str, Any]:
    """What canonical content says of a rulebook with other effort."""
    book = _content(stated["name"]) if "name" in stated else _Content(stated["content"])
    return book.with_effort(stated, tuple(sorted(effort.items())))


class _Content:
    """The content of a rulebook, and the text of its sections, of which changed effort changes two."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        self.texts = {key: canonical_json(value) for key, value in content.items()}
        self._known = lru_cache(maxsize=_MOST_BOOKS)(self._with_effort)

    def with_effort(self, stated: dict[str, Any], effort: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        changed: dict[str, Any] | None = self._known(effort)
        return stated if changed is None else changed

    def _with_effort(self, effort: tuple[tuple[str, str], ...]) -> dict[str, Any] | None:
        points = {unit: str(Fraction(value)) for unit, value in effort}
        inside = {item for unit in self.content["units"] for item in unit["items"]}

        def under(entry: Mapping[str, Any]) -> Mapping[str, Any]:
            new = points.get(entry["id"], entry["effort_points"])
            return entry if entry["id"] in inside or new == entry["effort_points"] else {**entry, "effort_points": new}

        sections = {"units": self._units(points), "items": [under(item) for item in self.content["items"]]}
        if all(sections[key] == self.content[key] for key in sections):
            return None
        content = {**self.content, **sections}
        texts = {**self.texts, **{key: canonical_json(value) for key, value in sections.items()}}
        # As `models.documents.canonical_json` of the whole would write it.
        text = "{" + ",".join(f'"{key}":{texts[key]}' for key in sorted(texts)) + "}"
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        return {"year": content["year"], "hash": digest, "content": content}

    def _units(self, points: Mapping[str, str]) -> list[Any]:
        return [
            {**unit, "effort_points": points.get(unit["id"], unit["effort_points"])} for unit in self.content["units"]
        ]


@lru_cache(maxsize=8)
def _content(name: str) -> _Content:
    return _Content(load_rulebook(name).model_dump(mode="json", by_alias=True))
