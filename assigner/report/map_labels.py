"""Where markers and names go so that none covers another: the same on every machine, for no font is asked.

All is in points on the picture, y upwards. A box is (centre x, centre y, half width, half height).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Boxes", "place_label", "spread", "text_width"]

Floats: TypeAlias = npt.NDArray[np.float64]

#: Gap between two markers, in points.
_GAP = 1.5

#: Directions in which a marker may give way, and how much further each ring of positions lies.
_DIRECTIONS, _STEP = 24, 3.0

#: Points of distance that it is worth not to cover the true spot of another school, or not to cross a leader line.
_COVER, _CROSS = 25.0, 40.0

#: Times that every marker may look for a better place once all others have theirs.
_SWEEPS = 2

#: How far from the middle of an area its name may stand, at first and at most, each with the step of the search.
_NEAR, _REACH = (50.0, 5.0), (150.0, 10.0)


_WIDEST = frozenset("MWmw@%")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, about, in points: a Chinese character is as wide as it is high."""
    return size * sum(_width(c, bold) for c in text)


def _width(character: str, bold: bool) -> float:
    """Of a character as high as one; bold letters are wider, Chinese ones are not."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _WIDEST:
        return 1.1 if bold else 0.95
    if character.isupper():
        return 0.8 if bold else 0.7
    return 0.7 if bold else 0.58


class Boxes:
    """Boxes that are taken."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, float, float]] = []

    def add(self, x: float, y: float, half_width: float, half_height: float) -> None:
        """Take a box."""
        self._rows.append((x, y, half_width, half_height))

    def overlaps(self, xs: Floats, ys: Floats, half_width: float, half_height: float, gap: float = 0.0) -> Floats:
        """How much of a box at each of the positions lies on boxes that are taken, in square points."""
        if not self._rows:
            return np.zeros(len(xs))
        rows = np.array(self._rows)
        # Only boxes that any of the positions can reach.
        across, along = rows[:, 2] + half_width + gap, rows[:, 3] + half_height + gap
        near = (rows[:, 0] + across > xs.min()) & (rows[:, 0] - across < xs.max())
        near &= (rows[:, 1] + along > ys.min()) & (rows[:, 1] - along < ys.max())
        x, y, w, h = rows[near].T
        wide = half_width + gap + w - np.abs(xs[:, None] - x)
        high = half_height + gap + h - np.abs(ys[:, None] - y)
        covered: Floats = (np.clip(wide, 0, None) * np.clip(high, 0, None)).sum(axis=1)
        return covered


def spread(
    points: Floats,
    radii: Sequence[float],
    panel: tuple[float, float, float, float],
    obstacles: Sequence[tuple[float, float, float, float]] = (),
) -> Floats:
    """Move markers apart, each as little as it can.

    Parameters
    ----------
    points : array of shape (n, 2)
        True spots.
    radii : sequence of float
        Half the side of each marker's box.
    panel : (left, bottom, right, top)
        Boxes stay inside.
    obstacles : sequence of boxes
        Where no marker may stand.

    Returns
    -------
    array of shape (n, 2)
        Centres; the boxes do not meet, unless the panel has no room for all of them.
    """
    count = len(points)
    placed = np.full((count, 2), np.nan)
    sizes = np.asarray(radii, dtype=float)
    # The most crowded first: they have the most to gain from their own spot.
    gaps = np.abs(points[:, None] - points[None]).max(axis=2) - (sizes[:, None] + sizes[None])
    order = sorted(range(count), key=lambda i: (-int((gaps[i] < 0).sum()), i))
    for sweep in range(1 + _SWEEPS):
        moved = False
        for i in order:
            if sweep and np.allclose(placed[i], points[i]):
                continue
            best = _best(i, points, placed, sizes, panel, obstacles)
            moved |= not np.allclose(best, placed[i], equal_nan=False)
            placed[i] = best
        if sweep and not moved:
            break
    return placed


