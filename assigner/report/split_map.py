"""Maps of a split: both plans in their colours with the line between them, not splitting, other pairs.

Drawn by the parts that draw the map of one plan (`assigner.report.map`), from one description of the community.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import _, _n, current_language, join_list, language_set
from assigner.planner import Result
from assigner.report.map import rim, settings
from assigner.report.map_fonts import chinese_font
from assigner.report.map_labels import text_width
from assigner.report.map_layout import Basis, Layout
from assigner.report.map_panel import Drawing, credit_inside, draw_map
from assigner.report.map_paper import draw_sign, key_rows, signs_of
from assigner.report.map_style import BORDER, INK, SIDES, Speaker, add_line, add_marker, add_text, anchored, fit, gid
from assigner.report.map_svg import drop_private, finished, renamed
from assigner.report.scene import Scene, SchoolSpot, polygons_of, scene_of
from assigner.splitting.territory import town_of_node
from models.community import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.splitting.solving import Split
    from models.split.values import Proposal

__all__ = ["basis_of", "description", "map_tree", "plot", "png_bytes", "scene_of_pair", "small_tree", "svg_text"]

_WIDTH, _HEIGHT = 960.0, 560.0
"""Of the whole picture, in points: as wide as a slide."""

_PANEL, _LARGE = (480.0, 440.0), (860.0, 640.0)
"""Of one of two maps side by side on the page; of one below the other, where many schools need the room."""

_MANY = 36
"""More schools than so many."""

_SMALL = (250.0, 220.0)
"""Of a map that shows only where the line runs."""

_COLUMN, _ROW = 190.0, 15.0
"""Of the list of schools: one column for each plan."""


def whole_of(answer: Split) -> Result:
    """The community without a plan: where everybody lies."""
    return Result("stopped", Plan(answer.problem, ""), scenario=answer.scenario)


def scene_of_pair(answer: Split, pair: Proposal | None = None) -> Scene:
    """What the map of both plans shows; the numbers are those of the whole community.

    Parameters
    ----------
    answer : Split
    pair : Proposal, optional
        Another pair than the one proposed.
    """
    from assigner.splitting.solving import results_of

    chosen = pair or answer.proposal
    if chosen is None:
        raise ValueError("the answer has no pair of plans")
    base = scene_of(whole_of(answer))
    own: dict[str, SchoolSpot] = {}
    for result in results_of(answer, chosen):
        own |= {spot.code: spot for spot in scene_of(result).schools if spot.role != "outside"}
    schools = tuple(replace(own[spot.code], number=spot.number) if spot.code in own else spot for spot in base.schools)
    sides: dict[str, set[int]] = {}
    for side, nodes in enumerate(chosen.division.sides):
        for node in nodes:
            sides.setdefault(town_of_node(node), set()).add(side)
    territory = tuple(sorted({*base.territory, *sides}))
    return replace(
        base,
        schools=schools,
        demand=(),
        territory=territory,
        sides={code: tuple(sorted(found)) for code, found in sorted(sides.items())},
    )


def scene_together(answer: Split) -> Scene:
    """What the map of not splitting shows."""
    whole = answer.together if answer.together is not None else whole_of(answer)
    return replace(scene_of(whole), demand=(), lines={})


def basis_of(answer: Split, scene: Scene) -> Basis:
    """A scene with the polygons it is drawn on."""
    return Basis(scene, polygons_of(whole_of(answer)))


def description(answer: Split, scene: Scene) -> str:
    """The map in words, for those who do not see it."""
    lines = []
    for side in sorted({side for sides in scene.sides.values() for side in sides}):
        towns = [scene.town(code) for code, sides in scene.sides.items() if side in sides]
        lines.append(
            _("Plan {number}: {townships}.", number=side + 1, townships=join_list(towns))
            if towns
            else _("Plan {number}", number=side + 1)
        )
    conveners = [f"{spot.number} {spot.name}" for spot in scene.schools if spot.role == "convener"]
    if conveners:
        lines.append(_("Conveners, as stars: {schools}.", schools=join_list(conveners)))
    return " ".join(lines)


# ------------------------------------------------------------------------------------------------------- one panel


class _Brief(Basis):
    """For a small map: the land as on the large one, no names, and of the schools only those that convene."""

    def layout(self, width: float, height: float) -> Layout:
        """The layout for a panel of a size in points."""
        whole = super().layout(width, height)
        placed = [spot for spot in self.scene.schools if spot.lonlat is not None]
        kept = [k for k, spot in enumerate(placed) if spot.role == "convener"]
        return replace(whole, schools=whole.spots[kept], spots=whole.spots[kept], names={}, anchors={})


def _panel(answer: Split, scene: Scene, size: tuple[float, float], say: Speaker, *, brief: bool = False) -> Drawing:
    """The map alone, of a size in points; in brief, the schools are dots but for those that convene."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 72, size[1] / 72), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    drawing = Drawing(figure, axes, scene)
    if not brief:
        draw_map(whole_of(answer), basis_of(answer, scene), drawing, (), say, *size)
        return drawing
    basis = _Brief(scene, polygons_of(whole_of(answer)))
    drawing.scene = replace(scene, schools=tuple(spot for spot in scene.schools if spot.role == "convener"))
    draw_map(whole_of(answer), basis, drawing, (), say, *size)
    dots = [spot.lonlat for spot in scene.schools if spot.lonlat is not None and spot.role != "convener"]
    if dots:
        style = {"linestyle": "none", "marker": "o", "markersize": 3.6, "color": INK}
        add_line(axes, [lon for lon, _lat in dots], [lat for _lon, lat in dots], zorder=6, **style)
    return drawing


