"""What suggestions say in sentences, in the current language; rows are in `suggest_tables`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.boundary.suggest_aims import aims_of
from assigner.boundary.suggest_effects import effects_of_suggestion
from assigner.messages import N_, _, _n, join_list, number
from assigner.report.boundary_statements import finding_text, flip_line, short_town
from assigner.report.statements import Statement
from assigner.words import TIER_NAMES, amount, tier_value
from geodata.base_map import MoveSchool, MoveTownship

if TYPE_CHECKING:
    from assigner.boundary.suggest_aims import Aim
    from assigner.boundary.suggesting import AimValue, Suggestion, Suggestions
    from geodata.base_map import Flip

__all__ = [
    "MEASURE_NAMES",
    "aim_name",
    "aim_value",
    "asked",
    "broken",
    "change_of",
    "decides_text",
    "flip_text",
    "heading",
    "how_found",
    "is_township",
    "move_line",
    "remark",
    "short_town",
    "told_aims",
    "travel_text",
    "unit_of",
    "verdict",
    "verdict_words",
]

MEASURE_NAMES: Mapping[str, str] = {
    "largest_load": N_("heaviest load"),
    "schools_changed": N_("schools in another community than in the base map"),
    "size_spread": N_("difference of the largest and the smallest community"),
    "without_plan": N_("communities without a lawful plan"),
}

_VECTORS = ("load", "separate")


def aim_name(answer: Suggestions, aim: Aim) -> str:
    """An aim in words."""
    name = _(TIER_NAMES[aim.name] if aim.name in TIER_NAMES else MEASURE_NAMES[aim.name])
    if not aim.community:
        return name
    return _("{aim}, {community}", aim=name, community=answer.map.names[aim.community])


def unit_of(answer: Suggestions) -> str:
    """Unit of the distances."""
    for state in answer.states.values():
        if state.scenario is not None:
            return state.scenario.problem().distances.unit
    return "km"


def aim_value(answer: Suggestions, aim: Aim, value: Any) -> str:
    """The value of an aim in words; a dash where it is not known."""
    if value is None:
        return "–"
    if aim.name in TIER_NAMES:
        return tier_value(aim.name, value, unit_of(answer))
    return str(value) if aim.name == "largest_load" else amount(value)


def change_of(aim: Aim, before: Any, after: Any) -> str:
    """How a value changes, in a few words: of levels the highest one at which the number of schools is another."""
    if aim.name in _VECTORS:
        level, was, now = _first_difference(before, after)
        if level is None:
            return _("as it was")
        return _("schools at {level} or more: {before} → {after}", level=level, before=was, after=now)
    if before == after:
        return _("as it was")
    if isinstance(before, tuple) or isinstance(after, tuple):
        return f"{_pair(before)} → {_pair(after)}"
    if aim.name == "travel":
        share = f" ({float((after - before) / before):+.1%})" if before else ""
        return f"{number(float(before) / 10)} → {number(float(after) / 10)}{share}"
    if aim.name == "largest_load":
        return f"{before} → {after}"
    return f"{amount(before)} → {amount(after)}"


def _pair(value: Any) -> str:
    uncovered, hosts = value if isinstance(value, tuple) else (Fraction(0), value)
    return f"{amount(uncovered)}/{amount(hosts)}"


def _first_difference(before: tuple[Fraction, ...], after: tuple[Fraction, ...]) -> tuple[Fraction | None, int, int]:
    was, now = Counter(before), Counter(after)
    above_was = above_now = 0
    for level in sorted(was.keys() | now.keys(), reverse=True):
        above_was, above_now = above_was + was[level], above_now + now[level]
        if above_was != above_now:
            return level, above_was, above_now
    return None, 0, 0


def flip_text(answer: Suggestions, flip: Flip) -> str:
    """A flip in a few words."""
    if isinstance(flip, MoveTownship):
        what, to = short_town(answer.base, flip.township), answer.map.names[flip.to]
        return _("{what} goes to {community}", what=what, community=to)
    return flip_line(answer.base, flip, answer.map.names)


def remark(answer: Suggestions, entry: Suggestion) -> tuple[str, ...]:
    """Why a change may not be made."""
    if entry.locked:
        return (_("locked"),)
    return (
        *broken(answer, entry),
        *(_("gives up what is to be kept: {aim}", aim=name) for name in _given_up(answer, entry)),
    )


def _given_up(answer: Suggestions, entry: Suggestion) -> tuple[str, ...]:
    return tuple(aim_name(answer, aim) for aim in aims_of(entry.gives_up, ()) if aim.key in entry.gives_up)


def broken(answer: Suggestions, entry: Suggestion) -> tuple[str, ...]:
    """The findings that stand against a change, in words."""
    if not entry.breaks:
        return ()
    effects = effects_of_suggestion(answer, entry)
    return tuple(finding_text(finding, effects) for finding in entry.breaks)


def verdict_words(entry: Suggestion) -> str:
    """How a change compares with the map as it is."""
    if not entry.lawful:
        return _("not possible")
    if entry.compared is None:
        return _("not solved")
    return (_("better"), _("equal"), _("worse"))[entry.compared + 1]


def decides_text(answer: Suggestions, entry: Suggestion) -> str:
    """The aim that decides, and how it changes."""
    aim = next((aim for aim in answer.aims if aim.key == entry.decides), None)
    if aim is None:
        return "–"
    change = change_of(aim, answer.before[aim.key], entry.values[aim.key])
    return _("{aim}: {change}", aim=aim_name(answer, aim), change=change)


def travel_text(answer: Suggestions, entry: Suggestion) -> str:
    """How travel changes."""
    aim = next((aim for aim in answer.aims if aim.key == "travel"), None)
    if aim is None or not entry.solved:
        return "–"
    return change_of(aim, answer.before["travel"], entry.values["travel"])


def move_line(answer: Suggestions, entry: Suggestion) -> str:
    """A single move in a line: where it goes, how it compares, and why."""
    (flip,) = entry.flips
    to = answer.map.names[flip.to] if isinstance(flip, MoveTownship | MoveSchool) else ""
    reasons = remark(answer, entry)
    why = join_list(reasons) if reasons else decides_text(answer, entry)
    if why == "–":
        return _("to {community}: {verdict}", community=to, verdict=verdict_words(entry))
    return _("to {community}: {verdict} ({why})", community=to, verdict=verdict_words(entry), why=why)


def heading(answer: Suggestions) -> tuple[str, ...]:
    """The base and what it is."""
    base = answer.base
    lines = [_("Base map: {name}", name=base.name or base.id)]
    if base.synthetic:
        lines.append(_("A made-up county, for trying the program out."))
    if base.invented:
        lines.append(_("Real schools in communities that nobody decided: drawn up by the program."))
    return tuple(lines)


def asked(answer: Suggestions) -> tuple[str, ...]:
    """What was asked for, and what a suggestion has to keep."""
    what = (
        _n(
            "Moves of townships or schools, at most {n} of them.",
            "Moves of townships or schools, at most {n} of them.",
            answer.max_flips,
        )
        if answer.schools
        else _n(
            "Moves of townships, at most {n} of them.", "Moves of townships, at most {n} of them.", answer.max_flips
        )
    )
    if answer.around is not None:
        what = _("{what} Each from {community} or to it.", what=what, community=answer.map.names[answer.around])
    lines = [what]
    if answer.scope and answer.aims:
        names = join_list(aim_name(answer, entry.aim) for entry in told_aims(answer))
        lines.append(_("What counts, the most important first: {aims}.", aims=names))
        scope = join_list(answer.map.names[community] for community in answer.scope)
        lines.append(_("Values are those of these communities together: {names}.", names=scope))
    lines.append(
        _(
            "No community may fall into more connected parts than it has, keep too few schools for a plan, "
            "be left without a lawful plan, or need a rule relaxed that it keeps today."
        )
        if answer.pieces == "no more"
        else _(
            "No community may keep too few schools for a plan, be left without a lawful plan, "
            "or need a rule relaxed that it keeps today."
        )
    )
    return tuple(lines)


def told_aims(answer: Suggestions) -> tuple[AimValue, ...]:
    """The aims that people are told of: that every community has a lawful plan goes without saying."""
    return tuple(
        entry
        for entry in answer.bound
        if entry.aim.name != "without_plan" or entry.before or entry.value or entry.bound
    )


def verdict(answer: Suggestions) -> Statement:
    """The answer in one sentence."""
    maps = number(answer.maps)
    if answer.status == "stopped":
        return Statement(_("Stopped before the plans of the communities as they are were known."), "warning")
    if answer.best is None:
        if answer.proven and not answer.maps:
            return Statement(_("No move is within reach: nothing that adjoins another community may move."), "good")
        if answer.proven:
            text = _("Proven: none of the {maps} maps within reach is better than the map as it is.", maps=maps)
            return Statement(text, "good")
        return Statement(_("Nothing better than the map as it is was found; not proven."), "warning")
    if answer.proven:
        return Statement(
            _("Proven: none of the {maps} maps within reach is better than this change.", maps=maps), "good"
        )
    return Statement(_("Better than the map as it is, but not proven to be the best change."), "warning")


def how_found(answer: Suggestions) -> tuple[str, ...]:
    """How many maps there are, how many were solved, and what was left out."""
    if answer.proven and not answer.maps:
        lines = []
    elif answer.proven and not answer.pruned:
        lines = [_("{maps} maps within reach; the plans of all were solved.", maps=number(answer.maps))]
    elif answer.proven:
        lines = [
            _(
                "{maps} maps within reach; the plans of {evaluated} were solved. The other {pruned} cannot be better, "
                "or may not be made.",
                maps=number(answer.maps),
                evaluated=number(answer.evaluated),
                pruned=number(answer.pruned),
            )
        ]
    else:
        lines = [
            _(
                "{maps} maps were listed; the plans of {evaluated} were solved.",
                maps=number(answer.maps),
                evaluated=number(answer.evaluated),
            )
        ]
    if not answer.complete:
        lines.append(
            _n(
                "Not all maps were listed: those of at most {n} move were, and some of more.",
                "Not all maps were listed: those of at most {n} moves were, and some of more.",
                answer.listed_flips,
            )
        )
        lines.append(_("Ask around one community, or for fewer moves."))
    if not answer.ranked and answer.status != "stopped":
        lines.append(_("Stopped early: not every single move has its values."))
    return tuple(lines)


def is_township(entry: Suggestion) -> bool:
    """Whether a single flip moves a township."""
    return isinstance(entry.flips[0], MoveTownship)
