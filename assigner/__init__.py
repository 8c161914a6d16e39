"""Duty plans for a learning community of senior high schools: proven, audited, explained.

The names below are loaded when they are first used, so that ``import assigner`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Public name -> the module that defines it. Type checkers need the same names under TYPE_CHECKING.
_HOME: dict[str, str] = {}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name == "__version__":
        value = _version()
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the lazy names beside the loaded ones."""
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("community-duty-assigner")
    except PackageNotFoundError:  # a folder on the path, not an installation
        return "0+unknown"
