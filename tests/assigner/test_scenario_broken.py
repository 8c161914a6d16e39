"""Every broken file gets the message that stands beside it, in both languages, and never a traceback.

After a deliberate change of wording: ``python tests/assigner/test_scenario_broken.py`` writes the messages anew;
read every one of them before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import read_scenario

BROKEN = Path(__file__).resolve().parents[1] / "broken"
NAMES = sorted(path.stem for path in BROKEN.glob("*.yaml"))
BIG5 = "big5"


def message(name, lang):
    """Render what a person reads about a broken file, named as it stands in its folder."""
    with pytest.raises(InputError) as caught:
        read_scenario(f"{name}.yaml")
    assert caught.value.__cause__ is None
    with language_set(lang):
        return str(caught.value) + "\n"


def expected(name, lang):
    return (BROKEN / f"{name}.{lang}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_broken_file(name, lang, monkeypatch):
    monkeypatch.chdir(BROKEN)
    assert message(name, lang) == expected(name, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_in_big5(lang, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    write_big5(tmp_path)
    assert message(BIG5, lang) == expected(BIG5, lang)


def write_big5(folder):
    """Make the file in Big5 from its text: all that is kept in the project is UTF-8."""
    text = (BROKEN / f"{BIG5}.yaml.utf-8").read_text(encoding="utf-8")
    (folder / f"{BIG5}.yaml").write_bytes(text.encode("cp950"))


def test_there_are_many_and_none_is_forgotten():
    assert len(NAMES) >= 20
    messages = {f"{name}.{lang}.txt" for name in (*NAMES, BIG5) for lang in LANGUAGES}
    assert {path.name for path in BROKEN.glob("*.txt")} == messages


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_says_where_and_how_to_mend_it(name, monkeypatch):
    monkeypatch.chdir(BROKEN)
    with pytest.raises(InputError) as caught:
        read_scenario(f"{name}.yaml")
    for problem in caught.value.problems:
        assert problem.file
        assert problem.place.line or problem.place.key or problem.value
        assert str(problem.mend).strip()


def write_all():
    """Write every message anew."""
    os.chdir(BROKEN)
    for name in (*NAMES, BIG5):
        if name == BIG5:
            write_big5(BROKEN)
        for lang in LANGUAGES:
            (BROKEN / f"{name}.{lang}.txt").write_text(message(name, lang), encoding="utf-8", newline="\n")
    (BROKEN / f"{BIG5}.yaml").unlink()


if __name__ == "__main__":
    write_all()
