"""The travel table: what `travel_km` makes and `read_matrix` reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["How", "TravelTable", "Unit", "refuse_repeated"]

Unit = Literal["km", "minutes"]
How = Literal["graph", "great_circle", "matrix"]


@dataclass(frozen=True, eq=False, slots=True)
class TravelTable:
    """How far, or how long, it is from every origin to every destination.

    Attributes
    ----------
    origins, destinations
        Ids of the places, in the order of the rows and columns; no id twice.
    values
        Shape ``(len(origins), len(destinations))``, finite, not negative, read-only.
    unit
        "km" or "minutes".
    how
        Where the values come from: "graph" and "great_circle" by `travel_km`, "matrix" the user's own file.

    Raises
    ------
    ValueError
        The shape does not fit the ids, an id is repeated, or a value is negative or not finite.
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    values: npt.NDArray[np.float64]
    unit: Unit
    how: How

    def __post_init__(self) -> None:
        for role, ids in (("origins", self.origins), ("destinations", self.destinations)):
            refuse_repeated(role, ids)
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (len(self.origins), len(self.destinations)):
            raise ValueError(
                f"values of shape {values.shape} for {len(self.origins)} origins, {len(self.destinations)} destinations"
            )
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError("every value is finite and not negative")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    def between(self, origin: str, destination: str) -> float:
        """Give one value, in the unit of the table.

        Raises
        ------
        ValueError
            An id is not in the table.
        """
        return float(self.values[self.origins.index(origin), self.destinations.index(destination)])


def refuse_repeated(role: str, ids: Iterable[str]) -> None:
    """Raise a ValueError that names the repeated ids, if there are any."""
    repeated = [name for name, times in Counter(ids).items() if times > 1]
    if repeated:
        raise ValueError(f"repeated among the {role}: {', '.join(repeated)}")
