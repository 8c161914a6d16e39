"""Suggestions as tables of plain values, in the current language; see `assigner.report.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.boundary.naming import school_words, town_name
from assigner.messages import _
from assigner.report.boundary_statements import short_town
from assigner.report.suggest_statements import (
    aim_name,
    aim_value,
    decides_text,
    flip_text,
    is_township,
    move_line,
    remark,
    told_aims,
    travel_text,
    verdict_words,
)
from assigner.report.tables import Column, Table, Value
from assigner.words import STATUS_WORDS
from geodata.base_map import NOWHERE, MoveSchool, MoveTownship

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["aims", "better", "by_township", "moved_aims", "ranking", "single_moves"]


def aims(answer: Suggestions) -> Table:
    """Aim by aim: today, after the best change, what is proven."""
    columns = (
        Column("aim", _("Aim")),
        Column("before", _("Today")),
        Column("after", _("After the change")),
        Column("bound", _("Proven bound")),
        Column("status", _("Status")),
    )
    rows: list[tuple[Value, ...]] = []
    for entry in told_aims(answer):
        say = lambda value, aim=entry.aim: aim_value(answer, aim, value)  # noqa: E731
        after = say(entry.value) if answer.best is not None else "–"
        rows.append(
            (aim_name(answer, entry.aim), say(entry.before), after, say(entry.bound), _(STATUS_WORDS[entry.status]))
        )
    title = _("The best change, aim by aim in their order")
    return Table("aims", title if answer.best is not None else _("The map as it is, aim by aim"), columns, tuple(rows))


def better(answer: Suggestions) -> Table:
    """The best changes, each as its moves."""
    columns = (
        Column("rank", _("No."), "number"),
        Column("moves", _("Moves"), "list"),
        Column("schools", _("Schools that change"), "list"),
        Column("decides", _("Better in")),
        Column("travel", _("Travel a year")),
    )
    rows = tuple(
        (
            rank,
            tuple(flip_text(answer, flip) for flip in entry.flips),
            tuple(school_words(answer.base, code) for code in entry.moved) or ("–",),
            decides_text(answer, entry),
            travel_text(answer, entry),
        )
        for rank, entry in enumerate(answer.better, 1)
    )
    return Table("better", _("The best changes"), columns, rows)


def ranking(answer: Suggestions) -> Table:
    """Every single move in a few words, the best first."""
    columns = (
        Column("rank", _("No."), "number"),
        Column("move", _("Move")),
        Column("schools", _("Schools"), "number"),
        Column("verdict", _("Than today")),
        Column("decides", _("Decided by")),
        Column("travel", _("Travel a year")),
    )
    rows: list[tuple[Value, ...]] = []
    for rank, entry in enumerate(answer.ranking, 1):
        reasons = remark(answer, entry)
        decides = "\n".join(reasons) if reasons else decides_text(answer, entry)
        rows.append(
            (
                rank if entry.lawful else None,
                flip_text(answer, entry.flips[0]),
                None if entry.locked else len(entry.moved),
                verdict_words(entry),
                decides,
                travel_text(answer, entry),
            )
        )
    return Table("ranking", _("What every single move would do"), columns, tuple(rows))


def by_township(answer: Suggestions) -> Table:
    """Every township with its best single move: the map as a table."""
    columns = (
        Column("rank", _("No."), "number"),
        Column("township", _("Township")),
        Column("from", _("Belongs to")),
        Column("to", _("Best move: to")),
        Column("verdict", _("Than today")),
        Column("decides", _("Decided by"), "list"),
        Column("travel", _("Travel a year")),
        Column("others", _("Its other moves"), "list"),
    )
    ranks = {id(entry): rank for rank, entry in enumerate(answer.ranking, 1)}
    rows: list[tuple[Value, ...]] = []
    for town, (best, *others) in sorted(answer.by_township.items(), key=lambda found: ranks[id(found[1][0])]):
        own = answer.map.home[town]
        rows.append(
            (
                ranks[id(best)] if best.lawful else None,
                short_town(answer.base, town),
                _("no community") if own == NOWHERE else answer.map.names[own],
                answer.map.names[best.flips[0].to] if isinstance(best.flips[0], MoveTownship) else "–",
                verdict_words(best),
                remark(answer, best) or (decides_text(answer, best),),
                travel_text(answer, best),
                tuple(move_line(answer, entry) for entry in others) or ("–",),
            )
        )
    return Table("by_township", _("The map as a table: every township with its best move"), columns, tuple(rows))


def moved_aims(answer: Suggestions) -> Table:
    """Every aim that a single move changes, a row each: what one reads and filters rather than a row for every move."""
    columns = (
        Column("rank", _("No."), "number"),
        Column("move", _("Move")),
        Column("aim", _("Aim")),
        Column("before", _("Today")),
        Column("after", _("After the change")),
    )
    rows: list[tuple[Value, ...]] = [
        (
            rank if entry.lawful else None,
            flip_text(answer, entry.flips[0]),
            aim_name(answer, aim),
            aim_value(answer, aim, answer.before[aim.key]),
            aim_value(answer, aim, entry.values[aim.key]),
        )
        for rank, entry in enumerate(answer.ranking, 1)
        for aim in answer.aims
        if aim.key in entry.values and entry.values[aim.key] != answer.before[aim.key]
    ]
    return Table("moved_aims", _("The aims that every single move changes"), columns, tuple(rows))


def single_moves(answer: Suggestions) -> Table:
    """Every single move with everything that is known of it: what the files hold."""
    columns = [
        Column("rank", _("No."), "number"),
        Column("kind", _("Kind")),
        Column("code", _("Code"), "code"),
        Column("name", _("Name")),
        Column("from", _("From")),
        Column("to", _("To")),
        Column("moved", _("Schools that change"), "list"),
        Column("lawful", _("May be made"), "flag"),
        Column("verdict", _("Than today")),
        Column("decides", _("Decided by")),
        Column("breaks", _("What stands against it"), "list"),
    ]
    for aim in answer.aims:
        name = aim_name(answer, aim)
        columns.append(Column(f"{aim.key}.before", _("{aim}: today", aim=name)))
        columns.append(Column(f"{aim.key}.after", _("{aim}: after", aim=name)))
    rows = []
    for rank, entry in enumerate(answer.ranking, 1):
        (flip,) = entry.flips
        if isinstance(flip, MoveTownship):
            code, name, own = flip.township, town_name(answer.base, flip.township), answer.map.home[flip.township]
        else:
            assert isinstance(flip, MoveSchool)
            code, own = flip.school, answer.map.member[flip.school]
            name = str(answer.base.schools.get(code, {}).get("name", ""))
        values: list[Value] = []
        for aim in answer.aims:
            values.append(aim_value(answer, aim, answer.before[aim.key]))
            values.append(aim_value(answer, aim, entry.values.get(aim.key)))
        rows.append(
            (
                rank if entry.lawful else None,
                _("township") if is_township(entry) else _("school"),
                code,
                name,
                _("no community") if own == NOWHERE else answer.map.names[own],
                answer.map.names[flip.to],
                tuple(school_words(answer.base, moved) for moved in entry.moved),
                entry.lawful,
                verdict_words(entry),
                decides_text(answer, entry),
                remark(answer, entry),
                *values,
            )
        )
    return Table("single_moves", _("What every single move would do"), tuple(columns), tuple(rows))
