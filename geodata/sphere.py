"""Distances on the sphere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["EARTH_RADIUS_KM", "great_circle_km"]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), km."""


def great_circle_km(lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike) -> Any:
    """Give the great-circle distance by the haversine formula.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees (WGS 84 or TWD97, which differ by less than a metre); scalars or arrays that broadcast
        together.

    Returns
    -------
    float or ndarray of float
        Kilometres, in the broadcast shape; exactly the same with the two ends swapped. Against the ellipsoid
        it is wrong by at most 0.5 %.
    """
    x1, y1, x2, y2 = (np.radians(np.asarray(angle, dtype=float)) for angle in (lon1, lat1, lon2, lat2))
    haversine = np.sin((y2 - y1) / 2) ** 2 + (np.cos(y1) * np.cos(y2)) * np.sin((x2 - x1) / 2) ** 2
    # Rounding may carry antipodes just above 1.
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    return float(km) if np.ndim(km) == 0 else km
