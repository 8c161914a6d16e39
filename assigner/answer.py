"""``plan.json``: the answer as a document that stands alone, and how it is read back.

Its shape is ``schemas/plan.schema.json``. Equal inputs give equal bytes, the seconds aside; titles and messages are in
the language of the run. Numbers are exact where JSON can hold them: ratios are texts such as ``"7/4"``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.files import write_whole
from assigner.messages import M_, N_, _
from assigner.words import (
    category_notes,
    part_label,
    school_name,
    text,
    violation_sentence,
)

if TYPE_CHECKING:
    from assigner.planner import Extreme, Price, Relaxed, Result
    from models.audit import Audit
    from models.community import Assignment, Plan
    from models.community import Problem as Task
    from models.conflicts import Collision
    from models.convener import ConvenerChoice
    from models.repair import Continued
    from models.rulebook import Relaxation, Rules
    from models.tiers import Tier
    from models.whatif.values import TierChange

__all__ = [
    "SCHEMA_VERSION",
    "audit_claims",
    "collision_entry",
    "document_name",
    "figures",
    "json_text",
    "load_figures",
    "plan_document",
    "plan_schema",
    "ranking_claims",
    "read_plan",
    "separate_items",
    "switch_claims",
    "tier_changes",
    "tier_entry",
    "tier_number",
    "travel_figures",
    "versions_of",
    "write_plan",
]

SCHEMA_VERSION = 1

REJECTED = N_(
    "Do not use this plan: the audit does not agree with the solver. It is kept as evidence of a fault of the program."
)


def plan_document(result: Result) -> dict[str, Any]:
    """The content of ``plan.json``; see the schema for what each key holds."""
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "status": result.status}
    if result.status == "disagrees":
        document["warning"] = _(REJECTED)
        document["disagreements"] = list(result.disagreements)
    if result.stopped_by is not None:
        document["stopped_by"] = result.stopped_by
    if result.assignment is not None and result.audit is not None:
        document.update(_plan_part(result, result.assignment, result.audit))
    elif result.status == "infeasible":
        document["collision"] = collision_entry(result.problem, result.collision)
        document["would_help"] = [_relaxation(relaxation) for relaxation in result.would_help]
    if result.among is not None and result.assignment is not None:
        document["among"] = result.among
    if result.continued is not None:
        document["start"] = _start(result.continued)
    if result.explanation is not None:
        from assigner.steering.conceding import explanation_claims

        document["explanation"] = explanation_claims(result.explanation, collision_entry, tier_entry)
    if result.convener_ranking:
        document["convener_ranking"] = ranking_claims(result.problem, result.convener_ranking)
    document["switches"] = switch_claims(result.plan.rules)
    document["relaxations"] = [_relaxed(result.problem, entry) for entry in result.relaxations]
    book = result.plan.rules.rulebook
    document["rulebook"] = {"year": book.year, "hash": book.hash, "name": text(book.title)}
    scenario = result.scenario
    document["scenario"] = None if scenario is None else {"hash": scenario.hash, "content": scenario.canonical()}
    document["versions"] = versions_of()
    document["seed"] = result.seed
    return document


def tier_changes(changes: Iterable[TierChange]) -> list[dict[str, Any]]:
    """Aims before and after, as they stand in documents."""
    return [
        {
            "name": change.tier,
            "before": tier_number(change.tier, change.before),
            "after": tier_number(change.tier, change.after),
            "verdict": change.verdict,
        }
        for change in changes
    ]


def _start(continued: Continued) -> dict[str, Any]:
    return {"lawful": continued.lawful, "kept": continued.kept, "tiers": tier_changes(continued.tiers)}


def _plan_part(result: Result, assignment: Assignment, audit: Audit) -> dict[str, Any]:
    plan = result.plan
    apart = separate_items(plan.rules)
    mandatory = [item.id for item in plan.rules.item_by_id.values() if item.mandatory]
    hosts = {i: list(assignment.hosts_of(i)) for i in plan.rules.item_by_id if assignment.hosts_of(i) or i in mandatory}
    part: dict[str, Any] = {"tiers": [tier_entry(plan, tier) for tier in result.tiers]}
    if result.price is not None:
        part["price_of_order"] = _price(result.price, plan)
    part["hosts"] = {item: codes for item, codes in hosts.items() if item not in apart}
    part["separate"] = {item: codes for item, codes in hosts.items() if item in apart}
    part["ways"] = {code: list(ways) for code, ways in sorted(assignment.ways.items())}
    part["convener"] = assignment.convener
    part.update(figures(plan, assignment))
    part["audit"] = audit_claims(plan.problem, audit)
    return part


def figures(plan: Plan, assignment: Assignment) -> dict[str, Any]:
    """Loads, travel and obligations of an assignment, as they stand in ``plan.json``."""
    from models.obligations import obligations

    return {
        "loads": _loads(plan, assignment),
        f"travel_{plan.problem.distances.unit}": travel_figures(plan, assignment),
        "obligations": {
            code: [_due(due.obligation) for due in entries]
            for code, entries in sorted(obligations(plan, assignment).items())
        },
    }


def ranking_claims(problem: Task, ranking: Iterable[ConvenerChoice]) -> list[dict[str, Any]]:
    """The ranking of the schools that could convene, as it stands in ``plan.json``."""
    return [
        {
            "code": choice.code,
            "name": school_name(problem, choice.code),
            "benchmark": choice.benchmark,
            "willingness": choice.willingness,
            "travel": _number(Fraction(choice.travel, 10)),
            "unit": problem.distances.unit,
        }
        for choice in ranking
    ]


def separate_items(rules: Rules) -> frozenset[str]:
    """Items with a plan and budget of their own (5.1–5.5, 6): must be hosted, but are not balanced with the rest."""
    return frozenset(item.id for item in rules.rulebook.items if item.mandatory and item.load == "separate")


def tier_entry(plan: Plan, tier: Tier) -> dict[str, Any]:
    """One tier as it stands in ``plan.json``."""
    entry = {
        "name": tier.name,
        "value": tier_number(tier.name, tier.value),
        "bound": tier_number(tier.name, tier.bound),
        "status": tier.status,
        "seconds": round(tier.seconds, 3),
    }
    if tier.name == "travel":
        entry["unit"] = f"person_{plan.problem.distances.unit}"
    return entry


def tier_number(name: str, value: Any) -> Any:
    """A tier's value as JSON: a number, a list of ratios as texts, or the text of the tie-break."""
    if value is None or isinstance(value, str):
        return value
    if name == "travel":
        return _number(value / 10)
    if isinstance(value, tuple):
        return [_number(v) for v in value] if name == "exploration" else [str(v) for v in value]
    return _number(value)


