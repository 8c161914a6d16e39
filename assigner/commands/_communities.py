"""A community taken out of a roster: which schools are wanted, and what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assigner.commands._options import say
from assigner.errors import InputError
from assigner.messages import _, _n, join_list, quote

if TYPE_CHECKING:
    from assigner.scenario import Scenario

__all__ = ["members_of", "say_found"]


def members_of(text: str) -> tuple[str, ...]:
    """Words of the option, or of the file that it names."""
    from assigner.roster.members import split_members

    try:
        is_file = Path(text).is_file()
    except (OSError, ValueError):  # longer than any name, or with characters that none has
        is_file = False
    if not is_file:
        return split_members(text)
    from assigner.roster.words import file_problem
    from geodata.sheets import SheetError, decode

    try:
        content, _encoding = decode(Path(text).read_bytes())
    except SheetError as error:
        raise InputError([file_problem(text, error)]) from None
    return split_members(content)


def say_found(made: Scenario) -> None:
    """Say how many schools were found, and which townships have no senior high."""
    say(
        _n(
            "{name}: {n} senior high, {juniors} junior highs.",
            "{name}: {n} senior highs, {juniors} junior highs.",
            len(made.community.schools),
            name=quote(made.name),
            juniors=len(made.entries.junior_highs),
        )
    )
    if bare := _without_senior_highs(made):
        say(_("Townships of the territory without a senior high: {names}.", names=join_list(bare)))


def _without_senior_highs(made: Scenario) -> list[str]:
    from geodata.townships import townships

    with_one = {made.places[school.code].towncode for school in made.community.schools if school.code in made.places}
    return [townships()[code].name for code in made.territory if code not in with_one]
