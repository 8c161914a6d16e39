"""The tables of an answer say what plan.json says, in both languages, and lose nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve, solve_problem
from assigner.report import statements, tables
from assigner.scenario import scenario_of
from assigner.scenario.example import collision, example
from models.objectives.travel import unit_value
from tests.communities import plain_problem, random_problem

MAKERS = (
    tables.duties,
    tables.duty_rows,
    tables.duty_matrix,
    tables.key_figures,
    tables.schools,
    tables.loads,
    tables.school_duties,
    tables.obligations,
    tables.obligation_summary,
    tables.travel,
    tables.junior_highs,
    tables.audit_table,
    tables.switches,
    tables.proof,
    tables.convener_ranking,
    tables.course_categories,
)


@pytest.fixture(scope="module")
def nine():
    return solve(example(9, 1))


@pytest.fixture(scope="module")
def benchmark():
    """A plan with a benchmark school, ways of promotion, a chosen convener and optional items."""
    towns = ("東勢區", "新社區", "石岡區", "豐原區", "后里區", "潭子區")
    schools = [
        {"code": f"SYN00{k + 1}", "name": f"範例{k + 1}校", "township": f"臺中市{t}"} for k, t in enumerate(towns)
    ]
    schools[2] |= {"benchmark": True, "transfer_places": True}
    data = {
        "schema_version": 1,
        "id": "six",
        "synthetic": True,
        "convener": "choose",
        "schools": schools,
        "host_numbers": {"2.2": 2},
        "ways": {"SYN003": ["6.media"]},
    }
    return solve(scenario_of(data, "six.yaml"))


@pytest.fixture(scope="module", params=["nine", "benchmark"])
def answer(request):
    return request.getfixturevalue(request.param)


def by_code(table):
    return {record["code"]: record for record in table.records()}


# ------------------------------------------------------------------------------------------------------ equal figures


def test_duties_are_those_of_the_plan(answer):
    document = answer.to_dict()
    hosts = {**document["hosts"], **document["separate"]}
    records = list(tables.duties(answer).records())
    # A group whose items nobody hosts is left out: duties of benchmark schools where there is none.
    assert {r["item"]: list(r["codes"]) for r in records if r["codes"]} == {i: c for i, c in hosts.items() if c}
    assert {r["item"] for r in records if r["separate"]} <= set(document["separate"])
    assert all(record["number"] == len(record["codes"]) == len(record["hosts"]) for record in records)


def test_one_row_for_every_duty_way_and_the_convener(answer):
    document = answer.to_dict()
    expected = {("convener", document["convener"])}
    expected |= {(i, code) for part in ("hosts", "separate") for i, codes in document[part].items() for code in codes}
    expected |= {(way, code) for code, ways in document["ways"].items() for way in ways}
    rows = [(record["item"], record["code"]) for record in tables.duty_rows(answer).records()]
    assert len(rows) == len(set(rows))
    assert set(rows) == expected


def test_the_matrix_marks_every_duty_and_no_other(answer):
    table = tables.duty_matrix(answer)
    first, *rows = table.records()
    assert [code for code, value in first.items() if value == tables.MARK] == [answer.plan.convener]
    for record in rows:
        marked = [code for code, value in record.items() if value == tables.MARK]
        assert tuple(marked) == answer.assignment.hosts_of(record["item"])
        assert record["number"] == len(marked)
    assert {c.key for c in table.columns[3:]} == set(answer.plan.participants)


def test_loads_are_those_of_the_plan(answer):
    expected = answer.to_dict()["loads"]
    found = by_code(tables.loads(answer))
    assert found.keys() == expected.keys()
    for code, record in found.items():
        claim = expected[code]
        assert str(record["ratio"]) == claim["ratio"]
        for key in ("points", "capacity", "history", "base", "effort", "separate"):
            assert float(record[key]) == claim[key]
        assert record["points"] == record["history"] + record["base"] + record["effort"]
    ratios = [record["ratio"] for record in tables.loads(answer).records()]
    assert ratios == sorted(ratios, reverse=True)


def test_travel_is_that_of_the_plan(answer):
    claim = answer.to_dict()["travel_km"]
    records = list(tables.travel(answer).records())
    assert {r["unit"]: float(r["travel"]) for r in records} == pytest.approx(claim["items"])
    assert float(sum(r["travel"] for r in records)) == pytest.approx(claim["total"])


def test_obligations_are_those_of_the_plan(answer):
    expected = {code: sorted(due["title"] for due in dues) for code, dues in answer.to_dict()["obligations"].items()}
    found = {code: [] for code in expected}
    for record in tables.obligations(answer).records():
        found[record["code"]].append(record["title"])
    assert {code: sorted(titles) for code, titles in found.items()} == expected


def test_audit_and_readings_are_those_of_the_plan(answer):
    document = answer.to_dict()
    audit = [(r["clause"], r["ok"]) for r in tables.audit_table(answer).records()]
    assert audit == [(f["clause"], f["ok"]) for f in document["audit"]["findings"]]
    readings = {(r["id"], r["reading"], not r["changed"]) for r in tables.switches(answer).records()}
    assert readings == {(s["id"], s["option_title"], s["default"]) for s in document["switches"]}


def test_the_nearest_host_is_the_nearest(nine):
    distances = nine.problem.distances
    entries = tables.nearest_hosts(nine)
    units = {entry.unit for entry in entries}
    assert units == {"2.1", "2.3", "4.4.career", "4.4.academic"}
    assert len(entries) == len(units) * len(distances.demand_points)
    for entry in entries:
        row = distances.from_demand[distances.row[entry.point]]
        hosts = nine.assignment.unit_hosts(nine.plan.rules.units[entry.unit].items)
        best = min((int(row[distances.column[code]]), code) for code in hosts)
        assert (entry.distance * 10, entry.host) == best


def test_nearest_hosts_explain_the_travel_of_teachers(nine):
    unit = nine.plan.rules.units["2.1"]
    teachers = {point.id: point.teachers for point in nine.problem.community.demand_points}
    total = sum(e.distance * teachers[e.point] for e in tables.nearest_hosts(nine) if e.unit == "2.1")
    assert total * Fraction(unit.trips.times_a_year) == unit_value(nine.plan, unit, nine.assignment) / 10


def test_every_junior_high_has_a_row(nine):
    table = tables.junior_highs(nine)
    assert [r["code"] for r in table.records()] == [p.id[1:] for p in nine.problem.community.demand_points]
    assert all(r["township"] for r in table.records())


# ------------------------------------------------------------------------------------------------------ by school


def test_every_school_finds_its_own(answer):
    sheets = tables.school_sheets(answer)
    assert [sheet.code for sheet in sheets] == sorted(answer.plan.participants)
    for sheet in sheets:
        hosted = {item for item, codes in answer.assignment.hosts.items() if sheet.code in codes}
        assert {record["item"] for record in sheet.duties.records()} == hosted
        assert len(sheet.obligations.rows) == len(answer.obligations[sheet.code])
        assert len(sheet.ways) == len(answer.assignment.ways.get(sheet.code, ()))
        parts = [value for _part, value in sheet.load.rows]
        assert sum(parts[:3]) == parts[3]


def test_the_list_by_school_has_every_duty_once(answer):
    rows = [(r["code"], r["item"]) for r in tables.school_duties(answer).records() if r["item"]]
    expected = [(code, item) for item, codes in answer.assignment.hosts.items() for code in codes]
    assert sorted(rows) == sorted(expected)
    assert {r["code"] for r in tables.school_duties(answer).records()} == set(answer.plan.participants)


def test_a_school_without_duties_is_said_to_have_none():
    result = solve(example(25, 1))
    idle = [code for code in result.plan.participants if code not in result.assignment.units_of(result.plan.rules)]
    assert idle
    with language_set("en"):
        sheet = next(sheet for sheet in tables.school_sheets(result) if sheet.code == idle[0])
        assert sheet.summary.startswith("hosts no item")


def test_what_many_owe_is_said_once_and_nothing_is_lost(answer):
    lines = [line for record in tables.obligation_summary(answer).records() for line in record["lines"]]
    for dues in answer.obligations.values():
        for due in dues:
            assert tables.obligation_line(due.obligation) in lines


def test_outside_partners_and_those_who_abstain_are_listed():
    problem = next(
        p
        for seed in range(60)
        if (p := random_problem(seed, 6)).community.outside_partners
        and any(not s.participates for s in p.community.schools)
    )
    result = solve_problem(problem, price=False)
    listed = by_code(tables.schools(result))
    with language_set("en"):
        words = by_code(tables.schools(result))
    for school in problem.community.schools:
        if not school.participates and not school.barred:
            assert "does not take part" in words[school.code]["roles"]
    for partner in problem.community.outside_partners:
        assert "partner from another community" in words[partner.code]["roles"]
    assert listed.keys() == words.keys()


# ------------------------------------------------------------------------------------------------------ languages


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_a_table_differs_between_languages_in_words_only(answer, maker):
    found = {}
    for language in LANGUAGES:
        with language_set(language):
            found[language] = maker(answer)
    chinese, english = found["zh-TW"], found["en"]
    assert (chinese.id, [c.key for c in chinese.columns]) == (english.id, [c.key for c in english.columns])
    assert len(chinese.rows) == len(english.rows)
    plain = [k for k, c in enumerate(chinese.columns) if c.kind in ("code", "number", "ratio", "flag", "mark")]
    assert [[row[k] for k in plain] for row in chinese.rows] == [[row[k] for k in plain] for row in english.rows]


def test_values_are_written_as_people_read_them():
    with language_set("en"):
        assert [tables.shown(v) for v in (None, True, False, 3, Fraction(5, 2), Fraction(7, 3), ("a", "b"), "x")] == [
            "", "yes", "no", "3", "2.5", "7/3", "a, b", "x",
        ]  # fmt: skip
        assert tables.shown(Fraction(7, 4), tables.Column("r", "", "ratio")) == "7/4"
        assert tables.shown(Fraction(12345, 10), tables.Column("n", "", "number", digits=1)) == "1,234.5"
        assert tables.shown(("a", "b"), separator="\n") == "a\nb"


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        tables.Table("t", "", (tables.Column("a", ""),), (("x", "y"),))


# ------------------------------------------------------------------------------------------------------ without a plan


def test_without_a_plan_there_are_no_tables_of_it():
    result = solve(collision())
    for maker in (tables.duties, tables.loads, tables.duty_rows, tables.audit_table):
        with pytest.raises(ValueError, match="no "):
            maker(result)
    assert tables.schools(result).rows
    said = statements.no_plan(result)
    assert said.clashes and said.advice and not said.helping


def test_sentences_of_relaxations_name_what_collides():
    with language_set("en"):
        found = statements.relaxations(solve(example(1, 1)))
    assert [entry.id for entry in found] == ["R1", "R2", "R3"]
    assert all(entry.clashes and all(clash.source for clash in entry.clashes) for entry in found)


def test_the_verdict_has_a_tone(nine):
    assert statements.verdict(nine).tone == "good"
    assert statements.verdict(replace(nine, status="disagrees")).tone == "bad"
    assert statements.verdict(replace(nine, status="feasible", stopped_by="time")).tone == "warning"


def test_seconds_are_told_only_if_asked(nine):
    assert "seconds" not in [column.key for column in tables.proof(nine).columns]
    assert "seconds" in [column.key for column in tables.proof(nine, seconds=True).columns]


def test_minutes_are_called_minutes():
    problem = plain_problem(4)
    minutes = replace(problem, distances=replace(problem.distances, unit="minutes"))
    with language_set("en"):
        assert tables.travel(solve_problem(minutes, price=False)).columns[-1].unit == "person-minutes a year"
