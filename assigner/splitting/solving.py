"""Propose two plans for a scenario: values in, an answer out that stands beside not splitting.

`solve_split` is the whole road. Nothing leaves it without both plans' audits; what is proven and what is not is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.documented import Documented
from assigner.errors import ExitCode
from assigner.messages import Message
from assigner.planner import Result, solve_problem
from assigner.planner import Status as PlanStatus
from assigner.splitting.asking import Asked, Words, ask
from assigner.splitting.parts import part_scenario
from assigner.splitting.territory import territory_of
from models.conflicts import relaxed
from models.engine import Engine
from models.obligations import obligations
from models.split.values import Move, Proposal, SplitResult, Territory
from models.stopping import Limits, Progress, Stop, StoppedBy
from models.tiers import Tier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.outputs import Written
    from assigner.report.page import Explorer
    from assigner.scenario import Scenario
    from models.community import Problem
    from models.split.explain import PairExplanation
    from models.split.solving import Method
    from models.split.values import Refusal
    from models.split.wishes import WishesToDrop

__all__ = ["Alternatives", "Split", "solve_split"]

#: Work granted to the ways out.
_WAYS_WORK = 40.0

_EXIT: Mapping[str, ExitCode] = {
    "optimal": ExitCode.PROVEN,
    "feasible": ExitCode.STOPPED,
    "stopped": ExitCode.STOPPED,
    "infeasible": ExitCode.NO_LAWFUL_PLAN,
    "refused": ExitCode.NO_LAWFUL_PLAN,
    "disagrees": ExitCode.DISAGREES,
}


@dataclass(frozen=True)
class Alternatives:
    """Other divisions.

    Parameters
    ----------
    best : tuple of Proposal
        After the proposal, the next best.
    different : tuple of Proposal
        Clearly different ones, each the best among those that differ so much from all before it.
    complete : bool
        False when stopped before as many as were asked for (or all there are) were found and proven.
    """

    best: tuple[Proposal, ...] = ()
    different: tuple[Proposal, ...] = ()
    complete: bool = True


@dataclass(frozen=True, eq=False)
class Split(Documented):
    """The answer to the question of two plans.

    Parameters
    ----------
    scenario : Scenario
    problem : Problem
        Of the whole community, relaxations in force.
    territory : Territory
    asked : Asked
        What the planner asked for.
    found : SplitResult
        What was found, proposal included.
    together : Result or None
        Not splitting; None where a split is not allowed.
    alternatives : Alternatives or None
        None when not asked for.
    moves : tuple of Move or None
        What moving each township at the border would cost; None when not asked for or stopped before.
    stopped_by : {"work", "time", "person"} or None
    moves_left_out : bool
        Whether the moves were asked for, but no time was left.
    seed : int
    explanation : PairExplanation or None
        Where duties collide on every division: why, on one of them, and the cheapest ways out.
    to_drop : WishesToDrop or None
        Where wishes about the split leave no division: which of them to drop, the cheapest first.
    """

    scenario: Scenario
    problem: Problem
    territory: Territory
    asked: Asked
    found: SplitResult
    together: Result | None = None
    alternatives: Alternatives | None = None
    moves: tuple[Move, ...] | None = None
    stopped_by: StoppedBy | None = None
    moves_left_out: bool = False
    seed: int = 111
    explanation: PairExplanation | None = None
    to_drop: WishesToDrop | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> str:
        """``optimal``, ``feasible``, ``infeasible``, ``stopped``, ``refused`` or ``disagrees`` (see `SplitResult`)."""
        return self.found.status

    @property
    def proposal(self) -> Proposal | None:
        """The best pair found."""
        return self.found.proposal

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return _EXIT[self.status]

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know about how the question was read."""
        return self.asked.notes

    @cached_property
    def plans(self) -> tuple[Result, ...]:
        """Both plans of the proposal, each an answer of its own; empty without one."""
        return () if self.proposal is None else results_of(self, self.proposal)

    def tier(self, name: str) -> Tier:
        """The tier of that name, over both plans."""
        return next(tier for tier in self.found.tiers if tier.name == name)

    def to_frame(self) -> pd.DataFrame:
        """One row for every school: code, school, township, plan (1 or 2), convener.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas as pd

        from assigner.report.split_tables import division

        table = division(self)
        return pd.DataFrame(list(table.rows), columns=[column.key for column in table.columns])

    def plot(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw the map with both plans (parameters as `assigner.planner.Result.plot`)."""
        from assigner.report.split_map import plot

        return plot(self, ax, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page of the answer, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.split_page import explorer

        return explorer(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``split.json``."""
        from assigner.splitting.answer import split_document

        return split_document(self)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the answer into a folder (see `assigner.splitting.files.write_split`)."""
        from assigner.splitting.files import write_split

        return write_split(self, folder, formats)


def solve_split(
    scenario: str | Path | Scenario,
    *,
    unit: str = "township",
    divisible: Words = (),
    top: int = 0,
    together: Sequence[Words] = (),
    apart: Sequence[Words] = (),
    conveners: Words = (),
    free_conveners: bool = False,
    keep_plan: str | Path | None = None,
    old: str | Path | Mapping[str, int] | None = None,
    moves: bool = True,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
    method: Method = "auto",
    ways_out: int = 0,
) -> Split:
    """Propose two plans for a community, with proof that no better pair exists.

    Parameters
    ----------
    scenario : str, Path or Scenario
    unit, divisible, together, apart, conveners, free_conveners, keep_plan, old
        What is asked of the split; see `assigner.splitting.asking.ask`.
    top : int
        Find so many next best divisions, and so many that are clearly different.
    moves : bool
        Also find what moving each township at the border would cost.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them; the limits hold for all of it.
    method : {"auto", "table", "windows", "one_by_one"}
        How the best pair is found; all give the same.
    ways_out : int
        Where duties collide on every division, or wishes leave none: find so many of the cheapest ways out.

    Returns
    -------
    Split
        Where no split is allowed or possible it says why, and what would allow one.

    Raises
    ------
    assigner.errors.InputError, models.documents.DocumentError
        The scenario, or what is asked, cannot be used.

    Examples
    --------
    >>> import assigner
    >>> answer = assigner.solve_split("scenarios/synthetic-25.yaml")  # doctest: +SKIP
    >>> answer.proposal.sizes  # doctest: +SKIP
    (11, 14)
    """
    from assigner.splitting.remedies import remedies_of
    from models.split.allowed import may_split
    from models.split.remedies import reasons
    from models.split.solving import solve_split as best_pair

    if isinstance(scenario, str | Path):
        from assigner.scenario import read_scenario

        scenario = read_scenario(scenario)
    task = relaxed(scenario.problem(), scenario.stated_relaxations)
    asked = ask(
        scenario,
        task,
        unit=unit,
        divisible=divisible,
        together=together,
        apart=apart,
        conveners=conveners,
        free_conveners=free_conveners,
        keep_plan=keep_plan,
        old=old,
    )
    # The conveners that the scenario states are among those asked for.
    problem = replace(task, wishes=replace(task.wishes, convener=None))
    territory = territory_of(scenario, problem, asked.divisible, every=asked.every)
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), seed, log, progress)
    answer = Split(scenario, problem, territory, asked, SplitResult("refused"), seed=seed)
    if may_split(problem, territory, asked.wishes):
        found = best_pair(problem, territory, asked.wishes, engine)
        return replace(answer, found=replace(found, remedies=remedies_of(answer, found.refusals, engine)))
    whole = _together(scenario, engine)
    found = best_pair(problem, territory, asked.wishes, engine, method=method)
    if found.status == "infeasible":
        refusals = reasons(problem, territory, asked.wishes)
        found = replace(found, refusals=refusals, remedies=remedies_of(answer, refusals, engine))
        answer = _explained(answer, refusals, engine, ways_out)
    answer = replace(answer, found=found, together=whole)
    if found.status in ("feasible", "stopped"):
        answer = replace(answer, stopped_by=engine.stopped_by)
    if found.proposal is None or found.status == "disagrees":
        return answer
    at_the_border = _moves(answer, engine) if moves else None
    return replace(
        answer,
        moves=at_the_border,
        moves_left_out=moves and at_the_border is None,
        alternatives=_alternatives(answer, engine, top) if top else None,
    )


