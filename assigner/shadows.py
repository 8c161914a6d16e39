"""A file of the reader's own that stands in the way of a part of the program.

Python looks for ``models`` and ``geodata`` in the current folder first when it is told ``python -m assigner``; a file
``models.py`` there is then taken for ours. Nothing heavy is imported here, and nothing is looked for before an import
has failed.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from assigner.errors import ABSENT, Place, Problem
from assigner.messages import M_

__all__ = ["shadow"]

_OURS = ("models", "geodata")


def shadow(error: ImportError) -> Problem | None:
    """The file that hides a part of the program, with how to mend it; None if the import failed for another reason."""
    beside = Path(__file__).resolve().parent.parent
    for name in _OURS:
        origin = _origin(name)
        if origin is None or beside in (origin.parent, origin.parent.parent):
            continue
        what = M_("This file hides a part of the program of the same name, “{name}” ({error}).", name=name, error=error)
        mend = M_("Rename it, or run the program from another folder.")
        return Problem(str(origin), Place(), ABSENT, what, None, mend)
    return None


def _origin(name: str) -> Path | None:
    """Where Python finds a package, without importing it."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if module is None:
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            return None
        file = None if spec is None else spec.origin
    return None if file is None else Path(file).resolve()
