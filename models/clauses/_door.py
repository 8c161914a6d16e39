"""What every clause room shares: the shape of a violation, and of the model it adds its constraints to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["DutyModel", "Violation"]


@dataclass(frozen=True)
class Violation:
    """One way in which an assignment breaks a clause.

    Parameters
    ----------
    clause : str
        Clause id.
    code : str
        What happened, as an id that the message catalogue knows.
    items, schools : tuple of str
        Items and school codes concerned.
    details : Mapping
        Numbers of the sentence.
    """

    clause: str
    code: str
    items: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


class DutyModel(Protocol):
    """The doors of `models.duties.Duties` that clause rooms use.

    Every constraint is named by the clause and the part of it (usually an item) that put it there, so that it can be
    switched off and named when rules collide.
    """

    def host(self, item: str, code: str) -> Any:
        """Boolean decision "`code` hosts `item`"; only for candidates of the plan."""

    def way(self, code: str, way: str) -> Any:
        """Boolean decision "school `code` uses this way of promotion"."""

    def limit(self, clause: str, part: str, literals: Sequence[Any], least: int | None, most: int | None) -> None:
        """Between `least` and `most` of the literals are true."""

    def fix(self, clause: str, part: str, literal: Any, value: bool) -> None:
        """The literal has this value."""

    def equal(self, clause: str, part: str, left: Sequence[Any], right: Sequence[Any]) -> None:
        """Equally many literals are true on both sides."""

    def weighted(self, clause: str, part: str, literals: Sequence[Any], weights: Sequence[int], most: int) -> None:
        """The weights of the true literals sum to at most `most`."""

    def impossible(self, clause: str, part: str) -> None:
        """The clause cannot be kept, whatever is decided."""

    def unit(self, unit: str, code: str) -> Any:
        """Boolean decision "`code` hosts the unit"."""
