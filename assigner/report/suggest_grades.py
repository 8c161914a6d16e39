"""What the best single move of every township would do, in classes: what the map of suggestions shows.

Aims come one after the other, so how much better a move is says first of all in which aim: the classes are the aims
that decide, the most important first. Where few aims decide, moves that travel decides are divided by how much it
changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
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
        0 for what counts most: the most important of these aims, the largest change of travel.
    least, below : Fraction or None
        How much travel changes, as a share of what it is: at least so much, less than so much.
    """

    verdict: Verdict
    aims: tuple[str, ...] = ()
    depth: int = 0
    least: Fraction | None = None
    below: Fraction | None = None

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
    found = {town: Grade(verdict_of(best[town]) if town in best else "none") for town in answer.map.home}
    for verdict in ("better", "worse"):
        own = {town: best[town] for town, grade in found.items() if grade.verdict == verdict}
        classes = _classes(answer, verdict, list(own.values()))
        for town, entry in own.items():
            share = _share(answer, entry)
            found[town] = next(
                grade
                for grade in classes
                if entry.decides in grade.aims
                and (grade.least is None or share >= grade.least)
                and (grade.below is None or share < grade.below)
            )
    return found


def _classes(answer: Suggestions, verdict: Literal["better", "worse"], entries: Sequence[Suggestion]) -> list[Grade]:
    """The classes of moves that are better, or worse, what counts most first."""
    deciding = {entry.decides for entry in entries}
    order = [aim for aim in answer.aims if aim.key in deciding]
    made: list[Grade] = []
    for position, aim in enumerate(order):
        if len(order) > DEPTHS and position == DEPTHS - 1:  # those that count least, in one class
            return [*made, Grade(verdict, tuple(other.key for other in order[position:]), position)]
        edges: list[Fraction] = []
        if aim.name == "travel" and answer.before[aim.key]:
            edges = _edges([_share(answer, e) for e in entries if e.decides == aim.key], 1 + DEPTHS - len(order))
        for below, least in pairwise((None, *edges, None)):
            made.append(Grade(verdict, (aim.key,), len(made), least, below))
    return made


def _share(answer: Suggestions, entry: Suggestion) -> Fraction:
    """How much the aim that decides changes, where it is travel."""
    before = answer.before[entry.decides]
    if not entry.decides.startswith("travel") or not before:
        return Fraction(0)
    return abs(Fraction(entry.values[entry.decides]) - before) / before


_ROUND = tuple(Fraction(step, 10**digits) for digits in (5, 4, 3, 2, 1) for step in (1, 2, 3, 5, 7))


def _edges(shares: Sequence[Fraction], parts: int) -> list[Fraction]:
    """Round numbers that divide shares into as many parts of about the same size, the largest first."""
    ordered, found = sorted(shares), list[Fraction]()
    for part in range(1, parts):
        middle = ordered[len(ordered) * part // parts]
        able = [edge for edge in _ROUND if ordered[0] < edge <= ordered[-1] and edge not in found]
        # Every part has something in it.
        able = [
            edge
            for edge in able
            if all(any(min(edge, other) <= share < max(edge, other) for share in shares) for other in found)
        ]
        if able:
            found.append(min(able, key=lambda edge: (max(edge, middle) / min(edge, middle), edge)))
    return sorted(found, reverse=True)


def grade_words(answer: Suggestions, grade: Grade) -> str:
    """A class in words."""
    names = join_list(aim_name(answer, aim) for aim in answer.aims if aim.key in grade.aims)
    if grade.verdict in ("better", "worse"):
        what = _("better in: {aims}", aims=names) if grade.verdict == "better" else _("worse in: {aims}", aims=names)
        return _by_how_much(what, grade)
    return {
        "equal": _("no difference in any aim"),
        "not_solved": _("may be made, but stopped before it was solved"),
        "not_possible": _("no move may be made"),
        "none": _("no move within reach"),
    }[grade.verdict]


def _by_how_much(what: str, grade: Grade) -> str:
    least, below = (None if share is None else f"{float(share * 100):g}%" for share in (grade.least, grade.below))
    if least is None and below is None:
        return what
    if below is None:
        return _("{what}, by {least} or more", what=what, least=least)
    if least is None:
        return _("{what}, by less than {below}", what=what, below=below)
    return _("{what}, by {least} to {below}", what=what, least=least, below=below)


def in_order(found: Mapping[str, Grade]) -> Iterator[Grade]:
    """The classes that there are, the best first."""
    verdicts = ("better", "equal", "worse", "not_solved", "not_possible", "none")

    def place(grade: Grade) -> tuple[int, int]:
        # Of what is worse, that which loses in the least important aim comes first.
        depth = -grade.depth if grade.verdict == "worse" else grade.depth
        return verdicts.index(grade.verdict), depth

    yield from sorted(set(found.values()), key=place)
