"""The map of a design: the communities as designed, beside those that were where there was a map.

One drawing as SVG for the page and the file, the same by matplotlib for notebooks and the workbook; the parts are those
of the maps of an experiment (`assigner.report.boundary_map`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assigner.boundary.values import Effects
from assigner.messages import N_, _, _n, current_language, join_list, language_set
from assigner.report import boundary_map as maps
from assigner.report import design_statements as sentences
from assigner.report.boundary_statements import short_town
from assigner.report.cells import one_line
from assigner.report.community_colours import NO_COMMUNITY, Style, community_colours
from assigner.report.community_map import ground_of
from assigner.report.community_svg import SVG, Marks, map_element, sign_element, swatch_element
from assigner.report.map_fonts import chinese_font
from assigner.report.map_style import Speaker, add_text, fit
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.boundary.designing import DesignedMap
    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = ["Panel", "credit", "is_wide", "keys", "notes", "panels", "plot", "png_bytes", "svg_text"]

_CENTRE = N_("school that stands for the centre of its community")
_MOVED = N_("school whose centre was in another community")
_CHANGED = N_("township whose centre was in another community")


@dataclass(frozen=True)
class Panel:
    """One of the maps.

    Parameters
    ----------
    title, plain : str
        The second in letters that every font has.
    base : Base
        What the land is taken from, the same for both.
    map : BaseMap
    marks : Marks
    prefix : str
        Of every id.
    """

    title: str
    plain: str
    base: Base
    map: BaseMap
    marks: Marks
    prefix: str

    def tree(self) -> ET.Element:
        """As SVG."""
        return map_element(
            self.base,
            self.map,
            self.marks,
            prefix=self.prefix,
            title=self.title,
            description=self.description(),
        )

    def description(self) -> str:
        """The map in words: how many communities it has, and which townships each."""
        own = self.map
        if len(own.names) > _MANY:
            return _n(
                "{n} community; the tables name its townships.",
                "{n} communities; the tables name the townships of each.",
                len(own.names),
            )
        told = []
        for community, name in own.names.items():
            towns = join_list(short_town(self.base, town) for town in own.territory(community)) or "–"
            told.append(_("{community}: {townships}.", community=one_line(name) or community, townships=towns))
        return " ".join(told)


_MANY = 12
"""More communities are not told in words beside the map: the table does it."""


def panels(answer: DesignedMap) -> tuple[Panel, ...]:
    """The map as designed, after the one that was where there was one; none without a design."""
    if answer.base is None:
        return ()
    benchmarks = frozenset(code for code, entry in answer.base.schools.items() if entry.get("benchmark"))
    centres = frozenset(community.convener for community in answer.communities)
    moved = {"changed": answer.moved_townships, "moved": answer.moved_schools}
    before = answer.before
    ground = before or answer.base
    after = Panel(
        _("Communities as designed"),
        "as designed",
        ground,
        answer.base.map,
        Marks(conveners=centres, benchmarks=benchmarks, **moved),
        "after-",
    )
    if before is None:
        return (after,)
    marks = Marks(benchmarks=benchmarks, **moved)
    return (Panel(_("Communities before"), "before", ground, before.map, marks, "before-"), after)


def _effects(panel: Panel) -> Effects:
    """What the parts that speak of the land alone are told by."""
    return Effects(panel.base, (), panel.map, ())


def is_wide(answer: DesignedMap) -> bool:
    """Whether each map needs the whole width."""
    shown = panels(answer)
    return len(shown) < 2 or maps.is_wide(_effects(shown[0]))


def credit(answer: DesignedMap) -> str:
    """What must stand beside the map."""
    base = answer.question.base
    return maps.credit(Effects(base, (), base.map, ()))


def notes(answer: DesignedMap) -> tuple[str, ...]:
    """What a reader of the maps should know."""
    return maps.notes(_effects(panels(answer)[-1]))


def keys(answer: DesignedMap) -> Iterator[tuple[str, Style | str, str]]:
    """Id, look and words of every community, then every sign of the maps with its words."""
    shown = panels(answer)
    ground = ground_of(shown[0].base)
    names: dict[str, str] = {}
    styles: dict[str, Style] = {}
    for panel in shown:
        names |= panel.map.names
        styles |= community_colours(panel.base, panel.map)
    after = {community.id: community for community in answer.communities}
    for community, name in names.items():
        words = one_line(name) or community
        if community in after:
            schools = _n("{n} school", "{n} schools", after[community].participants)
            words = _("{community}: {schools}", community=words, schools=schools)
        else:
            words = _("{community} (before)", community=words)
        yield community, styles[community], words
    if any(NOWHERE in panel.map.home.values() for panel in shown):
        yield NOWHERE, NO_COMMUNITY, _("no community")
    last, placed = shown[-1].marks, ground.schools.keys()
    out = any(
        entry.get("takes_part") is False or entry.get("barred")
        for code, entry in shown[0].base.schools.items()
        if code in placed
    )
    signs = (
        ("school", bool(placed), maps.SIGN_WORDS["school"]),
        ("convener", bool(last.conveners & placed), _CENTRE),
        ("benchmark", bool((last.benchmarks - last.conveners) & placed), maps.SIGN_WORDS["benchmark"]),
        ("out", out, maps.SIGN_WORDS["out"]),
        ("moved", bool(last.moved & placed), _MOVED),
        ("changed", bool(last.changed & ground.townships.keys()), _CHANGED),
        ("link", any(link.drawn for link in ground.links), maps.SIGN_WORDS["link"]),
    )
    yield from ((sign, sign, _(words)) for sign, there, words in signs if there)


# ----------------------------------------------------------------------------------------------------------------- SVG

_BETWEEN, _TITLE = 20.0, 26.0
"""Room between two maps, and for the title of one."""


def svg_text(answer: DesignedMap) -> str:
    """The maps with their key as an SVG file in the current language; equal answers give equal bytes."""
    ET.register_namespace("", SVG)
    shown, wide = panels(answer), is_wide(answer)
    _x, _y, width, height = ground_of(shown[0].base).view_box
    across = max(width if wide else 2 * width + _BETWEEN, 700.0)
    rows = maps.key_rows(_signs(answer), across)
    down = _TITLE + height + 8.0
    bottom = maps.HEAD + (len(shown) if wide else 1) * down
    said = (sentences.made_up(answer), *notes(answer), credit(answer))
    lines = [part for line in said for part in maps.wrapped(line, 11.0, across)]
    title = sentences.title(answer)
    root = maps.blank_sheet((across + 2 * maps.EDGE, bottom + maps.foot_height(rows, lines)), title)
    maps.add_words(root, maps.EDGE, 30.0, 20.0, fit(title, 20.0, across, bold=True), bold=True)
    maps.add_words(root, maps.EDGE, 52.0, 13.0, fit(sentences.verdict(answer).text, 13.0, across))
    for position, panel in enumerate(shown):
        x = maps.EDGE + (0.0 if wide else position * (width + _BETWEEN))
        y = maps.HEAD + (position * down if wide else 0.0)
        maps.add_words(root, x, y + 18.0, 16.0, panel.title, bold=True)
        maps.put_framed(root, panel.tree(), x, y + _TITLE, (width, height))
    maps.put_foot(root, rows, lines, bottom)
    return maps.svg_file(root)


def _signs(answer: DesignedMap) -> Iterator[tuple[ET.Element, str]]:
    for k, (_id, look, words) in enumerate(keys(answer)):
        yield (swatch_element(look, f"key{k}-") if isinstance(look, Style) else sign_element(look)), words


# ---------------------------------------------------------------------------------------------------------- matplotlib

_POINTS = 470.0
"""Width of one of two maps side by side."""


def plot(answer: DesignedMap, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the map as designed, into axes that are given; else all maps, in a picture of their own.

    Returns
    -------
    matplotlib.axes.Axes
        Those with the map as designed.

    Raises
    ------
    ValueError
        There is no design.
    """
    from assigner.report.map import settings

    if answer.base is None:
        raise ValueError("the answer has no communities")
    with language_set(lang or current_language()), settings():
        if ax is None:
            return _figure(answer)
        panel = panels(answer)[-1]
        maps.draw_map(ax, panel.base, panel.map, panel.marks)
        height = ground_of(panel.base).view_box[3]
        add_text(ax, 4, height - 6, credit(answer), 5.5, ha="left", color="#333333")
        return ax


