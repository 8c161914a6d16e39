"""No lawful split: which clause or geometry prevents it, and the nearest change that would allow one.

Reasons are minimal: sizes that no set of townships can make are told before the map is blamed, the map before wishes,
and of the wishes and clauses that collide only those without any one of which a division exists. Every remedy is
solved before it is named. The law is not offered beyond the readings of its switches.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

from models.community import Problem
from models.conflicts import relaxed
from models.engine import Engine
from models.split.allowed import Conditions, Tie, lawful_divisions, list_sides, may_split
from models.split.evaluate import duties_refusals
from models.split.problems import in_order
from models.split.solving import Method, solve_split
from models.split.values import Division, Refusal, Remedy, SplitWishes, Territory

__all__ = ["divisible_candidates", "looked_at", "reasons", "remedies"]

#: Switches of the split, in the order in which another reading is offered.
SWITCHES = ("plan_connectedness", "benchmark_split", "plan_size", "split_threshold")


def reasons(problem: Problem, territory: Territory, wishes: SplitWishes | None = None) -> tuple[Refusal, ...]:
    """Why there is no lawful split.

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes

    Returns
    -------
    tuple of Refusal
        The first of: not allowed at all; sizes that cannot be made; pieces; wishes and clauses that collide; duties
        that cannot be given out on any division. Empty when there may be a split.
    """
    wishes = wishes or SplitWishes()
    if refusals := may_split(problem, territory, wishes):
        return refusals
    given = Conditions(problem, territory, wishes)
    found = [*_sizes(given)] or [*_geometry(given)] or [*_colliding(given)]
    if found:
        return tuple(found)
    listed = lawful_divisions(problem, territory, wishes, limit=1000)
    if not len(listed):
        return ()
    middle = _middle(given, listed)
    duties = duties_refusals(problem, territory, wishes, middle)
    return (Refusal("duties_everywhere", details={"divisions": len(listed), "complete": listed.complete}), *duties)


def looked_at(problem: Problem, territory: Territory, wishes: SplitWishes) -> Division | None:
    """The division on which `reasons` looks at the duties; None where there is no lawful one."""
    listed = lawful_divisions(problem, territory, wishes, limit=1000)
    return _middle(Conditions(problem, territory, wishes), listed) if len(listed) else None


def _middle(given: Conditions, listed: Iterable[Division]) -> Division:
    return min(listed, key=lambda division: _imbalance(given, division))


def _imbalance(given: Conditions, division: Division) -> int:
    return abs(sum(given.heads[node] * (1 if node in division.first else -1) for node in given.heads))


def _sizes(given: Conditions) -> Iterator[Refusal]:
    """Sizes that no set of whole nodes makes, wherever they lie."""
    rule, n, least = given.problem.rules.split, len(given.participants), given.least
    heavy = [node for node, heads in given.heads.items() if heads > n - least]
    for node in heavy:
        details = {"count": given.heads[node], "rest": n - given.heads[node], "least": least, "n": n}
        yield Refusal("node_too_heavy", rule.id, _schools_in(given, node), (node,), details)
    if heavy:
        return
    reachable = 1
    for heads in given.heads.values():
        reachable |= reachable << heads
    sizes = [size for size in range(n + 1) if reachable >> size & 1]
    if not any(least <= size <= n - least for size in sizes):
        nearest = max((size for size in sizes if size <= n // 2), default=0)
        details = {"nearest": nearest, "rest": n - nearest, "least": least, "n": n}
        yield Refusal(
            "sizes_unreachable", rule.id, nodes=divisible_candidates(given.problem, given.territory), details=details
        )


def _geometry(given: Conditions) -> Iterator[Refusal]:
    """Pieces: the sizes could be made, but not with so few connected parts."""
    if given.most_pieces is None:
        return
    components = given.components
    if len(components) > given.most_pieces:
        firsts = tuple(in_order(part)[0] for part in components)
        details = {
            "pieces": len(components),
            "most": given.most_pieces,
            "parts": tuple(map(tuple, map(in_order, components))),
        }
        yield Refusal("too_many_pieces", "plan_connectedness", nodes=firsts, details=details)
        return
    if list_sides(given, (), limit=1).sides or not list_sides(given, (), limit=1).complete:
        return
    details = {
        "pieces": len(components),
        "most": given.most_pieces,
        "least": given.least,
        "n": len(given.participants),
        "parts": tuple(tuple(in_order(part)) for part in components),
    }
    yield Refusal(
        "pieces_and_sizes",
        "plan_connectedness",
        nodes=divisible_candidates(given.problem, given.territory),
        details=details,
    )


def _colliding(given: Conditions) -> Iterator[Refusal]:
    """Ties that leave no division: an irreducible set of them."""

    def holds(ties: Sequence[Tie]) -> bool:
        listed = list_sides(given, ties, limit=1)
        return bool(listed.sides) or not listed.complete

    ties = list(given.ties)
    if not ties or holds(ties):
        return
    # What the law asks is left out first, so that a wish is named where there is a choice.
    for tie in sorted(given.ties, key=lambda tie: not tie.clause):
        rest = [other for other in ties if other is not tie]
        if not holds(rest):
            ties = rest
    schools = tuple(sorted({code for tie in ties for code in tie.schools}))
    details = {
        "ties": tuple((tie.kind, tie.code, tie.clause, tie.schools) for tie in ties),
        "least": given.least,
        "most": given.most_pieces,
        "n": len(given.participants),
    }
    clause = next((tie.clause for tie in ties if tie.clause), "")
    yield Refusal("ties_without_division", clause, schools, given.nodes_of(schools), details)


def _schools_in(given: Conditions, node: Hashable) -> tuple[str, ...]:
    return tuple(code for code in given.participants if given.territory.school_node[code] == node)


def divisible_candidates(problem: Problem, territory: Territory) -> tuple[Hashable, ...]:
    """Nodes with two participants or more, those with the most first: what could be declared divisible."""
    heads = Conditions(problem, territory, SplitWishes()).heads
    several = [node for node in in_order(heads) if heads[node] > 1]
    return tuple(sorted(several, key=lambda node: -heads[node]))


# ------------------------------------------------------------------------------------------------------ what would help


def remedies(
    problem: Problem,
    territory: Territory,
    wishes: SplitWishes | None = None,
    engine: Engine | None = None,
    *,
    order: Sequence[str] = (),
    method: Method = "auto",
    most: int | None = None,
) -> tuple[Remedy, ...]:
    """What would allow a split where there is none, the least given up first.

    Wishes one by one (all of them where none alone helps), then other readings of the switches of the split, then the
    relaxations of the rulebook where duties collide. To declare a township divisible is the caller's to offer: it
    changes the territory (`divisible_candidates`).

    Parameters
    ----------
    problem, territory, wishes : Problem, Territory, SplitWishes
        As they were solved in vain.
    engine : Engine, optional
        Limits for all of them together.
    order, method
        As `models.split.solving.solve_split`.
    most : int, optional
        Stop after so many.

    Returns
    -------
    tuple of Remedy
        Each with the best split found under it.
    """
    wishes = wishes or SplitWishes()
    engine = engine or Engine()
    listener, engine.progress = engine.progress, None
    found: list[Remedy] = []
    try:
        for code, details, changed, asked in _changes(problem, territory, wishes, found):
            if engine.exhausted() or (most is not None and len(found) >= most):
                break
            result = solve_split(changed, territory, asked, engine, order=order, method=method)
            if result.proposal is not None and result.status != "disagrees":
                found.append(Remedy(code, details, result.proposal))
    finally:
        engine.progress = listener
    return tuple(found)


def _changes(
    problem: Problem, territory: Territory, wishes: SplitWishes, found: Sequence[Remedy]
) -> Iterator[tuple[str, dict[str, object], Problem, SplitWishes]]:
    """Changes to try, in order; `found` grows while they are tried."""
    law = {"learning_area", "plans_number", "too_few_schools", "too_few_for_two"}
    by_law = any(refusal.code in law for refusal in may_split(problem, territory, wishes))
    if not by_law:
        yield from _fewer_wishes(problem, wishes)
        free = SplitWishes(convening=wishes.convening, old=wishes.old)
        without = replace(problem, wishes=replace(problem.wishes, convener=None))
        if not found and (wishes != free or problem.wishes.convener is not None):
            yield "wish", {"wish": "all"}, without, free
    for switch in SWITCHES:
        stated = problem.rules.rulebook.switch_by_id.get(switch)
        if stated is None:
            continue
        now = problem.rules.option(switch)
        for option in _other_options(switch, now, [o.id for o in stated.options]):
            details: dict[str, object] = {"switch": switch, "option": option, "instead_of": now}
            yield "switch", details, problem.with_rules(problem.rules.with_options({switch: option})), wishes
    if by_law:
        return
    before = len(found)
    every = problem.rules.rulebook.relaxations
    for relaxation in every:
        yield "relaxation", {"relaxations": (relaxation.id,)}, relaxed(problem, [relaxation]), wishes
    if len(found) == before:
        for count in range(2, len(every) + 1):
            ids = tuple(relaxation.id for relaxation in every[:count])
            yield "relaxation", {"relaxations": ids}, relaxed(problem, every[:count]), wishes
            if len(found) > before:
                return


def _other_options(switch: str, now: str, options: Sequence[str]) -> list[str]:
    """Other readings; of connectedness only those that ask for less."""
    if switch == "plan_connectedness":
        looser = ["every_plan", "one_piece_more", "free"]
        return looser[looser.index(now) + 1 :] if now in looser else []
    return [option for option in options if option != now]


def _fewer_wishes(
    problem: Problem, wishes: SplitWishes
) -> Iterator[tuple[str, dict[str, object], Problem, SplitWishes]]:
    for k, group in enumerate(wishes.together):
        rest = wishes.together[:k] + wishes.together[k + 1 :]
        yield "wish", {"wish": "together", "schools": group}, problem, replace(wishes, together=rest)
    for k, pair in enumerate(wishes.apart):
        others = wishes.apart[:k] + wishes.apart[k + 1 :]
        yield "wish", {"wish": "apart", "schools": pair}, problem, replace(wishes, apart=others)
    if wishes.kept is not None:
        details: dict[str, object] = {"wish": "kept", "schools": tuple(sorted(wishes.kept))}
        yield "wish", details, problem, replace(wishes, kept=None)
    for code in wishes.conveners:
        conveners = tuple(other for other in wishes.conveners if other != code)
        yield "wish", {"wish": "convener", "schools": (code,)}, problem, replace(wishes, conveners=conveners)
    if problem.wishes.convener is not None:
        without = replace(problem, wishes=replace(problem.wishes, convener=None))
        yield "wish", {"wish": "scenario_convener", "schools": (problem.wishes.convener,)}, without, wishes
