"""Programs that tests open the product's files with; where one is absent, the test is skipped with the reason."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CHROMIUM_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that starts as root and looks for nothing outside."""


def tool(name: str) -> str:
    """Give the path of a program; skip the test where it is absent."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (scripts/install_test_tools.py installs it on Debian)")
    return path


@contextlib.contextmanager
def reader():
    """Open files in a browser that may reach nothing else; what a file asks for and says is written down.

    One tab is used again and again: a new one costs several times what a page does.
    """
    from playwright.sync_api import sync_playwright

    program = tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGUMENTS))
        tabs = {}

        def tab(bypass_csp):
            page = browser.new_context(offline=True, bypass_csp=bypass_csp).new_page()
            page.on("request", lambda request: page.asked.append(request.url))
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
            page.on("dialog", lambda dialog: (page.said.append(dialog.message), dialog.dismiss()))
            return page

        def opened(file, width=1280, *, bypass_csp=False):
            page = tabs[bypass_csp] = tabs.get(bypass_csp) or tab(bypass_csp)
            page.asked, page.said = [], []
            page.goto("about:blank")
            page.emulate_media(media="null")
            page.set_viewport_size({"width": width, "height": 800})
            page.asked, page.said = [], []
            page.goto(file.as_uri())
            return page

        yield opened
        browser.close()


def convert(source: Path, ending: str, folder: Path) -> Path:
    """Convert a file with LibreOffice; each run has a profile of its own, and one that wrote nothing is repeated."""
    program = tool("soffice")
    target = folder / f"{source.stem}.{ending.split(':')[0]}"
    for _attempt in range(3):
        with tempfile.TemporaryDirectory() as profile:
            subprocess.run(
                [
                    program,
                    f"-env:UserInstallation={Path(profile).as_uri()}",
                    "--headless",
                    "--convert-to",
                    ending,
                    "--outdir",
                    str(folder),
                    str(source),
                ],
                capture_output=True,
                timeout=180,
                check=False,
            )
        if target.exists():
            return target
    raise AssertionError(f"LibreOffice did not convert {source.name} to {ending}")
