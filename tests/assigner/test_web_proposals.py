"""What the page finds out when it is asked to, and dividing: each with the mouse, and with the keyboard alone."""

from __future__ import annotations

import pytest

from tests.assigner.test_web_page import AXE
from tests.assigner.web_server import browsing, opened, settled, started

PATIENCE_MS = 120_000
"""Searches give way to all else that a machine does."""

LARGE, SMALL, EDGE = "Large", "Small", "Edge"
PINGTUNG, CHANGZHI, LINLUO, DASHU = "屏東縣屏東市", "屏東縣長治鄉", "屏東縣麟洛鄉", "高雄市大樹區"


def _base():
    """Three communities; the large one may hand in two plans, in one way: its two townships."""
    lines = ["schema_version: 1", "id: three", "synthetic: true", "communities:"]
    for identity, name, towns in (
        ("large", LARGE, (PINGTUNG, CHANGZHI)),
        ("small", SMALL, (LINLUO,)),
        ("edge", EDGE, (DASHU,)),
    ):
        lines += [f"  - {{id: {identity}, name: {name}, townships: [{', '.join(towns)}]}}"]
    lines.append("schools:")
    number = 0
    for town, count in ((PINGTUNG, 11), (CHANGZHI, 10), (LINLUO, 4), (DASHU, 4)):
        for _school in range(count):
            number += 1
            lines.append(f"  - {{code: SYN{number:03}, name: S{number}, township: {town}}}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    file = tmp_path_factory.mktemp("base") / "three.yaml"
    file.write_text(_base(), encoding="utf-8")
    served = started(file, store=tmp_path_factory.mktemp("store"), lang="en")
    yield served
    served.stop()


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = opened(context, server.root)
    yield page
    assert page.wrong == []
    context.close()


def chosen(page, community):
    page.locator(".legend button", has_text=community).click()
    page.wait_for_function("t => document.querySelector('#h-chosen').textContent === t", arg=community)


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()


def answered(page, panel):
    page.wait_for_selector(f"{panel} .verdict", timeout=PATIENCE_MS)
    return page.locator(panel)


def community_count(page):
    return page.locator(".legend button").count()


# ------------------------------------------------------------------------------------------------------------ the mouse


def test_what_is_marked_of_a_community_becomes_one_of_its_own_in_one_step(page):
    chosen(page, LARGE)
    page.locator(".divide summary").click()
    press(page, "Divide")
    page.wait_for_function("document.querySelector('.alert').textContent.startsWith('Nothing is marked')")
    boxes = page.locator(".divide input[type=checkbox]")
    assert boxes.count() == 2
    boxes.nth(0).check()
    page.wait_for_function("document.querySelector('.divide .note').textContent === '11 of 21 schools go, 10 stay.'")
    boxes.nth(1).check()
    press(page, "Divide")
    page.wait_for_function("document.querySelector('.alert').textContent.startsWith('Nothing would be left')")
    name = page.locator(".divide input[type=text]")
    assert name.input_value() == "New community 1"
    name.fill("<b>New</b> one")
    # What was typed stays when something else on the page changes.
    boxes.nth(1).uncheck()
    page.wait_for_function("document.querySelector('.divide .note').textContent === '11 of 21 schools go, 10 stay.'")
    press(page, "Divide")
    settled(page, 1)
    assert community_count(page) == 4
    assert page.locator(".legend button", has_text="<b>New</b> one").inner_text().endswith("(11 schools)")
    press(page, "Undo")
    settled(page, 0)
    assert community_count(page) == 3


def test_a_suggestion_is_found_beside_the_page_and_applied_as_an_ordinary_step(page):
    chosen(page, SMALL)
    press(page, "What would be better around it?")
    page.wait_for_function("document.activeElement.textContent === 'What would be better?'")
    panel = answered(page, "#suggestions")
    assert page.locator("[role=status]").inner_text() == panel.locator(".verdict").inner_text()
    assert "Proven" in panel.locator(".verdict").inner_text()
    panel.locator(".answer summary").first.click()
    rows = panel.locator("[data-apply^=move]")
    assert rows.count() >= 2
    rows.first.click()
    settled(page, 1)
    assert "another one since" in panel.locator("> .note").inner_text()
    # What cannot be made any more says why, and changes nothing.
    rows.first.click()
    page.wait_for_function("document.querySelector('.alert').textContent !== ''")
    assert page.locator(".flips li").count() == 1
    found = page.request.get(f"{page.url}/suggestions")
    assert found.ok and "<svg" in found.text()
    # Another tab of the same experiment sees it too.
    other = opened(page.context, page.url)
    assert answered(other, "#suggestions").locator("[data-apply^=move]").count() == rows.count()
    other.close()
    press(page, "Undo")
    settled(page, 0)
    assert panel.locator("> .note").inner_text() == ""


def test_two_plans_are_proposed_shown_as_a_page_and_made_two_communities(page):
    chosen(page, SMALL)
    press(page, "Propose two plans")
    panel = answered(page, "#two-plans")
    assert "4 schools take part" in panel.inner_text() and "捌、一（二）" in panel.inner_text()
    chosen(page, LARGE)
    press(page, "Propose two plans")
    page.wait_for_selector("#two-plans [data-apply]", timeout=PATIENCE_MS)
    assert "11 + 10" in panel.inner_text()
    with page.context.expect_page() as arrived:
        panel.locator("a").click()
    arrived.value.wait_for_load_state()
    assert LARGE in arrived.value.locator("h1").inner_text()
    arrived.value.close()
    panel.locator("[data-apply=pair-0]").click()
    settled(page, 1)
    assert community_count(page) == 4
    assert page.locator(".legend button", has_text="New community").inner_text().endswith("(10 schools)")


def test_axe_finds_nothing_with_all_panels_open_and_a_phone_need_not_scroll_sideways(page):
    from axe_playwright_python.sync_playwright import Axe

    chosen(page, LARGE)
    page.locator(".divide summary").click()
    press(page, "Propose two plans")
    page.wait_for_selector("#two-plans [data-apply]", timeout=PATIENCE_MS)
    chosen(page, SMALL)
    press(page, "What would be better around it?")
    answered(page, "#suggestions").locator(".answer summary").first.click()
    for closed in (page.locator(".divide summary"), page.locator("summary", has_text="Files")):
        closed.click()
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_looked_for_is_chosen_and_the_map_shows_it_nearer(page):
    assert page.locator("details.county").count() == 2

    def find(word):
        page.locator("input[name=word]").fill(word)
        press(page, "Find")

    def seen(how):
        script = f"whole => document.querySelector('svg.communities').getAttribute('viewBox') {how} whole"
        page.wait_for_function(script, arg=whole)

    whole = page.locator("svg.communities").get_attribute("viewBox")
    page.get_by_role("button", name="What is chosen, nearer").dispatch_event("click")
    page.wait_for_function("document.querySelector('.alert').textContent.startsWith('Choose')")
    for word, title in (("syn026", "SYN026 S26"), ("大樹區", DASHU), (EDGE, EDGE), ("麟洛", LINLUO)):
        find(word)
        page.wait_for_function("t => document.querySelector('#h-chosen').textContent === t", arg=title)
    find("<i>nobody</i>")
    page.wait_for_function("document.querySelector('.alert').textContent.startsWith('<i>nobody</i>: ')")
    press(page, "What is chosen, nearer")
    seen("!==")
    assert page.locator("svg.communities.near text", has_text="麟洛").count()
    press(page, "Whole map")
    seen("===")
    # Back to the list, where the county is unfolded for it.
    press(page, "Back to the list")
    page.wait_for_function("t => document.activeElement.textContent.trim() === t", arg=LINLUO)
    assert page.locator("details.county[open]").count() == 1


# ------------------------------------------------------------------------------------------------- the keyboard alone


def test_with_the_keyboard_alone_a_community_is_divided_searched_for_stopped_dissolved_and_made(page):
    keys = page.keyboard

    def focused():
        return page.evaluate(
            "(document.activeElement.getAttribute('name') ?? document.activeElement.textContent).trim()"
        )

    def tab_to(wanted, key="Tab", most=80):
        for _step in range(most):
            keys.press(key)
            if focused().startswith(wanted):
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", wanted
                return
        raise AssertionError(f"{wanted} not reached; at {focused()}")

    tab_to(LARGE)
    keys.press("Enter")
    page.wait_for_function("t => document.querySelector('#h-chosen').textContent === t", arg=LARGE)
    tab_to("Divide it")
    keys.press("Enter")
    tab_to("town")
    keys.press("Space")
    tab_to("name")
    keys.press("Enter")
    settled(page, 1)
    assert community_count(page) == 4
    # A long search, stopped: the best so far is there at once.
    tab_to("What would be better?")
    keys.press("Enter")
    tab_to("max_flips")
    keys.press("ArrowDown")
    tab_to("schools")
    keys.press("Space")
    tab_to("Look for it")
    keys.press("Enter")
    page.wait_for_selector("#suggestions .going .busy")
    tab_to("Stop")
    page.wait_for_timeout(500)
    keys.press("Enter")
    answered(page, "#suggestions")
    assert page.locator("#suggestions .going").inner_text() == ""
    page.wait_for_function("document.activeElement.textContent === 'What would be better?'")
    # Asked for less, one of its rows is applied.
    tab_to("max_flips")
    keys.press("ArrowUp")
    tab_to("around", key="Shift+Tab")
    keys.type("Sm")
    tab_to("schools")
    keys.press("Space")
    tab_to("Look for it")
    keys.press("Enter")
    page.wait_for_selector("#suggestions .going .busy")
    answered(page, "#suggestions")
    tab_to("What every single move would do")
    keys.press("Enter")
    tab_to("Apply")
    keys.press("Enter")
    settled(page, 2)
    # What is left of the community, still chosen, is dissolved into the new one.
    tab_to("New community 1 (adjoins)", key="Shift+Tab")
    keys.press("Enter")
    settled(page, 3)
    assert community_count(page) == 3
    # Found by its name, a township forms a new community.
    tab_to("word")
    keys.type("大樹區")
    keys.press("Enter")
    page.wait_for_function("t => document.activeElement.textContent.trim() === t", arg=DASHU)
    tab_to("A new community")
    keys.press("Enter")
    settled(page, 4)
    assert community_count(page) == 4
