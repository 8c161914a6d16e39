"""Run the commands that a page of docs shows, and put their output into it.

A block of the page that begins with ``$ assigner`` holds a command and what it prints. A comment above it,
``<!-- parts: 1, 3-4, last -->``, keeps some paragraphs of the output; what is left out is shown as ``…``. Pages whose
names end in ``.zh-TW.md`` are run in Chinese, the others in English.

Usage: ``python scripts/pages.py docs/questions.md …``
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

__all__ = ["Block", "blocks", "output_of", "updated"]

_BLOCK = re.compile(
    r"(?:<!-- parts: (?P<parts>[^\n]*?) -->\n)?```console\n\$ (?P<command>assigner [^\n]*)\n(?P<output>.*?)```\n", re.S
)
_GAP = "…"


@dataclass(frozen=True)
class Block:
    """A command of a page.

    Parameters
    ----------
    command : str
        As the page shows it.
    parts : str
        Paragraphs of the output that are kept; empty: all.
    output : str
        As the page shows it.
    lang : {"en", "zh-TW"}
    """

    command: str
    parts: str
    output: str
    lang: str


def blocks(page: Path) -> Iterator[Block]:
    """The commands of a page."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield _block(found, page)


def _block(found: re.Match[str], page: Path) -> Block:
    lang = "zh-TW" if page.name.endswith(".zh-TW.md") else "en"
    return Block(found["command"], found["parts"] or "", found["output"], lang)


def output_of(block: Block) -> str:
    """What the command prints now, as the page would show it."""
    from assigner import cli

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    words = shlex.split(block.command)[1:]
    before, columns, started = Path.cwd(), os.environ.pop("COLUMNS", None), sys.argv
    os.chdir(ROOT)
    sys.argv = ["assigner"]  # as the page shows it, however this was started
    try:
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
            cli.run([*words, "--lang", block.lang])
    finally:
        sys.argv = started
        os.chdir(before)
        if columns is not None:
            os.environ["COLUMNS"] = columns
    stream.flush()
    buffer = stream.detach()
    assert isinstance(buffer, io.BytesIO)
    return _kept(buffer.getvalue().decode("utf-8"), block.parts)


def _kept(text: str, parts: str) -> str:
    """Some paragraphs of a text, counted from 1."""
    if not parts:
        return text
    paragraphs = text.rstrip("\n").split("\n\n")
    wanted: list[int] = []
    for part in parts.split(","):
        first, _dash, last = part.strip().replace("last", str(len(paragraphs))).partition("-")
        wanted += range(int(first), int(last or first) + 1)
    pieces: list[str] = []
    for position, number in enumerate(wanted):
        if number != (wanted[position - 1] if position else 0) + 1:
            pieces.append(_GAP)
        pieces.append(paragraphs[number - 1])
    if wanted and wanted[-1] < len(paragraphs):
        pieces.append(_GAP)
    return "\n\n".join(pieces) + "\n"


def updated(page: Path) -> str:
    """The text of a page with the output of now."""

    def again(found: re.Match[str]) -> str:
        block = _block(found, page)
        text = found[0]
        return text[: found.start("output") - found.start()] + output_of(block) + "```\n"

    return _BLOCK.sub(again, page.read_text(encoding="utf-8"))


def main(pages: list[str]) -> int:
    """Bring pages up to date."""
    for name in pages:
        page = Path(name)
        text = updated(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
