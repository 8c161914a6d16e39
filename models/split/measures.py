"""What two plans are worth together, tier by tier, without a solver (docs/semantics.md, After a split)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from models.community import Assignment, Plan, Problem
from models.split.problems import groups_of, in_order
from models.split.values import SPLIT_TIERS, Division, SplitWishes, Territory
from models.tiers import TierValue, full_order

__all__ = [
    "categories_missing",
    "convener_travel",
    "division_values",
    "key",
    "merged",
    "plan_tiers",
    "split_order",
    "tie_break",
    "tie_items",
]

_VECTORS = ("load", "separate")


def split_order(problem: Problem, wishes: SplitWishes, order: Sequence[str] = ()) -> tuple[str, ...]:
    """All tiers of a split in their order.

    Those of one plan as the scenario or the rulebook orders them (`models.tiers.full_order`), then what a split adds,
    unless `order` names it elsewhere, the tie-break last. Without an old division there is no ``closeness``.
    """
    wanted = tuple(order or problem.wishes.tier_order)
    if wanted and not any(tier in wanted for tier in problem.rules.rulebook.tiers.order):
        # Only tiers of the split are named: they go first, and everything else keeps its order.
        wanted = (*wanted, *problem.rules.rulebook.tiers.order)
    names = [name for name in full_order(Plan(problem, ""), wanted) if name != "tie_break"]
    names += [name for name in SPLIT_TIERS if name not in names]
    if wishes.old is None:
        names.remove("closeness")
    return (*names, "tie_break")


def plan_tiers(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the tiers that one plan has alone, without the tie-break."""
    return tuple(name for name in names if name not in SPLIT_TIERS and name != "tie_break")


def key(problem: Problem, name: str, value: TierValue) -> Any:
    """What to compare: of two values of a tier that with the smaller key is better."""
    if name == "tie_break":
        return tuple(-ord(character) for character in str(value))
    if name == "exploration" and problem.rules.option("exploration_number") in ("most", "stated"):
        assert isinstance(value, Fraction)
        return -value
    return value


def merged(name: str, first: TierValue, second: TierValue) -> TierValue:
    """A tier of one plan over the schools of both: sums add up, vectors are sorted together."""
    if name in _VECTORS:
        assert isinstance(first, tuple) and isinstance(second, tuple)
        return tuple(sorted((*first, *second), reverse=True))
    if isinstance(first, tuple) and isinstance(second, tuple):  # exploration within a distance: two numbers
        return tuple(a + b for a, b in zip(first, second, strict=True))
    assert isinstance(first, Fraction | int) and isinstance(second, Fraction | int)
    return Fraction(first + second)


def division_values(
    problem: Problem, territory: Territory, wishes: SplitWishes, division: Division
) -> dict[str, Fraction]:
    """The tiers that the division alone decides: categories, balance, and closeness where an old one is given."""
    groups = groups_of(problem, territory, division)
    values = {
        "categories": Fraction(sum(len(categories_missing(problem, group)) for group in groups)),
        "balance": Fraction(abs(len(groups[0]) - len(groups[1]))),
    }
    if wishes.old is not None:
        known = [(code in groups[1]) != (wishes.old[code] == 1) for code in problem.participants if code in wishes.old]
        moved = sum(known)
        values["closeness"] = Fraction(min(moved, len(known) - moved))
    return values


def categories_missing(problem: Problem, group: Collection[str]) -> tuple[str, ...]:
    """Course categories that the community has, that can be read from the lists, and that one plan lacks.

    Where the categories of a school of the plan are unknown nothing is missing for sure, and nothing counts.
    """
    schools = problem.community.school_by_code
    own = [schools[code].categories for code in group]
    if any(categories is None for categories in own):
        return ()
    here = {category for categories in own for category in categories or ()}
    everywhere = {category for code in problem.participants for category in schools[code].categories or ()}
    return tuple(
        category.id
        for category in problem.rules.rulebook.categories.list_
        if category.readable and category.id in everywhere and category.id not in here
    )


def convener_travel(problem: Problem, group: Collection[str], convener: str) -> Fraction:
    """Distances of the members of one plan to its convener, in tenths of the distance unit."""
    column = problem.distances.column
    if convener not in column:
        return Fraction(0)
    rows = [column[code] for code in group if code != convener]
    return Fraction(int(problem.distances.between_schools[rows, column[convener]].sum()))


def tie_break(problem: Problem, territory: Territory, division: Division, assignments: Sequence[Assignment]) -> str:
    """The tie-break over both plans: of two pairs that are equal in all else, the one later in the alphabet wins.

    Blocks of hexadecimal digits, as one plan has them: for every unit in the rulebook's order (`tie_items`) the 0/1
    vector of hosts over the schools of both plans in the order of their codes (a partner from outside once for each
    plan); the ways of promotion; the conveners; and the nodes of the first side among all nodes in order.
    """
    allowed = any(clause.hosts_allowed for clause in problem.rules.of_kind("outside_partner"))
    outside = [partner.code for partner in problem.community.outside_partners] if allowed else []
    side_of = {
        code: int(code in second)
        for second in groups_of(problem, territory, division)[1:]
        for code in problem.participants
    }
    places = sorted(
        [*((code, side_of[code]) for code in problem.participants), *((c, s) for c in outside for s in (0, 1))]
    )
    blocks = []
    for items in tie_items(problem):
        hosts = [assignment.unit_hosts(items) for assignment in assignments]
        blocks.append(_hex([code in hosts[side] for code, side in places]))
    for clause in problem.rules.stated_of_kind("ways"):
        ways = problem.rules.ways_of.get(clause.items[0], ())
        for code in Plan(problem, "").role(clause.role):
            chosen = assignments[side_of[code]].ways.get(code, ())
            blocks.append(_hex([way in chosen for way in ways]))
    blocks.append(_hex([code == assignments[side].convener for code, side in places]))
    blocks.append(_hex([node in division.first for node in in_order(territory.graph)]))
    return "-".join(blocks)


def tie_items(problem: Problem) -> list[tuple[str, ...]]:
    """Items of the blocks of the tie-break in order: units, or one by one where a unit's items may be apart.

    They may where one of them is hosted once in the community, or where the clause that binds them is lifted.
    """
    once = set(problem.rules.once_in_community)
    plan = Plan(problem, "")
    blocks: list[tuple[str, ...]] = []
    for unit in problem.rules.units.values():
        apart = once.intersection(unit.items) or not plan.has_same_hosts(unit.id)
        blocks += [(item,) for item in unit.items] if apart else [unit.items]
    return blocks


def _hex(bits: Sequence[bool]) -> str:
    width = -(-len(bits) // 4)
    number = int("".join("1" if bit else "0" for bit in bits).ljust(width * 4, "0") or "0", 2)
    return f"{number:0{width}x}"


def ordered(values: Mapping[str, TierValue], names: Sequence[str]) -> dict[str, TierValue]:
    """Values in the order of the tiers."""
    return {name: values[name] for name in names if name in values}
