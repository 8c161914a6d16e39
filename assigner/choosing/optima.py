"""All optimal plans: how many, what they share, some of them; and clearly different plans that are nearly as good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assigner.documented import Documented
from assigner.errors import ExitCode
from assigner.explaining.ground import Ground, ground_of
from models.choices import DifferentPlan, OptimalPlans, different_plans, optimal_plans
from models.community import Assignment
from models.difference import HandOver, hand_overs
from models.stopping import Progress, Stop, StoppedBy
from models.tiers import NoPlan, full_order
from models.whatif import rows_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.planner import Result
    from assigner.scenario import Scenario

__all__ = ["LISTED", "TOLERANCE", "Optima", "optima"]

#: Optimal plans that are listed when nothing else is said.
LISTED = 10

#: By how much a clearly different plan may be worse in each aim when nothing else is said.
TOLERANCE = Fraction(1, 20)


@dataclass(frozen=True, eq=False)
class Optima(Documented):
    """All plans that are equally good, and clearly different ones that are nearly as good.

    Parameters
    ----------
    ground : Ground
        The plan that the tie-break takes.
    found : OptimalPlans or None
        None where there is no plan, or a stop came first.
    different : tuple of DifferentPlan or None
        The chosen plan first; None when not asked for.
    tolerance : Fraction
        By which the different ones may be worse in each aim.
    wanted : int
        Different plans asked for besides the chosen one.
    stopped_by : {"work", "time", "person"} or None
    """

    ground: Ground
    found: OptimalPlans | None
    different: tuple[DifferentPlan, ...] | None = None
    tolerance: Fraction = TOLERANCE
    wanted: int = 0
    stopped_by: StoppedBy | None = None

    @property
    def status(self) -> Literal["complete", "counted_in_part", "stopped", "no_plan"]:
        """All counted, by proof; at least so many; stopped before that; no plan at all."""
        if not self.ground.has_plan:
            return "no_plan"
        if self.found is None or self.stopped_by is not None:
            return "stopped"
        return "complete" if self.found.complete else "counted_in_part"

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return self.ground.ends_as(proven=self.status != "stopped")

    def moves_to(self, other: Assignment) -> tuple[HandOver, ...]:
        """What another plan gives to others than the chosen plan does."""
        return hand_overs(rows_of(self.ground.plan), self.ground.assignment, other)

    def to_frame(self) -> pd.DataFrame:
        """One row for every work item: its hosts in every optimal plan, and those in some.

        Returns
        -------
        pandas.DataFrame
        """
        from assigner.report.choices_tables import backbone
        from assigner.report.frames import frame_of

        return frame_of(backbone(self))

    def plot(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw work items against schools: which duties are the same in every optimal plan, and which are free.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw it; by default a picture of its own.
        lang : {"zh-TW", "en"}, optional
            By default the current language.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from assigner.report.choices_plot import plot_backbone

        return plot_backbone(self, ax, lang)

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        from assigner.choosing.answer import optima_document

        return optima_document(self)


def optima(
    source: str | Path | Scenario | Result,
    *,
    limit: int = LISTED,
    different: int = 0,
    tolerance: Fraction | float | str = TOLERANCE,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> Optima:
    """Count the plans that are best in every aim but the tie-break, list some, and say what they share.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A scenario or its file, a ``plan.json``, or an answer of `assigner.solve`.
    limit : int
        List at most so many.
    different : int
        Also find so many plans that are clearly different from the chosen one and from each other.
    tolerance : Fraction, float or str
        By which these may be worse than the chosen plan in each aim, such as ``"5%"`` or ``"1/20"``.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them.

    Raises
    ------
    assigner.errors.InputError, models.documents.DocumentError
        The source cannot be used.

    Examples
    --------
    >>> import assigner
    >>> answer = assigner.optima("scenarios/dongshi-109.yaml")  # doctest: +SKIP
    >>> answer.found.count, answer.found.complete  # doctest: +SKIP
    (4838400, True)
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    share = _share(tolerance)
    if not ground.has_plan:
        return Optima(ground, None, None, share, different)
    others = None
    if different:
        # First, since counting can take whatever there is.
        tolerances = dict.fromkeys(full_order(ground.plan), share)
        others = different_plans(ground.plan, different + 1, tolerances, ground.engine, result=ground.tiers)
    try:
        found = optimal_plans(ground.plan, ground.engine, most=limit)
    except NoPlan:  # stopped before the first was found again
        return Optima(ground, None, others, share, different, ground.engine.stopped_by)
    done = ground.proven and found.proven and not found.undecided
    done = done and not (ground.engine.exhausted() and not _is_whole(found, others, different))
    return Optima(ground, found, others, share, different, None if done else ground.engine.stopped_by)


def _share(tolerance: Fraction | float | str) -> Fraction:
    text = str(tolerance).strip()
    share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if share < 0:
        raise ValueError(f"a tolerance is not below zero, as {text} is")
    return share


def _is_whole(found: OptimalPlans, others: tuple[DifferentPlan, ...] | None, different: int) -> bool:
    """Whether nothing that was asked for is left open."""
    return found.complete and (others is None or (len(others) > different and all(p.farthest for p in others)))
