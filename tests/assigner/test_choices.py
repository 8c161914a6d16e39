"""Front, optimal plans, the why on a page: what is shown is what was proven, and every file is safe."""

from __future__ import annotations

import doctest
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import assigner
from assigner import cli
from assigner.choosing.answer import front_schema, optima_schema
from assigner.errors import ExitCode
from assigner.explaining.whole import why_of_plan
from assigner.messages import LANGUAGES, language_set
from assigner.report.choices_page import page_text
from assigner.report.choices_plot import svg_text
from assigner.report.page import page_text as plan_page
from assigner.scenario import scenario_of, write_yaml
from tests.assigner.split_scenarios import along, data

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>document.title='ran'</script>&{{ 7*7 }}"


def scenario(*counts):
    content = data(along(*counts))
    content["schools"][0]["name"] = HOSTILE
    content["name"] = '<b>社區</b> & "甲"'
    return scenario_of(content)


@pytest.fixture(scope="module")
def solved():
    return assigner.solve(scenario(2, 1, 1, 1), price=False)


@pytest.fixture(scope="module")
def answer(solved):
    return assigner.front(solved)


@pytest.fixture(scope="module")
def best(solved):
    return assigner.optima(solved, limit=4, different=2, tolerance="1/10")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text(write_yaml(scenario(2, 1, 1, 1)), encoding="utf-8")
    return path


def run(capfd, *words):
    code = cli.run([*map(str, words), "--lang", "en"])
    told = capfd.readouterr()
    return code, told.out, told.err


# ------------------------------------------------------------------------------------------------------------ front


def test_every_point_of_the_front_trades_and_the_chosen_plan_is_one_of_them(answer):
    pairs = [(point.found.largest_load, point.found.travel) for point in answer.points]
    assert answer.status == "complete"
    assert len(pairs) > 2
    assert pairs == sorted(pairs)
    assert [travel for _, travel in pairs] == sorted((travel for _, travel in pairs), reverse=True)
    assert [point.chosen for point in answer.points].count(True) == 1
    assert answer.chosen.moves == ()
    assert answer.chosen.assignment == answer.ground.assignment


def test_a_point_that_is_taken_is_its_plan_again_pinned_and_audited(answer):
    for point in answer.points:
        taken = answer.take(point.number)
        assert taken.status == "optimal"
        assert (taken.audit.values["load"], taken.audit.values["travel"]) == (point.loads, point.found.travel)
        assert taken.assignment.hosts == point.assignment.hosts
    with pytest.raises(ValueError, match="no point 99"):
        answer.take(99)


def test_a_chosen_plan_that_is_not_on_the_front_has_a_row_of_its_own():
    answer = assigner.front(scenario(1, 1, 1, 3))
    assert answer.chosen.number is None
    frame = answer.to_frame()
    assert len(frame) == len(answer.points) + 1
    with language_set("en"):
        assert "not on the front" in page_text(answer)
    document = json.loads(answer.to_json())
    jsonschema.validate(document, front_schema())
    assert document["chosen"] is None
    assert document["chosen_plan"]["travel"] == float(answer.chosen.found.travel) / 10


def test_a_grid_is_not_called_complete(solved):
    answer = assigner.front(solved, points=1)
    assert answer.status == "grid"
    assert answer.exit_code == ExitCode.PROVEN
    with language_set("en"):
        assert "A grid was looked at" in page_text(answer)


def test_the_front_as_json_table_and_frame_says_the_same(answer):
    document = json.loads(answer.to_json())
    jsonschema.Draft202012Validator.check_schema(front_schema())
    jsonschema.validate(document, front_schema())
    frame = answer.to_frame()
    assert [Fraction(entry["largest_load"]) for entry in document["points"]] == list(frame["largest_load"])
    assert [entry["travel"] for entry in document["points"]] == list(map(float, frame["travel"]))
    assert all(set(entry["most"]) <= set(answer.ground.plan.participants) for entry in document["points"])
    chosen = document["points"][document["chosen"] - 1]
    assert chosen["chosen"]
    assert chosen["moves"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_has_its_text_as_text_and_the_chosen_plan_by_shape_and_label(answer, lang):
    with language_set(lang):
        text = svg_text(answer)
        assert text == svg_text(answer)
    root = ET.fromstring(text)
    words = {"".join(element.itertext()) for element in root.iter(f"{SVG}text")}
    chosen = answer.chosen.number
    assert {str(point.number) for point in answer.points if not point.chosen} <= words
    assert any(word.startswith(str(chosen)) and len(word) > 2 for word in words)
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    parser = _Tags()
    parser.feed(page)
    return parser


def test_the_page_of_a_front_runs_nothing_and_names_every_school_as_it_is(answer):
    page = parsed(page_text(answer))
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert HOSTILE in "".join(page.text)
    assert page.tags.count("details") == len(answer.points) - 1


def test_the_command_writes_the_front_and_the_plan_that_is_taken(capfd, file, tmp_path):
    out = tmp_path / "out"
    code, told, _err = run(capfd, "front", file, "--out", out, "--take", 2)
    assert code == ExitCode.PROVEN
    assert "Largest load against travel" in told
    names = {path.name for path in out.iterdir()}
    assert names == {"front.json", "front.csv", "front.html", "front.svg", "point-2"}
    point = json.loads((out / "front.json").read_text("utf-8"))["points"][1]
    plan = json.loads((out / "point-2" / "plan.json").read_text("utf-8"))
    hosts = {**plan["hosts"], **plan["separate"]}
    assert {item: codes for item, codes in hosts.items() if codes} == point["hosts"]
    code, told, _err = run(capfd, "check", out / "point-2" / "plan.json", "-q")
    assert code == ExitCode.PROVEN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("front", "--take", "1"), "--take"),
        (("front", "--points", "-1"), "--points"),
        (("optima", "--limit", "0"), "--limit"),
        (("optima", "--tolerance", "7"), "--tolerance"),
        (("solve", "--why"), "--why"),
    ],
)
def test_an_option_that_cannot_be_is_named(capfd, file, words, said):
    code, told, err = run(capfd, words[0], file, *words[1:])
    assert code == ExitCode.BAD_INPUT
    assert said in err
    assert told == ""


