"""What a change does: cached and put together from parts, yet equal to computing everything anew."""

from __future__ import annotations

import gc
import random
import threading
import tracemalloc
from fractions import Fraction
from typing import Any

import pytest

from assigner.boundary.answer import effects_document
from assigner.boundary.base import scenario_of_community
from assigner.boundary.criteria import circle, moved_things, ways_to
from assigner.boundary.effects import effects_of, preview
from assigner.boundary.experiment import Experiment
from assigner.boundary.measures import ALL, measures
from assigner.boundary.solving import Plans
from assigner.boundary.values import Base, Effects, Locks
from assigner.errors import ExitCode, InputError
from assigner.planner import solve
from geodata.base_map import NOWHERE, BaseMap, Divide, Flip, FlipError, Merge, MoveSchool, MoveTownship, NewCommunity
from models.stopping import Stop
from tests.assigner.base_files import small_base
from tests.assigner.boundary_bases import on_map, row_base, tiny_base
from tests.models.handmade import some

WEST, MIDDLE, EAST = "west", "middle", "east"


@pytest.fixture(scope="module")
def base() -> Base:
    return tiny_base()


@pytest.fixture(scope="module")
def plans(base: Base) -> Plans:
    return Plans(base)


def town(base: Base, name: str) -> str:
    return base.geography.find(name, "臺中市").towncode


def codes(effects: Effects, community: str = "") -> list[str]:
    return [f.code for f in effects.findings if community in ("", f.community)]


def finding(effects: Effects, code: str, community: str = "") -> dict[str, Any]:
    return dict(next(f for f in effects.findings if f.code == code and community in ("", f.community)).values)


def measure(effects: Effects, community: str, code: str, part: str = "") -> tuple[Any, Any]:
    return next(
        (m.before, m.after) for m in measures(effects) if (m.community, m.code, m.part) == (community, code, part)
    )


# ------------------------------------------------------------------------------------- everything computed anew, equal


def anew(base: Base, after: BaseMap) -> dict[str, Any]:
    """Every community of both maps solved by itself, without any cache, and compared here by other means."""

    def solved(base_map: BaseMap) -> dict[str, Any]:
        found = {}
        for community in base_map.names:
            scenario, _dropped = scenario_of_community(base, base_map, community)
            found[community] = None if scenario is None else solve(scenario, price=False)
        return found

    def seen(base_map: BaseMap, results: dict[str, Any], community: str) -> Any:
        if community not in base_map.names:
            return None
        result = results[community]
        own = sorted(code for code, of in base_map.member.items() if of == community)
        if result is None:
            return own, None
        values = None if result.audit is None else {k: v for k, v in result.audit.values.items() if k != "tie_break"}
        hosts = None if result.assignment is None else dict(result.assignment.hosts)
        return own, (result.status, result.plan.convener, hosts, values)

    results = solved(base.map), solved(after)
    every = dict.fromkeys((*base.map.names, *after.names))
    sides = {c: (seen(base.map, results[0], c), seen(after, results[1], c)) for c in every}
    return {community: pair for community, pair in sides.items() if pair[0] != pair[1]}, results


def told(effects: Effects) -> dict[str, Any]:
    """The same of effects."""

    def seen(state: Any) -> Any:
        if state is None:
            return None
        if state.result is None:
            return sorted(state.outline.members), None
        result = state.result
        values = None if result.audit is None else {k: v for k, v in result.audit.values.items() if k != "tie_break"}
        hosts = None if result.assignment is None else dict(result.assignment.hosts)
        return sorted(state.outline.members), (result.status, result.plan.convener, hosts, values)

    pairs = {entry.id: (seen(entry.before), seen(entry.after)) for entry in effects.communities}
    return {community: pair for community, pair in pairs.items() if pair[0] != pair[1]}


