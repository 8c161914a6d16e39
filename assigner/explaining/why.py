"""Why this host: what decides each duty of the plan, of all schools, of one school, or of one item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.explaining.asking import Reader, in_words
from assigner.explaining.ground import Ground, OnGround, ground_of
from models.fairness import Envy, Fairness, fairness
from models.objectives.load import points
from models.stopping import Progress, Stop
from models.tiers import NoPlan
from models.whatif import (
    Cell,
    HostCosts,
    NotHost,
    Row,
    TierChange,
    exclusion,
    first_change,
    host_costs,
    matrix_tasks,
    rows_of,
    what_if,
)

if TYPE_CHECKING:
    import pandas as pd

    from models.community import Plan

__all__ = ["Carried", "DutyWhy", "ItemWhy", "Overview", "SchoolWhy", "carried_by", "explain", "explained"]

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class DutyWhy:
    """Why a school hosts a row: what the best plan without that would be.

    Parameters
    ----------
    row : Row
    code : str
    status : {"obliged", "costs", "equal", "stopped"}
        No lawful plan goes without it; the best plan without it is worse in an aim; it is as good in every aim, so that
        the tie-break by code decided; a stop came first.
    first : TierChange or None
        The first aim that changes when it does not host the row, exact.
    tiers : tuple of TierChange
    instead : tuple of str
        Who hosts the row then and does not now.
    moves : int
        Duties whose hosts change then.
    clauses : tuple of str
        Of an obliged host: clauses that keep it so.
    """

    row: Row
    code: str
    status: str
    first: TierChange | None = None
    tiers: tuple[TierChange, ...] = ()
    instead: tuple[str, ...] = ()
    moves: int = 0
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """What a school carries.

    Parameters
    ----------
    code : str
    points, capacity : Fraction
    rank : int
        Schools with a larger ratio, and one.
    alike : int
        Schools with the same ratio, itself included.
    of : int
        Schools that carry a load.
    """

    code: str
    points: Fraction
    capacity: Fraction
    rank: int
    alike: int
    of: int

    @property
    def ratio(self) -> Fraction:
        """Load by capacity."""
        return self.points / self.capacity


class _Answer(OnGround):
    def to_frame(self) -> pd.DataFrame:
        """The answer as a frame."""
        from assigner.report.explain_tables import main_table
        from assigner.report.frames import frame_of

        return frame_of(main_table(self))

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        from assigner.explaining.answer import explanation_document

        assert isinstance(self, Overview | SchoolWhy | ItemWhy)
        return explanation_document(self)


@dataclass(frozen=True)
class Overview(_Answer):
    """Every school with its load, every duty with the aim that decides it.

    Parameters
    ----------
    ground : Ground
    carried : tuple of Carried
        The heaviest first.
    duties : tuple of DutyWhy
        In the order of the programme.
    """

    carried: tuple[Carried, ...] = ()
    duties: tuple[DutyWhy, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.ground.proven and all(duty.status != "stopped" for duty in self.duties)


@dataclass(frozen=True)
class SchoolWhy(_Answer):
    """Why a school carries what it carries.

    Parameters
    ----------
    ground : Ground
    code : str
    carried : Carried or None
    mean : Fraction
        Of the ratios of all schools.
    duties : tuple of DutyWhy
        The duties that it hosts.
    others : Mapping of row id to tuple of Cell
        What it would cost that each other school hosted the row.
    could : tuple of Cell
        What it would cost that it hosted each of the other rows.
    spared : Mapping of str to Mapping of str to tuple of str
        School -> clause -> rows that the clause alone keeps from it.
    fair : Fairness or None
        None where a stop came first.
    """

    code: str = ""
    carried: Carried | None = None
    mean: Fraction = Fraction(0)
    duties: tuple[DutyWhy, ...] = ()
    others: Mapping[str, tuple[Cell, ...]] | None = None
    could: tuple[Cell, ...] = ()
    spared: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None
    fair: Fairness | None = None

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        cells = [cell for row in (self.others or {}).values() for cell in row]
        open_ = any(cell.status == "stopped" for cell in (*cells, *self.could))
        duties = any(duty.status == "stopped" for duty in self.duties)
        return self.ground.proven and not open_ and not duties and self._is_judged

    @property
    def _is_judged(self) -> bool:
        """Whether no stop came before fairness was judged."""
        fair = self.fair
        if fair is None or not (fair.all_asked and fair.least.proven and fair.least_same_work.proven):
            return False
        known = (share for share in fair.shares if share.code == self.code)
        return all(share.least_lawful is not None and share.least_optimal is not None for share in known)

    @property
    def envies(self) -> tuple[Envy, ...]:
        """Schools whose share it would lawfully rather have."""
        return () if self.fair is None else tuple(envy for envy in self.fair.envies if envy.code == self.code)


@dataclass(frozen=True)
class ItemWhy(_Answer):
    """Who could host an item, and at what cost.

    Parameters
    ----------
    ground : Ground
    found : HostCosts or None
    duties : tuple of DutyWhy
        Of the present hosts.
    """

    found: HostCosts | None = None
    duties: tuple[DutyWhy, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.ground.proven and self.found is not None and self.found.proven


def explain(
    source: Any,
    *,
    school: str | None = None,
    item: str | None = None,
    told: Told | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> Overview | SchoolWhy | ItemWhy:
    """Explain a plan: of all schools, of one school, or of one item; re-optimised, exact.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A scenario or its file, a ``plan.json``, or an answer of `assigner.solve`.
    school : str, optional
        Code or name.
    item : str, optional
        Id or title of an item or a bundle.
    told : callable, optional
        Hears how many duties are done, and of how many.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them; the limits hold for everything together.

    Raises
    ------
    InputError
        The source cannot be used; no school or item is called so.
    ValueError
        Both a school and an item are named.
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    return explained(ground, school=school, item=item, told=told)


