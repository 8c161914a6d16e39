"""What the planner asks for: convener, pins and bans, numbers of hosts, ways, the order of aims."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from pydantic_core import PydanticCustomError

from assigner.faults import closest
from assigner.messages import M_, Message
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.source import Findings
from assigner.scenario.vocabulary import Choices, Vocabulary, titled, unknown
from assigner.scenario.words import CHOOSE, school_code
from assigner.words import TIER_NAMES
from models.community import CONVENER_KEY, Community, Distances, OutsidePartner, School, Wishes
from models.documents import Path
from models.rulebook import Rules

__all__ = ["TOLERANT_TIERS", "wishes_of"]

TOLERANT_TIERS = ("unwilling", "overload", "travel", "preference")
"""Aims whose best value may be exceeded; the others are vectors, or decide by themselves."""

_PLACED = ("exploration", "tie_break")
_BEFORE = ("overload", "load", "travel")


def wishes_of(
    entries: ScenarioFile,
    words: Vocabulary,
    rules: Rules,
    community: Community,
    findings: Findings,
    *,
    complete: bool,
) -> Wishes:
    """Build the wishes; note those that cannot be.

    Parameters
    ----------
    entries, words, rules, community
        The scenario so far.
    findings
        Where to note what is wrong.
    complete
        Whether all schools of the file could be read: otherwise unknown codes are no news.
    """
    reader = _Reader(entries, words, rules, community, findings, complete)
    return Wishes(
        convener=reader.convener(),
        pins=reader.pairs("pins"),
        bans=reader.pairs("bans"),
        host_numbers=reader.host_numbers(),
        exploration_numbers=reader.exploration_numbers(),
        exploration_within=reader.within(),
        ways=reader.ways(),
        tier_order=reader.tier_order(),
        tolerances=reader.tolerances(),
    )


class _Reader:
    def __init__(
        self,
        entries: ScenarioFile,
        words: Vocabulary,
        rules: Rules,
        community: Community,
        findings: Findings,
        complete: bool,
    ) -> None:
        self.entries, self.words, self.rules = entries, words, rules
        self.findings, self.complete = findings, complete
        self.schools: Mapping[str, School] = community.school_by_code
        self.partners: Mapping[str, OutsidePartner] = {p.code: p for p in community.outside_partners}
        counted = rules.option("barred_schools") == "counted"
        self.n = sum(s.participates and (counted or not s.barred) for s in community.schools)

    # ------------------------------------------------------------------------------------------- schools

    def unknown_school(self, path: Path, code: str) -> None:
        if self.complete:
            self.findings.wrong(
                path,
                M_("No school of this scenario has this code."),
                M_("the code of a school under “schools”"),
                closest(code, (*self.schools, *self.partners))
                or M_("Correct the code, or add the school to the list."),
                value=code,
            )

    def convener(self) -> str | None:
        code, path = self.entries.convener, ("convener",)
        if code == CHOOSE:
            return None
        school = self.schools.get(code)
        if school is None and code not in self.partners:
            self.unknown_school(path, code)
            return code
        what: Message | None = None
        if school is None:
            what = M_("A partner from another community cannot convene here.")
        elif not school.participates:
            what = M_("The convening school abstains.")
        elif school.barred:
            what = M_("The convening school is barred from the programme.")
        elif school.willingness.get(CONVENER_KEY) == "cannot":
            what = M_("The convening school says that it cannot convene.")
        if what is not None:
            self.findings.wrong(
                path,
                what,
                M_("a school that takes part and can convene"),
                M_("Name another school, or write “convener: choose”."),
                value=code,
            )
        return code

    def pairs(self, section: str) -> frozenset[tuple[str, str]]:
        """(item, code) pairs of pins or bans."""
        found: set[tuple[str, str]] = set()
        for word, codes in getattr(self.entries, section).items():
            key = self.words.found_item(self.findings, (section, word), word)
            for position, code in enumerate(codes):
                path: Path = (section, word, position)
                if code not in self.schools and code not in self.partners:
                    self.unknown_school(path, code)
                elif key is not None:
                    if section == "pins":
                        self._check_pin(path, key, code)
                    found.update((item, code) for item in self.words.items_of[key])
        return frozenset(found)

    def _check_pin(self, path: Path, key: str, code: str) -> None:
        items = self.words.items_of[key]
        unit = self.rules.unit_of[items[0]]
        what: Message | None = None
        school = self.schools.get(code)
        if school is None:
            allowed = any(clause.hosts_allowed for clause in self.rules.of_kind("outside_partner"))
            if not allowed:
                what = M_("A partner from another community hosts nothing here under the present switches.")
            elif not set(items) <= self.partners[code].items:
                what = M_("The partner from another community does not take part in this item.")
        elif not school.participates:
            what = M_("The school is to host, but it abstains.")
        elif school.barred:
            what = M_("The school is to host, but it is barred from the programme.")
        else:
            refused = [
                said
                for said, answer in school.willingness.items()
                if answer == "cannot" and self.rules.unit_of.get(said, said) == unit
            ]
            if refused:
                reason = school.reasons.get(refused[0])
                what = (
                    M_("The school is to host, but it says that it cannot ({reason}).", reason=reason)
                    if reason
                    else M_("The school is to host, but it says that it cannot.")
                )
        if what is None and any(
            code in codes and self.words.item(word) in (key, unit, *items) for word, codes in self.entries.bans.items()
        ):
            what = M_("The school is both pinned to the item and banned from it.")
        if what is not None:
            self.findings.wrong(
                path,
                what,
                M_("a school that may and can host the item"),
                M_("Pin another school, or change what is stated of this one."),
                value=code,
            )

    def ways(self) -> dict[str, tuple[str, ...]]:
        result: dict[str, tuple[str, ...]] = {}
        for word, names in self.entries.ways.items():
            path: Path = ("ways", word)
            try:
                code = school_code(word)
            except PydanticCustomError:
                code = word
            school = self.schools.get(code)
            if school is None:
                self.unknown_school(path, code)
                continue
            if not school.benchmark or not school.participates or school.barred:
                self.findings.wrong(
                    path,
                    M_("Only benchmark schools that take part choose ways of promotion."),
                    M_("the code of a benchmark school"),
                    M_("Delete the entry, or mark the school with “benchmark: true”."),
                    value=code,
                )
            chosen = []
            for position, name in enumerate(names):
                way = self.words.way(name)
                if way is None:
                    what = M_("The rulebook has no way of promotion of this id.")
                    unknown(self.findings, (*path, position), what, name, self.words.ways)
                else:
                    chosen.append(way)
            result[code] = tuple(sorted(set(chosen)))
        return result

    # ------------------------------------------------------------------------------------------- numbers

    def host_numbers(self) -> dict[str, int]:
        result: dict[str, int] = {}
        for word, number in self.entries.host_numbers.items():
            path: Path = ("host_numbers", word)
            key = self.words.found_item(self.findings, path, word)
            if key is None:
                continue
            items = self.words.items_of[key]
            if set(items) & set(self.rules.tracks):
                self.findings.wrong(
                    path,
                    M_("The number of exploration hosts is not stated here."),
                    None,
                    M_("Move it to “exploration: numbers:”."),
                    value=number,
                )
            elif number == 0 and any(self.rules.item_by_id[item].mandatory for item in items):
                self.findings.wrong(
                    path,
                    M_("The programme demands this item, so it has at least one host."),
                    M_("1 or more"),
                    M_("Delete the entry."),
                    value=number,
                )
            elif number > self.n:
                self._too_many(path, number)
            result.update(dict.fromkeys(items, number))
        return result

    def _too_many(self, path: Path, number: int) -> None:
        if self.complete:
            self.findings.wrong(
                path,
                M_("More hosts are asked for than schools take part."),
                M_("{n} or less", n=self.n),
                M_("Correct the number."),
                value=number,
            )

    def exploration_numbers(self) -> dict[str, int]:
        result: dict[str, int] = {}
        for word, number in self.entries.exploration.numbers.items():
            path: Path = ("exploration", "numbers", word)
            track = self.words.item(word)
            if track not in self.rules.tracks:
                what = M_("This is not a track of exploration.")
                unknown(self.findings, path, what, word, titled(self.rules.item_by_id[t] for t in self.rules.tracks))
                continue
            if number > self.n:
                self._too_many(path, number)
            result[track] = number
        return result

    def within(self) -> int | None:
        exploration = self.entries.exploration
        within = exploration.within_km or exploration.within_minutes
        # Rounded as the distances are, so that a host at just this distance is within it.
        return None if within is None else int(np.rint(float(within) * Distances.STEPS_PER_UNIT))

    # --------------------------------------------------------------------------------------------- tiers

    def tier_order(self) -> tuple[str, ...]:
        order, path = list(self.entries.tiers.order), ("tiers", "order")
        if not order:
            return ()
        free = [tier for tier in self.rules.rulebook.tiers.order if tier not in _PLACED]
        for position, tier in enumerate(order):
            if tier in _PLACED:
                self.findings.wrong(
                    (*path, position),
                    M_("The program places this aim itself: exploration before the loads, tie-break last."),
                    M_("an order of: {choices}", choices=Choices({tier: TIER_NAMES[tier] for tier in free})),
                    M_("Delete it from the list."),
                    value=tier,
                )
        mine = [tier for tier in order if tier not in _PLACED]
        missing = [tier for tier in free if tier not in mine]
        repeated = sorted({tier for tier in mine if mine.count(tier) > 1})
        if missing or repeated:
            self.findings.wrong(
                path,
                M_(
                    "Not every aim is named exactly once (missing: {missing}; repeated: {repeated}).",
                    missing=", ".join(missing) or "–",
                    repeated=", ".join(repeated) or "–",
                ),
                M_("an order of: {choices}", choices=Choices({tier: TIER_NAMES[tier] for tier in free})),
                M_("Name each of them once, the most important first, or delete “order”."),
                value=order,
            )
            return ()
        first = min(mine.index(tier) for tier in _BEFORE)
        return (*mine[:first], "exploration", *mine[first:], "tie_break")

    def tolerances(self) -> dict[str, Fraction]:
        for tier, tolerance in self.entries.tiers.tolerances.items():
            if tier not in TOLERANT_TIERS:
                self.findings.wrong(
                    ("tiers", "tolerances", tier),
                    M_("This aim takes no tolerance."),
                    M_("one of: {choices}", choices=Choices({tier: TIER_NAMES[tier] for tier in TOLERANT_TIERS})),
                    M_("Delete the line."),
                    value=self.findings.source.raw(("tiers", "tolerances", tier), str(tolerance)),
                )
        return {tier: value for tier, value in self.entries.tiers.tolerances.items() if value}
