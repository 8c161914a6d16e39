"""Signs, colours and small drawings that the parts of a map share.

Signs differ in shape as well as in colour; colours are those of Okabe and Ito.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from assigner.report.map_fonts import families, has_chinese
from assigner.report.map_labels import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"

BLUE, RED, PURPLE, INK = "#0072B2", "#D55E00", "#CC79A7", "#1A1A1A"

LAND, AROUND, SEA, BORDER, AROUND_BORDER = "#FDF6D8", "#E6E6E6", "#F5F9FC", "#5C5C5C", "#A8A8A8"

LINE_STYLES: tuple[tuple[str, str], ...] = (
    (BLUE, "solid"),
    (RED, "dashed"),
    (INK, "dotted"),
    (GREEN, "dashdot"),
)
"""Colour and dashes of the lines to the nearest host; more than four kinds begin again."""

SIDES = (LAND, "#CFE4F2")
"""Land of the first and of the second plan of a divided community."""

_RADIUS: Mapping[str, float] = {"convener": 13.0, "benchmark": 12.0, "barred": 10.5}
_PLAIN_RADIUS = 8.5

FILL: Mapping[str, str] = {"convener": YELLOW, "benchmark": ORANGE, "participant": SKY, "outside": PURPLE}

FONTS: tuple[tuple[float, str], ...] = (
    *((size, "normal") for size in (7.0, 8.0, 8.5, 9.0)),
    *((size, "bold") for size in (6.56, 8.0, 9.0, 9.5, 15.0)),
)
"""Sizes and weights of the letters on a map."""

DASHED: Mapping[str, Any] = {"linewidth": 1.0, "linestyle": (0, (5, 4))}
"""Of declared links."""


def gid(kind: str, name: str) -> str:
    """Id of an element of the SVG: letters, digits and hyphens only, whatever the name holds."""
    return f"{kind}-" + re.sub(r"[^0-9A-Za-z]", lambda found: f"-{ord(found[0]):x}-" if found[0] != "." else "-", name)


def radius_of(role: str) -> float:
    """Half the side of the box of a school's marker, in points."""
    return _RADIUS.get(role, _PLAIN_RADIUS)


class Speaker:
    """Text for a picture: where Chinese cannot be shown, what stands for it."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese

    def __call__(self, text: str, instead: str = "") -> str:
        """The text, or what stands for it."""
        return text if self.chinese or not has_chinese(text) else instead


_ABSURD = 500
"""Characters that no line of a picture has room for."""


def fit(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """A text cut to a width."""
    if len(text) < _ABSURD and text_width(text, size, bold=bold) <= width:
        return text
    text = text[:_ABSURD]
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


_anchored: ContextVar[bool] = ContextVar("anchored", default=False)


@contextmanager
def anchored() -> Iterator[None]:
    """Let words be written for a file whose reader anchors them (an SVG with text as text), and never measured."""
    before = _anchored.set(True)
    try:
        yield
    finally:
        _anchored.reset(before)


@cache
def _artists() -> tuple[type[Any], type[Any]]:
    """Lines and words of matplotlib, without what costs most of their time and is of no use here."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    class Stroke(Line2D):
        """A line or marker; cut at its axes by their box, not by a patch that is turned into one each time."""

        def set_clip_path(self, path: Any, transform: Any = None) -> None:
            axes: Any = self.axes
            self.set_clip_box(axes.bbox)

    class Words(Text):
        """A line of text on its baseline: not measured where the writer of the file need not know how long it is."""

        def set_clip_path(self, path: Any, transform: Any = None) -> None:
            """Words are not cut."""

        def draw(self, renderer: Any) -> None:
            text = self.get_text()
            if self.get_path_effects():
                super().draw(renderer)
                return
            if not text or not self.get_visible():
                return
            x, y = self.get_transform().transform(self.get_position())
            font, side = self.get_fontproperties(), self.get_horizontalalignment()
            if side != "left" and not _anchored.get():
                width = renderer.get_text_width_height_descent(text, font, False)[0]
                x -= width / 2 if side == "center" else width
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            renderer.open_group("text", self.get_gid())
            pen = renderer.new_gc()
            pen.set_foreground(to_rgba(self.get_color()), isRGBA=True)
            renderer.draw_text(pen, x, y, text, font, 0, mtext=self)
            pen.restore()
            renderer.close_group("text")

    return Stroke, Words


