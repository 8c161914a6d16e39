"""What if: the best plan of a scenario under changes, beside the best plan without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assigner.errors import ExitCode
from assigner.explaining.asking import Pairs, Words, changes_of
from assigner.explaining.ground import OnGround, ground_of
from models.audit import Audit, audit
from models.stopping import Progress, Stop
from models.tiers import NoPlan
from models.whatif import Change, WhatIf, what_if

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WhatIfAnswer", "whatif"]


@dataclass(frozen=True)
class WhatIfAnswer(OnGround):
    """What changes would do.

    Parameters
    ----------
    ground : Ground
        The plan before.
    changes : tuple of Change
    found : WhatIf or None
        None where there is no plan before, or a stop came first.
    """

    changes: tuple[Change, ...]
    found: WhatIf | None

    @property
    def status(self) -> str:
        """How it ended.

        ``proven``, ``feasible`` (not proven), ``infeasible`` (no lawful plan after), ``no_plan`` (none before),
        ``stopped``, or ``disagrees`` (the audit refuses the plan after, which is our fault).
        """
        if not self.ground.has_plan:
            return "no_plan"
        if self.found is None or (self.found.result_after is None and not self.found.proven):
            return "stopped"
        if self.found.result_after is None:
            return "infeasible"
        if self.audit is None or not self.audit.ok:
            return "disagrees"
        return "proven" if self.found.proven else "feasible"

    @property
    def proven(self) -> bool:
        """Whether there is a plan after, proven and audited."""
        return self.status == "proven"

    @cached_property
    def audit(self) -> Audit | None:
        """What the audit says of the plan after."""
        if self.found is None or self.found.result_after is None:
            return None
        return audit(self.found.plan_after.problem, self.found.result_after.assignment)

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        if self.status == "infeasible":
            return ExitCode.NO_LAWFUL_PLAN
        if self.status == "disagrees":
            return ExitCode.DISAGREES
        return self.ground.ends_as(proven=self.proven)

    def to_frame(self) -> pd.DataFrame:
        """One row for every aim: value before and after, verdict."""
        from assigner.report.frames import frame_of
        from assigner.report.whatif_tables import aims

        return frame_of(aims(self))

    def moves_frame(self) -> pd.DataFrame:
        """One row for every duty whose hosts change."""
        from assigner.report.frames import frame_of
        from assigner.report.whatif_tables import moves

        return frame_of(moves(self))

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        from assigner.explaining.answer import whatif_document

        return whatif_document(self)


def whatif(
    source: Any,
    *,
    host: Pairs = (),
    not_host: Pairs = (),
    without: Words = (),
    add: Words = (),
    convener: Words = (),
    switch: Pairs = (),
    lift: Words = (),
    spare: Words = (),
    changes: Iterable[Change] = (),
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> WhatIfAnswer:
    """The best plan under changes, re-optimised through all aims, beside the best plan without them.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A scenario or its file, a ``plan.json``, or an answer of `assigner.solve`.
    host, not_host, without, add, convener, switch, lift, spare
        What is changed (see `assigner.explaining.asking.changes_of`).
    changes : iterable of models.whatif.Change
        Further changes, such as ``models.whatif.Capacity``.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them; the limits hold for both plans together.

    Raises
    ------
    InputError
        The source or a change cannot be used.

    Examples
    --------
    >>> import assigner
    >>> answer = assigner.whatif("scenarios/dongshi-109.yaml", host="4.5=193302")  # doctest: +SKIP
    >>> answer.found.tier("travel").verdict  # doctest: +SKIP
    'same'
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    asked = changes_of(
        ground.plan,
        ground.result.scenario,
        host=host,
        not_host=not_host,
        without=without,
        add=add,
        convener=convener,
        switch=switch,
        lift=lift,
        spare=spare,
    )
    wanted = (*asked, *changes)
    if not ground.has_plan:
        return WhatIfAnswer(ground, wanted, None)
    try:
        found = what_if(ground.plan, wanted, standing=ground.standing, engine=ground.engine)
    except NoPlan:
        found = None
    return WhatIfAnswer(ground, wanted, found)
