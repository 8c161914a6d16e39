"""An experiment: a base map and the changes made on it, one after the other, as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from assigner.boundary.naming import (
    NameProblem,
    find_community,
    find_school,
    find_thing,
    find_township,
    flip_sentence,
    school_words,
    town_name,
)
from assigner.boundary.values import Base, Locks
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message
from assigner.scenario.places import Names
from geodata.base_map import (
    BaseMap,
    Divide,
    Flip,
    FlipError,
    Merge,
    MoveSchool,
    MoveTownship,
    NewCommunity,
    all_moved,
    apply_all,
)

if TYPE_CHECKING:
    from assigner.boundary.solving import Plans
    from assigner.boundary.values import Effects
    from models.stopping import Progress, Stop

__all__ = ["Experiment", "locked_names"]

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Experiment:
    """A base map and flips on it. Every method gives another experiment; this one stays as it is.

    Townships go by any usual spelling or their TOWNCODE, schools by code or name, communities by id or name.

    Parameters
    ----------
    base : Base, str or Path
        A base, or the file of one.
    flips : tuple of Flip
        In the order in which they are made.
    undone : tuple of Flip
        Flips that were taken back, the last one first; `redo` makes them again.
    locks : Locks
        What no change may touch.
    name, note : str

    Raises
    ------
    assigner.errors.InputError
        The base cannot be used, or a flip cannot be made.

    Examples
    --------
    >>> import assigner
    >>> experiment = assigner.Experiment("county.yaml").move("太平區", "霧峰")  # doctest: +SKIP
    >>> experiment.effects().frames()["measures"]  # doctest: +SKIP
    """

    base: Base
    flips: tuple[Flip, ...] = ()
    undone: tuple[Flip, ...] = ()
    locks: Locks = field(default_factory=Locks)
    name: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.base, Base):
            from assigner.boundary.base import read_base

            object.__setattr__(self, "base", read_base(self.base))
        object.__setattr__(self, "flips", tuple(self.flips))
        object.__setattr__(self, "undone", tuple(self.undone))

    @cached_property
    def map(self) -> BaseMap:
        """The base map after all flips."""
        try:
            return apply_all(self.base.map, self.flips)
        except FlipError:
            raise InputError([_first_impossible(self)]) from None

    @property
    def touched(self) -> tuple[str, ...]:
        """Ids of the communities that are not as they are in the base."""
        return self.base.map.touched(self.map)

    # -------------------------------------------------------------------------------------------------------- changes

    def flip(self, *flips: Flip) -> Experiment:
        """With more flips, made of ids.

        Raises
        ------
        InputError
            It cannot be made, or something is locked.
        """
        before, made = self.map, list(self.flips)
        for one in flips:
            try:
                after = one.apply(before)
            except FlipError as error:
                what, mend = flip_sentence(error, self.base, before.names)
                raise InputError([Problem("", Place(), ABSENT, what, None, mend)]) from None
            self._refuse_locked(before, after)
            before = after
            made.append(one)
        return self._with(tuple(made), (), before)

    def move(self, what: str, to: str) -> Experiment:
        """A township (with the schools that belong where it was at home) or a school goes to another community.

        Parameters
        ----------
        what : str
        to : str
            A community; ``"none"`` or ``"無"`` for no community.
        """
        with _Named() as named:
            thing = named.get(find_thing, self.base, what)
            community = named.get(find_community, self.map, to)
        kind, key = thing
        return self.flip(MoveTownship(key, community) if kind == "township" else MoveSchool(key, community))

    def merge(self, community: str, into: str) -> Experiment:
        """Dissolve a community into another one."""
        with _Named() as named:
            both = named.all(find_community, self.map, (community, into))
        return self.flip(Merge(*both))

    def divide(
        self, community: str, id: str, name: str = "", townships: Iterable[str] = (), schools: Iterable[str] = ()
    ) -> Experiment:
        """Townships and schools of a community become one of their own, with this id."""
        with _Named() as named:
            whole = named.get(find_community, self.map, community)
            towns, codes = named.all(find_township, self.base, townships), named.all(find_school, self.base, schools)
        return self.flip(Divide(whole, id, name, towns, codes))

    def new(self, id: str, name: str = "", townships: Iterable[str] = (), schools: Iterable[str] = ()) -> Experiment:
        """Townships and schools from any communities become a new one, with this id."""
        with _Named() as named:
            towns, codes = named.all(find_township, self.base, townships), named.all(find_school, self.base, schools)
        return self.flip(NewCommunity(id, name, towns, codes))

    # --------------------------------------------------------------------------------------------------- back and forth

    def undo(self, times: int = 1) -> Experiment:
        """Take back the last flip, or so many.

        Raises
        ------
        InputError
            There is none, or it would change something that is locked.
        """
        found = self
        for _again in range(times):
            found = found._undone_once()
        return found

    def redo(self, times: int = 1) -> Experiment:
        """Make again what was taken back last (errors as `undo`)."""
        found = self
        for _again in range(times):
            if not found.undone:
                raise InputError([_nothing(M_("There is nothing to make again."))])
            after = found.undone[0].apply(found.map)
            found._refuse_locked(found.map, after)
            found = found._with((*found.flips, found.undone[0]), found.undone[1:], after)
        return found

    def _undone_once(self) -> Experiment:
        if not self.flips:
            raise InputError([_nothing(M_("There is nothing to take back."))])
        before = apply_all(self.base.map, self.flips[:-1])
        self._refuse_locked(self.map, before)
        return self._with(self.flips[:-1], (self.flips[-1], *self.undone), before)

    def _with(self, flips: tuple[Flip, ...], undone: tuple[Flip, ...], after: BaseMap) -> Experiment:
        made = replace(self, flips=flips, undone=undone)
        made.__dict__["map"] = after  # what the cached property would find
        return made

    # ---------------------------------------------------------------------------------------------------------- locks

    def lock(
        self,
        *things: str,
        townships: Iterable[str] = (),
        schools: Iterable[str] = (),
        communities: Iterable[str] = (),
    ) -> Experiment:
        """Let nothing change these townships, schools and communities; `things` are townships or schools."""
        locks, more = self.locks, self._locks(things, townships, schools, communities)
        return replace(
            self,
            locks=Locks(
                locks.townships | more.townships, locks.schools | more.schools, locks.communities | more.communities
            ),
        )

    def unlock(
        self,
        *things: str,
        townships: Iterable[str] = (),
        schools: Iterable[str] = (),
        communities: Iterable[str] = (),
    ) -> Experiment:
        """Let these change again."""
        locks, less = self.locks, self._locks(things, townships, schools, communities)
        return replace(
            self,
            locks=Locks(
                locks.townships - less.townships, locks.schools - less.schools, locks.communities - less.communities
            ),
        )

    def _locks(
        self, things: Iterable[str], townships: Iterable[str], schools: Iterable[str], communities: Iterable[str]
    ) -> Locks:
        with _Named() as named:
            either = named.all(find_thing, self.base, things)
            towns = named.all(find_township, self.base, townships)
            codes = named.all(find_school, self.base, schools)
            ids = named.all(find_community, self.map, communities)
        return Locks(
            frozenset(towns) | {key for kind, key in either if kind == "township"},
            frozenset(codes) | {key for kind, key in either if kind == "school"},
            frozenset(ids),
        )

    def _refuse_locked(self, before: BaseMap, after: BaseMap) -> None:
        names = locked_names(self.base, before, after, self.locks)
        if names:
            raise InputError(
                [
                    Problem(
                        "",
                        Place(),
                        ABSENT,
                        M_("This change would move what is locked: {names}.", names=Names(names, 6)),
                        None,
                        M_("Unlock it first, or leave the change out."),
                    )
                ]
            )

    # -------------------------------------------------------------------------------------------------------- effects

    def effects(
        self,
        plans: Plans | None = None,
        *,
        stop: Stop | None = None,
        time_limit: float | None = None,
        progress: Progress | None = None,
    ) -> Effects:
        """What the flips do to every community they touch, each with its proven new plan.

        Parameters
        ----------
        plans : Plans, optional
            Plans of this base; what they know is not solved again.
        stop : Stop, optional
            To stop solving.
        time_limit : float, optional
            Seconds for all of it.
        progress : Progress, optional
            Told about tiers and bounds.
        """
        from assigner.boundary.effects import effects
        from assigner.boundary.solving import Plans

        own = Plans(self.base) if plans is None else plans
        return effects(own, self, stop=stop, time_limit=time_limit, progress=progress)

    def preview(self, plans: Plans | None = None) -> Effects:
        """What can be said without solving (see `assigner.boundary.effects.preview`)."""
        from assigner.boundary.effects import preview
        from assigner.boundary.solving import Plans

        return preview(Plans(self.base) if plans is None else plans, self.map, self.flips)

    # ---------------------------------------------------------------------------------------------------------- files

    def save(self, path: str | PathLike[str], base_file: str | PathLike[str] | None = None) -> Path:
        """Write it as an experiment file, which names the file of its base.

        Parameters
        ----------
        path : str or Path
            YAML; replaced if it is there.
        base_file : str or Path, optional
            The file of the base, where it was not read from one.

        Raises
        ------
        InputError
            There is no file of the base to name.
        OSError
            It cannot be written.
        """
        from assigner.boundary.experiment_file import write_experiment

        if base_file is None and not Path(self.base.file).is_file():
            what = M_("An experiment names the file of its base map, and this base map is in no file.")
            mend = M_("Write the base map to a file first, and name it.")
            raise InputError([Problem(self.base.file, Place(), ABSENT, what, None, mend)])
        return write_experiment(self, path, base_file)

    @staticmethod
    def read(path: str | PathLike[str]) -> Experiment:
        """Read an experiment file.

        Raises
        ------
        InputError
            The file or its base cannot be used, or a flip cannot be made; with everything that is wrong.
        """
        from assigner.boundary.experiment_file import read_experiment

        return read_experiment(path).experiment()


def locked_names(base: Base, before: BaseMap, after: BaseMap, locks: Locks) -> tuple[str, ...]:
    """What of the things locked is not as it was, by name."""
    towns, schools = all_moved(before, after)
    called = {**after.names, **before.names}
    names = [town_name(base, town) for town in sorted(locks.townships & towns)]
    names += [school_words(base, code) for code in sorted(locks.schools & schools)]
    names += [
        called.get(community) or community
        for community in sorted(locks.communities)
        if _shape(before, community) != _shape(after, community)
    ]
    return tuple(names)


def _shape(base_map: BaseMap, community: str) -> object:
    if community not in base_map.names:
        return None
    at_home = [town for town, of in base_map.home.items() if of == community]
    return base_map.members(community), at_home, base_map.territory(community)


def _nothing(what: Message) -> Problem:
    return Problem("", Place(), ABSENT, what, None, M_("Leave this step out."))


def _first_impossible(experiment: Experiment) -> Problem:
    """The first of the flips that cannot be made."""
    base_map = experiment.base.map
    for position, one in enumerate(experiment.flips):
        try:
            base_map = one.apply(base_map)
        except FlipError as error:
            what, mend = flip_sentence(error, experiment.base, base_map.names)
            return Problem("", Place(f"flips[{position}]"), ABSENT, what, None, mend)
    raise AssertionError("all flips can be made")


class _Named:
    """Looks up words and tells of all that name nothing at once, when the block ends."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def get(self, finder: Callable[..., _T], where: Base | BaseMap, word: str) -> _T:
        """What a word names; after a word that names nothing the block ends with an error, so nothing is used."""
        try:
            return finder(where, word)
        except NameProblem as problem:
            self.problems.append(problem.problem())
            return cast("_T", None)

    def all(self, finder: Callable[..., _T], where: Base | BaseMap, words: Iterable[str]) -> tuple[_T, ...]:
        """What several words name."""
        return tuple(self.get(finder, where, word) for word in words)

    def __enter__(self) -> _Named:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.problems and not isinstance(error, Exception):
            raise InputError(self.problems)
