"""The maps of the national report: every community in the shade of a measure, one map for each measure.

The land is that of the run's communities (`assigner.report.national.National.base`); the drawing is that of all maps of
communities, as SVG for the page and by matplotlib for the workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary
from xml.etree import ElementTree as ET

import numpy as np

from assigner.boundary.values import Effects
from assigner.messages import N_, _, _n, join_list, number, percent
from assigner.report import boundary_map as maps
from assigner.report.community_colours import NO_COMMUNITY, Style
from assigner.report.community_svg import Marks, map_element
from assigner.report.map_fonts import chinese_font
from assigner.report.map_style import INK, Speaker, add_text
from assigner.report.national import lines_of
from assigner.report.suggest_map import Shade
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.boundary.values import Base
    from assigner.report.national import National

__all__ = ["Panel", "credit", "notes", "panels", "png_bytes"]

_SHADES = (("#FFFFD4", INK), ("#FED98E", INK), ("#FE9929", INK), ("#D95F0E", INK), ("#993404", "#FFFFFF"))
"""From little to much; told apart by all eyes, and in grey, by their lightness (ColorBrewer YlOrBr)."""

_UNKNOWN = Shade(name="unknown", land="#E9E9E9", lines="#8A8A8A", pattern="cross")


@dataclass(frozen=True)
class Panel:
    """One of the maps.

    Parameters
    ----------
    key : str
        The measure.
    title : str
    plain : str
        The title in letters that every font has.
    looks : Mapping[str, Style]
        Community (and `NOWHERE`) -> how it looks.
    keys : tuple of (Style, str, str)
        Looks with their words, and with a plain id.
    told : Mapping[str, str]
        Community -> its value in words.
    """

    key: str
    title: str
    plain: str
    looks: Mapping[str, Style]
    keys: tuple[tuple[Style, str, str], ...]
    told: Mapping[str, str]

    def tree(self, base: Base) -> ET.Element:
        """As SVG."""
        own = base.map
        told = {town: self.told.get(community, "") for town, community in own.home.items()}
        return map_element(
            base,
            own,
            ids=False,
            prefix=f"{self.key}-",
            title=self.title,
            description=self.description(),
            told={town: words for town, words in told.items() if words},
            styles=self.looks,
        )

    def description(self) -> str:
        """The map in words: how many communities are in each class; the tables name them."""
        parts = []
        for style, words, _plain in self.keys:
            if style == NO_COMMUNITY:
                continue
            count = sum(look == style for community, look in self.looks.items() if community != NOWHERE)
            parts.append(_("{what}: {n}", what=words, n=number(count)))
        return _("{parts}. The tables name them.", parts=join_list(parts))


def credit(report: National) -> str:
    """What must stand beside the maps."""
    return "" if report.base is None else maps.credit(Effects(report.base, (), report.base.map, ()))


def notes(report: National) -> tuple[str, ...]:
    """What a reader of the maps should know."""
    if report.base is None:
        return (_("There is no map: the inputs name no townships of the map that is shipped."),)
    lines = list(maps.notes(Effects(report.base, (), report.base.map, ())))
    drawn = set(report.base.map.home.values())
    hidden = [report.community_names[c] for c in report.communities["community"] if c not in drawn]
    lines.append(_("A township that lies in several communities is drawn as part of the one with most schools there."))
    if hidden:
        lines.append(
            _("Not on the map, since others have more schools in its townships: {names}.", names=_some(hidden))
        )
    return tuple(lines)


def _some(names: Sequence[str]) -> str:
    shown = list(names[:12])
    if len(names) > len(shown):
        shown.append(_n("{n} more", "{n} more", len(names) - len(shown)))
    return join_list(shown)


_made: WeakKeyDictionary[National, tuple[Panel, ...]] = WeakKeyDictionary()


def panels(report: National) -> tuple[Panel, ...]:
    """The maps: those whose measure is known of any community."""
    if report not in _made:
        found = () if report.base is None else tuple(_panels(report))
        if report.base is not None and NOWHERE in report.base.map.home.values():
            none = (NO_COMMUNITY, _("no community"), "no community")
            found = tuple(replace(panel, keys=(*panel.keys, none)) for panel in found)
        _made[report] = found
    return _made[report]


def _panels(report: National) -> Iterator[Panel]:
    made = report.communities.set_index("community")
    for key, title, plain, column, say in (
        ("load", _("Heaviest load"), "heaviest load", "largest_load", lambda v: number(v, 2)),
        ("travel", _("Travel a year for each school"), "travel for each school", "travel_per_school", number),
        ("firm", _("Duties that never move over the variants"), "fixed duties", "fixed_share", lambda v: percent(v, 0)),
    ):
        values = {str(community): float(value) for community, value in made[column].dropna().items()}
        if values:
            yield _graded(key, title, plain, list(made.index), values, say, rising=key != "firm")
        if key == "load":
            yield _standing(report)


def _graded(
    key: str,
    title: str,
    plain: str,
    communities: Sequence[str],
    values: Mapping[str, float],
    say: Callable[[float], str],
    *,
    rising: bool,
) -> Panel:
    """A map of a measure in classes of about the same size, with round edges; dark is what asks to be looked at."""
    edges = _edges(sorted(values.values()))
    bounds = [None, *edges, None]
    steps = np.linspace(0, len(_SHADES) - 1, max(len(edges) + 1, 2)).round().astype(int).tolist()
    steps = steps[: len(edges) + 1] if rising else steps[: len(edges) + 1][::-1]
    classes: list[tuple[Shade, str, str]] = []
    for (least, below), step in zip(pairwise(bounds), steps, strict=True):
        land, lines = _SHADES[step]
        name = f"{key}-{len(classes)}"
        classes.append((Shade(name=name, land=land, lines=lines), _range(least, below, say), f"{least}-{below}"))
    looks: dict[str, Style] = {NOWHERE: NO_COMMUNITY}
    for community in communities:
        if community in values:
            looks[community] = classes[int(np.searchsorted(edges, values[community], side="right"))][0]
        else:
            looks[community] = _UNKNOWN
    keys: list[tuple[Style, str, str]] = [*classes]
    if len(values) < len(communities):
        keys.append((_UNKNOWN, _("not known: there is no plan"), "no plan"))
    told = {community: f"{title}: {say(value)}" for community, value in values.items()}
    return Panel(key, title, plain, looks, tuple(keys), told)


def _range(least: float | None, below: float | None, say: Callable[[float], str]) -> str:
    if least is None and below is None:
        return _("all alike")
    if least is None:
        assert below is not None
        return _("less than {below}", below=say(below))
    if below is None:
        return _("{least} or more", least=say(least))
    return _("{least} to less than {below}", least=say(least), below=say(below))


def _edges(ordered: Sequence[float]) -> list[float]:
    """At most four numbers that divide sorted values, round where that will do, each class with something in it.

    The classes have about as many; of values that are mostly alike the others are divided.
    """
    found: list[float] = []
    for part in range(1, len(_SHADES)):
        least = found[-1] if found else ordered[0]
        above = [value for value in ordered if value > least]
        if not above:
            break
        middle = max(ordered[len(ordered) * part // len(_SHADES)], above[0])
        for edge in (float(f"{middle:.2g}"), middle):
            if least < edge <= ordered[-1] and any(least <= value < edge for value in ordered):
                found.append(edge)
                break
    return found


_STANDINGS: tuple[tuple[str, str, Shade], ...] = (
    ("plain", N_("a plan under all rules"), Shade(name="plain", land="#C6E2F2", lines=INK)),
    (
        "relaxed",
        N_("a plan with a rule relaxed"),
        Shade(name="relaxed", land="#F5BC7D", lines="#8A4A00", pattern="lines"),
    ),
    (
        "variants",
        N_("a rule relaxed under some variant only"),
        Shade(name="variants", land="#FFFFFF", lines="#B5651D", pattern="dots"),
    ),
    ("none", N_("no lawful plan"), Shade(name="none", land="#D95F0E", lines=INK, pattern="cross")),
    ("failed", N_("failed, or not solved yet"), Shade(name="failed", land="#D6D6D6", lines="#5C5C5C", pattern="bars")),
)


def _standing(report: National) -> Panel:
    """Which communities need a relaxation, or have no plan."""
    shades = {name: shade for name, _words, shade in _STANDINGS}
    looks: dict[str, Style] = {NOWHERE: NO_COMMUNITY}
    told = {}
    for row in lines_of(report.communities):
        community = row.community
        if row.status == "infeasible":
            name = "none"
        elif np.isnan(row.largest_load):
            name = "failed"
        elif row.relaxations:
            name = "relaxed"
        else:
            name = "variants" if row.relaxed or row.infeasible else "plain"
        looks[community] = shades[name]
        told[community] = str(row.relaxations or "")
    used = {look for community, look in looks.items() if community != NOWHERE}
    keys = tuple((shade, _(words), name) for name, words, shade in _STANDINGS if shade in used)
    return Panel("rules", _("Where a rule is relaxed"), "rules relaxed", looks, keys, told)


# ---------------------------------------------------------------------------------------------------------- matplotlib

_POINTS, _EDGE, _HEAD = 330.0, 12.0, 24.0
"""Width of a map, room about it and above it."""


def png_bytes(report: National, dpi: int = 120) -> bytes:
    """All maps with their keys as one picture, in the current language."""
    return maps.picture_bytes(lambda: _picture(report), dpi)


def _picture(report: National) -> Axes:
    """The maps side by side, two to a row, each with its key below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from assigner.report.community_map import ground_of

    base = report.base
    assert base is not None
    say = Speaker(chinese_font() is not None)
    shown = panels(report)
    width, height = ground_of(base).view_box[2:]
    high = _POINTS * height / width
    keys = [[(style, say(words, plain)) for style, words, plain in panel.keys] for panel in shown]
    key_height = 14.0 * max(map(len, keys)) + 10.0
    across = min(2, len(shown))
    down = -(-len(shown) // across)
    lines = [
        say(part) for line in (*notes(report), credit(report)) for part in maps.wrapped(line, 7.0, across * _POINTS)
    ]
    total = (
        across * (_POINTS + _EDGE) + _EDGE,
        down * (high + _HEAD + key_height) + 11.0 * len(lines) + 2 * _EDGE,
    )
    figure = Figure(figsize=(total[0] / 72, total[1] / 72), facecolor="white")
    FigureCanvasAgg(figure)
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, total[0]), ylim=(0, total[1]))
    for k, panel in enumerate(shown):
        x = _EDGE + (k % across) * (_POINTS + _EDGE)
        top = total[1] - _EDGE - (k // across) * (high + _HEAD + key_height) - _HEAD
        add_text(paper, x, top + 12, say(panel.title, panel.plain), 11, ha="left", weight="bold")
        axes = figure.add_axes((x / total[0], (top - high) / total[1], _POINTS / total[0], high / total[1]))
        maps.draw_map(axes, base, base.map, Marks(), styles=panel.looks)
        for row, (style, words) in enumerate(keys[k]):
            maps.key_entry(paper, x, top - high - 12.0 - 14.0 * row, style, words)
    for k, line in enumerate(reversed(lines)):
        add_text(paper, _EDGE, 8 + 11 * k, line, 7, ha="left", color="#333333")
    return paper
