"""``split.json``: the answer to a split as a document that stands alone.

Its shape is ``schemas/split.schema.json``. Each plan in it is a whole ``plan.json``. Equal inputs give equal bytes, the
seconds aside; messages are in the language of the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING, Any

from assigner.answer import (
    REJECTED,
    collision_entry,
    plan_document,
    plan_schema,
    switch_claims,
    tier_number,
    versions_of,
)
from assigner.messages import _
from assigner.splitting.territory import towns_of
from assigner.steering.conceding import gives_up_claims
from assigner.words import text

if TYPE_CHECKING:
    from assigner.splitting.solving import Split
    from models.split.explain import PairExplanation
    from models.split.values import Move, Proposal, Refusal, Remedy
    from models.split.wishes import SplitWish, WishesToDrop
    from models.tiers import Tier

__all__ = ["SCHEMA_VERSION", "pair_entry", "split_document", "split_schema"]

SCHEMA_VERSION = 1

_UNITS = {"travel": "person_{unit}", "convener_travel": "{unit}"}


def split_document(answer: Split) -> dict[str, Any]:
    """The content of ``split.json``; see the schema for what each key holds."""
    found = answer.found
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "status": answer.status}
    if answer.status == "disagrees":
        document |= {"warning": _(REJECTED), "disagreements": list(found.disagreements)}
    if answer.stopped_by is not None:
        document["stopped_by"] = answer.stopped_by
    document["asked"] = _asked(answer)
    document["participants"] = list(answer.problem.participants)
    if answer.status != "refused":
        document["divisions"] = found.divisions
        document["engine"] = found.engine
    if answer.proposal is not None:
        document |= _pair_part(answer, answer.proposal)
    if answer.together is not None:
        document["together"] = _together(answer)
    if answer.alternatives is not None:
        document["alternatives"] = {
            "complete": answer.alternatives.complete,
            "best": [pair_entry(answer, other) for other in answer.alternatives.best],
            "different": [pair_entry(answer, other) for other in answer.alternatives.different],
        }
    if answer.moves is not None:
        document["border"] = [_move(answer, move) for move in answer.moves]
    if found.refusals:
        document["refusals"] = [_refusal(answer, refusal) for refusal in found.refusals]
    if found.remedies:
        document["remedies"] = [_remedy(answer, remedy) for remedy in found.remedies]
    if answer.explanation is not None:
        document["explanation"] = _explanation(answer, answer.explanation)
    if answer.to_drop is not None:
        document["wishes_to_drop"] = _to_drop(answer.to_drop)
    document["switches"] = switch_claims(answer.problem.rules)
    document["relaxations"] = [relaxation.id for relaxation in answer.scenario.stated_relaxations]
    book = answer.problem.rules.rulebook
    document["rulebook"] = {"year": book.year, "hash": book.hash, "name": text(book.title)}
    document["scenario"] = {"hash": answer.scenario.hash, "content": answer.scenario.canonical()}
    document["versions"] = versions_of(schema=SCHEMA_VERSION)
    document["seed"] = answer.seed
    return document


def _explanation(answer: Split, found: PairExplanation) -> dict[str, Any]:
    return {
        "schools": [sorted(plan.participants) for plan in found.plans],
        "collisions": [
            [collision_entry(plan.problem, one) for one in own]
            for plan, own in zip(found.plans, found.collisions, strict=True)
        ],
        "ways_out": {
            "complete": found.complete,
            "cheapest_complete": found.cheapest_complete,
            "stopped_by": found.stopped_by,
            "ways": [
                {
                    "price": str(way.price),
                    "gives_up": gives_up_claims(answer.problem, way.gives_up),
                    "pair": None if way.proposal is None else pair_entry(answer, way.proposal),
                }
                for way in found.ways
            ],
        },
    }


def _to_drop(found: WishesToDrop) -> dict[str, Any]:
    def entries(wishes: Iterable[SplitWish]) -> list[dict[str, Any]]:
        return [{"kind": wish.kind, "schools": list(wish.schools), "price": str(wish.price)} for wish in wishes]

    return {
        "complete": found.complete,
        "stopped_by": found.stopped_by,
        "collisions": [entries(one) for one in found.collisions],
        "ways": [entries(way) for way in found.ways],
    }


def _asked(answer: Split) -> dict[str, Any]:
    asked = answer.asked
    wishes = asked.wishes
    return {
        "unit": "school" if asked.every else "township",
        "divisible": list(asked.divisible),
        "together": [list(group) for group in wishes.together],
        "apart": [list(pair) for pair in wishes.apart],
        "conveners": list(wishes.conveners),
        "convening": wishes.convening,
        "kept": None if wishes.kept is None else sorted(wishes.kept),
        "old": None if wishes.old is None else {code: side + 1 for code, side in sorted(wishes.old.items())},
    }


def _pair_part(answer: Split, proposal: Proposal) -> dict[str, Any]:
    from assigner.report.split_tables import units_hosted
    from models.split.measures import categories_missing, convener_travel

    plans = []
    for number, (side, result) in enumerate(zip(proposal.plans, answer.plans, strict=True), 1):
        way = convener_travel(answer.problem, side.plan.participants, side.convener)
        plans.append(
            {
                "plan": number,
                "convener": side.convener,
                "schools": list(side.plan.participants),
                "townships": list(towns_of(answer.scenario, side.nodes)),
                "units_hosted": units_hosted(side.plan, side.assignment),
                "convener_travel": number_of("convener_travel", way),
                "categories_missing": list(categories_missing(answer.problem, side.plan.participants)),
                "document": plan_document(result),
            }
        )
    return {
        "tiers": [_tier(answer, tier) for tier in answer.found.tiers],
        "proven": proposal.proven and answer.status == "optimal",
        "pieces": proposal.pieces,
        "plans": plans,
    }


def number_of(name: str, value: Any) -> Any:
    """The value of an aim as JSON."""
    if name == "convener_travel" and value is not None:
        exact = Fraction(value) / 10
        return int(exact) if exact.denominator == 1 else float(exact)
    return tier_number(name, value)


def _tier(answer: Split, tier: Tier) -> dict[str, Any]:
    entry = {
        "name": tier.name,
        "value": number_of(tier.name, tier.value),
        "bound": number_of(tier.name, tier.bound),
        "status": tier.status,
        "seconds": round(tier.seconds, 3),
    }
    if tier.name in _UNITS:
        entry["unit"] = _UNITS[tier.name].format(unit=answer.problem.distances.unit)
    return entry


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number_of(name, value) for name, value in values.items() if name != "tie_break"}


def _together(answer: Split) -> dict[str, Any]:
    from assigner.report.split_tables import together_values, units_hosted

    whole = answer.together
    assert whole is not None
    entry: dict[str, Any] = {"status": whole.status}
    if whole.assignment is not None:
        entry |= {
            "convener": whole.plan.convener,
            "units_hosted": units_hosted(whole.plan, whole.assignment),
            "relaxations": [relaxed.relaxation.id for relaxed in whole.relaxations],
            "values": _values(together_values(answer)),
        }
    return entry


def pair_entry(answer: Split, pair: Proposal) -> dict[str, Any]:
    """Another pair of plans: who lies where, who convenes, what it is worth."""
    from assigner.report.split_tables import moved_schools

    moved = () if answer.proposal is None else moved_schools(answer, answer.proposal, pair)
    return {
        "schools": [list(side.plan.participants) for side in pair.plans],
        "townships": [list(towns_of(answer.scenario, side.nodes)) for side in pair.plans],
        "conveners": [side.convener for side in pair.plans],
        "moved": list(moved),
        "values": _values(pair.values),
        "proven": pair.proven,
        "lawful": pair.lawful,
    }


def _move(answer: Split, move: Move) -> dict[str, Any]:
    from assigner.report.split_statements import moved
    from assigner.splitting.territory import school_of_node, town_of_node

    entry: dict[str, Any] = {
        "township": town_of_node(move.node),
        "school": school_of_node(move.node) or None,
        "to": move.to + 1,
        "lawful": move.proposal is not None,
        "message": moved(answer, move).told,
    }
    if move.proposal is not None:
        entry["values"] = _values(move.proposal.values)
    else:
        entry["refusals"] = [refusal.code for refusal in move.refusals]
    return entry


def _refusal(answer: Split, refusal: Refusal) -> dict[str, Any]:
    from assigner.report.split_statements import refused

    said = refused(answer, refusal)
    return {
        "code": refusal.code,
        "clause": refusal.clause,
        "message": said.text,
        "source": said.source,
        "schools": list(refusal.schools),
        "townships": list(towns_of(answer.scenario, refusal.nodes)),
    }


def _remedy(answer: Split, remedy: Remedy) -> dict[str, Any]:
    from assigner.report.split_statements import helping_by

    said = helping_by(answer, remedy)
    return {
        "code": remedy.code,
        "message": said.told,
        "option": said.option,
        "sizes": list(remedy.proposal.sizes),
        "conveners": [side.convener for side in remedy.proposal.plans],
        "schools": [list(side.plan.participants) for side in remedy.proposal.plans],
    }


def split_schema() -> dict[str, Any]:
    """JSON Schema of ``split.json``, with that of ``plan.json`` inside."""
    content = (resources.files("assigner") / "schemas" / "split.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(content)
    schema["$defs"]["plan"] = {"$id": "plan.schema.json", **plan_schema()}
    return schema
