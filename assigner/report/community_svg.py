"""The map of communities as SVG: one element for each township, border and school, with ids that stay.

A live page embeds it once and changes classes and fills; a still page and a file show it as it is. Names are text
nodes, never markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assigner.boundary.naming import school_words
from assigner.messages import _, current_language, join_list
from assigner.report.boundary_statements import LINK_WORDS
from assigner.report.cells import one_line, plain
from assigner.report.community_map import (
    Ground,
    Inset,
    Label,
    Style,
    community_colours,
    community_labels,
    ground_of,
    home_of,
    school_id,
    township_id,
    view_box,
)
from assigner.report.map_fonts import CSS_FAMILIES
from assigner.report.map_style import AROUND, AROUND_BORDER, INK, ORANGE, SEA, fit
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = [
    "CHANGED",
    "CUT_OFF",
    "SVG",
    "Marks",
    "base_map_svg",
    "beyond_words",
    "map_element",
    "pattern_defs",
    "scale_corner",
    "sign_element",
    "swatch_element",
]

SVG = "http://www.w3.org/2000/svg"

CHANGED, CUT_OFF = "#B3003C", "#000000"
"""Outline of what moved; hatching of what is cut off."""


@dataclass(frozen=True)
class Marks:
    """What is pointed out on a map.

    Parameters
    ----------
    changed : set of str
        TOWNCODEs that belong elsewhere on the other map.
    moved : set of str
        Codes of schools that do.
    cut_off : set of str
        TOWNCODEs in parts that the change cuts off.
    conveners, benchmarks : set of str
        Codes.
    selected : set of str
        TOWNCODEs.
    """

    changed: AbstractSet[str] = frozenset()
    moved: AbstractSet[str] = frozenset()
    cut_off: AbstractSet[str] = frozenset()
    conveners: AbstractSet[str] = frozenset()
    benchmarks: AbstractSet[str] = frozenset()
    selected: AbstractSet[str] = frozenset()


@dataclass
class _Sheet:
    """What the parts of a map are drawn with."""

    base: Base
    own: BaseMap
    ground: Ground
    styles: Mapping[str, Style]
    marks: Marks
    ids: bool
    prefix: str
    looks: Mapping[str, Style] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    root: ET.Element = field(init=False)

    def group(self, name: str, **attributes: str) -> ET.Element:
        return ET.SubElement(self.root, f"{{{SVG}}}g", {"class": name, **attributes})

    def town_title(self, town: str) -> str:
        known = self.base.geography.townships[town]
        community = home_of(self.own, town)
        said = f"{known.name}：{self.community(community)}"
        return f"{said}\n{self.told[town]}" if town in self.told else said

    def look(self, town: str) -> Style:
        """How the land of a township looks: as its community, unless something else is shown."""
        return self.looks.get(town) or self.styles[home_of(self.own, town)]

    def community(self, community: str) -> str:
        return _("no community") if community == NOWHERE else one_line(self.own.names[community]) or community


def base_map_svg(base: Base, own: BaseMap, *, ids: bool = True, selected: str | None = None) -> str:
    """A map of communities as the text of one SVG element.

    Parameters
    ----------
    base : Base
    own : BaseMap
        Its map, or that after flips.
    ids : bool
        Townships have the ids ``t-<TOWNCODE>``, schools ``s-<code>``.
    selected : str, optional
        TOWNCODE that is marked as chosen.
    """
    marks = Marks(selected=frozenset({selected}) if selected else frozenset())
    return ET.tostring(map_element(base, own, marks, ids=ids), encoding="unicode")


def map_element(
    base: Base,
    own: BaseMap,
    marks: Marks | None = None,
    *,
    ids: bool = True,
    prefix: str = "",
    title: str = "",
    description: str = "",
    looks: Mapping[str, Style] | None = None,
    told: Mapping[str, str] | None = None,
    styles: Mapping[str, Style] | None = None,
) -> ET.Element:
    """A map of communities as an element (parameters as `base_map_svg`).

    Parameters
    ----------
    marks : Marks, optional
    prefix : str
        Of every id, where several maps stand on one page.
    title, description : str
        For those who do not see it.
    looks, told : Mapping[str, Style], Mapping[str, str], optional
        TOWNCODE -> how its land looks, where that is to show something else than its community; what its tip says
        besides its name.
    styles : Mapping[str, Style], optional
        Community (and `NOWHERE`) -> how it looks, in place of its colour.
    """
    ET.register_namespace("", SVG)
    ground, styles = ground_of(base), styles or community_colours(base, own)
    sheet = _Sheet(base, own, ground, styles, marks or Marks(), ids, prefix, looks or {}, told or {})
    sheet.root = ET.Element(
        f"{{{SVG}}}svg",
        {
            "viewBox": view_box(base),
            "lang": current_language(),
            "font-family": CSS_FAMILIES.replace("'", ""),
            "stroke-linejoin": "round",
            "class": "communities",
        },
    )
    if title:
        _named(sheet, title, description)
    sheet.root.append(
        pattern_defs({*styles.values(), *sheet.looks.values()}, prefix, hatched=bool(sheet.marks.cut_off))
    )
    _land(sheet)
    _borders(sheet)
    _marked(sheet)
    _links(sheet)
    _insets(sheet)
    _schools(sheet)
    _names(sheet)
    _scale(sheet)
    return sheet.root


def _named(sheet: _Sheet, title: str, description: str) -> None:
    root, prefix = sheet.root, sheet.prefix
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}map-title" + (f" {prefix}map-description" if description else ""))
    ET.SubElement(root, f"{{{SVG}}}title", {"id": f"{prefix}map-title"}).text = plain(title)
    if description:
        ET.SubElement(root, f"{{{SVG}}}desc", {"id": f"{prefix}map-description"}).text = plain(description)


# ---------------------------------------------------------------------------------------------------------- patterns


def pattern_defs(styles: Iterable[Style], prefix: str = "", *, hatched: bool = False) -> ET.Element:
    """The patterns that some looks have, as ``defs``; their ids are those that `Style.paint` names."""
    defs = ET.Element(f"{{{SVG}}}defs")
    for style in sorted({style for style in styles if style.pattern}, key=lambda style: style.key):
        pattern = _pattern(defs, f"{prefix}pattern-{style.key}", 12)
        side = pattern.get("width", "")
        ET.SubElement(pattern, f"{{{SVG}}}rect", {"width": side, "height": side, "fill": style.fill})
        _strokes(pattern, style.pattern, style.ink)
    if hatched:
        pattern = _pattern(defs, f"{prefix}pattern-cut-off", 9)
        ET.SubElement(pattern, f"{{{SVG}}}path", {"d": "M0 0L9 9M9 0L0 9", "stroke": CUT_OFF, "stroke-width": "1.4"})
    return defs


def _pattern(defs: ET.Element, name: str, side: int) -> ET.Element:
    size = {"width": str(side), "height": str(side)}
    return ET.SubElement(defs, f"{{{SVG}}}pattern", {"id": name, "patternUnits": "userSpaceOnUse", **size})


def _strokes(pattern: ET.Element, name: str, ink: str) -> None:
    outlines = {
        "lines": "M-3 3L3 -3M0 12L12 0M9 15L15 9",
        "cross": "M0 6L12 6M6 0L6 12",
        "bars": "M0 3L12 3M0 9L12 9",
        "slants": "M-3 9L3 15M0 0L12 12M9 -3L15 3",
    }
    stroke = {"stroke": ink, "stroke-width": "1.1", "fill": "none"}
    if name in outlines:
        ET.SubElement(pattern, f"{{{SVG}}}path", {"d": outlines[name], **stroke})
    elif name == "dots":
        ET.SubElement(pattern, f"{{{SVG}}}circle", {"cx": "6", "cy": "6", "r": "1.8", "fill": ink})


# --------------------------------------------------------------------------------------------------------------- land


def _paint(sheet: _Sheet, style: Style) -> str:
    return style.paint.replace("url(#", f"url(#{sheet.prefix}") if style.pattern else style.fill


def _land(sheet: _Sheet) -> None:
    width, height = (str(value) for value in sheet.ground.view_box[2:])
    ET.SubElement(sheet.root, f"{{{SVG}}}rect", {"width": width, "height": height, "fill": SEA, "class": "sea"})
    if sheet.ground.around:
        about = {"d": sheet.ground.around, "fill": AROUND, "stroke": AROUND_BORDER, "stroke-width": "0.6"}
        ET.SubElement(sheet.root, f"{{{SVG}}}path", about | {"class": "around"})
    land = sheet.group("land")
    for town, outline in sheet.ground.townships.items():
        look = sheet.look(town)
        attributes = {"d": outline, "fill": _paint(sheet, look), "class": f"town {look.key}"}
        if sheet.ids:
            attributes |= {"id": sheet.prefix + township_id(town), "data-township": plain(town)}
            attributes["data-community"] = plain(home_of(sheet.own, town))
        if town in sheet.marks.selected:
            attributes |= {"class": attributes["class"] + " selected"}
        path = ET.SubElement(land, f"{{{SVG}}}path", attributes)
        ET.SubElement(path, f"{{{SVG}}}title").text = plain(sheet.town_title(town))


def _borders(sheet: _Sheet) -> None:
    """Thin within a community, dark between two and where the land ends."""
    group = sheet.group("borders", fill="none", stroke=INK)
    for (a, b), outline in sheet.ground.borders.items():
        dark = b == "" or home_of(sheet.own, a) != home_of(sheet.own, b)
        attributes = {"d": outline, "class": "border dark" if dark else "border"}
        attributes["stroke-width"] = "2.2" if dark and b else "1.2" if dark else "0.5"
        if sheet.ids:
            attributes |= {"data-a": plain(a), "data-b": plain(b)}
        ET.SubElement(group, f"{{{SVG}}}path", attributes)


def _marked(sheet: _Sheet) -> None:
    """Hatching of what is cut off, a double outline about what moved or is chosen."""
    marks, paths = sheet.marks, sheet.ground.townships
    group = sheet.group("marks", fill="none")
    for town in sorted(marks.cut_off & paths.keys()):
        hatched = {"d": paths[town], "fill": f"url(#{sheet.prefix}pattern-cut-off)", "class": "cut-off"}
        ET.SubElement(group, f"{{{SVG}}}path", hatched)
    for towns, colour in ((marks.changed, CHANGED), (marks.selected, INK)):
        for outline in outlines_of(sheet.ground, towns, sheet.own):
            line = {"d": outline, "class": "changed"}
            ET.SubElement(group, f"{{{SVG}}}path", line | {"stroke": "#fff", "stroke-width": "6"})
            dashes = {"stroke": colour, "stroke-width": "3", "stroke-dasharray": "8 3"}
            ET.SubElement(group, f"{{{SVG}}}path", line | dashes)


def outlines_of(ground: Ground, towns: AbstractSet[str], own: BaseMap) -> Iterator[str]:
    """Attributes ``d`` of the lines around townships; those of one community that adjoin have one outline."""
    for (a, b), outline in ground.borders.items():
        inside = a in towns and b in towns and home_of(own, a) == home_of(own, b)
        if (a in towns or b in towns) and not inside:
            yield outline


def _links(sheet: _Sheet) -> None:
    dashes = {"stroke": INK, "stroke-width": "1.3", "stroke-dasharray": "5 4", "fill": "none"}
    group = sheet.group("links", **dashes)
    for link in sheet.ground.links:
        if link.drawn:
            (x, y), (to_x, to_y) = link.start, link.end
            path = ET.SubElement(group, f"{{{SVG}}}path", {"d": f"M{x} {y}L{to_x} {to_y}"})
            names = sheet.ground.names
            told = f"{names[link.a]}–{names[link.b]}（{_(LINK_WORDS[link.kind])}）"
            ET.SubElement(path, f"{{{SVG}}}title").text = plain(told)


def _insets(sheet: _Sheet) -> None:
    group = sheet.group("insets")
    for inset in sheet.ground.insets:
        box = {"x": str(inset.x), "y": str(inset.y), "width": str(inset.width), "height": str(inset.height)}
        ET.SubElement(group, f"{{{SVG}}}rect", {**box, "fill": "none", "stroke": INK, "stroke-width": "0.8"})
        if inset.beyond:
            at = (inset.x + 5, inset.y + inset.height - 8)
            text = ET.SubElement(group, f"{{{SVG}}}text", {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "font-size": "11"})
            text.text = plain(fit(beyond_words(inset), 11.0, inset.width - 10))
            ET.SubElement(text, f"{{{SVG}}}title").text = plain(beyond_words(inset))


def beyond_words(inset: Inset) -> str:
    """Where links lead that leave a box."""
    return f"↔ {join_list(inset.beyond)}"


# ------------------------------------------------------------------------------------------------------------ schools


def _schools(sheet: _Sheet) -> None:
    ground, marks = sheet.ground, sheet.marks
    group = sheet.group("schools", stroke=INK)
    for code, (x, y) in ground.schools.items():
        community = sheet.own.member[code]
        entry = sheet.base.schools.get(code, {})
        out = entry.get("takes_part") is False or bool(entry.get("barred")) or community == NOWHERE
        attributes = {"class": "school", "transform": f"translate({x} {y})"}
        if sheet.ids:
            attributes |= {"id": sheet.prefix + school_id(code), "data-school": plain(code)}
            attributes["data-community"] = plain(community)
        one = ET.SubElement(group, f"{{{SVG}}}g", attributes)
        ET.SubElement(one, f"{{{SVG}}}title").text = plain(
            f"{one_line(school_words(sheet.base, code))}：{sheet.community(community)}"
        )
        role = "convener" if code in marks.conveners else "benchmark" if code in marks.benchmarks else "school"
        fill = "#fff" if out else sheet.styles[community].fill
        if role == "convener" and code in marks.benchmarks:
            fill = ORANGE
        _dot(one, role, ground.radius, fill, moved=code in marks.moved)


def _dot(parent: ET.Element, role: str, radius: float, fill: str, *, moved: bool = False) -> None:
    """The marker of a school: a star that convenes, a diamond for a benchmark school, else a circle."""
    if moved:
        ring = {"r": f"{radius + 4:g}", "fill": "#fff", "stroke": CHANGED, "stroke-width": "2.6", "class": "moved"}
        ET.SubElement(parent, f"{{{SVG}}}circle", ring)
    look = {"fill": fill, "stroke-width": "1.5" if radius > 4 else "0.8", "class": "dot"}
    if role == "convener":
        ET.SubElement(parent, f"{{{SVG}}}path", look | {"d": _star(radius * 1.7)})
    elif role == "benchmark":
        r = radius * 1.35
        ET.SubElement(parent, f"{{{SVG}}}path", look | {"d": f"M0 {-r:g}L{r:g} 0L0 {r:g}L{-r:g} 0Z"})
    else:
        ET.SubElement(parent, f"{{{SVG}}}circle", look | {"r": f"{radius:g}"})


def _star(radius: float) -> str:
    points = []
    for k in range(10):
        r = radius if k % 2 == 0 else radius * 0.45
        angle = -math.pi / 2 + k * math.pi / 5
        points.append(f"{r * math.cos(angle):.1f} {r * math.sin(angle):.1f}")
    return f"M{'L'.join(points)}Z"


# ---------------------------------------------------------------------------------------------------------------- key

SIGN_WIDTH, SIGN_HEIGHT = 34, 20
"""Of a sign in the key."""


def sign_element(sign: str) -> ET.Element:
    """A sign of the map for its key.

    Parameters
    ----------
    sign : str
        ``school``, ``convener``, ``benchmark``, ``out``, ``moved``, ``changed``, ``cut_off``, ``link``.
    """
    root = _small()
    middle = f"translate({SIGN_WIDTH // 2} {SIGN_HEIGHT // 2})"
    if sign in ("school", "convener", "benchmark", "out", "moved"):
        one = ET.SubElement(root, f"{{{SVG}}}g", {"transform": middle, "stroke": INK})
        fill = "#fff" if sign == "out" else "#B9CDDF"
        _dot(one, sign, 5.0 if sign == "moved" else 6.0, fill, moved=sign == "moved")
    elif sign == "changed":
        box = {"x": "3", "y": "3", "width": "28", "height": "14", "fill": "none"}
        stroke = {"stroke": CHANGED, "stroke-width": "3", "stroke-dasharray": "8 3"}
        ET.SubElement(root, f"{{{SVG}}}rect", box | stroke)
    elif sign == "cut_off":
        box = {"x": "2", "y": "2", "width": "30", "height": "16", "fill": "none", "stroke": INK}
        ET.SubElement(root, f"{{{SVG}}}rect", box)
        crossed = "".join(f"M{x} 2L{x + 8} 10L{x} 18M{x + 8} 2L{x} 10L{x + 8} 18" for x in (2, 10, 18))
        ET.SubElement(root, f"{{{SVG}}}path", {"d": crossed, "stroke": CUT_OFF, "fill": "none"})
    else:
        dashes = {"stroke": INK, "stroke-width": "1.3", "stroke-dasharray": "5 4"}
        ET.SubElement(root, f"{{{SVG}}}path", {"d": "M2 10H32", **dashes})
    return root


def swatch_element(style: Style, prefix: str) -> ET.Element:
    """The colour and pattern of a community for the key; `prefix` is that of the ids of this one swatch."""
    root = _small()
    root.append(pattern_defs([style], prefix))
    fill = style.paint.replace("url(#", f"url(#{prefix}")
    box = {"x": "2", "y": "2", "width": "30", "height": "16", "fill": fill, "stroke": INK, "stroke-width": "1.6"}
    ET.SubElement(root, f"{{{SVG}}}rect", box)
    return root


def _small() -> ET.Element:
    ET.register_namespace("", SVG)
    size = {"width": str(SIGN_WIDTH), "height": str(SIGN_HEIGHT)}
    box = {"viewBox": f"0 0 {SIGN_WIDTH} {SIGN_HEIGHT}", "aria-hidden": "true", "class": "sign"}
    return ET.Element(f"{{{SVG}}}svg", size | box)


# -------------------------------------------------------------------------------------------------------------- names


def _names(sheet: _Sheet) -> None:
    towns = sheet.group("names", **{"text-anchor": "middle", "fill": INK})
    for label in sheet.ground.labels.values():
        _label(towns, label, "name")
    communities = sheet.group("community-names", **{"text-anchor": "middle", "fill": INK, "font-weight": "bold"})
    for community, label in community_labels(sheet.base, sheet.own).items():
        _label(communities, label, "community", data=community if sheet.ids else None)


def _label(group: ET.Element, label: Label, kind: str, data: str | None = None) -> None:
    """A name with a white rim, and a line to what it names where it stands beside it."""
    if label.target is not None:
        leader = {"d": f"M{label.x} {label.y}L{label.target[0]} {label.target[1]}", "class": "leader"}
        ET.SubElement(group, f"{{{SVG}}}path", leader | {"stroke": INK, "stroke-width": "0.7", "fill": "none"})
        dot = {"cx": str(label.target[0]), "cy": str(label.target[1]), "r": "1.6", "fill": INK}
        ET.SubElement(group, f"{{{SVG}}}circle", dot)
    attributes = {
        "x": str(label.x),
        "y": f"{label.y + label.size * 0.36:.1f}",
        "font-size": f"{label.size:g}",
        "class": kind,
        "style": f"paint-order: stroke; stroke: #fff; stroke-width: {3.6 if kind == 'community' else 2.4}px",
        "pointer-events": "none",
    }
    if data is not None:
        attributes["data-community"] = plain(data)
    ET.SubElement(group, f"{{{SVG}}}text", attributes).text = plain(label.text)


def _scale(sheet: _Sheet) -> None:
    km, length = sheet.ground.scale_bar
    corner = sheet.ground.once("scale", lambda: scale_corner(sheet.ground, length))
    group = sheet.group("scale", fill="none", stroke=INK)
    x, y = corner
    bar = {"d": f"M{x:.1f} {y - 5:.1f}V{y:.1f}H{x + length:.1f}V{y - 5:.1f}", "stroke-width": "1.4"}
    ET.SubElement(group, f"{{{SVG}}}path", bar)
    text = {"x": f"{x + length / 2:.1f}", "y": f"{y - 6:.1f}", "font-size": "11", "text-anchor": "middle"}
    rim = {"fill": INK, "style": "paint-order: stroke; stroke: #fff; stroke-width: 2.4px"}
    ET.SubElement(group, f"{{{SVG}}}text", text | rim).text = f"{km} km"


def scale_corner(ground: Ground, length: float) -> tuple[float, float]:
    """Where the bar covers the least: a corner of the main land."""
    import shapely

    _x, _y, width, height = ground.main
    corners = [(14.0, height - 8.0), (width - length - 14, height - 8.0), (14.0, 26.0), (width - length - 14, 26.0)]

    def covered(corner: tuple[float, float]) -> float:
        box = shapely.box(corner[0] - 6, corner[1] - 20, corner[0] + length + 6, corner[1] + 4)
        names = sum(shapely.box(n.x - 26, n.y - 8, n.x + 26, n.y + 8).intersects(box) for n in ground.labels.values())
        land = sum(float(shape.intersection(box).area) for shape in ground.shapes.values())
        return names * 1000 + land

    return min(corners, key=covered)
