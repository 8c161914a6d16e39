"""Steering a plan: ways out told and taken, a plan as a start, repair, the next year, two plans, fairness."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files

import jsonschema
import pytest

import assigner
from assigner import cli
from assigner.answer import plan_schema
from assigner.boundary.answer import boundary_schema, effects_document
from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.errors import ExitCode, InputError
from assigner.messages import language_set
from assigner.report import split_page, split_statements, steering_statements
from assigner.report.boundary_terminal import show_effects
from assigner.report.page import page_text
from assigner.report.terminal import console_for
from assigner.scenario import scenario_of, write_yaml
from assigner.scenario.example import collision, example
from assigner.splitting.answer import split_schema
from assigner.splitting.asking import ask
from assigner.splitting.solving import Split
from assigner.splitting.territory import territory_of
from assigner.steering.schemas import steering_schema
from assigner.steering.taking import scenario_of_way, way_of
from models.documents import read_yaml
from models.objectives.load import points
from models.split.explain import why_no_pair
from models.split.remedies import looked_at
from models.split.values import SplitResult
from tests.assigner.boundary_bases import tiny_base
from tests.assigner.split_scenarios import along, community


@pytest.fixture(scope="module")
def refused():
    return assigner.solve(collision(), ways_out=10)


@pytest.fixture(scope="module")
def result():
    return assigner.solve(example(5, 1), price=False)


@pytest.fixture(scope="module")
def plan(result, tmp_path_factory):
    return result.write(tmp_path_factory.mktemp("plan"), ["json"]).paths[0]


def said(capsys, *arguments):
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def taken_back(found):
    return [(gone.kind, gone.key, gone.school) for gone in found.gives_up]


# -------------------------------------------------------------------------------------------------------- ways out


def test_ways_out_stand_in_the_document_cheapest_first_with_what_each_gives(refused):
    document = refused.to_dict()
    jsonschema.validate(document, plan_schema())
    found = document["explanation"]
    assert [clause["clause"] for clause in found["collisions"][0]]
    ways = found["ways_out"]["ways"]
    prices = [Fraction(way["price"]) for way in ways]
    assert prices == sorted(prices)
    assert taken_back(refused.explanation.ways_out.ways[0]) == [("ban", "4.5", "SYN004")]
    assert found["ways_out"]["complete"]
    assert all(way["audited"] and way["proven"] and way["tiers"] for way in ways)


@pytest.mark.parametrize("number", [1, 4, 5])
def test_a_way_out_that_is_taken_gives_the_plan_that_was_told(refused, number):
    way = way_of(refused, number)
    changed = scenario_of_way(refused, way)
    after = assigner.solve(changed, price=False)
    assert after.status == "optimal"
    assert after.plan.convener == way.plan.convener
    assert [(t.name, t.value) for t in after.tiers] == [(t.name, t.value) for t in way.tiers]
    assert {entry.relaxation.id for entry in after.relaxations} == set(way.relaxations)
    assert {school.code for school in changed.community.schools} == {f"SYN00{k}" for k in range(1, 5)}


def test_a_plan_under_relaxations_tells_what_else_could_have_been_given_up(tmp_path):
    answer = assigner.solve(example(2, 1), ways_out=5, price=False)
    jsonschema.validate(answer.to_dict(), plan_schema())
    path = answer.write(tmp_path, ["json"]).paths[0]
    assert assigner.check(path).ok
    with language_set("en"):
        told = steering_statements.why(answer)
    assert len(told.ways) == 2
    assert "This is what the plan shown here does" in told.ways[0].title
    assert "R2" in told.ways[1].gives_up[0]


def test_ways_out_are_on_the_page_of_both_kinds_of_answer(refused):
    with language_set("en"):
        assert "SYN004 範例04家商 may host 4.5" in page_text(refused)


def test_a_plan_that_needs_nothing_has_no_ways_out(result):
    assert assigner.solve(example(5, 1), price=False, ways_out=3).explanation is None
    explanation = result.ways_out(2)
    assert explanation.collisions == ()
    assert [way.gives_up for way in explanation.ways_out.ways] == [()]
    with pytest.raises(InputError, match="4"):
        way_of(result, 4)


# ----------------------------------------------------------------------------------------------------- from a plan


def test_a_start_is_bettered_in_no_aim_for_the_worse(result, tmp_path):
    second = assigner.solve(example(5, 1), price=False, forbid=[result.assignment])
    from_best = assigner.solve(example(5, 1), start=result.assignment)
    assert from_best.continued.kept
    assert from_best.assignment == result.assignment
    better = assigner.solve(example(5, 1), start=second.assignment)
    assert all(change.verdict in ("better", "same") for change in better.continued.tiers)
    for number, answer in enumerate((from_best, better)):
        jsonschema.validate(answer.to_dict(), plan_schema())
        assert assigner.check(answer.write(tmp_path / str(number), ["json"]).paths[0]).ok


def test_a_repair_changes_the_fewest_duties_and_its_plan_is_checked(plan, tmp_path):
    gone = next(code for code in assigner.read_plan(plan)["hosts"]["4.5"])
    answer = assigner.repair(plan, without=[gone])
    assert answer.exit_code == ExitCode.PROVEN
    assert answer.found.fewest.status == "optimal"
    assert gone not in answer.result.assignment.unit_hosts(list(answer.result.assignment.hosts))
    document = answer.to_dict()
    jsonschema.validate(document["plan"], plan_schema())
    moved = assigner.diff(plan, answer.result).to_dict()["moves"]
    assert [(m["duty"], m["before"], m["after"]) for m in moved] == [
        (m["duty"], m["before"], m["after"]) for m in document["moves"]
    ]
    assert assigner.check(answer.write(tmp_path, ["json"]).paths[0]).ok


def test_a_pin_that_falls_away_is_named_and_a_school_that_joins_may_be_new(tmp_path):
    scenario = example(4, 1)
    data = scenario.canonical()
    code = scenario.problem().participants[-1]
    data["scenario"]["pins"] = {"1.1": [code]}
    pinned = type(scenario).from_canonical(data)
    before = assigner.solve(pinned, price=False)
    new = tmp_path / "new.yaml"
    town = next(iter(scenario.territory))
    new.write_text(f'code: "SYN900"\nname: 新校\ntownship: "{town}"\ncategories: [general]\n', encoding="utf-8")
    answer = assigner.repair(before, barred=[code], add=[str(new)], free=False)
    assert answer.found.fallen_away.pins == (("1.1", code),)
    assert "SYN900" in answer.result.problem.participants
    assert answer.result.scenario.community.school_by_code[code].barred
    with language_set("en"):
        lines = steering_statements.repair_head(answer).lines
    assert any(line.startswith("No longer holds: the wish that") for line in lines)
    assert assigner.check(answer.write(tmp_path / "out", ["json"]).paths[0]).ok


def test_a_repair_without_a_lawful_plan_says_why_and_what_would_help(plan):
    participants = assigner.solve(example(5, 1), price=False).problem.participants
    answer = assigner.repair(plan, without=participants[1:], free=False)
    assert answer.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert answer.result.explanation.ways_out.ways


def test_schools_that_cannot_leave_or_join_are_refused_by_name(plan):
    with pytest.raises(InputError) as caught:
        assigner.repair(plan, without=["nobody"], add=["SYN001"])
    assert [problem.place.key for problem in caught.value.problems] == ["--without", "--add"]


def test_the_next_year_carries_on_what_was_hosted(plan, tmp_path, capsys):
    out = tmp_path / "next.yaml"
    code, text, _err = said(capsys, "next-year", plan, "--out", out, "--rotate", "--json", "-q")
    document = json.loads(text)
    assert code == ExitCode.PROVEN
    jsonschema.validate(document["plan"], plan_schema())
    later = assigner.read_scenario(out)
    hosts = assigner.read_plan(plan)
    for school in later.community.schools:
        tables = {**hosts["hosts"], **hosts["separate"]}
        assert school.last_year == {item for item, codes in tables.items() if school.code in codes}
    assert later.hash == document["scenario"]["hash"]
    assert min(school.history_points for school in later.community.schools) == 0


# ------------------------------------------------------------------------------------------------------ comparing


def test_plans_of_different_communities_are_not_compared(plan, tmp_path):
    other = assigner.solve(example(4, 1), price=False)
    data = other.scenario.canonical()
    for school in data["scenario"]["schools"]:
        school["code"] = school["code"].replace("SYN", "ZZZ")
    data["scenario"]["convener"] = "choose"
    stranger = assigner.solve(type(other.scenario).from_canonical(data), price=False)
    with pytest.raises(InputError, match="different communities"), language_set("en"):
        assigner.diff(plan, stranger)


def test_a_plan_and_itself_differ_in_nothing_and_the_rulebook_is_named_where_it_differs(result):
    assert assigner.diff(result, result).same
    data = result.scenario.canonical()
    data["scenario"]["switches"] |= {"both_tracks": "yes"}
    other = assigner.solve(type(result.scenario).from_canonical(data), price=False)
    notes = assigner.diff(result, other).notes
    assert len(notes) == 1


def test_fairness_names_every_school_and_its_words_hold(result):
    answer = assigner.fairness(result)
    found = answer.found
    assert [share.code for share in found.shares] == sorted(result.problem.participants)
    assert answer.exit_code == ExitCode.PROVEN
    assert answer.to_dict()["least_same_work"]["levels"] == [str(level) for level in found.levels]
    with language_set("en"):
        assert steering_statements.fair_verdict(answer).tone == "good"


def test_every_command_answers_in_words_and_in_json(plan, tmp_path, capsys):
    scenario = tmp_path / "clash.yaml"
    scenario.write_text(write_yaml(collision()), encoding="utf-8")
    for arguments in (
        ("diff", plan, plan),
        ("repair", plan, "--without", "SYN002", "--no-free"),
        ("fairness", plan),
        ("next-year", plan),
        ("solve", scenario, "--take", "1", "--ways-out", "1"),
    ):
        code, text, _err = said(capsys, *arguments, "--lang", "zh-TW")
        assert code == ExitCode.PROVEN, arguments
        assert text.strip(), arguments
    code, text, _err = said(capsys, "fairness", plan, "--json", "-q")
    assert json.loads(text)["free_of_envy"] in (True, False)
    assert said(capsys, "diff", plan, plan, "-q")[1].count("\n") == 1


# -------------------------------------------------------------------------------------------------------- two plans


def valid_split(answer):
    document = answer.to_dict()
    jsonschema.validate(document, split_schema())
    with language_set("en"):
        split_page.page_text(answer)
    return document


def test_ways_out_of_a_split_are_told_where_none_was_solved():
    scenario = community(along(11, 10), bans={"4.5": [f"SYN{k:03d}" for k in range(1, 12)]}, relaxations="none")
    task = scenario.problem()
    asked, territory = ask(scenario, task), territory_of(scenario, task)
    division = looked_at(task, territory, asked.wishes)
    found = why_no_pair(task, territory, asked.wishes, division, most=1, with_plans=False)
    answer = Split(scenario, task, territory, asked, SplitResult("infeasible"), explanation=found)
    (way,) = valid_split(answer)["explanation"]["ways_out"]["ways"]
    assert way["pair"] is None
    with language_set("en"):
        assert (
            split_statements.why(answer)
            .ways[0]
            .gives_up[0]
            .endswith(" may host 4.5 Development by aptitude, which the planner excluded. (costs 3)")
        )


@pytest.mark.campaign
def test_a_split_whose_duties_collide_says_what_to_give_up_and_the_pair_it_gives():
    first = [f"SYN{k:03d}" for k in range(1, 12)]
    scenario = community(along(11, 10), bans={"4.5": first}, relaxations="none")
    found = valid_split(assigner.solve_split(scenario, ways_out=1, moves=False))["explanation"]
    assert [len(own) for own in found["collisions"]] == [1, 0]
    (way,) = found["ways_out"]["ways"]
    assert [gone["kind"] for gone in way["gives_up"]] == ["ban"]
    assert way["pair"]["lawful"]


@pytest.mark.campaign
def test_a_split_whose_wishes_collide_says_which_to_drop():
    chain = [("SYN001", "SYN005"), ("SYN005", "SYN009"), ("SYN009", "SYN013"), ("SYN013", "SYN017")]
    answer = assigner.solve_split(community(along(4, 4, 4, 4, 3, 2)), together=chain, ways_out=3, moves=False)
    found = valid_split(answer)["wishes_to_drop"]
    assert found["complete"]
    assert [[wish["price"] for wish in way] for way in found["ways"]] == [["1"], ["1"]]


def test_a_community_that_loses_its_plan_by_a_boundary_change_is_told_a_way_out(capsys):
    base = tiny_base(own={"middle": {"relaxations": "none"}})
    effects = Experiment(base).move("大雅區", "west").effects(Plans(base, ways_out=2))
    document = effects_document(effects)
    jsonschema.Draft202012Validator(boundary_schema()).validate(document)
    with language_set("en"):
        show_effects(effects, console_for())
    told = capsys.readouterr().out
    assert "1. Costs 40." in told
    assert "The cheapest way out (costs 40, our assumption): A rule is relaxed: R1" in " ".join(told.split())


def test_the_answers_have_the_shape_of_their_schemas(result):
    gone = result.assignment.hosts_of("4.5")
    for name, answer in (
        ("diff", assigner.diff(result, result)),
        ("repair", assigner.repair(result, without=gone)),
        ("next_year", assigner.next_year(result, rotation=True)),
        ("fairness", assigner.fairness(result)),
    ):
        schema = steering_schema(name)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(json.loads(answer.to_json()))


# ------------------------------------------------------------------------------------------------- what is not at hand


def test_schools_that_join_may_be_a_list_in_a_file(plan, tmp_path):
    file = tmp_path / "list.yaml"
    file.write_text("just words", encoding="utf-8")
    with pytest.raises(InputError, match="holds no school"):
        assigner.repair(plan, add=[str(file)])
    file.write_text("[{code: 'SYN001'}]", encoding="utf-8")
    with pytest.raises(InputError):  # it is there already
        assigner.repair(plan, add=[str(file)])


def test_a_next_year_whose_hard_limits_are_full_has_no_plan_and_says_why(result):
    loads, content = points(result.plan, result.assignment), result.scenario.canonical()["scenario"]
    hard = [{**s, "load_limit": "hard", "capacity_points": str(loads[s["code"]])} for s in content["schools"]]
    hard[1]["capacity_points"] = 100
    full = assigner.solve(scenario_of({**content, "rulebook": "111", "schools": hard}), price=False)
    assert full.status == "optimal"
    year = assigner.next_year(full, carried=2, rotation=True)
    assert year.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert "school.load_limit" in str(year.result.collision.clauses)


def test_a_way_out_that_was_not_looked_for_is_no_plan_that_keeps_all(refused):
    with language_set("en"), pytest.raises(InputError, match="before ways out"):
        way_of(replace(refused, explanation=None), 1)


def test_plans_under_two_rulebooks_are_compared_in_what_both_know(result, tmp_path):
    text = (files("models") / "rulebooks" / "111.yaml").read_text(encoding="utf-8")
    book = read_yaml(text, "111.yaml").data
    for item in book["items"]:
        if item["id"].startswith("3."):
            item["effort_points"] = 1
    clauses = [clause for clause in book["clauses"] if clause["kind"] != "same_hosts"]
    own = {**book, "units": [], "clauses": clauses}
    (tmp_path / "own.yaml").write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")
    content = result.scenario.canonical()["scenario"]
    other = assigner.solve(scenario_of({**content, "rulebook": "own.yaml"}, "x", tmp_path), price=False)
    for pair in ((result, other), (other, result)):
        found = assigner.diff(*pair)
        assert {move.row for move in found.found.moves}.isdisjoint({"3"})
        assert len(found.notes) >= 1


def test_loads_fairer_than_the_best_plan_may_have_are_not_called_improvable(result):
    found = assigner.fairness(result)
    levels = tuple(level / 2 for level in found.found.least_same_work.levels)
    better = replace(found, found=replace(found.found, levels=levels))
    with language_set("en"):
        assert "as fairly as this one" in steering_statements.fair_verdict(better).text


def test_fewest_changes_are_claimed_for_one_convener_where_that_one_is_not_stated(result):
    mended = assigner.repair(result, without=[result.plan.convener], free=False)
    with language_set("en"):
        assert "with the same convener" in steering_statements.repair_head(mended).lines[0]