def random_flip(base_map: BaseMap, draw: random.Random) -> Flip:
    """Any kind of flip, sensible or not."""
    ids = list(base_map.names)
    kind = draw.choice(("town", "town", "town", "school", "school", "merge", "new", "divide"))
    if kind == "town":
        return MoveTownship(draw.choice(list(base_map.home)), draw.choice([*ids, NOWHERE]))
    if kind == "school":
        return MoveSchool(draw.choice(list(base_map.member)), draw.choice([*ids, NOWHERE]))
    if kind == "merge":
        return Merge(draw.choice(ids), draw.choice(ids))
    some = tuple(draw.sample(list(base_map.home), draw.randint(1, 2)))
    name = f"new{draw.randint(1, 3)}"
    if kind == "new":
        return NewCommunity(name, townships=some)
    return Divide(draw.choice(ids), name, townships=some)


def random_experiment(base: Base, seed: int) -> Experiment:
    """Flips, undos and redos at random; what cannot be done is left out."""
    draw = random.Random(seed)
    experiment = Experiment(base)
    for _step in range(draw.randint(1, 5)):
        action = draw.choice(("flip", "flip", "flip", "undo", "redo"))
        try:
            if action == "flip":
                experiment = experiment.flip(random_flip(experiment.map, draw))
            else:
                experiment = getattr(experiment, action)()
        except InputError:
            continue
    return experiment


def check_equal_to_anew(base: Base, plans: Plans, seed: int) -> None:
    experiment = random_experiment(base, seed)
    effects = experiment.effects(plans)
    expected, (before, after) = anew(base, experiment.map)
    assert told(effects) == expected
    assert effects.complete
    # In all: travel of the touched communities, added up from the answers themselves.
    if len(effects.communities) > 1:
        touched = [entry.id for entry in effects.communities]
        for results, place in ((before, 0), (after, 1)):
            own = [results[c] for c in touched if results.get(c) is not None]
            if own and all(result.audit is not None for result in own):
                travel = sum((result.audit.values["travel"] for result in own), Fraction(0)) / 10
                assert measure(effects, ALL, "travel")[place] == travel
                loads = sorted((v for result in own for v in result.audit.values["load"]), reverse=True)
                assert measure(effects, ALL, "load")[place] == tuple(loads)
    # Duties: the difference of the two plans of all communities, untouched ones included.
    duties = [
        {
            (code, item): community
            for community, result in results.items()
            if result is not None and result.assignment is not None
            for item, hosts in result.assignment.hosts.items()
            for code in hosts
        }
        for results in (before, after)
    ]
    changed = {
        (code, item): (duties[0].get((code, item), ""), duties[1].get((code, item), ""))
        for code, item in duties[0].keys() | duties[1].keys()
        if duties[0].get((code, item)) != duties[1].get((code, item))
    }
    ways = {way.id for way in base_rulebook(before, after).ways}
    items = {
        (d.school, d.item): (d.before, d.after) for d in effects.duties if d.item != "convener" and d.item not in ways
    }
    assert items == changed


def base_rulebook(*many: dict[str, Any]) -> Any:
    return next(result.problem.rules.rulebook for results in many for result in results.values() if result)


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(k, marks=pytest.mark.campaign) for k in range(6, 12))])
def test_effects_equal_computing_everything_anew(base: Base, plans: Plans, seed: int) -> None:
    check_equal_to_anew(base, plans, seed)


@pytest.mark.campaign
def test_effects_equal_computing_everything_anew_300(base: Base) -> None:
    plans = Plans(base, most=16)  # small: communities are forgotten and solved again on the way
    for seed in range(1000, 1300):
        check_equal_to_anew(base, plans, seed)


# ---------------------------------------------------------------------------------------------------------- the cache


def test_untouched_communities_are_never_solved_and_none_twice(base: Base) -> None:
    plans = Plans(base)
    experiment = Experiment(base).move("神岡區", WEST)
    experiment.effects(plans)
    assert plans.solved == 4  # two communities, before and after
    experiment.effects(plans)
    experiment.undo().redo().effects(plans)
    assert plans.solved == 4
    experiment.move("東勢區", MIDDLE).effects(plans)
    assert plans.solved == 4 + 1 + 2  # east as it was; middle and east as they are


