"""A plan mended in mid-year: schools leave, are barred or join, and as few duties as can be change hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.answer import tier_changes, versions_of
from assigner.documented import Documented
from assigner.errors import ExitCode, InputError, Place, Problem
from assigner.messages import M_, Message
from assigner.planner import Relaxed, Result, judged
from assigner.scenario.canonical import file_of
from assigner.scenario.finding import SchoolFinder
from assigner.steering.changing import changed_scenario, distances_are_given, with_document
from assigner.steering.comparing import hand_over_claims
from assigner.steering.standing import Standing, same_community, standing
from assigner.words import school_label
from models.conflicts import relaxed
from models.engine import Engine
from models.explain import why_no_plan
from models.repair import repair as mend
from models.stopping import Limits, Progress, Stop
from models.tiers import NoPlan

if TYPE_CHECKING:
    from assigner.outputs import Written
    from assigner.scenario import Scenario
    from models.repair import Repair

__all__ = ["Repaired", "repair"]

#: Work granted to the ways out where no plan can be mended.
_WAYS_WORK = 20.0


@dataclass(frozen=True)
class Repaired(Documented):
    """A plan mended with as few changes as can be, and beside it the best plan.

    Parameters
    ----------
    before : Standing
    result : Result
        The mended plan, as `assigner.solve` gives answers; or why there is none.
    found : Repair or None
        None: it was stopped before a plan was found.
    """

    before: Standing
    result: Result
    found: Repair | None

    @property
    def status(self) -> str:
        """As of the result."""
        return self.result.status

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return self.result.exit_code

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the mended plan into a folder, as `assigner.solve` does."""
        return self.result.write(folder, formats)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data; ``plan`` is a ``plan.json``."""
        found = self.found
        document: dict[str, Any] = {"schema_version": 1, "status": self.status, "before": self.before.name}
        if found is not None:
            task, old = found.plan.problem, self.before.problem
            away = found.fallen_away
            document |= {
                "convener": list(found.convener),
                "fallen_away": {
                    "convener": away.convener,
                    "pins": [list(pin) for pin in away.pins],
                    "bans": [list(ban) for ban in away.bans],
                    "ways": list(away.ways),
                },
            }
            if found.result is not None and found.fewest is not None:
                fewest = found.fewest
                bound = None if fewest.bound is None else str(fewest.bound)
                document["changes"] = {"number": str(fewest.value), "at_least": bound, "status": fewest.status}
                document["moves"] = [
                    {**hand_over_claims(task, old, move.hand_over), "forced": move.forced} for move in found.moves
                ]
            if found.free is not None:
                document["free"] = {
                    "moves": [hand_over_claims(task, old, move) for move in found.free_moves],
                    "proven": found.free.proven,
                    "tiers": tier_changes(found.tiers),
                }
        document["plan"] = self.result.to_dict()
        document["versions"] = versions_of()
        return document


def repair(
    plan: str | PathLike[str] | Result | Standing,
    scenario: str | PathLike[str] | Scenario | None = None,
    *,
    without: Iterable[str] = (),
    barred: Iterable[str] = (),
    add: Iterable[str] = (),
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    free: bool = True,
    ways_out: int = 5,
) -> Repaired:
    """Mend a plan after schools left, were barred or joined.

    Parameters
    ----------
    plan : str, Path or Result
        A ``plan.json`` or an answer: what is to change as little as can be.
    scenario : str, Path or Scenario, optional
        What holds now; that of the plan by default.
    without, barred, add : iterable of str
        Codes or names of schools. Of `add` also files (YAML) with a school, as it stands under ``schools``.
    work_limit, time_limit, stop, progress
        As `assigner.solve`.
    free : bool
        Also find the best plan, whatever it changes.
    ways_out : int
        Where no lawful plan is left: so many of the cheapest ways out.

    Raises
    ------
    InputError
        The plan, the scenario or a school cannot be used.
    """
    before = standing(plan)
    base = _scenario(scenario, before)
    same_community(base, before.scenario, before.name)
    leave, bar, base, joined = _changes(base, tuple(without), tuple(barred), tuple(add))
    task = relaxed(base.problem(), before.relaxations)
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), progress=progress)
    reasons = tuple(Relaxed(relaxation, None) for relaxation in before.relaxations)
    ids = [relaxation.id for relaxation in before.relaxations] or None
    try:
        found = mend(task, before.assignment, engine, leave=leave, barred=bar, join=joined, free=free)
    except NoPlan:
        from models.community import Plan

        stopped = Plan(task, before.assignment.convener)
        result = Result("stopped", stopped, relaxations=reasons, stopped_by=engine.stopped_by, scenario=base)
        return Repaired(before, replace(result, asked=task), None)
    now = found.plan.problem
    changed = changed_scenario(base, now, relaxations=ids)
    if found.result is None:
        result = Result("infeasible", found.plan, relaxations=reasons, collision=found.collision)
        if ways_out > 0 and not engine.exhausted():
            engine.limits = replace(engine.limits, work=_more(engine))
            result = replace(result, explanation=why_no_plan(now, engine, most=ways_out))
    else:
        result = replace(judged(found.plan, found.result, reasons, (), engine), among="fewest_changes")
        if found.fewest is not None and found.fewest.status != "optimal" and result.status == "optimal":
            result = replace(result, status="feasible", stopped_by=engine.stopped_by)
    result = replace(result, scenario=changed, asked=now, solver_seconds=engine.solver_seconds)
    return Repaired(before, result, found)


def _more(engine: Engine) -> float:
    limit = engine.work + _WAYS_WORK
    return limit if engine.limits.work is None else min(engine.limits.work, limit)


def _scenario(given: str | PathLike[str] | Scenario | None, before: Standing) -> Scenario:
    if given is None:
        return before.scenario
    if isinstance(given, str | PathLike):
        from assigner.scenario import read_scenario

        return read_scenario(given)
    return given


def _changes(
    scenario: Scenario, without: tuple[str, ...], barred: tuple[str, ...], add: tuple[str, ...]
) -> tuple[list[str], list[str], Scenario, list[str]]:
    """Codes of schools that leave and are barred; the scenario with those that join, and their codes."""
    problems: list[Problem] = []
    known = scenario.community.school_by_code
    finder = SchoolFinder(scenario.problem())

    def wrong(option: str, value: object, what: Message, more: Message | None = None) -> None:
        mend_it = more or M_("Correct what follows {option}.", option=option)
        problems.append(Problem("", Place(option), value, what, None, mend_it))

    def codes(option: str, words: tuple[str, ...]) -> list[str]:
        found = []
        for word in words:
            code = finder.code(word)
            if code is None:
                wrong(option, word, M_("No school of this scenario has this code or name."), finder.near(word))
            else:
                found.append(code)
        return list(dict.fromkeys(found))

    leave, bar = codes("--without", without), codes("--barred", barred)
    for code in leave:
        if not known[code].participates:
            wrong("--without", school_label(scenario.problem(), code), M_("The school takes no part in the plan."))
    for code in bar:
        if known[code].barred:
            wrong("--barred", school_label(scenario.problem(), code), M_("The school is barred already."))
    files = [word for word in add if finder.code(word) is None and Path(word).suffix]
    joined = codes("--add", tuple(word for word in add if word not in files))
    for code in joined:
        if known[code].participates and not known[code].barred:
            wrong("--add", school_label(scenario.problem(), code), M_("The school takes part already."))
    for code in {*leave, *bar} & set(joined):
        wrong("--add", school_label(scenario.problem(), code), M_("A school cannot both leave and join."))
    if problems:
        raise InputError(problems)
    entries = [entry for file in files for entry in _schools_in(file)]
    if not joined and not entries:
        return leave, bar, scenario, []
    document = file_of(scenario)
    schools = [
        {**school, "takes_part": True, "barred": False} if school["code"] in joined else school
        for school in document["schools"]
    ]
    new = [str(entry.get("code", "")) for entry in entries]
    strangers = [code for code in (*joined, *new) if code not in scenario.problem().distances.schools]
    if distances_are_given(scenario) and strangers:
        what = M_("The distances of the scenario do not know this school.")
        mend_it = M_("Add its distances to the scenario, and give the scenario.")
        raise InputError([Problem("", Place("--add"), code, what, None, mend_it) for code in strangers])
    # Junior highs are named by their codes, townships by theirs: the territory stays as it was.
    document = {**document, "schools": [*schools, *entries]}
    return leave, bar, with_document(scenario, document, files=files), [*joined, *new]


def _schools_in(file: str) -> list[dict[str, Any]]:
    """The schools of a file: one, or a list of them, as they stand under ``schools``."""
    from assigner.scenario.reading import document_of, text_of

    data: Any = document_of(text_of(Path(file), file), file).data
    entries = data.get("schools", data) if isinstance(data, dict) else data
    entries = entries if isinstance(entries, list) else [entries]
    if not entries or not all(isinstance(entry, dict) and "code" in entry for entry in entries):
        what = M_("The file holds no school.")
        expected = M_("“code” and the other keys of a school, as under “schools” in a scenario")
        raise InputError([Problem(file, Place(), "", what, expected, M_("Write the school as in a scenario."))])
    return entries
