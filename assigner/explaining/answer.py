"""Answers about a plan as documents for programs; exact numbers are whole numbers or texts such as ``"7/4"``.

Titles and sentences are in the language of the run; ids are not. `tier_number` writes values as ``plan.json`` does.
"""

from __future__ import annotations

import json
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING, Any

from assigner.answer import tier_number, versions_of
from assigner.report import whatif_statements as sentences
from assigner.words import school_name, source, text

if TYPE_CHECKING:
    from assigner.explaining.ground import Ground
    from assigner.explaining.rules import PricesAnswer, SensitivityAnswer
    from assigner.explaining.table import TableAnswer
    from assigner.explaining.whatif import WhatIfAnswer
    from assigner.explaining.why import Carried, DutyWhy, ItemWhy, Overview, SchoolWhy
    from models.community import Plan, Problem
    from models.conflicts import Collision
    from models.whatif import Cell, Change, TierChange

__all__ = [
    "SCHEMA_VERSION",
    "explanation_document",
    "explanation_schema",
    "prices_document",
    "sensitivity_document",
    "table_document",
    "whatif_document",
]

SCHEMA_VERSION = 1


def exact(value: Any) -> Any:
    """An exact value as JSON has it."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, tuple | list):
        return [exact(part) for part in value]
    number = Fraction(value)
    return int(number) if number.denominator == 1 else str(number)


def about(kind: str, ground: Ground, status: str) -> dict[str, Any]:
    """What every document begins with: its kind, how it ended, and of which plan it speaks."""
    result = ground.result
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "kind": kind, "status": status}
    document["plan"] = {
        "status": result.status,
        "community": result.problem.community.id,
        "name": result.problem.community.name,
        "convener": result.plan.convener,
        "scenario": None if result.scenario is None else result.scenario.hash,
        "rulebook": result.plan.rules.rulebook.hash,
        "relaxations": [entry.relaxation.id for entry in result.relaxations],
        "unit": result.problem.distances.unit,
    }
    document["notes"] = list(sentences.base_notes(ground))
    document["versions"] = versions_of(schema=SCHEMA_VERSION)
    return document


def tier_entry(change: TierChange) -> dict[str, Any]:
    """An aim before and after; travel in person-km (or minutes) a year."""
    travel = change.tier == "travel"
    return {
        "aim": change.tier,
        "before": tier_number(change.tier, change.before),
        "after": tier_number(change.tier, change.after),
        "verdict": change.verdict,
        "change": tier_number("travel", change.amount) if travel else exact(change.amount),
    }


def change_entry(problem: Problem, change: Change) -> dict[str, Any]:
    """A change: its kind, its values, and in words."""
    entry: dict[str, Any] = {"kind": type(change).__name__}
    for name, value in vars(change).items():
        if name not in ("school", "distances"):
            entry[name] = exact(value)
    return {**entry, "message": sentences.change_sentence(problem, change)}


def clause_entry(problem: Problem, clause: str) -> dict[str, Any]:
    """A clause with its words."""
    entry = next(entry for entry in problem.rules.rulebook.clauses if entry.id == clause)
    return {"clause": clause, "title": text(entry.title), "source": source(entry)}


def collision_entries(plan: Plan, found: Collision | None) -> list[dict[str, Any]]:
    """Clauses that collide, in words."""
    from assigner.report.statements import collision

    if found is None:
        return []
    return [
        {"clause": clash.clause, "title": clash.title, "about": list(clash.details), "source": clash.source}
        for clash in collision(plan, found)
    ]


def whatif_document(answer: WhatIfAnswer) -> dict[str, Any]:
    """What if: the changes, every aim before and after, who gains and loses what."""
    ground, found = answer.ground, answer.found
    document = about("whatif", ground, answer.status)
    document["message"] = sentences.verdict(answer).text
    document["changes"] = [change_entry(ground.plan.problem, change) for change in answer.changes]
    if found is None:
        return document
    document["aims"] = [tier_entry(change) for change in found.tiers]
    document["moves"] = [
        {"item": move.row, "items": list(move.items), "before": list(move.before), "after": list(move.after)}
        for move in found.moves
    ]
    document["schools"] = [
        {
            "code": code,
            "name": school_name(found.plan_after.problem, code),
            "gains": list(found.gains.get(code, ())),
            "loses": list(found.loses.get(code, ())),
            "points": [exact(value) for value in found.load_points.get(code, ())],
        }
        for code in sorted({*found.gains, *found.loses, *found.load_points})
    ]
    if found.result_after is not None:
        after = found.result_after.assignment
        document["convener_after"] = after.convener
        document["hosts_after"] = {item: list(codes) for item, codes in after.hosts.items() if codes}
    else:
        document["collision"] = collision_entries(found.plan_after, found.why_none)
    return document


def cell_entry(cell: Cell) -> dict[str, Any]:
    """A cell of the table."""
    entry: dict[str, Any] = {"item": cell.row, "code": cell.code, "status": cell.status}
    entry["first"] = None if cell.first is None else tier_entry(cell.first)
    entry["clauses"] = list(cell.clauses)
    if cell.tiers:
        entry["aims"] = [tier_entry(change) for change in cell.tiers]
    return entry


def table_document(answer: TableAnswer) -> dict[str, Any]:
    """The content of ``whatif.json``: every cell of the table."""
    ground = answer.ground
    document = about("whatif_table", ground, answer.status)
    document["message"] = sentences.table_verdict(answer).text
    document["changes"] = [change_entry(ground.plan.problem, change) for change in ground.changes]
    document["full"] = answer.full
    if answer.found is None:
        return document
    problem = ground.plan.problem
    document["items"] = [{"id": row.id, "items": list(row.items)} for row in answer.found.rows]
    document["schools"] = [{"code": code, "name": school_name(problem, code)} for code in answer.found.schools]
    document["cells"] = [cell_entry(cell) for cell in answer.found.cells.values()]
    used = {clause for cell in answer.found.cells.values() for clause in cell.clauses}
    document["clauses"] = [clause_entry(problem, clause) for clause in sorted(used)]
    return document


def explanation_schema() -> dict[str, Any]:
    """JSON Schema of all these documents."""
    file = resources.files("assigner") / "schemas" / "explanation.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def duty_entry(duty: DutyWhy) -> dict[str, Any]:
    """Why a school hosts a row."""
    return {
        "item": duty.row.id,
        "code": duty.code,
        "status": duty.status,
        "decides": None if duty.first is None else duty.first.tier,
        "instead": list(duty.instead),
        "moves": duty.moves,
        "aims": [tier_entry(change) for change in duty.tiers],
        "clauses": list(duty.clauses),
    }


def explanation_document(answer: Overview | SchoolWhy | ItemWhy) -> dict[str, Any]:
    """Why this host: of all schools, of one, or of one item."""
    from assigner.explaining.why import ItemWhy, SchoolWhy
    from assigner.report.explain_statements import explain_verdict

    ground = answer.ground
    document = about("explanation", ground, answer.status)
    document["message"] = explain_verdict(answer).text
    if not ground.has_plan:
        return document
    problem = ground.plan.problem
    used = {clause for duty in answer.duties for clause in duty.clauses}
    if isinstance(answer, ItemWhy):
        assert answer.found is not None
        document["item"] = answer.found.row.id
        document["hosts"] = [
            {
                "code": host.code,
                "name": school_name(problem, host.code),
                "hosts": host.hosts,
                "aims": [tier_entry(change) for change in host.must],
                "without": [tier_entry(change) for change in host.must_not],
                "why_must": list(host.why_must),
            }
            for host in answer.found.hosts
        ]
        document["excluded"] = {code: list(clauses) for code, clauses in answer.found.excluded.items()}
        used |= {clause for clauses in answer.found.excluded.values() for clause in clauses}
    elif isinstance(answer, SchoolWhy):
        document["school"] = answer.code
        document["load"] = None if answer.carried is None else carried_entry(problem, answer.carried)
        document["mean_ratio"] = exact(answer.mean)
        document["others"] = {row: [cell_entry(cell) for cell in row_] for row, row_ in (answer.others or {}).items()}
        document["could"] = [cell_entry(cell) for cell in answer.could]
        document["spared"] = {
            code: {clause: list(rows) for clause, rows in clauses.items()}
            for code, clauses in (answer.spared or {}).items()
        }
        document["fairness"] = _fairness(answer)
        used |= {clause for clauses in (answer.spared or {}).values() for clause in clauses}
    else:
        document["schools"] = [carried_entry(problem, entry) for entry in answer.carried]
    document["duties"] = [duty_entry(duty) for duty in answer.duties]
    document["clauses"] = [clause_entry(problem, clause) for clause in sorted(used)]
    return document


def carried_entry(problem: Problem, entry: Carried) -> dict[str, Any]:
    """What a school carries."""
    return {
        "code": entry.code,
        "name": school_name(problem, entry.code),
        "points": exact(entry.points),
        "capacity": exact(entry.capacity),
        "ratio": exact(entry.ratio),
        "rank": entry.rank,
        "alike": entry.alike,
    }


def _fairness(answer: SchoolWhy) -> dict[str, Any] | None:
    fair = answer.fair
    if fair is None:
        return None
    share = next((share for share in fair.shares if share.code == answer.code), None)
    return {
        "levels": exact(fair.levels),
        "least": {"levels": exact(fair.least.levels), "proven": fair.least.proven},
        "least_same_work": {"levels": exact(fair.least_same_work.levels), "proven": fair.least_same_work.proven},
        "least_lawful": None if share is None else exact(share.least_lawful),
        "least_optimal": None if share is None else exact(share.least_optimal),
        "forced_by": {} if share is None else {clause: exact(points) for clause, points in share.forced_by.items()},
        "envies": [
            {"code": envy.other, "first": None if envy.first is None else tier_entry(envy.first)}
            for envy in answer.envies
        ],
    }


def prices_document(answer: PricesAnswer) -> dict[str, Any]:
    """The price of each rule, sorted."""
    from assigner.report.explain_statements import prices_verdict

    ground = answer.ground
    problem = ground.plan.problem
    document = about("prices", ground, answer.status)
    document["message"] = prices_verdict(answer).text
    document["switches"] = answer.switches
    if answer.found is not None:
        document["prices"] = [
            {
                "change": change_entry(problem, price.change),
                "status": price.status,
                "first": None if price.first is None else tier_entry(price.first),
                "aims": [tier_entry(change) for change in price.tiers],
                "convener": price.convener,
                "source": sentences.changed_rule(problem, price.change),
            }
            for price in answer.found.prices
        ]
    return document


def sensitivity_document(answer: SensitivityAnswer) -> dict[str, Any]:
    """What hangs on our numbers: each duty with its mark, each change with what it moves."""
    from assigner.report.explain_statements import mark_of, sensitivity_verdict

    ground, found = answer.ground, answer.found
    problem = ground.plan.problem
    document = about("sensitivity", ground, answer.status)
    document["message"] = sensitivity_verdict(answer).text
    if found is None:
        return document
    document["duties"] = [
        {
            "item": duty.row,
            "code": duty.code,
            "name": school_name(problem, duty.code),
            "stays": duty.stays,
            "tried": duty.tried,
            "stability": exact(duty.stability),
            "mark": mark_of(duty),
            "lost_under": [sentences.change_sentence(problem, change) for change in duty.lost_under],
        }
        for duty in found.duties
    ]
    document["changes"] = [
        {
            "change": [change_entry(problem, change) for change in one.changes],
            "moves": [move.row for move in one.moves],
            "aims": [tier_entry(change) for change in one.tiers],
        }
        for one in found.answers
    ]
    document["open"] = [change_entry(problem, change) for change in found.open]
    return document
