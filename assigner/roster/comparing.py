"""Two rosters compared by code: schools that are new, closed, renamed, moved, or changed hands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from assigner.messages import N_, _
from assigner.roster.schools import KINDS, Roster, RosterSchool
from geodata.names import normalise
from geodata.sphere import great_circle_km

__all__ = ["CHANGE_WORDS", "MOVED_KM", "Change", "Comparison", "What", "compare_rosters", "comparison_csv"]

MOVED_KM = 0.5
"""A school whose coordinates differ by more has moved; less is a matter of where its gate is taken to be."""

What = Literal["new", "closed", "renamed", "moved", "public"]

CHANGE_WORDS: Mapping[str, str] = {
    "new": N_("New"),
    "closed": N_("Closed"),
    "renamed": N_("Renamed"),
    "moved": N_("Moved"),
    "public": N_("Public or private changed"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two rosters.

    Attributes
    ----------
    what
        "new" and "closed" by code; the others compare the same school.
    before, after
        The school then and now; None where it is not.
    km
        How far it moved, where both coordinates are known and it moved.
    """

    what: What
    before: RosterSchool | None
    after: RosterSchool | None
    km: float | None = None

    @property
    def school(self) -> RosterSchool:
        """The school as it is now, else as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def values(self) -> tuple[str, str]:
        """What differs: then, now."""
        return self._value(self.before), self._value(self.after)

    def _value(self, school: RosterSchool | None) -> str:
        if school is None:
            return ""
        if self.what == "public":
            return "" if school.public is None else _("public") if school.public else _("private")
        if self.what == "moved":
            return school.township.name if school.township else school.county
        return school.name


@dataclass(frozen=True)
class Comparison:
    """All differences between two rosters, by kind of school, kind of change and code.

    Attributes
    ----------
    old, new
        The school years.
    changes
        What differs.
    """

    old: int
    new: int
    changes: tuple[Change, ...]

    def of(self, what: What) -> tuple[Change, ...]:
        """The changes of a kind."""
        return tuple(change for change in self.changes if change.what == what)


def compare_rosters(old: Roster, new: Roster) -> Comparison:
    """Compare two rosters by code.

    Only kinds of school that both have are compared: a roster without universities does not close them.
    """
    kinds = {s.kind for s in old.schools} & {s.kind for s in new.schools}
    keys = {key for key in (*old.by_key, *new.by_key) if key[0] in kinds}
    changes = [change for key in keys for change in _changes(old.by_key.get(key), new.by_key.get(key))]
    order = get_args(What)
    changes.sort(key=lambda c: (KINDS.index(c.school.kind), order.index(c.what), c.school.code))
    return Comparison(old.year, new.year, tuple(changes))


def _changes(before: RosterSchool | None, after: RosterSchool | None) -> Iterator[Change]:
    if before is None:
        yield Change("new", None, after)
        return
    if after is None:
        yield Change("closed", before, None)
        return
    # 台 and 臺 are the same to a reader.
    if normalise(before.name) != normalise(after.name):
        yield Change("renamed", before, after)
    km = great_circle_km(*before.at, *after.at) if before.at and after.at else None
    elsewhere = None not in (before.towncode, after.towncode) and before.towncode != after.towncode
    if elsewhere or (km is not None and km > MOVED_KM):
        yield Change("moved", before, after, km)
    if None not in (before.public, after.public) and before.public != after.public:
        yield Change("public", before, after)


def comparison_csv(comparison: Comparison) -> str:
    """The differences as CSV with a byte order mark."""
    from assigner.roster.tidy import safe
    from assigner.roster.words import KIND_WORDS

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("Kind"), _("Change"), _("Code"), _("Name"), _("Before"), _("After"), "km"])
    for change in comparison.changes:
        school = change.school
        km = "" if change.km is None else f"{change.km:.2f}"
        words = _(KIND_WORDS[school.kind]), _(CHANGE_WORDS[change.what])
        writer.writerow([*words, school.code, *map(safe, (school.name, *change.values)), km])
    return "\ufeff" + text.getvalue()
