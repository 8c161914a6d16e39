"""What a batch is to run: folders, base maps and variants files, and the jobs that they ask for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from assigner import cli
from assigner.batch.drawing import Drawable, Perturbation, Steps
from assigner.batch.expanding import Spec, read_spec
from assigner.batch.spec_entries import variants_schema
from assigner.batch.values import Member, Question
from assigner.batch.varying import varied_scenario, vary
from assigner.boundary.base import scenario_of_community
from assigner.errors import InputError
from assigner.messages import language_set
from assigner.scenario import Scenario
from assigner.scenario.scenario import parse_scenario
from models.documents import content_hash
from models.rulebook import load_rulebook
from tests.assigner.base_files import plain_base, small_base

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "scenarios" / "variants" / "synthetic-county.yaml"
SCENARIO = """schema_version: 1
id: {id}
schools:
  - {{code: TST001, name: 虛構1高中, township: 屏東縣里港鄉}}
  - {{code: TST002, name: 虛構2高中, township: 屏東縣屏東市}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small base map: TST001-3 and 7 in the north, 4-6 and 8 in the city, 9-11 in the east."""
    text = yaml.safe_dump(plain_base(), allow_unicode=True, sort_keys=False)
    (tmp_path / "base.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def variants(folder: Path, text: str, head: str = "base: base.yaml\n") -> Spec:
    path = folder / "variants.yaml"
    path.write_text(f"schema_version: 1\n{head}{text}", encoding="utf-8")
    return read_spec(path)


def members(spec: Spec, *questions: Question) -> list[Member]:
    return [member for chunk in spec.members(questions or (Question(),)) for member in chunk.members]


def contents(spec: Spec) -> dict[str, Any]:
    packed = {key: value for chunk in spec.members() for key, value in chunk.inputs.items()}
    return {key: json.loads(zlib.decompress(value)) for key, value in packed.items()}


def told(spec: Spec, **variant: Any) -> dict[str, Member]:
    """Community -> its member under one variant."""
    return {member.community: member for member in members(spec) if dict(member.variant) == variant}


def solved_as(spec: Spec, member: Member) -> Scenario:
    return Scenario.from_canonical(vary(contents(spec)[member.input], member.delta))


# ------------------------------------------------------------------------------------------------------ kinds of SPEC


def test_a_folder_is_its_scenarios_at_any_depth_and_says_what_it_left_out(folder: Path) -> None:
    inner = folder / "年度" / "111"
    answer = folder / "out"
    for place in (inner, answer / "deep"):
        place.mkdir(parents=True)
    (inner / "one.yaml").write_text(SCENARIO.format(id="one"), encoding="utf-8")
    (folder / "two.yml").write_text(SCENARIO.format(id="two"), encoding="utf-8")
    (answer / "plan.json").write_text("{}", encoding="utf-8")
    for left_out in (answer / "three.yaml", answer / "deep" / "four.yaml", folder / ".hidden.yaml"):
        left_out.write_text(SCENARIO.format(id="x"), encoding="utf-8")
    spec = read_spec(folder)
    assert [(member.community, member.source) for member in members(spec)] == [
        ("two", "two.yml"),
        ("one", "年度/111/one.yaml"),
    ]
    assert spec.total == 2 and sorted(spec.files) == ["two.yml", "年度/111/one.yaml"]
    assert sorted(str(note.file) for note in spec.notes) == ["base.yaml", "out"]


def test_a_file_that_cannot_be_read_is_a_member_and_stops_nothing(folder: Path) -> None:
    (folder / "a.yaml").write_text("schema_version: 1\nid: [", encoding="utf-8")
    (folder / "b.yaml").write_text(SCENARIO.format(id="b").replace("TST002", "TST001"), encoding="utf-8")
    (folder / "c.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "d.yaml").write_text(SCENARIO.format(id="d"), encoding="utf-8")
    first = members(read_spec(folder))
    assert [(member.source, bool(member.problems), bool(member.input)) for member in first] == [
        ("a.yaml", True, False),
        ("b.yaml", True, False),
        ("c.xlsx", True, False),
        ("d.yaml", False, True),
    ]
    assert {str(problem.file) for member in first for problem in member.problems} == {"a.yaml", "b.yaml", "c.xlsx"}
    again = members(read_spec(folder))
    assert [member.job for member in again] == [member.job for member in first]
    (folder / "a.yaml").write_text("schema_version: 1\nid: [[", encoding="utf-8")
    assert members(read_spec(folder))[0].job != first[0].job
    assert len({member.job for member in first}) == 4


def test_two_files_of_one_id_are_two_communities_and_one_job(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(SCENARIO.format(id="same"), encoding="utf-8")
    first, second = members(read_spec(folder))
    assert (first.community, second.community) == ("same", "same (b.yaml)")
    assert first.job == second.job


def test_a_base_map_is_each_community_with_a_participating_school(folder: Path) -> None:
    data = plain_base()
    for school in data["schools"][8:]:
        school["takes_part"] = False
    (folder / "base.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    spec = read_spec(folder / "base.yaml")
    assert (spec.kind, spec.total) == ("base", 2)
    found = members(spec)
    assert [member.community for member in found] == ["north", "city"]
    base = small_base()
    for member in found:
        scenario, _findings = scenario_of_community(base, base.map, member.community)
        assert scenario is not None and contents(spec)[member.input] == scenario.canonical()
        assert member.input == content_hash(contents(spec)[member.input])


def test_a_base_map_in_a_table_has_its_schools_in_a_roster(folder: Path) -> None:
    from assigner.boundary.base import read_base, write_base

    write_base(read_base(folder / "base.yaml"), folder / "map.csv")
    spec = read_spec(folder / "map.csv", folder / "base.yaml")
    assert {m.job for m in members(spec)} == {m.job for m in members(read_spec(folder / "base.yaml"))}
    assert sorted(spec.files) == ["base.yaml", "map.csv"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing.yaml", None, "There is no such file or folder."),
        ("experiment.yaml", "schema_version: 1\nbase: base.yaml\nflips: []\n", "This is an experiment on a base map"),
        ("empty", None, "No scenario and no form is in this folder."),
        ("runs.sqlite", "SQLite format 3", "This is nothing that a batch can run."),
        ("plan.json", '{"status": 1, "hosts": 2, "tiers": 3, "scenario": 4}', "This is a plan, not a form"),
        ("one.yaml", "schema_version: 1\nid: one\nschools: []\n", "The list"),
    ],
)
def test_what_cannot_be_run_is_said(folder: Path, name: str, content: str | None, said: str) -> None:
    (folder / "empty").mkdir()
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        assert read_spec(folder / name).total
    assert caught.value.problems[0].what.msgid.startswith(said)


def test_a_base_map_that_is_wrong_is_told_as_everywhere(folder: Path) -> None:
    text = (folder / "base.yaml").read_text(encoding="utf-8").replace("屏東縣九如鄉", "屏東縣九九鄉", 1)
    (folder / "base.yaml").write_text(text, encoding="utf-8")
    spec = read_spec(folder / "base.yaml")
    assert spec.digest and spec.files
    with pytest.raises(InputError):
        spec.members()


def test_the_digest_changes_with_every_file_that_is_named(folder: Path) -> None:
    (folder / "book.yaml").write_text((ROOT / "models/rulebooks/111.yaml").read_text("utf-8"), encoding="utf-8")
    (folder / "move.yaml").write_text("schema_version: 1\nbase: base.yaml\nflips: []\n", encoding="utf-8")
    text = 'variants:\n  grid:\n    rulebook:\n      - "111"\n      - book.yaml\n    flips: [null, move.yaml]\n'
    before = variants(folder, text)
    assert sorted(before.files) == ["base.yaml", "book.yaml", "move.yaml", "variants.yaml"]
    digests = {before.digest, read_spec(folder / "variants.yaml").digest}
    assert len(digests) == 1
    for name in before.files:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n# other\n")
        digests.add(read_spec(folder / "variants.yaml").digest)
    assert len(digests) == 5


def test_the_digest_changes_with_every_file_that_a_form_names(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from assigner.workbook.template import write_workbook

    form = tmp_path / "form.xlsx"
    write_workbook(parse_scenario(SCENARIO.format(id="one")), form)
    book = load_workbook(form)
    book.worksheets[0]["H40"] = " km.csv"
    book.save(form)
    digests = {read_spec(tmp_path).digest}
    for text in ("a", "b"):
        (tmp_path / "km.csv").write_text(text, encoding="utf-8")
        digests |= {read_spec(tmp_path).digest, read_spec(form).digest}
    assert sorted(read_spec(form).files) == ["form.xlsx", "km.csv"] and len(digests) == 5


def test_files_that_fail_are_communities_of_their_own_and_the_same_ones_under_every_rulebook(folder: Path) -> None:
    some = folder / "some"
    for name in ("x", "y"):
        (some / name).mkdir(parents=True)
        (some / name / "broken.yaml").write_text("schema_version: 1\nid: [", encoding="utf-8")
    choice = "rulebook: ../draft.yaml\nrelaxations: [R99]\n"
    (some / "file.yaml").write_text(SCENARIO.format(id="one") + choice, encoding="utf-8")
    book = (ROOT / "models/rulebooks/111.yaml").read_text(encoding="utf-8")
    (folder / "draft.yaml").write_text(book.replace("- id: R1\n", "- id: R99\n"), encoding="utf-8")
    found = members(variants(folder, GRID.format(axis="rulebook", value='"111"'), "scenarios: some\n"))
    assert {m.community for m in found} == {"one", "broken", "broken (some/y/broken.yaml)"}
    assert [bool(m.problems) for m in found if m.community == "one"] == [False, True]


def test_every_question_is_asked_of_every_community(folder: Path) -> None:
    found = members(read_spec(folder / "base.yaml"), Question(price=True), Question("split"))
    assert [(m.ordinal, m.community, m.question.kind) for m in found][:3] == [
        (0, "north", "plan"),
        (1, "north", "split"),
        (2, "city", "plan"),
    ]
    assert len({m.job for m in found}) == 6 == len({m.ordinal for m in found})


# ---------------------------------------------------------------------------------------------------------- each axis

GRID = """variants:
  grid:
    {axis}: [{value}]
"""

AXES: Mapping[str, tuple[str, Any, str, Any]] = {
    "switches.load_scale": ("exact", "exact", "city", lambda s: s.rules.option("load_scale") == "exact"),
    "tolerances.travel": ("10%", 0.1, "city", lambda s: s.problem().wishes.tolerances == {"travel": Fraction(1, 10)}),
    "pins.4.2": ("TST005", "TST005", "city", lambda s: s.problem().wishes.pins == {("4.2", "TST005")}),
    "pins": (
        "{'3': [TST005]}",
        "3: TST005",
        "city",
        lambda s: s.problem().wishes.pins == {(item, "TST005") for item in ("3.1", "3.2", "3.3")},
    ),
    "bans.4.2": ("[TST005, TST006]", "TST005+TST006", "city", lambda s: len(s.problem().wishes.bans) == 2),
    "convener": ("TST005", "TST005", "city", lambda s: s.problem().wishes.convener == "TST005"),
    "relaxations": ("none", "none", "city", lambda s: s.relaxations == "none"),
    "lift": ("4.4.cap", "4.4.cap", "city", lambda s: s.relaxations == "auto"),
    "effort.1.1": ("3", 3, "city", lambda s: s.rules.units["1.1"].effort_points == 3),
    "seed": ("7", 7, "city", lambda s: True),
}


@pytest.mark.parametrize("axis", list(AXES))
def test_an_axis_changes_what_it_names(folder: Path, axis: str) -> None:
    value, said, community, check = AXES[axis]
    spec = variants(folder, GRID.format(axis=axis, value=value))
    assert spec.total == 6 and spec.axes == {axis: [said]}
    member = told(spec, **{axis: said})[community]
    assert member.label == f"{community}社區, {axis}={said}"
    scenario = solved_as(spec, member)
    assert check(scenario)
    base = told(spec)[community]
    assert member.job != base.job and member.input == base.input
    if axis == "lift":
        assert member.delta == {"lift": ["4.4.cap"]}
    if axis == "seed":
        assert (member.delta, member.question.seed, base.question.seed) == ({}, 7, 111)


@pytest.mark.parametrize("axis", ["pins.4.2", "bans.4.2", "convener"])
def test_what_names_a_school_changes_the_communities_that_have_it(folder: Path, axis: str) -> None:
    value, said, _community, _check = AXES[axis]
    spec = variants(folder, GRID.format(axis=axis, value=value))
    base, changed = told(spec), told(spec, **{axis: said})
    assert {c for c in base if base[c].job != changed[c].job} == {"city"}


def test_a_grid_is_every_combination_and_nothing_twice(folder: Path) -> None:
    text = "variants:\n  grid:\n    switches.load_scale: [null, exact]\n    tolerances.travel: [null, 5%, 1/3]\n"
    spec = variants(folder, text)
    assert spec.total == 3 * 6
    assert [dict(m.variant) for m in members(spec) if m.community == "city"] == [
        {},
        {"tolerances.travel": 0.05},
        {"tolerances.travel": "1/3"},
        {"switches.load_scale": "exact"},
        {"switches.load_scale": "exact", "tolerances.travel": 0.05},
        {"switches.load_scale": "exact", "tolerances.travel": "1/3"},
    ]
    without = variants(folder, text, "base: base.yaml\nbase_variant: no\n")
    assert without.total == 3 * 6 and told(without)["city"].job == told(spec)["city"].job


def test_a_run_is_called_as_its_file_says(folder: Path) -> None:
    assert variants(folder, "name: 各案比較\n").name == "各案比較"
    assert variants(folder, "").name == "variants"
    assert variants(folder, "variants: [\n").name == "variants"
    assert read_spec(folder / "base.yaml").name == "base"


def test_every_community_comes_first_as_it_is(folder: Path) -> None:
    spec = variants(folder, "variants:\n  list:\n    - {name: 不放寬, relaxations: none}\n")
    assert [(m.community, m.variant.get("variant")) for m in members(spec)] == [
        ("north", None),
        ("city", None),
        ("east", None),
        ("north", "不放寬"),
        ("city", "不放寬"),
        ("east", "不放寬"),
    ]
    assert members(spec)[3].label == "north社區, 不放寬"


def test_communities_can_be_chosen_by_id_or_name(folder: Path) -> None:
    spec = variants(folder, "communities: [east, city社區]\n")
    assert [m.community for m in members(spec)] == ["city", "east"]


def test_variants_of_scenario_files(folder: Path) -> None:
    (folder / "some").mkdir()
    for name in ("a", "b"):
        (folder / "some" / f"{name}.yaml").write_text(SCENARIO.format(id=name), encoding="utf-8")
    (folder / "some" / "c.yaml").write_text("schema_version: 1\nid: c\n", encoding="utf-8")
    spec = variants(folder, "variants:\n  list:\n    - {name: n, relaxations: none}\n", "scenarios: some\n")
    found = members(spec)
    assert [(m.community, m.source, bool(m.problems)) for m in found[:3]] == [
        ("a", "some/a.yaml", False),
        ("b", "some/b.yaml", False),
        ("c", "some/c.yaml", True),
    ]
    assert len(found) == spec.total == 6 and found[0].job != found[3].job
    assert len({m.job for m in found}) == 4  # a and b ask the same; what cannot be read is told once for each variant
    assert [m.community for m in members(variants(folder, "communities: b\n", "scenarios: some\n"))] == ["b"]


def test_another_rulebook_has_its_own_defaults_where_the_base_states_nothing(folder: Path) -> None:
    book = (ROOT / "models/rulebooks/111.yaml").read_text(encoding="utf-8")
    at = book.index("  - id: load_scale")
    changed = book[:at] + book[at:].replace("default: band", "default: points", 1)
    assert changed != book
    (folder / "draft.yaml").write_text(changed, encoding="utf-8")
    spec = variants(folder, GRID.format(axis="rulebook", value='"111", draft.yaml'))
    base, same, draft = told(spec), told(spec, rulebook="111"), told(spec, rulebook="draft.yaml")
    assert same["city"].job == base["city"].job
    assert draft["city"].job != base["city"].job and draft["city"].input != base["city"].input
    assert solved_as(spec, draft["city"]).rules.option("load_scale") == "points"
    assert solved_as(spec, base["city"]).rules.option("load_scale") == "band"


# -------------------------------------------------------------------------------------------------------------- flips


def test_communities_that_flips_do_not_touch_share_the_job_of_the_base(folder: Path) -> None:
    (folder / "e.yaml").write_text(
        "schema_version: 1\nbase: base.yaml\nflips:\n  - {move_school: TST007, to: city}\n", encoding="utf-8"
    )
    text = """variants:
  list:
    - {name: file, flips: e.yaml}
    - {name: stated, flips: [{move_school: TST007, to: city}]}
    - {name: merged, flips: [{merge: north, into: city}]}
    - {name: divided, flips: [{divide: city, id: new, townships: [屏東縣麟洛鄉]}]}
"""
    spec = variants(folder, text)
    base = told(spec)
    for name in ("file", "stated"):
        moved = told(spec, variant=name)
        assert {c for c in base if base[c].job != moved[c].job} == {"north", "city"}
        assert moved["city"].job == told(spec, variant="file")["city"].job
    assert sorted(told(spec, variant="merged")) == ["city", "east"]
    assert sorted(told(spec, variant="divided")) == ["city", "east", "new", "north"]
    assert spec.total == len(members(spec)) == 3 + 3 + 3 + 2 + 4
    jobs = {m.job for m in members(spec)}
    assert len(jobs) == 3 + 2 + 1 + 2
    assert len(contents(spec)) == len({m.input for m in members(spec)}) == 8


def test_flips_and_other_axes_are_combined(folder: Path) -> None:
    text = """communities: [city, new]
variants:
  grid:
    flips: [null, [{divide: city, id: new, townships: [屏東縣麟洛鄉]}]]
    switches.load_scale: [null, exact]
"""
    spec = variants(folder, text)
    assert [m.community for m in members(spec)] == ["city", "city", "city", "city", "new", "new"]
    assert spec.axes["flips"] == ["divide city, id new, townships 屏東縣麟洛鄉"]
    assert spec.total == 6


# ------------------------------------------------------------------------------------------------------------- chance


def example_content() -> dict[str, Any]:
    base = small_base()
    scenario, _findings = scenario_of_community(base, base.map, "city")
    assert scenario is not None
    return scenario.canonical()


def test_steps_are_equally_likely_and_end_at_the_least() -> None:
    steps, all_ = Steps(Fraction(1), Fraction(1, 2)), 1 << 32
    reached = [steps.around(2, draw, 0) for draw in range(0, all_, all_ // 500)]
    assert sorted(set(reached)) == [1, Fraction(3, 2), 2, Fraction(5, 2), 3]
    assert all(90 <= reached.count(value) <= 110 for value in set(reached))
    assert min(Steps(Fraction(5)).around(2, draw, 1) for draw in (0, all_ // 2)) == 1
    assert Steps(Fraction(1, 3)).around(2, 0, 0) == 2


def test_what_is_drawn_lies_within_what_was_asked() -> None:
    content = example_content()
    rules = load_rulebook("111").resolve()
    everything = Perturbation(
        5, Fraction(1), Steps(Fraction(1)), Steps(Fraction(2)), Steps(Fraction(1)), Fraction(1, 5)
    )
    found = everything.drawn(Drawable(content))
    assert {Fraction(points) for points in found["effort"].values()} <= {0, 2}
    assert found["effort"].keys() <= rules.units.keys()
    assert found["schools"].keys() <= {"TST004", "TST005", "TST006", "TST008"}
    words = {answer for school in found["schools"].values() for answer in school["willingness"].values()}
    assert words == {"willing", "unwilling", "cannot"}
    most = rules.measure("capacity_points")
    for school in found["schools"].values():
        assert abs(Fraction(school.get("capacity_points", most)) - most) <= 2
        assert 0 <= Fraction(school.get("history_points", 0)) <= 1
    before = {school["code"]: school["pupils"] for school in content["scenario"]["junior_highs"]}
    for code, pupils in found["junior_highs"].items():
        assert all(abs(count - before[code][grade]) <= before[code][grade] / 5 for grade, count in pupils.items())
    Scenario.from_canonical(vary(content, found))


def test_a_draw_is_that_of_the_school_and_grows_with_the_probability() -> None:
    content = example_content()
    alone = {**content, "scenario": {**content["scenario"], "schools": content["scenario"]["schools"][:1]}}
    some = Perturbation(3, willingness=Fraction(1, 5))
    code = alone["scenario"]["schools"][0]["code"]
    whole = some.drawn(Drawable(content))["schools"]
    assert some.drawn(Drawable(alone)).get("schools", {}) == {k: v for k, v in whole.items() if k == code}
    more = Perturbation(3, willingness=Fraction(1, 2)).drawn(Drawable(content))["schools"]
    for school, changes in whole.items():
        assert changes["willingness"].items() <= more[school]["willingness"].items()
    assert Perturbation(4, willingness=Fraction(1, 5)).drawn(Drawable(content))["schools"] != whole
    assert Perturbation(3, willingness=Fraction(0)).drawn(Drawable(content)) == {}


def test_a_pinned_school_is_not_made_unable() -> None:
    content = example_content()
    units = load_rulebook("111").resolve().units
    pins = {item: ["TST005"] for unit in units.values() for item in unit.items}
    for seed in range(5):
        found = Perturbation(seed, willingness=Fraction(1)).drawn(Drawable(content), pins)
        assert "cannot" not in found["schools"]["TST005"]["willingness"].values()
        assert "cannot" in found["schools"]["TST004"]["willingness"].values()


def test_effort_that_is_stated_is_not_drawn(folder: Path) -> None:
    text = "variants:\n  list:\n    - {name: a, effort: {'1.1': 7}, perturb: {effort: 2}, repeat: 4}\n"
    drawn = [m.delta["effort"] for m in members(variants(folder, text)) if m.variant]
    assert {effort["1.1"] for effort in drawn} == {"7"} and len({str(effort) for effort in drawn}) == 4


def test_repeats_are_seeds_and_stand_in_the_variant(folder: Path) -> None:
    text = """variants:
  list:
    - {name: a, perturb: {willingness: 20%}, repeat: 3}
    - {name: b, perturb: {effort: 1, seed: 9}}
  grid:
    perturb.willingness: [0, 20%]
    perturb.seed: [1, 2]
"""
    spec = variants(folder, text)
    city = [m for m in members(spec) if m.community == "city"]
    assert [(dict(m.variant), m.label.removeprefix("city社區, ")) for m in city[1:]] == [
        ({"perturb.willingness": 0, "perturb.seed": 1}, "perturb.willingness=0, perturb.seed=1"),
        ({"perturb.willingness": 0, "perturb.seed": 2}, "perturb.willingness=0, perturb.seed=2"),
        ({"perturb.willingness": 0.2, "perturb.seed": 1}, "perturb.willingness=0.2, perturb.seed=1"),
        ({"perturb.willingness": 0.2, "perturb.seed": 2}, "perturb.willingness=0.2, perturb.seed=2"),
        ({"variant": "a", "perturb.seed": 1}, "a #1"),
        ({"variant": "a", "perturb.seed": 2}, "a #2"),
        ({"variant": "a", "perturb.seed": 3}, "a #3"),
        ({"variant": "b", "perturb.seed": 9}, "b #9"),
    ]
    jobs = [m.job for m in city]
    assert jobs[0] == jobs[1] == jobs[2] and jobs[3:5] == jobs[5:7]
    assert len(set(jobs)) == 1 + 2 + 1 + 1


_DRAWN = """import sys
from assigner.batch.expanding import read_spec
for chunk in read_spec(sys.argv[1]).members():
    for member in chunk.members:
        print(member.input + repr(member.delta))
"""


def test_the_same_file_draws_the_same_in_another_process(folder: Path) -> None:
    text = "variants:\n  list:\n    - {name: a, perturb: {willingness: 0.3, effort: 1, pupils: 5%}, repeat: 2}\n"
    spec = variants(folder, text)
    other = subprocess.run(
        [sys.executable, "-c", _DRAWN, str(spec.path)],
        env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert other.stdout.splitlines() == [m.input + repr(m.delta) for m in members(spec)]


# ------------------------------------------------------------------------------------------------------------- deltas


def test_equal_questions_have_equal_keys_by_any_road(folder: Path) -> None:
    """What a variant changes, and a file that states the same, is one job."""
    stated = (folder / "base.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(
        stated + "defaults: {switches: {load_scale: exact}, tiers: {tolerances: {travel: 1/10}}}\n", encoding="utf-8"
    )
    text = "variants:\n  list:\n    - {name: a, switches: {load_scale: exact}, tolerances: {travel: 10%}}\n"
    spec = variants(folder, text)
    direct = {m.community: m.job for m in members(read_spec(folder / "other.yaml"))}
    assert {c: m.job for c, m in told(spec, variant="a").items()} == direct


def test_what_a_delta_states_anew_is_no_change() -> None:
    content = example_content()
    scenario = content["scenario"]
    school = scenario["schools"][0]
    junior = scenario["junior_highs"][0]
    delta = {
        "switches": dict(scenario["switches"]),
        "relaxations": scenario["relaxations"],
        "convener": scenario["convener"],
        "tolerances": {"travel": "0"},
        "pins": {},
        "bans": {"1.1": []},
        "effort": {"1.1": "1", "3": "1"},
        "schools": {school["code"]: {"willingness": {"1.1": None}, "history_points": "0", "capacity_points": None}},
        "junior_highs": {junior["code"]: {"7": junior["pupils"]["7"]}},
    }
    varied = vary(content, delta)
    assert varied["scenario"] is scenario and varied["rulebook"] is content["rulebook"]


def test_a_varied_scenario_is_that_of_the_varied_content() -> None:
    content = example_content()
    before = content_hash(content)
    scenario = Scenario.from_canonical(content)
    delta = {
        "switches": {"load_scale": "exact"},
        "pins": {"4.2": ["TST005"]},
        "effort": {"1.1": "3/2", "3": "2"},
        "schools": {"TST004": {"capacity_points": "7/2", "willingness": {"1.2": "unwilling"}}},
        "junior_highs": {content["scenario"]["junior_highs"][0]["code"]: {"8": 1}},
    }
    slow, quick = Scenario.from_canonical(vary(content, delta)), varied_scenario(scenario, content, delta)
    assert quick.canonical() == slow.canonical() == vary(content, delta)
    assert quick.rulebook == slow.rulebook and quick.rulebook.hash == slow.rulebook.hash
    assert quick.problem().wishes == slow.problem().wishes and quick.community == slow.community
    assert (quick.problem().distances.from_demand == slow.problem().distances.from_demand).all()
    assert content_hash(content) == before
    assert varied_scenario(scenario, content, {"lift": ["4.4.cap"]}) is scenario


def test_a_variant_that_contradicts_a_scenario_is_told_when_it_is_solved(folder: Path) -> None:
    data = plain_base()
    data["schools"][4]["willingness"] = {"4.2": "cannot"}
    (folder / "base.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    spec = variants(folder, GRID.format(axis="pins.4.2", value="TST005"))
    with pytest.raises(InputError) as caught:
        solved_as(spec, told(spec, **{"pins.4.2": "TST005"})["city"])
    assert "it says that it cannot" in caught.value.problems[0].what.msgid


# ------------------------------------------------------------------------------------------------------ broken variants

BROKEN: Mapping[str, tuple[str, int, object, str]] = {
    "axis": ("  grid:\n    switch.load_scale: [exact]\n", 5, "switch.load_scale", "This is no axis"),
    "plain axis": ("  grid:\n    colour: [red]\n", 5, "colour", "This is no axis"),
    "no entry": ("  grid:\n    switches: [exact]\n", 5, "switches", "This is no axis"),
    "no value": ("  grid:\n    seed: []\n", 5, None, "The axis has no value."),
    "switch": ("  grid:\n    switches.lod_scale: [exact]\n", 5, "lod_scale", "The rulebook has no switch"),
    "option": ("  grid:\n    switches.load_scale: [band, bend]\n", 5, "bend", "The switch “{switch}” has no such"),
    "number": ("  grid:\n    tolerances.travel:\n      - 5%\n      - much\n", 7, "much", "A number is expected"),
    "tier": ("  grid:\n    tolerances.load: [5%]\n", 5, 0.05, "This aim takes no tolerance."),
    "school": ("  list:\n    - name: a\n      pins: {'4.2': [TST005, TST055]}\n", 6, "TST055", "No community that is"),
    "item": ("  list:\n    - {name: a, bans: {'4.9': TST005}}\n", 5, "4.9", "The rulebook has no work item"),
    "convener": ("  list:\n    - {name: a, convener: TST099}\n", 5, "TST099", "No community that is run"),
    "relaxation": ("  list:\n    - {name: a, relaxations: [R1, R77]}\n", 5, "R77", "The rulebook has no relaxation"),
    "clause": ("  list:\n    - {name: a, lift: 4.4.cup}\n", 5, "4.4.cup", "The rulebook has no clause"),
    "flip": ("  list:\n    - name: a\n      flips:\n        - {merge: north, into: west}\n", 7, "west", "No community"),
    "flip again": (
        "  list:\n    - {name: a, flips: [{move_school: TST004, to: city}]}\n",
        5,
        None,
        "{thing} belongs to",
    ),
    "experiment": ("  grid:\n    flips: [none.yaml]\n", 5, "none.yaml", "There is no such file."),
    "flips form": ("  list:\n    - name: a\n      flips: {merge: north}\n", 6, None, "Changes of the base map are"),
    "rulebook": ("  grid:\n    rulebook: ['111', '999']\n", 5, "999", "No rulebook of this name"),
    "name": ("  list:\n    - {name: a}\n    - {name: a}\n", 6, "a", "Two variants have this name."),
    "no chance": ("  list:\n    - {name: a, repeat: 5}\n", 5, None, "Nothing of this variant is left to chance"),
    "share": ("  list:\n    - {name: a, perturb: {willingness: 2}}\n", 5, 2, "This is more than the whole."),
    "perturb": ("  grid:\n    perturb.wilingness: [10%]\n", 5, "10%", "The key “{key}” is not known here."),
    "misspelt": ("  lists:\n    - {name: a}\n", 5, None, "The key “{key}” is not known here."),
    "too many": ("  repeat: 9999999\n  grid: {perturb.effort: [1]}\n", 4, None, "These are {n} variants."),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_in_a_variants_file_is_told_with_its_line(folder: Path, case: str) -> None:
    text, line, value, what = BROKEN[case]
    spec = variants(folder, f"variants:\n{text}")
    with pytest.raises(InputError) as caught:
        assert spec.total
    (problem,) = caught.value.problems
    assert (problem.place.line, problem.what.msgid.startswith(what)) == (line, True), problem
    assert Path(problem.file).name == "variants.yaml"
    if value is not None:
        assert problem.value == value
    with language_set("en"):
        assert "To mend it: " in str(problem) and not re.search(r"\{[a-z_]*\}", str(problem))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("schema_version: 2\nbase: base.yaml\nvariants: {}\n", 1, "This version of the format"),
        ("base: base.yaml\nvariants: {}\n", 1, "The key “{key}” is missing."),
        ("schema_version: 1\nvariants: {}\n", None, "It must say what to run"),
        ("schema_version: 1\nbase: base.yaml\nscenarios: x\nvariants: {}\n", 2, "It must say what to run"),
        ("schema_version: 1\nbase: bass.yaml\nvariants: {}\n", 2, "There is no such file."),
        ("schema_version: 1\nscenarios: [a.yaml]\nvariants: {}\n", 2, "There is no such file."),
        ("schema_version: 1\nbase: base.yaml\ncommunities: [west]\nvariants: {}\n", 3, "No community has this id"),
        ("schema_version: 1\nbase: base.yaml\nbase_variant: no\nvariants: {}\n", 4, "There is nothing to run"),
    ],
)
def test_what_is_wrong_at_the_head_is_told_with_its_line(folder: Path, text: str, line: int | None, what: str) -> None:
    (folder / "variants.yaml").write_text(text, encoding="utf-8")
    spec = read_spec(folder / "variants.yaml")
    with pytest.raises(InputError) as caught:
        assert spec.total
    problem = caught.value.problems[0]
    assert problem.what.msgid.startswith(what) and (line is None or problem.place.line == line), problem


# -------------------------------------------------------------------------------------------------- schema and example


def test_the_shipped_schema_is_that_of_the_code_and_the_example_fits_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema", "variants"]) == 0
    printed = capsys.readouterr().out
    assert (ROOT / "assigner/schemas/variants.schema.json").read_text(encoding="utf-8") == printed
    jsonschema.Draft202012Validator.check_schema(variants_schema())
    data = json.loads(json.dumps(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))))
    assert list(jsonschema.Draft202012Validator(json.loads(printed)).iter_errors(data)) == []


def test_the_shipped_example_is_small_and_uses_every_kind_of_variant() -> None:
    spec = read_spec(EXAMPLE)
    counts = spec.counts()
    assert counts["total"] == spec.total == 50 and counts["jobs"] < 60 and not counts["problems"]
    assert counts["sources"] == {"../base/synthetic-county.yaml": 50}
    assert counts["axes"]["tolerances.travel"] == {0.1: 10} and set(counts["axes"]) == set(spec.axes)


def test_a_scenario_that_states_what_a_variant_changes_is_one_job(folder: Path) -> None:
    one = parse_scenario(SCENARIO.format(id="one") + "switches: {load_scale: exact}\n").canonical()
    two = vary(parse_scenario(SCENARIO.format(id="two")).canonical(), {"switches": {"load_scale": "exact"}})
    from assigner.batch.keys import job_key

    assert job_key(one, Question()) == job_key(two, Question())


def test_forms_are_scenarios_and_other_workbooks_are_left_out(tmp_path: Path) -> None:
    from openpyxl import Workbook

    from assigner.workbook.template import write_workbook

    scenario = parse_scenario(SCENARIO.format(id="one"))
    write_workbook(scenario, tmp_path / "form.xlsx")
    book = Workbook()
    for name in ("Overview", "Duties matrix", "Loads", "Obligations", "Audit"):
        book.create_sheet(name).append(["1.1"])
    book.save(tmp_path / "plan.xlsx")
    spec = read_spec(tmp_path)
    assert spec.total == 2
    (member,) = members(spec)
    assert (member.community, member.source, spec.total) == ("one", "form.xlsx", 1)
    assert [str(note.file) for note in spec.notes] == ["plan.xlsx"]
    alone = read_spec(tmp_path / "form.xlsx")
    assert alone.kind == "scenario" and members(alone)[0].job == member.job


def test_the_file_in_the_documentation_can_be_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "variants.md").read_text(encoding="utf-8")
    text = page.split("```yaml\n")[1].split("```")[0].replace("../base", (ROOT / "scenarios" / "base").as_posix())
    (tmp_path / "v.yaml").write_text(re.sub("(?m)^roster:.*\n", "", text), encoding="utf-8")
    spec = read_spec(tmp_path / "v.yaml")
    # Two communities: as they are, 12 combinations, one of the list and a hundred draws.
    assert spec.total == 2 * (1 + 12 + 1 + 100)
    data = json.loads(json.dumps(yaml.safe_load(text)))
    assert list(jsonschema.Draft202012Validator(variants_schema()).iter_errors(data)) == []
