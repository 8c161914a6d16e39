"""The tables that travel with the package."""

from __future__ import annotations

import csv
import io
from importlib import resources

__all__ = ["read_embedded"]


def read_embedded(name: str) -> list[dict[str, str]]:
    """Read one of the CSV files in ``geodata/data``: a dict for each row, by the header."""
    text = resources.files("geodata").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
