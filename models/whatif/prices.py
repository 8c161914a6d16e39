"""The price of each rule: what the plan would gain if a clause, a reading, a pin or a ban were given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models.community import Plan
from models.engine import Engine
from models.rulebook import KNOWN_SWITCHES, Rules
from models.tiers import NoPlan, TiersResult, full_order, solve_tiers
from models.whatif.changes import Change, Lift, Switch, Unban, Unpin, changed
from models.whatif.solving import solve_changed
from models.whatif.standing import Standing
from models.whatif.values import TierChange, compared, first_change, tier_values

__all__ = ["Price", "RulePrices", "priced_changes", "rule_prices"]

Status = Literal["gains", "nothing", "loses", "differs", "no_plan", "stopped"]

_STATUS: Mapping[str, Status] = {"better": "gains", "worse": "loses", "differs": "differs"}


@dataclass(frozen=True)
class Price:
    """What giving up one rule would bring.

    Parameters
    ----------
    change : Lift, Switch, Unpin or Unban
    status : {"gains", "nothing", "loses", "differs", "no_plan", "stopped"}
        The first tier that changes gets better; none changes; it gets worse (another reading may; and without a pin an
        item may have a host less); it counts something else under another reading; no lawful plan is left; a stop came
        first.
    first : TierChange or None
        The first tier that changes, exact.
    tiers : tuple of TierChange
    convener : str or None
        Of the plan without the rule.
    """

    change: Change
    status: Status
    first: TierChange | None = None
    tiers: tuple[TierChange, ...] = ()
    convener: str | None = None


@dataclass(frozen=True)
class RulePrices:
    """All prices: gains first, by tier and then by amount, the largest first.

    Parameters
    ----------
    prices : tuple of Price
    proven : bool
        The plan is proven, and no price was stopped.
    """

    prices: tuple[Price, ...]
    proven: bool


def priced_changes(plan: Plan, *, switches: bool = False) -> tuple[Change, ...]:
    """What could be given up here: clauses that can be lifted, each pin and ban; with `switches` other readings too."""
    rules = plan.rules
    found: list[Change] = [
        Lift(clause.id)
        for clause in rules.clauses
        if clause.id in rules.rulebook.liftable and clause.kind not in ("pins", "bans")
    ]
    found += [Unpin(item, code) for item, code in sorted(plan.wishes.pins)]
    found += [Unban(item, code) for item, code in sorted(plan.wishes.bans)]
    if switches:
        for switch in rules.rulebook.switches:
            present = rules.option(switch.id)
            found += [Switch(switch.id, option.id) for option in switch.options if option.id != present]
    return tuple(found)


def rule_prices(
    plan: Plan,
    result: TiersResult | None = None,
    *,
    switches: bool = False,
    engine: Engine | None = None,
    told: Callable[[int, int], None] | None = None,
) -> RulePrices:
    """Price every rule: the best plan without it against the best plan with it, through all tiers.

    Parameters
    ----------
    plan, result : Plan, TiersResult
        Without a result the plan is solved first.
    switches : bool
        Price the other options of each switch as well.
    engine : Engine, optional
        Its limits are those of all prices together.
    told : callable, optional
        Hears how many are done, and of how many.
    """
    engine = engine or Engine()
    standing = Standing(plan, solve_tiers(plan, engine) if result is None else result, engine)
    changes = priced_changes(plan, switches=switches)
    prices: list[Price] = []
    for change in changes:
        prices.append(_price(standing, change, engine))
        if told is not None:
            told(len(prices), len(changes))
    tiers = full_order(plan)

    def rank(price: Price) -> tuple[Any, ...]:
        order = ("gains", "differs", "nothing", "loses", "no_plan", "stopped").index(price.status)
        if price.first is None:
            return (order,)
        return (order, tiers.index(price.first.tier), -abs(price.first.amount))

    proven = standing.result.proven and all(price.status != "stopped" for price in prices)
    return RulePrices(tuple(sorted(prices, key=rank)), proven)


def _price(standing: Standing, change: Change, engine: Engine) -> Price:
    if engine.exhausted():
        return Price(change, "stopped")
    plan = standing.plan
    problem = changed(plan.problem, [change])
    if isinstance(change, Switch) and standing.result.proven and _is_the_same_plan(plan.rules, problem.rules):
        return Price(change, "nothing", None, compared(*[(plan, standing.values)] * 2), plan.convener)
    try:
        tolerant = standing.is_tolerant
        after, found = solve_changed(standing, problem, [change], engine, tie_break=tolerant)
    except NoPlan as none:
        return Price(change, "no_plan" if none.proven else "stopped")
    if not found.proven:
        return Price(change, "stopped")
    names = [name for name in full_order(after) if name != "tie_break"]
    tiers = compared((plan, standing.values), (after, tier_values(after, found.assignment, names)))
    first = first_change(tiers)
    status = "nothing" if first is None else _STATUS[first.verdict]
    return Price(change, status, first, tiers, after.convener)


def _is_the_same_plan(rules: Rules, other: Rules) -> bool:
    """Whether two readings say the same of one plan: they differ in a split or in obligations only."""
    return (
        rules.stated == other.stated
        and rules.load_units == other.load_units
        and all(rules.option(name) == other.option(name) for name in KNOWN_SWITCHES)
    )
