"""The pages of docs that show commands show what these print."""

from __future__ import annotations

from pathlib import Path

import pytest

from assigner.messages import set_language
from scripts.pages import ROOT, blocks, output_of

PAGES = ("questions.md", "questions.zh-TW.md", "explaining.md", "choices.md")

#: Commands that take a second at most, of the page in English.
QUICK = ("--host 1.1=063404", "--item 4.5", "--convener 191305")


@pytest.fixture(autouse=True)
def language_of_the_tests():
    yield
    set_language("en")


def cases():
    """Every command of the pages; those that are quick by default, the others in the campaign."""
    for name in PAGES:
        for block in blocks(ROOT / "docs" / name):
            quick = name == "questions.md" and any(word in block.command for word in QUICK)
            marks = () if quick else pytest.mark.campaign
            yield pytest.param(block, marks=marks, id=f"{Path(name).stem}: {block.command}")


@pytest.mark.parametrize("block", list(cases()))
def test_a_page_shows_what_its_commands_print(block):
    assert output_of(block) == block.output


def test_twelve_questions_are_answered_by_one_command_each_in_both_languages():
    english, chinese = (list(blocks(ROOT / "docs" / name)) for name in PAGES[:2])
    assert len(english) == 12
    assert [block.command for block in chinese] == [block.command for block in english]
