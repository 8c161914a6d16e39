"""The live page as people use it: in a browser, with the mouse, the keyboard alone, a second tab, bad files."""

from __future__ import annotations

import io
import json
import random
import re
import subprocess
import sys
import zipfile

import pytest

from assigner.boundary.base import example_base, parse_base, read_base
from assigner.boundary.experiment_file import read_experiment
from assigner.boundary.files.writing import base_yaml
from tests.assigner.web_server import (
    ROOT,
    browsing,
    choose,
    community_of,
    drawn,
    opened,
    ready,
    row_of,
    settled,
    started,
)

HOSTILE = {
    "範例01高中": "<script>document.title='ran'</script>高中",
    "範例02商工": '甲"><img src=x onerror="document.title=\'ran\'">',
    "範例北區社區": "北區</style></svg><svg onload=alert(1)> & 'x'",
    "範例縣": "{{ 7*7 }}<b>縣</b>`${7*7}`",
}
WAN, NEI, LIN = "屏東縣萬丹鄉", "屏東縣內埔鄉", "屏東縣麟洛鄉"
EAST = "範例東區社區"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def base_file(tmp_path_factory):
    """The made-up county with names that are markup."""
    text = base_yaml(example_base())
    for name, hostile in HOSTILE.items():
        text, count = re.subn(rf"(?m)^(\s*name: ){name}$", lambda found, h=hostile: found[1] + json.dumps(h), text)
        assert count == 1, name
    file = tmp_path_factory.mktemp("base") / "county.yaml"
    file.write_text(text, encoding="utf-8", newline="\n")
    return file


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(base_file, tmp_path_factory):
    served = started(base_file, store=tmp_path_factory.mktemp("store"))
    yield served
    served.stop()


@pytest.fixture
def person(browser):
    """Make a person: a browser of their own."""
    contexts = []

    def make(**more):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **more})
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        for page in context.pages:
            assert page.wrong == [], page.wrong
        context.close()


@pytest.fixture
def page(server, person):
    return opened(person(), server.root)


def press(page, label):
    page.get_by_role("button", name=label, exact=True).first.click()


def targets(page):
    return page.locator(".chooser .choices").first


def move(page, town, community):
    choose(page, town)
    targets(page).locator("button", has_text=community).click()


# ------------------------------------------------------------------------------------------------------------ gestures


def test_a_township_chosen_on_the_map_goes_to_the_community_that_is_clicked(page):
    assert community_of(page, WAN) == "範例市區社區"
    drawn(page, township="10013050").dispatch_event("click")
    page.wait_for_function("document.querySelector('#h-chosen').textContent === '屏東縣萬丹鄉'")
    page.locator(".legend button", has_text=EAST).click()
    settled(page, 1)
    assert community_of(page, WAN) == EAST
    assert drawn(page, township="10013050").get_attribute("data-community") == "east"
    assert "每個社區都有合規計畫" in page.locator(".verdict").inner_text() or page.locator(".verdict.good").count() == 1
    # What was said first is not left standing: the tables have the proven plans of both communities.
    assert page.locator("table.measures").count() >= 3
    press(page, "復原")
    settled(page, 0)
    assert community_of(page, WAN) == "範例市區社區"
    press(page, "重做")
    settled(page, 1)
    assert community_of(page, WAN) == EAST


def test_dragging_a_township_or_a_school_onto_another_community_moves_it(page):
    def middle(what):
        box = what.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # 麟洛 lies between 屏東市 and 內埔; a point of it that no marker covers.
    start = page.evaluate(
        """() => { const t = document.querySelector('.land [data-township="10013070"]'), b = t.getBoundingClientRect();
           for (let x = b.left; x < b.right; x += 2) for (let y = b.top; y < b.bottom; y += 2)
             if (document.elementFromPoint(x, y) === t) return [x, y]; }"""
    )
    assert start
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*middle(drawn(page, township="10013130")), steps=4)
    page.mouse.up()
    settled(page, 1)
    moved = page.locator(".flips li").inner_text()
    assert EAST in moved
    page.mouse.move(*middle(drawn(page, school="SYN024")))
    page.mouse.down()
    page.mouse.move(*middle(drawn(page, township="10013130")), steps=4)
    page.mouse.up()
    settled(page, 2)
    assert "SYN024" in page.locator(".flips li").last.inner_text()
    assert f"屬{EAST}" in row_of(page, WAN).locator("button", has_text="SYN024").inner_text()
    # What was let go of beside the map is not dragged on from the sea.
    corner = page.locator("svg.communities").bounding_box()
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()
    page.mouse.move(corner["x"] + 8, corner["y"] + 8)
    page.mouse.down()
    page.mouse.move(*middle(drawn(page, school="SYN001")), steps=4)
    page.mouse.up()
    choose(page, WAN)
    assert page.locator(".flips li").count() == 2


