"""Why this line: what moving one township (or one school of a divisible one) across it would cost."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from models.community import Problem
from models.engine import Engine
from models.split.evaluate import evaluate
from models.split.problems import divided, in_order
from models.split.values import Division, Move, Proposal, Refusal, SplitWishes, Territory

__all__ = ["border", "moves"]


def border(territory: Territory, division: Division) -> tuple[tuple[Hashable, int], ...]:
    """Nodes that may cross the line, with the side they would go to.

    Those that adjoin the other side, and those that adjoin nothing at all (islands without a declared link).
    """
    graph = territory.graph
    found = []
    for node in in_order(graph):
        here = 0 if node in division.first else 1
        other = division.sides[1 - here]
        neighbours = [beside for beside in graph[node] if beside != node]
        if not neighbours or any(beside in other for beside in neighbours):
            found.append((node, 1 - here))
    return tuple(found)


def moves(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None,
    proposal: Proposal,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
) -> tuple[Move, ...]:
    """For every node on the border: the best two plans if it went to the other side, or why it cannot.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
        As they were solved.
    proposal : Proposal
        The division whose border is asked about.
    engine : Engine, optional
        Limits for all of them together; what they leave out is refused with ``stopped``.
    order : sequence of str
        Tiers, as `models.split.solving.solve_split`.

    Returns
    -------
    tuple of Move
        In the order of the nodes. `Move.to` is a side of `proposal`; the division after the move may number its sides
        the other way round (`models.split.problems.divided`).
    """
    wishes = wishes or SplitWishes()
    engine = engine or Engine()
    listener, engine.progress = engine.progress, None
    found = []
    try:
        for node, to in border(territory, proposal.division):
            if engine.exhausted():
                found.append(Move(node, to, None, (Refusal("stopped", nodes=(node,)),)))
                continue
            side = proposal.division.sides[to] | {node}
            outcome = evaluate(problem, territory, wishes, divided(problem, territory, side), engine, order=order)
            if isinstance(outcome, Proposal):
                found.append(Move(node, to, outcome))
            else:
                named = tuple(replace(refusal, nodes=refusal.nodes or (node,)) for refusal in outcome)
                found.append(Move(node, to, None, named))
    finally:
        engine.progress = listener
    return tuple(found)
