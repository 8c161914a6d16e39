"""The page on steering: its examples run, and say what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import assigner
from assigner import cli

ROOT = Path(assigner.__file__).parents[1]


def test_every_example_of_the_page_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    (tmp_path / "scenarios").mkdir()
    for name in ("collision.yaml", "dongshi-109.yaml"):
        (tmp_path / "scenarios" / name).write_bytes((ROOT / "scenarios" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    page = (ROOT / "docs" / "steering.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    assert blocks
    for example in re.split(r"^\$ assigner ", "".join(blocks), flags=re.MULTILINE)[1:]:
        command, *shown = example.splitlines()
        cli.run(shlex.split(command))
        said = iter(capsys.readouterr().out.replace("\\", "/").splitlines())
        for line in shown:
            assert line == "…" or line in said, (command, line)
