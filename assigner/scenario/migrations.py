"""Older versions of the scenario format, brought up to date.

``MIGRATIONS[k]`` turns the data of a file of version k into data of version k + 1. A new version of the
format comes with one function here, and with a test that reads a file of the version before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from assigner.scenario.entries import SCHEMA_VERSION

__all__ = ["MIGRATIONS", "Migration", "migrated", "supported_versions"]

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: Mapping[int, Migration] = {}
"""Version k -> how to get to k + 1. Version 1 is the first, so there is none yet."""


def supported_versions(migrations: Mapping[int, Migration] = MIGRATIONS) -> range:
    """Give the versions that can be read: those from which every step to the present one is there."""
    first = SCHEMA_VERSION
    while first - 1 in migrations:
        first -= 1
    return range(first, SCHEMA_VERSION + 1)


def migrated(data: dict[str, Any], migrations: Mapping[int, Migration] = MIGRATIONS) -> dict[str, Any]:
    """Bring the data of a file up to the present version.

    Parameters
    ----------
    data
        With a ``schema_version`` among `supported_versions`; not changed.
    migrations
        The steps.
    """
    for version in range(data["schema_version"], SCHEMA_VERSION):
        data = {**migrations[version](copy.deepcopy(data)), "schema_version": version + 1}
    return data
