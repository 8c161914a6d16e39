"""Each of the two plans as a scenario of its own, so that everything that takes a scenario goes on with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assigner.messages import _
from assigner.scenario.canonical import file_of
from assigner.scenario.scenario import Scenario, _assembled
from assigner.splitting.territory import towns_of
from models.documents import Document

if TYPE_CHECKING:
    from models.community import Problem
    from models.split.values import PlanOfSide

__all__ = ["part_scenario"]


def part_scenario(whole: Scenario, side: PlanOfSide, number: int) -> Scenario:
    """The scenario of one plan: its schools, junior highs, territory, wishes and convener.

    Parameters
    ----------
    whole : Scenario
        Of the community.
    side : PlanOfSide
        One of the two plans.
    number : {1, 2}

    Returns
    -------
    Scenario
        Its problem is that of the plan.
    """
    problem = side.plan.problem
    data = file_of(whole)
    inside = set(problem.community.school_by_code)
    known = inside | {partner.code for partner in problem.community.outside_partners}
    points = {point.id: point for point in problem.community.demand_points}
    shares = {point.id: point.share for point in whole.community.demand_points}
    left_out = [item for item in whole.rules.item_by_id if item not in problem.rules.item_by_id]
    towns = list(towns_of(whole, side.nodes))
    data |= {
        "id": f"{data['id'][:78]}-{number}",
        "name": _("{community}, plan {number}", community=data["name"] or data["id"], number=number),
        "townships": towns,
        "relaxations": _relaxations(whole, problem),
        "switches": dict(problem.rules.choice),
        "convener": side.convener,
        "schools": [school for school in data["schools"] if school["code"] in inside],
        "junior_highs": [entry for entry in data["junior_highs"] if f"J{entry['code']}" in points],
        "shared_townships": {town: share for town, share in data.get("shared_townships", {}).items() if town in towns},
        "pins": _kept(data["pins"], known, left_out),
        "bans": _kept(data["bans"], known, left_out),
        "host_numbers": {item: n for item, n in data["host_numbers"].items() if item not in left_out},
        "ways": {code: ways for code, ways in data["ways"].items() if code in inside},
        "part_of": {
            "community": data["name"],
            "schools": problem.divided_from,
            "elsewhere": left_out,
            "half": sorted(identity[1:] for identity, point in points.items() if point.share != shares[identity]),
            "no_junior_highs": not points and bool(whole.community.demand_points),
        },
    }
    made = _assembled(
        Document(whole.source.file, data), whole.source.file, None, whole.rulebook, problem.distances, whole.geography
    )
    # What names files goes on naming them; the rest of a canonical scenario does not.
    entries, own = made.entries, whole.entries
    kept = {
        "rulebook": own.rulebook,
        "travel": own.travel,
        "geography": own.geography,
        "townships": tuple(data["townships"]),
    }
    return replace(made, entries=entries.model_copy(update=kept))


def _relaxations(whole: Scenario, problem: Problem) -> Any:
    """The relaxations that hold in any case, as the scenario says; those that were needed are stated as well."""
    own = whole.entries.relaxations
    return list(own) if isinstance(own, tuple) else own


def _kept(wishes: dict[str, list[str]], known: Collection[str], left_out: Collection[str]) -> dict[str, list[str]]:
    kept = {item: [code for code in codes if code in known] for item, codes in wishes.items() if item not in left_out}
    return {item: codes for item, codes in kept.items() if codes}
