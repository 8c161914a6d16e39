"""How dark a cell of the table is: by the aim that gets worse first, and of travel by how far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.whatif import Matrix

__all__ = ["COLOURS", "DARKEST", "heat_of"]

DARKEST = 5

COLOURS: tuple[tuple[str, str], ...] = (
    ("#ffffff", "#1a1a1a"),
    ("#fdf3dc", "#1a1a1a"),
    ("#fbdf9d", "#1a1a1a"),
    ("#f5b971", "#1a1a1a"),
    ("#e07b4f", "#1a1a1a"),
    ("#9e2a2b", "#ffffff"),
)
"""Background and letters from no cost to the dearest; told apart in grey as well."""

_DARK = {"preference": 1, "separate": 1, "overload": 5, "load": 5, "exploration": 5, "unwilling": 5}


def heat_of(found: Matrix) -> Mapping[tuple[str, str], int]:
    """Shade of every cell: 0 no cost, 1 suitability, 2 to 4 travel (thirds of the cells), 5 the aims before it."""
    travel = sorted(c.first.amount for c in found.cells.values() if c.first is not None and c.first.tier == "travel")
    thirds = [travel[len(travel) * k // 3] for k in (1, 2)] if travel else []
    heat: dict[tuple[str, str], int] = {}
    for key, cell in found.cells.items():
        if cell.first is None or cell.first.verdict != "worse":
            heat[key] = 0
        elif cell.first.tier == "travel":
            heat[key] = 2 + sum(cell.first.amount >= bound for bound in thirds)
        else:
            heat[key] = _DARK.get(cell.first.tier, DARKEST)
    return heat
