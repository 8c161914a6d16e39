"""Why the whole plan: every duty with what decides it, and what every other host would cost; for its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from assigner.explaining.ground import Ground, ground_of
from assigner.explaining.why import Overview, SchoolWhy, Told, explained
from assigner.planner import Result
from models.stopping import Stop
from models.whatif import Matrix, matrix

__all__ = ["WORK", "PlanWhy", "why_of_plan"]

#: Work of the solver granted to it when nothing else is said: many times what a community of forty schools takes.
WORK = 100.0


@dataclass(frozen=True)
class PlanWhy:
    """Why every school hosts what it hosts.

    Parameters
    ----------
    overview : Overview
    matrix : Matrix
        What it would cost that each school hosted each duty.
    """

    overview: Overview
    matrix: Matrix

    @property
    def ground(self) -> Ground:
        """The plan that is explained."""
        return self.overview.ground

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.overview.proven and self.matrix.proven

    def school(self, code: str) -> SchoolWhy:
        """What is known of a school; how fair its share is, is not."""
        carried = self.overview.carried
        ratios = [entry.ratio for entry in carried]
        cells = self.matrix.cells
        duties = tuple(duty for duty in self.overview.duties if duty.code == code)
        own = [duty.row.id for duty in duties]
        return SchoolWhy(
            self.ground,
            code,
            next((entry for entry in carried if entry.code == code), None),
            sum(ratios, Fraction(0)) / len(ratios) if ratios else Fraction(0),
            duties,
            {row: tuple(cell for (r, c), cell in cells.items() if r == row and c != code) for row in own},
            tuple(cell for (row, c), cell in cells.items() if c == code and row not in own),
        )


def why_of_plan(
    result: Result,
    *,
    work_limit: float | None = WORK,
    time_limit: float | None = None,
    stop: Stop | None = None,
    told: Told | None = None,
    log: Callable[[str], None] | None = None,
) -> PlanWhy | None:
    """Explain the plan of an answer, within limits of its own; what they leave open says so.

    Parameters
    ----------
    result : Result
    work_limit, time_limit, stop, log
        As `assigner.planner.solve` takes them.
    told : callable, optional
        Hears how many questions are answered, and of how many.

    Returns
    -------
    PlanWhy or None
        None without a plan, and of one that is the best of some plans only.
    """
    if result.among is not None:
        return None
    ground = ground_of(result, work_limit=work_limit, time_limit=time_limit, stop=stop, log=log, seed=result.seed)
    if not ground.has_plan:
        return None
    overview = explained(ground, told=told)
    assert isinstance(overview, Overview)
    return PlanWhy(overview, matrix(ground.plan, ground.tiers, engine=ground.engine, told=told))
