"""The ground floor as a whole: what it costs to import, and what it may know."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import geodata

PACKAGE = Path(geodata.__file__).parent
ORDINARY = """
from geodata import Place, adjacency_graph, find_township, travel_km
one, two = find_township("臺北市大安區"), find_township("屏東縣琉球鄉")
travel_km([Place("a", one.towncode)], [Place("b", two.towncode)], adjacency_graph())
"""


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and tell which top-level modules it loaded."""
    code += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=PACKAGE.parent,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return set(run.stdout.split())


def test_importing_the_package_loads_no_library():
    assert not loaded_after("import geodata") & {
        "numpy",
        "networkx",
        "pandas",
        "geopandas",
        "shapely",
        "pyproj",
    }


def test_the_ordinary_path_needs_neither_geopandas_nor_pandas():
    assert not loaded_after(ORDINARY) & {"pandas", "geopandas", "shapely", "pyproj", "pyogrio", "scipy"}


def test_no_module_imports_the_floors_above():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            else:
                continue
            assert not {name.partition(".")[0] for name in names} & {"models", "assigner"}, path


def test_every_public_name_can_be_had_and_is_listed():
    for name in geodata.__all__:
        assert getattr(geodata, name) is not None
        assert name in dir(geodata)
    assert set(geodata._HOME) | {"ATTRIBUTION"} == set(geodata.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = geodata.nonsense


def test_the_attribution_stands_in_the_provenance_word_for_word():
    text = (PACKAGE / "data" / "PROVENANCE.md").read_text(encoding="utf-8").replace("\n> ", " ")
    assert set(geodata.ATTRIBUTION) == {"zh", "en"}
    for line in geodata.ATTRIBUTION.values():
        assert line in text


def test_the_polygons_take_at_most_one_megabyte():
    assert (PACKAGE / "data" / "townships.topojson").stat().st_size <= 1_000_000
