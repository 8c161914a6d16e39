"""What it would cost that a school hosts an item: for the hosts of one item, and for every item and school."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from models.community import Assignment, Plan
from models.engine import Engine, Outcome
from models.tiers import NoPlan, TiersResult, full_order, parts, solve_tiers
from models.whatif.changes import Host, NotHost, changed, demands_bind
from models.whatif.solving import exclusion, what_if
from models.whatif.standing import Kept, Standing, Stopped, asks_for_more
from models.whatif.values import (
    Row,
    TierChange,
    compared,
    first_change,
    proven_result,
    rows_of,
    sort_key,
    tier_values,
)

__all__ = [
    "Cell",
    "HostCost",
    "HostCosts",
    "Matrix",
    "MatrixTask",
    "host_costs",
    "matrix",
    "matrix_tasks",
    "put_together",
]

Status = Literal["present", "free", "changes", "excluded", "stopped"]


@dataclass(frozen=True)
class Cell:
    """What it costs that one school hosts one row.

    Parameters
    ----------
    row, code : str
    status : {"present", "free", "changes", "excluded", "stopped"}
        It hosts it in the plan; it does so in another plan that is as good (but for the tie-break); a tier changes; no
        lawful plan has it; a stop came first.
    first : TierChange or None
        The first tier that changes, exact. It gets worse; better only where the demand asks for one host more, or where
        a tolerance is given.
    tiers : tuple of TierChange
        All tiers, where they were asked for.
    clauses : tuple of str
        Of an excluded cell: a clause that excludes it alone. Empty: several do together (`exclusion` names them).
    """

    row: str
    code: str
    status: Status
    first: TierChange | None = None
    tiers: tuple[TierChange, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """All cells, by row and school.

    Parameters
    ----------
    rows : tuple of Row
    schools : tuple of str
    cells : Mapping of (row id, code) to Cell
    proven : bool
        The plan is proven, and no cell was stopped.
    """

    rows: tuple[Row, ...]
    schools: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    proven: bool


@dataclass(frozen=True)
class MatrixTask:
    """Some cells of a matrix, in plain values: it can be handed to another process that has the plan by its own means.

    Parameters
    ----------
    cells : tuple of (row id, code)
    convener : str
    hosts, ways : tuple
        The optimal plan: items with their hosts, schools with their ways.
    proven : bool
        Whether it is proven.
    all_tiers : bool
    """

    cells: tuple[tuple[str, str], ...]
    convener: str
    hosts: tuple[tuple[str, tuple[str, ...]], ...]
    ways: tuple[tuple[str, tuple[str, ...]], ...]
    proven: bool
    all_tiers: bool = False

    def run(
        self, plan: Plan, engine: Engine | None = None, told: Callable[[int, int], None] | None = None
    ) -> dict[tuple[str, str], Cell]:
        """Solve the cells. `told` hears how many are done, and of how many. What a stop leaves open says so."""
        assignment = Assignment(self.convener, dict(self.hosts), dict(self.ways))
        result = _as_result(plan, assignment, self.proven)
        return _Filling(Standing(plan, result, engine), self.cells, self.all_tiers, told).run()


def _as_result(plan: Plan, assignment: Assignment, proven: bool) -> TiersResult:
    result = proven_result(plan, assignment, full_order(plan))
    if proven:
        return result
    return replace(result, tiers=tuple(replace(tier, status="feasible", bound=None) for tier in result.tiers))


def matrix_tasks(
    plan: Plan,
    result: TiersResult,
    *,
    rows: Sequence[str] = (),
    schools: Sequence[str] = (),
    all_tiers: bool = False,
    share_among: int = 1,
) -> list[MatrixTask]:
    """The matrix in so many tasks of about the same size, whole rows in each.

    Parameters
    ----------
    plan, result : Plan, TiersResult
    rows, schools : sequence of str
        Unit or item ids, and codes; all by default.
    all_tiers : bool
        Solve every cell through all tiers, not only to the first that changes.
    share_among : int
    """
    chosen = [row for row in rows_of(plan) if not rows or row.id in rows]
    codes = tuple(code for code in plan.candidates if not schools or code in schools)
    shares = [chosen[k::share_among] for k in range(share_among)]
    assignment = result.assignment
    return [
        MatrixTask(
            tuple((row.id, code) for row in share for code in codes),
            assignment.convener,
            tuple((item, tuple(hosts)) for item, hosts in assignment.hosts.items()),
            tuple((code, tuple(ways)) for code, ways in assignment.ways.items()),
            result.proven,
            all_tiers,
        )
        for share in shares
        if share
    ]


def put_together(plan: Plan, result: TiersResult, cells: Iterable[Mapping[tuple[str, str], Cell]]) -> Matrix:
    """A matrix from what its tasks gave."""
    found = {key: cell for part in cells for key, cell in part.items()}
    rows = tuple(row for row in rows_of(plan) if any(key[0] == row.id for key in found))
    codes = tuple(code for code in plan.candidates if any(key[1] == code for key in found))
    order = {(row.id, code): found[row.id, code] for row in rows for code in codes if (row.id, code) in found}
    whole = result.proven and all(cell.status != "stopped" for cell in order.values())
    return Matrix(rows, codes, order, whole)


def matrix(
    plan: Plan,
    result: TiersResult | None = None,
    *,
    rows: Sequence[str] = (),
    schools: Sequence[str] = (),
    all_tiers: bool = False,
    engine: Engine | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Matrix:
    """Every row and school: the first tier that changes when the school hosts the row, and by how much. Exact.

    Parameters
    ----------
    plan, result, rows, schools, all_tiers
        See `matrix_tasks`; without a result the plan is solved first.
    engine : Engine, optional
        Its limits are those of the whole matrix.
    told : callable, optional
        Hears how many cells are done, and of how many.
    """
    engine = engine or Engine()
    result = solve_tiers(plan, engine) if result is None else result
    tasks = matrix_tasks(plan, result, rows=rows, schools=schools, all_tiers=all_tiers)
    return put_together(plan, result, [task.run(plan, engine, told) for task in tasks])


class _Filling:
    """Fills some cells of the matrix of a plan."""

    def __init__(
        self,
        standing: Standing,
        cells: Sequence[tuple[str, str]],
        all_tiers: bool,
        told: Callable[[int, int], None] | None,
    ) -> None:
        self.standing, self.asked, self.all_tiers, self.told = standing, cells, all_tiers, told
        self.plan = standing.plan
        self.rows = {row.id: row for row in rows_of(self.plan)}
        self.cells: dict[tuple[str, str], Cell] = {}

    def run(self) -> dict[tuple[str, str], Cell]:
        for row, code in self.asked[:1]:
            demands_bind(self.plan.problem, Host(row, code))
        by_part: dict[int, list[tuple[Row, str]]] = {}
        for identity, code in self.asked:
            by_part.setdefault(self.standing.part_of(self.rows[identity].items[0]), []).append(
                (self.rows[identity], code)
            )
        try:
            for part, cells in by_part.items():
                self._part(part, cells)
        except Stopped:
            pass
        for row, code in self.asked:
            self.cells.setdefault((row, code), Cell(row, code, "stopped"))
        return {key: self.cells[key] for key in self.asked}

    def _put(self, row: Row, code: str, status: Status, **more: Any) -> None:
        self.cells[row.id, code] = Cell(row.id, code, status, **more)
        if self.told is not None:
            self.told(len(self.cells), len(self.asked))

    def _part(self, part: int, cells: Sequence[tuple[Row, str]]) -> None:
        kept = self.standing.kept(part)
        open_: list[tuple[Row, str]] = []
        slow: list[tuple[Row, str]] = []
        for row, code in cells:
            literals = kept.literals(row.items, code)
            if self.standing.is_strict and kept.is_true(row.items, code):
                self._put(row, code, "present", tiers=self._all(self.standing.result.assignment))
                continue
            alone = exclusion(self.plan, row.items, code, thorough=False)
            if alone:
                self._put(row, code, "excluded", clauses=alone)
            elif not self.standing.is_plain or any(asks_for_more(self.plan, item, code) for item in row.items):
                slow.append((row, code))
            elif any(kept.duties.value_if_fixed(literal) is False for literal in literals):
                self._put(row, code, "excluded")
            else:
                open_.append((row, code))
        self._descend(part, kept, open_)
        for row, code in slow:
            self._anew(part, row, code)

    def _descend(self, part: int, kept: Kept, cells: list[tuple[Row, str]]) -> None:
        """From all groups held down to none: cells that a level can fulfil are settled in the group above it."""
        left = list(cells)
        for held in range(len(kept.groups), -1, -1):
            demands = [kept.literals(row.items, code) for row, code in left]
            named: set[int] = set()
            for found, outcome in kept.cover(demands, held):
                named.update(found)
                for k in found:
                    self._settle(part, kept, left[k], demands[k], held, outcome)
            left = [cell for k, cell in enumerate(left) if k not in named]
            if not left:
                return
        for row, code in left:
            demand = kept.literals(row.items, code)
            confirmed = kept.ask(demand, 0, presolve=False)
            if confirmed.solution:
                self._settle(part, kept, (row, code), demand, 0, confirmed)
            else:
                self._put(row, code, "excluded")

    def _settle(
        self, part: int, kept: Kept, cell: tuple[Row, str], demand: Sequence[Any], held: int, start: Outcome
    ) -> None:
        """A cell of which a plan is known that holds so many groups, but none that holds one more."""
        row, code = cell
        if held == len(kept.groups):
            tiers = self._all(self.standing.result.assignment)
            self._put(row, code, "free", tiers=tiers)
            return
        if self.all_tiers:
            assignment = self.standing.with_part(part, kept.run(demand, held, start, tie_break=False))
            tiers = self._all(assignment)
            first = first_change(tiers)
        else:
            best = kept.least(demand, held, start)
            assignment = self.standing.with_part(part, kept.duties.assignment(best.true))
            tiers = ()
            first = first_change(self._compared(assignment, kept.groups[held].tiers))
        assert first is not None, "a group that could not be held changes"
        assert first.verdict == "worse", "nothing is better than the best"
        self._put(row, code, "changes", first=first, tiers=tiers)

    def _compared(self, assignment: Assignment, tiers: Sequence[str]) -> tuple[TierChange, ...]:
        before = {tier: self.standing.values[tier] for tier in tiers}
        return compared((self.plan, before), (self.plan, tier_values(self.plan, assignment, tiers)))

    def _all(self, assignment: Assignment) -> tuple[TierChange, ...]:
        return self._compared(assignment, list(self.standing.values)) if self.all_tiers else ()

    def _anew(self, part: int, row: Row, code: str) -> None:
        """A cell for which the kept model does not stand: its part is solved anew."""
        if self.standing.engine.exhausted():
            raise Stopped
        pinned = Plan(changed(self.plan.problem, [Host(item, code) for item in row.items]), self.plan.convener)
        pieces = parts(pinned, self.standing.names)
        plan, names = pieces[part] if len(pieces) == len(self.standing.parts) else (pinned, self.standing.names)
        order = [name for name in names if name != "tie_break"]
        try:
            tolerant = self.standing.is_tolerant
            result = solve_tiers(plan, self.standing.engine, order=order, tie_break=tolerant)
        except NoPlan as none:
            if not none.proven:
                raise Stopped from None
            self._put(row, code, "excluded")
            return
        if not result.proven:
            raise Stopped
        assignment = result.assignment
        if len(pieces) == len(self.standing.parts):
            assignment = self.standing.with_part(part, assignment)
        tiers = self._compared(assignment, list(self.standing.values))
        first = first_change(tiers)
        status: Status = "changes"
        if first is None:
            status = "present" if code in row.hosts(self.standing.result.assignment) else "free"
        self._put(row, code, status, first=first, tiers=tiers if self.all_tiers else ())


@dataclass(frozen=True)
class HostCost:
    """A possible host of an item.

    Parameters
    ----------
    code : str
    hosts : bool
        It does so in the plan.
    must : tuple of TierChange
        All tiers when it must host the item.
    must_not : tuple of TierChange
        All tiers when it must not; of present hosts only, and empty when there is no such plan.
    why_must : tuple of str
        Of a present host that no lawful plan goes without: clauses that keep it so.
    """

    code: str
    hosts: bool
    must: tuple[TierChange, ...]
    must_not: tuple[TierChange, ...] = ()
    why_must: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostCosts:
    """All possible hosts of an item, the best first, and those that cannot.

    Parameters
    ----------
    row : Row
    hosts : tuple of HostCost
        Ranked by what the plan is then worth, tier by tier; equal ones by code, present hosts first.
    excluded : Mapping of str to tuple of str
        School -> clauses that exclude it.
    proven : bool
    """

    row: Row
    hosts: tuple[HostCost, ...]
    excluded: Mapping[str, tuple[str, ...]]
    proven: bool


def host_costs(
    plan: Plan,
    item: str,
    result: TiersResult | None = None,
    *,
    standing: Standing | None = None,
    engine: Engine | None = None,
) -> HostCosts:
    """Who could host an item (or a unit), and what the plan would then be worth in every tier, re-optimised.

    Raises
    ------
    KeyError
        No item or unit has the id.
    """
    if standing is None:
        engine = engine or Engine()
        standing = Standing(plan, solve_tiers(plan, engine) if result is None else result, engine)
    if engine is not None:
        standing.engine = engine
    row = next((row for row in rows_of(plan) if item == row.id or item in row.items), None)
    if row is None:
        raise KeyError(item)
    cells = _Filling(standing, [(row.id, code) for code in plan.candidates], True, None).run()
    hosts: list[HostCost] = []
    excluded: dict[str, tuple[str, ...]] = {}
    proven = standing.result.proven
    for (_, code), cell in cells.items():
        if cell.status == "excluded":
            excluded[code] = cell.clauses or exclusion(plan, row.items, code)
        elif cell.status == "stopped":
            proven = False
        elif code in row.hosts(standing.result.assignment):
            must_not, why = _without(standing, row, code)
            proven = proven and must_not is not None
            hosts.append(HostCost(code, True, cell.tiers, must_not or (), why))
        else:
            hosts.append(HostCost(code, False, cell.tiers))
    for school in plan.problem.community.schools:
        if school.code not in plan.candidates:
            excluded[school.code] = exclusion(plan, row.items, school.code)

    def rank(host: HostCost) -> tuple[Any, ...]:
        return (*(sort_key(plan, change.tier, change.after) for change in host.must), not host.hosts, host.code)

    return HostCosts(row, tuple(sorted(hosts, key=rank)), excluded, proven)


def _without(standing: Standing, row: Row, code: str) -> tuple[tuple[TierChange, ...] | None, tuple[str, ...]]:
    """All tiers when a present host must not host; None when stopped; with the clauses when there is no such plan."""
    answer = what_if(standing.plan, [NotHost(row.id, code)], standing=standing)
    if answer.result_after is None:
        if not answer.proven:
            return None, ()
        found = () if answer.why_none is None else answer.why_none.clauses
        bans = {clause.id for clause in standing.plan.rules.of_kind("bans")}
        return (), tuple(clause for clause in found if clause not in bans)
    return (answer.tiers, ()) if answer.proven else (None, ())
