"""A form that marks which part of a community becomes a community of its own, in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from assigner.boundary.naming import school_words, town_name
from assigner.messages import _, _n
from assigner.web.elements import filled, set_text, tag
from assigner.web.store import LONGEST_NAME
from geodata.base_map import Divide

if TYPE_CHECKING:
    from assigner.boundary.experiment import Experiment
    from geodata.base_map import BaseMap

__all__ = ["Divider", "divided", "new_id"]


def new_id(own: BaseMap) -> tuple[str, str]:
    """Id and name of the next new community."""
    n = next(k for k in range(1, len(own.names) + 2) if f"new-{k}" not in own.names)
    return f"new-{n}", _("New community {n}", n=n)


def divided(own: BaseMap, community: str, towns: Iterable[str], schools: Iterable[str], name: str = "") -> Divide:
    """The flip that makes a community of its own of these townships and schools of a community.

    Of the schools only those are named that do not come with a township anyway.
    """
    identity, usual = new_id(own)
    gone = tuple(town for town in dict.fromkeys(towns) if own.home.get(town) == community)
    alone = tuple(code for code in dict.fromkeys(schools) if own.place.get(code) not in gone)
    return Divide(community, identity, name.strip()[:LONGEST_NAME] or usual, gone, alone)


class Divider:
    """The form.

    Parameters
    ----------
    divide : callable
        Called with the flip, or with None where nothing is marked.
    marked : callable
        Called with the TOWNCODEs that are marked now.
    on : callable
        Makes a handler of an event.
    """

    def __init__(
        self,
        divide: Callable[[Divide | None], None],
        marked: Callable[[tuple[str, ...]], None],
        on: Callable[..., Callable[..., None]],
    ) -> None:
        self._divide, self._marked, self._on = divide, marked, on

    def build(self, experiment: Experiment, community: str) -> None:
        """Make the form for a community, folded."""
        own, base = experiment.map, experiment.base
        towns = [town for town in own.territory(community) if own.home.get(town) == community]
        alone = [code for code in own.members(community) if own.home.get(own.place[code]) != community]
        with tag("details", classes="more divide"):
            tag("summary", _("Divide it"))
            with tag("form") as form:
                with tag("fieldset"):
                    tag("legend", _("What is marked becomes a new community."))
                    for town in towns:
                        schools = len(set(own.schools_in.get(town, ())) & set(own.members(community)))
                        words = _n("{township} ({n} school)", "{township} ({n} schools)", schools,
                                   township=town_name(base, town))  # fmt: skip
                        _box("town", town, words)
                    for code in alone:
                        _box("school", code, school_words(base, code))
                self._count = tag("p", "", classes="note", aria_live="polite")
                with tag("label"):
                    tag("span", _("Name of the new community"))
                    # Not `value`: the framework would put it back, whatever was typed, with every change of the page.
                    tag("input", type="text", name="name", maxlength=LONGEST_NAME, defaultValue=new_id(own)[1],
                        autocomplete="off")  # fmt: skip
                tag("button", _("Divide"), type="submit")
            filled(form, self._on(self._mark, experiment, community), "change")
            filled(form, self._on(self._submit, experiment, community))

    def _mark(self, experiment: Experiment, community: str, values: list[tuple[str, str]]) -> None:
        """Say how many schools would go and stay."""
        own, flip = experiment.map, _flip(experiment.map, community, values)
        members = own.members(community)
        goes = sum(own.place[code] in flip.townships or code in flip.schools for code in members)
        text = _("{goes} of {n} schools go, {stay} stay.", goes=goes, n=len(members), stay=len(members) - goes)
        set_text(self._count, text)
        self._marked(flip.townships)

    def _submit(self, experiment: Experiment, community: str, values: list[tuple[str, str]]) -> None:
        flip = _flip(experiment.map, community, values)
        self._divide(flip if flip.townships or flip.schools else None)


def _flip(own: BaseMap, community: str, values: list[tuple[str, str]]) -> Divide:
    """What the form says; of what a browser sends only what the community has."""
    towns = [value for key, value in values if key == "town"]
    known = set(own.members(community))
    schools = [value for key, value in values if key == "school" and value in known]
    name = next((value for key, value in values if key == "name"), "")
    return divided(own, community, towns, schools, name)


def _box(name: str, value: str, words: str) -> None:
    with tag("label", classes="box"):
        tag("input", type="checkbox", name=name, value=value)
        tag("span", words)
