"""Solve one scenario: values in, an audited answer out.

`solve` is the whole road of a scenario; `solve_problem` is the part of it that needs no file. Nothing is chosen
silently: the convener comes with its ranking, every relaxation with the clauses that collided without it, and no answer
leaves this module without an audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assigner.documented import Documented
from assigner.errors import ExitCode
from models.audit import Audit, audit
from models.community import Assignment, Plan, Problem
from models.conflicts import Collision, collision, feasible, relaxations_needed, relaxed
from models.convener import ConvenerChoice, choose_convener
from models.duties import Duties
from models.engine import Engine
from models.explain import Explanation, WaysOut, why_no_plan
from models.obligations import Due, obligations
from models.repair import Continued, continue_from
from models.rulebook import Relaxation
from models.stopping import Limits, Progress, Stop, StoppedBy
from models.tiers import NoPlan, Tier, TiersResult, agrees, full_order, solve_tiers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.explaining.whole import PlanWhy
    from assigner.explaining.why import ItemWhy, Overview, SchoolWhy
    from assigner.outputs import Written
    from assigner.report.page import Explorer
    from assigner.scenario import Scenario

__all__ = ["Among", "Extreme", "Price", "Relaxed", "Result", "Status", "judged", "solve", "solve_problem"]

Status = Literal["optimal", "feasible", "infeasible", "stopped", "disagrees"]

Among = Literal["no_worse_than_start", "fewest_changes", "fewest_repeats"]

_EXIT: Mapping[str, ExitCode] = {
    "optimal": ExitCode.PROVEN,
    "feasible": ExitCode.STOPPED,
    "stopped": ExitCode.STOPPED,
    "infeasible": ExitCode.NO_LAWFUL_PLAN,
    "disagrees": ExitCode.DISAGREES,
}

_TRAVEL_FIRST = ("unwilling", "exploration", "travel", "overload", "load")
_LOADS_FIRST = ("unwilling", "exploration", "overload", "load", "travel")

#: Work granted to the price of the order: at least so much, or so many times what the plan itself took.
_PRICE_WORK_LEAST, _PRICE_WORK_TIMES = 10.0, 3.0

#: The same for the ways out.
_WAYS_WORK_LEAST, _WAYS_WORK_TIMES = 20.0, 3.0


@dataclass(frozen=True)
class Relaxed:
    """A relaxation that is in force, and why.

    Parameters
    ----------
    relaxation : Relaxation
    because : Collision or None
        The clauses that collide without it, all the other relaxations in force; None when the scenario states the
        relaxation whatever the need.
    """

    relaxation: Relaxation
    because: Collision | None


@dataclass(frozen=True)
class Extreme:
    """The best of loads or of travel when it goes before the other.

    Parameters
    ----------
    travel : Fraction
        In tenths of the distance unit.
    overload : Fraction
    load : tuple of Fraction
    proven : bool
    """

    travel: Fraction
    overload: Fraction
    load: tuple[Fraction, ...]
    proven: bool


@dataclass(frozen=True)
class Price:
    """What the order of the aims costs: the plan between the best travel and the best loads.

    Parameters
    ----------
    plan : Extreme
        The plan itself.
    travel_first : Extreme
        The best travel if loads did not matter, and the loads that come with it.
    loads_first : Extreme
        The best loads if travel did not matter, and the travel that comes with them.
    least_travel : Fraction
        The least travel that the aims before it allow: that of the plan, unless it spends a tolerance on travel.
    """

    plan: Extreme
    travel_first: Extreme
    loads_first: Extreme
    least_travel: Fraction


@dataclass(frozen=True)
class Result(Documented):
    """The answer to a scenario.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible", "stopped", "disagrees"}
        Proven; a plan that is not proven; no lawful plan (proven); stopped before a plan was found; a plan that the
        audit refuses, which is our fault and never to be used.
    plan : Plan
        The problem under the relaxations in force, with its convener.
    assignment : Assignment or None
    tiers : tuple of Tier
    audit : Audit or None
    obligations : Mapping
        School -> what is due.
    convener_ranking : tuple of ConvenerChoice
        Empty when the scenario states the convener.
    relaxations : tuple of Relaxed
    price : Price or None
    collision : Collision or None
        Without a lawful plan: clauses that cannot hold together, not even under the relaxations in force (all of them
        when none helps).
    would_help : tuple of Relaxation
        Without a lawful plan: relaxations under which there is one.
    disagreements : tuple of str
        Tiers whose value the audit finds to be another.
    asked : Problem or None
        As the scenario asks, the relaxations that it states in force, before any other.
    explanation : Explanation or None
        Of what was asked, where no plan keeps it: every independent collision, and the cheapest ways out.
    among : {"no_worse_than_start", "fewest_changes", "fewest_repeats"} or None
        The plans among which the proofs hold, when not among all.
    continued : Continued or None
        What became of the plan that was given as a start.
    why : PlanWhy or None
        What decides every duty and what every other host would cost, where it was asked for.
    stopped_by : {"work", "time", "person"} or None
    scenario : Scenario or None
    seed : int
    solver_seconds : float
    """

    status: Status
    plan: Plan
    assignment: Assignment | None = None
    tiers: tuple[Tier, ...] = ()
    audit: Audit | None = None
    obligations: Mapping[str, tuple[Due, ...]] = field(default_factory=dict)
    convener_ranking: tuple[ConvenerChoice, ...] = ()
    relaxations: tuple[Relaxed, ...] = ()
    price: Price | None = None
    collision: Collision | None = None
    would_help: tuple[Relaxation, ...] = ()
    disagreements: tuple[str, ...] = ()
    asked: Problem | None = None
    explanation: Explanation | None = None
    among: Among | None = None
    continued: Continued | None = None
    why: PlanWhy | None = None
    stopped_by: StoppedBy | None = None
    scenario: Scenario | None = None
    seed: int = 111
    solver_seconds: float = 0.0

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return _EXIT[self.status]

    @property
    def problem(self) -> Problem:
        """The problem that was solved, relaxations in force."""
        return self.plan.problem

    def tier(self, name: str) -> Tier:
        """The tier of that name."""
        return next(tier for tier in self.tiers if tier.name == name)

    def ways_out(
        self, most: int = 10, *, work_limit: float | None = None, time_limit: float | None = None
    ) -> Explanation:
        """Why no plan keeps what was asked: every independent collision, and the cheapest ways out.

        Parameters
        ----------
        most : int
            Stop after so many.
        work_limit, time_limit : float, optional
            As `solve`.

        Returns
        -------
        models.explain.Explanation
            ``collisions``, and ``ways_out`` with ``ways``, each solved and audited. Where a plan keeps all of it there
            are no collisions, and the one way gives up nothing.
        """
        known = self.explanation
        if known is not None and (known.ways_out.complete or len(known.ways_out.ways) >= most):
            fewer = known.ways_out if len(known.ways_out.ways) <= most else _first(known, most)
            return replace(known, ways_out=fewer)
        asked = self.problem if self.asked is None else self.asked
        return why_no_plan(asked, Engine(Limits(work_limit, time_limit), Stop(), self.seed), most=most)

    def with_why(self, *, told: Callable[[int, int], None] | None = None, **limits: Any) -> Result:
        """The same with why each school hosts each duty, which its page then opens at a click.

        Parameters
        ----------
        told : callable, optional
            Hears how many questions are answered, and of how many.
        **limits
            ``work_limit``, ``time_limit``, ``stop`` as `solve`, for this alone; by default much work, and no more.
        """
        from assigner.explaining.whole import why_of_plan

        return replace(self, why=why_of_plan(self, told=told, **limits))

    def to_frame(self) -> pd.DataFrame:
        """One row for every duty: item, its title, school code and name.

        Returns
        -------
        pandas.DataFrame
            Columns ``item``, ``title``, ``code``, ``school``; items in the order of the programme.
        """
        import pandas as pd

        from assigner.words import school_name, text

        rows = [
            (item.id, text(item.title), code, school_name(self.problem, code))
            for item in self.plan.rules.item_by_id.values()
            for code in (self.assignment.hosts_of(item.id) if self.assignment else ())
        ]
        return pd.DataFrame(rows, columns=["item", "title", "code", "school"])

    def explain(self, *, school: str | None = None, item: str | None = None) -> Overview | SchoolWhy | ItemWhy:
        """Why the plan is as it is: of all schools, of one school (code or name), or of one item (id or title).

        Returns
        -------
        Overview, SchoolWhy or ItemWhy
            With ``to_frame()`` and ``to_dict()``; see `assigner.explaining.why`.
        """
        from assigner.explaining.why import explain

        return explain(self, school=school, item=item)

    def plot(self, ax: Axes | None = None, *, items: Sequence[str] | None = None, lang: str | None = None) -> Axes:
        """Draw the map: territory, schools, junior highs and their ways to the nearest host.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw it; by default a picture of its own, with a list of the schools.
        items : sequence of str, optional
            Items whose ways are drawn, such as ``["2.1"]``; by default the two tracks of exploration.
        lang : {"zh-TW", "en"}, optional
            By default the current language.

        Returns
        -------
        matplotlib.axes.Axes
            In longitude and latitude; ``.figure.savefig`` writes it.
        """
        from assigner.report.map import plot

        return plot(self, ax, items, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page of the answer, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.page import Explorer

        return Explorer.of(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``plan.json``."""
        from assigner.answer import plan_document

        return plan_document(self)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the answer into a folder (see `assigner.outputs.write_answer`).

        Parameters
        ----------
        folder : str or Path
            Made if it is missing.
        formats : str or iterable of str, optional
            Some of json, csv, xlsx, html, svg, geojson, gpkg; all by default.

        Returns
        -------
        Written
            The paths, what to know of them, and which file failed for what reason.
        """
        from assigner.outputs import write_answer

        return write_answer(self, folder, formats)


def solve(
    scenario: str | Path | Scenario,
    *,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
    price: bool = True,
    forbid: Iterable[Assignment] = (),
    export: Callable[[Duties], None] | None = None,
    ways_out: int = 0,
    start: Assignment | None = None,
) -> Result:
    """Solve a scenario.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario, or the file of one.
    work_limit : float, optional
        Deterministic work of the solver: with it a stopped answer can be reproduced.
    time_limit : float, optional
        Seconds of wall clock.
    stop : Stop, optional
        Set from a signal handler or another thread to stop; the best plan so far is the answer.
    progress : Progress, optional
        Told about tiers and bounds.
    log : callable, optional
        Receives the solver's log lines.
    seed : int
        Of the solver. It does not change a proven answer.
    price : bool
        Also find what the order of the aims costs.
    forbid : iterable of Assignment
        Plans that the answer must differ from.
    export : callable, optional
        Given the model before it is solved.
    ways_out : int
        Where no plan keeps all the rules, or only under relaxations: find so many of the cheapest ways out.
    start : Assignment, optional
        A plan that the answer must better without making any aim worse. One that is no longer lawful binds nothing.

    Returns
    -------
    Result
        Audited. Without a lawful plan it says which clauses collide and what would help.

    Raises
    ------
    assigner.errors.InputError, models.documents.DocumentError
        The scenario cannot be used.

    Examples
    --------
    >>> import assigner
    >>> result = assigner.solve("scenarios/dongshi-109.yaml")  # doctest: +SKIP
    >>> result.status  # doctest: +SKIP
    'optimal'
    """
    if isinstance(scenario, str | Path):
        from assigner.scenario import read_scenario

        scenario = read_scenario(scenario)
    result = solve_problem(
        scenario.problem(),
        relaxations=scenario.relaxations,
        work_limit=work_limit,
        time_limit=time_limit,
        stop=stop,
        progress=progress,
        log=log,
        seed=seed,
        price=price,
        forbid=forbid,
        export=export,
        ways_out=ways_out,
        start=start,
    )
    return replace(result, scenario=scenario)


def solve_problem(
    problem: Problem,
    *,
    relaxations: str | Sequence[str] = "auto",
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
    price: bool = True,
    forbid: Iterable[Assignment] = (),
    export: Callable[[Duties], None] | None = None,
    ways_out: int = 0,
    start: Assignment | None = None,
) -> Result:
    """Solve the values of a scenario (parameters as `solve`).

    Parameters
    ----------
    problem : Problem
    relaxations : {"auto", "none"} or sequence of str
        Relax the rules as far as needed when no plan keeps them all, in the documented order; never; or these in any
        case and no others.
    """
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), seed, log, progress)
    road = _Road(problem, relaxations, engine, tuple(forbid), export, start)
    result = replace(road.travel(), seed=seed, asked=road.asked)
    # The price of the order compares the best plan of all with others.
    if price and result.status in ("optimal", "feasible") and not road.forbid and result.among is None:
        result = replace(result, price=_price(result, engine))
    if ways_out > 0 and not road.forbid:
        result = replace(result, explanation=_explained(result, engine, ways_out))
    return replace(result, solver_seconds=engine.solver_seconds)


@dataclass
class _Road:
    """From a problem to its answer: convener, plan, and if there is none, relaxations."""

    original: Problem
    setting: str | Sequence[str]
    engine: Engine
    forbid: tuple[Assignment, ...]
    export: Callable[[Duties], None] | None
    start: Assignment | None = None

    @cached_property
    def ranking(self) -> tuple[ConvenerChoice, ...]:
        return choose_convener(self.original) if self.original.wishes.convener is None else ()

    @property
    def conveners(self) -> list[str]:
        stated = self.original.wishes.convener
        if stated is not None:
            return [stated]
        codes = [choice.code for choice in self.ranking]
        # Who convenes is no duty to be bettered: it stays.
        kept = [] if self.start is None else [code for code in codes if code == self.start.convener]
        return list(dict.fromkeys([*kept, *codes])) or [""]

    @cached_property
    def stated(self) -> tuple[Relaxation, ...]:
        every = self.original.rules.rulebook.relaxations
        return () if isinstance(self.setting, str) else tuple(r for r in every if r.id in self.setting)

    @cached_property
    def asked(self) -> Problem:
        return relaxed(self.original, self.stated)

    def travel(self) -> Result:
        every = self.original.rules.rulebook.relaxations
        stated, problem = self.stated, self.asked
        in_force = tuple(Relaxed(relaxation, None) for relaxation in stated)
        first = Plan(problem, self.conveners[0])
        answer = self._attempt(first, in_force)
        if answer is not None:
            return answer
        # The first in the ranking cannot lead a lawful plan: the next one that can, before any rule is relaxed.
        for code in self.conveners[1:]:
            if feasible(Plan(problem, code)):
                answer = self._attempt(Plan(problem, code), in_force)
                if answer is not None:
                    return answer
        rest = tuple(relaxation for relaxation in every if relaxation not in stated)
        for code in self.conveners:
            needed = relaxations_needed(problem, code, rest)
            if needed and self.setting != "auto":
                return self._none(Plan(problem, code), in_force, needed)
            if needed:
                reasons = tuple(self._why(code, needed, relaxation) for relaxation in needed)
                answer = self._attempt(Plan(relaxed(problem, needed), code), reasons)
                if answer is not None:
                    return answer
        # Not even all of them help: what collides then is the heart of the matter.
        everything = tuple(Relaxed(relaxation, None) for relaxation in every)
        return self._none(Plan(relaxed(problem, rest), first.convener), everything, ())

    def _none(self, plan: Plan, in_force: tuple[Relaxed, ...], would_help: tuple[Relaxation, ...]) -> Result:
        return Result(
            "infeasible",
            plan,
            convener_ranking=self.ranking,
            relaxations=in_force,
            collision=collision(plan),
            would_help=would_help,
        )

    def _attempt(self, plan: Plan, reasons: tuple[Relaxed, ...]) -> Result | None:
        """The answer with this convener and these relaxations; None when there is no lawful plan."""
        duties = None
        if self.forbid:
            duties = Duties(plan)
            for assignment in self.forbid:
                forbid_assignment(duties, assignment)
        continued: Continued | None = None
        try:
            if self.start is None:
                solved = solve_tiers(plan, self.engine, duties=duties, export=self.export)
            else:
                continued = continue_from(plan, self.start, self.engine)
                solved = continued.result
        except NoPlan as error:
            if error.proven:
                return None
            return Result(
                "stopped",
                plan,
                convener_ranking=self.ranking,
                relaxations=reasons,
                stopped_by=self.engine.stopped_by,
            )
        result = judged(plan, solved, reasons, self.ranking, self.engine)
        among: Among | None = "no_worse_than_start" if continued is not None and continued.lawful else None
        return replace(result, continued=continued, among=among)

    def _why(self, code: str, needed: Sequence[Relaxation], relaxation: Relaxation) -> Relaxed:
        others = [other for other in needed if other is not relaxation]
        found = collision(Plan(relaxed(self.original, others), code))
        assert found is not None  # no relaxation is taken that is not needed
        return Relaxed(relaxation, found)


def forbid_assignment(duties: Duties, assignment: Assignment) -> None:
    """Require that at least one decision differs from an assignment."""
    differing = [
        ~literal if code in assignment.hosts_of(item) else literal for (item, code), literal in duties.decisions.items()
    ]
    differing += [
        ~literal if way in assignment.ways.get(code, ()) else literal
        for (code, way), literal in duties.way_decisions.items()
    ]
    duties.clause(differing)


def judged(
    plan: Plan, solved: TiersResult, reasons: tuple[Relaxed, ...], ranking: tuple[ConvenerChoice, ...], engine: Engine
) -> Result:
    """Audit an answer; only what the audit agrees with is called a plan."""
    found = audit(plan.problem, solved.assignment)
    disagreements = tuple(tier.name for tier in solved.tiers if not _agrees(plan, tier, found))
    status: Status = "optimal" if solved.proven else "feasible"
    if not found.ok or disagreements:
        status = "disagrees"
    return Result(
        status,
        plan,
        solved.assignment,
        solved.tiers,
        found,
        obligations(plan, solved.assignment),
        ranking,
        reasons,
        disagreements=disagreements,
        stopped_by=None if solved.proven else engine.stopped_by,
    )


def _agrees(plan: Plan, tier: Tier, found: Audit) -> bool:
    """Whether the audit finds the value of a tier, and a proven one equal to what the solver proved."""
    return agrees(tier, found.values[tier.name], tolerated=bool(plan.wishes.tolerances.get(tier.name)))


def _explained(result: Result, engine: Engine, most: int) -> Explanation | None:
    """Collisions and ways out of what was asked; None when a plan keeps all of it, or there is no time left."""
    needed = result.status == "infeasible" or any(entry.because is not None for entry in result.relaxations)
    if not needed or result.asked is None or engine.exhausted():
        return None
    listener = engine.progress
    if listener is not None:
        listener.tier("ways_out")
    limits, bound = engine.limits, engine.work + max(_WAYS_WORK_LEAST, _WAYS_WORK_TIMES * engine.work)
    engine.limits = replace(limits, work=bound if limits.work is None else min(limits.work, bound))
    try:
        return why_no_plan(result.asked, engine, most=most)
    finally:
        engine.limits = limits


def _first(known: Explanation, most: int) -> WaysOut:
    """The cheapest of the ways that are known."""
    found = known.ways_out
    cheapest = len(found.ways) > most and found.ways[most].price > found.ways[0].price
    return replace(found, ways=found.ways[:most], complete=False, cheapest_complete=cheapest)


def _price(result: Result, engine: Engine) -> Price | None:
    """The best travel with the loads it brings, and the reverse; None when there is no time left for it."""
    if engine.exhausted() or result.audit is None:
        return None
    listener, engine.progress = engine.progress, None
    if listener is not None:
        listener.tier("price_of_order")
    limits = engine.limits
    most = engine.work + max(_PRICE_WORK_LEAST, _PRICE_WORK_TIMES * engine.work)
    engine.limits = replace(limits, work=most if limits.work is None else min(limits.work, most))
    try:
        ends = [_extreme(result, order, engine) for order in (_TRAVEL_FIRST, _LOADS_FIRST)]
    finally:
        engine.limits, engine.progress = limits, listener
    if ends[0] is None or ends[1] is None or engine.stop.is_set():
        return None
    values = result.audit.values
    ours = Extreme(values["travel"], values["overload"], values["load"], result.status == "optimal")
    tier = result.tier("travel")
    proven = tier.status == "optimal" and isinstance(tier.bound, Fraction)
    least = tier.bound if proven else ours.travel
    assert isinstance(least, Fraction)
    return Price(ours, ends[0], ends[1], least)


def _extreme(result: Result, order: tuple[str, ...], engine: Engine) -> Extreme | None:
    plan = result.plan
    ours = [name for name in full_order(plan) if name in order]
    if ours == list(order) and not any(plan.wishes.tolerances.values()) and result.status == "optimal":
        tiers: Mapping[str, Tier] = {tier.name: tier for tier in result.tiers}
    else:
        problem = plan.problem
        strict = replace(problem, wishes=replace(problem.wishes, tolerances={}))
        try:
            solved = solve_tiers(Plan(strict, plan.convener), engine, order=order, tie_break=False)
        except NoPlan:
            return None
        tiers = {tier.name: tier for tier in solved.tiers}
    travel, overload, load = (tiers[name].value for name in ("travel", "overload", "load"))
    assert isinstance(travel, Fraction) and isinstance(overload, Fraction) and isinstance(load, tuple)
    return Extreme(travel, overload, load, all(tiers[name].status == "optimal" for name in order))
