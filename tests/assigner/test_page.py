"""The page: opened as a reader opens it, in a browser that may reach nothing but the file."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from assigner.messages import language_set
from assigner.planner import solve
from assigner.report.map_style import gid
from assigner.report.page import Explorer, page_text
from assigner.scenario import read_scenario, scenario_of
from assigner.scenario.example import collision, example
from tests.tools import reader, tool

LANGUAGES = ("zh-TW", "en")
SEEN = {(name, "zh-TW") for name in ("nine", "many", "collision", "hostile")} | {("nine", "en")}
WIDTHS = (1280, 360, 320)
HOSTILE = {
    "000001": "<script>document.title='ran'</script>",
    "000002": '甲"><img src=x onerror="document.title=\'ran\'">',
    "000003": "</style></svg><svg onload=alert(1)> & 'x' $y$",
    "000004": "{{ 7*7 }}{% for %} 高中",
    "000005": "javascript:alert(1) 高中",
}


@pytest.fixture(scope="module")
def answers():
    """Answers of every kind, by name."""
    hostile = {
        "schema_version": 1,
        "id": "hostile",
        "name": '<b>社區</b> & "甲"',
        "rulebook": "111",
        "convener": "choose",
        "note": "</p><script>document.title='ran'</script>",
        "sources": ["javascript:alert(1)", "<a href='https://example.org'>x</a>"],
        "schools": [
            {"code": code, "name": name, "township": "臺中市東勢區", "lon": 120.82 + k / 200, "lat": 24.25}
            for k, (code, name) in enumerate(HOSTILE.items())
        ],
        "junior_highs": [
            {"code": "100001", "name": "<i>國中</i>", "township": "臺中市東勢區", "pupils": {8: 20, 9: 10}}
        ],
    }
    nine = solve(example(9, 1))
    return {
        "nine": nine,
        "many": solve(example(51, 3), price=False),
        "relaxed": solve(example(2, 1)),
        "one": solve(example(1, 1)),
        "collision": solve(collision()),
        "stopped": replace(
            nine, status="stopped", stopped_by="work", assignment=None, audit=None, tiers=(), obligations={}, price=None
        ),
        "unproven": replace(
            nine,
            status="feasible",
            stopped_by="time",
            tiers=(*nine.tiers[:3], *(replace(tier, status="not_reached", bound=None) for tier in nine.tiers[3:])),
        ),
        "rejected": replace(nine, status="disagrees", disagreements=("travel",)),
        "hostile": solve(scenario_of(hostile)),
    }


@pytest.fixture(scope="module")
def pages(answers, tmp_path_factory):
    """Files of all answers in both languages."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for language in LANGUAGES:
        with language_set(language):
            for name, result in answers.items():
                if name == "one" or (language == "en" and name == "many"):
                    continue
                file = folder / f"{name}-{language}.html"
                file.write_text(page_text(result), encoding="utf-8", newline="\n")
                files[name, language] = file
    return files


@pytest.fixture(scope="module")
def opened():
    with reader() as opened:
        yield opened


