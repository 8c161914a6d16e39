"""The tie-break that makes the answer unique (tier ``tie_break``): the smallest codes host the first items.

Items in the rulebook's order, schools in the order of their codes: the 0/1 vector of "hosts" is lexicographically
largest; then likewise the ways of promotion. It does not depend on the order of a file or on the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.community import Assignment, Plan

__all__ = ["TieGroup", "minimise", "value"]


@dataclass(frozen=True)
class TieGroup:
    """Open decisions of one unit in the order of codes.

    Parameters
    ----------
    literals : tuple
    exactly_one : bool
        Exactly one of them is true in every lawful plan (hosts forced by their role are not open).
    """

    literals: tuple[Any, ...]
    exactly_one: bool

    def digits(self) -> tuple[list[int], int]:
        """Weights to be minimised within the group, and their span + 1."""
        size = len(self.literals)
        if self.exactly_one:
            return list(range(size)), max(size, 1)
        return [-(1 << (size - 1 - k)) for k in range(size)], 1 << size


def minimise(plan: Plan, duties: Any) -> list[TieGroup]:
    """Decisions from the most to the least important, in groups of one unit (or item, or one school's ways)."""
    codes = sorted(plan.candidates)
    groups: list[TieGroup] = []
    for unit in plan.rules.units.values():
        if plan.has_same_hosts(unit.id):
            literals = [duties.unit(unit.id, code) for code in codes]
            groups.append(TieGroup(_open(duties, literals), plan.has_one_free_host(unit.id)))
        else:
            groups += [
                TieGroup(_open(duties, [duties.host(item, code) for code in codes]), False) for item in unit.items
            ]
    for clause in plan.rules.stated_of_kind("ways"):
        for code in plan.role(clause.role):
            ways = [duties.way(code, way) for way in plan.rules.ways_of.get(clause.items[0], ())]
            groups.append(TieGroup(_open(duties, ways), False))
    return [group for group in groups if group.literals]


def _open(duties: Any, literals: list[Any]) -> tuple[Any, ...]:
    return tuple(literal for literal in literals if duties.value_if_fixed(literal) is None)


def value(plan: Plan, assignment: Assignment) -> str:
    """The vector as hexadecimal digits, one block a unit: of two plans, the one that is later in the alphabet wins.

    A unit whose items may have different hosts has a block an item.
    """
    codes = sorted(plan.candidates)
    blocks = []
    for unit in plan.rules.units.values():
        for items in [unit.items] if plan.has_same_hosts(unit.id) else [(item,) for item in unit.items]:
            hosts = assignment.unit_hosts(items)
            blocks.append(_hex([code in hosts for code in codes]))
    for clause in plan.rules.stated_of_kind("ways"):
        for code in plan.role(clause.role):
            chosen = assignment.ways.get(code, ())
            blocks.append(_hex([way in chosen for way in plan.rules.ways_of.get(clause.items[0], ())]))
    return "-".join(blocks)


def _hex(bits: list[bool]) -> str:
    width = -(-len(bits) // 4)
    number = int("".join("1" if bit else "0" for bit in bits).ljust(width * 4, "0") or "0", 2)
    return f"{number:0{width}x}"
