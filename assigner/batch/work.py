"""Carry out one job, in whatever process: data in, facts out. Nothing that a scenario causes leaves it as an error."""

from __future__ import annotations

import json
import time
import traceback
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.batch.values import Order, Outcome, Question
from models.stopping import Limits

if TYPE_CHECKING:
    from assigner.planner import Result
    from assigner.scenario import Scenario
    from models.community import Problem
    from models.stopping import Stop

__all__ = ["Inputs", "UnknownInputError", "carry_out", "packed_input", "problem_of_job", "scenario_of_job", "warm"]

_MOST_INPUTS = 64
"""So many scenarios a worker remembers as plain data, those that were used last."""


_WARM_SCHOOLS = 4
"""What is read or made at its first use costs the first job a quarter of a second, unless a small one came before."""

_NEEDED = (
    "ortools.sat.python.cp_model",
    "assigner.answer",
    "assigner.batch.facts",
    "assigner.batch.varying",
    "assigner.planner",
    "assigner.scenario.canonical",
)


class UnknownInputError(LookupError):
    """The order came without its scenario, and this process does not remember it."""


@dataclass
class _Input:
    content: dict[str, Any]

    @cached_property
    def scenario(self) -> Scenario:
        from assigner.scenario.canonical import scenario_from

        return scenario_from(self.content, "", placed=True)


class Inputs:
    """Scenarios that a worker has seen, those that were used last, by the hash of their content.

    Parameters
    ----------
    most : int
    """

    def __init__(self, most: int = _MOST_INPUTS) -> None:
        self.most = most
        self._known: OrderedDict[str, _Input] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def take(self, order: Order) -> _Input:
        """The input of an order; it is remembered.

        Raises
        ------
        UnknownInputError
        """
        if order.input in self._known:
            self._known.move_to_end(order.input)
        elif order.content is None:
            raise UnknownInputError(order.input)
        else:
            self._known[order.input] = _Input(json.loads(zlib.decompress(order.content)))
            while len(self._known) > self.most:
                self._known.popitem(last=False)
        return self._known[order.input]


def packed_input(canonical: dict[str, Any]) -> bytes:
    """A canonical scenario as it is stored and sent: JSON, packed with zlib; equal content gives equal bytes."""
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8"), 6)


def warm() -> None:
    """Import all that solving needs, and solve a made-up community once, before the first order comes."""
    from assigner.scenario.example import example
    from geodata.adjacency import adjacency_graph
    from models.rulebook import load_rulebook, rulebook_names

    for module in _NEEDED:
        import_module(module)
    adjacency_graph()
    for name in rulebook_names():
        load_rulebook(name)
    content = packed_input(example(_WARM_SCHOOLS, seed=1).canonical())
    carry_out(Order("", "", content, {}, Question(), Limits(), ""), Inputs())


def scenario_of_job(content: dict[str, Any], delta: Mapping[str, Any]) -> Scenario:
    """The scenario of a job: canonical content under the changes of its variant."""
    return _varied(_Input(content), delta)


def _varied(given: _Input, delta: Mapping[str, Any]) -> Scenario:
    from assigner.batch.varying import varied_scenario

    return varied_scenario(given.scenario, given.content, delta)


def problem_of_job(scenario: Scenario, delta: Mapping[str, Any]) -> Problem:
    """The problem of a job: that of its scenario, without the clauses that its variant lifts."""
    problem = scenario.problem()
    lifted = delta.get("lift", ())
    return problem.with_rules(problem.rules.without(lifted)) if lifted else problem


def carry_out(order: Order, known: Inputs, stop: Stop | None = None) -> Outcome:
    """Do a job.

    Parameters
    ----------
    order : Order
    known : Inputs
        What this process remembers.
    stop : Stop, optional
        To stop it; the best that was found is the outcome.

    Returns
    -------
    Outcome
        Failed where the scenario cannot be used, the memory is used up, the audit disagrees, or the program is at
        fault; what a report needs to say so is in it.

    Raises
    ------
    UnknownInputError
        The order came without its scenario and it is not known here.
    """
    from assigner.errors import InputError
    from models.documents import DocumentError

    given = known.take(order)
    began = time.perf_counter()
    try:
        facts = _facts(order, given, stop)
    except InputError as error:
        return _failed(order, began, "input", str(error), error.problems)
    except DocumentError as error:
        from assigner.faults import problems_of

        return _failed(order, began, "input", str(error), problems_of(error.name, error.faults))
    except MemoryError:
        return _failed(order, began, "memory", "There was not enough memory for this job.")
    except Exception as error:  # noqa: BLE001  (one job's fault must not end the others: it is kept and reported)
        return _failed(order, began, "program", _trace(error))
    status = str(facts["status"])
    seconds = time.perf_counter() - began
    solver_seconds = float(facts["solver_seconds"])
    if status == "disagrees":
        text = "The audit does not agree with the solver: a fault of the program. Do not use this plan."
        return Outcome(order.key, "failed", status, facts, {"kind": "disagrees", "text": text}, seconds, solver_seconds)
    state = "stopped" if status in ("feasible", "stopped") else "done"
    return Outcome(order.key, state, status, facts, {}, seconds, solver_seconds)  # type: ignore[arg-type]


def _facts(order: Order, given: _Input, stop: Stop | None) -> dict[str, Any]:
    from assigner.batch.facts import facts_of, split_facts

    scenario = _varied(given, order.delta)
    limits, question = order.limits, order.question
    if question.kind == "split":
        from assigner.splitting.solving import solve_split

        return split_facts(
            solve_split(
                scenario,
                work_limit=limits.work,
                time_limit=limits.seconds,
                seed=question.seed,
                stop=stop,
                moves=False,
            )
        )
    from assigner.planner import solve_problem

    result: Result = solve_problem(
        problem_of_job(scenario, order.delta),
        relaxations=scenario.relaxations,
        work_limit=limits.work,
        time_limit=limits.seconds,
        stop=stop,
        seed=question.seed,
        price=question.price,
    )
    return facts_of(replace(result, scenario=scenario))


def _failed(order: Order, began: float, kind: str, text: str, problems: Any = ()) -> Outcome:
    from assigner.batch.facts import problem_entry

    error = {"kind": kind, "text": text, "problems": [problem_entry(problem) for problem in problems]}
    return Outcome(order.key, "failed", "", {}, error, time.perf_counter() - began)


def _trace(error: BaseException) -> str:
    """Where a fault of the program is, without the folders it is installed in."""
    lines = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join([f"{type(error).__name__}: {error}", *reversed(lines)])
