"""Why this host, the price of each rule, what hangs on our numbers: as tables; see `assigner.report.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.messages import _, join_list
from assigner.report import explain_statements as sentences
from assigner.report.tables import Column, Table, Value
from assigner.report.whatif_statements import (
    AIMS,
    SIGNS,
    aim_sentence,
    cell_words,
    change_sentence,
    changed_rule,
    difference,
    rule_name,
)
from assigner.report.whatif_tables import bare_difference, unit_of
from assigner.words import TIER_NAMES, item_label, school_label, school_name
from models.whatif import first_change

if TYPE_CHECKING:
    from assigner.explaining.rules import PricesAnswer, SensitivityAnswer
    from assigner.explaining.why import DutyWhy, ItemWhy, Overview, SchoolWhy

__all__ = ["could", "duties", "hosts", "loads", "main_table", "others", "prices", "stability", "tried"]


def main_table(answer: Any) -> Table:
    """The table of an explanation that stands for it: duties with what decides them, or the hosts of an item."""
    return hosts(answer) if hasattr(answer, "found") else duties(answer)


def loads(answer: Overview) -> Table:
    """Every school with what it carries."""
    plan = answer.ground.plan
    problem = plan.problem
    hosted: dict[str, list[str]] = {}
    for duty in answer.duties:
        if any(unit in plan.rules.load_units for unit in (duty.row.id, *duty.row.items)):
            hosted.setdefault(duty.code, []).append(duty.row.id)
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("points", _("Points"), "number"),
        Column("capacity", _("Capacity"), "number"),
        Column("ratio", _("Ratio"), "ratio"),
        Column("rank", _("Rank"), "number"),
        Column("items", _("Items it hosts in the load"), "list"),
    )
    rows: list[tuple[Value, ...]] = []
    for entry in answer.carried:
        name, items = school_name(problem, entry.code), tuple(hosted.get(entry.code, ()))
        rows.append((entry.code, name, entry.points, entry.capacity, entry.ratio, entry.rank, items))
    return Table("loads", _("What every school carries"), columns, tuple(rows))


def duties(answer: Overview | SchoolWhy) -> Table:
    """Every duty with the aim that decides it."""
    columns = (
        Column("row", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("decides", _("What decides")),
        Column("instead", _("Who would host it otherwise"), "list"),
        Column("change", _("What that would cost")),
        Column("clauses", _("By the rule"), "list"),
    )
    return Table(
        "duties", _("Every duty, and what decides it"), columns, tuple(_duty(answer, duty) for duty in answer.duties)
    )


def _duty(answer: Overview | SchoolWhy, duty: DutyWhy) -> tuple[Value, ...]:
    problem = answer.ground.plan.problem
    book = problem.rules.rulebook
    return (
        duty.row.id,
        item_label(book, duty.row.id).removeprefix(f"{duty.row.id} "),
        duty.code,
        school_name(problem, duty.code),
        sentences.decided_by(duty),
        tuple(school_label(problem, code) for code in duty.instead),
        "" if duty.first is None else aim_sentence(duty.first, problem.distances.unit),
        duty.clauses,
    )


def others(answer: SchoolWhy) -> Table:
    """What it would cost that another school hosted the duties of a school: a row for each school."""
    problem = answer.ground.plan.problem
    book, unit = problem.rules.rulebook, problem.distances.unit
    cells = answer.others or {}
    columns = [Column("school", _("School"))]
    columns += [Column(row, item_label(book, row)) for row in cells]
    by_school: dict[str, dict[str, str]] = {cell.code: {} for row in cells.values() for cell in row}
    for row, entries in cells.items():
        for cell in entries:
            by_school[cell.code][row] = cell_words(cell, unit)
    rows = tuple(
        (school_label(problem, code), *(found.get(row, "") for row in cells)) for code, found in by_school.items()
    )
    title = _("Who could host its duties instead, and what that would cost")
    return Table("others", title, tuple(columns), rows)


def could(answer: SchoolWhy) -> Table:
    """What else a school could host, and what that would cost."""
    problem = answer.ground.plan.problem
    book, unit = problem.rules.rulebook, problem.distances.unit
    columns = (Column("row", _("Work item")), Column("cost", _("What that would cost")))
    rows = tuple(
        (
            item_label(book, cell.row),
            aim_sentence(cell.first, unit) if cell.first is not None else _(SIGNS[cell.status][1]),
        )
        for cell in answer.could
        if cell.status not in ("excluded", "free")
    )
    return Table("could", _("What else it could host"), columns, rows)


def hosts(answer: ItemWhy) -> Table:
    """The possible hosts of an item, the best first, with every aim."""
    problem = answer.ground.plan.problem
    unit = problem.distances.unit
    found = () if answer.found is None else answer.found.hosts
    moving = [name for name in AIMS if any(c.tier == name and c.verdict != "same" for host in found for c in host.must)]
    columns = [
        Column("rank", _("Rank"), "number"),
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("now", _("Hosts it now"), "flag"),
        Column("aim", _("First aim that changes")),
        Column("change", _("Change")),
        *(Column(f"aim_{name}", _(TIER_NAMES[name]), unit=unit_of(name, unit)) for name in moving),
    ]
    rows: list[tuple[Value, ...]] = []
    rank = 0
    before: tuple[Any, ...] | None = None
    for position, host in enumerate(found, 1):
        first = first_change(host.must)
        worth = tuple((change.tier, change.after) for change in host.must)
        rank = rank if worth == before else position
        before = worth
        known = {change.tier: change for change in host.must}
        rows.append(
            (
                rank,
                host.code,
                school_name(problem, host.code),
                host.hosts,
                _("none") if first is None else _(TIER_NAMES[first.tier]),
                "" if first is None else difference(first, unit),
                *(bare_difference(known[name], unit) if name in known else "" for name in moving),
            )
        )
    return Table("hosts", _("Possible hosts, the best first"), tuple(columns), tuple(rows))


def prices(answer: PricesAnswer) -> Table:
    """Every rule and wish with what giving it up would bring."""
    columns = (
        Column("kind", _("Kind")),
        Column("rule", _("Rule or wish")),
        Column("verdict", _("Without it")),
        Column("aim", _("First aim that changes")),
        Column("change", _("Change")),
        Column("source", _("Source")),
    )
    if answer.found is None:
        return Table("prices", _("The price of each rule"), columns, ())
    problem = answer.ground.plan.problem
    unit = problem.distances.unit
    rows = tuple(
        (
            sentences.rule_kind(price),
            rule_name(problem, price.change),
            _(sentences.PRICED[price.status]),
            "" if price.first is None else _(TIER_NAMES[price.first.tier]),
            "" if price.first is None else difference(price.first, unit),
            changed_rule(problem, price.change),
        )
        for price in answer.found.prices
    )
    return Table("prices", _("The price of each rule"), columns, rows)


def stability(answer: SensitivityAnswer) -> Table:
    """Every duty with its mark."""
    columns = (
        Column("row", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("stays", _("Stays under"), "number"),
        Column("tried", _("Of changes"), "number"),
        Column("mark", _("Mark")),
    )
    if answer.found is None:
        return Table("stability", _("How firm each duty is"), columns, ())
    problem = answer.ground.plan.problem
    rows = tuple(
        (
            duty.row,
            item_label(problem.rules.rulebook, duty.row).removeprefix(f"{duty.row} "),
            duty.code,
            school_name(problem, duty.code),
            duty.stays,
            duty.tried,
            _(sentences.MARKS[sentences.mark_of(duty)]),
        )
        for duty in answer.found.duties
    )
    return Table("stability", _("How firm each duty is"), columns, rows)


def tried(answer: SensitivityAnswer) -> Table:
    """Every change of our numbers that was tried, with the duties that it moves."""
    columns = (
        Column("change", _("What is changed")),
        Column("moves", _("Duties that move"), "number"),
        Column("items", _("Which"), "list"),
        Column("aim", _("First aim that changes")),
    )
    if answer.found is None:
        return Table("tried", _("What each change moves"), columns, ())
    problem = answer.ground.plan.problem
    unit = problem.distances.unit
    rows: list[tuple[Value, ...]] = []
    for found in answer.found.answers:
        first = first_change(found.tiers)
        told = join_list(change_sentence(problem, change) for change in found.changes)
        items = tuple(move.row for move in found.moves)
        aim = "" if first is None else aim_sentence(first, unit)
        if found.result_after is None:
            word = sentences.PRICED["no_plan"]
            aim = _(word)
        rows.append((told, len(items), items, aim))
    return Table("tried", _("What each change moves"), columns, tuple(rows))
