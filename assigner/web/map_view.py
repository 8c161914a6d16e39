"""The map on the page: drawn once, then only what is other than it was then is sent.

`assigner.report.community_svg` draws it. The framework goes through all its elements whenever one of them changes, so a
map of many townships is few elements: the land as it was first drawn, and over it each township, border and school that
looks different now, whose first drawing is hidden. One listener hears all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assigner.report.community_map import ground_of
from assigner.report.community_svg import SVG, Marks, map_element
from assigner.web.elements import html, set_attributes, tag, told_of
from assigner.web.markup import rendered

if TYPE_CHECKING:
    from nicegui.elements.html import Html

    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = ["MapView"]

_LIVE = ("land", "borders", "schools")
"""Groups of which each member can come to look different."""


class MapView:
    """The picture.

    Parameters
    ----------
    base : Base
    own : BaseMap
        The map as it is now.
    marks : Marks
    label : str
        What it is, for those who do not see it.
    picked : callable
        Called with kind (``township`` or ``school``) and code of what was clicked.
    held : callable
        Called with kind and code as soon as the mouse is pressed on something.
    dragged : callable
        Called with kind and code of what was dragged, and the TOWNCODE of the township it was dropped on.
    """

    def __init__(
        self,
        base: Base,
        own: BaseMap,
        marks: Marks,
        label: str,
        picked: Callable[[str, str], None],
        held: Callable[[str, str], None],
        dragged: Callable[[str, str, str], None],
    ) -> None:
        self.base, self._picked, self._told_held, self._dragged = base, picked, held, dragged
        self._held: tuple[str, str] | None = None
        self._shown = own, marks
        self._school = ""
        self._first: dict[str, list[ET.Element]] = {}
        self._last: dict[str, ET.Element] = {}
        self._now: dict[str, Html] = {}
        self._groups: dict[str, Html] = {}
        self._hidden = html("", "style")
        root = map_element(base, own, marks)
        attributes = {key: value for key, value in root.attrib.items() if key not in ("class", "role")}
        with tag("svg", classes="communities", role="img", aria_label=label) as picture:
            self._picture = picture
            for name, value in attributes.items():
                picture.props[name] = value
            for position, group in enumerate(root):
                if group.get("class") == "schools":
                    self._outline = html("", "g", "chosen-towns over")
                self._add(_key(position, group), group)
            self._near_names = html("", "g", "over")
        told_of(picture, self._picked)
        told_of(picture, self._hold, "mousedown", beside=True)
        told_of(picture, self._drop, "mouseup", beside=True)

    def _add(self, key: str, group: ET.Element) -> None:
        if key in _LIVE:
            # No ids: what is drawn over it later stands for the same township.
            for member in group:
                member.attrib.pop("id", None)
            self._first[key] = list(group)
            _follow(html(_inner(group), "g"), group, ("first",))
            self._now[key] = html("", "g")
            _follow(self._now[key], group)
            return
        # Names and marks lie over the land, and let what is clicked through to it.
        self._last[key] = group
        made = self._groups[key] = html(_inner(group), _name(group))
        _follow(made, group, ("land" if key == "sea" else "over",))

    def _hold(self, kind: str, code: str) -> None:
        self._held = (kind, code) if kind else None
        if kind:
            self._told_held(kind, code)

    def _drop(self, kind: str, code: str) -> None:
        held, self._held = self._held, None
        if held is not None and kind and held != (kind, code):
            self._dragged(*held, code if kind == "township" else self.base.map.place[code])

    def choose(self, townships: Iterable[str], school: str) -> None:
        """Let an outline show which townships are chosen, and a ring which school (empty: none)."""
        paths = ground_of(self.base).townships
        _set(self._outline, rendered("chosen.svg.j2", outlines=[paths[town] for town in townships if town in paths]))
        if school != self._school:
            self._school = school
            self._draw(*self._shown)

    def see(self, view: tuple[float, float, float, float], scale: float, names: str) -> None:
        """Let it show a part of the map so much larger, with these names (markup) in place of its own."""
        set_attributes(self._picture, viewBox=" ".join(f"{value:g}" for value in view))
        near = scale > 1
        self._picture.classes(replace="communities near" if near else "communities")
        set_attributes(self._picture, style=f"--shrunk: {scale**-0.5:.3f}" if near else None)
        _set(self._near_names, names)

    def update(self, own: BaseMap, marks: Marks) -> None:
        """Let it show another map."""
        if (own, marks) != self._shown:
            self._shown = own, marks
            self._draw(own, marks)

    def _draw(self, own: BaseMap, marks: Marks) -> None:
        hidden = []
        for position, group in enumerate(map_element(self.base, own, marks)):
            key = _key(position, group)
            if key not in _LIVE:
                if not _alike(self._last[key], group):
                    self._last[key] = group
                    self._groups[key].set_content(_inner(group))
                continue
            drawn = []
            for place, (first, member) in enumerate(zip(self._first[key], group, strict=True), 1):
                member.attrib.pop("id", None)
                if self._school and member.get("data-school") == self._school:
                    member.set("class", "school chosen")
                if not _alike(first, member):
                    drawn.append(_markup(member))
                    hidden.append(f".{key}.first > :nth-child({place})")
            _set(self._now[key], "".join(drawn))
        _set(self._hidden, f"{', '.join(hidden)} {{ display: none }}" if hidden else "")


def _key(position: int, group: ET.Element) -> str:
    return group.get("class") or f"{_name(group)} {position}"


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{SVG}}}")


def _alike(one: ET.Element, other: ET.Element) -> bool:
    return (
        one.text == other.text
        and one.attrib == other.attrib
        and len(one) == len(other)
        and all(a.tag == b.tag and _alike(a, b) for a, b in zip(one, other, strict=True))
    )


def _inner(element: ET.Element) -> str:
    """What is inside an element, as text."""
    return (element.text or "") + "".join(_markup(child) for child in element)


def _markup(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode").replace(f' xmlns="{SVG}"', "")


def _set(element: Html, content: str) -> None:
    if element.content != content:
        element.set_content(content)


def _follow(element: Html, drawn: ET.Element, classes: tuple[str, ...] = ()) -> None:
    """Give an element the attributes that were drawn."""
    element.classes(" ".join((*drawn.get("class", "").split(), *classes)))
    set_attributes(element, **{name: value for name, value in drawn.attrib.items() if name != "class"})
