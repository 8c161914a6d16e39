"""Every broken base map and experiment gets the message beside it, in both languages, and never a traceback.

After a deliberate change of wording: ``python -m tests.assigner.test_bases_broken`` writes the messages anew; read
every one of them before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assigner.boundary.base import read_base
from assigner.boundary.experiment_file import read_experiment
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set

BROKEN = Path(__file__).resolve().parents[1] / "broken_bases"
GOOD = "good.yaml"
BESIDE = (GOOD, "roster_broken.csv")
"""Files that the others name."""
NAMES = sorted(path.name for path in BROKEN.iterdir() if path.suffix != ".txt" and path.name not in BESIDE)


def message(name, lang):
    """Render what a person reads about a broken file, named as it stands in its folder."""
    with pytest.raises(InputError) as caught:
        if name.startswith("experiment"):
            read_experiment(name)
        elif name.startswith(("base", "alone")):
            read_base(name)
        else:
            read_base(name, GOOD)
    assert caught.value.__cause__ is None
    with language_set(lang):
        return str(caught.value) + "\n"


def expected(name, lang):
    return BROKEN / f"{name.partition('.')[0]}.{lang}.txt"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_broken_file(name, lang, monkeypatch):
    monkeypatch.chdir(BROKEN)
    assert message(name, lang) == expected(name, lang).read_text(encoding="utf-8")


def test_there_are_many_and_none_is_forgotten():
    assert len(NAMES) >= 20
    assert {path.name for path in BROKEN.glob("*.txt")} == {
        expected(name, lang).name for name in NAMES for lang in LANGUAGES
    }


def test_the_good_one_is_good():
    assert not read_base(BROKEN / GOOD).warnings


def main():
    """Write all messages."""
    os.chdir(BROKEN)
    for name in NAMES:
        for lang in LANGUAGES:
            expected(name, lang).write_text(message(name, lang), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
