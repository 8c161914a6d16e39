"""Judge a plan from anyone: a ``plan.json``, or a CSV of duties with its scenario.

Every clause is judged without a solver, every tier is computed anew and compared with what the plan claims, and so are
the hashes of scenario and rulebook and the readings it says it used. Only the claim that a relaxation was needed is
asked of the solver.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.answer import read_plan, tier_number
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, Message, _
from assigner.scenario.vocabulary import Vocabulary
from assigner.scenario.words import normal
from assigner.words import TIER_NAMES
from models.audit import Audit, audit
from models.community import CONVENER_KEY, Assignment, Plan
from models.community import Problem as Task
from models.conflicts import relaxations_needed, relaxed
from models.convener import choose_convener

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.rulebook import Relaxation

__all__ = ["Comparison", "Verdict", "check"]

#: Spellings of the columns of a CSV, compared in lower case without blanks.
_ITEM_HEADS = ("item", "itemid", "duty", "項目", "工作項目", "項目代號", "項目編號")
_SCHOOL_HEADS = ("school", "code", "schoolcode", "host", "學校", "學校代碼", "代碼", "辦理學校")


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
    """

    plan: Plan
    assignment: Assignment
    audit: Audit
    comparisons: tuple[Comparison, ...] = ()
    relaxations: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every clause is kept and every claim true."""
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
        ``plan.json``, or a CSV with the columns item and school (項目、學校).
    scenario : str, Path or Scenario, optional
        Needed for a CSV; a ``plan.json`` has its own, with which this one is then compared.

    Raises
    ------
    InputError
        The plan or the scenario cannot be used.
    """
    if isinstance(scenario, str | Path):
        from assigner.scenario import read_scenario

        scenario = read_scenario(scenario)
    if Path(plan).suffix.lower() in (".csv", ".tsv", ".txt"):
        return _check_csv(plan, scenario)
    return _check_document(plan, read_plan(plan), scenario)


# ---------------------------------------------------------------------------------------------------------- plan.json


def _check_document(path: str | Path, document: Mapping[str, Any], scenario: Scenario | None) -> Verdict:
    comparisons: list[Comparison] = []
    claimed = document.get("scenario") or {}
    if scenario is None:
        if not isinstance(claimed.get("content"), dict):
            what = M_("The plan does not hold its scenario.")
            mend = M_("Name the scenario: assigner check PLAN --scenario FILE")
            raise InputError([Problem(path, Place("scenario"), ABSENT, what, None, mend)])
        from assigner.scenario import Scenario

        scenario = Scenario.from_canonical(claimed["content"], str(path))
    if claimed.get("hash") is not None:
        comparisons.append(Comparison(_("hash of the scenario"), claimed["hash"], scenario.hash))
    task = scenario.problem()
    book = task.rules.rulebook
    rulebook = document.get("rulebook") or {}
    if rulebook.get("hash") is not None:
        comparisons.append(Comparison(_("hash of the rulebook"), rulebook["hash"], book.hash))
    assignment = _assignment(document)
    task, stated, more = _under_relaxations(path, document, scenario, task, assignment)
    comparisons += more
    for switch in document.get("switches", []):
        known = book.switch_by_id.get(str(switch.get("id")))
        found = None if known is None else task.rules.option(known.id)
        if switch.get("option") != found:
            name = _("reading {switch}", switch=switch.get("id"))
            comparisons.append(Comparison(name, switch.get("option"), found))
    plan = Plan(task, assignment.convener)
    found_audit = audit(task, assignment)
    comparisons += _tier_comparisons(document, found_audit)
    return Verdict(plan, assignment, found_audit, tuple(comparisons), stated)


def _assignment(document: Mapping[str, Any]) -> Assignment:
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
    found = [relaxation.id for relaxation in _in_force(scenario, task, assignment.convener)]
    comparison = Comparison(_("relaxations in force"), sorted(stated), sorted(found))
    return relaxed(task, [offered[name] for name in stated]), stated, [comparison]


