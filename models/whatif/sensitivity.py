"""What hangs on our numbers: which duties stay when the invented ones move.

Each change gives another problem, and that one canonical optimal plan (the tie-break included). A duty *stays* under a
change when it is in that plan. So a duty that does not stay may still be in another plan that is as good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from models.community import Plan
from models.engine import Engine
from models.tiers import NoPlan, TiersResult, full_order, solve_tiers
from models.whatif.changes import Change, Effort, Measure, Order, Trips
from models.whatif.solving import WhatIf, what_if
from models.whatif.standing import Standing
from models.whatif.values import rows_of

__all__ = ["Duty", "Sensitivity", "sensitivity", "tried_changes"]


@dataclass(frozen=True)
class Duty:
    """A duty of the plan, and under how many of the changes it stays.

    Parameters
    ----------
    row : str
        Unit or item.
    code : str
        Its host.
    stays, tried : int
        Changes under which it is in the canonical optimal plan, and changes that were solved.
    lost_under : tuple of Change
    """

    row: str
    code: str
    stays: int
    tried: int
    lost_under: tuple[Change, ...]

    @property
    def stability(self) -> Fraction:
        """Share of the changes under which it stays; 1 where nothing was tried."""
        return Fraction(self.stays, self.tried) if self.tried else Fraction(1)


@dataclass(frozen=True)
class Sensitivity:
    """The duties of a plan with their stability, and what each change does.

    Parameters
    ----------
    duties : tuple of Duty
        In the rulebook's order, then by code.
    answers : tuple of WhatIf
        One for each change that was solved and proven.
    open : tuple of Change
        Changes left open by a stop.
    """

    duties: tuple[Duty, ...]
    answers: tuple[WhatIf, ...]
    open: tuple[Change, ...]

    @property
    def stable(self) -> tuple[Duty, ...]:
        """Duties that stay under every change."""
        return tuple(duty for duty in self.duties if duty.stays == duty.tried)

    @property
    def proven(self) -> bool:
        """Whether every change was solved and proven."""
        return not self.open


def tried_changes(plan: Plan) -> tuple[Change, ...]:
    """Efforts and capacity a point up and down, trips and the band a half up and down, the order of tiers reversed.

    An effort stays at zero or above. The reversed order keeps exploration before the loads, since they would close it
    down, and the tie-break last.
    """
    rules = plan.rules
    found: list[Change] = []
    for unit in rules.units.values():
        found.append(Effort(unit.id, unit.effort_points + 1))
        if unit.effort_points >= 1:
            found.append(Effort(unit.id, unit.effort_points - 1))
    for unit in rules.units.values():
        if unit.trips is not None and unit.trips.times_a_year:
            times = unit.trips.times_a_year
            found += [Trips(unit.id, times / 2), Trips(unit.id, times * 3 / 2)]
    if rules.option("load_scale") == "band":
        band = rules.measure("load_band")
        found += [Measure("load_band", band / 2), Measure("load_band", band * 3 / 2)]
    points = rules.measure("capacity_points")
    found += [Measure("capacity_points", points + step) for step in (1, -1) if points + step > 0]
    order = [tier for tier in full_order(plan) if tier not in ("exploration", "tie_break")]
    found.append(Order((*reversed(order), "tie_break")))
    return tuple(found)


def sensitivity(
    plan: Plan,
    result: TiersResult | None = None,
    *,
    changes: tuple[Change, ...] = (),
    engine: Engine | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Solve the plan under changes of our numbers and mark how stable each duty is.

    Parameters
    ----------
    plan, result : Plan, TiersResult
        Without a result the plan is solved first.
    changes : tuple of Change, optional
        `tried_changes` by default.
    engine : Engine, optional
        Its limits are those of all changes together.
    told : callable, optional
        Hears how many are done, and of how many.
    """
    engine = engine or Engine()
    standing = Standing(plan, solve_tiers(plan, engine) if result is None else result, engine)
    changes = changes or tried_changes(plan)
    answers: list[WhatIf] = []
    left: list[Change] = []
    for number, change in enumerate(changes, 1):
        answer = None if engine.exhausted() else _answer(standing, change, engine)
        if answer is None:
            left.append(change)
        else:
            answers.append(answer)
        if told is not None:
            told(number, len(changes))
    duties: list[Duty] = []
    for row in rows_of(plan):
        for code in row.hosts(standing.result.assignment):
            lost = tuple(a.changes[0] for a in answers if not _hosts(a, row.items, code))
            duties.append(Duty(row.id, code, len(answers) - len(lost), len(answers), lost))
    return Sensitivity(tuple(duties), tuple(answers), tuple(left))


def _answer(standing: Standing, change: Change, engine: Engine) -> WhatIf | None:
    try:
        answer = what_if(standing.plan, [change], standing=standing, engine=engine, why=False)
    except NoPlan:
        return None
    return answer if answer.proven else None


def _hosts(answer: WhatIf, items: tuple[str, ...], code: str) -> bool:
    after = answer.result_after
    return after is not None and all(code in after.assignment.hosts_of(item) for item in items)
