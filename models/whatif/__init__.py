"""What if: the best plan under changes, the cost of each host, the price of each rule, what hangs on our numbers.

Everything is solved again through all tiers and proven; nothing is a local swap.
"""

from __future__ import annotations

from models.whatif.changes import (
    Add,
    Capacity,
    Change,
    ChangeError,
    Convener,
    Effort,
    Host,
    Lift,
    Measure,
    NotHost,
    Order,
    Switch,
    Trips,
    Unban,
    Unpin,
    Without,
    changed,
)
from models.whatif.matrix import (
    Cell,
    HostCost,
    HostCosts,
    Matrix,
    MatrixTask,
    host_costs,
    matrix,
    matrix_tasks,
    put_together,
)
from models.whatif.prices import Price, RulePrices, priced_changes, rule_prices
from models.whatif.sensitivity import Duty, Sensitivity, sensitivity, tried_changes
from models.whatif.solving import Move, WhatIf, exclusion, what_if
from models.whatif.standing import Standing
from models.whatif.values import Row, TierChange, first_change, rows_of

__all__ = [
    "Add",
    "Capacity",
    "Cell",
    "Change",
    "ChangeError",
    "Convener",
    "Duty",
    "Effort",
    "Host",
    "HostCost",
    "HostCosts",
    "Lift",
    "Matrix",
    "MatrixTask",
    "Measure",
    "Move",
    "NotHost",
    "Order",
    "Price",
    "Row",
    "RulePrices",
    "Sensitivity",
    "Standing",
    "Switch",
    "TierChange",
    "Trips",
    "Unban",
    "Unpin",
    "WhatIf",
    "Without",
    "changed",
    "exclusion",
    "first_change",
    "host_costs",
    "matrix",
    "matrix_tasks",
    "priced_changes",
    "put_together",
    "rows_of",
    "rule_prices",
    "sensitivity",
    "tried_changes",
    "what_if",
]
