"""The map of an answer: one drawing for the slide (PNG), the file (SVG), the page and ``.plot()``.

matplotlib through its objects alone, never pyplot: nothing global changes. Markers and names are placed by
`map_labels` without asking a font, so that the SVG is the same bytes on every machine; its text stays text.
"""

from __future__ import annotations

import io
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import current_language, language_set
from assigner.report.map_fonts import chinese_font
from assigner.report.map_layout import Basis
from assigner.report.map_panel import Drawing, credit_inside, draw_map
from assigner.report.map_paper import Listing, captions, draw_sign, key_rows, signs_of
from assigner.report.map_style import FONTS, Speaker, add_marker, add_text, anchored
from assigner.report.map_svg import drop_private, finished
from assigner.report.scene import ROLE_WORDS, polygons_of, scene_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.planner import Result

__all__ = [
    "draw",
    "known_of",
    "plot",
    "png_bytes",
    "quiet",
    "rim",
    "settings",
    "svg_text",
    "svg_tree",
    "warm_up",
]

_WIDTH, _HEIGHT = 960.0, 560.0
"""Of the whole picture, in points: as wide as a slide."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep matplotlib from speaking: in English, of fonts, and when imported of a folder that it cannot write."""
    import logging

    noise = logging.getLogger("matplotlib")
    level = noise.level
    noise.setLevel(logging.ERROR)
    try:
        yield
    finally:
        noise.setLevel(level)


@contextmanager
def settings() -> Iterator[None]:
    """What of matplotlib's global settings a drawing depends on, for its time alone; and no noise about fonts."""
    import warnings

    with quiet():
        import matplotlib

    chosen: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "assigner",
        "text.usetex": False,
        "text.hinting": "no_hinting",
        "path.sketch": None,
        "path.effects": [],
        "axes.unicode_minus": False,
    }
    with quiet(), matplotlib.rc_context(chosen), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*missing.*")
        yield


def warm_up() -> None:
    """Open fonts and load what the first picture of a process has to load, as `draw` and the files need it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with settings():
        figure = Figure(figsize=(1, 1))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        for size, weight in FONTS:
            add_text(axes, 0.5, 0.5, "1" if chinese_font() is None else "1 校", size, weight=weight)
        for role in ROLE_WORDS:
            add_marker(axes, role, 0.5, 0.5, "1")
        for form in ("svg", "png"):
            figure.savefig(io.BytesIO(), format=form)


def svg_text(result: Result, items: Sequence[str] | None = None) -> str:
    """The map as an SVG file in the current language; equal answers give equal bytes.

    Parameters
    ----------
    result : Result
    items : sequence of str, optional
        Units whose lines are shown; by default the two tracks of exploration.
    """
    root = svg_tree(result)
    scene = _kept(result).scene
    shown = set(scene.default_units if items is None else items)
    for parent in list(root.iter()):
        for child in list(parent):
            hidden = child.get("data-unit")
            if hidden is not None and hidden not in shown:
                parent.remove(child)
    drop_private(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def svg_tree(result: Result) -> ET.Element:
    """The map with the lines of every unit, each group of them marked ``data-unit``; a copy of one's own."""
    kept = _kept(result)
    if kept.svg is None:
        with settings():
            drawing = kept.whole(result)
            stream = io.StringIO()
            with anchored():
                drawing.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
        kept.svg = finished(result, drawing, stream.getvalue())
    return deepcopy(kept.svg)


def png_bytes(result: Result, items: Sequence[str] | None = None, dpi: int = 120) -> bytes:
    """The map as a PNG picture in the current language (parameters as `svg_text`).

    Where the machine has no Chinese font, the picture has numbers and codes only and says so.
    """
    with settings():
        kept = _kept(result)
        if chinese_font() is None or items is not None:
            drawing = draw(result, kept, items=items, chinese=chinese_font() is not None)
        else:
            drawing = kept.whole(result)
        with _shown_as_picture(drawing, drawing.scene.default_units if items is None else items):
            stream = io.BytesIO()
            drawing.figure.savefig(
                stream, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs={"compress_level": 2}
            )
    return stream.getvalue()


@contextmanager
def _shown_as_picture(drawing: Drawing, items: Sequence[str]) -> Iterator[None]:
    """Lines of some units alone, and names with a rim, for the time of writing."""
    for unit, artists in drawing.lines.items():
        for artist in artists:
            artist.set_visible(unit in items)
    rim(drawing)
    try:
        yield
    finally:
        for artist in (artist for artists in drawing.lines.values() for artist in artists):
            artist.set_visible(True)
        for text in drawing.halos:
            text.set_path_effects([])


