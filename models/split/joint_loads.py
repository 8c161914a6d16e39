"""Bounds of unwilling hosts, exploration, overload and loads for all divisions at once, without a solver.

What is asked is relaxed to numbers: each plan has so much work, and every school of it could take any of it. Then the
least overload and the leximin loads of a plan are found by filling up the lowest levels first (water-filling), and
those of both plans together by merging. A bound of a tier may take for granted that the tiers before it are at their
bounds: a division for which they are not is worse by these already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from models.community import Plan
from models.objectives.load import level
from models.split.joint_clauses import joint_caps
from models.split.joint_family import Family

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["LoadBounds", "Work"]

#: How many of the schools at some level rise to the last one.
_NONE, _SOME, _ALL = 0, 1, 2


@dataclass(frozen=True)
class _Need:
    """What one unit asks of a plan: at least `least` hosts of a role, beside those that must host it anyway."""

    unit: str
    points: Fraction
    least: int
    track: bool
    without_convener: bool


class Work:
    """How much work a plan has at least, unit by unit, as the clauses in force say.

    Parameters
    ----------
    family : Family
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.plan = Plan(family.problem, "")
        rules = self.plan.rules
        self.codes = family.codes
        self.outside = self.plan.candidates[len(self.codes) :]
        self.once = set(rules.once_in_community)
        self._roles: dict[str, frozenset[str]] = {}
        self.forced: dict[str, frozenset[str]] = {}
        self.convener_forced: dict[str, bool] = {}
        for unit in rules.units.values():
            roles = {
                clause.role
                for clause in rules.of_kind("role_hosts")
                if any(item in clause.items and item not in self.once for item in unit.items)
            }
            always: set[str] = set()
            if "benchmark" in roles:
                always.update(self.plan.role("benchmark"))
            if "participants" in roles:
                always.update(self.codes)
            self._roles[unit.id] = frozenset(roles)
            self.forced[unit.id] = frozenset(always)
            self.convener_forced[unit.id] = "convener" in roles
        self.needs = tuple(self._need(unit.id) for unit in rules.units.values())

    def _need(self, unit: str) -> _Need:
        plan, rules = self.plan, self.plan.rules
        items = rules.units[unit].items
        least, without = 0, True
        # Then every plan has a partner that is no benchmark school.
        never_empty = self.family.given.least > len(plan.problem.benchmarks) + 1
        for item in items:
            if item in self.once:
                without = False
                continue
            own = 0
            for clause in rules.of_kind("host_count"):
                counted = clause.if_none is None or never_empty
                if item in clause.items and not clause.together and counted:
                    own = max(own, 0 if self._served(unit, clause.among) else clause.at_least)
            wish = plan.wishes.host_numbers.get(item)
            if wish and rules.of_kind("host_number") and not self._roles[unit] and item not in rules.tracks:
                own = max(own, wish)
            for clause in rules.of_kind("track_cap"):
                if clause.exact and item in clause.items and rules.option("exploration_basis") != "community":
                    own = max(own, min(band.most_per_track for band in clause.bands))
            least = max(least, own)
            banned = any(
                (clause.kind == "who_hosts" and item in clause.items and clause.role in ("partners", "others"))
                for clause in rules.clauses
            )
            without = without and banned and rules.option("partner_includes_convener") == "no"
        tracks = any(item in rules.tracks for item in items)
        return _Need(unit, rules.units[unit].effort_points, least, tracks, without)

    def _served(self, unit: str, among: str) -> bool:
        """Whether schools that must host a unit by their role may be all that a count among another role asks."""
        roles = self._roles[unit]
        if "participants" in roles:
            return True
        if "benchmark" in roles and among not in ("non_benchmark", "non_benchmark_partners"):
            return True
        return "convener" in roles and among != "others"

    @cached_property
    def possible(self) -> Mapping[str, NDArray[np.bool_]]:
        """Unit -> participants that may host it, by what they and the planner say."""
        plan = self.plan
        may = {}
        bans = plan.wishes.bans if plan.rules.of_kind("bans") else frozenset()
        said_no = bool(plan.rules.of_kind("cannot"))
        barred = bool(plan.rules.of_kind("barred"))
        schools = plan.problem.community.school_by_code
        for unit in plan.rules.units.values():
            may[unit.id] = np.array(
                [
                    not (said_no and plan.willingness(unit.id, code) == "cannot")
                    and not all((item, code) in bans for item in unit.items)
                    and not (barred and schools[code].barred)
                    for code in self.codes
                ],
                dtype=bool,
            )
        return may

    @cached_property
    def unwilling(self) -> Mapping[str, NDArray[np.bool_]]:
        """Unit -> participants that would host it unwillingly, and that nothing obliges to."""
        return {unit: own & ~self.obliged[unit] for unit, own in self._unwilling.items()}

    @cached_property
    def unwilling_obliged(self) -> Mapping[str, NDArray[np.bool_]]:
        """Unit -> participants that host it unwillingly whatever is decided."""
        return {unit: own & self.obliged[unit] for unit, own in self._unwilling.items()}

    @cached_property
    def _unwilling(self) -> Mapping[str, NDArray[np.bool_]]:
        return {
            unit: np.array([self.plan.willingness(unit, code) == "unwilling" for code in self.codes], dtype=bool)
            for unit in self.plan.rules.units
        }

    @cached_property
    def obliged(self) -> Mapping[str, NDArray[np.bool_]]:
        """Unit -> participants that must host it: by their role, or pinned to it."""
        rules = self.plan.rules
        pins = self.plan.wishes.pins if rules.of_kind("pins") else frozenset()
        pinned = {(rules.unit_of.get(item, ""), code) for item, code in pins}
        return {
            unit: np.array([code in self.forced[unit] or (unit, code) in pinned for code in self.codes], dtype=bool)
            for unit in rules.units
        }

    def surely_lawful(self, side: int) -> NDArray[np.bool_]:
        """Plans that whoever ranks first to convene can surely lead: each unit has hosts enough whatever others do.

        What is not sure by counting is left open: the next in the ranking may convene then.
        """
        family, plan, rules = self.family, self.plan, self.plan.rules
        convener = family.conveners[side]
        lead = np.maximum(convener, 0)
        members = family.members(side)
        schools = [plan.problem.community.school_by_code[code] for code in self.codes]
        limited = bool(rules.of_kind("load_limit"))
        at_ease = np.array([not (limited and s.load_limit_hard) and not s.barred for s in schools], dtype=bool)
        benchmark = np.array([code in plan.problem.benchmarks for code in self.codes], dtype=bool)
        bans = plan.wishes.bans
        said = np.array([plan.willingness("convener", code) != "cannot" for code in self.codes], dtype=bool)
        sure: NDArray[np.bool_] = (convener >= 0) & (at_ease & said)[lead]
        if benchmark.any():
            sure &= benchmark[lead] | ~(members & benchmark).any(axis=1)
        if rules.of_kind("equal_numbers") or any(
            self._roles[u] and "participants" in self._roles[u] for u in self._roles
        ):
            return np.zeros(len(family), dtype=bool)
        pools: dict[str, NDArray[np.bool_]] = {}
        for unit in rules.units.values():
            free = self.possible[unit.id] & at_ease
            free &= np.array([not any((item, code) in bans for item in unit.items) for code in self.codes], dtype=bool)
            roles = self._roles[unit.id]
            if "benchmark" in roles:
                sure &= ~(members & benchmark & ~free).any(axis=1)
            if "convener" in roles:
                sure &= free[lead]
            counted = [clause for clause in rules.of_kind("host_count") if set(clause.items) & set(unit.items)]
            who = [clause.role for clause in rules.of_kind("who_hosts") if set(clause.items) & set(unit.items)]
            asked = [clause.among for clause in counted] + who
            if any(role in ("non_benchmark", "non_benchmark_partners") for role in asked):
                free = free & ~benchmark
            if any(role == "benchmark" for role in who):
                continue
            pool = members & free
            if "convener" in roles or any(role in ("others", "partners", "non_benchmark_partners") for role in asked):
                pool[np.arange(len(family)), lead] = False
            pools[unit.id] = pool
            wish = max((plan.wishes.host_numbers.get(item, 0) for item in unit.items), default=0)
            least = max([wish, *(clause.at_least for clause in counted)])
            for clause in rules.of_kind("track_cap"):
                if set(clause.items) & set(unit.items):
                    number = max((plan.wishes.exploration_numbers.get(item, 1) for item in unit.items), default=1)
                    least = max(least, number, max(b.most_per_track for b in clause.bands) if clause.exact else 1)
            pinned = np.array(
                [any((item, c) in plan.wishes.pins for item in unit.items) for c in self.codes], dtype=bool
            )
            if pinned.any():
                sure &= ~(members & pinned & ~pool).any(axis=1)
                sure &= (members & pinned).sum(axis=1) <= 1
            sure &= pool.sum(axis=1) >= least
        for clause in rules.of_kind("same_hosts"):
            units = {rules.unit_of[item] for item in clause.items if item in rules.unit_of}
            if len(units) > 1:
                common = np.logical_and.reduce([pools[unit] for unit in units if unit in pools])
                sure &= common.any(axis=1) & (not plan.wishes.pins)
        for clause in rules.of_kind("different_hosts"):
            own = [rules.unit_of[item] for item in clause.items if item in rules.unit_of]
            counts = [pools[unit].sum(axis=1) for unit in own if unit in pools]
            # Each finds its hosts among those that the others leave.
            most = max((b.most_per_track for c in rules.of_kind("track_cap") for b in c.bands), default=1)
            needed = most if any(c.exact for c in rules.of_kind("track_cap")) else 1
            numbers = [plan.wishes.exploration_numbers.get(item, needed) for item in clause.items]
            for count in counts:
                sure &= count >= max(sum(numbers), 2) + (1 if plan.wishes.pins else 0)
        return sure

    def caps(self, sizes: Ints) -> Ints:
        """Most exploration hosts of a plan of each size, per track: array of shape (sizes, tracks)."""
        plan, rules = self.plan, self.plan.rules
        shared = rules.option("exploration_basis") == "community"
        partners = rules.option("participants_counted") == "partners"
        counted = np.full_like(sizes, len(self.codes)) if shared else sizes
        counted = counted - (2 if shared else 1) * partners
        result = np.zeros((len(sizes), len(rules.tracks)), dtype=np.int64)
        column = 0
        for clause in rules.of_kind("track_cap"):
            bands = {int(n): clause.band_for(int(n)) for n in np.unique(counted)}
            for item in clause.items:
                number = plan.wishes.exploration_numbers.get(item)
                if not rules.of_kind("exploration_number"):
                    number = None
                per = {n: band.most_per_track if number is None else number for n, band in bands.items()}
                result[:, column] = [per[int(n)] for n in counted]
                column += 1
        return result


