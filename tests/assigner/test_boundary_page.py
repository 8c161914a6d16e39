"""The page of an experiment: opened as a reader opens it, in a browser that may reach nothing but the file."""

from __future__ import annotations

import html
import itertools
import re
import subprocess
from html.parser import HTMLParser

import pytest

from assigner.boundary.measures import ALL
from assigner.messages import language_set
from assigner.report import boundary_tables as content
from assigner.report.boundary_page import explorer, page_text
from assigner.report.boundary_statements import finding_text, flip_lines, verdict
from tests.assigner.boundary_answers import HOSTILE, effects_of, hostile_base
from tests.tools import reader, tool

PAGES = (("changed", "zh-TW"), ("changed", "en"), ("preview", "zh-TW"), ("same", "en"), ("merged", "en"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Files, by experiment and language."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name, language in PAGES:
        with language_set(language):
            files[name, language] = folder / f"{name}-{language}.html"
            files[name, language].write_text(page_text(effects_of(name)), encoding="utf-8", newline="\n")
    return files


@pytest.fixture(scope="module")
def opened():
    with reader() as opened:
        yield opened


class _Outline(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def said_by(file) -> str:
    """Texts of a page, one a line, without blanks at their ends."""
    text = html.unescape(re.sub(r"<[^>]+>", "\n", file.read_text(encoding="utf-8")))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


# ------------------------------------------------------------------------------------------------------------ as a text


def test_the_page_is_one_file_without_scripts_and_links_outside(pages):
    for (name, language), file in pages.items():
        text = file.read_text(encoding="utf-8")
        outline = _Outline(text).found
        tags = [tag for tag, _attributes in outline]
        assert text.startswith("<!DOCTYPE html>")
        assert ("html", {"lang": language}) in outline
        assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form", "i", "b"} & set(tags), name
        ids = [attributes["id"] for _tag, attributes in outline if attributes.get("id")]
        assert len(ids) == len(set(ids)), name
        assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)
        for tag, attributes in outline:
            assert not any(key.startswith("on") for key in attributes), (name, tag)
            for key in ("src", "href", "xlink:href"):
                assert attributes.get(key, "#").startswith("#"), (name, tag, attributes)
            if tag == "a":
                assert attributes["href"][1:] in ids
            for key in ("aria-labelledby", "for"):
                assert set(attributes.get(key, "").split()) <= set(ids), (name, tag, attributes)
            if tag == "th":
                assert "scope" in attributes
        policy = next(a["content"] for _tag, a in outline if a.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in policy and "script-src 'none'" in policy
        levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), name
        assert tags.count("table") == tags.count("caption")


def test_equal_effects_give_equal_pages():
    with language_set("zh-TW"):
        assert page_text(effects_of("changed")) == page_text(effects_of("changed"))


@pytest.mark.parametrize(("name", "language"), [("changed", "zh-TW"), ("merged", "en"), ("preview", "zh-TW")])
def test_the_page_holds_what_the_effects_hold(pages, name, language):
    effects = effects_of(name)
    said = said_by(pages[name, language])
    lines = set(said.splitlines())
    with language_set(language):
        assert verdict(effects).text in said
        for line in flip_lines(effects.base, effects.flips):
            assert line in lines
        assert effects.findings
        for finding in effects.findings:
            assert finding_text(finding, effects) in lines
        tables = [content.moved(effects), content.communities(effects), content.duties(effects)]
        tables += [content.nearest(effects), content.kept_broken(effects)]
        for table in tables:
            assert not table.rows or table.title in lines
            for row in table.rows:
                assert {cell for cell in row if isinstance(cell, str) and cell} <= lines, (table.id, row)
        ids = [entry.id for entry in effects.communities]
        for community in (*ids, ALL):
            for record in content.comparison(effects, community).records():
                assert record["measure"] in lines
                assert {record["before"], record["after"]} <= lines
    for identity, book in {(s.scenario.rulebook.year, s.scenario.rulebook.hash) for s in _states(effects)}:
        assert book in said and str(identity) in said


def _states(effects):
    pairs = [state for entry in effects.communities for state in (entry.before, entry.after)]
    return [state for state in pairs if state is not None and state.scenario is not None]


def test_measures_that_change_are_marked_and_no_others(pages):
    effects = effects_of("changed")
    outline = _Outline(pages["changed", "zh-TW"].read_text(encoding="utf-8")).found
    marked = sum(tag == "tr" and "changed" in (a.get("class") or "").split() for tag, a in outline)
    with language_set("zh-TW"):
        expected = sum(
            record["before"] != record["after"]
            for community in (ALL, *(entry.id for entry in effects.communities))
            for record in content.comparison(effects, community).records()
        )
    assert marked == expected > 20


def test_without_changes_the_page_says_so_and_shows_both_maps_alike(pages):
    text = pages["same", "en"].read_text(encoding="utf-8")
    assert "All communities are as in the base map." in text
    assert 'id="each"' not in text and 'id="duties"' not in text and 'id="switches"' not in text
    before, after = re.findall(r"<svg [^>]*communities.*?</svg>", text, re.S)
    assert before.replace("before-", "after-").replace("before the", "after the") == after


def test_what_is_not_solved_yet_is_not_called_unchanged(pages):
    text = pages["preview", "zh-TW"].read_text(encoding="utf-8")
    with language_set("zh-TW"):
        from assigner.messages import _

        assert _("No duty changes hands.") not in text
        assert text.count(_("New plans are still to be found.")) >= 2
        assert _("With the duties as they were") in text


# --------------------------------------------------------------------------------------------------------- in a browser


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_page_asks_for_nothing_and_does_not_scroll_sideways(pages, opened, name, language):
    file = pages[name, language]
    page = opened(file)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(
            """width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1
               && !e.closest('.scroll, .view, .skip')).map(e => e.outerHTML.slice(0, 90))""",
            width,
        )
        assert wide == [], width
    assert page.asked == [file.as_uri()]
    assert page.said == []


def test_maps_stand_side_by_side_where_there_is_room(pages, opened):
    """High maps do so at desk width; wide ones stand one below the other, as all do on a phone."""
    columns = "getComputedStyle(document.querySelector('.pair')).gridTemplateColumns.split(' ').length"
    file = pages["merged", "en"]
    assert 'class="pair one"' in file.read_text(encoding="utf-8")
    page = opened(file)
    assert page.evaluate(columns) == 1
    page.evaluate("document.querySelector('.pair').className = 'pair'")
    assert page.evaluate(columns) == 2
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate(columns) == 1


@pytest.mark.parametrize(("name", "language", "width"), [
    ("preview", "zh-TW", 390),
    pytest.param("changed", "zh-TW", 1280, marks=pytest.mark.campaign),
    pytest.param("changed", "en", 320, marks=pytest.mark.campaign),
    pytest.param("same", "en", 1280, marks=pytest.mark.campaign),
    pytest.param("merged", "en", 1280, marks=pytest.mark.campaign),
])  # fmt: skip
def test_axe_finds_nothing(pages, opened, name, language, width):
    from axe_playwright_python.sync_playwright import Axe

    # The page forbids scripts; the examiner is one.
    page = opened(pages[name, language], width, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()


def test_names_never_run(pages, opened):
    for language in ("zh-TW", "en"):
        page = opened(pages["changed", language], bypass_csp=True)
        page.wait_for_timeout(200)
        assert '<b>縣</b> & "甲"' in page.title()
        assert page.said == []
        seen = page.evaluate("document.body.textContent")
        for name in (*HOSTILE.values(), "=<i>新</i>"):
            assert name in seen, name
        assert page.locator("main i, main b, main script, main img").count() == 0


def test_the_maps_keep_their_names_inside(pages, opened):
    """Texts as the browser draws them, with the fonts it has, stay on the picture."""
    page = opened(pages["changed", "zh-TW"])
    out = page.evaluate(
        """() => [...document.querySelectorAll('.view svg')].flatMap(svg => { const box = svg.getBoundingClientRect();
           return [...svg.querySelectorAll('text')].filter(t => { const b = t.getBoundingClientRect();
           return b.width && (b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1
           || b.bottom > box.bottom + 1); }).map(t => t.textContent) })"""
    )
    assert out == []
    assert page.locator(".view svg").count() == 2
    town = hostile_base().geography.find("豐原區", "臺中市").towncode
    fills = [page.locator(f"#{side}-t-{town}").get_attribute("fill") for side in ("before", "after")]
    assert fills[0] != fills[1]


def test_printed_on_a4_everything_is_there(pages, opened, tmp_path):
    effects = effects_of("changed")
    page = opened(pages["changed", "zh-TW"])
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    printed = subprocess.run([tool("pdftotext"), "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    squeezed = re.sub(r"\s+", "", printed)
    with language_set("zh-TW"):
        for finding in effects.findings:
            assert re.sub(r"\s+", "", finding_text(finding, effects))[:14] in squeezed
        # What is folded on the screen is unfolded on paper.
        for entry in effects.communities:
            assert squeezed.count(content.comparison(effects, entry.id).title) >= 3
    for change in effects.duties:
        assert change.school in squeezed
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    wide = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 704
           && !e.closest('svg, .quiet')).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert wide == []


def test_explore_shows_the_page_in_the_language_that_is_named():
    with language_set("zh-TW"):
        shown = explorer(effects_of("merged"), lang="en")
    assert '<html lang="en">' in shown.text
    assert shown.name == '<b>縣</b> & "甲"'
    assert 'sandbox=""' in shown._repr_html_()
