"""Which engine works on a problem, by its shape and size, and what it answers in common terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from models.engine import Engine
from models.regions.centres import solve_centres
from models.regions.cycles import Cycles, plane_of
from models.regions.enumeration import best_of_all
from models.regions.moments import solve_moments
from models.regions.objectives import Centres, EdgeCosts, Inertia, NodeCosts, Scaled, to_integers
from models.regions.peeling import Peeling
from models.regions.problem import Problem
from models.regions.search import improve
from models.regions.separators import Found, LinearCosts, Separators
from models.stopping import Limits

__all__ = ["Answer", "solve"]

_SMALL_TWO = 24
_SMALL_MANY = 14
_MOST_PEELED = 8
_FIRST_WORK = 4.0
"""Work spent on finding any partition before its cost is thought of."""


@dataclass(frozen=True)
class Answer:
    """What an engine answers.

    Attributes
    ----------
    labels : tuple of int or None
    bound : Fraction or None
        Proven lower bound.
    optimal : bool
        The labels are proven to be best.
    infeasible : bool
    engine : str
    """

    labels: tuple[int, ...] | None
    bound: Fraction | None
    optimal: bool
    infeasible: bool
    engine: str


def solve(problem: Problem, engine: Engine, start: tuple[int, ...] | None) -> Answer:
    """Choose the engine and run it."""
    if problem.parts == 1:
        return Answer((0,) * len(problem.instance), None, True, False, "none")
    aim = problem.objective
    if isinstance(aim, EdgeCosts):
        answer = _in_the_plane(problem, aim, engine, start)
        if answer is not None:
            return answer
    answer = _small(problem)
    if answer is not None:
        return answer
    if isinstance(aim, Inertia):
        return _as_answer(solve_moments(problem, aim, engine, start), "moments")
    if isinstance(aim, Centres) and aim.given is None:
        return _as_answer(solve_centres(problem, aim, engine, start), "centres")
    costs, scaled = linear(problem)
    start = improve(problem, costs, engine, start)
    found = Separators(problem, costs).solve(engine, start)
    return _answer(found, costs, scaled, "separators")


def linear(problem: Problem) -> tuple[LinearCosts, Scaled]:
    """Costs of a linear objective in whole numbers."""
    aim, count = problem.objective, len(problem.instance)
    if isinstance(aim, EdgeCosts):
        scaled = to_integers(aim.costs)
        return LinearCosts(list(zip(aim.edges, scaled.costs, strict=True))), scaled
    if isinstance(aim, NodeCosts):
        edges, table = aim.edges, aim.table
    else:
        assert isinstance(aim, Centres)
        assert aim.given is not None
        given = aim.given
        edges, table = EdgeCosts((), ()), tuple(tuple(row[centre] for centre in given) for row in aim.costs)
    scaled = to_integers([cost for row in table for cost in row] + list(edges.costs))
    width = problem.parts
    rows = [list(scaled.costs[k * width : (k + 1) * width]) for k in range(count)]
    return LinearCosts(list(zip(edges.edges, scaled.costs[count * width :], strict=True)), rows), scaled


def _in_the_plane(problem: Problem, aim: EdgeCosts, engine: Engine, start: tuple[int, ...] | None) -> Answer | None:
    """The dual of a planar graph serves two parts, and more where nothing tells the parts apart."""
    if problem.pieces is not None:
        return None
    plane = plane_of(problem)
    if plane is None:
        return None
    costs, scaled = linear(problem)
    # Links join without a cost: the dual needs every edge of the graph.
    own = dict(costs.edges)
    whole = LinearCosts([(edge, own.get(edge, 0)) for edge in problem.instance.edges])
    two = problem.parts == 2 and (not problem.has_wishes or len(problem.instance) > 70)
    more = 2 < problem.parts <= _MOST_PEELED and problem.symmetric and not problem.has_wishes
    if not two and not more:
        return None
    start = improve(problem, costs, engine, start)
    if more:
        peeling = Peeling(problem, whole, engine)
        start = peeling.first() if start is None else peeling.recut(start)
    if start is None:
        # Whether there is any: the dual would only find out at the highest cost.
        any_found = _any_partition(problem, engine)
        if any_found.infeasible:
            return Answer(None, None, False, True, "separators")
        start = any_found.labels
    if two:
        return _answer(Cycles(problem, whole, plane).solve(engine, start), costs, scaled, "cycles")
    return _answer(Peeling(problem, whole, engine).solve(start), costs, scaled, "peeling")


def _any_partition(problem: Problem, engine: Engine) -> Found:
    limits = engine.limits
    work = _FIRST_WORK if limits.work is None else min(_FIRST_WORK, max(1e-3, (limits.work - engine.work) / 2))
    own = Engine(Limits(work, limits.seconds), engine.stop, engine.seed, started=engine.started)
    found = Separators(problem, LinearCosts([])).solve(own, None)
    engine.work += own.work
    return found


def _small(problem: Problem) -> Answer | None:
    if len(problem.instance) > (_SMALL_TWO if problem.parts == 2 else _SMALL_MANY):
        return None
    best = best_of_all(problem)
    if isinstance(best, bool):
        return None
    if best is None:
        return Answer(None, None, False, True, "enumeration")
    return Answer(best[0], best[1], True, False, "enumeration")


def _answer(found: Found, costs: LinearCosts, scaled: Scaled, engine: str) -> Answer:
    """From whole costs back to true ones; a bound gives way by what rounding may have added."""
    if found.bound is None:
        return Answer(found.labels, None, False, found.infeasible, engine)
    slack = Fraction(0) if scaled.exact else Fraction(len(scaled.costs), 2)
    bound = (Fraction(found.bound) - slack) / scaled.scale
    optimal = found.labels is not None and found.bound >= costs.value(found.labels)
    return Answer(found.labels, bound, optimal, found.infeasible, engine)


def _as_answer(found: tuple[Sequence[int] | None, Fraction | None, bool, bool], engine: str) -> Answer:
    labels, bound, optimal, infeasible = found
    return Answer(None if labels is None else tuple(labels), bound, optimal, infeasible, engine)