def _number(value: Fraction | int) -> int | float:
    value = Fraction(value)
    return int(value) if value.denominator == 1 else float(value)


def _price(price: Price, plan: Plan) -> dict[str, Any]:
    def entry(extreme: Extreme) -> dict[str, Any]:
        return {
            "travel": tier_number("travel", extreme.travel),
            "overload": tier_number("overload", extreme.overload),
            "load": tier_number("load", extreme.load),
            "proven": extreme.proven,
        }

    return {
        "unit": f"person_{plan.problem.distances.unit}",
        "plan": entry(price.plan),
        "travel_first": entry(price.travel_first),
        "loads_first": entry(price.loads_first),
    }


def _loads(plan: Plan, assignment: Assignment) -> dict[str, Any]:
    figures_of = load_figures(plan, assignment)
    return {code: {"name": school_name(plan.problem, code), **entry} for code, entry in figures_of.items()}


def load_figures(plan: Plan, assignment: Assignment) -> dict[str, dict[str, Any]]:
    """School -> its points, capacity, ratio, level and of what they are made, as they stand in ``plan.json``."""
    from models.objectives.load import effort_points, level, points

    effort = effort_points(plan, assignment)
    separate = effort_points(plan, assignment, separate=True)
    base = plan.rules.measure("convener_base_points")
    loads = {}
    for code, total in sorted(points(plan, assignment).items()):
        school = plan.problem.community.school_by_code.get(code)
        capacity = plan.capacity(code)
        loads[code] = {
            "points": _number(total),
            "capacity": _number(capacity),
            "ratio": str(total / capacity),
            "level": str(level(plan, code, total)),
            "base": _number(base if code == plan.convener else 0),
            "history": _number(school.history_points if school else 0),
            "effort": _number(effort.get(code, 0)),
            "separate": _number(separate.get(code, 0)),
        }
    return loads


