"""Why this host, what if, the price of each rule: what is said equals what solving again says."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from fractions import Fraction
from importlib import import_module

import jsonschema
import pytest

import assigner
from assigner import cli
from assigner.errors import ExitCode, InputError
from assigner.explaining import processes
from assigner.explaining import table as tables
from assigner.explaining.answer import explanation_schema
from assigner.explaining.table import whatif_table
from assigner.messages import language_set, set_language
from assigner.planner import solve_problem
from assigner.report import explain_statements, explain_tables, whatif_statements
from assigner.report.progress import CountedLine
from assigner.report.whatif_heat import heat_of
from assigner.scenario import scenario_of, write_yaml
from assigner.scenario.example import example
from models.whatif import rows_of, what_if

models_sensitivity = import_module("models.whatif.sensitivity")  # the package has a function of that name

VALIDATOR = jsonschema.Draft202012Validator(explanation_schema())


@pytest.fixture(autouse=True)
def language_of_the_tests():
    with language_set("en"):
        yield
    set_language("en")


@pytest.fixture(scope="module")
def five():
    """A made-up community of five schools, solved."""
    return assigner.solve(example(5, 1), price=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("explaining") / "five.yaml"
    path.write_text(write_yaml(example(5, 1)), encoding="utf-8")
    return path


def changed_file(scenario, **changes):
    """The scenario with other entries in its file."""
    content = scenario.canonical()
    return scenario_of({**content["scenario"], "rulebook": "111", **changes})


def worth(result):
    return {tier.name: tier.value for tier in result.tiers if tier.name != "tie_break"}


def under(result, *, pins=(), bans=()):
    """The plan solved anew under pins and bans."""
    problem = result.plan.problem
    wishes = problem.wishes
    wishes = replace(wishes, pins=wishes.pins | set(pins), bans=wishes.bans | set(bans), convener=result.plan.convener)
    return solve_problem(replace(problem, wishes=wishes), price=False, relaxations="none")


def after(tiers):
    return {change.tier: change.after for change in tiers}


# ------------------------------------------------------------------------------------------------------- why this host


def test_every_duty_is_decided_by_what_solving_without_it_says(five):
    answer = five.explain()
    hosted = [(row.id, code) for row in rows_of(five.plan) for code in row.hosts(five.assignment)]
    assert [(duty.row.id, duty.code) for duty in answer.duties] == hosted
    assert {duty.status for duty in answer.duties} >= {"obliged", "costs"}
    first = {status: next(d for d in answer.duties if d.status == status) for status in ("obliged", "costs")}
    for status, duty in first.items():
        anew = under(five, bans={(item, duty.code) for item in duty.row.items})
        if status == "obliged":
            assert anew.status == "infeasible" and duty.clauses
        else:
            assert worth(anew) == after(duty.tiers)
            assert set(duty.instead) == {*duty.row.hosts(anew.assignment)} - {*duty.row.hosts(five.assignment)}
    VALIDATOR.validate(answer.to_dict())
    assert set(answer.to_frame()["code"]) == {duty.code for duty in answer.duties}


def test_the_hosts_of_an_item_are_ranked_by_what_the_plan_is_then_worth(five):
    answer = five.explain(item="4.5")
    convener = five.plan.convener
    assert answer.found.excluded == {convener: ("4.partner",)}
    for host in answer.found.hosts:
        assert after(host.must) == worth(under(five, pins={("4.5", host.code)}))
    ranks = list(answer.to_frame()["rank"])
    assert ranks == sorted(ranks) and ranks[0] == 1
    (line,) = explain_statements.excluded(answer)
    assert convener in line and "4.partner" in line and "一所合作學校" in line
    VALIDATOR.validate(answer.to_dict())


def test_a_school_is_told_its_place_what_decides_and_who_is_spared(five):
    code = five.assignment.hosts_of("4.5")[0]
    name = five.problem.community.school_by_code[code].name
    answer = five.explain(school=name)
    ratios = sorted((entry.ratio for entry in five.explain().carried), reverse=True)
    assert answer.code == code
    assert answer.carried.rank == 1 + sum(ratio > answer.carried.ratio for ratio in ratios)
    assert answer.mean == sum(ratios, Fraction(0)) / len(ratios)
    assert {cell.code for cell in answer.others["4.5"]} == set(five.plan.candidates) - {code}
    assert "4.partner" in answer.spared[five.plan.convener]
    sentences = " ".join(explain_statements.duty_sentence(five.problem, duty) for duty in answer.duties)
    assert "4.5" in sentences
    assert any(five.plan.convener in line and "合作學校" in line for line in explain_statements.spared(answer))
    VALIDATOR.validate(answer.to_dict())


def test_a_plan_file_is_explained_and_one_that_is_not_the_best_says_so(five, tmp_path):
    document = five.to_dict()
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert assigner.explain(path).ground.notes == ()
    hosts = document["hosts"]
    other = next(code for code in five.plan.candidates if [code] != hosts["4.5"] and code != five.plan.convener)
    path.write_text(json.dumps({**document, "hosts": {**hosts, "4.5": [other]}}), encoding="utf-8")
    (note,) = assigner.explain(path, item="4.5").ground.notes
    assert "not the best plan" in str(note)


# ------------------------------------------------------------------------------------------------------------- what if


def test_a_host_that_is_asked_for_gives_the_plan_of_a_scenario_with_that_pin(five):
    code = next(c for c in five.plan.candidates if c not in five.assignment.hosts_of("1.1"))
    answer = assigner.whatif(five, host=f"1.1={code}")
    pinned = assigner.solve(changed_file(five.scenario, pins={"1.1": [code]}), price=False)
    assert answer.found.result_after.assignment == pinned.assignment
    assert after(answer.found.tiers) == worth(pinned)
    assert answer.exit_code is ExitCode.PROVEN and answer.audit.ok
    assert "1.1" in answer.found.gains[code]
    VALIDATOR.validate(answer.to_dict())
    assert list(answer.to_frame().columns) == ["aim", "before", "after", "verdict", "change"]


def test_schools_that_leave_or_join_give_the_plan_of_that_scenario(five):
    leaving = next(c for c in five.plan.candidates if c != five.plan.convener)
    entries = five.scenario.canonical()["scenario"]["schools"]
    fewer = [{**entry, "takes_part": entry["code"] != leaving} for entry in entries]
    without = assigner.solve(changed_file(five.scenario, schools=fewer), price=False)
    gone = assigner.whatif(five, without=leaving)
    assert gone.found.result_after.assignment == without.assignment
    back = assigner.whatif(without, add=leaving)
    assert back.found.result_after.assignment == five.assignment


def test_readings_and_rules_are_named_by_id_or_title(five):
    switched = assigner.whatif(five, switch="both_tracks=yes").found
    named = assigner.whatif(
        five, switch={five.plan.rules.rulebook.switch_by_id["both_tracks"].title.zh_TW: "yes"}
    ).found
    assert switched.changes == named.changes
    lifted = assigner.whatif(five, lift="4.4.one_track").found
    assert after(lifted.tiers) == after(switched.tiers)


def test_a_school_that_is_spared_hosts_nothing_in_the_load_and_is_said_in_one_line(five):
    code = five.assignment.hosts_of("4.5")[0]
    answer = assigner.whatif(five, spare=code)
    loaded = {item for unit in five.plan.rules.load_units for item in five.plan.rules.units[unit].items}
    spared = answer.found.result_after.assignment
    assert all(code not in spared.hosts_of(item) for item in loaded)
    assert after(answer.found.tiers) == worth(under(five, bans={(item, code) for item in loaded}))
    (line,) = whatif_statements.asked(five.plan, answer.changes)
    assert code in line


def test_no_lawful_plan_says_what_collides(five):
    answer = assigner.whatif(five, host=[("4.5", five.plan.convener)])
    assert (answer.status, answer.exit_code) == ("infeasible", ExitCode.NO_LAWFUL_PLAN)
    assert "4.partner" in {clash.clause for clash in whatif_statements.clashes(answer)}
    VALIDATOR.validate(answer.to_dict())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"host": "4.5=999999"}, "No school of this scenario"),
        ({"host": "9.9=999999"}, "no work item"),
        ({"host": "4.5"}, "ITEM=CODE"),
        ({"switch": "nope=yes"}, "no switch"),
        ({"switch": "both_tracks=perhaps"}, "no such option"),
        ({"lift": "nope"}, "no clause"),
        ({"lift": "plan.members"}, "who takes part"),
        ({"without": "999999"}, "No school of this scenario"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(five, asked, words):
    with pytest.raises(InputError) as refused:
        assigner.whatif(five, **asked)
    assert words in str(refused.value)


def test_a_school_that_takes_no_part_or_is_barred_is_refused_by_name(five):
    entries = five.scenario.canonical()["scenario"]["schools"]
    other = [code for code in five.plan.candidates if code != five.plan.convener]
    state = {other[0]: {"takes_part": False}, other[1]: {"barred": True}}
    schools = [{**entry, **state.get(entry["code"], {})} for entry in entries]
    result = assigner.solve(changed_file(five.scenario, schools=schools), price=False)
    with pytest.raises(InputError) as refused:
        assigner.whatif(result, host=[("4.5", other[0]), ("4.5", other[1])])
    names = [five.problem.community.school_by_code[code].name for code in other[:2]]
    assert all(name in str(refused.value) for name in names)
    assert "takes no part" in str(refused.value) and "barred" in str(refused.value)


# ----------------------------------------------------------------------------------------------------------- the table


@pytest.fixture(scope="module")
def whole(five):
    return whatif_table(five, full=True)


def test_every_cell_says_a_sign_or_a_word(whole, five):
    found = whole.found
    assert len(found.cells) == len(found.rows) * len(five.plan.candidates)
    heat = heat_of(found)
    for key, cell in found.cells.items():
        words = whatif_statements.cell_words(cell, "km")
        assert words
        assert (cell.status == "changes") == any(character.isdigit() for character in words)
        assert bool(heat[key]) == (cell.first is not None and cell.first.verdict == "worse")
    costly = next(cell for cell in found.cells.values() if cell.status == "changes")
    assert after(costly.tiers) == worth(under(five, pins={(costly.row, costly.code)}))
    VALIDATOR.validate(whole.to_dict())


def test_the_files_hold_every_cell_and_reach_nothing(whole, tmp_path):
    from openpyxl import load_workbook

    written = whole.write(tmp_path)
    assert [path.name for path in written.paths] == ["whatif.json", "whatif.csv", "whatif.xlsx", "whatif.html"]
    assert not written.failures
    page = (tmp_path / "whatif.html").read_text(encoding="utf-8")
    assert page.count('<td class="c-') == len(whole.found.cells)
    assert (
        "default-src 'none'" in page
        and "<script" not in page
        and "http" not in page.split("</style>")[1].split("sources")[0]
    )
    lines = (tmp_path / "whatif.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(whole.found.cells)
    sheets = load_workbook(tmp_path / "whatif.xlsx")
    assert len(sheets.sheetnames) == 3
    again = whole.write(tmp_path)
    assert (tmp_path / "whatif.html").read_text(encoding="utf-8") == page and not again.notes


@pytest.mark.campaign
def test_several_processes_give_the_same_table(whole, five, monkeypatch):
    monkeypatch.setattr(tables, "FEW_CELLS", 0)
    counts = []
    answer = whatif_table(five, items=["4.1", "4.5"], jobs=2, told=lambda done, of: counts.append((done, of)))
    assert answer.found.proven
    assert dict(answer.found.cells) == {
        key: replace(cell, tiers=()) for key, cell in whole.found.cells.items() if key[0] in ("4.1", "4.5")
    }
    assert counts[-1] == (10, 10)


def test_where_no_process_can_be_begun_the_table_is_made_here(whole, five, monkeypatch):
    def refused(*_arguments, **_more):
        raise OSError("no process")

    monkeypatch.setattr(tables, "FEW_CELLS", 0)
    monkeypatch.setattr(processes, "ProcessPoolExecutor", refused)
    answer = whatif_table(five, items="4.5", jobs=2)
    assert [cell.status for cell in answer.found.cells.values()] == [
        cell.status for key, cell in whole.found.cells.items() if key[0] == "4.5"
    ]


# ---------------------------------------------------------------------------------------- prices, stability, commands


@pytest.fixture(scope="module")
def three():
    return assigner.solve(example(3, 1), price=False)


def test_the_price_of_a_rule_is_what_lifting_it_brings(three):
    answer = assigner.prices(three)
    frame = answer.to_frame()
    assert answer.status == "proven" and len(frame) == len(answer.found.prices)
    dearest = answer.found.prices[0]
    assert dearest.status == "gains"
    lifted = assigner.whatif(three, lift=dearest.change.clause).found
    assert after(dearest.tiers) == after(lifted.tiers)
    assert all(frame["source"])
    VALIDATOR.validate(answer.to_dict())


def test_stability_counts_the_changes_under_which_a_duty_stays(three, monkeypatch):
    every = models_sensitivity.tried_changes
    monkeypatch.setattr(models_sensitivity, "tried_changes", lambda plan: every(plan)[::8])
    answer = assigner.sensitivity(three)
    found = answer.found
    for duty, mark in zip(found.duties, answer.to_frame()["mark"], strict=True):
        assert duty.stays == duty.tried - len(duty.lost_under)
        assert (mark == "firm") == (duty.stays == duty.tried)
    assert len(answer.changes_frame()) == len(found.answers) == found.duties[0].tried
    VALIDATOR.validate(answer.to_dict())


def test_a_limit_says_what_is_not_known(three):
    answer = whatif_table(three.scenario, work_limit=1e-6)
    assert answer.status == "stopped" and answer.exit_code is ExitCode.STOPPED
    assert "not known" in whatif_statements.table_verdict(answer).text


def said(capsys, *arguments):
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_commands_answer_in_both_languages_and_as_json(capfd, file, five):
    code = next(c for c in five.plan.candidates if c not in five.assignment.hosts_of("1.1"))
    for lang in ("en", "zh-TW"):
        done, out, _err = said(capfd, "whatif", file, "--host", f"1.1={code}", "--lang", lang)
        assert done == 0 and five.problem.community.school_by_code[code].name in out
    done, out, _err = said(capfd, "explain", file, "--item", "4.5", "--quiet", "--lang", "en")
    assert done == 0 and five.assignment.hosts_of("4.5")[0] in out
    done, out, _err = said(capfd, "explain", file, "--item", "4.5", "--json", "--lang", "en")
    assert done == 0
    VALIDATOR.validate(json.loads(out))
    assert said(capfd, "whatif", file, "--host", f"4.5={five.plan.convener}", "--quiet", "--lang", "en")[0] == 4


def test_a_line_counts_and_can_be_used_again():
    stream = io.StringIO()
    line = CountedLine("cells", stream, live=False)
    for _turn in range(2):
        with line:
            line.told(3, 9)
    assert "3 of 9 cells" in line.sentence()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("whatif",), "Nothing is to be changed"),
        (("whatif", "--full", "--without", "x"), "--table"),
        (("whatif", "--table", "--formats", "csv"), "no folder"),
        (("whatif", "--table", "--out", "x", "--formats", "svg"), "json, csv, xlsx, html"),
        (("explain", "--school", "x", "--item", "y"), "two questions"),
        (("explain", "--school", "nobody"), "No school of this scenario"),
        (("explain", "--item", "9.9"), "no work item"),
    ],
)
def test_commands_refuse_what_says_nothing(capsys, file, arguments, words):
    first, *rest = arguments
    code, out, err = said(capsys, first, file, *rest, "--lang", "en")
    assert (code, out) == (2, "")
    assert words in err


# -------------------------------------------------------------------------------------------------- what is not asked


def test_a_plan_proven_among_some_only_is_not_explained_as_the_best_of_all(five):
    host = five.assignment.hosts_of("4.5")[0]
    mended = assigner.repair(five, without=[host], free=False).result
    best = assigner.solve(mended.scenario, price=False)
    assert mended.among == "fewest_changes" and mended.assignment != best.assignment
    table = whatif_table(mended, items="4.5")
    assert table.status == "proven"
    assert table.ground.assignment == best.assignment
    assert len(table.ground.notes) == 1


def test_a_wish_whose_rule_is_lifted_is_refused_in_words(five, file, capsys):
    code = five.plan.candidates[0]
    for asked in (["--table"], ["--host", f"4.5={code}"]):
        asked = ["whatif", str(file), "--lift", "planner.pins", *asked, "-q", "--lang", "en"]
        assert cli.run(asked) == ExitCode.BAD_INPUT
        err = capsys.readouterr().err
        assert "--host" in err and "not_in_force" not in err


def test_the_items_of_a_bundle_that_is_lifted_are_rows_of_their_own(five):
    table = whatif_table(five, lift="3.bundle", items="3", schools=five.plan.candidates[0])
    assert [row.id for row in table.found.rows] == ["3.1", "3.2", "3.3"]


def test_a_stop_before_the_changed_plan_is_no_proof_that_there_is_none(five, monkeypatch):
    ground = import_module("assigner.explaining.ground")

    def stopped(*args, **more):
        return replace(what_if(*args, **more), result_after=None, proven=False)

    monkeypatch.setattr(ground, "what_if", stopped)
    table = whatif_table(five, not_host=f"4.5={five.assignment.hosts_of('4.5')[0]}")
    assert table.exit_code == ExitCode.STOPPED
    VALIDATOR.validate(table.to_dict())
    assert table.to_dict()["plan"]["status"] == "stopped"


def test_a_change_of_our_numbers_that_leaves_no_plan_says_so(five):
    answer = assigner.sensitivity(five)
    none = replace(answer.found.answers[0], result_after=None, moves=(), tiers=())
    told = explain_tables.tried(replace(answer, found=replace(answer.found, answers=(none,))))
    assert told.rows[0][-1] == "no lawful plan is left"
