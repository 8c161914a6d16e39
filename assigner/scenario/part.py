"""One of the two plans of a divided community as a scenario of its own: what it takes from the whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.messages import M_, join_list
from assigner.scenario.entries import ScenarioFile
from assigner.scenario.people import junior_high_id, township_id
from assigner.scenario.source import Findings
from assigner.scenario.vocabulary import Vocabulary
from geodata.townships import TownshipNameError
from models.community import Problem

if TYPE_CHECKING:
    from assigner.scenario.scenario import Scenario
    from geodata.geography import Geography
    from models.community import DemandPoint

__all__ = ["part_as_stated", "part_of_whole", "stated_share"]

HALF = Fraction(1, 2)


def part_of_whole(
    entries: ScenarioFile, words: Vocabulary, problem: Problem, geography: Geography, findings: Findings
) -> Problem:
    """The problem of a plan as it is when another plan of the same community stands beside it.

    Parameters
    ----------
    entries, words
        The scenario so far; without ``part_of`` the problem is given back as it is.
    problem
        As if the plan were a community alone.
    geography
        Names of townships.
    findings
        Where to note what is wrong.
    """
    stated = entries.part_of
    if stated is None:
        return problem
    if stated.schools < len(problem.participants):
        findings.wrong(
            ("part_of", "schools"),
            M_(
                "The whole community cannot have fewer schools than this plan, which has {n}.",
                n=len(problem.participants),
            ),
            M_("the number of schools of both plans"),
            M_("Correct the number, or delete “part_of” if this is no part of a divided community."),
            value=stated.schools,
        )
    once = problem.rules.once_in_community
    left_out: set[str] = set()
    for position, word in enumerate(stated.elsewhere):
        key = words.found_item(findings, ("part_of", "elsewhere", position), word)
        if key is None:
            continue
        items = words.items_of[key]
        if not set(items) <= set(once):
            findings.wrong(
                ("part_of", "elsewhere", position),
                M_("This item is hosted in each of the two plans, so the other plan does not host it for this one."),
                M_("one of: {choices}", choices=join_list(once)) if once else None,
                M_("Delete it here, or choose “once” for it under “switches”."),
                value=word,
            )
        left_out.update(items)
    halves = {
        identity
        for position, word in enumerate(stated.half)
        if (identity := _demand(problem, word, position, geography, findings))
    }
    return _with_shares(_without(problem, left_out, findings), halves, stated.schools, stated.no_junior_highs)


def _demand(problem: Problem, word: str, position: int, geography: Geography, findings: Findings) -> str | None:
    """Id of the junior high or township that a word names."""
    known = {point.id for point in problem.community.demand_points}
    candidates = [junior_high_id(word), junior_high_id(word.zfill(6)), township_id(word), word]
    with suppress(TownshipNameError):
        candidates.append(township_id(geography.find(word).towncode))
    found = next((identity for identity in candidates if identity in known), None)
    if found is None:
        findings.wrong(
            ("part_of", "half", position),
            M_("No junior high of this scenario has this code."),
            M_("the code of a junior high under “junior_highs”, or a township"),
            M_("Correct it, or delete it."),
            value=word,
        )
    return found


def _without(problem: Problem, items: set[str], findings: Findings) -> Problem:
    """The problem as if some items did not exist: rules, and wishes about them."""
    if not items:
        return problem
    rules, wishes = problem.rules, problem.wishes
    rules = rules.restricted_to(frozenset(item for item in rules.item_by_id if item not in items))
    for item, code in sorted(wishes.pins):
        if item in items:
            findings.odd(
                ("pins", item),
                M_("The other plan hosts this item for the whole community, so the wish is left aside."),
                None,
                M_("Delete it, or delete the item under “part_of”."),
                value=f"{item}: {code}",
            )
    return replace(
        problem,
        rules=rules,
        wishes=replace(
            wishes,
            pins=frozenset(pin for pin in wishes.pins if pin[0] not in items),
            bans=frozenset(ban for ban in wishes.bans if ban[0] not in items),
            host_numbers={item: number for item, number in wishes.host_numbers.items() if item not in items},
        ),
    )


def _with_shares(problem: Problem, halves: set[str], schools: int, nobody: bool) -> Problem:
    points = tuple(
        replace(point, share=point.share * HALF) if point.id in halves else point
        for point in problem.community.demand_points
        if not nobody
    )
    community, distances = replace(problem.community, demand_points=points), problem.distances
    if nobody:
        distances = replace(distances, demand_points=(), from_demand=distances.from_demand[:0])
    return replace(problem, community=community, distances=distances, divided_from=schools)


def stated_share(scenario: Scenario, point: DemandPoint) -> Fraction:
    """Share of a demand point before the community was divided: half of it may count for the other plan."""
    entries = scenario.entries
    if entries.part_of is None:
        return point.share
    shares = {junior_high_id(entry.code): entry.share for entry in entries.junior_highs}
    for name, share in entries.shared_townships.items():
        shares[township_id(scenario.geography.find(name).towncode)] = share
    return shares.get(point.id, Fraction(1))


def part_as_stated(scenario: Scenario) -> dict[str, Any]:
    """What `part_of` says, in one spelling and sorted."""
    stated = scenario.entries.part_of
    assert stated is not None
    problem = scenario.problem()
    there = problem.rules.item_by_id
    left_out = [item.id for item in problem.rules.rulebook.items if item.id not in there]
    return {
        "community": stated.community,
        "schools": stated.schools,
        "elsewhere": left_out,
        "half": sorted(
            point.id[1:] for point in problem.community.demand_points if point.share != stated_share(scenario, point)
        ),
        "no_junior_highs": stated.no_junior_highs,
    }
