"""Connected parts of a graph: the one place in the house that knows contiguity.

`partition` divides a graph into connected parts within bounds of weight at the least cost, with proof; `divisions`
lists all ways to divide it into two sides; `count_divisions` counts them. docs/regions.md says how.
"""

from typing import TYPE_CHECKING, Any

from models.regions.divide import Divisions, count_divisions, divisions
from models.regions.errors import RegionsError

if TYPE_CHECKING:
    from models.regions.dividing import Partition, partition
    from models.regions.problem import Reason

__all__ = ["Divisions", "Partition", "Reason", "RegionsError", "count_divisions", "divisions", "partition"]


def __getattr__(name: str) -> Any:
    """Load what needs the solver when it is asked for."""
    if name == "Reason":
        from models.regions.problem import Reason

        return Reason
    if name in ("Partition", "partition"):
        from models.regions.dividing import Partition, partition

        globals().update(Partition=Partition, partition=partition)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