class LoadBounds:
    """Bounds of the tiers up to the loads for every division of a family.

    Parameters
    ----------
    family : Family
    names : sequence of str
        Tiers in order.
    """

    def __init__(self, family: Family, names: Sequence[str]) -> None:
        self.family = family
        self.work = Work(family)
        self.names = tuple(names)
        plan = self.work.plan
        self._outside = len(self.work.outside)
        self._filled: dict[int, tuple[Ints, NDArray[np.bool_], Ints]] = {}
        efforts = [
            unit.effort_points
            for unit in plan.rules.units.values()
            if unit.id in plan.rules.load_units and unit.effort_points > 0
        ]
        base = plan.rules.measure("convener_base_points")
        self.step = reduce(_common, [effort for effort in (*efforts, base) if effort > 0], Fraction(0)) or Fraction(1)
        self._profiles()

    # ------------------------------------------------------------------------------------------------------- profiles

    def _profiles(self) -> None:
        """Levels a school reaches step by step; as itself, and as the convener."""
        work, plan = self.work, self.work.plan
        rules = plan.rules
        load = [need for need in work.needs if need.unit in rules.load_units and need.points > 0]
        base = rules.measure("convener_base_points")
        starts: list[Fraction] = []
        steps: list[int] = []
        codes: list[str] = []
        for convening in (False, True):
            for k, code in enumerate(work.codes):
                start = plan.fixed_points(code) + (base if convening else 0)
                room = Fraction(0)
                for need in load:
                    must = code in work.forced[need.unit] or (convening and work.convener_forced[need.unit])
                    if must:
                        start += need.points
                    elif bool(work.possible[need.unit][k]) and not (convening and need.without_convener):
                        room += need.points
                starts.append(start)
                steps.append(int(room / self.step))
                codes.append(code)
        for code in work.outside:
            starts.append(plan.fixed_points(code))
            steps.append(int(sum((need.points for need in load), Fraction(0)) / self.step))
            codes.append(code)
        reached = [
            [level(plan, code, start + k * self.step) for k in range(count + 1)]
            for code, start, count in zip(codes, starts, steps, strict=True)
        ]
        self.levels = sorted({value for own in reached for value in own})
        rank = {value: k for k, value in enumerate(self.levels)}
        shape = (len(codes), len(self.levels))
        self._base = np.array([rank[own[0]] for own in reached], dtype=np.int64)
        self._rise = np.zeros(shape, dtype=np.int64)  # steps that end at a level
        for row, own in enumerate(reached):
            for value in own[1:]:
                self._rise[row, rank[value]] += 1
        # Level after all steps that end below a level.
        self._below = np.empty(shape, dtype=np.int64)
        for row in range(len(codes)):
            here = self._base[row]
            for at in range(len(self.levels)):
                self._below[row, at] = here
                if self._rise[row, at]:
                    here = max(here, at)
        over = [
            [max(Fraction(0), start + k * self.step - plan.capacity(code)) for k in range(count + 1)]
            for code, start, count in zip(codes, starts, steps, strict=True)
        ]
        self.over_scale = lcm(*(value.denominator for own in over for value in own))
        whole = [[int(value * self.over_scale) for value in own] for own in over]
        self._over_base = np.array([own[0] for own in whole], dtype=np.int64)
        rises = sorted({b - a for points in whole for a, b in pairwise(points)})
        self._over_rises = np.array(rises, dtype=np.int64)
        self._over_count = np.zeros((len(codes), len(rises)), dtype=np.int64)
        for row, points in enumerate(whole):
            for a, b in pairwise(points):
                self._over_count[row, rises.index(b - a)] += 1

    def _presence(self, side: int) -> NDArray[np.float64]:
        """Which profiles are in a plan: (divisions, profiles)."""
        family, count = self.family, len(self.work.codes)
        present = np.zeros((len(family), 2 * count + self._outside), dtype=np.float64)
        present[:, :count] = family.members(side)
        present[:, 2 * count :] = 1
        convener = self.conveners[side]
        known = np.flatnonzero(convener >= 0)
        present[known, convener[known]] = 0
        present[known, count + convener[known]] = 1
        return present

    def _tasks(self, side: int, exploration: Ints) -> tuple[Ints, Ints, Ints]:
        """Steps of work that a plan has to place at least, unwilling hosts it has at least, those not forced."""
        work, family = self.work, self.family
        members = family.members(side).astype(np.float64)
        convener = self.conveners[side]
        known = convener >= 0
        steps = np.zeros(len(family), dtype=np.int64)
        unwilling = np.zeros(len(family), dtype=np.int64)
        unforced = np.zeros(len(family), dtype=np.int64)
        rules = work.plan.rules
        track = 0
        for need in work.needs:
            obliged = work.obliged[need.unit]
            willing = work.possible[need.unit] & ~work.unwilling[need.unit]
            free = np.array([code not in work.forced[need.unit] for code in work.codes], dtype=bool)
            candidates = _counted(members, willing & free)
            if need.without_convener:
                candidates = candidates - np.where(known, (willing & free)[np.maximum(convener, 0)], 0)
            least = np.full(len(family), need.least, dtype=np.int64)
            unforced += np.maximum(0, least - candidates - self._outside)
            unwilling += _counted(members, work.unwilling_obliged[need.unit])
            if work.convener_forced[need.unit]:
                lead = work.unwilling[need.unit] & ~obliged
                unwilling += np.where(known, lead[np.maximum(convener, 0)], 0)
            if need.track:
                least = np.maximum(least, exploration[:, track])
                track += 1
            if need.unit in rules.load_units:
                steps += least * int(need.points / self.step)
                if work.convener_forced[need.unit]:
                    steps += np.where(known, 0, int(need.points / self.step))
        base = int(rules.measure("convener_base_points") / self.step)
        steps += np.where(known, 0, base)
        return steps, unwilling + unforced, unforced

    # -------------------------------------------------------------------------------------------------------- bounds

    @cached_property
    def conveners(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Who convenes either plan, where that is sure; else -1."""
        first, second = (np.where(self.work.surely_lawful(side), self.family.conveners[side], -1) for side in (0, 1))
        return first, second

    @cached_property
    def sizes(self) -> tuple[Ints, Ints]:
        """Participants of either plan."""
        first, second = (self.family.members(side).sum(axis=1).astype(np.int64) for side in (0, 1))
        return first, second

    @cached_property
    def most_exploration(self) -> tuple[Ints, Ints]:
        """Most hosts of each track in either plan: caps, and who is there."""
        work = self.work
        tracks = [need for need in work.needs if need.track]
        result = []
        for side in (0, 1):
            members = self.family.members(side).astype(np.float64)
            most = work.caps(self.sizes[side])
            for column, need in enumerate(tracks):
                willing = work.possible[need.unit] & ~work.unwilling[need.unit]
                there = _counted(members, willing) + self._outside
                # A plan without any willing school has the one host that the law wants.
                most[:, column] = np.minimum(most[:, column], np.maximum(there, need.least))
            result.append(most)
        return result[0], result[1]

    @cached_property
    def tasks(self) -> tuple[tuple[Ints, Ints, Ints], tuple[Ints, Ints, Ints]]:
        """See `_tasks`, for either plan."""
        counted = self.work.plan.rules.option("exploration_number") in ("most", "stated")
        counted = counted and not joint_caps(self.family.problem)
        first, second = (
            self._tasks(side, own if counted else np.zeros_like(own)) for side, own in enumerate(self.most_exploration)
        )
        return first, second

    @cached_property
    def nobody_asked_against_its_word(self) -> NDArray[np.bool_]:
        """Divisions in which, at their bound, nobody is unwilling but who must host by its role."""
        if "unwilling" not in self.names or "travel" not in self.names:
            return np.zeros(len(self.family), dtype=bool)
        before = self.names.index("unwilling") < self.names.index("travel")
        nobody: NDArray[np.bool_] = self.tasks[0][2] + self.tasks[1][2] == 0
        return nobody & before

    @cached_property
    def columns(self) -> Mapping[str, Ints]:
        """Tier -> its bound as whole numbers to compare: one column, or several from the most important on."""
        work, rules = self.work, self.work.plan.rules
        mode = rules.option("exploration_number")
        first, second = self.most_exploration
        counted = mode in ("most", "stated")
        tasks = self.tasks
        columns: dict[str, Ints] = {"unwilling": (tasks[0][1] + tasks[1][1])[:, None]}
        most = (first + second).sum(axis=1)
        for cap in joint_caps(self.family.problem):
            most = np.minimum(most, cap.most_hosts)
        if counted:
            columns["exploration"] = -most[:, None]
        elif mode == "fewest":
            fewest = 2 * sum(need.least for need in work.needs if need.track)
            columns["exploration"] = np.full((len(most), 1), fewest, dtype=np.int64)
        over = np.zeros(len(self.family), dtype=np.int64)
        vector = np.zeros((len(self.family), len(self.levels)), dtype=np.int64)
        for side in (0, 1):
            present = self._presence(side)
            steps = tasks[side][0]
            over += self._overload(present, steps)
            vector += self._fill(present, steps, side)
        columns["overload"] = over[:, None]
        columns["load"] = vector[:, ::-1]
        return columns

    def of_values(self, name: str, value: Any) -> list[int] | None:
        """A tier's value as numbers to be compared with the bounds; None when it cannot be said."""
        if name == "unwilling":
            return [int(value)]
        if name == "exploration":
            return [int(value) if self.work.plan.rules.option("exploration_number") == "fewest" else -int(value)]
        if name == "overload":
            scaled = Fraction(value) * self.over_scale
            return [int(scaled)] if scaled.denominator == 1 else None
        if name == "load":
            rank = {level: k for k, level in enumerate(self.levels)}
            counts = [0] * len(self.levels)
            for level_ in value:
                if level_ not in rank:
                    return None
                counts[rank[level_]] += 1
            return counts[::-1]
        return None

    def wherever_divided(self, exploration: int) -> Ints:
        """A bound of the loads that holds for every division: as if both plans shared all schools.

        Parameters
        ----------
        exploration : int
            Hosts of exploration in both plans together.
        """
        rules, count = self.work.plan.rules, len(self.work.codes)
        present = np.zeros((1, 2 * count + self._outside))
        present[:, :count] = 1
        present[:, 2 * count :] = 2  # a partner from outside may host in both plans
        tracks = [need.points for need in self.work.needs if need.track and need.unit in rules.load_units]
        points = min(tracks, default=Fraction(0)) * exploration + 2 * rules.measure("convener_base_points")
        for need in self.work.needs:
            if need.unit in rules.load_units:
                points += 2 * need.points * (self.work.convener_forced[need.unit] + (0 if need.track else need.least))
        vector = self._fill(present, np.array([int(points / self.step)], dtype=np.int64), 0)[0, ::-1]
        self._filled.clear()
        return vector

    def _overload(self, present: NDArray[np.float64], steps: Ints) -> Ints:
        """Least overload of a plan: the cheapest steps first."""
        total = (present @ self._over_base).astype(np.int64)
        left = steps.copy()
        counts = (present @ self._over_count).astype(np.int64)
        for column, rise in enumerate(self._over_rises):
            taken = np.minimum(left, counts[:, column])
            total += taken * rise
            left = left - taken
        return total

    def _fill(self, present: NDArray[np.float64], steps: Ints, side: int) -> Ints:
        """How many schools of a plan are at each level, loads being as even as can be."""
        top = len(self.levels) - 1
        rises = (present @ self._rise).astype(np.int64)
        reached = np.cumsum(rises, axis=1)
        last = np.minimum((reached < steps[:, None]).sum(axis=1), top)
        counts = np.zeros_like(rises)
        loose = np.zeros(len(steps), dtype=bool)
        rising = np.zeros_like(rises)
        for at in np.unique(last):
            rows = np.flatnonzero(last == at)
            here = present[rows]
            before = reached[rows, at] - rises[rows, at]
            rest = np.maximum(0, steps[rows] - before)
            already = self._base == at
            free = (here @ (self._rise[:, at] * already)).astype(np.int64)
            able = (self._rise[:, at] > 0) & ~already
            most = int(self._rise[able, at].max(initial=1))
            raised = -(-np.maximum(0, rest - free) // most)
            raised = np.minimum(raised, (here @ able).astype(np.int64))
            level_of = np.zeros((len(self._base), top + 1))
            level_of[np.arange(len(self._base)), self._below[:, at]] = 1
            own = (here @ level_of).astype(np.int64)
            movable = (here @ (level_of * able[:, None])).astype(np.int64)
            # Those that rise come from the highest levels: that lowers the rest of the vector most.
            above = np.cumsum(movable[:, ::-1], axis=1)[:, ::-1]
            taken = np.clip(raised[:, None] - (above - movable), 0, movable)
            own -= taken
            own[:, at] += raised
            slack = (raised * most + free > rest) & ((most > 1) | (free > 0))
            loose[rows] = slack
            rising[rows] = np.where(taken == 0, _NONE, np.where(taken == movable, _ALL, _SOME))
            if slack.any():  # fewer steps would do at this level: nothing is said of the levels below it
                low = np.zeros_like(level_of)
                low[np.arange(len(self._base)), self._base] = 1
                bare = (here @ low).astype(np.int64)
                kept = own[:, at:]
                bare[:, at:] = kept
                missing = len_of(here) - bare.sum(axis=1)
                bare[:, 0] += missing
                own = np.where(slack[:, None], bare, own)
            counts[rows] = own
        self._filled[side] = (last, loose, rising)
        return counts

    def units(self, side: int) -> tuple[Ints, Ints]:
        """Fewest and most load units that each participant of a plan hosts beside those it must host by its role.

        As the loads are when they are at their bound, for travel that comes after them in the order.
        """
        work, family = self.work, self.family
        count = len(work.codes)
        rules = work.plan.rules
        efforts = {need.points for need in work.needs if need.unit in rules.load_units}
        least_effort = min((effort for effort in efforts if effort > 0), default=self.step)
        profile = np.repeat(np.arange(count)[None, :], len(family), axis=0)
        convener = self.conveners[side]
        known = np.flatnonzero(convener >= 0)
        profile[known, convener[known]] += count
        ordered = "load" in self.names and "travel" in self.names
        ordered = ordered and self.names.index("load") < self.names.index("travel") and min(efforts, default=0) > 0
        if not ordered:
            most = np.full((len(family), count), len(work.needs) * count, dtype=np.int64)
            return np.zeros_like(most), most
        assert self.columns["load"] is not None
        last, loose, rising = self._filled[side]
        there = last[:, None]
        before = (np.cumsum(self._rise, axis=1) - self._rise)[profile, there]
        rise = self._rise[profile, there]
        # Who rises to the last level comes from the highest levels below it; at most one of these has a choice.
        kind = np.take_along_axis(rising, self._below[profile, there], axis=1)
        kind = np.where(self._base[profile] == there, _SOME, kind)
        kind = np.where(loose[:, None], _SOME, kind)
        most = before + np.where(kind == _NONE, 0, rise)
        least = before + np.where((kind == _ALL) & (rise > 0), 1, 0)
        sure = (convener >= 0) & ~loose & (efforts == {self.step}) & self._all_have_trips()
        members = family.members(side)
        most = np.where(members, most * int(self.step / least_effort), 0)
        return np.where(sure[:, None] & members, least, 0), most

    def _all_have_trips(self) -> bool:
        """Whether every unit in the load causes travel, and has its place in the bound of travel."""
        rules = self.work.plan.rules
        units = [rules.units[unit] for unit in rules.load_units]
        return all(unit.trips is not None and unit.trips.times_a_year for unit in units)


def _counted(members: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Ints:
    """How many of the chosen are members, row by row."""
    if not chosen.any():
        return np.zeros(len(members), dtype=np.int64)
    result: Ints = (members @ chosen.astype(np.float64)).astype(np.int64)
    return result


def len_of(present: NDArray[np.float64]) -> Ints:
    """Schools of each plan."""
    result: Ints = present.sum(axis=1).astype(np.int64)
    return result


def _common(one: Fraction, other: Fraction) -> Fraction:
    """Greatest number that divides both."""
    scale = lcm(one.denominator, other.denominator)
    return Fraction(gcd(int(one * scale), int(other * scale)), scale)
