"""The best change of at most so many flips: against brute force over all changes, every community solved in full."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import networkx as nx
import pytest
import shapely

import assigner
from assigner.boundary.base import scenario_of_community
from assigner.boundary.effects import effects_of
from assigner.boundary.sizes import least_participants
from assigner.boundary.solving import Plans
from assigner.boundary.suggest_aims import Aim, parts_of
from assigner.boundary.suggest_answer import suggestions_schema
from assigner.boundary.suggest_bounds import counted_bounds, ideal_problem, least_travel
from assigner.boundary.suggesting import Suggestion, Suggestions, suggest
from assigner.boundary.values import Base, Locks
from assigner.errors import ExitCode
from assigner.messages import language_set
from assigner.planner import Result, solve
from assigner.report import suggest_map
from assigner.report import suggest_statements as sentences
from assigner.report.community_map import ground_of
from assigner.report.suggest_grades import DEPTHS, Grade, grades
from assigner.report.suggest_layers import content_of_suggestions
from assigner.report.suggest_page import suggestions_page
from assigner.report.suggest_statements import remark
from assigner.report.suggest_tables import by_township, single_moves
from assigner.report.suggest_terminal import show_suggestions
from assigner.report.suggest_workbook import workbook_bytes
from assigner.report.terminal import console_for
from geodata.base_map import NOWHERE, BaseMap, Flip, MoveSchool, MoveTownship, apply_all
from models.community import Plan, School
from models.convener import choose_convener
from models.rulebook import load_rulebook
from models.stopping import Stop
from models.tiers import NoPlan, full_order, solve_tiers
from tests.assigner.boundary_bases import row_base
from tests.assigner.suggest_bases import small_base
from tests.communities import random_problem
from tests.tools import CHROMIUM_ARGUMENTS, tool

_VECTORS = ("load", "separate")


# ---------------------------------------------------------------------------------------------------- the brute force


@dataclass
class Brute:
    """Every map within reach, worth what all of its communities are, solved one by one; nothing is pruned."""

    base: Base
    solved: dict[Any, Result | None] = field(default_factory=dict)

    def result(self, base_map: BaseMap, community: str) -> Result | None:
        key = (community, base_map.members(community), base_map.territory(community), self._shares(base_map, community))
        if key not in self.solved:
            scenario, _dropped = scenario_of_community(self.base, base_map, community)
            self.solved[key] = None if scenario is None else solve(scenario, price=False)
        return self.solved[key]

    @staticmethod
    def _shares(base_map: BaseMap, community: str) -> tuple[tuple[str, ...], ...]:
        return tuple(base_map.served_by.get(town, ()) for town in base_map.territory(community))

    def steps(self, base_map: BaseMap, *, schools: bool, around: str | None) -> Iterator[Flip]:
        """Flips by their definition, whatever was moved before."""
        graph = self.base.graph
        for community in base_map.names:
            part = set(base_map.territory(community))
            near = part | {town for town in base_map.home if any(graph.has_edge(town, other) for other in part)}
            for town, own in base_map.home.items():
                if town in near and own != community and (around is None or around in (own, community)):
                    yield MoveTownship(town, community)
            for code, own in base_map.member.items() if schools else ():
                close = base_map.place[code] in near
                if close and own != community and (around is None or around in (own, community)):
                    yield MoveSchool(code, community)

    def reached(self, most: int, *, schools: bool, around: str | None) -> dict[Any, tuple[Flip, ...]]:
        """Map -> the fewest flips to it; nothing moves twice."""
        found: dict[Any, tuple[Flip, ...]] = {_identity(self.base.map): ()}
        level: list[tuple[Flip, ...]] = [()]
        for _ in range(most):
            level = [
                (*flips, flip)
                for flips in level
                for flip in self.steps(apply_all(self.base.map, flips), schools=schools, around=around)
                if not any(_what(flip) == _what(other) for other in flips)
            ]
            for flips in level:
                found.setdefault(_identity(apply_all(self.base.map, flips)), flips)
        return found

    def lawful(self, after: BaseMap) -> bool:
        before, graph = self.base.map, self.base.graph

        def pieces(base_map: BaseMap, community: str) -> int:
            return nx.number_connected_components(graph.subgraph(base_map.territory(community)))

        for community in before.names:
            same = (before.members(community), before.territory(community), self._shares(before, community))
            if same == (after.members(community), after.territory(community), self._shares(after, community)):
                continue
            if pieces(after, community) > max(1, pieces(before, community)):
                return False
            was, now = self.result(before, community), self.result(after, community)
            if now is None:
                if was is not None:
                    return False
                continue
            if now.status == "infeasible":
                return False
            needed = {entry.relaxation.id for entry in now.relaxations if entry.because is not None}
            if needed - {entry.relaxation.id for entry in (was.relaxations if was is not None else ())}:
                return False
            if not self._large_enough(was, now):
                return False
        return True

    @staticmethod
    def _large_enough(was: Result | None, now: Result) -> bool:
        def small(result: Result) -> bool:
            assert result.scenario is not None
            problem = result.scenario.problem()
            least = least_participants(problem.rules, len(problem.benchmarks))
            return least is None or len(problem.participants) < least

        if not small(now):
            return True
        if was is None:
            return False
        assert was.scenario is not None and now.scenario is not None
        fewer = len(now.scenario.problem().participants) < len(was.scenario.problem().participants)
        return small(was) and not fewer

    def value(self, after: BaseMap, order: tuple[str, ...], scope: tuple[str, ...]) -> tuple[Any, ...]:
        """What a map is worth, tier by tier, over some communities."""
        results = [self.result(after, community) for community in scope]
        plans = [result for result in results if result is not None and result.audit is not None]
        assert all(result.status == "optimal" for result in plans)
        worth: list[Any] = [Fraction(sum(result is not None and result.audit is None for result in results))]
        for tier in order:
            values = [(result, result.audit.values[tier]) for result in plans if result.audit is not None]
            if tier in _VECTORS:
                worth.append(sorted((level for _, own in values for level in own), reverse=True))
            elif tier == "exploration":
                far = [own[0] if isinstance(own, tuple) and len(own) == 2 else Fraction(0) for _, own in values]
                hosts = [own[-1] if isinstance(own, tuple) else own for _, own in values]
                more = [r.problem.rules.option("exploration_number") in ("most", "stated") for r, _ in values]
                signed = [-count if up else count for count, up in zip(hosts, more, strict=True)]
                worth.append((sum(far, Fraction(0)), sum(signed, Fraction(0))))
            else:
                worth.append(sum((own for _, own in values), Fraction(0)))
        return tuple(worth)


def _identity(base_map: BaseMap) -> Any:
    return tuple(base_map.home.items()), tuple(base_map.member.items())


def _what(flip: Flip) -> str:
    assert isinstance(flip, MoveTownship | MoveSchool)
    return flip.township if isinstance(flip, MoveTownship) else flip.school


def _moved(before: BaseMap, after: BaseMap) -> int:
    return sum(of not in (before.member[code], NOWHERE) for code, of in after.member.items())


def _order(base: Base, brute: Brute, around: str | None) -> tuple[str, ...]:
    for community in [around] if around else base.map.names:
        result = brute.result(base.map, community)
        if result is not None:
            return tuple(tier for tier in full_order(Plan(result.problem, "")) if tier != "tie_break")
    raise AssertionError("a base without schools")


def _named_first(order: tuple[str, ...], target: str | None) -> tuple[str, ...]:
    return order if target is None else (target, *(tier for tier in order if tier != target))


def check_against_brute_force(
    base: Base, flips: int, *, schools: bool = False, around: str | None = None, target: str | None = None
) -> Suggestions:
    """Hold a suggestion, its proof and every single flip against all changes there are."""
    asked: dict[str, Any] = {"max_flips": flips, "schools": schools, "around": around, "target": target}
    plans = Plans(base)
    alone = suggest(plans, rank=False, **asked)  # no plan is known but those that the search asks for
    answer = suggest(plans, **asked)
    assert alone.bound == answer.bound
    assert (alone.best and alone.best.flips) == (answer.best and answer.best.flips)
    brute = Brute(base)
    reached = brute.reached(flips, schools=schools, around=around)
    assert answer.status == "optimal" and answer.ranked
    assert answer.maps == len(reached) - 1
    everywhere = tuple(base.map.names)
    order = _named_first(_order(base, brute, around if around and brute.result(base.map, around) else None), target)
    assert tuple(aim.name for aim in answer.aims) == ("without_plan", *order)
    keys = {}
    for identity, way in reached.items():
        after = apply_all(base.map, way)
        if not way or brute.lawful(after):
            keys[identity] = (*brute.value(after, order, everywhere), len(way), _moved(base.map, after))
    best = min(keys.values())
    today = keys[_identity(base.map)]
    if answer.best is None:
        assert best == today
    else:
        assert best < today
        assert keys[_identity(answer.map_after(answer.best))] == best
        assert len(answer.best.flips) == best[-2] and len(answer.best.moved) == best[-1]
    _check_values(answer, brute, order)
    _check_ranking(answer, brute, order, schools=schools, around=around)
    return answer


def _check_values(answer: Suggestions, brute: Brute, order: tuple[str, ...]) -> None:
    """What is said of today, of the best and of every single flip is what the plans are worth."""

    def shown(base_map: BaseMap) -> list[Any]:
        found = []
        for tier, value in zip(("without_plan", *order), brute.value(base_map, order, answer.scope), strict=True):
            if tier == "exploration":
                value = (value[0], abs(value[1])) if value[0] else abs(value[1])
            found.append(tuple(value) if tier in _VECTORS else value)
        return found

    assert [entry.before for entry in answer.bound] == shown(answer.map)
    assert list(answer.before.values()) == shown(answer.map)
    best: Suggestion | None = answer.best
    after = answer.map if best is None else answer.map_after(best)
    assert [entry.value for entry in answer.bound] == shown(after)
    assert [entry.bound for entry in answer.bound] == shown(after)
    for entry in answer.ranking:
        assert list(entry.values.values()) == shown(answer.map_after(entry))


def _check_ranking(
    answer: Suggestions, brute: Brute, order: tuple[str, ...], *, schools: bool, around: str | None
) -> None:
    """Every single flip is there, the lawful ones first and in their order."""
    assert {entry.flips for entry in answer.ranking} == {
        (flip,) for flip in brute.steps(answer.map, schools=schools, around=around)
    }
    lawful = [entry for entry in answer.ranking if entry.lawful]
    assert list(answer.ranking[: len(lawful)]) == lawful
    for entry in answer.ranking:
        assert entry.lawful == brute.lawful(answer.map_after(entry))
    values = [brute.value(answer.map_after(entry), order, answer.scope) for entry in lawful]
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("seed", "townships", "schools_each", "flips", "schools"),
    # Wrong bounds of loads or exploration are seen in the first, of travel or exploration in the second.
    [(1, 5, 6, 2, False), (0, 6, 7, 2, False), (2, 5, 4, 1, True)],
)
def test_equals_brute_force_over_all_changes(
    seed: int, townships: int, schools_each: int, flips: int, schools: bool
) -> None:
    base = small_base(seed, townships=townships, communities=2, schools_each=schools_each)
    check_against_brute_force(base, flips, schools=schools)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(50))
def test_equals_brute_force_on_fifty_maps(seed: int) -> None:
    communities = 2 + seed % 2
    base = small_base(seed, townships=6 + seed % 3, communities=communities, schools_each=4 + seed % 4)
    around = list(base.map.names)[seed % communities] if seed % 3 == 1 else None
    target = (None, "load", "travel", "exploration", "preference", None)[seed % 6]
    check_against_brute_force(base, 2, schools=seed % 10 == 0, around=around, target=target)


# ------------------------------------------------------------------------------------------------------------ bounds


@pytest.mark.parametrize("seed", [*range(16), *(pytest.param(k, marks=pytest.mark.campaign) for k in range(16, 40))])
def test_bounds_are_no_better_than_the_plan(seed: int) -> None:
    problem = random_problem(seed, 3 + seed % 9, demand_points=6, rules_changes={"outside_partner_hosts": "no"})
    choices = choose_convener(problem)
    if not choices:
        return
    plan = Plan(problem, choices[0].code)
    order = full_order(plan)
    try:
        solved = solve_tiers(plan, order=[tier for tier in order if tier != "tie_break"], tie_break=False)
    except NoPlan:
        return
    worth = parts_of(problem, {tier.name: tier.value for tier in solved.tiers})
    counted = counted_bounds(ideal_problem(problem.rules, problem.community.schools), order)
    names = [tier for tier in order if tier in ("exploration", "overload", "load")]
    bound = [counted.get(name, Aim(name).least) for name in names]
    assert bound <= [worth[name] for name in names]
    assert least_travel(problem, plan.convener) <= worth["travel"]


def test_alike_schools_fill_up_level_by_level() -> None:
    # Twelve schools of capacity 5 and 13 - 2 + 6 units besides the convener's base: 18 points, so six schools have two.
    schools = [School(f"S{k:05}") for k in range(12)]
    problem = ideal_problem(load_rulebook("111").resolve({}), schools)
    counted = counted_bounds(problem, ("unwilling", "exploration", "overload", "load"))
    assert counted["exploration"] == (0, -6)
    assert counted["load"] == (Fraction(2, 5),) * 6 + (Fraction(1, 5),) * 6
    without = counted_bounds(problem, ("unwilling", "load", "exploration"))
    assert without["load"] == (Fraction(2, 5),) * 2 + (Fraction(1, 5),) * 10


def test_schools_that_differ_bound_the_heaviest_alone() -> None:
    schools = [School(f"S{k:05}", capacity_points=Fraction(10 if k else 5)) for k in range(3)]
    schools[1] = School("S00001", capacity_points=Fraction(10), history_points=Fraction(20))
    counted = counted_bounds(ideal_problem(load_rulebook("111").resolve({}), schools), ("exploration", "load"))
    # One carries twice its capacity whatever is decided. 14 points for the others: 4 and 10 make 4/5 and 1, 5 and 9 two
    # levels of at most 1, and no way keeps both below 1.
    assert counted["load"][0] == 2
    assert counted["load"][1] == 1


# ------------------------------------------------------------------------------------------- what may be suggested


@pytest.fixture(scope="module")
def base() -> Base:
    return small_base(13, townships=7, plain=True)


@pytest.fixture(scope="module")
def plans(base: Base) -> Plans:
    return Plans(base)


@pytest.fixture(scope="module")
def singles(plans: Plans) -> Suggestions:
    return suggest(plans)


def test_what_is_locked_is_not_moved_and_is_told(base: Base, plans: Plans, singles: Suggestions) -> None:
    assert singles.best is not None
    (flip,) = singles.best.flips
    assert isinstance(flip, MoveTownship)
    for locks in (
        Locks(townships=frozenset((flip.township,))),
        Locks(schools=frozenset(singles.best.moved)),
        Locks(communities=frozenset((flip.to,))),
        Locks(communities=frozenset((base.map.home[flip.township],))),
    ):
        answer = suggest(plans, locks=locks)
        told = {entry.flips for entry in answer.ranking if entry.locked}
        assert (flip,) in told
        assert {entry.flips for entry in answer.ranking} == {entry.flips for entry in singles.ranking}
        for entry in (*answer.better, *(e for e in answer.ranking if not e.locked)):
            after = answer.map_after(entry)
            assert all(after.home[town] == base.map.home[town] for town in locks.townships)
            assert all(after.member[code] == base.map.member[code] for code in locks.schools)
            for community in locks.communities:
                assert after.members(community) == base.map.members(community)
                assert after.territory(community) == base.map.territory(community)


def test_a_community_that_would_fall_apart_is_named_with_the_part_cut_off(plans: Plans, singles: Suggestions) -> None:
    apart = [entry for entry in singles.ranking if any(finding.code == "more_pieces" for finding in entry.breaks)]
    assert apart
    for entry in apart:
        (finding,) = (finding for finding in entry.breaks if finding.code == "more_pieces")
        after = entry.states[finding.community].outline
        assert finding.values["after"] == len(after.pieces) > finding.values["before"]
        assert all(part in after.pieces for part in finding.values["parts"])
    loose = suggest(plans, pieces="any")
    lawful = {entry.flips for entry in loose.ranking if entry.lawful}
    assert lawful > {entry.flips for entry in singles.ranking if entry.lawful}
    assert not any(finding.code == "more_pieces" for entry in loose.ranking for finding in entry.breaks)


def test_too_few_schools_are_told_with_how_many_it_takes(singles: Suggestions) -> None:
    small = [finding for entry in singles.ranking for finding in entry.breaks if finding.code == "small"]
    assert small
    assert all(finding.values == {"n": finding.values["n"], "least": 3} for finding in small)
    assert all(finding.values["n"] < 3 for finding in small)


def test_what_is_to_be_kept_does_not_get_worse(plans: Plans, singles: Suggestions) -> None:
    free = suggest(plans, max_flips=2, target="travel", rank=False)
    assert free.best is not None
    worse = [aim.key for aim in free.aims if aim.name in ("load", "separate") and _is_worse(free, aim.key)]
    held = suggest(plans, max_flips=2, target="travel", keep=("load", "exploration"), rank=False)
    assert held.proven
    if held.best is not None:
        assert not _is_worse(held, "load")
        assert held.best.values["exploration"] >= held.before["exploration"]
        assert held.best.values["travel"] >= free.best.values["travel"]
    if "load" in worse:
        assert held.best is None or held.best.flips != free.best.flips


def _is_worse(answer: Suggestions, key: str) -> bool:
    assert answer.best is not None
    return bool(answer.best.values[key] > answer.before[key])


def test_measures_beside_the_tiers(base: Base, plans: Plans) -> None:
    even = suggest(plans, max_flips=2, target="size_spread", rank=False)
    assert even.proven
    sizes = {c: len(base.map.members(c)) for c in base.map.names}
    assert even.before["size_spread"] == max(sizes.values()) - min(sizes.values())
    if even.best is not None:
        after = even.map_after(even.best)
        now = [len(after.members(community)) for community in after.names]
        assert even.best.values["size_spread"] == max(now) - min(now) <= even.before["size_spread"]
    heaviest = suggest(plans, max_flips=1, target=("largest_load", "schools_changed"))
    for entry in heaviest.ranking:
        states = {**heaviest.states, **entry.states}
        loads = [level for state in states.values() for level in state.values.get("load", ())]
        assert entry.values["largest_load"] == max(loads)
        assert entry.values["schools_changed"] == len(entry.moved)
    own = suggest(plans, target="travel:c0")
    for entry in own.ranking:
        state = entry.states.get("c0", own.states["c0"])
        assert entry.values["travel:c0"] == state.values.get("travel", 0)


def test_the_best_ones_in_their_order(plans: Plans, singles: Suggestions) -> None:
    many = suggest(plans, top=4, rank=False)
    better = [entry for entry in singles.ranking if entry.lawful and entry.compared == -1][:4]
    assert [entry.flips for entry in many.better] == [entry.flips for entry in better]


def test_flips_start_from_the_map_that_is_given(base: Base, plans: Plans, singles: Suggestions) -> None:
    assert singles.best is not None
    after = singles.map_after(singles.best)
    again = suggest(plans, after)
    assert again.before["travel"] == singles.best.values["travel"] or again.scope != singles.scope
    assert all(flip.apply(after) for entry in again.ranking for flip in entry.flips)


# ---------------------------------------------------------------------------------------------- limits and mistakes


def test_a_limit_leaves_bounds_that_hold(base: Base) -> None:
    whole = suggest(Plans(base), max_flips=2, rank=False)
    assert whole.proven
    best = [entry.value for entry in whole.bound]
    seen = set()
    for work in (0.03, 0.08, 0.1, 0.12, 0.2, 1.0):
        part = suggest(Plans(base), max_flips=2, rank=False, work_limit=work)
        seen.add(part.status)
        if part.status == "optimal":
            assert part.bound == whole.bound
            continue
        assert part.stopped_by == "work"
        for entry, value in zip(part.bound, best, strict=False):
            if entry.status != "optimal":
                if entry.aim.name == "exploration" and entry.bound is not None:
                    assert entry.bound >= value
                elif entry.bound is not None and not isinstance(entry.bound, tuple):
                    assert entry.bound <= value
                break
            assert entry.value == value
    assert seen == {"stopped", "feasible", "optimal"}


@pytest.mark.parametrize("seed", [4, 9, *(pytest.param(k, marks=pytest.mark.campaign) for k in range(60))])
def test_what_is_claimed_of_maps_that_were_not_listed_holds_for_all(seed: int) -> None:
    base = small_base(seed, townships=6 + seed % 3, communities=2 + seed % 2, schools_each=4 + seed % 4)
    plans, community = Plans(base), list(base.map.names)[seed % 2]
    for target in ("exploration", f"exploration:{community}"):
        asked: dict[str, Any] = {"max_flips": 2, "target": target, "schools": seed % 5 == 0, "rank": False}
        whole, part = suggest(plans, **asked), suggest(plans, most_maps=1, **asked)
        assert whole.proven and part.complete == (whole.maps <= 1)
        best, told = ({entry.aim.key: entry for entry in answer.bound}[target] for answer in (whole, part))
        if told.status == "not_reached" or told.bound is None:
            continue
        assert not isinstance(told.bound, tuple)
        pairs = told.bound, best.value if not isinstance(best.value, tuple) else best.value[1]
        more = all(
            state.scenario is None or state.scenario.problem().rules.option("exploration_number") in ("most", "stated")
            for state in whole.states.values()
        )
        assert pairs[0] >= pairs[1] if more else pairs[0] <= pairs[1]
        if told.status == "optimal":
            assert told.value == best.value


def test_what_one_community_gains_another_loses() -> None:
    # Townships in a row with two schools each: 4 + 6 schools, so 2 + 4 hosts. One move makes 6 + 4, two 8 + 2:
    # never more than 4 + 2 hosts, since nobody brings schools from outside. Without the balance it would be 4 + 4.
    base = row_base({"west": (("豐原區", 2), ("神岡區", 2)), "east": (("潭子區", 2), ("大雅區", 2), ("北屯區", 2))})
    answer = suggest(base, max_flips=2, target="exploration", most_maps=1, rank=False)
    assert not answer.complete
    entry = {entry.aim.key: entry for entry in answer.bound}["exploration"]
    assert (entry.before, entry.bound, entry.status) == (6, 6, "optimal")


def test_a_limit_on_work_stops_at_the_same_place_whatever_is_known(base: Base, plans: Plans) -> None:
    answers = [suggest(known, max_flips=2, work_limit=0.12) for known in (Plans(base), plans)]
    assert answers[0].status == "feasible"
    assert answers[0].to_json() == answers[1].to_json()


def test_a_stop_is_heard_at_once(base: Base) -> None:
    stop = Stop()
    stop.set()
    answer = suggest(Plans(base), stop=stop)
    assert answer.status == "stopped" and answer.best is None and answer.stopped_by == "person"
    assert answer.exit_code == ExitCode.STOPPED


def test_maps_that_are_not_listed_leave_no_proof(base: Base) -> None:
    answer = suggest(Plans(base), max_flips=2, most_maps=12, rank=False)
    assert not answer.complete and answer.maps == 12 and answer.status == "feasible"
    assert answer.exit_code == ExitCode.STOPPED
    proven = [entry for entry in answer.bound if entry.status == "optimal"]
    assert all(entry.aim.name in ("without_plan", "unwilling") for entry in proven)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"target": "speed"}, "speed"),
        ({"target": "largest_load:c0"}, "largest_load:c0"),
        ({"target": "travel:nowhere"}, "travel:nowhere"),
        ({"keep": ("harmony",)}, "harmony"),
        ({"around": "nowhere"}, "nowhere"),
        ({"max_flips": 0}, "at least one"),
    ],
)
def test_what_is_no_aim_and_no_community_is_refused(plans: Plans, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        suggest(plans, **asked)


# ------------------------------------------------------------------------------------------------- what is shown of it


def test_the_document_keeps_its_schema(singles: Suggestions) -> None:
    jsonschema.validate(json.loads(singles.to_json()), suggestions_schema())
    stop = Stop()
    stop.set()
    stopped = suggest(Plans(singles.base), stop=stop)
    jsonschema.validate(json.loads(stopped.to_json()), suggestions_schema())


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_every_single_move_is_a_row_with_what_stands_against_it(singles: Suggestions, lang: str) -> None:
    with language_set(lang):
        table = single_moves(singles)
        stream = io.StringIO()
        show_suggestions(singles, console_for(stream))
    assert len(table.rows) == len(singles.ranking)
    for record, entry in zip(table.records(), singles.ranking, strict=True):
        assert record["lawful"] == entry.lawful == (not record["breaks"])
        assert record["code"] == _what(entry.flips[0])
    frame = singles.to_frame()
    assert list(frame["code"]) == [_what(entry.flips[0]) for entry in singles.ranking]
    shown = stream.getvalue()
    assert singles.best is not None
    for entry in singles.ranking:
        (flip,) = entry.flips
        assert isinstance(flip, MoveTownship)
    assert all(singles.map.names[community] in shown for community in singles.scope)


def test_the_map_of_border_townships_has_every_move(singles: Suggestions) -> None:
    moves = [entry for entries in singles.by_township.values() for entry in entries]
    assert sorted(map(id, moves)) == sorted(map(id, singles.ranking))
    for entries in singles.by_township.values():
        ranks = [singles.ranking.index(entry) for entry in entries]
        assert ranks == sorted(ranks)


def test_files_hold_no_formula_and_are_read_back(singles: Suggestions, tmp_path: Path) -> None:
    written = singles.write(tmp_path)
    written.check()
    ends = ("json", "csv", "xlsx", "html", "svg", "geojson", "gpkg")
    assert [path.name for path in written.paths] == [f"suggestions.{end}" for end in ends]
    assert json.loads((tmp_path / "suggestions.json").read_text("utf-8"))["status"] == "optimal"
    rows = list(csv.reader(io.StringIO((tmp_path / "suggestions.csv").read_text("utf-8-sig"))))
    assert len(rows) == 1 + len(singles.ranking)
    assert not any(cell.startswith(("=", "+", "-1", "@")) for row in rows for cell in row)


# ------------------------------------------------------------------------------------------------------------- the map


def test_every_township_has_the_class_of_its_best_move(singles: Suggestions) -> None:
    found = grades(singles)
    assert list(found) == list(singles.map.home)
    deciding = [aim.key for aim in singles.aims]
    for town, grade in found.items():
        if town not in singles.by_township:
            assert grade == Grade("none")
            continue
        best = singles.by_township[town][0]
        assert all(singles.ranking.index(best) <= singles.ranking.index(other) for other in singles.by_township[town])
        assert (grade.verdict in ("better", "equal", "worse")) == best.lawful
        if best.lawful:
            assert grade.verdict == ("better", "equal", "worse")[(best.compared or 0) + 1]
            assert best.decides in grade.aims or grade.verdict == "equal"
    for verdict in ("better", "worse"):  # the more important the aim, the darker
        own = {grade.depth: grade.aims for grade in found.values() if grade.verdict == verdict}
        firsts = [deciding.index(own[depth][0]) for depth in sorted(own)]
        assert firsts == sorted(firsts) and max(own, default=0) < DEPTHS


def test_travel_is_divided_by_how_much_it_changes() -> None:
    base = small_base(6, townships=10, communities=2, plain=True)
    answer = suggest(base, target="travel", pieces="any")
    found = grades(answer)
    before, divided = answer.before["travel"], set()
    for town, grade in found.items():
        if grade.aims == ("travel",):
            share = abs(answer.by_township[town][0].values["travel"] - before) / before
            assert (grade.least or 0) <= share
            assert grade.below is None or share < grade.below
            divided.add(grade)
    assert len(divided) > 2
    for one in divided:
        assert one in found.values() and one.depth < DEPTHS
        for other in divided:  # the larger the change, the darker
            if one.verdict == other.verdict and one.depth < other.depth:
                assert (one.least or 0) >= (other.below or 1)
    assert len(set(suggest_map.looks(answer).values())) == len(set(found.values()))


def test_classes_are_told_apart_without_colours(singles: Suggestions) -> None:
    shades = suggest_map.looks(singles)
    kinds: dict[str, set[str]] = {}
    for town, grade in grades(singles).items():
        kinds.setdefault(shades[town].pattern, set()).add(grade.verdict)
    # Land that nobody asked about is the only other one without a pattern, and has no figure.
    assert all(len(verdicts) == 1 or verdicts <= {"better", "none"} for verdicts in kinds.values())
    for arrow in suggest_map.arrows(singles):
        best = singles.by_township[arrow.township][0]
        assert arrow.text == f"{suggest_map.SIGNS[grades(singles)[arrow.township].verdict]}{_rank(singles, best)}"


def _rank(answer: Suggestions, entry: Suggestion) -> int:
    return answer.ranking.index(entry) + 1


def test_an_arrow_crosses_the_border_to_the_community_of_the_best_move(base: Base, singles: Suggestions) -> None:
    ground = ground_of(base)
    drawn = [arrow for arrow in suggest_map.arrows(singles) if arrow.outline]
    assert drawn
    for arrow in drawn:
        (flip,) = singles.by_township[arrow.township][0].flips
        assert isinstance(flip, MoveTownship)
        outside = shapely.union_all([ground.shapes[town] for town in base.map.territory(flip.to)])
        shape = shapely.Polygon(arrow.outline)
        assert shape.intersects(ground.shapes[arrow.township])
        assert shapely.intersects(shape, outside)
        if arrow.size:
            assert shapely.contains_xy(ground.shapes[arrow.township], arrow.x, arrow.y)


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_page_and_map_hold_what_the_answer_holds_and_nothing_that_runs(singles: Suggestions, lang: str) -> None:
    with language_set(lang):
        page, drawing = suggestions_page(singles), suggest_map.svg_text(singles)
        verdict, words = sentences.verdict(singles).text, [words for _sign, words in suggest_map.keys(singles)]
        table = by_township(singles)
    assert page.startswith("<!DOCTYPE html>") and "script-src 'none'" in page
    assert not re.search(r"<(script|iframe|object|embed|link|img|form)\b", page)
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    for named in re.findall(r'url\(#([^)]*)\)|aria-labelledby="([^"]*)"|href="#([^"]*)"', page):
        assert set("".join(named).split()) <= set(ids)
    said = html.unescape(page)
    assert verdict in said and all(word in said for word in words)
    assert len(table.rows) == len(singles.by_township)
    for record in table.records():
        assert str(record["township"]) in said and str(record["verdict"]) in said
    root = ET.fromstring(drawing)
    lands = {path.get("data-township"): path for path in root.iter() if path.get("data-township")}
    assert lands.keys() == singles.map.home.keys()
    for town, look in suggest_map.looks(singles).items():
        assert look.key in (lands[town].get("class") or "").split()
        tip = "".join(lands[town].itertext())
        assert all(singles.map.names[entry.flips[0].to] in tip for entry in singles.by_township.get(town, ()))  # type: ignore[union-attr]


def test_names_are_text_wherever_they_stand(base: Base) -> None:
    names = {community: f"<script>{k}</script>" for k, community in enumerate(base.map.names)}
    mean = dataclasses.replace(
        base,
        name="</style><svg onload=alert(1)>{{ 7*7 }}",
        map=BaseMap(names, base.map.home, base.map.member, base.map.place),
    )
    answer = suggest(mean, max_flips=1)
    page = suggestions_page(answer)
    assert "<script" not in page and "<svg onload" not in page and "49" not in re.sub(r"\d{3,}|[\d.]+", "", page)
    ET.fromstring(suggest_map.svg_text(answer))


def test_the_page_of_an_answer_that_was_stopped_says_so(base: Base) -> None:
    stop = Stop()
    stop.set()
    for answer in (suggest(base, stop=stop), suggest(base, max_flips=1, rank=False)):
        with language_set("en"):
            page = suggestions_page(answer)
            assert html.escape(sentences.verdict(answer).text, quote=False) in page
            assert "No single move was looked at." in page
        assert set(grades(answer).values()) == {Grade("none")}
        assert workbook_bytes(answer)[:2] == b"PK"


def test_where_nothing_can_move_that_is_said_and_is_no_failure() -> None:
    base = row_base({"north": (("豐原區", 3),), "far": (("恆春鎮", 3),)}, junior_highs=False)
    answer = suggest(base, max_flips=2)
    assert (answer.status, answer.maps, answer.ranked, answer.exit_code) == ("optimal", 0, True, ExitCode.PROVEN)
    with language_set("en"):
        assert "No move is within reach" in sentences.verdict(answer).text
        page = suggestions_page(answer)
    assert "No move is within reach" in page and "first: ." not in page


def test_what_gives_up_an_aim_that_is_to_be_kept_may_not_be_made(plans: Plans, singles: Suggestions) -> None:
    lawful = [entry for entry in singles.ranking if entry.lawful]
    aim = next(
        aim.key
        for aim in singles.aims
        if aim.name != "exploration" and any(entry.values[aim.key] > singles.before[aim.key] for entry in lawful)
    )
    worse = {entry.flips for entry in singles.ranking if entry.values[aim] > singles.before[aim]}
    held = suggest(plans, keep=(aim,))
    assert {entry.flips for entry in held.ranking if entry.gives_up == (aim,)} == worse
    lawful = [entry for entry in held.ranking if entry.lawful]
    assert list(held.ranking[: len(lawful)]) == lawful
    assert not worse & {entry.flips for entry in lawful}
    with language_set("en"):
        assert all(remark(held, entry) for entry in held.ranking if not entry.lawful)
    jsonschema.validate(json.loads(held.to_json()), suggestions_schema())


def test_the_best_change_as_effects_is_what_an_experiment_tells(base: Base, plans: Plans, singles: Suggestions) -> None:
    assert singles.best is not None and singles.best_effects is not None
    told = effects_of(plans, singles.map_after(singles.best), singles.best.flips)
    own = singles.best_effects
    assert [entry.id for entry in own.communities] == [entry.id for entry in told.communities]
    assert own.duties == told.duties and own.nearest == told.nearest
    assert [f.code for f in own.findings] == [f.code for f in told.findings]
    # From another map than that of the base, the map before is that other one.
    again = suggest(plans, singles.map_after(singles.best), max_flips=1, rank=False)
    if again.best_effects is not None:
        assert again.best_effects.base.map is again.map


def test_frames_and_layers_hold_every_move(base: Base, singles: Suggestions) -> None:
    frames = singles.frames()
    assert len(frames["moves"]) == len(singles.ranking)
    assert list(frames["townships"]["township"]) == list(singles.by_township)
    values = frames["values"]
    travel = values[values["aim"] == "travel"]
    assert (travel["change"] == travel["after"].astype(float) - travel["before"].astype(float)).all()
    layers = content_of_suggestions(singles)
    rows = {row.values["towncode"]: row for row in layers["by_township"].rows}
    assert rows.keys() == base.map.home.keys()
    for town, row in rows.items():
        grade = grades(singles)[town]
        assert row.values["verdict"] == grade.verdict
        assert row.geometry is not None and set(row.values) == set(layers["by_township"].columns)
        if town in singles.by_township:
            assert row.values["to"] == singles.by_township[town][0].flips[0].to  # type: ignore[union-attr]
    assert assigner.suggest is suggest and assigner.Suggestions is Suggestions


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.campaign)])
def test_the_page_is_fit_to_be_read_by_all_at_desk_and_phone_width(
    singles: Suggestions, tmp_path: Path, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    file = tmp_path / "suggestions.html"
    with language_set("zh-TW"):
        file.write_text(suggestions_page(singles), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tool("chromium"), args=list(CHROMIUM_ARGUMENTS))
        said: list[str] = []
        for bypassed in (False, True):  # the page forbids scripts; the examiner is one
            context = browser.new_context(viewport={"width": width, "height": 800}, offline=True, bypass_csp=bypassed)
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
            page.goto(file.as_uri())
            if not bypassed:
                assert said == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
        browser.close()
    assert found.violations_count == 0, found.generate_report()
