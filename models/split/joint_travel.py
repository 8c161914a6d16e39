"""Bounds of travel for many divisions at once: a linear relaxation of a few, whose prices bound the others too.

For one plan: every junior high pays u_t for being served by a track of exploration, every school pays p_s for a unit of
work. Given such prices, the cheapest plan falls apart into sums: a track host s is worth
``r_s = sum over t of max(0, u_t - w_t d_ts)``, the tracks take the schools where ``r_s - p_s`` is largest, every other
unit the school where its own cost + p_s is least, and what schools can take at least and at most pays p_s back.
Whatever the prices, that is a lower bound of the travel of every lawful plan (Lagrange), and for all divisions together
it is a product of matrices. The best prices for one division are the duals of its linear relaxation; they serve its
neighbours nearly as well. Usually the relaxation is so tight that the divisions left over nearly tie with the best.

References
----------
A. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974);
G. Cornuejols, M. Fisher, G. Nemhauser, "Location of bank accounts to optimize float", Management Science 23 (1977).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.linear_solver import pywraplp

from models.objectives.travel import demand_weights
from models.split.joint_loads import LoadBounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]

__all__ = ["Prices", "TravelBounds"]

_FAR = 1e18

#: Schools that a junior high may go to in the relaxation.
_NEAR = 12


@dataclass(frozen=True)
class Prices:
    """What each group of junior highs pays for a track, and what each school pays for a unit."""

    demand: Floats
    school: Floats


@dataclass(frozen=True)
class _Single:
    """Units with one host each and the same costs everywhere; `who` travels: participants, or a unit's junior highs."""

    count: int
    times: float
    who: str
    allowed: Bools
    unwilling: Bools
    without_convener: bool
    in_load: bool


@dataclass(frozen=True)
class _Side:
    """One plan of each division, as the bound sees it."""

    members: Bools
    halves: NDArray[np.int8]
    lead: NDArray[np.intp]
    least: NDArray[np.int16]
    most: NDArray[np.int16]
    caps: NDArray[np.int64]