def _in_force(scenario: Scenario, task: Task, convener: str) -> tuple[Relaxation, ...]:
    """The relaxations under which the scenario is to be solved with this convener."""
    if scenario.relaxations == "auto":
        return relaxations_needed(task, convener) or ()
    return scenario.stated_relaxations


def _tier_comparisons(document: Mapping[str, Any], found: Audit) -> Iterator[Comparison]:
    for entry in document.get("tiers", []):
        name = entry.get("name")
        if name not in found.values:
            yield Comparison(_("tier {name}", name=name), entry.get("value"), None)
            continue
        value = tier_number(name, found.values[name])
        yield Comparison(_(TIER_NAMES[name]), entry.get("value"), value)
        if document.get("status") == "optimal" and name != "tie_break" and entry.get("status") != "optimal":
            yield Comparison(_("status of {name}", name=_(TIER_NAMES[name])), entry.get("status"), "optimal")


# ---------------------------------------------------------------------------------------------------------------- CSV


def _check_csv(path: str | Path, scenario: Scenario | None) -> Verdict:
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
    rows = _rows(path)
    head = [cell.strip().casefold().replace(" ", "") for cell in rows[0][1]]
    columns = [
        next((k for k, name in enumerate(head) if name in names), None) for names in (_ITEM_HEADS, _SCHOOL_HEADS)
    ]
    if None in columns:
        what = M_("The first line does not name the columns.")
        expected = M_("the columns “item” and “school” (or 項目 and 學校)")
        mend = M_("Write the names of the columns into the first line.")
        raise InputError([Problem(path, Place(line=rows[0][0]), ", ".join(rows[0][1]), what, expected, mend)])
    item_column, school_column = (k for k in columns if k is not None)
    hosts: dict[str, list[str]] = {}
    ways: dict[str, list[str]] = {}
    convener: str | None = None
    problems: list[Problem] = []
    words = Vocabulary(task.rules.rulebook)
    schools = _school_spellings(task)
    for line, cells in rows[1:]:
        padded = [*cells, *[""] * len(head)]
        item_cell, school_cell = padded[item_column].strip(), padded[school_column].strip()
        if not item_cell and not school_cell:
            continue
        # A spreadsheet drops the leading zero of a code, or keeps it behind an apostrophe.
        word = normal(school_cell.lstrip("'"))
        code = schools.get(word) or schools.get(word.zfill(6))
        if code is None:
            what = M_("The scenario has no such school.")
            expected = M_("a code or name of the scenario")
            mend = M_("Correct the cell, or add the school to the scenario.")
            problems.append(Problem(path, Place(line=line), school_cell, what, expected, mend))
            continue
        item, way = words.willingness_key(item_cell), words.way(item_cell)
        if item == CONVENER_KEY:
            convener = code
        elif item is not None:
            for each in words.items_of[item]:
                hosts.setdefault(each, []).append(code)
        elif way is not None:
            ways.setdefault(code, []).append(way)
        else:
            what = M_("The rulebook knows no such item.")
            expected = M_("one of: {choices}", choices=", ".join(task.rules.item_by_id))
            mend = M_("Write the id of the item, such as 4.1 or 4.4.career.")
            problems.append(Problem(path, Place(line=line), item_cell, what, expected, mend))
    if problems:
        raise InputError(problems)
    return hosts, ways, convener, []


def _rows(path: str | Path) -> list[tuple[int, list[str]]]:
    """Lines of a table with their numbers, blank ones left out; UTF-8 with or without BOM, else Big5."""
    data = Path(path).read_bytes()
    for encoding in ("utf-8-sig", "cp950"):
        try:
            content = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        what = M_("The file is neither UTF-8 nor Big5 text.")
        raise InputError([Problem(path, Place(), ABSENT, what, None, M_("Save the table as CSV in UTF-8."))])
    first = content.lstrip().split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    if not rows:
        what = M_("The table is empty.")
        raise InputError([Problem(path, Place(), ABSENT, what, None, M_("Give a table with one duty a line."))])
    return rows


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
