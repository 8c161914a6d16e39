"""The map itself, in axes of longitude and latitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from assigner.messages import N_, _
from assigner.report.map_fonts import families
from assigner.report.map_layout import KM_PER_DEGREE, SCALE_BOX, Basis, Layout, Panel, stretch
from assigner.report.map_style import (
    AROUND,
    AROUND_BORDER,
    BORDER,
    DASHED,
    INK,
    LINE_STYLES,
    SEA,
    SIDES,
    Speaker,
    add_line,
    add_marker,
    add_text,
    gid,
    path_of,
    triangle,
)
from assigner.report.scene import Scene, SchoolSpot, unit_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from assigner.planner import Result

__all__ = ["Drawing", "credit_inside", "draw_map", "line_styles"]

_LINK_WORDS: Mapping[str, str] = {"bridge": N_("bridge"), "ferry": N_("ferry"), "air": N_("flight")}

_FINE = 0.1
"""How far, in points, a border on the picture may be from the border: a tenth of the line that shows it."""


@dataclass
class Drawing:
    """A picture that is drawn, and what of it needs a second look when it is written.

    Parameters
    ----------
    figure : Figure
    axes : Axes
        Of the map: longitude and latitude.
    scene : Scene
    markers : dict
        School code -> its marker.
    names : dict
        TOWNCODE -> its name on the map.
    halos : list
        Texts with a light rim.
    titles : dict
        Id of an element -> what its tooltip says.
    lines : dict
        Unit -> its artists.
    """

    figure: Figure
    axes: Axes
    scene: Scene
    markers: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    halos: list[Any] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[Any]] = field(default_factory=dict)


def draw_map(
    result: Result, basis: Basis, drawing: Drawing, shown: Sequence[str], say: Speaker, width: float, height: float
) -> Layout:
    """Draw the map into axes of a size in points; give the layout it has."""
    axes = drawing.axes
    layout = basis.layout(width, height)
    west, south, east, north = layout.extent
    axes.set(xlim=(west, east), ylim=(south, north))
    axes.set_aspect(1 / stretch((south + north) / 2), adjustable="datalim")
    axes.set_facecolor(SEA)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=BORDER, linewidth=0.8)
    panel = Panel(layout.extent, width, height)
    _land(basis, drawing, layout, width)
    _line_between(basis, drawing, layout, width)
    _links(drawing, panel)
    _lines(result, drawing, shown)
    _demand(result, drawing, shown)
    _schools(result, drawing, layout, panel)
    _names(drawing, layout, panel, say)
    _scale(drawing, panel, layout.corner)
    return layout


def _land(basis: Basis, drawing: Drawing, layout: Layout, width: float) -> None:
    import shapely
    from matplotlib.patches import PathPatch

    scene, axes = drawing.scene, drawing.axes
    west, south, east, north = layout.extent
    # A little beyond the frame, so that no border runs along it.
    margin = (east - west) * 0.02
    view = (west - margin, south - margin, east + margin, north + margin)
    codes, shapes = list(basis.polygons), np.array(list(basis.polygons.values()), dtype=object)
    near = shapely.intersects(shapes, shapely.box(*view))
    cut = shapely.clip_by_rect(shapes[near], *view)
    members = set(scene.territory)
    fine = _FINE * (east - west) / width
    for code, shape in zip(compress(codes, near), shapely.simplify(cut, fine), strict=True):
        path = path_of(shape)
        if path is None:
            continue
        member = code in members
        patch = PathPatch(
            path,
            facecolor=SIDES[scene.sides.get(code, (0,))[0]] if member else AROUND,
            edgecolor=BORDER if member else AROUND_BORDER,
            linewidth=1.1 if member else 0.5,
            zorder=2 if member else 1,
        )
        if member:
            patch.set_gid(gid("township", code))
            drawing.titles[gid("township", code)] = "".join(scene.town_names.get(code, ("", code)))
        axes.add_artist(patch)
        if len(scene.sides.get(code, ())) > 1:
            # A township whose schools go to both plans has the colours of both.
            stripes = PathPatch(path, fill=False, edgecolor=SIDES[1], hatch="//", linewidth=0, zorder=2)
            axes.add_artist(stripes)


def _line_between(basis: Basis, drawing: Drawing, layout: Layout, width: float) -> None:
    """A heavy line around each plan of a divided community, so that it is not only the colour that tells them apart."""
    import shapely
    from matplotlib.patches import PathPatch

    scene = drawing.scene
    west, south, east, north = layout.extent
    margin = (east - west) * 0.02
    view = (west - margin, south - margin, east + margin, north + margin)
    for side in sorted({side for sides in scene.sides.values() for side in sides}):
        own = [
            basis.polygons[code] for code, sides in scene.sides.items() if sides == (side,) and code in basis.polygons
        ]
        whole = shapely.simplify(shapely.union_all(own), _FINE * (east - west) / width)
        path = path_of(shapely.clip_by_rect(whole, *view))
        if path is None:
            continue
        outline = PathPatch(path, fill=False, edgecolor=INK, linewidth=2.4, joinstyle="round", zorder=3)
        outline.set_gid(gid("plan", str(side + 1)))
        drawing.titles[gid("plan", str(side + 1))] = _("Plan {number}", number=side + 1)
        drawing.axes.add_artist(outline)


def _links(drawing: Drawing, panel: Panel) -> None:
    """Declared links, from the point of one township to that of the other."""
    scene = drawing.scene
    for link in scene.links:
        a, b = scene.town_points.get(link.a), scene.town_points.get(link.b)
        if a is None or b is None:
            continue
        line = add_line(drawing.axes, [a[0], b[0]], [a[1], b[1]], color=BORDER, **DASHED, zorder=3)
        identity = gid("link", f"{link.a}-{link.b}")
        line.set_gid(identity)
        ends = " – ".join("".join(scene.town_names[code]) for code in (link.a, link.b))
        words = f"{ends}, {_(_LINK_WORDS[link.kind])}"
        drawing.titles[identity] = words if link.km is None else f"{words}, {link.km:.1f} km"


def line_styles(scene: Scene) -> Mapping[str, tuple[str, str]]:
    """Unit -> colour and dashes; the tracks of exploration first."""
    ordered = [*scene.default_units, *(unit for unit in scene.lines if unit not in scene.default_units)]
    return {unit: LINE_STYLES[k % len(LINE_STYLES)] for k, unit in enumerate(ordered)}


def _lines(result: Result, drawing: Drawing, shown: Sequence[str]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    scene = drawing.scene
    styles = line_styles(scene)
    where = {spot.id: spot.lonlat for spot in scene.demand} | {spot.code: spot.lonlat for spot in scene.schools}
    for unit in shown:
        ways = [(where.get(line.demand), where.get(line.host)) for line in scene.lines.get(unit, ())]
        known = [(a, b) for a, b in ways if a is not None and b is not None and a != b]
        colour, dashes = styles.get(unit, LINE_STYLES[0])
        # One path for all: a collection of hundreds takes ten times as long to write.
        ends = np.array(known, dtype=float).reshape(-1, 2)
        path = Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(known)).astype(Path.code_type))
        path.should_simplify = False
        lines = PathPatch(path, fill=False, edgecolor=colour, linestyle=dashes, linewidth=1.3, zorder=4)
        lines.set_clip_box(drawing.axes.bbox)
        lines.set_gid(gid("lines", unit))
        drawing.titles[gid("lines", unit)] = unit_name(result, unit)
        drawing.lines.setdefault(unit, []).append(lines)
        drawing.axes.add_artist(lines)


def _demand(result: Result, drawing: Drawing, shown: Sequence[str]) -> None:
    scene = drawing.scene
    nearest = {unit: {line.demand: line for line in lines} for unit, lines in scene.lines.items()}
    for spot in scene.demand:
        if spot.lonlat is None:
            continue
        mark = add_line(
            drawing.axes,
            [spot.lonlat[0]],
            [spot.lonlat[1]],
            **triangle(spot.id.startswith("J")),
            zorder=5,
        )
        identity = gid("demand", spot.id)
        mark.set_gid(identity)
        lines = [f"{spot.code} {spot.name}"]
        for unit, found in nearest.items():
            line = found.get(spot.id)
            if line is not None:
                host = scene.school_by_code[line.host]
                much = f"{line.distance:.1f} {_('min') if scene.unit == 'minutes' else 'km'}"
                lines.append(f"{unit_name(result, unit)} → {host.number} {host.name}, {much}")
        drawing.titles[identity] = "\n".join(lines)


def _schools(result: Result, drawing: Drawing, layout: Layout, panel: Panel) -> None:
    scene, axes = drawing.scene, drawing.axes
    placed = [spot for spot in scene.schools if spot.lonlat is not None]
    where = panel.degrees(layout.schools)
    for spot, (lon, lat), at, true in zip(placed, where, layout.schools, layout.spots, strict=True):
        assert spot.lonlat is not None
        identity = gid("school", spot.code)
        if np.hypot(*(at - true)) > 0.5:
            leader = add_line(axes, [spot.lonlat[0], lon], [spot.lonlat[1], lat], color=INK, linewidth=0.7, zorder=6)
            leader.set_gid(f"leader-{identity}")
            add_line(
                axes,
                [spot.lonlat[0]],
                [spot.lonlat[1]],
                linestyle="none",
                marker="o",
                markersize=3.2,
                color=INK,
                zorder=6,
            )
        mark, number = add_marker(axes, spot.role, lon, lat, str(spot.number), spot.benchmark)
        mark.set_gid(identity)
        number.set_gid(f"number-{identity}")
        drawing.markers[spot.code] = mark
        drawing.titles[identity] = drawing.titles[f"number-{identity}"] = _tooltip(result, spot)


def _tooltip(result: Result, spot: SchoolSpot) -> str:
    lines = [f"{spot.number}  {spot.code} {spot.name}"]
    if spot.standing:
        lines.append(spot.standing)
    lines += [unit_name(result, unit) for unit in spot.units]
    return "\n".join(lines)


def _names(drawing: Drawing, layout: Layout, panel: Panel, say: Speaker) -> None:
    scene, axes = drawing.scene, drawing.axes
    for code, (x, y, within, size) in layout.names.items():
        name = say(scene.town(code), code)
        ((lon, lat),) = panel.degrees([(x, y)])
        if not within:
            ((to_lon, to_lat),) = panel.degrees([layout.anchors[code]])
            add_line(
                axes, [lon, to_lon], [lat, to_lat], color=BORDER, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=5.5
            )
        text = add_text(axes, lon, lat, name, size if say.chinese else 6.5, color="#333333", zorder=7)
        text.set_gid(gid("name", code))
        drawing.names[code] = text
        drawing.halos.append(text)


def _scale(drawing: Drawing, panel: Panel, corner: tuple[float, float]) -> None:
    """A bar of a round length, at most 80 points long."""
    west, south, east, north = panel.extent
    per_point = (east - west) * stretch((south + north) / 2) * KM_PER_DEGREE / panel.width
    km = max(step * 10**k for k in range(-2, 4) for step in (1, 2, 5) if step * 10**k / per_point <= 80)
    length = km / per_point
    left, bottom = corner[0] + 8, corner[1] + 9
    a, b, middle = panel.degrees([(left, bottom), (left + length, bottom), (left + length / 2, bottom + 11)])
    axes = drawing.axes
    axes.add_artist(_box(panel, corner[0] + 3, corner[1] + 3, SCALE_BOX[0] - 6, SCALE_BOX[1] - 6))
    add_line(axes, [a[0], b[0]], [a[1], b[1]], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=10)
    text = add_text(axes, middle[0], middle[1], f"{km:g} km", 8.0, zorder=10)
    text.set_gid("scale")


def _box(panel: Panel, x: float, y: float, width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    (west, south), (east, north) = panel.degrees([(x, y), (x + width, y + height)])
    return Rectangle((west, south), east - west, north - south, color="white", linewidth=0, alpha=0.85, zorder=9.5)


def credit_inside(drawing: Drawing, say: Speaker) -> None:
    """Title and attribution for axes that stand alone."""
    axes = drawing.axes
    text = say(drawing.scene.credit, drawing.scene.credit_latin)
    axes.set_title(
        say(drawing.scene.title, ""), parse_math=False, fontsize=11, fontfamily=families(drawing.scene.title)
    )
    axes.annotate(
        text,
        (1, 0),
        xycoords="axes fraction",
        xytext=(-3, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=5,
        color="#333333",
        parse_math=False,
        fontfamily=families(text),
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1},
        zorder=11,
    )
