"""The best two plans for one division."""

from __future__ import annotations

from collections.abc import Sequence

from models.community import Plan, Problem
from models.conflicts import collision
from models.convener import choose_convener
from models.engine import Engine
from models.split.allowed import division_refusals
from models.split.measures import split_order
from models.split.one_by_one import search
from models.split.problems import divide, placements, stated_conveners
from models.split.values import Division, Proposal, Refusal, SplitWishes, Territory

__all__ = ["duties_refusals", "evaluate"]


def evaluate(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes,
    division: Division,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
) -> Proposal | tuple[Refusal, ...]:
    """The best two plans for a division, whether or not it is the best division.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
    division : Division
    engine : Engine, optional
        Limits, stop, seed.
    order : sequence of str
        Tiers, as `models.split.measures.split_order` takes them.

    Returns
    -------
    Proposal or tuple of Refusal
        Why the division is not lawful, or that no two lawful plans exist for it. A proposal that is not proven was
        stopped by a limit; stopped before there was any, the one refusal is ``stopped``.
    """
    refusals = division_refusals(problem, territory, wishes, division)
    if refusals:
        return refusals
    found = search(problem, territory, wishes, [division], engine or Engine(), split_order(problem, wishes, order))
    if found.proposals:
        return found.proposals[0]
    if not found.complete:
        return (Refusal("stopped"),)
    return duties_refusals(problem, territory, wishes, division)


def duties_refusals(
    problem: Problem, territory: Territory, wishes: SplitWishes, division: Division
) -> tuple[Refusal, ...]:
    """Which clauses collide in a plan of a division that has no lawful pair of plans."""
    refusals = []
    out = next(iter(placements(problem, territory, division)))
    sides = divide(problem, territory, division, stated_conveners(problem, wishes), out)
    for number, (side, nodes) in enumerate(zip(sides, division.sides, strict=True)):
        choices = choose_convener(side)
        if not choices:
            refusals.append(Refusal("no_convener", schools=side.participants, details={"side": number}))
            continue
        collisions = [collision(Plan(side, choice.code)) for choice in choices[:1]]
        if len(choices) > 1 and collisions[0] is not None:
            collisions += [collision(Plan(side, choice.code)) for choice in choices[1:]]
        if all(found is not None for found in collisions):
            first = collisions[0]
            assert first is not None
            refusals.append(
                Refusal(
                    "duties",
                    first.clauses[0] if first.clauses else "",
                    tuple(side.participants),
                    tuple(sorted(nodes, key=str)),
                    {"side": number, "clauses": first.clauses, "parts": first.parts, "convener": choices[0].code},
                )
            )
    return tuple(refusals) or (Refusal("duties_together", details={"clauses": _shared(problem)}),)


def _shared(problem: Problem) -> tuple[str, ...]:
    """Clauses that both plans keep together."""
    tracks = [clause.id for clause in problem.rules.of_kind("track_cap")]
    once = ["scope_" + item.replace(".", "_") for item in problem.rules.once_in_community]
    return (*(tracks if problem.rules.option("exploration_basis") != "plan" else ()), *once)
