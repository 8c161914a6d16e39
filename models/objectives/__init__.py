"""One room per aim, with two doors: `minimise` states it for a model, `value` says what an assignment is worth."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from models.objectives import exploration, load, overload, preference, separate, tie_break, travel, unwillingness

__all__ = ["ROOMS"]

#: Tier -> the module that knows it.
ROOMS: Mapping[str, ModuleType] = {
    "unwilling": unwillingness,
    "exploration": exploration,
    "overload": overload,
    "load": load,
    "travel": travel,
    "preference": preference,
    "separate": separate,
    "tie_break": tie_break,
}
