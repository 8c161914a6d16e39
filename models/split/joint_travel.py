"""Bounds of travel for many divisions at once: a Lagrangian relaxation, driven by subgradients.

For one plan: every junior high has a price u_t >= 0 for being served by a track of exploration, every school a price
p_s for a unit of work. Given prices, the cheapest plan falls apart into sums: a track host s is worth
``r_s = sum over t of max(0, u_t - w_t d_ts)``, the tracks take the schools where ``r_s - p_s`` is largest, every other
unit the school where its own cost + p_s is least, and what schools can take at least and at most pays p_s back.
Whatever the prices, that is a lower bound of the travel of every lawful plan; a step along the subgradient towards a
target raises it.

References
----------
M. Held, R. Karp, "The traveling-salesman problem and minimum spanning trees", Operations Research 18 (1970);
B. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics 9 (1969).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from models.objectives.travel import demand_weights
from models.split.joint_family import Family
from models.split.joint_loads import LoadBounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Prices", "TravelBounds"]

_FAR = 1e18
_CHUNK = 3_000_000
_CROWDED = 0.1


@dataclass
class Prices:
    """Of one plan of each division: (divisions, demand rows) and (divisions, schools)."""

    demand: Floats
    school: Floats


@dataclass(frozen=True)
class _Single:
    """Units that cost the same wherever they are, and have one host each."""

    count: int
    times: float
    who: str
    allowed: NDArray[np.bool_]
    unwilling: NDArray[np.bool_]
    without_convener: bool
    in_load: bool


class TravelBounds:
    """Lower bounds of the travel tier for the divisions of a family.

    Parameters
    ----------
    loads : LoadBounds
        Of the same family; its bounds are taken for granted.
    """

    def __init__(self, loads: LoadBounds) -> None:
        self.loads = loads
        self.work = loads.work
        self.family: Family = loads.family
        plan = self.work.plan
        rules = plan.rules
        distances = plan.problem.distances
        columns = [distances.column[code] for code in self.work.codes]
        outside = [distances.column[code] for code in self.work.outside if code in distances.column]
        del outside
        self.possible = not self.work.outside and all(code in distances.column for code in self.work.codes)
        self.scale = 1
        weights: dict[str, Floats] = {}
        for unit in rules.units.values():
            if unit.trips is not None and unit.trips.times_a_year and unit.trips.who != "participants":
                whole, scale = demand_weights(plan, unit.trips)
                self.scale = lcm(self.scale, 2 * scale)
                weights[unit.id] = whole / scale
            elif unit.trips is not None:
                times = unit.trips.times_a_year * rules.measure("persons_a_school")
                self.scale = lcm(self.scale, times.denominator)
        points = distances.demand_points
        rows: dict[tuple[object, ...], list[int]] = {}
        table = distances.from_demand[:, columns]
        for k, point in enumerate(points):
            rows.setdefault((self.family.territory.demand_nodes.get(point, ()), *table[k].tolist()), []).append(k)
        self.groups = list(rows.values())
        firsts = [own[0] for own in self.groups]
        self._points = [points[k] for k in firsts]
        self._far = table[firsts].astype(np.float64) if firsts else np.zeros((0, len(columns)))
        self._between = distances.between_schools[np.ix_(columns, columns)].astype(np.float64)
        self._tracks = [need for need in self.work.needs if need.track]
        summed = {u: np.array([w[own].sum() for own in self.groups]) for u, w in weights.items()}
        self._weights = summed
        self._split_units(plan)

    def _split_units(self, plan: object) -> None:
        """Which units go how into the bound."""
        work = self.work
        rules = work.plan.rules
        mode = rules.option("exploration_number")
        names = self.loads.names
        ordered = "exploration" in names and names.index("exploration") < names.index("travel")
        self._exact = ordered and mode in ("most", "stated") and rules.option("exploration_basis") == "plan"
        units = [rules.units[need.unit] for need in self._tracks]
        alike = len(units) == 2 and all(
            unit.trips is not None and unit.trips == units[0].trips and unit.trips.times_a_year for unit in units
        )
        alike = alike and (self._exact or all(need.least for need in self._tracks))
        self._median = bool(alike) and not any(work.forced[u.id] or work.convener_forced[u.id] for u in units)
        apart = [
            clause for clause in rules.of_kind("different_hosts") if {u.items[0] for u in units} <= {*clause.items}
        ]
        self._distinct = bool(apart)
        self._singles: list[_Single] = []
        self._nearest: list[tuple[str, float]] = []
        self._forced: list[tuple[NDArray[np.bool_], float]] = []
        grouped: dict[tuple[float, str, bytes, bytes, bool, bool], list[str]] = {}
        for need in work.needs:
            unit = rules.units[need.unit]
            if unit.trips is None or not unit.trips.times_a_year or (need.track and self._median):
                continue
            if unit.trips.who == "participants":
                times = float(unit.trips.times_a_year * rules.measure("persons_a_school"))
                who = "participants"
                forced = np.array([code in work.forced[unit.id] for code in work.codes], dtype=bool)
                if forced.any():
                    self._forced.append((forced, times))
                count = need.least
            elif work.plan.has_one_host(unit.id) and need.least == 1:
                times, who, count = 1.0, unit.id, 1
            else:
                if need.least:
                    self._nearest.append((unit.id, 1.0))
                continue
            if count < 1:
                continue
            forced = np.array([code in work.forced[unit.id] for code in work.codes], dtype=bool)
            allowed = work.possible[unit.id] & ~forced
            unwilling = work.unwilling[unit.id]
            key = (
                times,
                who,
                allowed.tobytes(),
                unwilling.tobytes(),
                need.without_convener,
                unit.id in rules.load_units,
            )
            grouped.setdefault(key, []).extend([unit.id] * count)
        for (times, who, allowed, unwilling, without, in_load), members in grouped.items():
            masks = [np.frombuffer(own, dtype=bool) for own in (allowed, unwilling)]
            self._singles.append(_Single(len(members), times, who, masks[0], masks[1], without, in_load))

    # ---------------------------------------------------------------------------------------------------------- sides

    def prepare(self) -> None:
        """What does not change with the prices."""
        family, loads = self.family, self.loads
        count = len(self.work.codes)
        self._side = []
        calm = loads.nobody_asked_against_its_word
        for side in (0, 1):
            members = family.members(side)
            share = family.shares(side, self._points) / 2.0
            convener = loads.conveners[side]
            known = convener >= 0
            least, most = loads.units(side)
            table: dict[str, Floats] = {}
            travellers = members.astype(np.float64) @ self._between
            for unit, weight in self._weights.items():
                table[unit] = (share * weight) @ self._far
            lead = np.zeros((len(family), count), dtype=bool)
            lead[np.flatnonzero(known), convener[known]] = True
            singles: list[tuple[int, Floats, bool]] = []
            for single in self._singles:
                cost = travellers * single.times if single.who == "participants" else table[single.who]
                usable = members & single.allowed & (calm[:, None] <= ~single.unwilling)
                if single.without_convener:
                    usable = usable & ~lead
                if single.in_load:
                    usable = usable & (most > 0)
                singles.append((single.count, np.where(usable, cost, _FAR), single.in_load))
            constant = np.zeros(len(family))
            for forced, times in self._forced:
                constant += (travellers * (members & forced)).sum(axis=1) * times
            for unit, _ in self._nearest:
                may = members & self.work.possible[unit]
                near = np.full((len(family), len(self._points)), _FAR)
                for s in range(count):
                    np.minimum(near, np.where(may[:, s, None], self._far[None, :, s], _FAR), out=near)
                constant += np.where(near < _FAR, share * self._weights[unit] * near, 0).sum(axis=1)
            track = None
            if self._median:
                first, second = self._tracks
                may = [
                    members
                    & self.work.possible[need.unit]
                    & (calm[:, None] <= ~self.work.unwilling[need.unit])
                    & (most > 0)
                    for need in (first, second)
                ]
                if first.without_convener:
                    may = [own & ~lead for own in may]
                caps = loads.most_exploration[side]
                track = (may[0], may[1], caps)
            self._side.append((members, share, least, most, singles, constant, track))

    def start(self, prices: Sequence[Prices] | None = None) -> None:
        """Prices to start from: those of one division, or none."""
        self.best = np.full(len(self.family), -_FAR)
        self.prices = []
        for side in (0, 1):
            _, share, _, _, _, _, _ = self._side[side]
            count = len(self.work.codes)
            if prices is not None:
                demand = share * (prices[0].demand[0] + prices[1].demand[0])[None, :]
                school = np.repeat(prices[0].school[:1] + prices[1].school[:1], len(self.family), axis=0)
            elif self._median:
                may = self._side[side][6][0]
                weight = self._weights[self._tracks[0].unit]
                demand = np.zeros(share.shape)
                order = np.argsort(self._far, axis=1)
                sorted_far = np.take_along_axis(self._far, order, axis=1)
                for t in range(share.shape[1]):
                    inside = np.cumsum(may[:, order[t]], axis=1) >= 3
                    at = np.argmax(inside, axis=1)
                    demand[:, t] = share[:, t] * weight[t] * sorted_far[t, at]
                school = np.zeros((len(self.family), count))
            else:
                demand, school = np.zeros(share.shape), np.zeros((len(self.family), count))
            self.prices.append(Prices(demand, school))
        self._pace = np.ones(len(self.family))
        self._stalled = np.zeros(len(self.family), dtype=np.int64)

    def _value(self, side: int, rows: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
        """Bound of one plan and its subgradient."""
        members, share, least, most, singles, constant, track = self._side[side]
        u, p = self.prices[side].demand[rows], self.prices[side].school[rows]
        inside = members[rows]
        total = constant[rows].copy()
        taken = np.zeros(p.shape)
        slope_u = np.zeros(u.shape)
        for count, cost, in_load in singles:
            priced = cost[rows] + (p if in_load else 0)
            at = np.argmin(priced, axis=1)
            here = np.take_along_axis(priced, at[:, None], axis=1)[:, 0]
            # Nobody can host it: the division is not lawful, and nothing is said here.
            total += np.where(here < _FAR / 2, here, 0) * count
            if in_load:
                np.add.at(taken, (np.arange(len(rows)), at), np.where(here < _FAR / 2, count, 0))
        if track is not None:
            weight = self._weights[self._tracks[0].unit]
            worth = np.empty(p.shape)
            costs = weight[:, None] * self._far
            size = max(1, _CHUNK // max(1, costs.size))
            for a in range(0, len(rows), size):
                b = min(len(rows), a + size)
                saved = np.maximum(0.0, u[a:b, :, None] - share[rows[a:b]][:, :, None] * costs[None])
                worth[a:b] = saved.sum(axis=1)
            may0, may1, caps = track[0][rows], track[1][rows], track[2][rows]
            chosen = np.zeros(p.shape)
            gain = worth - p
            if self._distinct:
                value = np.where(may0 | may1, gain, -_FAR)
                number = caps.sum(axis=1)
                picked = _top(value, number, exact=self._exact)
                total -= np.where(picked, value, 0).sum(axis=1)
                chosen += picked
            else:
                for k, may in enumerate((may0, may1)):
                    value = np.where(may, gain, -_FAR)
                    picked = _top(value, caps[:, k], exact=self._exact)
                    total -= np.where(picked, value, 0).sum(axis=1)
                    chosen += picked
            taken += chosen
            total += 2 * u.sum(axis=1)
            slope_u = np.full(u.shape, 2.0)
            for a in range(0, len(rows), size):
                b = min(len(rows), a + size)
                covered = u[a:b, :, None] > share[rows[a:b]][:, :, None] * costs[None]
                slope_u[a:b] -= (covered * chosen[a:b, None, :]).sum(axis=2)
            slope_u = np.where(share[rows] > 0, slope_u, 0)
        total -= (np.where(p > 0, p * most[rows], p * least[rows]) * inside).sum(axis=1)
        slope_p = (taken - np.clip(taken, least[rows], most[rows])) * inside
        return total, slope_u, slope_p

    def tighten(self, target: float, rounds: int) -> NDArray[np.bool_]:
        """Raise the bounds towards a target; which divisions may still be as good.

        Parameters
        ----------
        target : float
            A division whose bound is above it is done with.
        rounds : int
            Steps along the subgradient.
        """
        # Steps in proportion to how many people a price is for; a tenth as far for schools, where all units crowd.
        people = np.ones(len(self._points))
        if self._median and len(self._points):
            people = self._weights[self._tracks[0].unit]
            people = people / max(float(people.mean()), 1e-9)
        goal = target * 1.0005 + 1 if np.isfinite(target) else 0.0
        open_ = np.flatnonzero(self.best <= target)
        for _ in range(rounds):
            if not len(open_):
                break
            first, u0, p0 = self._value(0, open_)
            second, u1, p1 = self._value(1, open_)
            total = first + second
            total -= 1e-9 * np.abs(total) + 1e-3  # rounding of floating point
            better = total > self.best[open_]
            self.best[open_] = np.where(better, total, self.best[open_])
            waiting = np.where(better, 0, self._stalled[open_] + 1)
            slow = waiting >= 8
            self._pace[open_] = np.where(slow, self._pace[open_] * 0.7, self._pace[open_])
            self._stalled[open_] = np.where(slow, 0, waiting)
            norm = (u0**2 + u1**2) @ people + _CROWDED * (p0**2 + p1**2).sum(axis=1)
            step = self._pace[open_] * (goal - total) / np.maximum(norm, 1e-9)
            for prices, du, dp in ((self.prices[0], u0, p0), (self.prices[1], u1, p1)):
                prices.demand[open_] = np.maximum(0, prices.demand[open_] + step[:, None] * du * people)
                prices.school[open_] += step[:, None] * dp * _CROWDED
            open_ = open_[self.best[open_] <= target]
        return self.best <= target


def _top(value: Floats, number: NDArray[np.int64], *, exact: bool) -> NDArray[np.bool_]:
    """The best entries of each row: so many, or only those that gain anything (one at least)."""
    order = np.argsort(-value, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(value.shape[1])[None, :], axis=1)
    picked = (rank < number[:, None]) & (value > -_FAR / 2)
    if not exact:
        picked &= (value > 0) | (rank < 1)
    return picked
