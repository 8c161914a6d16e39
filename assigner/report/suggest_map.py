"""The map of suggestions: what the best single move of every township would do, and where it would go.

The land has the colour of a class (`assigner.report.suggest_grades`), an arrow leads to the community of the best move,
and a figure is its number in the table of all moves. One drawing as SVG for the page and the file, the same by
matplotlib for notebooks and the workbook.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary
from xml.etree import ElementTree as ET

import numpy as np

from assigner.messages import N_, _, current_language, join_list, language_set
from assigner.report import boundary_map as maps
from assigner.report import suggest_statements as sentences
from assigner.report.cells import one_line
from assigner.report.community_colours import Style
from assigner.report.community_map import Ground, community_labels, ground_of
from assigner.report.community_svg import (
    SIGN_HEIGHT,
    SIGN_WIDTH,
    SVG,
    Marks,
    map_element,
    sign_element,
    swatch_element,
)
from assigner.report.map_fonts import chinese_font
from assigner.report.map_labels import Boxes, place_label, text_width
from assigner.report.map_style import INK, Speaker, add_text, fit
from assigner.report.suggest_grades import Grade, grade_words, grades, in_order, verdict_of
from geodata.base_map import MoveTownship

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.boundary.suggesting import Suggestions

__all__ = [
    "Arrow",
    "Shade",
    "arrows",
    "credit",
    "description",
    "key_element",
    "keys",
    "looks",
    "map_tree",
    "notes",
    "plot",
    "png_bytes",
    "svg_text",
    "title",
]


@dataclass(frozen=True)
class Shade(Style):
    """How the land of a class looks: a `Style` with colours of its own.

    Parameters
    ----------
    name : str
        Fit for a class or an id.
    land, lines : str
        Colours of the land, and of its pattern.
    """

    colour: int = -1
    name: str = ""
    land: str = ""
    lines: str = ""

    @property
    def fill(self) -> str:
        """Colour of its land."""
        return self.land

    @property
    def ink(self) -> str:
        """Colour of its pattern."""
        return self.lines

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


#: Blue and orange are told apart by all eyes; a pattern tells the kinds apart without colours.
_BETTER = ("#3B8FC4", "#85BFE0", "#C6E2F2")
_WORSE = ("#E08B3C", "#F5BC7D", "#FBE0C1")


def _shade(grade: Grade) -> Shade:
    key = grade.key
    if grade.verdict == "better":
        return Shade(name=key, land=_BETTER[grade.depth], lines=INK)
    if grade.verdict == "worse":
        return Shade(name=key, land=_WORSE[grade.depth], lines="#B5651D", pattern="lines")
    land, lines, pattern = {
        "equal": ("#FFFFFF", "#8A8A8A", "bars"),
        "not_solved": ("#FFFFFF", "#5C5C5C", "dots"),
        "not_possible": ("#D6D6D6", "#8A8A8A", "cross"),
        "none": ("#EFECE4", INK, ""),
    }[grade.verdict]
    return Shade(name=key, land=land, lines=lines, pattern=pattern)


def looks(answer: Suggestions) -> Mapping[str, Style]:
    """TOWNCODE -> how its land looks."""
    return {town: _shade(grade) for town, grade in grades(answer).items()}


def title() -> str:
    """Of the map."""
    return _("What moving each township would do")


def credit(answer: Suggestions) -> str:
    """What must stand beside the map."""
    from assigner.boundary.suggest_effects import standing_effects

    return maps.credit(standing_effects(answer))


def notes(answer: Suggestions) -> tuple[str, ...]:
    """What a reader of the map should know."""
    from assigner.boundary.suggest_effects import standing_effects

    return maps.notes(standing_effects(answer))


def description(answer: Suggestions) -> str:
    """The map in words, for those who do not see it: the townships of each class."""
    found = grades(answer)
    lines = []
    for grade in in_order(found):
        if grade.verdict != "none":
            names = [sentences.short_town(answer.base, town) for town, own in found.items() if own == grade]
            lines.append(_("{what}: {townships}.", what=grade_words(answer, grade), townships=join_list(names)))
    return " ".join(lines) or _("No single move was looked at.")


def _tips(answer: Suggestions) -> dict[str, str]:
    """TOWNCODE -> all its moves, a line each."""
    return {
        town: "\n".join(one_line(sentences.move_line(answer, entry)) for entry in entries)
        for town, entries in answer.by_township.items()
    }


def _marks(answer: Suggestions) -> Marks:
    """What stands on the map besides: the best change, conveners and benchmark schools as they are."""
    flips = answer.best.flips if answer.best else ()
    plans = [state.result.assignment for state in answer.states.values() if state.result is not None]
    return Marks(
        changed=frozenset(flip.township for flip in flips if isinstance(flip, MoveTownship)),
        moved=frozenset(answer.best.moved if answer.best else ()),
        conveners=frozenset(plan.convener for plan in plans if plan is not None),
        benchmarks=frozenset(code for code, entry in answer.base.schools.items() if entry.get("benchmark")),
    )


# -------------------------------------------------------------------------------------------------------------- arrows


@dataclass(frozen=True)
class Arrow:
    """The best move of a township, where it may be made and is solved.

    Parameters
    ----------
    township : str
    better : bool
    outline : tuple of (float, float), or empty
        Corners of the arrow across the border; empty where there is no border to draw it across.
    text : str
        Sign and number in the table.
    x, y, size : float
        Middle and size of the text; 0 where there is no room for it.
    """

    township: str
    better: bool
    outline: tuple[tuple[float, float], ...]
    text: str
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0


SIGNS: Mapping[str, str] = {"better": "▲", "equal": "=", "worse": "▼"}

_MANY = 120
"""From more townships on, only moves that are better have an arrow and a number."""


_drawn: WeakKeyDictionary[Suggestions, tuple[Arrow, ...]] = WeakKeyDictionary()


def arrows(answer: Suggestions) -> tuple[Arrow, ...]:
    """The arrows of a map, the most valuable moves first; worked out once."""
    found = _drawn.get(answer)
    if found is None:
        found = _drawn.setdefault(answer, tuple(_arrows(answer)))
    return found


def _arrows(answer: Suggestions) -> Iterator[Arrow]:
    import shapely

    ground = ground_of(answer.standing)
    letters = 12.0 if len(ground.shapes) <= _MANY else 9.0
    taken = _taken(answer, ground)
    best = {town: entries[0] for town, entries in answer.by_township.items() if town in ground.shapes}
    numbers = {id(entry): number for number, entry in enumerate(answer.ranking, 1)}
    lines = []
    for town, entry in sorted(best.items(), key=lambda found: numbers[id(found[1])]):
        verdict = verdict_of(entry)
        if verdict not in SIGNS or (verdict != "better" and len(ground.shapes) > _MANY):
            continue
        (flip,) = entry.flips
        assert isinstance(flip, MoveTownship)
        way = _way(answer, ground, town, flip.to)
        outline = () if way is None else _arrow(*way, letters, strong=verdict == "better")
        lines.append((town, verdict, outline, f"{SIGNS[verdict]}{numbers[id(entry)]}"))
    for _town, _verdict, outline, _text in lines:
        if outline:
            (left, top), (right, bottom) = (reduce(np.array(outline), axis=0) for reduce in (np.min, np.max))
            taken.add((left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2)
    frame = (2.0, 2.0, ground.view_box[2] - 2.0, ground.view_box[3] - 2.0)
    for town, verdict, outline, text in lines:
        land = max(shapely.get_parts(ground.shapes[town]), key=lambda part: float(part.area))
        shapely.prepare(land)
        at = outline[0] if outline else ground.anchors[town]
        half, high = text_width(text, letters, bold=True) / 2, letters * 0.6

        def inside(x: Any, y: Any, land: Any = land) -> Any:
            return shapely.contains_xy(land, x, y)

        x, y, within = place_label(at, half, high, frame, inside, taken, Boxes())
        if within:
            taken.add(x, y, half, high)
            yield Arrow(town, verdict == "better", outline, text, round(x, 1), round(y, 1), letters)
        else:
            yield Arrow(town, verdict == "better", outline, text)


def _taken(answer: Suggestions, ground: Ground) -> Boxes:
    """What stands on the map already."""
    taken = Boxes()
    for x, y in ground.schools.values():
        taken.add(x, y, ground.radius, ground.radius)
    for label in (*ground.labels.values(), *community_labels(answer.standing, answer.map).values()):
        taken.add(label.x, label.y, text_width(label.text, label.size) / 2, label.size * 0.6)
    for inset in ground.insets:
        taken.add(*inset.caption)
    return taken


_Point = tuple[float, float]


def _way(answer: Suggestions, ground: Ground, town: str, to: str) -> tuple[_Point, _Point] | None:
    """Where an arrow to a community begins to be drawn, and where it crosses the border, or the link.

    Arrows to and fro across one border stand side by side.
    """
    territory = set(answer.map.territory(to)) - {town}
    shared = []
    for (a, b), outline in ground.borders.items():
        if (a == town and b in territory) or (b == town and a in territory):
            shared += [(line, 0.38 if a == town else 0.62) for line in maps.points_of(outline)]
    if shared:
        return ground.anchors[town], _along(*max(shared, key=lambda found: _length(found[0])))
    for link in ground.links:
        if link.drawn and ((link.a == town and link.b in territory) or (link.b == town and link.a in territory)):
            return ground.anchors[town], ((link.start[0] + link.end[0]) / 2, (link.start[1] + link.end[1]) / 2)
    return None


def _length(line: Iterable[_Point]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(line))


def _along(line: list[_Point], share: float) -> _Point:
    """The point at a share of the way along a line."""
    left = _length(line) * share
    for a, b in pairwise(line):
        step = math.dist(a, b)
        if step and step >= left:
            return a[0] + (b[0] - a[0]) * left / step, a[1] + (b[1] - a[1]) * left / step
        left -= step
    return line[-1]


def _arrow(start: _Point, across: _Point, letters: float, *, strong: bool) -> tuple[_Point, ...]:
    """The corners of an arrow across a border, from the side of a point."""
    away = math.dist(start, across)
    if not away:
        return ()
    dx, dy = (across[0] - start[0]) / away, (across[1] - start[1]) / away
    back, ahead = min(letters * 1.2, away * 0.8), letters
    shaft, half, head = (letters * k for k in ((0.18, 0.55, 0.8) if strong else (0.1, 0.42, 0.65)))
    shape = (
        (-back, shaft),
        (ahead - head, shaft),
        (ahead - head, half),
        (ahead, 0.0),
        (ahead - head, -half),
        (ahead - head, -shaft),
        (-back, -shaft),
    )
    x, y = across
    return tuple((round(x + a * dx - b * dy, 1), round(y + a * dy + b * dx, 1)) for a, b in shape)


# ----------------------------------------------------------------------------------------------------------------- key

_ARROW, _NUMBER = "arrow", "number"

_OWN_WORDS: Mapping[str, str] = {
    _ARROW: N_("where the best move of a township goes"),
    _NUMBER: N_("better (▲), equal (=) or worse (▼); number in the table of all moves"),
    "changed": N_("township that moves in the best change"),
    "moved": N_("school that moves in the best change"),
    "convener": N_("school that convenes today"),
}


def keys(answer: Suggestions) -> tuple[tuple[Style | str, str], ...]:
    """Looks and signs of the map, each with its words: the classes, then the signs."""
    found = grades(answer)
    entries: list[tuple[Style | str, str]] = [(_shade(grade), grade_words(answer, grade)) for grade in in_order(found)]
    drawn = arrows(answer)
    ground, marks = ground_of(answer.standing), _marks(answer)
    placed = ground.schools.keys()
    there = {
        _ARROW: any(arrow.outline for arrow in drawn),
        _NUMBER: any(arrow.size for arrow in drawn),
        "changed": bool(marks.changed & ground.townships.keys()),
        "moved": bool(marks.moved & placed),
        "school": bool(placed),
        "convener": bool(marks.conveners & placed),
        "benchmark": bool((marks.benchmarks - marks.conveners) & placed),
        "link": any(link.drawn for link in ground.links),
    }
    entries += [(sign, _({**maps.SIGN_WORDS, **_OWN_WORDS}[sign])) for sign, is_there in there.items() if is_there]
    return tuple(entries)


def key_element(sign: Style | str, prefix: str) -> ET.Element:
    """A look or a sign for the key of a page; `prefix` is that of the ids of this one."""
    if isinstance(sign, Style):
        return swatch_element(sign, prefix)
    if sign not in (_ARROW, _NUMBER):
        return sign_element(sign)
    root = swatch_element(Shade(name="blank", land="#FFFFFF", lines=INK), prefix)
    root.remove(root[-1])
    middle = (SIGN_WIDTH / 2, SIGN_HEIGHT / 2)
    if sign == _ARROW:
        root.append(_arrow_element(_arrow((0.0, middle[1]), middle, 12.0, strong=True), better=True))
    else:
        look = {"x": f"{middle[0]:g}", "y": f"{middle[1] + 5:g}", "font-size": "13", "font-weight": "bold"}
        ET.SubElement(
            root, f"{{{SVG}}}text", look | {"text-anchor": "middle", "fill": INK}
        ).text = f"{SIGNS['better']}1"
    return root


# ----------------------------------------------------------------------------------------------------------------- SVG


def map_tree(answer: Suggestions, prefix: str = "") -> ET.Element:
    """The map as one SVG element, for a page.

    Parameters
    ----------
    answer : Suggestions
    prefix : str
        Of every id in it.
    """
    root = map_element(
        answer.standing,
        answer.map,
        _marks(answer),
        prefix=prefix,
        title=title(),
        description=description(answer),
        looks=looks(answer),
        told=_tips(answer),
    )
    group = ET.Element(f"{{{SVG}}}g", {"class": "moves", "text-anchor": "middle", "fill": INK})
    rim = "paint-order: stroke; stroke: #fff; stroke-width: 2.6px"
    for arrow in arrows(answer):
        if arrow.outline:
            group.append(_arrow_element(arrow.outline, better=arrow.better))
        if arrow.size:
            look = {"x": f"{arrow.x:g}", "y": f"{arrow.y + arrow.size * 0.36:.1f}", "font-size": f"{arrow.size:g}"}
            look |= {"font-weight": "bold", "style": rim, "class": "number", "pointer-events": "none"}
            ET.SubElement(group, f"{{{SVG}}}text", look).text = arrow.text
    names = next(position for position, part in enumerate(root) if part.get("class") == "names")
    root.insert(names, group)
    return root


def _arrow_element(outline: Iterable[_Point], *, better: bool) -> ET.Element:
    corners = "L".join(f"{x:g} {y:g}" for x, y in outline)
    look = {"d": f"M{corners}Z", "class": "arrow", "fill": INK if better else "#fff", "stroke-linejoin": "round"}
    look |= {"stroke": "#fff" if better else INK, "stroke-width": "1.6" if better else "1", "pointer-events": "none"}
    return ET.Element(f"{{{SVG}}}path", look | ({"style": "paint-order: stroke"} if better else {}))


def svg_text(answer: Suggestions) -> str:
    """The map with its key as an SVG file in the current language; equal answers give equal bytes."""
    ET.register_namespace("", SVG)
    width, height = ground_of(answer.standing).view_box[2:]
    across = max(width, 700.0)
    rows = maps.key_rows(
        ((key_element(sign, f"key{k}-"), words) for k, (sign, words) in enumerate(keys(answer))), across
    )
    lines = [part for line in (*notes(answer), credit(answer)) for part in maps.wrapped(line, 11.0, across)]
    bottom = maps.HEAD + height
    root = maps.blank_sheet((across + 2 * maps.EDGE, bottom + maps.foot_height(rows, lines)), _headline(answer))
    maps.add_words(root, maps.EDGE, 30.0, 20.0, fit(_headline(answer), 20.0, across, bold=True), bold=True)
    maps.add_words(root, maps.EDGE, 52.0, 13.0, fit(sentences.verdict(answer).text, 13.0, across))
    maps.put_framed(root, map_tree(answer), maps.EDGE, maps.HEAD, (width, height))
    maps.put_foot(root, rows, lines, bottom)
    return maps.svg_file(root)


def _headline(answer: Suggestions) -> str:
    return _("{name}: {title}", name=one_line(answer.base.name) or answer.base.id, title=title())


# ---------------------------------------------------------------------------------------------------------- matplotlib


def plot(answer: Suggestions, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the map into axes that are given; else with its key in a picture of its own.

    Returns
    -------
    matplotlib.axes.Axes
        Those with the map.
    """
    from assigner.report.map import settings

    with language_set(lang or current_language()), settings():
        if ax is None:
            return _picture(answer)
        _panel(answer, ax)
        add_text(ax, 4, ground_of(answer.standing).view_box[3] - 6, credit(answer), 5.5, ha="left", color="#333333")
        return ax