def _explained(answer: Split, refusals: Iterable[Refusal], engine: Engine, most: int) -> Split:
    """The cheapest ways out, where duties or wishes collide, within what is left of the limits and a bound of ours."""
    codes = {refusal.code for refusal in refusals}
    if most < 1 or engine.exhausted():
        return answer
    given = (answer.problem, answer.territory, answer.asked.wishes)
    limits, bound = engine.limits, engine.work + _WAYS_WORK
    engine.limits = replace(limits, work=bound if limits.work is None else min(limits.work, bound))
    try:
        if codes & {"duties", "duties_together"}:
            from models.split.explain import why_no_pair
            from models.split.remedies import looked_at

            division = looked_at(*given)
            if division is not None:
                return replace(answer, explanation=why_no_pair(*given, division, engine, most=most))
        if "ties_without_division" in codes:
            from models.split.wishes import wishes_to_drop

            return replace(answer, to_drop=wishes_to_drop(*given, engine, most=most))
    finally:
        engine.limits = limits
    return answer


def _together(scenario: Scenario, engine: Engine) -> Result:
    """Not splitting: one plan for the whole community, within what is left of the limits."""
    limits = engine.limits
    result = solve_problem(
        scenario.problem(),
        relaxations=scenario.relaxations,
        work_limit=limits.work,
        time_limit=limits.seconds,
        stop=engine.stop,
        progress=engine.progress,
        log=engine.log,
        seed=engine.seed,
        price=False,
    )
    return replace(result, scenario=scenario)


