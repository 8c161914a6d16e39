"""The duties of one plan as a mixed integer program in HiGHS, every tier solved exactly, one after another.

Leximin is reached by counts: given how many schools lie above the levels already settled, the number at the
next level of the best plan so far is minimised, until no school moves; a level at which a counting bound
already shows that no plan has fewer is settled without a solve. Travel to the nearest host is in radius form:
one binary for each distinct ball of hosts, each tied to the next smaller ball. All variables are integer
(HiGHS has answered wrongly with continuous ones that happen to be integer), all objectives are scaled to
integers, nothing is believed: every tier is recomputed by `tests.oracles.judge`, a disagreement is solved
again without presolve, and so is every "infeasible".
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import highspy
import numpy as np

from models.community import Assignment, Problem
from tests.oracles import judge
from tests.oracles.brute import ways_in_order
from tests.oracles.judge import Value
from tests.oracles.reading import Reading, read

__all__ = ["MipResult", "solve_tiers"]

_INFINITY = highspy.kHighsInf
#: Largest weight in an objective that minimises several numbers one after another.
_LARGEST_WEIGHT = 2**20
#: From so many free columns on it is asked in how many ways the least travel is reached.
_MANY_COLUMNS = 400
#: So many ways are looked for; two tracks alone give two, by swapping.
_MOST_SETS = 5

Terms = Mapping[int, Fraction | int]


@dataclass(frozen=True)
class MipResult:
    """What the MIP found.

    Parameters
    ----------
    status : {"optimal", "infeasible"}
    values : dict
        Tier -> value of the plan, as `tests.oracles.judge.values` has it; empty when infeasible.
    optima : dict
        Tier -> best value given the tiers before it; differs from `values` only where a tolerance lets it.
    assignment : Assignment or None
        With the tie-break among the tiers, the one plan that it means.
    seconds : dict
        Tier -> seconds, building included under ``"build"``.
    solves : int
        Runs of the solver.
    """

    status: str
    values: dict[str, Value] = field(default_factory=dict)
    optima: dict[str, Value] = field(default_factory=dict)
    assignment: Assignment | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    solves: int = 0


class _InfeasibleError(Exception):
    """No plan keeps all clauses."""


class _DisagreementError(AssertionError):
    """The solver contradicts itself or the judge."""


def solve_tiers(problem: Problem, convener: str | None = None, order: Sequence[str] | None = None) -> MipResult:
    """Solve one plan tier by tier.

    Parameters
    ----------
    problem : Problem
    convener : str, optional
        The one the planner stated if not given.
    order : sequence of str, optional
        Tiers to solve, in this order; default all, in the order of the planner or the rulebook. Without
        ``"tie_break"`` the plan returned is one of the best.

    Returns
    -------
    MipResult
    """
    convener = convener or problem.wishes.convener
    if convener is None:
        raise ValueError("a convener is needed")
    reading = read(problem, convener)
    try:
        try:
            return _solve(reading, order or reading.order, presolve=True)
        except _DisagreementError:
            return _solve(reading, order or reading.order, presolve=False)
    except _InfeasibleError:
        return MipResult("infeasible")


def _solve(reading: Reading, order: Sequence[str], presolve: bool) -> MipResult:
    start = time.perf_counter()
    duties = _Duties(reading, presolve)
    seconds = {"build": time.perf_counter() - start}
    optima: dict[str, Value] = {}
    for tier in order:
        start = time.perf_counter()
        claimed = getattr(duties, tier)()
        judged = duties.judged()
        if tier != "tie_break":
            if claimed != judged[tier]:
                raise _DisagreementError(f"{tier}: the solver says {claimed}, the judge {judged[tier]}")
            optima[tier] = judged[tier]
        seconds[tier] = time.perf_counter() - start
    return MipResult("optimal", judged, optima, duties.assignment(), seconds, duties.model.solves)


class _Model:
    """Columns and rows that grow, one solver, and the best solution so far."""

    def __init__(self, presolve: bool) -> None:
        self.solver = highspy.Highs()
        self.presolve = presolve
        for name, value in {
            "output_flag": False,
            "threads": 1,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.5,  # objectives are integers: a bound within a half proves
        }.items():
            self.solver.setOptionValue(name, value)
        self.low: list[int] = []
        self.high: list[int] = []
        self.solution: list[int] | None = None
        self.solves = 0
        self._sent = 0
        self._rows: list[tuple[float, float, Terms]] = []
        self._row_count = 0
        self._cost: set[int] = set()
        self._above: list[int] = []  # union of columns that rows tie together

    def column(self, low: int, high: int, value: int | None = None) -> int:
        """A new integer column; `value` continues the best solution so far."""
        self.low.append(low)
        self.high.append(high)
        self._above.append(len(self._above))
        if self.solution is not None:
            self.solution.append(low if value is None else value)
        return len(self.low) - 1

    def part(self, col: int) -> int:
        """The part of the model to which a column belongs: parts have no row in common."""
        while self._above[col] != col:
            self._above[col] = self._above[self._above[col]]
            col = self._above[col]
        return col

    def row(self, low: float, high: float, terms: Terms, ties: bool = True) -> int:
        """A new row with integer coefficients; its number. `ties` False when it lies in one part anyhow."""
        if ties:
            parts = {self.part(col) for col in terms}
            for part in parts:
                self._above[part] = min(parts)
        self._rows.append((low, high, {col: c for col, c in terms.items() if c}))
        self._row_count += 1
        return self._row_count - 1

    def at_most(self, bound: Fraction | int, terms: Terms) -> int:
        """Sum of terms <= bound, scaled to integers."""
        scale = math.lcm(*(Fraction(c).denominator for c in terms.values()))
        whole = {col: int(c * scale) for col, c in terms.items()}
        divisor = math.gcd(*whole.values()) or 1
        limit = math.floor(Fraction(bound) * scale / divisor)
        return self.row(-_INFINITY, limit, {col: c // divisor for col, c in whole.items()})

    def free_row(self, row: int) -> None:
        """Give up a row."""
        self._send()
        self.solver.changeRowBounds(row, -_INFINITY, _INFINITY)

    def bound(self, col: int, low: int, high: int) -> None:
        """Tighten (or restore) the bounds of a column."""
        self.low[col], self.high[col] = low, high
        if col < self._sent:
            self.solver.changeColBounds(col, low, high)

    def fixed(self, col: int) -> bool:
        """Whether the bounds leave a column no choice."""
        return self.low[col] == self.high[col]

    def worth(self, terms: Terms) -> Fraction:
        """Sum of terms in the best solution so far."""
        assert self.solution is not None
        return sum((Fraction(c) * self.solution[col] for col, c in terms.items()), Fraction(0))

    def least(self, terms: Terms) -> Fraction:
        """The bound that the columns' bounds alone put on a sum of terms."""
        return sum(
            (Fraction(c) * (self.low[col] if c > 0 else self.high[col]) for col, c in terms.items()),
            Fraction(0),
        )

    def minimise(self, terms: Terms, bound: Fraction | int | None = None) -> Fraction:
        """Least sum of terms; the solution is kept. Raises `_InfeasibleError`.

        Parts of the model that the terms do not touch stay as they are in the best solution so far.

        Parameters
        ----------
        terms : Mapping of int to Fraction or int
        bound : Fraction or int, optional
            A known lower bound: when the best solution so far reaches it, nothing is solved.
        """
        terms = {col: c for col, c in terms.items() if c}
        if self.solution is not None:
            least = max(self.least(terms), self.least(terms) if bound is None else Fraction(bound))
            if self.worth(terms) <= least:
                return self.worth(terms)
        aside = self._set_aside(terms)
        whole = self._scaled(terms)
        if not (self.presolve and self._run(whole, presolve=True)) and not self._run(whole, presolve=False):
            if self.solution is not None:
                raise _DisagreementError("infeasible, after a plan was found")
            raise _InfeasibleError
        self._send_bounds(aside)
        return self.worth(terms)

    def _set_aside(self, terms: Terms) -> list[int]:
        """Fix, for one solve, the columns of the parts that the terms do not touch."""
        if self.solution is None:
            return []
        touched = {self.part(col) for col in terms}
        aside = [c for c in range(len(self.low)) if self.low[c] < self.high[c] and self.part(c) not in touched]
        self._send()
        self._send_bounds(aside, self.solution, self.solution)
        return aside

    def _send_bounds(
        self, columns: Sequence[int], low: Sequence[int] | None = None, high: Sequence[int] | None = None
    ) -> None:
        if columns:
            low, high = low or self.low, high or self.high
            bounds = [np.array([float(b[col]) for col in columns]) for b in (low, high)]
            self.solver.changeColsBounds(len(columns), np.array(columns, dtype=np.int32), *bounds)

    def _scaled(self, terms: Terms) -> dict[int, int]:
        scale = math.lcm(*(Fraction(c).denominator for c in terms.values()))
        whole = {col: int(c * scale) for col, c in terms.items()}
        divisor = math.gcd(*whole.values()) or 1
        return {col: c // divisor for col, c in whole.items()}

    def _send(self) -> None:
        columns = len(self.low)
        if columns > self._sent:
            new = columns - self._sent
            none = np.zeros(0, dtype=np.int32)
            low = np.array(self.low[self._sent :], dtype=float)
            high = np.array(self.high[self._sent :], dtype=float)
            self.solver.addCols(new, np.zeros(new), low, high, 0, np.zeros(new, np.int32), none, np.zeros(0))
            which = np.arange(self._sent, columns, dtype=np.int32)
            kinds = np.full(new, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
            self.solver.changeColsIntegrality(new, which, kinds)
            self._sent = columns
        if self._rows:
            starts = np.cumsum([0, *(len(terms) for _, _, terms in self._rows[:-1])]).astype(np.int32)
            index = np.array([col for _, _, terms in self._rows for col in terms], dtype=np.int32)
            value = np.array([float(c) for _, _, terms in self._rows for c in terms.values()])
            low = np.array([float(row[0]) for row in self._rows])
            high = np.array([float(row[1]) for row in self._rows])
            self.solver.addRows(len(self._rows), low, high, len(index), starts, index, value)
            self._rows = []

    def _objective(self, whole: Mapping[int, int]) -> None:
        costs = {col: float(whole.get(col, 0)) for col in sorted(self._cost | whole.keys())}
        if costs:
            which = np.array(list(costs), dtype=np.int32)
            self.solver.changeColsCost(len(costs), which, np.array(list(costs.values())))
        self._cost = set(whole)

    def _run(self, whole: Mapping[int, int], presolve: bool) -> bool:
        """Solve and keep the solution; False when infeasible."""
        # no start is given: with presolve, HiGHS 1.16 at times returns the start with the optimum's objective
        self._send()
        self._objective(whole)
        self.solver.setOptionValue("presolve", "choose" if presolve else "off")
        self.solver.clearSolver()
        self.solver.run()
        self.solves += 1
        status = self.solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return False
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty):
            raise _DisagreementError(f"HiGHS: {self.solver.modelStatusToString(status)}")
        found = self.solver.getSolution().col_value
        self.solution = [round(v) for v in found]
        if any(abs(v - w) > 1e-4 for v, w in zip(found, self.solution, strict=True)):
            raise _DisagreementError("HiGHS: a solution that is not integer")
        objective = sum(c * self.solution[col] for col, c in whole.items())
        bound = self.solver.getInfo().mip_dual_bound
        if whole and bound < objective - 0.75:
            raise _DisagreementError(f"HiGHS: {objective} said to be optimal with the bound {bound}")
        return True

    def reduced_costs(self, terms: Terms) -> tuple[float, list[float], float]:
        """Bound of the linear relaxation, reduced costs, and the worth of a unit of these in terms.

        The rows must not yet hold the optimum of these terms.
        """
        self._send()
        whole = self._scaled(terms)
        self._objective(whole)
        self.solver.setOptionValue("presolve", "choose")
        self.solver.setOptionValue("solve_relaxation", True)
        self.solver.clearSolver()
        self.solver.run()
        self.solver.setOptionValue("solve_relaxation", False)
        value = self.solver.getInfo().objective_function_value
        unit = float(next((Fraction(terms[col]) / c for col, c in whole.items() if c), Fraction(1)))
        return value, list(self.solver.getSolution().col_dual), unit


class _Duties:
    """Who hosts what, as columns; the clauses as rows; one method a tier."""

    def __init__(self, reading: Reading, presolve: bool) -> None:
        self.reading = reading
        self.model = _Model(presolve)
        if not all(judge.convener_holds(reading, clause) for clause in reading.rules.clauses):
            raise _InfeasibleError
        ways = ways_in_order(reading)
        if ways is None or not {item for item, _ in reading.wishes.pins} <= set(reading.items):
            raise _InfeasibleError
        self.ways = ways
        self._columns()
        for clause in reading.rules.clauses:
            rule = getattr(self, f"_{clause.kind}", None)
            if rule is not None:
                rule(clause)
        self._units()
        self._settled_exploration: int | None = None
        for clause in reading.rules.of_kind("load_limit"):
            self._hard_limits(clause)
        self.model.minimise({})

    # ------------------------------------------------------------------------------------ columns and clauses
    def _columns(self) -> None:
        """One column for each item and school that may host it; items with the same hosts share theirs."""
        reading = self.reading
        self.lead = {item: item for item in reading.items}
        for clause in reading.rules.of_kind("same_hosts"):
            leads = {self.lead[item] for item in clause.items}
            first = min(leads, key=reading.items.index)
            self.lead = {item: first if lead in leads else lead for item, lead in self.lead.items()}
        self.x: dict[str, dict[str, int]] = {}
        for item in reading.items:
            if self.lead[item] != item:
                continue
            shared = [i for i in reading.items if self.lead[i] == item]
            must = {code for i in shared for code in reading.forced[i]}
            must |= {code for i, code in reading.wishes.pins if i in shared}
            able = {code for code in reading.candidates if all(self._able(i, code) for i in shared)}
            if not must <= able:
                raise _InfeasibleError
            self.x[item] = {
                code: self.model.column(int(code in must), 1) for code in reading.candidates if code in able
            }

    def _able(self, item: str, code: str) -> bool:
        reading = self.reading
        school = reading.school.get(code)
        if school is None and item not in reading.outside[code]:
            return False
        if school is not None and school.barred and reading.rules.of_kind("barred"):
            return False
        if (item, code) in reading.wishes.bans and reading.rules.of_kind("bans"):
            return False
        refused = reading.willingness(reading.rules.unit_of[item], code) == "cannot"
        if refused and reading.rules.of_kind("cannot"):
            return False
        return all(
            code in reading.role(clause.role, item)
            for clause in reading.rules.of_kind("who_hosts")
            if item in clause.items
        )

    def _hosts(self, item: str, among: Iterable[str] | None = None) -> dict[int, int]:
        """Terms that count the hosts of an item (among some schools)."""
        columns = self.x[self.lead[item]]
        chosen = columns if among is None else [code for code in columns if code in set(among)]
        return {columns[code]: 1 for code in chosen}

    def _sum(self, parts: Iterable[Terms]) -> dict[int, Fraction | int]:
        total: dict[int, Fraction | int] = {}
        for part in parts:
            for col, c in part.items():
                total[col] = total.get(col, 0) + c
        return total

    def _host_count(self, clause: object) -> None:
        counts = {i: self._hosts(i, self.reading.counting_role(clause, i)) for i in clause.items}
        most = _INFINITY if clause.at_most is None else clause.at_most
        if clause.together:
            self.model.row(clause.at_least, most, self._sum(counts.values()))
            return
        for terms in {tuple(terms): terms for terms in counts.values()}.values():
            self.model.row(clause.at_least, most, terms)

    def _different_hosts(self, clause: object) -> None:
        for code in self.reading.candidates:
            columns = [self.x[self.lead[i]][code] for i in clause.items if code in self.x[self.lead[i]]]
            if len(columns) > 1:
                self.model.row(-_INFINITY, 1, self._sum({col: 1} for col in columns))

    def _equal_numbers(self, clause: object) -> None:
        for one, two in itertools.pairwise(clause.items):
            difference = self._sum([self._hosts(one), dict.fromkeys(self._hosts(two), -1)])
            self.model.row(0, 0, difference)

    def _track_cap(self, clause: object) -> None:
        band = clause.band_for(self.reading.n)
        for item in clause.items:
            least = band.most_per_track if clause.exact else 0
            self.model.row(least, band.most_per_track, self._hosts(item))
        self.model.row(-_INFINITY, band.most_hosts, self._sum(self._hosts(i) for i in clause.items))

    def _exploration_number(self, clause: object) -> None:
        asked = self.reading.wishes.exploration_numbers
        for item in clause.items:
            if item in asked:
                self.model.row(asked[item], asked[item], self._hosts(item))

    def _host_number(self, clause: object) -> None:
        reading = self.reading
        for item in reading.items:
            if item in reading.rules.tracks:
                continue
            most, least, among = reading.host_number(item)
            unforced = [code for code in reading.candidates if code not in reading.forced[item]]
            self.model.row(-_INFINITY, most, self._hosts(item, unforced))
            if least:
                self.model.row(least, _INFINITY, self._hosts(item, among))
            if most == 0:
                for code in unforced:
                    if code in self.x[self.lead[item]]:
                        col = self.x[self.lead[item]][code]
                        if self.model.low[col]:
                            raise _InfeasibleError
                        self.model.bound(col, 0, 0)

    def _units(self) -> None:
        """Unit -> school -> column that says the school hosts it: the items' own if equal."""
        self.y: dict[str, dict[str, int]] = {}
        for unit in self.reading.rules.units.values():
            leads = sorted({self.lead[item] for item in unit.items}, key=self.reading.items.index)
            if len(leads) == 1:
                self.y[unit.id] = {c: col for c, col in self.x[leads[0]].items() if self.model.high[col]}
                continue
            self.y[unit.id] = {}
            for code in self.reading.candidates:
                columns = [self.x[lead][code] for lead in leads if code in self.x[lead]]
                if columns:
                    hosts = self.model.column(max(self.model.low[col] for col in columns), 1)
                    self.model.row(-_INFINITY, 0, {hosts: 1} | dict.fromkeys(columns, -1))
                    for col in columns:
                        self.model.row(0, _INFINITY, {hosts: 1, col: -1})
                    self.y[unit.id][code] = hosts

    def _efforts(self, inside: bool = True) -> dict[str, dict[int, Fraction]]:
        """School -> its effort in terms of columns."""
        efforts: dict[str, dict[int, Fraction]] = {code: {} for code in self.reading.candidates}
        for unit, columns in self.y.items():
            if (unit in self.reading.rules.load_units) == inside and self.reading.effort(unit):
                for code, col in columns.items():
                    efforts[code][col] = efforts[code].get(col, Fraction(0)) + self.reading.effort(unit)
        return efforts

    def _hard_limits(self, clause: object) -> None:
        for code, terms in self._efforts().items():
            if code in self.reading.school and self.reading.school[code].load_limit_hard:
                room = self.reading.capacity(code) - self.reading.fixed(code)
                if room < 0:
                    raise _InfeasibleError
                if terms:
                    self.model.at_most(room, terms)

    # -------------------------------------------------------------------------------------------------- tiers
    def _keep(self, tier: str, terms: Terms, best: Fraction) -> Fraction:
        """Hold the later tiers to what was found, with the planner's tolerance; what was found."""
        slack = self.reading.wishes.tolerances.get(tier, Fraction(0))
        model = self.model
        if slack:
            model.at_most(best * (1 + slack), terms)
            return best
        parts: dict[int, dict[int, Fraction | int]] = {}
        for col, c in terms.items():
            if c:
                parts.setdefault(model.part(col), {})[col] = c
        # parts are independent of one another, so each is at its own best
        for own in parts.values():
            if all(c > 0 for c in own.values()) and model.worth(own) == model.least(own):
                for col in own:
                    model.bound(col, model.low[col], model.low[col])
            else:
                model.at_most(model.worth(own), own)
        assert model.worth(terms) == best
        return best

    def unwilling(self) -> int:
        """Fewest unwilling hosts."""
        terms = self._sum(
            {col: 1}
            for unit, columns in self.y.items()
            for code, col in columns.items()
            if self.reading.willingness(unit, code) == "unwilling"
        )
        return int(self._keep("unwilling", terms, self.model.minimise(terms)))

    def exploration(self) -> Value:
        """The number of exploration hosts, and before it the points that no host is near to."""
        reading, model = self.reading, self.model
        tracks = reading.rules.tracks
        asked = reading.rules.option("exploration_number")
        best = Fraction(0)
        number = self._sum(self._hosts(track) for track in tracks)
        if asked == "within_distance":
            uncovered = self._uncovered(tracks)
            best = model.minimise(uncovered)
            if uncovered:
                model.at_most(best, uncovered)
        if asked == "most":
            caps = reading.rules.of_kind("track_cap")
            most = sum(clause.band_for(reading.n).most_hosts for clause in caps)
            if not caps:  # lifted
                most = len(tracks) * len(reading.candidates)
            model.minimise({col: -c for col, c in number.items()}, -most)
        elif asked != "stated":
            model.minimise(number)
        found = int(model.worth(number))
        if asked != "stated" or all(track in reading.wishes.exploration_numbers for track in tracks):
            self._settled_exploration = found
            model.row(found, found, number)
        if asked == "within_distance":
            return int(best), found
        return found

    def _uncovered(self, tracks: Sequence[str]) -> dict[int, int]:
        reading, model, within = self.reading, self.model, self.reading.wishes.exploration_within
        terms: dict[int, int] = {}
        if within is None:
            return terms
        row = reading.problem.distances.row
        for track in tracks:
            near: dict[frozenset[str], int] = {}
            for point in reading.problem.community.demand_points:
                covering = frozenset(
                    c for c in self.x[self.lead[track]] if reading.distance(row[point.id], c) <= within
                )
                near[covering] = near.get(covering, 0) + 1
            for covering, points in near.items():
                columns = [self.x[self.lead[track]][code] for code in sorted(covering)]
                missed = model.column(0, 1, int(not any(model.solution[col] for col in columns)))
                model.row(1, _INFINITY, dict.fromkeys([missed, *columns], 1))
                terms[missed] = points
        return terms

    def overload(self) -> Fraction:
        """Least points above the capacities."""
        reading, model = self.reading, self.model
        scale = math.lcm(*(unit.effort_points.denominator for unit in reading.rules.units.values()))
        scale = math.lcm(scale, *((reading.fixed(c) - reading.capacity(c)).denominator for c in reading.candidates))
        terms: dict[int, Fraction | int] = {}
        for code, effort in self._efforts().items():
            room = int((reading.capacity(code) - reading.fixed(code)) * scale)
            whole = {col: int(c * scale) for col, c in effort.items()}
            if not whole or sum(whole.values()) <= room:
                continue
            value = sum(c * model.solution[col] for col, c in whole.items()) - room
            over = model.column(max(0, -room), max(0, sum(whole.values()) - room), max(0, value, -room))
            model.row(-room, _INFINITY, {over: 1} | {col: -c for col, c in whole.items()})
            terms[over] = Fraction(1, scale)
        # a school that is above its capacity before any item, and hosts nothing in the load, has no column
        before = sum(
            (
                max(Fraction(0), reading.fixed(code) - reading.capacity(code))
                for code, effort in self._efforts().items()
                if not effort
            ),
            Fraction(0),
        )
        return before + self._keep("overload", terms, model.minimise(terms))

    def load(self) -> tuple[Fraction, ...]:
        """Leximin of the levels of the load."""
        return _Leximin(self, self._efforts(), self.reading.level, self._least_effort(inside=True)).settle()

    def separate(self) -> tuple[Fraction, ...]:
        """Leximin of the points outside the load."""
        efforts = self._efforts(inside=False)
        return _Leximin(self, efforts, lambda code, effort: effort, self._least_effort(inside=False)).settle()

    def _least_effort(self, inside: bool) -> Fraction:
        """Effort inside (or outside) the load that every plan has, as far as the clauses show at once."""
        reading = self.reading
        total = Fraction(0)
        tracks = set(reading.rules.tracks)
        settled = self._settled_exploration
        for unit in reading.rules.units.values():
            if (unit.id in reading.rules.load_units) != inside:
                continue
            if settled is not None and tracks.intersection(unit.items):
                continue
            hosts = max(len(reading.forced[item]) for item in unit.items)
            for clause in reading.rules.of_kind("host_count"):
                for item in set(clause.items).intersection(unit.items):
                    if not clause.together:
                        forced = reading.forced[item]
                        unmet = clause.at_least - len(forced & reading.counting_role(clause, item))
                        hosts = max(hosts, len(forced) + max(0, unmet))
            total += unit.effort_points * hosts
        units = {reading.rules.unit_of[track] for track in tracks}
        if settled is not None and units and inside and units <= reading.rules.load_units:
            total += min(reading.effort(unit) for unit in units) * settled
        return total

    def travel(self) -> Fraction:
        """Least person-distance a year."""
        reading, model = self.reading, self.model
        linear: list[Terms] = []
        nearest: list[Terms] = []
        for unit, columns in self.y.items():
            trips = reading.rules.units[unit].trips
            if trips is None or not trips.times_a_year or not columns:
                continue
            if trips.who == "participants":
                linear.append({col: reading.host_travel(unit, code) for code, col in columns.items()})
            elif self._single(unit):
                linear.append(self._only(unit, columns))
            else:
                nearest.append(self._nearest(unit, columns))
        terms = self._sum([*linear, *nearest])
        best = model.minimise(terms)
        slack = reading.wishes.tolerances.get("travel", Fraction(0))
        if terms:
            self._fix_by_reduced_costs(terms, best * (1 + slack))
            if not slack:
                terms = self._listed(terms, self._sum(linear), self._sum(nearest), best)
        return self._keep("travel", terms, best)

    def _fix_by_reduced_costs(self, terms: Terms, limit: Fraction) -> None:
        """Fix columns that cannot move without exceeding a limit: their reduced cost is above the gap."""
        model = self.model
        value, costs, unit = model.reduced_costs(terms)
        gap = float(limit) / unit - value
        margin = 0.5 + 1e-6 * abs(value)
        for col, cost in enumerate(costs):
            if not model.fixed(col) and model.high[col] - model.low[col] == 1 and abs(cost) > gap + margin:
                stay = model.low[col] if cost > 0 else model.high[col]
                assert model.solution[col] == stay
                model.bound(col, stay, stay)

    def _listed(self, terms: Terms, linear: Terms, nearest: Terms, best: Fraction) -> Terms:
        """Name all sets of hosts of units with several hosts whose travel is the least, if they are few.

        The way to the nearest host is easy as an objective and hard as a row that the later tiers must keep.
        So the sets are found one by one, each forbidden in its turn; then one binary for each says which it
        is, with its travel, and takes the place of the balls.
        """
        model = self.model
        spread = [
            col
            for unit, columns in self.y.items()
            if self.reading.demand(unit) and not self._single(unit)
            for col in columns.values()
            if not model.fixed(col)
        ]
        if not spread or sum(not model.fixed(col) for col in range(len(model.low))) < _MANY_COLUMNS:
            return terms
        best_plan = model.solution
        rows: list[int] = []
        sets: list[tuple[set[int], Fraction]] = []
        complete = False
        while not complete and len(sets) < _MOST_SETS:
            chosen = {col for col in spread if model.solution[col]}
            sets.append((chosen, model.worth(nearest)))
            other = {col: -1 if col in chosen else 1 for col in spread}
            rows.append(model.row(1 - len(chosen), _INFINITY, other))
            model.solution = None
            try:
                complete = model.minimise(terms) > best
            except _InfeasibleError:
                complete = True
        model.solution = best_plan
        for row in rows:
            model.free_row(row)
        if not complete:
            return terms
        which = [model.column(0, 1, int(k == 0)) for k in range(len(sets))]
        model.row(1, 1, dict.fromkeys(which, 1))
        for col in spread:
            listed = [w for w, (chosen, _) in zip(which, sets, strict=True) if col in chosen]
            model.row(0, 0, {col: 1} | dict.fromkeys(listed, -1))
        return self._sum([linear, {w: cost for w, (_, cost) in zip(which, sets, strict=True)}])

    def _only(self, unit: str, columns: Mapping[str, int]) -> dict[int, Fraction]:
        """Cost of the way to the one host."""
        reading = self.reading
        return {
            col: sum((persons * reading.distance(row, code) for row, persons in reading.demand(unit)), Fraction(0))
            for code, col in columns.items()
        }

    def _nearest(self, unit: str, columns: Mapping[str, int]) -> dict[int, Fraction | int]:
        """Cost of the way to the nearest host, in radius form."""
        reading, model = self.reading, self.model
        terms: dict[int, Fraction | int] = {}

        def add(col: int, cost: Fraction | int) -> None:
            terms[col] = terms.get(col, 0) + cost

        demand = reading.demand(unit)
        active = self._has_host(unit, columns)
        codes = list(columns)
        balls: dict[frozenset[str], int] = {}
        for row, persons in demand:
            ordered = sorted(codes, key=lambda code, r=row: (reading.distance(r, code), code))
            radii = [reading.distance(row, code) for code in ordered]
            add(active, persons * radii[0])
            ball: frozenset[str] = frozenset()
            inner, added = active, []
            for k, code in enumerate(ordered[:-1]):
                ball = ball | {code}
                added.append(columns[code])
                step = radii[k + 1] - radii[k]
                if step == 0:
                    continue
                if ball not in balls:
                    inside = any(model.solution[columns[c]] for c in ball)
                    balls[ball] = model.column(0, 1, int(bool(model.solution[active]) and not inside))
                    model.row(0, _INFINITY, {balls[ball]: 1, inner: -1} | dict.fromkeys(added, 1))
                add(balls[ball], persons * step)
                inner, added = balls[ball], []
        return terms

    def _single(self, unit: str) -> bool:
        """Whether a unit never has more than one host, so that the nearest is that one."""
        reading = self.reading
        leads = {self.lead[item] for item in reading.rules.units[unit].items}
        if len(leads) > 1:
            return False
        forced = {code for item in reading.items if self.lead[item] in leads for code in reading.forced[item]}
        return len(forced) + self._most_free(leads.pop()) <= 1

    def _most_free(self, item: str) -> int:
        """Most hosts of an item beside the forced ones, as far as the clauses show at once."""
        reading = self.reading
        most = len(reading.candidates)
        for i in (i for i in reading.items if self.lead[i] == item):
            if i in reading.rules.tracks:
                for clause in reading.rules.of_kind("track_cap"):
                    most = min(most, clause.band_for(reading.n).most_per_track)
                if reading.rules.of_kind("exploration_number"):
                    most = min(most, reading.wishes.exploration_numbers.get(i, most))
            elif reading.rules.of_kind("host_number"):
                most = min(most, reading.host_number(i)[0])
        return most

    def _has_host(self, unit: str, columns: Mapping[str, int]) -> int:
        """A column that is 1 when the unit has a host."""
        reading, model = self.reading, self.model
        sure = any(model.low[col] for col in columns.values()) or any(
            not clause.together and clause.at_least and item in clause.items
            for clause in reading.rules.of_kind("host_count")
            for item in reading.rules.units[unit].items
        )
        if sure:
            return model.column(1, 1, 1)
        active = model.column(0, 1, int(any(model.solution[col] for col in columns.values())))
        for col in columns.values():
            model.row(0, _INFINITY, {active: 1, col: -1})
        model.row(-_INFINITY, 0, {active: 1} | dict.fromkeys(columns.values(), -1))
        return active

    def preference(self) -> Fraction:
        """Least cost of suitability, willingness and rotation."""
        terms = self._sum(
            {col: self.reading.preference(unit, code)}
            for unit, columns in self.y.items()
            for code, col in columns.items()
        )
        return self._keep("preference", terms, self.model.minimise(terms))

    def tie_break(self) -> None:
        """The plan whose hosts come first: items in order, some at a time, then fixed."""
        model = self.model
        digits: list[tuple[int, list[tuple[int, int]]]] = []  # size of a digit, its columns

        def solve() -> None:
            weight, best, terms = 1, 0, {}
            for size, columns in reversed(digits):
                for col, worth in columns:
                    terms[col] = -worth * weight
                best -= (size - 1) * weight
                weight *= size
            model.minimise(terms, best)
            for _, columns in digits:
                for col, _ in columns:
                    model.bound(col, model.solution[col], model.solution[col])
            digits.clear()

        for item, columns in self.x.items():
            free = [col for col in columns.values() if not model.fixed(col)]
            if self._most_free(item) <= 1:
                own = [(len(free) + 1, [(col, len(free) - k) for k, col in enumerate(free)])]
            else:
                own = [(2, [(col, 1)]) for col in free]
            for digit in own:
                if math.prod(size for size, _ in digits) * digit[0] > _LARGEST_WEIGHT:
                    solve()
                digits.append(digit)
        solve()

    # ------------------------------------------------------------------------------------------------ answers
    def assignment(self) -> Assignment:
        """The best plan so far."""
        hosts = {
            item: tuple(c for c, col in self.x[self.lead[item]].items() if self.model.solution[col])
            for item in self.reading.items
        }
        return Assignment(self.reading.convener, hosts, self.ways)

    def judged(self) -> dict[str, Value]:
        """The best plan so far as the judge values it, who must also find it lawful."""
        assignment = self.assignment()
        broken = judge.broken(self.reading.problem, assignment)
        if broken:
            raise _DisagreementError(f"the plan breaks {sorted(broken)}")
        return judge.values(self.reading.problem, assignment)


class _Leximin:
    """Levels of the schools, sorted from the largest down, made lexicographically least.

    A threshold t with its count k says: at most k schools lie above level t. For every school one binary a
    threshold tells on which side it lies; its effort is at most what the lowest threshold allows, plus for
    every threshold passed the room up to the next.
    """

    def __init__(
        self,
        duties: _Duties,
        efforts: Mapping[str, Mapping[int, Fraction]],
        level: Callable[[str, Fraction], Fraction],
        least_effort: Fraction,
    ) -> None:
        self.model, self.efforts, self.level = duties.model, efforts, level
        self.least_effort = least_effort
        self.attainable = {code: self._sums(terms) for code, terms in efforts.items()}
        self.levels_of = {c: [level(c, e) for e in sums] for c, sums in self.attainable.items()}
        #: thresholds settled, from the highest down, each with its count
        self.settled: list[tuple[Fraction, int]] = []
        self.columns: dict[tuple[Fraction, str], int] = {}
        self.rows: list[int] = []

    def _sums(self, terms: Mapping[int, Fraction]) -> list[Fraction]:
        """Efforts that a school can have, ascending."""
        sums = {Fraction(0)}
        for col, effort in terms.items():
            if self.model.low[col]:
                sums = {s + effort for s in sums}
            elif self.model.high[col]:
                sums |= {s + effort for s in sums}
        return sorted(sums)

    def _most(self, code: str, threshold: Fraction) -> Fraction | None:
        """Largest effort at or below a threshold; None when even the least is above."""
        below = [e for e, level in zip(self.attainable[code], self.levels_of[code], strict=True) if level <= threshold]
        return below[-1] if below else None

    def _sorted(self) -> list[Fraction]:
        return sorted((self.level(code, self.model.worth(terms)) for code, terms in self.efforts.items()), reverse=True)

    def settle(self) -> tuple[Fraction, ...]:
        """Settle all levels, the highest first, and hold the later tiers to them; the levels, descending."""
        if not self.efforts:
            return ()
        self._cap()
        levels = sorted({level for levels in self.levels_of.values() for level in levels})
        current, done = self._sorted(), 0  # `done` schools have their final level
        while done < len(current):
            level = current[done]
            if done:
                # no plan has fewer than `done` above the last level; this one has them and no other above its
                # next
                self.settled = [(t, count) for t, count in self.settled if count < done]
                self.settled.append((level, done))
            count = sum(other >= level for other in current)
            index = levels.index(level)
            if index == 0:
                break
            below = levels[index - 1]
            bound = max(done, self._fewest_above(below))
            if count > bound:
                columns = self._chain([*self.settled, (below, len(current))])
                count = int(self.model.minimise(dict.fromkeys(columns, 1), bound))
                current = self._sorted()
            done = count
        self._chain(self.settled)
        return tuple(current)

    def _cap(self) -> None:
        """Settle the highest level: the lowest at which there is a plan at all, by halving."""
        lowest = max(levels[0] for levels in self.levels_of.values())
        highest = self._sorted()[0]
        levels = sorted({level for levels in self.levels_of.values() for level in levels})
        candidates = [level for level in levels if lowest <= level <= highest]
        while len(candidates) > 1 and self._room(candidates[0]) < self.least_effort:
            candidates.pop(0)
        first = True
        while len(candidates) > 1:
            middle = 0 if first else (len(candidates) - 1) // 2
            first = False
            if self._try(candidates[middle]):
                reached = self._sorted()[0]
                candidates = [level for level in candidates if level <= reached]
                candidates = candidates[: middle + 1]
            else:
                candidates = candidates[middle + 1 :]
        self._limit(candidates[0])
        for code in self.attainable:
            most = self._most(code, candidates[0])
            keep = [e for e in self.attainable[code] if e <= most]
            self.attainable[code], self.levels_of[code] = keep, self.levels_of[code][: len(keep)]

    def _room(self, threshold: Fraction) -> Fraction:
        return sum((self._most(code, threshold) or Fraction(0) for code in self.efforts), Fraction(0))

    def _limit(self, threshold: Fraction) -> list[int]:
        return [
            self.model.at_most(self._most(code, threshold), terms)
            for code, terms in self.efforts.items()
            if terms and self._most(code, threshold) < self.attainable[code][-1]
        ]

    def _try(self, threshold: Fraction) -> bool:
        rows = self._limit(threshold)
        before = self.model.solution
        self.model.solution = None
        try:
            self.model.minimise({})
        except _InfeasibleError:
            self.model.solution = before
            return False
        finally:
            for row in rows:
                self.model.free_row(row)
        return True

    def _fewest_above(self, threshold: Fraction) -> int:
        """A bound by counting: so many schools must pass a threshold to carry what every plan has."""
        total, gains = Fraction(0), []
        number = 0
        for code, sums in self.attainable.items():
            most = self._most(code, threshold)
            if most is None:
                number += 1
                total += sums[-1]
            else:
                total += most
                gains.append(sums[-1] - most)
        for gain in sorted(gains, reverse=True):
            if total >= self.least_effort:
                break
            total += gain
            number += 1
        return number

    def _chain(self, thresholds: Sequence[tuple[Fraction, int]]) -> list[int]:
        """Put some thresholds, from the highest down, in the place of those before.

        Returns
        -------
        list of int
            Columns of the last threshold: which schools lie above it.
        """
        model = self.model
        for row in self.rows:
            model.free_row(row)
        self.rows = []
        last: list[int] = []
        for threshold, count in thresholds:
            last = [self._column(threshold, code) for code in self.efforts]
            if count < len(last):
                self.rows.append(model.row(-_INFINITY, count, dict.fromkeys(last, 1)))
        for code, terms in self.efforts.items():
            chain: dict[int, Fraction | int] = dict(terms)
            upper, higher = self.attainable[code][-1], None
            for threshold, _ in thresholds:
                most, col = self._most(code, threshold), self._column(threshold, code)
                if most is None:
                    break
                if most < upper:
                    chain[col] = most - upper
                    upper = most
                if higher is not None and not model.fixed(higher):
                    self.rows.append(model.row(-_INFINITY, 0, {higher: 1, col: -1}))
                higher = col
            if upper < self.attainable[code][-1]:
                self.rows.append(model.at_most(upper, chain))
        return last

    def _column(self, threshold: Fraction, code: str) -> int:
        """The column that says whether a school lies above a threshold."""
        if (threshold, code) not in self.columns:
            most = self._most(code, threshold)
            now = self.level(code, self.model.worth(self.efforts[code]))
            never = most == self.attainable[code][-1]
            self.columns[threshold, code] = self.model.column(int(most is None), int(not never), int(now > threshold))
        return self.columns[threshold, code]
