"""The server of the live page: killed and started again, with a token, and what it refuses to start with."""

from __future__ import annotations

import subprocess
import time

import pytest

from assigner.cli import run
from assigner.errors import ExitCode
from tests.assigner.web_server import browsing, choose, community_of, opened, ready, settled, started

WAN, EAST = "屏東縣萬丹鄉", "範例東區社區"


def test_what_was_shown_as_saved_survives_a_server_that_is_killed_and_needs_its_token(tmp_path):
    word = "a-token_of-tests"
    with browsing() as browser:
        first = started("--token", word, store=tmp_path)
        try:
            port = int(first.root.rstrip("/").rpartition(":")[2])
            stranger = browser.new_context()
            answer = stranger.request.get(first.root)
            assert answer.status == 401 and "token" in answer.text()
            assert stranger.request.get(f"{first.root}?token=wrong-token").status == 401
            assert stranger.request.get(f"{first.root}_nicegui_ws/socket.io/?EIO=4&transport=polling").status == 401
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = opened(context, first.address)
            assert first.address.endswith(f"?token={word}") and "token" not in page.url
            choose(page, WAN)
            page.locator(".chooser .choices").first.locator("button", has_text=EAST).click()
            settled(page, 1)
            workers = _processes_of(first.process.pid)
            assert workers
        finally:
            first.kill()
        page.wait_for_function("document.getElementById('popup').ariaHidden === 'false'")
        second = started("--token", word, store=tmp_path, port=port)
        try:
            # The page comes back by itself, with what was made.
            page.wait_for_function("document.getElementById('popup').ariaHidden !== 'false'", timeout=60_000)
            ready(page)
            settled(page, 1)
            assert community_of(page, WAN) == EAST
            page.locator(".bar button").first.click()
            settled(page, 0)
        finally:
            second.stop()
        assert second.process.returncode == 0
        ends = time.monotonic() + 20
        while any(map(_is_alive, workers)) and time.monotonic() < ends:
            time.sleep(0.1)
        assert not any(map(_is_alive, workers))


def _processes_of(parent):
    """Processes that a process left behind, where the system tells."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=False).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    return [pid for pid, above in pairs if above == parent]


def _is_alive(pid):
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(found.strip()) and not found.strip().startswith("Z")


@pytest.mark.parametrize(("arguments", "said"), [
    (["--port", "70000"], "--port"),
    (["--token", "short"], "--token"),
    (["--host", "203.0.113.7", "--port", "0"], "203.0.113.7:0"),
    (["--roster", "x.csv"], "--roster"),
    (["no-such-file.yaml"], "no-such-file.yaml"),
])  # fmt: skip
def test_what_it_cannot_start_with_is_refused_in_words(arguments, said, tmp_path, capsys):
    assert run(["serve", *arguments, "--no-open", "--store", str(tmp_path), "--lang", "en"]) == ExitCode.BAD_INPUT
    told = capsys.readouterr().err
    assert said in told and "To mend it" in told


def test_a_store_that_is_no_store_is_refused(tmp_path, capsys):
    (tmp_path / "experiments.sqlite").write_bytes(b"something else" * 100)
    assert run(["serve", "--port", "0", "--no-open", "--store", str(tmp_path), "--lang", "en"]) == ExitCode.BAD_INPUT
    assert "experiments.sqlite" in capsys.readouterr().err
