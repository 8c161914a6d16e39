"""Which clauses collide: an irreducible set of clauses that cannot hold together, and the relaxations that help.

The solver's own core is not minimal, so it is shrunk by deletion: leave one constraint out, and if the rest still
collides it was not needed (Chinneck and Dravnieks 1991). Everything is solved without presolve, with one worker, since
presolve can name foreign literals (or-tools#5141).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from models.community import Plan, Problem
from models.concessions import Part, for_sale
from models.duties import Duties, Literal
from models.engine import Engine
from models.rulebook import Relaxation

__all__ = ["Collision", "collision", "collisions", "feasible", "relaxations_needed", "relaxed"]


@dataclass(frozen=True)
class Collision:
    """Constraints that cannot hold together; without any one of them the others can.

    Parameters
    ----------
    parts : tuple of (clause id, part)
        The part is the item, school or pair that the constraint is about.
    """

    parts: tuple[Part, ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        """Clause ids, each once, in order."""
        return tuple(dict.fromkeys(clause for clause, _ in self.parts))


def feasible(plan: Plan, engine: Engine | None = None) -> bool:
    """Whether a lawful assignment exists; an INFEASIBLE is confirmed without presolve."""
    engine = engine or Engine()
    duties = Duties(plan)
    outcome = engine.solve(duties.model)
    if outcome.status == "infeasible":
        outcome = engine.solve(duties.model, presolve=False)
    return bool(outcome.solution)


def collision(plan: Plan) -> Collision | None:
    """An irreducible set of constraints that collide, or None when a lawful assignment exists."""
    return next(_each_collision(plan), None)


def collisions(plan: Plan, engine: Engine | None = None) -> tuple[Collision, ...]:
    """Irreducible collisions that are independent: none of them goes away by what must be given up for another.

    No wish or answer stands in two of them (`models.concessions.for_sale`); where a collision has none, the next ones
    share nothing at all with it. What is left when all of them are taken out holds together. So at least so many things
    must be given up as there are collisions.

    Parameters
    ----------
    plan : Plan
    engine : Engine, optional
        Its limits and stop are heard between two collisions.

    Returns
    -------
    tuple of Collision
        Empty when a lawful assignment exists; the first is `collision`'s.
    """
    found: list[Collision] = []
    for one in _each_collision(plan):
        found.append(one)
        if engine is not None and engine.exhausted():
            break
    return tuple(found)


def _each_collision(plan: Plan) -> Iterator[Collision]:
    duties = Duties(plan, guarded=True)
    order = {clause.id: position for position, clause in enumerate(plan.rules.clauses)}
    keys = sorted(duties.guards, key=lambda key: (order[key[0]], key[1]))
    offered = for_sale(plan)
    while (core := _core(duties.model, duties.guards, keys)) is not None:
        model = _cut_down(duties, core)
        # What is ours is left out first, so that clauses of the programme are named where there is a choice.
        for key in sorted(core, key=lambda key: (not plan.rules.clause_by_id[key[0]].assumption, key)):
            if key not in core:
                continue
            smaller = _core(model, duties.guards, [other for other in core if other != key])
            if smaller is not None:
                core = [other for other in core if other in smaller]
        yield Collision(tuple(sorted(core, key=lambda key: (order[key[0]], key[1]))))
        gone = {key for key in core if key in offered} or set(core)
        keys = [key for key in keys if key not in gone]


def _cut_down(duties: Duties, keys: Collection[Part]) -> cp_model.CpModel:
    """The model without the constraints that other guards put in force: they would only slow the deletion down."""
    kept = {duties.guards[key].index for key in keys}
    whole, model = duties.model.proto, cp_model.CpModel()
    for variable in whole.variables:
        model.proto.variables.add().copy_from(variable)
    for constraint in whole.constraints:
        guards = constraint.enforcement_literal
        if not guards or guards[0] in kept:
            model.proto.constraints.add().copy_from(constraint)
    return model


def _core(model: cp_model.CpModel, guards: Mapping[Part, Literal], keys: Sequence[Part]) -> list[Part] | None:
    """Keys of a core among the assumptions `keys`, or None when they hold together."""
    model.clear_assumptions()
    model.add_assumptions([guards[key] for key in keys])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.cp_model_presolve = False
    solver.parameters.catch_sigint_signal = False
    status = solver.solve(model)
    model.clear_assumptions()
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    if status != cp_model.INFEASIBLE:
        raise AssertionError(f"collision search ended with {solver.status_name(status)}")
    by_index = {guards[key].index: key for key in keys}
    named = [by_index[i] for i in solver.sufficient_assumptions_for_infeasibility() if i in by_index]
    return named if named else list(keys)


def relaxations_needed(
    problem: Problem, convener: str, offered: Sequence[Relaxation] | None = None
) -> tuple[Relaxation, ...] | None:
    """The relaxations that make a lawful plan possible, in their documented order.

    They are taken one after the other until a plan exists; then those that were not needed are put back, the last
    first. So an earlier relaxation is preferred to a later one.

    Parameters
    ----------
    problem : Problem
    convener : str
    offered : sequence of Relaxation, optional
        All of the rulebook's by default.

    Returns
    -------
    tuple of Relaxation or None
        Empty when none is needed; None when even all together do not help.
    """
    offered = problem.rules.rulebook.relaxations if offered is None else offered

    def works(chosen: Sequence[Relaxation]) -> bool:
        return feasible(Plan(relaxed(problem, chosen), convener))

    taken: list[Relaxation] = []
    if works(taken):
        return ()
    for relaxation in offered:
        taken.append(relaxation)
        if works(taken):
            break
    else:
        return None
    for relaxation in reversed(taken[:-1]):
        rest = [other for other in taken if other is not relaxation]
        if works(rest):
            taken = rest
    return tuple(taken)


def relaxed(problem: Problem, relaxations: Sequence[Relaxation]) -> Problem:
    """The problem under the switches of some relaxations."""
    changes = {name: option for relaxation in relaxations for name, option in relaxation.set_.items()}
    return problem.with_rules(problem.rules.with_options(changes)) if changes else problem
