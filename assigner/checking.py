"""Judge a plan from anyone: a ``plan.json``, or a table of duties with its scenario.

Every clause is judged without a solver. All that the plan claims is computed anew and compared: tiers, loads, travel,
obligations, the audit, hashes, readings. Only the claim that a relaxation was needed is asked of the solver. What only
solving again could show (the proofs, the price of the order) is named as not checked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.answer import audit_claims, figures, plan_schema, ranking_claims, read_plan, switch_claims, tier_number
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, Message, _, _n
from assigner.scenario.vocabulary import Vocabulary
from assigner.scenario.words import normal
from assigner.words import TIER_NAMES
from geodata.codes import CodeError, read_code
from models.audit import Audit, audit
from models.community import CONVENER_KEY, Assignment, Plan
from models.community import Problem as Task
from models.conflicts import relaxations_needed, relaxed
from models.convener import choose_convener
from models.tiers import LOAD_TIERS, full_order

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from geodata.sheets import Cell, Sheet
    from models.rulebook import Relaxation

__all__ = ["Comparison", "Verdict", "assignment_of", "check", "stated_relaxations"]

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods", ".xls")
"""Ends of the names of tables."""

#: Spellings of the columns of a table, compared in lower case without blanks.
_ITEM_HEADS = ("item", "itemid", "duty", "代號", "項目", "工作項目", "項目代號", "項目編號")
_SCHOOL_HEADS = ("school", "code", "schoolcode", "host", "hosts", "學校", "學校代碼", "代碼", "辦理學校")

#: What stands in a cell of schools for none.
_NOBODY = ("–", "-", "—", "無")


@dataclass(frozen=True)
class Comparison:
    """Something the plan claims, and what was found."""

    name: str
    claimed: object
    found: object

    @property
    def ok(self) -> bool:
        """Whether the claim is true."""
        return self.claimed == self.found


@dataclass(frozen=True)
class Verdict:
    """What was found about a plan.

    Parameters
    ----------
    plan : Plan
    assignment : Assignment
    audit : Audit
        Every clause, and the value of every tier.
    comparisons : tuple of Comparison
        Claims of the plan beside what was found; empty when it claims nothing.
    relaxations : tuple of str
        Relaxations under which it was judged, as the plan states them.
    notes : tuple of Message
        What a reader should know beside it.
    unchecked : tuple of Message
        What else the plan claims, which only solving again could show, or nothing.
    """

    plan: Plan
    assignment: Assignment
    audit: Audit
    comparisons: tuple[Comparison, ...] = ()
    relaxations: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    unchecked: tuple[Message, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every clause is kept and every claim that was checked is true."""
        return self.audit.ok and all(comparison.ok for comparison in self.comparisons)

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this verdict ends."""
        return ExitCode.PROVEN if self.ok else ExitCode.DISAGREES


def check(plan: str | Path, scenario: str | Path | Scenario | None = None) -> Verdict:
    """Audit a plan.

    Parameters
    ----------
    plan : str or Path
        ``plan.json``, or a table with the columns item and school (項目、學校): CSV, .xlsx, .ods or .xls.
    scenario : str, Path or Scenario, optional
        Needed for a table; a ``plan.json`` has its own, with which this one is then compared.

    Raises
    ------
    InputError
        The plan or the scenario cannot be used.
    """
    if isinstance(scenario, str | Path):
        from assigner.scenario import read_scenario

        scenario = read_scenario(scenario)
    if Path(plan).suffix.lower() in _TABLES:
        return _check_table(plan, scenario)
    return _check_document(plan, read_plan(plan), scenario)


# ---------------------------------------------------------------------------------------------------------- plan.json


def _check_document(path: str | Path, document: Mapping[str, Any], scenario: Scenario | None) -> Verdict:
    comparisons: list[Comparison] = []
    claimed = document.get("scenario") or {}
    content = claimed.get("content")
    if scenario is None and not isinstance(content, dict):
        what = M_("The plan does not hold its scenario.")
        mend = M_("Name the scenario: assigner check PLAN --scenario FILE")
        raise InputError([Problem(path, Place("scenario"), ABSENT, what, None, mend)])
    if isinstance(content, dict):
        from assigner.scenario import Scenario

        held = Scenario.from_canonical(content, str(path))
        comparisons += _unknown_keys(content, held.canonical())
        if scenario is not None:
            comparisons.append(Comparison(_("the scenario in the plan"), held.hash, scenario.hash))
        scenario = scenario or held
    assert scenario is not None
    if claimed.get("hash") is not None:
        comparisons.append(Comparison(_("hash of the scenario"), claimed["hash"], scenario.hash))
    task = original = scenario.problem()
    book = task.rules.rulebook
    rulebook = document.get("rulebook") or {}
    if rulebook.get("hash") is not None:
        comparisons.append(Comparison(_("hash of the rulebook"), rulebook["hash"], book.hash))
    if rulebook.get("year") is not None:
        comparisons.append(Comparison(_("year of the rulebook"), rulebook["year"], book.year))
    assignment = assignment_of(document)
    task, stated, more = _under_relaxations(path, document, scenario, task, assignment)
    comparisons += more
    comparisons += _switch_comparisons(document, task)
    plan = Plan(task, assignment.convener)
    found_audit = audit(task, assignment)
    comparisons += _table_comparisons(document, task)
    comparisons += _tier_comparisons(document, plan, found_audit)
    comparisons += _price_comparisons(document, plan, found_audit)
    found = {**figures(plan, assignment), "audit": audit_claims(task, found_audit)}
    found["convener_ranking"] = ranking_claims(original, choose_convener(original))
    if original.wishes.convener is not None:
        found["convener_ranking"] = []
    for key in ("loads", "travel_km", "travel_minutes", "obligations", "audit", "convener_ranking"):
        if key in document:
            comparisons += _compared(key, document[key], found.get(key))
    return Verdict(plan, assignment, found_audit, tuple(comparisons), stated, (), tuple(_unchecked(document, scenario)))


def assignment_of(document: Mapping[str, Any]) -> Assignment:
    """Who hosts what, of a ``plan.json`` that `assigner.answer.read_plan` let through."""
    hosts = {**document["hosts"], **document.get("separate", {})}
    return Assignment(
        document["convener"],
        {item: tuple(codes) for item, codes in hosts.items()},
        {code: tuple(ways) for code, ways in document.get("ways", {}).items()},
    )


def _under_relaxations(
    path: str | Path, document: Mapping[str, Any], scenario: Scenario, task: Task, assignment: Assignment
) -> tuple[Task, tuple[str, ...], list[Comparison]]:
    """The problem under the relaxations that the plan states, and whether these are the ones in force."""
    taken = stated_relaxations(path, document, task)
    stated = tuple(relaxation.id for relaxation in taken)
    offered = {relaxation.id: relaxation for relaxation in taken}
    found = [relaxation.id for relaxation in _in_force(scenario, task, assignment.convener)]
    comparisons = [Comparison(_("relaxations in force"), sorted(stated), sorted(found))]
    for entry in document.get("relaxations", []):
        if "set" in entry:
            relaxation = offered[str(entry["id"])]
            comparisons += _differences(f"{relaxation.id}.set", entry["set"], dict(relaxation.set_))
    return relaxed(task, taken), stated, comparisons


def stated_relaxations(path: str | Path, document: Mapping[str, Any], task: Task) -> tuple[Relaxation, ...]:
    """The relaxations that a ``plan.json`` states.

    Raises
    ------
    InputError
        The rulebook does not offer one of them.
    """
    offered = {relaxation.id: relaxation for relaxation in task.rules.rulebook.relaxations}
    stated = tuple(str(entry.get("id")) for entry in document.get("relaxations", []))
    problems = [
        Problem(
            path,
            Place(f"relaxations[{position + 1}].id"),
            name,
            M_("The rulebook offers no such relaxation."),
            M_("one of: {choices}", choices=", ".join(offered)),
            M_("Correct the plan, or leave the relaxation out."),
        )
        for position, name in enumerate(stated)
        if name not in offered
    ]
    if problems:
        raise InputError(problems)
    return tuple(offered[name] for name in stated)


def _in_force(scenario: Scenario, task: Task, convener: str) -> tuple[Relaxation, ...]:
    """The relaxations under which the scenario is to be solved with this convener."""
    if scenario.relaxations == "auto":
        return relaxations_needed(task, convener) or ()
    return scenario.stated_relaxations


def _unknown_keys(content: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Comparison]:
    """Keys of the scenario in a plan that mean nothing, so that the hash does not cover them."""
    for part in (None, "rulebook", "geography", "distances"):
        table, known = (content, found) if part is None else (content.get(part, {}), found.get(part, {}))
        for key in table if isinstance(table, dict) else ():
            if key not in known:
                where = ".".join(filter(None, ("scenario.content", part, key)))
                yield Comparison(_("key {key}", key=where), _plain(table[key]), None)


def _switch_comparisons(document: Mapping[str, Any], task: Task) -> Iterator[Comparison]:
    known = {entry["id"]: entry for entry in switch_claims(task.rules)}
    for entry in document.get("switches", []):
        found = known.get(str(entry.get("id")), {"option": None})
        for key in ("option", "default", "place", "quote"):
            # The option is what the entry is for; the rest it may leave out.
            if entry.get(key) != found.get(key) and (key in entry or key == "option"):
                name = _("reading {switch}", switch=entry.get("id"))
                yield Comparison(name if key == "option" else f"{name}: {key}", _plain(entry.get(key)), found.get(key))


def _table_comparisons(document: Mapping[str, Any], task: Task) -> Iterator[Comparison]:
    """Entries of the tables of hosts that no audit sees: unknown items, and items that stand in both tables."""
    tables = document["hosts"], document.get("separate", {})
    for item in dict.fromkeys([*tables[0], *tables[1]]):
        given = [table[item] for table in tables if item in table]
        if item not in task.rules.item_by_id:
            yield Comparison(_("item {item}", item=item), given[-1], None)
        elif len(given) > 1:
            yield Comparison(_("item {item}", item=item), given[0], given[1])


def _tier_comparisons(document: Mapping[str, Any], plan: Plan, found: Audit) -> Iterator[Comparison]:
    entries, status = document.get("tiers", []), document.get("status")
    optimal = status == "optimal"
    if status not in (None, "optimal", "feasible", "disagrees"):
        yield Comparison(_("status"), _plain(status), None)
    if optimal and document.get("stopped_by") is not None:
        yield Comparison(_("stopped by"), _plain(document["stopped_by"]), None)
    names = [_plain(entry.get("name")) for entry in entries]
    order = list(full_order(plan))
    if document.get("among") == "no_worse_than_start" and "tie_break" not in names:
        order.remove("tie_break")  # a plan that is kept has none
    if entries or optimal:
        yield Comparison(_("aims in their order"), names, order if optimal else [n for n in order if n in names])
    for entry in entries:
        name = entry.get("name")
        if not isinstance(name, str) or name not in found.values:
            yield Comparison(_("tier {name}", name=name), _plain(entry.get("value")), None)
            continue
        value = tier_number(name, found.values[name])
        label = _(TIER_NAMES[name])
        yield Comparison(label, _plain(entry.get("value")), value)
        if name == "travel" and "unit" in entry:
            yield Comparison(_("unit of {name}", name=label), _plain(entry["unit"]), _travel_unit(plan))
        claim = entry.get("status")
        if optimal and claim != "optimal":
            yield Comparison(_("status of {name}", name=label), _plain(claim), "optimal")
        elif claim not in (None, "optimal", "feasible", "not_reached"):
            yield Comparison(_("status of {name}", name=label), _plain(claim), None)
        bound = entry.get("bound")
        if not _bound_can_be(plan, name, claim, bound, value):
            yield Comparison(_("bound of {name}", name=label), _plain(bound), value)


def _bound_can_be(plan: Plan, name: str, status: object, bound: Any, value: Any) -> bool:
    """Whether the bound that is claimed agrees with the value found: the same when proven, else on the right side."""
    tolerance = plan.wishes.tolerances.get(name, Fraction(0))
    upward = name == "exploration" and plan.rules.option("exploration_number") in ("most", "stated")
    if status == "not_reached":
        return bound is None
    if status == "optimal" and not tolerance:
        return _same(bound, value)
    if status != "optimal" and (bound is None or not _is_number(value)):
        return True  # the proven beginning of a vector: only its proof could say more
    if not _is_number(bound):
        return False
    if status != "optimal":
        return _not_above(value, bound) if upward else _not_above(bound, value)
    return _not_above(bound, value) and _not_above(value, bound * (1 + float(tolerance)))


def _price_comparisons(document: Mapping[str, Any], plan: Plan, found: Audit) -> Iterator[Comparison]:
    """The price of the order, as far as it can be judged without solving."""
    if "price_of_order" not in document:
        return
    price = document["price_of_order"]
    optimal = document.get("status") == "optimal"
    ours: dict[str, Any] = {name: tier_number(name, found.values[name]) for name in ("travel", "overload", "load")}
    ours["proven"] = optimal
    extremes = [price.get(key) if isinstance(price, dict) else None for key in ("plan", "travel_first", "loads_first")]
    yield from _compared("price_of_order.plan", extremes[0], ours)
    if not isinstance(price, dict):
        return
    if "unit" in price:
        yield Comparison("price_of_order.unit", _plain(price["unit"]), _travel_unit(plan))
    orders = {"travel_first": ("travel", "overload", "load"), "loads_first": ("overload", "load", "travel")}
    others: dict[str, Any] = {"plan": ours if _fewest_unwilling(document, plan) else None}
    others |= {key: price.get(key) for key in orders}
    ranks = {key: {other: _rank(extreme, order) for other, extreme in others.items()} for key, order in orders.items()}
    for key, rank in ranks.items():
        mine = rank[key]
        if mine is None:
            yield Comparison(f"price_of_order.{key}", _plain(price.get(key)), None)
        elif price[key].get("proven") is True:
            # What is proven best in its order is no worse in it than any other plan.
            for other, theirs in rank.items():
                if theirs is not None and theirs < mine:
                    name = _("{best} is no worse than {other}", best=f"price_of_order.{key}", other=other)
                    yield Comparison(name, _plain(price[key]), _plain(others[other]))


def _fewest_unwilling(document: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the plan claims to be among those that the price of the order looks at.

    These have the fewest unwilling hosts and the exploration that goes with them, before all else.
    """
    order = full_order(plan)
    first = set(order[: min(order.index(name) for name in LOAD_TIERS)])
    proven = {entry.get("name") for entry in document.get("tiers", []) if entry.get("status") == "optimal"}
    return first == {"unwilling", "exploration"} <= proven and not plan.wishes.tolerances.get("unwilling")


