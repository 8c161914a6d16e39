"""The content of an answer as tables of plain values, in the current language: the one place that computes them.

Terminal, workbook, page and table of duties lay these tables out and compute nothing themselves; what an answer says in
sentences is in `assigner.report.statements`. Values are texts, numbers (`int` or exact `Fraction`), truth values, or
tuples of texts; `shown` writes any of them as people read them. Makers that need a plan raise `ValueError` on an answer
without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from assigner.answer import separate_items
from assigner.messages import N_, _, _n, join_list, number
from assigner.report.statements import load_legend
from assigner.words import (
    CONVENER_WORDS,
    OBLIGATION_KINDS,
    STATUS_WORDS,
    TIER_NAMES,
    amount,
    item_label,
    quantity,
    school_label,
    school_name,
    source,
    text,
    tier_value,
    travel_unit,
    violation_sentence,
)
from models.objectives.load import effort_points, points
from models.objectives.travel import unit_value

if TYPE_CHECKING:
    from assigner.planner import Result
    from models.audit import Finding
    from models.community import Assignment, Plan
    from models.community import Problem as Task
    from models.obligations import Due
    from models.rulebook import Obligation, Rulebook, Rules
    from models.tiers import Tier

__all__ = [
    "MARK",
    "Column",
    "Kind",
    "Nearest",
    "SchoolSheet",
    "Table",
    "Value",
    "audit_table",
    "convener_ranking",
    "course_categories",
    "duties",
    "duty_matrix",
    "duty_rows",
    "findings_table",
    "group_title",
    "junior_highs",
    "key_figures",
    "loads",
    "nearest_hosts",
    "obligation_line",
    "obligation_summary",
    "obligations",
    "proof",
    "roles",
    "school_duties",
    "school_sheets",
    "schools",
    "short_name",
    "shown",
    "switches",
    "travel",
]

Kind = Literal["text", "code", "number", "ratio", "flag", "mark", "list"]
"""What a column holds: a text; a code or id (a text that only looks like a number); a number; an exact ratio; a truth
value; `MARK` or nothing; several texts."""

Value = str | int | Fraction | bool | tuple[str, ...] | None

MARK = "●"
"""Stands in a matrix where a school hosts an item."""

#: What so many schools owe alike is said once for all in `obligation_summary`.
_MANY = 3

#: The switch that makes the convener a partner, and the reading that then says no more what it says.
_PARTNERS = "partner_includes_convener"
_OVERRIDDEN = ("development_convener", "no")

_WHO_TRAVELS: Mapping[str, str] = {
    "participants": N_("one person of every school, to each host"),
    "junior_high_teachers": N_("teachers of every junior high, to the nearest host"),
    "junior_high_pupils": N_("pupils of every junior high, to the nearest host"),
}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    key
        The same in every language.
    title
        In the language of the run.
    kind
        What it holds.
    unit
        Of numbers, in words; empty when there is none.
    digits
        Decimals of numbers; None writes them exactly.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    id
        The same in every language.
    title
        In the language of the run.
    columns, rows
        Every row has a value for every column.
    note
        What a reader should know beside it; empty when there is nothing.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.id}: a row does not fit its columns")

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as key -> value."""
        keys = [column.key for column in self.columns]
        for row in self.rows:
            yield dict(zip(keys, row, strict=True))

    def without(self, *keys: str) -> Table:
        """The same table without some columns."""
        kept = [k for k, column in enumerate(self.columns) if column.key not in keys]
        rows = tuple(tuple(row[k] for k in kept) for row in self.rows)
        return Table(self.id, self.title, tuple(self.columns[k] for k in kept), rows, self.note)


