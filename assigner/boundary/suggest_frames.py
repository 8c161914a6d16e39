"""Suggestions as tidy frames."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from geodata.base_map import MoveSchool, MoveTownship

if TYPE_CHECKING:
    import pandas as pd

    from assigner.boundary.suggesting import Suggestion, Suggestions

__all__ = ["frames_of"]

_MOVE = ("kind", "code", "from", "to", "lawful", "verdict", "decides")


def frames_of(answer: Suggestions) -> dict[str, pd.DataFrame]:
    """Frames by name (see `assigner.boundary.suggesting.Suggestions.frames`)."""
    import pandas as pd

    from assigner.report.suggest_statements import remark

    aims = [
        (entry.aim.key, _plain(entry.before), _plain(entry.value), _plain(entry.bound), entry.status)
        for entry in answer.bound
    ]
    moves, values = [], []
    for rank, entry in enumerate(answer.ranking, 1):
        moves.append((rank, *_move(answer, entry), len(entry.moved), "; ".join(remark(answer, entry))))
        for aim in answer.aims:
            if aim.key in entry.values:
                before, after = answer.before[aim.key], entry.values[aim.key]
                values.append((rank, aim.key, _plain(before), _plain(after), _change(before, after)))
    ranks = {id(entry): rank for rank, entry in enumerate(answer.ranking, 1)}
    towns = [
        (town, ranks[id(entries[0])], *_move(answer, entries[0])[2:], len(entries))
        for town, entries in answer.by_township.items()
    ]
    made: dict[str, tuple[list[Any], tuple[str, ...]]] = {
        "aims": (aims, ("aim", "before", "after", "bound", "status")),
        "moves": (moves, ("rank", *_MOVE, "schools", "reasons")),
        "values": (values, ("rank", "aim", "before", "after", "change")),
        "townships": (towns, ("township", "rank", *_MOVE[2:], "moves")),
    }
    return {name: pd.DataFrame(content, columns=list(columns)) for name, (content, columns) in made.items()}


def _move(answer: Suggestions, entry: Suggestion) -> tuple[Any, ...]:
    from assigner.report.suggest_grades import verdict_of

    (flip,) = entry.flips
    assert isinstance(flip, MoveTownship | MoveSchool)
    if isinstance(flip, MoveTownship):
        kind, code, own = "township", flip.township, answer.map.home[flip.township]
    else:
        kind, code, own = "school", flip.school, answer.map.member[flip.school]
    return kind, code, own, flip.to, entry.lawful, verdict_of(entry), entry.decides


def _plain(value: Any) -> Any:
    """A value as frames have it: numbers, loads as lists of texts."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return [str(part) for part in value]
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else float(exact)


def _change(before: Any, after: Any) -> float | None:
    if isinstance(before, tuple) or isinstance(after, tuple):
        return None
    return float(Fraction(after) - Fraction(before))