def _rank(extreme: Any, order: Iterable[str]) -> list[Any] | None:
    """What a plan of the price is worth, the first aim first; None if it says it in no way that can be read."""
    try:
        return [
            [Fraction(str(ratio)) for ratio in extreme[name]] if name == "load" else Fraction(str(extreme[name]))
            for name in order
        ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _travel_unit(plan: Plan) -> str:
    return f"person_{plan.problem.distances.unit}"


# ------------------------------------------------------------------------------------------------- figures and words

#: Words in the language of the run, which change with the program; they are not compared.
_WORDS = ("title", "option_title", "message", "notes", "name")

_TIER_KEYS = ("name", "value", "bound", "status", "seconds", "unit")

_PROOFS = M_("proofs")
_PRICE = M_("price of the order")
_REASONS = M_("why a relaxation is needed")
_STOPPED = M_("why it was stopped")
_WAYS_OUT = M_("why not all rules can hold, and the ways out")
_START = M_("the plan from which it was made")
_DISTANCES = M_("distances, which come from a map that the plan does not hold")
_SECONDS = M_("seconds")
_SEED = M_("seed and versions")
_TITLES = M_("names, titles and messages")


def _unchecked(document: Mapping[str, Any], scenario: Scenario) -> Iterator[Message]:
    """What a plan claims beside that which was compared."""
    tiers = document.get("tiers", [])
    if document.get("status") is not None or any("bound" in entry or "status" in entry for entry in tiers):
        yield _PROOFS
    if "price_of_order" in document:
        yield _PRICE
    if any(entry.get("because") for entry in document.get("relaxations", [])):
        yield _REASONS
    if "explanation" in document:
        yield _WAYS_OUT
    if document.keys() & {"among", "start"}:
        yield _START
    if document.keys() & {"stopped_by", "warning", "disagreements"}:
        yield _STOPPED
    if not scenario.geography.has_polygons:
        yield _DISTANCES
    if any("seconds" in entry for entry in tiers):
        yield _SECONDS
    if document.keys() & {"seed", "versions"}:
        yield _SEED
    if document.keys() & {"loads", "obligations", "audit", "switches", "convener_ranking", "rulebook"}:
        yield _TITLES
    known = plan_schema()["properties"]
    unknown = [str(key) for key in document if key not in known or key in ("collision", "would_help")]
    unknown += [f"tiers.{key}" for key in dict.fromkeys(k for entry in tiers for k in entry) if key not in _TIER_KEYS]
    if unknown:
        yield M_("keys that say nothing about a plan ({keys})", keys=", ".join(unknown))


def _compared(name: str, claimed: Any, found: Any) -> Iterator[Comparison]:
    """One line when all figures of a part are true, else one for every figure that is not."""
    wrong = list(_differences(name, claimed, found))
    if wrong:
        yield from wrong
    else:
        size = _size(found)
        yield Comparison(name, shown := _n("{n} figure", "{n} figures", size), shown)


def _differences(name: str, claimed: Any, found: Any) -> Iterator[Comparison]:
    claimed, found = _keyed(claimed), _keyed(found)
    if isinstance(claimed, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*found, *claimed]):
            if key not in _WORDS:
                yield from _differences(f"{name}.{key}", claimed.get(key), found.get(key))
    elif not _same(claimed, found):
        yield Comparison(name, _plain(claimed), _plain(found))