def shown(value: Value, column: Column | None = None, *, separator: str | None = None) -> str:
    """A value as people read it; texts of a list are joined by `separator`, else as a list in a sentence."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return join_list(value) if separator is None else separator.join(value)
    if isinstance(value, int | Fraction):
        if column is not None and column.kind == "ratio":
            return str(value)
        if column is not None and column.digits is not None:
            return number(float(value), column.digits)
        return amount(value)
    return value


def _plan_of(result: Result) -> tuple[Plan, Assignment]:
    if result.assignment is None:
        raise ValueError("the answer has no plan")
    return result.plan, result.assignment


def _distance_unit(task: Task) -> str:
    return _("min") if task.distances.unit == "minutes" else _("km")


# ------------------------------------------------------------------------------------------------------- the duties


def group_title(book: Rulebook, group: str) -> str:
    """Heading of a group of items: its place in the programme and its title."""
    entry = next(g for g in book.groups if g.id == group)
    title = text(entry.title)
    return title if entry.place.startswith(title) else f"{entry.place} {title}"


def short_name(result: Result, item: str) -> str:
    """An item or unit in a few words, after its id."""
    from assigner.report.scene import unit_name

    rules = result.plan.rules
    return unit_name(result, item) if item in rules.units else item_label(rules.rulebook, item)


def duties(result: Result) -> Table:
    """Who hosts what: a row for every item that must be hosted or is, in the order of the programme."""
    plan, assignment = _plan_of(result)
    task, book = plan.problem, plan.rules.rulebook
    apart = separate_items(plan.rules)
    columns = (
        Column("group", _("Group")),
        Column("item", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("codes", _("Codes"), "list"),
        Column("hosts", _("Hosts"), "list"),
        Column("number", _("Number of hosts"), "number"),
        Column("separate", _("Own plan and budget"), "flag"),
    )
    rows = []
    for group in book.groups:
        items = [item for item in plan.rules.item_by_id.values() if item.group == group.id]
        kept = [item for item in items if item.mandatory or assignment.hosts_of(item.id)]
        if not any(assignment.hosts_of(item.id) for item in kept):
            continue
        for item in kept:
            codes = assignment.hosts_of(item.id)
            labels = tuple(school_label(task, code) for code in codes)
            title = group_title(book, group.id)
            rows.append((title, item.id, text(item.title), codes, labels, len(codes), item.id in apart))
    return Table("duties", _("Who hosts what"), columns, tuple(rows))


def duty_rows(result: Result) -> Table:
    """One row for every duty, convening and ways of promotion included: what ``plan.csv`` holds."""
    plan, assignment = _plan_of(result)
    task = plan.problem
    columns = (
        Column("item", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
    )
    entries = [("convener", _("Convening school"), assignment.convener)]
    entries += [
        (item.id, text(item.title), code)
        for item in plan.rules.item_by_id.values()
        for code in assignment.hosts_of(item.id)
    ]
    titles = {way.id: text(way.title) for way in plan.rules.rulebook.ways}
    for code, chosen in sorted(assignment.ways.items()):
        entries += [(way, titles.get(way, way), code) for way in sorted(chosen, key=list(titles).index)]
    rows = tuple((item, title, code, school_name(task, code)) for item, title, code in entries)
    return Table("duty_rows", _("Duties, one a row"), columns, rows)


def duty_matrix(result: Result) -> Table:
    """Items by schools: `MARK` where a school hosts; a first row says who convenes, a column counts the hosts."""
    plan, assignment = _plan_of(result)
    task = plan.problem
    codes = _shown_schools(plan, assignment)
    columns = (
        Column("item", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("number", _("Number of hosts"), "number"),
        *(Column(code, school_label(task, code), "mark") for code in codes),
    )
    rows: list[tuple[Value, ...]] = []
    convening = tuple(MARK if code == plan.convener else None for code in codes)
    rows.append((None, _("Convening school"), 1, *convening))
    for record in duties(result).records():
        marks = tuple(MARK if code in record["codes"] else None for code in codes)
        rows.append((record["item"], record["title"], record["number"], *marks))
    return Table("matrix", _("Items by schools"), columns, tuple(rows), _("{mark} = hosts the item", mark=MARK))


def _shown_schools(plan: Plan, assignment: Assignment) -> tuple[str, ...]:
    """Participants, and outside partners that may host or do; in the order of codes."""
    hosts = {code for codes in assignment.hosts.values() for code in codes}
    return tuple(sorted({*plan.candidates, *hosts}))


def key_figures(result: Result) -> Table:
    """The answer in a few figures: what a person asks first."""
    plan, assignment = _plan_of(result)
    unit = plan.problem.distances.unit
    burdens = list(loads(result).records())
    labels = {record["code"]: school_label(plan.problem, record["code"]) for record in burdens}
    rows: list[tuple[Value, ...]] = [
        (_("Schools that take part"), len(plan.participants)),
        (_("Items hosted"), sum(bool(assignment.hosts_of(item)) for item in plan.rules.item_by_id)),
        (_("Duties (an item hosted by a school)"), sum(len(codes) for codes in assignment.hosts.values())),
    ]
    if burdens:
        top = burdens[0]["ratio"]
        heaviest = tuple(labels[record["code"]] for record in burdens if record["ratio"] == top)
        rows.append((_("Heaviest load"), _("{ratio}: {schools}", ratio=str(top), schools=join_list(heaviest))))
        above = tuple(labels[record["code"]] for record in burdens if record["above"])
        rows.append((_("Schools above their capacity"), join_list(above) or _("none")))
    if result.audit is not None:
        values = result.audit.values
        shown_aims = ("unwilling", "exploration", "travel")
        rows += [(_(TIER_NAMES[name]), tier_value(name, values[name], unit)) for name in shown_aims]
        kept = sum(finding.ok for finding in result.audit.findings)
        rows.append((_("Clauses kept"), _("{kept} of {all}", kept=kept, all=len(result.audit.findings))))
    columns = (Column("figure", _("Figure")), Column("value", _("Value")))
    return Table("key_figures", _("Key figures"), columns, tuple(rows))


# ------------------------------------------------------------------------------------------------------ the schools


def roles(result: Result, code: str) -> tuple[str, ...]:
    """What a school is in the plan: convener, benchmark school, ...; empty for a partner like the others."""
    task = result.problem
    school = task.community.school_by_code.get(code)
    found = [_("convener")] if code == result.plan.convener else []
    if school is None:
        return (*found, _("partner from another community"))
    found += [_("benchmark school")] if school.benchmark else []
    found += [_("special-education school")] if school.special_education else []
    if school.barred:
        found.append(_("barred from the funding"))
    elif not school.participates:
        found.append(_("does not take part"))
    return tuple(found)


def _township(result: Result, identity: str) -> str:
    """Name of the township in which a school or junior high lies; empty when it is not known."""
    from assigner.report.scene import geography_of

    places = {} if result.scenario is None else result.scenario.places
    place = places.get(identity)
    towncode = place.towncode if place is not None else identity[1:] if identity[:1] == "T" else ""
    known = geography_of(result).townships.get(towncode)
    return "" if known is None else known.name


def schools(result: Result) -> Table:
    """Every school of the community and every partner from outside: role, township, kinds of courses, what it hosts."""
    task = result.problem
    rule = task.rules.rulebook.categories
    titles = {entry.id: text(entry.title) for entry in rule.list_}
    titles[rule.other_vocational.id] = text(rule.other_vocational.title)
    hosted: dict[str, list[str]] = {}
    for item, codes in {} if result.assignment is None else result.assignment.hosts.items():
        for code in codes:
            hosted.setdefault(code, []).append(item)
    order = {item: k for k, item in enumerate(task.rules.item_by_id)}
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("township", _("Township")),
        Column("roles", _("Role"), "list"),
        Column("categories", _("Kinds of courses"), "list"),
        Column("items", _("Hosts of"), "list"),
    )
    rows = []
    by_code = task.community.school_by_code
    for code in (*by_code, *(partner.code for partner in task.community.outside_partners)):
        school = by_code.get(code)
        known = school.categories if school is not None else None
        kinds = (_("not known"),) if known is None else tuple(titles[k] for k in titles if k in known)
        items = tuple(sorted(hosted.get(code, ()), key=lambda item: order.get(item, len(order))))
        rows.append((code, school_name(task, code), _township(result, code), roles(result, code), kinds, items))
    return Table("schools", _("Schools"), columns, tuple(rows))


def loads(result: Result) -> Table:
    """The load of every school, the heaviest first."""
    plan, assignment = _plan_of(result)
    task = plan.problem
    effort = effort_points(plan, assignment)
    separate = effort_points(plan, assignment, separate=True)
    base = plan.rules.measure("convener_base_points")
    hosted = assignment.units_of(plan.rules)
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("roles", _("Role"), "list"),
        Column("ratio", _("Ratio"), "ratio"),
        Column("decimal", _("As a number"), "number", digits=2),
        Column("points", _("Points"), "number"),
        Column("capacity", _("Capacity"), "number"),
        Column("history", _("Carried over"), "number"),
        Column("base", _("For convening"), "number"),
        Column("effort", _("Items in the load"), "number"),
        Column("items", _("Items it hosts in the load"), "list"),
        Column("separate", _("Others"), "number"),
        Column("above", _("Above capacity"), "flag"),
    )
    rows = []
    for code, total in points(plan, assignment).items():
        school = task.community.school_by_code.get(code)
        capacity = plan.capacity(code)
        items = tuple(unit for unit in hosted.get(code, ()) if unit in plan.rules.load_units)
        rows.append(
            (
                code,
                school_name(task, code),
                roles(result, code),
                total / capacity,
                total / capacity,
                total,
                capacity,
                school.history_points if school is not None else Fraction(0),
                base if code == plan.convener else Fraction(0),
                effort.get(code, Fraction(0)),
                items,
                separate.get(code, Fraction(0)),
                total > capacity,
            )
        )
    rows.sort(key=lambda row: (-row[3], row[0]))
    return Table("loads", _("Loads, the heaviest first"), columns, tuple(rows), load_legend(plan))


def school_duties(result: Result) -> Table:
    """One row for every school and duty, by school: a list to filter; schools without a duty have a row too."""
    plan, assignment = _plan_of(result)
    task = plan.problem
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("roles", _("Role"), "list"),
        Column("item", _("Item"), "code"),
        Column("title", _("Work item")),
        Column("with", _("Together with"), "list"),
        Column("separate", _("Own plan and budget"), "flag"),
    )
    listed = list(duties(result).records())
    rows: list[tuple[Value, ...]] = []
    for code in _shown_schools(plan, assignment):
        head = (code, school_name(task, code), roles(result, code))
        own = [
            (record["item"], record["title"], _others(task, record["codes"], code), record["separate"])
            for record in listed
            if code in record["codes"]
        ]
        rows += [(*head, *entry) for entry in own or [("", _("hosts no item"), (), False)]]
    return Table("school_duties", _("Duties by school"), columns, tuple(rows))


def _others(task: Task, codes: Iterable[str], code: str) -> tuple[str, ...]:
    return tuple(school_label(task, other) for other in codes if other != code)


@dataclass(frozen=True)
class SchoolSheet:
    """All that one school has to know: what it is, hosts, owes and carries.

    Attributes
    ----------
    code, name, township : str
    roles : tuple of str
    summary : str
        One sentence: how many items, which load.
    ways : tuple of str
        Ways of promotion.
    duties, obligations, load : Table
        Tables of this school alone; `load` lists the parts that add up.
    """

    code: str
    name: str
    township: str
    roles: tuple[str, ...]
    summary: str
    ways: tuple[str, ...]
    duties: Table
    obligations: Table
    load: Table


def school_sheets(result: Result) -> tuple[SchoolSheet, ...]:
    """A sheet for every school of the plan, in the order of codes."""
    plan, assignment = _plan_of(result)
    mine: dict[str, list[tuple[Value, ...]]] = {}
    duty_table, owed, load_table = school_duties(result), obligations(result), loads(result)
    for row in duty_table.rows:
        mine.setdefault(str(row[0]), []).append(row)
    due: dict[str, list[tuple[Value, ...]]] = {}
    for row in owed.rows:
        due.setdefault(str(row[0]), []).append(row)
    burdens = {record["code"]: record for record in load_table.records()}
    titles = {way.id: text(way.title) for way in plan.rules.rulebook.ways}
    sheets = []
    for code in _shown_schools(plan, assignment):
        rows = tuple(row[3:] for row in mine[code] if row[3])
        own = Table("duties", _("Items it hosts"), duty_table.columns[3:], rows)
        owes = Table("obligations", owed.title, owed.columns[2:], tuple(row[2:] for row in due.get(code, ())))
        burden = burdens.get(code)
        sheets.append(
            SchoolSheet(
                code,
                school_name(plan.problem, code),
                _township(result, code),
                roles(result, code),
                _summary(len(rows), burden),
                tuple(titles.get(way, way) for way in titles if way in assignment.ways.get(code, ())),
                own,
                owes,
                _load_parts(burden),
            )
        )
    return tuple(sheets)


def _summary(count: int, burden: Mapping[str, Any] | None) -> str:
    hosted = _n("hosts {n} item", "hosts {n} items", count) if count else _("hosts no item")
    if burden is None:
        return hosted
    load = _(
        "load {ratio} ({points} of {capacity} points)",
        ratio=str(burden["ratio"]),
        points=amount(burden["points"]),
        capacity=amount(burden["capacity"]),
    )
    return join_list([hosted, load, *([_("above capacity")] if burden["above"] else [])])


def _load_parts(burden: Mapping[str, Any] | None) -> Table:
    columns = (Column("part", _("Part")), Column("points", _("Points"), "number"))
    rows: tuple[tuple[Value, ...], ...] = ()
    if burden is not None:
        rows = (
            (_("Carried over"), burden["history"]),
            (_("For convening"), burden["base"]),
            (_("Items in the load"), burden["effort"]),
            (_("Together"), burden["points"]),
            (_("Capacity"), burden["capacity"]),
            (_("Items with an own plan and budget (not in the load)"), burden["separate"]),
        )
    return Table("load", _("Load"), columns, rows)


# -------------------------------------------------------------------------------------------------- the obligations


def obligation_line(obligation: Obligation) -> str:
    """An obligation in one line: its items, what it is, how much, whether it is only a remark."""
    items = ", ".join(obligation.items)
    line = f"{items} {text(obligation.title)}" if items else text(obligation.title)
    much = quantity(obligation)
    if much:
        line = _("{what}: {much}", what=line, much=much)
    return _("{what} (a remark)", what=line) if obligation.remark else line


def obligations(result: Result) -> Table:
    """What comes with hosting: one row for every school and obligation."""
    task = result.problem
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("kind", _("Kind")),
        Column("items", _("Items"), "list"),
        Column("title", _("What is due")),
        Column("amount", _("How much")),
        Column("remark", _("Only a remark"), "flag"),
        Column("source", _("Where it stands")),
    )
    rows = [
        (
            code,
            school_name(task, code),
            _(OBLIGATION_KINDS[due.obligation.kind]),
            due.obligation.items,
            text(due.obligation.title),
            quantity(due.obligation),
            due.obligation.remark,
            source(due.obligation),
        )
        for code, entries in result.obligations.items()
        for due in sorted(entries, key=lambda due: list(OBLIGATION_KINDS).index(due.obligation.kind))
    ]
    return Table("obligations", _("What comes with it, school by school"), columns, tuple(rows))


def obligation_summary(result: Result) -> Table:
    """The same shortened: what three or more schools owe alike is said once, then what is each school's own."""
    task, plan = result.problem, result.plan
    columns = (
        Column("schools", _("Schools"), "list"),
        Column("kind", _("Kind")),
        Column("lines", _("What is due"), "list"),
    )
    owed: dict[str, list[str]] = {}
    for code, entries in result.obligations.items():
        for due in entries:
            owed.setdefault(due.obligation.id, []).append(code)
    shared = {identity: tuple(codes) for identity, codes in owed.items() if len(codes) >= _MANY}
    rows: list[tuple[Value, ...]] = []
    for codes in dict.fromkeys(shared.values()):
        alike = [due for due in result.obligations[codes[0]] if shared.get(due.obligation.id) == codes]
        if codes == plan.role("others"):
            who: tuple[str, ...] = (_("Every school but the convener"),)
        elif codes == plan.participants:
            who = (_("Every school"),)
        else:
            who = tuple(school_label(task, code) for code in codes)
        rows += _by_kind(who, alike)
    quiet = False
    for code, entries in result.obligations.items():
        rest = [due for due in entries if due.obligation.id not in shared]
        if rest:
            rows += _by_kind((school_label(task, code),), rest)
        elif shared:
            quiet = True
        else:
            rows.append(((school_label(task, code),), "–", ()))
    if quiet:
        rows.append(((_("The others"),), "", (_("nothing more"),)))
    return Table("obligation_summary", _("What comes with it, school by school"), columns, tuple(rows))