def test_without_a_plan_both_say_why(capfd, tmp_path):
    for command, schema in (("front", front_schema()), ("optima", optima_schema())):
        code, told, _err = run(capfd, command, "scenarios/collision.yaml", "--json")
        assert code == ExitCode.NO_LAWFUL_PLAN
        document = json.loads(told)
        jsonschema.validate(document, schema)
        assert document["plan"]["collision"]


def test_a_stop_is_said(solved):
    stopped = assigner.front(solved, work_limit=1e-6)
    assert stopped.status == "stopped"
    assert stopped.exit_code == ExitCode.STOPPED
    assert assigner.optima(solved, work_limit=1e-6).status == "stopped"


# ---------------------------------------------------------------------------------------------------- optimal plans


def test_optimal_plans_are_counted_and_those_listed_are_worth_the_same(best):
    assert best.status == "complete"
    assert best.found.count > len(best.found.plans) == 4
    hosted = best.ground.assignment.hosts_of
    assert all(code in hosted(item) for item, code in best.found.always)
    jsonschema.Draft202012Validator.check_schema(optima_schema())
    document = json.loads(best.to_json())
    jsonschema.validate(document, optima_schema())
    assert document["count"] == best.found.count
    assert document["plans"][0]["moves"] == []
    assert all(plan["moves"] for plan in document["plans"][1:])


def test_different_plans_are_as_many_as_asked_for_and_keep_the_tolerance(best):
    assert len(best.different) == 3
    first, *others = [entry.audit.values for entry in best.different]
    assert all(values["travel"] <= first["travel"] * Fraction(11, 10) for values in others)


def test_the_backbone_can_be_read_as_a_frame_and_seen_as_a_picture(best):
    frame = best.to_frame()
    assert set(frame["item"]) == {item for item, _ in (*best.found.always, *best.found.sometimes)}
    axes = best.plot(lang="zh-TW")
    drawn = sum(len(spots.get_offsets()) for spots in axes.collections)
    assert drawn == len(best.found.always) + len(best.found.sometimes)


def test_the_terminal_says_how_many_and_what_is_free(capfd, file):
    code, told, _err = run(capfd, "optima", file, "--limit", 2, "--different", 1)
    assert code == ExitCode.PROVEN
    assert "What all optimal plans share" in told
    assert "Clearly different plans" in told
    assert "Proven: exactly" in " ".join(told.splitlines()[-3:])  # as wide as the terminal


def test_the_page_on_choices_says_in_python_what_it_says(monkeypatch):
    root = Path(assigner.__file__).parents[1]
    monkeypatch.chdir(root)
    failed, tried = doctest.testfile(str(root / "docs" / "choices.md"), module_relative=False, encoding="utf-8")
    assert (failed, tried > 4) == (0, True)


# ------------------------------------------------------------------------------------------------- the why of a plan


def test_the_page_opens_why_for_every_school_and_duty_only_where_it_was_asked_for(solved):
    before = plan_page(solved)
    assert 'class="why"' not in before
    result = solved.with_why()
    why = result.why
    assert why.proven
    page = plan_page(result)
    duties = {duty.row.id for duty in why.overview.duties}
    assert page.count('class="why"') == len(solved.plan.participants) + len(duties)
    assert "script" not in parsed(page).tags
    _head, section, tail = page.partition('<section aria-labelledby="why">')
    assert section
    links = set(re.findall(r'href="#(why-[^"]+)"', page))
    assert links == set(re.findall(r'id="(why-[^"]+)"', page))
    assert len(links) == page.count('class="why"')
    # What stands around it is as it was.
    assert before.endswith(tail.partition("</section>\n")[2])


def test_a_why_that_was_stopped_says_so(solved):
    why = why_of_plan(solved, work_limit=1e-6)
    assert not why.proven
    with language_set("en"):
        assert "Stopped early: what was not reached says so." in plan_page(replace(solved, why=why))
