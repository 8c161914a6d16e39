"""Rows of a plan, and how two plans compare tier by tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from models.community import Assignment, Plan
from models.objectives import ROOMS
from models.tiers import Tier, TiersResult, TierValue, full_order

__all__ = ["Row", "TierChange", "compared", "first_change", "merged", "rows_of", "sort_key", "tier_values"]


@dataclass(frozen=True)
class Row:
    """What is hosted as one: a unit whose items have the same hosts, or one item.

    Parameters
    ----------
    id : str
        Of the unit or the item.
    items : tuple of str
    """

    id: str
    items: tuple[str, ...]

    def hosts(self, assignment: Assignment) -> tuple[str, ...]:
        """Its hosts, sorted."""
        return assignment.unit_hosts(self.items)


def rows_of(*plans: Plan) -> tuple[Row, ...]:
    """The rows of a plan (or of several), in the rulebook's order; of several rulebooks what all of them know."""
    rows: list[Row] = []
    for unit in plans[0].rules.units.values():
        if all(_hosts_as_one(plan, unit.id, unit.items) for plan in plans):
            rows.append(Row(unit.id, unit.items))
        else:
            known = (item for item in unit.items if all(item in plan.rules.item_by_id for plan in plans))
            rows += [Row(item, (item,)) for item in known]
    return tuple(rows)


def _hosts_as_one(plan: Plan, unit: str, items: tuple[str, ...]) -> bool:
    """Whether a plan has a unit of these items, and they have the same hosts."""
    units = plan.rules.units
    return unit in units and units[unit].items == items and plan.has_same_hosts(unit)


Verdict = Literal["better", "worse", "same", "differs"]


@dataclass(frozen=True)
class TierChange:
    """A tier before and after.

    Parameters
    ----------
    tier : str
    before, after : Fraction or tuple of Fraction
    verdict : {"better", "worse", "same", "differs"}
        ``differs``: it measures something else than before (another scale of loads, another aim of exploration).
    amount : Fraction
        After minus before; of vectors at the first place where they differ.
    """

    tier: str
    before: TierValue
    after: TierValue
    verdict: Verdict
    amount: Fraction


def tier_values(plan: Plan, assignment: Assignment, tiers: Sequence[str]) -> dict[str, TierValue]:
    """What an assignment is worth in some tiers, by the solver-free doors."""
    values: dict[str, TierValue] = {}
    for tier in tiers:
        value = ROOMS[tier].value(plan, assignment)
        values[tier] = value[0] if tier == "exploration" and len(value) == 1 else value
    return values


def sort_key(plan: Plan, tier: str, value: Any) -> Any:
    """A value as something of which less is better."""
    return -value if tier == "exploration" and _counts_up(plan) else value


def _counts_up(plan: Plan) -> bool:
    return plan.rules.option("exploration_number") in ("most", "stated")


def compared(
    before: tuple[Plan, Mapping[str, TierValue]], after: tuple[Plan, Mapping[str, TierValue]]
) -> tuple[TierChange, ...]:
    """Tier by tier, in the order of the plan after; the tie-break is left out."""
    changes: list[TierChange] = []
    (plan, old), (other, new) = before, after
    for tier in full_order(other):
        if tier == "tie_break" or tier not in old or tier not in new:
            continue
        a, b = old[tier], new[tier]
        left, right = _as_tuple(a), _as_tuple(b)
        amount = next((y - x for x, y in _pairs(left, right) if x != y), Fraction(0))
        down = not (tier == "exploration" and _counts_up(other))
        verdict: Verdict = "same"
        if not _is_comparable(plan, other, tier):
            verdict = "differs"
        elif amount:
            verdict = "worse" if (amount > 0) == down else "better"
        changes.append(TierChange(tier, a, b, verdict, amount))
    return tuple(changes)


def _is_comparable(plan: Plan, other: Plan, tier: str) -> bool:
    """Whether a tier measures the same in both plans."""
    if tier == "exploration":
        modes = [p.rules.option("exploration_number") for p in (plan, other)]
        return _counts_up(plan) == _counts_up(other) and modes.count("within_distance") in (0, 2)
    if tier == "load":
        scales = [p.rules.option("load_scale") for p in (plan, other)]
        bands = [p.rules.measure("load_band") for p in (plan, other)]
        return scales[0] == scales[1] and (scales[0] != "band" or bands[0] == bands[1])
    return True


def _as_tuple(value: Any) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, value)) if isinstance(value, tuple) else (Fraction(value),)


def _pairs(left: Sequence[Fraction], right: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    size, none = max(len(left), len(right)), Fraction(0)
    padded = [[*side, *[none] * (size - len(side))] for side in (left, right)]
    return list(zip(*padded, strict=True))


def first_change(changes: Sequence[TierChange]) -> TierChange | None:
    """The first tier that is not the same."""
    return next((change for change in changes if change.verdict != "same"), None)


def merged(plan: Plan, pieces: Sequence[tuple[Plan, Assignment]]) -> Assignment:
    """One assignment of the plan from those of its parts (each may speak of more than its part)."""
    hosts: dict[str, tuple[str, ...]] = {}
    ways: dict[str, tuple[str, ...]] = {}
    for part, assignment in pieces:
        hosts.update({item: assignment.hosts_of(item) for item in part.rules.item_by_id})
        own = {way for known in part.rules.ways_of.values() for way in known}
        for code, chosen in assignment.ways.items():
            mine = tuple(way for way in chosen if way in own)
            ways[code] = (*ways.get(code, ()), *mine)
    return Assignment(plan.convener, hosts, ways)


def proven_result(plan: Plan, assignment: Assignment, tiers: Sequence[str], *, solves: int = 0) -> TiersResult:
    """An assignment whose tiers are all proven, as a result."""
    made = tuple(
        Tier(tier, value, value, "optimal", 0.0) for tier, value in tier_values(plan, assignment, tiers).items()
    )
    return TiersResult(assignment, made, 0.0, solves)
