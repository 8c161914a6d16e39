"""Measure the live page on this machine: `python -m benchmarks.web [--clicks N] [BASE]`.

A server in a process of its own, a headless browser, clicks on the buttons of the list. Times are the browser's own,
from the click to the frame in which the answer stands on the page. Nothing here asserts seconds: benchmarks/README.md
keeps what was measured.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from assigner.boundary.base import example_base, read_base
from assigner.boundary.solving import Plans
from assigner.boundary.values import Base
from assigner.messages import language_set
from benchmarks.measure import quantile
from geodata.base_map import BaseMap, MoveSchool, MoveTownship
from tests.assigner.web_server import browsing, opened, ready, settled, started

_CHOOSE = """async (words) => {
  const buttons = () => [...document.querySelectorAll('table.town-table button')];
  const found = () => buttons().find(b => b.textContent.startsWith(words));
  const from = performance.now();
  if (found().getAttribute('aria-pressed') === 'true') return 0;
  found().click();
  while (found().getAttribute('aria-pressed') !== 'true') await new Promise(requestAnimationFrame);
  return performance.now() - from;
}"""

_MOVE = """async (words) => {
  const box = document.querySelector('.effects'), step = +(box.dataset.step || 0), from = performance.now();
  const button = [...document.querySelectorAll('.chooser .choices button')].find(b => b.textContent.startsWith(words));
  button.click();
  while (!(+(box.dataset.step || 0) > step)) await new Promise(requestAnimationFrame);
  const first = performance.now() - from;
  while (box.dataset.complete !== 'true') await new Promise(requestAnimationFrame);
  return [first, performance.now() - from];
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", type=Path)
    parser.add_argument("--clicks", type=int, default=200)
    arguments = parser.parse_args()
    base = example_base() if arguments.base is None else read_base(arguments.base)
    given = [] if arguments.base is None else [arguments.base]
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
            page = opened(browser.new_context(viewport={"width": 1280, "height": 900}), server.root)
            settled(page)
            page.wait_for_timeout(5000)  # the plans of the base
            chosen, first, proven = [], [], []
            todo = moves(base, arguments.clicks)
            for words, community, _flip in todo:
                chosen.append(page.evaluate(_CHOOSE, words))
                page.wait_for_function(
                    "w => [...document.querySelectorAll('.chooser button')].some(b => b.textContent.startsWith(w))",
                    arg=community,
                )
                page.wait_for_timeout(30)
                one, all_ = page.evaluate(_MOVE, community)
                first.append(one)
                proven.append(all_)
                page.locator(".bar button").first.click()
                settled(page, 0)
            line("load, new browser session", loads)
            line("choosing", chosen)
            line("first effects", first)
            line("proven new plans", proven)
            plans = Plans(base)
            for community in base.map.names:
                plans.state(base.map, community)
            solved = [solves(plans, flip.apply(base.map)) for _words, _name, flip in todo]
            line("solving the slower community alone", [seconds * 1000 for seconds, _n in solved])
            for least, most in ((0, 12), (13, 25), (26, 999)):
                line(
                    f"proven new plans, largest touched n = {least}–{most}",
                    [p for p, (_s, n) in zip(proven, solved, strict=True) if least <= n <= most],
                )
            kept = sum(p <= 1300 * s + 150 for p, (s, _n) in zip(proven, solved, strict=True))
            print(f"within 1.3 x the slower solve + 150 ms: {kept} of {len(proven)}")
            # A long job: everything in one community, and then townships are chosen while it is being solved.
            page.reload()
            ready(page)
            names = list(base.map.names)
            for community in names[1:]:
                page.locator(".legend button", has_text=base.map.names[community]).click()
                page.wait_for_function(
                    "t => document.querySelector('#h-chosen').textContent === t", arg=base.map.names[community]
                )
                target = page.locator(".chooser .choices button", has_text=base.map.names[names[0]]).first
                target.click()
                page.wait_for_function(
                    "n => document.querySelectorAll('.legend button').length === n",
                    arg=len(names) - names.index(community),
                )
            busy = []
            towns = [base.geography.townships[town].name for town in base.map.home]
            while len(busy) < 50 and page.locator(".progress.busy").count():
                busy.append(page.evaluate(_CHOOSE, towns[len(busy) % len(towns)]))
            line("choosing while a long job runs", [value for value in busy if value])
        finally:
            server.stop()


if __name__ == "__main__":
    main()
