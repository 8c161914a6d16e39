"""Tiers: honest values and bounds, one answer whatever the order of a file, limits, orders, tolerances, wishes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from models.audit import audit, equal_values
from models.community import Community, DemandPoint, Distances, Plan, Problem, School
from models.duties import Duties
from models.engine import Engine
from models.rulebook import Rulebook
from models.stopping import Limits, Stop
from models.tiers import NoPlan, TiersResult, full_order, solve_tiers
from tests.communities import benchmark_problem, plain_problem, random_problem, with_measures
from tests.models.handmade import ACADEMIC, BUNDLE, CAREER, SHARED, A, B, C, D, E, F, asked_to, problem, runs, some
from tests.oracles import judge

DEFAULT = ("unwilling", "exploration", "overload", "load", "travel", "preference", "separate", "tie_break")


def solved(given: Problem, **options: object) -> TiersResult | None:
    """The answer under the convener stated; None when there is provably none."""
    try:
        return solve_tiers(Plan(given, str(given.wishes.convener)), **options)  # type: ignore[arg-type]
    except NoPlan as none:
        assert none.proven
        return None


def a_problem(seed: int, **options: bool) -> Problem:
    return random_problem(5000 + seed, 2 + seed % 12, **options)


# ------------------------------------------------------------------------------------------------ values and bounds


@pytest.mark.parametrize("seed", runs(12, 200))
def test_values_are_those_of_the_audit_and_bounds_meet_them(seed: int) -> None:
    given = a_problem(seed, tier_order=seed % 3 == 1, tolerances=seed % 3 == 2)
    result = solved(given)
    if result is None:
        return
    judgement = audit(given, result.assignment)
    assert judgement.ok
    assert result.proven
    assert {tier.name for tier in result.tiers} == set(DEFAULT)
    for tier in result.tiers:
        assert equal_values(tier.value, judgement.values[tier.name]), tier
        assert tier.bound is not None
        tolerance = given.wishes.tolerances.get(tier.name, Fraction(0))
        if not tolerance:
            assert equal_values(tier.value, tier.bound), tier
        else:
            assert isinstance(tier.value, Fraction)
            assert isinstance(tier.bound, Fraction)
            assert tier.bound <= tier.value <= tier.bound * (1 + tolerance)


def test_without_tie_break_the_other_tiers_are_the_same() -> None:
    given = benchmark_problem(3, 9, True)
    with_it, without = solved(given), solved(given, tie_break=False)
    assert with_it is not None
    assert without is not None
    assert [(t.name, t.value) for t in without.tiers] == [(t.name, t.value) for t in with_it.tiers[:-1]]


# ------------------------------------------------------------------------------------------------------ one answer


def shuffled(given: Problem, rng: random.Random) -> Problem:
    """The same community from a file in another order."""
    community, distances = given.community, given.distances

    def mixed(entries: Sequence[object]) -> tuple[object, ...]:
        return tuple(rng.sample(list(entries), len(entries)))

    other = Community(
        community.id,
        community.name,
        mixed(community.schools),  # type: ignore[arg-type]
        mixed(community.demand_points),  # type: ignore[arg-type]
        mixed(community.outside_partners),  # type: ignore[arg-type]
    )
    columns = rng.sample(range(len(distances.schools)), len(distances.schools))
    rows = rng.sample(range(len(distances.demand_points)), len(distances.demand_points))
    tables = Distances(
        tuple(distances.schools[j] for j in columns),
        tuple(distances.demand_points[i] for i in rows),
        distances.between_schools[columns][:, columns],
        distances.from_demand[rows][:, columns],
    )
    return Problem(given.rules, other, given.wishes, tables)


@pytest.mark.parametrize("seed", runs(6, 100))
def test_order_of_the_file_and_seed_of_the_engine_make_no_difference(seed: int) -> None:
    given = a_problem(seed)
    result = solved(given)
    rng = random.Random(seed)
    for again in (solved(shuffled(given, rng)), solved(given, engine=Engine(seed=seed))):
        if result is None or again is None:
            assert (result, again) == (None, None)
        else:
            assert again.assignment == result.assignment
            assert [(t.name, t.value) for t in again.tiers] == [(t.name, t.value) for t in result.tiers]


@pytest.mark.parametrize("seed", runs(6, 100))
def test_blocks_solved_apart_give_what_the_undivided_model_gives(seed: int) -> None:
    given = random_problem(5500 + seed, 2 + seed % 9)
    plan = Plan(given, str(given.wishes.convener))
    apart, whole = solved(given), solved(given, duties=Duties(plan))
    if apart is None or whole is None:
        assert (apart, whole) == (None, None)
        return
    assert apart.assignment == whole.assignment
    for one, other in zip(apart.tiers, whole.tiers, strict=True):
        assert (one.name, one.status) == (other.name, other.status)
        assert equal_values(one.value, other.value)


def test_tie_break_by_hand() -> None:
    """Six schools alike in everything: the smallest codes host the first items, as far as the loads allow.

    15 units and the base of A: four schools have 3 points, two have 2. A takes two units beside its base, B the next
    three. Four partners must host a track each, so D cannot take a third item before its track.
    """
    result = solved(problem(convener=A))
    assert result is not None
    expected = {
        "1.1": (A,),
        "1.2": (A,),
        "1.3": (B,),
        "1.4": (B,),
        "2.1": (B,),
        "2.3": (C,),
        **dict.fromkeys(BUNDLE, (C,)),
        "4.1": (D,),
        "4.2": (D,),
        "4.3": (E,),
        CAREER: (C, D),
        ACADEMIC: (E, F),
        "4.5": (F,),
        "5.1": (A, B),
        "5.2": (A, C),
        "5.3": (A, D),
        "5.4": (A, E),
        "5.5": (A, F),
    }
    assert result.assignment.hosts == expected
    assert result.assignment.ways == {}


def test_ways_come_in_the_order_of_the_rulebook() -> None:
    result = solved(problem(benchmarks=[A], convener=A))
    assert result is not None
    assert result.assignment.ways == {A: ("6.fair", "6.handbook", "6.visits")}
    stated = solved(problem(benchmarks=[A], convener=A, ways={A: ("6.other", "6.media")}))
    assert stated is not None
    # Two are stated, neither of the short list, so the first of the short list joins them and nothing else.
    assert stated.assignment.ways == {A: ("6.fair", "6.media", "6.other")}


# ---------------------------------------------------------------------------------------------------- limits and stops


def assert_honest(given: Problem, result: TiersResult) -> None:
    """A lawful plan whose values are those of the audit."""
    judgement = audit(given, result.assignment)
    assert judgement.ok
    statuses = [tier.status for tier in result.tiers]
    assert set(statuses) <= {"optimal", "feasible", "not_reached"}
    for tier in result.tiers:
        assert equal_values(tier.value, judgement.values[tier.name])


@cache
def proven(seed: int, schools: int) -> tuple[Problem, TiersResult]:
    """A lifelike community with schools at places of their own, and its answer."""
    given = benchmark_problem(seed, schools, True)
    result = solved(given)
    assert result is not None
    return given, result


@pytest.mark.parametrize("work", [1e-9, 1e-3, 1e-2, 3e-2])
@pytest.mark.parametrize("seed", some(range(4), 1))
def test_a_small_work_limit_gives_a_lawful_plan_and_says_what_is_not_proven(seed: int, work: float) -> None:
    given, full = proven(seed, 20)
    result = solved(given, engine=Engine(limits=Limits(work=work)))
    assert result is not None
    assert_honest(given, result)
    if work == 1e-9:
        assert not result.proven
        assert "not_reached" in {tier.status for tier in result.tiers}
    # Whatever is called proven is the proven value, as long as all tiers before it are.
    for tier, best in zip(result.tiers, full.tiers, strict=True):
        if tier.status != "optimal":
            break
        assert equal_values(tier.value, best.value), tier.name


@pytest.mark.parametrize("seeds", [(0,), pytest.param((1, 2, 3), marks=pytest.mark.campaign)])
def test_bounds_of_stopped_tiers_hold(seeds: tuple[int, ...]) -> None:
    """The bound of the first open tier is no better than its proven value; of a vector it is the proven beginning."""
    open_tiers = []
    for seed in seeds:
        given, full = proven(seed, 25)
        for work in (1e-9, 1e-3, 2e-3, 4e-3, 8e-3, 16e-3, 32e-3):
            result = solved(given, engine=Engine(limits=Limits(work=work)))
            assert result is not None
            first = next((tier for tier in result.tiers if tier.status != "optimal"), None)
            if first is None or first.bound is None:
                continue
            open_tiers.append(first.name)
            best = full.tier(first.name).value
            if isinstance(first.bound, tuple):
                assert isinstance(best, tuple)
                assert best[: len(first.bound)] == first.bound
            elif first.name == "exploration":  # as many as possible: an upper bound
                assert first.bound >= best  # type: ignore[operator]
            else:
                assert first.bound <= best  # type: ignore[operator]
    assert {"load", "travel"} <= set(open_tiers)


def test_the_same_work_limit_gives_the_same_plan() -> None:
    given = benchmark_problem(1, 25, True)
    one, other = (solved(given, engine=Engine(limits=Limits(work=0.02))) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.assignment == other.assignment
    assert [(t.name, t.value, t.bound, t.status) for t in one.tiers] == [
        (t.name, t.value, t.bound, t.status) for t in other.tiers
    ]


@pytest.mark.parametrize("seed", some(range(25), 12))
def test_no_plan_under_a_limit_only_where_there_is_none(seed: int) -> None:
    given = a_problem(seed)
    plan = Plan(given, str(given.wishes.convener))
    exists = solved(given) is not None
    try:
        result = solve_tiers(plan, Engine(limits=Limits(work=1e-9)))
    except NoPlan:
        assert not exists
    else:
        assert exists
        assert judge.lawful(given, result.assignment)


def test_a_time_limit_stops_too() -> None:
    given = benchmark_problem(2, 25, True)
    result = solved(given, engine=Engine(limits=Limits(seconds=1e-6)))
    assert result is not None
    assert_honest(given, result)
    assert not result.proven


@pytest.mark.parametrize("watched", [False, True])
def test_a_stop_set_beforehand_still_gives_a_lawful_plan(watched: bool) -> None:
    given = benchmark_problem(0, 10, True)
    stop = Stop(watched=watched)
    stop.set()
    result = solved(given, engine=Engine(stop=stop))
    assert result is not None
    assert_honest(given, result)
    assert not result.proven
    assert result.tier("tie_break").status == "not_reached"
    assert result.tier("tie_break").bound is None


def test_watched_and_unwatched_solves_agree() -> None:
    given = benchmark_problem(5, 8, False)
    one, other = solved(given), solved(given, engine=Engine(stop=Stop(watched=True)))
    assert one is not None
    assert other is not None
    assert one.assignment == other.assignment


@pytest.mark.parametrize("name", ["work", "seconds"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_limits_are_above_zero(name: str, value: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Limits(**{name: value})


def test_no_plan_is_proven_where_rules_collide() -> None:
    given = plain_problem(1, rules_changes={"partner_includes_convener": "no"})
    with pytest.raises(NoPlan) as none:
        solve_tiers(Plan(given, "000001"))
    assert none.value.proven


# ------------------------------------------------------------------------------------------------ order and tolerance


def test_order_is_the_planners_else_the_rulebooks_and_ends_with_the_tie_break() -> None:
    plan = Plan(problem(), A)
    assert full_order(plan) == DEFAULT
    wished = Plan(problem(tier_order=("travel", "tie_break", "load")), A)
    assert full_order(wished) == ("exploration", "travel", "load", "tie_break")
    assert full_order(wished, ("unwilling", "preference")) == ("unwilling", "preference", "exploration", "tie_break")
    assert full_order(plan, ("load", "exploration")) == ("load", "exploration", "tie_break")


def only(book: Rulebook, *travelling: str) -> Rulebook:
    """The rulebook with trips for some items only."""
    items = tuple(i if i.id in travelling else i.model_copy(update={"trips": None}) for i in book.items)
    units = tuple(unit.model_copy(update={"trips": None}) for unit in book.units)
    return book.model_copy(update={"items": items, "units": units})


def near_or_willing(**wishes: object) -> Problem:
    """4.1 alone has trips, two a year: 100 steps to B, 109 to C, who is willing; very far to all others."""
    between = [[0, 20, 30, 900, 900, 900]] + [[900, 20, 30, 900, 900, 900] for _ in range(5)]
    between[1][1] = 0
    between[2][1], between[2][2] = 20, 0
    between[1][2] = 19
    between[3][2] = between[4][2] = between[5][2] = 20
    # To B: 20 from A, C, D, E, F; to C: 30 from A, 19 from B, 20 from D, E, F.
    schools = [A, B, School(C, willingness={"4.1": "willing"}), D, E, F]
    return problem(schools, book=only(problem().rules.rulebook, "4.1"), between=between, convener=A, **wishes)


@pytest.mark.parametrize(
    ("order", "tolerance", "host", "travel"),
    [
        (("travel", "preference"), "0", B, 200),
        (("travel", "preference"), "1/20", B, 200),
        (("travel", "preference"), "9/100", C, 218),
        (("travel", "preference"), "1/10", C, 218),
        (("preference", "travel"), "0", C, 218),
    ],
)
def test_order_and_tolerance_decide_between_near_and_willing(
    order: tuple[str, ...], tolerance: str, host: str, travel: int
) -> None:
    given = near_or_willing(tier_order=order, tolerances={"travel": Fraction(tolerance)})
    result = solved(given)
    assert result is not None
    assert result.assignment.hosts_of("4.1") == (host,)
    assert result.tier("travel").value == travel
    assert result.tier("travel").bound == (200 if order[0] == "travel" else 218)
    assert result.tier("travel").status == "optimal"


def test_a_tolerance_of_the_unwilling_tier_is_of_its_own_number() -> None:
    """A share of nothing is nothing: where nobody need be unwilling, no tolerance makes anybody."""
    schools = [A, School(B, willingness={"4.1": "unwilling"}), C, D, E, F]
    result = solved(problem(schools, convener=A, tolerances={"unwilling": Fraction(10)}))
    assert result is not None
    assert result.tier("unwilling").value == 0
    assert result.assignment.hosts_of("4.1") != (B,)


def test_loads_before_travel_or_after_it() -> None:
    """One near school: it hosts nearly everything where travel goes first, and its share where loads do."""
    between = [[0 if i == j else 10 if j == 1 else 500 for j in range(6)] for i in range(6)]
    near_first = solved(problem(between=between, convener=A, tier_order=("exploration", "travel", "load")))
    fair_first = solved(problem(between=between, convener=A, tier_order=("exploration", "load", "travel")))
    assert near_first is not None
    assert fair_first is not None
    # All but exploration (no junior highs, no trips) and 2.x (likewise) go to B: 4 + 1 + 4 units.
    assert all(near_first.assignment.hosts_of(i) == (B,) for i in ("1.1", "1.2", "1.3", "1.4", *BUNDLE, "4.1", "4.5"))
    assert near_first.tier("load").value[0] == Fraction(9, 5)  # type: ignore[index]
    assert fair_first.tier("load").value[0] == Fraction(3, 5)  # type: ignore[index]


# ------------------------------------------------------------------------------------------------------ exploration


def tracks(result: TiersResult | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    assert result is not None
    return result.assignment.hosts_of(CAREER), result.assignment.hosts_of(ACADEMIC)


def saying(said: Mapping[str, str], codes: Sequence[str]) -> list[School | str]:
    return [School(c, willingness=said) if c in codes else c for c in (A, B, C, D, E, F)]  # type: ignore[arg-type]


EITHER = dict.fromkeys((CAREER, ACADEMIC), "cannot")
UNWILLING = dict.fromkeys((CAREER, ACADEMIC), "unwilling")


def test_exploration_as_many_as_the_cap_allows() -> None:
    result = solved(problem(convener=A))
    assert [len(hosts) for hosts in tracks(result)] == [2, 2]
    assert result is not None
    assert result.tier("exploration").value == 4


def test_exploration_as_many_as_are_able() -> None:
    # Three partners can: two and one.
    result = solved(problem(saying(EITHER, (B, C)), convener=A))
    assert sorted(len(hosts) for hosts in tracks(result)) == [1, 2]
    assert {B, C}.isdisjoint(set().union(*tracks(result)))


def test_exploration_as_many_as_are_willing() -> None:
    # Three partners without an unwilling one; if four of five are unwilling, one of them must, and no more.
    three = solved(problem(saying(UNWILLING, (B, C)), convener=A))
    one = solved(problem(saying(UNWILLING, (B, C, D, E)), convener=A))
    for result, hosts, unwilling in ((three, 3, 0), (one, 2, 1)):
        assert result is not None
        assert result.tier("exploration").value == hosts
        assert result.tier("unwilling").value == unwilling


@pytest.mark.parametrize(
    "order",
    [
        ("exploration", "unwilling", "load"),
        ("overload", "exploration", "unwilling", "load"),
        ("travel", "exploration", "load", "unwilling"),
        ("overload", "exploration"),
    ],
)
def test_exploration_adds_no_unwilling_host_wherever_these_are_counted(order: tuple[str, ...]) -> None:
    # With B and C unwilling, three partners host exploration; a fourth host would be unwilling.
    result = solved(problem(saying(UNWILLING, (B, C)), convener=A, tier_order=order))
    assert result is not None
    assert result.tier("exploration").value == 3


@pytest.mark.parametrize(
    "order",
    [
        ("exploration", "preference", "unwilling"),
        ("travel", "exploration", "preference", "unwilling"),
        ("exploration", "travel", "preference", "unwilling"),
        ("exploration", "load", "preference"),
    ],
)
def test_aims_before_the_unwilling_may_ask_an_unwilling_host(order: tuple[str, ...]) -> None:
    """What is kept is the number of exploration hosts, not who they are."""
    unsuited: list[School | str] = [School(c, suitability={CAREER: "unsuited"}) for c in (C, D, E, F)]
    asked = School(B, willingness={CAREER: "unwilling"}, suitability={CAREER: "suited"})
    result = solved(problem([A, asked, *unsuited], convener=A, tier_order=order))
    assert result is not None
    assert result.tier("exploration").value == 4
    assert B in result.assignment.hosts_of(CAREER)
    # 25 pairs of unit and host at 2 each; B for career costs 1, another school for it 3.
    assert result.tier("preference").value == 23 * 2 + 1 + 3


@pytest.mark.parametrize(("presence", "hosts"), [("each", 2), ("equal_numbers", 2), ("one_in_all", 1)])
def test_exploration_as_few_as_the_law_wants(presence: str, hosts: int) -> None:
    switches = {"exploration_number": "fewest", "exploration_presence": presence}
    result = solved(problem(convener=A, switches=switches))
    assert result is not None
    assert result.tier("exploration").value == hosts


def test_exploration_as_stated() -> None:
    switches = {"exploration_number": "stated"}
    result = solved(problem(convener=A, switches=switches, exploration_numbers={CAREER: 2, ACADEMIC: 1}))
    assert [len(hosts) for hosts in tracks(result)] == [2, 1]
    # A number above the cap (two a track) cannot be kept.
    assert solved(problem(convener=A, switches=switches, exploration_numbers={CAREER: 3})) is None


def within(near: Sequence[Sequence[str]], distance: int | None = 10, **switches: str) -> tuple[object, TiersResult]:
    """Junior highs, each with the schools 10 steps off; all others are 11."""
    points = [DemandPoint(f"J{k}", pupils={8: 1}) for k in range(len(near))]
    table = [[10 if code in codes else 11 for code in (A, B, C, D, E, F)] for codes in near]
    given = problem(
        points=points,
        from_demand=table,
        switches={"exploration_number": "within_distance", **switches},
        convener=A,
        exploration_within=distance,
    )
    result = solved(given)
    assert result is not None
    return result.tier("exploration").value, result


def test_exploration_within_a_distance() -> None:
    # B and C for one track, D and E for the other reach the first two junior highs; nobody reaches the third.
    value, result = within([(B, D), (C, E), ()])
    assert value == (2, 4)
    for hosts in tracks(result):
        assert len({B, D} & set(hosts)) == len({C, E} & set(hosts)) == 1
    # One school near to both: a host a track is enough.
    value, result = within([(B, C), (B, C)])
    assert value == (0, 2)
    assert set().union(*tracks(result)) == {B, C}
    # One near school for each of two junior highs: it can host one track only, so two pairs stay far ...
    assert within([(B,), (C,)])[0] == (2, 2)
    # ... unless one school may host both.
    assert within([(B,), (C,)], both_tracks="yes")[0] == (0, 4)
    # The convener is near, but hosts no exploration.
    assert within([(A,)])[0] == (2, 2)
    # Without a distance everybody is near enough.
    assert within([(), ()], distance=None)[0] == (0, 2)


@pytest.mark.parametrize("mode", ["most", "fewest", "within_distance"])
@pytest.mark.parametrize("seed", runs(8, 60))
def test_exploration_never_adds_an_unwilling_host(seed: int, mode: str) -> None:
    given = random_problem(5700 + seed, 3 + seed % 8, rules_changes={"exploration_number": mode})
    without = solved(asked_to(given, tier_order=("unwilling",)))
    result = solved(given)
    if result is None or without is None:
        assert (result, without) == (None, None)
        return
    assert result.tier("unwilling").value == without.tier("unwilling").value


# ------------------------------------------------------------------------------------------------------------- wishes


def test_pins_bans_and_cannot_are_kept() -> None:
    pins = frozenset({("2.1", F), ("1.1", B), ("4.2", E)})
    bans = frozenset({("4.1", code) for code in (B, C, D, E)})
    schools = [A, B, School(C, willingness={"3.2": "cannot"}), School(D, willingness={"3": "cannot"}), E, F]
    result = solved(problem(schools, convener=A, pins=pins, bans=bans))
    assert result is not None
    hosts = result.assignment
    assert (hosts.hosts_of("2.1"), hosts.hosts_of("1.1"), hosts.hosts_of("4.2")) == ((F,), (B,), (E,))
    assert hosts.hosts_of("4.1") == (F,)
    assert hosts.hosts_of("3.1") == hosts.hosts_of("3.2") == hosts.hosts_of("3.3")
    assert hosts.hosts_of("3.1")[0] in (B, E, F)


def test_optional_items_are_hosted_when_asked_for_and_outside_the_load() -> None:
    plain = solved(problem(convener=A))
    asked = solved(problem(convener=A, host_numbers={"2.2": 2, "2.1": 2}))
    assert plain is not None
    assert asked is not None
    assert plain.assignment.hosts_of("2.2") == plain.assignment.hosts_of("2.4") == ()
    assert [len(asked.assignment.hosts_of(item)) for item in ("2.2", "2.1", "2.3", "2.4")] == [2, 2, 1, 0]
    # One more unit of 2.1 in the load; the two of 2.2 among the separate ones.
    units = [sum(r.tier("load").value) for r in (plain, asked)]  # type: ignore[arg-type]
    assert units == [Fraction(16, 5), Fraction(17, 5)]
    assert [sum(r.tier("separate").value) for r in (plain, asked)] == [10, 12]  # type: ignore[arg-type]


@pytest.mark.parametrize("item", ["4.1", "3.1"])
def test_a_second_host_that_the_law_does_not_allow_is_refused_not_forgotten(item: str) -> None:
    assert solved(problem(convener=A, host_numbers={item: 2})) is None


def test_to_pin_a_school_is_to_ask_for_it() -> None:
    """An optional item is hosted by whom it is pinned to; an "at least one" item by both pinned schools."""
    pins = frozenset({("2.2", C), ("1.1", B), ("1.1", D)})
    result = solved(problem(convener=A, pins=pins))
    assert result is not None
    assert result.assignment.hosts_of("2.2") == (C,)
    assert result.assignment.hosts_of("1.1") == (B, D)
    assert result.assignment.hosts_of("2.4") == ()
    # What the law limits to one stays one.
    assert solved(problem(convener=A, pins=frozenset({("4.1", B), ("4.1", C)}))) is None


def test_more_hosts_of_development_where_at_least_one_is_enough() -> None:
    switches = {"development_number": "at_least_one"}
    result = solved(problem(convener=A, host_numbers={"4.1": 2}, switches=switches))
    assert result is not None
    assert [len(result.assignment.hosts_of(item)) for item in ("4.1", "4.2")] == [2, 1]


def test_unwilling_hosts_only_where_nobody_else_can() -> None:
    everyone = [School(code, willingness={"4.5": "unwilling"}) for code in (A, B, C, D, E, F)]
    result = solved(problem(everyone, convener=A))
    assert result is not None
    assert result.tier("unwilling").value == 1
    spared = [replace(school, willingness={}) if school.code == E else school for school in everyone]
    result = solved(problem(spared, convener=A))
    assert result is not None
    assert result.tier("unwilling").value == 0
    assert result.assignment.hosts_of("4.5") == (E,)


def test_small_schools_are_kept_within_their_capacity() -> None:
    """Five schools of capacity 1 and B of 100: three of the four tracks are not B's, and B hosts all the rest."""
    schools = [School(c, capacity_points=Fraction(100 if c == B else 1)) for c in (A, B, C, D, E, F)]
    book = with_measures(problem().rules.rulebook, convener_base_points=0)
    given = problem(schools, book=book, convener=A)
    result = solved(given)
    assert result is not None
    assert result.tier("overload").value == 0
    # 12 of 100 are in the second tenth.
    assert result.tier("load").value == (1, 1, 1, Fraction(1, 5), 0, 0)
    assert len(set(result.assignment.units_of(given.rules)[B]) & given.rules.load_units) == 12


def test_community_learning_in_the_load_under_its_switch() -> None:
    result = solved(problem(convener=A, switches={"community_learning_load": "in_load"}))
    assert result is not None
    # The convener's base and its five items are above its capacity of five whatever is decided.
    assert result.tier("overload").value == 1
    assert result.tier("load").value[0] == Fraction(6, 5)  # type: ignore[index]
    assert result.tier("separate").value == (0,) * 6
    assert all(A in result.assignment.hosts_of(item) for item in SHARED)


def test_tiers_left_out_are_not_considered() -> None:
    result = solved(problem(convener=A), order=("unwilling", "load"))
    assert result is not None
    # Exploration is always decided, before the loads: otherwise these would close it down.
    assert [tier.name for tier in result.tiers] == ["unwilling", "exploration", "load", "tie_break"]
    assert result.tier("exploration").value == 4