def _by_kind(who: tuple[str, ...], entries: Sequence[Due]) -> Iterator[tuple[Value, ...]]:
    for kind, word in OBLIGATION_KINDS.items():
        lines = tuple(obligation_line(due.obligation) for due in entries if due.obligation.kind == kind)
        if lines:
            yield who, _(word), lines


# ------------------------------------------------------------------------------------------------------- the travel


def travel(result: Result) -> Table:
    """Travel a year of every item with trips; the note gives the sum."""
    plan, assignment = _plan_of(result)
    book, task = plan.rules.rulebook, plan.problem
    unit_words = travel_unit(task.distances.unit)
    columns = (
        Column("group", _("Group")),
        Column("unit", _("Item"), "code"),
        Column("label", _("Work item")),
        Column("who", _("Who travels")),
        Column("times", _("Times a year"), "number"),
        Column("travel", _("Travel a year"), "number", unit_words, 1),
    )
    rows = []
    total = Fraction(0)
    for unit in plan.rules.units.values():
        if unit.trips is None or not assignment.unit_hosts(unit.items):
            continue
        value = unit_value(plan, unit, assignment) / 10
        total += value
        group = plan.rules.item_by_id[unit.items[0]].group
        who, times = _(_WHO_TRAVELS[unit.trips.who]), Fraction(unit.trips.times_a_year)
        rows.append((group_title(book, group), unit.id, short_name(result, unit.id), who, times, value))
    title = _("Travel: {total} {unit}, one way", total=number(float(total), 1), unit=unit_words)
    return Table("travel", title, columns, tuple(rows))


