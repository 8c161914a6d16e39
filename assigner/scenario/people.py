"""The community's schools, partners from outside and junior highs, as the values the mathematics works on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.messages import M_
from assigner.scenario.entries import JuniorHigh, OutsidePartnerEntry, ScenarioFile, SchoolEntry
from assigner.scenario.places import township_of
from assigner.scenario.source import Findings
from assigner.scenario.vocabulary import Vocabulary, said, unknown
from models.community import Community, DemandPoint, OutsidePartner, School
from models.documents import Path
from models.rulebook import Rules

if TYPE_CHECKING:
    from geodata.geography import Geography

__all__ = ["GRADES", "community_of", "junior_high_id", "township_id"]

GRADES = (7, 8, 9)


def junior_high_id(code: str) -> str:
    """Id of a junior high among the demand points: a division of a senior high has the same code as that."""
    return f"J{code}"


def township_id(towncode: str) -> str:
    """Id of a township that stands for its junior highs."""
    return f"T{towncode}"


def community_of(
    entries: ScenarioFile,
    words: Vocabulary,
    rules: Rules,
    territory: Sequence[str],
    geography: Geography | None,
    findings: Findings,
    *,
    complete: bool,
) -> Community:
    """Build the community from the entries that can be used; note what is wrong with the others.

    Parameters
    ----------
    entries, words, rules
        The scenario so far.
    territory
        TOWNCODEs.
    geography
        Where they are; None if it cannot be used.
    findings
        Where to note what is wrong.
    complete
        Whether all schools of the file could be read: otherwise a list without any is no news.
    """
    _refuse_repeated(entries.schools, "schools", {}, findings)
    inside = {school.code: ("schools", i) for i, school in reversed(list(enumerate(entries.schools)))}
    _refuse_repeated(entries.outside_partners, "outside_partners", dict(inside), findings)
    _refuse_repeated(entries.junior_highs, "junior_highs", {}, findings)
    schools = [_school(entry, words, findings, ("schools", i)) for i, entry in enumerate(entries.schools)]
    partners = [
        _partner(entry, words, findings, ("outside_partners", i)) for i, entry in enumerate(entries.outside_partners)
    ]
    if complete:
        _refuse_nobody(schools, rules, findings)
    points = _demand(entries, rules, territory, geography, findings)
    once = {school.code: school for school in reversed(schools)}
    strangers = {partner.code: partner for partner in reversed(partners) if partner.code not in once}
    return Community(
        entries.id,
        entries.name,
        tuple(once.values()),
        points,
        tuple(strangers.values()),
        entries.kind == "learning_area",
    )


def _refuse_repeated(
    entries: Sequence[SchoolEntry | OutsidePartnerEntry | JuniorHigh],
    section: str,
    seen: dict[str, Path],
    findings: Findings,
) -> None:
    for position, entry in enumerate(entries):
        path: Path = (section, position)
        first = seen.setdefault(entry.code, path)
        if first != path:
            findings.wrong(
                (*path, "code"),
                M_(
                    "The school code appears a second time; it stands in line {line} as well.",
                    line=findings.source.place((*first, "code")).line or "?",
                ),
                M_("each code once"),
                M_("Delete one of the two entries, or correct its code."),
                value=findings.source.raw((*path, "code"), entry.code),
            )


def _refuse_nobody(schools: Sequence[School], rules: Rules, findings: Findings) -> None:
    counted = rules.option("barred_schools") == "counted"
    if not any(school.participates and (counted or not school.barred) for school in schools):
        findings.wrong(
            ("schools",),
            M_("No school takes part: all abstain or are barred.") if schools else M_("The list of schools is empty."),
            M_("at least one school that takes part"),
            M_("Add the schools of the community, each with its code, name and township."),
        )


def _school(entry: SchoolEntry, words: Vocabulary, findings: Findings, path: Path) -> School:
    categories: set[str] = set()
    for position, name in enumerate(entry.categories or ()):
        category = words.category(name)
        if category is None:
            what = M_("The rulebook has no course category of this name.")
            unknown(findings, (*path, "categories", position), what, name, words.categories)
        else:
            categories.add(category)
    suitability: dict[str, Any] = {}
    for word, key in said(entry.suitability, findings, (*path, "suitability"), words).items():
        suitability.update(dict.fromkeys(words.items_of[key], entry.suitability[word]))
    answers: dict[str, Any] = {
        key: entry.willingness[word]
        for word, key in said(entry.willingness, findings, (*path, "willingness"), words).items()
    }
    if entry.barred and entry.public is False:
        findings.odd(
            (*path, "barred"),
            M_("Only public schools are barred by the programme. This one is private, yet barred as stated."),
            None,
            M_("Check both entries."),
            value=entry.code,
        )
    return School(
        code=entry.code,
        name=entry.name,
        participates=entry.takes_part,
        benchmark=entry.benchmark,
        barred=entry.barred,
        public=entry.public,
        special_education=entry.special_education,
        rare_programme=entry.rare_programme,
        talent_class=entry.talent_class,
        resource_weak=entry.resource_weak,
        transfer_places=entry.transfer_places,
        below_registration=entry.below_registration,
        industry_academia=entry.industry_academia,
        categories=None if entry.categories is None else frozenset(categories),
        suitability=suitability,
        willingness={key: answer.answer for key, answer in answers.items()},
        reasons={key: answer.reason for key, answer in answers.items() if answer.reason},
        capacity_points=entry.capacity_points,
        load_limit_hard=entry.load_limit == "hard",
        history_points=entry.history_points,
        last_year=_items(entry.last_year, words, findings, (*path, "last_year")),
    )


def _items(names: Sequence[str], words: Vocabulary, findings: Findings, path: Path) -> frozenset[str]:
    found = [words.found_item(findings, (*path, position), name) for position, name in enumerate(names)]
    return frozenset(item for key in found if key is not None for item in words.items_of[key])


def _partner(entry: OutsidePartnerEntry, words: Vocabulary, findings: Findings, path: Path) -> OutsidePartner:
    because: Any = entry.because
    return OutsidePartner(entry.code, entry.name, _items(entry.items, words, findings, (*path, "items")), because)


def _demand(
    entries: ScenarioFile,
    rules: Rules,
    territory: Sequence[str],
    geography: Geography | None,
    findings: Findings,
) -> tuple[DemandPoint, ...]:
    """Junior highs as listed; without any, every township of the territory stands for them."""
    teachers = rules.measure("teachers_a_junior_high")
    if entries.junior_highs:
        if entries.shared_townships:
            findings.wrong(
                ("shared_townships",),
                M_("Shares of townships count only where no junior highs are listed."),
                None,
                M_("Write “share” at the junior highs that count in part, and delete this."),
            )
        points = []
        for position, entry in enumerate(entries.junior_highs):
            pupils = dict(entry.pupils or {})
            if entry.graduates is not None:
                pupils = {grade: pupils.get(grade, entry.graduates) for grade in GRADES}
            if not pupils:
                findings.odd(
                    ("junior_highs", position),
                    M_("The junior high has no numbers of pupils; only its teachers' trips are counted."),
                    M_("pupils by grade, or graduates"),
                    M_("Add the pupils by grade: “pupils”, with the keys 7, 8 and 9."),
                    value=entry.code,
                )
            points.append(DemandPoint(junior_high_id(entry.code), entry.name, pupils, teachers, entry.share))
        return _once(points)
    usual = rules.measure("pupils_of_a_township_without_data")
    pupils = dict.fromkeys(GRADES, int(usual + Fraction(1, 2)))
    known = {} if geography is None else geography.townships
    shares = {} if geography is None else _shared(entries, territory, geography, findings)
    return tuple(
        DemandPoint(township_id(code), known[code].name, pupils, teachers, shares.get(code, Fraction(1)))
        for code in territory
        if code in known and shares.get(code) != 0
    )


def _shared(
    entries: ScenarioFile, territory: Sequence[str], geography: Geography, findings: Findings
) -> dict[str, Fraction]:
    """TOWNCODE -> part of its people that counts here, of the townships that are shared."""
    shares: dict[str, Fraction] = {}
    for name, share in entries.shared_townships.items():
        path: Path = ("shared_townships", name)
        township = township_of(name, geography, findings, path)
        if township is None:
            continue
        if township.towncode not in territory:
            findings.wrong(
                path,
                M_("The township is no part of the community."),
                M_("a township of the community"),
                M_("Delete the entry, or add the township to “townships”."),
                value=name,
            )
        elif township.towncode in shares:
            findings.wrong(
                path,
                M_("“{name}” is stated twice, in two spellings.", name=township.name),
                None,
                M_("Keep one of the two lines."),
                value=name,
            )
        shares.setdefault(township.towncode, share)
    return shares


def _once(points: Sequence[DemandPoint]) -> tuple[DemandPoint, ...]:
    """Leave repeated ids out: they have been noted."""
    return tuple({point.id: point for point in points}.values())
