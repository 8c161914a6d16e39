"""The national report: its numbers are those of the store, counted anew here with nothing but SQL and JSON."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import zlib
from collections import Counter, defaultdict
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assigner import InputError, Runs
from assigner.batch.reporting import national_report, write_report
from assigner.batch.run_groups import robust_z
from assigner.batch.runs import FRAMES
from assigner.batch.store import Store
from assigner.cli import run as run_program
from assigner.messages import language_set
from assigner.report import national_statements as sentences
from assigner.report import national_tables as content
from assigner.report.national_map import panels
from assigner.report.national_page import page_text
from assigner.report.national_workbook import workbook_bytes
from tests.assigner.report_stores import (
    CAPACITY,
    Filling,
    canonical,
    codes,
    failed,
    filled,
    hosts,
    no_plan,
    plan,
)
from tests.tools import reader

HOSTILE = {
    "community": "<script>alert(1)</script>",
    "school": '=1+1"><img src=x onerror=alert(2)>',
    "label": "@SUM(A1) <b>x</b>",
    "source": "-2+3&cmd.yaml",
    "variant": "<i>{y}</i>",
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stores")
    return {"first": filled(folder / "first.sqlite").write(), "hostile": hostile(folder / "hostile.sqlite")}


def hostile(path: Path) -> Path:
    run = Filling(path, HOSTILE["label"])
    for community in "abc":
        names = dict.fromkeys(codes(community), HOSTILE["school"])
        given = canonical(community, HOSTILE["community"], names)
        given["scenario"]["sources"] = [HOSTILE["source"]]
        more = {"name": HOSTILE["community"], "given": given, "source": HOSTILE["source"]}
        for turn in (0, 1):
            facts = plan(hosts(community, turn), codes(community)[0], 10.0 + turn, schools=codes(community))
            run.add(community, facts, variant={HOSTILE["variant"]: HOSTILE["label"]} if turn else None, **more)
        error = failed("input", "x", (HOSTILE["school"],))
        run.add(community, error, variant={"z": 1}, label=HOSTILE["label"], **more)
    return run.write()


@pytest.fixture(scope="module")
def runs(stores) -> Runs:
    return Runs(stores["first"])


@pytest.fixture(scope="module")
def opened():
    with reader() as opened:
        yield opened


# ---------------------------------------------------------------------------------------- counted anew from the store


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Every member with its facts, by SQL alone."""
    with sqlite3.connect(path) as store:
        store.row_factory = sqlite3.Row
        query = "select m.*, j.state, j.delta, j.facts from members m join jobs j on j.key = m.job order by m.ordinal"
        found = [dict(row) for row in store.execute(query)]
    store.close()
    for row in found:
        row["variant"], row["delta"] = json.loads(row["variant"]), json.loads(row["delta"])
        row["facts"] = json.loads(zlib.decompress(row["facts"])) if row["facts"] else {}
    return found


def lawful(path: Path) -> list[dict[str, Any]]:
    return [row for row in rows_of(path) if "lift" not in row["delta"] and row["facts"].get("hosts") is not None]


def test_every_frame_is_there_by_name(runs):
    for name in FRAMES:
        assert runs.frame(name) is getattr(runs, name)
        assert not runs.frame(name).columns.duplicated().any()
    with pytest.raises(KeyError, match="no such frame"):
        runs.frame("nothing")