def add_line(axes: Axes, xs: Sequence[float], ys: Sequence[float], **style: Any) -> Any:
    """A line or marker, added without the search for limits that `Axes.plot` makes."""
    return axes.add_artist(_artists()[0](xs, ys, **style))


def path_of(shape: Any) -> Any:
    """A polygon (or several) as one path."""
    import shapely
    from matplotlib.path import Path

    rings = [
        np.asarray(ring.coords)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return None
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def triangle(junior_high: bool) -> dict[str, Any]:
    """How a junior high looks; hollow where a township stands for its junior highs."""
    return {
        "linestyle": "none",
        "marker": "^",
        "markersize": 6.0,
        "markerfacecolor": GREEN if junior_high else "white",
        "markeredgecolor": INK,
        "markeredgewidth": 0.7,
    }


def _star() -> Any:
    """A star with room for a number in it."""
    from matplotlib.path import Path

    angles = np.pi / 2 + np.arange(11) * np.pi / 5
    radii = np.where(np.arange(11) % 2, 0.66, 1.0)
    return Path(np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1), closed=True)


def _crossed() -> Any:
    """A circle on a cross, whose arms show outside: crossed out, with room for a number in it."""
    from matplotlib.path import Path

    out, rim = 1.0, 0.58
    arms = [
        Path([(x * rim, y * rim), (x * out, y * out)], [Path.MOVETO, Path.LINETO])
        for x, y in ((0.81, 0.81), (-0.81, 0.81), (-0.81, -0.81), (0.81, -0.81))
    ]
    circle = Path.unit_circle()
    ring = Path(np.asarray(circle.vertices) * 0.81, circle.codes)
    return Path.make_compound_path(ring, *arms)


def _marker(role: str) -> Any:
    return {"convener": _star(), "benchmark": "D", "outside": "s", "barred": _crossed()}.get(role, "o")


def add_marker(
    axes: Axes, role: str, x: float, y: float, number: str, benchmark: bool = False, scale: float = 1.0
) -> list[Any]:
    """A marker with its number; the star of a benchmark school has the colour of the diamonds."""
    radius = radius_of(role) * scale
    hollow = role in ("abstains", "barred")
    # A diamond of matplotlib stands on its corner: its side is the size, not its width.
    size = {"benchmark": radius * 2 / 1.4142, "outside": radius * 1.9}.get(role, radius * 2)
    mark = add_line(
        axes,
        [x],
        [y],
        linestyle="none",
        marker=_marker(role),
        markersize=size,
        markerfacecolor="white" if hollow else FILL["benchmark" if benchmark else role],
        markeredgecolor=INK,
        markeredgewidth=1.1 * max(scale, 0.75),
        zorder=8,
    )
    digits = 8.0 * (scale if scale == 1 else 0.82) * (1.0 if len(number) < 3 else 0.8)
    return [mark, add_text(axes, x, y, number, digits, zorder=9, weight="bold") if number else None]


def add_text(axes: Axes, x: float, y: float, text: str, size: float, *, ha: str = "center", **more: Any) -> Any:
    """A text whose middle is at a height; neither measured nor read as mathematics."""
    more.setdefault("color", INK)
    more.setdefault("fontfamily", families(text))
    where = _lowered(axes, size)
    words = _artists()[1](
        x, y, text, fontsize=size, ha=ha, va="baseline", parse_math=False, transform=where, clip_on=False, **more
    )
    return axes.add_artist(words)


#: Axes -> size of letters -> where their baselines lie; one for all texts of a size.
_baselines: WeakKeyDictionary[Any, dict[float, Any]] = WeakKeyDictionary()


def _lowered(axes: Axes, size: float) -> Any:
    """From the middle of letters of a size to their baseline."""
    known = _baselines.setdefault(axes, {})
    if size not in known:
        from matplotlib.transforms import ScaledTranslation

        figure: Any = axes.get_figure(root=True)
        known[size] = axes.transData + ScaledTranslation(0, -0.36 * size / 72, figure.dpi_scale_trans)
    return known[size]