def _tree(answer: Split, drawing: Drawing, name: str) -> ET.Element:
    stream = io.StringIO()
    with anchored():
        drawing.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    words = description(answer, drawing.scene) or name
    root = finished(whole_of(answer), drawing, stream.getvalue(), name=name, words=words)
    drop_private(root)
    return root


def map_tree(answer: Split, pair: Proposal | None, prefix: str) -> ET.Element:
    """A map with numbered schools and names, for the page.

    Parameters
    ----------
    answer : Split
    pair : Proposal or None
        None draws not splitting.
    prefix : str
        Of every id in it.
    """
    with settings():
        scene = scene_together(answer) if pair is None else scene_of_pair(answer, pair)
        drawing = _panel(answer, scene, _size(answer), Speaker(True))
        name = _("Not splitting") if pair is None else _("Two plans")
        return renamed(_tree(answer, drawing, name), prefix)


def small_tree(answer: Split, pair: Proposal, name: str, prefix: str) -> ET.Element:
    """A small map of another pair: where the line runs and who convenes."""
    with settings():
        drawing = _panel(answer, scene_of_pair(answer, pair), _SMALL, Speaker(True), brief=True)
        return renamed(_tree(answer, drawing, name), prefix)


# --------------------------------------------------------------------------------------------------- a whole picture


def _groups(answer: Split, scene: Scene) -> list[list[SchoolSpot]]:
    """Schools of each plan, in the order of their numbers."""
    proposal = answer.proposal
    assert proposal is not None
    return [
        [spot for spot in scene.schools if spot.code in side.plan.problem.community.school_by_code]
        for side in proposal.plans
    ]


