"""plan.json: its shape, that equal inputs give equal bytes, and what `check` finds in plans from anyone."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from assigner.answer import json_text, plan_schema, read_plan, write_plan
from assigner.checking import check
from assigner.errors import ExitCode, InputError
from assigner.files import write_whole
from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve, solve_problem
from assigner.scenario import parse_scenario, scenario_of, write_yaml
from assigner.scenario.example import collision, example
from models.stopping import Stop
from tests.communities import benchmark_problem, plain_problem, random_problem

ROOT = Path(__file__).resolve().parents[2]
VALIDATOR = jsonschema.Draft202012Validator(plan_schema())


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


@pytest.fixture
def document(nine):
    return copy.deepcopy(nine.to_dict())


@pytest.fixture
def saved(tmp_path):
    def save(content, name="plan.json"):
        path = tmp_path / name
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    return save


# -------------------------------------------------------------------------------------------------------------- shape


def test_the_schema_is_one():
    VALIDATOR.check_schema(plan_schema())


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("schools", [1, 2, 3, 7, 12])
def test_plans_have_the_shape(schools, language):
    with language_set(language):
        VALIDATOR.validate(json.loads(solve(example(schools, 2)).to_json()))


@pytest.mark.parametrize("seed", range(12))
def test_plans_of_all_features_have_the_shape(seed):
    VALIDATOR.validate(solve_problem(random_problem(seed, 1 + seed % 7), price=False).to_dict())


def test_other_answers_have_the_shape():
    stop = Stop(watched=True)
    stop.set()
    problem = benchmark_problem(1, 20, True)
    for result in (
        solve(collision()),
        solve_problem(problem, work_limit=1e-4),
        solve_problem(problem, stop=stop),
        solve_problem(plain_problem(2, rules_changes={"partner_includes_convener": "no"}), relaxations="none"),
    ):
        VALIDATOR.validate(result.to_dict())


def test_the_keys_the_programme_promises(document):
    assert document["status"] == "optimal"
    assert list(document["tiers"][0])[:5] == ["name", "value", "bound", "status", "seconds"]
    assert {"1.1", "1.4", "2.1", "2.3", "3.3", "4.3", "4.4.career", "4.4.academic", "4.5"} <= set(document["hosts"])
    assert "2.2" not in document["hosts"]
    assert list(document["separate"]) == ["5.1", "5.2", "5.3", "5.4", "5.5", "6"]
    tiers = {tier["name"]: tier for tier in document["tiers"]}
    assert tiers["load"]["value"] == sorted(tiers["load"]["value"], key=fraction, reverse=True)
    assert tiers["travel"]["unit"] == "person_km"
    assert tiers["travel"]["value"] == document["travel_km"]["total"]
    assert len(document["switches"]) == len(document["scenario"]["content"]["scenario"]["switches"])


def fraction(text):
    from fractions import Fraction

    return Fraction(text)


def test_loads_add_up(document):
    for load in document["loads"].values():
        assert load["points"] == load["base"] + load["history"] + load["effort"]
        assert float(fraction(load["ratio"])) == pytest.approx(load["points"] / load["capacity"])


def test_optional_items_only_when_asked_for():
    text = write_yaml(example(6, 3)) + '\nhost_numbers:\n  "2.2": 1\n'
    result = solve(parse_scenario(text))
    assert len(result.to_dict()["hosts"]["2.2"]) == 1


# -------------------------------------------------------------------------------------------------------- determinism


def without_seconds(text):
    return re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', text)


def test_two_runs_give_the_same_bytes(nine):
    assert without_seconds(solve(example(9, 1)).to_json()) == without_seconds(nine.to_json())


def test_the_order_of_the_file_does_not_matter(nine):
    data = nine.scenario.canonical()["scenario"]
    from assigner.scenario import scenario_of

    rng = random.Random(5)
    for section in ("schools", "junior_highs", "townships"):
        rng.shuffle(data[section])
    assert without_seconds(solve(scenario_of(data)).to_json()) == without_seconds(nine.to_json())


def test_hash_seeds_and_cores_do_not_matter(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(write_yaml(example(8, 4)), encoding="utf-8")
    command = [sys.executable, "-m", "assigner", "solve", str(path), "--json", "--lang", "en"]
    texts = set()
    for seed in ("0", "1"):
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        texts.add(without_seconds(done.stdout.decode("utf-8")))
    if hasattr(os, "sched_setaffinity"):
        one = min(os.sched_getaffinity(0))
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {one})
        )
        texts.add(without_seconds(done.stdout.decode("utf-8")))
    assert len(texts) == 1


def test_languages_change_words_only(nine):
    with language_set("zh-TW"):
        chinese = nine.to_dict()
    with language_set("en"):
        english = nine.to_dict()
    for key in ("hosts", "separate", "convener", "tiers", "travel_km", "price_of_order", "scenario"):
        assert chinese[key] == english[key]
    assert chinese["switches"][0]["title"] != english["switches"][0]["title"]


# ------------------------------------------------------------------------------------------------------ files, reading


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    write_whole(path, "old\n")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new\n")
    assert path.read_bytes() == b"old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_written_is_utf8_with_lf(nine, tmp_path):
    data = write_plan(nine, tmp_path / "a" / "b").read_bytes()
    assert b"\r" not in data and data.endswith(b"}\n")
    assert data.decode("utf-8") == nine.to_json()


@pytest.mark.parametrize(
    ("content", "line"),
    [("{", 1), ("[1,\n2", 2), ("[]", None), ("{}", None), ('{"schema_version": 9}', None), ("\xff\xfe", 1)],
)
def test_what_is_no_plan_is_refused(tmp_path, content, line):
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert caught.value.problems[0].place.line == line
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hosts", []),
        ("hosts", {"1.1": "x"}),
        ("convener", None),
        ("tiers", 3),
        ("ways", 1),
        ("scenario", 5),
        ("relaxations", [1]),
        ("status", "infeasible"),
    ],
)
def test_wrong_shapes_are_named(document, saved, key, value):
    document[key] = value
    with pytest.raises(InputError) as caught:
        check(saved(document))
    assert caught.value.problems[0].place.key.startswith(key)


# -------------------------------------------------------------------------------------------------------------- check


@pytest.mark.parametrize("schools", [1, 2, 3, 6, 11])
def test_check_accepts_our_own_plans(tmp_path, schools):
    result = solve(example(schools, 3))
    verdict = check(write_plan(result, tmp_path))
    assert verdict.ok, [c for c in verdict.comparisons if not c.ok]
    assert verdict.exit_code == ExitCode.PROVEN
    assert verdict.assignment == result.assignment


def test_check_compares_with_a_scenario(nine, tmp_path):
    path = write_plan(nine, tmp_path)
    assert check(path, nine.scenario).ok
    other = check(path, example(9, 2))
    assert not other.ok


FALSE_CLAIMS = {
    "a bound that contradicts a proven value": lambda d: d["tiers"][4].update(bound=1),
    "no tiers": lambda d: d.update(tiers=[]),
    "only some tiers, called optimal": lambda d: d.update(tiers=d["tiers"][:3]),
    "a load": lambda d: next(iter(d["loads"].values())).update(points="99"),
    "the sum of travel": lambda d: d["travel_km"].update(total=1),
    "the travel of an item": lambda d: d["travel_km"]["items"].update({"1.1": 1}),
    "no obligations": lambda d: d.update(obligations={}),
    "its own audit": lambda d: d["audit"].update(ok=False),
}


@pytest.mark.parametrize("claim", FALSE_CLAIMS)
def test_check_finds_every_false_claim_that_needs_no_solver(claim, document, saved):
    FALSE_CLAIMS[claim](document)
    found = check(saved(document))
    assert found.audit.ok  # the duties themselves are lawful
    assert not found.ok


def test_a_tampered_plan_names_the_clause(document, saved):
    document["hosts"]["4.5"] = [document["convener"]]
    verdict = check(saved(document))
    assert verdict.exit_code == ExitCode.DISAGREES
    assert [finding.clause.id for finding in verdict.audit.findings if not finding.ok] == ["4.partner"]


def test_two_hosts_of_the_bundle(document, saved):
    first = document["hosts"]["3.1"][0]
    other = next(code for code in document["loads"] if code not in (first, document["convener"]))
    document["hosts"]["3.2"] = [other]
    broken = [finding.clause.id for finding in check(saved(document)).audit.findings if not finding.ok]
    assert broken == ["3.bundle"]


def test_an_unknown_school_is_a_broken_clause(document, saved):
    document["hosts"]["4.1"] = ["999999"]
    broken = [finding.clause.id for finding in check(saved(document)).audit.findings if not finding.ok]
    assert "plan.members" in broken


@pytest.mark.parametrize("tier", ["load", "travel", "unwilling", "tie_break"])
def test_a_false_value_is_found(document, saved, tier):
    entry = next(entry for entry in document["tiers"] if entry["name"] == tier)
    entry["value"] = {"load": ["1/5"], "travel": 1, "unwilling": 7, "tie_break": "0"}[tier]
    verdict = check(saved(document))
    assert verdict.audit.ok and not verdict.ok
    assert len([comparison for comparison in verdict.comparisons if not comparison.ok]) == 1


@pytest.mark.parametrize("key", ["scenario", "rulebook"])
def test_a_false_hash_is_found(document, saved, key):
    document[key]["hash"] = "0" * 64
    assert not check(saved(document)).ok


def test_a_false_reading_is_found(document, saved):
    document["switches"][0]["option"] = "yes"
    assert not check(saved(document)).ok


def test_a_relaxation_nobody_needed_is_found(document, saved):
    document["relaxations"] = [{"id": "R2"}]
    document["switches"] = []
    verdict = check(saved(document))
    assert verdict.relaxations == ("R2",)
    assert not verdict.ok


def test_an_unknown_relaxation_is_refused(document, saved):
    document["relaxations"] = [{"id": "R9"}]
    with pytest.raises(InputError):
        check(saved(document))


def test_a_plan_without_scenario_asks_for_it(document, saved, nine):
    document["scenario"] = None
    with pytest.raises(InputError):
        check(saved(document))
    assert check(saved(document), nine.scenario).ok


# ---------------------------------------------------------------------------------------------------------------- CSV


def table(result, head="item,school", schools=None, convener="convener"):
    rows = [head, f"{convener},{result.assignment.convener}"]
    for item, codes in result.assignment.hosts.items():
        rows += [f"{item},{(schools or {}).get(code, code)}" for code in codes]
    for code, ways in result.assignment.ways.items():
        rows += [f"{way},{code}" for way in ways]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("head", "convener", "encoding"),
    [
        ("item,school", "convener", "utf-8"),
        ("項目,學校", "召集學校", "utf-8-sig"),
        ("工作項目;辦理學校", "召集學校", "cp950"),
        ("Item\tSchool", "convener", "utf-8"),
    ],
)
def test_a_table_of_duties(nine, tmp_path, head, convener, encoding):
    names = {school.code: school.name for school in nine.problem.community.schools}
    text = table(nine, head, names, convener)
    separator = next(mark for mark in ";\t," if mark in head)
    path = tmp_path / "duties.csv"
    path.write_bytes(text.replace(",", separator).encode(encoding))
    verdict = check(path, nine.scenario)
    assert verdict.ok
    assert verdict.assignment == nine.assignment


def test_a_table_of_a_small_community_is_judged_under_its_relaxations(tmp_path):
    result = solve(example(1, 1))
    path = tmp_path / "duties.csv"
    path.write_text(table(result), encoding="utf-8")
    verdict = check(path, result.scenario)
    assert verdict.ok
    assert verdict.relaxations == ("R1", "R2", "R3")


def test_a_table_without_convener_says_who_was_taken(nine, tmp_path):
    path = tmp_path / "duties.csv"
    path.write_text(table(nine).replace(f"convener,{nine.assignment.convener}\n", ""), encoding="utf-8")
    verdict = check(path, nine.scenario)
    assert verdict.assignment.convener == nine.assignment.convener
    assert bool(verdict.notes) is (nine.problem.wishes.convener is None)


def test_unknown_cells_are_named_with_their_line(nine, tmp_path):
    path = tmp_path / "duties.csv"
    path.write_text("item,school\n4.1,SYN001\n\n4.9,SYN001\n4.2,Nowhere\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check(path, nine.scenario)
    assert [(problem.place.line, problem.value) for problem in caught.value.problems] == [(4, "4.9"), (5, "Nowhere")]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x81\xff\x00\xfe", b"\xff\xfea\x00"])
def test_no_table(nine, tmp_path, content):
    path = tmp_path / "duties.csv"
    path.write_bytes(content)
    with pytest.raises(InputError):
        check(path, nine.scenario)


def test_several_schools_in_one_cell_and_codes_beside_names_are_read(nine, tmp_path):
    names = {school.code: f"{school.code} {school.name}" for school in nine.problem.community.schools}
    rows = ["item,school", f"convener,{names[nine.assignment.convener]}"]
    for sign, (item, codes) in zip("、;\n、;\n" * 9, nine.assignment.hosts.items(), strict=False):
        rows.append(f'{item},"{sign.join(names[code] for code in codes)}"')
    rows += [f"{way},{code}" for code, ways in nine.assignment.ways.items() for way in ways]
    path = tmp_path / "duties.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert check(path, nine.scenario).assignment == nine.assignment


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_that_hold_the_marks_of_a_list_are_read_back_from_our_own_workbook(tmp_path, monkeypatch, language):
    from assigner.report import workbook

    names = ("丙、丁高中", "戊；己高職", "a, b; c", "甲,乙")
    data = {
        "schema_version": 1,
        "id": "marks",
        "convener": "000001",
        "schools": [{"code": f"00000{k}", "name": name, "township": "臺中市東勢區"} for k, name in enumerate(names, 1)],
    }
    source = scenario_of(data)
    result = solve(source, price=False)
    assert any(len(hosts) > 1 for hosts in result.assignment.hosts.values())
    monkeypatch.setattr(workbook, "_map", lambda result, page: page.heading("–"))
    with language_set(language):
        result.write(tmp_path, "xlsx")
    verdict = check(tmp_path / "plan.xlsx", source)
    assert verdict.ok and verdict.assignment == result.assignment


@pytest.mark.parametrize("row", ["柒、一 夥伴優質,", "4.1,", "4.1,–"])
def test_headings_and_items_without_a_host_are_for_the_audit_to_judge(nine, tmp_path, row):
    path = tmp_path / "duties.csv"
    lines = [line for line in table(nine).splitlines() if not line.startswith("4.1,")]
    path.write_text("\n".join([*lines, row]) + "\n", encoding="utf-8")
    verdict = check(path, nine.scenario)
    assert [f.clause.id for f in verdict.audit.findings if not f.ok] == ["4.hosts"]


def test_a_code_beside_the_name_of_another_school_is_refused(nine, tmp_path):
    first, second = nine.problem.community.schools[:2]
    path = tmp_path / "duties.csv"
    path.write_text(f"item,school\n4.1,{first.code} {second.name}\n", encoding="utf-8")
    with pytest.raises(InputError, match=second.name):
        check(path, nine.scenario)


def test_a_table_needs_its_scenario(tmp_path):
    path = tmp_path / "duties.csv"
    path.write_text("item,school\n", encoding="utf-8")
    with pytest.raises(InputError, match="--scenario"):
        check(path)


def test_json_text_ends_with_a_line():
    assert json_text({"學校": 1}) == '{\n  "學校": 1\n}\n'


def test_items_are_read_as_our_own_tables_name_them(nine, tmp_path):
    from assigner.words import item_label

    book = nine.problem.rules.rulebook
    path = tmp_path / "duties.csv"
    for language in LANGUAGES:
        with language_set(language):
            lines = [
                f'"{item_label(book, item)}",{code}' for item, codes in nine.assignment.hosts.items() for code in codes
            ]
            lines += [
                f'"{item_label(book, way)}",{code}' for code, ways in nine.assignment.ways.items() for way in ways
            ]
        path.write_text("\n".join(["item,school", f"convener,{nine.assignment.convener}", *lines]), encoding="utf-8")
        assert check(path, nine.scenario).assignment == nine.assignment
