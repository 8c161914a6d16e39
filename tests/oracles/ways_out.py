"""Second opinions on why there is no plan: whether constraints hold together, what is left when something is given up,
and the least price of a way out.

Written from ``docs/semantics.md``. Constraints are stated in HiGHS one by one; the least
price needs no solver: sets of hosts are enumerated block by block, each with what it breaks, and put together by the
loads of the schools with hard limits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

from models.community import CONVENER_KEY, Problem
from tests.oracles import mip
from tests.oracles.brute import _blocks, ways_in_order
from tests.oracles.judge import convener_holds, holds
from tests.oracles.reading import Reading, read

__all__ = ["WaysOut", "give_up", "has_plan", "hold_together"]

_FOR_SALE = ("pins", "bans", "cannot", "host_number", "exploration_number", "load_limit")


def has_plan(problem: Problem, convener: str) -> bool:
    """Whether a lawful plan exists, by the MIP."""
    return mip.solve_tiers(problem, convener, order=("unwilling",)).status == "optimal"


# --------------------------------------------------------------------------------------- constraints held together


def hold_together(problem: Problem, convener: str, parts: Iterable[tuple[str, str]]) -> bool:
    """Whether some assignment keeps these parts of clauses, all others put aside."""
    reading = read(problem, convener)
    model = mip._Model(presolve=False)
    x = {(i, c): model.column(0, 1) for i in reading.items for c in reading.candidates}
    ways = {(c, w.id): model.column(0, 1) for c in reading.benchmarks for w in reading.rules.rulebook.ways}
    by_id = {clause.id: clause for clause in reading.rules.clauses}
    for id_, part in parts:
        for low, high, terms in _rows(reading, by_id[id_], part, x, ways, model):
            if not terms:
                if not low <= 0 <= high:
                    return False
                continue
            model.row(low, high, terms)
    try:
        model.minimise({})
    except mip._InfeasibleError:
        return False
    return True


def _rows(
    reading: Reading, clause: Any, part: str, x: dict[Any, int], ways: dict[Any, int], model: Any
) -> Iterator[tuple[float, float, dict[int, int]]]:
    """Rows (low, high, terms) of one part of a clause."""
    far = float(len(x))

    def sum_of(items: Iterable[str], codes: Collection[str] = reading.candidates) -> dict[int, int]:
        return {x[item, code]: 1 for item in items for code in codes if (item, code) in x}

    everybody = frozenset(reading.candidates)
    match clause.kind:
        case "convener" | "benchmark_convenes":
            yield 1, far, {}
        case "barred":
            if part == reading.convener and reading.school[part].barred:
                yield 1, far, {}
            yield 0, 0, sum_of(reading.items, (part,))
        case "outside_partner":
            yield 0, 0, sum_of((i for i in reading.items if i not in reading.outside[part]), (part,))
        case "role_hosts":
            role = reading.role(clause.role)
            yield len(role), far, sum_of((part,), role)
        case "who_hosts":
            yield 0, 0, sum_of((part,), everybody - reading.role(clause.role, part))
        case "host_count":
            terms: dict[int, int] = {}
            for item in part.split("+"):
                terms |= sum_of((item,), reading.counting_role(clause, item))
            yield clause.at_least, far if clause.at_most is None else clause.at_most, terms
        case "same_hosts":
            for code in reading.candidates:
                yield 0, 0, {x[part, code]: 1, x[clause.items[0], code]: -1}
        case "different_hosts":
            yield 0, 1, sum_of(clause.items, (part,))
        case "equal_numbers":
            yield 0, 0, sum_of((part,)) | {x[clause.items[0], code]: -1 for code in reading.candidates}
        case "track_cap":
            band = clause.band_for(reading.n)
            if part == "total":
                yield 0, band.most_hosts, sum_of(clause.items)
            else:
                yield band.most_per_track if clause.exact else 0, band.most_per_track, sum_of((part,))
        case "ways":
            yield clause.at_least, far, {ways[part, w]: 1 for c, w in ways if c == part}
            if clause.one_of:
                yield 1, far, {ways[part, w]: 1 for w in clause.one_of}
        case "cannot":
            unit, _, code = part.rpartition(":")
            if not unit:
                yield 1, far, {}
            else:
                yield 0, 0, sum_of(reading.rules.units[unit].items, (code,))
        case "pins":
            what, _, code = part.rpartition(":")
            if (code, what) in ways:
                yield 1, 1, {ways[code, what]: 1}
            else:
                yield 1, 1, {x[what, code]: 1} if (what, code) in x else {}
        case "bans":
            what, _, code = part.rpartition(":")
            yield 0, 0, {x[what, code]: 1}
        case "exploration_number":
            number = reading.wishes.exploration_numbers[part]
            yield number, number, sum_of((part,))
        case "load_limit":
            yield _load_row(reading, part, x, model)
        case "host_number" if part in reading.items:
            most, least, among = reading.host_number(part)
            yield 0, most, sum_of((part,), everybody - reading.forced[part])
            yield least, far, sum_of((part,), among)
        case "host_number":
            (rule,) = reading.rules.of_kind("ways")
            stated = frozenset(reading.wishes.ways.get(part, ()))
            most = max(rule.at_least, len(stated) + (0 if stated.intersection(rule.one_of) else 1))
            yield 0, most, {ways[part, w]: 1 for c, w in ways if c == part}
        case _:
            raise AssertionError(f"{clause.id}/{part}: no such constraint")


def _load_row(reading: Reading, code: str, x: dict[Any, int], model: Any) -> tuple[float, float, dict[int, int]]:
    room = reading.capacity(code) - reading.fixed(code)
    units = [unit for unit in reading.rules.units.values() if unit.id in reading.rules.load_units]
    scale = lcm(room.denominator, *(unit.effort_points.denominator for unit in units))
    terms = {}
    for unit in units:
        hosted = model.column(0, 1)
        for item in unit.items:
            model.row(0, 1, {hosted: 1, x[item, code]: -1})
        terms[hosted] = int(unit.effort_points * scale)
    return -float("inf"), int(room * scale), terms


# -------------------------------------------------------------------------------------------------- what is given up


def give_up(problem: Problem, gone: Iterable[Any]) -> Problem:
    """The problem that is left when these concessions are made."""
    for one in gone:
        wishes = problem.wishes
        school = problem.community.school_by_code.get(one.school)
        if one.kind == "pin":
            wishes = replace(wishes, pins=wishes.pins - {(one.key, one.school)})
        elif one.kind == "ban":
            wishes = replace(wishes, bans=wishes.bans - {(one.key, one.school)})
        elif one.kind == "host_number":
            wishes = replace(wishes, host_numbers={**wishes.host_numbers, one.key: one.number})
        elif one.kind == "exploration_number":
            rest = {item: number for item, number in wishes.exploration_numbers.items() if item != one.key}
            wishes = replace(wishes, exploration_numbers=rest)
        elif one.kind == "convener":
            wishes = replace(wishes, convener=one.school)
        elif one.kind == "cannot":
            assert school is not None
            keys = {one.key, *(problem.rules.units[one.key].items if one.key in problem.rules.units else ())}
            said = {k: "unwilling" if k in keys and v == "cannot" else v for k, v in school.willingness.items()}
            problem = _with_school(problem, replace(school, willingness=said))
        elif one.kind == "load_limit":
            assert school is not None
            problem = _with_school(problem, replace(school, load_limit_hard=False))
        elif one.kind == "relaxation":
            (relaxation,) = (r for r in problem.rules.rulebook.relaxations if r.id == one.key)
            problem = problem.with_rules(problem.rules.with_options(relaxation.set_))
        else:
            raise AssertionError(one.kind)
        problem = replace(problem, wishes=wishes)
    return problem


def _with_school(problem: Problem, school: Any) -> Problem:
    schools = tuple(school if s.code == school.code else s for s in problem.community.schools)
    return replace(problem, community=replace(problem.community, schools=schools))


# ---------------------------------------------------------------------------------------------------- the least price

#: Kind, key and school of something to give up.
Id = tuple[str, str, str]


class WaysOut:
    """Ways out of a problem with a stated convener, by enumeration.

    What a set of hosts does not keep of that which is for sale is listed block by block, once for each choice of
    convener and relaxations.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._broken: dict[tuple[str, frozenset[str]], _Broken | None] = {}

    def least_price(self) -> Fraction | None:
        """Price of the cheapest way out; None when there is none."""
        problem, book = self.problem, self.problem.rules.rulebook
        stated, options = str(problem.wishes.convener), problem.rules.option
        useful = [r for r in book.relaxations if any(options(name) != o for name, o in r.set_.items())]
        worlds = [
            (sum((r.price for r in subset), Fraction(0)), stated, frozenset(r.id for r in subset))
            for size in range(len(useful) + 1)
            for subset in itertools.combinations(useful, size)
        ]
        schools = problem.community.school_by_code
        worlds += [
            (book.prices.convener.value, code, frozenset())
            for code in problem.benchmarks or problem.participants
            if code != stated and not schools[code].barred
        ]
        best: Fraction | None = None
        for price, convener, relaxations in sorted(worlds, key=lambda world: world[0]):
            if best is not None and price >= best:
                break
            broken = self._broken_under(convener, relaxations)
            more = None if broken is None else broken.least(lambda id_: getattr(book.prices, id_[0]).value)
            if more is not None and (best is None or price + more < best):
                best = price + more
        return best

    def is_enough(self, gone: Collection[Any]) -> bool:
        """Whether giving up these alone leads to a lawful plan, whatever numbers of hosts are chosen."""
        convener = next((one.school for one in gone if one.kind == "convener"), str(self.problem.wishes.convener))
        broken = self._broken_under(convener, frozenset(one.key for one in gone if one.kind == "relaxation"))
        for_free = {(one.kind, one.key, one.school) for one in gone}
        return broken is not None and broken.least(lambda id_: Fraction(id_ not in for_free), Fraction(0)) == 0

    def _broken_under(self, convener: str, relaxations: frozenset[str]) -> _Broken | None:
        key = convener, relaxations
        if key not in self._broken:
            changed = replace(self.problem, wishes=replace(self.problem.wishes, convener=convener))
            for relaxation in self.problem.rules.rulebook.relaxations:
                if relaxation.id in relaxations:
                    changed = changed.with_rules(changed.rules.with_options(relaxation.set_))
            self._broken[key] = _broken_by_plans(read(changed, convener))
        return self._broken[key]


