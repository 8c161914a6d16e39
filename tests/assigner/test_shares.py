"""People that count in part: junior highs and townships where other communities have schools too."""

from __future__ import annotations

from fractions import Fraction

import pytest

from assigner.errors import InputError
from assigner.messages import LANGUAGES, language_set
from assigner.planner import solve
from assigner.scenario import Scenario, parse_scenario, read_scenario, scenario_of, write_yaml
from assigner.workbook.template import write_workbook
from tests.assigner.split_scenarios import along, data

HALF = Fraction(1, 2)


def shared(**more):
    """Five schools along the line of townships; the junior high of 石岡區 counts half here."""
    made = data(along(1, 2, 2))
    made["junior_highs"][1]["share"] = "50%"
    return {**made, **more}


def by_townships(**more):
    """The same without junior highs: 石岡區 counts a third, 豐原區 not at all."""
    return {**data(along(1, 2, 2)), "junior_highs": [], "shared_townships": {"石岡": "1/3", "臺中市豐原區": 0}, **more}


def shares(scenario):
    return {point.id: point.share for point in scenario.problem().community.demand_points}


def test_a_junior_high_counts_in_part():
    assert shares(scenario_of(shared())) == {"JSYJ001": 1, "JSYJ002": HALF, "JSYJ003": 1}


def test_a_township_counts_in_part_or_not_at_all():
    assert shares(scenario_of(by_townships())) == {"T66000100": 1, "T66000200": Fraction(1, 3)}


def test_travel_of_those_who_count_half_is_half():
    """With a single junior high all of the travel of pupils and teachers is its own."""
    made = data(along(1, 2, 2))
    only = [{"code": "SYJ009", "name": "範例國中", "township": "臺中市新社區", "pupils": {7: 100, 8: 100, 9: 100}}]
    own = [
        {"code": s["code"], "name": s["name"], "township": "臺中市東勢區", "lon": 120.83, "lat": 24.26}
        for s in made["schools"]
    ]
    values = []
    for share in (1, "1/2", "1/4"):
        # All schools are at one place, so that nobody else travels.
        scenario = scenario_of({**made, "schools": own, "junior_highs": [{**only[0], "share": share}]})
        result = solve(scenario, price=False)
        assert result.status == "optimal"
        values.append(result.audit.values["travel"])
    assert values[0] > 0
    assert values[1] * 2 == values[0] and values[2] * 4 == values[0]


@pytest.mark.parametrize("made", [shared, by_townships])
def test_it_goes_through_every_file_and_comes_back(made, tmp_path):
    scenario = scenario_of(made())
    assert Scenario.from_canonical(scenario.canonical()).canonical() == scenario.canonical()
    assert shares(Scenario.from_canonical(scenario.canonical())) == shares(scenario)
    for lang in LANGUAGES:
        with language_set(lang):
            assert parse_scenario(write_yaml(scenario)).canonical() == scenario.canonical()
            back = read_scenario(write_workbook(scenario, tmp_path / f"{lang}.xlsx"))
        assert back.canonical() == scenario.canonical()
        assert not back.warnings


def test_what_counts_whole_leaves_no_trace():
    whole = scenario_of(data(along(1, 2, 2)))
    made = data(along(1, 2, 2))
    for junior in made["junior_highs"]:
        junior["share"] = 1
    assert scenario_of(made).hash == whole.hash
    assert "share" not in write_yaml(whole)


def test_half_of_what_counts_half_is_a_quarter():
    part = {"community": "全社區", "schools": 21, "half": ["SYJ002", "SYJ003"]}
    scenario = scenario_of(shared(part_of=part))
    assert shares(scenario) == {"JSYJ001": 1, "JSYJ002": Fraction(1, 4), "JSYJ003": HALF}
    file = scenario.canonical()["scenario"]
    assert [entry.get("share") for entry in file["junior_highs"]] == [None, "1/2", None]
    assert file["part_of"]["half"] == ["SYJ002", "SYJ003"]
    assert Scenario.from_canonical(scenario.canonical()).canonical() == scenario.canonical()
    assert shares(Scenario.from_canonical(scenario.canonical())) == shares(scenario)

    part = {"community": "全社區", "schools": 21, "half": ["東勢區", "石岡區"]}
    scenario = scenario_of(by_townships(part_of=part))
    assert shares(scenario) == {"T66000100": HALF, "T66000200": Fraction(1, 6)}
    assert Scenario.from_canonical(scenario.canonical()).canonical() == scenario.canonical()
    assert shares(Scenario.from_canonical(scenario.canonical())) == shares(scenario)


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"shared_townships": {"臺中市北區": "1/2"}, "junior_highs": []}, "shared_townships.臺中市北區", "no part"),
        ({"shared_townships": {"里巷鄉": "1/2"}, "junior_highs": []}, "shared_townships.里巷鄉", "No township"),
        ({"shared_townships": {"石岡": "1/2", "石岡區": 1}, "junior_highs": []}, "shared_townships.石岡區", "twice"),
        ({"shared_townships": {"石岡": "3/2"}, "junior_highs": []}, "shared_townships.石岡", "more than the whole"),
        ({"shared_townships": {"石岡": "1/2"}}, "shared_townships", "only where no junior highs"),
        (
            {"junior_highs": [{"code": "SYJ001", "township": "石岡區", "pupils": {7: 1}, "share": 0}]},
            "junior_highs[1].share",
            "not above zero",
        ),
        (
            {"junior_highs": [{"code": "SYJ001", "township": "石岡區", "pupils": {7: 1}, "share": 2}]},
            "junior_highs[1].share",
            "more than the whole",
        ),
    ],
)
def test_shares_that_cannot_be(change, key, said):
    with pytest.raises(InputError) as caught:
        scenario_of(shared(**change))
    assert [problem.place.key for problem in caught.value.problems] == [key]
    assert said in str(caught.value)
