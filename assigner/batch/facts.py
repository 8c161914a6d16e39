"""What is kept of an answer: language-free JSON, and the answer back from it.

It holds what a report counts, and no more than the answer takes to be made again: the scenario is kept apart, the audit
and all words are worked out anew.

A plan's facts have ``kind`` (``"plan"``), ``status``, ``stopped_by``, ``disagreements``, ``n``, ``participants``,
``convener``, ``benchmark``, ``tiers`` (as in ``plan.json``), ``exact`` (tier -> value and bound as exact texts),
``hosts``, ``ways``, ``loads``, ``travel`` (with its ``unit``), ``relaxations`` (``id``, ``because``: clauses that
collide without it, ``parts``), ``collision`` and ``would_help`` where there is no lawful plan, ``missing_categories``,
``price``, ``audit_ok``, ``solver_seconds`` and ``seed``.

A split's facts have ``kind`` (``"split"``), ``status``, ``n``, ``refused_by`` (ids of docs/split.md), ``remedies``,
``divisions``, ``pieces``, ``tiers`` (over both plans), ``plans`` (``convener``, ``schools``, ``units``,
``convener_travel``, ``missing_categories``, ``loads``, ``hosts``), ``together`` (``tiers``, ``units``, ``status`` of
not splitting) and ``solver_seconds``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.errors import Problem as Finding
    from assigner.planner import Extreme, Price, Relaxed, Result
    from assigner.scenario import Scenario
    from assigner.splitting.solving import Split
    from models.community import Problem
    from models.conflicts import Collision
    from models.tiers import TierValue

__all__ = ["facts_of", "problem_entry", "result_of", "split_facts"]


def facts_of(result: Result) -> dict[str, Any]:
    """The facts of a plan.

    Parameters
    ----------
    result : Result

    Returns
    -------
    dict
        See the module.
    """
    from assigner.answer import load_figures, tier_entry, travel_figures

    plan, found = result.plan, result.assignment
    facts: dict[str, Any] = {
        "kind": "plan",
        "status": result.status,
        "stopped_by": result.stopped_by,
        "disagreements": list(result.disagreements),
        "n": len(plan.participants),
        "participants": list(plan.participants),
        "convener": found.convener if found is not None else plan.convener,
        "benchmark": list(plan.problem.benchmarks),
        "tiers": [tier_entry(plan, tier) for tier in result.tiers],
        "exact": {tier.name: [_exact(tier.value), _exact(tier.bound)] for tier in result.tiers},
        "relaxations": [_relaxed(entry) for entry in result.relaxations],
        "collision": _parts(result.collision),
        "would_help": [relaxation.id for relaxation in result.would_help],
        "price": None if result.price is None else _price(result.price),
        "audit_ok": result.audit is not None and result.audit.ok,
        "missing_categories": [] if result.audit is None else list(result.audit.missing_categories),
        "solver_seconds": round(result.solver_seconds, 4),
        "seed": result.seed,
    }
    if found is not None:
        facts["hosts"] = {item: list(codes) for item, codes in found.hosts.items()}
        facts["ways"] = {code: list(ways) for code, ways in found.ways.items()}
        facts["loads"] = load_figures(plan, found)
        facts["travel"] = {"unit": plan.problem.distances.unit, **travel_figures(plan, found)}
    return facts


def result_of(facts: Mapping[str, Any], scenario: Scenario, problem: Problem | None = None) -> Result:
    """The answer back from its facts.

    Parameters
    ----------
    facts : Mapping
        Of a plan.
    scenario : Scenario
        Whose plan it is, under the changes of its variant.
    problem : Problem, optional
        In place of the scenario's own: where clauses are lifted.

    Returns
    -------
    Result
        Audited anew; equal to the one that was kept, apart from how long it took.
    """
    from assigner.planner import Relaxed, Result
    from models.audit import audit
    from models.community import Assignment, Plan
    from models.conflicts import relaxed
    from models.convener import choose_convener
    from models.obligations import obligations
    from models.tiers import Tier

    original = scenario.problem() if problem is None else problem
    known = {relaxation.id: relaxation for relaxation in original.rules.rulebook.relaxations}
    in_force = tuple(Relaxed(known[entry["id"]], _collision(entry["parts"])) for entry in facts["relaxations"])
    task = relaxed(original, [entry.relaxation for entry in in_force])
    plan = Plan(task, facts["convener"])
    made = Result(
        facts["status"],
        plan,
        tiers=tuple(
            Tier(
                entry["name"],
                _value(facts["exact"][entry["name"]][0]),
                _value(facts["exact"][entry["name"]][1]),
                entry["status"],
                entry["seconds"],
            )
            for entry in facts["tiers"]
        ),
        convener_ranking=choose_convener(original) if original.wishes.convener is None else (),
        relaxations=in_force,
        price=_price_back(facts["price"]),
        collision=_collision(facts["collision"]),
        would_help=tuple(known[name] for name in facts["would_help"]),
        disagreements=tuple(facts["disagreements"]),
        stopped_by=facts["stopped_by"],
        scenario=scenario,
        seed=facts["seed"],
        solver_seconds=facts["solver_seconds"],
    )
    if "hosts" not in facts:
        return made
    found = Assignment(facts["convener"], _tuples(facts["hosts"]), _tuples(facts["ways"]))
    return replace(made, assignment=found, audit=audit(task, found), obligations=obligations(plan, found))


def split_facts(answer: Split) -> dict[str, Any]:
    """The facts of a split.

    Parameters
    ----------
    answer : Split

    Returns
    -------
    dict
        See the module.
    """
    from assigner.answer import load_figures, tier_entry, tier_number
    from assigner.report.split_tables import units_hosted
    from models.split.measures import categories_missing, convener_travel

    found, proposal, problem = answer.found, answer.proposal, answer.problem
    facts: dict[str, Any] = {
        "kind": "split",
        "status": answer.status,
        "stopped_by": answer.stopped_by,
        "n": len(problem.participants),
        "refused_by": [refusal.code for refusal in found.refusals],
        "remedies": [remedy.code for remedy in found.remedies],
        "divisions": found.divisions,
        "pieces": None if proposal is None else proposal.pieces,
        "tiers": [
            {"name": tier.name, "value": tier_number(tier.name, tier.value), "status": tier.status}
            for tier in found.tiers
        ],
        "plans": [],
        "together": None,
        "solver_seconds": round(found.solver_seconds, 4),
    }
    for side in () if proposal is None else proposal.plans:
        schools = side.plan.participants
        facts["plans"].append(
            {
                "convener": side.convener,
                "schools": list(schools),
                "units": units_hosted(side.plan, side.assignment),
                "convener_travel": tier_number("convener_travel", convener_travel(problem, schools, side.convener)),
                "missing_categories": list(categories_missing(problem, schools)),
                "loads": load_figures(side.plan, side.assignment),
                "hosts": {item: list(codes) for item, codes in side.assignment.hosts.items()},
            }
        )
    one = answer.together
    if one is not None:
        facts["together"] = {
            "status": one.status,
            "units": 0 if one.assignment is None else units_hosted(one.plan, one.assignment),
            "tiers": [tier_entry(one.plan, tier) for tier in one.tiers],
        }
    return facts


def problem_entry(finding: Finding) -> dict[str, Any]:
    """What is wrong with an input as JSON: where, and its sentences in English and in the language of the run.

    Parameters
    ----------
    finding : Problem
        Of `assigner.errors`.
    """
    return {
        "file": str(finding.file),
        "key": finding.place.key,
        "line": finding.place.line,
        "cell": finding.place.cell,
        "text": str(finding),
    }


# ----------------------------------------------------------------------------------------------------- exact numbers


def _exact(value: TierValue | None) -> Any:
    """An exact number as text, a vector as a list of them, a text as itself with a mark."""
    if value is None:
        return None
    if isinstance(value, str):
        return {"text": value}
    return [str(part) for part in value] if isinstance(value, tuple) else str(value)


def _value(kept: Any) -> Any:
    if kept is None:
        return None
    if isinstance(kept, dict):
        return kept["text"]
    return tuple(map(Fraction, kept)) if isinstance(kept, list) else Fraction(kept)


def _tuples(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(codes) for key, codes in table.items()}


def _relaxed(entry: Relaxed) -> dict[str, Any]:
    because = [] if entry.because is None else list(entry.because.clauses)
    return {"id": entry.relaxation.id, "because": because, "parts": _parts(entry.because)}


def _parts(found: Collision | None) -> list[list[str]] | None:
    return None if found is None else [list(part) for part in found.parts]


def _collision(parts: Iterable[Iterable[str]] | None) -> Collision | None:
    from models.conflicts import Collision

    if parts is None:
        return None
    pairs = [tuple(part) for part in parts]
    return Collision(tuple((clause, part) for clause, part in pairs))


_PRICE = ("plan", "travel_first", "loads_first")


def _price(price: Price) -> dict[str, Any]:
    def entry(extreme: Extreme) -> list[Any]:
        return [str(extreme.travel), str(extreme.overload), [str(part) for part in extreme.load], extreme.proven]

    return {name: entry(getattr(price, name)) for name in _PRICE} | {"least_travel": str(price.least_travel)}


def _price_back(kept: Mapping[str, Any] | None) -> Price | None:
    from assigner.planner import Extreme, Price

    if kept is None:
        return None

    def extreme(travel: str, overload: str, load: list[str], proven: bool) -> Extreme:
        return Extreme(Fraction(travel), Fraction(overload), tuple(map(Fraction, load)), proven)

    plan, travel_first, loads_first = (extreme(*kept[name]) for name in _PRICE)
    return Price(plan, travel_first, loads_first, Fraction(kept["least_travel"]))
