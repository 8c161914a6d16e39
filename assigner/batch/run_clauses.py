"""Which clauses of the programme bind, and what each costs: those that collide, and those that variants lift."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from assigner.batch.run_facts import LIFT, lifted
from assigner.batch.run_frames import frame_of

if TYPE_CHECKING:
    from assigner.batch.runs import Row, Runs

__all__ = ["clauses", "lifts"]


def lifts(runs: Runs) -> pd.DataFrame:
    """A row for every member that lifts one clause, beside the same variant with it.

    ``tier`` is the first aim that differs (empty: none, the clause does not bind there), ``before`` and ``after`` its
    values with the clause and without, ``gain`` how much better it is without; ``proven`` whether both are. Where only
    the lifted one has a plan, ``tier`` is ``plan``.
    """
    tiers = frame_of(runs.answers.tiers)
    of_member: dict[int, list[tuple[str, str | None, float | None]]] = {}
    columns = (tiers["member"], tiers["tier"], tiers["exact"], tiers["value"])
    for member, tier, exact, value in zip(*columns, strict=True):
        of_member.setdefault(int(member), []).append((tier, exact, value))
    plain: dict[tuple[str, ...], int] = {}
    for k, member in enumerate(runs.members):
        if member.kind == "plan" and not lifted(member.delta):
            for name in _but_for_lifts(member):
                plain.setdefault(name, k)
    status = runs.jobs["status"]
    rows = []
    for k, member in enumerate(runs.members):
        found = lifted(member.delta)
        base = next((plain[name] for name in _but_for_lifts(member) if name in plain), None) if found else None
        if member.kind != "plan" or len(found) != 1 or base is None:
            continue
        if not {status[k], status[base]} <= _ANSWERED:
            continue
        more = runs.inputs.more_hosts.get(member.input, True)
        first = _first_difference(of_member.get(base, []), of_member.get(k, []), more_hosts=more)
        proven = status[k] == status[base] == "optimal" or {status[k], status[base]} <= {"optimal", "infeasible"}
        rows.append((member.ordinal, member.community, member.name, found[0], *first, proven))
    names = ["ordinal", "community", "name", "clause", "tier", "before", "after", "gain", "proven"]
    return pd.DataFrame(rows, columns=names).astype({"gain": float})


_ANSWERED = frozenset({"optimal", "feasible", "infeasible"})
"""A plan, or that there is none; who was stopped before tells neither."""


def _but_for_lifts(member: Row) -> tuple[tuple[str, ...], ...]:
    """What a member is besides the clauses that it lifts, to find its like by: its variant, else what that changes.

    Input and delta are those of the job, which an earlier run may have asked for in other words; a variant with a name
    does not say what it lifts.
    """
    said = {axis: value for axis, value in member.variant.items() if axis != LIFT}
    rest = {key: value for key, value in member.delta.items() if key != LIFT}
    return (
        (member.community, json.dumps(said, sort_keys=True)),
        (member.community, member.input, json.dumps(rest, sort_keys=True)),
    )


def _first_difference(
    before: list[tuple[str, str | None, float | None]],
    after: list[tuple[str, str | None, float | None]],
    *,
    more_hosts: bool,
) -> tuple[str, str, str, float | None]:
    """The first aim that is not the same: its name, both values, and by how much it is better."""
    if not before or not after:
        return ("plan", "", "", None) if after else ("", "", "", None)
    kept = {tier: (exact, value) for tier, exact, value in after}
    for tier, exact, value in before:
        if tier == "tie_break" or tier not in kept or kept[tier][0] == exact:
            continue
        other, number = kept[tier]
        gain = _vector_gain(exact, other) if exact and other and "," in f"{exact}{other}" else None
        if gain is None and value is not None and number is not None:
            gain = value - number
        if gain is not None and tier == "exploration" and more_hosts:
            gain = -gain
        return tier, exact or "", other or "", gain
    return "", "", "", None


def _vector_gain(before: str, after: str) -> float:
    """Of vectors that are compared from their front: by how much the first part that differs is less."""
    for a, b in zip(before.split(", "), after.split(", "), strict=False):
        if a != b:
            return float(Fraction(a) - Fraction(b))
    return 0.0


def clauses(runs: Runs) -> pd.DataFrame:
    """A row for every clause that collides under any variant or is lifted by one.

    ``collides``: communities, of ``communities`` with an answer, where it is among clauses that cannot hold together
    (in ``collisions`` members); ``relaxations``: those that it called for. Where variants lift it: ``lifted``
    communities tried, ``binds`` where an answer is better without it, ``tier`` the most important aim in which any is,
    ``better`` in how many that is the first, and ``gain`` by how much in all of these together.
    """
    jobs = runs.plans
    answered = jobs.loc[jobs["status"].ne(""), "community"].nunique()
    found = frame_of(runs.answers.collisions)
    member = found["member"].to_numpy()
    found["community"] = runs.jobs["community"].to_numpy()[member]
    found = found[runs.jobs["lifts"].eq("").to_numpy()[member]]
    rows: dict[str, dict[str, Any]] = {}
    for clause, own in found.groupby("clause", sort=False):
        relaxed = ", ".join(sorted({name for name in own["relaxation"] if name}))
        row = {"collides": own["community"].nunique(), "collisions": own["member"].nunique(), "relaxations": relaxed}
        rows[str(clause)] = row
    order = {tier: k for k, tier in enumerate(("plan", *dict.fromkeys(runs.answers.tiers.lists["tier"])))}
    for clause, own in runs.lifts.groupby("clause", sort=False):
        better = own[(own["gain"] > 0) | own["tier"].eq("plan")]
        first = min(better["tier"], key=order.__getitem__, default="")
        decided = better[better["tier"] == first]
        rows.setdefault(str(clause), {"collides": 0, "collisions": 0, "relaxations": ""}).update(
            lifted=own["community"].nunique(),
            binds=better["community"].nunique(),
            tier=first,
            better=decided["community"].nunique(),
            gain=float(decided["gain"].sum()) if first not in ("", "plan") else None,
        )
    names = ["clause", "collides", "communities", "collisions", "relaxations", "lifted", "binds", "tier", "better"]
    empty = {"lifted": 0, "binds": 0, "tier": "", "better": 0, "gain": None}
    made = [{"clause": clause, "communities": answered, **empty, **row} for clause, row in rows.items()]
    made.sort(key=lambda row: (-row["binds"], -row["collides"], row["clause"]))
    return pd.DataFrame(made, columns=[*names, "gain"]).astype({"gain": float})