def _keyed(value: Any) -> Any:
    """A list of entries as a table; their order is a claim too."""
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        return {
            f"{position + 1} ({entry.get('clause') or entry.get('id') or entry.get('code') or '–'})": entry
            for position, entry in enumerate(value)
        }
    return {} if value == [] else value


def _size(value: Any) -> int:
    value = _keyed(value)
    return sum(_size(value[k]) for k in value if k not in _WORDS) if isinstance(value, dict) else 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(claimed: Any, found: Any) -> bool:
    if _is_number(claimed) and _is_number(found):
        return math.isclose(claimed, found, rel_tol=1e-9)
    return bool(type(claimed) is type(found) and claimed == found)


def _not_above(left: float, right: float) -> bool:
    return left <= right or math.isclose(left, right, rel_tol=1e-9)


def _plain(value: Any) -> Any:
    """A claim as it can be shown in one line."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict | list) for v in value)):
        return json.dumps(value, ensure_ascii=False)
    return value


# -------------------------------------------------------------------------------------------------------------- tables


def _check_table(path: str | Path, scenario: Scenario | None) -> Verdict:
    if scenario is None:
        what = M_("A table of duties does not say which scenario it answers.")
        mend = M_("Name the scenario: assigner check PLAN --scenario FILE")
        raise InputError([Problem(path, Place(), ABSENT, what, None, mend)])
    task = scenario.problem()
    hosts, ways, convener, notes = _duties(path, task)
    if convener is None:
        ranking = choose_convener(task)
        convener = task.wishes.convener or (ranking[0].code if ranking else "")
        if task.wishes.convener is None:
            notes.append(
                M_(
                    "The table names no convener; judged with {school}, the first that the program would choose.",
                    school=convener,
                )
            )
    in_force = _in_force(scenario, task, convener)
    task = relaxed(task, in_force)
    assignment = Assignment(convener, {i: tuple(c) for i, c in hosts.items()}, {s: tuple(w) for s, w in ways.items()})
    names = tuple(relaxation.id for relaxation in in_force)
    return Verdict(Plan(task, convener), assignment, audit(task, assignment), (), names, tuple(notes))


def _duties(
    path: str | Path, task: Task
) -> tuple[dict[str, list[str]], dict[str, list[str]], str | None, list[Message]]:
    """Hosts, ways and convener of a table; raises with every cell that cannot be understood."""
    from geodata.sheets import FailedFormula

    sheet, head_row, item_column, school_column = _table(path)
    hosts: dict[str, list[str]] = {}
    ways: dict[str, list[str]] = {}
    convener: str | None = None
    problems: list[Problem] = []
    words = Vocabulary(task.rules.rulebook)
    schools = _school_spellings(task)
    notes = [M_("The table was read from a hidden sheet: {sheet}.", sheet=sheet.name)] if sheet.hidden else []
    for row, cells in sheet.filled():
        if row <= head_row:
            continue
        failed = [column for column in (item_column, school_column) if isinstance(_at(cells, column), FailedFormula)]
        if failed:
            what = M_("A formula in this cell does not work.")
            mend = M_("Correct the formula, or type the value itself over it.")
            problems += [Problem(path, _place(sheet, row, k), _text(cells[k]), what, None, mend) for k in failed]
            continue
        item_cell, school_cell = _at(cells, item_column), _at(cells, school_column)
        if school_cell is None or _text(school_cell) in _NOBODY:
            continue  # a heading, or an item without a host: the audit says what lacks one
        item_word = _text(item_cell)
        item, way = words.willingness_key(item_word), words.way(item_word)
        if item is None and way is None:
            problems.append(_no_item(path, _place(sheet, row, item_column), item_cell, words, task))
            continue
        for school_word in _named(_text(school_cell), schools):
            code = _code_of(school_word, schools)
            if code is None:
                what = M_("The scenario has no such school.")
                expected = M_("a code or name of the scenario")
                mend = M_("Correct the cell, or add the school to the scenario.")
                problems.append(Problem(path, _place(sheet, row, school_column), school_word, what, expected, mend))
            elif item == CONVENER_KEY:
                if convener is not None and convener != code:
                    what = M_("The table names a second convening school; the first is {school}.", school=convener)
                    expected, mend = M_("one convening school"), M_("Keep one of the two.")
                    problems.append(Problem(path, _place(sheet, row, school_column), school_word, what, expected, mend))
                convener = convener or code
            elif item is not None:
                for each in words.items_of[item]:
                    hosts.setdefault(each, []).append(code)
            else:
                ways.setdefault(code, []).append(str(way))
    if problems:
        raise InputError(problems)
    return hosts, ways, convener, notes


def _named(text: str, schools: Mapping[str, str]) -> list[str]:
    """The schools that a cell names: one, or several as our own tables list them, a line or a mark between them."""
    named: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        # A name may hold one of these marks.
        whole = normal(line) in schools or _is_code_and_name(line, schools)
        named += [line] if whole else filter(None, map(str.strip, re.split("[、,，;；]", line)))
    return named or [text]


def _is_code_and_name(text: str, schools: Mapping[str, str]) -> bool:
    """Whether a text is a code and the whole name of its school."""
    code, _blank, name = normal(text.lstrip("'")).partition(" ")
    found = schools.get(code) or schools.get(code.zfill(6))
    return found is not None and schools.get(normal(name)) == found


def _code_of(text: str, schools: Mapping[str, str]) -> str | None:
    """Find a school by its code, its name, or both together: ``063404 市立東勢高工``."""
    # A spreadsheet drops the leading zero of a code, or keeps it behind an apostrophe.
    word = normal(text.lstrip("'"))
    first, _blank, name = word.partition(" ")
    for spelling in (word, first if name else word):
        code = schools.get(spelling) or schools.get(_restored(spelling))
        if code is not None:
            # A code beside the name of another school is a slip, not a school.
            return None if spelling != word and schools.get(normal(name), code) != code else code
    return None


def _restored(text: str) -> str:
    """A code whose one lost zero is put back; else the text."""
    try:
        return normal(read_code(text))
    except CodeError:
        return text


def _no_item(path: str | Path, place: Place, cell: Cell, words: Vocabulary, task: Task) -> Problem:
    """A cell that names no item; one that a spreadsheet has turned into a date is told what it may have been."""
    from assigner.workbook.items import meant_by_date

    what = M_("The rulebook knows no such item.")
    expected = M_("one of: {choices}", choices=", ".join(task.rules.item_by_id))
    mend = M_("Write the id of the item, such as 4.1 or 4.4.career.")
    meant = meant_by_date(words, cell)
    if meant is not None:
        what = M_("A spreadsheet has turned the id of a work item into a date.")
        mend = M_("If it was {item}: format the cell as text, then type {item} again.", item=meant)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        what = M_("A spreadsheet has turned what was typed here into a number that is no item.")
        mend = M_("Format the column of items as text, then type the id again, such as 4.1.")
    return Problem(path, place, _text(cell), what, expected, mend)


def _table(path: str | Path) -> tuple[Sheet, int, int, int]:
    """The sheet with the duties, the row of its heads, and the columns of items and of schools.

    A hidden one counts only where no other has these columns.
    """
    from geodata.sheets import SheetError, read_sheets

    try:
        file = read_sheets(path)
    except SheetError as error:
        raise InputError([_no_table(path, error.problem)]) from None
    for sheet in sorted(file.sheets, key=lambda sheet: sheet.hidden):
        for row, cells in sheet.filled():
            head = [normal(_text(cell)).replace(" ", "") for cell in cells]
            columns = [
                next((k for k, name in enumerate(head) if name in names), None)
                for names in (_ITEM_HEADS, _SCHOOL_HEADS)
            ]
            if columns[0] is not None and columns[1] is not None:
                return sheet, row, columns[0], columns[1]
    sheet = file.sheets[0]
    row, cells = next(sheet.filled(), (0, ()))
    what = M_("The first line does not name the columns.")
    expected = M_("the columns “item” and “school” (or 項目 and 學校)")
    mend = M_("Write the names of the columns into the first line.")
    shown = ", ".join(_text(cell) for cell in cells)
    raise InputError([Problem(path, _place(sheet, row, None), shown, what, expected, mend)])


def _no_table(path: str | Path, problem: str) -> Problem:
    if problem == "empty":
        what, mend = M_("The table is empty."), M_("Give a table with one duty a line.")
    elif problem == "password":
        what = M_("The workbook is protected by a password.")
        mend = M_("Open it, remove the password, and save it again.")
    elif problem in ("encoding", "binary"):
        what, mend = M_("The file is neither UTF-8 nor Big5 text."), M_("Save the table as CSV in UTF-8.")
    else:
        what = M_("The file cannot be read as a table.")
        mend = M_("Save it again as a workbook (.xlsx) or as CSV in UTF-8.")
    return Problem(path, Place(), ABSENT, what, None, mend)


def _at(cells: tuple[Cell, ...], column: int) -> Cell:
    cell = cells[column] if column < len(cells) else None
    return None if isinstance(cell, str) and not cell.strip() else cell


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _place(sheet: Sheet, row: int, column: int | None) -> Place:
    """Where a cell is: by its line in a text, by its name in a workbook."""
    if sheet.lines:
        return Place(line=sheet.line(row))
    return Place(cell=sheet.place(row, column or 0))


def _school_spellings(task: Task) -> dict[str, str]:
    """Spelling -> code; names only where no other school has the same."""
    named = [(school.code, school.name) for school in task.community.schools]
    named += [(partner.code, partner.name) for partner in task.community.outside_partners]
    spellings: dict[str, str] = {}
    for code, name in named:
        if name and sum(other == name for _code, other in named) == 1:
            spellings[normal(name)] = code
    for code, _name in named:
        spellings[normal(code)] = code
    return spellings
