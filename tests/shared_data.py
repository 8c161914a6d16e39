"""Real data beside the repository: public facts that are not part of the project."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

VARIABLE = "ASSIGNER_SHARED_DATA"
DEFAULT = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared_data(name: str) -> Path:
    """Give the path of a shared file; skip the test, saying why, where it is absent."""
    folder = Path(os.environ.get(VARIABLE) or DEFAULT)
    path = folder / name
    if not path.exists():
        pytest.skip(f"no shared file {name}: set {VARIABLE} to the folder that holds it")
    return path


def shared_rows(name: str) -> list[dict[str, str]]:
    """Read a shared CSV file: a dict for each row."""
    with shared_data(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