def travel_figures(plan: Plan, assignment: Assignment) -> dict[str, Any]:
    """Travel in all and of each unit, as it stands in ``plan.json``."""
    from models.objectives.travel import unit_value

    items = {
        unit.id: unit_value(plan, unit, assignment)
        for unit in plan.rules.units.values()
        if unit.trips is not None and assignment.unit_hosts(unit.items)
    }
    return {
        "total": tier_number("travel", sum(items.values(), Fraction(0))),
        "items": {unit: tier_number("travel", value) for unit, value in items.items()},
    }


def _due(obligation: Any) -> dict[str, Any]:
    return {
        "id": obligation.id,
        "kind": obligation.kind,
        "title": text(obligation.title),
        "items": list(obligation.items),
        "at_least": obligation.at_least,
        "at_most": obligation.at_most,
        "per": obligation.per,
        "remark": obligation.remark,
        "place": obligation.place,
        "quote": obligation.quote,
    }


def audit_claims(problem: Task, audit: Audit) -> dict[str, Any]:
    """The audit as it stands in ``plan.json``."""
    findings = []
    for finding in audit.findings:
        sentences = [violation_sentence(problem, violation) for violation in finding.violations]
        findings.append(
            {
                "clause": finding.clause.id,
                "ok": finding.ok,
                "message": " ".join(sentences) or _("Kept."),
                "title": text(finding.clause.title),
                "place": finding.clause.place,
                "quote": finding.clause.quote,
            }
        )
    notes = category_notes(problem.rules, audit.missing_categories, audit.unknown_categories)
    return {"ok": audit.ok, "findings": findings, "notes": notes}


def switch_claims(rules: Rules) -> list[dict[str, Any]]:
    """The readings in force as they stand in ``plan.json``."""
    entries = []
    for switch in rules.rulebook.switches:
        option = rules.option(switch.id)
        entries.append(
            {
                "id": switch.id,
                "title": text(switch.title),
                "option": option,
                "option_title": next(text(o.title) for o in switch.options if o.id == option),
                "default": option == switch.default,
                "place": switch.place,
                "quote": switch.quote,
            }
        )
    return entries


def _relaxation(relaxation: Relaxation) -> dict[str, Any]:
    return {"id": relaxation.id, "title": text(relaxation.title), "set": dict(relaxation.set_)}


def _relaxed(problem: Task, entry: Relaxed) -> dict[str, Any]:
    because = None if entry.because is None else collision_entry(problem, entry.because)
    return {**_relaxation(entry.relaxation), "because": because}


def collision_entry(problem: Task, found: Collision | None) -> list[dict[str, Any]]:
    """Clauses that cannot hold together, in words, each with what it is about."""
    if found is None:
        return []
    clauses = {clause.id: clause for clause in problem.rules.rulebook.clauses}
    return [
        {
            "clause": clause,
            "title": text(clauses[clause].title),
            "place": clauses[clause].place,
            "quote": clauses[clause].quote,
            "about": [part_label(problem, part) for other, part in found.parts if other == clause],
        }
        for clause in found.clauses
    ]


@cache
def _versions_cached() -> tuple[tuple[str, Any], ...]:
    from importlib.metadata import version

    import assigner

    return (("program", assigner.__version__), ("ortools", version("ortools")), ("schema", SCHEMA_VERSION))


