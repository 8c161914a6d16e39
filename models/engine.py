"""CP-SAT as this house uses it: one worker, settings that were measured, limits, a clean stop, exact integers.

Why these settings: docs/decisions/0002-solver-settings.md. One worker makes the answer independent of the number of
cores, and `linearization_level=2` closes bounds that the default portfolio leaves open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ortools.sat.python import cp_model

from models.stopping import Limits, Progress, Stop, StoppedBy

__all__ = ["Engine", "Outcome"]

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

_STATUS: dict[Any, Status] = {
    cp_model.OPTIMAL: "optimal",
    cp_model.FEASIBLE: "feasible",
    cp_model.INFEASIBLE: "infeasible",
    cp_model.UNKNOWN: "unknown",
}


@dataclass(frozen=True)
class Outcome:
    """What one solve gave.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible", "unknown"}
    solution : sequence of int
        Value of every variable by index; empty without a solution.
    objective : int or None
        Objective of the solution, computed here from its integers.
    bound : int or None
        Proven lower bound.
    seconds : float
    """

    status: Status
    solution: Sequence[int]
    objective: int | None
    bound: int | None
    seconds: float

    def true(self, literal: Any) -> bool:
        """Whether a literal is true in the solution."""
        index = literal.index
        return bool(self.solution[index]) if index >= 0 else not self.solution[-index - 1]


@dataclass
class Engine:
    """Solves models one after the other within common limits.

    Parameters
    ----------
    limits : Limits
        Work (deterministic) and time (wall clock) for all solves together.
    stop : Stop
        Set from another thread to stop the solve under way and all later ones.
    seed : int
    log : callable, optional
        Receives the solver's log lines.
    progress : Progress
        Told about every better bound or solution of a solve.

    Attributes
    ----------
    solver_seconds : float
        Sum of the solver's own wall times.
    work : float
        Deterministic time used.
    solves : int
    """

    limits: Limits = field(default_factory=Limits)
    stop: Stop = field(default_factory=Stop)
    seed: int = 111
    log: Callable[[str], None] | None = None
    progress: Progress | None = None
    solver_seconds: float = 0.0
    work: float = 0.0
    solves: int = 0
    started: float = field(default_factory=time.monotonic)

    def exhausted(self) -> bool:
        """Whether a limit is reached or a stop was asked for."""
        return self.stop.is_set() or self._work_left() <= 0 or self._seconds_left() <= 0

    @property
    def stopped_by(self) -> StoppedBy:
        """What ended a solve that was not finished."""
        if self.stop.is_set():
            return "person"
        work = self.limits.work
        return "work" if work is not None and self.work >= work * (1 - 1e-6) else "time"

    def charge(self, work: float) -> None:
        """Count work that was done outside the solver, so that a limit on work holds for it too."""
        self.work += work

    def _work_left(self) -> float:
        return float("inf") if self.limits.work is None else self.limits.work - self.work

    def _seconds_left(self) -> float:
        if self.limits.seconds is None:
            return float("inf")
        return self.limits.seconds - (time.monotonic() - self.started)

    def solve(
        self,
        model: cp_model.CpModel,
        objective: tuple[Sequence[Any], Sequence[int]] | None = None,
        *,
        presolve: bool = True,
        beyond_limits: float = 0.0,
        in_words: Callable[[float], float] | None = None,
    ) -> Outcome:
        """Minimise a weighted sum of literals (or find any solution).

        Parameters
        ----------
        model : cp_model.CpModel
        objective : (literals, weights), optional
        presolve : bool
            False confirms an INFEASIBLE by another way.
        beyond_limits : float
            Deterministic time granted even when the limits are used up, so that a first plan exists.
        in_words : callable, optional
            Turns the objective into the number that progress is told; without it progress hears nothing.
        """
        model.clear_objective()  # type: ignore[no-untyped-call]
        if objective is not None and objective[0]:
            # Written into the proto: ten times faster than through an expression, which is a fifth of a small solve.
            stated = model.proto.objective
            stated.vars.extend([literal.index for literal in objective[0]])
            stated.coeffs.extend(objective[1])
        solver = self._solver(presolve, beyond_limits)
        listener = None
        if self.progress is not None and in_words is not None and objective is not None and objective[0]:
            listener = _Listener(self.progress, in_words)
            solver.best_bound_callback = listener.bound
        found = self._run(solver, model, listener)
        solution = list(solver.response_proto.solution) if found in ("optimal", "feasible") else []
        value = bound = None
        if objective is not None and objective[0]:
            if solution:
                value = sum(
                    weight * (solution[x.index] if x.index >= 0 else 1 - solution[-x.index - 1])
                    for x, weight in zip(*objective, strict=True)
                )
            if found == "optimal":
                bound = value
            elif found in ("feasible", "unknown"):
                bound = _bound(solver)
        elif solution:
            value = bound = 0
        return Outcome(found, solution, value, bound, solver.wall_time)

    def every_solution(self, model: cp_model.CpModel, told: Callable[[Callable[[Any], bool]], bool]) -> bool:
        """Tell every solution, one after the other.

        Parameters
        ----------
        model : cp_model.CpModel
        told : callable
            Given what asks a solution whether a literal is true; False from it ends the search. Where variables are
            free that it does not ask for, it hears of solutions that are the same to it.

        Returns
        -------
        bool
            Whether these were all, by proof.
        """
        model.clear_objective()  # type: ignore[no-untyped-call]
        solver = self._solver(presolve=False)
        solver.parameters.enumerate_all_solutions = True
        solver.parameters.linearization_level = 0  # no bounds are needed here: twice as fast
        teller = _Teller(told)
        return self._run(solver, model, teller) in ("optimal", "infeasible") and not teller.ended

    def _solver(self, presolve: bool, beyond_limits: float = 0.0) -> cp_model.CpSolver:
        """A solver with our settings and what is left of the limits."""
        solver = cp_model.CpSolver()
        self._configure(solver.parameters, presolve)
        work, seconds = max(self._work_left(), beyond_limits), max(self._seconds_left(), beyond_limits)
        if work != float("inf"):
            solver.parameters.max_deterministic_time = max(work, 1e-9)
        if seconds != float("inf"):
            solver.parameters.max_time_in_seconds = max(seconds, 1e-9)
        if self.log is not None:
            solver.parameters.log_search_progress = True
            solver.parameters.log_to_stdout = False
            solver.log_callback = self.log
        return solver

    def _configure(self, parameters: Any, presolve: bool) -> None:
        parameters.num_workers = 1
        parameters.random_seed = self.seed
        parameters.linearization_level = 2
        parameters.symmetry_level = 0
        parameters.cp_model_probing_level = 0
        parameters.cp_model_use_sat_presolve = False
        parameters.cut_level = 0
        parameters.max_presolve_iterations = 1
        # Cures a wrong optimum reported for 9.12-9.15 (or-tools#5293).
        parameters.presolve_inclusion_work_limit = 0
        parameters.cp_model_presolve = presolve
        parameters.catch_sigint_signal = False

    def _run(
        self, solver: cp_model.CpSolver, model: cp_model.CpModel, listener: cp_model.CpSolverSolutionCallback | None
    ) -> Status:
        """Run a solver and count what it cost."""
        found = _STATUS.get(self._run_watched(solver, model, listener))
        self.solver_seconds += solver.wall_time
        self.work += solver.response_proto.deterministic_time
        self.solves += 1
        if found is None:
            raise AssertionError(f"the solver refused the model: {model.validate()}")
        return found

    def _run_watched(
        self, solver: cp_model.CpSolver, model: cp_model.CpModel, listener: cp_model.CpSolverSolutionCallback | None
    ) -> Any:
        if not self.stop.watched:
            return solver.solve(model, listener)
        # The solver holds the main thread for as long as it runs, and signals are handled between bytecodes of that
        # thread only: so the solve runs beside it, and the main thread waits in short naps that Ctrl-C can end.
        result: list[Any] = []
        done = threading.Event()

        def work() -> None:
            try:
                result.append(solver.solve(model, listener))
            finally:
                done.set()

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        while not done.wait(0.1):
            if self.stop.is_set():
                solver.stop_search()
        worker.join()
        if not result:
            raise AssertionError("the solver ended without an answer")
        return result[0]


class _Listener(cp_model.CpSolverSolutionCallback):
    """Passes bounds and better plans on, in the units of the tier."""

    def __init__(self, progress: Progress, in_words: Callable[[float], float]) -> None:
        super().__init__()
        self._progress = progress
        self._in_words = in_words

    def bound(self, value: float) -> None:
        """A better bound."""
        self._progress.bound(self._in_words(value))

    def on_solution_callback(self) -> None:
        """A better plan."""
        self._progress.incumbent(self._in_words(self.objective_value))


class _Teller(cp_model.CpSolverSolutionCallback):
    """Tells solutions until somebody has heard enough."""

    def __init__(self, told: Callable[[Callable[[Any], bool]], bool]) -> None:
        super().__init__()
        self._told = told
        self.ended = False

    def on_solution_callback(self) -> None:
        """One more solution."""
        if not self.ended and not self._told(self.boolean_value):
            self.ended = True
            self.stop_search()


def _bound(solver: cp_model.CpSolver) -> int | None:
    """Proven lower bound as an integer; None when the solver has none worth the name."""
    bound = solver.best_objective_bound
    if bound != bound or abs(bound) >= 2**53:
        return None
    return -int(-bound // 1) if abs(bound - round(bound)) > 1e-6 else round(bound)