def _alternatives(answer: Split, engine: Engine, top: int) -> Alternatives:
    from models.split.alternatives import best_divisions, different_divisions

    given = (answer.problem, answer.territory, answer.asked.wishes)
    best = best_divisions(*given, top + 1, engine, first=answer.found)[1:]
    different = different_divisions(*given, top, engine, first=answer.found)
    found = [*best, *different]
    complete = not engine.exhausted() and all(result.status == "optimal" for result in found)

    def pairs(results: Iterable[SplitResult]) -> tuple[Proposal, ...]:
        return tuple(result.proposal for result in results if result.proposal is not None)

    return Alternatives(pairs(best), pairs(different), complete)


def _moves(answer: Split, engine: Engine) -> tuple[Move, ...] | None:
    from models.split.moves import moves

    if engine.exhausted():
        return None
    assert answer.proposal is not None
    return moves(answer.problem, answer.territory, answer.asked.wishes, answer.proposal, engine)


def results_of(answer: Split, proposal: Proposal) -> tuple[Result, ...]:
    """Both plans of a proposal as answers of their own, with scenarios of their own."""
    key = f"plans {id(proposal)}"
    if key not in answer._made:
        answer._made[key] = tuple(_result(answer, proposal, side) for side in (0, 1))
    made: tuple[Result, ...] = answer._made[key]
    return made


def _result(answer: Split, proposal: Proposal, side: int) -> Result:
    """One plan as an answer: a plan that is proven best for its division has its values as bounds."""
    from models.community import Plan
    from models.tiers import full_order

    own = proposal.plans[side]
    scenario = part_scenario(answer.scenario, own, side + 1)
    plan = Plan(relaxed(scenario.problem(), scenario.stated_relaxations), own.convener)
    proven = proposal.proven
    tiers: tuple[Tier, ...] = tuple(
        Tier(
            name,
            own.audit.values[name],
            own.audit.values[name] if proven else None,
            "optimal" if proven else "feasible",
            0.0,
        )
        for name in full_order(plan)
    )
    if proven and any(plan.wishes.tolerances.values()):
        # A tolerance may be spent in either plan: only solving the plan alone shows what is proven of it alone.
        alone = solve_problem(plan.problem, relaxations="none", seed=answer.seed, price=False)
        proven = alone.assignment == own.assignment
        tiers = alone.tiers if proven else tuple(replace(tier, bound=None, status="feasible") for tier in tiers)
    status: PlanStatus = "optimal" if proven else "feasible"
    if not own.audit.ok:
        status = "disagrees"
    return Result(
        status,
        plan,
        own.assignment,
        tiers,
        own.audit,
        obligations(plan, own.assignment),
        stopped_by=None if proven else answer.stopped_by,
        scenario=scenario,
        seed=answer.seed,
    )
