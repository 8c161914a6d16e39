"""Real counties, each as one community, in two plans; from the ministry's lists beside the repository."""

from __future__ import annotations

import pytest

from benchmarks.counties import LISTS, roster_of
from benchmarks.county_splits import COUNTIES, SMALL, divide_county, rows_of
from tests.shared_data import shared_data


@pytest.fixture(scope="module")
def roster():
    for name in LISTS:
        shared_data(name)
    return roster_of(shared_data(LISTS[0]).parent)


@pytest.mark.parametrize("name", SMALL[-1:])
def test_a_small_county_is_divided_and_proven(roster, name):
    county = divide_county(roster, name)
    answer = county.answer
    assert answer.status == "optimal" and answer.proposal.lawful
    assert min(answer.proposal.sizes) >= 8 and sum(answer.proposal.sizes) == 22
    # Nearer hosts and conveners are what a split can give.
    assert answer.proposal.values["travel"] < answer.together.audit.values["travel"]
    assert len(rows_of(county)) == 12


@pytest.mark.campaign
@pytest.mark.parametrize("name", COUNTIES)
def test_every_large_county_is_divided(roster, name):
    answer = divide_county(roster, name, time_limit=60).answer
    assert answer.status in ("optimal", "feasible") and answer.proposal.lawful
