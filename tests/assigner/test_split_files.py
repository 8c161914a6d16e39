"""The files of a split: all of them, safe, whole, the same each time; the command that writes them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from assigner import cli
from assigner.errors import ExitCode, InputError
from assigner.messages import LANGUAGES, language_set
from assigner.report import split_map
from assigner.report.split_page import page_text
from assigner.report.split_workbook import workbook_bytes
from assigner.scenario import scenario_of, write_yaml
from assigner.splitting.earlier import old_division
from assigner.splitting.files import FOLDERS, write_split
from assigner.splitting.solving import solve_split
from tests.assigner.split_scenarios import along, community, data
from tests.tools import reader

HOSTILE = {
    0: "=HYPERLINK(1)",
    1: "<script>document.title='ran'</script>",
    4: "</style></svg><svg onload=alert(1)> & 'x' $y$",
    8: "{{ 7*7 }}{% for %} +高中",
}


def hostile():
    content = data(along(4, 4, 4, 4, 3, 2), benchmarks=(1,))
    for position, name in HOSTILE.items():
        content["schools"][position]["name"] = name
    content["name"] = '<b>社區</b> & "甲"'
    return scenario_of(content)


@pytest.fixture(scope="module")
def answer():
    return solve_split(hostile(), top=1)


@pytest.fixture(scope="module")
def refused():
    return solve_split(community(along(4, 4, 4, 4, 4)))


@pytest.fixture(scope="module")
def folder(answer, tmp_path_factory):
    where = tmp_path_factory.mktemp("split")
    with language_set("zh-TW"):
        write_split(answer, where).check()
    return where


# ------------------------------------------------------------------------------------------------------- the set


def test_every_file_is_there(folder):
    kinds = ("json", "csv", "xlsx", "html", "svg", "geojson", "gpkg")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {f"split.{kind}" for kind in kinds} | {
        f"{plan}/{name}" for plan in FOLDERS for name in ("scenario.yaml", *(f"plan.{kind}" for kind in kinds))
    }


def test_the_same_answer_gives_the_same_bytes(answer, folder, tmp_path):
    with language_set("zh-TW"):
        write_split(answer, tmp_path).check()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".json":
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_the_table_reads_back_as_an_old_division(answer, folder):
    text = (folder / "split.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and b"\r\n" in text
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[0][:4] == ["代碼", "學校", "鄉鎮市區", "計畫"]
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    sides = old_division(folder / "split.csv", answer.problem)
    assert {c for c, side in sides.items() if not side} in [set(s.plan.participants) for s in answer.proposal.plans]


def test_no_cell_of_the_workbook_is_a_formula(folder):
    from openpyxl import load_workbook

    book = load_workbook(folder / "split.xlsx")
    assert len(book.sheetnames) == 17 and all(len(name) <= 31 for name in book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(cell.value == "=HYPERLINK(1)" for cell in cells)
    with zipfile.ZipFile(folder / "split.xlsx") as archive:
        assert not [name for name in archive.namelist() if "macro" in name.lower() or "external" in name.lower()]
    for sheet in book:
        assert sheet.page_setup.paperSize == 9 or str(sheet.page_setup.paperSize) == "9", sheet.title


def test_layers_say_which_plan(answer, folder):
    features = json.loads((folder / "split.geojson").read_text(encoding="utf-8"))["features"]
    schools = {f["properties"]["code"]: f["properties"] for f in features if f["properties"]["layer"] == "schools"}
    for plan, side in enumerate(answer.proposal.plans, 1):
        for code in side.plan.participants:
            assert schools[code]["plan"] == plan
        assert schools[side.convener]["role"] == "convener"
    assert sorted(school["number"] for school in schools.values()) == list(range(1, 22))
    towns = [f["properties"] for f in features if f["properties"]["layer"] == "territory"]
    assert len(towns) == 6 and {town["plan"] for town in towns} == {1, 2}
    import pyogrio

    assert {name for name, _kind in pyogrio.list_layers(folder / "split.gpkg")} >= {"schools", "territory"}
    assert "plan" in pyogrio.read_info(folder / "split.gpkg", layer="schools")["fields"]


def test_the_picture_is_an_svg_with_names_that_are_text(folder):
    root = ET.parse(folder / "split.svg").getroot()
    texts = {"".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert any("範例03高中" in text for text in texts) and any("計畫1" in text for text in texts)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "image", "foreignObject", "a"}
    assert not [key for element in root.iter() for key in element.attrib if key.lower().startswith("on")]


def test_without_a_pair_only_what_says_why(refused, answer, tmp_path):
    with language_set("en"):
        write_split(answer, tmp_path, "json").check()
        written = write_split(refused, tmp_path, "csv,xlsx")
    written.check()
    assert {path.name for path in tmp_path.iterdir()} == {
        "split.json",
        "split.html",
        "plan-1-earlier",
        "plan-2-earlier",
    }
    assert json.loads((tmp_path / "split.json").read_text(encoding="utf-8"))["status"] == "refused"
    notes = " ".join(map(str, written.notes))
    assert "split.csv" in notes and "plan-1-earlier" in notes


def test_a_file_that_cannot_be_made_takes_no_other_with_it(answer, tmp_path, monkeypatch):
    def fails(_answer):
        raise RuntimeError("no picture")

    monkeypatch.setattr(split_map, "svg_text", fails)
    written = write_split(answer, tmp_path, "csv,svg")
    assert [problem.file.name for problem in written.failures] == ["split.svg"]
    assert {path.name for path in tmp_path.glob("split.*")} == {"split.json", "split.csv"}
    assert (tmp_path / "plan-2" / "plan.json").exists()
    with pytest.raises(InputError):
        written.check()


def test_files_of_another_answer_are_renamed(answer, refused, tmp_path):
    write_split(answer, tmp_path, "csv").check()
    before = (tmp_path / "split.csv").read_bytes()
    notes = write_split(refused, tmp_path, "html").notes
    assert (tmp_path / "split-earlier.csv").read_bytes() == before
    assert any("split-earlier.csv" in str(note) for note in notes)


# ------------------------------------------------------------------------------------------------------------ the page


class _Outline(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.levels, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


@pytest.fixture(scope="module")
def pages(answer, refused, tmp_path_factory):
    heavy = solve_split(community(along(1, 1, 3, 14, 1, 1)))
    where = tmp_path_factory.mktemp("pages")
    files = {}
    for language in LANGUAGES:
        with language_set(language):
            for name, one in (("pair", answer), ("refused", refused), ("heavy", heavy)):
                files[name, language] = where / f"{name}-{language}.html"
                files[name, language].write_text(page_text(one), encoding="utf-8", newline="\n")
    return files


def test_pages_are_one_file_without_scripts_and_links_outside(pages):
    for (name, language), file in pages.items():
        outline = _Outline(file.read_text(encoding="utf-8"))
        assert ("html", {"lang": language}) in outline.attributes
        assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form"} & set(outline.tags), name
        ids = [a["id"] for _tag, a in outline.attributes if a.get("id")]
        assert len(ids) == len(set(ids)), name
        for tag, attributes in outline.attributes:
            assert not any(key.startswith("on") for key in attributes), (name, tag)
            for key in ("src", "href", "xlink:href"):
                assert attributes.get(key, "#").startswith("#"), (name, attributes)
            if tag == "a":
                assert attributes["href"][1:] in ids
            for key in ("aria-labelledby", "for"):
                assert set(attributes.get(key, "").split()) <= set(ids), (name, attributes)
        assert outline.levels[0] == 1 and outline.levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False)), name


def test_the_page_shows_both_plans_not_splitting_and_the_others(answer, pages):
    text = pages["pair", "zh-TW"].read_text(encoding="utf-8")
    assert text.count("<svg") == 2 + len({p.division for p in (answer.proposal, *answer.alternatives.best,
                                                                 *answer.alternatives.different)})  # fmt: skip
    for side in answer.proposal.plans:
        for code in side.plan.participants:
            assert code in text
    assert "若社區合作學校超過二十所" in text and "&lt;script&gt;" in text


def test_the_page_of_a_refusal_names_the_clause_and_what_helps(pages):
    assert "若社區合作學校超過二十所" in pages["refused", "en"].read_text(encoding="utf-8")
    assert "--divisible 臺中市潭子區" in pages["heavy", "zh-TW"].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def opened():
    with reader() as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "language", "width"),
    [("pair", "zh-TW", 1280), ("heavy", "zh-TW", 360), pytest.param("pair", "en", 360, marks=pytest.mark.campaign)],
)
def test_the_browser_finds_nothing_wrong(pages, opened, name, language, width):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(pages[name, language], width)
    assert page.asked == [pages[name, language].as_uri()] and not page.said
    assert page.title() != "ran"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


# --------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "我的 社區.yaml"
    path.write_text(write_yaml(community(along(4, 4, 4, 4, 3, 2))), encoding="utf-8")
    return path


def run(capfd, *arguments):
    code = cli.run([*map(str, arguments), "--lang", "en"])
    told = capfd.readouterr()
    return code, told.out, told.err


def test_the_command_writes_and_says_so(file, tmp_path, capfd):
    out = tmp_path / "out"
    code, told, _err = run(capfd, "split", file, "-q", "--out", out, "--formats", "csv", "--no-moves")
    assert code == ExitCode.PROVEN and "Proven: no lawful pair" in told and "Written: " in told
    assert (out / "plan-1" / "scenario.yaml").exists()
    code, told, _err = run(capfd, "solve", out / "plan-1" / "scenario.yaml", "-q")
    assert code == ExitCode.PROVEN
    code, told, _err = run(capfd, "check", out / "plan-2" / "plan.json", "-q")
    assert code == ExitCode.PROVEN
    code, told, _err = run(capfd, "split", file, "--json", "--no-moves", "--keep-plan", f"{out / 'split.json'}#1")
    assert code == ExitCode.PROVEN
    first, again = (json.loads(text) for text in ((out / "split.json").read_text(encoding="utf-8"), told))
    assert [plan["schools"] for plan in again["plans"]] == [plan["schools"] for plan in first["plans"]]


def test_a_workbook_is_taken_as_well(file, tmp_path, capfd):
    from assigner.scenario import read_scenario
    from assigner.workbook.template import write_workbook

    form = tmp_path / "表.xlsx"
    with language_set("zh-TW"):
        write_workbook(read_scenario(file), form)
    code, told, _err = run(capfd, "split", form, "-q", "--no-moves")
    assert code == ExitCode.PROVEN and "Proven" in told


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--top", "99"], "--top"),
        (["--formats", "pdf", "--out", "x"], "--formats"),
        (["--formats", "csv"], "no folder"),
        (["--convener", "SYN001", "--convener", "SYN005", "--convener", "SYN009"], "捌、一（二）"),
        (["--unit", "county"], "township or school"),
        (["--time-limit", "0"], "above zero"),
        (["--keep-plan", "nothing.json"], "nothing.json"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(file, capfd, options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, told, err = run(capfd, "split", file, *options)
    assert code == ExitCode.BAD_INPUT and words in err and not told
    assert "Traceback" not in err
    assert not (tmp_path / "x").exists()


def test_a_refusal_has_the_code_of_no_lawful_plan(tmp_path, capfd):
    path = tmp_path / "s.yaml"
    path.write_text(write_yaml(community(along(4, 4, 4, 4, 4))), encoding="utf-8")
    code, told, _err = run(capfd, "split", path, "-q")
    assert code == ExitCode.NO_LAWFUL_PLAN and "not allowed" in told


def test_the_schema_is_printed(capfd):
    code, told, _err = run(capfd, "schema", "split")
    assert code == ExitCode.PROVEN and json.loads(told)["title"].startswith("split.json")


def test_python_gives_map_page_and_frame(answer):
    axes = answer.plot(lang="en")
    assert axes.figure is not None
    assert "srcdoc" in answer.explore("en")._repr_html_()
    assert workbook_bytes(answer)[:2] == b"PK"
