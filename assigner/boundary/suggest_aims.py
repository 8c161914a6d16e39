"""What a suggestion is to make better: tiers over all schools of several communities together, and other measures.

Every aim has a *part* for each community and a way to join parts; of two joined parts the smaller is better. A part may
be a lower bound: joined bounds bound the joined value, in the order of the aims too (docs/suggesting.md). The values
are those of the plans that each community has, by its own order of tiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.community import Problem

__all__ = ["CHOICES", "MAP_AIMS", "MEASURES", "Aim", "aims_of", "exploration_part", "parts_of", "shown_value"]

#: Measures beside the tiers: the heaviest load of all schools, schools whose community is another than in the base,
#: difference of the largest and the smallest community in participants, communities without a lawful plan.
MEASURES = ("largest_load", "schools_changed", "size_spread", "without_plan")

#: Those that the map alone decides.
MAP_AIMS = ("schools_changed", "size_spread")

_VECTORS = ("load", "separate")
_TIERS = ("unwilling", "exploration", "overload", "load", "travel", "preference", "separate")

#: Words for what may come first.
CHOICES = (*_TIERS, *MEASURES[:-1])


@dataclass(frozen=True)
class Aim:
    """One aim.

    Parameters
    ----------
    name : str
        A tier, or one of `MEASURES`.
    community : str
        Of a tier: only this community counts; empty for all.
    """

    name: str
    community: str = ""

    @property
    def key(self) -> str:
        """As it is written: ``travel``, ``travel:west``."""
        return f"{self.name}:{self.community}" if self.community else self.name

    @property
    def least(self) -> Any:
        """A part that is no larger than any other, where nothing is known."""
        if self.name in _VECTORS:
            return ()
        if self.name == "exploration":
            return Fraction(0), Fraction(-(10**9))
        return Fraction(0)

    def joined(self, parts: Mapping[str, Any]) -> Any:
        """The parts of several communities together."""
        own = list(parts.values()) if not self.community else [parts[c] for c in (self.community,) if c in parts]
        if self.name in _VECTORS:
            return tuple(sorted((level for part in own for level in part), reverse=True))
        if self.name == "exploration":
            return sum((part[0] for part in own), Fraction(0)), sum((part[1] for part in own), Fraction(0))
        if self.name == "largest_load":
            return max(own, default=Fraction(0))
        return sum(own, Fraction(0))


def aims_of(target: str | Sequence[str] | None, order: Sequence[str]) -> tuple[Aim, ...]:
    """The aims in their order: those that are named first, then the tiers in the order of the programme.

    Parameters
    ----------
    target : str, sequence of str or None
        Tiers and measures; ``tier:community`` for one community alone. None: the tiers in their order.
    order : sequence of str
        All tiers (`models.tiers.full_order`). The tie-break compares plans of the same schools, and is left out.

    Raises
    ------
    ValueError
        A word that is no aim; its only argument.
    """
    words = () if target is None else (target,) if isinstance(target, str) else tuple(target)
    named = []
    for word in words:
        name, _, community = word.partition(":")
        known = name in _TIERS if community else name in (*_TIERS, *MEASURES)
        if not known:
            raise ValueError(word)
        named.append(Aim(name, community))
    rest = [Aim(name) for name in order if name != "tie_break"]
    # A community that has no lawful plan has no values: that there is one comes before all of them.
    return tuple(dict.fromkeys((Aim("without_plan"), *named, *rest)))


def exploration_part(problem: Problem, value: Any) -> tuple[Fraction, Fraction]:
    """Exploration as it is compared: pairs out of reach, and hosts, negative where more are better."""
    uncovered, hosts = value if isinstance(value, tuple) and len(value) == 2 else (Fraction(0), value)
    if isinstance(hosts, tuple):
        (hosts,) = hosts
    more = problem.rules.option("exploration_number") in ("most", "stated")
    return Fraction(uncovered), -Fraction(hosts) if more else Fraction(hosts)


def parts_of(problem: Problem, values: Mapping[str, Any]) -> dict[str, Any]:
    """Tier values of a plan as parts, by the names of aims; tiers that are missing stay so."""
    parts = {name: value for name, value in values.items() if name in _TIERS}
    if "exploration" in parts:
        parts["exploration"] = exploration_part(problem, parts["exploration"])
    if "load" in parts:
        parts["largest_load"] = max(parts["load"], default=Fraction(0))
    return parts


def shown_value(aim: Aim, joined: Any) -> Any:
    """A joined part as people read it: hosts of exploration as their number."""
    if aim.name != "exploration":
        return joined
    uncovered, hosts = joined
    return (uncovered, abs(hosts)) if uncovered else abs(hosts)