@dataclass(frozen=True)
class Nearest:
    """The nearest host of an item for one junior high (or township).

    Attributes
    ----------
    point : str
        Id of the junior high.
    unit : str
    host : str
        Code of the school.
    distance : Fraction
        In `Distances.unit`.
    """

    point: str
    unit: str
    host: str
    distance: Fraction


def nearest_hosts(result: Result) -> tuple[Nearest, ...]:
    """The nearest host of every item to whose nearest host junior highs travel; of equals the smallest code."""
    plan, assignment = _plan_of(result)
    distances = plan.problem.distances
    found = []
    for unit in plan.rules.units.values():
        if unit.trips is None or unit.trips.who == "participants":
            continue
        hosts = [code for code in assignment.unit_hosts(unit.items) if code in distances.column]
        if not hosts or not distances.demand_points:
            continue
        table = distances.from_demand[:, [distances.column[code] for code in hosts]]
        for point, best in zip(distances.demand_points, table.argmin(axis=1).tolist(), strict=True):
            steps = int(table[distances.row[point], best])
            found.append(Nearest(point, unit.id, hosts[best], Fraction(steps, distances.STEPS_PER_UNIT)))
    return tuple(found)


def junior_highs(result: Result) -> Table:
    """Every junior high (or township that stands for its pupils) with its nearest hosts and how far they are."""
    task = result.problem
    nearest: dict[str, dict[str, Nearest]] = {}
    for entry in nearest_hosts(result):
        nearest.setdefault(entry.unit, {})[entry.point] = entry
    unit_words = _distance_unit(task)
    columns = [
        Column("code", _("Code"), "code"),
        Column("name", _("Junior high")),
        Column("township", _("Township")),
        Column("pupils", _("Pupils (all three grades)"), "number", digits=0),
    ]
    for unit in nearest:
        label = short_name(result, unit)
        columns.append(Column(f"{unit}:host", _("Nearest host of {item}", item=label)))
        columns.append(Column(f"{unit}:distance", _("Distance, {item}", item=label), "number", unit_words, 1))
    rows = []
    for point in task.community.demand_points:
        row: list[Value] = [point.id[1:], point.name, _township(result, point.id), sum(point.pupils.values())]
        for found in nearest.values():
            row += [school_label(task, found[point.id].host), found[point.id].distance]
        rows.append(tuple(row))
    return Table("junior_highs", _("Junior highs and their nearest hosts"), tuple(columns), tuple(rows))


