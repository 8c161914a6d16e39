"""What a cell can hold and what it means: lists, long texts, names of files."""

from __future__ import annotations

import pytest

from assigner.cli import run
from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.scenario import read_scenario, scenario_of, write_yaml
from assigner.workbook.items import book_named
from assigner.workbook.template import workbook_bytes, write_workbook
from models.rulebook import load_rulebook
from tests.assigner.workbook_forms import TOWNS, edited, small

STRAY = ["、", "-", "—", "－", "、、", "- , -", "/", "。", "．", " \n、"]


def test_a_stray_mark_among_the_categories_is_an_empty_cell_and_only_a_word_says_that_there_are_none(tmp_path):
    words = ["無", "none", " None "]
    towns = [{"code": f"SYN{k:03}", "township": TOWNS[0]} for k in range(1, len(STRAY) + len(words) + 2)]
    path = tmp_path / "form.xlsx"
    with edited(path, scenario=scenario_of({**small().document.data, "schools": towns}, "s.yaml")) as editor:
        for row, typed in enumerate([*STRAY, *words, "普通、-"], 4):
            editor.put("schools", "categories", row, typed)
    found = [school.categories for school in read_scenario(path).entries.schools]
    assert found[: len(STRAY)] == [None] * len(STRAY)
    assert found[len(STRAY) : -1] == [()] * len(words)
    assert found[-1] == ("普通",)


def long(n):
    """Make a scenario with two texts of n letters, as Excel counts them."""
    data = {**small().document.data, "note": "長" * n, "sources": ["短", "𠮷" * (n // 2) + "a" * (n % 2)]}
    return scenario_of(data, "long.yaml")


def test_a_text_that_just_fits_into_a_cell_comes_back_whole(tmp_path):
    scenario = long(32_767)
    assert read_scenario(write_workbook(scenario, tmp_path / "f.xlsx")).entries.note == scenario.entries.note


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_that_no_cell_can_hold_is_refused_and_never_cut(lang, tmp_path, capsys):
    with pytest.raises(InputError) as caught:
        workbook_bytes(long(32_768))
    assert [problem.place.key for problem in caught.value.problems] == ["note", "sources"]
    (tmp_path / "long.yaml").write_text(write_yaml(long(32_768)), encoding="utf-8")
    arguments = ["convert", str(tmp_path / "long.yaml"), "--out", str(tmp_path / "f.xlsx"), "--lang", lang]
    assert run(arguments) == 2
    assert "32768" in capsys.readouterr().err.replace(",", "")
    assert not (tmp_path / "f.xlsx").exists()


NETWORK = ["\\\\host\\share\\x", "//host/share/x", " \\/host/x", "\\\\?\\UNC\\host\\share\\x", "\\\\.\\pipe\\x"]


@pytest.mark.parametrize("name", NETWORK)
@pytest.mark.parametrize(
    ("key", "entries"),
    [
        ("rulebook", lambda name: {"rulebook": name}),
        ("travel.matrix", lambda name: {"travel": {"mode": "matrix", "matrix": name}}),
        ("geography.file", lambda name: {"geography": {"file": name}}),
    ],
)
def test_no_file_of_another_computer_is_ever_asked_for(key, entries, name, monkeypatch):
    def opened(*_arguments, **_more):
        raise AssertionError("asked for")

    data = {**small().document.data, **entries(name)}
    monkeypatch.setattr("pathlib.Path.open", opened)
    monkeypatch.setattr("pathlib.Path.is_file", opened)
    monkeypatch.setattr("pathlib.Path.read_bytes", opened)
    with pytest.raises(InputError) as caught:
        scenario_of(data, "s.yaml", ".")
    (problem,) = caught.value.problems
    assert problem.place.key == key
    with language_set("en"):
        assert "another computer" in str(problem)


@pytest.mark.parametrize("name", NETWORK)
def test_a_form_is_not_read_with_a_rulebook_of_another_computer(name, tmp_path, monkeypatch):
    def opened(*_arguments, **_more):
        raise AssertionError("asked for")

    monkeypatch.setattr("assigner.scenario.reading.text_of", opened)
    assert book_named(name, tmp_path) == load_rulebook("111")