def png_bytes(answer: DesignedMap, dpi: int = 110) -> bytes:
    """The maps as a PNG picture, in the current language."""
    return maps.picture_bytes(lambda: _figure(answer), dpi)


def _figure(answer: DesignedMap) -> Axes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    say = Speaker(chinese_font() is not None)
    shown, wide = panels(answer), is_wide(answer)
    _x, _y, width, height = ground_of(shown[0].base).view_box
    edge, head = 12.0, 24.0
    across = 2 * _POINTS + edge
    own_width = across if wide else _POINTS
    own_height = own_width * height / width
    placed = maps.plain_key_rows(((look, say(words, identity)) for identity, look, words in keys(answer)), across)
    said = (sentences.made_up(answer), *notes(answer), credit(answer))
    lines = [say(part) for line in said for part in maps.wrapped(line, 7.0, across)]
    foot = 16.0 * (placed[-1][1] + 1) + 11.0 * len(lines) + 14.0
    total = (across + 2 * edge, foot + (len(shown) if wide else 1) * (own_height + head) + 8.0)
    figure = Figure(figsize=(total[0] / 72, total[1] / 72), facecolor="white")
    FigureCanvasAgg(figure)
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, total[0]), ylim=(0, total[1]))
    for position, panel in enumerate(shown):
        x = edge if wide else edge + position * (own_width + edge)
        top = total[1] - head - (position * (own_height + head) if wide else 0.0)
        axes = figure.add_axes(
            (x / total[0], (top - own_height) / total[1], own_width / total[0], own_height / total[1])
        )
        add_text(paper, x, top + 11, say(panel.title, panel.plain), 12, ha="left", weight="bold")
        maps.draw_map(axes, panel.base, panel.map, panel.marks)
    for x, row, sign, words in placed:
        maps.key_entry(paper, edge + x, foot - 12.0 - 16.0 * row, sign, words)
    for k, line in enumerate(reversed(lines)):
        add_text(paper, edge, 8 + 11 * k, line, 7, ha="left", color="#333333")
    return axes
