"""The price of each rule, and what hangs on our numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assigner.explaining.ground import OnGround, ground_of
from models.stopping import Progress, Stop
from models.whatif import RulePrices, Sensitivity, rule_prices
from models.whatif import sensitivity as stability_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PricesAnswer", "SensitivityAnswer", "prices", "sensitivity"]

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class PricesAnswer(OnGround):
    """What the plan would gain without each rule.

    Parameters
    ----------
    ground : Ground
    switches : bool
        Other readings were priced as well.
    found : RulePrices or None
        None where there is no plan.
    """

    switches: bool
    found: RulePrices | None

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.found is not None and self.found.proven

    def to_frame(self) -> pd.DataFrame:
        """One row for every rule: kind, what it is, verdict, first aim that changes, source."""
        from assigner.report.explain_tables import prices
        from assigner.report.frames import frame_of

        return frame_of(prices(self))

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        from assigner.explaining.answer import prices_document

        return prices_document(self)


@dataclass(frozen=True)
class SensitivityAnswer(OnGround):
    """Which duties stay when the invented numbers move.

    Parameters
    ----------
    ground : Ground
    found : Sensitivity or None
        None where there is no plan.
    """

    found: Sensitivity | None

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.found is not None and self.found.proven and self.ground.proven

    def to_frame(self) -> pd.DataFrame:
        """One row for every duty: under how many changes it stays."""
        from assigner.report.explain_tables import stability
        from assigner.report.frames import frame_of

        return frame_of(stability(self))

    def changes_frame(self) -> pd.DataFrame:
        """One row for every change: duties that move, first aim that changes."""
        from assigner.report.explain_tables import tried
        from assigner.report.frames import frame_of

        return frame_of(tried(self))

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        from assigner.explaining.answer import sensitivity_document

        return sensitivity_document(self)


def prices(
    source: Any,
    *,
    switches: bool = False,
    told: Told | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> PricesAnswer:
    """What the plan would gain if each clause, pin or ban were lifted, exact and sorted.

    Parameters
    ----------
    source : str, Path, Scenario or Result
    switches : bool
        Price every other reading of the text as well.
    told : callable, optional
        Hears how many rules are done, and of how many.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them; the limits hold for all prices together.

    Raises
    ------
    InputError
        The source cannot be used.
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    if not ground.has_plan:
        return PricesAnswer(ground, switches, None)
    found = rule_prices(ground.plan, ground.tiers, switches=switches, engine=ground.engine, told=told)
    return PricesAnswer(ground, switches, found)


def sensitivity(
    source: Any,
    *,
    told: Told | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> SensitivityAnswer:
    """How stable each duty is when efforts, trips, capacity, the band and the order of the aims move.

    Parameters
    ----------
    source : str, Path, Scenario or Result
    told : callable, optional
        Hears how many changes are done, and of how many.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them; the limits hold for all changes together.

    Raises
    ------
    InputError
        The source cannot be used.
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    if not ground.has_plan:
        return SensitivityAnswer(ground, None)
    return SensitivityAnswer(ground, stability_of(ground.plan, ground.tiers, engine=ground.engine, told=told))