class _Broken:
    """What plans that keep the law do not keep of the rest.

    Parameters
    ----------
    reading : Reading
    always : frozenset of Id
        By every plan.
    limited : list of str
        Schools with a hard limit.
    blocks : list
        For each block: (what it adds to the loads of the limited schools, what is not kept); several choices.
    """

    def __init__(
        self,
        reading: Reading,
        always: frozenset[Id],
        limited: Sequence[str],
        blocks: Sequence[Collection[tuple[tuple[Fraction, ...], frozenset[Id]]]],
    ) -> None:
        self.reading, self.always, self.limited, self.blocks = reading, always, limited, blocks

    def least(self, price_of: Callable[[Id], Fraction], most: Fraction | None = None) -> Fraction | None:
        """Least price of what must be given up; None where it is above `most`."""
        reading, limited = self.reading, self.limited
        prices = {id_: price_of(id_) for block in self.blocks for _, ids in block for id_ in ids}
        ceilings = [reading.capacity(code) + 1 for code in limited]
        first = tuple(min(reading.fixed(code), above) for code, above in zip(limited, ceilings, strict=True))
        loads = {first: sum(map(price_of, self.always), Fraction(0))}
        for block in self.blocks:
            choices: dict[tuple[Fraction, ...], Fraction] = {}
            for added, ids in block:
                price = sum((prices[id_] for id_ in ids), Fraction(0))
                if most is not None and price > most:
                    continue
                choices[added] = min(choices.get(added, price), price)
            longer: dict[tuple[Fraction, ...], Fraction] = {}
            for before, price in loads.items():
                for added, more in choices.items():
                    if most is not None and price + more > most:
                        continue
                    # Above the limit is above the limit, however far.
                    key = tuple(min(a + b, above) for a, b, above in zip(before, added, ceilings, strict=True))
                    longer[key] = min(longer.get(key, price + more), price + more)
            loads = longer
        for load, price in loads.items():
            above = [code for code, points in zip(limited, load, strict=True) if points > reading.capacity(code)]
            loads[load] = price + sum((price_of(("load_limit", "", code)) for code in above), Fraction(0))
        return min(loads.values(), default=None)


