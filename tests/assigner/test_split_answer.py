"""The answer to a split: split.json, plans that stand alone, the exit codes, what it says."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from assigner.checking import check
from assigner.errors import ExitCode
from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve
from assigner.report import split_statements as sentences
from assigner.report import split_tables as content
from assigner.report.split_terminal import show_split
from assigner.report.terminal import console_for
from assigner.scenario import parse_scenario, scenario_of, write_yaml
from assigner.splitting.answer import split_schema
from assigner.splitting.parts import part_scenario
from assigner.splitting.solving import solve_split
from assigner.splitting.territory import town_of_node
from models.split.values import Refusal
from models.stopping import Stop
from tests.assigner.split_scenarios import along, community, data

ROOT = Path(__file__).resolve().parents[2]
VALIDATOR = jsonschema.Draft202012Validator(split_schema())


@pytest.fixture(scope="module")
def answer():
    """21 schools on a line of six townships, one of them a benchmark school."""
    return solve_split(community(along(4, 4, 4, 4, 3, 2), benchmarks=(1,)), top=1)


@pytest.fixture(scope="module")
def twenty():
    return solve_split(community(along(4, 4, 4, 4, 4)))


@pytest.fixture(scope="module")
def heavy():
    return solve_split(community(along(1, 1, 3, 14, 1, 1)))


def without_seconds(text):
    return re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', text)


def shown(answer, lang="en"):
    with language_set(lang):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        show_split(answer, console_for(stream))
        stream.flush()
        return stream.buffer.getvalue().decode("utf-8")


# ------------------------------------------------------------------------------------------------------------- a pair


def test_the_schema_is_one_and_holds_that_of_a_plan():
    VALIDATOR.check_schema(split_schema())
    assert split_schema()["$defs"]["plan"]["$id"] == "plan.schema.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_answer_has_the_shape(answer, twenty, heavy, language):
    stop = Stop(watched=True)
    stop.set()
    stopped = solve_split(community(along(4, 4, 4, 4, 3, 2)), stop=stop)
    assert stopped.status == "stopped" and stopped.exit_code == ExitCode.STOPPED
    unproven = replace(answer, found=replace(answer.found, status="feasible"), stopped_by="time", moves=None)
    with language_set(language):
        for one in (answer, twenty, heavy, stopped, unproven):
            VALIDATOR.validate(json.loads(one.to_json()))


def test_the_schema_refuses_what_is_no_answer(answer):
    document = json.loads(answer.to_json())
    document["plans"][1]["document"]["status"] = "perfect"
    assert not VALIDATOR.is_valid(document)
    document = json.loads(answer.to_json())
    del document["plans"]
    assert not VALIDATOR.is_valid(document)


def test_a_split_is_proven_and_costs_work(answer):
    assert answer.status == "optimal" and answer.exit_code == ExitCode.PROVEN
    assert sum(answer.proposal.sizes) == 21 and min(answer.proposal.sizes) >= 8
    assert answer.proposal.lawful
    # rules.md: one benchmark school convening: n = 21: 23 units; a plan of 8-10 with it 19, one of 11-15 without it 17,
    # and the other way round 21 and 15: 36 either way.
    one = content.units_hosted(answer.together.plan, answer.together.assignment)
    pair = [content.units_hosted(side.plan, side.assignment) for side in answer.proposal.plans]
    assert one == 23 and sum(pair) == 36
    with language_set("en"):
        told = " ".join(sentences.work(answer))
    assert "36 duties in the load instead of 23" in told


def test_each_plan_is_a_scenario_of_its_own(answer, tmp_path):
    for side, result in zip(answer.proposal.plans, answer.plans, strict=True):
        mine, theirs = result.scenario.problem(), side.plan.problem
        assert mine.rules == theirs.rules and mine.divided_from == theirs.divided_from == 21
        assert mine.community.schools == theirs.community.schools
        assert mine.community.demand_points == theirs.community.demand_points
        assert np.array_equal(mine.distances.between_schools, theirs.distances.between_schools)
        assert np.array_equal(mine.distances.from_demand, theirs.distances.from_demand)
        again = parse_scenario(write_yaml(result.scenario))
        assert again.hash == result.scenario.hash
        path = tmp_path / "plan.json"
        path.write_text(result.to_json(), encoding="utf-8")
        verdict = check(path)
        assert verdict.ok, [c for c in verdict.comparisons if not c.ok]
        alone = solve(again, price=False)
        assert alone.status == "optimal" and alone.assignment == result.assignment
        assert [t.value for t in alone.tiers] == [t.value for t in result.tiers]


def test_a_junior_high_of_a_divided_township_counts_half_in_each_plan():
    scenario = community(along(9, 2, 10))
    answer = solve_split(scenario, divisible="石岡區", apart=["SYN010,SYN011"], moves=False)
    halves = [
        [point.share for point in side.plan.problem.community.demand_points if point.id == "JSYJ002"]
        for side in answer.proposal.plans
    ]
    assert halves == [[Fraction(1, 2)], [Fraction(1, 2)]]
    for result in answer.plans:
        assert result.scenario.entries.part_of.half == ("SYJ002",)
        again = parse_scenario(write_yaml(result.scenario)).problem()
        assert again.community.demand_points == result.problem.community.demand_points
    towns = {town_of_node(node) for node in answer.proposal.division.first}
    assert scenario.geography.find("石岡區").towncode in towns


def test_an_item_hosted_once_is_left_to_the_other_plan():
    scenario = community(along(4, 4, 4, 4, 3, 2), switches={"scope_4_5": "once", "scope_2_1": "once"})
    answer = solve_split(scenario, moves=False)
    hosted = [set(side.assignment.hosts) & {"4.5", "2.1"} for side in answer.proposal.plans]
    assert hosted[0] | hosted[1] == {"4.5", "2.1"} and not hosted[0] & hosted[1]
    for result, own in zip(answer.plans, hosted, strict=True):
        assert set(result.scenario.entries.part_of.elsewhere) == {"4.5", "2.1"} - own
        assert parse_scenario(write_yaml(result.scenario)).problem().rules == result.problem.rules


def test_part_of_is_checked_like_the_rest_of_a_file():
    from assigner.errors import InputError

    whole = data(along(4, 4, 4), part_of={"schools": 5, "elsewhere": ["4.1", "9.9"], "half": ["J9"]})
    with language_set("en"), pytest.raises(InputError) as caught:
        scenario_of(whole)
    text = str(caught.value)
    assert "fewer schools than this plan" in text and "hosted in each of the two plans" in text
    assert "9.9" in text and "No junior high" in text


def test_two_runs_and_any_order_of_the_file_give_the_same_bytes():
    content_ = data(along(4, 4, 4, 4, 3, 2))
    first = solve_split(scenario_of(content_), top=1).to_json()
    rng = random.Random(3)
    for key in ("schools", "junior_highs", "townships"):
        rng.shuffle(content_[key])
    assert without_seconds(solve_split(scenario_of(content_), top=1).to_json()) == without_seconds(first)


def test_a_plan_that_is_kept_and_an_old_division_decide(answer, tmp_path):
    path = tmp_path / "split.json"
    path.write_text(answer.to_json(), encoding="utf-8")
    scenario = answer.scenario
    kept = solve_split(scenario, keep_plan=f"{path}#2", moves=False)
    groups = [set(side.plan.participants) for side in kept.proposal.plans]
    assert set(answer.proposal.plans[1].plan.participants) in groups
    close = solve_split(scenario, old=path, moves=False)
    assert "closeness" in close.proposal.values
    moved = content.moved_schools(close, close.proposal, answer.proposal)
    assert close.proposal.values["closeness"] == len(moved)


def test_conveners_that_are_stated_convene(answer):
    stated = solve_split(community(along(4, 4, 4, 4, 3, 2)), conveners=["SYN002", "SYN021"], moves=False)
    assert [side.convener for side in stated.proposal.plans] == ["SYN002", "SYN021"]
    with language_set("en"):
        assert all("as stated" in line for line in sentences.how_conveners(stated))
        assert "its benchmark school" in sentences.how_conveners(answer)[0]


def test_alternatives_are_audited_and_not_better(answer):
    pairs = [*answer.alternatives.best, *answer.alternatives.different]
    assert pairs and all(pair.lawful for pair in pairs)
    with language_set("en"):
        for name, pair in content.named_alternatives(answer)[1:]:
            aims = content.aims_of(answer)
            signs = [content.better(answer, aim, answer.proposal.values[aim], pair.values[aim]) for aim in aims]
            assert next(filter(None, signs), -1) < 0, name
        told = sentences.trades(answer)
    assert all(entry.told.startswith(("Worse: ", "The same in every aim")) for entry in told)


def test_every_township_at_the_border_says_what_moving_it_would_do(answer):
    with language_set("en"):
        border = sentences.border(answer)
    assert len(border) == len(answer.moves) > 1
    for move, said in zip(answer.moves, border, strict=True):
        assert said.told.startswith("Not allowed: ") == (move.proposal is None)
        assert said.told.startswith(("Not allowed: ", "Worse first in: "))


def test_the_table_of_the_division_is_a_frame_and_a_file(answer):
    frame = answer.to_frame()
    assert sorted(frame["code"]) == list(answer.problem.participants)
    assert set(frame["plan"]) == {1, 2}
    assert dict(zip(frame["code"], frame["plan"], strict=True)) == {
        code: k for k, side in enumerate(answer.proposal.plans, 1) for code in side.plan.participants
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_says_everything(answer, language):
    text = shown(answer, language)
    for side in answer.proposal.plans:
        assert side.convener in text
        for code in side.plan.participants:
            assert code in text
    assert "捌、一（二）" in text
    assert "{" not in text and "}" not in text
    assert not re.search(r"\b(convener_travel|balance|closeness|None)\b", text)


# ----------------------------------------------------------------------------------------------------------- refusals


def test_twenty_schools_are_refused_with_the_clause(twenty):
    assert twenty.status == "refused" and twenty.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert [refusal.code for refusal in twenty.found.refusals] == ["too_few_schools"]
    text = shown(twenty)
    assert "20 schools take part; two plans are allowed only for more than 20." in text
    assert "若社區合作學校超過二十所，得推舉另一所學校為第二召集學校" in text
    assert not twenty.found.remedies  # the law is not offered beyond its switches
    chinese = shown(twenty, "zh-TW")
    assert "參與學校 20 所；超過 20 所始得提兩份計畫" in chinese


def test_a_township_that_is_too_heavy_is_named_with_what_helps(heavy):
    assert heavy.status == "infeasible" and heavy.exit_code == ExitCode.NO_LAWFUL_PLAN
    text = shown(heavy)
    assert "臺中市潭子區 has 14 of the 21 schools" in text and "--divisible 臺中市潭子區" in text
    (remedy,) = [entry for entry in heavy.found.remedies if entry.code == "divisible"]
    assert remedy.proposal.lawful and min(remedy.proposal.sizes) >= 8


CASES = {
    "islands": (
        community(
            {"澎湖縣望安鄉": 6, "澎湖縣七美鄉": 6, "澎湖縣馬公市": 10},
            switches={"plan_connectedness": "every_plan"},
            travel={"shipped_links": False, "mode": "great_circle"},
        ),
        {},
        "too_many_pieces",
        "3 pieces that nothing joins",
    ),
    "learning area": (community(along(4, 4, 4, 4, 3, 2), kind="learning_area"), {}, "learning_area", "學習區"),
    "benchmark schools in one township": (
        community(along(4, 4, 4, 4, 3, 2), benchmarks=(1, 2)),
        {},
        "benchmarks_together_same_node",
        "lie in one township",
    ),
    "benchmark schools needed on one side": (
        community(along(4, 4, 4, 4, 3, 2), benchmarks=(1, 21), switches={"benchmark_split": "both_in_one"}),
        {},
        "ties_without_division",
        "all benchmark schools in one plan",
    ),
    "no set of townships": (community(along(7, 7, 7)), {}, "sizes_unreachable", "the nearest is 7 and 14"),
    "convener beside benchmark schools": (
        community(along(4, 4, 4, 4, 3, 2), benchmarks=(1, 20)),
        {"conveners": ["SYN010"]},
        "conveners_no_benchmark",
        "convened by a benchmark school",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refusals_in_words(name):
    scenario, asked, code, words = CASES[name]
    answer = solve_split(scenario, moves=False, **asked)
    assert answer.status in ("refused", "infeasible") and answer.exit_code == ExitCode.NO_LAWFUL_PLAN
    assert [refusal.code for refusal in answer.found.refusals] == [code]
    assert words in " ".join(shown(answer).split())
    for language in LANGUAGES:
        text = shown(answer, language)
        assert "{" not in text.replace("{benchmark_split: ", "").replace("{plan_connectedness: ", "")
        with language_set(language):
            VALIDATOR.validate(answer.to_dict())
    for remedy in answer.found.remedies:
        assert remedy.proposal.lawful


def test_every_refusal_of_the_floor_below_has_a_sentence():
    text = (ROOT / "docs" / "split.md").read_text(encoding="utf-8")
    table = text.split("## Codes of refusals")[1].split("Ties by code:")[0]
    codes = set(re.findall(r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)))
    ties = set(re.findall(r"`([a-z_]+)`", text.split("Ties by code:")[1].split("\n")[0]))
    assert len(codes) > 20 and len(ties) == 7
    assert codes <= set(sentences.REFUSALS)
    assert ties == set(sentences._TIES)
    apart = ties - {"together", "benchmarks_apart"}
    assert {f"{tie}_same_node" for tie in apart} <= set(sentences.REFUSALS)


@pytest.mark.parametrize("code", sorted(sentences.REFUSALS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_finds_its_values(heavy, code, language):
    nodes = tuple(heavy.territory.graph)
    numbers = ("count", "n", "above", "least", "most", "rest", "plans", "pieces", "nearest", "divisions")
    details = dict(zip(numbers, range(1, 20), strict=False))
    details |= {
        "side": 1,
        "benchmarks": "SYN001, SYN002",
        "ties": ("apart", ("together", "kept", "", ("SYN001",))),
        "clauses": ("3.bundle",),
        "parts": (nodes[:2], nodes[2:]),
        "counts": "others" if code.endswith(".others") else "participants",
    }
    refusal = Refusal(code.partition(".")[0], "plan.split", ("SYN001", "SYN002"), nodes[:2], details)
    with language_set(language):
        said = sentences.refused(heavy, refusal)
    assert said.text and "{" not in said.text and "捌" in said.source


def test_a_scenario_part_keeps_the_files_it_names(tmp_path):
    content_ = data(along(4, 4, 4, 4, 3, 2))
    codes = [school["code"] for school in content_["schools"]]
    rows = [*codes, *(entry["code"] for entry in content_["junior_highs"])]
    rng = random.Random(1)
    lines = [",".join(["", *codes])]
    lines += [",".join([row, *(("0" if row == code else str(rng.randint(1, 30))) for code in codes)]) for row in rows]
    (tmp_path / "m.csv").write_text("\n".join(lines), encoding="utf-8")
    content_["travel"] = {"mode": "matrix", "matrix": "m.csv", "unit": "minutes"}
    path = tmp_path / "s.yaml"
    path.write_text(json.dumps(content_, ensure_ascii=False), encoding="utf-8")
    answer = solve_split(path, moves=False)
    written = answer.write(tmp_path / "out", "json")
    written.check()
    for k, result in enumerate(answer.plans, 1):
        folder = tmp_path / "out" / f"plan-{k}"
        assert check(folder / "plan.json").ok
        again = solve(folder / "scenario.yaml", price=False)
        assert again.problem.distances.unit == "minutes"
        assert again.assignment == result.assignment
        assert part_scenario(answer.scenario, answer.proposal.plans[k - 1], k).hash == result.scenario.hash


@pytest.mark.campaign
def test_a_tolerance_leaves_true_claims(tmp_path):
    scenario = community(along(4, 4, 4, 4, 3, 2), tiers={"tolerances": {"travel": "5%"}})
    answer = solve_split(scenario, moves=False)
    for result in answer.plans:
        path = tmp_path / "plan.json"
        path.write_text(result.to_json(), encoding="utf-8")
        verdict = check(path)
        assert verdict.ok, [c for c in verdict.comparisons if not c.ok]


def test_what_no_time_was_left_for_is_said():
    answer = solve_split(community(along(4, 4, 4, 4, 3, 2)), top=1, moves=False)
    cut = replace(
        answer,
        found=replace(answer.found, status="feasible"),
        stopped_by="time",
        moves_left_out=True,
        alternatives=replace(answer.alternatives, best=(), different=(), complete=False),
    )
    text = " ".join(shown(cut).split())
    assert "no time was left" in text and "search for other pairs was stopped early" in text
    assert "no other lawful pair" not in text
