"""The catalogues are complete and in step with the code, and the functions that read them are safe."""

from __future__ import annotations

import io
import json
import pickle
import threading
from contextvars import Context
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileParser

from assigner import messages
from assigner.errors import ABSENT, ExitCode, InputError, Place, Problem, render
from assigner.messages import (
    M_,
    N_,
    Message,
    _,
    _n,
    current_language,
    join_list,
    language_set,
    number,
    percent,
    pick,
    quote,
    set_language,
)
from scripts import messages as catalogues

KNOWN = "To mend it: {mend}"
LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Every test begins in English with an empty environment, and leaves no language behind."""
    for variable in LOCALE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(messages, "_system_is_chinese", lambda: False)
    monkeypatch.setattr(messages, "_default", None)
    with language_set("en"):
        yield


# --- the catalogues -----------------------------------------------------------------------------------------


def test_catalogues_are_complete_and_in_step():
    assert catalogues.check() == []


def test_there_is_a_catalogue_for_every_language_but_english():
    found = {po.parent.parent.name.replace("_", "-") for po in catalogues.po_files()}
    assert found == set(messages.LANGUAGES) - {"en"}


def test_update_of_an_up_to_date_catalogue_changes_no_byte():
    for po in catalogues.po_files():
        catalogue = catalogues.read(po)
        catalogue.update(catalogues.collect())
        assert catalogues.po_bytes(catalogue) == po.read_bytes()


def catalogue_of(text):
    catalogue = catalogues.Catalogue(locale="zh_TW", charset="utf-8", fuzzy=False)
    PoFileParser(catalogue, ignore_obsolete=False).parse(io.BytesIO(text.encode()))
    return catalogue


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('msgid "A {x}."\nmsgstr ""', "untranslated"),
        ('#, fuzzy\nmsgid "A {x}."\nmsgstr "甲{x}。"', "fuzzy"),
        ('msgid "A {x}."\nmsgstr "甲{y}。"', "placeholders differ"),
        ('msgid "A {x}."\nmsgstr "甲{x。"', "placeholders differ"),
        ('msgid "A {x}."\nmsgstr "学校{x}"', "not Big5"),
        ('msgid "A {x}."\nmsgstr "平台{x}"', "臺"),
        ('msgid "B."\nmsgstr "乙。"\n\nmsgid "A {x}."\nmsgstr "甲{x}。"', "unused"),
        ('msgid "A {x}."\nmsgstr "甲{x}。"\n\n#~ msgid "B."\n#~ msgstr "乙。"', "obsolete"),
        ("", "missing"),
    ],
)
def test_the_judge_finds_each_kind_of_fault(entry, complaint):
    used = catalogues.Catalogue(charset="utf-8")
    used.add("A {x}.")
    (found,) = catalogues.judged(catalogue_of(entry), used)
    assert complaint in found


def test_the_judge_takes_plurals():
    used = catalogues.Catalogue(charset="utf-8")
    used.add(("One school.", "{n} schools."))
    head = 'msgid "One school."\nmsgid_plural "{n} schools."\n'
    assert list(catalogues.judged(catalogue_of(head + 'msgstr[0] "{n} 校。"'), used)) == []
    assert "placeholders" in next(catalogues.judged(catalogue_of(head + 'msgstr[0] "一校。"'), used))
    assert "untranslated" in next(catalogues.judged(catalogue_of(head + 'msgstr[0] ""'), used))


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ('_("A {x}.", x=1)', 0),
        ('_n("One {x}.", "{n} of {x}.", 2, x=1)', 0),
        ('_("A {x}.", **values)', 0),
        ("_(LABEL)", 0),
        ('_("A {x}.", y=1)', 1),
        ('_("A {x}.")', 1),
        ('M_("A.", x=1)', 1),
        ('_(f"A {x}.")', 1),
        ('_("A %s." % x)', 1),
        ('M_("A {x}.".format(x=1))', 1),
    ],
)
def test_misuse_in_the_code_is_found(code, faults, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text(code, encoding="utf-8")
    assert len(list(catalogues.misuses(tmp_path / "a.py"))) == faults


# --- which language -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-TW"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-TW"),
        ({"LANG": "zh"}, "zh-TW"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_TW:en"}, "zh-TW"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:zh_TW:en"}, "zh-TW"),
        ({"LANG": "zh_TW.UTF-8", "LANGUAGE": "", "LC_ALL": ""}, "zh-TW"),
    ],
)
def test_the_locale_decides(environment, expected, monkeypatch):
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    with language_set(None) as lang:
        assert lang == expected


def test_the_system_is_asked_where_the_environment_is_silent(monkeypatch):
    monkeypatch.setattr(messages, "_system_is_chinese", lambda: True)
    with language_set(None) as lang:
        assert lang == "zh-TW"


@pytest.mark.parametrize(("name", "expected"), [("zh_TW", True), ("en_US", False), (None, False)])
def test_the_system_answers_through_its_locale(name, expected, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("locale.getlocale", lambda: (name, None))
    assert messages._system_is_chinese() is expected


@pytest.mark.parametrize(("name", "expected"), [("zh-TW", "zh-TW"), ("ZH_tw", "zh-TW"), ("EN", "en")])
def test_names_are_read_leniently(name, expected):
    with language_set(name) as lang:
        assert lang == expected


@pytest.mark.parametrize("name", ["", "zh", "fr", "zh-CN"])
def test_an_unknown_language_lists_the_choices(name):
    with pytest.raises(ValueError, match="zh-TW, en"):
        set_language(name)
    assert current_language() == "en"


def test_language_set_restores_after_an_error():
    with pytest.raises(RuntimeError), language_set("zh-TW"):
        raise RuntimeError
    assert current_language() == "en"


def test_threads_do_not_disturb_each_other():
    both_inside = threading.Barrier(2, timeout=10)
    said = {}

    def speak(lang):
        with language_set(lang):
            both_inside.wait()
            said[lang] = _(KNOWN, mend="x")
            both_inside.wait()

    threads = [threading.Thread(target=speak, args=[lang]) for lang in ("zh-TW", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {"zh-TW": "修正方法：x", "en": "To mend it: x"}
    assert current_language() == "en"


def test_set_language_is_the_default_of_new_threads():
    """A solver's threads speak the program's language, though they begin with an empty context."""

    def program():
        set_language("zh-TW")
        said = []
        thread = threading.Thread(target=lambda: said.append(current_language()))
        thread.start()
        thread.join()
        return said

    assert Context().run(program) == ["zh-TW"]
    assert current_language() == "en"  # this context has its own choice


# --- sentences ----------------------------------------------------------------------------------------------


def test_translation():
    assert _(KNOWN, mend="x") == "To mend it: x"
    with language_set("zh-TW"):
        assert _(KNOWN, mend="x") == "修正方法：x"
        assert _("no such sentence") == "no such sentence"
        assert _("") == ""
    assert N_(KNOWN) == KNOWN


@pytest.mark.parametrize("name", ["{", "}", "{0}", "{mend.__class__}", "%s", "{{x}}"])
def test_braces_in_values_are_plain_text(name):
    assert _(KNOWN, mend=name) == f"To mend it: {name}"
    assert str(M_(KNOWN, mend=name)) == f"To mend it: {name}"
    assert str(M_(KNOWN, mend=M_(KNOWN, mend=name))) == f"To mend it: To mend it: {name}"
    assert _(name) == name  # without values nothing is a placeholder


def test_plurals():
    assert [_n("{n} school", "{n} schools", n) for n in (1, 2)] == ["1 school", "2 schools"]
    assert _n("{a} and {n} school", "{a} and {n} schools", 3, a="{n}") == "{n} and 3 schools"


def test_a_message_is_translated_when_it_is_printed():
    message = M_(KNOWN, mend=M_(KNOWN, mend="x"))
    assert message == Message(KNOWN, {"mend": Message(KNOWN, {"mend": "x"})})
    assert hash(message) == hash(M_(KNOWN, mend=M_(KNOWN, mend="x")))
    assert str(message) == "To mend it: To mend it: x"
    with language_set("zh-TW"):
        assert str(pickle.loads(pickle.dumps(message))) == "修正方法：修正方法：x"


def test_pick():
    title = {"en": "career", "zh-TW": "職涯試探"}
    assert pick(title) == "career"
    with language_set("zh-TW"):
        assert pick(title) == "職涯試探"
        assert pick({"en": "career"}) == "career"
    assert pick({"zh-TW": "職涯試探"}) == "職涯試探"
    with pytest.raises(KeyError, match="zh-TW, en"):
        pick({"fr": "carrière"})


def test_lists_and_quotation_marks():
    assert (join_list(["甲", 2]), join_list([]), quote("甲")) == ("甲, 2", "", "“甲”")
    with language_set("zh-TW"):
        assert (join_list(["甲", 2]), join_list([]), quote("甲")) == ("甲、2", "", "「甲」")


def test_numbers():
    assert [number(1234567), number(1234.567, 1), number(-0.04, 1), number(-1.5, 1)] == [
        "1,234,567",
        "1,234.6",
        "0.0",
        "-1.5",
    ]
    assert [percent(0.125), percent(1, 0), percent(-0.0001)] == ["12.5%", "100%", "0.0%"]


# --- problems -----------------------------------------------------------------------------------------------


def problem(**changes):
    fields = {
        "file": Path("a.yaml"),
        "place": Place("schools[3].capacity", 12, 5),
        "value": "x",
        "what": M_(KNOWN, mend="not a number."),
        "expected": M_(KNOWN, mend="a number"),
        "mend": M_(KNOWN, mend="write one."),
    }
    return Problem(**fields | changes)


def test_a_problem_has_three_lines_in_the_readers_language():
    error = InputError([problem()])
    assert str(error).splitlines() == [
        'a.yaml:12:5  schools[3].capacity = "x"',
        "  To mend it: not a number. Expected: To mend it: a number.",
        "  To mend it: To mend it: write one.",
    ]
    with language_set("zh-TW"):
        assert str(error).splitlines()[1:] == [
            "  修正方法：not a number.應為：修正方法：a number。",
            "  修正方法：修正方法：write one.",
        ]


@pytest.mark.parametrize(
    ("changes", "head"),
    [
        ({"place": Place("capacity", 12)}, 'a.yaml:12  capacity = "x"'),
        ({"place": Place(cell="學校!B7")}, 'a.yaml  [學校!B7]  "x"'),
        ({"place": Place()}, 'a.yaml  "x"'),
        ({"place": Place(), "value": ABSENT}, "a.yaml"),
        ({"value": None}, "a.yaml:12:5  schools[3].capacity = null"),
        ({"value": 1.5}, "a.yaml:12:5  schools[3].capacity = 1.5"),
        ({"value": {("a",): 1}}, "a.yaml:12:5  schools[3].capacity = {('a',): 1}"),
        ({"file": ""}, '12:5  schools[3].capacity = "x"'),
        ({"value": "\x1b[2Jx\u202e\n{}"}, r'a.yaml:12:5  schools[3].capacity = "\u001b[2Jx\u202e\n{}"'),
    ],
)
def test_the_first_line_says_where(changes, head):
    assert str(problem(**changes)).splitlines()[0] == head


def test_a_hostile_value_stays_within_its_line():
    text = str(problem(what=M_(KNOWN, mend="\x1b[2J\r\n{boom}"), value="y" * 1000, expected=None))
    first, second, third = text.split("\n")
    assert len(first) < 120
    assert second == r"  To mend it: \x1b[2J\r\n{boom}"
    assert third.startswith("  To mend it: ")


def test_an_input_error_survives_a_process_boundary():
    error = InputError([problem(), problem(value=ABSENT)])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.problems == error.problems
    assert str(copy) == render(error.problems)


def test_exit_codes():
    codes = {code.name: int(code) for code in ExitCode}
    assert json.dumps(codes) == json.dumps(
        {"PROVEN": 0, "BAD_INPUT": 2, "STOPPED": 3, "NO_LAWFUL_PLAN": 4, "DISAGREES": 5}
    )
