"""Measure the live page on this machine: `python -m benchmarks.web [--clicks N] [--pause MS] [BASE]`.

A server in a process of its own, a headless browser; townships and schools are chosen by the buttons of the list and
moved by a button `--pause` ms later (a person takes half a second or more; less shows what is not found ahead), and
townships are dragged on the map. Times are the browser's own, from the click (or the end of the drag) to the frame in
which the answer stands on the page. Nothing here asserts seconds: benchmarks/README.md keeps what was measured.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assigner.boundary.base import example_base, read_base
from assigner.boundary.solving import Plans
from assigner.boundary.values import Base
from assigner.messages import language_set
from benchmarks.measure import quantile
from geodata.base_map import BaseMap, MoveSchool, MoveTownship
from tests.assigner.web_server import browsing, opened, ready, settled, started

Timing = tuple[float, float, float]
"""Choosing, first effects, proven new plans: ms."""

_CHOOSE = """async (words) => {
  const buttons = () => [...document.querySelectorAll('table.town-table button')];
  const found = () => buttons().find(b => b.textContent.startsWith(words));
  const from = performance.now();
  if (found().getAttribute('aria-pressed') === 'true') return 0;
  found().click();
  while (found().getAttribute('aria-pressed') !== 'true') await new Promise(requestAnimationFrame);
  return performance.now() - from;
}"""

_WATCH = """async (step, from) => {
  const box = document.querySelector('.effects');
  while (!(+(box.dataset.step || 0) > step)) await new Promise(requestAnimationFrame);
  const first = performance.now() - from;
  while (box.dataset.complete !== 'true') await new Promise(requestAnimationFrame);
  return [first, performance.now() - from];
}"""

_MOVE = """async (words) => {
  const step = +(document.querySelector('.effects').dataset.step || 0), from = performance.now();
  const button = [...document.querySelectorAll('.chooser .choices button')].find(b => b.textContent.startsWith(words));
  button.click();
  return await (WATCH)(step, from);
}""".replace("WATCH", _WATCH)

_LET_GO = """() => {
  const step = +(document.querySelector('.effects').dataset.step || 0);
  window.letGo = new Promise(resolve => addEventListener('mouseup', resolve, {once: true, capture: true}))
    .then(() => (WATCH)(step, performance.now()));
}""".replace("WATCH", _WATCH)

_LAND_AT = """([x, y, town]) => {
  const map = document.querySelector('svg.communities');
  const at = new DOMPoint(x, y).matrixTransform(map.getScreenCTM());
  const there = document.elementFromPoint(at.x, at.y)?.closest('[data-school], [data-township]');
  return there?.dataset.township === town ? [at.x, at.y] : null;
}"""


def moves(base: Base, count: int, seed: int = 1) -> list[tuple[str, str, MoveTownship | MoveSchool]]:
    """Different single changes: what is chosen, the name of the community, the change."""
    rng, own = random.Random(seed), base.map
    found: list[tuple[str, str, MoveTownship | MoveSchool]] = [
        (base.geography.townships[town].name, own.names[other], MoveTownship(town, other))
        for town, home in own.home.items()
        for other in own.names
        if other != home
    ]
    found += [
        (code, own.names[other], MoveSchool(code, other))
        for code, home in own.member.items()
        for other in own.names
        if other != home
    ]
    rng.shuffle(found)
    return found[:count]


def solves(plans: Plans, after: BaseMap) -> tuple[float, int]:
    """Seconds of the slower touched community, solved alone in this process; most participants."""
    slowest, most = 0.0, 0
    for community in plans.base.map.touched(after):
        if community in after.names:
            plans.scenario(after, community)  # known to the page from its first answer
            begun = time.perf_counter()
            state = plans.state(after, community)
            slowest = max(slowest, time.perf_counter() - begun)
            if state.result is not None:
                most = max(most, len(state.result.problem.participants))
    return slowest, most


def line(name: str, values: list[float]) -> None:
    """One row of figures, in milliseconds."""
    if values:
        shares = (quantile(values, 0.5), quantile(values, 0.95), max(values))
        print(f"{name:48} n={len(values):4}  p50 {shares[0]:6.0f}  p95 {shares[1]:6.0f}  max {shares[2]:6.0f} ms")


def clicked(page: Any, todo: Sequence[tuple[str, str, MoveTownship | MoveSchool]], pause_ms: float) -> list[Timing]:
    """Choose each in the list, move it by a button, and take that back."""
    found = []
    for words, community, _flip in todo:
        chosen = page.evaluate(_CHOOSE, words)
        page.wait_for_function(
            "w => [...document.querySelectorAll('.chooser button')].some(b => b.textContent.startsWith(w))",
            arg=community,
        )
        page.wait_for_timeout(pause_ms)
        found.append((chosen, *page.evaluate(_MOVE, community)))
        page.locator(".bar button").first.click()
        settled(page, 0)
    return found


def dragged(
    page: Any, base: Base, todo: Sequence[tuple[str, str, MoveTownship | MoveSchool]]
) -> list[tuple[Timing, MoveTownship]]:
    """Drag each township onto one of the community it is to belong to, within a third of a second."""
    from assigner.report.community_map import ground_of

    anchors = ground_of(base).anchors
    found = []
    for _words, _community, flip in todo:
        if not isinstance(flip, MoveTownship):
            continue
        begins = page.evaluate(_LAND_AT, [*anchors[flip.township], flip.township])
        targets = (town for town, home in base.map.home.items() if home == flip.to)
        ends = next((at for town in targets if (at := page.evaluate(_LAND_AT, [*anchors[town], town]))), None)
        if begins is None or ends is None:  # a school lies there
            continue
        page.evaluate(_LET_GO)
        page.mouse.move(*begins)
        page.mouse.down()
        page.wait_for_timeout(300)
        page.mouse.move(*ends)
        page.mouse.up()
        found.append(((0.0, *page.evaluate("window.letGo")), flip))
        page.locator(".bar button").first.click()
        settled(page, 0)
    return found


def told(name: str, timings: Sequence[Timing], solved: Sequence[tuple[float, int]]) -> None:
    """The rows of one way of moving."""
    line(f"{name}: first effects", [first for _c, first, _p in timings])
    line(f"{name}: proven new plans", [proven for _c, _f, proven in timings])
    for least, most in ((0, 12), (13, 25), (26, 999)):
        kept = [p for (_c, _f, p), (_s, n) in zip(timings, solved, strict=True) if least <= n <= most]
        line(f"{name}: proven, largest touched n = {least}–{most}", kept)
    within = sum(p <= 1300 * s + 150 for (_c, _f, p), (s, _n) in zip(timings, solved, strict=True))
    print(f"{name}: within 1.3 x the slower solve + 150 ms: {within} of {len(timings)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", type=Path)
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--pause", type=float, default=500.0, help="ms between choosing and moving")
    arguments = parser.parse_args()
    base = example_base() if arguments.base is None else read_base(arguments.base)
    given = [] if arguments.base is None else [arguments.base]
    todo = moves(base, arguments.clicks)
    plans = Plans(base)
    for community in base.map.names:
        plans.state(base.map, community)
    solved = [solves(plans, flip.apply(base.map)) for _words, _name, flip in todo]
    solve_of = {flip: one for (_words, _name, flip), one in zip(todo, solved, strict=True)}
    with tempfile.TemporaryDirectory() as store, browsing() as browser, language_set("zh-TW"):
        server = started(*given, store=store)
        try:
            loads = []
            for _again in range(10):
                context = browser.new_context()
                begun = time.perf_counter()
                opened(context, server.root)
                loads.append((time.perf_counter() - begun) * 1000)
                context.close()
            print(f"first load after the start: {loads[0]:.0f} ms")
            line("load, new browser session", loads)
            page = opened(browser.new_context(viewport={"width": 1280, "height": 900}), server.root)
            settled(page)
            page.wait_for_timeout(5000)  # the plans of the base
            timings = clicked(page, todo, arguments.pause)
            line("choosing", [chosen for chosen, _f, _p in timings])
            line("solving the slower community alone", [seconds * 1000 for seconds, _n in solved])
            told(f"{arguments.pause:g} ms after choosing", timings, solved)
            # A server that has solved nothing yet: what was clicked is remembered.
            server.stop()
            server = started(*given, store=store)
            page = opened(browser.new_context(viewport={"width": 1280, "height": 900}), server.root)
            settled(page)
            page.wait_for_timeout(5000)
            drags = dragged(page, base, todo)
            told("dragged", [timing for timing, _flip in drags], [solve_of[flip] for _timing, flip in drags])
            busy_with_all(page, base)
        finally:
            server.stop()


def busy_with_all(page: Any, base: Base) -> None:
    """A long job: everything in one community; townships are chosen while it is being solved."""
    page.reload()
    ready(page)
    names = list(base.map.names)
    for community in names[1:]:
        page.locator(".legend button", has_text=base.map.names[community]).click()
        page.wait_for_function(
            "t => document.querySelector('#h-chosen').textContent === t", arg=base.map.names[community]
        )
        page.locator(".chooser .choices button", has_text=base.map.names[names[0]]).first.click()
        page.wait_for_function(
            "n => document.querySelectorAll('.legend button').length === n", arg=len(names) - names.index(community)
        )
    busy = []
    towns = [base.geography.townships[town].name for town in base.map.home]
    while len(busy) < 50 and page.locator(".progress.busy").count():
        busy.append(page.evaluate(_CHOOSE, towns[len(busy) % len(towns)]))
    line("choosing while a long job runs", [value for value in busy if value])


if __name__ == "__main__":
    main()