class _Outline(HTMLParser):
    """Headings, languages and tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.levels, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


# --------------------------------------------------------------------------------------------------- as a text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_file_without_scripts_and_links_outside(pages, language):
    for (name, spoken), file in pages.items():
        if spoken != language:
            continue
        text = file.read_text(encoding="utf-8")
        outline = _Outline(text)
        assert text.startswith("<!DOCTYPE html>")
        assert ("html", {"lang": language}) in outline.attributes
        assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form"} & set(outline.tags), name
        for tag, attributes in outline.attributes:
            assert not any(key.startswith("on") for key in attributes), (name, tag)
            for key in ("src", "href", "xlink:href"):
                assert attributes.get(key, "#").startswith("#"), (name, tag, attributes)
        policy = next(a["content"] for t, a in outline.attributes if a.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in policy and "script-src 'none'" in policy
        assert outline.levels[0] == 1 and outline.levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False)), name
        ids = [a["id"] for _tag, a in outline.attributes if a.get("id")]
        assert len(ids) == len(set(ids)), name
        for tag, attributes in outline.attributes:
            if tag == "a":
                assert attributes["href"][1:] in ids
            for key in ("aria-labelledby", "for"):
                assert set(attributes.get(key, "").split()) <= set(ids), (name, tag, attributes)
            if tag == "th":
                assert "scope" in attributes
        assert outline.tags.count("table") == outline.tags.count("caption")


def test_equal_answers_give_equal_pages():
    with language_set("zh-TW"):
        assert page_text(solve(example(5, 1))) == page_text(solve(example(5, 1)))


def test_a_large_community_is_a_light_page(pages):
    assert pages["many", "zh-TW"].stat().st_size < 1_500_000


def test_the_page_holds_what_the_answer_holds(answers, pages):
    import html

    for name in ("nine", "many", "relaxed"):
        result = answers[name]
        text = html.unescape(re.sub(r"<[^>]+>", "\n", pages[name, "zh-TW"].read_text(encoding="utf-8")))
        for spot in result.problem.community.schools:
            assert spot.code in text and spot.name in text
        for point in result.problem.community.demand_points:
            assert point.name in text
        for finding in result.audit.findings:
            assert finding.clause.title.in_("zh-TW") in text
            if not finding.clause.assumption:
                assert finding.clause.quote in text
        for due in (due for entries in result.obligations.values() for due in entries):
            assert due.obligation.title.in_("zh-TW") in text
        for item in result.assignment.hosts:
            assert result.plan.rules.item_by_id[item].title.in_("zh-TW") in text
        assert result.scenario.hash in text
        assert result.problem.rules.rulebook.hash in text
        for source in result.scenario.entries.sources:
            assert source in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_of_ones_own_without_attribution_is_named_as_the_source(tmp_path, language):
    import html

    from assigner.report import statements
    from assigner.report.map import svg_text
    from assigner.report.scene import scene_of
    from tests.assigner.test_map import SQUARES

    (tmp_path / "own.geojson").write_text(SQUARES, encoding="utf-8")
    data = {
        "schema_version": 1,
        "id": "own",
        "geography": {"file": "own.geojson", "key": "k", "county": "c", "town": "t", "name": "某局之圖"},
        "convener": "000001",
        "schools": [{"code": f"00000{k}", "township": f"甲縣{'乙丙'[k % 2]}鄉"} for k in range(1, 4)],
    }
    result = solve(scenario_of(data, "own.yaml", tmp_path), price=False)
    with language_set(language):
        page, picture, said = page_text(result), svg_text(result), statements.attribution(result)
        assert scene_of(result).credit == said
    assert "某局之圖" in said
    assert re.findall(r"<li>(.*?)</li>", page.partition('<h2 id="sources">')[2]) == [html.escape(said)]
    assert said in picture


def test_an_answer_without_a_plan_says_why_and_shows_no_map(pages):
    text = pages["collision", "en"].read_text(encoding="utf-8")
    assert "<svg" not in text
    assert "Proven: no plan keeps all these rules." in text
    assert "4.5" in text and "One of these has to give:" in text
    stopped = pages["stopped", "en"].read_text(encoding="utf-8")
    assert "Whether there is one is not known." in stopped
    assert "Proven:" not in stopped


def test_what_is_not_proven_or_refused_is_said_first(pages):
    unproven = pages["unproven", "en"].read_text(encoding="utf-8")
    assert "not proven best" in unproven
    assert "Proven: no lawful plan is better" not in unproven
    assert unproven.index("Proven up to here") < unproven.index('<h2 id="duties">')
    rejected = pages["rejected", "en"].read_text(encoding="utf-8")
    assert "Do not use this plan" in rejected
    assert "Proven: no lawful plan is better" not in rejected


# ------------------------------------------------------------------------------------------------- in a browser


@pytest.mark.parametrize(("name", "language"), sorted(SEEN))
def test_the_page_asks_for_nothing_and_does_not_scroll_sideways(pages, opened, name, language):
    file = pages[name, language]
    page = opened(file)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(
            """width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1
               && !e.closest('.scroll, .picture, .skip')).map(e => e.outerHTML.slice(0, 90))""",
            width,
        )
        assert wide == [], width
    assert page.asked == [file.as_uri()]
    assert page.said == []


@pytest.mark.parametrize(("name", "language", "width"), [
    ("nine", "zh-TW", 1280),
    pytest.param("relaxed", "en", 320, marks=pytest.mark.campaign),
    ("collision", "zh-TW", 360),
    pytest.param("rejected", "zh-TW", 1280, marks=pytest.mark.campaign),
    pytest.param("many", "zh-TW", 1280, marks=pytest.mark.campaign),
    pytest.param("nine", "en", 320, marks=pytest.mark.campaign),
    pytest.param("unproven", "en", 1280, marks=pytest.mark.campaign),
    pytest.param("stopped", "en", 320, marks=pytest.mark.campaign),
])  # fmt: skip
def test_axe_finds_nothing(pages, opened, name, language, width):
    from axe_playwright_python.sync_playwright import Axe

    # The page forbids scripts; the examiner is one.
    page = opened(pages[name, language], width, bypass_csp=True)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()


def test_names_never_run(pages, opened):
    for language in LANGUAGES:
        page = opened(pages["hostile", language], bypass_csp=True)
        page.wait_for_timeout(200)
        assert page.title() == '<b>社區</b> & "甲"'
        assert page.said == []
        assert page.locator("main i, main b, main script, main img").count() == page.locator(".bar > i").count()
        seen = page.locator("body").inner_text()
        for name in HOSTILE.values():
            assert name in seen, name
        assert "49 高中" not in seen


def test_the_keyboard_reaches_the_lines_of_the_map(answers, pages, opened):
    page = opened(pages["nine", "zh-TW"])
    units = ["2.1", "2.3", "4.4.career", "4.4.academic"]

    def shown():
        return [unit for unit in units if page.locator(f"#{gid('lines', unit)}").is_visible()]

    assert shown() == ["4.4.career"]
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "lines":
            break
    assert page.evaluate("document.activeElement.id") == page.evaluate("document.querySelector(':checked').id")
    assert page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    assert shown() == ["4.4.academic"]
    page.keyboard.press("ArrowRight")
    assert shown() == []
    page.keyboard.press("ArrowRight")
    assert shown() == ["2.1"]


def test_the_first_tab_skips_to_the_content(pages, opened):
    page = opened(pages["nine", "en"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_map_keeps_its_names_inside(pages, opened):
    """Texts as the browser draws them, with the fonts it has, stay on the picture."""
    for name in ("nine", "many"):
        page = opened(pages[name, "zh-TW"])
        out = page.evaluate(
            """() => { const box = document.querySelector('.picture svg').getBoundingClientRect();
               return [...document.querySelectorAll('.picture text')].filter(t => { const b = t.getBoundingClientRect();
               return b.width && (b.left < box.left - 1 || b.right > box.right + 1 || b.bottom > box.bottom + 1); })
               .map(t => t.textContent) }"""
        )
        assert out == []


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("nine", "zh-TW"),
        *(pytest.param(*page, marks=pytest.mark.campaign) for page in (("nine", "en"), ("many", "zh-TW"))),
    ],
)
def test_printed_on_a4_everything_is_there(answers, pages, opened, tmp_path, name, language):
    reader = tool("pdftotext")
    page = opened(pages[name, language])
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    printed = subprocess.run([reader, "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    squeezed = re.sub(r"\s+", "", printed)
    # What is folded on the screen is unfolded on paper.
    for due in (due for entries in answers[name].obligations.values() for due in entries):
        assert re.sub(r"\s+", "", due.obligation.title.in_(language)) in squeezed, due.obligation.title
    for school in answers[name].problem.community.schools:
        assert squeezed.count(school.code) >= 3
    sizes = subprocess.run([tool("pdfinfo"), file], capture_output=True, check=True).stdout.decode()
    assert re.search(r"Page size:\s+59[45](\.\d+)? x 84[12]", sizes)
    # Nothing runs over the edge: with the page as wide as the paper's text, nothing is wider.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    wide = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 704
           && !e.closest('svg, .quiet')).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert wide == []


# ------------------------------------------------------------------------------------------------- in notebooks


def test_explore_shows_the_page_in_a_frame_that_may_do_nothing(answers, tmp_path, opened):
    with language_set("zh-TW"):
        shown = answers["hostile"].explore(lang="en")
    assert isinstance(shown, Explorer)
    outline = _Outline(shown._repr_html_())
    assert outline.tags == ["iframe"]
    (_tag, attributes) = outline.attributes[0]
    assert attributes["sandbox"] == ""
    assert attributes["srcdoc"] == shown.text
    saved = shown.save(tmp_path / "頁面 1.html")
    assert saved.read_text(encoding="utf-8") == shown.text
    frame = tmp_path / "frame.html"
    frame.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>t</title>{shown._repr_html_()}", encoding="utf-8")
    page = opened(frame)
    assert page.frames[1].locator("h1").inner_text() == '<b>社區</b> & "甲"'
    assert page.title() == "t"


def test_open_shows_the_saved_page(answers, monkeypatch):
    import webbrowser

    asked = []
    monkeypatch.setattr(webbrowser, "open", asked.append)
    shown = answers["one"].explore()
    path = shown.open()
    assert asked == [path.as_uri()]
    assert path.read_text(encoding="utf-8") == shown.text


def test_the_shipped_example_makes_a_page():
    from pathlib import Path

    scenario = read_scenario(Path(__file__).parents[2] / "scenarios" / "dongshi-109.yaml")
    with language_set("zh-TW"):
        text = page_text(solve(scenario, price=False))
    assert "市立東勢高工" in text