def explained(
    ground: Ground, *, school: str | None = None, item: str | None = None, told: Told | None = None
) -> Overview | SchoolWhy | ItemWhy:
    """Explain a plan that is there (parameters as `explain`)."""
    if school is not None and item is not None:
        raise ValueError("a school or an item, not both")
    reader = Reader(ground.plan)
    code = None if school is None else reader.participant("--school", school)
    row = None if item is None else reader.row("--item", item)
    reader.stop_if_wrong()
    with in_words(ground.plan):
        if row is not None:
            return _item(ground, row, told)
        if code is not None:
            return _school(ground, code, told)
        return _overview(ground, told)


# ---------------------------------------------------------------------------------------------------------- the parts


def _duty(ground: Ground, row: Row, code: str) -> DutyWhy:
    """The best plan in which a school does not host a row."""
    if ground.engine.exhausted():
        return DutyWhy(row, code, "stopped")
    plan = ground.plan
    try:
        answer = what_if(plan, [NotHost(row.id, code)], standing=ground.standing, engine=ground.engine)
    except NoPlan:
        return DutyWhy(row, code, "stopped")
    if answer.result_after is None:
        if not answer.proven:
            return DutyWhy(row, code, "stopped")
        bans = {clause.id for clause in plan.rules.of_kind("bans")}
        found = () if answer.why_none is None else answer.why_none.clauses
        return DutyWhy(row, code, "obliged", clauses=tuple(clause for clause in found if clause not in bans))
    if not answer.proven and ground.proven:
        return DutyWhy(row, code, "stopped")
    first = first_change(answer.tiers)
    before = row.hosts(ground.assignment)
    instead = tuple(other for other in row.hosts(answer.result_after.assignment) if other not in before)
    status = "equal" if first is None else "costs"
    return DutyWhy(row, code, status, first, answer.tiers, instead, len(answer.moves))


