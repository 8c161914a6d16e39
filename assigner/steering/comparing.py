"""Two plans of one community side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from assigner.answer import tier_changes, versions_of
from assigner.documented import Documented
from assigner.errors import ExitCode
from assigner.messages import M_, Message
from assigner.planner import Result
from assigner.scenario.canonical import file_of
from assigner.steering.standing import Standing, same_community, standing
from assigner.words import item_label, school_list, school_name, text
from models.difference import difference

if TYPE_CHECKING:
    from models.community import Problem as Task
    from models.difference import Difference, HandOver

__all__ = ["PlanDiff", "diff", "hand_over_claims"]

#: What a scenario asks, beside its schools: keys of its file.
_ASKED = ("convener", "pins", "bans", "host_numbers", "exploration", "ways", "tiers", "relaxations")

#: Keys of a scenario that say where things are and who travels.
_GROUND = ("townships", "junior_highs", "shared_townships", "outside_partners", "links", "travel", "part_of")


@dataclass(frozen=True)
class PlanDiff(Documented):
    """What differs between two plans.

    Parameters
    ----------
    first, second : Standing
    found : Difference
    notes : tuple of Message
        Where rulebook, readings or scenario are not the same.
    """

    first: Standing
    second: Standing
    found: Difference
    notes: tuple[Message, ...]

    @property
    def same(self) -> bool:
        """Whether nothing that the plans decide differs."""
        found = self.found
        return not (found.moves or found.ways or found.convener[0] != found.convener[1])

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return ExitCode.PROVEN

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data."""
        found = self.found
        return {
            "schema_version": 1,
            "first": {"file": self.first.name, "scenario": self.first.scenario.hash},
            "second": {"file": self.second.name, "scenario": self.second.scenario.hash},
            "notes": list(map(str, self.notes)),
            "same": self.same,
            "convener": list(found.convener),
            "moves": [hand_over_claims(self.second.problem, self.first.problem, move) for move in found.moves],
            "ways": [{"school": code, "before": list(a), "after": list(b)} for code, a, b in found.ways],
            "loads": [
                {
                    "code": load.code,
                    "name": name_in(load.code, self.second.problem, self.first.problem),
                    "points": [_exact(load.points_before), _exact(load.points_after)],
                    "ratio": [_exact(load.ratio_before), _exact(load.ratio_after)],
                }
                for load in found.loads
            ],
            "tiers": tier_changes(found.tiers),
            "decides": None if found.decides is None else found.decides.tier,
            "versions": versions_of(),
        }


def diff(first: str | PathLike[str] | Result | Standing, second: str | PathLike[str] | Result | Standing) -> PlanDiff:
    """Compare two plans of one community.

    Parameters
    ----------
    first, second : str, Path or Result
        Each a ``plan.json`` or an answer.

    Raises
    ------
    InputError
        One of them is no plan, or they are of different communities.

    Examples
    --------
    >>> import assigner
    >>> assigner.diff("last-year/plan.json", "plan/plan.json").found.moves  # doctest: +SKIP
    """
    old, new = standing(first), standing(second)
    same_community(old.scenario, new.scenario, new.name)
    found = difference(new.problem, old.assignment, new.assignment, problem_before=old.problem)
    return PlanDiff(old, new, found, tuple(_notes(old, new)))


def _notes(old: Standing, new: Standing) -> Iterator[Message]:
    if old.scenario.rulebook.hash != new.scenario.rulebook.hash:
        yield M_(
            "The rulebooks are not the same (school year {first}, then {second}): only what both know is compared.",
            first=old.scenario.rulebook.year,
            second=new.scenario.rulebook.year,
        )
    switches = [(dict(plan.problem.rules.choice), plan.problem.rules.rulebook) for plan in (old, new)]
    for name, option in switches[1][0].items():
        before = switches[0][0].get(name, option)
        if before != option:
            switch = switches[1][1].switch_by_id[name]
            titles = {entry.id: text(entry.title) for entry in switch.options}
            yield M_(
                "A reading is not the same: {switch}: {first}, then {second}.",
                switch=text(switch.title),
                first=titles.get(before, before),
                second=titles[option],
            )
    here, there = (set(plan.problem.participants) for plan in (old, new))
    if gone := sorted(here - there):
        yield M_("No longer taking part: {schools}.", schools=school_list(old.problem, gone))
    if joined := sorted(there - here):
        yield M_("New: {schools}.", schools=school_list(new.problem, joined))
    if old.scenario.hash == new.scenario.hash:
        return
    files = [file_of(plan.scenario) for plan in (old, new)]
    asked = [key for key in _ASKED if files[0][key] != files[1][key]]
    ground = [key for key in _GROUND if files[0].get(key) != files[1].get(key)]
    members = [{school["code"]: school for school in file["schools"]} for file in files]
    common = [c for c in members[0] if c in members[1] and c in here & there and members[0][c] != members[1][c]]
    if asked:
        yield M_("What the planner asks is not the same: {keys}.", keys=", ".join(asked))
    if common:
        yield M_("What is said of these schools is not the same: {schools}.", schools=school_list(new.problem, common))
    if ground:
        yield M_("Places and travel are not the same: {keys}.", keys=", ".join(ground))


def name_in(code: str, *tasks: Task) -> str:
    """Name of a school in the first problem that knows it."""
    return next((name for task in tasks if (name := school_name(task, code))), "")


def hand_over_claims(task: Task, before: Task, move: HandOver) -> dict[str, Any]:
    """A duty in other hands, as it stands in documents."""
    names = {code: name_in(code, task, before) for code in (move.before, move.after) if code is not None}
    return {
        "duty": move.row,
        "title": item_label(task.rules.rulebook, move.row),
        "items": list(move.items),
        "before": move.before,
        "after": move.after,
        "names": names,
    }


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
