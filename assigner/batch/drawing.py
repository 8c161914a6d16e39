"""Variants by chance: answers, effort, capacity, history and pupils drawn anew, the same on every machine.

A draw depends on the seed and on the school (unit, junior high) alone: a school draws the same in every community and
under every boundary, and a larger amount changes what a smaller one changed, and more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

from assigner.scenario.words import MOST_POINTS
from models.community import WILLINGNESS_ORDER
from models.rulebook import Rulebook, Rules, load_rulebook

__all__ = ["Perturbation", "Steps"]

_THOUSAND = 1000


@dataclass(frozen=True)
class Steps:
    """Up to so many points more or less, in steps.

    Parameters
    ----------
    most, step : Fraction
    """

    most: Fraction
    step: Fraction = Fraction(1)

    def around(self, value: Fraction, chance: float, least: Fraction) -> Fraction:
        """A value near `value`, for a chance between 0 and 1; all are equally likely, but none is below `least`."""
        steps = math.floor(self.most / self.step)
        moved = value + (math.floor(chance * (2 * steps + 1)) - steps) * self.step
        return value if moved == value else min(max(moved, least), Fraction(MOST_POINTS))


@dataclass(frozen=True)
class Perturbation:
    """What is drawn anew.

    Parameters
    ----------
    seed : int
    willingness : Fraction
        Probability that the answer of a school for a unit is drawn anew, all words being equally likely.
    effort, capacity, history : Steps or None
        Of each unit; of each school that takes part.
    pupils : Fraction
        Of each junior high and grade, up to this share more or less.
    """

    seed: int = 1
    willingness: Fraction = Fraction(0)
    effort: Steps | None = None
    capacity: Steps | None = None
    history: Steps | None = None
    pupils: Fraction = Fraction(0)

    def _chances(self, *what: str) -> Random:
        # A text as seed, and random() alone, give the same on every machine and version.
        return Random("|".join((str(self.seed), *what)))

    def drawn(self, canonical: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
        """The changes for a community, as a delta.

        Parameters
        ----------
        canonical
            Its content.
        delta
            What else the variant changes: a pinned school is not made unable.
        """
        scenario, rules = canonical["scenario"], _rules(canonical["rulebook"])
        found: dict[str, Any] = {}
        if self.effort is not None and (effort := self._effort(rules)):
            found["effort"] = effort
        pins = {
            (item, code)
            for stated in (scenario["pins"], delta.get("pins", {}))
            for item, codes in stated.items()
            for code in codes
        }
        schools = {}
        for school in scenario["schools"]:
            if not school["takes_part"] or school["barred"]:
                continue
            changes = self._school(school, rules, pins)
            if changes:
                schools[school["code"]] = changes
        if schools:
            found["schools"] = schools
        if self.pupils and (pupils := self._pupils(scenario["junior_highs"])):
            found["junior_highs"] = pupils
        return found

    def _effort(self, rules: Rules) -> dict[str, str]:
        assert self.effort is not None
        chances, found = self._chances("effort"), {}
        for unit in rules.units.values():
            points = self.effort.around(unit.effort_points, chances.random(), Fraction(0))
            if points != unit.effort_points:
                found[unit.id] = str(points)
        return found

    def _school(self, school: Mapping[str, Any], rules: Rules, pins: set[tuple[str, str]]) -> dict[str, Any]:
        code = school["code"]
        found: dict[str, Any] = {}
        if self.willingness and (answers := self._answers(school, rules, pins)):
            found["willingness"] = answers
        if self.capacity is not None:
            measure = "resource_weak_capacity_points" if school["resource_weak"] else "capacity_points"
            stated = school.get("capacity_points")
            points = rules.measure(measure) if stated is None else Fraction(stated)
            drawn = self.capacity.around(points, self._chances("capacity", code).random(), self.capacity.step)
            if drawn != points:
                found["capacity_points"] = str(drawn)
        if self.history is not None:
            points = Fraction(school["history_points"])
            drawn = self.history.around(points, self._chances("history", code).random(), Fraction(0))
            if drawn != points:
                found["history_points"] = str(drawn)
        return found

    def _answers(self, school: Mapping[str, Any], rules: Rules, pins: set[tuple[str, str]]) -> dict[str, str | None]:
        code, said = school["code"], school["willingness"]
        chances = self._chances("willingness", code)
        found: dict[str, str | None] = {}
        for unit in rules.units.values():
            anew, word = chances.random(), chances.random()  # both, so that the others' draws stay theirs
            if anew >= self.willingness:
                continue
            answer = WILLINGNESS_ORDER[math.floor(word * len(WILLINGNESS_ORDER))]
            keys = [key for key in dict.fromkeys((unit.id, *unit.items)) if key in said]
            before = max((said[key]["answer"] for key in keys), key=WILLINGNESS_ORDER.index, default="if_needed")
            pinned = any((item, code) in pins for item in unit.items)
            if answer == before or (answer == "cannot" and pinned):
                continue
            found.update(dict.fromkeys(keys))
            if answer != "if_needed":
                found[unit.id] = answer
        return found

    def _pupils(self, junior_highs: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
        most, found = math.floor(self.pupils * _THOUSAND), {}
        for school in junior_highs:
            chances, changed = self._chances("pupils", school["code"]), {}
            for grade in ("7", "8", "9"):
                share = _THOUSAND + math.floor(chances.random() * (2 * most + 1)) - most
                before = school["pupils"].get(grade, 0)
                after = (before * share + _THOUSAND // 2) // _THOUSAND
                if after != before:
                    changed[grade] = after
            if changed:
                found[school["code"]] = changed
        return found


_OWN: dict[str, Rules] = {}
"""Rules of rulebooks that are not shipped, by hash."""

_MOST_OWN = 8


def _rules(stated: Mapping[str, Any]) -> Rules:
    """The rules of canonical content, switches aside: for the units, their effort and the measures."""
    if "name" in stated:
        return _shipped(stated["name"])
    if stated["hash"] not in _OWN:
        if len(_OWN) >= _MOST_OWN:
            _OWN.clear()
        _OWN[stated["hash"]] = Rulebook.model_validate(stated["content"]).resolve()
    return _OWN[stated["hash"]]


@lru_cache(maxsize=8)
def _shipped(name: str) -> Rules:
    return load_rulebook(name).resolve()
