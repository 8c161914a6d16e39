"""Choices as pictures: travel against the largest load, and which duties all optimal plans share.

The text of an SVG stays text; what a colour says, a shape and a label say too.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import _, _n, current_language, join_list, language_set, number
from assigner.report.map import settings
from assigner.report.map_fonts import families
from assigner.report.map_style import BLUE, INK, ORANGE, SKY
from assigner.report.map_svg import dressed
from assigner.words import item_label, school_label, travel_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from assigner.choosing.front import Front, Point
    from assigner.choosing.optima import Optima

__all__ = ["description", "plot", "plot_backbone", "svg_text", "svg_tree"]

#: Inches of a picture of its own.
_SIZE = (8.0, 5.0)

#: Room for a label beside its point, in points of print.
_ASIDE = 9


def svg_text(answer: Front) -> str:
    """The picture as an SVG file in the current language; equal answers give equal bytes."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(svg_tree(answer), encoding="unicode") + "\n"


def svg_tree(answer: Front) -> ET.Element:
    """The picture, with a name and a description."""
    with settings():
        figure = _figure(_SIZE)
        _draw(answer, figure.add_subplot())
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return dressed(stream.getvalue(), _("Largest load against travel"), description(answer), "front")


def plot(answer: Front, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the front, into axes that are given or into a picture of its own."""
    with language_set(lang or current_language()), settings():
        axes: Axes = _figure(_SIZE).add_subplot() if ax is None else ax
        _draw(answer, axes)
    return axes


def description(answer: Front) -> str:
    """What the picture shows, in words."""
    if answer.found is None:
        return _("There is no plan.")
    unit = travel_unit(answer.ground.plan.problem.distances.unit)
    said = [
        _(
            "point {number}: largest load {load}, travel {travel} {unit}",
            number=point.number,
            load=point.found.largest_load,
            travel=number(float(point.found.travel) / 10, 1),
            unit=unit,
        )
        for point in answer.points
    ]
    return _n("{n} point: {points}.", "{n} points: {points}.", len(said), points="; ".join(said))


def _figure(size: tuple[float, float]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _words(text: str, size: float = 10.0) -> dict[str, Any]:
    return {"fontfamily": families(text), "fontsize": size, "color": INK}


def _draw(answer: Front, axes: Axes) -> None:
    unit = travel_unit(answer.ground.plan.problem.distances.unit)
    across, up = _("Travel ({unit})", unit=unit), _("Largest load (points / capacity)")
    axes.set_xlabel(across, **_words(across))
    axes.set_ylabel(up, **_words(up))
    axes.grid(color="#E2E2E2", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    chosen = answer.chosen
    if chosen is None:
        return
    spots = [(float(point.found.travel) / 10, float(point.found.largest_load)) for point in answer.points]
    # Between two points nothing is better than the one with less load: the border goes in steps.
    axes.step(*zip(*spots, strict=True), where="pre", color=BLUE, linewidth=1.2, linestyle=(0, (4, 2)), zorder=1)
    shown = [*answer.points, *([chosen] if chosen.number is None else [])]
    for point in shown:
        _spot(axes, point)
    levels = sorted({point.found.largest_load for point in shown})
    axes.set_yticks([float(level) for level in levels], [str(level) for level in levels], fontsize=9, color=INK)
    axes.xaxis.set_major_formatter(lambda value, _place: number(value))
    axes.tick_params(axis="x", labelsize=9, labelcolor=INK)
    axes.locator_params(axis="x", nbins=6)
    axes.margins(0.12, 0.14)


def _spot(axes: Axes, point: Point) -> None:
    """A point and its label; the chosen plan is a filled diamond, any other point a ring."""
    x, y = float(point.found.travel) / 10, float(point.found.largest_load)
    marker, size, fill = ("D", 90, ORANGE) if point.chosen else ("o", 60, "white")
    axes.scatter(
        [x], [y], s=size, marker=marker, c=fill, edgecolors=INK if point.chosen else BLUE, linewidths=1.6, zorder=3
    )
    name = "" if point.number is None else str(point.number)
    label = join_list(filter(None, (name, _("the chosen plan") if point.chosen else "")))
    below = point.number is None
    axes.annotate(
        label,
        (x, y),
        xytext=(_ASIDE, -_ASIDE if below else _ASIDE),
        textcoords="offset points",
        va="top" if below else "bottom",
        parse_math=False,
        zorder=4,
        **_words(label),
    )


# ---------------------------------------------------------------------------------------------------- optimal plans


def plot_backbone(answer: Optima, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw items against schools: a filled square where a duty is in every optimal plan, a ring where in some."""
    with language_set(lang or current_language()), settings():
        plan, found = answer.ground.plan, answer.found
        held = [] if found is None else [*found.always, *found.sometimes, *found.undecided]
        items = [item for item in plan.rules.item_by_id if any(own == item for own, _code in held)]
        codes = sorted({code for _item, code in held})
        size = (3.0 + 0.45 * len(codes), 2.4 + 0.3 * len(items))
        axes: Axes = _figure(size).add_subplot() if ax is None else ax
        kinds = (
            ()
            if found is None
            else (
                (found.always, "s", BLUE, _("in every optimal plan")),
                (found.sometimes, "o", "white", _("in some of them")),
                (found.undecided, "^", SKY, _("not known")),
            )
        )
        for pairs, marker, fill, label in kinds:
            if pairs:
                x, y = [codes.index(code) for _item, code in pairs], [items.index(item) for item, _code in pairs]
                axes.scatter(x, y, s=70, marker=marker, c=fill, edgecolors=INK, linewidths=1.2, label=label)
        rows = [item_label(plan.rules.rulebook, item) for item in items]
        columns = [school_label(plan.problem, code) for code in codes]
        axes.set_yticks(range(len(items)), rows, fontsize=9, fontfamily=families("".join(rows)))
        axes.set_xticks(range(len(codes)), columns, fontsize=9, rotation=90, fontfamily=families("".join(columns)))
        axes.set_xlim(-0.6, len(codes) - 0.4)
        axes.set_ylim(len(items) - 0.4, -0.6)
        axes.grid(color="#E2E2E2", linewidth=0.8)
        axes.set_axisbelow(True)
        if held:
            words = "".join(str(kind[3]) for kind in kinds)
            axes.legend(
                loc="lower left",
                bbox_to_anchor=(0, 1.01),
                ncols=3,
                frameon=False,
                prop={"family": families(words), "size": 9},
            )
    return axes
