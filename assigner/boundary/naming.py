"""What a person calls a township, a school or a community of a base, and what is said of a flip that cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from assigner.errors import Place, Problem
from assigner.faults import closest
from assigner.messages import M_, Message
from assigner.scenario.places import Names
from assigner.scenario.vocabulary import Choices
from assigner.scenario.words import normal
from geodata.base_map import NOWHERE, FlipError
from geodata.codes import CodeError, read_code
from geodata.townships import AmbiguousTownship, TownshipNameError

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = [
    "NOWHERE_WORDS",
    "NameProblem",
    "community_name",
    "find_community",
    "find_school",
    "find_thing",
    "find_township",
    "flip_sentence",
    "school_words",
    "town_name",
]

NOWHERE_WORDS = frozenset(("", "none", "nowhere", "無", "無社區"))
"""In place of a community: belongs to none."""

_MOST_NAMED = 12


class NameProblem(LookupError):  # noqa: N818
    """A word that names nothing, or several things: what, what was expected, how to mend it."""

    def __init__(self, word: object, what: Message, expected: Message | None, mend: Message) -> None:
        self.word, self.what, self.expected, self.mend = word, what, expected, mend
        super().__init__(word)

    def problem(self, file: str = "", place: Place | None = None) -> Problem:
        """As a problem of a file, or of a call."""
        return Problem(file, place or Place(), self.word, self.what, self.expected, self.mend)


# ----------------------------------------------------------------------------------------------------- how it is called


def town_name(base: Base, towncode: str) -> str:
    """County and town of a township; the code where the map does not know it."""
    known = base.geography.townships.get(towncode)
    return towncode if known is None else known.name


def school_words(base: Base, code: str) -> str:
    """Code and name of a school."""
    return f"{code} {base.schools.get(code, {}).get('name', '') or ''}".strip()


def community_name(names: Mapping[str, str], community: str) -> str | Message:
    """Name of a community; of none, that."""
    return M_("no community") if community == NOWHERE else names.get(community) or community


# ------------------------------------------------------------------------------------------------------------ finding


def find_community(base_map: BaseMap, word: str) -> str:
    """Id of the community that a word names: by its id or its name; `NOWHERE` for none.

    Raises
    ------
    NameProblem
    """
    wanted = normal(word)
    if wanted in NOWHERE_WORDS:
        return NOWHERE
    for community in base_map.names:
        if normal(community) == wanted:
            return community
    found = [community for community, name in base_map.names.items() if normal(name) == wanted]
    if not found:  # a name without the word for what it is
        found = [c for c, name in base_map.names.items() if wanted in normal(name)]
    if len(found) == 1:
        return found[0]
    few = len(base_map.names) <= _MOST_NAMED
    shown = Choices(base_map.names) if few else Names(base_map.names, _MOST_NAMED)
    what = M_("Several communities have this name.") if found else M_("No community has this id or name.")
    near = closest(word, [*base_map.names, *base_map.names.values()])
    raise NameProblem(word, what, M_("one of: {choices}", choices=shown), near or M_("Write the id of the community."))


def find_school(base: Base, word: str) -> str:
    """Code of the school that a word names: by its code or its whole name.

    Raises
    ------
    NameProblem
    """
    known = base.map.member
    wanted = normal(word)
    code = next((code for code in known if normal(code) == wanted), None)
    if code is None:
        try:
            restored = read_code(word.split()[0] if word.split() else word)
        except CodeError:
            restored = ""
        code = restored if restored in known else None
    named = [c for c in known if normal(base.schools.get(c, {}).get("name", "") or "") == wanted] if wanted else []
    if code is not None:
        return code
    if len(named) == 1:
        return named[0]
    names = [name for c in known if (name := base.schools.get(c, {}).get("name"))]
    if named:
        what, mend = M_("Several schools have this name."), M_("Write the code of the school.")
        raise NameProblem(word, what, M_("one of: {choices}", choices=Names(named)), mend)
    raise NameProblem(
        word,
        M_("No school of the base map has this code or name."),
        M_("the code or the whole name of a school"),
        closest(word, [*known, *names]) or M_("Write the code of the school."),
    )


def find_township(base: Base, word: str) -> str:
    """TOWNCODE of the township that a word names; of several with this name the one that the base map speaks of.

    Raises
    ------
    NameProblem
    """
    here = base.map.home
    try:
        return base.geography.find(word).towncode
    except AmbiguousTownship as error:
        inside = [town.towncode for town in error.candidates if town.towncode in here]
        if len(inside) == 1:
            return inside[0]
        choices = Names(town.name for town in error.candidates if not inside or town.towncode in inside)
        what, mend = M_("Several townships have this name."), M_("Write the county before the name.")
        raise NameProblem(word, what, M_("one of: {choices}", choices=choices), mend) from None
    except TownshipNameError as error:
        near = Names(town.name for town in error.candidates if town.towncode in here)
        mend = M_("Did you mean one of these: {names}?", names=near) if near.names else M_("Write county and township.")
        raise NameProblem(word, M_("No township has this name."), M_("a township of the base map"), mend) from None


def find_thing(base: Base, word: str) -> tuple[str, str]:
    """A township or a school, whichever a word names: ``("township", TOWNCODE)`` or ``("school", code)``.

    Raises
    ------
    NameProblem
    """
    found: list[tuple[str, str]] = []
    problems: list[NameProblem] = []
    finders: Iterable[tuple[str, Callable[[Base, str], str]]] = (("school", find_school), ("township", find_township))
    for kind, finder in finders:
        try:
            found.append((kind, finder(base, word)))
        except NameProblem as problem:
            problems.append(problem)
    if len(found) == 1:
        return found[0]
    if found:
        what = M_("A school and a township have this name.")
        raise NameProblem(word, what, M_("a code, or county and township"), M_("Write the code of the one you mean."))
    # Of the two explanations the one that can offer something, else what either could have been.
    better = next((problem for problem in reversed(problems) if problem.word and problem.expected is None), None)
    raise better or NameProblem(
        word,
        M_("Neither a township nor a school of the base map has this name."),
        M_("a township such as 臺中市東勢區, or the code of a school"),
        problems[-1].mend,
    )


# ------------------------------------------------------------------------------------------------------- in words

_SENTENCES: Mapping[str, Callable[..., tuple[Message, Message]]] = {
    "unknown_township": lambda township, **_: (
        M_("The base map does not speak of the township {township}.", township=township),
        M_("Choose a township of the base map, or add it there."),
    ),
    "unknown_school": lambda school, **_: (
        M_("The base map has no school {school}.", school=school),
        M_("Choose a school of the base map, or add it there."),
    ),
    "unknown_community": lambda community, **_: (
        M_("There is no community {community} at this point.", community=community),
        M_("Choose a community that exists then; one that was merged is gone."),
    ),
    "known_community": lambda community, **_: (
        M_("There is a community with the id {community} already.", community=community),
        M_("Choose another id for the new community."),
    ),
    "unchanged": lambda community, township="", school="", **_: (
        M_("{thing} belongs to {community} already.", thing=township or school, community=community),
        M_("Leave this change out, or choose another community."),
    ),
    "itself": lambda community, **_: (
        M_("{community} cannot be merged into itself.", community=community),
        M_("Choose another community."),
    ),
    "empty": lambda community, **_: (
        M_("The new community {community} would have neither townships nor schools.", community=community),
        M_("Name its townships or its schools."),
    ),
    "everything": lambda community, **_: (
        M_("Nothing would be left of {community}.", community=community),
        M_("Leave a township or a school with it."),
    ),
    "not_a_member": lambda community, township="", school="", **_: (
        M_("{thing} does not belong to {community} at this point.", thing=township or school, community=community),
        M_("Name townships and schools of the community that is divided."),
    ),
}


def flip_sentence(error: FlipError, base: Base, names: Mapping[str, str]) -> tuple[Message, Message]:
    """Why a flip cannot be made, and how to mend it.

    Parameters
    ----------
    error : FlipError
    base : Base
    names : Mapping[str, str]
        Community -> name on the map at this point.
    """
    said: dict[str, object] = {}
    for kind, value in error.values.items():
        if kind == "township":
            said[kind] = town_name(base, value)
        elif kind == "school":
            said[kind] = school_words(base, value)
        else:
            said[kind] = community_name(names, value)
    return _SENTENCES[error.code](**said)
