"""What the best single move of every township would do, in classes: what the map of suggestions shows.

Aims come one after the other, so how much better a move is says first of all in which aim: the classes are the aims
that decide, the most important first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from assigner.messages import _, join_list
from assigner.report.suggest_statements import aim_name

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestion, Suggestions

__all__ = ["DEPTHS", "Grade", "grade_words", "grades", "in_order", "verdict_of"]

Verdict: TypeAlias = Literal["better", "equal", "worse", "not_solved", "not_possible", "none"]
"""The last: no move of it was looked at."""

DEPTHS = 3
"""Classes of moves that are better, and of those that are worse: more shades of a colour cannot be told apart."""


@dataclass(frozen=True)
class Grade:
    """A class.

    Parameters
    ----------
    verdict : str
    aims : tuple of str
        Keys of the aims that decide, of what is better or worse.
    depth : int
        0 for the most important of these aims.
    """

    verdict: Verdict
    aims: tuple[str, ...] = ()
    depth: int = 0

    @property
    def key(self) -> str:
        """Short name: ``better-0``, ``equal``."""
        name = self.verdict.replace("_", "-")
        return f"{name}-{self.depth}" if self.aims else name


def verdict_of(entry: Suggestion) -> Verdict:
    """How a move compares with the map as it is."""
    if not entry.lawful:
        return "not_possible"
    if entry.compared is None:
        return "not_solved"
    return ("better", "equal", "worse")[entry.compared + 1]


def grades(answer: Suggestions) -> Mapping[str, Grade]:
    """TOWNCODE -> class of its best move, of all townships of the map."""
    best = {town: entries[0] for town, entries in answer.by_township.items()}
    depths = {verdict: _depths(answer, best, verdict) for verdict in ("better", "worse")}
    found = {}
    for town in answer.map.home:
        verdict = verdict_of(best[town]) if town in best else "none"
        if verdict in depths:
            depth = depths[verdict][best[town].decides]
            aims = tuple(aim for aim, own in depths[verdict].items() if own == depth)
            found[town] = Grade(verdict, aims, depth)
        else:
            found[town] = Grade(verdict)
    return found


def _depths(answer: Suggestions, best: Mapping[str, Suggestion], verdict: str) -> dict[str, int]:
    """Key of each aim that decides -> its class, in the order of the aims."""
    deciding = {entry.decides for entry in best.values() if verdict_of(entry) == verdict}
    order = [aim.key for aim in answer.aims if aim.key in deciding]
    return {aim: min(position, DEPTHS - 1) for position, aim in enumerate(order)}


def grade_words(answer: Suggestions, grade: Grade) -> str:
    """A class in words."""
    names = join_list(aim_name(answer, aim) for aim in answer.aims if aim.key in grade.aims)
    if grade.verdict == "better":
        return _("better in: {aims}", aims=names)
    if grade.verdict == "worse":
        return _("worse in: {aims}", aims=names)
    return {
        "equal": _("no difference in any aim"),
        "not_solved": _("may be made, but stopped before it was solved"),
        "not_possible": _("no move may be made"),
        "none": _("no move within reach"),
    }[grade.verdict]


def in_order(found: Mapping[str, Grade]) -> Iterator[Grade]:
    """The classes that there are, the best first."""
    verdicts = ("better", "equal", "worse", "not_solved", "not_possible", "none")

    def place(grade: Grade) -> tuple[int, int]:
        # Of what is worse, that which loses in the least important aim comes first.
        depth = -grade.depth if grade.verdict == "worse" else grade.depth
        return verdicts.index(grade.verdict), depth

    yield from sorted(set(found.values()), key=place)