def _duties(ground: Ground, wanted: list[tuple[Row, str]], told: Told | None) -> tuple[DutyWhy, ...]:
    found = []
    for number, (row, code) in enumerate(wanted, 1):
        found.append(_duty(ground, row, code))
        if told is not None:
            told(number, len(wanted))
    return tuple(found)


def _hosted(ground: Ground, code: str | None = None) -> list[tuple[Row, str]]:
    """Rows with their hosts, in the order of the programme; of one school or of all."""
    assignment = ground.assignment
    pairs = [(row, host) for row in rows_of(ground.plan) for host in row.hosts(assignment)]
    return [pair for pair in pairs if code in (None, pair[1])]


def carried_by(ground: Ground) -> tuple[Carried, ...]:
    """What every school carries, the heaviest first."""
    plan = ground.plan
    loads = points(plan, ground.assignment)
    ratios = {code: load / plan.capacity(code) for code, load in loads.items()}
    found = [
        Carried(
            code,
            loads[code],
            plan.capacity(code),
            1 + sum(other > ratio for other in ratios.values()),
            sum(other == ratio for other in ratios.values()),
            len(ratios),
        )
        for code, ratio in ratios.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.ratio, entry.code)))


def _overview(ground: Ground, told: Told | None) -> Overview:
    if not ground.has_plan:
        return Overview(ground)
    return Overview(ground, carried_by(ground), _duties(ground, _hosted(ground), told))


def _item(ground: Ground, row_id: str, told: Told | None) -> ItemWhy:
    if not ground.has_plan:
        return ItemWhy(ground)
    row = next(row for row in rows_of(ground.plan) if row.id == row_id)
    found = host_costs(ground.plan, row_id, standing=ground.standing)
    pairs = [(row, code) for code in row.hosts(ground.assignment)]
    return ItemWhy(ground, found, _duties(ground, pairs, told))


def _school(ground: Ground, code: str, told: Told | None) -> SchoolWhy:
    if not ground.has_plan:
        return SchoolWhy(ground, code)
    plan, engine = ground.plan, ground.engine
    carried = carried_by(ground)
    hosted = _hosted(ground, code)
    rows = tuple(row.id for row, _ in hosted)
    duties = _duties(ground, hosted, told)
    others: dict[str, tuple[Cell, ...]] = {}
    if rows:
        for task in matrix_tasks(plan, ground.tiers, rows=rows):
            cells = task.run(plan, engine)
            others = {row: tuple(c for (r, s), c in cells.items() if r == row and s != code) for row in rows}
    could: tuple[Cell, ...] = ()
    rest = tuple(row.id for row in rows_of(plan) if row.id not in rows)
    for task in matrix_tasks(plan, ground.tiers, rows=rest, schools=[code]):
        could = tuple(task.run(plan, engine).values())
    fair = None if engine.exhausted() else fairness(plan, ground.assignment, engine)
    mine = next((entry for entry in carried if entry.code == code), None)
    ratios = [entry.ratio for entry in carried]
    mean = sum(ratios, Fraction(0)) / len(ratios) if ratios else Fraction(0)
    return SchoolWhy(ground, code, mine, mean, duties, others, could, spared(plan), fair)


def spared(plan: Plan) -> dict[str, dict[str, tuple[str, ...]]]:
    """School -> clause -> rows that the clause alone keeps from it; rows that nobody may host are left out."""
    by_row = {
        row.id: {code: exclusion(plan, row.items, code, thorough=False) for code in plan.candidates}
        for row in rows_of(plan)
    }
    found: dict[str, dict[str, list[str]]] = {}
    for row, schools in by_row.items():
        if all(schools.values()):
            continue
        for code, clauses in schools.items():
            for clause in clauses:
                found.setdefault(code, {}).setdefault(clause, []).append(row)
    return {code: {clause: tuple(rows) for clause, rows in kept.items()} for code, kept in sorted(found.items())}
