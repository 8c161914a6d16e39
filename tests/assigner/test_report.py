"""What people see: wrapping, bars, words for every case, progress; in both languages and on poor terminals."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace
from fractions import Fraction

import pytest
from rich.cells import cell_len
from rich.console import Console

from assigner.checking import check
from assigner.messages import LANGUAGES, M_, language_set
from assigner.planner import solve, solve_problem
from assigner.report.progress import ProgressLine
from assigner.report.prose import Prose
from assigner.report.rules import differences, show_differences, show_entry, show_rulebook
from assigner.report.terminal import console_for, show_result, show_verdict
from assigner.scenario import scenario_of
from assigner.scenario.example import collision, example
from assigner.words import _VIOLATIONS, TIER_NAMES, amount, ratio_list, tier_value, violation_sentence
from models.clauses import Violation
from models.rulebook import load_rulebook
from models.stopping import Stop
from tests.communities import benchmark_problem, plain_problem

BOOK = load_rulebook("111")


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


def printed(show, what, width=80, **more):
    file = io.StringIO()
    show(what, Console(file=file, width=width, highlight=False, markup=False, emoji=False), **more)
    return file.getvalue()


# ------------------------------------------------------------------------------------------------------------- prose


@pytest.mark.parametrize("width", [12, 20, 33, 80])
def test_chinese_wraps_and_keeps_its_marks(width):
    text = (
        "社區學校合作辦理「自主學習」實施之觀摩分享、指導教師增能研習"
        "（含聯合成果發表會），依 111 學年度 4.4.career 辦理。"
    )
    lines = [line.plain for line in Prose(text).lines(width)]
    assert all(cell_len(line) <= width for line in lines)
    assert not any(line[0] in "，、。）」" for line in lines)
    assert not any(line[-1] in "（「" for line in lines)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)


EVIL = "甲\x1b]0;PWNED\x07\x1b[2J\u202ecba"


@pytest.mark.parametrize("live", [True, False])
def test_names_cannot_steer_the_terminal(live, nine, tmp_path):
    data = {
        "schema_version": 1,
        "id": "evil",
        "name": EVIL,
        "convener": "choose",
        "note": EVIL,
        "sources": [EVIL],
        "schools": [{"code": f"00000{k}", "name": f"{k}{EVIL}", "township": "臺中市東勢區"} for k in range(1, 5)],
    }
    result = solve(scenario_of(data), price=False)
    result.write(tmp_path, "csv")
    for show, what in ((show_result, result), (show_verdict, check(tmp_path / "plan.csv", result.scenario))):
        file = io.StringIO()
        show(what, Console(file=file, width=90, highlight=False, force_terminal=live, color_system=None))
        text = file.getvalue()
        assert "PWNED" in text
        assert not [c for c in text if not c.isprintable() and c != "\n" and c != "\u3000"]


@pytest.mark.parametrize("show", ["say", "warn"])
def test_notes_cannot_steer_the_terminal(show, capsys):
    from assigner.commands import _options

    if show == "say":
        _options.say(f"{EVIL}\nx")
    else:
        _options.warn([M_("No word {word}.", word=EVIL)])
    said = capsys.readouterr()
    text = said.out + said.err
    assert "PWNED" in text and text.count("\n") == (2 if show == "say" else 1)
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_words_stay_whole_and_long_ones_are_cut():
    assert [line.plain for line in Prose("one two three").lines(8)] == ["one two", "three"]
    assert [line.plain for line in Prose("abcdefghij").lines(4)] == ["abcd", "efgh", "ij"]
    assert [line.plain for line in Prose("a\nb").lines(9)] == ["a", "b"]


# ------------------------------------------------------------------------------------------------------- whole answers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_the_answer_fits_the_terminal(nine, language, width):
    with language_set(language):
        text = printed(show_result, nine, width)
    assert "\x1b" not in text
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert not any(line.endswith(" ") for line in text.splitlines())
    for item in nine.plan.rules.item_by_id.values():
        if nine.assignment.hosts_of(item.id):
            assert item.id in text
    for code in nine.plan.participants:
        assert code in text
    assert str(nine.problem.rules.rulebook.year) in text


def test_every_switch_is_shown_and_the_changed_ones_marked():
    result = solve_problem(plain_problem(4, rules_changes={"both_tracks": "yes"}))
    with language_set("en"):
        text = printed(show_result, result, 200)
    assert all(switch.title.en in text for switch in BOOK.switches)
    line = next(line for line in text.splitlines() if "May one school host both tracks?" in line)
    assert line.startswith("*") and "→ yes (changed)" in line
    assert "一所統籌辦理學術試探" in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_terminal_page_and_workbook_tell_the_ranking_alike(language, monkeypatch):
    import openpyxl

    from assigner.report import statements, workbook
    from assigner.report.page import page_text

    towns = ("東勢區", "新社區", "石岡區", "和平區", "豐原區", "后里區")
    schools = [{"code": f"00000{k}", "name": f"第{k}高中", "township": f"臺中市{town}"} for k, town in enumerate(towns)]
    for entry in schools[2:]:
        entry["benchmark"] = True
    data = {"schema_version": 1, "id": "ranked", "convener": "choose", "schools": schools}
    result = solve(scenario_of(data), price=False)
    assert result.convener_ranking[0].benchmark and result.convener_ranking[0].travel
    monkeypatch.setattr(workbook, "_map", lambda result, page: page.heading("–"))
    with language_set(language):
        said = statements.convener(result)
        shown = printed(show_result, result, width=140)
        page = page_text(result)
        book = openpyxl.load_workbook(io.BytesIO(workbook.workbook_bytes(result)))
    cells = "\n".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row)
    assert len(said.first) == 3
    assert {"en": "benchmark school, ", "zh-TW": "標竿學校、"}[language] in said.first[0].standing
    assert said.how in shown and said.how in page and said.how in cells
    for entry in said.first:
        for part in (entry.school, entry.standing, entry.distance):
            assert part in shown and part in page and part in cells
    # The whole table is folded, before the duties.
    assert page.index("<details") < page.index('id="t-ranking"') < page.index('<h2 id="duties">')


def test_loads_are_bars_and_figures(nine):
    with language_set("en"):
        text = printed(show_result, nine, 120)
    heaviest = nine.tier("load").value[0]
    assert re.search(r"█+·* +\d+(/\d+)? +[\d.]+/[\d.]+", text)
    assert f"{heaviest}" in text


def test_a_load_above_its_capacity_is_said_in_words():
    problem = plain_problem(3, seed=1)
    with language_set("en"):
        text = printed(show_result, solve_problem(problem, price=False), 120)
    assert "above capacity" in text


def test_what_many_owe_is_said_once(nine):
    with language_set("en"):
        text = printed(show_result, nine, 120)
    assert text.count("Periods of teaching relieved") == 2
    assert "Every school but the convener" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_relaxations_are_named_with_their_reason(language):
    with language_set(language):
        text = printed(show_result, solve(example(1, 1)), 100)
    for name in ("R1", "R2", "R3"):
        assert re.search(rf"^ +{name}  ", text, re.M)
    assert "其中一所統籌辦理職涯試探，一所統籌辦理學術試探" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collision_in_words(language):
    with language_set(language):
        text = printed(show_result, solve(collision()), 100)
    assert "infeasible" not in text
    assert "無專任輔導教師" in text
    assert "SYN004" in text
    assert "一所學校辦理" in text
    assert "R1, R2, R3, R4, R5" in text


def test_what_would_help_is_named():
    problem = plain_problem(2, rules_changes={"partner_includes_convener": "no"})
    with language_set("en"):
        text = printed(show_result, solve_problem(problem, relaxations="none"), 100)
    assert '"Partner school" includes the convener' in text
    assert "relaxations: [R1]" in text


def test_an_unproven_plan_says_where_it_stopped():
    result = solve_problem(benchmark_problem(1, 25, True), work_limit=1e-4)
    with language_set("en"):
        text = printed(show_result, result, 100)
    first = next(tier for tier in result.tiers if tier.status != "optimal")
    assert "the work limit was reached" in text
    assert TIER_NAMES[first.name] in text
    assert "Proven:" not in text


def test_stopped_without_a_plan_says_so():
    stop = Stop(watched=True)
    stop.set()
    result = solve_problem(benchmark_problem(1, 40, True), stop=stop)
    if result.assignment is None:
        with language_set("en"):
            assert "Stopped before a plan was found (you stopped it)" in printed(show_result, result)


def test_a_refused_plan_is_not_called_one(nine):
    with language_set("en"):
        text = printed(show_result, replace(nine, status="disagrees", disagreements=("travel",)))
    assert text.count("Do not use this plan") == 2
    assert "Proven" not in text.split("Proof, aim by aim")[1].split("proven best")[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_has_a_word_beside_every_sign(nine, language, tmp_path):
    document = nine.to_dict()
    document["hosts"]["4.5"] = [document["convener"]]
    path = tmp_path / "plan.json"
    import json

    path.write_text(json.dumps(document), encoding="utf-8")
    with language_set(language):
        verdict = check(path)
        text = printed(show_verdict, verdict, 100)
        short = printed(show_verdict, verdict, 100, only_broken=True)
    kept, broken = {"zh-TW": ("符合", "不符"), "en": ("kept", "BROKEN")}[language]
    assert re.search(rf"✗ {broken}  4\.partner", text)
    assert re.search(rf"✓ {kept}  4\.hosts", text)
    assert "一所合作學校" in text
    assert "✓" not in short and "4.partner" in short


# ------------------------------------------------------------------------------------------------------ poor terminals


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return False


@pytest.mark.parametrize("encoding", ["ascii", "cp950", "cp1252", "utf-8"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_fatal(nine, encoding, language):
    file = Terminal(io.BytesIO(), encoding=encoding)
    with language_set(language):
        show_result(nine, console_for(file))
    file.flush()
    text = file.buffer.getvalue().decode(encoding)
    assert "4.4.career" in text
    assert ("█" in text) is (encoding == "utf-8")
    if encoding != "utf-8":
        assert re.search(r"#+\.* +\d", text)


def test_a_verdict_on_a_poor_terminal_has_words(nine, tmp_path):
    from assigner.answer import write_plan

    file = Terminal(io.BytesIO(), encoding="ascii")
    with language_set("en"):
        show_verdict(check(write_plan(nine, tmp_path)), console_for(file))
    file.flush()
    assert "kept  4.hosts" in file.buffer.getvalue().decode("ascii")


# --------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_violation_has_a_sentence(language):
    import ast
    from pathlib import Path

    import models.clauses
    import models.split

    codes = {
        node.value
        for package in (models.clauses, models.split)
        for path in Path(package.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Violation"
        for node in call.args[1:2]
        if isinstance(node, ast.Constant)
    }
    assert codes == set(_VIOLATIONS)
    details = {
        "count": 1, "at_least": 1, "at_most": 1, "most": 1, "n": 5, "stated": 2, "asked": 2,
        "points": 3, "capacity": 2, "ways": "6.fair", "one_of": "6.fair, 6.visits", "counts": {"4.1": 1},
    }  # fmt: skip
    problem = plain_problem(3)
    with language_set(language):
        for code in codes:
            violation = Violation("4.hosts", code, ("4.1",), ("000001", "000002"), details)
            assert "{" not in violation_sentence(problem, violation)


def test_figures():
    assert [amount(Fraction(3)), amount(Fraction(5, 2)), amount(Fraction(7, 3)), amount(1234)] == [
        "3",
        "2.5",
        "7/3",
        "1,234",
    ]
    assert ratio_list([Fraction(7, 4), Fraction(1), Fraction(1)]) == "7/4, 1 ×2"
    with language_set("en"):
        assert tier_value("travel", Fraction(12345), "km") == "1,234.5 person-km a year"
        assert tier_value("travel", Fraction(10), "minutes") == "1.0 person-minutes a year"
        assert tier_value("exploration", (Fraction(2), Fraction(3)), "km") == (
            "2 pairs of junior high and track out of reach, 3 hosts"
        )


# ------------------------------------------------------------------------------------------------------------ rulebook


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rulebook_is_shown_whole(language):
    with language_set(language):
        text = printed(show_rulebook, BOOK, 300)
    for section in (BOOK.items, BOOK.clauses, BOOK.obligations, BOOK.switches, BOOK.relaxations):
        for entry in section:
            assert entry.id in text
            assert entry.title.in_(language) in text
            if getattr(entry, "quote", None):
                assert entry.quote in text


def test_one_entry_in_full():
    file = io.StringIO()
    console = Console(file=file, width=100, markup=False)
    assert show_entry(BOOK, "4.4.cap", console)
    assert "most_hosts: 4" in file.getvalue()
    assert not show_entry(BOOK, "nothing", console)


def test_differences_are_found_by_id():
    band = BOOK.measures.load_band.model_copy(update={"value": BOOK.measures.load_band.value * 2})
    other = BOOK.model_copy(
        update={
            "clauses": BOOK.clauses[1:],
            "measures": BOOK.measures.model_copy(update={"load_band": band}),
            "relaxations": (*BOOK.relaxations, BOOK.relaxations[0].model_copy(update={"id": "R9"})),
        }
    )
    assert differences(BOOK, other) == {
        "clauses": ([], ["plan.convener"], []),
        "measures": ([], [], ["load_band"]),
        "relaxations": (["R9"], [], []),
    }
    file = io.StringIO()
    with language_set("en"):
        assert show_differences(BOOK, other, Console(file=file, width=100, markup=False))
        assert not show_differences(BOOK, BOOK, Console(file=file, width=100, markup=False))
    text = file.getvalue()
    assert "- plan.convener" in text and "~ load_band" in text and "+ R9" in text
    assert "say the same" in text


# ------------------------------------------------------------------------------------------------------------ progress


def waited(line, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not line._shown:
        time.sleep(0.02)


def test_short_work_says_nothing():
    file = io.StringIO()
    with ProgressLine(file, live=True) as line:
        line.tier("load")
    assert file.getvalue() == ""


@pytest.mark.parametrize("live", [True, False])
def test_long_work_says_tier_bound_and_gap(live, monkeypatch):
    monkeypatch.setattr("assigner.report.progress.PATIENCE", 0.0)
    file = io.StringIO()
    with language_set("en"), ProgressLine(file, live=live) as line:
        line.bound(75.0)
        line.tier("travel")
        line.bound(75.0)
        line.incumbent(100)
        waited(line, 5)
    text = file.getvalue()
    assert re.search(r"0 s  travel a year  best 100  bound 75  gap 25\.0%", text)
    assert ("\r" in text) is live
    if live:
        assert text.endswith("\r")


def test_progress_survives_a_closed_pipe(monkeypatch):
    monkeypatch.setattr("assigner.report.progress.PATIENCE", 0.0)
    file = io.StringIO()
    with ProgressLine(file, live=False) as line:
        file.close()
        line.tier("load")
        time.sleep(0.3)


# ------------------------------------------------------------------------- switches under relaxations, advice


def test_a_switch_that_a_relaxation_sets_says_so():
    with language_set("en"):
        text = printed(show_result, solve(example(1, 1)), 240)
    lines = text.splitlines()
    line = next(line for line in lines if 'Does "partner school" include the convener?' in line)
    assert line.startswith("*") and "→ yes (changed by R1)" in line
    assert any("→ yes (changed by R2)" in line for line in lines)
    line = next(line for line in lines if "May the convener host items" in line)
    assert "→ no; yet R1 lets it host as a partner" in line


def test_a_switch_that_the_scenario_sets_is_nobody_elses():
    with language_set("en"):
        text = printed(show_result, solve_problem(plain_problem(4)), 240)
    assert "by R" not in text and "as a partner" not in text.split("How the text was read")[1]


def test_a_single_school_is_the_plain_reason():
    with language_set("en"):
        text = printed(show_result, solve(example(1, 1)), 100)
    for name, other in (("R1", "R2"), ("R3", "\nConvener")):
        assert "There is no school besides the convener." in text.split(f"{name}  ")[1].split(other)[0]
    assert "besides" not in text.split("R2  ")[1].split("R3  ")[0]


def advised(data, language="en"):
    base = {"schema_version": 1, "id": "clash", "relaxations": "none"}
    with language_set(language):
        return " ".join(printed(show_result, solve(scenario_of({**base, **data}, "x.yaml")), 400).split())


def schools(n, **more):
    towns = ("東勢區", "新社區", "石岡區", "豐原區", "后里區", "潭子區")
    return [{"code": f"SYN00{k + 1}", "township": f"臺中市{towns[k]}", **more.get(f"s{k + 1}", {})} for k in range(n)]


def test_advice_on_a_convener_who_is_no_benchmark():
    text = advised({"convener": "SYN002", "schools": schools(5, s1={"benchmark": True})})
    assert "The scenario names SYN002 as convener." in text
    assert "a benchmark school (SYN001), or “choose”" in text
    assert "pins" not in text.split("has to give")[1]


def test_advice_when_everybody_refuses_to_convene():
    no = {"willingness": {"convener": {"answer": "cannot", "reason": "busy"}}}
    text = advised(
        {"convener": "choose", "schools": schools(3, s1=no, s2=no, s3={"willingness": {"convener": "cannot"}})}
    )
    assert "SYN001 says: “busy”" in text and "SYN002 says: “busy”" in text
    assert "SYN003 says that it cannot, without a reason." in text
    assert "let one of them convene after all" in text


def test_advice_on_numbers_of_hosts():
    no = {"willingness": {"2.2": "cannot"}}
    text = advised({"convener": "SYN001", "schools": schools(5, s2=no), "host_numbers": {"2.2": 5}})
    assert "host_numbers" in text.split("has to give")[1] and "2.2" in text.split("has to give")[1]


def test_advice_on_a_hard_limit():
    limit = {"capacity_points": "1/2", "load_limit": "hard"}
    text = advised({"convener": "SYN001", "schools": schools(4, s1=limit)})
    assert "The limit of SYN001: a larger “capacity_points”, or “load_limit: soft”." in text


def test_advice_on_pins_and_bans():
    text = advised({"convener": "SYN001", "schools": schools(2), "pins": {"4.1": "SYN001"}})
    assert text.endswith("Or one of these has to give: - The entry “pins”: 4.1, SYN001.")
    with language_set("en"):
        assert "The entry “bans”: 4.5, SYN004" in printed(show_result, solve(collision()), 100)


def test_every_unwilling_host_is_named_with_its_reason_and_why_it_is_asked():
    from assigner.report import statements

    names = ("A", "B", "C", "D")
    answers = {"3": {"answer": "unwilling", "reason": "人力不足"}, "4.1": "unwilling"}
    schools = [
        {"code": f"SYN00{k}", "name": name, "township": "臺中市東勢區", "willingness": answers}
        for k, name in enumerate(names)
    ]
    data = {"schema_version": 1, "id": "against", "convener": "SYN000", "schools": schools, "pins": {"4.1": "SYN003"}}
    result = solve(scenario_of(data))
    with language_set("en"):
        lines = statements.unwilling(result)
    assert len(lines) == result.audit.values["unwilling"] == 2
    (bundle,) = [line for line in lines if " hosts 3 " in line]
    assert "“人力不足”" in bundle and "no lawful plan has fewer" in bundle
    (pinned,) = [line for line in lines if " hosts 4.1 " in line]
    assert pinned.startswith("SYN003 D hosts") and "without a reason" in pinned and "the planner fixed it" in pinned