def test_what_is_locked_stays_and_the_page_says_so(page):
    choose(page, WAN)
    press(page, "鎖定：不得變動")
    page.wait_for_function("/已鎖定/.test(document.querySelector('.chooser').textContent)")
    targets(page).locator("button", has_text=EAST).click()
    page.wait_for_function("document.querySelector('.alert').textContent.includes('萬丹')")
    assert community_of(page, WAN) == "範例市區社區"
    press(page, "已鎖定：解除鎖定")
    page.wait_for_function("/鎖定：不得變動/.test(document.querySelector('.chooser').textContent)")
    targets(page).locator("button", has_text=EAST).click()
    settled(page, 1)
    assert page.locator(".alert").inner_text() == ""


def test_a_new_community_and_one_that_is_dissolved(page):
    choose(page, NEI)
    press(page, "新設社區")
    settled(page, 1)
    assert page.locator(".legend button").count() == 6
    page.locator(".legend button", has_text="新社區1").click()
    # What is chosen belongs there already: so the community itself is chosen.
    page.wait_for_function("document.querySelector('#h-chosen').textContent === '新社區1'")
    targets(page).locator("button", has_text=EAST).click()
    settled(page, 2)
    assert page.locator(".legend button").count() == 5
    assert community_of(page, NEI) == EAST


