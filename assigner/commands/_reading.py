"""A scenario named on the command line; of a workbook that cannot be used a marked copy is left beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assigner.errors import InputError

if TYPE_CHECKING:
    from assigner.scenario import Scenario

__all__ = ["read"]


def read(file: Path) -> Scenario:
    """Read a scenario.

    Raises
    ------
    InputError
        It cannot be used; the error names the marked copy of a workbook.
    """
    from assigner.scenario import read_scenario
    from assigner.scenario.reading import is_workbook

    try:
        return read_scenario(file)
    except InputError as error:
        if not is_workbook(file):
            raise
        from assigner.workbook.marking import mark

        raise mark(error, file) from None