class TravelBounds:
    """Lower bounds of the travel tier for the divisions of a family.

    Parameters
    ----------
    loads : LoadBounds
        Of the same family; its bounds are taken for granted.

    Attributes
    ----------
    possible : bool
        False where no bound is known (partners from outside may host).
    best : float array
        The best bound known of each division.
    """

    def __init__(self, loads: LoadBounds) -> None:
        self.loads = loads
        self.work = loads.work
        self.family = loads.family
        distances = self.work.plan.problem.distances
        self.possible = not self.work.outside and all(code in distances.column for code in self.work.codes)
        self.best: Floats = np.full(len(self.family), -_FAR)
        # Prices that serve one plan well need not serve the other: each plan keeps its own best.
        self._of_plans: tuple[Floats, Floats] = (self.best.copy(), self.best.copy())
        if not self.possible:
            return
        columns = [distances.column[code] for code in self.work.codes]
        points = distances.demand_points
        table = distances.from_demand[:, columns]
        alike: dict[tuple[Any, ...], list[int]] = {}
        for k, point in enumerate(points):
            alike.setdefault((self.family.territory.demand_nodes.get(point, ()), *table[k].tolist()), []).append(k)
        groups = list(alike.values())
        firsts = [own[0] for own in groups]
        self._far: Floats = table[firsts].astype(np.float64).reshape(len(firsts), len(columns))
        self._between: Floats = distances.between_schools[np.ix_(columns, columns)].astype(np.float64)
        self._weights: dict[str, Floats] = {}
        for unit in self.work.plan.rules.units.values():
            if unit.trips is not None and unit.trips.times_a_year and unit.trips.who != "participants":
                whole, scale = demand_weights(self.work.plan, unit.trips)
                self._weights[unit.id] = np.array([whole[own].sum() / scale for own in groups])
        self._classify()
        names = [points[k] for k in firsts]
        self._sides = (self._of_side(0, names), self._of_side(1, names))
        self._calm = loads.nobody_asked_against_its_word

    def _classify(self) -> None:
        """Which units go how into the bound."""
        work, names = self.work, self.loads.names
        rules = work.plan.rules
        ordered = "exploration" in names and names.index("exploration") < names.index("travel")
        mode = rules.option("exploration_number")
        # As many hosts as there can be, in each plan: then their number is known.
        self._exact = ordered and mode in ("most", "stated") and rules.option("exploration_basis") == "plan"
        tracks = [need for need in work.needs if need.track]
        units = [rules.units[need.unit] for need in tracks]
        self._median = (
            len(units) == 2
            and all(u.trips is not None and u.trips == units[0].trips and u.trips.times_a_year for u in units)
            and not any(work.forced[u.id] or work.convener_forced[u.id] for u in units)
            and (self._exact or all(need.least for need in tracks))
        )
        self._tracks = tracks
        apart = [c for c in rules.of_kind("different_hosts") if {u.items[0] for u in units} <= {*c.items}]
        self._distinct = bool(apart)
        self._people: Floats = self._weights[units[0].id] if self._median else np.zeros(len(self._far))
        self._nearest: list[str] = []
        self._forced: list[tuple[Bools, float]] = []
        grouped: dict[tuple[float, str, bytes, bytes, bool, bool], int] = {}
        for need in work.needs:
            unit = rules.units[need.unit]
            if unit.trips is None or not unit.trips.times_a_year or (need.track and self._median):
                continue
            forced = np.array([code in work.forced[unit.id] for code in work.codes], dtype=bool)
            times, who, count = 1.0, unit.id, need.least
            if unit.trips.who == "participants":
                times, who = float(unit.trips.times_a_year * rules.measure("persons_a_school")), "participants"
                if forced.any():
                    self._forced.append((forced, times))
            elif not (work.plan.has_one_host(unit.id) and need.least == 1):
                if need.least:
                    self._nearest.append(unit.id)
                continue
            if count:
                allowed, unwilling = work.possible[unit.id] & ~forced, work.unwilling[unit.id]
                in_load = unit.id in rules.load_units
                name = (times, who, allowed.tobytes(), unwilling.tobytes(), need.without_convener, in_load)
                grouped[name] = grouped.get(name, 0) + count
        self._singles = [
            _Single(count, times, who, np.frombuffer(a, dtype=bool), np.frombuffer(u, dtype=bool), without, in_load)
            for (times, who, a, u, without, in_load), count in grouped.items()
        ]

    def _of_side(self, side: int, points: Sequence[str]) -> _Side:
        least, most = self.loads.units(side)
        members = self.family.members(side)
        halves = self.family.shares(side, points)
        caps = self.loads.most_exploration[side]
        top = np.iinfo(np.int16).max
        small = np.minimum(least, top).astype(np.int16), np.minimum(most, top).astype(np.int16)
        return _Side(members, halves, self.loads.conveners[side], *small, caps)

    # ------------------------------------------------------------------------------------------------ for all at once

    @property
    def cells(self) -> int:
        """Different demand points times schools: what a bound of one division costs goes by it."""
        return int(self._far.size)

    def apply(self, prices: Prices, rows: Rows) -> None:
        """Raise the bounds of some divisions to what prices say of them."""
        for side, own in enumerate(self._of_plans):
            value = self._value(side, prices, rows)
            value -= 1e-9 * np.abs(value) + 1e-3  # rounding of floating point
            own[rows] = np.maximum(own[rows], value)
        self.best[rows] = self._of_plans[0][rows] + self._of_plans[1][rows]

    def _usable(self, side: _Side, single: _Single, rows: Rows) -> Bools:
        usable: Bools = side.members[rows] & single.allowed
        if single.unwilling.any():
            usable &= ~(self._calm[rows][:, None] & single.unwilling)
        if single.without_convener:
            self._leave_out(usable, side.lead[rows])
        if single.in_load:
            usable &= side.most[rows] > 0
        return usable

    @staticmethod
    def _leave_out(usable: Bools, lead: NDArray[np.intp]) -> None:
        known = np.flatnonzero(lead >= 0)
        usable[known, lead[known]] = False

    def _track_hosts(self, side: _Side, rows: Rows) -> list[Bools]:
        result = []
        for need in self._tracks:
            usable: Bools = side.members[rows] & self.work.possible[need.unit] & (side.most[rows] > 0)
            unwilling = self.work.unwilling[need.unit]
            if unwilling.any():
                usable &= ~(self._calm[rows][:, None] & unwilling)
            if need.without_convener:
                self._leave_out(usable, side.lead[rows])
            result.append(usable)
        return result

    def _costs(self, side: _Side, who: str, rows: Rows) -> Floats:
        """Trips a year to each school as the only host, once."""
        if who == "participants":
            costs: Floats = side.members[rows].astype(np.float64) @ self._between
        else:
            costs = side.halves[rows].astype(np.float64) @ (self._weights[who][:, None] * self._far / 2)
        return costs

    def _constant(self, side: _Side, rows: Rows) -> Floats:
        """What does not depend on prices: hosts that must host, units of which little is known."""
        constant = np.zeros(len(rows))
        for forced, times in self._forced:
            there = side.members[rows] & forced
            constant += (self._costs(side, "participants", rows) * there).sum(axis=1) * times
        for unit in self._nearest:
            may = side.members[rows] & self.work.possible[unit]
            share = side.halves[rows] / 2.0
            near = np.full(share.shape, _FAR)
            for s in np.flatnonzero(may.any(axis=0)):
                np.minimum(near, np.where(may[:, s, None], self._far[None, :, s], _FAR), out=near)
            constant += np.where(near < _FAR, share * self._weights[unit] * near, 0).sum(axis=1)
        return constant

    def _value(self, number: int, prices: Prices, rows: Rows) -> Floats:
        """Bound of one plan of some divisions."""
        side = self._sides[number]
        u, p = prices.demand, prices.school
        total = self._constant(side, rows)
        costs: dict[str, Floats] = {}
        for single in self._singles:
            if single.who not in costs:
                costs[single.who] = self._costs(side, single.who, rows)
            priced = costs[single.who] * single.times
            if single.in_load:
                priced = priced + p
            priced[~self._usable(side, single, rows)] = _FAR
            least = priced.min(axis=1)
            # Nobody can host it: the division is not lawful, and nothing is said here.
            total += np.where(least < _FAR / 2, least, 0) * single.count
        if self._median:
            saved = np.maximum(0.0, u[:, None] - self._people[:, None] * self._far) / 2
            shares = side.halves[rows].astype(np.float64)
            gain = shares @ saved - p
            hosts = self._track_hosts(side, rows)
            caps = side.caps[rows]
            if self._distinct:
                total -= _top(np.where(hosts[0] | hosts[1], gain, -_FAR), caps.sum(axis=1), exact=self._exact)
            else:
                for k, own in enumerate(hosts):
                    total -= _top(np.where(own, gain, -_FAR), caps[:, k], exact=self._exact)
            total += shares @ u  # both tracks, half a share each
        inside = side.members[rows]
        total -= (np.where(p > 0, p * side.most[rows], p * side.least[rows]) * inside).sum(axis=1)
        return total

    def wherever_divided(self, exploration: int) -> float:
        """A bound that holds for every division: everybody goes to the nearest host of either plan.

        Parameters
        ----------
        exploration : int
            Most hosts of exploration in both plans together.
        """
        count = len(self.work.codes)
        total = 0.0
        costs: dict[str, float] = {}
        for single in self._singles:
            if single.who not in costs:
                table = (
                    self._between if single.who == "participants" else self._weights[single.who][:, None] * self._far
                )
                pairs = (np.minimum(table[:, k, None], table[:, k:]).sum(axis=0).min() for k in range(count))
                costs[single.who] = float(min(pairs))
            total += costs[single.who] * single.times * single.count
        if self._median:
            solver: Any = pywraplp.Solver.CreateSolver("GLOP")
            objective, infinity = solver.Objective(), solver.infinity()
            number = solver.Constraint(0.0, float(exploration))
            chosen = [solver.NumVar(0.0, 1.0 if self._distinct else 2.0, "") for _ in range(count)]
            for host in chosen:
                number.SetCoefficient(host, 1.0)
            for t in np.flatnonzero(self._people).tolist():
                served = solver.Constraint(2.0, 2.0)
                for s, host in enumerate(chosen):
                    goes = solver.NumVar(0.0, infinity, "")
                    objective.SetCoefficient(goes, float(self._people[t] * self._far[t, s]))
                    served.SetCoefficient(goes, 1.0)
                    there = solver.Constraint(-infinity, 0.0)
                    there.SetCoefficient(goes, 1.0)
                    there.SetCoefficient(host, -1.0)
            objective.SetMinimization()
            if solver.Solve() == pywraplp.Solver.OPTIMAL:
                total += objective.Value()
        return total - 1e-6 * abs(total)  # rounding of floating point

    # ------------------------------------------------------------------------------------------------- for one division

    def prices(self, row: int) -> Prices:
        """Best prices for one division: the duals of its linear relaxation."""
        demand, school = np.zeros(len(self._far)), np.zeros(len(self.work.codes))
        for side in self._sides:
            self._relax(side, np.array([row]), demand, school)
        return Prices(demand, school)

    def _relax(self, side: _Side, rows: Rows, demand: Floats, school: Floats) -> None:
        """Solve the relaxation of one plan, and add its duals."""
        solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        # Both halve the time: the relaxation is feasible in the dual from the start, and has nothing to remove.
        solver.SetSolverSpecificParametersAsString("use_dual_simplex: true use_preprocessing: false")
        infinity = solver.infinity()
        objective = solver.Objective()
        members = np.flatnonzero(side.members[rows[0]]).tolist()
        most, least = side.most[rows[0]], side.least[rows[0]]
        used: dict[int, Any] = {s: solver.Constraint(float(least[s]), float(most[s])) for s in members}
        served: dict[int, Any] = {}
        if self._median:
            share = side.halves[rows[0]] / 2.0
            hosts = self._track_hosts(side, rows)
            candidates: list[int] = np.flatnonzero(hosts[0][0] | hosts[1][0]).tolist()
            twice = 1.0 if self._distinct else 2.0
            number = float(side.caps[rows[0]].sum())
            count = solver.Constraint(number if self._exact else 1.0, number)
            chosen = {}
            for s in candidates:
                chosen[s] = solver.NumVar(0.0, twice, "")
                count.SetCoefficient(chosen[s], 1.0)
                used[s].SetCoefficient(chosen[s], 1.0)
            for t in np.flatnonzero(share * self._people).tolist():
                served[t] = solver.Constraint(2.0, 2.0)
                near = np.argsort(self._far[t, candidates], kind="stable")[: _NEAR + 1].tolist()
                for place, s in enumerate(candidates[k] for k in near):
                    goes = solver.NumVar(0.0, infinity, "")
                    objective.SetCoefficient(goes, float(share[t] * self._people[t] * self._far[t, s]))
                    served[t].SetCoefficient(goes, 1.0)
                    if place == _NEAR:
                        continue  # farther than that, whether or not anybody hosts there: it hardly ever matters
                    there = solver.Constraint(-infinity, 0.0)
                    there.SetCoefficient(goes, 1.0)
                    there.SetCoefficient(chosen[s], -1.0)
        for single in self._singles:
            if not single.in_load:
                continue
            costs = self._costs(side, single.who, rows)[0] * single.times
            usable: list[int] = np.flatnonzero(self._usable(side, single, rows)[0]).tolist()
            if not usable:
                continue
            hosted = solver.Constraint(float(single.count), float(single.count))
            for s in usable:
                host = solver.NumVar(0.0, infinity, "")
                objective.SetCoefficient(host, float(costs[s]))
                hosted.SetCoefficient(host, 1.0)
                used[s].SetCoefficient(host, 1.0)
        objective.SetMinimization()
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return  # no lawful plan, or something odd: these prices say little, and nothing wrong
        for t, row in served.items():
            # The price of a group that counts half here is stated for all of it.
            demand[t] = max(demand[t], row.dual_value() / (side.halves[rows[0], t] / 2.0))
        for s, row in used.items():
            school[s] = -row.dual_value()


def _top(value: Floats, number: NDArray[np.int64], *, exact: bool) -> Floats:
    """Sum of the best entries of each row: so many, or only those that gain anything (one at least)."""
    result = np.zeros(len(value))
    for k in np.unique(number):
        rows = np.flatnonzero(number == k)
        size = min(int(k), value.shape[1])
        if size < 1:
            continue
        best = -np.partition(-value[rows], size - 1, axis=1)[:, :size]
        if exact:
            result[rows] = np.where(best > -_FAR / 2, best, 0).sum(axis=1)
        else:
            first = best.max(axis=1)
            result[rows] = np.where(first > 0, np.maximum(best, 0).sum(axis=1), np.where(first > -_FAR / 2, first, 0))
    return result
