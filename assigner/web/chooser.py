"""What is chosen, and a button for each thing that can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assigner.boundary.naming import school_words, town_name
from assigner.messages import _, join_list
from assigner.web.dividing import Divider, new_id
from assigner.web.elements import clicked, set_attributes, set_text, tag
from geodata.base_map import NOWHERE, Flip, Merge, MoveSchool, MoveTownship, NewCommunity

if TYPE_CHECKING:
    from nicegui.element import Element

    from assigner.boundary.experiment import Experiment
    from geodata.base_map import BaseMap

__all__ = ["Choice", "Chooser", "Selection", "likely"]

_MOST_OPEN = 8
"""Up to so many communities all are offered at once; of more, those that adjoin, and the others folded away."""


@dataclass(frozen=True)
class Selection:
    """What is chosen: ``township``, ``school`` or ``community``, and its TOWNCODE, code or id."""

    kind: str
    key: str


@dataclass(frozen=True, eq=False)
class Choice:
    """Something that a button does.

    Parameters
    ----------
    words : str
    flip : Flip or None
    change : callable or None
        In place of a flip.
    said : str
        What is announced when it is done; a flip says it itself.
    key : str
        The community it leads to, if any.
    """

    words: str
    flip: Flip | None = None
    change: Callable[[Experiment], Experiment] | None = None
    said: str = ""
    key: str | None = None


class Chooser:
    """The panel.

    Parameters
    ----------
    choose : callable
        Called with None to give the choice up.
    act : callable
        Called with a `Choice`.
    divider : Divider
        The form that divides a community.
    asking : tuple of callable
        Called with a community: what would be better around it; two plans for it.
    on : callable
        Makes a handler of an event.
    """

    def __init__(
        self,
        choose: Callable[[Selection | None], None],
        act: Callable[[Choice], None],
        divider: Divider,
        asking: tuple[Callable[[str], None], Callable[[str], None]],
        on: Callable[..., Callable[..., None]],
    ) -> None:
        self._choose, self._act, self._divider, self._asking, self._on = choose, act, divider, asking, on
        self._shown: tuple[Any, ...] | None = None
        self._buttons: dict[str, tuple[Element, list[Choice]]] = {}
        self._title = tag("h2", "", id="h-chosen", tabindex="-1")
        self._about = tag("p", "")
        self._box = tag("div")

    def focus(self) -> None:
        """Let the keyboard go on here."""
        self._title.run_method("focus")

    def show(self, experiment: Experiment, chosen: Selection | None) -> None:
        """Offer what can be done with what is chosen now; buttons that are there already stay."""
        own = experiment.map
        set_text(self._title, _title(experiment, chosen))
        set_text(self._about, _about(experiment, chosen))
        inside = own.content(chosen.key) if chosen is not None and chosen.kind == "community" else None
        shape = (chosen, tuple(own.names.items()), inside)
        if shape != self._shown:
            self._shown = shape
            self._build(experiment, chosen)
        if chosen is not None:
            self._update(experiment, chosen)

    def _build(self, experiment: Experiment, chosen: Selection | None) -> None:
        self._box.clear()
        self._buttons.clear()
        if chosen is None:
            return
        own = experiment.map
        near = _near(experiment, chosen)
        targets = [community for community in own.names if chosen != Selection("community", community)]
        few = len(targets) <= _MOST_OPEN
        with self._box:
            with tag("div", classes="choices", role="group", aria_label=_goes_to(chosen)):
                for community in targets:
                    if few or community in near:
                        self._button(community)
            if not few:
                with tag("details"):
                    tag("summary", _("Other communities"))
                    with tag("div", classes="choices", role="group", aria_label=_("Other communities")):
                        for community in targets:
                            if community not in near:
                                self._button(community)
            if chosen.kind == "community":
                self._divider.build(experiment, chosen.key)
            with tag("div", classes="choices"):
                for key in ("none", "new", "lock") if chosen.kind != "community" else ("lock",):
                    self._button(f"*{key}")
                if chosen.kind == "community":
                    for words, ask in zip((_("What would be better around it?"), _("Propose two plans")), self._asking,
                                          strict=True):  # fmt: skip
                        clicked(tag("button", words, type="button"), self._on(ask, chosen.key))
                back = tag("button", _("Back to the list") if chosen.kind != "community" else _("Close"), type="button")
                clicked(back, self._on(self._choose, None))

    def _button(self, key: str) -> None:
        button, held = tag("button", "", type="button"), list[Choice]()
        self._buttons[key] = button, held
        clicked(button, self._on(self._press, held))

    def _press(self, held: list[Choice]) -> None:
        if held:
            self._act(held[0])

    def _update(self, experiment: Experiment, chosen: Selection) -> None:
        choices = {choice.key: choice for choice in _choices(experiment, chosen)}
        belongs = _belongs(experiment.map, chosen)
        for key, (button, held) in self._buttons.items():
            choice = choices[key]
            set_text(button, choice.words)
            if key == "*lock":
                set_attributes(button, aria_pressed="true" if _is_locked(experiment, chosen) else "false")
            elif chosen.kind != "community":
                here = (NOWHERE if key == "*none" else key) == belongs
                set_attributes(button, aria_pressed="true" if here else "false")
            held[:] = [choice] if choice.flip is not None or choice.change is not None else []


def _title(experiment: Experiment, chosen: Selection | None) -> str:
    if chosen is None:
        return _("Nothing chosen")
    if chosen.kind == "township":
        return town_name(experiment.base, chosen.key)
    if chosen.kind == "school":
        return school_words(experiment.base, chosen.key)
    return experiment.map.names[chosen.key]


def _about(experiment: Experiment, chosen: Selection | None) -> str:
    if chosen is None:
        return _("Choose a township, a school or a community: on the map, below it, or in the list.")
    own = experiment.map
    if chosen.kind == "community":
        return _("Dissolve it into another community, divide it, or lock it: then nothing of it changes.")
    belongs = _belongs(own, chosen)
    name = _name(own, belongs)
    if chosen.kind == "school":
        town = town_name(experiment.base, own.place[chosen.key])
        if belongs == NOWHERE:
            return _("A school in {township}, a member of no community. Where should it belong?", township=town)
        return _(
            "A school in {township}, a member of {community}. Where should it belong?", township=town, community=name
        )
    along = [code for code in own.schools_in.get(chosen.key, ()) if own.member[code] == belongs]
    schools = join_list(school_words(experiment.base, code) for code in along)
    if belongs == NOWHERE:
        if not along:
            return _("Belongs to no community; no school goes with it. Where should it belong?")
        return _("Belongs to no community. With it go: {schools}. Where should it belong?", schools=schools)
    if not along:
        return _("Belongs to {community}; no school goes with it. Where should it belong?", community=name)
    return _("Belongs to {community}. With it go: {schools}. Where should it belong?", community=name, schools=schools)


def _goes_to(chosen: Selection) -> str:
    return _("Dissolve it into") if chosen.kind == "community" else _("It should belong to")


def _name(own: BaseMap, community: str) -> str:
    return _("no community") if community == NOWHERE else own.names[community]


def _belongs(own: BaseMap, chosen: Selection) -> str:
    if chosen.kind == "community":
        return chosen.key
    return own.home.get(chosen.key, NOWHERE) if chosen.kind == "township" else own.member[chosen.key]


def _near(experiment: Experiment, chosen: Selection) -> set[str]:
    """Communities that adjoin what is chosen, and its own."""
    own, graph = experiment.map, experiment.base.graph
    if chosen.kind == "community":
        towns = set(own.territory(chosen.key))
    else:
        towns = {chosen.key if chosen.kind == "township" else own.place[chosen.key]}
    around = towns | {other for town in towns if town in graph for other in graph.neighbors(town)}
    return {_belongs(own, chosen)} | {c for c in own.names if not around.isdisjoint(own.territory(c))}


def likely(experiment: Experiment, chosen: Selection) -> list[Flip]:
    """What may be done next with what is chosen: it goes to a community that it adjoins."""
    if chosen.kind == "community" or _is_locked(experiment, chosen):
        return []
    near = _near(experiment, chosen) - {_belongs(experiment.map, chosen)}
    return [_flip(chosen, community) for community in experiment.map.names if community in near]


def _is_locked(experiment: Experiment, chosen: Selection) -> bool:
    locks = experiment.locks
    return (
        chosen.key
        in {
            "township": locks.townships,
            "school": locks.schools,
            "community": locks.communities,
        }[chosen.kind]
    )


def _choices(experiment: Experiment, chosen: Selection) -> Iterator[Choice]:
    own = experiment.map
    belongs = _belongs(own, chosen)
    near = _near(experiment, chosen)
    for community in own.names:
        words = own.names[community]
        if community in near and community != belongs:
            words = _("{community} (adjoins)", community=words)
        flip: Flip | None = None
        if community != belongs:
            flip = _flip(chosen, community)
        yield Choice(words, flip, key=community)
    if chosen.kind != "community":
        yield Choice(_("No community"), None if belongs == NOWHERE else _flip(chosen, NOWHERE), key="*none")
        yield Choice(_("A new community"), _new(own, chosen), key="*new")
    locked = _is_locked(experiment, chosen)
    yield Choice(
        _("Locked: let it change again") if locked else _("Lock: let nothing change it"),
        change=lambda now: _locked(now, chosen, not locked),
        said=_("Unlocked.") if locked else _("Locked."),
        key="*lock",
    )


def _flip(chosen: Selection, community: str) -> Flip:
    if chosen.kind == "community":
        return Merge(chosen.key, community)
    return MoveTownship(chosen.key, community) if chosen.kind == "township" else MoveSchool(chosen.key, community)


def _new(own: BaseMap, chosen: Selection) -> Flip:
    identity, name = new_id(own)
    if chosen.kind == "township":
        return NewCommunity(identity, name, townships=(chosen.key,))
    return NewCommunity(identity, name, schools=(chosen.key,))


def _locked(experiment: Experiment, chosen: Selection, lock: bool) -> Experiment:
    change = experiment.lock if lock else experiment.unlock
    if chosen.kind == "township":
        return change(townships=[chosen.key])
    return change(schools=[chosen.key]) if chosen.kind == "school" else change(communities=[chosen.key])