# ------------------------------------------------------------------------------------------ audit, readings, proof


def audit_table(result: Result) -> Table:
    """Every clause in force: kept or broken, its words, where it stands."""
    if result.audit is None:
        raise ValueError("the answer has no audit")
    return findings_table(result.problem, result.audit.findings)


def findings_table(task: Task, findings: Iterable[Finding]) -> Table:
    """Findings about a plan from anyone."""
    columns = (
        Column("clause", _("Clause"), "code"),
        Column("title", _("Rule")),
        Column("kept", _("Result")),
        Column("message", _("Finding"), "list"),
        Column("source", _("Where it stands")),
        Column("ok", _("Kept"), "flag"),
    )
    rows = [
        (
            finding.clause.id,
            text(finding.clause.title),
            _("kept") if finding.ok else _("BROKEN"),
            tuple(violation_sentence(task, violation) for violation in finding.violations),
            source(finding.clause),
            finding.ok,
        )
        for finding in findings
    ]
    return Table("audit", _("Audit, clause by clause"), columns, tuple(rows))


def switches(result: Result) -> Table:
    """How the text was read where it leaves room: what was changed first, then what is as by default."""
    rules = result.plan.rules
    setters = {switch: entry.relaxation.id for entry in result.relaxations for switch in entry.relaxation.set_}
    widened = setters.get(_PARTNERS) if rules.option(_PARTNERS) == "yes" else None
    columns = (
        Column("id", _("Switch"), "code"),
        Column("title", _("Question")),
        Column("reading", _("Reading")),
        Column("remark", _("Remark")),
        Column("source", _("Where it stands")),
        Column("changed", _("Changed"), "flag"),
        Column("line", _("In one line")),
    )
    rows: list[tuple[Value, ...]] = []
    for switch in rules.rulebook.switches:
        option = rules.option(switch.id)
        changed = option != switch.default
        reading = next(text(o.title) for o in switch.options if o.id == option)
        line = f"{text(switch.title)} → {reading}"
        remarks = []
        if switch.id in setters and changed and result.status == "infeasible":
            remarks.append(_("tried with {relaxation}, in vain", relaxation=setters[switch.id]))
            line = _("{reading} (tried with {relaxation}, in vain)", reading=line, relaxation=setters[switch.id])
        elif switch.id in setters and changed:
            remarks.append(_("changed by {relaxation}", relaxation=setters[switch.id]))
            line = _("{reading} (changed by {relaxation})", reading=line, relaxation=setters[switch.id])
        elif changed:
            remarks.append(_("changed"))
            line = _("{reading} (changed)", reading=line)
        elif switch.id in setters:
            remarks.append(_("by {relaxation}", relaxation=setters[switch.id]))
            line = _("{reading} (by {relaxation})", reading=line, relaxation=setters[switch.id])
        if not changed and widened is not None and (switch.id, option) == _OVERRIDDEN:
            remarks.append(_("yet {relaxation} lets it host as a partner", relaxation=widened))
            line = _("{reading}; yet {relaxation} lets it host as a partner", reading=line, relaxation=widened)
        remark = join_list(remarks) or _("default")
        rows.append((switch.id, text(switch.title), reading, remark, source(switch), changed, line))
    rows.sort(key=lambda row: not row[5])
    count = sum(bool(row[5]) for row in rows)
    title = _(
        "How the text was read where it leaves room ({changed} changed, {default} by default)",
        changed=count,
        default=len(rows) - count,
    )
    if result.status == "infeasible":
        title = _("How the text was read where it leaves room")
    return Table("switches", title, columns, tuple(rows))