def test_with_the_keyboard_alone_townships_and_schools_are_moved_and_moved_back(server, person):
    page = opened(person(), server.root)

    def focused():
        return page.evaluate("document.activeElement.textContent.trim()")

    def tab_to(wanted, key="Tab", most=150):
        for _step in range(most):
            page.keyboard.press(key)
            if wanted(focused()):
                seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert seen == "solid", focused()
                return
        raise AssertionError(f"not reached; at {focused()}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    tab_to(lambda text: text == WAN)
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'h-chosen'")
    tab_to(lambda text: text.startswith(EAST), most=12)
    page.keyboard.press("Space")
    settled(page, 1)
    assert community_of(page, WAN) == EAST
    # Focus stays on the button, and what was done and found is announced.
    assert focused().startswith(EAST)
    status = page.locator("[role=status]")
    assert status.get_attribute("aria-live") == "polite"
    assert status.inner_text() == page.locator(".verdict span").last.inner_text()
    tab_to(lambda text: text == "回到清單", most=12)
    page.keyboard.press("Enter")
    page.wait_for_function("t => document.activeElement.textContent.trim() === t", arg=WAN)
    tab_to(lambda text: text.startswith("SYN025"), most=6)
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'h-chosen'")
    tab_to(lambda text: text == "不屬任何社區", most=12)
    page.keyboard.press("Enter")
    settled(page, 2)
    assert row_of(page, WAN).locator("button", has_text="SYN025").inner_text().endswith("（不屬任何社區）")
    tab_to(lambda text: text == "復原", key="Shift+Tab", most=60)
    page.keyboard.press("Enter")
    settled(page, 1)
    page.keyboard.press("Enter")
    settled(page, 0)
    assert community_of(page, WAN) == "範例市區社區"


# ----------------------------------------------------------------------------------------------- several pages, people


def test_a_second_tab_follows_and_another_person_has_experiments_of_their_own(server, person):
    mine = person()
    first = opened(mine, server.root)
    second = opened(mine, first.url)
    assert second.url == first.url
    move(first, WAN, EAST)
    settled(first, 1)
    settled(second, 1)
    assert community_of(second, WAN) == EAST
    first.close()
    press(second, "復原")
    settled(second, 0)
    other = opened(person(), server.root)
    assert other.url != second.url
    # Nobody sees the experiment of another: its address leads to one's own.
    other.goto(second.url)
    ready(other)
    assert other.url != second.url
    for address in ("experiment.yaml", "base.yaml", "effects.zip", "plan/east"):
        answer = other.request.get(f"{second.url}/{address}", max_redirects=0)
        assert answer.status == 303, address


@pytest.mark.campaign
def test_experiments_have_names_are_copied_compared_and_deleted(page, server):
    move(page, WAN, EAST)
    settled(page, 1)
    page.locator("summary", has_text="我的試算").click()
    page.locator("form[action$=rename] input").fill("東移")
    page.locator("form[action$=rename] button").click()
    ready(page)
    assert "東移" in page.locator("header").inner_text()
    first = page.url
    page.locator("summary", has_text="我的試算").click()
    press(page, "以副本繼續")
    page.wait_for_url(lambda url: url != first)
    ready(page)
    settled(page, 1)
    assert "東移（副本）" in page.locator("header").inner_text()
    press(page, "復原")
    settled(page, 0)
    page.locator("summary", has_text="我的試算").click()
    page.locator("a[href*=compare]").click()
    page.wait_for_selector(".sides")
    sides = page.locator(".sides section")
    assert sides.count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert sides.nth(0).locator("svg").count() == sides.nth(1).locator("svg").count() == 1
    assert EAST in sides.nth(1).locator(".flips").inner_text() and not sides.nth(0).locator(".flips").count()
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    page.locator("nav a[lang=en]").click()
    page.wait_for_selector("text=Two experiments side by side")
    assert page.locator(".sides section").count() == 2
    page.locator("nav a[lang=zh-TW]").click()
    page.locator(".sides section").first.locator("a").first.click()
    ready(page)
    page.locator("summary", has_text="我的試算").click()
    page.locator("summary", has_text="刪除此試算").click()
    page.locator("form[action$=delete] button").click()
    ready(page)
    assert page.url == first


# --------------------------------------------------------------------------------------------------------------- files


def upload(page, name, content):
    page.locator("summary", has_text="檔案").click()
    page.locator("input[name=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    page.locator("form[action$=read] button").click()


def same_on_the_command_line(page, folder):
    """Compare the effects that the page gives with those of the command line."""
    answer = page.request.get(f"{page.url}/effects.zip")
    assert answer.ok
    with zipfile.ZipFile(io.BytesIO(answer.body())) as packed:
        packed.extractall(folder)
        names = set(packed.namelist())
    assert {"boundary.json", "boundary.xlsx", "boundary.html", "experiment.yaml", "base.yaml"} <= names
    command = [
        sys.executable,
        "-m",
        "assigner",
        "boundary",
        "run",
        folder / "experiment.yaml",
        "--json",
        "--lang",
        "zh-TW",
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert run.returncode in (0, 4), run.stderr.decode()
    here, there = json.loads((folder / "boundary.json").read_text("utf-8")), json.loads(run.stdout)
    for key in ("base", "experiment", "versions", "stopped_by", "solver_seconds"):
        here.pop(key, None), there.pop(key, None)
    assert here["communities"] and here == there


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(3))
def test_two_hundred_random_gestures_come_to_what_the_command_line_computes_anew(page, tmp_path, seed):
    rng = random.Random(seed)
    buttons = page.locator("table.town-table button").evaluate_all("all => all.map(b => b.textContent)")
    communities = page.locator(".legend button").count()
    for _gesture in range(200):
        if rng.random() < 0.2:
            page.locator(".bar button").nth(rng.randrange(2)).click(force=True)  # there may be nothing to undo
            continue
        words = rng.choice(buttons)
        choose_any = (
            "w => [...document.querySelectorAll('table.town-table button')].find(b => b.textContent === w)?.click()"
        )
        page.evaluate(choose_any, words)
        page.locator(".legend button").nth(rng.randrange(communities)).click()
    settled(page)
    same_on_the_command_line(page, tmp_path)


def test_an_experiment_of_the_page_gives_the_same_effects_on_the_command_line(page, server, base_file, tmp_path):
    for town, community in ((WAN, EAST), (LIN, EAST)):
        move(page, town, community)
    settled(page, 2)
    same_on_the_command_line(page, tmp_path)
    # The experiment alone, with the base it was made on.
    file = tmp_path / "alone.yaml"
    file.write_bytes(page.request.get(f"{page.url}/experiment.yaml").body())
    read = read_experiment(file, read_base(base_file))
    assert len(read.flips) == 2 and not read.warnings
    # The map as a base map is whole in itself.
    moved = parse_base(page.request.get(f"{page.url}/base.yaml").text())
    assert moved.map.home["10013050"] == "east"
    # And read back on the page it is the same experiment.
    number = page.url
    upload(page, "甲.yaml", file.read_bytes())
    page.wait_for_url(lambda url: url != number)
    ready(page)
    settled(page, 2)
    assert community_of(page, WAN) == EAST


@pytest.mark.campaign
def test_a_base_map_is_read_and_worked_on(page):
    text = base_yaml(example_base()).replace("範例海區社區", "另一個海區")
    number = page.url
    upload(page, "other.yaml", text.encode())
    page.wait_for_url(lambda url: url != number)
    ready(page)
    assert page.locator(".legend").inner_text().count("另一個海區") == 1
    move(page, WAN, "另一個海區")
    settled(page, 1)


BROKEN = (
    ("壞.yaml", "schema_version: 1\nbase: x.yaml\nflips:\n  - {move: 火星, to: east}\n".encode(), "壞.yaml:4"),
    ("base.yaml", b"communities: [", "base.yaml"),
    ("roster.yaml", b"schema_version: 1\nid: x\nroster: /etc/passwd\ncommunities: [{id: a}]\n", "roster.yaml:3"),
    ("a.xlsx", b"no workbook <script>document.title='ran'</script>", "a.xlsx"),
    ("empty.yaml", b"", "empty.yaml"),
)


def test_a_broken_upload_shows_what_is_wrong_and_changes_nothing(page):
    number = page.url
    for name, content, said in BROKEN:
        page.locator("summary", has_text="檔案").click()
        with page.expect_response(lambda response: response.url.endswith("/read")) as answered:
            page.locator("input[name=file]").set_input_files({"name": name, "mimeType": "x/y", "buffer": content})
            page.locator("form[action$=read] button").click()
        assert answered.value.status == 422, name
        shown = page.locator("pre").inner_text()
        assert said in shown and "Traceback" not in shown and "/tmp" not in shown, shown
        assert page.title() == "無法讀取此檔案"
        page.wrong.clear()  # the browser notes the status in its console
        page.locator("a").click()
        ready(page)
        assert page.url == number


@pytest.mark.campaign
def test_the_plan_of_a_community_opens_as_the_page_for_a_meeting(page):
    move(page, WAN, EAST)
    settled(page, 1)
    with page.context.expect_page() as arrived:
        page.locator("a[href*='/plan/east']").click()
    plan = arrived.value
    plan.wrong = []
    plan.wait_for_load_state()
    assert EAST in plan.locator("h1").inner_text()
    assert "SYN024" in plan.locator("main").inner_text()


# ---------------------------------------------------------------------------------------------- safe, offline, for all


def test_nothing_outside_is_asked_and_names_never_run(server, person):
    page = opened(person(), server.root)
    move(page, "屏東縣里港鄉", EAST)
    settled(page, 1)
    for shown in ("我的試算", "檔案", "所有指標", "異動之分工"):
        if page.locator("summary", has_text=shown).count():
            page.locator("summary", has_text=shown).first.click()
    host = server.root.removeprefix("http://").rstrip("/")
    strange = [url for url in page.asked if not re.match(rf"(http|ws)://{re.escape(host)}/|data:", url)]
    assert strange == [] and len(page.asked) > 5
    assert page.title() == f"試算1 – {HOSTILE['範例縣']}"
    assert page.locator(".desk script, .desk img, .desk b, .desk svg svg").count() == 0
    seen = page.locator("body").inner_text()
    for name in HOSTILE.values():
        assert name in seen, name
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(("language", "width"), [("zh-TW", 1280), pytest.param("en", 390, marks=pytest.mark.campaign)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(server, person, language, width):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(person(viewport={"width": width, "height": 844}), f"{server.root}{language}")
    assert page.evaluate("document.documentElement.lang")[:2] == language[:2]
    move(page, WAN, EAST)
    settled(page, 1)
    for details in page.locator("summary").all()[:3]:
        details.click()
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    for wide in (width, 320):
        page.set_viewport_size({"width": wide, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
    if language == "en":
        assert not re.search(r"[復重影]", page.locator(".bar").inner_text())


@pytest.mark.campaign
def test_printed_it_shows_map_and_effects_and_no_buttons(page, tmp_path):
    move(page, WAN, EAST)
    settled(page, 1)
    page.emulate_media(media="print")
    assert page.locator("svg.communities").is_visible() and page.locator(".verdict").is_visible()
    for hidden in (".menu", ".bar", ".chooser", ".list"):
        assert not page.locator(hidden).first.is_visible(), hidden
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 703


def test_pages_of_other_sites_and_other_names_of_the_host_are_refused(server, page):
    root = server.root
    assert page.request.get(root, headers={"Host": "evil.example"}).status == 403
    answer = page.request.post(f"{root}zh-TW/new", headers={"Origin": "http://evil.example"}, form={"name": "x"})
    assert answer.status == 403
    assert page.request.post(f"{root}zh-TW/new", form={"name": "mine"}).ok