def plot(result: Result, ax: Axes | None = None, items: Sequence[str] | None = None, lang: str | None = None) -> Axes:
    """Draw the map, into axes that are given or into a picture of its own (the rest as `svg_text`).

    Returns
    -------
    matplotlib.axes.Axes
        In longitude and latitude.
    """
    with language_set(lang or current_language()), settings():
        drawing = draw(result, _kept(result), items=items, chinese=chinese_font() is not None, ax=ax)
        rim(drawing)
    return drawing.axes


def rim(drawing: Drawing) -> None:
    """Give the names a light rim."""
    from matplotlib import patheffects

    for text in drawing.halos:
        text.set_path_effects([patheffects.withStroke(linewidth=2.2, foreground="white")])


class _Kept(Basis):
    """What is worked out once for an answer, in whatever form and language it is then drawn."""

    def __init__(self, result: Result) -> None:
        super().__init__(scene_of(result), polygons_of(result))
        self.svg: ET.Element | None = None
        self._whole: Drawing | None = None

    def whole(self, result: Result) -> Drawing:
        """The picture with the lines of every unit."""
        if self._whole is None:
            self._whole = draw(result, self, every=True)
        return self._whole


#: The last answer drawn: a run that writes all its files draws one answer several times.
_last: list[tuple[weakref.ref[Result], str, _Kept]] = []


def _kept(result: Result) -> _Kept:
    language = current_language()
    for drawn, spoken, kept in _last:
        if drawn() is result and spoken == language:
            return kept
    kept = _Kept(result)
    _last[:] = [(weakref.ref(result), language, kept)]
    return kept


def known_of(result: Result) -> Basis:
    """What was worked out for the map of an answer: its scene and the polygons."""
    return _kept(result)


def draw(
    result: Result,
    kept: _Kept | None = None,
    *,
    items: Sequence[str] | None = None,
    every: bool = False,
    chinese: bool = True,
    ax: Axes | None = None,
) -> Drawing:
    """Draw an answer.

    Parameters
    ----------
    result : Result
    kept : optional
        What is known of the answer already.
    items : sequence of str, optional
        Units whose lines are drawn; by default the two tracks of exploration.
    every : bool
        All lines instead.
    chinese : bool
        Whether the font can show Chinese.
    ax : Axes, optional
        Draw the map alone, into these.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kept = kept or _Kept(result)
    scene = kept.scene
    shown = tuple(scene.lines) if every else scene.default_units if items is None else tuple(items)
    unknown = [unit for unit in shown if unit not in scene.lines]
    if unknown and items is not None and result.assignment is not None:
        known = ", ".join(scene.lines) or "–"
        raise ValueError(f"no junior high travels to the nearest host of {', '.join(unknown)}; known are: {known}")
    say = Speaker(chinese)
    if ax is not None:
        figure = ax.figure
        window = ax.get_window_extent()
        width, height = window.width * 72 / figure.dpi, window.height * 72 / figure.dpi
        drawing = Drawing(figure, ax, scene)  # type: ignore[arg-type]
        draw_map(result, kept, drawing, shown, say, width, height)
        credit_inside(drawing, say)
        return drawing
    listing = Listing(result, scene, say)
    signs = list(signs_of(result, scene, shown))
    side = listing.width
    width = _WIDTH + max(0.0, side - 400.0)
    key = key_rows(signs, say, width)
    bottom = 36.0 + 19.0 * (1 + max(row for row, _x in key)) if key else 36.0
    height = max(_HEIGHT, listing.height + bottom + 60.0)
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    FigureCanvasAgg(figure)
    left, top = 14.0, height - 46.0
    inner = width - side - 3 * 14.0
    axes = figure.add_axes((left / width, bottom / height, inner / width, (top - bottom) / height))
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, width), ylim=(0, height))
    paper.set_gid("captions")
    axes.set_gid("map-area")
    drawing = Drawing(figure, axes, scene)
    layout = draw_map(result, kept, drawing, shown, say, inner, top - bottom)
    captions(result, layout, drawing, paper, say, width, height)
    for (sign, words), (row, x) in zip(signs, key, strict=True):
        draw_sign(drawing, paper, sign, words, x, bottom - 18.0 - 19.0 * row, say)
    listing.draw(paper, width - side - 14.0, top)
    return drawing
