"""Why each school hosts what it hosts, as the page of a plan opens it at a click: the words are those of `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.messages import _, join_list
from assigner.report import explain_statements as sentences
from assigner.report import explain_tables as content
from assigner.report.tables import Column, Table
from assigner.report.whatif_statements import SIGNS, aim_sentence, clause_title
from assigner.words import item_label, school_label

if TYPE_CHECKING:
    from assigner.explaining.whole import PlanWhy
    from models.whatif import Cell, Row

__all__ = ["alternatives", "why_section"]

#: The cheapest first.
_ORDER = ("free", "changes", "stopped", "excluded")


def why_section(why: PlanWhy) -> dict[str, Any]:
    """What the template lays out; an item or a school of the tables before leads to its why."""
    codes = _codes(why)
    rows = [row for row in why.matrix.rows if row.hosts(why.ground.assignment)]
    places = {row.id: f"why-duty-{k}" for k, row in enumerate(rows, 1)}
    schools = {code: f"why-school-{k}" for k, code in enumerate(codes, 1)}
    return {
        "of_items": {item: places[row.id] for row in rows for item in row.items},
        "of_schools": schools,
        "titles": {
            "why": _("Why this plan"),
            "schools": _("School by school"),
            "duties": _("Duty by duty"),
            "hosts": _("Why it hosts them"),
            "nothing": _("It hosts nothing."),
            "hint": _("A work item leads to why: who hosts it, who else could, and what that would cost."),
        },
        "verdict": sentences.explain_verdict(why).text,
        "schools": [{"id": schools[code], **_school(why, code)} for code in codes],
        "duties": [{"id": places[row.id], **_duty(why, row)} for row in rows],
    }


def _codes(why: PlanWhy) -> list[str]:
    """The heaviest first; last those that carry no load, such as partners from outside."""
    carried = [entry.code for entry in why.overview.carried]
    hosts = {duty.code for duty in why.overview.duties}
    return [*carried, *sorted(hosts.difference(carried))]


def _school(why: PlanWhy, code: str) -> dict[str, Any]:
    known = why.school(code)
    problem = why.ground.plan.problem
    mine = known.carried
    book = problem.rules.rulebook
    said = [] if mine is None else [_("ratio {ratio}", ratio=str(mine.ratio))]
    said += [join_list(item_label(book, duty.row.id) for duty in known.duties)] if known.duties else []
    return {
        "name": school_label(problem, code),
        "summary": "\u3000".join(said),
        "load": sentences.load_sentences(known),
        "duties": [sentences.duty_sentence(problem, duty) for duty in known.duties],
        "could": content.could(known),
    }


def _duty(why: PlanWhy, row: Row) -> dict[str, Any]:
    problem = why.ground.plan.problem
    hosts = row.hosts(why.ground.assignment)
    said = [
        (school_label(problem, duty.code), sentences.duty_sentence(problem, duty))
        for duty in why.overview.duties
        if duty.row.id == row.id
    ]
    return {
        "name": item_label(problem.rules.rulebook, row.id),
        "hosts": join_list(school_label(problem, code) for code in hosts),
        "said": said,
        "others": alternatives(why, row),
    }


def alternatives(why: PlanWhy, row: Row) -> Table:
    """The other schools that could host a duty, the cheapest first, and those that cannot, by which rule."""
    problem = why.ground.plan.problem
    book, unit = problem.rules.rulebook, problem.distances.unit

    def cost(cell: Cell) -> str:
        if cell.status == "changes" and cell.first is not None:
            return aim_sentence(cell.first, unit)
        return _(SIGNS[cell.status][1])

    def price(cell: Cell) -> tuple[Any, ...]:
        first = cell.first
        place = 0 if first is None else list(why.ground.standing.names).index(first.tier)
        return _ORDER.index(cell.status), place, abs(first.amount) if first is not None else 0, cell.code

    cells = [c for c in why.matrix.cells.values() if c.row == row.id and c.status != "present"]
    columns = (
        Column("school", _("School")),
        Column("cost", _("What that would cost")),
        Column("rule", _("By the rule")),
    )
    rows = tuple(
        (school_label(problem, c.code), cost(c), join_list(clause_title(book, clause) for clause in c.clauses))
        for c in sorted(cells, key=price)
    )
    table = Table("others", _("Who else could host it"), columns, rows)
    return table if any(c.clauses for c in cells) else table.without("rule")