def _broken_by_plans(reading: Reading) -> _Broken | None:
    """None when no plan keeps the law."""
    always: set[Id] = set()
    for clause in reading.rules.clauses:
        if not convener_holds(reading, clause):
            if clause.kind != "cannot":
                return None
            always.add(("cannot", CONVENER_KEY, reading.convener))
    if ways_in_order(reading) is None:
        return None
    kinds = {clause.kind for clause in reading.rules.clauses}
    always |= {
        ("pin", item, code)
        for item, code in reading.wishes.pins
        if code not in reading.candidates or item not in reading.items
    }
    limited = [c for c in reading.candidates if c in reading.school and reading.school[c].load_limit_hard]
    if "load_limit" not in kinds:
        limited = []
    blocks = [set(_choices(reading, block, limited, kinds)) for block in _blocks(reading)]
    return _Broken(reading, frozenset(always), limited, blocks) if all(blocks) else None


def _choices(
    reading: Reading, block: Sequence[str], limited: Sequence[str], kinds: Collection[str]
) -> Iterator[tuple[tuple[Fraction, ...], frozenset[Id]]]:
    """What lawful hosts of a block add to the loads of the limited schools, and what they do not keep."""
    law = [c for c in reading.rules.clauses if c.kind not in _FOR_SALE and set(getattr(c, "items", block)) & set(block)]
    group_of = {item: {item} for item in block}
    for clause in law:
        if clause.kind == "same_hosts":
            together = set().union(*(group_of[item] for item in clause.items))
            group_of.update(dict.fromkeys(together, together))
    groups = list({tuple(sorted(group)) for group in group_of.values()})
    options: list[list[tuple[frozenset[str], frozenset[Id]]]] = []
    for group in groups:
        own = [(item, [c for c in law if item in getattr(c, "items", (item,))]) for item in group]
        options.append([])
        for size in range(len(reading.candidates) + 1):
            for hosts in map(frozenset, itertools.combinations(reading.candidates, size)):
                if all(holds(reading, c, {i: hosts}, (i,)) for i, cs in own for c in cs):
                    broken = [_broken_by(reading, item, hosts, kinds) for item in group]
                    if None not in broken:
                        options[-1].append((hosts, frozenset().union(*(b for b in broken if b is not None))))
    units = [unit for unit in reading.rules.units.values() if unit.items[0] in block]
    for combination in itertools.product(*options):
        hosts_of = {item: s for group, (s, _) in zip(groups, combination, strict=True) for item in group}
        if len(groups) > 1 and not all(holds(reading, clause, hosts_of, block) for clause in law):
            continue
        gone = set().union(*(ids for _, ids in combination))
        added = dict.fromkeys(limited, Fraction(0))
        for unit in units:
            hosting = frozenset().union(*(hosts_of[item] for item in unit.items))
            if "cannot" in kinds:
                unable = (code for code in hosting if reading.willingness(unit.id, code) == "cannot")
                gone |= {("cannot", unit.id, code) for code in unable}
            if unit.id in reading.rules.load_units:
                for code in hosting.intersection(limited):
                    added[code] += reading.effort(unit.id)
        yield tuple(added.values()), frozenset(gone)