def png_bytes(answer: Suggestions, dpi: int = 110) -> bytes:
    """The map with its key as a PNG picture, in the current language."""
    return maps.picture_bytes(lambda: _picture(answer), dpi)


_POINTS, _KEY_POINTS, _EDGE = 640.0, 290.0, 12.0
"""Width of the map and of the key beside it, and room about them."""


def _picture(answer: Suggestions) -> Axes:
    """The map in a figure of its own, the key beside it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    say = Speaker(chinese_font() is not None)
    width, height = ground_of(answer.standing).view_box[2:]
    high = _POINTS * height / width
    if high > _POINTS:  # as high as wide at most, so that it fits across a page
        high, wide = _POINTS, _POINTS * width / height
    else:
        wide = _POINTS
    lines = [say(part) for line in (*notes(answer), credit(answer)) for part in maps.wrapped(line, 7.0, _KEY_POINTS)]
    entries = []
    for sign, text in keys(answer):
        told = say(text, sign.key if isinstance(sign, Style) else sign)
        entries.append((sign, list(maps.wrapped(told, 8.5, _KEY_POINTS - 30))))
    key_height = sum(5.0 + 12.0 * len(words) for _sign, words in entries) + 11.0 * len(lines) + 20.0
    total = (wide + _KEY_POINTS + 3 * _EDGE, max(high, key_height) + 2 * _EDGE + 24.0)
    figure = Figure(figsize=(total[0] / 72, total[1] / 72), facecolor="white")
    FigureCanvasAgg(figure)
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, total[0]), ylim=(0, total[1]))
    top = total[1] - _EDGE - 24.0
    add_text(paper, _EDGE, top + 14.0, say(title(), "moves"), 12, ha="left", weight="bold")
    axes = figure.add_axes((_EDGE / total[0], (top - high) / total[1], wide / total[0], high / total[1]))
    _panel(answer, axes)
    x, y = wide + 2 * _EDGE, top - 6.0
    for sign, words in entries:
        _key_entry(paper, x, y, sign)
        for k, line in enumerate(words):
            add_text(paper, x + 26, y - 12.0 * k, line, 8.5, ha="left")
        y -= 5.0 + 12.0 * len(words)
    for line in lines:
        y -= 11.0
        add_text(paper, x, y, line, 7, ha="left", color="#333333")
    return axes


def _key_entry(paper: Axes, x: float, y: float, sign: Style | str) -> None:
    if sign == _ARROW:
        _patch(paper, _arrow((x, y), (x + 10, y), 11.0, strong=True), better=True, scale=1.0)
    elif sign == _NUMBER:
        add_text(paper, x + 10, y, f"{SIGNS['better']}1", 8.5, weight="bold")
    else:
        maps.key_entry(paper, x, y, sign, "")


def _panel(answer: Suggestions, axes: Axes) -> None:
    """The map into axes, as it is on the page."""
    from matplotlib import patheffects

    scale, say = maps.draw_map(axes, answer.standing, answer.map, _marks(answer), looks(answer))
    for arrow in arrows(answer):
        if arrow.outline:
            _patch(axes, arrow.outline, better=arrow.better, scale=scale)
        if arrow.size:
            text = say(arrow.text, arrow.text[1:])
            made = add_text(axes, arrow.x, arrow.y, text, arrow.size * scale, weight="bold", zorder=9)
            made.set_path_effects([patheffects.withStroke(linewidth=2.6 * scale, foreground="white")])


def _patch(axes: Axes, outline: Iterable[_Point], *, better: bool, scale: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = list(outline)
    look: dict[str, Any] = {"facecolor": INK if better else "white", "edgecolor": "white" if better else INK}
    path = Path([*corners, corners[0]], closed=True)
    axes.add_artist(PathPatch(path, linewidth=0.9 * scale, zorder=8, **look))
