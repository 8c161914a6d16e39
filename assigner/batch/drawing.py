"""Variants by chance: answers, effort, capacity, history and pupils drawn anew, the same on every machine.

A draw depends on the seed and on the school (unit, junior high) alone: a school draws the same in every community and
under every boundary, and a larger probability changes what a smaller one changed, and more.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from assigner.scenario.words import MOST_POINTS
from models.community import WILLINGNESS_ORDER
from models.rulebook import Rulebook, Rules, load_rulebook

__all__ = ["Drawable", "Perturbation", "Steps"]

_ALL = 1 << 32
_THOUSAND = 1000
_GRADES = ("7", "8", "9")
_NOTHING_SAID = WILLINGNESS_ORDER.index("if_needed")
_CANNOT = WILLINGNESS_ORDER.index("cannot")

Number = int | Fraction
"""Whole numbers as int, which is much faster."""


def _draws(number: int, *of: object) -> tuple[int, ...]:
    """So many draws, each of the whole numbers below `_ALL` equally likely; only what is named decides them."""
    text = "|".join(map(str, of)).encode("utf-8")
    return struct.unpack(f">{number}I", hashlib.shake_128(text).digest(4 * number))


def _whole(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


@dataclass(frozen=True)
class Steps:
    """Up to so many points more or less, in steps.

    Parameters
    ----------
    most, step : Fraction
    """

    most: Fraction
    step: Fraction = Fraction(1)

    @cached_property
    def _either_way(self) -> int:
        return math.floor(self.most / self.step)

    @cached_property
    def size(self) -> Number:
        """Size of a step."""
        return _whole(self.step)

    def around(self, value: Number, draw: int, least: Number) -> Number:
        """A value near `value`, each equally likely; none below `least`, nor above what a school can carry."""
        steps = (draw * (2 * self._either_way + 1) // _ALL) - self._either_way
        return min(max(value + steps * self.size, least), MOST_POINTS) if steps else value


class Drawable:
    """What of a community can be drawn anew, in a form that is quick to draw from.

    Parameters
    ----------
    canonical : Mapping
        Its content.
    """

    def __init__(self, canonical: Mapping[str, Any]) -> None:
        scenario = canonical["scenario"]
        rules = _rules(canonical["rulebook"])
        self.units = [(unit.id, unit.items, _whole(unit.effort_points)) for unit in rules.units.values()]
        self.pins = frozenset((item, code) for item, codes in scenario["pins"].items() for code in codes)
        self.schools = [
            _School(school, rules) for school in scenario["schools"] if school["takes_part"] and not school["barred"]
        ]
        self.junior_highs = [
            (school["code"], [school["pupils"].get(grade, 0) for grade in _GRADES])
            for school in scenario["junior_highs"]
        ]


class _School:
    def __init__(self, school: Mapping[str, Any], rules: Rules) -> None:
        self.code = str(school["code"])
        measure = "resource_weak_capacity_points" if school["resource_weak"] else "capacity_points"
        stated = school.get("capacity_points")
        self.capacity = _whole(rules.measure(measure) if stated is None else Fraction(stated))
        self.history = _whole(Fraction(school["history_points"]))
        said = school["willingness"]
        self.said: list[tuple[list[str], int]] = []
        """Of each unit: keys under which the school answered, and the worst of the answers."""
        for unit in rules.units.values():
            keys = [key for key in dict.fromkeys((unit.id, *unit.items)) if key in said]
            worst = max((WILLINGNESS_ORDER.index(said[key]["answer"]) for key in keys), default=_NOTHING_SAID)
            self.said.append((keys, worst))


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

    @cached_property
    def _anew_below(self) -> int:
        return math.ceil(self.willingness * _ALL)

    def drawn(self, community: Drawable, pins: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The changes for a community, as a delta (`assigner.batch.varying`).

        Parameters
        ----------
        community
            As it is.
        pins
            Item -> codes that are pinned besides: a pinned school is not made unable.
        """
        found: dict[str, Any] = {}
        if self.effort is not None and (effort := self._effort(community)):
            found["effort"] = effort
        pinned = community.pins
        if pins:
            pinned = pinned | {(item, code) for item, codes in pins.items() for code in codes}
        schools = {}
        for school in community.schools:
            if changes := self._school(school, community, pinned):
                schools[school.code] = changes
        if schools:
            found["schools"] = schools
        if self.pupils and (pupils := self._pupils(community)):
            found["junior_highs"] = pupils
        return found

    def _effort(self, community: Drawable) -> dict[str, str]:
        assert self.effort is not None
        found = {}
        draws = _draws(len(community.units), self.seed, "effort")
        for (unit, _items, before), draw in zip(community.units, draws, strict=True):
            points = self.effort.around(before, draw, 0)
            if points != before:
                found[unit] = str(points)
        return found

    def _school(self, school: _School, community: Drawable, pinned: frozenset[tuple[str, str]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.willingness and (answers := self._answers(school, community, pinned)):
            found["willingness"] = answers
        if self.capacity is not None:
            draw = _draws(1, self.seed, "capacity", school.code)[0]
            drawn = self.capacity.around(school.capacity, draw, self.capacity.size)
            if drawn != school.capacity:
                found["capacity_points"] = str(drawn)
        if self.history is not None:
            drawn = self.history.around(school.history, _draws(1, self.seed, "history", school.code)[0], 0)
            if drawn != school.history:
                found["history_points"] = str(drawn)
        return found

    def _answers(
        self, school: _School, community: Drawable, pinned: frozenset[tuple[str, str]]
    ) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        below, number = self._anew_below, len(community.units)
        draws = _draws(2 * number, self.seed, "willingness", school.code)
        for position, draw in enumerate(draws[:number]):
            if draw >= below:
                continue
            answer = draws[number + position] * len(WILLINGNESS_ORDER) // _ALL
            keys, before = school.said[position]
            unit, items, _effort = community.units[position]
            if answer == before or (answer == _CANNOT and any((item, school.code) in pinned for item in items)):
                continue
            found.update(dict.fromkeys(keys))
            if answer != _NOTHING_SAID:
                found[unit] = WILLINGNESS_ORDER[answer]
        return found

    def _pupils(self, community: Drawable) -> dict[str, dict[str, int]]:
        most, found = math.floor(self.pupils * _THOUSAND), {}
        for code, counts in community.junior_highs:
            changed = {}
            draws = _draws(len(_GRADES), self.seed, "pupils", code)
            for grade, before, draw in zip(_GRADES, counts, draws, strict=True):
                share = _THOUSAND - most + draw * (2 * most + 1) // _ALL
                after = (before * share + _THOUSAND // 2) // _THOUSAND
                if after != before:
                    changed[grade] = after
            if changed:
                found[code] = changed
        return found


# ------------------------------------------------------------------------------------------------------ the rulebook

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
