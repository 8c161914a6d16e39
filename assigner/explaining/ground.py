"""What questions are asked about: the proven plan of a scenario, with the models that are kept between questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.answer import read_plan
from assigner.documented import Documented
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem
from assigner.messages import M_, Message
from assigner.planner import Result, Status, solve
from models.audit import audit
from models.community import Assignment, Plan
from models.engine import Engine
from models.stopping import Limits, Progress, Stop
from models.tiers import TiersResult
from models.whatif import Change, Standing, what_if

if TYPE_CHECKING:
    from assigner.scenario import Scenario

__all__ = ["Ground", "OnGround", "ground_of"]


@dataclass(frozen=True)
class Ground:
    """The plan that questions are about.

    Parameters
    ----------
    result : Result
        The answer of `assigner.planner.solve`.
    engine : Engine
        Its limits are those of all questions together.
    notes : tuple of Message
        What a reader should know of it.
    changes : tuple of Change
        Under which the plan was found, beside what the scenario says.
    """

    result: Result
    engine: Engine
    notes: tuple[Message, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to ask about."""
        return self.result.assignment is not None and self.result.status != "disagrees"

    @property
    def plan(self) -> Plan:
        """The problem, relaxations in force, with its convener."""
        return self.result.plan

    @property
    def assignment(self) -> Assignment:
        """The plan."""
        assert self.result.assignment is not None
        return self.result.assignment

    @cached_property
    def tiers(self) -> TiersResult:
        """The plan as the models take it."""
        return TiersResult(self.assignment, self.result.tiers, self.result.solver_seconds, self.engine.solves)

    @cached_property
    def standing(self) -> Standing:
        """The plan with the models that are kept between questions."""
        return Standing(self.plan, self.tiers, self.engine)

    @property
    def proven(self) -> bool:
        """Whether the plan is proven."""
        return self.result.status == "optimal"

    @property
    def can_travel(self) -> bool:
        """Whether another process can make the plan from the scenario of the answer."""
        return self.result.scenario is not None and not self.changes

    def under(self, changes: Sequence[Change]) -> Ground:
        """The plan under changes, re-optimised.

        Raises
        ------
        assigner.errors.InputError
            No plan keeps all the rules then.
        """
        found = what_if(self.plan, changes, standing=self.standing, engine=self.engine)
        after = found.result_after
        if after is None and not found.proven:
            stopped = replace(
                self.result, status="stopped", plan=found.plan_after, assignment=None, tiers=(), audit=None
            )
            return replace(self, result=replace(stopped, stopped_by=self.engine.stopped_by), changes=tuple(changes))
        if after is None:
            what = M_("No plan keeps all the rules after these changes, so there is no table.")
            mend = M_("Ask without --table: the answer says what collides.")
            raise InputError([Problem("", Place("--table"), ABSENT, what, None, mend)])
        status: Status = "optimal" if found.proven else "feasible"
        judged = audit(found.plan_after.problem, after.assignment)
        result = replace(
            self.result,
            status=status if judged.ok else "disagrees",
            plan=found.plan_after,
            assignment=after.assignment,
            tiers=after.tiers,
            audit=judged,
        )
        return replace(self, result=result, changes=tuple(changes))

    def ends_as(self, *, proven: bool) -> ExitCode:
        """How a program ends that has answered a question about it."""
        if not self.has_plan:
            return self.result.exit_code
        return ExitCode.PROVEN if proven else ExitCode.STOPPED


@dataclass(frozen=True)
class OnGround(Documented):
    """An answer about a plan, or about what to make of it.

    Parameters
    ----------
    ground : Ground
    """

    ground: Ground

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.ground.proven

    @property
    def status(self) -> str:
        """``proven``, ``stopped`` (something is not known), or ``no_plan``."""
        if not self.ground.has_plan:
            return "no_plan"
        return "proven" if self.proven else "stopped"

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return self.ground.ends_as(proven=self.proven)


def ground_of(
    source: Any,
    *,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> Ground:
    """Find the plan that questions are about.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A scenario or its file, which is solved; a ``plan.json``, whose scenario is solved again, since only what is
        proven here can be explained exactly (a plan that is another one is noted); or an answer that is there already.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve`; limits of all questions together.

    Raises
    ------
    InputError
        The source cannot be used.
    """
    engine = Engine(Limits(work_limit, time_limit), stop or Stop(), seed, log, progress)
    claimed: Assignment | None = None
    if isinstance(source, Result):
        if source.among is None or source.scenario is None:
            return Ground(source, engine)
        # Proven among some plans only (a repair, a start, rotation): of all there may be better ones.
        source, claimed = source.scenario, source.assignment
    elif isinstance(source, str | Path):
        source, claimed = _read(Path(source))
    result = solve(
        source,
        work_limit=work_limit,
        time_limit=time_limit,
        stop=stop,
        progress=progress,
        log=log,
        seed=seed,
        price=False,
    )
    notes: list[Message] = []
    if claimed is not None and result.assignment is not None and not _same(result.plan, claimed, result.assignment):
        notes.append(
            M_(
                "The plan given is not the best plan of its scenario, or another one of equals; what is said "
                "here is about the best one, found and proven anew."
            )
        )
    return Ground(result, engine, tuple(notes))


def _read(path: Path) -> tuple[Scenario, Assignment | None]:
    """The scenario of a file, and the plan if it holds one."""
    from assigner.scenario import Scenario, read_scenario

    if path.suffix.lower() != ".json":
        return read_scenario(path), None
    document = read_plan(path)
    content = (document.get("scenario") or {}).get("content")
    if not isinstance(content, dict):
        what = M_("The plan does not hold its scenario.")
        mend = M_("Name the scenario file in place of the plan.")
        raise InputError([Problem(path, Place("scenario"), ABSENT, what, None, mend)])
    hosts = {**document["hosts"], **document.get("separate", {})}
    claimed = Assignment(document["convener"], {item: tuple(codes) for item, codes in hosts.items()})
    return Scenario.from_canonical(content, str(path)), claimed


def _same(plan: Plan, one: Assignment, other: Assignment) -> bool:
    """Whether two assignments are the same plan."""
    items = plan.rules.item_by_id
    return one.convener == other.convener and all(
        sorted(one.hosts_of(item)) == sorted(other.hosts_of(item)) for item in items
    )
