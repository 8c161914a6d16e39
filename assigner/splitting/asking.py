"""What a planner asks of a split, in the words of the command line or of Python, as `models.split.values.SplitWishes`.

Schools go by code or name, townships by any usual spelling. Everything that is wrong is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assigner.errors import ABSENT, InputError, Place, Problem, problem_of
from assigner.faults import closest
from assigner.messages import M_, Message
from assigner.scenario.finding import SchoolFinder
from assigner.scenario.places import Names
from assigner.scenario.words import normal
from assigner.words import school_label
from geodata.townships import AmbiguousTownship, TownshipNameError
from models.split.values import SplitWishes

if TYPE_CHECKING:
    from assigner.scenario import Scenario
    from models.community import Problem as Task

__all__ = ["Asked", "ask", "split_schools"]

_BETWEEN = re.compile(r"[,，、;；]+")
_MOST_NAMED = 3

Words = str | Iterable[str]


@dataclass(frozen=True)
class Asked:
    """What is asked, understood.

    Attributes
    ----------
    wishes : SplitWishes
    divisible : tuple of str
        TOWNCODEs of the townships that may be divided.
    every : bool
        All of them may.
    notes : tuple of Message
        What was read otherwise than it stands, or left aside.
    """

    wishes: SplitWishes
    divisible: tuple[str, ...] = ()
    every: bool = False
    notes: tuple[Message, ...] = ()


def split_schools(text: str) -> tuple[str, ...]:
    """The names in one text, with commas or 、 between them; a name may hold blanks."""
    return tuple(word.strip() for word in _BETWEEN.split(text) if word.strip())


def ask(
    scenario: Scenario,
    task: Task,
    *,
    unit: str = "township",
    divisible: Words = (),
    together: Sequence[Words] = (),
    apart: Sequence[Words] = (),
    conveners: Words = (),
    free_conveners: bool = False,
    keep_plan: str | Path | None = None,
    old: str | Path | Mapping[str, int] | None = None,
) -> Asked:
    """Understand what is asked.

    Parameters
    ----------
    scenario : Scenario
    task : Problem
        Its problem, relaxations in force.
    unit : {"township", "school"}
        What goes to one plan whole.
    divisible : str or iterable of str
        Townships whose schools may go to different plans all the same.
    together : sequence of (str or iterable of str)
        Groups of schools that share a plan; a township stands for its schools that take part.
    apart : sequence of (str or iterable of str)
        Pairs that do not.
    conveners : str or iterable of str
        Schools that convene, beside the one the scenario names; two of them take its place.
    free_conveners : bool
        Let the aims choose conveners that are not stated, instead of the ranking.
    keep_plan : str or Path, optional
        A ``plan.json``, or ``split.json#1`` or ``#2``: its schools and convener are one of the two plans.
    old : str, Path or Mapping, optional
        An earlier division: ``split.json``, a table with the columns code and plan, or school -> side.

    Raises
    ------
    InputError
        With everything that cannot be.
    """
    reader = _Reader(scenario, task)
    every = reader.unit(unit) == "school"
    towns = tuple(dict.fromkeys(filter(None, (reader.town(word) for word in _words(divisible)))))
    groups = tuple(filter(None, (reader.group(entry) for entry in together)))
    pairs = tuple(pair for entry in apart for pair in reader.pair(entry))
    kept, kept_convener = reader.kept(keep_plan)
    chosen = reader.conveners(_words(conveners), kept_convener)
    before = reader.old(old)
    reader.contradictions(groups, pairs, chosen, kept)
    if reader.problems:
        raise InputError(reader.problems)
    convening: Literal["ranked", "free"] = "free" if free_conveners else "ranked"
    wishes = SplitWishes(groups, pairs, chosen, convening, kept, before)
    return Asked(wishes, () if every else towns, every, tuple(reader.notes))


def _words(entry: Words) -> tuple[str, ...]:
    return split_schools(entry) if isinstance(entry, str) else tuple(w for e in entry for w in split_schools(str(e)))


@dataclass
class _Reader:
    scenario: Scenario
    task: Task
    problems: list[Problem] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.members = self.task.participants
        self.schools = SchoolFinder(self.task)

    def wrong(
        self, option: str, value: object, what: Message, expected: Message | None = None, mend: Message | None = None
    ) -> None:
        self.problems.append(
            Problem(
                "", Place(option), value, what, expected, mend or M_("Correct what follows {option}.", option=option)
            )
        )

    # ------------------------------------------------------------------------------------------- schools, townships

    def unit(self, word: str) -> str:
        meant = {"township": "township", "鄉鎮市區": "township", "school": "school", "學校": "school"}.get(normal(word))
        if meant is None:
            self.wrong("--unit", word, M_("This cannot go to one plan whole."), M_("township or school"))
        return meant or "township"

    def school(self, option: str, word: str) -> str | None:
        """Code of the participant that a word names; None after noting why there is none."""
        code = self.schools.code(word)
        if code is None:
            self.wrong(
                option,
                word,
                M_("No school of this scenario has this code or name."),
                M_("the code or the whole name of a school that takes part"),
                self.schools.near(word),
            )
            return None
        if code not in self.members:
            self.wrong(
                option,
                school_label(self.task, code),
                M_("This school takes no part in the plan, so it lies on neither side."),
                M_("a school that takes part"),
                M_("Leave it out: it goes with its township."),
            )
            return None
        return code

    def town(self, word: str, option: str = "--divisible") -> str | None:
        """TOWNCODE of a township of the community."""
        known = self.scenario.geography
        here = {*self.scenario.territory, *(place.towncode for place in self.scenario.places.values())}
        try:
            town = known.find(word)
        except AmbiguousTownship as error:
            inside = [town for town in error.candidates if town.towncode in here]
            if len(inside) != 1:
                choices = Names(town.name for town in inside or error.candidates)
                self.wrong(
                    option,
                    word,
                    M_("Several townships have this name."),
                    M_("one of: {choices}", choices=choices),
                    M_("Write the county before the name."),
                )
                return None
            town = inside[0]
        except TownshipNameError as error:
            near = [town.name for town in error.candidates if town.towncode in here][:_MOST_NAMED]
            self.wrong(
                option,
                word,
                M_("No township has this name."),
                M_("a township of the community"),
                M_("Did you mean one of these: {names}?", names=Names(near)) if near else None,
            )
            return None
        if town.towncode not in here:
            names = Names((known.townships[code].name for code in self.scenario.territory), 12)
            self.wrong(
                option, word, M_("This township is no part of the community."), M_("one of: {choices}", choices=names)
            )
            return None
        return town.towncode

    def _schools_of(self, option: str, word: str) -> tuple[str, ...]:
        """The participants that a word names: a school, or all of a township."""
        schools = self.task.community.school_by_code
        if normal(word) in self.schools.by_name or any(normal(code) == normal(word) for code in schools):
            code = self.school(option, word)
            return () if code is None else (code,)
        try:
            town = self.scenario.geography.find(word)
        except AmbiguousTownship:
            code_of_town = self.town(word, option)
        except TownshipNameError:
            code = self.school(option, word)
            return () if code is None else (code,)
        else:
            code_of_town = self.town(town.towncode, option)
        if code_of_town is None:
            return ()
        places = self.scenario.places
        found = tuple(c for c in self.members if c in places and places[c].towncode == code_of_town)
        if not found:
            self.wrong(option, word, M_("No school that takes part lies in this township."))
        return found

    def group(self, entry: Words) -> tuple[str, ...] | None:
        words = _words(entry)
        before = len(self.problems)
        found = tuple(dict.fromkeys(code for word in words for code in self._schools_of("--together", word)))
        if len(self.problems) > before:
            return None
        if len(found) < 2:
            what = M_("One school alone cannot be together.")
            self.wrong("--together", ", ".join(words), what, M_("two schools or more, with commas between them"))
            return None
        return found

    def pair(self, entry: Words) -> Iterator[tuple[str, str]]:
        words = _words(entry)
        before = len(self.problems)
        found = [self._schools_of("--apart", word) for word in words]
        if len(self.problems) > before:
            return
        if len(words) != 2 or set(found[0]) & set(found[1]):
            what = M_("There are two plans, so two are kept apart, and not more.")
            expected = M_("two different schools or townships, with a comma between them")
            mend = M_("Write the option once for each pair.")
            self.wrong("--apart", ", ".join(words), what, expected, mend)
            return
        yield from product(*found)

    # ------------------------------------------------------------------------------------------------- conveners

    def conveners(self, words: Sequence[str], kept: str | None) -> tuple[str, ...]:
        """The schools that are stated to convene: at most two."""
        before = len(self.problems)
        named = list(dict.fromkeys(filter(None, (self.school("--convener", word) for word in words))))
        stated = self.task.wishes.convener
        found = named if stated is None or len(named) >= 2 else list(dict.fromkeys([stated, *named]))
        if kept is not None and kept not in found:
            # The one that the scenario names gives way to that of the plan that is kept, if it cannot have both.
            own = [code for code in found if code in named or len(found) < 2]
            found = [kept, *own]
        if len(self.problems) == before and len(found) > 2:
            self.wrong(
                "--convener",
                ", ".join(school_label(self.task, code) for code in found),
                M_(
                    "There are two plans, each with one convener: {n} cannot convene ({clause}).",
                    n=len(found),
                    clause=_Clause(self.task),
                ),
                M_("at most two schools"),
                M_("Leave out all but two of them."),
            )
        return tuple(found[:2])

    # ------------------------------------------------------------------------------------------------------ files

    def kept(self, file: str | Path | None) -> tuple[frozenset[str] | None, str | None]:
        """Schools and convener of the plan that is kept."""
        if file is None:
            return None, None
        from assigner.splitting.earlier import kept_plan

        try:
            plan = kept_plan(file)
        except (InputError, OSError) as error:
            self.problems += error.problems if isinstance(error, InputError) else [problem_of(error)]
            return None, None
        known = set(self.task.community.school_by_code)
        for code in sorted(plan.schools - known):
            near = closest(code, sorted(known))
            what = M_("A school of the plan that is to be kept is not in the scenario.")
            self.problems.append(
                Problem(plan.file, Place("schools"), code, what, M_("a school that takes part"), near or _KEEP_MEND)
            )
        outside = sorted((plan.schools & known) - set(self.members))
        for code in outside:
            what = M_("A school of the plan that is to be kept takes no part this time.")
            self.problems.append(
                Problem(
                    plan.file,
                    Place("schools"),
                    school_label(self.task, code),
                    what,
                    M_("a school that takes part"),
                    _KEEP_MEND,
                )
            )
        if outside or plan.schools - known:
            return None, None
        return plan.schools, plan.convener or None

    def old(self, source: str | Path | Mapping[str, int] | None) -> Mapping[str, int] | None:
        """School -> side of an earlier division, of schools that take part now."""
        if source is None:
            return None
        if isinstance(source, Mapping):
            file, sides = "", {str(code): int(side) for code, side in source.items()}
        else:
            from assigner.splitting.earlier import old_division

            try:
                file, sides = str(source), old_division(source, self.task)
            except (InputError, OSError) as error:
                self.problems += error.problems if isinstance(error, InputError) else [problem_of(error)]
                return None
        kept = {code: side for code, side in sides.items() if code in self.members}
        gone = len(sides) - len(kept)
        if set(kept.values()) != {0, 1}:
            what = M_("The earlier division does not put schools of this scenario on two sides.")
            mend = M_("Give a split.json, or a table with the columns code and plan.")
            self.problems.append(Problem(file, Place("--old"), ABSENT, what, M_("two plans"), mend))
            return None
        if gone:
            self.notes.append(M_("{n} schools of the earlier division take no part now; they are left aside.", n=gone))
        if new := len(self.members) - len(kept):
            self.notes.append(M_("{n} schools were in neither plan of the earlier division.", n=new))
        return dict(sorted(kept.items()))

    # --------------------------------------------------------------------------------------------- contradictions

    def contradictions(
        self,
        groups: Sequence[tuple[str, ...]],
        pairs: Sequence[tuple[str, str]],
        conveners: Sequence[str],
        kept: frozenset[str] | None,
    ) -> None:
        """Note wishes that no division can fulfil, whatever the map: they are slips, not refusals."""
        import networkx as nx

        if self.problems:
            return
        joined: nx.Graph[str] = nx.Graph()
        joined.add_nodes_from(self.members)
        for group in groups:
            nx.add_path(joined, group)
        if kept is not None:
            nx.add_path(joined, sorted(kept))
            nx.add_path(joined, sorted(set(self.members) - kept))
        part = {code: k for k, codes in enumerate(nx.connected_components(joined)) for code in codes}
        against = [("--apart", pair) for pair in pairs]
        against += [("--convener", pair) for pair in combinations(conveners, 2)]
        if kept is not None and kept and kept != set(self.members):
            against.append(("--keep-plan", (min(kept), min(set(self.members) - kept))))
        opposed: nx.Graph[int] = nx.Graph()
        for option, (a, b) in against:
            labels = Names(school_label(self.task, code) for code in (a, b))
            if part[a] == part[b]:
                what = M_("The same schools are to be together and apart: {schools}.", schools=labels)
                self.wrong(option, str(labels), what, None, M_("Give up one of the two wishes."))
                continue
            opposed.add_edge(part[a], part[b])
            if not nx.is_bipartite(opposed):
                opposed.remove_edge(part[a], part[b])
                what = M_("With the wishes before it this would need a third plan: {schools} apart.", schools=labels)
                self.wrong(option, str(labels), what, None, M_("Give up one of these wishes."))


_KEEP_MEND = M_("Correct the scenario, or keep another plan.")


class _Clause:
    """The place of the clause on splits and its words, when they are printed."""

    def __init__(self, task: Task) -> None:
        self._entry: Any = task.rules.split

    def __str__(self) -> str:
        from assigner.words import source

        return source(self._entry)