def _broken_by(reading: Reading, item: str, hosts: frozenset[str], kinds: Collection[str]) -> frozenset[Id] | None:
    """Wishes about one item that a set of hosts does not keep; None when no number of hosts would allow it."""
    wishes = reading.wishes
    pinned = {code for what, code in wishes.pins if what == item and code in reading.candidates}
    gone: set[Id] = set()
    if "pins" in kinds:
        gone |= {("pin", item, code) for code in pinned - hosts}
    if "bans" in kinds:
        gone |= {("ban", item, code) for code in hosts if (item, code) in wishes.bans}
    if "exploration_number" in kinds and wishes.exploration_numbers.get(item, len(hosts)) != len(hosts):
        gone.add(("exploration_number", item, ""))
    if "host_number" in kinds and item not in reading.rules.tracks:
        among, law = reading.role("participants", item), 0
        for clause in reading.rules.stated:
            if clause.kind == "host_count" and item in clause.items and not clause.together:
                among, law = reading.counting_role(clause, item), clause.at_least
        forced, kept = reading.forced[item], pinned & hosts

        def allows(number: int) -> bool:
            most = max(0, number - len(forced & among), len(kept - forced))
            return len(hosts - forced) <= most and (number <= law or len(hosts & among) >= number)

        if not allows(wishes.host_numbers.get(item, law)):
            if not any(map(allows, range(len(reading.candidates) + 1))):
                return None
            gone.add(("host_number", item, ""))
    return frozenset(gone)
