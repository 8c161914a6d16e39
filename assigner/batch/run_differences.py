"""What two runs say otherwise, member by member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from assigner.batch.runs import Runs

__all__ = ["differences"]

_COLUMNS = ["community", "name", "variant", "kind", "change", "what", "before", "after"]
_Key = tuple[str, str, str]


def differences(before: Runs, after: Runs) -> pd.DataFrame:
    """See `assigner.batch.runs.Runs.differences`."""
    old, new = _keyed(before), _keyed(after)
    keys = dict.fromkeys((*old, *new))
    both = {key for key in keys if key in old and key in new}
    duties = [_duties(runs, {own[key]: key for key in both}) for runs, own in ((before, old), (after, new))]
    tiers = [_tiers(runs, {own[key]: key for key in both}) for runs, own in ((before, old), (after, new))]
    rows = []
    for key in keys:
        runs, position = (before, old[key]) if key in old else (after, new[key])
        community, variant, kind = key
        head = (community, runs.members[position].name, variant, kind)
        if key not in both:
            rows.append((*head, "new" if key in new else "gone", "", "", ""))
            continue
        rows += [(*head, *change) for change in _changes(before, old[key], after, new[key])]
        for change, (a, b) in (("tier", tiers), ("duty", duties)):
            rows += [(*head, change, *moved) for moved in _moved(a.get(key, {}), b.get(key, {}))]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _keyed(runs: Runs) -> dict[_Key, int]:
    """Community, variant and kind -> position of the member; of several the first."""
    jobs = runs.jobs
    found: dict[_Key, int] = {}
    for position, key in enumerate(zip(jobs["community"], jobs["variant"], jobs["kind"], strict=True)):
        found.setdefault(key, position)
    return found


def _changes(before: Runs, a: int, after: Runs, b: int) -> Iterator[tuple[str, str, str, str]]:
    """How it ended, and under which relaxations."""
    one, other = (_ended(runs, k) for runs, k in ((before, a), (after, b)))
    if one != other:
        yield "status", "", one, other
    one, other = before.relaxed[a], after.relaxed[b]
    if one != other:
        yield "relaxations", "", one, other


def _ended(runs: Runs, position: int) -> str:
    """The status of the answer, or the state of a job that has none."""
    row = runs.members[position]
    return row.status or row.state


def _tiers(runs: Runs, keys: dict[int, _Key]) -> dict[_Key, dict[str, str]]:
    """Exact values of the aims; the tie-break has none."""
    found: dict[_Key, dict[str, str]] = {}
    lists = runs.answers.tiers.lists
    for member, tier, exact in zip(lists["member"], lists["tier"], lists["exact"], strict=True):
        if member in keys and tier != "tie_break":
            found.setdefault(keys[member], {})[tier] = exact or ""
    return found


def _duties(runs: Runs, keys: dict[int, _Key]) -> dict[_Key, dict[str, str]]:
    """Item -> codes that host it."""
    found: dict[_Key, dict[str, str]] = {}
    for member, item, code in zip(*runs.answers.duties.lists.values(), strict=True):
        if member in keys:
            own = found.setdefault(keys[member], {})
            own[item] = f"{own[item]}, {code}" if item in own else code  # the codes of an item are sorted
    return found


def _moved(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is not the same, where both have an answer."""
    if before and after:
        for what in dict.fromkeys((*before, *after)):
            if before.get(what, "") != after.get(what, ""):
                yield what, before.get(what, ""), after.get(what, "")
