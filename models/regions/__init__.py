"""Connected parts of a graph: the one place in the house that knows contiguity.

`partition` divides a graph into connected parts within bounds of weight at the least cost, with proof; `divisions`
lists all ways to divide it into two sides; `count_divisions` counts them.
"""

from models.regions.divide import Divisions, count_divisions, divisions
from models.regions.errors import RegionsError

__all__ = ["Divisions", "RegionsError", "count_divisions", "divisions"]
