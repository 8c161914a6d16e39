"""The map on the page: made once, then only what a change touches is sent.

`assigner.report.community_svg` draws it; here each township, border and school is an element of its own whose
attributes follow the drawing of the map as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assigner.report.community_map import ground_of
from assigner.report.community_svg import SVG, Marks, map_element
from assigner.web.elements import clicked, html, tag
from assigner.web.markup import rendered

if TYPE_CHECKING:
    from nicegui.elements.html import Html

    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = ["MapView"]

_LIVE = ("land", "borders", "schools")
"""Groups whose members are elements of their own."""


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
        dragged: Callable[[str, str, str], None],
    ) -> None:
        self.base, self._picked, self._dragged = base, picked, dragged
        self._held: tuple[str, str] | None = None
        self._shown = own, marks
        self._school = ""
        self._members: dict[str, list[Html]] = {}
        self._groups: dict[int, Html] = {}
        self._dots: dict[str, Html] = {}
        root = map_element(base, own, marks)
        attributes = {key: value for key, value in root.attrib.items() if key not in ("class", "role")}
        with tag("svg", classes="communities", role="img", aria_label=label) as picture:
            for name, value in attributes.items():
                picture.props[name] = value
            for position, group in enumerate(root):
                if group.get("class") == "schools":
                    self._outline = html("", "g", "chosen-towns over")
                self._add(position, group)

    def _add(self, position: int, group: ET.Element) -> None:
        kind = group.get("class", "")
        if kind not in _LIVE:
            # Names and marks lie over the land, and let what is clicked through to it.
            made = self._groups[position] = html(_inner(group), _name(group))
            _follow(made, group, ("land" if kind == "sea" else "over",))
            return
        with tag("g", classes=kind) as made_group:
            for key, value in group.attrib.items():
                if key != "class":
                    made_group.props[key] = value
            members = self._members[kind] = []
            for member in group:
                element = html(_inner(member), _name(member))
                _follow(element, member)
                members.append(element)
                if kind == "land":
                    self._listen(element, "township", member.get("data-township", ""))
                elif kind == "schools":
                    code = member.get("data-school", "")
                    self._dots[code] = element
                    self._listen(element, "school", code)

    def _listen(self, element: Html, kind: str, code: str) -> None:
        clicked(element, lambda: self._picked(kind, code))
        clicked(element, lambda: self._hold(kind, code), "mousedown")
        clicked(element, lambda: self._drop(kind, code), "mouseup")

    def _hold(self, kind: str, code: str) -> None:
        self._held = kind, code

    def _drop(self, kind: str, code: str) -> None:
        held, self._held = self._held, None
        if held is not None and held != (kind, code):
            self._dragged(*held, code if kind == "township" else self.base.map.place[code])

    def choose(self, townships: Iterable[str], school: str) -> None:
        """Let an outline show which townships are chosen, and a ring which school (empty: none)."""
        paths = ground_of(self.base).townships
        _set(self._outline, rendered("chosen.svg.j2", outlines=[paths[town] for town in townships if town in paths]))
        for code in {self._school, school} - {""}:
            self._dots[code].classes(replace="school chosen" if code == school else "school")
        self._school = school

    def update(self, own: BaseMap, marks: Marks) -> None:
        """Let it show another map."""
        if (own, marks) == self._shown:
            return
        self._shown = own, marks
        for position, group in enumerate(map_element(self.base, own, marks)):
            kind = group.get("class", "")
            if kind in _LIVE:
                for element, member in zip(self._members[kind], group, strict=True):
                    if self._school and member.get("data-school") == self._school:
                        member.set("class", "school chosen")
                    _set(element, _inner(member))
                    _follow(element, member)
            else:
                _set(self._groups[position], _inner(group))


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{SVG}}}")


def _inner(element: ET.Element) -> str:
    """What is inside an element, as text."""
    return (element.text or "") + "".join(
        ET.tostring(child, encoding="unicode").replace(f' xmlns="{SVG}"', "") for child in element
    )


def _set(element: Html, content: str) -> None:
    if element.content != content:
        element.set_content(content)


def _follow(element: Html, drawn: ET.Element, classes: tuple[str, ...] = ()) -> None:
    """Give an element the attributes that were drawn."""
    wanted = " ".join((*drawn.get("class", "").split(), *classes))
    if " ".join(element.classes) != wanted:
        element.classes(replace=wanted)
    for name, value in drawn.attrib.items():
        if name != "class" and element.props.get(name) != value:
            element.props[name] = value