def draw(answer: Split, *, chinese: bool = True, ax: Axes | None = None) -> Drawing:
    """Draw the proposal: the map, and the schools of both plans beside it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scene, say = scene_of_pair(answer), Speaker(chinese)
    basis, whole = basis_of(answer, scene), whole_of(answer)
    if ax is not None:
        figure = ax.figure
        window = ax.get_window_extent()
        width, height = window.width * 72 / figure.dpi, window.height * 72 / figure.dpi
        drawing = Drawing(figure, ax, scene)  # type: ignore[arg-type]
        draw_map(whole, basis, drawing, (), say, width, height)
        credit_inside(drawing, say)
        return drawing
    groups = _groups(answer, scene)
    rows = max(len(group) for group in groups)
    signs = list(signs_of(whole, scene, ()))
    side = 2 * _COLUMN
    width = _WIDTH
    key = key_rows(signs, say, width - 250.0)
    bottom = 36.0 + 19.0 * (1 + max((row for row, _x in key), default=0))
    height = max(_HEIGHT, 46.0 + 34.0 + rows * _ROW + bottom)
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    FigureCanvasAgg(figure)
    top = height - 46.0
    inner = width - side - 3 * 14.0
    axes = figure.add_axes((14.0 / width, bottom / height, inner / width, (top - bottom) / height))
    paper = figure.add_axes((0, 0, 1, 1), frameon=False)
    paper.set_axis_off()
    paper.set(xlim=(0, width), ylim=(0, height))
    paper.set_gid("captions")
    axes.set_gid("map-area")
    drawing = Drawing(figure, axes, scene)
    layout = draw_map(whole, basis, drawing, (), say, inner, top - bottom)
    _captions(answer, paper, say, width, height, cropped=layout.cropped)
    for (sign, words), (row, x) in zip(signs, key, strict=True):
        draw_sign(drawing, paper, sign, words, x, bottom - 18.0 - 19.0 * row, say)
    _colours(paper, width - 236.0, bottom - 18.0, say)
    for plan, group in enumerate(groups):
        _column(answer, paper, plan, group, width - side - 14.0 + plan * _COLUMN, top, say)
    return drawing


def _captions(answer: Split, paper: Axes, say: Speaker, width: float, height: float, *, cropped: bool) -> None:
    scene_title = answer.problem.community.name or answer.problem.community.id
    year = say(_("Rulebook of school year {year}", year=answer.problem.rules.rulebook.year), "")
    title = say(_("{community}: two plans", community=scene_title), answer.problem.community.id)
    room = width - 44 - text_width(year, 9)
    add_text(paper, 14, height - 18, fit(title, 15, room, bold=True), 15, ha="left", weight="bold").set_gid("title")
    add_text(paper, width - 14, height - 18, year, 9, ha="right", color="#333333")
    note = ""
    if answer.status == "feasible":
        note = say(_("Lawful, but not proven best: the search was stopped early."), "not proven best")
    elif answer.status == "disagrees":
        note = say(_("Do not use this plan: the audit does not agree with it."), "Do not use this plan.")
    if note:
        add_text(paper, 14, height - 36, note, 9.5, ha="left", color="#8A3000", weight="bold")
    scene = scene_of(whole_of(answer))
    notes = [say(scene.credit, scene.credit_latin)]
    if cropped:
        notes.append(say(cut_note(), "Cut to where the schools are."))
    for k, line in enumerate(reversed(notes)):
        add_text(paper, 14, 9 + 11 * k, line, 7, ha="left", color="#333333").set_gid(f"note-{k}")


def cut_note() -> str:
    """What is said of a map that leaves a part of the community out."""
    return _("Cut to where the schools are: what lies far off is not shown.")


def is_cut(answer: Split) -> bool:
    """Whether the maps of the page leave a part of the community out."""
    return basis_of(answer, scene_together(answer)).layout(*_size(answer)).cropped


def is_large(answer: Split) -> bool:
    """Whether the maps of the page need its whole width."""
    return len(answer.problem.participants) > _MANY


def _size(answer: Split) -> tuple[float, float]:
    return _LARGE if is_large(answer) else _PANEL


def _colours(paper: Axes, x: float, y: float, say: Speaker) -> None:
    """The key of the two colours."""
    from matplotlib.patches import Rectangle

    for side, colour in enumerate(SIDES):
        left = x + side * 108.0
        paper.add_artist(Rectangle((left, y - 6), 22, 12, facecolor=colour, edgecolor=INK, linewidth=1.6))
        words = say(_("Plan {number}", number=side + 1), f"plan {side + 1}")
        add_text(paper, left + 28, y, words, 8.5, ha="left").set_gid(gid("key", f"plan{side + 1}"))


def _column(
    answer: Split, paper: Axes, plan: int, group: Sequence[SchoolSpot], x: float, top: float, say: Speaker
) -> None:
    """The schools of one plan under its name."""
    from matplotlib.patches import Rectangle

    head = _("Plan {number}", number=plan + 1)
    members = sum(spot.role in ("convener", "benchmark", "participant") for spot in group)
    count = _n("{n} school", "{n} schools", members)
    paper.add_artist(Rectangle((x, top - 20), _COLUMN - 8, 20, facecolor=SIDES[plan], edgecolor=BORDER, linewidth=0.8))
    add_text(
        paper, x + 6, top - 10, say(f"{head}  {count}", f"plan {plan + 1}"), 9.5, ha="left", weight="bold"
    ).set_gid(gid("head", f"plan{plan + 1}"))
    for k, spot in enumerate(group):
        y = top - 34.0 - k * _ROW
        add_marker(paper, spot.role, x + 8, y, str(spot.number), spot.benchmark, scale=0.68)
        name = say(spot.name, spot.code)
        if spot.role == "convener":
            name = _("{school} ({role})", school=name, role=say(_("convener"), "convener"))
        size = 8.5
        room = _COLUMN - 28.0
        while size > 6.0 and text_width(name, size) > room:
            size -= 0.5
        add_text(paper, x + 20, y, fit(name, size, room), size, ha="left").set_gid(gid("entry", spot.code))


def svg_text(answer: Split) -> str:
    """The map of both plans as an SVG file in the current language; equal answers give equal bytes."""
    with settings():
        root = _tree(answer, draw(answer), _("Two plans"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def png_bytes(answer: Split, dpi: int = 120) -> bytes:
    """The same as a PNG picture."""
    with settings():
        drawing = draw(answer, chinese=chinese_font() is not None)
        rim(drawing)
        stream = io.BytesIO()
        options: dict[str, Any] = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 2}}
        drawing.figure.savefig(stream, format="png", dpi=dpi, **options)
    return stream.getvalue()


def plot(answer: Split, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the map, into axes that are given or into a picture of its own."""
    with language_set(lang or current_language()), settings():
        drawing = draw(answer, chinese=chinese_font() is not None, ax=ax)
        rim(drawing)
    return drawing.axes