def proof(result: Result, *, seconds: bool = False) -> Table:
    """The aims in their order: value, proven bound, status; seconds, which differ from run to run, only if asked."""
    unit = result.problem.distances.unit
    return proof_of(
        result.tiers,
        result.plan.rules,
        lambda name, value: tier_value(name, value, unit),
        _("Proof, aim by aim in their order"),
        seconds=seconds,
    )


def proof_of(
    tiers: Sequence[Tier], rules: Rules, shown: Callable[[str, Any], str], title: str, *, seconds: bool = False
) -> Table:
    """The table of `proof` for any tiers; `shown` says a value of a tier in words."""
    columns = [
        Column("aim", _("Aim")),
        Column("value", _("Value")),
        Column("bound", _("Bound")),
        Column("status", _("Status")),
    ]
    if seconds:
        columns.append(Column("seconds", _("Seconds"), "number", digits=2))
    rows = []
    for tier in tiers:
        same = _is_closed(tier)
        value = shown(tier.name, tier.value) if tier.name != "tie_break" or same else "–"
        bound = _("the same") if same else shown(tier.name, tier.bound)
        row: list[Value] = [_(TIER_NAMES[tier.name]), value, bound, _(STATUS_WORDS[tier.status])]
        if seconds:
            row.append(Fraction(tier.seconds))
        rows.append(tuple(row))
    note = ""
    if rules.option("load_scale") == "band" and tiers:
        band = amount(rules.measure("load_band"))
        note = _(
            "Loads are compared in steps of {band}, rounded up; the table of loads has the exact ratios.", band=band
        )
    return Table("proof", title, tuple(columns), tuple(rows), note)