def _best(
    i: int,
    points: Floats,
    placed: Floats,
    sizes: Floats,
    panel: tuple[float, float, float, float],
    obstacles: Sequence[tuple[float, float, float, float]],
) -> Floats:
    """The place for one marker among those that have theirs."""
    left, bottom, right, top = panel
    size = sizes[i]
    others = ~np.isnan(placed[:, 0])
    others[i] = False
    reach = max(right - left, top - bottom)
    for limit in (60.0, 150.0, reach):
        spots = _rings(points[i], limit)
        inside = (
            (spots[:, 0] >= left + size)
            & (spots[:, 0] <= right - size)
            & (spots[:, 1] >= bottom + size)
            & (spots[:, 1] <= top - size)
        )
        for x, y, half_width, half_height in obstacles:
            inside &= (np.abs(spots[:, 0] - x) > half_width + size) | (np.abs(spots[:, 1] - y) > half_height + size)
        spots = spots[inside]
        away = _apart(spots[:, None], placed[None, others])
        free = (away >= sizes[others] + size + _GAP).all(axis=1)
        spots = spots[free]
        if len(spots):
            break
    else:
        clipped: Floats = np.clip(points[i], (left + size, bottom + size), (right - size, top - size))
        return clipped
    cost = np.hypot(*(spots - points[i]).T)
    rest = np.arange(len(points)) != i
    covered = _apart(spots[:, None], points[None, rest]) < size
    cost = cost + _COVER * covered.sum(axis=1)
    cost += _CROSS * _crossings(points[i], spots, points[others], placed[others])
    # Rounded, so that the last digit of a sine does not decide.
    return np.asarray(spots[int(np.argmin(np.round(cost, 3)))])


def _apart(a: Floats, b: Floats) -> Floats:
    """The larger of the distances across and along."""
    # Several times faster than the largest along an axis of two.
    larger: Floats = np.maximum(np.abs(a[..., 0] - b[..., 0]), np.abs(a[..., 1] - b[..., 1]))
    return larger


def _rings(centre: Floats, limit: float) -> Floats:
    radii = np.arange(_STEP, limit + _STEP, _STEP)
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    around = radii[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)[None]
    return np.concatenate([centre[None], centre + around.reshape(-1, 2)])


def _crossings(start: Floats, ends: Floats, others_from: Floats, others_to: Floats) -> Floats:
    """How many of the others' leader lines each line from the start would cross."""
    moved = np.hypot(*(others_to - others_from).T) > 0
    a, b = others_from[moved], others_to[moved]
    if not len(a):
        return np.zeros(len(ends))

    def side(p: Floats, q: Floats, r: Floats) -> Floats:
        found: Floats = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (
            r[..., 0] - p[..., 0]
        )
        return found

    e, s = ends[:, None], start[None, None]
    first = side(s, e, a[None]) * side(s, e, b[None]) < 0
    second = side(a[None], b[None], s) * side(a[None], b[None], e) < 0
    crossed: Floats = (first & second).sum(axis=1).astype(float)
    return crossed


def place_label(
    anchor: tuple[float, float],
    half_width: float,
    half_height: float,
    panel: tuple[float, float, float, float],
    inside: Callable[[Floats, Floats], npt.NDArray[np.bool_]],
    hard: Boxes,
    soft: Boxes,
) -> tuple[float, float, bool]:
    """Find a place for the name of an area.

    Parameters
    ----------
    anchor : (float, float)
        The middle of the area.
    half_width, half_height : float
        Of the text.
    panel : (left, bottom, right, top)
    inside : callable
        Which of the positions lie in the area.
    hard, soft : Boxes
        What it must not cover, and what it had better not.

    Returns
    -------
    (x, y, within)
        Its centre, and whether it lies in the area; otherwise a line has to lead there.
    """
    for reach, step in (_NEAR, _REACH):
        x, y, away = _around(anchor, reach, step, half_width, half_height, panel)
        if not len(x):
            continue
        taken = hard.overlaps(x, y, half_width, half_height, 1.0)
        within = inside(x, y)
        # Rather in the area; a name that reaches over its border is still read as its own.
        for candidates in (within & (taken == 0), (taken == 0) & (reach == _REACH[0])):
            if candidates.any():
                x, y, away = x[candidates], y[candidates], away[candidates]
                cost = away + soft.overlaps(x, y, half_width, half_height)
                chosen = int(np.argmin(np.round(cost, 3)))
                return float(x[chosen]), float(y[chosen]), bool(within[candidates][chosen])
    if not len(x):
        return (*anchor, True)
    chosen = int(np.argmin(np.round(taken * 10 + away, 3)))
    return float(x[chosen]), float(y[chosen]), bool(within[chosen])


def _around(
    anchor: tuple[float, float],
    reach: float,
    step: float,
    half_width: float,
    half_height: float,
    panel: tuple[float, float, float, float],
) -> tuple[Floats, Floats, Floats]:
    """Positions on the panel about a point, and how far from it they are."""
    left, bottom, right, top = panel
    grid = np.arange(-reach, reach + 1, step)
    xs, ys = np.meshgrid(grid + anchor[0], grid + anchor[1])
    x, y = xs.ravel(), ys.ravel()
    away = np.hypot(x - anchor[0], y - anchor[1])
    fits = (x >= left + half_width) & (x <= right - half_width) & (y >= bottom + half_height) & (y <= top - half_height)
    fits &= away <= reach
    return x[fits], y[fits], away[fits]