def test_the_numbers_of_communities_counties_and_schools_are_those_of_the_store(stores, runs):
    rows = lawful(stores["first"])
    base = {row["community"]: row["facts"] for row in rows if not row["variant"]}
    assert runs.communities["community"].tolist() == list(base)
    for row in runs.communities.itertuples():
        loads = {code: Fraction(load["ratio"]) for code, load in base[row.community]["loads"].items()}
        assert row.largest_load == float(max(loads.values()))
        assert row.heaviest.split(", ") == [code for code in loads if loads[code] == max(loads.values())]
        assert row.mean_load == pytest.approx(float(sum(loads.values()) / len(loads)))
        assert row.travel == base[row.community]["travel"]["total"]
        assert row.travel_per_pupil == pytest.approx(row.travel / 25)  # half of 30 and 20
    # Three of the four schools of c are in 高雄市.
    assert dict(zip(runs.counties["county"], runs.counties["communities"], strict=True)) == {"屏東縣": 2, "高雄市": 1}
    assert runs.communities["counties"].tolist() == ["屏東縣", "屏東縣", "高雄市, 屏東縣"]
    assert runs.counties["schools"].sum() == sum(facts["n"] for facts in base.values())
    assert runs.counties["travel"].sum() == sum(facts["travel"]["total"] for facts in base.values())
    ratios: dict[str, list[Fraction]] = defaultdict(list)
    duties: Counter[str] = Counter()
    for row in rows:
        for code, load in row["facts"]["loads"].items():
            ratios[code].append(Fraction(load["ratio"]))
        duties.update(code for own in row["facts"]["hosts"].values() for code in own)
    assert set(runs.schools["code"]) == set(ratios)
    for row in runs.schools.itertuples():
        own = ratios[row.code]
        assert (row.least_load, row.most_load, row.variants) == (float(min(own)), float(max(own)), len(own))
        assert row.mean_load == pytest.approx(float(sum(own) / len(own)))
        assert row.duties == pytest.approx(duties[row.code] / len(own))


def test_how_firm_a_duty_is_is_counted_over_the_variants_with_a_plan(stores, runs):
    held: Counter[tuple[str, str, str]] = Counter()
    variants: Counter[str] = Counter()
    base = set()
    for row in lawful(stores["first"]):
        variants[row["community"]] += 1
        pairs = [(item, code) for item, own in row["facts"]["hosts"].items() for code in own]
        for item, code in [*pairs, ("convener", row["facts"]["convener"])]:
            held[row["community"], item, code] += 1
            if not row["variant"]:
                base.add((row["community"], item, code))
    assert {(r.community, r.item, r.code): (r.hosted, r.variants, r.in_base) for r in runs.robustness.itertuples()} == {
        key: (n, variants[key[0]], key in base) for key, n in held.items()
    }
    for row in runs.communities.itertuples():
        own = [held[key] == variants[row.community] for key in base if key[0] == row.community]
        assert row.fixed_share == pytest.approx(sum(own) / len(own))
    by_hand = dict(zip(runs.communities["community"], runs.communities["fixed_share"], strict=True))
    assert by_hand == pytest.approx({"a": 1 / 5, "b": 1.0, "c": 1.0})


def test_clauses_are_told_where_they_collide_and_what_they_cost(runs):
    found = runs.clauses.set_index("clause")
    assert found["collides"].to_dict() == {"4.4.cap": 0, "1.hosts": 1, "3.partner": 1, "4.partner": 2}
    assert found.loc["3.partner", "relaxations"] == "R1" and set(found["communities"]) == {3}
    assert found.loc["4.4.cap", ["lifted", "binds", "tier", "gain"]].tolist() == [3, 3, "exploration", 3.0]
    assert found.loc["1.hosts", ["lifted", "binds", "tier", "gain"]].tolist() == [3, 2, "travel", 20.0]
    with language_set("en"):
        table = content.clauses(national_report(runs.path))
    (gains,) = (row["gains"] for row in table.records() if row["clause"].startswith("1.hosts"))
    assert gains == ("travel a year: by 20.00 in 2 communities",)


