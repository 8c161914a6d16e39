"""What would allow a split where there is none: the changes of the floor below, and a township that may be divided."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assigner.splitting.territory import territory_of, town_of_node
from models.engine import Engine
from models.split.allowed import lawful_divisions
from models.split.evaluate import evaluate
from models.split.problems import groups_of
from models.split.remedies import divisible_candidates, remedies
from models.split.values import Division, Proposal, Refusal, Remedy
from models.stopping import Limits

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["remedies_of"]

#: Of everything that would help so much is named.
_MOST = 4

#: So many townships are tried one by one; of each so many divisions are listed, and the most even of them tried.
_MOST_TOWNS, _MOST_DIVISIONS, _MOST_TRIED = 6, 500, 3

#: Work of the solver for all of it.
_WORK = 20.0

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
    work = _WORK if engine.limits.work is None else min(_WORK, max(engine.limits.work - engine.work, 1e-6))
    seconds = engine.limits.seconds
    if seconds is not None:
        seconds = max(seconds - (time.monotonic() - engine.started), 1e-3)
    # It is enough to know a lawful pair under each change: the best one is found when the change is made.
    search = Engine(Limits(work, seconds), engine.stop, engine.seed, engine.log)
    found = list(_divided(answer, refusals, search))
    found += remedies(answer.problem, answer.territory, answer.asked.wishes, search, most=_MOST - len(found))
    engine.work += search.work
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
        proposal = _some_pair(answer, chosen, engine)
        if proposal is None:
            continue
        if len(chosen) > 1:
            chosen, proposal = _fewest(answer, chosen, proposal, engine)
        yield Remedy("divisible", {"nodes": tuple(chosen)}, proposal)
        return


def _fewest(answer: Split, towns: Sequence[str], proposal: Proposal, engine: Engine) -> tuple[list[str], Proposal]:
    """Of townships that together make a split possible, those without any one of which it is not."""
    kept = list(towns)
    for town in reversed(towns):
        rest = [other for other in kept if other != town]
        found = _some_pair(answer, rest, engine) if rest and not engine.exhausted() else None
        if found is not None:
            kept, proposal = rest, found
    return kept, proposal


def _some_pair(answer: Split, divisible: Sequence[str], engine: Engine) -> Proposal | None:
    """A lawful pair of plans where some townships may be divided, of one of the most even divisions; None if none."""
    problem, wishes = answer.problem, answer.asked.wishes
    territory = territory_of(answer.scenario, problem, [*answer.asked.divisible, *divisible])
    listed = lawful_divisions(problem, territory, wishes, limit=_MOST_DIVISIONS)

    def difference(division: Division) -> int:
        first, second = groups_of(problem, territory, division)
        return abs(len(first) - len(second))

    for division in sorted(listed, key=difference)[:_MOST_TRIED]:
        found = evaluate(problem, territory, wishes, division, engine)
        if isinstance(found, Proposal):
            return found
        if engine.exhausted():
            break
    return None


def _of_whole_townships(refusal: Refusal) -> bool:
    return refusal.code in _OF_WHOLE_TOWNSHIPS or refusal.code.endswith("_same_node")