def versions_of(*, schema: int = SCHEMA_VERSION) -> dict[str, Any]:
    """Versions of the program, of its solver and of the format of a document."""
    return dict(_versions_cached()) | {"schema": schema}


# ------------------------------------------------------------------------------------------------------------ files


def json_text(document: Mapping[str, Any]) -> str:
    """JSON as it is written to files and to the standard output."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def document_name(result: Result) -> str:
    """Name of the file: a plan that the audit refuses is never called a plan."""
    return "plan-rejected.json" if result.status == "disagrees" else "plan.json"


def write_plan(result: Result, folder: str | Path) -> Path:
    """Write the answer into a folder, whole or not at all, and return the path of the file."""
    path = Path(folder) / document_name(result)
    write_whole(path, result.to_json())
    return path


def plan_schema() -> dict[str, Any]:
    """JSON Schema of ``plan.json``."""
    content = (resources.files("assigner") / "schemas" / "plan.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(content)
    return schema


def read_plan(path: str | Path) -> dict[str, Any]:
    """Read a ``plan.json``, from this program or from anyone.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        It is no JSON, or lacks what a plan needs; every fault with its place.
    OSError
        The file cannot be read.
    """
    try:
        document = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _fault(path, Place(), ABSENT, M_("The file is not UTF-8 text."), None) from None
    except json.JSONDecodeError as error:
        place = Place(line=error.lineno, column=error.colno)
        raise _fault(path, place, ABSENT, M_("The file is not JSON."), None) from None
    problems = list(_shape_faults(path, document))
    if problems:
        raise InputError(problems)
    result: dict[str, Any] = document
    return result


_MEND = M_("Take a plan.json that “assigner solve” wrote, or compare with “assigner schema plan”.")


def _fault(path: str | Path, place: Place, value: object, what: Any, expected: Any) -> InputError:
    return InputError([Problem(path, place, value, what, expected, _MEND)])


def _shape_faults(path: str | Path, document: Any) -> Iterable[Problem]:
    """What keeps a document from being audited; all else is for the audit and the schema to say."""
    if not isinstance(document, dict):
        yield Problem(path, Place(), ABSENT, M_("The file holds no plan."), M_("an object with a key “hosts”"), _MEND)
        return
    if document.get("status") in ("infeasible", "stopped"):
        what = M_("The file says why there is no plan; there is nothing to audit.")
        yield Problem(path, Place("status"), document["status"], what, None, _MEND)
        return
    version = document.get("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        yield Problem(
            path,
            Place("schema_version"),
            version,
            M_("This version of the format is not known."),
            M_("version {version}", version=SCHEMA_VERSION),
            M_("Use the program that wrote the plan, or a newer one."),
        )
        return
    for key in ("hosts", "separate", "ways"):
        table = document.get(key, ABSENT if key == "hosts" else {})
        if not isinstance(table, dict):
            what = M_("The hosts are missing.") if table is ABSENT else M_("This is no table.")
            yield Problem(path, Place(key), table, what, M_("item -> list of school codes"), _MEND)
            continue
        for item, codes in table.items():
            if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
                what = M_("This is no list of codes.")
                yield Problem(path, Place(f"{key}.{item}"), codes, what, M_("a list of texts"), _MEND)
    if not isinstance(document.get("convener"), str):
        value = document.get("convener", ABSENT)
        yield Problem(path, Place("convener"), value, M_("The convener is missing."), M_("a school code"), _MEND)
    for key, kind, expected in (
        ("tiers", list, M_("a list")),
        ("relaxations", list, M_("a list")),
        ("switches", list, M_("a list")),
    ):
        entries = document.get(key, [])
        if not isinstance(entries, kind) or not all(isinstance(entry, dict) for entry in entries):
            yield Problem(path, Place(key), ABSENT, M_("This is no list of objects."), expected, _MEND)
    for key in ("scenario", "rulebook"):
        if not isinstance(document.get(key) or {}, dict):
            yield Problem(path, Place(key), document[key], M_("This is no table."), M_("an object"), _MEND)
