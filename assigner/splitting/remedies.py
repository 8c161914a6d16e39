"""What would allow a split where there is none: the changes of the floor below, and a township that may be divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assigner.splitting.territory import territory_of, town_of_node
from models.engine import Engine
from models.split.remedies import divisible_candidates, remedies
from models.split.solving import solve_split
from models.split.values import Refusal, Remedy

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["remedies_of"]

#: Of everything that would help so much is named.
_MOST = 4

#: So many townships are tried one by one.
_MOST_TOWNS = 6

#: What a divided township can help against.
_OF_WHOLE_TOWNSHIPS = (
    "node_too_heavy",
    "sizes_unreachable",
    "pieces_and_sizes",
    "kept_node_cut",
    "ties_without_division",
)


def remedies_of(answer: Split, refusals: Sequence[Refusal], engine: Engine) -> tuple[Remedy, ...]:
    """What would allow a split, each solved; to divide a township gives up nothing of the law and comes first.

    Parameters
    ----------
    answer : Split
        The question; its proposal is not looked at.
    refusals : sequence of Refusal
        Why there is none.
    engine : Engine
        Limits for all of them together.
    """
    found = list(_divided(answer, refusals, engine))
    found += remedies(answer.problem, answer.territory, answer.asked.wishes, engine, most=_MOST - len(found))
    return tuple(found)


def _divided(answer: Split, refusals: Sequence[Refusal], engine: Engine) -> Iterator[Remedy]:
    """The first township that makes a split possible if it may be divided; else all of them together."""
    about = [refusal for refusal in refusals if _of_whole_townships(refusal)]
    if not about or answer.asked.every:
        return
    named = [node for refusal in about for node in refusal.nodes]
    candidates = [*named, *divisible_candidates(answer.problem, answer.territory)]
    several = set(map(town_of_node, divisible_candidates(answer.problem, answer.territory)))
    towns = [town for town in dict.fromkeys(map(town_of_node, candidates)) if town in several]
    for chosen in (*([town] for town in towns[:_MOST_TOWNS]), towns):
        if engine.exhausted() or not chosen:
            return
        divided = territory_of(answer.scenario, answer.problem, [*answer.asked.divisible, *chosen])
        result = solve_split(answer.problem, divided, answer.asked.wishes, engine)
        if result.proposal is not None and result.status != "disagrees":
            yield Remedy("divisible", {"nodes": tuple(chosen)}, result.proposal)
            return


def _of_whole_townships(refusal: Refusal) -> bool:
    return refusal.code in _OF_WHOLE_TOWNSHIPS or refusal.code.endswith("_same_node")