def test_the_same_community_reached_in_another_way_is_known(base: Base) -> None:
    plans = Plans(base)
    Experiment(base).move("神岡區", WEST).move("潭子區", EAST).effects(plans)
    solved = plans.solved
    Experiment(base).move("潭子區", EAST).move("神岡區", WEST).effects(plans)
    assert plans.solved == solved


def test_several_threads_solve_a_community_once(base: Base) -> None:
    plans = Plans(base)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(plans.state(base.map, MIDDLE))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plans.solved == 1
    assert len({id(state) for state in found}) == 1


def test_what_was_stopped_is_not_remembered(base: Base) -> None:
    plans = Plans(base)
    stop = Stop()
    stop.set()
    experiment = Experiment(base).move("神岡區", WEST)
    stopped = experiment.effects(plans, stop=stop)
    assert "stopped" in codes(stopped)
    assert stopped.exit_code == ExitCode.STOPPED
    assert experiment.effects(plans).exit_code == ExitCode.PROVEN


def test_forgetting_communities_changes_nothing(base: Base, plans: Plans) -> None:
    experiment = Experiment(base).move("神岡區", WEST).move("潭子區", EAST)
    small = Plans(base, most=1)
    assert effects_document(experiment.effects(small)) == effects_document(experiment.effects(plans))
    assert len(small._states) == 1


@pytest.mark.campaign
@pytest.mark.timeout(1800)  # tracing makes it several times slower
def test_memory_stays_flat_over_ten_thousand_flips(base: Base) -> None:
    plans = Plans(base, most=64)
    for community in base.map.names:
        plans.state(base.map, community)
    draw = random.Random(7)

    def previews(count: int) -> None:
        experiment = Experiment(base)
        for _step in range(count):
            try:
                experiment = experiment.flip(random_flip(experiment.map, draw))
            except InputError:
                experiment = Experiment(base)
                continue
            if len(experiment.flips) > 20:
                experiment = Experiment(base)
            experiment.preview(plans)

    previews(1500)  # fills the caches
    gc.collect()
    tracemalloc.start()
    previews(500)
    gc.collect()
    first = tracemalloc.get_traced_memory()[0]
    previews(8000)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    tracemalloc.stop()
    assert grown < 4_000_000


# ------------------------------------------------------------------------------------------------------- hand-checked