def test_a_clause_without_which_there_is_a_plan_at_all_binds(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", no_plan("1.hosts"))
    run.add("a", plan(hosts("a"), "A00001", 5.0), variant={"lift": "1.hosts"}, delta={"lift": ["1.hosts"]})
    (clause,) = Runs(run.write()).clauses.itertuples()
    assert (clause.clause, clause.binds, clause.tier, clause.better) == ("1.hosts", 1, "plan", 1)


def test_a_clause_is_not_said_to_bind_where_the_search_for_a_plan_was_stopped(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", no_plan() | {"status": "stopped", "collision": None})
    run.add("a", plan(hosts("a"), "A00001", 5.0), variant={"lift": "1.hosts"}, delta={"lift": ["1.hosts"]})
    assert not len(Runs(run.write()).clauses)


def test_what_a_clause_costs_is_told_though_an_earlier_run_asked_for_the_plan_in_other_words(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    other = canonical("a", "a社區") | {"note": "another input, the same job"}
    run.add("a", plan(hosts("a"), "A00001", 15.0), given=other, delta={"tolerances": {}})
    run.add("a", plan(hosts("a"), "A00001", 5.0), variant={"lift": "1.hosts"}, delta={"lift": ["1.hosts"]})
    (clause,) = Runs(run.write()).clauses.itertuples()
    assert (clause.clause, clause.lifted, clause.tier, clause.gain) == ("1.hosts", 1, "travel", 10.0)


def test_travel_for_each_school_is_that_of_the_communities_with_a_plan(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", plan(hosts("a"), "A00001", 100.0, schools=codes("a")))
    run.add("b", no_plan("1.hosts"))
    (county,) = Runs(run.write()).counties.itertuples()
    assert (county.schools, county.travel, county.travel_per_school) == (8, 100.0, 25.0)


def test_a_split_stands_beside_the_one_plan(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", plan(hosts("a"), "A00001", 100.0, missing_categories=["arts"], schools=codes("a")))
    sides = [plan({"1.1": [code]}, code, 0.0) for code in codes("a")[:2]]
    facts = {
        "kind": "split",
        "status": "optimal",
        "stopped_by": None,
        "n": 4,
        "refused_by": [],
        "remedies": [],
        "pieces": 1,
        "solver_seconds": 0.5,
        "tiers": [
            {"name": "travel", "value": 80.0, "status": "optimal"},
            {"name": "balance", "value": 1, "status": "optimal"},
        ],
        "plans": [
            {
                "convener": s["convener"],
                "schools": s["participants"],
                "units": 1,
                "missing_categories": ["arts"],
                "loads": s["loads"],
            }
            for s in sides
        ],
        "together": {
            "status": "optimal",
            "units": 4,
            "tiers": [{"name": "travel", "value": 100.0}, {"name": "load", "value": ["1/2"]}],
        },
    }
    run.add("a", facts, kind="split")
    (row,) = Runs(run.write()).splits.itertuples()
    assert (row.travel, row.travel_together, row.balance) == (80.0, 100.0, 1.0)
    assert (row.categories_missing, row.categories_missing_together) == (2.0, 1.0)
    assert (row.duties, row.duties_together, row.work, row.work_together) == (2.0, 4.0, 2.0, 4.0)
    assert (row.largest_load, row.largest_load_together) == (2 / CAPACITY, 0.5)


def test_schools_that_share_a_code_at_once_are_told_apart_and_one_that_moves_is_one(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    for community, name in (("a", "甲高中"), ("b", "乙高中")):
        given = canonical("a", community, {"A00001": name})
        run.add(community, plan({"1.1": ["A00001"]}, "A00001", 1.0), given=given)
    run.add("c", plan({"1.1": ["C00001"]}, "C00001", 1.0))
    run.add("b", plan({"1.1": ["C00001"], "2.1": ["C00001"]}, "C00001", 1.0), variant={"flips": "x"})
    found = Runs(run.write()).schools
    rows = list(
        zip(found["code"], found["school"], found["community"], found["variants"], found["most_load"], strict=True)
    )
    assert rows == [
        ("C00001", "C00001 高中", "c", 2, 0.75),
        ("A00001", "甲高中", "a", 1, 0.5),
        ("A00001", "乙高中", "b", 1, 0.5),
    ]


# ------------------------------------------------------------------------------------------------------------ outliers


def test_outliers_are_told_by_the_median_and_only_among_enough(tmp_path):
    for n, expected in ((7, []), (9, [("i", "travel_per_school")])):
        run = Filling(tmp_path / f"{n}.sqlite")
        for k, community in enumerate("abcdefghi"[-n:]):
            own = codes(community)
            travel = 10.0 + k + (200.0 if community == "i" else 0.0)
            given = canonical(community, community)
            given["scenario"]["junior_highs"] = []
            run.add(community, plan(hosts(community), own[0], travel, schools=own), given=given)
        report = national_report(run.write())
        found = report.runs.outliers
        assert list(zip(found["community"], found["measure"], strict=True)) == expected
        with language_set("en"):
            note = content.outliers(report).note
        assert ("too few" in note) == (n == 7)


def test_the_robust_deviation_is_that_of_the_textbook():
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    assert robust_z(values)[-1] == pytest.approx(97 / 1.4826)
    mostly_alike = np.array([0.0] * 9 + [1.0])
    assert robust_z(mostly_alike)[-1] == pytest.approx(1 / (1.2533 * 0.1))
    assert not robust_z(np.ones(5)).any()


# ---------------------------------------------------------------------------------------------------------- the page


class _Tables(HTMLParser):
    """Cells of every table of a page, by the id of its caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._rows: list[list[str]] = []
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "caption":
            self._rows = self.tables[attributes["id"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._cell = True
            self._rows[-1].append("")
        elif tag == "li" and self._cell and self._rows[-1][-1].strip():
            self._rows[-1][-1] += "|"

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data):
        if self._cell:
            self._rows[-1][-1] += data.strip()


def test_the_numbers_on_the_page_are_those_of_the_store(stores):
    with language_set("en"):
        page = _Tables(page_text(national_report(stores["first"])))
    base = {row["community"]: row["facts"] for row in lawful(stores["first"]) if not row["variant"]}
    head, *rows = page.tables["t-communities"]
    assert len(rows) == 3
    for cells in rows:
        facts = base[cells[0][0]]
        told = dict(zip(head, cells, strict=True))
        ratios = [Fraction(load["ratio"]) for load in facts["loads"].values()]
        assert told["Heaviest load"] == f"{float(max(ratios)):.2f}"
        assert told["Mean load"] == f"{float(sum(ratios) / len(ratios)):.2f}"
        assert told["Travel a year (person-km)"] == f"{facts['travel']['total']:.0f}"
        assert told["Schools"] == str(facts["n"])
        assert told["Relaxations"] == ("R1" if cells[0][0] == "b" else "")
    head, *rows = page.tables["t-schools"]
    ratios_of: dict[str, list[Fraction]] = defaultdict(list)
    for row in lawful(stores["first"]):
        for code, load in row["facts"]["loads"].items():
            ratios_of[code].append(Fraction(load["ratio"]))
    assert [cells[0] for cells in rows] == sorted(ratios_of, key=lambda code: (-max(ratios_of[code]), code))
    for cells in rows:
        told, own = dict(zip(head, cells, strict=True)), ratios_of[cells[0]]
        expected = [float(min(own)), float(sum(own) / len(own)), float(max(own))]
        assert [told[f"{name} load"] for name in ("Least", "Mean", "Most")] == [f"{value:.2f}" for value in expected]
    ended = {cells[0]: cells[1:] for cells in page.tables["t-ended"][1:]}
    assert ended == {"proven best": ["14", "3"], "no lawful plan": ["1", "1"], "together": ["15", "3"]}
    (reason,) = [cells for cells in page.tables["t-relaxations"][1:] if cells[1] == "in force"]
    assert re.match(r"3\.partner .*\|4\.partner ", reason[2]) and reason[3:5] == ["3", "1"]
    (reason,) = [cells for cells in page.tables["t-relaxations"][1:] if cells[1] == "no lawful plan"]
    assert re.match(r"1\.hosts .*\|4\.partner ", reason[2]) and reason[3:5] == ["1", "1"]


def test_the_page_is_one_file_that_asks_for_nothing_and_runs_nothing(stores):
    with language_set("en"):
        text = page_text(national_report(stores["hostile"], other=(stores["first"], None)))
    page = _Tables(text)
    tags = [tag for tag, _attributes in page.tags]
    assert not {"script", "iframe", "img", "link", "base", "form", "object", "b", "i"} & set(tags)
    ids = [attributes["id"] for _tag, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)
    for _tag, attributes in page.tags:
        assert not any(key.startswith("on") for key in attributes)
        for key in ("href", "src", "xlink:href"):
            assert attributes.get(key, "#").startswith("#") and attributes.get(key, "#x")[1:] in {*ids, "x"}
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)
    assert "default-src 'none'" in text and tags.count("table") == tags.count("caption")
    for word in HOSTILE.values():
        assert html.escape(word, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in text


def test_communities_far_apart_are_shown_on_the_whole_country_and_of_shared_land_the_largest_is(stores, tmp_path):
    near = national_report(stores["first"]).base
    assert near is not None and dict(near.map.home) == {
        "10013010": "a",
        "10013050": "b",  # four of its schools, and two of a
        "10013080": "c",
        "64000140": "c",
    }
    run = Filling(tmp_path / "s.sqlite")
    for community, town in (("a", "10013010"), ("b", "65000010")):
        given = canonical(community, community)
        given["scenario"]["townships"] = [town]
        for school in given["scenario"]["schools"]:
            school["township"] = town
        run.add(community, plan(hosts(community), codes(community)[0], 1.0), given=given)
    far = national_report(run.write()).base
    assert far is not None and len(far.map.home) == 368
    assert {town: home for town, home in far.map.home.items() if home} == {"10013010": "a", "65000010": "b"}


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(stores, opened, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    file = tmp_path / "report.html"
    with language_set("zh-TW"):
        report = national_report(stores["hostile"], other=(stores["first"], None))
        file.write_text(page_text(report), encoding="utf-8", newline="\n")
        assert len(panels(report)) == 4
    page = opened(file, 390, bypass_csp=True)
    assert page.asked == [file.as_uri()] and page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()


# ------------------------------------------------------------------------------------------------------- the workbook


def test_the_workbook_says_the_same_and_its_sums_agree(stores, tmp_path):
    from openpyxl import load_workbook

    file = tmp_path / "report.xlsx"
    with language_set("en"):
        report = national_report(stores["first"])
        file.write_bytes(workbook_bytes(report))
    book = load_workbook(file)

    def column(sheet: str, title: str) -> list[Any]:
        page = book[sheet]
        (head,) = (row for row in page.iter_rows() if any(cell.value == title for cell in row))
        (place,) = (cell.column for cell in head if cell.value == title)
        return [page.cell(row, place).value for row in range(head[0].row + 1, page.max_row + 1)]

    base = [row["facts"] for row in lawful(stores["first"]) if not row["variant"]]
    travel = sum(facts["travel"]["total"] for facts in base)
    title = "Travel a year (person-km)"
    assert sum(column("Communities", title)) == sum(column("Counties", title)) == travel
    assert sum(column("Counties", "Communities")) == 3
    assert sum(column("Counties", "Schools")) == sum(column("Communities", "Schools")) == 12
    jobs = [row["facts"]["travel"]["total"] for row in rows_of(stores["first"]) if row["facts"].get("hosts")]
    assert sum(value or 0 for value in column("Jobs", title)) == pytest.approx(sum(jobs))
    for sheet in ("Communities", "Schools", "Jobs"):
        assert book[sheet].auto_filter.ref and book[sheet].freeze_panes


def test_no_name_is_a_formula_in_workbook_and_csv(stores, tmp_path):
    from openpyxl import load_workbook

    with language_set("zh-TW"):
        report = national_report(stores["hostile"])
        written = write_report(report, tmp_path, ("html", "xlsx", "csv"))
    assert not written.failures and {path.name for path in written.paths} >= {"report.html", "report.xlsx", "jobs.csv"}
    book = load_workbook(tmp_path / "report.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(isinstance(cell.value, str) and HOSTILE["school"] in cell.value for cell in cells)
    for name in ("schools", "jobs", "failures"):
        for line in (tmp_path / "csv" / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()[1:]:
            assert not line.startswith(("=", "+", "-", "@")) and ",=" not in line and ",@" not in line


# ------------------------------------------------------------------------------------- two runs, and runs without much


def test_two_runs_differ_in_what_was_changed_and_in_nothing_else(tmp_path):
    old = Filling(tmp_path / "s.sqlite", "old", "1")
    new = Filling(tmp_path / "s.sqlite", "new", "2")
    own = codes("a")
    old.add("a", plan(hosts("a"), own[0], 10.0, schools=own))
    new.add("a", plan(hosts("a") | {"4.5": [own[0]]}, own[0], 9.0, schools=own))
    old.add("b", plan(hosts("b"), codes("b")[0], 7.0))
    new.add("b", plan(hosts("b"), codes("b")[0], 7.0))
    old.add("c", no_plan("1.hosts"))
    new.add("c", plan(hosts("c"), codes("c")[0], 1.0))
    old.add("c", plan(hosts("c"), codes("c")[0], 1.0), variant={"x": 1})
    new.add("c", plan(hosts("c"), codes("c")[0], 1.0), variant={"x": 2})
    old.write(), new.write()
    before, after = Runs(tmp_path / "s.sqlite", "old"), Runs(tmp_path / "s.sqlite")
    assert after.info.name == "new" and before.info.id == Runs(tmp_path / "s.sqlite", before.info.id).info.id
    found = before.differences(after)
    assert list(
        found[["community", "variant", "change", "what", "before", "after"]].itertuples(index=False, name=None)
    ) == [
        ("a", "base", "tier", "load", "1/2, 1/4, 1/4, 1/4", "3/4, 1/4, 1/4, 0"),
        ("a", "base", "tier", "travel", "10", "9"),
        ("a", "base", "duty", "4.5", own[3], own[0]),
        ("c", "base", "status", "", "infeasible", "optimal"),
        ("c", "x=1", "gone", "", "", ""),
        ("c", "x=2", "new", "", "", ""),
    ]
    assert before.differences(before).empty
    with language_set("en"):
        report = national_report(tmp_path / "s.sqlite", other=(tmp_path / "s.sqlite", "old"))
        rows = content.changed_communities(report).rows
        assert [row[1:] for row in rows] == [
            (1, 0, 0, 0, ("loads, the heaviest first", "travel a year"), 1),
            (3, 2, 1, 0, (), 0),
        ]
        assert "2 of 3 communities are not the same in both runs." in page_text(report)


def test_a_run_without_members_has_a_report_that_says_so(tmp_path):
    runs = Runs(Filling(tmp_path / "s.sqlite").write())
    assert all(runs.frame(name).empty for name in FRAMES)
    with language_set("en"):
        report = national_report(runs.path)
        assert "There is nothing to report" in sentences.verdict(report).text.replace("there", "There")
        assert "There is no answer yet." in page_text(report) and workbook_bytes(report)


def test_a_run_of_failures_tells_each_once_with_how_to_mend_it(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    for community in "abc":
        run.add(community, failed("input", "long", ("x.yaml:3  bad\n  To mend it: write it well.",)))
    run.add("a", failed("memory", "It took more memory than a worker may have, and was ended."), variant={"x": 1})
    runs = Runs(run.write())
    assert runs.failures["error"].tolist() == ["input"] * 3 + ["memory"] and runs.communities["failed"].sum() == 4
    with language_set("en"):
        report = national_report(runs.path)
        table = content.failures(report)
        assert [(row["jobs"], row["mend"]) for row in table.records()] == [
            (3, sentences.MENDING["input"]),
            (1, sentences.MENDING["memory"]),
        ]
        verdict = sentences.verdict(report)
        assert verdict.tone == "bad" and "0 of 3 communities" in verdict.text and "4 jobs failed." in verdict.text
        assert "write it well" in page_text(report) and workbook_bytes(report)


def test_an_unfinished_run_says_how_much_is_missing(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", plan(hosts("a"), "A00001", 1.0))
    run.add("b", None)
    runs = Runs(run.write(total=5, complete=False))
    assert runs.jobs["state"].tolist() == ["done", "queued"]
    with language_set("en"):
        verdict = sentences.verdict(national_report(runs.path))
    assert verdict.tone == "warning" and "4 of 5 answers are still missing" in verdict.text


# --------------------------------------------------------------------------------------------------------- the command


def test_the_command_writes_what_is_asked_for_and_refuses_in_words(stores, tmp_path, capsys):
    store, out = str(stores["first"]), str(tmp_path / "out")
    assert run_program(["report", store, "--out", out, "--compare", "#run", "--formats", "html", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "Written:" in told and "The heaviest loads" in told
    assert [path.name for path in Path(out).iterdir()] == ["report.html"]
    for more, word in (
        (["--run", "other"], "no run of this name"),
        (["--formats", "pdf"], "No file can be written in this format."),
        (["--compare", "nothing.sqlite"], "There is no such file."),
    ):
        assert run_program(["report", store, "--out", str(tmp_path / "no"), *more, "--lang", "en"]) == 2
        assert word in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_plan_that_waits_to_be_made_better_stays_in_the_report(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    run.add("a", plan(hosts("a"), "A00001", 7.0, status="feasible"))
    path = run.write()
    with Store.open(path) as store:
        assert store.requeue(1) == 1
        waiting = Runs(path)
        assert waiting.communities["travel"].tolist() == [7.0]
        assert (waiting.members[0].state, waiting.members[0].status) == ("stopped", "feasible")
        store._db.execute("update jobs set error = '{}'")  # it has failed: that plan is not to be used
        again = Runs(path)
        assert (again.members[0].state, again.members[0].status, len(again.loads)) == ("queued", "", 0)


@pytest.mark.parametrize("column", ["jobs set delta", "members set variant", "inputs set content"])
def test_whatever_is_damaged_is_told(tmp_path, column):
    path = filled(tmp_path / "s.sqlite").write()
    with sqlite3.connect(path) as store:
        store.execute(f"update {column} = x'7b7b'")
    store.close()
    with pytest.raises(InputError, match="damaged"), language_set("en"):
        _ = Runs(path).communities


def test_a_damaged_answer_is_told_and_not_skipped(tmp_path):
    path = filled(tmp_path / "s.sqlite").write()
    with sqlite3.connect(path) as store:
        store.execute("update jobs set facts = x'00' where rowid = 3")
    store.close()
    with pytest.raises(InputError, match=r"."):
        _ = Runs(path).jobs


@pytest.mark.campaign
def test_ten_thousand_variants_make_a_page_that_can_be_opened(tmp_path):
    run = Filling(tmp_path / "s.sqlite")
    for community in "abc":
        own = codes(community)
        for x in range(3400):
            facts = plan(hosts(community, x % 4), own[x % 2], 10.0 + x % 7, schools=own)
            run.add(community, facts, variant={"seed": x} if x else None)
    with language_set("zh-TW"):
        report = national_report(run.write())
        assert len(page_text(report).encode()) < 3_000_000
        assert workbook_bytes(report)
