"""The SVG of a map: a name and a description for those who do not see it, tooltips, fonts for every machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assigner.messages import _, current_language
from assigner.report.map_fonts import CSS_FAMILIES
from assigner.report.map_panel import Drawing
from assigner.report.map_style import gid
from assigner.report.scene import description

if TYPE_CHECKING:
    from assigner.planner import Result

__all__ = ["dressed", "drop_private", "finished", "renamed"]

_SVG = "http://www.w3.org/2000/svg"

_XLINK = "http://www.w3.org/1999/xlink"

_XML = "http://www.w3.org/XML/1998/namespace"

#: What of a coordinate is finer than a hundredth of a point.
_MORE_DIGITS = re.compile(r"(\.\d\d)\d+")


def finished(
    result: Result, drawing: Drawing, raw: str, *, name: str | None = None, words: str | None = None
) -> ET.Element:
    """What matplotlib wrote, with a name and a description, tooltips, fonts for every machine."""
    scene = drawing.scene
    root = dressed(
        raw,
        name or _("Map of {community}", community=scene.title),
        words or description(result, scene),
    )
    units = {gid(kind, unit): unit for unit in scene.lines for kind in ("lines", "key", "keyline")}
    rims = {text.get_gid() for text in drawing.halos}
    for element in list(root.iter()):
        identity = element.get("id")
        if identity in drawing.titles:
            tip = ET.Element(f"{{{_SVG}}}title")
            tip.text = drawing.titles[identity]
            element.insert(0, tip)
        if identity in units:
            element.set("data-unit", units[identity])
        if identity in rims:
            for text in element.iter(f"{{{_SVG}}}text"):
                text.set("style", f"{text.get('style', '')}; paint-order: stroke; stroke: #fff; stroke-width: 2.2px")
    return root


def dressed(raw: str, name: str, words: str, stem: str = "map") -> ET.Element:
    """What matplotlib wrote, with a name and a description for those who do not see it, and fonts for every machine.

    Parameters
    ----------
    raw : str
    name, words : str
        The name, and the description.
    stem : str
        What the ids of both begin with.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(raw)
    parents = {child: parent for parent in root.iter() for child in parent}
    for tag in ("metadata",):
        for element in list(root.iter(f"{{{_SVG}}}{tag}")):
            parents[element].remove(element)
    for element in list(root.iter(f"{{{_SVG}}}style")):
        # The sheet of matplotlib would hold for a whole page; the same, said on the root.
        parents[element].remove(element)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    root.set("role", "img")
    root.set(f"{{{_XML}}}lang", current_language())
    root.set("lang", current_language())
    root.set("aria-labelledby", f"{stem}-title {stem}-description")
    title = ET.Element(f"{{{_SVG}}}title", {"id": f"{stem}-title"})
    title.text = name
    described = ET.Element(f"{{{_SVG}}}desc", {"id": f"{stem}-description"})
    described.text = words
    root.insert(0, title)
    root.insert(1, described)
    for element in root.iter():
        outline = element.get("d")
        if outline:
            element.set("d", " ".join(_MORE_DIGITS.sub(r"\1", outline).split()))
        style = element.get("style")
        if style and "font" in style:
            style = re.sub(r"(font: [^;]*?px) [^;]*", rf"\1 {CSS_FAMILIES}", style)
            element.set("style", re.sub(r"font-family: [^;]*", f"font-family: {CSS_FAMILIES}", style))
    return root


def renamed(root: ET.Element, prefix: str) -> ET.Element:
    """The same with every id of its own, so that several maps may stand on one page."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif key in ("href", f"{{{_XLINK}}}href") and value.startswith("#"):
                element.set(key, f"#{prefix}-{value[1:]}")
            elif key == "aria-labelledby":
                element.set(key, " ".join(f"{prefix}-{part}" for part in value.split()))
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{prefix}-"))
    return root


def drop_private(root: ET.Element) -> None:
    """Leave out what only the page needs."""
    for element in root.iter():
        element.attrib.pop("data-unit", None)
