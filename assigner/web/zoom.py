"""The map drawn nearer: buttons that show all of it, or what is chosen with what lies around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assigner.messages import _
from assigner.report.community_map import ground_of
from assigner.web.elements import clicked, set_attributes, tag
from assigner.web.markup import rendered

if TYPE_CHECKING:
    from assigner.report.community_map import Ground
    from assigner.web.map_view import MapView

__all__ = ["Zoom"]

_MARGIN = 0.18
_LARGEST = 8.0
"""The outlines of townships are too coarse for more, and one alone does not show where it is."""

_LETTER = 1 / 42
"""Height of a name, as a share of the width that is seen."""

_View = tuple[float, float, float, float]


class Zoom:
    """The buttons.

    Parameters
    ----------
    picture : MapView
    on : callable
        Makes a handler of an event.
    refuse : callable
        Called with a sentence about what cannot be done.
    """

    def __init__(self, picture: MapView, on: Callable[..., Callable[..., None]], refuse: Callable[[str], None]) -> None:
        self._picture, self._refuse = picture, refuse
        self._ground = ground_of(picture.base)
        self._towns: tuple[str, ...] = ()
        self._near = False
        with tag("div", classes="choices", role="group", aria_label=_("How near the map is")):
            self._whole = tag("button", _("Whole map"), type="button")
            clicked(self._whole, on(self._show, False))
            self._nearer = tag("button", _("What is chosen, nearer"), type="button")
            clicked(self._nearer, on(self._show, True))
        self._tell()

    def chosen(self, towns: tuple[str, ...]) -> None:
        """Townships of what is chosen now; what is seen stays until a button is pressed."""
        self._towns = towns
        self._tell()

    def _tell(self) -> None:
        set_attributes(self._whole, aria_pressed="false" if self._near else "true")
        set_attributes(self._nearer, aria_pressed="true" if self._near else "false")
        set_attributes(self._nearer, aria_disabled="false" if self._towns or self._near else "true")

    def _show(self, near: bool) -> None:
        if near and not self._towns:
            self._refuse(_("Choose a township, a school or a community first."))
            return
        view = _around(self._ground, self._towns) if near else None
        self._near = view is not None
        whole = self._ground.view_box
        scale = 1.0 if view is None else whole[2] / view[2]
        names = "" if view is None else rendered("names.svg.j2", names=_names(self._ground, view))
        self._picture.see(view or whole, scale, names)
        self._tell()


def _around(ground: Ground, towns: tuple[str, ...]) -> _View | None:
    """The part of the map that has these townships in it, in the shape of the whole; None where none is drawn."""
    area = ground.area(towns)
    if area is None:
        return None
    x, y, right, low = area.bounds
    whole = ground.view_box
    width, height = (right - x) * (1 + 2 * _MARGIN), (low - y) * (1 + 2 * _MARGIN)
    scale = max(width / whole[2], height / whole[3], 1 / _LARGEST)
    if scale >= 1:
        return whole
    width, height = whole[2] * scale, whole[3] * scale

    def placed(middle: float, size: float, first: float, length: float) -> float:
        return min(max(middle - size / 2, first), first + length - size)

    left = placed((x + right) / 2, width, whole[0], whole[2])
    top = placed((y + low) / 2, height, whole[1], whole[3])
    return left, top, width, height


def _names(ground: Ground, view: _View) -> Iterator[tuple[str, float, float, float]]:
    """Names of the townships that are seen, where there is room: text, x, y, size."""
    left, top, width, height = view
    size = width * _LETTER
    taken: list[tuple[float, float, float]] = []
    seen = [
        (town, *ground.anchors[town])
        for town in ground.anchors
        if left < ground.anchors[town][0] < left + width and top < ground.anchors[town][1] < top + height
    ]
    seen.sort(key=lambda entry: -ground.shapes[entry[0]].area if entry[0] in ground.shapes else 0.0)
    for town, x, y in seen:
        text = ground.names.get(town, "")
        half = size * len(text) / 2
        if text and all(
            math.fabs(y - other_y) > size or math.fabs(x - other_x) > half + other_half
            for other_x, other_y, other_half in taken
        ):
            taken.append((x, y, half))
            yield text, round(x, 2), round(y + size / 3, 2), round(size, 2)