def _is_closed(tier: Tier) -> bool:
    return tier.status == "optimal" and tier.bound == tier.value


def convener_ranking(result: Result) -> Table:
    """The schools that could convene, best first; no rows when the scenario states the convener."""
    task = result.problem
    columns = (
        Column("code", _("Code"), "code"),
        Column("school", _("School")),
        Column("benchmark", _("Benchmark school"), "flag"),
        Column("willingness", _("Willingness to convene")),
        Column("distance", _("Distance of the others, added up"), "number", _distance_unit(task), 1),
    )
    rows = tuple(
        (
            choice.code,
            school_name(task, choice.code),
            choice.benchmark,
            _(CONVENER_WORDS[choice.willingness]),
            Fraction(choice.travel, task.distances.STEPS_PER_UNIT),
        )
        for choice in result.convener_ranking
    )
    return Table("convener", _("Who could convene"), columns, rows)


def course_categories(result: Result) -> Table:
    """The kinds of courses every community builds up: which schools have them, which are missing or not known."""
    from models.audit import categories

    task = result.problem
    missing, unknown = categories(task)
    columns = (
        Column("category", _("Kind of courses")),
        Column("state", _("State")),
        Column("schools", _("Schools"), "list"),
    )
    rows = []
    for entry in task.rules.rulebook.categories.list_:
        codes = [c for c in task.participants if entry.id in (task.community.school_by_code[c].categories or ())]
        state = _("missing") if entry.id in missing else _("not known") if entry.id in unknown else _("present")
        rows.append((text(entry.title), state, tuple(school_label(task, code) for code in codes)))
    return Table("categories", _("Course categories"), columns, tuple(rows))
