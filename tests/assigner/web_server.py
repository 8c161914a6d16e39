"""A server of the live page in a process of its own, and a browser that may reach nothing else."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.tools import CHROMIUM_ARGUMENTS, tool

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """A server that was started; `address` is what it printed."""

    process: subprocess.Popen
    address: str
    said: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        """Address without a token."""
        return self.address.partition("?")[0]

    def kill(self):
        """End it as if the power had gone."""
        self.process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        self.process.wait(30)

    def stop(self):
        """End it as a person does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(30)


def started(*arguments, store, lang="zh-TW", port=0, seconds=120):
    """Start a server and wait for its address."""
    command = [sys.executable, "-m", "assigner", "serve", *map(str, arguments), "--port", str(port), "--no-open"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [*command, "--store", str(store), "--lang", lang],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    said = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        line = process.stdout.readline()
        said.append(line)
        if found := re.search(r"http://\S+", line):
            return Server(process, found[0], said)
        if not line and process.poll() is not None:
            break
    process.kill()
    raise AssertionError("the server did not start:\n" + "".join(said))


@contextlib.contextmanager
def browsing():
    """A browser."""
    from playwright.sync_api import sync_playwright

    program = tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


def opened(context, address):
    """A tab with the page; `asked` are the addresses it asked for, `wrong` what went wrong in it."""
    page = context.new_page()
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda socket: page.asked.append(socket.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("dialog", lambda dialog: (page.wrong.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.goto(address)
    ready(page)
    return page


def ready(page):
    """Wait until the page answers."""
    page.wait_for_selector("table.town-table", state="attached")
    page.wait_for_function("window.did_handshake === true")


def settled(page, flips=None):
    """Wait until all plans are known, and kept, of so many changes."""
    if flips is not None:
        page.wait_for_function("n => document.querySelectorAll('.flips li').length === n", arg=flips)
    page.wait_for_selector(".progress:not(.busy)", state="attached")
    page.wait_for_selector(".verdict", state="attached")
    page.wait_for_function("/^(已儲存|Saved)$/.test(document.querySelector('.bar .note').textContent)")


def community_of(page, town):
    """What the list says of a township."""
    return row_of(page, town).locator("td").first.inner_text()


def row_of(page, town):
    """Row of a township in the list."""
    return page.locator("table.town-table tbody tr").filter(has=page.locator("th", has_text=town))


def drawn(page, **what):
    """A township or a school on the map, as it is seen."""
    ((kind, code),) = what.items()
    return page.locator(f"svg.communities [data-{kind}='{code}']").locator("visible=true")


def choose(page, town):
    """Choose a township in the list."""
    row_of(page, town).locator("th button").click()
    page.wait_for_function("t => document.querySelector('#h-chosen').textContent === t", arg=town)