def test_moving_a_township_moves_its_schools_and_tells_both_communities(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("神岡區", WEST).effects(plans)
    assert [entry.id for entry in effects.communities] == [WEST, MIDDLE]
    assert measure(effects, WEST, "schools") == (5, 6)
    assert measure(effects, MIDDLE, "schools") == (4, 3)
    assert finding(effects, "band_changed") == {"before": 2, "after": 4}  # 5 schools, then 6
    assert effects.exit_code == ExitCode.PROVEN
    assert {d.school for d in effects.duties if d.before == MIDDLE and d.after == WEST} <= {"S00008"}


def test_a_community_that_loses_its_middle_falls_apart_and_the_part_is_named(base: Base, plans: Plans) -> None:
    # East hangs together by 東勢 alone, which adjoins nothing of the middle.
    effects = Experiment(base).move("東勢區", MIDDLE).effects(plans)
    values = finding(effects, "more_pieces", EAST)
    # The part with three of the four schools is the main one.
    assert values == {"parts": ((town(base, "和平區"),),), "before": 1, "after": 2}
    assert finding(effects, "more_pieces", MIDDLE)["parts"] == ((town(base, "東勢區"),),)
    assert "cut_off" not in codes(effects)


def test_a_township_that_does_not_adjoin_is_a_part_of_its_own(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("梧棲區", EAST).preview(plans)
    assert finding(effects, "more_pieces")["parts"] == ((town(base, "梧棲區"),),)
    moved = moved_things(base, effects.map)
    assert [(t.kind, t.id, t.adjoined, t.adjoins) for t in moved] == [("township", town(base, "梧棲區"), True, False)]
    assert moved[0].border_km_before > 0
    assert moved[0].border_km_after == 0


def test_what_is_cut_off_is_named_even_where_there_are_no_more_pieces(base: Base) -> None:
    two = on_map(base, Experiment(base).move("梧棲區", EAST).map)  # east is in two pieces today: 梧棲 lies apart
    effects = Experiment(two).move("梧棲區", WEST).move("東勢區", MIDDLE).preview()
    assert "more_pieces" not in codes(effects, EAST)
    assert finding(effects, "cut_off", EAST) == {"parts": ((town(base, "和平區"),),), "before": 2, "after": 2}


def test_a_school_alone_moves_without_its_township(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("S00009", EAST).effects(plans)
    assert [t.kind for t in moved_things(base, effects.map)] == ["school"]
    # Its township, 潭子, is shared now: nobody else's school is there, so it serves east alone.
    assert effects.map.served_by[town(base, "潭子區")] == (EAST,)
    assert measure(effects, MIDDLE, "townships") == (3, 3)
    assert measure(effects, EAST, "townships") == (3, 4)


def test_two_schools_cannot_do_without_relaxations(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("大雅區", WEST).effects(plans)
    assert finding(effects, "small") == {"n": 2, "least": 3}
    assert finding(effects, "needs_relaxation") == {"relaxation": "R1"}
    assert effects.exit_code == ExitCode.PROVEN


def test_a_community_without_relaxations_and_with_two_schools_has_no_plan() -> None:
    base = tiny_base(own={MIDDLE: {"relaxations": "none"}})
    effects = Experiment(base).move("大雅區", WEST).effects()
    values = finding(effects, "no_plan")
    assert values["would_help"] == ("R1",)
    assert values["clauses"]
    assert effects.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert effects.proven


def test_a_community_without_schools_is_told(base: Base, plans: Plans) -> None:
    experiment = Experiment(base).move("大雅區", WEST).move("神岡區", WEST).move("潭子區", EAST)
    effects = experiment.effects(plans)
    assert codes(effects, MIDDLE) == ["no_school"]
    assert effects.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert measure(effects, MIDDLE, "schools") == (4, 0)


def test_merging_ends_a_community_and_its_duties(base: Base, plans: Plans) -> None:
    effects = Experiment(base).merge(MIDDLE, WEST).effects(plans)
    gone = next(entry for entry in effects.communities if entry.id == MIDDLE)
    assert gone.after is None
    assert gone.findings == ()
    assert not any(d.after == MIDDLE for d in effects.duties)
    assert measure(effects, ALL, "schools") == (9, 9)


def test_above_twenty_schools_two_plans_are_allowed() -> None:
    base = row_base({"one": (("臺中市豐原區", 20),), "two": (("臺中市潭子區", 1), ("臺中市大雅區", 5))})
    up = Experiment(base).move("潭子區", "one").preview()
    assert finding(up, "split_allowed") == {"before": 20, "after": 21}
    larger = on_map(base, up.map)
    down = Experiment(larger).move("潭子區", "two").preview()
    assert finding(down, "split_lost") == {"before": 21, "after": 20}


def test_categories_lost_and_gained(base: Base, plans: Plans) -> None:
    # S00008 in 神岡 is the only general school of the middle; east has 10 to 13: commercial, home economics, general.
    effects = Experiment(base).move("神岡區", EAST).effects(plans)
    assert [f.values["category"] for f in effects.findings if f.code == "category_lost"] == ["general"]
    unknown = tiny_base(schools={"S00006": {"categories": None}})
    assert "category_lost" not in codes(Experiment(unknown).move("神岡區", EAST).preview())


def test_a_convener_that_leaves_is_told_with_the_wish_that_is_dropped() -> None:
    base = tiny_base(own={MIDDLE: {"convener": "S00008", "pins": {"4.1": ["S00008"], "4.2": ["S00006"]}}})
    effects = Experiment(base).move("神岡區", WEST).effects()
    dropped = [(f.values["key"], f.values["school"]) for f in effects.findings if f.code == "wish_dropped"]
    assert sorted(dropped) == [("convener", "S00008"), ("pins", "S00008")]
    values = next(f.values for f in effects.findings if f.code == "convener_changed" and f.community == MIDDLE)
    assert values["before"] == "S00008"
    middle = next(entry for entry in effects.communities if entry.id == MIDDLE)
    assert middle.after is not None
    assert middle.after.result is not None
    assert middle.after.result.assignment is not None
    assert middle.after.result.assignment.hosts_of("4.2") == ("S00006",)


def test_nearest_hosts_are_those_of_the_two_plans(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("神岡區", WEST).effects(plans)
    by_point = {(n.demand, n.unit, n.community): n for n in effects.nearest}
    # The junior high of 神岡 (the fifth) no longer counts for the middle, and counts for the west.
    assert by_point["J500005", "2.1", MIDDLE].after is None
    assert by_point["J500005", "2.1", WEST].before is None
    west = next(entry for entry in effects.communities if entry.id == WEST).after
    assert west is not None
    assert west.result is not None
    assert west.result.assignment is not None
    distances = west.result.problem.distances
    for change in effects.nearest:
        if change.community != WEST or change.after is None:
            continue
        hosts = west.result.assignment.unit_hosts(west.result.plan.rules.units[change.unit].items)
        row = distances.from_demand[distances.row[change.demand]]
        assert change.after[0] in hosts
        assert change.after[1] * 10 == min(row[distances.column[code]] for code in hosts)


def test_the_living_circle_counts_pupils_whose_nearest_school_is_a_member(base: Base) -> None:
    # Every township with a school has its junior high at the same point; 東勢 has none: nearest are those of 豐原, in
    # the same community. With 東勢 in the middle its 308 pupils are not in the circle any more.
    scenario, _ = scenario_of_community(base, base.map, EAST)
    assert scenario is not None
    assert circle(base, base.map, EAST, scenario.problem()) == (306 + 307 + 308 - 0, 306 + 307 + 308)
    moved = Experiment(base).move("東勢區", MIDDLE).map
    scenario, _ = scenario_of_community(base, moved, MIDDLE)
    assert scenario is not None
    inside, total = circle(base, moved, MIDDLE, scenario.problem())
    assert total - inside == 307


def test_ways_are_means_over_pupils_and_the_longest(base: Base) -> None:
    scenario, _ = scenario_of_community(base, base.map, EAST)
    assert scenario is not None
    problem = scenario.problem()
    ways = ways_to(problem, ["S00010"])
    column = problem.distances.column["S00010"]
    steps = {
        point: int(problem.distances.from_demand[k, column]) for k, point in enumerate(problem.distances.demand_points)
    }
    pupils = {"J500007": 306, "J500008": 307, "J500009": 308}
    assert ways.mean == Fraction(sum(steps[p] * n for p, n in pupils.items()), sum(pupils.values())) / 10
    assert ways.largest == Fraction(max(steps.values()), 10)


def test_effects_of_no_change_are_empty(base: Base, plans: Plans) -> None:
    effects = Experiment(base).effects(plans)
    assert effects.communities == ()
    assert effects.exit_code == ExitCode.PROVEN
    assert effects.complete
    back = Experiment(base).move("神岡區", WEST).move("神岡區", MIDDLE).effects(plans)
    assert back.communities == ()


# ------------------------------------------------------------------------------------------------------------- previews


def test_a_preview_solves_nothing_and_says_what_the_old_plans_are_worth(base: Base) -> None:
    plans = Plans(base)
    for community in base.map.names:
        plans.state(base.map, community)
    solved = plans.solved
    effects = Experiment(base).move("神岡區", WEST).preview(plans)
    assert plans.solved == solved
    assert not effects.complete
    middle = next(entry for entry in effects.communities if entry.id == MIDDLE)
    assert middle.kept is not None
    assert {v.clause for v in middle.kept.violations} == {
        f.values["clause"] for f in effects.findings if f.code == "clause_broken" and f.community == MIDDLE
    }
    hosts = {code for codes_ in middle.kept.assignment.hosts.values() for code in codes_}
    assert "S00008" not in hosts
    kept = {m.code: m.kept for m in measures(effects) if m.community == MIDDLE}
    assert kept["duties"] == sum(len(c) for c in middle.kept.assignment.hosts.values())


def test_a_preview_of_what_is_known_is_complete(base: Base, plans: Plans) -> None:
    experiment = Experiment(base).move("神岡區", WEST)
    whole = experiment.effects(plans)
    at_once = experiment.preview(plans)
    assert at_once.complete
    assert effects_document(at_once) == effects_document(whole)


def test_without_the_plans_of_the_base_nothing_is_kept(base: Base) -> None:
    effects = Experiment(base).move("神岡區", WEST).preview(Plans(base))
    assert all(entry.kept is None for entry in effects.communities)
    assert "clause_broken" not in codes(effects)
    assert finding(effects, "band_changed")


# ----------------------------------------------------------------------------------------------- experiments as values


def test_a_hundred_undos_give_the_base(base: Base) -> None:
    draw = random.Random(3)
    experiment = Experiment(base)
    while len(experiment.flips) < 100:
        try:
            experiment = experiment.flip(random_flip(experiment.map, draw))
        except InputError:
            continue
    after = experiment.map
    back = experiment.undo(100)
    assert back.flips == ()
    assert back.map == base.map
    assert back.touched == ()
    assert back.redo(100).map == after
    with pytest.raises(InputError):
        back.undo()


def test_a_new_flip_ends_what_could_be_redone(base: Base) -> None:
    experiment = Experiment(base).move("神岡區", WEST).undo().move("潭子區", EAST)
    assert experiment.undone == ()
    with pytest.raises(InputError):
        experiment.redo()


def test_names_codes_and_ids_mean_the_same(base: Base) -> None:
    one = Experiment(base).move("神岡", "west社區").flips
    other = Experiment(base).move("臺中市神岡區", "WEST").flips
    code = Experiment(base).move(town(base, "神岡區"), WEST).flips
    assert one == other == code
    assert Experiment(base).move("測試8號高中", EAST).flips == (MoveSchool("S00008", EAST),)
    assert Experiment(base).move("S00008", "無").flips == (MoveSchool("S00008", NOWHERE),)


def test_all_words_that_name_nothing_are_told_at_once(base: Base) -> None:
    with pytest.raises(InputError) as error:
        Experiment(base).move("神岡縣", "nord")
    assert len(error.value.problems) == 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda e: e.move("神岡區", "middle"), "臺中市神岡區"),
        (lambda e: e.merge("west", "west"), "west社區"),
        (lambda e: e.divide("west", "east", townships=["清水區"]), "east"),
        (lambda e: e.divide("west", "x", townships=["神岡區"]), "臺中市神岡區"),
        (lambda e: e.divide("middle", "x", townships=["大雅區", "神岡區", "潭子區"]), "middle社區"),
        (lambda e: e.new("x"), "x"),
    ],
)
def test_a_flip_that_cannot_be_made_is_told_by_name(base: Base, change: Any, word: str) -> None:
    with pytest.raises(InputError) as error:
        change(Experiment(base))
    assert word in str(error.value)


def test_flips_given_as_ids_are_checked_when_the_map_is_asked_for(base: Base) -> None:
    experiment = Experiment(base, (MoveTownship(town(base, "神岡區"), WEST), MoveTownship("99999999", WEST)))
    with pytest.raises(InputError) as error:
        _ = experiment.map
    assert "flips[1]" in str(error.value)
    assert not isinstance(error.value.__cause__, FlipError)


# --------------------------------------------------------------------------------------------------------------- locks


def test_locked_townships_schools_and_communities_do_not_change(base: Base) -> None:
    free = Experiment(base)
    with pytest.raises(InputError, match="神岡區"):
        free.lock("神岡區").move("神岡區", WEST)
    with pytest.raises(InputError, match="S00008"):
        free.lock("S00008").move("神岡區", WEST)
    with pytest.raises(InputError, match="west社區"):
        free.lock(communities=[WEST]).move("神岡區", WEST)
    with pytest.raises(InputError, match="middle社區"):
        free.lock(communities=[MIDDLE]).merge(MIDDLE, WEST)
    assert free.lock("神岡區", "S00009").unlock("神岡區").move("神岡區", WEST).locks == Locks(
        schools=frozenset({"S00009"})
    )
    # What is locked may stand by while others move.
    assert free.lock(communities=[EAST]).move("神岡區", WEST).touched == (WEST, MIDDLE)


def test_undo_and_redo_do_not_pass_over_locks(base: Base) -> None:
    moved = Experiment(base).move("神岡區", WEST)
    with pytest.raises(InputError, match="神岡區"):
        moved.lock("神岡區").undo()
    with pytest.raises(InputError, match="west社區"):
        moved.lock(communities=[WEST]).undo()
    with pytest.raises(InputError, match="神岡區"):
        moved.undo().lock("神岡區").redo()
    assert moved.lock("神岡區").unlock("神岡區").undo().map == base.map


@pytest.mark.parametrize("seed", some(range(300), 10))
def test_whatever_is_flipped_undone_and_redone_what_is_locked_stays(base: Base, seed: int) -> None:
    """Of a township, a school and a community that are locked at random on the way."""
    draw = random.Random(seed)
    experiment = random_experiment(base, seed)
    here = experiment.map
    town, school, community = (draw.choice(list(names)) for names in (here.home, here.member, here.names))
    experiment = experiment.lock(townships=[town], schools=[school], communities=[community])
    refused = 0
    for _step in range(40):
        action = draw.choice(("flip", "flip", "undo", "redo"))
        try:
            if action == "flip":
                experiment = experiment.flip(random_flip(experiment.map, draw))
            else:
                experiment = getattr(experiment, action)()
        except InputError:
            refused += 1
            continue
        after = experiment.map
        assert (after.home[town], after.member[school]) == (here.home[town], here.member[school])
        assert after.members(community) == here.members(community)
        assert after.territory(community) == here.territory(community)
    assert refused


# -------------------------------------------------------------------------------------------------------------- frames


def test_frames_are_tidy(base: Base, plans: Plans) -> None:
    effects = Experiment(base).move("神岡區", WEST).effects(plans)
    frames = effects.frames()
    assert list(frames) == ["communities", "members", "measures", "duties", "nearest", "moved", "findings"]
    table = frames["measures"].set_index(["community", "measure", "item"])
    assert table.loc[(WEST, "schools", ""), "change"] == 1
    assert len(frames["duties"]) == len(effects.duties)
    assert len(frames["nearest"]) == len(effects.nearest)
    assert set(frames["members"].query("community == 'west' and side == 'after'")["school"]) == set(
        effects.map.members(WEST)
    )


def test_a_time_limit_holds_for_all_of_it(base: Base) -> None:
    effects = effects_of(Plans(base), Experiment(base).move("神岡區", WEST).map, time_limit=0.001)
    assert effects.exit_code in (ExitCode.STOPPED, ExitCode.PROVEN)
    assert effects.complete


def test_preview_takes_maps(base: Base, plans: Plans) -> None:
    flips = (MoveTownship(town(base, "神岡區"), WEST),)
    assert preview(plans, flips[0].apply(base.map), flips).flips == flips


def test_schools_that_belong_to_no_community_any_more_are_told_of():
    base = small_base()
    moved = Experiment(base).move("麟洛鄉", "none")
    lost = {code for code, community in moved.map.member.items() if community == NOWHERE}
    assert lost
    told = [finding for finding in moved.effects().findings if finding.code == "left_out"]
    assert {code for finding in told for code in finding.values["schools"]} == lost
    assert not [finding for finding in moved.move("麟洛鄉", "north").effects().findings if finding.code == "left_out"]
